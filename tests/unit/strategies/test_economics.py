"""What retention is worth: worked by hand, against a plain loop, and what is refused."""

from __future__ import annotations

import decimal
import json
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import attrs
import numpy as np
import pytest
from hypothesis import given, strategies as st

from retention._snapshot import snapshot
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    UndefinedMetricError,
)
from retention.formulas import discounted_customer_lifetime_value
from retention.metrics import average_customer_value, customer_churn_rate, customer_retention_rate
from retention.periods import Period
from retention.results import Basis, Mean, Ratio
from retention.segments import FixedThresholds
from retention.shop import Shop
from retention.strategies import Economics, RetentionValue, value_of_retention, value_of_retention_table
from retention.strategies._conditions import Condition
from retention.strategies._economy import Model, lifetime_margin
from retention.strategies._judge import finding_of
from retention.strategies._readings import Reading
from retention.strategies._recommend import recommend
from retention.strategies._rules import Rule
from retention.strategies._worth import Figures, value_of_gap
from retention.testing import make_order, make_orders, sample_shop

SHOP = {"spend": "100.00", "margin_rate": 0.5, "customers": 1000, "new_customers": 200, "periods": 3}
KEPT = Ratio(160, 200)


def value(retention=0.8, **options) -> RetentionValue:
    given = {**SHOP, **({} if "relative_uplift" in options else {"uplift": 0.05}), **options}
    return value_of_retention(retention, **given)


# ------------------------------------------------------------------------------------------ by hand


def test_a_shop_by_hand():
    found = value()
    assert (found.before.lifetime_value, found.before.revenue, found.before.profit) == (250, 300_000, 150_000)
    assert found.before.customers == 1000  # 200 leave, and 200 come
    assert found.after.customers == Decimal("1128.625")  # 1050, 1092.5, 1128.625
    assert found.after.revenue == Decimal("327112.50")
    assert (found.revenue_gain, found.profit_gain) == (Decimal("27112.50"), Decimal("13556.25"))
    assert round(found.after.lifetime_value, 2) == Decimal("333.33")
    assert (found.uplift, found.relative_uplift) == (Decimal("0.05"), Decimal("0.0625"))
    assert (found.before.long_run_customers, found.before.long_run_profit) == (1000, 50_000)
    assert round(found.after.long_run_revenue, 2) == Decimal("133333.33")
    assert round(found.gain_rate("lifetime_value"), 4) == Decimal("0.3333")
    assert found.gain_rate("revenue") == Decimal("0.090375")


def test_points_and_per_cent_lie_apart():
    points, per_cent = value(0.6, uplift=0.05), value(0.6, relative_uplift=0.05)
    assert (points.after.retention_rate, per_cent.after.retention_rate) == (Decimal("0.65"), Decimal("0.63"))
    assert points.profit_gain > per_cent.profit_gain


def test_what_is_discounted_is_worth_less():
    found = value(discount_rate=0.1)
    assert round(found.before.lifetime_value, 2) == Decimal("183.33")  # 50 × 1.1 / 0.3
    assert found.after.lifetime_value == 220  # 50 × 1.1 / 0.25
    assert found.revenue_gain == value().revenue_gain
    assert found.before.profit == rounded(50_000 * (1 + 1 / Fraction("1.1") + 1 / Fraction("1.21")))
    assert found.profit_gain < value().profit_gain


def rounded(exact: Fraction) -> Decimal:
    with decimal.localcontext(prec=28):
        return Decimal(exact.numerator) / Decimal(exact.denominator)


def test_the_cost_of_winning_customers_changes_the_profit_and_not_the_gain():
    dear = value(acquisition_cost=20)
    assert dear.before.profit == 150_000 - 3 * 200 * 20
    assert dear.before.long_run_profit == 50_000 - 4_000
    assert dear.profit_gain == value().profit_gain
    assert dear.gain_rate("profit") > value().gain_rate("profit")
    ruinous = value(acquisition_cost="5000.00")
    assert ruinous.before.profit < 0
    assert ruinous.gain_rate("profit") is None
    assert "%" not in str(ruinous).partition("profit by")[2]


def test_a_fall_costs():
    found = value(uplift=-0.05)
    assert found.profit_gain < 0
    assert str(found).startswith("Keeping 75.0% instead of 80.0% (−5.0 points) of the customers lowers the")
    assert "profit by 12,656.25 (−8.4 %)" in str(found)
    assert "What it takes may cost" not in found.explain()


