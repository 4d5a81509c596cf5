"""Everything that is wrong with a row that made no record, field by field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import attrs

from retention.errors import InvalidValueError, RetentionError, RowError, shown
from retention.intake._plan import Field, Plan, cells_of, checked, steps_of

__all__ = ["faults_of", "summary"]

_FIELD_FIRST = re.compile(r"\w+\.(\w+)")  # so do the messages of records begin
_SHOWN_FAULTS = 3


def faults_of(plan: Plan[Any], row: Any, number: int, told: set[tuple[str, type]]) -> list[RowError]:
    """Everything that is wrong with a row that made no record, field by field.

    `told` says of which fields, and of which kinds of error, a cause was kept already: one of each is enough to find the
    line of the host's function, where thousands of rows fail alike.
    """
    try:
        cells = cells_of(row)
        steps_of(plan, cells, set())
    except RetentionError as error:
        return [RowError(f"row {number}: {error}", row=number)]
    place = _place(plan, cells, row, number)
    found: list[RowError] = []
    values = dict(plan.base)
    if plan.row_ids:
        values["id"] = number
    for one in (*plan.columns, *plan.functions):
        try:
            value = _value(plan, one, cells, row)
        except Exception as error:  # noqa: BLE001 - a host's function may raise anything, and the other rows go on
            fault = _fault(plan, one, error, number, place)
            if fault.__cause__ is not None and (one.name, type(error)) in told:
                fault.__cause__ = None
            told.add((one.name, type(error)))
            found.append(fault)
        else:
            if value is not None:
                values[one.name] = value
    return found or _fault_between_fields(plan, values, number, place)


def _place(plan: Plan[Any], cells: Mapping[Any, Any], row: Any, number: int) -> str:
    """The number of a row, and beside it the id by which the host knows it, if that can be read."""
    for one in (*plan.columns, *plan.functions):
        if one.name == "id":
            try:
                value = _value(plan, one, cells, row)
            except Exception:  # noqa: BLE001 - a fault of its own, which is told as such
                break
            return f"row {number}" if value is None else f"row {number} (id {shown(value)})"
    return f"row {number}"


def _value(plan: Plan[Any], one: Field, cells: Mapping[Any, Any], row: Any) -> Any:
    cell = cells.get(one.column) if one.function is None else one.function(row)
    value = one.read(cell)
    if value is not None:
        return checked(plan.kind, one.attribute, value)
    if one.is_required:
        what = f"got {shown(cell)}" if one.function or one.column in cells else "the row has no such column"
        msg = f"{plan.kind.__name__}.{one.name} is missing ({what}); fill it in, or leave the row out"
        raise InvalidValueError(msg)
    return None


def _fault(plan: Plan[Any], one: Field, error: Exception, number: int, place: str) -> RowError:
    if not one.function:
        place = f"{place}, column {shown(one.column)}"
    is_private = one.name == "attributes"  # what a host's function says of them may be what is in them
    if isinstance(error, RetentionError) and not (is_private and one.function):
        message, cause = f"{place}: {error}{_way_out(one)}", None
    else:
        what = "" if is_private else f": {_said(error)}"
        message = f"{place}: {plan.kind.__name__}.{one.name} could not be read ({type(error).__name__}{what})"
        # Where in the host's function it happened, which is not where it was called.
        cause = None if is_private else error.with_traceback(_beyond(error.__traceback__))
    fault = RowError(message, row=number, field=one.name)
    fault.__cause__ = cause
    return fault


def _said(error: Exception) -> str:
    """What an error says; a KeyError, which puts its key into quotes itself, only says which key it was."""
    is_key = isinstance(error, KeyError) and len(error.args) == 1
    return shown(error.args[0] if is_key else str(error))


def _beyond(trace: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that lies beyond this file, if any does."""
    rest = trace
    while rest is not None and rest.tb_frame.f_globals is globals():
        rest = rest.tb_next
    return rest or trace


def _way_out(one: Field) -> str:
    """What else helps, where a column that nobody named was taken for the field of the same name."""
    if one.function or one.is_named or one.attribute.default is attrs.NOTHING:
        return ""
    return f", or ignore the column with fields={{{one.name!r}: None}}"


def _fault_between_fields(
    plan: Plan[Any], values: Mapping[str, Any], number: int, place: str
) -> list[RowError]:
    if plan.one_of and values.keys().isdisjoint(plan.one_of):
        names = " and ".join(plan.one_of)
        msg = (
            f"{place}: {plan.kind.__name__}: {names} are both missing, so that nothing was answered; filter such "
            f'rows, or pass unanswered="skip" to leave them out'
        )
        return [RowError(msg, row=number, field=plan.one_of[0])]
    try:
        plan.make(**values)
    except RetentionError as error:
        named = _FIELD_FIRST.match(str(error))
        return [RowError(f"{place}: {error}", row=number, field=named[1] if named else None)]
    return []


def summary(owner: str, errors: list[RowError], count: int) -> str:
    """The message of the group: bounded, however many rows are faulty."""
    faulty = len({error.row for error in errors})
    by_field = Counter(error.field or "whole row" for error in errors).most_common()
    counts = ", ".join(f"{name} {times:,}" for name, times in by_field)
    first = "; ".join(str(error) for error in errors[:_SHOWN_FAULTS])
    more = f"; and {len(errors) - _SHOWN_FAULTS:,} more" if len(errors) > _SHOWN_FAULTS else ""
    are = "is" if faulty == 1 else "are"
    return (
        f"{owner}: {faulty:,} of {count:,} rows, counted from 0, {are} faulty ({counts}). {first}{more}. "
        f'To load the others, pass on_error="collect"'
    )
