"""The units in which models measure time, and how far ahead they are asked to look."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from numbers import Real
from typing import Literal, TypeAlias, get_args

from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, is_bool, shown

__all__ = ["DAYS_IN", "TimeUnit", "checked_unit", "duration_in_words", "horizon_in"]

TimeUnit: TypeAlias = Literal["day", "week", "month", "year"]
"""A unit in which a model measures time, as a fraction: a month is a twelfth of a year of 365.2425 days."""

DAYS_IN: Mapping[TimeUnit, float] = FrozenMapping(
    {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "year": 365.2425}
)
"""The days that each unit lasts; months and years as long as they are on the average of the calendar."""

_UNITS: tuple[TimeUnit, ...] = get_args(TimeUnit)
_DAY = timedelta(days=1)


def checked_unit(value: object, *, owner: str, field: str = "unit") -> TimeUnit:
    """The unit, if it is one.

    Raises:
        InvalidTypeError: Not a string.
        InvalidValueError: Not one of the four.
    """
    for unit in _UNITS:
        if value == unit:
            return unit
    error = InvalidValueError if isinstance(value, str) else InvalidTypeError
    msg = f"{owner}: {field} must be one of {', '.join(map(repr, _UNITS))}, got {shown(value)}; {did_you_mean(value, _UNITS)}"
    raise error(msg.removesuffix("; ").rstrip())


def duration_in_words(time: float, unit: TimeUnit) -> str:
    """A time as people say it: in whole units, else in whole days, else with few digits."""
    days = time * DAYS_IN[unit]
    if abs(time - round(time)) > 1e-9 and days >= 1 and abs(days - round(days)) < 1e-6:
        time, unit = round(days), "day"
    number = (
        f"{round(time):,}"
        if abs(time - round(time)) <= 1e-9
        else f"{time:.3g}"
        if time < 100
        else f"{time:,.0f}"
    )
    return f"{number} {unit if number == '1' else f'{unit}s'}"


def horizon_in_words(unit_of_model: TimeUnit, horizon: float | timedelta, unit: TimeUnit | None) -> str:
    """How far ahead was asked, as it was asked; `horizon_in` has taken it."""
    if isinstance(horizon, timedelta):
        return duration_in_words(horizon / _DAY, "day")
    return duration_in_words(float(horizon), unit or unit_of_model)


def horizon_in(
    unit_of_model: TimeUnit, horizon: float | timedelta, unit: TimeUnit | None, *, owner: str
) -> float:
    """How far ahead is asked, in the unit of the model.

    Args:
        unit_of_model: The model's unit.
        horizon: A number, or a timedelta.
        unit: The unit of the number; None for that of the model.
        owner: The public function, for messages.

    Raises:
        InvalidTypeError: The horizon is neither, or a unit is given beside a timedelta.
        InvalidValueError: It is negative or not finite, or there is no such unit.
    """
    days_in_unit = DAYS_IN[unit_of_model]
    if isinstance(horizon, timedelta):
        if unit is not None:
            msg = f"{owner}: unit={shown(unit)} contradicts horizon={shown(horizon)}, which says its own; leave unit= out"
            raise InvalidTypeError(msg)
        return _from_zero(horizon / _DAY / days_in_unit, horizon, owner)
    if is_bool(horizon) or not isinstance(horizon, (Real, Decimal)):
        msg = (
            f"{owner}: horizon must be a number of {unit or unit_of_model}s or a timedelta, got {shown(horizon)}; "
            f'pass for instance horizon=6, unit="month", or horizon=timedelta(days=90)'
        )
        raise InvalidTypeError(msg)
    stretch = 1.0
    if unit is not None and checked_unit(unit, owner=owner) != unit_of_model:
        stretch = DAYS_IN[unit] / days_in_unit
    try:
        return _from_zero(float(horizon) * stretch, horizon, owner)
    except (OverflowError, ValueError):  # an int beyond all floats, or a Decimal that signals that it is none
        return _from_zero(math.inf, horizon, owner)


def _from_zero(found: float, horizon: object, owner: str) -> float:
    if math.isfinite(found) and found >= 0:
        return found
    msg = (
        f"{owner}: horizon must be finite and not negative, got {shown(horizon)}; pass how long to look ahead"
    )
    raise InvalidValueError(msg)
