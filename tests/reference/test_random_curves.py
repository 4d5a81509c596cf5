"""Hostile little shops by the hundred: every spell of every curve is the one found on paper, and so is the curve.

Whole numbers exactly: who was at risk, ended, was last seen at each time. Shares and bounds within 1e-9.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from scipy import stats

import retention as rt
from tests.reference.hostile import TICK, contact_of, days_of, span_of
from tests.reference.oracle_curves_plain import (
    DAY,
    Lasted,
    are_alone,
    bounds,
    contact_spells,
    incidence,
    purchase_spells,
    restricted_mean,
    steps,
    subscriber_spells,
    survival,
)
from tests.reference.oracle_subscriptions import Book
from tests.reference.test_random_shops import to_orders
from tests.reference.test_random_subscriptions import to_subscriptions

Z = float(stats.norm.ppf(0.975))
BERLIN = ZoneInfo("Europe/Berlin")


def assert_curve(curve: rt.SurvivalCurve, spells: list[Lasted], random: Random, seed: int) -> None:
    ended = Counter(spell.cause for spell in spells if spell.cause is not None)
    assert (curve.count, curve.ended) == (len(spells), ended.total()), seed
    assert (curve.customers or len(spells)) == len({spell.who for spell in spells})
    if not spells:
        assert curve.undefined_because is not None
        return
    assert_steps(curve, spells, seed)
    starts_late = min(spell.entered for spell in spells) > 0  # then nothing is known of the time before
    if not starts_late and curve.until is not None:
        assert_shares(curve, spells, random.randint(0, max(curve.until // TICK, 1)), seed)


def assert_steps(curve: rt.SurvivalCurve, spells: list[Lasted], seed: int) -> None:
    expected, breaks_off = told(curve, spells)
    found = [point for point in curve.points() if point.ended]
    assert [(p.time // TICK, p.at_risk, p.ended) for p in found] == [step[:3] for step in expected], seed
    nexts = [*(step.time for step in expected), 10**30][1:] if expected else []
    highest: float | None = None
    for point, step, until in zip(found, expected, nexts, strict=True):
        assert point.survival == pytest.approx(float(step.survival), abs=1e-9)
        limits = bounds(spells, step.time)
        if limits is not None and point.low is not None:
            assert (point.low, point.high) == pytest.approx(limits, abs=1e-9), (seed, are_alone(spells))
        elif step.survival == 0:
            wilson = Z**2 / (step.at_risk + Z**2)
            upper = wilson if highest is None else min(wilson, highest)
            if are_alone(spells):
                assert (point.low, point.high) == pytest.approx((0.0, upper), abs=1e-9), seed
        else:
            assert (limits, point.low) == (None, None), seed
        highest = point.high
        if not breaks_off:
            last_seen = sum(s.cause is None and step.time <= s.last < until for s in spells)
            assert point.censored == last_seen, seed


def told(curve: rt.SurvivalCurve, spells: list[Lasted]) -> tuple[list[Any], bool]:
    """The steps up to where the curve breaks off, and whether it does."""
    found = steps(spells)
    for place, step in enumerate(found):
        if step.survival == 0 and any(spell.last > step.time for spell in spells):
            assert curve.caution is not None
            return found[:place], True
    if curve.caution is not None and "from there on" in curve.caution:
        assert curve.until is not None
        return [step for step in found if step.time * TICK <= curve.until], True
    return found, False


def assert_shares(curve: rt.SurvivalCurve, spells: list[Lasted], time: int, seed: int) -> None:
    assert curve.until is not None
    if time * TICK > curve.until:
        return
    assert curve.survival(time * TICK).value == pytest.approx(float(survival(spells, time)), abs=1e-9), seed
    if len(curve.causes) > 1:
        for cause in curve.causes:
            share = float(incidence(spells, time, cause))
            assert curve.incidence(time * TICK, cause).value == pytest.approx(share, abs=1e-9), seed
    if time:
        found, (mean, variance) = curve.restricted_mean(time * TICK), restricted_mean(spells, time)
        assert found.value == pytest.approx(float(mean / DAY), abs=1e-9), seed
        assert found.variance == pytest.approx(float(variance / DAY**2), rel=1e-9, abs=1e-9), seed


@pytest.mark.parametrize("block", range(4))
def test_purchases_and_contacts(block: int) -> None:
    for seed in range(block * 60, block * 60 + 60):
        random = Random(seed)
        shop = days_of(random)
        known_at = shop.as_of or shop.now
        reading = {"as_of": known_at, "aliases": dict(shop.aliases)}
        purchases = shop._replace(as_of=known_at).purchases
        starts = [record["placed_at"] for record in shop.records] + [known_at - timedelta(days=30)]
        start = random.choice([at for at in starts if at <= known_at]).astimezone(UTC)
        end = start + random.choice([TICK, timedelta(days=1), timedelta(days=30), timedelta(days=300)])
        period = rt.Period.between(start, end, tz="UTC")
        orders = to_orders(shop.records)
        for after in (None, 1, 2):
            spells = purchase_spells(purchases, start, end, known_at, after)
            curve = rt.next_purchase_curve(orders, period=period, after=after, **reading)
            assert_curve(curve, spells, random, seed)
        spells = purchase_spells(purchases, start, end, known_at, 1)
        assert_curve(rt.second_purchase_curve(orders, period=period, **reading), spells, random, seed)
        contacts = [contact_of(random, record) for record in shop.records]
        words = {"kind": random.choice([None, None, "case"]), "channel": random.choice([None, None, "web"])}
        if {"case", "web"} <= {each[word] for each in contacts for word in ("kind", "channel")}:
            records = [rt.Interaction(**each) for each in contacts]
            curves = ((rt.first_response_curve, "answered_at"), (rt.resolution_curve, "solved_at"))
            for function, field in curves:
                spells = contact_spells(contacts, field, start, end, known_at, aliases=shop.aliases, **words)
                assert_curve(function(records, period=period, **words, **reading), spells, random, seed)


@pytest.mark.parametrize("block", range(4))
def test_subscribers(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        random = Random(seed)
        origin = datetime(2026, random.choice([1, 3, 10]), 1, tzinfo=BERLIN).astimezone(UTC)
        beside = [timedelta(0), timedelta(0), TICK, -TICK]
        near = [random.choice([0, 1, 7, 30, 31, 60, random.randint(-60, 120)]) for _ in range(25)]
        moments = sorted({origin + timedelta(days=days) + random.choice(beside) for days in near})
        spans = [span_of(random, number, moments) for number in range(random.randint(0, 14))]
        aliases = random.choice([{}, {"Ann": "ann", "Cy": "cy"}])
        start = random.choice(moments[:-1][:12])
        end = random.choice([moment for moment in moments if moment > start])
        as_of = random.choice([None, *(moment for moment in moments if moment >= start)])
        bridge = random.choice([None, None, timedelta(days=7), relativedelta(months=1)])
        later = None
        if bridge is not None:
            zone = UTC if isinstance(bridge, timedelta) else BERLIN
            later = lambda at, bridge=bridge, zone=zone: at.astimezone(zone) + bridge  # noqa: E731
        book = Book(spans, as_of=as_of, aliases=aliases, bridge=later)
        words = {"bridge": bridge, "as_of": as_of, "aliases": aliases}
        period = rt.Period.between(start, end, tz="Europe/Berlin")
        for of in ("in_force", "begun") if as_of is not None else ("in_force",):
            curve = rt.subscriber_curve(to_subscriptions(spans), period=period, of=of, **words)
            spells = subscriber_spells(book, start, end, as_of, of)
            assert_curve(curve, spells, random, seed)
            causes = Counter(spell.cause for spell in spells if spell.cause is not None)
            assert {cause: n for cause, n in curve.ended_by.items() if n} == causes, seed
