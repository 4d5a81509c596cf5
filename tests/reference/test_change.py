"""The change between two periods of one shop, against the definition, customer by customer.

Means and unbounded quotients: `v = v_a + v_b - 2 n/(n - 1) sum(e_a e_b)/(X_a X_b)`, n the customers in either period.
Shares of customers and orders: square and add of their own intervals, with the correlation that follows from the same sums. The oracle is
plain Python on the `Order` objects: who is in a figure of either period, and with what, is written down for each
customer, and the sums are taken over people, in exact fractions.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

import retention as rt
from tests.reference.test_random_shops import Scene, periods, records_at, scenes, to_orders

Pairs = dict[Hashable, tuple[Fraction, Fraction]]
"""x and y of everybody who is in a figure."""

MICROSECOND = timedelta(microseconds=1)
WITHIN = timedelta(days=16)
"""How long an order may be refunded, so that refunds of a late period compare with those of an early one."""


# --- what each customer brings to a figure ---


@attrs.frozen(kw_only=True)
class Sale:
    """An order that counts, and what came back of it. A guest is nobody else: `who` is then the order."""

    who: Hashable
    known: bool
    at: datetime
    amount: Fraction
    refunds: tuple[tuple[datetime, Fraction], ...]

    @property
    def refunded(self) -> Fraction:
        return sum((amount for _, amount in self.refunds), Fraction())

    @property
    def net(self) -> Fraction:
        return self.amount - self.refunded


@attrs.frozen(kw_only=True)
class Window:
    """One period, with the limits of its bases: ``[opening, start)`` and ``[closing, end)``."""

    start: datetime
    end: datetime
    opening: datetime
    closing: datetime


class Ledger:
    """The sales and purchases of a list of orders."""

    def __init__(
        self,
        orders: Iterable[rt.Order],
        *,
        as_of: datetime | None = None,
        currency: str | None = None,
        minimum_net: Decimal | None = Decimal(0),
        refunds_within: timedelta = timedelta.max,
    ) -> None:
        known_by = datetime.max.replace(tzinfo=UTC) if as_of is None else as_of
        counted = (order for order in orders if _counts(order, known_by, currency))
        self.sales = [_sale(order, known_by, refunds_within) for order in counted]
        self.purchases = [sale for sale in self.sales if minimum_net is None or sale.net > minimum_net]
        self.first: dict[Hashable, datetime] = {}
        for sale in self.purchases:
            self.first[sale.who] = min(sale.at, self.first.get(sale.who, sale.at))

    def buyers(self, start: datetime | None, end: datetime) -> set[Hashable]:
        """The known customers who purchased in ``[start, end)``."""
        within = (sale for sale in self.purchases if (start is None or start <= sale.at) and sale.at < end)
        return {sale.who for sale in within if sale.known}

    def in_period(self, window: Window) -> Iterator[Sale]:
        return (sale for sale in self.purchases if window.start <= sale.at < window.end)


def _counts(order: rt.Order, known_by: datetime, currency: str | None) -> bool:
    return not (
        order.placed_at > known_by
        or (currency is not None and order.currency != currency)
        or order.is_test
        or order.payment_state in {"pending", "failed"}
        or (order.cancelled_at is not None and order.cancelled_at <= known_by)
        or {"exchange", "gift-card"} & set(order.tags)
    )


def _sale(order: rt.Order, known_by: datetime, within: timedelta) -> Sale:
    return Sale(
        who=("guest", order.id) if order.customer_id is None else order.customer_id,
        known=order.customer_id is not None,
        at=order.placed_at,
        amount=Fraction(order.amount),
        refunds=tuple(
            (each.refunded_at, Fraction(each.amount))
            for each in order.refunds
            if each.refunded_at <= known_by and each.refunded_at - order.placed_at <= within and each.amount
        ),
    )


def summed(triples: Iterable[tuple[Hashable, Fraction | int, Fraction | int]]) -> Pairs:
    totals: dict[Hashable, list[Fraction]] = defaultdict(lambda: [Fraction(), Fraction()])
    for who, x, y in triples:
        totals[who][0] += x
        totals[who][1] += y
    return {who: (x, y) for who, (x, y) in totals.items()}


def members(base: set[Hashable], among: set[Hashable]) -> Pairs:
    return {who: (Fraction(1), Fraction(who in among)) for who in base}


def _active(ledger: Ledger, window: Window) -> set[Hashable]:
    return ledger.buyers(window.start, window.end)


def _retention(ledger: Ledger, window: Window) -> Pairs:
    return members(ledger.buyers(window.opening, window.start), ledger.buyers(window.closing, window.end))


def _churn(ledger: Ledger, window: Window) -> Pairs:
    return {who: (x, x - y) for who, (x, y) in _retention(ledger, window).items()}


def _published(ledger: Ledger, window: Window) -> Pairs:
    opening = ledger.buyers(window.opening, window.start)
    there = ledger.buyers(window.closing, window.end)
    not_new = {who for who in there if not window.start <= ledger.first[who] < window.end}
    return {who: (Fraction(who in opening), Fraction(who in not_new)) for who in opening | not_new}


def _reactivation(ledger: Ledger, window: Window) -> Pairs:
    earlier = ledger.buyers(None, window.start)
    lapsed = earlier - ledger.buyers(window.opening, window.start)
    return members(lapsed, ledger.buyers(window.closing, window.end))


def _repeat_purchase(ledger: Ledger, window: Window) -> Pairs:
    bought = summed((sale.who, 1, 0) for sale in ledger.in_period(window) if sale.known)
    return {who: (Fraction(1), Fraction(orders >= 2)) for who, (orders, _) in bought.items()}


def _returning(ledger: Ledger, window: Window) -> Pairs:
    return members(_active(ledger, window), ledger.buyers(None, window.start))


def _refund_rate(ledger: Ledger, window: Window) -> Pairs:
    within = (sale for sale in ledger.sales if window.start <= sale.at < window.end)
    return summed((sale.who, sale.amount, sale.refunded) for sale in within)


def _refund_ratio(ledger: Ledger, window: Window) -> Pairs:
    sold = [(sale.who, sale.amount, 0) for sale in ledger.sales if window.start <= sale.at < window.end]
    made = [
        (sale.who, 0, amount)
        for sale in ledger.sales
        for refunded_at, amount in sale.refunds
        if window.start <= refunded_at < window.end
    ]
    return summed(sold + made)


def _order_value(ledger: Ledger, window: Window) -> Pairs:
    return summed((sale.who, 1, sale.net) for sale in ledger.in_period(window))


def _frequency(ledger: Ledger, window: Window) -> Pairs:
    bought = summed((sale.who, 0, 1) for sale in ledger.in_period(window) if sale.known)
    return {who: (Fraction(1), orders) for who, (_, orders) in bought.items()}


def _customer_value(ledger: Ledger, window: Window) -> Pairs:
    bought = summed((sale.who, 0, sale.net) for sale in ledger.in_period(window) if sale.known)
    return {who: (Fraction(1), net) for who, (_, net) in bought.items()}


def _repeat_order(ledger: Ledger, window: Window) -> Pairs:
    known = (sale for sale in ledger.in_period(window) if sale.known)
    return summed((sale.who, 1, int(sale.at > ledger.first[sale.who])) for sale in known)


def _existing_revenue(ledger: Ledger, window: Window) -> Pairs:
    known = (sale for sale in ledger.in_period(window) if sale.known)
    return summed(
        (sale.who, sale.net, sale.net if ledger.first[sale.who] < window.start else 0) for sale in known
    )


BRINGS: dict[str, Callable[[Ledger, Window], Pairs]] = {
    "customer_retention_rate": _retention,
    "customer_churn_rate": _churn,
    "published_retention_ratio": _published,
    "reactivation_rate": _reactivation,
    "repeat_purchase_rate": _repeat_purchase,
    "returning_customer_rate": _returning,
    "refund_rate": _refund_rate,
    "refund_ratio": _refund_ratio,
    "average_order_value": _order_value,
    "purchase_frequency": _frequency,
    "average_customer_value": _customer_value,
    "repeat_order_rate": _repeat_order,
    "existing_customer_revenue_rate": _existing_revenue,
}


def _spend_of(ledger: Ledger, window: Window, *, returning: bool) -> Pairs:
    value = _customer_value(ledger, window)
    return {who: pair for who, pair in value.items() if (ledger.first[who] < window.start) == returning}


OF_CUSTOMERS = {
    "customer_retention_rate",
    "customer_churn_rate",
    "reactivation_rate",
    "repeat_purchase_rate",
    "returning_customer_rate",
}
OF_MONEY = {"refund_rate", "existing_customer_revenue_rate"}
SHARES = OF_CUSTOMERS | OF_MONEY | {"repeat_order_rate"}


# --- the definition ---


@attrs.frozen(kw_only=True)
class Side:
    """One figure: R, what each customer adds to its error, and its own variance (None of one customer)."""

    pairs: Pairs
    x: Fraction
    ratio: Fraction
    errors: dict[Hashable, Fraction]

    @classmethod
    def of(cls, pairs: Pairs) -> Side | None:
        x, y = (sum((pair[place] for pair in pairs.values()), Fraction()) for place in (0, 1))
        if not x:
            return None
        errors = {who: (own_y - y / x * own_x) / x for who, (own_x, own_y) in pairs.items()}
        return cls(pairs=pairs, x=x, ratio=y / x, errors=errors)

    @property
    def n(self) -> int:
        return len(self.errors)

    @property
    def variance(self) -> Fraction | None:
        if self.n < 2:
            return None
        return Fraction(self.n, self.n - 1) * sum(error**2 for error in self.errors.values())

    def wilson(self, confidence: float, *, of_customers: bool) -> tuple[float, float]:
        """Of a share: by the number of customers, or the effective one where they bring more than themselves."""
        share, number = float(self.ratio), float(self.n)
        if self.variance and not of_customers:
            number = float(self.ratio * (1 - self.ratio) / self.variance)
        found: tuple[float, float] = proportion_confint(
            share * number, number, alpha=1 - confidence, method="wilson"
        )
        return found


@attrs.frozen(kw_only=True)
class TwoMeans(Side):
    """A quotient of the means of two groups, of which each has a spread of its own."""

    top: Side
    bottom: Side

    @classmethod
    def of_groups(cls, top: Pairs, bottom: Pairs) -> TwoMeans | None:
        above, below = Side.of(top), Side.of(bottom)
        if above is None or below is None or not below.ratio:
            return None
        quotient = above.ratio / below.ratio
        errors = {who: error / below.ratio for who, error in above.errors.items()}
        errors |= {who: -quotient * error / below.ratio for who, error in below.errors.items()}
        return cls(pairs=top | bottom, x=above.x, ratio=quotient, errors=errors, top=above, bottom=below)

    @property
    def n(self) -> int:
        return min(self.top.n, self.bottom.n)

    @property
    def variance(self) -> Fraction | None:
        if self.top.variance is None or self.bottom.variance is None:
            return None
        return (self.top.variance + self.ratio**2 * self.bottom.variance) / self.bottom.ratio**2


METRICS = [*BRINGS, "returning_spend_ratio"]


def side_of(metric: str, ledger: Ledger, window: Window) -> Side | None:
    """The figure of one period, or None where it has no value."""
    if metric == "returning_spend_ratio":
        old, new = (_spend_of(ledger, window, returning=returning) for returning in (True, False))
        return TwoMeans.of_groups(old, new)
    return Side.of(BRINGS[metric](ledger, window))


@attrs.frozen
class Expected:
    """The change of two figures that have a value; `of_customers` where each counts as one, in it or not."""

    a: Side
    b: Side
    of_customers: bool

    @property
    def difference(self) -> float:
        return float(self.a.ratio - self.b.ratio)

    @property
    def n(self) -> int:
        """Customers in either period."""
        return len(self.a.errors.keys() | self.b.errors.keys())

    @property
    def share_customers(self) -> bool:
        """Whether somebody brings something to both."""
        shared = self.a.pairs.keys() & self.b.pairs.keys()
        return any(any(self.a.pairs[who]) and any(self.b.pairs[who]) for who in shared)

    @property
    def apart(self) -> Fraction:
        assert self.a.variance is not None
        assert self.b.variance is not None
        return self.a.variance + self.b.variance

    @property
    def variance(self) -> Fraction:
        shared = self.a.errors.keys() & self.b.errors.keys()
        covariance = sum(self.a.errors[who] * self.b.errors[who] for who in shared)
        return self.apart - 2 * Fraction(self.n, self.n - 1) * covariance

    @property
    def freedom(self) -> float:
        """One less than the customers, or Welch's, where the doubt is about the smaller group alone."""
        assert self.a.variance is not None
        assert self.b.variance is not None
        parts = sum(side.variance**2 / (side.n - 1) for side in (self.a, self.b))
        return min(self.n - 1, float(self.apart**2 / parts))

    def linear(self, confidence: float) -> tuple[float, float]:
        reach = stats.t.ppf((1 + confidence) / 2, self.freedom) * math.sqrt(self.variance)
        return self.difference - reach, self.difference + reach

    def newcombe(self, confidence: float) -> tuple[float, float]:
        counts = [int(number) for side in (self.a, self.b) for number in (side.ratio * side.x, side.x)]
        found: tuple[float, float] = confint_proportions_2indep(
            *counts, method="newcomb", compare="diff", alpha=1 - confidence
        )
        return found

    @property
    def correlation(self) -> float:
        """How far the two move together; 0 where all customers of one are alike."""
        if not (self.a.variance and self.b.variance):
            return 0.0
        covariance = float(self.apart - self.variance) / 2
        found = covariance / math.sqrt(self.a.variance * self.b.variance)
        return max(-1.0, min(1.0, found))

    def square_and_add(self, confidence: float) -> tuple[float, float]:
        a, b = float(self.a.ratio), float(self.b.ratio)
        (low_a, high_a), (low_b, high_b) = (
            side.wilson(confidence, of_customers=self.of_customers) for side in (self.a, self.b)
        )

        def reach(one: float, other: float) -> float:
            return math.sqrt(max(0.0, one**2 + other**2 - 2 * self.correlation * one * other))

        return a - b - reach(a - low_a, high_b - b), a - b + reach(high_a - a, b - low_b)

    def p_value(self) -> float:
        return float(2 * stats.t.sf(abs(self.difference) / math.sqrt(self.variance), self.freedom))


