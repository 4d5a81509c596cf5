"""Every metric, described as data: what it is called, what it reads, in which unit and range, from which source.

The catalog is what snapshots, segments, rules, the reference pages and the conformance tests run over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, TypeAlias

from attrs import field, frozen

from retention.metrics import _customers, _orders, _rhythm, _surveys, _value
from retention.results import AnswerShare, CustomerFlow, Distribution, LorenzCurve, Mean, Ratio, Score

__all__ = ["METRICS", "MetricSpec", "Result"]

Result: TypeAlias = (
    "Ratio | Mean | Score | Distribution | CustomerFlow | LorenzCurve | AnswerShare | int | Decimal"
)
"""What a metric returns."""


@frozen(kw_only=True)
class MetricSpec:
    """One metric.

    Attributes:
        id: Its name, which is the function's.
        title: The name that people read.
        group: The heading under which it stands.
        function: The public function.
        read: The pure function from the facts of a period to the result: those of its `inputs`.
        inputs: Fields of a `Shop` that it reads, ``("orders",)`` or ``("responses",)``.
        unit: What one unit of it is.
        low: Lowest possible value, or None when there is none.
        high: Highest possible value, or None when there is none.
        direction: Which way is better: ``"higher"``, ``"lower"`` or ``"neither"``.
        additive: The results of the parts of a shop, split by customer, pool to that of the whole.
        look_back: Which purchases before the period matter: ``"none"``, those of the opening ``"base"``, ``"all"``.
            Under ``OrderPolicy(refunds_dated="refund")``, refunded and net revenue look back to all sales, too.
        look_ahead: Which purchases after it matter: ``"none"``, or all that are known at ``"as_of"``.
        counts: What it counts: ``"sales"``, ``"purchases"``, purchases of known ``"customers"``, or ``"responses"``.
        complement_of: The metric that this one is 1 less of, so that the two are one test.
        formula: The formula of `retention.formulas` that agrees with it, if there is one.
        sources: Ids of the published definitions.

    .. versionadded:: 0.1
    """

    id: str
    title: str
    group: str
    function: Callable[..., Result] = field(repr=False)
    read: Callable[..., Result] = field(repr=False)
    inputs: tuple[str, ...] = ("orders",)
    unit: str
    low: float | None = 0
    high: float | None = None
    direction: Literal["higher", "lower", "neither"]
    additive: bool
    look_back: Literal["none", "base", "all"]
    look_ahead: Literal["none", "as_of"] = "none"
    counts: Literal["sales", "purchases", "customers", "responses"] = "customers"
    complement_of: str | None = None
    formula: str | None = None
    sources: tuple[str, ...]

    @property
    def kind(self) -> str | None:
        """The kind of survey question that it reads unless told otherwise, or None."""
        return (self.function.__kwdefaults__ or {}).get("kind")

    @property
    def summary(self) -> str:
        """What it means, in one sentence."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]


