"""All figures of one period, or of a series of them, counted in one walk over each kind of record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias, Unpack

from attrs import evolve, frozen

from retention._calendar import Duration
from retention._facts import Needs, PeriodFacts, facts
from retention._mapping import FrozenMapping
from retention._snapshot._fairness import caution, unfair
from retention._snapshot._figures import Against, Figure, Snapshot, missing_records, unknown_metric
from retention._survey_facts import SurveyFacts, survey_facts
from retention.catalog import METRICS, MetricSpec, Result
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidPeriodError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    NotObservableError,
    RetentionError,
    SurveyScaleError,
    UndefinedMetricError,
    shown,
)
from retention.history import History, ReadingOptions
from retention.periods import Period
from retention.results import Basis
from retention.shop import Orders, Shop, history_of

__all__ = ["snapshot"]

_NOT_SHOWN = frozenset({"lorenz_curve", "answer_share"})
"""Metrics whose result is a picture or a table rather than a figure."""

_OF_ANY_KIND = frozenset({"answer_share"})
"""Metrics that have to be told the kind of question."""


def snapshot(
    orders: Orders,
    /,
    *,
    period: Period | Iterable[Period],
    against: Against | None = "previous",
    metrics: Iterable[str] | None = None,
    to_date: bool = False,
    inactive_after: Duration | None = None,
    **reading: Unpack[ReadingOptions],
) -> Snapshot:
    """All figures of a period, or of each of several, counted in one walk over each kind of record.

    Args:
        orders: The orders, a `History` of them, or a `Shop`, which may have survey responses, too.
        period: The period, or several, such as ``Period.year(2026, tz="UTC").split("month")``.
        against: What each period is compared with: the ``"previous"`` one, the same one a ``"year_before"``
            (seasons move more than strategies do), or None.
        metrics: Names of metrics; by default all that come down to a figure. Those whose records the shop does
            not have are listed in `Snapshot.missing`.
        to_date: Of a period that is still running at `as_of`, count the part that has passed, and compare it with
            the equal part of the other: of March, 1 to 12, with 1 to 12 February. See `Period.to_date`.
        inactive_after: Who purchased within this time before the period's start (or end) is in the opening
            (or closing) base, instead of who purchased in the period before (or in the period).
        reading: How to read the orders; see `ReadingOptions`.

    Raises:
        UnknownMetricError: A name in `metrics` is unknown.
        InvalidValueError: There is no period, `against` is no such word, a metric is about a kind of question that
            it must be told, or a value is out of its domain.
        AsOfRequiredError: `to_date` is set, and nobody said when the data were known.
        MissingRecordsError: The shop has no records for any of `metrics`.
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
    wanted = _all_periods(period)
    _check_against(against)
    history = history_of(orders, **reading)
    missing = {spec.id: spec.inputs[0] for spec in specs if not _has_records(orders, history, spec)}
    specs = [spec for spec in specs if spec.id not in missing]
    if not specs:
        raise missing_records(missing)
    periods = _to_date(wanted, history.as_of) if to_date else wanted
    asked = _Asked(orders=orders, history=history, specs=specs, inactive_after=inactive_after)
    compared = {each: _compared(each, against) for each in periods}
    currencies = history.columns.currencies
    return Snapshot(
        periods=periods,
        figures=tuple(_figures(asked, compared)),
        currency=currencies[0] if len(currencies) == 1 else None,
        against=against,
        to_date=to_date,
        missing=FrozenMapping(missing),
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
            raise unknown_metric(name, METRICS)
        if name in _OF_ANY_KIND:
            msg = f"metrics can't hold {name}, which is of one kind of question; call {name}(..., kind=...)"
            raise InvalidValueError(msg)
    if not names:
        msg = "metrics must hold at least one name (got none); leave it out for all"
        raise InvalidValueError(msg)
    return [METRICS[name] for name in dict.fromkeys(names)]


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


def _check_against(against: object) -> None:
    if against not in ("previous", "year_before", None):
        msg = f"against must be 'previous', 'year_before' or None (got {shown(against)})"
        raise InvalidValueError(msg)


def _to_date(periods: Iterable[Period], as_of: datetime | None) -> tuple[Period, ...]:
    """The periods, of a running one the part that has passed."""
    if as_of is None:
        msg = "snapshot: to_date=True needs as_of=, the instant at which the data were known"
        raise AsOfRequiredError(msg)
    parts = (each.to_date(as_of) if each.start < as_of else each for each in periods)
    return tuple(dict.fromkeys(parts))


def _compared(period: Period, against: Against | None) -> Period | None:
    if against is None:
        return None
    try:
        return period.previous() if against == "previous" else period.year_before()
    except InvalidPeriodError:
        return None  # nothing lies before the first year of the calendar


# ------------------------------------------------------------------------------------------- records


def _has_records(orders: Orders, history: History, spec: MetricSpec) -> bool:
    """Whether there are records of the kind that a metric reads; orders that were handed over may be none."""
    responses = orders.responses if isinstance(orders, Shop) else ()
    if spec.inputs[0] == "orders":
        return bool(len(history)) or not responses
    return any(response.kind == spec.kind for response in responses)


Facts: TypeAlias = PeriodFacts | SurveyFacts


@frozen(kw_only=True)
class _Asked:
    """What is to be counted, of whatever periods."""

    orders: Orders
    history: History
    specs: Sequence[MetricSpec]
    inactive_after: Duration | None


def _facts(
    asked: _Asked,
    periods: Collection[Period],
    pairs: Mapping[Period, Period],
    unsuited: Collection[Period],
) -> dict[str, dict[Period, Facts]]:
    """By kind of record and period, what the metrics need to know."""
    kinds = {spec.inputs[0] for spec in asked.specs}
    found: dict[str, dict[Period, Facts]] = {}
    if "orders" in kinds:
        counted = facts(
            asked.history,
            periods,
            inactive_after=asked.inactive_after,
            usual_base=unsuited,
            recency=any(spec.id == "recency_days" for spec in asked.specs),
            against=pairs,
        )
        found["orders"] = {each.period: each for each in counted}
    if "responses" in kinds and isinstance(asked.orders, Shop):
        answered = survey_facts(asked.orders, periods, against=pairs)
        found["responses"] = {each.period: each for each in answered}
    return found


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


# ------------------------------------------------------------------------------------------- figures


def _figures(asked: _Asked, compared: Mapping[Period, Period | None]) -> Iterator[Figure]:
    """The figures of each period, each with the one that it is compared with."""
    pairs = {period: before for period, before in compared.items() if before is not None}
    extra = dict.fromkeys(before for before in pairs.values() if before not in compared)
    conflicts = _conflicts(extra, asked.inactive_after)
    found = _facts(asked, [*compared, *extra], pairs, conflicts)
    alone = {
        (spec.id, period): _figure(spec, counted, asked.history.columns.currencies, conflicts.get(period))
        for spec in asked.specs
        for period, counted in found[spec.inputs[0]].items()
    }
    for period, before in compared.items():
        for spec in asked.specs:
            figure = alone[spec.id, period]
            yield figure if before is None else _beside(figure, alone[spec.id, before], spec, asked.history)


def _figure(
    spec: MetricSpec,
    found: Facts,
    currencies: Sequence[str],
    conflict: ConflictingArgumentError | None,
) -> Figure:
    """The figure, compared with nothing yet."""
    currency = currencies[0] if len(currencies) == 1 else "money"
    result = _read(spec, found, conflict)
    basis = _basis(spec, found, result)
    return Figure(
        metric=spec.id,
        period=found.period,
        result=None if isinstance(result, RetentionError) else result,
        unit=spec.unit.replace("money", currency),
        partial=basis.partial,
        observable=basis.observable,
        undefined_because=basis.undefined_because,
        error=type(result) if isinstance(result, RetentionError) else None,
        left_out=basis.left_out,
        assumed=basis.assumed,
        options=basis.options,
        before=None,
        cross=found.cross.get(spec.id),
    )


def _read(
    spec: MetricSpec, found: Facts, conflict: ConflictingArgumentError | None
) -> Result | RetentionError:
    """The result, or what stands in its way."""
    if conflict is not None and "inactive_after" in (spec.function.__kwdefaults__ or {}):
        return conflict
    try:
        return spec.read(found)
    except (UndefinedMetricError, MixedCurrencyError, SurveyScaleError) as error:
        return error


def _basis(spec: MetricSpec, found: Facts, result: Result | RetentionError) -> Basis:
    """What the result rests on: plain numbers and errors can't carry that themselves."""
    if not isinstance(result, (int, Decimal, RetentionError)):
        return result.basis
    shared = Basis(
        partial=found.partial,
        observable=not isinstance(result, NotObservableError),
        undefined_because=str(result) if isinstance(result, RetentionError) else None,
        assumed=found.assumed,
        records=spec.inputs[0],
    )
    if isinstance(found, SurveyFacts) or spec.counts == "responses":
        return shared
    needs: Needs = ("firsts",) if spec.look_back == "all" else ()
    return evolve(shared, left_out=found.left_out_of(spec.counts), assumed=found.assumed_for(needs))


def _beside(figure: Figure, before: Figure, spec: MetricSpec, history: History) -> Figure:
    """The figure with the one that it is compared with, and what would make that unfair."""
    return evolve(
        figure,
        before=before,
        unfair_because=unfair(figure, before, spec, history),
        caution=caution(figure, before, spec, history),
    )
