"""Whether to believe a model: it is fitted to what was known on a day, and held against what came after."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import TypeAlias, Unpack

from attrs import field, frozen

from retention._calendar import Zone
from retention._mapping import OpenMapping
from retention.errors import ConflictingArgumentError, InvalidTypeError, InvalidValueError, is_bool, shown
from retention.history import ReadingOptions
from retention.predict._model_comparison import (
    USUAL_KINDS,
    ModelComparison,
    behind_the_least,
    checked_kinds,
    fitted_to,
    share_alive,
)
from retention.predict._prediction_errors import (
    Outcome,
    PredictionError,
    PredictionErrors,
    mean_interval,
    naive_errors,
    prediction_errors,
    purchases,
)
from retention.predict._purchase_days import PurchaseDays, last_day
from retention.predict._purchase_model import PurchaseModel
from retention.predict._repeat_purchases import RepeatPurchases
from retention.predict._time_units import DAYS_IN, TimeUnit
from retention.predict._tracking import FrequencyRow, FrequencyTable, TrackingRow, TrackingTable
from retention.shop import Orders, history_of

__all__ = [
    "Calibration",
    "FrequencyRow",
    "FrequencyTable",
    "ModelComparison",
    "PredictionError",
    "PredictionErrors",
    "TrackingRow",
    "TrackingTable",
    "calibration_split",
]

_OWNER = "calibration_split"
_USUAL_ROWS = 7
_Look: TypeAlias = tuple[int, int]
"""A customer's group, and what was bought lately."""


