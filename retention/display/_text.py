"""Plain text tables, for terminals and test output."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, TypeAlias

from retention._calendar import as_words
from retention.catalog import METRICS
from retention.display._names import name_as_text, shortened, width_of
from retention.display._sentences import difference_as_text
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    MixedCurrencyError,
    MixedScaleError,
    RetentionError,
    SurveyScaleError,
)
from retention.results import (
    AnswerShare,
    CustomerFlow,
    Distribution,
    Mean,
    Ratio,
    RevenueCurve,
    RevenueFlow,
    Score,
    as_money,
    as_text,
    decimal_as_text,
)
from retention.survival import SurvivalCurve
from retention.survival._results import in_words

if TYPE_CHECKING:
    from retention._snapshot import Figure, Snapshot
    from retention.catalog import Result

__all__ = ["in_short", "snapshot_table", "table", "with_minus"]

_COLUMNS_ABREAST = 6
_WIDEST = 110
_UNDEFINED = "n/a"
_NOT_OBSERVABLE = "–"
_REFUSED = "refused"
_MINUS = "−"
_BELOW_ZERO = re.compile(r"(?<![^\s(])-(?=\d)")
_GAP = "  "
_BARE_MONEY = frozenset({"money", "share of money"})
"""Units of figures that are shown, or shown out of, amounts without their currency."""

Column: TypeAlias = "list[str]"
"""The heading, and under it the cells."""


def table(
    rows: Iterable[Sequence[str]], *, headings: Sequence[str], widest: int | None = None, least: int = 12
) -> str:
    """Rows as aligned text: the first column to the left, all others to the right.

    Args:
        rows: The cells of each row.
        headings: What stands above them.
        widest: So many columns of a terminal the table may take, where the first column can be shortened for it.
        least: So many columns are left to the first one in any case.
    """
    lines = [list(headings), *map(list, rows)]
    widths = [max(width_of(line[place]) for line in lines) for place in range(len(headings))]
    if widest is not None:
        room = widest - sum(widths[1:]) - len(_GAP) * (len(widths) - 1)
        widths[0] = min(widths[0], max(room, least))
    rule = ["-" * width for width in widths]
    return "\n".join(_line(line, widths) for line in [lines[0], rule, *lines[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    (name, *rest), (width, *others) = cells, widths
    name = shortened(name, width)
    first = f"{name}{' ' * (width - width_of(name))}"
    return _GAP.join([first, *map(_to_the_right, rest, others)]).rstrip()


def _to_the_right(cell: str, width: int) -> str:
    return f"{' ' * (width - width_of(cell))}{cell}"


def with_minus(text: str) -> str:
    """The hyphen before a number as a minus; hyphens within words, names and dates stay."""
    return _BELOW_ZERO.sub(_MINUS, text)


def snapshot_table(snapshot: Snapshot) -> str:
    """A snapshot as text: one period with intervals and comparison, several side by side.

    In a series each period stands beside the one that it is compared with, unless that is the column to its
    left already.
    """
    compared = _shows_comparison(snapshot)
    tables = [_one_period(snapshot)] if len(snapshot.periods) == 1 else _blocks(snapshot, compared=compared)
    notes = (
        line
        for note in _notes(snapshot, compared=compared)
        for line in wrap(
            note, _WIDEST, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
    )
    ahead = [] if snapshot.forecast is None else [f"AHEAD\n{snapshot.forecast}"]
    return "\n\n".join([*tables, *ahead, "\n".join(notes)]).rstrip()


def _shows_comparison(snapshot: Snapshot) -> bool:
    series = snapshot.series(snapshot.metrics[0])
    if len(series) == 1:
        return series[0].before is not None
    return any(figure.previous_period not in (None, left.period) for left, figure in pairwise(series))


def _one_period(snapshot: Snapshot) -> str:
    figures = [snapshot.figure(metric) for metric in snapshot.metrics]
    columns = [
        ["value", *map(_value, figures)],
        ["95 % interval", *(with_minus(str(figure.interval() or "")) for figure in figures)],
        ["of", *map(_out_of, figures)],
        *_comparison(figures),
        *_changes(snapshot),
    ]
    return _side_by_side(snapshot, snapshot.periods[0].label, columns)


def _comparison(figures: Sequence[Figure], heading: str = "") -> Iterator[Column]:
    """The column of the figures compared with, if there is one."""
    before = [figure.before for figure in figures if figure.before is not None]
    if before:
        yield [f"{heading}{before[0].period.label}", *map(_value, before)]


def _changes(snapshot: Snapshot) -> Iterator[Column]:
    """How each figure moved, and what that comes to."""
    if not _shows_comparison(snapshot):
        return
    moved = snapshot.changes()
    yield [
        "change",
        *(
            "" if snapshot.figure(metric).unfair_because else difference_as_text(change)
            for metric, change in moved.items()
        ),
    ]
    verdicts = (change.verdict for change in moved.values())
    yield ["real?", *("" if verdict == "unknown" else verdict for verdict in verdicts)]


def _blocks(snapshot: Snapshot, *, compared: bool) -> Iterator[str]:
    """As many columns abreast as are read at one glance; a period and what it is compared with stay together."""
    titles = _titles(snapshot)
    block: list[Column] = []
    for period in snapshot.periods:
        figures = [snapshot.figure(metric, period) for metric in snapshot.metrics]
        group = [
            [period.label, *map(_value, figures)],
            *(_comparison(figures, heading="vs ") if compared else ()),
        ]
        if block and not _fits([titles, *block, *group]):
            yield _side_by_side(snapshot, "", block)
            block = []
        block.extend(group)
    yield _side_by_side(snapshot, "", block)


def _titles(snapshot: Snapshot) -> Column:
    return [METRICS[metric].title for metric in snapshot.metrics]


def _fits(columns: Sequence[Column]) -> bool:
    width = sum(max(map(len, column)) + 2 for column in columns) - 2
    return len(columns) - 1 <= _COLUMNS_ABREAST and width <= _WIDEST


def _side_by_side(snapshot: Snapshot, corner: str, columns: Sequence[Column]) -> str:
    headings, *rows = zip([corner, *_titles(snapshot)], *columns, strict=True)
    return table(_with_groups(rows, snapshot.metrics, len(headings)), headings=headings)


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
    if figure.state != "defined":
        return _SIGNS[figure.state]
    return f"{with_minus(in_short(figure.result))}{'*' if figure.partial else ''}"


_SIGNS = {"undefined": _UNDEFINED, "not observable": _NOT_OBSERVABLE, "refused": _REFUSED}


def in_short(result: Result | None) -> str:
    """A result in a cell of a table: of what takes many lines by itself, the one number that says most."""
    if isinstance(result, CustomerFlow):
        return f"{result.start:,} → {result.end:,}"
    if isinstance(result, RevenueFlow):  # the cents stand in the line of the revenue itself
        return " → ".join(decimal_as_text(each, ",.0f") for each in (result.start, result.end))
    if isinstance(result, RevenueCurve):
        return f"{as_text(as_money(result.steps[-1][1] if result.steps else result.before))} at the end"
    if isinstance(result, SurvivalCurve):
        return f"median {'not reached' if result.median is None else in_words(timedelta(days=result.median))}"
    if isinstance(result, AnswerShare):
        most, share = next(iter(result.items()))
        return f"{name_as_text(most)} ({share})"
    return as_text(result)


def _out_of(figure: Figure) -> str:
    result = figure.result
    if not figure.observable:
        return ""
    if isinstance(result, Ratio):
        return as_text(result.denominator) if result.bounded else ""
    return f"{result.count:,}" if isinstance(result, (Mean, Score, Distribution)) else ""


def _notes(snapshot: Snapshot, *, compared: bool) -> Iterator[str]:
    seen = [*snapshot.figures]
    if compared:
        seen += [figure.before for figure in snapshot.figures if figure.before is not None]
    if snapshot.currency and any(METRICS[metric].unit in _BARE_MONEY for metric in snapshot.metrics):
        yield f"Money is in {snapshot.currency}."
    if snapshot.inactive_after is not None and any(
        dict(figure.options).get("inactive_after") for figure in seen
    ):
        words = as_words(snapshot.inactive_after)
        yield f"Customers at the start, and at the end: who purchased within {words} before it (inactive_after)."
    for period in snapshot.periods:
        figures = [snapshot.figure(metric, period) for metric in snapshot.metrics]
        yield from _left_out(figures, period.label)
    yield from _definitions(snapshot)
    for line in snapshot.assumed:
        yield f"Assumed: {line}."
    yield from _missing(snapshot)
    yield from _legend(seen)
    if compared and len(snapshot.periods) == 1:
        yield from _verdicts(snapshot)


def _left_out(figures: Sequence[Figure], label: str) -> Iterator[str]:
    """By kind of record, what did not count; what few figures of a kind leave out stands with their names."""
    told: set[tuple[str, int]] = set()  # orders that customers' figures leave out have been told of
    for records, group in groupby(sorted(figures, key=_orders_first), key=_records):
        members = list(group)
        found: dict[tuple[str, int], list[str]] = {}
        for figure in members:
            for reason in figure.left_out.items():
                found.setdefault(reason, []).append(figure.title)
        by: dict[str, list[tuple[str, int]]] = {}
        for reason, titles in found.items():
            if reason not in told:
                by.setdefault(_by(titles, members), []).append(reason)
        for titles_of_few, reasons in sorted(by.items()):
            left = ", ".join(f"{count:,} {why}" for why, count in reasons)
            yield f"Left out of {label}'s {records}{titles_of_few}: {left}."
        if records == "orders":
            told.update(found)


def _by(titles: Sequence[str], members: Sequence[Figure]) -> str:
    """By which figures something was left out, where that is not what a reader would expect of all of them."""
    few = len(titles) < _FEW and len(titles) < len(members)
    return (
        f" by {', '.join(titles)}"
        if few and (len(members) > _MANY or _records(members[0]) != "orders")
        else ""
    )


def _records(figure: Figure) -> str:
    return figure.records


def _orders_first(figure: Figure) -> tuple[bool, str]:
    return figure.records != "orders", figure.records


def _missing(snapshot: Snapshot) -> Iterator[str]:
    """What could not be counted: by name where it is little, else how many figures for want of what."""
    lacking: dict[str, list[str]] = {}
    for metric, what in snapshot.missing.items():
        lacking.setdefault(what, []).append(metric)
    if len(snapshot.missing) > _MANY:
        counts = ", ".join(f"{len(metrics)} for want of {what}" for what, metrics in lacking.items())
        yield f"Not counted: {counts}. Snapshot.missing names them."
        return
    for what, metrics in lacking.items():
        for given, group in groupby(metrics, key=lambda metric: METRICS[metric].given_as(what)):
            yield f"Not counted: {', '.join(METRICS[metric].title for metric in group)}; give {given}."


def _verdicts(snapshot: Snapshot) -> Iterator[str]:
    """What the last column says, of the words that are in it."""
    changes = snapshot.changes().values()
    found = {change.verdict for change in changes}
    count = max((change.comparisons for change in changes), default=0)
    if found & {"real", "borderline", "noise"}:
        tested = f"{count} changes were tested at once" if count > 1 else "One change was tested"
        yield f"Real? {tested}. change(...) puts each into a sentence."
    for verdict in ("noise", "borderline", "real"):
        if verdict in found:
            yield f"  {verdict}: {_MEANING[verdict]}."
    yield from _terms(snapshot.figures)


def _terms(figures: Sequence[Figure]) -> Iterator[str]:
    """Where two periods are not compared on equal terms, and what has no interval."""
    defined = [figure for figure in figures if figure.state == "defined"]
    for reason in dict.fromkeys(figure.unfair_because for figure in defined if figure.unfair_because):
        titles = [figure.title for figure in defined if figure.unfair_because == reason]
        which = f"{len(titles)} figures" if len(titles) > _FEW else ", ".join(titles)
        yield f"No change is shown of {which}: {reason}."
    for caution in dict.fromkeys(figure.caution for figure in defined if figure.caution):
        titles = [figure.title for figure in defined if figure.caution == caution]
        yield f"Mind, with {', '.join(titles)}: {caution}."
    alike = [figure.title for figure in defined if _is_too_much_alike(figure)]
    if alike:
        yield f"Not tested: {', '.join(alike)}: in one of the two too few customers differ to tell how far chance carries it."
    if any(isinstance(figure.result, (int, Decimal, Distribution)) for figure in defined):
        yield "Counts, sums of money and medians have no interval; the rates and means they go with have one."


def _definitions(snapshot: Snapshot) -> Iterator[str]:
    """What was chosen where a metric leaves a choice: its title names none. The base has a line of its own."""
    chosen: dict[str, list[str]] = {}
    for metric in snapshot.metrics:
        options = dict(snapshot.figure(metric).options)
        words = ", ".join(
            f"{name.replace('_', ' ')} {text}" for name, text in options.items() if name != "inactive_after"
        )
        if words:
            chosen.setdefault(words, []).append(METRICS[metric].title)
    for words, titles in chosen.items():
        yield f"{', '.join(titles)}: {words}."


_MANY = 6
"""So many metrics that lack their records are named; of more it is said how many."""
_FEW = 3
"""So many metrics are named where no change is shown of them; of more it is said in general."""


def _is_too_much_alike(figure: Figure) -> bool:
    """Whether a change is untested for want of customers who differ, and not for what the metric is."""
    if figure.before is None or figure.unfair_because or figure.before.state != "defined":
        return False
    sides = (figure, figure.before)
    return any(_has_sums(each) and each.interval() is None for each in sides)


def _has_sums(figure: Figure) -> bool:
    return isinstance(figure.result, (Ratio, Mean, Score)) and figure.result.sampling is not None


_MEANING = {
    "noise": "may be chance, since the 95 % interval of the change holds 0",
    "borderline": "more than chance if it stood alone, but of so many one or another goes that far (Holm)",
    "real": "more than chance explains, even among all of them (Holm)",
}


def _legend(seen: Sequence[Figure]) -> Iterator[str]:
    """What the signs in the table mean, of those that are in it."""
    states = {figure.state for figure in seen}
    if any(figure.partial and figure.state == "defined" for figure in seen):
        yield "*: partial, the time that it covers was still running at as_of."
    if states & {"undefined", "not observable"}:
        yield f"{_UNDEFINED}: undefined, such as 0/0.  {_NOT_OBSERVABLE}: not observable.  figure(...).undefined_because says why."
    for error in dict.fromkeys(figure.error for figure in seen if figure.state == "refused"):
        yield f"{_REFUSED}: {_REFUSALS[error]}."


_REFUSALS: Mapping[type[RetentionError] | None, str] = {
    AsOfRequiredError: "the figure needs as_of, the instant at which the data were known",
    MixedCurrencyError: "the sales are in several currencies; give currency=, or convert= and currency=",
    MixedScaleError: "the answers are on several scales, or in several directions; give each question its own kind",
    SurveyScaleError: "the answers are on a scale that the figure can't be had of without a keyword; call the metric itself",
    ConflictingArgumentError: "the period compared with is longer than inactive_after",
}