def test_nobody_left():
    found = value(0.95, discount_rate=0.1)
    assert found.after.retention_rate == 1
    assert found.after.lifetime_value == 550
    assert found.after.customers == 1000 + 3 * 200
    assert found.after.revenue == 100 * (1200 + 1400 + 1600)
    assert found.after.long_run_customers is None
    assert "In the long run" not in found.explain()
    undiscounted = "the lifetime value requires a retention rate below 1 or a discount rate above 0"
    with pytest.raises(UndefinedMetricError, match=undiscounted):
        value(0.95)


def test_nobody_stayed():
    found = value(0)
    assert found.relative_uplift is None
    assert found.before.customers == 200
    assert found.before.lifetime_value == 50
    with pytest.raises(
        InvalidValueError, match=r"relative_uplift must change the rate of 0 .*; of 0, give uplift="
    ):
        value(0, relative_uplift=0.05)


def test_without_new_customers_there_is_no_long_run():
    found = value(new_customers=0)
    assert (found.before.long_run_customers, found.after.long_run_profit) == (None, None)
    assert not any("acquisition_cost" in each for each in found.assumptions)
    assert any("acquisition_cost" in each for each in value().assumptions)
    assert not any("acquisition_cost" in each for each in value(acquisition_cost=1).assumptions)


def test_figures_of_a_shop_go_straight_in():
    orders = make_orders(
        {
            "ann": [("2026-02-10", "30.00"), ("2026-03-05", "30.00")],
            "ben": [("2026-02-11", "20.00")],
            "cy": [("2026-02-12", "10.00"), ("2026-03-12", "10.00")],
        }
    )
    march = Period.month(2026, 3, tz="UTC")
    kept, spend = (each(orders, period=march) for each in (customer_retention_rate, average_customer_value))
    found = value(kept, spend=spend)
    assert (found.currency, found.margin) == ("EUR", 10)
    assert round(found.before.lifetime_value, 9) == 30
    assert "from 30.00 to 35.29 EUR" in str(found)
    assert found.retention is kept
    assert found.interval("lifetime_value").low > 0
    with pytest.raises(InvalidValueError, match="got customer_churn_rate, which is another figure"):
        value(customer_churn_rate(orders, period=march))


@pytest.mark.parametrize(
    "slip",
    [
        "repeat_purchase_rate",
        "returning_customer_rate",
        "published_retention_ratio",
        "gross_revenue_retention_rate",
    ],
)
def test_other_shares_are_no_retention(slip):
    with pytest.raises(InvalidValueError, match=f"got {slip}, which is another figure"):
        value(Ratio(1, 5, basis=Basis(metric=slip)))


@pytest.mark.parametrize("slip", ["average_order_value", "customer_lifetime_value", "purchase_frequency"])
def test_other_means_are_no_spend_of_a_customer(slip):
    with pytest.raises(InvalidValueError, match=f"got {slip}, which is another figure"):
        value(spend=Mean(100, 5, unit="EUR", basis=Basis(metric=slip)))


def test_integers_of_numpy_are_numbers():
    assert value(np.float64(0.5), customers=np.int64(5), periods=np.int32(2)) == value(
        0.5, customers=5, periods=2
    )


def test_a_cost_in_another_currency_than_the_orders_is_refused():
    dollars = Economics(margin_rate=0.4, acquisition_cost=Mean(Decimal(2000), 100, unit="USD"))
    assert (dollars.winning("USD"), dollars.winning(None)) == (20, 20)
    with pytest.raises(MixedCurrencyError, match="is in USD and the orders in EUR"):
        dollars.winning("EUR")
    assert Economics(margin_rate=0.4, acquisition_cost=20).winning("EUR") == 20


@given(
    margin=st.integers(1, 1000),
    kept=st.fractions(0, Fraction(49, 50), max_denominator=50),
    discount=st.fractions(0, 1, max_denominator=20),
)
def test_the_lifetime_value_of_the_formulas_is_the_same(margin, kept, discount):
    found = discounted_customer_lifetime_value(
        margin=float(margin), retention_rate=float(kept), discount_rate=float(discount)
    )
    assert found == pytest.approx(float(lifetime_margin(Fraction(margin), kept, discount)))


# ------------------------------------------------------------------------------------ a plain loop

