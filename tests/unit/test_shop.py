from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import attrs
import pytest

import retention as rt
from retention.errors import (
    ConflictingArgumentError,
    DuplicateCustomerError,
    InvalidTypeError,
    InvalidValueError,
    NaiveDatetimeError,
)
from retention.shop import history_of
from retention.testing import make_orders, sample_shop

MARCH = rt.Period.month(2026, 3, tz="UTC")
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
TWICE = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
ORDERS = make_orders({"ann": ["2026-03-01", "2026-03-02"], "ben": ["2026-03-03"]})
SECRET = "ann@example.org"


class TestRecords:
    def test_iterables_are_read_once_and_kept(self):
        shop = rt.Shop(orders=iter(ORDERS), customers=(rt.Customer(id=name) for name in ("ann", "ben")))
        assert shop.orders == tuple(ORDERS)
        assert [customer.id for customer in shop.customers] == ["ann", "ben"]
        assert rt.order_count(shop, period=MARCH) == rt.order_count(shop, period=MARCH) == 3

    def test_empty(self):
        assert repr(rt.Shop()) == "<Shop: 0 orders, 0 customers, as of not given>"
        assert rt.order_count(rt.Shop(), period=MARCH) == 0

    @pytest.mark.parametrize("records", ["ann", None, {"id": 1}, 5])
    @pytest.mark.parametrize("name, kind", [("orders", "Order"), ("customers", "Customer")])
    def test_what_cannot_be_records_at_all(self, name, kind, records):
        with pytest.raises(InvalidTypeError, match=rf"Shop\.{name} must be an iterable of {kind}s, not"):
            rt.Shop(**{name: records})

    def test_the_error_names_the_position(self):
        with pytest.raises(InvalidTypeError, match=r"Shop\.orders\[3\] must be an Order, not dict"):
            rt.Shop(orders=[*ORDERS, {"email": SECRET}])
        with pytest.raises(InvalidTypeError, match=r"Shop\.customers\[0\] must be a Customer, not Order"):
            rt.Shop(customers=ORDERS)

    def test_a_customer_stands_once(self):
        with pytest.raises(DuplicateCustomerError, match=r"Customer\.id 'ann' stands twice"):
            rt.Shop(customers=[rt.Customer(id="ann"), rt.Customer(id="ben"), rt.Customer(id="ann")])

    def test_what_it_is_read_with_is_refused_at_once(self):
        with pytest.raises(InvalidTypeError, match="must be an OrderPolicy"):
            rt.Shop(policy="merge")
        with pytest.raises(InvalidValueError, match="three capital letters"):
            rt.Shop(currency="eur")
        with pytest.raises(ConflictingArgumentError, match="convert= needs currency="):
            rt.Shop(convert=max)
        with pytest.raises(InvalidTypeError, match="convert= must be callable"):
            rt.Shop(convert=2, currency="EUR")
        with pytest.raises(NaiveDatetimeError, match=r"Shop: as_of|Shop\.as_of"):
            rt.Shop(as_of=datetime(2026, 1, 1))


class TestShown:
    SHOP = rt.Shop(
        orders=make_orders({SECRET: ["2026-03-01"] * 1200}),
        customers=[rt.Customer(id=1, attributes={"email": SECRET}, tags={"vip"})],
        as_of=NOON,
        aliases={SECRET: 1},
    )

    def test_the_repr_is_short_and_shows_no_person(self):
        assert repr(self.SHOP) == "<Shop: 1,200 orders, 1 customers, as of 2026-03-05 12:00 UTC>"
        assert str(self.SHOP) == repr(self.SHOP)
        assert SECRET not in repr(self.SHOP.customers)

    def test_neither_do_history_nor_snapshot(self):
        history = self.SHOP.history()
        snap = rt.snapshot(history, period=MARCH)
        assert SECRET not in f"{history!r}{snap!r}{snap!s}{snap.to_dicts()!r}{snap.figures!r}"

    def test_attributes_stay_out_of_errors(self):
        with pytest.raises(DuplicateCustomerError) as caught:
            rt.Shop(customers=[*self.SHOP.customers, *self.SHOP.customers])
        assert SECRET not in str(caught.value)
        with pytest.raises(InvalidTypeError) as caught:
            rt.History(self.SHOP.customers)
        assert SECRET not in str(caught.value)
        with pytest.raises(ConflictingArgumentError) as caught:
            rt.order_count(self.SHOP, period=MARCH, aliases={"a": "b"})
        assert SECRET not in str(caught.value)


