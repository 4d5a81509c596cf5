"""Laws of the formulas. Each class quotes the definition that it tests."""

from __future__ import annotations

import decimal
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given, strategies as st

from retention import formulas
from retention.errors import InvalidValueError, UndefinedMetricError

counts = st.integers(0, 10**9)
some = st.integers(1, 10**9)
money = st.decimals(0, 10**9, places=2)
rates = st.fractions(0, 1, max_denominator=10**6)
days = st.integers(1, 3660)


class TestCustomerFlow:
    """(customers at the end - customers acquired) / customers at the start; lost / customers at the start."""

    @given(start=some, new=counts, data=st.data())
    def test_retention_and_churn_add_up_to_one_when_nobody_comes_back(
        self, start: int, new: int, data: st.DataObject
    ) -> None:
        lost = data.draw(st.integers(0, start))
        retention = formulas.customer_retention_rate(
            customers_at_end=start + new - lost, customers_acquired=new, customers_at_start=start
        )
        churn = formulas.customer_churn_rate(customers_lost=lost, customers_at_start=start)
        assert retention == (start - lost) / start
        assert retention + churn == pytest.approx(1, abs=1e-15)

    @given(end=counts, acquired=counts, start=counts)
    def test_a_fraction_of_at_least_zero_or_an_error_that_says_why(
        self, end: int, acquired: int, start: int
    ) -> None:
        try:
            rate = formulas.customer_retention_rate(
                customers_at_end=end, customers_acquired=acquired, customers_at_start=start
            )
        except InvalidValueError:
            assert acquired > end
        except UndefinedMetricError:
            assert start == 0
        else:
            assert rate >= 0
            assert (
                rate
                == Fraction(end - acquired, start).numerator / Fraction(end - acquired, start).denominator
            )


class TestScaleChurnRate:
    """Churn may be put on another period only through 1 - (1 - c) ^ (d2 / d1)."""

    @given(rate=rates, one=days, other=days)
    def test_there_and_back(self, rate: Fraction, one: int, other: int) -> None:
        exact = Decimal(rate.numerator) / Decimal(rate.denominator)
        there = formulas.scale_churn_rate(churn_rate=exact, from_days=one, to_days=other)
        assert 0 <= there <= 1
        if 1 - there > Decimal("1E-14"):  # else too few digits are left to come back with
            back = formulas.scale_churn_rate(churn_rate=there, from_days=other, to_days=one)
            assert back == pytest.approx(exact, abs=Decimal("1E-9"))

    @given(rate=rates, length=days, times=st.integers(1, 6))
    def test_whole_multiples_are_repeated_staying(self, rate: Fraction, length: int, times: int) -> None:
        expected = 1 - (1 - rate) ** times
        scaled = formulas.scale_churn_rate(churn_rate=rate, from_days=length, to_days=length * times)
        assert scaled == pytest.approx(float(expected), rel=1e-13, abs=1e-15)

    @given(digits=st.integers(1, 10**6 - 1), zeros=st.integers(6, 60), times=st.integers(1, 6))
    def test_decimals_are_right_to_the_last_digit_however_small(
        self, digits: int, zeros: int, times: int
    ) -> None:
        rate = Fraction(digits, 10**zeros)
        scaled = formulas.scale_churn_rate(
            churn_rate=Decimal(digits).scaleb(-zeros), from_days=30, to_days=30 * times
        )
        expected = 1 - (1 - rate) ** times
        assert abs(Fraction(scaled) - expected) <= expected / 10**27

    @given(rate=rates, one=days, other=days)
    def test_floats_agree_with_decimals(self, rate: Fraction, one: int, other: int) -> None:
        exact = Decimal(rate.numerator) / Decimal(rate.denominator)
        in_decimals = formulas.scale_churn_rate(churn_rate=exact, from_days=one, to_days=other)
        in_floats = formulas.scale_churn_rate(churn_rate=float(rate), from_days=one, to_days=other)
        assert in_floats == pytest.approx(float(in_decimals), rel=1e-9)


