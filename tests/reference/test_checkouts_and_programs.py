"""Baskets, members and referrals of one small shop, worked out with pencil and paper; and a slow count beside it.

The first half computes nothing: the answers stand in the comments. The second counts random shops with plain loops
over the records, which share nothing with the library.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain
from random import Random
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

import retention as rt
from retention import formulas

MARCH = rt.Period.month(2026, 3, tz="UTC")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def order(number: int, customer: str | None, placed_at: datetime, amount: str = "10.00") -> rt.Order:
    return rt.Order(id=number, customer_id=customer, placed_at=placed_at, amount=amount, currency="EUR")


def checkout(
    number: int, customer: str | None, begun_at: datetime, ordered_at: datetime | None = None
) -> rt.Checkout:
    return rt.Checkout(id=number, customer_id=customer, begun_at=begun_at, ordered_at=ordered_at)


# Seven baskets were begun in March and one in April. One was ordered within the hour (Ada's first), one within the day
# (Cleo's), and Ben's after three days; the others never were.
#
#   basket  customer  begun      ordered    within a day?  bought in the ten days after that day?
#   1       Ada       2 March    at once    yes
#   2       Ada       5 March               no             order 2 on 9 March: yes
#   3       Ben       6 March    9 March    no             order 3, which is the basket's own: yes
#   4       Cleo      10 March   + 20 h     yes
#   5       Dora      12 March              no             order 5 on 12 March comes too soon, order 6 too late: no
#   6       unknown   15 March              no             nobody can tell
#   7       Ada       28 March              no             as_of is 31 March: not watched for eleven days
#   8       Eve       2 April
CHECKOUTS = (
    checkout(1, "Ada", at(3, 2), at(3, 2)),
    checkout(2, "Ada", at(3, 5)),
    checkout(3, "Ben", at(3, 6), at(3, 9)),
    checkout(4, "Cleo", at(3, 10), at(3, 11, 8)),
    checkout(5, "Dora", at(3, 12)),
    checkout(6, None, at(3, 15)),
    checkout(7, "Ada", at(3, 28)),
    checkout(8, "Eve", at(4, 2)),
)
# Ada and Ben were there in February, and both came back in March; Gus and Hal were, and did not. New in March: Cleo
# and Dora. Fay's record is missing: she bought in both months.
ORDERS = (
    order(1, "Ada", at(3, 2), "30.00"),
    order(2, "Ada", at(3, 9), "50.00"),
    order(3, "Ben", at(3, 9), "20.00"),
    order(4, "Cleo", at(3, 11, 8), "40.00"),
    order(5, "Dora", at(3, 12, 20), "25.00"),
    order(6, "Dora", at(3, 24), "15.00"),
    order(7, "Fay", at(3, 20), "99.00"),
    order(8, None, at(3, 21), "7.00"),
    order(11, "Ada", at(2, 10)),
    order(12, "Ben", at(2, 11)),
    order(13, "Gus", at(2, 12)),
    order(14, "Hal", at(2, 13)),
    order(15, "Fay", at(2, 14)),
)
# Ada and Gus joined in January; Cleo joined with her first order, on 11 March. Ada brought Ben; Dora came by the
# channel of that name.
CUSTOMERS = (
    rt.Customer(id="Ada", loyalty_joined_at=at(1, 5)),
    rt.Customer(id="Gus", loyalty_joined_at=at(1, 6)),
    rt.Customer(id="Cleo", loyalty_joined_at=at(3, 11, 8), acquisition_channel="search"),
    rt.Customer(id="Ben", referred_by="Ada"),
    rt.Customer(id="Dora", acquisition_channel="referral"),
    rt.Customer(id="Hal"),
    rt.Customer(id="Zoe", loyalty_joined_at=at(1, 7)),
)
SHOP = rt.Shop(orders=ORDERS, customers=CUSTOMERS, checkouts=CHECKOUTS, as_of=at(3, 31))


class TestByHand:
    def test_of_seven_baskets_five_were_left(self):
        found = rt.cart_abandonment_rate(SHOP, period=MARCH, abandoned_after=DAY)
        assert found == rt.Ratio(5, 7)
        assert found.value == formulas.cart_abandonment_rate(carts_abandoned=5, carts_begun=7)
        assert found.partial  # March runs until midnight

    def test_within_the_hour_one_more_was_left(self):
        assert rt.cart_abandonment_rate(SHOP, period=MARCH, abandoned_after=HOUR) == rt.Ratio(6, 7)

    def test_of_three_left_by_known_customers_two_were_recovered(self):
        found = rt.cart_recovery_rate(SHOP, period=MARCH, abandoned_after=DAY, within=10 * DAY)
        assert found == rt.Ratio(2, 3)
        assert found.value == formulas.cart_recovery_rate(carts_recovered=2, carts_abandoned=3)
        assert found.left_out == {"not observed long enough": 1, "of an unknown customer": 1}

    def test_with_another_day_dora_comes_back_too(self):
        """From 13 March 12:00 to 24 March 12:00."""
        found = rt.cart_recovery_rate(SHOP, period=MARCH, abandoned_after=DAY, within=11 * DAY)
        assert found == rt.Ratio(3, 3)

    def test_two_of_the_four_active_customers_with_a_record_are_members(self):
        """Ada and Cleo, of Ada, Ben, Cleo and Dora; Zoe did not buy, of Fay nothing is known."""
        found = rt.loyalty_participation_rate(SHOP, period=MARCH)
        assert found == rt.Ratio(2, 4)
        assert found.value == formulas.loyalty_participation_rate(members=2, customers=4)
        assert found.left_out == {"guest": 1, "without a customer record": 1}

    def test_the_member_spent_80_and_the_three_others_100(self):
        """Ada 30 + 50, which is 2.4 times the mean of Ben 20, Cleo 40 and Dora 25 + 15."""
        found = rt.loyalty_spend_ratio(SHOP, period=MARCH)
        assert found == rt.Ratio(Decimal("240.00"), Decimal("100.00"), bounded=False)
        assert found.value == formulas.loyalty_spend_ratio(
            member_revenue=80, members=1, other_revenue=100, other_customers=3
        )

    def test_one_of_two_members_stayed_and_one_of_two_others(self):
        assert rt.loyalty_retention_rate(SHOP, period=MARCH) == rt.Ratio(1, 2)
        assert rt.loyalty_retention_rate(SHOP, period=MARCH, of="others") == rt.Ratio(1, 2)
        found = rt.compare_members(SHOP, period=MARCH)
        assert (found.difference, found.verdict) == (0, "noise")

    def test_one_of_two_new_customers_was_referred(self):
        found = rt.referral_rate(SHOP, period=MARCH)
        assert found == rt.Ratio(1, 2)
        assert found.value == formulas.referral_rate(customers_referred=1, customers_acquired=2)

    def test_a_third_of_the_revenue_is_from_referred_customers(self):
        """Ben 20 and Dora 40, of 80 + 20 + 40 + 40."""
        found = rt.referred_revenue_rate(SHOP, period=MARCH)
        assert found == rt.Ratio(Decimal("60.00"), Decimal("180.00"))


# ------------------------------------------------------------------------------------ a slow count

NAMES = ("ann", "ben", "cy", "dee", "eve", "a@b", *range(12), None)
ALIASES = {"a@b": "ann"}
GAPS = (None, None, timedelta(0), HOUR, DAY, DAY + timedelta(microseconds=1), 9 * DAY, 40 * DAY)
MONTH = relativedelta(months=1)
SEEDS = range(8)


def random_shop(seed: int, **reading: Any) -> rt.Shop:
    """Few people, who begin and buy often, at whole hours of five months."""
    random = Random(seed)

    def some_time() -> datetime:
        return at(1, 1, 0) + random.randrange(24 * 150) * HOUR

    begun = [some_time() for _ in range(80)]
    gaps = [random.choice(GAPS) for _ in begun]
    return rt.Shop(
        checkouts=[
            checkout(number, random.choice(NAMES), start, None if gap is None else start + gap)
            for number, (start, gap) in enumerate(zip(begun, gaps, strict=True))
        ],
        orders=[
            order(number, random.choice(NAMES), some_time(), str(Decimal(random.randrange(1, 5000)) / 100))
            for number in range(70)
        ],
        customers=[
            rt.Customer(
                id=name,
                loyalty_joined_at=random.choice([None, some_time()]),
                referred_by=random.choice([None, "zoe", "ann"]) if name != "ann" else None,
                acquisition_channel=random.choice([None, "search", "referral"]),
            )
            for name in NAMES
            if name is not None and random.random() < 0.8
        ],
        **reading,
    )


READINGS: tuple[dict[str, Any], ...] = (
    {"as_of": at(6, 15)},
    {"as_of": at(3, 20)},
    {"as_of": at(4, 3), "aliases": ALIASES},
    {"as_of": at(6, 15), "aliases": ALIASES},
)
every_shop = pytest.mark.parametrize(
    "shop", [random_shop(seed, **reading) for seed in SEEDS for reading in READINGS]
)


def one_id(shop: rt.Shop, who: Any) -> Any:
    return shop.aliases.get(who, who)


def purchases(shop: rt.Shop) -> dict[Any, list[tuple[datetime, Decimal]]]:
    """Each known customer's, by instant."""
    found = defaultdict(list)
    for each in sorted(shop.orders, key=lambda each: each.placed_at):
        if each.customer_id is not None and each.placed_at <= shop.as_of:
            found[one_id(shop, each.customer_id)].append((each.placed_at, each.amount))
    return found


