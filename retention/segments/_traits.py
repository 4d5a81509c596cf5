"""What is known of each customer, as values that can be counted: from the records, and from the first order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from math import isnan
from numbers import Integral
from typing import Any, TypeAlias

from attrs import field, frozen

from retention._calendar import microseconds
from retention._columns import NOBODY, Columns
from retention._customer_keys import customer_keys
from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, is_bool, shown
from retention.records import Customer
from retention.shop import Shop

__all__ = ["FIELDS", "MOST_NUMBERS", "Trait", "Traits", "Value", "traits_of"]

Value: TypeAlias = "str | int | bool"

FIELDS = ("country", "acquisition_channel", "referred", "loyalty_member", "tags", "first_category")
"""What is known of customers besides the host's own attributes."""
MOST_NUMBERS = 12
"""So many different whole numbers are names of groups; of more they are measurements."""
_REFERRAL = "referral"
_NOTHING = "nothing is known of it"


@frozen(kw_only=True, eq=False)
class Trait:
    """What is known of customers in one respect.

    Attributes:
        name: The field or attribute.
        values: For each person of whom it is known, the value; a collection of them where several can hold at once.
        several: They can.
        twofold: There are two values, and everyone has one, so that a test of one is the test of the other.
    """

    name: str
    values: Mapping[Hashable, Any] = field(repr=False)
    several: bool = False
    twofold: bool = False


@frozen(kw_only=True)
class Traits:
    """All that can be compared, and what can't, with the reason."""

    found: tuple[Trait, ...]
    unfit: Mapping[str, str]


def traits_of(
    shop: Shop,
    columns: Columns,
    people: Collection[Hashable],
    *,
    attributes: object,
    until: int,
    limits: Mapping[Hashable, int] | None,
    owner: str,
) -> Traits:
    """What is known of some customers.

    Args:
        shop: The shop, with customers' records.
        columns: Its purchases.
        people: The customers' ids, all of whom have records.
        attributes: Names of fields and attributes; None for all.
        until: The instant before which members must have joined.
        limits: By customer's id, the last instant for each instead; None where it is one for all.
        owner: The public function, for messages.

    Raises:
        InvalidTypeError: `attributes` is no name, and no iterable of names.
        InvalidValueError: There is no such field or attribute.
    """
    of_the_host = sorted(
        {name for customer in shop.customers for name in customer.attributes if isinstance(name, str)}
        - set(FIELDS)
    )
    names = _names(attributes, [*FIELDS, *of_the_host], owner)
    reader = _Reader(shop=shop, columns=columns, people=people, until=until, limits=limits, owner=owner)
    found: list[Trait] = []
    unfit: dict[str, str] = {}
    for name in names:
        trait = reader.field(name) if name in FIELDS else reader.attribute(name)
        if isinstance(trait, Trait):
            found.append(trait)
        else:
            unfit[name] = trait
    return Traits(found=tuple(found), unfit=FrozenMapping(unfit))


def _names(asked: object, known: Sequence[str], owner: str) -> list[str]:
    if asked is None:
        return list(known)
    if isinstance(asked, (bytes, Mapping)) or not isinstance(asked, Iterable):
        msg = f"{owner}: attributes must be names such as ['country', 'tags'], not {type(asked).__name__} (got {shown(asked)})"
        raise InvalidTypeError(msg)
    names = [asked] if isinstance(asked, str) else list(asked)
    for name in names:
        if name not in known:
            error = InvalidValueError if isinstance(name, str) else InvalidTypeError
            msg = (
                f"{owner}: attributes has {shown(name)}, which is neither a field nor an attribute of the customers; "
                f"{did_you_mean(name, known)}there are {', '.join(known)}"
            )
            raise error(msg)
    return list(dict.fromkeys(names))


