"""Domain errors of the statistics, and what they do at the edges; the values are tested against references."""

from __future__ import annotations

import decimal
import math
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import attrs
import pytest

from retention._numerics import (
    ClusterSums,
    CrossSums,
    CrossTwoGroups,
    ScoreSums,
    TwoGroups,
    _beta_fraction,
    check_confidence,
    decimal_context,
    net_wald,
    normal_quantile,
    student_p_value,
    student_quantile,
    wilson,
)
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError
from retention.results import Ratio


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 95, 1.0, float("nan"), float("inf")])
def test_a_confidence_lies_between_0_and_1(confidence):
    with pytest.raises(InvalidValueError, match=r"such as 0\.95 for 95 %"):
        check_confidence(confidence)
    with pytest.raises(InvalidValueError):
        Ratio(1, 2).interval(confidence)


@pytest.mark.parametrize("confidence", [True, "0.95", None, Decimal("0.95"), 0.95 + 0j])
def test_a_confidence_is_a_number(confidence):
    with pytest.raises(InvalidTypeError, match="confidence must be a number, not"):
        check_confidence(confidence)


def test_a_confidence_is_handed_on_as_a_float():
    assert check_confidence(0.95) == 0.95


NEAREST_TO_1 = math.nextafter(1, 0)


def test_the_confidence_nearest_to_1_has_finite_quantiles():
    assert normal_quantile(NEAREST_TO_1) == pytest.approx(8.2923611)
    for freedom in (1, 2, 30, 10**6):
        assert 8 < student_quantile(NEAREST_TO_1, freedom) < 1e16
    low, high = Ratio(38, 100).interval(NEAREST_TO_1)
    assert 0 < low < 0.38 < high < 1


@pytest.mark.parametrize("n", [1, 7, 1000, 10**9, 0.5])
@pytest.mark.parametrize("share", [0.0, 1.0, 0.5, 1e-300])
def test_wilson_holds_the_share_and_stays_within_0_and_1(share, n):
    low, high = wilson(share, n, normal_quantile(0.95))
    assert 0 <= low <= share <= high <= 1
    assert low < high


def test_student_comes_down_to_normal():
    assert student_quantile(0.95, 10**7) == pytest.approx(normal_quantile(0.95), rel=1e-6)
    assert student_quantile(0.95, 10**50) == normal_quantile(0.95)
    assert student_quantile(0.95, 1) == pytest.approx(12.706204736, rel=1e-9)
    assert student_quantile(0.000001, 5) == pytest.approx(0, abs=1e-5)
    assert student_quantile(1e-20, 5) < 1e-6  # where the distribution function is flat to the last bit


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_student_has_no_step_where_the_expansion_takes_over(confidence):
    below, above = student_quantile(confidence, 99_999), student_quantile(confidence, 100_000)
    assert below == pytest.approx(above, rel=1e-8)


def test_the_continued_fraction_ends_even_on_nonsense():
    assert math.isnan(_beta_fraction(math.nan, 0.5, 0.5))


def test_customers_all_alike_have_no_variance():
    assert ClusterSums(n=3, x=3, y=30, xx=3, xy=30, yy=300).variance() == 0


def test_sums_stay_exact_where_floats_would_cancel():
    # y = 10**17 + (0, 1, 2): Σ(y − mean)² = 2, far below the last bit of Σy² as a float
    big = 10**17
    values = (big, big + 1, big + 2)
    sums = ClusterSums(n=3, x=3, y=sum(values), xx=3, xy=sum(values), yy=sum(value**2 for value in values))
    assert sums.variance() == pytest.approx(3 / 2 * 2 / 9)


def test_the_smaller_group_limits_the_freedom():
    small = ClusterSums(n=2, x=2, y=3, xx=2, xy=3, yy=5)
    large = ClusterSums(n=9, x=9, y=9, xx=9, xy=9, yy=9)
    assert TwoGroups(top=large, bottom=small).n == TwoGroups(top=small, bottom=large).n == 2


