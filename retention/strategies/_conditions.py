"""What must hold of a figure so that a strategy follows: a threshold, or a change, as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from retention import _validate as check
from retention._calendar import as_words
from retention._mapping import FrozenMapping
from retention._snapshot import Against
from retention.benchmarks import BENCHMARKS, Benchmark
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, is_bool, shown
from retention.results import as_text

__all__ = ["Change", "Condition", "Threshold", "in_words", "to_float"]

Change: TypeAlias = Literal["rose", "fell"]

Threshold: TypeAlias = float | Decimal | Fraction | str | Benchmark
"""A number, in the unit of the figure; or a published figure, or its id."""

_CONFIDENCE = 0.95
_LEAST = 30


def _to_number(value: Any) -> Any:
    """A number of any kind as a float; anything else as it is, to be refused by name."""
    if isinstance(value, (Real, Decimal)) and not is_bool(value):
        try:
            return float(value)
        except (ValueError, OverflowError):  # a signalling NaN, or more than any float
            return value
    return value


def _to_threshold(value: Threshold | None) -> float | str | Benchmark | None:
    return _to_number(value)  # type: ignore[no-any-return]


def to_float(value: float | Decimal | Fraction) -> float:
    """The same for what is no threshold."""
    return _to_number(value)  # type: ignore[no-any-return]


def _threshold(owner: Any, of: check.Field, value: object) -> None:
    if isinstance(value, Benchmark):
        return
    if isinstance(value, str):
        if value not in BENCHMARKS:
            hint = did_you_mean(value, BENCHMARKS) or f"there are {', '.join(BENCHMARKS)}; "
            msg = (
                f"Condition.{of.name} must be a number, or the id of a benchmark (got {shown(value)}); "
                f"{hint}BENCHMARKS has them all"
            )
            raise InvalidValueError(msg)
        return
    _number(owner, of, value)


def _number(owner: Any, of: check.Field, value: object) -> None:
    name = f"{type(owner).__name__}.{of.name}"
    if isinstance(value, (Decimal, Real)) and not is_bool(value):
        if isinstance(value, float) and math.isfinite(value):
            return
        msg = f"{name} must be finite (got {shown(value)})"
        raise InvalidValueError(msg)
    msg = f"{name} must be a number, such as 0.7 for 70 %, not {type(value).__name__} (got {shown(value)})"
    raise InvalidTypeError(msg)


def _size(owner: Any, of: check.Field, value: float) -> None:
    _number(owner, of, value)
    if value < 0:
        msg = f"{type(owner).__name__}.{of.name} must not be negative (got {shown(value)}); change= says which way"
        raise InvalidValueError(msg)


def _count(owner: Any, of: check.Field, value: object) -> None:
    name = f"{type(owner).__name__}.{of.name}"
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"{name} must be a whole number, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if value < 0:
        msg = f"{name} must not be negative (got {shown(value)}); give 0 for no least sample"
        raise InvalidValueError(msg)


def _level(owner: Any, of: check.Field, value: float) -> None:
    _number(owner, of, value)
    if not 0 < value < 1:
        msg = f"{type(owner).__name__}.{of.name} must lie between 0 and 1, such as 0.95 (got {shown(value)})"
        raise InvalidValueError(msg)


def _keywords(owner: Any, of: check.Field, value: object) -> None:
    if not isinstance(value, FrozenMapping) or not all(isinstance(name, str) for name in value):
        msg = (
            f"{type(owner).__name__}.{of.name} must map keywords of the metric to what they are given, such as "
            f'{{"within": timedelta(days=14)}} (got {shown(value)})'
        )
        raise InvalidTypeError(msg)


def in_words(value: object) -> str:
    """A keyword's value as results tell it."""
    try:
        return as_words(value)  # type: ignore[arg-type]  # anything else has no parts of time
    except AttributeError:
        return as_text(value)


