"""`Period`: a stretch of time that knows its zone and its unit, and how to step, split and name itself."""

from __future__ import annotations

import calendar
import operator
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import cast

import attrs

from retention._calendar import (
    WEEKDAYS,
    Unit,
    Weekday,
    Zone,
    add_units,
    as_zone,
    check_unit,
    check_weekday,
    check_within_calendar,
    count_days,
    first_day_of_unit,
    instant,
    is_start_of_day,
    local_date,
    shift,
    shift_units,
    start_of_day,
    step,
    weeks_of_iso_year,
    year_earlier,
    zone_name,
)
from retention.errors import InvalidPeriodError, InvalidTypeError, InvalidValueError, shown

__all__ = ["Period"]


def _to_start(value: datetime) -> datetime:
    return instant(value, owner="Period", field="start")


def _to_end(value: datetime) -> datetime:
    return instant(value, owner="Period", field="end")


def _to_zone(value: Zone) -> tzinfo:
    return as_zone(value, owner="Period")


@attrs.frozen(kw_only=True, repr=False)
class Period:
    """A stretch of time from `start`, which is part of it, to `end`, which is not: ``[start, end)``.

    A period begins and ends where the days of its own zone do, whatever daylight saving does, and is made
    by the function that is named for its unit. It knows the unit, and so the period before it: January lies
    before February, however many days they have.

    Two periods are equal when they behave alike: same start, same end, same name of the zone, same unit.
    February and the 28 days that it consists of are not, since January lies before the one and 28 days lie
    before the other.

    Attributes:
        start: The first instant of the period, in UTC.
        end: The first instant after it, in UTC.
        tz: The zone whose days, months and years are meant.
        unit: The unit of the calendar that it consists of, or None for a period between any two instants.
        count: How many of these units it has.
        starts_in: Month in which its years begin: 1 but for fiscal years and their quarters.
        week_start: Day on which its weeks begin.

    Raises:
        InvalidPeriodError: It ends before it begins, or is not what `unit` and `count` say.
        InvalidValueError: A field is out of its domain. `NaiveDatetimeError`, where an end has no zone, is
            one of these.
        InvalidTypeError: A field is of another type.

    >>> march = Period.month(2026, 3, tz="Europe/Berlin")
    >>> march.label, march.previous().label, march.year_before().label
    ('2026-03', '2026-02', '2025-03')
    >>> march.duration  # 31 days less the hour that the clocks skip
    datetime.timedelta(days=30, seconds=82800)

    .. versionadded:: 0.1
    """

    start: datetime = attrs.field(converter=_to_start)
    end: datetime = attrs.field(converter=_to_end)
    tz: tzinfo = attrs.field(converter=_to_zone, eq=zone_name)
    unit: Unit | None = None
    count: int = attrs.field(default=1, eq=False)
    starts_in: int = attrs.field(default=1, eq=False)
    week_start: Weekday = attrs.field(default="monday", eq=False)

    def __attrs_post_init__(self) -> None:
        if self.end <= self.start:
            msg = (
                f"Period: end must be later than start, got {shown(self.end)} for {shown(self.start)}; "
                "exchange the two, or use Period.day() for the day that both lie in"
            )
            raise InvalidPeriodError(msg)
        check_within_calendar(self.start, self.tz, owner="Period", field="start")
        check_within_calendar(self.end, self.tz, owner="Period", field="end")
        _check_number(self.count, 1, None, owner="Period", field="count")
        _check_number(self.starts_in, 1, 12, owner="Period", field="starts_in")
        check_weekday(self.week_start, owner="Period")
        if self.unit is not None:
            check_unit(self.unit, owner="Period")
            self._check_unit_fits(self.unit)

    def _check_unit_fits(self, unit: Unit) -> None:
        first = self._first_day(unit)
        if start_of_day(first, self.tz) == self.start:
            after = step(first, unit, self.count, self.tz)
            if start_of_day(after, self.tz, field="end") == self.end:
                return
        msg = (
            f"Period: unit must fit the ends, got {shown(unit)} with count {shown(self.count)} from "
            f"{shown(self.start)} to {shown(self.end)} in {zone_name(self.tz)}; use Period.{unit}() for a "
            f"whole {unit}, Period.last() for several, Period.between() for any two instants"
        )
        raise InvalidPeriodError(msg)

    # Constructors -------------------------------------------------------------------------------------

    @classmethod
    def day(cls, year: int, month: int, day: int, *, tz: Zone) -> Period:
        """One day of the calendar, from its first instant in the zone to that of the next day.

        Args:
            year: The year, 1 to 9999.
            month: The month, 1 to 12.
            day: The day of the month, from 1.
            tz: The zone whose day is meant.

        Returns:
            The period, of 23 hours or 25 on the days on which the clocks are changed.

        Raises:
            InvalidValueError: There is no such date, or no such zone.
            InvalidPeriodError: The zone skipped that day, or the day reaches beyond the calendar.

        >>> Period.day(2026, 3, 29, tz="Europe/Berlin").duration
        datetime.timedelta(seconds=82800)

        .. versionadded:: 0.1
        """
        owner = "Period.day()"
        year, month = _check_year(year, owner=owner), _check_month(month, owner=owner)
        last = calendar.monthrange(year, month)[1]
        first = date(year, month, _check_number(day, 1, last, owner=owner, field="day"))
        zone = as_zone(tz, owner=owner)
        if start_of_day(first, zone) == start_of_day(add_units(first, "day", 1), zone, field="end"):
            name = zone_name(zone)
            msg = f"{owner}: day must exist in {name}, which skipped {first}; use the day before or after"
            raise InvalidPeriodError(msg)
        return cls._of(first, "day", zone)

    @classmethod
    def week(
        cls, year: int | date, week: int | None = None, *, week_start: Weekday = "monday", tz: Zone
    ) -> Period:
        """A week: by its number in the ISO year, or the one that a date lies in.

        Args:
            year: The ISO year, whose week 1 is the one with 4 January in it; or a date of the week.
            week: The number of the ISO week, 1 to 52, or 53 in some years; left out when a date is given.
            week_start: The day on which weeks begin. The numbers are for weeks from Monday on; others are
                given by a date.
            tz: The zone whose days are meant.

        Raises:
            InvalidValueError: No such week, weekday or zone.
            InvalidTypeError: Neither a year with a week nor a date.
            InvalidPeriodError: The week reaches beyond the calendar.

        >>> Period.week(2026, 10, tz="Europe/Berlin") == Period.week(date(2026, 3, 5), tz="Europe/Berlin")
        True
        >>> Period.week(date(2026, 3, 5), week_start="sunday", tz="Europe/Berlin").label
        '2026-03-01 to 2026-03-07'

        .. versionadded:: 0.1
        """
        owner = "Period.week()"
        weekday = check_weekday(week_start, owner=owner)
        day = _date_of_week(year, week) if isinstance(year, date) else _iso_week(year, week, week_start)
        first = first_day_of_unit(day, "week", week_start=weekday)
        return cls._of(first, "week", as_zone(tz, owner=owner), week_start=week_start)

    @classmethod
    def month(cls, year: int, month: int, *, tz: Zone) -> Period:
        """One month of the calendar, from local midnight to local midnight.

        Args:
            year: The year, 1 to 9999.
            month: The month, 1 to 12.
            tz: The zone whose days are meant.

        Raises:
            InvalidValueError: No such year, month or zone.
            InvalidPeriodError: The month reaches beyond the calendar.

        >>> print(Period.month(2026, 3, tz="Europe/Berlin"))
        2026-03

        .. versionadded:: 0.1
        """
        owner = "Period.month()"
        first = date(_check_year(year, owner=owner), _check_month(month, owner=owner), 1)
        return cls._of(first, "month", as_zone(tz, owner=owner))

    @classmethod
    def quarter(cls, year: int, quarter: int, *, starts_in: int = 1, tz: Zone) -> Period:
        """Three months: a quarter of the calendar year, or of a fiscal year.

        Args:
            year: The year; of a fiscal year, the calendar year in which it begins.
            quarter: The quarter of that year, 1 to 4.
            starts_in: Month in which the year begins, 1 to 12.
            tz: The zone whose days are meant.

        Raises:
            InvalidValueError: No such year, quarter, month or zone.
            InvalidPeriodError: The quarter reaches beyond the calendar.

        >>> print(Period.quarter(2026, 1, tz="Europe/Berlin"))
        2026-Q1
        >>> last = Period.quarter(2026, 4, starts_in=4, tz="Europe/London")
        >>> last.label, last == Period.quarter(2027, 1, tz="Europe/London")
        ('2026/27-Q4', True)

        .. versionadded:: 0.1
        """
        owner = "Period.quarter()"
        starts_in = _check_month(starts_in, owner=owner, field="starts_in")
        opening = date(_check_year(year, owner=owner), starts_in, 1)
        quarter = _check_number(quarter, 1, 4, owner=owner, field="quarter")
        first = add_units(opening, "quarter", quarter - 1)
        return cls._of(first, "quarter", as_zone(tz, owner=owner), starts_in=starts_in)

    @classmethod
    def year(cls, year: int, *, starts_in: int = 1, tz: Zone) -> Period:
        """Twelve months: a calendar year, or a fiscal year.

        Args:
            year: The year; of a fiscal year, the calendar year in which it begins.
            starts_in: Month in which it begins, 1 to 12.
            tz: The zone whose days are meant.

        Raises:
            InvalidValueError: No such year, month or zone.
            InvalidPeriodError: The year reaches beyond the calendar.

        >>> print(Period.year(2026, tz="UTC"), Period.year(2026, starts_in=4, tz="UTC"))
        2026 2026/27

        .. versionadded:: 0.1
        """
        owner = "Period.year()"
        starts_in = _check_month(starts_in, owner=owner, field="starts_in")
        first = date(_check_year(year, owner=owner), starts_in, 1)
        return cls._of(first, "year", as_zone(tz, owner=owner), starts_in=starts_in)

    @classmethod
    def between(cls, start: datetime, end: datetime, *, tz: Zone | None = None) -> Period:
        """The time from one instant to another, of no unit, even if it happens to be a whole month.

        Args:
            start: The first instant.
            end: The first instant after it.
            tz: The zone in which the period is split and named; by default the zone of `start`.

        Raises:
            InvalidValueError: An instant without a zone, or no such zone.
            InvalidTypeError: Not a datetime.
            InvalidPeriodError: `end` is not later than `start`.

        >>> from zoneinfo import ZoneInfo
        >>> berlin = ZoneInfo("Europe/Berlin")
        >>> sale = Period.between(datetime(2026, 3, 1, tzinfo=berlin), datetime(2026, 3, 16, tzinfo=berlin))
        >>> sale.label, sale.previous().label
        ('2026-03-01 to 2026-03-15', '2026-02-14 to 2026-02-28')

        .. versionadded:: 0.1
        """
        owner = "Period.between()"
        first = instant(start, owner=owner, field="start")
        after = instant(end, owner=owner, field="end")
        zone = cast("tzinfo", start.tzinfo) if tz is None else tz
        return cls(start=first, end=after, tz=as_zone(zone, owner=owner))

    @classmethod
    def last(
        cls,
        n: int,
        unit: Unit,
        *,
        as_of: datetime,
        tz: Zone,
        starts_in: int = 1,
        week_start: Weekday = "monday",
    ) -> Period:
        """The last n complete units of the calendar before an instant, as one period.

        A unit that ends exactly at `as_of` is complete; the one that is still running is left out.

        Args:
            n: How many units, 1 or more.
            unit: ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``.
            as_of: The instant at which the data were known.
            tz: The zone whose days are meant.
            starts_in: Month in which years begin, and with them quarters.
            week_start: Day on which weeks begin.

        Raises:
            InvalidValueError: No such number, unit, month, weekday or zone, or `as_of` has no zone.
            InvalidTypeError: An argument is of another type.
            InvalidPeriodError: The period reaches beyond the calendar.

        >>> from zoneinfo import ZoneInfo
        >>> noon = datetime(2026, 4, 15, 12, tzinfo=ZoneInfo("Europe/Berlin"))
        >>> last = Period.last(3, "month", as_of=noon, tz="Europe/Berlin")
        >>> last.label, last.previous().label
        ('2026-01 to 2026-03', '2025-10 to 2025-12')

        .. versionadded:: 0.1
        """
        owner = "Period.last()"
        n = _check_number(n, 1, None, owner=owner, field="n")
        unit = check_unit(unit, owner=owner)
        starts_in = _check_month(starts_in, owner=owner, field="starts_in")
        weekday = check_weekday(week_start, owner=owner)
        zone = as_zone(tz, owner=owner)
        today = local_date(instant(as_of, owner=owner, field="as_of"), zone)
        running = first_day_of_unit(today, unit, starts_in=starts_in, week_start=weekday)
        first = step(running, unit, -n, zone)
        return cls._of(first, unit, zone, n, starts_in=starts_in, week_start=week_start)

    @classmethod
    def _of(
        cls,
        first: date,
        unit: Unit,
        zone: tzinfo,
        count: int = 1,
        *,
        starts_in: int = 1,
        week_start: Weekday = "monday",
    ) -> Period:
        return cls(
            start=start_of_day(first, zone),
            end=start_of_day(step(first, unit, count, zone), zone, field="end"),
            tz=zone,
            unit=unit,
            count=count,
            starts_in=starts_in,
            week_start=week_start,
        )

    def _like(self, first: date) -> Period:
        """As many of the same units, from another day on."""
        return Period._of(
            first,
            cast("Unit", self.unit),
            self.tz,
            self.count,
            starts_in=self.starts_in,
            week_start=self.week_start,
        )

    def _free(self, start: datetime, end: datetime) -> Period:
        """Another period of no unit, in the same zone."""
        return Period(start=start, end=end, tz=self.tz, starts_in=self.starts_in, week_start=self.week_start)

    # Neighbours ---------------------------------------------------------------------------------------

    def previous(self) -> Period:
        """The period before this one, which ends where this one begins.

        Before a month lies the month before, before the last n units the n units before them. Before a
        period between two local midnights lie as many local days as it has, and before any other as much
        elapsed time. Days that the zone skipped are never counted.

        Raises:
            InvalidPeriodError: It would begin before year 1.

        >>> Period.month(2026, 3, tz="Europe/Berlin").previous()
        Period.month(2026, 2, tz="Europe/Berlin")

        .. versionadded:: 0.1
        """
        if self.unit is not None:
            return self._like(step(self._first_day(self.unit), self.unit, -self.count, self.tz))
        if self._has_whole_days():
            first = step(local_date(self.start, self.tz), "day", -self._days(), self.tz)
            return self._free(start_of_day(first, self.tz), self.start)
        return self._free(shift(self.start, -self.duration, self.tz), self.start)

    def next(self) -> Period:
        """The period after this one, which begins where this one ends: the counterpart of `previous()`.

        Raises:
            InvalidPeriodError: It would end after year 9999.

        >>> Period.year(2026, tz="Europe/Berlin").next()
        Period.year(2027, tz="Europe/Berlin")

        .. versionadded:: 0.1
        """
        if self.unit is not None:
            return self._like(self._floor(local_date(self.end, self.tz), self.unit))
        if self._has_whole_days():
            after = step(local_date(self.end, self.tz), "day", self._days(), self.tz)
            return self._free(self.end, start_of_day(after, self.tz, field="end"))
        return self._free(self.end, shift(self.end, self.duration, self.tz))

    def year_before(self) -> Period:
        """The same period one year before, for a comparison that seasons don't disturb.

        Days, months, quarters and years keep their date, with 28 February for 29 February, and the next day
        for one that the zone skipped in that year. Weeks go back by 52, so that weekdays stay together. Of
        any other period both ends go back one year by the local clock; an end on 29 February becomes
        1 March.

        Raises:
            InvalidPeriodError: It would begin before year 1.

        >>> Period.week(2026, 10, tz="Europe/Berlin").year_before()
        Period.week(2025, 10, tz="Europe/Berlin")
        >>> Period.day(2024, 2, 29, tz="Europe/Berlin").year_before()
        Period.day(2023, 2, 28, tz="Europe/Berlin")

        .. versionadded:: 0.1
        """
        if self.unit == "week":
            return self._like(add_units(self._first_day("week"), "week", -52))
        if self.unit is not None:
            return self._like(year_earlier(self._first_day(self.unit)))
        return self._free(*self._ends_a_year_before())

    def _ends_a_year_before(self) -> tuple[datetime, datetime]:
        first, after = local_date(self.start, self.tz), local_date(self.end, self.tz)
        # An end on 29 February says that the 28th is part of the period; it must be so a year before.
        leap = 1 if (after.month, after.day) == (2, 29) else 0
        if self._has_whole_days():
            end = add_units(year_earlier(after), "day", leap)
            return start_of_day(year_earlier(first), self.tz), start_of_day(end, self.tz, field="end")
        start = shift_units(self.start, "year", -1, self.tz)
        return start, shift_units(shift_units(self.end, "year", -1, self.tz), "day", leap, self.tz)

    # Parts --------------------------------------------------------------------------------------------

    def split(self, unit: Unit) -> Iterator[Period]:
        """The parts of the period, one unit each, one after the other, made only when they are asked for.

        Units are counted from the start of the period: from 31 January on, the parts begin on 31 January,
        28 February, 31 March. The last part is cut at the end of the period. Parts that are whole days,
        weeks, months, quarters or years of the calendar know that they are. A day that the zone skipped
        has no part.

        Args:
            unit: ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``.

        Returns:
            An iterator of periods that together are this one.

        Raises:
            InvalidValueError: No such unit.

        >>> [part.label for part in Period.quarter(2026, 1, tz="Europe/Berlin").split("month")]
        ['2026-01', '2026-02', '2026-03']
        >>> [part.label for part in Period.month(2026, 3, tz="Europe/Berlin").split("week")][-2:]
        ['2026-03-22 to 2026-03-28', '2026-03-29 to 2026-03-31']

        .. versionadded:: 0.1
        """
        return self._parts(check_unit(unit, owner="Period.split()"))

    def _parts(self, unit: Unit) -> Iterator[Period]:
        first = self._first_day(self.unit) if self.unit is not None else self._day_begun()
        start, done = self.start, 0
        while start < self.end:
            end = self._boundary(first, unit, done + 1)
            if end is None or end > self.end:
                yield self._free(start, self.end)
                return
            if end > start:  # else the zone skipped that day
                yield self._part(start, end, first and add_units(first, unit, done), unit)
                start = end
            done += 1

    def _day_begun(self) -> date | None:
        """The day that the period begins with, if it begins with one."""
        return local_date(self.start, self.tz) if is_start_of_day(self.start, self.tz) else None

    def _boundary(self, first: date | None, unit: Unit, count: int) -> datetime | None:
        """The instant that lies so many units after the start, or None beyond the calendar."""
        try:
            if first is None:
                return shift_units(self.start, unit, count, self.tz)
            return start_of_day(add_units(first, unit, count), self.tz)
        except InvalidPeriodError:
            return None

    def _part(self, start: datetime, end: datetime, first: date | None, unit: Unit) -> Period:
        part = self._free(start, end)
        if first is None or self._floor(first, unit) != first:
            return part
        return attrs.evolve(part, unit=unit)

    def contains(self, moment: datetime) -> bool:
        """Whether an instant lies in the period; the start does, the end does not. Also ``moment in period``.

        Args:
            moment: A datetime with a time zone.

        Raises:
            NaiveDatetimeError: It has no zone.
            InvalidTypeError: It is no datetime.

        >>> from zoneinfo import ZoneInfo
        >>> march = Period.month(2026, 3, tz="Europe/Berlin")
        >>> march.start in march, march.end in march
        (True, False)

        .. versionadded:: 0.1
        """
        return self.start <= instant(moment, owner="Period.contains()", field="moment") < self.end

    def __contains__(self, moment: datetime) -> bool:
        return self.contains(moment)

    @property
    def duration(self) -> timedelta:
        """The time that elapses from start to end, an hour less or more where the clocks are changed.

        >>> Period.day(2026, 10, 25, tz="Europe/Berlin").duration
        datetime.timedelta(days=1, seconds=3600)

        .. versionadded:: 0.1
        """
        return self.end - self.start

    # Names --------------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """A short name for tables, such as ``2026-03``, ``2026-W10``, ``2026-Q1`` or ``2026``.

        Several units are named by the first and the last, whole days without a unit by the first and the last
        day, both included; any other period by its local ends, the second of which is no longer part of it.
        A fiscal year has the names of both its calendar years: ``2026/27``, ``2026/27-Q1``.

        >>> Period.week(2026, 10, tz="Europe/Berlin").label
        '2026-W10'

        .. versionadded:: 0.1
        """
        if self.unit is None:
            return self._label_of_days() if self._has_whole_days() else self._label_of_ends()
        first, last = self._first_day(self.unit), self._last_day()
        if self.unit == "week" and self.week_start != "monday":
            return _range(first.isoformat(), last.isoformat())
        return _range(self._name(first, self.unit), self._name(self._floor(last, self.unit), self.unit))

    def _label_of_days(self) -> str:
        return _range(local_date(self.start, self.tz).isoformat(), self._last_day().isoformat())

    def _label_of_ends(self) -> str:
        start, end = self.start.astimezone(self.tz), self.end.astimezone(self.tz)
        if start.utcoffset() == end.utcoffset():  # else the wall times alone would mislead
            start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
        return _range(_clock(start), _clock(end))

    def _name(self, first: date, unit: Unit) -> str:
        """The name of the one unit that begins on a day."""
        if unit == "day":
            return first.isoformat()
        if unit == "week":
            year, week, _ = first.isocalendar()
            return f"{year:04d}-W{week:02d}"
        if unit == "month":
            return first.isoformat()[:7]
        year = self._year_begun(first)
        name = f"{year:04d}" if self.starts_in == 1 else f"{year:04d}/{(year + 1) % 100:02d}"
        return name if unit == "year" else f"{name}-Q{self._quarter_begun(first)}"

    def _year_begun(self, first: date) -> int:
        return first.year - (first.month < self.starts_in)

    def _quarter_begun(self, first: date) -> int:
        return (first.month - self.starts_in) % 12 // 3 + 1

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        tz = f'tz="{zone_name(self.tz)}"' if _has_public_name(self.tz) else f"tz={self.tz!r}"
        if self.unit is None:
            start, end = (_call(end.astimezone(self.tz)) for end in (self.start, self.end))
            return f"Period.between({start}, {end}, {tz})"
        options = "".join(self._options(self.unit))
        if self.count > 1:
            return f'Period.last({self.count}, "{self.unit}", as_of={_call(self.end)}, {options}{tz})'
        return f"Period.{self.unit}({self._arguments(self.unit)}, {options}{tz})"

    def _arguments(self, unit: Unit) -> str:
        """What the constructor of one unit is given by position."""
        first = self._first_day(unit)
        if unit == "day":
            return f"{first.year}, {first.month}, {first.day}"
        if unit == "week":
            year, week, _ = first.isocalendar()
            return f"{year}, {week}" if self.week_start == "monday" else repr(first).removeprefix("datetime.")
        if unit == "month":
            return f"{first.year}, {first.month}"
        begun = self._year_begun(first)
        return f"{begun}" if unit == "year" else f"{begun}, {self._quarter_begun(first)}"

    def _options(self, unit: Unit) -> Iterator[str]:
        if unit in ("quarter", "year") and self.starts_in != 1:
            yield f"starts_in={self.starts_in}, "
        if unit == "week" and self.week_start != "monday":
            yield f'week_start="{self.week_start}", '

    # What the rest is made of -------------------------------------------------------------------------

    def _floor(self, day: date, unit: Unit) -> date:
        weekday = WEEKDAYS.index(self.week_start)
        return first_day_of_unit(day, unit, starts_in=self.starts_in, week_start=weekday)

    def _first_day(self, unit: Unit) -> date:
        """The first day of a period that consists of whole units, even one that the zone skipped."""
        return self._floor(self.start.astimezone(self.tz).date(), unit)

    def _last_day(self) -> date:
        return local_date(self.end - timedelta.resolution, self.tz)

    def _has_whole_days(self) -> bool:
        return is_start_of_day(self.start, self.tz) and is_start_of_day(self.end, self.tz)

    def _days(self) -> int:
        return count_days(local_date(self.start, self.tz), local_date(self.end, self.tz), self.tz)


# Names ------------------------------------------------------------------------------------------------


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _clock(moment: datetime) -> str:
    exact = "auto" if moment.second or moment.microsecond else "minutes"
    return moment.isoformat(sep=" ", timespec=exact)


def _call(moment: datetime) -> str:
    """An expression that makes the instant again."""
    return f'datetime.fromisoformat("{moment.isoformat()}")'


def _has_public_name(zone: tzinfo) -> bool:
    return zone is UTC or getattr(zone, "key", None) is not None


# Checks -----------------------------------------------------------------------------------------------


def _check_number(value: object, low: int, high: int | None, *, owner: str, field: str) -> int:
    """A whole number within its limits; numpy's integers are turned into Python's."""
    allowed = f"{low} or more" if high is None else f"{low} to {high}"
    try:
        number = operator.index(cast("int", None if isinstance(value, bool) else value))
    except TypeError:
        msg = f"{owner}: {field} must be a whole number, {allowed}, got {shown(value)}"
        raise InvalidTypeError(msg) from None
    if number < low or (high is not None and number > high):
        msg = f"{owner}: {field} must be {allowed}, got {shown(value)}"
        raise InvalidValueError(msg)
    return number


def _check_year(value: object, *, owner: str) -> int:
    return _check_number(value, 1, 9999, owner=owner, field="year")


def _check_month(value: object, *, owner: str, field: str = "month") -> int:
    return _check_number(value, 1, 12, owner=owner, field=field)


def _date_of_week(day: date, week: object) -> date:
    if isinstance(day, datetime):
        msg = (
            f"Period.week(): year must be a year or a date, got {shown(day)}; "
            "say which local date is meant: value.astimezone(zone).date()"
        )
        raise InvalidTypeError(msg)
    if week is not None:
        fix = "or pass the ISO year in place of the date"
        msg = f"Period.week(): week must be left out beside a date, got {shown(week)}; {fix}"
        raise InvalidTypeError(msg)
    return day


def _iso_week(year: object, week: object, week_start: Weekday) -> date:
    """The Monday of an ISO week."""
    owner = "Period.week()"
    checked = _check_year(year, owner=owner)
    if week_start != "monday":
        msg = (
            f"{owner}: week_start must be 'monday' beside the number of a week, got {shown(week_start)}; "
            "ISO weeks begin on Monday: pass a date of the week in place of year and number"
        )
        raise InvalidValueError(msg)
    number = _check_number(week, 1, weeks_of_iso_year(checked), owner=f"{owner} of {checked}", field="week")
    return date.fromisocalendar(checked, number, 1)
