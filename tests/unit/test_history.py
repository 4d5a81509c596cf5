from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from random import Random
from typing import ClassVar
from zoneinfo import ZoneInfo

import attrs
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings, strategies as st

import retention as rt
from retention._reading import read_sales
from retention.errors import (
    ConflictingArgumentError,
    DuplicateOrderError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    NaiveDatetimeError,
    RetentionError,
)
from retention.shop import history_of
from retention.testing import make_orders, sample_shop

BERLIN = ZoneInfo("Europe/Berlin")
MARCH = rt.Period.month(2026, 3, tz="UTC")
YEAR = rt.Period.year(2026, tz="UTC")
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
IDENTICAL = rt.OrderPolicy(on_duplicate="drop_identical")
# Half past two on the night in autumn that has it twice: never equal to the same instant in another zone.
TWICE = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)


def order(number, **given):
    return rt.Order(
        **{"id": number, "customer_id": "ann", "placed_at": NOON, "amount": "10.00", "currency": "EUR"}
        | given
    )


def left_out(orders, **reading):
    """Why orders of March are no purchase of a known customer."""
    return dict(rt.repeat_purchase_rate(orders, period=MARCH, **reading).left_out)


class TestWhatIsNoOrder:
    @pytest.mark.parametrize("orders", ["orders", b"orders", {"id": 1}, {}, None, 5, NOON])
    def test_what_cannot_be_orders_at_all(self, orders):
        with pytest.raises(InvalidTypeError, match="orders must be an iterable of Orders, not"):
            rt.History(orders)
        with pytest.raises(TypeError):
            rt.order_count(orders, period=MARCH)
        with pytest.raises(TypeError):
            rt.snapshot(orders, period=MARCH)

    @pytest.mark.parametrize("stranger", [None, {"id": 2}, "ann", 2, rt.Order])
    def test_the_error_names_the_position(self, stranger):
        with pytest.raises(
            InvalidTypeError, match=r"orders\[2\] must be an Order, not .*orders_from_records"
        ):
            rt.History(iter([order(1), order(2), stranger, order(3)]))

    @pytest.mark.parametrize(
        "stranger, place",
        [
            (rt.Customer(id=1), "customers"),
            (rt.SurveyResponse(kind="nps", score=9, responded_at=NOON), "responses"),
        ],
    )
    def test_other_records_belong_into_a_shop(self, stranger, place):
        message = rf"orders\[1\] must be an Order, not \w+; give [a-z ]+ with Shop\({place}=…\)"
        for call in (rt.order_count, rt.repeat_purchase_rate, rt.snapshot):
            with pytest.raises(InvalidTypeError, match=message):
                call([order(1), stranger], period=MARCH)

    def test_one_order_is_no_iterable_of_orders(self):
        with pytest.raises(InvalidTypeError, match="not Order"):
            rt.History(order(1))

    def test_orders_may_have_a_class_of_the_host_s(self):
        @attrs.frozen(kw_only=True)
        class WebOrder(rt.Order):
            session: str = ""

        web = WebOrder(id=1, customer_id="ann", placed_at=NOON, amount="1", currency="EUR", session="secret")
        assert rt.order_count([web, order(2)], period=MARCH) == 2

    def test_the_error_of_a_generator_comes_through(self):
        def broken():
            yield order(1)
            raise ConnectionError

        with pytest.raises(ConnectionError):
            rt.History(broken())


class TestDuplicates:
    def test_an_id_that_stands_twice_is_refused(self):
        with pytest.raises(DuplicateOrderError, match=r"Order\.id 7 stands twice.*drop_identical"):
            rt.History([order(1), order(7), order(7)])

    def test_identical_copies_may_be_dropped_and_are_counted(self):
        history = rt.History([order(1), order(2), order(1), order(1)], policy=IDENTICAL)
        assert rt.order_count(history, period=MARCH) == 2
        assert left_out(history) == {"duplicate": 2}

    def test_different_content_is_refused_all_the_same(self):
        with pytest.raises(DuplicateOrderError, match=r"Order\.id 1 stands twice with different content"):
            rt.History([order(1), order(1, amount="10.01")], policy=IDENTICAL)

    @pytest.mark.parametrize("policy", [None, IDENTICAL])
    def test_it_says_what_differs_and_how_to_keep_the_last(self, policy):
        orders = [order(1), order(2), order(1, amount="7.77", payment_state="paid")]
        with pytest.raises(DuplicateOrderError) as caught:
            rt.History(orders, policy=policy)
        message = str(caught.value)
        assert "different content (in amount, payment_state); keep the record that is right" in message
        assert "7.77" not in message
        recipe = message.partition(": ")[2].removesuffix(" keeps the last of each id")
        kept = eval(recipe, {"orders": orders})  # what users are told to write must run
        assert kept == [orders[2], orders[1]]

    def test_records_of_two_classes_differ_in_that(self):
        @attrs.frozen(kw_only=True)
        class WebOrder(rt.Order):
            pass

        web = WebOrder(**attrs.asdict(order(1), recurse=False))
        with pytest.raises(DuplicateOrderError, match=r"with different content \(in their class\)"):
            rt.History([order(1), web])

    def test_ids_of_different_kinds_are_different(self):
        assert rt.order_count([order(1), order("1"), order((1,))], period=MARCH) == 3

    def test_a_duplicate_in_another_month_is_counted_there(self):
        february = order(1, placed_at=datetime(2026, 2, 1, tzinfo=UTC))
        assert left_out([february, february, order(2)], policy=IDENTICAL) == {}


