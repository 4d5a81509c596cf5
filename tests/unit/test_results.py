from __future__ import annotations

import copy
import math
import pickle
from array import array
from datetime import timedelta
from decimal import Decimal, FloatOperation, localcontext
from fractions import Fraction
from typing import ClassVar

import attrs
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, strategies as st

from retention._mapping import FrozenMapping
from retention._numerics import TwoGroups
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    NotObservableError,
    UndefinedMetricError,
)
from retention.results import (
    Basis,
    ClusterSums,
    CustomerFlow,
    Distribution,
    Interval,
    LorenzCurve,
    Mean,
    Ratio,
    Score,
    as_text,
    distribution_of_ascending,
)

DAY = timedelta(days=1)
UNSEEN = Basis(observable=False, undefined_because="the period begins before observed_from, 2026-01-01")
# Three customers bought 2, 2 and 1 times; 1, 2 and 0 of these were repeats: 3 of 5.
REPEATS = ClusterSums(n=3, x=5, y=3, xx=9, xy=6, yy=5)
# Two customers bought once for 10 and twice for 40 together.
SPEND = ClusterSums(n=2, x=3, y=50, xx=5, xy=90, yy=1700)
# The same two brought a profit of 20 and a loss of 5.
PROFIT = ClusterSums(n=2, x=3, y=15, xx=5, xy=10, yy=425, signed=True)


class TestRatio:
    def test_it_keeps_both_numbers_and_never_reduces_them(self):
        assert (Ratio(2, 4).numerator, Ratio(2, 4).denominator) == (2, 4)
        assert Ratio(2, 4).value == 0.5
        assert Ratio(1, 2) != Ratio(2, 4)
        assert repr(Ratio(2, 4)) == "Ratio(2, 4)"
        assert repr(Ratio(3, 2, bounded=False)) == "Ratio(3, 2, bounded=False)"

    def test_what_rides_along_takes_no_part_in_equality_or_hash(self):
        plain = Ratio(1, 2)
        flagged = Ratio(
            1,
            2,
            bounded=False,
            poolable=False,
            sampling=None,
            basis=Basis(metric="x", partial=True, left_out=FrozenMapping({"guest": 1})),
        )
        assert plain == flagged
        assert hash(plain) == hash(flagged)
        assert flagged.partial
        assert flagged.observable
        assert flagged.left_out == {"guest": 1}

    @pytest.mark.parametrize(
        "spec, text",
        [("", "38.0%"), (".1%", "38.0%"), (".0%", "38%"), (".4f", "0.3800"), (">8.1%", "   38.0%")],
    )
    def test_formats_as_a_number_does(self, spec, text):
        assert format(Ratio(38, 100), spec) == text

    def test_a_quotient_that_may_exceed_1_is_no_percentage(self):
        assert str(Ratio(3, 2, bounded=False)) == "1.500"
        assert str(Ratio(-1, 4, bounded=False)) == "-0.250"

    def test_money_is_divided_exactly_whatever_the_decimal_context(self):
        with localcontext() as context:
            context.prec = 2
            assert Ratio(Decimal("1234.56"), Decimal("9876.48")).value == 0.125

    def test_zero_of_zero_is_undefined_and_says_so(self):
        ratio = Ratio(0, 0)
        assert ratio.value is None
        assert ratio.undefined_because == "the denominator is 0"
        assert f"{ratio:.1%}" == str(ratio) == "n/a"
        with pytest.raises(UndefinedMetricError, match="the denominator is 0"):
            float(ratio)
        with pytest.raises(ValueError, match="the denominator is 0"):
            ratio.interval()
        assert ratio.explain() == "no value, since the denominator is 0."

    def test_what_the_data_do_not_reach_is_another_error(self):
        ratio = Ratio(0, 0, basis=UNSEEN)
        assert not ratio.observable
        with pytest.raises(NotObservableError, match="before observed_from"):
            float(ratio)
        with pytest.raises(UndefinedMetricError):  # and yet one of its kind
            ratio.interval()

    @pytest.mark.parametrize("parts", [(3, 2), (-1, 2), (1, 0), (Decimal(-1), Decimal(2))])
    def test_a_share_lies_between_0_and_1(self, parts):
        with pytest.raises(InvalidValueError, match=r"Ratio\.numerator .*bounded=False"):
            Ratio(*parts)

    def test_a_denominator_is_never_negative(self):
        with pytest.raises(InvalidValueError, match=r"Ratio\.denominator must not be negative \(got -2\)"):
            Ratio(1, -2, bounded=False)

    @pytest.mark.parametrize("value", [1.0, True, "1", None, Fraction(1, 2), float("nan")])
    def test_only_exact_numbers(self, value):
        with pytest.raises(InvalidTypeError, match=r"Ratio\.numerator must be an int or a Decimal"):
            Ratio(value, 2)
        with pytest.raises(InvalidTypeError, match=r"Ratio\.denominator"):
            Ratio(1, value)

    @pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity"])
    def test_only_finite_numbers(self, value):
        with pytest.raises(InvalidValueError, match=r"Ratio\.numerator must be finite"):
            Ratio(Decimal(value), 2)

    @pytest.mark.parametrize(
        "value",
        [10**60, -(10**400), Decimal("1E+60"), Decimal("1E-61"), Decimal("1E+999999"), Decimal("0E-999999")],
    )
    def test_only_numbers_whose_quotient_is_a_float(self, value):
        with pytest.raises(InvalidValueError, match=r"Ratio\.numerator must have at most 60 digits"):
            Ratio(value, 1, bounded=False)
        with pytest.raises(InvalidValueError, match=r"Ratio\.denominator must have at most 60 digits"):
            Ratio(1, value, bounded=False)
        largest = Ratio(10**60 - 1, Decimal("1E-60"), bounded=False)
        assert largest.value == pytest.approx(1e120)

    @pytest.mark.parametrize("sampling", ["orders", 5, True, ()])
    def test_sampling_is_sums_or_a_word(self, sampling):
        with pytest.raises(InvalidTypeError, match=r"Ratio\.sampling must be the sums over customers"):
            Ratio(1, 2, sampling=sampling)

    def test_sampling_is_of_this_very_ratio(self):
        with pytest.raises(
            InvalidValueError, match=r"Ratio\.sampling must be the sums of this figure, 1 / 2 \(got"
        ):
            Ratio(1, 2, sampling=REPEATS)
        nobody = ClusterSums(n=0, x=0, y=0, xx=0, xy=0, yy=0)
        with pytest.raises(InvalidValueError, match=r"Ratio\.sampling must be the sums"):
            Ratio(0, 5, sampling=nobody)
        with pytest.raises(InvalidValueError, match=r"Ratio\.sampling must be the sums"):
            Ratio(0, 5, bounded=False, sampling=TwoGroups(top=SPEND, bottom=nobody))
        assert Ratio(0, 0, sampling=nobody).value is None

    def test_no_arithmetic(self):
        with pytest.raises(TypeError):
            Ratio(1, 2) + Ratio(1, 2)
        with pytest.raises(TypeError):
            sum([Ratio(1, 2)])

    def test_survives_copies(self):
        ratio = Ratio(3, 5, sampling=REPEATS, basis=Basis(left_out=FrozenMapping({"guest": 1})))
        for twin in (pickle.loads(pickle.dumps(ratio)), copy.deepcopy(ratio), attrs.evolve(ratio)):
            assert twin == ratio
            assert twin.left_out == ratio.left_out
            assert twin.interval() == ratio.interval()

    def test_is_frozen_and_slotted(self):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            Ratio(1, 2).numerator = 2
        assert not hasattr(Ratio(1, 2), "__dict__")


