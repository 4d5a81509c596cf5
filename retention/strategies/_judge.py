"""Whether a rule follows: its conditions judged on their figures, each with one of three outcomes."""

from __future__ import annotations

from decimal import Decimal

from retention.benchmarks import Benchmark, BenchmarkGap
from retention.comparison import Comparison
from retention.errors import (
    InvalidValueError,
    MissingRecordsError,
    MixedCurrencyError,
    UndefinedMetricError,
)
from retention.results import CustomerFlow, Interval, Mean, Ratio, Score
from retention.strategies import _wording as say
from retention.strategies._conditions import Condition
from retention.strategies._findings import Finding, FindingOutcome, Unknown, Verdict
from retention.strategies._measures import has_sums, interval_of, sample_of, scale_of, value_of
from retention.strategies._readings import Reading, Readings
from retention.strategies._rules import Rule

__all__ = ["finding_of", "judged"]


def judged(rule: Rule, readings: Readings) -> Verdict:
    """What a rule comes to.

    Args:
        rule: The rule.
        readings: Where its figures come from.
    """
    lacking = readings.lacking(rule)
    if lacking is not None:
        return Verdict(rule=rule, outcome="skipped", lacking=lacking, why=f"It needs {lacking}.")
    findings = tuple(finding_of(each, readings.reading(each)) for each in rule.conditions)
    failed = next((each for each in findings if each.outcome == "fails"), None)
    if failed is not None:
        return Verdict(rule=rule, outcome="rejected", findings=findings, why=failed.why)
    unknown = next((each for each in findings if each.outcome == "unknown"), None)
    if unknown is not None:
        return Verdict(rule=rule, outcome="skipped", findings=findings, why=unknown.why)
    why = " ".join(each.why for each in findings)
    return Verdict(rule=rule, outcome="recommended", findings=findings, why=why)


def finding_of(condition: Condition, reading: Reading) -> Finding:
    """What a condition comes to.

    Args:
        condition: The condition.
        reading: Its figure.
    """
    value, threshold = value_of(reading.result), condition.threshold
    without = _without_value(reading, value)
    if without is not None or value is None:
        return _unknown(condition, reading, without or "undefined", say.absent(reading))
    if threshold is not None:
        return _of_level(condition, reading, value, threshold)
    return _of_change(condition, reading)


def _without_value(reading: Reading, value: float | None) -> Unknown | None:
    """Why there is no figure to judge, in a word or two, or None where there is one."""
    error = reading.error
    if reading.lacking is not None or (error is not None and issubclass(error, MissingRecordsError)):
        return "no data"
    if not reading.observable:
        return "not observable"
    if error is not None and not issubclass(error, UndefinedMetricError):
        return "refused"
    return "undefined" if value is None else None


def _unknown(
    condition: Condition, reading: Reading, because: Unknown, why: str, *, sample: int | None = None
) -> Finding:
    return _finding(condition, reading, "unknown", why, because=because, sample=sample)


def _finding(
    condition: Condition,
    reading: Reading,
    outcome: FindingOutcome,
    why: str,
    *,
    because: Unknown | None = None,
    sample: int | None = None,
) -> Finding:
    return Finding(
        condition=condition,
        outcome=outcome,
        result=reading.result,
        value=value_of(reading.result),
        interval=interval_of(reading.result, condition.confidence),
        comparison=None if condition.change is None else reading.change,
        benchmark=condition.benchmark,
        sample=sample,
        threshold=condition.threshold,
        unknown_because=because,
        partial=reading.partial,
        why=why,
    )


# --------------------------------------------------------------------------------------------- levels


def _of_level(condition: Condition, reading: Reading, value: float, threshold: float) -> Finding:
    result, published = reading.result, condition.benchmark
    why = None if published is None else _unlike(reading, published)
    if published is not None and why is not None:
        return _unknown(condition, reading, "refused", say.refused(reading, published, why))
    sample = _sample(reading)
    small = None if _is_count(result) else _too_small(condition, reading, sample)
    if small is not None:
        return _unknown(condition, reading, "too few", small, sample=sample)
    interval = interval_of(result, condition.confidence)
    if interval is None and has_sums(result):
        return _unknown(condition, reading, "too few", say.without_interval(reading), sample=sample)
    outcome, why = _beside(condition, reading, value, interval, threshold)
    return _finding(condition, reading, outcome, why, sample=sample)


