"""Whole numbers in columns, and ledgers: what the index of a shop is made of."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from attrs import field, frozen

__all__ = ["NOBODY", "NO_ENTRIES", "Column", "Ledger", "column", "joined", "no_numbers"]

Column: TypeAlias = Sequence[int]
"""Whole numbers: an `array` where they fit into 64 bits, a list where they don't."""

NOBODY = -1
"""Stands for "none" in columns of positions, of gaps and of costs."""


def no_numbers() -> Column:
    """An empty column."""
    return array("q")


def column(values: Sequence[int]) -> Column:
    """The values as a column."""
    try:
        return array("q", values)
    except OverflowError:
        return list(values)


def joined(first: Column, second: Column) -> Column:
    """One column after the other."""
    if isinstance(first, array) and isinstance(second, array):
        return first + second
    return [*first, *second]


@frozen
class Ledger:
    """Amounts of money by instant, each with its cluster."""

    at: Column = field(factory=no_numbers)
    cluster: Column = field(factory=no_numbers)
    units: Column = field(factory=no_numbers)

    def between(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Cluster and amount of the entries from `start` on, before `end`."""
        low, high = bisect_left(self.at, start), bisect_left(self.at, end)
        return zip(self.cluster[low:high], self.units[low:high], strict=True)

    def count(self, start: int | None, end: int) -> int:
        """How many entries there are from an instant on, or from the first, and before another."""
        return bisect_left(self.at, end) - (0 if start is None else bisect_left(self.at, start))

    def extended(self, entries: Iterable[tuple[int, int, int]], renumbered: Mapping[int, int]) -> Ledger:
        """The ledger with further entries (instant, cluster, amount), and some clusters under a new number."""
        added = sorted(entries)
        if not added and not renumbered:
            return self
        old = ((at, renumbered.get(number, number), units) for at, number, units in self._entries())
        # Sorted as one, since refunds of earlier orders come after later orders, too.
        rows = sorted([*old, *added]) if self.at else added
        return Ledger(
            column([at for at, _, _ in rows]),
            column([number for _, number, _ in rows]),
            column([units for _, _, units in rows]),
        )

    def times(self, factor: int) -> Ledger:
        """The same entries in finer units."""
        return Ledger(self.at, self.cluster, column([units * factor for units in self.units]))

    def _entries(self) -> Iterator[tuple[int, int, int]]:
        return zip(self.at, self.cluster, self.units, strict=True)


NO_ENTRIES = Ledger()
