"""Customers from rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, overload

from retention._zones import Zone
from retention.errors import ConflictingArgumentError, InvalidTypeError, shown
from retention.intake._arguments import named, options_of
from retention.intake._cells import plain
from retention.intake._plan import Row, Source, cells_of, plan_of
from retention.intake._rows import Intake, taken_in
from retention.records import Customer

__all__ = ["customers_from_records"]


@overload
def customers_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = ...,
    constants: Mapping[str, object] | None = ...,
    attributes: Iterable[str] = ...,
    tz: Zone | None = ...,
    on_error: Literal["raise"] = ...,
) -> list[Customer]: ...
@overload
def customers_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = ...,
    constants: Mapping[str, object] | None = ...,
    attributes: Iterable[str] = ...,
    tz: Zone | None = ...,
    on_error: Literal["collect"],
) -> Intake[Customer]: ...
def customers_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = None,
    constants: Mapping[str, object] | None = None,
    attributes: Iterable[str] = (),
    tz: Zone | None = None,
    on_error: Literal["raise", "collect"] = "raise",
) -> list[Customer] | Intake[Customer]:
    """Customers from the rows of a database, a CSV file, JSON or a data frame.

    Each field of `Customer` is read from the column of its own name, unless `fields` or `constants` say where
    else it comes from. Other columns are ignored. Cells are read as by `orders_from_records`.

    Args:
        rows: Mappings of column names to cells, read once.
        fields: For each field of `Customer` that isn't in a column of its own name: the name of the column, a
            function that makes the value from the row, or None to ignore the column.
        constants: Fields that are the same for all customers.
        attributes: The columns to keep in `Customer.attributes`, under their own names and as they are; missing
            cells are left out. No error shows what is in them.
        tz: The zone of local times, as for `orders_from_records`.
        on_error: ``"raise"``, or ``"collect"`` to get the good rows and the faults side by side.

    Returns:
        The customers, in the order of the rows; with ``on_error="collect"`` an `Intake`.

    Raises:
        InvalidRowsError: Some rows are faulty. It holds a `RowError` for every fault of every row.
        InvalidValueError: An argument names no field, or a column is due that no row has.
        InvalidTypeError: `rows` is no iterable of rows, or an argument has the wrong type.
        ConflictingArgumentError: A field is given twice.

    >>> rows = [{"id": "ann", "joined": "2026-01-07", "plan": "gold", "age": None}]
    >>> [ann] = customers_from_records(
    ...     rows, fields={"signed_up_at": "joined"}, attributes=["plan", "age"], tz="Europe/Berlin"
    ... )
    >>> ann.signed_up_at.isoformat(), dict(ann.attributes)
    ('2026-01-06T23:00:00+00:00', {'plan': 'gold'})

    .. versionadded:: 0.1
    """
    owner = "customers_from_records"
    sources = named(fields, owner, "fields")
    fixed = named(constants, owner, "constants")
    kept = _column_names(attributes, owner)
    if kept:
        if "attributes" in sources or "attributes" in fixed:
            msg = f"{owner}: attributes= and the field of that name both say what to keep; give one of them"
            raise ConflictingArgumentError(msg)
        sources["attributes"] = _attributes_of(kept)
    options = options_of(tz, None, owner)
    plan = plan_of(Customer, owner, sources=sources, constants=fixed, options=options, kept=kept)
    return taken_in(plan, rows, on_error)


def _attributes_of(columns: tuple[str, ...]) -> Callable[[Any], dict[str, Any]]:
    def attributes(row: Any) -> dict[str, Any]:
        cells = cells_of(row)
        return {name: cells[name] for name in columns if name in cells and plain(cells[name]) is not None}

    return attributes


def _column_names(names: Any, owner: str) -> tuple[str, ...]:
    kept: tuple[Any, ...] = tuple(names) if isinstance(names, Iterable) else (None,)
    if isinstance(names, str) or not all(isinstance(name, str) for name in kept):
        msg = f'{owner}: attributes must name columns, as in attributes=["plan", "age"] (got {shown(names)})'
        raise InvalidTypeError(msg)
    return kept
