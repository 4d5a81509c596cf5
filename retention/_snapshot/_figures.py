"""What a snapshot consists of: figures, each beside the one that it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from attrs import field, frozen

from retention._calendar import Against, Duration
from retention._mapping import FrozenMapping
from retention._numerics import Cross
from retention._snapshot._family import family
from retention._snapshot._rows import FLOWS, PICTURES, rows
from retention.catalog import METRICS, Result
from retention.comparison import Comparison, Side
from retention.errors import (
    InvalidPeriodError,
    InvalidValueError,
    MissingRecordsError,
    RetentionError,
    UndefinedMetricError,
    UnknownMetricError,
    did_you_mean,
    shown,
)
from retention.periods import Period
from retention.results import (
    Basis,
    Interval,
    Mean,
    Ratio,
    RevenueFlow,
    Score,
    as_text,
)
from retention.results._basis import NOT_OBSERVABLE, UNDEFINED

if TYPE_CHECKING:
    from retention.predict import RevenueForecast

__all__ = ["Against", "Figure", "Snapshot", "State", "missing_records", "unknown_metric"]

State: TypeAlias = Literal["defined", "undefined", "not observable", "refused"]


@frozen(kw_only=True)
class Figure:
    """One metric in one period, beside the same metric in the period that it is compared with.

    Attributes:
        metric: The metric's name.
        period: The period.
        result: What the metric returned, or None where it had to refuse: see `error`.
        unit: What one unit of it is, such as ``"share of customers"`` or ``"EUR per order"``.
        currency: The currency of the money among the records that it reads; None when there is none, or several.
        partial: The period was still running at `as_of`.
        observable: The data reach the period, and the base that the metric needs.
        undefined_because: Why there is no value, or None.
        error: What the metric raised instead of returning a result, or None: `NotObservableError`,
            `MixedCurrencyError` and the like.
        records: The kind of records that it counts, such as ``"orders"`` or ``"customers and orders"``.
        left_out: Those of the period that it did not count, by reason.
        assumed: What had to be taken for granted.
        options: Name and text of each keyword that changed the definition.
        before: The figure of the period that it is compared with, in all its states, or None when it is
            compared with nothing.
        unfair_because: Why the two would not be compared on equal terms, or None. One of the periods was still
            running, the earlier one has been watched for longer, too little is known of the time before it, or the
            question of a survey has changed.
        caution: What else than customers may have made a difference, or None.

    .. versionadded:: 0.1
    """

    metric: str
    period: Period
    result: Result | None
    unit: str
    currency: str | None
    partial: bool
    observable: bool
    undefined_because: str | None
    error: type[RetentionError] | None
    records: str
    left_out: Mapping[str, int] = field(hash=False)
    assumed: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    before: Figure | None
    _cross: Cross | None = field(default=None, alias="cross", eq=False, repr=False)
    unfair_because: str | None = None
    caution: str | None = None

    @property
    def title(self) -> str:
        """The name that people read."""
        return METRICS[self.metric].title

    @property
    def value(self) -> float | Decimal | None:
        """The figure as one number, a median for times, and for a flow what it ends with; None when there is none."""
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
        if not isinstance(self.result, (Ratio, Mean, Score)):
            return None
        try:
            return self.result.interval(confidence)
        except UndefinedMetricError:
            return None

    @property
    def change(self) -> Comparison:
        """The difference from the figure that it is compared with, taken alone.

        `Snapshot.change` says how it stands among all the comparisons of the snapshot.
        """
        before = self.before
        return Comparison(
            a=_side_of(self.result),
            b=None if before is None else _side_of(before.result),
            labels=(self.period.label, "nothing" if before is None else before.period.label),
            title=self.result.headline if isinstance(self.result, FLOWS) else self.title,
            is_change=True,
            unit=self.currency if isinstance(self.result, (Decimal, RevenueFlow)) else None,
            undefined_because=self._incomparable(),
            untested_because=self.unfair_because,
            caution=self.caution,
            cross=self._cross,
        )

    def _incomparable(self) -> str | None:
        if self.before is None:
            return f"there is no period before {self.period.label}, or none was asked for"
        lacking = next((figure for figure in (self, self.before) if figure.state != "defined"), None)
        if lacking is not None:
            return f"{lacking.period.label} has no value, since {lacking.undefined_because}"
        return "it is a picture, and no single figure" if isinstance(self.result, PICTURES) else None

    def __str__(self) -> str:
        if not self.undefined_because:
            return as_text(self.result)
        return UNDEFINED if self.observable else NOT_OBSERVABLE

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
            partial=self.partial,
            left_out=self.left_out,
            assumed=self.assumed,
            options=self.options,
            records=self.records,
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
        periods: The periods, as they were given; with `to_date`, what had passed of those that were still running.
        figures: All figures, period by period.
        currency: The currency of the money in it, or None when there is none or more than one.
        against: What each period is compared with.
        to_date: Of a period that was still running, the part that had passed was counted, and compared with the
            equal part of the other.
        missing: Metrics that could not be counted, each with what they lack: a field of the `Shop` such as
            ``"checkouts"`` or ``"as_of"``, or one of its records such as ``"Order.cost"``.
        inactive_after: How long after a purchase a customer is in the base, or None for "in the period".
        as_of: When the data were known, if that was said.
        forecast: What the customers of today will bring, if a forecast was handed over.

    .. versionadded:: 0.1
    """

    periods: tuple[Period, ...]
    figures: tuple[Figure, ...] = field(repr=False)
    currency: str | None
    against: Against | None
    to_date: bool
    missing: Mapping[str, str] = field(hash=False)
    inactive_after: Duration | None
    as_of: datetime | None
    forecast: RevenueForecast | None = None
    _by_key: Mapping[tuple[str, Period], Figure] = field(init=False, repr=False, eq=False)
    _metrics: tuple[str, ...] = field(init=False, repr=False, eq=False)
    _latest: Period = field(init=False, repr=False, eq=False)
    _family: Mapping[tuple[str, Period], Comparison] | None = field(
        default=None, init=False, repr=False, eq=False
    )

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
            period: One of the snapshot's periods; by default the latest. With `to_date`, a whole period stands
                for the part of it that had passed.

        Raises:
            UnknownMetricError: The metric is not in the snapshot.
            MissingRecordsError: It needs records that the shop does not have.
            InvalidPeriodError: The period is not in it.
        """
        try:
            return self._by_key[metric, self._meant(period)]
        except (KeyError, TypeError):  # what can't be hashed is no key either
            raise self._not_there(metric, period) from None

    def _meant(self, period: Period | None) -> Period:
        if period is None:
            return self._latest
        return next((each for each in self.periods if each.whole == period and self.to_date), period)

    def _not_there(
        self, metric: object, period: object
    ) -> UnknownMetricError | MissingRecordsError | InvalidPeriodError:
        if isinstance(metric, str) and metric in self.missing:
            return missing_records({metric: self.missing[metric]})
        if metric not in self:
            return unknown_metric(metric, [*self._metrics, *self.missing])
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

    def change(self, metric: str, period: Period | None = None) -> Comparison:
        """How a figure moved against the one that it is compared with, and whether that is more than chance.

        Customers who are in both periods are taken into account. Of many figures compared at once, one or
        another moves far by chance alone: the p-values of all comparisons in the snapshot are corrected
        together (Holm), and the sentence says so.

        Args:
            metric: The metric's name.
            period: One of the snapshot's periods; by default the latest.

        Raises:
            UnknownMetricError: The metric is not in the snapshot.
            MissingRecordsError: It needs records that the shop does not have.
            InvalidPeriodError: The period is not in it.
            InvalidValueError: The snapshot was made with ``against=None``.

        >>> import retention as rt
        >>> from retention.testing import make_orders
        >>> orders = make_orders(
        ...     {"ann": ["2026-01-20", "2026-02-10", "2026-03-05"], "ben": ["2026-01-07", "2026-02-11"]}
        ... )
        >>> snap = rt.snapshot(orders, period=rt.Period.month(2026, 3, tz="UTC"))
        >>> print(snap.change("customer_retention_rate"))
        Customer retention rate fell from 100.0% (2026-02) to 50.0% (2026-03), by 50.0 points. That may be chance: the 95 % interval of the change is −90.5 to +27.3 points.
        """
        figure = self.figure(metric, period)
        return self._changes[figure.metric, figure.period]

    def changes(self, period: Period | None = None) -> dict[str, Comparison]:
        """How each figure of a period moved, by metric; see `change`.

        Raises:
            InvalidPeriodError: The period is not in the snapshot.
            InvalidValueError: The snapshot was made with ``against=None``.
        """
        return {metric: self.change(metric, period) for metric in self._metrics}

    @property
    def _changes(self) -> Mapping[tuple[str, Period], Comparison]:
        """All changes, made when the first is asked for: they take longer than the counting."""
        if self.against is None:
            msg = 'the snapshot compares with nothing; make it with against="previous" or "year_before"'
            raise InvalidValueError(msg)
        if self._family is None:
            object.__setattr__(self, "_family", family(self.figures))
        return cast("Mapping[tuple[str, Period], Comparison]", self._family)

    def to_dicts(self) -> list[dict[str, Any]]:
        """One plain dictionary a figure, for JSON or a data frame; the docs describe each key.

        A picture, such as the Lorenz curve, is no figure and is left out.
        """
        changes = {} if self.against is None else self._changes
        return [
            row
            for figure in self.figures
            for row in rows(figure, changes.get((figure.metric, figure.period)))
        ]

    def __str__(self) -> str:
        from retention.display import snapshot_table

        return snapshot_table(self)

    def __repr__(self) -> str:
        labels = [period.label for period in self.periods]
        span = labels[0] if len(labels) == 1 else f"{len(labels)} periods, {labels[0]} to {labels[-1]}"
        return f"<Snapshot: {len(self)} metrics, {span}>"


def _value_of(result: Result | None) -> float | Decimal | None:
    if result is None or isinstance(result, (int, Decimal)):
        return result
    if isinstance(result, FLOWS):
        return result.end if result.observable else None
    return None if isinstance(result, PICTURES) else result.value


def _side_of(result: Result | None) -> Side | None:
    """What of a result is compared: of a flow what it ends with."""
    if isinstance(result, FLOWS):
        return result.end
    return None if isinstance(result, PICTURES) else result


_SHORT = {
    "aov": "average_order_value",
    "arpa": "average_revenue_per_account_value",
    "arpu": "average_revenue_per_account_value",
    "cac": "customer_acquisition_cost",
    "ces": "customer_effort_score",
    "churn": "customer_churn_rate",
    "crr": "customer_retention_rate",
    "clv": "customer_lifetime_value",
    "csat": "customer_satisfaction_score",
    "grr": "gross_revenue_retention_rate",
    "ltv": "customer_lifetime_value",
    "mrr": "monthly_recurring_revenue",
    "nps": "net_promoter_score",
    "nrr": "net_revenue_retention_ratio",
    "orders": "order_count",
    "retention": "customer_retention_rate",
    "revenue": "net_revenue",
    "rpr": "repeat_purchase_rate",
}
"""What people say for short, to tell them the name: a metric has one only."""


def unknown_metric(metric: object, known: Iterable[str]) -> UnknownMetricError:
    """The error for a name that is none, with what was meant."""
    names = list(known)
    meant = _SHORT.get(metric.casefold()) if isinstance(metric, str) else None
    close = f"did you mean {meant!r}?" if meant in names else did_you_mean(metric, names).strip()
    return UnknownMetricError(f"no metric {shown(metric)} here; {close or 'there are ' + ', '.join(names)}")


def missing_records(metrics: Mapping[str, str]) -> MissingRecordsError:
    """The error for metrics that lack something; each with the field that would have it."""
    needs = dict.fromkeys(METRICS[metric].given_as(field) for metric, field in metrics.items())
    which = ", ".join(metrics) if len(metrics) <= _MANY else f"none of {len(metrics)} metrics"
    return MissingRecordsError(f"{which}: not counted, for want of data; give {' or '.join(needs)}")


_MANY = 6
"""So many metrics are named; of more it is said how many."""