rates = st.fractions(0, 1, max_denominator=50)
discounts = st.sampled_from([Fraction(0), Fraction(1, 100), Fraction(1, 4)])
shops = st.builds(
    Model,
    spend=st.just(Fraction(40)),
    margin=st.just(Fraction(15)),
    discount=discounts,
    cost=st.integers(0, 30).map(Fraction),
    customers=st.integers(0, 500).map(Fraction),
    new=st.integers(0, 80).map(Fraction),
    periods=st.integers(1, 12),
)


@given(model=shops, rate=rates)
def test_the_closed_forms_are_the_sums_that_they_stand_for(model, rate):
    there, revenue, profit = model.customers, Fraction(0), Fraction(0)
    for number in range(model.periods):
        there = rate * there + model.new
        revenue += 40 * there
        profit += (15 * there - model.cost * model.new) / (1 + model.discount) ** number
    assert model.customers_in(rate, model.periods) == there
    assert model.revenue(rate) == revenue
    assert model.profit(rate) == profit


@given(rate=st.fractions(0, Fraction(19, 20), max_denominator=20), discount=discounts)
def test_a_lifetime_is_the_sum_of_what_comes(rate, discount):
    total = sum(float(10 * (rate / (1 + discount)) ** number) for number in range(600))
    assert float(lifetime_margin(Fraction(10), rate, discount)) == pytest.approx(total)


@given(model=shops, rate=st.fractions(Fraction(1, 10), Fraction(9, 10), max_denominator=40))
def test_the_slopes_are_those_of_the_figures(model, rate):
    step = Fraction(1, 10**7)
    for figure, slope in (
        (model.lifetime, model.lifetime_slope),
        (model.revenue, model.revenue_slope),
        (model.profit, model.profit_slope),
    ):
        rise = (figure(rate + step) - figure(rate - step)) / (2 * step)
        assert slope(float(rate)) == pytest.approx(float(rise), rel=1e-6, abs=1e-6)


@given(model=shops, rate=st.fractions(0, Fraction(9, 10), max_denominator=40))
def test_in_the_long_run_as_many_leave_as_come(model, rate):
    settled = model.settled(rate)
    assert (settled is None) == (not model.new)
    if settled is not None:
        assert settled * (1 - rate) == model.new


@given(
    rate=st.integers(0, 90),
    uplift=st.integers(1, 9),
    customers=st.integers(0, 1000),
    new=st.integers(0, 100),
    discount=st.integers(0, 20),
)
def test_more_who_stay_never_harm(rate, uplift, customers, new, discount):
    options = {"customers": customers, "new_customers": new, "discount_rate": Decimal(discount) / 100}
    found = value(Decimal(rate) / 100, uplift=Decimal(uplift) / 100, **options)
    assert found.lifetime_value_gain > 0
    assert min(found.revenue_gain, found.profit_gain) >= 0
    back = value(found.after.retention_rate, uplift=-found.uplift, **options)
    assert (back.before, back.after) == (found.after, found.before)


# --------------------------------------------------------------------------------------- intervals


def spend_of(*amounts: int) -> Mean:
    orders = make_orders({f"c{n}": [("2026-03-05", f"{each}.00")] for n, each in enumerate(amounts)})
    return average_customer_value(orders, period=Period.month(2026, 3, tz="UTC"))


def test_the_interval_follows_that_of_the_retention():
    found = value(KEPT)
    for of in ("lifetime_value", "revenue", "profit"):
        low, high = found.interval(of)
        assert 0 < low < float(getattr(found, f"{of}_gain")) < high
    assert tuple(found.interval()) == tuple(found.interval("profit"))
    assert "The profit changes by" in found.explain()
    wide, narrow = value(Ratio(16, 20)).interval(), value(Ratio(1600, 2000)).interval()
    assert wide.low < narrow.low < narrow.high < wide.high
    assert found.interval(confidence=0.5).low > found.interval().low


def test_it_is_near_what_the_ends_of_the_retention_give():
    kept = Ratio(1600, 2000)
    low, high = value(kept).interval("lifetime_value")
    ends = [float(value(end, uplift=0.05).lifetime_value_gain) for end in kept.interval()]
    assert [low, high] == pytest.approx(ends, rel=0.03)


def test_that_of_a_relative_uplift_follows_its_own_slope():
    kept = Ratio(1600, 2000)
    low, high = value(kept, relative_uplift=0.05).interval("lifetime_value")
    ends = [float(value(end, relative_uplift=0.05).lifetime_value_gain) for end in kept.interval()]
    assert [low, high] == pytest.approx(ends, rel=0.03)