def expected_change(metric: str, a: Side | None, b: Side | None) -> Expected | None:
    """None where one of the two has no value."""
    return None if a is None or b is None else Expected(a, b, metric in OF_CUSTOMERS)


# --- the comparison ---


def window_of(period: rt.Period, inactive_after: timedelta | None = None) -> Window:
    if inactive_after is None:
        opening, closing = period.previous().start, period.start
    else:
        opening, closing = period.start - inactive_after, period.end - inactive_after
    return Window(start=period.start, end=period.end, opening=opening, closing=closing)


def assert_changes(snapshot: rt.Snapshot, ledger: Ledger, inactive_after: timedelta | None = None) -> None:
    """Every metric's change of every period that has one to be compared with."""
    for period in snapshot.periods:
        for metric in snapshot.metrics:
            figure = snapshot.figure(metric, period)
            if figure.previous_period is not None:
                both = (window_of(each, inactive_after) for each in (period, figure.previous_period))
                a, b = (side_of(metric, ledger, window) for window in both)
                assert_change(metric, figure.change, expected_change(metric, a, b))


def assert_change(metric: str, found: rt.Comparison, expected: Expected | None) -> None:
    if expected is None:
        assert_unknown(found)
        return
    assert found.difference == pytest.approx(expected.difference, rel=1e-12, abs=1e-12)
    if expected.of_customers and not expected.share_customers:
        assert_bounds(metric, found, expected.newcombe)
    elif metric in SHARES and not (metric in OF_MONEY and expected.a.variance and expected.b.variance):
        assert_bounds(metric, found, expected.square_and_add)
        assert_p_value(found, expected)
    elif expected.a.variance and expected.b.variance and expected.variance:
        assert_bounds(metric, found, expected.linear)
        assert found.p_value == pytest.approx(expected.p_value(), rel=1e-6, abs=1e-12)
    else:  # customers who are all alike are no certainty
        assert_unknown(found)


