"""How many customers a test needs, how likely it sees what is there, and the least that it can show."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest

from retention._linearised import Unsampled
from retention._numerics import ClusterSums
from retention._power import customers_needed, detectable_uplift, power
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    UndefinedMetricError,
)
from retention.results import Basis, Mean, Ratio

SPEND = Mean(
    Decimal("100.00"),
    4,
    unit="EUR",
    sampling=ClusterSums.of([(1, 1000), (1, 4000), (1, 2000), (1, 3000)], scale=100),
)

OF_ORDERS = Ratio(12, 16, sampling=ClusterSums.of([(2, 2), (1, 0), (2, 1), (1, 1), (2, 2)] * 2))


class TestCustomersNeeded:
    def test_it_has_the_power_and_half_of_it_has_not(self):
        found = customers_needed(0.2, uplift=0.03)
        assert found.power >= 0.8
        assert power(0.2, uplift=0.03, customers=found.customers).power == found.power
        assert float(power(0.2, uplift=0.03, customers=found.customers - 1)) < 0.8
        assert (found.asked, float(found), found.wanted) == ("customers", found.customers, 0.8)

    def test_both_groups(self):
        found = customers_needed(Ratio(20, 100), uplift=0.05, share=0.9)
        assert found.in_test + found.held_out == found.customers
        assert found.in_test == pytest.approx(0.9 * found.customers, abs=0.5)
        assert found.customers > customers_needed(Ratio(20, 100), uplift=0.05).customers

    @pytest.mark.parametrize("share", [0.5, 0.9, Decimal("0.1"), Fraction(1, 3)])
    def test_points_and_parts_are_the_same_uplift(self, share):
        by_points = customers_needed(0.25, uplift=0.05, share=share)
        by_part = customers_needed(Fraction(1, 4), relative_uplift=Decimal("0.2"), share=share)
        assert by_points.customers == by_part.customers
        assert by_part.relative_uplift == pytest.approx(0.2)
        assert by_part.expected == pytest.approx(0.3)

    def test_a_fall_is_a_rise_of_the_others(self):
        fall, rise = customers_needed(0.4, uplift=-0.1), customers_needed(0.6, uplift=0.1)
        assert abs(fall.customers - rise.customers) <= 2
        assert fall.power == pytest.approx(rise.power, abs=0.01)

    @pytest.mark.parametrize(
        "less, more",
        [
            ({"uplift": 0.06}, {"uplift": 0.03}),
            ({"power": 0.5}, {"power": 0.9}),
            ({"confidence": 0.8}, {"confidence": 0.99}),
        ],
    )
    def test_what_takes_more_customers(self, less, more):
        usual = {"uplift": 0.05}
        assert (
            customers_needed(0.3, **(usual | less)).customers
            < customers_needed(0.3, **(usual | more)).customers
        )

    def test_few_are_enough_for_a_great_uplift(self):
        found = customers_needed(0.01, uplift=0.98)
        assert found.customers < 15
        assert customers_needed(10, deviation=0.001, uplift=5).customers == 4

    def test_a_great_many(self):
        found = customers_needed(0.5, uplift=0.0001)
        assert found.customers == pytest.approx(784_888_000, rel=1e-4)
        assert found.method == "normal approximation of the (N − 1) χ² test"
        with pytest.raises(InvalidValueError, match="takes more customers than there are"):
            customers_needed(0.5, uplift=1e-9)

    def test_means_by_the_sums_of_their_customers(self):
        """Four customers of 10, 40, 20 and 30: a standard deviation of √(500/3)."""
        by_sums = customers_needed(SPEND, uplift=2)
        by_number = customers_needed(25, deviation=(500 / 3) ** 0.5, uplift=2)
        assert by_sums.customers == by_number.customers
        assert by_sums.deviation == pytest.approx((500 / 3) ** 0.5)
        assert (by_sums.unit, by_number.unit) == ("EUR", None)
        assert customers_needed(SPEND, relative_uplift=0.08).customers == by_sums.customers

    def test_an_effect_on_a_mean_of_0_is_given_in_its_unit(self):
        assert customers_needed(0, deviation=1, uplift=1).relative_uplift is None
        with pytest.raises(InvalidValueError, match="no use where the baseline is 0"):
            customers_needed(0, deviation=1, relative_uplift=1)

    def test_shares_of_orders_by_their_sums(self):
        sums = ClusterSums.of([(3, 1), (1, 1), (2, 0), (5, 4)])
        found = customers_needed(Ratio(6, 11, sampling=sums), uplift=0.1)
        assert found.deviation == pytest.approx((4 * sums.variance()) ** 0.5)
        assert found.is_share
        assert "points" in str(found)


class TestPower:
    def test_by_hand(self):
        """One in each group: only 1 of 1 against 0 of 1 goes that way, and Newcombe's interval holds 0 even then."""
        assert float(power(0.5, uplift=0.3, customers=2)) == 0
        """At 20 % confidence it does not."""
        assert float(power(0.5, uplift=0.3, customers=2, confidence=0.2)) == pytest.approx(0.8 * 0.5)

    def test_it_is_that_of_the_right_direction(self):
        assert float(power(0.5, uplift=1e-9, customers=2000)) == pytest.approx(0.025, abs=0.003)
        assert float(power(9, deviation=2, uplift=1e-9, customers=2000)) == pytest.approx(0.025, abs=1e-6)

    def test_the_power_of_many_is_near_1(self):
        assert 0.999 < float(power(0.2, uplift=0.3, customers=2000)) <= 1
        assert "over 99.9 %" in str(power(0.2, uplift=0.3, customers=2000))
        assert float(power(0.2, uplift=0.3, customers=10**10)) == 1

    def test_a_hold_out_has_somebody_whatever_the_share(self):
        assert power(0.5, uplift=0.3, customers=10, share=0.999).held_out == 1
        assert power(0.5, uplift=0.3, customers=10, share=0.001).in_test == 1
        assert power(5, deviation=1, uplift=0.3, customers=10, share=0.999).held_out == 2


