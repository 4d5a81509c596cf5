"""How often a change is reported where nothing has changed: customers are as likely as before to do as they did.

Shares by enumeration of the outcomes, each with its probability; all else in drawn shops. Where the customers of both
periods are counted, each of them does the same in both half of the time, and otherwise decides anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import stats

import retention as rt
from retention._numerics import CrossSums
from retention.comparison import Comparison
from retention.results import Ratio, Score
from tests.reference.simulation import (
    Coverage,
    Customers,
    Draw,
    Numbers,
    Population,
    change_of,
    net_score,
    with_refunds,
)

LEVELS = (0.05, 0.005)
"""The p-value at which a change passes for real: alone, and as the surest of ten after Holm's correction."""

_AS_BEFORE = 0.5
"""How often whoever is in both periods does the same without deciding anew, so that this is the correlation."""
_NEGLECTED = 5e-4
"""Probability of the rarest outcomes together, which are not looked at, and taken for false alarms."""
_NEVER = 1e-9


class Outcome(NamedTuple):
    """How many are in a share in the two periods, and among those in both: in the first, the second, and both."""

    probability: float
    hits: tuple[int, int]
    among_shared: tuple[int, int, int]


@cache
def of_shares(sizes: tuple[int, int], share: float, *, shared: int) -> tuple[float, ...]:
    """The probability of a p-value at or below each of the levels, of two periods with the same true share."""
    outcomes = sorted(_outcomes(sizes, share, shared), reverse=True)
    seen = np.cumsum([each.probability for each in outcomes])
    likely = outcomes[: int(np.searchsorted(seen, 1 - _NEGLECTED)) + 1]
    p_values = np.array([_p_value(each, sizes, shared) for each in likely])
    chances = np.array([each.probability for each in likely])
    return tuple(float(chances[p_values <= level].sum() + 1 - chances.sum()) for level in LEVELS)


def _outcomes(sizes: tuple[int, int], share: float, shared: int) -> Iterator[Outcome]:
    only = [stats.binom.pmf(np.arange(size - shared + 1), size - shared, share) for size in sizes]
    alone = np.outer(*only)
    for both, first, second, chance in _of_shared(shared, share):
        found = chance * alone
        for a, b in zip(*np.nonzero(found > _NEVER), strict=True):
            hits = int(a) + both + first, int(b) + both + second
            yield Outcome(float(found[a, b]), hits, (both + first, both + second, both))


def _of_shared(shared: int, share: float) -> Iterator[tuple[int, int, int, float]]:
    """How many of those in both periods are in the share in both, in the first alone, in the second alone."""
    twice = share * share + _AS_BEFORE * share * (1 - share)
    chances = [twice, share - twice, share - twice, 1 - 2 * share + twice]
    for both in range(shared + 1):
        for first in range(shared + 1 - both):
            for second in range(shared + 1 - both - first):
                counts = [both, first, second, shared - both - first - second]
                chance = float(stats.multinomial.pmf(counts, shared, chances)) if shared else 1.0
                if chance > _NEVER:
                    yield both, first, second, chance


def _p_value(outcome: Outcome, sizes: tuple[int, int], shared: int) -> float:
    a, b = (Ratio(hits, size) for hits, size in zip(outcome.hits, sizes, strict=True))
    if not shared:
        return _known(rt.compare(a, b))
    in_a, in_b, both = outcome.among_shared
    return _known(_change(a, b, CrossSums(n=sum(sizes) - shared, xx=shared, xy=in_b, yx=in_a, yy=both)))


def _change(a: Ratio | Score, b: Ratio | Score, cross: CrossSums) -> Comparison:
    """As `Snapshot.change` makes it."""
    return Comparison(a=a, b=b, labels=("later", "earlier"), title="", is_change=True, cross=cross)


def _known(found: Comparison) -> float:
    """The p-value; 1 where it is so far above all levels that there is no need to work it out."""
    if 0 in found.interval(0.85):
        return 1.0
    p_value = found.p_value
    assert p_value is not None
    return p_value


# --- net promoter scores ---


def of_net_scores(
    sizes: tuple[int, int], opinion: tuple[float, float], *, shared: int, drawn: int, seed: int
) -> tuple[Coverage, ...]:
    """How many p-values were at or below each of the levels, of two periods with the same true opinion.

    Args:
        sizes: Respondents of the two, who answer once in each.
        opinion: True shares of promoters and of detractors.
        shared: Respondents who are in both.
        drawn: How often to draw.
        seed: Of the random numbers.
    """
    random = np.random.default_rng(seed)
    return _alarms([_p_value_of_scores(random, sizes, opinion, shared) for _ in range(drawn)])


def _alarms(p_values: list[float]) -> tuple[Coverage, ...]:
    found = np.array(p_values)
    return tuple(Coverage(int((found <= level).sum()), len(found)) for level in LEVELS)


def _p_value_of_scores(
    random: Draw, sizes: tuple[int, int], opinion: tuple[float, float], shared: int
) -> float:
    a, b = (random.choice([1, -1, 0], size=size, p=[*opinion, 1 - sum(opinion)]) for size in sizes)
    again = random.random(shared) < _AS_BEFORE
    b[:shared][again] = a[:shared][again]
    if not shared:
        return _known(rt.compare(_score_of(a), _score_of(b)))
    in_a, in_b = a[:shared], b[:shared]
    cross = CrossSums(
        n=sum(sizes) - shared, xx=shared, xy=int(in_b.sum()), yx=int(in_a.sum()), yy=int(in_a @ in_b)
    )
    return _known(_change(_score_of(a), _score_of(b), cross))


def _score_of(votes: Numbers) -> Score:
    return net_score(np.ones_like(votes), (votes == 1).astype(int), (votes == -1).astype(int))


# --- orders and money ---


def of_changes(customers: Customers, n: int, metric: str, *, drawn: int, seed: int) -> tuple[Coverage, ...]:
    """Likewise of a figure of orders or money, in two periods of the same n customers, of whom some buy in each."""
    random, population = np.random.default_rng(seed), Population(customers)
    p_values = []
    for _ in range(drawn):
        tastes = population.tastes(random, n)
        before, after = (
            with_refunds(population.bought(random, tastes, random.poisson(tastes.rate)))[metric]
            for _ in ("before", "after")
        )
        p_values.append(_known(change_of(after, before)))
    return _alarms(p_values)
