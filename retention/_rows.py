"""Rows in, records and faults out: what every intake does, whatever the class of its records.

What is to be read from where is worked out once, for each set of columns that the rows have. Only a row that
makes no record is looked at field by field, to say everything that is wrong with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Generic, TypeAlias, TypeVar, cast

import attrs
from attrs import frozen

from retention._cells import Options, Reader, readers
from retention.errors import (
    ConflictingArgumentError,
    InvalidRowsError,
    InvalidTypeError,
    InvalidValueError,
    RetentionError,
    RowError,
    did_you_mean,
    shown,
)

__all__ = ["Intake", "Plan", "Row", "Source", "cells_of", "plan_of", "taken_in"]

R = TypeVar("R")

Row: TypeAlias = Mapping[Any, Any]
"""One row: column names to cells."""

Source: TypeAlias = str | Callable[[Any], Any] | None
"""Where a field comes from: the name of a column, a function of the row, or None for nowhere."""

_MAY_BE_MISSING = frozenset({"customer_id"})  # in a row: a guest; a column for it is due all the same
_FIELD_FIRST = re.compile(r"\w+\.(\w+)")  # so do the messages of records begin
_SHAPES = 1_000  # as many sets of columns are remembered
_SHOWN_FAULTS = 3
_SHOWN_COLUMNS = 20


@frozen(kw_only=True, repr=False)
class Intake(Generic[R]):
    """What an intake with ``on_error="collect"`` gives: the good rows as records, and what is wrong with the others.

    Attributes:
        records: One record for each good row, in the order of the rows.
        errors: The faults, in the order of the rows; a row may have several.
        skipped: How many rows were left out because they say nothing, as was asked for.

    .. versionadded:: 0.1
    """

    records: tuple[R, ...]
    errors: tuple[RowError, ...]
    skipped: int = 0

    def __repr__(self) -> str:
        skipped = f", {self.skipped:,} skipped" if self.skipped else ""
        return f"<Intake: {len(self.records):,} records, {len(self.errors):,} errors{skipped}>"


# ------------------------------------------------------------------------------------------------ plan


@frozen(kw_only=True)
class _Field:
    """Where one field of the record comes from, and how: from a column, or from a function of the row."""

    attribute: attrs.Attribute[Any]
    read: Reader
    column: str | None = None
    function: Callable[[Any], Any] | None = None
    is_named: bool = False

    @property
    def name(self) -> str:
        return self.attribute.name

    @property
    def is_due(self) -> bool:
        """Whether there must be such a column: in some row at least, since JSON leaves out what is empty."""
        return self.is_named or self.attribute.default is attrs.NOTHING


@frozen(kw_only=True)
class Plan(Generic[R]):
    """What an intake does with every row, worked out once.

    Attributes:
        owner: The public function, for messages.
        kind: The class of the records.
        columns: Fields that come from columns.
        functions: Fields that come from functions of the row.
        base: What a record is made of before its row is read: the constants.
        contested: Fields that have a constant, and a column of their own name if the rows have one, and how the
            constant was given.
        row_ids: Whether rows are numbered.
        kept: Columns that go into `attributes`.
        one_of: Fields of which a row must have one, or it says nothing.
        skips: Whether rows that say nothing are left out and counted.
    """

    owner: str
    kind: type[R]
    columns: tuple[_Field, ...]
    functions: tuple[_Field, ...]
    base: dict[str, Any]
    contested: Mapping[str, str]
    row_ids: bool
    kept: tuple[str, ...]
    one_of: tuple[str, ...]
    skips: bool


def plan_of(
    kind: type[R],
    owner: str,
    *,
    sources: Mapping[str, Source],
    constants: Mapping[str, Any],
    options: Options,
    row_ids: bool = False,
    kept: tuple[str, ...] = (),
    one_of: tuple[str, ...] = (),
    skips: bool = False,
    keywords: Collection[str] = (),
) -> Plan[R]:
    """What to do with every row.

    Args:
        kind: The class of the records.
        owner: The public function, for messages.
        sources: Where fields come from.
        constants: Fields that are the same for all rows.
        options: How cells are read.
        row_ids: Whether rows are numbered.
        kept: Columns that go into `attributes`.
        one_of: Fields of which a row must have one.
        skips: Whether rows that say nothing are left out.
        keywords: The constants that the user gave by a keyword of their own, for messages.
    """
    attributes = _attributes(kind)
    _check_names(sources, attributes, owner, "fields")
    _check_names(constants, attributes, owner, "constants")
    given = {name: f"{name}=" if name in keywords else f"constants[{name!r}]" for name in constants}
    if row_ids:
        given["id"] = "row_ids="
    _check_sources(sources, given, owner)
    read = readers(kind, options)
    made = (
        _field(name, attributes[name], read[name], sources, owner) for name in attributes if name not in given
    )
    found = [one for one in made if one is not None]
    fixed = {
        name: _constant(kind, attributes[name], read[name], value, owner) for name, value in constants.items()
    }
    missing = dict.fromkeys(_MAY_BE_MISSING & attributes.keys())
    return Plan(
        owner=owner,
        kind=kind,
        columns=tuple(one for one in found if one.function is None),
        functions=tuple(one for one in found if one.function is not None),
        base={**missing, **{name: value for name, value in fixed.items() if value is not None}},
        contested={name: given[name] for name in constants.keys() - sources.keys() - set(sources.values())},
        row_ids=row_ids,
        kept=kept,
        one_of=one_of,
        skips=skips,
    )


def _attributes(kind: type[Any]) -> dict[str, attrs.Attribute[Any]]:
    return {attribute.name: attribute for attribute in attrs.fields(kind)}


def _is_required(attribute: attrs.Attribute[Any]) -> bool:
    return attribute.default is attrs.NOTHING and attribute.name not in _MAY_BE_MISSING


def _check_names(given: Mapping[str, Any], known: Mapping[str, Any], owner: str, argument: str) -> None:
    for name, value in given.items():
        if name in known:
            continue
        if argument == "fields" and isinstance(value, str) and value in known:
            meant = f"write it the other way round, fields={{{value!r}: {name!r}}}: the record's field comes first"
        else:
            meant = f"{did_you_mean(name, known)}the fields are {', '.join(known)}"
        msg = f"{owner}: {argument} names no field of the record: {shown(name)}; {meant}"
        raise InvalidValueError(msg)


def _check_sources(sources: Mapping[str, Any], given: Mapping[str, str], owner: str) -> None:
    for name, source in sources.items():
        if source is None:
            continue
        if name in given:
            msg = f"{owner}: fields[{name!r}] and {given[name]} both give {name}; keep one of them"
            raise ConflictingArgumentError(msg)
        if not isinstance(source, str) and not callable(source):
            msg = (
                f"{owner}: fields[{name!r}] must be the name of a column, a function of the row, or None to ignore "
                f"the column (got {shown(source)}); the same value for all rows goes into constants"
            )
            raise InvalidTypeError(msg)


def _field(
    name: str, attribute: attrs.Attribute[Any], read: Reader, sources: Mapping[str, Source], owner: str
) -> _Field | None:
    if name not in sources:
        if name not in sources.values():
            return _Field(attribute=attribute, read=read, column=name)
        if attribute.default is not attrs.NOTHING:
            return None
        msg = f"{owner}: fields gives the column {name!r} to another field; say where {name} comes from{_other_way(name)}"
        raise InvalidValueError(msg)
    source = sources[name]
    if callable(source):
        return _Field(attribute=attribute, read=read, function=source)
    if source is not None:
        return _Field(attribute=attribute, read=read, column=source, is_named=True)
    if _is_required(attribute):
        msg = f"{owner}: fields[{name!r}] must not be None, since each record needs its {name}{_other_way(name)}"
        raise InvalidValueError(msg)
    return None


def _other_way(name: str) -> str:
    """How a field that is due can do without a column."""
    ways = {
        "id": ", or pass row_ids=True to number the rows",
        "customer_id": ', or give fields={"customer_id": None} if all orders are guest checkouts',
        "currency": ', or pass currency="EUR" if all orders have the same',
        "kind": ', or pass constants={"kind": "nps"} if all rows answer the same question',
    }
    return ways.get(name, "")


def _constant(kind: type[Any], attribute: attrs.Attribute[Any], read: Reader, value: Any, owner: str) -> Any:
    try:
        found = read(value)
        if found is None:
            if _is_required(attribute):
                msg = f"{kind.__name__}.{attribute.name} is missing (got {shown(value)})"
                raise InvalidValueError(msg)
            return None
        return _checked(kind, attribute, found)
    except RetentionError as error:
        msg = f"{owner}: constants: {error}"
        raise InvalidValueError(msg) from None


def _checked(kind: type[Any], attribute: attrs.Attribute[Any], value: Any) -> Any:
    """What a record would keep in one field; raises what the record would raise."""
    if attribute.converter is not None:
        value = cast("Callable[[Any], Any]", attribute.converter)(value)
    check = cast("Callable[[Any, Any, Any], Any]", attribute.validator)  # every field of a record has one
    check(object.__new__(kind), attribute, value)  # of the record it wants the class, for its message
    return value


# ------------------------------------------------------------------------------------------------ rows


def taken_in(plan: Plan[R], rows: Any, on_error: str) -> list[R] | Intake[R]:
    if not isinstance(on_error, str) or on_error not in {"raise", "collect"}:
        msg = f'{plan.owner}: on_error must be "raise" or "collect" (got {shown(on_error)})'
        raise (InvalidValueError if isinstance(on_error, str) else InvalidTypeError)(msg)
    records: list[R] = []
    errors: list[RowError] = []
    seen: set[object] = set()
    count, skipped = _read(plan, _rows(rows, plan.owner), records, errors, seen)
    if seen:
        _check_columns(plan, seen)
    if on_error == "collect":
        return Intake(records=tuple(records), errors=tuple(errors), skipped=skipped)
    if errors:
        raise InvalidRowsError(_summary(plan.owner, errors, count), errors)
    return records


def _read(  # noqa: C901, PLR0912 - the one loop over all cells of a shop, where calls would cost
    plan: Plan[R], rows: Iterator[Any], records: list[R], errors: list[RowError], seen: set[object]
) -> tuple[int, int]:
    """Read all rows, and return how many there were, and how many of them were skipped."""
    kind, base, row_ids, add = plan.kind, plan.base, plan.row_ids, records.append
    one_of = plan.one_of if plan.skips else ()
    skipped = 0
    told: set[tuple[str, type]] = set()
    functions = [(one.name, cast("Callable[[Any], Any]", one.function), one.read) for one in plan.functions]
    shapes: dict[tuple[object, ...], list[tuple[str, object, Reader]]] = {}
    number = -1
    for number, row in enumerate(rows):
        try:
            cells = row if type(row) is dict else cells_of(row)
            shape = tuple(cells)
            steps = shapes.get(shape)
            if steps is None:
                steps = _steps(plan, cells, seen)
                if len(shapes) < _SHAPES:
                    shapes[shape] = steps
            values = base.copy()
            for name, column, read in steps:
                value = read(cells[column])
                if value is not None:
                    values[name] = value
            for name, function, read in functions:
                value = read(function(row))
                if value is not None:
                    values[name] = value
            if row_ids:
                values["id"] = number
            if one_of and values.keys().isdisjoint(one_of):
                skipped += 1
            else:
                add(kind(**values))
        except Exception as error:  # noqa: BLE001 - it is looked for again, field by field, and else raised
            failed = error
        else:
            continue
        # Not inside `except`: what the same function raises again would drag the first error along.
        faults = _faults(plan, row, number, told)
        if not faults:
            raise failed
        errors.extend(faults)
    return number + 1, skipped


def cells_of(row: Any) -> dict[Any, Any]:
    """A row as a dict; rows of sqlite3 have names and cells and aren't registered as mappings."""
    if isinstance(row, dict):
        return row
    if isinstance(row, Mapping) or (hasattr(row, "keys") and hasattr(row, "__getitem__")):
        return dict(row)
    msg = (
        f"a row must be a mapping of column names to cells, not {type(row).__name__}; for SQLAlchemy take "
        f"result.mappings(), for Django queryset.values(), for a named tuple row._asdict(), for a dataclass asdict(row), "
        f'for a data frame frame.to_dict("records")'
    )
    raise InvalidTypeError(msg)


