"""Survival curves by hand: shares, times, late entries, several causes, several spells of one customer."""

from __future__ import annotations

import copy
import math
import pickle
from array import array
from datetime import timedelta
from time import process_time
from typing import Any

import pytest
from scipy import stats

import retention as rt
from retention._numerics import chi_squared_p_value, wilson
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    NotObservableError,
    UndefinedMetricError,
)
from retention.survival import Spell, Spells, SurvivalCurve, survival_curve
from retention.survival._columns import floats
from retention.survival._results import in_words

DAY = timedelta(days=1)


def spell(days: float, ended: bool = True, **fields: Any) -> Spell:
    entered = fields.pop("entered", 0) * DAY
    return Spell(days * DAY, ended=ended, entered=entered, **fields)


# 5 watched: one ends after 10 days, one after 20, one is last seen then; of two one ends after 35.
FIVE = [spell(10), spell(20), spell(20, False), spell(35), spell(50, False)]
# voluntary at 10 and 30, involuntary at 20, last seen at 15 and 40
COMPETING = [
    spell(10, cause="voluntary"),
    spell(15, False),
    spell(20, cause="involuntary"),
    spell(30, cause="voluntary"),
    spell(40, False),
]
# at 5 the only one who is watched ends; the other is watched from 10 on
BROKEN_OFF = [spell(5), spell(20, entered=10)]
GAP = [spell(3), spell(5, False), spell(20, entered=10)]

FIVE_AS_TEXT = """
after    not purchased again    95 % interval  at risk
-------  -------------------  ---------------  -------
5 days                100.0%  56.6% to 100.0%        5
10 days                80.0%   20.4% to 96.9%        5
15 days                80.0%   20.4% to 96.9%        4
20 days                60.0%   12.6% to 88.2%        4
25 days                60.0%   12.6% to 88.2%        2
30 days                60.0%   12.6% to 88.2%        2
35 days                30.0%    1.2% to 71.9%        2
40 days                30.0%    1.2% to 71.9%        1
45 days                30.0%    1.2% to 71.9%        1
50 days                30.0%    1.2% to 71.9%        1

Median: 35.0 days (95 % interval 10.0 to not reached).
5 spells: 3 purchased again, 2 not so far.
"""
COMPETING_AS_TEXT = """
after    not left    95 % interval  involuntary  voluntary  at risk
-------  --------  ---------------  -----------  ---------  -------
5 days     100.0%  56.6% to 100.0%         0.0%       0.0%        5
10 days     80.0%   20.4% to 96.9%         0.0%      20.0%        5
15 days     80.0%   20.4% to 96.9%         0.0%      20.0%        4
20 days     53.3%    6.8% to 86.3%        26.7%      20.0%        3
25 days     53.3%    6.8% to 86.3%        26.7%      20.0%        2
30 days     26.7%    1.0% to 68.6%        26.7%      46.7%        2
35 days     26.7%    1.0% to 68.6%        26.7%      46.7%        1
40 days     26.7%    1.0% to 68.6%        26.7%      46.7%        1

Median: 30.0 days (95 % interval 10.0 to not reached).
5 spells: 3 left (1 involuntary, 2 voluntary), 2 not so far.
"""


class TestSpell:
    def test_defaults(self):
        assert Spell(10 * DAY) == spell(10, True, cause=None, entered=0)
        assert hash(Spell(10 * DAY)) == hash(spell(10))

    @pytest.mark.parametrize(
        "fields, error, message",
        [
            ({"duration": 10}, InvalidTypeError, r"Spell.duration must be a timedelta .* not int \(got 10\)"),
            ({"duration": -DAY}, InvalidValueError, r"Spell.duration must not be negative"),
            ({"duration": timedelta.max}, InvalidValueError, r"Spell.duration must be at most 200,000 years"),
            ({"ended": 1}, InvalidTypeError, r"Spell.ended must be True or False, not int \(got 1\)"),
            ({"cause": 3}, InvalidTypeError, r"Spell.cause must be a str or None, not int"),
            ({"cause": " "}, InvalidValueError, r"Spell.cause must be a word, or None \(got ' '\)"),
            ({"cause": "moved", "ended": False}, InvalidValueError, r"must be None where no end was seen"),
            ({"entered": 3}, InvalidTypeError, r"Spell.entered must be a timedelta"),
            ({"entered": -DAY}, InvalidValueError, r"Spell.entered must not be negative"),
            ({"entered": 10 * DAY}, InvalidValueError, r"less than its duration .* leave out what was over"),
            ({"entered": 11 * DAY}, InvalidValueError, r"Spell.entered must be less than its duration"),
        ],
    )
    def test_refused(self, fields, error, message):
        with pytest.raises(error, match=message):
            Spell(**{"duration": 10 * DAY, **fields})


