"""What must hold of every survival curve, whatever the spells."""

from __future__ import annotations

import copy
import math
import pickle
from datetime import timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given, strategies as st

from retention.errors import NotObservableError, UndefinedMetricError
from retention.survival import Spell, SurvivalCurve, compare_curves, survival_curve

HOUR = timedelta(hours=1)
TIMES = [hour * HOUR for hour in range(0, 60, 3)]


@st.composite
def a_spell(draw: st.DrawFn, *, late: bool = True) -> Spell:
    hours = draw(st.integers(0, 50))
    cause = draw(st.sampled_from(["voluntary", "involuntary", None]))
    ended = cause is not None or draw(st.booleans())
    entered = draw(st.integers(0, hours - 1)) if late and hours and draw(st.booleans()) else 0
    return Spell(hours * HOUR, ended=ended, cause=cause, entered=entered * HOUR)


def lists(*, late: bool = True, least: int = 1) -> st.SearchStrategy[list[Spell]]:
    return st.lists(a_spell(late=late), min_size=least, max_size=25)


def told(curve: SurvivalCurve) -> dict[timedelta, float]:
    """The share at each of some times that can be told."""
    shares = {time: curve.survival(time).value for time in TIMES}
    return {time: share for time, share in shares.items() if share is not None}


@given(lists())
def test_the_curve_falls_from_1_to_0(spells):
    shares = list(told(survival_curve(spells)).values())
    assert all(0 <= share <= 1 for share in shares)
    assert shares == sorted(shares, reverse=True)


@given(lists())
def test_incidence_by_cause_adds_up(spells):
    curve = survival_curve(spells)
    for time, share in told(curve).items():
        by_cause = [curve.incidence(time, cause).value for cause in curve.causes]
        assert sum(by_cause) == pytest.approx(1 - share, abs=1e-12)
        assert curve.incidence(time).value == 1 - share


@given(lists(late=False))
def test_where_all_have_ended_it_is_the_share_of_those_that_last_longer(spells):
    spells = [Spell(each.duration) for each in spells]
    curve = survival_curve(spells)
    for time in TIMES:
        longer = sum(each.duration > time for each in spells)
        assert curve.survival(time).value == longer / len(spells)
    lasted = sorted(each.duration for each in spells)
    for share in (0.1, 0.25, 0.5, 0.75, 0.9, 1):
        place = math.ceil(Fraction(str(share)) * len(lasted)) - 1
        assert curve.quantile(share) == lasted[place] / timedelta(days=1)


@given(lists(), st.randoms(use_true_random=False))
def test_the_order_of_the_spells_makes_no_difference(spells, random):
    mixed = list(spells)
    random.shuffle(mixed)
    one, other = survival_curve(spells), survival_curve(mixed)
    assert one == other
    assert hash(one) == hash(other)
    assert str(one) == str(other)


@given(lists(), st.integers(2, 9))
def test_with_all_times_longer_all_times_are_longer(spells, factor):
    longer = [
        Spell(each.duration * factor, ended=each.ended, cause=each.cause, entered=each.entered * factor)
        for each in spells
    ]
    one, other = survival_curve(spells), survival_curve(longer)
    assert [point.survival for point in one.points()] == [point.survival for point in other.points()]
    for share in (0.25, 0.5, 1):
        short, long = one.quantile(share), other.quantile(share)
        assert (short is None) == (long is None)
        assert short is None or long == pytest.approx(short * factor)


@given(lists(least=3), st.integers(1, 49), st.integers(0, 24))
def test_a_spell_in_two_parts_is_the_same_spell(spells, hours, place):
    place %= len(spells)
    whole = spells[place]
    assume(whole.entered < hours * HOUR < whole.duration)
    parts = [
        Spell(hours * HOUR, ended=False, entered=whole.entered),
        Spell(whole.duration, ended=whole.ended, cause=whole.cause, entered=hours * HOUR),
    ]
    split = [*spells[:place], *parts, *spells[place + 1 :]]
    one, other = survival_curve(spells), survival_curve(split)
    assert told(one) == told(other)
    for time in told(one):
        assert one.survival(time).at_risk == other.survival(time).at_risk
        if one.survival(time).value not in {0, 1}:
            assert one.survival(time).interval() == other.survival(time).interval()
    beside = survival_curve(spells[:2])
    assert compare_curves(one, beside).statistic == pytest.approx(compare_curves(other, beside).statistic)


