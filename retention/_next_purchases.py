"""What followed each purchase of a period: how many of its customer came before it, and when the next one came."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import compress

from attrs import field, frozen

from retention._columns import NOBODY, Columns
from retention._ledger import no_numbers

__all__ = ["Following", "NextPurchases"]


@frozen(kw_only=True, eq=False)
class NextPurchases:
    """The purchases of one period by known customers, in their order; times are in microseconds.

    Attributes:
        at: Each one's instant.
        rank: Which purchase of its customer it is: 1 for the first ever.
        gaps: How long it took until the customer's next one, however late; `NOBODY` where there was none.
        earliest: Which of them, by place, are their customers' first in the period.
    """

    at: Sequence[int] = field(factory=no_numbers, repr=False)
    rank: Sequence[int] = field(factory=no_numbers, repr=False)
    gaps: Sequence[int] = field(factory=no_numbers, repr=False)
    earliest: Sequence[int] = field(factory=no_numbers, repr=False)

    def chosen(self, after: int | None) -> tuple[list[int], list[int]]:
        """The instants from which customers are followed, and how long each took: one of each customer.

        Args:
            after: From the purchase of this rank; None for each customer's first in the period.
        """
        places = self.earliest
        if after is not None:
            places = [place for place, rank in enumerate(self.rank) if rank == after]
        return [self.at[place] for place in places], [self.gaps[place] for place in places]


@frozen(kw_only=True, eq=False)
class Following:
    """Of each purchase of a shop when its customer's next one came, and which it is itself.

    Attributes:
        columns: The purchases.
        gaps: How long it took until the same customer's next purchase, in microseconds, or `NOBODY`.
        rank: 1 for a customer's first purchase.
    """

    columns: Columns
    gaps: array[int]
    rank: array[int]

    @classmethod
    def of(cls, columns: Columns) -> Following:
        """What followed each purchase, in one pass for all periods."""
        at, previous = columns.at, columns.previous
        gaps, rank = array("q", [NOBODY]) * len(at), array("q", [1]) * len(at)
        for position, (moment, before) in enumerate(zip(at, previous, strict=True)):
            if before != NOBODY:
                gaps[before] = moment - at[before]
                rank[position] = rank[before] + 1
        return cls(columns=columns, gaps=gaps, rank=rank)

    def between(self, low: int, high: int) -> NextPurchases:
        """The purchases from one position on, before another."""
        is_earliest = map(low.__gt__, self.columns.previous[low:high])
        return NextPurchases(
            at=self.columns.at[low:high],
            rank=self.rank[low:high],
            gaps=self.gaps[low:high],
            earliest=array("q", compress(range(high - low), is_earliest)),
        )
