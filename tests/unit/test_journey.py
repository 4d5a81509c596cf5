"""Cancellations, recoveries, categories, costs and lifespans in the index, in the facts, and as metrics."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, strategies as st

import retention as rt
from retention._facts import facts
from retention._numerics import CrossSums
from retention._reading import read_sales
from retention.metrics import (
    cancellation_rate,
    cancellation_reason_share,
    cross_sell_rate,
    gross_margin_ratio,
    recovery_rate,
)
from retention.results import ClusterSums
from retention.testing import make_order, make_orders

US = 86_400_000_000
FEBRUARY, MARCH, APRIL = (rt.Period.month(2026, month, tz="UTC") for month in (2, 3, 4))
MONTHS = (FEBRUARY, MARCH, APRIL)
AS_OF = datetime(2026, 5, 20, tzinfo=UTC)
WEEK = timedelta(days=7)


def line(category):
    return rt.LineItem(product=1, category=category)


def random_orders(seed, size=60):
    """Orders of ninety days, each at an instant of its own; half a dozen people, some of whom never buy."""
    random = Random(seed)
    hours = sorted(random.sample(range(24 * 90), size))
    return [random_order(number, hour, random) for number, hour in enumerate(hours)]


def random_order(number, hour, random):
    placed_at = datetime(2026, 2, 1, hour % 24, tzinfo=UTC) + timedelta(days=hour // 24)
    who = random.choice(["ann", "ben", "cy", "dee", "never", None])
    is_cancelled = who == "never" or random.random() < 0.3
    return make_order(
        id=number,
        customer_id=who,
        placed_at=placed_at,
        amount=random.choice(["10.00", "7.50", "0.00"]),
        cancelled_at=placed_at + timedelta(hours=random.randrange(24 * 25)) if is_cancelled else None,
        cancel_reason=random.choice(["customer", "stock", None]) if is_cancelled else None,
        payment_state=random.choice(["paid", "paid", "failed"]),
        cost=random.choice([None, "3.00", "12.3456" if hour > 24 * 50 else "1.00"]),
        items=[line(random.choice(["tea", "cups", None])) for _ in range(random.randrange(3))],
    )


def told(history):
    """All that is counted here, as plain values."""
    found = [
        metric(history, period=period, **given)
        for period in MONTHS
        for metric, given in (
            (cancellation_rate, {}),
            (cancellation_rate, {"reason": "voluntary"}),
            (recovery_rate, {"within": 3 * WEEK}),
            (recovery_rate, {"within": WEEK, "reason": "stock"}),
            (cross_sell_rate, {}),
            (gross_margin_ratio, {}),
        )
    ]
    shares = [dict(cancellation_reason_share(history, period=period)) for period in MONTHS]
    return shares, [(ratio, ratio.sampling, dict(ratio.left_out), ratio.undefined_because) for ratio in found]


class TestAppend:
    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("cut", [0, 1, 20, 59, 60])
    def test_it_says_what_one_reading_of_all_says(self, seed, cut):
        orders = random_orders(seed)
        appended = rt.History(orders[:cut], as_of=AS_OF).append(orders[cut:])
        assert told(appended) == told(rt.History(orders, as_of=AS_OF))

    @pytest.mark.parametrize("seed", range(2))
    def test_one_by_one(self, seed):
        orders = random_orders(seed)
        history = rt.History([], as_of=AS_OF)
        for each in orders:
            history = history.append([each])
        assert told(history) == told(rt.History(orders, as_of=AS_OF))

    def test_days_that_are_joined(self):
        orders = random_orders(7)
        policy = rt.OrderPolicy(same_day="merge", tz="Europe/Berlin")
        appended = rt.History(orders[:30], as_of=AS_OF, policy=policy).append(orders[30:])
        assert told(appended) == told(rt.History(orders, as_of=AS_OF, policy=policy))

    @pytest.mark.parametrize("first", [0, 1], ids=["told later", "told before"])
    def test_costs_and_categories_of_some_orders_only(self, first):
        plain, full = {}, {"cost": "4.5678", "items": [line("tea"), line("cups")]}
        orders = [
            make_order(id=number, customer_id=who, placed_at=at, **more)
            for (number, who, at), more in zip(
                ((1, "ann", "2026-03-01"), (2, None, "2026-03-02"), (3, "ben", "2026-03-03")),
                (plain, plain, full) if first == 0 else (full, full, plain),
                strict=True,
            )
        ]
        history = rt.History(orders[:2], as_of=AS_OF).append(orders[2:])
        assert told(history) == told(rt.History(orders, as_of=AS_OF))
        assert gross_margin_ratio(history, period=MARCH).numerator == (
            Decimal("5.4322") if first == 0 else Decimal("10.8644")
        )

    def test_finer_costs_need_no_second_reading(self, monkeypatch):
        def read_new_sales(orders, reading):
            assert all(each.id != 1 for each in orders)
            return read_sales(orders, reading)

        history = rt.History(
            [
                make_order(id=1, cost="3.00", cancelled_at=None),
                make_order(id=2, customer_id=None, cost="2.00", placed_at="2026-03-06"),
                make_order(id=3, customer_id="ben", placed_at="2026-03-06T13:00"),
                make_order(id=4, customer_id="cy", placed_at="2026-03-06T14:00", cancelled_at="2026-03-07"),
            ],
            as_of=AS_OF,
        )
        monkeypatch.setattr("retention.history.read_sales", read_new_sales)
        later = history.append([make_order(id=5, customer_id="cy", placed_at="2026-03-08", cost="0.001")])
        assert gross_margin_ratio(later, period=MARCH).numerator == Decimal("24.999")
        assert recovery_rate(later, period=MARCH, within=WEEK) == rt.Ratio(1, 1)
        assert recovery_rate(history, period=MARCH, within=WEEK) == rt.Ratio(0, 1)

    def test_a_cancellation_that_was_hidden_becomes_known(self):
        old = rt.History([make_order(cancelled_at="2026-03-10")], as_of=datetime(2026, 3, 9, tzinfo=UTC))
        assert cancellation_rate(old, period=MARCH) == rt.Ratio(0, 1)
        assert cancellation_rate(old.append([], as_of=AS_OF), period=MARCH) == rt.Ratio(1, 1)


class TestPlaced:
    def test_what_was_not_placed_is_left_out(self):
        twice = make_order(id=1, placed_at="2026-03-02")
        orders = [
            twice,
            twice,
            make_order(id=2, is_test=True),
            make_order(id=3, currency="CHF", cancelled_at="2026-03-09"),
            make_order(id=4, placed_at="2026-03-31", cancelled_at="2026-03-31"),
            make_order(id=5, tags=["exchange"]),
        ]
        rate = cancellation_rate(
            orders,
            period=MARCH,
            currency="EUR",
            as_of=datetime(2026, 3, 30, tzinfo=UTC),
            policy=rt.OrderPolicy(on_duplicate="drop_identical"),
        )
        assert rate == rt.Ratio(0, 2)
        assert rate.left_out == {"duplicate": 1, "after as_of": 1, "other currency": 1, "test": 1}

    def test_orders_of_a_day_that_are_joined_count_each(self):
        orders = [
            *make_orders({"ann": ["2026-03-05", ("2026-03-05T18:00", "1.00")]}),
            make_order(id=3, cancelled_at="2026-03-05T13:00"),
        ]
        policy = rt.OrderPolicy(same_day="merge", tz="UTC")
        assert rt.order_count(orders, period=MARCH, policy=policy) == 1
        rate = cancellation_rate(orders, period=MARCH, policy=policy)
        assert rate == rt.Ratio(1, 3)
        assert rate.sampling == ClusterSums(n=1, x=3, y=1, xx=9, xy=3, yy=1)

    def test_a_customer_who_never_purchased_is_one_cluster(self):
        orders = [
            make_order(id=number, customer_id="ann", cancelled_at="2026-03-09") for number in (1, 2)
        ] + [make_order(id=3, customer_id=None, cancelled_at="2026-03-09")]
        assert cancellation_rate(orders, period=MARCH).sampling == ClusterSums(
            n=2, x=3, y=3, xx=5, xy=5, yy=5
        )

    def test_older_months_have_had_longer_to_be_cancelled(self):
        assert rt.METRICS["cancellation_rate"].look_ahead == "as_of"
        assert rt.METRICS["cancellation_reason_share"].look_ahead == "as_of"
        orders = make_orders({who: ["2026-02-05", "2026-03-05"] for who in ("ann", "ben")})
        found = rt.compare(*(cancellation_rate(orders, period=month) for month in (MARCH, FEBRUARY)))
        assert found.untested_because is not None
        assert "has been watched for longer" in found.untested_because

    def test_nothing(self):
        rate = cancellation_rate([], period=MARCH)
        assert rate.undefined_because == "no order was placed"
        share = cancellation_reason_share(make_orders({"ann": ["2026-03-05"]}), period=MARCH)
        assert share.undefined_because == "no order was cancelled"
        assert len(share) == 0

    def test_what_the_data_do_not_reach_is_not_observable(self):
        reading = {"observed_from": datetime(2026, 3, 2, tzinfo=UTC), "as_of": AS_OF}
        orders = [make_order(cancelled_at="2026-03-09", cost="1.00", items=[line("tea")])]
        for metric in (cancellation_rate, cancellation_reason_share, cross_sell_rate, gross_margin_ratio):
            assert not metric(orders, period=MARCH, **reading).observable
        assert not recovery_rate(orders, period=MARCH, within=WEEK, **reading).observable


class TestReasons:
    @pytest.mark.parametrize("reason", ["Customer", "", "none", 3, ["stock"]])
    def test_no_such_word(self, reason):
        error = rt.InvalidValueError if isinstance(reason, str) else rt.InvalidTypeError
        said = "{}: (there is no reason .*there are voluntary, .*, unknown|reason must be a word such as)"
        with pytest.raises(error, match=said.format("cancellation_rate")):
            cancellation_rate([], period=MARCH, reason=reason)
        with pytest.raises(error, match=said.format("recovery_rate")):
            recovery_rate([], period=MARCH, within=WEEK, as_of=AS_OF, reason=reason)

    def test_a_word_that_is_nearly_one(self):
        with pytest.raises(rt.InvalidValueError, match=r"no reason 'Customer'; did you mean 'customer'\?"):
            cancellation_rate([], period=MARCH, reason="Customer")

    def test_it_is_said_beside_the_figure(self):
        assert cancellation_rate([], period=MARCH).basis.options == ()
        rate = cancellation_rate([], period=MARCH, reason="fraud")
        assert rate.basis.options == (("reason", "fraud"),)
        rate = recovery_rate([], period=MARCH, within=WEEK, as_of=AS_OF, reason="fraud")
        assert rate.basis.options == (("within", "7 days"), ("reason", "fraud"))


class TestRecovery:
    def test_it_needs_as_of(self):
        with pytest.raises(rt.AsOfRequiredError, match="recovery_rate needs as_of="):
            recovery_rate([], period=MARCH, within=WEEK)

    @pytest.mark.parametrize(
        "within, error",
        [
            (timedelta(0), rt.InvalidValueError),
            (-WEEK, rt.InvalidValueError),
            (14, rt.InvalidTypeError),
            (None, rt.InvalidTypeError),
        ],
    )
    def test_a_time_is_a_positive_time(self, within, error):
        with pytest.raises(error, match="within"):
            recovery_rate([], period=MARCH, within=within, as_of=AS_OF)

    def test_the_length_of_a_month(self):
        orders = [
            make_order(id="x", placed_at="2026-02-10", cancelled_at="2026-02-10"),
            *make_orders({"ann": ["2026-03-10"]}),
        ]
        month = relativedelta(months=1)
        assert recovery_rate(orders, period=FEBRUARY, within=month, as_of=AS_OF) == rt.Ratio(1, 1)
        days = timedelta(days=27, hours=23)
        assert recovery_rate(orders, period=FEBRUARY, within=days, as_of=AS_OF) == rt.Ratio(0, 1)

    def test_it_is_partial_until_the_last_may_have_come_back(self):
        until = datetime(2026, 4, 8, tzinfo=UTC)
        for as_of, partial in ((until, False), (until - timedelta(microseconds=1), True)):
            assert recovery_rate([], period=MARCH, within=WEEK, as_of=as_of).partial is partial

    def test_nothing(self):
        rate = recovery_rate(make_orders({"ann": ["2026-03-05"]}), period=MARCH, within=WEEK, as_of=AS_OF)
        assert rate.undefined_because == (
            "there are no cancelled orders of known customers observed that long"
        )

    def test_what_it_leaves_out_is_said_of_cancelled_orders(self):
        orders = [make_order(customer_id=None, cancelled_at="2026-03-09")]
        rate = recovery_rate(orders, period=MARCH, within=WEEK, as_of=AS_OF)
        assert "Left out of the period's cancelled orders: 1 guest." in rate.explain()


class TestCategories:
    def test_a_shop_without_any(self):
        rate = cross_sell_rate(make_orders({"ann": ["2026-03-05"], None: ["2026-03-06"]}), period=MARCH)
        assert rate == rt.Ratio(0, 0)
        assert rate.undefined_because == "no purchase of a known customer names a category"
        assert rate.left_out == {"guest": 1, "no category": 1}

    def test_lines_without_any(self):
        orders = [make_order(items=[line(None)])]
        assert cross_sell_rate(orders, period=MARCH).left_out == {"no category": 1}
        assert len(rt.History(orders).columns.goods.category) == 0

    def test_orders_of_a_day_that_are_joined_join_their_categories(self):
        orders = [
            make_order(id=1, items=[line("tea")]),
            make_order(id=2, placed_at="2026-03-05T18:00", items=[line("cups")]),
            make_order(id=3, customer_id="ben"),
        ]
        rate = cross_sell_rate(orders, period=MARCH, policy=rt.OrderPolicy(same_day="merge", tz="UTC"))
        assert rate == rt.Ratio(1, 1)
        assert rate.left_out == {"merged into another of the day": 1, "no category": 1}


class TestCosts:
    def test_a_shop_without_any(self):
        margin = gross_margin_ratio(make_orders({"ann": ["2026-03-05"], None: ["2026-03-06"]}), period=MARCH)
        assert margin.value is None
        assert margin.undefined_because == "no purchase has a known cost"
        assert margin.left_out == {"no known cost": 2}

    def test_what_is_given_away(self):
        margin = gross_margin_ratio(
            [make_order(amount=0, cost=3)], period=MARCH, policy=rt.OrderPolicy(minimum_net=None)
        )
        assert margin.undefined_because == "those with a known cost brought no money"
        assert margin.left_out == {}

    def test_orders_of_a_day_that_are_joined_join_their_costs(self):
        policy = rt.OrderPolicy(same_day="merge", tz="UTC")
        orders = [
            make_order(id=1, cost=3),
            make_order(id=2, cost=4, placed_at="2026-03-05T18:00"),
            make_order(id=3, customer_id="ben", cost=5),
            make_order(id=4, customer_id="ben", placed_at="2026-03-05T18:00"),
        ]
        margin = gross_margin_ratio(orders, period=MARCH, policy=policy)
        assert margin == rt.Ratio(Decimal("13.00"), Decimal("20.00"), bounded=False)
        assert margin.left_out["no known cost"] == 1

    def test_costs_are_converted_as_amounts_are(self):
        def double(amount, currency, placed_at):
            assert (currency, placed_at.day) == ("CHF", 5)
            return amount * 2

        orders = [
            make_order(customer_id="ann", cost=3),
            make_order(customer_id="ben", currency="CHF", cost="4.1"),
            make_order(customer_id="cy", currency="CHF"),
        ]
        margin = gross_margin_ratio(orders, period=MARCH, currency="EUR", convert=double)
        assert margin == rt.Ratio(Decimal("18.80"), Decimal("30.00"), bounded=False)

    def test_a_conversion_that_gives_no_money(self):
        orders = [make_order(currency="CHF", amount=1, cost=3)]
        with pytest.raises(rt.InvalidValueError, match="convert= must return a finite Decimal"):
            rt.History(
                orders, currency="EUR", convert=lambda amount, *_: amount if amount == 1 else Decimal(-1)
            )

    def test_what_is_no_sale_has_no_say_in_the_units(self):
        orders = [make_order(id=1, cost="3.00"), make_order(id=2, cost="0.123456", is_test=True)]
        assert rt.History(orders).columns.goods.cost_places == 2

    def test_two_currencies_are_not_added(self):
        orders = [make_order(cost=1), make_order(customer_id="ben", currency="CHF", cost=1)]
        with pytest.raises(rt.MixedCurrencyError):
            gross_margin_ratio(orders, period=MARCH)
        assert cancellation_rate(orders, period=MARCH) == rt.Ratio(0, 2)

    def test_costs_beyond_64_bits(self):
        orders = [make_order(customer_id=who, amount=10**17, cost=10**17 - 1) for who in ("ann", None)]
        orders.append(make_order(id=1, customer_id="ben", cost="1e-18"))
        margin = gross_margin_ratio(orders, period=MARCH)
        assert margin.numerator == 12 - Decimal("1e-18")


class TestCross:
    """ann cancels in both months, ben in March only; cy buys in both categories in both."""

    ORDERS = (
        make_order(id=1, customer_id="ann", placed_at="2026-02-03", cancelled_at="2026-02-04"),
        make_order(id=2, customer_id="ann", placed_at="2026-02-06", cost="4.00", items=[line("tea")]),
        make_order(id=3, customer_id="ann", placed_at="2026-03-03", cancelled_at="2026-03-04"),
        make_order(id=4, customer_id="ann", placed_at="2026-03-03", cancelled_at="2026-03-04"),
        make_order(id=5, customer_id="ann", placed_at="2026-03-05", cost="3.00", items=[line("tea")]),
        make_order(id=6, customer_id="ben", placed_at="2026-03-05", cancelled_at="2026-03-06"),
        make_order(id=7, customer_id="cy", placed_at="2026-02-05", items=[line("tea"), line("cups")]),
        make_order(id=8, customer_id="cy", placed_at="2026-03-05", items=[line("tea"), line("cups")]),
        make_order(id=9, customer_id=None, placed_at="2026-03-05", cost="1.00"),
    )

    def cross(self, *, as_of=AS_OF, **given):
        history = rt.History(self.ORDERS, as_of=as_of)
        return facts(history, (FEBRUARY, MARCH), against={MARCH: FEBRUARY}, **given)[1].cross

    def test_by_hand(self):
        cross = self.cross()
        # March is x, y of ann 3, 2; ben 1, 1; cy 1, 0; the guest 1, 0. February is ann 2, 1; cy 1, 0.
        assert cross["cancellation_rate"] == CrossSums(n=4, xx=7, xy=3, yx=4, yy=2)
        # ann in one category in both, cy in two.
        assert cross["cross_sell_rate"] == CrossSums(n=2, xx=2, xy=1, yx=1, yy=1)
        # March: ann 1000, 700; the guest 1000, 900. February: ann 1000, 600.
        assert cross["gross_margin_ratio"] == CrossSums(n=2, xx=10**6, xy=600_000, yx=700_000, yy=420_000)
        # March: ann 2, 2; ben 1, 0. February: ann 1, 1.
        assert cross["recovery_rate"] == CrossSums(n=2, xx=2, xy=2, yx=2, yy=2)

    def test_of_another_window(self):
        hours = {"recovery_rate": {"within": timedelta(hours=30)}}
        # Within 30 hours ann comes back in March, and not in February.
        assert self.cross(options=hours)["recovery_rate"] == CrossSums(n=2, xx=2, xy=0, yx=2, yy=0)
        some = {"recovery_rate": {"within": WEEK, "reason": "stock"}}
        assert self.cross(options=some)["recovery_rate"] == CrossSums(n=0, xx=0, xy=0, yx=0, yy=0)

    def test_not_where_the_figure_can_not_be_had(self):
        assert "recovery_rate" not in self.cross(as_of=None)
        assert "recovery_rate" not in self.cross(options={})


class TestLifespans:
    @given(
        st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 120)), max_size=40),
        st.sets(st.integers(0, 5), min_size=1),
    )
    def test_from_the_first_to_the_latest_purchase(self, bought, months):
        start = datetime(2026, 1, 1, tzinfo=UTC)
        orders = [
            make_order(id=number, customer_id=who, placed_at=start + timedelta(days=day))
            for number, (who, day) in enumerate(bought)
        ]
        periods = [rt.Period.month(2026, 1 + month, tz="UTC") for month in months]
        as_of = datetime(2026, 4, 10, tzinfo=UTC)
        for reading, limit in (({}, None), ({"as_of": as_of}, as_of)):
            found = facts(rt.History(orders, **reading), periods, recency=True, lifespans=True)
            for period, each in zip(periods, found, strict=True):
                days = defaultdict(list)
                for who, day in bought:
                    at = start + timedelta(days=day)
                    if at < period.end and (limit is None or at <= limit):
                        days[who].append(day)
                assert list(each.lifespans) == sorted((max(d) - min(d)) * US for d in days.values())
                assert len(each.lifespans) == len(each.recency)
                assert all(before <= after for before, after in pairwise(each.lifespans))

    def test_only_if_asked_for(self):
        (found,) = facts(rt.History([]), [MARCH])
        assert found.lifespans is None


class TestKeptSpend:
    def test_what_the_kept_spent(self):
        orders = make_orders(
            {
                "ann": ["2026-02-10", ("2026-03-10", "30.00"), ("2026-03-11", "1.50")],
                "ben": ["2026-02-20"],
                "cy": ["2026-03-20"],
                "dee": ["2026-01-05", "2026-03-15"],
            }
        )
        history = rt.History(orders)
        assert facts(history, [MARCH])[0].kept_spend == 3150
        # In the base of two months dee is kept, too, and ben, who bought nothing in March.
        (found,) = facts(history, [MARCH], inactive_after=relativedelta(months=2))
        assert (len(found.base.kept), found.kept_spend) == (3, 4150)
