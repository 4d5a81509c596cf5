"""The sample shop for all tests that only want one: made once in a process, since nothing can change it."""

from __future__ import annotations

from functools import cache

import retention as rt
from retention.testing import sample_shop

__all__ = ["sampled"]


@cache
def sampled(customers: int = 500) -> rt.Shop:
    """The usual sample shop, of some size."""
    return sample_shop(customers=customers)
