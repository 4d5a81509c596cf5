"""What makes a rule no good: names that nobody knows, thresholds that are never passed or always are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from inspect import signature
from itertools import combinations
from typing import TYPE_CHECKING, get_type_hints

from retention._calendar import Duration, as_words
from retention.benchmarks import Benchmark, BenchmarkGap
from retention.catalog import METRICS, MetricSpec
from retention.errors import InvalidValueError, did_you_mean, shown
from retention.results import Basis, CustomerFlow, Distribution, Mean, Ratio, RevenueFlow, Score
from retention.strategies._audiences import AUDIENCES
from retention.strategies._catalog import STRATEGIES
from retention.strategies._requirements import OUTLOOK, is_requirement, requirements
from retention.strategies._rule_book import twice
from retention.strategies._signals import SIGNALS

if TYPE_CHECKING:
    from retention.strategies._conditions import Condition
    from retention.strategies._model import Strategy
    from retention.strategies._rules import Rule, RuleSet

__all__ = ["faults_of", "instead_of_figure", "what_is_called"]

_FIGURES = frozenset({int, Decimal, Ratio, Mean, Score, Distribution, CustomerFlow, RevenueFlow})
"""What comes down to one number."""

_SUMS_OF_MONEY = frozenset({Decimal, RevenueFlow})

_WITH_INTERVAL = frozenset({Ratio, Mean, Score})


def faults_of(rules: RuleSet) -> Iterator[str]:
    """All that is wrong with a set of rules, each in a sentence that names the rule."""
    name = twice(rules.rules)
    if name is not None:
        yield f"RuleSet.rules: two rules have the id {shown(name)}; give each one of its own"
    for taken in rules.figures:
        what = what_is_called(taken)
        if what is not None:
            yield f"RuleSet.figures: there is {what} {shown(taken)} already; {instead_of_figure(taken)}"
    for strategy in rules.strategies.values():
        if STRATEGIES.get(strategy.id) != strategy:
            for fault in _faults_of_strategy(strategy, rules):
                yield f"strategy {shown(strategy.id)}: {fault}"
    for rule in rules.rules:
        for fault in _faults_of_rule(rule, rules):
            yield f"rule {shown(rule.id)}: {fault}"


def what_is_called(name: str) -> str | None:
    """What of the library's has a name, so that no figure of a host's may; None where nothing does."""
    return "a metric" if name in METRICS else "a signal" if name in SIGNALS else None


def instead_of_figure(name: str) -> str:
    """What to do where a figure is given by the name of a metric or a signal, which are counted here."""
    signal = SIGNALS.get(name)
    needs_outlook = signal is not None and OUTLOOK in signal.needs
    given = (
        "give outlook=, of which it is made" if needs_outlook else "leave it out, since it is counted here"
    )
    return f"{given}, or give a figure of your own another name"


def _faults_of_strategy(strategy: Strategy, rules: RuleSet) -> Iterator[str]:
    """Names in a strategy of the host's that name nothing."""
    others = {*rules.strategies, *STRATEGIES}
    for name in strategy.moves:
        yield from _unknown("Strategy.moves", "metric", name, _known_figures(rules))
    for field in ("overlaps", "contradicts"):
        for name in getattr(strategy, field):
            yield from _unknown(f"Strategy.{field}", "strategy", name, sorted(others))


def _faults_of_rule(rule: Rule, rules: RuleSet) -> Iterator[str]:
    yield from _unknown("Rule.strategy", "strategy", rule.strategy, rules.strategies)
    if rule.audience is not None:
        yield from _unknown("Rule.audience", "audience", rule.audience, AUDIENCES)
    for word in rule.requires:
        if not is_requirement(word):
            yield (
                f"Rule.requires knows no {shown(word)}; {did_you_mean(word, requirements())}it takes fields of a "
                'Shop such as "checkouts", of its records such as "Order.discount", "as_of", "observed_from", "a year" or "full prices"'
            )
    if rule.watch is not None:
        yield from _unknown("Rule.watch", "metric", rule.watch, _known_figures(rules))
    for condition in rule.conditions:
        yield from _faults_of_condition(condition, rules)
    for one, other in combinations(rule.conditions, 2):
        if _exclude_each_other(one, other):
            yield f"Rule.conditions: {str(one)!r} and {str(other)!r} never hold at once"


def _exclude_each_other(one: Condition, other: Condition) -> bool:
    """Whether a figure would have to lie above one threshold and below another that is no higher, or rise and fall."""
    if (one.metric, one.options) != (other.metric, other.options):
        return False
    if None not in (one.change, other.change):
        return one.change != other.change and one.against == other.against
    above, below = (one, other) if one.above is not None else (other, one)
    return above.above is not None and below.below is not None and _reaches(above.threshold, below.threshold)


def _unknown(where: str, what: str, name: str, known: Iterable[str]) -> Iterator[str]:
    names = list(known)
    if name not in names:
        yield f"{where}: there is no {what} {shown(name)}; {did_you_mean(name, names) or _some(names)}".rstrip(
            "; "
        )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"there are {', '.join(names[:_SHOWN])}{more}" if names else "there is none"


_SHOWN = 8
"""So many names a message lists."""


def _known_figures(rules: RuleSet) -> list[str]:
    return [*rules.figures, *METRICS, *SIGNALS]


