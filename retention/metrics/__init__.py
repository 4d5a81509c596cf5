"""The metrics: one public function each, and beside it the pure function that reads it off the facts."""

from __future__ import annotations

from retention.metrics._acquisition import customer_acquisition_cost, ltv_cac_ratio, payback_months
from retention.metrics._checkouts import cart_abandonment_rate, cart_recovery_rate
from retention.metrics._conversion import conversion_rate, upsell_rate
from retention.metrics._curves import (
    first_response_curve,
    next_purchase_curve,
    resolution_curve,
    second_purchase_curve,
    subscriber_curve,
)
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
from retention.metrics._interactions import engagement_rate, mention_count, sentiment_score
from retention.metrics._journey import (
    cancellation_rate,
    cancellation_reason_share,
    cross_sell_rate,
    gross_margin_ratio,
    recovery_rate,
)
from retention.metrics._lifetime import (
    customer_lifespan_months,
    customer_lifetime_value,
    observed_lifespan_days,
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
from retention.metrics._outlook import revenue_predictability_table
from retention.metrics._programs import (
    loyalty_participation_rate,
    loyalty_retention_rate,
    loyalty_spend_ratio,
    referral_rate,
    referred_revenue_rate,
)
from retention.metrics._recurring import (
    gross_revenue_retention_rate,
    net_revenue_churn_ratio,
    net_revenue_retention_ratio,
    quick_ratio,
    revenue_churn_rate,
    revenue_churn_ratio,
    revenue_flow,
)
from retention.metrics._rhythm import (
    purchase_gap_days,
    recency_days,
    second_purchase_days,
    second_purchase_rate,
)
from retention.metrics._selling import discounted_order_rate, multichannel_rate
from retention.metrics._service import (
    answered_rate,
    first_response_days,
    resolution_days,
    self_service_rate,
)
from retention.metrics._subscriptions import (
    average_revenue_per_account_value,
    monthly_recurring_revenue,
    recurring_revenue_curve,
    subscriber_churn_rate,
    subscriber_count,
    subscriber_retention_rate,
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
    "answered_rate",
    "average_customer_value",
    "average_order_value",
    "average_revenue_per_account_value",
    "cancellation_rate",
    "cancellation_reason_share",
    "cart_abandonment_rate",
    "cart_recovery_rate",
    "conversion_rate",
    "cross_sell_rate",
    "customer_acquisition_cost",
    "customer_churn_rate",
    "customer_effort_score",
    "customer_flow",
    "customer_lifespan_months",
    "customer_lifetime_value",
    "customer_retention_rate",
    "customer_satisfaction_score",
    "discounted_order_rate",
    "engagement_rate",
    "existing_customer_revenue_rate",
    "first_response_curve",
    "first_response_days",
    "gini_score",
    "gross_margin_ratio",
    "gross_revenue",
    "gross_revenue_retention_rate",
    "lorenz_curve",
    "loyalty_participation_rate",
    "loyalty_retention_rate",
    "loyalty_spend_ratio",
    "ltv_cac_ratio",
    "mention_count",
    "monthly_recurring_revenue",
    "multichannel_rate",
    "net_promoter_score",
    "net_revenue",
    "net_revenue_churn_ratio",
    "net_revenue_retention_ratio",
    "new_customer_count",
    "next_purchase_curve",
    "observed_lifespan_days",
    "order_count",
    "payback_months",
    "published_retention_ratio",
    "purchase_frequency",
    "purchase_gap_days",
    "quick_ratio",
    "reactivation_rate",
    "recency_days",
    "recovery_rate",
    "recurring_revenue_curve",
    "referral_rate",
    "referred_revenue_rate",
    "refund_rate",
    "refund_ratio",
    "refunded_revenue",
    "repeat_order_rate",
    "repeat_purchase_rate",
    "resolution_curve",
    "resolution_days",
    "returning_customer_rate",
    "returning_spend_ratio",
    "revenue_churn_rate",
    "revenue_churn_ratio",
    "revenue_concentration_rate",
    "revenue_flow",
    "revenue_predictability_table",
    "second_purchase_curve",
    "second_purchase_days",
    "second_purchase_rate",
    "self_service_rate",
    "sentiment_score",
    "subscriber_churn_rate",
    "subscriber_count",
    "subscriber_curve",
    "subscriber_retention_rate",
    "upsell_rate",
]