class TestIntervalOfRatio:
    def test_independent_customers_wilson(self):
        # z²/(n + z²) with z² = 3.8415
        low, high = Ratio(0, 10).interval()
        assert low == 0
        assert high == pytest.approx(3.841459 / 13.841459, abs=1e-6)
        assert Ratio(0, 10).interval().method == "Wilson"

    def test_a_wider_one_for_more_confidence(self):
        narrow, wide = Ratio(5, 10).interval(0.5), Ratio(5, 10).interval(0.99)
        assert wide.low < narrow.low < 0.5 < narrow.high < wide.high
        assert wide.confidence == 0.99

    def test_shares_of_orders_count_customers_not_orders(self):
        # e = -0.2, 0.8, -0.6; v = 3/2 · 1.04 / 25 = 0.0624; n* = 0.24 / 0.0624 = 3.846 (of 5 orders)
        interval = Ratio(3, 5, sampling=REPEATS).interval()
        n, z2 = 0.24 / 0.0624, 3.841458821
        spread = math.sqrt(z2) * math.sqrt(0.24 / n + z2 / (4 * n * n)) / (1 + z2 / n)
        centre = (0.6 + z2 / (2 * n)) / (1 + z2 / n)
        assert tuple(interval) == pytest.approx((centre - spread, centre + spread))
        assert "clustered by customer" in interval.method

    def test_customers_all_alike_count_as_many_trials_as_there_are_customers(self):
        nobody = ClusterSums(n=2, x=6, y=0, xx=18, xy=0, yy=0)
        assert Ratio(0, 6, sampling=nobody).interval().high == pytest.approx(3.841459 / 5.841459, abs=1e-6)
        alone = ClusterSums(n=1, x=4, y=1, xx=16, xy=4, yy=1)
        assert tuple(Ratio(1, 4, sampling=alone).interval()) == pytest.approx((0.01463, 0.88209), abs=1e-4)

    def test_quotients_go_by_the_ratio_estimator(self):
        # e = -6.667, 6.667; v = 2 · 88.889 / 9 = 19.753; t at 50 % and 1 degree of freedom is 1
        interval = Ratio(50, 3, bounded=False, sampling=SPEND).interval(0.5)
        assert tuple(interval) == pytest.approx((16.66667 - 4.44444, 16.66667 + 4.44444), abs=1e-4)
        assert interval.method == "ratio estimator, clustered by customer"

    def test_two_groups(self):
        # 20 and 40 against 10 and 20: Q = 2, v = (100 + 4 · 25) / 15² = 8/9
        sums = TwoGroups(
            top=ClusterSums(n=2, x=2, y=60, xx=2, xy=60, yy=2000),
            bottom=ClusterSums(n=2, x=2, y=30, xx=2, xy=30, yy=500),
        )
        ratio = Ratio(120, 60, bounded=False, sampling=sums)
        reach = math.sqrt(8 / 9)
        assert tuple(ratio.interval(0.5)) == pytest.approx((2 - reach, 2 + reach))
        assert tuple(ratio.interval()) == pytest.approx((0, 2 + 12.70620474 * reach))
        loss = attrs.evolve(sums, top=attrs.evolve(sums.top, signed=True))
        assert attrs.evolve(ratio, sampling=loss).interval().low == pytest.approx(2 - 12.70620474 * reach)

    def test_what_cannot_be_negative_has_no_bound_below_0(self):
        # t(1) = 12.7062 carries 16.67 ± 56.47 below 0, where no customer spends
        interval = Ratio(50, 3, bounded=False, sampling=SPEND).interval()
        assert tuple(interval) == pytest.approx((0, 73.13869), abs=1e-4)
        assert interval.method == "ratio estimator, clustered by customer, cut at 0"

    def test_what_can_be_negative_has(self):
        # e = 15, -15; v = 2 · 450 / 9 = 100
        interval = Ratio(15, 3, bounded=False, sampling=PROFIT).interval()
        assert tuple(interval) == pytest.approx((5 - 127.06205, 5 + 127.06205), abs=1e-4)
        assert interval.method == "ratio estimator, clustered by customer"

    @given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 99)), min_size=2, max_size=9))
    def test_a_cut_interval_holds_its_value(self, customers):
        n, x, y = len(customers), sum(x for x, _ in customers), sum(y for _, y in customers)
        xx, xy, yy = (sum(c[i] * c[j] for c in customers) for i, j in ((0, 0), (0, 1), (1, 1)))
        sums = ClusterSums(n=n, x=x, y=y, xx=xx, xy=xy, yy=yy)
        assume(sums.variance())
        ratio = Ratio(y, x, bounded=False, sampling=sums)
        assert 0 <= ratio.interval().low <= ratio.value <= ratio.interval().high

    def test_customers_who_are_all_alike_have_no_spread_to_go_by(self):
        """Each has the same y for an x; what a share is made of is not all that is known of it."""
        alike = ClusterSums.of([(1, 5), (2, 10)])
        groups = TwoGroups(top=alike, bottom=alike)
        for sums, top in ((alike, 5), (groups, 1)):
            with pytest.raises(UndefinedMetricError, match="requires customers who are not all alike"):
                Ratio(top, 1, bounded=False, sampling=sums).interval()
        with pytest.raises(UndefinedMetricError, match="requires customers who are not all alike"):
            Mean(15, 3, sampling=alike).interval()
        share = Ratio(3, 3, sampling=ClusterSums.of([(1, 1), (2, 2)]))
        assert 0 < share.interval().low < share.interval().high == 1

    def test_one_customer_has_no_spread_to_go_by(self):
        one = ClusterSums(n=1, x=1, y=5, xx=1, xy=5, yy=25)
        with pytest.raises(UndefinedMetricError, match="at least two customers"):
            Ratio(5, 1, bounded=False, sampling=one).interval()

    @pytest.mark.parametrize(
        "ratio",
        [
            Ratio(1, 2, sampling=None),
            Ratio(1, 2, bounded=False),
            Ratio(Decimal(1), 2),
            Ratio(1, Decimal(2)),
        ],
    )
    def test_what_is_not_known_is_not_guessed(self, ratio):
        with pytest.raises(UndefinedMetricError, match="the interval requires"):
            ratio.interval()

    @given(st.integers(0, 50), st.integers(1, 50))
    def test_holds_its_value_and_stays_a_share(self, part, rest):
        ratio = Ratio(part, part + rest)
        interval = ratio.interval()
        assert 0 <= interval.low <= ratio.value <= interval.high <= 1


