"""The CDNOW sample as the papers on models of purchases take it: customers watched until the end of September 1997.

Purchases of one day are one, time is in weeks, and orders of nothing are kept: 2,357 customers, of whom 946 bought again.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import retention as rt
from retention.predict import RepeatPurchases, repeat_purchases
from tests.reference.oracle import read_rows

SAMPLE = Path(__file__).parents[1] / "data" / "cdnow_sample.txt"
LAST_DAY = date(1997, 9, 30)
HOLD_OUT_WEEKS = 39.0

DONATIONS = (
    (0, 0, 3464), (1, 1, 1091), (1, 2, 277), (1, 3, 129), (1, 4, 78), (1, 5, 119), (1, 6, 129), (2, 2, 613),
    (2, 3, 255), (2, 4, 155), (2, 5, 173), (2, 6, 234), (3, 3, 322), (3, 4, 181), (3, 5, 225), (3, 6, 357),
    (4, 4, 240), (4, 5, 284), (4, 6, 512), (5, 5, 335), (5, 6, 728), (6, 6, 1203),
)  # fmt: skip
"""In how many of six years a supporter gave again, the last of them, and how many did so: Fader, Hardie and Shang (2010).

The same counts come with `lifetimes` 0.11.3, as `donations.csv` (MIT; see tests/data/LICENSE-lifetimes.txt).
"""


@cache
def cdnow_orders() -> tuple[rt.Order, ...]:
    """Every row of the sample as an order."""
    return tuple(
        rt.Order(
            id=number,
            customer_id=row["customer_id"],
            placed_at=datetime.combine(row["date"], datetime.min.time(), tzinfo=UTC),
            amount=row["amount"],
            currency="USD",
        )
        for number, row in enumerate(read_rows(SAMPLE), start=1)
    )


@cache
def cdnow_base() -> RepeatPurchases:
    """The customers in the calibration period, as the models see them."""
    history = rt.History(
        cdnow_orders(),
        as_of=datetime(1998, 7, 1, tzinfo=UTC),
        policy=rt.OrderPolicy(minimum_net=None),
    )
    return repeat_purchases(history, unit="week", tz="UTC", until=LAST_DAY)


@cache
def donors() -> RepeatPurchases:
    """The 11,104 supporters of a public radio station, over six yearly opportunities."""
    rows = [(gave, float(last), 6.0, count) for gave, last, count in DONATIONS]
    return RepeatPurchases.from_counts(rows, unit="year", discrete=True)
