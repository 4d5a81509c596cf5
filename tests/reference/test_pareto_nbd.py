"""The Pareto/NBD against integrals over all rates that a customer may have, the papers' formula, and draws.

The integrals know nothing of the closed forms: they take what one customer of known rates does, and weigh it with
the density of the rates, on a fine grid of their logarithms, where such sums converge very fast.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from scipy import special, stats

from retention.predict import ParetoNbd, RepeatPurchases
from retention.predict._pareto_nbd_integral import departure
from tests.reference.cdnow_calibration import cdnow_base

pytestmark = pytest.mark.simulation

PARAMETERS = [
    (0.553, 10.578, 0.606, 11.669),  # the CDNOW sample
    (0.8, 3.0, 2.5, 40.0),
    (2.2, 30.0, 0.4, 3.0),
    (1.5, 8.0, 1.0, 8.0),
]
CUSTOMERS = [
    (0, 0.0, 39.0),
    (1, 3.0, 39.0),
    (2, 30.43, 38.86),
    (12, 30.0, 30.0),
    (25, 20.0, 39.0),
    (40, 38.0, 39.0),
]


def model_of(parameters: tuple[float, float, float, float]) -> ParetoNbd:
    r, alpha, s, beta = parameters
    return ParetoNbd(r=r, alpha=alpha, s=s, beta=beta, unit="week")


class Rates:
    """A grid of purchase rates and rates of leaving, with the weight of each pair."""

    def __init__(self, model: ParetoNbd, points: int = 1_200) -> None:
        logs = np.linspace(-70, 7, points)
        rates = np.exp(logs)
        step = logs[1] - logs[0]
        of_buying = stats.gamma.pdf(rates, model.r, scale=1 / model.alpha) * rates * step
        of_leaving = stats.gamma.pdf(rates, model.s, scale=1 / model.beta) * rates * step
        self.buys, self.leaves = rates[:, None], rates[None, :]
        self.weights = of_buying[:, None] * of_leaving[None, :]

    def mean(self, figure: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> float:
        return float((figure(self.buys, self.leaves) * self.weights).sum())


def stayed(x: int, age: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """That one of known rates bought x times, at those moments, and is still there."""
    return lambda buys, leaves: np.exp(x * np.log(buys) - (buys + leaves) * age)


def left(x: int, t_x: float, age: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """That one of known rates bought x times, at those moments, and has left since the last."""

    def likelihood(buys, leaves):
        both = buys + leaves
        return np.exp(x * np.log(buys) - both * t_x) * leaves / both * -np.expm1(-both * (age - t_x))

    return likelihood


@pytest.mark.parametrize("parameters", PARAMETERS)
class TestAgainstIntegrals:
    def test_the_likelihood(self, parameters):
        model = model_of(parameters)
        rates = Rates(model)
        for x, t_x, age in CUSTOMERS:
            found = ParetoNbd._likelihood([(x, t_x, age, 1)])(model._log_parameters)[0]
            whole = rates.mean(stayed(x, age)) + rates.mean(left(x, t_x, age))
            assert found == pytest.approx(math.log(whole), rel=1e-9)

    def test_the_probability_alive(self, parameters):
        model = model_of(parameters)
        rates = Rates(model)
        for x, t_x, age in CUSTOMERS:
            alive, gone = rates.mean(stayed(x, age)), rates.mean(left(x, t_x, age))
            assert model._probability_alive(x, t_x, age) == pytest.approx(alive / (alive + gone), rel=1e-8)

    def test_the_expected_purchases(self, parameters):
        model = model_of(parameters)
        rates = Rates(model)
        for x, t_x, age in CUSTOMERS:
            whole = rates.mean(stayed(x, age)) + rates.mean(left(x, t_x, age))
            for horizon in (1.0, 39.0, 500.0):

                def to_come(buys, leaves, x=x, age=age, horizon=horizon):
                    return stayed(x, age)(buys, leaves) * buys * -np.expm1(-leaves * horizon) / leaves

                expected = rates.mean(to_come) / whole
                assert model._expected_purchases(x, t_x, age, horizon) == pytest.approx(expected, rel=1e-8)

    def test_the_expected_purchases_of_a_newcomer(self, parameters):
        model = model_of(parameters)
        rates = Rates(model)
        for horizon in (1.0, 39.0, 500.0):
            expected = rates.mean(lambda buys, leaves, t=horizon: buys * -np.expm1(-leaves * t) / leaves)
            assert model._expected_purchases_of_newcomer(horizon) == pytest.approx(expected, rel=1e-8)


def hypergeometric(alpha: float, beta: float, p: float, q: float, silent: float) -> float:
    """The integral as the papers write it: a difference of two ₂F₁, one at each end."""
    n = p + q - 1
    greater, power = (alpha, q) if alpha >= beta else (beta, p)

    def from_there_on(y):
        return special.hyp2f1(n, power, n + 1, abs(alpha - beta) / (greater + y)) / (greater + y) ** n

    return (from_there_on(0.0) - from_there_on(silent)) / n


@pytest.mark.parametrize("alpha, beta", [(10.6, 11.7), (11.7, 10.6), (7.0, 7.0), (2.0, 90.0), (90.0, 2.0)])
def test_the_integral_is_the_difference_of_the_papers(alpha, beta):
    for x, t_x, age in CUSTOMERS:
        if t_x < age:
            at = alpha + t_x, beta + t_x, 0.55 + x, 1.6
            found = departure(*at, age - t_x).log_integral - at[2] * math.log(at[0]) - at[3] * math.log(at[1])
            assert found == pytest.approx(math.log(hypergeometric(*at, age - t_x)), rel=1e-9)


def panelled(alpha: float, beta: float, p: float, q: float, silent: float) -> tuple[float, ...]:
    """The integral and its means by brute force: very many nodes on panels that begin as fine as the decay is."""
    places, weights = np.polynomial.legendre.leggauss(80)
    nearer = min(alpha, beta)
    length = math.log1p(silent / nearer)
    edges, width = [0.0], min(length, 0.5 / (p + q))
    while edges[-1] < length:
        edges.append(min(length, edges[-1] + width))
        width = min(1.0, width * 1.5)
    u = np.concatenate([low + (high - low) * (places + 1) / 2 for low, high in pairwise(edges)])
    du = np.concatenate([weights * (high - low) / 2 for low, high in pairwise(edges)])
    moved = nearer * np.exp(u)
    a, b = moved + (alpha - nearer), moved + (beta - nearer)
    mass = du * moved * np.exp(-p * np.log(a / alpha) - q * np.log(b / beta))
    total = mass.sum()
    y = nearer * np.expm1(u)
    means = [(mass * each).sum() / total for each in (np.log1p(y / alpha), np.log1p(y / beta), y / a, y / b)]
    return math.log(total), *map(float, means)


def test_the_integral_over_hostile_ranges():
    draws = Random(11)
    for number in range(100):
        alpha, beta = (10 ** draws.uniform(-4, 4) for _ in range(2))
        if number % 10 == 0:
            beta = alpha * draws.choice([1, 1 + 1e-15, 1 + 1e-9])
        x = draws.choice([0, 0, 1, 5, 20, 1_000, 20_000])
        silent = 10 ** draws.choice([draws.uniform(-1, 4), -9])
        at = alpha, beta, 10 ** draws.uniform(-3, 2) + x, 10 ** draws.uniform(-3, 2) + 1, silent
        assert departure(*at) == pytest.approx(panelled(*at), rel=1e-10, abs=1e-10), at


class TestAgainstDraws:
    MODEL = ParetoNbd(r=0.9, alpha=8.0, s=0.7, beta=15.0, unit="week")

    def test_newcomers(self):
        draws = Random(1)
        drawn = [self.MODEL._drawn(draws, 40.0)[0] for _ in range(20_000)]
        error = np.std(drawn) / math.sqrt(len(drawn))
        assert abs(np.mean(drawn) - self.MODEL._expected_purchases_of_newcomer(40.0)) < 4 * error

    def test_those_who_are_known(self):
        draws = Random(2)
        who = (3, 15.0, 25.0)
        drawn = [len(self.MODEL._draw_future(draws, *who, 30.0)) for _ in range(20_000)]
        error = np.std(drawn) / math.sqrt(len(drawn))
        assert abs(np.mean(drawn) - self.MODEL._expected_purchases(*who, 30.0)) < 4 * error

    def test_what_was_drawn_of_a_customer_s_first_half_foretells_the_second(self):
        """Each one's expectation given the first 20 weeks, added up, is what they bought in the next 20."""
        draws = Random(3)
        expected = bought = squares = 0.0
        for _ in range(8_000):
            often = draws.gammavariate(self.MODEL.r, 1 / self.MODEL.alpha)
            end = min(40.0, draws.expovariate(draws.gammavariate(self.MODEL.s, 1 / self.MODEL.beta)))
            times, time = [], draws.expovariate(often)
            while time <= end:
                times.append(time)
                time += draws.expovariate(often)
            known = [each for each in times if each <= 20]
            foretold = self.MODEL._expected_purchases(len(known), known[-1] if known else 0.0, 20.0, 20.0)
            expected += foretold
            bought += len(times) - len(known)
            squares += (len(times) - len(known) - foretold) ** 2
        assert abs(bought - expected) < 4 * math.sqrt(squares)

    def test_fits_find_the_parameters_again(self):
        """In their 95 % intervals, and with hardly less likelihood than the best: over all fits, chi-squared."""
        base = RepeatPurchases.from_counts([(0, 0.0, 30.0 + week, 60) for week in range(10)], unit="week")
        fits, within, lost = 8, 0, 0.0
        for seed in range(fits):
            drawn = self.MODEL.simulate(base, seed=seed)
            found = ParetoNbd.fit(drawn)
            within += sum(true in found.interval(name) for name, true in self.MODEL.parameters.items())
            true_value = ParetoNbd._likelihood(drawn.groups)(self.MODEL._log_parameters)[0]
            lost += 2 * (found.log_likelihood - true_value)
        assert within >= 0.8 * 4 * fits
        assert stats.chi2.cdf(lost, 4 * fits) < 0.999


