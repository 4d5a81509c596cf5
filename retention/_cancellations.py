"""Which orders were cancelled, when, why, and how soon their customers purchased after all."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, get_args

from retention._ledger import NOBODY, Column
from retention._reading import Sales
from retention._reasons import reasons_meant
from retention.records import CancelReason

__all__ = [
    "CANCELLED_FOR",
    "NOT_CANCELLED",
    "UNKNOWN",
    "Cancellation",
    "more_cancellations",
    "reasons_to_cancel",
    "unsold",
]

UNKNOWN = "unknown"
"""Stands for the reason of a cancellation for which none was given."""

CANCELLED_FOR: tuple[str, ...] = (UNKNOWN, *get_args(CancelReason))
"""The reasons by number."""

VOLUNTARY = frozenset({"customer"})
INVOLUNTARY = frozenset({"payment", "stock", "fraud", "technical"})

NOT_CANCELLED = -1
"""Stands for "none" among numbers of reasons."""


def reasons_to_cancel(reason: str | None, *, owner: str) -> frozenset[str]:
    """The reasons that a word for one or for several of them stands for; None stands for all.

    Args:
        reason: The word.
        owner: The metric that was given it, for the message.

    Raises:
        InvalidValueError: There is no such word.
        InvalidTypeError: It is no text.
    """
    return reasons_meant(owner, reason, _WORDS) or frozenset(CANCELLED_FOR)


_WORDS: Mapping[str, frozenset[str]] = {
    "voluntary": VOLUNTARY,
    "involuntary": INVOLUNTARY,
    **{each: frozenset({each}) for each in (*get_args(CancelReason), UNKNOWN)},
}


class Cancellation(NamedTuple):
    """One cancelled order; a tuple, so that thousands of them are sorted and bisected by their instants."""

    at: int
    """Instant of the cancellation."""
    cluster: int
    """Whose order it was."""
    reason: str
    """Why it was cancelled."""
    of_guest: bool
    """Whether nobody knows whose it was."""
    gap: int
    """Microseconds to the customer's next purchase after it, or `NOBODY`."""


def unsold(sales: Sales, clusters: Mapping[int, int]) -> Iterator[tuple[int, int, int]]:
    """Orders that were placed and are no sales: instant, cluster, and the number of the reason to cancel it.

    Args:
        sales: The orders.
        clusters: Whose they were, by their positions in `sales`.
    """
    for place in sales.unsold():
        cancelled = sales.cancelled.get(place)
        number = NOT_CANCELLED if cancelled is None else CANCELLED_FOR.index(cancelled[1] or UNKNOWN)
        yield sales.at[place], clusters[place], number


def more_cancellations(
    old: Sequence[Cancellation],
    sales: Sales,
    clusters: Mapping[int, int],
    renumbered: Mapping[int, int],
    *,
    purchases: tuple[Column, Column],
    before: int,
) -> list[Cancellation]:
    """The cancellations, ascending, with those of further orders.

    Args:
        old: The cancellations so far.
        sales: The new orders.
        clusters: Whose the cancelled ones are, by their positions in `sales`.
        renumbered: Clusters that have got another number.
        purchases: Customer and instant of all purchases.
        before: How many of these are old, and so have been looked at.
    """
    found = [each._replace(cluster=renumbered.get(each.cluster, each.cluster)) for each in old]
    found += [
        Cancellation(at, clusters[place], reason or UNKNOWN, sales.customer[place] is None, NOBODY)
        for place, (at, reason) in sales.cancelled.items()
    ]
    waiting = {each.cluster for each in found if each.gap == NOBODY}
    if not waiting:
        return found
    bought: defaultdict[int, list[int]] = defaultdict(list)
    customers, instants = (islice(values, before, None) for values in purchases)
    for who, at in zip(customers, instants, strict=True):
        if who in waiting:
            bought[who].append(at)
    return sorted(_followed(each, bought.get(each.cluster, ())) for each in found)


def _followed(cancellation: Cancellation, bought: Sequence[int]) -> Cancellation:
    """The cancellation with the first later one of the customer's purchases, unless it has an earlier one."""
    position = bisect_right(bought, cancellation.at)
    if cancellation.gap != NOBODY or position == len(bought):
        return cancellation
    return cancellation._replace(gap=bought[position] - cancellation.at)
