"""Baskets that were begun."""

from __future__ import annotations

from retention._checkout_facts import USUAL_WINDOWS
from retention.catalog._spec import MetricSpec
from retention.metrics import _checkouts

__all__ = ["SPECS"]

SPECS: tuple[MetricSpec, ...] = (
    MetricSpec(
        id="cart_abandonment_rate",
        title="Cart abandonment rate",
        group="checkouts",
        function=_checkouts.cart_abandonment_rate,
        read=_checkouts.read_cart_abandonment_rate,
        inputs=("checkouts",),
        unit="share of checkouts",
        high=1,
        direction="lower",
        additive=True,
        look_back="none",
        look_ahead="window",
        counts="checkouts",
        usual=USUAL_WINDOWS["cart_abandonment_rate"],
        formula="cart_abandonment_rate",
        sources=("B6",),
    ),
    MetricSpec(
        id="cart_recovery_rate",
        title="Cart recovery rate",
        group="checkouts",
        function=_checkouts.cart_recovery_rate,
        read=_checkouts.read_cart_recovery_rate,
        inputs=("checkouts", "orders"),
        unit="share of checkouts",
        high=1,
        direction="higher",
        additive=True,
        look_back="none",
        look_ahead="window",
        counts="checkouts",
        usual=USUAL_WINDOWS["cart_recovery_rate"],
        formula="cart_recovery_rate",
        sources=("B6",),
    ),
)
