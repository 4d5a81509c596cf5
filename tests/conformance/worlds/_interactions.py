"""Contacts on several channels: campaigns, offers, questions, cases, reviews, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
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
    LONG_AFTER,
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

_OUTBOUND = ("message", "approach", "offer")
_INBOUND = ("question", "chat", "call", "case", "review", "mention")
_HOURS = (None, None, 0, 1, 24, 100, 900, 1_800)
_SENTIMENTS = (None, Decimal(-1), Decimal("-0.25"), Decimal(0), Decimal("0.5"), Decimal("0.75"), Decimal(1))


def contact(kind: str, customer: str | None, occurred_at: datetime, **more: Any) -> rt.Interaction:
    """A contact with an id of its own."""
    return rt.Interaction(
        **{
            "id": new_id(),
            "kind": kind,
            "customer_id": customer,
            "occurred_at": occurred_at,
            "direction": "outbound" if kind in _OUTBOUND else "inbound",
            "channel": "e-mail",
            **more,
        }
    )


def _random_contact(number: int, random: Random) -> rt.Interaction:
    occurred_at = some_hour(random) + timedelta(seconds=number)
    kind = pick(random, (*_OUTBOUND, *_OUTBOUND, *_INBOUND))

    def some_time() -> datetime | None:
        hours = pick(random, _HOURS)
        return None if hours is None else occurred_at + hours * HOUR

    if kind in _OUTBOUND:
        names = ("opened_at", "clicked_at", "replied_at", "ordered_at")
        outcome: dict[str, Any] = {name: some_time() for name in names}
    else:
        outcome = {
            "answered_at": some_time(),
            "solved_at": some_time(),
            "sentiment": pick(random, _SENTIMENTS),
        }
        if outcome["solved_at"] is not None:
            outcome["solved_by"] = pick(random, ("agent", "self_service", None))
    channel = pick(random, ("e-mail", "sms", "instagram", "telephone"))
    return contact(kind, pick(random, CUSTOMERS), occurred_at, id=number, channel=channel, **outcome)


def random_interactions(seed: int, size: int) -> tuple[rt.Interaction, ...]:
    """Contacts from December to May in no order, the same on every machine."""
    random = Random(seed)
    return tuple(_random_contact(number, random) for number in range(1, size + 1))


def everything(customer: str | None, at: datetime, after: timedelta = 2 * HOUR) -> list[rt.Interaction]:
    """A contact of each kind, all of which were successful after a time."""
    then = at + after
    return [
        contact("message", customer, at, opened_at=then, clicked_at=then, replied_at=then),
        contact("message", customer, at, channel="sms"),
        contact("approach", customer, at, ordered_at=then),
        contact("offer", customer, at, ordered_at=then, channel="telephone"),
        contact("question", customer, at, answered_at=then, solved_at=then, solved_by="self_service"),
        contact("case", customer, at, answered_at=then, solved_at=then, solved_by="agent", sentiment=-1),
        contact("review", customer, at, sentiment="0.5"),
        contact("mention", customer, at, sentiment=1, channel="instagram"),
    ]


def in_vain(customer: str | None, at: datetime) -> list[rt.Interaction]:
    """A contact of each kind of which nothing came."""
    return [contact(kind, customer, at) for kind in (*_OUTBOUND, *_INBOUND)]


def crowd_of_interactions(low: datetime, high: datetime) -> list[rt.Interaction]:
    """All kinds of contacts with everybody, with success and in vain."""
    return [
        one
        for customer in ("ann", "newcomer", None)
        for at in instants(low, high)
        for one in (*everything(customer, at), *in_vain(customer, at))
    ]


def _world(
    name: str,
    interactions: Iterable[rt.Interaction],
    orders: Iterable[rt.Order] = (ANCHOR,),
    reading: dict[str, Any] | None = None,
) -> World:
    return World(
        name,
        {"interactions": tuple(interactions), "orders": tuple(orders)},
        KNOWN if reading is None else reading,
    )


_EVENTFUL = random_interactions(1, 120), random_orders(21, 60)

INTERACTION_WORLDS: tuple[World, ...] = (
    *(_world(name, *_EVENTFUL, reading) for name, reading in known(RECORD_READINGS).items()),
    *(
        _world(f"random {seed}", random_interactions(seed, 25 * seed), random_orders(seed, 8 * seed))
        for seed in (2, 4, 6)
    ),
    _world("nobody known", [*everything(None, NOON), *in_vain(None, NOON)]),
    _world("one customer", everything("ann", NOON), random_orders(5, 30)),
    _world("all in vain", in_vain("ann", NOON)),
    _world(
        "at one instant", [one for who in ("ann", "ben") for one in everything(who, NOON, after=0 * HOUR)]
    ),
    _world(
        "at the limits",
        [
            one
            for days in (1, 7, 30)
            for gap in (days * DAY, days * DAY + MOMENT)
            for one in everything("ann", NOON, gap)
        ],
    ),
    _world(
        "windows not over",
        [one for days in range(6) for one in everything(f"c{days}", NOON + days * DAY, 2 * DAY)],
        reading={"as_of": NOON + 6 * DAY},
    ),
    _world(
        "at the edges",
        [*everything("ann", MARCH), *everything("ben", APRIL), *everything("cy", MARCH - MOMENT)],
    ),
    _world(
        "bought in the month after", everything("ann", APRIL - DAY, 5 * DAY), (order("ann", FEBRUARY), ANCHOR)
    ),
    _world("after months", everything("ann", NOON, 80 * DAY), reading={}),
    _world("after months, and known", everything("ann", NOON, 80 * DAY), reading=LONG_AFTER),
    _world("nothing in the period", [*everything("ann", FEBRUARY), *everything("ben", APRIL)]),
)
