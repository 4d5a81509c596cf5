"""A shop by groups of its customers: the records of each group as a shop of its own."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from datetime import datetime
from fractions import Fraction
from operator import attrgetter
from typing import Any, TypeAlias

from attrs import asdict

from retention._customer_keys import By, customer_keys
from retention._reading import distinct
from retention.errors import InvalidTypeError, shown
from retention.history import History
from retention.shop import Shop

__all__ = ["Records", "by_size", "checked_shop", "has_known", "shop_of", "shops_by", "split"]

Records: TypeAlias = dict[str, list[Any]]
"""By field of a shop, the records of one group."""

_DATED = {
    "orders": attrgetter("placed_at"),
    "responses": attrgetter("responded_at"),
    "subscriptions": attrgetter("started_at"),
    "checkouts": attrgetter("begun_at"),
    "interactions": attrgetter("occurred_at"),
}
"""When each kind of record came to be; customers' records are not dated."""

_WHO = {"customers": attrgetter("id")}
_CUSTOMER = attrgetter("customer_id")

_KINDS = ("orders", "customers", "responses", "subscriptions", "checkouts", "interactions")
"""The fields of a shop that hold records."""


def shops_by(shop: Shop, /, *, by: By) -> dict[Hashable, Shop]:
    """The shop of each group of customers: so that whatever takes a shop can be had of one segment.

    Each record is in exactly one of the shops: the orders, answers, subscriptions, baskets and contacts of a customer
    in that of the customer's group. All of them are read as the whole shop is (`policy`, `as_of`, `observed_from`,
    `aliases`, `currency`, `convert`), and where its orders are a `History`, theirs are, too.

    Take a group as of the start of the period that is counted. Taken later, the figure has chosen its own group: who
    buys in the period is "active" at its end, who does not is not.

    Args:
        shop: The shop.
        by: ``"country"``, ``"acquisition_channel"`` or the name of one of the customers' `attributes`; a function of
            the `Customer`; or a mapping of customers' ids to groups, such as the states of a lifecycle table.

    Returns:
        The shops by group, the one with most customers first. Guest orders, records of nobody known, and customers of
        whom the group is not known stand under None.

    Raises:
        InvalidTypeError: `shop` is no `Shop`, `by` is none of these, or a group has no hash.
        InvalidValueError: No customer has such an attribute.
        MissingRecordsError: The groups are to be had of the customers' records, and the shop has none.
        DuplicateOrderError: An order's id stands twice.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> shop = rt.Shop(
    ...     orders=make_orders({"ann": ["2026-03-05", "2026-03-09"], "ben": ["2026-03-11"]}),
    ...     customers=[rt.Customer(id="ann", country="DE"), rt.Customer(id="ben", country="AT")],
    ... )
    >>> for country, part in shops_by(shop, by="country").items():
    ...     print(country, part)
    AT <Shop: 1 orders, 1 customers, as of not given>
    DE <Shop: 2 orders, 1 customers, as of not given>

    .. versionadded:: 0.1
    """
    checked_shop(shop, owner="shops_by")
    found = split(shop, customer_keys(shop, by, owner="shops_by"), _KINDS)
    people = {key: len(_people(records, shop.aliases)) for key, records in found.items()}
    return {
        key: shop_of(shop, found[key]) for key in sorted(found, key=lambda key: by_size(key, people[key]))
    }


def by_size(key: Hashable, size: int | Fraction = 0) -> tuple[bool, int | Fraction, str, str]:
    """How groups are sorted: the largest first, of equally large ones by name, and last what belongs to none."""
    return key is None, -size, str(key), type(key).__name__


def checked_shop(shop: object, *, owner: str) -> Shop:
    """A shop; orders alone, or anything else, are refused.

    Raises:
        InvalidTypeError: When it is none.
    """
    if not isinstance(shop, Shop):
        msg = f"{owner} takes a Shop, whose records it splits by customer, not {type(shop).__name__} (got {shown(shop)}); give Shop(orders=..., customers=...)"
        raise InvalidTypeError(msg)
    return shop


def split(shop: Shop, keys: Mapping[Hashable, Hashable], kinds: Collection[str]) -> dict[Hashable, Records]:
    """The records of some kinds by the group of their customer, each read once.

    Args:
        shop: The shop.
        keys: By customer, under one id a person, the group.
        kinds: Fields of the shop.

    Raises:
        DuplicateOrderError: When an order's id stands twice, so that no part would see both.
    """
    group_of = _group_of(shop, keys)
    found: dict[Hashable, Records] = {}
    for kind in kinds:
        records: Collection[Any] = getattr(shop, kind)
        if kind == "orders" and not isinstance(records, History):
            distinct(records, drop_identical=shop.policy.on_duplicate == "drop_identical")
        whose = map(_WHO.get(kind, _CUSTOMER), records)
        for record, key in zip(records, map(group_of.get, whose), strict=True):
            try:
                found[key][kind].append(record)
            except KeyError:
                found.setdefault(key, {}).setdefault(kind, []).append(record)
    return found


def has_known(records: Records, as_of: datetime | None) -> bool:
    """Whether any of a group's records was there at `as_of`, and so the group."""
    return as_of is None or any(
        kind not in _DATED or any(moment <= as_of for moment in map(_DATED[kind], entries))
        for kind, entries in records.items()
    )


def _group_of(shop: Shop, keys: Mapping[Hashable, Hashable]) -> dict[Hashable, Hashable]:
    """The group by each id, those that stand for another among them; nobody known is in none."""
    aliases = {alias: keys[person] for alias, person in shop.aliases.items() if person in keys}
    return {who: key for who, key in {**keys, **aliases}.items() if who is not None}


def _people(records: Records, aliases: Mapping[Hashable, Hashable]) -> set[Hashable]:
    found = {who for kind, entries in records.items() for who in map(_WHO.get(kind, _CUSTOMER), entries)}
    return {aliases.get(who, who) for who in found if who is not None}


def shop_of(shop: Shop, records: Mapping[str, Any]) -> Shop:
    """Some of the records of a shop, read as it is."""
    reading: dict[str, Any] = asdict(shop.reading, recurse=False)
    if not isinstance(shop.orders, History):
        return Shop(**records, **reading)
    return Shop(**{**records, "orders": History(records.get("orders", ()), **reading)})
