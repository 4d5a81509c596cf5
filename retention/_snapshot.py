"""All figures of one period, or of a series of them, each beside the one that it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias, Unpack

from attrs import field, frozen

from retention._calendar import Duration
from retention._facts import PeriodFacts, facts
from retention._mapping import FrozenMapping
from retention.catalog import METRICS, MetricSpec, Result
from retention.errors import (
    InvalidPeriodError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    UndefinedMetricError,
    UnknownMetricError,
    did_you_mean,
    shown,
)
from retention.history import ReadingOptions
from retention.periods import Period
from retention.results import Basis, CustomerFlow, Interval, LorenzCurve, Mean, Ratio, as_text
from retention.shop import Orders, history_of

__all__ = ["Figure", "Snapshot", "snapshot"]

Against: TypeAlias = Literal["previous", "year_before"]

_NOT_SHOWN = frozenset({"lorenz_curve"})
"""Metrics whose result is a picture rather than a figure."""


@frozen(kw_only=True)
class Figure:
    """One metric in one period, beside the same metric in the period that it is compared with.

    Attributes:
        metric: The metric's name.
        period: The period.
        result: What the metric returned, or None where it had to refuse: see `undefined_because`.
        previous_period: The period that it is compared with, or None.
        previous: What the metric returned there, or None.
        partial: The period was still running at `as_of`.
        observable: The data reach the period, and the base that the metric needs.
        undefined_because: Why there is no value, or None.
        left_out: Orders of the period that it did not count, by reason.
        assumed: What had to be taken for granted.

    .. versionadded:: 0.1
    """

    metric: str
    period: Period
    result: Result | None
    previous_period: Period | None
    previous: Result | None
    partial: bool
    observable: bool
    undefined_because: str | None
    left_out: Mapping[str, int] = field(hash=False)
    assumed: tuple[str, ...]

    @property
    def title(self) -> str:
        """The name that people read."""
        return METRICS[self.metric].title

    @property
    def value(self) -> float | Decimal | None:
        """The figure as one number, a median for times and the closing base for a flow; None when there is none."""
        return _value_of(self.result)

    @property
    def previous_value(self) -> float | Decimal | None:
        """The same for the period that it is compared with."""
        return _value_of(self.previous)

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

    def explain(self) -> str:
        """The figure in words: what it counted, how sure it is, what it left out."""
        if self.result is not None and not isinstance(self.result, (int, Decimal)):
            return self.result.explain()
        text = f"no value, since {self.undefined_because}" if self.result is None else as_text(self.result)
        basis = Basis(partial=self.partial, left_out=self.left_out, assumed=self.assumed)
        return " ".join([f"{self.metric} ({self.period.label}): {text}.", *basis.sentences()])


@frozen(kw_only=True, repr=False)
class Snapshot:
    """The figures of one period or of several: ``snapshot["customer_retention_rate"]`` is the latest one's result.

    Attributes:
        periods: The periods, as they were given.
        figures: All figures, period by period.
        currency: The currency of the money in it, or None when there is none or more than one.
        against: What each period is compared with.
        as_of: When the data were known, if that was said.

    .. versionadded:: 0.1
    """

    periods: tuple[Period, ...]
    figures: tuple[Figure, ...] = field(repr=False)
    currency: str | None
    against: Against | None
    as_of: datetime | None
    _by_key: Mapping[tuple[str, Period], Figure] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        found = {(figure.metric, figure.period): figure for figure in self.figures}
        object.__setattr__(self, "_by_key", FrozenMapping(found))

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics in it, in the order in which they were asked for; the catalog's, when for all."""
        return tuple(dict.fromkeys(figure.metric for figure in self.figures))

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
        if metric not in self.metrics:
            raise _unknown(metric, self.metrics)
        chosen = max(self.periods, key=lambda each: each.end) if period is None else period
        if chosen not in self.periods:
            labels = ", ".join(each.label for each in self.periods)
            msg = f"the snapshot has no period {shown(period)}; it has {labels}"
            raise InvalidPeriodError(msg)
        return self._by_key[metric, chosen]

    def __getitem__(self, metric: str) -> Result:
        """The latest period's result of a metric.

        Raises:
            UnknownMetricError: The metric is not in the snapshot.
            UndefinedMetricError: A plain number or a sum of money has no value: the message says why.
        """
        figure = self.figure(metric)
        if figure.result is None:
            msg = f"{metric} ({figure.period.label}) has no value: {figure.undefined_because}"
            raise UndefinedMetricError(msg)
        return figure.result

    def series(self, metric: str) -> list[Figure]:
        """One metric through all periods.

        Raises:
            UnknownMetricError: The metric is not in the snapshot.
        """
        return [self.figure(metric, period) for period in self.periods]

    def to_dicts(self) -> list[dict[str, Any]]:
        """One plain dictionary a figure, for JSON or a data frame; the docs describe each key."""
        return [row for figure in self.figures for row in _rows(figure, self.currency)]

    def __str__(self) -> str:
        from retention.display import snapshot_table

        return snapshot_table(self)

    def __repr__(self) -> str:
        labels = [period.label for period in self.periods]
        span = labels[0] if len(labels) == 1 else f"{len(labels)} periods, {labels[0]} to {labels[-1]}"
        return f"<Snapshot: {len(self.metrics)} metrics, {span}>"


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
    history = history_of(orders, **reading)
    needed = dict.fromkeys([*periods, *filter(None, compared.values())])
    recency = any(spec.id == "recency_days" for spec in specs)
    counted = dict(
        zip(needed, facts(history, needed, inactive_after=inactive_after, recency=recency), strict=True)
    )
    results = {each: {spec.id: _read(spec, found) for spec in specs} for each, found in counted.items()}
    figures = (_figure(spec, counted[each], compared[each], results) for each in periods for spec in specs)
    currencies = history.columns.currencies
    return Snapshot(
        periods=periods,
        figures=tuple(figures),
        currency=currencies[0] if len(currencies) == 1 else None,
        against=against,
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


def _read(spec: MetricSpec, found: PeriodFacts) -> Result | str:
    """The result, or why there is none."""
    try:
        return spec.read(found)
    except (UndefinedMetricError, MixedCurrencyError) as error:
        return str(error)


def _figure(
    spec: MetricSpec,
    found: PeriodFacts,
    against: Period | None,
    results: Mapping[Period, Mapping[str, Result | str]],
) -> Figure:
    result = results[found.period][spec.id]
    before = results[against][spec.id] if against is not None else None
    basis = getattr(result, "basis", None)
    return Figure(
        metric=spec.id,
        period=found.period,
        result=None if isinstance(result, str) else result,
        previous_period=against,
        previous=None if isinstance(before, str) else before,
        partial=found.partial if basis is None else basis.partial,
        observable=found.unseen is None if basis is None else basis.observable,
        undefined_because=result if isinstance(result, str) else getattr(basis, "undefined_because", None),
        left_out=found.left_out_of(spec.counts),
        assumed=_assumed(spec, found) if basis is None else basis.assumed,
    )


def _assumed(spec: MetricSpec, found: PeriodFacts) -> tuple[str, ...]:
    """What a plain number takes for granted; other results carry it themselves."""
    return found.assumed + (found.assumed_of_firsts if spec.look_back == "all" else ())


# ------------------------------------------------------------------------------- results as numbers


def _value_of(result: Result | None) -> float | Decimal | None:
    if result is None or isinstance(result, (int, Decimal)):
        return result
    if isinstance(result, CustomerFlow):
        return result.end if result.observable else None
    return None if isinstance(result, LorenzCurve) else result.value


def _rows(figure: Figure, currency: str | None) -> Iterator[dict[str, Any]]:
    if isinstance(figure.result, CustomerFlow):
        for part in ("start", "new", "kept", "lost", "reactivated", "end"):
            value, before = (
                getattr(flow, part) if isinstance(flow, CustomerFlow) and flow.observable else None
                for flow in (figure.result, figure.previous)
            )
            yield _row(figure, f"{figure.metric}.{part}", value, before, currency)
    else:
        yield _row(figure, figure.metric, figure.value, figure.previous_value, currency)


def _row(
    figure: Figure,
    metric: str,
    value: float | Decimal | None,
    before: float | Decimal | None,
    currency: str | None,
) -> dict[str, Any]:
    interval = figure.interval()
    result = figure.result
    return {
        "metric": metric,
        "title": figure.title,
        "period": figure.period.label,
        "period_start": figure.period.start.isoformat(),
        "period_end": figure.period.end.isoformat(),
        "value": _plain(value),
        "low": interval and interval.low,
        "high": interval and interval.high,
        "numerator": _exact(
            result.numerator if isinstance(result, Ratio) else getattr(result, "total", None)
        ),
        "denominator": _exact(
            result.denominator if isinstance(result, Ratio) else getattr(result, "count", None)
        ),
        "unit": METRICS[figure.metric].unit.replace("money", currency or "money"),
        "state": "not observable"
        if not figure.observable
        else "undefined"
        if figure.undefined_because
        else "defined",
        "because": figure.undefined_because,
        "partial": figure.partial,
        "previous_period": figure.previous_period and figure.previous_period.label,
        "previous_value": _plain(before),
        "left_out": dict(figure.left_out),
        "assumed": list(figure.assumed),
    }


def _plain(value: float | Decimal | None) -> float | None:
    """A number that JSON and data frames take as it is."""
    return float(value) if isinstance(value, Decimal) else value


def _exact(value: object) -> str | None:
    return None if value is None else str(value)
