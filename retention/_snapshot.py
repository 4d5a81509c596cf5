"""All figures of one period, or of a series of them, each beside the one that it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias, Unpack

from attrs import evolve, field, frozen

from retention._calendar import Duration
from retention._facts import PeriodFacts, facts
from retention._mapping import FrozenMapping
from retention.catalog import METRICS, MetricSpec, Result
from retention.errors import (
    ConflictingArgumentError,
    InvalidPeriodError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    NotObservableError,
    RetentionError,
    UndefinedMetricError,
    UnknownMetricError,
    did_you_mean,
    shown,
)
from retention.history import History, ReadingOptions
from retention.periods import Period
from retention.results import (
    Basis,
    CustomerFlow,
    Distribution,
    Interval,
    LorenzCurve,
    Mean,
    Ratio,
    Score,
    as_text,
)
from retention.shop import Orders, history_of

__all__ = ["Figure", "Snapshot", "snapshot"]

Against: TypeAlias = Literal["previous", "year_before"]
State: TypeAlias = Literal["defined", "undefined", "not observable", "refused"]

_NOT_SHOWN = frozenset({"lorenz_curve"})
"""Metrics whose result is a picture rather than a figure."""


@frozen(kw_only=True)
class Figure:
    """One metric in one period, beside the same metric in the period that it is compared with.

    Attributes:
        metric: The metric's name.
        period: The period.
        result: What the metric returned, or None where it had to refuse: see `error`.
        unit: What one unit of it is, such as ``"share of customers"`` or ``"EUR per order"``.
        partial: The period was still running at `as_of`.
        observable: The data reach the period, and the base that the metric needs.
        undefined_because: Why there is no value, or None.
        error: What the metric raised instead of returning a result, or None: `NotObservableError`,
            `MixedCurrencyError` and the like.
        left_out: Orders of the period that it did not count, by reason.
        assumed: What had to be taken for granted.
        options: Name and text of each keyword that changed the definition.
        before: The figure of the period that it is compared with, in all its states, or None when it is
            compared with nothing.

    .. versionadded:: 0.1
    """

    metric: str
    period: Period
    result: Result | None
    unit: str
    partial: bool
    observable: bool
    undefined_because: str | None
    error: type[RetentionError] | None
    left_out: Mapping[str, int] = field(hash=False)
    assumed: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    before: Figure | None

    @property
    def title(self) -> str:
        """The name that people read."""
        return METRICS[self.metric].title

    @property
    def value(self) -> float | Decimal | None:
        """The figure as one number, a median for times and the closing base for a flow; None when there is none."""
        return _value_of(self.result)

    @property
    def state(self) -> State:
        """``"defined"``, ``"undefined"`` (such as 0/0), ``"not observable"`` or ``"refused"``.

        A refused figure could be had with other arguments: two currencies in one sum are the usual cause.
        """
        if not self.observable:
            return "not observable"
        if self.error is not None and not issubclass(self.error, UndefinedMetricError):
            return "refused"
        return "undefined" if self.undefined_because else "defined"

    @property
    def previous_period(self) -> Period | None:
        """The period that it is compared with, or None."""
        return None if self.before is None else self.before.period

    @property
    def previous(self) -> Result | None:
        """What the metric returned there, or None."""
        return None if self.before is None else self.before.result

    @property
    def previous_value(self) -> float | Decimal | None:
        """The figure there as one number, or None."""
        return None if self.before is None else self.before.value

    @property
    def previous_because(self) -> str | None:
        """Why there is no value there, or None."""
        return None if self.before is None else self.before.undefined_because

    def interval(self, confidence: float = 0.95) -> Interval | None:
        """The confidence interval, or None where none is known.

        Args:
            confidence: Level between 0 and 1.
        """
        if not isinstance(self.result, (Ratio, Mean)):
            return None
        try:
            return self.result.interval(confidence)
        except UndefinedMetricError:
            return None

    def __str__(self) -> str:
        return "n/a" if self.undefined_because else as_text(self.result)

    def __format__(self, spec: str) -> str:
        return format(self.result, spec) if spec and not self.undefined_because else str(self)

    def explain(self) -> str:
        """The figure in words: what it counted, how sure it is, what it left out."""
        if self.result is not None and not isinstance(self.result, (int, Decimal)):
            return self.result.explain()
        text = f"no value, since {self.undefined_because}" if self.result is None else as_text(self.result)
        if isinstance(self.result, Decimal):
            text = f"{text} {self.unit}"
        basis = Basis(
            partial=self.partial, left_out=self.left_out, assumed=self.assumed, options=self.options
        )
        return " ".join([f"{self.metric} ({self.period.label}): {text}.", *basis.sentences()])


@frozen(kw_only=True, repr=False)
class Snapshot(Mapping[str, Result]):
    """The figures of one period or of several: ``snapshot["customer_retention_rate"]`` is the latest one's result.

    It is a mapping of the metrics' names to what they return for the latest period. Every metric that was
    asked for is in it, also where it has no value. Rates, means and the like are there even then, and know
    why; a plain number or a sum of money without a value raises when it is looked up, in ``values()`` and
    ``items()`` too. `figure`, `series`, `figures` and `to_dicts` never raise for that.

    Attributes:
        periods: The periods, as they were given.
        figures: All figures, period by period.
        currency: The currency of the money in it, or None when there is none or more than one.
        against: What each period is compared with.
        inactive_after: How long after a purchase a customer is in the base, or None for "in the period".
        as_of: When the data were known, if that was said.

    .. versionadded:: 0.1
    """

    periods: tuple[Period, ...]
    figures: tuple[Figure, ...] = field(repr=False)
    currency: str | None
    against: Against | None
    inactive_after: Duration | None
    as_of: datetime | None
    _by_key: Mapping[tuple[str, Period], Figure] = field(init=False, repr=False, eq=False)
    _metrics: tuple[str, ...] = field(init=False, repr=False, eq=False)
    _latest: Period = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        found = {(figure.metric, figure.period): figure for figure in self.figures}
        object.__setattr__(self, "_by_key", FrozenMapping(found))
        object.__setattr__(self, "_metrics", tuple(dict.fromkeys(metric for metric, _ in found)))
        object.__setattr__(self, "_latest", max(self.periods, key=lambda each: each.end))

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics in it, in the order in which they were asked for; the catalog's, when for all."""
        return self._metrics

    @property
    def assumed(self) -> tuple[str, ...]:
        """What had to be taken for granted, over all figures."""
        return tuple(dict.fromkeys(line for figure in self.figures for line in figure.assumed))

    def figure(self, metric: str, period: Period | None = None) -> Figure:
        """One figure.

        Args:
            metric: The metric's name.
            period: One of the snapshot's periods; by default the latest.

        Raises:
            UnknownMetricError: The metric is not in the snapshot.
            InvalidPeriodError: The period is not in it.
        """
        try:
            return self._by_key[metric, self._latest if period is None else period]
        except (KeyError, TypeError):  # what can't be hashed is no key either
            raise self._missing(metric, period) from None

    def _missing(self, metric: object, period: object) -> UnknownMetricError | InvalidPeriodError:
        if metric not in self:
            return _unknown(metric, self._metrics)
        labels = ", ".join(each.label for each in self.periods)
        return InvalidPeriodError(f"the snapshot has no period {shown(period)}; it has {labels}")

    def __getitem__(self, metric: str) -> Result:
        """The latest period's result of a metric.

        Raises:
            UnknownMetricError: The metric is not in the snapshot.
            UndefinedMetricError: A plain number or a sum of money has no value: the message says why.
                (`NotObservableError`, where the data do not reach the period, is one of these.)
            MixedCurrencyError: The figure would add several currencies.
        """
        figure = self.figure(metric)
        if figure.result is None:
            raise_as = figure.error or UndefinedMetricError
            msg = f"{metric} ({figure.period.label}) has no value: {figure.undefined_because}"
            raise raise_as(msg)
        return figure.result

    def __contains__(self, metric: object) -> bool:
        return metric in self._metrics

    def __iter__(self) -> Iterator[str]:
        return iter(self._metrics)

    def __len__(self) -> int:
        return len(self._metrics)

    def series(self, metric: str) -> list[Figure]:
        """One metric through all periods.

        Raises:
            UnknownMetricError: The metric is not in the snapshot.
        """
        return [self.figure(metric, period) for period in self.periods]

    def to_dicts(self) -> list[dict[str, Any]]:
        """One plain dictionary a figure, for JSON or a data frame; the docs describe each key.

        A picture, such as the Lorenz curve, is no figure and is left out.
        """
        return [row for figure in self.figures for row in _rows(figure)]

    def __str__(self) -> str:
        from retention.display import snapshot_table

        return snapshot_table(self)

    def __repr__(self) -> str:
        labels = [period.label for period in self.periods]
        span = labels[0] if len(labels) == 1 else f"{len(labels)} periods, {labels[0]} to {labels[-1]}"
        return f"<Snapshot: {len(self)} metrics, {span}>"


