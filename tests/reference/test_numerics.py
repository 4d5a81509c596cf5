"""The intervals, against scipy, numpy, the delete-one jackknife, and the definitions taken literally."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from scipy import stats

import retention as rt
from retention._numerics import ClusterSums, TwoGroups, normal_quantile, student_quantile, wilson

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
MARCH = rt.Period.month(2026, 3, tz="UTC")


def sums_of(x: Sequence[int], y: Sequence[int], *, scale: int = 1, x_scale: int = 1) -> ClusterSums:
    """Sums in Python's own numbers of any size."""
    return ClusterSums(
        n=len(x),
        x=sum(x),
        y=sum(y),
        xx=sum(each * each for each in x),
        xy=sum(one * other for one, other in zip(x, y, strict=True)),
        yy=sum(each * each for each in y),
        scale=scale,
        x_scale=x_scale,
    )


def linearised_variance(x: Sequence[float], y: Sequence[float]) -> float:
    """Definitions, "Uncertainty", literally: e = y - R x, v = n/(n - 1) * sum(e^2) / (sum x)^2."""
    xs, ys = np.array(x, dtype=float), np.array(y, dtype=float)
    residuals = ys - ys.sum() / xs.sum() * xs
    return float(len(xs) / (len(xs) - 1) * (residuals**2).sum() / xs.sum() ** 2)


def jackknife_variance(x: Sequence[float], y: Sequence[float]) -> float:
    """From the ratios with one customer left out each."""
    xs, ys = np.array(x, dtype=float), np.array(y, dtype=float)
    ratios = (ys.sum() - ys) / (xs.sum() - xs)
    return float((len(xs) - 1) / len(xs) * ((ratios - ratios.mean()) ** 2).sum())


def clusters(seed: int, n: int) -> tuple[list[int], list[int]]:
    """Orders and spend in cents of n customers: most buy once, a few very often."""
    random = np.random.default_rng(seed)
    orders = 1 + random.negative_binomial(1, 0.4, size=n)
    spend = [int(random.integers(500, 9_000, size=number).sum()) for number in orders]
    return [int(number) for number in orders], spend