class TestLifetimeValue:
    """m(1 + d)/(1 + d - r), the first payment at once, so that d = 0 gives m / churn."""

    @given(margin=money, retention=st.fractions(0, Fraction(9, 10), max_denominator=100), discount=rates)
    def test_it_is_the_sum_of_the_discounted_margins(
        self, margin: Decimal, retention: Fraction, discount: Fraction
    ) -> None:
        factor = float(retention / (1 + discount))
        terms = accumulate(range(500), lambda term, _: term * factor, initial=float(margin))
        value = formulas.discounted_customer_lifetime_value(
            margin=Fraction(margin), retention_rate=retention, discount_rate=discount
        )
        assert float(value) == pytest.approx(sum(terms), rel=1e-9)

    @given(margin=money, churn=st.fractions(Fraction(1, 1000), 1, max_denominator=1000))
    def test_without_discount_it_is_margin_times_lifespan(self, margin: Decimal, churn: Fraction) -> None:
        value = formulas.discounted_customer_lifetime_value(
            margin=Fraction(margin), retention_rate=1 - churn, discount_rate=0
        )
        assert value == Fraction(margin) * formulas.customer_lifespan(churn_rate=churn)

    @given(revenue=money, orders=some, customers=some)
    def test_a_customer_is_worth_orders_times_order_value(
        self, revenue: Decimal, orders: int, customers: int
    ) -> None:
        order_value = formulas.average_order_value(revenue=Fraction(revenue), orders=orders)
        value = formulas.customer_lifetime_value(
            average_order_value=order_value,
            purchase_frequency=Fraction(orders, customers),
            customer_lifespan=1,
        )
        assert value == formulas.average_customer_value(revenue=Fraction(revenue), customers=customers)


class TestScores:
    """% promoters - % detractors, from -100 to 100; positive answers in points, from 0 to 100."""

    @given(promoters=counts, passives=counts, detractors=some)
    def test_net_promoters_change_sign_when_the_answers_change_sides(
        self, promoters: int, passives: int, detractors: int
    ) -> None:
        everyone = promoters + passives + detractors
        score = formulas.net_promoter_score(promoters=promoters, detractors=detractors, respondents=everyone)
        turned = formulas.net_promoter_score(promoters=detractors, detractors=promoters, respondents=everyone)
        assert -100 <= score == -turned <= 100

    @given(scores=st.lists(st.integers(1, 7), min_size=1))
    def test_effort_lies_on_its_scale(self, scores: list[int]) -> None:
        score = formulas.customer_effort_score(
            score_total=Fraction(sum(scores)), respondents=len(scores), options=7
        )
        assert Fraction(100, 7) <= score <= 100
        assert score == Fraction(sum(scores), len(scores)) / 7 * 100


class TestRounding:
    """Decimal in, Decimal out; sums are exact whatever the host's ambient decimal context."""

    @given(revenue=money, orders=some, digits=st.integers(1, 50))
    def test_decimals_are_rounded_once_to_28_digits(self, revenue: Decimal, orders: int, digits: int) -> None:
        with localcontext(decimal.Context(prec=28)):
            expected = revenue / orders
        with localcontext(decimal.Context(prec=digits, traps=[])):
            result = formulas.average_order_value(revenue=revenue, orders=orders)
        assert result == expected

    @given(gain=st.integers(-(10**30), 10**30), cost=st.integers(1, 10**30))
    def test_integers_are_rounded_once_to_a_float(self, gain: int, cost: int) -> None:
        assert formulas.return_on_investment_ratio(gain=gain, cost=cost) == (gain - cost) / cost

    @given(part=money, rest=st.decimals(Decimal("0.01"), 10**9, places=2))
    def test_parts_of_a_whole_add_up_to_one(self, part: Decimal, rest: Decimal) -> None:
        whole = Fraction(part) + Fraction(rest)
        existing = formulas.existing_customer_revenue_rate(
            existing_customer_revenue=Fraction(part), revenue=whole
        )
        new = formulas.existing_customer_revenue_rate(existing_customer_revenue=Fraction(rest), revenue=whole)
        assert existing + new == 1
