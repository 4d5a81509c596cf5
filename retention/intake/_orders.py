"""Orders from rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, overload

from retention._zones import Zone
from retention.intake._arguments import constants_of, named, options_of
from retention.intake._plan import Row, Source, plan_of
from retention.intake._rows import Intake, taken_in
from retention.records import Order

__all__ = ["orders_from_records"]


@overload
def orders_from_records(
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
) -> list[Order]: ...
@overload
def orders_from_records(
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
) -> Intake[Order]: ...
def orders_from_records(
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
) -> list[Order] | Intake[Order]:
    """Orders from the rows of a database, a CSV file, JSON or a data frame.

    Each field of `Order` is read from the column of its own name, unless `fields` or `constants` say where else
    it comes from. Other columns are ignored. What is read as what:

    ============  ===========================================================================================
    missing       None, NaN, NaT, and texts that are empty or blank. An optional field takes its default, a row
                  without `customer_id` is a guest's, any other is faulty
    instants      aware datetimes, and texts in ISO 8601. Those without a zone, and bare dates, only with `tz`.
                  Numbers are refused, since they say neither unit nor zero
    money         Decimals, whole numbers, numerals such as ``"1234.50"``; floats only with `float_digits`.
                  ``"1,234.50"`` and ``"€12"`` are refused
    `is_test`     booleans, 1 and 0; as texts true, false, yes, no, 1 and 0
    `refunds`     a list of `Refund` or of mappings with `refunded_at` and `amount`. A mapping in which the instant
                  is missing, and the amount missing or 0, is no refund; one with other keys is faulty
    `items`       a list of `LineItem` or of mappings with `product`, `category`, `quantity`, `amount`
    `tags`        a list or set of texts; one text with commas in it is refused
    ids           as they are, but for floats
    ============  ===========================================================================================

    Values of numpy and pandas are read as Python's own. Two rows with the same id are both read: whether that is
    a fault is for the `History` to say.

    Args:
        rows: Mappings of column names to cells: dicts, rows of `csv.DictReader`, `sqlite3.Row`, the
            ``.values()`` of a Django queryset, the ``.mappings()`` of a result of SQLAlchemy, pandas'
            ``to_dict("records")``, Polars' ``iter_rows(named=True)``. Read once, so that a generator will do.
        fields: For each field of `Order` that isn't in a column of its own name: the name of the column, a
            function that makes the value from the row (of nothing else, since it may be asked twice), or None
            to ignore the column. A column that is named here isn't read under its own name too.
        constants: Fields that are the same for all orders, such as ``{"channel": "web"}``.
        currency: The currency of all orders; the same as ``constants={"currency": …}``.
        tz: The zone of local times. A bare date is the first instant of that day. Where the clocks show a time
            twice, the first is meant (the second, if a datetime says ``fold=1``). A time that they skip is
            refused, save midnight, by which many exports mean the day.
        float_digits: The decimals of money that comes as floats; each float is rounded to them, half to even, from
            the digits that it prints.
        row_ids: Number the orders by their rows, from 0, where rows have no ids. The orders of two such intakes
            have the same ids and can't be joined.
        on_error: ``"raise"``, or ``"collect"`` to get the good rows and the faults side by side.

    Returns:
        The orders, in the order of the rows; with ``on_error="collect"`` an `Intake` of `.records` and `.errors`.

    Raises:
        InvalidRowsError: Some rows are faulty. It holds a `RowError` for every fault of every row. Where a function
            of yours failed, the first such error of a field has the original as its cause.
        InvalidValueError: `fields` or `constants` name no field, or a column is due that no row has. This is
            raised whatever `on_error` says.
        InvalidTypeError: `rows` is no iterable of rows, or an argument has the wrong type.
        ConflictingArgumentError: A field is given twice.

    >>> rows = [
    ...     {"id": 1, "customer_id": "ann", "placed_at": "2026-03-01 09:30", "net": "12.50"},
    ...     {"id": 2, "customer_id": None, "placed_at": "2026-03-01T22:10:00Z", "net": 7},
    ... ]
    >>> orders = orders_from_records(rows, fields={"amount": "net"}, currency="EUR", tz="Europe/Berlin")
    >>> [(order.placed_at.isoformat(), str(order.amount)) for order in orders]
    [('2026-03-01T08:30:00+00:00', '12.50'), ('2026-03-01T22:10:00+00:00', '7')]

    The faulty rows of an export, beside the good ones:

    >>> rows[1]["net"] = "7,00"
    >>> intake = orders_from_records(
    ...     rows, fields={"amount": "net"}, currency="EUR", tz="Europe/Berlin", on_error="collect"
    ... )
    >>> intake
    <Intake: 1 records, 1 errors>
    >>> intake.errors[0].row, intake.errors[0].field
    (1, 'amount')
    >>> print(intake.errors[0])
    row 1 (id 2), column 'net': Order.amount must be a plain number such as "1234.50" (got '7,00'); ...

    Refunds in columns of their own:

    >>> def refunds(row):
    ...     return [{"amount": row["refunded"], "refunded_at": row["refunded_at"]}]
    >>> row = {
    ...     "id": 1,
    ...     "customer_id": 7,
    ...     "placed_at": "2026-03-01",
    ...     "amount": 20,
    ...     "refunded": 5,
    ...     "refunded_at": "2026-03-09",
    ... }
    >>> [order] = orders_from_records([row], fields={"refunds": refunds}, currency="EUR", tz="Europe/Berlin")
    >>> order.refunds[0].amount
    Decimal('5')

    .. versionadded:: 0.1
    """
    owner = "orders_from_records"
    plan = plan_of(
        Order,
        owner,
        sources=named(fields, owner, "fields"),
        constants=constants_of(constants, currency, owner),
        options=options_of(tz, float_digits, owner),
        row_ids=row_ids,
        keywords=() if currency is None else ("currency",),
    )
    return taken_in(plan, rows, on_error)
