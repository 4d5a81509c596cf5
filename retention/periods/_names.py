"""What a period is called in a table, and the expression that makes it again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from retention._calendar import Unit, is_start_of_day, local_date, zone_name
from retention.periods._part import Part
from retention.periods._shape import first_day, floor, has_whole_days, last_day

if TYPE_CHECKING:
    from retention.periods._period import Period

__all__ = ["expression_of", "expression_of_part", "label_of", "label_of_part"]


# Labels -----------------------------------------------------------------------------------------------


def label_of(whole: Period) -> str:
    """What `Period.label` is for a whole."""
    if whole.unit is None:
        return _label_of_days(whole) if has_whole_days(whole) else _label_of_ends(whole)
    first, last = first_day(whole, whole.unit), last_day(whole)
    if whole.unit == "week" and whole.week_start != "monday":
        return _range(first.isoformat(), last.isoformat())
    return _range(_name(whole, first, whole.unit), _name(whole, floor(whole, last, whole.unit), whole.unit))


def label_of_part(part: Period) -> str:
    """The whole's name, and the last day of the part, or else the local time at which it ends."""
    return f"{label_of(part.whole)}, to {_reached(part)}"


def _reached(part: Period) -> str:
    if is_start_of_day(part.end, part.tz):
        return last_day(part).isoformat()
    local = part.end.astimezone(part.tz)
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return _clock(local if comes_twice else local.replace(tzinfo=None))


def _label_of_days(period: Period) -> str:
    return _range(local_date(period.start, period.tz).isoformat(), last_day(period).isoformat())


def _label_of_ends(period: Period) -> str:
    start, end = period.start.astimezone(period.tz), period.end.astimezone(period.tz)
    if start.utcoffset() == end.utcoffset():  # else the wall times alone would mislead
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    return _range(_clock(start), _clock(end))


def _name(period: Period, first: date, unit: Unit) -> str:
    """The name of the one unit that begins on a day."""
    if unit == "day":
        return first.isoformat()
    if unit == "week":
        year, week, _ = first.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if unit == "month":
        return first.isoformat()[:7]
    year = _year_begun(period, first)
    name = f"{year:04d}" if period.starts_in == 1 else f"{year:04d}/{(year + 1) % 100:02d}"
    return name if unit == "year" else f"{name}-Q{_quarter_begun(period, first)}"


def _year_begun(period: Period, first: date) -> int:
    return first.year - (first.month < period.starts_in)


def _quarter_begun(period: Period, first: date) -> int:
    return (first.month - period.starts_in) % 12 // 3 + 1


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _clock(moment: datetime) -> str:
    exact = "auto" if moment.second or moment.microsecond else "minutes"
    return moment.isoformat(sep=" ", timespec=exact)


# Expressions ------------------------------------------------------------------------------------------


def expression_of(whole: Period) -> str:
    """What ``repr()`` is for a whole."""
    tz = f'tz="{zone_name(whole.tz)}"' if _has_public_name(whole.tz) else f"tz={whole.tz!r}"
    if whole.unit is None:
        start, end = (_call(end.astimezone(whole.tz)) for end in (whole.start, whole.end))
        return f"Period.between({start}, {end}, {tz})"
    options = "".join(_options(whole, whole.unit))
    if whole.count > 1:
        return f'Period.last({whole.count}, "{whole.unit}", as_of={_call(whole.end)}, {options}{tz})'
    return f"Period.{whole.unit}({_arguments(whole, whole.unit)}, {options}{tz})"


def expression_of_part(period: Period, part: Part) -> str:
    """What ``repr()`` is for a part to date."""
    whole = period.whole
    if whole.to_date(period.end) == period:
        return f"{expression_of(whole)}.to_date({_call(period.end.astimezone(period.tz))})"
    # It was cut at the end of the whole, or of a month, or ends where the zone skipped a time of day.
    passed = (part.months, part.days, part.time // timedelta.resolution, part.fold)
    return f"{expression_of(whole)}._part_of{passed}"


def _arguments(period: Period, unit: Unit) -> str:
    """What the constructor of one unit is given by position."""
    first = first_day(period, unit)
    if unit == "day":
        return f"{first.year}, {first.month}, {first.day}"
    if unit == "week":
        year, week, _ = first.isocalendar()
        return f"{year}, {week}" if period.week_start == "monday" else repr(first).removeprefix("datetime.")
    if unit == "month":
        return f"{first.year}, {first.month}"
    begun = _year_begun(period, first)
    return f"{begun}" if unit == "year" else f"{begun}, {_quarter_begun(period, first)}"


def _options(period: Period, unit: Unit) -> Iterator[str]:
    if unit in ("quarter", "year") and period.starts_in != 1:
        yield f"starts_in={period.starts_in}, "
    if unit == "week" and period.week_start != "monday":
        yield f'week_start="{period.week_start}", '


def _call(moment: datetime) -> str:
    """An expression that makes the instant again."""
    return f'datetime.fromisoformat("{moment.isoformat()}")'


def _has_public_name(zone: tzinfo) -> bool:
    return zone is UTC or getattr(zone, "key", None) is not None
