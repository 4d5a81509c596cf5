"""The strategies make what they promise, reach what they are for, and shrink to little."""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.errors import NoSuchExample

import retention as rt
from retention.errors import InvalidValueError
from retention.testing import strategies

QUICK = settings(max_examples=2_000, database=None, derandomize=True, phases=(Phase.generate, Phase.shrink))
APRIL = rt.Period.month(2026, 4, tz="UTC")


def simplest(strategy, condition):
    return find(strategy, condition, settings=QUICK)


class TestOrders:
    @given(strategies.orders())
    def test_they_make_a_history(self, orders):
        history = rt.History(orders)
        assert len(history) == len(orders) <= 12
        assert [order.id for order in orders] == list(range(1, len(orders) + 1))

    @given(
        strategies.orders(
            min_size=1,
            max_size=3,
            customer_ids=("zoe",),
            currencies=("CHF", "USD"),
            start=APRIL.start,
            end=APRIL.end,
        )
    )
    def test_as_they_were_ordered(self, orders):
        assert 1 <= len(orders) <= 3
        for order in orders:
            assert order.customer_id == "zoe"
            assert order.currency in {"CHF", "USD"}
            assert order.placed_at in APRIL

    @pytest.mark.parametrize(
        "condition",
        [
            lambda order: order.customer_id is None,
            lambda order: order.amount == 0,
            lambda order: order.amount == 10 and str(order.amount) == "1E+1",
            lambda order: order.amount % Decimal("0.01"),
            lambda order: order.amount and sum(refund.amount for refund in order.refunds) == order.amount,
            lambda order: 0 < sum(refund.amount for refund in order.refunds) < order.amount,
            lambda order: len(order.refunds) == 2,
            lambda order: order.cancelled_at,
            lambda order: order.payment_state == "pending",
            lambda order: order.payment_state == "failed",
            lambda order: order.is_test,
            lambda order: "exchange" in order.tags,
            lambda order: len(order.items) == 2,
            lambda order: (order.placed_at.month, order.placed_at.day) == (2, 29),
            lambda order: order.placed_at == datetime(2026, 3, 29, 1, tzinfo=UTC),
            lambda order: order.placed_at.microsecond,
        ],
    )
    def test_what_they_reach_and_how_it_shrinks(self, condition):
        (order,) = simplest(strategies.orders(), lambda orders: any(map(condition, orders)))
        assert order.id == 1

    def test_ties(self):
        one, other = simplest(
            strategies.orders(),
            lambda orders: len({(order.customer_id, order.placed_at) for order in orders}) < len(orders),
        )
        assert one.placed_at == other.placed_at == datetime(2024, 1, 1, tzinfo=UTC)
        assert one.amount == Decimal("10.00")

    def test_the_simplest(self):
        (order,) = simplest(strategies.orders(min_size=1), lambda _: True)
        assert order == rt.Order(
            id=1,
            customer_id="ann",
            placed_at=datetime(2024, 1, 1, tzinfo=UTC),
            amount="10.00",
            currency="EUR",
        )

    def test_an_end_before_the_start(self):
        for strategy in (
            strategies.orders,
            strategies.responses,
            strategies.subscriptions,
            strategies.checkouts,
            strategies.interactions,
            strategies.periods,
        ):
            with pytest.raises(InvalidValueError, match="start must lie before end"):
                strategy(start=APRIL.end, end=APRIL.start)

    def test_what_is_before_the_edges_of_the_calendar(self):
        start, end = datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
        (order,) = simplest(strategies.orders(min_size=1, start=start, end=end), lambda _: True)
        assert order.placed_at == start


