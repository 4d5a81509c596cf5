"""A table of one metric by groups of customers, as text."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from retention._customer_keys import NOT_KNOWN
from retention.display._names import name_as_text
from retention.display._sentences import difference_as_text
from retention.display._text import in_short, table, with_minus
from retention.results import Distribution, Mean, Ratio, Score, as_text

if TYPE_CHECKING:
    from retention._by_segment import SegmentRow, SegmentTable
    from retention._snapshot import Figure

__all__ = ["segment_name", "segment_text", "segment_words"]

_WIDEST = 110
_REFUSED = "refused"
_SIGNS = {"undefined": "n/a", "not observable": "–"}
_WHOLE = "all"


def segment_text(found: SegmentTable) -> str:
    """The groups with their figures, their intervals, and whether each differs from all the others."""
    names = map(segment_name, found.segments)
    lines = [[name_as_text(found.by), *names, _WHOLE], *_columns(found)]
    headings, *rows = zip(*lines, strict=True)
    *parts, whole = rows
    notes = "\n".join(
        line
        for note in _notes(found)
        for line in wrap(
            note, _WIDEST, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
    )
    body = table([*parts, [""] * len(headings), whole], headings=headings, widest=_WIDEST)
    return "\n\n".join(filter(None, [_title(found), body, notes]))


def segment_name(segment: Hashable) -> str:
    """What a group is called in texts."""
    return NOT_KNOWN if segment is None else name_as_text(segment)


def _title(found: SegmentTable) -> str:
    return f"{found.title} by {name_as_text(found.by)}, {found.period.label} ({found.whole_figure.unit})"


def _columns(found: SegmentTable) -> Iterator[list[str]]:
    """The columns that have something in them, each with its heading and the whole below."""
    figures = [*(row.figure for row in found.rows), found.whole_figure]
    rows, compared = found.rows, [row.comparison for row in found.rows]
    yield ["figure", *map(_value, figures)]
    yield from _filled(["95 % interval", *(with_minus(str(figure.interval() or "")) for figure in figures)])
    yield from _filled(["of", *map(_out_of, figures)])
    yield from _filled(["share", *("" if row.share is None else f"{row.share:.1%}" for row in rows), ""])
    yield from _filled(
        ["others", *("" if each.difference is None else as_text(each.b) for each in compared), ""]
    )
    yield from _filled(["difference", *(difference_as_text(each) for each in compared), ""])
    yield from _filled(
        ["real?", *("" if each.verdict == "unknown" else each.verdict for each in compared), ""]
    )


def _filled(column: list[str]) -> Iterator[list[str]]:
    if any(column[1:]):
        yield column


def _value(figure: Figure) -> str:
    if figure.state != "defined":
        return _SIGNS.get(figure.state, _REFUSED)
    return f"{_short(figure)}{'*' if figure.partial else ''}"


def _short(figure: Figure) -> str:
    return with_minus(in_short(figure.result))


def _out_of(figure: Figure) -> str:
    result = figure.result
    if figure.state != "defined":
        return ""
    if isinstance(result, Ratio):
        return as_text(result.denominator) if result.bounded else ""
    count = getattr(result, "count", None)
    return f"{count:,}" if isinstance(count, int) else ""


def _notes(found: SegmentTable) -> Iterator[str]:
    whole = found.whole_figure
    words = ", ".join(f"{name.replace('_', ' ')} {text}" for name, text in whole.options)
    if words:
        yield f"{found.title}: {words}."
    yield from _out_of_what(whole)
    yield from _verdicts(found)
    yield from _without(found.rows)
    if whole.left_out:
        left = ", ".join(f"{count:,} {why}" for why, count in whole.left_out.items())
        yield f"Left out of {found.period.label}'s {whole.records}: {left}."
    for line in whole.assumed:
        yield f"Assumed: {line}."
    yield from _legend([*(row.figure for row in found.rows), whole])


def _out_of_what(whole: Figure) -> Iterator[str]:
    """What the columns "of" and "share" count."""
    result = whole.result
    counted = result.basis.counted if isinstance(result, (Ratio, Mean, Score, Distribution)) else ()
    if counted and _out_of(whole):
        yield f"of: {counted[-1]}."


def _verdicts(found: SegmentTable) -> Iterator[str]:
    compared = [row.comparison for row in found.rows]
    verdicts = {each.verdict for each in compared} - {"unknown"}
    if not verdicts:
        return
    count = max(each.comparisons for each in compared)
    at_once = f"; {count} were tested at once" if count > 1 else ""
    yield f"Real? Each group against all the others together{at_once}. compare(...) puts each into a sentence."
    for verdict, meaning in _MEANING.items():
        if verdict in verdicts:
            among = ", even among all of them (Holm)" if verdict == "real" and count > 1 else ""
            yield f"  {verdict}: {meaning}{among}."


_MEANING = {
    "noise": "may be chance, since the 95 % interval of the difference holds 0",
    "borderline": "more than chance if it stood alone, but of so many one or another goes that far (Holm)",
    "real": "more than chance explains",
}


def _without(rows: Sequence[SegmentRow]) -> Iterator[str]:
    """Why groups that have a value are compared with nothing."""
    why: dict[str, list[str]] = {}
    for row in rows:
        reason = row.comparison.undefined_because or row.comparison.untested_because
        if reason is not None and row.figure.state == "defined":
            why.setdefault(reason, []).append(segment_name(row.segment))
    for reason, names in why.items():
        which = "" if len(names) == len(rows) else f" of {', '.join(names)}"
        yield f"No comparison{which}: {reason}."


def _legend(figures: Iterable[Figure]) -> Iterator[str]:
    seen = list(figures)
    states = {figure.state for figure in seen}
    if any(figure.partial and figure.state == "defined" for figure in seen):
        yield "*: partial, the time that it covers was still running at as_of."
    refused = (figure.undefined_because for figure in seen if figure.state == _REFUSED)
    for reason in dict.fromkeys(refused):
        yield f"{_REFUSED}: {reason}."
    told = [f"{_SIGNS[state]}: {state}" for state in _SIGNS if state in states]
    if told:
        yield f"{'.  '.join(told)}.  row(...).figure.undefined_because says why."


def segment_words(found: SegmentTable) -> str:
    """The whole, each group, those that stand out, and what the figures rest on."""
    by_group = "; ".join(f"{segment_name(row.segment)} {_in_words(row.figure)}" for row in found.rows)
    real = [str(row.comparison) for row in found.rows if row.comparison.verdict == "real"]
    apart = real or (
        ["No group differs from the others by more than chance explains."] if _tested(found) else []
    )
    groups = f"By {name_as_text(found.by)}: {by_group}." if found.rows else "There is no group."
    return " ".join([f"All together, {found.whole_figure.explain()}", groups, *apart])


def _tested(found: SegmentTable) -> bool:
    return any(row.comparison.verdict != "unknown" for row in found.rows)


def _in_words(figure: Figure) -> str:
    if figure.state != "defined":
        return f"has no value, since {figure.undefined_because}"
    out_of = _counts(figure)
    return f"{_short(figure)}{f' ({out_of})' if out_of else ''}"


def _counts(figure: Figure) -> str:
    result = figure.result
    if isinstance(result, Ratio) and result.bounded:
        return f"{as_text(result.numerator)} of {as_text(result.denominator)}"
    return f"of {result.count:,}" if isinstance(result, (Mean, Score)) else ""
