"""The bundle of a merchant's records, with what is known about them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias, Unpack

from attrs import asdict, field, frozen

from retention import _validate as check
from retention._reading import Reading, refuse_unknown, seat_of
from retention.errors import DuplicateCustomerError, DuplicateResponseError, InvalidTypeError, shown
from retention.history import History, ReadingOptions
from retention.records import Convert, Customer, Order, OrderPolicy, SurveyResponse

__all__ = ["Orders", "Shop", "history_of"]

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


def refuse_same_ids(responses: Iterable[SurveyResponse], where: str) -> None:
    """Refuse an id that two responses have, which would count one answer twice; those without an id are all different."""
    seen: set[Hashable] = set()
    for response in responses:
        if response.id is None:
            continue
        if response.id in seen:
            msg = f"SurveyResponse.id {shown(response.id)} stands twice in {where}; give each response once"
            raise DuplicateResponseError(msg)
        seen.add(response.id)


@frozen(kw_only=True, eq=False, repr=False)
class Shop:
    """A merchant's records in one bundle.

    Two shops are equal when they hold equal records in the same sequence and read them alike, whether the orders are
    a `History` or not. Numbers of records are compared first; where these agree, it takes a look at every record.

    Attributes:
        orders: The orders; an iterable is read once and kept as a tuple. A `History` is used as it is, and the
            shop takes from it how the orders are read: all that stands below `responses`.
        customers: The customers; no id may stand twice.
        responses: The answers to surveys, of all kinds; no id may stand twice, and many have none.
        as_of: Instant at which the data were known; what is dated later does not exist.
        observed_from: Instant from which the data are complete; None means from the shop's beginning.
        policy: Which orders count; the usual `OrderPolicy` unless given.
        aliases: Ids that stand for the same person: ``{alias: id}``.
        currency: Count only orders in this currency or, with `convert`, the currency to convert into.
        convert: The host's conversion of an amount, called as ``convert(amount, currency, placed_at)``.

    Raises:
        ConflictingArgumentError: When `orders` is a `History` that was made with something else, `as_of` lies before
            `observed_from`, or `convert` is given without `currency`.
        DuplicateCustomerError: When a customer's id stands twice.
        DuplicateResponseError: When a response's id stands twice.

    .. versionadded:: 0.1
    """

    orders: Collection[Order] = field(default=(), converter=_to_orders, validator=_check_orders)
    customers: tuple[Customer, ...] = field(
        default=(), converter=check.to_tuple, validator=_records(Customer, "a Customer")
    )
    responses: tuple[SurveyResponse, ...] = field(
        default=(), converter=check.to_tuple, validator=_records(SurveyResponse, "a SurveyResponse")
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
        seen: set[Hashable] = set()
        for customer in self.customers:
            if customer.id in seen:
                msg = f"Customer.id {shown(customer.id)} stands twice in Shop.customers; give each customer once"
                raise DuplicateCustomerError(msg)
            seen.add(customer.id)
        refuse_same_ids(self.responses, "Shop.responses")

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
            and self.customers == other.customers
            and self.responses == other.responses
            and tuple(self.orders) == tuple(other.orders)
        )

    def __hash__(self) -> int:
        return hash((self._sizes, self.reading))

    @property
    def _sizes(self) -> tuple[int, int, int]:
        return len(self.orders), len(self.customers), len(self.responses)

    def __repr__(self) -> str:
        as_of = "not given" if self.as_of is None else f"{self.as_of:%Y-%m-%d %H:%M} UTC"
        orders, customers, responses = self._sizes
        answers = f"{responses:,} responses, " if responses else ""
        return f"<Shop: {orders:,} orders, {customers:,} customers, {answers}as of {as_of}>"


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
