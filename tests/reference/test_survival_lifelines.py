"""Survival curves against lifelines, where it is installed.

It needs a pandas older than the other tests run with, so that it has an environment of its own there.
"""

from __future__ import annotations

import os
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from retention.survival import Spell, SurvivalCurve, compare_curves, survival_curve

if os.environ.get("RETENTION_NEEDS_LIFELINES"):  # where it must not be passed over
    import lifelines
else:
    lifelines = pytest.importorskip("lifelines")

from lifelines import statistics, utils

DAY = timedelta(days=1)
# lifelines' own habits of older pandas and numpy are none of ours.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::lifelines.exceptions.ApproximationWarning"),
]


def random_spells(seed: int, size: int = 80, *, whole: bool, late: bool = False) -> list[Spell]:
    """In whole days, with ties, or in hours without any. Who is late enters between two days."""
    random = Random(seed)
    days = (
        [random.randrange(1, 40) for _ in range(size)]
        if whole
        else [hour / 24 for hour in random.sample(range(24, 960), size)]
    )
    spells = []
    for each in days:
        cause = random.choice(["voluntary", "involuntary", None])
        entered = random.randrange(int(each)) + 0.5 if late and each >= 1 and random.random() < 0.5 else 0.0
        entered = min(entered, each - 1 / 48) if entered else 0.0
        spells.append(Spell(each * DAY, ended=cause is not None, cause=cause, entered=entered * DAY))
    return [*spells, *(Spell(45 * DAY, ended=False) for _ in range(5))]


def columns(spells: list[Spell]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        np.array([each.duration / DAY for each in spells]),
        np.array([each.ended for each in spells]),
        np.array([each.entered / DAY for each in spells]),
    )


def fitted(spells: list[Spell], alpha: float = 0.05) -> Any:
    time, ended, entry = columns(spells)
    late = entry if entry.any() else None
    return lifelines.KaplanMeierFitter(alpha=alpha).fit(time, ended, entry=late)


def days_of(number: float) -> float | None:
    """Lifelines has infinity where a share is not reached."""
    return None if np.isinf(number) else float(number)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_kaplan_meier_with_bounds(seed, late):
    spells = random_spells(seed, whole=True, late=late)
    curve, oracle = survival_curve(spells), fitted(spells, alpha=0.1)
    for days, share in oracle.survival_function_["KM_estimate"].items():
        assert curve.survival(days * DAY).value == pytest.approx(share, rel=1e-9)
    for days, low, high in oracle.confidence_interval_.itertuples():
        found = curve.survival(days * DAY)
        if found.value < 1:
            assert tuple(found.interval(0.9)) == pytest.approx((low, high), rel=1e-7)
    ends = oracle.event_table[oracle.event_table["observed"] > 0]
    points = [point for point in curve.points() if point.ended]
    assert [(point.time / DAY, point.at_risk, point.ended) for point in points] == [
        (days, row["at_risk"], row["observed"]) for days, row in ends.iterrows()
    ]


@pytest.mark.parametrize("seed", range(6))
def test_median_and_quantiles(seed):
    spells = random_spells(seed, whole=True)
    curve, oracle = survival_curve(spells), fitted(spells)
    assert curve.median == days_of(oracle.median_survival_time_)
    low, high = utils.median_survival_times(oracle.confidence_interval_).to_numpy()[0]
    found = curve.median_interval()
    assert (found.low, found.high) == (days_of(low), days_of(high))
    for share in (0.1, 0.3, 0.85):
        assert curve.quantile(share) == days_of(oracle.percentile(1 - share))


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_restricted_mean(seed, late):
    spells = random_spells(seed, whole=True, late=late)
    for days in (7, 20.5, 45):
        expected = utils.restricted_mean_survival_time(fitted(spells), t=days)
        assert survival_curve(spells).restricted_mean(days * DAY).value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_aalen_johansen(seed):
    spells = random_spells(seed, whole=False)
    curve: SurvivalCurve = survival_curve([each for each in spells if each.duration < 45 * DAY])
    spells = [each for each in spells if each.duration < 45 * DAY]  # it would break the ties of the others
    time, _, _ = columns(spells)
    codes = {None: 0, "voluntary": 1, "involuntary": 2}
    status = np.array([codes[each.cause] for each in spells])
    for cause in ("voluntary", "involuntary"):
        oracle = lifelines.AalenJohansenFitter().fit(time, status, event_of_interest=codes[cause])
        shares = oracle.cumulative_density_.iloc[:, 0]
        for days, share in shares.items():
            assert curve.incidence(days * DAY, cause).value == pytest.approx(share, rel=1e-9)
        bounds = oracle.confidence_interval_.to_numpy()
        for (days, share), (low, high) in zip(shares.items(), bounds, strict=True):
            if 0 < share < 1 and not np.isnan(low):  # where all have ended lifelines has no bounds
                found = curve.incidence(days * DAY, cause).interval()
                assert tuple(found) == pytest.approx((low, high), rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_log_rank(seed):
    groups = [random_spells(seed * 10 + place, size, whole=True) for place, size in enumerate((80, 50, 60))]
    parts = [columns(group) for group in groups]
    time, ended = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
    group = np.repeat(range(3), [len(part[0]) for part in parts])
    several = statistics.multivariate_logrank_test(time, group, ended)
    found = compare_curves(*map(survival_curve, groups))
    assert found.statistic == pytest.approx(several.test_statistic, rel=1e-9)
    assert found.p_value == pytest.approx(several.p_value, rel=1e-8)
    two = statistics.logrank_test(parts[0][0], parts[1][0], parts[0][1], parts[1][1])
    found = compare_curves(*map(survival_curve, groups[:2]))
    assert found.statistic == pytest.approx(two.test_statistic, rel=1e-9)
    assert found.p_value == pytest.approx(two.p_value, rel=1e-8)