class TestPool:
    COUNTED = ("kept", "of")
    MARCH = Ratio(1, 1, basis=Basis(metric="m", period="2026-03", counted=COUNTED, partial=True))
    APRIL = Ratio(
        0,
        9,
        basis=Basis(
            metric="m",
            period="2026-04",
            counted=COUNTED,
            left_out=FrozenMapping({"guest": 2, "test": 1}),
            assumed=("a", "b"),
        ),
    )
    MAY = Ratio(
        0,
        0,
        basis=Basis(metric="m", counted=COUNTED, left_out=FrozenMapping({"guest": 3}), assumed=("b",)),
    )

    def test_sum_over_sum_is_no_average(self):
        pooled = Ratio.pool(iter([self.MARCH, self.APRIL, self.MAY]))
        assert pooled == Ratio(1, 10)
        assert pooled.value == 0.1  # where the average would be 0.5

    def test_flags_and_reasons_are_put_together(self):
        basis = Ratio.pool([self.MARCH, self.APRIL, self.MAY]).basis
        assert (basis.metric, basis.period, basis.counted) == ("m", "2026-03 to 2026-04", ("kept", "of"))
        assert basis.partial
        assert basis.left_out == {"guest": 5, "test": 1}
        assert basis.assumed == ("a", "b")
        assert Ratio.pool([self.MARCH]).basis.period == "2026-03"
        assert Ratio.pool([self.MAY]).basis.period is None

    def test_months_share_customers_so_that_no_interval_is_known(self):
        with pytest.raises(UndefinedMetricError, match="pooled"):
            Ratio.pool([self.MARCH, self.APRIL]).interval()

    def test_segments_do_not(self):
        pooled = Ratio.pool([self.MARCH, self.APRIL], independent=True)
        assert pooled.interval() == Ratio(1, 10).interval()
        clustered = Ratio(3, 5, sampling=REPEATS, basis=Basis(metric="m", counted=self.COUNTED))
        with pytest.raises(UndefinedMetricError):
            Ratio.pool([self.MARCH, clustered], independent=True).interval()

    def test_money_stays_exact(self):
        parts = [Ratio(Decimal("0.10"), Decimal("0.30"))] * 3
        with localcontext() as context:
            context.prec = 1
            pooled = Ratio.pool(parts)
            assert (pooled.numerator, pooled.denominator) == (Decimal("0.3"), Decimal("0.9"))
        negative = Ratio(Decimal("-0.25"), 1, bounded=False)
        assert Ratio.pool([negative]).numerator == Decimal("-0.25")
        assert Ratio.pool([negative]).value == -0.25

    def test_of_nothing_is_undefined(self):
        assert Ratio.pool([]).value is None
        assert Ratio.pool([Ratio(0, 0)]).undefined_because == "the denominator is 0"

    def test_refuses_what_makes_no_sense(self):
        with pytest.raises(InvalidTypeError, match=r"Ratio\.pool takes Ratios, not float"):
            Ratio.pool([0.5])
        with pytest.raises(InvalidTypeError, match="not Mean"):
            Ratio.pool([Ratio(1, 2), Mean(1, 2)])
        with pytest.raises(InvalidValueError, match=r"one metric at a time .*got m and x"):
            Ratio.pool([self.MARCH, Ratio(1, 2, basis=Basis(metric="x"))])
        with pytest.raises(InvalidValueError, match="this ratio can't be pooled"):
            Ratio.pool([Ratio(1, 2, poolable=False)])
        with pytest.raises(InvalidValueError, match=r"^m can't be pooled"):
            Ratio.pool([Ratio(1, 2, poolable=False, basis=Basis(metric="m"))])

    @pytest.mark.parametrize("parts", [5, None, Ratio(1, 2)])
    def test_refuses_what_is_no_series_of_ratios(self, parts):
        with pytest.raises(
            InvalidTypeError, match=r"Ratio\.pool takes an iterable of Ratios, such as a list, not"
        ):
            Ratio.pool(parts)

    def test_never_adds_two_currencies(self):
        euros, dollars, nothing = (
            Ratio(Decimal("1.00"), Decimal("4.00"), basis=Basis(metric="refund_rate", currency=currency))
            for currency in ("EUR", "USD", None)
        )
        with pytest.raises(MixedCurrencyError, match=r"Ratio\.pool can't add EUR and USD; .*convert="):
            Ratio.pool([euros, nothing, dollars])
        assert Ratio.pool([nothing, euros, euros]).basis.currency == "EUR"  # a month without sales has none
        assert Ratio.pool([nothing]).basis.currency is None
        assert Ratio.pool([]).basis.currency is None

    def test_never_adds_two_definitions(self):
        plain, short, long = (
            Ratio(1, 2, basis=Basis(metric="m", counted=("a", "b"), options=options))
            for options in ((), (("within", "5 days"),), (("within", "9 days"),))
        )
        with pytest.raises(
            InvalidValueError, match=r"ratios of one definition \(got within=5 days and within=9 days\)"
        ):
            Ratio.pool([short, long])
        with pytest.raises(InvalidValueError, match=r"\(got no keyword and within=5 days\)"):
            Ratio.pool([plain, short])
        assert Ratio.pool([short, short]).basis.options == (("within", "5 days"),)

    def test_never_adds_what_counts_different_things(self):
        one, other, unsaid = (
            Ratio(1, 2, basis=Basis(metric="m", counted=counted)) for counted in (("a", "b"), ("a", "c"), ())
        )
        with pytest.raises(InvalidValueError, match=r"count the same \(got 'a of b' and 'a of c'\)"):
            Ratio.pool([one, other])
        with pytest.raises(InvalidValueError, match=r"count the same \(got nothing said and 'a of b'\)"):
            Ratio.pool([unsaid, one])

    def test_a_month_that_was_not_seen_is_not_silently_nothing(self):
        with pytest.raises(NotObservableError, match="before observed_from"):
            Ratio.pool([Ratio(1, 2), Ratio(0, 0, basis=UNSEEN)])

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6))
    def test_the_order_of_the_parts_is_irrelevant(self, counts):
        parts = [Ratio(part, part + rest) for part, rest in counts]
        assert Ratio.pool(parts) == Ratio.pool(parts[::-1])
        assert Ratio.pool(parts) == Ratio(sum(p.numerator for p in parts), sum(p.denominator for p in parts))


