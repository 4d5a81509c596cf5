"""MBG/NBD by hand, and beside BG/NBD."""

from __future__ import annotations

import math
from random import Random

import pytest

from retention.errors import ConvergenceError
from retention.predict import BgNbd, MbgNbd, Purchases, RepeatPurchases
from retention.predict._beta_geometric import log_likelihood

MODEL = MbgNbd(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")


def beta(a: float, b: float) -> float:
    return math.gamma(a) * math.gamma(b) / math.gamma(a + b)


@pytest.mark.parametrize("group", [(0, 0.0, 3.0, 1), (1, 2.0, 3.0, 1), (4, 2.5, 6.0, 7)])
def test_the_likelihood_is_that_of_the_paper(group):
    x, t_x, age, count = group
    r, alpha, a, b = 0.5, 3.0, 0.8, 2.5
    stayed = beta(a, b + x + 1) / (alpha + age) ** (r + x)
    left = beta(a + 1, b + x) / (alpha + t_x) ** (r + x)
    expected = math.gamma(r + x) * alpha**r / math.gamma(r) / beta(a, b) * (stayed + left)
    value, _ = log_likelihood([group], first=1)([math.log(each) for each in (r, alpha, a, b)])
    assert value == pytest.approx(count * math.log(expected), rel=1e-13)


@pytest.mark.parametrize(
    "who", [Purchases(0, 0, 10), Purchases(1, 3, 10), Purchases(7, 9, 30), Purchases(40, 10, 30)]
)
def test_probability_alive_by_hand(who):
    x = who.frequency
    odds = 0.891 / (1.614 + x) * ((6.183 + who.age) / (6.183 + who.recency)) ** (0.525 + x)
    assert MODEL.probability_alive(who).value == pytest.approx(1 / (1 + odds), rel=1e-14)


def test_who_has_just_bought_first_may_be_gone_already():
    assert MODEL.probability_alive(Purchases(0, 0, 0)).value == pytest.approx(1.614 / (0.891 + 1.614))


def test_the_silence_of_who_bought_once_counts():
    """What BG/NBD can't say."""
    chances = [float(MODEL.probability_alive(Purchases(0, 0, age))) for age in (0, 1, 10, 100, 1e6)]
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] < 0.01


def test_a_newcomer_is_a_customer_of_age_0():
    for horizon in (0.5, 39, 520):
        newcomer = MODEL.expected_purchases_of_newcomer(horizon=horizon).value
        assert newcomer == pytest.approx(
            MODEL.expected_purchases(Purchases(0, 0, 0), horizon=horizon).value, rel=1e-13
        )


def test_it_is_bg_nbd_with_one_chance_more():
    """Who is alive has passed x + 1 chances to leave instead of x: as BG/NBD's with b larger by 1."""
    other = BgNbd(r=0.525, alpha=6.183, a=0.891, b=2.614, unit="week")
    for who in (Purchases(1, 3, 10), Purchases(12, 9, 10)):
        mine, theirs = MODEL.probability_alive(who).value, other.probability_alive(who).value
        assert mine == pytest.approx(theirs, rel=1e-14)
        mine, theirs = (
            MODEL.expected_purchases(who, horizon=9).value,
            other.expected_purchases(who, horizon=9).value,
        )
        assert mine == pytest.approx(theirs, rel=1e-14)


def test_the_fit_is_a_peak_and_warns_of_nothing():
    ages = [(0, 0.0, float(age), 20) for age in range(21, 71)]
    base = MbgNbd(r=0.8, alpha=6.0, a=0.7, b=2.5, unit="week").simulate(
        RepeatPurchases.from_counts(ages, unit="week"), seed=11
    )
    model = MbgNbd.fit(base)
    assert model.report is not None
    assert model.report.warnings == ()
    objective = log_likelihood(base.groups, first=1)
    here = [math.log(each) for each in model.parameters.values()]
    best, gradient = objective(here)
    assert best == model.log_likelihood
    assert gradient == pytest.approx([0] * 4, abs=0.01)
    random = Random(5)
    for _ in range(50):
        assert objective([each + random.gauss(0, 0.1) for each in here])[0] < best


def test_some_leave_at_once_and_are_never_seen_again():
    """Drawn with a chance to leave of nearly 1, nobody comes back."""
    model = MbgNbd(r=5.0, alpha=1.0, a=1e6, b=1e-3, unit="week")
    base = model.simulate(RepeatPurchases.from_counts([(0, 0.0, 50.0, 100)], unit="week"), seed=1)
    assert base.repeaters == 0
    assert model._draw_future(Random(1), 0, 0.0, 50.0, 100.0) == []


def test_it_reads_as_what_it_is():
    assert str(MODEL) == "MBG/NBD: r 0.525, alpha 6.183, a 0.891, b 1.614"


class TestHigherPlaces:
    """Fifty customers, drawn so that the likelihood is highest where all leave with one chance, without end."""

    WATCHED = RepeatPurchases.from_counts([(0, 0, age, 1) for age in range(3, 53)], unit="week")
    TRUTH = MbgNbd(r=0.5, alpha=4.5, a=0.5, b=2.0, unit="week")

    @pytest.mark.parametrize("seed", [98, 36])
    def test_a_peak_below_them_is_not_taken(self, seed):
        with pytest.raises(ConvergenceError, match=r"those of the best inner place, .* fit less well than"):
            MbgNbd.fit(self.TRUTH.simulate(self.WATCHED, seed=seed))

    def test_some_are_only_seen_by_who_looks_out_for_them(self):
        groups = self.TRUTH.simulate(self.WATCHED, seed=36).groups
        found = MbgNbd._fitted(groups, unit="week", starts=MbgNbd._starts(groups))
        place = [math.log(value) for value in (found.r, found.alpha, 1e6, 1e6 * found.b / found.a)]
        assert found.report.warnings
        assert (
            log_likelihood(groups, first=1)(place)[0] < found.log_likelihood
        )  # one must climb from there to see it
