"""Hostile little shops by the hundred: every cell of every table of cohorts is the one counted on paper."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest

import retention as rt
from tests.reference.hostile import ALIASES, PEOPLE, TICK, person, purchases_of, records_of
from tests.reference.oracle_cohorts_plain import (
    Asked,
    Cell,
    Row,
    age_start,
    pooled,
    rows_of,
    unit_start,
)
from tests.reference.test_random_shops import to_orders

STARTS = [  # whatever is drawn lies around the last of a month, leap days, and nights that the clocks change
    ("Europe/Berlin", "day", date(2026, 3, 27)),
    ("Europe/Berlin", "day", date(2026, 10, 23)),
    ("Europe/Berlin", "week", date(2026, 3, 16)),
    ("Europe/Berlin", "week", date(2026, 10, 12)),
    ("Europe/Berlin", "month", date(2026, 1, 1)),
    ("Europe/Berlin", "month", date(2026, 9, 1)),
    ("Europe/Berlin", "month", date(2027, 12, 1)),
    ("Europe/Berlin", "quarter", date(2027, 10, 1)),
    ("Europe/Berlin", "year", date(2027, 1, 1)),
    ("America/Havana", "month", date(2026, 2, 1)),
    ("America/Havana", "day", date(2026, 3, 6)),
    ("Australia/Lord_Howe", "month", date(2026, 3, 1)),
    ("Asia/Kathmandu", "month", date(2027, 12, 1)),
    ("UTC", "year", date(2024, 1, 1)),
]


def moments_of(random: Random, asked: Asked) -> list[datetime]:
    """Edges of units, a tick beside them, middles, and the ages of what was drawn before."""
    edges = [unit_start(asked, number) for number in range(-2, asked.cohorts + 3)]
    near = [edge + step for edge in edges for step in (-TICK, timedelta(0), TICK)]
    last = [edge - timedelta(hours=random.choice([1, 2, 22])) for edge in edges]
    begun = random.sample(near + last, 4)
    ages = [
        age_start(asked, at, age) + step for at in begun for age in (1, 2, 3) for step in (-TICK, TICK * 0)
    ]
    return near + last + ages


def drawn(seed: int) -> dict[str, Any]:
    random = Random(seed)
    zone, unit, first_day = random.choice(STARTS)
    asked = Asked(
        zone, unit, first_day, random.randint(1, 5), random.choice(["calendar", "elapsed"]), [], False
    )
    moments = moments_of(random, asked)
    records = records_of(random, moments, most=random.choice([3, 12, 30]))
    aliases = random.choice([{}, ALIASES])
    as_of = random.choice(moments)
    since = None
    if random.random() < 0.3:
        since = {who: random.choice(moments) for who in random.sample(PEOPLE, random.randint(0, 8))}
    observed_from = random.choice([None, None, random.choice(moments)])
    if observed_from is not None and observed_from > as_of:
        observed_from = None
    words: dict[str, Any] = {"retained": random.choice(["on", "on_or_after", "between"])}
    if words["retained"] == "on_or_after":
        words["horizon"] = random.choice([0, 1, 2, 4])
    if words["retained"] == "between":
        words["brackets"] = random.choice(
            [[(0, 0)], [(1, 3)], [(0, 1), (2, 2)], [(0, 0), (1, 1), (3, 4)], [(1, 2), (0, 4)][:1]]
        )
    else:
        words["ages"] = random.choice([None, None, 1, 3])
    return {
        "asked": asked, "records": records, "aliases": aliases, "as_of": as_of, "since": since,
        "observed_from": observed_from, "words": words,
        "minimum_net": random.choice([Decimal(0), Decimal(0), None, Decimal(5)]),
    }  # fmt: skip


def people_of(since: dict[Any, datetime] | None, aliases: dict[Any, Any]) -> dict[Any, datetime] | None:
    if since is None:
        return None
    merged: dict[Any, datetime] = {}
    for who, at in since.items():
        one = person(who, aliases)
        merged[one] = min(at.astimezone(UTC), merged.get(one, at.astimezone(UTC)))
    return merged


def tables(seed: int) -> tuple[rt.CohortTable, list[Row], Asked]:
    d = drawn(seed)
    asked: Asked = d["asked"]
    start, end = unit_start(asked, 0), unit_start(asked, asked.cohorts)
    table = rt.cohort_table(
        to_orders(d["records"]),
        period=rt.Period.between(start, end, tz=asked.zone),
        unit=asked.unit,
        since=d["since"],
        age=asked.age,
        as_of=d["as_of"],
        observed_from=d["observed_from"],
        aliases=d["aliases"],
        policy=rt.OrderPolicy(minimum_net=d["minimum_net"]),
        **d["words"],
    )
    retained = d["words"]["retained"]
    if retained == "between":
        columns = list(d["words"]["brackets"])
    else:
        columns = [
            (age, age if retained == "on" else d["words"]["horizon"]) for age in range(len(table.columns))
        ]
    asked = asked._replace(columns=columns, on_or_after=retained == "on_or_after")
    least = None if d["minimum_net"] is None else int(d["minimum_net"] * 10_000)
    purchases = purchases_of(d["records"], as_of=d["as_of"], minimum_net=least, aliases=d["aliases"])
    rows = rows_of(
        asked,
        purchases,
        since=people_of(d["since"], d["aliases"]),
        as_of=d["as_of"],
        observed_from=d["observed_from"],
    )
    return table, rows, asked


def money(amount: Decimal | None) -> int | None:
    return None if amount is None else int(Fraction(amount) * 10_000)


def seen(cell: rt.CohortCell) -> Cell:
    return Cell(
        cell.state,
        cell.followed,
        cell.customers,
        cell.orders,
        money(cell.revenue),
        money(cell.cumulative_revenue),
    )


@pytest.mark.parametrize("block", range(10))
def test_every_cell(block: int) -> None:
    for seed in range(block * 60, block * 60 + 60):
        table, rows, _ = tables(seed)
        assert [row.period.start.astimezone(UTC) for row in table.rows] == [row.start for row in rows], seed
        for found, row in zip(table.rows, rows, strict=True):
            assert (found.size, found.partial) == (row.size, row.partial), (seed, row.start)
            for cell, expected in zip(found.cells, row.cells, strict=True):
                assert seen(cell) == expected, (seed, row.start, cell.ages)


@pytest.mark.parametrize("block", range(4))
def test_figures_of_cells_and_averages(block: int) -> None:
    for seed in range(block * 60, block * 60 + 60):
        table, rows, asked = tables(seed)
        for place, (first, _) in enumerate(asked.columns):
            for measure, (total, followed) in pooled(rows, place).items():
                result = table.average(first, measure=measure)
                if isinstance(result, rt.Ratio):
                    assert (result.numerator, result.denominator) == (total, followed), (seed, first)
                else:
                    worth = Fraction(total, 10_000 if "revenue" in measure else 1)
                    assert (Fraction(result.total), result.count) == (worth, followed), (seed, first, measure)
