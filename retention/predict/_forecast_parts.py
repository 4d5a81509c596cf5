"""What all forecasts are: coming periods, each with what is expected, and how far chance may move it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator
from typing import Generic, TypeVar

from attrs import field, frozen

from retention._numerics import check_confidence, normal_quantile
from retention.errors import UndefinedMetricError
from retention.predict._model import Estimate
from retention.results import Interval

__all__ = ["Coming", "Forecast", "interval_of"]

_METHOD = "prediction interval of a gamma distribution, with the delta method for the parameters and drawn purchases for chance"
_UNFITTED = "the interval requires models that were fitted: the parameters of these were given"
_WIDEST = 10.0
"""Errors, in means: beyond, the figure is nothing or a rarity."""


@frozen(kw_only=True)
class Coming:
    """A figure of one coming period; what each field is, the classes that are made of it say."""

    label: str
    start: float = field(repr=False)
    end: float = field(repr=False)
    expected: Estimate
    chance: float | None
    nothing: float = field(default=0.0, repr=False)

    @property
    def value(self) -> float | None:
        """What is to be expected, or None when it is undefined."""
        return self.expected.value

    def __float__(self) -> float:
        return float(self.expected)

    @property
    def standard_error(self) -> float | None:
        """How far what comes may be from what is expected, for both reasons; None where either is not known."""
        one, other = self.expected.standard_error, self.chance
        return None if one is None or other is None else math.hypot(one, other)

    def _prediction(self, confidence: float, *, shown_as: str) -> Interval:
        z = normal_quantile(check_confidence(confidence))
        value, error = float(self), self.standard_error
        if error is None:
            raise UndefinedMetricError(_UNFITTED)
        low, high = _bounds(value, error, z)
        may_be_nothing = self.nothing > (1 - confidence) / 2
        return Interval(
            low=0.0 if may_be_nothing else min(value, low),
            high=max(value, high),
            confidence=confidence,
            method=_METHOD,
            shown_as=shown_as,
        )

    @abstractmethod
    def interval(self, confidence: float = 0.95) -> Interval:
        """Where what comes will lie."""

    def __str__(self) -> str:
        return str(self.expected)


def _bounds(mean: float, error: float, z: float) -> tuple[float, float]:
    """Quantiles of a gamma distribution, by Wilson and Hilferty: its cube root is nearly normal."""
    plain = mean + z * error
    if error > _WIDEST * mean:
        return 0.0, plain
    ninth = (error / mean) ** 2 / 9 if mean else 0.0
    low, high = (mean * max(0.0, 1 - ninth + each * math.sqrt(ninth)) ** 3 for each in (-z, z))
    # Where nearly all of it lies at 0 the cube root is far from normal, and falls short.
    return low, max(high, plain)


Part = TypeVar("Part", bound=Coming)


@frozen(kw_only=True, repr=False)
class Forecast(Generic[Part]):
    """Coming periods, one after another, and all of them together."""

    periods: tuple[Part, ...]
    total: Part
    customers: int
    unit: str
    assumed: tuple[str, ...] = ()

    @property
    def value(self) -> float | None:
        """What is to be expected of all periods together, or None when it is undefined."""
        return self.total.value

    def __float__(self) -> float:
        return float(self.total)

    def interval(self, confidence: float = 0.95) -> Interval:
        """Where what comes in all periods together will lie: a prediction interval, as of each of them.

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When a model was not fitted, or spend has no variance.
        """
        return self.total.interval(confidence)

    def __len__(self) -> int:
        return len(self.periods)

    def __iter__(self) -> Iterator[Part]:
        return iter(self.periods)

    def __getitem__(self, place: int) -> Part:
        return self.periods[place]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self.periods):,} periods, {self.total} from {self.customers:,} customers>"

    def _within(self) -> str:
        interval = interval_of(self.total)
        return "" if interval is None else f" (95 % prediction interval {interval})"


def interval_of(figure: Coming | Estimate | None) -> Interval | None:
    """The interval where there is one."""
    if figure is None:
        return None
    try:
        return figure.interval()
    except UndefinedMetricError:
        return None
