"""What billing systems count: churn of customers and of recurring revenue, and the quick ratio.

A customer is one, however many subscriptions it has. An end counts when the span ends: `Subscription.ended_at` says
whether that is the day of the notice or the end of what was paid for, on which the systems differ, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from attrs import evolve

from retention._subscription_facts import MovementKind, Pairs, SubscriptionFacts
from retention.definitions._model import Definition
from retention.results import ClusterSums, Ratio

__all__ = ["BILLING"]

Count = Callable[[SubscriptionFacts], Pairs]
_MONTH_OF_DAYS = timedelta(days=30)

# ------------------------------------------------------------------------------------- from pairs to a ratio


def _share(count: Count, **how: Any) -> Callable[[SubscriptionFacts], Ratio]:
    """A function from the facts to Σy / Σx of what is counted by customer."""
    return partial(_quotient, count=count, **how)  # which pickles, as a function made here would not


def _quotient(
    facts: SubscriptionFacts,
    *,
    count: Count,
    money: bool = False,
    signed: bool = False,
    bounded: bool = False,
) -> Ratio:
    basis = facts.of_metric("", needs=("base", "firsts"), money=money)
    if not basis.observable:
        return Ratio(0, 0, bounded=bounded, basis=basis)
    scale = facts.cents.scale if money else 1
    sums = ClusterSums.of(count(facts).values(), scale=scale, x_scale=scale, signed=signed)
    if not sums.x:
        basis = evolve(basis, undefined_because="there is nothing below the line")
    top, bottom = (facts.amount(sums.y), facts.amount(sums.x)) if money else (sums.y, sums.x)
    return Ratio(top, bottom, bounded=bounded, sampling=sums, basis=basis)


def _side_by_side(below: Counter[Hashable], above: Counter[Hashable]) -> Pairs:
    return {who: (below[who], above[who]) for who in {**below, **above}}


# ------------------------------------------------------------------------------------------------- customers


def _at_start(facts: SubscriptionFacts) -> Counter[Hashable]:
    return Counter(dict.fromkeys(facts.base, 1))


def _start_and_new(facts: SubscriptionFacts) -> Counter[Hashable]:
    return _at_start(facts) + Counter(dict.fromkeys(_who(facts, "new"), 1))


def _who(facts: SubscriptionFacts, *kinds: MovementKind) -> list[Hashable]:
    """The customer of each movement of these kinds."""
    return [each.customer for each in facts.movements if each.kind in kinds]


def _ended(facts: SubscriptionFacts, but: Container[Hashable] = ()) -> Counter[Hashable]:
    """The customers who stopped paying at some time of the period, each once."""
    return Counter({who: 1 for who in _who(facts, "churned") if who not in but})


def _chartmogul(facts: SubscriptionFacts) -> Pairs:
    return _side_by_side(_at_start(facts), Counter(dict.fromkeys(facts.gone, 1)))


def _stripe(facts: SubscriptionFacts) -> Pairs:
    return _side_by_side(_start_and_new(facts), Counter(_who(facts, "churned")))


def _baremetrics(facts: SubscriptionFacts) -> Pairs:
    return _side_by_side(_at_start(facts), _ended(facts))


def _maxio(facts: SubscriptionFacts) -> Pairs:
    newcomers = [who for who in _who(facts, "churned") if who not in facts.base]
    return _side_by_side(_at_start(facts), _ended(facts, but=newcomers))


def _cleeng(facts: SubscriptionFacts) -> Pairs:
    return _side_by_side(_start_and_new(facts), _ended(facts, but=facts.now))


# ----------------------------------------------------------------------------------------------------- money


def _of_start(facts: SubscriptionFacts, above: Counter[Hashable]) -> Pairs:
    return _side_by_side(Counter(facts.paid(facts.base)), above)


def _net(lost: Counter[Hashable], gained: Counter[Hashable]) -> Counter[Hashable]:
    """What was lost less what was gained, which may be less than nothing."""
    net = Counter(lost)
    net.subtract(gained)
    return net


def _moved(
    facts: SubscriptionFacts, *kinds: MovementKind, of: Iterable[Hashable] | None = None
) -> Counter[Hashable]:
    moved = facts.moved(*kinds)
    return Counter(moved if of is None else {who: moved[who] for who in of if who in moved})


def _chartmogul_net(facts: SubscriptionFacts) -> Pairs:
    lost, gained = _moved(facts, "churned", "contraction"), _moved(facts, "expansion", "reactivation")
    return _of_start(facts, _net(lost, gained))


def _baremetrics_gross(facts: SubscriptionFacts) -> Pairs:
    return _of_start(facts, _moved(facts, "churned", "contraction"))


def _baremetrics_net(facts: SubscriptionFacts) -> Pairs:
    return _of_start(facts, _net(_moved(facts, "churned", "contraction"), _moved(facts, "expansion")))


def _maxio_churn(facts: SubscriptionFacts) -> Pairs:
    return _of_start(facts, _moved(facts, "churned", of=facts.base))


def _maxio_gross(facts: SubscriptionFacts) -> Pairs:
    return _of_start(facts, _moved(facts, "churned", "contraction", of=facts.base))


def _maxio_net(facts: SubscriptionFacts) -> Pairs:
    gained = _moved(facts, "expansion", "reactivation")
    return _of_start(facts, _net(gained, _moved(facts, "churned", "contraction", of=facts.base)))


def _chargebee_net(facts: SubscriptionFacts) -> Pairs:
    newcomers = set(_who(facts, "new"))
    stayed = [who for who in facts.moved("churned", "contraction") if who not in newcomers]
    lost = _moved(facts, "churned", "contraction", of=stayed)
    return _of_start(facts, _net(lost, _moved(facts, "expansion")))


def _baremetrics_quick(facts: SubscriptionFacts) -> Pairs:
    return _side_by_side(_moved(facts, "contraction", "churned"), _moved(facts, "new", "expansion"))


# ------------------------------------------------------------------------------------------------ what is said

_CHARTMOGUL = (
    ("Churn rate formulas", "https://help.chartmogul.com/hc/en-us/articles/207340419"),
    (
        "Chart: Customer Churn Rate",
        "https://help.chartmogul.com/hc/en-us/articles/203359321-Chart-Customer-Churn-Rate",
    ),
)
_BAREMETRICS = (
    ("User and Revenue Churn", "https://help.baremetrics.com/en/articles/5380347-user-and-revenue-churn"),
)
_MAXIO = (
    ("Churn Analytics", "https://maxio-chargify.zendesk.com/hc/en-us/articles/5405430709645-Churn-Analytics"),
)
_PAUSES = "a pause is taken as no end"

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
        read_facts=_share(_stripe),
    ),
    Definition(
        id="chartmogul_customer_churn_rate",
        vendor="ChartMogul",
        title="Customer churn rate",
        metric="subscriber_churn_rate",
        counts="customers of the start who are gone at the end / customers who paid at the start",
        unsaid=_PAUSES,
        sources=_CHARTMOGUL,
        read_facts=_share(_chartmogul, bounded=True),
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
        sources=(*_BAREMETRICS, ("Churn Update", "https://changelog.baremetrics.com/churn-update-4pqo9O")),
        read_facts=_share(_baremetrics),
    ),
    Definition(
        id="maxio_subscriber_churn_rate",
        vendor="Maxio Advanced Billing (Chargify)",
        title="Subscriber churn rate",
        metric="subscriber_churn_rate",
        counts="customers of the start who ended in the period / customers who paid at the start",
        differs="who left and came back has left",
        unsaid=f"a customer is taken as one subscriber, and {_PAUSES}",
        sources=_MAXIO,
        read_facts=_share(_maxio, bounded=True),
    ),
    Definition(
        id="cleeng_churn_rate",
        vendor="Cleeng",
        title="Adjusted churn rate",
        metric="subscriber_churn_rate",
        counts="customers who ended and are gone at the end / (customers who paid at the start + new ones)",
        differs="who joined and left counts on both sides",
        unsaid=_PAUSES,
        sources=(
            (
                "How is my churn rate calculated",
                "https://publisher.support.cleeng.com/hc/en-us/articles/360014350000",
            ),
        ),
        read_facts=_share(_cleeng),
    ),
    Definition(
        id="chartmogul_net_mrr_churn_rate",
        vendor="ChartMogul",
        title="Net MRR churn rate",
        metric="net_revenue_churn_ratio",
        counts="churned and contraction less expansion and reactivation MRR / MRR at the start",
        unsaid=_PAUSES,
        sources=(
            (
                "Chart: Net MRR Churn Rate",
                "https://help.chartmogul.com/hc/en-us/articles/4414075567250-Chart-Net-MRR-Churn-Rate",
            ),
        ),
        read_facts=_share(_chartmogul_net, money=True, signed=True),
    ),
    Definition(
        id="baremetrics_revenue_churn_rate",
        vendor="Baremetrics",
        title="Revenue churn",
        metric="revenue_churn_ratio",
        counts="churned and contraction MRR / MRR at the start",
        window=_MONTH_OF_DAYS,
        unsaid=_PAUSES,
        sources=_BAREMETRICS,
        read_facts=_share(_baremetrics_gross, money=True),
    ),
    Definition(
        id="baremetrics_net_revenue_churn_rate",
        vendor="Baremetrics",
        title="Net revenue churn",
        metric="net_revenue_churn_ratio",
        counts="churned and contraction less expansion MRR / MRR at the start",
        differs="what customers bring who come back is not set against it",
        window=_MONTH_OF_DAYS,
        unsaid=_PAUSES,
        sources=(("Net MRR Churn", "https://updates.baremetrics.com"),),
        read_facts=_share(_baremetrics_net, money=True, signed=True),
    ),
    Definition(
        id="maxio_mrr_churn_rate",
        vendor="Maxio Advanced Billing (Chargify)",
        title="MRR churn rate",
        metric="revenue_churn_ratio",
        counts="churned MRR of the customers of the start / MRR at the start",
        differs="contraction is left out, and so is who joined and left",
        unsaid=f"a customer is taken as one subscriber, and {_PAUSES}",
        sources=_MAXIO,
        read_facts=_share(_maxio_churn, money=True),
    ),
    Definition(
        id="maxio_gross_mrr_churn_rate",
        vendor="Maxio Advanced Billing (Chargify)",
        title="Gross MRR churn rate",
        metric="revenue_churn_ratio",
        counts="churned and contraction MRR of the customers of the start / MRR at the start",
        differs="who joined and left is left out",
        unsaid=_PAUSES,
        sources=_MAXIO,
        read_facts=_share(_maxio_gross, money=True),
    ),
    Definition(
        id="maxio_net_mrr_churn_rate",
        vendor="Maxio Advanced Billing (Chargify)",
        title="Net MRR churn rate",
        metric="net_revenue_churn_ratio",
        counts="expansion and reactivation less churned and contraction MRR / MRR at the start",
        differs="the sign is the other way round, so that growth is above 0, and who joined and left is left out",
        unsaid=f"who comes back is taken as reactivation, however long that took, and {_PAUSES}",
        sources=_MAXIO,
        read_facts=_share(_maxio_net, money=True, signed=True),
    ),
    Definition(
        id="chargebee_net_mrr_churn_rate",
        vendor="Chargebee",
        title="Net MRR churn rate",
        metric="net_revenue_churn_ratio",
        counts="downgrade and cancellation less expansion MRR / MRR at the start",
        differs="who joined and left is left out, and what customers bring who come back is not set against it",
        unsaid="reactivation is taken as no expansion",
        sources=(
            (
                "What is net MRR churn rate?",
                "https://www.chargebee.com/resources/glossaries/what-is-net-mrr-churn-rate/",
            ),
            (
                "What is contraction MRR?",
                "https://www.chargebee.com/resources/glossaries/what-is-contraction-mrr/",
            ),
        ),
        read_facts=_share(_chargebee_net, money=True, signed=True),
    ),
    Definition(
        id="baremetrics_quick_ratio",
        vendor="Baremetrics",
        title="Quick ratio",
        metric="quick_ratio",
        counts="new and expansion MRR / contraction and churned MRR",
        differs="what customers bring who come back is no gain",
        unsaid=_PAUSES,
        sources=(
            ("New: Quick Ratio Metric", "https://changelog.baremetrics.com/new-quick-ratio-metric-4ohZDy"),
        ),
        read_facts=_share(_baremetrics_quick, money=True),
    ),
)
