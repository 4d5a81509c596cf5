"""Where the tables of customers are tried: shops of half a year, hostile ones first among them.

A scene is a world with customers on record, and where and when its half-year lies. The first three are months before
April, at whose beginning groups are made.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
from dateutil.relativedelta import relativedelta

import retention as rt
from tests.conformance.worlds._common import DAY, EMPTY, HOUR, KNOWN, LATE, MOMENT, REGULARS, World, later
from tests.conformance.worlds._orders import IN_TWO_CURRENCIES, crowd_of_orders, order, random_orders
from tests.conformance.worlds._programs import PROGRAM_WORLDS, customer, random_customers

__all__ = ["SCENES", "SECRET", "Scene", "anchored", "crowded", "renamed", "scene_of", "shifted"]

BERLIN = ZoneInfo("Europe/Berlin")
_BEGIN = datetime(2025, 12, 1, tzinfo=UTC)  # a Monday
_WEEKS = 9


def _same(name: Hashable) -> Hashable:
    return name


@dataclass(frozen=True, eq=False)
class Scene:
    """A world, its half-year, and what its customers are called."""

    world: World
    begin: datetime = _BEGIN
    weekly: bool = False
    called: Callable[[Hashable], Hashable] = field(default=_same)
    original: World | None = None

    @property
    def name(self) -> str:
        return self.world.name

    @property
    def unit(self) -> str:
        return "week" if self.weekly else "month"

    @property
    def end(self) -> datetime:
        """Of the half-year; where weeks are counted, of fewer of them than that, so that tables stay small."""
        return self.begin + (timedelta(weeks=_WEEKS) if self.weekly else relativedelta(months=6))

    @property
    def at(self) -> datetime:
        """When groups are made, well before the data end."""
        return self.begin + (timedelta(weeks=17) if self.weekly else relativedelta(months=4))

    @property
    def before(self) -> datetime:
        """When they were made before."""
        return self.begin + (timedelta(weeks=9) if self.weekly else relativedelta(months=2))

    @property
    def half_year(self) -> rt.Period:
        return rt.Period.between(self.begin, self.end, tz=self.begin.tzinfo)

    @property
    def month(self) -> rt.Period:
        """March."""
        low, high = (
            (timedelta(weeks=13), timedelta(weeks=17))
            if self.weekly
            else (relativedelta(months=3), relativedelta(months=4))
        )
        return rt.Period.between(self.begin + low, self.begin + high, tz=self.begin.tzinfo)

    @property
    def as_of(self) -> datetime | None:
        return self.world.reading.get("as_of")

    @property
    def people(self) -> tuple[Hashable, ...]:
        """Everybody who ordered at first, by the id that was on the order before customers were renamed."""
        ids = {one.customer_id for one in (self.original or self.world).records["orders"]}
        return tuple(sorted(ids - {None}, key=repr))

    def events(self) -> Mapping[Hashable, datetime]:
        """Something that happened to two of three customers: at the same instant to some, to one who never bought."""
        happened = {
            self.called(who): self.begin + place * 7 * DAY
            for place, who in enumerate(self.people)
            if place % 3
        }
        return happened | {self.called("nobody else"): self.begin + 40 * DAY}

    def groups(self) -> Mapping[Hashable, Hashable]:
        """A group for most customers, made by hand."""
        return {
            self.called(who): ("tea", "cups", 3)[place % 3]
            for place, who in enumerate(self.people)
            if place % 7 != 6
        }

    def and_also(self, more: Mapping[str, Iterable[Any]]) -> Scene:
        return replace(self, world=self.world.and_also(more), original=self.original or self.world)

    def __str__(self) -> str:
        return self.name


def _scene(
    name: str,
    orders: Iterable[rt.Order],
    customers: Iterable[rt.Customer] = (),
    *,
    begin: datetime = _BEGIN,
    **reading: Any,
) -> Scene:
    records = {"orders": tuple(orders), "customers": tuple(customers)}
    as_of = begin + relativedelta(months=5, days=7)
    return Scene(World(name, records, {"as_of": as_of, **reading}), begin)


def _from_programs(name: str) -> Scene:
    world = next(world for world in PROGRAM_WORLDS if world.name == name)
    records = {**world.records, "customers": _with_plans(world.records["customers"])}
    return Scene(World(name, records, {**KNOWN, **world.reading}))


def _with_plans(customers: Iterable[rt.Customer]) -> tuple[rt.Customer, ...]:
    """The same, with an attribute of the host's own."""
    return tuple(
        attrs.evolve(one, attributes={"plan": ("gold", "tin", None)[place % 3], "visits": place % 2})
        for place, one in enumerate(customers)
    )


