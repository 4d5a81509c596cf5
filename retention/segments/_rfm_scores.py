"""Scores by rank that no order of input and no tie can shift."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

__all__ = ["mean_keys", "tie_safe_scores"]


def tie_safe_scores(values: Sequence[int], bins: int) -> array[int]:
    """For each value 1 + ⌊bins · (how many are strictly lower) / n⌋: the higher the value, the higher the score."""
    if not values:
        return array("B")
    limits = [min(values), *_limits(sorted(values), bins)]
    return array("B", map(bisect_right, repeat(limits), values))


def _limits(ascending: Sequence[int], bins: int) -> Iterator[int]:
    """The lowest value that gets each score from 2 up, as far as any value gets it.

    A value has the score s or more where at least (s − 1) · n / bins values are strictly lower, which holds from the
    first of its equals on.
    """
    n = len(ascending)
    for lower_scores in range(1, bins):
        place = -(-lower_scores * n // bins)
        if place < n and ascending[place - 1] == ascending[place]:
            place = bisect_right(ascending, ascending[place])
        if place >= n:
            return
        yield ascending[place]


def mean_keys(totals: Iterable[int], counts: Sequence[int]) -> list[int]:
    """Whole numbers that are ordered, and equal, exactly as total / count is.

    Two quotients that differ do so by 1 / (count · count) at least, which so many binary places tell apart.
    """
    places = 2 * max(counts, default=1).bit_length() + 1
    return [(total << places) // count for total, count in zip(totals, counts, strict=True)]
