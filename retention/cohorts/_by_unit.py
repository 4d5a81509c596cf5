"""The quick way for the plainest of tables: ages by the calendar, and who purchased in each.

A unit of the calendar is a slice of the purchases, and few enough customers buy in one that all that is counted of it
stays close at hand. Nothing is made for each purchase that would have to be kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import compress

from retention._columns import Columns
from retention.cohorts._frame import Frame
from retention.cohorts._members import Members
from retention.cohorts._tally import Money, Orders, Tally, by_then

__all__ = ["tally_by_unit"]


def tally_by_unit(columns: Columns, frame: Frame, members: Members, low: int) -> Tally:
    """What customers did in each unit, put where their groups were of that age."""
    width, size = frame.width, frame.width * members.groups
    customers, orders, squares, revenue, gained = ([0] * size for _ in range(5))
    spent = [0] * len(columns.ids)
    for unit, end in enumerate(frame.ends):
        high = bisect_left(columns.at, end, low)
        found = (
            *_orders(columns.customer[low:high], members),
            *_money(columns.customer[low:high], columns.net[low:high], members, spent),
        )
        for group in compress(range(members.groups), found[0]):
            code = group * width + unit - group % members.cohorts
            for sums, each in zip((customers, orders, squares, revenue, gained), found, strict=True):
                sums[code] = each[group]
        low = high
    return Tally(
        width=width,
        orders=Orders(customers, orders, squares),
        revenue=revenue,
        money=Money(revenue, by_then(revenue, width), by_then(gained, width)),
    )


def _orders(buyers: Sequence[int], members: Members) -> tuple[Sequence[int], ...]:
    """By group: customers, their purchases, and the squares of these; the last place is for those in no group."""
    times = Counter(buyers)
    groups = list(map(members.group.__getitem__, times))
    found = Counter(groups)
    customers = [*(found[group] for group in range(members.groups)), 0]
    orders, squares = customers.copy(), customers.copy()
    for group, number in zip(groups, times.values(), strict=True):
        if number > 1:
            orders[group] += number - 1
            squares[group] += number * number - 1
    return customers, orders, squares


def _money(
    buyers: Sequence[int], nets: Sequence[int], members: Members, spent: list[int]
) -> tuple[Sequence[int], ...]:
    """By group: revenue, and by how much the squares of what its customers have spent so far have grown."""
    revenue, gained = [0] * (members.groups + 1), [0] * (members.groups + 1)
    group_of = members.group
    for who, units in zip(buyers, nets, strict=True):
        group, before = group_of[who], spent[who]
        spent[who] = after = before + units
        revenue[group] += units
        gained[group] += units * (before + after)
    return revenue, gained
