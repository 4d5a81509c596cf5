"""One customer's situation and next action as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from retention.display._names import name_as_text, printable
from retention.strategies._customer_fields import FIELDS

if TYPE_CHECKING:
    from retention.strategies._customer_rules import CustomerVerdict
    from retention.strategies._customer_situation import CustomerSituation
    from retention.strategies._next_action import NextAction

__all__ = ["action_as_text", "action_explained", "situation_as_text"]

_WIDEST = 110


def situation_as_text(situation: CustomerSituation) -> str:
    """What is known of a customer, a line each; what is not is left out."""
    head = f"{name_as_text(situation.customer_id)} as of {situation.at.isoformat(' ', 'minutes')}"
    known = [name for name in FIELDS if getattr(situation, name) is not None]
    width = max(map(len, known))
    lines = [f"  {name:<{width}}  {situation.clause(name)}" for name in known]
    return "\n".join([head, *lines])


def action_as_text(action: NextAction) -> str:
    """The action and the facts behind it."""
    return "\n".join(wrap(printable(_action(action)), _WIDEST, break_on_hyphens=False))


def _action(action: NextAction) -> str:
    who = name_as_text(action.customer_id)
    if action.chosen is None:
        return f"{who}: nothing to do. {_nothing(action)}"
    return f"{who}: {_title(action)}. {action.chosen.why}"


def _title(action: NextAction) -> str:
    return "leave alone" if action.strategy is None else action.strategy.title


def _nothing(action: NextAction) -> str:
    unknown = len(action.skipped)
    if not unknown:
        return "No rule holds."
    return f"No rule holds, and {unknown:,} can't be judged with what is on record."


def action_explained(action: NextAction) -> str:
    """The whole reasoning, a paragraph each: what is known, why it follows, what to do, what else was considered."""
    paragraphs = [_action(action), *_why(action), *_considered(action)]
    return "\n".join(
        line
        for each in paragraphs
        for line in wrap(
            printable(each), _WIDEST, break_on_hyphens=False, subsequent_indent="  " * each.startswith("- ")
        )
    )


def _why(action: NextAction) -> Iterator[str]:
    if action.chosen is None:
        return
    rule = action.chosen.rule
    yield f"Why: {rule.because}"
    if rule.do is not None:
        yield f"What to do: {rule.do}"
    if action.strategy is not None:
        yield f"Strategy: {action.strategy.id}, {action.strategy.effort} effort."
        yield from (f"Mind: {risk}" for risk in action.strategy.risks[:1])


def _considered(action: NextAction) -> Iterator[str]:
    """What else holds, what nobody knows, and why what has more weight does not hold."""
    if action.also:
        yield "Holds, too, with less weight:"
        yield from _in_brief(action.also)
    if action.skipped:
        yield "Nobody knows of:"
        yield from _in_brief(action.skipped)
    least = 0 if action.chosen is None else action.chosen.rule.weight
    before = [each for each in action.rejected if each.rule.weight > least]
    if before:
        yield "Would have come before, and does not hold:"
        yield from _in_brief(before)


def _in_brief(verdicts: Iterable[CustomerVerdict]) -> Iterator[str]:
    """A line for each reason, with the rules of which it is said."""
    said: dict[str, list[str]] = {}
    for each in verdicts:
        said.setdefault(each.why, []).append(f"{each.rule.id} ({each.rule.strategy or 'leave alone'})")
    for why, rules in said.items():
        yield f"- {', '.join(rules)}: {why[:1].lower()}{why[1:]}"