def _faults_of_condition(condition: Condition, rules: RuleSet) -> Iterator[str]:
    name = condition.metric
    if name in rules.figures:
        yield from _faults_of_level_only(condition, "a figure of your own")
        return
    signal = SIGNALS.get(name)
    if signal is not None:
        yield from _faults_of_level_only(condition, "a signal")
        yield from _faults_of_threshold(condition, signal.low, signal.high)
        return
    if name not in METRICS:
        for fault in _unknown("Condition.metric", "metric", name, _known_figures(rules)):
            end = "" if fault.endswith("?") else ";"
            yield f"{fault}{end} name a figure of your own with figures=, or with_figures({shown(name)}) beforehand"
        return
    yield from _faults_of_metric(condition, METRICS[name])


def _faults_of_level_only(condition: Condition, what: str) -> Iterator[str]:
    """Of what is no metric: nothing of it is known but the figure itself."""
    if condition.options:
        yield f"Condition.options: {condition.metric} is {what} and takes no keyword (got {', '.join(condition.options)})"
    if condition.change is not None:
        yield (
            f"Condition.change: {condition.metric} is {what}, of which no earlier figure is known "
            f"(got {shown(condition.change)}); give above= or below="
        )


def _faults_of_metric(condition: Condition, spec: MetricSpec) -> Iterator[str]:
    kind = get_type_hints(spec.read)["return"]
    if kind not in _FIGURES:
        yield f"Condition.metric: {spec.id} is a picture or a table, and no single figure that a condition could be about"
        return
    yield from _faults_of_options(condition, spec)
    if kind in _SUMS_OF_MONEY and condition.at_least:
        yield (
            f"Condition.at_least: {spec.id} is a sum of money, of which nobody knows how many stand behind it "
            f"(got {condition.at_least}); give 0, and a second Condition on a count, such as "
            f'Condition("order_count", above={condition.at_least})'
        )
    if condition.change is None:
        yield from _faults_of_threshold(condition, spec.low, spec.high)
    else:
        yield from _faults_of_change(condition, spec, kind)


def _faults_of_options(condition: Condition, spec: MetricSpec) -> Iterator[str]:
    wrong = [name for name in condition.options if name not in spec.options]
    for name in wrong:
        there = f"it takes {', '.join(spec.options)}" if spec.options else "it takes none"
        yield f"Condition.options: {spec.id} has no keyword {name}; {did_you_mean(name, spec.options)}{there}"
    published = condition.benchmark
    if published is not None and not wrong:
        yield from _faults_of_benchmark(condition, published, spec)


def _faults_of_benchmark(condition: Condition, published: Benchmark, spec: MetricSpec) -> Iterator[str]:
    """Keywords other than those with which the published figure was made: asked of a figure of nothing, made so."""
    parameters = signature(spec.read).parameters
    made = {name: parameters[name].default for name in spec.options} | {**spec.usual, **condition.options}
    texts = tuple(
        (name, as_words(value) if isinstance(value, Duration) else str(value))
        for name, value in made.items()
        if value is not None
    )
    try:
        BenchmarkGap(result=Ratio(0, 0, basis=Basis(metric=spec.id, options=texts)), benchmark=published)
    except InvalidValueError as error:
        yield f"Condition.options: {str(error).removeprefix('benchmark: ')}"


def _faults_of_threshold(condition: Condition, low: float | None, high: float | None) -> Iterator[str]:
    """Thresholds that the figure can never pass, or that it always does."""
    if condition.threshold is None:
        return
    side, threshold = ("below" if condition.above is None else "above"), condition.threshold
    is_never = _reaches(threshold, high) if side == "above" else _reaches(low, threshold)
    is_always = (
        (low is not None and threshold < low) if side == "above" else (high is not None and threshold > high)
    )
    if is_never or is_always:
        yield (
            f"Condition.{side}: {condition.metric} lies {_range(low, high)}, so that it is "
            f"{'never' if is_never else 'always'} {side} {threshold:.6g}{_in_percent(threshold, high)}"
        )


def _reaches(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and one >= other


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"between {low:g} and {high:g}"
    return f"from {low:g} up" if low is not None else f"no higher than {high:g}"


def _in_percent(threshold: float, high: float | None) -> str:
    """Help for whoever writes 70 for 70 %."""
    return f"; write {threshold / 100:g} for {threshold:g} %" if high == 1 and 1 < threshold <= 100 else ""


def _faults_of_change(condition: Condition, spec: MetricSpec, kind: type) -> Iterator[str]:
    if spec.untested_because is not None:
        why = spec.untested_because.format(earlier="an earlier period")
        yield f"Condition.change: two periods of {spec.id} are never compared, since {why}; give above= or below="
        return
    if kind not in _WITH_INTERVAL and not condition.by:
        yield (
            f"Condition.by: {spec.id} has no interval, so that any move at all would do (got 0); say how far it must move "
            "as a part of what it was, such as by=0.2"
        )
    widest = _widest(spec, kind, condition)
    if widest is not None and condition.by > widest:
        moved = "risen" if condition.change == "rose" else "fallen"
        yield (
            f"Condition.by: {spec.id} can't have {moved} by {condition.by:g}, but by {widest:g} at most"
            f"{_in_percent(condition.by, widest)}"
        )


def _widest(spec: MetricSpec, kind: type, condition: Condition) -> float | None:
    """As far as the figure can move, in the unit of `by`; None where there is no end."""
    if spec.low is not None and spec.high is not None and kind in {Ratio, Score}:
        return spec.high - spec.low
    return 1.0 if condition.change == "fell" and spec.low is not None and spec.low >= 0 else None
