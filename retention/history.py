"""An index of orders: read once, kept as columns by instant, and asked for any period.

`History` is what makes thirty metrics over twenty-four months cost one reading. It is a collection of
its orders too, so that whatever takes orders takes a history.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TypedDict

from attrs import evolve

from retention._calendar import from_microseconds, microseconds
from retention._columns import EMPTY, Columns, extended
from retention._reading import (
    KEEP_LAST,
    Reading,
    differing,
    distinct,
    mixed,
    read_sales,
    refuse_strangers,
)
from retention.errors import DuplicateOrderError, InvalidTypeError, InvalidValueError, shown
from retention.records import Convert, Order, OrderPolicy

__all__ = ["History", "ReadingOptions", "one_currency"]


class ReadingOptions(TypedDict, total=False):
    """How orders are to be read: keywords that every order metric takes. A `History` and a `Shop` carry them.

    Attributes:
        policy: Which orders count; `OrderPolicy()` unless given.
        as_of: Instant at which the data were known; what is dated later does not exist.
        observed_from: Instant from which the data are complete.
        currency: Count only orders in this currency or, with `convert`, the currency to convert into.
        convert: The host's conversion of an amount, called as ``convert(amount, currency, placed_at)``.
        aliases: Ids that stand for the same person: ``{alias: id}``.

    .. versionadded:: 0.1
    """

    policy: OrderPolicy | None
    as_of: datetime | None
    observed_from: datetime | None
    currency: str | None
    convert: Convert | None
    aliases: Mapping[Hashable, Hashable] | None


class History(Collection[Order]):
    """All orders of a shop, indexed once.

    Two histories are equal when they hold equal orders in the same sequence and read them alike. Their lengths are
    compared first; where these agree, it takes a look at every order.

    Args:
        orders: The orders, in any order; read once, so that a generator will do.
        policy: Which orders count.
        as_of: Instant at which the data were known; what is dated later does not exist.
        observed_from: Instant from which the data are complete; None means from the beginning.
        currency: Count only orders in this currency. With `convert`, the currency to convert into.
        convert: Conversion of an amount, called as ``convert(amount, currency, placed_at)``.
        aliases: Ids that stand for the same person: ``{alias: id}``.

    Raises:
        ConflictingArgumentError: When `as_of` lies before `observed_from`, or `convert` is given without `currency`.
        DuplicateOrderError: When an order id stands twice.
        InvalidTypeError: When something in `orders` is no `Order`.
        MixedCurrencyError: When the policy compares or adds amounts of several currencies.

    .. versionadded:: 0.1

    >>> from datetime import datetime, timezone
    >>> order = Order(
    ...     id=1,
    ...     customer_id="ann",
    ...     placed_at=datetime(2026, 3, 1, tzinfo=timezone.utc),
    ...     amount="12.50",
    ...     currency="EUR",
    ... )
    >>> History([order])
    <History: 1 orders, 1 customers, 2026-03-01 to 2026-03-01 UTC, as of not given>
    """

    __slots__ = ("_columns", "_orders", "_reading")

    def __init__(
        self,
        orders: Iterable[Order],
        /,
        *,
        policy: OrderPolicy | None = None,
        as_of: datetime | None = None,
        observed_from: datetime | None = None,
        currency: str | None = None,
        convert: Convert | None = None,
        aliases: Mapping[Hashable, Hashable] | None = None,
    ) -> None:
        self._reading = Reading(
            policy=policy,
            as_of=as_of,
            observed_from=observed_from,
            currency=currency,
            convert=convert,
            aliases=aliases,
        )
        self._orders = _all_orders(orders)
        self._columns = _read(EMPTY, self._orders, self._reading) or EMPTY

    @property
    def policy(self) -> OrderPolicy:
        """Which orders count."""
        return self._reading.policy

    @property
    def as_of(self) -> datetime | None:
        """Instant at which the data were known, in UTC, or None when it was not given."""
        return self._reading.as_of

    @property
    def observed_from(self) -> datetime | None:
        """Instant from which the data are complete, in UTC, or None for "from the beginning"."""
        return self._reading.observed_from

    @property
    def currency(self) -> str | None:
        """The one currency of the sales, or None when there are no sales.

        Raises:
            MixedCurrencyError: When the sales are in several currencies.
        """
        return one_currency(self._columns.currencies)

    @property
    def columns(self) -> Columns:
        """The columns, for the code that counts: no part of the public interface.

        :meta private:
        """
        return self._columns

    @property
    def reading(self) -> Reading:
        """How the orders were read, all in one: no part of the public interface.

        :meta private:
        """
        return self._reading

    def append(self, later: Iterable[Order], /, *, as_of: datetime | None = None) -> History:
        """A new history with further orders, all placed after those that are here.

        The old orders are not read again, except where what was unknown at the old `as_of` becomes known,
        where days are merged, and where the new amounts have more decimals. Yet the ids of the old orders are
        looked through and the columns copied, so that the cost grows with the number of orders and customers that
        are here: append the orders of a day at once, not one by one.

        Args:
            later: The orders; their ids must be new. Under ``OrderPolicy(on_duplicate="drop_identical")`` equal
                copies of orders that are here are dropped and counted.
            as_of: The new instant at which the data were known; by default the old one.

        Raises:
            InvalidValueError: An order is not later than all that are here, or `as_of` is earlier than it was.
            DuplicateOrderError: An order's id stands here already.

        .. versionadded:: 0.1

        >>> from retention.testing import make_orders
        >>> february, march = make_orders({"ann": ["2026-02-10", "2026-03-05"]})
        >>> History([february]).append([march])
        <History: 2 orders, 1 customers, 2026-02-10 to 2026-03-05 UTC, as of not given>
        """
        given = _all_orders(later)
        refuse_strangers(given)
        reading = self._reading if as_of is None else evolve(self._reading, as_of=as_of)
        self._refuse_earlier(reading.as_of)
        new, copies = self._without_copies(given)
        self._refuse_past(new)
        orders = [*self._orders, *given]
        columns = self._extended(new, copies, reading) or _read(EMPTY, orders, reading) or EMPTY
        return self._of(orders, reading, columns)

    @classmethod
    def _of(cls, orders: list[Order], reading: Reading, columns: Columns) -> History:
        self = cls.__new__(cls)
        self._orders, self._reading, self._columns = orders, reading, columns
        return self

    def _extended(self, new: list[Order], copies: list[Order], reading: Reading) -> Columns | None:
        """The columns with later orders, or None where the old orders must be read again."""
        if reading.as_of != self.as_of and (self.as_of is None or self._columns.hides_later):
            return None
        if not new and not copies:
            return self._columns
        return None if reading.policy.same_day == "merge" else _read(self._columns, new, reading, copies)

    def _refuse_earlier(self, as_of: datetime | None) -> None:
        if self.as_of is not None and as_of is not None and as_of < self.as_of:
            msg = f"as_of= must not be before the old one, {self.as_of.isoformat()} (got {as_of.isoformat()})"
            raise InvalidValueError(msg)

    def _without_copies(self, given: list[Order]) -> tuple[list[Order], list[Order]]:
        """The orders that are not here yet, and the equal copies of those that are."""
        ids = set(map(attrgetter("id"), given))
        if ids.isdisjoint(map(attrgetter("id"), self._orders)):
            return given, []
        here = {order.id: order for order in self._orders if order.id in ids}
        for order in given:
            if order.id in here:
                self._refuse_other(order, here[order.id])
        return (
            [order for order in given if order.id not in here],
            [order for order in given if order.id in here],
        )

    def _refuse_other(self, order: Order, old: Order) -> None:
        """Refuse an order whose id is taken, unless it is an equal copy and such copies are to be dropped."""
        if order != old:
            msg = (
                f"Order.id {shown(order.id)} stands in the history already, with different content "
                f"({differing(old, order)}); make a new History of all orders, with the record that is right: {KEEP_LAST}"
            )
            raise DuplicateOrderError(msg)
        if self.policy.on_duplicate == "raise":
            msg = (
                f"Order.id {shown(order.id)} stands in the history already; give only new orders, or make the history "
                f'with policy=OrderPolicy(on_duplicate="drop_identical") to drop equal copies'
            )
            raise DuplicateOrderError(msg)

    def _refuse_past(self, new: list[Order]) -> None:
        latest = self._columns.latest_instant
        for order in new:
            if latest is not None and microseconds(order.placed_at) <= latest:
                msg = (
                    f"Order.placed_at must be after all orders of the history (got {order.placed_at.isoformat()}); "
                    f"make a new History of all orders instead"
                )
                raise InvalidValueError(msg)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        # Lists of different length are never looked into.
        return self._reading == other._reading and self._orders == other._orders

    def __hash__(self) -> int:
        return hash((len(self._orders), self._reading))

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders)

    def __len__(self) -> int:
        return len(self._orders)

    def __contains__(self, order: object) -> bool:
        return order in self._orders

    def __repr__(self) -> str:
        known = "not given" if self.as_of is None else f"{self.as_of:%Y-%m-%d %H:%M} UTC"
        return f"<History: {len(self):,} orders, {len(self._columns.ids):,} customers, {self._span()}, as of {known}>"

    def _span(self) -> str:
        columns = self._columns
        instants = (columns.at, columns.guests.at, columns.rest.at)
        ends = [end for column in instants if column for end in (column[0], column[-1])]
        if not ends:
            return "no sales"
        return f"{_day(min(ends))} to {_day(max(ends))} UTC"


def one_currency(currencies: Collection[str]) -> str | None:
    """The one currency there is, or None when there is none.

    Raises:
        MixedCurrencyError: When there are several.
    """
    if len(currencies) > 1:
        raise mixed(currencies, "money in {} can't be added")
    return next(iter(currencies), None)


def _all_orders(orders: Iterable[Order]) -> list[Order]:
    if isinstance(orders, (str, bytes, Mapping)) or not isinstance(orders, Iterable):
        hint = "; pass its .records" if hasattr(orders, "records") else ""
        msg = f"orders must be an iterable of Orders, not {type(orders).__name__}{hint}"
        raise InvalidTypeError(msg)
    return list(orders)


def _read(
    old: Columns, orders: Iterable[Order], reading: Reading, copies: Sequence[Order] = ()
) -> Columns | None:
    """The columns with these orders, or None where all must be read again."""
    kept, more = distinct(orders, drop_identical=reading.policy.on_duplicate == "drop_identical")
    dropped = [microseconds(copy.placed_at) for copy in (*copies, *more)]
    return extended(old, read_sales(kept, reading), reading.policy, dropped)


def _day(at: int) -> str:
    return from_microseconds(at).date().isoformat()
