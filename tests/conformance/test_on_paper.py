"""Each metric that no published formula stands behind, counted on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from statistics import median
from typing import Any

import pytest

import retention as rt
from retention import METRICS
from tests.conformance.asking import tell
from tests.conformance.checks import PLAIN_NUMBERS
from tests.conformance.plain import months, moved, over
from tests.conformance.test_formulas import COUNTS

ON_PAPER: dict[str, Callable[[Any], Any]] = {
    "active_customer_count": lambda month: len(month.active),
    "new_customer_count": lambda month: len(month.new),
    "customer_retention_rate": lambda month: over(len(month.opening & month.active), len(month.opening)),
    "order_count": lambda month: len(month.purchases),
    "gross_revenue": lambda month: month.gross(),
    "refunded_revenue": lambda month: month.refunded(),
    "net_revenue": lambda month: month.gross() - month.refunded(),
    "gross_margin_ratio": lambda month: over(month.margin(), month.net_of_known_cost()),
    "discounted_order_rate": lambda month: over(
        sum(lowered > 0 for lowered in month.discounts()), len(month.discounts())
    ),
    "multichannel_rate": lambda month: over(
        sum(len(found) > 1 for found in month.channels()), len(month.channels())
    ),
    "customer_lifespan_months": lambda month: over(len(month.opening), len(month.opening - month.active)),
    "observed_lifespan_days": lambda month: middle(month.lifespans()),
    "second_purchase_days": lambda month: middle(month.second_gaps()),
    "monthly_recurring_revenue": lambda month: sum(month.now.values()),
    "subscriber_count": lambda month: len(month.now),
    "subscriber_churn_rate": lambda month: over(len(month.gone()), len(month.start)),
    "subscriber_retention_rate": lambda month: 1 - over(len(month.gone()), len(month.start)),
    "revenue_churn_ratio": lambda month: over(
        moved(month, "churned", "contraction"), sum(month.start.values())
    ),
    "net_revenue_churn_ratio": lambda month: over(
        moved(month, "churned", "contraction") - moved(month, "expansion", "reactivation"),
        sum(month.start.values()),
    ),
    "mention_count": lambda month: len(month.mentions),
    "sentiment_score": lambda month: over(sum(month.sentiments), len(month.sentiments)),
    "first_response_days": lambda month: middle(month.waits("answered_at")),
    "resolution_days": lambda month: middle(month.waits("solved_at")),
    "loyalty_retention_rate": lambda month: over(
        len(month.members_in_the_base & month.active), len(month.members_in_the_base)
    ),
    "referred_revenue_rate": lambda month: over(
        month.month.revenue(month.active & month.referred), month.month.revenue(month.active)
    ),
}
# Counted in tests of their own: pictures, tables, flows, and what rests on many orders of one customer.
ELSEWHERE = {
    "answer_share",
    "cancellation_reason_share",
    "customer_flow",
    "first_response_curve",
    "gini_score",
    "lorenz_curve",
    "next_purchase_curve",
    "purchase_gap_days",
    "recency_days",
    "recurring_revenue_curve",
    "resolution_curve",
    "revenue_flow",
    "revenue_predictability_table",
    "second_purchase_curve",
    "subscriber_curve",
}


def middle(times: list[timedelta]) -> Fraction:
    """The median, in days."""
    if not times:
        msg = "there is no median"
        raise rt.UndefinedMetricError(msg)
    return median(Fraction(each / timedelta(microseconds=1)) for each in times) / 86_400_000_000


def test_no_metric_goes_uncounted():
    assert set(METRICS) == {*ON_PAPER, *COUNTS, *ELSEWHERE}
    assert len(METRICS) == len(ON_PAPER) + len(COUNTS) + len(ELSEWHERE)


@pytest.mark.parametrize("name", ON_PAPER)
def test_the_metric_is_what_was_counted(name):
    spec, values = METRICS[name], set()
    for world, month in months(spec.inputs[0]):
        result = tell(spec, world)
        try:
            expected = Fraction(ON_PAPER[name](month))
        except rt.UndefinedMetricError:
            assert result.value is None, world.name
            continue
        found = result if isinstance(result, PLAIN_NUMBERS) else float(result)
        assert found == expected or float(found) == pytest.approx(float(expected), rel=1e-14), world.name
        values.add(found)
    assert len(values) > 4


@pytest.mark.parametrize("world_and_month", months("subscriptions"), ids=lambda pair: pair[0].name)
def test_the_movements_of_revenue_are_what_was_counted(world_and_month):
    world, month = world_and_month
    flow = tell(METRICS["revenue_flow"], world)
    found = {name: amount for name, amount in flow.exact.items() if amount}
    ends = {"start": sum(month.start.values()), "end": sum(month.now.values())}
    assert found == {name: amount for name, amount in {**ends, **month.movements()}.items() if amount}


@pytest.mark.parametrize("world_and_month", months("orders"), ids=lambda pair: pair[0].name)
def test_the_flow_of_customers_is_what_was_counted(world_and_month):
    world, month = world_and_month
    flow = tell(METRICS["customer_flow"], world)
    assert flow.customers["new"] == month.new
    assert flow.customers["kept"] == month.opening & month.active
    assert flow.customers["lost"] == month.opening - month.active
    assert flow.customers["reactivated"] == month.active & month.lapsed
