"""Instants, local days and calendar steps: the one place that does arithmetic with time.

Python compares and subtracts two datetimes of one zone by their wall clocks, so that an hour goes missing
or is counted twice on two nights of the year. Every instant is therefore turned into UTC once, on the way
in (`instant`), and a zone is asked again only where the calendar is meant: days, months, wall times.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal, TypeAlias, get_args

from dateutil.relativedelta import relativedelta

from retention._zones import Zone, as_zone, zone_name
from retention.errors import (
    InvalidPeriodError,
    InvalidTypeError,
    InvalidValueError,
    NaiveDatetimeError,
    shown,
)

__all__ = [
    "UNITS",
    "UTC",
    "WEEKDAYS",
    "Against",
    "Duration",
    "Unit",
    "Weekday",
    "Zone",
    "add_units",
    "as_words",
    "as_zone",
    "at_clock",
    "check_duration",
    "check_unit",
    "check_weekday",
    "check_within_calendar",
    "clock_of",
    "count_days",
    "ends_of",
    "first_day_of_unit",
    "from_microseconds",
    "instant",
    "is_start_of_day",
    "local_date",
    "local_day_of",
    "microseconds",
    "reach",
    "shift",
    "shift_units",
    "start_of_day",
    "step",
    "weeks_of_iso_year",
    "year_earlier",
    "zone_name",
]

Duration: TypeAlias = timedelta | relativedelta
"""Elapsed time (`timedelta`), or calendar time such as one month (`relativedelta`)."""

Against: TypeAlias = Literal["previous", "year_before"]
"""Which period another is compared with: the one right before it, or the same one of a year before."""

Unit: TypeAlias = Literal["day", "week", "month", "quarter", "year"]
"""A unit of the calendar."""

UNITS: tuple[Unit, ...] = get_args(Unit)

Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
"""The day on which weeks begin."""

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_EARLY = datetime(1, 1, 3, tzinfo=UTC)
_LATE = datetime(9999, 12, 29, tzinfo=UTC)
_DAY = 86_400_000_000  # microseconds
_MICROSECOND = timedelta(microseconds=1)
_ALL_TIME = timedelta(days=date.max.toordinal())
_UNIT_DAYS = {"day": 1, "week": 7}
_UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MOST_DATES_AT_ONCE = 366  # no zone has skipped one day and repeated another within a year
_ABSOLUTE_FIELDS = ("year", "month", "day", "weekday", "hour", "minute", "second", "microsecond")
_RELATIVE_FIELDS = ("years", "months", "days", "hours", "minutes", "seconds", "microseconds")
_TIME_FIELDS = ("hours", "minutes", "seconds", "microseconds")


# Instants ---------------------------------------------------------------------------------------------


def instant(value: object, *, owner: str, field: str) -> datetime:
    """An aware datetime as the same instant in UTC: the one way in for instants.

    A repeated wall time (the hour that an autumn night has twice) is read by its `fold`. What is finer than
    a microsecond, as in a timestamp of pandas, is cut off.

    Args:
        value: What the caller gave.
        owner: The class or function that the value belongs to, for the message.
        field: The field or argument that it was given as, for the message.

    Raises:
        NaiveDatetimeError: A datetime without a zone, or a bare date.
        InvalidTypeError: Not a datetime at all.
        InvalidValueError: Not a time (`NaT`), or before year 1 or after year 9999 in UTC.
    """
    if type(value) is datetime and value.tzinfo is UTC:
        return value
    if not isinstance(value, datetime):
        raise _not_a_datetime(value, owner=owner, field=field)
    if value != value:  # noqa: PLR0124 - NaT, which says that it is a datetime
        msg = f"{owner}: {field} must be an instant, got {shown(value)}; leave the row out or give its time"
        raise InvalidValueError(msg)
    if value.tzinfo is None or value.utcoffset() is None:
        msg = (
            f"{owner}: {field} must have a time zone, got {shown(value)}; "
            'attach it with value.replace(tzinfo=ZoneInfo("Europe/Berlin")), or pass tz= to the intake'
        )
        raise NaiveDatetimeError(msg)
    try:
        utc = value.astimezone(UTC)
        if type(utc) is datetime:
            return utc
        clock = (utc.hour, utc.minute, utc.second, utc.microsecond)
        return datetime(utc.year, utc.month, utc.day, *clock, tzinfo=UTC)
    except (OverflowError, ValueError):
        msg = f"{owner}: {field} must lie within the years 1 to 9999 in UTC, got {shown(value)}"
        raise InvalidValueError(msg) from None


def _not_a_datetime(value: object, *, owner: str, field: str) -> InvalidTypeError | NaiveDatetimeError:
    if isinstance(value, date):
        fix = f'datetime({value.year}, {value.month}, {value.day}, tzinfo=ZoneInfo("Europe/Berlin"))'
        return NaiveDatetimeError(
            f"{owner}: {field} must be an instant, and a bare date is a whole day, got {shown(value)}; "
            f"say when and where, as in {fix}, or pass tz= to the intake"
        )
    return InvalidTypeError(
        f"{owner}: {field} must be a datetime with a time zone, got {shown(value)}; "
        'pass for instance datetime(2026, 3, 5, 14, 30, tzinfo=ZoneInfo("Europe/Berlin"))'
    )


def microseconds(moment: datetime) -> int:
    """Whole microseconds from 1970-01-01 in UTC to an aware datetime, exactly; negative before."""
    elapsed = moment - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds


def from_microseconds(value: int) -> datetime:
    """The instant, in UTC, that lies so many microseconds after 1970-01-01: undoes `microseconds`.

    Raises:
        InvalidValueError: The instant lies outside the years 1 to 9999.
    """
    try:
        return _EPOCH + timedelta(microseconds=value)
    except OverflowError:
        msg = f"instant: microseconds since 1970 must lie within the years 1 to 9999, got {shown(value)}"
        raise InvalidValueError(msg) from None


# Wall clocks ------------------------------------------------------------------------------------------


def _wall(moment: datetime, zone: tzinfo) -> datetime:
    """What the clocks of a zone show, as a naive datetime."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _resolve(wall: datetime, zone: tzinfo, fold: int = 0) -> datetime:
    """The instant at which the clocks of a zone show `wall`, or else the first at which they show more.

    `fold` chooses between the two instants of a repeated wall time.
    """
    if zone is UTC:
        return wall.replace(tzinfo=UTC)
    moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if _wall(moment, zone) == wall:
        return moment
    return _end_of_gap(wall, zone, near=moment)


