"""What new customers cost to win, and when they have earned it back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, strategies as st

import retention as rt
from retention.testing import make_orders

MARCH = rt.Period.month(2026, 3, tz="UTC")
QUARTER = rt.Period.quarter(2026, 1, tz="UTC")
# Two of February's three left; two are new in March, of whose three active customers each spends 20 on average.
ORDERS = make_orders(
    {
        "ann": ["2026-02-10", ("2026-03-05", "30.00")],
        "ben": ["2026-02-11"],
        "cy": ["2026-02-12"],
        "dee": [("2026-03-06", "10.00")],
        "eve": [("2026-03-20", "20.00")],
    }
)
NOBODY_NEW = make_orders({"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"]})
EVERY = {
    rt.customer_acquisition_cost: {},
    rt.ltv_cac_ratio: {},
    rt.payback_months: {"margin_rate": 0.5},
}
every = pytest.mark.parametrize("metric, more", EVERY.items(), ids=lambda each: getattr(each, "__name__", ""))


class TestCost:
    def test_by_hand(self):
        cost = rt.customer_acquisition_cost(ORDERS, period=MARCH, acquisition_spend="50.00")
        assert (cost.total, cost.count, cost.value, cost.unit) == (Decimal("50.00"), 2, Decimal(25), "EUR")
        assert cost.explain().startswith(
            "customer_acquisition_cost (2026-03, acquisition_spend=50.00): 25.00 EUR = 50.00 acquisition spend over 2 new"
        )

    @pytest.mark.parametrize("spend", [50, "50", "50.00", Decimal("5E+1")])
    def test_money_as_on_records(self, spend):
        assert rt.customer_acquisition_cost(
            ORDERS, period=MARCH, acquisition_spend=spend
        ) == rt.customer_acquisition_cost(ORDERS, period=MARCH, acquisition_spend=50)

    def test_it_has_no_interval_and_says_why(self):
        cost = rt.customer_acquisition_cost(ORDERS, period=MARCH, acquisition_spend=50)
        with pytest.raises(rt.UndefinedMetricError, match="what was spent is a plain number"):
            cost.interval()

    def test_nothing_spent(self):
        assert rt.customer_acquisition_cost(ORDERS, period=MARCH, acquisition_spend=0).value == 0

    def test_nobody_new(self):
        cost = rt.customer_acquisition_cost(NOBODY_NEW, period=MARCH, acquisition_spend=50)
        assert (cost.value, cost.undefined_because) == (None, "there are no new customers")

    def test_it_can_not_be_told_apart_who_is_new(self):
        cost = rt.customer_acquisition_cost(
            ORDERS, period=MARCH, acquisition_spend=50, observed_from=MARCH.start
        )
        assert not cost.observable


class TestLifetimeValueToCost:
    def test_by_hand(self):
        ratio = rt.ltv_cac_ratio(ORDERS, period=MARCH, acquisition_spend=50, margin_rate=0.5)
        # 20.00 · 0.5 for 3 / 2 months, against 25.00
        assert float(ratio) == 0.6
        assert ratio.explain().startswith(
            "ltv_cac_ratio (2026-03, acquisition_spend=50, margin_rate=0.5): 0.600 = 15.00 lifetime margin against "
            "25.00 acquisition cost."
        )
        revenue = rt.ltv_cac_ratio(ORDERS, period=MARCH, acquisition_spend=50, discount_rate=0.01)
        assert "discounted revenue against 25.00 acquisition cost" in revenue.explain()

    def test_it_is_the_quotient_of_the_two_figures(self):
        how = {"lifespan": 7, "margin_rate": Decimal("0.3"), "discount_rate": Decimal("0.02")}
        ratio = rt.ltv_cac_ratio(ORDERS, period=MARCH, acquisition_spend="49.99", **how)
        value = rt.customer_lifetime_value(ORDERS, period=MARCH, **how)
        cost = rt.customer_acquisition_cost(ORDERS, period=MARCH, acquisition_spend="49.99")
        assert ratio.basis.options == value.basis.options
        assert float(ratio) == float(
            rt.formulas.ltv_cac_ratio(
                customer_lifetime_value=Fraction(value.value), customer_acquisition_cost=Fraction(cost.value)
            )
        )

    def test_nothing_spent(self):
        ratio = rt.ltv_cac_ratio(ORDERS, period=MARCH, acquisition_spend=0)
        assert ratio.undefined_because == "the acquisition cost is 0"

    def test_no_lifespan(self):
        orders = make_orders({"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-03-11"]})
        ratio = rt.ltv_cac_ratio(orders, period=MARCH, acquisition_spend=50)
        assert (ratio.undefined_because or "").startswith("nobody left")

    def test_nobody_new(self):
        ratio = rt.ltv_cac_ratio(NOBODY_NEW, period=MARCH, acquisition_spend=50)
        assert ratio.undefined_because == "there are no new customers"

    def test_a_lifespan_needs_no_churn(self):
        since = datetime(2026, 1, 31, tzinfo=UTC)
        with pytest.raises(
            rt.ConflictingArgumentError, match=r"^ltv_cac_ratio: inactive_after must be left out"
        ):
            rt.ltv_cac_ratio(
                ORDERS,
                period=MARCH,
                acquisition_spend=50,
                lifespan=3,
                inactive_after=relativedelta(months=1),
                observed_from=since,
            )


class TestPayback:
    def test_by_hand(self):
        months = rt.payback_months(ORDERS, period=MARCH, acquisition_spend=50, margin_rate=0.5)
        assert float(months) == 2.5  # 25.00 at 20.00 · 0.5 a month
        assert months.explain().startswith(
            "payback_months (2026-03, acquisition_spend=50, margin_rate=0.5): 2.500 = 25.00 acquisition cost against "
            "10.00 margin of a month."
        )

    def test_a_quarter_is_put_on_a_month(self):
        months = rt.payback_months(ORDERS, period=QUARTER, acquisition_spend=60, margin_rate=1)
        # five are new, 12.00 each; 90.00 over five customers in three months is 6.00 a month
        assert float(months) == 2.0

    def test_it_agrees_with_the_formula(self):
        months = rt.payback_months(ORDERS, period=MARCH, acquisition_spend=33, margin_rate=Decimal("0.7"))
        expected = rt.formulas.payback_months(
            customer_acquisition_cost=Fraction(33, 2), monthly_margin=Fraction(14)
        )
        assert float(months) == float(expected)

    def test_nobody_new(self):
        months = rt.payback_months(NOBODY_NEW, period=MARCH, acquisition_spend=50, margin_rate=0.5)
        assert months.undefined_because == "there are no new customers"

    def test_free_orders_pay_nothing_back(self):
        free = make_orders({"ann": [("2026-03-05", 0)]})
        policy = rt.OrderPolicy(minimum_net=None)
        months = rt.payback_months(free, period=MARCH, acquisition_spend=50, margin_rate=0.5, policy=policy)
        assert months.undefined_because == "active customers brought no revenue"

    @pytest.mark.parametrize("rate", [0, 1.01, -0.5])
    def test_a_margin_is_a_share(self, rate):
        with pytest.raises(rt.InvalidValueError, match="payback_months: margin_rate must be above 0"):
            rt.payback_months(ORDERS, period=MARCH, acquisition_spend=50, margin_rate=rate)


@every
@pytest.mark.parametrize(
    "spend, error, message",
    [
        (
            12.5,
            rt.InvalidTypeError,
            r"acquisition_spend must not be a float \(got 12\.5\), since floats can't hold",
        ),
        ("much", rt.InvalidValueError, r"acquisition_spend must be a number \(got 'much'\)"),
        ("NaN", rt.InvalidValueError, "acquisition_spend must be a number"),
        (Decimal("Infinity"), rt.InvalidValueError, "acquisition_spend must be finite"),
        (Decimal("sNaN"), rt.InvalidValueError, "acquisition_spend must be finite"),
        (-1, rt.InvalidValueError, r"acquisition_spend must not be negative \(got -1\)"),
        (10**18, rt.InvalidValueError, r"acquisition_spend must be below 10\*\*18"),
        (Decimal("1E-19"), rt.InvalidValueError, "at most 18 decimals"),
        (
            True,
            rt.InvalidTypeError,
            "acquisition_spend must be a Decimal, a whole number or a numeral, not bool",
        ),
        (None, rt.InvalidTypeError, "not NoneType"),
    ],
)
def test_what_was_spent_is_money(metric, more, spend, error, message):
    with pytest.raises(error, match=message):
        metric(ORDERS, period=MARCH, acquisition_spend=spend, **more)


@every
def test_none_has_an_interval_and_each_says_why(metric, more):
    figure = metric(ORDERS, period=MARCH, acquisition_spend=50, **more)
    with pytest.raises(rt.UndefinedMetricError, match="what was spent is a plain number"):
        figure.interval()
    assert "interval" not in figure.explain()


@every
def test_months_with_different_spends_are_of_one_definition_and_told_apart(metric, more):
    one, other = (metric(ORDERS, period=MARCH, acquisition_spend=each, **more) for each in (500, "5000"))
    assert one.basis.options == other.basis.options == ()
    assert (one.basis.given[0], other.basis.given[0]) == (
        ("acquisition_spend", "500"),
        ("acquisition_spend", "5000"),
    )
    compared = rt.compare(one, other)
    assert compared.difference is not None
    assert "what was spent is a plain number" in (compared.untested_because or "")


@every
def test_a_row_of_a_snapshot_says_what_was_spent(metric, more):
    name = metric.__name__
    rows = [
        rt.snapshot(
            ORDERS, period=MARCH, metrics=[name], options={name: {"acquisition_spend": each, **more}}
        ).to_dicts()[0]
        for each in (500, 5_000)
    ]
    given = {key: str(value) for key, value in more.items()}
    assert [row["options"] for row in rows] == [
        {"acquisition_spend": "500", **given},
        {"acquisition_spend": "5000", **given},
    ]


@every
def test_what_was_spent_must_be_given(metric, more):
    with pytest.raises(TypeError, match="acquisition_spend"):
        metric(ORDERS, period=MARCH, **more)


@given(spend=st.integers(1, 10**9), rate=st.integers(1, 100))
def test_twice_the_spend_takes_twice_as_long(spend, rate):
    """All three are linear in what was spent; the ratio inversely."""
    once, twice = (Decimal(each) / 100 for each in (spend, 2 * spend))
    margin = Decimal(rate) / 100
    for metric, more in EVERY.items():
        given = {**more, "margin_rate": margin} if metric is not rt.customer_acquisition_cost else more
        one, two = (
            float(metric(ORDERS, period=MARCH, acquisition_spend=each, **given)) for each in (once, twice)
        )
        expected = one / 2 if metric is rt.ltv_cac_ratio else one * 2
        assert two == pytest.approx(expected, rel=1e-12)