@frozen(repr=False)
class Condition:
    """What must hold of one figure: that it lies above or below a threshold, or that it rose or fell.

    A figure with an interval lies above a threshold only when the whole interval does: a figure that chance may have
    carried so far is no reason to do anything. It rose, or fell, only when that is more than chance explains, among
    all the changes that are looked at together. Counts, sums of money and ratios without customers to count have no
    interval and are judged as they stand, which the finding says; so are changes of medians, whose levels have one.

    Attributes:
        metric: A metric in `METRICS`, a signal in `SIGNALS`, or the name of a figure of the host's own.
        above: It must lie above this: a number in its unit, shares as fractions; or a `Benchmark`, or the id of one,
            of whose range the upper end counts.
        below: It must lie below this; of a benchmark the lower end counts.
        change: It must have moved this way: ``"rose"`` or ``"fell"``.
        by: At least so far: of shares and scores in their own unit (0.05 is five points of a share, 5 is five points of
            a net promoter score), of all else as a part of what it was (0.2 is a fifth). That it moved at all must be
            more than chance explains; how far, is read off the figures as they stand.
        against: Since when: the ``"previous"`` period, or the same one of a ``"year_before"``.
        at_least: So many must stand behind the figure, so that it is judged at all: customers, or whoever or whatever
            else was sampled; behind both figures, of a change. The level of a count needs none, and of how two
            counts differ the larger counts. How many stand behind a sum of money, nobody knows: give 0 there, and a second condition on
            a count.
        options: The keywords with which the metric is to be made, such as ``{"within": timedelta(days=14)}``.
        confidence: Level of the intervals.

    .. versionadded:: 0.1

    >>> Condition("cart_abandonment_rate", above=0.7)
    Condition('cart_abandonment_rate', above=0.7)
    >>> print(Condition("customer_retention_rate", change="fell", by=0.05, against="year_before"))
    customer_retention_rate fell by 0.05 or more against the year before
    """

    metric: str = field(validator=check.label)
    above: float | str | Benchmark | None = field(
        default=None, converter=_to_threshold, validator=check.optional(_threshold), kw_only=True
    )
    below: float | str | Benchmark | None = field(
        default=None, converter=_to_threshold, validator=check.optional(_threshold), kw_only=True
    )
    change: Change | None = field(
        default=None, validator=check.optional(check.choice("rose", "fell")), kw_only=True
    )
    by: float = field(default=0.0, converter=to_float, validator=_size, kw_only=True)
    against: Against = field(
        default="previous", validator=check.choice("previous", "year_before"), kw_only=True
    )
    at_least: int = field(default=_LEAST, validator=_count, kw_only=True)
    options: Mapping[str, Any] = field(
        default=FrozenMapping(), converter=check.to_mapping, validator=_keywords, hash=False, kw_only=True
    )
    confidence: float = field(default=_CONFIDENCE, converter=to_float, validator=_level, kw_only=True)

    def __attrs_post_init__(self) -> None:
        given = [name for name in ("above", "below", "change") if getattr(self, name) is not None]
        if len(given) != 1:
            got = " and ".join(f"{name}={shown(getattr(self, name))}" for name in given) or "none"
            msg = f"Condition must have one of above=, below= and change= (got {got}, for {self.metric}); make two for two"
            raise InvalidValueError(msg)
        if self.change is None and (self.by or self.against != "previous"):
            name = "by" if self.by else "against"
            msg = (
                f"Condition.{name} belongs to change= (got {shown(getattr(self, name))} with {given[0]}=, for {self.metric}); "
                "leave it out"
            )
            raise InvalidValueError(msg)
        self._check_benchmark()

    def _check_benchmark(self) -> None:
        published = self.benchmark
        if published is not None and self.metric not in published.metrics:
            name = "below" if self.above is None else "above"
            msg = (
                f"Condition.{name} must be a benchmark of {self.metric} (got {published.id}, which is about "
                f"{' or '.join(published.metrics)}); benchmarks_of({self.metric!r}) has those there are"
            )
            raise InvalidValueError(msg)

    @property
    def benchmark(self) -> Benchmark | None:
        """The published figure that is the threshold, or None where it is a number."""
        given = self.below if self.above is None else self.above
        return (
            BENCHMARKS[given] if isinstance(given, str) else given if isinstance(given, Benchmark) else None
        )

    @property
    def made(self) -> tuple[str, ...]:
        """The keywords with which the metric is to be made, in words, such as ``"reason stock"``."""
        return tuple(f"{name.replace('_', ' ')} {in_words(value)}" for name, value in self.options.items())

    @property
    def threshold(self) -> float | None:
        """What it must lie above or below, as a number; None for a change."""
        published = self.benchmark
        if published is not None:
            return published.low if self.above is None else published.high
        given = self.below if self.above is None else self.above
        return given if isinstance(given, float) else None

    def __str__(self) -> str:
        metric = f"{self.metric} ({', '.join(self.made)})" if self.made else self.metric
        if self.change is None:
            side = "below" if self.above is None else "above"
            published = self.benchmark
            return f"{metric} {side} {self.threshold:.6g}" + (f" ({published.id})" if published else "")
        far = f" by {self.by:.6g} or more" if self.by else ""
        since = "the previous period" if self.against == "previous" else "the year before"
        return f"{metric} {self.change}{far} against {since}"

    def __repr__(self) -> str:
        told = {
            "above": self.above,
            "below": self.below,
            "change": self.change,
            "by": self.by or None,
            "against": self.against if self.against != "previous" else None,
            "at_least": self.at_least if self.at_least != _LEAST else None,
            "options": dict(self.options) or None,
            "confidence": self.confidence if self.confidence != _CONFIDENCE else None,
        }
        words = (
            f"{name}={value.id if isinstance(value, Benchmark) else value!r}"
            for name, value in told.items()
            if value is not None
        )
        return f"Condition({', '.join([repr(self.metric), *words])})"
