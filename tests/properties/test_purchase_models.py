"""What must hold of every model of repeat purchases, whatever its parameters and whoever the customer."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from retention.predict import BgBb, BgNbd, MbgNbd, ParetoNbd, PurchaseModel, Purchases, RepeatPurchases

MODELS: list[type[PurchaseModel]] = [BgNbd, MbgNbd, ParetoNbd, BgBb]
FLOWING = [kind for kind in MODELS if not kind._discrete]
"""Those whose time flows, and is not made of opportunities."""

every_kind = pytest.mark.parametrize("kind", MODELS)
every_flowing_kind = pytest.mark.parametrize("kind", FLOWING)

ROUNDING = 1e-9
AGES = [(0, 0.0, float(age), 12) for age in range(20, 70)]


def models(kind: type[PurchaseModel]) -> st.SearchStrategy[PurchaseModel]:
    """Any parameters from a thousandth to a thousand, and those where a closed form has a hole."""
    names = kind._parameter_names()
    values = st.one_of(st.floats(-7, 7).map(math.exp), st.just(1.0))
    return st.fixed_dictionaries(dict.fromkeys(names, values)).map(lambda drawn: kind(unit="year", **drawn))


@st.composite
def customers(draw: st.DrawFn, kind: type[PurchaseModel]) -> Purchases:
    """Of all ages, one-time buyers and those with thousands of purchases."""
    if kind._discrete:
        age = draw(st.integers(0, 60))
        recency = draw(st.integers(0, age))
        return Purchases(draw(st.integers(1, recency)) if recency else 0, recency, age)
    age = draw(st.floats(0.01, 1_000))
    frequency = draw(st.one_of(st.just(0), st.integers(1, 20), st.integers(21, 5_000)))
    return Purchases(frequency, draw(st.floats(0.001, 1)) * age if frequency else 0.0, age)


def asked(kind: type[PurchaseModel], data: st.DataObject) -> tuple[PurchaseModel, Purchases]:
    return data.draw(models(kind)), data.draw(customers(kind))


def horizons(kind: type[PurchaseModel]) -> st.SearchStrategy[list[float]]:
    one = st.integers(0, 200).map(float) if kind._discrete else st.floats(0, 2_000)
    return st.lists(one, min_size=2, max_size=4).map(sorted)


# ----------------------------------------------------------------------------------- who is still a customer


@every_kind
@given(st.data())
def test_probability_alive_is_a_probability(kind, data):
    model, who = asked(kind, data)
    assert 0 <= float(model.probability_alive(who)) <= 1


@every_kind
@given(st.data())
def test_it_falls_with_silence(kind, data):
    """The same purchases, and nothing since."""
    model, who = asked(kind, data)
    silences = sorted(data.draw(st.lists(st.integers(0, 50), min_size=2, max_size=4)))
    chances = [
        float(model.probability_alive(Purchases(who.frequency, who.recency, who.age + silence)))
        for silence in silences
    ]
    for earlier, later in pairwise(chances):
        assert later <= earlier * (1 + ROUNDING)


@every_kind
@given(st.data())
def test_a_purchase_at_the_end_speaks_for_the_customer(kind, data):
    """The later the last purchase, the likelier that there will be another."""
    model, who = asked(kind, data)
    if who.frequency:
        last = Purchases(who.frequency, who.age, who.age)
        assert float(model.probability_alive(last)) >= float(model.probability_alive(who)) * (1 - ROUNDING)


# ---------------------------------------------------------------------------------------- what is to come


@every_kind
@given(st.data())
def test_expected_purchases_grow_with_the_horizon(kind, data):
    model, who = asked(kind, data)
    assert float(model.expected_purchases(who, horizon=0)) == 0
    expected = [
        float(model.expected_purchases(who, horizon=horizon)) for horizon in data.draw(horizons(kind))
    ]
    assert expected[0] >= 0
    for nearer, farther in pairwise(expected):
        assert farther >= nearer * (1 - ROUNDING)


@every_kind
@given(st.data())
def test_so_do_those_of_a_newcomer(kind, data):
    model = data.draw(models(kind))
    assert float(model.expected_purchases_of_newcomer(horizon=0)) == 0
    expected = [
        float(model.expected_purchases_of_newcomer(horizon=horizon)) for horizon in data.draw(horizons(kind))
    ]
    assert expected[0] >= 0
    for nearer, farther in pairwise(expected):
        assert farther >= nearer * (1 - ROUNDING)


@every_kind
@given(st.data())
def test_the_far_future_brings_less_than_the_near_one(kind, data):
    """Some leave on the way: twice the time brings at most twice the purchases."""
    model, who = asked(kind, data)
    horizon = data.draw(st.integers(1, 100))
    once, twice = (float(model.expected_purchases(who, horizon=horizon * times)) for times in (1, 2))
    assert twice <= 2 * once * (1 + ROUNDING)


@every_kind
@given(st.data())
def test_a_base_is_told_of_as_its_customers_are(kind, data):
    model = data.draw(models(kind))
    who = data.draw(st.lists(customers(kind), min_size=1, max_size=5))
    base = RepeatPurchases.from_table(dict(enumerate(who)), unit="year", discrete=kind._discrete)
    alive, expected = model.probability_alive(base), model.expected_purchases(base, horizon=7)
    for number, one in enumerate(who):
        assert alive[number] == model.probability_alive(one).value
        assert expected[number] == model.expected_purchases(one, horizon=7).value


@every_flowing_kind
@given(st.data())
def test_the_unit_of_time_is_a_matter_of_taste(kind, data):
    """The same customer and the same horizon in days, of a model whose parameters are times in days."""
    model, who = asked(kind, data)
    horizon = data.draw(st.floats(0, 200))
    times = {name: getattr(model, name) * 7 for name in ("alpha", "beta") if hasattr(model, name)}
    weeks = kind(unit="week", **model.parameters)
    days = kind(unit="day", **{**model.parameters, **times})
    in_days = Purchases(who.frequency, who.recency * 7, who.age * 7)
    assert float(days.probability_alive(in_days)) == pytest.approx(
        float(weeks.probability_alive(who)), rel=1e-8
    )
    assert float(days.expected_purchases(in_days, horizon=horizon, unit="week")) == pytest.approx(
        float(weeks.expected_purchases(who, horizon=horizon)), rel=1e-8
    )


# ------------------------------------------------------------------------------------------------ the fit


TRUE: dict[type[PurchaseModel], dict[str, float]] = {
    BgNbd: {"r": 0.9, "alpha": 6.0, "a": 0.8, "b": 2.5},
    MbgNbd: {"r": 0.9, "alpha": 6.0, "a": 0.8, "b": 2.5},
    ParetoNbd: {"r": 0.9, "alpha": 6.0, "s": 0.7, "beta": 15.0},
}


@pytest.fixture(scope="module")
def bases() -> dict[type[PurchaseModel], RepeatPurchases]:
    """600 customers, drawn from each model."""
    ages = RepeatPurchases.from_counts(AGES, unit="week")
    return {kind: kind(unit="week", **TRUE[kind]).simulate(ages, seed=6) for kind in FLOWING}


@every_flowing_kind
def test_a_fit_in_days_says_the_same_as_one_in_weeks(kind, bases):
    """The likelihood is a density of purchase times: 7 times smaller a purchase, when they are counted in days."""
    weeks = bases[kind]
    days = RepeatPurchases.from_counts(
        [(x, t_x * 7, age * 7, count) for x, t_x, age, count in weeks.groups], unit="day"
    )
    one, other = kind.fit(weeks), kind.fit(days)
    purchases = sum(x * count for x, _, _, count in weeks.groups)
    assert other.log_likelihood == pytest.approx(one.log_likelihood - purchases * math.log(7), abs=1e-4)
    who, in_days = Purchases(3, 20.0, 30.0), Purchases(3, 140.0, 210.0)
    for first, second in (
        (one.probability_alive(who), other.probability_alive(in_days)),
        (
            one.expected_purchases(who, horizon=26),
            other.expected_purchases(in_days, horizon=26, unit="week"),
        ),
        (
            one.expected_purchases_of_newcomer(horizon=1, unit="year"),
            other.expected_purchases_of_newcomer(horizon=1, unit="year"),
        ),
    ):
        assert float(second) == pytest.approx(float(first), rel=1e-3)
        assert second.standard_error == pytest.approx(first.standard_error, rel=1e-2)


@every_flowing_kind
def test_twice_the_customers_halve_the_variance(kind, bases):
    base = bases[kind]
    doubled = RepeatPurchases.from_counts(
        [(x, t_x, age, 2 * count) for x, t_x, age, count in base.groups], unit="week"
    )
    one, other = kind.fit(base), kind.fit(doubled)
    assert other.log_likelihood == pytest.approx(2 * one.log_likelihood, rel=1e-9)
    for name, value in one.parameters.items():
        assert other.parameters[name] == pytest.approx(value, rel=5e-3)
        assert 2 * other.standard_errors[name] ** 2 == pytest.approx(one.standard_errors[name] ** 2, rel=2e-2)


@every_flowing_kind
def test_the_order_of_customers_is_nothing_to_a_fit(kind, bases):
    base = bases[kind]
    backwards = RepeatPurchases.from_table(dict(reversed([*base.items()])), unit="week")
    assert kind.fit(backwards) == kind.fit(base)


@every_flowing_kind
def test_many_groups_are_fitted_as_few_are(kind, bases, monkeypatch):
    """With many the search begins among fewer, and ends among all."""
    base = bases[kind]
    one = kind.fit(base)
    monkeypatch.setattr("retention.predict._purchase_model._MANY", 10)
    other = kind.fit(base)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)
    assert other.parameters == pytest.approx(one.parameters, rel=1e-3)
