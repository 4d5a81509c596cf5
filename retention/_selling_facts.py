"""How a period's purchases were sold: at a discount or not, and on how many channels to one customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import compress
from operator import mul
from typing import TypedDict

from attrs import field, frozen

from retention._columns import Columns
from retention._ledger import NOBODY
from retention._numerics import ClusterSums
from retention.errors import InvalidTypeError, InvalidValueError, shown

__all__ = ["SEVERAL_CHANNELS", "ChannelUse", "Discounts", "Selling", "checked_minimum"]

SEVERAL_CHANNELS = 2
"""On how many channels a customer buys who counts as one of several, unless told otherwise."""


@frozen(kw_only=True)
class Discounts:
    """Purchases that were sold at a discount.

    Attributes:
        sums: Per customer, each guest's purchase its own: purchases of which it is known (x), and those sold at a
            discount (y).
        unknown: Of how many purchases it is not known.
    """

    sums: ClusterSums
    unknown: int


@frozen(kw_only=True)
class ChannelUse:
    """On how many channels customers bought.

    Attributes:
        customers: By the number of channels, how many customers bought on so many; those on none are left out.
        unnamed: How many purchases of known customers name no channel.
    """

    customers: Mapping[int, int] = field(repr=False)
    unnamed: int

    @property
    def named(self) -> int:
        """How many customers there are of whose purchases one or more name a channel."""
        return sum(self.customers.values())

    def at_least(self, minimum: int) -> int:
        """How many of them bought on so many channels or more."""
        return sum(number for channels, number in self.customers.items() if channels >= minimum)


def checked_minimum(metric: str, minimum: object) -> int:
    """On how many channels a customer must have bought.

    Raises:
        InvalidTypeError: It is no whole number.
        InvalidValueError: It is below 2, which everybody would reach.
    """
    if isinstance(minimum, bool) or not isinstance(minimum, int):
        msg = f"{metric}: minimum must be an int, not {type(minimum).__name__} (got {shown(minimum)})"
        raise InvalidTypeError(msg)
    if minimum < SEVERAL_CHANNELS:
        msg = f"{metric}: minimum must be at least {SEVERAL_CHANNELS} (got {shown(minimum)}), since everybody buys on one channel"
        raise InvalidValueError(msg)
    return minimum


class SellingFacts(TypedDict):
    discounts: Discounts
    channel_use: ChannelUse


class SellingMembers(TypedDict):
    discount_known: Mapping[int, int]
    discounted: Mapping[int, int]
    channels: Mapping[int, int]


class Selling:
    """All of it for one period, customer by customer, while the period is counted.

    Args:
        columns: What was bought.
        span: The instants that bound the period.
        cut: Where its purchases of known customers begin and end.
        orders: Each customer's purchases.
    """

    def __init__(
        self, columns: Columns, span: tuple[int, int], cut: slice, orders: Mapping[int, int]
    ) -> None:
        self._goods, self._customers, self._orders = columns.goods, columns.customer[cut], orders
        self._purchases = len(self._customers) + columns.guests.count(*span)
        self._known, self._discounted = self._look_at_discounts(span, cut)
        self._channels, self._unnamed = self._look_at_channels(cut)

    def members(self) -> SellingMembers:
        """Who did what."""
        return {
            "discount_known": self._known,
            "discounted": self._discounted,
            "channels": self._channels,
        }

    def facts(self) -> SellingFacts:
        """How much was done."""
        known, discounted = self._known, self._discounted
        purchases = sum(known.values())
        sums = ClusterSums(
            n=len(known),
            x=purchases,
            y=sum(discounted.values()),
            xx=sum(map(mul, known.values(), known.values())),
            xy=sum(known[cluster] * number for cluster, number in discounted.items()),
            yy=sum(number * number for number in discounted.values()),
        )
        return {
            "discounts": Discounts(sums=sums, unknown=self._purchases - purchases),
            "channel_use": ChannelUse(customers=Counter(self._channels.values()), unnamed=self._unnamed),
        }

    def _look_at_discounts(self, span: tuple[int, int], cut: slice) -> tuple[dict[int, int], dict[int, int]]:
        """By cluster, of how many purchases it is known whether there was a discount, and how many had one."""
        goods, customers = self._goods, self._customers
        of_guests = dict(goods.guest_discounts.between(*span))
        if not goods.discounted:
            known, discounted = {}, {}
        else:
            found = goods.discounted[cut]
            is_known = map(NOBODY.__lt__, found)
            known = dict(Counter(compress(customers, is_known)) if NOBODY in found else self._orders)
            discounted = dict(Counter(compress(customers, map((0).__lt__, found))))
        known |= dict.fromkeys(of_guests, 1)
        discounted |= {cluster: 1 for cluster, is_lowered in of_guests.items() if is_lowered}
        return known, discounted

    def _look_at_channels(self, cut: slice) -> tuple[dict[int, int], int]:
        """On how many channels each customer bought, and how many purchases name none."""
        goods, customers = self._goods, self._customers
        if not goods.channel:
            return {}, len(customers)
        first: dict[int, int] = {}
        several: dict[int, set[int]] = {}
        unnamed = 0
        for who, names in zip(customers, goods.channel[cut], strict=True):
            if not names:
                unnamed += 1
            elif first.setdefault(who, names) != names:
                several.setdefault(who, {first[who]}).add(names)
        sets = goods.channel_sets
        sizes = list(map(len, sets))
        found = dict(zip(first, map(sizes.__getitem__, first.values()), strict=True))
        for who, numbers in several.items():
            found[who] = len(frozenset[str]().union(*map(sets.__getitem__, numbers)))
        return found, unnamed
