"""Which estimate a difference gets, what it refuses, and Holm's correction; the values are tested against references."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from retention._estimates import estimate, holm
from retention._numerics import CrossSums, CrossTwoGroups, ScoreSums, TwoGroups
from retention.errors import UndefinedMetricError
from retention.results import ClusterSums, Mean, Ratio, Score

NOBODY = CrossSums(n=30, xx=0, xy=0, yx=0, yy=0)
INDEPENDENT = ", the two taken as independent"
CLUSTERED = "ratio estimators clustered by customer"


def ratio(*pairs: tuple[int, int], bounded: bool = True) -> Ratio:
    sums = ClusterSums.of(pairs)
    return Ratio(sums.y, sums.x, bounded=bounded, sampling=sums)


def mean(*spends: int) -> Mean:
    return Mean(sum(spends), len(spends), sampling=ClusterSums.of([(1, each) for each in spends]))


def score(*answers: int, method: str = "mean") -> Score:
    sums = ClusterSums.of([(1, each) for each in answers], signed=True)
    sampling = ScoreSums(sums=sums, method=method, points=1, outspoken=sum(map(abs, answers)))
    return Score(sum(answers) / len(answers), low=-10, high=10, count=len(answers), sampling=sampling)


def quotient(top: list[int], bottom: list[int]) -> Ratio:
    """Of two groups' means."""
    sums = TwoGroups(
        top=ClusterSums.of([(1, each) for each in top]), bottom=ClusterSums.of([(1, each) for each in bottom])
    )
    return Ratio(sum(top) * len(bottom), sum(bottom) * len(top), bounded=False, sampling=sums)


def paired(a: list[int], b: list[int]) -> CrossSums:
    """The same customers in both, once each."""
    return CrossSums.of((((1, x), (1, y)) for x, y in zip(a, b, strict=True)), len(a))


