"""The probability to buy at all: against sums over a fine grid of both chances of a customer, and against draws."""

from __future__ import annotations

import math
from datetime import timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats
from scipy.special import expit

from retention.errors import ConflictingArgumentError, InvalidTypeError, InvalidValueError
from retention.predict import BgBb, BgNbd, FitReport, MbgNbd, ParetoNbd, Purchases, RepeatPurchases

BG = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
MBG = MbgNbd(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
PARETO = ParetoNbd(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
FAITHFUL = ParetoNbd(r=2.0, alpha=5.0, s=0.3, beta=90.0, unit="week")
BB = BgBb(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="week")
MODELS = [BG, MBG, PARETO, FAITHFUL, BB]
WHO = [
    Purchases(0, 0, 12),
    Purchases(0, 0, 39),
    Purchases(2, 30, 39),
    Purchases(9, 38, 39),
    Purchases(4, 5, 39),
]

ANY = np.linspace(-110, 45, 1_801)[:, None]
"""Log-odds of a probability, or the logarithm of a rate."""


def of_beta(a, b):
    p = expit(ANY)
    return p, expit(-ANY), np.exp(stats.beta(a, b).logpdf(np.clip(p, 1e-300, 1 - 1e-16))) * p * expit(-ANY)


def of_gamma(shape, rate):
    each = np.exp(ANY)
    return each, np.exp(stats.gamma(shape, scale=1 / rate).logpdf(each)) * each


def by_grid(model, who, horizon):
    """Of every possible customer with these purchases, the share who buy."""
    x, t_x, age = who.frequency, who.recency, who.age
    if isinstance(model, ParetoNbd):
        often, first = of_gamma(model.r, model.alpha)
        leaving, second = (each.T for each in of_gamma(model.s, model.beta))
        both = often + leaving
        stayed = often**x * np.exp(-both * age)
        left = often**x * leaving / both * (np.exp(-both * t_x) - np.exp(-both * age))
        buys = -often / both * np.expm1(-both * horizon)
    elif isinstance(model, BgBb):
        often, seldom, first = of_beta(model.alpha, model.beta)
        leaving, staying, second = (each.T for each in of_beta(model.gamma, model.delta))
        n, t_x = int(age), int(t_x)
        stayed = often**x * seldom ** (n - x) * staying**n
        left = sum(often**x * seldom ** (j - x) * leaving * staying**j for j in range(t_x, n))
        buys = sum(staying**k * seldom ** (k - 1) * often for k in range(1, int(horizon) + 1))
    else:
        often, first = of_gamma(model.r, model.alpha)
        leaving, staying, second = (each.T for each in of_beta(model.a, model.b))
        chances = x + model._FIRST
        stayed = staying**chances * often**x * np.exp(-often * age)
        left = leaving * staying ** (chances - 1) * often**x * np.exp(-often * t_x) if chances else 0.0
        buys = -np.expm1(-often * horizon)
    prior = first * second
    return float((prior * stayed * buys).sum() / (prior * (stayed + left)).sum())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("who", WHO, ids=str)
@pytest.mark.parametrize("horizon", [1, 13, 104])
def test_it_is_the_share_of_all_possible_customers(model, who, horizon):
    if isinstance(model, BgBb) and horizon > 13:
        horizon = 20
    found = float(model.probability_purchase(who, horizon=horizon))
    assert found == pytest.approx(by_grid(model, who, horizon), rel=2e-5)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_as_many_as_are_drawn(model):
    random, who, draws = Random(3), WHO[2], 4_000
    bought = sum(bool(model._draw_future(random, 2, 30.0, 39.0, 26.0)) for _ in range(draws))
    found = float(model.probability_purchase(who, horizon=26))
    assert bought / draws == pytest.approx(found, abs=4 * math.sqrt(found * (1 - found) / draws))


@pytest.mark.parametrize("kind", [BgNbd, MbgNbd, ParetoNbd, BgBb])
@given(st.data())
def test_between_nothing_and_what_is_expected(kind, data):
    """No more than are still there, no more than the purchases to expect, and more in a longer time."""
    values = st.floats(-6, 6).map(math.exp)
    model = kind(unit="week", **{name: data.draw(values) for name in kind._parameter_names()})
    age = data.draw(st.integers(1, 80))
    recency = data.draw(st.integers(0, age))
    who = Purchases(data.draw(st.integers(1, recency)) if recency else 0, recency, age)
    short, long = sorted(data.draw(st.tuples(st.integers(0, 300), st.integers(0, 300))))
    less, more = (float(model.probability_purchase(who, horizon=each)) for each in (short, long))
    assert 0 <= less <= more * (1 + 1e-9) <= 1 + 1e-9
    there = model._probability_there(who.frequency, who.recency, who.age)
    assert more <= there * (1 + 1e-9)
    assert more <= float(model.expected_purchases(who, horizon=long)) * (1 + 1e-6)
    if short == 0:
        assert less == 0


def test_thousands_of_opportunities():
    daily = BgBb(alpha=1.2, beta=30.0, gamma=0.3, delta=400.0, unit="day")
    who = Purchases(5, 900, 1_000)
    found = float(daily.probability_purchase(who, horizon=10_000))
    assert float(daily.probability_purchase(who, horizon=1_000)) < found < 1
    sure = BgBb(alpha=1e6, beta=1.0, gamma=1.0, delta=1e6, unit="day")
    assert float(sure.probability_purchase(Purchases(5, 5, 5), horizon=10_000)) == pytest.approx(1, abs=1e-5)


class TestOfABase:
    REPORT = FitReport(
        log_likelihood=-9.0, customers=9, groups=9, iterations=9, evaluations=9,
        covariance=tuple(tuple(0.01 * (i == j) for j in range(4)) for i in range(4)),
    )  # fmt: skip
    BASE = RepeatPurchases.from_table(dict(enumerate(WHO)), unit="week")

    @pytest.mark.parametrize("model", [BG, MBG, PARETO])
    def test_each_as_alone_and_their_number(self, model):
        found = model.probability_purchase(self.BASE, horizon=13)
        alone = {who: float(model.probability_purchase(each, horizon=13)) for who, each in self.BASE.items()}
        assert dict(found) == pytest.approx(alone)
        assert found.total().value == pytest.approx(sum(alone.values()))
        assert found.total().unit == "customers"

    def test_words(self):
        model = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week", report=self.REPORT)
        found = model.probability_purchase(self.BASE, horizon=3, unit="month")
        assert str(found).startswith("Probability to buy within 3 months, by BG/NBD: 5 customers")
        total = found.total()
        assert total.explain() == (
            f"{total!s} expected to buy within 3 months (95 % interval of what is expected {total.interval()}; what comes "
            f"varies more)."
        )
        one = found.estimate(2)
        assert one.explain() == f"{one!s} (95 % interval {one.interval()})."
        assert model.probability_purchase(WHO[2], horizon=3, unit="month") == one

    def test_horizons(self):
        assert float(BG.probability_purchase(WHO[2], horizon=timedelta(days=91))) == pytest.approx(
            float(BG.probability_purchase(WHO[2], horizon=13))
        )
        with pytest.raises(InvalidValueError, match=r"BgNbd\.probability_purchase: horizon must be finite"):
            BG.probability_purchase(WHO[2], horizon=-1)
        with pytest.raises(InvalidTypeError, match=r"probability_purchase takes Purchases"):
            BG.probability_purchase([], horizon=1)
        with pytest.raises(
            ConflictingArgumentError, match=r"BgNbd\.probability_purchase: the base counts in"
        ):
            BG.probability_purchase(RepeatPurchases.from_table({}, unit="day"), horizon=1)
