"""What must not matter: how records are fed, what else was asked, when it all was, what lies outside, the host."""

from __future__ import annotations

import copy
import decimal
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any

import attrs
import pytest
from hypothesis import given

import retention as rt
from retention import METRICS
from retention.catalog import MetricSpec
from retention.results._basis import as_text
from tests.conformance.checks import (
    assert_within_range,
    compute,
    every_metric,
    every_order_metric,
    every_survey_metric,
    figures,
    follows_refunds,
    results,
)
from tests.conformance.worlds import (
    APRIL,
    FEBRUARY,
    MARCH,
    PERIOD,
    WORLDS,
    Record,
    World,
    ask,
    content,
    due,
    facts_of,
    look,
    options,
    order,
    random_records,
    record,
    response,
    said,
    shop_of,
    usual_kind,
    worlds,
    worlds_of,
)

# ------------------------------------------------------------------------------------ how it is fed


@every_metric
def test_the_kind_of_iterable_does_not_matter(spec):
    for world, option in product(worlds_of(spec), options(spec)):
        expected = content(ask(spec, list(world.records), **world.reading, **option))
        for records in (
            tuple(world.records),
            (one for one in world.records),
            iter(world.records),
            deque(world.records),
            dict.fromkeys(world.records).keys(),
        ):
            assert content(ask(spec, records, **world.reading, **option)) == expected, world.name
        for carrier in (shop_of(spec, world.records, **world.reading), *indexed(spec, world)):
            assert content(ask(spec, carrier, **option)) == expected, world.name


def indexed(spec: MetricSpec, world: World) -> Iterator[rt.History | rt.Shop]:
    """Orders as a history, bare and in a shop; other records have no index."""
    if spec.inputs == ("orders",):
        history = rt.History(world.records, **world.reading)
        yield history
        yield rt.Shop(orders=history)


@every_metric
def test_the_order_of_the_input_does_not_matter(spec):
    for world in worlds_of(spec):
        expected = said(spec, world)
        by_digits = sorted(world.records, key=lambda one: str(one.id)[::-1])
        for shuffled in (world.records[::-1], by_digits, world.records[1::2] + world.records[::2]):
            assert look(spec, world.with_records(shuffled)) == expected, world.name


@every_metric
def test_a_generator_is_read_once_and_to_its_end(spec):
    world = worlds_of(spec)[0]
    reads = []
    generator = (reads.append(one.id) or one for one in world.records)
    ask(spec, generator)
    assert reads == [one.id for one in world.records]


@every_metric
def test_nothing_is_mutated(spec):
    for world in worlds_of(spec):
        records, reading = list(world.records), dict(world.reading)
        before = copy.deepcopy((records, reading))
        shop = shop_of(spec, records, **reading)
        for option in options(spec):
            ask(spec, records, **reading, **option)
            ask(spec, shop, **option)
        assert (records, reading) == before, world.name
        assert list(getattr(shop, spec.inputs[0])) == records, world.name


@every_metric
def test_a_carrier_answers_the_same_whatever_was_asked_before(spec):
    for world in worlds_of(spec):
        carrier = much_asked(world, spec.inputs[0])
        answer = tuple(content(ask(spec, carrier, **option)) for option in options(spec))
        assert answer == said(spec, world), world.name
        kept = carrier.responses if isinstance(carrier, rt.Shop) else carrier
        assert list(kept) == list(world.records), world.name


@cache
def much_asked(world: World, data: str) -> rt.History | rt.Shop:
    """A history, or a shop of responses, of which every metric has been asked, about two periods."""
    carrier = (
        rt.History(world.records, **world.reading)
        if data == "orders"
        else rt.Shop(responses=world.records, **world.reading)
    )
    for spec, period in product(METRICS.values(), (PERIOD, PERIOD.previous())):
        if spec.inputs == (data,):
            ask(spec, carrier, period=period)
    return carrier


@every_metric
def test_reading_the_facts_is_calling_the_function(spec):
    for world in worlds_of(spec):
        found = facts_of(spec, world)
        try:
            read = spec.read(found, **due(spec))
        except rt.RetentionError as refusal:
            read = refusal
        assert content(read) == content(ask(spec, world.records, **world.reading)), world.name


# ------------------------------------------------------------------------------------ what matters


@every_metric
@pytest.mark.parametrize("weeks", [-1_000, 1, 26])
def test_shifting_everything_by_whole_weeks_changes_nothing(spec, weeks):
    by = timedelta(weeks=weeks)
    for world in worlds_of(spec):
        if "aliases" in world.reading or "policy" in world.reading:
            continue  # the zone of a policy has its own daylight saving
        here = rt.Period.between(MARCH, APRIL, tz="UTC")
        there = rt.Period.between(MARCH + by, APRIL + by, tz="UTC")
        reading = {name: moment + by for name, moment in world.reading.items()}
        shifted = World(world.name, tuple(later(one, by) for one in world.records), reading)
        expected = without_dates(look(spec, world, period=here, calendar=False))
        assert without_dates(look(spec, shifted, period=there, calendar=False)) == expected, world.name


