"""Subscriptions: lives of several spans, with trials, pauses, changes of plan, gaps and ends of all kinds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import chain
from random import Random
from typing import Any

import retention as rt
from tests.conformance.worlds._common import (
    APRIL,
    DAY,
    FEBRUARY,
    HOUR,
    LONG_AFTER,
    LONG_AGO,
    MARCH,
    MOMENT,
    NOON,
    OPENED,
    PEOPLE,
    RECORD_READINGS,
    World,
    instants,
    new_id,
    pick,
)

_REASONS = ("customer", "payment", "fraud", "plan_change", "other", None)
_BILLING = (("month", 1), ("month", 3), ("year", 1), ("week", 2), ("day", 10))


def subscription(
    customer: str, started_at: datetime, ended_at: datetime | None = None, amount: str = "12.00", **more: Any
) -> rt.Subscription:
    """A span with an id of its own."""
    return rt.Subscription(
        **{
            "id": new_id(),
            "customer_id": customer,
            "started_at": started_at,
            "ended_at": ended_at,
            "amount": Decimal(amount),
            "currency": "EUR",
            "interval": "month",
            **more,
        }
    )


def pause(started_at: datetime, ended_at: datetime | None = None) -> rt.Pause:
    return rt.Pause(started_at=started_at, ended_at=ended_at)


def _random_life(random: Random) -> Iterator[rt.Subscription]:
    """Spans of one customer: each begins where the one before it ended, or some days later."""
    customer = pick(random, PEOPLE)
    begin = OPENED + int(random.random() * 100 * 24) * HOUR
    for _ in range(1 + int(random.random() * 3)):
        end = None if random.random() < 0.4 else begin + int(random.random() * 60 * 24) * HOUR
        yield _random_span(random, customer, begin, end)
        if end is None:
            return
        begin = end + pick(random, (0, 0, 1, 4, 20)) * DAY


def _random_span(random: Random, customer: str, begin: datetime, end: datetime | None) -> rt.Subscription:
    until = end or begin + 90 * DAY
    interval, times = pick(random, _BILLING)
    first = begin + (until - begin) / 4
    pauses: tuple[tuple[rt.Pause, ...], ...] = (
        (),
        (),
        (pause(first, first + (until - begin) / 4),),
        (pause(begin, first), pause(first, first)),
        (pause(first, first + DAY / 24 if end is None else end),),
        (pause(first, end),),
    )
    return subscription(
        customer,
        begin,
        end,
        str(Decimal(int(random.random() * 10_000)) / 100) if random.random() < 0.9 else "0.00",
        interval=interval,
        interval_count=times,
        end_reason=None if end is None else pick(random, _REASONS),
        trial_ends_at=begin + 14 * DAY if random.random() < 0.2 else None,
        pauses=pick(random, pauses),
        plan=pick(random, ("basic", "pro", None)),
    )


def random_subscriptions(seed: int, size: int) -> tuple[rt.Subscription, ...]:
    """About so many spans from December on, the same on every machine."""
    random = Random(seed)
    return tuple(chain.from_iterable(_random_life(random) for _ in range(size // 2)))


def crowd_of_subscriptions(low: datetime, high: datetime) -> list[rt.Subscription]:
    """Spans of everybody that begin in a time: for good, for a while, on trial, paused."""
    return [
        subscription(customer, at, **more)
        for customer in ("ann", "ben", "c3", "newcomer")
        for at in instants(low, high)
        for more in (
            {"amount": "7.77"},
            {"ended_at": at + 40 * DAY, "end_reason": "customer"},
            {"trial_ends_at": at + 14 * DAY},
            {"pauses": (pause(at + DAY, at + 50 * DAY),)},
        )
    ]


def _world(
    name: str, subscriptions: Iterable[rt.Subscription], reading: dict[str, Any] | None = None
) -> World:
    return World(name, {"subscriptions": tuple(subscriptions)}, reading or {})


_EVENTFUL = random_subscriptions(1, 50)
SPAN_LONG_AGO = subscription("nobody else", LONG_AGO - 30 * DAY, LONG_AGO - 20 * DAY)
"""With it the currency is known in any case."""

SPANS_IN_TWO_CURRENCIES = (
    tuple(subscription(who, at) for who, at in (("ann", FEBRUARY), ("ben", NOON), ("cy", FEBRUARY - DAY))),
    tuple(subscription(who, FEBRUARY, NOON, currency="CHF") for who in ("ann", "dee")),
)
"""Subscriptions in euros, and such in francs."""

_SECOND = DAY / 86_400

SUBSCRIPTION_WORLDS: tuple[World, ...] = (
    *(_world(name, _EVENTFUL, reading) for name, reading in RECORD_READINGS.items()),
    *(_world(f"random {seed}", random_subscriptions(seed, 8 * seed)) for seed in (2, 4, 6)),
    _world("euros of two", chain(*SPANS_IN_TWO_CURRENCIES), {"currency": "EUR"}),
    _world("two currencies", chain(*SPANS_IN_TWO_CURRENCIES)),
    _world(
        "at the edges",
        (
            subscription("ann", MARCH),
            subscription("ben", FEBRUARY, MARCH, end_reason="payment"),
            subscription("cy", APRIL),
            subscription("dee", FEBRUARY, APRIL, end_reason="customer"),
            subscription("c1", MARCH - MOMENT, APRIL - MOMENT),
            subscription("c2", NOON, NOON),
        ),
    ),
    _world("joined and left", (subscription("ann", MARCH + DAY, NOON), subscription("ben", FEBRUARY))),
    _world("one subscriber", (subscription("ann", FEBRUARY),)),
    _world(
        "left after months",
        (subscription("ann", NOON, APRIL + 90 * DAY, end_reason="customer"), subscription("ben", NOON)),
        LONG_AFTER,
    ),
    _world("left for good", (subscription("ann", FEBRUARY, NOON, end_reason="customer"),)),
    _world(
        "changes of plan at one instant",
        (
            subscription("ann", FEBRUARY, NOON, "10.00", end_reason="plan_change"),
            subscription("ann", NOON, NOON + HOUR, "20.00", end_reason="plan_change"),
            subscription("ann", NOON + HOUR, None, "120.00", interval="year"),
            subscription("ben", FEBRUARY, NOON, "20.00", end_reason="plan_change"),
            subscription("ben", NOON, None, "5.00", interval="week"),
        ),
    ),
    _world(
        "two at a time",
        (subscription("ann", FEBRUARY, NOON), subscription("ann", FEBRUARY + DAY, NOON + DAY)),
    ),
    _world(
        "gaps",
        (
            subscription("ann", FEBRUARY, MARCH - DAY),
            subscription("ann", MARCH + DAY),
            subscription("ben", FEBRUARY, NOON, end_reason="payment"),
            subscription("ben", NOON + 4 * DAY, None, "15.00"),
            subscription("cy", FEBRUARY, APRIL - DAY, end_reason="technical"),
        ),
    ),
    _world(
        "pauses over the edges",
        (
            subscription("ann", FEBRUARY, pauses=(pause(MARCH - DAY, MARCH + DAY),)),
            subscription("ben", FEBRUARY, pauses=(pause(NOON),)),
            subscription("cy", FEBRUARY, NOON, pauses=(pause(MARCH, NOON),)),
            subscription("dee", FEBRUARY, pauses=(pause(FEBRUARY, MARCH), pause(APRIL - _SECOND, APRIL))),
        ),
    ),
    _world(
        "trials",
        (
            subscription("ann", FEBRUARY, trial_ends_at=NOON),
            subscription("ben", NOON, NOON + 7 * DAY, trial_ends_at=NOON + 14 * DAY, end_reason="customer"),
            subscription("cy", FEBRUARY),
        ),
    ),
    _world(
        "free of charge",
        (SPAN_LONG_AGO, subscription("ann", FEBRUARY, amount="0.00"), subscription("ben", NOON, amount="0")),
    ),
    _world("nothing in the period", (subscription("ann", OPENED, FEBRUARY), subscription("ben", APRIL))),
)
