r"""The integral behind the Pareto/NBD: over when a customer may have left since the last purchase.

With :math:`P = r + x` and :math:`Q = s + 1` it is

.. math::

   \int_{t_x}^{T} (\alpha + y)^{-P} (\beta + y)^{-Q} \, dy,

which the papers write as a difference of two hypergeometric functions. The integral itself has no difference in it:
what it adds up is positive, so that no digits cancel, whichever of alpha and beta is the greater, and its
derivatives by the parameters are means over the same nodes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from retention.predict._gauss_legendre import rule

__all__ = ["Departure", "departure"]

_NEGLIGIBLE = -40.0
"""The logarithm of what is left out of an integrand with a long tail, beside its greatest value."""

_LONGEST_PANEL = 6.0
"""The length, in the logarithm of time, that one rule is good for."""

# Nodes enough for twelve digits, by how far the logarithm of the integrand falls, and over which length.
_NODES = (
    (4, 0.15, 0.15),
    (6, 0.7, 0.7),
    (8, 1.4, 1.4),
    (10, 5.6, 2.0),
    (12, 11.0, 2.0),
    (16, 20.0, 2.8),
    (20, 45.0, _LONGEST_PANEL),
)
_MOST_NODES = 32


class Departure(NamedTuple):
    """The integral, and what its derivatives are made of.

    Attributes:
        log_integral: The logarithm of the integral, as a multiple of the integrand at its beginning.
        log_alpha: The mean over the integrand of log((alpha + y)/alpha).
        log_beta: The mean of log((beta + y)/beta).
        by_alpha: The mean of y/(alpha + y).
        by_beta: The mean of y/(beta + y).
    """

    log_integral: float
    log_alpha: float
    log_beta: float
    by_alpha: float
    by_beta: float


def _nodes_for(fall: float, length: float) -> int:
    for nodes, steepest, longest in _NODES:
        if fall <= steepest and length <= longest:
            return nodes
    return _MOST_NODES


def departure(alpha: float, beta: float, p: float, q: float, silent: float) -> Departure:
    """The integral of (alpha + y)^−p (beta + y)^−q over the time since the last purchase, which must be above 0.

    The time of the last purchase is in alpha and beta already.
    """
    if alpha <= beta:
        return _from_nearer(p, q, alpha, beta - alpha, silent)
    log_integral, log_beta, log_alpha, by_beta, by_alpha = _from_nearer(q, p, beta, alpha - beta, silent)
    return Departure(log_integral, log_alpha, log_beta, by_alpha, by_beta)


def _from_nearer(p: float, q: float, nearer: float, apart: float, length: float) -> Departure:
    """The same over w = nearer·e^u, where p belongs to the pole that is nearer and q to the other, `apart` from it.

    In u the poles stay at least π away from every place, so that few nodes do. All is taken by how much it differs
    from what it is at the beginning, which keeps the digits of small differences where a parameter is large.
    """
    exp, expm1, log, log1p = math.exp, math.expm1, math.log, math.log1p
    farther = nearer + apart
    near, far = nearer / farther, apart / farther
    less = 1 - p
    end = math.log1p(length / nearer)
    at_end = near * exp(end)
    fallen = less * end - q * log(at_end + far)
    while fallen < _NEGLIGIBLE:
        # The logarithm of the integrand is concave, so that Newton's step comes to the place from beyond it.
        step = (fallen - _NEGLIGIBLE) / (less - q * at_end / (at_end + far))
        end -= step
        at_end = near * exp(end)
        fallen = less * end - q * log(at_end + far)
        if step < end / 16:
            break
    steepness = max(abs(less - q * at_end / (at_end + far)), abs(less - q * near))
    panels = math.ceil(end / _LONGEST_PANEL)
    width = end / panels
    nodes = rule(_nodes_for(steepness * width, width))
    total = by_u = by_log = by_near = by_far = 0.0
    for panel in range(panels):
        start = width * panel
        for place, weight in nodes:
            u = start + width * place
            grown = expm1(u)
            away = near * grown
            log_ratio = log1p(away)
            share = weight * exp(less * u - q * log_ratio)
            total += share
            by_u += share * u
            by_log += share * log_ratio
            by_near += share * grown / (1 + grown)
            by_far += share * away / (1 + away)
    return Departure(
        log(total * width * nearer), by_u / total, by_log / total, by_near / total, by_far / total
    )