class TestDetectableUplift:
    @pytest.mark.parametrize(
        "known, more",
        [
            (0.2, {}),
            (Ratio(1, 50), {"share": 0.8}),
            (0.2, {"falls": True}),
            (SPEND, {}),
            (40, {"deviation": 30}),
        ],
    )
    def test_it_is_just_seen(self, known, more):
        found = detectable_uplift(known, customers=3000, **more)
        asked = {name: value for name, value in more.items() if name != "falls"}
        assert float(found) == found.uplift
        assert found.power == pytest.approx(0.8, abs=1e-6)
        assert float(power(known, uplift=found.uplift * 0.99, customers=3000, **asked)) < 0.8
        assert (found.uplift < 0) == more.get("falls", False)

    def test_so_few_show_nothing(self):
        with pytest.raises(UndefinedMetricError, match=r"so few customers, 2 and 2, show no uplift of 0.5"):
            detectable_uplift(0.5, customers=4)
        assert detectable_uplift(50, deviation=10, customers=4).uplift > 30

    @pytest.mark.parametrize("falls", [False, True])
    def test_a_share_of_orders_stays_between_0_and_1(self, falls):
        """Three of four orders by ten customers of one or two each: six customers could show no rise of 25 points."""
        with pytest.raises(UndefinedMetricError, match="so few customers, 3 and 3, show no"):
            detectable_uplift(OF_ORDERS, customers=6, falls=falls)
        found = detectable_uplift(OF_ORDERS, customers=200, falls=falls)
        assert 0 < found.expected < 1
        assert found.power == pytest.approx(0.8, abs=1e-6)

    def test_what_is_spent_falls_no_further_than_to_0(self):
        with pytest.raises(UndefinedMetricError, match=r"3 and 3, show no fall of 25 with a power of 0\.8"):
            detectable_uplift(SPEND, customers=6, falls=True)
        assert detectable_uplift(SPEND, customers=6).uplift > 25
        assert -25 < detectable_uplift(SPEND, customers=20, falls=True).uplift < 0
        assert detectable_uplift(SPEND, customers=6, falls=True, power=0.4).expected > 0

    def test_a_profit_may_fall_below_0(self):
        profit = attrs.evolve(SPEND, sampling=attrs.evolve(SPEND.sampling, signed=True))
        assert detectable_uplift(profit, customers=6, falls=True).expected < 0
        assert "25.00 EUR to −5.00 EUR (−30.00 EUR)" in str(power(profit, uplift=-30, customers=6))
        assert power(25, deviation=13, uplift=-30, customers=6).expected == -5