# -------------------------------------------------------------------------------------- hostile shops


def _ties() -> list[rt.Order]:
    """Everybody at the same instants, first and again, some twice at one instant."""
    instants = [_BEGIN, _BEGIN + 31 * DAY, _BEGIN + 90 * DAY]
    return [
        *(order(who, at) for at in instants for who in (*REGULARS, "eve", "fay")),
        order("ann", instants[0]),
        order("ben", instants[1], "3.00"),
        order("ben", instants[1], "5.00"),
    ]


def _berlin() -> list[rt.Order]:
    """Every half-hour of the nights in which clocks change, and round about the turns of months."""
    nights = [datetime(2025, 10, 25, 22, tzinfo=UTC), datetime(2026, 3, 28, 22, tzinfo=UTC)]
    turns = [datetime(2025, month, 1, tzinfo=BERLIN).astimezone(UTC) for month in (11, 12)]
    turns += [datetime(2026, month, 1, tzinfo=BERLIN).astimezone(UTC) for month in (1, 2)]
    instants = [night + half * HOUR / 2 for night in nights for half in range(12)]
    instants += [turn + by for turn in turns for by in (-HOUR, -MOMENT, timedelta(0), HOUR)]
    return [order(f"c{place % 9}", at, f"{place}.50") for place, at in enumerate(instants)]


def _leap_days() -> list[rt.Order]:
    """First purchases at the ends of months, that of February 2024 first of all, and what came after."""
    days = [
        (2023, 12, 31),
        (2024, 1, 29),
        (2024, 1, 30),
        (2024, 1, 31),
        (2024, 2, 28),
        (2024, 2, 29),
        (2024, 3, 31),
    ]
    firsts = [datetime(*day, 12, tzinfo=UTC) for day in days]
    return [
        order(f"c{place}", at)
        for place, first in enumerate(firsts)
        for at in (first, first + relativedelta(months=1), first + relativedelta(months=1) - MOMENT)
    ]


_STRANGE_IDS: tuple[Hashable, ...] = (
    1,
    "1",
    (1,),
    (1, "1", ()),
    10**40,
    -5,
    "x" * 300,
    frozenset({"a", 1}),
    b"1",
    Decimal(7),
    ("a", 1.5),
    UUID(int=7),
)
"""Ids that have no order among them."""


def _strange() -> tuple[list[rt.Order], list[rt.Customer]]:
    orders = [
        order(who, _BEGIN + (place * 5 + again * 33) * DAY, f"{10 * place}.00")
        for place, who in enumerate(_STRANGE_IDS)
        for again in range(1 + place % 4)
    ]
    kinds: tuple[Any, ...] = (1, "1", (1,), None, "y" * 300, "two\nlines", 2.5, "(1,)")
    customers = [
        rt.Customer(
            id=who, attributes={"plan": kinds[place % len(kinds)]}, country="DE" if place % 2 else "AT"
        )
        for place, who in enumerate(_STRANGE_IDS)
    ]
    return orders, customers


SECRET = "§"
"""Stands in every id and attribute of one scene, and is found wherever it leaks."""


def _secrets() -> tuple[list[rt.Order], list[rt.Customer]]:
    ids = [f"{SECRET}{number:02}" for number in range(30)]
    orders = [
        order(who, _BEGIN + (3 * place + 30 * again) * DAY, f"{place + 5}.00")
        for place, who in enumerate(ids)
        for again in range(1 + place % 3)
    ]
    customers = [
        rt.Customer(
            id=who,
            country=f"{SECRET}{place % 2}",
            acquisition_channel=f"{SECRET}{place % 3}",
            attributes={f"{SECRET}a": f"{SECRET}{place % 4}"},
        )
        for place, who in enumerate(ids)
    ]
    return orders, customers


