"""An index of orders: read once, kept as columns by instant, and asked for any period.

`History` is what makes thirty metrics over twenty-four months cost one reading. It is a collection of
its orders too, so that whatever takes orders takes a history.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import TypedDict, Unpack

from attrs import evolve

from retention._calendar import from_microseconds, instant, microseconds
from retention._columns import EMPTY, Columns, extended
from retention._reading import Reading, distinct, read_sales, refuse_strangers
from retention.errors import (
    ConflictingArgumentError,
    DuplicateOrderError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    shown,
)
from retention.records import Convert, Order, OrderPolicy

__all__ = ["History", "ReadingOptions", "as_history", "one_currency"]


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

    Args:
        orders: The orders, in any order; read once, so that a generator will do.
        policy: Which orders count.
        as_of: Instant at which the data were known; what is dated later does not exist.
        observed_from: Instant from which the data are complete; None means from the beginning.
        currency: Count only orders in this currency. With `convert`, the currency to convert into.
        convert: Conversion of an amount, called as ``convert(amount, currency, placed_at)``.
        aliases: Ids that stand for the same person: ``{alias: id}``.

    Raises:
        DuplicateOrderError: When an order id stands twice.
        InvalidTypeError: When something in `orders` is no `Order`.

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

    __slots__ = ("_columns", "_observed_from", "_orders", "_reading")

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
            policy=OrderPolicy() if policy is None else policy,
            as_of=as_of,
            currency=currency,
            convert=convert,
            aliases=aliases,
        )
        self._observed_from = (
            None if observed_from is None else instant(observed_from, owner="History", field="observed_from")
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
        return self._observed_from

    @property
    def currency(self) -> str | None:
        """The one currency of the sales, or None when there are no sales.

        Raises:
            MixedCurrencyError: When the sales are in several currencies.
        """
        return one_currency(self._columns.currencies)

    @property
    def columns(self) -> Columns:
        """The columns, for code that counts; their layout may change with any version."""
        return self._columns

    @property
    def customer_count(self) -> int:
        """How many known customers have purchased."""
        return len(self._columns.ids)

    def append(self, later: Iterable[Order], /, *, as_of: datetime | None = None) -> History:
        """A new history with further orders, all placed after those that are here.

        The old orders are not read again, except where what was unknown at the old `as_of` becomes known,
        where days are merged, and where the new amounts have more decimals.

        Args:
            later: The orders; their ids must be new.
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
        new = _all_orders(later)
        reading = self._reading if as_of is None else evolve(self._reading, as_of=as_of)
        refuse_strangers(new)
        self._refuse_past(new, reading)
        orders = [*self._orders, *new]
        columns = self._extended(new, reading) or _read(EMPTY, orders, reading) or EMPTY
        return self._of(orders, reading, self._observed_from, columns)

    @classmethod
    def _of(
        cls, orders: list[Order], reading: Reading, observed_from: datetime | None, columns: Columns
    ) -> History:
        self = cls.__new__(cls)
        self._orders, self._reading, self._observed_from, self._columns = (
            orders,
            reading,
            observed_from,
            columns,
        )
        return self

    def _extended(self, new: list[Order], reading: Reading) -> Columns | None:
        """The columns with later orders, or None where the old orders must be read again."""
        sees_more = reading.as_of != self.as_of and (self.as_of is None or self._columns.hides_later)
        if sees_more or reading.policy.same_day == "merge":
            return None
        return _read(self._columns, new, reading)

    def _refuse_past(self, new: list[Order], reading: Reading) -> None:
        if self.as_of is not None and reading.as_of is not None and reading.as_of < self.as_of:
            msg = f"as_of must not be before the old one, {self.as_of.isoformat()} (got {reading.as_of.isoformat()})"
            raise InvalidValueError(msg)
        old_ids = set(map(attrgetter("id"), self._orders))
        latest = self._columns.latest_instant
        for order in new:
            if order.id in old_ids:
                msg = f"Order.id {shown(order.id)} stands in the history already; give only new orders"
                raise DuplicateOrderError(msg)
            if latest is not None and microseconds(order.placed_at) <= latest:
                msg = (
                    f"Order.placed_at must be after all orders of the history (got {order.placed_at.isoformat()}); "
                    f"make a new History of all orders instead"
                )
                raise InvalidValueError(msg)

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders)

    def __len__(self) -> int:
        return len(self._orders)

    def __contains__(self, order: object) -> bool:
        return order in self._orders

    def __repr__(self) -> str:
        known = "not given" if self.as_of is None else f"{self.as_of:%Y-%m-%d %H:%M} UTC"
        return f"<History: {len(self):,} orders, {self.customer_count:,} customers, {self._span()}, as of {known}>"

    def _span(self) -> str:
        columns = self._columns
        instants = (columns.at, columns.guests.at, columns.rest.at)
        ends = [end for column in instants if column for end in (column[0], column[-1])]
        if not ends:
            return "no sales"
        return f"{_day(min(ends))} to {_day(max(ends))} UTC"

    def agree(self, **reading: Unpack[ReadingOptions]) -> History:
        """This history, if the keywords say nothing else than it does.

        Raises:
            ConflictingArgumentError: When a keyword contradicts what the history was made with.
        """
        for name, value in reading.items():
            if value is not None and value != self._carried(name):
                msg = (
                    f"{name}={shown(value)} contradicts the History, which has {shown(self._carried(name))}; "
                    f"leave the keyword out, or make a History with it"
                )
                raise ConflictingArgumentError(msg)
        return self

    def _carried(self, name: str) -> object:
        if name == "observed_from":
            return self._observed_from
        if name not in ReadingOptions.__annotations__:
            msg = f"{name!r} is no keyword of a reading; there are {', '.join(sorted(ReadingOptions.__annotations__))}"
            raise TypeError(msg)
        return getattr(self._reading, name)


def as_history(orders: Iterable[Order], **reading: Unpack[ReadingOptions]) -> History:
    """The orders as a `History`: the same one when they are one already, read once otherwise.

    Raises:
        ConflictingArgumentError: When a keyword contradicts the history.
    """
    if isinstance(orders, History):
        return orders.agree(**reading)
    return History(orders, **reading)


def one_currency(currencies: Collection[str]) -> str | None:
    """The one currency there is, or None when there is none.

    Raises:
        MixedCurrencyError: When there are several.
    """
    if len(currencies) > 1:
        msg = (
            f"money in {', '.join(sorted(currencies))} can't be added; "
            f'count one currency with currency="{min(currencies)}", or give convert= and currency='
        )
        raise MixedCurrencyError(msg)
    return next(iter(currencies), None)


def _all_orders(orders: Iterable[Order]) -> list[Order]:
    if isinstance(orders, (str, bytes, Mapping)) or not isinstance(orders, Iterable):
        msg = f"orders must be an iterable of Orders, not {type(orders).__name__}"
        raise InvalidTypeError(msg)
    return list(orders)


def _read(old: Columns, orders: Iterable[Order], reading: Reading) -> Columns | None:
    """The columns with these orders, or None where all must be read again."""
    kept, copies = distinct(orders, drop_identical=reading.policy.on_duplicate == "drop_identical")
    dropped = [microseconds(copy.placed_at) for copy in copies]
    return extended(old, read_sales(kept, reading), reading.policy, dropped)


def _day(at: int) -> str:
    return from_microseconds(at).date().isoformat()
