"""Each metric that names a formula agrees with it, on counts that were made by hand-written loops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import prod as product
from typing import Any

import pytest

import retention as rt
from retention import METRICS, formulas
from tests.conformance.asking import tell
from tests.conformance.plain import months, moved, over

Counts = Callable[[Any], dict[str, Any]]

# What each formula is fed with.
COUNTS: dict[str, Counts] = {
    "customer_churn_rate": lambda month: {
        "customers_lost": len(month.opening - month.active),
        "customers_at_start": len(month.opening),
    },
    "published_retention_ratio": lambda month: {
        "customers_at_end": len(month.active),
        "customers_acquired": len(month.new),
        "customers_at_start": len(month.opening),
    },
    "reactivation_rate": lambda month: {
        "customers_reactivated": len(month.active & month.lapsed),
        "customers_lapsed": len(month.lapsed),
    },
    "returning_customer_rate": lambda month: {
        "returning_customers": len(month.active & month.earlier),
        "customers": len(month.active),
    },
    "repeat_purchase_rate": lambda month: {
        "repeat_customers": len(month.repeaters()),
        "customers": len(month.active),
    },
    "refund_rate": lambda month: {
        "refunded_revenue": month.refunded(),
        "gross_revenue": month.gross(),
    },
    "refund_ratio": lambda month: {
        "refunded_revenue": month.refunds_made,
        "gross_revenue": month.gross(),
    },
    "average_order_value": lambda month: {
        "revenue": month.revenue(),
        "orders": len(month.purchases),
    },
    "purchase_frequency": lambda month: {
        "purchases": len(month.known),
        "customers": len(month.active),
    },
    "average_customer_value": lambda month: {
        "revenue": month.revenue(month.active),
        "customers": len(month.active),
    },
    "repeat_order_rate": lambda month: {
        "repeat_orders": month.repeat_orders(),
        "orders": len(month.known),
    },
    "existing_customer_revenue_rate": lambda month: {
        "existing_customer_revenue": month.revenue(month.earlier),
        "revenue": month.revenue(month.active),
    },
    "returning_spend_ratio": lambda month: {
        "returning_revenue": month.revenue(month.active & month.earlier),
        "returning_customers": len(month.active & month.earlier),
        "new_revenue": month.revenue(month.new),
        "new_customers": len(month.new),
    },
    "revenue_concentration_rate": lambda month: {
        "top_revenue": month.top_revenue(Fraction(1, 5)),
        "revenue": month.revenue(month.active),
    },
    "second_purchase_rate": lambda month: {
        "customers_back_in_time": sum(gap <= timedelta(days=16) for gap in month.second_gaps()),
        "customers": len(month.second_gaps()),
    },
    "cancellation_rate": lambda month: {
        "cancelled_orders": sum(order.cancelled_at is not None for order in month.placed()),
        "placed_orders": len(month.placed()),
    },
    "recovery_rate": lambda month: {
        "recovered_orders": sum(map(month.has_come_back, month.cancelled())),
        "cancelled_orders": len(month.cancelled()),
    },
    "cross_sell_rate": lambda month: {
        "multi_category_customers": sum(len(found) > 1 for found in month.categories()),
        "customers": len(month.categories()),
    },
    "customer_lifetime_value": lambda month: {
        "average_order_value": over(month.revenue(month.active), len(month.known)),
        "purchase_frequency": over(len(month.known), len(month.active)),
        "customer_lifespan": over(len(month.opening), len(month.opening - month.active)),
    },
    "customer_acquisition_cost": lambda month: {
        "acquisition_spend": SPEND,
        "customers_acquired": len(month.new),
    },
    "ltv_cac_ratio": lambda month: {
        "customer_lifetime_value": product(COUNTS["customer_lifetime_value"](month).values()),
        "customer_acquisition_cost": over(SPEND, len(month.new)),
    },
    "payback_months": lambda month: {
        "customer_acquisition_cost": over(SPEND, len(month.new)),
        "monthly_margin": over(MARGIN * month.revenue(month.active), len(month.active)),
    },
    "net_promoter_score": lambda month: {
        "promoters": month.how_many("nps", 9, 10),
        "detractors": month.how_many("nps", 0, 6),
        "respondents": month.how_many("nps", 0, 10),
    },
    "customer_satisfaction_score": lambda month: {
        "positive_answers": month.how_many("csat", 4, 5),
        "respondents": month.how_many("csat", 1, 5),
    },
    "customer_effort_score": lambda month: {
        "score_total": sum(month.scores("ces")),
        "respondents": month.how_many("ces", 1, 7),
        "options": 7,
    },
    "revenue_churn_rate": lambda month: {
        "mrr_lost": sum(max(base - now, 0) for base, now in month.base_and_now()),
        "mrr_at_start": sum(month.start.values()),
    },
    "gross_revenue_retention_rate": lambda month: {
        "mrr_kept": sum(min(base, now) for base, now in month.base_and_now()),
        "mrr_at_start": sum(month.start.values()),
    },
    "net_revenue_retention_ratio": lambda month: {
        "mrr_of_the_same_customers": sum(now for _, now in month.base_and_now()),
        "mrr_at_start": sum(month.start.values()),
    },
    "average_revenue_per_account_value": lambda month: {
        "mrr": sum(month.now.values()),
        "subscribers": len(month.now),
    },
    "quick_ratio": lambda month: {
        "mrr_gained": moved(month, "new", "expansion", "reactivation"),
        "mrr_lost": moved(month, "contraction", "churned"),
    },
    "cart_abandonment_rate": lambda month: {
        "carts_abandoned": len(month.abandoned),
        "carts_begun": len(month.begun),
    },
    "cart_recovery_rate": lambda month: {
        "carts_recovered": sum(map(month.is_recovered, month.followed)),
        "carts_abandoned": len(month.followed),
    },
    "engagement_rate": lambda month: {
        "contacts_answered": sum(map(month.drew_a_response, month.sent)),
        "contacts_made": len(month.sent),
    },
    "answered_rate": lambda month: {
        "messages_answered": sum(map(month.was_answered, month.asked)),
        "messages_received": len(month.asked),
    },
    "self_service_rate": lambda month: {
        "cases_self_served": sum(one.solved_by == "self_service" for one in month.solved),
        "cases_solved": len(month.solved),
    },
    "conversion_rate": lambda month: {
        "converted": sum(map(month.led_to_an_order, month.approaches)),
        "approached": len(month.approaches),
    },
    "upsell_rate": lambda month: {
        "offers_accepted": sum(map(month.led_to_an_order, month.offers)),
        "offers_made": len(month.offers),
    },
    "loyalty_participation_rate": lambda month: {
        "members": len(month.active & month.members_at_end),
        "customers": len(month.active),
    },
    "loyalty_spend_ratio": lambda month: {
        "member_revenue": month.month.revenue(month.active & month.members_at_start),
        "members": len(month.active & month.members_at_start),
        "other_revenue": month.month.revenue(month.active - month.members_at_start),
        "other_customers": len(month.active - month.members_at_start),
    },
    "referral_rate": lambda month: {
        "customers_referred": len(month.new & month.referred),
        "customers_acquired": len(month.new),
    },
}
SPEND, MARGIN = Decimal("250.00"), Decimal("0.4")
# Metrics that have a formula's name and count something else; the docs say what.
DIFFERENT = {"customer_retention_rate"}
# Figures that are quotients of quotients; the metric rounds each.
ROUNDED_ON_THE_WAY = {"customer_lifetime_value", "ltv_cac_ratio", "payback_months"}


def test_no_agreement_is_missing():
    assert set(COUNTS) == {spec.id for spec in METRICS.values() if spec.formula}


def test_every_formula_of_a_metrics_name_is_compared_with_it():
    assert {spec.id for spec in METRICS.values() if spec.id in formulas.__all__} <= set(COUNTS) | DIFFERENT


def test_a_formula_that_counts_something_else_is_not_claimed():
    for name in DIFFERENT:
        assert METRICS[name].formula is None
        assert "published_retention_ratio" in (METRICS[name].function.__doc__ or "")


@pytest.mark.parametrize("name", COUNTS)
def test_the_metric_agrees_with_its_formula(name):
    spec = METRICS[name]
    formula = getattr(formulas, spec.formula)
    values = 0
    for world, month in months(spec.inputs[0]):
        result = tell(spec, world)
        if isinstance(result, rt.AsOfRequiredError):
            continue
        expected = value_of(formula, COUNTS[name], month)
        if expected is None:
            assert result.value is None, world.name
        elif name in ROUNDED_ON_THE_WAY:
            assert float(result) == pytest.approx(float(expected), rel=1e-12), world.name
        elif isinstance(result, rt.Mean):
            assert result.value == expected or float(result) == float(expected), world.name
        else:
            assert float(result) == float(expected), world.name
        values += expected is not None
    assert values > 10


def value_of(formula: Callable[..., Any], count: Counts, month: Any) -> Any:
    """What the formula says of the counts: exact, and rounded to a float once, where Decimals would be rounded twice."""
    try:
        return formula(**as_fractions(count(month)))
    except rt.UndefinedMetricError:
        return None


def as_fractions(counts: dict[str, Any]) -> dict[str, Fraction]:
    """Exact, and rounded to a float once, where Decimals would be rounded twice."""
    return {name: Fraction(count) for name, count in counts.items()}


def test_the_retention_rate_and_the_published_formula_are_the_same_without_reactivation():
    agreements = set()
    for world, month in months("orders"):
        if month.opening:
            published = formulas.customer_retention_rate(**COUNTS["published_retention_ratio"](month))
            same = tell(METRICS["customer_retention_rate"], world).value == published
            assert same == (not month.active & month.lapsed), world.name
            agreements.add(same)
    assert agreements == {True, False}
