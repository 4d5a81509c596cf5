"""What a curve answers: a share at a time, a time until a share is reached, a mean time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, TypeAlias

from attrs import field, frozen

from retention._mapping import OpenMapping
from retention._numerics import check_confidence, normal_quantile, wilson
from retention.errors import UndefinedMetricError
from retention.results import Basis, Interval
from retention.results._basis import NOTHING, WithBasis, hedge

__all__ = [
    "CurvePoint",
    "CurveShare",
    "Exhausted",
    "LogLog",
    "MeanTime",
    "QuantileInterval",
    "Spread",
    "Untouched",
    "days_as_text",
    "in_words",
    "none_left",
    "unit_of",
]

_CONFIDENCE = 0.95
_PERCENT = ".1%"
_DAYS = ".1f"
_FAR = 700.0
"""So far e to the power of a number is a float."""


@frozen(kw_only=True)
class LogLog:
    """Bounds of a share p above 0 and below 1, on the scale log(−log p): p to the power of exp(±z·σ/|log p|).

    Attributes:
        share: The share p.
        deviation: Standard error σ of log p.
        formula: Whose variance that is.
    """

    share: float
    deviation: float
    formula: str

    def bounds(self, z: float) -> tuple[float, float]:
        """The bounds at a normal quantile."""
        if not self.deviation:
            msg = "the interval requires customers who are not all alike: nothing else tells how far chance carries them"
            raise UndefinedMetricError(msg)
        reach = math.exp(min(_FAR, z * self.deviation / abs(math.log(self.share))))
        return self.share**reach, self.share ** (1 / reach)

    @property
    def method(self) -> str:
        """How the bounds are made."""
        return f"log(−log) with {self.formula}"


@frozen(kw_only=True)
class Untouched:
    """Bounds of a share that is still 1: Wilson's, of none among the n who were watched so long."""

    n: float
    method: ClassVar[str] = "Wilson, of none among those watched so long"

    def bounds(self, z: float) -> tuple[float, float]:
        """The bounds at a normal quantile."""
        return wilson(1.0, self.n, z)


@frozen(kw_only=True)
class Exhausted:
    """Bounds of a share that has come to 0, which is the last share above 0 times what was left of those at risk: none.

    Nothing can be above the upper bound of either.

    Attributes:
        before: How sure the last share above 0 is.
        n: How many were watched just before the last ends.
    """

    before: Spread
    n: float

    def bounds(self, z: float) -> tuple[float, float]:
        """The bounds at a normal quantile."""
        return 0.0, none_left(self.before.bounds(z)[1], self.n, z)

    @property
    def method(self) -> str:
        """How the bounds are made."""
        return f"the upper bound of the last share above 0, by {self.before.method}, or Wilson's of none among the last watched, if lower"


def none_left(before: float, n: float, z: float) -> float:
    """The upper bound of a share of which none of the last n are left, from the upper bound just before."""
    return min(before, wilson(0.0, n, z)[1])


Spread: TypeAlias = LogLog | Untouched | Exhausted
"""How sure a share is."""


@frozen(kw_only=True, repr=False)
class CurveShare(WithBasis):
    """A share on a curve: how many have ended, or have not, up to a time after the origin.

    Attributes:
        time: The time since the origin.
        value: The share, as a float from 0 to 1; None where the curve can't be told there.
        at_risk: How many were watched just before that time and had not ended.
        what: What the share is of, in words.
        basis: What the share rests on; takes no part in equality.

    .. versionadded:: 0.1
    """

    time: timedelta
    value: float | None
    at_risk: int
    what: str = ""
    _spread: Spread | None = field(default=None, alias="spread")
    _is_complement: bool = field(default=False, alias="is_complement")
    basis: Basis = field(default=NOTHING, eq=False)

    def __float__(self) -> float:
        if self.value is None:
            raise self._undefined()
        return self.value

    def interval(self, confidence: float = _CONFIDENCE) -> Interval:
        """The confidence interval of the share, which never leaves 0 to 1.

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When there is no share, or all customers were alike.
        """
        confidence = check_confidence(confidence)
        if self._spread is None:
            raise self._undefined()
        low, high = self._spread.bounds(normal_quantile(confidence))
        if self._is_complement:
            low, high = 1 - high, 1 - low
        method = self._spread.method
        return Interval(low=low, high=high, confidence=confidence, method=method, shown_as=_PERCENT)

    def __format__(self, spec: str) -> str:
        return self._no_value if self.value is None else format(self.value, spec or _PERCENT)

    def __str__(self) -> str:
        return format(self)

    def __repr__(self) -> str:
        return f"<CurveShare: {self} {self.what} after {in_words(self.time)}>"

    def explain(self) -> str:
        """The share in words, with its interval."""
        after = f"{self.what} after {in_words(self.time)}"
        if self.value is None:
            return self._named(f"no share {after}, since {self.basis.undefined_because}.")
        return self._named(f"{self} {after}{hedge(self)}, {self.at_risk:,} then watched.")