def assert_p_value(found: rt.Comparison, expected: Expected) -> None:
    """At the confidence that a p-value leaves, the interval ends at 0."""
    assert found.p_value is not None
    if expected.difference and 1e-9 < found.p_value < 1 - 1e-9:
        low, high = expected.square_and_add(1 - found.p_value)
        assert min(abs(low), abs(high)) == pytest.approx(0, abs=1e-6)


def assert_bounds(metric: str, found: rt.Comparison, bounds: Callable[[float], tuple[float, float]]) -> None:
    for confidence in (0.8, 0.95):
        low, high = bounds(confidence)
        if metric in SHARES:  # no two shares lie further apart than 1
            low, high = max(low, -1), min(high, 1)
        assert tuple(found.interval(confidence)) == pytest.approx((low, high), rel=1e-7, abs=1e-9)


def assert_unknown(found: rt.Comparison) -> None:
    with pytest.raises(rt.UndefinedMetricError):
        found.interval()
    assert (found.p_value, found.verdict) == (None, "unknown")


@st.composite
def crowded(draw: st.DrawFn, beside: Callable[[rt.Period], rt.Period]) -> Scene:
    """Few customers and many orders, at the limits of a period and of the one that it is compared with."""
    period = draw(periods())
    other = beside(period)
    limits = [edge for each in (other, period) for edge in (each.start, each.end)]
    ticks = [edge + step for edge in limits for step in (-MICROSECOND, timedelta(0), MICROSECOND)]
    middles = [each.start + (each.end - each.start) / part for each in (other, period) for part in (2, 3)]
    moments = [*ticks, *middles, *middles, other.previous().start]
    records = draw(st.lists(records_at(moments, ["EUR"]), min_size=20, max_size=40))
    spans = [timedelta(days=days) for days in (1, 7, 31, 90, 400, 2000)]
    long_enough = [span for span in spans if span >= max(period.duration, other.duration)]
    return Scene(
        records=[{"order_id": number, **record} for number, record in enumerate(records)],
        period=period,
        as_of=draw(st.none() | st.sampled_from(moments)),
        observed_from=None,
        currency=None,
        minimum_net=draw(st.sampled_from([Decimal(0), Decimal(0), None, Decimal(5)])),
        inactive_after=draw(st.none() | st.none() | st.sampled_from(long_enough)) if long_enough else None,
    )


