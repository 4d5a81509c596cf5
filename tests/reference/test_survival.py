"""Survival curves against a published table, against statsmodels, and against loops that weigh each customer."""

from __future__ import annotations

from array import array
from datetime import timedelta
from math import comb
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight, survdiff

from retention.survival import Spell, Spells, SurvivalCurve, compare_curves, survival_curve

DAY = timedelta(days=1)
WEEK = 7 * DAY

# Weeks of remission of 42 children with leukaemia, a minus where it was still lasting when last seen. Freireich et al.
# (1963), Blood 21, 699-716; printed in full by Gehan (1965), Biometrika 52, 203-223.
WITH_6_MP = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35]
WITH_PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def remissions(weeks: list[int]) -> SurvivalCurve:
    return survival_curve([Spell(abs(each) * WEEK, ended=each > 0) for each in weeks], event="relapsed")


class TestLeukaemia:
    """Figures as textbooks print them: Kalbfleisch and Prentice (2002), Cox and Oakes (1984), and others."""

    SURVIVAL = (0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448)
    DEVIATION = (0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346)
    AT_RISK = (21, 17, 15, 12, 11, 7, 6)

    def test_the_curve(self):
        start, *points = remissions(WITH_6_MP).points()
        assert (start.time, start.survival, start.at_risk) == (0 * DAY, 1.0, 21)
        assert [point.time / WEEK for point in points] == [6, 7, 10, 13, 16, 22, 23]
        assert [point.survival for point in points] == pytest.approx(list(self.SURVIVAL), abs=0.0005)
        assert [point.at_risk for point in points] == list(self.AT_RISK)
        assert [point.ended for point in points] == [3, 1, 1, 1, 1, 1, 1]
        assert [point.censored for point in points] == [1, 1, 2, 0, 3, 0, 5]

    def test_greenwood(self):
        for weeks, share, deviation in zip(
            (6, 7, 10, 13, 16, 22, 23), self.SURVIVAL, self.DEVIATION, strict=True
        ):
            interval = remissions(WITH_6_MP).survival(weeks * WEEK).interval()
            scale = 1.959964 * deviation / (share * np.log(share))
            assert interval.low == pytest.approx(share ** np.exp(-scale), abs=0.003)
            assert interval.high == pytest.approx(share ** np.exp(scale), abs=0.003)

    def test_medians(self):
        assert remissions(WITH_6_MP).median == 23 * 7
        assert remissions(WITH_PLACEBO).median == 8 * 7
        # Of the bounds of the treated, only the upper one of the curve stays above a half.
        assert remissions(WITH_6_MP).median_interval().low == 13 * 7
        assert remissions(WITH_6_MP).median_interval().high is None

    def test_log_rank(self):
        found = compare_curves({"6-MP": remissions(WITH_6_MP), "placebo": remissions(WITH_PLACEBO)})
        assert found.observed == {"6-MP": 9, "placebo": 21}
        assert found.expected == pytest.approx({"6-MP": 19.25, "placebo": 10.75}, abs=0.005)
        assert found.statistic == pytest.approx(16.79, abs=0.005)
        assert found.degrees_of_freedom == 1
        assert found.p_value == pytest.approx(4.17e-5, rel=0.01)
        assert found.verdict == "real"


def random_spells(seed: int, size: int = 60, *, late: bool = False, top: int = 40) -> list[Spell]:
    """Tied and untied, ended of one of two causes or not, and some entering late."""
    random = Random(seed)
    spells = []
    for _ in range(size):
        days = random.randrange(1, top)
        entered = random.randrange(0, days) if late and random.random() < 0.5 else 0
        cause = random.choice(["voluntary", "involuntary", None, None])
        spells.append(Spell(days * DAY, ended=cause is not None, cause=cause, entered=entered * DAY))
    return spells


def columns(spells: list[Spell]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        np.array([each.duration / DAY for each in spells]),
        np.array([int(each.ended) for each in spells]),
        np.array([each.entered / DAY for each in spells]),
    )


def with_start(spells: list[Spell]) -> list[Spell]:
    """With so many watched from the origin on that the curve never breaks off."""
    return [*spells, *(Spell(45 * DAY, ended=False) for _ in range(5))]


