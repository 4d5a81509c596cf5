"""Helpers for tests: orders in one line, and a small sample shop."""

from __future__ import annotations

from retention.testing._builders import make_orders
from retention.testing._sample import SAMPLE_AS_OF, sample_shop

__all__ = ["SAMPLE_AS_OF", "make_orders", "sample_shop"]
