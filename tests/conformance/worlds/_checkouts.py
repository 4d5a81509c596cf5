"""Baskets: left alone, ordered at once or late, with the orders that followed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

import retention as rt
from tests.conformance.worlds._common import (
    APRIL,
    CUSTOMERS,
    DAY,
    FEBRUARY,
    HOUR,
    KNOWN,
    MARCH,
    MOMENT,
    NOON,
    RECORD_READINGS,
    World,
    instants,
    known,
    new_id,
    pick,
    some_hour,
)
from tests.conformance.worlds._orders import ANCHOR, order, random_orders

_HOURS_TO_ORDER = (None, None, None, 0, 1, 24, 25, 300)


def checkout(
    customer: str | None, begun_at: datetime, ordered_at: datetime | None = None, **more: Any
) -> rt.Checkout:
    """A basket with an id of its own."""
    return rt.Checkout(
        **{"id": new_id(), "customer_id": customer, "begun_at": begun_at, "ordered_at": ordered_at, **more}
    )


def random_checkouts(seed: int, size: int) -> tuple[rt.Checkout, ...]:
    """Baskets from December to May in no order, the same on every machine."""
    random = Random(seed)
    return tuple(_random_checkout(number, random) for number in range(1, size + 1))


def _random_checkout(number: int, random: Random) -> rt.Checkout:
    begun_at = some_hour(random)
    hours = pick(random, _HOURS_TO_ORDER)
    priced = random.random() < 0.7
    return checkout(
        pick(random, CUSTOMERS),
        begun_at,
        None if hours is None else begun_at + hours * HOUR,
        id=number,
        amount=Decimal(int(random.random() * 10_000)) / 100 if priced else None,
        currency="EUR" if priced else None,
        channel=pick(random, ("web", "app", None)),
    )


def crowd_of_checkouts(low: datetime, high: datetime) -> list[rt.Checkout]:
    """Baskets of everybody: left alone, ordered at once, ordered late."""
    return [
        checkout(customer, at, None if hours is None else at + hours * HOUR)
        for customer in ("ann", "ben", "newcomer", None)
        for at in instants(low, high)
        for hours in (None, 1, 300)
    ]


def _world(
    name: str,
    checkouts: Iterable[rt.Checkout],
    orders: Iterable[rt.Order] = (ANCHOR,),
    reading: dict[str, Any] | None = None,
) -> World:
    return World(
        name, {"checkouts": tuple(checkouts), "orders": tuple(orders)}, KNOWN if reading is None else reading
    )


_EVENTFUL = random_checkouts(1, 60), random_orders(11, 60)

CHECKOUT_WORLDS: tuple[World, ...] = (
    *(_world(name, *_EVENTFUL, reading) for name, reading in known(RECORD_READINGS).items()),
    *(
        _world(f"random {seed}", random_checkouts(seed, 8 * seed), random_orders(seed, 8 * seed))
        for seed in (2, 4, 6)
    ),
    _world("nobody known", (checkout(None, NOON), checkout(None, NOON, NOON)), (order(None, NOON + DAY),)),
    _world("one basket", (checkout("ann", NOON),), (order("ann", NOON + 3 * DAY),)),
    _world(
        "at one instant",
        (checkout("ann", NOON), checkout("ann", NOON), checkout("ben", NOON, NOON)),
        (order("ann", NOON), order("ben", NOON), order("ann", NOON + DAY)),
    ),
    _world(
        "at the limits",
        (
            checkout(who, NOON, NOON + gap)
            for who, gap in (("ann", DAY), ("ben", DAY + MOMENT), ("cy", HOUR), ("dee", HOUR + MOMENT))
        ),
        (
            order(who, NOON + gap)
            for who in ("ann", "ben")
            for gap in (HOUR, DAY, DAY + MOMENT, 30 * DAY, 31 * DAY)
        ),
    ),
    _world(
        "windows not over",
        (
            checkout(who, NOON + days * DAY)
            for days, who in enumerate(("ann", "ben", "cy", "dee", "ann", None))
        ),
        (order(who, NOON + 5 * DAY) for who in ("ann", "cy")),
        {"as_of": NOON + 7 * DAY},
    ),
    _world(
        "at the edges",
        (
            checkout("ann", MARCH),
            checkout("ben", APRIL),
            checkout("cy", MARCH - MOMENT),
            checkout("dee", APRIL - HOUR, APRIL),
        ),
        (order("ann", APRIL),),
    ),
    _world(
        "nothing in the period", (checkout("ann", FEBRUARY), checkout("ben", APRIL)), (order("ann", NOON),)
    ),
)
