"""What one cell is read as where an instant is due."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from retention._calendar import start_of_day, zone_name
from retention.errors import InvalidTypeError, InvalidValueError, NaiveDatetimeError, shown
from retention.intake._cells import FLAGS, Options, Reader, plain

__all__ = ["moment"]

_CALENDAR_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}", re.ASCII)
_COMPACT_MOMENT = re.compile(r"\d{8}T\d.*", re.ASCII)
_NUMERAL = re.compile(r"[+-]?\d+(\.\d*)?", re.ASCII)
_FIRST_DAY, _LAST_DAY = date.min.toordinal() + 2, date.max.toordinal() - 2


def moment(where: str, options: Options) -> Reader:
    """Aware datetimes and texts in ISO 8601; local ones where the zone is known."""
    zone = options.zone
    offsets: dict[int, timedelta | None] = {}  # by local day

    def read(value: Any) -> Any:
        kind = type(value)
        if kind is str:
            value = _from_iso(value, where)
        elif kind is not datetime:
            value = _as_plain_moment(plain(value), where)
        if value is None or not isinstance(value, date):
            return value
        if not isinstance(value, datetime):
            return start_of_day(value, _zone_for(value, zone, where), owner=where, field="the day")
        if value.tzinfo is not None:
            return value
        return local(value, _zone_for(value, zone, where))

    def local(wall: datetime, zone: tzinfo) -> datetime:
        day = wall.toordinal()
        try:
            offset = offsets[day]
        except KeyError:
            offset = offsets[day] = _offset_of_day(day, zone)
        if offset is None:
            return _instant_of(wall, zone, where)
        instant = wall - offset
        return datetime.combine(instant, instant.time(), UTC)  # `replace` would take three times as long

    return read


def _offset_of_day(ordinal: int, zone: tzinfo) -> timedelta | None:
    """How far a zone is from UTC on a local day, or None where that changes or the calendar ends."""
    if not _FIRST_DAY < ordinal < _LAST_DAY:
        return None
    midnight = datetime.fromordinal(ordinal)
    offsets = {(midnight + timedelta(hours=hour)).replace(tzinfo=zone).utcoffset() for hour in range(25)}
    return offsets.pop() if len(offsets) == 1 else None


def _zone_for(value: date, zone: tzinfo | None, where: str) -> tzinfo:
    if zone is None:
        what = "a time zone" if isinstance(value, datetime) else "a time and a zone"
        msg = (
            f"{where} must have {what} (got {shown(value.isoformat())}); pass tz=, the zone of these local times, "
            f'such as tz="Europe/Berlin"'
        )
        raise NaiveDatetimeError(msg)
    return zone


def _from_iso(text: str, where: str) -> date | None:
    text = text.strip()
    if not text:
        return None
    try:
        # Python takes any character between date and time, and so would read "2026-03-05+01:00" as one o'clock.
        if text[10:11] in {"T", " ", "t"} and text[4] == "-":
            return datetime.fromisoformat(text)
        if _CALENDAR_DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _COMPACT_MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    if _NUMERAL.fullmatch(text):
        raise _epoch(text, where)
    if text.casefold() in FLAGS:
        raise _no_instant(text, where)
    msg = (
        f"{where} must be an instant in ISO 8601, such as 2026-03-05T14:30:00+01:00 (got {shown(text)}); read another "
        f'form with a callable in fields, as in lambda row: datetime.strptime(row["date"], "%d.%m.%Y %H:%M")'
    )
    raise InvalidValueError(msg)


def _as_plain_moment(value: Any, where: str) -> Any:
    if isinstance(value, str):
        return _from_iso(value, where)
    if isinstance(value, bool):
        raise _no_instant(value, where)
    if isinstance(value, (int, float, Decimal)):
        raise _epoch(value, where)
    if isinstance(value, datetime) and value.tzinfo is None:  # a subclass, such as the timestamps of pandas
        clock = (value.hour, value.minute, value.second, value.microsecond)
        return datetime(value.year, value.month, value.day, *clock, fold=value.fold)  # noqa: DTZ001 - local time
    return value


def _no_instant(value: object, where: str) -> InvalidTypeError:
    name = where.rpartition(".")[2]
    return InvalidTypeError(
        f"{where} must be an instant (got {shown(value)}, which says whether, and not when); name the column that says "
        f"when, or say with a callable in fields which instant stands for it, as in lambda row: "
        f'row["updated_at"] if row[{name!r}] else None'
    )


def _epoch(value: object, where: str) -> InvalidTypeError:
    return InvalidTypeError(
        f"{where} must not be a bare number (got {shown(value)}), which says neither its unit nor its zero; say both "
        f'with a callable in fields, as in lambda row: datetime.fromtimestamp(row["seconds"], tz=timezone.utc)'
    )


def _instant_of(wall: datetime, zone: tzinfo, where: str) -> datetime:
    """The instant at which the clocks of a zone show a time; the first of two, unless `fold` says the second."""
    aware = wall.replace(tzinfo=zone)
    try:
        moment = aware.astimezone(UTC)
        # Two datetimes of one zone compare by what their clocks show: they differ where the clocks skip the time.
        if moment.astimezone(zone) == aware:
            return moment
    except (OverflowError, ValueError):
        msg = f"{where} must lie within the years 1 to 9999 in UTC (got {shown(wall.isoformat())})"
        raise InvalidValueError(msg) from None
    if wall == wall.replace(hour=0, minute=0, second=0, microsecond=0):
        return start_of_day(wall.date(), zone)
    # By the offset of the day before: what a zone says of a time that it skips differs between libraries.
    before = aware - timedelta(days=1)
    meant = (before.astimezone(UTC) + timedelta(days=1)).astimezone(zone).replace(tzinfo=None)
    msg = (
        f"{where} must be a time that exists: the clocks of {zone_name(zone)} skipped {wall.isoformat(sep=' ')}; "
        f'check tz= (an export in UTC needs tz="UTC"); if it is a slip in a single row, correct that one, to '
        f"{meant.isoformat(sep=' ')} for instance, in the data or with a callable in fields"
    )
    raise InvalidValueError(msg)
