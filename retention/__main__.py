"""``python -m retention``: a tour of the library on a small shop that never was."""

from __future__ import annotations

import io
import sys
from textwrap import fill

from attrs import evolve

import retention as rt
from retention.testing import SAMPLE_AS_OF, sample_shop

_TZ = "Europe/Berlin"


def tour() -> str:
    """What the tour prints."""
    records = sample_shop()
    shop = evolve(records, orders=records.history())  # read once, for all that follows
    last = rt.Period.last(1, "month", as_of=SAMPLE_AS_OF, tz=_TZ)
    months = rt.Period.last(4, "month", as_of=SAMPLE_AS_OF, tz=_TZ).split("month")
    latest = rt.snapshot(shop, period=last)
    parts = [
        f"{shop!r}, made for this tour.",
        f"One month, with intervals, beside the month before:\n\n{latest}",
        "What moved, and whether it is more than chance:",
        *(_paragraph(str(latest.change(metric))) for metric in _EXPLAINED),
        "Each figure says what it counted, and what it left out:",
        *(_paragraph(latest.figure(metric).explain()) for metric in _EXPLAINED),
        f"Four months side by side:\n\n{rt.snapshot(shop, period=months)}",
        _NEXT,
    ]
    return "\n\n".join(parts)


def _paragraph(text: str) -> str:
    return fill(text, 100, initial_indent="  ", subsequent_indent="  ")


_EXPLAINED = ("customer_retention_rate", "average_order_value", "net_promoter_score")

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