def _steps(plan: Plan[Any], cells: Mapping[Any, Any], seen: set[object]) -> list[tuple[str, object, Reader]]:
    """What to read of rows that have these columns, in the order of the record's fields."""
    seen.update(cells)
    if None in cells:
        msg = (
            "the row has more cells than there are headings, which is how csv.DictReader reads a line with a comma too "
            "many; quote the texts that have commas in them"
        )
        raise InvalidValueError(msg)
    return [(one.name, one.column, one.read) for one in plan.columns if one.column in cells]


# ---------------------------------------------------------------------------------------------- faults


def _faults(plan: Plan[Any], row: Any, number: int, told: set[tuple[str, type]]) -> list[RowError]:
    """Everything that is wrong with a row that made no record, field by field.

    `told` says of which fields, and of which kinds of error, a cause was kept already: one of each is enough to find the
    line of the host's function, where thousands of rows fail alike.
    """
    try:
        cells = cells_of(row)
        _steps(plan, cells, set())
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


def _value(plan: Plan[Any], one: _Field, cells: Mapping[Any, Any], row: Any) -> Any:
    cell = cells.get(one.column) if one.function is None else one.function(row)
    value = one.read(cell)
    if value is not None:
        return _checked(plan.kind, one.attribute, value)
    if _is_required(one.attribute):
        what = f"got {shown(cell)}" if one.function or one.column in cells else "the row has no such column"
        msg = f"{plan.kind.__name__}.{one.name} is missing ({what}); fill it in, or leave the row out"
        raise InvalidValueError(msg)
    return None


