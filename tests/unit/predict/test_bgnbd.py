"""BG/NBD by hand: its likelihood, its probabilities, its expectations, and the places where they are hard to compute."""

from __future__ import annotations

import math
from random import Random

import pytest

from retention.errors import ConvergenceError
from retention.predict import BgNbd, MbgNbd, ParetoNbd, Purchases, RepeatPurchases
from retention.predict._beta_geometric import _by_integral, _by_series, expected_while_alive, log_likelihood

MODEL = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
HOSTILE = [
    (0, 0.0, 0.0, 5),
    (0, 0.0, 40.0, 1_000_000),
    (1, 0.01, 40.0, 3),
    (1, 40.0, 40.0, 2),
    (7, 3.0, 400.0, 11),
    (30, 39.0, 40.0, 2),
    (5_000, 300.0, 400.0, 1),
    (20_000, 1.0, 400.0, 1),
]
"""Of every kind: young, old, silent, just back, with more purchases than anybody makes."""


def beta(a: float, b: float) -> float:
    return math.gamma(a) * math.gamma(b) / math.gamma(a + b)


# ------------------------------------------------------------------------------------- the likelihood


@pytest.mark.parametrize("group", [(0, 0.0, 3.0, 1), (1, 2.0, 3.0, 1), (4, 2.5, 6.0, 7)])
def test_the_likelihood_is_that_of_the_paper(group):
    x, t_x, age, count = group
    r, alpha, a, b = 0.5, 3.0, 0.8, 2.5
    stayed = 1 / (alpha + age) ** (r + x)
    left = a / (b + x - 1) / (alpha + t_x) ** (r + x) if x else 0
    expected = math.gamma(r + x) * alpha**r / math.gamma(r) * beta(a, b + x) / beta(a, b) * (stayed + left)
    value, _ = log_likelihood([group], first=0)([math.log(each) for each in (r, alpha, a, b)])
    assert value == pytest.approx(count * math.log(expected), rel=1e-13)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(
    "values", [(0.243, 4.414, 0.793, 2.426), (3.0, 0.01, 200.0, 0.004), (1e-4, 1e4, 1e-4, 1e4)]
)
def test_the_gradient_is_that_of_the_likelihood(values, first):
    objective = log_likelihood(HOSTILE, first=first)
    here = [math.log(each) for each in values]
    _, gradient = objective(here)
    for place, slope in enumerate(gradient):
        up, down = list(here), list(here)
        up[place] += 1e-5
        down[place] -= 1e-5
        difference = (objective(up)[0] - objective(down)[0]) / 2e-5
        assert slope == pytest.approx(difference, rel=1e-6, abs=1e-3)


def test_groups_count_as_their_customers():
    here = [0.1, 1.0, -0.3, 0.9]
    together = log_likelihood([(2, 3.0, 9.0, 4), (0, 0.0, 9.0, 2)], first=0)(here)
    one_by_one = log_likelihood([(2, 3.0, 9.0, 1)] * 4 + [(0, 0.0, 9.0, 1)] * 2, first=0)(here)
    assert together[0] == pytest.approx(one_by_one[0], rel=1e-14)
    assert together[1] == pytest.approx(one_by_one[1], rel=1e-13)


def test_nobody_is_lost_to_rounding_where_parameters_are_large():
    """With rates and chances alike for all, it is a Poisson process with a fixed chance to leave."""
    rate, leaves = 0.2, 0.1
    x, t_x, age = 3, 8.0, 10.0
    large = 1e8
    position = [math.log(each) for each in (large * rate, large, large * leaves, large * (1 - leaves))]
    value, _ = log_likelihood([(x, t_x, age, 1)], first=0)(position)
    stays = 1 - leaves
    likelihood = rate**x * (
        stays**x * math.exp(-rate * age) + leaves * stays ** (x - 1) * math.exp(-rate * t_x)
    )
    assert value == pytest.approx(math.log(likelihood), abs=1e-6)


# -------------------------------------------------------------------------------------- who is alive


def test_probability_alive_by_hand():
    odds = 0.793 / (2.426 + 2 - 1) * ((4.414 + 38.86) / (4.414 + 30.43)) ** (0.243 + 2)
    found = MODEL.probability_alive(Purchases(2, 30.43, 38.86))
    assert found.value == pytest.approx(1 / (1 + odds), rel=1e-14)
    assert found.kind == "probability"
    assert found.standard_error is None