def snapshot(
    orders: Orders,
    /,
    *,
    period: Period | Iterable[Period],
    against: Against | None = "previous",
    metrics: Iterable[str] | None = None,
    inactive_after: Duration | None = None,
    **reading: Unpack[ReadingOptions],
) -> Snapshot:
    """All figures of a period, or of each of several, counted in one walk over the orders.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period, or several, such as ``Period.year(2026, tz="UTC").split("month")``.
        against: What each period is compared with: the ``"previous"`` one, the same one a ``"year_before"``
            (seasons move more than strategies do), or None.
        metrics: Names of metrics; by default all that come down to a figure.
        inactive_after: Who purchased within this time before the period's start (or end) is in the opening
            (or closing) base, instead of who purchased in the period before (or in the period).
        reading: How to read the orders; see `ReadingOptions`.

    Raises:
        UnknownMetricError: A name in `metrics` is unknown.
        InvalidValueError: There is no period, `against` is no such word, or a value is out of its domain.
        ConflictingArgumentError: `inactive_after` is shorter than a period, or a keyword contradicts the data.
            (A period that is only compared with may be longer: the figures that can't be had say so.)

    .. versionadded:: 0.1

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"]})
    >>> snap = rt.snapshot(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    >>> snap["customer_retention_rate"]
    Ratio(1, 2)
    >>> snap.figure("order_count").previous_value
    2
    """
    specs = _chosen(metrics)
    periods = _all_periods(period)
    compared = {each: _compared(each, against) for each in periods}
    extra = dict.fromkeys(each for each in compared.values() if each is not None and each not in compared)
    conflicts = _conflicts(extra, inactive_after)
    history = history_of(orders, **reading)
    recency = any(spec.id == "recency_days" for spec in specs)
    fitting = [*periods, *(each for each in extra if each not in conflicts)]
    counted = [
        *facts(history, fitting, inactive_after=inactive_after, recency=recency),
        *facts(history, conflicts, recency=recency),
    ]
    currencies = history.columns.currencies
    currency = currencies[0] if len(currencies) == 1 else None
    found = {
        each.period: [_figure(spec, each, currency, conflicts.get(each.period)) for spec in specs]
        for each in counted
    }
    return Snapshot(
        periods=periods,
        figures=tuple(
            figure
            for each, before in compared.items()
            for figure in _beside(found[each], None if before is None else found[before])
        ),
        currency=currency,
        against=against,
        inactive_after=inactive_after,
        as_of=history.as_of,
    )


