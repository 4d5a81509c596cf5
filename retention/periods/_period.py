"""The class `Period`: how periods are made, and what they are asked."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import cast

import attrs

from retention._calendar import (
    Unit,
    Weekday,
    Zone,
    add_units,
    as_zone,
    check_unit,
    check_weekday,
    check_within_calendar,
    first_day_of_unit,
    instant,
    local_date,
    start_of_day,
    step,
    zone_name,
)
from retention.errors import InvalidPeriodError, shown
from retention.periods._checks import check_month, check_number, check_year, date_of_week, iso_week
from retention.periods._names import expression_of, expression_of_part, label_of, label_of_part
from retention.periods._neighbours import a_year_before, after, before, ends_a_year_before
from retention.periods._part import Part, check_part, end_of_part, part_until
from retention.periods._shape import check_unit_fits, free
from retention.periods._split import units_of

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
    before the other. Nor are a period and a part of it that `to_date()` made, even where they have the same
    ends; the argument `part` is for `to_date()` alone.

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
    _part: Part | None = attrs.field(default=None, alias="part")  # what to_date() makes; nobody else does

    def __attrs_post_init__(self) -> None:
        if self.end <= self.start:
            msg = (
                f"Period: end must be later than start, got {shown(self.end)} for {shown(self.start)}; "
                "exchange the two, or use Period.day() for the day that both lie in"
            )
            raise InvalidPeriodError(msg)
        check_within_calendar(self.start, self.tz, owner="Period", field="start")
        check_within_calendar(self.end, self.tz, owner="Period", field="end")
        check_number(self.count, 1, None, owner="Period", field="count")
        check_number(self.starts_in, 1, 12, owner="Period", field="starts_in")
        check_weekday(self.week_start, owner="Period")
        if self.unit is not None:
            check_unit(self.unit, owner="Period")
        if self._part is not None:
            check_part(self, self._part)
        elif self.unit is not None:
            check_unit_fits(self, self.unit)

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
        year, month = check_year(year, owner=owner), check_month(month, owner=owner)
        last = calendar.monthrange(year, month)[1]
        first = date(year, month, check_number(day, 1, last, owner=owner, field="day"))
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
        day = date_of_week(year, week) if isinstance(year, date) else iso_week(year, week, week_start)
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
        first = date(check_year(year, owner=owner), check_month(month, owner=owner), 1)
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
        starts_in = check_month(starts_in, owner=owner, field="starts_in")
        opening = date(check_year(year, owner=owner), starts_in, 1)
        quarter = check_number(quarter, 1, 4, owner=owner, field="quarter")
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
        starts_in = check_month(starts_in, owner=owner, field="starts_in")
        first = date(check_year(year, owner=owner), starts_in, 1)
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
        n = check_number(n, 1, None, owner=owner, field="n")
        unit = check_unit(unit, owner=owner)
        starts_in = check_month(starts_in, owner=owner, field="starts_in")
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

    # Neighbours ---------------------------------------------------------------------------------------

    def previous(self) -> Period:
        """The period before this one, which ends where this one begins.

        Before a month lies the month before, before the last n units the n units before them. Before a
        period between two local midnights lie as many local days as it has, and before any other as much
        elapsed time. Days that the zone skipped are never counted. Before a part to date lies the equal
        part of the whole before, which ends before this one begins: see `to_date()`.

        Raises:
            InvalidPeriodError: It would begin before year 1.

        >>> Period.month(2026, 3, tz="Europe/Berlin").previous()
        Period.month(2026, 2, tz="Europe/Berlin")

        .. versionadded:: 0.1
        """
        return before(self) if self._part is None else self._as_far(self._part, before(self.whole))

    def next(self) -> Period:
        """The period after this one, which begins where this one ends: the counterpart of `previous()`.

        Raises:
            InvalidPeriodError: It would end after year 9999.

        >>> Period.year(2026, tz="Europe/Berlin").next()
        Period.year(2027, tz="Europe/Berlin")

        .. versionadded:: 0.1
        """
        return after(self) if self._part is None else self._as_far(self._part, after(self.whole))

    def year_before(self) -> Period:
        """The same period one year before, for a comparison that seasons don't disturb.

        Days, months, quarters and years keep their date, with 28 February for 29 February, and the next day
        for one that the zone skipped in that year. Weeks go back by 52, so that weekdays stay together. Of
        any other period both ends go back one year by the local clock; an end on 29 February becomes
        1 March. Of a part to date it is the equal part of its whole a year before.

        Raises:
            InvalidPeriodError: It would begin before year 1.

        >>> Period.week(2026, 10, tz="Europe/Berlin").year_before()
        Period.week(2025, 10, tz="Europe/Berlin")
        >>> Period.day(2024, 2, 29, tz="Europe/Berlin").year_before()
        Period.day(2023, 2, 28, tz="Europe/Berlin")

        .. versionadded:: 0.1
        """
        if self._part is None:
            return a_year_before(self)
        whole = a_year_before(self.whole)
        if self.unit is None:
            # As both ends of the whole do, so does this one go back by its date, not by counted days.
            _, end = ends_a_year_before(free(self.whole, self.start, self.end))
            if whole.start < end < whole.end:
                return whole.to_date(end)
        return self._as_far(self._part, whole)

    # To date ------------------------------------------------------------------------------------------

    def to_date(self, as_of: datetime) -> Period:
        """What had passed of the period at an instant: of a running March, 1 to 12 March, 14:00.

        It still knows its whole, so that its neighbours are parts alike: the one before it is 1 to 12
        February, 14:00, a year before it lies 1 to 12 March, 14:00, of last year. So a running period is
        compared with what had passed of the other by then, never with all of it.

        What has passed is counted as people count: by the weekday in weeks, by the date in months, by month
        of the quarter and date in quarters, by the date in years, by local days in other periods; and by
        the time of day, whatever daylight saving does. Where the clocks skip that time, the part ends after
        the gap. Only a period without a unit that is not made of whole local days is counted in elapsed
        time.

        Where the other whole has no such date, the part goes to the end of the month, or of the whole: 31
        March, 10:00, is compared with all of February, and the two are not quite equal. What has passed is
        kept all the same: a month before that lies 31 January, 10:00. Where the zone skipped the beginning
        of the other whole up to that time of day, as much time is taken from its first instant on.

        The opening base of retention stays the whole unit before, as that begins where the part before
        begins: of February's customers, those who have purchased in March so far, compared with January's
        who had purchased by 12 February.

        Args:
            as_of: The instant at which the data were known; it is no longer part of what had passed.

        Returns:
            The part; or the period itself when it was over, part or whole.

        Raises:
            InvalidPeriodError: Nothing of it had passed.
            InvalidValueError: `as_of` has no zone (`NaiveDatetimeError`).
            InvalidTypeError: `as_of` is no datetime.

        >>> from zoneinfo import ZoneInfo
        >>> noon = datetime(2026, 3, 12, 12, tzinfo=ZoneInfo("Europe/Berlin"))
        >>> march = Period.month(2026, 3, tz="Europe/Berlin").to_date(noon)
        >>> march.label, march.previous().label
        ('2026-03, to 2026-03-12 12:00', '2026-02, to 2026-02-12 12:00')
        >>> march.year_before().label, march.whole.label
        ('2025-03, to 2025-03-12 12:00', '2026-03')

        .. versionadded:: 0.1
        """
        moment = instant(as_of, owner="Period.to_date()", field="as_of")
        if moment >= self.end:
            return self
        whole = self.whole
        if moment <= whole.start:
            msg = (
                f"Period.to_date(): as_of must be later than the start of {whole.label}, {shown(whole.start)}, "
                f"or nothing of it has passed, got {shown(as_of)}; take a period that had begun, such as previous()"
            )
            raise InvalidPeriodError(msg)
        return attrs.evolve(whole, end=moment, part=part_until(whole, moment))

    @property
    def whole(self) -> Period:
        """The period that this one is a part to date of; any other is its own whole.

        So ``period.whole is period`` says that it is no part to date.

        >>> march = Period.month(2026, 3, tz="UTC")
        >>> march.whole is march, march.to_date(datetime.fromisoformat("2026-03-12T14:00Z")).whole == march
        (True, True)

        .. versionadded:: 0.1
        """
        if self._part is None:
            return self
        return attrs.evolve(self, end=self._part.whole_end, part=None)

    def _as_far(self, part: Part, whole: Period) -> Period:
        """As much of another whole."""
        moved = attrs.evolve(part, whole_end=whole.end)
        return attrs.evolve(whole, end=end_of_part(whole, moved), part=moved)

    def _part_of(self, months: int, days: int | None, microseconds: int, fold: int) -> Period:
        """What ``repr()`` writes where no instant says how much has passed."""
        time = timedelta(microseconds=microseconds)
        return self._as_far(Part(whole_end=self.end, months=months, days=days, time=time, fold=fold), self)

    # Units and instants in it -------------------------------------------------------------------------

    def split(self, unit: Unit) -> Iterator[Period]:
        """The parts of the period, one unit each, one after the other, made only when they are asked for.

        Units are counted from the start of the period: from 31 January on, the parts begin on 31 January,
        28 February, 31 March. The last part is cut at the end of the period. Parts that are whole days,
        weeks, months, quarters or years of the calendar know that they are. A day that the zone skipped
        has no part. The last part of a year to date is the running month to date.

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
        return self._units(check_unit(unit, owner="Period.split()"))

    def _units(self, unit: Unit) -> Iterator[Period]:
        for each in units_of(self.whole, unit):
            if each.start >= self.end:
                return
            yield each.to_date(self.end)

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

        Several units are named by the first and the last, whole days without a unit by the first and the
        last day, both included; any other period by its local ends, the second of which is no longer part
        of it. A fiscal year has the names of both its calendar years: ``2026/27``, ``2026/27-Q1``. A part
        to date has the name of its whole and the day up to which it goes, or the local time: ``2026-03, to
        2026-03-12 14:00``.

        >>> Period.week(2026, 10, tz="Europe/Berlin").label
        '2026-W10'

        .. versionadded:: 0.1
        """
        return label_of(self) if self._part is None else label_of_part(self)

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        return expression_of(self) if self._part is None else expression_of_part(self, self._part)