@frozen(kw_only=True)
class _Reader:
    """Reads one respect after another, under one id a person."""

    shop: Shop
    columns: Columns
    people: Collection[Hashable]
    until: int
    limits: Mapping[Hashable, int] | None
    owner: str

    def field(self, name: str) -> Trait | str:
        """What a field says, or why it says nothing."""
        if name in {"country", "acquisition_channel"}:
            return self._single(name, customer_keys(self.shop, name, owner=self.owner))
        if name == "tags":
            return self._several(name, self._tags())
        if name == "first_category":
            return self._several(name, self._first_categories())
        return self._flag(name, self._was_referred if name == "referred" else self._has_joined)

    def attribute(self, name: str) -> Trait | str:
        """What the host's attribute says, or why it can't be compared."""
        unfit: set[str] = set()

        def read(customer: Customer) -> Value | None:
            value = customer.attributes.get(name)
            plain = _plain(value)
            if plain is None and not _is_missing(value):
                unfit.add(type(value).__name__)
            return plain

        values = customer_keys(self.shop, read, owner=self.owner)
        if unfit:
            return (
                f"it holds values of type {', '.join(sorted(unfit))}; give texts, bools or few whole numbers"
            )
        return self._single(name, values)

    def _single(self, name: str, values: Mapping[Hashable, Any]) -> Trait | str:
        own = self._own(values)
        kinds, different = set(map(type, own.values())), set(own.values())
        if not own:
            return _NOTHING
        if not any(value is not False for value in different):
            return "it holds for nobody"
        if len(kinds) > 1:
            return f"it holds values of several types, {', '.join(sorted(kind.__name__ for kind in kinds))}"
        if kinds == {int} and len(different) > MOST_NUMBERS:
            return f"it holds more than {MOST_NUMBERS} different numbers; give a text for each range of them"
        return Trait(name=name, values=own, twofold=len(different) == 2)

    def _own(self, values: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Of those only who are asked about."""
        plain = dict(values.items())  # a look-up in which costs a tenth
        return {person: plain[person] for person in self.people if person in plain}

    def _several(self, name: str, values: Mapping[Hashable, Collection[str]]) -> Trait | str:
        own = self._own(values)
        return Trait(name=name, values=own, several=True) if any(own.values()) else _NOTHING

    def _flag(self, name: str, holds: Callable[[Customer, Hashable], bool]) -> Trait | str:
        having = {person for person, customer in self._persons() if holds(customer, person)}
        values = {person: person in having for person in self.people}
        return Trait(name=name, values=values, twofold=True) if any(values.values()) else _NOTHING

    def _persons(self) -> Iterator[tuple[Hashable, Customer]]:
        """Each record, under the one id of the person."""
        one_id = dict(self.shop.aliases)
        return ((one_id.get(customer.id, customer.id), customer) for customer in self.shop.customers)

    def _has_joined(self, customer: Customer, person: Hashable) -> bool:
        """Whether a customer was a member at the last instant that counts."""
        joined, last = customer.loyalty_joined_at, self.until - 1
        if self.limits is not None:
            last = self.limits.get(person, last)
        return joined is not None and microseconds(joined) <= last

    def _was_referred(self, customer: Customer, person: Hashable) -> bool:
        """Whether somebody else brought a customer; who refers a second account of their own brings nobody."""
        if customer.acquisition_channel == _REFERRAL:
            return True
        referrer = customer.referred_by
        return referrer is not None and self.shop.aliases.get(referrer, referrer) != person

    def _tags(self) -> Mapping[Hashable, frozenset[str]]:
        tags: dict[Hashable, frozenset[str]] = {}
        for person, customer in self._persons():
            tags[person] = tags.get(person, frozenset()) | customer.tags
        return tags

    def _first_categories(self) -> Mapping[Hashable, frozenset[str]]:
        """What each customer's first purchase was of, where it says so."""
        columns, goods = self.columns, self.columns.goods
        firsts = (
            (columns.ids[number], goods.category_sets[category])
            for number, before, category in zip(
                columns.customer, columns.previous, goods.category, strict=False
            )
            if before == NOBODY
        )
        return {person: categories for person, categories in firsts if categories}


def _is_missing(value: object) -> bool:
    """None, and what a data frame has in its place."""
    return value is None or (isinstance(value, float) and isnan(value))


def _plain(value: object) -> Value | None:
    """A value that names a group, numpy's as Python's own; None for all else."""
    if is_bool(value):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    return int(value) if isinstance(value, Integral) else None
