"""Recency, frequency, money and the profile of the best, once more with pandas, scipy and statsmodels.

On the CDNOW sample customer by customer, and on drawn shops. Scores by pandas' ranks, groups by a grid written out here,
exact tests and score intervals by those libraries.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

import retention as rt
from retention.segments import ideal_customer_profile, rfm_migration, rfm_table
from retention.segments._frequency import fisher_p_value, times_as_frequent
from tests.reference.oracle import read_rows

SAMPLE = Path(__file__).parents[1] / "data" / "cdnow_sample.txt"
AS_OF = datetime(1998, 7, 1, tzinfo=UTC)
OCTOBER = datetime(1997, 10, 1, tzinfo=UTC)

# R 5 first; in each row FM 1 to 5.
GRID = """
beginners  beginners  promising  regulars best
beginners  beginners  promising  regulars best
middling   middling   middling   cooling  cooling
fading     fading     fading     slipping slipping
gone_quiet gone_quiet gone_quiet missed   missed
"""
GROUP = {
    (5 - row, column): name.replace("_", " ")
    for row, line in enumerate(GRID.split("\n")[1:-1])
    for column, name in enumerate(line.split(), start=1)
}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    frame = pd.DataFrame(read_rows(SAMPLE))
    frame["at"] = pd.to_datetime(frame["date"], utc=True)
    frame["cents"] = [int(amount * 100) for amount in frame["amount"]]
    return frame


@pytest.fixture(scope="module")
def history(frame: pd.DataFrame) -> rt.History:
    orders = [
        rt.Order(
            id=number,
            customer_id=row.customer_id,
            placed_at=row.at.to_pydatetime(),
            amount=row.amount,
            currency="USD",
        )
        for number, row in enumerate(frame.itertuples(), start=1)
    ]
    return rt.History(orders, as_of=AS_OF)


def by_pandas(
    frame: pd.DataFrame,
    at: datetime,
    *,
    window: timedelta | None = None,
    bins: int = 5,
    monetary: str = "sum",
) -> pd.DataFrame:
    """One row for each customer; money as exact fractions of cents."""
    seen = frame[(frame["cents"] > 0) & (frame["at"] < at)]
    if window is not None:
        seen = seen[seen["at"] >= at - window]
    table = seen.groupby("customer_id").agg(
        latest=("at", "max"), frequency=("at", "size"), cents=("cents", "sum")
    )
    table["money"] = table["cents"] if monetary == "sum" else table["cents"] / table["frequency"]
    for score, column in (("r", "latest"), ("f", "frequency"), ("m", "money")):
        strictly_worse = table[column].rank(method="min").astype(int) - 1
        table[score] = 1 + bins * strictly_worse // len(table)
    return table


@pytest.mark.parametrize("at", [OCTOBER, datetime(1997, 2, 1, tzinfo=UTC), AS_OF])
@pytest.mark.parametrize("window", [None, timedelta(days=90), timedelta(days=400)])
@pytest.mark.parametrize("choice", [(5, "sum"), (5, "mean"), (10, "sum"), (3, "mean"), (2, "sum")])
def test_every_customer_of_the_sample(frame, history, at, window, choice):
    bins, monetary = choice
    expected = by_pandas(frame, at, window=window, bins=bins, monetary=monetary)
    found = pd.DataFrame(rfm_table(history, at=at, window=window, bins=bins, monetary=monetary).to_dicts())
    found = found.set_index("customer_id").loc[expected.index]
    assert len(found) == len(expected) > 200
    for column in ("r", "f", "m", "frequency"):
        assert (found[column] == expected[column]).all(), column
    assert (found["recency_days"] == (at - expected["latest"]) / timedelta(days=1)).all()
    for money, cents, orders in zip(found["monetary"], expected["cents"], expected["frequency"], strict=True):
        count = int(orders) if monetary == "mean" else 1
        exact = Fraction(int(cents), 100 * count)
        assert abs(Fraction(money) - exact) < Fraction(1, 10**20)
    if bins == 5:
        fm = (expected["f"] + expected["m"] + 1) // 2
        assert list(found["group"]) == [GROUP[pair] for pair in zip(expected["r"], fm, strict=True)]


def test_every_group_of_the_sample(frame, history):
    expected = by_pandas(frame, AS_OF)
    expected["group"] = [
        GROUP[r, (f + m + 1) // 2] for r, f, m in expected[["r", "f", "m"]].itertuples(index=False)
    ]
    expected["days"] = (AS_OF - expected["latest"]) / timedelta(days=1)
    table = rfm_table(history)
    assert len(table.groups) == 10
    for group in table.groups:
        members = expected[expected["group"] == group.name]
        assert set(table.members(group.name)) == set(members.index)
        assert group.customers == len(members)
        assert group.recency.median == members["days"].median()
        assert float(group.frequency) == pytest.approx(members["frequency"].mean())
        assert group.revenue == Decimal(int(members["cents"].sum())) / 100
        assert float(group.revenue_share) == pytest.approx(members["cents"].sum() / expected["cents"].sum())
        assert group.share == rt.Ratio(len(members), 2349)
    cells = pd.Series(
        zip(expected["r"], (expected["f"] + expected["m"] + 1) // 2, strict=True)
    ).value_counts()
    assert {cell: count for cell, count in table.cells.items() if count} == cells.to_dict()


@pytest.mark.parametrize("window", [None, timedelta(days=180)])
def test_every_move_in_the_sample(frame, history, window):
    january = datetime(1998, 1, 1, tzinfo=UTC)
    sides = {}
    for name, at in (("before", OCTOBER), ("after", january)):
        scored = by_pandas(frame, at, window=window)
        groups = [GROUP[r, (f + m + 1) // 2] for r, f, m in scored[["r", "f", "m"]].itertuples(index=False)]
        sides[name] = pd.Series(groups, index=scored.index)
    moves = pd.DataFrame(sides)
    # nobody was new from April 1997 on, so that who is missing had bought, but not in the window
    moves = moves.reindex(by_pandas(frame, january).index).fillna("no purchase in the window")
    expected = moves.value_counts().to_dict()
    moved = rfm_migration(history, start=OCTOBER, end=january, window=window)
    assert {pair: count for pair, count in moved.counts.items() if count} == expected
    assert moved.customers == 2349


# ------------------------------------------------------------------------------------- the profile


def shop_of(seed: int, customers: int = 400, *, effect: float = 0.0) -> rt.Shop:
    """Customers with a dozen attributes; those from "AT" spend `effect` times as much again."""
    random = np.random.default_rng(seed)
    countries = random.choice(["AT", "CH", "DE", "FR", "IT"], customers, p=[0.15, 0.15, 0.4, 0.2, 0.1])
    people = [
        rt.Customer(
            id=n,
            country=str(countries[n]),
            acquisition_channel=str(random.choice(["search", "social", "e-mail"])),
            loyalty_joined_at=OCTOBER if random.random() < 0.3 else None,
            tags={tag for tag in ("a", "b", "c") if random.random() < 0.2},
            attributes={
                "sex": str(random.choice(["f", "m"])),
                "size": int(random.integers(1, 6)),
                "app": bool(random.random() < 0.1),
            },
        )
        for n in range(customers)
    ]
    spends = random.lognormal(3, 1, customers) * np.where(countries == "AT", 1 + effect, 1)
    orders = [
        rt.Order(
            id=n,
            customer_id=n,
            placed_at=OCTOBER,
            amount=Decimal(max(1, round(spend * 100))) / 100,
            currency="EUR",
        )
        for n, spend in enumerate(spends)
    ]
    return rt.Shop(orders=orders, customers=people, as_of=AS_OF)


def facts_of(shop: rt.Shop) -> pd.DataFrame:
    """What is known of each customer, a column for each value that is tested, True, False or missing."""
    people = pd.DataFrame(
        {
            "country": [each.country for each in shop.customers],
            "acquisition_channel": [each.acquisition_channel for each in shop.customers],
            "sex": [each.attributes["sex"] for each in shop.customers],
            "size": [each.attributes["size"] for each in shop.customers],
        }
    )
    columns = {
        (name, value): people[name] == value for name in people for value in people[name].unique().tolist()
    }
    columns["loyalty_member", True] = [each.loyalty_joined_at is not None for each in shop.customers]
    columns["app", True] = [each.attributes["app"] for each in shop.customers]
    for tag in ("a", "b", "c"):
        columns["tags", tag] = [tag in each.tags for each in shop.customers]
    return pd.DataFrame(columns)


@pytest.mark.parametrize("seed", range(4))
def test_the_profile_of_drawn_shops(seed):
    shop = shop_of(seed, effect=seed / 2)
    facts = facts_of(shop)
    spends = pd.Series([order.amount for order in shop.orders])
    share = Decimal("0.15")
    best = spends.rank(method="min", ascending=False) <= ceil(share * len(spends))
    expected = {}
    for key in facts:
        table = pd.crosstab(best, facts[key])
        expected[key] = (
            table.loc[True, True],
            table.loc[True].sum(),
            table.loc[False, True],
            table.loc[False].sum(),
        )
    # both sexes are one test
    family = [key for key in expected if key != ("sex", "m")]
    p_values = {key: stats.fisher_exact(pd.crosstab(best, facts[key]))[1] for key in expected}
    adjusted = dict(
        zip(family, multipletests([p_values[key] for key in family], method="holm")[1], strict=True)
    )
    adjusted["sex", "m"] = adjusted["sex", "f"]

    profile = ideal_customer_profile(shop, best=share)
    assert profile.comparisons == len(family) == 19
    assert {(trait.attribute, trait.value) for trait in profile} == set(expected)
    for trait in profile:
        key = trait.attribute, trait.value
        top, all_best, below, all_others = map(int, expected[key])
        assert (trait.best, trait.others) == (rt.Ratio(top, all_best), rt.Ratio(below, all_others))
        assert trait.p_value == pytest.approx(p_values[key], rel=1e-9)
        assert trait.adjusted_p_value == pytest.approx(adjusted[key], rel=1e-9)
        low, high = confint_proportions_2indep(
            top, all_best, below, all_others, method="score", compare="ratio", correction=True
        )
        assert (trait.low, trait.high) == (pytest.approx(low, rel=1e-6), pytest.approx(high, rel=1e-6))
        assert trait.times == pytest.approx(top / all_best / (below / all_others))


def test_tests_and_intervals_of_any_counts():
    random = Random(20260401)
    for size in (5, 40, 2_000):
        for _ in range(60):
            m, n = random.randint(1, size), random.randint(1, size)
            x, y = random.randint(0, m), random.randint(0, n)
            assert fisher_p_value((x, m), (y, n)) == pytest.approx(
                stats.fisher_exact([[x, m - x], [y, n - y]])[1], rel=1e-8, abs=1e-300
            )
            if 0 < x < m and 0 < y < n:
                found = times_as_frequent((x, m), (y, n))
                expected = confint_proportions_2indep(
                    x, m, y, n, method="score", compare="ratio", correction=True
                )
                assert found == pytest.approx(expected, rel=1e-6)


def test_the_interval_leaves_out_1_where_the_chi_square_test_does():
    """Both are the score test: the interval takes the (N − 1) χ² test at each quotient."""
    random = Random(5)
    for _ in range(300):
        m, n = random.randint(2, 90), random.randint(2, 90)
        x, y = random.randint(0, m), random.randint(0, n)
        if 0 < x + y < m + n:
            table = [[x, m - x], [y, n - y]]
            square = stats.chi2_contingency(table, correction=False)[0] * (m + n - 1) / (m + n)
            low, high = times_as_frequent((x, m), (y, n))
            outside = low > 1 or (high is not None and high < 1)
            assert outside == (square > stats.chi2.ppf(0.95, 1))


class TestFalseAlarms:
    """200 shops in which nothing sets the best apart: how many have a value that is called real."""

    SHOPS = 200

    def test_of_nineteen_values_none_is_called_real_too_often(self):
        alarms = alone = tests = 0
        for seed in range(self.SHOPS):
            profile = ideal_customer_profile(shop_of(1_000 + seed, 150))
            alarms += any(trait.verdict == "real" for trait in profile)
            alone += sum(trait.p_value <= 0.05 for trait in profile)
            tests += len(profile)
        # Holm promises 5 % at the most; that many more would come by chance once in a thousand runs.
        assert alarms <= stats.binom.ppf(0.999, self.SHOPS, 0.05)
        # Uncorrected, hundreds of values pass: the guard is needed. The exact test keeps each below 5 %.
        assert 0.01 < alone / tests < 0.05

    def test_what_is_true_is_found(self):
        found = 0
        for seed in range(20):
            profile = ideal_customer_profile(shop_of(seed, effect=2.0))
            real = [trait for trait in profile if trait.verdict == "real" and trait.value == "AT"]
            found += len(real) == 1 and real[0].low > 1
        assert found >= 18
