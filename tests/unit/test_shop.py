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
    DuplicateResponseError,
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
ANSWERS = [rt.SurveyResponse(kind="nps", score=9, responded_at=NOON)]
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
    @pytest.mark.parametrize(
        "name, kind", [("orders", "Order"), ("customers", "Customer"), ("responses", "SurveyResponse")]
    )
    def test_what_cannot_be_records_at_all(self, name, kind, records):
        with pytest.raises(InvalidTypeError, match=rf"Shop\.{name} must be an iterable of {kind}s, not"):
            rt.Shop(**{name: records})

    def test_the_error_names_the_position(self):
        with pytest.raises(InvalidTypeError, match=r"Shop\.orders\[3\] must be an Order, not dict"):
            rt.Shop(orders=[*ORDERS, {"email": SECRET}])
        with pytest.raises(InvalidTypeError, match=r"Shop\.customers\[0\] must be a Customer, not Order"):
            rt.Shop(customers=ORDERS)

    @pytest.mark.parametrize(
        "name, records, message",
        [
            (
                "orders",
                [*ORDERS, *ANSWERS],
                "orders[3] must be an Order, not SurveyResponse; give survey responses",
            ),
            (
                "responses",
                ORDERS,
                "responses[0] must be a SurveyResponse, not Order; give orders with Shop(orders=…)",
            ),
            (
                "customers",
                ANSWERS,
                "must be a Customer, not SurveyResponse; give survey responses with Shop(responses",
            ),
            (
                "orders",
                [rt.Customer(id=1)],
                "must be an Order, not Customer; give customers with Shop(customers=…)",
            ),
        ],
    )
    def test_records_in_the_place_of_others(self, name, records, message):
        with pytest.raises(InvalidTypeError) as caught:
            rt.Shop(**{name: records})
        assert message in str(caught.value)

    @pytest.mark.parametrize(
        "name, load",
        [
            ("orders", rt.orders_from_records),
            ("customers", rt.customers_from_records),
            ("responses", rt.surveys_from_records),
        ],
    )
    def test_an_intake_is_not_its_records(self, name, load):
        intake = load([], on_error="collect")
        with pytest.raises(
            InvalidTypeError, match=rf"Shop\.{name} must be .* not Intake; pass its \.records"
        ):
            rt.Shop(**{name: intake})

    def test_a_customer_stands_once(self):
        with pytest.raises(DuplicateCustomerError, match=r"Customer\.id 'ann' stands twice"):
            rt.Shop(customers=[rt.Customer(id="ann"), rt.Customer(id="ben"), rt.Customer(id="ann")])

    def test_a_response_stands_once_if_it_has_an_id(self):
        first, second = (rt.SurveyResponse(kind="nps", score=9, responded_at=NOON, id=7) for _ in "ab")
        with pytest.raises(
            DuplicateResponseError, match=r"SurveyResponse\.id 7 stands twice in Shop\.responses"
        ):
            rt.Shop(responses=[first, second])
        nameless = attrs.evolve(first, id=None)
        assert len(rt.Shop(responses=(one for one in (nameless, nameless))).responses) == 2

    def test_responses_are_part_of_what_a_shop_is(self):
        nps = rt.SurveyResponse(kind="nps", score=9, responded_at=NOON)
        shop = rt.Shop(orders=ORDERS, responses=[nps])
        assert shop == rt.Shop(orders=ORDERS, responses=[nps])
        assert hash(shop) == hash(rt.Shop(orders=ORDERS, responses=[nps]))
        assert shop != rt.Shop(orders=ORDERS)
        assert shop != rt.Shop(orders=ORDERS, responses=[attrs.evolve(nps, score=8)])
        assert repr(shop) == "<Shop: 3 orders, 0 customers, 1 responses, as of not given>"

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
        with pytest.raises(ConflictingArgumentError, match="as_of= must not be before observed_from="):
            rt.Shop(as_of=NOON, observed_from=NOON.replace(day=6))
        assert rt.Shop(as_of=NOON, observed_from=NOON).as_of == NOON


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


