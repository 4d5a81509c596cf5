"""A shop by groups of its customers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

import retention as rt
from retention._parts import shops_by
from retention.errors import (
    DuplicateOrderError,
    InvalidTypeError,
    InvalidValueError,
    MissingRecordsError,
)
from retention.testing import make_orders
from tests.shops import sampled

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
KINDS = ("orders", "customers", "responses", "subscriptions", "checkouts", "interactions")


def shop(**more) -> rt.Shop:
    records = {
        "orders": [
            *make_orders({"ann": ["2026-03-01", "2026-03-05"], "a2": ["2026-03-07"], "ben": ["2026-03-09"]}),
            rt.Order(id="guest", customer_id=None, placed_at=NOON, amount=5, currency="EUR"),
        ],
        "customers": [
            rt.Customer(id="ann", country="DE"),
            rt.Customer(id="ben", country="AT"),
            rt.Customer(id="cleo"),
        ],
        "responses": [
            rt.SurveyResponse(kind="nps", score=9, responded_at=NOON, customer_id="a2"),
            rt.SurveyResponse(kind="nps", score=3, responded_at=NOON),
        ],
        "subscriptions": [
            rt.Subscription(
                id=1, customer_id="ben", started_at=NOON, amount=9, currency="EUR", interval="month"
            )
        ],
        "checkouts": [rt.Checkout(id=1, customer_id="ann", begun_at=NOON), rt.Checkout(id=2, begun_at=NOON)],
        "interactions": [
            rt.Interaction(
                kind="support", direction="inbound", channel="email", occurred_at=NOON, customer_id="ben"
            )
        ],
        "aliases": {"a2": "ann"},
        "as_of": AS_OF,
        "observed_from": AS_OF - timedelta(days=900),
        "policy": rt.OrderPolicy(minimum_net=1),
        "currency": "EUR",
        "convert": lambda amount, currency, at: amount,
    }
    return rt.Shop(**(records | more))


def test_each_record_is_in_exactly_one_part():
    whole = shop()
    parts = shops_by(whole, by="country")
    assert list(parts) == ["AT", "DE", None]
    sizes = {key: [len(getattr(part, kind)) for kind in KINDS] for key, part in parts.items()}
    assert sizes == {"DE": [3, 1, 1, 0, 1, 0], "AT": [1, 1, 0, 1, 0, 1], None: [1, 1, 1, 0, 1, 0]}
    for kind in KINDS:
        both = [record for part in parts.values() for record in getattr(part, kind)]
        assert len(both) == len(getattr(whole, kind))
        assert all(record in both for record in getattr(whole, kind))


def test_how_records_are_read_is_carried_over():
    whole = shop()
    for part in shops_by(whole, by="country").values():
        assert part.reading == whole.reading
        assert not isinstance(part.orders, rt.History)
    whole = rt.Shop(orders=whole.history(), customers=whole.customers)
    for part in shops_by(whole, by="country").values():
        assert part.reading == whole.reading
        assert isinstance(part.orders, rt.History)


def test_a_group_without_orders_has_an_empty_history():
    whole = rt.Shop(
        orders=rt.History(make_orders({"ann": ["2026-03-01"]})),
        customers=[rt.Customer(id="ben", country="AT")],
    )
    parts = shops_by(whole, by="country")
    assert isinstance(parts["AT"].orders, rt.History)
    assert not len(parts["AT"].orders)


def test_largest_first_by_customers_and_the_unknown_last():
    orders = make_orders(
        {
            "a": ["2026-03-01"] * 5,
            "b": ["2026-03-01"],
            "c": ["2026-03-02"],
            **{n: ["2026-03-02"] for n in "xyz"},
        }
    )
    parts = shops_by(rt.Shop(orders=orders), by={"a": "heavy", "b": "light", "c": "light"})
    assert list(parts) == ["light", "heavy", None]
    assert [len(part.orders) for part in parts.values()] == [2, 5, 3]


def test_whatever_takes_a_shop_takes_a_part():
    whole = sampled()
    quarter = rt.Period.quarter(2026, 2, tz="Europe/Berlin")
    parts = shops_by(whole, by="country")
    snap = rt.snapshot(parts["AT"], period=quarter)
    mine = {customer.id for customer in whole.customers if customer.country == "AT"}
    by_hand = [order for order in whole.orders if order.customer_id in mine]
    assert snap["customer_retention_rate"] == rt.customer_retention_rate(
        by_hand, period=quarter, as_of=whole.as_of
    )
    assert sum(rt.net_revenue(part, period=quarter) for part in parts.values()) == rt.net_revenue(
        whole, period=quarter
    )


@pytest.mark.parametrize(
    "by",
    [
        "plan",
        lambda customer: customer.attributes.get("plan"),
        {"ann": "gold", "ben": None, None: "ghost", "zoe": "silver"},
    ],
)
def test_by_attribute_function_or_mapping(by):
    whole = rt.Shop(
        orders=[
            *make_orders({"ann": ["2026-03-01"], "ben": ["2026-03-02"]}),
            rt.Order(id="guest", customer_id=None, placed_at=NOON, amount=5, currency="EUR"),
        ],
        customers=[rt.Customer(id="ann", attributes={"plan": "gold"}), rt.Customer(id="ben")],
    )
    parts = shops_by(whole, by=by)
    assert {key: len(part.orders) for key, part in parts.items()} == {"gold": 1, None: 2}


def test_an_id_that_stands_twice_is_seen_before_its_copies_part():
    orders = [
        rt.Order(id=1, customer_id=who, placed_at=NOON, amount=Decimal(5), currency="EUR")
        for who in ("ann", "ben")
    ]
    with pytest.raises(DuplicateOrderError, match="stands twice"):
        shops_by(rt.Shop(orders=orders), by={"ann": 1, "ben": 2})


def test_equal_copies_stay_together():
    order = rt.Order(id=1, customer_id="ann", placed_at=NOON, amount=Decimal(5), currency="EUR")
    whole = rt.Shop(orders=[order, order], policy=rt.OrderPolicy(on_duplicate="drop_identical"))
    (part,) = shops_by(whole, by={"ann": 1}).values()
    assert len(part.orders) == 2


def test_of_nothing_there_are_no_parts():
    assert shops_by(rt.Shop(), by={"ann": 1}) == {}


def test_bad_input():
    with pytest.raises(InvalidTypeError, match=r"shops_by takes a Shop.*not list.*give Shop\(orders="):
        shops_by([], by="country")
    with pytest.raises(InvalidTypeError, match="shops_by: by must be a name"):
        shops_by(shop(), by=5)
    with pytest.raises(InvalidValueError, match="did you mean 'country'"):
        shops_by(shop(), by="contry")
    with pytest.raises(MissingRecordsError, match="shops_by: by='country'"):
        shops_by(rt.Shop(), by="country")
