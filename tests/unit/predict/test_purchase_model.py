"""What every model of repeat purchases does alike: reading, refusing, telling of one and of all, drawing."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import fmean

import pytest

import retention as rt
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiableError,
    UndefinedMetricError,
)
from retention.predict import BgNbd, MbgNbd, Purchases, RepeatPurchases, repeat_purchases
from retention.predict._model import Estimate, Predictions
from retention.predict._purchase_model import PurchaseModel, _coarse
from retention.testing import make_orders

MODELS = (
    BgNbd(r=0.8, alpha=6.0, a=0.7, b=2.5, unit="week"),
    MbgNbd(r=0.8, alpha=6.0, a=0.7, b=2.5, unit="week"),
)
AGES = RepeatPurchases.from_counts([(0, 0.0, float(age), 20) for age in range(21, 71)], unit="week")
TABLE = RepeatPurchases.from_table(
    {"ann": (2, 30.0, 38.0), "ben": (0, 0.0, 38.0), "cem": (2, 30.0, 38.0)}, unit="week"
)

every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._TITLE)
every_class = pytest.mark.parametrize("kind", [type(model) for model in MODELS])


# ----------------------------------------------------------------------------------------- what it refuses


@every_class
@pytest.mark.parametrize(
    "rows, reason",
    [
        ([], "the base has no customer"),
        ([(2, 3.0, 9.0, 1)], "the base has one customer for 4 parameters"),
        ([(2, 3.0, 9.0, 1), (0, 0.0, 9.0, 2)], "the base has 3 customers for 4 parameters"),
        ([(0, 0.0, 9.0, 1000), (0, 0.0, 8.0, 500)], "none of the 1,500 customers bought again"),
        ([(2, 3.0, 9.0, 50)], r"all 50 customers are alike \(frequency 2, recency 3, age 9\)"),
    ],
)
def test_a_base_that_can_t_tell_is_refused(kind, rows, reason):
    with pytest.raises(NotIdentifiableError, match=reason):
        kind.fit(RepeatPurchases.from_counts(rows, unit="week"))


@every_class
def test_a_base_of_opportunities_is_refused(kind):
    base = RepeatPurchases.from_counts([(1, 2.0, 6.0, 5), (0, 0.0, 6.0, 5)], unit="year", discrete=True)
    with pytest.raises(ConflictingArgumentError, match="discrete=False"):
        kind.fit(base)


@every_class
def test_a_table_is_not_read_again(kind):
    with pytest.raises(ConflictingArgumentError, match="tz, unit"):
        kind.fit(AGES, unit="week", tz="UTC")


@every_class
@pytest.mark.parametrize(
    "given, words",
    [
        ({"ann": (1, 2.0, 3.0)}, r"not dict; make a table of rows by id with RepeatPurchases\.from_table"),
        (
            [(1, 2.0, 3.0, 4)],
            r"not rows \(the first is .*\); make a table .* with RepeatPurchases\.from_counts",
        ),
    ],
)
def test_rows_are_made_a_table_first(kind, given, words):
    with pytest.raises(InvalidTypeError, match=words):
        kind.fit(given)


@every_class
def test_a_misspelt_keyword_is_named(kind):
    for given in ([], AGES):
        with pytest.raises(
            TypeError, match=rf"{kind.__name__}\.fit: there is no keyword untl=; did you mean 'until'"
        ):
            kind.fit(given, untl=date(2026, 1, 1))


@every_class
def test_parameters_lie_above_0(kind):
    with pytest.raises(InvalidValueError, match=f"{kind.__name__}.a must be above 0"):
        kind(r=1.0, alpha=1.0, a=0.0, b=1.0, unit="week")


@every_class
def test_the_unit_is_one_of_four(kind):
    with pytest.raises(InvalidValueError, match=f"{kind.__name__}: unit"):
        kind(r=1.0, alpha=1.0, a=1.0, b=1.0, unit="weeks")


@every_model
def test_another_unit_is_refused(model):
    days = RepeatPurchases.from_counts([(1, 2.0, 6.0, 5)], unit="day")
    for ask in (
        model.probability_alive,
        lambda base: model.expected_purchases(base, horizon=3),
        lambda base: model.simulate(base, seed=1),
        lambda base: model.bootstrap(base, replications=2, seed=1),
    ):
        with pytest.raises(ConflictingArgumentError, match="counts in days and the model in weeks"):
            ask(days)


@every_model
@pytest.mark.parametrize("who", [None, (2, 30.0, 38.0), [Purchases(0, 0, 3)]])
def test_it_tells_of_customers_only(model, who):
    with pytest.raises(InvalidTypeError, match="probability_alive takes Purchases"):
        model.probability_alive(who)
    with pytest.raises(InvalidTypeError, match="expected_purchases takes Purchases"):
        model.expected_purchases(who, horizon=3)


@every_model
def test_bad_horizons_are_refused(model):
    for horizon in (-1, float("nan"), float("inf")):
        with pytest.raises(InvalidValueError, match="horizon"):
            model.expected_purchases(TABLE, horizon=horizon)
        with pytest.raises(InvalidValueError, match="horizon"):
            model.expected_purchases_of_newcomer(horizon=horizon)
    with pytest.raises(InvalidTypeError, match="horizon"):
        model.expected_purchases(Purchases(0, 0, 3), horizon="a year")


@every_model
def test_it_draws_from_tables_with_a_seed(model):
    with pytest.raises(InvalidTypeError, match="simulate takes a table"):
        model.simulate({}, seed=1)
    for seed in (None, 1.0, True):
        with pytest.raises(InvalidTypeError, match="seed must be an int"):
            model.simulate(AGES, seed=seed)


# -------------------------------------------------------------------------------------- one and all


@every_model
def test_a_base_is_its_customers(model):
    alive = model.probability_alive(TABLE)
    expected = model.expected_purchases(TABLE, horizon=10)
    assert isinstance(alive, Predictions)
    for each, who in TABLE.items():
        one = model.probability_alive(who)
        assert isinstance(one, Estimate)
        assert alive[each] == one.value
        assert expected[each] == model.expected_purchases(who, horizon=10).value
    assert expected["ann"] == expected["cem"]
    assert float(expected.total()) == pytest.approx(sum(expected.values()))


@every_model
def test_horizons_are_converted_by_name(model):
    who = Purchases(3, 20.0, 30.0)
    in_days = model.expected_purchases(who, horizon=70, unit="day").value
    assert in_days == pytest.approx(model.expected_purchases(who, horizon=10).value, rel=1e-14)
    exact = model.expected_purchases(who, horizon=timedelta(days=70)).value
    assert exact == pytest.approx(in_days, rel=1e-14)
    newcomer = model.expected_purchases_of_newcomer(horizon=1, unit="year").value
    assert newcomer == pytest.approx(model.expected_purchases_of_newcomer(horizon=365.2425 / 7).value)


@every_model
def test_figures_say_what_they_count(model):
    ann = TABLE["ann"]
    assert str(model.expected_purchases(ann, horizon=4)).endswith(" purchases")
    assert model.expected_purchases_of_newcomer(horizon=4).unit == "purchases"
    assert model.probability_alive(ann).unit is None
    assert str(model.probability_alive(TABLE).total()).endswith(" customers")
    assert model.probability_alive(TABLE).mean().unit is None
    assert str(model.probability_alive(TABLE)).startswith(
        f"Probability to be still a customer, by {model._TITLE}: 3 customers\n"
    )
    for horizon, time in ((1, "1 week"), (2.5, "2.5 weeks")):
        assert str(model.expected_purchases(TABLE, horizon=horizon)).startswith(
            f"Purchases to expect in {time}, by {model._TITLE}: 3 customers\n"
        )


@pytest.mark.parametrize(
    "model, words",
    [
        (MODELS[0], "On average 21.9% leave for good after a repeat purchase (a / (a + b))."),
        (MODELS[1], "On average 21.9% leave for good after a purchase, the first one too (a / (a + b))."),
        (
            rt.ParetoNbd(r=0.8, alpha=6.0, s=1.0, beta=9.0, unit="week"),
            "Half of them have left for good 9 weeks after the first purchase (beta · (2^(1 / s) − 1)).",
        ),
        (
            rt.BgBb(alpha=1.0, beta=1.0, gamma=1.0, delta=4.0, unit="year"),
            "On average 20.0% leave for good before an opportunity (gamma / (gamma + delta)).",
        ),
    ],
    ids=lambda each: getattr(each, "_TITLE", ""),
)
def test_a_model_in_words(model, words):
    assert words in model.explain()


def test_where_hardly_anybody_leaves_no_half_has_left():
    text = rt.ParetoNbd(r=0.8, alpha=6.0, s=0.001, beta=9.0, unit="week").explain()
    assert "they buy again 0.1333 times a week on average (r / alpha). r 0.8" in text


def test_a_fitted_model_says_what_to_mind():
    base = MODELS[0].simulate(AGES, seed=1)
    text = str(BgNbd.fit(base)).splitlines()
    assert text[1].startswith("Mind: ")
    assert "MBG/NBD does not." in text[1]


def test_what_the_data_hardly_hold_is_told():
    few = RepeatPurchases.from_counts([(0, 0.0, float(age), 3) for age in range(21, 51)], unit="week")
    warnings = [
        warning
        for seed in range(12)
        for warning in _fitted_or_none(MODELS[1].simulate(few, seed=seed))
        if "hardly held" in warning
    ]
    assert warnings
    assert all("bootstrap the model, or fit it to a larger base." in warning for warning in warnings)


def _fitted_or_none(base):
    try:
        return MbgNbd.fit(base).report.warnings
    except rt.ConvergenceError:
        return ()


@every_model
def test_a_newcomer_s_lifetime_value_is_that_of_the_function(model):
    from retention.predict.lifetime_value import customer_lifetime_value_of_newcomer

    terms = {
        "spend": rt.GammaGamma(p=6.25, q=3.74, v=15.44, currency="EUR"),
        "horizon": 1,
        "unit": "year",
        "discount_rate": 0.1,
        "margin_rate": 0.4,
    }
    value = model.customer_lifetime_value_of_newcomer(**terms)
    assert value == customer_lifetime_value_of_newcomer(model, **terms)
    assert str(value).endswith(" EUR")


@every_model
def test_given_parameters_have_no_interval(model):
    with pytest.raises(UndefinedMetricError, match="fitted"):
        model.expected_purchases(TABLE["ann"], horizon=10).interval()


def test_orders_are_read_on_the_way():
    random, first = Random(1), datetime(2026, 1, 1, 12, tzinfo=UTC)
    drawn = MbgNbd(r=1.0, alpha=40.0, a=0.7, b=2.5, unit="day")
    orders = make_orders(
        {
            number: [
                (first + timedelta(days=number % 50 + time)).isoformat()
                for time in [0.0, *drawn._draw_future(random, 0, 0.0, 0.0, 180.0)]
            ]
            for number in range(400)
        }
    )
    reading = {"unit": "month", "tz": "UTC", "until": date(2026, 6, 30)}
    model = MbgNbd.fit(orders, **reading)
    assert model.unit == "month"
    assert model == MbgNbd.fit(repeat_purchases(orders, **reading))
    assert model == MbgNbd.fit(rt.History(orders), **reading)


@every_model
def test_a_fitted_model_knows_how_sure_it_is(model):
    base = model.simulate(AGES, seed=2)
    fitted = type(model).fit(base)
    who = Purchases(3, 10.0, 30.0)
    low, high = fitted.probability_alive(who).interval()
    assert 0 < low < float(fitted.probability_alive(who)) < high < 1
    low, high = fitted.expected_purchases_of_newcomer(horizon=52).interval()
    assert low < float(model.expected_purchases_of_newcomer(horizon=52)) < high


@every_model
def test_a_rough_search_that_fails_does_no_harm(model, monkeypatch):
    """Among many groups the search begins with fewer; where these tell nothing, it begins anew among all."""
    base = model.simulate(AGES, seed=2)
    expected = type(model).fit(base)
    monkeypatch.setattr("retention.predict._purchase_model._MANY", 10)
    monkeypatch.setattr("retention.predict._purchase_model._coarse", lambda groups: [(0, 0.0, 9.0, 5)])
    assert type(model).fit(base) == expected


def test_near_groups_are_put_together_at_their_means():
    groups = [(2, 3.0, 30.0, 1), (2, 3.9, 30.0, 3), (2, 4.1, 30.0, 1), (3, 3.0, 30.0, 1)]
    coarse = _coarse(groups)
    assert [(x, round(t_x, 9), age, count) for x, t_x, age, count in coarse] == [
        (2, 3.675, 30.0, 4),
        (2, 4.1, 30.0, 1),
        (3, 3.0, 30.0, 1),
    ]


@every_model
def test_what_customers_share_changes_nothing(model):
    who = 3, 10.0, 30.0
    plain = PurchaseModel._expected_by(model, 9.0)(*who)
    assert model._expected_by(9.0)(*who) == plain == model._expected_purchases(*who, 9.0)
    assert model._expected_by(9.0)(3, 1e-9, 1e300) == 0


@every_model
def test_models_are_values(model):
    fitted = type(model).fit(model.simulate(AGES, seed=2))
    again = pickle.loads(pickle.dumps(fitted))
    assert again == fitted
    assert hash(again) == hash(fitted)
    assert again.report == fitted.report


# -------------------------------------------------------------------------------------------- drawing


@every_model
def test_a_seed_draws_the_same_again(model):
    assert model.simulate(AGES, seed=3) == model.simulate(AGES, seed=3)
    assert model.simulate(AGES, seed=3) != model.simulate(AGES, seed=4)


@every_model
def test_only_ids_and_ages_count_and_are_kept(model):
    drawn = model.simulate(TABLE, seed=3)
    assert list(drawn) == list(TABLE)
    assert [who.age for who in drawn.values()] == [38.0] * 3
    others = RepeatPurchases.from_table(dict.fromkeys("xyz", (1, 1.0, 38.0)), unit="week")
    assert sorted(map(str, model.simulate(others, seed=3).values())) == sorted(map(str, drawn.values()))


@every_model
def test_the_order_of_customers_makes_no_difference(model):
    ages = {number: (0, 0.0, float(number % 5)) for number in range(50)}
    one = model.simulate(RepeatPurchases.from_table(ages, unit="week"), seed=3)
    backwards = dict(reversed(ages.items()))
    other = model.simulate(RepeatPurchases.from_table(backwards, unit="week"), seed=3)
    assert one.groups == other.groups


@every_model
def test_what_is_drawn_has_the_model_s_mean(model):
    base = RepeatPurchases.from_counts([(0, 0.0, 30.0, 20_000)], unit="week")
    drawn = model.simulate(base, seed=5)
    mean = sum(x * count for x, _, _, count in drawn.groups) / 20_000
    assert mean == pytest.approx(float(model.expected_purchases_of_newcomer(horizon=30)), rel=0.04)


@every_model
@pytest.mark.parametrize("who", [(0, 0.0, 20.0), (3, 15.0, 20.0), (3, 4.0, 20.0)])
def test_the_future_drawn_has_the_model_s_mean(model, who):
    random = Random(8)
    futures = [model._draw_future(random, *who, 25.0) for _ in range(20_000)]
    assert fmean(map(len, futures)) == pytest.approx(model._expected_purchases(*who, 25.0), rel=0.05)
    assert all(times == sorted(times) and times[0] > 0 and times[-1] <= 25 for times in futures if times)


@every_class
def test_a_rate_of_nothing_brings_nothing(kind):
    """So small a shape that Gamma draws a float's 0."""
    model = kind(r=1e-9, alpha=1.0, a=1.0, b=1.0, unit="week")
    assert model.simulate(AGES, seed=1).repeaters == 0
