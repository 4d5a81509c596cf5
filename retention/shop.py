"""The bundle of a merchant's records, with what is known about them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias, Unpack

from attrs import asdict, field, frozen

from retention import _validate as check
from retention._reading import Reading, refuse_unknown, seat_of
from retention.errors import (
    DuplicateCustomerError,
    DuplicateRecordError,
    DuplicateResponseError,
    InvalidTypeError,
    shown,
)
from retention.history import History, ReadingOptions
from retention.records import (
    Checkout,
    Convert,
    Customer,
    Interaction,
    Order,
    OrderPolicy,
    Subscription,
    SurveyResponse,
)

__all__ = ["Orders", "Shop", "history_of", "refuse_same_ids"]

_NOT_SAID = OrderPolicy()
"""Stands for a policy that was not given: the usual one, or that of the `History`."""


def _to_orders(orders: Iterable[Order]) -> Collection[Order]:
    return orders if isinstance(orders, History) else check.to_tuple(orders)


def _records(kind: type, one: str) -> check.Validator:
    """A tuple of records of one class; where records of another are given, or an `Intake`, it says what is meant."""
    checked = check.records(kind)

    def check_records(shop: Shop, field: check.Field, value: object) -> None:
        where = f"{type(shop).__name__}.{field.name}"
        if not isinstance(value, tuple) and hasattr(value, "records"):
            msg = f"{where} must be an iterable of {kind.__name__}s, not {type(value).__name__}; pass its .records"
            raise InvalidTypeError(msg)
        entries: tuple[object, ...] = value if isinstance(value, tuple) else ()
        for other in set(map(type, entries)):
            seat = None if issubclass(other, kind) else seat_of(other)
            if seat is not None:
                position = next(place for place, entry in enumerate(entries) if type(entry) is other)
                msg = f"{where}[{position}] must be {one}, not {other.__name__}; {seat}"
                raise InvalidTypeError(msg)
        checked(shop, field, value)

    return check_records


_check_tuple_of_orders = _records(Order, "an Order")


def _check_orders(shop: Shop, field: check.Field, value: object) -> None:
    if not isinstance(value, History):
        _check_tuple_of_orders(shop, field, value)


def _to_policy(policy: OrderPolicy | None) -> OrderPolicy:
    return _NOT_SAID if policy is None else policy


def _check_policy(shop: Shop, field: check.Field, value: object) -> None:
    if not isinstance(value, OrderPolicy):
        msg = f"{type(shop).__name__}.{field.name} must be an OrderPolicy, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)


Identified: TypeAlias = Customer | SurveyResponse | Subscription | Checkout | Interaction


def refuse_same_ids(
    records: Iterable[Identified], where: str, error: type[DuplicateRecordError] = DuplicateRecordError
) -> None:
    """Refuse an id that two records have, which would count one twice; those without an id are all different."""
    seen: set[Hashable] = set()
    for record in records:
        if record.id is None:
            continue
        if record.id in seen:
            kind = type(record).__name__
            called = kind.removeprefix("Survey").lower()
            msg = f"{kind}.id {shown(record.id)} stands twice in {where}; give each {called} once"
            raise error(msg)
        seen.add(record.id)


@frozen(kw_only=True, eq=False, repr=False)
class Shop:
    """A merchant's records in one bundle.

    Two shops are equal when they hold equal records in the same sequence and read them alike, whether the orders are
    a `History` or not. Numbers of records are compared first; where these agree, it takes a look at every record.

    Attributes:
        orders: The orders; an iterable is read once and kept as a tuple. A `History` is used as it is, and the
            shop takes from it how the orders are read: all that stands below `interactions`.
        customers: The customers; no id may stand twice.
        responses: The answers to surveys, of all kinds; no id may stand twice, and many have none.
        subscriptions: The spans of subscriptions; no id may stand twice.
        checkouts: The baskets that were begun; no id may stand twice.
        interactions: The contacts with customers; no id may stand twice, and many have none.
        as_of: Instant at which the data were known; what is dated later does not exist.
        observed_from: Instant from which the data are complete; None means from the shop's beginning,
            and is right where the shop itself began then.
        policy: Which orders count; the usual `OrderPolicy` unless given.
        aliases: Ids that stand for the same person: ``{alias: id}``.
        currency: Count only orders in this currency or, with `convert`, the currency to convert into.
        convert: The host's conversion of an amount, called as ``convert(amount, currency, placed_at)``.

    Raises:
        ConflictingArgumentError: When `orders` is a `History` that was made with something else, `as_of` lies before
            `observed_from`, or `convert` is given without `currency`.
        DuplicateCustomerError: When a customer's id stands twice.
        DuplicateResponseError: When a response's id stands twice.
        DuplicateRecordError: When the id of another record stands twice; the two above are such errors, too.

    .. versionadded:: 0.1
    """

    orders: Collection[Order] = field(default=(), converter=_to_orders, validator=_check_orders)
    customers: tuple[Customer, ...] = field(
        default=(), converter=check.to_tuple, validator=_records(Customer, "a Customer")
    )
    responses: tuple[SurveyResponse, ...] = field(
        default=(), converter=check.to_tuple, validator=_records(SurveyResponse, "a SurveyResponse")
    )
    subscriptions: tuple[Subscription, ...] = field(
        default=(), converter=check.to_tuple, validator=_records(Subscription, "a Subscription")
    )
    checkouts: tuple[Checkout, ...] = field(
        default=(), converter=check.to_tuple, validator=_records(Checkout, "a Checkout")
    )
    interactions: tuple[Interaction, ...] = field(
        default=(), converter=check.to_tuple, validator=_records(Interaction, "an Interaction")
    )
    as_of: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    observed_from: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    policy: OrderPolicy = field(default=_NOT_SAID, converter=_to_policy, validator=_check_policy)
    aliases: Mapping[Hashable, Hashable] = field(factory=check.Aliases, converter=check.to_aliases)
    currency: str | None = field(default=None, validator=check.optional(check.currency))
    convert: Convert | None = None

    def __attrs_post_init__(self) -> None:
        if isinstance(self.orders, History):
            reading = self.orders.reading
            reading.refuse_otherwise(self._given(), carrier="History")
        else:  # what orders can't be read with is refused here, not when they are read
            reading = Reading(**self._given())
        for name, value in asdict(reading, recurse=False).items():
            object.__setattr__(self, name, value)
        refuse_same_ids(self.customers, "Shop.customers", DuplicateCustomerError)
        refuse_same_ids(self.responses, "Shop.responses", DuplicateResponseError)
        for name in ("subscriptions", "checkouts", "interactions"):
            refuse_same_ids(getattr(self, name), f"Shop.{name}")

    def history(self) -> History:
        """The orders, indexed. Each call reads them anew: keep the result, or make the shop with it."""
        return self.orders if isinstance(self.orders, History) else History(self.orders, **self._given())

    @property
    def reading(self) -> Reading:
        """How the orders are read, all in one: no part of the public interface.

        :meta private:
        """
        return Reading(**self._given())

    def _given(self) -> ReadingOptions:
        """What was said of how the orders are read; None, and no aliases, says nothing."""
        given: ReadingOptions = {
            "as_of": self.as_of,
            "observed_from": self.observed_from,
            "currency": self.currency,
            "convert": self.convert,
        }
        if self.policy is not _NOT_SAID:
            given["policy"] = self.policy
        if self.aliases:
            given["aliases"] = self.aliases
        return given

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Shop):
            return NotImplemented
        return (
            self._sizes == other._sizes
            and self.reading == other.reading
            and all(getattr(self, name) == getattr(other, name) for name in _BESIDE_ORDERS)
            and tuple(self.orders) == tuple(other.orders)
        )

    def __hash__(self) -> int:
        return hash((self._sizes, self.reading))

    @property
    def _sizes(self) -> tuple[int, ...]:
        return len(self.orders), *(len(getattr(self, name)) for name in _BESIDE_ORDERS)

    def __repr__(self) -> str:
        as_of = "not given" if self.as_of is None else f"{self.as_of:%Y-%m-%d %H:%M} UTC"
        orders, customers, *others = self._sizes
        beside = "".join(
            f"{size:,} {name}, " for name, size in zip(_BESIDE_ORDERS[1:], others, strict=True) if size
        )
        return f"<Shop: {orders:,} orders, {customers:,} customers, {beside}as of {as_of}>"


_BESIDE_ORDERS = ("customers", "responses", "subscriptions", "checkouts", "interactions")


Orders: TypeAlias = Iterable[Order] | Shop
"""What order metrics take: any iterable of orders, a `History`, or a `Shop`."""


def history_of(orders: Orders, **reading: Unpack[ReadingOptions]) -> History:
    """The orders as a `History`, whatever they come in.

    Raises:
        ConflictingArgumentError: When a keyword contradicts the shop or the history.
        TypeError: When there is no such keyword.
    """
    refuse_unknown(reading)
    if not isinstance(orders, (History, Shop)):
        return History(orders, **reading)
    orders.reading.refuse_otherwise(reading, carrier=type(orders).__name__)
    return orders.history() if isinstance(orders, Shop) else orders