class TestSubscriptions:
    @given(
        strategies.subscriptions(
            min_size=1,
            max_size=3,
            customer_ids=("zoe",),
            currencies=("CHF", "USD"),
            start=APRIL.start,
            end=APRIL.end,
        )
    )
    def test_as_they_were_ordered(self, spans):
        assert 1 <= len(spans) <= 3
        assert [span.id for span in spans] == list(range(1, len(spans) + 1))
        assert {span.currency for span in spans} <= {"CHF", "USD"}
        assert {span.customer_id for span in spans} == {"zoe"}
        assert all(APRIL.start <= span.started_at < APRIL.end + timedelta(days=410) for span in spans)

    @pytest.mark.parametrize(
        "condition",
        [
            lambda span: span.interval == "year",
            lambda span: span.interval == "week",
            lambda span: span.interval_count == 3,
            lambda span: span.interval == "day" and span.interval_count == 10,
            lambda span: span.amount == 0,
            lambda span: span.end_reason == "payment",
            lambda span: span.ended_at == span.started_at,
            lambda span: span.trial_ends_at and span.ended_at is None,
            lambda span: span.trial_ends_at and span.ended_at and span.ended_at < span.trial_ends_at,
            lambda span: span.pauses and span.pauses[0].ended_at is None and span.ended_at is None,
            lambda span: span.pauses and span.pauses[0].ended_at is None and span.ended_at,
            lambda span: span.pauses and span.pauses[0].ended_at,
            lambda span: len(span.pauses) == 2,
            lambda span: span.plan,
        ],
    )
    def test_what_they_reach_and_how_it_shrinks(self, condition):
        (span,) = simplest(strategies.subscriptions(), lambda spans: any(map(condition, spans)))
        assert span.id == 1

    @pytest.mark.parametrize("reason", ["plan_change", "customer", "technical"])
    def test_what_follows_on_a_span(self, reason):
        gap = timedelta(days=10) if reason == "technical" else timedelta()

        def follows(spans):
            return len(spans) == 2 and (spans[0].end_reason, spans[0].customer_id) == (
                reason,
                spans[1].customer_id,
            )

        one, other = simplest(strategies.subscriptions(customer_ids=("ann",)), follows)
        if reason != "customer":
            assert other.started_at == one.ended_at + gap

    def test_the_simplest(self):
        (span,) = simplest(strategies.subscriptions(min_size=1), lambda _: True)
        assert span == rt.Subscription(
            id=1,
            customer_id="ann",
            started_at=datetime(2024, 1, 1, tzinfo=UTC),
            amount="10.00",
            currency="EUR",
            interval="month",
        )


class TestCheckouts:
    @given(
        strategies.checkouts(
            min_size=1,
            max_size=3,
            customer_ids=("zoe", None),
            currencies=("CHF", "USD"),
            start=APRIL.start,
            end=APRIL.end,
        )
    )
    def test_as_they_were_ordered(self, checkouts):
        assert [checkout.id for checkout in checkouts] == list(range(1, len(checkouts) + 1))
        assert 1 <= len(checkouts) <= 3
        assert all(checkout.begun_at in APRIL for checkout in checkouts)
        assert {checkout.currency for checkout in checkouts} <= {"CHF", "USD", None}

    @pytest.mark.parametrize(
        "condition",
        [
            lambda checkout: checkout.customer_id is None,
            lambda checkout: checkout.amount is None,
            lambda checkout: checkout.ordered_at is None and checkout.amount,
            lambda checkout: checkout.ordered_at == checkout.begun_at,
            lambda checkout: (
                checkout.ordered_at and checkout.ordered_at - checkout.begun_at > timedelta(days=7)
            ),
            lambda checkout: checkout.order_id,
        ],
    )
    def test_what_they_reach_and_how_it_shrinks(self, condition):
        (checkout,) = simplest(strategies.checkouts(), lambda checkouts: any(map(condition, checkouts)))
        assert checkout.id == 1


