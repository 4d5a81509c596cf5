r"""The Pareto/NBD: customers who buy at random for as long as they are customers, and leave at any moment."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from random import Random
from typing import ClassVar

from attrs import frozen

from retention.predict._ends_of_climbs import buy_alike, hardly_anyone_leaves, leave_alike
from retention.predict._model import parameter
from retention.predict._optimise import Objective
from retention.predict._pareto_nbd_integral import departure
from retention.predict._purchase_model import PurchaseModel
from retention.predict._repeat_purchases import Group
from retention.predict._special import digamma_rise, log_gamma_ratio

__all__ = ["ParetoNbd"]

_HALF = math.log(2)
_HARDLY = 0.03
"""So few customers leave in the time watched where hardly anyone does."""
_FAR = 100.0
"""Above it, half of the customers stay beyond all times."""


@frozen(kw_only=True)
class ParetoNbd(PurchaseModel):
    r"""Pareto/NBD: purchases come at random, each customer at a rate of their own, until the customer leaves.

    While they are customers they buy at a rate λ, and at every moment they may leave for good, at a rate μ, without
    telling. Rates differ between customers: λ is gamma distributed with shape `r` and rate `alpha`, μ with shape `s`
    and rate `beta`, one independent of the other. A customer who has bought :math:`x` times again, last at
    :math:`t_x`, and has been watched for :math:`T`, has the likelihood

    .. math::

       \frac{\Gamma(r + x)\, \alpha^r \beta^s}{\Gamma(r)} \left[
       \frac{1}{(\alpha + T)^{r + x} (\beta + T)^s}
       + s \int_{t_x}^{T} \frac{dy}{(\alpha + y)^{r + x} (\beta + y)^{s + 1}} \right],

    of which the first term is that of having stayed, and the integral that of having left at some time since the
    last purchase.

    Take it where customers may leave at any time, also before they ever buy again. `BgNbd` and `MbgNbd`, in which they
    leave only right after a purchase, are quicker to fit and often tell nearly the same. It knows neither season nor
    trend, and nobody comes back who has left.

    Attributes:
        r: Shape of the purchase rates; the smaller, the more customers differ.
        alpha: Rate parameter of the purchase rates, in units of time; r/alpha purchases a unit are the mean.
        s: Shape of the rates of leaving.
        beta: Rate parameter of the rates of leaving, in units of time.
        unit: The unit of time.
        report: How well the model fits; None where the parameters were given by hand.

    >>> import retention as rt
    >>> model = rt.ParetoNbd(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
    >>> ann = rt.Purchases(frequency=2, recency=30.43, age=38.86)
    >>> print(model.probability_alive(ann))
    86.9%
    >>> print(model.expected_purchases(ann, horizon=39))
    1.455 purchases

    References:
        Schmittlein, D. C., Morrison, D. G., & Colombo, R. (1987). Counting your customers: who are they and what will
        they do next? Management Science, 33(1), 1-24.
        Fader, P. S., & Hardie, B. G. S. (2005). A note on deriving the Pareto/NBD model and related expressions.

    .. versionadded:: 0.1
    """

    _TITLE: ClassVar[str] = "Pareto/NBD"
    _TIMES: ClassVar[Sequence[str]] = ("alpha", "beta")

    r: float = parameter()
    alpha: float = parameter()
    s: float = parameter()
    beta: float = parameter()

    def _story(self) -> Iterable[str]:
        rate = self._mean_in_words(lambda model: model.r / model.alpha)
        yield f"While they are customers, they buy again {rate} times a {self.unit} on average (r / alpha)."
        if _HALF / self.s < _FAR:
            time = self._mean_in_words(lambda model: model.beta * math.expm1(_HALF / model.s))
            yield f"Half of them have left for good {time} {self.unit}s after the first purchase (beta · (2^(1 / s) − 1))."

    @classmethod
    def _likelihood(cls, groups: Sequence[Group]) -> Objective:
        return _Likelihood(groups)

    @classmethod
    def _starts(cls, groups: Sequence[Group]) -> Sequence[Sequence[float]]:
        return _among(groups, ((0.6, 0.6), (2.0, 2.0)))

    @classmethod
    def _lookouts(cls, groups: Sequence[Group]) -> Sequence[Sequence[float]]:
        return _among(groups, ((0.6, 20.0),))  # all leave at nearly one rate

    @classmethod
    def _end_of_climb(cls, groups: Sequence[Group], position: Sequence[float]) -> str:
        r, alpha, s, beta = map(math.exp, position)
        watched = sum(age * count for _, _, age, count in groups) / sum(count for *_, count in groups)
        if s * math.log1p(watched / beta) < _HARDLY:
            return hardly_anyone_leaves(
                f"{cls.__name__}(r={r:.4g}, alpha={alpha:.4g}, s=1e-06, beta=1, unit=…)"
            )
        return buy_alike(r) or leave_alike(s, beta / watched)

    def _probability_alive(self, x: int, t_x: float, age: float) -> float:
        return _against(self._log_odds(x, t_x, age)) if t_x < age else 1.0

    def _log_odds(self, x: int, t_x: float, age: float) -> float:
        """The logarithm of how many times likelier it is to have left since the last purchase than to have stayed."""
        p, s, alpha, beta, silent = self.r + x, self.s, self.alpha + t_x, self.beta + t_x, age - t_x
        found = departure(alpha, beta, p, s + 1, silent)
        unchanged = p * math.log1p(silent / alpha) + s * math.log1p(silent / beta)
        return math.log(s / beta) + found.log_integral + unchanged

    def _expected_purchases(self, x: int, t_x: float, age: float, horizon: float) -> float:
        # Given that a customer is still one, the two rates are gamma distributed again, and independent.
        rate = (self.r + x) / (self.alpha + age)
        return self._probability_alive(x, t_x, age) * rate * _time_alive(self.s, self.beta + age, horizon)

    def _probability_to_buy(self, x: int, age: float, horizon: float) -> float:
        if not horizon:
            return 0.0
        # The first purchase comes at some time, at which the customer has not left yet.
        p, alpha, beta = self.r + x, self.alpha + age, self.beta + age
        found = departure(alpha, beta, p + 1, self.s, horizon)
        return min(1.0, p / alpha * math.exp(found.log_integral))

    def _expected_purchases_of_newcomer(self, horizon: float) -> float:
        return self.r / self.alpha * _time_alive(self.s, self.beta, horizon)

    def _drawn(self, random: Random, age: float) -> tuple[int, float]:
        times = _drawn_times(random, (self.r, self.alpha), (self.s, self.beta), age)
        return len(times), times[-1] if times else 0.0

    def _draw_future(self, random: Random, x: int, t_x: float, age: float, horizon: float) -> list[float]:
        if random.random() >= self._probability_alive(x, t_x, age):
            return []
        return _drawn_times(random, (self.r + x, self.alpha + age), (self.s, self.beta + age), horizon)


def _among(groups: Sequence[Group], shapes: Sequence[tuple[float, float]]) -> Sequence[Sequence[float]]:
    """Starts with these r and s."""
    # As many purchases as there were, in half the time: the other half somebody who has left was watched in vain.
    customers = sum(count for *_, count in groups)
    watched = sum(age * count for _, _, age, count in groups)
    bought = sum(x * count for x, _, _, count in groups)
    rate, age = 2 * bought / watched, watched / customers
    return [tuple(map(math.log, (r, r / rate, s, s * age))) for r, s in shapes]


def _drawn_times(
    random: Random, purchasing: tuple[float, float], leaving: tuple[float, float], horizon: float
) -> list[float]:
    """The times of the purchases of one customer, of whom the shape and the rate of the two rates are known."""
    shape, rate = purchasing
    often = random.gammavariate(shape, 1 / rate)
    end = min(horizon, _waited(random, random.gammavariate(leaving[0], 1 / leaving[1])))
    times: list[float] = []
    time = _waited(random, often)
    while time <= end:
        times.append(time)
        time += _waited(random, often)
    return times


def _waited(random: Random, rate: float) -> float:
    """A time until something happens; a shape near 0 may draw a rate of 0, at which it never does."""
    return random.expovariate(rate) if rate else math.inf


def _time_alive(s: float, beta: float, horizon: float) -> float:
    """The time that someone whose rate of leaving is gamma distributed is expected to stay, up to the horizon."""
    length = math.log1p(horizon / beta)
    less = s - 1
    return beta * (-math.expm1(-less * length) / less if less else length)


def _against(log_odds: float) -> float:
    """The probability of what has these odds against it."""
    if log_odds > 0:
        against = math.exp(-log_odds)
        return against / (1 + against)
    return 1 / (1 + math.exp(log_odds))


class _Likelihood:
    """The log-likelihood of groups of customers, and its gradient, at the logarithms of r, alpha, s and beta.

    All times are taken as shares of alpha and beta, so that digits are kept where these are large.
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups
        self._bought = sum(x * count for x, _, _, count in groups)
        self._frequencies: dict[int, int] = {}
        for x, _, _, count in groups:
            self._frequencies[x] = self._frequencies.get(x, 0) + count

    def __call__(self, position: Sequence[float]) -> tuple[float, Sequence[float]]:
        r, alpha, s, beta = map(math.exp, position)
        value, by_r = self._of_counts(r)
        value -= self._bought * position[1]
        by_alpha = by_s = by_beta = 0.0
        log, log1p, exp = math.log, math.log1p, math.exp
        log_s = log(s)
        for x, t_x, age, count in self._groups:
            p = r + x
            longer, longer_there = log1p(age / alpha), log1p(age / beta)
            stayed = -p * longer - s * longer_there
            alive = 1.0
            if t_x < age:
                alpha_then, beta_then = alpha + t_x, beta + t_x
                found = departure(alpha_then, beta_then, p, s + 1, age - t_x)
                before, before_there = log1p(t_x / alpha), log1p(t_x / beta)
                left = log_s - p * before - s * before_there - log(beta_then) + found[0]
                odds = exp(min(left, stayed) - max(left, stayed))
                alive = (1 if left <= stayed else odds) / (1 + odds)
                value += count * (max(left, stayed) + log1p(odds))
                gone = count * (1 - alive)
                by_r -= gone * (before + found[1])
                by_s += gone * (1 - s * (before_there + found[2]))
                # The means of y/(alpha + y) and y/(beta + y), where y is counted from the first purchase.
                part = (t_x + alpha * found[3]) / alpha_then
                part_there = (t_x + beta * found[4]) / beta_then
                by_alpha += gone * (p * part - x)
                by_beta += gone * ((s + 1) * part_there - 1)
            else:
                value += count * stayed
            alive *= count
            by_r -= alive * longer
            by_alpha += alive * (r * age - x * alpha) / (alpha + age)
            by_s -= alive * s * longer_there
            by_beta += alive * s * age / (beta + age)
        return value, (by_r * r, by_alpha, by_s, by_beta)

    def _of_counts(self, r: float) -> tuple[float, float]:
        """What hangs on the frequencies alone: the sum of log Γ(r + x) − log Γ(r), and its derivative by r."""
        value = by_r = 0.0
        for x, count in self._frequencies.items():
            if x:
                value += count * log_gamma_ratio(r, x)
                by_r += count * digamma_rise(r, x)
        return value, by_r
