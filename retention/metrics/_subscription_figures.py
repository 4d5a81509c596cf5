"""What the metrics of subscriptions share: from the facts and pairs of numbers to figures with their basis."""

from __future__ import annotations

from retention._calendar import Duration, check_duration
from retention._record_reading import MoneyReading
from retention._subscription_facts import Subscriptions, subscription_facts
from retention._subscription_pairs import Needs, Pairs, Paused, Reason, SubscriptionFacts
from retention.metrics._common import over
from retention.periods import Period
from retention.results import Mean, Ratio

__all__ = [
    "AT_START",
    "asked",
    "facts_for",
    "mean_per_customer",
    "money_ratio",
    "share_of_subscribers",
]

AT_START = "MRR at the start"


def facts_for(
    metric: str,
    subscriptions: Subscriptions,
    period: Period,
    bridge: Duration | None,
    reading: MoneyReading,
) -> SubscriptionFacts:
    """What a metric needs to know of its one period."""
    if bridge is not None:
        check_duration(bridge, owner=metric, field="bridge")
    return subscription_facts(subscriptions, (period,), bridge=bridge, **reading)[0]


def asked(*, paused: Paused, reason: Reason | None = None) -> tuple[tuple[str, str], ...]:
    """The keywords as options of the figure; nothing where they say what is usual."""
    by_reason = () if reason is None else (("reason", reason),)
    return by_reason if paused == "kept" else (*by_reason, ("paused", paused))


def money_ratio(
    found: SubscriptionFacts,
    metric: str,
    pairs: Pairs,
    *,
    counted: tuple[str, str],
    bounded: bool = False,
    signed: bool = False,
    needs: Needs = ("base",),
    options: tuple[tuple[str, str], ...] = (),
    where_none: str | None = None,
) -> Ratio:
    """Σy / Σx, both money, with the sums over customers that its interval needs."""
    basis = found.of_metric(metric, counted=counted, needs=needs, options=options)
    if not basis.observable:
        return Ratio(0, 0, bounded=bounded, basis=basis)
    sums = found.sums(pairs, of_money=True, signed=signed)
    top, bottom = found.amount(sums.y), found.amount(sums.x)
    basis = over(bottom, basis, where_none or f"there is no {counted[1]}")
    return Ratio(top, bottom, bounded=bounded, sampling=sums, basis=basis)


def share_of_subscribers(
    found: SubscriptionFacts,
    metric: str,
    pairs: Pairs,
    *,
    counted: str,
    options: tuple[tuple[str, str], ...] = (),
) -> Ratio:
    """A share of those who paid at the start, each of whom is one independent trial."""
    basis = found.of_metric(
        metric, counted=(counted, "subscribers at the start"), needs=("base",), money=False, options=options
    )
    if not basis.observable:
        return Ratio(0, 0, basis=basis)
    sums = found.products.sums(pairs)
    return Ratio(sums.y, sums.x, basis=over(sums.x, basis))


def mean_per_customer(
    found: SubscriptionFacts, metric: str, pairs: Pairs, *, counted: tuple[str, str]
) -> Mean:
    """Σy / Σx, money over customers."""
    basis = found.of_metric(metric, counted=counted)
    if not basis.observable:
        return Mean(0, 0, unit=basis.currency, basis=basis)
    sums = found.sums(pairs)
    return Mean(found.amount(sums.y), sums.x, unit=basis.currency, sampling=sums, basis=over(sums.x, basis))
