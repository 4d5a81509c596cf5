"""What the constructors of a period accept: numbers of the calendar, and weeks by number or by date."""

from __future__ import annotations

import operator
from datetime import date, datetime
from typing import cast

from retention._calendar import Weekday, weeks_of_iso_year
from retention.errors import InvalidTypeError, InvalidValueError, shown

__all__ = ["check_month", "check_number", "check_year", "date_of_week", "iso_week"]


def check_number(value: object, low: int, high: int | None, *, owner: str, field: str) -> int:
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


def check_year(value: object, *, owner: str) -> int:
    return check_number(value, 1, 9999, owner=owner, field="year")


def check_month(value: object, *, owner: str, field: str = "month") -> int:
    return check_number(value, 1, 12, owner=owner, field=field)


def date_of_week(day: date, week: object) -> date:
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


def iso_week(year: object, week: object, week_start: Weekday) -> date:
    """The Monday of an ISO week."""
    owner = "Period.week()"
    checked = check_year(year, owner=owner)
    if week_start != "monday":
        msg = (
            f"{owner}: week_start must be 'monday' beside the number of a week, got {shown(week_start)}; "
            "ISO weeks begin on Monday: pass a date of the week in place of year and number"
        )
        raise InvalidValueError(msg)
    number = check_number(week, 1, weeks_of_iso_year(checked), owner=f"{owner} of {checked}", field="week")
    return date.fromisocalendar(checked, number, 1)
