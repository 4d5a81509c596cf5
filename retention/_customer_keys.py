"""Which group each customer is in: by a field of the record, by the host's own attribute, function or table."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from operator import attrgetter
from typing import Any, TypeAlias, cast

from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, MissingRecordsError, did_you_mean, shown
from retention.records import Customer
from retention.shop import Shop

__all__ = ["NOT_KNOWN", "By", "customer_keys"]

By: TypeAlias = str | Callable[[Customer], Hashable] | Mapping[Hashable, Hashable]
"""How customers are grouped: a name, a function of the `Customer`, or a mapping of ids to groups."""

NOT_KNOWN = "not known"
"""What the group is called of those whose group is not known; its key is None."""

_FIELDS = ("country", "acquisition_channel")


def customer_keys(shop: Shop, by: By, *, owner: str) -> Mapping[Hashable, Hashable]:
    """The group of each customer of whom it is known, under one id a person.

    Of a person with several ids, the record under the id that all stand for decides; where it says nothing, the others
    do if they agree.

    Args:
        shop: The shop.
        by: A field of the `Customer` (``"country"``, ``"acquisition_channel"``) or one of its `attributes`, a
            function of the `Customer`, or a mapping of customers' ids to groups.
        owner: The public function, for messages.

    Raises:
        InvalidTypeError: `by` is none of these, or a group has no hash.
        InvalidValueError: No customer has such an attribute.
        MissingRecordsError: The shop has no customers' records to group by.
    """
    if isinstance(by, Mapping):
        return _agreed(by.items(), shop, owner)
    if not shop.customers and (callable(by) or isinstance(by, str)):
        msg = f"{owner}: by={shown(by)} asks the customers' records, and the shop has none; give Shop(customers=...), or by= a mapping of ids to groups"
        raise MissingRecordsError(msg)
    key_of = _key_of(by, shop.customers, owner)
    return _agreed(((customer.id, key_of(customer)) for customer in shop.customers), shop, owner)


def _key_of(by: object, customers: Iterable[Customer], owner: str) -> Callable[[Customer], Hashable]:
    if callable(by):
        return cast("Callable[[Customer], Hashable]", by)
    if not isinstance(by, str):
        msg = (
            f"{owner}: by must be a name such as 'country', a function of the Customer, or a mapping of customers' "
            f"ids to groups, not {type(by).__name__} (got {shown(by)})"
        )
        raise InvalidTypeError(msg)
    if by in _FIELDS:
        return attrgetter(by)
    known = {name for customer in customers for name in customer.attributes}
    if by not in known:
        names = [*_FIELDS, *sorted(map(str, known))]
        msg = (
            f"{owner}: by={shown(by)} is neither a field to group customers by nor one of their attributes; "
            f"{did_you_mean(by, names)}there are {', '.join(names)}. By a field of another record, give a mapping of "
            f"customers' ids to groups, such as the {by if by.isidentifier() else 'channel'} of each one's first order"
        )
        raise InvalidValueError(msg)
    return lambda customer: cast("Hashable", customer.attributes.get(by))


def _agreed(
    pairs: Iterable[tuple[Hashable, Any]], shop: Shop, owner: str
) -> FrozenMapping[Hashable, Hashable]:
    """One group a person, whatever the order of the records; None says that it is not known."""
    one_id = dict(shop.aliases)  # looked up faster
    own: dict[Hashable, Hashable] = {}
    others: dict[Hashable, set[Hashable]] = {}
    for identifier, key in pairs:
        if key is None:
            continue
        person = one_id.get(identifier, identifier)
        if person == identifier:
            own[person] = _hashable(key, owner)
        else:
            others.setdefault(person, set()).add(_hashable(key, owner))
    for person, keys in others.items():
        if person not in own and len(keys) == 1:
            own[person] = next(iter(keys))
    return FrozenMapping(own)


def _hashable(key: object, owner: str) -> Hashable:
    try:
        hash(key)
    except TypeError:
        msg = f"{owner}: by must give something with a hash, such as a text, not {type(key).__name__} (got {shown(key)})"
        raise InvalidTypeError(msg) from None
    return key
