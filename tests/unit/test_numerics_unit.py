"""Domain errors of the statistics, and what they do at the edges; the values are tested against references."""

from __future__ import annotations

import decimal
import math
from decimal import Decimal, InvalidOperation

import attrs
import pytest

from retention._numerics import (
    ClusterSums,
    TwoGroups,
    _beta_fraction,
    check_confidence,
    decimal_context,
    normal_quantile,
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
