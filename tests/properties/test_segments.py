"""Laws between the ways to group customers: whatever the shop, each tells of the same customers, money and orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

from attrs import evolve
from dateutil.relativedelta import relativedelta
from hypothesis import assume, given, settings, strategies as st

import retention as rt
from retention._by_segment import by_segment
from retention._parts import shops_by
from retention.cohorts import cohort_table, cohorts_by
from retention.segments import (
    FixedThresholds,
    LifecycleStages,
    OwnRhythm,
    at_risk_customers,
    ideal_customer_profile,
    lifecycle_table,
    lifecycle_transitions,
    rfm_migration,
    rfm_table,
)
from retention.testing import make_order
from retention.testing.strategies import shops

DAY = timedelta(days=1)
JANUARY = datetime(2024, 1, 1, tzinfo=UTC)  # before all that the strategies make
LATE = datetime(2027, 1, 1, tzinfo=UTC)  # and after it
THREE_YEARS = rt.Period.between(JANUARY, LATE, tz="UTC")
INSTANTS = st.datetimes(datetime(2024, 2, 1), datetime(2026, 12, 1), timezones=st.just(UTC))
FIXED = FixedThresholds(new_within=30 * DAY, at_risk_after=60 * DAY, lapsed_after=150 * DAY)
RULES = st.sampled_from(
    [OwnRhythm(), OwnRhythm(fewest_gaps=1), FIXED, evolve(FIXED, at_risk_after=relativedelta(days=60))]
)
STATES = {"new", "active", "at_risk", "lapsed", "won_back"}
KINDS = ("orders", "customers", "responses", "subscriptions", "checkouts", "interactions")
GROUPS: Mapping[Hashable, Hashable] = {"ann": "a", "ben": "b", "cy": "a"}  # of Dee nothing is known

EVERYBODY = ("ann", "ben", "cy", "dee", "eve", "fay")
LONG_AGO = make_order(customer_id=None, placed_at=JANUARY - 400 * DAY, id=0)
"""A guest's purchase, by which the currency is known in any case."""
SHOPS = shops(max_orders=24, customer_ids=EVERYBODY, max_responses=2).map(
    lambda shop: evolve(shop, as_of=LATE, orders=[LONG_AGO, *shop.orders])
)
usual = settings(max_examples=settings.default.max_examples // 3)


# -------------------------------------------------------------------------------------------- at an instant


@given(shop=SHOPS, at=INSTANTS, rules=RULES)
@usual
def test_all_who_had_purchased_are_in_every_grouping(shop, at, rules):
    history = shop.history()
    life, rfm = lifecycle_table(history, at=at, rules=rules), rfm_table(history, at=at)
    assert life.undefined_because or set(life.states) == {one.customer_id for one in rfm}
    assert sum(group.customers for group in rfm.groups) == len(rfm)
    assert sum(rfm.cells.values()) == len(rfm)
    if life.undefined_because is None:
        assert set(life.states) == set(life.stages)
        assert set(life.states.values()) <= STATES
        assert set().union(*(life.members(state=state) for state in STATES)) == set(life.states)
        assert sum(len(life.members(state=state)) for state in STATES) == len(life.states)
        assert life.group().customers == len(life.states)
        assert life.group().revenue == sum((group.revenue for group in rfm.groups), Decimal(0))


@given(shop=SHOPS, at=INSTANTS)
@usual
def test_orders_and_money_are_those_of_the_cohorts_up_to_then(shop, at):
    """All purchases of customers who are known, up to an instant, each counted once."""
    first_of_month = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    history = rt.History(shop.orders, **{**_reading(shop), "as_of": first_of_month, "observed_from": None})
    table = cohort_table(history, period=rt.Period.between(JANUARY, first_of_month, tz="UTC"))
    rfm = rfm_table(history, at=first_of_month)
    assert sum(row.size for row in table) == len(rfm)
    cells = [cell for row in table for cell in row.cells if cell.state != "absent"]
    assert sum(cell.orders for cell in cells) == sum(one.frequency for one in rfm)
    assert sum((cell.revenue for cell in cells), Decimal(0)) == sum((one.monetary for one in rfm), Decimal(0))


def _reading(shop: rt.Shop) -> dict[str, Any]:
    return {name: getattr(shop, name) for name in ("policy", "aliases", "currency", "convert")}


@given(shop=SHOPS, at=INSTANTS, rules=RULES)
@usual
def test_those_at_risk_are_in_that_state_and_stand_by_urgency(shop, at, rules):
    history = shop.history()
    life, listed = (
        lifecycle_table(history, at=at, rules=rules),
        at_risk_customers(history, at=at, rules=rules),
    )
    assert {one.customer_id for one in listed} == (
        set() if life.undefined_because else set(life.members(state="at_risk"))
    )
    known = [one.at_stake for one in listed if one.at_stake is not None]
    assert known == sorted(known, reverse=True)
    assert [one.customer_id for one in listed[:2]] == [one.customer_id for one in listed][:2]
    for one in listed:
        assert one.at_stake is None or Decimal(0) <= one.at_stake <= one.spend <= one.spend_ever
        assert one.latest_at < at


@given(shop=SHOPS, at=INSTANTS)
@usual
def test_an_instant_is_the_end_of_the_data(shop, at):
    """What is asked at an instant is what was known of the orders then, but for what became of them."""
    plain = evolve(
        shop, orders=[evolve(one, refunds=(), cancelled_at=None, cancel_reason=None) for one in shop.orders]
    )
    then = [one for one in plain.orders if one.placed_at < at]
    for table in (lifecycle_table, rfm_table, at_risk_customers):
        here = table(plain.history(), at=at)
        there = table(rt.History(then, **_reading(plain), as_of=at), at=at)
        assert here.to_dicts() == there.to_dicts()


# ----------------------------------------------------------------------------------------- between two


@given(shop=SHOPS, ends=st.tuples(INSTANTS, INSTANTS), rules=RULES)
@usual
def test_transitions_lie_between_two_tables(shop, ends, rules):
    start, end = min(ends), max(ends) + DAY
    history = shop.history()
    before, after = (lifecycle_table(history, at=at, rules=rules) for at in (start, end))
    moved = lifecycle_transitions(history, start=start, end=end, rules=rules)
    if before.undefined_because or after.undefined_because:
        assert moved.undefined_because or not (len(before.states) and len(after.states))
        return
    assert (dict(moved.before), dict(moved.after)) == (dict(before.states), dict(after.states))
    _assert_conserved(moved)


@given(shop=SHOPS, ends=st.tuples(INSTANTS, INSTANTS))
@usual
def test_migration_lies_between_two_tables(shop, ends):
    start, end = min(ends), max(ends) + DAY
    history = shop.history()
    before, after = (rfm_table(history, at=at).segments for at in (start, end))
    moved = rfm_migration(history, start=start, end=end)
    assert (dict(moved.before), dict(moved.after)) == (dict(before), dict(after))
    _assert_conserved(moved)


def _assert_conserved(moved: Any) -> None:
    """Nobody is lost: nobody leaves a shop's books."""
    assert set(moved.before) <= set(moved.after)
    assert sum(moved.counts.values()) == len(moved.after) == moved.customers
    assert Counter(moved.before.values()) == Counter(
        {label: moved.total_before(label) for label in moved.labels if moved.total_before(label)}
    )
    assert Counter(moved.after.values()) == Counter(
        {label: moved.total_after(label) for label in moved.labels if moved.total_after(label)}
    )
    members = list(chain.from_iterable(moved.members(*pair) for pair in moved.counts))
    assert len(members) == len(set(members)) == moved.customers


# --------------------------------------------------------------------------------------------- parts


@given(shop=SHOPS, by=st.sampled_from([GROUPS, lambda customer: customer.country, {}]))
@usual
def test_every_record_is_in_exactly_one_part(shop, by):
    if callable(by) and not shop.customers:
        return
    parts = shops_by(shop, by=by)
    for kind in KINDS:
        whole, split = (
            getattr(shop, kind),
            chain.from_iterable(getattr(part, kind) for part in parts.values()),
        )
        assert Counter(map(id, whole)) == Counter(map(id, split))
    for part in parts.values():
        assert (part.as_of, part.observed_from, part.policy) == (shop.as_of, shop.observed_from, shop.policy)
    sizes = [len(_people(part)) for key, part in parts.items() if key is not None]
    assert sizes == sorted(sizes, reverse=True)
    assert None not in list(parts)[:-1]


def _people(shop: rt.Shop) -> set[Hashable]:
    records = chain(*(getattr(shop, kind) for kind in KINDS if kind != "customers"))
    return {one.customer_id for one in records} | {one.id for one in shop.customers}


@given(shop=SHOPS, age=st.sampled_from(["calendar", "elapsed"]))
@usual
def test_the_parts_of_a_cohort_table_add_up(shop, age):
    asked = {"period": THREE_YEARS, "unit": "quarter", "age": age}
    whole, parts = cohort_table(shop, **asked), cohorts_by(shop, by=GROUPS, **asked)
    for place, row in enumerate(whole):
        if not row.observable:
            assert {part.rows[place].size for part in parts.values()} <= {None}
            continue
        assert row.size == sum(part.rows[place].size for part in parts.values())
        for number, cell in enumerate(row.cells):
            of_parts = [part.rows[place].cells[number] for part in parts.values()]
            if cell.state != "absent" and parts:
                assert cell.customers == sum(each.customers or 0 for each in of_parts)
                assert cell.orders == sum(each.orders or 0 for each in of_parts)
                assert cell.revenue == sum((each.revenue or Decimal(0) for each in of_parts), Decimal(0))


@given(shop=SHOPS)
@usual
def test_a_part_of_a_cohort_table_is_the_table_of_the_part(shop):
    """But where the customer's key is of no customer who ever purchased."""
    asked = {"period": THREE_YEARS, "unit": "quarter"}
    shops_of, tables = shops_by(shop, by=GROUPS), cohorts_by(shop, by=GROUPS, **asked)
    for key, table in tables.items():
        alone = cohort_table(shops_of[key], **asked)
        assert [_figures(row) for row in table] == [_figures(row) for row in alone]


def _figures(row: Any) -> tuple[Any, ...]:
    return row.size, [(cell.state, cell.customers, cell.orders, cell.revenue) for cell in row.cells]


@given(shop=SHOPS, at=INSTANTS)
@usual
def test_segments_of_a_count_add_up_and_each_is_that_of_the_part(shop, at):
    month = rt.Period.month(at.year, at.month, tz="UTC")
    assume(shop.observed_from is None or shop.observed_from <= month.start)
    for metric in ("active_customer_count", "net_revenue"):
        table = by_segment(metric, shop, period=month, by=GROUPS)
        parts = shops_by(shop, by=GROUPS)
        defined = [row for row in table if row.figure.state == "defined"]
        assert table.whole == sum((table[row.segment] for row in defined), type(table.whole)(0))
        for row in defined:
            assert table[row.segment] == rt.METRICS[metric].function(parts[row.segment], period=month)


@given(shop=SHOPS, at=INSTANTS)
@usual
def test_states_are_groups_for_everything_else(shop, at):
    """Segments taken at the period's start: newcomers of the period are in none."""
    states = lifecycle_table(shop, at=at, rules=FIXED).states
    after = rt.Period.between(at, at + 30 * DAY, tz="UTC")
    assume(shop.observed_from is None or shop.observed_from <= at)
    table = by_segment("active_customer_count", shop, period=after, by=states)
    named = [row for row in table if row.segment is not None]
    assert {row.segment for row in named} <= STATES
    assert sum(table[row.segment] for row in named) <= len(states)


# ------------------------------------------------------------------------------------------- profile


@given(shop=SHOPS, at=INSTANTS, best=st.sampled_from([Decimal("0.1"), Decimal("0.2"), Decimal("0.5")]))
@usual
def test_the_best_and_the_others_are_all_who_are_known(shop, at, best):
    records = {one.id for one in shop.customers}
    if not records:
        return
    profile = ideal_customer_profile(shop, at=at, best=best, fewest=1)
    bought = {one.customer_id for one in rfm_table(shop, at=at)}
    assert profile.best_count + profile.others_count == len(bought & records)
    assert profile.best_customers <= bought & records
    assert len(profile.best_customers) == profile.best_count
    spent = {one.customer_id: one.monetary for one in rfm_table(shop, at=at)}
    others = (bought & records) - profile.best_customers
    if profile.best_customers and others:
        assert min(spent[who] for who in profile.best_customers) > max(spent[who] for who in others)


# -------------------------------------------------------------------------------------------- stages


@given(shop=SHOPS, at=INSTANTS, later=st.integers(0, 400))
@usual
def test_a_stage_is_never_left_downwards(shop, at, later):
    order = ("early", "middle", "late")
    rules = LifecycleStages(middle_tenure=30 * DAY, late_tenure=200 * DAY, late_orders=3)
    end = min(at + later * DAY, LATE)
    before, after = (lifecycle_table(shop, at=when, rules=FIXED, stages=rules).stages for when in (at, end))
    for who, stage in before.items():
        assert order.index(after[who]) >= order.index(stage)
