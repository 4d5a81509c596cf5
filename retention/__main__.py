"""``python -m retention``: a tour of the library on a small shop that never was."""

from __future__ import annotations

import io
import sys

import retention as rt
from retention.testing import SAMPLE_AS_OF, sample_shop

_TZ = "Europe/Berlin"


def tour() -> str:
    """What the tour prints."""
    shop = sample_shop()
    last = rt.Period.last(1, "month", as_of=SAMPLE_AS_OF, tz=_TZ)
    months = rt.Period.last(4, "month", as_of=SAMPLE_AS_OF, tz=_TZ).split("month")
    history = shop.history()
    latest = rt.snapshot(history, period=last)
    parts = [
        f"{shop!r}, made for this tour.",
        f"One month, with intervals and the month before:\n\n{latest}",
        f"Four months side by side:\n\n{rt.snapshot(history, period=months)}",
        "Each figure says what it counted, and what it left out:",
        *(f"  {latest.figure(metric).explain()}" for metric in _EXPLAINED),
        _NEXT,
    ]
    return "\n\n".join(parts)


_EXPLAINED = ("customer_retention_rate", "average_order_value", "second_purchase_days")

_NEXT = """With your own rows:

  import retention as rt
  orders = rt.orders_from_records(rows, currency="EUR", tz="Europe/Berlin")
  print(rt.snapshot(orders, period=rt.Period.month(2026, 3, tz="Europe/Berlin")))"""


def main() -> None:
    """Print the tour. Consoles that have no arrows and dashes show question marks for them."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    print(tour())


if __name__ == "__main__":
    main()