@pytest.mark.parametrize("age", [0.0, 1.0, 1e6])
def test_who_bought_once_is_alive_for_certain(age):
    assert MODEL.probability_alive(Purchases(0, 0, age)).value == 1


@pytest.mark.parametrize("x", [1, 50, 5_000, 1_000_000])
def test_a_long_silence_is_the_end(x):
    assert MODEL._probability_alive(x, 1.0, 1e9) < 1e-4
    assert MODEL._probability_alive(x, 1e9, 1e9) > 0.7
    assert MODEL._expected_purchases(x, 1.0, 1e9, 52.0) < 1e-4


def test_more_purchases_make_a_silence_stranger():
    """The frequent buyer who falls silent is gone; of the rare one nobody can tell."""
    frequent, rare = Purchases(30, 20.0, 40.0), Purchases(2, 20.0, 40.0)
    assert float(MODEL.probability_alive(frequent)) < float(MODEL.probability_alive(rare))


# ------------------------------------------------------------------------------------- what is to come


def test_expected_purchases_are_those_of_the_paper_s_worked_example():
    """Fader, Hardie and Lee, Implementing the BG/NBD Model in Excel: 1.226 within 39 weeks."""
    found = MODEL.expected_purchases(Purchases(2, 30.43, 38.86), horizon=39)
    assert f"{float(found):.3f}" == "1.226"


@pytest.mark.parametrize(
    "who", [Purchases(0, 0, 0), Purchases(0, 0, 40), Purchases(3, 2, 40), Purchases(9_000, 40, 40)]
)
def test_nothing_is_expected_of_no_time(who):
    assert MODEL.expected_purchases(who, horizon=0).value == 0
    assert MODEL.expected_purchases_of_newcomer(horizon=0).value == 0


def test_a_newcomer_is_a_customer_of_age_0():
    for horizon in (0.5, 39, 520):
        newcomer = MODEL.expected_purchases_of_newcomer(horizon=horizon)
        assert newcomer.value == MODEL.expected_purchases(Purchases(0, 0, 0), horizon=horizon).value


@pytest.mark.parametrize("horizon", [0.01, 1.0, 39.0, 1e4])
@pytest.mark.parametrize("x", [0, 4, 300])
def test_a_at_1_is_no_hole(x, horizon):
    """The closed form is 0/0 there; the figure runs through smoothly."""
    around = [expected_while_alive(0.5 + x, 10.0, a, 2.0 + x, horizon) for a in (1 - 1e-7, 1.0, 1 + 1e-7)]
    assert around == sorted(around, reverse=True)
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-12)


def test_a_and_b_together_at_1_are_no_hole_either():
    around = [expected_while_alive(0.5, 10.0, 0.4 + shift, 0.6, 30.0) for shift in (-1e-7, 0.0, 1e-7)]
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-12)


def test_without_a_chance_to_leave_it_is_the_rate():
    assert expected_while_alive(3.0, 6.0, 1e-12, 5.0, 4.0) == pytest.approx(3.0 / 6.0 * 4.0, rel=1e-9)


def test_who_leaves_for_certain_buys_once_at_most():
    """1 − P(no purchase)."""
    assert expected_while_alive(3.0, 6.0, 1e9, 1e-3, 4.0) == pytest.approx(1 - (6 / 10) ** 3, rel=1e-9)


def test_in_the_end_the_chances_to_leave_decide():
    """With a above 1, E[1/p] purchases are to come in all of time: (a + b − 1) / (a − 1)."""
    assert expected_while_alive(2.0, 1.0, 3.0, 4.0, 1e14) == pytest.approx(6 / 2, rel=1e-9)


@pytest.mark.parametrize("horizon", [1e-300, 1e-3, 1e3, 1e12, 1e300, 1.7e308])
@pytest.mark.parametrize("x", [0, 1, 5_000, 1_000_000])
@pytest.mark.parametrize("a", [0.01, 1.0, 500.0])
def test_nothing_overflows(x, a, horizon):
    model = BgNbd(r=0.5, alpha=2.0, a=a, b=3.0, unit="day")
    found = model._expected_purchases(x, 400.0 if x else 0.0, 400.0, horizon)
    assert math.isfinite(found)
    assert 0 <= found / horizon <= (x + 0.5) / 402 * (1 + 1e-12)


