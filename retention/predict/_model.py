"""What all fitted models are: parameters, how sure they are, and figures of a whole base of customers."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, ItemsView, Iterable, Iterator, Mapping, Sequence, ValuesView
from decimal import Decimal
from functools import partial
from heapq import nlargest, nsmallest
from numbers import Real
from operator import itemgetter
from typing import Any, ClassVar, Protocol, Self, TypeAlias

from attrs import evolve, field, fields, frozen

from retention._mapping import OpenMapping
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError, is_bool, shown
from retention.predict._estimate import (
    Estimate,
    Kind,
    Movable,
    delta_error,
    estimated,
)
from retention.predict._optimise import Matrix
from retention.results import Interval

__all__ = [
    "Estimate",
    "FitReport",
    "Kind",
    "Model",
    "Movable",
    "Predictions",
    "delta_error",
    "estimated",
    "hardly_held",
    "parameter",
]

_LOOSE = 1.0
"""Standard error of a logarithm above which a parameter is told of with a warning."""

# --------------------------------------------------------------------------------------------- a model


@frozen(kw_only=True)
class FitReport:
    """How a model was fitted, and how well.

    Attributes:
        log_likelihood: Logarithm of the probability, or density, of the data under the model.
        customers: Whom it was fitted to.
        groups: How many of them differ: all others were counted together with one of these.
        iterations: Steps of the search.
        evaluations: How often the likelihood was computed.
        covariance: Of the logarithms of the parameters, in the order of the parameters.
        warnings: What to know before believing the model, a sentence each.

    .. versionadded:: 0.1
    """

    log_likelihood: float
    customers: int
    groups: int
    iterations: int
    evaluations: int
    covariance: Matrix = field(repr=False)
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        """How good the fit is, in a sentence, and a line for each warning."""
        found = f"{self.log_likelihood:,.2f}".replace("-", "−")
        of_them = "" if self.groups == self.customers else f", of whom {self.groups:,} differ"
        fit = (
            f"Fitted to {self.customers:,} customers{of_them}: log-likelihood {found}, after {self.iterations:,} steps "
            f"and {self.evaluations:,} evaluations."
        )
        return "\n".join([fit, *(f"Mind: {each}" for each in self.warnings)])


def _check_parameter(model: object, attribute: Any, value: object) -> None:
    name = f"{type(model).__name__}.{attribute.name}"
    if is_bool(value) or not isinstance(value, float):
        msg = f"{name} must be a float, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if not 0 < value < math.inf:
        msg = f"{name} must be above 0 and finite (got {shown(value)})"
        raise InvalidValueError(msg)


def _to_float(value: float) -> float:
    """Any number as a float; anything else as it is."""
    given: Any = value
    if isinstance(given, (Real, Decimal)) and not is_bool(given):
        try:
            return float(given)
        except (OverflowError, ValueError):  # beyond all floats, or a Decimal that signals that it is none
            return math.inf
    return value


def hardly_held(names: Sequence[str], covariance: Matrix) -> Iterable[str]:
    """What to say of parameters of which the data tell little."""
    loose = [name for i, name in enumerate(names) if covariance[i][i] > _LOOSE**2]
    if loose:
        hold = "is hardly held" if len(loose) == 1 else "are hardly held"
        yield (
            f"{' and '.join(loose)} {hold} by the data: the 95 % interval spans a factor of more than 50. Intervals of "
            f"other figures are rough, too: bootstrap the model, or fit it to a larger base."
        )


def parameter() -> Any:
    """The field of a parameter: a float above 0."""
    return field(converter=_to_float, validator=_check_parameter, metadata={"parameter": True})


@frozen(kw_only=True)
class Model:
    """What all models share: parameters with standard errors, and how well they fit.

    A model is made by its `fit`, or of parameters that are known from elsewhere; then it has no standard errors, and
    its figures no intervals.

    Attributes:
        report: How it was fitted; None where the parameters were given. Takes no part in equality.

    .. versionadded:: 0.1
    """

    _TITLE: ClassVar[str] = ""
    report: FitReport | None = field(default=None, eq=False, repr=False)

    @classmethod
    def _parameter_names(cls) -> tuple[str, ...]:
        return tuple(each.name for each in fields(cls) if "parameter" in each.metadata)

    @property
    def parameters(self) -> Mapping[str, float]:
        """The parameters by name.

        .. versionadded:: 0.1
        """
        return OpenMapping({name: getattr(self, name) for name in self._parameter_names()})

    @property
    def _log_parameters(self) -> tuple[float, ...]:
        return tuple(map(math.log, self.parameters.values()))

    @property
    def _covariance(self) -> Matrix | None:
        return None if self.report is None else self.report.covariance

    def _moved(self, log_parameters: Sequence[float]) -> Self:
        values: dict[str, Any] = dict(
            zip(self._parameter_names(), map(math.exp, log_parameters), strict=True)
        )
        return evolve(self, **values)

    @property
    def standard_errors(self) -> Mapping[str, float]:
        """The standard error of each parameter, from the observed information.

        Raises:
            UndefinedMetricError: When the model was not fitted.

        .. versionadded:: 0.1
        """
        covariance = self._fit().covariance
        values = enumerate(self.parameters.items())
        return OpenMapping({name: value * math.sqrt(covariance[i][i]) for i, (name, value) in values})

    def interval(self, name: str, /, confidence: float = 0.95) -> Interval:
        """The confidence interval of a parameter, on a logarithmic scale.

        Args:
            name: The parameter's name.
            confidence: Level between 0 and 1.

        Raises:
            InvalidValueError: When the model has no such parameter.
            UndefinedMetricError: When the model was not fitted.

        .. versionadded:: 0.1
        """
        if name not in self.parameters:
            msg = (
                f"{type(self).__name__} has the parameters {', '.join(self.parameters)}, and no {shown(name)}"
            )
            raise InvalidValueError(msg)
        error = self.standard_errors[name]
        return Estimate(value=self.parameters[name], standard_error=error).interval(confidence)

    @property
    def log_likelihood(self) -> float:
        """Logarithm of the probability, or density, of the data under the model: the larger, the better the fit.

        Raises:
            UndefinedMetricError: When the model was not fitted.

        .. versionadded:: 0.1
        """
        return self._fit().log_likelihood

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2k − 2·log-likelihood for k parameters: the smaller, the better, on the same data.

        Raises:
            UndefinedMetricError: When the model was not fitted.

        .. versionadded:: 0.1
        """
        return 2 * len(self.parameters) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, k·log(customers) − 2·log-likelihood: as AIC, with more against each parameter.

        Raises:
            UndefinedMetricError: When the model was not fitted.

        .. versionadded:: 0.1
        """
        return len(self.parameters) * math.log(self._fit().customers) - 2 * self.log_likelihood

    def estimate(
        self, function: Callable[[Self], float], /, *, kind: Kind = "positive", unit: str | None = None
    ) -> Estimate:
        """Any figure that can be had of the model, with its standard error by the delta method.

        Args:
            function: Takes a model like this one, and gives a float.
            kind: What the figure can be: ``"positive"``, ``"probability"`` or ``"real"``.
            unit: What it counts, for texts.

        Returns:
            The estimate; without a standard error where the model was not fitted. Undefined when the function raises
            `UndefinedMetricError`.

        .. versionadded:: 0.1
        """
        return estimated(self, function, kind=kind, unit=unit)

    def _fit(self) -> FitReport:
        if self.report is None:
            msg = f"this {type(self).__name__} was not fitted: its parameters were given"
            raise UndefinedMetricError(msg)
        return self.report

    def __str__(self) -> str:
        """The parameters in one line, and a line more for each warning."""
        return "\n".join([f"{self._name()}: {self._all_parameters()}", *self._to_be_minded()])

    def explain(self) -> str:
        """The model in words: what its parameters say of the customers, how well it fits, and what to mind.

        .. versionadded:: 0.1
        """
        return " ".join([self._origin(), *self._story(), f"{self._all_parameters()}.", *self._to_be_minded()])

    def _name(self) -> str:
        return self._TITLE or type(self).__name__

    def _origin(self) -> str:
        if self.report is None:
            return f"{self._name()}, with parameters that were given, so that no figure has an interval."
        fit, aic = (f"{each:,.2f}".replace("-", "−") for each in (self.log_likelihood, self.aic))
        return f"{self._name()}, fitted to {self.report.customers:,} customers (log-likelihood {fit}, AIC {aic})."

    def _story(self) -> Iterable[str]:
        """What the parameters say of the customers, in sentences."""
        return ()

    def _mean_in_words(self, function: Callable[[Self], float], kind: Kind = "positive") -> str:
        """A figure of the model, as a part of a sentence."""
        found = self.estimate(function, kind=kind)
        return f"{found}" if found.standard_error is None else f"{found} ({found.interval()})"

    def _to_be_minded(self) -> Iterable[str]:
        return () if self.report is None else [f"Mind: {each}" for each in self.report.warnings]

    def _all_parameters(self) -> str:
        return ", ".join(map(self._in_words, self.parameters))

    def _in_words(self, name: str) -> str:
        value = f"{name} {self.parameters[name]:.4g}"
        return value if self.report is None else f"{value} ({self.interval(name)})"


# ------------------------------------------------------------------------------- figures of a whole base


class Base(Protocol):
    """Customers who were put together where they look alike, as `RepeatPurchases`."""

    @property
    def groups(self) -> Sequence[tuple[Any, ...]]:
        """What the customers of each group look like, and at last how many they are."""
        ...

    @property
    def group_of(self) -> Sequence[int]:
        """For each customer, which group."""
        ...

    def place_of(self, customer_id: Hashable, /) -> int:
        """Where a customer stands among all."""
        ...

    def __iter__(self) -> Iterator[Hashable]: ...

    def __len__(self) -> int: ...

    def __contains__(self, customer_id: object, /) -> bool: ...


Kernel: TypeAlias = Callable[..., float]
"""The figure of a customer, from a model and what the groups look like: frequency, recency and age.

