"""What it says of customers that a likelihood rises without end: the sentences for the error's message."""

from __future__ import annotations

__all__ = ["buy_alike", "hardly_anyone_leaves", "leave_alike", "with_chance"]

_ALIKE = 300.0
"""Shape of a gamma distribution from which on its values lie within a few hundredths of each other."""
_MANY = 1_000
"""Of so many customers it hardly happens by chance any more that there is no best place."""


def hardly_anyone_leaves(by_hand: str) -> str:
    """Nobody leaves, or so few that nothing tells how they differ.

    Args:
        by_hand: The model that is left, as one would write it down.
    """
    return (
        "Towards there hardly anyone ever leaves, and that is an answer: take these customers for still there. What they "
        f"will buy follows from their rates alone, as {by_hand} has it, with the unit of the base"
    )


def buy_alike(shape: float) -> str:
    """All buy at one rate, or more regularly than chance would have it; nothing where the shape is an everyday one."""
    if shape < _ALIKE:
        return ""
    return (
        "Towards there all customers buy at one and the same rate: they are too much alike for a model of how they differ, "
        "or buy too regularly, such as once a month, for one of purchases at random. Another model may do, or a guess: "
        "Calibration.compare has them side by side"
    )


def leave_alike(shape: float, other: float) -> str:
    """All leave with one probability, or at one rate; nothing where one of the two parameters is an everyday one."""
    if min(shape, other) < _ALIKE:
        return ""
    return (
        "Towards there all customers are equally ready to leave, so that how they differ in it can't be told: a longer "
        "history may tell. Another model may do, or a guess: Calibration.compare has them side by side"
    )


def with_chance(meaning: str, customers: int) -> str:
    """The same, with a warning where customers are few."""
    if not meaning or customers >= _MANY:
        return meaning
    return f"{meaning}. Of {customers:,} customers this may be chance, too: more of them will tell"
