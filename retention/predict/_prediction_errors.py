"""How far a model's predictions are off, beside guesses that need no model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, TypeVar

from attrs import evolve, frozen

from retention._mapping import OpenMapping
from retention._numerics import reach_of
from retention.errors import UndefinedMetricError
from retention.predict._time_units import TimeUnit, duration_in_words
from retention.results import Interval

__all__ = [
    "PredictionError",
    "PredictionErrors",
    "Standing",
    "advantage",
    "error_as_dict",
    "mean_interval",
    "naive_errors",
    "off_by",
    "prediction_errors",
    "purchases",
]

_L = TypeVar("_L")

Outcome: TypeAlias = tuple[_L, int, int]
"""What customers look like, purchases after the split, and how many who look so made as many."""

_CONFIDENCE = 0.95
_HARDLY = 0.05
"""Differences of mean squared errors up to such a part of them are none to care for."""
_ROUNDING = 1e-9
_FAR_OFF = 0.3
"""From here on, as a share of what was made, a sum that is missed is of no use for a plan."""
_NEARER = 0.05
"""By so much of what was made a guess must come nearer to be worth a sentence."""
_GUESSES = {
    "mean": "the mean rate of all",
    "own": "each customer's own rate",
    "last": "what each bought in the {} before",
}


Standing: TypeAlias = Literal["better", "worse", "no better", "can't tell"]


@frozen(kw_only=True)
class PredictionError:
    """How far predictions are off, customer by customer.

    Attributes:
        name: Who predicts, in words.
        expected: What is predicted of all customers together.
        mean_absolute_error: By how much a prediction is off on average. Few customers buy in any one time, so that
            whoever predicts nothing of anybody often does well here.
        root_mean_squared_error: The same with large errors weighing more: what a prediction of the mean is judged by.
        excess: By how much more is predicted of all together than was made: the 95 % interval; below 0 where it is less.
            None where all customers fared alike, so that nothing tells how far chance carries them.
        advantage: By how much the model's mean squared error is smaller: the 95 % interval. None for the model itself, for
            guesses without a model beside them, and where all customers fared alike.

    .. versionadded:: 0.1
    """

    name: str
    expected: float
    mean_absolute_error: float
    root_mean_squared_error: float
    excess: Interval | None = None
    advantage: Interval | None = None

    @property
    def mean_squared_error(self) -> float:
        """The square of the root mean squared error: what `advantage` is a difference of."""
        return self.root_mean_squared_error**2


@frozen(kw_only=True, repr=False)
class PredictionErrors:
    """The errors of a model in the hold-out, beside those of guesses that need no model.

    The guesses know no more than what was known at the split. ``"mean"`` says of every customer that he or she will go on
    at the mean rate of all; ``"own"`` that each will go on at the own rate, frequency over age, as if nobody ever left;
    ``"last"`` that each will buy as often as in as long a time before the split, first purchases not counted.

    Of nobody does ``"own"`` say that he or she will buy more than twice as often as so far, which it else would of customers
    who were watched for less than half as long as the hold-out lasts: somebody who came back on the second day is not taken
    for one who buys every day.

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
    def standings(self) -> Mapping[str, Standing]:
        """How the model stands beside each guess, by ``"mean"``, ``"own"`` and ``"last"``.

        ``"better"`` and ``"worse"`` where the 95 % interval around the difference of the mean squared errors says so,
        ``"no better"`` where it holds 0 and reaches no further from it than a twentieth of the guess's error, and
        ``"can't tell"`` where it is wider: of few customers nearly always.
        """
        return OpenMapping({name: self._standing(guess) for name, guess in self.naive.items()})

    @property
    def is_better_than_naive(self) -> bool:
        """Whether the model is shown to be better than each of the guesses."""
        return all(standing == "better" for standing in self.standings.values())

    @property
    def is_no_better_than_naive(self) -> bool:
        """Whether there is a guess that is shown to be as good as the model, or better.

        False does not say that the model is better: the customers may be too few to tell. See `standings`.
        """
        return not {"worse", "no better"}.isdisjoint(self.standings.values())

    @property
    def is_far_off(self) -> bool:
        """Whether the model is off by more than 30 % in the sum, and by more than chance explains.

        Then nothing of it goes into a plan, however well it ranks the customers.
        """
        return _direction(self.model, self.actual) != 0

    @property
    def verdict(self) -> str:
        """Whether to believe the model, in a few sentences."""
        return " ".join([*self._level(), self._beside_guesses()])

    def _standing(self, guess: PredictionError) -> Standing:
        scale = guess.mean_squared_error
        if guess.advantage is None:
            return "no better" if scale == self.model.mean_squared_error else "can't tell"
        low, high = guess.advantage
        if low > _ROUNDING * scale:
            return "better"
        if max(-low, high) <= _HARDLY * scale:
            return "no better"
        return "worse" if high < 0 else "can't tell"

    def _level(self) -> Iterable[str]:
        model, actual = self.model, self.actual
        yield f"{model.name} expects {purchases(model.expected)} where {actual:,} were made{off_by(model.expected, actual)}."
        if self._all_are_off():
            yield self._why_all_are_off()
            return
        if self.is_far_off:
            yield "So far off, which chance hardly explains, nothing of it goes into a plan."
        nearest = min(self.naive.values(), key=self._miss)
        if self._miss(model) - self._miss(nearest) > _NEARER * actual and not _direction(nearest, actual):
            yield f"In the sum, {nearest.name} comes nearer ({nearest.expected:,.0f})."

    def _miss(self, predicted: PredictionError) -> float:
        return abs(round(predicted.expected) - self.actual)

    def _all_are_off(self) -> bool:
        each = {_direction(error, self.actual) for error in (self.model, *self.naive.values())}
        return len(each) == 1 and 0 not in each

    def _why_all_are_off(self) -> str:
        many = self.model.expected > self.actual
        least = min(abs(guess.expected - self.actual) for guess in self.naive.values())
        size = f", by {least / self.actual:.0%} or more" if self.actual else ""
        return (
            f"The guesses that need no model expect too {'many' if many else 'few'} as well{size}: that looks like a season, "
            "or something else that neither knows, and tracking() shows since when. Nothing of it goes into a plan, nor of "
            "the guesses."
        )

    def _beside_guesses(self) -> str:
        by: dict[Standing, list[PredictionError]] = {}
        for name, standing in self.standings.items():
            by.setdefault(standing, []).append(self.naive[name])
        said: list[str] = []
        if better := by.get("better"):
            said.append(f"it does better than {_listed(better)}")
        if worse := by.get("worse"):
            said.append(f"it does worse than {_listed(worse)}")
        if alike := by.get("no better"):
            said.append(f"it is no better than {_listed(alike)}")
        unknown = by.get("can't tell", [])
        if not said:
            return f"{self.customers:,} customers are too few to tell whether, customer by customer, it does better than {self._unknown(unknown)}."
        if self.is_better_than_naive:
            return f"Customer by customer {said[0]}{self._foresight()}."
        if unknown:
            said.append(
                f"{self.customers:,} are too few to tell whether it does better than {self._unknown(unknown)}"
            )
        return f"Customer by customer {'; '.join(said)}{self._advice(worse or [], alike or [])}."

    def _unknown(self, guesses: Sequence[PredictionError]) -> str:
        text = _listed(guesses, "or")
        here = [guess for guess in guesses if guess.mean_squared_error > self.model.mean_squared_error]
        if not here:
            return text
        if len(here) == len(guesses):
            return f"{text}, though here it errs less"
        return f"{text}, though here it errs less than {_listed(here)}"

    def _advice(self, worse: Sequence[PredictionError], alike: Sequence[PredictionError]) -> str:
        """Which guess to go by, if any; none that is far off itself."""
        simpler = [guess for guess in worse or alike if not _direction(guess, self.actual)]
        if not simpler:
            return ""
        best = min(simpler, key=lambda guess: guess.root_mean_squared_error)
        name = "that" if len(worse or alike) == 1 else best.name
        return f": go by {name} instead" if worse else f": the simpler guess will do, {best.name}"

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
        return [error_as_dict(each) for each in (self.model, *self.naive.values())]

    def __repr__(self) -> str:
        better = "not shown to be better"
        if self.is_better_than_naive:
            better = "better"
        elif self.is_no_better_than_naive:
            better = "no better"
        return f"<PredictionErrors: {self.model.name}, {self.customers:,} customers, {better} than naive>"

    def __str__(self) -> str:
        """The errors as a table, and what they mean."""
        from retention.display._predict import errors_as_text

        return errors_as_text(self)


