"""The rules for one customer by which the library goes unless it is told otherwise."""

from __future__ import annotations

from typing import Any

from retention.strategies._customer_rules import OR_NONE, CustomerRule, CustomerRules

__all__ = ["CUSTOMER_RULES"]

_STILL_HERE = ("new", "active", "won_back")
_IS_REACHABLE = (None, 730)
"""In days of silence: who has been away for more than two years has forgotten the shop, and may have moved."""
_LATELY = (0, 30)
_RECENTLY = (0, 60)
_NOT_JUST_NOW = (7, None, OR_NONE)
_NOT_LATELY = (14, None, OR_NONE)
"""In days since the shop last wrote: a list that is made every week would write to the same people every week."""


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
        because="A question that waits for so long costs the trust that the answer should win.",
        do="Answer the open question first of all, with a word on why it took so long.",
    ),
    _rule(
        "case-too-old",
        "responsive-support",
        88,
        {"unsolved_days": (7, None)},
        because="A case that is open for so long looks forgotten.",
        do="Say where the case stands and by when it will be solved, even where there is no solution yet.",
    ),
    _rule(
        "open-question",
        "responsive-support",
        87,
        {"waiting_days": (0, 1)},
        because="The customer has asked something, and whatever else is said before the answer sounds deaf.",
        do="Answer the question, and sell nothing until then.",
    ),
    _rule(
        "sold-out-order",
        "proactive-service",
        85,
        {"cancelled_days": _LATELY, "cancel_reason": "stock", "cancel_recovered": False},
        because="The customer ordered, and the shop cancelled for want of stock: it broke its word, and many order elsewhere and stay there.",
        do="Say sorry by name, offer what can stand in for the article or a word when it is back, and hold a piece until then.",
    ),
    _rule(
        "order-lost-to-a-fault",
        "proactive-service",
        84,
        {"cancelled_days": _LATELY, "cancel_reason": "technical", "cancel_recovered": False},
        because="The customer ordered, and a fault of the shop's own ended it.",
        do="Say that the fault was yours and is mended, and send a link that opens the order as it was.",
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
        "suspected-fraud",
        None,
        79,
        {"cancelled_days": (0, 180), "cancel_reason": "fraud", "cancel_recovered": False},
        because="The latest order was cancelled for suspected fraud: until that is cleared up an offer is out of place.",
        do="Send nothing by yourself. Should the customer get in touch, hand over to whoever decides on such orders.",
    ),
    _rule(
        "cancelled-order",
        "win-back-cancellations",
        78,
        {"cancelled_days": _LATELY, "cancel_reason": "customer", "cancel_recovered": False},
        because="The customer wanted the goods and thought better of it, which often has a reason that can be met.",
        do="Ask in one question why the order was cancelled, and offer an alternative that meets the reason.",
    ),
    _rule(
        "money-back",
        "rescue-unhappy-customers",
        76,
        {"refunded_days": _LATELY},
        because="The customer gave everything back and has bought nothing since: what was wrong is still to be learnt.",
        do="Ask what was wrong with it, without doubting the refund, and help to find what fits.",
    ),
    _rule(
        "cancelled-for-no-known-reason",
        "win-back-cancellations",
        75,
        {"cancelled_days": _LATELY, "cancel_reason": ("unknown", "other"), "cancel_recovered": False},
        because="An order was cancelled and nothing says why, so that nobody knows whose turn it is to make it good.",
        do="Find out why before anything else is sent, ask the customer if need be, and keep the reason with the order.",
    ),
    _rule(
        "open-case",
        "responsive-support",
        74,
        {"unsolved_days": (0, 7)},
        because="A case of the customer is open, and an offer before it is solved sounds deaf.",
        do="Solve the case, or say by when it will be solved; sell nothing until then.",
    ),
    _rule(
        "unhappy-best",
        "rescue-unhappy-customers",
        72,
        {"feeling": "unhappy", "answer_days": (30, 365), "value": "best"},
        because="The last that one of the best said was bad, and no better answer has come since.",
        do="Have somebody by name ask whether what went wrong was put right, and put it right where it was not.",
    ),
)

