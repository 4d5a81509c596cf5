"""A second opinion on the difference of two means: the percentile bootstrap, drawn with a seed of its own.

Welch's interval takes the means to be about normal. Where a few customers spend most of the money, they need not be, and
resampling the customers shows it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from attrs import frozen

__all__ = ["bootstrap_bounds"]

_MOST_BLOCKS = 1000
"""More customers than this are drawn in blocks of as many each: their sums vary as the customers do."""


def bootstrap_bounds(
    treated: Sequence[int], held_out: Sequence[int], *, confidence: float, resamples: int, seed: int
) -> tuple[float, float]:
    """The bounds of the difference of the means, in the unit of the values.

    What lies between them is where the difference of the resampled means lies as often as `confidence` says. Of small
    groups they are a little narrow. Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 13. (Bootstrap-t,
    which is not narrow, goes astray where one customer decides: the resamples without that one hardly vary.)

    Args:
        treated: What each customer of the one group did.
        held_out: Likewise of the other.
        confidence: That of the interval.
        resamples: How often to draw.
        seed: Of the random numbers.
    """
    random = Random(seed)  # noqa: S311 - resampling, no secret
    groups = [_Blocks.of(values, random) for values in (treated, held_out)]
    found = sorted(groups[0].drawn(random) - groups[1].drawn(random) for _ in range(resamples))
    tail = (1 - confidence) / 2
    return _quantile(found, tail), _quantile(found, 1 - tail)


@frozen(kw_only=True, eq=False)
class _Blocks:
    """The sums of blocks of customers, and of how many each is: as many, or one more."""

    blocks: Sequence[tuple[int, int]]

    @classmethod
    def of(cls, values: Sequence[int], random: Random) -> _Blocks:
        # Sorted first, so that the order in which customers came decides nothing.
        shuffled = sorted(sorted(values), key=lambda _: random.random())
        number = min(len(shuffled), _MOST_BLOCKS)
        blocks = (shuffled[start::number] for start in range(number))
        return cls(blocks=[(sum(block), len(block)) for block in blocks])

    def drawn(self, random: Random) -> float:
        """The mean of about as many customers, drawn with replacement."""
        number = len(self.blocks)
        # `random()` alone is promised to give the same numbers on every version of Python.
        total = size = 0
        for _ in range(number):
            units, customers = self.blocks[int(random.random() * number)]
            total += units
            size += customers
        return total / size


def _quantile(values: Sequence[float], part: float) -> float:
    """Between the two values that a part of all lies between."""
    place = part * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])
