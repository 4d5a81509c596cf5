"""What models of purchases are fed: how often, how lately and for how long each customer has bought.

Customers who look alike to a model, with equal frequency, recency and age, make a group: a model looks at each group
once, so that a base of 200,000 customers costs as much as its few thousand groups.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, repeat
from operator import eq, index
from typing import Any, SupportsIndex, TypeAlias, TypeVar

from attrs import evolve, field, frozen

from retention._mapping import OpenMapping
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingRecordsError,
    is_bool,
    shown,
)
from retention.history import one_currency
from retention.predict._time_units import TimeUnit, checked_unit

__all__ = ["Group", "Purchases", "RepeatPurchases", "Triple", "grouped"]

Group: TypeAlias = tuple[int, float, float, int]
"""Frequency, recency and age, and how many customers have them."""

Triple: TypeAlias = tuple[int, float, float]
"""Frequency, recency and age."""

Look = TypeVar("Look", int, Triple)
"""All that a model sees of a customer, as a triple, or as one number that stands for it."""

_MOST = 10**9
_NOT_KEPT = "customers left out by where"
_NOT_LISTED = "customers left out by only"
_INTS = "q"
_FLOATS = "d"


def _number(name: str, value: object) -> float:
    if is_bool(value) or not isinstance(value, (int, float)):
        msg = f"{name} must be a number, got {shown(value)}; pass a float"
        raise InvalidTypeError(msg)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or number < 0:
        msg = (
            f"{name} must be finite and not negative, got {shown(value)}; it is a length of time or an amount"
        )
        raise InvalidValueError(msg)
    return number


def _as_float(spend: object) -> object:
    """Money as a number; what is no number stays what it is."""
    if not isinstance(spend, Decimal):
        return spend
    return float(spend) if spend.is_finite() else math.inf


def _whole(name: str, value: object) -> int:
    if is_bool(value) or not isinstance(value, SupportsIndex):
        msg = f"{name} must be a whole number, got {shown(value)}; pass an int"
        raise InvalidTypeError(msg)
    number = index(value)
    if number < 0:
        msg = f"{name} must not be negative, got {shown(value)}; pass 0 where there is none"
        raise InvalidValueError(msg)
    return number


def _counted(value: Any) -> Any:
    """A whole number that a table keeps as a float, as data frames do."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


@frozen
class Purchases:
    """One customer as the models see them.

    The first purchase makes a customer and is not counted: all else is told from there. Purchases of one day are one.

    Attributes:
        frequency: Days with a purchase after the day of the first one.
        recency: Time from the first purchase to the last; 0 where there was no other.
        age: Time from the first purchase to the end of the last day watched.
        spend: What such a day brought on average, the first one left out; None where it is not known.

    Raises:
        InvalidTypeError: A field is no number.
        InvalidValueError: A field is negative or not finite, `recency` is longer than `age`, or `frequency` and `recency`
            disagree on whether the customer bought again.

    .. versionadded:: 0.1

    >>> import retention as rt
    >>> rt.Purchases(frequency=2, recency=30.43, age=38.86)
    Purchases(frequency=2, recency=30.43, age=38.86, spend=None)
    """

    frequency: int
    recency: float
    age: float
    spend: float | None = None

    def __attrs_post_init__(self) -> None:
        frequency = _whole("Purchases.frequency", self.frequency)
        if frequency > _MOST:
            msg = f"Purchases.frequency must be at most {_MOST:,}, got {shown(self.frequency)}; nobody buys on so many days"
            raise InvalidValueError(msg)
        recency, age = _number("Purchases.recency", self.recency), _number("Purchases.age", self.age)
        if self.spend is not None:
            object.__setattr__(self, "spend", _number("Purchases.spend", _as_float(self.spend)))
        if recency > age:
            msg = (
                f"Purchases.recency must not be longer than Purchases.age, got {shown(self.recency)} and {shown(self.age)}; "
                "recency is the time from the first purchase to the last, not that since the last"
            )
            raise InvalidValueError(msg)
        if (frequency == 0) != (recency == 0):
            msg = (
                f"Purchases.recency must be 0 exactly where Purchases.frequency is, got {shown(self.recency)} and "
                f"{shown(self.frequency)}; the first purchase does not count, and purchases of one day are one"
            )
            raise InvalidValueError(msg)
        for name, value in (("frequency", frequency), ("recency", recency), ("age", age)):
            object.__setattr__(self, name, value)


