"""How goods were sold: at a discount, and on how many channels to one customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

import retention as rt
from retention._facts import facts
from retention._numerics import ClusterSums, CrossSums
from retention.metrics import discounted_order_rate, multichannel_rate
from retention.testing import make_order, make_orders

FEBRUARY, MARCH = (rt.Period.month(2026, month, tz="UTC") for month in (2, 3))
MERGED = rt.OrderPolicy(same_day="merge", tz="UTC")
AT_NOON, IN_THE_EVENING = "2026-03-05T12:00", "2026-03-05T18:00"


def sold(*entries, at=AT_NOON):
    """Orders, each as customer, discount and channel."""
    return [
        make_order(id=number, customer_id=who, placed_at=at, discount=discount, channel=channel)
        for number, (who, discount, channel) in enumerate(entries)
    ]


class TestDiscounts:
    # ann 1 of 2, ben 0 of 1, the first guest 1 of 1, the other 0 of 1; cy's is not known.
    ORDERS = sold(
        ("ann", "1.00", None),
        ("ann", 0, None),
        ("ben", 0, None),
        ("cy", None, None),
        (None, "0.01", None),
        (None, 0, None),
    )

    def test_by_hand(self):
        rate = discounted_order_rate(self.ORDERS, period=MARCH)
        assert rate == rt.Ratio(2, 5)
        assert rate.sampling == ClusterSums(n=4, x=5, y=2, xx=7, xy=3, yy=2)
        assert rate.left_out == {"no known discount": 1}
        assert rate.explain().startswith(
            "discounted_order_rate (2026-03): 40.0% = 2 purchases at a discount of 5 purchases with a known discount"
        )

    def test_purchases_of_one_customer_are_one_cluster(self):
        """Ten of one customer say little more than one of one: the interval is far wider than Wilson's."""
        orders = sold(*[("ann", 1, None)] * 10, *[("ben", 0, None)] * 10)
        one_each = sold(
            *[(f"a{number}", 1, None) for number in range(10)],
            *[(f"b{number}", 0, None) for number in range(10)],
        )
        clustered, plain = (
            discounted_order_rate(each, period=MARCH).interval() for each in (orders, one_each)
        )
        assert clustered.high - clustered.low > 2 * (plain.high - plain.low)

    def test_a_shop_that_tells_none(self):
        rate = discounted_order_rate(make_orders({"ann": ["2026-03-05"], None: ["2026-03-06"]}), period=MARCH)
        assert rate.value is None
        assert rate.undefined_because == "no purchase has a known discount"
        assert rate.left_out == {"no known discount": 2}

    def test_guests_alone(self):
        rate = discounted_order_rate(sold((None, 1, None), ("ann", None, None)), period=MARCH)
        assert rate == rt.Ratio(1, 1)
        assert rate.left_out == {"no known discount": 1}

    def test_only_purchases_count(self):
        orders = [
            make_order(id=1, discount=1),
            make_order(id=2, discount=1, is_test=True),
            make_order(id=3, discount=1, cancelled_at="2026-03-06"),
            make_order(id=4, discount=1, payment_state="failed"),
            make_order(id=5, discount=1, amount=5, refunds=[("2026-03-06", 5)]),
            make_order(id=6, discount=0, placed_at="2026-02-28"),
            make_order(id=7, discount=0, placed_at="2026-04-01"),
        ]
        assert discounted_order_rate(orders, period=MARCH) == rt.Ratio(1, 1)

    def test_a_gift_is_no_purchase_unless_the_policy_lets_it_in(self):
        given_away = [make_order(amount=0, discount=20), make_order(id=1, customer_id="ben", discount=0)]
        assert discounted_order_rate(given_away, period=MARCH) == rt.Ratio(0, 1)
        everything = rt.OrderPolicy(minimum_net=None)
        assert discounted_order_rate(given_away, period=MARCH, policy=everything) == rt.Ratio(1, 2)

    @pytest.mark.parametrize(
        "first, second, expected",
        [
            (1, 0, rt.Ratio(1, 1)),
            (0, 1, rt.Ratio(1, 1)),
            (1, None, rt.Ratio(1, 1)),
            (None, 1, rt.Ratio(1, 1)),
            (0, 0, rt.Ratio(0, 1)),
            (0, None, rt.Ratio(0, 0)),
            (None, 0, rt.Ratio(0, 0)),
        ],
    )
    def test_orders_of_a_day_that_are_joined(self, first, second, expected):
        orders = [
            make_order(id=1, placed_at=AT_NOON, discount=first),
            make_order(id=2, placed_at=IN_THE_EVENING, discount=second),
        ]
        assert discounted_order_rate(orders, period=MARCH, policy=MERGED) == expected

    def test_several_currencies_are_no_trouble(self):
        orders = [make_order(discount=1), make_order(id=2, customer_id="ben", currency="CHF", discount=0)]
        assert discounted_order_rate(orders, period=MARCH) == rt.Ratio(1, 2)


