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

from dateutil.relativedelta import relativedelta

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
    amount = random.choice(
        [0, 50_000, 50_001, 100_000, 10_000 * random.randint(1, 30), random.randint(1, 10**6)]
    )
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


class Days(NamedTuple):
    """A shop of some months, and an instant to look at it; `at` is None for all that is known."""

    records: list[dict[str, Any]]
    as_of: datetime | None
    at: datetime | None
    aliases: Mapping[Hashable, Hashable]
    zone: str

    @property
    def now(self) -> datetime:
        """The instant, by the clock of the zone whose months are counted."""
        now = self.at or self.as_of
        assert now is not None
        return now.astimezone(ZoneInfo(self.zone))

    @property
    def reading(self) -> dict[str, Any]:
        return {"as_of": self.as_of, "aliases": dict(self.aliases)}

    @property
    def purchases(self) -> list[Purchase]:
        return purchases_of(self.records, as_of=self.as_of, aliases=self.aliases)


def days_of(random: Random) -> Days:
    """Purchases a week, a month or some days apart, many of them at one instant or a tick beside it."""
    zone = ZoneInfo(random.choice(["Europe/Berlin", "UTC", "America/Havana"]))
    origin = datetime(2026, random.choice([1, 3, 10, 12]), random.choice([1, 15, 28]), tzinfo=zone)
    steps = [timedelta(0), timedelta(0), TICK, -TICK, timedelta(hours=23)]
    far = [random.randint(0, random.choice([20, 120, 700])) for _ in range(30)]
    moments = [origin + timedelta(days=days) + random.choice(steps) for days in far]
    moments += [origin + timedelta(days=7 * week) for week in range(12)]
    moments += [origin + relativedelta(months=months) for months in range(9)]
    moments += [origin + relativedelta(days=-1, months=months) for months in range(3)]
    moments = [at.astimezone(UTC) if random.random() < 0.3 else at for at in moments]
    people = random.sample(PEOPLE, random.randint(1, 6)) if random.random() < 0.7 else PEOPLE
    drawn = records_of(random, moments, most=random.choice([4, 15, 40, 70]), people=people)
    records = [record for record in drawn if record["customer_id"] is not None or random.random() < 0.2]
    moments.sort(key=lambda moment: moment.timestamp())
    as_of = random.choice([None, None, *moments[-25:]])
    known = [moment for moment in moments if as_of is None or moment <= as_of]
    later = [moment + timedelta(days=random.choice([1, 10, 60])) for moment in known]
    ats = [at for at in [*known[-20:], *later] if as_of is None or at <= as_of]
    at = random.choice([None] * 10 + ats) if as_of is not None else random.choice(ats)
    return Days(records, as_of, at, random.choice([{}, ALIASES]), zone.key)


def span_of(random: Random, number: int, moments: Sequence[datetime]) -> dict[str, Any]:
    """A subscription that may be empty, in its trial for ever, paused over a limit."""
    started_at, ended_at = random.choice(moments), random.choice([None, *moments])
    if ended_at is not None and ended_at < started_at:
        started_at, ended_at = ended_at, started_at
    trial = random.choice([None, None, *moments])
    inside = sorted(
        moment
        for moment in random.sample(moments, random.choice([0, 0, 0, 2, 4]))
        if started_at <= moment and (ended_at is None or moment <= ended_at)
    )
    reasons = [None, "customer", "payment", "fraud", "technical", "plan_change", "other"]
    return {
        "id": number,
        "customer_id": random.choice(["ann", "ben", "cy", "Ann", "dee", "eve", "Cy"]),
        "amount": random.choice(["10.00", "20.00", "7.77", "0"]),
        "currency": "EUR",
        "interval": random.choice(["month", "year", "week"]),
        "interval_count": 1,
        "started_at": started_at,
        "ended_at": ended_at,
        "end_reason": None if ended_at is None else random.choice(reasons),
        "trial_ends_at": None if trial is None else max(trial, started_at),
        "pauses": list(zip(inside[::2], inside[1::2], strict=False)),
    }


def contact_of(random: Random, record: Mapping[str, Any]) -> dict[str, Any]:
    """A contact at the instant of an order, answered and solved at once, later, or never."""
    came, inbound = record["placed_at"], random.random() < 0.8

    def done() -> datetime | None:
        waits = [timedelta(0), TICK, timedelta(days=1), timedelta(days=random.randint(0, 40))]
        return random.choice([None, None, *(came + wait for wait in waits)]) if inbound else None

    return {
        "customer_id": record["customer_id"],
        "kind": random.choice(["question", "case", "review", "mention", "chat"]),
        "direction": "inbound" if inbound else "outbound",
        "channel": random.choice(["web", "phone"]),
        "occurred_at": came,
        "answered_at": done(),
        "solved_at": done(),
    }
