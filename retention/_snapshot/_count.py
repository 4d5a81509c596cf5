"""All figures of one period, or of a series of them, counted in one walk over each kind of record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast

from attrs import evolve

from retention._calendar import Duration
from retention._facts import Counted, Needs, PeriodFacts, facts
from retention._mapping import FrozenMapping, OpenMapping
from retention._snapshot._choice import checked_options, chosen, given_for, settled
from retention._snapshot._fairness import caution, unfair
from retention._snapshot._figures import Against, Figure, Snapshot, missing_records
from retention._snapshot._sources import Asked, Facts, counted, is_told_options, lacking
from retention._watched import Watched
from retention.catalog import MetricSpec, Result
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
from retention.shop import Orders, history_of

if TYPE_CHECKING:
    from retention.predict import RevenueForecast

__all__ = ["beside", "compared_with", "figure_of", "snapshot"]

T = TypeVar("T")


def snapshot(
    orders: Orders,
    /,
    *,
    period: Period | Iterable[Period],
    against: Against | None = "previous",
    metrics: Iterable[str] | None = None,
    options: Mapping[str, Mapping[str, Any]] = FrozenMapping(),
    to_date: bool = False,
    inactive_after: Duration | None = None,
    forecast: RevenueForecast | None = None,
    **reading: Unpack[ReadingOptions],
) -> Snapshot:
    """All figures of a period, or of each of several, counted in one walk over each kind of record.

    Args:
        orders: The orders, a `History` of them, or a `Shop`, which may have records of other kinds, too.
        period: The period, or several, such as ``Period.year(2026, tz="UTC").split("month")``.
        against: What each period is compared with: the ``"previous"`` one, the same one a ``"year_before"``
            (seasons move more than strategies do), or None.
        metrics: Names of metrics; by default all that come down to a figure and can be had of the records alone.
            Those whose records the shop does not have are listed in `Snapshot.missing`.
        options: By metric, keywords that choose among its definitions, or that it must be told, such as
            ``{"recovery_rate": {"within": timedelta(days=14)}}``; such a metric is shown, too. What belongs to
            one period is given by period: ``{"customer_acquisition_cost": {"acquisition_spend": {march: 300}}}``;
            a single amount is that of the only period, and nothing is taken for the one that it is compared with.
        to_date: Of a period that is still running at `as_of`, count the part that has passed, and compare it with
            the equal part of the other: of March, 1 to 12, with 1 to 12 February. See `Period.to_date`.
        inactive_after: Who purchased within this time before the period's start (or end) is in the opening
            (or closing) base, instead of who purchased in the period before (or in the period).
        forecast: What `forecast_revenue` says of the coming periods, to be shown below the figures. No model is fitted behind
            your back: fit it, look whether it is any good, and hand over what it says.
        reading: How to read the orders; see `ReadingOptions`.

    Raises:
        InvalidTypeError: `forecast` is none.
        MixedCurrencyError: It is in another currency than the figures.
        UnknownMetricError: A name in `metrics` is unknown.
        InvalidValueError: There is no period, `against` is no such word, a metric needs a keyword that `options`
            does not give, or a value is out of its domain.
        TypeError: `options` names a keyword that the metric does not have.
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
    keywords = checked_options(options)
    specs = chosen(metrics, keywords)
    wanted = _all_periods(period)
    _check_against(against)
    history = history_of(orders, **reading)
    asked = Asked.of(orders, history, specs=specs, options=keywords, inactive_after=inactive_after)
    missing = _missing(asked)
    asked = evolve(asked, specs=[spec for spec in specs if spec.id not in missing])
    if not asked.specs:
        raise missing_records(missing)
    periods = _to_date(wanted, history.as_of) if to_date else wanted
    asked = evolve(asked, options=settled(keywords, periods))
    compared = {each: compared_with(each, against) for each in periods}
    figures = tuple(_figures(asked, compared))
    currency = _only({figure.currency for figure in figures if figure.currency})
    _check_forecast(forecast, currency)
    return Snapshot(
        periods=periods,
        figures=figures,
        currency=currency,
        against=against,
        to_date=to_date,
        missing=OpenMapping(missing),
        inactive_after=inactive_after,
        as_of=history.as_of,
        forecast=forecast,
    )


def _check_forecast(forecast: object, currency: str | None) -> None:
    if forecast is None:
        return
    from retention.predict.forecast import RevenueForecast  # models cost an import that counting does without

    if not isinstance(forecast, RevenueForecast):
        msg = f"snapshot: forecast must be what forecast_revenue gives, not {type(forecast).__name__} (got {shown(forecast)})"
        raise InvalidTypeError(msg)
    if forecast.currency and currency and forecast.currency != currency:
        msg = (
            f"snapshot: forecast is in {forecast.currency} and the figures are in {currency}; fit spend to orders in "
            f"{currency}"
        )
        raise MixedCurrencyError(msg)


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


