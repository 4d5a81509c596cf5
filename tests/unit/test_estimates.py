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
CORRELATED = ", with the correlation of the customers in both"
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


def net(promoters: int, passives: int, detractors: int) -> Score:
    return score(*[1] * promoters, *[0] * passives, *[-1] * detractors, method="net")


def quotient(top: list[int], bottom: list[int], *, bounded: bool = False) -> Ratio:
    """Of two groups' means."""
    sums = TwoGroups(
        top=ClusterSums.of([(1, each) for each in top]), bottom=ClusterSums.of([(1, each) for each in bottom])
    )
    return Ratio(sum(top) * len(bottom), sum(bottom) * len(top), bounded=bounded, sampling=sums)


def paired(a: list[int], b: list[int]) -> CrossSums:
    """The same customers in both, once each."""
    return CrossSums.of((((1, x), (1, y)) for x, y in zip(a, b, strict=True)), len(a))


class TestWhichOne:
    @pytest.mark.parametrize("cross", [None, NOBODY])
    def test_counts_of_separate_customers(self, cross):
        assert estimate(Ratio(3, 10), Ratio(5, 20), cross).method == f"Newcombe{INDEPENDENT}"

    @pytest.mark.parametrize("cross, said", [(None, INDEPENDENT), (NOBODY, CORRELATED)])
    def test_shares_of_orders_and_net_scores(self, cross, said):
        for a, b in [
            (ratio((2, 1), (3, 0)), ratio((1, 1), (2, 1))),
            (ratio((2, 1), (3, 0)), Ratio(3, 10)),
            (Ratio(3, 10), ratio((2, 1), (3, 0))),
            (ratio((2, 1)), Ratio(3, 10)),  # of a single customer
            (net(1, 2, 0), net(3, 5, 0)),
            (score(1, 0, method="share"), score(1, 1, method="share")),
        ]:
            found = estimate(a, b, cross)
            assert (found.method, found.correlation) == (f"square and add{said}", 0)

    def test_counts_of_customers_of_whom_some_are_in_both(self):
        cross = CrossSums(n=25, xx=5, xy=2, yx=1, yy=1)
        assert estimate(Ratio(3, 10), Ratio(5, 20), cross).method == f"square and add{CORRELATED}"

    @pytest.mark.parametrize(
        "cross, said", [(None, INDEPENDENT), (NOBODY, ", less the covariance of customers in both")]
    )
    def test_means_and_quotients(self, cross, said):
        for a, b in [
            (mean(1, 5), mean(2, 3)),
            (score(1, 2), score(3, 5)),
            (ratio((1, 5), (1, 9), bounded=False), ratio((1, 5), (1, 7), bounded=False)),
        ]:
            assert estimate(a, b, cross).method == f"{CLUSTERED}{said}"

    def test_a_quotient_of_two_groups_is_no_share_though_it_stays_below_1(self):
        """Its denominator is no number of trials."""
        groups = [quotient([2, 4], [10, 20], bounded=bounded) for bounded in (True, False)]
        one, other = (estimate(each, each, None) for each in groups)
        assert one.method == f"{CLUSTERED}{INDEPENDENT}"
        assert one.bounds(0.95) == other.bounds(0.95)

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


