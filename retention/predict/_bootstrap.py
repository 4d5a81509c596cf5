"""The parametric bootstrap: a model fitted anew to what it has drawn itself."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Generic, TypeVar

from attrs import frozen

from retention._numerics import check_confidence
from retention.errors import (
    ConvergenceError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiableError,
    UndefinedMetricError,
    is_bool,
    shown,
)
from retention.predict._model import Model
from retention.results import Interval

__all__ = ["Bootstrap", "bootstrapped", "seeded"]

_M = TypeVar("_M")
_N = TypeVar("_N")
_Fitted = TypeVar("_Fitted", bound=Model)
_FEWEST = 2


@frozen(kw_only=True, repr=False)
class Bootstrap(Generic[_M]):
    """Models fitted to bases that one model has drawn: how far chance alone moves it, and any figure of it.

    `PurchaseModel.bootstrap` makes it.

    Attributes:
        models: A model for each drawn base that could be fitted.
        failed: How many drawn bases had no best fit. Where these are more than a few, the intervals are too narrow,
            since they tell of the others alone.
        seed: With which the bases were drawn.

    .. versionadded:: 0.1
    """

    models: tuple[_M, ...]
    failed: int
    seed: int

    def __repr__(self) -> str:
        return f"<Bootstrap: {len(self.models):,} models, {self.failed:,} of {self._drawn:,} drawn bases failed, seed {self.seed}>"

    def __str__(self) -> str:
        """How many models there are, and what to ask them."""
        fitted = f"{len(self.models):,} models, fitted to {self._drawn:,} drawn bases (seed {self.seed})"
        lost = f"; {self.failed:,} of them had no best fit" if self.failed else ""
        return f"{fitted}{lost}. interval(function) says how far they lie apart in any figure."

    @property
    def _drawn(self) -> int:
        return len(self.models) + self.failed

    def interval(self, function: Callable[[_M], float], /, confidence: float = 0.95) -> Interval:
        """The interval that holds the middle share of what a function says of the models (percentile method).

        Args:
            function: Takes a model, and gives a float.
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When there are too few models for such a level, or the function has no value for one
                of them.

        .. versionadded:: 0.1
        """
        outside = (1 - check_confidence(confidence)) / 2
        needed = math.ceil(1 / outside - 1e-9) - 1
        if len(self.models) < needed:
            msg = f"an interval at {confidence:g} takes {needed:,} models (got {len(self.models):,}); ask for more replications, or a lower confidence"
            raise UndefinedMetricError(msg)
        values = sorted(map(function, self.models))
        return Interval(
            low=_quantile(values, outside),
            high=_quantile(values, 1 - outside),
            confidence=confidence,
            method="parametric bootstrap, percentiles",
        )

    def standard_error(self, function: Callable[[_M], float], /) -> float:
        """The standard deviation of what a function says of the models.

        Args:
            function: Takes a model, and gives a float.

        Raises:
            UndefinedMetricError: When the function has no value for one of them.

        .. versionadded:: 0.1
        """
        return statistics.stdev(map(function, self.models))

    def paired_with(self, other: Bootstrap[_N], /) -> Bootstrap[tuple[_M, _N]]:
        """The models of two bootstraps by twos, for figures that need both, such as a lifetime value.

        The two models are taken to know nothing of each other's errors, as a model of purchases and one of spend that
        were fitted apart.

        Args:
            other: Of the other model, with as many replications.

        Returns:
            A bootstrap whose `models` are pairs: of this one and of the other.

        Raises:
            InvalidTypeError: When `other` is no `Bootstrap`.

        .. versionadded:: 0.1
        """
        if not isinstance(other, Bootstrap):
            msg = f"Bootstrap.paired_with: other must be a Bootstrap, not {type(other).__name__} (got {shown(other)}); make it with the other model's bootstrap"
            raise InvalidTypeError(msg)
        pairs = tuple(zip(self.models, other.models, strict=False))  # some bases may have had no fit
        drawn = max(self._drawn, other._drawn)
        return Bootstrap(models=pairs, failed=drawn - len(pairs), seed=self.seed)


def _quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the distribution lies of which these are draws: at place share·(n + 1)."""
    place = min(max(share * (len(values) + 1) - 1, 0.0), len(values) - 1.0)
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def seeded(seed: object, *, owner: str) -> Random:
    """Random numbers that a second run draws again."""
    if isinstance(seed, bool) or not isinstance(seed, int):
        msg = f"{owner}: seed must be an int, not {type(seed).__name__} (got {shown(seed)})"
        raise InvalidTypeError(msg)
    return Random(seed)  # noqa: S311 (a simulation, and no cryptography)


def bootstrapped(
    refit: Callable[[], _Fitted], *, replications: int, seed: int, owner: str
) -> Bootstrap[_Fitted]:
    """The models of as many drawn bases, with the number of those that none fits best."""
    _check_replications(replications, owner)
    models: list[_Fitted] = []
    for _ in range(replications):
        with suppress(ConvergenceError, NotIdentifiableError):
            models.append(refit())
    failed = replications - len(models)
    if len(models) < _FEWEST or failed > len(models):
        msg = f"{owner}: {failed:,} of {replications:,} bases drawn from the model had no best fit; the base is too small for such a model, so take a larger one"
        raise ConvergenceError(msg)
    return Bootstrap(models=tuple(models), failed=failed, seed=seed)


def _check_replications(replications: object, owner: str) -> None:
    if is_bool(replications) or not isinstance(replications, int):
        msg = f"{owner}: replications must be an int, not {type(replications).__name__} (got {shown(replications)})"
        raise InvalidTypeError(msg)
    if replications < _FEWEST:
        msg = f"{owner}: replications must be at least {_FEWEST} (got {shown(replications)}); 200 give a rough interval at 95 %"
        raise InvalidValueError(msg)
