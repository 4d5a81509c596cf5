"""Signals: figures as of an instant with a look back of their own, each worked by hand."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

import retention as rt
from retention.records import LineItem
from retention.strategies._room import Crowd, Room
from retention.strategies._signals import SIGNALS
from retention.testing import (
    make_interaction,
    make_order,
    make_orders,
    make_response,
    make_subscription,
    sample_shop,
)
from tests.outlooks import outlook_of

END = datetime(2026, 7, 1, tzinfo=UTC)
QUARTER = rt.Period.quarter(2026, 2, tz="UTC")


def day(before: int) -> str:
    """The day so many days before the end."""
    return (END - timedelta(days=before)).date().isoformat()


def bought(**days):
    """Orders on days counted back from the end."""
    return make_orders({who: [day(each) for each in each_day] for who, each_day in days.items()})


def room(orders=(), *, as_of=END, period=QUARTER, outlook=None, **records):
    shop = rt.Shop(orders=orders, as_of=as_of, **records)
    return Room(shop=shop, history=shop.history(), period=period, outlook=outlook)


def read(name, *given, **more):
    return SIGNALS[name].read(room(*given, **more))


def counted(name, *given, **more):
    found = read(name, *given, **more)
    return found.numerator, found.denominator


# A regular has five purchases and a year of tenure; by these gaps the rhythm is ten days.
REGULAR = {"at_once": [500, 40, 30, 20, 10, 5], "quiet": [500, 140, 130, 120, 110, 100]}
LONG_GONE = {"gone": [700, 640, 630, 620, 610, 600]}


def test_the_second_purchase_counts_those_who_were_watched_for_90_days():
    orders = bought(
        back=[200, 150],  # after 50 days
        late=[300, 150],  # after 150
        once=[100],
        young=[80, 70],  # not watched for 90 days
        old=[400, 390],  # not of the year
    )
    assert counted("second_purchase_share", orders) == (1, 3)


def test_a_comeback_on_the_ninetieth_day_counts():
    assert counted("second_purchase_share", bought(ann=[200, 110])) == (1, 1)
    assert counted("second_purchase_share", bought(ann=[200, 109])) == (0, 1)


def test_regulars_who_fall_silent_are_at_risk_or_lapsed_lately():
    assert counted("slipping_regulars_rate", bought(**REGULAR, **LONG_GONE)) == (1, 2)


def test_regulars_who_have_lapsed_and_bought_in_the_last_two_years():
    forgotten = {"forgotten": [1200, 840, 830, 820, 810, 800]}
    assert counted("lapsed_regulars_rate", bought(**REGULAR, **LONG_GONE, **forgotten)) == (2, 3)


def test_who_has_lapsed_of_those_who_bought_in_the_last_two_years():
    assert counted("dormant_list_rate", bought(**REGULAR, **LONG_GONE)) == (2, 3)
    forgotten = {f"f{each}": [1200, 840, 830, 820, 810, 731 + each] for each in range(20)}
    assert counted("dormant_list_rate", bought(**REGULAR, **LONG_GONE, **forgotten)) == (2, 3)


@pytest.mark.parametrize("name", ["slipping_regulars_rate", "lapsed_regulars_rate", "dormant_list_rate"])
def test_states_need_somebody_who_came_back(name):
    found = read(name, bought(ann=[30], ben=[20]))
    assert found.value is None
    assert "came back" in found.undefined_because or "come back" in found.undefined_because


@pytest.mark.parametrize("name", ["slipping_regulars_rate", "lapsed_regulars_rate"])
def test_regulars_there_must_be(name):
    found = read(name, bought(ann=[30, 20, 10]))
    assert "regulars" in found.undefined_because


def test_new_customers_who_ask_for_help_within_30_days():
    orders = bought(ann=[200], ben=[200], cleo=[200], dan=[20], eve=[400])
    asked = [
        ("ann", 170),
        ("ann", 190),
        ("ben", 169),
        ("dan", 19),
        ("eve", 390),
        ("nobody", 100),
        (None, 100),
    ]
    contacts = [
        make_interaction(kind="question", customer_id=who, occurred_at=day(at), direction="inbound")
        for who, at in asked
    ]
    contacts.append(make_interaction(kind="message", customer_id="cleo", occurred_at=day(190)))
    contacts.append(
        make_interaction(kind="review", customer_id="cleo", occurred_at=day(190), direction="inbound")
    )
    assert counted("new_customer_contact_rate", orders, interactions=contacts) == (1, 3)


def test_customers_who_ask_for_help_in_the_half_year():
    orders = bought(ann=[100], ben=[10], cleo=[300])
    contacts = [
        make_interaction(kind="call", customer_id=who, occurred_at=day(at), direction="inbound")
        for who, at in [("ann", 181), ("ben", 20), ("cleo", 20)]
    ]
    assert counted("asking_customers_rate", orders, interactions=contacts) == (1, 2)


def test_subscribers_are_followed_for_90_days():
    spans = [
        make_subscription(customer_id="ann", started_at=day(300), ended_at=day(30), end_reason="payment"),
        make_subscription(customer_id="ben", started_at=day(300), ended_at=day(40), end_reason="customer"),
        make_subscription(customer_id="cleo", started_at=day(300)),
        make_subscription(customer_id="dan", started_at=day(300), ended_at=day(100), end_reason="payment"),
        make_subscription(customer_id="eve", started_at=day(20), ended_at=day(10), end_reason="payment"),
    ]
    assert counted("failed_payment_loss_rate", subscriptions=spans) == (1, 3)
    assert counted("voluntary_loss_rate", subscriptions=spans) == (1, 3)


def test_a_share_of_no_subscribers_is_undefined():
    found = read("voluntary_loss_rate", subscriptions=[make_subscription(started_at=day(20))])
    assert found.value is None
    assert found.undefined_because


def _sold(who, before, **more):
    return make_order(customer_id=who, placed_at=day(before), **more)


def test_several_categories_of_those_who_bought_twice_in_the_year():
    def of(*categories):
        return [LineItem(product=name, category=name) for name in categories]

    orders = [
        _sold("ann", 100, items=of("tea")),
        _sold("ann", 50, items=of("tea", "cups")),
        _sold("ben", 100, items=of("tea")),
        _sold("ben", 50, items=of("tea")),
        _sold("cleo", 40, items=of("tea", "cups")),  # once: no occasion
        _sold("dan", 400, items=of("tea")),
        _sold("dan", 30, items=of("cups")),  # the other one is older than a year
        _sold("eve", 30),
        _sold("eve", 20),  # of no known category
    ]
    assert counted("several_categories_rate", orders) == (1, 2)


def test_where_all_is_of_one_category_nobody_can_buy_from_several():
    items = [LineItem(product="tea", category="tea")]
    orders = [_sold("ann", 100, items=items), _sold("ann", 50, items=items)]
    found = read("several_categories_rate", orders)
    assert found.value is None
    assert found.undefined_because == "all purchases of the last 365 days were of one category"


def test_several_channels_of_those_who_bought_twice_in_the_year():
    orders = [
        _sold("ann", 100, channel="web"),
        _sold("ann", 50, channel="app"),
        _sold("ben", 100, channel="web"),
        _sold("ben", 50, channel="web"),
        _sold("cleo", 50),
        _sold("cleo", 40),
    ]
    assert counted("several_channels_rate", orders) == (1, 2)


def test_purchases_of_guests_in_the_period():
    orders = [
        *make_orders({"ann": [day(10), day(20), day(200)]}),
        _sold(None, 10, id="g1"),
        _sold(None, 100, id="g2"),  # before the period
    ]
    assert counted("guest_order_rate", orders) == (1, 3)


def test_a_period_that_has_not_begun_has_no_purchases():
    next_year = rt.Period.year(2027, tz="UTC")
    found = read("guest_order_rate", bought(ann=[10]), period=next_year)
    assert found.value is None
    assert found.undefined_because == "nothing was bought in 2027"


def test_customers_who_were_heard():
    orders = bought(ann=[100], ben=[50], cleo=[400])
    answers = [
        make_response(customer_id="ann", score=9, responded_at=day(90)),
        make_response(customer_id="ben", score=9, responded_at=day(370)),
        make_response(customer_id="cleo", score=9, responded_at=day(20)),
        make_response(score=3, responded_at=day(20)),
    ]
    assert counted("heard_customers_rate", orders, responses=answers) == (1, 2)


def test_reviews_against_purchases():
    orders = [*bought(ann=[100, 50, 400]), _sold(None, 10, id="g")]
    contacts = [
        make_interaction(kind="review", direction="inbound", occurred_at=day(at)) for at in (10, 20, 30, 40)
    ]
    contacts.append(make_interaction(kind="question", direction="inbound", occurred_at=day(10)))
    found = read("review_ratio", orders, interactions=contacts)
    assert (found.numerator, found.denominator, found.bounded) == (4, 3, False)


def test_even_intervals_lie_about_their_median():
    orders = bought(
        even=[80, 70, 60, 50, 40],
        nearly=[100, 98, 80, 60, 35],  # gaps 2, 18, 20, 25 about 19: three of four within 9.5 of it
        uneven=[
            300,
            298,
            296,
            200,
            110,
            10,
        ],  # gaps 2, 2, 96, 90, 100 about 90: three of five within 45 of it
        wild=[300, 298, 200, 190, 160],  # gaps 2, 98, 10, 30 about 20: two of four within 10 of it
        few=[60, 50, 40, 30],  # even, but of so few gaps most are so by chance
    )
    assert counted("regular_rhythm_rate", orders) == (2, 4)


@pytest.mark.parametrize("gaps", [4, 5, 6, 9])
def test_even_purchases_are_seldom_chance(gaps):
    """Gaps at random, as of purchases that come whenever they like, look even in fewer than four cases of ten."""
    draw = Random(1)
    orders = {who: [500.0] for who in map(str, range(2000))}
    for days in orders.values():
        for _ in range(gaps):
            days.append(days[-1] - draw.expovariate(1 / 20))
    even, of_all = counted("regular_rhythm_rate", bought(**{f"c{who}": days for who, days in orders.items()}))
    assert of_all > 500
    assert even / of_all < 0.4


def test_even_intervals_are_told_under_fixed_thresholds_too():
    limits = rt.FixedThresholds(
        new_within=timedelta(days=30), at_risk_after=timedelta(days=60), lapsed_after=timedelta(days=120)
    )
    shop = rt.Shop(orders=bought(even=[80, 70, 60, 50, 40, 30]), as_of=END)
    here = Room(shop=shop, history=shop.history(), period=QUARTER, lifecycle=limits)
    assert SIGNALS["regular_rhythm_rate"].read(here).numerator == 1


@pytest.mark.parametrize("name", ["second_purchase_share", "new_customer_contact_rate"])
def test_where_the_data_begin_too_late_nobody_knows_who_was_new(name):
    contacts = [make_interaction(customer_id="ann", occurred_at=day(100))]
    for years, unseen in ((2, False), (1.5, True)):
        shop = rt.Shop(
            orders=bought(ann=[100, 50]),
            interactions=contacts,
            as_of=END,
            observed_from=END - timedelta(days=365 * years),
        )
        found = SIGNALS[name].read(Room(shop=shop, history=shop.history(), period=QUARTER))
        assert found.observable is not unseen
        assert found.value is None if unseen else found.denominator == 1
        assert ("begin too late" in (found.basis.undefined_because or "")) is unseen


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_is_pickled_by_name(name):
    assert pickle.loads(pickle.dumps(SIGNALS[name])) is SIGNALS[name]


@pytest.mark.parametrize("name", SIGNALS)
def test_an_empty_shop_has_no_value_and_a_reason(name):
    found = read(name)
    assert found.value is None
    assert found.undefined_because


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_says_what_it_counts_and_keeps_its_range(name):
    shop = sample_shop(customers=200)
    signal = SIGNALS[name]
    here = Room(
        shop=shop,
        history=shop.history(),
        period=rt.Period.quarter(2026, 2, tz="UTC"),
        outlook=outlook_of(shop),
    )
    found = signal.read(here)
    assert found.basis.metric == name == signal.id
    assert str(signal) == f"{signal.title}: {signal.what}"
    assert len(found.basis.counted) == 2
    assert found.bounded is (signal.high == 1)
    assert signal.direction in {"higher", "lower", "neither"}
    if signal.high == 1:
        assert found.interval().low <= found.value <= found.interval().high


@pytest.mark.parametrize("name", SIGNALS)
def test_what_lies_after_the_end_changes_nothing(name):
    shop = sample_shop(customers=150)
    spring = rt.Period.quarter(2026, 1, tz="UTC")
    known = rt.Shop(
        orders=[each for each in shop.orders if each.placed_at < spring.end],
        customers=shop.customers,
        responses=[each for each in shop.responses if each.responded_at < spring.end],
        subscriptions=[each for each in shop.subscriptions if each.started_at < spring.end],
        checkouts=[each for each in shop.checkouts if each.begun_at < spring.end],
        interactions=[each for each in shop.interactions if each.occurred_at < spring.end],
        as_of=shop.as_of,
    )
    signal = SIGNALS[name]
    early, late = (
        signal.read(Room(shop=each, history=each.history(), period=spring)) for each in (known, shop)
    )
    assert (early.numerator, early.denominator) == (late.numerator, late.denominator)


def test_two_ids_of_one_person_are_one():
    orders = bought(ann=[100])
    answers = [make_response(customer_id="anna", score=9, responded_at=day(90))]
    assert counted("heard_customers_rate", orders, responses=answers, aliases={"anna": "ann"}) == (1, 1)


def test_the_room_says_when_it_stands():
    here = room(bought(ann=[10]))
    assert here.day == "2026-07-01"
    assert here.unjudged_because is not None
    assert room(as_of=END - timedelta(days=10)).day == "2026-06-21"
    assert room(as_of=None).at == END
    assert not here.is_to_come
    assert room(period=rt.Period.year(2027, tz="UTC")).is_to_come


def test_crowds_are_cut_and_taken_away():
    one = Crowd(marks=bytes([1, 1, 0]), strangers={"x": 1, "y": 2})
    other = Crowd(marks=bytes([0, 1, 1]), strangers={"y": 5})
    assert ((one & other).marks, dict((one & other).strangers)) == (bytes([0, 1, 0]), {"y": 2})
    assert ((one - other).marks, dict((one - other).strangers)) == (bytes([1, 0, 0]), {"x": 1})
    assert one.count == 4