class TestWilson:
    @pytest.mark.parametrize("n", [1, 2, 3, 7, 10, 50, 157, 1_000, 2_357, 10**6])
    @pytest.mark.parametrize("confidence", LEVELS)
    def test_against_scipy(self, n: int, confidence: float) -> None:
        for k in sorted({0, 1, n // 7, n // 2, n - 1, n}):
            interval = rt.Ratio(k, n).interval(confidence)
            expected = stats.binomtest(k, n).proportion_ci(confidence, method="wilson")
            assert interval.low == pytest.approx(expected.low, rel=1e-9, abs=1e-12)
            assert interval.high == pytest.approx(expected.high, rel=1e-9, abs=1e-12)
            assert (interval.method, interval.confidence) == ("Wilson", confidence)

    def test_published_values(self) -> None:
        # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3 (score without continuity
        # correction).
        published = {
            (81, 263): (0.2553, 0.3662),
            (15, 148): (0.0624, 0.1605),
            (0, 20): (0.0000, 0.1611),
            (1, 29): (0.0061, 0.1718),
        }
        for (k, n), bounds in published.items():
            assert tuple(round(bound, 4) for bound in rt.Ratio(k, n).interval()) == bounds

    @given(st.integers(1, 10**9), st.floats(0, 1), st.sampled_from(LEVELS))
    def test_bounds(self, n: int, share: float, confidence: float) -> None:
        ratio = rt.Ratio(int(share * n), n)
        low, high = ratio.interval(confidence)
        assert 0 <= low <= float(ratio) <= high <= 1
        assert low < high
        assert (ratio.numerator == 0) == (low == 0) or low < 1e-9
        mirrored = rt.Ratio(n - ratio.numerator, n).interval(confidence)
        assert (1 - high, 1 - low) == pytest.approx(tuple(mirrored), abs=1e-12)

    def test_nothing_and_everything(self) -> None:
        # 0 of n: from 0 to z^2 / (n + z^2); n of n: the mirror image.
        z = stats.norm.ppf(0.975)
        for n in (1, 10, 1_000):
            assert tuple(rt.Ratio(0, n).interval()) == pytest.approx((0, z * z / (n + z * z)), abs=1e-15)
            assert tuple(rt.Ratio(n, n).interval()) == pytest.approx((n / (n + z * z), 1), abs=1e-15)
            assert rt.Ratio(0, n).interval().low == 0
            assert rt.Ratio(n, n).interval().high == 1

    def test_an_effective_number_need_not_be_whole(self) -> None:
        z, n, share = 1.96, 12.34, 0.3
        low, high = wilson(share, n, z)
        # The bounds solve (share - p)^2 = z^2 p (1 - p) / n.
        for bound in (low, high):
            assert (share - bound) ** 2 == pytest.approx(z * z * bound * (1 - bound) / n, rel=1e-12)


class TestQuantiles:
    @pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 7, 10, 15, 29, 30, 60, 120, 999, 10_000, 10**6])
    def test_student_against_scipy(self, freedom: int) -> None:
        for confidence in (0.01, 0.1, 0.25, *LEVELS, 0.9999, 0.999999):
            expected = stats.t.ppf((1 + confidence) / 2, freedom)
            assert student_quantile(confidence, freedom) == pytest.approx(expected, rel=1e-8, abs=1e-8)

    def test_student_of_published_tables(self) -> None:
        table = {(0.95, 1): 12.706, (0.95, 4): 2.776, (0.95, 30): 2.042, (0.99, 10): 3.169, (0.9, 120): 1.658}
        for (confidence, freedom), quantile in table.items():
            assert round(student_quantile(confidence, freedom), 3) == quantile

    def test_student_in_closed_form(self) -> None:
        # With 1 degree of freedom, tan(pi c / 2); with 2, c sqrt(2 / (1 - c^2)).
        for confidence in LEVELS:
            assert student_quantile(confidence, 1) == pytest.approx(
                math.tan(math.pi * confidence / 2), rel=1e-10
            )
            closed = confidence * math.sqrt(2 / (1 - confidence**2))
            assert student_quantile(confidence, 2) == pytest.approx(closed, rel=1e-10)

    def test_student_becomes_normal(self) -> None:
        for confidence in LEVELS:
            normal = normal_quantile(confidence)
            assert normal == pytest.approx(stats.norm.ppf((1 + confidence) / 2), rel=1e-12)
            quantiles = [student_quantile(confidence, freedom) for freedom in (1, 3, 10, 100, 10_000)]
            assert quantiles == sorted(quantiles, reverse=True)
            assert student_quantile(confidence, 10**7) == pytest.approx(normal, rel=1e-6)


class TestClusteredVariance:
    @pytest.mark.parametrize("n", [2, 3, 10, 200, 5_000])
    def test_against_numpy(self, n: int) -> None:
        for seed in range(5):
            orders, cents = clusters(seed, n)
            euros = [each / 100 for each in cents]
            found = sums_of(orders, cents, scale=100).variance()
            assert found == pytest.approx(linearised_variance(orders, euros), rel=1e-9)

    def test_of_money_over_money(self) -> None:
        random = np.random.default_rng(8)
        spend = [int(each) for each in random.integers(100, 90_000, size=300)]
        existing = [each if random.random() < 0.6 else 0 for each in spend]
        found = sums_of(spend, existing, scale=100, x_scale=100).variance()
        assert found == pytest.approx(linearised_variance(spend, existing), rel=1e-9)
        # What one unit is worth cancels out, unless the two are in different ones.
        assert sums_of(spend, existing).variance() == pytest.approx(found, rel=1e-12)
        assert sums_of(spend, existing, scale=10).variance() == pytest.approx(found / 100, rel=1e-12)

    @pytest.mark.parametrize("seed", range(5))
    def test_against_the_jackknife(self, seed: int) -> None:
        orders, cents = clusters(seed, 2_000)
        assert sums_of(orders, cents).variance() == pytest.approx(jackknife_variance(orders, cents), rel=0.02)

    def test_of_independent_units_it_is_that_of_a_mean(self) -> None:
        # One order each: s^2 / n.
        _, cents = clusters(3, 500)
        found = sums_of([1] * 500, cents).variance()
        assert found == pytest.approx(float(np.var(cents, ddof=1)) / 500, rel=1e-12)

    def test_small_differences_of_large_numbers(self) -> None:
        # Everybody spends about a billion, give or take a cent: floats would see no spread, or a negative one.
        cents = [10**11 + step for step in (-1, 0, 1)] * 100
        found = sums_of([1] * 300, cents).variance()
        assert found == float(Fraction(200, 299) / 300)

    def test_no_spread_is_exactly_none(self) -> None:
        assert sums_of([1, 2, 3], [10**15 + 1, 2 * 10**15 + 2, 3 * 10**15 + 3]).variance() == 0

    @given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 10**6)), min_size=2, max_size=40))
    def test_is_never_negative_and_matches_numpy(self, pairs: list[tuple[int, int]]) -> None:
        x, y = zip(*pairs, strict=True)
        found = sums_of(x, y).variance()
        assert found >= 0
        assert found == pytest.approx(linearised_variance(x, y), rel=1e-6, abs=1e-9 * (1 + sum(y)) ** 2)