@pytest.mark.parametrize(
    "arguments",
    [
        (0.25, 0.9, 0.8, 2.4),
        (0.25, 20.0, 1.0, 2.4),
        (30.0, 5.0, 0.05, 40.0),
        (300.0, 3.0, 0.7, 0.01),
        (2.0, 10.0, 90.0, 70.0),
        (5_000.0, 0.5, 1.0, 900.0),
    ],
)
def test_series_and_integral_agree(arguments):
    """The first is quick where few purchases are to come, the second where many are; both are exact."""
    assert _by_series(*arguments) == pytest.approx(_by_integral(*arguments), rel=1e-12)


# ---------------------------------------------------------------------------------------------- the fit


@pytest.fixture(scope="module")
def base() -> RepeatPurchases:
    """1,000 customers drawn from a known model."""
    model = BgNbd(r=0.8, alpha=6.0, a=0.7, b=2.5, unit="week")
    ages = [(0, 0.0, float(age), 20) for age in range(21, 71)]
    return model.simulate(RepeatPurchases.from_counts(ages, unit="week"), seed=11)


def test_the_fit_is_a_peak(base):
    model = BgNbd.fit(base)
    objective = log_likelihood(base.groups, first=0)
    here = [math.log(each) for each in model.parameters.values()]
    best, gradient = objective(here)
    assert best == model.log_likelihood
    assert gradient == pytest.approx([0] * 4, abs=0.01)
    random = Random(5)
    for _ in range(50):
        assert objective([each + random.gauss(0, 0.1) for each in here])[0] < best


def test_the_report_counts_and_warns(base):
    report = BgNbd.fit(base).report
    assert report is not None
    assert report.customers == 1000
    assert report.groups == len(base.groups)
    once = 1000 - base.repeaters
    [warning] = report.warnings
    assert warning.startswith(f"{once:,} of 1,000 customers have not bought again.")
    assert "MBG/NBD" in warning


def test_no_warning_where_everybody_came_back(base):
    back = RepeatPurchases.from_table({each: who for each, who in base.items() if who.frequency}, unit="week")
    assert BgNbd._warnings(back.groups) is not None
    assert list(BgNbd._warnings(back.groups)) == []


def test_where_nobody_leaves_it_says_that_it_found_no_parameters():
    """All buy to the last day: the likelihood rises for ever as the chance to leave goes to nothing."""
    rows = [(x, 40.0, 40.0, 10 + x) for x in range(1, 12)]
    with pytest.raises(ConvergenceError, match="hardly anyone ever leaves, and that is an answer") as error:
        BgNbd.fit(RepeatPurchases.from_counts(rows, unit="week"))
    assert "Of 176 customers this may be chance, too" in str(error.value)


# ------------------------------------------------------------------------------------------- its words


def test_it_reads_as_what_it_is():
    assert str(MODEL) == "BG/NBD: r 0.243, alpha 4.414, a 0.793, b 2.426"
    assert repr(MODEL) == "BgNbd(unit='week', r=0.243, alpha=4.414, a=0.793, b=2.426)"


@pytest.mark.parametrize("kind", [BgNbd, MbgNbd, ParetoNbd])
@pytest.mark.parametrize("times", [1e-9, 7 * 86_400, 1e9])
def test_the_unit_of_time_makes_no_difference_to_a_fit(kind, times):
    truth = ParetoNbd(r=0.6, alpha=8.0, s=0.6, beta=10.0, unit="week")
    watched = RepeatPurchases.from_counts([(0, 0, age, 20) for age in range(20, 40)], unit="week")
    weeks = truth.simulate(watched, seed=1)
    rows = [(x, t * times, age * times, n) for x, t, age, n in weeks.groups]
    other = RepeatPurchases.from_counts(rows, unit="week")
    one, two = kind.fit(weeks), kind.fit(other)
    for name, value in one.parameters.items():
        expected = value * times if name in {"alpha", "beta"} else value
        assert two.parameters[name] == pytest.approx(expected, rel=1e-5)
    bought = sum(x * n for x, *_, n in weeks.groups)
    assert two.log_likelihood == pytest.approx(one.log_likelihood - bought * math.log(times), rel=1e-9)