class TestSums:
    GOOD = ClusterSums(n=2, x=3, y=50, xx=5, xy=90, yy=1700)

    @pytest.mark.parametrize("name", ["n", "x", "y", "xx", "xy", "yy", "scale", "x_scale"])
    def test_are_ints(self, name):
        for bad in (1.0, Decimal(1), True, None, "1"):
            with pytest.raises(InvalidTypeError, match=rf"ClusterSums\.{name} must be an int, not"):
                attrs.evolve(self.GOOD, **{name: bad})

    @pytest.mark.parametrize(
        "name, bad", [("n", -1), ("x", -1), ("xx", -1), ("yy", -1), ("scale", 0), ("x_scale", -10)]
    )
    def test_have_their_domains(self, name, bad):
        with pytest.raises(InvalidValueError, match=rf"ClusterSums\.{name} must be at least . \(got {bad}\)"):
            attrs.evolve(self.GOOD, **{name: bad})

    def test_number_the_customers_of_this_world(self):
        with pytest.raises(InvalidValueError, match=r"ClusterSums\.n must be the number of customers"):
            attrs.evolve(self.GOOD, n=10**400)

    def test_are_not_negative_unless_said_so(self):
        with pytest.raises(InvalidValueError, match=r"ClusterSums\.y must not be negative .*signed=True"):
            ClusterSums(n=1, x=1, y=-5, xx=1, xy=-5, yy=25)
        assert ClusterSums(n=1, x=1, y=-5, xx=1, xy=-5, yy=25, signed=True).signed

    def test_are_sums_that_clusters_can_have(self):
        with pytest.raises(InvalidValueError, match=r"ClusterSums\.xy must be the sum of x \* y"):
            attrs.evolve(self.GOOD, xy=100)

    def test_have_no_variance_without_spread_or_base(self):
        alone = ClusterSums(n=1, x=1, y=5, xx=1, xy=5, yy=25)
        with pytest.raises(UndefinedMetricError, match="at least two customers"):
            alone.variance()
        with pytest.raises(UndefinedMetricError, match="at least two customers"):
            TwoGroups(top=self.GOOD, bottom=alone).variance()
        with pytest.raises(UndefinedMetricError, match="an x above 0"):
            ClusterSums(n=2, x=0, y=0, xx=0, xy=0, yy=0).variance()
        with pytest.raises(UndefinedMetricError, match="a mean other than 0"):
            TwoGroups(top=self.GOOD, bottom=ClusterSums(n=2, x=2, y=0, xx=2, xy=0, yy=0)).variance()
        wide = ClusterSums(n=2, x=2, y=0, xx=2, xy=0, yy=2 * 10**800, signed=True)
        with pytest.raises(UndefinedMetricError, match="too large for a float"):
            wide.variance()

    def test_of_two_groups_are_sums(self):
        with pytest.raises(InvalidTypeError, match=r"TwoGroups\.bottom must be ClusterSums, not int"):
            TwoGroups(top=self.GOOD, bottom=5)

    def test_belong_to_their_own_quotient(self):
        cents = attrs.evolve(self.GOOD, scale=100, x_scale=10)
        assert cents.belongs_to(Decimal("0.50"), Decimal("0.3"))
        assert not cents.belongs_to(50, 3)
        pair = TwoGroups(top=self.GOOD, bottom=cents)
        assert pair.belongs_to(10, 1)
        assert not pair.belongs_to(1, 1)

    def test_are_made_of_pairs(self):
        made = ClusterSums.of(iter([(1, 10), (2, 40)]), scale=100, x_scale=10)
        assert made == attrs.evolve(self.GOOD, scale=100, x_scale=10)
        assert ClusterSums.of([]) == ClusterSums(0, 0, 0, 0, 0, 0)
        with pytest.raises(InvalidValueError, match="must not be negative"):
            ClusterSums.of([(1, -5)])
        assert ClusterSums.of([(1, -5)], signed=True).y == -5

    def test_have_a_quotient(self):
        assert attrs.evolve(self.GOOD, scale=100, x_scale=10).quotient() == Fraction(5, 3)
        with pytest.raises(UndefinedMetricError, match="the quotient requires an x above 0"):
            ClusterSums.of([]).quotient()

    def test_amount_to_so_many_trials(self):
        # e = −20/3, 20/3: v = 2 · (800/9)/9 = 1600/81
        assert self.GOOD.trials(1.0) == pytest.approx(81 / 1600)
        assert ClusterSums.of([(2, 1)]).trials(0.25) == 1  # no spread to go by
        assert ClusterSums.of([(2, 1), (4, 2), (2, 1)]).trials(0.25) == 3

    def test_know_whether_each_cluster_is_one_trial(self):
        assert ClusterSums.of([(1, 5), (1, 0)]).is_independent
        assert ClusterSums.of([]).is_independent
        for pairs in ([(2, 5)], [(2, 1), (0, 0)], [(1, 1), (0, 1)]):
            assert not ClusterSums.of(pairs).is_independent
        assert not ClusterSums.of([(1, 5)], x_scale=10).is_independent

    def test_of_two_groups_may_be_below_0_where_a_group_may(self):
        plain, loss = self.GOOD, attrs.evolve(self.GOOD, signed=True)
        assert [
            TwoGroups(top=top, bottom=bottom).signed for top in (plain, loss) for bottom in (plain, loss)
        ] == [
            False,
            True,
            True,
            True,
        ]


