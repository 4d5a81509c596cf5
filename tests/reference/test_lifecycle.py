"""Stages, states, moves and comebacks against a plain oracle, and against pandas on the CDNOW sample.

The oracle follows the definitions word by word, one customer and one silence at a time, in exact fractions.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from math import lcm
from pathlib import Path
from random import Random
from statistics import median

import pandas as pd
import pytest

import retention as rt
from retention.segments import (
    FixedThresholds,
    LifecycleStages,
    OwnRhythm,
    at_risk_customers,
    lifecycle_table,
    lifecycle_transitions,
)
from tests.reference.oracle import read_rows

SAMPLE = Path(__file__).parents[1] / "data" / "cdnow_sample.txt"
AS_OF = datetime(1998, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
FIXED = FixedThresholds(new_within=30 * DAY, at_risk_after=90 * DAY, lapsed_after=200 * DAY)
OWN = OwnRhythm()
INSTANTS = [
    datetime(1997, 7, 1, tzinfo=UTC),
    datetime(1997, 12, 31, tzinfo=UTC),
    datetime(1998, 4, 1, tzinfo=UTC),
    AS_OF,
]


def micro(time):
    return time // timedelta(microseconds=1)


def middle(gaps):
    """The median in whole microseconds."""
    return timedelta(microseconds=median(map(micro, gaps)) // 1)


class Oracle:
    """Everybody's purchases before an instant."""

    def __init__(self, orders, at, rules):
        self.at, self.rules = at, rules
        self.lives = {}
        for order in sorted(orders, key=lambda each: each.placed_at):
            if order.placed_at < at and order.amount > 0:
                self.lives.setdefault(order.customer_id, []).append(order.placed_at)
        if isinstance(rules, OwnRhythm):
            voices = [self.gaps(who) for who in self.lives if self.gaps(who)]
            self.spoken = sorted((gap, Fraction(1, len(gaps))) for gaps in voices for gap in gaps)
            self.usual = middle([self.longer_than(0.5), self.more_than_half()]) if voices else None
            self.shop = [
                self.longer_than(share) for share in (rules.shop_at_risk, rules.shop_lapsed) if voices
            ]
        self.kinds = {}

    def longer_than(self, share):
        """The shortest gap that so much of the weight does not exceed; everybody's gaps weigh the same together."""
        enough = Fraction(str(share)) * sum(weight for _, weight in self.spoken)
        return next(gap for gap, so_far in self.so_far() if so_far >= enough)

    def more_than_half(self):
        half = sum(weight for _, weight in self.spoken) / 2
        return next(gap for gap, so_far in self.so_far() if so_far > half)

    def so_far(self):
        weights = accumulate(weight for _, weight in self.spoken)
        return zip((gap for gap, _ in self.spoken), weights, strict=True)

    def gaps(self, who, until=None, shortest=timedelta(0)):
        """The gaps between visits, the last of them before an instant."""
        life = [moment for moment in self.lives[who] if until is None or moment <= until]
        if isinstance(self.rules, OwnRhythm):
            shortest = self.rules.shortest_gap
        return [later - one for one, later in pairwise(life) if later - one >= shortest]

    def limits(self, gaps):
        """In microseconds."""
        rules = self.rules
        if isinstance(rules, FixedThresholds):
            return micro(rules.at_risk_after), micro(rules.lapsed_after)
        if len(gaps) < rules.fewest_gaps:
            return [micro(limit) for limit in self.shop]
        return [
            micro(middle(gaps)) * Fraction(str(times)) for times in (rules.at_risk_after, rules.lapsed_after)
        ]

    def state(self, who):
        life, gaps = self.lives[who], self.gaps(who)
        silence = self.at - life[-1]
        at_risk, lapsed = self.limits(gaps)
        if micro(silence) > lapsed:
            return "lapsed"
        if micro(silence) > at_risk:
            return "at_risk"
        if isinstance(self.rules, FixedThresholds):
            if self.at - life[0] <= self.rules.new_within:
                return "new"
        elif len(life) == 1:
            return "new"
        return "won_back" if gaps and micro(gaps[-1]) > self.limits(gaps[:-1])[1] else "active"

    def states(self):
        return {who: self.state(who) for who in self.lives}

    def stage(self, who, rules):
        orders, tenure = len(self.lives[who]), self.at - self.lives[who][0]
        if orders >= rules.late_orders and tenure >= rules.late_tenure:
            return "late"
        return "middle" if orders >= rules.middle_orders and tenure >= rules.middle_tenure else "early"

    # How such silences ended -------------------------------------------------------------------------

    def kind(self, who, until=None):
        if (who, until) not in self.kinds:
            self.kinds[who, until] = self.find_kind(who, until)
        return self.kinds[who, until]

    def find_kind(self, who, until):
        """What is known of somebody: by how many gaps, and in which span of weeks the rhythm lies."""
        enough = self.rules.fewest_gaps if isinstance(self.rules, OwnRhythm) else 3
        gaps = self.gaps(who, until, shortest=DAY)
        if len(gaps) < enough:
            return min(len(gaps), 1)
        return [2 + sum(middle(gaps) >= timedelta(weeks=weeks) for weeks in (1, 2, 4, 8, 16, 32))]

    def unit(self, gaps):
        if isinstance(self.rules, FixedThresholds):
            return DAY
        return middle(gaps) if len(gaps) >= self.rules.fewest_gaps else self.usual

    def comeback(self, who, horizon):
        """Of the silences of that kind that had lasted as long and were watched on, how many ended in time."""
        gaps, until = self.gaps(who), self.at
        times = Fraction(micro(until - self.lives[who][-1]), micro(self.unit(gaps)))
        back = every = 0
        for other, life in self.lives.items():
            for begin, after in zip(life, [*life[1:], None], strict=True):
                known = self.gaps(other, begin)
                if self.kind(other, begin) != self.kind(who) or self.is_one_visit(begin, after):
                    continue
                moment = times * micro(self.unit(known))
                end = moment + micro(horizon)
                if end < micro(until - begin) and (after is None or micro(after - begin) > moment):
                    every += 1
                    back += after is not None and micro(after - begin) <= end
        return back, every

    def is_one_visit(self, begin, after):
        return (
            isinstance(self.rules, OwnRhythm)
            and after is not None
            and after - begin < self.rules.shortest_gap
        )


