"""One metric for each group of customers, beside the whole and against all the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from attrs import asdict, evolve, field, frozen

from retention._against_rest import against_rest
from retention._customer_keys import NOT_KNOWN, By, customer_keys
from retention._estimates import Comparable
from retention._horizon import checked_period
from retention._mapping import FrozenMapping
from retention._parts import Records, by_size, checked_shop, has_known, shop_of, split
from retention._pooled_figures import pooled_figure
from retention._snapshot import Figure
from retention._snapshot._choice import checked_options
from retention._snapshot._count import figure_of
from retention._snapshot._figures import missing_records, unknown_metric
from retention._snapshot._rows import FLOWS
from retention._snapshot._sources import Asked, counted, lacking
from retention.catalog import METRICS, MetricSpec, Result
from retention.comparison import Comparison
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    UndefinedMetricError,
    did_you_mean,
    shown,
)
from retention.history import History
from retention.periods import Period
from retention.results import Distribution, Mean, Ratio, Score
from retention.results._pooled import total_of
from retention.shop import Shop
from retention.survival import SurvivalCurve

__all__ = ["SegmentRow", "SegmentTable", "by_segment"]

_OWNER = "by_segment"


def by_segment(
    metric: str | Callable[..., Any],
    shop: Shop,
    /,
    *,
    period: Period,
    by: By,
    options: Mapping[str, Any] = FrozenMapping(),
) -> SegmentTable:
    """Any metric for each group of customers, beside the whole, each group against all the others together.

    Each record is read once, in the part of its customer. The whole is pooled from the parts where the catalog calls
    the metric `additive` (sum over sum, never an average of rates), and counted once more elsewhere: a median of
    medians is none.

    Take groups as of the period's start, such as ``lifecycle_table(shop, at=period.start, tz=period.tz).states``. Taken later, the
    figure has chosen its own members.

    Args:
        metric: A metric of the catalog, by its name or the function itself.
        shop: The shop.
        period: The period.
        by: ``"country"``, ``"acquisition_channel"`` or the name of one of the customers' `attributes`; a function of
            the `Customer`; or a mapping of customers' ids to groups.
        options: The metric's keywords, as in ``{"within": timedelta(days=14)}``. What was spent in the period is given
            by group: ``{"acquisition_spend": {"search": 300, "social": 120}}``.

    Returns:
        The table, with a row for each group of which there is a record up to `as_of`. Guests, records of nobody known, and
        customers of whom the group is not known stand under None. It is undefined, not observable or refused group by
        group, and says why.

    Raises:
        UnknownMetricError: There is no such metric.
        InvalidTypeError: `metric` is neither a name nor a function of the catalog, or another argument is of the wrong
            type.
        InvalidValueError: The metric must be told something that `options` does not give, or no customer has such an
            attribute.
        TypeError: `options` names a keyword that the metric does not have.
        MissingRecordsError: The shop has no records for the metric, or none of customers to group by.
        ConflictingArgumentError: `inactive_after` is shorter than the period.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders(
    ...     {"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"], "cleo": ["2026-02-20"]}
    ... )
    >>> countries = {"ann": "DE", "ben": "DE", "cleo": "AT"}
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> table = by_segment("customer_retention_rate", rt.Shop(orders=orders), period=march, by=countries)
    >>> table["DE"], table["AT"], table.whole
    (Ratio(1, 2), Ratio(0, 1), Ratio(1, 3))

    .. versionadded:: 0.1
    """
    spec = _spec(metric)
    checked_shop(shop, owner=_OWNER)
    checked_period(period)
    given, inactive_after = _checked_options(spec, options)
    keys = customer_keys(shop, by, owner=_OWNER)
    counting = _Counting(
        spec=spec,
        shop=shop,
        period=period,
        options=given,
        inactive_after=inactive_after,
        history=_shared(spec, shop),
    )
    parts = counting.parts(keys)
    figures = counting.figures(parts)
    whole = pooled_figure(spec, list(figures.values())) or counting.whole(figures)
    known = {key: figures[key] for key, records in parts.items() if has_known(records, shop.as_of)}
    return SegmentTable(
        metric=spec.id,
        period=period,
        by=by if isinstance(by, str) else "segment",
        rows=tuple(_rows(known, whole, spec)),
        whole_figure=whole,
        as_of=shop.as_of,
    )


# ------------------------------------------------------------------------------------------- arguments


def _spec(metric: object) -> MetricSpec:
    if isinstance(metric, str):
        if metric not in METRICS:
            raise unknown_metric(metric, METRICS)
        return METRICS[metric]
    found = next((spec for spec in METRICS.values() if spec.function is metric), None)
    if found is not None:
        return found
    what = getattr(metric, "__name__", shown(metric)) if callable(metric) else shown(metric)
    msg = f"{_OWNER} takes a metric of the catalog, by its name or the function itself (got {what}); for a function of your own go through shops_by(shop, by=...)"
    raise InvalidTypeError(msg)


def _checked_options(spec: MetricSpec, options: object) -> tuple[dict[str, Any], Any]:
    """The keywords that choose among definitions, and who is in the base."""
    if not isinstance(options, Mapping):
        msg = f'{_OWNER}: options must be a mapping of keywords such as {{"within": timedelta(days=14)}} (got {shown(options)})'
        raise InvalidTypeError(msg)
    given = dict(options)
    takes_base = "inactive_after" in (spec.function.__kwdefaults__ or {})
    inactive_after = given.pop("inactive_after", None) if takes_base else None
    checked_options({spec.id: given})
    due = [name for name in spec.due if name not in given and name not in spec.usual]
    if due:
        msg = f"{_OWNER}: {spec.id} needs {', '.join(f'{name}=' for name in due)}; give it as options={{{due[0]!r}: ...}}"
        raise InvalidValueError(msg)
    for name in spec.per_period:
        if not isinstance(given[name], Mapping):
            msg = f"{_OWNER}: options[{name!r}] must be a mapping of each group to its own amount (got {shown(given[name])}); that of the whole shop is that of no group"
            raise InvalidTypeError(msg)
    return given, inactive_after


# -------------------------------------------------------------------------------------------- counting


def _shared(spec: MetricSpec, shop: Shop) -> History | None:
    """The orders that every part is told, read once; None where each part has its own.

    Baskets and contacts look for the orders of their own customers among all.
    """
    if spec.inputs[0] in _BY_ORDERS:
        return None
    if spec.inputs[0] in _LOOK_AT_ORDERS:
        return shop.history()
    return History((), **asdict(shop.reading, recurse=False))


_BY_ORDERS = frozenset({"orders", "customers"})
_LOOK_AT_ORDERS = frozenset({"checkouts", "interactions"})


@frozen(kw_only=True)
class _Counting:
    """One metric, of whatever part of a shop."""

    spec: MetricSpec
    shop: Shop
    period: Period
    options: Mapping[str, Any]
    inactive_after: Any
    history: History | None

    def parts(self, keys: Mapping[Hashable, Hashable]) -> dict[Hashable, Records]:
        """The records of each group that the metric needs, in an order that is not that of the records."""
        kinds = self.spec.inputs if self.history is None else self.spec.inputs[:1]
        found = split(self.shop, keys, kinds)
        return {key: found[key] for key in sorted(found, key=by_size)}

    def figures(self, parts: Mapping[Hashable, Records]) -> dict[Hashable, Figure]:
        """The figure of each group.

        Raises:
            MissingRecordsError: When no group has what the metric needs.
        """
        asked = {key: self._asked(shop_of(self.shop, records)) for key, records in parts.items()}
        lacks = [lacking(each, self.spec) for each in asked.values() or [self._asked(self.shop)]]
        missing = next(filter(None, lacks), None)
        if missing is not None and all(lacks):
            raise missing_records({self.spec.id: missing})
        return {key: self._figure(each, {key}) for key, each in asked.items()}

    def whole(self, groups: Collection[Hashable]) -> Figure:
        """The figure of all records together, counted once more; what was given for groups that have none counts."""
        given = {key for name in self.spec.per_period for key in self.options[name]}
        return self._figure(self._asked(self.shop), {*groups, *given})

    def _asked(self, shop: Shop) -> Asked:
        return Asked(
            shop=shop,
            history=shop.history() if self.history is None else self.history,
            specs=[self.spec],
            options={self.spec.id: self.options},
            inactive_after=self.inactive_after,
        )

    def _figure(self, asked: Asked, groups: Collection[Hashable]) -> Figure:
        found = counted(asked, [self.period], {}, ())[self.spec.inputs[0]][self.period]
        told: dict[str, Any] = {}
        for name in self.spec.per_period:
            by_group = self.options[name]
            if any(key not in by_group for key in groups):
                return figure_of(_untold(self.spec, name), found, {}, None)
            told[name] = {self.period: _sum([by_group[key] for key in groups])}
        return figure_of(self.spec, found, {**self.options, **told}, None)


def _untold(spec: MetricSpec, name: str) -> MetricSpec:
    """The metric where it was not told what belongs to a group."""

    def refuse(_: object) -> NoReturn:
        msg = f"{name}= of the group was not given"
        raise UndefinedMetricError(msg)

    return evolve(spec, read=refuse, per_period=(), usual={})


def _sum(amounts: Sequence[Any]) -> Any:
    """One amount as it was given, which the metric checks itself; several have been checked group by group."""
    return amounts[0] if len(amounts) == 1 else total_of(amounts)


# ----------------------------------------------------------------------------------------------- rows


def _rows(figures: Mapping[Hashable, Figure], whole: Figure, spec: MetricSpec) -> Iterator[SegmentRow]:
    sizes = _sizes([*figures.values(), whole])
    *own, all_of_it = sizes
    compared = _compared(figures, spec)
    found = [
        SegmentRow(
            segment=key,
            figure=figure,
            size=size,
            share=_share(size, all_of_it),
            comparison=compared[key],
        )
        for (key, figure), size in zip(figures.items(), own, strict=True)
    ]
    return iter(sorted(found, key=lambda row: by_size(row.segment, Fraction(row.size or 0))))


def _sizes(figures: Sequence[Figure]) -> list[int | Decimal | None]:
    """What each figure is out of; None throughout where the numbers behind it are no such thing."""
    if any(isinstance(each.result, (Mean, Ratio)) and each.result.basis.in_words for each in figures):
        return [None] * len(figures)
    return [_size(each) for each in figures]


def _size(figure: Figure) -> int | Decimal | None:
    result = figure.result
    if result is None or not figure.observable:
        return None
    if isinstance(result, Ratio):
        return result.denominator if result.poolable else None
    if isinstance(result, (Mean, Score, Distribution, SurvivalCurve)):
        return result.count
    if isinstance(result, FLOWS):
        return result.end
    return result if isinstance(result, (int, Decimal)) else None


def _share(size: int | Decimal | None, whole: int | Decimal | None) -> float | None:
    if size is None or whole is None or whole <= 0:
        return None
    return float(Fraction(size) / Fraction(whole))


def _compared(figures: Mapping[Hashable, Figure], spec: MetricSpec) -> dict[Hashable, Comparison]:
    """Each against all the others, those that could be had."""
    results = {key: each.result for key, each in figures.items() if isinstance(each.result, Comparable)}
    names = {key: _called(key) for key in results if key is not None}
    tested = against_rest(results, title=spec.title, names=names)
    return {key: tested.get(key) or _incomparable(key, figure, spec) for key, figure in figures.items()}


def _called(key: Hashable) -> str:
    """A group's name in sentences."""
    from retention.display._by_segment import segment_name

    return segment_name(key)


