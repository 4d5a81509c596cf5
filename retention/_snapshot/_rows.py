"""A figure as plain dictionaries, for JSON and data frames."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from retention.results import (
    AnswerShare,
    CustomerFlow,
    Distribution,
    LorenzCurve,
    Mean,
    Ratio,
    RevenueCurve,
    RevenueFlow,
    RevenuePredictability,
    Score,
)
from retention.survival import SurvivalCurve

if TYPE_CHECKING:
    from retention._snapshot._figures import Figure
    from retention.catalog import Result
    from retention.comparison import Comparison

__all__ = ["FLOWS", "PICTURES", "rows"]

FLOWS = (CustomerFlow, RevenueFlow)
"""Results whose figure is what they end with."""

PICTURES = (LorenzCurve, AnswerShare, RevenueCurve, RevenuePredictability, SurvivalCurve)
"""Results that are no single figure."""


def rows(figure: Figure, change: Comparison | None) -> Iterator[dict[str, Any]]:
    """One row a figure; a flow has one for each of its counts, and a picture none."""
    if isinstance(figure.result, PICTURES):
        return
    moved = _change(change)
    if not isinstance(figure.result, FLOWS):
        yield {**_row(figure, figure.metric, figure.value, figure.previous_value), **moved}
        return
    for part in figure.result.parts:
        value, before = (_part(flow, part) for flow in (figure.result, figure.previous))
        apart = None if value is None or before is None else value - before
        yield {**_row(figure, f"{figure.metric}.{part}", value, before), **moved, "change": _plain(apart)}


def _change(found: Comparison | None) -> dict[str, Any]:
    interval = None if found is None or found.untested_because is not None else found.interval()
    return {
        "change": found and _plain(found.difference),
        "change_low": interval and interval.low,
        "change_high": interval and interval.high,
        "p_value": found and found.p_value,
        "adjusted_p_value": found and found.adjusted_p_value,
        "verdict": found and found.verdict,
        "comparisons": found and found.comparisons,
        "untested_because": found and found.untested_because,
        "caution": found and found.caution,
    }


def _part(flow: Result | None, name: str) -> Any:
    return getattr(flow, name) if isinstance(flow, FLOWS) and flow.observable else None


def _row(
    figure: Figure, metric: str, value: float | Decimal | None, previous: float | Decimal | None
) -> dict[str, Any]:
    interval = figure.interval()
    top, bottom = _parts(figure)
    before = figure.before
    return {
        "metric": metric,
        "title": figure.title,
        "period": figure.period.label,
        "period_start": figure.period.start.isoformat(),
        "period_end": figure.period.end.isoformat(),
        "value": _plain(value),
        "low": interval and interval.low,
        "high": interval and interval.high,
        "numerator": _plain(top),
        "denominator": _plain(bottom),
        "exact": _exact(value, top, bottom),
        "unit": figure.unit,
        "state": figure.state,
        "because": figure.undefined_because,
        "partial": figure.partial,
        "previous_period": before and before.period.label,
        "previous_value": _plain(previous),
        "previous_state": before and before.state,
        "previous_because": before and before.undefined_because,
        "previous_partial": before and before.partial,
        "left_out": dict(figure.left_out),
        "assumed": list(figure.assumed),
        "options": {**dict(figure.options), **dict(_given(figure))},
    }


def _given(figure: Figure) -> tuple[tuple[str, str], ...]:
    """What was given beside the records: two figures that differ in it must be told apart."""
    return figure.result.basis.given if isinstance(figure.result, (Mean, Ratio)) else ()


def _parts(figure: Figure) -> tuple[int | Decimal | None, int | Decimal | None]:
    """What was divided by what; what is not observable has not been counted, so that 0 would be wrong."""
    result = figure.result
    if not figure.observable:
        return None, None
    if isinstance(result, Ratio):
        return result.numerator, result.denominator
    if isinstance(result, Mean):
        return result.total, result.count
    return None, result.count if isinstance(result, (Score, Distribution)) else None


def _plain(value: float | Decimal | None) -> float | None:
    """A number that JSON and data frames take as it is."""
    return float(value) if isinstance(value, Decimal) else value


def _exact(
    value: float | Decimal | None, top: int | Decimal | None, bottom: int | Decimal | None
) -> str | None:
    """The figure as text, with nothing lost to floats; None where it is a float from the start, or has no value."""
    if value is not None and top is not None and bottom is not None:
        return f"{_digits(top)}/{_digits(bottom)}"
    return _digits(value) if isinstance(value, (int, Decimal)) else None


def _digits(number: int | Decimal) -> str:
    return f"{number:f}" if isinstance(number, Decimal) else str(number)