@frozen(kw_only=True, eq=False, repr=False)
class Calibration:
    """What was known of customers on a day, and what they bought after it.

    Fit a model to `calibration`, and ask `tracking`, `by_frequency` and `errors` how it fares.

    Attributes:
        calibration: The customers acquired by the split, as they were known then.
        until: The last day of the hold-out.
        horizon: How long the hold-out is, in the unit of the calibration.

    .. versionadded:: 0.1
    """

    calibration: RepeatPurchases
    until: date
    horizon: float
    _later: array[int] = field(alias="later")
    _lately: array[int] = field(alias="lately")
    _steps: _Steps = field(alias="steps")

    @property
    def split(self) -> date:
        """The last day of the calibration."""
        return self._steps.day(self._steps.split)

    @property
    def holdout(self) -> Sequence[int]:
        """By customer, in the order of the calibration, the days with a purchase after the split."""
        return memoryview(self._later).toreadonly()

    def tracking(self, model: PurchaseModel, /) -> TrackingTable:
        """Repeat purchases over time, made and expected: whether the model has the course of things right.

        Rows are units of the model's time, counted from the split backwards and forwards, so that the split lies between
        two of them. Customers acquired after the split are not in it.

        Args:
            model: The model, fitted to `calibration`.

        Raises:
            ConflictingArgumentError: It measures time in another unit, or otherwise.
            InvalidTypeError: It is no model of purchases.

        .. versionadded:: 0.1
        """
        self._check(model, "tracking")
        course = _Course(model, self._steps)
        rows: list[TrackingRow] = []
        made = 0
        for start, end in pairwise(self._steps.edges()):
            actual = self._steps.purchases(start, end)
            made += actual
            rows.append(
                TrackingRow(
                    until=self._steps.day(end),
                    in_holdout=end > self._steps.split,
                    actual=actual,
                    expected=max(0.0, course.by(end) - course.by(start)),
                    cumulative_actual=made,
                    cumulative_expected=course.by(end),
                )
            )
        return TrackingTable(
            model=model._TITLE,  # noqa: SLF001 (models and their validation are one house)
            unit=self.calibration.unit,
            split=self.split,
            rows=tuple(rows),
            foreseen=math.fsum(
                expected * count
                for expected, (*_, count) in zip(self._expected(model), self.calibration.groups, strict=True)
            ),
        )

    def by_frequency(self, model: PurchaseModel, /, *, upto: int = _USUAL_ROWS) -> FrequencyTable:
        """Purchases in the hold-out by how often customers had bought before: whether the model tells them apart.

        Args:
            model: The model, fitted to `calibration`.
            upto: Those who had bought again so often, or more often, make the last row.

        Raises:
            ConflictingArgumentError: The model measures time in another unit, or otherwise.
            InvalidTypeError: It is no model of purchases, or `upto` no int.
            InvalidValueError: `upto` is below 1.

        .. versionadded:: 0.1
        """
        self._check(model, "by_frequency")
        if is_bool(upto) or not isinstance(upto, int):
            msg = f"Calibration.by_frequency: upto must be an int, got {shown(upto)}"
            raise InvalidTypeError(msg)
        if upto < 1:
            msg = f"Calibration.by_frequency: upto must be at least 1, got {shown(upto)}; 7 shows 0 to 6, and 7 or more"
            raise InvalidValueError(msg)
        groups = self.calibration.groups
        expected = self._expected(model)
        by: dict[int, Counter[int]] = {}
        hopes: dict[int, list[float]] = {}
        for group, later, count in self._outcomes():
            row = min(groups[group][0], upto)
            by.setdefault(row, Counter())[later] += count
            hopes.setdefault(row, []).append(expected[group] * count)
        return FrequencyTable(
            model=model._TITLE,  # noqa: SLF001 (models and their validation are one house)
            split=self.split,
            until=self.until,
            rows=tuple(
                _frequency_row(row, by[row], math.fsum(hopes[row]), or_more=row == upto) for row in sorted(by)
            ),
        )

    def errors(self, model: PurchaseModel, /) -> PredictionErrors:
        """How far the model is off in the hold-out, customer by customer, beside guesses that need no model.

        Args:
            model: The model, fitted to `calibration`.

        Raises:
            ConflictingArgumentError: The model measures time in another unit, or otherwise.
            InvalidTypeError: It is no model of purchases.
            UndefinedMetricError: There are fewer than two customers.

        .. versionadded:: 0.1
        """
        self._check(model, "errors")
        return self._errors_of(model)

    def naive_errors(self) -> Mapping[str, PredictionError]:
        """How far guesses are off in the hold-out that need no model: what is left where no model can be fitted.

        Returns:
            The errors of the guesses by ``"mean"``, ``"own"`` and ``"last"``, as in `PredictionErrors.naive`.

        Raises:
            UndefinedMetricError: There are fewer than two customers.

        .. versionadded:: 0.1
        """
        return naive_errors(self._looks(), self._guesses(), horizon=self.horizon, unit=self.calibration.unit)

    def compare(self, kinds: Iterable[type[PurchaseModel]] = (), /) -> ModelComparison:
        """Several models fitted to the calibration, and how far each is off in the hold-out, beside the same guesses.

        It answers which model to take, as far as the hold-out can tell: often it can't tell two of them apart.

        Args:
            kinds: Kinds of model, such as ``[BgNbd, ParetoNbd]``; all that suit the calibration unless given: `BgBb`
                where it counts in opportunities, and else `BgNbd`, `MbgNbd` and `ParetoNbd`.

        Returns:
            The fitted models, with their errors. A model that can't be fitted is left out, with the reason; where none can
            be, the guesses are left.

        Raises:
            ConflictingArgumentError: A model measures time otherwise than the calibration.
            InvalidTypeError: Something is no kind of model of purchases, or given twice.
            UndefinedMetricError: There are fewer than two customers.

        .. versionadded:: 0.1
        """
        kinds = self._kinds(kinds)
        naive = self.naive_errors()
        models, left_out = fitted_to(self.calibration, kinds)
        errors = {title: self._errors_of(model) for title, model in models.items()}
        expected = {title: self._expected(model) for title, model in models.items()}
        return ModelComparison(
            models=models,
            errors=OpenMapping(errors),
            naive=naive,
            behind=behind_the_least(errors, expected, self._outcomes()),
            still_there=OpenMapping(
                {title: share_alive(model, self.calibration) for title, model in models.items()}
            ),
            split=self.split,
            customers=len(self.calibration),
            actual=sum(self._later),
            horizon=self.horizon,
            unit=self.calibration.unit,
            left_out=left_out,
        )

    def _kinds(self, kinds: Iterable[type[PurchaseModel]]) -> Sequence[type[PurchaseModel]]:
        found = checked_kinds(kinds, "Calibration.compare") or USUAL_KINDS
        suiting = [kind for kind in found if kind._discrete == self.calibration.discrete]  # noqa: SLF001 (one house)
        if len(suiting) < len(found) and found is not USUAL_KINDS:
            odd = next(kind for kind in found if kind not in suiting)
            counts = _manner(self.calibration.unit, discrete=self.calibration.discrete)
            msg = f"Calibration.compare: the split counts in {counts}, which {odd.__name__} can't take; leave it out, or split with discrete={odd._discrete}"  # noqa: SLF001 (one house)
            raise ConflictingArgumentError(msg)
        return suiting

    def _outcomes(self) -> Sequence[Outcome[int]]:
        """Group, purchases after the split, and how many customers."""
        counts = Counter(zip(self.calibration.group_of, self._later, strict=True))
        return sorted((group, later, count) for (group, later), count in counts.items())

    def _looks(self) -> Sequence[Outcome[_Look]]:
        """The same, with what was bought lately: it tells customers apart who are alike else."""
        outcomes = Counter(zip(self.calibration.group_of, self._lately, self._later, strict=True))
        return sorted(((group, lately), later, count) for (group, lately, later), count in outcomes.items())

    def _guesses(self) -> Mapping[str, Callable[[_Look], float]]:
        groups, horizon = self.calibration.groups, self.horizon
        exposure = math.fsum(age * count for _, _, age, count in groups)
        bought = sum(frequency * count for frequency, _, _, count in groups)
        of_all = bought / exposure * horizon if exposure else 0.0
        # One purchase in the first two days is no rate to go on at for months.
        own = [
            min(frequency / age * horizon, 2 * frequency) if age else 0.0 for frequency, _, age, _ in groups
        ]
        return {"mean": lambda _: of_all, "own": lambda look: own[look[0]], "last": lambda look: look[1]}

    def _errors_of(self, model: PurchaseModel) -> PredictionErrors:
        expected = self._expected(model)
        return prediction_errors(
            self._looks(),
            lambda look: expected[look[0]],
            self._guesses(),
            horizon=self.horizon,
            unit=self.calibration.unit,
            title=model._TITLE,  # noqa: SLF001 (models and their validation are one house)
        )

    def _expected(self, model: PurchaseModel) -> list[float]:
        """By group, what the model expects of a customer in the hold-out."""
        kernel = model._expected_by(self.horizon)  # noqa: SLF001 (models and their validation are one house)
        return [kernel(x, recency, age) for x, recency, age, _ in self.calibration.groups]

    def _check(self, model: object, name: str) -> None:
        owner, base = f"Calibration.{name}", self.calibration
        if not isinstance(model, PurchaseModel):
            msg = f"{owner} takes a model of purchases, such as BgNbd.fit(split.calibration), not {type(model).__name__} (got {shown(model)})"
            raise InvalidTypeError(msg)
        if model.unit != base.unit or model._discrete != base.discrete:  # noqa: SLF001 (one house)
            msg = (
                f"{owner}: the split counts in {_manner(base.unit, discrete=base.discrete)}, and the model in "
                f"{_manner(model.unit, discrete=model._discrete)}; "  # noqa: SLF001 (one house)
                "fit the model to the calibration of this split"
            )
            raise ConflictingArgumentError(msg)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Calibration):
            return NotImplemented
        return self._key() == other._key() and self._by_customer() == other._by_customer()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return self.calibration, self.until, self.horizon, self._steps

    def _by_customer(self) -> dict[Hashable, int]:
        return dict(zip(self.calibration, self._later, strict=True))

    def __repr__(self) -> str:
        customers = "customer" if len(self.calibration) == 1 else "customers"
        return (
            f"<Calibration: {len(self.calibration):,} {customers} known on {self.split.isoformat()}, "
            f"{purchases(sum(self._later))} from then until {self.until.isoformat()}>"
        )


