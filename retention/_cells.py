"""What one cell of a host's row is read as: the lenient side of the records, for databases, CSV, JSON and data frames.

A reader takes the value of a cell and gives what the record's field is made of, or None where the cell is
missing. What could mean two things is refused, with the fix. The record itself still checks what it is given.
The usual case comes first in every reader, since a shop hands over millions of cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, TypeAlias, cast

import attrs
from attrs import frozen

from retention import _validate as check
from retention._calendar import start_of_day, zone_name
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    NaiveDatetimeError,
    RetentionError,
    shown,
)
from retention.records import Customer, LineItem, Order, Refund, SurveyResponse

__all__ = ["FLAGS", "Options", "Reader", "plain", "readers"]

Reader: TypeAlias = Callable[[Any], Any]
"""A cell in, the value for the record out; None for a cell that is missing."""

FLAGS: Mapping[object, bool] = {
    **dict.fromkeys(("true", "yes", "1", 1), True),
    **dict.fromkeys(("false", "no", "0", 0), False),
}
"""What is read as True or False, capital letters aside."""

_CALENDAR_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}", re.ASCII)
_COMPACT_MOMENT = re.compile(r"\d{8}T\d.*", re.ASCII)
_NUMERAL = re.compile(r"[+-]?\d+(\.\d*)?", re.ASCII)
_SHOWN_KEYS = 10
_FIRST_DAY, _LAST_DAY = date.min.toordinal() + 2, date.max.toordinal() - 2
_NO_VALUE = frozenset({"NaTType", "NAType"})  # of pandas, which this library does without


@frozen(kw_only=True)
class Options:
    """How cells are read.

    Attributes:
        zone: The zone of local times; None refuses them.
        digits: The decimals of money that comes as floats; None refuses those.
    """

    zone: tzinfo | None = None
    digits: int | None = None


def plain(value: Any) -> Any:
    """A cell with None for what is missing, and Python's own values in place of numpy's."""
    kind = type(value)
    if kind is str:
        return value if value.strip() else None
    if kind.__name__ in _NO_VALUE:
        return None
    if kind.__module__ == "numpy":
        value = _without_numpy(value)
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, float):
        return value if value == value else None  # noqa: PLR0124 - NaN is what data frames write for missing
    if isinstance(value, Decimal):
        return None if value.is_qnan() else value
    return value


def _without_numpy(value: Any) -> Any:
    own = value.tolist()
    if type(value).__name__ == "datetime64" and isinstance(own, int):  # finer than microseconds
        return value.astype("datetime64[us]").tolist()
    return own


# --------------------------------------------------------------------------------------- ids, words


def _id(where: str, options: Options) -> Reader:  # noqa: ARG001 - all makers of readers look alike
    def read(value: Any) -> Any:
        if type(value) is int:
            return value
        value = plain(value)
        if isinstance(value, float):
            msg = (
                f"{where} must not be a float (got {shown(value)}); a data frame makes floats of whole numbers where "
                f'some are missing: convert the column first, as in frame["id"].astype("Int64")'
            )
            raise InvalidTypeError(msg)
        return value

    return read


def _word(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    return plain


def _flag(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    def read(value: Any) -> bool | None:
        if value is True or value is False:
            return value
        value = plain(value)
        if value is None or value is True or value is False:
            return value
        word = value.strip().casefold() if isinstance(value, str) else value
        if type(word) in {str, int} and word in FLAGS:
            return FLAGS[word]
        msg = (
            f"{where} must be true or false, yes or no, 1 or 0 (got {shown(value)}); "
            f"map other words to True and False with a callable in fields"
        )
        raise InvalidValueError(msg)

    return read


def _host_mapping(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    def read(value: Any) -> Any:
        return value if isinstance(value, Mapping) else plain(value)

    return read


# ------------------------------------------------------------------------------------------- numbers


def _money(where: str, options: Options) -> Reader:
    digits = options.digits
    cent = None if digits is None else Decimal(1).scaleb(-digits)

    def read(value: Any) -> Any:
        kind = type(value)
        if kind is str:
            return _numeral(value, where)
        if kind is Decimal:
            return None if value.is_qnan() else value
        if kind is not float:
            value = plain(value)
            if isinstance(value, str):
                return _numeral(value, where)
        if not isinstance(value, float):
            return value
        if value != value:  # noqa: PLR0124 - NaN
            return None
        if cent is None:
            msg = (
                f"{where} must not be a float (got {shown(value)}), since floats can't hold cents; say how many "
                f"decimals the money has, as in float_digits=2, or give texts or Decimals"
            )
            raise InvalidTypeError(msg)
        return _rounded(value, cent)

    return read


_THOUSANDS = re.compile(r"\d,\d{3}(,\d{3})+$")
"""Ends like 1,234,567: several commas separate thousands; of one alone, as in 1,234, nobody can tell."""


def _numeral(text: str, where: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = None
    if number is not None and number.is_finite():
        return number
    if not text.strip():
        return None
    msg = (
        f'{where} must be a plain number such as "1234.50" (got {shown(text)}); say what its commas and signs '
        f"mean with a callable in fields, as in lambda row: {_in_plain(text)}"
    )
    raise InvalidValueError(msg)


def _in_plain(text: str) -> str:
    """The code that would read such a cell: a decimal comma, commas between thousands, a sign, a word for nothing."""
    if text.rfind(",") > text.rfind(".") and not _THOUSANDS.search(text):
        return 'row["net"].replace(".", "").replace(",", ".")'
    if "," in text:
        return 'row["net"].replace(",", "")'
    if any(map(str.isdigit, text)):
        return 'row["net"].strip("€ EUR")'
    return f'None if row["net"] == {shown(text)} else row["net"]'


def _rounded(value: float, cent: Decimal) -> Decimal:
    """A float as money, from the digits that it prints; 19.999999999999996 with two of them is 20.00."""
    exact = Decimal(float.__repr__(value))
    try:
        rounded = exact.quantize(cent, ROUND_HALF_EVEN, check.EXACT)
    except InvalidOperation:  # infinite, or larger than any money: the record says so
        return exact
    return rounded or rounded.copy_abs()  # no negative zero


def _quantity(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    def read(value: Any) -> Any:
        value = plain(value)
        if isinstance(value, str):
            return _numeral(value, where)
        if isinstance(value, float):
            return Decimal(float.__repr__(value))  # as it prints: a measure is not counted in cents
        return value

    return read


def _score(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    def read(value: Any) -> Any:
        if type(value) is int:
            return value
        value = plain(value)
        if not isinstance(value, str):
            return value
        number = check.to_score_or_none(value)
        if not isinstance(number, str):
            return number
        msg = (
            f"{where} must be a number such as 9 (got {shown(value)}); turn words into numbers with a callable in "
            f'fields, as in lambda row: {{"good": 5, "poor": 1}}[row["score"]], or read choices in words as answer'
        )
        raise InvalidValueError(msg)

    return read


def _scale(where: str, options: Options) -> Reader:
    read_end = _score(where, options)

    def read(value: Any) -> Any:
        value = plain(value)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)):
            msg = (
                f"{where} must be the lowest and the highest score (got {shown(value)}); give it for all rows, as in "
                f'constants={{"scale": (1, 5)}}, or make it with a callable in fields, as in lambda row: (1, row["highest"])'
            )
            raise InvalidTypeError(msg)
        return _ends([read_end(end) for end in cast("Iterable[Any]", value)])

    return read


def _ends(ends: list[Any]) -> tuple[Any, ...] | None:
    """The ends of a scale: in data frames and JSON those of a whole-number scale may be floats all the same."""
    if ends and all(end is None for end in ends):
        return None
    numbers: list[Any] = [check.to_score_or_none(end) if isinstance(end, float) else end for end in ends]
    if {type(number) for number in numbers} == {int, Decimal}:
        return tuple(map(Decimal, numbers))
    return tuple(numbers)


# ------------------------------------------------------------------------------------------- instants


def _moment(where: str, options: Options) -> Reader:
    zone = options.zone
    offsets: dict[int, timedelta | None] = {}  # by local day

    def read(value: Any) -> Any:
        kind = type(value)
        if kind is str:
            value = _from_iso(value, where)
        elif kind is not datetime:
            value = _as_plain_moment(plain(value), where)
        if value is None or not isinstance(value, date):
            return value
        if not isinstance(value, datetime):
            return start_of_day(value, _zone_for(value, zone, where), owner=where, field="the day")
        if value.tzinfo is not None:
            return value
        return local(value, _zone_for(value, zone, where))

    def local(wall: datetime, zone: tzinfo) -> datetime:
        day = wall.toordinal()
        try:
            offset = offsets[day]
        except KeyError:
            offset = offsets[day] = _offset_of_day(day, zone)
        if offset is None:
            return _instant_of(wall, zone, where)
        moment = wall - offset
        return datetime.combine(moment, moment.time(), UTC)  # `replace` would take three times as long

    return read


def _offset_of_day(ordinal: int, zone: tzinfo) -> timedelta | None:
    """How far a zone is from UTC on a local day, or None where that changes or the calendar ends."""
    if not _FIRST_DAY < ordinal < _LAST_DAY:
        return None
    midnight = datetime.fromordinal(ordinal)
    offsets = {(midnight + timedelta(hours=hour)).replace(tzinfo=zone).utcoffset() for hour in range(25)}
    return offsets.pop() if len(offsets) == 1 else None


def _zone_for(value: date, zone: tzinfo | None, where: str) -> tzinfo:
    if zone is None:
        what = "a time zone" if isinstance(value, datetime) else "a time and a zone"
        msg = (
            f"{where} must have {what} (got {shown(value.isoformat())}); pass tz=, the zone of these local times, "
            f'such as tz="Europe/Berlin"'
        )
        raise NaiveDatetimeError(msg)
    return zone


def _from_iso(text: str, where: str) -> date | None:
    text = text.strip()
    if not text:
        return None
    try:
        # Python takes any character between date and time, and so would read "2026-03-05+01:00" as one o'clock.
        if text[10:11] in {"T", " ", "t"} and text[4] == "-":
            return datetime.fromisoformat(text)
        if _CALENDAR_DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _COMPACT_MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    if _NUMERAL.fullmatch(text):
        raise _epoch(text, where)
    msg = (
        f"{where} must be an instant in ISO 8601, such as 2026-03-05T14:30:00+01:00 (got {shown(text)}); read another "
        f'form with a callable in fields, as in lambda row: datetime.strptime(row["date"], "%d.%m.%Y %H:%M")'
    )
    raise InvalidValueError(msg)


def _as_plain_moment(value: Any, where: str) -> Any:
    if isinstance(value, str):
        return _from_iso(value, where)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        raise _epoch(value, where)
    if isinstance(value, datetime) and value.tzinfo is None:  # a subclass, such as the timestamps of pandas
        clock = (value.hour, value.minute, value.second, value.microsecond)
        return datetime(value.year, value.month, value.day, *clock, fold=value.fold)  # noqa: DTZ001 - local time
    return value


def _epoch(value: object, where: str) -> InvalidTypeError:
    return InvalidTypeError(
        f"{where} must not be a bare number (got {shown(value)}), which says neither its unit nor its zero; say both "
        f'with a callable in fields, as in lambda row: datetime.fromtimestamp(row["seconds"], tz=timezone.utc)'
    )


def _instant_of(wall: datetime, zone: tzinfo, where: str) -> datetime:
    """The instant at which the clocks of a zone show a time; the first of two, unless `fold` says the second."""
    aware = wall.replace(tzinfo=zone)
    try:
        moment = aware.astimezone(UTC)
        # Two datetimes of one zone compare by what their clocks show: they differ where the clocks skip the time.
        if moment.astimezone(zone) == aware:
            return moment
    except (OverflowError, ValueError):
        msg = f"{where} must lie within the years 1 to 9999 in UTC (got {shown(wall.isoformat())})"
        raise InvalidValueError(msg) from None
    if wall == wall.replace(hour=0, minute=0, second=0, microsecond=0):
        return start_of_day(wall.date(), zone)
    # By the offset of the day before: what a zone says of a time that it skips differs between libraries.
    before = aware - timedelta(days=1)
    meant = (before.astimezone(UTC) + timedelta(days=1)).astimezone(zone).replace(tzinfo=None)
    msg = (
        f"{where} must be a time that exists: the clocks of {zone_name(zone)} skipped {wall.isoformat(sep=' ')}; "
        f'check tz= (an export in UTC needs tz="UTC"); if it is a slip in a single row, correct that one, to '
        f"{meant.isoformat(sep=' ')} for instance, in the data or with a callable in fields"
    )
    raise InvalidValueError(msg)


# ------------------------------------------------------------------------------------ several in one cell


def _listed(value: Any, where: str, entries: str, fix: str) -> Iterable[Any] | None:
    value = plain(value)
    if value is None or isinstance(value, (list, tuple, set, frozenset)):
        return cast("Iterable[Any] | None", value)
    msg = f"{where} must be a list of {entries}, not {type(value).__name__}; make one with a callable in fields, as in {fix}"
    raise InvalidTypeError(msg)


def _tags(where: str, options: Options) -> Reader:  # noqa: ARG001 - as above
    fix = 'lambda row: [tag.strip() for tag in row["tags"].split(",") if tag.strip()]'

    def read(value: Any) -> Any:
        return _listed(value, where, "texts", fix)

    return read


def _several(kind: type[Refund | LineItem], fix: str) -> Callable[[str, Options], Reader]:
    def make(where: str, options: Options) -> Reader:
        read_cells = readers(kind, options)

        def read(value: Any) -> tuple[Refund | LineItem, ...] | None:
            entries = _listed(value, where, f"mappings or {kind.__name__}s", fix)
            if entries is None:
                return None
            found: list[Refund | LineItem] = []
            for position, entry in enumerate(entries):
                try:
                    record = _nested(entry, kind, read_cells)
                except RetentionError as error:
                    msg = f"{where}[{position}]: {error}"
                    raise InvalidValueError(msg) from None
                if record is not None:
                    found.append(record)
            return tuple(found)

        return read

    return make


def _nested(
    entry: Any, kind: type[Refund | LineItem], read_cells: Mapping[str, Reader]
) -> Refund | LineItem | None:
    if isinstance(entry, kind):
        return entry
    if not isinstance(entry, Mapping):
        msg = f"must be a mapping or a {kind.__name__}, not {type(entry).__name__}"
        raise InvalidTypeError(msg)
    cells = cast("Mapping[str, Any]", entry)
    values = {
        name: value
        for name, read in read_cells.items()
        if name in cells and (value := read(cells[name])) is not None
    }
    if kind is Refund and "refunded_at" not in values and not values.get("amount"):
        _refuse_other_keys(cells)
        return None  # columns of refunds in the row of an order that has none
    for attribute in attrs.fields(kind):
        if attribute.default is attrs.NOTHING and attribute.name not in values:
            found = "" if attribute.name in cells else f" (the entry has {_keys(cells)})"
            msg = f"{kind.__name__}.{attribute.name} is missing{found}; give it, or leave the entry out"
            raise InvalidValueError(msg)
    return kind(**values)


def _refuse_other_keys(cells: Mapping[str, Any]) -> None:
    """Refuse a refund that would be taken for none since its keys are others than those that are read."""
    if not cells or "amount" in cells:
        return
    if "refunded_at" not in cells or any(plain(cell) is not None for cell in cells.values()):
        msg = (
            f'a refund must have the keys "amount" and "refunded_at" (got {_keys(cells)}); make such mappings with a '
            f"callable in fields, as in {_REFUNDS}"
        )
        raise InvalidValueError(msg)


def _keys(cells: Mapping[str, Any]) -> str:
    """The keys of an entry, for a message."""
    names = [shown(name) for name in cells]
    more = ", …" if len(names) > _SHOWN_KEYS else ""
    return f"the keys {', '.join(names[:_SHOWN_KEYS])}{more}" if names else "no keys"


# --------------------------------------------------------------------------------------------- records

_REFUNDS = 'lambda row: [{"amount": row["refunded"], "refunded_at": row["refunded_at"]}]'
_ITEMS = 'lambda row: json.loads(row["items"])'

_MAKERS: Mapping[type, Mapping[str, Callable[[str, Options], Reader]]] = {
    Order: {
        "id": _id,
        "customer_id": _id,
        "placed_at": _moment,
        "amount": _money,
        "currency": _word,
        "refunds": _several(Refund, _REFUNDS),
        "payment_state": _word,
        "cancelled_at": _moment,
        "cancel_reason": _word,
        "discount": _money,
        "cost": _money,
        "channel": _word,
        "items": _several(LineItem, _ITEMS),
        "tags": _tags,
        "is_test": _flag,
    },
    Customer: {
        "id": _id,
        "signed_up_at": _moment,
        "country": _word,
        "acquisition_channel": _word,
        "referred_by": _id,
        "loyalty_joined_at": _moment,
        "attributes": _host_mapping,
        "tags": _tags,
    },
    SurveyResponse: {
        "kind": _word,
        "score": _score,
        "answer": _word,
        "scale": _scale,
        "direction": _word,
        "responded_at": _moment,
        "id": _id,
        "customer_id": _id,
        "touchpoint": _word,
        "channel": _word,
        "comment": _word,
    },
    Refund: {"refunded_at": _moment, "amount": _money},
    LineItem: {"product": _id, "category": _word, "quantity": _quantity, "amount": _money},
}


def readers(kind: type, options: Options) -> dict[str, Reader]:
    """For each field of a class of records what reads its cells."""
    return {name: make(f"{kind.__name__}.{name}", options) for name, make in _MAKERS[kind].items()}
