"""Kaplan and Meier's estimate, Aalen and Johansen's, Greenwood's variance, and the area under the curve."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import compress
from typing import TypeAlias

from attrs import frozen

from retention.survival._columns import DAY, MICROSECOND_IN_DAYS
from retention.survival._table import LifeTable

__all__ = ["Estimates", "Reach", "Steps", "area", "area_variance", "estimates_of", "incidence_steps"]


Steps: TypeAlias = tuple[Sequence[float], Sequence[float]]
"""Values after each time, and their variances."""


@frozen(kw_only=True)
class Reach:
    """For which times since the origin a curve can be told.

    Attributes:
        start: Where the first spell began to be watched, in microseconds: 0, unless all entered late.
        until: The last time that can be told; None where all have ended, so that it stays at 0.
        emptied: Why it is the last, though others lasted longer: "ends" where all who were watched ended at the next
            instant, "gap" where nobody was watched for a time. Else None.
        position: How many of the times of the table lie within it.
    """

    start: int
    until: int | None
    emptied: str | None
    position: int


@frozen(kw_only=True, eq=False)
class Estimates:
    """The curve at each time at which a spell ended, as far as it can be told.

    Attributes:
        times: The times in microseconds, ascending.
        at_risk: How many were watched just before.
        ended: How many ended.
        survival: The share that has not ended, just after.
        greenwood: Σ d / (n·(n − d)) up to it: the variance of the logarithm of the share.
        reach: For which times all this holds.
    """

    times: array[int]
    at_risk: array[int]
    ended: array[int]
    survival: array[float]
    greenwood: array[float]
    reach: Reach

    def place(self, time: int) -> int:
        """How many of the times have come by `time`."""
        return bisect_right(self.times, time)


def estimates_of(table: LifeTable) -> Estimates:
    """All estimates of a table."""
    at_risk, ended = table.at_risk(), table.ended()
    reach = _reach(table, at_risk, ended)
    position = reach.position
    had_ends = ended[:position]
    times = array("q", compress(table.times, had_ends))
    risk = array("q", compress(at_risk[:position], had_ends))
    ends = array("q", filter(None, had_ends))
    survival, greenwood = _kaplan_meier(risk, ends)
    return Estimates(
        times=times, at_risk=risk, ended=ends, survival=survival, greenwood=greenwood, reach=reach
    )


def _reach(table: LifeTable, at_risk: Sequence[int], ended: Sequence[int]) -> Reach:
    times, late = table.times, table.late
    if not times:
        return Reach(start=0, until=-1, emptied=None, position=0)
    on_time = table.count > sum(table.entered)
    start = 0 if on_time else late[0]
    if late:
        for position, censored in enumerate(table.censored[:-1]):
            if at_risk[position] > ended[position] + censored:
                continue
            if at_risk[position] == ended[position]:
                return Reach(start=start, until=times[position] - 1, emptied="ends", position=position)
            if not _holds(late, times[position]):
                return Reach(start=start, until=times[position], emptied="gap", position=position + 1)
    falls_to_nothing = at_risk[-1] == ended[-1]
    return Reach(
        start=start, until=None if falls_to_nothing else times[-1], emptied=None, position=len(times)
    )


def _holds(ascending: Sequence[int], value: int) -> bool:
    """Whether a value is among ascending ones."""
    place = bisect_left(ascending, value)
    return place < len(ascending) and ascending[place] == value


def _kaplan_meier(at_risk: Sequence[int], ended: Sequence[int]) -> tuple[array[float], array[float]]:
    """∏ (1 − d/n), and Σ d/(n·(n − d)).

    As long as nobody is lost but by an end, the product is a single quotient, which is not rounded on the way.
    """
    survival, greenwood = array("d"), array("d")
    base, of, left = 1.0, 0, -1
    share, variance = 1.0, 0.0
    for here, gone in zip(at_risk, ended, strict=True):
        if here != left:
            base, of = share, here
        left = here - gone
        share = base * left / of
        if left:
            variance += gone / (here * left)
        survival.append(share)
        greenwood.append(variance)
    return survival, greenwood


def incidence_steps(estimates: Estimates, ended: Sequence[int]) -> Steps:
    """The shares that have ended of one cause, just after each time, and their variances by the delta method.

    `ended` has the ends of that cause at each of the times. The variance is that of Marubini and Valsecchi
    (1995), Analysing Survival Data from Clinical Trials and Observational Studies, ch. 10, as one pass: with
    v = d/(n·(n − d)), and S the share just before,

    Σ (F − Fⱼ)²·v + Σ S²·dₖ·(n − dₖ)/n³ − 2·Σ (F − Fⱼ)·S·dₖ/n².
    """
    values, variances = array("d"), array("d")
    before, share = 1.0, 0.0
    a = b = c = d = e = f = 0.0
    rows = zip(estimates.at_risk, estimates.ended, ended, estimates.survival, strict=True)
    for here, gone, of_cause, after in rows:
        step = before * of_cause / here
        share += step
        if gone < here:
            weight = gone / (here * (here - gone))
            a += weight
            b += weight * share
            c += weight * share * share
        if of_cause:
            d += step * before * (here - of_cause) / (here * here)
            e += step / here
            f += share * step / here
        before = after
        variance = share * share * a - 2 * share * b + c + d - 2 * (share * e - f)
        values.append(min(1.0, share))
        variances.append(max(0.0, variance))
    return values, variances


def area(estimates: Estimates, until: int) -> float:
    """The area under the curve up to a time within reach, in days."""
    total, before, share = 0.0, 0, 1.0
    for time, after in zip(estimates.times, estimates.survival, strict=True):
        if time >= until:
            break
        total += (time - before) * share
        before, share = time, after
    return (total + (until - before) * share) / DAY


def area_variance(estimates: Estimates, until: int) -> float:
    """Σ A²·d/(n·(n − d)), A the area under the curve from each end on, up to a time: in days²."""
    place = estimates.place(until)
    total, beyond, after = 0.0, 0.0, until
    for position in range(place - 1, -1, -1):
        time, here, gone = estimates.times[position], estimates.at_risk[position], estimates.ended[position]
        beyond += (after - time) * MICROSECOND_IN_DAYS * estimates.survival[position]
        after = time
        if gone < here:
            total += beyond * beyond * gone / (here * (here - gone))
    return total