class TestShown:
    def test_sentences(self):
        assert str(customers_needed(0.2, uplift=0.05, share=0.8)) == (
            "A test needs 3,478 customers, 2,782 in the test and 696 in the hold-out, to show a rise from 20.0% to "
            "25.0% (+5.0 points) with a probability of 80 % at 95 % confidence."
        )
        assert str(power(0.2, uplift=-0.03, customers=2000)) == (
            "With 2,000 customers, 1,000 in the test and 1,000 in the hold-out, a fall from 20.0% to 17.0% (−3.0 points) "
            "is seen with a probability of 41 % at 95 % confidence."
        )
        assert str(detectable_uplift(SPEND, customers=200, falls=True)) == (
            "200 customers, 100 in the test and 100 in the hold-out, show a fall from 25.00 EUR by 5.14 EUR or more "
            "with a probability of 80 % at 95 % confidence."
        )
        assert "−1.00 to 0.50 (+1.50)" in str(power(-1, deviation=3, uplift=1.5, customers=80))

    def test_small_uplifts_are_not_written_as_0(self):
        assert "50.00% to 50.02% (+0.02 points)" in str(power(0.5, uplift=0.0002, customers=100))
        assert "(+0.0003 EUR)" in str(power(SPEND, uplift=0.0003, customers=100))

    def test_a_tiny_power_is_no_0(self):
        text = str(power(0.01, uplift=0.001, customers=60))
        assert "probability of 0 % " not in text

    def test_explain(self):
        assert (
            customers_needed(0.2, uplift=0.05)
            .explain()
            .endswith(
                "Method: every outcome of the two groups gone through, Newcombe's interval. Assumed: chance alone decides who "
                "is in the test, each customer is one case, and the result is looked at once, at the end."
            )
        )
        explained = customers_needed(SPEND, uplift=5).explain()
        assert "Method: Welch's t, noncentral." in explained
        assert "Assumed: customers differ as much in both groups as the baseline says." in explained
        assert "Assumed: all the customers are such as the figure counts" in explained

    def test_frozen_and_plain(self):
        found = customers_needed(0.2, uplift=0.05)
        assert repr(found) == "<PlannedTest: 1,094 in the test, 1,093 held out, power 0.801 for +0.05 on 0.2>"
        assert pickle.loads(pickle.dumps(found)) == found
        assert hash(copy.deepcopy(found)) == hash(found)
        (row,) = found.to_dicts()
        assert row["customers"] == found.customers
        assert all(isinstance(value, (str, int, float, type(None))) for value in row.values())
        with pytest.raises(AttributeError):
            found.power = 1


