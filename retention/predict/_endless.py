"""The interval of a mean that may have no end: the time that contracts last, undiscounted."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from attrs import field, frozen

from retention._numerics import check_confidence, normal_quantile
from retention.predict._estimate import LARGEST, Estimate
from retention.predict._optimise import Matrix
from retention.results import Interval

__all__ = ["EndlessEstimate", "Remaining", "reaches_one"]

_METHOD = "the extremes over all parameters within their joint interval"
_PLACES = 360
"""Around the ellipse of these parameters."""
_GOLDEN = (math.sqrt(5) - 1) / 2
_HALVINGS = 40


class Remaining(NamedTuple):
    """The sum over all units of time to come, undiscounted: scale · (first + (β + made) / (α − 1)), for α above 1.

    Attributes:
        log_alpha: Logarithm of alpha.
        log_beta: Logarithm of beta.
        covariance: Of the two.
        first: 1 where the first unit is counted, else 0.
        made: How often the customer has renewed.
        scale: What a unit counts.
    """

    log_alpha: float
    log_beta: float
    covariance: Matrix
    first: float
    made: int
    scale: float

    def at(self, log_alpha: float, log_beta: float) -> float:
        """Logarithm of what there is beside the first unit; infinite where it has no end."""
        if log_alpha <= 0:
            return math.inf
        return math.log(math.exp(log_beta) + self.made) - math.log(math.expm1(log_alpha))

    def ends(self, z: float) -> tuple[float, float]:
        """The least and the greatest of it, over all parameters that lie within z standard errors."""
        (a, c), (_, b) = self.covariance
        of_alpha = math.sqrt(a)
        along = c / of_alpha if of_alpha else 0.0
        beside = math.sqrt(max(0.0, b - along * along))

        def on_the_edge(turn: float) -> float:
            cos, sin = z * math.cos(turn), z * math.sin(turn)
            return self.at(self.log_alpha + of_alpha * cos, self.log_beta + along * cos + beside * sin)

        low = _least(on_the_edge)
        if reaches_one(self.log_alpha, of_alpha, z):
            return self._figure(low), LARGEST
        return self._figure(low), self._figure(-_least(lambda turn: -on_the_edge(turn)))

    def _figure(self, log_rest: float) -> float:
        return min(LARGEST, self.scale * (self.first + math.exp(min(log_rest, 700.0))))


def reaches_one(log_alpha: float, error: float, z: float) -> bool:
    """Whether alpha may be 1 or less, where the mean has no end."""
    return log_alpha - z * error <= 0


def _least(function: Callable[[float], float]) -> float:
    """The least value of a function of an angle: near the best of many places, by golden section."""
    step = math.tau / _PLACES
    best = min(range(_PLACES), key=lambda place: function(place * step))
    left, right = (best - 1) * step, (best + 1) * step
    for _ in range(_HALVINGS):
        one, other = right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
        if function(one) <= function(other):
            right = other
        else:
            left = one
    return min(function(best * step), function((left + right) / 2))


@frozen(kw_only=True)
class EndlessEstimate(Estimate):
    """A mean that has no end where alpha is 1 or less; its interval then has no upper one.

    On a logarithmic scale, by the delta method, an interval would begin below what is certain and hide that.
    """

    _remaining: Remaining = field(alias="remaining", eq=False, repr=False)

    def interval(self, confidence: float = 0.95) -> Interval:
        """The confidence interval: from the least to the greatest that parameters within their joint interval give.

        Where alpha's own interval holds 1 there is no upper end: `high` is the largest float then, and the text says "or
        more".

        Args:
            confidence: Level between 0 and 1.

        .. versionadded:: 0.1
        """
        low, high = self._remaining.ends(normal_quantile(check_confidence(confidence)))
        value = float(self)
        return Interval(
            low=min(low, value),
            high=max(high, value),
            confidence=confidence,
            method=_METHOD,
            shown_as=self._shown_as,
        )
