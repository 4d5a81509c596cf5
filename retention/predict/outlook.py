"""Whom a shop is about to lose, and what it would lose with each: P(alive) and lifetime value side by side."""

from __future__ import annotations

import math
from array import array
from collections.abc import Hashable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from attrs import field, frozen

from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.predict._purchase_model import PurchaseModel
from retention.predict._terms import share
from retention.predict.gamma_gamma import GammaGamma
from retention.predict.lifetime_value import customer_lifetime_value
from retention.predict.purchases import RepeatPurchases, TimeUnit
from retention.results import Basis, Ratio

__all__ = ["CustomerOutlook", "Prospect", "customer_outlook"]

_OWNER = "customer_outlook"
_LEAVING = "best_customers_leaving_rate"


@frozen(kw_only=True)
class Prospect:
    """What a model expects of one customer.

    Attributes:
        probability_alive: Probability that the customer has not left for good.
        value: What the customer is expected to bring: see `customer_lifetime_value`.
        value_if_kept: What that would be of a customer who is still there for sure: `value` over `probability_alive`.

    .. versionadded:: 0.1
    """

    probability_alive: float
    value: float
    value_if_kept: float

    @property
    def at_stake(self) -> float:
        """What keeping the customer for sure would add: the value if kept, less the value."""
        return max(0.0, self.value_if_kept - self.value)


@frozen(kw_only=True, eq=False, repr=False)
class CustomerOutlook(Mapping[Hashable, Prospect]):
    """What a model expects of each customer, and who among the best may be leaving.

    The value that is expected of a customer has the probability in it that the customer has left, so that the list of the
    highest values does not hold those whom it would pay most to keep. `worth_keeping` goes by what each would bring if
    still there, `likely_leaving` are those of them who probably are not. Whose P(alive) is next to nothing is neither: what
    has long been lost can't be kept, and is a matter for winning back.

    Attributes:
        top: Which part of the customers who are not gone count as worth keeping.
        alive_below: Below which P(alive) a customer counts as leaving.
        gone_below: Below which a customer counts as gone.
        currency: The currency of the values, or None where none was given.
        terms: What the values are, in words: within which horizon, at which margin rate and which discount rate.

    .. versionadded:: 0.1
    """

    top: float
    alive_below: float
    gone_below: float
    currency: str | None = None
    terms: str | None = None
    _base: RepeatPurchases = field(alias="base")
    _alive: array[float] = field(alias="alive")
    _values: array[float] = field(alias="values_")

    def __getitem__(self, customer_id: Hashable) -> Prospect:
        return self._at(self._base.place_of(customer_id))

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._base)

    def __len__(self) -> int:
        return len(self._base)

    def _at(self, place: int) -> Prospect:
        alive, value = self._alive[self._base.group_of[place]], self._values[place]
        return Prospect(probability_alive=alive, value=value, value_if_kept=_if_kept(value, alive))

    @property
    def until(self) -> date | None:
        """The last day watched; None where it is not known."""
        return self._base.until

    @property
    def unit(self) -> TimeUnit:
        """The unit of time of the customers' purchases."""
        return self._base.unit

    @property
    def discrete(self) -> bool:
        """Whether purchases were counted in whole units of the calendar."""
        return self._base.discrete

    @property
    def not_gone(self) -> tuple[Hashable, ...]:
        """The customers who are not gone, by their value if kept, the best first.

        Equal ones stand by id.
        """
        ids = tuple(self._base)
        return tuple(ids[place] for place in self._here())

    @property
    def worth_keeping(self) -> tuple[Hashable, ...]:
        """The best ⌈top · n⌉ of the n customers who are not gone, in the same order."""
        ids = tuple(self._base)
        return tuple(ids[place] for place in self._best())

    @property
    def likely_leaving(self) -> tuple[Hashable, ...]:
        """Those worth keeping whose P(alive) is below the limit, with whom most is at stake first."""
        ids = tuple(self._base)
        return tuple(
            ids[place] for place in sorted(self._leaving(), key=lambda place: -self._at(place).at_stake)
        )

    def _here(self) -> list[int]:
        alive = [self._alive[group] for group in self._base.group_of]
        here = [place for place, probability in enumerate(alive) if probability >= self.gone_below]
        kept = [_if_kept(self._values[place], probability) for place, probability in enumerate(alive)]
        ranked = sorted(here, key=lambda place: -kept[place])
        ids = tuple(self._base)
        # Not as the orders came in, so that the same orders turned round give the same list.
        equals = (list(each) for _, each in groupby(ranked, key=kept.__getitem__))
        return [
            place
            for each in equals
            for place in (sorted(each, key=lambda place: _by_id(ids[place])) if len(each) > 1 else each)
        ]

    def _best(self) -> list[int]:
        here = self._here()
        return here[: math.ceil(Fraction(repr(self.top)) * len(here))]

    def _leaving(self) -> list[int]:
        groups, alive = self._base.group_of, self._alive
        return [place for place in self._best() if alive[groups[place]] < self.alive_below]

    @property
    def best_customers_leaving_rate(self) -> Ratio:
        """Of the customers worth keeping, how many are likely leaving; undefined without customers.

        Rules may ask for it by this name where `recommend` is given the outlook.
        """
        basis = Basis(
            metric=_LEAVING,
            counted=("likely leaving", "customers worth keeping"),
            options=tuple((name, repr(getattr(self, name))) for name in ("top", "alive_below", "gone_below")),
            records="customers",
            of_an_instant=True,
        )
        return Ratio(len(self._leaving()), len(self._best()), basis=basis)

    def explain(self) -> str:
        """The outlook in words: how many are worth keeping and likely leaving, what is at stake, and by which limits."""
        if not self._base:
            return "There are no customers."
        here, best, leaving = self._here(), self._best(), self._leaving()
        stake = math.fsum(self._at(place).at_stake for place in leaving)
        currency = f" {self.currency}" if self.currency else ""
        return (
            f"Of {len(self):,} customers {len(here):,} are not gone (P(alive) from {self.gone_below:.0%} up). The best "
            f"{self.top:.0%} of these, {len(best):,}, are worth keeping, by what they would bring if they stayed. Of them "
            f"{len(leaving):,} {'is' if len(leaving) == 1 else 'are'} likely leaving (P(alive) below {self.alive_below:.0%}), with {stake:,.2f}{currency} at stake{self._terms()}."
        )

    def _terms(self) -> str:
        return f" {self.terms}" if self.terms else ""

    def __str__(self) -> str:
        """The first of those worth keeping and likely leaving, a line each, and the outlook in words."""
        from retention.display._predict import outlook_as_text

        return outlook_as_text(self)

    def __repr__(self) -> str:
        return f"<CustomerOutlook: {len(self):,} customers, {len(self._leaving()):,} worth keeping and likely leaving>"


