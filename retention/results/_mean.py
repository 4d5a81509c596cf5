"""A mean that keeps its total and its count."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from retention._linearised import Linearised, Unsampled
from retention._numerics import ClusterSums, TwoGroups, check_confidence, decimal_context
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError, shown
from retention.results._basis import (
    NOTHING,
    Basis,
    Interval,
    Number,
    WithBasis,
    around,
    check_count,
    check_sampling,
    check_whole,
    decimal_as_text,
    hedge,
    part_as_text,
    with_reason,
)
from retention.results._pooled import (
    checked_parts,
    only_currency,
    pooled_basis,
    pooled_sampling,
    refuse_unobservable,
    total_of,
)

__all__ = ["Mean"]

_MEAN_CONTEXT = decimal_context(28)
_LETTERS = 3


@frozen
class Mean(WithBasis):
    """A total over a count, such as money per order.

    Attributes:
        total: What was summed, an exact Decimal or an int.
        count: Over how many orders or customers.
        unit: The currency, as three capital letters, or None for a plain number.
        sampling: The sums over customers that make the interval; None when unknown, or the reason why there is none.
        basis: What the figure rests on; takes no part in equality.

    .. versionadded:: 0.1

    >>> Mean(Decimal("30.00"), 4).value
    Decimal('7.50')
    """

    total: Number
    count: int
    unit: str | None = field(default=None, kw_only=True)
    sampling: ClusterSums | TwoGroups | Linearised | Unsampled | None = field(
        default=None, kw_only=True, eq=False, repr=False
    )
    basis: Basis = field(default=NOTHING, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_count("Mean.total", self.total)
        check_whole("Mean.count", self.count)
        if self.unit is not None:
            _check_currency("Mean.unit", self.unit)
        if self.sampling is not None and not isinstance(self.sampling, Unsampled):
            check_sampling("Mean.sampling", self.sampling, self.total, self.count)
        if not self.count:
            object.__setattr__(self, "basis", with_reason(self.basis, "there is nothing to take a mean of"))

    @property
    def value(self) -> Decimal | None:
        """The mean to 28 significant digits, or None when it is undefined or not observable."""
        return _MEAN_CONTEXT.divide(Decimal(self.total), Decimal(self.count)) if self.count else None

    def __float__(self) -> float:
        if not self.count:
            raise self._undefined()
        return float(Fraction(self.total) / self.count)

    def __format__(self, spec: str) -> str:
        value = self.value
        return self._no_value if value is None else decimal_as_text(value, spec or ",.2f")

    def __repr__(self) -> str:
        return f"Mean({self.total}, {self.count}{f', unit={self.unit!r}' if self.unit else ''})"

    def __str__(self) -> str:
        return format(self) + (f" {self.unit}" if self.unit and self.count else "")

    def interval(self, confidence: float = 0.95) -> Interval:
        """The confidence interval of the mean, clustered by customer: R ± t·√v, cut at 0 where R can't be negative.

        Of a mean that is made of several estimates, R / f to R · f: the same on a logarithmic scale.

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When there is no mean, only one customer, or the sums are not known. Likewise of
                a mean that has no interval by its nature, such as a cost that was given; the message says why.
        """
        confidence = check_confidence(confidence)
        value = float(self)
        if self.sampling is None:
            msg = "the interval requires sums by customer, which this mean does not have"
            raise UndefinedMetricError(msg)
        if isinstance(self.sampling, Unsampled):
            raise UndefinedMetricError(self.sampling.reason)
        low, high, method = around(value, self.sampling, confidence)
        return Interval(low=low, high=high, confidence=confidence, method=method, shown_as=",.2f")

    @classmethod
    def pool(cls, parts: Iterable[Mean], /, *, independent: bool = False) -> Mean:
        """The mean of all that the parts count, total over count: how months or segments are put together.

        Args:
            parts: Means of one metric, defined alike and all observable; undefined ones add nothing.
            independent: True when no customer stands in two parts (segments, not months); only then
                is the interval of the pooled mean known.

        Raises:
            InvalidTypeError: When `parts` is no iterable of Means.
            InvalidValueError: When the parts are of different metrics, count different things, were made
                with different keywords, or can't be pooled, such as lifetime values, which are made of several
                estimates.
            MixedCurrencyError: When they are money of several currencies.
            NotObservableError: When a part is not observable, since it would silently count as nothing.

        >>> Mean.pool([Mean(30, 4), Mean(50, 1)])
        Mean(80, 5)
        """
        means = _checked_parts(parts)
        adding = (mean.sampling for mean in means if mean.count or mean.sampling is not None)
        sampling = pooled_sampling(adding) if independent and means else None
        return cls(
            total_of(mean.total for mean in means),
            sum(mean.count for mean in means),
            unit=only_currency((mean.unit for mean in means), "Mean.pool"),
            sampling=sampling if isinstance(sampling, (ClusterSums, Unsampled)) else None,
            basis=pooled_basis([mean.basis for mean in means], "Mean.pool"),
        )

    def explain(self) -> str:
        """The figure in words: what was summed, over how many, how sure it is, what was left out."""
        if not self.count:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        top, bottom = (*self.basis.counted, "", "")[:2]
        counts = f"{part_as_text(self.total)} {top}".rstrip() + f" over {self.count:,} {bottom}".rstrip()
        return self._named(f"{self!s} = {self.basis.in_words or counts}{hedge(self)}.")


def _checked_parts(parts: object) -> list[Mean]:
    """The parts, of which the sums mean something."""
    means = checked_parts(parts, Mean)
    for mean in means:
        refuse_unobservable(mean)
        if isinstance(mean.sampling, (Linearised, TwoGroups)):
            msg = f"{mean.basis.metric or 'this mean'} can't be pooled: it is made of several estimates, and no sum over customers"
            raise InvalidValueError(msg)
    return means


def _check_currency(name: str, value: object) -> None:
    if not isinstance(value, str):
        msg = f"{name} must be a currency such as 'EUR', or None, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if not (len(value) == _LETTERS and value.isascii() and value.isalpha() and value.isupper()):
        msg = f"{name} must be a currency of three capital letters such as 'EUR' (got {shown(value)})"
        raise InvalidValueError(msg)
