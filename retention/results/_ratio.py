"""A ratio that keeps its numerator and denominator, and pools instead of averaging."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from attrs import field, frozen

from retention._linearised import InverseShare, Linearised, Unsampled
from retention._numerics import ClusterSums, TwoGroups, check_confidence, normal_quantile, wilson
from retention.errors import (
    InvalidValueError,
    UndefinedMetricError,
    shown,
)
from retention.results._basis import (
    NOTHING,
    Basis,
    Interval,
    Number,
    WithBasis,
    around,
    check_count,
    check_sampling,
    hedge,
    part_as_text,
    with_reason,
)
from retention.results._pooled import (
    Sampling,
    checked_parts,
    pooled_basis,
    pooled_sampling,
    refuse_unobservable,
    total_of,
)

__all__ = ["Ratio", "Sampling"]

_PERCENT = ".1%"


@frozen
class Ratio(WithBasis):
    """A share or a quotient that remembers both of its numbers, never reduced: 1/1 is not 100/100.

    Attributes:
        numerator: What was counted, an int or an exact Decimal of at most 60 digits before and after the point.
        denominator: What it is counted out of.
        bounded: True for a share within [0, 1], False for a quotient that may exceed 1.
        poolable: False for quotients of means and the like, whose sums mean nothing.
        sampling: What makes the interval: ``"independent"`` when each unit of the denominator is a
            customer or respondent of its own, this ratio's sums over customers otherwise, None when unknown, or the
            reason why there is none.
        basis: What the figure rests on; takes no part in equality.

    There is no arithmetic: months are pooled with `Ratio.pool`, never averaged.

    .. versionadded:: 0.1

    >>> retention = Ratio(38, 100)
    >>> retention.value
    0.38
    >>> f"{retention:.1%}"
    '38.0%'
    >>> f"{Ratio(0, 0):.1%}"
    'n/a'
    """

    numerator: Number
    denominator: Number
    bounded: bool = field(default=True, kw_only=True, eq=False)
    poolable: bool = field(default=True, kw_only=True, eq=False, repr=False)
    sampling: Sampling = field(default="independent", kw_only=True, eq=False, repr=False)
    basis: Basis = field(default=NOTHING, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        for name in ("numerator", "denominator"):
            check_count(f"Ratio.{name}", getattr(self, name))
        if self.bounded and not 0 <= self.numerator <= self.denominator:
            msg = (
                f"Ratio.numerator must lie between 0 and denominator, {shown(self.denominator)} (got {shown(self.numerator)}); "
                f"give bounded=False for a quotient that may exceed 1"
            )
            raise InvalidValueError(msg)
        if self.denominator < 0:
            msg = f"Ratio.denominator must not be negative (got {shown(self.denominator)}); a quotient's sign is its numerator's"
            raise InvalidValueError(msg)
        if not (
            self.sampling is None or self.sampling == "independent" or isinstance(self.sampling, Unsampled)
        ):
            check_sampling("Ratio.sampling", self.sampling, self.numerator, self.denominator)
        if not self.denominator:
            object.__setattr__(self, "basis", with_reason(self.basis, "the denominator is 0"))

    @property
    def value(self) -> float | None:
        """The quotient as a float, or None when it is undefined or not observable."""
        if not self.denominator:
            return None
        return float(Fraction(self.numerator) / Fraction(self.denominator))

    def __float__(self) -> float:
        value = self.value
        if value is None:
            raise self._undefined()
        return value

    def __format__(self, spec: str) -> str:
        value = self.value
        return (
            self._no_value if value is None else format(value, spec or (_PERCENT if self.bounded else ".3f"))
        )

    def __repr__(self) -> str:
        return f"Ratio({self.numerator}, {self.denominator}{'' if self.bounded else ', bounded=False'})"

    def __str__(self) -> str:
        return format(self)

    def interval(self, confidence: float = 0.95) -> Interval:
        """The confidence interval, by the unit that was sampled.

        Wilson's interval for shares of customers; for shares and quotients over orders or money, the
        ratio estimator clustered by customer, since one customer's orders are no independent trials; for
        1 / churn, Wilson's of the churn turned over. An interval of what can't be negative does not reach below 0.

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When the ratio has no value, or the sums for its interval are not known. Likewise
                of a ratio that has no interval by its nature, such as one to a cost that was given; the message
                says why.
        """
        confidence = check_confidence(confidence)
        value = float(self)
        if self.sampling is None:
            msg = "the interval requires sums by customer, which this ratio does not have (pooled or made from totals)"
            raise UndefinedMetricError(msg)
        if isinstance(self.sampling, Unsampled):
            raise UndefinedMetricError(self.sampling.reason)
        if self.sampling != "independent":
            return self._clustered(self.sampling, confidence)
        if not self.bounded or not all(isinstance(part, int) for part in (self.numerator, self.denominator)):
            msg = "the interval requires counts of independent units, or the sums by customer (sampling=)"
            raise UndefinedMetricError(msg)
        low, high = wilson(value, float(self.denominator), normal_quantile(confidence))
        return Interval(low=low, high=high, confidence=confidence, method="Wilson", shown_as=_PERCENT)

    def _clustered(
        self, sums: ClusterSums | TwoGroups | Linearised | InverseShare, confidence: float
    ) -> Interval:
        if isinstance(sums, InverseShare):
            low, high = sums.bounds_at(normal_quantile(confidence))
            method, shown_as = "Wilson of the share, turned over", ".3f"
        elif self.bounded and isinstance(sums, ClusterSums):
            low, high = sums.share_bounds(normal_quantile(confidence))
            method, shown_as = "Wilson, clustered by customer", _PERCENT
        else:
            low, high, method = around(float(self), sums, confidence)
            shown_as = ".3f"
        return Interval(low=low, high=high, confidence=confidence, method=method, shown_as=shown_as)

    @classmethod
    def pool(cls, parts: Iterable[Ratio], /, *, independent: bool = False) -> Ratio:
        """The ratio of the sums: how months or segments are put together.

        Args:
            parts: Ratios of one metric, defined alike and all observable; undefined ones add nothing.
            independent: True when no customer stands in two parts (segments, not months); only then
                is the interval of the pooled ratio known.

        Raises:
            InvalidTypeError: When `parts` is no iterable of Ratios.
            InvalidValueError: When the parts are of different metrics, count different things, were made
                with different keywords, or can't be pooled.
            MixedCurrencyError: When they are about money of several currencies.
            NotObservableError: When a part is not observable, since it would silently count as nothing.
        """
        ratios = _checked_parts(parts)
        return cls(
            total_of(ratio.numerator for ratio in ratios),
            total_of(ratio.denominator for ratio in ratios),
            bounded=all(ratio.bounded for ratio in ratios),
            sampling=pooled_sampling(ratio.sampling for ratio in ratios if _adds(ratio))
            if independent
            else None,
            basis=pooled_basis([ratio.basis for ratio in ratios], "Ratio.pool"),
        )

    def explain(self) -> str:
        """The figure in words: what was counted, out of what, how sure it is, what was left out."""
        if self.value is None:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        return self._named(f"{self} = {self.basis.in_words or self._counts()}{hedge(self)}.")

    def _counts(self) -> str:
        top, bottom = (*self.basis.counted, "", "")[:2]
        above, below = part_as_text(self.numerator), part_as_text(self.denominator)
        return f"{above} {top}".rstrip() + f" of {below} {bottom}".rstrip()


def _checked_parts(parts: object) -> list[Ratio]:
    """The parts, of which the sums mean something."""
    ratios = checked_parts(parts, Ratio)
    for ratio in ratios:
        refuse_unobservable(ratio)
        if not ratio.poolable:
            msg = f"{ratio.basis.metric or 'this ratio'} can't be pooled: its numerator and denominator are no sums over customers"
            raise InvalidValueError(msg)
    return ratios


def _adds(ratio: Ratio) -> bool:
    """Whether the part has anything to add: one of nothing, whose sums may not be known, has not."""
    return bool(ratio.numerator or ratio.denominator or ratio.sampling is not None)
