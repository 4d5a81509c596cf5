"""The frame of BG/NBD and MBG/NBD: parameters, and what they tell of a customer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from random import Random
from typing import ClassVar

from attrs import frozen

from retention.predict._beta_geometric import expected_while_alive, log_likelihood
from retention.predict._ends_of_climbs import buy_alike, hardly_anyone_leaves, leave_alike
from retention.predict._model import parameter
from retention.predict._optimise import Objective
from retention.predict._purchase_model import PurchaseModel
from retention.predict._repeat_purchases import Group

__all__ = ["BetaGeometric"]

_STARTS = ((0.5, 2.0, 0.7, 2.0), (2.0, 1.2, 0.1, 2.0), (0.2, 3.0, 2.0, 3.0))
"""R, by how much more often customers buy than all do on average, a and b."""
_LOOKOUTS = ((0.5, 2.0, 20.0, 60.0),)
"""The same where all leave with nearly one probability."""
_HARDLY = 0.01
"""So rarely somebody leaves after a purchase where hardly anyone does."""
_FAR = 700.0
"""Log-odds from which on a probability is 0 as a float."""


@frozen(kw_only=True)
class BetaGeometric(PurchaseModel):
    """Purchases at a customer's own constant rate, and a customer's own chance to leave after each."""

    _TIMES: ClassVar[Sequence[str]] = ("alpha",)
    _FIRST: ClassVar[int]
    """Whether a customer may leave after the first purchase already."""

    r: float = parameter()
    alpha: float = parameter()
    a: float = parameter()
    b: float = parameter()

    def _story(self) -> Iterable[str]:
        rate = self._mean_in_words(lambda model: model.r / model.alpha)
        leave = self._mean_in_words(lambda model: model.a / (model.a + model.b), "probability")
        after = "a purchase, the first one too" if self._FIRST else "a repeat purchase"
        yield f"While they are customers, they buy again {rate} times a {self.unit} on average (r / alpha)."
        yield f"On average {leave} leave for good after {after} (a / (a + b))."

    @classmethod
    def _likelihood(cls, groups: Sequence[Group]) -> Objective:
        return log_likelihood(groups, first=cls._FIRST)

    @classmethod
    def _starts(cls, groups: Sequence[Group]) -> Sequence[Sequence[float]]:
        return _around_the_mean_rate(groups, _STARTS)

    @classmethod
    def _lookouts(cls, groups: Sequence[Group]) -> Sequence[Sequence[float]]:
        return _around_the_mean_rate(groups, _LOOKOUTS)

    @classmethod
    def _end_of_climb(cls, groups: Sequence[Group], position: Sequence[float]) -> str:
        del groups
        r, alpha, a, b = map(math.exp, position)
        if a < _HARDLY * b:
            return hardly_anyone_leaves(f"{cls.__name__}(r={r:.4g}, alpha={alpha:.4g}, a=1e-06, b=1, unit=…)")
        return buy_alike(r) or leave_alike(a, b)

    def _probability_alive(self, x: int, t_x: float, age: float) -> float:
        stays = x + self._FIRST - 1
        if stays < 0:
            return 1.0
        odds = math.log(self.a / (self.b + stays)) + (self.r + x) * math.log1p(
            (age - t_x) / (self.alpha + t_x)
        )
        return 1 / (1 + math.exp(odds)) if odds < _FAR else 0.0

    def _expected_purchases(self, x: int, t_x: float, age: float, horizon: float) -> float:
        alive = self._probability_alive(x, t_x, age)
        return alive * self._expected_while_alive(x, age, horizon) if alive else 0.0

    def _expected_while_alive(self, x: int, age: float, horizon: float) -> float:
        return expected_while_alive(self.r + x, self.alpha + age, self.a, self.b + x + self._FIRST, horizon)

    def _expected_by(self, horizon: float) -> Callable[[int, float, float], float]:
        """Of those who are still customers, all with one frequency and one age can expect the same."""
        while_alive = cache(partial(self._expected_while_alive, horizon=horizon))

        def expected(x: int, t_x: float, age: float) -> float:
            alive = self._probability_alive(x, t_x, age)
            return alive * while_alive(x, age) if alive else 0.0

        return expected

    def _probability_to_buy(self, x: int, age: float, horizon: float) -> float:
        # One who is there stays until the next purchase at least.
        return -math.expm1(-(self.r + x) * math.log1p(horizon / (self.alpha + age)))

    def _expected_purchases_of_newcomer(self, horizon: float) -> float:
        stays = self.b / (self.a + self.b) if self._FIRST else 1.0
        return stays * expected_while_alive(self.r, self.alpha, self.a, self.b + self._FIRST, horizon)

    def _drawn(self, random: Random, age: float) -> tuple[int, float]:
        rate = random.gammavariate(self.r, 1 / self.alpha)
        leaves = random.betavariate(self.a, self.b)
        if self._FIRST and random.random() < leaves:
            return 0, 0.0
        times = _times(random, rate, leaves, age)
        return len(times), times[-1] if times else 0.0

    def _draw_future(self, random: Random, x: int, t_x: float, age: float, horizon: float) -> list[float]:
        if random.random() >= self._probability_alive(x, t_x, age):
            return []
        rate = random.gammavariate(self.r + x, 1 / (self.alpha + age))
        leaves = random.betavariate(self.a, self.b + x + self._FIRST)
        return _times(random, rate, leaves, horizon)


def _around_the_mean_rate(
    groups: Sequence[Group], places: Sequence[tuple[float, float, float, float]]
) -> Sequence[Sequence[float]]:
    """Starts around the mean rate of purchases, so that the unit of time makes no difference."""
    bought = sum(x * count for x, _, _, count in groups)
    watched = sum(age * count for _, _, age, count in groups)
    rate = bought / watched
    return [tuple(map(math.log, (r, r / (rate * haste), a, b))) for r, haste, a, b in places]


def _times(random: Random, rate: float, leaves: float, until: float) -> list[float]:
    """Times of purchases at a rate, each of which may be the last."""
    times: list[float] = []
    if not rate:  # of a Gamma whose shape is so small that a float knows nothing below
        return times
    at = random.expovariate(rate)
    while at <= until:
        times.append(at)
        if random.random() < leaves:
            break
        at += random.expovariate(rate)
    return times
