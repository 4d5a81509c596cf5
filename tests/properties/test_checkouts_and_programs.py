"""What holds for any baskets, members and referrals. Each class quotes the definition that it tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta
from hypothesis import given, strategies as st

import retention as rt
from retention._checkout_facts import checkout_facts
from retention._program_facts import program_facts
from retention.metrics._checkouts import read_cart_abandonment_rate, read_cart_recovery_rate

START = datetime(2026, 1, 1, tzinfo=UTC)
FEBRUARY = rt.Period.month(2026, 2, tz="UTC")
MARCH = FEBRUARY.next()
HOURS = 24 * 120
PEOPLE = ("ann", "ben", "cy", "dee", "eve", None)

hours = st.integers(0, HOURS)
moments = hours.map(lambda number: START + timedelta(hours=number))
windows = st.one_of(
    st.integers(1, 24 * 60).map(lambda number: timedelta(hours=number)),
    st.integers(1, 2).map(lambda number: relativedelta(months=number)),
)
people = st.sampled_from(PEOPLE)


@st.composite
def baskets(draw: st.DrawFn) -> list[rt.Checkout]:
    found = []
    for number in range(draw(st.integers(0, 15))):
        begun = draw(moments)
        took = draw(st.none() | st.integers(0, 24 * 40))
        ordered_at = None if took is None else begun + timedelta(hours=took)
        found.append(rt.Checkout(id=number, customer_id=draw(people), begun_at=begun, ordered_at=ordered_at))
    return found


@st.composite
def sales(draw: st.DrawFn) -> list[rt.Order]:
    return [
        rt.Order(
            id=number,
            customer_id=draw(people),
            placed_at=draw(moments),
            amount=draw(st.integers(0, 99)),
            currency="EUR",
        )
        for number in range(draw(st.integers(0, 20)))
    ]


@st.composite
def records(draw: st.DrawFn) -> list[rt.Customer]:
    return [
        rt.Customer(
            id=who,
            loyalty_joined_at=draw(st.none() | moments),
            referred_by=draw(st.sampled_from([None, "zoe"])),
        )
        for who in PEOPLE
        if who is not None and draw(st.booleans())
    ]


shops = st.builds(rt.Shop, orders=sales(), checkouts=baskets(), customers=records(), as_of=moments)


class TestBaskets:
    """Abandoned: begun and not ordered within that time / begun and observed that long."""

    @given(shops, windows)
    def test_every_basket_counts_or_is_left_out_for_one_reason(self, shop, after):
        found = rt.cart_abandonment_rate(shop, period=MARCH, abandoned_after=after)
        begun = [each for each in shop.checkouts if MARCH.start <= each.begun_at < MARCH.end]
        if found.observable:
            assert found.denominator + sum(found.left_out.values()) == len(begun)

    @given(shops, windows, windows)
    def test_the_recovered_are_among_the_abandoned(self, shop, after, within):
        recovered = rt.cart_recovery_rate(shop, period=MARCH, abandoned_after=after, within=within)
        abandoned = rt.cart_abandonment_rate(shop, period=MARCH, abandoned_after=after)
        assert recovered.numerator <= recovered.denominator <= abandoned.numerator

    @given(baskets(), windows)
    def test_two_halves_of_a_month_pool_to_the_whole(self, checkouts, after):
        halves = [
            rt.Period.between(MARCH.start, datetime(2026, 3, 16, tzinfo=UTC), tz="UTC"),
            rt.Period.between(datetime(2026, 3, 16, tzinfo=UTC), MARCH.end, tz="UTC"),
        ]
        whole, *parts = [
            rt.cart_abandonment_rate(
                checkouts, period=each, abandoned_after=after, as_of=START + timedelta(days=300)
            )
            for each in (MARCH, *halves)
        ]
        assert rt.Ratio.pool(parts) == whole

    @given(baskets(), st.integers(1, 500), st.integers(1, 500))
    def test_the_longer_the_time_the_fewer_are_left(self, checkouts, one, other):
        short, long = sorted((one, other))
        left = [
            rt.cart_abandonment_rate(
                checkouts,
                period=MARCH,
                abandoned_after=timedelta(hours=each),
                as_of=START + timedelta(days=300),
            ).numerator
            for each in (short, long)
        ]
        assert left[0] >= left[1]

    @given(shops, windows, windows)
    def test_facts_serve_any_window(self, shop, after, within):
        """One walk for all windows: the facts keep the times themselves."""
        facts = checkout_facts(shop, [FEBRUARY, MARCH], history=shop.history())[1]
        assert read_cart_abandonment_rate(facts, abandoned_after=after) == rt.cart_abandonment_rate(
            shop, period=MARCH, abandoned_after=after
        )
        assert read_cart_recovery_rate(facts, abandoned_after=after, within=within) == rt.cart_recovery_rate(
            shop, period=MARCH, abandoned_after=after, within=within
        )

    @given(shops, st.randoms(use_true_random=False))
    def test_the_sums_of_a_period_with_itself_are_its_own(self, shop, random):
        whole = rt.Period.between(START, START + timedelta(days=120), tz="UTC")
        shuffled = random.sample(shop.checkouts, len(shop.checkouts))
        facts = checkout_facts(shuffled, [whole], against={whole: whole}, as_of=shop.as_of)[0]
        own = read_cart_abandonment_rate(facts, abandoned_after=timedelta(days=1)).sampling
        cross = facts.cross["cart_abandonment_rate"]
        assert (cross.n, cross.xx, cross.xy, cross.yx, cross.yy) == (own.n, own.xx, own.xy, own.xy, own.yy)


class TestProgrammes:
    """Members / customers; members' against others' spend and retention; referred / acquired."""

    @given(shops)
    def test_members_others_and_the_unrecorded_are_the_opening_base(self, shop):
        everybody = rt.customer_retention_rate(shop, period=MARCH)
        groups = [rt.loyalty_retention_rate(shop, period=MARCH, of=of) for of in ("members", "others")]
        unrecorded = groups[0].left_out.get("without a customer record", 0)
        if everybody.observable:
            assert sum(each.denominator for each in groups) + unrecorded == everybody.denominator
            assert sum(each.numerator for each in groups) <= everybody.numerator

    @given(shops)
    def test_active_customers_have_a_record_or_are_left_out(self, shop):
        found = rt.loyalty_participation_rate(shop, period=MARCH)
        if found.observable:
            unrecorded = found.left_out.get("without a customer record", 0)
            assert found.denominator + unrecorded == rt.active_customer_count(shop, period=MARCH)

    @given(shops)
    def test_members_at_the_start_are_members_at_the_end(self, shop):
        facts = program_facts(shop, [MARCH])[0]
        joined = {number for number, (_, member) in facts.participation.items() if member}
        assert facts.spend["members"].keys() <= joined
        assert facts.spend["members"].keys() | facts.spend["others"].keys() == facts.participation.keys()

    @given(shops)
    def test_new_customers_have_a_record_or_are_left_out(self, shop):
        found = rt.referral_rate(shop, period=MARCH)
        if found.observable:
            unrecorded = found.left_out.get("without a customer record", 0)
            assert found.denominator + unrecorded == rt.new_customer_count(shop, period=MARCH)

    @given(shops)
    def test_with_a_record_of_everybody_the_revenue_is_that_of_all_known_customers(self, shop):
        everybody = [rt.Customer(id=who, referred_by="zoe") for who in PEOPLE if who is not None]
        complete = rt.Shop(orders=shop.orders, customers=everybody, as_of=shop.as_of)
        found = rt.referred_revenue_rate(complete, period=MARCH)
        assert found.numerator == found.denominator
        if found.observable:
            assert found.denominator == rt.average_customer_value(complete, period=MARCH).total

    @given(shops)
    def test_the_sums_of_a_period_with_itself_are_its_own(self, shop):
        facts = program_facts(shop, [MARCH], against={MARCH: MARCH})[0]
        for metric in ("referred_revenue_rate", "loyalty_spend_ratio"):
            sampling = rt.METRICS[metric].read(facts).sampling
            cross = facts.cross[metric]
            if metric == "loyalty_spend_ratio":
                assert cross.top_bottom.xx == cross.bottom_top.xx == 0
            elif sampling != "independent":
                assert (cross.n, cross.xx, cross.xy, cross.yy) == (
                    sampling.n,
                    sampling.xx,
                    sampling.xy,
                    sampling.yy,
                )