class TestWhichOne:
    @pytest.mark.parametrize("cross", [None, NOBODY])
    def test_counts_of_separate_customers(self, cross):
        assert estimate(Ratio(3, 10), Ratio(5, 20), cross).method == f"Newcombe{INDEPENDENT}"

    @pytest.mark.parametrize("cross", [None, NOBODY])
    def test_scores_of_separate_respondents(self, cross):
        assert estimate(score(1, 2), score(3, 5), cross).method == f"square and add{INDEPENDENT}"

    def test_counts_of_customers_of_whom_some_are_in_both(self):
        cross = CrossSums(n=25, xx=5, xy=2, yx=1, yy=1)
        found = estimate(Ratio(3, 10), Ratio(5, 20), cross)
        assert found.method == f"{CLUSTERED}, less the covariance of customers in both"
        # v_a = 10/9 · 2.1/100, v_b = 20/19 · 3.75/400; R = 0.3 and 0.25;
        # Σee = 1 − 0.25 · 1 − 0.3 · 2 + 0.3 · 0.25 · 5 = 0.525; covariance 25/24 · 0.525/200
        variance = 10 / 9 * 0.021 + 20 / 19 * 0.009375 - 2 * 25 / 24 * 0.002625
        assert found.variance == pytest.approx(variance)
        assert found.difference == pytest.approx(0.05)

    @pytest.mark.parametrize(
        "cross, said", [(None, INDEPENDENT), (NOBODY, ", less the covariance of customers in both")]
    )
    def test_clustered(self, cross, said):
        for a, b in [
            (ratio((2, 1), (3, 0)), ratio((1, 1), (2, 1))),
            (ratio((2, 1), (3, 0)), Ratio(3, 10)),
            (Ratio(3, 10), ratio((2, 1), (3, 0))),
            (mean(1, 5), mean(2, 3)),
            (ratio((1, 5), (1, 9), bounded=False), ratio((1, 5), (1, 7), bounded=False)),
        ]:
            assert estimate(a, b, cross).method == f"{CLUSTERED}{said}"

    def test_scores_of_respondents_of_whom_some_are_in_both(self):
        cross = paired([1, 2, 6], [1, 3, 5])
        found = estimate(score(1, 2, 6), score(1, 3, 5), cross)
        # e = −2, −1, 3 and −2, 0, 2: v = (3/2 · 14 + 3/2 · 8 − 2 · 3/2 · 10)/9 = 1/3
        assert found.variance == pytest.approx(1 / 3)

    def test_points_scale_the_covariance(self):
        a, b = (
            Score(
                10.0 * sum(answers) / 3,
                low=0,
                high=100,
                count=3,
                sampling=ScoreSums(sums=ClusterSums.of([(1, x) for x in answers]), method="mean", points=10),
            )
            for answers in ((1, 2, 6), (1, 3, 5))
        )
        assert estimate(a, b, paired([1, 2, 6], [1, 3, 5])).variance == pytest.approx(100 / 3)

    def test_quotients_of_two_groups(self):
        a, b = quotient([20, 40], [10, 20]), quotient([30, 50], [10, 30])
        one, two, three, four = (CrossSums(n=6, xx=0, xy=0, yx=0, yy=0) for _ in range(4))
        nobody = CrossTwoGroups(top_top=one, top_bottom=two, bottom_top=three, bottom_bottom=four)
        assert nobody.n == 6
        # Q_a = 2: v = (100 + 4 · 25)/225; Q_b = 2: v = (100 + 4 · 100)/400
        assert estimate(a, b, nobody).variance == pytest.approx(200 / 225 + 500 / 400)
        # the same two at the top of both: e = ∓10 and ∓10, Σee = 200; covariance of the tops 6/5 · 200/4 = 60
        both = CrossTwoGroups(
            top_top=CrossSums(n=6, xx=2, xy=80, yx=60, yy=2600),
            top_bottom=two,
            bottom_top=three,
            bottom_bottom=four,
        )
        assert estimate(a, b, both).variance == pytest.approx(200 / 225 + 500 / 400 - 2 * 60 / (15 * 20))

    def test_where_all_are_alike(self):
        found = estimate(ratio((2, 0), (3, 0)), ratio((1, 0), (2, 0)), None)
        assert found.method == "square and add, since all customers are alike"
        low, high = found.bounds(0.95)
        assert low < 0 < high
        assert found.p_value() == 1
        same = estimate(Ratio(3, 3), Ratio(3, 3), CrossSums(n=3, xx=3, xy=3, yx=3, yy=3))
        assert same.method == "square and add, since all customers are alike"

    def test_respondents_who_all_moved_alike(self):
        found = estimate(score(1, 2), score(2, 3), paired([1, 2], [2, 3]))
        assert found.method == "square and add, since all customers are alike"


class TestNone:
    @pytest.mark.parametrize(
        "a, b",
        [
            (mean(5, 5), mean(7, 7)),
            (ratio((1, 5), (1, 5), bounded=False), ratio((1, 7), (1, 7), bounded=False)),
            (score(5, 5), score(7, 7)),
        ],
    )
    def test_where_all_are_alike_and_nothing_limits_the_figure(self, a, b):
        for cross in (None, paired([5, 5], [7, 7])):
            with pytest.raises(UndefinedMetricError, match="all customers are alike"):
                estimate(a, b, cross)

    def test_where_all_moved_alike(self):
        with pytest.raises(UndefinedMetricError, match="all customers are alike"):
            estimate(mean(10, 20, 35), mean(11, 21, 36), paired([10, 20, 35], [11, 21, 36]))

    @pytest.mark.parametrize(
        "figure",
        [
            Ratio(1, 2, sampling=None),
            Mean(1, 2),
            mean(1),
            Ratio(1, 2, bounded=False),
            score(1),
            ratio((2, 1)),
        ],
    )
    def test_where_one_figure_has_none(self, figure):
        other = {Ratio: Ratio(1, 2), Mean: mean(1, 2), Score: score(1, 2)}[type(figure)]
        for pair in ((figure, other), (other, figure)):
            with pytest.raises(UndefinedMetricError, match="requires"):
                estimate(*pair, None)

    def test_sums_that_do_not_belong_together(self):
        groups = quotient([20, 40], [10, 20])
        plain = ratio((1, 5), (1, 9), bounded=False)
        tops = CrossSums(n=6, xx=1, xy=1, yx=1, yy=1)
        crossed = CrossTwoGroups(top_top=tops, top_bottom=tops, bottom_top=tops, bottom_bottom=tops)
        for a, b, cross in [
            (groups, plain, tops),
            (plain, plain, crossed),
            (groups, groups, tops),
            (score(1, 2), score(1, 3), crossed),
        ]:
            with pytest.raises(UndefinedMetricError, match="do not belong together"):
                estimate(a, b, cross)


