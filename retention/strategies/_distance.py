"""How far a figure lies beyond what it was to be, or how far it moved: as a gap, and as a severity from 0 to 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retention.comparison import Comparison
from retention.errors import UndefinedMetricError
from retention.results import Interval, Score
from retention.strategies._measures import scale_of

if TYPE_CHECKING:
    from retention.strategies._findings import Finding

__all__ = ["gap_of", "severity_of_change", "severity_of_level"]

_AS_IT_STANDS = "no interval is known, so that both ends are the figure itself"


def gap_of(finding: Finding) -> Interval | None:
    """How far the figure lies beyond the threshold, or how far it moved, in its own unit and never below 0."""
    ends = _ends_of_change(finding) if finding.comparison is not None else _ends_of_level(finding)
    if ends is None:
        return None
    low, high = (max(end, 0.0) for end in (ends.low, ends.high))
    return Interval(
        low=low, high=high, confidence=ends.confidence, method=ends.method, shown_as=ends.shown_as.lstrip("+")
    )


def _ends_of_level(finding: Finding) -> Interval | None:
    threshold, here = finding.threshold, _around(finding)
    if threshold is None or here is None:
        return None
    if finding.condition.above is not None:
        return _moved_to(here, here.low - threshold, here.high - threshold)
    return _moved_to(here, threshold - here.high, threshold - here.low)


def _around(finding: Finding) -> Interval | None:
    """The interval of the figure; where there is none, the figure twice."""
    if finding.interval is not None or finding.value is None:
        return finding.interval
    return _twice(finding.value, finding.condition.confidence)


def _twice(value: float, confidence: float) -> Interval:
    return Interval(low=value, high=value, confidence=confidence, method=_AS_IT_STANDS)


def _moved_to(interval: Interval, low: float, high: float) -> Interval:
    return Interval(
        low=low,
        high=high,
        confidence=interval.confidence,
        method=interval.method,
        shown_as=interval.shown_as,
    )


def _ends_of_change(finding: Finding) -> Interval | None:
    moved = finding.comparison
    if moved is None or moved.difference is None:
        return None
    here = _interval_of(moved, finding.condition.confidence) or _twice(
        float(moved.difference), finding.condition.confidence
    )
    return here if finding.condition.change == "rose" else _moved_to(here, -here.high, -here.low)


def _interval_of(moved: Comparison, confidence: float) -> Interval | None:
    try:
        return moved.interval(confidence)
    except UndefinedMetricError:
        return None


# ------------------------------------------------------------------------------------------- severity


def severity_of_level(finding: Finding) -> float | None:
    """How far beyond the threshold the near end lies, from 0 to 1."""
    threshold, here = finding.threshold, _around(finding)
    if threshold is None or here is None:
        return None
    is_above = finding.condition.above is not None
    near = here.low if is_above else here.high
    scale = scale_of(finding.result)
    if scale is not None:
        worst = scale[1] if is_above else scale[0]
        return _share(abs(near - threshold), abs(worst - threshold))
    return _share(abs(near - threshold), max(abs(near), abs(threshold)))


def severity_of_change(finding: Finding) -> float | None:
    """How far the near end of the change lies from nothing, as a part of what the figure was, from 0 to 1."""
    moved, gap = finding.comparison, gap_of(finding)
    if moved is None or moved.b is None or gap is None:
        return None
    earlier = float(moved.b)
    if isinstance(moved.b, Score):
        is_rise = finding.condition.change == "rose"
        return _share(gap.low, moved.b.high - earlier if is_rise else earlier - moved.b.low)
    return _share(gap.low, earlier)


def _share(part: float, whole: float) -> float:
    """A part of a whole, cut at 1; all of it where the whole is nothing."""
    return min(1.0, part / whole) if whole > 0 else 1.0
