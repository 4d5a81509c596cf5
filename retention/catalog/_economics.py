"""What a customer is worth, costs, and may bring."""

from __future__ import annotations

from retention.catalog._spec import MetricSpec

__all__ = ["SPECS"]

SPECS: tuple[MetricSpec, ...] = ()
