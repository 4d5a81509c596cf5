"""The rules for one customer by which the library goes unless it is told otherwise."""

from __future__ import annotations

from typing import Any

from retention.strategies._customer_rules import CustomerRule, CustomerRules

__all__ = ["CUSTOMER_RULES"]

_STILL_HERE = ("new", "active", "won_back")
_IS_REACHABLE = (None, 730)
"""In days of silence: who has been away for more than two years has forgotten the shop, and may have moved."""
_LATELY = (0, 30)
_RECENTLY = (0, 60)


def _rule(
    name: str, strategy: str | None, weight: float, when: dict[str, Any], *, because: str, do: str
) -> CustomerRule:
    return CustomerRule(id=name, strategy=strategy, weight=weight, when=when, because=because, do=do)


_SOMETHING_IS_WRONG = (
    _rule(
        "payment-failed",
        "recover-failed-payments",
        100,
        {"payment_failed_days": _RECENTLY},
        because="The customer wanted to pay and could not: most of those who leave so never meant to.",
        do="Say in plain words what happened, and send one link that opens the payment with everything filled in.",
    ),
    _rule(
        "unhappy-answer",
        "rescue-unhappy-customers",
        95,
        {"feeling": "unhappy", "answer_days": _LATELY},
        because="Who says that something was wrong still hopes that it will be put right.",
        do="Have somebody by name call or write today, ask what went wrong, and solve it; sell nothing meanwhile.",
    ),
    _rule(
        "unhappy-voice",
        "rescue-unhappy-customers",
        93,
        {"sentiment": (None, -0.25), "sentiment_days": _LATELY},
        because="What the customer wrote or said lately sounds unhappy, and others may read it.",
        do="Answer where it was said, by name and without excuses, and solve it.",
    ),
    _rule(
        "waiting-too-long",
        "responsive-support",
        90,
        {"waiting_days": (1, None)},
        because="A question that waits for more than a day costs the trust that the answer should win.",
        do="Answer the open question first of all, with a word on why it took so long.",
    ),
    _rule(
        "case-too-old",
        "responsive-support",
        88,
        {"unsolved_days": (7, None)},
        because="A case that is open for more than a week looks forgotten.",
        do="Say where the case stands and by when it will be solved, even where there is no solution yet.",
    ),
    _rule(
        "cancelled-subscription",
        "win-back-cancellations",
        80,
        {
            "subscription": "ended",
            "subscription_end_reason": "customer",
            "subscription_ended_days": _RECENTLY,
        },
        because="The decision to leave is fresh, and its reason can still be asked for and often met.",
        do="Ask for the reason, and offer what meets it: a pause, a smaller plan, a change; a way back in one click.",
    ),
    _rule(
        "cancelled-order",
        "win-back-cancellations",
        78,
        {"cancel_reason": "customer", "cancel_recovered": False, "cancelled_days": _LATELY},
        because="The customer wanted the goods and thought better of it, which often has a reason that can be met.",
        do="Ask in one question why the order was cancelled, and offer an alternative that meets the reason.",
    ),
)

_SLIPPING_AWAY = (
    _rule(
        "best-at-risk",
        "attend-loyal-customers",
        70,
        {"value": "best", "state": "at_risk", "orders": (2, None)},
        because="One of the best fifth is silent for longer than usual, and there is more to lose here than anywhere else.",
        do="Write or call in person, without an offer: ask whether all is well, and what is missing.",
    ),
    _rule(
        "loyal-at-risk",
        "attend-loyal-customers",
        68,
        {"stage": "late", "state": "at_risk"},
        because="Somebody who has come for a long time is silent for longer than usual.",
        do="Show that the silence was noticed: a personal line that speaks of what the customer used to buy.",
    ),
    _rule(
        "left-cart",
        "abandoned-cart-recovery",
        60,
        {"cart_days": (1, 14)},
        because="Who filled a cart wanted to buy, and a reminder brings some of them back.",
        do="Send a reminder with what is in the cart and a link that opens it as it was; offer help, no discount yet.",
    ),
    _rule(
        "second-purchase-due",
        "after-sales-follow-up",
        50,
        {"orders": 1, "state": ("new", "at_risk"), "times_usual": (1, None)},
        because="Most customers who come back would have done so by now, and the second purchase is the hardest to win.",
        do="Ask how the first purchase does, help with its use, and name the one thing that goes with it.",
    ),
)

