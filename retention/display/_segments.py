"""Customers by stage and state of life, how they moved, and who is at risk: plain text tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from retention._calendar import as_words
from retention.display._names import name_as_text, width_of
from retention.display._text import table
from retention.results import Ratio, as_text
from retention.segments._rules import STAGES, STATES

if TYPE_CHECKING:
    from retention.segments._at_risk import AtRiskCustomer, AtRiskCustomers
    from retention.segments._lifecycle import LifecycleTable
    from retention.segments._lives import LifecycleGroup
    from retention.segments._transitions import TransitionTable

__all__ = ["at_risk_as_text", "lifecycle_as_text", "transitions_as_text"]

_WIDEST = 110
_UNDEFINED = "n/a"
_MOST_ROWS = 40


def lifecycle_as_text(found: LifecycleTable) -> str:
    """Stages down, states across: customers with their share of all, and under them what they spent."""
    if found.basis.undefined_because:
        return _undefined(found.basis.period, found.basis.undefined_because)
    headings = ["", *map(_plain, STATES), "all"]
    rows = [[stage or "all", *(_people(group) for group in groups)] for stage, groups in _by_stage(found)]
    blank = [""] * (len(headings) - 1)
    everything = [[f"CUSTOMERS {found.basis.period}", *blank], *rows]
    if len(found.currencies) <= 1:
        unit = f" ({found.basis.currency})" if found.basis.currency else ""
        everything += [["", *blank], [f"WHAT THEY SPENT{unit}", *blank], *_spent(found)]
    notes = [_rule(found), *_stages(found), *_no_money(found), *found.basis.sentences()]
    return _with_notes(table(everything, headings=headings), notes)


def _spent(found: LifecycleTable) -> Iterator[list[str]]:
    for stage, groups in _by_stage(found):
        yield [stage or "all", *(as_text(group.revenue) for group in groups)]


def _no_money(found: LifecycleTable) -> Iterator[str]:
    if len(found.currencies) > 1:
        yield f"What they spent is in {', '.join(found.currencies)} and can't be added; currency= reads one of them."


def _by_stage(found: LifecycleTable) -> Iterator[tuple[str | None, list[LifecycleGroup]]]:
    for stage in (*STAGES, None):
        yield stage, [found.group(stage=stage, state=state) for state in (*STATES, None)]


def _people(group: LifecycleGroup) -> str:
    return f"{group.customers:,} ({group.share:.0%})"


def _rule(found: LifecycleTable) -> str:
    return f"States: {found.rules.in_words()}."


def _stages(found: LifecycleTable) -> Iterator[str]:
    yield f"Stages: {found.stage_rules.in_words()}."


def transitions_as_text(found: TransitionTable) -> str:
    """From which group (down) to which (across): customers, with their share of the row."""
    if found.basis.undefined_because:
        return _undefined(found.basis.period, found.basis.undefined_because)
    names = ["from \\ to", *map(_plain, found.rows), "all"]
    columns = [
        [
            _plain(after),
            *(_moved(found.share(before, after)) for before in found.rows),
            f"{found.total_after(after):,}",
        ]
        for after in found.columns
    ]
    totals = ["all", *(f"{found.total_before(before):,}" for before in found.rows), f"{found.customers:,}"]
    tables = []
    for block in _abreast([*columns, totals], _width(names)):
        headings, *rows = zip(names, *block, strict=True)
        tables.append(table(rows, headings=headings))
    span = f"Customers from {found.start:%Y-%m-%d} (down) to {found.end:%Y-%m-%d} (across), in brackets the share of the row."
    rules = (f"{name.capitalize()}: {text}." for name, text in found.basis.options)
    return _with_notes("\n\n".join(tables), [span, *rules, *found.basis.sentences()])


def _abreast(columns: Iterable[list[str]], taken: int) -> Iterator[list[list[str]]]:
    """As many columns together as are read at one glance; the others go on below."""
    block: list[list[str]] = []
    for column in columns:
        if block and taken + sum(map(_width, [*block, column])) > _WIDEST:
            yield block
            block = []
        block.append(column)
    yield block


def _width(column: Iterable[str]) -> int:
    """With the gap before the next one."""
    return max(map(width_of, column)) + 2


def _moved(share: Ratio) -> str:
    """So many, and their share of the row; where nobody stood there, no share."""
    return f"{share.numerator:,} ({share:.0%})" if share.denominator else "0"


def at_risk_as_text(found: AtRiskCustomers) -> str:
    """A line for each customer, the most urgent first."""
    if found.basis.undefined_because:
        return _undefined(found.basis.period, found.basis.undefined_because)
    if not found:
        said = (
            f"None in this part of the list: {found.of_all:,} of {found.all_customers:,} customers are at risk"
            if found.of_all
            else "Nobody is at risk"
        )
        return _with_notes(f"{said} {found.basis.period}.", found.basis.sentences())
    unit = f" {found.basis.currency}" if found.basis.currency else ""
    headings = [
        "customer",
        "latest",
        "days silent",
        "usual gap",
        "times",
        "orders",
        f"spent{unit}",
        "comes back",
        "95 % interval",
        f"at stake{unit}",
    ]
    rows = [_line(each) for each in found[:_MOST_ROWS]]
    more = [f"… and {len(found) - _MOST_ROWS:,} more."] if len(found) > _MOST_ROWS else []
    text = table(rows, headings=headings, widest=_WIDEST)
    return _with_notes(text, [*more, *_legend(found), *found.basis.sentences()])


def _line(each: AtRiskCustomer) -> Sequence[str]:
    is_known = each.comeback.value is not None
    usual = _UNDEFINED if each.usual_gap_days is None else f"{each.usual_gap_days:,.0f}"
    return [
        name_as_text(each.customer_id),
        f"{each.latest_at:%Y-%m-%d}",
        f"{each.silence_days:,.0f}",
        usual if each.has_own_rhythm or each.usual_gap_days is None else f"({usual})",
        _UNDEFINED if each.times_usual is None else f"{each.times_usual:.1f}",
        f"{each.orders:,}",
        as_text(each.spend),
        f"{each.comeback:.0%} of {each.comeback.denominator:,}" if is_known else _UNDEFINED,
        format(each.comeback.interval(), ".0%") if is_known else "",
        as_text(each.at_stake) if is_known else _UNDEFINED,
    ]


def _legend(found: AtRiskCustomers) -> Iterator[str]:
    """What the columns say."""
    shown = found[:_MOST_ROWS]
    within = as_words(found.within) if found.within else ""
    yield f"{found.of_all:,} of {found.all_customers:,} customers are at risk; the most urgent stand first."
    if any(each.usual_gap_days is not None and not each.has_own_rhythm for each in shown):
        yield "usual gap: days between two purchases; in brackets that of customers who came back, where a customer's own are too few."
    yield f"spent: {f'in the last {as_words(found.window)}' if found.window else 'in all'}."
    yield (
        f"comes back: of so many earlier silences that had lasted as long for their customers, the share that ended by a purchase "
        f"within {within}."
    )
    yield "at stake: spent × (1 − comes back)."
    if any(each.comeback.value is None for each in shown):
        yield f"{_UNDEFINED}: not known, since no earlier silence as long was watched for {within} more; such customers stand last."
    if any(each.usual_gap_days is None for each in shown):
        yield f"{_UNDEFINED} under usual gap: fixed thresholds know no rhythm."


def _plain(word: str) -> str:
    return name_as_text(word.replace("_", " "))


def _undefined(period: str | None, reason: str) -> str:
    return _wrapped([f"{_UNDEFINED}{f' {period}' if period else ''}: {reason}."])


def _with_notes(text: str, notes: Iterable[str]) -> str:
    return f"{text}\n\n{_wrapped(notes)}"


def _wrapped(notes: Iterable[str]) -> str:
    return "\n".join(
        line
        for note in notes
        for line in wrap(
            note, _WIDEST, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
    )
