"""Where revenue comes from."""

from __future__ import annotations

from retention.catalog._spec import MetricSpec
from retention.metrics import _value

__all__ = ["SPECS"]

SPECS = (
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
        refunds="subtracted",
        asks_past=True,
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
        refunds="subtracted",
        asks_past=True,
        formula="returning_spend_ratio",
        sources=("B3",),
    ),
    MetricSpec(
        id="revenue_concentration_rate",
        title="Revenue from best customers",
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
        shown=False,
        sources=("E1",),
    ),
)
