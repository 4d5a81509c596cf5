"""The units that a whole period is split into."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

import attrs

from retention._calendar import Unit, add_units, shift_units, start_of_day
from retention.errors import InvalidPeriodError
from retention.periods._shape import day_begun, first_day, floor, free

if TYPE_CHECKING:
    from retention.periods._period import Period

__all__ = ["units_of"]


def units_of(whole: Period, unit: Unit) -> Iterator[Period]:
    """One unit after the other, counted from the start, the last cut at the end."""
    first = first_day(whole, whole.unit) if whole.unit is not None else day_begun(whole)
    start, done = whole.start, 0
    while start < whole.end:
        end = _boundary(whole, first, unit, done + 1)
        if end is None or end > whole.end:
            yield free(whole, start, whole.end)
            return
        if end > start:  # else the zone skipped that day
            yield _unit_from(whole, start, end, first and add_units(first, unit, done), unit)
            start = end
        done += 1


def _boundary(whole: Period, first: date | None, unit: Unit, count: int) -> datetime | None:
    """The instant that lies so many units after the start, or None beyond the calendar."""
    try:
        if first is None:
            return shift_units(whole.start, unit, count, whole.tz)
        return start_of_day(add_units(first, unit, count), whole.tz)
    except InvalidPeriodError:
        return None


def _unit_from(whole: Period, start: datetime, end: datetime, first: date | None, unit: Unit) -> Period:
    part = free(whole, start, end)
    if first is None or floor(whole, first, unit) != first:
        return part
    return attrs.evolve(part, unit=unit)
