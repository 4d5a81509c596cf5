"""What all lists of customers share: the order that they stand in, and ids as plain data."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from itertools import compress, islice
from operator import eq

__all__ = ["by_first_purchase", "plain_id"]


def by_first_purchase(
    numbers: Sequence[int], first_at: Sequence[int], ids: Sequence[Hashable]
) -> Sequence[int]:
    """Customers by their first purchase; those of one instant by id, not by place in the input.

    Args:
        numbers: The customers, ascending.
        first_at: When each of all customers purchased first, ascending.
        ids: The id of each of them.
    """

    def key(number: int) -> tuple[str, str]:
        return type(ids[number]).__name__, repr(ids[number])

    ordered = list(numbers)
    instants = list(map(first_at.__getitem__, ordered))
    for instant in dict.fromkeys(compress(instants, map(eq, instants, islice(instants, 1, None)))):
        tied = slice(bisect_left(instants, instant), bisect_right(instants, instant))
        ordered[tied] = sorted(ordered[tied], key=key)
    return ordered


def plain_id(customer_id: Hashable) -> str | int:
    """An id as data frames and JSON take it: text and whole numbers as they are, all else as text."""
    return customer_id if isinstance(customer_id, (str, int)) else str(customer_id)