def random_orders(seed, size):
    random = Random(seed)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    orders = []
    for who in range(size):
        at = start + DAY * random.randrange(500)
        pace = random.choice([3, 10, 30, 90])
        for number in range(random.choice([1, 1, 2, 3, 4, 6, 9, 15])):
            orders.append(
                rt.Order(
                    id=(who, number),
                    customer_id=who,
                    placed_at=at,
                    amount=Decimal(random.randrange(100, 9000)) / 100,
                    currency="EUR",
                )
            )
            # Whole days now and then, so that limits are met exactly.
            whole = random.random() < 0.5
            gap = random.choice([pace, pace, 2 * pace, random.expovariate(1 / pace)])
            at += DAY * round(gap) if whole else DAY * gap
    random.shuffle(orders)
    return orders


RULES = [
    OWN,
    OwnRhythm(at_risk_after=1, lapsed_after=2, fewest_gaps=1, shop_at_risk=0.3, shop_lapsed=0.6),
    OwnRhythm(at_risk_after=1.5, lapsed_after=Decimal("2.7"), fewest_gaps=2, shortest_gap=5 * DAY),
    FIXED,
    FixedThresholds(new_within=90 * DAY, at_risk_after=10 * DAY, lapsed_after=30 * DAY),
]


@pytest.mark.parametrize("rules", RULES, ids=range(len(RULES)))
@pytest.mark.parametrize("seed", range(4))
class TestRandomShops:
    at = datetime(2025, 4, 15, tzinfo=UTC)

    def test_states_and_stages(self, seed, rules):
        orders = random_orders(seed, 150)
        oracle = Oracle(orders, self.at, rules)
        table = lifecycle_table(orders, at=self.at, rules=rules)
        assert dict(table.states) == oracle.states()
        usual = LifecycleStages()
        assert dict(table.stages) == {who: oracle.stage(who, usual) for who in oracle.lives}

    def test_moves(self, seed, rules):
        orders = random_orders(seed, 150)
        start = self.at - 150 * DAY
        before, after = (Oracle(orders, at, rules).states() for at in (start, self.at))
        expected = Counter((before.get(who, "not yet a customer"), state) for who, state in after.items())
        assert dict(lifecycle_transitions(orders, start=start, end=self.at, rules=rules).counts) == expected

    def test_comebacks(self, seed, rules):
        orders = random_orders(seed, 80)
        oracle = Oracle(orders, self.at, rules)
        for horizon in (20 * DAY, timedelta(days=45, hours=3)):
            found = at_risk_customers(orders, at=self.at, rules=rules, within=horizon)
            assert found
            for each in found:
                counted = each.comeback.numerator, each.comeback.denominator
                assert counted == oracle.comeback(each.customer_id, horizon), each


# CDNOW in pandas -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def frame():
    rows = [row for row in read_rows(SAMPLE) if row["amount"] > 0]
    frame = pd.DataFrame(rows)
    frame["at"] = pd.to_datetime(frame["date"], utc=True).astype("datetime64[us, UTC]")
    frame["cents"] = (frame["amount"] * 100).astype(int)
    return frame.sort_values("at", kind="stable")


@pytest.fixture(scope="module")
def history():
    return rt.History(
        [
            rt.Order(
                id=number,
                customer_id=row["customer_id"],
                placed_at=datetime.combine(row["date"], datetime.min.time(), tzinfo=UTC),
                amount=row["amount"],
                currency="USD",
            )
            for number, row in enumerate(read_rows(SAMPLE))
        ],
        as_of=AS_OF,
    )


