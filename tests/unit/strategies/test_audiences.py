"""Audiences: whom a strategy is for, worked by hand."""

from __future__ import annotations

import pickle
from datetime import timedelta
from decimal import Decimal
from functools import cache

import pytest

import retention as rt
from retention.records import LineItem, Refund
from retention.records._interactions import KINDS
from retention.strategies._audiences import AUDIENCES, audience_of
from retention.testing import (
    make_checkout,
    make_customer,
    make_interaction,
    make_order,
    make_orders,
    make_response,
    make_subscription,
    sample_shop,
)
from tests.outlooks import outlook_of
from tests.unit.strategies.test_signals import END, LONG_GONE, QUARTER, REGULAR, bought, day, room


def audience(name, *given, **more):
    return audience_of(room(*given, **more), AUDIENCES[name])


def who(name, *given, **more):
    return set(audience(name, *given, **more).customers)


TWO_YEARS = rt.Period.between(END - timedelta(days=730), END)

LIVES = {
    **REGULAR,
    **LONG_GONE,
    "fresh": [3],
    "again": [12, 2],
    "once_long_ago": [650],
}


@pytest.mark.parametrize(
    "name, meant",
    [
        ("all customers", {"at_once", "quiet", "fresh", "again"}),
        ("new customers", {"fresh", "again"}),
        ("one-time buyers", {"fresh"}),
        ("active customers", {"at_once", "fresh", "again"}),
        ("customers at risk", set()),
        ("regulars at risk", {"quiet"}),
        ("lapsed customers", {"quiet", "gone", "once_long_ago"}),
        ("lapsed regulars", {"quiet", "gone"}),
        ("regulars", {"at_once"}),
        ("frequent buyers", {"at_once", "quiet", "again"}),
    ],
)
def test_audiences_of_purchases(name, meant):
    assert who(name, bought(**LIVES)) == meant


def test_who_is_at_risk_has_not_lapsed():
    # Gaps of ten days: at risk after 30, lapsed after 60.
    orders = bought(ann=[80, 70, 60, 50, 40], ben=[35, 25, 15, 5])
    assert who("customers at risk", orders) == {"ann"}


SPANS = [
    make_subscription(customer_id="pays", started_at=day(300)),
    make_subscription(customer_id="failed", started_at=day(300), ended_at=day(30), end_reason="payment"),
    make_subscription(customer_id="left", started_at=day(300), ended_at=day(200), end_reason="customer"),
    make_subscription(customer_id="long_gone", started_at=day(900), ended_at=day(500), end_reason="customer"),
    make_subscription(customer_id="back", started_at=day(300), ended_at=day(60), end_reason="payment"),
    make_subscription(customer_id="back", started_at=day(50)),
    make_subscription(customer_id="free", started_at=day(300), amount="0.00"),
    make_subscription(customer_id="free_gone", started_at=day(300), ended_at=day(10), amount="0.00"),
    make_subscription(customer_id="ends_later", started_at=day(300), ended_at=day(-1)),
    make_subscription(customer_id="begins_later", started_at=day(-1)),
    make_subscription(customer_id="two", started_at=day(300), ended_at=day(20), end_reason="customer"),
    make_subscription(customer_id="two", started_at=day(200), ended_at=day(20), end_reason="payment"),
]


@pytest.mark.parametrize(
    "name, meant, of_all",
    [
        ("subscribers", {"pays", "back", "ends_later"}, 6),
        ("subscribers with a failed payment", {"failed"}, 5),
        ("former subscribers", {"left", "two"}, 6),
    ],
)
def test_audiences_of_subscriptions(name, meant, of_all):
    for spans in (SPANS, SPANS[::-1]):
        found = audience(name, subscriptions=spans)
        assert set(found.customers) == meant
        assert found.of_all == of_all


def test_who_has_never_purchased_stands_last_the_longest_known_first():
    spans = [
        make_subscription(customer_id=name, started_at=day(at))
        for name, at in [("young", 10), ("old", 100), ("also old", 100), ("buyer", 5)]
    ]
    found = audience("subscribers", bought(buyer=[50]), subscriptions=spans)
    assert found.customers == ("buyer", "also old", "old", "young")


def test_who_left_a_basket_in_the_period_and_bought_nothing_since():
    carts = [
        make_checkout(customer_id="left", begun_at=day(20)),
        make_checkout(customer_id="left", begun_at=day(30)),
        make_checkout(customer_id="ordered", begun_at=day(20), ordered_at=day(20)),
        make_checkout(customer_id="bought since", begun_at=day(20)),
        make_checkout(customer_id="last spring", begun_at=day(100)),
        make_checkout(customer_id="just now", begun_at=day(0)),
        make_checkout(customer_id=None, begun_at=day(20)),
    ]
    orders = make_orders({"bought since": [day(10)], "left": [day(25)]})
    found = audience("left a cart", orders, checkouts=carts)
    assert (found.customers, found.of_all) == (("left",), 3)


