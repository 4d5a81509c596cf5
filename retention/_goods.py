"""What is known of the goods that were bought: what they cost, and which categories they are of.

A shop that tells neither has empty columns here.
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
    """What the goods of purchases cost, in units of their own, and which categories they are of.

    Attributes:
        cost: What the goods of each purchase of a known customer cost, or `NOBODY`; empty where no cost is known.
        cost_places: Decimals of the units of costs, which may be finer than those of amounts.
        guest_costs: What the goods of guests' purchases cost, where it is known.
        category: For each purchase of a known customer the number of its set of categories, 0 for none; empty where
            no purchase names one.
        category_sets: The sets of categories, by number.
    """

    cost: Column = field(factory=no_numbers)
    cost_places: int = 2
    guest_costs: Ledger = NO_ENTRIES
    category: Column = field(factory=no_numbers)
    category_sets: tuple[frozenset[str], ...] = (frozenset(),)


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
    found = [(sales.at[place], cluster, known[place]) for place, cluster in guests] if known else []
    sets = {each: number for number, each in enumerate(old.category_sets)}
    numbers = [sets.setdefault(each, len(sets)) for each in sales.categories]

    def padded(earlier: Column, later: Sequence[int], nothing: int) -> Column:
        """The values with further ones, `nothing` where nothing was told; none at all where nothing ever was."""
        if not earlier and not later:
            return earlier
        later = later or array("q", [nothing]) * len(sales.at)
        return joined(earlier or array("q", [nothing]) * before, column(pick(later)))

    return Goods(
        cost=padded(old_cost, known, NOBODY),
        cost_places=places,
        guest_costs=guest_costs.extended((entry for entry in found if entry[2] != NOBODY), FrozenMapping()),
        category=padded(old.category, numbers, 0),
        category_sets=tuple(sets),
    )


def _in_places(goods: Goods, places: int) -> tuple[Column, Ledger]:
    """The costs in finer units."""
    if places == goods.cost_places:
        return goods.cost, goods.guest_costs
    times = 10 ** (places - goods.cost_places)
    costs = [cost if cost == NOBODY else cost * times for cost in goods.cost]
    return column(costs), goods.guest_costs.times(times)
