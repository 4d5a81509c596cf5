"""Tests with a hold-out against SciPy, and over simulated shops whose truth is known.

SciPy: p-values and bounds to 1e-9.

Simulations are seeded, and go the whole way: orders are drawn, groups by `assign_holdout`, and `evaluate_experiment` is
asked. Customers' purchases follow the NBD model (Gamma rates, Poisson counts), amounts are log-normal, so that a few
spend much; what the true difference is follows from the parameters. A share of 300 shops has a standard error of at most
0.029, of one near 0.95 0.013; three of them are allowed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import exp, sqrt

import numpy as np
import pytest
from scipy import stats

import retention as rt
from retention._numerics import ClusterSums
from retention.strategies import SampleRatio, assign_holdout, evaluate_experiment, plan_experiment
from retention.strategies._experiments_bootstrap import bootstrap_bounds
from retention.strategies._experiments_holdout import _draw
from retention.strategies._experiments_permutation import permutation_of

pytestmark = pytest.mark.simulation

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 28
END = START + timedelta(days=DAYS)
METRICS = ("buyers", "orders", "revenue")

SHOPS = 300
CUSTOMERS = 240
SHAPE, MEAN = 0.8, 0.9
"""Of the Gamma distribution of the purchases of those left alone, in the time of the test."""
MORE = 1.6
"""Times as many purchases do those in the test make, where the measure works."""
SIGMA, MIDDLE = 0.6, 3.0
"""Of the logarithm of an amount."""


def allowed(share, drawn=SHOPS):
    return 3 * sqrt(share * (1 - share) / drawn)


def order(number, who, day, amount):
    return rt.Order(
        id=number,
        customer_id=who,
        placed_at=START + timedelta(days=float(day)),
        amount=Decimal(int(amount * 100)) / 100,
        currency="EUR",
    )


def drawn_shop(random, drawn, more):
    """The orders of a test in which those who are not held out buy `more` times as often."""
    orders = []
    for who in range(drawn.customers):
        rate = random.gamma(SHAPE, MEAN / SHAPE) * (1 if drawn.is_held_out(who) else more)
        for _ in range(random.poisson(rate)):
            amount = random.lognormal(MIDDLE, SIGMA)
            orders.append(order(len(orders), who, random.uniform(0, DAYS), amount))
    return rt.History(orders, as_of=END)


def truth(more):
    """The true difference of each metric."""

    def buyers(mean):
        return 1 - (1 + mean / SHAPE) ** -SHAPE

    apart = MEAN * (more - 1)
    return {
        "buyers": buyers(MEAN * more) - buyers(MEAN),
        "orders": apart,
        "revenue": apart * (exp(MIDDLE + SIGMA**2 / 2) - 0.005),  # cut to whole cents
    }


@cache
def all_verdicts(more):
    """What `evaluate_experiment` says of each of many shops, by metric."""
    random = np.random.default_rng(20260301)
    found = {metric: [] for metric in METRICS}
    for shop in range(SHOPS):
        drawn = assign_holdout(range(CUSTOMERS), salt=f"test {shop}", holdout_share=0.5)
        history = drawn_shop(random, drawn, more)
        for metric, each in found.items():
            each.append(
                evaluate_experiment(
                    history, holdout=drawn, assigned_at=START, until=END, metric=metric, resamples=0
                )
            )
    return found


def verdicts(more, metric):
    """Those with figures: of a thousand lots one is taken for a mismatch, and tells none."""
    return [each for each in all_verdicts(more)[metric] if each.outcome != "mismatch"]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("more", [1, MORE])
def test_the_interval_holds_the_truth_as_often_as_it_says(metric, more):
    found = verdicts(more, metric)
    held = sum(truth(more)[metric] in each.interval() for each in found)
    assert held / len(found) == pytest.approx(0.95, abs=allowed(0.95))


@pytest.mark.parametrize("metric", METRICS)
def test_false_alarms_are_as_rare_as_they_say(metric):
    outcomes = [each.outcome for each in verdicts(1, metric)]
    assert outcomes.count("real") / len(outcomes) == pytest.approx(0.05, abs=allowed(0.05))


@pytest.mark.parametrize("metric", ["orders", "revenue"])
def test_where_nothing_is_done_p_values_are_uniform(metric):
    p_values = [each.p_value for each in verdicts(1, metric)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_the_lot_is_seldom_taken_for_a_mismatch():
    found = [each.outcome for more in (1, MORE) for each in all_verdicts(more)["buyers"]]
    assert found.count("mismatch") <= 4


def test_a_lost_part_of_a_group_is_seen():
    """Of those in the test one in four was lost on the way: with 5,000 customers that is seen every time."""
    for shop in range(30):
        drawn = assign_holdout(range(5000), salt=f"lost {shop}", holdout_share=0.5)
        kept = len(drawn.treated) - len(drawn.treated) // 4
        assert SampleRatio(
            held_out=len(drawn.held_out), treated=kept, holdout_share=drawn.holdout_share
        ).is_mismatch


class TestPower:
    """The plan says how often the uplift will be seen, and so it is."""

    @pytest.mark.parametrize("holdout_share, wanted", [(0.5, 0.8), (0.25, 0.6)])
    def test_of_buyers(self, holdout_share, wanted):
        plan = plan_experiment(
            rt.Ratio(3000, 10_000),
            uplift=0.2,
            power=wanted,
            holdout_share=holdout_share,
            within=END - START,
            starts_at=START,
        )
        random = np.random.default_rng(7)
        seen = 0
        for shop in range(SHOPS):
            drawn = assign_holdout(range(plan.customers), salt=f"power {shop}", holdout_share=holdout_share)
            bought = [
                who
                for who in range(plan.customers)
                if random.random() < (0.3 if drawn.is_held_out(who) else 0.5)
            ]
            history = rt.History([order(who, who, 1, 10) for who in bought], as_of=END)
            verdict = evaluate_experiment(history, holdout=drawn, assigned_at=START, until=END, plan=plan)
            seen += verdict.outcome == "real" and verdict.uplift > 0
        assert seen / SHOPS == pytest.approx(plan.needed.power, abs=allowed(wanted))

    def test_of_revenue(self):
        """Each buys once; the measure adds 4 EUR."""
        amounts = np.random.default_rng(8).lognormal(2.5, 0.7, 20_000)
        sums = ClusterSums.of(((1, round(each * 100)) for each in amounts), scale=100)
        spend = rt.Mean(Decimal(sums.y) / 100, sums.n, unit="EUR", sampling=sums)
        plan = plan_experiment(spend, uplift=4, within=END - START, starts_at=START)
        random = np.random.default_rng(9)
        seen = 0
        for shop in range(SHOPS):
            drawn = assign_holdout(range(plan.customers), salt=f"money {shop}", holdout_share=0.5)
            orders = [
                order(who, who, 1, random.lognormal(2.5, 0.7) + (0 if drawn.is_held_out(who) else 4))
                for who in range(plan.customers)
            ]
            verdict = evaluate_experiment(
                rt.History(orders, as_of=END),
                holdout=drawn,
                assigned_at=START,
                until=END,
                plan=plan,
                resamples=100,
            )
            seen += verdict.outcome == "real" and verdict.uplift > 0
        assert seen / SHOPS == pytest.approx(plan.needed.power, abs=allowed(0.8))


class TestFewHeldOut:
    """Nothing is done, a fifth buy, and a few of them spend much: the log of an amount has a standard deviation of 1.2.

    By the interval alone the verdict would be wrong two to four times as often as it says; with the permutation it is not.
    """

    @staticmethod
    def shop(random, in_test, held_out, spread=1.2, *, more=0.0):
        """In cents, by group; those in the test spend once more with a chance of a fifth of `more`."""

        def spent(customers, chance):
            return np.round(100 * random.lognormal(3, spread, customers)) * (
                random.random(customers) < chance
            )

        one = spent(in_test, 0.2) + (spent(in_test, 0.2 * more) if more else 0)
        return [int(each) for each in one], [int(each) for each in spent(held_out, 0.2)]

    @pytest.mark.parametrize("in_test, held_out", [(450, 50), (475, 25)], ids=["a tenth", "a twentieth"])
    def test_false_alarms_are_no_more_than_is_said(self, in_test, held_out):
        random = np.random.default_rng(17)
        alone = found = 0
        for number in range(SHOPS):
            sides = self.shop(random, in_test, held_out)
            orders = [
                order(f"{side}{place}", f"{side}{place}", 1, (cents + 0.5) / 100)
                for side, values in zip("xa", sides, strict=True)
                for place, cents in enumerate(values)
                if cents
            ]
            verdict = evaluate_experiment(
                orders,
                as_of=END,
                treated=[f"x{place}" for place in range(in_test)],
                holdout=[f"a{place}" for place in range(held_out)],
                assigned_at=START,
                until=END,
                metric="revenue",
                resamples=100,
                seed=number,
            )
            alone += 0 not in verdict.interval()
            found += verdict.outcome == "real"
        assert alone / SHOPS > 0.05 + allowed(0.05)
        assert found / SHOPS <= 0.05 + allowed(0.05)

    @pytest.mark.parametrize("in_test, held_out", [(180, 20), (95, 5), (50, 50)])
    def test_the_permutation_keeps_its_level(self, in_test, held_out):
        random = np.random.default_rng(18)
        p_values = np.array(
            [
                permutation_of(
                    *self.shop(random, in_test, held_out), confidence=0.95, resamples=100, seed=number
                ).p_value
                for number in range(600)
            ]
        )
        for level in (0.05, 0.2):
            assert np.mean(p_values <= level) <= level + allowed(level, 600)

    def test_in_blocks_it_keeps_it_too(self):
        """Of a group of 2,500 blocks of two are divided, and of one of 3,001 likewise, but for one customer."""
        random = np.random.default_rng(19)
        p_values = [
            permutation_of(*self.shop(random, 3001, 2500), confidence=0.8, resamples=100, seed=number).p_value
            for number in range(60)
        ]
        assert stats.kstest(p_values, "uniform").pvalue > 0.001

    def test_half_and_half_hardly_loses_by_it(self):
        """Twice as many buy: what the interval sees both see, but for one test of thirty; of a tenth held out more is lost."""
        random = np.random.default_rng(20)
        alone, both = {}, {}
        for sides in ((250, 250), (450, 50)):
            alone[sides] = both[sides] = 0
            for number in range(SHOPS // 2):
                one, other = self.shop(random, *sides, 0.8, more=0.9)
                seen = stats.ttest_ind(one, other, equal_var=False).pvalue <= 0.05
                again = permutation_of(one, other, confidence=0.95, resamples=400, seed=number)
                alone[sides] += seen
                both[sides] += seen and again.p_value <= 0.05
        assert 0.6 < alone[250, 250] / (SHOPS // 2) < 0.95
        assert both[250, 250] >= 0.965 * alone[250, 250]
        assert both[450, 50] < 0.9 * alone[450, 50]
        assert both[450, 50] < 0.8 * both[250, 250]


class TestTheLot:
    """Uniform by χ², whatever the ids look like."""

    @pytest.mark.parametrize(
        "ids",
        [range(50_000), [f"c{each:05}" for each in range(50_000)], [each * 1000 for each in range(50_000)]],
        ids=["whole numbers", "texts", "multiples"],
    )
    @pytest.mark.parametrize("share", [0.5, 0.1])
    def test_each_thousand_is_divided_alike(self, ids, share):
        drawn = assign_holdout(ids, salt="uniform", holdout_share=share)
        counts = [
            sum(map(drawn.is_held_out, ids[start : start + 1000])) for start in range(0, len(ids), 1000)
        ]
        statistic = sum((each - 1000 * share) ** 2 / (1000 * share * (1 - share)) for each in counts)
        assert 0.001 < stats.chi2.sf(statistic, len(counts)) < 0.999

    def test_the_lots_of_two_tests_know_nothing_of_one_another(self):
        one, other = (assign_holdout(range(20_000), salt=salt, holdout_share=0.5) for salt in ("a", "b"))
        table = np.zeros((2, 2))
        for who in range(20_000):
            table[int(one.is_held_out(who)), int(other.is_held_out(who))] += 1
        assert stats.chi2_contingency(table, correction=False).pvalue > 0.001

    def test_its_draws_are_uniform(self):
        draws = [_draw("uniform", each, None) / 2**64 for each in range(20_000)]
        assert stats.kstest(draws, "uniform").pvalue > 0.001


class TestAgainstSciPy:
    def test_welch(self):
        random = np.random.default_rng(11)
        one = np.round(random.lognormal(3, 1, 180) * (random.random(180) < 0.4), 2)
        other = np.round(random.lognormal(3, 1, 90) * (random.random(90) < 0.3), 2)
        orders = [
            order(f"{side}{place}", f"{side}{place}", 1, amount + 1e-6)
            for side, values in (("x", one), ("a", other))
            for place, amount in enumerate(values)
            if amount
        ]
        verdict = evaluate_experiment(
            orders,
            as_of=END,
            treated=[f"x{place}" for place in range(len(one))],
            holdout=[f"a{place}" for place in range(len(other))],
            assigned_at=START,
            until=END,
            metric="revenue",
            confidence=0.9,
        )
        expected = stats.ttest_ind(one, other, equal_var=False)
        low, high = expected.confidence_interval(0.9)
        assert verdict.p_value == pytest.approx(expected.pvalue, abs=1e-9)
        assert tuple(verdict.interval()) == pytest.approx((low, high), abs=1e-7)
        # Another draw of the same kind: SciPy's bias-corrected percentiles lie near.
        drawn = stats.bootstrap(
            (one, other),
            lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
            confidence_level=0.9,
            random_state=np.random.default_rng(12),
        ).confidence_interval
        assert tuple(verdict.bootstrap) == pytest.approx(tuple(drawn), abs=0.2 * (high - low))

    @pytest.mark.parametrize(
        "held_out, treated, share", [(650, 530, 0.5), (130, 970, 0.1), (505, 1500, 0.25)]
    )
    def test_sample_ratio(self, held_out, treated, share):
        ratio = SampleRatio(held_out=held_out, treated=treated, holdout_share=Fraction(str(share)))
        n = held_out + treated
        expected = stats.chisquare([held_out, treated], [n * share, n * (1 - share)])
        assert ratio.p_value == pytest.approx(expected.pvalue, abs=1e-12)

    @pytest.mark.parametrize("held_out, treated, share", [(60, 40, 0.5), (13, 87, 0.1), (5, 5, 0.25)])
    def test_a_small_sample_ratio(self, held_out, treated, share):
        ratio = SampleRatio(held_out=held_out, treated=treated, holdout_share=Fraction(str(share)))
        expected = stats.binomtest(held_out, held_out + treated, share)
        assert ratio.p_value == pytest.approx(expected.pvalue, abs=1e-12)

    def test_the_bootstrap_covers_where_few_spend_much(self):
        """Means of 60 customers of whom a third buy, log-normally: 95 %, or a little less."""
        random = np.random.default_rng(13)
        held = 0
        for shop in range(300):
            one, other = (
                [round(100 * each) for each in random.lognormal(3, 1, 60) * (random.random(60) < 0.33)]
                for _ in range(2)
            )
            low, high = bootstrap_bounds(one, other, confidence=0.95, resamples=150, seed=shop)
            held += low <= 0 <= high
        assert 0.95 - 0.038 - 0.02 < held / 300 < 0.95 + 0.038
