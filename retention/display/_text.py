"""Plain text tables, for terminals and test output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from retention.catalog import METRICS
from retention.results import CustomerFlow, Distribution, Mean, Ratio, Score, as_text

if TYPE_CHECKING:
    from retention._snapshot import Figure, Snapshot
    from retention.catalog import Result

__all__ = ["snapshot_table", "table"]

_PERIODS_ABREAST = 6
_UNDEFINED = "n/a"
_NOT_OBSERVABLE = "–"


def table(rows: Iterable[Sequence[str]], *, headings: Sequence[str]) -> str:
    """Rows as aligned text: the first column to the left, all others to the right."""
    lines = [list(headings), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    rule = ["-" * width for width in widths]
    return "\n".join(_line(line, widths) for line in [lines[0], rule, *lines[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *rest]).rstrip()


def snapshot_table(snapshot: Snapshot) -> str:
    """A snapshot as text: one period with intervals and comparison, several side by side."""
    tables = [_one_period(snapshot)] if len(snapshot.periods) == 1 else list(_blocks(snapshot))
    return "\n\n".join([*tables, "\n".join(_notes(snapshot))]).rstrip()


def _one_period(snapshot: Snapshot) -> str:
    period = snapshot.periods[0]
    figures = [snapshot.figure(metric, period) for metric in snapshot.metrics]
    compared = figures[0].previous_period
    headings = [period.label, "value", "95 % interval", "of", *([compared.label] if compared else [])]
    rows = [
        [
            figure.title,
            _value(figure),
            str(figure.interval() or ""),
            _out_of(figure),
            *([_before(figure)] if compared else []),
        ]
        for figure in figures
    ]
    return table(_with_groups(rows, snapshot.metrics, len(headings)), headings=headings)


def _blocks(snapshot: Snapshot) -> Iterator[str]:
    periods = snapshot.periods
    for start in range(0, len(periods), _PERIODS_ABREAST):
        abreast = periods[start : start + _PERIODS_ABREAST]
        headings = ["", *(each.label for each in abreast)]
        rows = [
            [METRICS[metric].title, *(_value(snapshot.figure(metric, each)) for each in abreast)]
            for metric in snapshot.metrics
        ]
        yield table(_with_groups(rows, snapshot.metrics, len(headings)), headings=headings)


def _with_groups(
    rows: Sequence[Sequence[str]], metrics: Sequence[str], columns: int
) -> Iterator[Sequence[str]]:
    """The rows with the name of their group above the first of each."""
    pairs = zip(metrics, rows, strict=True)
    for number, (group, members) in enumerate(groupby(pairs, key=lambda pair: METRICS[pair[0]].group)):
        if number:
            yield [""] * columns
        yield [group.upper(), *[""] * (columns - 1)]
        yield from (row for _, row in members)


def _value(figure: Figure) -> str:
    if figure.undefined_because:
        return _UNDEFINED if figure.observable else _NOT_OBSERVABLE
    return f"{_short(figure.result)}{'*' if figure.partial else ''}"


def _short(result: Result | None) -> str:
    return f"{result.start:,} → {result.end:,}" if isinstance(result, CustomerFlow) else as_text(result)


def _out_of(figure: Figure) -> str:
    result = figure.result
    if not figure.observable:
        return ""
    if isinstance(result, Ratio):
        return as_text(result.denominator) if result.bounded else ""
    return f"{result.count:,}" if isinstance(result, (Mean, Score, Distribution)) else ""


def _before(figure: Figure) -> str:
    before = figure.previous
    if before is None:  # a plain number that had to refuse, as the figure itself, or as the data begin later
        return _UNDEFINED if figure.result is None and figure.observable else _NOT_OBSERVABLE
    if getattr(before, "undefined_because", None):
        return _UNDEFINED if getattr(before, "observable", True) else _NOT_OBSERVABLE
    return _short(before)


def _notes(snapshot: Snapshot) -> Iterator[str]:
    for period in snapshot.periods:
        figures = [snapshot.figure(metric, period) for metric in snapshot.metrics]
        left_out = max((figure.left_out for figure in figures), key=len)
        if left_out:
            reasons = ", ".join(f"{count:,} {why}" for why, count in left_out.items())
            yield f"Left out of {period.label}'s orders: {reasons}."
    for line in snapshot.assumed:
        yield f"Assumed: {line}."
    if any(figure.partial and figure.value is not None for figure in snapshot.figures):
        yield "*: partial, the time that it covers was still running at as_of."
    compared = len(snapshot.periods) == 1 and snapshot.figures[0].previous_period is not None
    cells = (cell for each in snapshot.figures for cell in (_value(each), _before(each) if compared else ""))
    if not {_UNDEFINED, _NOT_OBSERVABLE}.isdisjoint(cells):
        yield f"{_UNDEFINED}: undefined, such as 0/0.  {_NOT_OBSERVABLE}: not observable.  figure(...).undefined_because says why."
