"""What the conformance tests run the metrics on: small shops with everything in them that a shop can have.

A world is some orders and the keywords with which they are read. All are about one period, March 2026.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from random import Random
from typing import Any

from dateutil.relativedelta import relativedelta
from hypothesis import strategies as st

import retention as rt
from retention.catalog import MetricSpec
from retention.testing import sample_shop

FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
PERIOD = rt.Period.month(2026, 3, tz="UTC")
REGULARS = ("ann", "ben", "cy", "dee")
CUSTOMERS = (*REGULARS, *REGULARS, None, None, *(f"c{number}" for number in range(20)))

_DAY = timedelta(days=1)
_OPENED = datetime(2025, 12, 20, tzinfo=UTC)
_DAYS_OPEN = 140
# No tie to any order's own number, so that what a test adds never stands twice.
_NEW_IDS = count(1_000_001)


@dataclass(frozen=True, eq=False)
class World:
    """Orders, and how they are read. Hashed by identity, so that what was said of one can be kept."""

    name: str
    orders: tuple[rt.Order, ...]
    reading: Mapping[str, Any] = field(default_factory=dict)

    def with_orders(self, orders: Iterable[rt.Order]) -> World:
        return World(self.name, tuple(orders), self.reading)

    def and_also(self, *more: rt.Order) -> World:
        return self.with_orders(self.orders + more)

    def __str__(self) -> str:
        return self.name


# ------------------------------------------------------------------------------------------ orders


def order(customer: str | None, placed_at: datetime, amount: str = "10.00", **more: Any) -> rt.Order:
    """An order with an id of its own."""
    return rt.Order(
        **{
            "id": next(_NEW_IDS),
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
        (0.16, {"cancelled_at": later, "cancel_reason": "customer"}),
        (0.19, {"payment_state": "failed"}),
        (0.21, {"is_test": True}),
        (0.23, {"tags": {"exchange"}}),
        (0.25, {"tags": {"gift-card", "vip"}}),
    )
    return next((fate for limit, fate in fates if draw < limit), {})


def _random_order(number: int, random: Random) -> rt.Order:
    # Whole hours: now and then two purchases of one customer fall on one instant.
    placed_at = _OPENED + timedelta(hours=int(random.random() * _DAYS_OPEN * 24))
    cents = 0 if random.random() < 0.05 else int(random.random() * 10_000)
    return order(
        CUSTOMERS[int(random.random() * len(CUSTOMERS))],
        placed_at,
        str(Decimal(cents) / 100),
        id=number,
        **_fate(random.random(), placed_at, cents),
    )


def random_orders(seed: int, size: int) -> tuple[rt.Order, ...]:
    """Orders from December to May in no order, the same on every machine."""
    random = Random(seed)
    return tuple(_random_order(number, random) for number in range(1, size + 1))


_EVENTFUL = random_orders(1, 50)
_NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def _newcomers(gaps: Iterable[int]) -> Iterator[rt.Order]:
    """Customers who first bought in March, and came back after so many days."""
    for number, gap in enumerate(gaps):
        first = _NOON + number * _DAY
        yield order(f"new {number}", first)
        yield order(f"new {number}", first + gap * _DAY)


READINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "as_of later": {"as_of": datetime(2026, 5, 1, tzinfo=UTC)},
    "partial": {"as_of": datetime(2026, 3, 20, 12, tzinfo=UTC)},
    "observed": {"observed_from": datetime(2026, 1, 5, tzinfo=UTC)},
    "base unseen": {"observed_from": datetime(2026, 2, 10, tzinfo=UTC)},
    "period unseen": {"observed_from": datetime(2026, 3, 10, tzinfo=UTC)},
    "zero value counts": {"policy": rt.OrderPolicy(minimum_net=None)},
    "refunds by their date": {"policy": rt.OrderPolicy(refunds_dated="refund")},
    "one a day": {"policy": rt.OrderPolicy(same_day="merge", tz="Europe/Berlin")},
    "refunds within": {"policy": rt.OrderPolicy(refunds_within=timedelta(days=10))},
    "aliases": {"aliases": {"ben": "ann"}},
}

WORLDS: tuple[World, ...] = (
    *(World(name, _EVENTFUL, reading) for name, reading in READINGS.items()),
    *(World(f"random {seed}", random_orders(seed, 8 * seed)) for seed in range(2, 8)),
    World("newcomers", tuple(_newcomers(gaps=(3, 16, 17, 40)))),
    World("guests only", (order(None, _NOON), order(None, _NOON + _DAY, "20.00"))),
    World("one purchase", (order("ann", _NOON),)),
    World("at one instant", tuple(order("ann", _NOON, amount) for amount in ("5.00", "7.00"))),
    World("nothing in the period", (order("ann", FEBRUARY), order("ben", APRIL))),
    World("free of charge", (order("ann", _NOON, "0.00"),), {"policy": rt.OrderPolicy(minimum_net=None)}),
    World("at the edges", (order("ann", MARCH), order("ben", APRIL), order("cy", MARCH - _DAY / 86_400))),
    World("a shop", tuple(sample_shop(customers=20).orders), {"as_of": datetime(2026, 7, 1, tzinfo=UTC)}),
)
EMPTY = World("empty", ())


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Any small world."""
    orders = random_orders(draw(st.integers(0, 2**32)), draw(st.integers(0, 25)))
    # With it the currency is known in any case; one purchase of a guest, long ago, is no other figure's business.
    anchor = order(None, _OPENED - _DAY)
    return World("drawn", (*orders, anchor), draw(st.sampled_from(list(READINGS.values()))))


