"""Value and cost against oracles: hand-written loops over customers, numpy, scipy, and simulated shops."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pytest
from dateutil.relativedelta import relativedelta
from scipy import stats

import retention as rt
from retention.results import RevenuePredictability

MARCH = rt.Period.month(2026, 3, tz="Europe/Berlin")
START = datetime(2025, 11, 20, tzinfo=UTC)


def random_orders(seed: int, size: int) -> list[rt.Order]:
    """Few people who buy often, many who buy once; guests, refunds, and orders that come to nothing."""
    random = Random(seed)
    return [random_order(number, random) for number in range(size)]


def random_order(number: int, random: Random) -> rt.Order:
    placed_at = START + timedelta(hours=random.randrange(24 * 150))
    cents = random.randrange(100, 20_000)
    refunded = random.choice([0, 0, 0, 0, cents // 2, cents])
    refunds = [rt.Refund(refunded_at=placed_at, amount=Decimal(refunded) / 100)] if refunded else []
    return rt.Order(
        id=number,
        customer_id=random.choice([None, *range(4), *range(4), *range(60)]),
        placed_at=placed_at,
        amount=Decimal(cents) / 100,
        currency="EUR",
        refunds=refunds,
        is_test=random.random() < 0.05,
    )


def purchases_of(orders: list[rt.Order]) -> dict[Any, list[tuple[datetime, float]]]:
    """Each known customer's purchases: when, and what was left of them."""
    found: dict[Any, list[tuple[datetime, float]]] = defaultdict(list)
    for order in sorted(orders, key=lambda each: each.placed_at):
        net = float(order.amount) - sum(float(refund.amount) for refund in order.refunds)
        if order.customer_id is not None and not order.is_test and net > 0.001:
            found[order.customer_id].append((order.placed_at, net))
    return found


class Oracle:
    """One row a customer: spend y, active x, at the start s, lost l; and from these everything else, in floats."""

    def __init__(self, orders: list[rt.Order], opening: datetime, closing: datetime) -> None:
        lives = purchases_of(orders).values()
        rows = []
        for life in lives:
            inside = [net for at, net in life if MARCH.start <= at < MARCH.end]
            at_start = any(opening <= at < MARCH.start for at, _ in life)
            at_end = any(closing <= at < MARCH.end for at, _ in life)
            rows.append((sum(inside), bool(inside), at_start, at_start and not at_end))
        self.y, self.x, self.s, self.lost = np.array(rows, dtype=float).T
        seen = [life for life in lives if life[0][0] < MARCH.end]
        self.lifespans = sorted(
            (max(at for at, _ in life if at < MARCH.end) - life[0][0]) / timedelta(days=1) for life in seen
        )
        self.new = sum(MARCH.start <= life[0][0] < MARCH.end for life in lives)

    @property
    def churn(self) -> float:
        return self.lost.sum() / self.s.sum()

    def value(self, margin: float = 1, discount: float = 0, churn: float | None = None) -> float:
        staying = 1 - (self.churn if churn is None else churn)
        return self.y.sum() / self.x.sum() * margin * (1 + discount) / (1 + discount - staying)

    def times(self, discount: float) -> float:
        """Exp(t·√v), v from how far each customer moves the logarithm: numerical derivatives, no formula of ours."""
        here = np.array([self.y.sum(), self.x.sum(), self.s.sum(), self.lost.sum()])

        def value(sums: np.ndarray) -> float:
            y, x, s, lost = sums
            return float(np.log(y / x) - np.log(discount + lost / s))

        slopes = []
        for place, step in enumerate(here * 1e-6):
            up, down = here.copy(), here.copy()
            up[place] += step
            down[place] -= step
            slopes.append((value(up) - value(down)) / (2 * step))
        residuals = np.array([self.y, self.x, self.s, self.lost]).T @ np.array(slopes)
        counted = ((self.x > 0) | (self.s > 0)).sum()
        variance = counted / (counted - 1) * (residuals**2).sum()
        fewest = min(self.x.sum(), self.s.sum())
        return float(np.exp(stats.t.ppf(0.975, fewest - 1) * np.sqrt(variance)))

    def months(self) -> tuple[float, float]:
        """The ends of the interval of 1 / churn, by solving Wilson's equation for the share."""
        lost, n, z = self.lost.sum(), self.s.sum(), stats.norm.ppf(0.975)
        shares = np.roots([n * n + n * z * z, -(2 * n * lost + n * z * z), lost * lost])
        return float(1 / shares.max()), float(1 / shares.min())