def test_a_basket_is_open_as_it_is_for_one_customer():
    at = day(20)
    carts = [
        make_checkout(customer_id="at once", begun_at=at),
        make_checkout(customer_id="ordered later", begun_at=day(30)),
        make_checkout(customer_id="ordered later", begun_at=at, ordered_at=at),
        make_checkout(customer_id="left later", begun_at=day(30), ordered_at=day(30)),
        make_checkout(customer_id="left later", begun_at=at),
    ]
    # Whoever buys at the instant of the basket has bought what was in it; a later basket that was ordered counts, too.
    assert who("left a cart", make_orders({"at once": [at]}), checkouts=carts) == {"left later"}


def test_baskets_that_name_nobody_count_in_the_reach_and_are_not_listed():
    carts = [
        *(make_checkout(id=each, customer_id=None, begun_at=day(20)) for each in range(6)),
        *(make_checkout(id=each, customer_id=None, begun_at=day(20), ordered_at=day(20)) for each in (6, 7)),
        make_checkout(customer_id="ordered", begun_at=day(20), ordered_at=day(20)),
        make_checkout(customer_id="left", begun_at=day(20)),
    ]
    found = audience("left a cart", checkouts=carts)
    assert found.customers == ("left",)
    assert (found.of_all, found.nameless, found.nameless_of_all) == (2, 6, 8)
    assert found.reach == 0.7
    assert found.to_dict()["nameless"] == 6
    empty = audience("left a cart", checkouts=carts[:-1])
    assert (len(empty), empty.reach) == (0, 6 / 9)


def test_questions_that_name_nobody_count_in_the_reach():
    contacts = [
        make_interaction(kind="chat", direction="inbound", customer_id=name, occurred_at=day(20))
        for name in ("ann", None, None)
    ]
    found = audience("asked for help", bought(ben=[30]), interactions=contacts)
    assert (found.customers, found.of_all, found.nameless, found.reach) == (("ann",), 2, 2, 0.75)


ANSWERS = [
    make_response(customer_id="promoter", score=9, responded_at=day(10)),
    make_response(customer_id="detractor", score=6, responded_at=day(10)),
    make_response(customer_id="passive", score=7, responded_at=day(10)),
    make_response(customer_id="mended", score=2, responded_at=day(20)),
    make_response(customer_id="mended", score=10, responded_at=day(10)),
    make_response(customer_id="torn", score=10, responded_at=day(10)),
    make_response(customer_id="torn", score=0, responded_at=day(10)),
    make_response(customer_id="happy", kind="csat", score=4, responded_at=day(10)),
    make_response(customer_id="unhappy", kind="csat", score=3, responded_at=day(10)),
    make_response(customer_id="old news", score=0, responded_at=day(400)),
    make_response(
        customer_id="fraction",
        kind="csat",
        score=Decimal("1.5"),
        scale=(Decimal(1), Decimal(5)),
        responded_at=day(10),
    ),
    make_response(customer_id="laboured", kind="ces", score=1, responded_at=day(10)),
    make_response(customer_id="words", kind="reason", answer="price", responded_at=day(10)),
]


@pytest.mark.parametrize("answers", [ANSWERS, ANSWERS[::-1]])
def test_the_unhappy_and_the_promoters_by_their_latest_answer(answers):
    unhappy, promoters = (audience(name, responses=answers) for name in ("unhappy customers", "promoters"))
    assert set(unhappy.customers) == {"detractor", "torn", "unhappy", "fraction", "laboured"}
    assert unhappy.of_all == 9
    assert set(promoters.customers) == {"promoter", "mended"}
    assert promoters.of_all == 5


def test_the_unhappy_are_those_of_whom_one_customers_situation_says_so():
    shop = sample_shop(customers=300, ailment="falling satisfaction")
    found = audience_of(room(shop.orders, as_of=shop.as_of, **_records(shop)), AUDIENCES["unhappy customers"])
    said = {
        each.customer_id
        for each in rt.customer_situations(shop, at=END).values()
        if each.feeling == "unhappy" and each.answer_days <= 365
    }
    assert len(said) > 20
    assert set(found.customers) == said


def test_who_asked_for_help_in_the_period():
    contacts = [
        make_interaction(kind="case", direction="inbound", customer_id=name, occurred_at=day(at))
        for name, at in [("ann", 20), ("ben", 100)]
    ]
    assert who("asked for help", interactions=contacts) == {"ann"}


