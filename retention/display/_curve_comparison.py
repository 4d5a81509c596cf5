"""What a comparison of curves comes to, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retention.display._names import name_as_text
from retention.display._text import with_minus
from retention.errors import UndefinedMetricError
from retention.survival._results import in_words

if TYPE_CHECKING:
    from retention.survival import CurveComparison

__all__ = ["comparison_in_full", "comparison_of_curves"]

_LABEL = 60
"""So many columns a group may be called."""
_REAL = "That is more than chance explains"
_CHANCE = "That may be chance"
_PAIR = 2


def comparison_of_curves(found: CurveComparison) -> str:
    """Where ends come sooner, whether that is chance, and by how much the mean times differ."""
    return " ".join([*_who_is_sooner(found), _what_it_means(found), *_who_is_left(found), *_means(found)])


def comparison_in_full(found: CurveComparison) -> str:
    """The same, with how many ended in each group, how many would have without a difference, and the test."""
    event = _event(found)
    parts = "; ".join(
        f"{_called(label)}: {seen:,} of {curve.count:,} {event}, {found.expected[label]:,.1f} expected"
        for (label, seen), curve in zip(found.observed.items(), found.curves, strict=True)
    )
    return f"{comparison_of_curves(found)} {parts}.{_test(found)}"


def _event(found: CurveComparison) -> str:
    return name_as_text(found.curves[0].event)


def _called(label: str) -> str:
    return name_as_text(label, _LABEL)


def _who_is_sooner(found: CurveComparison) -> Iterator[str]:
    """The order of those groups that were watched beside others; where it may be chance, nobody is called the sooner."""
    event = _event(found)
    if not sum(found.observed.values()):
        yield f"None {event} in any of the groups."
    if found.p_value is None or found.verdict != "real":
        return
    ratios = {
        label: seen / found.expected[label]
        for label, seen in found.observed.items()
        if label not in found.not_compared
    }
    soonest, latest = max(ratios, key=ratios.__getitem__), min(ratios, key=ratios.__getitem__)
    if len(ratios) == _PAIR:
        yield f"Sooner {event}: {_called(soonest)}, later: {_called(latest)}."
    else:
        yield f"Soonest {event}: {_called(soonest)}, latest: {_called(latest)}."


def _who_is_left(found: CurveComparison) -> Iterator[str]:
    """The groups that are not compared, where others are; else only those that have nothing to compare."""
    left = found.not_compared
    is_none_compared = len(left) == len(found.labels)
    named = [
        f"{_called(label)} ({left[label]})"
        for label, curve in zip(found.labels, found.curves, strict=True)
        if label in left and not (is_none_compared and curve.count)
    ]
    if named:
        yield f"Not compared: {', '.join(named)}."


def _what_it_means(found: CurveComparison) -> str:
    p_value = found.p_value
    if p_value is None:
        return f"There is no log-rank test, since {found.untested_because}."
    p = "below 0.001" if p_value < 0.001 else f"{p_value:.2g}"
    by_chance = f"How soon they {_event(found)} may differ by chance alone"
    says = _REAL if found.verdict == "real" else by_chance
    return f"{says}: p {p} by the log-rank test, which takes the groups as independent."


def _means(found: CurveComparison) -> Iterator[str]:
    """The difference of the mean times, where there is one."""
    if len(found.curves) != _PAIR:
        return
    try:
        apart = found.mean_difference()
        interval = apart.interval()
    except UndefinedMetricError:
        return
    (first, second), within = map(_called, found.labels), in_words(apart.until)
    longer = "longer" if apart.value >= 0 else "shorter"
    beside = f"{first} beside {second}; 95 % interval {with_minus(str(interval))}"
    yield f"Within the first {within} the mean time is {abs(apart.value):.1f} days {longer} ({beside})."
    if found.p_value is None:
        yield f"{_CHANCE if 0 in interval else _REAL}."


def _test(found: CurveComparison) -> str:
    statistic, freedom = found.statistic, found.degrees_of_freedom
    if statistic is None:
        return ""
    return f" Log-rank χ² {statistic:.2f} with {freedom} degree{'' if freedom == 1 else 's'} of freedom."