def _incomparable(key: Hashable, figure: Figure, spec: MetricSpec) -> Comparison:
    name = _called(key)
    if figure.state == "defined":
        why = next((why for kind, why in _WHY_NOT if isinstance(figure.result, kind)), _PICTURE)
    else:
        why = f"{name} has no value, since {figure.undefined_because}"
    return Comparison(
        a=None, b=None, labels=(name, "the others"), title=spec.title, is_change=False, undefined_because=why
    )


_WHY_NOT: Sequence[tuple[Any, str]] = (
    ((int, Decimal), "counts and sums of money grow with the group; compare a rate or a mean"),
    (FLOWS, "counts and sums of money grow with the group; compare a rate or a mean"),
    (Distribution, "no median of all the others can be made of theirs"),
    (SurvivalCurve, "curves are compared all at once, by compare_curves"),
)
_PICTURE = "it is a picture, and no single figure"


@frozen(kw_only=True)
class SegmentRow:
    """The figure of one group of customers.

    Attributes:
        segment: The group; None for what belongs to no known one.
        figure: The figure in all its states.
        size: What it is out of: the denominator of a rate, the count behind a mean, a score or a median, and a count
            or a sum of money itself. None where there is no such number.
        share: The size as a part of the whole's, or None.
        comparison: The figure against all the other groups together, judged among as many comparisons as were made.

    .. versionadded:: 0.1
    """

    segment: Hashable
    figure: Figure
    size: int | Decimal | None
    share: float | None
    comparison: Comparison

    @property
    def name(self) -> str:
        """The group as text; "not known" for None."""
        return NOT_KNOWN if self.segment is None else str(self.segment)

    def __str__(self) -> str:
        return f"{_called(self.segment)} {self.figure}"