@given(lists(), st.floats(0.5, 0.999))
def test_bounds_hold_the_share_and_are_numbers(spells, confidence):
    curve = survival_curve(spells, clusters=[number % 4 for number in range(len(spells))])
    for each in (curve, survival_curve(spells)):
        for time, share in told(each).items():
            for found in (each.survival(time), each.incidence(time), *causes(each, time)):
                try:
                    low, high = found.interval(confidence)
                except UndefinedMetricError:
                    assert each is curve  # customers who are all alike
                    continue
                assert 0 <= low <= found.value <= high <= 1
                assert not math.isnan(low + high)
            assert each.survival(time).value == share


def causes(curve: SurvivalCurve, time: timedelta) -> list[object]:
    return [curve.incidence(time, cause) for cause in curve.causes]


@given(lists())
def test_points_add_up(spells):
    curve = survival_curve(spells)
    points = list(curve.points())
    assert points[0].survival == 1 or points[0].ended
    assert sum(point.ended for point in points) <= curve.ended
    assert sum(point.censored for point in points) <= curve.censored
    if curve.caution is None:
        assert sum(point.ended for point in points) == curve.ended
        assert sum(point.censored for point in points) == curve.censored
    for point in points:
        assert curve.survival(point.time).value in {point.survival, None}
        assert point.low is None or point.low <= point.survival <= point.high


@given(lists())
def test_the_mean_time_is_the_area(spells):
    curve = survival_curve(spells)
    limit = curve.until
    assume(limit)
    try:
        found = curve.restricted_mean(limit)
    except NotObservableError:
        assert curve.caution
        return
    points = [*curve.points()]
    ends = [point.time for point in points[1:]] + [limit]
    area = sum(
        (min(end, limit) - min(point.time, limit)) / timedelta(days=1) * point.survival
        for point, end in zip(points, ends, strict=True)
    )
    assert found.value == pytest.approx(area + points[0].time / timedelta(days=1), abs=1e-9)
    assert found.variance >= 0


@given(lists())
def test_it_can_be_copied_and_pickled(spells):
    curve = survival_curve(spells, clusters=[number // 2 for number in range(len(spells))])
    for other in (copy.copy(curve), copy.deepcopy(curve), pickle.loads(pickle.dumps(curve))):
        assert other == curve
        assert hash(other) == hash(curve)
        assert str(other) == str(curve)


@given(lists(), st.integers(2, 4))
def test_alike_groups_don_t_differ(spells, groups):
    curve = survival_curve(spells)
    found = compare_curves(*[curve] * groups)
    assert found.statistic is None or found.statistic == pytest.approx(0, abs=1e-12)
    assert found.verdict in {"noise", "unknown"}


@given(lists(), lists())
def test_which_group_comes_first_makes_no_difference(one, other):
    a, b = survival_curve(one), survival_curve(other)
    found, turned = compare_curves(a, b), compare_curves(b, a)
    assert (found.statistic is None) == (turned.statistic is None)
    if found.statistic is not None:
        assert found.statistic == pytest.approx(turned.statistic, rel=1e-9, abs=1e-12)
        assert 0 <= found.p_value <= 1
    assert sum(found.expected.values()) == pytest.approx(sum(found.observed.values()))


@given(st.integers(0, 10**6))
def test_who_is_told_apart_only_by_an_end_is_clustered(seed):
    """Twice the same spells of each customer know no more than once."""
    random = Random(seed)
    once = [Spell(random.randrange(1, 50) * HOUR, ended=random.random() < 0.7) for _ in range(12)]
    curve, twice = survival_curve(once), survival_curve([*once, *once], clusters=[*range(12), *range(12)])
    for time, share in told(curve).items():
        if 0 < share < 1:
            low, high = curve.survival(time).interval()
            wide = twice.survival(time).interval()
            # but for the factor n / (n − 1)
            assert wide.low <= low
            assert wide.high >= high
            assert wide.high - wide.low == pytest.approx(high - low, rel=0.1)
