"""The bundle of a merchant's records, with what is known about them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias, Unpack

from attrs import field, frozen

from retention import _validate as check
from retention._calendar import instant
from retention._mapping import FrozenMapping
from retention._reading import Reading
from retention.errors import ConflictingArgumentError, DuplicateCustomerError, shown
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
        orders: The orders; an iterable is read once and kept as a tuple. A `History` is used as it is, and the
            shop takes `policy`, `as_of` and `observed_from` from it.
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
        if isinstance(self.orders, History):
            self.orders.agree(**self._reading())
            for name in ("policy", "as_of", "observed_from"):
                object.__setattr__(self, name, getattr(self.orders, name))
        else:  # what orders are read with is refused here, not when they are read
            Reading(
                policy=OrderPolicy() if self.policy is None else self.policy,
                as_of=self.as_of,
                currency=self.currency,
                convert=self.convert,
                aliases=self.aliases,
            )
        seen: set[Hashable] = set()
        for customer in self.customers:
            if customer.id in seen:
                msg = f"Customer.id {shown(customer.id)} stands twice in Shop.customers; give each customer once"
                raise DuplicateCustomerError(msg)
            seen.add(customer.id)

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
        TypeError: When there is no such keyword.
    """
    reading = _as_kept(reading)
    if not isinstance(orders, Shop):
        return as_history(orders, **reading)
    if isinstance(orders.orders, History):
        return orders.orders.agree(**reading)
    for name, value in reading.items():
        carried = getattr(orders, name)
        if name == "policy" and carried is None:
            carried = OrderPolicy()
        if value is not None and value != carried:
            msg = (
                f"{name}={shown(value)} contradicts the Shop, which has {shown(carried)}; say it in one place"
            )
            raise ConflictingArgumentError(msg)
    return orders.history()


def _as_kept(reading: ReadingOptions) -> ReadingOptions:
    """The keywords as a `Shop` and a `History` keep them, so that they can be compared with what these carry.

    An instant in the hour that an autumn night has twice never equals the same instant in another zone.
    """
    known = ReadingOptions.__annotations__
    for name in reading:
        if name not in known:
            msg = f"there is no keyword {name}=; how orders are read is said by {', '.join(sorted(known))}"
            raise TypeError(msg)
    kept = reading.copy()
    if (as_of := reading.get("as_of")) is not None:
        kept["as_of"] = instant(as_of, owner="ReadingOptions", field="as_of")
    if (observed_from := reading.get("observed_from")) is not None:
        kept["observed_from"] = instant(observed_from, owner="ReadingOptions", field="observed_from")
    if (aliases := reading.get("aliases")) is not None:
        kept["aliases"] = check.to_aliases(aliases)
    return kept
