"""What customers did from some instant on, those who did nothing among them, and the figure of a group of them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, TypeAlias, get_args

from attrs import frozen

from retention._columns import NOBODY, Columns
from retention._numerics import ClusterSums
from retention._period_orders import Money
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingRecordsError,
    did_you_mean,
    shown,
)
from retention.results import Basis, Mean, Ratio
from retention.shop import Shop

__all__ = [
    "EXPERIMENT_METRICS",
    "Amounts",
    "ExperimentMetric",
    "Watch",
    "amounts_of",
    "check_metric",
    "check_time",
    "figure_of",
    "in_microseconds",
    "refuse_without_orders",
]

ExperimentMetric: TypeAlias = Literal["buyers", "orders", "revenue"]
"""What a test is about: the share of customers who bought, their orders, or what they spent, each per customer assigned."""

EXPERIMENT_METRICS: tuple[ExperimentMetric, ...] = get_args(ExperimentMetric)
_MICROSECOND = timedelta(microseconds=1)
_TITLES: Mapping[str, tuple[str, str]] = {
    "buyers": ("share_of_buyers", "customers who bought"),
    "orders": ("orders_per_customer", "purchases"),
    "revenue": ("revenue_per_customer", "net revenue"),
}


def refuse_without_orders(records: object, *, owner: str) -> None:
    """Refuse a shop of subscriptions alone, whose customers would all seem to do nothing.

    Raises:
        MissingRecordsError: It has subscriptions and no orders.
    """
    if isinstance(records, Shop) and records.subscriptions and not len(records.orders):
        msg = f"{owner}: a test counts orders, and the shop has none, but {len(records.subscriptions):,} subscriptions; give payments as orders, or compare() a figure of those in the test with that of those held out"
        raise MissingRecordsError(msg)


@frozen(kw_only=True, eq=False)
class Watch:
    """One customer, watched for a time.

    Attributes:
        number: The customer's number in the columns; `NOBODY` of one who never bought.
        start: From when on, in microseconds.
        end: Until when; that instant is not counted.
    """

    number: int
    start: int
    end: int


@frozen(kw_only=True, eq=False)
class Amounts:
    """What each of some customers did, a 0 for those who did nothing.

    Attributes:
        orders: Each one's purchases.
        units: What was left of them after refunds, in whole units of money.
        money: The unit.
    """

    orders: Sequence[int]
    units: Sequence[int]
    money: Money

    @property
    def customers(self) -> int:
        return len(self.orders)

    def of(self, metric: ExperimentMetric) -> Sequence[int]:
        """What a metric adds up: 1 or 0, purchases, or units of money."""
        if metric == "revenue":
            return self.units
        return self.orders if metric == "orders" else [int(number > 0) for number in self.orders]


def amounts_of(columns: Columns, watched: Iterable[Watch], *, but_first: bool = False) -> Amounts:
    """What each of the customers bought while being watched, in their order.

    Args:
        columns: The purchases.
        watched: The customers, nobody twice.
        but_first: A customer's first purchase ever is not counted, which is what made a customer of each.
    """
    people = list(watched)
    place = array("q", [NOBODY]) * len(columns.ids)
    for position, each in enumerate(people):
        if each.number != NOBODY:
            place[each.number] = position
    orders, units = [0] * len(people), [0] * len(people)
    for who, at, net, before in _purchases(columns, people):
        position = place[who]
        if position == NOBODY or (but_first and before == NOBODY):
            continue
        if people[position].start <= at < people[position].end:
            orders[position] += 1
            units[position] += net
    return Amounts(
        orders=orders, units=units, money=Money(places=columns.places, currencies=columns.currencies)
    )


def _purchases(columns: Columns, people: Sequence[Watch]) -> Iterator[tuple[int, int, int, int]]:
    """Customer, instant, money and purchase before of all purchases while anybody is watched."""
    low = bisect_left(columns.at, min((each.start for each in people), default=0))
    high = bisect_left(columns.at, max((each.end for each in people), default=0))
    where = slice(low, max(low, high))
    return zip(
        columns.customer[where], columns.at[where], columns.net[where], columns.previous[where], strict=True
    )


def figure_of(metric: ExperimentMetric, amounts: Amounts, **basis: Any) -> Ratio | Mean:
    """The figure of a group: per customer, those who did nothing included.

    Args:
        metric: Which one.
        amounts: What each of the group did.
        basis: Further fields of what it rests on.

    Raises:
        MixedCurrencyError: It is about money, and that is in several currencies.
    """
    name, counted = _TITLES[metric]
    rests_on = Basis(metric=name, counted=(counted, "customers"), **basis)
    values, n = amounts.of(metric), amounts.customers
    if metric == "buyers":
        return Ratio(sum(values), n, basis=rests_on)
    is_money = metric == "revenue"
    scale = amounts.money.scale if is_money else 1
    return Mean(
        amounts.money.amount(sum(values)) if is_money else sum(values),
        n,
        unit=amounts.money.currency if is_money else None,
        sampling=ClusterSums.of(((1, each) for each in values), scale=scale),
        basis=rests_on,
    )


def check_metric(metric: object, *, owner: str) -> ExperimentMetric:
    """One of the three metrics.

    Raises:
        InvalidTypeError: It is no text.
        InvalidValueError: It is another text.
    """
    if not isinstance(metric, str):
        msg = f"{owner}: metric must be a text, not {type(metric).__name__} (got {shown(metric)}); {_THREE}"
        raise InvalidTypeError(msg)
    for each in EXPERIMENT_METRICS:
        if metric == each:
            return each
    hint = did_you_mean(metric, EXPERIMENT_METRICS)
    msg = f"{owner}: there is no metric {shown(metric)}; {hint}{_THREE}"
    raise InvalidValueError(msg)


_THREE = "there are 'buyers' (the share who bought), 'orders' and 'revenue', each per customer assigned"


def check_time(name: str, value: object, *, owner: str) -> timedelta:
    """A time that goes by the clock.

    Raises:
        InvalidTypeError: It is no `timedelta`; a month has no fixed length.
        InvalidValueError: It is not above zero.
    """
    if not isinstance(value, timedelta):
        msg = f"{owner}: {name} must be a timedelta, not {type(value).__name__} (got {shown(value)}); write timedelta(days=28)"
        raise InvalidTypeError(msg)
    if value <= timedelta(0):
        msg = f"{owner}: {name} must be longer than zero (got {shown(value)}); write timedelta(days=28)"
        raise InvalidValueError(msg)
    return value


def in_microseconds(time: timedelta) -> int:
    """A time in whole microseconds."""
    return time // _MICROSECOND
