"""Every cell of a table of cohorts, asked of each customer anew: lists and calendar steps, as on paper.

From the definitions and the words of the documentation alone; it imports nothing of the package.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from tests.reference.hostile import TICK, Purchase, local_midnight

STEPS = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}


class Story(NamedTuple):
    """What is known of everybody: when they began, what they bought since, and until when it is known."""

    begun: Mapping[Hashable, datetime]
    bought: Mapping[Hashable, list[Purchase]]
    as_of: datetime


class Cell(NamedTuple):
    state: str
    followed: int | None = None
    customers: int | None = None
    orders: int | None = None
    revenue: int | None = None
    cumulative: int | None = None


class Row(NamedTuple):
    start: datetime
    size: int | None
    partial: bool
    cells: list[Cell]


class Asked(NamedTuple):
    """How the table is asked for; a column is its first age and its last (None: ever after)."""

    zone: str
    unit: str
    first_day: date
    cohorts: int
    age: str
    columns: list[tuple[int, int | None]]
    on_or_after: bool
    is_dated_at_end: bool = False


def unit_start(asked: Asked, number: int) -> datetime:
    """Where the number-th unit begins, counted from that of the first cohort."""
    return local_midnight(asked.first_day + number * STEPS[asked.unit], asked.zone)


def age_start(asked: Asked, begun: datetime, age: int) -> datetime:
    """When a customer is so many whole units old, by the calendar of the zone."""
    if age == 0:
        return begun
    local = begun.astimezone(ZoneInfo(asked.zone))
    return (local.replace(fold=0) + age * STEPS[asked.unit]).astimezone(UTC)


def rows_of(
    asked: Asked,
    purchases: Sequence[Purchase],
    *,
    since: Mapping[Hashable, datetime] | None,
    as_of: datetime,
    observed_from: datetime | None,
) -> list[Row]:
    begun: dict[Hashable, datetime] = {}
    if since is None:
        for purchase in purchases:
            begun.setdefault(purchase.who, purchase.at)
    else:
        begun = {who: at.astimezone(UTC) for who, at in since.items() if at <= as_of}
    happened = {purchase.at for purchase in purchases} | set(begun.values())
    asked = asked._replace(is_dated_at_end=as_of in happened)
    bought: dict[Hashable, list[Purchase]] = {who: [] for who in begun}
    for purchase in purchases:
        if purchase.who in begun and purchase.at >= begun[purchase.who]:
            bought[purchase.who].append(purchase)
    return [
        _row(asked, number, begun, bought, since=since, as_of=as_of, observed_from=observed_from)
        for number in range(asked.cohorts)
    ]


def _row(
    asked: Asked,
    number: int,
    begun: Mapping[Hashable, datetime],
    bought: Mapping[Hashable, list[Purchase]],
    *,
    since: Mapping[Hashable, datetime] | None,
    as_of: datetime,
    observed_from: datetime | None,
) -> Row:
    start, end = unit_start(asked, number), unit_start(asked, number + 1)
    # By the first purchase nobody can tell who is new in the unit with which the data begin.
    earliest = unit_start(asked, number - 1) if since is None else start
    absent = [Cell("absent")] * len(asked.columns)
    if start > as_of or (observed_from is not None and earliest < observed_from):
        return Row(start, None, False, absent)
    members = [who for who, at in begun.items() if start <= at < end]
    make = _calendar_cell if asked.age == "calendar" else _elapsed_cell
    partial = start <= as_of < end
    cells = [make(asked, number, column, members, Story(begun, bought, as_of)) for column in asked.columns]
    return Row(start, len(members), partial, cells)


def _calendar_cell(
    asked: Asked, number: int, column: tuple[int, int | None], members: Sequence[Hashable], story: Story
) -> Cell:
    _, bought, as_of = story
    first, last = column
    opens = unit_start(asked, number + first)
    passed = unit_start(asked, number + (first if last is None else last) + 1)
    closes = as_of if last is None else passed
    if opens > as_of or (opens == as_of and not asked.is_dated_at_end):
        return Cell("absent")  # nothing of it has passed, and nothing is dated in it
    inside = [
        [p for p in bought[who] if opens <= p.at and (last is None or p.at < closes)] for who in members
    ]
    until = unit_start(asked, number + 1 + _worth_until(column, asked))
    ever = [p for who in members for p in bought[who] if p.at < until]
    state = "observed" if passed <= as_of else "partial"
    return _cell(state, len(members), inside, ever)


def _elapsed_cell(
    asked: Asked, number: int, column: tuple[int, int | None], members: Sequence[Hashable], story: Story
) -> Cell:
    begun, bought, as_of = story
    first, last = column
    passed = (first if last is None else last) + 1
    followed = [who for who in members if age_start(asked, begun[who], passed) <= as_of]
    if (
        not followed
    ):  # without customers it is complete when the last who could have come would have passed it
        last_one = age_start(asked, unit_start(asked, number + 1) - TICK, passed)
        return Cell("absent") if members or last_one > as_of else Cell("observed", 0, 0, 0, 0, 0)
    inside, ever = [], []
    for who in followed:
        opens = age_start(asked, begun[who], first)
        closes = None if last is None else age_start(asked, begun[who], last + 1)
        until = age_start(asked, begun[who], _worth_until(column, asked) + 1)
        inside.append([p for p in bought[who] if opens <= p.at and (closes is None or p.at < closes)])
        ever += [p for p in bought[who] if p.at < until]
    end = unit_start(asked, number + 1)
    open_ = end > as_of or len(followed) < len(members)
    return _cell("partial" if open_ else "observed", len(followed), inside, ever)


def _worth_until(column: tuple[int, int | None], asked: Asked) -> int:
    """The last age that cumulative revenue counts."""
    return column[0] if asked.on_or_after or column[1] is None else column[1]


def _cell(state: str, followed: int, inside: list[list[Purchase]], ever: list[Purchase]) -> Cell:
    these = [purchase for each in inside for purchase in each]
    return Cell(
        state,
        followed,
        sum(bool(each) for each in inside),
        len(these),
        sum(purchase.net for purchase in these),
        sum(purchase.net for purchase in ever),
    )


def pooled(rows: Sequence[Row], column: int) -> dict[str, tuple[int, int]]:
    cells = [row.cells[column] for row in rows if row.cells[column].state == "observed"]
    followed = sum(cell.followed or 0 for cell in cells)
    return {
        "retention": (sum(cell.customers or 0 for cell in cells), followed),
        "orders_per_customer": (sum(cell.orders or 0 for cell in cells), followed),
        "cumulative_revenue_value": (sum(cell.cumulative or 0 for cell in cells), followed),
    }