# ----------------------------------------------------------------------------------------- reading


def options(spec: MetricSpec, *, calendar: bool = True) -> Iterator[dict[str, Any]]:
    """Ways to call a metric: as it is, and with each other definition that it offers.

    Args:
        spec: The metric.
        calendar: Whether times are given in months, which are of different lengths.
    """
    month = relativedelta(months=1) if calendar else timedelta(days=31)
    offered: dict[str, dict[str, Any]] = {
        "inactive_after": {"inactive_after": month},
        "top": {"top": Decimal("0.5")},
        "bias_corrected": {"bias_corrected": True},
        "within": {"within": month},
    }
    yield {}
    for keyword, other in offered.items():
        if keyword in inspect.signature(spec.function).parameters:
            yield other


def ask(spec: MetricSpec, orders: Any, /, *, period: rt.Period = PERIOD, **keywords: Any) -> Any:
    """What the metric returns, or the error that it refuses with."""
    try:
        return spec.function(orders, period=period, **keywords)
    except rt.RetentionError as refusal:
        return refusal


def look(
    spec: MetricSpec, world: World, *, period: rt.Period = PERIOD, calendar: bool = True
) -> tuple[object, ...]:
    """All that a metric says of a world, under all its definitions."""
    return tuple(
        content(ask(spec, world.orders, period=period, **world.reading, **option))
        for option in options(spec, calendar=calendar)
    )


@cache
def said(spec: MetricSpec, world: World) -> tuple[object, ...]:
    """The same for March, looked at once."""
    return look(spec, world)


def content(result: Any) -> tuple[object, ...]:
    """All that a result says, as plain values: what rides along and takes no part in equality, too."""
    if isinstance(result, (int, Decimal, Exception)):
        return type(result), str(result)
    basis = result.basis
    return (
        type(result),
        repr(result),
        str(result),
        _fields(result),
        _interval(result),
        (basis.metric, basis.counted, basis.partial, basis.observable, basis.undefined_because),
        dict(basis.left_out),
        basis.assumed,
        result.explain().replace(basis.period, "…"),
    )


def _fields(result: Any) -> tuple[object, ...]:
    if isinstance(result, rt.CustomerFlow):
        return (result, dict(result.customers))
    if isinstance(result, rt.Distribution):
        return tuple(result.values)
    if isinstance(result, rt.LorenzCurve):
        return result.spends
    return (result.value,)


def _interval(result: Any) -> object:
    if not hasattr(result, "interval"):
        return None
    try:
        interval = result.interval()
    except rt.UndefinedMetricError as refusal:
        return str(refusal)
    return interval, str(interval), interval.method
