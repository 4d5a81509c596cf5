"""Orders: of regulars, newcomers and guests, with all that can become of an order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import retention as rt
from retention.testing import sample_shop
from tests.conformance.worlds._common import (
    APRIL,
    CUSTOMERS,
    DAY,
    FEBRUARY,
    KNOWN,
    LONG_AFTER,
    MARCH,
    MOMENT,
    NOON,
    OPENED,
    READINGS,
    REGULARS,
    World,
    new_id,
    pick,
    some_hour,
)


def order(customer: str | None, placed_at: datetime, amount: str = "10.00", **more: Any) -> rt.Order:
    """An order with an id of its own."""
    return rt.Order(
        **{
            "id": new_id(),
            "customer_id": customer,
            "placed_at": placed_at,
            "amount": Decimal(amount),
            "currency": "EUR",
            **more,
        }
    )


def _fate(draw: float, placed_at: datetime, cents: int) -> dict[str, Any]:
    """What became of an order; most were paid, and that was that."""
    later = placed_at + timedelta(days=1 + int(draw * 1_000) % 30)
    fates: tuple[tuple[float, dict[str, Any]], ...] = (
        (0.06, {"refunds": [rt.Refund(refunded_at=later, amount=Decimal(cents) / 100)]}),
        (0.12, {"refunds": [rt.Refund(refunded_at=later, amount=Decimal(cents // 2) / 100)]}),
        (0.18, {"cancelled_at": later, "cancel_reason": "customer"}),
        (0.21, {"cancelled_at": later, "cancel_reason": "payment", "payment_state": "failed"}),
        (0.24, {"cancelled_at": later}),
        (0.26, {"payment_state": "failed"}),
        (0.28, {"is_test": True}),
        (0.30, {"tags": {"exchange"}}),
        (0.32, {"tags": {"gift-card", "vip"}}),
    )
    return next((fate for limit, fate in fates if draw < limit), {})


def _goods(draw: float, cents: int) -> dict[str, Any]:
    """What was bought and how, and what it cost the shop, as far as the shop knows."""
    categories = (("tea",), ("tea", "cups"), ("cups",), (None,), ())[int(draw * 5)]
    return {
        "items": [rt.LineItem(product=f"a {category}", category=category) for category in categories],
        "cost": None if draw > 0.8 else Decimal(int(cents * (0.3 + draw))) / 100,
        "discount": (None, Decimal(0), Decimal("1.50"))[int(draw * 37) % 3],
        "channel": ("web", "app", "store", "web", "app", None)[int(draw * 101) % 6],
    }


def _random_order(number: int, random: Random) -> rt.Order:
    placed_at = some_hour(random)
    cents = 0 if random.random() < 0.05 else int(random.random() * 10_000)
    return order(
        pick(random, CUSTOMERS),
        placed_at,
        str(Decimal(cents) / 100),
        id=number,
        **_fate(random.random(), placed_at, cents),
        **_goods(random.random(), cents),
    )


def random_orders(seed: int, size: int) -> tuple[rt.Order, ...]:
    """Orders from December to May in no order, the same on every machine."""
    random = Random(seed)
    return tuple(_random_order(number, random) for number in range(1, size + 1))


def crowd_of_orders(low: datetime, high: datetime) -> list[rt.Order]:
    """Purchases of everybody, a newcomer and a guest; some were refunded later, some cancelled."""
    span = high - low
    history: tuple[tuple[datetime, str, dict[str, Any]], ...] = (
        (low, "9.00", {}),
        (low + span / 3, "1.50", {"refunds": [_refund(low + span / 3, 60)]}),
        (low + span / 2, "4000.00", {"refunds": [_refund(low + span / 2, 20)], **_goods(0.3, 100)}),
        (low + span / 2, "20.00", {"cancelled_at": high + 30 * DAY, "cancel_reason": "stock"}),
        (high - MOMENT, "30.00", {"refunds": [_refund(high, 10), _refund(high, 35)]}),
    )
    return [
        order(customer, at, amount, **more)
        for customer in ("ann", "ben", "cy", "dee", "newcomer", None)
        for at, amount, more in history
    ]


def _refund(placed_at: datetime, days: int) -> rt.Refund:
    return rt.Refund(refunded_at=placed_at + timedelta(days=days), amount=Decimal("0.75"))


def _newcomers(gaps: Iterable[int]) -> Iterator[rt.Order]:
    """Customers who first bought in March, and came back after so many days."""
    for number, gap in enumerate(gaps):
        first = NOON + number * DAY
        yield order(f"new {number}", first)
        yield order(f"new {number}", first + gap * DAY)


def _world(name: str, orders: Iterable[rt.Order], reading: dict[str, Any] | None = None) -> World:
    return World(name, {"orders": tuple(orders)}, reading or {})


_EVENTFUL = random_orders(66, 50)
ANCHOR = order(None, OPENED - DAY)
"""With it the currency is known in any case; one purchase of a guest, long ago, is no other figure's business."""

IN_TWO_CURRENCIES = (
    tuple(order(who, at) for who, at in (("ann", MARCH), ("ben", MARCH), ("ann", FEBRUARY))),
    tuple(order(who, MARCH, currency="CHF") for who in ("ann", "cy")),
)
"""Orders in euros, and such in francs."""

ORDER_WORLDS: tuple[World, ...] = (
    *(_world(name, _EVENTFUL, reading) for name, reading in READINGS.items()),
    *(_world(f"random {seed}", random_orders(seed, 8 * seed)) for seed in (2, 4, 6)),
    *(_world(f"known {seed}", random_orders(seed, 8 * seed), KNOWN) for seed in (3, 7)),
    _world(
        "cancelled and back",
        (
            *(order(who, NOON, cancelled_at=NOON + DAY) for who in ("ann", "ben", "cy", None)),
            order("dee", FEBRUARY, cancelled_at=NOON, cancel_reason="technical"),
            *(order(who, NOON + DAY + gap) for who, gap in (("ann", 30 * DAY), ("ben", 30 * DAY + MOMENT))),
        ),
        KNOWN,
    ),
    _world(
        "cancelled for all reasons",
        (
            ANCHOR,
            *(
                order(who, NOON, cancelled_at=NOON + days * DAY, cancel_reason=why)
                for days, why in enumerate(("customer", "payment", "stock", "fraud", "technical", None))
                for who in REGULARS[days % 2 :]
            ),
        ),
    ),
    _world("cancelled long after", (order("ann", NOON, cancelled_at=APRIL + 50 * DAY), order("ben", NOON))),
    _world("newcomers", _newcomers(gaps=(3, 16, 17, 40))),
    _world("guests only", (order(None, NOON), order(None, NOON + DAY, "20.00"))),
    _world("one purchase", (order("ann", NOON),)),
    _world("one purchase, watched for months", (order("ann", NOON), order("ben", FEBRUARY)), LONG_AFTER),
    _world("at one instant", tuple(order("ann", NOON, amount) for amount in ("5.00", "7.00"))),
    _world("nothing in the period", (order("ann", FEBRUARY), order("ben", APRIL))),
    _world("free of charge", (order("ann", NOON, "0.00"),), {"policy": rt.OrderPolicy(minimum_net=None)}),
    _world("at the edges", (order("ann", MARCH), order("ben", APRIL), order("cy", MARCH - DAY / 86_400))),
    _world(
        "a shop",
        sample_shop(customers=20).orders,
        {"as_of": datetime(2026, 7, 1, tzinfo=KNOWN["as_of"].tzinfo)},
    ),
)