class TestExplain:
    def test_a_ratio(self):
        basis = Basis(
            metric="customer_retention_rate",
            period="2026-03",
            counted=("kept", "customers at the start"),
            partial=True,
            left_out=FrozenMapping({"test": 1, "guest": 1200}),
            assumed=("something",),
        )
        assert Ratio(1, 2, basis=basis).explain() == (
            "customer_retention_rate (2026-03): 50.0% = 1 kept of 2 customers at the start "
            "(95 % interval 9.5% to 90.5%). "
            "Partial: the time that it covers was still running when the data were taken. "
            "Left out of the period's orders: 1 test, 1,200 guest. "
            "Assumed: something."
        )

    def test_a_ratio_that_nobody_named(self):
        assert Ratio(1, 2, sampling=None).explain() == "50.0% = 1 of 2."
        assert Ratio(1, 2, sampling=None, basis=Basis(metric="m")).explain() == "m: 50.0% = 1 of 2."

    def test_a_keyword_that_changed_the_definition(self):
        options = (("inactive_after", "90 days"), ("given", "all"))
        basis = Basis(metric="m", period="2026-03", options=options)
        assert Ratio(1, 2, sampling=None, basis=basis).explain() == (
            "m (2026-03, inactive_after=90 days, given=all): 50.0% = 1 of 2."
        )
        assert Ratio(0, 0, basis=Basis(options=options[:1])).explain() == (
            "(inactive_after=90 days): no value, since the denominator is 0."
        )

    def test_a_mean(self):
        basis = Basis(metric="average_order_value", period="2026-03", counted=("net", "purchases"))
        mean = Mean(Decimal("1234.50"), 3, unit="EUR", basis=basis)
        assert mean.explain() == "average_order_value (2026-03): 411.50 EUR = 1,234.50 net over 3 purchases."
        assert Mean(0, 0).explain() == "no value, since there is nothing to take a mean of."

    def test_a_score(self):
        assert (
            Score(
                0.25, low=0, high=1, count=40, basis=Basis(metric="gini_score", counted=("customers",))
            ).explain()
            == "gini_score: 0.250 on the scale from 0 to 1, from 40 customers."
        )
        assert Score(0.25, low=0, high=1, count=40).explain() == "0.250 on the scale from 0 to 1, from 40."
        assert Score(None, low=0, high=1, count=0).explain() == "no value, since there is nothing to score."

    def test_a_distribution(self):
        days = Distribution.of([1 * DAY, 2 * DAY, 3 * DAY])
        assert days.explain() == "median 2.0 days, half of them between 1.5 and 2.5, from 3 times."
        named = attrs.evolve(days, basis=Basis(metric="purchase_gap_days", counted=("gaps",)))
        assert named.explain().startswith("purchase_gap_days: median 2.0 days")
        assert named.explain().endswith("from 3 gaps.")
        assert Distribution.of([]).explain() == "no value, since there is nothing to take a median of."

    def test_a_flow(self):
        flow = CustomerFlow(start=1200, new=2, kept=1199, lost=1, reactivated=3, end=1204)
        assert flow.explain() == "1,200 + 2 new + 3 back − 1 lost = 1,204; 1,199 were kept."
        nothing = CustomerFlow(start=0, new=0, kept=0, lost=0, reactivated=0, end=0, basis=UNSEEN)
        assert nothing.explain().startswith("no value, since the period begins before")

    def test_a_curve(self):
        assert LorenzCurve((1, 2)).explain() == "Lorenz curve of 2 customers."
        assert LorenzCurve((), basis=Basis(undefined_because="nobody came")).explain() == (
            "no value, since nobody came."
        )