def test_of_a_fall_it_is_turned_over():
    low, high = value(KEPT, uplift=-0.05).interval()
    assert low < float(value(KEPT, uplift=-0.05).profit_gain) < high < 0


def test_what_is_spent_may_be_uncertain_too():
    spend = spend_of(60, 80, 100, 120, 140)
    alone, both = value(spend=spend).interval(), value(KEPT, spend=spend).interval()
    sure = value(KEPT, spend=100).interval()
    assert both.low < min(alone.low, sure.low)
    assert both.high > max(alone.high, sure.high)


def test_numbers_alone_have_no_interval():
    with pytest.raises(
        UndefinedMetricError, match="requires a retention rate that was counted: give a Ratio"
    ):
        value().interval()
    assert "How sure it is, nobody can say: the interval requires" in value().explain()
    nobody = value(KEPT, customers=0, new_customers=0)
    with pytest.raises(UndefinedMetricError, match="nobody there to be kept"):
        nobody.interval("revenue")
    assert nobody.interval("lifetime_value").low > 0
    with pytest.raises(UndefinedMetricError, match="sums by customer"):
        value(spend=Mean(Decimal(500), 5)).interval()
    with pytest.raises(
        InvalidValueError, match=r"of must be one of 'lifetime_value', 'revenue', 'profit' \(got 'ltv'\)"
    ):
        value(KEPT).interval("ltv")
    with pytest.raises(InvalidValueError, match="of must be one of"):
        value(KEPT).gain_rate("ltv")


# ---------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    "options, error, message",
    [
        (
            {"uplift": None},
            InvalidValueError,
            r"give uplift=, in the unit of the rate \(0.05 is 5 points\), or relative",
        ),
        (
            {"uplift": 0.05, "relative_uplift": 0.05},
            ConflictingArgumentError,
            "give uplift= or relative_uplift=, not both",
        ),
        (
            {"uplift": 5},
            InvalidValueError,
            r"uplift must leave the rate between 0 and 1 \(got 5 on 0.8\); 0.05 is 5 points",
        ),
        ({"uplift": Decimal("NaN")}, InvalidValueError, "uplift must be finite"),
        ({"uplift": Decimal("sNaN")}, InvalidValueError, "uplift must be finite"),
        ({"relative_uplift": 0.3}, InvalidValueError, "relative_uplift must leave the rate between 0 and 1"),
        ({"uplift": -0.9}, InvalidValueError, "must leave the rate between 0 and 1"),
        ({"uplift": 0}, InvalidValueError, "uplift must change the rate"),
        ({"uplift": "5 %"}, InvalidTypeError, "uplift must be a number, not str"),
        ({"uplift": True}, InvalidTypeError, "uplift must be a number, not bool"),
        ({"spend": 100.0}, InvalidTypeError, "spend must not be a float"),
        ({"spend": 0}, InvalidValueError, "spend must be above 0"),
        ({"spend": -1}, InvalidValueError, "spend must not be negative"),
        ({"spend": Mean(Decimal(-5), 5)}, InvalidValueError, r"spend must not be negative \(got -1.00\)"),
        ({"spend": Mean(0, 0)}, UndefinedMetricError, "nothing to take a mean of"),
        ({"margin_rate": 40}, InvalidValueError, "margin_rate must be above 0 and at most 1"),
        ({"margin_rate": 0}, InvalidValueError, "margin_rate must be above 0 and at most 1"),
        ({"discount_rate": -0.1}, InvalidValueError, "discount_rate must be at least 0"),
        ({"acquisition_cost": 1.5}, InvalidTypeError, "acquisition_cost must not be a float"),
        ({"customers": -1}, InvalidValueError, "customers must be at least 0"),
        ({"customers": "many"}, InvalidTypeError, "customers must be a number"),
        ({"new_customers": float("inf")}, InvalidValueError, "new_customers must be finite"),
        ({"periods": 0}, InvalidValueError, "periods must lie between 1 and 600"),
        ({"periods": 601}, InvalidValueError, "periods must lie between 1 and 600"),
        ({"periods": 2.0}, InvalidTypeError, "periods must be a whole number, not float"),
        ({"periods": True}, InvalidTypeError, "periods must be a whole number, not bool"),
    ],
)
def test_what_is_no_good_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        value(**{"relative_uplift": None, **options} if "uplift" in options else options)