class TestBadInput:
    @pytest.mark.parametrize("share", [0, 1, 1.5, -0.1, Ratio(0, 5), Ratio(5, 5)])
    def test_no_share(self, share):
        with pytest.raises(InvalidValueError, match=r"strictly between 0 and 1.*deviation="):
            customers_needed(share, uplift=0.05)

    @pytest.mark.parametrize("uplift", [0.8, -0.2, 30])
    def test_what_no_share_can_rise_to(self, uplift):
        with pytest.raises(
            InvalidValueError, match=r"uplift must leave the share between 0 and 1.*0\.03 is 3 points"
        ):
            customers_needed(0.2, uplift=uplift)
        with pytest.raises(InvalidValueError, match="relative_uplift must leave the share"):
            customers_needed(0.2, relative_uplift=uplift / 0.2)

    @pytest.mark.parametrize("uplift", [0.25, 0.9, -0.75, -0.9])
    def test_what_no_share_of_orders_can_rise_to(self, uplift):
        message = r"must leave the share between 0 and 1 .* on 0\.75\)"
        with pytest.raises(InvalidValueError, match=f"^uplift {message}"):
            customers_needed(OF_ORDERS, uplift=uplift)
        with pytest.raises(InvalidValueError, match=f"relative_uplift {message}"):
            power(OF_ORDERS, relative_uplift=Fraction(uplift) / Fraction(3, 4), customers=100)

    def test_what_no_amount_can_fall_to(self):
        with pytest.raises(
            InvalidValueError, match=r"uplift must not take the figure below 0 \(got -26 on 25\)"
        ):
            customers_needed(SPEND, uplift=-26)
        with pytest.raises(InvalidValueError, match="relative_uplift must not take the figure below 0"):
            power(SPEND, relative_uplift=-1.01, customers=100)
        assert customers_needed(SPEND, relative_uplift=-1).expected == 0

    def test_uplift(self):
        with pytest.raises(InvalidValueError, match=r"give uplift=.*or relative_uplift="):
            customers_needed(0.2)
        with pytest.raises(ConflictingArgumentError, match="not both"):
            power(0.2, uplift=0.1, relative_uplift=0.1, customers=50)
        with pytest.raises(InvalidValueError, match="uplift must not be 0"):
            customers_needed(0.2, uplift=0)
        with pytest.raises(InvalidTypeError, match="uplift must be a number, not str"):
            customers_needed(0.2, uplift="5 %")
        with pytest.raises(InvalidTypeError, match="relative_uplift must be a number, not bool"):
            customers_needed(0.2, relative_uplift=True)
        for endless in (float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity")):
            with pytest.raises(InvalidValueError, match="uplift must be finite"):
                customers_needed(0.2, uplift=endless)

    @pytest.mark.parametrize("name", ["power", "share"])
    def test_parts(self, name):
        for value in (0, 1, 80, -0.5):
            with pytest.raises(InvalidValueError, match=f"{name} must lie between 0 and 1"):
                customers_needed(0.2, uplift=0.05, **{name: value})
        with pytest.raises(InvalidTypeError, match=f"{name} must be a number, not NoneType"):
            customers_needed(0.2, uplift=0.05, **{name: None})

    def test_confidence(self):
        with pytest.raises(InvalidValueError, match="confidence must lie between 0 and 1"):
            customers_needed(0.2, uplift=0.05, confidence=95)

    def test_customers(self):
        for value in (1, 0, -5, 10**13):
            with pytest.raises(InvalidValueError, match="customers must lie between 2 and"):
                power(0.2, uplift=0.05, customers=value)
        with pytest.raises(InvalidValueError, match="customers must lie between 4 and"):
            detectable_uplift(5, deviation=1, customers=3)
        for value in (10.0, True, "10", None):
            with pytest.raises(InvalidTypeError, match="customers must be an int"):
                power(0.2, uplift=0.05, customers=value)

    def test_deviation(self):
        for value in (0, -1):
            with pytest.raises(InvalidValueError, match="deviation must be above 0"):
                customers_needed(50, deviation=value, uplift=1)
        with pytest.raises(InvalidTypeError, match="deviation must be a number"):
            customers_needed(50, deviation="1", uplift=1)
        with pytest.raises(ConflictingArgumentError, match="a Mean has its own"):
            customers_needed(SPEND, deviation=1, uplift=1)

    def test_falls(self):
        with pytest.raises(InvalidTypeError, match="falls must be True or False"):
            detectable_uplift(0.2, customers=100, falls="yes")

    @pytest.mark.parametrize("baseline", ["20 %", None, True, [0.2]])
    def test_baseline(self, baseline):
        with pytest.raises(InvalidTypeError, match="baseline must be a number"):
            customers_needed(baseline, uplift=0.05)

    def test_figures_without_what_it_takes(self):
        with pytest.raises(UndefinedMetricError, match="denominator is 0"):
            customers_needed(Ratio(0, 0), uplift=0.05)
        with pytest.raises(UndefinedMetricError, match="nothing to take a mean of"):
            customers_needed(Mean(0, 0), uplift=0.05)
        with pytest.raises(UndefinedMetricError, match="how customers differ in this mean"):
            customers_needed(Mean(10, 4), uplift=0.05)
        spent = Mean(10, 4, sampling=Unsampled("given"), basis=Basis(metric="customer_acquisition_cost"))
        with pytest.raises(
            UndefinedMetricError, match="differ in customer_acquisition_cost; give the number and"
        ):
            customers_needed(spent, uplift=0.05)
        alike = ClusterSums.of([(1, 5)] * 3)
        with pytest.raises(UndefinedMetricError, match="all 3 customers are alike"):
            customers_needed(Mean(15, 3, sampling=alike), uplift=0.05)
        with pytest.raises(UndefinedMetricError, match="at least two customers"):
            customers_needed(Mean(5, 1, sampling=ClusterSums.of([(1, 5)])), uplift=0.05)
