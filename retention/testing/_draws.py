"""Chance that is the same on every machine: a seeded stream of numbers, and what is made of them.

Python promises that `Random(seed).random()` never changes, and nothing of the kind for its other distributions.
So all that is drawn here is made of it by sums, products and comparisons, and by a logarithm of our own: the one of
the platform may differ in its last bit from another's. The built-in `sum` is not used on floats, since from
Python 3.12 on it rounds in another way than before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from math import frexp
from random import Random

__all__ = ["Choice", "Draws", "natural_log"]

_LN_2 = 0.6931471805599453
_SQRT_HALF = 0.7071067811865476
_SERIES = tuple(1 / odd for odd in range(21, 0, -2))
_LEAST = 2.0**-54


def natural_log(value: float) -> float:
    """The natural logarithm of a number above 0, by steps that every processor rounds alike."""
    mantissa, exponent = frexp(value)
    if mantissa < _SQRT_HALF:
        mantissa, exponent = 2 * mantissa, exponent - 1
    # ln m = 2·artanh((m − 1)/(m + 1)), whose series is at its end after eleven terms where m is near 1.
    ratio = (mantissa - 1) / (mantissa + 1)
    square = ratio * ratio
    series = 0.0
    for term in _SERIES:
        series = series * square + term
    return exponent * _LN_2 + 2 * ratio * series


class Draws:
    """One stream of chance, named by its key: the same key gives the same stream."""

    __slots__ = ("uniform",)

    def __init__(self, *key: object) -> None:
        # A text seeds by SHA-512 and the Mersenne Twister, which hangs on neither Python's version nor its hash seed.
        self.uniform = Random(":".join(map(str, key))).random

    def exponential(self) -> float:
        """A waiting time with mean 1."""
        return self.gamma(1)

    def gamma(self, shape: int) -> float:
        """A sum of `shape` waiting times of mean 1; above 0."""
        product = 1.0
        for _ in range(shape):
            product *= 1 - self.uniform()
        return -natural_log(product) or _LEAST

    def beta(self, a: int, b: int) -> float:
        """A share with mean a/(a + b): of a + b − 1 even draws the a-th from below is distributed so."""
        return sorted(self.uniform() for _ in range(a + b - 1))[a - 1]

    def bell(self) -> float:
        """Mean 0, standard deviation 1, within ±6, nearly normal: twelve even draws together, less 6."""
        u = self.uniform  # much is answered in the sample shop: a loop would take twice as long
        return -6.0 + u() + u() + u() + u() + u() + u() + u() + u() + u() + u() + u() + u()

    def pick(self, choice: Choice) -> str:
        """One of several words."""
        return choice.at(self.uniform())


class Choice:
    """Words, each as likely as its weight says."""

    __slots__ = ("_edges", "_words")

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._words = tuple(weights)
        self._edges = list(accumulate(weights.values()))

    def at(self, draw: float) -> str:
        """The word on which an even draw from 0 to 1 falls, when each has as much room as its weight says."""
        place = bisect_right(self._edges, draw * self._edges[-1])
        return self._words[min(place, len(self._words) - 1)]  # what rounding put at the very end is the last
