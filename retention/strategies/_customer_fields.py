"""What can be known of one customer, as plain data: names, kinds, and how each is said in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from attrs import frozen

from retention._mapping import FrozenMapping
from retention.results import as_text
from retention.segments._rules import STAGES, STATES

__all__ = [
    "CANCEL_REASONS",
    "END_REASONS",
    "FEELINGS",
    "FIELDS",
    "RECOMMENDS",
    "SUBSCRIPTIONS",
    "VALUES",
    "Fact",
    "Field",
]

Fact: TypeAlias = "str | bool | int | float | Decimal | None"
"""What is known in one respect."""

VALUES = ("best", "middle", "rest")
FEELINGS = ("unhappy", "neutral", "happy")
RECOMMENDS = ("detractor", "passive", "promoter")
SUBSCRIPTIONS = ("none", "trial", "paused", "active", "ended")
CANCEL_REASONS = ("unknown", "other", "technical", "fraud", "stock", "payment", "customer")
END_REASONS = ("plan_change", "unknown", "other", "technical", "fraud", "payment", "customer")
"""Of two at one instant the one that stands later tells more, and is taken."""


@frozen(kw_only=True)
class Field:
    """One respect in which customers are known.

    Attributes:
        name: The attribute of `CustomerSituation`.
        kind: ``"word"`` (one of `words`), ``"flag"``, or ``"number"``.
        called: What people call it.
        says: The fact as a clause, with ``{}`` for the value.
        says_no: The clause where a flag is False.
        none: The clause where there is nothing of the kind; empty where None can only mean that nobody knows.
        unknown: Why nobody knows, where the shop has no records of it.
        words: The words there are.
        unit: What is counted; ``"days"``, ``"times"``, ``"money"``, ``"estimate"`` (money, as a float), ``"probability"`` and
            ``"sentiment"`` are said in their own way.
        least: No number lies below this.
        most: No number lies above this; None where there is no limit.
    """

    name: str
    kind: Literal["word", "flag", "number"]
    called: str
    says: str
    says_no: str = ""
    none: str = ""
    unknown: str = ""
    words: tuple[str, ...] = ()
    unit: str = ""
    least: int = 0
    most: int | None = None

    @property
    def is_decimal(self) -> bool:
        """Whether the facts are Decimals."""
        return self.unit in {"money", "sentiment"}

    def told(self, value: Any, currency: str | None = None) -> str:
        """A value in words."""
        if self.kind != "number":
            return str(value).replace("_", " ")
        if self.unit == "days":
            return _days(value)
        if self.unit == "money":
            return f"{as_text(value)}{f' {currency}' if currency else ''}"
        if self.unit == "estimate":
            return f"{value:.2f}{f' {currency}' if currency else ''}"
        if self.unit == "probability":
            return f"{value:.0%}" if value >= _ONE_PERCENT else "less than 1%"
        if isinstance(value, int):
            return f"{value:,} {self.unit}{'' if value == 1 else 's'}"
        # As a float, since a host may have said how Decimals are rounded; and with the sign of a number.
        return f"{float(value):z.{1 if self.unit == 'times' else 2}f}".replace("-", "−")

    def clause(self, value: Any, currency: str | None = None, *, is_known: bool = True) -> str:
        """The fact as a clause."""
        if value is None:
            return self.none if self.none and is_known else self.unknown
        if value is False:
            return self.says_no
        return self.says.format(self.told(value, currency))


_ONE_PERCENT = 0.01


def _days(days: float) -> str:
    if days < 1:
        return "less than a day"
    return f"{days:,.0f} day{'' if round(days) == 1 else 's'}"


def _word(name: str, words: tuple[str, ...], called: str, **texts: Any) -> Field:
    return Field(name=name, kind="word", words=words, called=called, **texts)


def _flag(name: str, called: str, **texts: Any) -> Field:
    return Field(name=name, kind="flag", called=called, **texts)


def _days_since(name: str, called: str, **texts: Any) -> Field:
    return Field(name=name, kind="number", unit="days", called=called, **texts)


def _number(name: str, called: str, unit: str = "", **more: Any) -> Field:
    return Field(name=name, kind="number", unit=unit, called=called, **more)


_NOT_YET = "nothing was bought yet"
_NO_RESPONSES = "the shop has no answers to surveys with a good and a bad end, so that nobody knows"
_NO_ANSWER = "the customer has answered no such survey"
_NO_SENTIMENT = "the shop keeps no record of how contacts sound"
_NO_SUBSCRIPTIONS = "the shop has no subscriptions on record"
_NO_CUSTOMERS = "the customer has no record of this"
_NO_MODEL = "no model was given, so that nobody knows: outlook= takes what customer_outlook makes"
_NOT_IN_MODEL = "the model says nothing of the customer"
_MIXED = "the sales are in several currencies, and can't be added"
_NO_RHYTHM = "there is no rhythm to hold a silence against"

_ALL = (
    # how far, and how it goes
    _word("stage", STAGES, "stage of life", says="the customer is in the {} stage of life", none=_NOT_YET),
    _word("state", STATES, "state", says="the customer is {}", none=_NOT_YET, unknown=_NO_RHYTHM),
    _number("orders", "number of purchases", "purchase", says="{} so far"),
    _days_since(
        "tenure_days", "time since the first purchase", says="the first purchase was {} ago", none=_NOT_YET
    ),
    _days_since(
        "silence_days", "time since the latest purchase", says="the latest purchase was {} ago", none=_NOT_YET
    ),
    _days_since(
        "usual_gap_days",
        "usual gap",
        says="the usual gap between two purchases is {}",
        none=_NOT_YET,
        unknown=_NO_RHYTHM,
    ),
    _number(
        "times_usual",
        "silence in terms of the usual gap",
        "times",
        says="the silence is {} times the usual gap",
        none=_NOT_YET,
        unknown=_NO_RHYTHM,
    ),
    _flag(
        "has_own_rhythm",
        "rhythm of one's own",
        says="the customer has a rhythm of their own",
        says_no="the customer has too few gaps for a rhythm of their own",
        none=_NOT_YET,
        unknown=_NO_RHYTHM,
    ),
    _number(
        "gap_spread",
        "spread of the gaps",
        says="the gaps differ from the usual one by {} of it on average",
        none="there are too few gaps for a rhythm",
        unknown=_NO_RHYTHM,
    ),
    # what the customer is worth
    _number("spend", "spend so far", "money", says="{} spent so far", unknown=_MIXED),
    _number(
        "spend_year",
        "spend of the last 365 days",
        "money",
        says="{} spent in the last 365 days",
        unknown=_MIXED,
    ),
    _word(
        "value",
        VALUES,
        "value",
        says="by the spend of the last 365 days the value of the customer is {}",
        none="nothing was bought in the last 365 days",
        unknown=_MIXED,
    ),
    # what a model expects
    _number(
        "probability_alive",
        "probability of being still there",
        "probability",
        says="the probability that the customer is still there is {}",
        none=_NOT_IN_MODEL,
        unknown=_NO_MODEL,
        most=1,
    ),
    _word(
        "prospect",
        VALUES,
        "prospect",
        says="by what the customer would bring if still there the prospect is {}",
        none="the model takes the customer for gone, or says nothing of them",
        unknown=_NO_MODEL,
    ),
    _number(
        "expected_value",
        "expected value",
        "estimate",
        says="{} to be expected of the customer",
        none=_NOT_IN_MODEL,
        unknown=_NO_MODEL,
    ),
    # what the customer says
    _word(
        "feeling",
        FEELINGS,
        "feeling",
        says="the latest answer sounds {}",
        none=_NO_ANSWER,
        unknown=_NO_RESPONSES,
    ),
    _days_since(
        "answer_days",
        "time since the latest answer",
        says="the latest answer came {} ago",
        none=_NO_ANSWER,
        unknown=_NO_RESPONSES,
    ),
    _word(
        "recommends",
        RECOMMENDS,
        "recommendation",
        says="asked for a recommendation, the customer was a {}",
        none="the customer was never asked for a recommendation",
        unknown=_NO_RESPONSES,
    ),
    _days_since(
        "recommends_days",
        "time since the recommendation",
        says="the customer was asked for a recommendation {} ago",
        none="the customer was never asked for a recommendation",
        unknown=_NO_RESPONSES,
    ),
    _number(
        "sentiment",
        "sentiment",
        "sentiment",
        says="what the customer last wrote or said has a sentiment of {}",
        none="of nothing that the customer wrote or said a sentiment is known",
        unknown=_NO_SENTIMENT,
        least=-1,
        most=1,
    ),
    _days_since(
        "sentiment_days",
        "time since then",
        says="that was {} ago",
        none="of nothing that the customer wrote or said a sentiment is known",
        unknown=_NO_SENTIMENT,
    ),
    # what is open
    _days_since(
        "payment_failed_days",
        "time since a payment failed",
        says="a payment failed {} ago, and nothing was paid since",
        none="no payment is open that failed",
    ),
    _days_since(
        "cart_days",
        "time since a cart was left",
        says="a cart was left {} ago, and nothing was bought since",
        none="no cart is left open",
        unknown="the shop has no checkouts on record, so that nobody knows",
    ),
    _days_since(
        "waiting_days",
        "time of waiting for an answer",
        says="the customer has waited for an answer for {}",
        none="no question waits for an answer",
        unknown="the shop keeps no record of when it answers",
    ),
    _days_since(
        "unsolved_days",
        "time since a case was opened",
        says="a case has been open for {}",
        none="no case is open",
        unknown="the shop keeps no record of when cases are solved",
    ),
    # what was cancelled
    _days_since(
        "cancelled_days",
        "time since an order was cancelled",
        says="the latest cancellation of an order was {} ago",
        none="no order was cancelled",
    ),
    _word(
        "cancel_reason",
        CANCEL_REASONS,
        "reason of the cancelled order",
        says="the reason of that cancellation: {}",
        none="no order was cancelled",
    ),
    _flag(
        "cancel_recovered",
        "purchase after the cancelled order",
        says="the customer has bought since the cancellation",
        says_no="the customer has not bought since the cancellation",
        none="no order was cancelled",
    ),
    _days_since(
        "refunded_days",
        "time since an order was refunded in full",
        says="an order was refunded in full {} ago, and nothing was bought since",
        none="no order was refunded in full, or something was bought since",
    ),
    _word(
        "subscription",
        SUBSCRIPTIONS,
        "subscription",
        says="subscription: {}",
        unknown=_NO_SUBSCRIPTIONS,
    ),
    _days_since(
        "subscription_ended_days",
        "time since the subscription ended",
        says="the subscription ended {} ago",
        none="no subscription has ended",
        unknown=_NO_SUBSCRIPTIONS,
    ),
    _word(
        "subscription_end_reason",
        END_REASONS,
        "reason for the end of the subscription",
        says="the reason of its end: {}",
        none="no subscription has ended",
        unknown=_NO_SUBSCRIPTIONS,
    ),
    # how close the customer is
    _flag(
        "member",
        "membership",
        says="the customer is a member of the loyalty programme",
        says_no="the customer is no member of the loyalty programme",
        unknown="no membership is on record, so that nobody knows",
    ),
    _number(
        "referrals",
        "number of referrals",
        "referral",
        says="{} so far",
        unknown=_NO_CUSTOMERS,
    ),
    _days_since(
        "signed_up_days",
        "time since signing up",
        says="the customer signed up {} ago",
        unknown="nobody knows when the customer signed up",
    ),
    _days_since(
        "contacted_days",
        "time since the shop last wrote",
        says="the shop last wrote {} ago",
        none="the shop has never written to the customer",
        unknown="the shop keeps no record of what it writes",
    ),
)

FIELDS: Mapping[str, Field] = FrozenMapping({each.name: each for each in _ALL})
"""What rules for one customer may ask, by name."""
