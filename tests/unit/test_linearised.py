"""Sampling of figures that are made of several estimates, and of those that have no interval."""

from __future__ import annotations

import math
import pickle
from decimal import Decimal
from fractions import Fraction

import pytest

import retention as rt
from retention._linearised import Linearised, Unsampled
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError
from retention.results import Mean, Ratio

THIRD = Linearised(n=4, figure=Fraction(100, 3), residuals=Fraction(3))


def mean_of(sampling: object, total: object = Decimal("66.66666666666666666666666667")) -> Mean:
    return Mean(total, 2, unit="EUR", sampling=sampling)


class TestLinearised:
    def test_variance_is_that_of_the_residuals(self):
        assert THIRD.variance() == 4.0

    def test_the_interval_of_a_mean(self):
        interval = mean_of(THIRD).interval()
        assert interval.method == "delta method, clustered by customer"
        # t of 3 degrees of freedom is 3.182446 at 95 %
        assert interval.low == pytest.approx(100 / 3 - 3.182446 * 2, rel=1e-6)
        assert interval.high == pytest.approx(100 / 3 + 3.182446 * 2, rel=1e-6)

    def test_it_is_cut_at_0_where_the_figure_can_not_be_negative(self):
        wide = Linearised(n=4, figure=Fraction(100, 3), residuals=Fraction(3_000))
        interval = mean_of(wide).interval()
        assert (interval.low, interval.method) == (0.0, "delta method, clustered by customer, cut at 0")
        signed = Linearised(n=4, figure=Fraction(100, 3), residuals=Fraction(3_000), signed=True)
        assert mean_of(signed).interval().low < 0

    def test_a_ratio_may_have_it_too(self):
        ratio = Ratio(100, 3, bounded=False, sampling=THIRD)
        assert ratio.interval().method == "delta method, clustered by customer"

    def test_rounding_to_28_digits_is_no_other_figure(self):
        assert THIRD.belongs_to(Decimal("66.66666666666666666666666667"), 2)
        assert THIRD.belongs_to(100, 3)
        assert not THIRD.belongs_to(Decimal("66.66666667"), 2)
        assert Linearised(n=2, figure=Fraction(0), residuals=Fraction(0)).belongs_to(0, 5)

    def test_sums_of_another_figure_are_refused(self):
        with pytest.raises(InvalidValueError, match=r"Mean\.sampling must be the sums of this figure, 7 / 2"):
            mean_of(THIRD, total=7)

    def test_one_customer_has_no_interval(self):
        alone = Linearised(n=1, figure=Fraction(100, 3), residuals=Fraction(0))
        with pytest.raises(UndefinedMetricError, match=r"at least two customers \(got 1\)"):
            alone.variance()
        with pytest.raises(UndefinedMetricError, match="at least two customers"):
            mean_of(alone).interval()

    def test_customers_who_are_all_alike_have_none(self):
        alike = Linearised(n=9, figure=Fraction(100, 3), residuals=Fraction(0))
        with pytest.raises(UndefinedMetricError, match="not all alike"):
            mean_of(alike).interval()

    @pytest.mark.parametrize(
        "change, error, message",
        [
            ({"n": 2.0}, InvalidTypeError, r"Linearised\.n must be an int, not float"),
            ({"n": True}, InvalidTypeError, r"Linearised\.n must be an int, not bool"),
            ({"n": -1}, InvalidValueError, r"Linearised\.n must not be negative \(got -1\)"),
            ({"figure": 1.5}, InvalidTypeError, r"Linearised\.figure must be a Fraction, not float"),
            ({"residuals": 1}, InvalidTypeError, r"Linearised\.residuals must be a Fraction, not int"),
            (
                {"residuals": Fraction(-1, 2)},
                InvalidValueError,
                r"Linearised\.residuals must not be negative",
            ),
        ],
    )
    def test_bad_sums(self, change, error, message):
        with pytest.raises(error, match=message):
            Linearised(**{"n": 3, "figure": Fraction(1), "residuals": Fraction(1), **change})

    def test_pickled(self):
        assert pickle.loads(pickle.dumps(mean_of(THIRD))).interval() == mean_of(THIRD).interval()

    def test_two_groups_are_compared(self):
        other = Linearised(n=4, figure=Fraction(10), residuals=Fraction(3))
        found = rt.compare(mean_of(THIRD), Mean(20, 2, unit="EUR", sampling=other), labels=("one", "other"))
        assert found.interval().high - float(found.difference) == pytest.approx(
            2.446912 * math.sqrt(8), rel=1e-6
        )


class TestUnsampled:
    def test_the_interval_raises_with_the_reason(self):
        mean = mean_of(Unsampled("the interval requires better weather"))
        with pytest.raises(UndefinedMetricError, match="better weather"):
            mean.interval()
        assert "interval" not in mean.explain()

    def test_two_are_compared_without_an_interval(self):
        mean = mean_of(Unsampled("the interval requires better weather"))
        found = rt.compare(mean, mean, labels=("one", "other"))
        assert (found.difference, found.verdict) == (0.0, "unknown")
        assert found.untested_because == "the interval requires better weather"


def test_long_quotients_are_told_in_short():
    assert mean_of(THIRD).explain().startswith("33.33 EUR = about 66.67 over 2")
    assert Mean(Decimal("10.1250"), 3).explain().startswith("3.38 = 10.1250 over 3")
    assert Ratio(Decimal(1) / Decimal(3), 2).explain().startswith("16.7% = about 0.33 of 2")
