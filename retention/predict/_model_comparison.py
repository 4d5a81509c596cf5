"""Several models fitted to the same customers, and held against what the same hold-out brought."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Unpack

from attrs import field, frozen

from retention._mapping import OpenMapping
from retention.errors import (
    ConvergenceError,
    InvalidTypeError,
    NotIdentifiableError,
    UndefinedMetricError,
    shown,
)
from retention.predict._prediction_errors import (
    Outcome,
    PredictionError,
    PredictionErrors,
    advantage,
    error_as_dict,
    off_by,
    purchases,
)
from retention.predict._purchase_model import PurchaseModel
from retention.predict._repeat_purchases import RepeatPurchases
from retention.predict._time_units import TimeUnit
from retention.predict.bgbb import BgBb
from retention.predict.bgnbd import BgNbd
from retention.predict.mbgnbd import MbgNbd
from retention.predict.pareto_nbd import ParetoNbd
from retention.predict.purchases import PurchaseReading
from retention.results import Interval
from retention.shop import Orders

__all__ = [
    "USUAL_KINDS",
    "ModelComparison",
    "behind_the_least",
    "checked_kinds",
    "fitted_to",
    "share_alive",
]

USUAL_KINDS: Sequence[type[PurchaseModel]] = (BgNbd, MbgNbd, ParetoNbd, BgBb)
"""All models of purchases, of which those are taken that suit the time of the data."""


_CLEAR = 10.0
"""A difference of AIC from which on the fit to the past speaks clearly against the model with more of it."""
_APART = 0.1
"""So much between shares of customers who are still there is no agreement."""


@frozen(kw_only=True, repr=False)
class ModelComparison:
    """Several models fitted to what was known at the split, and how far each is off in the hold-out.

    Models often fare so alike that a hold-out can't tell which is better. Then AIC may: it tells which of them explains
    best what was known at the split, and ten more of it is clear. Where that can't tell either, take the one whose story
    is that of the shop, not the one whose error is smaller by a hair.

    Attributes:
        models: The fitted models by name; empty where none could be fitted.
        errors: The errors of each in the hold-out, by name, beside those of the guesses that need no model.
        naive: The errors of the guesses alone, by ``"mean"``, ``"own"`` and ``"last"``: they are there where no model is.
        behind: By name, by how much the mean squared error of each other model is larger than that of the one which errs
            least: the 95 % interval. None where all customers fared alike.
        still_there: By name, which share of the customers each model holds for customers still, at the split.
        split: The last day of the calibration.
        customers: How many customers were predicted.
        actual: What they bought after the split.
        horizon: How long the hold-out is.
        unit: The unit of the horizon.
        left_out: The models that could not be fitted, with the reasons.

    .. versionadded:: 0.1
    """

    models: Mapping[str, PurchaseModel]
    errors: Mapping[str, PredictionErrors]
    naive: Mapping[str, PredictionError]
    behind: Mapping[str, Interval | None]
    still_there: Mapping[str, float]
    split: date
    customers: int
    actual: int
    horizon: float
    unit: TimeUnit
    left_out: Mapping[str, str] = field(factory=OpenMapping)

    @property
    def best(self) -> PurchaseModel:
        """The model to take, as far as hold-out and fit can tell.

        The one with the smallest root mean squared error in the hold-out, be it by a hair; but where AIC speaks clearly
        against it and the hold-out can't tell it from others, that of them with the lowest AIC.

        Raises:
            UndefinedMetricError: None of the models could be fitted.
        """
        if not self.models:
            msg = f"ModelComparison.best requires a model that could be fitted: {_reasons(self.left_out)}"
            raise UndefinedMetricError(msg)
        return self.models[self._best()]

    def fit(self, base: RepeatPurchases | Orders, /, **how_to_read: Unpack[PurchaseReading]) -> PurchaseModel:
        """The best kind of model, fitted anew: to all that is known by now.

        Args:
            base: What the customers have bought: a table of `repeat_purchases`, or the orders themselves.
            how_to_read: Given orders, the keywords of `repeat_purchases`, such as `unit`, `tz` and `until`.

        Raises:
            UndefinedMetricError: None of the models could be fitted to what was known at the split.
            NotIdentifiableError: When the base can't tell the parameters.
            ConvergenceError: When the likelihood has no best place within reach.
            ConflictingArgumentError: When keywords on how to read orders come with a table that was read already.

        .. versionadded:: 0.1
        """
        return type(self.best).fit(base, **how_to_read)

    @property
    def errs_least(self) -> str | None:
        """The name of the model with the smallest root mean squared error in the hold-out; None where there is none."""
        return _least_of(self.errors) if self.errors else None

    @property
    def agrees_on_who_is_there(self) -> bool:
        """Whether the models hold about equally many for customers still: within ten of a hundred."""
        shares = self.still_there.values()
        return not shares or max(shares) - min(shares) <= _APART

    @property
    def verdict(self) -> str:
        """Which model to take, as far as can be told, how it fares beside guesses, and what the models don't agree on."""
        if not self.models:
            return self._without_model()
        return " ".join([*self._beside_others(), self.errors[self._best()].verdict, *self._disagreement()])

    def _beside_others(self) -> Iterator[str]:
        if not self.behind:
            return
        alike = self._alike()
        surely = [title for title in self.behind if title not in alike]
        least = f"Of the models, {_least_of(self.errors)} errs least customer by customer"
        yield f"{least}, and surely less than {_all_of(surely)}." if surely else f"{least}."
        if not alike:
            return
        ruled_out = self._ruled_out()
        if not ruled_out:
            yield f"The hold-out can't tell it from {_all_of(alike)}, nor can AIC: go by the story that suits the shop."
            return
        left = [title for title in (_least_of(self.errors), *alike) if title not in ruled_out]
        gap = min(ruled_out.values())
        yield (
            f"The hold-out can't tell it from {_all_of(alike)}, but the fit to the past speaks against "
            f"{_all_of(list(ruled_out))}, with an AIC that is higher by {gap:,.0f}{' or more' if len(ruled_out) > 1 else ''} "
            "(ten is clear)."
        )
        if len(left) > 1:
            yield f"Between {_all_of(left)}, go by the story that suits the shop."
        elif left[0] != _least_of(self.errors):
            yield f"That leaves {left[0]}."

    def _disagreement(self) -> Iterator[str]:
        if not self.agrees_on_who_is_there:
            shares = sorted(self.still_there.items(), key=lambda each: each[1])
            yield (
                "The models do not agree on how many customers are still there: "
                f"{_all_of([f'{share:.0%} by {title}' for title, share in shares])}. No figure that hangs on it should "
                "decide anything, unless one story is surely that of the shop."
            )

    def _without_model(self) -> str:
        guess = min(self.naive.values(), key=lambda each: each.root_mean_squared_error)
        return (
            f"No model could be fitted. Of the guesses, {guess.name} errs least customer by customer: it expects "
            f"{purchases(guess.expected)} where {self.actual:,} were made{off_by(guess.expected, self.actual)}."
        )

    def _alike(self) -> list[str]:
        """Those that the hold-out can't tell from the one that errs least."""
        return [title for title, each in self.behind.items() if each is None or each.low <= 0]

    def _ruled_out(self) -> Mapping[str, float]:
        """Of these and that one, those whom AIC clearly speaks against, with by how much it is too high."""
        aic = {title: self.models[title].aic for title in (_least_of(self.errors), *self._alike())}
        lowest = min(aic.values())
        return {title: each - lowest for title, each in aic.items() if each - lowest > _CLEAR}

    def _best(self) -> str:
        least = _least_of(self.errors)
        if least not in self._ruled_out():
            return least
        return min(self._alike(), key=lambda title: self.models[title].aic)

    def to_dicts(self) -> list[dict[str, str | float | None]]:
        """A dictionary for each model, and one for each guess."""
        of_models = [self._as_dict(title, errors.to_dicts()[0]) for title, errors in self.errors.items()]
        of_guesses = [
            {
                **guess,
                "log_likelihood": None,
                "aic": None,
                "still_there": None,
                "behind_low": guess["advantage_low"],
                "behind_high": guess["advantage_high"],
            }
            for guess in map(error_as_dict, self.guesses().values())
        ]
        return [_without(each, "advantage_low", "advantage_high") for each in [*of_models, *of_guesses]]

    def guesses(self) -> Mapping[str, PredictionError]:
        """The guesses that need no model, beside the model that errs least if there is one.

        .. versionadded:: 0.1
        """
        return self.errors[_least_of(self.errors)].naive if self.errors else self.naive

    def _as_dict(self, title: str, row: Mapping[str, str | float | None]) -> dict[str, str | float | None]:
        model, behind = self.models[title], self.behind.get(title)
        low, high = (None, None) if behind is None else behind
        fit = {
            "log_likelihood": model.log_likelihood,
            "aic": model.aic,
            "still_there": self.still_there[title],
        }
        return {**row, **fit, "behind_low": low, "behind_high": high}

    def __repr__(self) -> str:
        if not self.models:
            return "<ModelComparison: no model could be fitted>"
        return f"<ModelComparison: {', '.join(self.errors)}; {_least_of(self.errors)} errs least>"

    def __str__(self) -> str:
        """A row for each model and each guess, and what they mean."""
        from retention.display._predict import comparison_as_text

        return comparison_as_text(self)