@frozen(kw_only=True)
class CurvePoint:
    """A step of a curve.

    Attributes:
        time: Since the origin.
        survival: The share that has not ended, from this time on.
        low: Lower bound of the share at 95 %; None where there is none.
        high: Upper bound.
        at_risk: How many were watched just before and had not ended.
        ended: How many ended at this time.
        censored: How many were last seen at this time or later, before the next step.
        incidence: By cause, the share that has ended of it; only where there are several causes.

    .. versionadded:: 0.1
    """

    time: timedelta
    survival: float
    low: float | None
    high: float | None
    at_risk: int
    ended: int
    censored: int
    incidence: Mapping[str, float] = field(default=OpenMapping(), hash=False)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "days": self.time / timedelta(days=1),
            "at_risk": self.at_risk,
            "ended": self.ended,
            "censored": self.censored,
            "survival": self.survival,
            "low": self.low,
            "high": self.high,
            **{f"incidence: {cause}": share for cause, share in self.incidence.items()},
        }


@frozen(kw_only=True)
class QuantileInterval:
    """The confidence interval of a time on a curve, of which an end may not have been reached.

    Attributes:
        low: Lower bound in days; None when not reached.
        high: Upper bound in days; None when not reached, so that it may be any time from the lower one on.
        confidence: Share of such intervals that hold the true value in the long run, such as 0.95.
        method: How it was made.

    .. versionadded:: 0.1
    """

    low: float | None
    high: float | None
    confidence: float = _CONFIDENCE
    method: str = ""

    def __str__(self) -> str:
        if self.low is None:
            return "not reached"
        return (
            f"{days_as_text(self.low)} to {'not reached' if self.high is None else days_as_text(self.high)}"
        )


@frozen(kw_only=True, repr=False)
class MeanTime(WithBasis):
    """A mean time within a limit (the area under a curve up to it), or how far two such lie apart.

    Attributes:
        value: Days.
        until: The limit.
        variance: Of the value, in days².
        formula: Whose variance that is.
        is_difference: Whether it is one mean time less another.
        basis: What the figure rests on; takes no part in equality.

    .. versionadded:: 0.1
    """

    value: float
    until: timedelta
    variance: float = field(repr=False)
    formula: str = field(repr=False)
    is_difference: bool = False
    basis: Basis = field(default=NOTHING, eq=False)

    def __float__(self) -> float:
        return self.value

    def interval(self, confidence: float = _CONFIDENCE) -> Interval:
        """The confidence interval, in days: value ± z·√variance, within what is possible.

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When all were alike.
        """
        confidence = check_confidence(confidence)
        if not self.variance:
            msg = "the interval requires spells that are not all alike: nothing else tells how far chance carries them"
            raise UndefinedMetricError(msg)
        reach = normal_quantile(confidence) * math.sqrt(self.variance)
        limit = self.until / timedelta(days=1)
        least = -limit if self.is_difference else 0.0
        low, high = max(least, self.value - reach), min(limit, self.value + reach)
        shown_as = "+.1f" if self.is_difference else _DAYS
        return Interval(low=low, high=high, confidence=confidence, method=self.formula, shown_as=shown_as)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec or ("+.1f" if self.is_difference else _DAYS))

    def __str__(self) -> str:
        return format(self)

    def __repr__(self) -> str:
        return f"<MeanTime: {self} of the first {in_words(self.until)}>"

    def explain(self) -> str:
        """The mean time in words, with its interval."""
        return self._named(f"{self} days of the first {in_words(self.until)}{hedge(self)}.")


def in_words(time: timedelta) -> str:
    """A time in the unit in which people think of it: "55.1 days", "1 day", "16 hours"."""
    word, unit = unit_of(time)
    number = format(time / unit, ",.1f" if time >= unit else ",.3g").removesuffix(".0")
    return f"{number} {word}{'' if number == '1' else 's'}"


def unit_of(time: timedelta) -> tuple[str, timedelta]:
    """The largest unit, up to days, of which a time has one or more; the word, and how long it is."""
    if not time:
        return _UNITS[0]
    return next((each for each in _UNITS if time >= each[1]), _UNITS[-1])


_UNITS = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
    ("second", timedelta(seconds=1)),
)


def days_as_text(days: float) -> str:
    """Days with one decimal; below one day with three, which is to the minute or two."""
    return format(days, ",.1f" if days >= 1 or not days else ".3f")
