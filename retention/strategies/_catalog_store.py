"""Strategies for the store as a place, and for the work on retention itself."""

from __future__ import annotations

from retention.strategies._model import Step, Strategy

__all__ = ["STORE"]

STORE: tuple[Strategy, ...] = (
    Strategy(
        id="store-experience",
        title="Make a visit an experience",
        what=(
            "Goods can be had anywhere; an hour in which somebody finds the jacket that fits is only to be had from "
            "you. A visit that people tell of brings them back without a coupon. It takes a store, time and people who "
            "like it, and it suits goods that are chosen with pleasure more than those that are used up."
        ),
        steps=(
            Step(
                "Ask ten regulars what they remember of their last visit, and build on that.",
            ),
            Step(
                "Offer an experience rather than a transaction: styling by appointment and the like, such as tasting, "
                "fitting, engraving or repairing while people wait.",
                ("SE10",),
            ),
            Step(
                "Give one person on the floor no till and no target for sales that day: they show, help and ask.",
            ),
            Step(
                "Let customers book it online, and write down afterwards what suited them, so that the next visit "
                "begins where this one ended.",
            ),
            Step(
                "Write the day after: thanks, what was tried on, how to get it, and the next date.",
            ),
            Step(
                "Mark the visits, and see how many of those customers buy again within their usual gap, against "
                "comparable customers without one.",
            ),
        ),
        audiences=("local customers",),
        channels=("physical store", "event", "POS"),
        needs=(
            "a store, and people with time",
            "orders of the store with their customers (Order.channel, Order.customer_id)",
            "a mark on visits (Customer.tags, or an Interaction)",
        ),
        effort="high",
        moves={
            "repeat_purchase_rate": "up",
            "net_promoter_score": "up",
            "average_order_value": "up",
            "referral_rate": "up",
        },
        evidence=("E21", "E17 service"),
        risks=(
            "It is dear by the hour: keep it for goods with the margin for it.",
            "Those who book were your best customers before.",
            "What one gifted person does is gone when they leave; write down how they do it.",
        ),
        overlaps=("value-added-services", "seamless-online-to-offline", "creative-technology"),
        sources=("SE10",),
    ),
    Strategy(
        id="creative-technology",
        title="Use simple technology in clever ways",
        what=(
            "A square code on a shop window sells at night, and a calendar with places sells evenings. Small technology "
            "in the right spot takes a queue or a closed door out of the way, and gives customers a reason to come "
            "back on a given day. It is worth trying as long as it is cheap; it is not worth a project."
        ),
        steps=(
            Step(
                "Put QR codes to products where people stand and wait: at the shelf to skip the queue, in the window "
                "for shopping after closing time, at pop-ups where there is no stock.",
                ("SE11",),
            ),
            Step(
                "Let each code lead to that very product with the size chosen, and give each place its own, so that "
                "you see which ones sell.",
            ),
            Step(
                "Sell places at classes, tours and events on the site like any other product, with a reminder the day "
                "before.",
                ("SE11",),
            ),
            Step(
                "Have check-in by telephone at the door, and rebooking with one link for whoever cannot come.",
                ("SE11",),
            ),
            Step(
                "Write to whoever was there within two days: the recipe, the pictures, the next date first for them.",
            ),
            Step(
                "After two months keep what sold or brought people back, and take down the rest.",
            ),
        ),
        audiences=("local customers", "passers-by and guests of events"),
        channels=("physical store", "event", "web", "app", "POS"),
        needs=(
            "a store, a window or a stall",
            "product pages that load quickly on a telephone",
            "the channel of each order (Order.channel), with codes told apart",
        ),
        effort="low",
        moves={"multichannel_rate": "up", "repeat_purchase_rate": "up", "new_customer_count": "up"},
        evidence=("E21",),
        risks=(
            "A code that leads nowhere is worse than none; test each every month.",
            "Novelty wears off: look at the second month rather than the first week.",
            "Not everybody has the telephone for it; the till stays open.",
        ),
        overlaps=("store-experience", "seamless-online-to-offline"),
        sources=("SE11",),
    ),
    Strategy(
        id="track-and-optimise",
        title="Keep tracking what each strategy does",
        what=(
            "No advice in this list is sure to work for you, and some of it will not. Whoever watches what each "
            "strategy does, and stops what does nothing, ends with the few that fit; whoever does not, goes on paying "
            "for all of them. It costs a day a month and is worth it for every shop that tries anything at all."
        ),
        steps=(
            Step(
                "For each strategy that runs write down before it starts: for whom, which figure should move, by how "
                "much, by when, and what will be done if it has not.",
            ),
            Step(
                "Keep a group without it, drawn by lot, wherever that is fair; ask beforehand (with customers_needed) if "
                "there are enough customers to see the difference.",
            ),
            Step(
                "Watch the responses to each strategy apart: tag who got what and when, and read the figure for them "
                "and for the others.",
                ("SB8",),
            ),
            Step(
                "Compare with the period before and with the year before, and ask whether it is more than chance "
                "before anybody is praised.",
            ),
            Step(
                "Optimise one thing at a time: the audience, then the moment, then the words, then the reward.",
                ("SB8",),
            ),
            Step(
                "Stop what has missed its date twice, and write down what you learned; the list is worth more than "
                "any single strategy.",
            ),
        ),
        audiences=("every shop that has begun a strategy",),
        channels=(),
        needs=(
            "a snapshot of every month (snapshot), kept",
            "a mark on who got what (Customer.tags, Interaction)",
            "somebody who may stop things",
        ),
        effort="low",
        moves={
            "customer_retention_rate": "up",
            "engagement_rate": "up",
            "conversion_rate": "up",
            "repeat_purchase_rate": "up",
        },
        evidence=("A12",),
        risks=(
            "With many figures some always move by chance; test those that you named beforehand.",
            "What is easy to count crowds out what matters: clicks rise while customers leave.",
            "Small shops see only large effects; there, patience is better than a test each week.",
        ),
        overlaps=("retention-audit", "monitor-satisfaction"),
        sources=("SB8",),
    ),
    Strategy(
        id="retention-audit",
        title="Audit how you keep customers",
        what=(
            "Customers leave over prices, parcels, invoices and silence, and most of these are nobody's job in a plan "
            "for marketing. An audit once a year goes through every level of the business and asks of each: what do we "
            "do here that keeps people, and what drives them away? It finds what no campaign can repair."
        ),
        steps=(
            Step(
                "Take one snapshot of the past year beside the year before, and the life cycle of all customers at "
                "its end: where are they lost, and how many?",
            ),
            Step(
                "Check the retention strategy at every level of the business: range and price, purchasing, site, "
                "store, delivery, returns, support, invoices, marketing, management. For each, one page: what "
                "customers meet, who answers for it, which figure shows it.",
                ("SE17",),
            ),
            Step(
                "Order from your own shop, return something, complain, and cancel; let somebody from outside do it "
                "too.",
            ),
            Step(
                "Read the reasons: cancellations, returns, surveys and the last hundred complaints, counted by cause.",
            ),
            Step(
                "Compare what a new customer costs with what you spend on keeping one, in the accounts rather than "
                "from a rule of thumb.",
            ),
            Step(
                "Choose three causes to remove by the next quarter, each with a name and a figure, and leave the "
                "rest.",
            ),
            Step(
                "Repeat it in a year with the same figures, made in the same way.",
            ),
        ),
        audiences=("every business",),
        channels=(),
        needs=(
            "orders of two years",
            "reasons of cancellations and returns (Order.cancel_reason, Order.refunds, SurveyResponse.answer)",
            "two days of somebody whom every department answers",
        ),
        effort="medium",
        moves={
            "customer_retention_rate": "up",
            "customer_churn_rate": "down",
            "customer_lifetime_value": "up",
            "ltv_cac_ratio": "up",
        },
        evidence=("B10", "E10", "E11", "B12", "A10", "B13", "E12"),
        risks=(
            "A report without three decisions at its end changes nothing.",
            "Published rates of retention are counted in other ways than yours; your own last year is the measure.",
            "Departments defend themselves; ask for causes, not for culprits.",
        ),
        overlaps=("track-and-optimise", "customer-at-the-centre"),
        sources=("SE17",),
    ),
)
