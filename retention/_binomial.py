"""Counts of successes: their chances, and how often chance alone goes as far."""

from __future__ import annotations

import math
from itertools import takewhile

__all__ = ["binomial_chance", "binomial_p_value", "log_choose"]

_AS_LIKELY = 1e-9
"""Two chances that differ by no more in their logarithms are equal but for rounding."""
_NEGLIGIBLE = -60.0
"""Chances whose logarithm lies below that add nothing to a sum that is near 1."""


def log_choose(n: int, k: int) -> float:
    """The logarithm of the number of ways to choose `k` of `n`."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def binomial_chance(hits: int, n: int, share: float) -> float:
    """Of so many hits among `n`; a share that rounding has put at an end is nobody, or everybody."""
    if not 0 < share < 1:
        return float(hits == n * round(share))
    return math.exp(_log_chance(hits, n, share))


def _log_chance(hits: int, n: int, share: float) -> float:
    return log_choose(n, hits) + hits * math.log(share) + (n - hits) * math.log1p(-share)


def binomial_p_value(hits: int, n: int, share: float) -> float:
    """How often chance alone gives what is no likelier than so many hits: the exact test, two-sided.

    The counts that are likelier lie about the most likely one; they are summed from there outwards, both ways.
    """
    mode = min(n, int((n + 1) * share))
    least = max(_log_chance(hits, n, share) + _AS_LIKELY, _NEGLIGIBLE)
    likelier = 0.0
    for way in (range(mode, n + 1), range(mode - 1, -1, -1)):
        chances = (_log_chance(count, n, share) for count in way)
        likelier += sum(map(math.exp, takewhile(lambda chance: chance > least, chances)))
    return max(0.0, 1.0 - likelier)