class TestChannels:
    # ann on two, ben on one in two purchases, cy on three, dee's is not named; guests have no history.
    ORDERS = sold(
        ("ann", None, "web"),
        ("ann", None, "store"),
        ("ann", None, None),
        ("ben", None, "web"),
        ("ben", None, "web"),
        ("cy", None, "web"),
        ("cy", None, "app"),
        ("cy", None, "web"),
        ("cy", None, "Web"),
        ("dee", None, None),
        (None, None, "web"),
    )

    @pytest.mark.parametrize("minimum, expected", [(2, 2), (3, 1), (4, 0)])
    def test_by_hand(self, minimum, expected):
        rate = multichannel_rate(self.ORDERS, period=MARCH, minimum=minimum)
        assert rate == rt.Ratio(expected, 3)
        assert rate.sampling == "independent"
        assert rate.left_out == {"guest": 1, "no channel": 2}

    def test_its_words(self):
        usual, three = (multichannel_rate(self.ORDERS, period=MARCH, minimum=number) for number in (2, 3))
        assert usual.explain().startswith(
            "multichannel_rate (2026-03): 66.7% = 2 customers who bought on two channels or more "
            "of 3 whose purchases name a channel"
        )
        assert "1 customers who bought on 3 channels or more" in three.explain()
        assert (usual.basis.options, three.basis.options) == ((), (("minimum", "3"),))

    def test_only_the_period_counts(self):
        before = make_order(id="before", customer_id="ann", placed_at="2026-02-20", channel="app")
        orders = [before, *sold(("ann", None, "web"))]
        assert multichannel_rate(orders, period=MARCH) == rt.Ratio(0, 1)
        both = rt.Period.between(FEBRUARY.start, MARCH.end, tz="UTC")
        assert multichannel_rate(orders, period=both) == rt.Ratio(1, 1)

    def test_a_shop_that_tells_none(self):
        rate = multichannel_rate(make_orders({"ann": ["2026-03-05"], None: ["2026-03-06"]}), period=MARCH)
        assert rate.undefined_because == "no purchase of a known customer names a channel"
        assert rate.left_out == {"guest": 1, "no channel": 1}

    def test_orders_of_a_day_that_are_joined_join_their_channels(self):
        orders = [
            make_order(id=1, customer_id="ann", placed_at=AT_NOON, channel="web"),
            make_order(id=2, customer_id="ann", placed_at=IN_THE_EVENING, channel="app"),
            make_order(id=3, customer_id="ann", placed_at="2026-03-09", channel="web"),
            make_order(id=4, customer_id="ben", placed_at=AT_NOON, channel="web"),
            make_order(id=5, customer_id="ben", placed_at=IN_THE_EVENING),
            make_order(id=6, customer_id="cy", placed_at=AT_NOON),
        ]
        for each in (orders, orders[::-1]):
            rate = multichannel_rate(each, period=MARCH, policy=MERGED)
            assert rate == rt.Ratio(1, 2)
            assert multichannel_rate(each, period=MARCH, policy=MERGED, minimum=3) == rt.Ratio(0, 2)

    @pytest.mark.parametrize("minimum", [1, 0, -2, True, 2.0, "2", None, Decimal(2)])
    def test_a_minimum_that_is_none(self, minimum):
        is_int = isinstance(minimum, int) and not isinstance(minimum, bool)
        error, words = (
            (rt.InvalidValueError, f"multichannel_rate: minimum must be at least 2 .got {minimum}.")
            if is_int
            else (rt.InvalidTypeError, "multichannel_rate: minimum must be an int, not")
        )
        with pytest.raises(error, match=words):
            multichannel_rate(self.ORDERS, period=MARCH, minimum=minimum)
        with pytest.raises(error, match=words):
            rt.snapshot(
                self.ORDERS,
                period=MARCH,
                metrics=["multichannel_rate"],
                options={"multichannel_rate": {"minimum": minimum}},
                against="previous",
            )


class TestInASnapshot:
    def test_what_a_shop_that_tells_neither_lacks(self):
        missing = rt.snapshot(make_orders({"ann": ["2026-03-05"]}), period=MARCH).missing
        assert missing["discounted_order_rate"] == "Order.discount"
        assert missing["multichannel_rate"] == "Order.channel"

    @pytest.mark.parametrize("who", ["ann", None])
    def test_one_order_that_tells_is_enough(self, who):
        found = rt.snapshot(sold((who, 0, "web")), period=MARCH)
        assert found["discounted_order_rate"] == rt.Ratio(0, 1)
        # Whom a guest's channel belongs to is not known.
        assert ("multichannel_rate" in found.missing) is (who is None)

    def test_the_change_is_tested_by_that_definition(self):
        def month(period, number):
            return [
                make_order(
                    id=f"{period.label} {who} {place}",
                    customer_id=who,
                    placed_at=period.start + timedelta(hours=place),
                    channel=("web", "app", "store")[place],
                )
                for who in range(60)
                for place in range(3 if who < number else 2)
            ]

        orders = [*month(FEBRUARY, 5), *month(MARCH, 45)]
        of_two, of_three = (
            rt.snapshot(
                orders,
                period=MARCH,
                metrics=["multichannel_rate"],
                options={"multichannel_rate": {"minimum": number}},
                against="previous",
            ).change("multichannel_rate")
            for number in (2, 3)
        )
        assert of_two.verdict == "noise"
        assert of_three.verdict == "real"
        # All are in both months: 40 of 60 changed, the others didn't.
        assert of_three.difference == pytest.approx(40 / 60)


