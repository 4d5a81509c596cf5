"""The triangle of cohorts as aligned text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING, Literal

from attrs import evolve

from retention.display._text import table
from retention.results import Mean, decimal_as_text

if TYPE_CHECKING:
    from retention.cohorts import Cohort, CohortCell, CohortTable
    from retention.cohorts._table import Shown

__all__ = ["triangle"]

_WIDEST = 110
_NOT_OBSERVABLE = "–"
_UNDEFINED = "n/a"
_MONEY = frozenset({"revenue", "cumulative_revenue_value"})
_TITLES = {
    "retention": "Retention",
    "customers": "Customers who purchased",
    "orders": "Orders",
    "revenue": "Revenue",
    "cumulative_revenue_value": "Cumulative revenue per customer",
}
_POOLED = {
    "retention": "all, pooled",
    "customers": "all, share",
    "orders": "all, per customer",
    "revenue": "all, per customer",
    "cumulative_revenue_value": "all, pooled",
}


_RUNNING = {
    "calendar": "the age had not passed",
    "elapsed": "the age had passed for some customers only",
}


def triangle(cohorts: CohortTable, measure: Shown) -> str:
    """One line a cohort, one column an age, and below what all complete cells come to together.

    What is wider than a terminal goes on below, without the cohorts that have nothing there.
    """
    heads = [
        [str(cohorts.basis.period), *(row.label for row in cohorts), _POOLED[measure]],
        ["customers", *map(_size, cohorts), f"{cohorts.size:,}"],
    ]
    columns = [
        [label, *(_cell(row.cells[place], measure) for row in cohorts), _pooled(cohorts, place, measure)]
        for place, label in enumerate(cohorts.columns)
    ]
    blocks = [
        _block([*heads, *block], is_first=not number)
        for number, block in enumerate(_abreast(columns, _width(heads)))
    ]
    notes = (
        line
        for note in _notes(cohorts, measure)
        for line in wrap(
            note, _WIDEST, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
    )
    return "\n\n".join([_title(cohorts, measure), *blocks, "\n".join(notes)]).rstrip()


def _title(cohorts: CohortTable, measure: Shown) -> str:
    options = dict(cohorts.basis.options)
    unit = options["unit"]
    event = "the given event" if "since" in options else "the first purchase"
    ages = (
        f"{unit}s of the calendar since"
        if options["age"] == "calendar"
        else f"{unit}s elapsed since each customer's own"
    )
    return f"{_TITLES[measure]}, by {unit} of {event} and by {ages}"


def _width(columns: Sequence[Sequence[str]]) -> int:
    return sum(max(map(len, column)) + 2 for column in columns)


def _abreast(columns: Sequence[list[str]], taken: int) -> Iterator[list[list[str]]]:
    """As many columns together as are read at one glance."""
    block: list[list[str]] = []
    for column in columns:
        if block and taken + _width([*block, column]) - 2 > _WIDEST:
            yield block
            block = []
        block.append(column)
    yield block


def _block(columns: Sequence[Sequence[str]], *, is_first: bool) -> str:
    headings, *rows, pooled = zip(*columns, strict=True)
    kept = [row for row in rows if is_first or any(row[2:])]
    return table([*kept, pooled], headings=headings)


def _size(row: Cohort) -> str:
    return _NOT_OBSERVABLE if row.size is None else f"{row.size:,}{'*' if row.partial else ''}"


def _cell(cell: CohortCell, measure: Shown) -> str:
    if cell.state == "absent":
        return ""
    if _is_bare(cell) and measure != "cumulative_revenue_value":
        return "*"  # a 0 that has only begun to be counted would look like a loss
    return f"{_value(cell, measure)}{'*' if cell.partial else ''}"


def _is_bare(cell: CohortCell) -> bool:
    """Whether it is partial, and there is nothing to count yet."""
    return cell.partial and not cell.orders and cell.followed != 0


def _value(cell: CohortCell, measure: Shown) -> str:
    if measure == "retention":
        return format(cell.retention)
    if measure == "cumulative_revenue_value":
        return format(cell.cumulative_revenue_value)
    value: int | Decimal | None = getattr(cell, measure)
    return decimal_as_text(value, ",.2f") if isinstance(value, Decimal) else f"{value:,}"


def _pooled(cohorts: CohortTable, place: int, measure: Shown) -> str:
    """What the last line shows: all complete cells of a column, per customer where they are no share."""
    cells = [row.cells[place] for row in cohorts if row.cells[place].state == "observed"]
    if not cells:
        return ""
    ages = cells[0].ages
    if measure in {"retention", "customers"}:
        return format(cohorts.average(ages))
    if measure == "revenue":
        return format(_revenue_per_customer(cells))
    which: Literal["orders_per_customer", "cumulative_revenue_value"] = (
        "orders_per_customer" if measure == "orders" else "cumulative_revenue_value"
    )
    return format(cohorts.average(ages, measure=which))


def _revenue_per_customer(cells: Sequence[CohortCell]) -> Mean:
    return Mean.pool([Mean(cell.revenue or 0, cell.followed or 0) for cell in cells])


def _notes(cohorts: CohortTable, measure: Shown) -> Iterator[str]:
    cells = [cell for row in cohorts for cell in row.cells]
    options = dict(cohorts.basis.options)
    if "horizon" in options:
        unit = options["unit"]
        yield f"k+: in {unit} k or later, up to {unit} {options['horizon']}."
    if measure in _MONEY and cohorts.currency:
        yield f"Money is in {cohorts.currency}."
    if any(cell.partial for cell in cells) or any(row.partial for row in cohorts):
        running = _RUNNING[options["age"]]
        alone = "; alone: nobody so far" if any(map(_is_bare, cells)) else ""
        yield f"*: partial, {running} at as_of, or the cohort still took customers in; not in the last line{alone}."
    if any(cell.followed == 0 for cell in cells) and measure in {"retention", "cumulative_revenue_value"}:
        yield f"{_UNDEFINED}: undefined, since the cohort has no customers."
    unseen = dict.fromkeys(row.unseen for row in cohorts if row.unseen is not None)
    if unseen:
        yield f"{_NOT_OBSERVABLE}: not observable, since {'; or since '.join(unseen)}."
    yield from evolve(cohorts.basis, partial=False).sentences()