@pytest.mark.parametrize("seed", range(8))
class TestStatsmodels:
    @pytest.mark.parametrize("late", [False, True])
    def test_curve(self, seed, late):
        spells = with_start(random_spells(seed, late=late))
        curve = survival_curve(spells)
        time, status, entry = columns(spells)
        # Who is watched from 0 on is so at 0 too; statsmodels takes the entry itself out.
        oracle = SurvfuncRight(time, status, entry=entry - (entry == 0) * 0.5 if late else None)
        steps = [point for point in curve.points() if point.ended]
        assert [point.time / DAY for point in steps] == list(oracle.surv_times)
        assert [point.survival for point in steps] == pytest.approx(list(oracle.surv_prob), rel=1e-12)
        assert [point.at_risk for point in steps] == list(oracle.n_risk)
        for point, share, deviation in zip(steps, oracle.surv_prob, oracle.surv_prob_se, strict=True):
            interval = curve.survival(point.time).interval(0.9)
            scale = stats.norm.ppf(0.95) * deviation / (share * np.log(share))
            bounds = share ** np.exp(-scale), share ** np.exp(scale)
            assert tuple(interval) == pytest.approx(bounds, rel=1e-9)
            at_95 = curve.survival(point.time).interval()
            assert (point.low, point.high) == tuple(at_95)

    def test_quantiles(self, seed):
        spells = with_start(random_spells(seed))
        time, status, _ = columns(spells)
        oracle = SurvfuncRight(time, status)
        for share in (0.1, 0.25, 0.5, 0.9):
            days = oracle.quantile(share)
            # Where the curve lies level at the share, statsmodels takes the next step.
            assert survival_curve(spells).quantile(share) == (None if np.isnan(days) else days)
            low, high = oracle.quantile_ci(share, method="cloglog")
            found = survival_curve(spells).quantile_interval(share)
            assert found.low == (None if np.isnan(low) or np.isinf(low) else low)
            assert found.high == (None if np.isnan(high) or np.isinf(high) else high)

    @pytest.mark.parametrize("late", [False, True])
    def test_log_rank(self, seed, late):
        sizes = (50, 30, 40) if seed % 2 else (60, 30)
        groups = [random_spells(seed * 10 + place, size, late=late) for place, size in enumerate(sizes)]
        found = compare_curves(*map(survival_curve, groups))
        time, status, entry = (np.concatenate(parts) for parts in zip(*map(columns, groups), strict=True))
        group = np.repeat(range(len(groups)), sizes)
        # Without ties between entries and ends: statsmodels takes who enters at an end for watched then.
        statistic, p_value = survdiff(time, status, group, entry=entry + 0.5 if late else None)
        if late:
            entered = [
                [Spell(s.duration, ended=s.ended, cause=s.cause, entered=s.entered + DAY / 2) for s in spells]
                for spells in groups
            ]
            found = compare_curves(*map(survival_curve, entered))
        assert found.statistic == pytest.approx(statistic, rel=1e-9)
        assert found.p_value == pytest.approx(p_value, rel=1e-8)
        assert found.degrees_of_freedom == len(groups) - 1

    def test_incidence(self, seed):
        spells = with_start(random_spells(seed))
        curve = survival_curve(spells)
        time = np.array([each.duration / DAY for each in spells])
        status = np.array([{None: 0, "voluntary": 1, "involuntary": 2}[each.cause] for each in spells])
        oracle = CumIncidenceRight(time, status)
        for place, cause in enumerate(("voluntary", "involuntary")):
            for days, share, deviation in zip(
                oracle.times, oracle.cinc[place], oracle.cinc_se[place], strict=True
            ):
                found = curve.incidence(days * DAY, cause)
                assert found.value == pytest.approx(share, rel=1e-12)
                if 0 < share < 1:
                    # statsmodels' error is Aalen's, ours the delta method's: near, not the same.
                    low, high = found.interval()
                    scale = 1.959964 * deviation / (share * np.log(share))
                    assert low == pytest.approx(share ** np.exp(-scale), abs=0.03)
                    assert high == pytest.approx(share ** np.exp(scale), abs=0.03)


# ------------------------------------------------------------------------- each customer weighed


class Weighed:
    """The estimates with a weight for each customer: how far a customer moves them is a slope."""

    def __init__(self, spells: list[Spell], clusters: list[int]) -> None:
        self.time, _, self.entry = columns(spells)
        self.cause = np.array([each.cause or "" for each in spells])
        self.cluster = np.array(clusters)

    def estimates(self, weights: np.ndarray, day: float) -> dict[str, float]:
        weight = weights[self.cluster]
        survival, before, area = 1.0, 0.0, 0.0
        by_cause = {"voluntary": 0.0, "involuntary": 0.0}
        for time in np.unique(self.time[(self.cause != "") & (self.time <= day)]):
            at_risk = (self.entry < time) & (self.time >= time)
            here = weight[at_risk].sum()
            area += survival * (time - before)
            before = time
            ends = {
                cause: weight[(self.time == time) & (self.cause == cause)].sum() / here for cause in by_cause
            }
            for cause, hazard in ends.items():
                by_cause[cause] += survival * hazard
            survival *= 1 - sum(ends.values())
        return {"survival": survival, "area": area + survival * (day - before), **by_cause}

    def variances(self, day: float) -> dict[str, float]:
        count = self.cluster.max() + 1
        found: dict[str, float] = dict.fromkeys(self.estimates(np.ones(count), day), 0.0)
        step = 1e-4
        for who in range(count):
            up, down = np.ones(count), np.ones(count)
            up[who] += step
            down[who] -= step
            above, below = self.estimates(up, day), self.estimates(down, day)
            for name in found:
                found[name] += ((above[name] - below[name]) / (2 * step)) ** 2
        return {name: variance * count / (count - 1) for name, variance in found.items()}


