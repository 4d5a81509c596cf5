"""What billing systems count: churn of customers and of recurring revenue, and the quick ratio.

A customer is one, however many subscriptions it has. An end counts when the span ends: `Subscription.ended_at` says
whether that is the day of the notice or the end of what was paid for, on which the systems differ, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable
from datetime import timedelta
from functools import partial
from typing import Any

from attrs import evolve

from retention._subscription_pairs import MovementKind, Needs, Pairs, SubscriptionFacts, moved_down
from retention.definitions._model import Definition
from retention.metrics._recurring import read_net_revenue_churn_ratio
from retention.metrics._subscription_figures import AT_START, money_ratio
from retention.metrics._subscriptions import read_subscriber_churn_rate
from retention.results import Ratio

__all__ = ["BILLING"]

_MONTH_OF_DAYS = timedelta(days=30)
_PAYING = "customers who paid at the start"

Count = Callable[[SubscriptionFacts], Pairs]

# ------------------------------------------------------------------------------------- from pairs to a ratio

# What is made here is a partial of a function of the module, since definitions can be pickled.


def _of_customers(count: Count, **how: Any) -> Callable[[SubscriptionFacts], Ratio]:
    """A function from the facts to what is counted over what it is counted of, by customer."""
    return partial(_customers, count=count, **how)


def _customers(facts: SubscriptionFacts, *, count: Count, of: str = _PAYING, needs: Needs) -> Ratio:
    basis = facts.of_metric("", needs=needs, money=False)
    if not basis.observable:
        return Ratio(0, 0, bounded=False, basis=basis)
    sums = count(facts).sums()
    if not sums.x:
        basis = evolve(basis, undefined_because=f"there are no {of}")
    return Ratio(sums.y, sums.x, bounded=False, sampling=sums, basis=basis)


def _of_money(count: Count, **how: Any) -> Callable[[SubscriptionFacts], Ratio]:
    """The same of money."""
    return partial(_money, count=count, **how)


def _money(facts: SubscriptionFacts, *, count: Count, of: str = AT_START, **how: Any) -> Ratio:
    return money_ratio(facts, "", count(facts), counted=("", of), **how)


# ------------------------------------------------------------------------------------------------- customers


def _who(facts: SubscriptionFacts, *kinds: MovementKind) -> list[Hashable]:
    """The customer of each movement of these kinds."""
    return [each.customer for each in facts.movements if each.kind in kinds]


def _once(customers: Collection[Hashable]) -> dict[Hashable, int]:
    return dict.fromkeys(customers, 1)


def _stripe(facts: SubscriptionFacts) -> Pairs:
    at_start_and_new = {**_once(facts.base), **_once(_who(facts, "new"))}
    return Pairs(below=at_start_and_new, above=Counter(_who(facts, "churned")))


def _baremetrics(facts: SubscriptionFacts) -> Pairs:
    return Pairs(below=facts.base, above=_once(_who(facts, "churned")), heads=True)


def _maxio(facts: SubscriptionFacts) -> Pairs:
    ended = _of_existing(facts, _once(_who(facts, "churned")))
    return Pairs(below=facts.base, above=ended, heads=True)


def _of_existing(facts: SubscriptionFacts, found: dict[Hashable, int]) -> dict[Hashable, int]:
    """What was found of customers who were not new in the period."""
    new = {*_who(facts, "new")}
    return {who: units for who, units in found.items() if who not in new}


# ----------------------------------------------------------------------------------------------------- money


def _less(these: dict[Hashable, int], those: dict[Hashable, int]) -> dict[Hashable, int]:
    return {who: these.get(who, 0) - those.get(who, 0) for who in {**these, **those}}


def _baremetrics_gross(facts: SubscriptionFacts) -> Pairs:
    lost = moved_down(facts).above
    capped = {who: min(units, facts.base[who]) for who, units in lost.items() if who in facts.base}
    return Pairs(below=facts.base, above=capped)


def _baremetrics_net(facts: SubscriptionFacts) -> Pairs:
    net = _less(facts.moved("churned", "contraction"), facts.moved("expansion"))
    return Pairs(below=facts.base, above=net)


def _maxio_churn(facts: SubscriptionFacts) -> Pairs:
    return Pairs(below=facts.base, above=_of_existing(facts, facts.moved("churned")))


def _maxio_gross(facts: SubscriptionFacts) -> Pairs:
    return Pairs(below=facts.base, above=_of_existing(facts, facts.moved("churned", "contraction")))


def _maxio_net(facts: SubscriptionFacts) -> Pairs:
    net = _less(facts.moved("expansion", "reactivation"), facts.moved("churned", "contraction"))
    return Pairs(below=facts.base, above=_of_existing(facts, net))


def _baremetrics_quick(facts: SubscriptionFacts) -> Pairs:
    return Pairs(below=facts.moved("contraction", "churned"), above=facts.moved("new", "expansion"))


# ------------------------------------------------------------------------------------------------ what is said

_CHARTMOGUL = ("Churn rate formulas", "https://help.chartmogul.com/hc/en-us/articles/207340419")
_BAREMETRICS = (
    "User and Revenue Churn",
    "https://help.baremetrics.com/en/articles/5380347-user-and-revenue-churn",
)
_MAXIO = (
    ("Churn Analytics", "https://maxio-chargify.zendesk.com/hc/en-us/articles/5405430709645-Churn-Analytics"),
)
_PAUSES = "a pause is taken as no end"
_PAUSES_AND_BACK = "a pause is taken as no end, and what resumes as no gain"
_ONE = "a customer is taken as one subscriber"
_WHO_COMES_BACK = "who comes back is taken as no new business, on both sides"
_FIRSTS: Needs = ("base", "firsts")
_BASE: Needs = ("base",)

BILLING = (
    Definition(
        id="stripe_subscriber_churn_rate",
        vendor="Stripe Billing",
        title="Subscriber churn rate",
        metric="subscriber_churn_rate",
        counts="ends of paying in the period / (customers who paid at its start + new ones)",
        differs="who joined and left counts on both sides, and who left and came back has left",
        window=_MONTH_OF_DAYS,
        unsaid=f"a customer who comes back is taken as no new one, and {_PAUSES}",
        sources=(
            (
                "Calculating subscriber churn rate in Billing",
                "https://support.stripe.com/questions/calculating-subscriber-churn-rate-in-billing",
            ),
            (
                "Billing metric definitions",
                "https://docs.stripe.com/billing/subscriptions/analytics/glossary",
            ),
        ),
        read_facts=_of_customers(
            _stripe, of="customers who paid at the start, and no new ones", needs=_FIRSTS
        ),
    ),
    Definition(
        id="chartmogul_customer_churn_rate",
        vendor="ChartMogul",
        title="Customer churn rate (standard formula)",
        metric="subscriber_churn_rate",
        counts="customers of the start who are gone at the end / customers who paid at the start",
        unsaid=f"who came back in the period and left again is taken as one who joined and left, and {_PAUSES}",
        sources=(
            _CHARTMOGUL,
            (
                "Chart: Customer Churn Rate",
                "https://help.chartmogul.com/hc/en-us/articles/203359321-Chart-Customer-Churn-Rate",
            ),
        ),
        read_facts=read_subscriber_churn_rate,
    ),
    Definition(
        id="baremetrics_user_churn_rate",
        vendor="Baremetrics",
        title="User churn",
        metric="subscriber_churn_rate",
        counts="customers who ended in the period / customers who paid at its start",
        differs="who joined and left counts above the line only, and who left and came back has left",
        window=_MONTH_OF_DAYS,
        unsaid=f"who left and came back counts as having left, and {_PAUSES}",
        sources=(_BAREMETRICS, ("Churn Update", "https://changelog.baremetrics.com/churn-update-4pqo9O")),
        read_facts=_of_customers(_baremetrics, needs=_BASE),
    ),
    Definition(
        id="maxio_subscriber_churn_rate",
        vendor="Maxio Advanced Billing (Chargify)",
        title="Subscriber churn rate",
        metric="subscriber_churn_rate",
        counts="customers who ended in the period and were not new in it / customers who paid at its start",
        differs="who left and came back has left, and who came back and left counts above the line only",
        unsaid=f"{_ONE}, {_WHO_COMES_BACK}, and {_PAUSES}",
        sources=_MAXIO,
        read_facts=_of_customers(_maxio, needs=_FIRSTS),
    ),
    Definition(
        id="cleeng_subscriber_churn_rate",
        vendor="Cleeng",
        title="Subscriber churn rate (announced for 30 April 2026)",
        metric="subscriber_churn_rate",
        counts="customers of the start who are gone at the end / customers who paid at the start",
        unsaid="who left and came back within the month is taken as kept, as in Cleeng's former rate, who does not "
        f"pay yet as no subscriber, and {_PAUSES}",
        sources=(
            (
                "Release notes, 23 April 2026",
                "https://publisher.support.cleeng.com/hc/en-us/articles/26984549099164-Release-Notes-2026-04-23",
            ),
            (
                "How is my churn rate calculated (the former rate)",
                "https://publisher.support.cleeng.com/hc/en-us/articles/360009081180",
            ),
        ),
        read_facts=read_subscriber_churn_rate,
    ),
    Definition(
        id="chartmogul_net_mrr_churn_rate",
        vendor="ChartMogul",
        title="Net MRR churn rate (standard formula)",
        metric="net_revenue_churn_ratio",
        counts="churned and contraction less expansion and reactivation MRR / MRR at the start",
        unsaid="all movements are taken into the sums, those of who joined and left within the period too, "
        f"and {_PAUSES_AND_BACK}",
        sources=(
            _CHARTMOGUL,
            (
                "Chart: Net MRR Churn Rate",
                "https://help.chartmogul.com/hc/en-us/articles/4414075567250-Chart-Net-MRR-Churn-Rate",
            ),
        ),
        read_facts=read_net_revenue_churn_ratio,
    ),
    Definition(
        id="baremetrics_revenue_churn_rate",
        vendor="Baremetrics",
        title="Revenue churn",
        metric="revenue_churn_ratio",
        counts="churned and contraction MRR, of each customer what was paid at the start at most / MRR at the start",
        differs="no customer loses more than what that customer paid at the start, so that who joined and left is "
        "left out",
        window=_MONTH_OF_DAYS,
        unsaid="that the rate will not exceed 100% is taken to hold customer by customer, as in its example, who "
        f"left and came back counts as having left, and {_PAUSES}",
        sources=(
            _BAREMETRICS,
            ("Improved Revenue Churn Calculation", "https://changelog.baremetrics.com"),
        ),
        read_facts=_of_money(_baremetrics_gross, bounded=True, needs=_BASE),
    ),
    Definition(
        id="baremetrics_net_revenue_churn_rate",
        vendor="Baremetrics",
        title="Net revenue churn",
        metric="net_revenue_churn_ratio",
        counts="churned and contraction less expansion MRR / MRR at the start",
        differs="what customers bring who come back is not set against it",
        window=_MONTH_OF_DAYS,
        unsaid="losses are taken in full, since only of revenue churn a limit is told, and so is what moved of "
        f"who joined and left within the period; {_PAUSES_AND_BACK}",
        sources=(("Net MRR Churn", "https://updates.baremetrics.com"),),
        read_facts=_of_money(_baremetrics_net, signed=True, needs=_BASE),
    ),
    Definition(
        id="maxio_mrr_churn_rate",
        vendor="Maxio Advanced Billing (Chargify)",
        title="MRR churn rate",
        metric="revenue_churn_ratio",
        counts="churned MRR of customers who were not new in the period / MRR at the start",
        differs="contraction is left out, and so is who joined and left",
        unsaid=f"{_ONE}, {_WHO_COMES_BACK}, and {_PAUSES}",
        sources=_MAXIO,
        read_facts=_of_money(_maxio_churn, needs=_FIRSTS),
    ),
    Definition(
        id="maxio_gross_mrr_churn_rate",
        vendor="Maxio Advanced Billing (Chargify)",
        title="Gross MRR churn rate",
        metric="revenue_churn_ratio",
        counts="churned and contraction MRR of customers who were not new in the period / MRR at the start",
        differs="who joined and left is left out",
        unsaid=f"{_WHO_COMES_BACK}, and {_PAUSES}",
        sources=_MAXIO,
        read_facts=_of_money(_maxio_gross, needs=_FIRSTS),
    ),
    Definition(
        id="maxio_net_mrr_churn_rate",
        vendor="Maxio Advanced Billing (Chargify)",
        title="Net MRR churn rate",
        metric="net_revenue_churn_ratio",
        counts="expansion and reactivation less churned and contraction MRR of customers who were not new in the "
        "period / MRR at the start",
        differs="the sign is the other way round, so that growth is above 0, and what moves of new customers is left out",
        unsaid=f"{_WHO_COMES_BACK}, however long that took, and {_PAUSES_AND_BACK}",
        sources=_MAXIO,
        read_facts=_of_money(_maxio_net, signed=True, needs=_FIRSTS),
    ),
    Definition(
        id="baremetrics_quick_ratio",
        vendor="Baremetrics",
        title="Quick ratio",
        metric="quick_ratio",
        counts="new and expansion MRR / contraction and churned MRR",
        differs="what customers bring who come back is no gain",
        unsaid=_PAUSES_AND_BACK,
        sources=(
            ("New: Quick Ratio Metric", "https://changelog.baremetrics.com/new-quick-ratio-metric-4ohZDy"),
        ),
        read_facts=_of_money(_baremetrics_quick, of="contraction and churned MRR", needs=_FIRSTS),
    ),
)
