"""How goods are sold: at a discount, and on which channels."""

from __future__ import annotations

from retention.catalog._spec import MetricSpec
from retention.metrics import _selling

__all__ = ["SPECS"]

SPECS: tuple[MetricSpec, ...] = (
    MetricSpec(
        id="discounted_order_rate",
        title="Sold at a discount",
        group="orders and revenue",
        function=_selling.discounted_order_rate,
        read=_selling.read_discounted_order_rate,
        fields=("discount",),
        unit="share of orders",
        high=1,
        direction="lower",
        additive=True,
        look_back="none",
        counts="purchases",
        sources=("SB9", "SC16"),
    ),
    MetricSpec(
        id="multichannel_rate",
        title="Bought on several channels",
        group="orders and revenue",
        function=_selling.multichannel_rate,
        read=_selling.read_multichannel_rate,
        fields=("channel",),
        unit="share of customers",
        high=1,
        direction="higher",
        additive=True,
        look_back="none",
        sources=("C31", "SA3", "SC10"),
    ),
)
