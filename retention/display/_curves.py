"""Survival curves as text: a row for each of some round times, and the median."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from textwrap import wrap
from typing import TYPE_CHECKING

from retention.display._text import table
from retention.errors import UndefinedMetricError
from retention.survival._results import days_as_text

if TYPE_CHECKING:
    from retention.survival import CurveShare, SurvivalCurve

__all__ = ["curve_table"]

_WIDEST = 110
_UNDEFINED = "n/a"
_MOST_ROWS = 10
_UNITS = (
    ("second", timedelta(seconds=1), (1, 2, 5, 10, 15, 30)),
    ("minute", timedelta(minutes=1), (1, 2, 5, 10, 15, 30)),
    ("hour", timedelta(hours=1), (1, 2, 3, 6, 12)),
    ("day", timedelta(days=1), (1, 2, 5, 7, 10, 14, 30, 60, 90, 180, 365, 730, 1825, 3650)),
)


def curve_table(curve: SurvivalCurve) -> str:
    """The curve at round times, with how many were still watched, and the median."""
    until = curve.until
    if until is None:
        return _UNDEFINED
    marks = dict(_marks(curve, until))
    shares = [curve.survival(time) for time in marks.values()]
    several = curve.causes if len(curve.causes) > 1 else ()
    headings = ["after", f"not {curve.event}", "95 % interval", *several, "at risk"]
    rows = [
        [
            mark,
            str(share),
            _interval(share),
            *(str(curve.incidence(share.time, cause)) for cause in several),
            f"{share.at_risk:,}",
        ]
        for mark, share in zip(marks, shares, strict=True)
    ]
    notes = (
        line
        for note in _notes(curve, rows)
        for line in wrap(
            note, _WIDEST, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
    )
    return "\n".join([table(rows, headings=headings), "", *notes])


def _marks(curve: SurvivalCurve, until: timedelta) -> Iterator[tuple[str, timedelta]]:
    """Round times within the curve's reach, by their names; the last one where there is no round one."""
    word, unit, number = _grid(until)
    marks = [
        (f"{place * number:,} {word}{'' if place * number == 1 else 's'}", place * number * unit)
        for place in range(_MOST_ROWS + 1)
    ]
    told = [
        (mark, time)
        for mark, time in marks
        if time <= until and (share := curve.survival(time)).value is not None and (time or share.value < 1)
    ]
    yield from told or [(f"{until / unit:,.3g} {word}s", until)]


def _grid(until: timedelta) -> tuple[str, timedelta, int]:
    """The smallest round step of which few lead to the end."""
    for word, unit, numbers in _UNITS:
        for number in numbers:
            if number * unit * _MOST_ROWS >= until:
                return word, unit, number
    _, day, (*_, years) = _UNITS[-1]
    return "day", day, years * -(-until // (years * day * _MOST_ROWS))


def _interval(share: CurveShare) -> str:
    try:
        return str(share.interval())
    except UndefinedMetricError:
        return _UNDEFINED


def _notes(curve: SurvivalCurve, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"Median: {_median(curve)}."
    what = curve.basis.counted[0] if curve.basis.counted else "spells"
    ends = ", ".join(f"{count:,} {cause}" for cause, count in curve.ended_by.items())
    kinds = f" ({ends})" if len(curve.causes) > 1 else ""
    late = f"; {curve.late:,} were watched from later than their start on" if curve.late else ""
    yield f"{curve.count:,} {what}: {curve.ended:,} {curve.event}{kinds}, {curve.censored:,} not so far{late}."
    if curve.customers:
        yield f"They are {curve.customers:,} customers'; the intervals are clustered by customer."
    if curve.caution:
        yield f"Mind: {curve.caution}."
    if any(row[2] == _UNDEFINED for row in rows):
        yield f"{_UNDEFINED}: no interval, since all customers are alike."
    yield from curve.basis.sentences()


def _median(curve: SurvivalCurve) -> str:
    median, found = curve.median, curve.median_interval()
    interval = "" if found.low is None else f" (95 % interval {found})"
    return f"not reached{interval}" if median is None else f"{days_as_text(median)} days{interval}"