def _manner(unit: TimeUnit, *, discrete: bool) -> str:
    return f"opportunities (a {unit} each)" if discrete else f"{unit}s"


def _frequency_row(frequency: int, later: Counter[int], hope: float, *, or_more: bool) -> FrequencyRow:
    customers = later.total()
    return FrequencyRow(
        frequency=frequency,
        or_more=or_more,
        customers=customers,
        actual=sum(bought * count for bought, count in later.items()) / customers,
        interval=mean_interval(later.items(), "Student's t"),
        expected=hope / customers,
    )


@frozen(kw_only=True)
class _Steps:
    """The days, or units of the calendar, of a split: when customers were acquired, and when they bought again.

    Attributes:
        unit: The unit of time.
        discrete: Whether steps are units, not days.
        split: The last step of the calibration.
        until: The last step of the hold-out.
        acquired: How many customers were acquired in each step, ascending.
        again: How many purchased again in each, ascending.
    """

    unit: TimeUnit
    discrete: bool
    split: int
    until: int
    acquired: tuple[tuple[int, int], ...]
    again: tuple[tuple[int, int], ...]

    @property
    def in_unit(self) -> float:
        """Steps in a unit of time."""
        return 1.0 if self.discrete else DAYS_IN[self.unit]

    def day(self, step: int) -> date:
        """The last day of a step."""
        return last_day(step, self.unit if self.discrete else "day")

    def edges(self) -> Iterator[int]:
        """The last steps of the units of time, from before the first purchase on, the split among them."""
        first = min((step for step, _ in self.acquired), default=self.split)
        back = math.floor((self.split - first) / self.in_unit)
        yield first
        for number in range(-back, math.ceil((self.until - self.split) / self.in_unit)):
            edge = self.split + round(number * self.in_unit)
            if first < edge < self.until:
                yield edge
        yield self.until

    def purchases(self, start: int, end: int) -> int:
        """Repeat purchases after one step up to another."""
        return sum(count for step, count in self.again if start < step <= end)


