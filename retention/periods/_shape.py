"""What a whole period consists of: the units that it begins and ends with, or its local days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from retention._calendar import (
    WEEKDAYS,
    Unit,
    count_days,
    first_day_of_unit,
    is_start_of_day,
    local_date,
    start_of_day,
    step,
    zone_name,
)
from retention.errors import InvalidPeriodError, shown

if TYPE_CHECKING:
    from retention.periods._period import Period

__all__ = [
    "check_unit_fits",
    "day_begun",
    "days_of",
    "first_day",
    "floor",
    "free",
    "has_whole_days",
    "last_day",
    "like",
]


def floor(period: Period, day: date, unit: Unit) -> date:
    """The first day of the unit that a day lies in, as the period counts weeks and years."""
    weekday = WEEKDAYS.index(period.week_start)
    return first_day_of_unit(day, unit, starts_in=period.starts_in, week_start=weekday)


def first_day(period: Period, unit: Unit) -> date:
    """The first day of a period that consists of whole units, even one that the zone skipped."""
    return floor(period, period.start.astimezone(period.tz).date(), unit)


def last_day(period: Period) -> date:
    """The local day of the last instant that is part of it."""
    return local_date(period.end - timedelta.resolution, period.tz)


def day_begun(period: Period) -> date | None:
    """The day that a period begins with, if it begins with one."""
    return local_date(period.start, period.tz) if is_start_of_day(period.start, period.tz) else None


def has_whole_days(period: Period) -> bool:
    """Whether it begins and ends where local days do."""
    return is_start_of_day(period.start, period.tz) and is_start_of_day(period.end, period.tz)


def days_of(period: Period) -> int:
    """How many local days a period that has whole ones has."""
    return count_days(local_date(period.start, period.tz), local_date(period.end, period.tz), period.tz)


def free(period: Period, start: datetime, end: datetime) -> Period:
    """Another period of no unit, in the same zone."""
    return attrs.evolve(period, start=start, end=end, unit=None, count=1)


def like(period: Period, unit: Unit, first: date) -> Period:
    """As many of the same units, from another day on."""
    after = step(first, unit, period.count, period.tz)
    start, end = start_of_day(first, period.tz), start_of_day(after, period.tz, field="end")
    return attrs.evolve(period, start=start, end=end)


def check_unit_fits(period: Period, unit: Unit) -> None:
    """Refuse a period whose ends are not those of its units.

    Raises:
        InvalidPeriodError: They are not.
    """
    first = first_day(period, unit)
    if start_of_day(first, period.tz) == period.start:
        after = step(first, unit, period.count, period.tz)
        if start_of_day(after, period.tz, field="end") == period.end:
            return
    msg = (
        f"Period: unit must fit the ends, got {shown(unit)} with count {shown(period.count)} from "
        f"{shown(period.start)} to {shown(period.end)} in {zone_name(period.tz)}; use Period.{unit}() for a "
        f"whole {unit}, Period.last() for several, Period.between() for any two instants"
    )
    raise InvalidPeriodError(msg)