class TestMean:
    def test_keeps_total_and_count(self):
        mean = Mean(Decimal("30.00"), 4, unit="EUR")
        assert (mean.value, float(mean), str(mean)) == (Decimal("7.50"), 7.5, "7.50 EUR")
        assert repr(mean) == "Mean(30.00, 4, unit='EUR')"
        assert repr(Mean(3, 2)) == "Mean(3, 2)"
        assert str(Mean(3, 2)) == "1.50"
        assert mean != Mean(Decimal("15.00"), 2, unit="EUR")
        assert mean != Mean(Decimal("30.00"), 4, unit="USD")

    def test_what_rides_along_takes_no_part_in_equality_or_hash(self):
        flagged = Mean(50, 3, sampling=SPEND, basis=Basis(partial=True))
        assert flagged == Mean(50, 3)
        assert hash(flagged) == hash(Mean(50, 3))
        assert flagged.partial

    def test_the_value_does_not_depend_on_the_decimal_context(self):
        with localcontext() as context:
            context.prec = 3
            third = Mean(Decimal(10), 3).value
        assert third == Decimal("3.333333333333333333333333333")

    @pytest.mark.parametrize(
        "spec, text", [("", "1,234.50"), (".0f", "1234"), (".3f", "1234.500"), ("10,.1f", "   1,234.5")]
    )
    def test_formats_as_a_decimal_does(self, spec, text):
        assert format(Mean(Decimal(2469), 2), spec) == text

    def test_of_nothing_is_undefined(self):
        mean = Mean(Decimal("99.00"), 0, unit="EUR")  # a cost per new customer, where nobody came
        assert mean.value is None
        assert str(mean) == f"{mean:.3f}" == "n/a"
        with pytest.raises(UndefinedMetricError, match="nothing to take a mean of"):
            float(mean)
        with pytest.raises(UndefinedMetricError):
            mean.interval()
        with pytest.raises(NotObservableError):
            float(Mean(0, 0, basis=UNSEEN))

    def test_interval_clustered_by_customer(self):
        # as for the quotient above: 16.67 ± 12.7062 · √19.753, and no mean spend below 0
        interval = Mean(Decimal(50), 3, sampling=SPEND).interval()
        assert tuple(interval) == pytest.approx((0, 73.13869), abs=1e-4)
        assert str(interval) == "0.00 to 73.14"
        assert interval.method.endswith("cut at 0")
        assert str(Mean(15, 3, sampling=PROFIT).interval()) == "-122.06 to 132.06"
        in_cents = ClusterSums(n=2, x=3, y=5000, xx=5, xy=9000, yy=17_000_000, scale=100)
        assert tuple(Mean(Decimal(50), 3, sampling=in_cents).interval()) == pytest.approx(tuple(interval))

    def test_no_sums_no_interval(self):
        with pytest.raises(UndefinedMetricError, match="requires sums by customer"):
            Mean(3, 2).interval()

    def test_refuses_bad_numbers(self):
        with pytest.raises(InvalidTypeError, match=r"Mean\.total"):
            Mean(1.5, 2)
        with pytest.raises(InvalidValueError, match=r"Mean\.total must be finite"):
            Mean(Decimal("Infinity"), 2)
        for count in (True, 1.0, Decimal("1.5"), None):
            with pytest.raises(InvalidTypeError, match=r"Mean\.count must be an int"):
                Mean(1, count)
        with pytest.raises(InvalidValueError, match=r"Mean\.count must not be negative \(got -1\)"):
            Mean(1, -1)
        with pytest.raises(InvalidValueError, match=r"Mean\.count must have at most 60 digits"):
            Mean(1, 10**60)
        with pytest.raises(InvalidTypeError, match=r"Mean\.sampling must be the sums over customers"):
            Mean(1, 2, sampling="independent")
        with pytest.raises(InvalidValueError, match=r"Mean\.sampling must be the sums of this figure, 1 / 3"):
            Mean(1, 3, sampling=SPEND)

    @pytest.mark.parametrize("unit", ["", "eur", "EURO", "€", "EU1", "ÄÖÜ"])
    def test_a_unit_is_a_currency(self, unit):
        with pytest.raises(
            InvalidValueError, match=r"Mean\.unit must be a currency of three capital letters"
        ):
            Mean(1, 2, unit=unit)

    @pytest.mark.parametrize("unit", [5, True, ("EUR",)])
    def test_a_unit_is_text(self, unit):
        with pytest.raises(InvalidTypeError, match=r"Mean\.unit must be a currency such as 'EUR', or None"):
            Mean(1, 2, unit=unit)

    def test_survives_pickle(self):
        mean = Mean(Decimal("50.00"), 3, unit="EUR", sampling=SPEND)
        assert pickle.loads(pickle.dumps(mean)).interval() == mean.interval()