def _unlike(reading: Reading, published: Benchmark) -> str | None:
    """Why the figure can't be set beside a published one, or None where it can."""
    if isinstance(reading.result, Decimal) and reading.unit != published.unit:
        return f"it is in {reading.unit}, and {published.id} in {published.unit}"
    if not isinstance(reading.result, (Ratio, Mean, Score)):
        return None
    try:
        BenchmarkGap(result=reading.result, benchmark=published)
    except (InvalidValueError, MixedCurrencyError) as error:
        return str(error)
    return None


def _sample(reading: Reading) -> int | None:
    known = sample_of(reading.result)
    return reading.sample if known is None else known


def _is_count(result: object) -> bool:
    """Whether it is a count, which says itself how many there are."""
    return isinstance(result, (int, CustomerFlow))


def _too_small(condition: Condition, reading: Reading, sample: int | None) -> str | None:
    """Why too few stand behind a figure, or None where enough do."""
    if sample is None:
        return say.sample_unknown(reading) if condition.at_least else None
    return say.too_few(condition, reading, sample) if sample < condition.at_least else None


def _beside(
    condition: Condition, reading: Reading, value: float, interval: Interval | None, threshold: float
) -> tuple[FindingOutcome, str]:
    """How a figure lies to the threshold: by the end of its interval that is nearer to it."""
    is_above = condition.above is not None
    near = value if interval is None else interval.low if is_above else interval.high
    if _lies(near, threshold, is_above=is_above):
        return "holds", say.beyond(condition, reading, value, interval)
    if interval is not None and _lies(value, threshold, is_above=is_above):
        return "fails", say.maybe_chance(condition, reading, value, interval)
    return "fails", say.not_beyond(condition, reading, value, interval)


def _lies(value: float, threshold: float, *, is_above: bool) -> bool:
    return value > threshold if is_above else value < threshold


# -------------------------------------------------------------------------------------------- changes


def _of_change(condition: Condition, reading: Reading) -> Finding:
    moved = reading.change
    if moved is None:
        return _unknown(condition, reading, "no data", say.nothing_to_compare(reading))
    if moved.undefined_because is not None or reading.unfair_because is not None:
        return _unknown(condition, reading, "not comparable", str(moved))
    sample = _sample_of_both(moved, reading)
    small = _too_small(condition, reading, sample)
    if small is not None:
        return _unknown(condition, reading, "too few", small, sample=sample)
    is_tested = isinstance(moved.a, (Ratio, Mean, Score))
    size = _size(condition, moved)
    if size is None or (is_tested and moved.untested_because is not None):
        return _unknown(condition, reading, "not comparable", str(moved), sample=sample)
    is_sure = _is_beyond_chance(condition, moved) if is_tested else size > 0
    is_far = size >= condition.by
    why = say.moved(condition, moved, is_beyond_chance=is_sure, is_far=is_far)
    return _finding(condition, reading, "holds" if is_sure and is_far else "fails", why, sample=sample)


def _sample_of_both(moved: Comparison, reading: Reading) -> int | None:
    """How many stand behind both figures; of two counts, the larger."""
    if isinstance(moved.a, int) and isinstance(moved.b, int):
        return max(moved.a, moved.b)
    here, before = sample_of(moved.a), sample_of(moved.b)
    if here is None or before is None:
        return reading.sample
    return min(here, before)


def _size(condition: Condition, moved: Comparison) -> float | None:
    """How far it moved the way that is asked for, in the unit of `by`; None where that can't be said."""
    difference = moved.difference if scale_of(moved.a) is not None else moved.relative_difference
    if difference is None:
        return None
    return float(difference) if condition.change == "rose" else -float(difference)


def _is_beyond_chance(condition: Condition, moved: Comparison) -> bool:
    """Whether it moved that way more than chance explains, among all that was compared at once."""
    interval, p_value = moved.interval(condition.confidence), moved.adjusted_p_value
    if moved.comparisons > 1 and p_value is not None and p_value > 1 - condition.confidence:
        return False
    return interval.low > 0 if condition.change == "rose" else interval.high < 0