@frozen(kw_only=True, repr=False)
class SegmentTable:
    """One metric by groups of customers: ``table["DE"]`` is what the metric returns for that group alone.

    Attributes:
        metric: The metric's name.
        period: The period.
        by: What the customers are grouped by, in a word.
        rows: The groups, the largest first, and last what belongs to no known group.
        whole_figure: The figure of all records together, in all its states.
        as_of: When the data were known, if that was said.

    .. versionadded:: 0.1
    """

    metric: str
    period: Period
    by: str
    rows: tuple[SegmentRow, ...] = field(repr=False)
    whole_figure: Figure = field(repr=False)
    as_of: datetime | None = None

    @property
    def title(self) -> str:
        """The metric's name, as people read it."""
        return METRICS[self.metric].title

    @property
    def segments(self) -> tuple[Hashable, ...]:
        """The groups, in the order of the rows."""
        return tuple(row.segment for row in self.rows)

    @property
    def whole(self) -> Result:
        """What the metric returns for all records together.

        Raises:
            UndefinedMetricError: A plain number or a sum of money has no value: the message says why.
            MixedCurrencyError: The figure would add several currencies.
        """
        return _result_of(self.whole_figure, "the whole")

    def __getitem__(self, segment: Hashable) -> Result:
        """What the metric returns for one group.

        Raises:
            InvalidValueError: There is no such group.
            UndefinedMetricError: A plain number or a sum of money has no value: the message says why.
            MixedCurrencyError: The figure would add several currencies.
        """
        row = self.row(segment)
        return _result_of(row.figure, _called(segment))

    def __iter__(self) -> Iterator[SegmentRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, segment: Hashable) -> SegmentRow:
        """The row of one group; it is there also where the group's figure has no value.

        Raises:
            InvalidValueError: There is no such group.
        """
        found = next((row for row in self.rows if row.segment == segment), None)
        if found is None:
            names = [row.segment for row in self.rows]
            close = did_you_mean(segment, names)
            msg = f"no segment {shown(segment)} here; {close or 'there are ' + (', '.join(map(shown, names)) or 'none')}"
            raise InvalidValueError(msg)
        return found

    def compare(self, segment: Hashable) -> Comparison:
        """One group against all the others together: is it different, or is that chance?

        Of many groups one or another stands out by chance: the p-values of all rows are corrected together (Holm), and
        the sentence says so. For two groups, `retention.compare` takes ``table["DE"]`` and ``table["AT"]``.

        Args:
            segment: The group.

        Raises:
            InvalidValueError: There is no such group.
        """
        return self.row(segment).comparison

    def to_dicts(self) -> list[dict[str, Any]]:
        """One flat dictionary a group, for JSON or a data frame."""
        return [_as_dict(row, self.by) for row in self.rows]

    def __str__(self) -> str:
        from retention.display._by_segment import segment_text

        return segment_text(self)

    def __repr__(self) -> str:
        by = self.by if self.by.isidentifier() else shown(self.by)
        return f"<SegmentTable: {self.metric} by {by}, {len(self)} groups, {self.period.label}>"

    def explain(self) -> str:
        """The figures in words: the whole, each group, which of them stand out, what was left out and assumed."""
        from retention.display._by_segment import segment_words

        return segment_words(self)


