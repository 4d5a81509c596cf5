"""Is something more frequent among some than among others? How many times, how surely, and is it more than chance?"""

from __future__ import annotations

import math
from bisect import bisect_left

from retention._binomial import log_choose
from retention._numerics import normal_quantile

__all__ = ["fisher_p_value", "times_as_frequent"]

_AS_PROBABLE = 1e-7
"""Tables whose probabilities differ by less than this, relatively, are equally probable: rounding is all that differs."""
_NEGLIGIBLE = 1e-17
_FARTHEST = 60.0
"""Of a logarithm of a quotient: beyond it lies none of counts that a computer can hold."""
_HALVINGS = 80


def times_as_frequent(
    among: tuple[int, int], others: tuple[int, int], confidence: float = 0.95
) -> tuple[float, float | None]:
    """The score interval of a quotient of two independent shares; None where it has no upper end.

    All quotients that the score test would not refuse, with the variance under each, which copes with none among either
    group. Koopman (1984), Biometrics 40, 513-517; with the factor N / (N − 1) of Miettinen and Nurminen (1985),
    Statistics in Medicine 4, 213-226, so that it holds 1 exactly where the (N − 1) χ² test sees no difference.

    Args:
        among: How many of how many; at least one of the two groups has some, and one has not all.
        others: The same of the others.
        confidence: Level between 0 and 1.
    """
    z = normal_quantile(confidence)
    low = 0.0 if not among[0] else math.exp(_where(among, others, z))
    high = None if not others[0] else math.exp(_where(among, others, -z))
    return low, high


def _where(among: tuple[int, int], others: tuple[int, int], z: float) -> float:
    """The logarithm of the quotient at which the score statistic, which falls with it, comes to z."""
    low, high = -_FARTHEST, _FARTHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _score(among, others, math.exp(middle)) > z:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _score(among: tuple[int, int], others: tuple[int, int], times: float) -> float:
    """How far the shares lie from p₁ = times · p₂, in standard errors of the likeliest shares of which that holds."""
    (x, m), (y, n) = among, others
    distance = x / m - times * y / n
    total = m * times + x + n + y * times
    # The smaller root of (m + n)·times·p² − total·p + (x + y) = 0, in the form that no rounding cancels.
    rest = total * total - 4 * (m + n) * times * (x + y)
    below = 2 * (x + y) / (total + math.sqrt(max(0.0, rest)))
    above = min(1.0, times * below)
    spread = above * (1 - above) / m + times * times * below * (1 - below) / n
    variance = max(0.0, spread) * (m + n) / (m + n - 1)
    # Where all of both have it, nothing varies, and nothing lies apart.
    return distance / math.sqrt(variance) if variance else 0.0


def fisher_p_value(among: tuple[int, int], others: tuple[int, int]) -> float:
    """How often chance alone parts the same customers no less unevenly: the sum over all tables no more probable.

    Exact whatever the counts. Fisher (1935), Journal of the Royal Statistical Society 98, 39-82.

    Args:
        among: How many of how many.
        others: The same of the others.
    """
    (x, m), (y, n) = among, others
    mode = (m + 1) * (x + y + 1) // (m + n + 2)
    if x > mode:  # look at it from the other side, where x lies below
        (x, m), (y, n) = (y, n), (x, m)
        mode = x + y - mode
    tables = _Tables(m, n, x + y)
    limit = tables.log_probability(x) + _AS_PROBABLE
    if tables.log_probability(mode) <= limit:
        return 1.0
    # Above the mode the probabilities fall: the first that is as low as the one seen.
    beyond = range(mode, tables.highest + 1)
    first = mode + bisect_left(beyond, -limit, key=lambda count: -tables.log_probability(count))
    return min(1.0, tables.tail(x, -1) + tables.tail(first, 1))


class _Tables:
    """All ways in which `total` customers with something can fall into groups of m and n."""

    def __init__(self, m: int, n: int, total: int) -> None:
        self._m, self._n, self._total = m, n, total
        self.lowest, self.highest = max(0, total - n), min(total, m)
        self._log_of_all = log_choose(m + n, total)

    def log_probability(self, count: int) -> float:
        """Of `count` in the first group."""
        rest = self._total - count
        return log_choose(self._m, count) + log_choose(self._n, rest) - self._log_of_all

    def tail(self, count: int, step: int) -> float:
        """The sum of the probabilities from a count on, up or down."""
        if not self.lowest <= count <= self.highest:
            return 0.0
        term = math.exp(self.log_probability(count))
        found = 0.0
        while term > found * _NEGLIGIBLE:
            found += term
            term *= self._next(count, step)
            count += step
        return found

    def _next(self, count: int, step: int) -> float:
        """How many times as probable the next count is; 0 beyond the last."""
        rest = self._total - count
        if step > 0:
            return (self._m - count) * rest / ((count + 1) * (self._n - rest + 1))
        return count * (self._n - rest) / ((self._m - count + 1) * (rest + 1))