def customer_outlook(
    base: RepeatPurchases,
    /,
    *,
    model: PurchaseModel,
    spend: GammaGamma,
    horizon: float | timedelta,
    unit: TimeUnit | None = None,
    discount_rate: float | Decimal,
    margin_rate: float | Decimal,
    top: float = 0.2,
    alive_below: float = 0.5,
    gone_below: float = 0.1,
) -> CustomerOutlook:
    """Who is worth keeping and likely leaving, of a whole base.

    Take a model that lets customers leave before their second purchase, such as MBG/NBD or Pareto/NBD: to the BG/NBD
    all who bought once are still there.

    Args:
        base: The customers, with spends.
        model: The fitted model of purchases.
        spend: The fitted model of spend.
        horizon: How far to look ahead: a number in `unit`, or a timedelta.
        unit: The horizon's unit of time; the model's own unless given.
        discount_rate: What money earns in a year elsewhere, effective, from 0 up.
        margin_rate: What is left of the spend after all that an order costs, above 0 and up to 1.
        top: Which part of the customers who are not gone is worth keeping, above 0 and up to 1.
        alive_below: Below which P(alive) a customer is likely leaving, above 0 and up to 1.
        gone_below: Below which a customer is gone, above 0 and below `alive_below`. 0.1 is ours, as the others are.

    Returns:
        P(alive) and values by customer, and the two lists.

    Raises:
        InvalidTypeError: An argument is of a type that it can't be.
        InvalidValueError: A number is out of its domain.
        ConflictingArgumentError: The base is counted in another unit of time than the model's.
        MissingRecordsError: The base has no spends.
        MixedCurrencyError: The base's currency is not that of the model of spend.
        UndefinedMetricError: The base has customers whose expected spend is undefined.

    .. versionadded:: 0.1
    """
    if not isinstance(base, RepeatPurchases):
        msg = f"{_OWNER}: base must be a RepeatPurchases, not {type(base).__name__} (got {shown(base)}); make it of orders with repeat_purchases"
        raise InvalidTypeError(msg)
    if not isinstance(model, PurchaseModel):
        msg = f"{_OWNER}: model must be a PurchaseModel, not {type(model).__name__} (got {shown(model)}); fit one to the base, such as MbgNbd.fit(base)"
        raise InvalidTypeError(msg)
    limits = {
        name: share(value, f"{_OWNER}: {name}", "0.2 stands for 20 %")
        for name, value in (("top", top), ("alive_below", alive_below), ("gone_below", gone_below))
    }
    if limits["gone_below"] >= limits["alive_below"]:
        msg = f"{_OWNER}: gone_below must be below alive_below (got {shown(gone_below)} and {shown(alive_below)}); 0.1 and 0.5 are usual"
        raise InvalidValueError(msg)
    values = customer_lifetime_value(
        model,
        base,
        spend=spend,
        horizon=horizon,
        unit=unit,
        discount_rate=discount_rate,
        margin_rate=margin_rate,
    )
    alive = (model._probability_alive(x, t_x, age) for x, t_x, age, _ in base.groups)  # noqa: SLF001 - a function of its package
    return CustomerOutlook(
        **limits,
        currency=spend.currency or base.currency,
        terms=values.terms,
        base=base,
        alive=array("d", alive),
        values_=array("d", values.values()),
    )


def _by_id(customer_id: Hashable) -> tuple[str, str]:
    return type(customer_id).__name__, repr(customer_id)


def _if_kept(value: float, alive: float) -> float:
    # Who has left for all that a float can tell is no loss.
    return value / alive if alive else 0.0
