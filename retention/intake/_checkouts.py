"""Checkouts from rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, overload

from attrs import evolve

from retention._zones import Zone
from retention.intake._arguments import constants_of, named, options_of
from retention.intake._plan import Row, Source, plan_of
from retention.intake._rows import Intake, taken_in
from retention.records import Checkout

__all__ = ["checkouts_from_records"]


@overload
def checkouts_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = ...,
    constants: Mapping[str, object] | None = ...,
    currency: str | None = ...,
    tz: Zone | None = ...,
    float_digits: int | None = ...,
    row_ids: bool = ...,
    on_error: Literal["raise"] = ...,
) -> list[Checkout]: ...
@overload
def checkouts_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = ...,
    constants: Mapping[str, object] | None = ...,
    currency: str | None = ...,
    tz: Zone | None = ...,
    float_digits: int | None = ...,
    row_ids: bool = ...,
    on_error: Literal["collect"],
) -> Intake[Checkout]: ...
def checkouts_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = None,
    constants: Mapping[str, object] | None = None,
    currency: str | None = None,
    tz: Zone | None = None,
    float_digits: int | None = None,
    row_ids: bool = False,
    on_error: Literal["raise", "collect"] = "raise",
) -> list[Checkout] | Intake[Checkout]:
    """Checkouts from the rows of a database, a CSV file, JSON or a data frame, one row a basket that was begun.

    Each field of `Checkout` is read from the column of its own name, unless `fields` or `constants` say where
    else it comes from. Other columns are ignored. Cells are read as by `orders_from_records`, and beside that:

    ============  ===========================================================================================
    `amount`      what the goods cost, if known. A row without an amount needs no currency, and where it has
                  one all the same, as from `currency`, that is left out
    `ordered_at`  when it became an order; missing where it did not. True and false are faulty, since they say no
                  instant
    `order_id`    the id of that order, in rows that have `ordered_at`
    ============  ===========================================================================================

    Give all baskets that were begun: an export of the abandoned ones alone makes any share of abandoned ones 100 %.

    Args:
        rows: Mappings of column names to cells, read once.
        fields: For each field of `Checkout` that isn't in a column of its own name: the name of the column, a
            function that makes the value from the row, or None to ignore the column.
        constants: Fields that are the same for all checkouts, such as ``{"channel": "web"}``.
        currency: The currency of all amounts; the same as ``constants={"currency": …}``.
        tz: The zone of local times, as for `orders_from_records`.
        float_digits: The decimals of money that comes as floats, as for `orders_from_records`.
        row_ids: Number the checkouts by their rows, from 0, where rows have no ids.
        on_error: ``"raise"``, or ``"collect"`` to get the good rows and the faults side by side.

    Returns:
        The checkouts, in the order of the rows; with ``on_error="collect"`` an `Intake`.

    Raises:
        InvalidRowsError: Some rows are faulty. It holds a `RowError` for every fault of every row.
        InvalidValueError: An argument names no field, or a column is due that no row has.
        InvalidTypeError: `rows` is no iterable of rows, or an argument has the wrong type.
        ConflictingArgumentError: A field is given twice.

    >>> rows = [
    ...     {"token": "c1", "customer_id": "ann", "created_at": "2026-03-01T09:30:00Z", "subtotal": "12.50"},
    ...     {
    ...         "token": "c2",
    ...         "customer_id": None,
    ...         "created_at": "2026-03-01T22:10:00Z",
    ...         "completed_at": "2026-03-01T22:14:00Z",
    ...         "subtotal": None,
    ...     },
    ... ]
    >>> left, bought = checkouts_from_records(
    ...     rows,
    ...     fields={
    ...         "id": "token",
    ...         "begun_at": "created_at",
    ...         "ordered_at": "completed_at",
    ...         "amount": "subtotal",
    ...     },
    ...     currency="EUR",
    ... )
    >>> left.ordered_at, left.currency
    (None, 'EUR')
    >>> bought.ordered_at.isoformat(), bought.currency
    ('2026-03-01T22:14:00+00:00', None)

    .. versionadded:: 0.1
    """
    owner = "checkouts_from_records"
    plan = plan_of(
        Checkout,
        owner,
        sources=named(fields, owner, "fields"),
        constants=constants_of(constants, currency, owner),
        options=options_of(tz, float_digits, owner),
        row_ids=row_ids,
        keywords=() if currency is None else ("currency",),
        make=_checkout,
    )
    return taken_in(plan, rows, on_error)


def _checkout(**values: Any) -> Checkout:
    """A checkout, without its currency where there is no amount: that of all rows is none of a fault."""
    if "amount" in values or "currency" not in values:
        return Checkout(**values)
    checked = Checkout(**values, amount=Decimal(0))
    return evolve(checked, amount=None, currency=None)
