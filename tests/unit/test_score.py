"""A score, its scale, and the interval that its answers give; worked by hand."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

import attrs
import pytest
from hypothesis import given, strategies as st

from retention._mapping import FrozenMapping
from retention._numerics import ScoreSums
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    NotObservableError,
    UndefinedMetricError,
)
from retention.results import Basis, ClusterSums, Score

UNSEEN = Basis(observable=False, undefined_because="the period begins before observed_from, 2026-01-01")


def scored(
    *respondents: list[int], method: str, points: Fraction | int = 100, low: float = -100, high: float = 100
) -> Score:
    """Each respondent's answers as they count."""
    sums = ClusterSums.of([(len(answers), sum(answers)) for answers in respondents], signed=True)
    outspoken = sum(abs(each) for answers in respondents for each in answers) if method == "net" else 0
    sampling = ScoreSums(sums=sums, method=method, points=points, outspoken=outspoken)
    return Score(
        float(points * Fraction(sums.y, sums.x)), low=low, high=high, count=sums.x, sampling=sampling
    )


def net(promoters: int, passives: int, detractors: int) -> Score:
    return scored(*[[1]] * promoters, *[[0]] * passives, *[[-1]] * detractors, method="net")


class TestScore:
    def test_a_score_and_its_scale(self):
        score = Score(0.25, low=0, high=1, count=4)
        assert (float(score), str(score), f"{score:.1%}") == (0.25, "0.250", "25.0%")
        assert score == Score(0.25, low=0, high=1, count=4, basis=Basis(partial=True))
        assert len({score, Score(0.25, low=0, high=1, count=4, basis=Basis(partial=True))}) == 1

    def test_none_is_undefined(self):
        score = Score(None, low=0, high=1, count=0)
        assert (str(score), score.undefined_because) == ("n/a", "there is nothing to score")
        with pytest.raises(UndefinedMetricError, match="nothing to score"):
            float(score)
        with pytest.raises(NotObservableError):
            float(Score(None, low=0, high=1, count=0, basis=UNSEEN))

    @pytest.mark.parametrize("value", [-0.01, 1.01, 2])
    def test_off_the_scale_is_refused(self, value):
        with pytest.raises(InvalidValueError, match=r"Score\.value must lie on its scale, 0 to 1"):
            Score(value, low=0, high=1, count=3)

    @pytest.mark.parametrize("field", ["value", "low", "high"])
    def test_only_finite_numbers(self, field):
        good = {"value": 0.5, "low": 0, "high": 1, "count": 3}
        for bad in (float("nan"), float("inf"), 10**400):
            with pytest.raises(InvalidValueError, match=rf"Score\.{field} must be finite"):
                Score(**good | {field: bad})
        for bad in ("0.5", True, Decimal("0.5"), 1j):
            with pytest.raises(InvalidTypeError, match=rf"Score\.{field} must be a float, not"):
                Score(**good | {field: bad})

    def test_a_scale_has_length_and_a_count_is_whole(self):
        with pytest.raises(InvalidValueError, match=r"Score\.low must be below Score\.high \(got 1 and 1\)"):
            Score(1, low=1, high=1, count=3)
        with pytest.raises(InvalidTypeError, match=r"Score\.count must be an int, not float"):
            Score(1, low=0, high=1, count=3.0)
        with pytest.raises(InvalidValueError, match=r"Score\.count must not be negative \(got -3\)"):
            Score(1, low=0, high=1, count=-3)

    def test_points_have_one_decimal_and_short_scales_three_digits(self):
        for high, digits, text in ((10, ".1f", "3.3"), (9, ".3f", "3.333")):
            score = Score(10 / 3, low=0, high=high, count=3)
            assert (score.digits, str(score)) == (digits, text)


