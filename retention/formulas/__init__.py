"""Every published formula of customer retention, and those that follow from it: numbers in, number out.

The other modules count; these functions only combine. Use them where the counts are known already: from a
report, a spreadsheet, a warehouse query. The library's metric of the same name agrees with its formula on the
same counts, unless the formula says where they differ.

All arguments are keyword-only, finite numbers. Rates and ratios come as fractions (0.8, not 80) and scores as
points; the published "x 100" of a rate is presentation, as in ``f"{rate:.1%}"``. The arithmetic is exact and
rounded once, at the end: integers and floats give a float, a Decimal gives a Decimal of 28 significant digits
whatever the host's decimal context, a Fraction among integers gives a Fraction. Counts may be of any of these
types if they are whole. A Decimal beside a float is refused, because one is exact and the other is not.

A figure that doesn't exist, such as a rate of no customers, raises ``UndefinedMetricError`` with the
precondition that failed, or returns ``default`` where one is given:

>>> customer_churn_rate(customers_lost=0, customers_at_start=0)
Traceback (most recent call last):
    ...
retention.errors.UndefinedMetricError: customer_churn_rate requires at least one customer at the start
>>> customer_churn_rate(customers_lost=0, customers_at_start=0, default=None) is None
True
"""

from __future__ import annotations

from retention.formulas._customers import (
    customer_churn_rate,
    customer_lifespan,
    customer_retention_rate,
    reactivation_rate,
    repeat_purchase_rate,
    returning_customer_rate,
    scale_churn_rate,
    second_purchase_rate,
)
from retention.formulas._orders import (
    average_customer_value,
    average_order_value,
    cancellation_rate,
    cart_abandonment_rate,
    cart_recovery_rate,
    cross_sell_rate,
    purchase_frequency,
    recovery_rate,
    refund_rate,
    refund_ratio,
    repeat_order_rate,
)
from retention.formulas._programs import (
    answered_rate,
    conversion_rate,
    engagement_rate,
    loyalty_participation_rate,
    loyalty_spend_ratio,
    referral_rate,
    self_service_rate,
    upsell_rate,
)
from retention.formulas._recurring import (
    average_revenue_per_account_value,
    gross_revenue_retention_rate,
    net_revenue_retention_ratio,
    quick_ratio,
)
from retention.formulas._surveys import (
    customer_effort_score,
    customer_satisfaction_score,
    net_promoter_score,
)
from retention.formulas._value import (
    customer_acquisition_cost,
    customer_lifetime_value,
    discounted_customer_lifetime_value,
    existing_customer_revenue_rate,
    ltv_cac_ratio,
    payback_months,
    return_on_investment_ratio,
    returning_spend_ratio,
    revenue_churn_rate,
    revenue_concentration_rate,
)

__all__ = [
    "answered_rate",
    "average_customer_value",
    "average_order_value",
    "average_revenue_per_account_value",
    "cancellation_rate",
    "cart_abandonment_rate",
    "cart_recovery_rate",
    "conversion_rate",
    "cross_sell_rate",
    "customer_acquisition_cost",
    "customer_churn_rate",
    "customer_effort_score",
    "customer_lifespan",
    "customer_lifetime_value",
    "customer_retention_rate",
    "customer_satisfaction_score",
    "discounted_customer_lifetime_value",
    "engagement_rate",
    "existing_customer_revenue_rate",
    "gross_revenue_retention_rate",
    "loyalty_participation_rate",
    "loyalty_spend_ratio",
    "ltv_cac_ratio",
    "net_promoter_score",
    "net_revenue_retention_ratio",
    "payback_months",
    "purchase_frequency",
    "quick_ratio",
    "reactivation_rate",
    "recovery_rate",
    "referral_rate",
    "refund_rate",
    "refund_ratio",
    "repeat_order_rate",
    "repeat_purchase_rate",
    "return_on_investment_ratio",
    "returning_customer_rate",
    "returning_spend_ratio",
    "revenue_churn_rate",
    "revenue_concentration_rate",
    "scale_churn_rate",
    "second_purchase_rate",
    "self_service_rate",
    "upsell_rate",
]
