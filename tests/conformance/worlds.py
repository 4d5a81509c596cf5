"""What the conformance tests run the metrics on: small shops with everything in them that a shop can have.

A world is some records of one kind, orders or survey responses, and the keywords with which they are read. All are
about one period, March 2026.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count, product
from random import Random
from typing import Any, TypeAlias

from dateutil.relativedelta import relativedelta
from hypothesis import strategies as st

import retention as rt
from retention._facts import facts
from retention._survey_facts import survey_facts
from retention.catalog import MetricSpec
from retention.shop import history_of
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


Record: TypeAlias = rt.Order | rt.SurveyResponse


@dataclass(frozen=True, eq=False)
class World:
    """Records, and how they are read. Hashed by identity, so that what was said of one can be kept."""

    name: str
    records: tuple[Any, ...]
    reading: Mapping[str, Any] = field(default_factory=dict)

    def with_records(self, records: Iterable[Record]) -> World:
        return World(self.name, tuple(records), self.reading)

    def and_also(self, *more: Record) -> World:
        return self.with_records(self.records + more)

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

_ORDER_WORLDS: tuple[World, ...] = (
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


# --------------------------------------------------------------------------------------- responses

# A customer who answers all of these in one visit answers each kind once.
_QUESTIONS: tuple[dict[str, Any], ...] = (
    {"kind": "nps"},
    {"kind": "csat", "scale": (1, 5)},
    {"kind": "ces", "scale": (1, 7), "direction": "lower"},
    {"kind": "why"},
)
_WORDS = ("price", "range", "speed", "service")


def response(
    customer: str | None, responded_at: datetime, luck: float = 0.5, **more: Any
) -> rt.SurveyResponse:
    """An answer with an id of its own; `luck`, from 0 to 1, chooses it from what the scale offers."""
    given: dict[str, Any] = {"kind": "nps", **more}
    if given["kind"] == "why" and "score" not in given:
        given["answer"] = _WORDS[int(luck * luck * len(_WORDS))]
    elif "score" not in given:
        low, high = given.get("scale", (0, 10))
        given["score"] = int(low + luck * (high - low + 1))
    given.setdefault("id", next(_NEW_IDS))
    return rt.SurveyResponse(customer_id=customer, responded_at=responded_at, **given)


def _visits(luck: Mapping[str | None, float], at: datetime) -> Iterator[rt.SurveyResponse]:
    for (customer, fortune), question in product(luck.items(), _QUESTIONS):
        yield response(customer, at, fortune, **question)


def random_responses(seed: int, size: int) -> tuple[rt.SurveyResponse, ...]:
    """Answers from December to May in no order, the same on every machine, no two at one instant."""
    random = Random(seed)
    return tuple(
        response(
            CUSTOMERS[int(random.random() * len(CUSTOMERS))],
            _OPENED + timedelta(hours=int(random.random() * _DAYS_OPEN * 24), seconds=number),
            random.random(),
            id=number,
            touchpoint=("checkout", "delivery", None)[int(random.random() * 3)],
            **_QUESTIONS[int(random.random() * len(_QUESTIONS))],
        )
        for number in range(1, size + 1)
    )


_WITHOUT_POLICY = {name: reading for name, reading in READINGS.items() if "policy" not in reading}
_TALKATIVE = random_responses(1, 150)
_FRACTIONS = {"scale": (Decimal(1), Decimal(5)), "direction": "higher"}

_RESPONSE_WORLDS: tuple[World, ...] = (
    *(World(name, _TALKATIVE, reading) for name, reading in _WITHOUT_POLICY.items()),
    *(World(f"random {seed}", random_responses(seed, 30 * seed)) for seed in range(2, 8)),
    World("nobody known", tuple(_visits({None: 0.9}, _NOON)) + tuple(_visits({None: 0.3}, _NOON))),
    World("one respondent", tuple(_visits({"ann": 0.99}, _NOON))),
    World("at one instant", tuple(_visits({"ann": 0.1, "ben": 0.6, "cy": 0.99}, _NOON))),
    World("unanimous", tuple(_visits(dict.fromkeys(REGULARS, 0.99), _NOON))),
    World("nothing in the period", (*_visits({"ann": 0.2}, FEBRUARY), *_visits({"ben": 0.9}, APRIL))),
    World(
        "at the edges",
        (
            *_visits({"ann": 0.8}, MARCH),
            *_visits({"ben": 0.8}, APRIL),
            *_visits({"cy": 0.2}, MARCH - _DAY / 86_400),
        ),
    ),
    World(
        "two scales",
        (*_visits({"ann": 0.8}, _NOON), response("ben", _NOON, kind="csat", scale=(1, 7))),
    ),
    World(
        "fractions",
        tuple(
            response(who, _NOON, kind=kind, score=score, **_FRACTIONS)
            for kind in ("csat", "ces")
            for who, score in (("ann", "4.3"), ("ben", "1.25"), ("cy", "4.30"))
        ),
    ),
)
WORLDS = {"orders": _ORDER_WORLDS, "responses": _RESPONSE_WORLDS}
"""The worlds of each kind of record."""


def worlds_of(spec: MetricSpec) -> tuple[World, ...]:
    """The worlds that a metric is about."""
    return WORLDS[spec.inputs[0]]


def random_records(spec: MetricSpec, seed: int, size: int) -> tuple[Record, ...]:
    """Random records of the kind that a metric reads."""
    return random_responses(seed, size) if spec.inputs == ("responses",) else random_orders(seed, size)


def record(spec: MetricSpec, customer: str | None, at: datetime) -> Record:
    """A record of the kind that a metric reads, which the metric would count."""
    if spec.inputs == ("orders",):
        return order(customer, at)
    return response(
        customer, at, 0.7, **next(each for each in _QUESTIONS if each["kind"] == usual_kind(spec))
    )


def usual_kind(spec: MetricSpec) -> str:
    """The kind of question that a survey metric is about, if asked for no other."""
    return inspect.signature(spec.function).parameters["kind"].default if spec.id != "answer_share" else "why"


def shop_of(spec: MetricSpec, records: Iterable[Record], **reading: Any) -> rt.Shop:
    """The records of a metric's kind as a shop."""
    return rt.Shop(**{spec.inputs[0]: records, **reading})