@pytest.mark.parametrize(
    "retention, error, message",
    [
        (80, InvalidValueError, r"retention must be a fraction from 0 to 1 \(got 80\); give 0.8 for 80 %"),
        (-0.1, InvalidValueError, "retention must be at least 0"),
        ("80 %", InvalidTypeError, "retention must be a Ratio or a fraction from 0 to 1, not str"),
        (True, InvalidTypeError, "not bool"),
        (None, InvalidTypeError, "not NoneType"),
        (Ratio(0, 0), UndefinedMetricError, "the denominator is 0"),
        (
            Ratio(3, 2, bounded=False),
            InvalidValueError,
            r"must be the share of customers who stay .+ \(got a quotient, which is another figure",
        ),
        (
            Ratio(1, 5, basis=Basis(metric="subscriber_churn_rate")),
            InvalidValueError,
            "got subscriber_churn_rate",
        ),
    ],
)
def test_what_is_no_retention_is_refused(retention, error, message):
    with pytest.raises(error, match=message):
        value(retention)


def test_figures_of_two_periods_are_refused():
    orders = make_orders({"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"]})
    march, quarter = Period.month(2026, 3, tz="UTC"), Period.quarter(2026, 1, tz="UTC")
    kept = customer_retention_rate(orders, period=march)
    spend = average_customer_value(orders, period=quarter)
    with pytest.raises(
        InvalidValueError, match=r"one period \(got 2026-03 and 2026-Q1\).*; take both of the same, or give"
    ):
        value(kept, spend=spend)
    with pytest.raises(InvalidValueError, match="of one period"):
        value_of_retention_table(kept, uplifts=(0.1,), **{**SHOP, "spend": spend})
    assert value(kept, spend=spend.value).retention is kept


def test_a_period_that_was_still_running_is_told():
    orders = make_orders({"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"]})
    as_of = datetime(2026, 3, 20, tzinfo=UTC)
    kept = customer_retention_rate(orders, period=Period.month(2026, 3, tz="UTC"), as_of=as_of)
    assert "so that the retention rate is too low" in value(kept).explain()
    assert "so that the retention rate is too low" not in value(KEPT).explain()


def test_two_currencies_are_refused():
    spend = Mean(Decimal(500), 5, unit="EUR")
    with pytest.raises(MixedCurrencyError, match=r"one currency \(got EUR and CHF\)"):
        value(spend=spend, acquisition_cost=Mean(Decimal(50), 5, unit="CHF"))
    assert value(spend=spend, acquisition_cost=Mean(Decimal(50), 5, unit="EUR")).currency == "EUR"
    assert value(acquisition_cost=Mean(Decimal(50), 5, unit="EUR")).currency == "EUR"


# ------------------------------------------------------------------------------------- what it gives


def test_it_is_a_value():
    found = value(KEPT)
    assert pickle.loads(pickle.dumps(found)) == found == value(KEPT)
    assert len({found, value(KEPT)}) == 1
    assert repr(found) == "<RetentionValue: 0.8 to 0.85, lifetime value +83.33, profit +13,556.25>"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        found.periods = 4
    told = found.to_dict()
    assert json.dumps(told, default=str)
    assert (told["retention_rate_after"], told["profit_gain"]) == (Decimal("0.85"), Decimal("13556.25"))
    assert (told["customers_before"], told["long_run_customers_before"]) == (1000, 1000)


def test_the_hosts_decimal_context_does_not_matter():
    first = value(KEPT, discount_rate=Decimal("0.07"))
    said = (str(first), first.explain(), repr(first), tuple(first.to_dict().values()))
    with decimal.localcontext(prec=3, rounding=decimal.ROUND_UP):
        again = value(KEPT, discount_rate=Decimal("0.07"))
        assert (str(again), again.explain(), repr(again), tuple(again.to_dict().values())) == said


def test_a_small_uplift_is_not_written_as_nothing():
    assert "80.0005% instead of 80.0000% (+0.0005 points)" in str(value(uplift=0.000005))
    assert "over 1 period, revenue" in str(value(periods=1))


