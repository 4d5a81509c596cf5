"""Whose a limit is: published, this library's, or that of whoever made the rule or moved its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retention.strategies._default_rules import DEFAULT_RULES

if TYPE_CHECKING:
    from retention.strategies._conditions import Condition
    from retention.strategies._findings import Finding
    from retention.strategies._rules import Rule

__all__ = ["whose_limit"]


def whose_limit(rule: Rule, finding: Finding) -> str:
    """What a figure was held against, and whose limit that is, as a sentence that begins in lower case.

    It is read off the rule as it is, since limits can be moved.
    """
    moved, published = finding.comparison, finding.benchmark
    ours = _is_ours(rule, finding)
    if moved is not None:
        far = "; that so large a move counts is this library's choice" if ours else ""
        return f"the same figure of {moved.labels[1]}{far}."
    if published is not None:
        return (
            f"a published figure, {published.id}: {published.published} ({published.guide}). It applies to "
            f"{published.applies_to}; mind that {published.caution}."
        )
    if ours:
        return "a limit of this library's, which is no published figure."
    return "a limit of the rule's own, which is no published figure."


def _is_ours(rule: Rule, finding: Finding) -> bool:
    """Whether the rule of this name by which the library goes unless told otherwise has the same limit."""
    ours = DEFAULT_RULES.get(rule.id)
    return ours is not None and _limit(finding.condition) in map(_limit, ours.conditions)


def _limit(condition: Condition) -> tuple[object, ...]:
    return (
        condition.metric,
        condition.options,
        condition.above,
        condition.below,
        condition.change,
        condition.by,
        condition.against,
    )
