"""How models fare, as aligned text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, TypeVar

from retention.display._names import name_as_text
from retention.display._text import table, with_minus
from retention.predict._estimate import Estimate
from retention.predict._time_units import duration_in_words

if TYPE_CHECKING:
    from retention.predict._estimate import Kind
    from retention.predict._model import Predictions
    from retention.predict.outlook import CustomerOutlook
    from retention.predict.validation import (
        FrequencyTable,
        ModelComparison,
        PredictionError,
        PredictionErrors,
        TrackingTable,
    )
    from retention.results import Interval

__all__ = [
    "comparison_as_text",
    "errors_as_text",
    "frequency_as_text",
    "outlook_as_text",
    "predictions_as_text",
    "tracking_as_text",
]

T = TypeVar("T")

_WIDEST = 110
_MOST_ROWS = 24
_ENDS = 3
_MOST_LEAVING = 10


def tracking_as_text(tracking: TrackingTable) -> str:
    """One line a row; many rows are put together, so that they fit a page."""
    shown = tracking.every(-(-len(tracking) // _MOST_ROWS)) if tracking else tracking
    unit = tracking.unit if shown.units == 1 else f"{shown.units} {tracking.unit}s"
    lines = (
        [
            f"{row.until.isoformat()}{'' if row.in_holdout else ' *'}",
            f"{row.actual:,}",
            f"{row.expected:,.1f}",
            f"{row.cumulative_actual:,}",
            f"{row.cumulative_expected:,.1f}",
        ]
        for row in shown
    )
    headings = [f"{unit} until", "made", "expected", "made so far", "expected so far"]
    notes = [f"*: up to {tracking.split.isoformat()}, the last day that the model may have seen."]
    if len(shown) < len(tracking):
        notes.append(f"The {len(tracking):,} rows are put together here; to_dicts() has each.")
    notes.append(tracking.explain())
    return _page(
        f"Repeat purchases, made and expected by {tracking.model}", table(lines, headings=headings), notes
    )


def frequency_as_text(found: FrequencyTable) -> str:
    """One line for those who had bought equally often."""
    lines = (
        [
            row.label,
            f"{row.customers:,}",
            f"{row.actual:.3f}",
            "" if row.interval is None else f"{max(0.0, row.interval.low):.3f} to {row.interval.high:.3f}",
            f"{row.expected:.3f}",
        ]
        for row in found
    )
    headings = ["bought again", "customers", "then made", "95 % interval", "expected"]
    title = f"Purchases a customer after {found.split.isoformat()}, until {found.until.isoformat()}, made and expected by {found.model}"
    return _page(title, table(lines, headings=headings), [])


def errors_as_text(errors: PredictionErrors) -> str:
    """One line for the model, and one for each guess."""
    each = [errors.model, *errors.naive.values()]
    lines = [[*_predicted(error), _signed(error.advantage)] for error in each]
    headings = ["predicted by", "in all", "mean error", "root mean square", "advantage of the model, squared"]
    time = duration_in_words(errors.horizon, errors.unit)
    title = f"Errors in {time} of hold-out, of {errors.customers:,} customers"
    return _page(title, with_minus(table(lines, headings=headings)), [errors.verdict])


def comparison_as_text(found: ModelComparison) -> str:
    """One line for each model, and one for each guess."""
    of_models = [
        [
            *_predicted(errors.model),
            f"{found.models[title].aic:,.1f}",
            f"{found.still_there[title]:.0%}",
            _signed(found.behind.get(title)),
        ]
        for title, errors in found.errors.items()
    ]
    of_guesses = [
        [*_predicted(guess), "", "", _signed(guess.advantage)] for guess in found.guesses().values()
    ]
    headings = ["predicted by", "in all", "mean error", "root mean square", "AIC", "still there"]
    time = duration_in_words(found.horizon, found.unit)
    title = f"Models fitted to what was known on {found.split.isoformat()}, in {time} of hold-out, of {found.customers:,} customers"
    lines = [*of_models, *of_guesses]
    if found.errors:
        headings.append(f"behind {found.errs_least}, squared")
    else:
        headings, lines = headings[:4], [line[:4] for line in lines]
    notes = [found.verdict, *(f"Left out is {name}: {why}" for name, why in found.left_out.items())]
    return _page(title, with_minus(table(lines, headings=headings)), notes)


def predictions_as_text(found: Predictions, *, title: str, kind: Kind, unit: str | None) -> str:
    """What the figures come to, and a line for each of the highest and the lowest."""
    size = len(found)
    head = f"{title}: {size:,} customer{'' if size == 1 else 's'}"
    if not size:
        return head
    sums = [f"In all {found.total().explain()}", f"On average {found.mean().explain()}"]
    few = size <= 2 * _ENDS
    shown = found.highest(size) if few else found.highest(_ENDS)
    lines = [[name_as_text(who), _figure(value, kind, unit)] for who, value in shown]
    if not few:
        lowest = found.lowest(_ENDS)[::-1]
        lines += [["…", ""], *([name_as_text(who), _figure(value, kind, unit)] for who, value in lowest)]
    return _page(head, table(lines, headings=["customer", "figure"]), sums)


def outlook_as_text(found: CustomerOutlook) -> str:
    """One line for each of those with whom most is at stake."""
    leaving = found.likely_leaving
    lines = [
        [
            name_as_text(who),
            f"{one.probability_alive:.0%}",
            *map(_money, (one.value, one.value_if_kept, one.at_stake)),
        ]
        for who, one in ((who, found[who]) for who in leaving[:_MOST_LEAVING])
    ]
    notes = [found.explain()]
    if len(leaving) > len(lines):
        notes.append(f"Here are the first {len(lines)}; likely_leaving has all.")
    headings = ["customer", "P(alive)", "expected", "if kept", "at stake"]
    title = "Worth keeping, and likely leaving"
    return _page(title, table(lines, headings=headings), notes) if lines else f"{title}: nobody. {notes[0]}"


def _money(value: float) -> str:
    return f"{value:,.2f}"


def _figure(value: float, kind: Kind, unit: str | None) -> str:
    return format(Estimate(value=value, kind=kind, unit=unit))


def _predicted(error: PredictionError) -> list[str]:
    return [
        error.name,
        f"{error.expected:,.0f}",
        f"{error.mean_absolute_error:.4f}",
        f"{error.root_mean_squared_error:.4f}",
    ]


def _signed(interval: Interval | None) -> str:
    return "" if interval is None else f"{interval:+.4f}"


def _page(title: str, body: str, notes: Sequence[str]) -> str:
    return "\n\n".join([title, body, *(["\n".join(_wrapped(notes))] if notes else [])])


def _wrapped(notes: Sequence[str]) -> Iterator[str]:
    for note in notes:
        yield from wrap(note, _WIDEST, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