class _Course:
    """What a model expects of newcomers, added up over all that were acquired by a step."""

    def __init__(self, model: PurchaseModel, steps: _Steps) -> None:
        self._model, self._steps = model, steps
        self._of_one: dict[int, float] = {}
        self._of_all: dict[int, float] = {}

    def by(self, step: int) -> float:
        """Repeat purchases of all from the beginning to the end of a step."""
        if step not in self._of_all:
            self._of_all[step] = math.fsum(
                count * self._newcomer(step - begun) for begun, count in self._steps.acquired if begun < step
            )
        return self._of_all[step]

    def _newcomer(self, elapsed: int) -> float:
        if elapsed not in self._of_one:
            time = elapsed / self._steps.in_unit
            expected = self._model._expected_purchases_of_newcomer(time)  # noqa: SLF001 (one house)
            self._of_one[elapsed] = expected
        return self._of_one[elapsed]


def calibration_split(
    orders: Orders,
    /,
    *,
    split: date | datetime,
    until: date | datetime | None = None,
    unit: TimeUnit = "week",
    tz: Zone | None = None,
    since: date | datetime | None = None,
    discrete: bool = False,
    **reading: Unpack[ReadingOptions],
) -> Calibration:
    """Orders cut in two at a day: what a model is fitted to, and what it is held against.

    A model that was fitted to all that is known looks good on it. Whether it foresees anything shows on what it has not
    seen: so the customers acquired by the split are told as they were known then, and what they bought after it is kept
    for the comparison.

    The first part is read as it was known at the end of the split day: an order that was cancelled or refunded later was a
    purchase then, and the model would have had it. What came after is read as it is known at `as_of`.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        split: The last day of the calibration, or an instant: then the last day that was over at it.
        until: The last day of the hold-out, likewise; None means the data's `as_of`.
        unit: The unit of time, as in `repeat_purchases`.
        tz: The zone by whose days is counted; None for that of the orders' policy.
        since: Take in customers only who first purchased from this day or instant on.
        discrete: Whether each unit of the calendar is one opportunity to buy, as `BgBb` sees it.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The two parts.

    Raises:
        AsOfRequiredError: Neither `until` nor `as_of` is given.
        ConflictingArgumentError: The split does not lie before the end of the hold-out, or not after `observed_from`, or
            keywords contradict each other or the data.
        InvalidTypeError: An argument is of another type.
        InvalidValueError: There is no such unit or zone, or nobody said in which zone days are counted.
        NaiveDatetimeError: An instant has no zone.

    >>> from datetime import date
    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-01-01", "2026-01-15", "2026-02-26"], "ben": ["2026-01-08"]})
    >>> parts = rt.calibration_split(orders, split=date(2026, 2, 5), until=date(2026, 3, 5), tz="UTC")
    >>> parts
    <Calibration: 2 customers known on 2026-02-05, 1 purchase from then until 2026-03-05>
    >>> parts.calibration["ann"].frequency, parts.horizon, list(parts.holdout)
    (1, 4.0, [1, 0])

    .. versionadded:: 0.1
    """
    history = history_of(orders, **reading)
    days = PurchaseDays.of(
        history, unit=unit, tz=tz, until=until, since=since, discrete=discrete, owner=_OWNER
    )
    cut = days.end_of(split, owner=_OWNER, name="split")
    if cut.step >= days.until.step:
        msg = f"{_OWNER}: split must lie before the last day of the hold-out, {days.until.day.isoformat()} (got {shown(split)})"
        raise ConflictingArgumentError(msg)
    then = days.known_at(cut, owner=_OWNER)
    calibration = then.repeat_purchases()
    lately, again = then.again(after=2 * cut.step - days.until.step)
    later, again_later = days.later(cut, calibration)
    steps = _Steps(
        unit=unit,
        discrete=discrete,
        split=cut.step,
        until=days.until.step,
        acquired=_ascending(then.acquired()),
        again=_ascending(again + again_later),
    )
    return Calibration(
        calibration=calibration,
        until=days.until.day,
        horizon=(steps.until - steps.split) / steps.in_unit,
        later=later,
        lately=lately,
        steps=steps,
    )


def _ascending(counts: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(counts.items()))
