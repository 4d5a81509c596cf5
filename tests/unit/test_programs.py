"""Loyalty and referral by hand: who is a member when, who was referred, whom nobody knows, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from dateutil.relativedelta import relativedelta

import retention as rt
from retention._facts import facts
from retention._numerics import ClusterSums, CrossSums, CrossTwoGroups, TwoGroups
from retention._program_facts import program_facts
from retention.testing import make_orders

FEBRUARY = rt.Period.month(2026, 2, tz="UTC")
MARCH = FEBRUARY.next()
EARLY = datetime(2026, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
WARNING = "members chose themselves, so that a difference from others is no effect of the programme"
METRICS = (
    rt.loyalty_participation_rate,
    rt.loyalty_spend_ratio,
    rt.loyalty_retention_rate,
    rt.referral_rate,
    rt.referred_revenue_rate,
    rt.compare_members,
)
every_metric = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.__name__)


def member(who, joined=EARLY, **more) -> rt.Customer:
    return rt.Customer(id=who, loyalty_joined_at=joined, **more)


def customer(who, **more) -> rt.Customer:
    return rt.Customer(id=who, **more)


def shop(*customers, orders, **reading) -> rt.Shop:
    return rt.Shop(customers=customers, orders=make_orders(orders), **reading)


class TestParticipation:
    """Members / customers who purchased in the period."""

    @pytest.mark.parametrize(
        "joined, count",
        [
            (EARLY, 1),
            (MARCH.start, 1),
            (MARCH.end - MICROSECOND, 1),
            (MARCH.end, 0),
            (None, 0),
        ],
    )
    def test_whoever_joined_before_the_end_is_a_member(self, joined, count):
        given = shop(member("ann", joined), orders={"ann": ["2026-03-05"]})
        assert rt.loyalty_participation_rate(given, period=MARCH) == rt.Ratio(count, 1)

    def test_a_membership_after_as_of_is_not_known(self):
        joined = datetime(2026, 3, 20, tzinfo=UTC)
        given = shop(member("ann", joined), orders={"ann": ["2026-03-05"]}, as_of=joined - MICROSECOND)
        assert rt.loyalty_participation_rate(given, period=MARCH) == rt.Ratio(0, 1)
        known = evolve(given, as_of=joined)
        assert rt.loyalty_participation_rate(known, period=MARCH) == rt.Ratio(1, 1)

    def test_members_who_did_not_purchase_are_in_neither_number(self):
        given = shop(member("ann"), customer("ben"), orders={"ann": ["2026-02-05"], "ben": ["2026-03-05"]})
        assert rt.loyalty_participation_rate(given, period=MARCH) == rt.Ratio(0, 1)

    def test_customers_without_a_record_are_left_out_and_not_taken_as_others(self):
        given = shop(
            member("ann"), orders={"ann": ["2026-03-05"], "ben": ["2026-03-05"], None: ["2026-03-06"]}
        )
        found = rt.loyalty_participation_rate(given, period=MARCH)
        assert (found, found.left_out) == (rt.Ratio(1, 1), {"guest": 1, "without a customer record": 1})

    def test_with_no_records_at_all_it_is_undefined(self):
        found = rt.loyalty_participation_rate(shop(orders={"ann": ["2026-03-05"]}), period=MARCH)
        assert found.value is None
        assert found.undefined_because == "there are no customers with a record who purchased"

    def test_it_says_what_it_counts(self):
        given = shop(member("ann"), customer("ben"), orders={"ann": ["2026-03-05"], "ben": ["2026-03-05"]})
        assert rt.loyalty_participation_rate(given, period=MARCH).explain() == (
            "loyalty_participation_rate (2026-03): 50.0% = 1 members of 2 customers with a record who purchased "
            "(95 % interval 9.5% to 90.5%). Assumed: as_of was not given, so that every order counts and no period "
            "is partial."
        )

    def test_aliases_are_one_person_who_joined_when_the_first_account_did(self):
        given = shop(
            customer("ann"),
            member("a@b", datetime(2026, 3, 2, tzinfo=UTC)),
            member("a@c", datetime(2026, 4, 2, tzinfo=UTC)),
            orders={"ann": ["2026-03-05"], "a@b": ["2026-03-06"]},
            aliases={"a@b": "ann", "a@c": "ann"},
        )
        for customers in (given.customers, given.customers[::-1]):
            same = evolve(given, customers=customers)
            assert rt.loyalty_participation_rate(same, period=MARCH) == rt.Ratio(1, 1)

    def test_a_record_of_an_alias_is_a_record(self):
        given = shop(member("a@b"), orders={"ann": ["2026-03-05"]}, aliases={"a@b": "ann"})
        assert rt.loyalty_participation_rate(given, period=MARCH) == rt.Ratio(1, 1)


class TestSpend:
    """Mean spend of members / of others, with membership as of the period's start."""

    def test_the_means_are_compared(self):
        given = shop(
            member("ann"),
            member("ben"),
            customer("cy"),
            orders={
                "ann": [("2026-03-05", "30.00"), ("2026-03-09", "30.00")],
                "ben": ["2026-03-05"],
                "cy": [("2026-03-05", "14.00")],
            },
        )
        found = rt.loyalty_spend_ratio(given, period=MARCH)
        assert found == rt.Ratio(Decimal("70.00"), Decimal("28.00"), bounded=False)
        assert found.value == 2.5
        assert found.sampling == TwoGroups(
            top=ClusterSums.of([(1, 6000), (1, 1000)], scale=100),
            bottom=ClusterSums.of([(1, 1400)], scale=100),
        )
        assert found.assumed[-1] == WARNING
        assert (
            "loyalty_spend_ratio (2026-03): 2.500 = 35.00 a member (2) against 14.00 another customer (1)"
            in (found.explain())
        )

    @pytest.mark.parametrize("joined, value", [(MARCH.start - MICROSECOND, 3.0), (MARCH.start, 1 / 3)])
    def test_who_joins_during_the_period_is_one_of_the_others(self, joined, value):
        given = shop(
            member("ann", joined),
            customer("ben") if joined < MARCH.start else member("ben"),
            orders={"ann": [("2026-03-05", "30.00")], "ben": ["2026-03-05"]},
        )
        found = rt.loyalty_spend_ratio(given, period=MARCH)
        assert found.value == (value if joined < MARCH.start else pytest.approx(value))

    @pytest.mark.parametrize(
        "customers, orders, why",
        [
            ([customer("ann")], {"ann": ["2026-03-05"]}, "there are no members who purchased"),
            ([member("ann")], {"ann": ["2026-03-05"]}, "there are no others with revenue"),
            ([], {"ann": ["2026-03-05"]}, "there are no members who purchased"),
        ],
    )
    def test_without_one_of_the_groups_it_is_undefined(self, customers, orders, why):
        found = rt.loyalty_spend_ratio(shop(*customers, orders=orders), period=MARCH)
        assert found.value is None
        assert found.undefined_because == why

    def test_others_who_bring_nothing_leave_it_undefined(self):
        given = shop(
            member("ann"),
            customer("ben"),
            orders={"ann": ["2026-03-05"], "ben": [("2026-03-05", "0.00")]},
            policy=rt.OrderPolicy(minimum_net=None),
        )
        found = rt.loyalty_spend_ratio(given, period=MARCH)
        assert found.undefined_because == "there are no others with revenue"

    def test_months_of_it_can_not_be_pooled(self):
        given = shop(member("ann"), customer("ben"), orders={"ann": ["2026-03-05"], "ben": ["2026-03-05"]})
        with pytest.raises(rt.InvalidValueError, match="can't be pooled"):
            rt.Ratio.pool([rt.loyalty_spend_ratio(given, period=MARCH)])


