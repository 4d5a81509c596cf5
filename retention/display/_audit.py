"""The checklist of an audit as plain text: a table, its legend, and every line of it in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from retention.display._names import printable
from retention.display._text import table

if TYPE_CHECKING:
    from retention.strategies._audit import Audit, AuditItem

__all__ = ["audit_as_text", "audit_in_full", "item_in_full", "item_in_short"]

_WIDEST = 110
_TITLE = 48
_STAGES = ("early", "middle", "late")
_STATUSES = (
    "absent: the records would show it, and don't. weak: it reaches too few, or a figure that it should hold up is ill, "
    "whatever is done. invisible: the data can't show it, or can't tell; that does not say that it is not done."
)
_COLUMNS = (
    "reached: of those whom it is for, how many it reached, as far as the records show. others: how many other customers "
    "were written to on the same days. ill: how many rules say that a figure that it should hold up is ill."
)
_MORE = 'What was read, and what to hand over: audit["welcome-series"].explain(), or explain() for all.'


def item_in_short(item: AuditItem) -> str:
    """One strategy in a line or two."""
    return printable(f"{item.title}: {item.status}. {item.why}")


def item_in_full(item: AuditItem) -> str:
    """One strategy with all that was read."""
    head = f"{item.title} ({item.strategy.id}): {item.status}"
    return "\n".join(map(printable, [head, *_parts(item)]))


def _parts(item: AuditItem) -> Iterator[str]:
    yield f"Level: {item.area}; customers at the stages {', '.join(item.strategy.stages)}."
    if item.answer is not None:
        yield f"Your answer: {item.answer}."
    yield f"In the records: {item.trace.why}"
    for verdict in item.verdicts:
        yield f"Figure ({verdict.rule.id}, {_outcome(verdict.outcome, urgent=verdict.rule.urgent)}): {verdict.why}"
    yield from (f"To see more: {each}." for each in item.hand_over)
    yield f"First step: {item.strategy.first_steps[0]}"


def _outcome(outcome: str, *, urgent: bool) -> str:
    if outcome == "recommended":
        return "ill" if urgent else "worth trying"
    return "no reason" if outcome == "rejected" else "can't be judged"


def audit_in_full(found: Audit) -> str:
    """Every strategy with all that was read."""
    return "\n\n".join(item_in_full(item) for item in found.values())


def audit_as_text(found: Audit) -> str:
    """The checklist, by level of the business, and under it how many strategies at each stage have which status."""
    headings = [f"AUDIT, {found.period.label}", "stages", "status", "reached", "others", "ill"]
    rows = [row for area, items in found.by_area.items() for row in _block(area, items)]
    text = table(rows, headings=headings, widest=_WIDEST, least=_TITLE)
    return "\n\n".join([text, _grid(found), _wrapped(_notes(found))])


def _notes(found: Audit) -> Iterator[str]:
    yield _STATUSES
    yield _COLUMNS
    if any(map(_is_answered, found.values())):
        yield "*: as you answered; the data can't tell."
    yield _MORE


def _block(area: str, items: Iterable[AuditItem]) -> Iterator[list[str]]:
    yield [area.upper(), *[""] * 5]
    yield from map(_row, items)


def _row(item: AuditItem) -> list[str]:
    reached, ordinary = item.trace.result, item.trace.ordinary
    stages = item.strategy.stages
    is_shown = reached is not None and reached.denominator and item.trace.shows != "invisible"
    return [
        f"  {printable(item.title)}",
        "all" if len(stages) == len(_STAGES) else ", ".join(stages),
        f"{item.status}*" if _is_answered(item) else item.status,
        f"{reached:.1%}" if is_shown else "",
        "" if ordinary is None or not is_shown else f"{ordinary:.1%}",
        f"{len(item.ill):,}" if item.ill else "",
    ]


def _is_answered(item: AuditItem) -> bool:
    """Whether its status is an answer, which the data do not bear out."""
    return item.status == item.answer and item.trace.shows == "invisible"


def _grid(found: Audit) -> str:
    """How many have which status, for customers at each stage and in all."""
    columns = [*found.grid.values(), found.tally]
    rows = [[status, *(f"{column[status]:,}" for column in columns)] for status in found.tally]
    return table(rows, headings=["STRATEGIES", *found.grid, "in all"])


def _wrapped(notes: Iterable[str]) -> str:
    return "\n".join(
        line
        for note in notes
        for line in wrap(
            note, _WIDEST, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
    )