It may have a method `bound(model)` that gives the same function of the looks alone.
"""


class Predictions(Mapping[Hashable, float]):
    """What a model says of each customer of a base, by customer.

    Customers who look alike share a figure, which is computed once. To have them all, `dict(predictions.items())` is
    several times as fast as `dict(predictions)`, which looks up each.

    .. versionadded:: 0.1
    """

    __slots__ = ("_about", "_base", "_kernel", "_kind", "_model", "_title", "_unit", "_values")

    def __init__(
        self,
        model: Movable,
        base: Base,
        kernel: Kernel,
        *,
        kind: Kind = "positive",
        unit: str | None = None,
        title: str = "Figures",
        about: str | None = None,
    ) -> None:
        self._about = about
        self._model = model
        self._base = base
        self._kernel = kernel
        self._kind: Kind = kind
        self._unit = unit
        self._title = title
        self._values = self._by_group(model)

    def _by_group(self, model: Movable) -> list[float]:
        # A kernel may do beforehand what is the same for all groups.
        bound = getattr(self._kernel, "bound", None)
        figure = partial(self._kernel, model) if bound is None else bound(model)
        return [figure(*group[:-1]) for group in self._base.groups]

    def __getitem__(self, customer_id: Hashable) -> float:
        return self._values[self._base.group_of[self._base.place_of(customer_id)]]

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._base)

    def __len__(self) -> int:
        return len(self._base)

    def __contains__(self, customer_id: object) -> bool:
        return customer_id in self._base

    def items(self) -> ItemsView[Hashable, float]:
        """The customers with their figures."""
        return _Items(self)

    def values(self) -> ValuesView[float]:
        """The figures, in the order of the customers."""
        return _Values(self)

    def _in_order(self) -> Iterator[float]:
        return map(self._values.__getitem__, self._base.group_of)

    def __repr__(self) -> str:
        return f"<Predictions for {len(self):,} customers>"

    def __str__(self) -> str:
        """What the figures are, their sum and their mean, and the highest and lowest of them."""
        from retention.display._predict import predictions_as_text

        return predictions_as_text(self, title=self._title, kind=self._kind, unit=self._unit)

    def estimate(self, customer_id: Hashable, /) -> Estimate:
        """The figure of one customer, with its standard error.

        Args:
            customer_id: The customer.

        Raises:
            KeyError: When the base has no such customer.

        .. versionadded:: 0.1
        """
        base, kernel = self._base, self._kernel
        looks = base.groups[base.group_of[base.place_of(customer_id)]][:-1]

        def figure(model: Movable) -> float:
            return kernel(model, *looks)

        return estimated(self._model, figure, kind=self._kind, unit=self._unit, about=self._about_one)

    def total(self) -> Estimate:
        """The sum over all customers, with its standard error.

        Of probabilities, such as to be still a customer, it is the number of customers to expect. Its interval tells how
        sure the model is of what is to be expected; what chance does to the customers comes on top, as in the intervals
        of `forecast_purchases` and `forecast_revenue`.

        .. versionadded:: 0.1
        """
        total, error = self._sum(self._values), self._error_of_sum()
        if self._kind == "probability":
            return Estimate(value=total, standard_error=error, unit="customers", about=self._about)
        return Estimate(
            value=total, standard_error=error, kind=self._kind, unit=self._unit, about=self._about
        )

    def mean(self) -> Estimate:
        """The mean over all customers, with its standard error; undefined where there are none.

        .. versionadded:: 0.1
        """
        size = len(self)
        if not size:
            because = "there are no customers to take a mean of"
            return Estimate(value=None, kind=self._kind, unit=self._unit, undefined_because=because)
        error = self._error_of_sum()
        mean = self._sum(self._values) / size
        return Estimate(
            value=min(mean, 1.0) if self._kind == "probability" else mean,  # which rounding may pass
            standard_error=None if error is None else error / size,
            kind=self._kind,
            unit=self._unit,
            about=self._about_one,
        )

    @property
    def _about_one(self) -> str | None:
        """A probability is no number of customers to be expected."""
        return None if self._kind == "probability" else self._about

    def _sum(self, values: Sequence[float]) -> float:
        return math.fsum(group[-1] * value for group, value in zip(self._base.groups, values, strict=True))

    def _error_of_sum(self) -> float | None:
        return delta_error(self._model, lambda model: self._sum(self._by_group(model)))

    def highest(self, n: int, /) -> list[tuple[Hashable, float]]:
        """The n customers with the highest figures, the highest first; those alike in the order of the base.

        Args:
            n: How many; all where there are fewer.

        .. versionadded:: 0.1
        """
        return nlargest(_checked_number(n, "highest"), self.items(), key=itemgetter(1))

    def lowest(self, n: int, /) -> list[tuple[Hashable, float]]:
        """The n customers with the lowest figures, the lowest first; those alike in the order of the base.

        Args:
            n: How many; all where there are fewer.

        .. versionadded:: 0.1
        """
        return nsmallest(_checked_number(n, "lowest"), self.items(), key=itemgetter(1))


class _Items(ItemsView[Hashable, float]):
    """Those of `Mapping` look every key up again."""

    _mapping: Predictions

    def __iter__(self) -> Iterator[tuple[Hashable, float]]:
        return zip(self._mapping, self._mapping._in_order(), strict=True)  # noqa: SLF001 - a view of it


class _Values(ValuesView[float]):
    """As `_Items`."""

    _mapping: Predictions

    def __iter__(self) -> Iterator[float]:
        return self._mapping._in_order()  # noqa: SLF001 - a view of it


def _checked_number(n: object, name: str) -> int:
    if is_bool(n) or not isinstance(n, int):
        msg = f"Predictions.{name} takes how many customers to name, an int, not {type(n).__name__} (got {shown(n)})"
        raise InvalidTypeError(msg)
    if n < 0:
        msg = f"Predictions.{name} takes how many customers to name, from 0 up (got {shown(n)})"
        raise InvalidValueError(msg)
    return n
