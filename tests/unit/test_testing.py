from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import attrs
import pytest

from retention.errors import InvalidTypeError, InvalidValueError, RetentionError
from retention.history import History
from retention.records import (
    Checkout,
    Customer,
    Interaction,
    LineItem,
    Order,
    Pause,
    Refund,
    Subscription,
    SurveyResponse,
)
from retention.shop import Shop
from retention.testing import (
    make_checkout,
    make_customer,
    make_interaction,
    make_order,
    make_orders,
    make_response,
    make_subscription,
)


class TestMakeOrders:
    def test_dates_amounts_and_guests(self):
        orders = make_orders({"ann": ["2026-02-10", ("2026-03-05", "25.00")], None: [("2026-03-06", 3)]})
        assert [(order.id, order.customer_id, order.placed_at, order.amount) for order in orders] == [
            (1, "ann", datetime(2026, 2, 10, 12, tzinfo=UTC), Decimal("10.00")),
            (2, "ann", datetime(2026, 3, 5, 12, tzinfo=UTC), Decimal("25.00")),
            (3, None, datetime(2026, 3, 6, 12, tzinfo=UTC), Decimal(3)),
        ]
        assert {order.currency for order in orders} == {"EUR"}

    @pytest.mark.parametrize(
        "text, instant",
        [
            ("20260305", datetime(2026, 3, 5, 12, tzinfo=UTC)),
            ("2026-W10-4", datetime(2026, 3, 5, 12, tzinfo=UTC)),
            ("2026-03-05T08:30", datetime(2026, 3, 5, 8, 30, tzinfo=UTC)),
            ("2026-03-05T08:30+01:00", datetime(2026, 3, 5, 7, 30, tzinfo=UTC)),
            ("2026-03-05T08:30:00.5Z", datetime(2026, 3, 5, 8, 30, 0, 500_000, tzinfo=UTC)),
        ],
    )
    def test_instants(self, text, instant):
        (order,) = make_orders({"ann": [text]}, currency="USD")
        assert (order.placed_at, order.currency) == (instant, "USD")

    def test_nothing(self):
        assert make_orders({}) == []
        assert make_orders({"ann": []}) == []

    @pytest.mark.parametrize("bad", ["yesterday", "2026-13-01", ""])
    def test_no_date(self, bad):
        with pytest.raises(InvalidValueError, match="a purchase of 'ann' must have a date in ISO 8601"):
            make_orders({"ann": [bad]})

    @pytest.mark.parametrize("bad", [5, None, "ann", [("ann", "2026-03-05")]])
    def test_no_mapping(self, bad):
        with pytest.raises(InvalidTypeError, match="make_orders takes a mapping of customers to purchases"):
            make_orders(bad)

    @pytest.mark.parametrize("bad", [5, None, "2026-03-05", b"", {"2026-03-05": 1}])
    def test_no_list_of_purchases(self, bad):
        with pytest.raises(InvalidTypeError, match="the purchases of 'ann' must be a list"):
            make_orders({"ann": bad})

    @pytest.mark.parametrize(
        "bad", [5, None, (), ("2026-03-05",), ("2026-03-05", 1, 2), datetime(2026, 3, 5)]
    )
    def test_no_purchase(self, bad):
        with pytest.raises(InvalidTypeError, match="a purchase of 'ann' must be a date or a pair"):
            make_orders({"ann": [bad]})

    def test_amounts_are_those_of_records(self):
        with pytest.raises(InvalidValueError, match=r"Order\.amount"):
            make_orders({"ann": [("2026-03-05", "-1")]})
        for bad in ("abc", [], 1.5, None):
            with pytest.raises(RetentionError, match=r"Order\.amount"):
                make_orders({"ann": [("2026-03-05", bad)]})

    def test_ids_go_on_from_where_you_say(self):
        more = make_orders({"ann": ["2026-03-05", "2026-03-06"]}, first_id=10)
        assert [order.id for order in more] == [10, 11]

    @pytest.mark.parametrize("bad", [None, "1", 1.5, True])
    def test_the_first_id_is_a_whole_number(self, bad):
        with pytest.raises(InvalidTypeError, match="make_orders takes a whole number as first_id="):
            make_orders({}, first_id=bad)


NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


class TestMakeOrder:
    def test_a_usual_order(self):
        assert make_order() == Order(
            id="ann 2026-03-05T12:00:00+00:00 10.00 EUR",
            customer_id="ann",
            placed_at=NOON,
            amount="10.00",
            currency="EUR",
        )

    def test_every_field_can_be_said(self):
        items = [LineItem(product="p", category="tea", amount="20.00")]
        said = {
            "id": 7,
            "customer_id": "ben",
            "amount": "20.00",
            "currency": "CHF",
            "payment_state": "paid",
            "cancel_reason": "stock",
            "discount": "1.00",
            "cost": 8,
            "channel": "pos",
            "items": items,
            "tags": {"vip"},
            "is_test": True,
        }
        refund = Refund(refunded_at=NOON, amount="1.00")
        order = make_order(
            **said,
            placed_at="2026-03-05",
            cancelled_at="2026-03-06T08:00",
            refunds=[refund, ("2026-03-07", "2.00"), (NOON, 3)],
        )
        assert order == Order(
            **said,
            placed_at=NOON,
            cancelled_at=datetime(2026, 3, 6, 8, tzinfo=UTC),
            refunds=[
                refund,
                Refund(refunded_at=datetime(2026, 3, 7, 12, tzinfo=UTC), amount="2.00"),
                Refund(refunded_at=NOON, amount=3),
            ],
        )

    def test_instants_may_be_datetimes(self):
        assert make_order(placed_at=NOON) == make_order(placed_at="2026-03-05T13:00+01:00")

    def test_different_orders_stand_in_one_history(self):
        orders = [
            make_order(),
            make_order(customer_id=None),
            make_order(customer_id=("a", 1)),
            make_order(placed_at="2026-03-06"),
            make_order(amount="10.01"),
            make_order(currency="EUR", is_test=True),
            make_order(tags=("b", "a")),
            make_order(refunds=[("2026-03-07", "1.00")]),
            make_order(refunds=[("2026-03-07", "2.00")]),
        ]
        assert len(History(orders)) == len({order.id for order in orders}) == 9

    def test_the_same_content_has_the_same_id_whatever_the_sequence_of_tags(self):
        tags = [f"tag {number}" for number in range(9)]
        first, second = make_order(tags=tags), make_order(tags=tags[::-1])
        assert first.id == second.id == "ann 2026-03-05T12:00:00+00:00 10.00 EUR 0fbb686b"

    @pytest.mark.parametrize("bad", ["2026-03-07", 5, ("2026-03-07",)])
    def test_a_refund_is_a_record_or_a_pair(self, bad):
        with pytest.raises(InvalidTypeError, match="make_order: a refund must be a Refund or a pair"):
            make_order(refunds=[bad])

    def test_what_it_refuses_names_the_field(self):
        with pytest.raises(InvalidValueError, match="make_order: placed_at must have a date in ISO 8601"):
            make_order(placed_at="soon")
        with pytest.raises(InvalidValueError, match="make_order: cancelled_at must have a date"):
            make_order(cancelled_at="soon")
        with pytest.raises(InvalidValueError, match="make_order: a refund must have a date"):
            make_order(refunds=[("soon", 1)])
        with pytest.raises(InvalidTypeError, match="Order: placed_at must be a datetime"):
            make_order(placed_at=5)
        with pytest.raises(InvalidTypeError, match=r"Order\.amount"):
            make_order(amount=1.5)


class TestMakeCustomer:
    def test_a_usual_customer(self):
        assert make_customer() == Customer(id="ann")

    def test_every_field_can_be_said(self):
        said = {
            "id": 7,
            "country": "DE",
            "acquisition_channel": "referral",
            "referred_by": 6,
            "attributes": {"size": "M"},
            "tags": {"vip"},
        }
        made = make_customer(**said, signed_up_at="2026-03-05", loyalty_joined_at=NOON)
        assert made == Customer(**said, signed_up_at=NOON, loyalty_joined_at=NOON)

    def test_what_it_refuses_names_the_field(self):
        with pytest.raises(InvalidValueError, match="make_customer: signed_up_at must have a date"):
            make_customer(signed_up_at="soon")
        with pytest.raises(InvalidValueError, match="make_customer: loyalty_joined_at must have a date"):
            make_customer(loyalty_joined_at="soon")


