"""The periods before and after a whole one, and itself a year ago."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from retention._calendar import add_units, local_date, shift, shift_units, start_of_day, step, year_earlier
from retention.periods._shape import days_of, first_day, floor, free, has_whole_days, like

if TYPE_CHECKING:
    from retention.periods._period import Period

__all__ = ["a_year_before", "after", "before", "ends_a_year_before"]


def before(whole: Period) -> Period:
    """What `Period.previous` gives for a whole."""
    zone = whole.tz
    if whole.unit is not None:
        return like(whole, whole.unit, step(first_day(whole, whole.unit), whole.unit, -whole.count, zone))
    if has_whole_days(whole):
        first = step(local_date(whole.start, zone), "day", -days_of(whole), zone)
        return free(whole, start_of_day(first, zone), whole.start)
    return free(whole, shift(whole.start, -whole.duration, zone), whole.start)


def after(whole: Period) -> Period:
    """What `Period.next` gives for a whole."""
    zone = whole.tz
    if whole.unit is not None:
        return like(whole, whole.unit, floor(whole, local_date(whole.end, zone), whole.unit))
    if has_whole_days(whole):
        end = step(local_date(whole.end, zone), "day", days_of(whole), zone)
        return free(whole, whole.end, start_of_day(end, zone, field="end"))
    return free(whole, whole.end, shift(whole.end, whole.duration, zone))


def a_year_before(whole: Period) -> Period:
    """What `Period.year_before` gives for a whole."""
    if whole.unit == "week":
        return like(whole, "week", add_units(first_day(whole, "week"), "week", -52))
    if whole.unit is not None:
        return like(whole, whole.unit, year_earlier(first_day(whole, whole.unit)))
    return free(whole, *ends_a_year_before(whole))


def ends_a_year_before(period: Period) -> tuple[datetime, datetime]:
    """Both ends of a period of no unit, a year before by the local clock."""
    first, last = local_date(period.start, period.tz), local_date(period.end, period.tz)
    # An end on 29 February says that the 28th is part of the period; it must be so a year before.
    leap = 1 if (last.month, last.day) == (2, 29) else 0
    if has_whole_days(period):
        end = add_units(year_earlier(last), "day", leap)
        return start_of_day(year_earlier(first), period.tz), start_of_day(end, period.tz, field="end")
    start = shift_units(period.start, "year", -1, period.tz)
    return start, shift_units(shift_units(period.end, "year", -1, period.tz), "day", leap, period.tz)
