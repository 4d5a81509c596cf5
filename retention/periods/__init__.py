"""`Period`: a stretch of time that knows its zone and its unit, and how to step, split and name itself."""

from __future__ import annotations

from retention.periods._period import Period

__all__ = ["Period"]