class TestHostileShops:
    """The orders of test_random_shops.py, of five customers and guests, crowded into two periods."""

    @settings(max_examples=60)
    @given(crowded(rt.Period.previous))
    def test_against_the_period_before(self, scene: Scene) -> None:
        self.check(scene, scene.period, "previous")

    @settings(max_examples=40)
    @given(crowded(rt.Period.year_before))
    def test_against_the_year_before(self, scene: Scene) -> None:
        self.check(scene, scene.period, "year_before")

    @settings(max_examples=40)
    @given(crowded(rt.Period.previous), st.integers(1, 400))
    def test_against_a_year_before_that_overlaps(self, scene: Scene, days: int) -> None:
        # The period begins before the year before has ended: orders, guests' too, lie in both.
        begin = scene.period.end - timedelta(days=366 + days)
        period = rt.Period.between(begin, scene.period.end, tz=scene.period.tz)
        self.check(attrs.evolve(scene, inactive_after=None), period, "year_before")

    @settings(max_examples=40)
    @given(crowded(rt.Period.previous))
    def test_of_several_periods_at_once(self, scene: Scene) -> None:
        self.check(scene, [scene.period.next(), scene.period, scene.period.previous()], "previous")

    @settings(max_examples=40)
    @given(scenes(complete=True), st.sampled_from(["previous", "year_before"]))
    def test_of_sparse_shops(self, scene: Scene, against: Any) -> None:
        self.check(scene, scene.period, against)

    @staticmethod
    def check(scene: Scene, period: Any, against: Any) -> None:
        periods = [period] if isinstance(period, rt.Period) else period
        over = max(each.end for each in periods)
        # No period is still running, and all orders have had the same time to be refunded.
        as_of = None if scene.as_of is None else max(scene.as_of, over + WITHIN)
        inactive_after = scene.inactive_after
        longest = max(each.duration for period in periods for each in (period, period.previous()))
        if inactive_after is not None and inactive_after < longest:
            inactive_after = None
        orders = to_orders(scene.records)
        snapshot = rt.snapshot(
            orders,
            period=period,
            metrics=METRICS,
            against=against,
            inactive_after=inactive_after,
            as_of=as_of,
            currency=scene.currency,
            policy=rt.OrderPolicy(minimum_net=scene.minimum_net, refunds_within=WITHIN),
        )
        ledger = Ledger(
            orders,
            as_of=as_of,
            currency=scene.currency,
            minimum_net=scene.minimum_net,
            refunds_within=WITHIN,
        )
        assert_changes(snapshot, ledger, inactive_after)


