"""How likely the comparison of two groups is to see a difference that is there: numbers in, a probability out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

from attrs import frozen

from retention._binomial import binomial_chance
from retention._numerics import normal_quantile, student_quantile, wilson

__all__ = ["Means", "Shares", "approximate_power_of_shares", "noncentral_upper_tail"]

_FAR = 9.0
"""Standard deviations from the middle beyond which a count is never seen: less than 1 in 10^18."""
_LARGEST = 1_000_000
"""Customers of a group up to which every outcome is gone through; beyond, the normal distribution is as good."""


@frozen(kw_only=True)
class Shares:
    """Two groups of customers, each of whom is hit or not: seen where Newcombe's interval lies wholly on the right side.

    Attributes:
        baseline: The share in the hold-out, strictly between 0 and 1.
    """

    baseline: float

    def power(self, uplift: float, in_test: int, held_out: int, confidence: float) -> float:
        """The chance that a rise (or fall) by `uplift` is seen, and as what it is."""
        share, other = self.baseline + uplift, self.baseline
        if uplift < 0:  # a fall of those who are hit is a rise of those who are not
            share, other = 1 - share, 1 - other
        if max(in_test, held_out) > _LARGEST:
            return approximate_power_of_shares(share, other, in_test, held_out, confidence)
        return _exact_power(share, other, in_test, held_out, normal_quantile(confidence))

    def is_exact(self, in_test: int, held_out: int) -> bool:
        """Whether every outcome is gone through."""
        return max(in_test, held_out) <= _LARGEST

    def guess(self, uplift: float, part: float, confidence: float, power: float) -> float:
        """About how many customers it takes, to start the search from."""
        share, other = self.baseline + uplift, self.baseline
        spread = share * (1 - share) / part + other * (1 - other) / (1 - part)
        return spread * _quantiles(confidence, power) ** 2 / uplift**2


def _quantiles(confidence: float, power: float) -> float:
    """Z of the interval plus z of the power: so many standard errors must the difference be."""
    return normal_quantile(confidence) + _one_sided_quantile(power)


def _one_sided_quantile(power: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(power)


def approximate_power_of_shares(
    share: float, other: float, in_test: int, held_out: int, confidence: float
) -> float:
    """Of the (N − 1) χ² test, by the normal distribution: pooled variance where there is no difference, own where there is.

    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed., ch. 4.
    """
    n = in_test + held_out
    pooled = (share * in_test + other * held_out) / n
    under_none = pooled * (1 - pooled) * (1 / in_test + 1 / held_out) * n / (n - 1)
    under_it = share * (1 - share) / in_test + other * (1 - other) / held_out
    beyond = (share - other - normal_quantile(confidence) * math.sqrt(under_none)) / math.sqrt(under_it)
    return _normal(beyond)


def _normal(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def _exact_power(share: float, other: float, in_test: int, held_out: int, z: float) -> float:
    """The probability of all outcomes in which the interval lies above 0.

    For each number of hits in the hold-out, the fewest hits in the test that are seen: more in the one takes more in
    the other, so that both are walked through once.
    """
    test, hold_out = _Hits.of(share, in_test, z), _Hits.of(other, held_out, z)
    at_least = list(accumulate(reversed(test.chances)))[::-1]
    found, fewest = 0.0, 0
    for place, chance in enumerate(hold_out.chances):
        while fewest < len(at_least) and not _is_seen(test, fewest, hold_out, place):
            fewest += 1
        if fewest == len(at_least):
            break
        found += chance * at_least[fewest]
    return min(1.0, found)


@frozen(kw_only=True)
class _Hits:
    """How many of a group may be hit, as far as that is ever seen: the chance, the share, and Wilson's bounds of it."""

    chances: Sequence[float]
    shares: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]

    @classmethod
    def of(cls, share: float, n: int, z: float) -> _Hits:
        middle, reach = share * n, _FAR * math.sqrt(share * (1 - share) * n) + _FAR**2
        hits = range(max(0, math.floor(middle - reach)), min(n, math.ceil(middle + reach)) + 1)
        shares = [each / n for each in hits]
        bounds = [wilson(each, float(n), z) for each in shares]
        return cls(
            chances=[binomial_chance(each, n, share) for each in hits],
            shares=shares,
            lows=[low for low, _ in bounds],
            highs=[high for _, high in bounds],
        )


def _is_seen(test: _Hits, one: int, hold_out: _Hits, other: int) -> bool:
    """Whether Newcombe's interval lies above 0."""
    share, low = test.shares[one], test.lows[one]
    base, high = hold_out.shares[other], hold_out.highs[other]
    return share - base - math.sqrt((share - low) ** 2 + (high - base) ** 2) > 0


@frozen(kw_only=True)
class Means:
    """Two groups of customers with an amount each: seen where Welch's interval lies wholly on the right side.

    Attributes:
        deviation: The standard deviation between customers, in both groups.
    """

    deviation: float

    def power(self, uplift: float, in_test: int, held_out: int, confidence: float) -> float:
        """The chance that a rise (or fall) by `uplift` is seen, and as what it is."""
        one, other = 1 / in_test, 1 / held_out
        freedom = (one + other) ** 2 / (one**2 / (in_test - 1) + other**2 / (held_out - 1))
        errors = abs(uplift) / (self.deviation * math.sqrt(one + other))
        return noncentral_upper_tail(student_quantile(confidence, freedom), errors, freedom)

    def is_exact(self, in_test: int, held_out: int) -> bool:
        """Never: amounts are no normal distribution, and only their means come close to one."""
        del in_test, held_out
        return False

    def guess(self, uplift: float, part: float, confidence: float, power: float) -> float:
        """About how many customers it takes, to start the search from."""
        spread = self.deviation**2 * (1 / part + 1 / (1 - part))
        return spread * _quantiles(confidence, power) ** 2 / uplift**2


_STEPS = 2000
"""Of Simpson's rule, over nine standard deviations to either side."""


def noncentral_upper_tail(t: float, errors: float, freedom: float) -> float:
    """The chance that Student's t, moved by so many standard errors, exceeds a value.

    The mean over what the estimated standard error may be, in units of the true one, whose square is χ² over its
    degrees of freedom.
    """
    reach = _FAR / math.sqrt(2 * freedom)
    low, high = max(0.0, 1 - reach), 1 + reach
    width = (high - low) / _STEPS
    total = weights = 0.0
    for step in range(_STEPS + 1):
        spread = low + step * width
        weight = _density(spread, freedom) * (1 if step in (0, _STEPS) else 4 if step % 2 else 2)
        total += weight * _normal(errors - t * spread)
        weights += weight
    return total / weights


def _density(spread: float, freedom: float) -> float:
    """Of an estimated standard error in units of the true one, but for a factor."""
    if spread <= 0:
        return 0.0
    return math.exp((freedom - 1) * math.log(spread) - freedom * (spread * spread - 1) / 2)
