"""Sampling of figures that are made of several estimates, and of those that have no interval."""

from __future__ import annotations

import math
import pickle
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

import retention as rt
from retention._linearised import InverseShare, Linearised, Unsampled
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


class TestOnALogarithmicScale:
    LOG = Linearised(n=4, figure=Fraction(100, 3), residuals=Fraction(3), fewest=3, is_log=True)

    def test_by_hand(self):
        interval = mean_of(self.LOG).interval()
        # t of 2 degrees of freedom is 4.302653 at 95 %; √v is 2
        times = math.exp(4.302653 * 2 / (100 / 3))
        assert tuple(interval) == pytest.approx((100 / 3 / times, 100 / 3 * times), rel=1e-6)
        assert interval.method == "delta method on a logarithmic scale, clustered by customer"

    def test_few_customers_may_know_nothing(self):
        wide = Linearised(n=4, figure=Fraction(100, 3), residuals=Fraction(30_000), fewest=2, is_log=True)
        assert math.isfinite(mean_of(wide).interval().high)
        with pytest.raises(UndefinedMetricError, match="it would reach beyond all bounds"):
            mean_of(wide).interval(0.999)

    def test_one_customer_behind_an_estimate_has_no_interval(self):
        alone = Linearised(n=9, figure=Fraction(100, 3), residuals=Fraction(3), fewest=1)
        with pytest.raises(UndefinedMetricError, match=r"two customers behind each estimate \(got 1\)"):
            mean_of(alone).interval()

    @pytest.mark.parametrize(
        "change, message",
        [
            ({"figure": Fraction(-1)}, r"is_log requires a figure above 0 \(got"),
            ({"figure": Fraction(0)}, "is_log requires a figure above 0"),
            ({"signed": True}, "signed=True"),
            ({"fewest": 4}, r"fewest must lie between 0 and n, 3 \(got 4\)"),
            ({"fewest": -1}, "fewest must lie between 0 and n"),
        ],
    )
    def test_bad_sums(self, change, message):
        with pytest.raises(InvalidValueError, match=message):
            Linearised(**{"n": 3, "figure": Fraction(1), "residuals": Fraction(1), "is_log": True, **change})

    def test_nothing_at_all(self):
        nothing = Linearised(n=3, figure=Fraction(0), residuals=Fraction(0), is_log=True)
        with pytest.raises(UndefinedMetricError, match="not all alike"):
            nothing.times(0.95)


class TestInverseShare:
    def test_the_bounds_are_those_of_the_share_turned_over(self):
        found = Ratio(300, 20, bounded=False, sampling=InverseShare(hits=20, n=100, unit=Fraction(3)))
        share = Ratio(20, 100).interval()
        assert tuple(found.interval()) == pytest.approx((3 / share.high, 3 / share.low), rel=1e-12)
        assert (f"{found.interval()}", found.interval().method) == (
            "10.387 to 22.494",
            "Wilson of the share, turned over",
        )

    @given(st.integers(1, 10**6), st.integers(0, 10**6), st.floats(0.01, 0.999999))
    def test_they_hold_the_time_and_end(self, hits, spared, confidence):
        n = hits + spared
        low, high = Ratio(
            n, hits, bounded=False, sampling=InverseShare(hits=hits, n=n, unit=Fraction(1))
        ).interval(confidence)
        assert 1 <= low <= n / hits <= high < math.inf

    def test_of_very_many_and_at_any_level(self):
        rare = InverseShare(hits=1, n=10**15, unit=Fraction(1))
        # 1 of 10¹⁵: (1 + z²/2 + z·√(1 + z²/4)) · 10¹⁵, whose reciprocal is lost in Wilson's difference
        expected = (801 + 40 * math.sqrt(401)) * 10**15
        assert rare.bounds_at(40)[1] == pytest.approx(expected, rel=1e-12)

    def test_variance_by_hand(self):
        # p = 1/5: 9 · (4/5) / (99 · (1/5)³)
        assert InverseShare(hits=20, n=100, unit=Fraction(3)).variance() == pytest.approx(9 * 0.8 / 99 * 125)

    @pytest.mark.parametrize("hits, n", [(0, 5), (1, 1)])
    def test_no_variance(self, hits, n):
        with pytest.raises(UndefinedMetricError, match="at least two customers, of whom one was hit"):
            InverseShare(hits=hits, n=n, unit=Fraction(1)).variance()

    def test_sums_of_another_figure_are_refused(self):
        with pytest.raises(InvalidValueError, match=r"must be the sums of this figure, 5 / 2"):
            Ratio(5, 2, bounded=False, sampling=InverseShare(hits=2, n=4, unit=Fraction(1)))

    @pytest.mark.parametrize(
        "change, error, message",
        [
            ({"hits": 2.0}, InvalidTypeError, r"InverseShare\.hits must be of type int, not float"),
            ({"n": True}, InvalidTypeError, r"InverseShare\.n must be of type int, not bool"),
            ({"unit": 1}, InvalidTypeError, r"InverseShare\.unit must be of type Fraction, not int"),
            ({"hits": 9}, InvalidValueError, r"hits must lie between 0 and n, .* \(got 9, 4 and"),
            ({"hits": -1}, InvalidValueError, "hits must lie between 0 and n"),
            ({"unit": Fraction(0)}, InvalidValueError, "unit above 0"),
        ],
    )
    def test_bad_sums(self, change, error, message):
        with pytest.raises(error, match=message):
            InverseShare(**{"hits": 2, "n": 4, "unit": Fraction(1), **change})

    def test_beside_a_plain_quotient(self):
        """Whose interval is symmetrical, so that both variances are taken."""
        plain = Ratio(
            8, 4, bounded=False, sampling=Linearised(n=4, figure=Fraction(2), residuals=Fraction(3))
        )
        found = rt.compare(
            Ratio(8, 4, bounded=False, sampling=InverseShare(hits=4, n=8, unit=Fraction(1))),
            plain,
            labels=("one", "other"),
        )
        assert (
            found.interval().method == "ratio estimators clustered by customer, the two taken as independent"
        )


class TestUnsampled:
    def test_the_interval_raises_with_the_reason(self):
        mean = mean_of(Unsampled("the interval requires better weather"))
        with pytest.raises(UndefinedMetricError, match="better weather"):
            mean.interval()
        assert "interval" not in mean.explain()

    def test_nor_has_a_ratio(self):
        ratio = Ratio(3, 2, bounded=False, sampling=Unsampled("the interval requires better weather"))
        with pytest.raises(UndefinedMetricError, match="better weather"):
            ratio.interval()

    def test_two_are_compared_without_an_interval(self):
        mean = mean_of(Unsampled("the interval requires better weather"))
        found = rt.compare(mean, mean, labels=("one", "other"))
        assert (found.difference, found.verdict) == (0.0, "unknown")
        assert found.untested_because == "the interval requires better weather"


def test_long_quotients_are_told_in_short():
    assert mean_of(THIRD).explain().startswith("33.33 EUR = about 66.67 over 2")
    assert Mean(Decimal("10.1250"), 3).explain().startswith("3.38 = 10.1250 over 3")
    assert Ratio(Decimal(1) / Decimal(3), 2).explain().startswith("16.7% = about 0.33 of 2")
