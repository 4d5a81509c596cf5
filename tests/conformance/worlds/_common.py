"""What the worlds of all kinds of records have in common: the calendar, the people, the ways to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, TypeVar

import attrs

import retention as rt

T = TypeVar("T")

FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
PERIOD = rt.Period.month(2026, 3, tz="UTC")
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LONG_AGO = datetime(2025, 6, 1, tzinfo=UTC)
LATE = datetime(2027, 1, 1, tzinfo=UTC)
OPENED = datetime(2025, 12, 20, tzinfo=UTC)
DAYS_OPEN = 140
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)

REGULARS = ("ann", "ben", "cy", "dee")
PEOPLE = (*REGULARS, *REGULARS, *(f"c{number}" for number in range(20)))
CUSTOMERS = (*PEOPLE, None, None)
# No tie to any record's own number, so that what a test adds never stands twice.
_NEW_IDS = count(1_000_001)

RECORD_READINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "as_of later": {"as_of": datetime(2026, 5, 1, tzinfo=UTC)},
    "partial": {"as_of": datetime(2026, 3, 20, 12, tzinfo=UTC)},
    "observed": {"observed_from": datetime(2026, 1, 5, tzinfo=UTC)},
    "base unseen": {"observed_from": datetime(2026, 2, 10, tzinfo=UTC)},
    "period unseen": {"observed_from": datetime(2026, 3, 10, tzinfo=UTC)},
    "aliases": {"aliases": {"ben": "ann"}},
}
"""Ways to read records of any kind."""

READINGS: dict[str, dict[str, Any]] = {
    **RECORD_READINGS,
    "zero value counts": {"policy": rt.OrderPolicy(minimum_net=None)},
    "refunds by their date": {"policy": rt.OrderPolicy(refunds_dated="refund")},
    "one a day": {"policy": rt.OrderPolicy(same_day="merge", tz="Europe/Berlin")},
    "refunds within": {"policy": rt.OrderPolicy(refunds_within=timedelta(days=10))},
}
"""Ways to read orders."""

KNOWN = {"as_of": datetime(2026, 5, 8, tzinfo=UTC)}
"""By then all windows are over that began in March."""


def known(readings: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The same, and when the data were known: for figures that follow records for a time."""
    return {name: {**KNOWN, **reading} for name, reading in readings.items()} | {"not known when": {}}


LONG_AFTER = {"as_of": datetime(2026, 9, 1, tzinfo=UTC)}
"""By then even what took months has come to an end."""


@dataclass(frozen=True, eq=False)
class World:
    """Records by their field of a shop, and how they are read.

    Hashed by identity, so that what was said of one can be kept.
    """

    name: str
    records: Mapping[str, tuple[Any, ...]]
    reading: Mapping[str, Any] = field(default_factory=dict)

    def and_also(self, more: Mapping[str, Iterable[Any]]) -> World:
        records = {kind: (*self.records.get(kind, ()), *found) for kind, found in more.items()}
        return World(self.name, {**self.records, **records}, self.reading)

    def read(self, **reading: Any) -> World:
        """The same records, read otherwise."""
        return World(self.name, self.records, reading)

    def __str__(self) -> str:
        return self.name


EMPTY = World("empty", {}, KNOWN)


def new_id() -> int:
    return next(_NEW_IDS)


def pick(random: Random, options: Sequence[T]) -> T:
    """One of them; `Random.choice` has changed over the versions of Python."""
    return options[int(random.random() * len(options))]


def some_hour(random: Random) -> datetime:
    """A whole hour in which the shop was open: now and then, two records of one customer fall on one instant."""
    return OPENED + timedelta(hours=int(random.random() * DAYS_OPEN * 24))


def instants(low: datetime, high: datetime) -> tuple[datetime, ...]:
    """The first instant of a time, one in its midst, the last."""
    return low, low + (high - low) / 3, high - MOMENT


def later(one: Any, by: timedelta) -> Any:
    """The same record, with all its instants so much later."""
    return attrs.evolve(
        one, **{each.name: _shifted(getattr(one, each.name), by) for each in attrs.fields(type(one))}
    )


def _shifted(value: Any, by: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, tuple) and value and all(map(attrs.has, map(type, value))):
        return tuple(later(each, by) for each in value)
    return value


def forgotten(world: World, limit: datetime) -> World:
    """The same records as far as they were known before an instant."""
    records = {
        kind: tuple(unfinished(one, limit) for one in found if begun_at(one) < limit)
        for kind, found in world.records.items()
    }
    return World(world.name, records, world.reading)


def begun_at(one: Any) -> datetime:
    """When a record begins: the first instant that it must have. What has none was always there."""
    instants = (getattr(one, each.name) for each in attrs.fields(type(one)) if each.default is attrs.NOTHING)
    return next((instant for instant in instants if isinstance(instant, datetime)), LONG_AGO)


def unfinished(one: Any, limit: datetime) -> Any:
    """A record without what became of it from an instant on."""
    known = {
        each.name: _known(getattr(one, each.name), limit)
        for each in attrs.fields(type(one))
        if each.name != "trial_ends_at"  # which is agreed upon beforehand
    }
    for event, detail in _DETAILS.items():
        if detail in known and known[event] is None:
            known[detail] = None
    return attrs.evolve(one, **known)


_DETAILS = {
    "ordered_at": "order_id",
    "solved_at": "solved_by",
    "ended_at": "end_reason",
    "cancelled_at": "cancel_reason",
}


def _known(value: Any, limit: datetime) -> Any:
    if isinstance(value, datetime):
        return value if value < limit else None
    if isinstance(value, tuple) and value and all(map(attrs.has, map(type, value))):
        return tuple(unfinished(each, limit) for each in value if begun_at(each) < limit)
    return value
