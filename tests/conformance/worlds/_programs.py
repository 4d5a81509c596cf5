"""Customers who joined the loyalty programme, or were referred, and their orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from random import Random
from typing import Any

import retention as rt
from tests.conformance.worlds._common import (
    APRIL,
    DAY,
    FEBRUARY,
    KNOWN,
    MARCH,
    MOMENT,
    NOON,
    OPENED,
    PEOPLE,
    READINGS,
    World,
    pick,
    some_hour,
)
from tests.conformance.worlds._orders import order, random_orders


def customer(who: str, joined_at: datetime | None = None, **more: Any) -> rt.Customer:
    return rt.Customer(id=who, loyalty_joined_at=joined_at, **more)


def random_customers(seed: int, size: int) -> tuple[rt.Customer, ...]:
    """So many customers, or all that there are: members, referred ones, others; of some there is no record."""
    random = Random(seed)
    people = list(dict.fromkeys((*PEOPLE, "newcomer")))
    known = [who for who in people if random.random() < 0.85]
    return tuple(_random_customer(who, random) for who in known[:size])


def _random_customer(who: str, random: Random) -> rt.Customer:
    return customer(
        who,
        pick(random, (None, None, OPENED, some_hour(random), some_hour(random))),
        referred_by=pick(random, (None, None, "somebody")),
        acquisition_channel=pick(random, (None, "search", "referral")),
    )


def _world(
    name: str,
    customers: Iterable[rt.Customer],
    orders: Iterable[rt.Order],
    reading: dict[str, Any] | None = None,
) -> World:
    return World(name, {"customers": tuple(customers), "orders": tuple(orders)}, reading or {})


_31FUL = random_customers(1, 99), random_orders(31, 80)
_REFERRED = {"referred_by": "somebody"}

PROGRAM_WORLDS: tuple[World, ...] = (
    *(_world(name, *_31FUL, reading) for name, reading in READINGS.items()),
    *(
        _world(f"random {seed}", random_customers(seed, 99), random_orders(seed, 12 * seed))
        for seed in (3, 4, 5, 7)
    ),
    _world("known", *_31FUL, KNOWN),
    _world("nobody on record", (), random_orders(3, 30)),
    _world("guests only", random_customers(4, 99), (order(None, NOON),)),
    _world("one member", (customer("ann", OPENED),), (order("ann", FEBRUARY), order("ann", NOON))),
    _world(
        "joined at the edges",
        (
            customer("ann", MARCH),
            customer("ben", MARCH - MOMENT),
            customer("cy", APRIL),
            customer("dee", APRIL - MOMENT),
            customer("c1", NOON),
        ),
        (order(who, at) for who in ("ann", "ben", "cy", "dee", "c1") for at in (FEBRUARY, NOON)),
    ),
    _world(
        "one person, two records",
        (customer("ann", APRIL), customer("ben", OPENED, **_REFERRED)),
        (order("ben", NOON), order("ann", NOON + DAY, "3.00"), order("cy", NOON)),
        {"aliases": {"ben": "ann"}},
    ),
    _world(
        "all referred",
        (customer("ann", **_REFERRED), customer("ben", acquisition_channel="referral")),
        (order("ann", NOON), order("ben", NOON), order("ben", NOON)),
    ),
    _world("nothing in the period", random_customers(5, 99), (order("ann", FEBRUARY), order("ben", APRIL))),
)