class TestInterval:
    WIDE = Interval(low=0.25, high=0.75)

    def test_its_ends_by_place(self):
        assert (self.WIDE[0], self.WIDE[1], self.WIDE[-1]) == (0.25, 0.75, 0.75)
        with pytest.raises(IndexError):
            self.WIDE[2]

    def test_without_an_upper_end(self):
        endless = Interval(low=14.5421, high=1.7e308)
        assert str(endless) == "14.54 or more"
        assert f"{endless:.1f}" == "14.5 or more"

    @pytest.mark.parametrize("value", [0.25, 0.5, 0.75, Decimal("0.25"), Fraction(3, 4)])
    def test_both_ends_belong_to_it(self, value):
        assert value in self.WIDE

    @pytest.mark.parametrize(
        "value",
        [0, 1, 0.2499, Decimal("0.76"), Decimal("sNaN"), Decimal("1E+999999"), float("nan"), "0.5", None],
    )
    def test_what_does_not(self, value):
        assert value not in self.WIDE

    def test_a_decimal_is_asked_for_whatever_the_decimal_context(self):
        with localcontext() as context:
            context.prec = 1
            context.traps[FloatOperation] = True
            assert Decimal("0.5") in self.WIDE
            assert Decimal("0.7501") not in self.WIDE

    @pytest.mark.parametrize("end", ["low", "high"])
    def test_its_ends_are_finite_numbers(self, end):
        good = {"low": 0.25, "high": 0.75}
        for bad in (float("nan"), float("-inf"), -(10**400)):
            with pytest.raises(InvalidValueError, match=rf"Interval\.{end} must be finite"):
                Interval(**good | {end: bad})
        for bad in ("0.5", None, Decimal("0.5"), False):
            with pytest.raises(InvalidTypeError, match=rf"Interval\.{end} must be a float, not"):
                Interval(**good | {end: bad})

    def test_refuses_what_is_no_interval(self):
        with pytest.raises(
            InvalidValueError, match=r"Interval\.low must not be above .* \(got 2 and 1\); swap them"
        ):
            Interval(low=2, high=1)
        assert 1 in Interval(low=1, high=1)
        with pytest.raises(InvalidValueError, match=r"0\.95 for 95 %"):
            Interval(low=0, high=1, confidence=95)
        for name in ("method", "shown_as"):
            with pytest.raises(InvalidTypeError, match=rf"Interval\.{name} must be a str, not NoneType"):
                Interval(low=0, high=1, **{name: None})

    def test_unpacks(self):
        low, high = self.WIDE
        assert (low, high) == (0.25, 0.75)

    def test_formats_both_ends_alike(self):
        assert f"{self.WIDE:.0%}" == "25% to 75%"
        assert str(self.WIDE) == "0.25 to 0.75"
        assert str(Interval(low=1 / 3, high=2 / 3)) == "0.3333 to 0.6667"
        assert str(Interval(low=0, high=1, shown_as=".1%")) == "0.0% to 100.0%"

    def test_how_it_is_shown_is_no_part_of_it(self):
        assert Interval(low=0, high=1, shown_as=".1%") == Interval(low=0, high=1)
        assert Interval(low=0, high=1) != Interval(low=0, high=1, confidence=0.9)


