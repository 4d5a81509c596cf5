"""Default rules: nothing is ill, but something is worth trying.

Where a published figure applies, the condition names it; all other limits are this library's. Limits can be moved, so
that no reason speaks of one: what a figure was held against, and whose that is, each finding says.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from retention.strategies._conditions import Condition
from retention.strategies._rules import Rule
from retention.strategies._weights import CHANCE

__all__ = ["CHANCES", "RESPONSES_ARE_NOTED"]

_A_MONTH, _A_QUARTER, _HALF_A_YEAR = timedelta(days=30), timedelta(days=91), timedelta(days=182)

RESPONSES_ARE_NOTED = "Interaction.opened_at|Interaction.clicked_at|Interaction.replied_at"
"""A log of what was sent says nothing of what was read."""

_chance = partial(Rule, urgent=False, weight=CHANCE)

CHANCES: tuple[Rule, ...] = (
    _chance(
        "newcomers-are-slow-to-return",
        strategy="welcome-series",
        # E16. Of a month's newcomers hardly anybody has had the time to return late, so that only a year is judged.
        conditions=(
            Condition(
                "second_purchase_rate",
                below="E16",
                at_least=50,
                options={"within": timedelta(days=16), "given": "repeaters"},
            ),
        ),
        requires=("a year",),
        audience="new customers",
        because=(
            "Those who come back take long to do so. A short series of messages after the first order "
            "shortens that time. What lasts for months is bought again later, and that is no fault."
        ),
        horizon=_A_QUARTER,
    ),
    _chance(
        "strangers-seldom-buy",
        strategy="good-first-checkout",
        # Ours: one in fifty. E15 says 20 %, of sales talks by all appearance; of letters far fewer buy.
        conditions=(Condition("conversion_rate", below=0.02, options={"of": "new"}),),
        audience=None,
        because=(
            "Hardly any stranger who was approached bought. See whether the first checkout asks more of them "
            "than it must: an account, a form, a way to pay that they don't have. Of talks in person more "
            "come to a purchase than of letters."
        ),
        horizon=_A_QUARTER,
    ),
    _chance(
        "customers-seldom-buy-when-approached",
        strategy="act-as-the-expert",
        # Ours: one in ten. E15 says 60 to 70 %, of sales talks by all appearance; of letters far fewer buy.
        conditions=(Condition("conversion_rate", below=0.1, options={"of": "existing"}),),
        audience="active customers",
        because=(
            "Few of the customers who were approached bought. Advice that solves something for them sells "
            "better than an offer. Of talks in person more come to a purchase than of letters."
        ),
        horizon=_A_QUARTER,
    ),
    _chance(
        "promoters-could-refer",
        strategy="referral-programme",
        # Ours.
        conditions=(Condition("net_promoter_score", above=20, at_least=50),),
        requires=("customers",),
        audience="promoters",
        because=(
            "Many customers would recommend the shop, and few would warn of it. Give them a reason and a link "
            "to do it with."
        ),
        watch="referral_rate",
        horizon=_A_QUARTER,
    ),
    _chance(
        "enthusiasts-could-meet",
        strategy="community",
        # Ours.
        conditions=(Condition("net_promoter_score", above=50, at_least=100),),
        audience="promoters",
        because=(
            "So many customers are enthusiastic that they would have something to tell each other. Give them "
            "a place for it."
        ),
        watch="purchase_frequency",
        horizon=_HALF_A_YEAR,
    ),
    _chance(
        "few-are-members",
        strategy="loyalty-programme",
        # Ours: a quarter of the customers.
        conditions=(Condition("loyalty_participation_rate", below=0.25, at_least=100),),
        audience="no members",
        because=(
            "Few of the customers are in the loyalty programme. Invite those who buy again; each purchase is "
            "an occasion."
        ),
        horizon=_A_QUARTER,
    ),
    _chance(
        "members-spend-no-more",
        strategy="loyalty-programme",
        # By the ratio's own sense: 1 is no difference.
        conditions=(Condition("loyalty_spend_ratio", below=1),),
        audience="members",
        because=(
            "Beside the others members spend too little, so that the programme draws those who come for the "
            "reward, or rewards what moves nobody. Look at its terms before you advertise it: what is "
            "rewarded, and who has something of it."
        ),
        horizon=_HALF_A_YEAR,
    ),
    _chance(
        "regulars-buy-evenly",
        strategy="subscription",
        # Ours. Of those who buy at random up to a half look even, too, since a few gaps are soon alike.
        conditions=(Condition("regular_rhythm_rate", above=0.6, at_least=50),),
        audience="regulars",
        because=(
            "Many who buy often do so at an even pace, so that a box at that pace would spare them the "
            "thinking. Up to a half look even by chance."
        ),
        watch="subscriber_count",
        horizon=_HALF_A_YEAR,
    ),
    _chance(
        "few-carry-the-shop",
        strategy="ideal-customer",
        # E14, the Pareto principle.
        conditions=(
            Condition("revenue_concentration_rate", above="E14", at_least=100, options={"top": 0.2}),
        ),
        audience="regulars",
        because=(
            "A few of the customers bring much of the revenue. Find out who they are, and look for more like "
            "them."
        ),
        horizon=_HALF_A_YEAR,
    ),
    _chance(
        "many-have-gone-quiet",
        strategy="use-the-list-you-have",
        # Ours: two in five.
        conditions=(Condition("dormant_list_rate", above=0.4, at_least=100),),
        audience="lapsed customers",
        because=(
            "Many of those who bought in the last two years have gone quiet, and their addresses are there. "
            "Write to them before you pay for strangers."
        ),
        watch="reactivation_rate",
        horizon=_A_QUARTER,
    ),
    _chance(
        "new-customers-are-dear",
        strategy="use-the-list-you-have",
        # A rule of thumb of investors, three to one; told only where the host gives what was spent.
        conditions=(
            Condition("ltv_cac_ratio", below=3, at_least=0),
            Condition("new_customer_count", above=30),
        ),
        audience="lapsed customers",
        because=(
            "A customer brings too little for what it cost to win one; three times as much is a common rule "
            "of thumb. Those who are on the list already cost a message."
        ),
        horizon=_A_QUARTER,
    ),
    _chance(
        "buyers-are-not-known",
        strategy="one-customer-profile",
        # Ours: three in ten.
        conditions=(Condition("guest_order_rate", above=0.3, at_least=100),),
        audience=None,
        because=(
            "Many purchases belong to nobody, so that their buyers can't be thanked, asked or invited back."
        ),
        horizon=_HALF_A_YEAR,
    ),
    _chance(
        "offers-are-taken",
        strategy="value-added-services",
        # Ours: three in ten.
        conditions=(Condition("upsell_rate", above=0.3),),
        audience="active customers",
        because=(
            "Customers often take what is offered beside their order, so there is more that they would pay "
            "for."
        ),
        horizon=_HALF_A_YEAR,
    ),
    _chance(
        "customers-use-one-channel",
        strategy="omnichannel",
        # Ours: one in twenty of those who had the occasion.
        conditions=(Condition("several_channels_rate", below=0.05, at_least=100),),
        audience="one channel",
        because=(
            "Practically nobody who buys again does so on a second channel: there is none, or they don't know "
            "of it."
        ),
        watch="multichannel_rate",
        horizon=_HALF_A_YEAR,
    ),
    _chance(
        "messages-are-read",
        strategy="targeted-promotions",
        # A11 in its second reading: what campaigns on several channels drew.
        conditions=(Condition("engagement_rate", above="A11 several", options={"min_channels": 3}),),
        audience="regulars",
        because=(
            "Who is reached on several channels responds often, so that an offer meant for those who buy "
            "often would be seen."
        ),
        horizon=_A_QUARTER,
    ),
    _chance(
        "messages-could-say-more",
        strategy="valuable-content",
        # Ours: one in ten.
        conditions=(Condition("engagement_rate", below=0.1, at_least=100),),
        requires=(RESPONSES_ARE_NOTED,),
        audience="were written to",
        because="Few messages draw a response. People open what taught them something the last time.",
        horizon=_A_QUARTER,
    ),
    _chance(
        "content-but-not-delighted",
        strategy="surprise-and-delight",
        # Ours.
        conditions=(
            Condition("customer_satisfaction_score", above=75, at_least=50),
            Condition("net_promoter_score", below=40, at_least=50),
        ),
        audience="regulars",
        because=(
            "Customers are satisfied, and few are so pleased that they tell others. That takes something that "
            "they did not expect."
        ),
        watch="net_promoter_score",
        horizon=_HALF_A_YEAR,
    ),
    _chance(
        "good-could-be-better",
        strategy="exceed-expectations",
        # Ours.
        conditions=(Condition("customer_satisfaction_score", below=80, at_least=50),),
        because=(
            "Not all customers are satisfied. It need not be a fault; often it is a promise kept and no more."
        ),
        horizon=_HALF_A_YEAR,
    ),
    _chance(
        "good-word-is-not-shown",
        strategy="social-proof",
        # Ours.
        conditions=(
            Condition("review_ratio", below=0.05, at_least=100),
            Condition("customer_satisfaction_score", above=75, at_least=50),
            Condition("review_ratio", above=0),  # where there is none at all, the host has no records of them
        ),
        audience="active customers",
        because=(
            "Customers are satisfied, and few orders are reviewed, so that strangers never learn of it. Ask "
            "those who are pleased."
        ),
        watch="conversion_rate",
        horizon=_A_QUARTER,
    ),
    _chance(
        "few-are-heard",
        strategy="monitor-satisfaction",
        # Ours: one in five.
        conditions=(Condition("heard_customers_rate", below=0.2, at_least=100),),
        audience="active customers",
        because=(
            "Few customers were heard in the last year, so that much could go wrong unnoticed. Ask a few all "
            "the time rather than all once; who has only begun to ask has time."
        ),
        watch="net_promoter_score",
        horizon=_HALF_A_YEAR,
    ),
    _chance(
        "wishes-are-not-known",
        strategy="know-the-audience",
        # Ours: two in five of those who had the occasion.
        conditions=(Condition("several_categories_rate", below=0.4, at_least=100),),
        audience="one category",
        because=(
            "Many who buy again keep to one category. Ask what else they would like before you decide what to "
            "show them."
        ),
        watch="cross_sell_rate",
        horizon=_A_QUARTER,
    ),
    _chance(
        "many-ask-for-help",
        strategy="proactive-service",
        # Ours: three in ten.
        conditions=(Condition("asking_customers_rate", above=0.3, at_least=100),),
        audience="asked for help",
        because=(
            "Many customers had to ask for help. Much of it can be told before they ask: what is late, what "
            "is missing, how it works."
        ),
        horizon=_A_QUARTER,
    ),
)
"""Rules about what is worth trying."""
