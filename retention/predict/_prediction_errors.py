"""How far a model's predictions are off, beside guesses that need no model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from attrs import frozen

from retention._mapping import OpenMapping
from retention._numerics import reach_of
from retention.errors import UndefinedMetricError
from retention.predict._time_units import TimeUnit
from retention.results import Interval

__all__ = [
    "PredictionError",
    "PredictionErrors",
    "advantage",
    "mean_interval",
    "off_by",
    "prediction_errors",
    "purchases",
]

_L = TypeVar("_L")

Outcome: TypeAlias = tuple[_L, int, int]
"""What customers look like, purchases after the split, and how many who look so made as many."""

_CONFIDENCE = 0.95
_GUESSES = {
    "mean": "the mean rate of all",
    "own": "each customer's own rate",
    "last": "what each bought in the {} before",
}


@frozen(kw_only=True)
class PredictionError:
    """How far predictions are off, customer by customer.

    Attributes:
        name: Who predicts, in words.
        expected: What is predicted of all customers together.
        mean_absolute_error: By how much a prediction is off on average. Few customers buy in any one time, so that
            whoever predicts nothing of anybody often does well here.
        root_mean_squared_error: The same with large errors weighing more: what a prediction of the mean is judged by.
        advantage: By how much the model's mean squared error is smaller: the 95 % interval. None for the model itself, and
            where all customers fared alike, so that nothing tells how far chance carries them.

    .. versionadded:: 0.1
    """

    name: str
    expected: float
    mean_absolute_error: float
    root_mean_squared_error: float
    advantage: Interval | None = None


@frozen(kw_only=True, repr=False)
class PredictionErrors:
    """The errors of a model in the hold-out, beside those of guesses that need no model.

    The guesses know no more than what was known at the split. ``"mean"`` says of every customer that he or she will go on
    at the mean rate of all; ``"own"`` that each will go on at the own rate, frequency over age, as if nobody ever left;
    ``"last"`` that each will buy as often as in as long a time before the split, first purchases not counted.

    Attributes:
        model: The model's errors.
        naive: Those of the guesses, by ``"mean"``, ``"own"`` and ``"last"``.
        customers: How many customers were predicted.
        actual: What they bought after the split.
        variance_explained: Which part of the differences between customers the model foresaw: 1 − its mean squared error
            over the variance of what they bought. Below 0 where it would have been better to know the mean of the hold-out
            and nothing of anybody; None where all bought equally often.
        horizon: How long the hold-out is.
        unit: The unit of the horizon.

    .. versionadded:: 0.1
    """

    model: PredictionError
    naive: Mapping[str, PredictionError]
    customers: int
    actual: int
    variance_explained: float | None
    horizon: float
    unit: TimeUnit

    @property
    def is_no_better_than_naive(self) -> bool:
        """Whether there is a guess that the model does not surely beat.

        That is, whether the 95 % interval around the difference of the mean squared errors holds zero, or lies beyond it.
        """
        return any(_low(guess) <= 0 for guess in self.naive.values())

    @property
    def verdict(self) -> str:
        """Whether to believe the model, in a sentence."""
        return " ".join([self._level(), *self._beside_guesses()])

    def _level(self) -> str:
        off = off_by(self.model.expected, self.actual)
        level = f"{self.model.name} expects {purchases(self.model.expected)} where {self.actual:,} were made{off}."
        nearest = min(self.naive.values(), key=self._miss)
        if self._miss(nearest) < self._miss(self.model):
            level += f" In the sum, {nearest.name} comes nearer ({nearest.expected:,.0f})."
        return level

    def _miss(self, predicted: PredictionError) -> float:
        return abs(round(predicted.expected) - self.actual)

    def _beside_guesses(self) -> Iterable[str]:
        if not self.is_no_better_than_naive:
            *others, last = (f"than {guess.name}" for guess in self.naive.values())
            yield f"Customer by customer it does better {', '.join(others)} and {last}{self._foresight()}."
            return
        for guess in self.naive.values():
            if guess.advantage is not None and guess.advantage.high < 0:
                yield f"Customer by customer it does worse than {guess.name}: go by that instead."
            elif _low(guess) <= 0:
                yield (
                    f"Customer by customer it is no better than {guess.name}, as far as {self.customers:,} customers can "
                    "tell: that simpler guess will do."
                )

    def _foresight(self) -> str:
        if self.variance_explained is None:
            return ""
        if self.variance_explained <= 0:
            return (
                ", and yet knows less of them than who had known nothing but what they would buy on average"
            )
        return f", and foresaw {self.variance_explained:.0%} of how much they differ"

    def to_dicts(self) -> list[dict[str, str | float | None]]:
        """A dictionary for the model and for each guess."""
        return [_as_dict(each) for each in (self.model, *self.naive.values())]

    def __repr__(self) -> str:
        better = "no better" if self.is_no_better_than_naive else "better"
        return f"<PredictionErrors: {self.model.name}, {self.customers:,} customers, {better} than naive>"

    def __str__(self) -> str:
        """The errors as a table, and what they mean."""
        from retention.display._predict import errors_as_text

        return errors_as_text(self)


def purchases(number: float) -> str:
    """So many purchases, in words."""
    text = f"{number:,.0f}"
    return f"{text} purchase{'' if text == '1' else 's'}"


def off_by(expected: float, actual: int) -> str:
    """By how much what is expected misses what was made, in brackets; nothing where nothing was made, or as much."""
    share = expected / actual - 1 if actual else 0.0
    size = f"{abs(share):.1%}"
    return "" if size == "0.0%" else f" ({size} too {'many' if share > 0 else 'few'})"


def _low(guess: PredictionError) -> float:
    return guess.advantage.low if guess.advantage is not None else 0.0


def _as_dict(error: PredictionError) -> dict[str, str | float | None]:
    low, high = (None, None) if error.advantage is None else error.advantage
    return {
        "name": error.name,
        "expected": error.expected,
        "mean_absolute_error": error.mean_absolute_error,
        "root_mean_squared_error": error.root_mean_squared_error,
        "advantage_low": low,
        "advantage_high": high,
    }


def prediction_errors(
    outcomes: Iterable[Outcome[_L]],
    model: Callable[[_L], float],
    guesses: Mapping[str, Callable[[_L], float]],
    *,
    horizon: float,
    unit: TimeUnit,
    title: str,
) -> PredictionErrors:
    """The errors of a model and of the guesses.

    Args:
        outcomes: What became of the customers.
        model: What the model predicts of a customer who looks so.
        guesses: The same of the guesses, by ``"mean"``, ``"own"`` and ``"last"``.
        horizon: How long the hold-out is.
        unit: The unit of the horizon.
        title: The model's name.

    Raises:
        UndefinedMetricError: There are fewer than two customers.
    """
    outcomes = list(outcomes)
    customers = sum(count for *_, count in outcomes)
    if customers < 2:
        msg = f"errors of predictions require at least two customers in the calibration (got {customers})"
        raise UndefinedMetricError(msg)
    time = f"{horizon:g} {unit if horizon == 1 else f'{unit}s'}"
    of_model = _error(title, outcomes, customers, model)
    errors = {
        name: _error(
            _GUESSES[name].format(time), outcomes, customers, guess, advantage(outcomes, model, guess)
        )
        for name, guess in guesses.items()
    }
    actual = sum(later * count for _, later, count in outcomes)
    # In whole numbers, so that no variance is none.
    squares = customers * sum(later * later * count for _, later, count in outcomes) - actual * actual
    return PredictionErrors(
        model=of_model,
        naive=OpenMapping(errors),
        customers=customers,
        actual=actual,
        variance_explained=_explained(of_model, squares / customers**2),
        horizon=horizon,
        unit=unit,
    )


def _explained(model: PredictionError, variance: float) -> float | None:
    return 1 - model.root_mean_squared_error**2 / variance if variance else None


def _error(
    name: str,
    outcomes: Sequence[Outcome[_L]],
    customers: int,
    guess: Callable[[_L], float],
    advantage: Interval | None = None,
) -> PredictionError:
    misses = [(later - guess(look), count) for look, later, count in outcomes]
    return PredictionError(
        name=name,
        expected=math.fsum(guess(look) * count for look, _, count in outcomes),
        mean_absolute_error=math.fsum(abs(miss) * count for miss, count in misses) / customers,
        root_mean_squared_error=math.sqrt(
            math.fsum(miss * miss * count for miss, count in misses) / customers
        ),
        advantage=advantage,
    )


def advantage(
    outcomes: Iterable[Outcome[_L]], one: Callable[[_L], float], other: Callable[[_L], float]
) -> Interval | None:
    """By how much the mean squared error of one is smaller than that of another: the 95 % interval."""
    gains = [
        ((later - other(look)) ** 2 - (later - one(look)) ** 2, count) for look, later, count in outcomes
    ]
    return mean_interval(gains, "paired difference of squared errors, by Student's t")


def mean_interval(values: Iterable[tuple[float, int]], method: str) -> Interval | None:
    """The 95 % interval around the mean of values, each given with how often it came; None where all are alike."""
    known = list(values)
    n = sum(count for _, count in known)
    if len({value for value, _ in known}) < 2:
        return None
    mean = math.fsum(value * count for value, count in known) / n
    variance = math.fsum((value - mean) ** 2 * count for value, count in known) / (n - 1) / n
    reach = reach_of(variance, n - 1, _CONFIDENCE)
    return Interval(low=mean - reach, high=mean + reach, confidence=_CONFIDENCE, method=method)