class TestDistribution:
    @given(st.lists(st.integers(0, 10**13), min_size=1, max_size=30), st.floats(0, 1))
    def test_quantiles_are_those_of_numpy(self, times, share):
        expected = np.quantile(np.array(times) / 86_400e6, share, method="linear")
        assert Distribution.of(times).quantile(share) == pytest.approx(expected, rel=1e-9, abs=1e-12)

    def test_any_order_any_kind_of_time(self):
        days = Distribution.of(iter([9 * DAY, 2 * 86_400_000_000, 4 * DAY]))
        assert days.values == (2.0, 4.0, 9.0)
        assert list(days.microseconds) == [n * 86_400_000_000 for n in (2, 4, 9)]
        assert (days.count, len(days), days.value, days.median, days.mean) == (3, 3, 4.0, 4.0, 5.0)
        assert float(days) == 4.0
        assert repr(days) == "<Distribution: 3 times, median 4.0 days>"
        assert (str(days), f"{days:.2f}") == ("4.0", "4.00")

    def test_the_mean_is_exact(self):
        assert Distribution.of([2**60, 2**60 + 2]).mean == (2**60 + 1) / 86_400_000_000

    def test_share_within_counts_the_limit(self):
        days = Distribution.of([1 * DAY, 2 * DAY, 3 * DAY, 4 * DAY])
        assert days.share_within(2 * DAY) == 0.5
        assert days.share_within(2 * DAY - timedelta(microseconds=1)) == 0.25
        assert days.share_within(9 * DAY) == 1.0

    def test_of_nothing_is_undefined(self):
        empty = Distribution.of([])
        assert (empty.value, empty.count, str(empty)) == (None, 0, "n/a")
        assert repr(empty) == "<Distribution: 0 times, median n/a days>"
        for ask in (
            lambda: empty.median,
            lambda: empty.mean,
            lambda: empty.quantile(0.1),
            lambda: empty.share_within(DAY),
            lambda: float(empty),
        ):
            with pytest.raises(UndefinedMetricError, match="nothing to take a median of"):
                ask()
        with pytest.raises(NotObservableError):
            float(Distribution.of([], basis=UNSEEN))

    @pytest.mark.parametrize("share", [-0.01, 1.01, 50, float("nan")])
    def test_a_share_lies_between_0_and_1(self, share):
        with pytest.raises(InvalidValueError, match=r"share from 0 to 1, such as 0\.5"):
            Distribution.of([1]).quantile(share)

    @pytest.mark.parametrize("share", [True, "0.5", None, Decimal("0.5")])
    def test_a_share_is_a_float(self, share):
        with pytest.raises(InvalidTypeError, match="takes a share as a float"):
            Distribution.of([1, 2]).quantile(share)

    def test_compares_by_its_times(self):
        one, two = Distribution.of([1, 2]), Distribution.of([2, 1], basis=Basis(partial=True))
        assert one == two
        assert hash(one) == hash(two)
        assert one != Distribution.of([1, 3])
        assert one != Distribution.of([1])

    def test_survives_copies(self):
        days = Distribution.of([1 * DAY, 3 * DAY], basis=Basis(partial=True))
        for twin in (
            *(pickle.loads(pickle.dumps(days, protocol)) for protocol in (0, 2, 5)),
            copy.copy(days),
            copy.deepcopy(days),
            attrs.evolve(days),
        ):
            assert twin == days
            assert twin.values == (1.0, 3.0)
            assert twin.partial
        assert attrs.evolve(days, microseconds=(5,)) == Distribution.of([5])

    def test_a_pickle_tells_its_byte_order(self):
        rebuild, (times, _) = Distribution.of([1, 2]).__reduce__()
        assert times == array("q", [1, 2])
        assert rebuild(times, Basis()) == Distribution.of([1, 2])

    def test_nobody_can_change_it(self):
        given = array("q", [1, 2, 3])
        for days in (Distribution(given), distribution_of_ascending(given, basis=Basis())):
            with pytest.raises(TypeError, match="read-only"):
                days.microseconds[0] = 9
            given[0] = -5
            assert list(days.microseconds) == [1, 2, 3]
            given[0] = 1

    @pytest.mark.parametrize(
        "times", [array("q", [1, 2, 2]), [1, 2, 2], (1, 2, 2), iter([1, 2, 2]), np.array([1, 2, 2])]
    )
    def test_is_made_of_ascending_whole_numbers(self, times):
        assert list(Distribution(times).microseconds) == [1, 2, 2]

    def test_refuses_what_does_not_ascend(self):
        for times in (array("q", [1, 3, 2]), [1, 3, 2]):
            with pytest.raises(
                InvalidValueError, match=r"microseconds must ascend \(got 3 before 2\); Distribution\.of"
            ):
                Distribution(times)

    @pytest.mark.parametrize("times", [None, 5, "12", b"12345678", bytearray(8)])
    def test_refuses_what_is_no_series_of_times(self, times):
        with pytest.raises(
            InvalidTypeError, match=r"Distribution\.microseconds must be an iterable of times"
        ):
            Distribution(times)
        with pytest.raises(InvalidTypeError, match=r"Distribution\.of: times must be an iterable of times"):
            Distribution.of(times)

    @pytest.mark.parametrize(
        "time", ["x", 1.5, True, None, Decimal(1), float("nan"), np.float64(1.0), np.timedelta64(1, "us")]
    )
    def test_refuses_what_is_no_time(self, time):
        with pytest.raises(InvalidTypeError, match=r"microseconds must be whole numbers .*takes timedeltas"):
            Distribution([time])
        with pytest.raises(InvalidTypeError, match=r"Distribution\.of: times must be whole numbers"):
            Distribution.of([1, time])

    def test_times_of_pandas_are_times(self):
        assert Distribution.of([pd.Timedelta(days=1), np.int64(86_400_000_000)]).values == (1.0, 1.0)
        assert Distribution.of([DAY]).share_within(pd.Timedelta(days=1)) == 1.0

    def test_refuses_ages(self):
        with pytest.raises(
            InvalidValueError, match=r"within 292,000 years \(got -9223372036854775809 microsec"
        ):
            Distribution.of([1, -(2**63) - 1])

    @pytest.mark.parametrize("time", [5, 1.5, None, "16 days"])
    def test_a_limit_is_a_timedelta(self, time):
        with pytest.raises(
            InvalidTypeError, match=r"share_within takes a timedelta such as timedelta\(days=16\)"
        ):
            Distribution.of([1]).share_within(time)