def in_march(moment: datetime) -> bool:
    return MARCH.start <= moment < MARCH.end


def active(shop: rt.Shop) -> set[Any]:
    return {who for who, bought in purchases(shop).items() if any(in_march(when) for when, _ in bought)}


def recorded(shop: rt.Shop) -> dict[Any, list[rt.Customer]]:
    found = defaultdict(list)
    for each in shop.customers:
        found[one_id(shop, each.id)].append(each)
    return found


def members(shop: rt.Shop, before: datetime) -> set[Any]:
    return {
        who
        for who, records in recorded(shop).items()
        for record in records
        if (joined := record.loyalty_joined_at) is not None and joined < before and joined <= shop.as_of
    }


def referred(shop: rt.Shop) -> set[Any]:
    return {
        who
        for who, records in recorded(shop).items()
        for record in records
        if record.acquisition_channel == "referral"
        or (record.referred_by is not None and one_id(shop, record.referred_by) != who)
    }


def spent(shop: rt.Shop, customers: set[Any]) -> Decimal:
    bought = chain.from_iterable(purchases(shop)[who] for who in customers)
    return sum((amount for when, amount in bought if in_march(when)), Decimal(0))


class TestSlowCount:
    """The library against loops over the records."""

    @every_shop
    @pytest.mark.parametrize("after", [HOUR, DAY, MONTH], ids=str)
    def test_abandoned(self, shop, after):
        begun = [each for each in shop.checkouts if in_march(each.begun_at)]
        watched = [each for each in begun if each.begun_at + after <= shop.as_of]
        left = [
            each for each in watched if each.ordered_at is None or each.ordered_at > each.begun_at + after
        ]
        found = rt.cart_abandonment_rate(shop, period=MARCH, abandoned_after=after)
        assert found == rt.Ratio(len(left), len(watched))
        assert sum(found.left_out.values()) == len(begun) - len(watched)

    @every_shop
    @pytest.mark.parametrize("after, within", [(HOUR, DAY), (DAY, 30 * DAY), (DAY, MONTH)], ids=str)
    def test_recovered(self, shop, after, within):
        bought = purchases(shop)
        outcomes = []
        for each in shop.checkouts:
            limit = each.begun_at + after
            ordered = each.ordered_at is not None and each.ordered_at <= min(limit, shop.as_of)
            watched = limit + within <= shop.as_of
            if in_march(each.begun_at) and not ordered and watched and each.customer_id is not None:
                times = [when for when, _ in bought[one_id(shop, each.customer_id)]]
                outcomes.append(any(limit < when <= limit + within for when in times))
        found = rt.cart_recovery_rate(shop, period=MARCH, abandoned_after=after, within=within)
        assert found == rt.Ratio(sum(outcomes), len(outcomes))

    @every_shop
    def test_members(self, shop):
        known = active(shop) & set(recorded(shop))
        joined = known & members(shop, MARCH.end)
        found = rt.loyalty_participation_rate(shop, period=MARCH)
        assert found == rt.Ratio(len(joined), len(known))
        assert found.left_out.get("without a customer record", 0) == len(active(shop) - known)

    @every_shop
    def test_spend(self, shop):
        known = active(shop) & set(recorded(shop))
        loyal = known & members(shop, MARCH.start)
        others = known - loyal
        found = rt.loyalty_spend_ratio(shop, period=MARCH)
        expected = formulas.loyalty_spend_ratio(
            member_revenue=spent(shop, loyal),
            members=len(loyal),
            other_revenue=spent(shop, others),
            other_customers=len(others),
            default=None,
        )
        assert found.value == (None if expected is None else pytest.approx(float(expected)))

    @every_shop
    @pytest.mark.parametrize("of", ["members", "others"])
    def test_retention(self, shop, of):
        before = MARCH.previous()
        loyal = members(shop, MARCH.start)
        base = {
            who
            for who, bought in purchases(shop).items()
            if any(before.start <= when < before.end for when, _ in bought)
            and who in recorded(shop)
            and (who in loyal) == (of == "members")
        }
        found = rt.loyalty_retention_rate(shop, period=MARCH, of=of)
        assert found == rt.Ratio(len(base & active(shop)), len(base))

    @every_shop
    def test_referral(self, shop):
        new = {who for who, bought in purchases(shop).items() if in_march(bought[0][0])} & set(recorded(shop))
        assert rt.referral_rate(shop, period=MARCH) == rt.Ratio(len(new & referred(shop)), len(new))

    @every_shop
    def test_referred_revenue(self, shop):
        known = active(shop) & set(recorded(shop))
        found = rt.referred_revenue_rate(shop, period=MARCH)
        assert found == rt.Ratio(spent(shop, known & referred(shop)), spent(shop, known))

    def test_the_shops_are_not_all_alike(self):
        shops = [random_shop(seed, as_of=at(6, 15)) for seed in SEEDS]
        assert len({rt.cart_abandonment_rate(each, period=MARCH, abandoned_after=DAY) for each in shops}) > 4
        assert len({rt.loyalty_retention_rate(each, period=MARCH) for each in shops}) > 4