_SLIPPING_AWAY = (
    _rule(
        "best-at-risk",
        "attend-loyal-customers",
        70,
        {"value": "best", "state": "at_risk", "orders": (2, None), "contacted_days": _NOT_LATELY},
        because="One of the best is silent for longer than usual, and there is more to lose here than anywhere else.",
        do="Write or call in person, without an offer: ask whether all is well, and what is missing.",
    ),
    _rule(
        "best-prospect-leaving",
        "attend-loyal-customers",
        69,
        {"prospect": "best", "probability_alive": (None, 0.5), "contacted_days": _NOT_LATELY},
        because="One of those who would bring most may have left, by the model that was given, and may still be won back.",
        do="Write or call in person, without an offer: say what is new since, and ask what is missing.",
    ),
    _rule(
        "loyal-at-risk",
        "attend-loyal-customers",
        68,
        {"stage": "late", "state": "at_risk", "contacted_days": _NOT_LATELY},
        because="Somebody who has come for a long time is silent for longer than usual.",
        do="Show that the silence was noticed: a personal line that speaks of what the customer used to buy.",
    ),
    _rule(
        "unhappy-before",
        "rescue-unhappy-customers",
        65,
        {"feeling": "unhappy", "answer_days": (30, 365), "state": (*_STILL_HERE, "at_risk")},
        because="The last that the customer said was bad, and no better answer has come since.",
        do="Ask in a line whether what went wrong was put right, before anything is offered.",
    ),
    _rule(
        "left-cart",
        "abandoned-cart-recovery",
        60,
        {"cart_days": (1, 7)},
        because="Who filled a cart wanted to buy, and a reminder brings some of them back.",
        do="Send a reminder with what is in the cart and a link that opens it as it was; offer help, no discount yet.",
    ),
    _rule(
        "second-purchase-due",
        "after-sales-follow-up",
        50,
        {
            "orders": 1,
            "state": ("new", "at_risk"),
            "times_usual": (1, None),
            "contacted_days": _NOT_LATELY,
        },
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
        {"orders": 0, "signed_up_days": _LATELY, "contacted_days": _NOT_JUST_NOW},
        because="The customer has signed up and not bought yet: interest is never greater than now.",
        do="Welcome, tell what the shop is best at, and make the first purchase easy.",
    ),
)

_GONE_QUIET = (
    _rule(
        "slipping",
        "win-back-lapsed",
        40,
        {"state": "at_risk", "orders": (2, None), "contacted_days": _NOT_LATELY},
        because="The customer came back before and is silent for longer than usual; a reminder now is worth more than later.",
        do="Send one reminder that speaks of what the customer bought; no discount yet.",
    ),
    _rule(
        "regular-lapsed",
        "win-back-lapsed",
        38,
        {
            "state": "lapsed",
            "orders": (2, None),
            "silence_days": _IS_REACHABLE,
            "contacted_days": _NOT_LATELY,
        },
        because="The customer used to come back and no longer does; some return when they are asked.",
        do="Say that the customer is missed and what is new since, once; ask for the reason rather than repeat the offer.",
    ),
    _rule(
        "one-time-lapsed",
        "win-back-lapsed",
        36,
        {"state": "lapsed", "orders": 1, "silence_days": _IS_REACHABLE, "contacted_days": _NOT_LATELY},
        because="The customer bought once and did not return in the time that others take.",
        do="Invite once, with something that goes with the first purchase; after that write less often.",
    ),
)

_GOING_WELL = (
    _rule(
        "promoter",
        "referral-programme",
        30,
        {
            "recommends": "promoter",
            "recommends_days": _LATELY,
            "feeling": "happy",
            "state": _STILL_HERE,
            "contacted_days": _NOT_LATELY,
        },
        because="The customer said that they would recommend the shop, and only has to be given the means.",
        do="Thank for the answer, and send a link to pass on that pleases both sides.",
    ),
    _rule(
        "regular-outside-the-programme",
        "loyalty-programme",
        25,
        {"member": False, "orders": (3, None), "state": _STILL_HERE, "contacted_days": _NOT_LATELY},
        because="A regular who is no member gets nothing for being one.",
        do="Invite into the programme, with the points of past purchases credited.",
    ),
    _rule(
        "regular-rhythm",
        "subscription",
        20,
        {
            "subscription": "none",
            "orders": (4, None),
            "gap_spread": (0, 0.35),
            "state": "active",
            "contacted_days": _NOT_LATELY,
        },
        because="The customer buys at even gaps, so that a delivery by itself would save the trouble.",
        do="Offer to send what is bought again and again by itself, at the customer's own rhythm, to be ended at any time.",
    ),
    _rule(
        "leave-alone",
        None,
        2,
        {"state": _STILL_HERE, "feeling": ("happy", "neutral", None)},
        because="The customer comes as usual and nothing calls for a message: every further one would only be one more.",
        do="Do nothing, and look again when something changes.",
    ),
    _rule(
        "just-written-to",
        None,
        1,
        {"contacted_days": (0, 14)},
        because="The shop wrote a short while ago, and another message now would be one too many.",
        do="Wait for what comes of it, and look again later.",
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
