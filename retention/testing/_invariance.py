"""What must not change a figure: checks for a host's own metrics.

Each check calls the metric on the orders as they are, then on orders changed in a way that must not matter. All
are deterministic: what is shuffled or chosen is so by a seed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn, Protocol, TypeVar

from attrs import evolve

from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.history import History
from retention.periods import Period
from retention.records import Order, Refund
from retention.shop import Orders, Shop
from retention.testing._draws import Draws

__all__ = [
    "OrdersMetric",
    "assert_no_look_ahead",
    "assert_permutation_invariant",
    "assert_refund_neutral",
    "assert_shift_invariant",
]

_T = TypeVar("_T")
_MOMENT = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_NEWCOMER = "a newcomer of retention.testing"
_NO_ID = "retention.testing: an order that is added"


class OrdersMetric(Protocol):
    """A figure made from orders, as the library's are and a host's own may be.

    A function that takes the orders first and ``period=`` is one.

    .. versionadded:: 0.1
    """

    def __call__(self, orders: Any, /, *, period: Period) -> object:
        """The figure of a period."""
        ...


Equal = Callable[[Any, Any], object]


def assert_permutation_invariant(
    metric: OrdersMetric,
    orders: Orders,
    /,
    *,
    period: Period,
    shuffles: int = 5,
    seed: int = 1,
    equal: Equal = operator.eq,
) -> None:
    """Assert that the sequence in which orders stand does not matter.

    The orders are turned round, sorted by amount, and shuffled some times. Besides, a list and an iterator over the
    same orders must give the same.

    Args:
        metric: A function of orders and ``period=``; its result must know `==`.
        orders: Orders to try it on. A `Shop` is handed on as one, with all that it says of how it is read, and then no
            iterator is tried.
        period: The period.
        shuffles: How often they are shuffled.
        seed: How they are shuffled.
        equal: When two results are the same, such as `math.isclose` for floats, whose sums hang on the sequence.

    Raises:
        AssertionError: When a result differs; it names the change and both results.

    .. versionadded:: 0.1
    """
    __tracebackhide__ = True
    check = _Check(metric, orders, period, equal)
    given = check.orders
    check.same("the orders turned round", given[::-1])
    check.same("the orders sorted by amount", sorted(given, key=lambda order: order.amount))
    draws = Draws("permutation", seed)
    for number in range(1, shuffles + 1):
        check.same(f"the orders shuffled, shuffle {number} of {shuffles}", _shuffled(given, draws))
    if not isinstance(orders, (Shop, History)):
        check.compare("an iterator over the orders", lambda: metric(iter(given), period=period))


def assert_refund_neutral(
    metric: OrdersMetric,
    orders: Orders,
    /,
    *,
    period: Period,
    most: int = 60,
    seed: int = 1,
    equal: Equal = operator.eq,
) -> None:
    """Assert that an order whose money was all given back changes nothing.

    Such an order is added for a customer who is there, for a newcomer and for a guest; in the period, on its first
    instant and just before its end, and before it. Don't ask it of figures about refunds, gross revenue or orders
    placed, which it changes rightly.

    Args:
        metric: A function of orders and ``period=``; its result must know `==`.
        orders: Orders to try it on, at least one; or a `Shop`.
        period: The period.
        most: How many additions are tried, each alone; more possible ones are chosen from by `seed`.
        seed: Which of them.
        equal: When two results are the same.

    Raises:
        AssertionError: When a result differs; it names the order that was added and both results.
        InvalidValueError: When there are no orders, so that nobody knows the currency.

    .. versionadded:: 0.1
    """
    __tracebackhide__ = True
    check = _Check(metric, orders, period, equal)
    if not check.orders:
        msg = "assert_refund_neutral needs orders (got none); give some, such as sample_shop().orders"
        raise InvalidValueError(msg)
    additions = list(_refunded(check.orders, period))
    for added in _shuffled(additions, Draws("refunds", seed))[:most]:
        who = "a guest" if added.customer_id is None else shown(added.customer_id)
        what = f"a fully refunded order of {who} at {added.placed_at.isoformat()}"
        check.same(f"{what} added", [*check.orders, added])


def assert_shift_invariant(
    metric: OrdersMetric,
    orders: Orders,
    /,
    *,
    period: Period,
    weeks: Sequence[int] = (1, 52, -520),
    equal: Equal = operator.eq,
) -> None:
    """Assert that nothing but the distance between instants matters: all are shifted by whole weeks, the period too.

    The figure is compared with that of the same span of time in UTC, as `Period.between` gives it, so that neither
    the length of months nor daylight saving plays a part.

    Args:
        metric: A function of orders and ``period=``; its result must know `==`. A result that names instants differs.
        orders: Orders to try it on. Of a `Shop`, `as_of` and `observed_from` are shifted, too.
        period: The period.
        weeks: By how many weeks.
        equal: When two results are the same.

    Raises:
        AssertionError: When a result differs; it names the shift and both results.

    .. versionadded:: 0.1
    """
    __tracebackhide__ = True
    here = Period.between(period.start, period.end, tz="UTC")
    check = _Check(metric, orders, here, equal)
    for number in weeks:
        by = timedelta(weeks=number)
        there = Period.between(period.start + by, period.end + by, tz="UTC")
        moved = [_later(order, by) for order in check.orders]
        shifted = _like(orders, moved, by)
        check.compare(
            f"everything shifted by {number} week{'' if number == 1 else 's'}",
            lambda shifted=shifted, there=there: metric(shifted, period=there),  # type: ignore[misc]
        )


def assert_no_look_ahead(
    metric: OrdersMetric,
    orders: Orders,
    /,
    *,
    period: Period,
    equal: Equal = operator.eq,
) -> None:
    """Assert that orders placed after the period do not change its figure.

    All orders from the period's end on are left out; then one more order of every customer is added there. Don't ask
    it of figures that follow customers beyond the period, such as `second_purchase_rate`.

    Args:
        metric: A function of orders and ``period=``; its result must know `==`.
        orders: Orders to try it on; or a `Shop`.
        period: The period.
        equal: When two results are the same.

    Raises:
        AssertionError: When a result differs; it names the change and both results.

    .. versionadded:: 0.1
    """
    __tracebackhide__ = True
    check = _Check(metric, orders, period, equal)
    known = [order for order in check.orders if order.placed_at < period.end]
    check.same("the orders after the period left out", known)
    more = [
        evolve(order, id=(_NO_ID, number), placed_at=period.end, refunds=(), cancelled_at=None)
        for number, order in enumerate(_one_of_each(check.orders))
    ]
    check.same("an order of each customer added at the period's end", [*check.orders, *more])


class _Check:
    """A metric, the orders that it is tried on, and its figure of them as they are."""

    def __init__(self, metric: OrdersMetric, orders: Orders, period: Period, equal: Equal) -> None:
        self._metric, self._period, self._equal = metric, period, equal
        self._given = orders
        self.orders = _as_tuple(orders)
        self._expected = metric(_like(orders, self.orders), period=period)

    def same(self, change: str, orders: Iterable[Order]) -> None:
        """Ask for the figure of other orders, and refuse another one."""
        __tracebackhide__ = True
        varied = _like(self._given, list(orders))
        self.compare(change, lambda: self._metric(varied, period=self._period))

    def compare(self, change: str, ask: Callable[[], object]) -> None:
        """Ask for a figure, and refuse another one than expected."""
        __tracebackhide__ = True
        try:
            found = ask()
        except Exception as refusal:  # noqa: BLE001 - whatever a host's metric raises is reported
            self._fail(change, f"raises {type(refusal).__name__}: {refusal}", refusal)
        if not self._equal(found, self._expected):
            self._fail(change, f"gives {_said(found)}", None)

    def _fail(self, change: str, outcome: str, cause: Exception | None) -> NoReturn:
        __tracebackhide__ = True
        name = getattr(self._metric, "__name__", repr(self._metric))
        msg = (
            f"{name} of {self._period}: with {change} it {outcome}; without, it gives {_said(self._expected)}"
        )
        raise AssertionError(msg) from cause


def _said(result: object) -> str:
    explain = getattr(result, "explain", None)
    return f"{result!r} ({explain()})" if explain else repr(result)


def _as_tuple(orders: Orders) -> tuple[Order, ...]:
    if isinstance(orders, Shop):
        return tuple(orders.orders)
    given: object = orders
    if not isinstance(given, Iterable):
        msg = f"the orders must be an iterable of Orders, or a Shop, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    return tuple(orders)


def _like(given: Orders, orders: Iterable[Order], by: timedelta = timedelta(0)) -> Orders:
    """Other orders in what the first came in: a `Shop` stays a shop, and a `History` a history, read alike."""
    if isinstance(given, Shop):
        return evolve(
            given,
            orders=orders,
            as_of=given.as_of and given.as_of + by,
            observed_from=given.observed_from and given.observed_from + by,
        )
    if isinstance(given, History):
        return _like(Shop(orders=given), orders, by).history()  # type: ignore[union-attr]
    return list(orders)


def _shuffled(items: Sequence[_T], draws: Draws) -> list[_T]:
    return [item for _, _, item in sorted((draws.uniform(), place, item) for place, item in enumerate(items))]


def _one_of_each(orders: Iterable[Order]) -> list[Order]:
    """The first order of each customer who is known by id."""
    found: dict[object, Order] = {}
    for order in orders:
        if order.customer_id is not None:
            found.setdefault(order.customer_id, order)
    return list(found.values())


def _refunded(orders: Sequence[Order], period: Period) -> Iterator[Order]:
    """Fully refunded orders of everybody, at instants of interest."""
    someone = orders[0]
    who = [order.customer_id for order in _one_of_each(orders)]
    instants = _instants(period)
    for customer in (*who, _NEWCOMER, None):
        for at in instants:
            amount = max(someone.amount, Decimal(1))
            yield Order(
                id=(_NO_ID, shown(customer), at.isoformat()),
                customer_id=customer,
                placed_at=at,
                amount=amount,
                currency=someone.currency,
                refunds=(Refund(refunded_at=at, amount=amount),),
            )


def _instants(period: Period) -> tuple[datetime, ...]:
    """Early, middle and late in the period, and in the one before it."""
    before = period.previous()
    return (
        before.start - _DAY,
        before.start,
        before.start + (before.end - before.start) / 2,
        period.start - _MOMENT,
        period.start,
        period.start + (period.end - period.start) / 2,
        period.end - _MOMENT,
    )


def _later(order: Order, by: timedelta) -> Order:
    return evolve(
        order,
        placed_at=order.placed_at + by,
        cancelled_at=order.cancelled_at and order.cancelled_at + by,
        refunds=tuple(evolve(refund, refunded_at=refund.refunded_at + by) for refund in order.refunds),
    )