class TestClusteredIntervals:
    def test_of_a_mean(self) -> None:
        orders, cents = clusters(1, 40)
        sums = sums_of(orders, cents, scale=100)
        mean = rt.Mean(Decimal(sums.y) / 100, sums.x, unit="EUR", sampling=sums)
        for confidence in LEVELS:
            reach = stats.t.ppf((1 + confidence) / 2, 39) * math.sqrt(
                linearised_variance(orders, [each / 100 for each in cents])
            )
            low, high = mean.interval(confidence)
            assert (low, high) == pytest.approx((float(mean) - reach, float(mean) + reach), rel=1e-8)

    def test_of_a_share_by_the_effective_number(self) -> None:
        # Purchases and repeated ones of customers: n* = R (1 - R) / v in Wilson's formula.
        orders, _ = clusters(2, 60)
        repeats = [number - 1 if place % 2 else number for place, number in enumerate(orders)]
        sums = sums_of(orders, repeats)
        share = sums.y / sums.x
        effective = share * (1 - share) / linearised_variance(orders, repeats)
        ratio = rt.Ratio(sums.y, sums.x, sampling=sums)
        for confidence in LEVELS:
            z = stats.norm.ppf((1 + confidence) / 2)
            centre = (share + z * z / (2 * effective)) / (1 + z * z / effective)
            reach = (
                z
                / (1 + z * z / effective)
                * math.sqrt(share * (1 - share) / effective + z * z / (4 * effective**2))
            )
            interval = ratio.interval(confidence)
            assert tuple(interval) == pytest.approx((centre - reach, centre + reach), rel=1e-9)
            assert interval.method == "Wilson, clustered by customer"

    def test_of_customers_with_one_order_each_it_is_nearly_plain_wilson(self) -> None:
        # v = R (1 - R) / (n - 1), so that n* = n - 1.
        ones, repeats = [1] * 157, [1] * 55 + [0] * 102
        clustered = rt.Ratio(55, 157, sampling=sums_of(ones, repeats)).interval()
        assert tuple(clustered) == pytest.approx(wilson(55 / 157, 156, normal_quantile(0.95)), rel=1e-12)

    def test_heavy_buyers_widen_it(self) -> None:
        # One customer with 91 repeated orders of 100, against a hundred customers with an order each.
        orders, repeats = [100, *[1] * 10], [91, *[0] * 10]
        low, high = rt.Ratio(91, 110, sampling=sums_of(orders, repeats)).interval()
        plain_low, plain_high = rt.Ratio(91, 110).interval()
        assert low < plain_low < plain_high < high

    @pytest.mark.parametrize("share", [0, 1])
    def test_without_spread_customers_are_the_trials(self, share: int) -> None:
        # Nobody, or everybody: v is 0, and n* the number of customers, not that of their orders.
        orders = [1, 5, 14]
        sums = sums_of(orders, [number * share for number in orders])
        interval = rt.Ratio(sums.y, sums.x, sampling=sums).interval()
        expected = stats.binomtest(3 * share, 3).proportion_ci(method="wilson")
        assert tuple(interval) == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-12)

    def test_without_spread_between_alike_customers(self) -> None:
        # Each repeats one of two orders: v is 0 although the share is not 0 or 1.
        sums = sums_of([2] * 8, [1] * 8)
        interval = rt.Ratio(8, 16, sampling=sums).interval()
        expected = stats.binomtest(4, 8).proportion_ci(method="wilson")
        assert tuple(interval) == pytest.approx((expected.low, expected.high), rel=1e-9)

    def test_of_one_customer(self) -> None:
        one = sums_of([4], [3])
        interval = rt.Ratio(3, 4, sampling=one).interval()
        assert tuple(interval) == pytest.approx(wilson(0.75, 1, normal_quantile(0.95)), rel=1e-12)
        with pytest.raises(rt.UndefinedMetricError, match="at least two customers"):
            rt.Mean(3, 4, sampling=one).interval()
        with pytest.raises(rt.UndefinedMetricError, match="at least two customers"):
            rt.Ratio(3, 4, bounded=False, sampling=one).interval()

    @given(
        st.lists(st.tuples(st.integers(1, 20), st.floats(0, 1)), min_size=1, max_size=30),
        st.sampled_from(LEVELS[:-1]),
    )
    def test_a_share_lies_within_bounds_that_widen(
        self, drawn: list[tuple[int, float]], confidence: float
    ) -> None:
        x = [orders for orders, _ in drawn]
        y = [int(share * orders) for orders, share in drawn]
        ratio = rt.Ratio(sum(y), sum(x), sampling=sums_of(x, y))
        low, high = ratio.interval(confidence)
        wider = ratio.interval(LEVELS[LEVELS.index(confidence) + 1])
        assert 0 <= wider.low <= low <= float(ratio) <= high <= wider.high <= 1
        assert low < high

    @given(
        st.lists(st.tuples(st.integers(1, 20), st.integers(0, 10**6)), min_size=2, max_size=30),
        st.sampled_from(LEVELS[:-1]),
    )
    def test_a_mean_lies_within_bounds_that_widen(
        self, pairs: list[tuple[int, int]], confidence: float
    ) -> None:
        x, y = zip(*pairs, strict=True)
        assume(any(y_a * x_b != y_b * x_a for (x_a, y_a), (x_b, y_b) in pairwise(pairs)))  # not all alike
        mean = rt.Mean(Decimal(sum(y)) / 100, sum(x), sampling=sums_of(x, y, scale=100))
        low, high = mean.interval(confidence)
        wider = mean.interval(LEVELS[LEVELS.index(confidence) + 1])
        assert wider.low <= low <= float(mean) <= high <= wider.high


