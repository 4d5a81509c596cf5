"""What two periods share, against sums made customer by customer, from the orders themselves."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from attrs import frozen

import retention as rt
from retention._facts import PeriodFacts, facts
from retention._numerics import CrossSums, CrossTwoGroups
from retention._pairs import Members, Pairing
from retention.testing import make_orders

JANUARY, FEBRUARY, MARCH, APRIL, MAY = (rt.Period.month(2026, month, tz="UTC") for month in range(1, 6))
Pairs = dict[Hashable, tuple[int, int]]
"""x and y of everybody who is in a figure; money in cents."""
NOBODY = Members(
    orders={},
    spend={},
    firsts={},
    first_new=0,
    guests={},
    beside={},
    refunded={},
    refunds_made={},
    at_start=frozenset(),
    kept=frozenset(),
    reactivated=frozenset(),
    unbought={},
    cancelled={},
    categorised=frozenset(),
    cross_sold=frozenset(),
    profits={},
    discount_known={},
    discounted={},
    channels={},
)


# --- the oracle: who brings what to a figure ---


@frozen(kw_only=True)
class Seen:
    """One period of a list of orders, of which all count and all were paid in cents."""

    orders: list[rt.Order]
    period: rt.Period
    inactive_after: timedelta | None = None

    def buyers(self, start: datetime | None, end: datetime) -> set[Hashable]:
        return {
            order.customer_id
            for order in self.bought()
            if order.customer_id is not None
            and (start is None or start <= order.placed_at)
            and order.placed_at < end
        }

    def bought(self) -> list[rt.Order]:
        return [order for order in self.orders if is_purchase(order)]

    def placed(self) -> list[rt.Order]:
        return [order for order in self.orders if self.period.start <= order.placed_at < self.period.end]

    def within(self) -> list[rt.Order]:
        return [order for order in self.placed() if is_sale(order)]

    def purchases(self) -> list[rt.Order]:
        return [order for order in self.placed() if is_purchase(order)]

    def base(self) -> tuple[set[Hashable], set[Hashable], set[Hashable]]:
        """Who was there at the start, at the end, and who had ever been before."""
        start, end = self.period.start, self.period.end
        if self.inactive_after is None:
            opening, closing = self.period.previous().start, start
        else:
            opening, closing = start - self.inactive_after, end - self.inactive_after
        return self.buyers(opening, start), self.buyers(closing, end), self.buyers(None, start)


def is_sale(order: rt.Order) -> bool:
    return order.cancelled_at is None and order.payment_state != "failed"


def is_purchase(order: rt.Order) -> bool:
    return is_sale(order) and cents(order) > refunded(order)


def cents(order: rt.Order) -> int:
    return int(order.amount * 100)


def refunded(order: rt.Order) -> int:
    return sum(int(each.amount * 100) for each in order.refunds)


def cluster(order: rt.Order) -> Hashable:
    return ("guest", order.id) if order.customer_id is None else order.customer_id


def summed(entries: list[tuple[Hashable, int, int]]) -> Pairs:
    found: Pairs = {}
    for who, x, y in entries:
        before = found.get(who, (0, 0))
        found[who] = (before[0] + x, before[1] + y)
    return found


def once(pairs: Pairs) -> Pairs:
    return {who: (1, y) for who, (_, y) in pairs.items()}


def among(base: set[Hashable], some: set[Hashable]) -> Pairs:
    return {who: (1, int(who in some)) for who in base}


def known(seen: Seen) -> list[rt.Order]:
    return [order for order in seen.purchases() if order.customer_id is not None]


def firsts(seen: Seen) -> dict[Hashable, datetime]:
    found: dict[Hashable, datetime] = {}
    for order in seen.bought():
        found[order.customer_id] = min(order.placed_at, found.get(order.customer_id, order.placed_at))
    return found


def returning_spend(seen: Seen, *, new: bool) -> Pairs:
    earlier = seen.buyers(None, seen.period.start)
    return once(
        summed(
            [
                (order.customer_id, 1, cents(order) - refunded(order))
                for order in known(seen)
                if (order.customer_id in earlier) is not new
            ]
        )
    )


def churn(seen: Seen) -> Pairs:
    return {who: (x, x - y) for who, (x, y) in BRINGS["customer_retention_rate"](seen).items()}


def published(seen: Seen) -> Pairs:
    start, end, earlier = seen.base()
    not_new = {who for who in end if who in earlier}
    return {who: (int(who in start), int(who in not_new)) for who in start | not_new}


def refunds_made(seen: Seen) -> Pairs:
    return summed(
        [(cluster(order), cents(order), 0) for order in seen.within()]
        + [
            (cluster(order), 0, int(each.amount * 100))
            for order in filter(is_sale, seen.orders)
            for each in order.refunds
            if seen.period.start <= each.refunded_at < seen.period.end
        ]
    )


def categories(seen: Seen) -> Pairs:
    found: dict[Hashable, set[str]] = {}
    for order in known(seen):
        named = {item.category for item in order.items if item.category is not None}
        found.setdefault(order.customer_id, set()).update(named)
    return {who: (1, int(len(named) > 1)) for who, named in found.items() if named}


def channels(seen: Seen) -> Pairs:
    found: dict[Hashable, set[str]] = {}
    for order in known(seen):
        found.setdefault(order.customer_id, set()).update([order.channel] if order.channel else [])
    return {who: (1, int(len(named) > 1)) for who, named in found.items() if named}


BRINGS: dict[str, Callable[[Seen], Pairs]] = {
    "purchase_frequency": lambda seen: once(summed([(order.customer_id, 0, 1) for order in known(seen)])),
    "average_customer_value": lambda seen: once(
        summed([(order.customer_id, 0, cents(order) - refunded(order)) for order in known(seen)])
    ),
    "average_order_value": lambda seen: summed(
        [(cluster(order), 1, cents(order) - refunded(order)) for order in seen.purchases()]
    ),
    "repeat_order_rate": lambda seen: summed(
        [
            (order.customer_id, 1, int(order.placed_at > firsts(seen)[order.customer_id]))
            for order in known(seen)
        ]
    ),
    "repeat_purchase_rate": lambda seen: {
        who: (1, int(orders > 1))
        for who, (orders, _) in summed([(order.customer_id, 1, 0) for order in known(seen)]).items()
    },
    "returning_customer_rate": lambda seen: among(
        seen.buyers(seen.period.start, seen.period.end), seen.buyers(None, seen.period.start)
    ),
    "existing_customer_revenue_rate": lambda seen: summed(
        [
            (
                order.customer_id,
                cents(order) - refunded(order),
                (cents(order) - refunded(order))
                * (order.customer_id in seen.buyers(None, seen.period.start)),
            )
            for order in known(seen)
        ]
    ),
    "refund_rate": lambda seen: summed(
        [(cluster(order), cents(order), refunded(order)) for order in seen.within()]
    ),
    "refund_ratio": refunds_made,
    "cancellation_rate": lambda seen: summed(
        [(cluster(order), 1, int(order.cancelled_at is not None)) for order in seen.placed()]
    ),
    "cross_sell_rate": categories,
    "discounted_order_rate": lambda seen: summed(
        [
            (cluster(order), 1, int(order.discount > 0))
            for order in seen.purchases()
            if order.discount is not None
        ]
    ),
    "multichannel_rate": channels,
    "gross_margin_ratio": lambda seen: summed(
        [
            (
                cluster(order),
                cents(order) - refunded(order),
                cents(order) - refunded(order) - int(order.cost * 100),
            )
            for order in seen.purchases()
            if order.cost is not None
        ]
    ),
    "customer_retention_rate": lambda seen: among(*seen.base()[:2]),
    "customer_churn_rate": churn,
    "published_retention_ratio": published,
    "reactivation_rate": lambda seen: among(seen.base()[2] - seen.base()[0], seen.base()[1]),
}


def expected(a: Pairs, b: Pairs) -> CrossSums:
    return CrossSums.of(((a[who], b[who]) for who in a.keys() & b.keys()), len(a.keys() | b.keys()))


def assert_cross(
    orders: list[rt.Order],
    pairs: Mapping[rt.Period, rt.Period],
    inactive_after: timedelta | None = None,
) -> None:
    """The cross sums of each pair of periods."""
    for found in counted(orders, pairs, inactive_after):
        if found.period not in pairs:
            assert found.cross == {}
            continue
        a, b = (
            Seen(orders=orders, period=each, inactive_after=inactive_after)
            for each in (found.period, pairs[found.period])
        )
        assert found.cross.keys() == {*BRINGS, "returning_spend_ratio"}
        for metric, brings in BRINGS.items():
            assert found.cross[metric] == expected(brings(a), brings(b)), metric
        old, new = ([returning_spend(each, new=is_new) for each in (a, b)] for is_new in (False, True))
        groups = found.cross["returning_spend_ratio"]
        assert isinstance(groups, CrossTwoGroups)
        assert_parts(groups.top_top, old[0], old[1])
        assert_parts(groups.top_bottom, old[0], new[1])
        assert_parts(groups.bottom_top, new[0], old[1])
        assert_parts(groups.bottom_bottom, new[0], new[1])
        assert groups.n == len(known_buyers(a) | known_buyers(b))


def assert_parts(found: CrossSums, a: Pairs, b: Pairs) -> None:
    """All but the number of customers, which is that of both groups."""
    made = expected(a, b)
    assert (found.xx, found.xy, found.yx, found.yy) == (made.xx, made.xy, made.yx, made.yy)


def known_buyers(seen: Seen) -> set[Hashable]:
    return seen.buyers(seen.period.start, seen.period.end)


def counted(
    orders: list[rt.Order], pairs: Mapping[rt.Period, rt.Period], inactive_after: timedelta | None = None
) -> list[PeriodFacts]:
    periods = dict.fromkeys([*pairs, *pairs.values()])
    return facts(rt.History(orders), periods, against=pairs, inactive_after=inactive_after)


def drawn(seed: int, *, customers: int = 12, orders: int = 90) -> list[rt.Order]:
    """Half a year of a dozen customers and some guests, who send things back at once or months later, or cancel."""
    random = Random(seed)
    found = []
    for number in range(orders):
        placed_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=random.randrange(150 * 24))
        amount = Decimal(random.randrange(1, 5000)).scaleb(-2)
        part = random.choice([None, None, None, amount, Decimal("0.01")])
        back = placed_at + timedelta(days=random.randrange(70))
        named = random.choices(["tea", "cups", None], k=random.randrange(3))
        found.append(
            rt.Order(
                id=number,
                customer_id=random.choice([None, *range(customers), 0, 0, 1]),
                placed_at=placed_at,
                amount=amount,
                currency="EUR",
                refunds=() if part is None else [rt.Refund(refunded_at=back, amount=part)],
                cancelled_at=back if random.random() < 0.15 else None,
                payment_state=random.choice(["paid", "paid", "paid", "failed"]),
                cost=random.choice([None, Decimal(random.randrange(4000)).scaleb(-2)]),
                items=[rt.LineItem(product="a", category=each) for each in named],
                discount=random.choice([None, 0, 0, "0.50"]),
                channel=random.choice([None, "web", "web", "app", "store"]),
            )
        )
    return found


def days(start: int, length: int) -> rt.Period:
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=start)
    return rt.Period.between(begin, begin + timedelta(days=length), tz="UTC")


class TestAgainstBruteForce:
    @pytest.mark.parametrize("seed", range(4))
    def test_a_series_each_beside_the_one_before(self, seed):
        assert_cross(drawn(seed), {FEBRUARY: JANUARY, MARCH: FEBRUARY, APRIL: MARCH, MAY: APRIL})

    @pytest.mark.parametrize("seed", range(3))
    def test_distant(self, seed):
        assert_cross(drawn(seed), {MAY: FEBRUARY, APRIL: JANUARY})

    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize(
        "a, b", [((40, 60), (10, 50)), ((10, 100), (40, 20)), ((40, 20), (40, 50)), ((10, 50), (40, 60))]
    )
    def test_overlapping(self, seed, a, b):
        """Orders lie in both periods, those of guests, too."""
        assert_cross(drawn(seed), {days(*a): days(*b)})

    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("within", [31, 60, 95])
    def test_inactive_after(self, seed, within):
        pairs = {MARCH: FEBRUARY, APRIL: MARCH, MAY: FEBRUARY}
        assert_cross(drawn(seed), pairs, timedelta(days=within))

    def test_one_period_beside_many_and_the_later_beside_the_earlier(self):
        assert_cross(drawn(9), {MARCH: JANUARY, APRIL: JANUARY, JANUARY: MAY})

    def test_many_orders_at_one_instant(self):
        """Of purchases at the instant of the first none is a repeat, though there are several."""
        orders = make_orders({"ann": ["2026-02-10"] * 3 + ["2026-03-10"] * 2, "ben": ["2026-03-10"] * 2})
        assert_cross(orders, {MARCH: FEBRUARY})

    def test_nobody(self):
        assert_cross([], {MARCH: FEBRUARY})
        assert_cross(make_orders({"ann": ["2026-02-10"], "ben": ["2026-03-10"]}), {MARCH: FEBRUARY})

    def test_a_guest_whose_order_is_sold_in_one_period_and_refunded_in_the_other(self):
        orders = [
            rt.Order(
                id=1,
                customer_id=None,
                placed_at=datetime(2026, 2, 10, tzinfo=UTC),
                amount=Decimal("50.00"),
                currency="EUR",
                refunds=[rt.Refund(refunded_at=datetime(2026, 3, 10, tzinfo=UTC), amount=Decimal("20.00"))],
            )
        ]
        march = next(found for found in counted(orders, {MARCH: FEBRUARY}) if found.period == MARCH)
        # March: nothing sold, 20.00 given back; February: 50.00 sold, nothing given back. One cluster in both.
        assert march.cross["refund_ratio"] == CrossSums(n=1, xx=0, xy=0, yx=2000 * 5000, yy=0)
        assert march.cross["refund_rate"] == CrossSums(n=1, xx=0, xy=0, yx=0, yy=0)


class TestPairing:
    def test_without_pairs_there_is_nothing(self):
        found = facts(rt.History(drawn(1)), [MARCH, FEBRUARY])
        assert [each.cross for each in found] == [{}, {}]

    def test_customers_are_forgotten_as_soon_as_nobody_waits_for_them(self):
        pairs = {FEBRUARY: JANUARY, MARCH: FEBRUARY, APRIL: MARCH}
        pairing, held = Pairing(pairs, several_channels=2), []
        for period in (JANUARY, FEBRUARY, MARCH, APRIL, MAY):
            pairing.add(period, NOBODY)
            held.append([each.label for each in pairing._members])
        assert held == [["2026-01"], ["2026-02"], ["2026-03"], [], []]
        assert pairing.cross.keys() == pairs.keys()

    def test_a_period_that_is_compared_with_nothing_is_not_wanted(self):
        pairing = Pairing({FEBRUARY: JANUARY}, several_channels=2)
        assert [pairing.wants(each) for each in (JANUARY, FEBRUARY, MARCH)] == [True, True, False]

    def test_a_pair_of_which_only_one_is_counted(self):
        (found,) = facts(rt.History(drawn(1)), [MARCH], against={MARCH: FEBRUARY})
        assert found.cross == {}
