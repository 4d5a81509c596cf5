"""How long customers stay, and what they bring while they do: worked by hand, and what is refused."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, strategies as st

import retention as rt
from retention.metrics._terms import months_of, rounded
from retention.testing import make_orders

MARCH = rt.Period.month(2026, 3, tz="UTC")
# February's four: ann and ben stay, cy and dee leave. eve is new. March brings 30 + 10 + 20 from three.
ORDERS = make_orders(
    {
        "ann": ["2026-02-10", ("2026-03-05", "30.00")],
        "ben": ["2026-02-11", ("2026-03-06", "10.00")],
        "cy": ["2026-02-12"],
        "dee": ["2026-02-13"],
        "eve": [("2026-03-20", "20.00")],
        None: [("2026-03-21", "500.00")],
    }
)
NOBODY_LEFT = make_orders({"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11", "2026-03-06"]})
ALL_LEFT = make_orders({"ann": ["2026-02-10"], "ben": ["2026-02-11"], "cy": ["2026-03-06"]})


class TestMonths:
    @pytest.mark.parametrize(
        "period, months",
        [
            (MARCH, 1),
            (rt.Period.month(2026, 2, tz="Europe/Berlin"), 1),
            (rt.Period.quarter(2026, 1, tz="UTC"), 3),
            (rt.Period.year(2024, tz="UTC"), 12),
            (rt.Period.year(2025, starts_in=4, tz="UTC"), 12),
            (rt.Period.last(6, "month", as_of=datetime(2026, 7, 1, tzinfo=UTC), tz="UTC"), 6),
            (rt.Period.week(2026, 10, tz="UTC"), Fraction(84, 365)),
            (rt.Period.day(2026, 3, 29, tz="Europe/Berlin"), Fraction(12, 365)),
            (rt.Period.between(MARCH.start, MARCH.end, tz="UTC"), Fraction(372, 365)),
            (rt.Period.between(MARCH.start, MARCH.start + timedelta(hours=36), tz="UTC"), Fraction(18, 365)),
            (MARCH.to_date(MARCH.start + timedelta(days=10)), Fraction(120, 365)),
            (MARCH.to_date(MARCH.start + timedelta(days=10, hours=12)), Fraction(126, 365)),
        ],
        ids=lambda each: getattr(each, "label", str(each)),
    )
    def test_by_the_calendar_and_else_by_the_day(self, period, months):
        assert months_of(period) == months


class TestLifespan:
    def test_by_hand(self):
        lifespan = rt.customer_lifespan_months(ORDERS, period=MARCH)
        assert (lifespan.numerator, lifespan.denominator, float(lifespan)) == (4, 2, 2.0)
        assert lifespan.explain().startswith(
            "customer_lifespan_months (2026-03): 2.000 = 4 customers at the start of 2 lost, times 1 month (95 % interval 1."
        )

    def test_it_is_1_over_churn(self):
        churn = rt.customer_churn_rate(ORDERS, period=MARCH)
        assert float(rt.customer_lifespan_months(ORDERS, period=MARCH)) == 1 / float(churn)

    def test_a_quarter_has_three_months(self):
        orders = make_orders({"ann": ["2025-11-10", "2026-03-05"], "ben": ["2025-12-11"]})
        lifespan = rt.customer_lifespan_months(orders, period=rt.Period.quarter(2026, 1, tz="UTC"))
        assert (lifespan.numerator, lifespan.denominator) == (6, 1)

    def test_a_week_is_counted_in_days(self):
        orders = make_orders({"ann": ["2026-02-24", "2026-03-03"], "ben": ["2026-02-25"]})
        lifespan = rt.customer_lifespan_months(orders, period=rt.Period.week(2026, 10, tz="UTC"))
        assert float(lifespan) == pytest.approx(2 * 7 * 12 / 365, rel=1e-15)
        assert "= 2 customers at the start of 1 lost, times 0.2301 months" in lifespan.explain()
        weeks = rt.Ratio.pool([lifespan, lifespan])
        assert "months of the customers at the start × 365 of" in weeks.explain()

    @pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
    def test_the_interval_is_that_of_churn_turned_over(self, confidence):
        interval = rt.customer_lifespan_months(ORDERS, period=MARCH).interval(confidence)
        churn = rt.customer_churn_rate(ORDERS, period=MARCH).interval(confidence)
        assert tuple(interval) == pytest.approx((1 / churn.high, 1 / churn.low), rel=1e-12)
        assert interval.method == "Wilson of the share, turned over"

    def test_where_all_left_nobody_stays_for_less_than_the_period(self):
        lifespan = rt.customer_lifespan_months(ALL_LEFT, period=MARCH)
        churn = rt.customer_churn_rate(ALL_LEFT, period=MARCH).interval()
        assert tuple(lifespan.interval()) == pytest.approx((1.0, 1 / churn.low), rel=1e-12)

    def test_two_are_told_apart_as_churn_is(self):
        """By their own intervals, squared and added: the p-value is about that of the two churn rates."""
        more = make_orders(
            {
                **{f"a{n}": ["2026-01-10", "2026-02-10"] for n in range(40)},
                **{f"b{n}": ["2026-02-10", "2026-03-10"] for n in range(15)},
                **{f"c{n}": ["2026-01-10"] for n in range(5)},
            }
        )
        periods = MARCH, MARCH.previous()
        months, churn = (
            rt.compare(*(metric(more, period=each) for each in periods))
            for metric in (rt.customer_lifespan_months, rt.customer_churn_rate)
        )
        assert months.interval().method == "square and add, the two taken as independent"
        assert (months.verdict, churn.verdict) == ("real", "real")
        assert months.difference < 0 < churn.difference

    def test_the_interval_does_not_depend_on_the_unit(self):
        a_month = rt.customer_lifespan_months(ORDERS, period=MARCH).interval()
        by_days = rt.customer_lifespan_months(
            ORDERS,
            period=rt.Period.between(MARCH.start, MARCH.end, tz="UTC"),
            inactive_after=relativedelta(months=1),
        ).interval()
        assert by_days.high == pytest.approx(a_month.high * 372 / 365, rel=1e-12)

    def test_nobody_left(self):
        lifespan = rt.customer_lifespan_months(NOBODY_LEFT, period=MARCH)
        assert (lifespan.value, lifespan.undefined_because) == (None, "nobody left")

    def test_nobody_was_there(self):
        lifespan = rt.customer_lifespan_months(make_orders({"ann": ["2026-03-05"]}), period=MARCH)
        assert lifespan.undefined_because == "there are no customers at the start"

    def test_the_base_is_not_observable(self):
        lifespan = rt.customer_lifespan_months(
            ORDERS, period=MARCH, observed_from=datetime(2026, 2, 10, tzinfo=UTC)
        )
        assert not lifespan.observable

    def test_months_are_pooled(self):
        pooled = rt.Ratio.pool([rt.customer_lifespan_months(ORDERS, period=MARCH)] * 2)
        assert (pooled.numerator, pooled.denominator) == (8, 4)


class TestObservedLifespan:
    def test_by_hand(self):
        found = rt.observed_lifespan_days(ORDERS, period=MARCH)
        assert list(found.values) == [0.0, 0.0, 0.0, 23.0, 23.0]

    def test_it_is_flagged_as_too_short(self):
        found = rt.observed_lifespan_days(ORDERS, period=MARCH)
        assert "makes observed lifespans shorter than they will be" in found.explain()

    def test_what_comes_later_is_not_seen(self):
        orders = make_orders({"ann": ["2026-02-10", "2026-03-05", "2026-05-05"]})
        assert list(rt.observed_lifespan_days(orders, period=MARCH).values) == [23.0]

    def test_nobody_has_purchased(self):
        found = rt.observed_lifespan_days([], period=MARCH)
        assert (found.value, found.undefined_because) == (None, "there are no customers")

    def test_not_observable(self):
        found = rt.observed_lifespan_days(
            ORDERS, period=MARCH, observed_from=datetime(2026, 3, 2, tzinfo=UTC)
        )
        assert not found.observable


class TestLifetimeValue:
    def test_the_published_form_by_hand(self):
        value = rt.customer_lifetime_value(ORDERS, period=MARCH)
        # 60.00 of three customers is 20.00 each; half of four left, so that they stay two months
        assert (value.total, value.count, value.value, value.unit) == (Decimal(120), 3, Decimal(40), "EUR")
        assert value.left_out == {"guest": 1}

    def test_it_is_the_product_of_the_three_published_figures(self):
        value = rt.customer_lifetime_value(ORDERS, period=MARCH, lifespan=5)
        known = [order for order in ORDERS if order.customer_id is not None]
        product = rt.formulas.customer_lifetime_value(
            average_order_value=rt.average_order_value(known, period=MARCH).value,
            purchase_frequency=rt.purchase_frequency(known, period=MARCH).value,
            customer_lifespan=5,
        )
        assert value.value == product == Decimal(100)

    @pytest.mark.parametrize("discount_rate", [0, 0.01, Decimal("0.25"), 3])
    def test_with_margin_and_discount_it_agrees_with_the_formula(self, discount_rate):
        value = rt.customer_lifetime_value(ORDERS, period=MARCH, margin_rate=0.4, discount_rate=discount_rate)
        expected = rt.formulas.discounted_customer_lifetime_value(
            margin=Fraction(8), retention_rate=Fraction(1, 2), discount_rate=Fraction(str(discount_rate))
        )
        assert float(value) == float(expected)

    def test_a_lifespan_that_is_given_goes_in_as_retention(self):
        value = rt.customer_lifetime_value(
            ORDERS, period=MARCH, lifespan=4, margin_rate=0.5, discount_rate=0.1
        )
        expected = rt.formulas.discounted_customer_lifetime_value(
            margin=Fraction(10), retention_rate=Fraction(3, 4), discount_rate=Fraction(1, 10)
        )
        assert float(value) == float(expected)

    def test_without_discount_the_margin_comes_as_often_as_the_lifespan_says(self):
        value = rt.customer_lifetime_value(ORDERS, period=MARCH, lifespan=0.5, margin_rate=0.5)
        assert value.value == Decimal(5)

    def test_a_float_is_read_as_it_is_written(self):
        by_float = rt.customer_lifetime_value(ORDERS, period=MARCH, lifespan=0.1)
        by_decimal = rt.customer_lifetime_value(ORDERS, period=MARCH, lifespan=Decimal("0.1"))
        assert by_float == by_decimal
        assert by_float.value == Decimal(2)

    def test_the_definition_is_told(self):
        value = rt.customer_lifetime_value(ORDERS, period=MARCH, lifespan=12, margin_rate=Decimal("0.4"))
        assert value.explain().startswith(
            "customer_lifetime_value (2026-03, lifespan=12, margin_rate=0.4): 96.00 EUR = 288"
        )
        assert (value.basis.options, value.basis.given) == ((("lifespan", "12"),), (("margin_rate", "0.4"),))

    @pytest.mark.parametrize(
        "keywords, words",
        [
            ({}, "120 revenue of all while they stay over 3 active customers"),
            ({"margin_rate": 0.5}, "60 margin of all while they stay over 3 active customers"),
            ({"discount_rate": 0.5}, "90 discounted revenue of all while they stay over 3"),
            (
                {"margin_rate": 0.5, "discount_rate": 0.5},
                "45 discounted margin of all while they stay over 3",
            ),
            ({"margin_rate": 0.5, "discount_rate": 0}, "60 margin of all while they stay over 3"),
        ],
    )
    def test_the_words_say_what_was_summed(self, keywords, words):
        assert words in rt.customer_lifetime_value(ORDERS, period=MARCH, **keywords).explain()

    def test_margins_may_differ_from_month_to_month(self):
        """A margin is a fact about the period; that there is one at all, or a discount, is the definition."""
        one, other = (rt.customer_lifetime_value(ORDERS, period=MARCH, margin_rate=m) for m in (0.4, 0.5))
        assert rt.compare(one, other).difference == pytest.approx(-4)
        revenue = rt.customer_lifetime_value(ORDERS, period=MARCH)
        with pytest.raises(rt.InvalidValueError, match=r"margin of all .* and revenue of all"):
            rt.compare(one, revenue)
        longer = rt.customer_lifetime_value(ORDERS, period=MARCH, margin_rate=0.4, lifespan=9)
        with pytest.raises(rt.InvalidValueError, match=r"one definition \(got no keyword and lifespan=9\)"):
            rt.compare(one, longer)

    def test_another_base(self):
        value = rt.customer_lifetime_value(ORDERS, period=MARCH, inactive_after=relativedelta(months=2))
        assert value.undefined_because == "nobody left, so that churn gives no lifespan; give lifespan="
        assert value.basis.options == (("inactive_after", "2 months"),)

    def test_nobody_left(self):
        value = rt.customer_lifetime_value(NOBODY_LEFT, period=MARCH)
        assert value.value is None
        assert "nobody left" in (value.undefined_because or "")

    def test_nobody_left_is_worth_what_the_discount_leaves(self):
        value = rt.customer_lifetime_value(NOBODY_LEFT, period=MARCH, discount_rate=Decimal("0.25"))
        assert value.value == Decimal(50)  # 10 · 1.25 / 0.25
        with pytest.raises(rt.UndefinedMetricError, match="some stayed and some left"):
            value.interval()

    def test_all_left(self):
        value = rt.customer_lifetime_value(ALL_LEFT, period=MARCH)
        assert value.value == Decimal(10)
        with pytest.raises(rt.UndefinedMetricError, match="some stayed and some left"):
            value.interval()

    def test_nobody_was_there(self):
        value = rt.customer_lifetime_value(make_orders({"ann": ["2026-03-05"]}), period=MARCH)
        assert value.undefined_because == (
            "there are no customers at the start, so that churn gives no lifespan; give lifespan="
        )
        assert rt.customer_lifetime_value(
            make_orders({"ann": ["2026-03-05"]}), period=MARCH, lifespan=3
        ).value == Decimal(30)

    def test_nobody_is_active(self):
        value = rt.customer_lifetime_value(make_orders({"ann": ["2026-02-05"]}), period=MARCH, lifespan=3)
        assert value.undefined_because == "there are no active customers"

    def test_free_orders_are_worth_nothing(self):
        free = make_orders({"ann": [("2026-02-05", 0), ("2026-03-05", 0)], "ben": [("2026-02-05", 0)]})
        policy = rt.OrderPolicy(minimum_net=None)
        value = rt.customer_lifetime_value(free, period=MARCH, policy=policy)
        assert value.value == 0
        with pytest.raises(rt.UndefinedMetricError):
            value.interval()

    def test_a_lifespan_needs_no_base(self):
        since = datetime(2026, 2, 20, tzinfo=UTC)
        assert not rt.customer_lifetime_value(ORDERS, period=MARCH, observed_from=since).observable
        assert rt.customer_lifetime_value(ORDERS, period=MARCH, observed_from=since, lifespan=2).observable

    def test_the_least_of_money_is_kept(self):
        value = rt.customer_lifetime_value(ORDERS, period=MARCH, lifespan=Decimal("1E-36"))
        assert value.value == Decimal("2E-35")
        assert rounded(Fraction(1, 3 * 10**40)) == Decimal("3333333333E-50")


class TestInterval:
    def test_by_hand_with_a_lifespan(self):
        interval = rt.customer_lifetime_value(ORDERS, period=MARCH, lifespan=3).interval()
        # 30, 10, 20 around 20: v of the mean is 3/2 · 200 / 9; times 3 periods; t of 2 is 4.302653
        reach = 4.302653 * 3 * math.sqrt(3 / 2 * 200 / 9)
        assert interval.high == pytest.approx(60 + reach, rel=1e-6)
        assert interval.low == 0.0

    def test_by_hand_with_churn(self):
        interval = rt.customer_lifetime_value(ORDERS, period=MARCH).interval()
        # e = 40·((y − 20x)/60 − (l − s/2)/2) for ann, ben, cy, dee, eve
        residuals = [
            40 * (Fraction(10, 60) + Fraction(1, 4)),
            40 * (Fraction(-10, 60) + Fraction(1, 4)),
            -40 * Fraction(1, 4),
            -40 * Fraction(1, 4),
            Fraction(0),
        ]
        variance = Fraction(5, 4) * sum(each**2 for each in residuals)
        # three are active, four were there: t of 2 degrees of freedom is 4.302653
        times = math.exp(4.302653 * math.sqrt(variance) / 40)
        assert tuple(interval) == pytest.approx((40 / times, 40 * times), rel=1e-6)
        assert interval.method == "delta method on a logarithmic scale, clustered by customer"

    def test_it_never_reaches_0(self):
        interval = rt.customer_lifetime_value(ORDERS, period=MARCH).interval(0.9999)
        assert 0 < interval.low < 1

    def test_of_one_active_customer_nothing_is_known(self):
        orders = make_orders({"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"]})
        value = rt.customer_lifetime_value(orders, period=MARCH)
        assert value.value == Decimal(20)
        with pytest.raises(rt.UndefinedMetricError, match=r"at least two customers behind each .* \(got 1\)"):
            value.interval()

    def test_it_is_that_of_the_customer_value_where_the_lifespan_is_1(self):
        one = rt.customer_lifetime_value(ORDERS, period=MARCH, lifespan=1)
        other = rt.average_customer_value(ORDERS, period=MARCH)
        assert one.value == other.value
        assert tuple(one.interval()) == pytest.approx(tuple(other.interval()), rel=1e-12)

    def test_a_margin_scales_it(self):
        whole = rt.customer_lifetime_value(ORDERS, period=MARCH).interval()
        half = rt.customer_lifetime_value(ORDERS, period=MARCH, margin_rate=0.5).interval()
        assert tuple(half) == pytest.approx((whole.low / 2, whole.high / 2), rel=1e-12)

    def test_a_discount_makes_it_narrower(self):
        """Churn that is uncertain matters less where later periods count less."""
        plain = rt.customer_lifetime_value(ORDERS, period=MARCH)
        discounted = rt.customer_lifetime_value(ORDERS, period=MARCH, discount_rate=1)
        assert discounted.interval().high / float(discounted) < plain.interval().high / float(plain)


class TestRefused:
    @pytest.mark.parametrize(
        "keywords, error, message",
        [
            (
                {"lifespan": 0},
                rt.InvalidValueError,
                r"lifespan must be above 0 and below 1,000,000,000 \(got 0\)",
            ),
            ({"lifespan": -1.5}, rt.InvalidValueError, "lifespan must be above 0"),
            ({"lifespan": 10**9}, rt.InvalidValueError, "lifespan must be above 0"),
            ({"lifespan": math.inf}, rt.InvalidValueError, "lifespan must be finite"),
            ({"lifespan": math.nan}, rt.InvalidValueError, "lifespan must be finite"),
            ({"lifespan": Decimal("NaN")}, rt.InvalidValueError, "lifespan must be finite"),
            (
                {"lifespan": Decimal("1E-500000000")},
                rt.InvalidValueError,
                "lifespan must be finite, and of a size",
            ),
            ({"lifespan": True}, rt.InvalidTypeError, r"lifespan must be a number, not bool \(got True\)"),
            ({"lifespan": "24"}, rt.InvalidTypeError, r"lifespan must be a number, not str \(got '24'\)"),
            ({"margin_rate": 0}, rt.InvalidValueError, "margin_rate must be above 0 and at most 1"),
            ({"margin_rate": 40}, rt.InvalidValueError, r"margin_rate .* \(got 40\); give 0\.4 for 40 %"),
            (
                {"margin_rate": None, "discount_rate": -0.1},
                rt.InvalidValueError,
                "discount_rate must be at least 0",
            ),
            ({"discount_rate": 1e9}, rt.InvalidValueError, "discount_rate must be at least 0 and below"),
            (
                {"lifespan": 0.5, "discount_rate": 0.1},
                rt.InvalidValueError,
                r"lifespan must be at least 1 with a discount_rate \(got 0\.5\)",
            ),
            (
                {"lifespan": 2, "inactive_after": relativedelta(months=1)},
                rt.ConflictingArgumentError,
                "customer_lifetime_value: inactive_after must be left out where lifespan is given",
            ),
            ({"inactive_after": timedelta(days=3)}, rt.ConflictingArgumentError, "must not be shorter"),
        ],
    )
    def test_what_is_out_of_its_domain(self, keywords, error, message):
        with pytest.raises(error, match=message):
            rt.customer_lifetime_value(ORDERS, period=MARCH, **keywords)


amounts = st.integers(0, 5_000).map(lambda cents: Decimal(cents) / 100)
days = st.integers(1, 28)


@st.composite
def two_months(draw: st.DrawFn) -> list[rt.Order]:
    """Purchases of up to eight customers in February and in March."""
    lives = {}
    for number in range(draw(st.integers(1, 8))):
        months = draw(st.sampled_from([(2,), (3,), (2, 3), (2, 3, 3), (2, 2)]))
        lives[f"c{number}"] = [(f"2026-0{month}-{draw(days):02}", draw(amounts)) for month in months]
    return make_orders(lives)


@given(orders=two_months(), lifespan=st.integers(1, 60), rate=st.integers(1, 100))
def test_value_laws(orders, lifespan, rate):
    """Lifetime value is linear in margin and in lifespan, and agrees with churn where the lifespan is 1 / churn."""
    shop = rt.History(orders, policy=rt.OrderPolicy(minimum_net=None))
    each = rt.average_customer_value(shop, period=MARCH)
    value = rt.customer_lifetime_value(shop, period=MARCH, lifespan=lifespan, margin_rate=Decimal(rate) / 100)
    assert (value.value is None) == (each.value is None)
    if each.value is not None:
        assert float(value) == pytest.approx(float(each) * lifespan * rate / 100, rel=1e-12)
    churn = rt.customer_churn_rate(shop, period=MARCH)
    by_churn = rt.customer_lifetime_value(shop, period=MARCH)
    if by_churn.value is not None:
        assert float(by_churn) == pytest.approx(float(each) / float(churn), rel=1e-12)
        months = rt.customer_lifespan_months(shop, period=MARCH)
        assert float(by_churn) == pytest.approx(float(each) * float(months), rel=1e-12)
