"""Simulated shops, whose truth is known: are silences as unusual as the limits say, and do so many come back as is told?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from scipy import stats

import retention as rt
from retention.segments._silence import Rhythms
from retention.segments._standing import standing

START = datetime(2023, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SHAPE = 4
"""Of the gamma distribution of gaps: regular enough that the median means something, not regular as a clock."""


def shop_of(seed, customers, *, days, means, until, life=None):
    """Orders of customers who come one after the other, with gamma distributed gaps of a mean of their own."""
    random, orders = Random(seed), []
    for who in range(customers):
        at, mean = days * random.random(), random.choice(means)
        end = until if life is None else min(until, at + random.expovariate(1 / life))
        while at < end:
            placed = START + at * DAY
            orders.append(
                rt.Order(id=len(orders), customer_id=who, placed_at=placed, amount=10, currency="EUR")
            )
            at += random.gammavariate(SHAPE, mean / SHAPE)
    return orders


def shop_rhythm(orders, at):
    return Rhythms.of(standing(rt.History(orders), at, owner="test"), rt.OwnRhythm()).shop


def longer_than(limit, means):
    """The share of true gaps that are longer, in microseconds; each customer with one voice."""
    days = limit / (DAY // timedelta(microseconds=1))
    return sum(stats.gamma.sf(days, SHAPE, scale=mean / SHAPE) for mean in means) / len(means)


class TestHowUnusual:
    """One gap in seven and one in twenty are to be longer than the shop's limits, those who buy often or seldom alike."""

    @pytest.mark.parametrize("means", [(120,), (30, 120), (14, 40, 40, 90)], ids=str)
    @pytest.mark.parametrize("seed", range(3))
    def test_limits(self, means, seed):
        orders = shop_of(seed, 2000, days=1500, means=means, until=1500)
        shop = shop_rhythm(orders, START + 1500 * DAY)
        assert longer_than(shop.usual, means) == pytest.approx(0.5, abs=0.03)
        assert longer_than(shop.at_risk, means) == pytest.approx(0.15, abs=0.03)
        assert longer_than(shop.lapsed, means) == pytest.approx(0.05, abs=0.015)
        assert not shop.is_young

    def test_a_young_shop_says_so(self):
        """Gaps of 120 days on average in 200: those of half a year have not ended yet."""
        orders = shop_of(1, 2000, days=200, means=(120,), until=200)
        table = rt.lifecycle_table(orders, at=START + 200 * DAY)
        assert longer_than(shop_rhythm(orders, START + 200 * DAY).at_risk, (120,)) > 0.3
        assert table.assumed[-1] == (
            "no gap longer than the 200 days since the first purchase can have been seen yet, so that these limits may be "
            "too short"
        )


FIXED = rt.FixedThresholds(new_within=30 * DAY, at_risk_after=60 * DAY, lapsed_after=150 * DAY)


@pytest.mark.parametrize("rules", [rt.OwnRhythm(), FIXED], ids=["own", "fixed"])
def test_comebacks(rules):
    """Weekly, monthly and quarterly buyers who leave one by one: told and true agree, of all and of the most urgent ten."""
    told, true = {"all": [], "urgent": []}, {"all": [], "urgent": []}
    at, within = START + 1000 * DAY, 60 * DAY
    for seed in range(20):
        orders = shop_of(seed, 400, days=1000, means=(14, 40, 40, 90), until=1061, life=250)
        known = [order for order in orders if order.placed_at < at]
        back = {order.customer_id for order in orders if at <= order.placed_at <= at + within}
        found = rt.at_risk_customers(known, as_of=at, within=within, rules=rules)
        for place, each in enumerate(found):
            if each.comeback.value is not None:
                for which in ("all", "urgent")[: 1 + (place < 10)]:
                    told[which].append(each.comeback.value)
                    true[which].append(each.customer_id in back)
    for which, chances in told.items():
        assert len(chances) >= 200
        assert sum(chances) / len(chances) == pytest.approx(sum(true[which]) / len(chances), abs=0.025)