@pytest.mark.parametrize("kind", KINDS)
def test_asking_for_help_is_what_the_share_of_answers_is_counted_of(kind):
    contacts = [make_interaction(kind=kind, direction="inbound", customer_id="ann", occurred_at=day(20))]
    shop = rt.Shop(interactions=contacts, as_of=END)
    counted = rt.answered_rate(shop, period=QUARTER, within=timedelta(days=1)).denominator
    assert who("asked for help", interactions=contacts) == ({"ann"} if counted else set())


def _cancelled(name, at, reason=None, **more):
    return make_order(
        customer_id=name, placed_at=day(at), cancelled_at=day(at - 1), cancel_reason=reason, **more
    )


def test_whose_order_was_cancelled_and_who_bought_nothing_since():
    orders = [
        _cancelled("gone", 30),
        _cancelled("came back", 30, id=2),
        make_order(customer_id="came back", placed_at=day(10)),
        make_order(customer_id="bought before", placed_at=day(50)),
        _cancelled("bought before", 30, id=3),
        _cancelled("placed before the period", 91.5, id=5),
        _cancelled(None, 30, id=4),
    ]
    found = audience("cancelled an order", orders)
    assert set(found.customers) == {"gone", "bought before"}
    assert found.of_all == 3
    # "came back" has bought since, and the guest can't be listed.
    assert (found.nameless, found.nameless_of_all, found.reach) == (1, 1, 0.75)


@pytest.mark.parametrize(
    "name, meant",
    [
        ("cancelled themselves", {"mind"}),
        ("cancelled for a failed payment", {"card", "both"}),
        ("went without for want of stock", {"sold out", "both"}),
        ("met a technical fault", {"fault"}),
        ("cancelled an order", {"mind", "card", "both", "sold out", "fault", "other", "unsaid"}),
    ],
)
def test_whose_order_was_cancelled_by_the_reason(name, meant):
    reasons = [
        ("mind", "customer"),
        ("card", "payment"),
        ("sold out", "stock"),
        ("both", "stock"),
        ("both", "payment"),
        ("fault", "technical"),
        ("crook", "fraud"),
        ("other", "other"),
        ("unsaid", None),
    ]
    orders = [_cancelled(who, 30, why, id=f"c{number}") for number, (who, why) in enumerate(reasons)]
    found = audience(name, [*orders, *bought(calm=[20])])
    assert set(found.customers) == meant
    assert found.of_all == 9  # all who placed an order in the period


def test_who_first_bought_after_the_end_is_no_buyer_of_it():
    spring = rt.Period.month(2026, 5, tz="UTC")
    orders = [
        _cancelled("later", 50),
        *bought(later=[10], before=[60]),
    ]
    found = audience("cancelled an order", orders, period=spring)
    assert (found.customers, found.of_all) == (("later",), 2)


def test_who_got_money_back_in_the_period():
    orders = [
        make_order(
            customer_id=name,
            placed_at=day(200),
            refunds=[Refund(amount="1.00", refunded_at=END - timedelta(days=at))],
        )
        for name, at in [("ann", 20), ("ben", 100)]
    ]
    found = audience("had a refund", [*orders, *bought(cleo=[10])])
    assert (found.customers, found.of_all) == (("ann",), 3)


def test_to_whom_the_shop_wrote_in_the_period():
    contacts = [
        make_interaction(customer_id="ann", direction="outbound", occurred_at=day(20)),
        make_interaction(customer_id="ben", direction="outbound", occurred_at=day(100)),
        make_interaction(kind="question", customer_id="cleo", direction="inbound", occurred_at=day(20)),
        make_interaction(customer_id=None, direction="outbound", occurred_at=day(20)),
    ]
    found = audience("were written to", bought(ben=[20]), interactions=contacts)
    assert (found.customers, found.of_all) == (("ann",), 2)


def test_who_bought_at_a_discount_in_the_period():
    orders = [
        make_order(customer_id="ann", placed_at=day(20), discount="1.00"),
        make_order(customer_id="ben", placed_at=day(20), discount="0.00"),
        make_order(customer_id="cleo", placed_at=day(100), discount="1.00"),
    ]
    found = audience("bought at a discount", orders)
    assert (found.customers, found.of_all) == (("ann",), 2)