def _end_of_gap(wall: datetime, zone: tzinfo, *, near: datetime) -> datetime:
    """The instant of the transition that skipped `wall`, by bisection: zones skip a day at the most."""
    low, high = microseconds(near) - _DAY, microseconds(near) + _DAY
    while high - low > 1:
        middle = (low + high) // 2
        if _wall(from_microseconds(middle), zone) < wall:
            low = middle
        else:
            high = middle
    return from_microseconds(high)


def clock_of(moment: datetime, zone: tzinfo) -> tuple[date, timedelta, int]:
    """The date and the time of day that the clocks show, and 1 if they do so for the second time, else 0.

    The start of a local day counts as its midnight, also where that was skipped.
    """
    if is_start_of_day(moment, zone):
        return local_date(moment, zone), timedelta(0), 0
    local = moment.astimezone(zone)
    day = local.date()
    return day, local.replace(tzinfo=None, fold=0) - datetime.fromordinal(day.toordinal()), local.fold


def at_clock(day: date, time: timedelta, zone: tzinfo, fold: int = 0) -> datetime:
    """The instant at which the clocks show a time of day, or else the first at which they show more.

    It undoes `clock_of`. `fold` is 1 for the second of two such instants, where there are two.

    Raises:
        InvalidPeriodError: It lies outside the years 1 to 9999 in UTC.
    """
    try:
        return _resolve(datetime.fromordinal(day.toordinal()) + time, zone, fold)
    except (OverflowError, ValueError):
        msg = (
            f"Period: end must lie within the years 1 to 9999 in UTC, and {time} on {day.isoformat()} in "
            f"{zone_name(zone)} does not; keep a day's distance from both"
        )
        raise InvalidPeriodError(msg) from None


# Local days -------------------------------------------------------------------------------------------


def start_of_day(day: date, zone: tzinfo, *, owner: str = "Period", field: str = "start") -> datetime:
    """The first instant, in UTC, whose date in the zone is `day` or later.

    That is midnight, where there is one: where midnight is skipped it is the first instant after the gap,
    where it comes twice the first of the two, and where the whole day is skipped the start of the next.
    A day is what lies between two such starts, so that days never overlap and leave nothing out.

    Raises:
        InvalidPeriodError: That instant lies outside the years 1 to 9999 in UTC.
    """
    try:
        return _resolve(datetime.fromordinal(day.toordinal()), zone)
    except (OverflowError, ValueError):
        msg = (
            f"{owner}: {field} must lie within the years 1 to 9999 in UTC, and the first instant of "
            f"{day.isoformat()} in {zone_name(zone)} does not; keep a day's distance from both"
        )
        raise InvalidPeriodError(msg) from None


