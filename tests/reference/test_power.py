"""Power against statsmodels and SciPy, against every outcome counted one by one, and against simulated tests.

Every outcome: `compare` itself is asked what it makes of each, so that the power is that of the very comparison which
the host will make. Exact, but for the rounding of floats: 1e-12.

statsmodels: the formulas for normal approximations, 1e-9, and how far the exact power lies from them.

Simulations are seeded. A share of 1,000 simulated tests has a standard error of at most 0.0158; three of them are
allowed.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from math import comb, sqrt
from random import Random
from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import nct, t as student
from statsmodels.stats.power import TTestIndPower, tt_ind_solve_power
from statsmodels.stats.proportion import power_proportions_2indep

from retention._numerics import ClusterSums
from retention._power import customers_needed, detectable_uplift, power
from retention._power_of_tests import Means, Shares, approximate_power_of_shares, noncentral_upper_tail
from retention.comparison import compare
from retention.results import Mean, Ratio

TESTS = 1000
ALLOWED = 3 * 0.0158


def one_by_one(baseline: float, uplift: float, in_test: int, held_out: int, confidence: float) -> float:
    """The probability of all outcomes that `compare` sees as what they are."""

    def chance(hits: int, n: int, share: float) -> float:
        return comb(n, hits) * share**hits * (1 - share) ** (n - hits)

    found = 0.0
    for one, other in product(range(in_test + 1), range(held_out + 1)):
        seen = compare(Ratio(one, in_test), Ratio(other, held_out))
        if 0 not in seen.interval(confidence) and seen.difference * uplift > 0:
            found += chance(one, in_test, baseline + uplift) * chance(other, held_out, baseline)
    return found


@pytest.mark.parametrize(
    "baseline, uplift, in_test, held_out, confidence",
    [
        (0.2, 0.3, 30, 20, 0.95),
        (0.5, 0.4, 15, 40, 0.95),
        (0.02, 0.08, 60, 20, 0.95),
        (0.25, 0.05, 25, 25, 0.8),
        (0.6, -0.3, 33, 17, 0.99),
        (0.97, -0.2, 12, 41, 0.95),
        (0.5, 0.3, 1, 1, 0.2),
    ],
)
def test_every_outcome_one_by_one(baseline, uplift, in_test, held_out, confidence):
    counted = one_by_one(baseline, uplift, in_test, held_out, confidence)
    found = Shares(baseline=baseline).power(uplift, in_test, held_out, confidence)
    assert found == pytest.approx(counted, abs=1e-12)


@pytest.mark.parametrize("baseline, uplift", [(0.2, 0.03), (0.05, 0.02), (0.7, 0.1), (0.5, 0.01)])
@pytest.mark.parametrize("customers, share", [(500, 0.5), (5000, 0.5), (5000, 0.8), (100_000, 0.1)])
def test_statsmodels_shares(baseline, uplift, customers, share):
    in_test = round(customers * share)
    held_out = customers - in_test
    expected = power_proportions_2indep(
        uplift,
        baseline,
        in_test,
        ratio=held_out / in_test,
        alpha=0.025,
        alternative="larger",
        return_results=False,
    )
    ours = approximate_power_of_shares(baseline + uplift, baseline, in_test, held_out, 0.95)
    # Ours is the (N − 1) test: its variance under no difference is larger by N / (N − 1).
    assert ours == pytest.approx(expected, abs=2 / customers)
    exact = Shares(baseline=baseline).power(uplift, in_test, held_out, 0.95)
    assert exact == pytest.approx(expected, abs=0.035 if min(in_test, held_out) * baseline < 100 else 0.01)


def test_beyond_a_million_the_two_ways_meet():
    shares = Shares(baseline=0.2)
    exact = shares.power(0.0016, 1_000_000, 1_000_000, 0.95)
    assert exact == pytest.approx(shares.power(0.0016, 1_000_001, 1_000_001, 0.95), abs=1e-4)


@pytest.mark.parametrize(
    "freedom, errors", [(3, 2.0), (10, 2.5), (50.5, 2.8), (1000, 2.8), (99_999, 1), (30, 12)]
)
def test_scipy_noncentral_t(freedom, errors):
    """Of `Means.power` with groups of equal size, whose degrees of freedom are 2n − 2, and of the tail itself."""
    limit = student.ppf(0.975, freedom)
    with np.errstate(divide="ignore"):  # an older SciPy warns of a step on its way
        expected = nct.sf(limit, freedom, errors)
    assert noncentral_upper_tail(limit, errors, freedom) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("n, size", [(5, 1.0), (64, 0.5), (1000, 0.1), (20_000, 0.03)])
def test_statsmodels_means(n, size):
    expected = TTestIndPower().power(effect_size=size, nobs1=n, alpha=0.025, alternative="larger")
    assert Means(deviation=40).power(size * 40, n, n, 0.95) == pytest.approx(expected, abs=1e-7)


def test_statsmodels_customers_of_means():
    expected = tt_ind_solve_power(effect_size=2 / 30, power=0.8, alpha=0.05)
    found = customers_needed(50, deviation=30, uplift=2)
    assert found.in_test == pytest.approx(expected, abs=1)


def test_textbook():
    """By the usual formula, z = 1.96 and 0.84: 16 · s² / d² in each group."""
    found = customers_needed(100, deviation=50, uplift=5)
    quantiles = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.8)
    assert found.in_test == pytest.approx(2 * (quantiles * 50 / 5) ** 2, abs=2)


def mean_of(sums: ClusterSums) -> Mean:
    return Mean(Decimal(sums.y) / sums.scale, sums.x, sampling=sums)


@pytest.mark.parametrize("share", [0.5, 0.85])
def test_simulated_shares(share):
    """Of 1,000 simulated tests of the size that it takes, four in five are real."""
    found = customers_needed(0.3, uplift=0.12, share=share)
    random = Random(20260301)

    def hits(n: int, chance: float) -> Ratio:
        return Ratio(sum(random.random() < chance for _ in range(n)), n)

    verdicts = [
        compare(hits(found.in_test, 0.42), hits(found.held_out, 0.3)).verdict == "real" for _ in range(TESTS)
    ]
    assert sum(verdicts) / TESTS == pytest.approx(found.power, abs=ALLOWED)


@pytest.mark.parametrize("share, customers", [(0.5, 20), (0.8, 60)])
def test_simulated_means(share, customers):
    """Amounts that are normal; the comparison is made of the sums over customers."""
    uplift = float(detectable_uplift(50, deviation=30, customers=customers, share=share))
    found = power(50, deviation=30, uplift=uplift, customers=customers, share=share)
    random = Random(20260302)

    def spent(n: int, mean: float) -> Mean:
        sums = ClusterSums.of(
            ((1, round(random.gauss(mean, 30) * 10_000)) for _ in range(n)), scale=10_000, signed=True
        )
        return mean_of(sums)

    seen = 0
    for _ in range(TESTS):
        each = compare(spent(found.in_test, 50 + uplift), spent(found.held_out, 50))
        seen += each.verdict == "real" and each.difference > 0
    assert seen / TESTS == pytest.approx(found.power, abs=ALLOWED)


def test_simulated_spending_of_a_few_who_spend_most():
    """Log-normal amounts, as shops have them: the power of hundreds of customers is near what it says."""
    random = Random(20260303)
    mean, deviation = 50.0, 60.0
    sigma = sqrt(2 * 0.4463)  # ln(1 + (60/50)²) = 0.892
    found = customers_needed(mean, deviation=deviation, uplift=15)

    def spent(n: int, times: float) -> Mean:
        middle = mean * 2.718281828 ** (-sigma * sigma / 2)
        amounts = (round(random.lognormvariate(0, sigma) * middle * times * 100) for _ in range(n))
        return mean_of(ClusterSums.of(((1, amount) for amount in amounts), scale=100))

    tests = 200
    seen = sum(
        compare(spent(found.in_test, 1.3), spent(found.held_out, 1)).verdict == "real" for _ in range(tests)
    )
    # The test's amounts are spread 1.3 times as far as the hold-out's, which the plan did not know.
    assert 0.6 < seen / tests < 0.85
