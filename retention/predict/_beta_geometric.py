"""What BG/NBD and MBG/NBD share: customers who purchase at random times and may leave after a purchase.

The two differ in one thing: whether a customer may leave after the first purchase already, or only after a repeat.
`first` is 1 where that first chance to leave exists, else 0.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

from retention.predict._optimise import Objective
from retention.predict._repeat_purchases import Group
from retention.predict._special import digamma_rise, log_gamma_ratio, trigamma

__all__ = ["expected_while_alive", "log_likelihood"]

Steps: TypeAlias = list[tuple[int, int, int]]
"""From which purchase to which, as in `range`, and how many customers made that many."""

_EPSILON = 2.0**-53
_MOST_TERMS = 1000
"""Of the series, beyond which the integral is quicker."""
_LARGE = 1e200
_LOG_LARGE = math.log(_LARGE)
_TINY = 1e-22
_FARTHEST = -700.0
"""Logarithm of the smallest chance that is told from nothing, for horizons near the largest float."""
_FEW = 16
"""Factors that are quicker multiplied than taken from two gamma functions."""


def log_likelihood(groups: Sequence[Group], *, first: int) -> Objective:
    """The log-likelihood of the groups at log r, log alpha, log a, log b, with its gradient.

    What hangs on the frequency alone, or on the age alone, is summed over customers beforehand. Rising factorials
    take the place of gamma functions, whose small differences would lose their digits where a parameter is large.
    """
    purchases = _steps(groups, 0)
    chances = _steps(groups, first)
    ages = _sums_by_age(groups)
    silences = _silences(groups, first)

    def objective(position: Sequence[float]) -> tuple[float, Sequence[float]]:
        r, alpha, a, b = map(math.exp, position)
        bought, by_r = _rising(purchases, r)
        stayed, by_a, by_b = _stayed(chances, a, b)
        watched, by_r_watched, by_alpha = _watched(ages, r, alpha)
        left, by_r_left, by_alpha_left, weight, by_b_left = _left(silences, r, alpha, a, b)
        return bought + stayed + watched + left, (
            r * (by_r + by_r_watched + by_r_left),
            alpha * (by_alpha + by_alpha_left),
            a * by_a + weight,
            b * (by_b - by_b_left),
        )

    return objective


# ----------------------------------------------------------------------------- what is summed beforehand


def _steps(groups: Sequence[Group], first: int) -> Steps:
    """How many customers took the j-th step or more, for each run of j where that number is the same."""
    counts: dict[int, int] = defaultdict(int)
    for x, _, _, count in groups:
        counts[x + first] += count
    steps: Steps = []
    taken = sum(counts.values()) - counts.pop(0, 0)
    start = 0
    for stop in sorted(counts):
        steps.append((start, stop, taken))
        taken -= counts[stop]
        start = stop
    return steps


def _sums_by_age(groups: Sequence[Group]) -> list[tuple[float, int, int]]:
    """Each age, with the number of customers and of their repeat purchases."""
    sums: dict[float, list[int]] = defaultdict(lambda: [0, 0])
    for x, _, age, count in groups:
        of_age = sums[age]
        of_age[0] += count
        of_age[1] += count * x
    return [(age, customers, bought) for age, (customers, bought) in sorted(sums.items())]


def _silences(
    groups: Sequence[Group], first: int
) -> list[tuple[int, int, list[tuple[float, float, float, int]]]]:
    """By frequency, of those who may have left: time of the last purchase, age, and the time between the two."""
    may_have_left = (group for group in sorted(groups) if group[0] + first)
    return [
        (x, x + first - 1, [(t_x, age, age - t_x, count) for _, t_x, age, count in rows])
        for x, rows in groupby(may_have_left, key=itemgetter(0))
    ]


# --------------------------------------------------------------------------- the parts of the likelihood


def _rising(steps: Steps, value: float) -> tuple[float, float]:
    """Σ n·log((value + start)…(value + stop − 1)), and its derivative."""
    total = slope = 0.0
    for start, stop, count in steps:
        if stop - start <= _FEW:
            factors = [value + j for j in range(start, stop)]
            total += count * math.fsum(map(math.log, factors))
            slope += count * sum([1 / factor for factor in factors])
        else:
            total += count * log_gamma_ratio(value + start, stop - start)
            slope += count * digamma_rise(value + start, stop - start)
    return total, slope


def _stayed(steps: Steps, a: float, b: float) -> tuple[float, float, float]:
    """Log of how probable it is to have stayed at each chance to leave, and its derivatives by a and b."""
    total = by_a = by_b = 0.0
    for start, stop, count in steps:
        if stop - start <= _FEW:
            stays = [b + j for j in range(start, stop)]
            total -= count * sum([math.log1p(a / stay) for stay in stays])
            by_a -= count * sum([1 / (a + stay) for stay in stays])
            by_b += count * sum([a / (stay * (a + stay)) for stay in stays])
        else:
            low = b + start
            both = digamma_rise(a + low, stop - start)
            total += count * (log_gamma_ratio(low, stop - start) - log_gamma_ratio(a + low, stop - start))
            by_a -= count * both
            by_b += count * (digamma_rise(low, stop - start) - both)
    return total, by_a, by_b


def _watched(ages: list[tuple[float, int, int]], r: float, alpha: float) -> tuple[float, float, float]:
    """Log of the rate's part, as if all had stayed to the end, and its derivatives by r and alpha."""
    total = by_r = by_alpha = 0.0
    for age, customers, bought in ages:
        end = alpha + age
        longer = customers * math.log1p(age / alpha)
        total -= r * longer + bought * math.log(end)
        by_r -= longer
        by_alpha += (r * customers * age / alpha - bought) / end
    return total, by_r, by_alpha