def test_what_stands_behind_it():
    told = value(discount_rate=0.1, acquisition_cost=20).explain()
    assert "50.00 × 1.1 / (1.1 − 0.8) = 183.33 before and 50.00 × 1.1 / (1.1 − 0.85) = 220.00 after." in told
    assert "What it takes may cost 12,019.63 in all, in today's money" in told
    assert (
        "1,333 customers instead of 1,000, and a profit of 62,666.67 a period instead of 46,000.00." in told
    )
    assert "50.00 / (1 − 0.8) = 250.00 before" in value().explain()


# ----------------------------------------------------------------------------------------- the table


def table(retention=0.8, **options):
    return value_of_retention_table(retention, **SHOP, **options)


def test_a_row_for_each_uplift():
    found = table(KEPT, uplifts=(0.01, 0.05))
    assert list(found) == [value(KEPT, uplift=0.01), value(KEPT, uplift=0.05)]
    assert (len(found), found[1], found[:1].rows) == (2, value(KEPT, uplift=0.05), found.rows[:1])
    assert [row["profit_gain"] for row in found.to_dicts()] == [each.profit_gain for each in found]
    per_cent = table(relative_uplifts=iter([0.05]))
    assert per_cent[0] == value(relative_uplift=0.05)
    assert pickle.loads(pickle.dumps(found)) == found
    assert (repr(found), len({found, found[:]})) == ("<RetentionValueTable: 2 rows>", 1)


def test_it_reads_as_a_table():
    lines = str(table(uplifts=(0.05,), acquisition_cost="5000.00")).split("\n")
    assert lines[0].split("  ")[0] == "retention"
    assert lines[2].split() == ["80.0%", "250.00", "300,000.00", "−2,850,000.00"]
    assert lines[3].split() == [
        "85.0%",
        "(+5.0",
        "points)",
        "333.33",
        "+33.3",
        "%",
        "327,112.50",
        "+9.0",
        "%",
        "−2,836,443.75",
    ]
    assert table(uplifts=(0.05,)).explain().endswith("since acquisition_cost was not given.")
    assert str(table(uplifts=(0.05,))[:0]).startswith("retention")
    assert table(uplifts=(0.05,))[:0].explain() == str(table(uplifts=(0.05,))[:0])


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({}, InvalidValueError, "give uplifts="),
        ({"uplifts": ()}, InvalidValueError, r"uplifts must not be empty .*; give such as \(0.01, 0.05\)"),
        ({"uplifts": 0.05}, InvalidTypeError, "uplifts must be several numbers"),
        ({"relative_uplifts": "0.05"}, InvalidTypeError, "relative_uplifts must be several numbers"),
        ({"uplifts": (0.1,), "relative_uplifts": (0.1,)}, ConflictingArgumentError, "not both"),
        ({"uplifts": (0.1, 0.3)}, InvalidValueError, "uplift must leave the rate"),
    ],
)
def test_a_table_of_nothing_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        table(**options)


# ------------------------------------------------------------------------------------- the economics


def test_economics_are_read_as_they_are_written():
    found = Economics(margin_rate=0.4, discount_rate=0.1, acquisition_cost="12.50")
    assert (found.margin_rate, found.discount_rate) == (Decimal("0.4"), Decimal("0.1"))
    assert found.acquisition_cost == Decimal("12.50")
    assert pickle.loads(pickle.dumps(found)) == found
    assert Economics(margin_rate=1).acquisition_cost is None


@pytest.mark.parametrize(
    "options, message",
    [
        ({"margin_rate": 40}, "Economics.margin_rate must be above 0 and at most 1"),
        ({"margin_rate": 0.4, "discount_rate": -1}, "Economics.discount_rate must be at least 0"),
        ({"margin_rate": 0.4, "acquisition_cost": -1}, "Economics.acquisition_cost must not be negative"),
    ],
)
def test_economics_that_are_none(options, message):
    with pytest.raises(InvalidValueError, match=message):
        Economics(**options)


# -------------------------------------------------------------------------------- in recommendations

ECONOMICS = Economics(margin_rate=0.4, discount_rate=0.1, acquisition_cost=20)
BACK = Ratio(60, 200, basis=Basis(metric="signal", counted=("back", "new customers")))  # 20 points below 50 %


def at_stake(*, worth="customers", metric="lapsed_customers_rate", **known):
    condition = Condition(metric, below=0.5)
    rule = Rule(
        "one", strategy="after-sales-follow-up", conditions=condition, worth=worth, because="It follows."
    )
    finding = finding_of(condition, Reading.of_result(metric, BACK, title="Back", period="2026-03"))
    given = {"per_customer": Decimal("80.00"), "currency": "EUR", "yearly_retention": Ratio(30, 100), **known}
    return value_of_gap(rule, finding, None, Figures(period="2026-03", **given))