class TestSquareAndAdd:
    """By hand: low = d − √(x² + y² − 2ρxy) with the reaches x of a downwards and y of b upwards; high mirrored."""

    def test_without_correlation(self):
        # ratio estimators: 1, 2 and 0 of 2, 2 and 1 orders, 3 of 5: v = 3/2 · (0.2² + 0.8² + 0.6²)/25 = 0.0624,
        # and so n* = 0.24/0.0624 = 3.846154. Wilson at z² = 3.841459:
        # (0.6 + 0.499390 ∓ √(0.0624 · 3.841459 + 0.249390))/1.998779 = 0.2001396 to 0.8999214, with
        # z²/2n* = 0.499390 and z⁴/4n*² = 0.249390. Wilson of 3/10 is 0.1077913 to 0.6032219.
        found = estimate(ratio((2, 1), (2, 2), (1, 0)), Ratio(3, 10), None)
        low = 0.3 - math.hypot(0.6 - 0.2001396, 0.6032219 - 0.3)
        high = 0.3 + math.hypot(0.8999214 - 0.6, 0.3 - 0.1077913)
        assert found.bounds(0.95) == pytest.approx((low, high), abs=1e-6)

    def test_with_correlation(self):
        # v_a = 10/9 · 2.1/100 = 0.02333333, v_b = 20/19 · 3.75/400 = 0.00986842; R = 0.3 and 0.25;
        # Σee = 1 − 0.25 · 1 − 0.3 · 2 + 0.3 · 0.25 · 5 = 0.525; covariance 25/24 · 0.525/200 = 0.00273438;
        # ρ = 0.00273438/√(0.02333333 · 0.00986842) = 0.1801963.
        # Wilson: 3/10 in 0.1077913 to 0.6032219, 5/20 in 0.1118604 to 0.4687009.
        # low:  x = 0.1922087, y = 0.2187009: √(0.0369442 + 0.0478301 − 0.0151495) = 0.2638652
        # high: x = 0.3032219, y = 0.1381396: √(0.0919435 + 0.0190825 − 0.0150957) = 0.3097262
        found = estimate(Ratio(3, 10), Ratio(5, 20), CrossSums(n=25, xx=5, xy=2, yx=1, yy=1))
        assert found.correlation == pytest.approx(0.1801963, abs=1e-6)
        assert found.bounds(0.95) == pytest.approx((0.05 - 0.2638652, 0.05 + 0.3097262), abs=1e-5)

    def test_of_net_scores(self):
        # 1, 1, −1 and 1, −1, −1, 0 of ann, ben, cy and dee: e = 2/3, 2/3, −4/3 and 5/4, −3/4, −3/4, 1/4;
        # v_a = 3/2 · (24/9)/9 = 4/9, v_b = 4/3 · (44/16)/16 = 11/48, Σee = 10/12 − 6/12 + 1 = 4/3,
        # covariance 4/3 · (4/3)/12 = 4/27; ρ = 4/27 / √(44/432) = 0.4642090
        a, b = net(2, 0, 1), net(1, 1, 2)
        found = estimate(a, b, CrossSums(n=4, xx=3, xy=-1, yx=1, yy=1))
        assert found.correlation == pytest.approx(4 / 27 / math.sqrt(44 / 432))
        # adjusted Wald of 2, 0, 1: p̃ = 2.75/6, d̃ = 1.75/6: m̃ = 1/6, √((0.75 − 1/36)/6) = 0.3469443,
        # 0.1666667 ∓ 0.6799984; of 1, 1, 2: m̃ = (1.75 − 2.75)/7 = −1/7, √((4.5/7 − 1/49)/7) = 0.2981998,
        # −0.1428571 ∓ 0.5844608
        x, y = 1 / 3 + 0.5133317, 0.4416037 + 0.25
        assert found.bounds(0.95)[0] == pytest.approx(
            7 / 12 - math.sqrt(x * x + y * y - 2 * found.correlation * x * y), abs=1e-5
        )
        x, y = 0.8466651 - 1 / 3, 0.7273179 - 0.25
        assert found.bounds(0.95)[1] == pytest.approx(
            7 / 12 + math.sqrt(x * x + y * y - 2 * found.correlation * x * y), abs=1e-5
        )

    def test_customers_who_all_did_the_same_again_take_all_doubt_away(self):
        found = estimate(Ratio(3, 10), Ratio(3, 10), CrossSums(n=10, xx=10, xy=3, yx=3, yy=3))
        assert found.correlation == pytest.approx(1)
        low, high = found.bounds(0.95)
        # what remains is that Wilson's interval reaches further up than down
        assert (low, high) == pytest.approx((0.1922087 - 0.3032219, 0.3032219 - 0.1922087), abs=1e-6)
        assert found.p_value() == 1

    def test_customers_who_did_the_opposite_move_the_two_apart(self):
        opposite = CrossSums(n=10, xx=10, xy=5, yx=5, yy=0)
        found = estimate(Ratio(5, 10), Ratio(5, 10), opposite)
        assert found.correlation == pytest.approx(-1)
        apart = estimate(Ratio(5, 10), Ratio(5, 10), None)
        assert found.bounds(0.95)[1] == pytest.approx(math.sqrt(2) * apart.bounds(0.95)[1])

    @pytest.mark.parametrize(
        "a, b, cross",
        [
            (Ratio(3, 3), Ratio(3, 3), CrossSums(n=3, xx=3, xy=3, yx=3, yy=3)),
            (Ratio(0, 3), Ratio(1, 3), CrossSums(n=3, xx=3, xy=1, yx=0, yy=0)),
            (Ratio(1, 1), Ratio(1, 3), CrossSums(n=3, xx=1, xy=1, yx=1, yy=1)),
            (ratio((2, 0), (3, 0)), ratio((1, 0), (2, 0)), None),
        ],
    )
    def test_where_all_of_one_are_alike_there_is_no_correlation(self, a, b, cross):
        found = estimate(a, b, cross)
        assert found.correlation == 0
        low, high = found.bounds(0.95)
        assert low < 0 < high
        assert found.p_value() > 0.05


