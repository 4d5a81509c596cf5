"""Real orders: every figure of every month of the CDNOW sample, to the last cent and customer.

The sample: Fader and Hardie (2001), Interfaces 31 (3), S94-S107; see tests/data/README.md.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import retention as rt
from tests.reference.agreement import COMPARISONS, ORDER_METRICS, assert_agrees, assert_left_out, exact_gini
from tests.reference.oracle import Oracle, cdnow_records, orders_frame, read_rows

SAMPLE = Path(__file__).parents[1] / "data" / "cdnow_sample.txt"
UTC = ZoneInfo("UTC")
NEW_YORK = ZoneInfo("America/New_York")
AS_OF = datetime(1998, 7, 1, tzinfo=UTC)


def months_of(zone: ZoneInfo) -> list[rt.Period]:
    """The 18 months of the sample."""
    return [rt.Period.month(1997 + n // 12, n % 12 + 1, tz=zone) for n in range(18)]


MONTHS = months_of(UTC)
MARCH_1998 = MONTHS[14]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return read_rows(SAMPLE)


@pytest.fixture(scope="module")
def orders(rows: list[dict[str, Any]]) -> list[rt.Order]:
    return [
        rt.Order(
            id=number,
            customer_id=row["customer_id"],
            placed_at=datetime.combine(row["date"], datetime.min.time(), tzinfo=UTC),
            amount=row["amount"],
            currency="USD",
        )
        for number, row in enumerate(rows, start=1)
    ]


@pytest.fixture(scope="module")
def history(orders: list[rt.Order]) -> rt.History:
    return rt.History(orders, as_of=AS_OF)


@pytest.fixture(scope="module")
def oracle(rows: list[dict[str, Any]]) -> Oracle:
    return Oracle(orders_frame(cdnow_records(rows)), as_of=AS_OF)


@pytest.fixture(scope="module")
def expected(oracle: Oracle) -> dict[rt.Period, dict[str, Any]]:
    """The oracle's figures of each month, and of the month before the first."""
    return {period: found_by(oracle, period) for period in [MONTHS[0].previous(), *MONTHS]}


def found_by(oracle: Oracle, period: rt.Period, **more: Any) -> dict[str, Any]:
    return oracle.period(period.start, period.end, period.previous().start, **more)