def later(one: Record, by: timedelta) -> Record:
    if isinstance(one, rt.SurveyResponse):
        return attrs.evolve(one, responded_at=one.responded_at + by)
    return attrs.evolve(
        one,
        placed_at=one.placed_at + by,
        cancelled_at=one.cancelled_at and one.cancelled_at + by,
        refunds=[attrs.evolve(refund, refunded_at=refund.refunded_at + by) for refund in one.refunds],
    )


def without_dates(value: object) -> object:
    """The same with the instants cut out of the reasons and assumptions, which name them."""
    if isinstance(value, str):
        return (
            "".join("#" if sign.isdigit() else sign for sign in value) if "observed_from" in value else value
        )
    if isinstance(value, tuple):
        return tuple(map(without_dates, value))
    return value


def additions(spec: MetricSpec, low: datetime, high: datetime) -> list[Any]:
    """Records of everybody, a newcomer and a guest, from `low` up to before `high`."""
    return more_orders(low, high) if spec.inputs == ("orders",) else more_responses(spec, low, high)


def more_responses(spec: MetricSpec, low: datetime, high: datetime) -> list[rt.SurveyResponse]:
    """All that can be answered to the question that a metric is about."""
    example = record(spec, None, low)
    instants = (low, low + (high - low) / 3, high - timedelta(microseconds=1))
    return [
        attrs.evolve(example, id=f"{number} {customer} {at}", customer_id=customer, responded_at=at, **choice)
        for number, choice in enumerate(choices(example))
        for customer in ("ann", "ben", "newcomer", None)
        for at in instants
    ]


def choices(example: rt.SurveyResponse) -> list[dict[str, Any]]:
    """What else could have been answered: every score, or some word."""
    if example.scale is None:
        return [{"answer": "price"}, {"answer": "nothing of that"}]
    low, high = example.scale
    return [{"score": score} for score in range(int(low), int(high) + 1)]


def more_orders(low: datetime, high: datetime) -> list[rt.Order]:
    """Purchases; some were refunded later."""
    span = high - low
    history: tuple[tuple[datetime, str, tuple[int, ...]], ...] = (
        (low, "9.00", ()),
        (low + span / 3, "1.50", (60,)),
        (low + span / 2, "4000.00", (20,)),
        (high - timedelta(microseconds=1), "30.00", (10, 35)),
    )
    return [
        order(customer, at, amount, refunds=[refund(at, later) for later in days])
        for customer in ("ann", "ben", "cy", "dee", "newcomer", None)
        for at, amount, days in history
    ]


def refund(placed_at: datetime, days: int) -> rt.Refund:
    return rt.Refund(refunded_at=placed_at + timedelta(days=days), amount=Decimal("0.75"))


LONG_AGO = datetime(2025, 6, 1, tzinfo=UTC)
LATE = datetime(2027, 1, 1, tzinfo=UTC)


def early_limit(spec: MetricSpec) -> datetime | None:
    """What lies before this instant is without effect, by the spec's own declaration."""
    return {"none": MARCH, "base": FEBRUARY, "all": None}[spec.look_back]


def late_limit(spec: MetricSpec, world: World) -> datetime | None:
    """What lies at or after this instant is without effect, likewise."""
    if spec.look_ahead == "none":
        return APRIL
    as_of = world.reading.get("as_of")
    return None if as_of is None else max(APRIL, as_of + timedelta(microseconds=1))


@every_metric
def test_purchases_after_the_look_ahead_change_nothing(spec):
    for world in worlds_of(spec):
        limit = late_limit(spec, world)
        if limit is not None:
            assert_changes_nothing(spec, world, additions(spec, limit, LATE))


@every_metric
def test_purchases_before_the_look_back_change_nothing(spec):
    limit = early_limit(spec)
    for world in worlds_of(spec) if limit else ():
        if not follows_refunds(spec, world):
            assert_changes_nothing(spec, world, additions(spec, LONG_AGO, limit))


def test_refunds_dated_by_themselves_follow_sales_from_before_the_period():
    world = next(world for world in WORLDS["orders"] if world.name == "refunds by their date")
    for name in ("refunded_revenue", "net_revenue"):
        spec = METRICS[name]
        assert look(spec, world.and_also(*additions(spec, LONG_AGO, MARCH))) != said(spec, world)


def assert_changes_nothing(spec: MetricSpec, world: World, more: list[rt.Order]) -> None:
    expected = said(spec, world)
    assert look(spec, world.and_also(*more)) == expected, (spec.id, world.name)
    assert look(spec, world.and_also(more[0], more[-1])) == expected, (spec.id, world.name)


REACTS_TO: dict[str, tuple[datetime, datetime]] = {
    "none": (MARCH, APRIL),
    "base": (FEBRUARY, MARCH),
    "all": (LONG_AGO, FEBRUARY),
}


@every_metric
def test_the_look_back_is_no_longer_than_needed(spec):
    low, high = REACTS_TO[spec.look_back]
    assert any(reacts(spec, world, additions(spec, low, high)) for world in reversed(worlds_of(spec)))


def reacts(spec: MetricSpec, world: World, more: list[rt.Order]) -> bool:
    return any(look(spec, world.and_also(one)) != said(spec, world) for one in more)


@every_metric
def test_the_look_ahead_is_no_longer_than_needed(spec):
    if spec.look_ahead == "as_of":
        assert any(reacts(spec, world, additions(spec, APRIL, LATE)) for world in reversed(worlds_of(spec)))


ALL_TRAPS = [
    decimal.Inexact,
    decimal.Rounded,
    decimal.Subnormal,
    decimal.Clamped,
    decimal.FloatOperation,
    decimal.InvalidOperation,
    decimal.DivisionByZero,
    decimal.Overflow,
    decimal.Underflow,
]
CONTEXTS = {
    "short": decimal.Context(prec=6),
    "one digit, up": decimal.Context(prec=1, rounding=decimal.ROUND_UP),
    "down": decimal.Context(prec=3, rounding=decimal.ROUND_DOWN, Emax=3, Emin=-3),
    "no traps": decimal.Context(prec=6, traps=[]),
    "no floats": decimal.Context(traps=[decimal.FloatOperation]),
    "all traps": decimal.Context(prec=6, rounding=decimal.ROUND_CEILING, traps=ALL_TRAPS),
}


@every_metric
@pytest.mark.parametrize("context", CONTEXTS.values(), ids=list(CONTEXTS))
def test_the_decimal_context_of_the_host_changes_nothing(spec, context):
    expected = list(map(spoken, results(spec)))
    with decimal.localcontext(context) as host:
        host.clear_flags()
        inside = compute(spec)
        found = list(map(spoken, inside))
        raised = [signal.__name__ for signal, seen in host.flags.items() if seen]
    assert inside == results(spec)
    assert found == expected
    assert not raised, "something was computed in the host's context"


def spoken(result: object) -> tuple[object, ...]:
    """All the words for a result, of which rounding is a part."""
    if isinstance(result, (rt.Ratio, rt.Mean, rt.Score, rt.Distribution)):
        return content(result), as_text(result), format(result, ",.1f")
    return content(result), as_text(result)


@every_metric
def test_records_made_in_a_strange_decimal_context_count_the_same(spec):
    expected = look(spec, World("made outside", random_records(spec, 1, 60)))
    with decimal.localcontext(CONTEXTS["short"]):
        made_inside = random_records(spec, 1, 60)
    assert look(spec, World("made inside", made_inside)) == expected


# --------------------------------------------------------------------------------- mixed currencies


@every_order_metric
def test_two_currencies_are_never_added(spec):
    here = [order("ann", MARCH), order("ben", MARCH), order("ann", FEBRUARY)]
    francs = [order("ann", MARCH, currency="CHF"), order("cy", MARCH, currency="CHF")]
    result = ask(spec, here + francs)
    money = {"money", "money per order", "money per customer", "share of money", "money per money"}
    is_money = spec.unit in money or spec.id == "gini_score"
    assert isinstance(result, rt.MixedCurrencyError) == is_money
    assert content(ask(spec, here + francs, currency="EUR"))[:2] == content(ask(spec, here))[:2]


@every_survey_metric
def test_two_scales_are_never_added(spec):
    here = [record(spec, who, MARCH) for who in ("ann", "ben")]
    strange = response("cy", MARCH, kind=usual_kind(spec), **_OTHER_QUESTION[spec.id])
    result = ask(spec, [*here, strange])
    assert isinstance(result, rt.MixedScaleError) == (spec.id != "net_promoter_score")
    assert content(ask(spec, [*here, attrs.evolve(strange, kind="another")])) == content(ask(spec, here))


_OTHER_QUESTION: dict[str, dict[str, Any]] = {
    "net_promoter_score": {},  # there is only one
    "customer_satisfaction_score": {"scale": (1, 5), "direction": "lower"},
    "customer_effort_score": {"scale": (1, 5), "direction": "lower"},
    "answer_share": {"score": 3, "scale": (1, 5)},
}


# ---------------------------------------------------------------------------------------- any world


@given(world=worlds("orders"))
def test_any_world_of_orders(world):
    assert_any_world("orders", world)


@given(world=worlds("responses"))
def test_any_world_of_responses(world):
    assert_any_world("responses", world)


def assert_any_world(data: str, world: World) -> None:
    turned = world.with_records(world.records[::-1])
    for spec in METRICS.values():
        if spec.inputs != (data,):
            continue
        for result in figures(spec, world):
            assert_within_range(spec, world, result)
        expected = look(spec, world)
        assert look(spec, turned) == expected, spec.id
        assert_declared(spec, world, expected)


def assert_declared(spec: MetricSpec, world: World, expected: tuple[object, ...]) -> None:
    """Look-back and look-ahead are as the spec declares them."""
    early, late = early_limit(spec), late_limit(spec, world)
    if early is not None and not follows_refunds(spec, world):
        assert look(spec, world.and_also(*additions(spec, LONG_AGO, early))) == expected, spec.id
    if late is not None:
        assert look(spec, world.and_also(*additions(spec, late, LATE))) == expected, spec.id