class TestScoreSums:
    def test_variance_is_in_points(self):
        sums = ClusterSums.of([(1, 3), (1, 5)])  # v = 2 · 2/4 = 1
        for points, variance in ((1, 1), (100, 10_000), (Fraction(100, 7), 10_000 / 49)):
            assert ScoreSums(sums=sums, method="mean", points=points).variance() == pytest.approx(variance)

    def test_each_method_has_its_interval(self):
        sums = ClusterSums.of([(1, 1), (1, 1), (1, 0)])
        methods = {
            method: ScoreSums(sums=sums, method=method, outspoken=2).bounds(0.9)[2]
            for method in ("share", "net", "mean")
        }
        assert methods == {
            "share": "Wilson",
            "net": "adjusted Wald (Rocks 2016)",
            "mean": "Student's t of the mean, clustered by customer",
        }

    def test_the_mean_of_one_respondent_has_none(self):
        alone = ClusterSums.of([(2, 9)])
        with pytest.raises(UndefinedMetricError, match="at least two customers"):
            ScoreSums(sums=alone, method="mean").bounds(0.9)
        assert ScoreSums(sums=ClusterSums.of([(2, 1)]), method="share").bounds(0.9)[0] > 0

    def test_nobody_who_speaks_out_is_no_point(self):
        """Passives only, by one respondent or by several who answered twice."""
        for pairs in ([(2, 0)], [(2, 0), (2, 0)]):
            low, high, _ = ScoreSums(sums=ClusterSums.of(pairs), method="net").bounds(0.95)
            assert low == -high < 0


class TestNetWald:
    def test_by_hand(self):
        # p̃ = 5.75/13, d̃ = 2.75/13: 3/13 ± z √((8.5/13 − 9/169)/13)
        reach = 2 * math.sqrt((8.5 / 13 - 9 / 169) / 13)
        assert net_wald(5, 2, 10, 2) == pytest.approx((3 / 13 - reach, 3 / 13 + reach))

    def test_holds_the_share_and_stays_within_1(self):
        # 3/3: the middle is 3/6, far below
        low, high = net_wald(3, 0, 3, 0.1)
        assert low < high == 1
        assert net_wald(0, 3, 3, 0.1) == (-1, -low)
        assert net_wald(300, 0, 300, 9)[1] == 1
        assert net_wald(1, 0, 1, 30)[0] == -1


