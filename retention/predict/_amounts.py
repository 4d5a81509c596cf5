"""What a model says of money, customer by customer, which hangs on what each has spent so far."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar

from attrs import evolve, frozen

from retention.errors import (
    InvalidTypeError,
    MissingRecordsError,
    MixedCurrencyError,
    UndefinedMetricError,
    shown,
)
from retention.predict._estimate import Estimate, Movable, error_of, estimated
from retention.predict._model import Model, Predictions
from retention.predict._optimise import Matrix
from retention.predict.purchases import Purchases, RepeatPurchases

if TYPE_CHECKING:
    from retention.predict.gamma_gamma import GammaGamma

__all__ = [
    "CustomerAmounts",
    "Joint",
    "amount",
    "check_currency",
    "expected",
    "lines",
    "spend_of",
    "spends_of",
    "sums_by_group",
]

_STEP = 1e-4
"""Of the logarithm of a parameter."""

M = TypeVar("M", bound=Model)
Many = TypeVar("Many", bound=Movable)


@frozen(kw_only=True)
class Joint(Generic[M]):
    """A model of purchases and one of spend, fitted apart, and each taken to know nothing of the other's errors.

    Attributes:
        purchases: How often customers buy.
        spend: How much they spend.
    """

    purchases: M
    spend: GammaGamma

    @property
    def _log_parameters(self) -> tuple[float, ...]:
        return self.purchases._log_parameters + self.spend._log_parameters  # noqa: SLF001 - a model of models

    @property
    def _covariance(self) -> Matrix | None:
        one, other = self.purchases._covariance, self.spend._covariance  # noqa: SLF001 - a model of models
        if one is None or other is None:
            return None
        return tuple((*row, *[0.0] * len(other)) for row in one) + tuple(
            (*[0.0] * len(one), *row) for row in other
        )

    def _moved(self, log_parameters: Sequence[float]) -> Self:
        # What does not move stays the same object, so that what was computed of it holds.
        cut = len(self.purchases._log_parameters)  # noqa: SLF001 - a model of models
        purchases, spend = log_parameters[:cut], log_parameters[cut:]
        return evolve(self, purchases=_moved(self.purchases, purchases), spend=_moved(self.spend, spend))


def _moved(model: M, log_parameters: Sequence[float]) -> M:
    here = tuple(log_parameters) == model._log_parameters  # noqa: SLF001 - a model of models
    return model if here else model._moved(log_parameters)  # noqa: SLF001 - a model of models


def errors_of(joint: Many, function: Callable[[Many], Sequence[float]]) -> list[float] | None:
    """The standard errors, by the delta method, of several figures that are computed together.

    None where a model was not fitted, where a figure has no value just beside it, or where an error is beyond all floats.
    """
    covariance = joint._covariance  # noqa: SLF001 - what can be moved
    if covariance is None:
        return None
    here = joint._log_parameters  # noqa: SLF001 - likewise
    try:
        moved = [
            _slopes(joint, function, [n == place for n in range(len(here))]) for place in range(len(here))
        ]
    except UndefinedMetricError:
        return None
    errors = [error_of(slopes, covariance) for slopes in zip(*moved, strict=True)]
    return None if None in errors else [each for each in errors if each is not None]


def _slopes(joint: Many, function: Callable[[Many], Sequence[float]], way: Sequence[bool]) -> list[float]:
    """The derivatives of the figures along one parameter, by central differences."""
    up, down = (
        joint._moved([each + step * along for each, along in zip(joint._log_parameters, way, strict=True)])  # noqa: SLF001 - what can be moved
        for step in (_STEP, -_STEP)
    )
    return [(more - less) / (2 * _STEP) for more, less in zip(function(up), function(down), strict=True)]


Weigh: TypeAlias = Callable[[Any], Callable[[int, float, float], float]]
"""What customers' mean spend is multiplied with: from a model of purchases, by frequency, recency and age."""


class CustomerAmounts(Predictions):
    """What a model says of each customer of a base in money, by customer.

    As `Predictions`, but that customers who bought alike differ by what they spent.

    .. versionadded:: 0.1
    """

    __slots__ = ("_lines", "_spends", "_sums", "_terms", "_weigh", "_weights")
    _base: RepeatPurchases

    def __init__(
        self,
        model: GammaGamma | Joint[Any],
        base: RepeatPurchases,
        weigh: Weigh | None = None,
        *,
        terms: str | None = None,
    ) -> None:
        self._spends = array("d", spends_of(base))  # a view of them does not pickle
        self._sums = sums_by_group(base, self._spends)
        self._weigh, self._terms = weigh, terms
        spend, self._weights = _spend_of(model), self._weights_by(model, base)
        self._lines = [
            (weight * start, weight * slope)
            for weight, (start, slope) in zip(self._weights, lines(spend, base), strict=True)
        ]
        no_kernel: Any = None  # groups are computed here
        super().__init__(
            model,
            base,
            no_kernel,
            unit=spend.currency or base.currency,
            title=_title(model, terms),
            about=expected(terms),
        )

    def _weights_by(self, model: Movable, base: RepeatPurchases) -> Sequence[float]:
        """What the mean spend of each group is multiplied with."""
        weigh = self._weigh
        if weigh is None or not isinstance(model, Joint):
            return [1.0] * len(base.groups)
        one = weigh(model.purchases)
        return [one(x, t_x, age) for x, t_x, age, _ in base.groups]

    def _by_group(self, model: Movable) -> list[float]:
        """The mean of each group, of which the sum over customers is made: all figures are lines in what was spent."""
        base = self._base
        weights = self._weights if self._same_purchases(model) else self._weights_by(model, base)
        parts = zip(weights, lines(_spend_of(model), base), base.groups, self._sums, strict=True)
        return [
            weight * (start + slope * (total / count)) for weight, (start, slope), (*_, count), total in parts
        ]

    def _same_purchases(self, model: Movable) -> bool:
        return not isinstance(model, Joint) or model.purchases is self._model.purchases  # type: ignore[attr-defined]

    def __getitem__(self, customer_id: Hashable) -> float:
        place = self._base.place_of(customer_id)
        start, slope = self._lines[self._base.group_of[place]]
        return start + slope * self._spends[place]

    def _in_order(self) -> Iterator[float]:
        starts, slopes = [start for start, _ in self._lines], [slope for _, slope in self._lines]
        pairs = zip(self._base.group_of, self._spends, strict=True)
        return iter([starts[group] + slopes[group] * spend for group, spend in pairs])

    @property
    def terms(self) -> str | None:
        """Of lifetime values horizon, margin rate and discount rate, in words; None of expected spend."""
        return self._terms

    def __repr__(self) -> str:
        return f"<CustomerAmounts for {len(self):,} customers>"

    def estimate(self, customer_id: Hashable, /) -> Estimate:
        """The figure of one customer, with its standard error.

        Args:
            customer_id: The customer.

        Raises:
            KeyError: When the base has no such customer.

        .. versionadded:: 0.1
        """
        place = self._base.place_of(customer_id)
        x, t_x, age, _ = self._base.groups[self._base.group_of[place]]
        spent = self._spends[place]
        return amount(self._model, x, t_x, age, spent, weigh=self._weigh, unit=self._unit, about=self._about)


