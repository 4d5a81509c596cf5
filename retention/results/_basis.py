"""The interval, and what every figure has in common: its flags, its reasons, its words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Protocol, TypeAlias

from attrs import evolve, field, frozen

from retention._linearised import InverseShare, Linearised
from retention._mapping import FrozenMapping
from retention._numerics import ClusterSums, TwoGroups, check_confidence, decimal_context
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    NotObservableError,
    UndefinedMetricError,
    shown,
)

__all__ = [
    "NOTHING",
    "NOT_OBSERVABLE",
    "UNDEFINED",
    "Basis",
    "Interval",
    "Number",
    "WithBasis",
    "around",
    "as_text",
    "check_count",
    "check_money",
    "check_number",
    "check_sampling",
    "check_whole",
    "decimal_as_text",
    "hedge",
    "part_as_text",
    "with_reason",
]

Number: TypeAlias = "int | Decimal"

_FEWEST_CLUSTERS = 2
_DIGITS = 60
"""Before the point and after it: beyond any shop, and few enough that every quotient is a float."""
_TOO_LARGE = 10**_DIGITS
_NO_END = 1.7e308
"""An upper bound that stands for none."""
_MOST_DECIMALS = 18
"""That an amount of money may have."""


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
        left_out: How many records of the period were left out, by reason.
        assumed: What had to be taken for granted.
        currency: The currency of a figure of money, or None.
        options: Name and text of each keyword that changed the definition, such as
            ``("inactive_after", "90 days")``.
        given: Name and text of each number that was given for the period beside its records, such as
            ``("acquisition_spend", "500.00")``. Other months have others, which makes no other definition.
        in_words: How the figure came about, where numerator and denominator do not say it, such as "4 customers at
            the start of 2 lost, times 3 months"; None where they do. Takes no part in pooled figures.
        records: What kind of records it counts, such as ``"orders"``.
        open_ended: What is yet to come may change it, so that an older period has been watched for longer.
        of_an_instant: It counts all that came before an instant, not what lies in a period.

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
    currency: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    in_words: str | None = None
    records: str = "orders"
    open_ended: bool = False
    of_an_instant: bool = False

    def sentences(self) -> Iterator[str]:
        """What is worth knowing beside the number."""
        if self.partial:
            yield "Partial: the time that it covers was still running when the data were taken."
        if self.left_out:
            parts = ", ".join(f"{count:,} {reason}" for reason, count in self.left_out.items())
            of = "the" if self.of_an_instant else "the period's"
            yield f"Left out of {of} {self.records}: {parts}."
        for assumption in self.assumed:
            yield f"Assumed: {assumption}."


NOTHING = Basis()

UNDEFINED = "n/a"
NOT_OBSERVABLE = "–"
"""What stands in texts where there is no value: of 0/0, and of what the data do not reach."""


@frozen(kw_only=True)
class Interval:
    """A confidence interval, both ends included.

    Attributes:
        low: Lower bound.
        high: Upper bound; 1.7e308, near the largest float, where there is none, which reads "29.1% or more".
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

    def __attrs_post_init__(self) -> None:
        check_number("Interval.low", self.low)
        check_number("Interval.high", self.high)
        check_confidence(self.confidence)
        for name in ("method", "shown_as"):
            value = getattr(self, name)
            if not isinstance(value, str):
                msg = f"Interval.{name} must be a str, not {type(value).__name__} (got {shown(value)})"
                raise InvalidTypeError(msg)
        if self.low > self.high:
            msg = f"Interval.low must not be above Interval.high (got {shown(self.low)} and {shown(self.high)}); swap them"
            raise InvalidValueError(msg)

    def __contains__(self, value: object) -> bool:
        if isinstance(value, Decimal):
            # Decimals against Decimals: a host may have set a trap on their comparison with floats.
            low, high = map(Decimal.from_float, self)
            return value.is_finite() and low <= value <= high
        return isinstance(value, (int, float, Fraction)) and self.low <= value <= self.high

    def __iter__(self) -> Iterator[float]:
        return iter((self.low, self.high))

    def __getitem__(self, place: int) -> float:
        return (self.low, self.high)[place]

    def __format__(self, spec: str) -> str:
        spec = spec or self.shown_as
        if self.high >= _NO_END:
            return f"{self.low:{spec}} or more"
        return f"{self.low:{spec}} to {self.high:{spec}}"

    def __str__(self) -> str:
        return format(self)