class TestMakeResponse:
    @pytest.mark.parametrize(
        "kind, score, scale, direction",
        [
            ("nps", 9, (0, 10), "higher"),
            ("csat", 4, (1, 5), "higher"),
            ("ces", 6, (1, 7), "higher"),
        ],
    )
    def test_usual_answers(self, kind, score, scale, direction):
        assert make_response(kind=kind) == SurveyResponse(
            kind=kind, score=score, scale=scale, direction=direction, responded_at=NOON
        )

    def test_every_field_can_be_said(self):
        said = {
            "kind": "ces",
            "score": 2,
            "scale": (1, 5),
            "direction": "lower",
            "id": 7,
            "customer_id": "ann",
            "touchpoint": "support",
            "channel": "app",
            "comment": "slow",
        }
        assert make_response(**said, responded_at="2026-03-05") == SurveyResponse(**said, responded_at=NOON)

    def test_an_answer_in_words(self):
        made = make_response(kind="reason", answer="price")
        assert made == SurveyResponse(kind="reason", answer="price", responded_at=NOON)

    def test_what_it_refuses_names_the_field(self):
        with pytest.raises(InvalidValueError, match="make_response: responded_at must have a date"):
            make_response(responded_at="soon")
        with pytest.raises(InvalidValueError, match=r"SurveyResponse\.answer"):
            make_response(answer="price")
        with pytest.raises(InvalidTypeError, match=r"SurveyResponse\.kind"):
            make_response(kind=5)


class TestMakeSubscription:
    def test_a_usual_span(self):
        assert make_subscription() == Subscription(
            id="ann 2026-03-05T12:00:00+00:00 10.00 EUR",
            customer_id="ann",
            started_at=NOON,
            amount="10.00",
            currency="EUR",
            interval="month",
        )

    def test_every_field_can_be_said(self):
        said = {
            "id": 7,
            "customer_id": "ben",
            "amount": "20.00",
            "currency": "CHF",
            "interval": "year",
            "interval_count": 2,
            "end_reason": "payment",
            "plan": "gold",
        }
        pause = Pause(started_at=NOON, ended_at=NOON)
        made = make_subscription(
            **said,
            started_at="2026-03-05",
            ended_at="2026-04-05",
            trial_ends_at="2026-03-05T13:00+01:00",
            pauses=[("2026-04-01", None), pause, ("2026-03-05", "2026-03-06")],
        )
        assert made == Subscription(
            **said,
            started_at=NOON,
            ended_at=datetime(2026, 4, 5, 12, tzinfo=UTC),
            trial_ends_at=NOON,
            pauses=[
                pause,
                Pause(started_at=NOON, ended_at=datetime(2026, 3, 6, 12, tzinfo=UTC)),
                Pause(started_at=datetime(2026, 4, 1, 12, tzinfo=UTC)),
            ],
        )

    def test_different_spans_stand_in_one_shop(self):
        spans = [
            make_subscription(),
            make_subscription(customer_id=("a", 1)),
            make_subscription(started_at="2026-03-06"),
            make_subscription(amount=11),
            make_subscription(interval="year"),
            make_subscription(interval_count=3),
            make_subscription(ended_at="2026-04-05"),
            make_subscription(ended_at="2026-04-05", end_reason="customer"),
            make_subscription(pauses=[("2026-03-06", None)]),
            make_subscription(plan="gold"),
        ]
        assert len({span.id for span in Shop(orders=(), subscriptions=spans).subscriptions}) == 10

    @pytest.mark.parametrize("bad", ["2026-03-07", 5, ("2026-03-07",), ["2026-03-07", None]])
    def test_a_pause_is_a_record_or_a_pair(self, bad):
        with pytest.raises(InvalidTypeError, match="make_subscription: a pause must be a Pause or a pair"):
            make_subscription(pauses=[bad])

    @pytest.mark.parametrize(
        "said, what",
        [
            ({"started_at": "soon"}, "started_at"),
            ({"ended_at": "soon"}, "ended_at"),
            ({"trial_ends_at": "soon"}, "trial_ends_at"),
            ({"pauses": [("soon", None)]}, "a pause"),
            ({"pauses": [("2026-03-07", "soon")]}, "a pause"),
        ],
    )
    def test_what_it_refuses_names_the_field(self, said, what):
        with pytest.raises(
            InvalidValueError, match=f"make_subscription: {what} must have a date in ISO 8601"
        ):
            make_subscription(**said)

    def test_what_the_record_refuses(self):
        with pytest.raises(InvalidTypeError, match=r"Subscription\.amount"):
            make_subscription(amount=1.5)