def _chosen(metrics: Iterable[str] | None) -> list[MetricSpec]:
    if metrics is None:
        return [spec for spec in METRICS.values() if spec.id not in _NOT_SHOWN]
    if isinstance(metrics, str) or not isinstance(metrics, Iterable):
        msg = f'metrics must be an iterable of names such as ["order_count"] (got {shown(metrics)})'
        raise InvalidTypeError(msg)
    names = list(metrics)
    for name in names:
        if not isinstance(name, str) or name not in METRICS:
            raise _unknown(name, METRICS)
    if not names:
        msg = "metrics must hold at least one name (got none); leave it out for all"
        raise InvalidValueError(msg)
    return [METRICS[name] for name in dict.fromkeys(names)]


def _unknown(metric: object, known: Iterable[str]) -> UnknownMetricError:
    names = list(known)
    hint = did_you_mean(metric, names).strip() or f"there are {', '.join(names)}"
    return UnknownMetricError(f"no metric {shown(metric)} here; {hint}")


def _all_periods(period: Period | Iterable[Period]) -> tuple[Period, ...]:
    if isinstance(period, Period):
        return (period,)
    if isinstance(period, str) or not isinstance(period, Iterable):
        msg = f"period must be a Period, or an iterable of them (got {shown(period)}); make one with Period.month(...)"
        raise InvalidTypeError(msg)
    periods = tuple(period)
    for position, each in enumerate(periods):
        if not isinstance(each, Period):
            msg = f"period[{position}] must be a Period, not {type(each).__name__} (got {shown(each)})"
            raise InvalidTypeError(msg)
    if not periods:
        msg = "period must hold at least one Period (got none)"
        raise InvalidValueError(msg)
    return tuple(dict.fromkeys(periods))


