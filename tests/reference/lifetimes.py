"""How often the intervals of lifespan and lifetime value hold the true ones, in drawn shops.

All customers of the month before are the base; each of them leaves with the same chance. Who stays buys, as do some
newcomers, who spend less: so spend and churn are no strangers to one another. Spend varies between customers.
Residuals are added up customer by customer here, and the library is handed the sums.
"""

from __future__ import annotations

from fractions import Fraction

import attrs
import numpy as np

from retention._linearised import InverseShare, Linearised
from retention.results import Mean, Ratio
from tests.reference.simulation import Coverage, Draw, Numbers, Tally, quick_quantiles

_NEWCOMERS = 0.2
"""Of the base, on average."""
_LESS = 0.6
"""What a newcomer spends, of what another does."""
_SPEND = 50.0


@attrs.frozen(kw_only=True)
class World:
    """Shops of so many customers.

    Attributes:
        customers: Customers at the start.
        churn: The chance of each to leave.
        tail: Standard deviation of the logarithm of what a customer spends.
    """

    customers: int
    churn: float
    tail: float = 0.7

    def value(self) -> float:
        """The true lifetime value."""
        staying = 1 - self.churn
        spend = _SPEND * (staying + _LESS * _NEWCOMERS) / (staying + _NEWCOMERS)
        return spend / self.churn

    def spend(self, random: Draw, n: int) -> Numbers:
        return np.asarray(random.lognormal(-(self.tail**2) / 2, self.tail, n) * _SPEND)

    def shop(self, random: Draw) -> dict[str, Mean | Ratio]:
        """The figures of one shop; none where nobody left, or everybody did."""
        n = self.customers
        lost = int(random.binomial(n, self.churn))
        stayed, new = n - lost, int(random.poisson(_NEWCOMERS * n))
        if lost in (0, n):
            return {}
        y = np.concatenate([self.spend(random, stayed), _LESS * self.spend(random, new)])
        months = Ratio(n, lost, bounded=False, sampling=InverseShare(hits=lost, n=n, unit=Fraction(1)))
        log, plain = (_value(y, stayed, lost, is_log=is_log) for is_log in (True, False))
        return {"lifespan": months, "value": log, "value, plain": plain}


def _value(y: Numbers, stayed: int, lost: int, *, is_log: bool) -> Mean:
    """Lifetime value of those who spent y, of whom the first `stayed` were of the base."""
    active, start, mean = len(y), stayed + lost, float(y.mean())
    churn = lost / start
    relative = np.concatenate([(y - mean) / (active * mean), np.full(lost, -(1 - churn) / lost)])
    relative[:stayed] += 1 / start
    cents = round(mean / churn * 100) * active
    figure = Fraction(cents, 100 * active)
    return Mean(
        cents,
        100 * active,
        sampling=Linearised(
            n=active + lost,
            figure=figure,
            residuals=Fraction(float((relative**2).sum())) * figure**2,
            fewest=min(active, start) if is_log else None,
            is_log=is_log,
        ),
    )


@quick_quantiles()
def coverage(world: World, *, drawn: int, seed: int) -> dict[str, Coverage]:
    """How often the intervals of `drawn` shops hold the true figures, and how many shops have figures."""
    random, tally = np.random.default_rng(seed), Tally()
    truth = {"lifespan": 1 / world.churn, "value": world.value(), "value, plain": world.value()}
    known = 0
    for _ in range(drawn):
        figures = world.shop(random)
        known += bool(figures)
        for name, figure in figures.items():
            tally.add(name, figure, truth[name])
    return {**tally.coverage(), "with a figure": Coverage(known, drawn)}
