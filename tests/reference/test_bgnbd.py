"""BG/NBD and MBG/NBD against oracles: the story itself integrated by scipy, drawn by numpy, and fitted again.

The oracles know nothing of the closed forms: they begin at one customer's rate and chance to leave, for whom the
likelihood is elementary, and integrate over how customers differ.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from retention.errors import ConvergenceError
from retention.predict import BgNbd, MbgNbd, Purchases, RepeatPurchases
from retention.predict._beta_geometric import expected_while_alive, log_likelihood
from tests.reference.cdnow_calibration import cdnow_base

pytestmark = pytest.mark.simulation

Model = BgNbd | MbgNbd
KINDS: tuple[type[Model], ...] = (BgNbd, MbgNbd)
PARAMETERS = [
    {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    {"r": 1.7, "alpha": 9.0, "a": 1.0, "b": 3.0},
    {"r": 3.0, "alpha": 2.0, "a": 2.5, "b": 0.8},
]
CUSTOMERS = [(0, 0.0, 12.0), (1, 11.0, 12.0), (1, 0.5, 30.0), (6, 20.0, 30.0), (15, 29.0, 30.0)]

every_kind = pytest.mark.parametrize("kind", KINDS)
every_customer = pytest.mark.parametrize("customer", CUSTOMERS)


class Population:
    """Customers of whom all is known, on a fine grid of rates and of chances to leave, each with its weight.

    In log λ and in log(p / (1 − p)), where both densities are smooth, so that equal steps integrate them to many digits.
    """

    def __init__(self, parameters: dict[str, float]) -> None:
        rates = stats.gamma(parameters["r"], scale=1 / parameters["alpha"])
        log_rates = np.arange(-160, 6, 0.1)
        self.rate = np.exp(log_rates)[:, None]
        log_odds = np.arange(-60, 60, 0.1)
        self.leaves = special.expit(log_odds)[None, :]
        self.stays = special.expit(-log_odds)[None, :]
        of_rates = rates.pdf(self.rate) * self.rate * 0.1
        a, b = parameters["a"], parameters["b"]
        log_density = a * special.log_expit(log_odds) + b * special.log_expit(-log_odds)
        of_chances = np.exp(log_density - special.betaln(a, b))[None, :] * 0.1
        self.weight = of_rates * of_chances

    def mean(self, values: Any) -> float:
        return float((self.weight * values).sum())

    def seen(self, kind: type[Model], customer: tuple[int, float, float]) -> tuple[Any, Any]:
        """The density of what was seen: of those who stayed, and of those who left after the last purchase."""
        x, t_x, age = customer
        chances = x + (kind is MbgNbd)
        bought = self.rate**x
        stayed = bought * self.stays**chances * np.exp(-self.rate * age)
        left = bought * self.stays ** max(chances - 1, 0) * self.leaves * np.exp(-self.rate * t_x)
        return stayed, left if chances else 0 * left

    def to_come(self, horizon: float) -> Any:
        """Expected purchases of one who is a customer: each is the last with probability p, so that it is
        (1 − e^(−λpt)) / p.
        """
        return -np.expm1(-self.rate * self.leaves * horizon) / self.leaves


@pytest.fixture(scope="module", params=PARAMETERS, ids=str)
def parameters(request: pytest.FixtureRequest) -> dict[str, float]:
    return dict(request.param)


@pytest.fixture(scope="module")
def population(parameters: dict[str, float]) -> Population:
    return Population(parameters)


# ----------------------------------------------------------------------------- published, on the real sample


def test_the_published_estimates_on_the_cdnow_sample():
    """Fader, Hardie and Lee (2005), table 1."""
    model = BgNbd.fit(cdnow_base())
    assert {name: round(value, 3) for name, value in model.parameters.items()} == {
        "r": 0.243,
        "alpha": 4.414,
        "a": 0.793,
        "b": 2.426,
    }
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.05)


# ------------------------------------------------------------------------------------ integrated over customers


def test_the_grid_holds_everybody(population, parameters):
    assert population.mean(1.0) == pytest.approx(1, rel=1e-10)
    assert population.mean(population.rate) == pytest.approx(parameters["r"] / parameters["alpha"], rel=1e-10)


@every_kind
@every_customer
def test_the_likelihood_is_the_integral(kind, customer, population, parameters):
    stayed, left = population.seen(kind, customer)
    position = [math.log(each) for each in parameters.values()]
    value, _ = log_likelihood([(*customer, 1)], first=kind._FIRST)(position)
    assert value == pytest.approx(math.log(population.mean(stayed + left)), rel=1e-9)


@every_kind
@every_customer
def test_probability_alive_is_bayes_s(kind, customer, population, parameters):
    stayed, left = population.seen(kind, customer)
    alive = population.mean(stayed) / population.mean(stayed + left)
    found = kind(unit="week", **parameters).probability_alive(Purchases(*customer))
    assert float(found) == pytest.approx(alive, rel=1e-9)


@every_kind
@every_customer
@pytest.mark.parametrize("horizon", [0.5, 39.0, 5_000.0])
def test_expected_purchases_are_the_integral(kind, customer, horizon, population, parameters):
    stayed, left = population.seen(kind, customer)
    expected = population.mean(stayed * population.to_come(horizon)) / population.mean(stayed + left)
    found = kind(unit="week", **parameters).expected_purchases(Purchases(*customer), horizon=horizon)
    assert float(found) == pytest.approx(expected, rel=1e-9)


@every_kind
@pytest.mark.parametrize("horizon", [0.5, 39.0, 5_000.0])
def test_expected_purchases_of_a_newcomer_are_the_integral(kind, horizon, population, parameters):
    is_customer = population.stays if kind is MbgNbd else 1.0
    expected = population.mean(is_customer * population.to_come(horizon))
    found = kind(unit="week", **parameters).expected_purchases_of_newcomer(horizon=horizon)
    assert float(found) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("a", [0.3, 0.9, 1.2, 4.0])
@pytest.mark.parametrize("horizon", [3.0, 39.0, 300.0])
@pytest.mark.parametrize("x", [0, 2, 11])
def test_expected_purchases_are_the_closed_form(x, horizon, a):
    """Equation 10 of the paper, without its denominator, where neither a hole nor cancellation is near."""
    r, alpha, b, age = 0.243, 4.414, 2.426, 38.86
    shape, end = r + x, alpha + age
    hyper = special.hyp2f1(shape, b + x, a + b + x - 1, horizon / (end + horizon))
    closed = (a + b + x - 1) / (a - 1) * (1 - (end / (end + horizon)) ** shape * hyper)
    assert expected_while_alive(shape, end, a, b + x, horizon) == pytest.approx(closed, rel=1e-8)


# ------------------------------------------------------------------------------------------- drawn and counted


def drawn_by_numpy(
    kind: type[Model], parameters: dict[str, float], ages: np.ndarray, seed: int
) -> list[tuple[int, float, float, int]]:
    """Customers whose story is told purchase by purchase, by another hand and another generator."""
    random = np.random.default_rng(seed)
    rates = random.gamma(parameters["r"], 1 / parameters["alpha"], size=len(ages))
    chances = random.beta(parameters["a"], parameters["b"], size=len(ages))
    rows = []
    for rate, leaves, age in zip(rates, chances, ages, strict=True):
        x, t_x = 0, 0.0
        is_customer = kind is BgNbd or random.random() >= leaves
        while is_customer:
            next_one = t_x + random.exponential(1 / rate)
            if next_one > age:
                break
            x, t_x = x + 1, next_one
            is_customer = random.random() >= leaves
        rows.append((x, float(t_x), float(age), 1))
    return rows


TRUE = {"r": 0.9, "alpha": 6.0, "a": 0.8, "b": 2.5}


@every_kind
def test_our_draws_are_those_of_numpy(kind):
    """Repeat purchases of 20,000 customers: the two samples have one distribution."""
    ages = np.full(20_000, 40.0)
    theirs = drawn_by_numpy(kind, TRUE, ages, seed=2)
    model = kind(unit="week", **TRUE)
    random = Random(3)
    ours = [model._drawn(random, 40.0) for _ in ages]
    by_purchases = [
        np.bincount(np.minimum([row[0] for row in rows], 12), minlength=13) for rows in (ours, theirs)
    ]
    assert stats.chi2_contingency(by_purchases).pvalue > 0.01
    last = [[row[1] for row in rows if row[0]] for rows in (ours, theirs)]
    assert stats.ks_2samp(*last).pvalue > 0.01


@every_kind
def test_known_parameters_are_found_again(kind):
    """10,000 customers: each parameter within its 99.9 % interval."""
    ages = np.repeat(np.arange(30.0, 80.0), 200)
    base = RepeatPurchases.from_counts(drawn_by_numpy(kind, TRUE, ages, seed=4), unit="week")
    model = kind.fit(base)
    for name, true in TRUE.items():
        assert true in model.interval(name, confidence=0.999), name


@every_kind
def test_intervals_hold_the_truth_as_often_as_they_say(kind):
    """Of 120 bases of 400 customers, about 95 % of the intervals; four standard errors of a count below and above."""
    bases = 120
    true = kind(unit="week", **TRUE)
    who = Purchases(3, 20.0, 40.0)
    figures = {
        "alive": lambda model: model.probability_alive(who),
        "expected": lambda model: model.expected_purchases(who, horizon=26),
        "newcomer": lambda model: model.expected_purchases_of_newcomer(horizon=52),
    }
    held = dict.fromkeys([*TRUE, *figures], 0)
    ages = RepeatPurchases.from_counts([(0, 0.0, float(age), 8) for age in range(30, 80)], unit="week")
    fitted = 0
    for seed in range(bases):
        try:
            model = kind.fit(true.simulate(ages, seed=seed))
        except ConvergenceError:
            continue
        fitted += 1
        for name, value in TRUE.items():
            held[name] += value in model.interval(name)
        for name, figure in figures.items():
            held[name] += float(figure(true)) in figure(model).interval()
    assert fitted >= 0.95 * bases
    for name, count in held.items():
        assert 0.87 <= count / fitted <= 1, (name, count, fitted)