def as_csv(rows: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """The rows as a shop's export would have them: no order ids, dates without time and zone."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=["customer", "date", "discs", "dollars"])
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {
                "customer": row["customer_id"],
                "date": row["date"].isoformat(),
                "discs": row["quantity"],
                "dollars": str(row["amount"]),
            }
        )
    text.seek(0)
    return csv.DictReader(text)


def taken_in(rows: list[dict[str, Any]], zone: str) -> list[rt.Order]:
    return rt.orders_from_records(
        as_csv(rows),
        fields={"customer_id": "customer", "placed_at": "date", "amount": "dollars"},
        currency="USD",
        tz=zone,
        row_ids=True,
    )


def assert_snapshot_agrees(
    snapshot: rt.Snapshot, expected: dict[rt.Period, dict[str, Any]], periods: list[rt.Period]
) -> None:
    assert snapshot.periods == tuple(periods)
    assert snapshot.metrics == tuple(ORDER_METRICS)
    for period in periods:
        for metric in ORDER_METRICS:
            figure = snapshot.figure(metric, period)
            assert_agrees(metric, figure.result, expected[period])
            assert_left_out(metric, figure.left_out, expected[period])
            assert (figure.observable, figure.previous_period) == (True, period.previous())
            if period.previous() in expected:
                assert_agrees(metric, figure.previous, expected[period.previous()])


def test_no_metric_is_forgotten() -> None:
    assert set(COMPARISONS) == set(ORDER_METRICS)


@pytest.mark.parametrize("metric", ORDER_METRICS)
def test_metric_of_every_month(
    metric: str, history: rt.History, expected: dict[rt.Period, dict[str, Any]]
) -> None:
    for period in MONTHS:
        assert_agrees(metric, ORDER_METRICS[metric].function(history, period=period), expected[period])


@pytest.mark.parametrize("metric", ORDER_METRICS)
def test_metric_of_one_month_from_a_list(
    metric: str, orders: list[rt.Order], expected: dict[rt.Period, dict[str, Any]]
) -> None:
    result = ORDER_METRICS[metric].function(orders, period=MARCH_1998, as_of=AS_OF)
    assert_agrees(metric, result, expected[MARCH_1998])


class TestOneSnapshotOfAllMonths:
    def test_from_a_history(self, history: rt.History, expected: dict[rt.Period, dict[str, Any]]) -> None:
        assert_snapshot_agrees(rt.snapshot(history, period=MONTHS, metrics=ORDER_METRICS), expected, MONTHS)

    def test_from_a_list(self, orders: list[rt.Order], expected: dict[rt.Period, dict[str, Any]]) -> None:
        snapshot = rt.snapshot(orders, period=MONTHS, metrics=ORDER_METRICS, as_of=AS_OF)
        assert_snapshot_agrees(snapshot, expected, MONTHS)

    def test_from_a_generator_in_reverse(
        self, orders: list[rt.Order], expected: dict[rt.Period, dict[str, Any]]
    ) -> None:
        snapshot = rt.snapshot(reversed(orders), period=MONTHS, metrics=ORDER_METRICS, as_of=AS_OF)
        assert_snapshot_agrees(snapshot, expected, MONTHS)

    def test_from_intake(self, rows: list[dict[str, Any]], expected: dict[rt.Period, dict[str, Any]]) -> None:
        shop = rt.Shop(orders=taken_in(rows, "UTC"), as_of=AS_OF)
        assert_snapshot_agrees(rt.snapshot(shop, period=MONTHS, metrics=ORDER_METRICS), expected, MONTHS)

    def test_from_intake_in_a_zone_with_daylight_saving(self, rows: list[dict[str, Any]]) -> None:
        # The same days begin four or five hours later, and two of them have 23 or 25 hours.
        as_of = datetime(1998, 7, 1, tzinfo=NEW_YORK)
        oracle = Oracle(orders_frame(cdnow_records(rows, tz=NEW_YORK)), as_of=as_of)
        periods = months_of(NEW_YORK)
        expected = {period: found_by(oracle, period) for period in periods}
        history = rt.History(taken_in(rows, "America/New_York"), as_of=as_of)
        assert_snapshot_agrees(rt.snapshot(history, period=periods, metrics=ORDER_METRICS), expected, periods)


@pytest.mark.parametrize("unit, number", [("week", 78), ("quarter", 6), ("year", 1)])
def test_periods_of_other_units(unit: Any, number: int, history: rt.History, oracle: Oracle) -> None:
    periods = list(rt.Period.last(number, unit, as_of=AS_OF, tz=UTC).split(unit))
    assert len(periods) == number
    expected = {period: found_by(oracle, period) for period in periods}
    assert_snapshot_agrees(rt.snapshot(history, period=periods, metrics=ORDER_METRICS), expected, periods)


class TestKeywords:
    def test_second_purchase_rate_of_all(self, history: rt.History, oracle: Oracle) -> None:
        for within in (timedelta(days=16), timedelta(days=90), timedelta(days=480)):
            for period in MONTHS:
                figures = found_by(oracle, period, within=within)
                rate = rt.second_purchase_rate(history, period=period, within=within, given="all")
                assert (rate.numerator, rate.denominator) == figures["second_purchase_rate_of_all"]
                rate = rt.second_purchase_rate(history, period=period, within=within)
                assert (rate.numerator, rate.denominator) == figures["second_purchase_rate_of_repeaters"]

    @pytest.mark.parametrize("top", ["0.01", "0.05", "0.07", "0.1", "0.3", "0.5", "1"])
    def test_revenue_concentration_rate(self, history: rt.History, oracle: Oracle, top: str) -> None:
        for period in MONTHS:
            best, revenue = found_by(oracle, period, top=Fraction(top))["revenue_concentration_rate"]
            for given in (float(top), Decimal(top)):
                rate = rt.revenue_concentration_rate(history, period=period, top=given)
                assert (rate.numerator * 100, rate.denominator * 100) == (best, revenue)

    def test_bias_corrected_gini(
        self, history: rt.History, expected: dict[rt.Period, dict[str, Any]]
    ) -> None:
        for period in MONTHS:
            score = rt.gini_score(history, period=period, bias_corrected=True)
            assert score.value == exact_gini(expected[period]["gini_score_bias_corrected"])

    @pytest.mark.parametrize("days", [31, 60, 365])
    def test_base_of_those_not_yet_inactive(self, history: rt.History, oracle: Oracle, days: int) -> None:
        span = timedelta(days=days)
        snapshot = rt.snapshot(history, period=MONTHS, inactive_after=span)
        for period in MONTHS:
            figures = oracle.period(
                period.start, period.end, period.start - span, closing_start=period.end - span
            )
            for metric in ("customer_flow", "customer_retention_rate", "customer_churn_rate"):
                assert_agrees(metric, snapshot.figure(metric, period).result, figures)
            for metric in ("published_retention_ratio", "reactivation_rate"):
                assert_agrees(metric, snapshot.figure(metric, period).result, figures)

    def test_zero_value_orders_let_in(self, rows: list[dict[str, Any]], orders: list[rt.Order]) -> None:
        oracle = Oracle(orders_frame(cdnow_records(rows)), as_of=AS_OF, minimum_net=None)
        history = rt.History(orders, as_of=AS_OF, policy=rt.OrderPolicy(minimum_net=None))
        everything = rt.Period.between(MONTHS[0].start, AS_OF, tz=UTC)
        assert rt.active_customer_count(history, period=everything) == 2357
        expected = {period: found_by(oracle, period) for period in MONTHS}
        assert_snapshot_agrees(rt.snapshot(history, period=MONTHS, metrics=ORDER_METRICS), expected, MONTHS)


class TestHeadline:
    """The published formula says that 134 % of the customers were retained in March 1998; 35 % were."""

    def test_published_ratio(self, history: rt.History) -> None:
        ratio = rt.published_retention_ratio(history, period=MARCH_1998)
        assert (ratio.numerator, ratio.denominator) == (211, 157)
        assert f"{ratio:.0%}" == "134%"
        flow = rt.customer_flow(history, period=MARCH_1998)
        assert ratio.value == rt.formulas.customer_retention_rate(
            customers_at_end=flow.end, customers_acquired=flow.new, customers_at_start=flow.start
        )

    def test_kept(self, history: rt.History) -> None:
        rate = rt.customer_retention_rate(history, period=MARCH_1998)
        assert (rate.numerator, rate.denominator) == (55, 157)
        assert f"{rate:.0%}" == "35%"

    def test_the_difference_are_the_reactivated(self, history: rt.History) -> None:
        flow = rt.customer_flow(history, period=MARCH_1998)
        assert (flow.kept, flow.reactivated, flow.new, flow.lost) == (55, 211 - 55, 0, 157 - 55)

    def test_whole_sample(self, history: rt.History) -> None:
        everything = rt.Period.between(MONTHS[0].start, AS_OF, tz=UTC)
        assert len(history) == 6919
        assert rt.order_count(history, period=everything) == 6911
        assert rt.net_revenue(history, period=everything) == Decimal("244091.94")
        assert rt.new_customer_count(history, period=everything) == 2349
