"""The bundle of a merchant's records, with what is known about them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias, Unpack

from attrs import field, frozen

from retention import _validate as check
from retention._mapping import FrozenMapping
from retention.errors import ConflictingArgumentError, DuplicateCustomerError, InvalidTypeError, shown
from retention.history import History, ReadingOptions, as_history
from retention.records import Convert, Customer, Order, OrderPolicy

__all__ = ["Orders", "Shop", "history_of"]


def _to_orders(orders: Iterable[Order]) -> Collection[Order]:
    return orders if isinstance(orders, History) else check.to_tuple(orders)


def _check_orders(shop: Shop, field: check.Field, value: object) -> None:
    if not isinstance(value, History):
        check.records(Order)(shop, field, value)


@frozen(kw_only=True, eq=False, repr=False)
class Shop:
    """A merchant's records in one bundle.

    Attributes:
        orders: The orders; an iterable is read once and kept as a tuple, a `History` is used as it is.
        customers: The customers; no id may stand twice.
        as_of: Instant at which the data were known; what is dated later does not exist.
        observed_from: Instant from which the data are complete; None means from the shop's beginning.
        policy: Which orders count; `OrderPolicy()` unless given.
        aliases: Ids that stand for the same person: ``{alias: id}``.
        currency: Count only orders in this currency or, with `convert`, the currency to convert into.
        convert: The host's conversion of an amount, called as ``convert(amount, currency, placed_at)``.

    Raises:
        ConflictingArgumentError: When `orders` is a `History` that was made with something else.
        DuplicateCustomerError: When a customer's id stands twice.

    .. versionadded:: 0.1
    """

    orders: Collection[Order] = field(default=(), converter=_to_orders, validator=_check_orders)
    customers: tuple[Customer, ...] = field(
        default=(), converter=check.to_tuple, validator=check.records(Customer)
    )
    as_of: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    observed_from: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    policy: OrderPolicy | None = None
    aliases: Mapping[Hashable, Hashable] = field(default=FrozenMapping(), converter=check.to_aliases)
    currency: str | None = field(default=None, validator=check.optional(check.currency))
    convert: Convert | None = None

    def __attrs_post_init__(self) -> None:
        if self.policy is not None and not isinstance(self.policy, OrderPolicy):
            msg = f"Shop.policy must be an OrderPolicy, not {type(self.policy).__name__} (got {shown(self.policy)})"
            raise InvalidTypeError(msg)
        seen: set[Hashable] = set()
        for customer in self.customers:
            if customer.id in seen:
                msg = f"Customer.id {shown(customer.id)} stands twice in Shop.customers; give each customer once"
                raise DuplicateCustomerError(msg)
            seen.add(customer.id)
        if isinstance(self.orders, History):
            self.orders.agree(**self._reading())

    def history(self) -> History:
        """The orders, indexed. Each call reads them anew: keep the result, or make the shop with it."""
        return as_history(self.orders, **self._reading())

    def _reading(self) -> ReadingOptions:
        return {
            "policy": self.policy,
            "as_of": self.as_of,
            "observed_from": self.observed_from,
            "currency": self.currency,
            "convert": self.convert,
            "aliases": self.aliases or None,
        }

    def __repr__(self) -> str:
        as_of = "not given" if self.as_of is None else f"{self.as_of:%Y-%m-%d %H:%M} UTC"
        return f"<Shop: {len(self.orders):,} orders, {len(self.customers):,} customers, as of {as_of}>"


Orders: TypeAlias = Iterable[Order] | Shop
"""What order metrics take: any iterable of orders, a `History`, or a `Shop`."""


def history_of(orders: Orders, **reading: Unpack[ReadingOptions]) -> History:
    """The orders as a `History`, whatever they come in.

    Raises:
        ConflictingArgumentError: When a keyword contradicts the shop or the history.
    """
    if not isinstance(orders, Shop):
        return as_history(orders, **reading)
    for name, value in reading.items():
        carried = getattr(orders, name, None)
        if value is not None and value != carried:
            msg = (
                f"{name}={shown(value)} contradicts the Shop, which has {shown(carried)}; say it in one place"
            )
            raise ConflictingArgumentError(msg)
    return orders.history()
