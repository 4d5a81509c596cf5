"""Where each field of a record comes from: worked out once, before any row is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeAlias, TypeVar, cast

import attrs
from attrs import frozen

from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    RetentionError,
    did_you_mean,
    shown,
)
from retention.intake._cells import Options, Reader
from retention.intake._readers import readers
from retention.records import Checkout, Interaction, Order, Subscription, SurveyResponse

__all__ = ["Field", "Plan", "Row", "Source", "cells_of", "checked", "other_way", "plan_of", "steps_of"]

R = TypeVar("R")

Row: TypeAlias = Mapping[Any, Any]
"""One row: column names to cells."""

Source: TypeAlias = str | Callable[[Any], Any] | None
"""Where a field comes from: the name of a column, a function of the row, or None for nowhere."""

_MAY_BE_MISSING: Mapping[type[Any], str] = {Order: "customer_id"}
"""What is due as a column and may be missing in a row: a guest."""


@frozen(kw_only=True)
class Field:
    """Where one field of the record comes from, and how: from a column, or from a function of the row."""

    attribute: attrs.Attribute[Any]
    read: Reader
    is_required: bool
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
        make: What makes a record of the values of its fields: the class, or a function before it.
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
    make: Callable[..., R]
    columns: tuple[Field, ...]
    functions: tuple[Field, ...]
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
    make: Callable[..., R] | None = None,
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
        make: What makes a record, if the class alone doesn't.
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
        _field(kind, attributes[name], read[name], sources, owner) for name in attributes if name not in given
    )
    found = [one for one in made if one is not None]
    fixed = {
        name: _constant(kind, attributes[name], read[name], value, owner) for name, value in constants.items()
    }
    missing = {_MAY_BE_MISSING[kind]: None} if kind in _MAY_BE_MISSING else {}
    return Plan(
        owner=owner,
        kind=kind,
        make=make or kind,
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


def _is_required(kind: type[Any], attribute: attrs.Attribute[Any]) -> bool:
    return attribute.default is attrs.NOTHING and attribute.name != _MAY_BE_MISSING.get(kind)


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
    kind: type[Any], attribute: attrs.Attribute[Any], read: Reader, sources: Mapping[str, Source], owner: str
) -> Field | None:
    name, is_required = attribute.name, _is_required(kind, attribute)
    if name not in sources:
        if name not in sources.values():
            return Field(attribute=attribute, read=read, is_required=is_required, column=name)
        if attribute.default is not attrs.NOTHING:
            return None
        msg = (
            f"{owner}: fields gives the column {name!r} to another field; "
            f"say where {name} comes from{other_way(kind, name)}"
        )
        raise InvalidValueError(msg)
    source = sources[name]
    if callable(source):
        return Field(attribute=attribute, read=read, is_required=is_required, function=source)
    if source is not None:
        return Field(attribute=attribute, read=read, is_required=is_required, column=source, is_named=True)
    if is_required:
        msg = f"{owner}: fields[{name!r}] must not be None, since each record needs its {name}{other_way(kind, name)}"
        raise InvalidValueError(msg)
    return None


_ROW_NUMBERS = ", or pass row_ids=True to number the rows"
_ONE_CURRENCY = ', or pass currency="EUR" if all have the same'
_OTHER_WAYS: Mapping[tuple[type[Any], str], str] = {
    (Order, "id"): _ROW_NUMBERS,
    (Order, "customer_id"): ', or give fields={"customer_id": None} if all orders are guest checkouts',
    (Order, "currency"): _ONE_CURRENCY,
    (SurveyResponse, "kind"): ', or pass constants={"kind": "nps"} if all rows answer the same question',
    (Subscription, "id"): _ROW_NUMBERS,
    (Subscription, "currency"): _ONE_CURRENCY,
    (Subscription, "interval"): ', or pass constants={"interval": "month"} if all are billed by the month',
    (Checkout, "id"): _ROW_NUMBERS,
    (Interaction, "kind"): ', or pass constants={"kind": "case"} if all contacts are of one kind',
    (Interaction, "direction"): ', or pass constants={"direction": "inbound"} if all contacts came in',
    (Interaction, "channel"): ', or pass constants={"channel": "e-mail"} if all contacts were on one channel',
}


def other_way(kind: type[Any], name: str) -> str:
    """How a field that is due can do without a column."""
    return _OTHER_WAYS.get((kind, name), "")


def _constant(kind: type[Any], attribute: attrs.Attribute[Any], read: Reader, value: Any, owner: str) -> Any:
    try:
        found = read(value)
        if found is None:
            if _is_required(kind, attribute):
                msg = f"{kind.__name__}.{attribute.name} is missing (got {shown(value)})"
                raise InvalidValueError(msg)
            return None
        return checked(kind, attribute, found)
    except RetentionError as error:
        msg = f"{owner}: constants: {error}"
        raise InvalidValueError(msg) from None


def checked(kind: type[Any], attribute: attrs.Attribute[Any], value: Any) -> Any:
    """What a record would keep in one field; raises what the record would raise."""
    if attribute.converter is not None:
        value = cast("Callable[[Any], Any]", attribute.converter)(value)
    check = cast("Callable[[Any, Any, Any], Any]", attribute.validator)  # every field of a record has one
    check(object.__new__(kind), attribute, value)  # of the record it wants the class, for its message
    return value


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


def steps_of(
    plan: Plan[Any], cells: Mapping[Any, Any], seen: set[object]
) -> list[tuple[str, object, Reader]]:
    """What to read of rows that have these columns, in the order of the record's fields."""
    seen.update(cells)
    if None in cells:
        msg = (
            "the row has more cells than there are headings, which is how csv.DictReader reads a line with a comma too "
            "many; quote the texts that have commas in them"
        )
        raise InvalidValueError(msg)
    return [(one.name, one.column, one.read) for one in plan.columns if one.column in cells]