def _least_of(errors: Mapping[str, PredictionErrors]) -> str:
    """The model that errs least."""
    return min(errors, key=lambda title: errors[title].model.root_mean_squared_error)


def _reasons(left_out: Mapping[str, str]) -> str:
    return "; ".join(left_out.values()) or "there was none to fit"


def _all_of(titles: Sequence[str]) -> str:
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"


def _without(row: Mapping[str, str | float | None], *names: str) -> dict[str, str | float | None]:
    return {name: value for name, value in row.items() if name not in names}


def checked_kinds(kinds: object, owner: str) -> Sequence[type[PurchaseModel]]:
    """Kinds of model, each of them once.

    Raises:
        InvalidTypeError: Something is no kind of model of purchases, or given twice.
    """
    found: list[Any] = (
        list(kinds) if isinstance(kinds, Iterable) and not isinstance(kinds, (str, bytes)) else [kinds]
    )
    for number, kind in enumerate(found):
        if not (isinstance(kind, type) and issubclass(kind, PurchaseModel)):
            msg = f"{owner} takes kinds of model of purchases, such as [BgNbd, ParetoNbd], which it fits itself (got {shown(kind)})"
            raise InvalidTypeError(msg)
        if kind in found[:number]:
            msg = f"{owner}: {kind.__name__} is given twice; give each kind once"
            raise InvalidTypeError(msg)
    return found