@pytest.fixture(scope="module")
def of_the_manual() -> ParetoNbd:
    """The estimates that the walk-through of BTYD, the package of the same school for R, comes to."""
    return ParetoNbd(r=0.553, alpha=10.580, s=0.606, beta=11.656, unit="week")


@pytest.mark.parametrize(
    "x, published", [(10, 0.7062289), (15, 0.1442396), (20, 0.02250658), (25, 0.00309267)]
)
def test_the_more_often_one_bought_the_less_is_to_come_after_a_silence(of_the_manual, x, published):
    """Half of 39 weeks without a purchase, in the walk-through: a year ahead, to the digits of its parameters."""
    assert of_the_manual._expected_purchases(x, 20.0, 39.0, 52.0) == pytest.approx(published, rel=2e-3)


def test_the_sample_by_frequency(of_the_manual):
    """Expected in 39 weeks, the mean of those who bought 0, 1, … and 7 or more times, in the walk-through."""
    published = (0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403)
    sums, customers = [0.0] * 8, [0] * 8
    for x, t_x, age, count in cdnow_base().groups:
        sums[min(x, 7)] += count * of_the_manual._expected_purchases(x, t_x, age, 39.0)
        customers[min(x, 7)] += count
    assert customers == [1411, 439, 214, 100, 62, 38, 29, 64]
    means = [total / many for total, many in zip(sums, customers, strict=True)]
    assert means == pytest.approx(published, abs=1.5e-3)