class WithBasis:
    """What all results share: the flags of their basis, and the value as text."""

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
        """Records of the period that did not count, by reason."""
        return self.basis.left_out

    @property
    def assumed(self) -> tuple[str, ...]:
        """What had to be taken for granted."""
        return self.basis.assumed

    @property
    def _no_value(self) -> str:
        """What stands where there is no value."""
        return UNDEFINED if self.basis.observable else NOT_OBSERVABLE

    def _undefined(self) -> UndefinedMetricError:
        kind = UndefinedMetricError if self.basis.observable else NotObservableError
        return kind(self.basis.undefined_because or "the figure has no value")

    def _named(self, text: str) -> str:
        options = (f"{name}={text}" for name, text in (*self.basis.options, *self.basis.given))
        of = ", ".join(filter(None, (self.basis.period, *options)))
        head = " ".join(filter(None, (self.basis.metric, of and f"({of})")))
        return " ".join([f"{head}: {text}" if head else text, *self.basis.sentences()])


def with_reason(basis: Basis, reason: str) -> Basis:
    return basis if basis.undefined_because else evolve(basis, undefined_because=reason)


def check_count(name: str, value: object) -> None:
    """An exact number, of a size whose quotients are floats."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        msg = f"{name} must be an int or a Decimal, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if isinstance(value, Decimal):
        _check_decimal(name, value)
    elif not -_TOO_LARGE < value < _TOO_LARGE:
        raise _too_large(name, value)


def _check_decimal(name: str, value: Decimal) -> None:
    exponent = value.as_tuple().exponent
    if isinstance(exponent, str):  # of NaN and the infinite
        msg = f"{name} must be finite (got {shown(value)})"
        raise InvalidValueError(msg)
    if exponent < -_DIGITS or value.adjusted() >= _DIGITS:
        raise _too_large(name, value)


def _too_large(name: str, value: object) -> InvalidValueError:
    msg = f"{name} must have at most {_DIGITS} digits before the point and after it (got {shown(value)}); check the exponent"
    return InvalidValueError(msg)


def check_whole(name: str, value: object) -> None:
    """A count: an int from 0 up."""
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"{name} must be an int, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if value < 0:
        msg = f"{name} must not be negative (got {shown(value)})"
        raise InvalidValueError(msg)
    if value >= _TOO_LARGE:
        raise _too_large(name, value)


def check_number(name: str, value: object) -> None:
    """A finite float, or an int that fits one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        msg = f"{name} must be a float, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        msg = f"{name} must be finite (got {shown(value)})"
        raise InvalidValueError(msg)


def check_money(name: str, value: Number) -> Decimal:
    """An amount of money from 0 up; an int is taken as one."""
    check_count(name, value)
    if value < 0:
        msg = f"{name} must not be negative (got {shown(value)})"
        raise InvalidValueError(msg)
    return Decimal(value)


def check_sampling(name: str, sums: object, numerator: Number, denominator: Number) -> None:
    """Sums that are those of the quotient; others would put an interval around another figure."""
    if not isinstance(sums, (ClusterSums, TwoGroups, Linearised, InverseShare)):
        msg = f"{name} must be the sums over customers (ClusterSums), not {type(sums).__name__} (got {shown(sums)}); give None where they are not known"
        raise InvalidTypeError(msg)
    if denominator and not sums.belongs_to(numerator, denominator):
        msg = f"{name} must be the sums of this figure, {shown(numerator)} / {shown(denominator)} (got {shown(sums)}); give None where they are not known"
        raise InvalidValueError(msg)


def around(
    value: float, sums: ClusterSums | TwoGroups | Linearised, confidence: float
) -> tuple[float, float, str]:
    """R ± t·√v with n − 1 degrees of freedom, never below 0 where R can't be; and how it was made.

    Of what is estimated on a logarithmic scale R / f to R · f, with f = exp(t·√v / R).
    """
    if sums.n < _FEWEST_CLUSTERS:
        msg = f"the interval requires at least two customers in each group (got {sums.n})"
        raise UndefinedMetricError(msg)
    if isinstance(sums, Linearised) and sums.is_log:
        times = sums.times(confidence)
        return value / times, value * times, "delta method on a logarithmic scale, clustered by customer"
    estimator = "delta method" if isinstance(sums, Linearised) else "ratio estimator"
    method = f"{estimator}, clustered by customer"
    reach = sums.reach(confidence)
    low, high = value - reach, value + reach
    return (low, high, method) if low >= 0 or sums.signed else (0.0, high, f"{method}, cut at 0")


_TEXT_CONTEXT = decimal_context(60)


def decimal_as_text(value: Decimal, spec: str) -> str:
    """A Decimal as text: `format` rounds as the context says, which here is never the host's."""
    with localcontext(_TEXT_CONTEXT):
        return format(value, spec)


def part_as_text(part: Number) -> str:
    """A numerator, a total, or what they are out of: in full, unless division left it with more digits than money has."""
    if isinstance(part, Decimal) and _decimals(part) > _MOST_DECIMALS:
        return f"about {decimal_as_text(part, ',.2f')}"
    return f"{part:,}"


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


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