class TestCurrencies:
    ORDERS = (order(1), order(2, currency="USD"), order(3, currency="CHF", customer_id=None))

    def test_counts_need_no_currency(self):
        assert rt.order_count(self.ORDERS, period=MARCH) == 3
        assert rt.repeat_purchase_rate(self.ORDERS, period=MARCH).value == 1
        assert rt.purchase_frequency(self.ORDERS, period=MARCH).value == 2

    @pytest.mark.parametrize(
        "metric",
        [
            rt.gross_revenue,
            rt.refunded_revenue,
            rt.net_revenue,
            rt.refund_rate,
            rt.refund_ratio,
            rt.average_order_value,
            rt.average_customer_value,
            rt.existing_customer_revenue_rate,
            rt.revenue_concentration_rate,
            rt.gini_score,
            rt.lorenz_curve,
        ],
    )
    def test_money_of_several_is_never_added(self, metric):
        with pytest.raises(MixedCurrencyError, match=r'CHF, EUR, USD .*currency="CHF".*convert='):
            metric(self.ORDERS, period=MARCH)

    def test_asking_for_the_one_currency(self):
        assert rt.History([]).currency is None
        assert rt.History([order(1)]).currency == "EUR"
        with pytest.raises(MixedCurrencyError):
            _ = rt.History(self.ORDERS).currency

    def test_one_currency_may_be_picked(self):
        history = rt.History(self.ORDERS, currency="USD")
        assert history.currency == "USD"
        assert rt.net_revenue(history, period=MARCH) == 10
        assert rt.average_order_value(history, period=MARCH).unit == "USD"
        assert left_out(history) == {"other currency": 2}

    def test_orders_that_are_no_sales_have_no_say(self):
        assert rt.History([order(1, currency="USD", is_test=True)]).currency is None
        assert rt.History([order(1, currency="USD")], currency="EUR").currency != "USD"
        assert rt.net_revenue([order(1), order(2, currency="USD", is_test=True)], period=MARCH) == 10

    def test_a_threshold_of_money_is_in_one_currency(self):
        five = rt.OrderPolicy(minimum_net=5)
        with pytest.raises(
            MixedCurrencyError,
            match=r'minimum_net=5 can\'t be compared with CHF, EUR, USD .*currency="CHF".*convert=',
        ):
            rt.order_count(self.ORDERS, period=MARCH, policy=five)
        with pytest.raises(MixedCurrencyError, match="EUR, USD"):
            rt.History(self.ORDERS[:1], policy=five).append(
                [order(4, placed_at=NOON + timedelta(days=1), currency="USD")]
            )
        assert rt.order_count(self.ORDERS, period=MARCH, policy=five, currency="EUR") == 1
        assert (
            rt.order_count([order(1), order(2, currency="USD", is_test=True)], period=MARCH, policy=five) == 1
        )
        for none_of_money in (0, None):
            policy = rt.OrderPolicy(minimum_net=none_of_money)
            assert rt.order_count(self.ORDERS, period=MARCH, policy=policy) == 3

    def test_a_day_is_merged_in_one_currency(self):
        merge = rt.OrderPolicy(same_day="merge", tz="Europe/Berlin")
        late = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)  # the fifth, in Berlin
        two = [order(1, placed_at=late), order(2, currency="USD")]
        with pytest.raises(
            MixedCurrencyError,
            match=r'same_day="merge" would add EUR, USD, in which one customer bought on 2026-03-05; .*convert=',
        ):
            rt.History(two, policy=merge)
        assert rt.order_count(two, period=MARCH, policy=rt.OrderPolicy(same_day="merge", tz="UTC")) == 2
        assert rt.order_count(two, period=MARCH, policy=merge, currency="USD") == 1
        assert rt.order_count(two, period=MARCH, policy=merge, currency="EUR", convert=lambda a, *_: a) == 1
        apart = [order(1), order(2), order(3, customer_id="ben", currency="USD"), order(4, customer_id=None)]
        assert rt.order_count(apart, period=MARCH, policy=merge) == 3

    @pytest.mark.parametrize("currency", ["eur", "EURO", "", "E1R", "ÄÖÜ"])
    def test_a_currency_is_three_capitals(self, currency):
        with pytest.raises(InvalidValueError, match="three capital letters"):
            rt.History([], currency=currency)

    def test_a_currency_is_a_text(self):
        with pytest.raises(InvalidTypeError, match="three capital letters"):
            rt.History([], currency=978)


