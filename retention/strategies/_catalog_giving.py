"""Strategies that give: a surprise, a personal day, an offer for a reason, a service on top; and the list that you have."""

from __future__ import annotations

from retention.strategies._model import Step, Strategy

__all__ = ["GIVING"]

GIVING: tuple[Strategy, ...] = (
    Strategy(
        id="surprise-and-delight",
        title="Small surprises",
        what=(
            "Give something that nobody expected and nobody had to earn. A note by hand or a sample in the "
            "parcel costs little and gets told, because it shows that a person stands behind the shop. Once "
            "it comes with every order it is no surprise any more, and then it is only a cost."
        ),
        steps=(
            Step(
                "Set a monthly sum and a number (one order in fifty, say), and let the people who pack "
                "choose whom to please; nothing is announced.",
            ),
            Step(
                "Write a note by hand, two sentences that fit the order: a handwritten note is the cheapest "
                "of all presents, and the rarest.",
                ("SC6",),
            ),
            Step(
                "Keep a box of small gifts at the packing table, suited to what you sell, with a coupon "
                "among them now and then for a next visit.",
                ("SC6",),
            ),
            Step(
                "Let people try: put in free samples, offer trials of what is dear, and send small coupons, "
                "more than once in a customer's life and at uneven times.",
                ("SD2",),
            ),
            Step(
                "When something goes wrong, look for a creative fix instead of a standard one: a courier on "
                "a bicycle, a loan for the weekend, a drawing from the workshop.",
                ("SC6",),
            ),
            Step(
                "Aim part of it at moments that count: the second order, the tenth, the first after a long "
                "silence, the one after a complaint.",
            ),
            Step(
                "Draw by lot who gets a surprise in one month, and compare purchases within 90 days with "
                "those who got none.",
            ),
        ),
        stages=("early", "middle", "late"),
        audiences=(
            "all customers, some at a time",
            "customers at a turning point: second order, after a complaint, after long silence",
        ),
        is_audience_ours=True,
        channels=("physical store", "e-mail", "SMS"),
        needs=("a small sum a month", "people who pack and may choose"),
        effort="low",
        moves={
            "repeat_purchase_rate": "up",
            "net_promoter_score": "up",
            "sentiment_score": "up",
            "mention_count": "up",
            "referral_rate": "up",
        },
        risks=(
            "What comes every time is expected, and missed when it stops.",
            "A surprise for the wrong reason (a pregnancy guessed from purchases) frightens.",
            "It does not make up for late parcels.",
            "Hard to measure: without a lot you will only find nice stories.",
        ),
        overlaps=("exceed-expectations", "personal-occasions", "attend-loyal-customers"),
        sources=("SC6", "SD2"),
    ),
    Strategy(
        id="personal-occasions",
        title="Birthdays and anniversaries",
        what=(
            "Write on days that mean something to the customer: the birthday, a year since the first "
            "purchase, the hundredth cup from the machine. A greeting has a reason that a newsletter lacks, "
            "and it reaches people who have not thought of you for months. It stays small: each customer has "
            "few such days, and a greeting that is nothing but a coupon is soon seen through."
        ),
        steps=(
            Step(
                "Begin with what you know already: the day of the first purchase. Send a coupon on the "
                "first-purchase anniversary, with a look back at what they chose then.",
                ("SC9",),
            ),
            Step(
                'Ask for the day of birth, without the year, where it explains itself ("so that we can '
                'congratulate"), and never make it a duty.',
            ),
            Step(
                "Send birthday and anniversary offers a few days ahead, on the channel that they prefer and "
                "valid for some weeks; something to choose is better than a percentage.",
                ("SB3",),
            ),
            Step(
                "Speak by name and as one person to another, with a sentence that suits this customer's "
                "history, and sign it.",
                ("SC9", "SB3"),
            ),
            Step(
                "Add occasions of your own: the tenth order, a year with the product, the season in which "
                "they always come.",
            ),
            Step("Let nobody get a greeting who has an open complaint, and not more than three in a year."),
            Step("Hold one in ten back by lot, and compare the purchases of the 30 days after."),
        ),
        stages=("early", "middle", "late"),
        audiences=(
            "customers whose birthday or anniversary is near",
            "customers who have been quiet since their first purchase",
        ),
        is_audience_ours=True,
        channels=("e-mail", "SMS", "WhatsApp", "app", "push"),
        needs=(
            "the day of the first purchase (Order.placed_at)",
            "the birthday, if they gave it (Customer.attributes)",
            "a tool that sends on a date",
        ),
        effort="low",
        moves={
            "repeat_purchase_rate": "up",
            "reactivation_rate": "up",
            "engagement_rate": "up",
            "purchase_frequency": "up",
        },
        evidence=("E17 relevance",),
        risks=(
            "A birthday is personal data: ask for it, guard it, and delete it on request.",
            "Greetings by machine to those who have long gone look foolish.",
            "The coupon goes to many who would have bought in that month anyway.",
        ),
        overlaps=("personalisation", "surprise-and-delight", "attend-loyal-customers", "targeted-promotions"),
        sources=("SB3", "SC9"),
    ),
    Strategy(
        id="targeted-promotions",
        title="Offers for a reason",
        what=(
            "Give promotions to the people and at the time at which they change something: a gift to those "
            "who come often, an early turn for those who wait, a nudge for the one purchase that is missing. "
            "It costs a fraction of what a sale for everybody would, and tells each customer that you "
            "noticed. An offer that goes to all is not targeted, whatever the tool calls it."
        ),
        steps=(
            Step(
                "Write down for each offer whom it is for, what they should do that they would not do "
                "otherwise, and what it may cost per customer who does.",
            ),
            Step(
                "Prepare gifts for the frequent: a present with the fifth or tenth order, chosen from three, "
                "instead of a percentage; a card that says why.",
                ("SC16",),
            ),
            Step(
                "Choose the people by rhythm and shelf rather than by age: due next week, one category only, "
                "second order missing.",
            ),
            Step(
                "Match the size to the purpose: a sample to make a product known, delivery to save a basket, "
                "money only where nothing else moves.",
            ),
            Step(
                "One person, one offer, one end date; take those out who have just bought at full price, "
                "since they will ask why.",
            ),
            Step("Keep a tenth of each group out by lot from the first day on."),
            Step(
                "Watch margin per customer after 60 days against that tenth, and end what does not earn its "
                "cost.",
            ),
        ),
        stages=("middle", "late"),
        audiences=("frequent customers", "customers with one purchase or category missing"),
        channels=("e-mail", "SMS", "WhatsApp", "app", "push", "POS"),
        needs=(
            "orders with customers, lines and discounts (Order.customer_id, items, discount)",
            "a tool that sends to a list",
        ),
        effort="low",
        moves={
            "purchase_frequency": "up",
            "conversion_rate": "up",
            "cross_sell_rate": "up",
            "upsell_rate": "up",
            "discounted_order_rate": "down",
        },
        evidence=("E17 rewards", "E17 relevance", "E15 existing"),
        risks=(
            "Customers who see others get more feel cheated; be ready to explain the reason.",
            "Small groups and many offers end in rules that nobody oversees.",
            "Even a reason wears out: an offer each month is a price.",
        ),
        overlaps=(
            "fewer-blanket-discounts",
            "win-back-lapsed",
            "loyalty-programme",
            "personalisation",
            "personal-occasions",
        ),
        sources=("SC16",),
    ),
    Strategy(
        id="value-added-services",
        title="Services on top of the goods",
        what=(
            "Sell something that a parcel from elsewhere cannot hold: advice by somebody who knows, a choice "
            "made for one person, a box put together each month. Such services tie goods to people, and "
            "people are hard to copy. They take time and a calendar; offer them first where a visit is worth "
            "an hour."
        ),
        steps=(
            Step(
                "Ask your customers in a short survey of preferences what they would like help with, and "
                "keep the answers, since the service begins from them.",
                ("SE8",),
            ),
            Step(
                "Offer personal shopping in the store or by appointment, prepared from those answers: ten "
                "things laid out, an hour, no duty to buy. Begin with one afternoon a week.",
                ("SE8",),
            ),
            Step(
                "Put together subscription boxes in two sizes for those who like to be surprised, with a "
                "card about why each thing is in it, and an easy pause.",
                ("SE8",),
            ),
            Step(
                "Use a gift with purchase that introduces a product: give the small size of what goes with "
                "the purchase, and write a week later to ask how they liked it.",
                ("SE8",),
            ),
            Step(
                "Charge for it or tie it to a purchase, so that it is valued; credit the fee when they buy.",
            ),
            Step(
                "Send a note the day after an appointment, with what was tried, what was bought and what was "
                "put aside.",
            ),
            Step(
                "Watch what customers of the service buy in the six months after it, against those on its "
                "waiting list.",
            ),
        ),
        audiences=("customers of a local shop", "customers who want advice"),
        channels=("physical store", "telephone", "e-mail", "web", "app"),
        needs=(
            "people who can advise, and time for appointments",
            "preferences kept with the customer (Customer.attributes)",
        ),
        effort="high",
        moves={
            "cross_sell_rate": "up",
            "average_order_value": "up",
            "upsell_rate": "up",
            "customer_retention_rate": "up",
            "customer_satisfaction_score": "up",
        },
        evidence=("E26",),
        risks=(
            "It grows with people and not by itself.",
            "Those who book are your keenest customers anyway.",
            "Boxes that miss the taste come back, or end in a cancellation.",
        ),
        overlaps=("subscription", "store-experience", "personalisation", "act-as-the-expert"),
        sources=("SE8",),
    ),
    Strategy(
        id="use-the-list-you-have",
        title="Use the list that you have",
        what=(
            "Before you pay for new attention, speak to the people who already gave you theirs: buyers, "
            "subscribers to the newsletter, askers, baskets left behind. They know you, and reaching them "
            "costs little. A list is not a mine, though: it is used up if every message asks and none gives."
        ),
        steps=(
            Step(
                "Count what you have: contacts with valid permission by channel, how many bought in the last "
                "year, how many never, how many no longer exist. Clean it.",
            ),
            Step(
                "Look at each month's budget for adverts and move a tenth of it to the people on the list, "
                "before you buy new contacts.",
                ("SE20",),
            ),
            Step(
                "E-mail existing contacts in four plain groups (never bought, bought once, regular, long "
                "silent), each with its own reason, once or twice a month.",
                ("SE20",),
            ),
            Step(
                "Retarget those who looked and did not buy with what they looked at, three to seven days "
                "long and capped at a few views a day; leave out who has just bought.",
                ("SE20",),
            ),
            Step(
                "Ask those who never open anything, after half a year, whether they wish to stay, and take "
                "out the silent.",
            ),
            Step(
                "Let the list grow at every contact (till, parcel, support, event), with a clear word on "
                "what they will get.",
            ),
            Step(
                "Compare the cost of one order from the list with that of one from adverts, by tests with a "
                "group left out, since those on the list would partly have come anyway.",
            ),
        ),
        stages=("early", "middle", "late"),
        audiences=("existing contacts, customers or not", "lapsed customers"),
        is_audience_ours=True,
        channels=("e-mail", "SMS", "social media", "web push"),
        needs=(
            "contacts with permission, by channel",
            'what became of your messages (Interaction.kind "message" or "approach", opened_at, ordered_at)',
        ),
        effort="low",
        moves={
            "conversion_rate": "up",
            "engagement_rate": "up",
            "reactivation_rate": "up",
            "customer_acquisition_cost": "down",
            "existing_customer_revenue_rate": "up",
        },
        evidence=("E15 existing", "E15 new", "B13", "E12", "C10", "B16", "E25"),
        risks=(
            "More mail to people who do not read it makes them leave the list; fewer and better first.",
            "Retargeting follows people around: mind consent, and stop early.",
            "Contacts without valid permission are a fine, not an asset.",
            (
                "A share of revenue from existing customers that rises because fewer new ones come is no "
                "success."
            ),
        ),
        overlaps=("win-back-lapsed", "personalisation", "abandoned-cart-recovery", "ideal-customer"),
        sources=("SE20",),
    ),
)
"""From the handwritten note to services of their own."""
