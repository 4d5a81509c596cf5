"""The arithmetic of differences: how sure one is of a − b, and how rarely chance alone would go that far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, TypeAlias, TypeGuard, cast

from attrs import frozen

from retention._linearised import InverseShare
from retention._numerics import (
    ClusterSums,
    Cross,
    CrossSums,
    CrossTwoGroups,
    ScoreSums,
    TwoGroups,
    normal_quantile,
    student_p_value,
    student_quantile,
    wilson,
)
from retention.errors import UndefinedMetricError
from retention.results import Mean, Ratio, Score

__all__ = ["Comparable", "Estimate", "estimate", "holm"]

Comparable: TypeAlias = Ratio | Mean | Score
"""Results that may have an interval, so that two of them can be compared."""

_ALIKE = 1e-12
"""Of the two variances: what rounding may leave of their sum where all customers moved alike."""


class Estimate(Protocol):
    """A difference whose interval and p-value are known."""

    @property
    def method(self) -> str:
        """How the interval is made."""
        ...

    def bounds(self, confidence: float) -> tuple[float, float]:
        """Both ends of the interval."""
        ...

    def p_value(self) -> float:
        """How often chance alone goes this far, where there is no difference."""
        ...


def estimate(a: Comparable, b: Comparable, cross: Cross | None) -> Estimate:
    """What is known of a − b.

    Args:
        a: A figure that has a value.
        b: Another of the same metric.
        cross: Sums over the customers in both; None takes the two as independent.

    Raises:
        UndefinedMetricError: When no interval is known; the message says why.
    """
    for each in (a, b):
        _require_interval(each)
    if isinstance(a, Ratio) and isinstance(b, Ratio) and _are_separate_counts(a, b, cross):
        return _TwoShares(a=a, b=b, method=f"Newcombe, {_INDEPENDENT}")
    if _has_bounds(a) and _has_bounds(b) and not (_varies(a) and _varies(b)):
        return _SquareAndAdd(
            a=a,
            b=b,
            correlation=_correlation(a, b, cross),
            method=f"square and add, {_INDEPENDENT if cross is None else _SHARED}",
        )
    return _linear(a, b, cross)


_INDEPENDENT = "the two taken as independent"
_SHARED = "with the correlation of the customers in both"


def _require_interval(figure: Comparable) -> None:
    """Where a figure has no interval, a difference has none."""
    if figure.sampling is None:
        msg = f"no interval is known for {figure.basis.metric or 'such a figure'}"
        raise UndefinedMetricError(msg)
    if isinstance(figure, Mean) or not _has_bounds(figure):
        figure.interval()


def _has_bounds(figure: Comparable) -> TypeGuard[Ratio | Score]:
    """Whether it is a share, one turned over, or a net score, whose own interval need not be symmetrical."""
    if isinstance(figure, Score):
        return figure.sampling is not None and figure.sampling.method != "mean"
    if isinstance(figure.sampling, InverseShare):
        return True
    if not isinstance(figure, Ratio) or not figure.bounded:
        return False
    return isinstance(figure.sampling, ClusterSums) or (
        figure.sampling == "independent" and _is_whole(figure)
    )


def _varies(figure: Ratio | Score) -> bool:
    """Whether it is a share of money whose spread between customers is known.

    Few customers bring most of it, so that the effective number of customers behind Wilson's formula is too
    uncertain to compare two of them by; a share of 0 or 1 has no other.
    """
    sums = figure.sampling
    if not isinstance(sums, ClusterSums) or not isinstance(figure, Ratio) or _is_whole(figure):
        return False
    return sums.n > 1 and sums.variance() > 0


def _are_separate_counts(a: Ratio, b: Ratio, cross: Cross | None) -> bool:
    """Whether both are counts of independent customers, none of whom is in both."""
    return all(each.bounded and each.sampling == "independent" and _is_whole(each) for each in (a, b)) and (
        cross is None or _is_empty(cross)
    )


def _is_whole(ratio: Ratio) -> bool:
    return isinstance(ratio.numerator, int) and isinstance(ratio.denominator, int)


def _is_empty(cross: Cross) -> bool:
    return isinstance(cross, CrossSums) and not (cross.xx or cross.xy or cross.yx or cross.yy)


# --------------------------------------------------------------------------------- ratio estimators


@frozen(kw_only=True)
class _Linear:
    """A difference of ratio estimators: d ± t·√v."""

    difference: float
    variance: float
    freedom: float
    method: str

    def bounds(self, confidence: float) -> tuple[float, float]:
        reach = student_quantile(confidence, self.freedom) * math.sqrt(self.variance)
        return self.difference - reach, self.difference + reach

    def p_value(self) -> float:
        return student_p_value(self.difference / math.sqrt(self.variance), self.freedom)


def _linear(a: Comparable, b: Comparable, cross: Cross | None) -> _Linear:
    sums_a, sums_b = _sums_of(a), _sums_of(b)
    spread_a, spread_b = sums_a.variance(), sums_b.variance()
    apart = spread_a + spread_b
    shared = 0.0 if cross is None else _covariance(cross, sums_a, sums_b)
    variance = apart - 2 * shared
    if variance <= _ALIKE * apart:
        msg = "all customers moved alike, so that chance cannot be told from change"
        raise UndefinedMetricError(msg)
    # Welch's, which is the smaller group's alone where that is all the doubt; never more than the customers allow.
    freedom = 1 / sum(
        (spread / apart) ** 2 / (_customers(sums) - 1)
        for spread, sums in ((spread_a, sums_a), (spread_b, sums_b))
    )
    if cross is not None:
        freedom = min(freedom, cross.n - 1)
    return _Linear(
        difference=float(a) - float(b),
        variance=variance,
        freedom=freedom,
        method=(
            f"ratio estimators clustered by customer, {_INDEPENDENT}"
            if cross is None
            else "ratio estimators clustered by customer, less the covariance of customers in both"
        ),
    )


_Sums: TypeAlias = ClusterSums | TwoGroups | ScoreSums


def _sums_of(figure: Comparable) -> _Sums:
    if isinstance(figure, Ratio) and figure.sampling == "independent":
        hits, n = int(figure.numerator), int(figure.denominator)
        return ClusterSums(n=n, x=n, y=hits, xx=n, xy=hits, yy=hits)
    return cast("_Sums", figure.sampling)  # None has no interval, and has been refused


def _customers(sums: _Sums) -> int:
    return sums.sums.n if isinstance(sums, ScoreSums) else sums.n


def _covariance(cross: Cross, a: _Sums, b: _Sums) -> float:
    if isinstance(a, ScoreSums) and isinstance(b, ScoreSums) and isinstance(cross, CrossSums):
        return cross.covariance(a.sums, b.sums) * float(a.points) * float(b.points)
    if isinstance(a, TwoGroups) and isinstance(b, TwoGroups) and isinstance(cross, CrossTwoGroups):
        return cross.covariance(a, b)
    if isinstance(a, ClusterSums) and isinstance(b, ClusterSums) and isinstance(cross, CrossSums):
        return cross.covariance(a, b)
    msg = "the sums of the two do not belong together"
    raise UndefinedMetricError(msg)


# ----------------------------------------------------------------------------------- square and add


@frozen(kw_only=True)
class _SquareAndAdd:
    """A difference of two figures whose own intervals are not symmetrical: their reaches are squared and added.

    Customers in both make the two move together, so that less is added. With none this is Newcombe's interval.
    Zou (2007), Psychological Methods 12, 399–413.
    """

    a: Ratio | Score
    b: Ratio | Score
    correlation: float = 0.0
    method: str

    def bounds(self, confidence: float) -> tuple[float, float]:
        return self._bounds_at(normal_quantile(confidence))

    def _bounds_at(self, z: float) -> tuple[float, float]:
        a, b = float(self.a), float(self.b)
        (low_a, high_a), (low_b, high_b) = _bounds_of(self.a, z), _bounds_of(self.b, z)
        return (
            a - b - self._added(max(0.0, a - low_a), max(0.0, high_b - b)),
            a - b + self._added(max(0.0, high_a - a), max(0.0, b - low_b)),
        )

    def _added(self, one: float, other: float) -> float:
        return math.sqrt(max(0.0, one * one + other * other - 2 * self.correlation * one * other))

    def p_value(self) -> float:
        """That of the quantile at which the interval just reaches 0, by bisection."""
        if float(self.a) == float(self.b):
            return 1.0
        short, far = 0.0, _FARTHEST
        for _ in range(_BITS):
            middle = (short + far) / 2
            low, high = self._bounds_at(middle)
            short, far = (short, middle) if low <= 0 <= high else (middle, far)
        return math.erfc(far / math.sqrt(2))


_FARTHEST = 40.0
"""A normal quantile beyond which floats know of no probability."""
_BITS = 53
"""Of a float: so many halvings reach its last one."""


def _bounds_of(figure: Ratio | Score, z: float) -> tuple[float, float]:
    """Its own interval at a normal quantile."""
    if isinstance(figure, Score):
        return cast("ScoreSums", figure.sampling).bounds_at(z)
    if isinstance(figure.sampling, ClusterSums):
        return figure.sampling.share_bounds(z)
    if isinstance(figure.sampling, InverseShare):
        return figure.sampling.bounds_at(z)
    return wilson(float(figure), float(figure.denominator), z)


def _correlation(a: Ratio | Score, b: Ratio | Score, cross: Cross | None) -> float:
    """How far the two move together; 0 where all customers of one are alike."""
    if cross is None or _is_empty(cross):
        return 0.0
    sums_a, sums_b = _sums_of(a), _sums_of(b)
    if min(_customers(sums_a), _customers(sums_b)) == 1:
        return 0.0
    spread = math.sqrt(sums_a.variance() * sums_b.variance())
    found = _covariance(cross, sums_a, sums_b) / spread if spread else 0.0
    return max(-1.0, min(1.0, found))


@frozen(kw_only=True)
class _TwoShares(_SquareAndAdd):
    """A difference of two shares of separate customers."""

    a: Ratio
    b: Ratio

    def p_value(self) -> float:
        """Of the (N − 1) χ² test, with one degree of freedom."""
        hits_a, n_a, hits_b, n_b = (
            int(part) for each in (self.a, self.b) for part in (each.numerator, each.denominator)
        )
        hits, n = hits_a + hits_b, n_a + n_b
        if hits in (0, n):
            return 1.0
        apart = hits_a * (n_b - hits_b) - hits_b * (n_a - hits_a)
        return math.erfc(math.sqrt((n - 1) * apart * apart / (2 * n_a * n_b * hits * (n - hits))))


# ---------------------------------------------------------------------------------- many at once


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values of several tests made at once, each put up by Holm's step-down correction.

    Holm (1979), Scandinavian Journal of Statistics 6, 65–70.
    """
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted
