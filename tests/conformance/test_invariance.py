"""What must not matter: how records are fed, what else was asked, when it all was, what lies outside, the host."""

from __future__ import annotations

import copy
import decimal
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

import attrs
import pytest
from hypothesis import given, settings

import retention as rt
from retention import METRICS
from retention.catalog import MetricSpec
from retention.results._basis import WithBasis, as_text
from tests.conformance.asking import ask, content, due, handed, look, options, said, tell
from tests.conformance.checks import (
    FIGURES,
    assert_within_range,
    compute,
    every_figure,
    every_metric_of,
    figures,
    follows_refunds,
    results,
)
from tests.conformance.worlds import (
    PERIOD,
    WORLDS,
    World,
    crowd,
    facts_of,
    random_records,
    shop_of,
    takes_shop_only,
    worlds,
    worlds_of,
)
from tests.conformance.worlds._common import (
    APRIL,
    DAY,
    FEBRUARY,
    LATE,
    LONG_AGO,
    MARCH,
    MOMENT,
    forgotten,
    later,
)
from tests.conformance.worlds._orders import IN_TWO_CURRENCIES
from tests.conformance.worlds._programs import customer
from tests.conformance.worlds._responses import answer_to, response
from tests.conformance.worlds._subscriptions import SPANS_IN_TWO_CURRENCIES

# ------------------------------------------------------------------------------------ how it is fed

FORMS: tuple[Callable[[Iterable[Any]], Iterable[Any]], ...] = (
    list,
    lambda records: (one for one in records),
    deque,
    lambda records: dict.fromkeys(records).keys(),
)


@every_figure
def test_the_kind_of_iterable_does_not_matter(spec):
    for world in worlds_of(spec):
        for form in FORMS:
            data, reading = handed(spec, world, form)
            assert content(ask(spec, data, **reading)) == said(spec, world)[0], world.name
        for carrier in (shop_of(world), *indexed(spec, world)):
            assert content(ask(spec, carrier)) == said(spec, world)[0], world.name


def indexed(spec: MetricSpec, world: World) -> Iterator[rt.History | rt.Shop]:
    """Orders as a history, bare and in a shop; other records have no index."""
    if "orders" in spec.inputs:
        history = rt.History(world.records.get("orders", ()), **world.reading)
        if not takes_shop_only(spec):
            yield history
        yield rt.Shop(**{**world.records, "orders": history})


@every_figure
def test_the_order_of_the_input_does_not_matter(spec):
    for world in worlds_of(spec):
        for shuffle in (backwards, by_digits):
            assert look(spec, rearranged(world, shuffle)) == said(spec, world), world.name


def rearranged(world: World, shuffle: Callable[[tuple[Any, ...]], Iterable[Any]]) -> World:
    records = {kind: tuple(shuffle(found)) for kind, found in world.records.items()}
    return World(world.name, records, world.reading)


def backwards(records: tuple[Any, ...]) -> tuple[Any, ...]:
    return records[::-1]


def by_digits(records: tuple[Any, ...]) -> list[Any]:
    return sorted(records, key=lambda one: str(one.id)[::-1])


@every_figure
def test_a_generator_is_read_once_and_to_its_end(spec):
    world = worlds_of(spec)[0]
    reads: list[Any] = []
    data, reading = handed(spec, world, lambda records: (reads.append(one.id) or one for one in records))
    ask(spec, data, **reading)
    asked = world.records if takes_shop_only(spec) else {spec.inputs[0]: world.records[spec.inputs[0]]}
    assert Counter(reads) == Counter(one.id for found in asked.values() for one in found)


@every_figure
def test_nothing_is_mutated(spec):
    for world in worlds_of(spec):
        data, reading = handed(spec, world, list)
        shop = shop_of(world)
        before = copy.deepcopy((data, dict(reading), dict(world.records)))
        for option in options(spec):
            ask(spec, data, **reading, **option)
            ask(spec, shop, **option)
        assert (data, dict(reading), dict(world.records)) == before, world.name
        assert all(tuple(getattr(shop, kind)) == found for kind, found in world.records.items()), world.name


@every_figure
def test_a_carrier_answers_the_same_whatever_was_asked_before(spec):
    for world in worlds_of(spec):
        carrier = much_asked(world, spec.inputs[0])
        answer = tuple(content(ask(spec, carrier, **option)) for option in options(spec))
        assert answer == said(spec, world), world.name


@cache
def much_asked(world: World, data: str) -> rt.History | rt.Shop:
    """A history, or a shop of other records, of which every metric has been asked, about two periods."""
    shop = shop_of(world)
    carrier = shop.history() if data == "orders" else shop
    for spec, period in product(METRICS.values(), (PERIOD, PERIOD.previous())):
        if spec.inputs[0] == data:
            ask(spec, carrier, period=period)
    assert {kind: tuple(getattr(shop, kind)) for kind in world.records} == world.records
    return carrier


@every_figure
def test_reading_the_facts_is_calling_the_function(spec):
    for world in worlds_of(spec):
        found = facts_of(spec, world)
        try:
            read = spec.read(found, **due(spec))
        except rt.RetentionError as refusal:
            read = refusal
        assert content(read) == said(spec, world)[0], world.name


# ------------------------------------------------------------------------------------ what matters


@every_figure
@pytest.mark.parametrize("weeks", [-1_000, 26])
def test_shifting_everything_by_whole_weeks_changes_nothing(spec, weeks):
    by = timedelta(weeks=weeks)
    there = rt.Period.between(MARCH + by, APRIL + by, tz="UTC")
    for world in worlds_of(spec):
        if "policy" not in world.reading:  # whose zone has its own daylight saving
            found = look(spec, shifted(world, by), period=there, calendar=False)
            assert counted_from(MARCH + by, found) == here(spec, world), world.name


@cache
def here(spec: MetricSpec, world: World) -> object:
    period = rt.Period.between(MARCH, APRIL, tz="UTC")
    return counted_from(MARCH, look(spec, world, period=period, calendar=False))


@cache
def shifted(world: World, by: timedelta) -> World:
    records = {kind: tuple(later(one, by) for one in found) for kind, found in world.records.items()}
    reading = {
        name: value + by if isinstance(value, datetime) else value for name, value in world.reading.items()
    }
    return World(world.name, records, reading)


def counted_from(origin: datetime, value: object) -> object:
    """The same with all dates as days from an instant, those in words, too."""
    if isinstance(value, str):
        return re.sub(
            r"\d{4}-\d\d-\d\d", lambda found: f"{date.fromisoformat(found[0]) - origin.date()}", value
        )
    if isinstance(value, datetime):
        return value - origin
    if isinstance(value, tuple):
        return tuple(counted_from(origin, each) for each in value)
    return value


def early_limit(spec: MetricSpec, world: World) -> datetime | None:
    """What lies before this instant is without effect, by the spec's own declaration."""
    limit = {"none": MARCH, "base": FEBRUARY, "all": None}[spec.look_back]
    return limit and limit - joined(spec, world)


def late_limit(spec: MetricSpec, world: World) -> datetime | None:
    """What lies at or after this instant is without effect, likewise."""
    if spec.look_ahead != "as_of":
        return {"none": APRIL, "window": WINDOWS_OVER}[spec.look_ahead] + joined(spec, world)
    as_of = world.reading.get("as_of")
    return None if as_of is None else max(APRIL, as_of + MOMENT)


WINDOWS_OVER = APRIL + 40 * DAY


def joined(spec: MetricSpec, world: World) -> timedelta:
    """How far beyond the limits records can lie that are joined with one within them."""
    if spec.inputs[0] == "subscriptions":
        return 5 * DAY  # a bridge is longer than the gap
    policy = world.reading.get("policy", rt.OrderPolicy())
    return DAY if policy.same_day == "merge" else 0 * DAY


@every_figure
def test_records_after_the_look_ahead_change_nothing(spec):
    for world in worlds_of(spec):
        limit = late_limit(spec, world)
        if limit is not None:
            assert_changes_nothing(spec, world, crowd(spec, limit, LATE))


@every_figure
def test_records_before_the_look_back_change_nothing(spec):
    for world in worlds_of(spec):
        limit = early_limit(spec, world)
        if limit is not None and not follows_refunds(spec, world):
            assert_changes_nothing(spec, world, crowd(spec, LONG_AGO, limit))


@every_metric_of("customers")
def test_customers_who_never_purchased_change_nothing(spec):
    strangers = [customer("a stranger", LONG_AGO, referred_by="ann"), customer("another")]
    for world in worlds_of(spec):
        assert look(spec, world.and_also({"customers": strangers})) == said(spec, world), world.name


def test_refunds_dated_by_themselves_follow_sales_from_before_the_period():
    world = next(world for world in WORLDS["orders"] if world.name == "refunds by their date")
    for name in ("refunded_revenue", "net_revenue"):
        spec = METRICS[name]
        assert look(spec, world.and_also(crowd(spec, LONG_AGO, MARCH))) != said(spec, world)


def assert_changes_nothing(spec: MetricSpec, world: World, more: Mapping[str, list[Any]]) -> None:
    expected = said(spec, world)
    assert look(spec, world.and_also(more)) == expected, (spec.id, world.name)
    few = {kind: (found[0], found[-1]) for kind, found in more.items()}
    assert look(spec, world.and_also(few)) == expected, (spec.id, world.name)


@every_figure
def test_what_is_dated_after_as_of_has_not_happened(spec):
    for world in worlds_of(spec):
        as_of = world.reading.get("as_of")
        if as_of is not None:
            known = look(spec, forgotten(world, as_of + MOMENT))
            assert [values(each) for each in known] == [values(each) for each in said(spec, world)], (
                world.name
            )


def values(said_of_it: tuple[object, ...]) -> tuple[object, ...]:
    """The figure and its interval, without what was left out, which a curve says in its text."""
    if said_of_it[0] is rt.SurvivalCurve:
        return said_of_it[1:2] + said_of_it[3:5]
    return said_of_it[:5]


