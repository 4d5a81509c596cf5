"""What the conformance tests run the metrics on: small shops with everything in them that a shop can have.

A world is some records and the keywords with which they are read. All are about one period, March 2026. Each kind of
record has a file here; whoever asks for the worlds of a metric need not know which it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from hypothesis import strategies as st

import retention as rt
from retention._checkout_facts import checkout_facts
from retention._facts import facts
from retention._interaction_facts import interaction_facts
from retention._program_facts import program_facts
from retention._subscription_facts import subscription_facts
from retention._survey_facts import survey_facts
from retention.catalog import MetricSpec
from tests.conformance.worlds._checkouts import CHECKOUT_WORLDS, crowd_of_checkouts, random_checkouts
from tests.conformance.worlds._common import (
    EMPTY,
    KNOWN,
    PERIOD,
    READINGS,
    RECORD_READINGS,
    World,
    known,
)
from tests.conformance.worlds._interactions import (
    INTERACTION_WORLDS,
    crowd_of_interactions,
    random_interactions,
)
from tests.conformance.worlds._orders import ANCHOR, ORDER_WORLDS, crowd_of_orders, random_orders
from tests.conformance.worlds._programs import PROGRAM_WORLDS, random_customers
from tests.conformance.worlds._responses import RESPONSE_WORLDS, crowd_of_responses, random_responses
from tests.conformance.worlds._subscriptions import (
    SPAN_LONG_AGO,
    SUBSCRIPTION_WORLDS,
    crowd_of_subscriptions,
    random_subscriptions,
)

__all__ = [
    "EMPTY",
    "KNOWN",
    "PERIOD",
    "WORLDS",
    "World",
    "crowd",
    "facts_of",
    "random_records",
    "shop_of",
    "takes_shop_only",
    "worlds",
    "worlds_of",
]

WORLDS: Mapping[str, tuple[World, ...]] = {
    "orders": ORDER_WORLDS,
    "responses": RESPONSE_WORLDS,
    "subscriptions": SUBSCRIPTION_WORLDS,
    "checkouts": CHECKOUT_WORLDS,
    "interactions": INTERACTION_WORLDS,
    "customers": PROGRAM_WORLDS,
}
"""By the first kind of record that a metric reads; they have the others, too."""

_RANDOM: Mapping[str, Callable[[int, int], tuple[Any, ...]]] = {
    "orders": random_orders,
    "responses": random_responses,
    "subscriptions": random_subscriptions,
    "checkouts": random_checkouts,
    "interactions": random_interactions,
    "customers": random_customers,
}

_CROWDS: Mapping[str, Callable[[datetime, datetime], list[Any]]] = {
    "orders": crowd_of_orders,
    "responses": crowd_of_responses,
    "subscriptions": crowd_of_subscriptions,
    "checkouts": crowd_of_checkouts,
    "interactions": crowd_of_interactions,
}

_BESIDE: Mapping[str, tuple[str, ...]] = {
    "checkouts": ("checkouts", "orders"),
    "interactions": ("interactions", "orders"),
    "customers": ("customers", "orders"),
}
"""Kinds that never come alone."""


def worlds_of(spec: MetricSpec) -> tuple[World, ...]:
    """The worlds that a metric is about."""
    return WORLDS[spec.inputs[0]]


def random_records(data: str, seed: int, size: int) -> dict[str, tuple[Any, ...]]:
    """Random records of a kind, and of those that go with it."""
    return {kind: _RANDOM[kind](seed, size) for kind in _BESIDE.get(data, (data,))}


def crowd(spec: MetricSpec, low: datetime, high: datetime) -> dict[str, list[Any]]:
    """All that can happen from `low` up to before `high`, to everybody, a newcomer and a guest."""
    return {kind: _CROWDS[kind](low, high) for kind in spec.inputs if kind in _CROWDS}


def takes_shop_only(spec: MetricSpec) -> bool:
    """Whether a metric reads several kinds of records, which only a shop can hand over."""
    return len(spec.inputs) > 1


def shop_of(world: World, form: Callable[[Iterable[Any]], Iterable[Any]] = tuple) -> rt.Shop:
    """All records of a world as a shop, which was made of iterables of some form."""
    return rt.Shop(**{kind: form(records) for kind, records in world.records.items()}, **world.reading)


def facts_of(spec: MetricSpec, world: World) -> Any:
    """The facts of March, of the kind that a metric reads; for a forecast, those of the year before, too."""
    if spec.id == "revenue_predictability_table":
        return facts(shop_of(world).history(), tuple(islice(_backwards(PERIOD), 13)))
    return _FACTS[spec.inputs[0]](world)


def _backwards(period: rt.Period) -> Iterator[rt.Period]:
    while True:
        yield period
        period = period.previous()


def _order_facts(world: World) -> Any:
    return facts(shop_of(world).history(), (PERIOD,), recency=True, lifespans=True, followed=True)[0]


def _survey_facts(world: World) -> Any:
    return survey_facts(shop_of(world), (PERIOD,))[0]


def _subscription_facts(world: World) -> Any:
    return subscription_facts(shop_of(world), (PERIOD,), tenures=True)[0]


def _checkout_facts(world: World) -> Any:
    shop = shop_of(world)
    return checkout_facts(shop, (PERIOD,), history=shop.history())[0]


def _interaction_facts(world: World) -> Any:
    shop = shop_of(world)
    return interaction_facts(shop, (PERIOD,), history=shop.history())[0]


def _program_facts(world: World) -> Any:
    return program_facts(shop_of(world), (PERIOD,))[0]


_FACTS: Mapping[str, Callable[[World], Any]] = {
    "orders": _order_facts,
    "responses": _survey_facts,
    "subscriptions": _subscription_facts,
    "checkouts": _checkout_facts,
    "interactions": _interaction_facts,
    "customers": _program_facts,
}


@st.composite
def worlds(draw: st.DrawFn, data: str) -> World:
    """Any small world of one kind of record."""
    seed, size = draw(st.integers(0, 2**32)), draw(st.integers(0, 25))
    records = random_records(data, seed, 3 * size if data in {"responses", "interactions"} else size)
    for kind, anchor in (("orders", ANCHOR), ("subscriptions", SPAN_LONG_AGO)):
        if kind in records:
            records[kind] += (anchor,)
    readings = READINGS if data in {"orders", "customers"} else RECORD_READINGS
    if data in {"checkouts", "interactions"}:
        readings = known(readings)
    return World("drawn", records, draw(st.sampled_from(list(readings.values()))))
