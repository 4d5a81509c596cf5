"""The invariance checks pass on the library's own metrics, and find each mistake that they are for."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from decimal import Decimal

import pytest

import retention as rt
from retention import METRICS
from retention.errors import InvalidTypeError, InvalidValueError
from retention.testing import (
    assert_no_look_ahead,
    assert_permutation_invariant,
    assert_refund_neutral,
    assert_shift_invariant,
    make_orders,
    sample_shop,
)

SHOP = sample_shop(customers=25)
ORDERS = tuple(SHOP.orders)
JUNE = rt.Period.month(2026, 6, tz="Europe/Berlin")
MARCH = rt.Period.month(2026, 3, tz="UTC")
FEW = make_orders({"ann": ["2026-03-05", "2026-03-04", "2026-04-02"], "ben": [("2026-02-05", "3.00")]})

ORDER_METRICS = {name: spec for name, spec in METRICS.items() if spec.inputs == ("orders",)}
TOLD = {"acquisition_spend": 300, "margin_rate": Decimal("0.4")}
COUNTS_THE_REFUNDED = {"cancellation_rate"}  # which are placed, too
ABOUT_REFUNDS = {"gross_revenue", "refunded_revenue", "refund_rate", "refund_ratio"}
FOLLOWS = {name for name, spec in ORDER_METRICS.items() if spec.look_ahead != "none"}


def asked(name):
    """A metric with what it must be told, however it comes."""
    spec = ORDER_METRICS[name]
    told = {keyword: spec.usual.get(keyword, TOLD.get(keyword)) for keyword in spec.due}

    def ask(orders, /, *, period):
        reading = {} if isinstance(orders, rt.Shop) else {"as_of": SHOP.as_of}
        return spec.function(orders, period=period, **told, **reading)

    ask.__name__ = name
    return ask


@pytest.mark.parametrize("name", ORDER_METRICS)
class TestTheLibrarysOwnMetrics:
    def test_permutation(self, name):
        assert_permutation_invariant(asked(name), ORDERS, period=JUNE, shuffles=2)

    def test_refunds(self, name):
        if name not in ABOUT_REFUNDS | COUNTS_THE_REFUNDED:
            assert_refund_neutral(asked(name), ORDERS, period=JUNE, most=20)

    def test_shift(self, name):
        assert_shift_invariant(asked(name), SHOP, period=JUNE)

    def test_look_ahead(self, name):
        if name not in FOLLOWS:
            assert_no_look_ahead(asked(name), ORDERS, period=MARCH)


@pytest.mark.parametrize("name", sorted(ABOUT_REFUNDS))
def test_refund_neutrality_can_fail(name):
    with pytest.raises(AssertionError, match=f"{name} of 2026-06: with a fully refunded order of"):
        assert_refund_neutral(asked(name), ORDERS, period=JUNE)


class TestMistakesThatTheyFind:
    def test_the_first_order_in_the_list_taken_for_the_earliest(self):
        def first_amount(orders, *, period):
            return next(order.amount for order in orders if order.placed_at in period)

        with pytest.raises(AssertionError) as failure:
            assert_permutation_invariant(
                first_amount, [*FEW, *make_orders({"cy": [("2026-03-01", 7)]}, first_id=9)], period=MARCH
            )
        assert str(failure.value) == (
            "first_amount of 2026-03: with the orders turned round it gives Decimal('7'); "
            "without, it gives Decimal('10.00')"
        )

    def test_orders_read_twice(self):
        def orders_each(orders, *, period):
            return len({order.customer_id for order in orders}), sum(1 for _ in orders)

        with pytest.raises(AssertionError, match=r"with an iterator over the orders it gives \(2, 0\)"):
            assert_permutation_invariant(orders_each, FEW, period=MARCH)

    def test_an_order_that_was_given_back_counted(self):
        def customers(orders, *, period):
            return len({order.customer_id for order in orders if order.placed_at in period})

        with pytest.raises(
            AssertionError, match=r"customers of 2026-03: with a fully refunded order of .* added it gives 2;"
        ):
            assert_refund_neutral(customers, FEW, period=MARCH)

    def test_the_calendar_where_none_is_meant(self):
        def in_the_first_days(orders, *, period):
            return sum(order.placed_at.day < 6 for order in orders if order.placed_at in period)

        with pytest.raises(
            AssertionError, match="with everything shifted by 1 week it gives 0; without, it gives 2"
        ):
            assert_shift_invariant(in_the_first_days, FEW, period=MARCH, weeks=(0, 1))

    def test_orders_of_the_future(self):
        def customers_ever(orders, *, period):
            return len(list(orders))

        with pytest.raises(
            AssertionError, match="with the orders after the period left out it gives 3; without, it gives 4"
        ):
            assert_no_look_ahead(customers_ever, FEW, period=MARCH)

    def test_a_refusal_is_a_difference_too(self):
        def picky(orders, *, period):
            if orders[0].id != 1:
                raise ValueError("sort them")
            return 1

        with pytest.raises(
            AssertionError, match="it raises ValueError: sort them; without, it gives 1"
        ) as failure:
            assert_permutation_invariant(picky, FEW, period=MARCH)
        assert isinstance(failure.value.__cause__, ValueError)

    def test_results_explain_themselves(self):
        with pytest.raises(AssertionError, match=re.escape("(refund_rate (2026-06): ")):
            assert_refund_neutral(asked("refund_rate"), ORDERS, period=JUNE)

    def test_a_callable_without_a_name(self):
        class Last:
            def __call__(self, orders, /, *, period):
                return orders[-1].id

            def __repr__(self):
                return "the last"

        with pytest.raises(AssertionError, match=r"^the last of 2026-03: with"):
            assert_permutation_invariant(Last(), FEW, period=MARCH)


class TestHowTheyAsk:
    def test_floats_may_differ_in_their_last_bit(self):
        def mean(orders, *, period):
            return sum(float(order.amount) / 3 for order in orders)

        assert_permutation_invariant(mean, ORDERS, period=MARCH, equal=math.isclose)

    def test_what_carries_the_orders_stays_what_it_is(self):
        kinds = set()

        def kind(orders, *, period):
            kinds.add((type(orders), getattr(orders, "policy", None)))
            return 1

        policy = rt.OrderPolicy(minimum_net=None)
        for orders in (rt.Shop(orders=FEW, policy=policy), rt.History(FEW, policy=policy)):
            kinds.clear()
            assert_permutation_invariant(kind, orders, period=MARCH)
            assert_refund_neutral(kind, orders, period=MARCH, most=2)
            assert_shift_invariant(kind, orders, period=MARCH)
            assert_no_look_ahead(kind, orders, period=MARCH)
            assert kinds == {(type(orders), policy)}

    def test_a_shop_is_shifted_with_what_is_known(self):
        seen = []

        def known(orders, *, period):
            seen.append((orders.as_of, orders.observed_from, period.start))
            return 1

        shop = rt.Shop(orders=FEW, as_of=MARCH.end, observed_from=MARCH.start)
        assert_shift_invariant(known, shop, period=MARCH, weeks=(1,))
        week = timedelta(weeks=1)
        assert seen[1] == tuple(moment + week for moment in seen[0])

    def test_the_same_additions_every_time(self):
        runs = []
        for _ in range(2):
            seen = []
            assert_refund_neutral(
                lambda orders, *, period, seen=seen: seen.append(orders[-1]), ORDERS, period=JUNE, most=7
            )
            runs.append(seen)
        assert runs[0] == runs[1]
        assert len(runs[0]) == 8

    def test_everybody_gets_a_refunded_order(self):
        seen = []
        assert_refund_neutral(
            lambda orders, *, period: seen.append(orders[-1]), FEW, period=MARCH, most=1_000
        )
        added = seen[1:]
        assert {order.customer_id for order in added} == {
            "ann",
            "ben",
            "a newcomer of retention.testing",
            None,
        }
        assert {order.placed_at in MARCH for order in added} == {True, False}
        assert all(order.refunds[0].amount == order.amount > 0 for order in added)

    def test_they_need_orders(self):
        with pytest.raises(InvalidValueError, match="assert_refund_neutral needs orders"):
            assert_refund_neutral(asked("order_count"), [], period=MARCH)
        with pytest.raises(
            InvalidTypeError, match="the orders must be an iterable of Orders, or a Shop, not int"
        ):
            assert_permutation_invariant(asked("order_count"), 5, period=MARCH)
