"""Parts to date: how much of a period has passed, as a person counts, and how far that is in another."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from retention._calendar import (
    Unit,
    add_units,
    at_clock,
    clock_of,
    count_days,
    local_date,
    shift,
    start_of_day,
    step,
)
from retention.errors import InvalidPeriodError, InvalidTypeError, shown
from retention.periods._shape import first_day, has_whole_days

if TYPE_CHECKING:
    from retention.periods._period import Period

__all__ = ["Part", "check_part", "end_of_part", "part_until"]

_DATED: frozenset[Unit | None] = frozenset({"month", "quarter", "year"})
"""Units that begin on the first of a month, so that a day in them has a date: the 12th of month two."""


@attrs.frozen(kw_only=True)
class Part:
    """That a period is only the beginning of a whole, and how much of that has passed.

    What has passed is kept, not where it ends: 30 days and 10 hours reach beyond February, and are
    31 January, 10:00, again a month before.

    Attributes:
        whole_end: The end of the whole.
        months: Whole months that have passed, of quarters, years and several months.
        days: Whole local days since; None where nothing but time is counted.
        time: The time of day by the local clock; where days are None, the time since the start.
        fold: 1 when the clocks showed this time of day for the second time.
    """

    whole_end: datetime
    months: int = 0
    days: int | None = None
    time: timedelta
    fold: int = 0


def part_until(whole: Period, moment: datetime) -> Part:
    """How much of a whole has passed at an instant in it."""
    plain = Part(whole_end=whole.end, time=moment - whole.start)
    first = _first_day(whole)
    if first is None:
        return plain
    day, time, fold = clock_of(moment, whole.tz)
    if (day, time) <= (first, timedelta(0)):  # the clocks were put back to the first midnight, or beyond it
        return plain
    if whole.unit in _DATED:
        months = _months_between(first, day)
        return Part(whole_end=whole.end, months=months, days=day.day - 1, time=time, fold=fold)
    days = (day - first).days if whole.unit == "week" else count_days(first, day, whole.tz)
    return Part(whole_end=whole.end, days=days, time=time, fold=fold)


def end_of_part(whole: Period, part: Part) -> datetime:
    """Where as much of a whole has passed, at its end at the latest."""
    first = _first_day(whole)
    if part.days is None or first is None:
        return min(shift(whole.start, part.time, whole.tz), whole.end)
    end = _by_the_clock(whole, part, first, part.days)
    if end <= whole.start:  # the zone skipped the beginning of that day
        end = shift(whole.start, timedelta(days=part.days) + part.time, whole.tz)
    return min(end, whole.end)


def _first_day(whole: Period) -> date | None:
    """The day from which days are counted, or None where the period is counted in time alone."""
    if whole.unit is not None:
        return first_day(whole, whole.unit)
    return local_date(whole.start, whole.tz) if has_whole_days(whole) else None


def _by_the_clock(whole: Period, part: Part, first: date, days: int) -> datetime:
    if whole.unit in _DATED:
        month = add_units(first, "month", part.months)
        day, after = add_units(month, "day", days), add_units(month, "month", 1)
        # A date that this month has not lies after all of the month, and before the next.
        return at_clock(day, part.time, whole.tz, part.fold) if day < after else start_of_day(after, whole.tz)
    if whole.unit == "week":
        return at_clock(add_units(first, "day", days), part.time, whole.tz, part.fold)
    start = start_of_day(step(first, "day", days, whole.tz), whole.tz)
    return at_clock(local_date(start, whole.tz), part.time, whole.tz, part.fold)


def check_part(period: Period, part: object) -> None:
    """Refuse a part to date that is not what it says.

    Raises:
        InvalidTypeError: Not a `Part`.
        InvalidPeriodError: As much can't have passed, or it does not end where as much has.
    """
    fix = "call to_date() of the whole period"
    if not isinstance(part, Part):
        msg = f"Period: part must be what to_date() makes or None, got {shown(part)}; {fix}"
        raise InvalidTypeError(msg)
    if not _can_have_passed(period, part):
        msg = f"Period: part must be as much as can have passed of the whole, got {shown(part)}; {fix}"
        raise InvalidPeriodError(msg)
    if period.end > part.whole_end:
        msg = (
            f"Period: end must not be later than that of the whole, {shown(part.whole_end)}, "
            f"got {shown(period.end)}; {fix}"
        )
        raise InvalidPeriodError(msg)
    expected = end_of_part(period.whole, part)
    if expected != period.end:
        msg = f"Period: end must be where the part to date ends, {shown(expected)}, got {shown(period.end)}; {fix}"
        raise InvalidPeriodError(msg)


def _can_have_passed(period: Period, part: Part) -> bool:
    if part.days is None:
        return part.months == 0 and part.time > timedelta(0)
    if part.days < 0 or part.fold not in {0, 1} or not timedelta(0) <= part.time < timedelta(days=1):
        return False
    if period.unit not in _DATED:
        return part.months == 0 and _first_day(period.whole) is not None
    return 0 <= part.months < _months_of(period.whole) and part.days < 31  # as many as the longest month has


def _months_of(whole: Period) -> int:
    return _months_between(local_date(whole.start, whole.tz), local_date(whole.end, whole.tz))


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
