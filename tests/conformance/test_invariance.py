"""What must not matter: how orders are fed, what else was asked, when it all was, what lies outside, the host."""

from __future__ import annotations

import copy
import decimal
from collections import deque
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import product

import attrs
import pytest
from hypothesis import given

import retention as rt
from retention import METRICS
from retention._facts import facts
from retention.catalog import MetricSpec
from retention.results._basis import as_text
from retention.shop import history_of
from tests.conformance.checks import (
    assert_within_range,
    compute,
    every_metric,
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
    World,
    ask,
    content,
    look,
    options,
    order,
    random_orders,
    said,
    worlds,
)

# ------------------------------------------------------------------------------------ how it is fed


@every_metric
def test_the_kind_of_iterable_does_not_matter(spec):
    for world, option in product(WORLDS, options(spec)):
        expected = content(ask(spec, list(world.orders), **world.reading, **option))
        for orders in (
            tuple(world.orders),
            (one for one in world.orders),
            iter(world.orders),
            deque(world.orders),
            dict.fromkeys(world.orders).keys(),
        ):
            assert content(ask(spec, orders, **world.reading, **option)) == expected, world.name
        history = rt.History(world.orders, **world.reading)
        shops = (rt.Shop(orders=world.orders, **world.reading), rt.Shop(orders=history))
        for carrier in (history, *shops):
            assert content(ask(spec, carrier, **option)) == expected, world.name


@every_metric
def test_the_order_of_the_input_does_not_matter(spec):
    for world in WORLDS:
        expected = said(spec, world)
        by_amount = sorted(world.orders, key=lambda one: one.amount)
        for shuffled in (world.orders[::-1], by_amount, world.orders[1::2] + world.orders[::2]):
            assert look(spec, world.with_orders(shuffled)) == expected, world.name


@every_metric
def test_a_generator_is_read_once_and_to_its_end(spec):
    world = WORLDS[0]
    reads = []
    generator = (reads.append(one.id) or one for one in world.orders)
    ask(spec, generator)
    assert reads == [one.id for one in world.orders]


@every_metric
def test_nothing_is_mutated(spec):
    for world in WORLDS:
        orders, reading = list(world.orders), dict(world.reading)
        before = copy.deepcopy((orders, reading))
        shop = rt.Shop(orders=orders, **reading)
        for option in options(spec):
            ask(spec, orders, **reading, **option)
            ask(spec, shop, **option)
        assert (orders, reading) == before, world.name
        assert list(shop.orders) == orders, world.name


@every_metric
def test_a_history_answers_the_same_whatever_was_asked_before(spec):
    for world in WORLDS:
        history = much_asked(world)
        answer = tuple(content(ask(spec, history, **option)) for option in options(spec))
        assert answer == said(spec, world), world.name
        assert list(history) == list(world.orders), world.name


@cache
def much_asked(world: World) -> rt.History:
    """A history of which every metric has been asked, about two periods."""
    history = rt.History(world.orders, **world.reading)
    for spec, period in product(METRICS.values(), (PERIOD, PERIOD.previous())):
        ask(spec, history, period=period)
    return history


@every_metric
def test_reading_the_facts_is_calling_the_function(spec):
    for world in WORLDS:
        (found,) = facts(history_of(world.orders, **world.reading), (PERIOD,), recency=True)
        try:
            read = spec.read(found)
        except rt.RetentionError as refusal:
            read = refusal
        assert content(read) == content(ask(spec, world.orders, **world.reading)), world.name


# ------------------------------------------------------------------------------------ what matters


@every_metric
@pytest.mark.parametrize("weeks", [-1_000, 1, 26])
def test_shifting_everything_by_whole_weeks_changes_nothing(spec, weeks):
    by = timedelta(weeks=weeks)
    for world in WORLDS:
        if "aliases" in world.reading or "policy" in world.reading:
            continue  # the zone of a policy has its own daylight saving
        here = rt.Period.between(MARCH, APRIL, tz="UTC")
        there = rt.Period.between(MARCH + by, APRIL + by, tz="UTC")
        reading = {name: moment + by for name, moment in world.reading.items()}
        shifted = World(world.name, tuple(later(one, by) for one in world.orders), reading)
        expected = without_dates(look(spec, world, period=here, calendar=False))
        assert without_dates(look(spec, shifted, period=there, calendar=False)) == expected, world.name


def later(one: rt.Order, by: timedelta) -> rt.Order:
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


def additions(low: datetime, high: datetime) -> list[rt.Order]:
    """Purchases of everybody, a newcomer and a guest, from `low` up to before `high`; some were refunded later."""
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
    for world in WORLDS:
        limit = late_limit(spec, world)
        if limit is not None:
            assert_changes_nothing(spec, world, additions(limit, LATE))


@every_metric
def test_purchases_before_the_look_back_change_nothing(spec):
    limit = early_limit(spec)
    for world in WORLDS if limit else ():
        if not follows_refunds(spec, world):
            assert_changes_nothing(spec, world, additions(LONG_AGO, limit))


def test_refunds_dated_by_themselves_follow_sales_from_before_the_period():
    world = next(world for world in WORLDS if world.name == "refunds by their date")
    for name in ("refunded_revenue", "net_revenue"):
        spec = METRICS[name]
        assert look(spec, world.and_also(*additions(LONG_AGO, MARCH))) != said(spec, world)


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
    assert any(reacts(spec, world, additions(low, high)) for world in reversed(WORLDS))


def reacts(spec: MetricSpec, world: World, more: list[rt.Order]) -> bool:
    return any(look(spec, world.and_also(one)) != said(spec, world) for one in more)


@every_metric
def test_the_look_ahead_is_no_longer_than_needed(spec):
    if spec.look_ahead == "as_of":
        assert any(reacts(spec, world, additions(APRIL, LATE)) for world in reversed(WORLDS))


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
def test_orders_made_in_a_strange_decimal_context_count_the_same(spec):
    expected = look(spec, World("made outside", random_orders(1, 60)))
    with decimal.localcontext(CONTEXTS["short"]):
        made_inside = random_orders(1, 60)
    assert look(spec, World("made inside", made_inside)) == expected


# --------------------------------------------------------------------------------- mixed currencies


@every_metric
def test_two_currencies_are_never_added(spec):
    here = [order("ann", MARCH), order("ben", MARCH), order("ann", FEBRUARY)]
    francs = [order("ann", MARCH, currency="CHF"), order("cy", MARCH, currency="CHF")]
    result = ask(spec, here + francs)
    money = {"money", "money per order", "money per customer", "share of money", "money per money"}
    is_money = spec.unit in money or spec.id == "gini_score"
    assert isinstance(result, rt.MixedCurrencyError) == is_money
    assert content(ask(spec, here + francs, currency="EUR"))[:2] == content(ask(spec, here))[:2]


# ---------------------------------------------------------------------------------------- any world


@given(world=worlds())
def test_any_world(world):
    turned = world.with_orders(world.orders[::-1])
    for spec in METRICS.values():
        for result in figures(spec, world):
            assert_within_range(spec, world, result)
        expected = look(spec, world)
        assert look(spec, turned) == expected, spec.id
        assert_declared(spec, world, expected)


def assert_declared(spec: MetricSpec, world: World, expected: tuple[object, ...]) -> None:
    """Look-back and look-ahead are as the spec declares them."""
    early, late = early_limit(spec), late_limit(spec, world)
    if early is not None and not follows_refunds(spec, world):
        assert look(spec, world.and_also(*additions(LONG_AGO, early))) == expected, spec.id
    if late is not None:
        assert look(spec, world.and_also(*additions(late, LATE))) == expected, spec.id