def busy_shop(seed: int, customers: int = 80) -> list[rt.Order]:
    """A year and a half: some buy often, guests too, some send back, at once or much later."""
    random = Random(seed)
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    orders: list[rt.Order] = []
    for customer in [*range(customers), *[None] * 40]:
        for _ in range(1 if customer is None else 1 + int(random.expovariate(0.2))):
            placed_at = begin + timedelta(seconds=random.randrange(550 * 86_400))
            amount = Decimal(random.randrange(100, 20_000)).scaleb(-2)
            part = random.choice([None, None, None, amount, amount / 2])
            back = (
                []
                if part is None
                else [rt.Refund(refunded_at=placed_at + timedelta(days=random.randrange(60)), amount=part)]
            )
            orders.append(
                rt.Order(
                    id=len(orders),
                    customer_id=customer,
                    placed_at=placed_at,
                    amount=amount,
                    currency="EUR",
                    refunds=back,
                )
            )
    return orders


POLICY = rt.OrderPolicy(refunds_within=WITHIN)


class TestBusyShops:
    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("against", ["previous", "year_before"])
    def test_half_a_year_of_months(self, seed: int, against: Any) -> None:
        orders = busy_shop(seed)
        months = list(rt.Period.year(2026, tz="Europe/Berlin").split("month"))[:6]
        snapshot = rt.snapshot(orders, period=months, metrics=METRICS, against=against, policy=POLICY)
        assert_changes(snapshot, Ledger(orders, refunds_within=WITHIN))

    @pytest.mark.parametrize("days", [30, 366, 400, 500])
    @pytest.mark.parametrize("against", ["previous", "year_before"])
    def test_periods_of_any_length(self, days: int, against: Any) -> None:
        orders = busy_shop(7)
        end = datetime(2026, 6, 20, 13, 30, tzinfo=UTC)
        period = rt.Period.between(end - timedelta(days=days), end, tz="UTC")
        snapshot = rt.snapshot(orders, period=period, metrics=METRICS, against=against, policy=POLICY)
        assert_changes(snapshot, Ledger(orders, refunds_within=WITHIN))

    def test_the_covariance_matters(self) -> None:
        # The same 80 customers: taken as independent, the interval of the change would be wider.
        orders = busy_shop(5)
        begin, end = datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 12, 30, tzinfo=UTC)
        half = rt.Period.between(begin, end, tz="UTC")
        snapshot, ledger = rt.snapshot(orders, period=half, metrics=METRICS), Ledger(orders)
        for metric in ("purchase_frequency", "average_customer_value"):
            a, b = (side_of(metric, ledger, window_of(each)) for each in (half, half.previous()))
            expected = expected_change(metric, a, b)
            assert expected is not None
            assert expected.variance < expected.apart
            assert_change(metric, snapshot.change(metric), expected)

    def test_returning_customers_spend_beside_new_ones(self) -> None:
        # In June: two old ones, 10 and 30, and two new ones, 10 and 10. In July: a new one, who was nobody before,
        # with 20, another with 40, and of June's ann with 60, cid with 20.
        def bought(who: str, month: int, amount: int) -> rt.Order:
            at = datetime(2025, month, 9, tzinfo=UTC)
            return rt.Order(id=(who, month), customer_id=who, placed_at=at, amount=amount, currency="EUR")

        spent = {
            5: {"ann": 5, "ben": 5},
            6: {"ann": 10, "ben": 30, "cid": 10, "dan": 10},
            7: {"ann": 60, "cid": 20, "eve": 20, "fay": 40},
        }
        orders = [bought(who, month, each) for month, all_ in spent.items() for who, each in all_.items()]
        july = rt.Period.month(2025, 7, tz="UTC")
        found = rt.snapshot(orders, period=july, metrics=["returning_spend_ratio"]).change(
            "returning_spend_ratio"
        )
        # 40 / 30 in July, 20 / 10 in June.
        assert found.difference == pytest.approx(4 / 3 - 2)
        # v of July: (2 * 800 / 4 + (4/3)^2 * 2 * 200 / 4) / 30^2; of June: (2 * 200 / 4 + 0) / 10^2.
        apart = (400 + 16 / 9 * 100) / 900 + 1
        # In both: ann, up by 20 of 40 and down by 10 of 20, and cid, whose 10 was what all new ones spent. 6 in either.
        covariance = 6 / 5 * (20 / 2 / 30) * (-10 / 2 / 10)
        freedom = 1 / (((apart - 1) / apart) ** 2 + (1 / apart) ** 2)  # both have two in their smaller group
        reach = stats.t.ppf(0.975, freedom) * math.sqrt(apart - 2 * covariance)
        assert tuple(found.interval()) == pytest.approx((-2 / 3 - reach, -2 / 3 + reach))