def test_members_and_others():
    customers = [
        make_customer(id="ann", loyalty_joined_at=day(100)),
        make_customer(id="ben"),
        make_customer(id="cleo", loyalty_joined_at=day(-5)),
        make_customer(id="away", loyalty_joined_at=day(900)),
        make_customer(id="ann2", loyalty_joined_at=day(90)),
    ]
    orders = bought(ann=[20], ben=[20], cleo=[20], dan=[20], away=[800])
    more = {"customers": customers, "aliases": {"ann2": "ann"}}
    assert who("members", orders, **more) == {"ann"}
    assert who("no members", orders, **more) == {"ben", "cleo", "dan"}


def test_always_one_category_or_one_channel():
    def order(name, at, category, channel):
        items = [LineItem(product=1, category=category)]
        return make_order(customer_id=name, placed_at=day(at), items=items, channel=channel)

    orders = [
        order("one", 30, "tea", "web"),
        order("one", 20, "tea", "web"),
        order("both", 30, "tea", "web"),
        order("both", 20, "cups", "app"),
        order("once", 20, "tea", "web"),
        *make_orders({"unknown": [day(30), day(20)]}, first_id=90),
    ]
    assert who("one category", orders) == {"one"}
    assert who("one channel", orders) == {"one"}


# ------------------------------------------------------------------------------------------ the money


def test_the_best_spenders_stand_first_and_of_equals_who_came_first():
    orders = make_orders(
        {
            "poor": [(day(10), "5.00")],
            "zoe": [(day(30), "10.00")],
            "abe": [(day(20), "10.00")],
            "rich": [(day(5), "50.00")],
        }
    )
    found = audience("all customers", orders)
    assert found.customers == ("rich", "zoe", "abe", "poor")
    assert found.spend == Decimal("75.00")
    assert found.spend_each == Decimal("18.75")
    assert (found.currency, found.reach, found.at) == ("EUR", 1.0, "2026-07-01")


def test_who_left_more_than_two_years_ago_is_not_won_back():
    lives = {**LIVES, "forgotten": [1200, 840, 830, 820, 810, 800]}
    found = audience("lapsed regulars", bought(**lives))
    assert set(found.customers) == {"quiet", "gone"}
    assert found.of_all == 3


def test_who_left_long_ago_is_no_lapsed_customer_either():
    found = audience("lapsed customers", bought(**LIVES, forgotten=[1200, 840, 830, 820]))
    assert set(found.customers) == {"quiet", "gone", "once_long_ago"}
    assert found.of_all == 6
    assert found.among == "customers who bought in the last 730 days"


def test_those_who_have_left_are_worth_what_others_spend():
    orders = make_orders({"ann": [(day(20), "30.00"), (day(10), "30.00")], "gone": [(day(700), "5.00")]})
    found = audience("lapsed customers", orders)
    assert found.customers == ("gone",)
    assert (found.spend, found.spend_each) == (Decimal("0.00"), Decimal("60.00"))
    assert found.reach == 0.5


def test_nobody_spends_nothing():
    found = audience("promoters", responses=ANSWERS)
    assert found.spend_each is None
    empty = audience("members", customers=[make_customer()])
    assert (len(empty), empty.reach, empty.spend_each) == (0, 1.0, None)


def test_several_currencies_have_no_sum():
    orders = [make_order(placed_at=day(10)), make_order(placed_at=day(9), currency="USD")]
    found = audience("all customers", orders)
    assert (found.spend, found.spend_each, found.currency) == (None, None, None)


def test_an_audience_as_data():
    found = audience("all customers", bought(ann=[10], ben=[20]))
    assert list(found) == ["ben", "ann"]
    assert found.to_dict() == {
        "audience": "all customers",
        "title": "customers who bought in the last 365 days",
        "customers": 2,
        "among": "customers who bought in the year",
        "of_all": 2,
        "nameless": 0,
        "spend": Decimal("20.00"),
        "spend_each": Decimal("10.00"),
        "currency": "EUR",
        "at": "2026-07-01",
    }
    assert pickle.loads(pickle.dumps(found)) == found
    assert hash(found) == hash(pickle.loads(pickle.dumps(found)))
    assert repr(found) == "<Audience: all customers, 2 customers>"
    assert str(found) == "2 customers who bought in the last 365 days"


def test_ids_as_plain_data():
    orders = make_orders({("a", 1): [day(10)], 7: [day(9)], "ann": [day(8)]})
    assert set(audience("all customers", orders).ids()) == {"('a', 1)", 7, "ann"}


@pytest.mark.parametrize("name", AUDIENCES)
def test_every_audience_of_an_empty_shop_is_empty(name):
    found = audience(name)
    assert len(found) == 0
    assert found.reach == 1  # there is nobody to measure it by


LEFT_EMPTY_HANDED = [
    make_order(
        customer_id=reason,
        id=reason,
        placed_at=day(30),
        cancelled_at=day(29),
        cancel_reason=reason,
    )
    for reason in ("stock", "payment", "customer")
]


