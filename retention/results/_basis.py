"""The interval, and what every figure has in common: its flags, its reasons, its words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from typing import Protocol, TypeAlias

from attrs import evolve, field, frozen

from retention._mapping import FrozenMapping
from retention._numerics import ClusterSums, TwoGroups, student_quantile
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    NotObservableError,
    UndefinedMetricError,
    shown,
)

__all__ = [
    "NOTHING",
    "Basis",
    "Figure",
    "Interval",
    "Number",
    "around",
    "as_text",
    "check_count",
    "decimal_as_text",
    "hedge",
    "with_reason",
]

Number: TypeAlias = "int | Decimal"

_FEWEST_CLUSTERS = 2


@frozen(kw_only=True)
class Basis:
    """What a figure rests on. It rides along with a result and takes no part in equality.

    Attributes:
        metric: The metric's name, if a metric made the figure.
        period: The period's label.
        counted: What numerator and denominator count, in words.
        partial: The time that it covers was still running at `as_of`.
        observable: False where the data do not reach the instants that the figure is about.
        undefined_because: Why there is no value, or None.
        left_out: How many orders of the period were left out, by reason.
        assumed: What had to be taken for granted.

    .. versionadded:: 0.1
    """

    metric: str | None = None
    period: str | None = None
    counted: tuple[str, ...] = ()
    partial: bool = False
    observable: bool = True
    undefined_because: str | None = None
    left_out: Mapping[str, int] = field(default=FrozenMapping(), hash=False)
    assumed: tuple[str, ...] = ()

    def sentences(self) -> Iterator[str]:
        """What is worth knowing beside the number."""
        if self.partial:
            yield "Partial: the time that it covers was still running when the data were taken."
        if self.left_out:
            parts = ", ".join(f"{count:,} {reason}" for reason, count in self.left_out.items())
            yield f"Left out of the period's orders: {parts}."
        for assumption in self.assumed:
            yield f"Assumed: {assumption}."


NOTHING = Basis()


@frozen(kw_only=True)
class Interval:
    """A confidence interval, both ends included.

    Attributes:
        low: Lower bound.
        high: Upper bound.
        confidence: Share of such intervals that hold the true value in the long run, such as 0.95.
        method: How it was made.

    .. versionadded:: 0.1

    >>> import retention as rt
    >>> interval = rt.Ratio(38, 100).interval()
    >>> print(interval)
    29.1% to 47.8%
    >>> 0.35 in interval
    True
    """

    low: float
    high: float
    confidence: float = 0.95
    method: str = ""
    shown_as: str = field(default=".4g", eq=False, repr=False)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, (int, float, Decimal, Fraction)) and self.low <= value <= self.high

    def __iter__(self) -> Iterator[float]:
        return iter((self.low, self.high))

    def __format__(self, spec: str) -> str:
        spec = spec or self.shown_as
        return f"{self.low:{spec}} to {self.high:{spec}}"

    def __str__(self) -> str:
        return format(self)


class Figure:
    """What all figures share: the flags of their basis, and the value as text."""

    __slots__ = ()
    basis: Basis

    @property
    def partial(self) -> bool:
        """Whether the time that it covers was still running at `as_of`."""
        return self.basis.partial

    @property
    def observable(self) -> bool:
        """Whether the data reach the instants that the figure is about."""
        return self.basis.observable

    @property
    def undefined_because(self) -> str | None:
        """Why there is no value, or None when there is one."""
        return self.basis.undefined_because

    @property
    def left_out(self) -> Mapping[str, int]:
        """Orders of the period that did not count, by reason."""
        return self.basis.left_out

    @property
    def assumed(self) -> tuple[str, ...]:
        """What had to be taken for granted."""
        return self.basis.assumed

    def _undefined(self) -> UndefinedMetricError:
        kind = UndefinedMetricError if self.basis.observable else NotObservableError
        return kind(self.basis.undefined_because or "the figure has no value")

    def _named(self, text: str) -> str:
        head = " ".join(filter(None, (self.basis.metric, self.basis.period and f"({self.basis.period})")))
        return " ".join([f"{head}: {text}" if head else text, *self.basis.sentences()])


def with_reason(basis: Basis, reason: str) -> Basis:
    return basis if basis.undefined_because else evolve(basis, undefined_because=reason)


def check_count(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        msg = f"{name} must be an int or a Decimal, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if isinstance(value, Decimal) and not value.is_finite():
        msg = f"{name} must be finite (got {value})"
        raise InvalidValueError(msg)


def around(value: float, sums: ClusterSums | TwoGroups, confidence: float) -> tuple[float, float]:
    """R ± t·√v with n − 1 degrees of freedom."""
    if sums.n < _FEWEST_CLUSTERS:
        msg = f"the interval requires at least two customers in each group (got {sums.n})"
        raise UndefinedMetricError(msg)
    reach = student_quantile(confidence, sums.n - 1) * math.sqrt(sums.variance())
    return value - reach, value + reach


_TEXT_CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, traps=[])


def decimal_as_text(value: Decimal, spec: str) -> str:
    """A Decimal as text: `format` rounds as the context says, which here is never the host's."""
    with localcontext(_TEXT_CONTEXT):
        return format(value, spec)


def as_text(result: object) -> str:
    """A result as people read it, without its interval."""
    if isinstance(result, Decimal):
        return decimal_as_text(result, ",.2f")
    return f"{result:,}" if isinstance(result, int) else str(result)


class _HasInterval(Protocol):
    def interval(self, confidence: float = ..., /) -> Interval: ...


def hedge(figure: _HasInterval) -> str:
    """The interval in brackets, or nothing where it is not known."""
    try:
        interval = figure.interval()
    except UndefinedMetricError:
        return ""
    return f" (95 % interval {interval})"
