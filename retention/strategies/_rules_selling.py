"""Default rules: how the shop sells, and how it speaks to its customers.

Where a published figure applies, the condition names it; all other limits are this library's. Limits can be moved, so
that no reason speaks of one: what a figure was held against, and whose that is, each finding says.
"""

from __future__ import annotations

from datetime import timedelta

from retention.strategies._conditions import Condition
from retention.strategies._rules import Rule
from retention.strategies._rules_chances import RESPONSES_ARE_NOTED
from retention.strategies._weights import CHANCE, KNOWN_CAUSE

__all__ = ["SELLING"]

_A_MONTH, _A_QUARTER = timedelta(days=30), timedelta(days=91)

SELLING: tuple[Rule, ...] = (
    Rule(
        "carts-are-left",
        strategy="abandoned-cart-recovery",
        # Ours: averages of many shops commonly lie at seven in ten, and nothing is wrong with an average shop. Where no
        # basket has an order, the host does not join the two.
        conditions=(Condition("cart_abandonment_rate", above=0.8, at_least=100),),
        requires=("Checkout.ordered_at",),
        audience="left a cart",
        worth="orders",
        weight=KNOWN_CAUSE,
        because=(
            "Too many baskets are left. Whoever filled one wanted something, and a reminder with the basket "
            "in it is the nearest sale there is. Averages of many shops are commonly put at 70 %."
        ),
        horizon=_A_MONTH,
    ),
    Rule(
        "left-carts-stay-lost",
        strategy="abandoned-cart-recovery",
        # Ours: one in ten. It is so in many shops in which nothing is wrong.
        conditions=(
            Condition("cart_recovery_rate", below=0.1, at_least=50),
            Condition("cart_abandonment_rate", above=0.4, at_least=100),
        ),
        requires=("Checkout.ordered_at",),
        audience="left a cart",
        worth="orders",
        urgent=False,
        weight=CHANCE,
        because="Hardly anybody who left a basket buys afterwards, so nothing brings them back.",
        horizon=_A_MONTH,
    ),
    Rule(
        "discounts-are-the-price",
        strategy="fewer-blanket-discounts",
        # Ours: beyond one half the discount is the usual price. Where no order is known to have had none, the host notes
        # discounts only.
        conditions=(Condition("discounted_order_rate", above=0.5, at_least=100),),
        requires=("full prices",),
        audience="bought at a discount",
        weight=KNOWN_CAUSE,
        because=(
            "So many purchases are made at a discount that customers learn to wait for it, and the full price "
            "is the exception."
        ),
        horizon=_A_QUARTER,
    ),
    Rule(
        "orders-are-worth-less",
        strategy="price-by-order-value",
        # Ours: a tenth, further than chance goes one time in a hundred. Presents are dearer than what comes after them, so
        # that it is the same time of the year before that counts.
        conditions=(
            Condition(
                "average_order_value",
                change="fell",
                by=0.1,
                against="year_before",
                at_least=100,
                confidence=0.99,
            ),
        ),
        audience=None,
        worth="revenue",
        because=(
            "An order brings clearly less than at the same time a year ago. Look at prices, bundles and the "
            "limit for free delivery before you look for more customers."
        ),
        horizon=_A_QUARTER,
    ),
    Rule(
        "messages-are-not-read",
        strategy="personalisation",
        # A11 in its second reading: what campaigns on one channel drew, of customers of one vendor. Many shops in which
        # nothing is wrong lie below.
        conditions=(
            Condition("engagement_rate", below="A11 one", at_least=100, options={"max_channels": 1}),
        ),
        requires=(RESPONSES_ARE_NOTED,),
        audience="were written to",
        urgent=False,
        weight=CHANCE,
        because=(
            "Messages draw few responses, so they say little to those who get them. Write to fewer, and about "
            "what each of them bought."
        ),
        horizon=_A_MONTH,
    ),
    Rule(
        "customers-know-one-shelf",
        strategy="personalisation",
        # Ours: one in five of those who had the occasion. No money: they are customers already, and what a second category
        # would add nobody knows.
        conditions=(Condition("several_categories_rate", below=0.2, at_least=100),),
        audience="one category",
        because=(
            "Hardly anybody who buys again buys from a second category, as if each had seen one shelf only. "
            "Recommend what goes with what they have."
        ),
        watch="cross_sell_rate",
        horizon=_A_QUARTER,
    ),
    Rule(
        "nobody-refers",
        strategy="referral-programme",
        # Ours: one newcomer in twenty; content customers, so that there is something to tell.
        conditions=(
            Condition("referral_rate", below=0.05, at_least=50),
            Condition("net_promoter_score", above=0, at_least=50),
        ),
        audience="promoters",
        because=(
            "Customers would recommend the shop, and hardly any newcomer comes on their word: nobody asks "
            "them, it is not worth their while, or nobody writes it down."
        ),
        horizon=_A_QUARTER,
    ),
    Rule(
        "programme-is-empty",
        strategy="loyalty-programme",
        # Ours: one customer in ten.
        conditions=(Condition("loyalty_participation_rate", below=0.1, at_least=100),),
        audience="no members",
        because=(
            "There is a loyalty programme, and hardly any customer is in it, so it is not seen, or not worth "
            "joining."
        ),
        horizon=_A_QUARTER,
    ),
)
"""Rules about selling, channels and messages."""