def test_a_customer_who_is_won_is_worth_the_profit_of_all_years():
    found = at_stake(economics=ECONOMICS)
    # 80.00 × 0.4 × 1.1 / (1.1 − 0.3) = 44.00 each, of 40 customers
    assert (found.value, found.per, found.is_profit) == (Decimal("1760.00"), "over their lifetime", True)
    assert found.replacement_cost == Decimal("800.00")
    assert found.arithmetic == (
        "20.0 points of 200 new customers are 40.0 × 44.00 EUR = 1,760.00 EUR, each worth 80.00 EUR a year × 0.4 margin × "
        "1.1 / (1.1 − 0.300)"
    )
    assert "they stay from year to year as customers of the last two years did" in found.assumptions
    told = found.explain()
    assert "It is profit, after what the goods cost and before what the work does, in today's money." in told
    assert told.endswith("To win as many new customers would cost 800 EUR.")
    assert (found.to_dict()["is_profit"], found.to_dict()["no_profit_because"]) == (True, None)
    low, high = BACK.interval()
    assert [float(found.low), float(found.high)] == pytest.approx(
        [(0.5 - high) * 8800, (0.5 - low) * 8800], abs=0.01
    )


def test_without_them_it_is_a_years_revenue_as_ever():
    found = at_stake()
    assert (found.value, found.per, found.is_profit) == (Decimal("3200.00"), "a year", False)
    assert (found.no_profit_because, found.replacement_cost) == (None, None)
    assert found.explain().endswith("It is revenue, before what the goods and the work cost.")


@pytest.mark.parametrize(
    "cost, currency, end", [(None, "EUR", "in today's money."), (2, None, "would cost 80.")]
)
def test_what_is_not_known_is_not_said(cost, currency, end):
    economics = Economics(margin_rate=0.4, acquisition_cost=cost)
    found = at_stake(economics=economics, currency=currency)
    assert "0.4 margin × 1 / (1 − 0.300)" in found.arithmetic
    assert found.explain().endswith(end)


@pytest.mark.parametrize(
    "known, because",
    [
        ({"yearly_retention": None}, "how many customers stay from one year to the next is not known"),
        ({"yearly_retention": Ratio(0, 0)}, "how many customers stay from one year to the next is not known"),
        (
            {"yearly_retention": Ratio(9, 9)},
            "all customers stayed from one year to the next, and nothing is discounted",
        ),
        (
            {"metric": "customer_retention_rate", "days": 30},
            "the figure is of 30 days, and who does not buy in so many has",
        ),
    ],
)
def test_it_is_revenue_where_no_lifetime_is_known_and_says_why(known, because):
    found = at_stake(economics=Economics(margin_rate=0.4), **known)
    assert not found.is_profit
    assert because in found.no_profit_because
    assert f"It is revenue, before what the goods and the work cost, since {because}" in found.explain()


SUBSCRIBED = {"worth": "recurring revenue", "per_subscriber": Mean(Decimal("90.00"), 3, unit="EUR")}


def test_a_subscriber_who_is_kept_is_worth_the_profit_of_all_months():
    lost = Ratio(271, 1000)  # in 90 days: 10.1 % a month
    found = at_stake(economics=Economics(margin_rate=0.5), lost_subscribers=lost, **SUBSCRIBED)
    monthly = 1 - 0.729 ** (365 / 12 / 90)
    assert float(found.value) == pytest.approx(40 * 15 / monthly, abs=0.5)
    assert (found.is_profit, found.per) == (True, "over their lifetime")
    assert f"each worth 30.00 EUR a month × 0.5 margin × 1 / (1 − {1 - monthly:.3f})" in found.arithmetic
    assert "they stay from month to month as subscribers of the last 90 days did" in found.assumptions
    discounted = at_stake(economics=ECONOMICS, lost_subscribers=lost, **SUBSCRIBED)
    month = 1.1 ** (1 / 12)
    each = 12 * month / (month - 1 + monthly)
    assert float(discounted.value) == pytest.approx(40 * each, abs=0.5)