LOYAL = shop(
    member("ann"),
    member("ben"),
    member("late", MARCH.start),
    customer("cy"),
    customer("dee"),
    customer("eve"),
    orders={
        "ann": ["2026-02-05", "2026-03-05"],
        "ben": ["2026-02-05"],
        "late": ["2026-02-05", "2026-03-05"],
        "cy": ["2026-02-05"],
        "dee": ["2026-02-05"],
        "eve": ["2026-01-05", "2026-03-05"],
        "nobody": ["2026-02-05", "2026-03-05"],
    },
)


class TestRetention:
    """Kept / opening base, of the members (or the others) as of the period's start."""

    def test_members_and_others_apart(self):
        members = rt.loyalty_retention_rate(LOYAL, period=MARCH)
        others = rt.loyalty_retention_rate(LOYAL, period=MARCH, of="others")
        assert (members, others) == (rt.Ratio(1, 2), rt.Ratio(1, 3))
        assert members.left_out == others.left_out == {"without a customer record": 1}
        assert members.assumed[-1] == WARNING

    def test_the_two_and_those_without_a_record_are_everybody(self):
        everybody = rt.customer_retention_rate(LOYAL, period=MARCH)
        assert everybody == rt.Ratio(3, 6)

    def test_another_base_is_said(self):
        found = rt.loyalty_retention_rate(
            LOYAL, period=MARCH, of="others", inactive_after=relativedelta(months=3)
        )
        assert found == rt.Ratio(4, 4)
        assert found.basis.options == (("inactive_after", "3 months"), ("of", "others"))

    def test_a_base_before_the_data_is_not_observable(self):
        given = evolve(LOYAL, observed_from=datetime(2026, 2, 10, tzinfo=UTC))
        found = rt.loyalty_retention_rate(given, period=MARCH)
        assert not found.observable
        assert found.value is None
        for metric in (rt.loyalty_participation_rate, rt.loyalty_spend_ratio, rt.referred_revenue_rate):
            assert not metric(given, period=FEBRUARY).observable

    def test_an_empty_base_is_undefined(self):
        found = rt.loyalty_retention_rate(shop(member("ann"), orders={}), period=MARCH)
        assert found.undefined_because == "there are no members of the opening base"