class TestRunningPeriods:
    """`to_date=True`: the part that has passed, beside the equal part of the other."""

    MONTH = rt.Period.month(2026, 3, tz="Europe/Berlin")
    QUARTER = rt.Period.quarter(2026, 1, tz="Europe/Berlin")
    WEEK = rt.Period.week(2026, 11, tz="Europe/Berlin")

    @pytest.mark.parametrize("against", ["previous", "year_before"])
    @pytest.mark.parametrize(
        "period, day",
        [(MONTH, 12), (MONTH, 30), (QUARTER, 20), (WEEK, 14)],
        ids=["month", "end of month", "quarter", "week"],
    )
    def test_equal_parts(self, period: rt.Period, day: int, against: Any) -> None:
        orders, as_of = busy_shop(9, customers=200), datetime(2026, 3, day, 13, 30, tzinfo=UTC)
        # The last orders have had less time to be refunded, so that refunds are not compared.
        metrics = [metric for metric in METRICS if metric != "refund_rate"]
        snapshot = rt.snapshot(
            orders, period=period, metrics=metrics, against=against, to_date=True, as_of=as_of, policy=POLICY
        )
        (part,) = snapshot.periods
        assert (part.start, part.end) == (period.start, as_of)
        assert_changes(snapshot, Ledger(orders, as_of=as_of, refunds_within=WITHIN))
        tested = [metric for metric in metrics if snapshot.change(metric).p_value is not None]
        assert len(tested) > 6

    def test_ends_by_the_clock(self) -> None:
        # 12 March, 14:30 in Berlin, was 13:30 by Greenwich; a month and a year before likewise.
        as_of = datetime(2026, 3, 12, 13, 30, tzinfo=UTC)
        for against, end in (
            ("previous", datetime(2026, 2, 12, 13, 30, tzinfo=UTC)),
            ("year_before", datetime(2025, 3, 12, 13, 30, tzinfo=UTC)),
        ):
            snapshot = rt.snapshot(
                busy_shop(9), period=self.MONTH, against=against, to_date=True, as_of=as_of
            )
            before = snapshot.figure("order_count").previous_period
            assert before is not None
            assert before.end == end

    def test_without_it_nothing_is_tested(self) -> None:
        as_of = datetime(2026, 3, 12, 13, 30, tzinfo=UTC)
        snapshot = rt.snapshot(busy_shop(9), period=self.MONTH, metrics=METRICS, as_of=as_of, policy=POLICY)
        for metric in METRICS:
            assert_unknown(snapshot.change(metric))
