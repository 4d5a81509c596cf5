"""The oracle itself, against figures that were counted by hand and a published data set."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from tests.reference.oracle import REASONS, Oracle, Sums, cdnow_records, orders_frame, read_rows, value

SAMPLE = Path(__file__).parents[1] / "data" / "cdnow_sample.txt"
DAY = 24 * 60 * 60 * 1_000_000


def at(month: int, day: int, hour: int = 0, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def order(number: int, customer: str | None, placed_at: datetime, amount: int, **more: Any) -> dict[str, Any]:
    return {
        "order_id": number,
        "customer_id": customer,
        "placed_at": placed_at,
        "amount": amount,
        **more,
    }


FEBRUARY = (at(2, 1), at(3, 1), at(1, 1))
MARCH = (at(3, 1), at(4, 1), at(2, 1))
APRIL = (at(4, 1), at(5, 1), at(3, 1))
AS_OF = at(4, 20)

SHOP = [
    # Ada stays, Ben leaves, Cleo comes back, Dora and Eve are new, Fay's goods went back, Hal left long ago.
    order(1, "Ada", at(1, 10), 10000),
    order(2, "Ada", at(2, 5), 5000),
    order(3, "Ada", at(3, 3), 4000),
    order(4, "Ada", at(3, 20), 6000, refunds=[(at(4, 2), 1000)]),
    order(5, "Ben", at(2, 10), 2000),
    order(6, "Cleo", at(1, 15), 3000),
    order(7, "Cleo", at(3, 10), 1000, cancelled_at=at(5, 1)),  # not yet known on 20 April
    order(8, "Dora", at(3, 5), 8000),
    order(9, "Dora", at(3, 15), 2000, refunds=[(at(4, 25), 2000)]),  # not yet known either
    order(10, "Eve", at(3, 25), 500),
    order(11, "Eve", at(4, 15), 700),
    order(12, "Fay", at(3, 12), 3000, refunds=[(at(3, 14), 1800), (at(3, 16), 1200)]),
    order(13, "Gus", at(4, 10), 900),
    order(14, "Hal", at(1, 20), 700),
    order(15, None, at(3, 8), 1500, refunds=[(at(3, 30), 300)]),
    order(16, None, at(2, 20), 1000, refunds=[(at(3, 2), 400)]),
    # None of these is a sale, and none makes its customer one.
    order(17, "Ida", at(3, 9), 100, currency="USD", is_test=True),
    order(18, "Ida", at(3, 9), 100, is_test=True, payment_state="pending"),
    order(19, "Ida", at(3, 9), 100, payment_state="failed", cancelled_at=at(3, 10)),
    order(20, "Ida", at(3, 9), 100, payment_state="pending"),
    order(21, "Ida", at(3, 9), 100, payment_state="paid", cancelled_at=AS_OF, tags=["exchange"]),
    order(22, "Ida", at(3, 9), 100, tags=("gift-card", "exchange")),
    order(23, "Ida", at(3, 9), 100, tags={"gift-card"}, refunds=[(at(3, 9), 100)]),
    order(24, None, at(3, 9), 0),
]


@pytest.fixture(scope="module")
def shop() -> Oracle:
    return Oracle(orders_frame(SHOP), as_of=AS_OF, currency="EUR")


@pytest.fixture(scope="module")
def march(shop: Oracle) -> dict[str, Any]:
    return shop.period(*MARCH)


class TestOneMonthByHand:
    def test_revenue(self, march: dict[str, Any]) -> None:
        assert march["placed_count"] == 16
        assert march["sale_count"] == 9
        assert march["order_count"] == 7
        assert march["gross_revenue"] == 4000 + 6000 + 1000 + 8000 + 2000 + 500 + 3000 + 1500
        assert march["refunded_revenue"] == 1000 + 3000 + 300
        assert march["net_revenue"] == 21700
        assert march["refunds_made"] == 3000 + 300 + 400
        assert march["net_revenue_by_refund_date"] == 22300
        assert march["refund_rate"] == (4300, 26000)
        assert march["refund_ratio"] == (3700, 26000)
        assert march["average_order_value"] == (21700, 7)

    def test_customer_flow(self, march: dict[str, Any]) -> None:
        assert march["customers"] == {
            "start": {"Ada", "Ben"},
            "new": {"Dora", "Eve"},
            "kept": {"Ada"},
            "lost": {"Ben"},
            "reactivated": {"Cleo"},
            "end": {"Ada", "Cleo", "Dora", "Eve"},
            "lapsed": {"Cleo", "Hal"},
        }
        assert march["customer_retention_rate"] == (1, 2)
        assert march["customer_churn_rate"] == (1, 2)
        assert march["published_retention_ratio"] == (2, 2)
        assert march["reactivation_rate"] == (1, 2)

    def test_per_customer(self, march: dict[str, Any]) -> None:
        assert march["purchase_frequency"] == (6, 4)
        assert march["average_customer_value"] == (20500, 4)
        assert march["returning_customer_rate"] == (2, 4)
        assert march["repeat_purchase_rate"] == (2, 4)
        assert march["repeat_order_rate"] == (4, 6)
        assert march["existing_customer_revenue_rate"] == (10000, 20500)
        assert value(march["returning_spend_ratio"]) == Fraction(10000, 2) / Fraction(10500, 2)

    def test_concentration(self, march: dict[str, Any]) -> None:
        assert march["revenue_concentration_rate"] == (10000, 20500)
        # Of 500, 1000, 9000, 10000: i-weighted, Σ(2i − n − 1)x = −1500 − 1000 + 9000 + 30000.
        assert value(march["gini_score"]) == Fraction(36500, 4 * 20500)
        assert march["lorenz_points"] == [(0, 0), (1, 500), (2, 1500), (3, 10500), (4, 20500)]

    def test_time_between_purchases(self, march: dict[str, Any]) -> None:
        assert march["second_purchase_microseconds"] == [10 * DAY, 21 * DAY]
        assert march["second_purchase_rate_of_repeaters"] == (1, 2)
        assert march["second_purchase_rate_of_all"] == (1, 2)
        assert march["purchase_gap_microseconds"] == [10 * DAY, 17 * DAY, 26 * DAY, 54 * DAY]
        assert march["recency_microseconds"] == [days * DAY for days in (7, 12, 17, 22, 50, 71)]

    def test_left_out(self, march: dict[str, Any]) -> None:
        assert march["left_out"] == {
            "after as_of": 0,
            "other currency": 1,
            "test": 1,
            "unpaid": 2,
            "cancelled": 1,
            "exchange": 1,
            "gift card": 1,
            "no net amount": 2,
            "guest": 1,
        }
        assert tuple(march["left_out"]) == REASONS

    def test_clustered_sums(self, march: dict[str, Any]) -> None:
        # (x, y) of the clusters. Orders and net: Ada (2, 9000), Cleo (1, 1000), Dora (2, 10000), Eve (1, 500),
        # the guest (1, 1200).
        assert march["average_order_value_sums"] == Sums(5, 7, 21700, 11, 40700, 183_690_000)
        assert march["purchase_frequency_sums"] == Sums(4, 4, 6, 4, 6, 10)
        assert march["average_customer_value_sums"] == Sums(4, 4, 20500, 4, 20500, 182_250_000)
        # Orders and repeats: Ada (2, 2), Cleo (1, 1), Dora (2, 1), Eve (1, 0).
        assert march["repeat_order_rate_sums"] == Sums(4, 6, 4, 10, 7, 6)
        # Net and net of returning ones: Ada (9000, 9000), Cleo (1000, 1000), Dora (10000, 0), Eve (500, 0).
        assert march["existing_customer_revenue_rate_sums"] == Sums(
            4, 20500, 10000, 182_250_000, 82_000_000, 82_000_000
        )
        # Gross and refunded: Ada (10000, 1000), Cleo (1000, 0), Dora (10000, 0), Eve (500, 0), Fay (3000, 3000),
        # one guest (1500, 300), the other (0, 0).
        assert march["refund_rate_sums"] == Sums(7, 26000, 4300, 212_500_000, 19_450_000, 10_090_000)

    def test_refund_of_another_month(self, shop: Oracle) -> None:
        february = shop.period(*FEBRUARY)
        assert february["refunded_revenue"] == 400
        assert february["refunds_made"] == 0
        assert february["customers"]["start"] == {"Ada", "Cleo", "Hal"}
        assert february["customers"]["new"] == {"Ben"}

    def test_newcomers_too_young_to_have_returned(self, shop: Oracle) -> None:
        april = shop.period(*APRIL)
        assert april["customers"]["new"] == {"Gus"}
        assert april["second_purchase_rate_of_repeaters"] == (0, 0)
        assert april["second_purchase_rate_of_all"] == (0, 0)
        assert value(april["second_purchase_rate_of_all"]) is None

    def test_what_was_not_known_yet(self) -> None:
        early = Oracle(orders_frame(SHOP), as_of=at(3, 15), currency="EUR").period(*MARCH)
        assert (
            early["left_out"]["after as_of"] == 2
        )  # Ada's on the 20th, Eve's; Dora's at as_of itself is known
        assert early["left_out"]["cancelled"] == 0
        assert early["left_out"]["exchange"] == 2
        assert early["refunds_made"] == 400 + 1800
        assert early["customers"]["end"] == {"Ada", "Cleo", "Dora", "Fay"}

    def test_order_of_input_is_irrelevant(self, march: dict[str, Any]) -> None:
        assert Oracle(orders_frame(SHOP[::-1]), as_of=AS_OF, currency="EUR").period(*MARCH) == march


class TestEdges:
    def test_two_purchases_at_one_instant_are_not_before_each_other(self) -> None:
        noon = at(3, 5, 12)
        twins = [order(1, "Ada", noon, 100), order(2, "Ada", noon, 200)]
        figures = Oracle(orders_frame(twins)).period(*MARCH)
        assert figures["repeat_order_rate"] == (0, 2)
        assert figures["repeat_purchase_rate"] == (1, 1)
        assert figures["returning_customer_rate"] == (0, 1)
        assert figures["second_purchase_microseconds"] == [0]
        assert figures["purchase_gap_microseconds"] == [0]

    def test_limits_of_a_period_and_of_a_duration(self) -> None:
        first = order(1, "Ada", at(3, 1), 100)
        second = order(2, "Ada", at(3, 1) + timedelta(days=16), 100)
        late = order(3, "Ada", at(4, 1), 100)
        frame = orders_frame([first, second, late])
        figures = Oracle(frame, as_of=at(3, 17)).period(*MARCH)
        assert figures["second_purchase_rate_of_all"] == (1, 1)
        assert figures["second_purchase_rate_of_repeaters"] == (1, 1)
        assert figures["order_count"] == 2
        # At the start of the period is in it, not before it; at its end is after it.
        assert figures["returning_customer_rate"] == (0, 1)
        assert figures["customers"]["lapsed"] == set()
        assert Oracle(frame).period(*MARCH)["recency_microseconds"] == [15 * DAY]
        assert Oracle(frame).period(*APRIL)["order_count"] == 1
        assert Oracle(frame).period(*APRIL)["second_purchase_rate_of_all"] is None

    def test_minimum_net(self) -> None:
        frame = orders_frame([order(1, "Ada", at(3, 5), 0), order(2, "Ben", at(3, 5), 500)])
        counts = {
            minimum: Oracle(frame, minimum_net=minimum).period(*MARCH)["order_count"]
            for minimum in (None, 0, 500)
        }
        assert counts == {None: 2, 0: 1, 500: 0}

    def test_the_night_that_has_an_hour_twice(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        early = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=0)
        late = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)
        frame = orders_frame([order(1, "Ada", late, 100), order(2, "Ada", early, 100)])
        october = (at(10, 1), at(11, 1), at(9, 1))
        assert Oracle(frame).period(*october)["purchase_gap_microseconds"] == [DAY // 24]

    def test_no_orders(self) -> None:
        figures = Oracle(orders_frame([])).period(*MARCH)
        assert figures["order_count"] == 0
        assert figures["customer_retention_rate"] == (0, 0)
        assert figures["gini_score"] == (0, 0)
        assert figures["lorenz_points"] == [(0, 0)]
        assert figures["average_order_value_sums"] == Sums(0, 0, 0, 0, 0, 0)

    def test_sums_beyond_64_bits_and_ids_beyond_53(self) -> None:
        orders = [order(1, 2**60 + 1, at(3, 5), 10**18), order(2, None, at(3, 5), 10**18)]  # type: ignore[arg-type]
        figures = Oracle(orders_frame(orders)).period(*MARCH)
        assert figures["customers"]["new"] == {2**60 + 1}
        assert figures["average_order_value_sums"].yy == 2 * 10**36

    def test_guests_are_a_cluster_each(self) -> None:
        guests = [order(number, None, at(3, number), 100) for number in range(1, 5)]
        assert Oracle(orders_frame(guests)).period(*MARCH)["average_order_value_sums"].clusters == 4

    def test_refusals(self) -> None:
        two = [order(1, "Ada", at(3, 5), 1), order(2, "Ada", at(3, 5), 1, currency="USD")]
        with pytest.raises(ValueError, match="several currencies"):
            Oracle(orders_frame(two))
        with pytest.raises(ValueError, match="needs a zone"):
            Oracle(orders_frame(two[:1])).period(datetime(2026, 3, 1), *MARCH[1:])
        floats = orders_frame(two[:1]).assign(customer_id=[1.0])
        with pytest.raises(TypeError, match="became floats"):
            Oracle(floats)


def first_of(months: int) -> datetime:
    """The first day of the month so many months after January 1997."""
    return datetime(1997 + months // 12, months % 12 + 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return read_rows(SAMPLE)


@pytest.fixture(scope="module")
def months(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    oracle = Oracle(orders_frame(cdnow_records(rows)), as_of=first_of(18))
    return oracle.periods((first_of(n), first_of(n + 1), first_of(n - 1)) for n in range(18))


class TestCdnowSample:
    def test_the_file_is_the_one_described(self, rows: list[dict[str, Any]]) -> None:
        digest = hashlib.sha256(SAMPLE.read_bytes()).hexdigest()
        assert digest == "6fae10155c0b0ba363c2c386e30f77990d22328220efd862a5edd1443420d94a"
        assert len(rows) == 6919
        assert len({row["customer_id"] for row in rows}) == 2357
        assert sum(row["amount"] == 0 for row in rows) == 8
        assert sum(row["amount"] for row in rows) == Decimal("244091.94")

    def test_rows_of_one_customer_and_day(self, rows: list[dict[str, Any]]) -> None:
        frame = pd.DataFrame(rows)
        per_day = frame.groupby(["customer_id", "date"]).size()
        assert (int((per_day > 1).sum()), int(per_day[per_day > 1].sum()), int(per_day.max())) == (
            177,
            400,
            8,
        )
        assert int(frame.duplicated().sum()) == 21

    def test_march_1998_published_ratio_against_customers_kept(self, months: list[dict[str, Any]]) -> None:
        march = months[14]
        assert f"{float(Fraction(*march['published_retention_ratio'])):.0%}" == "134%"
        assert f"{float(Fraction(*march['customer_retention_rate'])):.0%}" == "35%"

    def test_march_1998_counted_without_pandas(
        self, rows: list[dict[str, Any]], months: list[dict[str, Any]]
    ) -> None:
        bought = [(row["customer_id"], row["date"]) for row in rows if row["amount"] > 0]
        active: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
        for customer, day in bought:
            active[day.year, day.month].add(customer)
        february, march = active[1998, 2], active[1998, 3]
        assert months[14]["customer_retention_rate"] == (len(february & march), len(february))

    def test_months_add_up(self, months: list[dict[str, Any]]) -> None:
        assert sum(month["order_count"] for month in months) == 6911
        assert sum(month["net_revenue"] for month in months) == 24_409_194
        assert sum(month["customer_flow"]["new"] for month in months) == 2349
        assert sum(month["left_out"]["no net amount"] for month in months) == 8
        for month in months:
            flow = month["customer_flow"]
            assert flow["start"] + flow["new"] + flow["reactivated"] - flow["lost"] == flow["end"]
            assert month["average_order_value"] == (month["net_revenue"], month["order_count"])

    def test_every_gap_ends_in_some_month(self, months: list[dict[str, Any]]) -> None:
        gaps = sum(len(month["purchase_gap_microseconds"]) for month in months)
        assert gaps == 6911 - 2349