_SOME_PEOPLE = _with_plans(random_customers(5, 99))
_REFUNDED = [
    order(
        who,
        _BEGIN + (20 * place + 15 * again) * DAY,
        "10.00",
        refunds=[rt.Refund(refunded_at=_BEGIN + (20 * place + 90) * DAY, amount=Decimal(amount))],
    )
    for place, who in enumerate((*REGULARS, "eve"))
    for again, amount in enumerate(("10.00", "9.99", "0.01", "10.00"))
]

SCENES: tuple[Scene, ...] = (
    *map(
        _from_programs,
        ("partial", "observed", "aliases", "one a day", "random 7"),
    ),
    _scene("random", random_orders(8, 150), _SOME_PEOPLE),
    _scene("ties", _ties(), (customer(who, country="DE") for who in REGULARS)),
    _scene("nights in Berlin", _berlin(), begin=datetime(2025, 11, 1, tzinfo=BERLIN)),
    _scene("leap days", _leap_days(), _SOME_PEOPLE, begin=datetime(2023, 12, 1, tzinfo=UTC)),
    _scene("strange ids", *_strange()),
    _scene("secrets", *_secrets()),
    _scene("two currencies", (one for both in IN_TWO_CURRENCIES for one in both), _SOME_PEOPLE),
    _scene("refunded", _REFUNDED, _SOME_PEOPLE),
    _scene(
        "free of charge",
        (attrs.evolve(one, amount=0) for one in _ties()),
        _SOME_PEOPLE,
        policy=rt.OrderPolicy(minimum_net=None),
    ),
    _scene("guests only", (order(None, _BEGIN), order(None, _BEGIN + 50 * DAY)), _SOME_PEOPLE),
    _scene("one customer", (order("ann", _BEGIN + 3 * DAY), order("ann", _BEGIN + 50 * DAY)), _SOME_PEOPLE),
    _scene("nobody came back", (order(f"c{day}", _BEGIN + 4 * day * DAY) for day in range(20)), _SOME_PEOPLE),
    _scene("all before", (order(who, _BEGIN - 200 * DAY) for who in REGULARS), _SOME_PEOPLE),
    _scene("nothing yet", random_orders(8, 50), _SOME_PEOPLE, as_of=_BEGIN - 90 * DAY),
    _scene("all unseen", random_orders(9, 40), _SOME_PEOPLE, observed_from=_BEGIN + 155 * DAY),
    _scene("not known when", random_orders(9, 50), _SOME_PEOPLE, as_of=None),
    Scene(World("empty", {"orders": (), "customers": ()}, EMPTY.reading)),
)


def scene_of(name: str) -> Scene:
    """The scene of a name."""
    return next(scene for scene in SCENES if scene.name == name)


# ------------------------------------------------------------------------------- the same, elsewhere


def shifted(scene: Scene, by: timedelta) -> Scene:
    """The same so much later."""
    world = scene.world
    records = {kind: tuple(later(one, by) for one in found) for kind, found in world.records.items()}
    reading = {
        name: value + by if isinstance(value, datetime) else value for name, value in world.reading.items()
    }
    return replace(scene, world=World(world.name, records, reading), begin=scene.begin + by)


def renamed(scene: Scene, called: Callable[[Hashable], Hashable]) -> Scene:
    """The same, with other names for the customers."""
    world = scene.world
    records = {
        "orders": tuple(
            attrs.evolve(one, customer_id=None if one.customer_id is None else called(one.customer_id))
            for one in world.records["orders"]
        ),
        "customers": tuple(
            attrs.evolve(
                one,
                id=called(one.id),
                referred_by=None if one.referred_by is None else called(one.referred_by),
            )
            for one in world.records["customers"]
        ),
    }
    aliases = {called(alias): called(who) for alias, who in world.reading.get("aliases", {}).items()}
    reading = {**world.reading, **({"aliases": aliases} if aliases else {})}
    return replace(scene, world=World(world.name, records, reading), called=called, original=world)


def crowded(scene: Scene, low: datetime, high: datetime = LATE) -> Scene:
    """The same, with purchases of everybody, a newcomer and a guest in some time."""
    return scene.and_also({"orders": crowd_of_orders(low, high)})


def anchored(scene: Scene) -> Scene:
    """The same, with a guest's purchase of long ago, by which the currency is known in any case."""
    return scene.and_also({"orders": [order(None, scene.begin - 400 * DAY)]})