REACTS_TO: dict[str, tuple[datetime, datetime]] = {
    "none": (MARCH, APRIL),
    "base": (FEBRUARY, MARCH),
    "all": (LONG_AGO, FEBRUARY),
}


@every_figure
def test_the_look_back_is_no_longer_than_needed(spec):
    low, high = REACTS_TO[spec.look_back]
    assert any(reacts(spec, world, crowd(spec, low, high)) for world in reversed(worlds_of(spec)))


def reacts(spec: MetricSpec, world: World, more: Mapping[str, list[Any]]) -> bool:
    return look(spec, world.and_also(more)) != said(spec, world)


@every_figure
def test_the_look_ahead_is_no_longer_than_needed(spec):
    """To records after the period, or to what became of older ones after it."""
    if spec.look_ahead != "none":
        low = {"window": APRIL, "as_of": WINDOWS_OVER}[spec.look_ahead]
        assert any(
            look(spec, forgotten(world, low)) != said(spec, world)
            or reacts(spec, world, crowd(spec, low, LATE))
            for world in reversed(worlds_of(spec))
        )


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
    "one digit, up, no traps": decimal.Context(prec=1, rounding=decimal.ROUND_UP, Emax=3, Emin=-3, traps=[]),
    "all traps": decimal.Context(prec=6, rounding=decimal.ROUND_CEILING, traps=ALL_TRAPS),
}


@every_figure
@pytest.mark.parametrize("context", CONTEXTS.values(), ids=list(CONTEXTS))
def test_the_decimal_context_of_the_host_changes_nothing(spec, context):
    expected = in_peace(spec)
    with decimal.localcontext(context) as host:
        host.clear_flags()
        inside = compute(spec)
        found = list(map(spoken, inside))
        raised = [signal.__name__ for signal, seen in host.flags.items() if seen]
    assert inside == results(spec)
    assert found == expected
    assert not raised, "something was computed in the host's context"


@cache
def in_peace(spec: MetricSpec) -> list[tuple[object, ...]]:
    """What is said of all results in the usual context."""
    return list(map(spoken, results(spec)))


def spoken(result: object) -> tuple[object, ...]:
    """All the words for a result, of which rounding is a part."""
    formats = isinstance(result, WithBasis) and type(result).__format__ is not object.__format__
    return content(result), as_text(result), format(result, ",.1f") if formats else ""


@every_figure
def test_records_made_in_a_strange_decimal_context_count_the_same(spec):
    expected = look(spec, World("made outside", random_records(spec.inputs[0], 1, 60)))
    with decimal.localcontext(CONTEXTS["short"]):
        made_inside = random_records(spec.inputs[0], 1, 60)
    assert look(spec, World("made inside", made_inside)) == expected


# ------------------------------------------------------------------------------ what is never added

TWO_CURRENCIES = {"orders": IN_TWO_CURRENCIES, "subscriptions": SPANS_IN_TWO_CURRENCIES}


@every_metric_of(*TWO_CURRENCIES)
def test_two_currencies_are_never_added(spec):
    kind = next(kind for kind in spec.inputs if kind in TWO_CURRENCIES)
    euros, francs = TWO_CURRENCIES[kind]
    beside = random_records(spec.inputs[0], 1, 60)
    here = World("euros", {**beside, kind: euros})
    both = World("euros and francs", {**beside, kind: (*euros, *francs)})
    is_money = "money" in spec.unit or spec.id in {"gini_score", "payback_months"}
    assert isinstance(tell(spec, both), rt.MixedCurrencyError) == is_money
    read = World("euros of them", both.records, {"currency": "EUR"})
    assert content(tell(spec, read))[:2] == content(tell(spec, here))[:2]


@every_metric_of("responses")
def test_two_scales_are_never_added(spec):
    kind = spec.kind or "why"
    here = [answer_to(kind, who, MARCH) for who in ("ann", "ben")]
    strange = response("cy", MARCH, kind=kind, **_OTHER_QUESTION[spec.id])
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


@pytest.mark.parametrize("data", WORLDS)
def test_any_world(data):
    @given(world=worlds(data))
    @settings(max_examples=settings.default.max_examples // 3)  # all metrics are asked of each
    def each(world: World) -> None:
        assert_any_world(data, world)

    each()


def assert_any_world(data: str, world: World) -> None:
    turned = rearranged(world, backwards)
    for spec in FIGURES.values():
        if spec.inputs[0] != data:
            continue
        for result in figures(spec, world):
            assert_within_range(spec, world, result)
        expected = look(spec, world)
        assert look(spec, turned) == expected, spec.id
        assert_declared(spec, world, expected)


def assert_declared(spec: MetricSpec, world: World, expected: tuple[object, ...]) -> None:
    """Look-back and look-ahead are as the spec declares them."""
    early, late = early_limit(spec, world), late_limit(spec, world)
    if early is not None and not follows_refunds(spec, world):
        assert look(spec, world.and_also(crowd(spec, LONG_AGO, early))) == expected, spec.id
    if late is not None:
        assert look(spec, world.and_also(crowd(spec, late, LATE))) == expected, spec.id
