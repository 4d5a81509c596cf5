"""Subscriptions from rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, overload

from retention._zones import Zone
from retention.intake._arguments import constants_of, named, options_of
from retention.intake._plan import Row, Source, plan_of
from retention.intake._rows import Intake, taken_in
from retention.records import Subscription

__all__ = ["subscriptions_from_records"]


@overload
def subscriptions_from_records(
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
) -> list[Subscription]: ...
@overload
def subscriptions_from_records(
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
) -> Intake[Subscription]: ...
def subscriptions_from_records(
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
) -> list[Subscription] | Intake[Subscription]:
    """Subscriptions from the rows of a database, a CSV file, JSON or a data frame, one row a span.

    Each field of `Subscription` is read from the column of its own name, unless `fields` or `constants` say where
    else it comes from. Other columns are ignored. Cells are read as by `orders_from_records`, and beside that:

    ================  =======================================================================================
    `amount`          what is charged per interval, for all pieces together. Of cents, as billing systems keep
                      them, a function makes money: ``Decimal(row["cents"]).scaleb(-2)``
    `interval`        day, week, month, year; due, since a yearly price taken for a monthly one is twelve times
                      too much. Other words are faulty: a quarter is a month with 3 as `interval_count`
    `interval_count`  whole numbers, as floats and numerals too
    `started_at`      the first instant of this price. Where it changed, each price is a row
    `ended_at`        the instant from which on it is no longer in force; a subscription that is cancelled and
                      paid for to the end of the month has not ended
    `end_reason`      customer, payment, fraud, technical, plan_change, other; other words are faulty
    `pauses`          a list of `Pause` or of mappings with `started_at` and `ended_at`; a mapping in which both
                      are missing is no pause. Columns of one pause become a list with a function, as below
    ================  =======================================================================================

    Args:
        rows: Mappings of column names to cells, read once.
        fields: For each field of `Subscription` that isn't in a column of its own name: the name of the column, a
            function that makes the value from the row, or None to ignore the column.
        constants: Fields that are the same for all subscriptions, such as ``{"interval": "month"}``.
        currency: The currency of all; the same as ``constants={"currency": …}``.
        tz: The zone of local times, as for `orders_from_records`.
        float_digits: The decimals of money that comes as floats, as for `orders_from_records`.
        row_ids: Number the spans by their rows, from 0, where rows have no ids, or where all spans of a customer
            have the same.
        on_error: ``"raise"``, or ``"collect"`` to get the good rows and the faults side by side.

    Returns:
        The subscriptions, in the order of the rows; with ``on_error="collect"`` an `Intake`.

    Raises:
        InvalidRowsError: Some rows are faulty. It holds a `RowError` for every fault of every row.
        InvalidValueError: An argument names no field, or a column is due that no row has.
        InvalidTypeError: `rows` is no iterable of rows, or an argument has the wrong type.
        ConflictingArgumentError: A field is given twice.

    >>> from datetime import datetime, timezone
    >>> from decimal import Decimal
    >>> def instant(seconds):
    ...     return datetime.fromtimestamp(seconds, tz=timezone.utc) if seconds else None
    >>> rows = [
    ...     {
    ...         "id": "S1",
    ...         "customer_id": "ann",
    ...         "cents": 1000,
    ...         "currency": "eur",
    ...         "start": 1767225600,
    ...         "end": None,
    ...         "paused": 1772323200,
    ...         "resumed": 1775001600,
    ...     },
    ... ]
    >>> [monthly] = subscriptions_from_records(
    ...     rows,
    ...     fields={
    ...         "amount": lambda row: Decimal(row["cents"]).scaleb(-2),
    ...         "currency": lambda row: row["currency"].upper(),
    ...         "started_at": lambda row: instant(row["start"]),
    ...         "ended_at": lambda row: instant(row["end"]),
    ...         "pauses": lambda row: [
    ...             {"started_at": instant(row["paused"]), "ended_at": instant(row["resumed"])}
    ...         ],
    ...     },
    ...     constants={"interval": "month"},
    ... )
    >>> str(monthly.amount), monthly.currency, monthly.ended_at, len(monthly.pauses)
    ('10.00', 'EUR', None, 1)

    Words of another system are faulty, and the error says what they may mean:

    >>> row = {
    ...     "id": "S2",
    ...     "customer_id": "ben",
    ...     "amount": 30,
    ...     "interval": "quarterly",
    ...     "started_at": "2026-03-01T00:00Z",
    ... }
    >>> intake = subscriptions_from_records([row], currency="EUR", on_error="collect")
    >>> print(intake.errors[0])
    row 0 (id 'S2'), column 'interval': ... (got 'quarterly'); if that is 'month' with 3 as interval_count, say so ...

    .. versionadded:: 0.1
    """
    owner = "subscriptions_from_records"
    plan = plan_of(
        Subscription,
        owner,
        sources=named(fields, owner, "fields"),
        constants=constants_of(constants, currency, owner),
        options=options_of(tz, float_digits, owner),
        row_ids=row_ids,
        keywords=() if currency is None else ("currency",),
    )
    return taken_in(plan, rows, on_error)