def fitted_to(
    base: RepeatPurchases, kinds: Sequence[type[PurchaseModel]]
) -> tuple[Mapping[str, PurchaseModel], Mapping[str, str]]:
    """The models that can be fitted, by name, and why the others can't."""
    models: dict[str, PurchaseModel] = {}
    left_out: dict[str, str] = {}
    for kind in kinds:
        title = kind._TITLE  # noqa: SLF001 (models and their validation are one house)
        try:
            models[title] = kind.fit(base)
        except (ConvergenceError, NotIdentifiableError) as error:
            left_out[title] = str(error)
    return OpenMapping(models), OpenMapping(left_out)


def behind_the_least(
    errors: Mapping[str, PredictionErrors],
    expected: Mapping[str, Sequence[float]],
    outcomes: Iterable[Outcome[int]],
) -> Mapping[str, Interval | None]:
    """By how much the mean squared error of each model is larger than that of the one that errs least.

    Args:
        errors: Of each in the hold-out.
        expected: What each expects of a customer, by group.
        outcomes: What became of the customers of each group.
    """
    if not errors:
        return OpenMapping({})
    outcomes, least = list(outcomes), _least_of(errors)
    one = expected[least].__getitem__
    return OpenMapping(
        {
            title: advantage(outcomes, one, other.__getitem__)
            for title, other in expected.items()
            if title != least
        }
    )


def share_alive(model: PurchaseModel, base: RepeatPurchases) -> float:
    """Which share of the customers a model holds for customers still."""
    alive = math.fsum(model._probability_alive(x, t_x, age) * count for x, t_x, age, count in base.groups)  # noqa: SLF001 (one house)
    return alive / len(base)
