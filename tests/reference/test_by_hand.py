"""Each metric on a shop that fits on a page, with the arithmetic written out.

Nothing here is computed by the tests: the answers were worked out with pencil and paper from the definitions.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from dateutil.relativedelta import relativedelta

import retention as rt
from tests.reference.agreement import ORDER_METRICS

BERLIN = ZoneInfo("Europe/Berlin")
JANUARY, FEBRUARY, MARCH, APRIL = (rt.Period.month(2026, month, tz="UTC") for month in (1, 2, 3, 4))


def at(month: int, day: int, hour: int = 12, minute: int = 0, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def order(
    number: int, customer: Hashable | None, placed_at: datetime, amount: str = "10.00", **more: Any
) -> rt.Order:
    return rt.Order(
        **{
            "id": number,
            "customer_id": customer,
            "placed_at": placed_at,
            "amount": amount,
            "currency": "EUR",
            **more,
        }
    )


def refund(refunded_at: datetime, amount: str) -> rt.Refund:
    return rt.Refund(refunded_at=refunded_at, amount=amount)


def pair(ratio: rt.Ratio) -> tuple[Any, Any]:
    return ratio.numerator, ratio.denominator


# The shop of most examples below. March, customer by customer:
#
#   Ada   bought in January and February; in March 40.00 and 60.00, of which 10.00 went back in April: net 90.00
#   Ben   bought in February, not in March
#   Cleo  bought in January, not in February; in March 30.00
#   Dora  first bought on 5 March, 80.00, and again on 15 March, 20.00
#   Eve   first bought on 25 March, 5.00
#   Fay   bought for 30.00 and gave all of it back: a sale, and no purchase, so that she is no customer
#   Hal   bought in January only
#   guest bought for 15.00, of which 3.00 went back; another guest's goods of February, 4.00 of them, came back in March
SHOP = [
    order(1, "Ada", at(1, 10), "100.00"),
    order(2, "Ada", at(2, 5), "50.00"),
    order(3, "Ada", at(3, 3), "40.00"),
    order(4, "Ada", at(3, 20), "60.00", refunds=[refund(at(4, 2), "10.00")]),
    order(5, "Ben", at(2, 10), "20.00"),
    order(6, "Cleo", at(1, 15), "30.00"),
    order(7, "Cleo", at(3, 10), "30.00"),
    order(8, "Dora", at(3, 5), "80.00"),
    order(9, "Dora", at(3, 15), "20.00"),
    order(10, "Eve", at(3, 25), "5.00"),
    order(11, "Fay", at(3, 12), "30.00", refunds=[refund(at(3, 14), "18.00"), refund(at(3, 16), "12.00")]),
    order(12, "Hal", at(1, 20), "7.00"),
    order(13, None, at(3, 8), "15.00", refunds=[refund(at(3, 30), "3.00")]),
    order(14, None, at(2, 20), "10.00", refunds=[refund(at(3, 2), "4.00")]),
    # None of these is a sale, and none makes Ida a customer.
    order(15, "Ida", at(3, 9), is_test=True),
    order(16, "Ida", at(3, 9), payment_state="failed"),
    order(17, "Ida", at(3, 9), payment_state="pending"),
    order(18, "Ida", at(3, 9), cancelled_at=at(3, 10), cancel_reason="customer"),
    order(19, "Ida", at(3, 9), tags=["exchange"]),
    order(20, "Ida", at(3, 9), tags=["gift-card"]),
]


class TestCustomersOfMarch:
    # Opening base S, purchased in February: Ada, Ben. Closing base E, purchased in March: Ada, Cleo, Dora, Eve.

    def test_active_customer_count(self) -> None:
        assert rt.active_customer_count(SHOP, period=MARCH) == 4

    def test_new_customer_count(self) -> None:
        assert rt.new_customer_count(SHOP, period=MARCH) == 2  # Dora, Eve; Cleo's first was in January

    def test_customer_flow(self) -> None:
        flow = rt.customer_flow(SHOP, period=MARCH)
        # 2 at the start + 2 new + 1 back - 1 lost = 4 at the end
        assert (flow.start, flow.new, flow.reactivated, flow.lost, flow.end) == (2, 2, 1, 1, 4)
        assert flow.kept == 1
        assert flow.customers == {
            "new": {"Dora", "Eve"},
            "kept": {"Ada"},
            "lost": {"Ben"},
            "reactivated": {"Cleo"},
        }

    def test_customer_retention_rate(self) -> None:
        assert pair(rt.customer_retention_rate(SHOP, period=MARCH)) == (1, 2)  # Ada of Ada, Ben

    def test_customer_churn_rate(self) -> None:
        assert pair(rt.customer_churn_rate(SHOP, period=MARCH)) == (1, 2)  # Ben of Ada, Ben

    def test_published_retention_ratio(self) -> None:
        # (4 at the end - 2 new) / 2 at the start: Cleo, who came back, passes for retained.
        assert pair(rt.published_retention_ratio(SHOP, period=MARCH)) == (2, 2)

    def test_reactivation_rate(self) -> None:
        # Had purchased before March, but not in February: Cleo and Hal. Cleo came back.
        assert pair(rt.reactivation_rate(SHOP, period=MARCH)) == (1, 2)

    def test_returning_customer_rate(self) -> None:
        assert pair(rt.returning_customer_rate(SHOP, period=MARCH)) == (2, 4)  # Ada, Cleo

    def test_repeat_purchase_rate(self) -> None:
        assert pair(rt.repeat_purchase_rate(SHOP, period=MARCH)) == (2, 4)  # Ada, Dora: two each in March

    def test_repeat_order_rate(self) -> None:
        # Of the six purchases, Ada's two, Cleo's one and Dora's second have one before them.
        assert pair(rt.repeat_order_rate(SHOP, period=MARCH)) == (4, 6)


class TestOrdersOfMarch:
    def test_order_count(self) -> None:
        # Ada 2, Cleo 1, Dora 2, Eve 1, the guest 1; nothing is left of Fay's.
        assert rt.order_count(SHOP, period=MARCH) == 7

    def test_gross_revenue(self) -> None:
        # 40 + 60 + 30 + 80 + 20 + 5 + Fay's 30 + the guest's 15
        assert rt.gross_revenue(SHOP, period=MARCH) == Decimal("280.00")

    def test_refunded_revenue(self) -> None:
        # Of March's sales: Ada's 10 (in April), Fay's 18 + 12, the guest's 3
        assert rt.refunded_revenue(SHOP, period=MARCH) == Decimal("43.00")

    def test_net_revenue(self) -> None:
        assert rt.net_revenue(SHOP, period=MARCH) == Decimal("237.00")  # 280 - 43

    def test_refund_rate(self) -> None:
        assert pair(rt.refund_rate(SHOP, period=MARCH)) == (43, 280)

    def test_refund_ratio(self) -> None:
        # Made in March: Fay's 30, the guest's 3, and 4 for a sale of February
        assert pair(rt.refund_ratio(SHOP, period=MARCH)) == (37, 280)

    def test_average_order_value(self) -> None:
        value = rt.average_order_value(SHOP, period=MARCH)
        assert (value.total, value.count, value.unit) == (237, 7, "EUR")
        assert round(value.value or 0, 4) == Decimal("33.8571")

    def test_average_order_value_times_orders_is_net_revenue(self) -> None:
        value = rt.average_order_value(SHOP, period=MARCH)
        assert value.total == rt.net_revenue(SHOP, period=MARCH)
        assert value.count == rt.order_count(SHOP, period=MARCH)

    def test_purchase_frequency(self) -> None:
        frequency = rt.purchase_frequency(SHOP, period=MARCH)
        assert (frequency.total, frequency.count, frequency.unit) == (6, 4, None)
        assert frequency.value == Decimal("1.5")

    def test_average_customer_value(self) -> None:
        # Ada 40 + 50, Cleo 30, Dora 100, Eve 5: 225 over 4
        value = rt.average_customer_value(SHOP, period=MARCH)
        assert (value.total, value.count) == (225, 4)
        assert value.value == Decimal("56.25")

    def test_left_out(self) -> None:
        odd = {"test": 1, "unpaid": 2, "cancelled": 1, "exchange": 1, "gift card": 1}
        # What is per customer also leaves out Fay's sale and the guest's; orders only Fay's; revenue neither.
        snapshot = rt.snapshot(SHOP, period=MARCH)
        assert snapshot.figure("repeat_order_rate").left_out == {**odd, "no net amount": 1, "guest": 1}
        assert snapshot.figure("order_count").left_out == {**odd, "no net amount": 1}
        assert snapshot.figure("net_revenue").left_out == odd


class TestValueOfMarch:
    # Spend, poorest first: Eve 5, Cleo 30, Ada 90, Dora 100. Together 225.

    def test_existing_customer_revenue_rate(self) -> None:
        assert pair(rt.existing_customer_revenue_rate(SHOP, period=MARCH)) == (120, 225)  # Ada 90, Cleo 30

    def test_returning_spend_ratio(self) -> None:
        # Returning: (90 + 30) / 2 = 60. New: (100 + 5) / 2 = 52.50. 60 / 52.50 = 8 / 7.
        ratio = rt.returning_spend_ratio(SHOP, period=MARCH)
        assert pair(ratio) == (240, 210)
        assert ratio.value == 8 / 7
        assert "1.143 = 60.00 a returning customer (2) against 52.50 a new customer (2)" in ratio.explain()

    @pytest.mark.parametrize(
        "top, best",
        [
            (0.2, 100),  # the best 0.8 of 4, rounded up: Dora
            (0.25, 100),  # just one
            (0.26, 190),  # 1.04 is two: Dora and Ada
            (Decimal("0.75"), 220),
            (1, 225),
        ],
    )
    def test_revenue_concentration_rate(self, top: Any, best: int) -> None:
        assert pair(rt.revenue_concentration_rate(SHOP, period=MARCH, top=top)) == (best, 225)

    def test_lorenz_curve(self) -> None:
        # A quarter of the customers brings 5 of 225, half of them 35, three quarters 125.
        curve = rt.lorenz_curve(SHOP, period=MARCH)
        assert list(curve.points()) == [(0, 0), (0.25, 5 / 225), (0.5, 35 / 225), (0.75, 125 / 225), (1, 1)]

    def test_gini_score(self) -> None:
        # (-3·5 - 1·30 + 1·90 + 3·100) / (4 · 225) = 345 / 900
        assert rt.gini_score(SHOP, period=MARCH).value == 345 / 900

    def test_gini_score_bias_corrected(self) -> None:
        # times 4 / 3: 345 / (3 · 225)
        assert rt.gini_score(SHOP, period=MARCH, bias_corrected=True).value == 345 / 675

    def test_gini_of_equals_and_of_one_who_spends_all(self) -> None:
        equal = [order(number, number, at(3, 5), "7.00") for number in range(1, 6)]
        assert rt.gini_score(equal, period=MARCH).value == 0
        # One customer of four spends all, the others nothing: (n - 1) / n, and 1 when corrected.
        free = [order(number, number, at(3, 5), "0.00") for number in range(1, 4)]
        unequal = [*free, order(4, 4, at(3, 5), "9.00")]
        history = rt.History(unequal, policy=rt.OrderPolicy(minimum_net=None))
        assert rt.gini_score(history, period=MARCH).value == 0.75
        assert rt.gini_score(history, period=MARCH, bias_corrected=True).value == 1

    def test_gini_of_one_customer(self) -> None:
        alone = [order(1, "Ada", at(3, 5))]
        assert rt.gini_score(alone, period=MARCH).value == 0
        corrected = rt.gini_score(alone, period=MARCH, bias_corrected=True)
        assert corrected.value is None
        assert corrected.undefined_because == "one customer alone has no inequality"

    def test_seven_in_a_hundred_are_seven(self) -> None:
        # In binary, 0.07 · 100 is 7.000000000000001, whose ceiling would be 8. Customer k spends k euros:
        # the best seven are 100 + 99 + ... + 94 = 7 · 97 = 679, of 5050 in all.
        hundred = [order(k, k, at(3, 5), f"{k}.00") for k in range(1, 101)]
        for top in (0.07, Decimal("0.07")):
            assert pair(rt.revenue_concentration_rate(hundred, period=MARCH, top=top)) == (679, 5050)


class TestRhythmOfMarch:
    def test_second_purchase_days(self) -> None:
        # New in March: Dora, back after 10 days; Eve, not back yet.
        days = rt.second_purchase_days(SHOP, period=MARCH)
        assert list(days.values) == [10.0]
        # New in January: Ada back after 26 days (5 February), Cleo after 54 (10 March), Hal not.
        january = rt.second_purchase_days(SHOP, period=JANUARY)
        assert list(january.values) == [26.0, 54.0]
        assert january.median == 40.0

    def test_second_purchase_rate(self) -> None:
        assert pair(rt.second_purchase_rate(SHOP, period=MARCH)) == (1, 1)  # Dora, within 16 days
        assert pair(rt.second_purchase_rate(SHOP, period=JANUARY)) == (0, 2)  # 26 and 54 days are more
        within = timedelta(days=26)
        assert pair(rt.second_purchase_rate(SHOP, period=JANUARY, within=within)) == (1, 2)

    def test_purchase_gap_days(self) -> None:
        # Ada 5 February to 3 March: 26, and to the 20th: 17. Cleo 15 January to 10 March: 54. Dora 10.
        assert list(rt.purchase_gap_days(SHOP, period=MARCH).values) == [10.0, 17.0, 26.0, 54.0]

    def test_recency_days(self) -> None:
        # At midnight after 31 March, from noon: Eve 6.5 (25th), Ada 11.5 (20th), Dora 16.5 (15th), Cleo 21.5 (10th),
        # Ben 18.5 + 31 (10 February), Hal 11.5 + 28 + 31 (20 January).
        assert list(rt.recency_days(SHOP, period=MARCH).values) == [6.5, 11.5, 16.5, 21.5, 49.5, 70.5]


def test_every_metric_has_an_example_here() -> None:
    classes = (TestCustomersOfMarch, TestOrdersOfMarch, TestValueOfMarch, TestRhythmOfMarch)
    examples = {name.removeprefix("test_") for group in classes for name in vars(group)}
    assert not set(ORDER_METRICS) - examples


class TestWhenRefundsAreDated:
    # 100 sold in February, 30 of it given back in March; 10 sold in March, 25 more of February's given back in April.
    ORDERS = (
        order(1, "Ada", at(2, 10), "100.00", refunds=[refund(at(3, 3), "30.00"), refund(at(4, 3), "25.00")]),
        order(2, "Ben", at(3, 10), "10.00"),
    )

    def revenue(self, policy: rt.OrderPolicy | None) -> list[tuple[Any, Any, Any]]:
        history = rt.History(self.ORDERS, policy=policy)
        return [
            (
                rt.gross_revenue(history, period=period),
                rt.refunded_revenue(history, period=period),
                rt.net_revenue(history, period=period),
            )
            for period in (FEBRUARY, MARCH, APRIL)
        ]

    def test_by_order(self) -> None:
        assert self.revenue(None) == [(100, 55, 45), (10, 0, 10), (0, 0, 0)]

    def test_by_refund(self) -> None:
        # March gives back more than it sells.
        policy = rt.OrderPolicy(refunds_dated="refund")
        assert self.revenue(policy) == [(100, 0, 100), (10, 30, -20), (0, 25, -25)]

    @pytest.mark.parametrize("dated", ["order", "refund"])
    def test_all_else_stays_with_the_order(self, dated: Any) -> None:
        history = rt.History(self.ORDERS, policy=rt.OrderPolicy(refunds_dated=dated))
        assert pair(rt.refund_rate(history, period=FEBRUARY)) == (55, 100)
        assert pair(rt.refund_ratio(history, period=FEBRUARY)) == (0, 100)
        assert pair(rt.refund_ratio(history, period=MARCH)) == (30, 10)  # may exceed 1
        assert pair(rt.refund_ratio(history, period=APRIL)) == (25, 0)
        assert rt.refund_ratio(history, period=APRIL).value is None
        assert rt.average_order_value(history, period=FEBRUARY).value == 45

    def test_within(self) -> None:
        # The refund of 3 March came after exactly 21 days: the limit is included, a second less is too short.
        fresh = rt.OrderPolicy(refunds_within=timedelta(days=21))
        assert self.revenue(fresh) == [(100, 30, 70), (10, 0, 10), (0, 0, 0)]
        fresher = rt.OrderPolicy(refunds_within=timedelta(days=21, seconds=-1))
        assert self.revenue(fresher)[0] == (100, 0, 100)
        by_refund = rt.OrderPolicy(refunds_within=timedelta(days=21), refunds_dated="refund")
        assert self.revenue(by_refund) == [(100, 0, 100), (10, 30, -20), (0, 0, 0)]

    def test_within_months_of_a_zone(self) -> None:
        # A month after 10 March, 10:00 in Berlin (09:00 UTC) is 10 April, 10:00 there (08:00 UTC: summer time has
        # begun). Half an hour later is too late in Berlin, and half an hour early in UTC.
        placed = datetime(2026, 3, 10, 10, tzinfo=BERLIN)
        for minute, in_berlin, in_utc in ((0, 4, 4), (30, 0, 4)):
            given_back = [refund(datetime(2026, 4, 10, 10, minute, tzinfo=BERLIN), "4.00")]
            orders = [order(1, "Ada", placed, refunds=given_back)]
            for zone, expected in (("Europe/Berlin", in_berlin), ("UTC", in_utc)):
                policy = rt.OrderPolicy(refunds_within=relativedelta(months=1), tz=zone)
                assert rt.refunded_revenue(orders, period=MARCH, policy=policy) == expected

    def test_refund_after_as_of_is_not_known(self) -> None:
        known = rt.History(self.ORDERS, as_of=at(3, 3))  # the instant of the first refund is known
        assert rt.refunded_revenue(known, period=FEBRUARY) == 30
        unknown = rt.History(self.ORDERS, as_of=at(3, 3) - timedelta(microseconds=1))
        assert rt.refunded_revenue(unknown, period=FEBRUARY) == 0


class TestSameDay:
    MARCH = rt.Period.month(2026, 3, tz="Europe/Berlin")
    MERGE = rt.OrderPolicy(same_day="merge", tz="Europe/Berlin")

    def test_a_day_of_23_hours(self) -> None:
        # 29 March in Berlin lasts from 23:00 UTC on the 28th to 22:00 UTC on the 29th.
        inside = [datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 21, 59, tzinfo=UTC)]
        outside = [datetime(2026, 3, 28, 22, 59, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)]
        orders = [order(number, "Ada", moment) for number, moment in enumerate(inside + outside)]
        assert rt.order_count(orders, period=self.MARCH) == 4
        assert rt.order_count(orders, period=self.MARCH, policy=self.MERGE) == 3
        value = rt.average_order_value(orders, period=self.MARCH, policy=self.MERGE)
        assert (value.total, value.count) == (40, 3)
        assert value.left_out == {"merged into another of the day": 1}
        # Merged, the day counts as its first sale: gaps of 1 minute and of 23 hours.
        gaps = rt.purchase_gap_days(orders, period=self.MARCH, policy=self.MERGE)
        assert list(gaps.microseconds) == [60 * 10**6, 23 * 3600 * 10**6]

    def test_a_night_that_has_an_hour_twice(self) -> None:
        # 02:30 summer time and 02:30 winter time are an hour apart, and one day.
        early = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0)
        late = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)
        orders = [order(1, "Ada", late), order(2, "Ada", early)]
        october = rt.Period.month(2026, 10, tz="Europe/Berlin")
        assert list(rt.purchase_gap_days(orders, period=october).values) == [1 / 24]
        assert pair(rt.repeat_order_rate(orders, period=october)) == (1, 2)
        assert pair(rt.repeat_order_rate(orders, period=october, policy=self.MERGE)) == (0, 1)

    def test_sums_amounts_and_refunds(self) -> None:
        # 20 - 20 and 30 - 5 on one day: one purchase of 25. Separately, the first would be none.
        orders = [
            order(1, "Ada", at(3, 5, 9), "20.00", refunds=[refund(at(3, 6), "20.00")]),
            order(2, "Ada", at(3, 5, 15), "30.00", refunds=[refund(at(4, 6), "5.00")]),
        ]
        value = rt.average_order_value(orders, period=self.MARCH, policy=self.MERGE)
        assert (value.total, value.count) == (25, 1)
        assert pair(rt.refund_rate(orders, period=self.MARCH, policy=self.MERGE)) == (25, 50)
        assert pair(rt.refund_ratio(orders, period=self.MARCH, policy=self.MERGE)) == (20, 50)

    def test_guests_and_others_are_not_merged(self) -> None:
        orders = [
            order(1, None, at(3, 5)),
            order(2, None, at(3, 5)),
            order(3, "Ada", at(3, 5)),
            order(4, "Ben", at(3, 5)),
        ]
        assert rt.order_count(orders, period=self.MARCH, policy=self.MERGE) == 4

    def test_what_is_no_sale_is_not_merged(self) -> None:
        orders = [order(1, "Ada", at(3, 5, 9), is_test=True), order(2, "Ada", at(3, 5, 10), "7.00")]
        assert rt.net_revenue(orders, period=self.MARCH, policy=self.MERGE) == 7

    def test_people_with_two_ids_are_merged(self) -> None:
        orders = [order(1, "Ada", at(3, 5, 9)), order(2, "ada@work", at(3, 5, 10))]
        count = rt.order_count(orders, period=self.MARCH, policy=self.MERGE, aliases={"ada@work": "Ada"})
        assert count == 1


class TestAliases:
    ORDERS = (
        order(1, "Ada", at(2, 5)),
        order(2, "ada@work", at(3, 5)),
        order(3, "Ben", at(2, 6)),
        order(4, "ada@home", at(3, 7)),
    )

    def test_without(self) -> None:
        assert pair(rt.customer_retention_rate(self.ORDERS, period=MARCH)) == (0, 2)
        assert rt.new_customer_count(self.ORDERS, period=MARCH) == 2

    def test_with(self) -> None:
        aliases = {"ada@work": "Ada", "ada@home": "Ada"}
        assert pair(rt.customer_retention_rate(self.ORDERS, period=MARCH, aliases=aliases)) == (1, 2)
        flow = rt.customer_flow(rt.Shop(orders=self.ORDERS, aliases=aliases), period=MARCH)
        assert flow.customers["kept"] == {"Ada"}
        assert (flow.new, flow.end) == (0, 1)
        assert pair(rt.repeat_purchase_rate(self.ORDERS, period=MARCH, aliases=aliases)) == (1, 1)


class TestInactiveAfter:
    # Ada: 20 January and 20 March. Ben: 10 February. Cleo: 5 January. Dora: 15 March. Eve: 25 February.
    ORDERS = (
        order(1, "Ada", at(1, 20)),
        order(2, "Ada", at(3, 20)),
        order(3, "Ben", at(2, 10)),
        order(4, "Cleo", at(1, 5)),
        order(5, "Dora", at(3, 15)),
        order(6, "Eve", at(2, 25)),
    )

    def test_timedelta(self) -> None:
        # 45 days before 1 March is 15 January: Ada, Ben, Eve. 45 days before 1 April is 15 February: Ada, Dora, Eve.
        flow = rt.customer_flow(self.ORDERS, period=MARCH, inactive_after=timedelta(days=45))
        assert flow.customers == {
            "kept": {"Ada", "Eve"},
            "lost": {"Ben"},
            "new": {"Dora"},
            "reactivated": set(),
        }
        assert (flow.start, flow.end) == (3, 3)
        rate = rt.reactivation_rate(self.ORDERS, period=MARCH, inactive_after=timedelta(days=45))
        assert pair(rate) == (0, 1)  # Cleo had lapsed

    def test_relativedelta_of_the_length_of_the_period(self) -> None:
        # A month before 1 March is 1 February: Ben, Eve. A month before 1 April is 1 March: Ada, Dora.
        flow = rt.customer_flow(self.ORDERS, period=MARCH, inactive_after=relativedelta(months=1))
        assert flow.customers == {
            "kept": set(),
            "lost": {"Ben", "Eve"},
            "new": {"Dora"},
            "reactivated": {"Ada"},
        }
        assert flow == rt.customer_flow(self.ORDERS, period=MARCH)

    def test_relativedelta_of_several_months(self) -> None:
        # Since 1 December: Ada, Ben, Cleo, Eve. Since 1 January: all five.
        rate = rt.customer_retention_rate(self.ORDERS, period=MARCH, inactive_after=relativedelta(months=3))
        assert pair(rate) == (4, 4)
        ratio = rt.published_retention_ratio(
            self.ORDERS, period=MARCH, inactive_after=relativedelta(months=3)
        )
        assert pair(ratio) == (4, 4)

    def test_shorter_than_the_period(self) -> None:
        with pytest.raises(rt.ConflictingArgumentError, match=r"2026-03 .*30.*relativedelta\(months=1\)"):
            rt.customer_churn_rate(self.ORDERS, period=MARCH, inactive_after=timedelta(days=30))
        with pytest.raises(rt.ConflictingArgumentError, match="not be shorter than the period 2026-03"):
            rt.customer_flow(self.ORDERS, period=MARCH, inactive_after=relativedelta(days=30))

    def test_as_long_as_the_period(self) -> None:
        exact = rt.customer_flow(self.ORDERS, period=MARCH, inactive_after=timedelta(days=31))
        # 31 days before 1 March is 29 January: Ben, Eve; the same as the month before, here.
        assert exact.customers["lost"] == {"Ben", "Eve"}

    def test_limits(self) -> None:
        # Exactly so long before the start is within; a microsecond more is not.
        edge = at(3, 1, 0) - timedelta(days=40)
        for moment, start in ((edge, 1), (edge - timedelta(microseconds=1), 0)):
            orders = [order(1, "Ada", moment)]
            flow = rt.customer_flow(orders, period=MARCH, inactive_after=timedelta(days=40))
            assert flow.start == start


class TestObservedFrom:
    # The data begin on 1 February. Ada may well have bought in January: nobody knows.
    HISTORY = rt.History(
        [order(1, "Ada", at(2, 5)), order(2, "Ada", at(3, 5)), order(3, "Ben", at(3, 6))],
        observed_from=at(2, 1, 0),
    )

    def test_a_base_before_the_data_is_not_observable(self) -> None:
        for rate in (
            rt.customer_retention_rate(self.HISTORY, period=FEBRUARY),
            rt.customer_churn_rate(self.HISTORY, period=FEBRUARY),
            rt.published_retention_ratio(self.HISTORY, period=FEBRUARY),
            rt.reactivation_rate(self.HISTORY, period=FEBRUARY),
        ):
            assert (rate.observable, rate.value) == (False, None)
            assert "observed_from, 2026-02-01" in str(rate.undefined_because)
            with pytest.raises(rt.NotObservableError):
                float(rate)
        flow = rt.customer_flow(self.HISTORY, period=FEBRUARY)
        assert (flow.observable, str(flow)) == (False, "–")

    def test_the_rest_of_that_period_is_observable(self) -> None:
        assert rt.order_count(self.HISTORY, period=FEBRUARY) == 1
        assert rt.active_customer_count(self.HISTORY, period=FEBRUARY) == 1

    def test_where_the_data_begin_all_would_look_new(self) -> None:
        # 0 % returning customers would be an artefact of the export, not a fact of the shop.
        assert not rt.returning_customer_rate(self.HISTORY, period=FEBRUARY).observable
        assert not rt.repeat_order_rate(self.HISTORY, period=FEBRUARY).observable
        assert not rt.existing_customer_revenue_rate(self.HISTORY, period=FEBRUARY).observable
        with pytest.raises(rt.NotObservableError):
            rt.new_customer_count(self.HISTORY, period=FEBRUARY)
        returning = rt.returning_customer_rate(self.HISTORY, period=MARCH)
        assert pair(returning) == (1, 2)
        assert "observed_from, 2026-02-01" in returning.basis.assumed[-1]

    def test_from_the_next_period_on_all_is_observable(self) -> None:
        assert pair(rt.customer_retention_rate(self.HISTORY, period=MARCH)) == (1, 1)
        snapshot = rt.snapshot(self.HISTORY, period=MARCH)
        assert all(figure.observable for figure in snapshot.figures)

    def test_a_longer_base_reaches_back_further(self) -> None:
        rate = rt.customer_retention_rate(self.HISTORY, period=MARCH, inactive_after=timedelta(days=60))
        assert not rate.observable

    def test_a_period_before_the_data_is_not_observable(self) -> None:
        for figure in rt.snapshot(self.HISTORY, period=JANUARY, metrics=ORDER_METRICS).figures:
            assert (figure.observable, figure.value) == (False, None)
        with pytest.raises(rt.NotObservableError, match="2026-01 is not observable"):
            rt.order_count(self.HISTORY, period=JANUARY)

    def test_a_period_that_begins_before_the_data_is_not_observable(self) -> None:
        late = rt.History(list(self.HISTORY), observed_from=at(2, 1, 0) + timedelta(microseconds=1))
        assert not rt.average_order_value(late, period=FEBRUARY).observable

    def test_unlike_undefined(self) -> None:
        # With all data known, an empty base is 0/0: undefined, and observable.
        rate = rt.customer_retention_rate(list(self.HISTORY), period=FEBRUARY)
        assert (rate.observable, rate.value) == (True, None)
        assert rate.undefined_because == "there are no customers at the start"


class TestAsOf:
    ORDERS = (
        order(1, "Ada", at(2, 5)),
        order(2, "Ada", at(3, 5)),
        order(3, "Ben", at(3, 10)),
        order(4, "Ben", at(3, 20)),
        order(5, "Cleo", at(3, 25), cancelled_at=at(4, 5)),
    )

    def test_a_running_period_is_partial(self) -> None:
        history = rt.History(self.ORDERS, as_of=at(3, 10))
        rate = rt.customer_retention_rate(history, period=MARCH)
        assert (pair(rate), rate.partial) == ((1, 1), True)
        assert rt.order_count(history, period=MARCH) == 2  # what was placed at as_of itself is known
        assert rate.left_out == {"after as_of": 2}
        assert not rt.customer_retention_rate(history, period=FEBRUARY).partial

    def test_limits_of_partial(self) -> None:
        begins = rt.History(self.ORDERS, as_of=MARCH.start)
        assert rt.average_order_value(begins, period=MARCH).partial
        ended = rt.History(self.ORDERS, as_of=MARCH.end)
        assert not rt.average_order_value(ended, period=MARCH).partial
        last = rt.History(self.ORDERS, as_of=MARCH.end - timedelta(microseconds=1))
        assert rt.average_order_value(last, period=MARCH).partial

    def test_a_period_after_as_of_is_not_observable(self) -> None:
        history = rt.History(self.ORDERS, as_of=MARCH.start - timedelta(microseconds=1))
        rate = rt.repeat_purchase_rate(history, period=MARCH)
        assert (rate.observable, rate.value) == (False, None)
        with pytest.raises(rt.NotObservableError, match="begins after as_of"):
            rt.gross_revenue(history, period=MARCH)

    def test_a_later_cancellation_is_not_known(self) -> None:
        assert rt.order_count(self.ORDERS, period=MARCH, as_of=at(4, 4)) == 4
        assert rt.order_count(self.ORDERS, period=MARCH, as_of=at(4, 5)) == 3
        assert rt.order_count(self.ORDERS, period=MARCH) == 3

    def test_recency_of_a_running_period_is_counted_at_as_of(self) -> None:
        # At noon on 15 March: Ben 5 days, Ada 10.
        recency = rt.recency_days(self.ORDERS, period=MARCH, as_of=at(3, 15))
        assert (list(recency.values), recency.partial) == ([5.0, 10.0], True)
        # At the end of March: Cleo's order is still one, 6.5 days old. Ben 11.5, Ada 26.5.
        whole = rt.recency_days(self.ORDERS, period=MARCH, as_of=at(4, 4))
        assert (list(whole.values), whole.partial) == ([6.5, 11.5, 26.5], False)

    def test_second_purchases_are_followed_beyond_the_period(self) -> None:
        # Ada first bought on 5 February and came back on 5 March, 28 days later.
        assert list(rt.second_purchase_days(self.ORDERS, period=FEBRUARY, as_of=at(3, 5)).values) == [28.0]
        assert not rt.second_purchase_days(self.ORDERS, period=FEBRUARY, as_of=at(3, 4)).count

    def test_a_keyword_that_contradicts_the_history(self) -> None:
        history = rt.History(self.ORDERS, as_of=at(4, 4))
        assert rt.order_count(history, period=MARCH, as_of=at(4, 4)) == 4
        with pytest.raises(rt.ConflictingArgumentError, match="as_of="):
            rt.order_count(history, period=MARCH, as_of=at(4, 5))


class TestCurrencies:
    ORDERS = (
        order(1, "Ada", at(3, 5), "10.00"),
        order(2, "Ada", at(3, 6), "20.00", currency="USD", refunds=[refund(at(3, 9), "5.00")]),
        order(3, "Ben", at(3, 7), "400", currency="JPY", is_test=True),
        order(4, None, at(3, 8), "2.50"),
    )

    @pytest.mark.parametrize(
        "metric",
        [name for name, spec in ORDER_METRICS.items() if "money" in spec.unit or name == "gini_score"],
    )
    def test_two_cannot_be_added(self, metric: str) -> None:
        with pytest.raises(rt.MixedCurrencyError, match=r"EUR, USD.*currency=") as error:
            ORDER_METRICS[metric].function(self.ORDERS, period=MARCH)
        assert "JPY" not in str(error.value)  # no sale

    @pytest.mark.parametrize(
        "metric",
        [name for name, spec in ORDER_METRICS.items() if "money" not in spec.unit and name != "gini_score"],
    )
    def test_customers_and_times_have_no_currency(self, metric: str) -> None:
        ORDER_METRICS[metric].function(self.ORDERS, period=MARCH)

    def test_counts_of_several_currencies(self) -> None:
        assert rt.order_count(self.ORDERS, period=MARCH) == 3
        assert pair(rt.repeat_purchase_rate(self.ORDERS, period=MARCH)) == (1, 1)

    def test_one_of_them(self) -> None:
        assert rt.net_revenue(self.ORDERS, period=MARCH, currency="EUR") == Decimal("12.50")
        assert rt.net_revenue(self.ORDERS, period=MARCH, currency="USD") == Decimal("15.00")
        value = rt.average_customer_value(self.ORDERS, period=MARCH, currency="EUR")
        assert (value.total, value.count, value.unit) == (10, 1, "EUR")
        assert value.left_out == {"other currency": 2, "guest": 1}

    def test_converted(self) -> None:
        # 20 USD are 18 EUR at 0.9, and the 5 given back are 4.50: 10 + 18 + 2.50 - 4.50 = 26.
        def to_euro(amount: Decimal, currency: str, placed_at: datetime) -> Decimal:
            assert (currency, placed_at) == ("USD", at(3, 6))
            return amount * Decimal("0.9")

        history = rt.History(self.ORDERS, currency="EUR", convert=to_euro)
        assert rt.gross_revenue(history, period=MARCH) == Decimal("30.50")
        assert rt.refunded_revenue(history, period=MARCH) == Decimal("4.50")
        assert rt.net_revenue(history, period=MARCH) == 26
        assert pair(rt.refund_rate(history, period=MARCH)) == (Decimal("4.5"), Decimal("30.5"))
        assert rt.snapshot(history, period=MARCH).currency == "EUR"

    def test_convert_needs_a_currency(self) -> None:
        with pytest.raises(rt.ConflictingArgumentError, match="currency="):
            rt.net_revenue(self.ORDERS, period=MARCH, convert=lambda amount, currency, at: amount)


class TestTwoPurchasesAtOneInstant:
    NOON = at(3, 5)

    def test_neither_is_before_the_other(self) -> None:
        twins = [order(1, "Ada", self.NOON), order(2, "Ada", self.NOON)]
        assert pair(rt.repeat_order_rate(twins, period=MARCH)) == (0, 2)
        assert pair(rt.repeat_purchase_rate(twins, period=MARCH)) == (1, 1)  # two or more in the period
        assert pair(rt.returning_customer_rate(twins, period=MARCH)) == (0, 1)

    def test_a_later_one_repeats(self) -> None:
        three = [order(1, "Ada", self.NOON), order(2, "Ada", self.NOON), order(3, "Ada", at(3, 6))]
        assert pair(rt.repeat_order_rate(three, period=MARCH)) == (1, 3)

    def test_two_later_ones_both_repeat(self) -> None:
        three = [order(1, "Ada", at(3, 4)), order(2, "Ada", self.NOON), order(3, "Ada", self.NOON)]
        assert pair(rt.repeat_order_rate(three, period=MARCH)) == (2, 3)
        assert list(rt.purchase_gap_days(three, period=MARCH).values) == [0.0, 1.0]

    def test_at_the_limit_of_two_periods(self) -> None:
        midnight = MARCH.end
        orders = [order(1, "Ada", midnight), order(2, "Ada", midnight - timedelta(microseconds=1))]
        assert rt.order_count(orders, period=MARCH) == rt.order_count(orders, period=APRIL) == 1
        assert pair(rt.customer_retention_rate(orders, period=APRIL)) == (1, 1)


class TestSecondPurchaseRate:
    # First bought on 1 March at noon: Ada, back on the 17th at noon, exactly 16 days later; Ben, back a microsecond
    # later than that; Cleo, never back. Dora first bought on 20 March, and was back on the 22nd.
    ORDERS = (
        order(1, "Ada", at(3, 1)),
        order(2, "Ada", at(3, 17)),
        order(3, "Ben", at(3, 1)),
        order(4, "Ben", at(3, 17) + timedelta(microseconds=1)),
        order(5, "Cleo", at(3, 1)),
        order(6, "Dora", at(3, 20)),
        order(7, "Dora", at(3, 22)),
    )

    def test_given_repeaters_the_limit_is_included(self) -> None:
        rate = rt.second_purchase_rate(self.ORDERS, period=MARCH, as_of=at(5, 1))
        assert (pair(rate), rate.partial) == ((2, 3), False)  # Ada and Dora, of those two and Ben

    def test_given_all(self) -> None:
        rate = rt.second_purchase_rate(self.ORDERS, period=MARCH, given="all", as_of=at(5, 1))
        assert pair(rate) == (2, 4)

    def test_given_all_counts_those_observed_that_long(self) -> None:
        # On 5 April, at noon, Dora's 16 days have just passed; a microsecond earlier, they had not.
        day = at(4, 5)
        rate = rt.second_purchase_rate(self.ORDERS, period=MARCH, given="all", as_of=day)
        assert (pair(rate), rate.partial) == ((2, 4), True)  # who first bought on the 31st would be missing
        earlier = day - timedelta(microseconds=1)
        rate = rt.second_purchase_rate(self.ORDERS, period=MARCH, given="all", as_of=earlier)
        assert pair(rate) == (1, 3)

    def test_given_all_needs_as_of(self) -> None:
        with pytest.raises(rt.AsOfRequiredError, match="as_of="):
            rt.second_purchase_rate(self.ORDERS, period=MARCH, given="all")

    def test_within_a_month_of_any_length(self) -> None:
        # From 31 January, a month ends on 28 February; from 1 March on 1 April, 31 days later.
        orders = [
            order(1, "Ada", at(1, 31)),
            order(2, "Ada", at(2, 28)),
            order(3, "Ben", at(1, 31)),
            order(4, "Ben", at(3, 1)),  # 29 days later
            order(5, "Cleo", at(1, 1)),
            order(6, "Cleo", at(2, 1)),  # 31 days later
        ]
        month = relativedelta(months=1)
        assert pair(rt.second_purchase_rate(orders, period=JANUARY, within=month)) == (2, 3)
        assert pair(rt.second_purchase_rate(orders, period=JANUARY, within=timedelta(days=29))) == (2, 3)
        everyone = rt.second_purchase_rate(orders, period=JANUARY, within=month, given="all", as_of=at(2, 28))
        assert pair(everyone) == (2, 3)
        # At 11:59 on 28 February, only Cleo's month has passed.
        young = rt.second_purchase_rate(
            orders, period=JANUARY, within=month, given="all", as_of=at(2, 28, 11, 59)
        )
        assert pair(young) == (1, 1)

    def test_within_a_month_of_the_clock_of_the_period(self) -> None:
        # 8 March, 10:00 in Berlin is 09:00 UTC; 8 April, 10:00 there is 08:00 UTC, since summer time began.
        first = datetime(2026, 3, 8, 10, tzinfo=BERLIN)
        march = rt.Period.month(2026, 3, tz="Europe/Berlin")
        month = relativedelta(months=1)
        for hour, in_time in ((10, 1), (11, 0)):
            second = datetime(2026, 4, 8, hour, tzinfo=BERLIN)
            orders = [order(1, "Ada", first), order(2, "Ada", second)]
            assert pair(rt.second_purchase_rate(orders, period=march, within=month)) == (in_time, 1)
        # In a zone without summer time, 11:00 in Berlin is still 09:00 UTC, a month later to the minute.
        assert pair(rt.second_purchase_rate(orders, period=MARCH, within=month)) == (1, 1)


class TestCalendar:
    def test_leap_day(self) -> None:
        # 2028 is a leap year: 29 February belongs to February, and lies a day before 1 March.
        orders = [order(1, "Ada", at(2, 29, year=2028)), order(2, "Ada", at(3, 1, year=2028))]
        february, march = (rt.Period.month(2028, month, tz="UTC") for month in (2, 3))
        assert rt.order_count(orders, period=february) == 1
        assert pair(rt.customer_retention_rate(orders, period=march)) == (1, 1)
        assert list(rt.purchase_gap_days(orders, period=march).values) == [1.0]

    def test_a_year_from_and_to_a_leap_day(self) -> None:
        # A year before 28 February 2029, 0:00 is 28 February 2028, before the order: Ada is in the opening base. A
        # year before 1 March 2029, 0:00 is 1 March 2028, after it: she has left by the end of that day.
        year = relativedelta(years=1)
        orders = [order(1, "Ada", at(2, 29, year=2028))]
        day = rt.Period.day(2029, 2, 28, tz="UTC")
        assert pair(rt.customer_churn_rate(orders, period=day, inactive_after=year)) == (1, 1)
        # A year after 29 February 2028 is 28 February 2029.
        february = rt.Period.month(2028, 2, tz="UTC")
        for hour, in_time in ((12, 1), (13, 0)):
            again = [*orders, order(2, "Ada", at(2, 28, hour, year=2029))]
            assert pair(rt.second_purchase_rate(again, period=february, within=year)) == (in_time, 1)

    def test_month_of_a_zone(self) -> None:
        # 31 March, 22:30 UTC is 00:30 on 1 April in Berlin.
        orders = [order(1, "Ada", at(3, 31, 22, 30))]
        assert rt.order_count(orders, period=MARCH) == 1
        assert rt.order_count(orders, period=rt.Period.month(2026, 3, tz="Europe/Berlin")) == 0
        assert rt.order_count(orders, period=rt.Period.month(2026, 4, tz="Europe/Berlin")) == 1

    def test_months_of_different_length_follow_each_other(self) -> None:
        # The base of March is the whole of February, from the 1st on.
        orders = [order(1, "Ada", at(2, 1, 0)), order(2, "Ada", at(3, 31, 23, 59))]
        assert pair(rt.customer_retention_rate(orders, period=MARCH)) == (1, 1)


class TestDuplicates:
    ORDER = order(1, "Ada", at(3, 5), "10.00")

    def test_refused(self) -> None:
        with pytest.raises(rt.DuplicateOrderError, match="stands twice"):
            rt.order_count([self.ORDER, self.ORDER], period=MARCH)

    def test_identical_ones_dropped(self) -> None:
        policy = rt.OrderPolicy(on_duplicate="drop_identical")
        copies = [self.ORDER, order(1, "Ada", at(3, 5), "10.0"), order(2, "Ada", at(3, 6)), self.ORDER]
        value = rt.average_order_value(copies, period=MARCH, policy=policy)
        assert (value.total, value.count) == (20, 2)
        assert value.left_out == {"duplicate": 2}

    def test_different_ones_refused(self) -> None:
        policy = rt.OrderPolicy(on_duplicate="drop_identical")
        with pytest.raises(rt.DuplicateOrderError, match="different content"):
            rt.order_count([self.ORDER, order(1, "Ada", at(3, 5), "11.00")], period=MARCH, policy=policy)


class TestWhatIsAPurchase:
    ORDERS = (
        order(1, "Ada", at(2, 5), "0.00"),
        order(2, "Ada", at(3, 5), "0.00"),
        order(3, "Ben", at(3, 6), "5.00"),
        order(4, "Cleo", at(3, 7), "8.00", refunds=[refund(at(3, 9), "3.00")]),
        order(5, None, at(3, 8), "0.00"),
    )

    def test_above_zero(self) -> None:
        value = rt.average_order_value(self.ORDERS, period=MARCH)
        assert (value.total, value.count) == (10, 2)  # Ben 5, Cleo 5
        assert value.left_out == {"no net amount": 2}
        assert rt.customer_retention_rate(self.ORDERS, period=MARCH).value is None

    def test_zero_value_orders_let_in(self) -> None:
        history = rt.History(self.ORDERS, policy=rt.OrderPolicy(minimum_net=None))
        value = rt.average_order_value(history, period=MARCH)
        assert (value.total, value.count) == (10, 4)
        assert not value.left_out
        assert pair(rt.customer_retention_rate(history, period=MARCH)) == (1, 1)  # Ada
        assert pair(rt.returning_spend_ratio(history, period=MARCH)) == (
            0,
            10,
        )  # 0 · 2 new / (10 · 1 returning)
        assert list(rt.lorenz_curve(history, period=MARCH).points())[1:] == [(1 / 3, 0), (2 / 3, 0.5), (1, 1)]

    def test_the_minimum_is_exclusive(self) -> None:
        # What is left of Ben's and of Cleo's orders is 5 each.
        for minimum, orders in (("5", 0), ("4.99", 2), ("4.999", 2), ("5.001", 0)):
            policy = rt.OrderPolicy(minimum_net=minimum)
            assert rt.order_count(self.ORDERS, period=MARCH, policy=policy) == orders

    def test_revenue_counts_all_sales(self) -> None:
        policy = rt.OrderPolicy(minimum_net=100)
        assert rt.gross_revenue(self.ORDERS, period=MARCH, policy=policy) == 13
        assert rt.net_revenue(self.ORDERS, period=MARCH, policy=policy) == 10
        assert rt.average_order_value(self.ORDERS, period=MARCH, policy=policy).value is None

    def test_nothing_but_zeros(self) -> None:
        free = rt.History([self.ORDERS[1]], policy=rt.OrderPolicy(minimum_net=None))
        reason = "known customers brought no revenue"
        assert rt.gini_score(free, period=MARCH).undefined_because == reason
        assert rt.lorenz_curve(free, period=MARCH).undefined_because == reason
        assert rt.revenue_concentration_rate(free, period=MARCH).undefined_because == reason
        assert rt.existing_customer_revenue_rate(free, period=MARCH).value is None
        assert rt.average_order_value(free, period=MARCH).value == 0

    def test_fractions_of_a_cent(self) -> None:
        # 0.1 + 0.2 + 0.0001, which no binary float can hold.
        orders = [order(k, k, at(3, 5), amount) for k, amount in enumerate(("0.1", "0.20", "0.0001"))]
        assert rt.net_revenue(orders, period=MARCH) == Decimal("0.3001")
        assert rt.average_customer_value(orders, period=MARCH).total == Decimal("0.3001")

    def test_decimals_of_what_is_no_sale_change_nothing(self) -> None:
        sales = [order(1, "Ada", at(3, 5), "2.50"), order(2, "Ben", at(3, 6), "7.50")]
        odd = order(3, "Cleo", at(3, 7), "0.000000000000000001", is_test=True)
        for orders in (sales, [*sales, odd], [odd, *sales]):
            assert rt.lorenz_curve(orders, period=MARCH).spends == (Decimal("2.50"), Decimal("7.50"))
            assert str(rt.net_revenue(orders, period=MARCH)) == "10.00"


class TestGuests:
    ORDERS = (
        order(1, None, at(2, 5), "10.00"),
        order(2, None, at(3, 5), "10.00"),
        order(3, "Ada", at(3, 6), "40.00"),
    )

    def test_in_figures_per_order(self) -> None:
        assert rt.order_count(self.ORDERS, period=MARCH) == 2
        assert rt.average_order_value(self.ORDERS, period=MARCH).value == 25
        assert rt.gross_revenue(self.ORDERS, period=MARCH) == 50

    def test_not_in_figures_per_customer(self) -> None:
        assert rt.average_customer_value(self.ORDERS, period=MARCH).value == 40
        assert rt.purchase_frequency(self.ORDERS, period=MARCH).left_out == {"guest": 1}
        assert rt.customer_flow(self.ORDERS, period=MARCH).start == 0


def test_a_snapshot_of_the_same_shop_says_the_same() -> None:
    snapshot = rt.snapshot(SHOP, period=[FEBRUARY, MARCH], metrics=ORDER_METRICS)
    for metric, spec in ORDER_METRICS.items():
        assert snapshot[metric] == spec.function(SHOP, period=MARCH)
        assert snapshot.figure(metric).previous == spec.function(SHOP, period=FEBRUARY)
        assert snapshot.figure(metric, FEBRUARY).previous == spec.function(SHOP, period=JANUARY)


def test_a_shop_carries_how_it_is_read() -> None:
    policy = rt.OrderPolicy(minimum_net=50)
    shop = rt.Shop(orders=SHOP, policy=policy, as_of=at(3, 10), currency="EUR")
    # Above 50 by 10 March: Dora's 80. Ada's 40 and Cleo's 30 are too little.
    assert rt.order_count(shop, period=MARCH) == 1
    looser = rt.Shop(orders=SHOP, policy=attrs.evolve(policy, minimum_net=0), as_of=at(3, 10), currency="EUR")
    assert rt.order_count(looser, period=MARCH) == 4  # Ada 3rd, Dora 5th, guest 8th, Cleo 10th at noon
