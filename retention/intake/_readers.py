"""For each field of each class of records what reads its cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar, cast, get_args

import attrs

from retention.errors import InvalidTypeError, InvalidValueError, RetentionError, shown
from retention.intake import _cells as cell
from retention.intake._cells import Maker, Options, Reader, plain
from retention.intake._moments import moment
from retention.records import (
    BillingInterval,
    CancelReason,
    Checkout,
    Customer,
    Direction,
    EndReason,
    Interaction,
    LineItem,
    Order,
    Pause,
    PaymentState,
    Refund,
    SolvedBy,
    Subscription,
    SurveyResponse,
    Way,
)

__all__ = ["readers"]

_SHOWN_KEYS = 10

Nested = TypeVar("Nested", Refund, LineItem, Pause)


class _Needs(NamedTuple):
    """Which keys an entry has that stands for something, or for nothing where they are empty."""

    what: str
    keys: tuple[str, str]
    decisive: str | None
    """The key that says alone, where it is empty or 0, that there is none."""
    fix: str


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


def _several(kind: type[Nested], fix: str) -> Maker:
    def make(where: str, options: Options) -> Reader:
        read_cells = readers(kind, options)

        def read(value: Any) -> tuple[Nested, ...] | None:
            entries = _listed(value, where, f"mappings or {kind.__name__}s", fix)
            if entries is None:
                return None
            found: list[Nested] = []
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


def _nested(entry: Any, kind: type[Nested], read_cells: Mapping[str, Reader]) -> Nested | None:
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
    if kind in _MAY_BE_NONE and not any(values.values()):
        _refuse_other_keys(cells, _MAY_BE_NONE[kind])
        return None  # its columns in the row of a record that has none
    for attribute in attrs.fields(kind):
        if attribute.default is attrs.NOTHING and attribute.name not in values:
            found = "" if attribute.name in cells else f" (the entry has {_keys(cells)})"
            msg = f"{kind.__name__}.{attribute.name} is missing{found}; give it, or leave the entry out"
            raise InvalidValueError(msg)
    return kind(**values)


def _refuse_other_keys(cells: Mapping[str, Any], needs: _Needs) -> None:
    """Refuse an entry that would be taken for none since its keys are others than those that are read."""
    if not cells or needs.decisive in cells:
        return
    if not any(key in cells for key in needs.keys) or any(plain(each) is not None for each in cells.values()):
        names = " and ".join(f'"{key}"' for key in needs.keys)
        msg = (
            f"a {needs.what} must have the keys {names} (got {_keys(cells)}); make such mappings with a "
            f"callable in fields, as in {needs.fix}"
        )
        raise InvalidValueError(msg)


def _keys(cells: Mapping[str, Any]) -> str:
    """The keys of an entry, for a message."""
    names = [shown(name) for name in cells]
    more = ", …" if len(names) > _SHOWN_KEYS else ""
    return f"the keys {', '.join(names[:_SHOWN_KEYS])}{more}" if names else "no keys"


# --------------------------------------------------------------------------------------------- records

_REFUNDS = 'lambda row: [{"amount": row["refunded"], "refunded_at": row["refunded_at"]}]'
_PAUSES = 'lambda row: [{"started_at": row["paused_at"], "ended_at": row["resumed_at"]}]'
_ITEMS = 'lambda row: json.loads(row["items"])'

_MAY_BE_NONE: Mapping[type, _Needs] = {
    Refund: _Needs("refund", ("amount", "refunded_at"), "amount", _REFUNDS),
    Pause: _Needs("pause", ("started_at", "ended_at"), None, _PAUSES),
}

_payment_state = cell.choice('lambda row: {"completed": "paid"}[row["state"]]', *get_args(PaymentState))
_cancel_reason = cell.choice(
    'lambda row: {"declined": "payment", "inventory": "stock"}[row["reason"]]',
    *get_args(CancelReason),
    near={"declined": "'payment'", "inventory": "'stock'"},
)
_good_end = cell.choice(
    'lambda row: "lower" if row["question"] == "how much effort?" else "higher"', *get_args(Direction)
)
_interval = cell.choice(
    'lambda row: {"monthly": "month", "yearly": "year"}[row["interval"]]',
    *get_args(BillingInterval),
    near={
        **dict.fromkeys(("days", "daily", "d"), "'day'"),
        **dict.fromkeys(("weeks", "weekly", "w"), "'week'"),
        **dict.fromkeys(("months", "monthly", "m"), "'month'"),
        **dict.fromkeys(("years", "yearly", "annual", "annually", "y"), "'year'"),
        **dict.fromkeys(("quarter", "quarters", "quarterly"), "'month' with 3 as interval_count"),
        **dict.fromkeys(("half_yearly", "semi_annual", "biannual"), "'month' with 6 as interval_count"),
        **dict.fromkeys(("fortnight", "fortnightly"), "'week' with 2 as interval_count"),
    },
)
_end_reason = cell.choice(
    'lambda row: {"requested": "customer", "not_paid": "payment"}[row["reason"]]',
    *get_args(EndReason),
    near={
        **dict.fromkeys(("voluntary", "requested", "cancellation_requested", "user"), "'customer'"),
        **dict.fromkeys(("payment_failed", "not_paid", "no_card", "nonpayment", "unpaid"), "'payment'"),
        **dict.fromkeys(("fraud_review_failed", "fraudulent"), "'fraud'"),
        **dict.fromkeys(("upgrade", "downgrade", "upgraded", "downgraded", "plan_changed"), "'plan_change'"),
    },
)
_way = cell.choice(
    'lambda row: "inbound" if row["incoming"] else "outbound"',
    *get_args(Way),
    near={
        **dict.fromkeys(("in", "incoming", "received"), "'inbound'"),
        **dict.fromkeys(("out", "outgoing", "sent"), "'outbound'"),
    },
)
_solved_by = cell.choice(
    'lambda row: "agent" if row["assignee"] else "self_service"',
    *get_args(SolvedBy),
    near={
        **dict.fromkeys(("human", "staff", "admin", "teammate"), "'agent'"),
        **dict.fromkeys(("bot", "ai", "customer", "user", "help_center"), "'self_service'"),
    },
)

_MAKERS: Mapping[type, Mapping[str, Maker]] = {
    Order: {
        "id": cell.identifier,
        "customer_id": cell.identifier,
        "placed_at": moment,
        "amount": cell.money,
        "currency": cell.currency,
        "refunds": _several(Refund, _REFUNDS),
        "payment_state": _payment_state,
        "cancelled_at": moment,
        "cancel_reason": _cancel_reason,
        "discount": cell.money,
        "cost": cell.money,
        "channel": cell.word,
        "items": _several(LineItem, _ITEMS),
        "tags": _tags,
        "is_test": cell.flag,
    },
    Customer: {
        "id": cell.identifier,
        "signed_up_at": moment,
        "country": cell.word,
        "acquisition_channel": cell.word,
        "referred_by": cell.identifier,
        "loyalty_joined_at": moment,
        "attributes": cell.host_mapping,
        "tags": _tags,
    },
    SurveyResponse: {
        "kind": cell.word,
        "score": cell.score,
        "answer": cell.word,
        "scale": cell.scale,
        "direction": _good_end,
        "responded_at": moment,
        "id": cell.identifier,
        "customer_id": cell.identifier,
        "touchpoint": cell.word,
        "channel": cell.word,
        "comment": cell.word,
    },
    Subscription: {
        "id": cell.identifier,
        "customer_id": cell.identifier,
        "amount": cell.money,
        "currency": cell.currency,
        "interval": _interval,
        "interval_count": cell.count,
        "started_at": moment,
        "ended_at": moment,
        "end_reason": _end_reason,
        "trial_ends_at": moment,
        "pauses": _several(Pause, _PAUSES),
        "plan": cell.word,
    },
    Checkout: {
        "id": cell.identifier,
        "customer_id": cell.identifier,
        "begun_at": moment,
        "amount": cell.money,
        "currency": cell.currency,
        "ordered_at": moment,
        "order_id": cell.identifier,
        "channel": cell.word,
    },
    Interaction: {
        "id": cell.identifier,
        "customer_id": cell.identifier,
        "kind": cell.word,
        "direction": _way,
        "channel": cell.word,
        "occurred_at": moment,
        "opened_at": moment,
        "clicked_at": moment,
        "replied_at": moment,
        "answered_at": moment,
        "solved_at": moment,
        "solved_by": _solved_by,
        "sentiment": cell.sentiment,
        "ordered_at": moment,
        "order_id": cell.identifier,
    },
    Refund: {"refunded_at": moment, "amount": cell.money},
    LineItem: {
        "product": cell.identifier,
        "category": cell.word,
        "quantity": cell.quantity,
        "amount": cell.money,
    },
    Pause: {"started_at": moment, "ended_at": moment},
}


def readers(kind: type, options: Options) -> dict[str, Reader]:
    """For each field of a class of records what reads its cells."""
    return {name: make(f"{kind.__name__}.{name}", options) for name, make in _MAKERS[kind].items()}
