"""Who gets what, and why everybody else gets nothing, as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from retention.display._names import name_as_text, printable
from retention.display._text import table

if TYPE_CHECKING:
    from retention.strategies._assignments import Assignment, Assignments

__all__ = ["assignment_as_text", "assignment_explained", "assignments_as_text", "assignments_explained"]

_WIDEST = 110
_LEAST = 24
_FIRST = 10
"""So many of the list are shown."""

_OF_EVERYBODY = ("leave alone", "no rule")
"""Outcomes without a strategy, which no column of a table by strategy can hold."""

_MEANING = {
    "assigned": "gets it",
    "held out": "was in line for it, and a test leaves them without",
    "full": "the places went to those who come first",
    "written to lately": "the shop wrote so lately that the policy asks for quiet",
    "bought lately": "they bought so lately that the policy asks for quiet",
    "no consent": "agreed to no channel by which it goes",
    "excluded": "is never contacted",
    "leave alone": "a rule says that the customer is best left alone",
    "no rule": "nothing that is known calls for anything",
}


def assignment_as_text(one: Assignment) -> str:
    """What one customer gets, and why, or why nothing."""
    return _wrapped([_sentence(one)])


def _sentence(one: Assignment) -> str:
    who = name_as_text(one.customer_id)
    if one.strategy is None:
        return f"{who}: nothing ({one.outcome}). {one.why}"
    if not one.is_assigned:
        return f"{who}: nothing for now ({one.outcome}). {one.why} It would have been: {one.strategy.title}."
    by = "" if one.channel is None else f" by {one.channel}"
    return f"{who}: {one.strategy.title}{by}. {one.why}"


def assignment_explained(one: Assignment) -> str:
    """The same with the rule behind it and what to do."""
    return _wrapped([_sentence(one), *_behind(one)])


def _behind(one: Assignment) -> Iterator[str]:
    if one.chosen is None:
        return
    rule = one.chosen.rule
    if one.chosen.why != one.why:
        yield f"What is known: {one.chosen.why}"
    yield f"Why: {rule.because}"
    if one.do is not None:
        yield f"What to do: {one.do}"
    place = "" if one.place is None else f", number {one.place:,} in the list"
    yield f"Rule: {rule.id}, weight {rule.weight:g}{place}."


def assignments_as_text(found: Assignments) -> str:
    """How many get what, by strategy, and why the others get nothing."""
    return "\n\n".join(each for each in (_head(found), _by_strategy(found), _wrapped(_below(found))) if each)


def _head(found: Assignments) -> str:
    total = len(found.situations)
    return f"{len(found):,} of {total:,} customers get something, as of {found.at:%Y-%m-%d %H:%M}."


def _by_strategy(found: Assignments) -> str:
    """A line for each strategy, a column for each outcome that there is."""
    groups = found.by_strategy
    if not groups:
        return ""
    all_counts = found.counts
    outcomes = [each for each in all_counts if each not in _OF_EVERYBODY and all_counts[each]]
    rows = [
        [
            name_as_text(found.rules.strategies[name].title, _WIDEST),
            *(f"{counts[each]:,}" if counts[each] else "" for each in outcomes),
        ]
        for name, counts in groups.items()
    ]
    rows.append(["all", *(f"{all_counts[each]:,}" for each in outcomes)])
    return table(rows, headings=["", *outcomes], widest=_WIDEST, least=_LEAST)


def _below(found: Assignments) -> Iterator[str]:
    counts = found.counts
    for outcome in _OF_EVERYBODY:
        if number := counts[outcome]:
            yield f"{number:,} get{'s' if number == 1 else ''} nothing ({outcome}): {_MEANING[outcome]}."
    ways = [f"{number:,} by {name}" for name, number in found.by_channel.items() if number]
    if ways:
        yield f"By channel: {', '.join(ways)}."
    yield f"Policy: {found.policy}"
    yield from (f"Mind: {note}." for note in found.notes)


def assignments_explained(found: Assignments) -> str:
    """The same with what the outcomes mean, and the first of the list."""
    counts = found.counts
    meant = [f"- {each}: {_MEANING[each]}." for each in counts if counts[each]]
    first = [f"{number}. {_sentence(one)}" for number, one in enumerate(found[:_FIRST], 1)]
    more = len(found) - len(first)
    told = [
        "What the words mean:",
        *meant,
        "Who goes first: the weight of the rule, then what a customer is worth, then the number of purchases, then a lot.",
        *(["The first in the list:"] if first else []),
        *first,
        *([f"… and {more:,} more."] if more else []),
    ]
    return f"{assignments_as_text(found)}\n\n{_wrapped(told)}"


def _wrapped(paragraphs: Iterable[str]) -> str:
    return "\n".join(
        line
        for each in paragraphs
        for line in wrap(
            printable(each),
            _WIDEST,
            break_on_hyphens=False,
            subsequent_indent="  " * each.startswith("- ") + "   " * each[:1].isdigit(),
        )
    )