@frozen(kw_only=True, eq=False, repr=False)
class RepeatPurchases(Mapping[Hashable, Purchases]):
    """All customers as the models see them: by id, the `Purchases` of each.

    They are made by `repeat_purchases` from orders, or by `from_table` and `from_counts` from what is known already. What
    is kept are columns, and customers who look alike are kept as one, so that many customers take little room. Equal are
    those with equal customers, of one unit, watched until the same day.

    Attributes:
        unit: The unit of time.
        until: The last day watched; None where it is not known.
        discrete: Whether time comes in whole units of the calendar, each of them one opportunity to buy.
        left_out: How many orders, or customers, were left out, by reason.
        assumed: What had to be taken for granted.

    .. versionadded:: 0.1
    """

    unit: TimeUnit
    until: date | None = None
    discrete: bool = False
    left_out: Mapping[str, int] = OpenMapping()
    assumed: tuple[str, ...] = ()
    _places: dict[Hashable, int] | range = field(alias="places")
    _groups: tuple[Group, ...] = field(alias="groups")
    _group_of: array[int] = field(alias="group_of")
    _spends: array[float] | None = field(default=None, alias="spends")
    _currencies: tuple[str, ...] = field(default=(), alias="currencies")

    # How they are made ----------------------------------------------------------------------------

    @classmethod
    def from_counts(
        cls, rows: Iterable[tuple[int, float, float, int]], /, *, unit: TimeUnit, discrete: bool = False
    ) -> RepeatPurchases:
        """Customers of whom only their number is known: a table of those who look alike.

        They are given the ids 0, 1, 2 and so on, in the order of the rows.

        Args:
            rows: Frequency, recency, age, and how many customers have them.
            unit: The unit of time.
            discrete: Whether time comes in whole units, each of them one opportunity to buy.

        Raises:
            InvalidTypeError: A row is none of four numbers.
            InvalidValueError: A row is out of its domain; see `Purchases`.

        .. versionadded:: 0.1

        >>> import retention as rt
        >>> rt.RepeatPurchases.from_counts([(0, 0, 38.0, 700), (2, 30.5, 38.0, 12)], unit="week")
        <RepeatPurchases: 712 customers, 12 of whom bought again, in weeks>
        """
        owner = "RepeatPurchases.from_counts"
        checked_unit(unit, owner=owner)
        counted: list[tuple[Triple, int]] = []
        for place, row in enumerate(rows):
            frequency, recency, age, count = _parts(owner, place, row, (4,))
            who = _checked(owner, place, frequency, recency, age)
            counted.append((_triple(who), _whole(f"{owner}: rows[{place}]: count", _counted(count))))
        total: dict[Triple, int] = {}
        for triple, count in counted:
            if count:
                total[triple] = total.get(triple, 0) + count
        number = {triple: place for place, triple in enumerate(sorted(total))}
        group_of = array(
            _INTS, chain.from_iterable(repeat(number[key], many) for key, many in counted if many)
        )
        return cls(
            unit=unit,
            discrete=_discrete(owner, discrete, total),
            places=range(len(group_of)),
            groups=tuple((*triple, total[triple]) for triple in number),
            group_of=group_of,
        )

    @classmethod
    def from_table(
        cls,
        rows: Mapping[
            Hashable, tuple[int, float, float] | tuple[int, float, float, float | None] | Purchases
        ],
        /,
        *,
        unit: TimeUnit,
        currency: str | None = None,
        discrete: bool = False,
    ) -> RepeatPurchases:
        """Customers from a table by id.

        Args:
            rows: By id, frequency, recency and age, and the mean spend where it is known; or `Purchases`.
            unit: The unit of time.
            currency: The currency of the spends.
            discrete: Whether time comes in whole units, each of them one opportunity to buy.

        Raises:
            InvalidTypeError: A row is none of three or four numbers.
            InvalidValueError: A row is out of its domain; see `Purchases`. Or the spend is known of some who bought again,
                and not of others.

        .. versionadded:: 0.1

        >>> import retention as rt
        >>> base = rt.RepeatPurchases.from_table(
        ...     {"ann": (2, 30.43, 38.86), "ben": (0, 0, 38.86)}, unit="week"
        ... )
        >>> base["ann"]
        Purchases(frequency=2, recency=30.43, age=38.86, spend=None)
        """
        owner = "RepeatPurchases.from_table"
        checked_unit(unit, owner=owner)
        if not isinstance(rows, Mapping):
            msg = f"{owner}: rows must be a mapping from ids to (frequency, recency, age), got {shown(rows)}; without ids, count them and use from_counts"
            raise InvalidTypeError(msg)
        found = [_row(owner, name, row) for name, row in rows.items()]
        counted, group_of = grouped(list(map(_triple, found)))
        return cls(
            unit=unit,
            discrete=_discrete(owner, discrete, map(_triple, found)),
            places=dict(zip(rows, range(len(found)), strict=True)),
            groups=tuple((*triple, count) for triple, count in counted),
            group_of=group_of,
            spends=_spends(owner, list(rows), found),
            currencies=() if currency is None else (currency,),
        )

    # Columns --------------------------------------------------------------------------------------

    @property
    def groups(self) -> Sequence[Group]:
        """The customers who look alike: frequency, recency, age and how many, each once, ascending."""
        return self._groups

    @property
    def group_of(self) -> Sequence[int]:
        """By customer, in the order of iteration, the place of the group."""
        return memoryview(self._group_of).toreadonly()

    @property
    def spends(self) -> Sequence[float]:
        """By customer, in the order of iteration, the mean spend of a day after the first; 0 where there was none.

        Raises:
            MissingRecordsError: No spend is known.
            MixedCurrencyError: The spends are in several currencies.
        """
        one_currency(self._currencies)
        if self._spends is None:
            msg = "RepeatPurchases: no spends are known; make it from orders, or give the mean spend as the fourth number of from_table"
            raise MissingRecordsError(msg)
        return memoryview(self._spends).toreadonly()

    @property
    def has_spends(self) -> bool:
        """Whether it is known what customers spent."""
        return self._spends is not None

    @property
    def currency(self) -> str | None:
        """The one currency of the spends, or None where none is known.

        Raises:
            MixedCurrencyError: When they are in several.
        """
        return one_currency(self._currencies)

    @property
    def repeaters(self) -> int:
        """How many customers bought again."""
        return sum(count for frequency, _, _, count in self._groups if frequency)

    def where(self, keep: Callable[[Purchases], object], /) -> RepeatPurchases:
        """Some of the customers, such as those who bought again, with all else as it is.

        Args:
            keep: Takes the `Purchases` of a customer, and says whether to keep them.

        Raises:
            InvalidTypeError: It can't be called.

        .. versionadded:: 0.1

        >>> import retention as rt
        >>> base = rt.RepeatPurchases.from_counts([(0, 0, 38.0, 700), (2, 30.5, 38.0, 12)], unit="week")
        >>> base.where(lambda who: who.frequency > 0)
        <RepeatPurchases: 12 customers, 12 of whom bought again, in weeks>
        """
        if not callable(keep):
            msg = f"RepeatPurchases.where takes a function of Purchases, got {shown(keep)}; pass for instance lambda who: who.frequency > 0"
            raise InvalidTypeError(msg)
        return self._keeping([place for place, who in enumerate(self.values()) if keep(who)], _NOT_KEPT)

    def only(self, ids: Iterable[Hashable], /) -> RepeatPurchases:
        """The customers of a list, such as those of one country or one mailing, with all else as it is.

        Ids of people who are no customers of the base, as they have not bought yet, are passed over.

        Args:
            ids: Whom to keep, in any order.

        Raises:
            InvalidTypeError: They are no collection of ids.
            InvalidValueError: There are ids, and none of them is that of a customer.

        .. versionadded:: 0.1

        >>> import retention as rt
        >>> base = rt.RepeatPurchases.from_table(
        ...     {"ann": (2, 30.43, 38.86), "ben": (0, 0, 38.86)}, unit="week"
        ... )
        >>> base.only(["ben", "zoe"])
        <RepeatPurchases: 1 customer, 0 of whom bought again, in weeks>
        """
        if isinstance(ids, (str, bytes)) or not isinstance(ids, Iterable):
            msg = f"RepeatPurchases.only takes several ids, got {shown(ids)}; pass a list of them"
            raise InvalidTypeError(msg)
        listed = list(ids)
        wanted = _as_set(listed)
        kept = [place for place, name in enumerate(self) if name in wanted]
        if listed and not kept:
            msg = f"RepeatPurchases.only: none of the {len(listed):,} ids is that of a customer (got {shown(listed[0])}); ids must be of the same type as those of the orders"
            raise InvalidValueError(msg)
        return self._keeping(kept, _NOT_LISTED)

    def _keeping(self, kept: Sequence[int], others: str) -> RepeatPurchases:
        """The customers at these places, with a count of the others."""
        names = list(self)
        counted, group_of = grouped([self._groups[self._group_of[place]][:3] for place in kept])
        spends = self._spends
        return evolve(
            self,
            places={names[place]: number for number, place in enumerate(kept)},
            groups=tuple((*triple, count) for triple, count in counted),
            group_of=group_of,
            spends=None if spends is None else array(_FLOATS, [spends[place] for place in kept]),
            left_out=OpenMapping({**self.left_out, others: len(self) - len(kept)}),
        )

    # A mapping ------------------------------------------------------------------------------------

    def __getitem__(self, customer_id: Hashable) -> Purchases:
        place = self.place_of(customer_id)
        frequency, recency, age, _ = self._groups[self._group_of[place]]
        is_known = self._spends is not None and frequency and len(self._currencies) <= 1
        return Purchases(frequency, recency, age, self.spends[place] if is_known else None)

    def place_of(self, customer_id: Hashable, /) -> int:
        """Where a customer stands in the order of iteration.

        Raises:
            KeyError: There is no such customer.
        """
        places = self._places
        if not isinstance(places, range):
            return places[customer_id]
        if isinstance(customer_id, int) and customer_id in places:
            return customer_id
        raise KeyError(customer_id)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._group_of)

    def __contains__(self, customer_id: object) -> bool:
        return customer_id in self._places

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RepeatPurchases):
            return NotImplemented
        if self is other:
            return True
        return (
            self._terms() == other._terms() and self._groups == other._groups and self._same_customers(other)
        )

    def __hash__(self) -> int:
        return hash((self._terms(), self._groups))

    def _terms(self) -> tuple[object, ...]:
        return (self.unit, self.until, self.discrete, self._currencies, self.has_spends, len(self))

    def _same_customers(self, other: RepeatPurchases) -> bool:
        """Whether the same ids have the same figures, in whatever order they stand."""
        if all(map(eq, self, other)):
            return self._group_of == other._group_of and self._spends == other._spends
        return dict(self._rows()) == dict(other._rows())

    def _rows(self) -> Iterator[tuple[Hashable, tuple[int, float]]]:
        spends: Iterable[float] = repeat(0.0) if self._spends is None else self._spends
        return zip(self, zip(self._group_of, spends, strict=False), strict=True)

    def __repr__(self) -> str:
        until = "" if self.until is None else f", until {self.until.isoformat()}"
        customers = "customer" if len(self) == 1 else "customers"
        return f"<RepeatPurchases: {len(self):,} {customers}, {self.repeaters:,} of whom bought again, in {self.unit}s{until}>"


