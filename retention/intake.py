"""The way in: rows of a database, a CSV file, JSON or a data frame become records, and faulty rows are reported.

Nothing is guessed: no unit, no zone, no currency, no scale, no column. Nothing is dropped silently: each row becomes
a record or an error, whatever way is chosen to hear of it, unless the host says that it may say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import tzinfo
from typing import Any, Literal, overload

from retention._calendar import Zone, as_zone
from retention._cells import Options, plain
from retention._rows import Intake, Row, Source, cells_of, plan_of, taken_in
from retention.errors import ConflictingArgumentError, InvalidTypeError, InvalidValueError, shown
from retention.records import Customer, Order, SurveyResponse

__all__ = ["Intake", "Row", "Source", "customers_from_records", "orders_from_records", "surveys_from_records"]

_MOST_DIGITS = 18


# ---------------------------------------------------------------------------------------------- orders


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
    fixed = _named(constants, owner, "constants")
    if currency is not None:
        if "currency" in fixed:
            msg = f'{owner}: currency= and constants["currency"] say the same thing; give one of them'
            raise ConflictingArgumentError(msg)
        fixed["currency"] = currency
    options = Options(zone=_zone(tz, owner), digits=_digits(float_digits, owner))
    sources = _named(fields, owner, "fields")
    plan = plan_of(
        Order,
        owner,
        sources=sources,
        constants=fixed,
        options=options,
        row_ids=row_ids,
        keywords=() if currency is None else ("currency",),
    )
    return taken_in(plan, rows, on_error)


# -------------------------------------------------------------------------------------------- customers


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
    sources = _named(fields, owner, "fields")
    fixed = _named(constants, owner, "constants")
    kept = _column_names(attributes, owner)
    if kept:
        if "attributes" in sources or "attributes" in fixed:
            msg = f"{owner}: attributes= and the field of that name both say what to keep; give one of them"
            raise ConflictingArgumentError(msg)
        sources["attributes"] = _attributes_of(kept)
    options = Options(zone=_zone(tz, owner))
    plan = plan_of(Customer, owner, sources=sources, constants=fixed, options=options, kept=kept)
    return taken_in(plan, rows, on_error)


def _attributes_of(columns: tuple[str, ...]) -> Callable[[Any], dict[str, Any]]:
    def attributes(row: Any) -> dict[str, Any]:
        cells = cells_of(row)
        return {name: cells[name] for name in columns if name in cells and plain(cells[name]) is not None}

    return attributes


# ---------------------------------------------------------------------------------------------- surveys


@overload
def surveys_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = ...,
    constants: Mapping[str, object] | None = ...,
    tz: Zone | None = ...,
    unanswered: Literal["error", "skip"] = ...,
    on_error: Literal["raise"] = ...,
) -> list[SurveyResponse]: ...
@overload
def surveys_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = ...,
    constants: Mapping[str, object] | None = ...,
    tz: Zone | None = ...,
    unanswered: Literal["error", "skip"] = ...,
    on_error: Literal["collect"],
) -> Intake[SurveyResponse]: ...
def surveys_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = None,
    constants: Mapping[str, object] | None = None,
    tz: Zone | None = None,
    unanswered: Literal["error", "skip"] = "error",
    on_error: Literal["raise", "collect"] = "raise",
) -> list[SurveyResponse] | Intake[SurveyResponse]:
    """Survey responses from the rows of a database, a CSV file, JSON or a data frame, one row an answer.

    Each field of `SurveyResponse` is read from the column of its own name, unless `fields` or `constants` say where
    else it comes from. Other columns are ignored. Cells are read as by `orders_from_records`, and beside that:

    ==========  ===============================================================================================
    `score`     whole numbers, Decimals, numerals such as ``"9"``; floats by the digits that they print. A score
                off its scale is faulty, and so is a word
    `answer`    a choice in words, for questions without a scale; a row has a score or an answer
    `scale`     a pair, lowest and highest; floats such as 5.0 are read as whole numbers, Decimals as they are.
                What is the same for all rows goes into `constants`
    ==========  ===============================================================================================

    A table with a column for each question is read once for each question, as below.

    Args:
        rows: Mappings of column names to cells, read once.
        fields: For each field of `SurveyResponse` that isn't in a column of its own name: the name of the column, a
            function that makes the value from the row, or None to ignore the column.
        constants: Fields that are the same for all responses, such as ``{"kind": "csat", "scale": (1, 5)}``.
        tz: The zone of local times, as for `orders_from_records`.
        unanswered: What to do with a row without score and answer, since an unanswered question is no response:
            ``"error"`` takes it for faulty, ``"skip"`` leaves it out; `Intake.skipped` counts those.
        on_error: ``"raise"``, or ``"collect"`` to get the good rows and the faults side by side.

    Returns:
        The responses, in the order of the rows; with ``on_error="collect"`` an `Intake`.

    Raises:
        InvalidRowsError: Some rows are faulty. It holds a `RowError` for every fault of every row.
        InvalidValueError: An argument names no field, or a column is due that no row has.
        InvalidTypeError: `rows` is no iterable of rows, or an argument has the wrong type.
        ConflictingArgumentError: A field is given twice.

    >>> rows = [
    ...     {"customer_id": "ann", "responded_at": "2026-03-01", "recommend": "9", "easy": 6},
    ...     {"customer_id": "ben", "responded_at": "2026-03-02", "recommend": "", "easy": 2},
    ... ]
    >>> nps = surveys_from_records(
    ...     rows,
    ...     fields={"score": "recommend"},
    ...     constants={"kind": "nps"},
    ...     tz="Europe/Berlin",
    ...     unanswered="skip",
    ... )
    >>> ces = surveys_from_records(
    ...     rows,
    ...     fields={"score": "easy"},
    ...     constants={"kind": "ces", "scale": (1, 7), "direction": "higher"},
    ...     tz="Europe/Berlin",
    ... )
    >>> [response.score for response in nps], [response.score for response in ces]
    ([9], [6, 2])

    .. versionadded:: 0.1
    """
    owner = "surveys_from_records"
    if not isinstance(unanswered, str) or unanswered not in {"error", "skip"}:
        msg = f'{owner}: unanswered must be "error" or "skip" (got {shown(unanswered)})'
        raise (InvalidValueError if isinstance(unanswered, str) else InvalidTypeError)(msg)
    plan = plan_of(
        SurveyResponse,
        owner,
        sources=_named(fields, owner, "fields"),
        constants=_named(constants, owner, "constants"),
        options=Options(zone=_zone(tz, owner)),
        one_of=("score", "answer"),
        skips=unanswered == "skip",
    )
    return taken_in(plan, rows, on_error)


# ------------------------------------------------------------------------------------------- arguments


def _named(given: Mapping[str, Any] | None, owner: str, argument: str) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        msg = f"{owner}: {argument} must be a mapping of the record's fields, not {type(given).__name__}"
        raise InvalidTypeError(msg)
    return dict(given)


def _zone(tz: Zone | None, owner: str) -> tzinfo | None:
    return None if tz is None else as_zone(tz, owner=owner, field="tz")


def _digits(digits: int | None, owner: str) -> int | None:
    if digits is None:
        return None
    if type(digits) is not int or not 0 <= digits <= _MOST_DIGITS:
        msg = f"{owner}: float_digits must be a whole number from 0 to {_MOST_DIGITS} (got {shown(digits)}); cents are 2"
        raise (InvalidValueError if type(digits) is int else InvalidTypeError)(msg)
    return digits


def _column_names(names: Any, owner: str) -> tuple[str, ...]:
    kept: tuple[Any, ...] = tuple(names) if isinstance(names, Iterable) else (None,)
    if isinstance(names, str) or not all(isinstance(name, str) for name in kept):
        msg = f'{owner}: attributes must name columns, as in attributes=["plan", "age"] (got {shown(names)})'
        raise InvalidTypeError(msg)
    return kept