def _fault(plan: Plan[Any], one: _Field, error: Exception, number: int, place: str) -> RowError:
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


def _way_out(one: _Field) -> str:
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
        plan.kind(**values)
    except RetentionError as error:
        named = _FIELD_FIRST.match(str(error))
        return [RowError(f"{place}: {error}", row=number, field=named[1] if named else None)]
    return []


def _summary(owner: str, errors: list[RowError], count: int) -> str:
    """The message of the group: bounded, however many rows are faulty."""
    faulty = len({error.row for error in errors})
    by_field = Counter(error.field or "whole row" for error in errors).most_common()
    counts = ", ".join(f"{name} {times:,}" for name, times in by_field)
    first = "; ".join(str(error) for error in errors[:_SHOWN_FAULTS])
    more = f"; and {len(errors) - _SHOWN_FAULTS:,} more" if len(errors) > _SHOWN_FAULTS else ""
    return (
        f"{owner}: {faulty:,} of {count:,} rows, counted from 0, are faulty ({counts}). {first}{more}. "
        f'To load the others, pass on_error="collect"'
    )


def _check_columns(plan: Plan[Any], seen: set[object]) -> None:
    """Refuse what can only be a slip: a column that is due and that no row has, and a constant beside a column."""
    both = sorted(plan.contested.keys() & seen)
    if both:
        given = plan.contested[both[0]]
        msg = (
            f"{plan.owner}: {given} gives {both[0]}, and the rows have a column of that name; leave out {given}, "
            f"or ignore the column with fields={{{both[0]!r}: None}}"
        )
        raise ConflictingArgumentError(msg)
    lost = [_no_column(one, seen) for one in plan.columns if one.is_due and one.column not in seen]
    lost += _none_of(plan, seen)
    lost += [
        f"the column {shown(name)} of attributes{_asked(name, seen)}"
        for name in plan.kept
        if name not in seen
    ]
    if lost:
        names = sorted(shown(name) for name in seen)
        listed = ", ".join(names[:_SHOWN_COLUMNS]) + (", …" if len(names) > _SHOWN_COLUMNS else "")
        msg = f"{plan.owner}: no row has {' Nor '.join(lost)} The columns are: {listed}{_csv_slip(names)}"
        raise InvalidValueError(msg)