class TestSpells:
    @pytest.mark.parametrize(
        "fields, message",
        [
            ({"cause": []}, r"Spells.cause must have one place a spell \(got 0 for 2\)"),
            ({"entered": array("q", [0])}, r"Spells.entered must have one place a spell"),
            ({"cluster": [0, 1, 2]}, r"Spells.cluster must have one place a spell"),
            ({"ended_at": array("q", [-1, 2])}, r"must not be negative"),
            ({"entered": array("q", [-1, 0])}, r"must not be negative"),
            ({"entered": array("q", [0, 6])}, r"Spells.entered must be less than ended_at"),
        ],
    )
    def test_refused(self, fields, message):
        with pytest.raises(InvalidValueError, match=message):
            Spells(**{"ended_at": array("q", [0, 6]), "cause": ["ended", None], **fields})

    def test_one_row_each(self):
        spells = Spells(ended_at=array("q", [0, 6]), cause=["ended", None], entered=array("q", [0, 5]))
        assert len(spells) == 2

    def test_a_cause_of_which_nobody_ended(self):
        spells = Spells(ended_at=array("q", [86_400_000_000, 6]), cause=["moved", None])
        curve = SurvivalCurve.of(spells, event="left", causes=("died",))
        assert curve.causes == ("died", "moved")
        assert curve.ended_by == {"died": 0, "moved": 1}
        assert curve.incidence(DAY, "died").value == 0.0
        assert curve.incidence(DAY, "moved").value == 1.0


class TestGiven:
    @pytest.mark.parametrize(
        "given, keywords, error, message",
        [
            ("spells", {}, InvalidTypeError, r"spells must be an iterable of Spells, not str"),
            (3, {}, InvalidTypeError, r"spells must be an iterable of Spells, not int"),
            ([3], {}, InvalidTypeError, r"spells must be Spells, not int \(got 3\)"),
            (FIVE, {"clusters": "abcde"}, InvalidTypeError, r"clusters must be an iterable of ids, not str"),
            (FIVE, {"clusters": [1, 2]}, InvalidValueError, r"as many as spells \(got 2 for 5\)"),
            (FIVE, {"clusters": [[]] * 5}, InvalidTypeError, r"clusters must be hashable ids"),
            (FIVE, {"event": 3}, InvalidTypeError, r"event must be a str, not int"),
            (FIVE, {"event": " "}, InvalidValueError, r"event must be a word"),
        ],
    )
    def test_refused(self, given, keywords, error, message):
        with pytest.raises(error, match=message):
            survival_curve(given, **keywords)

    @pytest.mark.parametrize("again", [1, 2])
    def test_many_of_which_two_last_equally_long(self, again):
        many = [spell(day, day % 3 > 0, cause="ab"[day % 2] if day % 3 else None) for day in range(1, 1501)]
        curve = survival_curve([*many, *many[-1:] * (again - 1)])
        assert (curve.count, curve.ended_by) == (1499 + again, {"a": 500, "b": 500})
        assert curve.survival(2 * DAY).value == pytest.approx(1 - 2 / curve.count)
        assert curve.incidence(2 * DAY, "b").value == pytest.approx(1 / curve.count)
        assert sum(point.ended for point in curve.points()) == 1000

    def test_any_iterable(self):
        assert survival_curve(iter(FIVE)) == survival_curve(tuple(FIVE))

    def test_a_curve_is_what_was_counted(self):
        assert survival_curve(FIVE) != survival_curve(FIVE[1:])
        assert survival_curve(FIVE) != survival_curve(FIVE, clusters=[1, 1, 2, 3, 4])
        assert survival_curve(FIVE) == survival_curve(FIVE, clusters=[1, 2, 3, 4, 5])

    def test_copies(self):
        curve = survival_curve(FIVE, clusters=[1, 1, 2, 3, 4])
        for other in (copy.copy(curve), copy.deepcopy(curve), pickle.loads(pickle.dumps(curve))):
            assert (other, hash(other), str(other)) == (curve, hash(curve), str(curve))
        for column in (curve.table.times, floats([1.5])):
            assert copy.copy(column) is copy.deepcopy(column) is column


