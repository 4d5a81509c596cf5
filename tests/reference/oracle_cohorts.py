"""Cohorts once more, counted the long way round: the independent checks of the tables.

Two of them, neither of which imports the package. `cells_of` walks over lists of purchases, customer by customer, as
the definitions say, with every instant worked out one by one; it aims to be evidently right, not fast. `pandas_cells`
groups and merges a data frame, as an analyst would.

Money is in cents; all numbers are Python integers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

import pandas as pd
from dateutil.relativedelta import relativedelta

TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


class Cell(NamedTuple):
    """What a cell should say."""

    state: str
    followed: int | None = None
    customers: int | None = None
    orders: int | None = None
    order_squares: int | None = None
    revenue: int | None = None
    cumulative: int | None = None
    cumulative_squares: int | None = None


ABSENT = Cell("absent")


class Row(NamedTuple):
    """What a row should say."""

    size: int | None
    cells: list[Cell]


# --- the calendar ---


def instant_of(wall: datetime, zone: tzinfo, fold: int = 0) -> datetime:
    """When the clocks show this, or else the first instant at which they show more."""
    moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if shown(moment, zone) == wall:
        return moment
    moment -= timedelta(hours=26)
    while shown(moment, zone) < wall.replace(second=0, microsecond=0):
        moment += MINUTE
    return moment.replace(second=0, microsecond=0)


def shown(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def midnight(day: date, zone: tzinfo) -> datetime:
    return instant_of(datetime(day.year, day.month, day.day), zone)


def first_day(unit: str, number: int) -> date:
    """The first day of a unit; units are numbered from year 0, or from day 1, on."""
    if unit == "day":
        return date.fromordinal(number)
    if unit == "week":  # ordinal 1 is a Monday
        return date.fromordinal(number * 7 + 1)
    months = number * {"month": 1, "quarter": 3, "year": 12}[unit]
    return date(months // 12, months % 12 + 1, 1)


def number_of(unit: str, day: date) -> int:
    if unit == "day":
        return day.toordinal()
    if unit == "week":
        return (day.toordinal() - 1) // 7
    return (day.year * 12 + day.month - 1) // {"month": 1, "quarter": 3, "year": 12}[unit]


def starts(unit: str, number: int, zone: tzinfo) -> datetime:
    return midnight(first_day(unit, number), zone)


def later(anchor: datetime, unit: str, count: int, zone: tzinfo) -> datetime:
    """So many units after an anchor, by the clock."""
    step = {
        "day": relativedelta(days=count),
        "week": relativedelta(days=7 * count),
        "month": relativedelta(months=count),
        "quarter": relativedelta(months=3 * count),
        "year": relativedelta(months=12 * count),
    }[unit]
    local = anchor.astimezone(zone)
    if midnight(local.date(), zone) == anchor:
        return midnight(local.date() + step, zone)
    return instant_of(local.replace(tzinfo=None, fold=0) + step, zone, local.fold)


def elapsed(anchor: datetime, moment: datetime, unit: str, zone: tzinfo) -> int:
    """How many whole units have gone by; -1 before the anchor."""
    age = -1
    while later(anchor, unit, age + 1, zone) <= moment:
        age += 1
    return age


# --- purchases ---


def purchases_of(
    records: Iterable[Mapping[str, Any]], as_of: datetime, aliases: Mapping[Hashable, Hashable]
) -> dict[Hashable, list[tuple[datetime, int]]]:
    """By person, the purchases that count: instant, and what is left of each."""
    found: dict[Hashable, list[tuple[datetime, int]]] = {}
    for record in records:
        if record["customer"] is None or record["at"] > as_of or record.get("is_test"):
            continue
        if record.get("payment") in {"pending", "failed"} or {"exchange", "gift-card"} & set(
            record.get("tags", ())
        ):
            continue
        cancelled = record.get("cancelled")
        if cancelled is not None and cancelled <= as_of:
            continue
        left = record["cents"] - sum(cents for at, cents in record.get("refunds", ()) if at <= as_of)
        if left > 0:
            person = aliases.get(record["customer"], record["customer"])
            found.setdefault(person, []).append((record["at"], left))
    return {person: sorted(bought) for person, bought in found.items()}


# --- the table ---


def cells_of(
    records: Sequence[Mapping[str, Any]],
    *,
    zone: tzinfo,
    unit: str,
    cohorts: range,
    columns: Sequence[tuple[int, int, int]],
    as_of: datetime,
    observed_from: datetime | None = None,
    aliases: Mapping[Hashable, Hashable] | None = None,
    since: Mapping[Hashable, datetime] | None = None,
    age: str = "calendar",
) -> list[Row]:
    """One row a cohort, one cell a column; a column is its first and its last age, and up to which revenue adds up."""
    aliases = aliases or {}
    bought = purchases_of(records, as_of, aliases)
    if since is None:
        began = {person: found[0][0] for person, found in bought.items()}
    else:
        began = {}
        for who, at in since.items():
            person = aliases.get(who, who)
            began[person] = min(at.astimezone(UTC), began.get(person, at.astimezone(UTC)))
    seen = as_of if any(at == as_of for found in bought.values() for at, _ in found) else as_of - TICK
    rows = []
    for number in cohorts:
        start, end = starts(unit, number, zone), starts(unit, number + 1, zone)
        reach = start if since is not None else starts(unit, number - 1, zone)
        if start > as_of or (observed_from is not None and min(start, reach) < observed_from):
            rows.append(Row(None, [ABSENT] * len(columns)))
            continue
        members = {
            person: [(at, cents) for at, cents in bought.get(person, []) if at >= since_then]
            for person, since_then in began.items()
            if start <= since_then < end and since_then <= as_of
        }
        if age == "calendar":
            shared = {"unit": unit, "zone": zone, "number": number, "as_of": as_of, "seen": seen}
            cells = [by_calendar(members, column=column, **shared) for column in columns]
        else:
            shared = {"began": began, "unit": unit, "zone": zone, "as_of": as_of, "cohort": (start, end)}
            cells = [by_time(members, column=column, **shared) for column in columns]
        rows.append(Row(len(members), cells))
    return rows


def by_calendar(
    members: Mapping[Hashable, list[tuple[datetime, int]]],
    *,
    unit: str,
    zone: tzinfo,
    number: int,
    column: tuple[int, int, int],
    as_of: datetime,
    seen: datetime,
) -> Cell:
    first, last, upto = column
    if starts(unit, number + first, zone) > seen:
        return ABSENT
    low, high, then = (starts(unit, number + each, zone) for each in (first, last + 1, upto + 1))
    state = "observed" if high <= as_of else "partial"
    return summed(
        state,
        [
            (
                [cents for at, cents in found if low <= at < high],
                sum(cents for at, cents in found if at < then),
            )
            for found in members.values()
        ],
    )


def by_time(
    members: Mapping[Hashable, list[tuple[datetime, int]]],
    *,
    began: Mapping[Hashable, datetime],
    unit: str,
    zone: tzinfo,
    column: tuple[int, int, int],
    as_of: datetime,
    cohort: tuple[datetime, datetime],
) -> Cell:
    first, last, upto = column
    followed = [who for who in members if later(began[who], unit, last + 1, zone) <= as_of]
    if not members and later(cohort[1] - TICK, unit, last + 1, zone) <= as_of:
        return summed("observed", [])
    if not followed:
        return ABSENT
    state = "observed" if len(followed) == len(members) and cohort[1] <= as_of else "partial"
    found = []
    for who in followed:
        ages = [(elapsed(began[who], at, unit, zone), cents) for at, cents in members[who]]
        found.append(
            (
                [cents for each, cents in ages if first <= each <= last],
                sum(cents for each, cents in ages if each <= upto),
            )
        )
    return summed(state, found)


def summed(state: str, found: Sequence[tuple[list[int], int]]) -> Cell:
    """Of each customer who is followed: what each purchase within the window left, and what all up to then did."""
    return Cell(
        state,
        followed=len(found),
        customers=sum(bool(window) for window, _ in found),
        orders=sum(len(window) for window, _ in found),
        order_squares=sum(len(window) ** 2 for window, _ in found),
        revenue=sum(sum(window) for window, _ in found),
        cumulative=sum(spent for _, spent in found),
        cumulative_squares=sum(spent**2 for _, spent in found),
    )


# --- data frames ---


def pandas_cells(
    frame: pd.DataFrame, *, freq: str, age: str, windows: Sequence[tuple[int, int, int]], as_of: pd.Timestamp
) -> dict[tuple[str, int], dict[str, int]]:
    """By cohort and number of the column, what a frame of customer, day and cents says of cells that are complete.

    Days stand without time and zone, so that a whole month is one of `DateOffset`. Cells that hold nothing are left
    out, as `groupby` does.
    """
    frame = frame.copy()
    frame["first"] = frame.groupby("customer")["day"].transform("min")
    frame["cohort"] = frame["first"].dt.to_period(freq)
    members = frame.groupby("customer").agg(first=("first", "first"), cohort=("cohort", "first"))
    if age == "calendar":
        frame["age"] = frame["day"].dt.to_period(freq).map(lambda each: each.ordinal) - frame["cohort"].map(
            lambda each: each.ordinal
        )
        running = pd.Period(as_of, freq=freq).ordinal
        members["passed"] = [running - cohort.ordinal for cohort in members["cohort"]]
    else:
        frame["age"] = _ages(frame["first"], frame["day"], freq)
        members["passed"] = _ages(members["first"], pd.Series(as_of, index=members.index), freq)
    frame = frame.join(members["passed"], on="customer")
    found: dict[tuple[str, int], dict[str, int]] = {}
    for place, (first, last, upto) in enumerate(windows):
        followed = members[members["passed"] > last]
        rows = frame[frame["passed"] > last]
        window = rows[rows["age"].between(first, last)]
        spent = rows[rows["age"] <= upto].groupby("customer")["cents"].sum()
        orders = window.groupby("customer").size()
        by = window.groupby("cohort", observed=True)
        for cohort, group in followed.groupby("cohort"):
            inside = by.get_group(cohort) if cohort in by.groups else window.iloc[:0]
            found[str(cohort), place] = {
                "followed": len(group),
                "customers": int(inside["customer"].nunique()),
                "orders": len(inside),
                "order_squares": int((orders.reindex(group.index).fillna(0) ** 2).sum()),
                "revenue": int(inside["cents"].sum()),
                "cumulative": int(spent.reindex(group.index).fillna(0).sum()),
                "cumulative_squares": int((spent.reindex(group.index).fillna(0).astype("int64") ** 2).sum()),
            }
    return found


def _ages(first: pd.Series, then: pd.Series, freq: str) -> pd.Series:
    """Whole months or weeks from one day to another."""
    if freq.startswith("W"):
        return (then - first).dt.days // 7
    months = (then.dt.year - first.dt.year) * 12 + then.dt.month - first.dt.month
    reached = pd.Series(
        [one + pd.DateOffset(months=int(n)) for one, n in zip(first, months, strict=True)], index=first.index
    )
    return months - (reached > then).astype(int)