def _compared(period: Period, against: Against | None) -> Period | None:
    if against not in ("previous", "year_before", None):
        msg = f"against must be 'previous', 'year_before' or None (got {shown(against)})"
        raise InvalidValueError(msg)
    if against is None:
        return None
    try:
        return period.previous() if against == "previous" else period.year_before()
    except InvalidPeriodError:
        return None  # nothing lies before the first year of the calendar


def _conflicts(
    periods: Iterable[Period], inactive_after: Duration | None
) -> dict[Period, ConflictingArgumentError]:
    """Those of the periods compared with that `inactive_after` does not suit, each with what is wrong.

    Nobody asked for these periods, so that they are no reason to refuse those that were asked for.
    """
    found: dict[Period, ConflictingArgumentError] = {}
    if inactive_after is None:
        return found
    nothing = History(())
    for period in periods:
        try:
            facts(nothing, (period,), inactive_after=inactive_after)
        except ConflictingArgumentError as error:
            found[period] = error
    return found


def _figure(
    spec: MetricSpec, found: PeriodFacts, currency: str | None, conflict: ConflictingArgumentError | None
) -> Figure:
    """The figure, compared with nothing yet."""
    result = _read(spec, found, conflict)
    basis = _basis(spec, found, result)
    return Figure(
        metric=spec.id,
        period=found.period,
        result=None if isinstance(result, RetentionError) else result,
        unit=spec.unit.replace("money", currency or "money"),
        partial=basis.partial,
        observable=basis.observable,
        undefined_because=basis.undefined_because,
        error=type(result) if isinstance(result, RetentionError) else None,
        left_out=basis.left_out,
        assumed=basis.assumed,
        options=basis.options,
        before=None,
    )


def _read(
    spec: MetricSpec, found: PeriodFacts, conflict: ConflictingArgumentError | None
) -> Result | RetentionError:
    """The result, or what stands in its way."""
    if conflict is not None and "inactive_after" in (spec.function.__kwdefaults__ or {}):
        return conflict
    try:
        return spec.read(found)
    except (UndefinedMetricError, MixedCurrencyError) as error:
        return error