BASES: dict[str, tuple[dict[str, Any], datetime, datetime]] = {
    "the month before": ({}, MARCH.previous().start, MARCH.start),
    "two months": (
        {"inactive_after": relativedelta(months=2)},
        rt.Period.month(2026, 1, tz="Europe/Berlin").start,
        rt.Period.month(2026, 2, tz="Europe/Berlin").start,
    ),
}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("seed", range(6))
def test_value_and_interval(seed, base):
    keywords, opening, closing = BASES[base]
    orders = random_orders(seed, 300)
    oracle = Oracle(orders, opening, closing)
    for margin, discount in ((1, 0), (0.4, 0), (1, 0.02), (0.25, 0.5)):
        value = rt.customer_lifetime_value(
            orders, period=MARCH, margin_rate=margin, discount_rate=discount, **keywords
        )
        assert float(value) == pytest.approx(oracle.value(margin, discount), rel=1e-9)
        interval, times = value.interval(), oracle.times(discount)
        assert interval.high == pytest.approx(float(value) * times, rel=1e-6)
        assert interval.low == pytest.approx(float(value) / times, rel=1e-6)
    months = rt.customer_lifespan_months(orders, period=MARCH, **keywords)
    assert float(months) == pytest.approx(1 / oracle.churn, rel=1e-12)
    assert tuple(months.interval()) == pytest.approx(oracle.months(), rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_known_beside_the_orders(seed):
    orders = random_orders(seed, 300)
    oracle = Oracle(orders, MARCH.previous().start, MARCH.start)
    assert list(rt.observed_lifespan_days(orders, period=MARCH).values) == pytest.approx(oracle.lifespans)
    cost = rt.customer_acquisition_cost(orders, period=MARCH, acquisition_spend="123.45")
    assert float(cost) == pytest.approx(123.45 / oracle.new)
    ratio = rt.ltv_cac_ratio(
        orders, period=MARCH, acquisition_spend="123.45", lifespan=8, margin_rate=0.3, discount_rate=0.01
    )
    assert float(ratio) == pytest.approx(oracle.value(0.3, 0.01, churn=1 / 8) * oracle.new / 123.45)
    months = rt.payback_months(orders, period=MARCH, acquisition_spend="123.45", margin_rate=0.3)
    assert float(months) == pytest.approx(123.45 / oracle.new / (0.3 * oracle.y.sum() / oracle.x.sum()))


@pytest.mark.parametrize("seed", range(4))
def test_predictability(seed):
    orders = random_orders(seed, 400)
    lives = purchases_of(orders)
    may = rt.Period.month(2026, 5, tz="Europe/Berlin")
    table = rt.revenue_predictability_table(orders, period=may)
    month, expected = may.previous(), []
    while any(at < month.start for life in lives.values() for at, _ in life):
        spent = [
            (sum(net for at, net in life if month.contains(at)), life[0][0] < month.start)
            for life in lives.values()
        ]
        expected.append((sum(net for net, old in spent if old), sum(net for net, _ in spent)))
        month = month.previous()
    found = [(float(share.numerator), float(share.denominator)) for share in table.shares]
    assert len(found) > 3
    assert found == [pytest.approx(pair) for pair in reversed(expected)]
    assert table.value == pytest.approx(np.divide(*np.array(expected).sum(axis=0)))


def test_prediction_intervals_hold_so_often_as_they_say():
    """95 % of new draws, of months that are alike: within what chance leaves of 4,000 trials."""
    random = np.random.default_rng(7)
    held = 0
    trials = 4_000
    for _ in range(trials):
        draws = np.clip(random.normal(0.6, 0.05, size=7), 0.01, 0.99)
        shares = [rt.Ratio(round(draw * 10**6), 10**6) for draw in draws[:-1]]
        held += draws[-1] in RevenuePredictability(shares=shares).interval()
    assert stats.binomtest(held, trials, 0.95).pvalue > 0.001


class TestCoverage:
    """The whole way, from orders: what the page on coverage says of shops of a hundred customers."""

    SHOPS = 200

    @pytest.mark.parametrize("churn", [0.05, 0.3])
    def test_of_100_customers(self, churn):
        random = np.random.default_rng(20260301)
        held = {"months": [], "value": []}
        for _ in range(self.SHOPS):
            orders = self.shop(random, 100, churn)
            months = rt.customer_lifespan_months(orders, period=MARCH)
            if months.value is None:
                continue
            held["months"].append(1 / churn in months.interval())
            # whoever stays spends 50 on average
            held["value"].append(50 / churn in rt.customer_lifetime_value(orders, period=MARCH).interval())
        for name, each in held.items():
            assert len(each) > 0.95 * self.SHOPS
            assert 0.91 <= np.mean(each) <= 0.99, name

    def shop(self, random: np.random.Generator, customers: int, churn: float) -> list[rt.Order]:
        """All buy in February, for 10.00; those who stay buy in March."""
        stays = random.random(customers) >= churn
        cents = np.maximum(1, random.gamma(2, 2_500, size=customers)).astype(int)
        earlier = [self.order(n, n, datetime(2026, 2, 10, tzinfo=UTC), 1_000) for n in range(customers)]
        return earlier + [
            self.order(customers + n, n, datetime(2026, 3, 10, tzinfo=UTC), int(cents[n]))
            for n in np.flatnonzero(stays).tolist()
        ]

    def order(self, number: int, customer: int, placed_at: datetime, cents: int) -> rt.Order:
        return rt.Order(
            id=number, customer_id=customer, placed_at=placed_at, amount=Decimal(cents) / 100, currency="EUR"
        )