class TestTwoGroups:
    def test_against_the_delta_method_in_numpy(self) -> None:
        random = np.random.default_rng(5)
        top = [int(each) for each in random.integers(1_000, 20_000, size=80)]
        bottom = [int(each) for each in random.integers(500, 15_000, size=45)]
        groups = two_groups(top, bottom)
        means = np.mean(top) / 100, np.mean(bottom) / 100
        covariance = np.diag(
            [np.var(top, ddof=1) / 1e4 / len(top), np.var(bottom, ddof=1) / 1e4 / len(bottom)]
        )
        gradient = np.array([1 / means[1], -means[0] / means[1] ** 2])
        assert groups.variance() == pytest.approx(float(gradient @ covariance @ gradient), rel=1e-9)
        assert groups.n == 45

    def test_interval(self) -> None:
        top, bottom = [3_000, 5_000, 4_000], [2_000, 1_000, 3_000, 2_000]
        # Means 40 and 20; variances of the means 100 / 3 and (200 / 3) / 4; Q = 2.
        variance = (100 / 3 + 4 * 200 / 12) / 400
        ratio = rt.Ratio(
            Decimal(120 * 4), Decimal(80 * 3), bounded=False, sampling=two_groups(top, bottom), poolable=False
        )
        reach = stats.t.ppf(0.975, 2) * math.sqrt(variance)  # the smaller group has three customers
        assert tuple(ratio.interval()) == pytest.approx((max(0, 2 - reach), 2 + reach), rel=1e-9)

    def test_of_one_customer(self) -> None:
        groups = two_groups([3_000], [2_000, 1_000])
        with pytest.raises(rt.UndefinedMetricError, match="at least two customers in each group"):
            rt.Ratio(2, 1, bounded=False, sampling=groups).interval()


def two_groups(top: list[int], bottom: list[int]) -> TwoGroups:
    """Spend in cents of each customer of either group."""
    return TwoGroups(
        top=sums_of([1] * len(top), top, scale=100), bottom=sums_of([1] * len(bottom), bottom, scale=100)
    )


