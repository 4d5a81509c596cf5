"""When a customer counts as early, middle or late, and as new, active, at risk, lapsed or won back: rules as data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import TypeAlias

from attrs import field, frozen

from retention import _validate as check
from retention._calendar import Duration, as_words, reach
from retention.errors import InvalidTypeError, InvalidValueError, is_bool, shown

__all__ = [
    "STAGES",
    "STATES",
    "FixedThresholds",
    "LifecycleRules",
    "LifecycleStages",
    "Number",
    "OwnRhythm",
    "exactly",
    "limits_of",
]

STATES = ("new", "active", "at_risk", "lapsed", "won_back")
"""Everyone is in exactly one of these."""
STAGES = ("early", "middle", "late")
"""Likewise."""

Number: TypeAlias = int | float | Decimal | Fraction
"""How many times, or what share."""

_ANCHORS = [
    datetime(2023 + month // 12, month % 12 + 1, day, tzinfo=UTC) for month in range(24) for day in (1, 28)
]
"""Days of months of every length, a leap year's among them, from which two durations are compared."""


def exactly(number: Number) -> Fraction:
    """A number as it is written: 0.85 is 17/20, not the float next to it."""
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


def _number(must: str, fix: str, is_right: Callable[[Fraction], bool]) -> check.Validator:
    def check_number(rules: object, of: check.Field, value: object) -> None:
        where = f"{type(rules).__name__}.{of.name}"
        if is_bool(value) or not isinstance(value, (int, float, Decimal, Fraction)):
            msg = f"{where} must be {must}, not {type(value).__name__} (got {shown(value)}); {fix}"
            raise InvalidTypeError(msg)
        if not isfinite(value) or not is_right(exactly(value)):
            msg = f"{where} must be {must} (got {shown(value)}); {fix}"
            raise InvalidValueError(msg)

    return check_number


def _is_positive(number: Fraction) -> bool:
    return number > 0


def _is_share(number: Fraction) -> bool:
    return 0 < number <= 1


_TIMES = _number("a number above 0", "3 means three times the usual gap", _is_positive)
_SHARE = _number("a share above 0 and up to 1", "write 85 % as 0.85", _is_share)


def _whole(rules: object, of: check.Field, value: object) -> None:
    where = f"{type(rules).__name__}.{of.name}"
    if is_bool(value) or not isinstance(value, int):
        msg = f"{where} must be an int, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if value < 1:
        msg = f"{where} must be 1 or more (got {shown(value)})"
        raise InvalidValueError(msg)


def _elapsed(rules: object, of: check.Field, value: object) -> None:
    check.duration(rules, of, value)
    if not isinstance(value, timedelta):
        msg = f"{type(rules).__name__}.{of.name} must be a timedelta (got {shown(value)}): gaps are elapsed time"
        raise InvalidTypeError(msg)


def _is_longer(one: Duration, other: Duration, *, or_equal: bool = False) -> bool:
    """Whether a duration is longer than another wherever in the calendar they begin."""
    pairs = [(reach(day, one, UTC), reach(day, other, UTC)) for day in _ANCHORS]
    return all(end > before or (or_equal and end == before) for end, before in pairs)


@frozen(kw_only=True)
class LifecycleStages:
    """From when on a customer counts as middle and as late: by purchases and by tenure, the time since the first one.

    Early are all who are not middle yet, middle all who are not late yet, so that everyone is in exactly one stage. It
    takes both: who bought twice on the first day is early, and so is who bought once three years ago. The guides speak
    of the three stages and give no numbers; the defaults are ours.

    Attributes:
        middle_orders: Purchases from which on a customer may be middle.
        middle_tenure: Time since the first purchase from which on; it must be reached, too.
        late_orders: Purchases from which on a customer may be late, at least as many.
        late_tenure: Time since the first purchase from which on, at least as long.

    Raises:
        InvalidTypeError: A value has a type that is never right there.
        InvalidValueError: A value is out of its domain, or late comes before middle.

    .. versionadded:: 0.1

    >>> LifecycleStages(late_orders=10).in_words()
    'middle from 2 purchases and 30 days on, late from 10 purchases and 365 days on'
    """

    middle_orders: int = field(default=2, validator=_whole)
    middle_tenure: Duration = field(default=timedelta(days=30), validator=check.duration)
    late_orders: int = field(default=5, validator=_whole)
    late_tenure: Duration = field(default=timedelta(days=365), validator=check.duration)

    def __attrs_post_init__(self) -> None:
        if self.late_orders < self.middle_orders:
            msg = f"LifecycleStages.late_orders must not be below middle_orders, {self.middle_orders} (got {self.late_orders})"
            raise InvalidValueError(msg)
        if not _is_longer(self.late_tenure, self.middle_tenure, or_equal=True):
            msg = (
                f"LifecycleStages.late_tenure must not be shorter than middle_tenure, {as_words(self.middle_tenure)} "
                f"(got {as_words(self.late_tenure)})"
            )
            raise InvalidValueError(msg)

    def in_words(self) -> str:
        """The rule as people say it."""
        return (
            f"middle from {self.middle_orders:,} purchases and {as_words(self.middle_tenure)} on, "
            f"late from {self.late_orders:,} purchases and {as_words(self.late_tenure)} on"
        )