class TestEquality:
    MORE = make_orders({"cy": ["2026-03-04"]})

    def test_shops_of_the_same_records_are_equal(self):
        for given in ({}, {"as_of": NOON}, TestKeywords.SAME):
            one, two = (rt.Shop(orders=list(ORDERS), customers=[rt.Customer(id=1)], **given) for _ in "ab")
            assert one == two == copy.deepcopy(one) == pickle.loads(pickle.dumps(one))
            assert hash(one) == hash(two) == hash(copy.deepcopy(one))
            assert len({one, two}) == 1

    def test_a_history_in_it_makes_no_difference(self):
        plain, indexed = (
            rt.Shop(orders=orders, as_of=NOON) for orders in (ORDERS, rt.History(ORDERS, as_of=NOON))
        )
        assert plain == indexed == copy.deepcopy(indexed)
        assert hash(plain) == hash(indexed)

    @pytest.mark.parametrize(
        "other",
        [
            {"orders": ORDERS[:2]},
            {"orders": [*ORDERS[:2], *MORE]},
            {"orders": ORDERS[::-1]},
            {"orders": ORDERS, "customers": [rt.Customer(id=1)]},
            {"orders": ORDERS, "as_of": NOON},
            {"orders": ORDERS, "policy": rt.OrderPolicy(minimum_net=None)},
            {"orders": ORDERS, "aliases": {"ann": "ben"}},
        ],
    )
    def test_others_are_not(self, other):
        assert rt.Shop(orders=ORDERS) != rt.Shop(**other)

    def test_a_shop_is_no_list(self):
        assert rt.Shop(orders=ORDERS) != tuple(ORDERS)
        assert rt.Shop().__eq__(()) is NotImplemented


class TestHistoryInIt:
    POLICY = rt.OrderPolicy(minimum_net=None)

    def test_is_used_as_it_is_and_the_shop_knows_what_it_knows(self):
        everything = TestKeywords.SAME | {"as_of": TWICE, "policy": self.POLICY}
        history = rt.History(ORDERS, **everything)
        shop = rt.Shop(orders=history)
        assert shop.history() is history
        assert {name: getattr(shop, name) for name in everything} == everything | {
            "as_of": history.as_of,
            "observed_from": history.observed_from,
            "aliases": {"x": "z", "y": "z"},
        }
        shop = rt.Shop(orders=rt.History(ORDERS, as_of=NOON))
        assert "as of 2026-03-05" in repr(shop)
        assert rt.order_count(rt.Shop(orders=rt.History(ORDERS, as_of=NOON)), period=MARCH, as_of=NOON) == 3

    def test_the_same_may_be_said_again_to_both(self):
        history = rt.History(ORDERS, as_of=TWICE, currency="EUR", convert=max, aliases={"a": "b", "b": "c"})
        same = {"as_of": TWICE, "currency": "EUR", "convert": max, "aliases": {"a": "b", "b": "c"}}
        shop = rt.Shop(orders=history, **same)
        assert rt.order_count(shop, period=MARCH, **same) == 3
        assert rt.order_count(rt.Shop(orders=history), period=MARCH, **same) == 3

    @pytest.mark.parametrize(
        "given",
        [
            {"as_of": TWICE},
            {"observed_from": NOON},
            {"currency": "USD"},
            {"policy": POLICY},
            {"aliases": {"a": "b"}},
        ],
    )
    def test_something_else_is_refused(self, given):
        other = {
            "as_of": NOON.replace(year=2030),
            "observed_from": NOON.replace(year=2020),
            "currency": "EUR",
            "aliases": {"x": "y"},
        }
        with pytest.raises(ConflictingArgumentError, match="contradicts the History"):
            rt.Shop(orders=rt.History(ORDERS, **other), **given)
        with pytest.raises(ConflictingArgumentError, match="contradicts the Shop"):
            rt.order_count(rt.Shop(orders=rt.History(ORDERS, **other)), period=MARCH, **given)

    @pytest.mark.parametrize(
        "name, value",
        [
            ("as_of", TWICE),
            ("observed_from", NOON),
            ("currency", "USD"),
            ("convert", max),
            ("aliases", {"a": "b"}),
        ],
    )
    def test_so_is_what_it_does_not_say(self, name, value):
        too_late = f"^{name}=.* comes too late: the %s was made without {name}; make it with {name}=…$"
        with pytest.raises(ConflictingArgumentError, match=too_late % "History"):
            rt.Shop(orders=rt.History(ORDERS), **{name: value})
        for data in (rt.Shop(orders=rt.History(ORDERS)), rt.Shop(orders=ORDERS), rt.History(ORDERS)):
            with pytest.raises(ConflictingArgumentError, match=too_late % type(data).__name__):
                rt.order_count(data, period=MARCH, **{name: value})

    def test_a_policy_of_none_says_nothing(self):
        history = rt.History(ORDERS, policy=self.POLICY)
        assert rt.Shop(orders=history, policy=None).policy == self.POLICY
        assert rt.Shop(orders=ORDERS, policy=None).policy == rt.Shop(orders=ORDERS).policy == rt.OrderPolicy()


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