def grouped(looks: Sequence[Look]) -> tuple[list[tuple[Look, int]], array[int]]:
    """What customers look like, each once and ascending, with how many do; and by customer the place in it."""
    counts = Counter(looks)
    in_order = sorted(counts)
    number = dict(zip(in_order, range(len(in_order)), strict=True))
    return list(zip(in_order, map(counts.__getitem__, in_order), strict=True)), array(
        _INTS, map(number.__getitem__, looks)
    )


def _as_set(ids: list[Hashable]) -> set[Hashable]:
    try:
        return set(ids)
    except TypeError:
        msg = f"RepeatPurchases.only takes ids, which can be hashed, got {shown(ids[0])}; pass a list of them"
        raise InvalidTypeError(msg) from None


def _triple(who: Purchases) -> Triple:
    return who.frequency, who.recency, who.age


def _row(owner: str, name: Hashable, row: object) -> Purchases:
    if isinstance(row, Purchases):
        return row
    frequency, recency, age, *spend = _parts(owner, name, row, (3, 4))
    return _checked(owner, name, frequency, recency, age, *spend)


def _parts(owner: str, place: object, row: object, lengths: tuple[int, ...]) -> tuple[Any, ...]:
    """The numbers of a row, if there are as many as there should be."""
    if isinstance(row, Iterable) and not isinstance(row, (str, bytes, Mapping)):
        parts = tuple(row)
        if len(parts) in lengths:
            return parts
    last = "count" if 3 not in lengths else "and perhaps spend"
    msg = f"{owner}: rows[{shown(place)}] must be frequency, recency, age, {last}, got {shown(row)}; pass a tuple"
    raise InvalidTypeError(msg)


