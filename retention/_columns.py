"""The columns behind a `History`: what was bought, by instant, ready to be cut into periods.

Customers are numbered in the order of their first purchases. So those who were new in a period are a
range of numbers, and those who had bought before an instant are all the numbers below one.

A *cluster* is what varies as one when an interval is made: a known customer, whose cluster is the number,
or one guest order, which gets a negative number of its own (as do customers who have never purchased).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import compress, count, islice
from operator import itemgetter, le
from typing import TypeVar

from attrs import field, frozen

from retention._cancellations import Cancellation, more_cancellations, unsold
from retention._goods import NO_GOODS, Goods, more_goods
from retention._ledger import NO_ENTRIES, NOBODY, Column, Ledger, column, joined, no_numbers
from retention._mapping import FrozenMapping
from retention._reading import DUPLICATE, GUEST, NO_NET, REASONS, Sales, mixed
from retention._units import Refunds, costs_in_units, in_units, merge_same_day
from retention._validate import EXACT
from retention.records import OrderPolicy

__all__ = ["EMPTY", "NOBODY", "Columns", "Ledger", "extended"]

T = TypeVar("T")

_WHOLE_IN_FLOATS = 2**53


@frozen(kw_only=True, eq=False)
class Columns:
    """All that is known of the sales. Money is in units of the last decimal.

    Attributes:
        at: Instant of each purchase of a known customer, ascending.
        customer: Its customer's number.
        net: What is left of it after refunds.
        previous: Position of the same customer's purchase before it, or `NOBODY`.
        ids: Each customer's id, by number.
        first_at: Instant of each customer's first purchase, ascending.
        second_gap: Microseconds from the first to the second purchase, or `NOBODY`.
        guests: Guests' purchases, after refunds.
        rest: Sales that are no purchases, and what is left of them.
        refunded: Refunded sales, by their own instant, and what was given back for them.
        refunds: Refunds, by the instant at which they were made.
        excluded: Orders that are no sales, each as instant and reason, ascending.
        unsold: Those of them that were placed all the same, each with the number of the reason to cancel it, if any.
        cancelled: Cancellations, ascending by their own instants.
        goods: What the goods cost, and which categories they are of.
        places: Decimals of the units of money.
        currencies: The currencies of the sales.
        hides_later: Something dated after `as_of` was passed over.
        sale_count: How many sales have been read.
        never_bought: Clusters of customers with sales, but no purchase.
    """

    at: Column = field(factory=no_numbers)
    customer: Column = field(factory=no_numbers)
    net: Column = field(factory=no_numbers)
    previous: Column = field(factory=no_numbers)
    ids: list[Hashable] = field(factory=list)
    first_at: Column = field(factory=no_numbers)
    second_gap: Column = field(factory=no_numbers)
    guests: Ledger = NO_ENTRIES
    rest: Ledger = NO_ENTRIES
    refunded: Ledger = NO_ENTRIES
    refunds: Ledger = NO_ENTRIES
    excluded: list[tuple[int, str]] = field(factory=list)
    unsold: Ledger = NO_ENTRIES
    cancelled: list[Cancellation] = field(factory=list)
    goods: Goods = NO_GOODS
    places: int = 2
    currencies: tuple[str, ...] = ()
    hides_later: bool = False
    sale_count: int = 0
    never_bought: Mapping[Hashable, int] = FrozenMapping()

    @property
    def latest_instant(self) -> int | None:
        """Instant of the latest order, sale or not."""
        ends = [instants[-1] for instants in (self.at, self.guests.at, self.rest.at) if instants]
        return max([*ends, *(at for at, _ in self.excluded[-1:])], default=None)

    def left_out(self, start: int | None, end: int) -> dict[str, int]:
        """By reason, how many orders are no purchase of a known customer: from `start` on, or all, before `end`."""
        low = 0 if start is None else bisect_left(self.excluded, (start,))
        counts = Counter(why for _, why in self.excluded[low : bisect_left(self.excluded, (end,))])
        counts[GUEST] = self.guests.count(start, end)
        counts[NO_NET] = self.rest.count(start, end)
        return {reason: counts[reason] for reason in REASONS if counts[reason]}


EMPTY = Columns()


def extended(old: Columns, sales: Sales, policy: OrderPolicy, copies: Iterable[int] = ()) -> Columns | None:
    """The columns with further sales, all later than those they hold; None if these need finer units of money.

    Args:
        old: The columns so far.
        sales: The new orders.
        policy: Which of them count.
        copies: Instants of orders that were dropped as identical.

    Raises:
        MixedCurrencyError: The policy compares or adds amounts, and these are in several currencies.
    """
    currencies = tuple(sorted({*old.currencies, *sales.currencies}))
    if policy.minimum_net and len(currencies) > 1:
        raise mixed(
            currencies, f"OrderPolicy.minimum_net={policy.minimum_net} can't be compared with {{}} alike"
        )
    amounts, refunds, places = in_units(sales, at_least=old.places)
    if old.sale_count and places > old.places:
        return None
    costs = costs_in_units(sales, at_least=old.goods.cost_places)
    if policy.same_day == "merge" and policy.tz is not None:
        left = [position for position in _in_order(sales.at) if position not in sales.excluded]
        merge_same_day(sales, left, policy.tz, amounts=amounts, refunds=refunds, costs=costs[0])
    nets = column(_after_refunds(amounts, refunds))
    threshold = _threshold(policy.minimum_net, places)

    is_known = [
        net > threshold and buyer is not None for net, buyer in zip(nets, sales.customer, strict=True)
    ]
    for position in sales.excluded:
        is_known[position] = False
    pick = _picker(_in_order(sales.at, is_known))
    # Each new customer gets the next number as the id is met, so that an id is hashed once a purchase.
    known = ((identifier, number) for number, identifier in enumerate(old.ids))
    numbers: defaultdict[Hashable, int] = defaultdict(count(len(old.ids)).__next__, known)
    customer = joined(old.customer, array("q", [numbers[buyer] for buyer in pick(sales.customer)]))
    ids = list(numbers)
    at = joined(old.at, column(pick(sales.at)))
    previous = _previous(old, customer, len(ids))

    clusters = _Clusters(old, sales, numbers)
    others = [place for place, counted in enumerate(is_known) if not counted and place not in sales.excluded]
    guests = [place for place in others if nets[place] > threshold]
    rest = [place for place in others if nets[place] <= threshold]
    found = {place: clusters.of(place) for place in (*guests, *rest, *refunds, *sales.unsold())}
    renumbered = clusters.renumbered()
    return Columns(
        at=at,
        customer=customer,
        net=joined(old.net, column(pick(nets))),
        previous=previous,
        ids=ids,
        first_at=joined(
            old.first_at,
            column([at[place] for place in range(len(old.at), len(at)) if previous[place] == NOBODY]),
        ),
        second_gap=_second_gaps(old, at, customer, previous, len(ids)),
        guests=old.guests.extended(
            ((sales.at[place], found[place], nets[place]) for place in guests), renumbered
        ),
        rest=old.rest.extended(((sales.at[place], found[place], nets[place]) for place in rest), renumbered),
        refunded=old.refunded.extended(
            ((sales.at[place], found[place], amounts[place] - nets[place]) for place in refunds), renumbered
        ),
        refunds=old.refunds.extended(
            (
                (made, found[place], given)
                for place, known_refunds in refunds.items()
                for made, given in known_refunds
            ),
            renumbered,
        ),
        excluded=sorted(
            [
                *old.excluded,
                *((sales.at[place], why) for place, why in sales.excluded.items()),
                *((at, DUPLICATE) for at in copies),
            ]
        ),
        unsold=old.unsold.extended(unsold(sales, found), renumbered),
        cancelled=more_cancellations(
            old.cancelled, sales, found, renumbered, purchases=(customer, at), before=len(old.at)
        ),
        goods=more_goods(
            old.goods,
            sales,
            costs,
            before=len(old.at),
            pick=pick,
            guests=[(place, found[place]) for place in guests],
        ),
        places=places,
        currencies=currencies,
        hides_later=old.hides_later or sales.hides_later,
        sale_count=old.sale_count + len(sales.at),
        never_bought=clusters.never_bought(),
    )


class _Clusters:
    """Finds the cluster of each sale that is not simply a known customer's purchase."""

    def __init__(self, old: Columns, sales: Sales, numbers: Mapping[Hashable, int]) -> None:
        self._sales = sales
        self._first_free = -1 - old.sale_count
        self._number = numbers
        self._never_bought = dict(old.never_bought)

    def of(self, position: int) -> int:
        """A number of its own for a guest's order; the customer's otherwise."""
        buyer = self._sales.customer[position]
        own = self._first_free - position
        if buyer is None:
            return own
        number = self._number.get(buyer)
        return self._never_bought.setdefault(buyer, own) if number is None else number

    def renumbered(self) -> dict[int, int]:
        """Clusters of customers who had never purchased, and now have: their numbers."""
        return {
            cluster: self._number[buyer]
            for buyer, cluster in self._never_bought.items()
            if buyer in self._number
        }

    def never_bought(self) -> FrozenMapping[Hashable, int]:
        """The clusters of those who still have not."""
        left = {buyer: cluster for buyer, cluster in self._never_bought.items() if buyer not in self._number}
        return FrozenMapping(left)


