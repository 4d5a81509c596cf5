"""Orders that did not come through, what else is bought, and what is earned on it."""

from __future__ import annotations

from retention.catalog._spec import MetricSpec

__all__ = ["SPECS"]

SPECS: tuple[MetricSpec, ...] = ()
