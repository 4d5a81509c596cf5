from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal, localcontext

import pytest

import retention as rt
from retention.errors import InvalidTypeError, InvalidValueError, RetentionError
from retention.testing import SAMPLE_AS_OF, make_orders, sample_shop


class TestMakeOrders:
    def test_dates_amounts_and_guests(self):
        orders = make_orders({"ann": ["2026-02-10", ("2026-03-05", "25.00")], None: [("2026-03-06", 3)]})
        assert [(order.id, order.customer_id, order.placed_at, order.amount) for order in orders] == [
            (1, "ann", datetime(2026, 2, 10, 12, tzinfo=UTC), Decimal("10.00")),
            (2, "ann", datetime(2026, 3, 5, 12, tzinfo=UTC), Decimal("25.00")),
            (3, None, datetime(2026, 3, 6, 12, tzinfo=UTC), Decimal(3)),
        ]
        assert {order.currency for order in orders} == {"EUR"}

    @pytest.mark.parametrize(
        "text, instant",
        [
            ("20260305", datetime(2026, 3, 5, 12, tzinfo=UTC)),
            ("2026-W10-4", datetime(2026, 3, 5, 12, tzinfo=UTC)),
            ("2026-03-05T08:30", datetime(2026, 3, 5, 8, 30, tzinfo=UTC)),
            ("2026-03-05T08:30+01:00", datetime(2026, 3, 5, 7, 30, tzinfo=UTC)),
            ("2026-03-05T08:30:00.5Z", datetime(2026, 3, 5, 8, 30, 0, 500_000, tzinfo=UTC)),
        ],
    )
    def test_instants(self, text, instant):
        (order,) = make_orders({"ann": [text]}, currency="USD")
        assert (order.placed_at, order.currency) == (instant, "USD")

    def test_nothing(self):
        assert make_orders({}) == []
        assert make_orders({"ann": []}) == []

    @pytest.mark.parametrize("bad", ["yesterday", "2026-13-01", ""])
    def test_no_date(self, bad):
        with pytest.raises(InvalidValueError, match="a purchase of 'ann' must have a date in ISO 8601"):
            make_orders({"ann": [bad]})

    @pytest.mark.parametrize("bad", [5, None, "ann", [("ann", "2026-03-05")]])
    def test_no_mapping(self, bad):
        with pytest.raises(InvalidTypeError, match="make_orders takes a mapping of customers to purchases"):
            make_orders(bad)

    @pytest.mark.parametrize("bad", [5, None, "2026-03-05", b"", {"2026-03-05": 1}])
    def test_no_list_of_purchases(self, bad):
        with pytest.raises(InvalidTypeError, match="the purchases of 'ann' must be a list"):
            make_orders({"ann": bad})

    @pytest.mark.parametrize(
        "bad", [5, None, (), ("2026-03-05",), ("2026-03-05", 1, 2), datetime(2026, 3, 5)]
    )
    def test_no_purchase(self, bad):
        with pytest.raises(InvalidTypeError, match="a purchase of 'ann' must be a date or a pair"):
            make_orders({"ann": [bad]})

    def test_amounts_are_those_of_records(self):
        with pytest.raises(InvalidValueError, match=r"Order\.amount"):
            make_orders({"ann": [("2026-03-05", "-1")]})
        for bad in ("abc", [], 1.5, None):
            with pytest.raises(RetentionError, match=r"Order\.amount"):
                make_orders({"ann": [("2026-03-05", bad)]})


class TestSampleShop:
    SHOP = sample_shop()

    def test_it_is_the_same_on_every_machine(self):
        assert repr(self.SHOP) == "<Shop: 1,053 orders, 300 customers, as of 2026-07-01 00:00 UTC>"
        first = self.SHOP.orders[0]
        assert (first.id, first.customer_id, str(first.amount)) == (1001, "c0262", "40.73")
        assert first.placed_at == datetime(2025, 1, 3, 8, tzinfo=UTC)
        assert sum(order.amount for order in self.SHOP.orders) == Decimal("45870.60")

    def test_the_same_seed_the_same_shop_whatever_the_decimal_context(self):
        with localcontext() as context:
            context.prec = 2
            twin = sample_shop()
        assert twin.orders == self.SHOP.orders
        assert twin.customers == self.SHOP.customers
        assert sample_shop(seed=2).orders != self.SHOP.orders

    def test_it_has_something_of_everything(self):
        orders = self.SHOP.orders
        snap = rt.snapshot(self.SHOP, period=rt.Period.year(2025, tz="UTC"))
        assert {"test", "unpaid", "cancelled", "gift card", "no net amount", "guest"} <= set(
            snap.figure("active_customer_count").left_out
        )
        assert Counter(order.channel for order in orders).keys() == {"web", "pos"}
        assert any(0 < sum(r.amount for r in order.refunds) < order.amount for order in orders)
        assert {order.cancel_reason for order in orders} == {None, "payment", "customer"}
        undefined = {figure.metric for figure in snap.figures if figure.undefined_because}
        assert undefined == {  # nobody had purchased before its first year
            "customer_retention_rate",
            "customer_churn_rate",
            "published_retention_ratio",
            "reactivation_rate",
            "returning_spend_ratio",
        }

    def test_it_holds_nobody_s_data_and_nothing_after_as_of(self):
        assert self.SHOP.as_of == SAMPLE_AS_OF
        assert max(order.placed_at for order in self.SHOP.orders) <= SAMPLE_AS_OF
        assert {order.customer_id for order in self.SHOP.orders} <= {
            None,
            *(customer.id for customer in self.SHOP.customers),
        }

    def test_any_size(self):
        assert len(sample_shop(customers=1).customers) == 1
        assert len(sample_shop(customers=1000, seed=7).customers) == 1000

    @pytest.mark.parametrize("bad", [0, -1, True, 1.5, "10", None])
    def test_a_size_is_1_or_more(self, bad):
        with pytest.raises(InvalidValueError, match="sample_shop takes customers=1 or more"):
            sample_shop(customers=bad)

    @pytest.mark.parametrize("bad", [[], None, 1.5, "1", True])
    def test_a_seed_is_a_whole_number(self, bad):
        with pytest.raises(InvalidTypeError, match="sample_shop takes a whole number as seed="):
            sample_shop(seed=bad)
