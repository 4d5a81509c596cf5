"""The groups of recency, frequency and money as text, and where in the grid of scores the customers lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING

from retention.display._names import name_as_text
from retention.display._text import table
from retention.results import decimal_as_text

if TYPE_CHECKING:
    from retention.segments._rfm import RfmGroupSummary, RfmTable

__all__ = ["rfm_grid", "rfm_text"]

_WIDEST = 110
_BESIDE = 9
"""Columns that a number of customers and the gap before it take in a grid."""
_LEAST = 4


def rfm_text(found: RfmTable) -> str:
    """The groups with their figures, what they mean, and what was left out."""
    groups = found.groups
    unit = f" {found.basis.currency}" if found.basis.currency else ""
    headings = [
        "group",
        "customers",
        "share",
        "days since purchase",
        "purchases each",
        f"revenue{unit}",
        "of revenue",
    ]
    total = [
        "all",
        f"{len(found):,}",
        "",
        "",
        "",
        _money(found.revenue),
        "",
    ]
    text = table([*map(_row, groups), total], headings=headings, widest=_WIDEST)
    return "\n\n".join([f"Groups by recency, frequency and money, {found.basis.period}", text, _notes(found)])


def _row(group: RfmGroupSummary) -> list[str]:
    days = f"{group.recency.median:,.0f}" if group.customers else "n/a"
    return [
        name_as_text(group.name),
        f"{group.customers:,}",
        str(group.share),
        days,
        format(group.frequency, ",.1f"),
        _money(group.revenue),
        str(group.revenue_share),
    ]


def _money(amount: Decimal) -> str:
    return decimal_as_text(amount, ",.2f")


def _notes(found: RfmTable) -> str:
    return "\n".join(_wrapped(_sentences(found)))


def _sentences(found: RfmTable) -> Iterator[str]:
    for group in found.scheme.groups:
        yield f"{name_as_text(group.name)}: {group.meaning}"
    yield "Days since purchase: the median. Purchases each: the mean."
    if found.basis.options:
        yield f"Reckoned with {', '.join(f'{name} {text}' for name, text in found.basis.options)}."
    yield from _undefined(found)
    yield from found.basis.sentences()


def _undefined(found: RfmTable) -> Iterator[str]:
    if found.basis.undefined_because:
        yield f"n/a: undefined, since {found.basis.undefined_because}."
        return
    if not all(group.customers for group in found.groups):
        yield "n/a: nobody is in the group."
    if not found.revenue:
        yield "n/a under of revenue: nothing was spent."


def _wrapped(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from wrap(line, _WIDEST, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def rfm_grid(found: RfmTable) -> str:
    """A row for each R, the latest first, and a column for each FM: how many customers, and in which group."""
    cells, scores = found.cells, range(1, found.scheme.bins + 1)
    room = max(_WIDEST // len(scores) - _BESIDE, _LEAST)
    name = {cell: name_as_text(group.name, room) for group in found.scheme.groups for cell in group.cells}
    rows = [
        [f"R {r}", *(f"{name[r, fm]} {cells[r, fm]:,}" for fm in scores)]
        for r in sorted(scores, reverse=True)
    ]
    return table(rows, headings=["", *(f"FM {fm}" for fm in scores)])
