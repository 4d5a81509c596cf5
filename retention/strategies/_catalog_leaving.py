"""Strategies for customers who cancel, fail to pay or fall silent, and for what prices have to do with it."""

from __future__ import annotations

from retention.strategies._model import Step, Strategy

__all__ = ["LEAVING"]

LEAVING: tuple[Strategy, ...] = (
    Strategy(
        id="win-back-cancellations",
        title="Win back those who cancel",
        what=(
            "A customer who cancels is still talking to you, and for some minutes more than ever. Ask why, "
            "at once, and answer with something that fits the reason: a pause, a smaller plan, another date, "
            "a repair. Many leave for a cause that you can remove; those who do not need you any more should "
            "find the door open and pleasant, since that is how people come back."
        ),
        steps=(
            Step(
                "Find out why: keep the reason of every cancellation, of orders and of subscriptions, in "
                "five or six plain words, with room for a sentence, and separate what the customer decided "
                "from payments that failed and from faults of the site.",
                ("SA5",),
            ),
            Step(
                "Ask in real time: put the question into the cancellation itself, on the page, in the chat "
                "or on the telephone, and never make anybody search for the way out.",
                ("SA5",),
            ),
            Step(
                "Prepare one reason to change the mind for each common cause (too dear: a smaller plan; not "
                "now: a pause; wrong product: an exchange; too late: express at your cost) and offer it "
                "once, right there.",
                ("SA5",),
            ),
            Step(
                "Cancel without a fight if they say no, confirm it within minutes, and tell them how to come "
                "back with all their data in place.",
            ),
            Step(
                "Call good customers who cancelled within two working days: fifteen minutes, no script, and "
                "the power to put things right.",
            ),
            Step(
                "Write once more when the cause is gone: the product mended, the size in stock, the pause "
                "over. Otherwise leave them alone for three months.",
            ),
            Step("Read the reasons once a month with the people who can change them, and remove one."),
            Step(
                "Watch recovered against cancelled by reason, and how many of those won back are still there "
                "after 90 days.",
            ),
        ),
        stages=("middle", "late"),
        audiences=("customers who cancelled an order by choice", "subscribers who end by choice"),
        channels=("web", "app", "live chat", "telephone", "e-mail", "WhatsApp"),
        needs=(
            "cancelled orders with their reasons (Order.cancelled_at, cancel_reason)",
            "ended subscriptions with their reasons (Subscription.ended_at, end_reason)",
            "somebody who may decide on an exception",
        ),
        effort="medium",
        moves={
            "recovery_rate": "up",
            "cancellation_rate": "down",
            "subscriber_churn_rate": "down",
            "revenue_churn_rate": "down",
            "reactivation_rate": "up",
        },
        evidence=("A10", "B13", "E12"),
        risks=(
            "An offer at each cancellation teaches people to cancel.",
            (
                "A hidden way out keeps the figure and loses the customer; in several countries it is "
                "forbidden, too."
            ),
            "Who was kept by a discount often leaves when it ends: look again after 90 days.",
        ),
        overlaps=("recover-failed-payments", "win-back-lapsed", "feedback-loop"),
        sources=("SA5",),
    ),
    Strategy(
        id="recover-failed-payments",
        title="Rescue failed payments",
        what=(
            "These customers did not decide to leave: a card ran out, a bank said no, the page broke. Many "
            "would rather stay, and some never notice that they have gone. Trying again at a good moment, "
            "and a friendly reminder before the card expires, brings them back for the price of a message. "
            "It does not help against customers who meant to leave; do not count those as failures of the "
            "bank."
        ),
        steps=(
            Step(
                "Act at once when a payment fails or the site is at fault: within minutes, say in plain "
                "words what happened, keep the order or the subscription alive, and give one link that opens "
                "the payment with everything filled in.",
                ("SA5",),
            ),
            Step(
                "Switch on the automatic retries of your payment provider, over two weeks and at times at "
                "which accounts have money (after pay days), rather than four times on one day.",
            ),
            Step(
                "Automate the reminders: of a payment that is due, of a card before its expiry (30 days and "
                "7 days ahead), and of an account that lacks something or is about to close.",
                ("SA5",),
            ),
            Step(
                "Keep the goods coming for some days of grace, and tell the customer so: it costs little and "
                "is remembered.",
            ),
            Step(
                "Offer a second way to pay in the same message; cards fail, and a bank debit or a wallet may "
                "not.",
            ),
            Step(
                "After the third failure let a person call the customers who are worth it; for the others "
                "pause instead of cancelling, so that one tap brings everything back.",
            ),
            Step(
                "Look at failures by provider, card and country each month: when one of them stands out, the "
                "fault is not the customers'.",
            ),
            Step(
                'Watch cancellations by reason, "payment" and "technical" apart from the rest, and the '
                "share recovered within 14 days.",
            ),
        ),
        stages=("middle", "late"),
        audiences=(
            "subscribers whose payment failed",
            "customers whose order was lost to a failed payment or a fault of the site",
        ),
        channels=("e-mail", "SMS", "WhatsApp", "push", "app", "telephone"),
        needs=(
            'the state of each payment (Order.payment_state, cancel_reason "payment" or "technical")',
            "ended subscriptions with their reasons (Subscription.end_reason)",
            "a payment provider that retries and knows expiry dates",
        ),
        effort="low",
        moves={
            "subscriber_churn_rate": "down",
            "recovery_rate": "up",
            "revenue_churn_rate": "down",
            "cancellation_rate": "down",
            "monthly_recurring_revenue": "up",
        },
        evidence=("A10", "B13"),
        risks=(
            "Too many tries can lock a card and cost fees.",
            (
                "Messages about money look like fraud: send them from the usual address, and never ask for "
                "card data in a reply."
            ),
            "A few wanted to leave and let the card lapse; offer them an honest end.",
        ),
        overlaps=("win-back-cancellations",),
        sources=("SA5",),
    ),
    Strategy(
        id="win-back-lapsed",
        title="Win back those who have gone quiet",
        what=(
            "Some customers bought gladly, and then stopped. Speak to them once they are later than their "
            "own rhythm would have it, with news first and a coupon last. It works best soon after they fell "
            "silent and with those who bought often; after several years it is little different from finding "
            "somebody new."
        ),
        steps=(
            Step(
                "List who is lapsed by each customer's own rhythm rather than by a fixed date, best spenders "
                "first, and take out everyone with an open complaint.",
            ),
            Step(
                'Send a "we miss you" by e-mail, from a person: what is new since the last visit, chosen '
                "by what they used to buy, and no offer yet.",
                ("SD1",),
            ),
            Step(
                "Two weeks later give a coupon to the long absent who did not return: enough to matter, "
                "valid for a short time, and once a year at most.",
                ("SC16", "SD1"),
            ),
            Step(
                "A few days before the coupon ends, send a short SMS with a direct link to those who allow "
                "it, and to nobody else.",
                ("SD1",),
            ),
            Step(
                "Ask the ones who stay away a single question (what made you stop?), and mend what comes up "
                "more than twice.",
            ),
            Step(
                "Stop after three messages. Move those who never answered to two letters a year, and delete "
                "whoever asks for it.",
            ),
            Step(
                "Greet returners as old friends: credit their history, thank them in the parcel, and go on "
                "with the follow-up of a first purchase.",
            ),
            Step(
                "Leave one in five alone, by lot, and count the returns and the margin of both groups after "
                "60 days: some would have come anyway.",
            ),
        ),
        stages=("middle", "late"),
        audiences=("lapsed customers", "the long absent"),
        channels=("e-mail", "SMS", "WhatsApp"),
        needs=(
            "orders with their customers, over a year or more (Order.placed_at, customer_id)",
            "permission to write that is still valid",
        ),
        effort="low",
        moves={
            "reactivation_rate": "up",
            "lapsed_regulars_rate": "down",
            "active_customer_count": "up",
            "recency_days": "down",
        },
        evidence=("E15 existing", "E15 new", "B13"),
        risks=(
            "Coupons reach people who would have come back by themselves; that part is a gift.",
            "Regulars who see that silence is rewarded fall silent.",
            "Mail to addresses that nobody reads harms the delivery of all your mail.",
            "Consent grows old; some laws count it as gone after long silence.",
        ),
        overlaps=(
            "win-back-cancellations",
            "targeted-promotions",
            "attend-loyal-customers",
            "use-the-list-you-have",
        ),
        sources=("SC16", "SD1"),
    ),
    Strategy(
        id="fewer-blanket-discounts",
        title="Fewer discounts for everybody",
        what=(
            "When most orders carry a discount, the discount is the price, and the customers whom it brings "
            "leave with it. Give the same money to fewer people, for a reason, and let the goods and the "
            "service do the rest. Expect a dip at first: some of the revenue was only ever rented, and the "
            "first quarter shows how much."
        ),
        steps=(
            Step(
                "Count for the last year how many orders carried a discount, how much margin it cost, and "
                "how many of the customers have never bought at full price.",
            ),
            Step(
                "Stop first what nobody would miss: codes on coupon sites, pop-ups that greet every visitor "
                "with 10 %, and sales that follow one another. Leave the coupon out of reminders to baskets "
                "and to lapsed customers meanwhile.",
            ),
            Step(
                "Replace the discount for all by one for a reason: a first order from a friend's "
                "recommendation, a birthday, an overdue regular, a filled stamp card. One person, one "
                "reason, one end date.",
            ),
            Step(
                "Give something other than money where you can: early access, a sample, free repair, faster "
                "delivery, a place in a workshop.",
            ),
            Step(
                "Go down in steps (fewer days, then fewer percent, then fewer products) over two quarters, "
                "and begin with customers who have also bought at full price.",
            ),
            Step(
                "Leave one region or one group as it was, and compare margin and returning customers rather "
                "than revenue alone.",
            ),
            Step(
                "Tell the team beforehand which dip you expect and when you will judge it, so that nobody "
                "brings the sale back in the second week.",
            ),
        ),
        stages=("early", "middle", "late"),
        audiences=("customers who buy at a discount only", "everybody who sees the prices"),
        is_audience_ours=True,
        channels=("web", "app", "e-mail", "physical store"),
        needs=(
            "orders with the discount (Order.discount)",
            "better still, what the goods cost (Order.cost)",
            "the nerve for a weaker quarter",
        ),
        effort="medium",
        moves={
            "discounted_order_rate": "down",
            "gross_margin_ratio": "up",
            "average_order_value": "up",
            "customer_lifetime_value": "up",
        },
        risks=(
            "Revenue falls before margin rises, and competitors may use the weeks between.",
            "Customers who came for the discount go; count them as a cost of the years before.",
            "Judged by revenue in the first month it always looks wrong.",
        ),
        overlaps=("price-by-order-value", "targeted-promotions"),
        contradicts=("gamified-loyalty",),
    ),
    Strategy(
        id="price-by-order-value",
        title="Prices that follow the basket",
        what=(
            "What people spend per order tells which prices they are at ease with. Use the average order "
            "value, and the spread around it, to set thresholds, bundles and sizes, so that a customer gets "
            "more for staying in the range that suits both of you, and nobody leaves over a price that was "
            "out of proportion to the rest. It is a tool for fine adjustment: it does not mend goods that "
            "are too dear for what they are."
        ),
        steps=(
            Step(
                "Use average order value to choose your prices: take it for new and for returning customers "
                "apart, with the middle half of all baskets, over the last year, and mark where products, "
                "delivery and thresholds lie beside it.",
                ("SB9",),
            ),
            Step(
                "Compare the first baskets of those who came back with the first baskets of those who did "
                "not: prices that stand out in the second group are the ones that cost you customers.",
                ("SB9",),
            ),
            Step(
                "Set the threshold for free delivery, or for a gift, a little above the usual basket (some "
                "10 to 20 %), never at twice as much.",
            ),
            Step(
                "Build two or three bundles that end near the usual basket, from things that are bought "
                "together anyway.",
            ),
            Step(
                "Offer a smaller size or an entry model where newcomers leave over the price, rather than a "
                "lower price on everything.",
            ),
            Step(
                "Announce a rise before it comes, say why, and let regulars buy at the old price for some "
                "weeks.",
            ),
            Step(
                "Change one price at a time, for a part of the visitors where the law allows it, and watch "
                "order value, refunds and second purchases together for a quarter.",
            ),
        ),
        stages=("early", "middle", "late"),
        audiences=("all customers", "newcomers, where the first price decides"),
        is_audience_ours=True,
        channels=("web", "app", "physical store", "POS"),
        needs=(
            "orders with amount and discount (Order.amount, discount)",
            "better still, what the goods cost (Order.cost)",
        ),
        effort="medium",
        moves={
            "average_order_value": "up",
            "average_customer_value": "up",
            "customer_churn_rate": "down",
            "gross_margin_ratio": "up",
            "customer_lifetime_value": "up",
        },
        risks=(
            "A threshold brings fillers that come back as returns.",
            "An average hides two kinds of customers; look at the spread before you move a price.",
            "Different prices for the same thing on the same day feel unfair, and may be unlawful.",
        ),
        overlaps=("fewer-blanket-discounts",),
        sources=("SB9",),
    ),
)
"""First who is leaving, then why prices make people leave."""
