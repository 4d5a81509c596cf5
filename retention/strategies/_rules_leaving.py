"""Default rules: customers and subscribers who leave, and what follows from why they do.

No guide gives a limit for any of these figures but the yearly retention rate, so that the others are this library's.
Limits can be moved, so that no reason speaks of one. They are meant for goods that people buy again; a shop for wedding dresses sets its own.
"""

from __future__ import annotations

from datetime import timedelta

from retention.strategies._conditions import Condition
from retention.strategies._rules import Rule
from retention.strategies._weights import KNOWN_CAUSE

__all__ = ["LEAVING"]

_A_MONTH, _A_QUARTER = timedelta(days=30), timedelta(days=91)

LEAVING: tuple[Rule, ...] = (
    Rule(
        "subscribers-lost-to-payments",
        strategy="recover-failed-payments",
        # Ours: less than 2 % a month. Expired cards alone are about as many where nobody follows them up.
        conditions=(Condition("failed_payment_loss_rate", above=0.05),),
        audience="subscribers with a failed payment",
        worth="recurring revenue",
        weight=KNOWN_CAUSE,
        because=(
            "These subscribers never decided to leave: a payment failed, and nobody caught it. That is the "
            "cheapest loss to stop."
        ),
        watch="subscriber_churn_rate",
        horizon=_A_MONTH,
    ),
    Rule(
        "orders-lost-to-payments",
        strategy="recover-failed-payments",
        # Ours: for this reason alone, as many as are usually cancelled for all reasons together.
        conditions=(Condition("cancellation_rate", above=0.03, at_least=100, options={"reason": "payment"}),),
        audience="cancelled for a failed payment",
        worth="orders",
        weight=KNOWN_CAUSE,
        because=(
            "These orders were wanted and fell through at the payment, so that another way to pay, offered at "
            "once, saves many of them."
        ),
        horizon=_A_MONTH,
    ),
    Rule(
        "subscribers-cancel",
        strategy="win-back-cancellations",
        # Ours: about 7 % a month, at which fewer than half are left after a year.
        conditions=(Condition("voluntary_loss_rate", above=0.2),),
        audience="former subscribers",
        worth="recurring revenue",
        weight=KNOWN_CAUSE,
        because=(
            "So many subscribers decide to leave that newcomers only replace them. Ask each one why at the "
            "moment of leaving, and answer the reason."
        ),
        watch="subscriber_churn_rate",
        horizon=_A_QUARTER,
    ),
    Rule(
        "customers-cancel-orders",
        strategy="win-back-cancellations",
        # Ours: one order in twenty that the customer had wanted first.
        conditions=(
            Condition("cancellation_rate", above=0.05, at_least=100, options={"reason": "customer"}),
        ),
        audience="cancelled themselves",
        worth="orders",
        weight=KNOWN_CAUSE,
        because=(
            "Customers change their minds between the order and the parcel. Whoever is asked at once still "
            "has the wish that led to the order."
        ),
        horizon=_A_QUARTER,
    ),
    Rule(
        "orders-cancelled-for-want-of-stock",
        strategy="sell-what-is-there",
        # Ours: the customer did all that was asked, so that one in fifty is much.
        conditions=(Condition("cancellation_rate", above=0.02, at_least=100, options={"reason": "stock"}),),
        audience="went without for want of stock",
        worth="orders",
        weight=KNOWN_CAUSE,
        because=(
            "The shop sells what it does not have. A promise that is not kept costs more than the order, so "
            "take off sale what is gone, and answer those who ordered it."
        ),
        horizon=_A_MONTH,
    ),
    Rule(
        "orders-cancelled-for-technical-faults",
        strategy="frictionless-experience",
        # Ours, as above: nobody wanted these cancellations.
        conditions=(
            Condition("cancellation_rate", above=0.02, at_least=100, options={"reason": "technical"}),
        ),
        audience="met a technical fault",
        worth="orders",
        weight=KNOWN_CAUSE,
        because=(
            "Orders are lost to faults of the site, which no customer can mend and no message explains away."
        ),
        horizon=_A_MONTH,
    ),
    Rule(
        "newcomers-do-not-return",
        strategy="after-sales-follow-up",
        # Ours, for goods that are bought again: most who are not back after three months never come. One in five is well
        # below what an average shop keeps in a year (B10).
        conditions=(Condition("second_purchase_share", below=0.2, at_least=100),),
        audience="one-time buyers",
        worth="customers",
        because=(
            "Few newcomers buy a second time, and the second purchase decides who becomes a customer. It is "
            "won in the days after the first: by use, by news of the parcel, by a reason to return. Of goods "
            "that people seldom need again that is no fault."
        ),
        horizon=_A_QUARTER,
    ),
    Rule(
        "regulars-slip-away",
        strategy="attend-loyal-customers",
        # Ours. By chance alone one regular in seven or eight is silent for three times the own median gap, and where
        # customers stay for a year or two only, one in four has gone by nature.
        conditions=(Condition("slipping_regulars_rate", above=0.3, at_least=30),),
        audience="regulars at risk",
        worth="customers",
        weight=KNOWN_CAUSE,
        because=(
            "Many who bought often, and lately, have been silent for longer than is usual for them, and there "
            "is still time to speak to them. By chance, and because some always go, between one regular in "
            "seven and one in four looks so at any time."
        ),
        horizon=_A_MONTH,
    ),
    Rule(
        "best-customers-are-leaving",
        strategy="attend-loyal-customers",
        # Ours. Where customers come and go as they always did, a fifth of the best looks so at any time.
        conditions=(Condition("best_customers_leaving_rate", above=0.3, at_least=30),),
        audience="worth keeping, likely leaving",
        worth="customers",
        weight=KNOWN_CAUSE,
        because=(
            "Of those who would bring most, many have probably left or are about to, by the model that was "
            "given. There is more to lose with them than with all others, and some can still be won back."
        ),
        horizon=_A_MONTH,
    ),
    Rule(
        "regulars-have-left",
        strategy="win-back-lapsed",
        # Ours. Within two years about a third goes by nature.
        conditions=(Condition("lapsed_regulars_rate", above=0.4, at_least=30),),
        audience="lapsed regulars",
        worth="customers",
        weight=KNOWN_CAUSE,
        because=(
            "Many regulars of the last two years are gone. They know the shop and once liked it, so that "
            "asking them back is cheaper than finding others. Some always go."
        ),
        horizon=_A_QUARTER,
    ),
    Rule(
        "retention-below-average",
        strategy="retention-audit",
        # B10 names no time; a year is what is usual, and of shorter periods fewer come back, so that only a year is judged.
        conditions=(Condition("customer_retention_rate", below="B10", at_least=100),),
        requires=("a year",),
        audience="customers at risk",
        worth="customers",
        because=(
            "Few customers of the year before came back. That has seldom one cause, so look through the whole "
            "of the business first."
        ),
        horizon=timedelta(days=365),
    ),
    Rule(
        "fewer-come-back",
        strategy="whole-life-cycle",
        # Ours: five points are what a merchant notices in the till. Whoever looks every week sees a change of one in twenty
        # sooner or later, so that it takes one of one in a hundred. After Christmas fewer come back than before it, every
        # year, so that it is the same time of the year before that counts. No money: who does not come in one month may
        # come in the next.
        conditions=(
            Condition(
                "customer_retention_rate",
                change="fell",
                by=0.05,
                against="year_before",
                at_least=100,
                confidence=0.99,
            ),
        ),
        audience="customers at risk",
        because=(
            "Fewer of those who had bought came back than at the same time a year ago, and by more than "
            "chance. Where it is not one stage of their life with the shop, it is the whole."
        ),
        horizon=_A_QUARTER,
    ),
)
"""Rules about customers who leave."""
