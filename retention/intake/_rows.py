"""Rows in, records and faults out: what every intake does, whatever the class of its records.

What is to be read from where is worked out once, for each set of columns that the rows have. Only a row that
makes no record is looked at field by field, to say everything that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar, cast

from attrs import frozen

from retention.errors import (
    ConflictingArgumentError,
    InvalidRowsError,
    InvalidTypeError,
    InvalidValueError,
    RowError,
    did_you_mean,
    shown,
)
from retention.intake._cells import Reader
from retention.intake._faults import faults_of, summary
from retention.intake._plan import Field, Plan, cells_of, other_way, steps_of

__all__ = ["Intake", "taken_in"]

R = TypeVar("R")

_SHAPES = 1_000  # as many sets of columns are remembered
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
        raise InvalidRowsError(summary(plan.owner, errors, count), errors)
    return records


def _read(  # noqa: C901, PLR0912 - the one loop over all cells of a shop, where calls would cost
    plan: Plan[R], rows: Iterator[Any], records: list[R], errors: list[RowError], seen: set[object]
) -> tuple[int, int]:
    """Read all rows, and return how many there were, and how many of them were skipped."""
    make, base, row_ids, add = plan.make, plan.base, plan.row_ids, records.append
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
                steps = steps_of(plan, cells, seen)
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
                add(make(**values))
        except Exception as error:  # noqa: BLE001 - it is looked for again, field by field, and else raised
            failed = error
        else:
            continue
        # Not inside `except`: what the same function raises again would drag the first error along.
        faults = faults_of(plan, row, number, told)
        if not faults:
            raise failed
        errors.extend(faults)
    return number + 1, skipped


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
    lost = [_no_column(plan.kind, one, seen) for one in plan.columns if one.is_due and one.column not in seen]
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


def _no_column(kind: type[Any], one: Field, seen: set[object]) -> str:
    asked = _asked(one.column, seen)
    if one.is_named:
        return (
            f"the column {shown(one.column)}, which fields names for {one.name}{asked} Where rows leave it out, say so "
            f"with a function: lambda row: row.get({one.column!r})."
        )
    return f"a column {shown(one.column)}{asked} Name it with fields={{{one.name!r}: …}}{other_way(kind, one.name)}."


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
