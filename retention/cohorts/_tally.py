"""What a pass over the purchases yields: numbers by code, which says a group and an age (group * width + age)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from attrs import frozen

__all__ = ["Money", "Orders", "Tally", "by_then", "from_the_end", "to_any_later"]


@frozen
class Orders:
    """By code: customers, purchases, and the sum over customers of the squares of these."""

    customers: Sequence[int]
    orders: Sequence[int]
    squares: Sequence[int]


@frozen
class Money:
    """By code: revenue, and what all that were followed have brought by then, with its squares by customer."""

    revenue: Sequence[int]
    cumulative: Sequence[int]
    squares: Sequence[int]


@frozen(kw_only=True)
class Tally:
    """All that the cells are made of.

    Attributes:
        width: How many ages there are.
        orders: Customers and purchases of the windows of ages that the columns show, under the first age of each.
        revenue: What these purchases brought, likewise.
        money: Revenue age by age.
        followed: How many customers had come through the age; empty where all of a group are as old as each other.
    """

    width: int
    orders: Orders
    revenue: Sequence[int]
    money: Money
    followed: Sequence[int] = ()


def by_then(numbers: Sequence[int], width: int) -> list[int]:
    """For each code the sum over its age and all earlier ones of the group."""
    return [
        each for start in range(0, len(numbers), width) for each in accumulate(numbers[start : start + width])
    ]


def to_any_later(numbers: Sequence[int], width: int) -> list[int]:
    """For each code the sum over its age and all later ones of the group."""
    return [
        each
        for start in range(0, len(numbers), width)
        for each in from_the_end(numbers[start : start + width])
    ]


def from_the_end(numbers: Sequence[int]) -> list[int]:
    """For each place the sum from there on."""
    return list(accumulate(reversed(numbers)))[::-1]