class TestParts:
    PARTS: ClassVar[dict[str, int]] = {"promoters": 5, "passives": 3, "detractors": 2}

    def test_are_kept_and_read_only(self):
        score = Score(30.0, low=-100, high=100, count=10, parts=self.PARTS)
        assert dict(score.parts) == self.PARTS
        assert isinstance(score.parts, FrozenMapping)
        assert Score(30.0, low=-100, high=100, count=10).parts == {}

    def test_belong_to_equality_and_not_to_the_hash(self):
        one, other = (Score(30.0, low=-100, high=100, count=10, parts=parts) for parts in (self.PARTS, {}))
        assert one != other
        assert hash(one) == hash(other)

    @pytest.mark.parametrize("parts", [[("a", 1)], None, 5, "parts"])
    def test_are_a_mapping(self, parts):
        with pytest.raises(InvalidTypeError, match=r"Score\.parts must be a mapping of names to counts, not"):
            Score(30.0, low=-100, high=100, count=10, parts=parts)

    def test_are_counts(self):
        with pytest.raises(InvalidTypeError, match=r"Score\.parts\['a'\] must be an int, not float"):
            Score(1, low=0, high=1, count=3, parts={"a": 1.0})
        with pytest.raises(InvalidValueError, match=r"Score\.parts\['a'\] must not be negative"):
            Score(1, low=0, high=1, count=3, parts={"a": -1})

    def test_stand_in_the_explanation(self):
        score = attrs.evolve(net(5, 3, 2), parts=self.PARTS, basis=Basis(metric="nps", counted=("answers",)))
        assert score.explain() == (
            "nps: 30.0 on the scale from -100 to 100, from 10 answers: 5 promoters, 3 passives, 2 detractors "
            "(95 % interval -19.1 to 65.2)."
        )