@pytest.mark.parametrize(
    "name, reason",
    [
        ("went without for want of stock", "stock"),
        ("cancelled for a failed payment", "payment"),
        ("cancelled themselves", "customer"),
    ],
)
def test_whose_order_was_cancelled_for_a_reason(name, reason):
    assert who(name, LEFT_EMPTY_HANDED) == {reason}
    assert who("cancelled an order", LEFT_EMPTY_HANDED) == {"stock", "payment", "customer"}


def test_who_got_money_back_and_who_was_written_to():
    back = [
        make_order(customer_id=each, id=each, placed_at=day(100), refunds=[(day(at), "1.00")])
        for each, at in (("lately", 3), ("earlier", 95))
    ]
    orders = [*back, make_order(customer_id="kept", placed_at=day(3))]
    found = audience("had a refund", orders)
    assert (set(found.customers), found.of_all) == ({"lately"}, 3)
    letters = [
        make_interaction(customer_id=each, direction=way, kind="message", occurred_at=day(at), id=each)
        for each, way, at in (
            ("kept", "outbound", 2),
            ("stranger", "outbound", 3),
            ("late", "outbound", 95),
            ("lately", "inbound", 2),
        )
    ]
    found = audience("were written to", orders, interactions=letters)
    assert (set(found.customers), found.of_all) == ({"kept", "stranger"}, 4)


@pytest.mark.parametrize("name", AUDIENCES)
def test_what_is_known_of_an_audience_is_pickled_by_name(name):
    assert pickle.loads(pickle.dumps(AUDIENCES[name])) is AUDIENCES[name]


@pytest.mark.parametrize("name", AUDIENCES)
@pytest.mark.parametrize("period", [QUARTER, rt.Period.month(2026, 3, tz="UTC"), TWO_YEARS], ids=str)
def test_every_audience_is_a_part_of_what_it_is_among(name, period):
    here = _whole_room(period)
    spec = AUDIENCES[name]
    found = audience_of(here, spec)
    assert (spec.find(here) - spec.whole(here)).count == 0
    assert len(set(found.customers)) == len(found) <= found.of_all
    assert 0 <= found.nameless <= found.nameless_of_all
    assert 0 <= found.reach <= 1


@pytest.mark.parametrize("name", AUDIENCES)
def test_every_audience_has_somebody_in_a_shop_of_all_kinds(name):
    found = audience_of(_whole_room(QUARTER), AUDIENCES[name])
    assert found.customers
    assert 0 < found.reach <= 1
    assert str(AUDIENCES[name]) == f"{name}: {AUDIENCES[name].title}"


@pytest.mark.parametrize("name", AUDIENCES)
def test_every_kind_of_audience_can_be_kept(name):
    assert pickle.loads(pickle.dumps(AUDIENCES[name])) is AUDIENCES[name]


@cache
def _whole_room(period):
    """A shop with all that audiences are about, some of it by nobody known."""
    shop = sample_shop(customers=400)
    orders = [
        *shop.orders,
        *(
            _cancelled(f"stranger {why}", 30, why, id=f"x{why}")
            for why in ("technical", "stock", "payment", "customer")
        ),
        _cancelled(None, 30, "stock", id="guest"),
    ]
    outlook = outlook_of(rt.Shop(orders=orders, as_of=shop.as_of), until=min(period.end, shop.as_of))
    return room(orders, as_of=shop.as_of, period=period, outlook=outlook, **_records(shop))


@pytest.mark.parametrize("name", AUDIENCES)
def test_the_order_of_the_input_is_irrelevant(name):
    shop = sample_shop(customers=80)
    turned = {kind: records[::-1] for kind, records in _records(shop).items()}
    one = audience_of(room(shop.orders, as_of=shop.as_of, **_records(shop)), AUDIENCES[name])
    other = audience_of(room(shop.orders[::-1], as_of=shop.as_of, **turned), AUDIENCES[name])
    assert one == other


def _records(shop):
    kinds = ("customers", "responses", "subscriptions", "checkouts", "interactions")
    return {kind: getattr(shop, kind) for kind in kinds}


def test_the_day_is_the_end_of_the_period():
    assert QUARTER.end == END
    assert audience("all customers", bought(ann=[1])).customers == ("ann",)
    early = rt.Period.month(2026, 5, tz="UTC")
    orders = make_orders({"ann": ["2026-05-31"], "ben": ["2026-06-01"]})
    assert who("all customers", orders, period=early, as_of=END + timedelta(days=1)) == {"ann"}
