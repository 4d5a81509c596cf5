"""Hostile little shops from a seed, and their purchases on paper: lists, sets and fractions, nothing of the package.

Few customers, many orders at the same instants, on the limits of periods, in nights and on days that the clocks
repeat or skip, on leap days and on the last of a month.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

TICK = timedelta(microseconds=1)
ALIASES: dict[Hashable, Hashable] = {"Ann": "ann", "ann@shop": "Ann", "Cy": "cy"}
PEOPLE: list[Hashable] = ["ann", "ben", "cy", 1, "1", "Ann", "ann@shop", "Cy", "dee", "eve", "fay"]
DELAYS = [timedelta(0), TICK, timedelta(days=2), timedelta(days=16), timedelta(days=45)]


class Purchase(NamedTuple):
    """One purchase of a known customer; money in ten-thousandths."""

    at: datetime
    number: int
    who: Hashable
    net: int


# --- what is drawn ---


def records_of(
    random: Random, moments: Sequence[datetime], *, most: int = 30, people: Sequence[Hashable] = PEOPLE
) -> list[dict[str, Any]]:
    some = random.sample(people, random.randint(1, len(people)))
    number = random.randint(0, most)
    numbers = random.sample(range(number), number)
    return [{"order_id": place, **record_of(random, moments, [*some, None])} for place in numbers]


def record_of(random: Random, moments: Sequence[datetime], people: Sequence[Hashable]) -> dict[str, Any]:
    placed_at = random.choice(moments)
    amount = random.choice([0, 50_000, 50_001, 100_000, 10_000 * random.randint(1, 30), random.randint(1, 10**6)])
    refunds, left = [], amount
    for _ in range(random.choice([0, 0, 0, 1, 2])):
        part = random.choice([left, left // 2, left // 3])
        left -= part
        refunds.append((placed_at + random.choice(DELAYS), part))
    odd = random.random() < 0.2
    return {
        "customer_id": random.choice(people),
        "placed_at": placed_at,
        "amount": amount,
        "refunds": refunds,
        "currency": "EUR",
        "payment_state": random.choice(["paid", "unknown", "pending", "failed"]) if odd else "paid",
        "cancelled_at": placed_at + random.choice(DELAYS) if odd and random.random() < 0.4 else None,
        "tags": random.choice([(), ("exchange",), ("gift-card",), ("vip",)]) if odd else (),
        "is_test": odd and random.random() < 0.2,
    }


def local_midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


# --- what counts ---


def person(identifier: Hashable, aliases: Mapping[Hashable, Hashable]) -> Hashable:
    while identifier in aliases:
        identifier = aliases[identifier]
    return identifier


def purchases_of(
    records: Sequence[Mapping[str, Any]],
    *,
    as_of: datetime | None,
    minimum_net: int | None = 0,
    aliases: Mapping[Hashable, Hashable],
) -> list[Purchase]:
    """What known customers purchased, by time and then by id."""

    def exists(moment: datetime | None) -> bool:
        return moment is not None and (as_of is None or moment <= as_of)

    found = []
    for record in records:
        back = sum(amount for moment, amount in record["refunds"] if exists(moment))
        net = record["amount"] - back
        is_sale = (
            exists(record["placed_at"])
            and not record["is_test"]
            and record["payment_state"] not in ("pending", "failed")
            and not exists(record["cancelled_at"])
            and not {"exchange", "gift-card"} & set(record["tags"])
        )
        if is_sale and record["customer_id"] is not None and (minimum_net is None or net > minimum_net):
            who = person(record["customer_id"], aliases)
            found.append(Purchase(record["placed_at"].astimezone(UTC), record["order_id"], who, net))
    return sorted(found, key=lambda purchase: (purchase.at, purchase.number))