class TestCustomerFlow:
    GOOD: ClassVar[dict[str, int]] = {
        "start": 10,
        "new": 3,
        "kept": 6,
        "lost": 4,
        "reactivated": 2,
        "end": 11,
    }

    def test_start_plus_new_plus_back_minus_lost_is_end(self):
        flow = CustomerFlow(**self.GOOD)
        assert flow.start + flow.new + flow.reactivated - flow.lost == flow.end
        assert str(flow) == "10 + 3 new + 2 back − 4 lost = 11"

    @pytest.mark.parametrize("part", GOOD)
    def test_must_balance(self, part):
        with pytest.raises(InvalidValueError, match="CustomerFlow must balance"):
            CustomerFlow(**self.GOOD | {part: self.GOOD[part] + 1})

    @pytest.mark.parametrize("part", GOOD)
    def test_no_part_is_negative(self, part):
        with pytest.raises(InvalidValueError, match=rf"CustomerFlow\.{part} must not be negative \(got -1\)"):
            CustomerFlow(**self.GOOD | {part: -1})

    @pytest.mark.parametrize("part", GOOD)
    def test_each_part_is_an_int(self, part):
        for bad in (float(self.GOOD[part]), str(self.GOOD[part]), None, True):
            with pytest.raises(InvalidTypeError, match=rf"CustomerFlow\.{part} must be an int, not"):
                CustomerFlow(**self.GOOD | {part: bad})

    def test_the_customers_behind_it_are_the_flows_own(self):
        given = {"new": frozenset({"ann"})}
        flow = CustomerFlow(**self.GOOD, customers=given)
        given.clear()
        assert flow.customers == {"new": frozenset({"ann"})}
        with pytest.raises(TypeError):
            flow.customers["new"] = frozenset()
        with pytest.raises(InvalidTypeError, match=r"CustomerFlow\.customers must be a mapping .*not list$"):
            CustomerFlow(**self.GOOD, customers=["ann"])

    def test_the_customers_behind_it_are_not_shown(self):
        flow = CustomerFlow(**self.GOOD, customers=FrozenMapping({"new": frozenset({"ann@example.org"})}))
        assert "ann" not in repr(flow)
        assert hash(flow) == hash(CustomerFlow(**self.GOOD))
        assert flow != CustomerFlow(**self.GOOD)

    def test_not_observable(self):
        flow = CustomerFlow(start=0, new=0, kept=0, lost=0, reactivated=0, end=0, basis=UNSEEN)
        assert str(flow) == "–"


class TestLorenzCurve:
    def test_points_from_poorest_to_richest(self):
        curve = LorenzCurve((Decimal("1.00"), 1, Decimal(3), Decimal("5.00")))
        assert list(curve.points()) == [(0.0, 0.0), (0.25, 0.1), (0.5, 0.2), (0.75, 0.5), (1.0, 1.0)]
        assert str(curve) == "Lorenz curve of 4 customers"
        assert sum(curve.spends) == Decimal("10.00")
        assert all(type(spend) is Decimal for spend in curve.spends)

    def test_the_points_do_not_depend_on_the_decimal_context(self):
        curve = LorenzCurve([Decimal("0.005"), Decimal("1234567.895")])
        with localcontext() as context:
            context.prec = 2
            assert list(curve.points())[1] == (0.5, 0.005 / 1234567.9)

    @pytest.mark.parametrize("spends", [(), (0, 0), (Decimal("0.00"),)])
    def test_undefined_without_revenue(self, spends):
        with pytest.raises(UndefinedMetricError, match="no value"):
            LorenzCurve(spends).points()  # at once, not at the first point
        with pytest.raises(NotObservableError, match="before observed_from"):
            LorenzCurve(spends, basis=UNSEEN).points()

    def test_refuses_bad_spends(self):
        for bad in (None, 5, "12"):
            with pytest.raises(
                InvalidTypeError, match=r"LorenzCurve\.spends must be an iterable of Decimals"
            ):
                LorenzCurve(bad)
        for bad in (1.5, "1", None, True):
            with pytest.raises(InvalidTypeError, match=r"LorenzCurve\.spends must be an int or a Decimal"):
                LorenzCurve([bad])
        with pytest.raises(InvalidValueError, match=r"LorenzCurve\.spends must be finite"):
            LorenzCurve([Decimal("NaN")])
        with pytest.raises(InvalidValueError, match=r"spends must not be negative \(got Decimal\('-1'\)\)"):
            LorenzCurve([Decimal(-1)])
        with pytest.raises(
            InvalidValueError, match=r"spends must ascend \(got .*2.* before .*1.*\); sort them"
        ):
            LorenzCurve([2, 1])

    @given(st.lists(st.decimals(0, 1000, places=2), min_size=1, max_size=20).filter(any))
    def test_rises_ever_more_steeply_to_1(self, spends):
        points = list(LorenzCurve(sorted(spends)).points())
        assert points[0] == (0, 0)
        assert points[-1] == (1, 1)
        assert all(share <= customers + 1e-12 for customers, share in points)


class TestBasis:
    def test_hash_and_pickle(self):
        basis = Basis(metric="m", left_out=FrozenMapping({"guest": 1}))
        assert hash(basis) == hash(Basis(metric="m"))
        assert basis != Basis(metric="m")
        assert pickle.loads(pickle.dumps(basis)) == basis

    def test_a_reason_that_is_known_is_kept(self):
        why = Basis(undefined_because="nobody purchased")
        assert Ratio(0, 0, basis=why).undefined_because == "nobody purchased"
        assert Mean(0, 0, basis=why).undefined_because == "nobody purchased"
        assert Distribution.of([], basis=why).undefined_because == "nobody purchased"

    def test_a_result_hands_on_what_was_assumed(self):
        assert Ratio(1, 2, basis=Basis(assumed=("nobody moved",))).assumed == ("nobody moved",)

    def test_nothing_to_say_when_all_is_well(self):
        assert list(Basis().sentences()) == []


@pytest.mark.parametrize(
    "result, text",
    [
        (Decimal("1234.5"), "1,234.50"),
        (1234567, "1,234,567"),
        (Ratio(1, 2), "50.0%"),
        (Mean(1, 2, unit="EUR"), "0.50 EUR"),
    ],
)
def test_as_text(result, text):
    assert as_text(result) == text
