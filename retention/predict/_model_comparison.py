"""Several models fitted to the same customers, and held against what the same hold-out brought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from attrs import field, frozen

from retention._mapping import OpenMapping
from retention.errors import ConvergenceError, InvalidTypeError, NotIdentifiableError, shown
from retention.predict._prediction_errors import Outcome, PredictionErrors, advantage
from retention.predict._purchase_model import PurchaseModel
from retention.predict._repeat_purchases import RepeatPurchases
from retention.predict.bgbb import BgBb
from retention.predict.bgnbd import BgNbd
from retention.predict.mbgnbd import MbgNbd
from retention.predict.pareto_nbd import ParetoNbd
from retention.results import Interval

__all__ = ["USUAL_KINDS", "ModelComparison", "checked_kinds", "compared", "fitted_to"]

USUAL_KINDS: Sequence[type[PurchaseModel]] = (BgNbd, MbgNbd, ParetoNbd, BgBb)
"""All models of purchases, of which those are taken that suit the time of the data."""


@frozen(kw_only=True, repr=False)
class ModelComparison:
    """Several models fitted to what was known at the split, and how far each is off in the hold-out.

    Models often fare so alike that a hold-out can't tell which is better. Then take the one whose story is that of the
    shop, not the one whose error is smaller by a hair.

    Attributes:
        models: The fitted models by name.
        errors: The errors of each in the hold-out, by name, beside those of the guesses that need no model.
        behind: By name, by how much the mean squared error of each other model is larger than that of the best: the 95 %
            interval. None where all customers fared alike.
        split: The last day of the calibration.
        left_out: The models that could not be fitted, with the reasons.

    .. versionadded:: 0.1
    """

    models: Mapping[str, PurchaseModel]
    errors: Mapping[str, PredictionErrors]
    behind: Mapping[str, Interval | None]
    split: date
    left_out: Mapping[str, str] = field(factory=OpenMapping)

    @property
    def best(self) -> PurchaseModel:
        """The model with the smallest root mean squared error in the hold-out, be it by a hair."""
        return self.models[_best_of(self.errors)]

    @property
    def verdict(self) -> str:
        """Which model to take, as far as the hold-out tells, and how it fares beside guesses."""
        return " ".join([*self._beside_others(), self.errors[_best_of(self.errors)].verdict])

    def _beside_others(self) -> Iterator[str]:
        if not self.behind:
            return
        yield f"Customer by customer {_best_of(self.errors)} errs least."
        surely = [title for title, each in self.behind.items() if each is not None and each.low > 0]
        alike = [title for title in self.behind if title not in surely]
        if surely:
            yield f"It surely does better than {_all_of(surely)}."
        if alike:
            yield f"Whether it is better than {_all_of(alike)} the hold-out can't tell: go by the story that suits the shop."

    def to_dicts(self) -> list[dict[str, str | float | None]]:
        """A dictionary for each model, and one for each guess."""
        errors, best = self.errors, self.errors[_best_of(self.errors)]
        of_models = [self._as_dict(title, errors[title].to_dicts()[0]) for title in errors]
        of_guesses = [
            {
                **guess,
                "log_likelihood": None,
                "aic": None,
                "behind_low": guess["advantage_low"],
                "behind_high": guess["advantage_high"],
            }
            for guess in best.to_dicts()[1:]
        ]
        return [_without(each, "advantage_low", "advantage_high") for each in [*of_models, *of_guesses]]

    def _as_dict(self, title: str, row: Mapping[str, str | float | None]) -> dict[str, str | float | None]:
        model, behind = self.models[title], self.behind.get(title)
        low, high = (None, None) if behind is None else behind
        fit = {"log_likelihood": model.log_likelihood, "aic": model.aic}
        return {**row, **fit, "behind_low": low, "behind_high": high}

    def __repr__(self) -> str:
        return f"<ModelComparison: {', '.join(self.errors)}; {_best_of(self.errors)} errs least>"

    def __str__(self) -> str:
        """A row for each model and each guess, and what they mean."""
        from retention.display._predict import comparison_as_text

        return comparison_as_text(self)


def _best_of(errors: Mapping[str, PredictionErrors]) -> str:
    return min(errors, key=lambda title: errors[title].model.root_mean_squared_error)


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
) -> tuple[list[PurchaseModel], dict[str, str]]:
    """The models that can be fitted, and why the others can't.

    Raises:
        ConvergenceError: None of them can.
        NotIdentifiableError: None of them can.
    """
    models: list[PurchaseModel] = []
    failures: dict[str, ConvergenceError | NotIdentifiableError] = {}
    for kind in kinds:
        try:
            models.append(kind.fit(base))
        except (ConvergenceError, NotIdentifiableError) as error:
            failures[kind._TITLE] = error  # noqa: SLF001 (models and their validation are one house)
    if not models:
        raise next(iter(failures.values()))
    return models, {title: str(error) for title, error in failures.items()}


def compared(
    models: Mapping[str, PurchaseModel],
    errors: Mapping[str, PredictionErrors],
    expected: Mapping[str, Sequence[float]],
    outcomes: Iterable[Outcome[int]],
    *,
    split: date,
    left_out: Mapping[str, str],
) -> ModelComparison:
    """Models side by side, each beside the one that errs least.

    Args:
        models: By name.
        errors: Of each in the hold-out.
        expected: What each expects of a customer, by group.
        outcomes: What became of the customers of each group.
        split: The last day of the calibration.
        left_out: Models that could not be fitted, and why.
    """
    outcomes = list(outcomes)
    one = expected[_best_of(errors)].__getitem__
    behind = {
        title: advantage(outcomes, one, other.__getitem__)
        for title, other in expected.items()
        if title != _best_of(errors)
    }
    return ModelComparison(
        models=OpenMapping(models),
        errors=OpenMapping(errors),
        behind=OpenMapping(behind),
        split=split,
        left_out=OpenMapping(left_out),
    )
