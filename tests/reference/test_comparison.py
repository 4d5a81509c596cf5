"""Intervals, differences, tests and corrections, against scipy, statsmodels, and published examples."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats
from scipy.optimize import brentq
from statsmodels.api import OLS, WLS
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

import retention as rt
from retention.results import ClusterSums

LEVELS = (0.8, 0.9, 0.95, 0.99)
FEBRUARY, MARCH = (rt.Period.month(2026, month, tz="UTC") for month in (2, 3))


def by_customer(x: Any, y: Any, **scales: int) -> ClusterSums:
    return ClusterSums.of(zip(map(int, x), map(int, y), strict=True), **scales)


def mean_of(cents: Sequence[int]) -> rt.Mean:
    """Of customers with one order each."""
    sums = by_customer([1] * len(cents), cents, scale=100)
    return rt.Mean(Decimal(sums.y).scaleb(-2), sums.x, unit="EUR", sampling=sums)


Ends = tuple[float, float]


def squared_and_added(values: Ends, a: Ends, b: Ends, correlation: float = 0.0) -> Ends:
    """The interval of a difference from those of its two sides, by the law of cosines (Zou, 2007, equation 15)."""
    (value_a, value_b), (low_a, high_a), (low_b, high_b) = values, a, b

    def third_side(one: float, other: float) -> float:
        return math.sqrt(one**2 + other**2 - 2 * correlation * one * other)

    difference = value_a - value_b
    return (
        difference - third_side(value_a - low_a, high_b - value_b),
        difference + third_side(high_a - value_a, value_b - low_b),
    )


def where_it_reaches_0(interval: Callable[[float], Ends], difference: float) -> float:
    """The p-value that belongs to intervals, given by their quantile: that of the one that ends at 0."""
    nearest = 0 if difference > 0 else 1
    quantile = brentq(lambda z: interval(z)[nearest], 1e-6, 30, xtol=1e-13)
    return float(2 * stats.norm.sf(quantile))


def wilson_at(share: float, n: float, z: float) -> Ends:
    found: Ends = proportion_confint(share * n, n, alpha=2 * stats.norm.sf(z), method="wilson")
    return found


# --- shares of customers ---


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize("count, n", [(0, 1), (0, 7), (3, 10), (38, 100), (100, 100), (1, 2357)])
def test_wilson(count: int, n: int, confidence: float) -> None:
    expected = proportion_confint(count, n, alpha=1 - confidence, method="wilson")
    assert tuple(rt.Ratio(count, n).interval(confidence)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


class TestTwoShares:
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
    @pytest.mark.parametrize(
        "a, b, low, high",
        [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((0, 10), (0, 20), -0.1611, 0.2775),
            ((0, 10), (0, 10), -0.2775, 0.2775),
            ((10, 10), (0, 20), 0.6791, 1.0),
            ((10, 10), (0, 10), 0.6075, 1.0),
        ],
    )
    def test_published_intervals(
        self, a: tuple[int, int], b: tuple[int, int], low: float, high: float
    ) -> None:
        found = rt.compare(rt.Ratio(*a), rt.Ratio(*b)).interval()
        assert [round(bound, 4) for bound in found] == [low, high]

    @settings(max_examples=100)
    @given(
        st.integers(1, 300), st.integers(1, 300), st.floats(0, 1), st.floats(0, 1), st.sampled_from(LEVELS)
    )
    def test_interval_against_statsmodels(
        self, n: int, m: int, p: float, q: float, confidence: float
    ) -> None:
        k, j = round(p * n), round(q * m)
        found = rt.compare(rt.Ratio(k, n), rt.Ratio(j, m))
        expected = confint_proportions_2indep(
            k, n, j, m, method="newcomb", compare="diff", alpha=1 - confidence
        )
        assert found.difference == pytest.approx(k / n - j / m, abs=1e-15)
        assert tuple(found.interval(confidence)) == pytest.approx(expected, rel=1e-9, abs=1e-9)

    @settings(max_examples=100)
    @given(st.integers(1, 300), st.integers(1, 300), st.floats(0, 1), st.floats(0, 1))
    def test_p_value_against_scipy(self, n: int, m: int, p: float, q: float) -> None:
        k, j = round(p * n), round(q * m)
        found = rt.compare(rt.Ratio(k, n), rt.Ratio(j, m)).p_value
        if k + j in (0, n + m):
            assert found == 1, "all alike: nothing speaks against chance"
            return
        table = [[k, n - k], [j, m - j]]
        statistic = stats.chi2_contingency(table, correction=False).statistic * (n + m - 1) / (n + m)
        assert found == pytest.approx(stats.chi2.sf(statistic, 1), rel=1e-9, abs=1e-300)

    def test_published_p_value(self) -> None:
        # 15 of 20 and 5 of 20 by hand: chi2 = 40 * (15 * 15 - 5 * 5)^2 / 20^4 = 10, and (N - 1)/N of it 9.75.
        found = rt.compare(rt.Ratio(15, 20), rt.Ratio(5, 20)).p_value
        assert found == pytest.approx(math.erfc(math.sqrt(9.75 / 2)), rel=1e-12)


# --- means and shares clustered by customer ---


def drawn_orders(seed: int, customers: int) -> list[tuple[int, int, int]]:
    """(customer, cents, cents that went back) of each order; some buy far more often, and for more."""
    random = np.random.default_rng(seed)
    found: list[tuple[int, int, int]] = []
    for customer in range(customers):
        rate = random.gamma(0.5, 4)
        for _ in range(1 + random.poisson(rate)):
            cents = int(random.lognormal(8 + rate / 20, 0.6)) + 1
            found.append((customer, cents, cents if random.random() < 0.15 else 0))
    return found


def per_customer(orders: list[tuple[int, int, int]]) -> tuple[Any, Any, Any]:
    """Orders, cents and refunded cents of each customer."""
    customer, cents, refunded = (np.array(column) for column in zip(*orders, strict=True))
    sums = [np.bincount(customer, weights) for weights in (None, cents, refunded)]
    return tuple(each[sums[0] > 0].astype(int) for each in sums)  # type: ignore[return-value]


def welch(va: float, na: int, vb: float, nb: int) -> float:
    """Degrees of freedom after Welch and Satterthwaite."""
    return (va + vb) ** 2 / (va**2 / (na - 1) + vb**2 / (nb - 1))


class TestOneFigure:
    """The estimator clustered by customer is the cluster-robust one of the regression without an intercept."""

    @pytest.mark.parametrize("seed", range(3))
    def test_average_order_value(self, seed: int) -> None:
        orders = drawn_orders(seed, 60)
        customer, cents, _ = (np.array(column) for column in zip(*orders, strict=True))
        fit = OLS(cents / 100, np.ones(len(cents))).fit(cov_type="cluster", cov_kwds={"groups": customer})
        count, total, _ = per_customer(orders)
        sums = by_customer(count, total, scale=100)
        assert sums.variance() == pytest.approx(float(fit.bse[0]) ** 2, rel=1e-9)
        mean = rt.Mean(Decimal(sums.y).scaleb(-2), sums.x, sampling=sums)
        reach = stats.t.ppf(0.975, 59) * float(fit.bse[0])
        assert float(mean) == pytest.approx(float(fit.params[0]), rel=1e-12)
        assert tuple(mean.interval()) == pytest.approx((float(mean) - reach, float(mean) + reach), rel=1e-8)

    @pytest.mark.parametrize("seed", range(3))
    def test_refund_rate(self, seed: int) -> None:
        # Weighted by 1 / x, the slope through the origin is sum(y) / sum(x).
        orders = drawn_orders(seed, 60)
        customer, cents, refunded = (np.array(column) for column in zip(*orders, strict=True))
        fit = WLS(refunded.astype(float), cents.astype(float), weights=1 / cents).fit(
            cov_type="cluster", cov_kwds={"groups": customer}
        )
        _, gross, back = per_customer(orders)
        sums = by_customer(gross, back, scale=100, x_scale=100)
        assert sums.variance() == pytest.approx(float(fit.bse[0]) ** 2, rel=1e-9)
        share = float(fit.params[0])
        effective = share * (1 - share) / float(fit.bse[0]) ** 2
        expected = proportion_confint(share * effective, effective, method="wilson")
        found = rt.Ratio(sums.y, sums.x, sampling=sums).interval()
        assert tuple(found) == pytest.approx(expected, rel=1e-9)

    def test_against_resampling_of_customers(self) -> None:
        count, total, _ = per_customer(drawn_orders(4, 800))
        random = np.random.default_rng(4)
        again = random.integers(0, len(count), size=(4_000, len(count)))
        resampled = total[again].sum(axis=1) / count[again].sum(axis=1)
        assert math.sqrt(by_customer(count, total).variance()) == pytest.approx(resampled.std(), rel=0.05)


class TestTwoMeans:
    @pytest.mark.parametrize("n, m", [(2, 2), (5, 40), (300, 200)])
    def test_of_one_order_each_against_welch(self, n: int, m: int) -> None:
        random = np.random.default_rng(n)
        a, b = (
            [int(cents) for cents in random.lognormal(9, spread, size=size)]
            for spread, size in ((0.3, n), (0.9, m))
        )
        expected = stats.ttest_ind(np.array(a) / 100, np.array(b) / 100, equal_var=False)
        found = rt.compare(mean_of(a), mean_of(b))
        assert found.difference == pytest.approx((np.mean(a) - np.mean(b)) / 100, rel=1e-9)
        assert found.p_value == pytest.approx(expected.pvalue, rel=1e-7)
        for confidence in LEVELS:
            assert tuple(found.interval(confidence)) == pytest.approx(
                tuple(expected.confidence_interval(confidence)), rel=1e-7, abs=1e-7
            )

    @pytest.mark.parametrize("seed", range(3))
    def test_clustered(self, seed: int) -> None:
        a, b = (per_customer(drawn_orders(10 * seed + number, 30 + 50 * number)) for number in (0, 1))
        sums = [by_customer(count, total, scale=100) for count, total, _ in (a, b)]
        means = [rt.Mean(Decimal(each.y).scaleb(-2), each.x, sampling=each) for each in sums]
        errors = [bse_of_mean(count, total / 100) for count, total, _ in (a, b)]
        self.check(rt.compare(*means), [float(mean) for mean in means], errors, (30, 80))

    @pytest.mark.parametrize("seed", range(3))
    def test_shares_of_money(self, seed: int) -> None:
        a, b = (per_customer(drawn_orders(10 * seed + number, 40 + 50 * number)) for number in (0, 1))
        sums = [by_customer(gross, back, scale=100, x_scale=100) for _, gross, back in (a, b)]
        shares = [
            rt.Ratio(Decimal(each.y).scaleb(-2), Decimal(each.x).scaleb(-2), sampling=each) for each in sums
        ]
        errors = [bse_of_mean(gross, back) for _, gross, back in (a, b)]
        self.check(rt.compare(*shares), [float(share) for share in shares], errors, (40, 90))

    @pytest.mark.parametrize("seed", range(3))
    def test_shares_of_orders(self, seed: int) -> None:
        a, b = (per_customer(drawn_orders(10 * seed + number, 40 + 50 * number)) for number in (0, 1))
        sums = [by_customer(gross, back) for _, gross, back in (a, b)]
        shares = [rt.Ratio(each.y, each.x, sampling=each) for each in sums]
        (value_a, n_a), (value_b, n_b) = (
            (share, share * (1 - share) / bse_of_mean(gross, back) ** 2)
            for share, (_, gross, back) in zip(map(float, shares), (a, b), strict=True)
        )

        def expected(z: float) -> Ends:
            own = wilson_at(value_a, n_a, z), wilson_at(value_b, n_b, z)
            return squared_and_added((value_a, value_b), *own)

        found = rt.compare(*shares)
        assert found.difference == pytest.approx(value_a - value_b, rel=1e-9)
        assert found.p_value == pytest.approx(where_it_reaches_0(expected, value_a - value_b), rel=1e-7)
        for confidence in LEVELS:
            z = stats.norm.ppf((1 + confidence) / 2)
            assert tuple(found.interval(confidence)) == pytest.approx(expected(z), rel=1e-7)

    @staticmethod
    def check(found: rt.Comparison, values: list[float], errors: list[float], sizes: tuple[int, int]) -> None:
        difference, spread = values[0] - values[1], math.hypot(*errors)
        freedom = welch(errors[0] ** 2, sizes[0], errors[1] ** 2, sizes[1])
        assert found.difference == pytest.approx(difference, rel=1e-9)
        assert found.p_value == pytest.approx(2 * stats.t.sf(abs(difference) / spread, freedom), rel=1e-7)
        for confidence in LEVELS:
            reach = stats.t.ppf((1 + confidence) / 2, freedom) * spread
            assert tuple(found.interval(confidence)) == pytest.approx(
                (difference - reach, difference + reach), rel=1e-7
            )


def bse_of_mean(x: Any, y: Any) -> float:
    """Cluster-robust standard error of sum(y) / sum(x), by statsmodels, from one row a customer."""
    fit = WLS(y.astype(float), x.astype(float), weights=1 / x).fit(
        cov_type="cluster", cov_kwds={"groups": np.arange(len(x))}
    )
    return float(fit.bse[0])


# --- two periods of the same customers ---


def paired_orders(cents: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[rt.Order]:
    """Of each customer the orders of February and those of March."""
    made: list[rt.Order] = []
    for customer, both in enumerate(cents):
        for period, spent in zip((FEBRUARY, MARCH), both, strict=True):
            made += [
                rt.Order(
                    id=len(made) + number,
                    customer_id=customer,
                    placed_at=period.start + timedelta(hours=1 + number),
                    amount=Decimal(each).scaleb(-2),
                    currency="EUR",
                )
                for number, each in enumerate(spent)
            ]
    return made


class TestPaired:
    @pytest.mark.parametrize("n", [2, 3, 50])
    def test_of_one_order_each_against_the_paired_t_test(self, n: int) -> None:
        random = np.random.default_rng(n)
        before = random.integers(1_000, 9_000, size=n)
        after = before + random.integers(-500, 900, size=n)
        orders = paired_orders([([int(b)], [int(a)]) for b, a in zip(before, after, strict=True)])
        snapshot = rt.snapshot(orders, period=MARCH)
        expected = stats.ttest_rel(after / 100, before / 100)
        for metric in ("average_order_value", "average_customer_value"):
            found = snapshot.change(metric)
            assert found.difference == pytest.approx((after - before).mean() / 100, rel=1e-9)
            assert found.p_value == pytest.approx(expected.pvalue, rel=1e-7)
            for confidence in LEVELS:
                assert tuple(found.interval(confidence)) == pytest.approx(
                    tuple(expected.confidence_interval(confidence)), rel=1e-7
                )

    @pytest.mark.parametrize("seed", range(3))
    def test_of_many_orders_each_against_a_regression_on_the_month(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        n = 40
        cents = [
            tuple(
                [int(each) for each in random.lognormal(own, 0.5, size=1 + random.poisson(2))]
                for _ in ("February", "March")
            )
            for own in random.normal(8, 0.6, size=n)
        ]
        rows = [
            (who, month, each)
            for who, both in enumerate(cents)
            for month, spent in enumerate(both)
            for each in spent
        ]
        who, month, spent = (np.array(column) for column in zip(*rows, strict=True))
        fit = OLS(spent / 100, np.column_stack([np.ones(len(spent)), month])).fit(
            cov_type="cluster", cov_kwds={"groups": who, "use_correction": False}
        )
        reach = stats.t.ppf(0.975, n - 1) * float(fit.bse[1]) * math.sqrt(n / (n - 1))
        slope = float(fit.params[1])
        found = rt.snapshot(paired_orders(cents), period=MARCH).change("average_order_value")  # type: ignore[arg-type]
        assert found.difference == pytest.approx(slope, rel=1e-9)
        assert tuple(found.interval()) == pytest.approx((slope - reach, slope + reach), rel=1e-7)

    @pytest.mark.parametrize(
        "table",
        [
            (30, 8, 20, 42),
            (36, 12, 2, 0),
            (20, 12, 2, 16),
            (9, 9, 0, 2),
            (1, 5, 9, 1),
            (43, 0, 1, 0),
            (5, 4, 4, 7),
        ],
    )
    def test_shares_of_the_same_customers(self, table: tuple[int, int, int, int]) -> None:
        # All buy once or twice in either month: so many twice in both, in March, in February, in neither.
        once, twice = [1_000], [1_000, 1_000]
        kinds = [(twice, twice), (once, twice), (twice, once), (once, once)]
        cents = [kind for kind, number in zip(kinds, table, strict=True) for _ in range(number)]
        found = rt.snapshot(paired_orders(cents), period=MARCH).change("repeat_purchase_rate")
        difference = (table[1] - table[2]) / sum(table)
        assert found.difference == pytest.approx(difference, rel=1e-12)
        for confidence in LEVELS:
            expected = paired(table, stats.norm.ppf((1 + confidence) / 2))
            assert tuple(found.interval(confidence)) == pytest.approx(expected, rel=1e-7)
        if difference:
            assert found.p_value == pytest.approx(
                where_it_reaches_0(lambda z: paired(table, z), difference), rel=1e-6
            )
        else:
            assert found.p_value == 1

    def test_shares_of_the_same_customers_come_near_the_paired_tests(self) -> None:
        once, twice = [1_000], [1_000, 1_000]
        cents = [(twice, twice)] * 300 + [(twice, once)] * 150 + [(once, twice)] * 110 + [(once, once)] * 440
        found = rt.snapshot(paired_orders(cents), period=MARCH).change("repeat_purchase_rate")
        changes = stats.ttest_1samp([-1] * 150 + [1] * 110 + [0] * 740, 0)
        assert found.p_value == pytest.approx(changes.pvalue, rel=0.05)
        assert found.p_value == pytest.approx(
            mcnemar([[300, 150], [110, 440]], exact=False, correction=False).pvalue, rel=0.05
        )
        assert tuple(found.interval()) == pytest.approx(tuple(changes.confidence_interval()), rel=0.02)


def paired(table: tuple[int, int, int, int], z: float) -> Ends:
    """The interval of the change of a share among the same customers.

    Newcombe (1998), Statistics in Medicine 17, 2635-2650, method 8.

    Args:
        table: How many are in the share both times, only the second, only the first, neither time.
        z: Normal quantile.
    """
    both, later, earlier, neither = table
    n = sum(table)
    now, before = both + later, both + earlier
    spread = now * (n - now) * before * (n - before)
    phi = (both * neither - later * earlier) / math.sqrt(spread) if spread else 0.0
    return squared_and_added(
        (now / n, before / n), wilson_at(now / n, n, z), wilson_at(before / n, n, z), phi
    )


class TestHolm:
    @pytest.mark.parametrize("seed", range(3))
    def test_over_a_snapshot(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        cents = [
            tuple(
                [int(each) for each in random.lognormal(8, 0.5, size=random.poisson(1.2))] for _ in range(2)
            )
            for _ in range(60)
        ]
        changes = rt.snapshot(paired_orders(cents), period=MARCH).changes().values()  # type: ignore[arg-type]
        tested = [change for change in changes if change.p_value is not None]
        assert len(tested) > 5
        _, expected, _, _ = multipletests([change.p_value for change in tested], method="holm")
        assert [change.adjusted_p_value for change in tested] == pytest.approx(list(expected), rel=1e-12)
        assert {change.comparisons for change in tested} == {len(tested)}
        assert all(change.adjusted_p_value is None for change in changes if change.p_value is None)


# --- survey scores ---


def responses(kind: str, scores: Sequence[int], **more: Any) -> list[rt.SurveyResponse]:
    return [
        rt.SurveyResponse(
            kind=kind,
            score=score,
            customer_id=number,
            responded_at=datetime(2026, 3, 1 + number % 28, 12, tzinfo=UTC),
            **more,
        )
        for number, score in enumerate(scores)
    ]


def rocks(promoters: int, detractors: int, n: int, z: float) -> tuple[float, float]:
    """Rocks (2016), the adjusted Wald interval: three quarters of a promoter and of a detractor are added."""
    p, d = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    spread = math.sqrt((p + d - (p - d) ** 2) / (n + 3))
    value = 100 * (promoters - detractors) / n
    low, high = 100 * (p - d - z * spread), 100 * (p - d + z * spread)
    return min(max(low, -100), value), max(min(high, 100), value)


class TestScores:
    @pytest.mark.parametrize(
        "promoters, passives, detractors",
        [(5, 3, 2), (1, 0, 0), (10, 0, 0), (0, 0, 4), (0, 7, 0), (1, 0, 1), (150, 90, 60), (299, 1, 0)],
    )
    def test_net_promoter_score(self, promoters: int, passives: int, detractors: int) -> None:
        scores = [9, 10] * (promoters // 2) + [9] * (promoters % 2) + [7] * passives + [0] * detractors
        score = rt.net_promoter_score(responses("nps", scores), period=MARCH)
        n = len(scores)
        assert score.value == pytest.approx(100 * (promoters - detractors) / n)
        for confidence in LEVELS:
            expected = rocks(promoters, detractors, n, stats.norm.ppf((1 + confidence) / 2))
            assert tuple(score.interval(confidence)) == pytest.approx(expected, rel=1e-9, abs=1e-9)

    @pytest.mark.parametrize("positive, n", [(0, 5), (7, 10), (10, 10), (123, 300)])
    def test_customer_satisfaction_score(self, positive: int, n: int) -> None:
        scores = [5, 4] * (positive // 2) + [4] * (positive % 2) + [3, 1] * ((n - positive) // 2)
        scores += [2] * ((n - positive) % 2)
        score = rt.customer_satisfaction_score(responses("csat", scores, scale=(1, 5)), period=MARCH)
        expected = [100 * bound for bound in proportion_confint(positive, n, method="wilson")]
        assert score.value == pytest.approx(100 * positive / n)
        assert tuple(score.interval()) == pytest.approx(tuple(expected), rel=1e-9, abs=1e-9)

    def test_customer_effort_score(self) -> None:
        scores = [1, 2, 2, 3, 5, 7, 4, 3]
        effort = responses("ces", scores, scale=(1, 7), direction="lower")
        score = rt.customer_effort_score(effort, period=MARCH)
        expected = stats.ttest_1samp(100 * np.array(scores) / 7, 0).confidence_interval()
        assert score.value == pytest.approx(100 * np.mean(scores) / 7)
        assert tuple(score.interval()) == pytest.approx(tuple(expected), rel=1e-9)

    def test_two_satisfaction_scores_are_two_shares(self) -> None:
        a, b = (
            rt.customer_satisfaction_score(responses("csat", scores, scale=(1, 5)), period=MARCH)
            for scores in ([5] * 56 + [1] * 14, [4] * 48 + [2] * 32)
        )
        expected = confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")
        found = rt.compare(a, b)
        assert found.difference == pytest.approx(20, rel=1e-9)
        assert tuple(found.interval()) == pytest.approx(tuple(100 * bound for bound in expected), rel=1e-9)

    def test_two_net_scores_by_square_and_add(self) -> None:
        a, b = (
            rt.net_promoter_score(responses("nps", scores), period=MARCH)
            for scores in ([9] * 15 + [7] * 9 + [3] * 6, [10] * 14 + [8] * 3 + [0] * 3)
        )

        def expected(z: float) -> Ends:
            return squared_and_added((30, 55), rocks(15, 6, 30, z), rocks(14, 3, 20, z))

        found = rt.compare(a, b)
        assert found.difference == pytest.approx(30 - 55)
        assert found.p_value == pytest.approx(where_it_reaches_0(expected, 30 - 55), rel=1e-7)
        for confidence in LEVELS:
            z = stats.norm.ppf((1 + confidence) / 2)
            assert tuple(found.interval(confidence)) == pytest.approx(expected(z), rel=1e-9)
