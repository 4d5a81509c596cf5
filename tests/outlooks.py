"""What a model expects of a shop's customers, for tests of what is made of it; its parameters are those of no shop."""

from __future__ import annotations

from datetime import date
from typing import Any

import retention as rt

MODEL = rt.MbgNbd(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
SPEND = rt.GammaGamma(p=6.25, q=3.74, v=15.44)


def outlook_of(
    orders: Any, *, until: date | None = None, top: float = 0.2, **reading: Any
) -> rt.CustomerOutlook:
    """A look a year ahead at the customers of a shop."""
    base = rt.repeat_purchases(orders, tz="UTC", until=until, **reading)
    return rt.customer_outlook(
        base,
        model=MODEL,
        spend=SPEND,
        horizon=1,
        unit="year",
        discount_rate=0.1,
        margin_rate=0.4,
        top=top,
    )
