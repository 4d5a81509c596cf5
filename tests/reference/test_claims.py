"""The famous claims, each by another way than the library's: summed, simulated, and solved for where they come true."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from retention import Ratio
from retention.strategies import RetentionValue, value_of_retention

POINTS = Decimal("0.05")
SHOP: dict[str, Any] = {
    "spend": 100,
    "margin_rate": Decimal("0.5"),
    "customers": 1000,
    "new_customers": 200,
    "periods": 1,
}


def value(kept: object, **options: Any) -> RetentionValue:
    return value_of_retention(Decimal(str(kept)), **{**SHOP, **options})


def lifetime_gain(kept: object, **options: Any) -> float:
    return float(value(kept, **options).gain_rate("lifetime_value") or 0)


def summed_gain(kept: float, then: float, interest: float, growth: float = 0.0) -> float:
    """What the sum of the margins of 3,000 years gains; each year the margin grows."""
    years = np.arange(3000)
    one, other = ((rate * (1 + growth) / (1 + interest)) ** years for rate in (kept, then))
    return float(other.sum() / one.sum() - 1)


# ------------------------------------------------------------------------ E11: 25 to 95 % more profit


@pytest.mark.parametrize("interest", [0, 0.1, 0.25])
@pytest.mark.parametrize("kept", [0.2, 0.38, 0.6, 0.75, 0.8, 0.897, 0.9])
def test_both_readings_are_the_sums_of_the_years(kept, interest):
    points = lifetime_gain(kept, uplift=POINTS, discount_rate=interest)
    per_cent = lifetime_gain(kept, relative_uplift=POINTS, discount_rate=interest)
    assert points == pytest.approx(summed_gain(kept, kept + 0.05, interest))
    assert per_cent == pytest.approx(summed_gain(kept, kept * 1.05, interest))
    assert per_cent < points


@pytest.mark.parametrize("gain, kept", [(0.25, 0.75), (1 / 3, 0.8), (0.95, 0.897), (1.0, 0.9)])
def test_where_five_points_bring_so_much(gain, kept):
    found = optimize.brentq(lambda rate: summed_gain(rate, rate + 0.05, 0) - gain, 0.1, 0.92)
    assert found == pytest.approx(kept, abs=0.0005)
    assert lifetime_gain(round(found, 6), uplift=POINTS) == pytest.approx(gain, abs=1e-4)


def test_of_38_per_cent_hardly_anything():
    assert lifetime_gain("0.38", uplift=POINTS) == pytest.approx(0.05 / 0.57)
    assert lifetime_gain("0.38", relative_uplift=POINTS) == pytest.approx(0.019 / 0.601)


def test_with_interest_no_shop_comes_near_95_per_cent():
    gains = [lifetime_gain(kept / 100, uplift=POINTS, discount_rate=0.1) for kept in range(96)]
    assert max(gains) == pytest.approx(0.5)
    assert min(kept for kept, gain in enumerate(gains) if gain >= 0.25) == 85


def test_margins_that_grow_as_fast_as_interest_undo_it():
    assert summed_gain(0.8, 0.85, 0.1, growth=0.1) == pytest.approx(lifetime_gain("0.8", uplift=POINTS))


def test_in_simulated_lives():
    """Each customer leaves with the same chance each year, and brings 50 in every year until then."""
    random = np.random.default_rng(20261122)
    for kept in (0.8, 0.85):
        brought = 50 * random.geometric(1 - kept, size=200_000)
        spread = brought.std() / math.sqrt(brought.size)
        expected = float(value(kept, uplift=Decimal("-0.01")).before.lifetime_value)
        assert abs(brought.mean() - expected) < 4 * spread


def test_a_years_profit_rises_so_far_only_over_fixed_costs():
    first = value("0.8", uplift=POINTS)
    assert first.gain_rate("profit") == POINTS
    assert first.profit_gain / (first.before.profit - 40_000) == Decimal("0.25")
    in_the_long_run = first.after.long_run_profit - first.before.long_run_profit
    assert float(in_the_long_run / (first.before.profit - 40_000)) == pytest.approx(5 / 3)


# ----------------------------------------------------------------------- B12: 25 to 95 % more revenue


def test_revenue_takes_nine_years_to_a_quarter():
    gains, there = [], 1000.0
    for _ in range(40):
        there = 0.85 * there + 200
        gains.append(there / 1000 - 1)
    assert next(year for year, gain in enumerate(gains, start=1) if gain >= 0.25) == 9
    for years in (1, 5, 20):
        found = value("0.8", uplift=POINTS, periods=years)
        assert float(found.after.customers) / 1000 - 1 == pytest.approx(gains[years - 1])
    long_run = value("0.8", uplift=POINTS)
    assert float(long_run.after.long_run_revenue / long_run.before.long_run_revenue) == pytest.approx(4 / 3)
    assert gains[-1] < 1 / 3


@pytest.mark.parametrize("kept", ["0.2", "0.38", "0.8", "0.9"])
def test_in_the_first_year_it_is_five_per_cent_in_a_shop_of_steady_size(kept):
    new = 1000 * (1 - Decimal(kept))
    assert value(kept, uplift=POINTS, new_customers=new).gain_rate("revenue") == POINTS


# ------------------------------------------------------------------- A10: 5 % less churn, double profit


def test_points_of_churn_double_a_lifetime_at_ten_per_cent():
    assert lifetime_gain("0.9", uplift=POINTS) == pytest.approx(1.0)


@pytest.mark.parametrize("churn", ["0.62", "0.2", "0.1", "0.01"])
def test_per_cent_of_churn_are_the_same_in_every_shop(churn):
    kept = 1 - Decimal(churn)
    assert lifetime_gain(kept, uplift=Decimal(churn) * POINTS) == pytest.approx(1 / 0.95 - 1)
    assert lifetime_gain(kept, uplift=Decimal(churn) * POINTS, discount_rate=0.1) < 1 / 0.95 - 1


def test_they_double_what_is_left_where_winning_eats_nearly_all():
    found = value("0.8", uplift=Decimal("0.01"), acquisition_cost=238)
    before, after = (float(each.lifetime_value) - 238 for each in (found.before, found.after))
    assert before == pytest.approx(12)
    assert after > 2 * before
    cheapest = optimize.brentq(lambda cost: 250 / 0.95 - cost - 2 * (250 - cost), 100, 250)
    assert 250 / cheapest == pytest.approx(1.056, abs=0.0005)


# ------------------------------------------------- B13, E12, C10: winning costs 5 to 25 times as much


@pytest.mark.parametrize(
    "mailing, uplift, of_all, of_more", [(1000, 0.05, 17, 1.0), (200, 0.05, 85, 5.0), (1000, 0.01, 16.2, 0.2)]
)
def test_the_ratio_hangs_on_whom_the_cost_is_divided_by(mailing, uplift, of_all, of_more):
    found = value("0.8", uplift=uplift)
    stayed = 1000 * float(found.after.retention_rate)
    more = float(found.after.customers - found.before.customers)
    assert 20 / (mailing / stayed) == pytest.approx(of_all)
    assert 20 / (mailing / more) == pytest.approx(of_more)


# ------------------------------------------------------------------------------------- the intervals


@pytest.mark.parametrize("customers, kept, interest", [(100, 0.4, 0.0), (100, 0.8, 0.1), (400, 0.9, 0.0)])
def test_the_interval_holds_the_true_gain_as_often_as_it_says(customers, kept, interest):
    random = np.random.default_rng(20261122)
    options = {"uplift": Decimal("0.04"), "periods": 8, "discount_rate": interest}
    true = value(kept, **options)
    held = {"lifetime_value": 0, "revenue": 0, "profit": 0}
    trials = 0
    for stayed, shops in zip(
        *np.unique(random.binomial(customers, kept, 1000), return_counts=True), strict=True
    ):
        if stayed + 0.04 * customers >= customers:
            continue
        found = value_of_retention(Ratio(int(stayed), customers), **{**SHOP, **options})
        trials += int(shops)
        for of in held:
            held[of] += int(shops) * (float(getattr(true, f"{of}_gain")) in found.interval(of))
    assert trials > 990
    for of, count in held.items():
        assert 0.92 <= count / trials <= 0.98, of
        assert stats.binomtest(count, trials, 0.95).proportion_ci(0.999).high > 0.92