@pytest.fixture(scope="module")
def orders() -> list[rt.Order]:
    random = np.random.default_rng(11)
    drawn: list[dict[str, Any]] = []
    for customer in range(60):
        for _ in range(int(1 + random.negative_binomial(1, 0.4))):
            day, hour = int(random.integers(1, 32)), int(random.integers(0, 24))
            month = int(random.integers(2, 4))
            cents = int(random.integers(100, 9_000))
            drawn.append(
                {
                    "customer_id": None if customer > 54 else customer,
                    "placed_at": datetime(2026, month, min(day, 28), hour, tzinfo=UTC),
                    "amount": Decimal(cents) / 100,
                }
            )
    return [rt.Order(id=number, currency="EUR", **each) for number, each in enumerate(drawn)]


class TestFromOrders:
    """The same, from orders on: raw (x, y) of each customer taken from the orders by hand."""

    @staticmethod
    def by_cluster(orders: list[rt.Order]) -> dict[Any, list[rt.Order]]:
        """March's orders; each guest's by itself."""
        grouped: dict[Any, list[rt.Order]] = {}
        for order in orders:
            if order.placed_at.month == 3:
                key = ("guest", order.id) if order.customer_id is None else order.customer_id
                grouped.setdefault(key, []).append(order)
        return grouped

    def test_average_order_value(self, orders: list[rt.Order]) -> None:
        grouped = self.by_cluster(orders).values()
        x = [len(each) for each in grouped]
        y = [float(sum(order.amount for order in each)) for each in grouped]
        value = sum(y) / sum(x)
        reach = stats.t.ppf(0.975, len(x) - 1) * math.sqrt(linearised_variance(x, y))
        interval = rt.average_order_value(orders, period=MARCH).interval()
        assert tuple(interval) == pytest.approx((value - reach, value + reach), rel=1e-8)

    def test_repeat_order_rate(self, orders: list[rt.Order]) -> None:
        first = {}
        for order in sorted(orders, key=lambda each: each.placed_at):
            first.setdefault(order.customer_id, order.placed_at)
        known = {who: each for who, each in self.by_cluster(orders).items() if isinstance(who, int)}
        x = [len(each) for each in known.values()]
        y = [sum(order.placed_at > first[who] for order in each) for who, each in known.items()]
        share = sum(y) / sum(x)
        effective = share * (1 - share) / linearised_variance(x, y)
        interval = rt.repeat_order_rate(orders, period=MARCH).interval()
        assert tuple(interval) == pytest.approx(wilson(share, effective, stats.norm.ppf(0.975)), rel=1e-8)

    def test_published_retention_ratio(self, orders: list[rt.Order]) -> None:
        # x: there in February; y: there in March and not new. Nobody bought before February, so nobody is back.
        february = {order.customer_id for order in orders if order.placed_at.month == 2} - {None}
        march = {order.customer_id for order in orders if order.placed_at.month == 3} - {None}
        ratio = rt.published_retention_ratio(orders, period=MARCH)
        x, y = [1] * len(february), [int(who in march) for who in february]
        reach = stats.t.ppf(0.975, len(x) - 1) * math.sqrt(linearised_variance(x, y))
        assert float(ratio) == sum(y) / len(x)
        assert tuple(ratio.interval()) == pytest.approx(
            (float(ratio) - reach, float(ratio) + reach), rel=1e-8
        )


@settings(max_examples=30)
@given(st.floats(0.001, 0.9999), st.integers(1, 500))
def test_student_leaves_the_tail_that_it_should(confidence: float, freedom: int) -> None:
    assert 2 * stats.t.sf(student_quantile(confidence, freedom), freedom) == pytest.approx(
        1 - confidence, rel=1e-6
    )


@pytest.mark.parametrize("confidence", [0, 1, -0.1, 1.5, float("nan")])
def test_levels_that_are_none(confidence: float) -> None:
    with pytest.raises(rt.InvalidValueError, match="between 0 and 1"):
        rt.Ratio(1, 2).interval(confidence)


@pytest.mark.parametrize("confidence", [True, "0.95", None, Decimal("0.95")])
def test_levels_of_the_wrong_type(confidence: Any) -> None:
    with pytest.raises(rt.InvalidTypeError, match="confidence must be a number"):
        rt.Ratio(1, 2).interval(confidence)
