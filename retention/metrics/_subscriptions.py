"""What subscribers pay a month, how many there are, and how many leave."""

from __future__ import annotations

from decimal import Decimal
from typing import Unpack

from retention._calendar import Duration, from_microseconds
from retention._record_reading import MoneyReading
from retention._subscription_facts import Subscriptions
from retention._subscription_pairs import (
    Paused,
    Reason,
    SubscriptionFacts,
    left,
    paid_by_each,
    remained,
)
from retention.metrics._common import require_observable
from retention.metrics._subscription_figures import (
    asked,
    facts_for,
    mean_per_customer,
    share_of_subscribers,
)
from retention.periods import Period
from retention.results import Mean, Ratio, RevenueCurve, as_money

__all__ = [
    "average_revenue_per_account_value",
    "monthly_recurring_revenue",
    "recurring_revenue_curve",
    "subscriber_churn_rate",
    "subscriber_count",
    "subscriber_retention_rate",
]


def monthly_recurring_revenue(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> Decimal:
    r"""What all subscriptions in force just before the period's end bring in a month (MRR).

    .. math:: \sum_{\text{paid just before the end}} \text{monthly amount}

    Each amount is put on a month as an exact fraction: a yearly one is divided by 12, a weekly one taken 52/12 times,
    one for n days 365/(12 n) times. A subscription counts nothing during its trial and while it is paused. Of a
    period that is still running, the figure is that of `as_of`.

    It is no revenue of the period in the sense of accounts: it says what a month would bring if nothing changed.

    Range: 0 and up. Direction: higher is better. Unit: money a month.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        bridge: A gap between two subscriptions of a customer, up to so long, keeps the MRR before it; a timedelta or
            a relativedelta, which is counted in the zone of the period. Without it no gap does.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The money, exact where it has a finite number of decimals, to 28 significant digits elsewhere. Undefined when
        the period is not observable, which raises.

    Raises:
        NotObservableError: The data do not reach the period.
        MixedCurrencyError: The subscriptions are in several currencies.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> begun = datetime(2026, 1, 10, tzinfo=timezone.utc)
    >>> plan = {"currency": "EUR", "started_at": begun}
    >>> subscriptions = [
    ...     rt.Subscription(id=1, customer_id="ann", amount="120.00", interval="year", **plan),
    ...     rt.Subscription(id=2, customer_id="ben", amount="25.00", interval="month", **plan),
    ... ]
    >>> rt.monthly_recurring_revenue(subscriptions, period=rt.Period.month(2026, 3, tz="UTC"))
    Decimal('35.00')

    References:
        Sources D2.

    .. versionadded:: 0.1
    """
    return read_monthly_recurring_revenue(
        facts_for("monthly_recurring_revenue", subscriptions, period, bridge, reading)
    )


def read_monthly_recurring_revenue(facts: SubscriptionFacts) -> Decimal:
    require_observable(facts)
    return as_money(facts.total(facts.now))


def recurring_revenue_curve(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> RevenueCurve:
    r"""The course of monthly recurring revenue (MRR) through a period, as the steps in which it changed.

    .. math:: t \mapsto \sum_{\text{paid at } t} \text{monthly amount}

    ``.at(instant)`` is the MRR at an instant, ``.points()`` are the steps; printed, it is a table. What happens at one
    instant, such as a change of plan, is one step by its net effect.

    Range: 0 and up. Direction: higher is better. Unit: money a month.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        bridge: A gap between two subscriptions of a customer, up to so long, keeps the MRR before it; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The curve, until `as_of` where the period is still running. Undefined when the period is not observable.

    Raises:
        MixedCurrencyError: The subscriptions are in several currencies.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> subscriptions = [
    ...     rt.Subscription(
    ...         id=day,
    ...         customer_id=day,
    ...         amount="10.00",
    ...         currency="EUR",
    ...         interval="month",
    ...         started_at=datetime(2026, 3, day, tzinfo=timezone.utc),
    ...     )
    ...     for day in (5, 20)
    ... ]
    >>> print(rt.recurring_revenue_curve(subscriptions, period=rt.Period.month(2026, 3, tz="UTC")))
    from, in UTC        MRR
    2026-03-01 00:00   0.00
    2026-03-05 00:00  10.00
    2026-03-20 00:00  20.00

    References:
        Sources D2, C8.

    .. versionadded:: 0.1
    """
    return read_recurring_revenue_curve(
        facts_for("recurring_revenue_curve", subscriptions, period, bridge, reading)
    )


def read_recurring_revenue_curve(facts: SubscriptionFacts) -> RevenueCurve:
    basis = facts.of_metric("recurring_revenue_curve")
    period = facts.period
    end = facts.as_of if facts.partial and facts.as_of is not None else period.end
    if not basis.observable:
        return RevenueCurve(start=period.start, end=period.end, basis=basis)
    level = units = sum(facts.base.values())
    found: dict[int, int] = {}
    for movement in facts.movements:
        level += movement.after - movement.before
        found[movement.at] = level
    exactly = facts.cents.exactly
    steps = []
    for at, paid in found.items():
        if paid != units:  # what one customer drops, another may take up at the same instant
            steps.append((from_microseconds(at), exactly(paid)))
        units = paid
    return RevenueCurve(
        start=period.start,
        end=end,
        before=facts.total(facts.base),
        steps=tuple(steps),
        basis=basis,
    )


def average_revenue_per_account_value(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> Mean:
    r"""What a subscriber pays a month on average (ARPA): MRR just before the end / subscribers just before the end.

    .. math:: \frac{\text{MRR}}{|\{\text{customers with MRR}\}|}

    A customer with several subscriptions is one account. Who is in a trial, or paused altogether, pays nothing and is
    not counted.

    Range: 0 and up. Direction: higher is better. Unit: money per subscriber and month.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        bridge: A gap between two subscriptions of a customer, up to so long, keeps the MRR before it; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The mean. Undefined when nobody pays just before the end.

    Raises:
        MixedCurrencyError: The subscriptions are in several currencies.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> begun = datetime(2026, 1, 10, tzinfo=timezone.utc)
    >>> subscriptions = [
    ...     rt.Subscription(
    ...         id=who, customer_id=who, amount=amount, currency="EUR", interval="month", started_at=begun
    ...     )
    ...     for who, amount in (("ann", "10.00"), ("ben", "25.00"))
    ... ]
    >>> print(rt.average_revenue_per_account_value(subscriptions, period=rt.Period.month(2026, 3, tz="UTC")))
    17.50 EUR

    References:
        Sources D2, D5.

    .. versionadded:: 0.1
    """
    return read_average_revenue_per_account_value(
        facts_for("average_revenue_per_account_value", subscriptions, period, bridge, reading)
    )


def read_average_revenue_per_account_value(facts: SubscriptionFacts) -> Mean:
    return mean_per_customer(
        facts,
        "average_revenue_per_account_value",
        paid_by_each(facts),
        counted=("MRR", "subscribers at the end"),
    )


# --------------------------------------------------------------------------------------- subscribers


def subscriber_count(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> int:
    r"""How many customers pay for a subscription just before the period's end.

    .. math:: |\{\text{customers with MRR} > 0\}|

    A customer with several subscriptions counts once. Who is in a trial, is paused altogether or has a plan free of
    charge pays nothing and is not counted. Of a period that is still running, the figure is that of `as_of`.

    Range: 0 and up. Direction: higher is better. Unit: customers.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        bridge: A gap between two subscriptions of a customer, up to so long, counts as none; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The count. Undefined when the period is not observable, which raises.

    Raises:
        NotObservableError: The data do not reach the period.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> begun = datetime(2026, 1, 10, tzinfo=timezone.utc)
    >>> plan = {"amount": "9.00", "currency": "EUR", "interval": "month", "started_at": begun}
    >>> subscriptions = [
    ...     rt.Subscription(id=number, customer_id=who, **plan)
    ...     for number, who in enumerate(["ann", "ann", "ben"])
    ... ]
    >>> rt.subscriber_count(subscriptions, period=rt.Period.month(2026, 3, tz="UTC"))
    2

    References:
        Sources D3.

    .. versionadded:: 0.1
    """
    return read_subscriber_count(facts_for("subscriber_count", subscriptions, period, bridge, reading))


def read_subscriber_count(facts: SubscriptionFacts) -> int:
    require_observable(facts)
    return len(facts.now)


def subscriber_churn_rate(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    reason: Reason | None = None,
    paused: Paused = "kept",
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> Ratio:
    r"""Share of subscribers who left: subscribers with nothing in force at the end / subscribers at the start.

    .. math:: \frac{|\{\text{MRR} > 0 \text{ at the start, no span in force at the end}\}|}{|\{\text{MRR} > 0 \text{ at the start}\}|}

    Who left and came back within the period has not left. Who is paused at the end, or in the trial of another plan,
    has not left either; who has nothing but a plan free of charge has. The parts by reason add up to the whole.

    Who pauses in one period and leaves in a later one is lost in neither, and was no paying subscriber at the start
    of the later one. ``paused="lost"`` counts them where the pause began; `RevenueFlow.ended_while_paused` counts who
    left so.

    Range: 0 to 1. Direction: lower is better. Unit: share of subscribers.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        reason: Count only those whose last subscription ended for this reason: ``"voluntary"`` (the customer),
            ``"involuntary"`` (payment, fraud, technical), any one `Subscription.end_reason`, or ``"unknown"``. Where
            several ended at the same instant, the customer's own reason goes before payment, fraud, technical, other,
            unknown and change of plan.
        paused: ``"lost"`` counts as left, too, who is still there but pays nothing at the end, paused or in a trial.
            That is no end and has no reason, so that they are not among those of any `reason`.
        bridge: A gap between two subscriptions of a customer, up to so long, counts as none; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The rate. Undefined when nobody paid just before the start; not observable when the data begin there.

    Raises:
        InvalidValueError: There is no such reason, or `paused` is neither ``"kept"`` nor ``"lost"``.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> begun = datetime(2026, 1, 10, tzinfo=timezone.utc)
    >>> ended = datetime(2026, 3, 10, tzinfo=timezone.utc)
    >>> plan = {"amount": "9.00", "currency": "EUR", "interval": "month", "started_at": begun}
    >>> subscriptions = [
    ...     rt.Subscription(id=1, customer_id="ann", ended_at=ended, end_reason="customer", **plan),
    ...     rt.Subscription(id=2, customer_id="ben", ended_at=ended, end_reason="payment", **plan),
    ...     rt.Subscription(id=3, customer_id="cy", **plan),
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> rt.subscriber_churn_rate(subscriptions, period=march)
    Ratio(2, 3)
    >>> rt.subscriber_churn_rate(subscriptions, period=march, reason="involuntary")
    Ratio(1, 3)

    References:
        Sources D3.

    .. versionadded:: 0.1
    """
    return read_subscriber_churn_rate(
        facts_for("subscriber_churn_rate", subscriptions, period, bridge, reading),
        reason=reason,
        paused=paused,
    )


def read_subscriber_churn_rate(
    facts: SubscriptionFacts, *, reason: Reason | None = None, paused: Paused = "kept"
) -> Ratio:
    return share_of_subscribers(
        facts,
        "subscriber_churn_rate",
        left(facts, reason=reason, paused=paused),
        counted="who left",
        options=asked(reason=reason, paused=paused),
    )


def subscriber_retention_rate(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    paused: Paused = "kept",
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> Ratio:
    r"""Share of subscribers who stayed: subscribers with something in force at the end / subscribers at the start.

    .. math:: \frac{|\{\text{MRR} > 0 \text{ at the start, a span in force at the end}\}|}{|\{\text{MRR} > 0 \text{ at the start}\}|}

    It is 1 less `subscriber_churn_rate`. New subscribers count nowhere. Who pauses in one period and leaves in a later
    one is lost in neither; see there.

    Range: 0 to 1. Direction: higher is better. Unit: share of subscribers.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        paused: ``"lost"`` does not count who is still there but pays nothing at the end, paused or in a trial.
        bridge: A gap between two subscriptions of a customer, up to so long, counts as none; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The rate. Undefined when nobody paid just before the start; not observable when the data begin there.

    Raises:
        InvalidValueError: `paused` is neither ``"kept"`` nor ``"lost"``.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> begun = datetime(2026, 1, 10, tzinfo=timezone.utc)
    >>> plan = {"amount": "9.00", "currency": "EUR", "interval": "month", "started_at": begun}
    >>> subscriptions = [
    ...     rt.Subscription(
    ...         id=1, customer_id="ann", ended_at=datetime(2026, 3, 10, tzinfo=timezone.utc), **plan
    ...     ),
    ...     rt.Subscription(id=2, customer_id="ben", **plan),
    ... ]
    >>> rt.subscriber_retention_rate(subscriptions, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(1, 2)

    References:
        Sources D3, D1, B1.

    .. versionadded:: 0.1
    """
    return read_subscriber_retention_rate(
        facts_for("subscriber_retention_rate", subscriptions, period, bridge, reading), paused=paused
    )


def read_subscriber_retention_rate(facts: SubscriptionFacts, *, paused: Paused = "kept") -> Ratio:
    return share_of_subscribers(
        facts,
        "subscriber_retention_rate",
        remained(facts, paused=paused),
        counted="who stayed",
        options=asked(paused=paused),
    )