def _basis(spec: MetricSpec, found: PeriodFacts, result: Result | RetentionError) -> Basis:
    """What the result rests on: plain numbers and errors can't carry that themselves."""
    if not isinstance(result, (int, Decimal, RetentionError)):
        return result.basis
    return Basis(
        partial=found.partial,
        observable=not isinstance(result, NotObservableError),
        undefined_because=str(result) if isinstance(result, RetentionError) else None,
        left_out=found.left_out_of(spec.counts),
        assumed=found.assumed_for(("firsts",) if spec.look_back == "all" else ()),
    )


def _beside(figures: list[Figure], before: list[Figure] | None) -> list[Figure]:
    """The figures, each with the one that it is compared with."""
    if before is None:
        return figures
    return [evolve(figure, before=other) for figure, other in zip(figures, before, strict=True)]


# ------------------------------------------------------------------------------- results as numbers


def _value_of(result: Result | None) -> float | Decimal | None:
    if result is None or isinstance(result, (int, Decimal)):
        return result
    if isinstance(result, CustomerFlow):
        return result.end if result.observable else None
    return None if isinstance(result, LorenzCurve) else result.value


def _rows(figure: Figure) -> Iterator[dict[str, Any]]:
    if isinstance(figure.result, LorenzCurve):
        return
    if not isinstance(figure.result, CustomerFlow):
        yield _row(figure, figure.metric, figure.value, figure.previous_value)
        return
    for part in ("start", "new", "kept", "lost", "reactivated", "end"):
        value, before = (_part(flow, part) for flow in (figure.result, figure.previous))
        yield _row(figure, f"{figure.metric}.{part}", value, before)


def _part(flow: Result | None, name: str) -> int | None:
    return getattr(flow, name) if isinstance(flow, CustomerFlow) and flow.observable else None


def _row(
    figure: Figure, metric: str, value: float | Decimal | None, previous: float | Decimal | None
) -> dict[str, Any]:
    interval = figure.interval()
    top, bottom = _parts(figure)
    before = figure.before
    return {
        "metric": metric,
        "title": figure.title,
        "period": figure.period.label,
        "period_start": figure.period.start.isoformat(),
        "period_end": figure.period.end.isoformat(),
        "value": _plain(value),
        "low": interval and interval.low,
        "high": interval and interval.high,
        "numerator": _plain(top),
        "denominator": _plain(bottom),
        "exact": _exact(value, top, bottom),
        "unit": figure.unit,
        "state": figure.state,
        "because": figure.undefined_because,
        "partial": figure.partial,
        "previous_period": before and before.period.label,
        "previous_value": _plain(previous),
        "previous_state": before and before.state,
        "previous_because": before and before.undefined_because,
        "previous_partial": before and before.partial,
        "left_out": dict(figure.left_out),
        "assumed": list(figure.assumed),
        "options": dict(figure.options),
    }


def _parts(figure: Figure) -> tuple[int | Decimal | None, int | Decimal | None]:
    """What was divided by what; what is not observable has not been counted, so that 0 would be wrong."""
    result = figure.result
    if not figure.observable:
        return None, None
    if isinstance(result, Ratio):
        return result.numerator, result.denominator
    if isinstance(result, Mean):
        return result.total, result.count
    return None, result.count if isinstance(result, (Score, Distribution)) else None


def _plain(value: float | Decimal | None) -> float | None:
    """A number that JSON and data frames take as it is."""
    return float(value) if isinstance(value, Decimal) else value


def _exact(
    value: float | Decimal | None, top: int | Decimal | None, bottom: int | Decimal | None
) -> str | None:
    """The figure as text, with nothing lost to floats; None where it is a float from the start, or has no value."""
    if value is not None and top is not None and bottom is not None:
        return f"{_digits(top)}/{_digits(bottom)}"
    return _digits(value) if isinstance(value, (int, Decimal)) else None


def _digits(number: int | Decimal) -> str:
    return f"{number:f}" if isinstance(number, Decimal) else str(number)
