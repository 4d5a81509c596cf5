"""What models are fed, recounted: the CDNOW sample with pandas, and hostile little shops by the hundred on paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from retention import History, Order, OrderPolicy
from retention.predict.purchases import Purchases, repeat_purchases
from retention.predict.validation import calibration_split
from tests.reference.hostile import TICK, Days, days_of, purchases_of
from tests.reference.oracle import read_rows
from tests.reference.test_random_shops import to_orders

SAMPLE = Path(__file__).parents[1] / "data" / "cdnow_sample.txt"
SPLIT, END = date(1997, 9, 30), date(1998, 6, 30)


# --- the CDNOW sample ---


@pytest.fixture(scope="module")
def history() -> History:
    return History(
        [
            Order(
                id=number,
                customer_id=row["customer_id"],
                placed_at=datetime.combine(row["date"], datetime.min.time(), tzinfo=UTC),
                amount=row["amount"],
                currency="USD",
            )
            for number, row in enumerate(read_rows(SAMPLE))
        ],
        as_of=datetime(1998, 7, 1, tzinfo=UTC),
        policy=OrderPolicy(minimum_net=None),
    )


@pytest.fixture(scope="module")
def days() -> pd.DataFrame:
    """One row for each customer and day, read by pandas itself."""
    rows = pd.read_csv(
        SAMPLE, sep=r"\s+", header=None, names=["master", "customer", "day", "discs", "cents"], dtype=str
    )
    rows["day"] = pd.to_datetime(rows["day"], format="%Y%m%d")
    rows["cents"] = rows["cents"].str.replace(".", "", regex=False).astype(int)
    return rows.groupby(["customer", "day"], as_index=False)["cents"].sum()


def summary(days: pd.DataFrame, until: date) -> pd.DataFrame:
    """Frequency, recency, age in days, and mean spend in dollars, as the papers define them."""
    seen = days[days["day"] <= pd.Timestamp(until)]
    by = seen.groupby("customer")["day"]
    first, last, count = by.min(), by.max(), by.count()
    later = seen[seen["day"] > seen["customer"].map(first)]
    return pd.DataFrame(
        {
            "frequency": count - 1,
            "recency": (last - first).dt.days,
            "age": (pd.Timestamp(until) - first).dt.days,
            "spend": (later.groupby("customer")["cents"].sum() / 100 / (count - 1)),
        }
    )


@pytest.mark.parametrize("until", [date(1997, 2, 10), SPLIT, END])
@pytest.mark.parametrize(
    "unit, length", [("day", 1), ("week", 7), ("month", 365.2425 / 12), ("year", 365.2425)]
)
def test_every_customer_of_the_sample(
    history: History, days: pd.DataFrame, until: date, unit: Any, length: float
) -> None:
    base = repeat_purchases(history, tz="UTC", until=until, unit=unit)
    expected = summary(days, until)
    assert len(base) == len(expected)
    for row in expected.itertuples():
        found = base[row.Index]
        assert (found.frequency, found.recency, found.age) == (
            row.frequency,
            row.recency / length,
            row.age / length,
        )
        assert found.spend == (pytest.approx(row.spend, rel=1e-12) if row.frequency else None)


def test_the_published_customers_and_totals(history: History) -> None:
    """Fader, Hardie and Lee (2005), and the spreadsheet that goes with it: x, t_x and T of the first customers."""
    base = repeat_purchases(history, tz="UTC", until=SPLIT)
    published = {"0001": (2, 30.43, 38.86), "0002": (1, 1.71, 38.86), "0003": (0, 0.00, 38.86)}
    for who, figures in published.items():
        found = base[who]
        assert (found.frequency, round(found.recency, 2), round(found.age, 2)) == figures
    assert (len(base), base.repeaters) == (2357, 946)
    assert sum(frequency * count for frequency, _, _, count in base.groups) == 2457


@pytest.mark.parametrize("unit, code", [("week", "W-SUN"), ("month", "M"), ("year", "Y"), ("day", "D")])
def test_opportunities_of_the_sample(history: History, days: pd.DataFrame, unit: Any, code: str) -> None:
    base = repeat_purchases(history, tz="UTC", until=END, unit=unit, discrete=True)
    ordinal = days["day"].dt.to_period(code).map(lambda period: period.ordinal)
    end = pd.Timestamp(END) + pd.Timedelta(days=1)
    last = end.to_period(code).ordinal - 1
    frame = pd.DataFrame({"customer": days["customer"], "unit": ordinal}).drop_duplicates()
    by = frame[frame["unit"] <= last].groupby("customer")["unit"]
    expected = pd.DataFrame({"x": by.count() - 1, "t_x": by.max() - by.min(), "n": last - by.min()})
    assert {who: (each.frequency, each.recency, each.age) for who, each in base.items()} == {
        row.Index: (row.x, row.t_x, row.n) for row in expected.itertuples()
    }


def test_the_holdout_of_the_sample(history: History, days: pd.DataFrame) -> None:
    found = calibration_split(history, tz="UTC", split=SPLIT, until=END)
    later = days[days["day"] > pd.Timestamp(SPLIT)].groupby("customer")["day"].count()
    assert dict(zip(found.calibration, found.holdout, strict=True)) == {
        who: int(later.get(who, 0)) for who in found.calibration
    }
    assert (found.horizon, sum(found.holdout)) == (39.0, int(later.sum()))


def test_purchases_by_week_of_the_sample(history: History, days: pd.DataFrame) -> None:
    from retention.predict.bgnbd import BgNbd

    found = calibration_split(history, tz="UTC", split=SPLIT, until=END)
    first = days["customer"].map(days.groupby("customer")["day"].min())
    # The split ends week 38; from 1 January on there are 272 days, 38 weeks and 6 days, which make the first row.
    week = ((days["day"] - pd.Timestamp(SPLIT)).dt.days + 273 - 1) // 7
    expected = week[days["day"] > first].value_counts()
    rows = found.tracking(BgNbd(unit="week", r=0.243, alpha=4.414, a=0.793, b=2.426)).rows
    assert [row.actual for row in rows] == [int(expected.get(number, 0)) for number in range(len(rows))]
    assert len(rows) == 78


# --- hostile little shops ---


def on_paper(shop: Days, until: date) -> dict[Hashable, tuple[int, int, int, Decimal | None]]:
    """Frequency, recency and age in days, and the mean spend, from sets of dates on the wall."""
    zone = ZoneInfo(shop.zone)
    spent: dict[Hashable, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for purchase in shop.purchases:
        day = purchase.at.astimezone(zone).date()
        if day <= until:
            spent[purchase.who][day] += purchase.net
    found: dict[Hashable, tuple[int, int, int, Decimal | None]] = {}
    for who, by_day in spent.items():
        first, last, later = min(by_day), max(by_day), len(by_day) - 1
        money = sum(net for day, net in by_day.items() if day != first)
        spend = Decimal(money) / 10_000 / later if later else None
        found[who] = (later, (last - first).days, (until - first).days, spend)
    return found


@pytest.mark.parametrize("seed", range(150))
def test_shops(seed: int) -> None:
    random = Random(seed)
    shop = days_of(random)
    orders = to_orders(shop.records)
    random.shuffle(orders)
    zone = ZoneInfo(shop.zone)
    # What is dated at as_of itself is known, so that a day that ends with it is over.
    over = shop.now + (TICK if shop.now == shop.as_of else timedelta(0))
    until = over.astimezone(UTC).astimezone(zone).date() - timedelta(days=1)
    base = repeat_purchases(orders, tz=shop.zone, unit="day", until=shop.at, **shop.reading)
    expected = on_paper(shop, until)
    assert base.until == until
    assert set(base) == set(expected)
    for who, (frequency, recency, age, spend) in expected.items():
        found = base[who]
        assert (found.frequency, found.recency, found.age) == (frequency, recency, age)
        assert found.spend == (None if spend is None else pytest.approx(float(spend), rel=1e-12))


@pytest.mark.parametrize("seed", range(100))
def test_splits_of_shops(seed: int) -> None:
    shop = days_of(Random(seed))
    zone = ZoneInfo(shop.zone)
    purchases = purchases_of(shop.records, as_of=None, aliases=shop.aliases)
    if not purchases:
        return
    until = max(purchase.at.astimezone(zone).date() for purchase in purchases) + timedelta(days=3)
    split = Random(seed).choice(purchases).at.astimezone(zone).date()
    known = shop._replace(as_of=None)
    found = calibration_split(
        to_orders(shop.records), tz=shop.zone, unit="day", split=split, until=until, aliases=shop.aliases
    )
    # What was known at the end of the split, by whose cancellations and refunds the calibration goes.
    end = datetime.combine(split + timedelta(days=1), time.min, zone).astimezone(UTC) - TICK
    before = on_paper(known._replace(as_of=end), split)
    assert set(found.calibration) == set(before)
    for who, (frequency, recency, age, _) in before.items():
        assert found.calibration[who] == Purchases(frequency, recency, age, found.calibration[who].spend)
    days_after = {
        (purchase.who, day)
        for purchase in known.purchases
        if split < (day := purchase.at.astimezone(zone).date()) <= until
    }
    for who, later in zip(found.calibration, found.holdout, strict=True):
        assert later == sum(bought == who for bought, _ in days_after)