class TestCross:
    """ann and the guest's order stand alone; ben and cy bought in both months."""

    ORDERS = (
        make_order(id=1, customer_id="ben", placed_at="2026-02-03", discount=1, channel="web"),
        make_order(id=2, customer_id="ben", placed_at="2026-02-04", discount=0, channel="app"),
        make_order(id=3, customer_id="ben", placed_at="2026-03-03", discount=1, channel="web"),
        make_order(id=4, customer_id="cy", placed_at="2026-02-03", discount=0, channel="web"),
        make_order(id=5, customer_id="cy", placed_at="2026-03-03", discount=1, channel="web"),
        make_order(id=6, customer_id="cy", placed_at="2026-03-04", discount=None, channel="app"),
        make_order(id=7, customer_id="ann", placed_at="2026-03-03", discount=0, channel="web"),
        make_order(id=8, customer_id=None, placed_at="2026-03-03", discount=1, channel="web"),
    )

    def cross(self, **given):
        return facts(rt.History(self.ORDERS), (FEBRUARY, MARCH), against={MARCH: FEBRUARY}, **given)[1].cross

    def test_by_hand(self):
        cross = self.cross()
        # March is x, y of ben 1, 1; cy 1, 1; ann 1, 0; the guest 1, 1. February is ben 2, 1; cy 1, 0.
        assert cross["discounted_order_rate"] == CrossSums(n=4, xx=3, xy=1, yx=3, yy=1)
        # On two channels: cy in March, ben in February.
        assert cross["multichannel_rate"] == CrossSums(n=3, xx=2, xy=1, yx=1, yy=0)

    def test_of_three_channels(self):
        cross = self.cross(options={"multichannel_rate": {"minimum": 3}})
        assert cross["multichannel_rate"] == CrossSums(n=3, xx=2, xy=0, yx=0, yy=0)


class TestAppending:
    """An index to which orders are added later is the one of all of them."""

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["ann", "ben", None]),
                st.sampled_from([None, 0, 1]),
                st.sampled_from([None, "web", "app"]),
            ),
            max_size=12,
        ),
        st.integers(0, 12),
    )
    def test_the_same_as_at_once(self, entries, cut):
        start = datetime(2026, 3, 1, tzinfo=UTC)
        orders = [
            make_order(
                id=number,
                customer_id=who,
                placed_at=start + timedelta(days=number),
                discount=discount,
                channel=channel,
            )
            for number, (who, discount, channel) in enumerate(entries)
        ]
        at_once, bit_by_bit = rt.History(orders), rt.History(orders[:cut]).append(orders[cut:])
        for metric in (discounted_order_rate, multichannel_rate):
            one, other = (metric(each, period=MARCH) for each in (at_once, bit_by_bit))
            assert one == other
            assert (one.left_out, one.sampling) == (other.left_out, other.sampling)


class TestProperties:
    ENTRIES = st.lists(
        st.tuples(
            st.sampled_from(["ann", "ben", "cy", None]),
            st.sampled_from([None, 0, 1]),
            st.sampled_from([None, "web", "app", "store"]),
        ),
        max_size=15,
    )

    @given(ENTRIES, st.integers(2, 5))
    def test_on_more_channels_are_never_more_customers(self, entries, minimum):
        orders = sold(*entries)
        fewer, more = (
            multichannel_rate(orders, period=MARCH, minimum=number) for number in (minimum + 1, minimum)
        )
        assert fewer.numerator <= more.numerator
        assert fewer.denominator == more.denominator

    @given(ENTRIES)
    def test_every_purchase_is_known_or_left_out(self, entries):
        rate = discounted_order_rate(sold(*entries), period=MARCH)
        assert rate.denominator + rate.left_out.get("no known discount", 0) == len(entries)

    @given(ENTRIES)
    def test_a_purchase_of_which_neither_is_known_changes_nothing_but_what_was_left_out(self, entries):
        orders = sold(*entries)
        more = [*orders, make_order(id="more", customer_id="ann")]
        for metric, why in ((discounted_order_rate, "no known discount"), (multichannel_rate, "no channel")):
            before, after = (metric(each, period=MARCH) for each in (orders, more))
            assert (after, after.sampling) == (before, before.sampling)
            assert after.left_out[why] == before.left_out.get(why, 0) + 1
