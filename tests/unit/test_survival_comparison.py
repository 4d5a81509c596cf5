"""Do curves differ by more than chance: by hand, in words, and what is refused."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta

import attrs
import pytest

import retention as rt
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError
from retention.survival import CurveComparison, Spell, SurvivalCurve, compare_curves, survival_curve

DAY = timedelta(days=1)


def curve(*days: int, **keywords: object) -> SurvivalCurve:
    """A minus where the end was not seen."""
    return survival_curve([Spell(abs(each) * DAY, ended=each > 0) for each in days], **keywords)


SLOW = curve(30, 40, 50, 60, 70, 80)
FAST = curve(5, 6, 7, 8, 9, 10)


class TestTest:
    def test_by_hand(self):
        # at 1: 1 of 2 and 2 watched; at 2: 1 of 1 and 2; at 3: 1 of 0 and 1 (one was last seen at 2)
        found = compare_curves(curve(1, 2), curve(-2, 3), labels=("a", "b"))
        assert found.observed == {"a": 2, "b": 1}
        assert found.expected == pytest.approx({"a": 1 / 2 + 1 / 3, "b": 1 / 2 + 2 / 3 + 1})
        assert found.statistic == pytest.approx((2 - 5 / 6) ** 2 / (1 / 4 + 2 / 9))
        assert found.degrees_of_freedom == 1

    def test_verdicts(self):
        assert compare_curves(SLOW, FAST).verdict == "real"
        assert compare_curves(SLOW, SLOW).verdict == "noise"
        assert compare_curves(SLOW, SLOW).p_value == 1
        assert compare_curves(SLOW, FAST, SLOW).degrees_of_freedom == 2
        assert compare_curves(SLOW, FAST, SLOW).verdict == "real"

    def test_where_none_ended(self):
        found = compare_curves(curve(-5), curve(-7))
        assert (found.statistic, found.p_value, found.verdict) == (None, None, "unknown")
        assert found.untested_because == "no spell ended at a time at which two of the groups were watched"
        assert (
            str(found)
            == f"None ended in any of the groups. There is no log-rank test, since {found.untested_because}."
        )

    def test_groups_that_were_never_watched_at_once(self):
        late = survival_curve([Spell(20 * DAY, entered=10 * DAY), Spell(30 * DAY, entered=10 * DAY)])
        found = compare_curves(curve(3, 4, 5), late)
        assert (found.statistic, found.verdict) == (None, "unknown")
        assert found.observed == {"the first": 3, "the second": 2}

    def test_a_group_without_spells(self):
        found = compare_curves(SLOW, survival_curve([]), FAST)
        assert found.degrees_of_freedom == 1
        assert found.statistic == pytest.approx(compare_curves(SLOW, FAST).statistic)
        assert found.labels == ("the first", "the second", "the third")
        assert compare_curves(survival_curve([]), survival_curve([])).verdict == "unknown"
        assert compare_curves(SLOW, SLOW, SLOW, FAST).labels[3] == "number 4"

    def test_who_has_no_spells_is_neither_sooner_nor_later(self):
        found = compare_curves({"app": curve(4, 5, 6), "mail": survival_curve([])})
        assert found.not_compared["mail"] == "no spells"
        assert str(found) == (
            "There is no log-rank test, since no spell ended at a time at which two of the groups were watched. "
            "Not compared: mail (no spells)."
        )
        beside = compare_curves({"app": FAST, "none": survival_curve([]), "mail": SLOW})
        assert str(beside) == (
            "Sooner ended: app, later: mail. That is more than chance explains: p below 0.001 by the log-rank test, "
            "which takes the groups as independent. Not compared: none (no spells)."
        )
        assert beside.not_compared == {"none": "no spells"}

    def test_who_was_watched_for_a_day_only_is_neither_sooner_nor_later(self):
        brief = curve(-1, -1, -1, -1, -1)
        found = compare_curves({"app": curve(5, 6, -9), "mail": brief})
        assert str(found) == f"There is no log-rank test, since {found.untested_because}."
        assert found.untested_because == "no spell ended at a time at which two of the groups were watched"
        assert set(found.not_compared) == {"app", "mail"}
        three = compare_curves({"app": FAST, "mail": SLOW, "brief": brief})
        assert "Sooner ended: app, later: mail." in str(three)
        assert "Not compared: brief (not watched beside another group when a spell ended)." in str(three)

    def test_who_was_watched_later_only_is_not_in_the_order(self):
        late = survival_curve([Spell(200 * DAY, entered=100 * DAY), Spell(300 * DAY, entered=100 * DAY)])
        found = compare_curves({"app": FAST, "mail": SLOW, "old": late})
        assert found.expected["old"] == found.observed["old"] == 2
        assert "Sooner ended: app, later: mail." in str(found)
        assert list(found.not_compared) == ["old"]
        alone = compare_curves({"app": FAST, "old": late})
        assert "As many" not in str(alone)
        assert str(alone).startswith("There is no log-rank test, since no spell ended")

    def test_who_all_ended_at_once(self):
        found = compare_curves({"a": curve(5, 5), "b": curve(5)})
        why = "whenever a spell ended while two of the groups were watched, all who were watched did"
        assert (found.untested_because, found.verdict) == (why, "unknown")
        assert str(found).startswith(f"There is no log-rank test, since {why}.")
        reason = "whenever a spell ended beside another group, all who were watched did"
        assert found.not_compared == {"a": reason, "b": reason}

    def test_customers_with_several_spells(self):
        days = [30, 40, 50, 60, 70, 80]
        found = compare_curves(curve(*days, clusters=[1, 1, 2, 3, 4, 5]), FAST)
        assert (found.statistic, found.p_value, found.verdict) == (None, None, "real")
        assert "some customers have several spells" in found.untested_because
        assert str(found).startswith("There is no log-rank test, since some customers have several spells")
        assert str(found).endswith("). That is more than chance explains.")
        assert "χ²" not in found.explain()
        alike = curve(*days, clusters=[1, 1, 2, 3, 4, 5])
        assert compare_curves(alike, alike).verdict == "noise"
        assert str(compare_curves(alike, alike)).endswith("). That may be chance.")
        assert compare_curves(alike, alike, FAST).verdict == "unknown"


class TestMeans:
    def test_by_hand(self):
        found = compare_curves(SLOW, FAST).mean_difference()
        assert found.until == 80 * DAY
        assert found.value == pytest.approx(55 - 7.5)
        one, other = SLOW.restricted_mean(80 * DAY), FAST.restricted_mean(80 * DAY)
        assert found.variance == one.variance + other.variance
        low, high = found.interval()
        assert low == pytest.approx(47.5 - 1.959964 * found.variance**0.5)
        assert high == pytest.approx(47.5 + 1.959964 * found.variance**0.5)
        assert (str(found), str(found.interval())) == ("+47.5", "+33.8 to +61.2")
        assert compare_curves(FAST, SLOW).mean_difference().value == -found.value
        assert compare_curves(SLOW, FAST).mean_difference(10 * DAY).value == pytest.approx(2.5)

    def test_no_longer_than_the_limit(self):
        found = compare_curves(curve(1, 9, -10), curve(1, 1, -10)).mean_difference()
        assert tuple(found.interval(0.999999)) == (-10, 10)

    def test_the_limit_is_what_can_be_told_of_both(self):
        assert compare_curves(curve(3, -20), curve(5, 9)).mean_difference().until == 20 * DAY
        assert compare_curves(curve(3, -20), curve(5, -9)).mean_difference().until == 9 * DAY

    def test_refused(self):
        with pytest.raises(
            UndefinedMetricError, match=r"requires two groups \(got 3\); compare them in pairs"
        ):
            compare_curves(SLOW, FAST, SLOW).mean_difference()
        for brief in (curve(0), survival_curve([Spell(0 * DAY, ended=False)])):
            with pytest.raises(UndefinedMetricError, match="watched for some time in each group"):
                compare_curves(brief, brief).mean_difference()
        with pytest.raises(InvalidTypeError, match="until must be a timedelta"):
            compare_curves(SLOW, FAST).mean_difference(3)
        with pytest.raises(InvalidValueError, match="until must be above 0"):
            compare_curves(SLOW, FAST).mean_difference(0 * DAY)


class TestWords:
    def test_two(self):
        found = compare_curves({"by mail": SLOW, "by app": FAST})
        assert str(found) == (
            "Sooner ended: by app, later: by mail. That is more than chance explains: p below 0.001 by the log-rank "
            "test, which takes the groups as independent. Within the first 80 days the mean time is 47.5 days longer "
            "(by mail beside by app; 95 % interval +33.8 to +61.2)."
        )
        assert found.explain() == (
            f"{found} by mail: 6 of 6 ended, 9.9 expected; by app: 6 of 6 ended, 2.1 expected. "
            "Log-rank χ² 12.09 with 1 degree of freedom."
        )
        assert repr(found) == "<CurveComparison: 2 groups, real>"
        assert "47.5 days shorter (a beside b; 95 % interval −61.2 to −33.8)" in str(
            compare_curves(FAST, SLOW, labels=["a", "b"])
        )

    def test_several(self):
        found = compare_curves(SLOW, FAST, curve(20, 30, 31, 32))
        assert str(found).startswith("Soonest ended: the second, latest: the first. That is more than chance")
        assert "Within" not in str(found)
        assert found.explain().endswith("with 2 degrees of freedom.")

    def test_no_difference(self):
        assert str(compare_curves(SLOW, SLOW)).startswith(
            "How soon they ended may differ by chance alone: p 1 by the log-rank test"
        )

    def test_labels_keep_their_hyphens_and_stand_on_one_line(self):
        found = compare_curves({"2026-Q2": FAST, "by\nmail": SLOW})
        assert "Sooner ended: 2026-Q2, later: by mail." in str(found)
        assert "(2026-Q2 beside by mail; 95 % interval −61.2 to −33.8)" in str(found)
        assert "2026-Q2: 6 of 6 ended, 2.1 expected; by mail: 6 of 6 ended" in found.explain()

    def test_rows(self):
        rows = compare_curves({"by mail": SLOW, "by app": FAST}).to_dicts()
        assert [(row["label"], row["count"], row["ended"], row["median"]) for row in rows] == [
            ("by mail", 6, 6, 50.0),
            ("by app", 6, 6, 7.0),
        ]
        sooner = 6 / 12 + 5 / 11 + 4 / 10 + 3 / 9 + 2 / 8 + 1 / 7
        assert [row["expected"] for row in rows] == pytest.approx([12 - sooner, sooner])
        assert {row["verdict"] for row in rows} == {"real"}
        assert rows[0]["p_value"] == compare_curves(SLOW, FAST).p_value
        (_, undecided) = compare_curves(curve(-5), curve(-7)).to_dicts()
        assert (undecided["p_value"], undecided["verdict"], undecided["median"]) == (None, "unknown", None)
        assert undecided["untested_because"].startswith("no spell ended")

    def test_groups_of_any_kind_have_names(self):
        found = compare_curves({2025: SLOW, True: FAST, None: SLOW})
        assert found.labels == ("2025", "True", "the group not known")

    def test_who_may_differ_by_chance_is_neither_sooner_nor_later(self):
        found = compare_curves({"yes": curve(30, 41, 50, 60), "no": curve(29, 40, 52, 61)})
        assert found.verdict == "noise"
        assert str(found).startswith("How soon they ended may differ by chance alone: p 0.")
        assert "ooner" not in str(found)

    def test_copies(self):
        found = compare_curves(SLOW, FAST)
        for other in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
            assert (other, hash(other), str(other)) == (found, hash(found), str(found))
        assert isinstance(found, CurveComparison)


class TestRefused:
    @pytest.mark.parametrize(
        "given, labels, error, message",
        [
            ([SLOW], None, InvalidValueError, r"takes two curves or more \(got 1\)"),
            ([{}], None, InvalidValueError, r"takes two curves or more \(got 0\)"),
            ([{"a": SLOW}, FAST], None, InvalidValueError, "mapping of names to curves alone"),
            ([{"a": SLOW, "b": FAST}], ("a", "b"), InvalidValueError, "mapping of names to curves alone"),
            (
                [{1: SLOW, "1": FAST}],
                None,
                InvalidValueError,
                "labels must be one name a curve, all different",
            ),
            ([{"a": SLOW, "b": 3}], None, InvalidTypeError, r"takes SurvivalCurves, not int \(got 3\)"),
            (
                [SLOW, 3],
                None,
                InvalidTypeError,
                r"takes SurvivalCurves, not int \(got 3\); give them one after",
            ),
            (
                [[SLOW, FAST]],
                None,
                InvalidTypeError,
                r"not list .*; give them one after the other, or a mapping of names to curves$",
            ),
            ([SLOW, FAST], "ab", InvalidTypeError, "labels must be names"),
            ([SLOW, FAST], 3, InvalidTypeError, "labels must be names"),
            ([SLOW, FAST], ("a",), InvalidValueError, "one name a curve, all different"),
            ([SLOW, FAST], ("a", "a"), InvalidValueError, "one name a curve, all different"),
            ([SLOW, FAST], ("a", 3), InvalidTypeError, "labels must be str, not int"),
            (
                [SLOW, curve(3, event="left")],
                None,
                InvalidValueError,
                r"curves of one event \(got 'ended', 'left'\)",
            ),
        ],
    )
    def test_arguments(self, given, labels, error, message):
        with pytest.raises(error, match=message):
            compare_curves(*given, labels=labels)

    @pytest.mark.parametrize(
        "changes, what",
        [({"metric": "next_purchase_curve"}, "metric"), ({"options": (("after", "2"),)}, "definition")],
    )
    def test_curves_of_other_things(self, changes, what):
        other = attrs.evolve(SLOW, basis=rt.Basis(**changes))
        with pytest.raises(InvalidValueError, match=f"curves of one {what}"):
            compare_curves(SLOW, other)
