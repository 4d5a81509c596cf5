"""Sums over customers of ratios to which most customers bring what they brought before.

Of tens of thousands of subscribers a few hundred move in a month. So the y of a ratio names only those for whom it is
something, and the products of what all of them paid at two instants are added up once for all the ratios.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from itertools import repeat
from operator import mul

from attrs import frozen

from retention._numerics import ClusterSums, CrossSums

__all__ = ["Level", "Pairs", "Products"]


class Level(dict[Hashable, int]):
    """What each customer paid at one instant; it stays as it is, so that its products can be kept."""


@frozen(kw_only=True, eq=False)
class Pairs:
    """The x and y of a ratio Σy / Σx, by customer. Who stands in neither mapping is no part of it.

    Attributes:
        below: The x of customers; 0 for those who are not named.
        above: The y; 0 for those who are not named.
        heads: The x is 1 for everyone in `below`, whatever it says.
        rest: `above` is what x has more than y.
    """

    below: Mapping[Hashable, int]
    above: Mapping[Hashable, int]
    heads: bool = False
    rest: bool = False

    def values(self) -> Iterator[tuple[int, int]]:
        """The x and y of each customer."""
        for who in {**self.below, **self.above}:
            x, y = self.below.get(who, 0), self.above.get(who, 0)
            x = int(who in self.below) if self.heads else x
            yield x, x - y if self.rest else y

    def sums(self, *, scale: int = 1, x_scale: int = 1, signed: bool = False) -> ClusterSums:
        """The sums that make the ratio's interval; see `ClusterSums`."""
        return Products().sums(self, scale=scale, x_scale=x_scale, signed=signed)


class Products:
    """Adds up products over customers; those of two levels only once."""

    def __init__(self) -> None:
        # The levels are kept beside their sums: an id that is free may be given to another.
        self._known: dict[tuple[int, int], tuple[int, int, Level, Level]] = {}

    def sums(self, pairs: Pairs, *, scale: int = 1, x_scale: int = 1, signed: bool = False) -> ClusterSums:
        """The sums of one ratio."""
        squares = self.cross(pairs, pairs)
        x = len(pairs.below) if pairs.heads else sum(pairs.below.values())
        y = sum(pairs.above.values())
        return ClusterSums(
            n=squares.n,
            x=x,
            y=x - y if pairs.rest else y,
            xx=squares.xx,
            xy=squares.xy,
            yy=squares.yy,
            scale=scale,
            x_scale=x_scale,
            signed=signed,
        )

    def cross(self, a: Pairs, b: Pairs) -> CrossSums:
        """The sums over the customers of one ratio in two samples."""
        shared, dot = self._of(a.below, b.below)
        beside = {
            who
            for each in (a, b)
            if each.above is not each.below
            for who in each.above
            if who not in a.below and who not in b.below
        }
        named = CrossSums(
            n=len(a.below) + len(b.below) - shared + len(beside),
            xx=shared if a.heads else dot,
            xy=_among(a.below, b.above) if a.heads else self._of(a.below, b.above)[1],
            yx=_among(b.below, a.above) if a.heads else self._of(b.below, a.above)[1],
            yy=self._of(a.above, b.above)[1],
        )
        return named.complement() if a.rest else named

    def _of(self, one: Mapping[Hashable, int], other: Mapping[Hashable, int]) -> tuple[int, int]:
        """How many customers are in both, and the sum of what the one says times what the other does."""
        if not isinstance(one, Level) or not isinstance(other, Level):
            return _products(one, other)
        key = (id(one), id(other))
        if key not in self._known:
            self._known[key] = (*_products(one, other), one, other)
        shared, dot, _, _ = self._known[key]
        return shared, dot


def _products(one: Mapping[Hashable, int], other: Mapping[Hashable, int]) -> tuple[int, int]:
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    shared = len(few) if few is many else sum(map(many.__contains__, few))
    return shared, sum(map(mul, few.values(), map(many.get, few, repeat(0))))


def _among(customers: Mapping[Hashable, int], found: Mapping[Hashable, int]) -> int:
    """What was found of some customers, added up."""
    if isinstance(found, Level):  # about as many as there are customers
        return sum(map(found.get, customers, repeat(0)))
    return sum(units for who, units in found.items() if who in customers)