class TestFreedom:
    def test_of_a_group_that_is_all_the_doubt(self):
        # v_b = 0, so that Welch's is a's alone: 3 − 1
        assert estimate(mean(1, 2, 6), mean(5, 5, 5, 5, 5), None).freedom == pytest.approx(2)

    def test_of_two_alike_groups(self):
        assert estimate(mean(1, 2, 6), mean(1, 2, 6), None).freedom == pytest.approx(4)

    def test_is_never_more_than_the_customers_allow(self):
        a, b = [1, 2, 6], [2, 3, 4]
        assert estimate(mean(*a), mean(*b), paired(a, b)).freedom <= 2
        assert estimate(mean(*a), mean(*a), paired(a, a[::-1])).freedom == 2

    @pytest.mark.parametrize("unit, scale", [(10**150, 1), (1, 10**100)])
    def test_neither_overflows_nor_vanishes(self, unit, scale):
        """The squares of such variances are no floats."""
        sums = ClusterSums.of([(1, 10**50 + n * unit) for n in (-1, 0, 1)], signed=True, scale=scale)
        figure = Mean(Decimal(3 * 10**50) / scale, 3, sampling=sums)
        found = estimate(figure, figure, None)
        assert found.freedom == pytest.approx(4)
        assert found.p_value() == 1


class TestPValue:
    def test_is_where_the_interval_just_reaches_0(self):
        found = estimate(score(1, 2, 4, 5), score(3, 6, 7, 7), None)
        p_value = found.p_value()
        assert found.bounds(1 - p_value * 1.001)[1] < 0 < found.bounds(1 - p_value * 0.999)[1]

    def test_of_no_difference_is_1(self):
        assert estimate(score(1, 2), score(2, 1), None).p_value() == 1
        assert estimate(Ratio(1, 2), Ratio(2, 4), None).p_value() == 1
        assert estimate(mean(1, 2), mean(2, 1), None).p_value() == 1

    def test_of_shares_that_are_all_or_nothing(self):
        assert estimate(Ratio(0, 5), Ratio(0, 9), None).p_value() == 1
        assert estimate(Ratio(5, 5), Ratio(9, 9), None).p_value() == 1
        # χ² = 13 · (5 · 9 − 0)²/(5 · 9 · 5 · 9) = 13
        assert estimate(Ratio(5, 5), Ratio(0, 9), None).p_value() == pytest.approx(
            math.erfc(math.sqrt(13 / 2))
        )

    def test_of_what_chance_never_reaches_is_tiny_but_no_error(self):
        huge = estimate(Ratio(10**12, 10**12), Ratio(0, 10**12), None)
        assert huge.p_value() == 0
        assert 0 <= estimate(score(*[9, 10] * 90), score(*[-9, -10] * 90), None).p_value() < 1e-15


class TestHolm:
    def test_by_hand(self):
        # 0.01 · 4, 0.02 · 3, 0.03 · 2 (no lower than the one before), 0.5 · 1
        assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])

    def test_no_more_than_1(self):
        assert holm([0.4, 0.6, 0.9]) == [1, 1, 1]

    def test_equal_ones_stay_equal(self):
        assert holm([0.01, 0.01]) == [0.02, 0.02]

    def test_one_and_none(self):
        assert holm([0.03]) == [0.03]
        assert holm([]) == []