def _picker(positions: Sequence[int]) -> Callable[[Sequence[T]], Sequence[T]]:
    """A function that takes the values at some positions; `itemgetter` does it twice as fast as a loop."""
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda values: [values[position] for position in positions]


def _in_order(at: Column, chosen: Iterable[bool] | None = None) -> Sequence[int]:
    """The chosen positions in the order of their instants, equal ones as they were given."""
    everywhere = range(len(at))
    positions = everywhere if chosen is None else list(compress(everywhere, chosen))
    if all(map(le, at, islice(at, 1, None))):
        return positions
    # Floats sort in half the time, and hold every microsecond of the years 1685 to 2255.
    exact = min(at) > -_WHOLE_IN_FLOATS and max(at) < _WHOLE_IN_FLOATS
    return sorted(positions, key=(list(map(float, at)) if exact else at).__getitem__)


def _after_refunds(amounts: list[int], refunds: Refunds) -> list[int]:
    nets = amounts.copy() if refunds else amounts
    for position, known in refunds.items():
        # A host's conversion may round a refund up past its sale: nothing is left, not less than nothing.
        nets[position] = max(0, amounts[position] - sum(given for _, given in known))
    return nets


def _threshold(minimum: Decimal | None, places: int) -> int:
    """The whole number of units that a purchase must exceed; -1 lets zero-value orders in."""
    return -1 if minimum is None else int(EXACT.scaleb(minimum, places))


def _previous(old: Columns, customer: Sequence[int], customers: int) -> Column:
    """For each purchase the position of its customer's purchase before it."""
    latest = array("q", [NOBODY]) * customers
    for position, number in enumerate(old.customer):
        latest[number] = position
    previous: list[int] = []
    add = previous.append
    for position, number in enumerate(islice(customer, len(old.customer), None), len(old.customer)):
        add(latest[number])
        latest[number] = position
    return joined(old.previous, array("q", previous))


def _second_gaps(
    old: Columns, at: Column, customer: Sequence[int], previous: Column, customers: int
) -> Column:
    gaps = [*old.second_gap, *[NOBODY] * (customers - len(old.second_gap))]
    for position, before in enumerate(islice(previous, len(old.previous), None), len(old.previous)):
        if before != NOBODY and previous[before] == NOBODY:
            gaps[customer[position]] = at[position] - at[before]
    return column(gaps)
