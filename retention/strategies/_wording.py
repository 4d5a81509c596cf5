"""Why a condition holds, fails or can't be judged: in sentences that a merchant reads."""

from __future__ import annotations

from decimal import Decimal

from retention.benchmarks import Benchmark
from retention.catalog import Result
from retention.comparison import Comparison
from retention.results import CustomerFlow, Distribution, Interval, Mean, Ratio, RevenueFlow, Score
from retention.strategies._conditions import Condition
from retention.strategies._measures import counted_as
from retention.strategies._readings import Reading

__all__ = [
    "absent",
    "beyond",
    "maybe_chance",
    "moved",
    "not_beyond",
    "nothing_to_compare",
    "number",
    "sample_unknown",
    "too_few",
    "without_interval",
]


def number(value: float, result: Result | None, unit: str = "") -> str:
    """A value in the manner of its figure: 78.0%, 41.20 EUR, 3.5 days."""
    if isinstance(result, Ratio):
        return _signed(format(value, ".1%" if result.bounded else ".3f"))
    if isinstance(result, Score):
        return _signed(format(value, result.digits))
    if isinstance(result, Distribution):
        return f"{value:.1f} days" if value >= 1 or not value else f"{value:.3f} days"
    if isinstance(result, (int, CustomerFlow)):
        return _signed(f"{value:,.0f}")
    return _signed(f"{value:,.2f}") + _of(_currency(result, unit))


def _limit(value: float, result: Result | None, unit: str = "") -> str:
    """A threshold, with the digits that it was given with."""
    if isinstance(result, Ratio) and result.bounded:
        return f"{value * 100:.6g}%"
    text = _signed(f"{value:,.6g}")
    if isinstance(result, Distribution):
        return f"{text} day" if value == 1 else f"{text} days"
    return (
        text if isinstance(result, (Ratio, Score, int, CustomerFlow)) else text + _of(_currency(result, unit))
    )


def _currency(result: Result | None, unit: str) -> str:
    if isinstance(result, Mean):
        return result.unit or ""
    return unit if isinstance(result, (Decimal, RevenueFlow)) else ""


def _of(unit: str) -> str:
    return f" {unit}" if unit else ""


def _signed(text: str) -> str:
    return text.replace("-", "−")


# ------------------------------------------------------------------------------------------ sentences


def _came_to(reading: Reading, value: float, interval: Interval | None) -> str:
    around = f" ({_signed(str(interval))})" if interval is not None else ""
    return f"{_subject(reading)} came to {number(value, reading.result, reading.unit)}{around}"


def _subject(reading: Reading) -> str:
    return f"{reading.title} ({'; '.join([*reading.made, reading.period])})"


def _side(condition: Condition) -> str:
    return "below" if condition.above is None else "above"


def _threshold(condition: Condition, reading: Reading) -> str:
    threshold, published = condition.threshold, condition.benchmark
    text = "" if threshold is None else _limit(threshold, reading.result, reading.unit)
    return text if published is None else f"{text} ({published.id}, {published.title})"


def _running(reading: Reading) -> str:
    if not reading.partial:
        return ""
    if reading.is_over:  # of a question of yesterday nobody knows yet whether it is answered within a week
        return " What came of the latest was not all known yet."
    return " The time that it covers was still running."


def beyond(condition: Condition, reading: Reading, value: float, interval: Interval | None) -> str:
    """It lies where it must."""
    text = f"{_came_to(reading, value, interval)}, {_side(condition)} {_threshold(condition, reading)}"
    sure = " beyond chance." if interval is not None else f". {_as_it_stands(reading.result)}"
    return f"{text}{sure}{_running(reading)}"


def maybe_chance(condition: Condition, reading: Reading, value: float, interval: Interval) -> str:
    """It lies where it must, but its interval does not as a whole."""
    near = interval.low if condition.above is not None else interval.high
    return (
        f"{_came_to(reading, value, interval)}, {_side(condition)} {_threshold(condition, reading)}, but its interval reaches "
        f"{number(near, reading.result, reading.unit)}, so that this may be chance.{_running(reading)}"
    )


def not_beyond(condition: Condition, reading: Reading, value: float, interval: Interval | None) -> str:
    """It does not lie where it must."""
    text = f"{_came_to(reading, value, interval)}, not {_side(condition)} {_threshold(condition, reading)}."
    return f"{text}{_running(reading)}"


def _as_it_stands(result: Result | None) -> str:
    if isinstance(result, (int, CustomerFlow)):
        return "It is a count, taken as it stands."
    if isinstance(result, (Decimal, RevenueFlow)):
        return "It is a sum of money, taken as it stands."
    return "No interval of it is known, so that it is taken as it stands."


def too_few(condition: Condition, reading: Reading, sample: int) -> str:
    """Not enough stand behind it."""
    what = counted_as(reading.result, reading.unit)
    return (
        f"{_subject(reading)} rested on too few: {sample:,} {what}, where {condition.at_least:,} are the least to judge "
        f"by.{_running(reading)}"
    )


def sample_unknown(reading: Reading) -> str:
    """Nobody knows how many stand behind it."""
    return (
        f"{_subject(reading)} can't be judged, since nobody knows how many stand behind; at_least=0 would judge it all "
        "the same."
    )


def without_interval(reading: Reading) -> str:
    """It has no interval yet, although figures of its kind have one."""
    return f"{_subject(reading)} rested on too few for an interval."


def absent(reading: Reading) -> str:
    """There is no figure."""
    if reading.lacking is not None:
        made = f" ({'; '.join(reading.made)})" if reading.made else ""
        return f"{reading.title}{made} can't be counted: it needs {reading.lacking}."
    what = "can't be observed" if not reading.observable else "had no value"
    because = reading.undefined_because or "a picture is no single figure"
    return f"{_subject(reading)} {what}: {because}."


def refused(reading: Reading, published: Benchmark, why: str) -> str:
    """It can't be set beside what was published."""
    return f"{_subject(reading)} can't be set beside {published.id}: {why.removeprefix('benchmark: ')}."


def nothing_to_compare(reading: Reading) -> str:
    """Nothing is there that it could have risen or fallen from."""
    return f"{_subject(reading)} can't be compared: there is no period to compare it with."


def moved(condition: Condition, comparison: Comparison, *, is_beyond_chance: bool, is_far: bool) -> str:
    """How it moved, and what of that the condition asks for."""
    parts = [str(comparison)]
    if not _went(condition, comparison):
        return f"{comparison} What is asked for is a {'rise' if condition.change == 'rose' else 'fall'}."
    asked = _far(condition, comparison)
    if not is_far:
        parts.append(f"That is less than the {asked} that are asked for.")
    elif is_beyond_chance and condition.by:
        parts.append(f"That is {asked} or more, as is asked for.")
    if comparison.verdict != "unknown" and is_beyond_chance is not (comparison.verdict == "real"):
        chance = "more than chance explains" if is_beyond_chance else "what chance may do"
        parts.append(f"At a confidence of {condition.confidence * 100:.6g} %, it is {chance}.")
    return " ".join(parts)


def _went(condition: Condition, comparison: Comparison) -> bool:
    difference = comparison.difference or 0
    return difference > 0 if condition.change == "rose" else difference < 0


def _far(condition: Condition, comparison: Comparison) -> str:
    side = comparison.a
    if isinstance(side, Score):
        return f"{condition.by:.6g} points"
    if isinstance(side, Ratio) and side.bounded:
        return f"{condition.by * 100:.6g} points"
    return f"{condition.by * 100:.6g}%"
