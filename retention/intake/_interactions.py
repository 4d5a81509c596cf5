"""Interactions from rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, overload

from retention._zones import Zone
from retention.intake._arguments import named, options_of
from retention.intake._plan import Row, Source, plan_of
from retention.intake._rows import Intake, taken_in
from retention.records import Interaction

__all__ = ["interactions_from_records"]


@overload
def interactions_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = ...,
    constants: Mapping[str, object] | None = ...,
    tz: Zone | None = ...,
    on_error: Literal["raise"] = ...,
) -> list[Interaction]: ...
@overload
def interactions_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = ...,
    constants: Mapping[str, object] | None = ...,
    tz: Zone | None = ...,
    on_error: Literal["collect"],
) -> Intake[Interaction]: ...
def interactions_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = None,
    constants: Mapping[str, object] | None = None,
    tz: Zone | None = None,
    on_error: Literal["raise", "collect"] = "raise",
) -> list[Interaction] | Intake[Interaction]:
    """Contacts from the rows of a database, a CSV file, JSON or a data frame, one row a contact.

    Each field of `Interaction` is read from the column of its own name, unless `fields` or `constants` say where
    else it comes from. Other columns are ignored. Cells are read as by `orders_from_records`, and beside that:

    ===========  ============================================================================================
    `kind`       message, question, review, mention, chat, call, case, approach, offer, or a word of your own
    `direction`  outbound or inbound; other words, and true and false, are faulty
    responses    `opened_at`, `replied_at`, `answered_at` and the others are instants. True and false are faulty,
                 since they say no instant. Those of the shop's contacts are faulty on a customer's, and the other
                 way round
    `solved_by`  agent or self_service, in rows that have `solved_at`; other words are faulty
    `sentiment`  from -1 to 1, as numbers and numerals, floats by the digits that they print; words are faulty
    ===========  ============================================================================================

    A log with a row for each event, sent, opened, clicked, is put together before: one row a contact, with a column for
    each event.

    Args:
        rows: Mappings of column names to cells, read once.
        fields: For each field of `Interaction` that isn't in a column of its own name: the name of the column, a
            function that makes the value from the row, or None to ignore the column.
        constants: Fields that are the same for all contacts, such as ``{"kind": "case", "direction": "inbound"}``.
        tz: The zone of local times, as for `orders_from_records`.
        on_error: ``"raise"``, or ``"collect"`` to get the good rows and the faults side by side.

    Returns:
        The contacts, in the order of the rows; with ``on_error="collect"`` an `Intake`.

    Raises:
        InvalidRowsError: Some rows are faulty. It holds a `RowError` for every fault of every row.
        InvalidValueError: An argument names no field, or a column is due that no row has.
        InvalidTypeError: `rows` is no iterable of rows, or an argument has the wrong type.
        ConflictingArgumentError: A field is given twice.

    >>> rows = [
    ...     {"id": 1, "requester": "ann", "via": "e-mail", "created": "2026-03-01T09:30:00Z", "replies": 30},
    ...     {"id": 2, "requester": "ben", "via": "chat", "created": "2026-03-01T10:00:00Z", "replies": None},
    ... ]
    >>> from datetime import datetime, timedelta
    >>> def answered(row):
    ...     if row["replies"] is None:
    ...         return None
    ...     return datetime.fromisoformat(row["created"]) + timedelta(minutes=row["replies"])
    >>> one, other = interactions_from_records(
    ...     rows,
    ...     fields={
    ...         "customer_id": "requester",
    ...         "channel": "via",
    ...         "occurred_at": "created",
    ...         "answered_at": answered,
    ...     },
    ...     constants={"kind": "case", "direction": "inbound"},
    ... )
    >>> one.answered_at.isoformat(), other.answered_at
    ('2026-03-01T10:00:00+00:00', None)

    .. versionadded:: 0.1
    """
    owner = "interactions_from_records"
    plan = plan_of(
        Interaction,
        owner,
        sources=named(fields, owner, "fields"),
        constants=named(constants, owner, "constants"),
        options=options_of(tz, None, owner),
    )
    return taken_in(plan, rows, on_error)