class TestCopies:
    def test_pickle_copy_evolve(self):
        shop = sample_shop(customers=20)
        for twin in (
            pickle.loads(pickle.dumps(shop)),
            copy.copy(shop),
            copy.deepcopy(shop),
            attrs.evolve(shop),
        ):
            assert (twin.orders, twin.customers, twin.as_of) == (shop.orders, shop.customers, shop.as_of)
            assert rt.snapshot(twin, period=MARCH) == rt.snapshot(shop, period=MARCH)

    def test_with_a_history_in_it(self):
        shop = rt.Shop(orders=rt.History(ORDERS, as_of=NOON))
        assert rt.order_count(pickle.loads(pickle.dumps(shop)), period=MARCH) == 3
        assert attrs.evolve(shop, customers=[rt.Customer(id=1)]).orders is shop.orders

    def test_it_is_frozen(self):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            rt.Shop().as_of = NOON


class TestHistoryInIt:
    POLICY = rt.OrderPolicy(minimum_net=None)

    def test_is_used_as_it_is_and_the_shop_knows_what_it_knows(self):
        history = rt.History(ORDERS, as_of=NOON, observed_from=TWICE, policy=self.POLICY)
        shop = rt.Shop(orders=history)
        assert shop.history() is history
        assert (shop.as_of, shop.observed_from, shop.policy) == (NOON, history.observed_from, self.POLICY)
        assert "as of 2026-03-05" in repr(shop)
        assert rt.order_count(rt.Shop(orders=rt.History(ORDERS, as_of=NOON)), period=MARCH, as_of=NOON) == 3

    def test_the_same_may_be_said_again_to_both(self):
        history = rt.History(ORDERS, as_of=TWICE, currency="EUR", convert=max, aliases={"a": "b", "b": "c"})
        same = {"as_of": TWICE, "currency": "EUR", "convert": max, "aliases": {"a": "b", "b": "c"}}
        shop = rt.Shop(orders=history, **same)
        assert rt.order_count(shop, period=MARCH, **same) == 3
        assert rt.order_count(rt.Shop(orders=history), period=MARCH, **same) == 3

    @pytest.mark.parametrize(
        "given", [{"as_of": TWICE}, {"currency": "USD"}, {"policy": POLICY}, {"aliases": {"a": "b"}}]
    )
    def test_something_else_is_refused(self, given):
        with pytest.raises(ConflictingArgumentError, match="contradicts the History"):
            rt.Shop(orders=rt.History(ORDERS), **given)
        with pytest.raises(ConflictingArgumentError, match="contradicts the History"):
            rt.order_count(rt.Shop(orders=rt.History(ORDERS)), period=MARCH, **given)


class TestKeywords:
    SAME: ClassVar[dict[str, object]] = {
        "policy": rt.OrderPolicy(minimum_net=None),
        "as_of": TWICE,
        "observed_from": TWICE.replace(year=2025),
        "currency": "EUR",
        "convert": max,
        "aliases": {"x": "y", "y": "z"},
    }
    SHOP = rt.Shop(orders=ORDERS, **SAME)

    @pytest.mark.parametrize("name", SAME)
    def test_saying_the_same_again_is_fine(self, name):
        assert rt.order_count(self.SHOP, period=MARCH, **{name: self.SAME[name]}) == 3
        assert rt.order_count(self.SHOP, period=MARCH, **{name: None}) == 3

    @pytest.mark.parametrize(
        "name, value",
        [
            ("policy", rt.OrderPolicy()),
            ("as_of", NOON),
            ("observed_from", NOON),
            ("currency", "USD"),
            ("convert", min),
            ("aliases", {"x": "y"}),
        ],
    )
    def test_saying_something_else_is_not(self, name, value):
        with pytest.raises(ConflictingArgumentError, match=f"^{name}=.* contradicts the Shop"):
            rt.order_count(self.SHOP, period=MARCH, **{name: value})
        with pytest.raises(ConflictingArgumentError, match=f"^{name}="):
            rt.snapshot(self.SHOP, period=MARCH, **{name: value})

    def test_a_shop_without_a_policy_has_the_usual_one(self):
        assert rt.order_count(rt.Shop(orders=ORDERS), period=MARCH, policy=rt.OrderPolicy()) == 3
        with pytest.raises(ConflictingArgumentError):
            rt.order_count(rt.Shop(orders=ORDERS), period=MARCH, policy=rt.OrderPolicy(minimum_net=None))

    def test_history_of_anything(self):
        history = rt.History(ORDERS)
        assert history_of(history) is history
        for data in (ORDERS, tuple(ORDERS), iter(ORDERS), rt.Shop(orders=ORDERS), history):
            assert len(history_of(data)) == 3

    def test_each_call_reads_the_records_of_a_shop_anew(self):
        shop = rt.Shop(orders=ORDERS)
        assert shop.history() is not shop.history()