@pytest.mark.parametrize(
    "lost, because",
    [
        (None, "how many subscribers stay is not known"),
        (Ratio(0, 0), "how many subscribers stay is not known"),
        (Ratio(0, 30), "no subscriber left within 90 days, and nothing is discounted"),
    ],
)
def test_subscribers_whose_lifetime_is_not_known_are_worth_a_month(lost, because):
    found = at_stake(economics=Economics(margin_rate=0.5), lost_subscribers=lost, **SUBSCRIBED)
    assert (found.value, found.per, found.is_profit) == (Decimal("1200.00"), "a month", False)
    assert because in found.no_profit_because
    unknown = at_stake(economics=ECONOMICS, worth="recurring revenue")
    assert unknown.because == "what a subscriber pays is not known in one currency"


def test_orders_are_worth_what_they_bring_in_either_case():
    known = {"per_order": Mean(Decimal("500.00"), 10, unit="EUR"), "worth": "orders"}
    assert at_stake(economics=ECONOMICS, **known) == at_stake(**known)


def test_the_recommender_is_told():
    shop = sample_shop(customers=600, ailment="one-time buyers")
    half_year = Period.last(6, "month", as_of=shop.as_of, tz="Europe/Berlin")
    usual, told = (recommend(shop, period=half_year, economics=each) for each in (None, ECONOMICS))
    assert [each.strategy.id for each in told] == [each.strategy.id for each in usual]
    first = told[0].value_at_stake
    assert (first.is_profit, usual[0].value_at_stake.is_profit) == (True, False)
    orders, now = list(shop.orders), half_year.end
    kept = customer_retention_rate(
        shop, period=Period.between(now - timedelta(days=365), now, tz="Europe/Berlin")
    )
    assert f"(1.1 − {float(kept):.3f})" in first.arithmetic
    years = [
        {each.customer_id for each in orders if is_in(each.placed_at, now, ago)} - {None}
        for ago in (730, 365)
    ]
    assert abs(kept.denominator - len(years[0])) <= 0.1 * len(years[0])  # less who sent everything back
    assert "of profit" in str(told)
    assert "of profit: after costs, of all the years that they stay" in str(told)
    assert "of profit" not in str(usual)
    with pytest.raises(InvalidTypeError, match=r"economics must be an Economics, not float \(got 0.4\)"):
        recommend(shop, period=half_year, economics=0.4)
    seen = recommend(snapshot(shop, period=half_year), economics=ECONOMICS)
    assert not any(each.value_at_stake and each.value_at_stake.is_profit for each in seen)


@pytest.mark.parametrize(
    "days, observed, is_known",
    [
        (400, None, False),
        (548, None, False),
        (715, None, False),
        (725, None, True),
        (900, None, True),
        (730, 730, True),
        (730, 715, False),
        (400, 2000, True),  # the shop says that it sold nothing before
    ],
)
def test_how_many_stay_is_known_where_two_years_are(days, observed, is_known):
    """Of a base year that lies before the first order in part those who came late are known, and they stay oftener."""
    now = datetime(2026, 7, 1, tzinfo=UTC)
    orders = [
        make_order(id=(who, turn), customer_id=who, placed_at=now - timedelta(days=at))
        for who in range(300)
        for turn, at in enumerate((days - who % 100 * (days - 100) / 99,))
    ]
    again = [
        make_order(id=("again", who), customer_id=who, placed_at=now - timedelta(days=9)) for who in range(9)
    ]
    seen = None if observed is None else now - timedelta(days=observed)
    shop = Shop(orders=[*orders, *again], as_of=now, observed_from=seen)
    rules = [
        Rule(
            "lapsed",
            strategy="win-back-lapsed",
            conditions=Condition("dormant_list_rate", above=0.001, at_least=0, confidence=0.2),
            worth="customers",
            because="They left.",
        )
    ]
    fixed = FixedThresholds(
        new_within=timedelta(days=10), at_risk_after=timedelta(days=20), lapsed_after=timedelta(days=30)
    )
    half_year = Period.last(6, "month", as_of=now, tz="UTC")
    (found,) = recommend(shop, period=half_year, economics=ECONOMICS, rules=rules, lifecycle=fixed)
    value = found.value_at_stake
    assert value.is_profit is is_known
    assert (value.per == "over their lifetime") is is_known
    if not is_known:
        assert "that takes orders of two years" in value.no_profit_because


def is_in(at, now, ago):
    return now - timedelta(days=ago) <= at < now - timedelta(days=ago - 365)
