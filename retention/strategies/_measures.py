"""What of a result a rule is judged on: one number, its interval, and how many stand behind it."""

from __future__ import annotations

from decimal import Decimal
from math import floor, sqrt

from retention._linearised import InverseShare, Linearised
from retention._numerics import ClusterSums, TwoGroups, normal_quantile
from retention.catalog import Result
from retention.errors import UndefinedMetricError
from retention.results import (
    CustomerFlow,
    Distribution,
    Interval,
    Mean,
    Ratio,
    RevenueFlow,
    Score,
)

__all__ = ["counted_as", "has_sums", "interval_of", "sample_of", "scale_of", "value_of"]


def value_of(result: Result | None) -> float | None:
    """The figure as one number: a median for times, and for a flow what it ends with; None when there is none."""
    if isinstance(result, (CustomerFlow, RevenueFlow)):
        return float(result.end) if result.observable else None
    value = result.value if isinstance(result, (Ratio, Mean, Score, Distribution)) else result
    return float(value) if isinstance(value, (int, float, Decimal)) else None


def interval_of(result: Result | None, confidence: float) -> Interval | None:
    """Its interval, or None where none is known."""
    if isinstance(result, Distribution):
        return _of_median(result, confidence)
    if not isinstance(result, (Ratio, Mean, Score)):
        return None
    try:
        return result.interval(confidence)
    except UndefinedMetricError:
        return None


def _of_median(times: Distribution, confidence: float) -> Interval | None:
    """Two of the times between which the median lies, whatever their distribution; None where there are too few.

    As many lie below the median as heads among so many throws of a coin.
    """
    number = len(times)
    place = _heads(number, (1 - confidence) / 2)
    if not place:
        return None
    low, high = (times.microseconds[at] / _DAY for at in (place - 1, number - place))
    return Interval(
        low=low,
        high=high,
        confidence=confidence,
        method="order statistics, each time on its own",
        shown_as=".1f" if low >= 1 else ".3f",
    )


def _heads(throws: int, chance: float) -> int:
    """The most heads that so many throws stay below with no more than a chance."""
    if throws > _EXACT:
        return floor((throws - normal_quantile(1 - 2 * chance) * sqrt(throws)) / 2)
    ways, below, most = 1, 0, chance * 2**throws
    for heads in range(throws):
        below += ways
        if below > most:
            return heads
        ways = ways * (throws - heads) // (heads + 1)
    return 0


_DAY = 86_400_000_000
_EXACT = 1000
"""With more throws than that the normal distribution tells the same."""


def has_sums(result: Result | None) -> bool:
    """Whether it is a figure that has an interval as soon as enough stand behind it."""
    if isinstance(result, Distribution):
        return True
    if isinstance(result, Score):
        return result.sampling is not None
    return isinstance(result, (Ratio, Mean)) and isinstance(
        result.sampling, (ClusterSums, TwoGroups, Linearised, InverseShare)
    )


def sample_of(result: Result | None) -> int | None:
    """How many were sampled: customers where these are known, else whatever was counted; None of sums of money."""
    if isinstance(result, Score):
        return result.count if result.sampling is None else result.sampling.sums.n
    if isinstance(result, Distribution):
        return result.count
    if not isinstance(result, (Ratio, Mean)):
        return None
    if isinstance(result.sampling, TwoGroups):
        return min(result.sampling.top.n, result.sampling.bottom.n)
    if isinstance(result.sampling, Linearised):
        return result.sampling.n if result.sampling.fewest is None else result.sampling.fewest
    if isinstance(result.sampling, (ClusterSums, InverseShare)):
        return result.sampling.n
    out_of = result.denominator if isinstance(result, Ratio) else result.count
    return out_of if isinstance(out_of, int) else None


def counted_as(result: Result | None, unit: str) -> str:
    """What was sampled, in a word or a few; of a count, what it counts."""
    if isinstance(result, (int, CustomerFlow)):
        return unit or "cases"
    knows_itself = isinstance(result, Distribution) or (
        sample_of(result) is not None and not has_sums(result)
    )
    if knows_itself and isinstance(result, (Ratio, Mean, Score, Distribution)):
        return result.basis.counted[-1] if result.basis.counted else "cases"
    return "customers"  # the sums are over customers, whatever was counted of each


def scale_of(result: Result | None) -> tuple[float, float] | None:
    """The lowest and the highest value that it can have, or None where there is no such end."""
    if isinstance(result, Score):
        return result.low, result.high
    return (0.0, 1.0) if isinstance(result, Ratio) and result.bounded else None
