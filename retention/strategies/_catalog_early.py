"""Strategies for the first weeks: from the first basket to the second purchase."""

from __future__ import annotations

from retention.strategies._model import Step, Strategy

__all__ = ["EARLY"]

EARLY: tuple[Strategy, ...] = (
    Strategy(
        id="good-first-checkout",
        title="A good first checkout",
        what=(
            "The first checkout is where staying begins: a stranger finds out whether you are easy to buy "
            "from, or hard work. Offer the ways to pay that people already use, show the whole price before "
            "they must ask, and have somebody at hand while they decide. It keeps customers because nobody "
            "returns to a shop whose till was a struggle; it cannot keep those whom the goods disappoint "
            "afterwards."
        ),
        steps=(
            Step(
                "Buy something from your own shop on a borrowed telephone, with a stopwatch, and write down "
                "each moment at which you stopped to think; mend the three worst this week.",
            ),
            Step(
                "Offer several ways to pay: a card, a wallet, and whatever your customers' country is used "
                "to (invoice, bank transfer, instalments). Look at where checkouts end without an order "
                "before you choose the next.",
                ("SA1",),
            ),
            Step(
                "Show tax, duty and delivery for the customer's location, and for the groups that are taxed "
                "otherwise (businesses, students, the exempt: whatever demographics mean for your taxes), "
                "before the last page, so that the sum never jumps.",
                ("SA1",),
            ),
            Step(
                "Open a live chat through the whole checkout, from basket to receipt, and answer within a "
                "minute in opening hours; outside of them say when somebody will be back.",
                ("SA1",),
            ),
            Step(
                "Let guests buy without an account, and offer one on the thank-you page, where it takes a "
                "single password.",
            ),
            Step(
                "Thank and welcome each buyer automatically, within minutes and on the channel they chose: "
                "WhatsApp, SMS, Messenger or e-mail. The welcome series says what to write.",
                ("SA1",),
            ),
            Step(
                "Watch the share of begun checkouts that end without an order, by channel and by week, for "
                "eight weeks after each change; change one thing at a time.",
            ),
        ),
        stages=("early",),
        audiences=(
            "people at their first checkout",
            "by location and demographics, where taxes and ways to pay differ",
        ),
        channels=("web", "app", "live chat", "WhatsApp", "SMS", "Messenger", "e-mail"),
        needs=(
            "checkouts, with those that became no order (Checkout.ordered_at)",
            "a payment provider that offers several ways to pay",
            "people who can answer a chat",
        ),
        effort="medium",
        moves={
            "cart_abandonment_rate": "down",
            "conversion_rate": "up",
            "second_purchase_rate": "up",
            "cancellation_rate": "down",
        },
        evidence=("B16", "C15"),
        risks=(
            "Each further way to pay costs fees and brings its own disputes and failures.",
            "A chat that nobody answers is worse than none.",
            (
                "A smoother till brings in more people, and not only those who would stay: the rate of "
                "second purchases may fall while their number grows."
            ),
        ),
        overlaps=("abandoned-cart-recovery", "welcome-series", "frictionless-experience"),
        sources=("SA1",),
    ),
    Strategy(
        id="onboarding",
        title="Onboarding of new customers",
        what=(
            "Take new customers by the hand until what they bought does what they bought it for. Whoever "
            "gets there quickly has a reason to return; whoever fails in silence blames the product, and "
            "then you. It pays most where goods need assembly, set-up, a knack or patience, and little where "
            "a customer only has to open the wrapping."
        ),
        steps=(
            Step(
                "Assume that they know neither your brand nor your product, and teach both: write down what "
                "a newcomer must understand in the first hour, the first day and the first week, in the "
                "words of last month's questions.",
                ("SA2",),
            ),
            Step(
                "Design the first use: decide what a customer should have achieved with the first parcel "
                "open on the table, and lay everything for that on top, with one card that says what to do "
                "first.",
                ("SA2",),
            ),
            Step(
                "Give each product that needs it an installation guide: a page, a film of two minutes, and a "
                "code on the parcel that leads to both.",
                ("SA2",),
            ),
            Step(
                "Put easy access to support in front of them (a telephone number, a chat, a reply address "
                "that is read) in the parcel, in the order's e-mails and on the guide itself; for the first "
                "30 days let newcomers jump the queue.",
                ("SA2",),
            ),
            Step(
                "Two or three days after delivery, ask in one line whether everything works, and have a "
                "person reply to each no within the day.",
            ),
            Step(
                "Collect the questions of newcomers each month and remove the commonest one for good: on the "
                "product page, in the guide, or in the product.",
            ),
            Step(
                "Watch how many new customers ask for help within 30 days, and how many of each month's "
                "newcomers are back after 90: the first should fall and the second rise.",
            ),
        ),
        stages=("early",),
        audiences=("new customers", "customers who buy a product of a kind that is new to them"),
        channels=("e-mail", "WhatsApp", "web", "app", "live chat", "telephone"),
        needs=(
            "the date of delivery, or a fair guess of it",
            "interactions of customers who ask (Interaction.kind, customer_id)",
            "somebody who knows the product and can write",
        ),
        effort="medium",
        moves={
            "second_purchase_rate": "up",
            "new_customer_contact_rate": "down",
            "refund_rate": "down",
            "customer_satisfaction_score": "up",
            "customer_retention_rate": "up",
        },
        evidence=("E16", "C15"),
        risks=(
            (
                "Too many messages in the first week: four short ones teach less than one that comes at the "
                "right moment."
            ),
            (
                "Fewer questions may also mean that people gave up asking; read them beside the second "
                "purchases."
            ),
            "Guides grow old with each change of the product.",
        ),
        overlaps=("welcome-series", "after-sales-follow-up", "self-service", "valuable-content"),
        sources=("SA2",),
    ),
    Strategy(
        id="welcome-series",
        title="A welcome that goes on",
        what=(
            "A thank-you within minutes of the first purchase, and two or three short messages in the weeks "
            "after it, each with one reason to come back. A message about something just bought is welcome, "
            "which can be said of few others; use the moment while it lasts. It does little for shops whose "
            "goods are bought once in ten years."
        ),
        steps=(
            Step(
                "Send an automatic thank-you and welcome right after the first purchase, by WhatsApp, SMS, "
                "Messenger or e-mail, whichever the customer left you: what happens next, when it arrives, "
                "and who answers questions.",
                ("SA1", "SD1"),
            ),
            Step(
                "About a week after delivery, send the second message: who you are, in three sentences, and "
                "the one thing that people like the buyer ask for most.",
            ),
            Step(
                "At about half the usual time to a second purchase, send the third: something that goes with "
                "what they have, and a small thanks that expires. Take the usual time from your own "
                "second_purchase_days.",
            ),
            Step(
                "Keep an SMS short: one sentence, your name, and a direct link to the page where it is done "
                "in one tap.",
                ("SD1",),
            ),
            Step(
                "End the series at the second purchase, at a complaint and at an objection to mail, "
                "whichever comes first; nothing looks as careless as an offer in the middle of a complaint.",
            ),
            Step(
                "Leave one new customer in ten out of the third message, by lot, and compare the second "
                "purchases of both after two months.",
            ),
        ),
        stages=("early",),
        audiences=("new customers",),
        channels=("e-mail", "SMS", "WhatsApp", "Messenger"),
        needs=(
            "orders with their customers (Order.customer_id, placed_at)",
            "permission to write, by channel",
            "a tool that sends on a trigger",
        ),
        effort="low",
        moves={
            "second_purchase_rate": "up",
            "second_purchase_days": "down",
            "repeat_purchase_rate": "up",
            "engagement_rate": "up",
        },
        evidence=("E16", "E25"),
        risks=(
            "A coupon in each welcome teaches people to wait for the next.",
            "Thanks are part of the sale, advertising is not: mind the consent that your country asks for.",
            (
                "Those who open and click were the keen ones to begin with: only the group that was left out "
                "tells what the series did."
            ),
        ),
        overlaps=("onboarding", "after-sales-follow-up", "good-first-checkout"),
        sources=("SA1", "SD1"),
    ),
    Strategy(
        id="after-sales-follow-up",
        title="Follow-up after the sale",
        what=(
            "The sale is paid, and now the customer waits, unpacks and forms an opinion. Tell them at each "
            "station what is happening, help them to enjoy what they bought, and only then show what goes "
            "with it. It brings one-time buyers back because the shop stays useful in the weeks in which "
            "most others fall silent; it will not help where parcels are late or goods poor, since then it "
            "draws attention to that."
        ),
        steps=(
            Step(
                "Tell the status at each touchpoint (order taken, packed, sent, out for delivery, arrived, "
                "returned, refunded) before anybody has to ask, and put the reason and a new date into each "
                "delay.",
                ("SE5",),
            ),
            Step(
                "Set up a short series of post-purchase e-mails with tips on use: the first at delivery, the "
                "second a week later, about what people do wrong with exactly this product.",
                ("SE5",),
            ),
            Step(
                "Automate the service after the sale: what follows on delivery, on a return, on an "
                "unanswered question or when a consumable should run out is sent by trigger, while a person "
                "gets whatever is out of the ordinary.",
                ("SC17",),
            ),
            Step(
                "Place recommendations beside the tracking, on its page and in push notices with the news of "
                "the parcel: three things that suit the order, none that was just bought.",
                ("SE5",),
            ),
            Step(
                "Cross-sell from behaviour: choose the next offer by what they looked at and bought, and "
                "send it when customers like them usually come back (second_purchase_curve shows when), not "
                "on the day on which you have something to clear.",
                ("SE5",),
            ),
            Step(
                "For things that are used up, write about a week before the last bag is empty, with one "
                "button that repeats the order.",
            ),
            Step(
                "Give the first reason to return before the middle of the usual gap, the second at its end, "
                "and then hand over to the win-back: more messages in between mostly tire people.",
            ),
            Step(
                "Watch second purchases of each month's newcomers at 30, 60 and 90 days, against a tenth "
                "that got the status messages alone.",
            ),
        ),
        stages=("early", "middle"),
        audiences=("one-time buyers", "everybody whose order is on its way"),
        is_audience_ours=True,
        channels=("e-mail", "SMS", "WhatsApp", "push", "web push", "app"),
        needs=(
            "news of the parcel from the carrier",
            "orders with their lines (Order.items: product, category)",
            "a tool that sends on a trigger",
        ),
        effort="medium",
        moves={
            "second_purchase_rate": "up",
            "second_purchase_days": "down",
            "repeat_purchase_rate": "up",
            "cross_sell_rate": "up",
            "purchase_frequency": "up",
            "new_customer_contact_rate": "down",
        },
        evidence=("E16", "E26", "B14"),
        risks=(
            (
                "Message fatigue: a tracking page may carry offers, but five offers with one parcel make "
                "people mute you."
            ),
            "A recommendation of what they have just returned shows that nobody is looking.",
            (
                "Buyers who read tips are the interested ones; without a group that was left alone the "
                "effect looks larger than it is."
            ),
        ),
        overlaps=("welcome-series", "onboarding", "personalisation", "proactive-service"),
        sources=("SE5", "SC17"),
    ),
    Strategy(
        id="abandoned-cart-recovery",
        title="Baskets that were left behind",
        what=(
            "Write to people who filled a basket and left, while they still know what was in it, and tell "
            "those who found the shelf empty when it is full again. They were one step from buying, and some "
            "were merely called away. The reasons that the others give show what is wrong with the checkout. "
            "Somebody who leaves for the shipping cost needs another price, though, not another e-mail."
        ),
        steps=(
            Step(
                "Decide after how long a basket counts as left (an hour is common) and send the first "
                "reminder then, by e-mail or SMS: what is in it, a link that opens it as it was, and an "
                "offer of help. No discount yet.",
                ("SB3",),
            ),
            Step(
                "Wait a day. If nothing came of it, answer in a second message what holds people back: "
                "delivery, returns, sizes, ways to pay.",
            ),
            Step(
                "After three days, and only for baskets above a worth that you set, send a coupon for the "
                "abandoned cart by SMS or e-mail, valid for a few days and for each customer once a quarter "
                "at most.",
                ("SB3",),
            ),
            Step(
                "Offer a back-in-stock reminder on each page of a sold-out product; send it within the hour "
                "in which the goods arrive, with a code that holds the price for whoever waited.",
                ("SB3",),
            ),
            Step(
                "Stop at once when the order comes in, in whatever channel, and never send more than three "
                "messages a basket.",
            ),
            Step(
                "Ask those who do not return one question, why, with four answers to tap; take the commonest "
                "to whoever owns the checkout.",
            ),
            Step(
                "Leave one basket in ten without any message, by lot: the recovery rate that counts is the "
                "difference, since many come back by themselves.",
            ),
        ),
        stages=("early", "middle", "late"),
        audiences=("customers who left a basket", "customers who found a product sold out"),
        is_audience_ours=True,
        channels=("e-mail", "SMS", "WhatsApp", "web push", "push"),
        needs=(
            "checkouts with those that became no order (Checkout.customer_id, begun_at, ordered_at, amount)",
            "permission to write",
            "stock that is known by the hour, for the reminders",
        ),
        effort="low",
        moves={
            "cart_recovery_rate": "up",
            "cart_abandonment_rate": "down",
            "gross_revenue": "up",
            "second_purchase_rate": "up",
        },
        evidence=("E25", "B16"),
        risks=(
            "Customers learn to leave baskets for the coupon; keep it rare, and watch who takes it twice.",
            "Recovered baskets include those who would have come back anyway.",
            "In many countries a reminder is advertising and needs consent.",
        ),
        overlaps=("good-first-checkout", "personalisation", "frictionless-experience"),
        sources=("SB3",),
    ),
)
"""In the order in which a new customer meets them."""
