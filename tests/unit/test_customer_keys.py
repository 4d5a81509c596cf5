"""Groups of customers, by field, attribute, function or mapping."""

from __future__ import annotations

import pytest

from retention import Customer, InvalidTypeError, InvalidValueError, MissingRecordsError, Shop
from retention._customer_keys import customer_keys

SHOP = Shop(
    customers=[
        Customer(id="ann", country="DE", attributes={"plan": "gold"}),
        Customer(id="ben", country="FR"),
        Customer(id="cid"),
    ]
)


@pytest.mark.parametrize(
    "by, groups",
    [
        ("country", {"ann": "DE", "ben": "FR"}),
        ("acquisition_channel", {}),
        ("plan", {"ann": "gold"}),
        (lambda customer: customer.id[0], {"ann": "a", "ben": "b", "cid": "c"}),
        ({"ann": 1, "zoe": 2, "ben": None}, {"ann": 1, "zoe": 2}),
    ],
)
def test_groups_of_those_of_whom_they_are_known(by, groups):
    assert dict(customer_keys(SHOP, by, owner="x")) == groups


def test_a_person_with_several_ids_is_in_one_group_whatever_the_order():
    records = [
        Customer(id="a1", country="DE"),
        Customer(id="a2", country="AT"),
        Customer(id="b1", country="FR"),
        Customer(id="b2"),
        Customer(id="c1", country="IT"),
        Customer(id="c", country="ES"),
    ]
    aliases = {"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c1": "c"}
    for customers in (records, records[::-1]):
        shop = Shop(customers=customers, aliases=aliases)
        assert dict(customer_keys(shop, "country", owner="x")) == {"b": "FR", "c": "ES"}
        assert dict(customer_keys(shop, {"a1": "x", "a2": "x"}, owner="x")) == {"a": "x"}


def test_a_mapping_needs_no_records():
    assert dict(customer_keys(Shop(), {"ann": "vip"}, owner="x")) == {"ann": "vip"}


@pytest.mark.parametrize("by", ["country", lambda customer: customer.id])
def test_records_are_needed_to_ask_them(by):
    with pytest.raises(MissingRecordsError, match=r"by_segment: by=.*give Shop\(customers=\.\.\.\)"):
        customer_keys(Shop(), by, owner="by_segment")


def test_bad_input():
    with pytest.raises(InvalidTypeError, match=r"by must be a name .* not int"):
        customer_keys(SHOP, 3, owner="x")
    with pytest.raises(InvalidValueError, match=r"by='contry' is neither.*country"):
        customer_keys(SHOP, "contry", owner="x")
    with pytest.raises(InvalidTypeError, match="something with a hash"):
        customer_keys(SHOP, lambda customer: [customer.id], owner="x")
    with pytest.raises(InvalidTypeError, match="something with a hash"):
        customer_keys(Shop(aliases={"a1": "a"}), {"a1": []}, owner="x")