def is_start_of_day(moment: datetime, zone: tzinfo) -> bool:
    """Whether a local day begins at this instant."""
    us = microseconds(moment)
    return _day_start(next(local_day_of((us,), zone)), zone) == us


def local_date(moment: datetime, zone: tzinfo) -> date:
    """The local day that an instant belongs to, by the starts of `start_of_day`.

    It differs from the date on the wall only where the clocks are put back over midnight: the hour that then
    comes twice belongs to the day that had already begun.

    Raises:
        InvalidPeriodError: That day lies outside the years 1 to 9999.
    """
    ordinal = next(local_day_of((microseconds(moment),), zone))
    try:
        return date.fromordinal(ordinal)
    except (OverflowError, ValueError):
        msg = f"Period: {shown(moment)} must lie within the years 1 to 9999 in {zone_name(zone)} too"
        raise InvalidPeriodError(msg) from None


def local_day_of(us: Iterable[int], zone: tzinfo) -> Iterator[int]:
    """For each instant the ordinal of its local day, as `date.toordinal` counts, lazily and in any order.

    Days begin as `start_of_day` says. At the very ends of the calendar the local day may be one before year
    1 or one after year 9999; its ordinal goes on counting.

    Args:
        us: Instants, as `microseconds` gives them.
        zone: The zone whose days are meant.
    """
    days: dict[int, list[int]] = {}
    start = end = ordinal = 0
    for moment in us:
        if not start <= moment < end:
            utc_day = moment // _DAY
            starts = days.get(utc_day)
            if starts is None:
                starts = days[utc_day] = _day_starts(utc_day, zone)
            index = bisect_right(starts, moment)
            start, end = starts[index - 1], starts[index]
            ordinal = utc_day + _EPOCH_ORDINAL + index - 2
        yield ordinal


def _day_starts(utc_day: int, zone: tzinfo) -> list[int]:
    """Starts of the local days that touch a day of UTC, from the day before it in the calendar on."""
    ordinal = utc_day + _EPOCH_ORDINAL - 1  # zones are less than a day away from UTC
    starts = [_day_start(ordinal, zone)]
    while starts[-1] < (utc_day + 1) * _DAY:
        ordinal += 1
        starts.append(_day_start(ordinal, zone))
    return starts


def _day_start(ordinal: int, zone: tzinfo) -> int:
    try:
        return microseconds(_resolve(datetime.fromordinal(ordinal), zone))
    except (OverflowError, ValueError):  # at the ends of the calendar, by the offset that holds near them
        near = _EARLY if ordinal < _EPOCH_ORDINAL else _LATE
        offset = _wall(near, zone) - near.replace(tzinfo=None)
        return (ordinal - _EPOCH_ORDINAL) * _DAY - offset // timedelta.resolution


# Units of the calendar --------------------------------------------------------------------------------


def check_unit(value: object, *, owner: str, field: str = "unit") -> Unit:
    """The unit, if it is one.

    Raises:
        InvalidTypeError: Not a string.
        InvalidValueError: Not one of `UNITS`.
    """
    for unit in UNITS:
        if value == unit:
            return unit
    error = InvalidValueError if isinstance(value, str) else InvalidTypeError
    msg = f"{owner}: {field} must be one of {', '.join(map(repr, UNITS))}, got {shown(value)}"
    raise error(msg)


def check_weekday(value: object, *, owner: str, field: str = "week_start") -> int:
    """The number of a weekday, Monday being 0.

    Raises:
        InvalidTypeError: Not a string.
        InvalidValueError: Not one of `WEEKDAYS`.
    """
    for number, name in enumerate(WEEKDAYS):
        if value == name:
            return number
    error = InvalidValueError if isinstance(value, str) else InvalidTypeError
    msg = f"{owner}: {field} must be one of {', '.join(map(repr, WEEKDAYS))}, got {shown(value)}"
    raise error(msg)