class TestCompareMembers:
    def test_it_sets_the_two_side_by_side(self):
        found = rt.compare_members(LOYAL, period=MARCH)
        assert (found.a, found.b) == (rt.Ratio(1, 2), rt.Ratio(1, 3))
        assert found.labels == ("members", "others")
        assert (found.note, found.caution) == (WARNING, None)
        assert found.difference == pytest.approx(1 / 6)
        assert found.interval().method == "Newcombe, the two taken as independent"

    def test_a_difference_beyond_chance_is_said_with_the_warning(self):
        orders = {f"m{number}": ["2026-02-05", "2026-03-05"] for number in range(30)}
        orders |= {f"o{number}": ["2026-02-05"] for number in range(30)}
        customers = [member(who) if who.startswith("m") else customer(who) for who in orders]
        found = rt.compare_members(shop(*customers, orders=orders), period=MARCH)
        assert found.verdict == "real"
        assert str(found) == (
            "Retention rate is 100.0 points higher in members (100.0%) than in others (0.0%). That is more than "
            f"chance explains: the 95 % interval of the difference is +83.9 to +100.0 points. Mind: {WARNING}."
        )

    def test_the_warning_is_said_whatever_it_comes_to(self):
        by_chance = rt.compare_members(LOYAL, period=MARCH)
        nobody = rt.compare_members(shop(customer("ann"), orders={"ann": ["2026-02-05"]}), period=MARCH)
        assert (by_chance.verdict, nobody.verdict) == ("noise", "unknown")
        for found in (by_chance, nobody):
            assert str(found).endswith(f" Mind: {WARNING}.")
            assert f" Mind: {WARNING}." in found.explain()

    def test_an_empty_group_is_said(self):
        found = rt.compare_members(shop(customer("ann"), orders={"ann": ["2026-02-05"]}), period=MARCH)
        assert found.undefined_because == (
            "members has no value, since there are no members of the opening base"
        )

    def test_groups_of_a_running_period_are_compared(self):
        found = rt.compare_members(evolve(LOYAL, as_of=datetime(2026, 3, 20, tzinfo=UTC)), period=MARCH)
        assert found.verdict == "noise"

    def test_another_base(self):
        found = rt.compare_members(LOYAL, period=MARCH, inactive_after=relativedelta(months=3))
        assert (found.a, found.b) == (rt.Ratio(2, 2), rt.Ratio(4, 4))


