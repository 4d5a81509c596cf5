"""The BG/BB against integrals over all probabilities that a customer may have, the paper's sum, and draws.

The integrals know nothing of the closed forms: they take what one customer of known probabilities does, and weigh it
with their density, on a fine grid of their logits, where such sums converge very fast.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from random import Random

import numpy as np
import pytest
from scipy import special, stats

from retention.predict import BgBb, RepeatPurchases
from retention.predict._bgbb_sums import log_odds

pytestmark = pytest.mark.simulation

PARAMETERS = [
    (1.204, 0.750, 0.657, 2.783),  # the supporters of the paper
    (0.4, 3.0, 1.0, 8.0),
    (5.0, 2.0, 3.0, 0.7),
]
CUSTOMERS = [(0, 0, 6), (1, 1, 6), (3, 5, 6), (6, 6, 6), (0, 0, 0), (7, 12, 40), (30, 31, 60), (25, 60, 60)]


def model_of(parameters: tuple[float, float, float, float]) -> BgBb:
    alpha, beta, gamma, delta = parameters
    return BgBb(alpha=alpha, beta=beta, gamma=gamma, delta=delta, unit="year")


Likelihood = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class Chances:
    """A grid of probabilities to buy and to leave, and of their opposites, with the weight of each pair."""

    def __init__(self, model: BgBb, points: int = 900) -> None:
        logits = np.linspace(-95, 60, points)
        step = logits[1] - logits[0]
        here, opposite = special.expit(logits), special.expit(-logits)

        def weights(a, b):
            return np.exp(a * np.log(here) + b * np.log(opposite) - special.betaln(a, b)) * step

        self.buys, self.not_buys = here[:, None], opposite[:, None]
        self.leaves, self.stays = here[None, :], opposite[None, :]
        self.weights = weights(model.alpha, model.beta)[:, None] * weights(model.gamma, model.delta)[None, :]

    def mean(self, figure: Likelihood) -> float:
        return float((figure(self.buys, self.not_buys, self.leaves, self.stays) * self.weights).sum())


def stayed(x: int, n: int) -> Likelihood:
    """That one of known probabilities bought at these x of n opportunities, and was there at the last."""
    return lambda buys, not_buys, _, stays: buys**x * not_buys ** (n - x) * stays**n


def left(x: int, t_x: int, n: int) -> Likelihood:
    """That one of known probabilities bought at these x, and left after the last of them."""

    def likelihood(buys, not_buys, leaves, stays):
        return sum(
            (buys**x * not_buys ** (j - x) * leaves * stays**j for j in range(t_x, n)), 0 * buys * leaves
        )

    return likelihood


@pytest.mark.parametrize("parameters", PARAMETERS)
class TestAgainstIntegrals:
    def test_the_likelihood(self, parameters):
        model = model_of(parameters)
        chances = Chances(model)
        for x, t_x, n in CUSTOMERS:
            found = BgBb._likelihood([(x, float(t_x), float(n), 1)])(model._log_parameters)[0]
            whole = chances.mean(stayed(x, n)) + chances.mean(left(x, t_x, n))
            assert found == pytest.approx(math.log(whole), rel=1e-9, abs=1e-9)

    def test_the_probability_alive_at_the_next_opportunity(self, parameters):
        model = model_of(parameters)
        chances = Chances(model)
        for x, t_x, n in CUSTOMERS:
            alive = chances.mean(
                lambda p, q, leaves, stays, x=x, n=n: stayed(x, n)(p, q, leaves, stays) * stays
            )
            whole = chances.mean(stayed(x, n)) + chances.mean(left(x, t_x, n))
            assert model._probability_alive(x, t_x, n) == pytest.approx(alive / whole, rel=1e-8)

    def test_the_expected_purchases(self, parameters):
        model = model_of(parameters)
        chances = Chances(model)
        for x, t_x, n in CUSTOMERS:
            whole = chances.mean(stayed(x, n)) + chances.mean(left(x, t_x, n))
            for horizon in (1, 5, 300):

                def to_come(buys, not_buys, leaves, stays, *, x=x, n=n, horizon=horizon):
                    with np.errstate(invalid="ignore", divide="ignore"):
                        summed = stays * -np.expm1(horizon * np.log(stays)) / leaves
                    there = np.where(leaves < 1e-12, horizon, summed)
                    return stayed(x, n)(buys, not_buys, leaves, stays) * buys * there

                expected = chances.mean(to_come) / whole
                assert model._expected_purchases(x, t_x, n, float(horizon)) == pytest.approx(
                    expected, rel=1e-8
                )


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_the_likelihood_is_the_sum_of_the_paper(parameters):
    alpha, beta, gamma, delta = parameters
    draws = Random(3)
    for _ in range(100):
        n = draws.choice([1, 6, 30, 400])
        t_x = draws.randint(0, n)
        x = draws.randint(1, t_x) if t_x else 0
        j = np.arange(t_x, n)
        terms = special.betaln(alpha + x, beta + j - x) + special.betaln(gamma + 1, delta + j)
        rest = special.betaln(alpha + x, beta + n - x) + special.betaln(gamma, delta + n)
        expected = float(np.logaddexp.reduce(terms - rest)) if len(j) else -math.inf
        assert log_odds(parameters, x, t_x, n) == pytest.approx(expected, rel=1e-10, abs=1e-10)


def test_every_history_of_five_opportunities_walked_through():
    """The probability of each of the 32 strings of yes and no, summed over when the customer left, term by term."""
    model = model_of(PARAMETERS[0])
    alpha, beta, gamma, delta = PARAMETERS[0]
    for history in product((0, 1), repeat=5):
        x, t_x = sum(history), max((at for at, bought in enumerate(history, start=1) if bought), default=0)
        whole = 0.0
        for there in range(t_x, 6):  # opportunities at which the customer was still there
            bought = special.beta(alpha + x, beta + there - x) / special.beta(alpha, beta)
            gone = 0 if there == 5 else 1
            whole += bought * special.beta(gamma + gone, delta + there) / special.beta(gamma, delta)
        found = BgBb._likelihood([(x, float(t_x), 5.0, 1)])(model._log_parameters)[0]
        assert math.exp(found) == pytest.approx(whole, rel=1e-12)


class TestAgainstDraws:
    MODEL = BgBb(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8, unit="year")

    def test_newcomers(self):
        draws = Random(1)
        drawn = [self.MODEL._drawn(draws, 12.0)[0] for _ in range(20_000)]
        error = np.std(drawn) / math.sqrt(len(drawn))
        assert abs(np.mean(drawn) - self.MODEL._expected_purchases_of_newcomer(12.0)) < 4 * error

    def test_those_who_are_known(self):
        draws = Random(2)
        who = (3, 4.0, 6.0)
        drawn = [len(self.MODEL._draw_future(draws, *who, 10.0)) for _ in range(20_000)]
        error = np.std(drawn) / math.sqrt(len(drawn))
        assert abs(np.mean(drawn) - self.MODEL._expected_purchases(*who, 10.0)) < 4 * error

    def test_draws_are_as_frequent_as_the_likelihood_has_it(self):
        draws = Random(4)
        base = RepeatPurchases.from_counts([(0, 0, 4, 40_000)], unit="year", discrete=True)
        seen = {
            (x, t_x): count for x, t_x, _, count in self.MODEL.simulate(base, seed=draws.randrange(99)).groups
        }
        expected = {
            (x, float(t_x)): 40_000
            * math.comb(max(t_x - 1, 0), max(x - 1, 0))
            * math.exp(BgBb._likelihood([(x, float(t_x), 4.0, 1)])(self.MODEL._log_parameters)[0])
            for t_x in range(5)
            for x in range(min(t_x, 1), t_x + 1)
        }
        assert stats.chisquare([seen[each] for each in expected], list(expected.values())).pvalue > 1e-3

    def test_fits_find_the_parameters_again(self):
        """Forty bases: each parameter is within its 95 % interval in at least 33 of them."""
        base = RepeatPurchases.from_counts([(0, 0, 8, 1_500)], unit="year", discrete=True)
        within = dict.fromkeys(self.MODEL.parameters, 0)
        for seed in range(40):
            found = BgBb.fit(self.MODEL.simulate(base, seed=seed))
            for name, true in self.MODEL.parameters.items():
                within[name] += true in found.interval(name)
        assert min(within.values()) >= 33
