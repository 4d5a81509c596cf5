"""When customers come back."""

from __future__ import annotations

from retention.catalog._spec import MetricSpec
from retention.metrics import _rhythm

__all__ = ["SPECS"]

SPECS = (
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
        title="Second purchase in time",
        group="rhythm",
        function=_rhythm.second_purchase_rate,
        read=_rhythm.read_second_purchase_rate,
        unit="share of customers",
        high=1,
        direction="higher",
        additive=True,
        look_back="all",
        look_ahead="as_of",
        equal_time_with={"given": "all"},
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
        asks_past=True,
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
        asks_past=True,
        sources=("SC16", "SD1"),
    ),
)
