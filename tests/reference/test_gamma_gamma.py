"""The Gamma–Gamma model against its definition as an integral, and against the published figures.

The definition: a customer's spends are Gamma with shape p and rate ν, ν is Gamma with shape q and rate v. Integrals over
ν are taken by SciPy, and know nothing of the closed forms.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from retention.predict import gamma_gamma
from retention.predict.gamma_gamma import GammaGamma
from retention.predict.independence import frequency_spend_check
from retention.predict.purchases import Purchases, RepeatPurchases
from tests.reference.cdnow_calibration import cdnow_base

pytestmark = pytest.mark.simulation

CUSTOMERS = [(1, 5.0), (2, 22.35), (3, 0.5), (10, 40.0), (60, 12.5)]
PARAMETERS = [(6.25, 3.74, 15.44), (0.8, 1.4, 30.0), (40.0, 2.5, 0.7)]


@pytest.fixture(scope="module")
def base() -> RepeatPurchases:
    return cdnow_base()


@pytest.fixture(scope="module")
def model(base: RepeatPurchases) -> GammaGamma:
    return GammaGamma.fit(base)


def given_rate(p: float, x: int, z: float, rate: np.ndarray) -> np.ndarray:
    """Log density of the mean z of x spends."""
    return stats.gamma.logpdf(z, p * x, scale=1 / (rate * x))


def integral(p: float, q: float, v: float, x: int, z: float, *, power: int) -> float:
    """E(f(z | ν) · ν^power) over the rates ν, by quadrature over log ν around the posterior's peak."""
    peak = math.log((p * x + q) / (v + x * z))

    def integrand(log_rate: float) -> float:
        rate = math.exp(log_rate)
        return math.exp(
            given_rate(p, x, z, rate) + stats.gamma.logpdf(rate, q, scale=1 / v) + (1 + power) * log_rate
        )

    width = 12 / math.sqrt(p * x + q) + 4
    return integrate.quad(
        integrand,
        peak - width - 40,
        peak + width,
        points=[peak - width, peak],
        epsabs=0,
        epsrel=1e-11,
        limit=300,
    )[0]


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_likelihood_is_an_integral(parameters):
    objective = gamma_gamma._likelihood(gamma_gamma._grouped(CUSTOMERS, 1.0))
    value, _ = objective([math.log(each) for each in parameters])
    oracle = sum(math.log(integral(*parameters, x, z, power=0)) for x, z in CUSTOMERS)
    assert value == pytest.approx(oracle, rel=1e-8)


@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("x, z", CUSTOMERS)
def test_expected_spend_is_an_integral(parameters, x, z):
    """The mean of M = p/ν given what the customer has spent; q is above 1 in all of these."""
    p, q, v = parameters
    model = GammaGamma(p=p, q=q, v=v)
    weight = integral(p, q, v, x, z, power=0)
    mean = p * integral(p, q, v, x, z, power=-1) / weight
    assert float(model.expected_spend(Purchases(x, 1.0, 2.0, z))) == pytest.approx(mean, rel=1e-7)
    factor = model._square_of_mean(x)
    if p * x + q > 2.5:  # nearer to 2 the tail of the integral is too heavy to be taken
        square = p * p * integral(p, q, v, x, z, power=-2) / weight
        assert factor * (v + x * z) ** 2 == pytest.approx(square, rel=1e-5)
    assert (factor is None) == (p * x + q <= 2)


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_expected_spend_of_a_newcomer(parameters):
    p, q, v = parameters
    mean = integrate.quad(
        lambda rate: p / rate * stats.gamma.pdf(rate, q, scale=1 / v), 0, np.inf, limit=500
    )[0]
    spend = float(GammaGamma(p=p, q=q, v=v).expected_spend_of_newcomer())
    assert spend == pytest.approx(mean, rel=1e-4)
    assert spend == pytest.approx(p * v / (q - 1))


def test_thousands_of_purchases():
    """No overflow, and the digits of SciPy's log gamma."""
    p, q, v = 6.25, 3.74, 15.44
    x, z = 50_000, 35.0
    value, _ = gamma_gamma._likelihood(gamma_gamma._grouped([(x, z)], 1.0))(
        [math.log(each) for each in (p, q, v)]
    )
    # ν is all but known, and z all but p/ν: the density of z is nearly that of p/ν
    nearly = stats.invgamma.logpdf(z, q, scale=p * v)
    assert value == pytest.approx(nearly, rel=1e-3)


