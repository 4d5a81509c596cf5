r"""The BG/BB: customers who at every opportunity either buy or not, until they leave."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

from attrs import frozen

from retention.errors import InvalidValueError, NotIdentifiableError, shown
from retention.predict._bgbb_sums import Likelihood, first_purchase, log_odds, opportunities_alive
from retention.predict._model import parameter
from retention.predict._optimise import Objective
from retention.predict._purchase_model import PurchaseModel
from retention.predict._repeat_purchases import Group
from retention.predict.purchases import RepeatPurchases, TimeUnit, repeat_purchases
from retention.shop import Orders

__all__ = ["BgBb"]

_FEWEST_OPPORTUNITIES = 3
_MOST_OPPORTUNITIES = 10_000
"""Days of 27 years: each is summed over, so that more would take very long."""
_ROUNDING = 1e-9


@frozen(kw_only=True)
class BgBb(PurchaseModel):
    r"""BG/BB: at every opportunity a customer may leave for good, and otherwise buys or doesn't.

    The model for what can be bought once a month, a season or a year: a donation campaign, a conference, a catalogue.
    Time is counted in opportunities. At the beginning of each, a customer leaves with a probability θ; one who is
    still there buys with a probability p. Both differ between customers and are beta distributed, p with `alpha` and
    `beta`, θ with `gamma` and `delta`, one independent of the other. A customer who has bought at :math:`x` of
    :math:`n` opportunities after the first purchase, last at the :math:`t_x`-th, has the likelihood

    .. math::

       \frac{B(\alpha + x, \beta + n - x)}{B(\alpha, \beta)} \frac{B(\gamma, \delta + n)}{B(\gamma, \delta)}
       + \sum_{j = t_x}^{n - 1} \frac{B(\alpha + x, \beta + j - x)}{B(\alpha, \beta)}
       \frac{B(\gamma + 1, \delta + j)}{B(\gamma, \delta)},

    of which the first term is that of having stayed through all opportunities, and the sum that of having left after
    the j-th.

    Take it where purchases come once a unit at most; where they may come at any time, take `ParetoNbd` or `BgNbd`.
    `probability_alive` is, as in the paper, the probability of still being there at the *next* opportunity, so that
    it stays below 1 for one who has just bought. Horizons are whole numbers of opportunities.

    Attributes:
        alpha: First parameter of the probability to buy; alpha/(alpha + beta) is the mean.
        beta: Second parameter of the probability to buy.
        gamma: First parameter of the probability to leave; gamma/(gamma + delta) is the mean.
        delta: Second parameter of the probability to leave.
        unit: The unit of time that holds one opportunity.
        report: How well the model fits; None where the parameters were given by hand.

    >>> import retention as rt
    >>> model = rt.BgBb(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="year")
    >>> late = rt.Purchases(frequency=4, recency=5, age=6)
    >>> print(model.probability_alive(late))
    69.7%
    >>> print(model.expected_purchases(late, horizon=5))
    2.03 purchases

    References:
        Fader, P. S., Hardie, B. G. S., & Shang, J. (2010). Customer-base analysis in a discrete-time noncontractual
        setting. Marketing Science, 29(6), 1086-1108.

    .. versionadded:: 0.1
    """

    _TITLE: ClassVar[str] = "BG/BB"
    _discrete: ClassVar[bool] = True

    alpha: float = parameter()
    beta: float = parameter()
    gamma: float = parameter()
    delta: float = parameter()

    def _story(self) -> Iterable[str]:
        buys = self._mean_in_words(lambda model: model.alpha / (model.alpha + model.beta), "probability")
        leaves = self._mean_in_words(lambda model: model.gamma / (model.gamma + model.delta), "probability")
        yield f"Of those who are customers still, {buys} buy at an opportunity on average (alpha / (alpha + beta))."
        yield f"On average {leaves} leave for good before an opportunity (gamma / (gamma + delta))."

    @classmethod
    def _likelihood(cls, groups: Sequence[Group]) -> Objective:
        return Likelihood(groups)

    @classmethod
    def _starts(cls, groups: Sequence[Group]) -> Sequence[Sequence[float]]:
        customers = sum(count for *_, count in groups)
        age = sum(n * count for _, _, n, count in groups) / customers
        bought = sum(x * count for x, _, _, count in groups) / customers
        # Of those who were there for about half of the time, a purchase at twice the share of all opportunities.
        often = min(2 * bought / age, 0.8)
        leaving = min(1 / age, 0.5)
        return [
            [math.log(each * size) for each in (often, 1 - often, leaving, 1 - leaving)]
            for size in (2.0, 6.0)
        ]

    @classmethod
    def _read(cls, orders: Orders, how_to_read: Mapping[str, Any]) -> RepeatPurchases:
        options: dict[str, Any] = {"discrete": True, **how_to_read}
        return repeat_purchases(orders, **options)

    @classmethod
    def _check_groups(cls, groups: Sequence[Group], *, owner: str) -> None:
        for x, t_x, n, _ in groups:
            _check_opportunities(x, t_x, n, owner=owner)
        super()._check_groups(groups, owner=owner)
        longest = max(n for _, _, n, _ in groups)
        if longest < _FEWEST_OPPORTUNITIES:
            msg = f"{owner}: nobody has been watched for more than {longest:g} opportunities, and to tell who buys seldom from who has left takes at least {_FEWEST_OPPORTUNITIES}; watch longer, or count in a shorter unit"
            raise NotIdentifiableError(msg)
        if all(x == n for x, _, n, _ in groups):
            msg = f"{owner}: everybody bought at every opportunity, so that nothing tells how often customers don't, or leave; count in a shorter unit"
            raise NotIdentifiableError(msg)

    def _ahead(self, horizon: float | timedelta, unit: TimeUnit | None, name: str) -> float:
        ahead = super()._ahead(horizon, unit, name)
        whole = round(ahead)
        if whole > _MOST_OPPORTUNITIES:
            msg = f"{type(self).__name__}.{name}: horizon must be at most {_MOST_OPPORTUNITIES:,} opportunities (got {shown(horizon)}, {ahead:g} of them); count in a longer unit"
            raise InvalidValueError(msg)
        if abs(ahead - whole) > _ROUNDING * max(1, whole):
            msg = f"{type(self).__name__}.{name}: horizon must be a whole number of opportunities, one a {self.unit} (got {shown(horizon)}, {ahead:g} of them); round it"
            raise InvalidValueError(msg)
        return float(whole)

    def _probability_alive(self, x: int, t_x: float, age: float) -> float:
        n = _check_opportunities(x, t_x, age, owner=type(self).__name__)
        # Still there at the next opportunity: through the last one, and not gone since.
        return self._probability_of_staying(x, t_x, n) * (self.delta + n) / (self.gamma + self.delta + n)

    def _probability_of_staying(self, x: int, t_x: float, n: int) -> float:
        """The probability of having been there at the last opportunity."""
        left = log_odds((self.alpha, self.beta, self.gamma, self.delta), x, int(t_x), n)
        if left > 0:
            against = math.exp(-left)
            return against / (1 + against)
        return 1 / (1 + math.exp(left))

    def _expected_purchases(self, x: int, t_x: float, age: float, horizon: float) -> float:
        n = _check_opportunities(x, t_x, age, owner=type(self).__name__)
        often = (self.alpha + x) / (self.alpha + self.beta + n)
        return (
            self._probability_of_staying(x, t_x, n)
            * often
            * opportunities_alive(self.gamma, self.delta + n, horizon)
        )

    def _probability_there(self, x: int, t_x: float, age: float) -> float:
        return self._probability_of_staying(
            x, t_x, _check_opportunities(x, t_x, age, owner=type(self).__name__)
        )

    def _probability_to_buy(self, x: int, age: float, horizon: float) -> float:
        return first_purchase(self.alpha + x, self.beta + age - x, self.gamma, self.delta + age, horizon)

    def _expected_purchases_of_newcomer(self, horizon: float) -> float:
        return self.alpha / (self.alpha + self.beta) * opportunities_alive(self.gamma, self.delta, horizon)

    def _drawn(self, random: Random, age: float) -> tuple[int, float]:
        _check_opportunities(0, 0.0, age, owner=type(self).__name__)
        often = random.betavariate(self.alpha, self.beta)
        leaving = random.betavariate(self.gamma, self.delta)
        times = _drawn_times(random, often, leaving, age)
        return len(times), times[-1] if times else 0.0

    def _draw_future(self, random: Random, x: int, t_x: float, age: float, horizon: float) -> list[float]:
        n = _check_opportunities(x, t_x, age, owner=type(self).__name__)
        if random.random() >= self._probability_of_staying(x, t_x, n):
            return []
        often = random.betavariate(self.alpha + x, self.beta + n - x)
        return _drawn_times(random, often, random.betavariate(self.gamma, self.delta + n), horizon)


def _drawn_times(random: Random, often: float, leaving: float, horizon: float) -> list[float]:
    """The opportunities at which one customer buys, of whom both probabilities are known."""
    times: list[float] = []
    for opportunity in range(1, int(horizon) + 1):
        if random.random() < leaving:
            break
        if random.random() < often:
            times.append(float(opportunity))
    return times


def _check_opportunities(x: int, t_x: float, age: float, *, owner: str) -> int:
    """The number of opportunities, where all that is said of a customer is in whole ones."""
    if t_x != int(t_x) or age != int(age):
        msg = f"{owner}: recency and age must be whole numbers of opportunities (got {t_x:g} and {age:g}); make the table with repeat_purchases(…, discrete=True)"
        raise InvalidValueError(msg)
    if age > _MOST_OPPORTUNITIES:
        msg = f"{owner}: age must be at most {_MOST_OPPORTUNITIES:,} opportunities (got {age:g}); count in a longer unit"
        raise InvalidValueError(msg)
    if x > t_x:
        msg = f"{owner}: a customer can't buy {x} times at {t_x:g} opportunities, one purchase each; make the table with repeat_purchases(…, discrete=True), or count in a shorter unit"
        raise InvalidValueError(msg)
    return int(age)