class TestConversion:
    ORDERS = (
        order(1),
        order(2, currency="USD", refunds=[rt.Refund(refunded_at=NOON, amount="4.00")]),
        order(3, currency="CHF", amount="0.01", customer_id="ben"),
    )

    def test_amounts_and_refunds_are_converted_and_the_own_currency_is_not(self):
        seen = []

        def convert(amount, currency, placed_at):
            seen.append((amount, currency, placed_at))
            return amount * 2

        history = rt.History(self.ORDERS, currency="EUR", convert=convert)
        assert history.currency == "EUR"
        assert rt.gross_revenue(history, period=MARCH) == Decimal("30.02")
        assert rt.net_revenue(history, period=MARCH) == Decimal("22.02")
        assert sorted(seen) == sorted(
            [(Decimal("10.00"), "USD", NOON), (Decimal("4.00"), "USD", NOON), (Decimal("0.01"), "CHF", NOON)]
        )
        assert left_out(history) == {}

    def test_orders_that_are_no_sales_are_not_converted(self):
        def refuse(*_):
            raise AssertionError

        orders = [
            order(1),
            order(2, currency="USD", is_test=True),
            order(3, currency="USD", tags={"exchange"}),
        ]
        assert rt.net_revenue(orders, period=MARCH, currency="EUR", convert=refuse) == 10

    def test_more_decimals_stay_exact(self):
        total = rt.gross_revenue(
            self.ORDERS, period=MARCH, currency="EUR", convert=lambda amount, *_: amount * Decimal("0.9137")
        )
        assert total == 10 + Decimal("10.01") * Decimal("0.9137")

    def test_it_needs_the_currency_to_convert_into(self):
        with pytest.raises(ConflictingArgumentError, match="convert= needs currency="):
            rt.History(self.ORDERS, convert=lambda amount, *_: amount)

    def test_it_is_callable(self):
        with pytest.raises(InvalidTypeError, match="convert= must be callable"):
            rt.History(self.ORDERS, currency="EUR", convert={"USD": 2})

    @pytest.mark.parametrize(
        "bad", [1.5, 1, "1.50", None, Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-0.01")]
    )
    def test_what_it_returns_is_money(self, bad):
        with pytest.raises(
            InvalidValueError, match=r"convert= must return a .*Decimal.* for 4\.00 USD of order 2, placed at"
        ):
            rt.History(self.ORDERS, currency="EUR", convert=lambda *_: bad)

    def test_what_it_raises_stays_what_it_is_and_says_for_what(self):
        rates = {"USD": Decimal(2)}
        francs = order("ch-1", currency="CHF", amount="30.00")

        def convert(amount, currency, placed_at):
            return amount * rates[currency]

        with pytest.raises(KeyError, match="CHF") as caught:
            rt.History([order(1), francs], currency="EUR", convert=convert)
        assert caught.value.args == ("CHF",)
        assert caught.value.__notes__ == [
            "convert= raised this for 30.00 CHF of order 'ch-1', placed at 2026-03-05T12:00:00+00:00"
        ]

    @pytest.mark.parametrize("bad", [Decimal("1e70"), Decimal(10) ** 18, Decimal("0." + "3" * 100)])
    def test_what_it_returns_can_be_summed_exactly(self, bad):
        with pytest.raises(InvalidValueError, match="convert="):
            rt.History(self.ORDERS, currency="EUR", convert=lambda *_: bad)

    def test_a_quotient_of_28_digits_can(self):
        third = Decimal(1) / 3
        total = rt.gross_revenue(
            self.ORDERS, period=MARCH, currency="EUR", convert=lambda amount, *_: amount * third
        )
        parts = [Decimal(10), Decimal("10.00") * third, Decimal("0.01") * third]
        assert Fraction(total) == sum(map(Fraction, parts))

    def test_rounding_a_refund_up_leaves_nothing_rather_than_less(self):
        # 10.05 and a refund of 10.05 in two parts: to whole units 10 - 5 - 6 = -1
        parts = [
            rt.Refund(refunded_at=NOON, amount="4.50"),
            rt.Refund(refunded_at=NOON, amount="5.55"),
        ]
        orders = [order(1, currency="USD", amount="10.05", refunds=parts)]

        def whole(amount, currency, placed_at):
            return {"10.05": Decimal(10), "4.50": Decimal(5), "5.55": Decimal(6)}[str(amount)]

        assert rt.net_revenue(orders, period=MARCH, currency="EUR", convert=whole) == 0
        assert left_out(orders, currency="EUR", convert=whole) == {"no net amount": 1}
        assert rt.refund_rate(orders, period=MARCH, currency="EUR", convert=whole).value == 1


class TestAliases:
    def test_identities_of_one_person_are_one(self):
        orders = make_orders({"ann@old": ["2026-03-01"], "ann@new": ["2026-03-02"], "ben": ["2026-03-03"]})
        assert rt.repeat_purchase_rate(orders, period=MARCH) == rt.Ratio(0, 3)
        assert rt.repeat_purchase_rate(orders, period=MARCH, aliases={"ann@old": "ann@new"}) == rt.Ratio(1, 2)

    def test_chains_go_to_their_end(self):
        orders = make_orders({"a": ["2026-03-01"], "b": ["2026-03-02"], "c": ["2026-03-03"]})
        chain = {"a": "b", "b": "c"}
        history = rt.History(orders, aliases=chain)
        assert rt.customer_flow(history, period=MARCH).customers["new"] == {"c"}
        assert rt.active_customer_count(history, period=MARCH, aliases=chain) == 1
        assert (
            rt.active_customer_count(rt.Shop(orders=orders, aliases=chain), period=MARCH, aliases=chain) == 1
        )

    @pytest.mark.parametrize(
        "circle", [{"a": "a"}, {"a": "b", "b": "a"}, {"x": "a", "a": "b", "b": "c", "c": "a"}]
    )
    def test_circles_are_refused(self, circle):
        with pytest.raises(InvalidValueError, match="aliases go in a circle"):
            rt.History([], aliases=circle)
        with pytest.raises(InvalidValueError, match="circle"):
            rt.Shop(aliases=circle)

    @pytest.mark.parametrize("aliases", [[("a", "b")], "ab", {"a"}])
    def test_aliases_are_a_mapping(self, aliases):
        with pytest.raises(InvalidTypeError, match="aliases must be a mapping"):
            rt.History([], aliases=aliases)

    def test_guests_stay_guests(self):
        assert left_out([order(1, customer_id=None)], aliases={"ann": "ben"}) == {"guest": 1}


class TestWhatIsKnown:
    @pytest.mark.parametrize("moment", [datetime(2026, 3, 1), date(2026, 3, 1)])
    @pytest.mark.parametrize("name", ["as_of", "observed_from"])
    @pytest.mark.parametrize("data", [list, rt.History, lambda orders: rt.Shop(orders=orders)])
    def test_naive_instants_are_refused_wherever_they_are_given(self, name, moment, data):
        with pytest.raises(NaiveDatetimeError, match=f"^{name}= must "):
            rt.History([], **{name: moment})
        with pytest.raises(NaiveDatetimeError, match=f"^Shop: {name} must "):
            rt.Shop(**{name: moment})
        with pytest.raises(NaiveDatetimeError, match=f"^{name}= must "):
            rt.order_count(data([order(1)]), period=MARCH, **{name: moment})

    @pytest.mark.parametrize("moment", ["2026-03-01", 5])
    def test_so_is_what_is_no_instant(self, moment):
        with pytest.raises(InvalidTypeError, match="as_of= must be"):
            rt.History([], as_of=moment)

    def test_they_are_kept_in_utc(self):
        history = rt.History([], as_of=TWICE, observed_from=TWICE)
        assert history.as_of == history.observed_from == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        assert history.as_of.tzinfo is UTC

    def test_what_is_dated_later_does_not_exist(self):
        later = NOON + timedelta(days=1)
        orders = [
            order(1),
            order(2, placed_at=later),
            order(3, cancelled_at=later, cancel_reason="customer"),
            order(4, refunds=[rt.Refund(refunded_at=later, amount="10.00")]),
            order(5, cancelled_at=NOON, cancel_reason="stock"),
        ]
        assert left_out(orders, as_of=NOON) == {"after as_of": 1, "cancelled": 1}
        assert rt.net_revenue(orders, period=MARCH, as_of=NOON) == 30
        assert left_out(orders) == {"cancelled": 2, "no net amount": 1}
        assert rt.net_revenue(orders, period=MARCH) == 20

    def test_as_of_itself_is_known(self):
        assert rt.order_count([order(1)], period=MARCH, as_of=NOON) == 1


class TestWhichOrdersCount:
    REFUND = (rt.Refund(refunded_at=NOON, amount="10.00"),)

    @pytest.mark.parametrize(
        "given, why",
        [
            ({"placed_at": NOON + timedelta(days=1)}, "after as_of"),
            ({"currency": "USD"}, "other currency"),
            ({"is_test": True}, "test"),
            ({"payment_state": "pending"}, "unpaid"),
            ({"payment_state": "failed"}, "unpaid"),
            ({"cancelled_at": NOON}, "cancelled"),
            ({"tags": {"exchange"}}, "exchange"),
            ({"tags": {"gift-card"}}, "gift card"),
            ({"amount": 0}, "no net amount"),
            ({"refunds": REFUND}, "no net amount"),
            ({"customer_id": None}, "guest"),
        ],
    )
    def test_each_reason(self, given, why):
        assert left_out([order(1, **given)], as_of=NOON, currency="EUR") == {why: 1}

    def test_an_order_with_several_reasons_counts_under_the_first(self):
        given = {
            "placed_at": NOON,
            "currency": "USD",
            "is_test": True,
            "payment_state": "failed",
            "cancelled_at": NOON,
            "tags": {"exchange", "gift-card"},
            "amount": 0,
            "customer_id": None,
        }
        reasons = []
        for name in ("placed_at", "currency", "is_test", "payment_state", "cancelled_at", "tags", "amount"):
            as_of = NOON - timedelta(days=1) if name == "placed_at" else NOON
            reasons += left_out([order(1, **given)], as_of=as_of, currency="EUR")
            if name != "placed_at":
                given.pop(name)
        reasons += left_out([order(1, **given)], as_of=NOON, currency="EUR")
        assert reasons == [
            "after as_of",
            "other currency",
            "test",
            "unpaid",
            "cancelled",
            "exchange",
            "no net amount",
            "guest",
        ]

    @pytest.mark.parametrize("state", ["paid", "unknown"])
    def test_unknown_counts_as_paid(self, state):
        assert left_out([order(1, payment_state=state, tags={"vip"})]) == {}

    def test_the_threshold_is_exclusive(self):
        orders = [order(1), order(2, amount="10.01")]
        assert rt.order_count(orders, period=MARCH, policy=rt.OrderPolicy(minimum_net=10)) == 1
        assert rt.order_count(orders, period=MARCH, policy=rt.OrderPolicy(minimum_net="10.005")) == 1
        assert (
            rt.order_count([order(1, amount=0)], period=MARCH, policy=rt.OrderPolicy(minimum_net=None)) == 1
        )

    def test_refunds_of_equal_time_for_all(self):
        late = rt.Refund(refunded_at=NOON + timedelta(days=31), amount="10.00")
        orders = [order(1, refunds=[late])]
        assert rt.net_revenue(orders, period=MARCH) == 0
        for within in (timedelta(days=30), relativedelta(days=30)):
            policy = rt.OrderPolicy(refunds_within=within, tz="Europe/Berlin")
            assert rt.net_revenue(orders, period=MARCH, policy=policy) == 10
            assert rt.net_revenue(orders, period=MARCH, policy=policy, as_of=NOON) == 10
        policy = rt.OrderPolicy(refunds_within=relativedelta(months=1), tz="UTC")
        assert rt.net_revenue(orders, period=MARCH, policy=policy) == 0

    def test_refunds_at_the_end_of_the_calendar(self):
        late = datetime(9999, 12, 20, tzinfo=UTC)
        orders = [order(1, placed_at=late, refunds=[rt.Refund(refunded_at=late, amount="4.00")])]
        policy = rt.OrderPolicy(refunds_within=timedelta(days=30))
        assert rt.net_revenue(orders, period=rt.Period.day(9999, 12, 20, tz="UTC"), policy=policy) == 6

    def test_orders_of_one_local_day_can_be_one(self):
        evening = datetime(2026, 3, 5, 22, 30, tzinfo=UTC)
        orders = [
            order(1, refunds=[rt.Refund(refunded_at=evening, amount="1.00")]),
            order(2, placed_at=evening, refunds=[rt.Refund(refunded_at=evening, amount="2.00")]),
            order(3, placed_at=evening + timedelta(hours=1), amount="5.00"),
            order(4, customer_id=None),
            order(5, customer_id=None),
        ]
        merged = rt.History(orders, policy=rt.OrderPolicy(same_day="merge", tz="Europe/Berlin"))
        assert rt.order_count(merged, period=MARCH) == 4
        assert left_out(merged) == {"merged into another of the day": 1, "guest": 2}
        assert rt.net_revenue(merged, period=MARCH) == rt.net_revenue(orders, period=MARCH) == 42
        in_utc = rt.OrderPolicy(same_day="merge", tz="UTC")
        assert rt.order_count(orders, period=MARCH, policy=in_utc) == 3

    def test_a_policy_is_an_order_policy(self):
        with pytest.raises(InvalidTypeError, match="policy= must be an OrderPolicy, not str"):
            rt.History([], policy="merge")

    def test_years_1_and_9999(self):
        first, last = datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        history = rt.History(
            [order(1, placed_at=last), order(2, placed_at=first)], as_of=last, observed_from=first
        )
        assert repr(history) == (
            "<History: 2 orders, 1 customers, 0001-01-01 to 9999-12-31 UTC, as of 9999-12-31 23:59 UTC>"
        )
        assert rt.order_count(history, period=rt.Period.year(1, tz="UTC")) == 1

    FEW = sample_shop(customers=8).orders
    OF_FEW = rt.snapshot(sorted(FEW, key=lambda each: each.id), period=YEAR).to_dicts()

    @settings(max_examples=20)
    @given(st.permutations(FEW))
    def test_the_order_of_the_orders_is_irrelevant(self, orders):
        assert rt.snapshot(orders, period=YEAR).to_dicts() == self.OF_FEW

    def test_a_generator_gives_the_same_as_a_list(self):
        orders = sample_shop(customers=20).orders
        lazy = iter(orders)
        assert rt.snapshot(lazy, period=YEAR) == rt.snapshot(list(orders), period=YEAR)
        assert list(lazy) == []  # read once, to the end

    def test_exact_whatever_the_decimal_context(self):
        orders = [order(1, amount="123456789012.3456"), order(2, amount="0.0001")]
        with localcontext() as context:
            context.prec = 3
            assert str(rt.net_revenue(orders, period=MARCH)) == "123456789012.3457"

    def test_amounts_beyond_64_bits_in_units_of_the_last_decimal(self):
        huge = 10**17
        refunds = [rt.Refund(refunded_at=NOON, amount=huge - 1)]
        orders = [order(1, amount=huge), order(2, amount="1e-18"), order(3, amount=huge, refunds=refunds)]
        assert str(rt.net_revenue(orders, period=MARCH)) == "100000000000000001.000000000000000001"
        assert str(rt.gross_revenue(orders, period=MARCH)) == "200000000000000000.000000000000000001"
        longer = rt.History(orders).append([order(4, placed_at=NOON + timedelta(days=1), amount="1e-18")])
        assert str(rt.net_revenue(longer, period=MARCH)) == "100000000000000001.000000000000000002"


class TestCollection:
    def test_it_holds_every_order_as_given_the_excluded_ones_too(self):
        orders = [order(2, is_test=True), order(1)]
        history = rt.History(orders)
        assert list(history) == orders
        assert len(history) == 2
        assert orders[0] in history
        assert order(3) not in history
        assert rt.snapshot(list(history), period=MARCH) == rt.snapshot(history, period=MARCH)

    def test_repr(self):
        orders = make_orders({"ann": ["2026-01-05", "2026-02-10"], None: ["2026-01-02"]})
        assert repr(rt.History(orders)) == (
            "<History: 3 orders, 1 customers, 2026-01-02 to 2026-02-10 UTC, as of not given>"
        )
        assert repr(rt.History([], as_of=NOON)) == (
            "<History: 0 orders, 0 customers, no sales, as of 2026-03-05 12:00 UTC>"
        )

    def test_copies_and_pickle(self):
        history = sample_shop(customers=20).history()
        for twin in (pickle.loads(pickle.dumps(history)), copy.copy(history), copy.deepcopy(history)):
            assert repr(twin) == repr(history)
            assert (twin.policy, twin.as_of, twin.observed_from) == (history.policy, history.as_of, None)
            assert rt.snapshot(twin, period=YEAR) == rt.snapshot(history, period=YEAR)

    def test_histories_of_the_same_orders_read_alike_are_equal(self):
        orders = sample_shop(customers=5).orders
        for said in ({}, TestKeywords.SAME):
            one, two = rt.History(orders, **said), rt.History(iter(orders), **said)
            assert one == two == copy.deepcopy(one) == pickle.loads(pickle.dumps(one))
            assert hash(one) == hash(two) == hash(copy.deepcopy(one))

    def test_others_are_not(self):
        one = rt.History([order(1), order(2)])
        for other in (
            [order(1)],
            [order(2), order(1)],
            [order(1), order(2, amount=1)],
        ):
            assert one != rt.History(other)
        for name, value in TestKeywords.OTHER.items():
            said = {"policy": IDENTICAL} if name == "policy" else {name: value}
            if name == "convert":
                said["currency"] = "EUR"
            assert one != rt.History([order(1), order(2)], **said)
        assert one != [order(1), order(2)]
        assert one.__eq__([]) is NotImplemented

    def test_changing_the_list_afterwards_changes_nothing(self):
        orders = [order(1)]
        history = rt.History(orders)
        orders.append(order(2))
        assert len(history) == 1


class TestKeywords:
    HISTORY = rt.History(
        [order(1)],
        policy=IDENTICAL,
        as_of=TWICE,
        observed_from=TWICE - timedelta(days=400),
        currency="EUR",
        convert=max,
        aliases={"a": "b"},
    )
    SAME: ClassVar[dict[str, object]] = {
        "policy": IDENTICAL,
        "as_of": TWICE,
        "observed_from": TWICE - timedelta(days=400),
        "currency": "EUR",
        "convert": max,
        "aliases": {"a": "b"},
    }
    OTHER: ClassVar[dict[str, object]] = {
        "policy": rt.OrderPolicy(),
        "as_of": TWICE.replace(fold=1),
        "observed_from": TWICE,
        "currency": "USD",
        "convert": min,
        "aliases": {"a": "c"},
    }

    @pytest.mark.parametrize("name", SAME)
    def test_saying_the_same_again_is_fine(self, name):
        assert rt.order_count(self.HISTORY, period=MARCH, **{name: self.SAME[name]}) == 1
        assert rt.order_count(self.HISTORY, period=MARCH, **{name: None}) == 1

    @pytest.mark.parametrize("name", OTHER)
    def test_saying_something_else_is_not(self, name):
        with pytest.raises(
            ConflictingArgumentError, match=f"^{name}=.* contradicts the History.*leave the keyword out"
        ):
            rt.order_count(self.HISTORY, period=MARCH, **{name: self.OTHER[name]})

    @pytest.mark.parametrize("name", OTHER)
    def test_neither_is_saying_what_the_history_does_not_say(self, name):
        if name != "policy":
            with pytest.raises(ConflictingArgumentError, match=f"^{name}="):
                rt.order_count(rt.History([order(1)]), period=MARCH, **{name: self.OTHER[name]})

    @pytest.mark.parametrize("data", [list, rt.History, lambda orders: rt.Shop(orders=orders)])
    @pytest.mark.parametrize("value", [1, None])
    def test_an_unknown_keyword(self, data, value):
        known = "aliases, as_of, convert, currency, observed_from, policy"
        for ask in (rt.order_count, rt.customer_retention_rate, rt.snapshot):
            with pytest.raises(TypeError, match=f"keyword timezone=.*{known}"):
                ask(data([order(1)]), period=MARCH, timezone=value)
            with pytest.raises(TypeError, match="keyword asof=; did you mean 'as_of'"):
                ask(data([order(1)]), period=MARCH, asof=value)

    def test_a_history_is_used_as_it_is(self):
        assert history_of(self.HISTORY) is self.HISTORY
        assert history_of(self.HISTORY, currency="EUR") is self.HISTORY
        assert len(history_of([order(1)], currency="EUR")) == 1

    @pytest.mark.parametrize(
        "name, value, message",
        [
            ("as_of", datetime(2026, 1, 1), "^as_of= must have a time zone, got"),
            ("as_of", "2026-01-01", "^as_of= must be a datetime with a time zone, got"),
            ("observed_from", date(2026, 1, 1), "^observed_from= must be an instant"),
            ("currency", "eur", "^currency= must be three capital letters"),
            ("policy", "merge", "^policy= must be an OrderPolicy, not str"),
            ("convert", 1, "^convert= must be callable"),
            ("aliases", 1, "^aliases must be a mapping"),
        ],
    )
    def test_a_bad_one_is_named_as_it_was_written(self, name, value, message):
        with pytest.raises(RetentionError, match=message):
            rt.History([], **{name: value})
        for data in ([order(1)], rt.History([order(1)]), rt.Shop(orders=[order(1)])):
            with pytest.raises(RetentionError, match=message):
                rt.order_count(data, period=MARCH, **{name: value})

    def test_the_data_are_known_until_after_they_begin(self):
        with pytest.raises(
            ConflictingArgumentError, match=r"as_of= must not be before observed_from=, .*05.* \(got .*04"
        ):
            rt.History([], as_of=NOON - timedelta(days=1), observed_from=NOON)
        with pytest.raises(ConflictingArgumentError, match="as_of= must not be before observed_from="):
            rt.History([], observed_from=NOON).append([], as_of=NOON - timedelta(days=1))
        assert rt.History([], as_of=NOON, observed_from=NOON).observed_from == NOON


def forbid_reading_again(monkeypatch):
    """Let no order that is read be one that has been read: none has the id 1."""

    def read_new_sales(orders, reading):
        assert all(each.id != 1 for each in orders)
        return read_sales(orders, reading)

    monkeypatch.setattr("retention.history.read_sales", read_new_sales)


class TestAppend:
    SHOP = sample_shop(customers=40)
    QUARTERS = tuple(rt.Period.year(2025, tz="UTC").split("quarter"))

    def figures(self, history):
        return rt.snapshot(history, period=self.QUARTERS).to_dicts()

    @pytest.mark.parametrize(
        "policy",
        [
            rt.OrderPolicy(),
            rt.OrderPolicy(minimum_net=None, refunds_dated="refund"),
            rt.OrderPolicy(same_day="merge", tz="Europe/Berlin"),
        ],
    )
    @pytest.mark.parametrize("cut", [0, 1, 50, 120, 10_000])
    def test_it_says_what_one_reading_of_all_says(self, policy, cut):
        orders = sorted(self.SHOP.orders, key=lambda each: each.placed_at)
        Random(5).shuffle(late := orders[cut:])
        appended = rt.History(orders[:cut], policy=policy).append(iter(late))
        assert self.figures(appended) == self.figures(rt.History(orders, policy=policy))
        assert sorted(order.id for order in appended) == sorted(order.id for order in orders)

    def test_one_by_one(self):
        orders = sorted(self.SHOP.orders, key=lambda each: each.placed_at)[:60]
        history = rt.History([])
        for each in orders:
            history = history.append([each])
        assert self.figures(history) == self.figures(orders)
        assert history.columns == history.columns

    def test_the_old_one_stays_as_it_was(self):
        old = rt.History([order(1)], observed_from=datetime(2026, 1, 1, tzinfo=UTC))
        new = old.append([order(2, placed_at=NOON + timedelta(seconds=1))])
        assert (len(old), len(new)) == (1, 2)
        assert rt.order_count(old, period=MARCH) == 1
        assert rt.order_count(new, period=MARCH) == 2
        assert new.observed_from == old.observed_from

    def test_what_was_hidden_becomes_known(self):
        later = NOON + timedelta(days=1)
        old = rt.History(
            [order(1, refunds=[rt.Refund(refunded_at=later, amount="10.00")]), order(2)], as_of=NOON
        )
        assert rt.net_revenue(old, period=MARCH) == 20
        assert rt.net_revenue(old.append([], as_of=later), period=MARCH) == 10
        assert old.append([]).as_of == NOON
        assert old.append([], as_of=later).as_of == later

    def test_as_of_may_be_given_for_the_first_time(self):
        old = rt.History([order(1), order(2, placed_at=NOON + timedelta(days=5))])
        assert rt.order_count(old.append([], as_of=NOON), period=MARCH) == 1

    def test_refunds_made_after_later_orders(self):
        week = timedelta(days=7)
        first = order(1, refunds=[rt.Refund(refunded_at=NOON + 2 * week, amount="1.00")])
        second = order(
            2,
            placed_at=NOON + timedelta(days=1),
            refunds=[rt.Refund(refunded_at=NOON + week, amount="2.00")],
        )
        by_refund = rt.OrderPolicy(refunds_dated="refund")
        history = rt.History([first], policy=by_refund).append([second])
        twelfth, nineteenth = (rt.Period.day(2026, 3, day, tz="UTC") for day in (12, 19))
        assert rt.refunded_revenue(history, period=twelfth) == 2
        assert rt.refunded_revenue(history, period=nineteenth) == 1
        assert rt.refunded_revenue(history, period=MARCH) == 3

    def test_coarser_money_is_counted_in_the_units_there_are(self, monkeypatch):
        old = rt.History([order(1, amount="10.0001")])
        forbid_reading_again(monkeypatch)
        longer = old.append([order(2, placed_at=NOON + timedelta(days=1), amount="0.5")])
        assert longer.columns.places == 4
        assert str(rt.net_revenue(longer, period=MARCH)) == "10.5001"

    @pytest.mark.parametrize("policy", [rt.OrderPolicy(), rt.OrderPolicy(same_day="merge", tz="UTC")])
    def test_nothing_is_appended_without_reading(self, monkeypatch, policy):
        old = rt.History([order(1, amount="10.0001")], as_of=NOON, policy=policy)
        forbid_reading_again(monkeypatch)
        same = old.append([])
        assert same == old
        assert same.columns is old.columns
        later = old.append([], as_of=NOON + timedelta(days=1))  # nothing was hidden
        assert later.columns is old.columns
        assert later.as_of == NOON + timedelta(days=1)

    def test_equal_copies_may_be_dropped_and_are_counted(self):
        first, second = order(1), order(2, placed_at=NOON + timedelta(days=1))
        given = [first, second, second, first]
        appended = rt.History([first], policy=IDENTICAL).append(given)
        assert appended == rt.History([first, *given], policy=IDENTICAL)
        assert rt.order_count(appended, period=MARCH) == 2
        assert left_out(appended) == {"duplicate": 3}
        assert left_out(appended.append([second])) == {"duplicate": 4}
        for more in (appended.append([]), appended.append([order(3, placed_at=NOON + timedelta(days=2))])):
            assert left_out(more) == {"duplicate": 3}

    def test_copies_that_differ_are_refused(self):
        old = rt.History([order(1)], policy=IDENTICAL)
        with pytest.raises(DuplicateOrderError, match=r"id 1 stands in the history already, with different"):
            old.append([order(1, amount="10.01")])
        with pytest.raises(
            DuplicateOrderError, match=r"\(in amount\); make a new History .* keeps the last of each"
        ):
            rt.History([order(1)]).append([order(1, amount="10.01")])
        with pytest.raises(DuplicateOrderError, match=r"give only new orders, or .*drop_identical"):
            rt.History([order(1)]).append([order(1)])
        later = NOON + timedelta(days=1)
        with pytest.raises(DuplicateOrderError, match=r"Order\.id 2 stands twice with different content"):
            old.append([order(2, placed_at=later), order(2, placed_at=later, amount=1)])

    def test_finer_money_is_read_with_the_rest(self):
        fine = order(2, placed_at=NOON + timedelta(days=1), amount="0.001")
        assert rt.net_revenue(rt.History([order(1)]).append([fine]), period=MARCH) == Decimal("10.001")

    def test_another_currency(self):
        dollars = order(2, placed_at=NOON + timedelta(days=1), currency="USD")
        with pytest.raises(MixedCurrencyError):
            _ = rt.History([order(1)]).append([dollars]).currency
        assert rt.net_revenue(rt.History([order(1)], currency="EUR").append([dollars]), period=MARCH) == 10

    def test_who_had_never_purchased_and_now_does(self):
        free = order(1, amount=0)
        appended = rt.History([free]).append([order(2, placed_at=NOON + timedelta(days=1))])
        both = rt.History([free, order(2, placed_at=NOON + timedelta(days=1))])
        assert rt.refund_rate(appended, period=MARCH).sampling == rt.refund_rate(both, period=MARCH).sampling

    @pytest.mark.parametrize("stranger", [None, {"id": 1}, "ann"])
    def test_what_is_no_order(self, stranger):
        with pytest.raises(InvalidTypeError, match="must be an Order"):
            rt.History([order(1)]).append([stranger])
        with pytest.raises(InvalidTypeError, match="iterable of Orders"):
            rt.History([order(1)]).append(stranger)

    def test_what_is_not_later(self):
        for old in ([order(1)], [order(1, is_test=True)], [order(1, customer_id=None)], [order(1, amount=0)]):
            with pytest.raises(InvalidValueError, match=r"Order\.placed_at must be after all orders"):
                rt.History(old).append([order(2)])

    def test_ids_are_new(self):
        later = NOON + timedelta(days=1)
        with pytest.raises(DuplicateOrderError, match=r"Order\.id 1 stands in the history already"):
            rt.History([order(1)]).append([order(1, placed_at=later)])
        with pytest.raises(DuplicateOrderError, match=r"Order\.id 2 stands twice"):
            rt.History([order(1)]).append([order(2, placed_at=later), order(2, placed_at=later)])

    def test_as_of_does_not_go_back(self):
        with pytest.raises(InvalidValueError, match="as_of= must not be before the old one"):
            rt.History([], as_of=NOON).append([], as_of=NOON - timedelta(days=1))
        with pytest.raises(NaiveDatetimeError):
            rt.History([]).append([], as_of=datetime(2026, 1, 1))


def test_an_intake_is_no_iterable_of_orders_and_says_what_is():
    intake = rt.orders_from_records([], on_error="collect")
    with pytest.raises(InvalidTypeError, match=r"not Intake; pass its \.records"):
        rt.History(intake)
