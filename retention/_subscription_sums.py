"""Sums over customers of ratios to which most customers bring what they brought before.

Of tens of thousands of subscribers a few hundred move in a month. So the y of a ratio names only those for whom it is
something, and the products of what all of them paid at two instants are added up once for all the ratios.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from itertools import repeat
from operator import mul
from typing import NamedTuple, TypeAlias

from attrs import frozen

from retention._numerics import ClusterSums, CrossSums

__all__ = ["Level", "Pairs", "Products"]


Paid: TypeAlias = Mapping[Hashable, int]


class Level(dict[Hashable, int]):
    """What each customer paid at one instant; it stays as it is, so that its products can be kept."""


class _OfTwo(NamedTuple):
    shared: int
    """How many customers are in both."""
    dot: int
    """Σ of what the one says times what the other does."""


@frozen(kw_only=True, eq=False)
class Pairs:
    """The x and y of a ratio Σy / Σx, by customer. Who stands in neither mapping is no part of it.

    Attributes:
        below: The x of customers; 0 for those who are not named.
        above: The y; 0 for those who are not named.
        heads: The x is 1 for everyone in `below`, whatever it says.
        rest: `above` is what x has more than y.
    """

    below: Paid
    above: Paid
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
        self._known: dict[tuple[int, int], tuple[_OfTwo, Level, Level]] = {}

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
        shared, dot = self._of_two(a.below, b.below)
        beside = {
            who
            for each in (a, b)
            if each.above is not each.below
            for who in each.above
            if who not in a.below and who not in b.below
        }
        xy = self._across(a, b)
        named = CrossSums(
            n=len(a.below) + len(b.below) - shared + len(beside),
            xx=shared if a.heads else dot,
            xy=xy,
            yx=xy if a is b else self._across(b, a),
            yy=self._dot(a.above, b.above),
        )
        return named.complement() if a.rest else named

    def _across(self, a: Pairs, b: Pairs) -> int:
        """Σ of what is below in the one times what is above in the other."""
        if not a.heads:
            return self._dot(a.below, b.above)
        if b.above is a.below:
            return sum(b.above.values())
        if isinstance(b.above, Level):  # about as many as there are below
            return sum(map(b.above.get, a.below, repeat(0)))
        return sum(units for who, units in b.above.items() if who in a.below)

    def _dot(self, one: Paid, other: Paid) -> int:
        both = isinstance(one, Level) and isinstance(other, Level)
        return self._of_two(one, other).dot if both else _dot(one, other)

    def _of_two(self, one: Paid, other: Paid) -> _OfTwo:
        if not isinstance(one, Level) or not isinstance(other, Level):
            return _OfTwo(_shared(one, other), _dot(one, other))
        key = (id(one), id(other))
        if key not in self._known:
            self._known[key] = _OfTwo(_shared(one, other), _dot(one, other)), one, other
        return self._known[key][0]


def _shared(one: Paid, other: Paid) -> int:
    few, many = _by_length(one, other)
    return len(few) if few is many else sum(map(many.__contains__, few))


def _dot(one: Paid, other: Paid) -> int:
    few, many = _by_length(one, other)
    return sum(map(mul, few.values(), map(many.get, few, repeat(0))))


def _by_length(one: Paid, other: Paid) -> tuple[Paid, Paid]:
    return (one, other) if len(one) <= len(other) else (other, one)