class TestReferral:
    """Customers acquired by referral / customers acquired."""

    @pytest.mark.parametrize(
        "record, count",
        [
            ({"referred_by": "zoe"}, 1),
            ({"acquisition_channel": "referral"}, 1),
            ({"acquisition_channel": "referral", "referred_by": "zoe"}, 1),
            ({"acquisition_channel": "search"}, 0),
            ({}, 0),
        ],
    )
    def test_who_was_referred(self, record, count):
        given = shop(customer("ann", **record), orders={"ann": ["2026-03-05", "2026-03-06"]})
        assert rt.referral_rate(given, period=MARCH) == rt.Ratio(count, 1)

    def test_new_customers_with_a_record_are_counted(self):
        given = shop(
            customer("old", referred_by="zoe"),
            customer("new", referred_by="old"),
            customer("next"),
            orders={"old": ["2026-02-05", "2026-03-05"], "new": ["2026-03-05"], "unknown": ["2026-03-05"]},
        )
        found = rt.referral_rate(given, period=MARCH)
        assert (found, found.left_out) == (rt.Ratio(1, 1), {"without a customer record": 1})

    def test_a_second_account_of_ones_own_is_no_referral(self):
        orders = {"ann": ["2026-03-05"]}
        given = shop(customer("a@b", referred_by="ann"), customer("ann"), orders=orders)
        assert rt.referral_rate(evolve(given, aliases={"a@b": "ann"}), period=MARCH) == rt.Ratio(0, 1)
        twice = shop(customer("ann", referred_by="a@b"), orders=orders, aliases={"a@b": "ann"})
        assert rt.referral_rate(twice, period=MARCH) == rt.Ratio(0, 1)

    def test_any_account_that_was_referred_will_do(self):
        given = shop(
            customer("ann"),
            customer("a@b", referred_by="zoe"),
            orders={"ann": ["2026-03-05"]},
            aliases={"a@b": "ann"},
        )
        assert rt.referral_rate(given, period=MARCH) == rt.Ratio(1, 1)

    def test_where_the_data_begin_all_look_new(self):
        given = shop(customer("ann"), orders={"ann": ["2026-03-05"]}, observed_from=MARCH.start)
        assert not rt.referral_rate(given, period=MARCH).observable


class TestReferredRevenue:
    """Net revenue of the period from referred customers / from known customers with a record."""

    GIVEN = shop(
        customer("ann"),
        customer("ben", referred_by="ann"),
        orders={
            "ann": [("2026-03-01", "30.00")],
            "ben": ["2026-02-01", "2026-03-11", "2026-03-12"],
            "unknown": ["2026-03-12"],
            None: ["2026-03-12"],
        },
    )

    def test_money_of_whoever_was_ever_referred(self):
        found = rt.referred_revenue_rate(self.GIVEN, period=MARCH)
        assert found == rt.Ratio(Decimal("20.00"), Decimal("50.00"))
        assert found.left_out == {"guest": 1, "without a customer record": 1}
        assert found.sampling == ClusterSums.of([(3000, 0), (2000, 2000)], scale=100, x_scale=100)
        assert found.basis.currency == "EUR"

    def test_without_revenue_it_is_undefined(self):
        found = rt.referred_revenue_rate(shop(customer("ann"), orders={}), period=MARCH)
        assert found.undefined_because == "there is no revenue of customers with a record"

    @pytest.mark.parametrize("metric", [rt.referred_revenue_rate, rt.loyalty_spend_ratio])
    def test_two_currencies_are_refused(self, metric):
        francs = make_orders({"ann": ["2026-03-02"]}, currency="CHF", first_id=100)
        given = evolve(self.GIVEN, orders=(*self.GIVEN.orders, *francs))
        with pytest.raises(rt.MixedCurrencyError):
            metric(given, period=MARCH)
        assert rt.referral_rate(given, period=MARCH).value == 0


