"""Baskets that were begun."""

from __future__ import annotations

from retention.catalog._spec import MetricSpec

__all__ = ["SPECS"]

SPECS: tuple[MetricSpec, ...] = ()
