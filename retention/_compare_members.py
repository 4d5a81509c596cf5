"""Members of the loyalty programme beside the others, in one comparison that knows what it can't tell."""

from __future__ import annotations

from retention._calendar import Duration
from retention._program_facts import GROUPS, SELF_SELECTION, program_facts
from retention.comparison import Comparison
from retention.metrics._programs import read_loyalty_retention_rate
from retention.metrics._shops import checked_shop
from retention.periods import Period
from retention.shop import Shop

__all__ = ["compare_members"]


def compare_members(shop: Shop, /, *, period: Period, inactive_after: Duration | None = None) -> Comparison:
    """Whether members of the loyalty programme stay more often than others: retention of members − of others.

    Both as `loyalty_retention_rate` counts them: of the customers who were there at the start, those who stayed, with
    membership as of the period's start. No customer is in both groups, so that the two are taken as independent.

    Members chose themselves. Even a difference that is more than chance says that they differ, and not that the
    programme made it so; the comparison carries that as its `note`, and says it whatever it comes to.

    Args:
        shop: A `Shop` with customers and orders.
        period: The period.
        inactive_after: Who purchased within this time before the period's start (or end) is in the opening
            (or closing) base, instead of who purchased in the period before (or in the period).

    Returns:
        The comparison. It has no difference where one of the groups is empty or the opening base is not observable; it
        says why.

    Raises:
        InvalidTypeError: What is given is no `Shop`, or `inactive_after` is a number, which says no unit.
        InvalidValueError: `inactive_after` is no positive time.
        ConflictingArgumentError: `inactive_after` is shorter than the period.

    .. versionadded:: 0.1

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.testing import make_orders
    >>> joined = datetime(2026, 2, 1, tzinfo=timezone.utc)
    >>> shop = rt.Shop(
    ...     customers=[rt.Customer(id="ann", loyalty_joined_at=joined), rt.Customer(id="ben")],
    ...     orders=make_orders({"ann": ["2026-02-01", "2026-03-01"], "ben": ["2026-02-11"]}),
    ... )
    >>> found = rt.compare_members(shop, period=rt.Period.month(2026, 3, tz="UTC"))
    >>> found.labels, found.difference, found.verdict
    (('members', 'others'), 1.0, 'noise')
    """
    given = checked_shop(shop, "compare_members", "customers", "orders")
    facts = program_facts(given, (period,), inactive_after=inactive_after)[0]
    members, others = (read_loyalty_retention_rate(facts, of=group) for group in GROUPS)
    # Not by `compare`, which sets figures of one definition side by side: here the keyword `of` differs on purpose.
    return Comparison(
        a=members,
        b=others,
        labels=GROUPS,
        title="Retention rate",
        is_change=False,
        note=SELF_SELECTION,
    )
