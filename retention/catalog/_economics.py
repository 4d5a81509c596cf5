"""What a customer is worth, costs, and may bring."""

from __future__ import annotations

from retention.catalog._spec import MetricSpec
from retention.metrics import _acquisition, _lifetime, _outlook

__all__ = ["SPECS"]

_OF_TWO_PARTS = (
    "it rests on the spend and the churn of both periods, whose customers are partly the same; "
    "customer_churn_rate and average_customer_value are tested, each for itself"
)
_OF_A_SPEND = (
    "what was spent on new customers is a plain number, of which nobody knows how far chance carries it"
)

SPECS = (
    MetricSpec(
        id="customer_lifespan_months",
        title="Customer lifespan (1 / churn)",
        group="value and cost",
        function=_lifetime.customer_lifespan_months,
        read=_lifetime.read_customer_lifespan_months,
        unit="months",
        direction="higher",
        additive=True,
        look_back="base",
        untested_because="it is 1 / churn, and the change of customer_churn_rate is tested",
        sources=("D5", "D3"),
    ),
    MetricSpec(
        id="observed_lifespan_days",
        title="Customer lifespan so far",
        group="value and cost",
        function=_lifetime.observed_lifespan_days,
        read=_lifetime.read_observed_lifespan_days,
        unit="days",
        direction="higher",
        additive=False,
        look_back="all",
        asks_past=True,
        sources=("D5",),
    ),
    MetricSpec(
        id="customer_lifetime_value",
        title="Customer lifetime value",
        group="value and cost",
        function=_lifetime.customer_lifetime_value,
        read=_lifetime.read_customer_lifetime_value,
        unit="money per customer",
        direction="higher",
        additive=False,
        look_back="base",
        untested_because=_OF_TWO_PARTS,
        formula="customer_lifetime_value",
        sources=("D5",),
    ),
    MetricSpec(
        id="customer_acquisition_cost",
        title="Customer acquisition cost",
        group="value and cost",
        function=_acquisition.customer_acquisition_cost,
        read=_acquisition.read_customer_acquisition_cost,
        unit="money per customer",
        direction="lower",
        additive=False,
        look_back="all",
        per_period=("acquisition_spend",),
        untested_because=_OF_A_SPEND,
        formula="customer_acquisition_cost",
        sources=("D9", "C3"),
    ),
    MetricSpec(
        id="ltv_cac_ratio",
        title="Lifetime value to acquisition cost",
        group="value and cost",
        function=_acquisition.ltv_cac_ratio,
        read=_acquisition.read_ltv_cac_ratio,
        unit="money per money",
        direction="higher",
        additive=False,
        look_back="all",
        per_period=("acquisition_spend",),
        untested_because=_OF_A_SPEND,
        formula="ltv_cac_ratio",
        sources=("D5", "D9", "C3"),
    ),
    MetricSpec(
        id="payback_months",
        title="Months to earn the cost back",
        group="value and cost",
        function=_acquisition.payback_months,
        read=_acquisition.read_payback_months,
        unit="months",
        direction="lower",
        additive=False,
        look_back="all",
        per_period=("acquisition_spend",),
        untested_because=_OF_A_SPEND,
        formula="payback_months",
        sources=("D9", "C3"),
    ),
    MetricSpec(
        id="revenue_predictability_table",
        title="Revenue predictability",
        group="value and cost",
        function=_outlook.revenue_predictability_table,
        read=_outlook.read_revenue_predictability_table,
        unit="share of money",
        high=1,
        direction="neither",
        additive=False,
        look_back="all",
        shown=False,
        sources=("C8", "D13"),
    ),
)
