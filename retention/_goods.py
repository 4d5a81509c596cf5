"""What is known of the goods that were bought beside their price: their cost, their categories, and how they were sold.

What a shop doesn't tell has an empty column here.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence

from attrs import field, frozen

from retention._ledger import NO_ENTRIES, NOBODY, Column, Ledger, column, joined, no_numbers
from retention._mapping import FrozenMapping
from retention._reading import Sales
from retention._units import Costs

__all__ = ["NO_GOODS", "Goods", "more_goods"]


@frozen(kw_only=True, eq=False)
class Goods:
    """What the goods of purchases cost, in units of their own, which categories they are of, and how they were sold.

    Attributes:
        cost: What the goods of each purchase of a known customer cost, or `NOBODY`; empty where no cost is known.
        cost_places: Decimals of the units of costs, which may be finer than those of amounts.
        guest_costs: What the goods of guests' purchases cost, where it is known.
        category: For each purchase of a known customer the number of its set of categories, 0 for none; empty where
            no purchase names one.
        category_sets: The sets of categories, by number.
        discounted: For each purchase of a known customer 1 if it was sold at a discount, 0 if not, `NOBODY` where that
            is not known; empty where it is known of none.
        guest_discounts: The same of guests' purchases, where it is known.
        channel: For each purchase of a known customer the number of its set of channels, 0 for none; empty where no
            purchase names one.
        channel_sets: The sets of channels, by number: of one each, unless purchases of a day are joined.
    """

    cost: Column = field(factory=no_numbers)
    cost_places: int = 2
    guest_costs: Ledger = NO_ENTRIES
    category: Column = field(factory=no_numbers)
    category_sets: tuple[frozenset[str], ...] = (frozenset(),)
    discounted: Column = field(factory=no_numbers)
    guest_discounts: Ledger = NO_ENTRIES
    channel: Column = field(factory=no_numbers)
    channel_sets: tuple[frozenset[str], ...] = (frozenset(),)


NO_GOODS = Goods()


def more_goods(
    old: Goods,
    sales: Sales,
    costs: Costs,
    *,
    before: int,
    pick: Callable[[Sequence[int]], Sequence[int]],
    guests: Iterable[tuple[int, int]],
) -> Goods:
    """The goods, with those of further sales.

    Args:
        old: The goods so far.
        sales: The new orders.
        costs: What the goods of each cost.
        before: How many purchases of known customers there were so far.
        pick: Takes those of the new sales' values that belong to purchases of known customers, in their order.
        guests: Guests' purchases among the new sales, as position and cluster.
    """
    known, places = costs
    old_cost, guest_costs = _in_places(old, places)
    of_guests = list(guests)
    categories, category_sets = _numbered(old.category_sets, sales.categories)
    channels, channel_sets = _numbered(old.channel_sets, sales.channels)

    def padded(earlier: Column, later: Sequence[int], nothing: int) -> Column:
        """The values with further ones, `nothing` where nothing was told; none at all where nothing ever was."""
        if not earlier and not later:
            return earlier
        later = later or array("q", [nothing]) * len(sales.at)
        return joined(earlier or array("q", [nothing]) * before, column(pick(later)))

    def more_of_guests(earlier: Ledger, later: Sequence[int]) -> Ledger:
        """The entries with further ones, where something was told."""
        if not later:
            return earlier
        entries = ((sales.at[place], cluster, later[place]) for place, cluster in of_guests)
        return earlier.extended((entry for entry in entries if entry[2] != NOBODY), FrozenMapping())

    return Goods(
        cost=padded(old_cost, known, NOBODY),
        cost_places=places,
        guest_costs=more_of_guests(guest_costs, known),
        category=padded(old.category, categories, 0),
        category_sets=category_sets,
        discounted=padded(old.discounted, sales.discounted, NOBODY),
        guest_discounts=more_of_guests(old.guest_discounts, sales.discounted),
        channel=padded(old.channel, channels, 0),
        channel_sets=channel_sets,
    )


def _numbered(
    known: Sequence[frozenset[str]], sets: Sequence[frozenset[str]]
) -> tuple[list[int], tuple[frozenset[str], ...]]:
    """The number of each set, and the sets by number, those that were known first."""
    numbers = {each: number for number, each in enumerate(dict.fromkeys([*known, *sets]))}
    return list(map(numbers.__getitem__, sets)), tuple(numbers)


def _in_places(goods: Goods, places: int) -> tuple[Column, Ledger]:
    """The costs in finer units."""
    if places == goods.cost_places:
        return goods.cost, goods.guest_costs
    times = 10 ** (places - goods.cost_places)
    costs = [cost if cost == NOBODY else cost * times for cost in goods.cost]
    return column(costs), goods.guest_costs.times(times)
