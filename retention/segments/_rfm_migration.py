"""How customers moved between the groups of recency, frequency and money."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import datetime
from typing import Unpack

from attrs import evolve

from retention._calendar import Duration, Zone
from retention._mapping import FrozenMapping
from retention.history import ReadingOptions
from retention.segments._customers import by_first_purchase
from retention.segments._rfm import OUTSIDE, Monetary, check_choices, table_of
from retention.segments._rfm_groups import RFM_GROUPS, RfmGroups
from retention.segments._standing import Standing, standing
from retention.segments._transitions import TransitionTable, refuse_backwards
from retention.shop import Orders, history_of

__all__ = ["NOT_IN_WINDOW", "rfm_migration"]

NOT_IN_WINDOW = "no purchase in the window"
"""The group of those whose purchases all lie before the window."""


def rfm_migration(
    orders: Orders,
    /,
    *,
    start: datetime,
    end: datetime,
    tz: Zone | None = None,
    window: Duration | None = None,
    bins: int = 5,
    monetary: Monetary = "sum",
    groups: RfmGroups = RFM_GROUPS,
    **reading: Unpack[ReadingOptions],
) -> TransitionTable:
    """How customers moved between groups: from the group at one instant to that at a later one.

    Each customer is scored among those who had purchased by then, at both instants; so somebody may move because
    others did. With a `window`, those without a purchase in it are a group of their own.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        start: The first instant.
        end: The second.
        tz: The zone by whose calendar days, months and years are counted; None means that of `start` and `end`.
        window: As of `rfm_table`, like all that follows.
        bins: The highest score.
        monetary: The sum or the mean.
        groups: The table of groups.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        How many moved from where to where; those who came in between have no group before.

    Raises:
        ConflictingArgumentError: `end` lies after `as_of`, `start` is not before `end`, or a keyword contradicts the
            data.
        InvalidValueError: `bins`, `monetary` or `window` is out of its domain.
        InvalidTypeError: An argument has a type that is never right.
        MixedCurrencyError: The sales are in several currencies.

    >>> import retention as rt
    >>> from datetime import UTC, datetime
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-01-05", "2026-03-20"], "ben": ["2026-01-07"]})
    >>> moved = rt.rfm_migration(
    ...     orders, start=datetime(2026, 2, 1, tzinfo=UTC), end=datetime(2026, 4, 1, tzinfo=UTC)
    ... )
    >>> moved["gone quiet", "middling"]
    1

    .. versionadded:: 0.1
    """
    owner = "rfm_migration"
    check_choices(bins, monetary, groups, owner=owner)
    history = history_of(orders, **reading)
    refuse_backwards(start, end, owner=owner)
    before = standing(history, start, owner=owner, name="start", tz=tz)
    after = standing(history, end, owner=owner, name="end", tz=tz)
    tables = [
        table_of(history, each, window=window, bins=bins, monetary=monetary, groups=groups, owner=owner)
        for each in (before, after)
    ]
    one, other = (
        {**dict.fromkeys(_in_order(each), NOT_IN_WINDOW), **table.segments}
        for each, table in zip((before, after), tables, strict=True)
    )
    labels = (*groups.names, *((NOT_IN_WINDOW,) if window is not None else ()))
    # Those without a purchase in the window are a group here, and not left out.
    left_out = {reason: count for reason, count in tables[1].basis.left_out.items() if reason != OUTSIDE}
    span = " to ".join(each.at.isoformat(" ", "minutes") for each in (before, after))
    return TransitionTable.of(
        one,
        other,
        labels=labels,
        start=before.at,
        end=after.at,
        basis=evolve(tables[1].basis, period=span, left_out=FrozenMapping(left_out)),
    )


def _in_order(found: Standing) -> Iterator[Hashable]:
    """All customers' ids, by their first purchases."""
    ids = found.ids
    return map(ids.__getitem__, by_first_purchase(range(len(ids)), found.first_at, ids))
