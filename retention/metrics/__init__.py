"""The metrics: one public function each, and beside it the pure function that reads it off the facts."""

from __future__ import annotations

from retention.metrics._customers import (
    active_customer_count,
    customer_churn_rate,
    customer_flow,
    customer_retention_rate,
    new_customer_count,
    published_retention_ratio,
    reactivation_rate,
    repeat_purchase_rate,
    returning_customer_rate,
)
from retention.metrics._orders import (
    average_customer_value,
    average_order_value,
    gross_revenue,
    net_revenue,
    order_count,
    purchase_frequency,
    refund_rate,
    refund_ratio,
    refunded_revenue,
    repeat_order_rate,
)
from retention.metrics._rhythm import (
    purchase_gap_days,
    recency_days,
    second_purchase_days,
    second_purchase_rate,
)
from retention.metrics._surveys import (
    answer_share,
    customer_effort_score,
    customer_satisfaction_score,
    net_promoter_score,
)
from retention.metrics._value import (
    existing_customer_revenue_rate,
    gini_score,
    lorenz_curve,
    returning_spend_ratio,
    revenue_concentration_rate,
)

__all__ = [
    "active_customer_count",
    "answer_share",
    "average_customer_value",
    "average_order_value",
    "customer_churn_rate",
    "customer_effort_score",
    "customer_flow",
    "customer_retention_rate",
    "customer_satisfaction_score",
    "existing_customer_revenue_rate",
    "gini_score",
    "gross_revenue",
    "lorenz_curve",
    "net_promoter_score",
    "net_revenue",
    "new_customer_count",
    "order_count",
    "published_retention_ratio",
    "purchase_frequency",
    "purchase_gap_days",
    "reactivation_rate",
    "recency_days",
    "refund_rate",
    "refund_ratio",
    "refunded_revenue",
    "repeat_order_rate",
    "repeat_purchase_rate",
    "returning_customer_rate",
    "returning_spend_ratio",
    "revenue_concentration_rate",
    "second_purchase_days",
    "second_purchase_rate",
]