class TestMakeCheckout:
    def test_a_usual_checkout(self):
        assert make_checkout() == Checkout(
            id=make_checkout().id, customer_id="ann", begun_at=NOON, amount="10.00", currency="EUR"
        )
        assert make_checkout(amount=None) == Checkout(
            id="ann 2026-03-05T12:00:00+00:00", customer_id="ann", begun_at=NOON
        )

    def test_every_field_can_be_said(self):
        said = {
            "id": 7,
            "customer_id": "ben",
            "amount": "20.00",
            "currency": "CHF",
            "order_id": 5,
            "channel": "web",
        }
        assert make_checkout(**said, begun_at=NOON, ordered_at="2026-03-05") == Checkout(
            **said, begun_at=NOON, ordered_at=NOON
        )

    def test_different_checkouts_stand_in_one_shop(self):
        baskets = [
            make_checkout(),
            make_checkout(customer_id=None),
            make_checkout(begun_at="2026-03-06"),
            make_checkout(amount=11),
            make_checkout(amount=None),
            make_checkout(ordered_at="2026-03-06"),
            make_checkout(channel="app"),
        ]
        assert len({basket.id for basket in Shop(orders=(), checkouts=baskets).checkouts}) == 7

    def test_what_it_refuses_names_the_field(self):
        with pytest.raises(InvalidValueError, match="make_checkout: begun_at must have a date"):
            make_checkout(begun_at="soon")
        with pytest.raises(InvalidValueError, match="make_checkout: ordered_at must have a date"):
            make_checkout(ordered_at="soon")
        with pytest.raises(InvalidValueError, match=r"Checkout\.order_id"):
            make_checkout(order_id=5)


class TestMakeInteraction:
    @pytest.mark.parametrize("kind", ["message", "approach", "offer"])
    def test_what_goes_out(self, kind):
        assert make_interaction(kind=kind) == Interaction(
            kind=kind, direction="outbound", channel="e-mail", occurred_at=NOON
        )

    @pytest.mark.parametrize("kind", ["question", "review", "mention", "chat", "call", "case", "visit"])
    def test_what_comes_in(self, kind):
        assert make_interaction(kind=kind).direction == "inbound"
        assert make_interaction(kind=kind, direction="outbound").direction == "outbound"

    def test_every_field_can_be_said(self):
        said = {"id": 7, "customer_id": "ann", "kind": "case", "direction": "inbound", "channel": "chat"}
        said |= {"solved_by": "agent", "sentiment": 0.5}
        made = make_interaction(**said, occurred_at=NOON, answered_at="2026-03-05", solved_at="2026-03-05")
        assert made == Interaction(**said, occurred_at=NOON, answered_at=NOON, solved_at=NOON)
        names = ("opened_at", "clicked_at", "replied_at", "ordered_at")
        made = make_interaction(**dict.fromkeys(names, "2026-03-05"), order_id=5)
        assert made == attrs.evolve(make_interaction(), **dict.fromkeys(names, NOON), order_id=5)

    @pytest.mark.parametrize(
        "name",
        [
            "occurred_at",
            "opened_at",
            "clicked_at",
            "replied_at",
            "answered_at",
            "solved_at",
            "ordered_at",
        ],
    )
    def test_what_it_refuses_names_the_field(self, name):
        with pytest.raises(InvalidValueError, match=f"make_interaction: {name} must have a date"):
            make_interaction(**{name: "soon"})

    def test_what_the_record_refuses(self):
        with pytest.raises(InvalidTypeError, match=r"Interaction\.kind"):
            make_interaction(kind=5)
        with pytest.raises(InvalidValueError, match=r"Interaction\.opened_at is for outbound"):
            make_interaction(kind="case", opened_at="2026-03-05")
