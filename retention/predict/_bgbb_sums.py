"""The sums behind the BG/BB: over the opportunity after which a customer may have left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, chain

from retention.predict._gauss_legendre import rule
from retention.predict._special import digamma, log_gamma_ratio

__all__ = ["Likelihood", "first_purchase", "log_odds", "opportunities_alive"]

_LARGE = 1e100
_FEW = 256
"""Opportunities ahead that are added up one by one."""
_CLOSE = 0.1
_NEGLIGIBLE = 1e-17
_NODES = 5


def log_odds(parameters: tuple[float, float, float, float], x: int, t_x: int, n: int) -> float:
    """The logarithm of how many times likelier it is to have left since the last purchase than to have stayed.

    Minus infinity for one who bought at the last opportunity.
    """
    alpha, beta, gamma, delta = parameters
    total = scale = 0.0
    both, leaving = alpha + beta, gamma + delta
    term = gamma / (leaving + n)
    for j in range(n - 1, t_x - 1, -1):
        term *= (both + j) / (beta + j - x) * (leaving + 1 + j) / (delta + j)
        total += term
        if total > _LARGE:
            scale += math.log(total)
            term, total = term / total, 1.0
    return math.log(total) + scale if total else -math.inf


def opportunities_alive(gamma: float, delta: float, horizon: float) -> float:
    """At how many opportunities to come, up to the horizon, a customer is expected to be there still.

    The sum has a closed form, in which gamma = 1 is 0/0; near there the logarithm of its ratio of gamma functions,
    divided by gamma − 1, is taken as a mean of digamma.
    """
    ahead = int(horizon)
    if ahead <= _FEW:
        term = total = 0.0 if not ahead else delta / (gamma + delta)
        for k in range(1, ahead):
            term *= (delta + k) / (gamma + delta + k)
            total += term
        return total
    less = gamma - 1
    if abs(less) < _CLOSE:
        slope = math.fsum(
            weight * (digamma(delta + 1 + less * place) - digamma(delta + ahead + 1 + less * place))
            for place, weight in rule(_NODES)
        )
        return delta * (math.expm1(less * slope) / -less if less else -slope)
    if less > 0:
        log_rest = log_gamma_ratio(delta + 1, less) - log_gamma_ratio(delta + ahead + 1, less)
    else:
        log_rest = log_gamma_ratio(delta + ahead + gamma, -less) - log_gamma_ratio(delta + gamma, -less)
    return -delta * math.expm1(log_rest) / less


def first_purchase(alpha: float, beta: float, gamma: float, delta: float, horizon: float) -> float:
    """The probability that one who is there buys at one of the opportunities to come, up to the horizon.

    It is added up over the first of these: to be there at the k-th, not to have bought before, and to buy. Each of these
    probabilities is the one before times what is left of it.
    """
    ahead = int(horizon)
    term = total = delta / (gamma + delta) * alpha / (alpha + beta) if ahead else 0.0
    for k in range(1, ahead):
        term *= (delta + k) / (gamma + delta + k) * (beta + k - 1) / (alpha + beta + k)
        total += term
        if term * (ahead - k) <= _NEGLIGIBLE * total:  # they fall
            break
    return min(1.0, total)


class Likelihood:
    """The log-likelihood of groups of customers, and its gradient, at the logarithms of the four parameters.

    Customers who bought equally often at equally many opportunities share one walk, back from the last opportunity
    to the earliest of their last purchases. Rising factorials stand for the quotients of beta functions, whose
    differences would lose their digits where a parameter is large.
    """

    def __init__(self, groups: Sequence[tuple[int, float, float, int]]) -> None:
        walks: dict[tuple[int, int], dict[int, int]] = {}
        for x, t_x, n, count in groups:
            walks.setdefault((x, int(n)), {})[int(t_x)] = count
        self._walks = [(x, n, sorted(ends.items(), reverse=True)) for (x, n), ends in walks.items()]
        self._longest = max(n for _, n, _ in self._walks)

    def __call__(self, position: Sequence[float]) -> tuple[float, Sequence[float]]:
        alpha, beta, gamma, delta = map(math.exp, position)
        both, leaving = alpha + beta, gamma + delta
        of_alpha, of_beta, of_both, of_delta, of_leaving = (
            _rises(each, self._longest + 1) for each in (alpha, beta, both, delta, leaving)
        )
        value = by_alpha = by_beta = by_gamma = by_delta = 0.0
        for x, n, ends in self._walks:
            bought = log_gamma_ratio(alpha, x) + log_gamma_ratio(beta, n - x) - log_gamma_ratio(both, n)
            stayed = bought + log_gamma_ratio(delta, n) - log_gamma_ratio(leaving, n)
            term, total, scale = gamma / (leaving + n), 0.0, 0.0
            in_both = in_beta = in_leaving = in_delta = 0.0
            j = n
            for t_x, count in ends:
                while j > t_x:
                    j -= 1
                    term *= (both + j) / (beta + j - x) * (leaving + 1 + j) / (delta + j)
                    total += term
                    in_both += term * of_both[j]
                    in_beta += term * of_beta[j - x]
                    in_leaving += term * of_leaving[j + 1]
                    in_delta += term * of_delta[j]
                    if total > _LARGE:
                        scale += math.log(total)
                        term /= total
                        in_both /= total
                        in_beta /= total
                        in_leaving /= total
                        in_delta /= total
                        total = 1.0
                least = math.exp(-scale)
                whole = total + least
                value += count * (stayed + scale + math.log(whole))
                share = count / whole
                in_all = share * (in_both + least * of_both[n])
                by_alpha += count * of_alpha[x] - in_all
                by_beta += share * (in_beta + least * of_beta[n - x]) - in_all
                alive, gone = share * least, share * total
                in_all = share * in_leaving + alive * of_leaving[n]
                by_gamma += gone / gamma - in_all
                by_delta += share * in_delta + alive * of_delta[n] - in_all
        return value, (by_alpha * alpha, by_beta * beta, by_gamma * gamma, by_delta * delta)


def _rises(start: float, most: int) -> list[float]:
    """By how much the digamma function is higher at start, start + 1 and so on than at start, `most` steps up."""
    steps = (1 / (start + step) for step in range(most))
    return list(accumulate(chain([0.0], steps)))