_SPECS = (
    MetricSpec(
        id="active_customer_count",
        title="Active customers",
        group="customers",
        function=_customers.active_customer_count,
        read=_customers.read_active_customer_count,
        unit="customers",
        direction="higher",
        additive=True,
        look_back="none",
        sources=("D1", "D4"),
    ),
    MetricSpec(
        id="new_customer_count",
        title="New customers",
        group="customers",
        function=_customers.new_customer_count,
        read=_customers.read_new_customer_count,
        unit="customers",
        direction="higher",
        additive=True,
        look_back="all",
        sources=("D1", "D9"),
    ),
    MetricSpec(
        id="customer_flow",
        title="Customer flow",
        group="customers",
        function=_customers.customer_flow,
        read=_customers.read_customer_flow,
        unit="customers",
        direction="neither",
        additive=True,
        look_back="all",
        sources=("D1", "B1", "D3"),
    ),
    MetricSpec(
        id="customer_retention_rate",
        title="Customer retention rate",
        group="customers",
        function=_customers.customer_retention_rate,
        read=_customers.read_customer_retention_rate,
        unit="share of customers",
        high=1,
        direction="higher",
        additive=True,
        look_back="base",
        sources=("D1", "B1", "D30", "E30"),
    ),
    MetricSpec(
        id="customer_churn_rate",
        title="Customer churn rate",
        group="customers",
        function=_customers.customer_churn_rate,
        read=_customers.read_customer_churn_rate,
        unit="share of customers",
        high=1,
        direction="lower",
        additive=True,
        look_back="base",
        complement_of="customer_retention_rate",
        formula="customer_churn_rate",
        sources=("D3",),
    ),
    MetricSpec(
        id="published_retention_ratio",
        title="Published retention ratio",
        group="customers",
        function=_customers.published_retention_ratio,
        read=_customers.read_published_retention_ratio,
        unit="customers per customer",
        direction="higher",
        additive=True,
        look_back="all",
        formula="customer_retention_rate",
        sources=("D1", "B1"),
    ),
    MetricSpec(
        id="reactivation_rate",
        title="Reactivation rate",
        group="customers",
        function=_customers.reactivation_rate,
        read=_customers.read_reactivation_rate,
        unit="share of customers",
        high=1,
        direction="higher",
        additive=True,
        look_back="all",
        formula="reactivation_rate",
        sources=("A2", "SC16"),
    ),
    MetricSpec(
        id="returning_customer_rate",
        title="Returning customer rate",
        group="customers",
        function=_customers.returning_customer_rate,
        read=_customers.read_returning_customer_rate,
        unit="share of customers",
        high=1,
        direction="neither",
        additive=True,
        look_back="all",
        formula="returning_customer_rate",
        sources=("D4",),
    ),
    MetricSpec(
        id="repeat_purchase_rate",
        title="Repeat purchase rate",
        group="customers",
        function=_customers.repeat_purchase_rate,
        read=_customers.read_repeat_purchase_rate,
        unit="share of customers",
        high=1,
        direction="higher",
        additive=True,
        look_back="none",
        formula="repeat_purchase_rate",
        sources=("D4",),
    ),
    MetricSpec(
        id="order_count",
        title="Orders",
        group="orders and revenue",
        function=_orders.order_count,
        read=_orders.read_order_count,
        unit="orders",
        direction="higher",
        additive=True,
        look_back="none",
        counts="purchases",
        sources=("B2",),
    ),
    MetricSpec(
        id="gross_revenue",
        title="Gross revenue",
        group="orders and revenue",
        function=_orders.gross_revenue,
        read=_orders.read_gross_revenue,
        unit="money",
        direction="higher",
        additive=True,
        look_back="none",
        counts="sales",
        sources=("B2", "E1"),
    ),
    MetricSpec(
        id="refunded_revenue",
        title="Refunded revenue",
        group="orders and revenue",
        function=_orders.refunded_revenue,
        read=_orders.read_refunded_revenue,
        unit="money",
        direction="lower",
        additive=True,
        look_back="none",
        counts="sales",
        sources=("B2",),
    ),
    MetricSpec(
        id="net_revenue",
        title="Net revenue",
        group="orders and revenue",
        function=_orders.net_revenue,
        read=_orders.read_net_revenue,
        unit="money",
        low=None,
        direction="higher",
        additive=True,
        look_back="none",
        counts="sales",
        sources=("B2", "E2"),
    ),
    MetricSpec(
        id="refund_rate",
        title="Refund rate",
        group="orders and revenue",
        function=_orders.refund_rate,
        read=_orders.read_refund_rate,
        unit="share of money",
        high=1,
        direction="lower",
        additive=True,
        look_back="none",
        counts="sales",
        formula="refund_rate",
        sources=("B2",),
    ),
    MetricSpec(
        id="refund_ratio",
        title="Refund ratio",
        group="orders and revenue",
        function=_orders.refund_ratio,
        read=_orders.read_refund_ratio,
        unit="money per money",
        direction="lower",
        additive=True,
        look_back="all",
        counts="sales",
        formula="refund_ratio",
        sources=("B2",),
    ),
    MetricSpec(
        id="average_order_value",
        title="Average order value",
        group="orders and revenue",
        function=_orders.average_order_value,
        read=_orders.read_average_order_value,
        unit="money per order",
        direction="higher",
        additive=True,
        look_back="none",
        counts="purchases",
        formula="average_order_value",
        sources=("B2", "SB9"),
    ),
    MetricSpec(
        id="purchase_frequency",
        title="Purchase frequency",
        group="orders and revenue",
        function=_orders.purchase_frequency,
        read=_orders.read_purchase_frequency,
        unit="orders per customer",
        low=1,
        direction="higher",
        additive=True,
        look_back="none",
        formula="purchase_frequency",
        sources=("D5",),
    ),
    MetricSpec(
        id="average_customer_value",
        title="Average customer value",
        group="orders and revenue",
        function=_orders.average_customer_value,
        read=_orders.read_average_customer_value,
        unit="money per customer",
        direction="higher",
        additive=True,
        look_back="none",
        formula="average_customer_value",
        sources=("D5",),
    ),
    MetricSpec(
        id="repeat_order_rate",
        title="Repeat order rate",
        group="orders and revenue",
        function=_orders.repeat_order_rate,
        read=_orders.read_repeat_order_rate,
        unit="share of orders",
        high=1,
        direction="neither",
        additive=True,
        look_back="all",
        formula="repeat_order_rate",
        sources=("C2",),
    ),
    MetricSpec(
        id="existing_customer_revenue_rate",
        title="Revenue from existing customers",
        group="where revenue comes from",
        function=_value.existing_customer_revenue_rate,
        read=_value.read_existing_customer_revenue_rate,
        unit="share of money",
        high=1,
        direction="neither",
        additive=True,
        look_back="all",
        formula="existing_customer_revenue_rate",
        sources=("E2",),
    ),
    MetricSpec(
        id="returning_spend_ratio",
        title="Returning against new spend",
        group="where revenue comes from",
        function=_value.returning_spend_ratio,
        read=_value.read_returning_spend_ratio,
        unit="money per money",
        direction="neither",
        additive=False,
        look_back="all",
        formula="returning_spend_ratio",
        sources=("B3",),
    ),
    MetricSpec(
        id="revenue_concentration_rate",
        title="Revenue from the best fifth",
        group="where revenue comes from",
        function=_value.revenue_concentration_rate,
        read=_value.read_revenue_concentration_rate,
        unit="share of money",
        high=1,
        direction="neither",
        additive=False,
        look_back="none",
        formula="revenue_concentration_rate",
        sources=("E1", "E35"),
    ),
    MetricSpec(
        id="gini_score",
        title="Gini coefficient",
        group="where revenue comes from",
        function=_value.gini_score,
        read=_value.read_gini_score,
        unit="none",
        high=1,
        direction="neither",
        additive=False,
        look_back="none",
        sources=("E1",),
    ),
    MetricSpec(
        id="lorenz_curve",
        title="Lorenz curve",
        group="where revenue comes from",
        function=_value.lorenz_curve,
        read=_value.read_lorenz_curve,
        unit="share of money",
        high=1,
        direction="neither",
        additive=False,
        look_back="none",
        sources=("E1",),
    ),
    MetricSpec(
        id="second_purchase_days",
        title="Days to 2nd purchase (of those back)",
        group="rhythm",
        function=_rhythm.second_purchase_days,
        read=_rhythm.read_second_purchase_days,
        unit="days",
        direction="lower",
        additive=False,
        look_back="all",
        look_ahead="as_of",
        sources=("E3",),
    ),
    MetricSpec(
        id="second_purchase_rate",
        title="Within 16 days (of those back)",
        group="rhythm",
        function=_rhythm.second_purchase_rate,
        read=_rhythm.read_second_purchase_rate,
        unit="share of customers",
        high=1,
        direction="higher",
        additive=True,
        look_back="all",
        look_ahead="as_of",
        formula="second_purchase_rate",
        sources=("E3",),
    ),
    MetricSpec(
        id="purchase_gap_days",
        title="Days between purchases",
        group="rhythm",
        function=_rhythm.purchase_gap_days,
        read=_rhythm.read_purchase_gap_days,
        unit="days",
        direction="lower",
        additive=False,
        look_back="all",
        sources=("E3", "D5"),
    ),
    MetricSpec(
        id="recency_days",
        title="Days since latest purchase",
        group="rhythm",
        function=_rhythm.recency_days,
        read=_rhythm.read_recency_days,
        unit="days",
        direction="lower",
        additive=False,
        look_back="all",
        sources=("SC16", "SD1"),
    ),
    MetricSpec(
        id="net_promoter_score",
        title="Net promoter score",
        group="what customers say",
        function=_surveys.net_promoter_score,
        read=_surveys.read_net_promoter_score,
        inputs=("responses",),
        unit="points",
        low=-100,
        high=100,
        direction="higher",
        additive=False,
        look_back="none",
        counts="responses",
        formula="net_promoter_score",
        sources=("D7", "C1"),
    ),
    MetricSpec(
        id="customer_satisfaction_score",
        title="Customer satisfaction",
        group="what customers say",
        function=_surveys.customer_satisfaction_score,
        read=_surveys.read_customer_satisfaction_score,
        inputs=("responses",),
        unit="points",
        high=100,
        direction="higher",
        additive=False,
        look_back="none",
        counts="responses",
        formula="customer_satisfaction_score",
        sources=("D6",),
    ),
    MetricSpec(
        id="customer_effort_score",
        title="Customer effort score",
        group="what customers say",
        function=_surveys.customer_effort_score,
        read=_surveys.read_customer_effort_score,
        inputs=("responses",),
        unit="points",
        high=100,
        direction="neither",  # the question says which end is the good one
        additive=False,
        look_back="none",
        counts="responses",
        formula="customer_effort_score",
        sources=("D8", "D31"),
    ),
    MetricSpec(
        id="answer_share",
        title="Answer shares",
        group="what customers say",
        function=_surveys.answer_share,
        read=_surveys.read_answer_share,
        inputs=("responses",),
        unit="share of answers",
        high=1,
        direction="neither",
        additive=False,
        look_back="none",
        counts="responses",
        sources=("C6",),
    ),
)

METRICS: Mapping[str, MetricSpec] = MappingProxyType({spec.id: spec for spec in _SPECS})
"""Every metric by its name, in the order in which a snapshot shows them."""
