"""sBG against what was published of it, other optimisers, and customers drawn from it.

Fader and Hardie (2007), "How to project customer retention", Journal of Interactive Marketing 21 (1), 76-90, fit two
segments of 1,000 customers each by their first seven years, and project them to the twelfth.
"""

from __future__ import annotations

import math
from random import Random

import pytest
from scipy import optimize, special, stats

from retention.predict.sbg import ShiftedBetaGeometric

pytestmark = pytest.mark.simulation

HIGH_END = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]
REGULAR = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]
"""Per cent of each segment still there at the end of the years 0 to 12."""
SEGMENTS = {"high end": (HIGH_END, 0.668, 3.806, -1611.2), "regular": (REGULAR, 0.704, 1.182, -1680.3)}


def fitted(per_cent: list[float]) -> ShiftedBetaGeometric:
    return ShiftedBetaGeometric.fit([round(10 * each) for each in per_cent[:8]], unit="year")


@pytest.mark.parametrize("segment", SEGMENTS)
class TestPublished:
    def test_parameters_and_likelihood(self, segment):
        per_cent, alpha, beta, log_likelihood = SEGMENTS[segment]
        model = fitted(per_cent)
        assert round(model.alpha, 3) == alpha
        assert round(model.beta, 3) == beta
        assert round(model.log_likelihood, 1) == log_likelihood

    def test_the_years_that_follow_are_met(self, segment):
        per_cent, *_ = SEGMENTS[segment]
        model = fitted(per_cent)
        for year in range(8, 13):
            assert 100 * float(model.survival(year)) == pytest.approx(per_cent[year], abs=1.7)
            assert per_cent[year] / 100 in model.survival(year).interval()

    def test_another_optimiser_finds_the_same(self, segment):
        per_cent, *_ = SEGMENTS[segment]
        there = [round(10 * each) for each in per_cent[:8]]

        def minus_likelihood(logs):
            alpha, beta = map(math.exp, logs)
            gone = [special.betaln(alpha + 1, beta + t) - special.betaln(alpha, beta) for t in range(7)]
            left = special.betaln(alpha, beta + 7) - special.betaln(alpha, beta)
            return -sum((there[t] - there[t + 1]) * gone[t] for t in range(7)) - there[7] * left

        best = optimize.minimize(
            minus_likelihood, (0, 0), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-10}
        )
        model = fitted(per_cent)
        assert (math.log(model.alpha), math.log(model.beta)) == pytest.approx(tuple(best.x), abs=1e-5)
        assert model.log_likelihood == pytest.approx(-best.fun, abs=1e-8)


def test_the_value_of_a_contract():
    """Fader and Hardie (2010), Marketing Science 29 (1), 85-93: closed forms by ₂F₁, at a discount of 10 % a year."""
    model = ShiftedBetaGeometric(alpha=0.668, beta=3.806, unit="year")
    new = model.customer_lifetime_value(margin=1, discount_rate=0.1)
    assert new.value == pytest.approx(float(special.hyp2f1(1, 3.806, 4.474, 1 / 1.1)), rel=1e-11)
    for n in range(1, 6):
        exact = (3.806 + n - 1) / (4.474 + n - 1) * special.hyp2f1(1, 3.806 + n, 4.474 + n, 1 / 1.1)
        found = model.discounted_residual_lifetime(renewals=n - 1, discount_rate=0.1)
        assert found.value == pytest.approx(float(exact), rel=1e-11)


class TestDrawn:
    """Customers drawn from known parameters, who began at different times and were watched until one day."""

    TRUE = ShiftedBetaGeometric(alpha=0.8, beta=2.5, unit="month")

    def drawn(self, random: Random, customers: int) -> ShiftedBetaGeometric:
        counts: dict[int, list[int]] = {}
        for _ in range(customers):
            leaves, watched = random.betavariate(0.8, 2.5), random.randint(0, 24)
            lived = 1 + math.floor(math.log(1 - random.random()) / math.log1p(-leaves))
            counts.setdefault(min(lived, watched), [0, 0])[lived > watched] += 1
        return ShiftedBetaGeometric.fit_counts({n: (a, b) for n, (a, b) in counts.items()}, unit="month")

    def test_intervals_hold_the_truth_as_often_as_they_say(self):
        random = Random(20)
        models = [self.drawn(random, 600) for _ in range(120)]
        hits = {
            "alpha": sum(0.8 in each.interval("alpha") for each in models),
            "beta": sum(2.5 in each.interval("beta") for each in models),
            "survival": sum(float(self.TRUE.survival(36)) in each.survival(36).interval() for each in models),
            "tenure": sum(
                float(self.TRUE.expected_tenure(within=36)) in each.expected_tenure(within=36).interval()
                for each in models
            ),
        }
        low, high = stats.binom.ppf([0.0005, 0.9995], len(models), 0.95)
        assert all(low <= hit <= high for hit in hits.values()), hits

    def test_many_customers_give_the_parameters_back(self):
        model = self.drawn(Random(5), 60_000)
        assert model.alpha == pytest.approx(0.8, abs=3 * model.standard_errors["alpha"])
        assert model.beta == pytest.approx(2.5, abs=3 * model.standard_errors["beta"])
        assert model.standard_errors["alpha"] < 0.03