class TestCross:
    # ann and ben bought 1 and 2 times for 10 and 40 in the one month, 2 and 1 times for 30 and 20 in the other;
    # in each a third customer bought once, for 25.
    A = ClusterSums.of([(1, 10), (2, 40), (1, 25)])
    B = ClusterSums.of([(2, 30), (1, 20), (1, 25)])
    CROSS = CrossSums.of([((1, 10), (2, 30)), ((2, 40), (1, 20))], 4)

    def test_sums(self):
        assert CrossSums(n=4, xx=2 + 2, xy=30 + 40, yx=20 + 40, yy=300 + 800) == self.CROSS
        assert CrossSums.of([], 0) == CrossSums(n=0, xx=0, xy=0, yx=0, yy=0)

    def test_complement(self):
        pairs = [((1, 1), (1, 0)), ((1, 0), (1, 0)), ((1, 1), (1, 1)), ((2, 1), (3, 2))]
        lost = [((x, x - y), (u, u - v)) for (x, y), (u, v) in pairs]
        assert CrossSums.of(pairs, 9).complement() == CrossSums.of(lost, 9)
        assert CrossSums.of(pairs, 9).complement().complement() == CrossSums.of(pairs, 9)

    def test_covariance_by_hand(self):
        # R = 75/4 in both: e = −8.75, 2.5 and −7.5, 1.25; Σee = 65.625 + 3.125 = 68.75; 4/3 · 68.75/(4 · 4)
        assert self.CROSS.covariance(self.A, self.B) == pytest.approx(4 / 3 * 68.75 / 16)

    def test_covariance_is_in_output_units(self):
        cents, tens = attrs.evolve(self.A, scale=100), attrs.evolve(self.B, scale=100, x_scale=10)
        expected = self.CROSS.covariance(self.A, self.B)
        assert self.CROSS.covariance(cents, tens) == pytest.approx(expected / 100 / 100 * 10)

    def test_covariance_with_oneself_is_the_variance(self):
        both = CrossSums.of([(pair, pair) for pair in ((1, 10), (2, 40), (1, 25))], 3)
        assert both.covariance(self.A, self.A) == pytest.approx(self.A.variance())

    def test_covariance_requires_customers_and_a_base(self):
        nobody = ClusterSums.of([])
        for cross, a, b in [
            (attrs.evolve(self.CROSS, n=1), self.A, self.B),
            (self.CROSS, nobody, self.B),
            (self.CROSS, self.A, nobody),
        ]:
            with pytest.raises(UndefinedMetricError, match="at least two customers and each x above 0"):
                cross.covariance(a, b)

    def test_two_groups(self):
        # Q = 2 in both; top e = ∓10, bottom e = ∓5, the same customers in both months: each covariance is the variance.
        top, bottom = ClusterSums.of([(1, 20), (1, 40)]), ClusterSums.of([(1, 10), (1, 20)])
        pair = TwoGroups(top=top, bottom=bottom)
        tops = CrossSums.of([((1, 20), (1, 20)), ((1, 40), (1, 40))], 4)
        bottoms = CrossSums.of([((1, 10), (1, 10)), ((1, 20), (1, 20))], 4)
        nobody = CrossSums.of([], 4)
        same = CrossTwoGroups(top_top=tops, top_bottom=nobody, bottom_top=nobody, bottom_bottom=bottoms)
        # 4/3 · (200 + 4 · 50)/4 / 15² instead of 2/1 · …: all four customers count
        assert same.covariance(pair, pair) == pytest.approx(4 / 3 * (200 + 200) / 4 / 225)
        assert pair.variance() == pytest.approx(2 * (200 + 200) / 4 / 225)
        # who changes sides: the top of the one month is the bottom of the other
        across = CrossSums.of([((1, 20), (1, 10)), ((1, 40), (1, 20))], 4)
        swapped = attrs.evolve(same, top_top=nobody, top_bottom=across, bottom_bottom=nobody)
        assert swapped.covariance(pair, pair) == pytest.approx(-2 * 4 / 3 * 100 / 4 / 225)
        back = CrossSums.of([((1, 10), (1, 20)), ((1, 20), (1, 40))], 4)
        back = attrs.evolve(same, top_top=nobody, bottom_top=back, bottom_bottom=nobody)
        assert back.covariance(pair, pair) == pytest.approx(swapped.covariance(pair, pair))
        with pytest.raises(UndefinedMetricError, match="a mean other than 0"):
            same.covariance(TwoGroups(top=top, bottom=ClusterSums.of([(1, 0), (1, 0)])), pair)
        assert same.n == 4


class TestStudentPValue:
    def test_by_hand(self):
        # one degree of freedom: 1 − 2/π · atan(t); two: 1 − t/√(2 + t²)
        for t in (0.1, 1, 12.7):
            assert student_p_value(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(t))
            assert student_p_value(-t, 2) == pytest.approx(1 - t / math.sqrt(2 + t * t))

    def test_at_the_ends(self):
        for freedom in (1, 2.5, 10**6):
            assert student_p_value(0, freedom) == 1
            assert student_p_value(math.inf, freedom) == 0

    def test_belongs_to_the_quantile(self):
        for freedom in (1, 2.56, 40, 99_999, 100_000):
            assert student_p_value(student_quantile(0.95, freedom), freedom) == pytest.approx(0.05, rel=1e-8)

    def test_has_no_step_where_the_normal_takes_over(self):
        assert student_p_value(2, 99_999) == pytest.approx(student_p_value(2, 100_000), rel=1e-8)


class TestDecimalContext:
    def test_states_every_setting(self, monkeypatch):
        stated = decimal_context(28, traps=[InvalidOperation])
        hostile = {"rounding": decimal.ROUND_UP, "Emin": -1, "Emax": 1, "capitals": 0, "clamp": 1}
        for name, value in hostile.items():
            monkeypatch.setattr(decimal.DefaultContext, name, value)
        assert repr(decimal_context(28, traps=[InvalidOperation])) == repr(stated)

    def test_traps_nothing_unless_asked(self):
        assert decimal_context(9).divide(Decimal(1), Decimal(0)).is_infinite()
        with pytest.raises(InvalidOperation):
            decimal_context(9, traps=[InvalidOperation]).divide(Decimal(0), Decimal(0))
