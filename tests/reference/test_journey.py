"""Cancellations, recoveries, categories and margins: worked by hand, and against loops over the orders themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

import retention as rt
from retention import formulas
from retention.metrics import (
    cancellation_rate,
    cancellation_reason_share,
    cross_sell_rate,
    gross_margin_ratio,
    recovery_rate,
)
from retention.results import ClusterSums
from retention.testing import make_order, make_orders

MARCH = rt.Period.month(2026, 3, tz="Europe/Berlin")
FORTNIGHT = timedelta(days=14)


class TestByHand:
    # Placed in March: ann 1, 2, 3; ben 4; cy 5; dee 6; a guest 7; eve 9. Not placed: the test 8, April's 10.
    CANCELLED = (
        make_order(id=1, customer_id="ann", placed_at="2026-03-02"),
        make_order(
            id=2,
            customer_id="ann",
            placed_at="2026-03-03",
            cancelled_at="2026-03-04",
            cancel_reason="customer",
        ),
        make_order(id=3, customer_id="ann", placed_at="2026-03-05", tags=["gift-card"]),
        make_order(id=4, customer_id="ben", placed_at="2026-03-06", payment_state="failed"),
        # The payment failed and the order was cancelled: cancelled.
        make_order(
            id=5,
            customer_id="cy",
            placed_at="2026-03-07",
            payment_state="failed",
            cancelled_at="2026-03-08",
            cancel_reason="payment",
        ),
        make_order(id=6, customer_id="dee", placed_at="2026-03-30", cancelled_at="2026-04-20"),
        make_order(
            id=7, customer_id=None, placed_at="2026-03-09", cancelled_at="2026-03-09", cancel_reason="stock"
        ),
        make_order(id=8, customer_id="ann", placed_at="2026-03-09", cancelled_at="2026-03-09", is_test=True),
        make_order(
            id=9, customer_id="eve", placed_at="2026-03-31", amount=5, refunds=[("2026-03-31T15:00", 5)]
        ),
        make_order(id=10, customer_id="ann", placed_at="2026-04-01", cancelled_at="2026-04-01"),
    )

    @pytest.mark.parametrize(
        "reason, cancelled",
        [
            (None, 4),
            ("voluntary", 1),
            ("involuntary", 2),
            ("customer", 1),
            ("payment", 1),
            ("stock", 1),
            ("fraud", 0),
            ("technical", 0),
            ("other", 0),
            ("unknown", 1),
        ],
    )
    def test_cancelled_of_placed(self, reason: Any, cancelled: int) -> None:
        rate = cancellation_rate(self.CANCELLED, period=MARCH, reason=reason)
        assert rate == rt.Ratio(cancelled, 8)
        assert float(rate) == formulas.cancellation_rate(cancelled_orders=cancelled, placed_orders=8)
        assert rate.left_out == {"test": 1}

    def test_what_is_cancelled_later_is_not_cancelled_yet(self) -> None:
        as_of = datetime(2026, 4, 20, 11, 59, tzinfo=UTC)
        assert cancellation_rate(self.CANCELLED, period=MARCH, as_of=as_of) == rt.Ratio(3, 8)
        at_noon = as_of + timedelta(minutes=1)
        assert cancellation_rate(self.CANCELLED, period=MARCH, as_of=at_noon) == rt.Ratio(4, 8)

    def test_orders_of_one_customer_are_one_cluster(self) -> None:
        """Placed and cancelled: ann 3 and 1, ben 1 and 0, cy 1 and 1, dee 1 and 1, the guest 1 and 1, eve 1 and 0."""
        sums = cancellation_rate(self.CANCELLED, period=MARCH).sampling
        assert sums == ClusterSums(n=6, x=8, y=4, xx=14, xy=6, yy=4)

    def test_by_reason(self) -> None:
        shares = cancellation_reason_share(self.CANCELLED, period=MARCH)
        assert dict(shares.counts) == {"customer": 1, "payment": 1, "stock": 1, "unknown": 1}
        assert shares["stock"] == rt.Ratio(1, 4)
        assert shares["stock"].sampling == "independent"

    def test_by_reason_where_one_customer_cancelled_twice(self) -> None:
        again = make_order(
            id=11,
            customer_id="cy",
            placed_at="2026-03-10",
            cancelled_at="2026-03-10",
            cancel_reason="customer",
        )
        shares = cancellation_reason_share([*self.CANCELLED, again], period=MARCH)
        assert list(shares) == ["customer", "payment", "stock", "unknown"]
        # ann 1 of 1, cy 1 of 2, the guest and dee 0 of 1.
        assert shares["customer"] == rt.Ratio(2, 5)
        assert shares["customer"].sampling == ClusterSums(n=4, x=5, y=2, xx=7, xy=3, yy=2)

    # ann cancelled twice in March, and purchased at the very limit of the second; ben too late by a microsecond; cy at
    # the instant of the cancellation, and before it; dee's was placed in February; a guest's; eve's is too young.
    LATE = "2026-03-24T12:00:00.000001"
    RECOVERED = (
        make_order(id=1, customer_id="ann", placed_at="2026-03-01", cancelled_at="2026-03-02"),
        make_order(id=2, customer_id="ann", placed_at="2026-03-01", cancelled_at="2026-03-10"),
        make_order(id=3, customer_id="ann", placed_at="2026-03-24"),
        make_order(id=4, customer_id="ben", placed_at="2026-03-09", cancelled_at="2026-03-10"),
        make_order(id=5, customer_id="ben", placed_at=LATE),
        make_order(id=6, customer_id="cy", placed_at="2026-03-09", cancelled_at="2026-03-10"),
        make_order(id=7, customer_id="cy", placed_at="2026-03-10"),
        make_order(id=8, customer_id="cy", placed_at="2026-03-09T18:00"),
        make_order(
            id=9,
            customer_id="dee",
            placed_at="2026-02-20",
            cancelled_at="2026-03-01T01:00",
            cancel_reason="stock",
        ),
        make_order(id=10, customer_id="dee", placed_at="2026-03-02"),
        make_order(id=11, customer_id=None, placed_at="2026-03-09", cancelled_at="2026-03-10"),
        make_order(id=12, customer_id="eve", placed_at="2026-03-30", cancelled_at="2026-03-30"),
        make_order(id=13, customer_id="eve", placed_at="2026-04-01"),
        make_order(id=14, customer_id="fay", placed_at="2026-03-31", cancelled_at="2026-04-01"),
    )
    AS_OF = datetime(2026, 4, 10, tzinfo=UTC)

    def recovery(self, **given: Any) -> rt.Ratio:
        return recovery_rate(
            self.RECOVERED, **{"period": MARCH, "within": FORTNIGHT, "as_of": self.AS_OF, **given}
        )

    def test_recovered_of_cancelled(self) -> None:
        rate = self.recovery()
        # ann's second and dee's, of ann's two, ben's, cy's and dee's
        assert rate == rt.Ratio(2, 5)
        assert float(rate) == formulas.recovery_rate(recovered_orders=2, cancelled_orders=5)
        assert rate.left_out == {"guest": 1, "not observed long enough": 1}
        assert rate.partial
        assert rate.sampling == ClusterSums(n=4, x=5, y=2, xx=7, xy=3, yy=2)

    def test_for_some_reasons_only(self) -> None:
        assert self.recovery(reason="involuntary") == rt.Ratio(1, 1)
        assert self.recovery(reason="unknown") == rt.Ratio(1, 4)
        assert self.recovery(reason="fraud").undefined_because

    def test_a_longer_time(self) -> None:
        later = datetime(2026, 5, 1, tzinfo=UTC)
        # Within 22 days from 2 March ann's first, too; eve has been seen for that long.
        rate = self.recovery(within=timedelta(days=22), as_of=later)
        assert rate == rt.Ratio(5, 6)
        assert not rate.partial

    def test_a_month_is_that_of_the_periods_zone(self) -> None:
        cancelled = make_order(
            id=1, customer_id="ann", placed_at="2026-02-28T23:30", cancelled_at="2026-02-28T23:30"
        )
        # It is half past midnight on 1 March in Berlin, and so until that on 1 April, which daylight saving makes 22:30.
        for minutes, back in ((30, 1), (31, 0)):
            at = datetime(2026, 3, 31, 22, minutes, tzinfo=UTC)
            orders = [cancelled, make_order(id=2, customer_id="ann", placed_at=at)]
            rate = recovery_rate(orders, period=MARCH, within=relativedelta(months=1), as_of=self.AS_OF)
            assert rate == rt.Ratio(back, 1)

    def test_two_names_of_one_customer(self) -> None:
        orders = [
            make_order(id="x", customer_id="ann@home", placed_at="2026-03-01", cancelled_at="2026-03-02"),
            *make_orders({"ann": ["2026-03-05"]}),
        ]
        given: dict[str, Any] = {"period": MARCH, "within": FORTNIGHT, "as_of": self.AS_OF}
        assert recovery_rate(orders, **given) == rt.Ratio(0, 1)
        assert recovery_rate(orders, **given, aliases={"ann@home": "ann"}) == rt.Ratio(1, 1)

    def test_what_is_no_purchase_recovers_nothing(self) -> None:
        orders = [
            make_order(id=1, customer_id="ann", placed_at="2026-03-01", cancelled_at="2026-03-02"),
            make_order(id=2, customer_id="ann", placed_at="2026-03-03", payment_state="failed"),
            make_order(id=3, customer_id="ann", placed_at="2026-03-04", refunds=[("2026-03-05", "10.00")]),
            make_order(id=4, customer_id="ann", placed_at="2026-03-04", is_test=True),
        ]
        rate = recovery_rate(orders, period=MARCH, within=FORTNIGHT, as_of=self.AS_OF)
        assert rate == rt.Ratio(0, 1)

    def test_two_categories(self) -> None:
        def bought(number: int, who: str | None, *names: str | None) -> rt.Order:
            items = [rt.LineItem(product=number, category=each) for each in names]
            return make_order(id=number, customer_id=who, items=items)

        orders = [
            bought(1, "ann", "tea", None, "cups"),  # two in one order
            bought(2, "ben", "tea"),
            bought(3, "ben", "cups"),  # two in two orders
            bought(4, "cy", "tea", "tea"),
            bought(5, "cy", "tea"),
            bought(6, "cy", None),
            bought(7, "dee", None),
            bought(8, "eve"),
            bought(9, None, "tea", "cups"),
            bought(10, "fay", "tea"),
            bought(11, "fay", "tea", "cups"),
        ]
        rate = cross_sell_rate(orders, period=MARCH)
        assert rate == rt.Ratio(3, 4)
        assert rate.left_out == {"guest": 1, "no category": 3}
        assert float(rate) == formulas.cross_sell_rate(multi_category_customers=3, customers=4)

    def test_margin(self) -> None:
        orders = [
            make_order(id=1, customer_id="ann", amount="100.00", cost="60.00"),
            # A refund takes money and leaves the cost: 50 - 30.
            make_order(
                id=2, customer_id="ann", amount="80.00", cost="30.00", refunds=[("2026-03-09", "30.00")]
            ),
            make_order(id=3, customer_id="ben", amount="20.00", cost="25.3333"),
            make_order(id=4, customer_id=None, amount="10.00", cost="0"),
            make_order(id=5, customer_id="cy", amount="500.00"),
            make_order(id=6, customer_id=None, amount="500.00"),
            # All given back: no purchase.
            make_order(id=7, customer_id="dee", amount="5.00", cost="4.00", refunds=[("2026-03-09", "5.00")]),
        ]
        margin = gross_margin_ratio(orders, period=MARCH)
        # 40 + 20 - 5.3333 + 10 of 100 + 50 + 20 + 10
        assert margin == rt.Ratio(Decimal("64.6667"), Decimal("180.00"), bounded=False)
        assert margin.left_out == {"no net amount": 1, "no known cost": 2}
        sums = margin.sampling
        assert isinstance(sums, ClusterSums)
        assert (sums.n, sums.x, sums.y) == (3, 18_000, 646_667)
        assert sums.yy == 600_000**2 + 53_333**2 + 100_000**2
        assert sums.xy == 15_000 * 600_000 - 2_000 * 53_333 + 1_000 * 100_000
        # The figures of money keep their cents.
        assert str(rt.net_revenue(orders, period=MARCH)) == "1180.00"

    def test_goods_sold_under_cost(self) -> None:
        orders = [make_order(id=who, customer_id=who, cost="20.00") for who in ("ann", "ben")]
        margin = gross_margin_ratio([*orders, make_order(customer_id="cy", cost="5.00")], period=MARCH)
        assert margin == rt.Ratio(Decimal("-15.00"), Decimal("30.00"), bounded=False)
        assert margin.interval().low < -0.5 < margin.interval().high


# ------------------------------------------------------------------------------------------ any shop

WHO = ("ann", "a@b", "ben", "cy", "dee", "eve", None, None)
ALIASES = {"a@b": "ann"}
AS_OF = datetime(2026, 4, 15, tzinfo=UTC)
REASONS = ("customer", "payment", "stock", "fraud", "technical", "other", None)


def random_orders(seed: int, size: int = 120) -> list[rt.Order]:
    random = Random(seed)
    return [random_order(number, random) for number in range(size)]


def random_order(number: int, random: Random) -> rt.Order:
    placed_at = datetime(2026, 2, 15, tzinfo=UTC) + timedelta(hours=random.randrange(24 * 60))
    cancelled = random.random() < 0.3
    items = [
        rt.LineItem(product=1, category=random.choice(["tea", "cups", None]))
        for _ in range(random.randrange(3))
    ]
    return rt.Order(
        id=number,
        customer_id=random.choice(WHO),
        placed_at=placed_at,
        amount=Decimal(random.randrange(3)),
        currency="EUR",
        cancelled_at=placed_at + timedelta(hours=random.randrange(24 * 20)) if cancelled else None,
        cancel_reason=random.choice(REASONS) if cancelled else None,
        payment_state=random.choice(["paid", "paid", "failed"]),
        is_test=random.random() < 0.1,
        tags=random.choice([set(), set(), {"exchange"}]),
        cost=random.choice([None, Decimal(random.randrange(2000)).scaleb(-3)]),
        items=items,
    )


class Shop:
    """The definitions, read off the orders one by one."""

    def __init__(self, orders: Iterable[rt.Order], *, policy: rt.OrderPolicy) -> None:
        self.orders = [order for order in orders if order.placed_at <= AS_OF and not order.is_test]
        self.minimum = -1 if policy.minimum_net is None else policy.minimum_net

    def who(self, order: rt.Order) -> Hashable:
        return ALIASES.get(str(order.customer_id), order.customer_id)

    def cluster(self, order: rt.Order) -> Hashable:
        return ("guest", order.id) if order.customer_id is None else self.who(order)

    def is_cancelled(self, order: rt.Order) -> bool:
        return order.cancelled_at is not None and order.cancelled_at <= AS_OF

    def is_purchase(self, order: rt.Order) -> bool:
        lost = self.is_cancelled(order) or order.payment_state == "failed" or "exchange" in order.tags
        return not lost and order.amount > self.minimum

    def placed(self) -> list[rt.Order]:
        return [order for order in self.orders if MARCH.start <= order.placed_at < MARCH.end]

    def purchases(self) -> list[rt.Order]:
        return [order for order in self.placed() if self.is_purchase(order)]

    def recovered(self, order: rt.Order, within: timedelta) -> bool:
        return any(
            order.cancelled_at < other.placed_at <= order.cancelled_at + within
            for other in self.orders
            if order.cancelled_at is not None
            and self.is_purchase(other)
            and self.who(other) == self.who(order)
        )

    def followed(self, within: timedelta) -> list[rt.Order]:
        return [
            order
            for order in self.orders
            if order.cancelled_at is not None
            and MARCH.start <= order.cancelled_at < MARCH.end
            and order.cancelled_at + within <= AS_OF
            and order.customer_id is not None
        ]


def clustered(entries: Iterable[tuple[Hashable, Any, Any]]) -> tuple[Fraction, ...]:
    """n, Σx, Σy, Σx², Σxy, Σy² over the clusters."""
    found: dict[Hashable, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for cluster, x, y in entries:
        found[cluster][0] += Fraction(x)
        found[cluster][1] += Fraction(y)
    pairs = list(found.values())
    return (
        Fraction(len(pairs)),
        *(sum(column, Fraction(0)) for column in zip(*pairs, strict=True)),
        sum((x * x for x, _ in pairs), Fraction(0)),
        sum((x * y for x, y in pairs), Fraction(0)),
        sum((y * y for _, y in pairs), Fraction(0)),
    )


def sums_of(ratio: rt.Ratio) -> tuple[Fraction, ...]:
    sums = ratio.sampling
    assert isinstance(sums, ClusterSums)
    x, y = Fraction(1, sums.x_scale), Fraction(1, sums.scale)
    return (
        Fraction(sums.n),
        sums.x * x,
        sums.y * y,
        sums.xx * x * x,
        sums.xy * x * y,
        sums.yy * y * y,
    )


@pytest.mark.parametrize("minimum", [Decimal(0), Decimal(1), None])
@pytest.mark.parametrize("seed", range(4))
class TestAgainstLoops:
    def test_cancellations(self, seed: int, minimum: Decimal | None) -> None:
        orders, reading, shop = self.given(seed, minimum)
        kinds = {None: REASONS, "voluntary": ("customer",), "involuntary": REASONS[1:5], "unknown": (None,)}
        for reason, among in kinds.items():
            rate = cancellation_rate(orders, period=MARCH, reason=reason, **reading)  # type: ignore[arg-type]
            assert sums_of(rate) == clustered(
                (shop.cluster(each), 1, shop.is_cancelled(each) and each.cancel_reason in among)
                for each in shop.placed()
            )
        shares = cancellation_reason_share(orders, period=MARCH, **reading)
        cancelled = [each for each in shop.placed() if shop.is_cancelled(each)]
        assert shares.counts == Counter(each.cancel_reason or "unknown" for each in cancelled)
        for reason, share in shares.items():
            assert sums_of(share) == clustered(
                (shop.cluster(each), 1, (each.cancel_reason or "unknown") == reason) for each in cancelled
            )

    @pytest.mark.parametrize("days", [1, 7, 20])
    def test_recoveries(self, seed: int, minimum: Decimal | None, days: int) -> None:
        orders, reading, shop = self.given(seed, minimum)
        within = timedelta(days=days)
        rate = recovery_rate(orders, period=MARCH, within=within, **reading)
        assert sums_of(rate) == clustered(
            (shop.who(each), 1, shop.recovered(each, within)) for each in shop.followed(within)
        )

    def test_categories(self, seed: int, minimum: Decimal | None) -> None:
        orders, reading, shop = self.given(seed, minimum)
        named: dict[Hashable, set[str]] = defaultdict(set)
        for order in shop.purchases():
            if order.customer_id is not None:
                named[shop.who(order)].update(item.category for item in order.items if item.category)
        counts = [len(names) for names in named.values() if names]
        rate = cross_sell_rate(orders, period=MARCH, **reading)
        assert rate == rt.Ratio(sum(1 for number in counts if number > 1), len(counts))

    def test_margins(self, seed: int, minimum: Decimal | None) -> None:
        orders, reading, shop = self.given(seed, minimum)
        assert sums_of(gross_margin_ratio(orders, period=MARCH, **reading)) == clustered(
            (shop.cluster(each), each.amount, Fraction(each.amount) - Fraction(each.cost))
            for each in shop.purchases()
            if each.cost is not None
        )

    def given(self, seed: int, minimum: Decimal | None) -> tuple[list[rt.Order], dict[str, Any], Shop]:
        orders, policy = random_orders(seed), rt.OrderPolicy(minimum_net=minimum)
        reading = {"as_of": AS_OF, "aliases": ALIASES, "policy": policy}
        return orders, reading, Shop(orders, policy=policy)