def check_within_calendar(moment: datetime, zone: tzinfo, *, owner: str, field: str) -> None:
    """Refuse an instant that the calendar of the zone has no date for.

    Raises:
        InvalidPeriodError: It lies outside the years 1 to 9999 in the zone.
    """
    try:
        moment.astimezone(zone)
    except (OverflowError, ValueError):
        msg = (
            f"{owner}: {field} must lie within the years 1 to 9999 in {zone_name(zone)} too, "
            f'got {shown(moment)}; move it by a day, or pass tz="UTC"'
        )
        raise InvalidPeriodError(msg) from None


def weeks_of_iso_year(year: int) -> int:
    """52 or 53: 28 December lies in the last week of its ISO year."""
    return date(year, 12, 28).isocalendar().week


def first_day_of_unit(day: date, unit: Unit, *, starts_in: int = 1, week_start: int = 0) -> date:
    """The first day of the unit that a day lies in.

    Args:
        day: Any day.
        unit: The unit of the calendar.
        starts_in: Month in which years begin, and with them their quarters.
        week_start: Weekday on which weeks begin, Monday being 0.

    Raises:
        InvalidPeriodError: It lies before year 1.
    """
    if unit in _UNIT_DAYS:
        return add_units(day, "day", -((day.weekday() - week_start) % _UNIT_DAYS[unit]))
    return add_units(day.replace(day=1), "month", -((day.month - starts_in) % _UNIT_MONTHS[unit]))


def add_units(day: date, unit: Unit, count: int) -> date:
    """The day that lies so many units later: 31 January and 2 months is 31 March, and 1 month 28 February.

    Raises:
        InvalidPeriodError: It lies outside the years 1 to 9999.
    """
    try:
        if unit in _UNIT_DAYS:
            return day + timedelta(days=_UNIT_DAYS[unit] * count)
        return day + relativedelta(months=_UNIT_MONTHS[unit] * count)
    except (OverflowError, ValueError):
        field = "start" if count < 0 else "end"
        msg = (
            f"Period: {field} must lie within the years 1 to 9999, got {shown(count)} times one {unit} from "
            f"{day.isoformat()} on; keep to periods that begin and end within these years"
        )
        raise InvalidPeriodError(msg) from None


