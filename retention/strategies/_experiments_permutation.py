"""A second opinion that no skew misleads: the same customers divided by lot again and again.

Where a few spend much, and the hold-out is small, it mostly lacks those few. Then its mean is low and looks sure of it,
and an interval calls chance real, nearly always in favour of the measure. If the measure does nothing to anybody, though,
the groups that the lot drew are as likely as any others of their size, so that one has only to look at the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations
from random import Random

from attrs import frozen

__all__ = ["Permutation", "is_misled", "permutation_of", "skewness"]

_MOST_BLOCKS = 1000
"""With twice as many customers in the smaller group, or more, blocks of them are divided."""
_FEWEST_IN_TAILS = 20
"""So many divisions lie on average beyond the bounds; with fewer the p-value itself would be a lottery."""
_RULE = 355
"""Customers that an interval of a mean takes, times the square of their skewness."""
_MOST_DIVISIONS = 100_000


@frozen(kw_only=True)
class Permutation:
    """How often other divisions of the same customers go as far.

    Attributes:
        p_value: Twice the part of the divisions that go as far to the same side, and 1 at most.
        divisions: How many were looked at.
    """

    p_value: float
    divisions: int


def permutation_of(
    treated: Sequence[int], held_out: Sequence[int], *, confidence: float, resamples: int, seed: int
) -> Permutation:
    """How often the lot alone goes as far, where the measure does nothing to anybody.

    The p-value is at or below 5 % in 5 % of such tests or in fewer, whatever customers do. Twice the smaller tail: an
    uplift and a harm are as likely to be found. The sum of the smaller group says it all, since that of both is what it
    is. Where no more divisions exist than would be drawn, each is looked at. Of large groups blocks of as many customers
    each are divided, drawn by lot from either group, which is as exact; the few who fill no block stay where they are.
    Phipson and Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9, article 39, for the count of
    the division that was drawn among the others.

    Args:
        treated: What each customer of the one group did.
        held_out: Likewise of the other.
        confidence: By which is judged.
        resamples: How often to divide; more often where the confidence asks for it.
        seed: Of the random numbers.
    """
    random = Random(seed)  # noqa: S311 - resampling, no secret
    # Sorted, so that neither the order of the customers nor the names of the groups decide anything.
    smaller, larger = sorted((sorted(treated), sorted(held_out)), key=lambda group: (len(group), group))
    size = max(1, len(smaller) // _MOST_BLOCKS)
    drawn = _blocks(smaller, size, random)
    everybody = [*drawn, *_blocks(larger, size, random)]
    asked_for = math.ceil(_FEWEST_IN_TAILS / (1 - confidence))
    times = min(max(resamples, asked_for), _MOST_DIVISIONS)
    found, number = sum(drawn), len(drawn)
    if math.comb(len(everybody), number) <= times:
        return _beside(map(sum, combinations(everybody, number)), found)
    # The division that was drawn is one of them; else the p-value could be 0.
    return _beside(chain([found], _sums(everybody, number, times - 1, random)), found)


def _blocks(values: Sequence[int], size: int, random: Random) -> list[int]:
    """The sums of blocks of so many customers, drawn by lot."""
    if size == 1:
        return list(values)
    shuffled = sorted(values, key=lambda _: random.random())
    return [sum(shuffled[end - size : end]) for end in range(size, len(shuffled) + 1, size)]


def _sums(everybody: list[int], number: int, times: int, random: Random) -> Iterator[int]:
    """The sum of so many, drawn without replacement, again and again."""
    rest = len(everybody)
    for _ in range(times):
        total = 0
        for place in range(number):
            # `random()` alone is promised to give the same numbers on every version of Python.
            other = place + int(random.random() * (rest - place))
            value = everybody[other]
            everybody[other] = everybody[place]
            everybody[place] = value
            total += value
        yield total


def _beside(sums: Iterable[int], found: int) -> Permutation:
    """How many lie as far as what was found, to that side of them to which fewer do."""
    below = above = divisions = 0
    for each in sums:
        divisions += 1
        below += each <= found
        above += each >= found
    return Permutation(p_value=min(1.0, 2 * min(below, above) / divisions), divisions=divisions)


def skewness(values: Sequence[int]) -> float:
    """How far a few stand out above the others: the third standardised moment; 0 where all did the same."""
    number, most = len(values), max(map(abs, values))
    if not most:
        return 0.0
    # As parts of the most, so that no amount is too great for its cube.
    mean = math.fsum(each / most for each in values) / number
    apart = [each / most - mean for each in values]
    second, third = (math.fsum(each**power for each in apart) / number for power in (2, 3))
    return third / math.pow(second, 1.5) if second else 0.0


def is_misled(skew: float, groups: tuple[int, int]) -> bool:
    """Whether customers are too skewed for the interval of a difference of the means of two groups of these sizes.

    That a mean takes 355 customers times the square of the skewness (Kohavi, Tang and Xu, 2020, Trustworthy Online
    Controlled Experiments, ch. 17, after Boos and Hughes-Oliver, 2000, The American Statistician 54, 121-128) says that
    the skewness of the mean has to be small. Here it is asked of the difference, in which the skews of two groups of one
    size cancel.
    """
    one, other = (1 / each for each in groups)
    of_difference = skew * (one * one - other * other) / math.pow(one + other, 1.5)
    return _RULE * of_difference * of_difference > 1