def compared_with(period: Period, against: Against | None) -> Period | None:
    """The period that one is compared with; None where there is none."""
    if against is None:
        return None
    try:
        return period.previous() if against == "previous" else period.year_before()
    except InvalidPeriodError:
        return None  # nothing lies before the first year of the calendar


def _missing(asked: Asked) -> dict[str, str]:
    """Metrics that lack something, each with the field that would have it."""
    found = {spec.id: lacking(asked, spec) for spec in asked.specs}
    return {metric: what for metric, what in found.items() if what is not None}


def _only(values: Collection[T]) -> T | None:
    """The one value; None where there is none, or more than one."""
    return next(iter(values)) if len(values) == 1 else None


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


def _figures(asked: Asked, compared: Mapping[Period, Period | None]) -> Iterator[Figure]:
    """The figures of each period, each with the one that it is compared with."""
    pairs = {period: before for period, before in compared.items() if before is not None}
    extra = dict.fromkeys(before for before in pairs.values() if before not in compared)
    conflicts = _conflicts(extra, asked.inactive_after)
    found = counted(asked, [*compared, *extra], pairs, conflicts)
    alone = {
        (spec.id, period): figure_of(spec, facts_of_it, asked.options.get(spec.id, {}), conflicts.get(period))
        for spec in asked.specs
        for period, facts_of_it in found[spec.inputs[0]].items()
    }
    for period, before in compared.items():
        for spec in asked.specs:
            figure = alone[spec.id, period]
            yield figure if before is None else beside(figure, alone[spec.id, before], spec, asked)


def figure_of(
    spec: MetricSpec,
    found: Facts,
    options: Mapping[str, Any],
    conflict: ConflictingArgumentError | None,
) -> Figure:
    """The figure, compared with nothing yet."""
    currency = _only(found.money.currencies if isinstance(found, PeriodFacts) else found.currencies)
    result = _read(spec, found, options, conflict)
    basis = _basis(spec, found, result)
    return Figure(
        metric=spec.id,
        period=found.period,
        result=None if isinstance(result, RetentionError) else result,
        unit=spec.unit.replace("money", currency or "money"),
        currency=currency,
        partial=basis.partial,
        observable=basis.observable,
        undefined_because=basis.undefined_because,
        error=type(result) if isinstance(result, RetentionError) else None,
        records=basis.records,
        left_out=basis.left_out,
        assumed=basis.assumed,
        options=basis.options,
        before=None,
        cross=found.cross.get(spec.id),
    )


def _read(
    spec: MetricSpec, found: Facts, options: Mapping[str, Any], conflict: ConflictingArgumentError | None
) -> Result | RetentionError:
    """The result, or what stands in its way."""
    if conflict is not None and "inactive_after" in (spec.function.__kwdefaults__ or {}):
        return conflict
    try:
        return spec.read(found, **given_for(spec, options, found.period))
    except (UndefinedMetricError, MixedCurrencyError, SurveyScaleError, AsOfRequiredError) as error:
        return error


def _basis(spec: MetricSpec, found: Facts, result: Result | RetentionError) -> Basis:
    """What the result rests on: plain numbers and errors can't carry that themselves."""
    if not isinstance(result, (int, Decimal, RetentionError)):
        return result.basis
    shared = Basis(
        partial=found.partial,
        observable=not isinstance(result, NotObservableError),
        undefined_because=str(result) if isinstance(result, RetentionError) else None,
        left_out=found.left_out,
        assumed=found.assumed,
        records=spec.inputs[0],
    )
    if isinstance(found, Watched):
        return shared
    needs: Needs = ("firsts",) if spec.look_back == "all" else ()
    counts = cast("Counted", spec.counts)  # what order metrics count
    return evolve(shared, left_out=found.left_out_of(counts), assumed=found.assumed_for(needs))


def beside(figure: Figure, before: Figure, spec: MetricSpec, asked: Asked) -> Figure:
    """The figure with the one that it is compared with, and what would make that unfair."""
    why = unfair(figure, before, spec, asked.history)
    if why is None and asked.options.get(spec.id) and not is_told_options(spec):
        why = "what the customers in both periods did is known for the usual definition only"
    return evolve(
        figure, before=before, unfair_because=why, caution=caution(figure, before, spec, asked.history)
    )