class TestSample:
    """946 of the 2,357 customers bought again by 1997-09-30."""

    def test_published_estimates(self, model):
        """Fader, Hardie & Lee (2005): p = 6.25, q = 3.74, γ = 15.44."""
        assert round(model.p, 2) == 6.25
        assert round(model.q, 2) == 3.74
        assert round(model.v, 2) == 15.44
        assert model.report.customers == 946
        assert model.currency == "USD"
        assert model.report.warnings == ()

    def test_published_mean(self, base, model):
        """Of the repeat purchases 35.08 on average of customers; of the model pγ/(q − 1), about 35."""
        spends = [each for each in base.spends if each]
        assert np.mean(spends) == pytest.approx(35.08, abs=0.005)
        assert min(spends) == pytest.approx(2.99)
        assert float(model.expected_spend_of_newcomer()) == pytest.approx(35.17, abs=0.01)

    def test_published_correlation(self, base):
        """Between frequency and mean spend: 0.11."""
        check = frequency_spend_check(base)
        assert round(float(check), 2) == 0.11
        assert check.customers == 946
        assert check.verdict == "none found"

    def test_likelihood_and_standard_errors_by_scipy(self, base, model):
        frequencies = np.array([x for x, *_ in base.groups])[np.array(base.group_of)]
        x, z = frequencies[frequencies > 0], np.array(base.spends)[frequencies > 0]

        def negative(logs: np.ndarray) -> float:
            p, q, v = np.exp(logs)
            return -np.sum(
                special.gammaln(p * x + q)
                - special.gammaln(p * x)
                - special.gammaln(q)
                + q * np.log(v)
                + (p * x - 1) * np.log(z)
                + p * x * np.log(x)
                - (p * x + q) * np.log(v + z * x)
            )

        found = optimize.minimize(negative, [1.0, 1.0, 1.0], method="BFGS", options={"gtol": 1e-5})
        assert np.exp(found.x) == pytest.approx([model.p, model.q, model.v], rel=1e-4)
        assert model.log_likelihood == pytest.approx(-found.fun, abs=1e-6)
        logs = np.log([model.p, model.q, model.v])
        step = 1e-3 * np.eye(3)
        hessian = [
            [
                (
                    negative(logs + step[i] + step[j])
                    - negative(logs + step[i] - step[j])
                    - negative(logs - step[i] + step[j])
                    + negative(logs - step[i] - step[j])
                )
                / 4e-6
                for j in range(3)
            ]
            for i in range(3)
        ]
        errors = np.sqrt(np.diag(np.linalg.inv(hessian))) * np.exp(logs)
        assert list(model.standard_errors.values()) == pytest.approx(list(errors), rel=1e-3)


def test_intervals_hold_the_true_parameters_and_means_so_often_as_they_say():
    """95 % intervals, of 100 simulated shops in which 500 customers bought again."""
    random = np.random.default_rng(20260301)
    p, q, v = 6.25, 3.74, 15.44
    shops, held = 100, dict.fromkeys(("p", "q", "v", "mean", "customer"), 0)
    truth = GammaGamma(p=p, q=q, v=v)
    who = Purchases(3, 1.0, 2.0, 80.0)
    for _ in range(shops):
        x = random.geometric(0.3, 500)
        z = random.gamma(p * x) / (random.gamma(q, 1 / v, 500) * x)
        rows = {n: (int(x[n]), 1.0, 2.0, float(z[n])) for n in range(500)}
        model = GammaGamma.fit(RepeatPurchases.from_table(rows, unit="week"))
        for name in "pqv":
            held[name] += truth.parameters[name] in model.interval(name)
        held["mean"] += (
            float(truth.expected_spend_of_newcomer()) in model.expected_spend_of_newcomer().interval()
        )
        held["customer"] += float(truth.expected_spend(who)) in model.expected_spend(who).interval()
    for name, count in held.items():
        assert 0.88 <= count / shops <= 1.0, (name, count)
