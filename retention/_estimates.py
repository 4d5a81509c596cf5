"""The arithmetic of differences: how sure one is of a − b, and how rarely chance alone would go that far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, TypeAlias, cast

from attrs import frozen

from retention._numerics import (
    ClusterSums,
    CrossSums,
    CrossTwoGroups,
    ScoreSums,
    TwoGroups,
    student_p_value,
    student_quantile,
)
from retention.errors import UndefinedMetricError
from retention.results import Mean, Ratio, Score

__all__ = ["Comparable", "Cross", "Estimate", "estimate", "holm"]

Comparable: TypeAlias = Ratio | Mean | Score
"""Results that may have an interval, so that two of them can be compared."""

Cross: TypeAlias = CrossSums | CrossTwoGroups
"""Sums over the customers whom the two share."""

_BITS = 53
"""Of a float."""

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
        if each.sampling is None or each.sampling == "independent":
            each.interval()  # which raises where there is none; a difference has none either
    if _is_unanimous(a) and _is_unanimous(b):
        raise UndefinedMetricError(_ALL_ALIKE)
    if isinstance(a, Ratio) and isinstance(b, Ratio) and _are_separate_counts(a, b, cross):
        return _TwoShares(a=a, b=b, method=f"Newcombe, {_INDEPENDENT}")
    if isinstance(a, Score) and isinstance(b, Score) and (cross is None or _is_empty(cross)):
        found = _SquareAndAdd(a=a, b=b, method=f"square and add, {_INDEPENDENT}")
        found.bounds(0.95)  # a mean of one respondent has none
        return found
    linear = _linear(a, b, cross)
    if linear is not None:
        return linear
    if isinstance(a, Mean) or isinstance(b, Mean) or not _is_bounded(a):
        raise UndefinedMetricError(_ALL_ALIKE)
    return _SquareAndAdd(a=a, b=b, method="square and add, since all customers are alike")


_INDEPENDENT = "the two taken as independent"
_ALL_ALIKE = "all customers are alike, so that chance cannot be told from change"


def _is_unanimous(figure: Comparable) -> bool:
    """Whether it is a mean of answers that are all the same, whose interval is a point."""
    sums = figure.sampling
    return isinstance(sums, ScoreSums) and sums.method == "mean" and not sums.variance()


def _are_separate_counts(a: Ratio, b: Ratio, cross: Cross | None) -> bool:
    """Whether both are counts of independent customers, none of whom is in both."""
    return all(each.bounded and each.sampling == "independent" and _is_whole(each) for each in (a, b)) and (
        cross is None or _is_empty(cross)
    )


def _is_whole(ratio: Ratio) -> bool:
    return isinstance(ratio.numerator, int) and isinstance(ratio.denominator, int)


def _is_empty(cross: Cross) -> bool:
    return isinstance(cross, CrossSums) and not (cross.xx or cross.xy or cross.yx or cross.yy)


def _is_bounded(figure: Ratio | Score) -> bool:
    return isinstance(figure, Score) or figure.bounded


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


def _linear(a: Comparable, b: Comparable, cross: Cross | None) -> _Linear | None:
    """The difference of two ratio estimators, or None where their variance is 0."""
    sums_a, sums_b = _sums_of(a), _sums_of(b)
    spread_a, spread_b = sums_a.variance(), sums_b.variance()
    apart = spread_a + spread_b
    shared = 0.0 if cross is None else _covariance(cross, sums_a, sums_b)
    variance = apart - 2 * shared
    if variance <= _ALIKE * apart:
        return None
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
    """A difference of two figures whose own intervals need not be symmetrical."""

    a: Ratio | Score
    b: Ratio | Score
    method: str

    def bounds(self, confidence: float) -> tuple[float, float]:
        a, b = float(self.a), float(self.b)
        (low_a, high_a), (low_b, high_b) = self.a.interval(confidence), self.b.interval(confidence)
        return a - b - math.hypot(a - low_a, high_b - b), a - b + math.hypot(high_a - a, b - low_b)

    def p_value(self) -> float:
        """1 less the confidence at which the interval just reaches 0, by bisection to the last bit of a 1."""
        if float(self.a) == float(self.b):
            return 1.0
        short, far = 0.0, 1.0
        for _ in range(_BITS):
            middle = (short + far) / 2
            low, high = self.bounds(middle)
            short, far = (short, middle) if low <= 0 <= high else (middle, far)
        return 1 - far


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