def count_days(first: date, after: date, zone: tzinfo) -> int:
    """How many of the dates from `first` to before `after` the zone has had: all but those it skipped.

    Raises:
        InvalidPeriodError: The instants lie outside the years 1 to 9999 in UTC.
    """
    dates = (after - first).days
    if zone is UTC:
        return dates
    if dates > _MOST_DATES_AT_ONCE:
        middle = first + timedelta(days=dates // 2)
        return count_days(first, middle, zone) + count_days(middle, after, zone)
    missing = timedelta(days=dates) - (start_of_day(after, zone) - start_of_day(first, zone))
    return dates - max(0, round(missing / timedelta(days=1)))


def step(first: date, unit: Unit, count: int, zone: tzinfo) -> date:
    """The day that lies so many units later, or earlier if negative, not counting days that the zone skipped.

    Raises:
        InvalidPeriodError: It lies outside the years 1 to 9999.
    """
    reached = add_units(first, unit, count)
    if unit != "day":
        return reached
    while skipped := abs(count) - count_days(min(first, reached), max(first, reached), zone):
        reached = add_units(reached, "day", skipped if count > 0 else -skipped)
    return reached


def year_earlier(day: date) -> date:
    """The same date one year before; 28 February for 29 February.

    Raises:
        InvalidPeriodError: It lies before year 1.
    """
    return add_units(day, "year", -1)


# Durations --------------------------------------------------------------------------------------------


def check_duration(value: object, *, owner: str, field: str) -> Duration:
    """The duration, if it is a plain, positive one.

    Raises:
        InvalidTypeError: Neither a `timedelta` nor a `relativedelta`; a number says no unit.
        InvalidValueError: Zero, negative, of mixed signs or in fractions; or a `relativedelta` that sets
            fields (``year=2026``, ``weekday=MO``) instead of adding to them.
    """
    if isinstance(value, timedelta):
        return _positive_timedelta(value, owner=owner, field=field)
    if isinstance(value, relativedelta):
        return _positive_relativedelta(value, owner=owner, field=field)
    msg = (
        f"{owner}: {field} must be a timedelta or a relativedelta, got {shown(value)}; "
        "pass for instance timedelta(days=30) or relativedelta(months=1)"
    )
    raise InvalidTypeError(msg)


def _positive_timedelta(value: timedelta, *, owner: str, field: str) -> timedelta:
    plain = timedelta(days=value.days, seconds=value.seconds, microseconds=value.microseconds)
    if plain <= timedelta(0):
        fix = "pass for instance timedelta(days=30)"
        msg = f"{owner}: {field} must be longer than zero, got {shown(value)}; {fix}"
        raise InvalidValueError(msg)
    return plain


def _positive_relativedelta(value: relativedelta, *, owner: str, field: str) -> relativedelta:
    fix = "pass for instance relativedelta(months=1)"
    if value.leapdays or any(getattr(value, name) is not None for name in _ABSOLUTE_FIELDS):
        msg = f"{owner}: {field} must add to a date and set no part of it, got {shown(value)}; {fix}"
        raise InvalidValueError(msg)
    parts = [getattr(value, name) for name in _RELATIVE_FIELDS]
    if any(part % 1 for part in parts):  # true of NaN and infinity as well
        msg = f"{owner}: {field} must be in whole units, got {shown(value)}; use a timedelta for fractions"
        raise InvalidValueError(msg)
    if min(parts) < 0 or max(parts) == 0:
        msg = f"{owner}: {field} must be longer than zero, with no negative part, got {shown(value)}; {fix}"
        raise InvalidValueError(msg)
    return value


def shift(moment: datetime, duration: Duration, zone: tzinfo, times: int = 1) -> datetime:
    """An instant moved by a duration, `times` over, in UTC.

    A `timedelta` is elapsed time. A `relativedelta` moves the wall clock of the zone, and is multiplied
    first: 31 January and twice one month is 31 March. Where the clocks skip the wall time that is reached,
    the first instant after the gap is taken. Where they show it twice, the first of the two is taken, except
    for a moment that itself lies in the second pass of a repeated hour: that one stays in a second pass, so
    that a positive duration never leads back in time. Whole days lead from the start of a day to the start of
    a day, also where that is not midnight.

    Raises:
        InvalidPeriodError: The result lies outside the years 1 to 9999, in UTC or in the zone.
    """
    try:
        if isinstance(duration, timedelta):
            return moment.astimezone(UTC) + duration * times
        if not any(getattr(duration, part) for part in _TIME_FIELDS) and is_start_of_day(moment, zone):
            return start_of_day(local_date(moment, zone) + duration * times, zone)
        local = moment.astimezone(zone)
        return _resolve(local.replace(tzinfo=None, fold=0) + duration * times, zone, local.fold)
    except (OverflowError, ValueError):
        msg = (
            "shift: an instant must stay within the years 1 to 9999, "
            f"got {shown(moment)} moved {shown(times)} times by {shown(duration)}; use a shorter duration"
        )
        raise InvalidPeriodError(msg) from None


def as_words(duration: Duration) -> str:
    """A duration as people say it: "90 days", "1 month", "16 days, 12:00:00"."""
    if isinstance(duration, timedelta):
        return str(duration).removesuffix(", 0:00:00")
    parts = [(getattr(duration, name), name) for name in _RELATIVE_FIELDS]
    return ", ".join(f"{number} {name if number != 1 else name[:-1]}" for number, name in parts if number)


def shift_units(moment: datetime, unit: Unit, count: int, zone: tzinfo) -> datetime:
    """An instant moved by so many units of the calendar, by the wall clock of the zone: see `shift`.

    Raises:
        InvalidPeriodError: The result lies outside the years 1 to 9999.
    """
    one = (
        relativedelta(days=_UNIT_DAYS[unit])
        if unit in _UNIT_DAYS
        else relativedelta(months=_UNIT_MONTHS[unit])
    )
    return shift(moment, one, zone, count)


def reach(moment: datetime, duration: Duration, zone: tzinfo) -> datetime:
    """An instant moved by a duration, or the last of the calendar where that comes first."""
    try:
        return shift(moment, duration, zone)
    except InvalidPeriodError:
        return datetime.max.replace(tzinfo=UTC)


def ends_of(starts: Iterable[int], duration: Duration, zone: tzinfo) -> Iterator[int]:
    """For each instant the one that a duration later is reached, lazily; all in microseconds.

    A month from 31 January is shorter than one from March, so that the ends need not stand in the order of the starts.
    """
    if isinstance(duration, timedelta):
        length = min(duration, _ALL_TIME) // _MICROSECOND
        return (start + length for start in starts)
    return (microseconds(reach(from_microseconds(start), duration, zone)) for start in starts)
