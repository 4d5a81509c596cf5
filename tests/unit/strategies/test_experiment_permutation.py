"""Dividing the same customers again: by hand, against every division there is, and what becomes of a verdict by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest
from scipy import stats

from retention._numerics import ClusterSums
from retention.errors import UndefinedMetricError
from retention.results import Mean, Ratio
from retention.strategies import evaluate_experiment, plan_experiment
from retention.strategies._experiments_permutation import is_misled, permutation_of, skewness
from retention.testing import make_orders

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def divided(treated, held_out, **given):
    return permutation_of(treated, held_out, **({"confidence": 0.95, "resamples": 1000, "seed": 0} | given))


class TestByHand:
    def test_two_beside_two(self):
        """Of six divisions of 0, 1, 2 and 5 the one with 2 and 5 together has the greatest sum: twice one of six."""
        found = divided([2, 5], [0, 1])
        assert (found.p_value, found.divisions) == (pytest.approx(1 / 3), 6)

    def test_one_held_out(self):
        """Of five each is held out in turn; the 9 lies above all, and no other goes as far."""
        assert divided([1, 2, 3, 4], [9]).p_value == pytest.approx(2 / 5)
        assert divided([1, 2, 3, 9], [4]).p_value == pytest.approx(4 / 5)
        assert divided([1, 2, 4, 9], [3]).p_value == 1  # three lie at or above, and three at or below

    def test_ties_count_on_both_sides(self):
        """Of 0, 0, 0, 7 half the divisions have the 7 in the one group, and half in the other."""
        assert divided([0, 7], [0, 0]).p_value == 1

    def test_all_alike(self):
        assert divided([3, 3, 3], [3, 3]).p_value == 1


def every_division(treated, held_out):
    """Twice the smaller tail of all divisions, in exact numbers, by the difference of the means."""
    everybody = [*treated, *held_out]
    n, m = len(treated), len(held_out)

    def apart(chosen):
        inside = sum(everybody[place] for place in chosen)
        return Fraction(inside, n) - Fraction(sum(everybody) - inside, m)

    found = apart(range(n))
    all_of_them = [apart(chosen) for chosen in combinations(range(n + m), n)]
    tails = (sum(each <= found for each in all_of_them), sum(each >= found for each in all_of_them))
    return min(1.0, 2 * min(tails) / len(all_of_them))


class TestAgainstEveryDivision:
    @pytest.mark.parametrize("sizes", [(3, 3), (5, 2), (2, 5), (6, 4)])
    def test_where_there_are_few_each_is_looked_at(self, sizes):
        random = np.random.default_rng(sum(sizes))
        for _ in range(20):
            one, other = ([int(each) for each in random.integers(0, 9, size)] for size in sizes)
            found = divided(one, other)
            assert found.divisions == comb(sum(sizes), sizes[0])
            assert found.p_value == pytest.approx(every_division(one, other))

    def test_where_there_are_more_they_are_drawn(self):
        """Of 12,870 divisions; so many drawn have a standard error of 0.0075 at most, and the tail is doubled."""
        random = np.random.default_rng(5)
        for _ in range(4):
            one, other = ([int(each) for each in random.lognormal(3, 1, 8)] for _ in range(2))
            found = divided(one, other, resamples=4000)
            assert found.divisions == 4000
            assert found.p_value == pytest.approx(every_division(one, other), abs=3 * 2 * 0.008)


class TestDraws:
    ONE = tuple(each * each % 91 for each in range(70))
    OTHER = tuple(each * each % 83 for each in range(30))

    def test_the_seed_decides(self):
        assert divided(self.ONE, self.OTHER) == divided(self.ONE, self.OTHER)
        assert len({divided(self.ONE, self.OTHER, seed=seed).p_value for seed in range(9)}) > 1

    def test_neither_the_order_nor_the_names_of_the_groups_do(self):
        found = divided(self.ONE, self.OTHER)
        assert divided(self.ONE[::-1], self.OTHER[::-1]) == found
        assert divided(self.OTHER, self.ONE) == found
        alike = divided(self.ONE[:30], self.OTHER)
        assert divided(self.OTHER, self.ONE[:30]) == alike

    def test_it_is_never_0(self):
        found = divided([100 + each for each in range(50)], range(50))
        assert found.p_value == 2 / 1000

    def test_more_are_drawn_where_the_confidence_asks_for_it(self):
        assert divided(self.ONE, self.OTHER, confidence=0.99, resamples=100).divisions == 2000
        assert divided(self.ONE, self.OTHER, resamples=100).divisions == 400
        assert divided(range(30), range(9), confidence=1 - 1e-9, resamples=100).divisions == 100_000

    def test_blocks_of_many(self):
        """3,000 are divided in blocks of three, as their sums vary: about as SciPy says of all."""
        random = np.random.default_rng(6)
        one, other = ([int(each) for each in random.lognormal(3, 1, size) * 100] for size in (9000, 3001))
        shifted = [each + 90 for each in one]
        found = divided(shifted, other)
        assert found.divisions == 1000
        expected = stats.ttest_ind(shifted, other).pvalue
        assert 0.001 < expected < 0.2
        assert found.p_value == pytest.approx(expected, abs=0.06)

    def test_amounts_beyond_all_bounds(self):
        assert 0 < divided([10**300, 0, 1], [5, 10**301, 2]).p_value <= 1
        assert skewness([0, 0, 10**300, 10**301]) == pytest.approx(skewness([0, 0, 1, 10]))


class TestSkewness:
    def test_against_scipy(self):
        values = [int(each) for each in np.random.default_rng(8).lognormal(3, 1, 500) * 100]
        assert skewness(values) == pytest.approx(stats.skew(values))

    def test_by_hand(self):
        """Of 0, 0, 3: a mean of 1, (1 + 1 + 4) / 3 = 2 and (−1 − 1 + 8) / 3 = 2; 2 / 2^1.5 is the root of one half."""
        assert skewness([0, 0, 3]) == pytest.approx(0.5**0.5)
        assert skewness([0, 3, 3]) == pytest.approx(-(0.5**0.5))

    def test_all_alike(self):
        assert skewness([0, 0]) == skewness([7, 7]) == 0

    def test_a_small_group_beside_a_huge_one_takes_355_times_the_square(self):
        assert is_misled(1.0, (10**12, 354))
        assert not is_misled(1.0, (10**12, 356))
        assert is_misled(-2.0, (1419, 10**12))
        assert not is_misled(2.0, (1421, 10**12))

    def test_groups_of_one_size_never_are(self):
        assert not is_misled(50.0, (20, 20))

    def test_a_tenth_held_out(self):
        """(1/100² − 1/900²) / (1/100 + 1/900)^1.5 is 0.0843: 355 times its square is 2.5."""
        assert is_misled(0.64, (900, 100))
        assert not is_misled(0.62, (900, 100))


class TestVerdict:
    """ "Real" is only what the interval and the permutation both say."""

    @staticmethod
    def judged(treated, held_out, **given):
        """A test on revenue, of which each spends so many cents."""
        spent = {
            **{f"x{place}": cents for place, cents in enumerate(treated)},
            **{f"a{place}": cents for place, cents in enumerate(held_out)},
        }
        orders = make_orders(
            {who: [("2026-03-05", Decimal(cents) / 100)] for who, cents in spent.items() if cents}
        )
        usual = {
            "treated": [f"x{place}" for place in range(len(treated))],
            "holdout": [f"a{place}" for place in range(len(held_out))],
            "assigned_at": MARCH,
            "until": APRIL,
            "as_of": APRIL,
            "metric": "revenue",
        }
        return evaluate_experiment(orders, **(usual | given))

    SKEWED = (*(0 for _ in range(152)), *(1000 for _ in range(42)), *(10_000 for _ in range(6)))
    POOR = (*(0 for _ in range(18)), 1000, 1000)

    def test_the_interval_alone_is_not_believed(self):
        """None of the six who spent most was held out, as happens to a twelfth in six tests of ten."""
        verdict = self.judged(self.SKEWED, self.POOR)
        assert 0 not in verdict.interval()
        assert verdict.p_value < 0.005
        assert verdict.permutation_p_value > 0.1
        assert verdict.outcome == "noise"
        text = " ".join(str(verdict).split())
        assert "That may be chance: the 95 % interval of the difference is +" in text
        assert ", but other divisions of the same customers by lot differ as much too often (p 0." in text
        assert verdict.cautions[0].startswith("the interval alone would call it real")
        assert "hold out a half, or judge buyers" in verdict.cautions[0]
        assert verdict.to_dict()["permutation_p_value"] == verdict.permutation_p_value
        assert verdict.to_dict()["outcome"] == "noise"

    def test_without_resamples_there_is_a_word(self):
        verdict = self.judged(self.SKEWED, self.POOR, resamples=0)
        assert verdict.outcome == "real"
        assert verdict.permutation_p_value is verdict.bootstrap is None
        assert "calls chance real too often; give resamples=" in verdict.cautions[0]
        text = " ".join(verdict.explain().split())
        assert "(p 0.00" in text
        assert "divisions" not in text
        alike = self.judged(self.SKEWED, self.SKEWED, resamples=0)
        assert not any("resamples=" in each for each in alike.cautions)

    def test_both_say_real(self):
        verdict = self.judged([1500 + each for each in range(40)], [1000 + each for each in range(40)])
        assert verdict.outcome == "real"
        assert (verdict.permutation_p_value, verdict.divisions) == (2 / 1000, 1000)
        text = " ".join(str(verdict).split())
        assert (
            "other divisions of the same customers by lot seldom differ as much (p 0.002 by 1,000 of them)."
            in text
        )
        explained = " ".join(verdict.explain().split())
        assert (
            "Second opinion: p 0.002 by 1,000 divisions of the same customers by lot; real is what both say."
            in explained
        )
        assert "Third opinion: " in explained
        assert not any("divisions" in each or "alone" in each for each in verdict.cautions)

    def test_what_is_enough_hangs_on_the_confidence(self):
        """Three beside three: the greatest three together are one division of twenty, and twice that is 10 %."""
        given = {"treated": (900, 910, 920), "held_out": (100, 110, 120)}
        assert self.judged(**given).outcome == "noise"
        assert self.judged(**given, confidence=0.9).outcome == "real"
        assert self.judged(**given).permutation_p_value == pytest.approx(0.1)

    def test_the_permutation_alone_is_not_believed_either(self):
        """One who spent a hundred times as much as the others makes the interval wide, and no division the likelier."""
        verdict = self.judged(
            [*(1100 + each for each in range(19)), 100_000], [1000 + each for each in range(20)]
        )
        assert 0 in verdict.interval()
        assert verdict.permutation_p_value < 0.05
        assert verdict.outcome == "noise"
        assert any(
            each.startswith("other divisions of the same customers seldom") for each in verdict.cautions
        )
        assert "too often" not in str(verdict)

    def test_orders_are_divided_too_and_buyers_are_not(self):
        assert self.judged(self.SKEWED, self.POOR, metric="orders").permutation_p_value is not None
        buyers = self.judged(self.SKEWED, self.POOR, metric="buyers")
        assert buyers.permutation_p_value is buyers.bootstrap is None
        assert "opinion" not in buyers.explain()

    def test_a_mismatch_hides_its_figures(self):
        verdict = self.judged(self.SKEWED, self.POOR, holdout_share=0.5)
        assert verdict.outcome == "mismatch"
        for hidden in (
            "uplift",
            "relative_uplift",
            "total_uplift",
            "p_value",
            "permutation_p_value",
            "bootstrap",
        ):
            assert getattr(verdict, hidden) is None
        row = verdict.to_dict()
        assert {
            row[each] for each in ("uplift", "low", "high", "p_value", "permutation_p_value", "total_uplift")
        } == {None}
        assert row["mismatch_p_value"] < 0.001
        assert verdict.treated.count == 200
        for asked in (verdict.interval, verdict.total_interval):
            with pytest.raises(
                UndefinedMetricError, match="20 of 220 customers are held out where the lot makes 110"
            ):
                asked()


GIVEN = {"as_of": APRIL, "within": 28 * DAY, "relative_uplift": 0.5}


class TestPlan:
    @staticmethod
    def orders(cents):
        """Half came a month ago and did nothing since; of the others one spends very much."""
        return make_orders(
            {
                each: ["2026-01-10", *([("2026-03-10", Decimal(cents) / 100)] if each == 0 else [])]
                + ([("2026-03-11", "10.00")] if each % 4 == 0 else [])
                for each in range(200)
            }
        )

    def warnings(self, **given):
        found = plan_experiment(self.orders(200_000), **(GIVEN | given)).warnings
        return [each for each in found if "skewness" in each]

    def test_a_small_holdout_of_the_skewed(self):
        (found,) = self.warnings(metric="revenue", holdout_share=0.1)
        assert found.startswith("a few spend much (skewness 14.")
        assert "hold out a half, or judge buyers" in found

    def test_a_half_or_buyers_are_no_matter(self):
        assert self.warnings(metric="revenue") == []
        assert self.warnings(holdout_share=0.1) == []

    def test_orders_and_newcomers(self):
        orders = make_orders(
            {each: ["2026-01-10", *(["2026-03-10"] * (30 if each == 0 else each % 2))] for each in range(60)}
        )
        given = {**GIVEN, "metric": "orders", "holdout_share": 0.05, "relative_uplift": 3}
        for among in ("customers", "newcomers"):
            within = (28 if among == "customers" else 70) * DAY
            plan = plan_experiment(orders, **{**given, "among": among, "within": within})
            assert any(each.startswith("a few order much (skewness ") for each in plan.warnings)

    def test_of_a_figure_nobody_sees_it(self):
        sums = ClusterSums.of([(1, 1000), (1, 4000), (1, 2000), (1, 0)], scale=100)
        spend = Mean(Decimal("70.00"), 4, unit="EUR", sampling=sums)

        def assumed(figure, **given):
            return any("small hold-out misleads" in each for each in plan_experiment(figure, **given).assumed)

        assert assumed(spend, relative_uplift=0.1, holdout_share=0.1)
        assert not assumed(spend, relative_uplift=0.1)
        assert not assumed(Ratio(200, 1000), relative_uplift=0.1, holdout_share=0.1)