class TestSmallGroups:
    """Whether one customer of fifty was there before must not decide what is real."""

    FEW = staticmethod(lambda shared, hits: CrossSums(n=250 - shared, xx=shared, xy=0, yx=hits, yy=0))

    def test_none_of_fifty(self):
        # χ² = 249 · (18 · 50)² / (200 · 50 · 18 · 232) = 4.829741
        apart = estimate(Ratio(18, 200), Ratio(0, 50), None)
        assert apart.p_value() == pytest.approx(math.erfc(math.sqrt(4.829741 / 2)), abs=1e-6)
        found = [estimate(Ratio(18, 200), Ratio(0, 50), self.FEW(n, n // 10)) for n in (0, 1, 5, 20)]
        for each in found:
            assert each.bounds(0.95) == pytest.approx(apart.bounds(0.95))
            assert each.p_value() == pytest.approx(apart.p_value(), abs=0.006)

    def test_one_of_fifty(self):
        apart = estimate(Ratio(18, 200), Ratio(1, 50), None)
        for shared in (1, 5, 20):
            found = estimate(Ratio(18, 200), Ratio(1, 50), self.FEW(shared, shared // 10))
            assert abs(found.correlation) < 0.02
            assert found.bounds(0.95) == pytest.approx(apart.bounds(0.95), abs=0.001)
            assert found.p_value() == pytest.approx(apart.p_value(), abs=0.03)

    @pytest.mark.parametrize("answer_a, answer_b", [(1, 1), (1, -1), (-1, 1), (0, 0)])
    def test_eight_answers_against_three_hundred(self, answer_a, answer_b):
        few, many = net(1, 1, 6), net(150, 90, 60)
        cross = CrossSums(n=307, xx=1, xy=answer_b, yx=answer_a, yy=answer_a * answer_b)
        one, apart = estimate(few, many, cross), estimate(few, many, None)
        assert abs(one.correlation) < 0.08
        for mine, theirs in zip(one.bounds(0.95), apart.bounds(0.95), strict=True):
            assert mine == pytest.approx(theirs, abs=0.01)
        assert one.p_value() == pytest.approx(apart.p_value(), abs=0.0005)


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
            with pytest.raises(UndefinedMetricError, match="requires customers who are not all alike"):
                estimate(a, b, cross)

    @pytest.mark.parametrize("pair", [(mean(5, 5), mean(1, 2)), (score(5, 5), score(1, 2))])
    def test_where_all_of_one_are_alike(self, pair):
        for a, b in (pair, pair[::-1]):
            with pytest.raises(UndefinedMetricError, match="requires customers who are not all alike"):
                estimate(a, b, None)

    @pytest.mark.parametrize("kind", [mean, score])
    def test_where_all_moved_alike(self, kind):
        a, b = [1, 2, 4], [2, 3, 5]
        with pytest.raises(UndefinedMetricError, match="all customers moved alike, so that chance cannot"):
            estimate(kind(*a), kind(*b), paired(a, b))

    @pytest.mark.parametrize(
        "figure, why",
        [
            (Ratio(1, 2, sampling=None), "no interval is known for such a figure"),
            (Mean(1, 2), "no interval is known for such a figure"),
            (mean(1), "requires at least two customers"),
            (Ratio(1, 2, bounded=False), "requires counts of independent units"),
            (Ratio(Decimal(1), 2), "requires counts of independent units"),
            (score(1), "requires at least two customers"),
        ],
    )
    def test_where_one_figure_has_none(self, figure, why):
        other = {Ratio: Ratio(1, 2), Mean: mean(1, 2), Score: score(1, 2)}[type(figure)]
        for pair in ((figure, other), (other, figure)):
            with pytest.raises(UndefinedMetricError, match=why):
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
            (Ratio(3, 10), Ratio(5, 20), crossed),
            (net(1, 1, 1), net(1, 2, 1), crossed),
        ]:
            with pytest.raises(UndefinedMetricError, match="do not belong together"):
                estimate(a, b, cross)


class TestFreedom:
    def test_of_a_group_that_is_all_the_doubt(self):
        # v_a = 3/2 · 14/9 = 7/3, v_b = 1000/999 · 250/10⁶: Welch's is nearly a's alone, 3 − 1
        a, b = mean(1, 2, 6), mean(*[0, 1] * 500)
        assert estimate(a, b, None).freedom == pytest.approx(2, rel=1e-3)

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
    @pytest.mark.parametrize(
        "a, b, cross",
        [
            (score(1, 2, 4, 5), score(3, 6, 7, 7), None),
            (net(20, 5, 5), net(8, 5, 17), None),
            (Ratio(30, 100), Ratio(25, 120), CrossSums(n=200, xx=20, xy=6, yx=8, yy=4)),
            (ratio(*[(2, 1)] * 9, *[(1, 0)] * 5), Ratio(5, 40), None),
        ],
    )
    def test_is_where_the_interval_just_reaches_0(self, a, b, cross):
        for one, other in ((a, b), (b, a)):
            found = estimate(one, other, cross)
            p_value = found.p_value()
            assert 0 < p_value < 1
            low, high = found.bounds(1 - p_value * 0.999)
            assert low < 0 < high
            low, high = found.bounds(1 - p_value * 1.001)
            assert low > 0 or high < 0

    def test_of_a_mean_is_that_of_student(self):
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
        everyone = CrossSums(n=10**12, xx=10**12, xy=0, yx=10**12, yy=0)
        shared = estimate(Ratio(10**12, 10**12), Ratio(0, 10**12), everyone)
        assert shared.p_value() == 0


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
