"""Published reference figures as data, and a figure of one's own beside them.

A reference figure is a number that somebody once published. It says little without what it applies to, and less
where nobody knows how it was counted: each `Benchmark` says what its guide says, what is known beside that, and what
to mind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Literal, TypeAlias

from attrs import Attribute, field, frozen

from retention._mapping import FrozenMapping
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    UndefinedMetricError,
    did_you_mean,
    shown,
)
from retention.results import Interval, Mean, Ratio, Score

__all__ = ["BENCHMARKS", "Benchmark", "BenchmarkGap", "benchmark", "benchmarks_of"]

Verdict: TypeAlias = Literal["above", "below", "inside", "covers", "unknown"]
"""How a figure lies to a published one; `BenchmarkGap.verdict` says when each is given."""

_GUIDES = {
    "A": "15 e-commerce customer retention strategies",
    "B": "Ecwid, 7 retention strategies",
    "E": "Shopify, retail customer retention",
}


def _text(_: object, attribute: Attribute[str], value: object) -> None:
    if not isinstance(value, str):
        msg = f"Benchmark.{attribute.name} must be a text, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if not value.strip():
        msg = f"Benchmark.{attribute.name} must not be empty (got {shown(value)}); without it nobody knows what the figure means"
        raise InvalidValueError(msg)


def _number(_: object, attribute: Attribute[float], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        msg = f"Benchmark.{attribute.name} must be a number, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if value - value != 0:
        msg = f"Benchmark.{attribute.name} must be finite (got {shown(value)})"
        raise InvalidValueError(msg)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    given: object = names
    if isinstance(given, str) or not isinstance(given, Iterable):
        msg = f'Benchmark.metrics must be names of metrics, such as ("repeat_purchase_rate",) (got {shown(given)})'
        raise InvalidTypeError(msg)
    found = tuple(given)
    if not found or not all(isinstance(name, str) for name in found):
        msg = f'Benchmark.metrics must be names of metrics, such as ("repeat_purchase_rate",) (got {shown(found)})'
        raise InvalidTypeError(msg)
    return found


def _options(options: Mapping[str, str]) -> FrozenMapping[str, str]:
    given: object = options
    if not isinstance(given, Mapping) or not all(
        isinstance(each, str) for pair in given.items() for each in pair
    ):
        msg = f'Benchmark.options must be a mapping of keywords to texts, such as {{"top": "0.2"}} (got {shown(given)})'
        raise InvalidTypeError(msg)
    return FrozenMapping(given)


@frozen(kw_only=True)
class Benchmark:
    """A published reference figure. Make your own for what your trade association or last year's report says.

    Attributes:
        id: Its name: the id of its source, and a word where one source has several.
        title: What it is the figure of.
        metrics: Names of the metrics whose results may be set beside it.
        options: The keywords with which these must have been made, as name and text.
        low: The figure, as a fraction for shares; the lower end where a range was published.
        high: The upper end, or the figure once more.
        unit: What one unit of it is; for means of money the currency.
        applies_to: Whose figure it is, and of what time.
        guide: Who published it.
        published: What was published, in other words.
        readings: What else is known of where the figure is from.
        caution: What to mind when setting one's own figure beside it.

    .. versionadded:: 0.1
    """

    id: str = field(validator=_text)
    title: str = field(validator=_text)
    metrics: tuple[str, ...] = field(converter=_names)
    options: Mapping[str, str] = field(default=FrozenMapping(), converter=_options, hash=False)
    low: float = field(validator=_number)
    high: float = field(validator=_number)
    unit: str = field(validator=_text)
    applies_to: str = field(validator=_text)
    guide: str = field(validator=_text)
    published: str = field(validator=_text)
    readings: tuple[str, ...] = ()
    caution: str = field(validator=_text)

    def __attrs_post_init__(self) -> None:
        if self.low > self.high:
            msg = f"Benchmark.low must not be above Benchmark.high (got {shown(self.low)} and {shown(self.high)}); swap them"
            raise InvalidValueError(msg)

    @property
    def source(self) -> str:
        """The id of its source, such as ``"E15"`` of ``"E15 new"``."""
        return self.id.partition(" ")[0]

    def __str__(self) -> str:
        return f"{self.id}: {self.title}, {_span(self, percent=self.unit.startswith('share'))}"


_NO_TIME = (
    "the guide does not say of which time its figure is: a share kept from year to year is far above one kept from "
    "month to month, so that only figures of years are to be set beside it"
)
_KEPT = ("customer_retention_rate", "published_retention_ratio")

_ALL = (
    Benchmark(
        id="B10",
        title="average retention in e-commerce",
        metrics=_KEPT,
        low=0.38,
        high=0.38,
        unit="share of customers",
        applies_to="e-commerce as a whole",
        guide=_GUIDES["B"],
        published="the average customer retention rate in e-commerce is about 38 %",
        caution=f"{_NO_TIME}; and its formula counts customers who came back after a pause as retained",
    ),
    Benchmark(
        id="B11",
        title="Amazon's retention",
        metrics=_KEPT,
        low=0.9,
        high=0.9,
        unit="share of customers",
        applies_to="Amazon",
        guide=_GUIDES["B"],
        published="Amazon's customer retention rate is close to 90 %",
        readings=(
            (
                "What is known from surveys is how many members of Amazon Prime, a paid subscription, renew: 91 % after the "
                "first year and 96 % after the second (Consumer Intelligence Research Partners, 2016, 2,108 people in the US)"
            ),
        ),
        caution="it is likely to be the renewal of a yearly subscription, which no shop without one can be compared with",
    ),
    Benchmark(
        id="E10",
        title="a good retention rate in retail",
        metrics=_KEPT,
        low=0.7,
        high=0.8,
        unit="share of customers",
        applies_to="retail, depending on the business and its market",
        guide=_GUIDES["E"],
        published="a good retail retention rate is generally 70 to 80 %",
        caution=_NO_TIME,
    ),
    Benchmark(
        id="B14",
        title="what returning customers spend against new ones",
        metrics=("returning_spend_ratio",),
        low=1.67,
        high=1.67,
        unit="money per money",
        applies_to="returning against new customers, of no stated trade or time",
        guide=_GUIDES["B"],
        published="returning customers spend 67 % more than new ones",
        readings=(
            (
                "Bain & Company and Mainspring (2000) found 67 % for online apparel, of the same customers at two times: "
                "their months 31 to 36 against their first six; in groceries it was 23 %"
            ),
        ),
        caution=(
            "the survey behind it follows customers who stayed for three years, while returning_spend_ratio sets two "
            "groups of one period side by side"
        ),
    ),
    Benchmark(
        id="E13",
        title="revenue from existing customers",
        metrics=("existing_customer_revenue_rate",),
        low=0.65,
        high=0.65,
        unit="share of money",
        applies_to="companies of all kinds",
        guide=_GUIDES["E"],
        published="65 % of companies' business comes from existing customers",
        caution="the share grows with the age of a shop, and falls with the length of the period",
    ),
    Benchmark(
        id="E14",
        title="the best fifth of the customers",
        metrics=("revenue_concentration_rate",),
        options={"top": "0.2"},
        low=0.8,
        high=0.8,
        unit="share of money",
        applies_to="sales in general, as a rule of thumb (Pareto)",
        guide=_GUIDES["E"],
        published="80 % of sales come from 20 % of customers",
        caution="it is a rule of thumb; more is not better, since the shop then hangs on fewer customers",
    ),
    Benchmark(
        id="E15 existing",
        title="chance to sell to an existing customer",
        metrics=("conversion_rate",),
        options={"of": "existing"},
        low=0.6,
        high=0.7,
        unit="share of contacts",
        applies_to="existing customers",
        guide=_GUIDES["E"],
        published="the chance to sell to an existing customer is 60 to 70 %",
        caution="nobody says what an approach was: sales talks convert far more often than e-mails",
    ),
    Benchmark(
        id="E15 new",
        title="chance to sell to a new customer",
        metrics=("conversion_rate",),
        options={"of": "new"},
        low=0.2,
        high=0.2,
        unit="share of contacts",
        applies_to="new customers",
        guide=_GUIDES["E"],
        published="the chance to sell to a new customer is about 20 %",
        readings=(
            "The book that the figure is commonly traced to (Marketing Metrics) is quoted with 5 to 20 %",
        ),
        caution="nobody says what an approach was: sales talks convert far more often than e-mails",
    ),
    Benchmark(
        id="E16",
        title="second purchase within 16 days",
        metrics=("second_purchase_rate",),
        options={"within": "16 days", "given": "repeaters"},
        low=0.5,
        high=0.5,
        unit="share of customers",
        applies_to="repeat customers (Salesforce)",
        guide=_GUIDES["E"],
        published="half of the repeat customers make the second purchase within 16 days of the first",
        caution=(
            "it is a share of those who came back, so that the newer the customers, the higher it comes out; take new "
            "customers who have been watched for a year"
        ),
    ),
    Benchmark(
        id="A11 several",
        title="engagement on three channels and more",
        metrics=("engagement_rate",),
        options={"min_channels": "3"},
        low=0.1896,
        high=0.1896,
        unit="share of contacts",
        applies_to="campaigns on three and more channels, sent in 2018",
        guide=_GUIDES["A"],
        published="omnichannel work raises engagement by 18.96 %",
        readings=(
            (
                "Omnisend's report, from which the figure is, gives it as a level: campaigns on three and more channels drew "
                "18.96 %, those on one channel 5.4 %. Only so it can be compared with a rate"
            ),
        ),
        caution=(
            "the report counts campaigns by their channels, and engagement_rate customers by the channels on which they "
            "were reached, who may differ in more than that"
        ),
    ),
    Benchmark(
        id="A11 one",
        title="engagement on one channel",
        metrics=("engagement_rate",),
        options={"max_channels": "1"},
        low=0.054,
        high=0.054,
        unit="share of contacts",
        applies_to="campaigns on one channel, sent in 2018",
        guide=_GUIDES["A"],
        published="nothing of one channel alone: the guide has only the rise of 18.96 %",
        readings=(
            "Omnisend's report, from which that is, sets 5.4 % on one channel against 18.96 % on three and more",
        ),
        caution=(
            "the report counts campaigns by their channels, and engagement_rate customers by the channels on which they "
            "were reached, who may differ in more than that"
        ),
    ),
)

BENCHMARKS: Mapping[str, Benchmark] = FrozenMapping({each.id: each for each in _ALL})
"""The published reference figures, by id."""


def benchmarks_of(metric: str, /) -> tuple[Benchmark, ...]:
    """The published figures that results of a metric may be set beside; none for most.

    Args:
        metric: Name of the metric.

    Raises:
        InvalidTypeError: It is no text.

    >>> [each.id for each in benchmarks_of("customer_retention_rate")]
    ['B10', 'B11', 'E10']

    .. versionadded:: 0.1
    """
    if not isinstance(metric, str):
        msg = f"benchmarks_of takes the name of a metric, not {type(metric).__name__} (got {shown(metric)})"
        raise InvalidTypeError(msg)
    return tuple(each for each in _ALL if metric in each.metrics)


def benchmark(result: Ratio | Mean | Score, /, *, against: str | Benchmark) -> BenchmarkGap:
    """A figure beside a published one: how far apart they are, and whether chance may have put them there.

    The published figure is taken as it stands, without any doubt of its own, which is seldom so. Read what it
    `applies_to` and its `caution` before you draw a conclusion.

    Args:
        result: The figure: a `Ratio`, `Mean` or `Score` that a metric returned, or one made by hand of your counts.
        against: The id of a published figure in `BENCHMARKS`, or a `Benchmark` of your own.

    Raises:
        InvalidTypeError: `result` is no such figure, or `against` neither a text nor a `Benchmark`.
        InvalidValueError: There is no such benchmark, or it is about another metric, or one made with other keywords.
        MixedCurrencyError: They are money of two currencies.

    >>> import retention as rt
    >>> gap = benchmark(rt.Ratio(29, 100), against="B10")
    >>> gap.verdict, f"{gap.gap:+.2f}"
    ('covers', '-0.09')
    >>> print(benchmark(rt.Ratio(290, 1000), against="B10").verdict)
    below

    .. versionadded:: 0.1
    """
    if not isinstance(result, (Ratio, Mean, Score)):
        msg = f"benchmark takes a Ratio, Mean or Score, not {type(result).__name__} (got {shown(result)})"
        raise InvalidTypeError(msg)
    return BenchmarkGap(result=result, benchmark=_found(against))


def _found(against: object) -> Benchmark:
    if isinstance(against, Benchmark):
        return against
    if not isinstance(against, str):
        msg = f'benchmark: against must be an id such as "B10", or a Benchmark, not {type(against).__name__} (got {shown(against)})'
        raise InvalidTypeError(msg)
    if against not in BENCHMARKS:
        hint = did_you_mean(against, BENCHMARKS) or f"there are {', '.join(BENCHMARKS)}; "
        msg = f"benchmark: against must be the id of a benchmark (got {shown(against)}); {hint}BENCHMARKS has them all"
        raise InvalidValueError(msg)
    return BENCHMARKS[against]


@frozen(kw_only=True)
class BenchmarkGap:
    """A figure beside a published one. `print` shows it as a sentence, with what to mind.

    Attributes:
        result: The figure.
        benchmark: The published one.

    .. versionadded:: 0.1
    """

    result: Ratio | Mean | Score
    benchmark: Benchmark

    def __attrs_post_init__(self) -> None:
        _check_metric(self.result, self.benchmark)
        _check_options(self.result, self.benchmark)
        _check_currency(self.result, self.benchmark)

    @property
    def gap(self) -> float | None:
        """How far the figure lies above (or, negative, below) the nearest end of what was published; 0 within it.

        Shares as fractions: −0.03 is 3 points below. None where the figure has no value.
        """
        if self.result.value is None:
            return None
        value = float(self.result)
        nearest = min(max(value, self.benchmark.low), self.benchmark.high)
        return value - nearest

    def interval(self, confidence: float = 0.95) -> Interval | None:
        """The confidence interval of the figure, or None where it has none.

        Args:
            confidence: Level between 0 and 1.
        """
        try:
            return self.result.interval(confidence)
        except UndefinedMetricError:
            return None

    @property
    def verdict(self) -> Verdict:
        """How the figure lies to the published one, by its 95 % interval.

        ``"inside"``: within what was published. ``"covers"``: outside, but the interval reaches it, so that the gap
        may be chance. ``"above"``, ``"below"``: the whole interval lies on that side. ``"unknown"``: the figure has no
        value, or lies outside and has no interval.
        """
        gap, interval = self.gap, self.interval()
        if gap == 0:
            return "inside"
        if gap is None or interval is None:
            return "unknown"
        if interval.low <= self.benchmark.high and interval.high >= self.benchmark.low:
            return "covers"
        return "above" if gap > 0 else "below"

    @property
    def cautions(self) -> tuple[str, ...]:
        """What to mind before drawing a conclusion."""
        return tuple(self._cautions())

    def _cautions(self) -> Iterator[str]:
        yield f"{self.benchmark.id} applies to {self.benchmark.applies_to}"
        yield self.benchmark.caution
        if self.result.basis.partial:
            yield "the time that the figure covers was still running"

    def __str__(self) -> str:
        return f"{self._sentence()} Mind: {'; '.join(self.cautions)}."

    def _sentence(self) -> str:
        name = (self.result.basis.metric or "the figure").replace("_", " ").capitalize()
        of = f" of {self.result.basis.period}" if self.result.basis.period else ""
        published = f"{_span(self.benchmark, percent=_is_share(self.result))} ({self.benchmark.id}, {self.benchmark.title})"
        gap = self.gap
        if gap is None:
            return f"{name}{of} can't be set beside {published}: {self.result.undefined_because}."
        if gap == 0:
            return f"{name}{of} is {self.result!s}, as in {published}."
        side = "above" if gap > 0 else "below"
        return f"{name}{of} is {self.result!s}, {_distance(gap, self.result)} {side} {published}. {self._how_sure()}"

    def _how_sure(self) -> str:
        interval = self.interval()
        if interval is None:
            return "Whether that is more than chance is not known, since the figure has no interval."
        if self.verdict == "covers":
            return f"That may be chance: its 95 % interval, {interval}, reaches so far."
        return f"That is more than chance explains: its 95 % interval is {interval}."

    def explain(self) -> str:
        """The sentence, what was published by whom, and what else is known of it."""
        readings = "".join(f" {reading}." for reading in self.benchmark.readings)
        return f"{self} Published: {self.benchmark.published} ({self.benchmark.guide}).{readings}"


def _check_metric(result: Ratio | Mean | Score, published: Benchmark) -> None:
    metric = result.basis.metric
    if metric is None or metric in published.metrics:
        return
    others = ", ".join(each.id for each in benchmarks_of(metric))
    fix = f"for {metric} there is {others}" if others else f"for {metric} none is known"
    msg = f"benchmark: {published.id} is about {' or '.join(published.metrics)} (got a result of {metric}); {fix}"
    raise InvalidValueError(msg)


def _check_options(result: Ratio | Mean | Score, published: Benchmark) -> None:
    if result.basis.metric is None:
        return
    made = dict(result.basis.options)
    for name, text in published.options.items():
        if not _same(made.get(name), text):
            got = f"{name}={made[name]}" if name in made else f"no {name}"
            msg = f"benchmark: {published.id} is about {result.basis.metric} with {name}={text} (got {got}); make the figure so"
            raise InvalidValueError(msg)


def _same(one: str | None, other: str) -> bool:
    """Whether two texts say the same, as 0.2 and 0.20 do."""
    if one is None or one == other:
        return one == other
    try:
        return Fraction(one) == Fraction(other)
    except (ValueError, ZeroDivisionError):
        return False


def _check_currency(result: Ratio | Mean | Score, published: Benchmark) -> None:
    if isinstance(result, Mean) and result.unit and result.unit != published.unit:
        msg = f"benchmark can't set {result.unit} beside {published.unit}, the unit of {published.id}; make the figure with convert= and currency="
        raise MixedCurrencyError(msg)


def _is_share(result: Ratio | Mean | Score) -> bool:
    return isinstance(result, Ratio) and result.bounded


def _span(published: Benchmark, *, percent: bool) -> str:
    """What was published, with as many digits as were."""
    ends = dict.fromkeys((published.low, published.high))
    return " to ".join(f"{end * 100:.6g}%" if percent else f"{end:.6g}" for end in ends)


def _distance(gap: float, result: Ratio | Mean | Score) -> str:
    size = abs(gap)
    if _is_share(result):
        return f"{size * 100:.1f} points"
    if isinstance(result, Mean):
        return f"{size:,.2f}" + (f" {result.unit}" if result.unit else "")
    return f"{size:.3f}" if isinstance(result, Ratio) else f"{size:.1f} points"