def amount(
    model: Any,
    x: int,
    t_x: float,
    age: float,
    z: float,
    *,
    weigh: Weigh | None,
    unit: str | None,
    about: str | None = None,
) -> Estimate:
    """The figure of one customer."""

    def figure(model: Any) -> float:
        spend = _spend_of(model)._expected_spend(x, z)  # noqa: SLF001 - the model's own arithmetic
        return spend if weigh is None else spend * weigh(model.purchases)(x, t_x, age)

    return estimated(model, figure, unit=unit, about=about)


def expected(terms: str | None) -> str | None:
    """What an amount is, of the terms on which it was reckoned."""
    return terms and f"expected {terms}"


def _title(model: GammaGamma | Joint[Any], terms: str | None) -> str:
    spend = _spend_of(model)._name()  # noqa: SLF001 - a model of models
    if not isinstance(model, Joint):
        return f"Expected spend, by {spend}"
    return f"Lifetime value {terms}, by {model.purchases._name()} and {spend}"  # noqa: SLF001 - a model of models


def _spend_of(model: Any) -> GammaGamma:
    found: GammaGamma = model.spend if isinstance(model, Joint) else model
    return found


def lines(spend: GammaGamma, base: RepeatPurchases) -> Iterator[tuple[float, float]]:
    """For each group the mean spend to come, as a line in the mean spend so far."""
    frequencies = {x for x, *_ in base.groups}
    endless = {x for x in frequencies if not spend._has_mean(x)}  # noqa: SLF001 - the model's own arithmetic
    if endless:
        raise UndefinedMetricError(_without_mean(spend, base, endless))
    by_frequency = {x: spend._line(x) for x in frequencies}  # noqa: SLF001 - the model's own arithmetic
    return (by_frequency[x] for x, *_ in base.groups)


def _without_mean(spend: GammaGamma, base: RepeatPurchases, endless: Collection[int]) -> str:
    customers = sum(count for x, *_, count in base.groups if x in endless)
    often = "who did not buy again" if max(endless) == 0 else f"who bought again {max(endless)} times or less"
    return (
        f"the mean spend of {customers:,} of the {len(base):,} customers is infinite, {often}, as p·x + q is 1 or less "
        f"(p = {spend.p:.4g}, q = {spend.q:.4g}); ask about the others, base.where(lambda who: who.frequency > "
        f"{max(endless)}), or check the largest spends: a few customers spend without bound"
    )


def sums_by_group(base: RepeatPurchases, spends: Sequence[float]) -> list[float]:
    sums = [0.0] * len(base.groups)
    for group, spend in zip(base.group_of, spends, strict=True):
        sums[group] += spend
    return sums


def spends_of(base: RepeatPurchases) -> Sequence[float]:
    """What customers spent, which need not be known where nobody bought again.

    Raises:
        MissingRecordsError: No spend is known.
        MixedCurrencyError: The spends are in several currencies.
    """
    return base.spends if base.repeaters else array("d", bytes(8 * len(base)))


def spend_of(who: object, *, owner: str) -> tuple[int, float]:
    """Frequency and mean spend of one customer.

    Raises:
        InvalidTypeError: Not one customer.
        MissingRecordsError: The customer bought again, and what was spent is not known.
    """
    if not isinstance(who, Purchases):
        msg = f"{owner} takes Purchases of one customer or a table of repeat_purchases, not {type(who).__name__} (got {shown(who)})"
        raise InvalidTypeError(msg)
    if not who.frequency:
        return 0, 0.0
    if who.spend is None:
        msg = f"{owner}: what the customer spent is not known (got {shown(who)}); give Purchases.spend, the mean of a repeat purchase day"
        raise MissingRecordsError(msg)
    return who.frequency, who.spend


def check_currency(spend: GammaGamma, base: RepeatPurchases, *, owner: str) -> None:
    """Refuses a base in another currency than the model's."""
    if None not in {spend.currency, base.currency} and spend.currency != base.currency:
        msg = f"{owner}: the base is in {base.currency} and the model of spend in {spend.currency}; fit one to spends in {base.currency}"
        raise MixedCurrencyError(msg)