class TestInteractions:
    @given(
        strategies.interactions(
            kinds=("offer", "case"),
            min_size=1,
            max_size=3,
            customer_ids=("zoe",),
            start=APRIL.start,
            end=APRIL.end,
        )
    )
    def test_as_they_were_ordered(self, contacts):
        assert 1 <= len(contacts) <= 3
        assert {contact.kind for contact in contacts} <= {"offer", "case"}
        assert all(contact.occurred_at in APRIL for contact in contacts)
        assert {contact.customer_id for contact in contacts} == {"zoe"}

    @pytest.mark.parametrize(
        "condition",
        [
            lambda contact: contact.customer_id is None,
            lambda contact: contact.kind == "visit",
            lambda contact: contact.channel == "sms",
            lambda contact: contact.opened_at and contact.clicked_at,
            lambda contact: contact.replied_at,
            lambda contact: contact.ordered_at and contact.order_id is None,
            lambda contact: contact.order_id,
            lambda contact: contact.answered_at and contact.solved_at is None,
            lambda contact: contact.solved_by == "agent",
            lambda contact: contact.solved_by == "self_service",
            lambda contact: contact.solved_at and contact.solved_by is None,
            lambda contact: contact.sentiment and contact.sentiment < 0,
        ],
    )
    def test_what_they_reach_and_how_it_shrinks(self, condition):
        contacts = simplest(strategies.interactions(), lambda contacts: any(map(condition, contacts)))
        assert len(contacts) == 1


class TestTheOthers:
    @given(strategies.customers(customer_ids=(1, 2, 3)))
    def test_customers(self, customers):
        ids = [customer.id for customer in customers]
        assert len(set(ids)) == len(ids)
        assert set(ids) <= {1, 2, 3}

    @given(strategies.responses(kinds=("nps",), min_size=1, customer_ids=("zoe", None), end=APRIL.end))
    def test_responses(self, responses):
        assert {response.kind for response in responses} == {"nps"}
        assert {response.customer_id for response in responses} <= {"zoe", None}
        assert all(response.responded_at < APRIL.end for response in responses)

    @pytest.mark.parametrize("kind", ["nps", "csat", "ces", "reason"])
    def test_every_kind_of_response(self, kind):
        (response,) = simplest(
            strategies.responses(), lambda responses: any(response.kind == kind for response in responses)
        )
        assert response.kind == kind

    def test_a_kind_that_it_does_not_know(self):
        with pytest.raises(InvalidValueError, match=r"responses\(\) takes kinds of 'nps', .* \(got 'mood'\)"):
            strategies.responses(kinds=("mood",))

    @given(strategies.periods(zones=("Asia/Kathmandu",)))
    def test_periods(self, period):
        assert period.start < period.end
        assert str(period.tz) in {"Asia/Kathmandu", "UTC"}
        assert period.previous().end == period.start

    def test_periods_of_every_unit(self):
        for unit in ("day", "week", "month", "quarter", "year", None):
            assert simplest(strategies.periods(), lambda period, unit=unit: period.unit == unit)

    @given(strategies.shops(), strategies.periods())
    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
    def test_shops_can_be_counted(self, shop, period):
        try:
            assert rt.order_count(shop, period=period) <= len(shop.orders)
        except rt.NotObservableError:
            assert shop.as_of or shop.observed_from

    @pytest.mark.parametrize(
        "condition",
        [
            lambda shop: shop.as_of and not shop.observed_from,
            lambda shop: shop.observed_from and not shop.as_of,
            lambda shop: shop.policy.same_day == "merge",
            lambda shop: shop.policy.minimum_net is None and shop.orders and shop.responses,
        ],
    )
    def test_what_shops_reach(self, condition):
        shop = simplest(strategies.shops(), condition)
        assert len(shop.orders) + len(shop.customers) + len(shop.responses) <= 2

    def test_shops_in_two_currencies(self):
        def both(shop):
            return {order.currency for order in shop.orders} == {"EUR", "USD"}

        assert simplest(strategies.shops(currencies=("EUR", "USD"), max_responses=0), both)
        with pytest.raises(NoSuchExample):
            find(strategies.shops(), both, settings=settings(QUICK, max_examples=50))


def test_without_hypothesis_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, strategies.__name__)
    with pytest.raises(ImportError, match=r"pip install 'customer-retention\[hypothesis\]'"):
        importlib.import_module(strategies.__name__)