def _none_of(plan: Plan[Any], seen: set[object]) -> Iterator[str]:
    """What is lost where no row can have any of the fields of which it must have one."""
    given = {*plan.base, *(one.name for one in plan.functions)}
    given |= {one.name for one in plan.columns if one.column in seen}
    if (
        plan.one_of
        and given.isdisjoint(plan.one_of)
        and not any(one.is_named for one in plan.columns if one.name in plan.one_of)
    ):
        names = " or ".join(map(repr, plan.one_of))
        yield f"a column {names}. Name it with fields={{{plan.one_of[0]!r}: …}}."


def _csv_slip(columns: list[str]) -> str:
    """What usually went wrong where columns look like this."""
    if any("ufeff" in column for column in columns):
        return '; open the file with encoding="utf-8-sig", which drops the mark at its start'
    if len(columns) == 1 and any(mark in columns[0] for mark in (";", "\\t", "|")):
        return '; read the file with its own delimiter, as in csv.DictReader(file, delimiter=";")'
    return ""


def _no_column(one: _Field, seen: set[object]) -> str:
    asked = _asked(one.column, seen)
    if one.is_named:
        return (
            f"the column {shown(one.column)}, which fields names for {one.name}{asked} Where rows leave it out, say so "
            f"with a function: lambda row: row.get({one.column!r})."
        )
    return (
        f"a column {shown(one.column)}{asked} Name it with fields={{{one.name!r}: …}}{_other_way(one.name)}."
    )


def _asked(name: object, known: Iterable[object]) -> str:
    """The end of a sentence that says what is lost: a question, if something close is there."""
    close = did_you_mean(name, known)
    return f"; {close.rstrip()}" if close else "."


_ROWS_OF = {
    "to_dicts": "to_dicts()",
    "to_dict": 'to_dict("records")',
    "collect": "collect().to_dicts()",
    "get_queryset": "values()",
}
"""How the rows of what is no iterable of mappings are had, by a method that tells what it is: data frames of Polars and
pandas, a lazy frame, a manager of Django."""


def _rows(rows: Any, owner: str) -> Iterator[Any]:
    for method, call in _ROWS_OF.items():
        if hasattr(rows, method):
            msg = f"{owner}: rows must be an iterable of mappings, not a {type(rows).__name__}; pass rows.{call}"
            raise InvalidTypeError(msg)
    if isinstance(rows, (str, bytes, Mapping)) or not isinstance(rows, Iterable):
        msg = (
            f"{owner}: rows must be an iterable of mappings, not {type(rows).__name__}; "
            f"put a single row into a list, and read a file with csv.DictReader or json.load"
        )
        raise InvalidTypeError(msg)
    return iter(rows)
