"""The Pareto/NBD by hand: what its formulas come to where they are simple, at their edges, and what it refuses."""

from __future__ import annotations

import math
import pickle
from datetime import timedelta
from random import Random

import pytest

from retention.errors import (
    ConflictingArgumentError,
    ConvergenceError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiableError,
)
from retention.predict import ParetoNbd, Purchases, RepeatPurchases
from retention.predict._gauss_legendre import rule
from retention.predict._pareto_nbd_integral import departure

MODEL = ParetoNbd(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")


def log_likelihood(model: ParetoNbd, *groups: tuple[int, float, float, int]) -> float:
    return ParetoNbd._likelihood(groups)(model._log_parameters)[0]


def base_of(*rows: tuple[int, float, float, int]) -> RepeatPurchases:
    return RepeatPurchases.from_counts(rows, unit="week")


class TestTheIntegral:
    def test_of_equal_rate_parameters_is_that_of_a_power(self):
        # (2 + y)^-5 from 1 to 4 is (3^-4 - 6^-4) / 4, as a multiple of 3^-5
        found = departure(3.0, 3.0, 3.0, 2.0, 3.0)
        assert found.log_integral == pytest.approx(math.log((3**-4 - 6**-4) / 4 * 3**5), rel=1e-12)
        assert found.log_alpha == pytest.approx(found.log_beta)
        assert found.by_alpha == pytest.approx(found.by_beta)

    @pytest.mark.parametrize("alpha, beta", [(2.0, 7.0), (7.0, 2.0)])
    def test_by_partial_fractions(self, alpha, beta):
        # 1 / ((a + y)(b + y)²) = 1/(b − a)² · [1/(a + y) − 1/(b + y)] − 1/(b − a) · 1/(b + y)²
        def stem(y):
            apart = beta - alpha
            return math.log((alpha + y) / (beta + y)) / apart**2 + 1 / (apart * (beta + y))

        found = departure(alpha + 1, beta + 1, 1.0, 2.0, 3.0)
        value = (stem(4.0) - stem(1.0)) * (alpha + 1) * (beta + 1) ** 2
        assert found.log_integral == pytest.approx(math.log(value), rel=1e-12)

    def test_changes_sides_without_a_step(self):
        below, at, above = (departure(13 * (1 + by), 13.0, 2.5, 1.6, 27.0) for by in (-1e-13, 0.0, 1e-13))
        assert below == pytest.approx(at, rel=1e-11)
        assert above == pytest.approx(at, rel=1e-11)

    def test_of_a_moment_is_the_moment(self):
        found = departure(30.0, 32.0, 3.5, 1.6, 1e-9)
        assert found.log_integral == pytest.approx(math.log(1e-9), abs=1e-9)
        # y / (30 + y) in the middle of so short a time
        assert found.by_alpha == pytest.approx(0.5e-9 / 30, rel=1e-6)

    def test_of_many_thousands_of_purchases_ends_where_nothing_is_left_of_it(self):
        # All of it lies right behind the last purchase: 1 / (rate of decay there)
        found = departure(30.0, 32.0, 50_000.0, 1.6, 380.0)
        assert found.log_integral == pytest.approx(-math.log((50_000 / 30) + 1.6 / 32), rel=1e-4)

    def test_reaches_over_many_orders_of_magnitude(self):
        # ∫ (a + y)^-1 (b + y)^-2 with a next to nothing: log(T/a)/b² for T well below b
        found = departure(1e-12, 1e6, 1.0, 2.0, 1.0)
        assert found.log_integral == pytest.approx(math.log(math.log(1e12) * 1e-12), rel=1e-6)


def test_a_rule_integrates_every_power_that_it_promises():
    for nodes in (4, 5, 12, 32):
        for power in range(2 * nodes):
            found = math.fsum(weight * place**power for place, weight in rule(nodes))
            assert found == pytest.approx(1 / (power + 1), rel=1e-13)


class TestProbabilityAlive:
    def test_is_1_for_one_who_has_just_bought(self):
        assert MODEL._probability_alive(3, 20.0, 20.0) == 1
        assert MODEL._probability_alive(0, 0.0, 0.0) == 1

    def test_by_hand(self):
        # r = s = 1, alpha = beta = 1, x = 0, T = 1: stayed 1/4, left ∫ (1 + y)^-3 = (1 − 1/4) / 2
        model = ParetoNbd(r=1.0, alpha=1.0, s=1.0, beta=1.0, unit="week")
        assert model._probability_alive(0, 0.0, 1.0) == pytest.approx((1 / 4) / (1 / 4 + 3 / 8))

    def test_falls_below_1_for_one_time_buyers_too(self):
        assert 0.2 < MODEL._probability_alive(0, 0.0, 39.0) < 0.4

    def test_the_more_often_somebody_bought_the_more_a_silence_tells(self):
        told = [MODEL._probability_alive(x, 10.0, 30.0) for x in (1, 5, 50, 500, 5_000)]
        assert told == sorted(told, reverse=True)
        assert told[-1] == 0

    @pytest.mark.parametrize("x", [1, 100, 10_000, 1_000_000])
    @pytest.mark.parametrize("t_x", [1e-6, 20.0, 38.999999])
    def test_stays_a_probability_at_the_edges(self, x, t_x):
        for alpha, beta in ((1e-6, 1e6), (1e6, 1e-6), (1.0, 1.0)):
            model = ParetoNbd(r=0.01, alpha=alpha, s=20.0, beta=beta, unit="day")
            assert 0 <= model._probability_alive(x, t_x, 39.0) <= 1


class TestExpectedPurchases:
    def test_of_a_newcomer_by_hand(self):
        # s = 2: r·beta/alpha · (1 − beta / (beta + t))
        model = ParetoNbd(r=0.5, alpha=10.0, s=2.0, beta=20.0, unit="week")
        assert model._expected_purchases_of_newcomer(20.0) == pytest.approx(0.5 * 20 / 10 * (1 - 1 / 2))

    def test_where_s_is_1_it_is_a_logarithm(self):
        model = ParetoNbd(r=0.5, alpha=10.0, s=1.0, beta=20.0, unit="week")
        assert model._expected_purchases_of_newcomer(20.0) == pytest.approx(0.5 * 20 / 10 * math.log(2))

    @pytest.mark.parametrize("by", [1e-15, 1e-12, 1e-9, 1e-6])
    def test_there_is_no_step_at_s_of_1(self, by):
        def expected(s):
            return ParetoNbd(r=0.5, alpha=10.0, s=s, beta=20.0, unit="week")._expected_purchases(
                2, 5.0, 9.0, 30.0
            )

        assert expected(1 + by) == pytest.approx(expected(1.0), rel=3 * by + 1e-14)
        assert expected(1 - by) == pytest.approx(expected(1.0), rel=3 * by + 1e-14)

    def test_nothing_is_expected_of_no_time(self):
        assert MODEL._expected_purchases(2, 5.0, 9.0, 0.0) == 0
        assert MODEL._expected_purchases_of_newcomer(0.0) == 0

    def test_of_a_customer_of_no_age_is_that_of_a_newcomer(self):
        assert MODEL._expected_purchases(0, 0.0, 0.0, 26.0) == MODEL._expected_purchases_of_newcomer(26.0)

    def test_a_long_horizon_has_a_limit_only_where_s_is_above_1(self):
        model = ParetoNbd(r=0.5, alpha=10.0, s=3.0, beta=20.0, unit="week")
        assert model._expected_purchases_of_newcomer(1e12) == pytest.approx(0.5 / 10 * 20 / 2)
        assert MODEL._expected_purchases_of_newcomer(1e12) > 1_000

    def test_the_horizon_may_be_a_timedelta_or_have_a_unit(self):
        who = Purchases(frequency=2, recency=5.0, age=9.0)
        in_weeks = MODEL.expected_purchases(who, horizon=2.0).value
        assert MODEL.expected_purchases(who, horizon=timedelta(days=14)).value == in_weeks
        assert MODEL.expected_purchases(who, horizon=14, unit="day").value == in_weeks


class TestLikelihood:
    def test_by_hand(self):
        # One who never bought again: log of what `TestProbabilityAlive.test_by_hand` adds up
        model = ParetoNbd(r=1.0, alpha=1.0, s=1.0, beta=1.0, unit="week")
        assert log_likelihood(model, (0, 0.0, 1.0, 1)) == pytest.approx(math.log(5 / 8))
        assert log_likelihood(model, (0, 0.0, 1.0, 7)) == pytest.approx(7 * math.log(5 / 8))

    def test_of_one_who_bought_on_the_last_day(self):
        # x = 2, t_x = T = 1: Γ(3) / 2^3 / 2
        model = ParetoNbd(r=1.0, alpha=1.0, s=1.0, beta=1.0, unit="week")
        assert log_likelihood(model, (2, 1.0, 1.0, 1)) == pytest.approx(math.log(2 / 16))

    @pytest.mark.parametrize(
        "parameters", [(0.55, 10.6, 0.6, 11.7), (0.5, 3.0, 2.0, 80.0), (4.0, 70.0, 0.3, 5.0)]
    )
    def test_its_gradient_is_its_slope(self, parameters):
        groups = [
            (0, 0.0, 30.0, 5),
            (0, 0.0, 0.0, 1),
            (3, 20.0, 30.0, 2),
            (1, 30.0, 30.0, 3),
            (400, 3.0, 30.0, 1),
        ]
        objective = ParetoNbd._likelihood(groups)
        position = [math.log(each) for each in parameters]
        _, gradient = objective(position)
        for which, slope in enumerate(gradient):
            up, down = list(position), list(position)
            up[which] += 1e-5
            down[which] -= 1e-5
            assert slope == pytest.approx((objective(up)[0] - objective(down)[0]) / 2e-5, rel=1e-6, abs=1e-6)

    def test_no_overflow_with_thousands_of_purchases(self):
        assert math.isfinite(log_likelihood(MODEL, (100_000, 30.0, 39.0, 1), (100_000, 0.001, 39.0, 1)))


class TestFit:
    def test_does_not_depend_on_the_unit(self):
        rows = [
            (x, t_x, age, count)
            for x, t_x, age, count in MODEL.simulate(base_of((0, 0.0, 50.0, 400)), seed=5).groups
        ]
        in_weeks = ParetoNbd.fit(base_of(*rows))
        in_days = ParetoNbd.fit(
            RepeatPurchases.from_counts(
                [(x, 7 * t_x, 7 * age, count) for x, t_x, age, count in rows], unit="day"
            )
        )
        assert in_days.r == pytest.approx(in_weeks.r, rel=1e-3)
        assert in_days.alpha == pytest.approx(7 * in_weeks.alpha, rel=1e-3)
        bought = sum(x * count for x, _, _, count in rows)
        assert in_days.log_likelihood == pytest.approx(
            in_weeks.log_likelihood - bought * math.log(7), abs=1e-6
        )

    def test_nobody_bought_again(self):
        with pytest.raises(NotIdentifiableError, match=r"ParetoNbd\.fit.*bought again"):
            ParetoNbd.fit(base_of((0, 0.0, 30.0, 50), (0, 0.0, 20.0, 50)))

    def test_one_customer(self):
        with pytest.raises(NotIdentifiableError, match=r"ParetoNbd\.fit.*one customer"):
            ParetoNbd.fit(base_of((2, 10.0, 30.0, 1)))

    def test_all_alike(self):
        with pytest.raises(NotIdentifiableError, match=r"ParetoNbd\.fit.*alike"):
            ParetoNbd.fit(base_of((2, 10.0, 30.0, 40)))

    def test_nobody_seems_to_have_left(self):
        with pytest.raises(ConvergenceError, match="hardly anyone ever leaves, and that is an answer"):
            ParetoNbd.fit(base_of((2, 30.0, 30.0, 40), (5, 30.0, 30.0, 40), (9, 29.9, 30.0, 30)))

    def test_opportunities_are_for_another_model(self):
        base = RepeatPurchases.from_counts([(1, 2, 6, 5), (0, 0, 6, 5)], unit="year", discrete=True)
        with pytest.raises((ConflictingArgumentError, InvalidValueError), match="ParetoNbd"):
            ParetoNbd.fit(base)


class TestDrawing:
    def test_purchases_lie_within_the_time_watched(self):
        base = base_of((0, 0.0, 5.0, 50), (0, 0.0, 50.0, 50))
        for who in MODEL.simulate(base, seed=1).values():
            assert 0 <= who.recency <= who.age

    def test_the_same_seed_draws_the_same(self):
        base = base_of((0, 0.0, 50.0, 50))
        assert MODEL.simulate(base, seed=1) == MODEL.simulate(base, seed=1) != MODEL.simulate(base, seed=2)

    def test_of_one_who_has_left_nothing_is_to_come(self):
        assert MODEL._draw_future(Random(1), 5_000, 1.0, 39.0, 1_000.0) == []

    def test_the_future_is_in_order_and_within_the_horizon(self):
        times = MODEL._draw_future(Random(1), 30, 39.0, 39.0, 52.0)
        assert times
        assert times == sorted(times)
        assert times[0] > 0
        assert times[-1] <= 52

    def test_a_rate_too_small_for_a_float_buys_nothing(self):
        model = ParetoNbd(r=1e-5, alpha=1.0, s=1e-5, beta=1.0, unit="week")
        assert model._drawn(Random(1), 1e6) == (0, 0.0)


@pytest.mark.parametrize("name", ["r", "alpha", "s", "beta"])
@pytest.mark.parametrize(
    "value, error", [(0.0, InvalidValueError), (math.inf, InvalidValueError), ("1", InvalidTypeError)]
)
def test_parameters_are_positive_numbers(name, value, error):
    parameters = {"r": 1.0, "alpha": 1.0, "s": 1.0, "beta": 1.0, name: value}
    with pytest.raises(error, match=f"ParetoNbd.{name}"):
        ParetoNbd(**parameters, unit="week")


def test_another_unit_is_refused():
    base = RepeatPurchases.from_counts([(0, 0.0, 30.0, 5)], unit="day")
    with pytest.raises(ConflictingArgumentError, match="ParetoNbd"):
        MODEL.probability_alive(base)


def test_survives_pickling():
    assert pickle.loads(pickle.dumps(MODEL)) == MODEL


class TestLargeParameters:
    """Where everybody leaves at one rate, s and beta grow without end, and nothing but rounding stops them."""

    GROUPS = base_of((0, 0, 20, 60), (1, 3, 25, 20), (2, 14, 30, 15), (5, 28, 28, 5), (3, 9, 12, 9)).groups

    @pytest.mark.parametrize("size", [1e4, 1e6, 1e8])
    def test_the_slope_by_leaving_keeps_its_digits(self, size):
        # (beta / (beta + y))^s goes to e^(−y·s / beta), so that the slopes by log s and log beta differ in sign only.
        likelihood = ParetoNbd._likelihood(self.GROUPS)
        position = [-0.5, 2.0, math.log(size), math.log(size * 20)]
        _, (_, _, by_s, by_beta) = likelihood(position)
        assert abs(by_s) > 0.1
        assert by_s + by_beta == pytest.approx(0, abs=300 / size + 1e-10)

    @pytest.mark.parametrize("size", [1e4, 1e6, 1e8])
    def test_the_slope_by_purchases_keeps_its_digits(self, size):
        likelihood = ParetoNbd._likelihood(self.GROUPS)
        _, (by_r, by_alpha, _, _) = likelihood([math.log(size), math.log(size * 8), -0.5, 2.0])
        assert abs(by_r) > 1
        assert by_r + by_alpha == pytest.approx(0, abs=300 / size + 1e-10)

    def test_the_slope_is_that_of_the_value(self):
        likelihood = ParetoNbd._likelihood(self.GROUPS)
        for position in ([0.0, 2.0, -1.0, 3.0], [1.0, 3.0, 1.0, 1.0], [-2.0, -1.0, 9.0, 12.0]):
            slopes = likelihood(position)[1]
            for which, slope in enumerate(slopes):
                up, down = list(position), list(position)
                up[which] += 1e-5
                down[which] -= 1e-5
                assert slope == pytest.approx(
                    (likelihood(up)[0] - likelihood(down)[0]) / 2e-5, rel=1e-6, abs=1e-5
                )
