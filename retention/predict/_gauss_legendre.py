"""Gauss and Legendre's rules: an integral as a sum over few, well-chosen places."""

from __future__ import annotations

import math
from functools import cache

__all__ = ["rule"]

_NEWTON_STEPS = 8


@cache
def rule(nodes: int) -> tuple[tuple[float, float], ...]:
    """The places and the weights of a rule on the interval from 0 to 1."""
    found = []
    for number in range(1, nodes + 1):
        place = math.cos(math.pi * (number - 0.25) / (nodes + 0.5))
        slope = 1.0
        for _ in range(_NEWTON_STEPS):
            before, here = 1.0, place
            for degree in range(2, nodes + 1):
                before, here = here, ((2 * degree - 1) * place * here - (degree - 1) * before) / degree
            slope = nodes * (place * here - before) / (place * place - 1)
            place -= here / slope
        found.append(((1 - place) / 2, 1 / ((1 - place * place) * slope * slope)))
    return tuple(found)
