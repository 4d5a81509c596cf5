"""The columns behind a `History`: what was bought, by instant, ready to be cut into periods.

Customers are numbered in the order of their first purchases. So those who were new in a period are a
range of numbers, and those who had bought before an instant are all the numbers below one.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from itertools import islice
from operator import le
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from retention._reading import Refunds, Sales, in_units, merge_same_day
from retention._validate import EXACT

if TYPE_CHECKING:
    from retention.records import OrderPolicy

__all__ = ["NOBODY", "Column", "Columns", "index"]

Column: TypeAlias = Sequence[int]
"""Whole numbers: an `array` where they fit into 64 bits, a list where they don't."""

NOBODY = -1
"""Stands for "none" in columns of positions and of gaps."""


@frozen(kw_only=True, eq=False)
class Columns:
    """Sales as columns. A *cluster* is a customer's number or, for each guest order, a negative number of its own.

    Attributes:
        at: Instant of each purchase of a known customer, ascending.
        customer: Its customer's number.
        net: What is left of it after refunds, in units of the last decimal.
        previous: Position of the same customer's purchase before it, or `NOBODY`.
        ids: Each customer's id, by number.
        first_at: Instant of each customer's first purchase, ascending.
        second_gap: Microseconds from the first to the second purchase, or `NOBODY`.
        side_at: Instant of each other sale: guests' purchases, and sales with no net amount; ascending.
        side_cluster: Its cluster.
        side_net: What is left of it.
        side_is_purchase: 1 for a guest's purchase, 0 for a sale with no net amount.
        refunded_at: Instant of each refunded sale, ascending.
        refunded_cluster: Its cluster.
        refunded: What was given back for it.
        made_at: Instant of each refund, ascending.
        made_cluster: The cluster of its sale.
        made: What was given back.
        excluded_at: Instant of each order that is no sale, ascending.
        excluded_why: The reason.
        places: Decimals of the units of money.
        currencies: The currencies of the sales.
        hides_later: Something dated after `as_of` was passed over.
    """

    at: Column
    customer: list[int]
    net: Column
    previous: Column
    ids: list[Hashable]
    first_at: Column
    second_gap: Column
    side_at: Column
    side_cluster: Column
    side_net: Column
    side_is_purchase: Column
    refunded_at: Column
    refunded_cluster: Column
    refunded: Column
    made_at: Column
    made_cluster: Column
    made: Column
    excluded_at: Column
    excluded_why: list[str]
    places: int
    currencies: tuple[str, ...]
    hides_later: bool


def index(sales: Sales, policy: OrderPolicy) -> Columns:
    """The columns of some sales."""
    amounts, refunds, places = in_units(sales)
    order: Iterable[int] = _by_instant(sales.at)
    if policy.same_day == "merge" and policy.tz is not None:
        order = merge_same_day(order, sales, amounts, refunds, policy.tz)
    nets = _after_refunds(amounts, refunds)
    threshold = _threshold(policy.minimum_net, places)
    known: list[int] = []
    side: list[int] = []
    for position in order:
        is_known_purchase = nets[position] > threshold and sales.customer[position] is not None
        (known if is_known_purchase else side).append(position)
    buyers = [sales.customer[position] for position in known]
    numbers: dict[Hashable, int] = {buyer: number for number, buyer in enumerate(dict.fromkeys(buyers))}
    customer = [numbers[buyer] for buyer in buyers]
    at = _column(sales.at[position] for position in known)
    previous = _previous(customer, len(numbers))
    clusters = _clusters(side, sales.customer, numbers)
    cluster_of = clusters | {
        position: numbers[sales.customer[position]] for position in refunds if position not in clusters
    }
    refunded = sorted(refunds, key=sales.at.__getitem__)
    made = sorted(
        (when, cluster_of[position], given)
        for position, known_refunds in refunds.items()
        for when, given in known_refunds
    )
    excluded = sorted(sales.excluded)
    return Columns(
        at=at,
        customer=customer,
        net=_column(nets[position] for position in known),
        previous=previous,
        ids=list(numbers),
        first_at=_column(at[position] for position, before in enumerate(previous) if before == NOBODY),
        second_gap=_second_gaps(at, customer, previous, len(numbers)),
        side_at=_column(sales.at[position] for position in side),
        side_cluster=_column(clusters[position] for position in side),
        side_net=_column(nets[position] for position in side),
        side_is_purchase=array("b", [nets[position] > threshold for position in side]),
        refunded_at=_column(sales.at[position] for position in refunded),
        refunded_cluster=_column(cluster_of[position] for position in refunded),
        refunded=_column(amounts[position] - nets[position] for position in refunded),
        made_at=_column(when for when, _, _ in made),
        made_cluster=_column(cluster for _, cluster, _ in made),
        made=_column(given for _, _, given in made),
        excluded_at=_column(when for when, _ in excluded),
        excluded_why=[why for _, why in excluded],
        places=places,
        currencies=tuple(sorted(sales.currencies)),
        hides_later=sales.hides_later,
    )


def _column(values: Iterable[int]) -> Column:
    numbers = list(values)
    try:
        return array("q", numbers)
    except OverflowError:
        return numbers


def _by_instant(at: Sequence[int]) -> Sequence[int]:
    if all(map(le, at, islice(at, 1, None))):
        return range(len(at))
    return sorted(range(len(at)), key=at.__getitem__)


def _after_refunds(amounts: list[int], refunds: Refunds) -> list[int]:
    nets = amounts.copy() if refunds else amounts
    for position, known in refunds.items():
        # A host's conversion may round a refund up past its sale: nothing is left, not less than nothing.
        nets[position] = max(0, amounts[position] - sum(given for _, given in known))
    return nets


def _threshold(minimum: Decimal | None, places: int) -> int:
    """The whole number of units that a purchase must exceed; -1 lets zero-value orders in."""
    return -1 if minimum is None else int(EXACT.scaleb(minimum, places))


def _previous(customer: Sequence[int], customers: int) -> Column:
    latest = [NOBODY] * customers
    previous = array("q")
    append = previous.append
    for position, number in enumerate(customer):
        append(latest[number])
        latest[number] = position
    return previous


def _second_gaps(at: Column, customer: Sequence[int], previous: Column, customers: int) -> Column:
    gaps = [NOBODY] * customers
    for position, before in enumerate(previous):
        if before != NOBODY and previous[before] == NOBODY:
            gaps[customer[position]] = at[position] - at[before]
    return _column(gaps)


def _clusters(
    side: Sequence[int], customers: Sequence[Hashable | None], numbers: dict[Hashable, int]
) -> dict[int, int]:
    """Position of each sale that is no known customer's purchase: the customer's number, or a negative one.

    Customers who never purchased (only sales with no net amount) get negative numbers too.
    """
    never_bought: dict[Hashable, int] = {}
    clusters: dict[int, int] = {}
    for position in side:
        buyer = customers[position]
        if buyer in numbers and buyer is not None:
            clusters[position] = numbers[buyer]
        elif buyer is None:
            clusters[position] = -1 - position
        else:
            clusters[position] = never_bought.setdefault(buyer, -1 - position)
    return clusters