def log_log(share: float, variance: float) -> Any:
    """The bounds that a variance comes to."""
    scale = stats.norm.ppf(0.975) * np.sqrt(variance) / (share * np.log(share))
    return pytest.approx((share ** np.exp(-scale), share ** np.exp(scale)), rel=1e-5)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_clustered_by_customer(seed, late):
    spells = with_start(random_spells(seed, late=late))
    random = Random(seed)
    clusters = [random.randrange(20) for _ in spells]
    clusters[:20] = range(20)
    curve = survival_curve(spells, clusters=clusters)
    assert curve.customers == 20
    oracle = Weighed(spells, clusters)
    for day in (5, 11.5, 20, 33, 39):
        shares, variances = oracle.estimates(np.ones(20), day), oracle.variances(day)
        found = curve.survival(day * DAY)
        assert found.value == pytest.approx(shares["survival"], rel=1e-12)
        assert tuple(found.interval()) == log_log(shares["survival"], variances["survival"])
        assert "clustered by customer" in found.interval().method
        for cause in ("voluntary", "involuntary"):
            found = curve.incidence(day * DAY, cause)
            assert found.value == pytest.approx(shares[cause], rel=1e-12)
            if found.value:
                assert tuple(found.interval()) == log_log(shares[cause], variances[cause])
        mean = curve.restricted_mean(day * DAY)
        assert mean.value == pytest.approx(shares["area"], rel=1e-12)
        assert mean.variance == pytest.approx(variances["area"], rel=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_without_repeats_the_influences_give_greenwood_and_the_delta_method(seed):
    """Of one spell each, the same sums of squares: so the two variances are one theory."""
    spells = with_start(random_spells(seed))
    curve = survival_curve(spells)
    oracle = Weighed(spells, list(range(len(spells))))
    count = len(spells)
    for day in (5, 20, 39):
        shares, variances = oracle.estimates(np.ones(count), day), oracle.variances(day)
        variances = {name: variance * (count - 1) / count for name, variance in variances.items()}
        assert tuple(curve.survival(day * DAY).interval()) == log_log(
            shares["survival"], variances["survival"]
        )
        assert curve.restricted_mean(day * DAY).variance == pytest.approx(variances["area"], rel=1e-5)
        for cause in ("voluntary", "involuntary"):
            found = curve.incidence(day * DAY, cause)
            if found.value:
                assert tuple(found.interval()) == log_log(shares[cause], variances[cause])


@pytest.mark.parametrize("n", [5, 20])
def test_how_often_all_end_though_more_are_left_than_the_upper_bound_says(n):
    """Every outcome in which all of n end, on day 1 with chance a, or on day 2 with chance b of those left.

    With two bounds of which the lower counts, the truth lies above it no more often than with Wilson's alone, of
    none of n, which is 1 in 17 at worst of 5, and 1 in 36 of 20.
    """
    bounds = [
        survival_curve([Spell(DAY)] * first + [Spell(2 * DAY)] * (n - first)).survival(2 * DAY).interval()
        for first in range(n)
    ]

    def missed(a: float, b: float) -> float:
        chances = [comb(n, first) * a**first * ((1 - a) * b) ** (n - first) for first in range(n)]
        return sum(
            chance for chance, bound in zip(chances, bounds, strict=True) if (1 - a) * (1 - b) > bound.high
        )

    alone = bounds[0].high
    assert alone == pytest.approx(stats.norm.ppf(0.975) ** 2 / (n + stats.norm.ppf(0.975) ** 2))
    worst = max(missed(a / 50, b / 200) for a in range(50) for b in range(100, 200))
    assert worst <= (1 - alone) ** n + 1e-9 < (0.06 if n == 5 else 0.03)
    assert worst > 0.01  # neither bound is idle


def test_how_often_the_bounds_hold_the_truth():
    """95 % bounds of clustered spells hold the true share in about 95 % of draws; Greenwood's hold it less often."""
    random = Random(20)
    held = {"clustered": 0, "plain": 0}
    draws, day = 300, 30 * DAY
    for _ in range(draws):
        ended_at, cause, cluster = array("q"), [], []
        for who in range(60):
            pace = random.choice([20.0, 200.0])
            for _ in range(6):
                days, seen = random.expovariate(1 / pace), random.uniform(10, 90)
                ended_at.append(int(min(days, seen) * 86_400_000_000))
                cause.append("ended" if days <= seen else None)
                cluster.append(who)
        truth = (np.exp(-30 / 20) + np.exp(-30 / 200)) / 2
        plain = SurvivalCurve.of(Spells(ended_at=ended_at, cause=cause))
        clustered = SurvivalCurve.of(Spells(ended_at=ended_at, cause=cause, cluster=cluster))
        held["plain"] += truth in plain.survival(day).interval()
        held["clustered"] += truth in clustered.survival(day).interval()
    assert 0.92 <= held["clustered"] / draws <= 0.98
    assert held["plain"] / draws < 0.90