class TestFacts:
    SHOP = shop(
        member("ann"),
        member("ben", MARCH.start),
        customer("cy", referred_by="ann"),
        orders={
            "ann": ["2026-01-05", ("2026-02-05", "20.00"), ("2026-03-05", "30.00")],
            "ben": ["2026-01-05", "2026-02-05", "2026-03-05"],
            "cy": [("2026-02-05", "5.00"), ("2026-03-05", "5.00")],
            "nobody": ["2026-02-05"],
        },
    )

    def both(self, **keywords):
        return program_facts(self.SHOP, [FEBRUARY, MARCH], against={MARCH: FEBRUARY}, **keywords)

    def test_the_sums_of_two_periods_by_hand(self):
        february, march = self.both()
        assert february.cross == {}
        cross = march.cross
        # ann is a member both times, ben in March only, where the end counts
        assert cross["loyalty_participation_rate"] == CrossSums(n=3, xx=3, xy=1, yx=2, yy=1)
        # at neither start was ben one
        assert cross["loyalty_spend_ratio"] == CrossTwoGroups(
            top_top=CrossSums(n=3, xx=1, xy=2000, yx=3000, yy=6_000_000),
            top_bottom=CrossSums(n=3, xx=0, xy=0, yx=0, yy=0),
            bottom_top=CrossSums(n=3, xx=0, xy=0, yx=0, yy=0),
            bottom_bottom=CrossSums(n=3, xx=2, xy=1500, yx=1500, yy=1_250_000),
        )
        assert cross["loyalty_retention_rate"] == CrossSums(n=1, xx=1, xy=1, yx=1, yy=1)
        assert cross["referral_rate"] == CrossSums(n=1, xx=0, xy=0, yx=0, yy=0)
        assert cross["referred_revenue_rate"] == CrossSums(
            n=3, xx=6_000_000 + 1_000_000 + 250_000, xy=250_000, yx=250_000, yy=250_000
        )

    def test_the_sums_of_the_others_where_they_are_asked_for(self):
        march = self.both(options={"loyalty_retention_rate": {"of": "others"}})[1]
        assert march.cross["loyalty_retention_rate"] == CrossSums(n=2, xx=1, xy=1, yx=1, yy=1)

    def test_the_sums_fit_the_figures(self):
        february, march = self.both()
        a, b = (rt.METRICS["loyalty_spend_ratio"].read(each) for each in (march, february))
        assert march.cross["loyalty_spend_ratio"].n == 3
        assert a.sampling.top.n + a.sampling.bottom.n == b.sampling.top.n + b.sampling.bottom.n == 3

    def test_facts_of_the_orders_are_not_counted_again(self):
        history = self.SHOP.history()
        counted = {each.period: each for each in facts(history, [FEBRUARY, MARCH])}
        assert self.both(history=history, counted=counted) == self.both()

    def test_a_shop_of_several_periods_keeps_their_order(self):
        assert [each.period for each in program_facts(self.SHOP, [MARCH, FEBRUARY])] == [MARCH, FEBRUARY]


class TestBadInput:
    @every_metric
    @pytest.mark.parametrize("given", [[], make_orders({"ann": ["2026-03-01"]}), rt.History([]), None])
    def test_a_shop_is_due(self, metric, given):
        says = f"{metric.__name__} takes a Shop, since it is about customers and orders, not "
        with pytest.raises(rt.InvalidTypeError, match=says):
            metric(given, period=MARCH)

    @every_metric
    @pytest.mark.parametrize("period", ["2026-03", None])
    def test_a_period_is_a_period(self, metric, period):
        with pytest.raises(rt.InvalidTypeError, match="period must be a Period"):
            metric(LOYAL, period=period)

    @every_metric
    def test_a_shop_carries_how_it_is_read(self, metric):
        with pytest.raises(TypeError, match="as_of"):
            metric(LOYAL, period=MARCH, as_of=EARLY)

    @pytest.mark.parametrize(
        "of, error", [("member", rt.InvalidValueError), (None, rt.InvalidTypeError), (1, rt.InvalidTypeError)]
    )
    def test_a_group_is_one_of_two(self, of, error):
        with pytest.raises(error, match='of must be "members" or "others"'):
            rt.loyalty_retention_rate(LOYAL, period=MARCH, of=of)

    @pytest.mark.parametrize("metric", [rt.loyalty_retention_rate, rt.compare_members])
    def test_a_base_shorter_than_the_period_is_refused(self, metric):
        with pytest.raises(rt.ConflictingArgumentError, match="inactive_after must not be shorter"):
            metric(LOYAL, period=MARCH, inactive_after=timedelta(days=7))
        with pytest.raises(rt.InvalidTypeError, match="inactive_after must be a timedelta"):
            metric(LOYAL, period=MARCH, inactive_after=90)