def _direction(error: PredictionError, actual: int) -> int:
    """1 where far too many are predicted, -1 where far too few, and chance hardly explains it; else 0."""
    off = error.expected - actual
    if abs(off) <= _FAR_OFF * actual:
        return 0
    if error.excess is None:  # all customers fared alike, such as where nobody bought: by purchases at random
        by_chance = abs(off) <= 2 * math.sqrt(error.expected + actual)
    else:
        by_chance = error.excess.low <= 0 <= error.excess.high
    if by_chance:
        return 0
    return 1 if off > 0 else -1


def _listed(guesses: Sequence[PredictionError], word: str = "and") -> str:
    *others, last = (guess.name for guess in guesses)
    return f"{', '.join(others)} {word} {last}" if others else last


def purchases(number: float) -> str:
    """So many purchases, in words."""
    text = f"{number:,.0f}"
    return f"{text} purchase{'' if text == '1' else 's'}"


def off_by(expected: float, actual: int) -> str:
    """By how much what is expected misses what was made, in brackets; nothing where nothing was made, or as much."""
    share = expected / actual - 1 if actual else 0.0
    size = f"{abs(share):.1%}"
    return "" if size == "0.0%" else f" ({size} too {'many' if share > 0 else 'few'})"


def error_as_dict(error: PredictionError) -> dict[str, str | float | None]:
    """Everything in one flat dictionary."""
    low, high = (None, None) if error.advantage is None else error.advantage
    less, more = (None, None) if error.excess is None else error.excess
    return {
        "name": error.name,
        "expected": error.expected,
        "excess_low": less,
        "excess_high": more,
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
    customers = _customers(outcomes)
    of_model = _error(title, outcomes, customers, model)
    errors = {
        name: evolve(error, advantage=advantage(outcomes, model, guesses[name]))
        for name, error in naive_errors(outcomes, guesses, horizon=horizon, unit=unit).items()
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


def naive_errors(
    outcomes: Iterable[Outcome[_L]],
    guesses: Mapping[str, Callable[[_L], float]],
    *,
    horizon: float,
    unit: TimeUnit,
) -> Mapping[str, PredictionError]:
    """The errors of the guesses, with no model beside them.

    Raises:
        UndefinedMetricError: There are fewer than two customers.
    """
    outcomes = list(outcomes)
    customers = _customers(outcomes)
    time = duration_in_words(horizon, unit)
    return OpenMapping(
        {
            name: _error(_GUESSES[name].format(time), outcomes, customers, guess)
            for name, guess in guesses.items()
        }
    )


def _customers(outcomes: Iterable[Outcome[_L]]) -> int:
    customers = sum(count for *_, count in outcomes)
    if customers < 2:
        msg = f"errors of predictions require at least two customers in the calibration (got {customers})"
        raise UndefinedMetricError(msg)
    return customers


def _explained(model: PredictionError, variance: float) -> float | None:
    return 1 - model.root_mean_squared_error**2 / variance if variance else None


def _error(
    name: str,
    outcomes: Sequence[Outcome[_L]],
    customers: int,
    guess: Callable[[_L], float],
) -> PredictionError:
    misses = [(later - guess(look), count) for look, later, count in outcomes]
    return PredictionError(
        name=name,
        expected=math.fsum(guess(look) * count for look, _, count in outcomes),
        mean_absolute_error=math.fsum(abs(miss) * count for miss, count in misses) / customers,
        root_mean_squared_error=math.sqrt(
            math.fsum(miss * miss * count for miss, count in misses) / customers
        ),
        excess=_in_all([(-miss, count) for miss, count in misses], customers),
    )


def _in_all(values: Iterable[tuple[float, int]], customers: int) -> Interval | None:
    """The interval around the sum of values, of that around their mean."""
    found = mean_interval(values, "sum of the differences by customer, by Student's t")
    if found is None:
        return None
    return evolve(found, low=found.low * customers, high=found.high * customers)


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
    if not variance:  # they differ by less than a float can square
        return None
    reach = reach_of(variance, n - 1, _CONFIDENCE)
    return Interval(low=mean - reach, high=mean + reach, confidence=_CONFIDENCE, method=method)