def _checked(owner: str, place: object, frequency: Any, *parts: Any) -> Purchases:
    try:
        return Purchases(_counted(frequency), *parts)
    except (InvalidTypeError, InvalidValueError) as error:
        msg = f"{owner}: rows[{shown(place)}]: {error}"
        raise type(error)(msg) from None


def _discrete(owner: str, discrete: object, triples: Iterable[Triple]) -> bool:
    """Whether time comes in whole units, if it does where it is said to."""
    if not isinstance(discrete, bool):
        msg = f"{owner}: discrete must be True or False, got {shown(discrete)}"
        raise InvalidTypeError(msg)
    if discrete:
        for triple in triples:
            if not (triple[1].is_integer() and triple[2].is_integer() and triple[0] <= triple[1]):
                msg = (
                    f"{owner}: with discrete=True recency and age must be whole numbers, and frequency at most recency, got "
                    f"{triple!r}; count the units with a purchase, up to the last of these, and up to now"
                )
                raise InvalidValueError(msg)
    return discrete


def _spends(owner: str, names: Sequence[Hashable], found: Sequence[Purchases]) -> array[float] | None:
    """The spends, in the order of the customers; None where none is known."""
    if all(who.spend is None for who in found):
        return None
    for name, who in zip(names, found, strict=True):
        if who.frequency and who.spend is None:
            msg = f"{owner}: rows[{shown(name)}] has no spend, and others have; give it for all who bought again, or for nobody"
            raise InvalidValueError(msg)
    return array(_FLOATS, [(who.spend or 0.0) if who.frequency else 0.0 for who in found])