def _result_of(figure: Figure, name: str) -> Result:
    if figure.result is None:
        raise_as = figure.error or UndefinedMetricError
        msg = f"{figure.metric} ({figure.period.label}) of {name} has no value: {figure.undefined_because}"
        raise raise_as(msg)
    return figure.result


def _as_dict(row: SegmentRow, by: str) -> dict[str, Any]:
    figure, found = row.figure, row.comparison
    result = figure.result if figure.observable else None
    interval = figure.interval()
    apart = None if found.untested_because is not None else found.interval()
    return {
        "metric": figure.metric,
        "title": figure.title,
        "period": figure.period.label,
        "by": by,
        "segment": row.segment if row.segment is None or isinstance(row.segment, int) else row.name,
        "value": figure.value,
        "low": interval and interval.low,
        "high": interval and interval.high,
        "numerator": _top(result),
        "denominator": _bottom(result),
        **({name: getattr(result, name) for name in result.parts} if isinstance(result, FLOWS) else {}),
        "size": row.size,
        "share": row.share,
        "unit": figure.unit,
        "state": figure.state,
        "because": figure.undefined_because,
        "partial": figure.partial,
        "left_out": sum(figure.left_out.values()),
        "others": None if found.b is None or isinstance(found.b, (int, Decimal)) else found.b.value,
        "difference": found.difference,
        "difference_low": apart and apart.low,
        "difference_high": apart and apart.high,
        "p_value": found.p_value,
        "adjusted_p_value": found.adjusted_p_value,
        "comparisons": found.comparisons,
        "verdict": found.verdict,
        "untested_because": found.untested_because,
    }


def _top(result: Result | None) -> int | Decimal | None:
    if isinstance(result, Ratio):
        return result.numerator
    return result.total if isinstance(result, Mean) else None


def _bottom(result: Result | None) -> int | Decimal | None:
    if isinstance(result, Ratio):
        return result.denominator
    return result.count if isinstance(result, (Mean, Score, Distribution, SurvivalCurve)) else None