def in_pandas(frame, at, rules):
    """Each customer's state, stage and spend, by columns."""
    known = frame[frame["at"] < at].copy()
    known["gap"] = known.groupby("customer_id")["at"].diff()
    by = known.groupby("customer_id")
    table = pd.DataFrame(
        {"orders": by.size(), "first": by["at"].min(), "latest": by["at"].max(), "cents": by["cents"].sum()}
    )
    table["silence"] = at - table["latest"]
    if isinstance(rules, FixedThresholds):
        table["at_risk"], table["lapsed"] = rules.at_risk_after, rules.lapsed_after
        table["new"] = at - table["first"] <= rules.new_within
        last_gap = by["gap"].last().reindex(table.index)
        table["back"] = last_gap > rules.lapsed_after
    else:
        gaps = known[known["gap"] >= rules.shortest_gap]
        rhythm = gaps.groupby("customer_id")["gap"].agg(["median", "size"]).reindex(table.index)
        # Everybody's gaps weigh the same together, in whole parts of a voice.
        sizes = gaps.groupby("customer_id")["gap"].transform("size")
        voice = lcm(*map(int, sizes.unique()))
        ordered = gaps.assign(weight=[voice // int(size) for size in sizes]).sort_values("gap")
        so_far = ordered["weight"].astype(object).cumsum()
        at_risk, lapsed = (
            ordered["gap"][so_far >= Fraction(str(q)) * ordered["weight"].astype(object).sum()].iloc[0]
            for q in (rules.shop_at_risk, rules.shop_lapsed)
        )
        has_own = rhythm["size"] >= rules.fewest_gaps
        table["at_risk"] = (rhythm["median"] * rules.at_risk_after).where(has_own, at_risk)
        table["lapsed"] = (rhythm["median"] * rules.lapsed_after).where(has_own, lapsed)
        table["new"] = table["orders"] == 1
        earlier = gaps[gaps.duplicated("customer_id", keep="last")]
        before = earlier.groupby("customer_id")["gap"].agg(["median", "size"]).reindex(table.index)
        limit = (before["median"] * rules.lapsed_after).where(before["size"] >= rules.fewest_gaps, lapsed)
        table["back"] = gaps.groupby("customer_id")["gap"].last().reindex(table.index) > limit
    state = pd.Series("active", index=table.index)
    state[table["back"]] = "won_back"
    state[table["new"]] = "new"
    state[table["silence"] > table["at_risk"]] = "at_risk"
    state[table["silence"] > table["lapsed"]] = "lapsed"
    tenure = at - table["first"]
    stage = pd.Series("early", index=table.index)
    stage[(table["orders"] >= 2) & (tenure >= 30 * DAY)] = "middle"
    stage[(table["orders"] >= 5) & (tenure >= 365 * DAY)] = "late"
    return table.assign(state=state, stage=stage)


@pytest.mark.parametrize("at", INSTANTS, ids=str)
@pytest.mark.parametrize(
    "rules", [OWN, FIXED, OwnRhythm(at_risk_after=2, lapsed_after=4)], ids=["own", "fixed", "2, 4"]
)
class TestCdnow:
    def test_customer_by_customer(self, frame, history, at, rules):
        expected = in_pandas(frame, pd.Timestamp(at), rules)
        table = lifecycle_table(history, at=at, rules=rules)
        assert dict(table.states) == expected["state"].to_dict()
        assert dict(table.stages) == expected["stage"].to_dict()

    def test_cell_by_cell(self, frame, history, at, rules):
        expected = in_pandas(frame, pd.Timestamp(at), rules).groupby(["stage", "state"])
        sizes, cents = expected.size().to_dict(), expected["cents"].sum().to_dict()
        for row in lifecycle_table(history, at=at, rules=rules).groups_to_dicts():
            cell = row["stage"], row["state"]
            assert (row["customers"], row["revenue"] * 100) == (sizes.get(cell, 0), cents.get(cell, 0))

    def test_moves(self, frame, history, at, rules):
        start = at - 90 * DAY
        before, after = (in_pandas(frame, pd.Timestamp(each), rules)["state"] for each in (start, at))
        expected = pd.crosstab(before.reindex(after.index).fillna("not yet a customer"), after).stack()
        table = lifecycle_transitions(history, start=start, end=at, rules=rules)
        assert {pair: table[pair] for pair in expected.index} == expected.to_dict()
        assert table.customers == len(after)


@pytest.mark.parametrize("rules", [OWN, FIXED], ids=["own", "fixed"])
def test_cdnow_comebacks(history, rules):
    at = datetime(1998, 6, 30, tzinfo=UTC)
    oracle = Oracle(history, at, rules)
    found = at_risk_customers(history, at=at, rules=rules, within=120 * DAY)
    for each in found[:: len(found) // 5]:
        counted = each.comeback.numerator, each.comeback.denominator
        assert counted == oracle.comeback(each.customer_id, 120 * DAY)
