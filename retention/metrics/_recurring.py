"""How recurring revenue moves: what is gained, what is lost, and what of it stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Unpack

from retention._calendar import Duration
from retention._record_reading import MoneyReading
from retention._subscription_facts import Subscriptions
from retention._subscription_pairs import (
    Paused,
    Reason,
    SubscriptionFacts,
    gained_and_lost,
    grown_of_base,
    kept_of_base,
    lost_of_base,
    moved_down,
    moved_net,
)
from retention.metrics._subscription_figures import AT_START, asked, facts_for, money_ratio
from retention.periods import Period
from retention.results import Ratio, RevenueFlow

__all__ = [
    "gross_revenue_retention_rate",
    "net_revenue_churn_ratio",
    "net_revenue_retention_ratio",
    "quick_ratio",
    "revenue_churn_rate",
    "revenue_churn_ratio",
    "revenue_flow",
]


def revenue_flow(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> RevenueFlow:
    r"""How monthly recurring revenue (MRR) moved from just before a period to just before its end.

    .. math:: S + N + X + U + R - C - P - L = E

    Start (S) + new (N) + expansion (X) + resumed (U) + reactivation (R) − contraction (C) − paused (P) − churned (L)
    = end (E), exactly; the flows of adjacent periods add up. A customer's MRR is the sum over all that customer's
    subscriptions, and each instant at which it changes is one movement, by net effect:

    ================  ================================================================================
    new               from nothing, for the first time ever
    resumed           from nothing, where something had been in force ever since it fell to nothing
    reactivation      from nothing, otherwise
    expansion         from something to more
    contraction       from something to less
    paused            to nothing, while a subscription is still in force (paused, or in a trial)
    churned           to nothing, otherwise
    ================  ================================================================================

    So a change of plan within one instant is an expansion or a contraction, and none at the same price; a pause
    beside another subscription that is still paid is a contraction, and its return an expansion. Who paid, came to
    pay nothing (paused) and then leaves for good moves nothing any more: ``.ended_while_paused`` counts these. A
    plan free of charge is no subscription here: who falls back on one has churned.

    Range: 0 and up. Direction: none. Unit: money a month.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        bridge: A gap between two subscriptions of a customer, up to so long, keeps the MRR before it and moves
            nothing; see `monthly_recurring_revenue`. A gap that has not closed at `as_of` is churn until it does.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The amounts, and the movements and the customers behind them in ``.counts`` and ``.customers``. Undefined when
        the period is not observable, or the data begin with it.

    Raises:
        MixedCurrencyError: The subscriptions are in several currencies.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> def span(who, amount, start, end=None):
    ...     begun, ended = (day and datetime(2026, *day, tzinfo=timezone.utc) for day in (start, end))
    ...     return rt.Subscription(
    ...         id=(who, amount),
    ...         customer_id=who,
    ...         amount=amount,
    ...         currency="EUR",
    ...         interval="month",
    ...         started_at=begun,
    ...         ended_at=ended,
    ...     )
    >>> subscriptions = [
    ...     span("ann", "10.00", (1, 5), (3, 12)),
    ...     span("ann", "15.00", (3, 12)),
    ...     span("ben", "20.00", (2, 1), (3, 20)),
    ...     span("cy", "30.00", (3, 5)),
    ... ]
    >>> flow = rt.revenue_flow(subscriptions, period=rt.Period.month(2026, 3, tz="UTC"))
    >>> print(flow)
    30.00 + 30.00 new + 5.00 expansion − 20.00 churned = 45.00 EUR
    >>> flow.customers["churned"]
    frozenset({'ben'})

    References:
        Sources D2.

    .. versionadded:: 0.1
    """
    return read_revenue_flow(facts_for("revenue_flow", subscriptions, period, bridge, reading))


def read_revenue_flow(facts: SubscriptionFacts) -> RevenueFlow:
    basis = facts.of_metric("revenue_flow", needs=("firsts", "base"))
    if not basis.observable:
        return RevenueFlow(exact={}, basis=basis)
    sizes, counts = Counter[str](), Counter[str]()
    customers: dict[str, set[Hashable]] = {}
    for movement in facts.movements:
        sizes[movement.kind] += movement.size
        counts[movement.kind] += 1
        customers.setdefault(movement.kind, set()).add(movement.customer)
    moved = {kind: facts.cents.exactly(size) for kind, size in sizes.items()}
    return RevenueFlow(
        exact={"start": facts.total(facts.base), **moved, "end": facts.total(facts.now)},
        counts=counts,
        customers=customers,
        ended_while_paused=facts.ended_while_paused,
        basis=basis,
    )


# ------------------------------------------------------------------------------- those at the start


def revenue_churn_rate(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    reason: Reason | None = None,
    paused: Paused = "kept",
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> Ratio:
    r"""Share of the recurring revenue at the start that was lost: MRR lost / MRR at the start.

    .. math:: \frac{\sum_{c \in S} \max(\text{base}_c - \text{now}_c,\, 0)}{\sum_{c \in S} \text{base}_c}

    S are the customers with MRR just before the start; now is just before the end, or `as_of` where the period is
    still running. What one customer pays more is not set against what another pays less, and what came and
    went within the period counts nowhere.

    Who pauses in one period and leaves in a later one is lost in neither, and paid nothing at the start of the
    later one. ``paused="lost"`` counts the loss where the pause began; `RevenueFlow.ended_while_paused` counts who
    left so.

    Range: 0 to 1. Direction: lower is better. Unit: share of money.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        reason: Count only what customers paid who left altogether, and whose last subscription ended for this reason:
            ``"voluntary"``, ``"involuntary"``, or another word of `subscriber_churn_rate`. What customers pay less
            who stay has no reason, so that the parts by reason add up to what was lost with customers.
        paused: ``"kept"`` counts a subscription that paused in the period, and is paused at its end, with what it
            paid when it paused; ``"lost"`` with nothing.
        bridge: A gap between two subscriptions of a customer, up to so long, keeps the MRR before it; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The rate. Undefined when there was no MRR just before the start; not observable when the data begin there.

    Raises:
        InvalidValueError: There is no such reason, or `paused` is neither of the two.
        MixedCurrencyError: The subscriptions are in several currencies.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> begun, changed = (datetime(2026, month, 10, tzinfo=timezone.utc) for month in (1, 3))
    >>> plan = {"currency": "EUR", "interval": "month"}
    >>> subscriptions = [
    ...     rt.Subscription(id=1, customer_id="ann", amount="60.00", started_at=begun, **plan),
    ...     rt.Subscription(
    ...         id=2, customer_id="ben", amount="30.00", started_at=begun, ended_at=changed, **plan
    ...     ),
    ...     rt.Subscription(id=3, customer_id="ben", amount="20.00", started_at=changed, **plan),
    ...     rt.Subscription(
    ...         id=4,
    ...         customer_id="cy",
    ...         amount="10.00",
    ...         started_at=begun,
    ...         ended_at=changed,
    ...         end_reason="payment",
    ...         **plan,
    ...     ),
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> rt.revenue_churn_rate(subscriptions, period=march)
    Ratio(20.00, 100.00)
    >>> rt.revenue_churn_rate(subscriptions, period=march, reason="involuntary")
    Ratio(10.00, 100.00)

    References:
        Sources D2. It compares the two ends of the period; `revenue_churn_ratio` adds up what happened in between.

    .. versionadded:: 0.1
    """
    return read_revenue_churn_rate(
        facts_for("revenue_churn_rate", subscriptions, period, bridge, reading), reason=reason, paused=paused
    )


def read_revenue_churn_rate(
    facts: SubscriptionFacts, *, reason: Reason | None = None, paused: Paused = "kept"
) -> Ratio:
    return money_ratio(
        facts,
        "revenue_churn_rate",
        lost_of_base(facts, reason=reason, paused=paused),
        counted=("MRR lost", AT_START),
        bounded=True,
        options=asked(reason=reason, paused=paused),
    )


def gross_revenue_retention_rate(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    paused: Paused = "kept",
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> Ratio:
    r"""Share of the recurring revenue at the start that was kept: MRR kept / MRR at the start.

    .. math:: \frac{\sum_{c \in S} \min(\text{base}_c,\, \text{now}_c)}{\sum_{c \in S} \text{base}_c}

    S are the customers with MRR just before the start; now is just before the end, or `as_of` where the period is
    still running. What a customer pays more than at the start does not count. It is 1 less `revenue_churn_rate`.

    Who pauses in one period and leaves in a later one is lost in neither, and paid nothing at the start of the
    later one. ``paused="lost"`` counts the loss where the pause began; `RevenueFlow.ended_while_paused` counts who
    left so.

    Range: 0 to 1. Direction: higher is better. Unit: share of money.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        paused: ``"kept"`` counts a subscription that paused in the period, and is paused at its end, with what it
            paid when it paused; ``"lost"`` with nothing.
        bridge: A gap between two subscriptions of a customer, up to so long, keeps the MRR before it; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The rate. Undefined when there was no MRR just before the start; not observable when the data begin there.

    Raises:
        InvalidValueError: `paused` is neither of the two.
        MixedCurrencyError: The subscriptions are in several currencies.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> begun, changed = (datetime(2026, month, 10, tzinfo=timezone.utc) for month in (1, 3))
    >>> plan = {"currency": "EUR", "interval": "month"}
    >>> subscriptions = [
    ...     rt.Subscription(id=1, customer_id="ann", amount="60.00", started_at=begun, **plan),
    ...     rt.Subscription(
    ...         id=2, customer_id="ben", amount="40.00", started_at=begun, ended_at=changed, **plan
    ...     ),
    ...     rt.Subscription(id=3, customer_id="ben", amount="30.00", started_at=changed, **plan),
    ... ]
    >>> rt.gross_revenue_retention_rate(subscriptions, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(90.00, 100.00)

    References:
        Sources D2.

    .. versionadded:: 0.1
    """
    return read_gross_revenue_retention_rate(
        facts_for("gross_revenue_retention_rate", subscriptions, period, bridge, reading), paused=paused
    )


def read_gross_revenue_retention_rate(facts: SubscriptionFacts, *, paused: Paused = "kept") -> Ratio:
    return money_ratio(
        facts,
        "gross_revenue_retention_rate",
        kept_of_base(facts, paused=paused),
        counted=("MRR kept", AT_START),
        bounded=True,
        options=asked(paused=paused),
    )


def net_revenue_retention_ratio(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    paused: Paused = "kept",
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> Ratio:
    r"""What became of the recurring revenue at the start: MRR now of the same customers / MRR at the start.

    .. math:: \frac{\sum_{c \in S} \text{now}_c}{\sum_{c \in S} \text{base}_c}

    S are the customers with MRR just before the start; now is just before the end, or `as_of` where the period is
    still running. What they pay more counts as well, so that it can exceed 1. New customers do not count, nor do
    those who paid nothing at the start and came back.

    Who pauses in one period and leaves in a later one is lost in neither, and paid nothing at the start of the
    later one. ``paused="lost"`` counts the loss where the pause began; `RevenueFlow.ended_while_paused` counts who
    left so.

    Range: 0 and up. Direction: higher is better. Unit: money per money.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        paused: ``"kept"`` counts a subscription that paused in the period, and is paused at its end, with what it
            paid when it paused; ``"lost"`` with nothing.
        bridge: A gap between two subscriptions of a customer, up to so long, keeps the MRR before it; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The ratio. Undefined when there was no MRR just before the start; not observable when the data begin there.

    Raises:
        InvalidValueError: `paused` is neither of the two.
        MixedCurrencyError: The subscriptions are in several currencies.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> begun, changed = (datetime(2026, month, 10, tzinfo=timezone.utc) for month in (1, 3))
    >>> plan = {"currency": "EUR", "interval": "month"}
    >>> subscriptions = [
    ...     rt.Subscription(id=1, customer_id="ann", amount="60.00", started_at=begun, **plan),
    ...     rt.Subscription(
    ...         id=2, customer_id="ben", amount="40.00", started_at=begun, ended_at=changed, **plan
    ...     ),
    ...     rt.Subscription(id=3, customer_id="ben", amount="50.00", started_at=changed, **plan),
    ... ]
    >>> rt.net_revenue_retention_ratio(subscriptions, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(110.00, 100.00, bounded=False)

    References:
        Sources D2.

    .. versionadded:: 0.1
    """
    return read_net_revenue_retention_ratio(
        facts_for("net_revenue_retention_ratio", subscriptions, period, bridge, reading), paused=paused
    )


def read_net_revenue_retention_ratio(facts: SubscriptionFacts, *, paused: Paused = "kept") -> Ratio:
    return money_ratio(
        facts,
        "net_revenue_retention_ratio",
        grown_of_base(facts, paused=paused),
        counted=("MRR of the same customers at the end", AT_START),
        options=asked(paused=paused),
    )


# ------------------------------------------------------------------------------- from the movements


def revenue_churn_ratio(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> Ratio:
    r"""All recurring revenue that was lost on the way: (churned + contraction) / MRR at the start.

    .. math:: \frac{\text{churned} + \text{contraction}}{\text{MRR at the start}}

    It adds up the movements of `revenue_flow`. Other than in `revenue_churn_rate`, what is lost and won back within
    the period is lost all the same, and what joined and left within it is lost, too, so that it can exceed 1.

    Who is paused altogether is not lost, not even on leaving then, as there is nothing left to lose:
    `RevenueFlow.ended_while_paused` counts who left so. A pause beside another subscription that is still paid is a
    contraction.

    Range: 0 and up. Direction: lower is better. Unit: money per money.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        bridge: A gap between two subscriptions of a customer, up to so long, keeps the MRR before it; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The ratio. Undefined when there was no MRR just before the start; not observable when the data begin there.

    Raises:
        MixedCurrencyError: The subscriptions are in several currencies.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> begun, changed = (datetime(2026, month, 10, tzinfo=timezone.utc) for month in (1, 3))
    >>> plan = {"currency": "EUR", "interval": "month"}
    >>> subscriptions = [
    ...     rt.Subscription(id=1, customer_id="ann", amount="60.00", started_at=begun, **plan),
    ...     rt.Subscription(
    ...         id=2, customer_id="ben", amount="40.00", started_at=begun, ended_at=changed, **plan
    ...     ),
    ...     rt.Subscription(id=3, customer_id="ben", amount="30.00", started_at=changed, **plan),
    ... ]
    >>> rt.revenue_churn_ratio(subscriptions, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(10.00, 100.00, bounded=False)

    References:
        Sources D2.

    .. versionadded:: 0.1
    """
    return read_revenue_churn_ratio(facts_for("revenue_churn_ratio", subscriptions, period, bridge, reading))


def read_revenue_churn_ratio(facts: SubscriptionFacts) -> Ratio:
    return money_ratio(
        facts,
        "revenue_churn_ratio",
        moved_down(facts),
        counted=("MRR churned and contracted", AT_START),
    )


def net_revenue_churn_ratio(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> Ratio:
    r"""Recurring revenue lost, less what was won from earlier customers: (churned + contraction − expansion − reactivation) / MRR at the start.

    .. math:: \frac{\text{churned} + \text{contraction} - \text{expansion} - \text{reactivation}}{\text{MRR at the start}}

    It adds up the movements of `revenue_flow`. Below 0, earlier customers bring in more than is lost (net negative
    churn). New customers do not count. Who is paused altogether is not lost, nor won by coming back; a pause beside
    another subscription that is still paid is a contraction, and its return an expansion.

    Range: -1 and below to 1 and above; it has no limits. Direction: lower is better. Unit: money per money.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        bridge: A gap between two subscriptions of a customer, up to so long, keeps the MRR before it; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The ratio. Undefined when there was no MRR just before the start; not observable when the data begin there.

    Raises:
        MixedCurrencyError: The subscriptions are in several currencies.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> begun, changed = (datetime(2026, month, 10, tzinfo=timezone.utc) for month in (1, 3))
    >>> plan = {"currency": "EUR", "interval": "month"}
    >>> subscriptions = [
    ...     rt.Subscription(id=1, customer_id="ann", amount="60.00", started_at=begun, **plan),
    ...     rt.Subscription(
    ...         id=2, customer_id="ben", amount="40.00", started_at=begun, ended_at=changed, **plan
    ...     ),
    ...     rt.Subscription(id=3, customer_id="ben", amount="50.00", started_at=changed, **plan),
    ... ]
    >>> rt.net_revenue_churn_ratio(subscriptions, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(-10.00, 100.00, bounded=False)

    References:
        Sources D2.

    .. versionadded:: 0.1
    """
    return read_net_revenue_churn_ratio(
        facts_for("net_revenue_churn_ratio", subscriptions, period, bridge, reading)
    )


def read_net_revenue_churn_ratio(facts: SubscriptionFacts) -> Ratio:
    return money_ratio(
        facts,
        "net_revenue_churn_ratio",
        moved_net(facts),
        counted=("MRR lost less MRR won", AT_START),
        signed=True,
        needs=("firsts", "base"),
    )


def quick_ratio(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> Ratio:
    r"""How far growth outruns loss: (new + expansion + reactivation) / (contraction + churned).

    .. math:: \frac{\text{new} + \text{expansion} + \text{reactivation}}{\text{contraction} + \text{churned}}

    It adds up the movements of `revenue_flow`. At 1, what is gained makes up for what is lost; 4 is often named as a
    good figure of a young business. Who is paused altogether is not lost, nor gained by coming back; a pause beside
    another subscription that is still paid is a contraction, and its return an expansion.

    Range: 0 and up. Direction: higher is better. Unit: money per money.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        bridge: A gap between two subscriptions of a customer, up to so long, keeps the MRR before it; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The ratio. Undefined when nothing was lost.

    Raises:
        MixedCurrencyError: The subscriptions are in several currencies.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> begun, changed = (datetime(2026, month, 10, tzinfo=timezone.utc) for month in (1, 3))
    >>> plan = {"currency": "EUR", "interval": "month"}
    >>> subscriptions = [
    ...     rt.Subscription(id=1, customer_id="ann", amount="60.00", started_at=begun, **plan),
    ...     rt.Subscription(
    ...         id=2, customer_id="ben", amount="40.00", started_at=begun, ended_at=changed, **plan
    ...     ),
    ...     rt.Subscription(id=3, customer_id="ben", amount="30.00", started_at=changed, **plan),
    ... ]
    >>> rt.quick_ratio(subscriptions, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(0.00, 10.00, bounded=False)

    References:
        Sources D2. Mamoon Hamid (2015) made the figure known.

    .. versionadded:: 0.1
    """
    return read_quick_ratio(facts_for("quick_ratio", subscriptions, period, bridge, reading))


def read_quick_ratio(facts: SubscriptionFacts) -> Ratio:
    return money_ratio(
        facts,
        "quick_ratio",
        gained_and_lost(facts),
        counted=("MRR gained", "MRR lost"),
        needs=(),
        where_none="nothing was lost",
    )