class TestInterval:
    def test_no_interval_is_known(self):
        with pytest.raises(UndefinedMetricError, match="this score"):
            Score(0.5, low=0, high=1, count=3).interval()
        with pytest.raises(UndefinedMetricError, match="gini_score"):
            Score(0.5, low=0, high=1, count=3, basis=Basis(metric="gini_score")).interval(0.9)
        with pytest.raises(UndefinedMetricError, match="nothing to score"):
            Score(None, low=0, high=1, count=0).interval()
        for bad in (0, 1, 95):
            with pytest.raises(InvalidValueError, match="such as"):
                net(5, 3, 2).interval(bad)

    def test_net_by_the_adjusted_wald(self):
        # p̃ = 5.75/13, d̃ = 2.75/13, m̃ = 3/13; s̃² = (8.5/13 − (3/13)²)/13 = 0.0461993; z · s̃ = 0.4212753
        interval = net(5, 3, 2).interval()
        assert tuple(interval) == pytest.approx(
            (100 * (3 / 13 - 0.4212753), 100 * (3 / 13 + 0.4212753)), abs=1e-4
        )
        assert interval.method == "adjusted Wald (Rocks 2016)"
        assert str(interval) == "-19.1 to 65.2"

    @pytest.mark.parametrize("answers, value", [((9, 0, 0), 100), ((0, 0, 9), -100), ((0, 9, 0), 0)])
    def test_net_of_one_voice_is_no_point(self, answers, value):
        score = net(*answers)
        interval = score.interval()
        assert score.value == value
        assert interval.low < interval.high
        assert value in interval
        assert -100 <= interval.low <= interval.high <= 100
        if value:  # where all say the same, the mirrored answers have the mirrored interval
            mirrored = net(*answers[::-1]).interval()
            assert (interval.low, interval.high) == pytest.approx((-mirrored.high, -mirrored.low))

    def test_net_of_repeated_respondents_counts_people(self):
        # ann 1, 1; ben −1, −1; net 0, all outspoken: e = 2, −2, v = 2 · 8/16 = 1, so that n* = 1/1 = 1.
        # p̃ = d̃ = (0.5 + 0.75)/4, m̃ = 0; s̃² = 0.625/4: ±1.959964 · 0.3952847 = ±0.7747437
        interval = scored([1, 1], [-1, -1], method="net").interval()
        assert tuple(interval) == pytest.approx((-77.47437, 77.47437), abs=1e-4)
        assert interval.method == "adjusted Wald (Rocks 2016), clustered by customer"
        assert interval.high > net(2, 0, 2).interval().high

    def test_share_by_wilson(self):
        # 3 of 4: (0.75 + z²/8 ± z √(0.1875/4 + z²/64))/(1 + z²/4) with z² = 3.841459: 0.3006 to 0.9544
        interval = scored([1], [1], [1], [0], method="share", low=0).interval()
        assert tuple(interval) == pytest.approx((30.06418, 95.44127), abs=1e-4)
        assert interval.method == "Wilson"

    def test_share_of_repeated_respondents(self):
        # As the share of orders in test_results.py: 3 of 5 from three people are 3.846 trials.
        interval = scored([1, 0], [1, 1], [0], method="share", low=0).interval()
        assert interval.method == "Wilson, clustered by customer"
        plain = scored([1], [1], [1], [0], [0], method="share", low=0).interval()
        assert interval.low < plain.low < plain.high < interval.high

    def test_mean_by_student(self):
        # 3 and 5: mean 4, v = 2 · 2/4 = 1; t(1) at 50 % is 1
        score = scored([3], [5], method="mean", points=1, low=1, high=7)
        interval = score.interval(0.5)
        assert tuple(interval) == pytest.approx((3, 5))
        assert interval.method == "Student's t of the mean, clustered by customer"
        assert tuple(score.interval()) == (1, 7)  # 4 ± 12.7, cut to the scale
        assert str(interval) == "3.000 to 5.000"

    def test_mean_in_points(self):
        # the same as 100 · mean / 7
        score = scored([3], [5], method="mean", points=Fraction(100, 7), low=0)
        assert tuple(score.interval(0.5)) == pytest.approx((300 / 7, 500 / 7))

    def test_mean_of_one_respondent_has_none(self):
        with pytest.raises(UndefinedMetricError, match="at least two customers"):
            scored([3, 4, 5], method="mean", points=1, low=1, high=7).interval()

    def test_mean_of_respondents_who_are_all_alike_has_none(self):
        """Two who say the same are no proof that a third would."""
        for alike in ([[4], [4]], [[3, 5], [4, 4]]):
            with pytest.raises(UndefinedMetricError, match="requires customers who are not all alike"):
                scored(*alike, method="mean", points=1, low=1, high=7).interval()

    @given(
        st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=3), min_size=1, max_size=9),
        st.floats(0.01, 0.999),
    )
    def test_holds_the_score_and_stays_on_the_scale(self, respondents, confidence):
        score = scored(*respondents, method="net")
        low, high = score.interval(confidence)
        assert -100 <= low <= score.value <= high <= 100


class TestSampling:
    SUMS = net(5, 3, 2).sampling

    @pytest.mark.parametrize("sampling", ["independent", 5, ClusterSums.of([(1, 1)]), ()])
    def test_is_sums(self, sampling):
        with pytest.raises(
            InvalidTypeError, match=r"Score\.sampling must be the sums over respondents \(ScoreSums\), not"
        ):
            Score(1, low=0, high=1, count=3, sampling=sampling)

    def test_is_of_this_very_score(self):
        with pytest.raises(InvalidValueError, match=r"Score\.sampling must be the sums of this score, 31\.0"):
            Score(31.0, low=-100, high=100, count=10, sampling=self.SUMS)
        nobody = ScoreSums(sums=ClusterSums.of([]), method="net")
        with pytest.raises(InvalidValueError, match=r"Score\.sampling must be the sums"):
            Score(0.0, low=-100, high=100, count=0, sampling=nobody)
        assert Score(None, low=-100, high=100, count=0, sampling=nobody).value is None

    def test_takes_no_part_in_equality(self):
        assert net(5, 3, 2) == Score(30.0, low=-100, high=100, count=10)

    def test_survives_copies(self):
        score = net(5, 3, 2)
        for twin in (pickle.loads(pickle.dumps(score)), copy.deepcopy(score), attrs.evolve(score)):
            assert twin == score
            assert twin.interval() == score.interval()
