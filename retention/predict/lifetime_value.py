"""What customers are worth: their purchases to come, what these bring, and what later money is worth today."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, overload

from attrs import frozen

from retention.errors import InvalidTypeError, shown
from retention.predict._amounts import CustomerAmounts, Joint, amount, check_currency, expected, spend_of
from retention.predict._gauss_legendre import rule
from retention.predict._model import Estimate
from retention.predict._terms import non_negative, share
from retention.predict._time_units import DAYS_IN, horizon_in_words
from retention.predict.gamma_gamma import GammaGamma
from retention.predict.purchases import Purchases, RepeatPurchases, TimeUnit

if TYPE_CHECKING:
    from retention.predict._purchase_model import PurchaseModel

__all__ = ["customer_lifetime_value", "customer_lifetime_value_of_newcomer", "schedule"]

_NODES = 8
_PIECE = 3.0
"""Of the exponent of discounting, over which so many nodes are enough."""
_NOTHING = 40.0
"""The exponent from which on money is worth nothing: e^−40 is 4e−18."""
_OWNER = "customer_lifetime_value"


@overload
def customer_lifetime_value(
    model: PurchaseModel,
    who: Purchases,
    /,
    *,
    spend: GammaGamma,
    horizon: float | timedelta,
    unit: TimeUnit | None = ...,
    discount_rate: float | Decimal,
    margin_rate: float | Decimal,
) -> Estimate: ...
@overload
def customer_lifetime_value(
    model: PurchaseModel,
    who: RepeatPurchases,
    /,
    *,
    spend: GammaGamma,
    horizon: float | timedelta,
    unit: TimeUnit | None = ...,
    discount_rate: float | Decimal,
    margin_rate: float | Decimal,
) -> CustomerAmounts: ...
def customer_lifetime_value(
    model: PurchaseModel,
    who: Purchases | RepeatPurchases,
    /,
    *,
    spend: GammaGamma,
    horizon: float | timedelta,
    unit: TimeUnit | None = None,
    discount_rate: float | Decimal,
    margin_rate: float | Decimal,
) -> Estimate | CustomerAmounts:
    r"""What a customer's purchases within the horizon are worth today, in money.

    .. math:: m \cdot E(M \mid x, z) \cdot \int_0^H (1 + d)^{-t}\, \mathrm{d}E(Y(t) \mid x, t_x, T)

    Margin times expected spend times discounted expected purchases; t in years. Purchases are discounted from the very
    instant at which they are expected: a sum over months or weeks comes to the same as its steps get shorter. The
    integral is taken by parts, of the expected purchases themselves, with eight nodes for each piece over which money
    loses 95 % of its worth.
    Under a model with whole opportunities it is a sum over these, each discounted by its end.

    Lifetime ends with the horizon: what comes later is not in it. What the customer has bought so far is not, either.

    Args:
        model: The fitted model of purchases.
        who: One customer's purchases in the model's unit, or a table of a whole base.
        spend: The fitted model of spend. It was fitted apart, to the spends of the same customers: how much is taken to
            have nothing to do with how often, which `frequency_spend_check` looks into.
        horizon: How far to look ahead: a number in `unit`, or a timedelta.
        unit: The horizon's unit of time; the model's own unless given.
        discount_rate: What money earns in a year elsewhere, from 0 up: at 0.1, 110.00 a year from now are worth 100.00
            today. It is the effective rate of a year, whatever the unit of time.
        margin_rate: What is left of the spend after all that an order costs, above 0 and up to 1. 1 gives revenue.

    Returns:
        An `Estimate` of the one, or `CustomerAmounts` by customer of the base, with intervals by the delta method over
        the parameters of both models.

    Raises:
        InvalidTypeError: When an argument is of a type that it can't be.
        InvalidValueError: When a number is out of its domain.
        ConflictingArgumentError: When the base is counted in another unit of time than the model's.
        MissingRecordsError: When no spend is known of a customer who bought again.
        MixedCurrencyError: When the base's currency is not that of the model of spend.
        UndefinedMetricError: When the base has customers whose expected spend is undefined.

    References:
        Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). RFM and CLV: using iso-value curves for customer base
        analysis. Journal of Marketing Research 42, 415–430.

    .. versionadded:: 0.1
    """
    joint = Joint(purchases=model, spend=_checked_spend(spend, _OWNER))
    weigh = _Worth.of(model, horizon, unit, discount_rate, margin_rate, owner=_OWNER)
    if isinstance(who, RepeatPurchases):
        model._check_suits(who, f"{type(model).__name__}.{_OWNER}")  # noqa: SLF001 - the other half of it
        check_currency(spend, who, owner=_OWNER)
        return CustomerAmounts(joint, who, weigh, terms=weigh.terms)
    x, z = spend_of(who, owner=_OWNER)
    about = expected(weigh.terms)
    return amount(joint, x, who.recency, who.age, z, weigh=weigh, unit=spend.currency, about=about)


def customer_lifetime_value_of_newcomer(
    model: PurchaseModel,
    /,
    *,
    spend: GammaGamma,
    horizon: float | timedelta,
    unit: TimeUnit | None = None,
    discount_rate: float | Decimal,
    margin_rate: float | Decimal,
) -> Estimate:
    """What the repeat purchases of a new customer are worth on the day of the first one.

    As `customer_lifetime_value`, for a customer of whom nothing is known but the first purchase. That purchase itself is
    not in it. What may be spent on winning a customer is this and the margin of the first purchase.

    Args:
        model: The fitted model of purchases.
        spend: The fitted model of spend.
        horizon: How long after the first purchase: a number in `unit`, or a timedelta.
        unit: The horizon's unit of time; the model's own unless given.
        discount_rate: What money earns in a year elsewhere, effective, from 0 up.
        margin_rate: What is left of the spend after all that an order costs, above 0 and up to 1.

    Returns:
        The estimate; undefined where the mean spend of all customers is, when q is 1 or less.

    Raises:
        InvalidTypeError: When an argument is of a type that it can't be.
        InvalidValueError: When a number is out of its domain.

    .. versionadded:: 0.1
    """
    owner = "customer_lifetime_value_of_newcomer"
    joint = Joint(purchases=model, spend=_checked_spend(spend, owner))
    worth = _Worth.of(model, horizon, unit, discount_rate, margin_rate, owner=owner)
    about = expected(worth.terms)
    return amount(joint, 0, 0.0, 0.0, 0.0, weigh=worth.of_newcomer, unit=spend.currency, about=about)


@frozen
class _Worth:
    """What a unit of spend at each purchase to come is worth today.

    Attributes:
        schedule: Times, and by how much the purchases expected up to each count.
        terms: Horizon, margin rate and discount rate in words.
    """

    schedule: tuple[tuple[float, float], ...]
    terms: str

    @classmethod
    def of(
        cls,
        model: PurchaseModel,
        horizon: float | timedelta,
        unit: TimeUnit | None,
        discount_rate: object,
        margin_rate: object,
        *,
        owner: str,
    ) -> _Worth:
        rate = non_negative(discount_rate, f"{owner}: discount_rate", "0.1 stands for 10 % a year")
        left = share(margin_rate, f"{owner}: margin_rate", "0.3 stands for 30 %")
        ahead = model._ahead(horizon, unit, owner)  # noqa: SLF001 - the other half of it
        force = math.log1p(rate) * DAYS_IN[model.unit] / DAYS_IN["year"]
        places = schedule(ahead, force, in_steps=model._discrete)  # noqa: SLF001 - the other half of it
        within = horizon_in_words(model.unit, horizon, unit)
        terms = f"within {within}, at a margin rate of {_percent(left)} and a discount rate of {_percent(rate)} a year"
        return cls(tuple((time, left * weight) for time, weight in places), terms)

    def __call__(self, model: Any) -> Callable[[int, float, float], float]:
        parts = [(model._expected_by(time), weight) for time, weight in self.schedule]  # noqa: SLF001 - as above
        return lambda x, t_x, age: math.fsum(weight * expected(x, t_x, age) for expected, weight in parts)

    def of_newcomer(self, model: Any) -> Callable[[int, float, float], float]:
        expected = model._expected_purchases_of_newcomer  # noqa: SLF001 - as above
        worth = math.fsum(weight * expected(time) for time, weight in self.schedule)
        return lambda x, t_x, age: worth  # noqa: ARG005 - nothing is known of a newcomer


def schedule(horizon: float, force: float, *, in_steps: bool = False) -> list[tuple[float, float]]:
    """Times and weights, of which the sum of weight times purchases expected up to that time is the discounted number.

    Each purchase then counts by what 1 at its time is worth today.

    Args:
        horizon: Until when.
        force: By how much a unit shrinks in a unit of time, continuously.
        in_steps: Purchases come at whole times only.
    """
    end = math.exp(-force * horizon)
    if not force or not horizon:
        return [(horizon, end)]
    if in_steps:
        # Σ(Y(n) − Y(n − 1))·e^(−δn), by Y(n)
        lost = -math.expm1(-force)
        return [*((float(n), math.exp(-force * n) * lost) for n in range(1, round(horizon))), (horizon, end)]
    # ∫e^(−δt)dY = e^(−δH)·Y(H) + δ·∫e^(−δt)·Y(t)dt
    inside = ((time, force * weight * math.exp(-force * time)) for time, weight in _nodes(horizon, force))
    return [*inside, (horizon, end)]


def _nodes(horizon: float, force: float) -> Iterator[tuple[float, float]]:
    """Times and weights for the integral over time of what is discounted: pieces over which money loses little."""
    upto = min(horizon, _NOTHING / force)  # what comes later is worth nothing that a float can tell
    pieces = max(1, math.ceil(force * upto / _PIECE))  # of next to no time and interest the product may be 0
    length = upto / pieces
    # Over u with t = length·u² in the first, since Y bends most at its beginning
    yield from ((length * u * u, 2 * u * length * weight) for u, weight in rule(_NODES))
    for piece in range(1, pieces):
        yield from ((length * (piece + u), length * weight) for u, weight in rule(_NODES))


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _checked_spend(spend: object, owner: str) -> GammaGamma:
    if not isinstance(spend, GammaGamma):
        msg = f"{owner}: spend must be a GammaGamma, not {type(spend).__name__} (got {shown(spend)}); fit one to the base with GammaGamma.fit"
        raise InvalidTypeError(msg)
    return spend
