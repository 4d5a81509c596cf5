"""Strategies for those who already buy again: attend to them, bind them by programmes and terms, and find more like them."""

from __future__ import annotations

from retention.strategies._model import Step, Strategy

__all__ = ["LOYALTY"]

LOYALTY: tuple[Strategy, ...] = (
    Strategy(
        id="attend-loyal-customers",
        title="Attention for the most loyal",
        what=(
            "While everybody fights for newcomers, the best customers go quiet unseen. Give them a person, a "
            "rhythm and small privileges, and ask after those who have gone quiet already. A few of them "
            "carry much of the revenue, so that each one who stays counts for many newcomers; attention "
            "spent on them is wasted only where it is nothing but advertising."
        ),
        steps=(
            Step(
                "Name them: draw up the list of your regulars by what they spent and how often they came in "
                "the last year, and note beside each one how late they are by their own rhythm.",
            ),
            Step(
                "Never let the most loyal go quiet while you fight churn elsewhere: set an alarm for each "
                "regular who is later than usual, and give it to a person, not to a newsletter.",
                ("SA7",),
            ),
            Step(
                "Get in touch personally within the week: ask how they are getting on with the last "
                "purchase, listen, solve what there is. No discount in this first contact.",
            ),
            Step(
                "Plan the year for them: two contacts that sell nothing, early access to what is new, an "
                "invitation to something, a word of thanks on the day of their first purchase.",
            ),
            Step(
                "Give them a shorter way: a direct number or address, orders on account, their size set "
                "aside.",
            ),
            Step(
                "Ask them first, about new goods and about what should stay, and tell them what became of "
                "it.",
            ),
            Step(
                "Look each month who of them is late, lapsed or back, and let the person in charge say what "
                "was done.",
            ),
        ),
        stages=("middle", "late"),
        audiences=("loyal customers", "regulars who are later than usual"),
        channels=("telephone", "e-mail", "WhatsApp", "physical store", "event"),
        needs=(
            "orders with their customers, over a year or more (Order.placed_at, customer_id)",
            "somebody with an hour a week for it",
        ),
        effort="low",
        moves={
            "slipping_regulars_rate": "down",
            "lapsed_regulars_rate": "down",
            "customer_retention_rate": "up",
            "reactivation_rate": "up",
            "net_promoter_score": "up",
        },
        evidence=("E14", "E13", "B12", "E11", "E26"),
        risks=(
            "Privileges that others see and cannot reach annoy the second best.",
            (
                "Regulars become regular for their own reasons; attention keeps them, and seldom makes them "
                "buy more."
            ),
            (
                "Who knows too much about customers seems uncanny: use what they told you, not everything "
                "you could find out."
            ),
        ),
        overlaps=(
            "win-back-lapsed",
            "personal-occasions",
            "targeted-promotions",
            "surprise-and-delight",
            "loyalty-programme",
        ),
        sources=("SA7",),
    ),
    Strategy(
        id="loyalty-programme",
        title="A loyalty programme",
        what=(
            "Thank people for returning, by a rule that they can keep in mind: collect, see how far you are, "
            "redeem. Points and benefits give a reason to buy the next thing here rather than there, and "
            "they let you recognise who is buying. It pays where people buy often enough to get somewhere "
            "within a season; with a purchase every three years it is a card in a drawer."
        ),
        steps=(
            Step(
                "Work out the cost first: decide which share of the margin you give back, and how many "
                "purchases lie before the first reward (the second or third, if members are to feel it).",
            ),
            Step(
                "Write the rule on one line: so many points per spend, redeemed for samples, discounts or "
                "products; set the steps just above the usual basket, so that they raise the average order.",
                ("SE1",),
            ),
            Step(
                "If cashback suits your trade better than points, make it three steps that anybody can "
                "explain, register, accrue, redeem, with the balance on each receipt.",
                ("SC13",),
            ),
            Step(
                "Let rewards (discounts, free products, points) be redeemed at any time and on every "
                "channel, at the till with one click; points that cannot be spent are a promise broken.",
                ("SD4",),
            ),
            Step(
                "Invite people to join where they have just been pleased: on the thank-you page, in the "
                "parcel, at the till, with the points of that very purchase already in the account.",
                ("SD4",),
            ),
            Step(
                "Add discounts and bonuses for repeat and long-standing customers: a bonus in each year of "
                "membership, free delivery from a number of orders, repairs without a fee.",
                ("SD8",),
            ),
            Step(
                "Send one message a month with the balance and what can be had for it; one before points "
                "expire, 30 days ahead.",
            ),
            Step(
                "Judge it by people who joined at different times, or by a group that was invited later by "
                "lot; members against others proves nothing, since the keen ones join.",
            ),
            Step(
                "Watch the share of customers who join, the share of points that are redeemed, and how "
                "members stay.",
            ),
        ),
        stages=("middle", "late"),
        audiences=("loyal customers", "customers who have bought twice or more"),
        channels=("e-mail", "app", "web", "POS", "physical store"),
        needs=(
            "who joined, and when (Customer.loyalty_joined_at)",
            "orders with their customers, at the till as well",
            "margin enough for the rewards",
        ),
        effort="medium",
        moves={
            "loyalty_participation_rate": "up",
            "loyalty_retention_rate": "up",
            "purchase_frequency": "up",
            "average_order_value": "up",
            "repeat_purchase_rate": "up",
        },
        evidence=("E17 rewards", "B14", "E26"),
        risks=(
            "Self-selection: members spent more before they joined.",
            "Rewards to those who would have bought anyway come straight out of the margin.",
            "Points are a debt in your books, and hard to end.",
            "It collects data: ask for little, and say what for.",
        ),
        overlaps=("gamified-loyalty", "targeted-promotions", "referral-programme", "exceed-expectations"),
        sources=("SD4", "SD8", "SE1", "SC13"),
    ),
    Strategy(
        id="gamified-loyalty",
        title="A loyalty programme that is a game",
        what=(
            "Add play to the rewards: a card to scratch, a wheel to spin, a level to reach. It brings people "
            "back between purchases, and makes joining fun. Play wears off, and prizes attract players "
            "rather than customers, so it belongs on top of a programme that is already worth something."
        ),
        steps=(
            Step(
                "Choose one occasion (the birthday of the shop, a season), one game and an end after four "
                "weeks, and set the budget for prizes beforehand, with the odds.",
            ),
            Step(
                "Build a simple game, scratch-and-win or spinning wheels, into the site or the app; one turn "
                "per purchase or per visit, and each turn wins at least something small.",
                ("SB1",),
            ),
            Step(
                "Stock the prizes: credits for most, discounts for some, and a few exclusive prizes that "
                "money does not buy.",
                ("SB1",),
            ),
            Step(
                "Structure the rewards for members in three or four levels, with what each gives, what it "
                "takes, and a bar that shows how far it is.",
                ("SB1",),
            ),
            Step(
                "Give gamified scores for what helps both sides: a review with a picture, a profile filled "
                "in, a friend who bought, parcels collected together.",
                ("SC13",),
            ),
            Step(
                "Have the terms checked; prizes by chance are regulated in many places, and so is anything "
                "that children play.",
            ),
            Step(
                "Show the game to half of the members, by lot, and compare purchases and margin of the two "
                "months after it, not the clicks during it.",
            ),
        ),
        stages=("middle", "late"),
        audiences=("members of the loyalty programme", "customers who like to play along"),
        is_audience_ours=True,
        channels=("app", "web", "e-mail", "social media"),
        needs=(
            "a loyalty programme, or at least customer accounts (Customer.loyalty_joined_at)",
            "a tool for the game",
            "a legal check of prizes by chance",
        ),
        effort="medium",
        moves={
            "loyalty_participation_rate": "up",
            "engagement_rate": "up",
            "loyalty_retention_rate": "up",
            "repeat_purchase_rate": "up",
        },
        evidence=("B15",),
        risks=(
            "Discounts from a wheel that everybody may spin are discounts for everybody.",
            "It draws prize hunters, whose visits look like engagement.",
            "The charm of it fades within weeks; plan the end.",
            "Games of chance can harm people, and fall under laws of their own.",
        ),
        overlaps=("loyalty-programme",),
        contradicts=("fewer-blanket-discounts",),
        sources=("SB1", "SC13"),
    ),
    Strategy(
        id="subscription",
        title="A subscription or a membership",
        what=(
            "Turn what people buy again and again into something that comes by itself, or let them belong "
            "for a fee and get more for it. The customer has one thing less to think about, and you know "
            "what next quarter brings. It suits goods that are used up at a steady pace, and services with "
            "something new each month; forced on anything else it becomes a reason to cancel."
        ),
        steps=(
            Step(
                "Find the candidates: products bought four times or more by the same people, at even gaps; "
                "and ask twenty of these customers whether they would like it to come by itself.",
            ),
            Step(
                "Choose by product or service: a delivery for what is used up, a box for what people like to "
                "discover, a membership (free delivery, access, help) where the use varies.",
                ("SA8",),
            ),
            Step(
                "Offer quarterly, half-yearly and yearly terms that renew, the longer the better the price, "
                "and say with every offer when it renews and what it will cost.",
                ("SA8",),
            ),
            Step(
                "Let people skip, pause, change and end it by themselves, in two taps; a subscription that "
                "is easy to leave is easy to begin.",
            ),
            Step(
                "Remind them some days before each renewal of a yearly term, and before each delivery while "
                "there is time to change it.",
            ),
            Step(
                "Begin with regulars, at the moment of their third order of the same thing, with a first "
                "delivery at a small advantage.",
            ),
            Step(
                "Have the rescue of failed payments running before the first hundred subscribers are there.",
            ),
            Step(
                "Watch subscribers lost each month by reason, how long they stay (subscriber_curve), and "
                "what they buy beside it against what they bought before.",
            ),
        ),
        stages=("middle", "late"),
        audiences=("customers with a steady rhythm of purchases", "buyers of goods that are used up"),
        is_audience_ours=True,
        channels=("web", "app", "e-mail"),
        needs=(
            "goods or a service that people need regularly",
            "payments that recur",
            "subscriptions as records (Subscription.interval, started_at, ended_at), once it runs",
        ),
        effort="high",
        moves={
            "monthly_recurring_revenue": "up",
            "subscriber_count": "up",
            "subscriber_retention_rate": "up",
            "customer_retention_rate": "up",
            "purchase_frequency": "up",
        },
        risks=(
            (
                "Subscribers are your regulars under another name: part of the recurring revenue was there "
                "before, at a better price."
            ),
            "Cupboards fill, and then people cancel for good: a pause prevents it.",
            "Renewals that people did not expect cost trust, and break the law in many countries.",
            "Stock and delivery must keep the date, every time.",
        ),
        overlaps=("value-added-services", "loyalty-programme"),
        sources=("SA8",),
    ),
    Strategy(
        id="referral-programme",
        title="Recommendation by customers",
        what=(
            "Make it easy and rewarding for happy customers to bring somebody along. Who comes by a friend's "
            "word arrives with trust, and whoever recommends you puts their own name to it. It multiplies "
            "what is there: with content customers it grows the shop, with disappointed ones it spreads the "
            "disappointment."
        ),
        steps=(
            Step(
                "Ask only those who are pleased: after a 9 or 10 in the NPS survey, after a good review, "
                "after a third order; and never while a case is open.",
            ),
            Step(
                "Set the reward for both sides and keep it simple: codes that give the newcomer a discount "
                "on the first order, and the recommender something when that order is paid and kept.",
                ("SD7", "SC16"),
            ),
            Step(
                "Let each customer recommend in the way they like, by a personal link, by e-mail, by text or "
                "by a mention in social media, and reward each of them.",
                ("SE1",),
            ),
            Step(
                "Make the newcomer's way short: a page that names the friend, the code filled in already, "
                "and easy account creation with one field or two.",
                ("SD7",),
            ),
            Step(
                "Put the offer where the moment is: in the parcel, below the order's history, in the "
                "signature of support, as one of the seasonal referral offers.",
                ("SC16", "SE1"),
            ),
            Step(
                "Pay promptly, say thank you by name, and show the balance; a reward that comes late is "
                "remembered as none.",
            ),
            Step(
                "Guard against self-made friends: same address, same card, same device; pay after the time "
                "for returns.",
            ),
            Step(
                "Watch the share of newcomers who come by recommendation, what they cost, and whether they "
                "stay as well as the others.",
            ),
        ),
        stages=("middle", "late"),
        audiences=("promoters", "customers who have bought twice or more"),
        is_audience_ours=True,
        channels=("e-mail", "SMS", "WhatsApp", "social media", "web", "app"),
        needs=(
            "who brought whom (Customer.referred_by or acquisition_channel)",
            "codes or links for each customer",
            "better still, NPS answers with their customers (SurveyResponse.score, customer_id)",
        ),
        effort="medium",
        moves={
            "referral_rate": "up",
            "referred_revenue_rate": "up",
            "new_customer_count": "up",
            "customer_acquisition_cost": "down",
        },
        evidence=("E17 rewards", "E17 service", "C14"),
        risks=(
            "It pays for recommendations that would have been made for nothing.",
            "Codes find their way to coupon sites and turn into a discount for everybody.",
            "Asked for while service is bad, it gets the bad news round faster.",
            (
                "Mail to a friend who never agreed is unlawful in many countries: let customers send it "
                "themselves."
            ),
        ),
        overlaps=("loyalty-programme", "social-proof", "ideal-customer"),
        contradicts=("rescue-unhappy-customers",),
        sources=("SD7", "SE1", "SC16"),
    ),
    Strategy(
        id="ideal-customer",
        title="More customers like your best",
        what=(
            "Find out what your best customers have in common, and go and look for more of the same: in what "
            "you sell, what you say and where you advertise. Customers who fit stay without being persuaded. "
            "The profile describes whom you have, not everyone whom you could have; keep a door open for "
            "those who surprise you."
        ),
        steps=(
            Step(
                "Agree what best means (margin over two years, purchases a year, returns, recommendation), "
                "and take the top fifth by it.",
            ),
            Step(
                "Profile the best customers against the rest: first product, month and channel of the first "
                "purchase, country, gaps, categories; keep what differs for sure and drop the rest.",
                ("SC2",),
            ),
            Step(
                "Talk to ten of them: what they came for, what else they had tried, how they describe you to "
                "a friend.",
            ),
            Step(
                "Attract people like them: use their words in your adverts, lead with the products with "
                "which they began, and spend where they came from.",
                ("SC2", "SE18"),
            ),
            Step(
                "Build look-alikes of the most loyal in your advertising tools, from a list that they agreed "
                "to, and test each audience against your usual one with a fixed budget.",
                ("SE18",),
            ),
            Step(
                "Keep people like them: when a newcomer fits the profile, add a personal welcome and a call "
                "after the first order.",
                ("SC2",),
            ),
            Step("Stop buying customers of the kind that never returns, even where they are cheap."),
            Step(
                "Judge newcomers of each audience after 90 days and after a year: second purchases and "
                "margin per amount spent on adverts.",
            ),
        ),
        stages=("early", "middle", "late"),
        audiences=("the best customers, as the model", "newcomers who resemble them"),
        is_audience_ours=True,
        channels=("social media", "web", "e-mail"),
        needs=(
            "orders over two years, better with costs and lines (Order.cost, items)",
            "facts about customers (Customer.acquisition_channel, country, attributes)",
            "spending by channel",
        ),
        effort="medium",
        moves={
            "customer_lifetime_value": "up",
            "ltv_cac_ratio": "up",
            "second_purchase_rate": "up",
            "customer_acquisition_cost": "down",
            "payback_months": "down",
        },
        evidence=("E14",),
        risks=(
            "Looking back, luck looks like a profile: check it on customers who were not used to find it.",
            "A narrow circle leaves the shop hanging on few.",
            "Features can stand in for age, origin or sex: that is unfair, and often unlawful.",
            "Handing a list of customers to an advertising network needs their consent.",
        ),
        overlaps=("know-the-audience", "referral-programme", "use-the-list-you-have"),
        sources=("SC2", "SE18"),
    ),
)
"""From attention, which costs little, to programmes, which cost much."""
