"""Survival curves as text: a row for each of some round times, and the median."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import accumulate
from textwrap import wrap
from typing import TYPE_CHECKING

from retention.display._names import name_as_text
from retention.display._text import table
from retention.errors import UndefinedMetricError
from retention.results._basis import NOT_OBSERVABLE, UNDEFINED
from retention.survival._results import in_words, unit_of

if TYPE_CHECKING:
    from retention.survival import CurveShare, SurvivalCurve

__all__ = ["curve_table"]

_WIDEST = 110
_MOST_ROWS = 10
_MOST_ENDS = 0.9
_MICROSECOND = timedelta(microseconds=1)
_UNITS = (
    ("second", timedelta(seconds=1), (1, 2, 5, 10, 15, 30)),
    ("minute", timedelta(minutes=1), (1, 2, 5, 10, 15, 30)),
    ("hour", timedelta(hours=1), (1, 2, 3, 6, 12)),
    ("day", timedelta(days=1), (1, 2, 5, 7, 10, 14, 30, 60, 90, 180, 365, 730, 1825, 3650)),
)


def curve_table(curve: SurvivalCurve, times: Sequence[timedelta] | None = None) -> str:
    """The curve at round times, or at those that were asked for, with how many were still watched, and the median."""
    until = curve.until
    if until is None:
        return "\n".join(_wrapped(_no_curve(curve)))
    asked = None if times is None else [(in_words(time), time) for time in times]
    marks = [*_marks(curve, until)] if asked is None else asked
    shares = [curve.survival(time) for _, time in marks]
    several = curve.causes if len(curve.causes) > 1 else ()
    event = name_as_text(curve.event)
    headings = ["after", f"not {event}", "95 % interval", *map(name_as_text, several), "at risk"]
    rows = [
        [
            mark,
            str(share),
            _interval(share),
            *(str(curve.incidence(share.time, cause)) for cause in several),
            f"{share.at_risk:,}",
        ]
        for (mark, _), share in zip(marks, shares, strict=True)
    ]
    return "\n".join([table(rows, headings=headings), "", *_wrapped(_notes(curve, shares))])


def _wrapped(notes: Iterable[str]) -> Iterator[str]:
    for note in notes:
        yield from wrap(note, _WIDEST, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _no_curve(curve: SurvivalCurve) -> Iterator[str]:
    state = f"{UNDEFINED}: undefined" if curve.observable else f"{NOT_OBSERVABLE}: not observable"
    yield f"{state}, since {curve.undefined_because}."
    yield from curve.basis.sentences()


def _marks(curve: SurvivalCurve, until: timedelta) -> Iterator[tuple[str, timedelta]]:
    """Round times within the curve's reach, by their names; the last one where there is no round one."""
    telling = _telling(curve, until)
    word, unit, number = _grid(telling)
    marks = [
        (f"{place * number:,} {word}{'' if place * number == 1 else 's'}", place * number * unit)
        for place in range(_MOST_ROWS + 1)
    ]
    told = [
        (mark, time)
        for mark, time in marks
        if time <= until and (share := curve.survival(time)).value is not None and (time or share.value < 1)
    ]
    yield from told
    if not told or telling < until:
        yield in_words(until), until


def _telling(curve: SurvivalCurve, until: timedelta) -> timedelta:
    """Up to where rows tell most: the whole, unless more than half of the ends came before its first round time."""
    _, unit, number = _grid(until)
    times, ended = curve.table.times, list(accumulate(curve.table.ended()))
    before = bisect_left(times, number * unit // _MICROSECOND)
    if not before or 2 * ended[before - 1] <= curve.ended:
        return until
    return times[bisect_left(ended, _MOST_ENDS * curve.ended)] * _MICROSECOND or until


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
        return "" if share.value is None else UNDEFINED


def _notes(curve: SurvivalCurve, shares: Sequence[CurveShare]) -> Iterator[str]:
    yield f"Median: {_median(curve)}."
    what = curve.basis.counted[0] if curve.basis.counted else "spells"
    ends = ", ".join(f"{count:,} {name_as_text(cause)}" for cause, count in curve.ended_by.items())
    kinds = f" ({ends})" if len(curve.causes) > 1 else ""
    late = f"; {curve.late:,} were watched from later than their start on" if curve.late else ""
    yield f"{curve.count:,} {what}: {curve.ended:,} {name_as_text(curve.event)}{kinds}, {curve.censored:,} not so far{late}."
    if curve.customers:
        yield f"They are {curve.customers:,} customers'; the intervals are clustered by customer."
    if curve.caution:
        yield f"Mind: {curve.caution}."
    if any(_interval(share) == UNDEFINED for share in shares):
        yield f"{UNDEFINED}: no interval, since all customers are alike."
    for why in dict.fromkeys(share.undefined_because for share in shares if share.value is None):
        yield f"{NOT_OBSERVABLE}: not observable, since {why}."
    yield from curve.basis.sentences()


def _median(curve: SurvivalCurve) -> str:
    median, found = curve.median, curve.median_interval()
    times = [None if each is None else timedelta(days=each) for each in (median, found.low, found.high)]
    known = next((each for each in times if each is not None), None)
    if known is None:
        return "not reached"
    word, unit = unit_of(known)
    middle, low, high = ("not reached" if each is None else f"{each / unit:,.1f}" for each in times)
    interval = "" if found.low is None else f" (95 % interval {low} to {high})"
    return f"{middle}{'' if median is None else f' {word}s'}{interval}"