def facts_of(spec: MetricSpec, world: World) -> Any:
    """The facts of March, of the kind that a metric reads."""
    if spec.inputs == ("responses",):
        return survey_facts(world.records, (PERIOD,), **world.reading)[0]
    return facts(history_of(world.records, **world.reading), (PERIOD,), recency=True)[0]


@st.composite
def worlds(draw: st.DrawFn, data: str = "orders") -> World:
    """Any small world of one kind of record."""
    seed, size = draw(st.integers(0, 2**32)), draw(st.integers(0, 25))
    if data == "responses":
        reading = draw(st.sampled_from(list(_WITHOUT_POLICY.values())))
        return World("drawn", random_responses(seed, 3 * size), reading)
    # With it the currency is known in any case; one purchase of a guest, long ago, is no other figure's business.
    anchor = order(None, _OPENED - _DAY)
    reading = draw(st.sampled_from(list(READINGS.values())))
    return World("drawn", (*random_orders(seed, size), anchor), reading)


# ----------------------------------------------------------------------------------------- reading


def options(spec: MetricSpec, *, calendar: bool = True) -> Iterator[dict[str, Any]]:
    """Ways to call a metric: as it is, and with each other definition that it offers.

    Args:
        spec: The metric.
        calendar: Whether times are given in months, which are of different lengths.
    """
    month = relativedelta(months=1) if calendar else timedelta(days=31)
    offered: dict[str, tuple[dict[str, Any], ...]] = {
        "inactive_after": ({"inactive_after": month},),
        "top": ({"top": Decimal("0.5")},),
        "bias_corrected": ({"bias_corrected": True},),
        "within": ({"within": month},),
        "answers": ({"answers": "latest"},),
        "kind": ({"kind": "csat"},),
        "positive_from": ({"positive_from": 3},),
        "method": tuple({"method": method} for method in ("mean", "agree", "net")),
        "agree_from": ({"method": "agree", "agree_from": 3},),
    }
    yield {}
    for keyword, others in offered.items():
        if keyword in inspect.signature(spec.function).parameters:
            yield from others


def due(spec: MetricSpec) -> dict[str, Any]:
    """Keywords beside the period that must be given."""
    return {"kind": "why"} if spec.id == "answer_share" else {}


def call(spec: MetricSpec, records: Any, /, *, period: Any = PERIOD, **keywords: Any) -> Any:
    """What the metric returns."""
    return spec.function(records, period=period, **{**due(spec), **keywords})


def ask(spec: MetricSpec, records: Any, /, *, period: rt.Period = PERIOD, **keywords: Any) -> Any:
    """What the metric returns, or the error that it refuses with."""
    try:
        return call(spec, records, period=period, **keywords)
    except rt.RetentionError as refusal:
        return refusal


def look(
    spec: MetricSpec, world: World, *, period: rt.Period = PERIOD, calendar: bool = True
) -> tuple[object, ...]:
    """All that a metric says of a world, under all its definitions."""
    return tuple(
        content(ask(spec, world.records, period=period, **world.reading, **option))
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
    if isinstance(result, rt.AnswerShare):
        return (repr(list(result.counts.items())), result.count, *map(_interval, result.values()))
    if isinstance(result, rt.Score):
        return (result.value, result.low, result.high, result.count, dict(result.parts))
    return (result.value,)


def _interval(result: Any) -> object:
    if not hasattr(result, "interval"):
        return None
    try:
        interval = result.interval()
    except rt.UndefinedMetricError as refusal:
        return str(refusal)
    return interval, str(interval), interval.method