class TestShares:
    def test_by_hand(self):
        curve = survival_curve(FIVE)
        # 4/5, times 3/4, times 1/2
        expected = {0: 1, 9: 1, 10: 4 / 5, 19: 4 / 5, 20: 3 / 5, 34: 3 / 5, 35: 3 / 10, 50: 3 / 10}
        assert {day: curve.survival(day * DAY).value for day in expected} == pytest.approx(expected)
        at_risk = {0: 5, 10: 5, 11: 4, 20: 4, 21: 2, 35: 2, 36: 1, 50: 1}
        assert {day: curve.survival(day * DAY).at_risk for day in at_risk} == at_risk
        assert curve.incidence(20 * DAY).value == pytest.approx(2 / 5)
        assert (curve.count, curve.ended, curve.censored, curve.late) == (5, 3, 2, 0)
        assert (curve.causes, curve.customers, curve.until) == (("ended",), None, 50 * DAY)
        assert curve.incidence(20 * DAY, "ended") == curve.incidence(20 * DAY)

    def test_bounds_by_hand(self):
        curve = survival_curve(FIVE)
        greenwood = 1 / (5 * 4) + 1 / (4 * 3)
        reach = math.exp(1.959964 * math.sqrt(greenwood) / -math.log(0.6))
        interval = curve.survival(20 * DAY).interval()
        assert tuple(interval) == pytest.approx((0.6**reach, 0.6 ** (1 / reach)), rel=1e-6)
        assert interval.method == "log(−log) with Greenwood's variance"
        beside = curve.incidence(20 * DAY).interval()
        assert tuple(beside) == pytest.approx((1 - interval.high, 1 - interval.low))
        assert curve.survival(20 * DAY).interval(0.5).low > interval.low

    def test_before_anyone_has_ended_it_is_not_certain(self):
        share = survival_curve(FIVE).survival(5 * DAY)
        assert share.value == 1
        assert tuple(share.interval()) == pytest.approx(wilson(1.0, 5, stats.norm.ppf(0.975)))
        assert share.interval().method.startswith("Wilson")
        none = survival_curve(FIVE).incidence(5 * DAY)
        assert (none.value, none.interval().low) == (0, 0)

    def test_when_all_have_ended_it_stays_at_0(self):
        curve = survival_curve([spell(10), spell(20), spell(20)])
        last = curve.survival(20 * DAY)
        assert (last.value, curve.falls_to_zero) == (0, True)
        assert last.interval().low == 0
        assert last.interval().high == pytest.approx(wilson(0.0, 2, stats.norm.ppf(0.975))[1])
        assert last.interval().method == (
            "the upper bound of the last share above 0, by log(−log) with Greenwood's variance, "
            "or Wilson's of none among the last watched, if lower"
        )
        later = curve.survival(500 * DAY)
        assert (later.value, later.at_risk) == (0, 0)
        assert curve.incidence(500 * DAY).interval().high == 1
        assert list(curve.points())[-1].high == pytest.approx(last.interval().high)
        at_once = survival_curve([spell(0)]).survival(0 * DAY)
        assert (at_once.value, tuple(at_once.interval())) == (
            0,
            pytest.approx(wilson(0.0, 1, stats.norm.ppf(0.975))),
        )

    def test_the_bound_of_0_is_never_above_that_of_the_last_share(self):
        curve = survival_curve([*map(spell, range(1, 41))])
        assert curve.survival(40 * DAY).interval().high == curve.survival(39.5 * DAY).interval().high < 0.2

    def test_where_all_end_on_one_day(self):
        """Of 60 yearly contracts one end more makes no great difference."""
        all_ended = survival_curve([spell(365)] * 60)
        but_one = survival_curve([*[spell(365)] * 59, spell(400, False)])
        assert str(all_ended.survival(365 * DAY).interval()) == "0.0% to 6.0%"
        assert str(but_one.survival(365 * DAY).interval()) == "0.1% to 7.8%"
        assert str(all_ended.median_interval()) == str(but_one.median_interval()) == "365.0 to 365.0"

    def test_where_all_spells_of_a_few_customers_end_on_one_day(self):
        few = survival_curve([spell(365)] * 60, clusters=[n // 6 for n in range(60)])
        ten = survival_curve([spell(365)] * 10)
        assert few.survival(365 * DAY).interval().high == pytest.approx(
            ten.survival(365 * DAY).interval().high
        )
        assert list(few.points())[-1].high == pytest.approx(ten.survival(365 * DAY).interval().high)

    def test_what_ends_at_once_counts(self):
        curve = survival_curve([spell(0), spell(0, False), spell(5, False), spell(6)])
        assert curve.survival(0 * DAY).value == 3 / 4
        assert curve.survival(5 * DAY).at_risk == 2

    def test_beyond_what_was_watched(self):
        share = survival_curve(FIVE).survival(51 * DAY)
        assert (share.value, share.observable, share.at_risk) == (None, False, 0)
        assert share.undefined_because == "nobody was watched for longer than 50 days"
        assert (str(share), f"{share:.3f}") == ("–", "–")
        assert share.explain() == (
            "no share not ended after 51 days, since nobody was watched for longer than 50 days."
        )
        with pytest.raises(NotObservableError, match="nobody was watched for longer"):
            share.interval()
        with pytest.raises(NotObservableError):
            float(share)

    def test_in_words(self):
        share = survival_curve(FIVE, event="purchased again").survival(20 * DAY)
        assert (float(share), str(share), f"{share:.2f}") == (pytest.approx(0.6), "60.0%", "0.60")
        assert repr(share) == "<CurveShare: 60.0% not purchased again after 20 days>"
        assert share.explain() == (
            "60.0% not purchased again after 20 days (95 % interval 12.6% to 88.2%), 4 then watched."
        )
        assert repr(survival_curve(FIVE).incidence(DAY)) == "<CurveShare: 0.0% ended after 1 day>"
        assert (
            survival_curve(FIVE)
            .survival(timedelta(hours=6))
            .explain()
            .startswith("100.0% not ended after 6 hours")
        )

    @pytest.mark.parametrize("ask", ["survival", "incidence"])
    @pytest.mark.parametrize(
        "time, error, message",
        [
            (20, InvalidTypeError, r"SurvivalCurve.\w+: time must be a timedelta .* not int"),
            (-DAY, InvalidValueError, r"SurvivalCurve.\w+: time must not be negative"),
        ],
    )
    def test_times_refused(self, ask, time, error, message):
        with pytest.raises(error, match=message):
            getattr(survival_curve(FIVE), ask)(time)

    @pytest.mark.parametrize("confidence", [0, 1, "0.9"])
    def test_confidence_refused(self, confidence):
        curve = survival_curve(FIVE)
        for ask in (
            curve.survival(DAY).interval,
            curve.median_interval,
            curve.restricted_mean(DAY * 30).interval,
        ):
            with pytest.raises((InvalidTypeError, InvalidValueError), match="confidence must"):
                ask(confidence)


class TestCauses:
    def test_by_hand(self):
        curve = survival_curve(COMPETING)
        # voluntary 1/5 at 10; involuntary 4/5 · 1/3 at 20; voluntary 4/5 · 2/3 · 1/2 at 30
        assert curve.causes == ("involuntary", "voluntary")
        assert curve.ended_by == {"involuntary": 1, "voluntary": 2}
        shares = {
            day: tuple(curve.incidence(day * DAY, cause).value for cause in curve.causes)
            for day in (5, 10, 25, 40)
        }
        assert shares[5] == (0, 0)
        assert shares[10] == pytest.approx((0, 1 / 5))
        assert shares[25] == pytest.approx((4 / 15, 1 / 5))
        assert shares[40] == pytest.approx((4 / 15, 1 / 5 + 4 / 15))
        assert curve.survival(40 * DAY).value == pytest.approx(4 / 15)

    def test_bounds(self):
        curve = survival_curve(COMPETING)
        interval = curve.incidence(25 * DAY, "voluntary").interval()
        # as yet no other end came before: the variance of 1 of 5
        reach = math.exp(1.959964 * math.sqrt(0.2 * 0.8 / 5) / 0.2 / -math.log(0.2))
        assert tuple(interval) == pytest.approx((0.2**reach, 0.2 ** (1 / reach)), rel=1e-6)
        assert "delta method" in interval.method
        none = curve.incidence(10 * DAY, "involuntary").interval()
        assert (none.low, none.method[:6]) == (0, "Wilson")

    def test_all_of_one_of_two_causes(self):
        spells = Spells(ended_at=array("q", [86_400_000_000, 6]), cause=["moved", "moved"])
        share = SurvivalCurve.of(spells, causes=("died",)).incidence(DAY, "moved")
        assert (share.value, share.interval().high) == (1.0, 1.0)

    def test_not_extrapolated(self):
        share = survival_curve(COMPETING).incidence(41 * DAY, "voluntary")
        assert (share.value, share.what) == (None, "ended (voluntary)")

    def test_refused(self):
        with pytest.raises(InvalidTypeError, match=r"cause must be a str or None, not int \(got 3\)"):
            survival_curve(COMPETING).incidence(DAY, 3)
        with pytest.raises(
            InvalidValueError,
            match=r"got 'volontary'\); did you mean 'voluntary' or 'involuntary'\? there are",
        ):
            survival_curve(COMPETING).incidence(DAY, "volontary")
        with pytest.raises(InvalidValueError, match="there are none"):
            survival_curve([spell(3, False)]).incidence(DAY, "voluntary")


class TestLateEntries:
    def test_by_hand(self):
        # at 10 are watched the first two, not yet who enters then; at 30 the second and the late one
        curve = survival_curve([spell(10), spell(30), spell(40, False, entered=10)])
        assert curve.late == 1
        assert [(point.at_risk, point.ended) for point in curve.points()] == [(2, 0), (2, 1), (2, 1)]
        assert curve.survival(30 * DAY).value == pytest.approx(1 / 4)
        assert curve.caution is None

    def test_who_is_watched_late_says_nothing_of_the_time_before(self):
        curve = survival_curve([spell(40, False), spell(41, entered=30), spell(42, entered=30)])
        share = curve.survival(35 * DAY)
        assert (share.value, share.at_risk) == (1, 3)
        assert share.interval().low == pytest.approx(wilson(1.0, 1, stats.norm.ppf(0.975))[0])

    def test_all_who_were_watched_ended(self):
        curve = survival_curve(BROKEN_OFF)
        assert curve.caution == (
            "at 5 days all who were watched ended, though others lasted longer, so that the curve can't be told from there on"
        )
        assert curve.survival(4 * DAY).value == 1
        for day in (5, 15, 20, 30):
            share = curve.survival(day * DAY)
            assert (share.value, share.undefined_because) == (None, curve.caution)
        assert curve.median is None
        assert not curve.falls_to_zero
        assert curve.ended == 2
        assert f"Mind: {curve.caution}." in curve.explain()
        assert "Mind: at 5 days all" in str(curve)

    def test_all_ended_at_the_origin(self):
        curve = survival_curve([spell(0), spell(20, entered=10)])
        assert curve.undefined_because == curve.caution
        assert "at 0 days all who were watched ended" in curve.caution
        assert (curve.until, curve.median, list(curve.points())) == (None, None, [])
        assert str(curve).startswith("n/a: undefined, since at 0 days all who were watched ended")
        assert curve.survival(0 * DAY).value is None
        with pytest.raises(NotObservableError):
            curve.restricted_mean(DAY)

    def test_nobody_was_watched_for_a_time(self):
        curve = survival_curve(GAP)
        assert curve.caution == (
            "after 5 days nobody was watched for a time, so that the curve can't be told from there on"
        )
        assert curve.survival(5 * DAY).value == 0.5
        assert curve.survival(15 * DAY).undefined_because == curve.caution
        assert curve.until == 5 * DAY
        assert [point.censored for point in curve.points()] == [0, 1]

    def test_who_enters_as_the_others_leave_keeps_it_going(self):
        curve = survival_curve([spell(3), spell(10, False), spell(20, entered=10)])
        assert (curve.caution, curve.survival(20 * DAY).value) == (None, 0)

    def test_a_few_at_first_on_whom_all_hangs(self):
        many = [spell(day, entered=2) for day in range(40, 100)]
        curve = survival_curve([spell(3), spell(200, False), *many])
        assert curve.caution is None  # at 3 days 62 are watched
        late = [spell(day, entered=30) for day in range(40, 100)]
        curve = survival_curve([spell(3), spell(200, False), *late])
        assert curve.caution == (
            "at 3 days only 2 were watched, though 61 were later: the curve falls to 50.0% there, "
            "and all that follows hangs on them"
        )
        assert curve.survival(10 * DAY).value == 0.5
        assert f"Mind: {curve.caution}." in curve.explain()
        assert curve.restricted_mean(50 * DAY).value > 0
        assert survival_curve([*[spell(3)] * 5, *[spell(200, False)] * 5, *late]).caution is None
        few = survival_curve([spell(3), spell(200, False), *late[:5]])
        assert (few.late, few.caution) == (5, None)

    def test_all_are_late_and_a_few_at_first(self):
        late = [spell(day, entered=30) for day in range(40, 100)]
        curve = survival_curve([spell(10, entered=5), spell(200, False, entered=5), *late])
        assert curve.caution.startswith("nobody was watched before 5 days had passed: ")
        assert "; at 10 days only 2 were watched, though 61 were later: " in curve.caution
        assert curve.survival(5 * DAY).undefined_because == "nobody was watched before 5 days had passed"

    def test_all_are_late(self):
        curve = survival_curve([spell(10, entered=5), spell(20, False, entered=5)])
        assert (
            curve.caution
            == "nobody was watched before 5 days had passed: the shares are of those who lasted so long"
        )
        assert curve.survival(5 * DAY).undefined_because == "nobody was watched before 5 days had passed"
        assert curve.survival(6 * DAY).value == 1
        assert curve.survival(6 * DAY).interval().low > 0
        assert curve.median == 10
        assert [(point.time, point.survival, point.at_risk) for point in curve.points()] == [
            (5 * DAY, 1.0, 2),
            (10 * DAY, 0.5, 2),
        ]
        with pytest.raises(
            NotObservableError, match="the first 10 days can't be told, since nobody was watched"
        ):
            curve.restricted_mean(10 * DAY)
        assert "; 2 were watched from later than their start on" in str(curve)
        assert "2 watched from later than their start on" in curve.explain()


class TestTimes:
    def test_quantiles(self):
        curve = survival_curve(FIVE)
        assert [curve.quantile(share) for share in (0.1, 0.2, 0.3, 0.4, 0.5, 0.7)] == [10, 10, 20, 20, 35, 35]
        assert curve.quantile(0.71) is None
        assert curve.median == 35
        interval = curve.median_interval()
        assert (interval.low, interval.high, interval.confidence) == (10, None, 0.95)
        assert (str(interval), interval.method) == (
            "10.0 to not reached",
            "bounds of the curve inverted, log(−log) with Greenwood's variance",
        )
        assert str(curve.quantile_interval(0.99)) == "not reached"
        assert str(curve.quantile_interval(0.3, 0.2)) == "20.0 to 20.0"

    def test_exact_shares_are_reached(self):
        tenths = survival_curve([spell(day) for day in range(1, 11)])
        assert [tenths.quantile(place / 10) for place in range(1, 11)] == list(range(1, 11))

    @pytest.mark.parametrize(
        "share, error",
        [
            ("0.5", InvalidTypeError),
            (True, InvalidTypeError),
            (0, InvalidValueError),
            (1.1, InvalidValueError),
            (math.nan, InvalidValueError),
        ],
    )
    def test_shares_refused(self, share, error):
        for ask in (survival_curve(FIVE).quantile, survival_curve(FIVE).quantile_interval):
            with pytest.raises(error, match=r"SurvivalCurve.quantile takes a share"):
                ask(share)

    def test_restricted_mean(self):
        curve = survival_curve(FIVE)
        mean = curve.restricted_mean(50 * DAY)
        assert mean.value == float(mean) == pytest.approx(10 + 0.8 * 10 + 0.6 * 15 + 0.3 * 15)
        # areas to the right of each end: 21.5 − 0.8·10 … in turn
        variance = 21.5**2 / 20 + 13.5**2 / 12 + 4.5**2 / 2
        assert mean.variance == pytest.approx(variance)
        assert tuple(mean.interval()) == pytest.approx(
            (31.5 - 1.959964 * variance**0.5, 31.5 + 1.959964 * variance**0.5), rel=1e-6
        )
        assert (str(mean), f"{mean:.3f}") == ("31.5", "31.500")
        assert repr(mean) == "<MeanTime: 31.5 of the first 50 days>"
        assert mean.explain() == "31.5 days of the first 50 days (95 % interval 17.9 to 45.1)."

    def test_restricted_mean_at_an_end(self):
        assert survival_curve(FIVE).restricted_mean(20 * DAY).value == pytest.approx(18)
        assert survival_curve([spell(10), spell(20)]).restricted_mean(100 * DAY).value == pytest.approx(15)

    def test_restricted_mean_of_whom_nobody_differs(self):
        mean = survival_curve(FIVE).restricted_mean(5 * DAY)
        assert mean.value == 5
        with pytest.raises(UndefinedMetricError, match="spells that are not all alike"):
            mean.interval()
        assert mean.explain() == "5.0 days of the first 5 days."
        clustered = survival_curve(FIVE, clusters=[1, 1, 2, 3, 4]).restricted_mean(5 * DAY)
        assert clustered.variance == 0

    @pytest.mark.parametrize(
        "until, error, message",
        [
            (5, InvalidTypeError, "until must be a timedelta"),
            (0 * DAY, InvalidValueError, "until must be above 0"),
            (51 * DAY, NotObservableError, r"for longer than 50 days; the curve can be told up to 50 days"),
        ],
    )
    def test_restricted_mean_refused(self, until, error, message):
        with pytest.raises(error, match=message):
            survival_curve(FIVE).restricted_mean(until)


class TestNothing:
    def test_without_spells(self):
        curve = survival_curve([])
        assert (curve.count, curve.ended, curve.censored, curve.causes) == (0, 0, 0, ())
        assert (curve.median, curve.until, curve.to_dicts()) == (None, None, [])
        assert str(curve) == "n/a: undefined, since there are no spells."
        assert repr(curve) == "<SurvivalCurve: 0 spells, 0 ended, median n/a>"
        assert curve.explain() == "no value, since there are no spells."
        share = curve.survival(DAY)
        assert (share.value, share.observable) == (None, True)
        for ask in (curve.quantile, curve.quantile_interval):
            with pytest.raises(UndefinedMetricError, match="there are no spells"):
                ask(0.5)
        with pytest.raises(UndefinedMetricError, match=r"since there are no spells$"):
            curve.restricted_mean(DAY)

    def test_where_none_ended(self):
        curve = survival_curve([spell(5, False), spell(9, False)])
        assert (curve.median, curve.survival(9 * DAY).value, curve.ended) == (None, 1, 0)
        assert [(point.survival, point.censored, point.low) for point in curve.points()] == [(1, 2, None)]
        assert str(curve.median_interval()) == "not reached"
        assert survival_curve([spell(5, False)], clusters=[1]).customers is None
        clustered = survival_curve([spell(5, False), spell(9, False)], clusters=[1, 1])
        assert (clustered.customers, clustered.survival(DAY).value) == (1, 1)


class TestCustomers:
    def test_whoever_is_not_known_is_somebody_else(self):
        assert survival_curve(FIVE, clusters=[None] * 5).customers is None
        assert survival_curve(FIVE, clusters=["a", "a", None, None, "b"]).customers == 4

    def test_by_hand(self):
        # Of two customers one has both ends: A's influence on log S(1) is −(2 − 2·1/2)/2 = −1/2, B's is 1/2.
        spells = [spell(1), spell(1), spell(2, False), spell(2, False)]
        interval = survival_curve(spells, clusters=["a", "a", "b", "b"]).survival(DAY).interval()
        deviation = math.sqrt(2 / 1 * (1 / 4 + 1 / 4))
        reach = math.exp(1.959964 * deviation / math.log(2))
        assert tuple(interval) == pytest.approx((0.5**reach, 0.5 ** (1 / reach)), rel=1e-6)
        assert interval.method == "log(−log) with a variance clustered by customer"

    def test_customers_who_are_all_alike(self):
        spells = [spell(1), spell(2), spell(1), spell(2), spell(3, False), spell(3, False)]
        curve = survival_curve(spells, clusters=[1, 1, 2, 2, 1, 2])
        with pytest.raises(UndefinedMetricError, match="customers who are not all alike"):
            curve.survival(DAY).interval()
        assert [point.low for point in curve.points()] == [None, None, None]
        assert curve.median_interval().low is None
        assert "n/a: no interval, since all customers are alike." in str(curve)
        ended = survival_curve(spells[:4], clusters=[1, 1, 2, 2])
        assert [(point.survival, point.high) for point in ended.points()] == [
            (1, None),
            (0.5, None),
            (0, None),
        ]
        with pytest.raises(UndefinedMetricError):
            ended.survival(2 * DAY).interval()

    def test_of_one_customer_nothing_is_known(self):
        curve = survival_curve(FIVE, clusters=[1] * 5)
        with pytest.raises(UndefinedMetricError, match="customers who are not all alike"):
            curve.survival(20 * DAY).interval()
        with pytest.raises(UndefinedMetricError):
            curve.restricted_mean(20 * DAY).interval()

    def test_before_anyone_has_ended(self):
        curve = survival_curve(FIVE, clusters=[1, 1, 2, 3, 4])
        interval = curve.survival(5 * DAY).interval()
        assert interval.low == pytest.approx(wilson(1.0, 5 * 4 / 5, stats.norm.ppf(0.975))[0])

    def test_what_comes_after_the_curve_breaks_off_plays_no_part(self):
        spells = [spell(3), spell(4, False), spell(5, False), spell(20, entered=10), spell(30, entered=10)]
        short = survival_curve(spells[:3], clusters=[1, 1, 2])
        long = survival_curve(spells, clusters=[1, 1, 2, 1, 2])
        assert long.survival(4 * DAY).interval() == short.survival(4 * DAY).interval()


class TestShown:
    def test_table(self):
        assert f"\n{survival_curve(FIVE, event='purchased again')}\n" == FIVE_AS_TEXT
        assert f"\n{survival_curve(COMPETING, event='left')}\n" == COMPETING_AS_TEXT

    def test_within_a_day(self):
        hours = [Spell(timedelta(hours=each)) for each in (2, 3, 5, 8)]
        text = str(survival_curve(hours))
        assert "Median: 3.0 hours (95 % interval 2.0 to not reached)." in text
        assert text.splitlines()[2].split() == ["1", "hour", "100.0%", "51.0%", "to", "100.0%", "4"]

    def test_at_times_that_were_asked_for(self):
        curve = survival_curve(FIVE)
        times = [timedelta(hours=16), timedelta(hours=36), 20 * DAY, 51 * DAY]
        rows = curve.text(times).splitlines()
        assert [line.split("  ")[0] for line in rows[2:6]] == ["16 hours", "1.5 days", "20 days", "51 days"]
        assert rows[4].split()[2] == str(curve.survival(20 * DAY))
        assert rows[5].split() == ["51", "days", "–", "0"]
        assert "–: not observable, since nobody was watched for longer than 50 days." in rows
        assert curve.text() == str(curve)

    @pytest.mark.parametrize("times", [DAY, "1 day", 3])
    def test_what_are_no_times(self, times):
        with pytest.raises(InvalidTypeError, match=r"SurvivalCurve\.text: times must be timedeltas"):
            survival_curve(FIVE).text(times)

    def test_times_that_are_none(self):
        curve = survival_curve(FIVE)
        with pytest.raises(InvalidTypeError, match=r"SurvivalCurve\.text: times\[1\]"):
            curve.text([DAY, 3])
        with pytest.raises(InvalidValueError, match=r"SurvivalCurve\.text: times\[0\]"):
            curve.text([-DAY])
        with pytest.raises(InvalidValueError, match="times must hold at least one"):
            curve.text([])

    @pytest.mark.parametrize(
        "time, words",
        [
            (timedelta(0), "0 days"),
            (timedelta(microseconds=1), "1e-06 seconds"),
            (timedelta(seconds=1), "1 second"),
            (timedelta(minutes=1.5), "1.5 minutes"),
            (timedelta(hours=16), "16 hours"),
            (timedelta(days=1), "1 day"),
            (timedelta(days=55.13), "55.1 days"),
            (timedelta(days=1234), "1,234 days"),
        ],
    )
    def test_times_in_words(self, time, words):
        assert in_words(time) == words

    def test_rows_lie_where_most_ends_are(self):
        """Ten contacts answered within 30 hours, nine of them within 12, and one still open after 100 days."""
        hours = [Spell(timedelta(hours=each)) for each in (1, 2, 3, 5, 8, 9, 10, 11, 12, 30)]
        lines = str(survival_curve([*hours, spell(100, False)])).split("\n")
        marks = [line.split("  ")[0] for line in lines[2 : lines.index("")]]
        assert marks == [*(f"{each} hours" for each in range(2, 21, 2)), "100 days"]
        later = [*hours[:5], *map(spell, (20, 30, 40, 50, 60)), spell(100, False)]
        assert str(survival_curve(later)).split("\n")[3].startswith("20 days")

    def test_all_ended_at_the_origin_but_one(self):
        lines = str(survival_curve([spell(0), spell(0), spell(100, False)])).split("\n")
        assert lines[2].startswith("0 days")
        assert lines[3].startswith("10 days")

    def test_to_dicts(self):
        rows = survival_curve(FIVE).to_dicts()
        assert [(row["days"], row["at_risk"], row["ended"], row["censored"]) for row in rows] == [
            (0, 5, 0, 0),
            (10, 5, 1, 0),
            (20, 4, 1, 1),
            (35, 2, 1, 1),
        ]
        assert list(rows[0]) == ["days", "at_risk", "ended", "censored", "survival", "low", "high"]
        assert rows[0]["low"] is None
        assert rows[1]["high"] == survival_curve(FIVE).survival(10 * DAY).interval().high
        by_cause = survival_curve(COMPETING).to_dicts()
        assert [row["incidence: involuntary"] for row in by_cause] == pytest.approx([0, 0, 4 / 15, 4 / 15])

    def test_in_words(self):
        curve = survival_curve(FIVE, clusters=[1, 1, 2, 3, 4], event="left")
        assert repr(curve) == "<SurvivalCurve: 5 spells, 3 left, median 35 days>"
        assert curve.explain() == (
            "median 35 days; from 5 spells; 3 left, 2 not so far; bounds clustered by 4 customers."
        )
        assert "They are 4 customers'; the intervals are clustered by customer." in str(curve)
        assert survival_curve([spell(3), spell(9, False), spell(9, False)]).explain() == (
            "median not reached; from 3 spells; 1 ended, 2 not so far."
        )

    def test_what_it_counts(self):
        spells = Spells(ended_at=array("q", [0, 6]), cause=["ended", None])
        basis = rt.Basis(counted=("customers",), partial=True)
        curve = SurvivalCurve.of(spells, basis=basis)
        assert "2 customers: 1 ended, 1 not so far." in str(curve)
        assert "Partial: " in str(curve)
        assert "from 2 customers;" in curve.explain()
        plain = SurvivalCurve.of(spells)
        assert "2 spells: 1 ended" in str(plain)
        assert "from 2 spells;" in plain.explain()
        assert curve == plain

    @pytest.mark.parametrize(
        "lasted, first, last",
        [
            (0 * DAY, "0 seconds", "0 seconds"),
            (timedelta(microseconds=1), "1e-06 seconds", "1e-06 seconds"),
            (timedelta(seconds=8), "1 second", "8 seconds"),
            (timedelta(minutes=9), "1 minute", "9 minutes"),
            (timedelta(hours=30), "3 hours", "30 hours"),
            (6 * DAY, "1 day", "6 days"),
            (300 * DAY, "30 days", "300 days"),
            (300_000 * DAY, "32,850 days", "295,650 days"),
        ],
    )
    def test_round_times(self, lasted, first, last):
        lines = str(survival_curve([Spell(lasted, ended=False), Spell(lasted)])).split("\n")
        rows = [line for line in lines[2:] if "% to" in line and not line.startswith("Median")]
        assert (rows[0].split("  ")[0], rows[-1].split("  ")[0]) == (first, last)


class TestChiSquared:
    @pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 10, 51])
    @pytest.mark.parametrize("statistic", [0, 1e-300, 0.001, 1, 3.841459, 20, 500, 1e5])
    def test_beside_scipy(self, freedom, statistic):
        expected = stats.chi2.sf(statistic, freedom)
        assert chi_squared_p_value(statistic, freedom) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_two_hundred_thousand_spells():
    count = 200_000
    ended_at = array("q", ((number * 7_919_317) % 10_000_019 * 1_000_003 for number in range(count)))
    cause = ["ended" if number % 3 else None for number in range(count)]
    start = process_time()
    curve = SurvivalCurve.of(Spells(ended_at=ended_at, cause=cause))
    assert curve.median is not None
    # A tenth of a second or two where nothing else runs; the limit is there for what is not linear.
    assert process_time() - start < 3
    assert 0 <= curve.survival(timedelta(microseconds=max(ended_at))).value < 0.001