def _left(
    silences: list[tuple[int, int, list[tuple[float, float, float, int]]]],
    r: float,
    alpha: float,
    a: float,
    b: float,
) -> tuple[float, float, float, float, float]:
    """Log of 1 + the odds of having left, its derivatives by r, alpha, log a and b (the last with its sign turned)."""
    exp, log1p = math.exp, math.log1p
    total = by_r = by_alpha = weight = by_b = 0.0
    for x, stays, rows in silences:
        shape = r + x
        start = math.log(a / (b + stays))
        gone = by_shape = by_rate = 0.0
        for t_x, age, silence, count in rows:
            last = alpha + t_x
            longer = log1p(silence / last)
            odds = start + shape * longer
            if odds > 0:
                inverse = exp(-odds)
                total += count * (odds + log1p(inverse))
                share = count / (1 + inverse)
            else:
                ratio = exp(odds)
                total += count * log1p(ratio)
                share = count * ratio / (1 + ratio)
            gone += share
            by_shape += share * longer
            by_rate += share * silence / (last * (alpha + age))
        by_r += by_shape
        by_alpha -= shape * by_rate
        weight += gone
        by_b += gone / (b + stays)
    return total, by_r, by_alpha, weight, by_b


# ------------------------------------------------------------------------------------ what is to come


def expected_while_alive(shape: float, rate: float, a: float, b: float, horizon: float) -> float:
    """Purchases to expect of someone who is a customer now, with a rate drawn from Gamma and a chance to leave from Beta.

    While nobody leaves, the number of purchases N is negative binomial; if p is the chance to leave after each, the
    n-th is made with probability (1 − p)ⁿ⁻¹. So one sums E[(1 − p)ʲ]·P(N > j), of which every term is positive. The
    closed form, (a + b − 1)/(a − 1)·[1 − …₂F₁…], is the same sum; near a = 1 it is 0/0, and where the horizon is
    short it is a small difference of numbers near 1.
    """
    odds = horizon / rate
    if not odds:
        return 0.0
    mean = shape * odds
    # Far into the tail: fifteen standard deviations and, for a small shape, the exponential decay of the tail.
    terms = mean + 15 * math.sqrt(mean * (1 + odds)) + 37 * (1 + odds)
    if terms <= _MOST_TERMS:
        return _by_series(shape, odds, a, b)
    return _by_integral(shape, odds, a, b)


def _by_series(shape: float, odds: float, a: float, b: float) -> float:
    """Σ P(N = n)·qₙ, with qₙ = Σ E[(1 − p)ʲ] over j < n."""
    ratio = odds / (1 + odds)
    negligible = _EPSILON / (1 + odds)
    scale = -shape * math.log1p(odds)
    chance = stays = 1.0  # P(N = n) / P(N = 0) and E[(1 − p)ⁿ]
    made = total = 0.0
    n = 0
    while True:
        chance *= ratio * (shape + n) / (n + 1)
        made += stays
        stays *= (b + n) / (a + b + n)
        n += 1
        term = chance * made
        total += term
        if term <= negligible * total:
            return total * math.exp(scale)
        if chance > _LARGE:
            chance /= _LARGE
            total /= _LARGE
            scale += _LOG_LARGE


def _by_integral(shape: float, odds: float, a: float, b: float) -> float:
    """E[(1 − (1 + p·odds)^−shape) / p] over p from Beta(a, b), by equal steps in y = log(p / (1 − p)).

    The sum converges exponentially, as the integrand is smooth on the whole line and decays on both sides
    (Trefethen & Weideman 2014). Where p, or 1 − p, is so small that only the density changes, what remains is a
    geometric series.
    """
    step = min(0.2, 0.5 * math.sqrt(trigamma(a) + trigamma(b)))
    centre = math.log(a / b)
    peak = _log_density(centre, a, b)
    highest = _rate_of_purchases(centre, shape, odds)
    outside = 40 + math.log1p(a + b)
    left = min(centre, max(_FARTHEST, -outside - math.log1p(shape * odds)))
    right = max(centre, outside)
    top, bottom = highest, 1.0
    for stride, end, decay, ceiling in ((-step, left, a, shape * odds), (step, right, b, highest)):
        y = centre
        density = 1.0
        while density * ceiling > _TINY * top:
            y += stride
            density = math.exp(_log_density(y, a, b) - peak)
            beyond = (y - end) * stride > 0
            if beyond:
                density /= -math.expm1(-decay * step)
            top += density * _rate_of_purchases(y, shape, odds)
            bottom += density
            if beyond:
                break
    return top / bottom


def _log_density(y: float, a: float, b: float) -> float:
    """Log of pᵃ·(1 − p)ᵇ."""
    return -b * y - (a + b) * math.log1p(math.exp(-y)) if y > 0 else a * y - (a + b) * math.log1p(math.exp(y))


def _rate_of_purchases(y: float, shape: float, odds: float) -> float:
    """Purchases to expect of someone who leaves with chance p after each."""
    p = 1 / (1 + math.exp(-y)) if y > 0 else math.exp(y) / (1 + math.exp(y))
    return -math.expm1(-shape * math.log1p(p * odds)) / p