@frozen(kw_only=True)
class FixedThresholds:
    """The same limits for every customer: for goods that everybody needs at about the same pace.

    No limit has a default, since a coffee roaster's are not a furniture shop's.

    Attributes:
        new_within: Who first purchased no longer ago than this is new, the limit included.
        at_risk_after: Who has been silent for longer than this is at risk.
        lapsed_after: Who has been silent for longer than this has lapsed; longer than `at_risk_after`.

    Each is a timedelta, or a relativedelta, which is counted by the calendar of the zone in which the instant was given.

    Raises:
        InvalidTypeError: A limit is neither.
        InvalidValueError: A limit is not positive, or `lapsed_after` is not longer than `at_risk_after`.

    .. versionadded:: 0.1

    >>> from datetime import timedelta
    >>> FixedThresholds(
    ...     new_within=timedelta(days=30), at_risk_after=timedelta(days=60), lapsed_after=timedelta(days=180)
    ... ).in_words()
    'at risk after 60 days without a purchase, lapsed after 180 days; new within 30 days of the first'
    """

    new_within: Duration = field(validator=check.duration)
    at_risk_after: Duration = field(validator=check.duration)
    lapsed_after: Duration = field(validator=check.duration)

    def __attrs_post_init__(self) -> None:
        if not _is_longer(self.lapsed_after, self.at_risk_after):
            msg = (
                f"FixedThresholds.lapsed_after must be longer than at_risk_after, {as_words(self.at_risk_after)} "
                f"(got {as_words(self.lapsed_after)})"
            )
            raise InvalidValueError(msg)

    def in_words(self) -> str:
        """The rule as people say it."""
        return (
            f"at risk after {as_words(self.at_risk_after)} without a purchase, lapsed after "
            f"{as_words(self.lapsed_after)}; new within {as_words(self.new_within)} of the first"
        )


@frozen(kw_only=True)
class OwnRhythm:
    """Limits that follow each customer's own rhythm: ten weeks are long for a weekly buyer and nothing for a yearly one.

    A customer's rhythm is the median of the gaps between the customer's own purchases. Who has too few gaps for that is
    judged by the shop: by the gaps of all customers who came back, one voice each, so that the few who buy every week do
    not set the pace for all. What the numbers should be no guide says; the defaults are ours. By the shop, a gap in seven
    is longer than the limit from which on a customer is at risk, and one in twenty longer than that of the lapsed. By the
    own rhythm, where purchases come at random, a gap of three times the median or more is one in eight, one of six times
    one in sixty.

    Attributes:
        at_risk_after: Who has been silent for longer than so many times the own rhythm is at risk.
        lapsed_after: Who has been silent for longer than so many times has lapsed; more than `at_risk_after`.
        fewest_gaps: So many gaps make a rhythm of one's own.
        shop_at_risk: Who has fewer is at risk when the silence is longer than this share of the gaps of all who came
            back, those of one customer weighing as much together as those of any other.
        shop_lapsed: Likewise lapsed; no less than `shop_at_risk`.
        shortest_gap: Purchases that follow each other sooner are one visit, and no gap; a timedelta.

    Raises:
        InvalidTypeError: A value has a type that is never right there.
        InvalidValueError: A value is out of its domain, or lapsed comes before at risk.

    .. versionadded:: 0.1

    >>> OwnRhythm(at_risk_after=2, lapsed_after=4).in_words()
    "at risk after 2 times the own median gap, lapsed after 4 times; with fewer than 3 gaps, once longer than 85 % and 95 % of the shop's gaps"
    """

    at_risk_after: Number = field(default=3, validator=_TIMES)
    lapsed_after: Number = field(default=6, validator=_TIMES)
    fewest_gaps: int = field(default=3, validator=_whole)
    shop_at_risk: Number = field(default=0.85, validator=_SHARE)
    shop_lapsed: Number = field(default=0.95, validator=_SHARE)
    shortest_gap: timedelta = field(default=timedelta(days=1), validator=_elapsed)

    def __attrs_post_init__(self) -> None:
        if exactly(self.lapsed_after) <= exactly(self.at_risk_after):
            msg = f"OwnRhythm.lapsed_after must be more than at_risk_after, {self.at_risk_after} (got {self.lapsed_after})"
            raise InvalidValueError(msg)
        if exactly(self.shop_lapsed) < exactly(self.shop_at_risk):
            msg = f"OwnRhythm.shop_lapsed must not be below shop_at_risk, {self.shop_at_risk} (got {self.shop_lapsed})"
            raise InvalidValueError(msg)

    def in_words(self) -> str:
        """The rule as people say it."""
        few, many = (f"{float(100 * exactly(share)):g} %" for share in (self.shop_at_risk, self.shop_lapsed))
        return (
            f"at risk after {self.at_risk_after} times the own median gap, lapsed after {self.lapsed_after} times; "
            f"with fewer than {self.fewest_gaps} gaps, once longer than {few} and {many} of the shop's gaps"
        )


_LIMITS: dict[type, tuple[str, ...]] = {
    FixedThresholds: ("new_within", "at_risk_after", "lapsed_after"),
    LifecycleStages: ("middle_tenure", "late_tenure"),
    OwnRhythm: (),
}


def limits_of(*rules: OwnRhythm | FixedThresholds | LifecycleStages) -> dict[str, Duration]:
    """The durations in rules, each by what a host calls it."""
    return {
        f"{type(rule).__name__}.{name}": getattr(rule, name) for rule in rules for name in _LIMITS[type(rule)]
    }


LifecycleRules: TypeAlias = OwnRhythm | FixedThresholds
"""How silences are judged."""