_NEW_HERE = (
    _rule(
        "on-trial",
        "onboarding",
        46,
        {"subscription": "trial"},
        because="Whoever is on trial decides by what works in the first days.",
        do="Show the one thing for which others stay, and offer help before the trial ends.",
    ),
    _rule(
        "just-arrived",
        "onboarding",
        45,
        {"orders": 1, "tenure_days": (0, 14)},
        because="The first purchase is fresh, and what happens now decides whether there is a second.",
        do="Thank, say what happens next, and show how to get the most out of what was bought.",
    ),
    _rule(
        "signed-up",
        "welcome-series",
        44,
        {"orders": 0, "signed_up_days": _LATELY},
        because="The customer has signed up and not bought yet: interest is never greater than now.",
        do="Welcome, tell what the shop is best at, and make the first purchase easy.",
    ),
)

_GONE_QUIET = (
    _rule(
        "slipping",
        "win-back-lapsed",
        40,
        {"state": "at_risk", "orders": (2, None)},
        because="The customer came back before and is silent for longer than usual; a reminder now is worth more than later.",
        do="Send one reminder that speaks of what the customer bought; no discount yet.",
    ),
    _rule(
        "regular-lapsed",
        "win-back-lapsed",
        38,
        {"state": "lapsed", "orders": (2, None), "silence_days": _IS_REACHABLE},
        because="The customer used to come back and no longer does; some return when they are asked.",
        do="Say that the customer is missed and what is new since, once; ask for the reason rather than repeat the offer.",
    ),
    _rule(
        "one-time-lapsed",
        "win-back-lapsed",
        36,
        {"state": "lapsed", "orders": 1, "silence_days": _IS_REACHABLE},
        because="The customer bought once and did not return in the time that others take.",
        do="Invite once, with something that goes with the first purchase; after that write less often.",
    ),
)

_GOING_WELL = (
    _rule(
        "promoter",
        "referral-programme",
        30,
        {"recommends": "promoter", "recommends_days": (0, 180), "feeling": "happy", "state": _STILL_HERE},
        because="The customer said that they would recommend the shop, and only has to be given the means.",
        do="Thank for the answer, and send a link to pass on that pleases both sides.",
    ),
    _rule(
        "regular-outside-the-programme",
        "loyalty-programme",
        25,
        {"member": False, "orders": (3, None), "state": _STILL_HERE},
        because="A regular who is no member gets nothing for being one.",
        do="Invite into the programme, with the points of past purchases credited.",
    ),
    _rule(
        "regular-rhythm",
        "subscription",
        20,
        {"subscription": "none", "orders": (4, None), "gap_spread": (0, 0.35), "state": "active"},
        because="The customer buys at even gaps, so that a delivery by itself would save the trouble.",
        do="Offer to send what is bought again and again by itself, at the customer's own rhythm, to be ended at any time.",
    ),
    _rule(
        "leave-alone",
        None,
        1,
        {"state": _STILL_HERE, "feeling": ("happy", "neutral", None)},
        because="The customer comes as usual and nothing is open: every further message would only be one more.",
        do="Do nothing, and look again when something changes.",
    ),
)

CUSTOMER_RULES = CustomerRules(
    (*_SOMETHING_IS_WRONG, *_SLIPPING_AWAY, *_NEW_HERE, *_GONE_QUIET, *_GOING_WELL)
)
"""What to do for one customer, unless told otherwise: first what went wrong, then who slips away, then who is new, who
has gone quiet, and at last what can be made of those with whom all is well.

The order and the limits are this library's own, since no guide gives any; change them with the verbs of
`CustomerRules`, such as ``CUSTOMER_RULES.adjusted("left-cart", when={"cart_days": (2, 7)})``.

.. versionadded:: 0.1
"""
