"""The BG/BB by hand: what its sums come to where they are short, at their edges, and what it refuses."""

from __future__ import annotations

import math
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

import retention as rt
from retention.errors import (
    ConflictingArgumentError,
    ConvergenceError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiableError,
)
from retention.predict import BgBb, Purchases, RepeatPurchases, _bgbb_sums as sums, repeat_purchases
from retention.predict._bgbb_sums import log_odds, opportunities_alive

MODEL = BgBb(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="year")
EVEN = BgBb(alpha=1.0, beta=1.0, gamma=1.0, delta=1.0, unit="month")
"""Every probability to buy, and to leave, as likely as every other: all is fractions."""


def base_of(*rows: tuple[int, float, float, int]) -> RepeatPurchases:
    return RepeatPurchases.from_counts(rows, unit="year", discrete=True)


def log_likelihood(model: BgBb, *groups: tuple[int, float, float, int]) -> float:
    return BgBb._likelihood(groups)(model._log_parameters)[0]


class TestLikelihood:
    def test_of_one_opportunity_by_hand(self):
        # There (1/2) and bought (1/2); there and did not, or gone.
        assert log_likelihood(EVEN, (1, 1.0, 1.0, 1)) == pytest.approx(math.log(1 / 4))
        assert log_likelihood(EVEN, (0, 0.0, 1.0, 1)) == pytest.approx(math.log(3 / 4))
        assert log_likelihood(EVEN, (0, 0.0, 1.0, 9)) == pytest.approx(9 * math.log(3 / 4))

    def test_of_two_opportunities_by_hand(self):
        # E[p(1−p)] = 1/6, E[(1−θ)²] = 1/3, E[p] = 1/2, E[θ(1−θ)] = 1/6
        assert log_likelihood(EVEN, (1, 1.0, 2.0, 1)) == pytest.approx(
            math.log(1 / 6 * 1 / 3 + 1 / 2 * 1 / 6)
        )

    def test_of_nobody_watched_says_nothing(self):
        assert log_likelihood(EVEN, (0, 0.0, 0.0, 5)) == pytest.approx(0)

    def test_all_histories_together_are_certain(self):
        n = 9
        whole = [math.exp(log_likelihood(MODEL, (0, 0.0, float(n), 1)))]
        for last in range(1, n + 1):
            for x in range(1, last + 1):
                one = math.exp(log_likelihood(MODEL, (x, float(last), float(n), 1)))
                whole.append(one * math.comb(last - 1, x - 1))
        assert math.fsum(whole) == pytest.approx(1, rel=1e-12)

    @pytest.mark.parametrize(
        "parameters", [(1.2, 0.75, 0.66, 2.8), (0.1, 4.0, 3.0, 0.2), (30.0, 50.0, 1.0, 90.0)]
    )
    def test_its_gradient_is_its_slope(self, parameters):
        groups = [
            (0, 0.0, 6.0, 50), (1, 1.0, 6.0, 9), (1, 6.0, 6.0, 4), (6, 6.0, 6.0, 3), (0, 0.0, 0.0, 2),
            (3, 5.0, 300.0, 7), (250, 260.0, 300.0, 1), (20, 20.0, 2000.0, 1), (20, 900.0, 2000.0, 1),
        ]  # fmt: skip
        objective = BgBb._likelihood(groups)
        position = [math.log(each) for each in parameters]
        _, gradient = objective(position)
        for which, slope in enumerate(gradient):
            up, down = list(position), list(position)
            up[which] += 1e-5
            down[which] -= 1e-5
            assert slope == pytest.approx((objective(up)[0] - objective(down)[0]) / 2e-5, rel=1e-5, abs=1e-5)

    def test_no_overflow_with_thousands_of_opportunities(self):
        assert math.isfinite(log_likelihood(EVEN, (3_000, 3_000.0, 9_000.0, 1), (3_000, 8_000.0, 9_000.0, 1)))


class TestProbabilityAlive:
    def test_by_hand(self):
        # Bought at the only opportunity; E[(1−θ)²] / E[1−θ] = (1/3) / (1/2) of being there at the next
        assert EVEN._probability_alive(1, 1.0, 1.0) == pytest.approx(2 / 3)
        # Did not: (1/2 · 1/3) of (3/4)
        assert EVEN._probability_alive(0, 0.0, 1.0) == pytest.approx((1 / 6) / (3 / 4))

    def test_before_the_first_opportunity_it_is_that_of_a_newcomer(self):
        assert MODEL._probability_alive(0, 0.0, 0.0) == pytest.approx(2.783 / (0.657 + 2.783))

    def test_of_those_who_bought_last_time_it_does_not_hang_on_how_often(self):
        assert MODEL._probability_alive(1, 6.0, 6.0) == MODEL._probability_alive(6, 6.0, 6.0)

    def test_the_odds_are_summed_without_overflow(self):
        exact = Fraction(0)
        a = b = c = d = Fraction(1)
        x, t_x, n = 700, 700, 1_400
        term = c / (c + d + n)
        for j in range(n - 1, t_x - 1, -1):
            term *= (a + b + j) / (b + j - x) * (c + d + 1 + j) / (d + j)
            exact += term
        found = log_odds((1.0, 1.0, 1.0, 1.0), x, t_x, n)
        assert found == pytest.approx(math.log(exact.numerator) - math.log(exact.denominator), rel=1e-13)
        assert EVEN._probability_alive(x, float(t_x), float(n)) == pytest.approx(math.exp(-found), rel=1e-3)

    def test_far_beyond_doubt_it_is_0(self):
        assert MODEL._probability_alive(4_000, 4_000.0, 9_000.0) == 0
        assert MODEL._expected_purchases(4_000, 4_000.0, 9_000.0, 12.0) == 0

    def test_times_are_whole_opportunities(self):
        with pytest.raises(InvalidValueError, match=r"BgBb.*whole.*repeat_purchases"):
            MODEL.probability_alive(Purchases(frequency=1, recency=1.5, age=6.0))
        with pytest.raises(InvalidValueError, match=r"BgBb.*whole.*repeat_purchases"):
            MODEL.probability_alive(Purchases(frequency=1, recency=1.0, age=6.5))

    def test_there_is_one_purchase_an_opportunity(self):
        with pytest.raises(InvalidValueError, match=r"BgBb.*3 times at 2 opportunities"):
            MODEL.expected_purchases(Purchases(frequency=3, recency=2.0, age=6.0), horizon=1)


class TestExpectedPurchases:
    def test_of_a_newcomer_by_hand(self):
        # E[p] · (E[1−θ] + E[(1−θ)²]) = 1/2 · (1/2 + 1/3)
        assert EVEN._expected_purchases_of_newcomer(2.0) == pytest.approx(5 / 12)

    def test_of_one_who_bought_by_hand(self):
        # E[p | bought once] = 2/3; there next time 2/3, and the time after E[(1−θ)³] / E[1−θ] = 1/2
        assert EVEN._expected_purchases(1, 1.0, 1.0, 2.0) == pytest.approx(2 / 3 * (2 / 3 + 1 / 2))

    def test_nothing_is_expected_of_no_time(self):
        assert MODEL._expected_purchases(1, 1.0, 6.0, 0.0) == 0
        assert MODEL._expected_purchases_of_newcomer(0.0) == 0

    @pytest.mark.parametrize("gamma", [0.01, 0.5, 0.95, 1 - 1e-9, 1.0, 1 + 1e-9, 1.05, 2.0, 40.0, 3_000.0])
    @pytest.mark.parametrize("delta", [0.01, 1.0, 60.0, 5_000.0])
    def test_the_closed_form_is_the_sum(self, monkeypatch, gamma, delta):
        closed = opportunities_alive(gamma, delta, 400.0)
        monkeypatch.setattr(sums, "_FEW", 1_000)
        assert closed == pytest.approx(opportunities_alive(gamma, delta, 400.0), rel=1e-11)

    def test_a_horizon_has_a_unit(self):
        who = Purchases(frequency=2, recency=5, age=9)
        two_years = EVEN.expected_purchases(who, horizon=24).value
        assert EVEN.expected_purchases(who, horizon=2, unit="year").value == two_years
        assert EVEN.expected_purchases_of_newcomer(horizon=2, unit="year").value == pytest.approx(
            EVEN._expected_purchases_of_newcomer(24.0)
        )

    @pytest.mark.parametrize("horizon", [0.5, 1.1, timedelta(days=45)])
    def test_a_part_of_an_opportunity_is_none(self, horizon):
        with pytest.raises(InvalidValueError, match=r"BgBb.expected_purchases: horizon.*whole.*month"):
            EVEN.expected_purchases(Purchases(frequency=2, recency=5, age=9), horizon=horizon)

    def test_a_horizon_is_not_negative(self):
        with pytest.raises(InvalidValueError, match="horizon"):
            EVEN.expected_purchases_of_newcomer(horizon=-1)


class TestFit:
    def test_of_orders_counts_units_of_the_calendar(self):
        draws = Random(4)
        start = datetime(2020, 1, 15, 12, tzinfo=UTC)
        orders = []
        for customer in range(300):
            left, often = draws.choice([2, 9, 60]), draws.choice([0.1, 0.5, 0.9])
            for month in range(30):
                if month and (month > left or draws.random() > often):
                    continue
                for twice in range(2):
                    placed = start.replace(year=2020 + month // 12, month=month % 12 + 1, day=3 + 20 * twice)
                    orders.append(
                        rt.Order(
                            id=len(orders),
                            customer_id=customer,
                            placed_at=placed,
                            amount=Decimal(5),
                            currency="EUR",
                        )
                    )
        end = datetime(2022, 7, 1, tzinfo=UTC)
        model = BgBb.fit(orders, unit="month", tz="UTC", as_of=end)
        assert model.unit == "month"
        base = repeat_purchases(orders, unit="month", tz="UTC", as_of=end, discrete=True)
        assert model == BgBb.fit(base)
        assert max(x for x, *_ in base.groups) <= 29

    def test_nobody_bought_again(self):
        with pytest.raises(NotIdentifiableError, match=r"BgBb\.fit.*bought again"):
            BgBb.fit(base_of((0, 0, 6, 50), (0, 0, 5, 50)))

    def test_all_alike(self):
        with pytest.raises(NotIdentifiableError, match=r"BgBb\.fit.*alike"):
            BgBb.fit(base_of((2, 4, 6, 50)))

    def test_two_opportunities_are_too_few(self):
        with pytest.raises(NotIdentifiableError, match=r"BgBb\.fit.*more than 2 opportunities"):
            BgBb.fit(base_of((0, 0, 2, 50), (1, 1, 2, 20), (1, 2, 2, 10), (2, 2, 2, 9)))

    def test_everybody_bought_every_time(self):
        with pytest.raises(NotIdentifiableError, match=r"BgBb\.fit.*every opportunity"):
            BgBb.fit(base_of((3, 3, 3, 50), (6, 6, 6, 20)))

    def test_times_that_are_no_opportunities(self):
        base = RepeatPurchases.from_counts([(1, 1.5, 6.0, 9), (0, 0.0, 6.0, 9)], unit="year")
        with pytest.raises(InvalidValueError, match=r"BgBb\.fit.*whole.*discrete=True"):
            BgBb.fit(base)

    def test_several_purchases_an_opportunity(self):
        base = RepeatPurchases.from_counts([(7, 2.0, 6.0, 9), (0, 0.0, 6.0, 9)], unit="year")
        with pytest.raises(InvalidValueError, match=r"BgBb\.fit.*7 times at 2"):
            BgBb.fit(base)

    def test_customers_who_do_not_differ(self):
        # As a fair coin has it, and nobody leaves: no spread to estimate
        rows = [(0, 0, 3, 1)] + [
            (x, last, 3, math.comb(last - 1, x - 1)) for last in (1, 2, 3) for x in range(1, last + 1)
        ]
        with pytest.raises(ConvergenceError, match="BgBb"):
            BgBb.fit(base_of(*rows))

    def test_whole_days_will_do_without_being_called_discrete(self):
        rows = [
            (x, t_x, n, count) for x, t_x, n, count in MODEL.simulate(base_of((0, 0, 8, 500)), seed=2).groups
        ]
        plain = RepeatPurchases.from_counts(rows, unit="year")
        assert BgBb.fit(plain) == BgBb.fit(base_of(*rows))


class TestDrawing:
    def test_purchases_are_at_opportunities(self):
        drawn = MODEL.simulate(base_of((0, 0, 1, 50), (0, 0, 12, 50)), seed=1)
        assert drawn.discrete
        for who in drawn.values():
            assert who.recency == int(who.recency)
            assert who.frequency <= who.recency <= who.age

    def test_the_future_is_in_whole_opportunities(self):
        times = MODEL._draw_future(Random(1), 6, 6.0, 6.0, 20.0)
        assert times
        assert times == sorted(set(times))
        assert all(time == int(time) and 1 <= time <= 20 for time in times)

    def test_of_one_who_has_left_nothing_is_to_come(self):
        assert MODEL._draw_future(Random(1), 900, 900.0, 2_000.0, 50.0) == []


@pytest.mark.parametrize("name", ["alpha", "beta", "gamma", "delta"])
@pytest.mark.parametrize(
    "value, error", [(0.0, InvalidValueError), (math.nan, InvalidValueError), (None, InvalidTypeError)]
)
def test_parameters_are_positive_numbers(name, value, error):
    parameters = {"alpha": 1.0, "beta": 1.0, "gamma": 1.0, "delta": 1.0, name: value}
    with pytest.raises(error, match=f"BgBb.{name}"):
        BgBb(**parameters, unit="week")


def test_another_unit_is_refused():
    with pytest.raises(ConflictingArgumentError, match="BgBb"):
        EVEN.probability_alive(base_of((0, 0, 3, 5)))


def test_survives_pickling():
    assert pickle.loads(pickle.dumps(MODEL)) == MODEL


class TestMostOpportunities:
    def test_ages_and_horizons_have_an_end(self):
        model = BgBb(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8, unit="day")
        assert model.probability_alive(Purchases(1, 9_000.0, 10_000.0)).value < 1
        with pytest.raises(
            InvalidValueError, match=r"age must be at most 10,000 opportunities \(got 1e\+08\)"
        ):
            model.probability_alive(Purchases(1, 1.0, 1e8))
        with pytest.raises(
            InvalidValueError, match=r"horizon must be at most 10,000 opportunities .* longer unit"
        ):
            model.expected_purchases_of_newcomer(horizon=10_001)
        endless = base_of((0, 0.0, 20_000.0, 50), (1, 3.0, 20_000.0, 50))
        with pytest.raises(InvalidValueError, match="age must be at most"):
            BgBb.fit(endless)
        with pytest.raises(InvalidValueError, match="age must be at most"):
            MODEL.simulate(endless, seed=1)


class TestLargeParameters:
    """Where everybody leaves with one chance, gamma and delta grow without end, and nothing but rounding stops them."""

    def test_rounding_makes_no_peak(self):
        alike = base_of((0, 0, 6, 100), (1, 2, 6, 50), (2, 3, 6, 30), (3, 5, 6, 10), (6, 6, 6, 4))
        with pytest.raises(ConvergenceError, match="without end"):
            BgBb.fit(alike)

    @pytest.mark.parametrize("size", [1e4, 1e6, 1e8])
    def test_the_slope_keeps_its_digits(self, size):
        # (delta)ₙ / (gamma + delta)ₙ goes to (1 − θ)ⁿ with θ = gamma / (gamma + delta), which this is the slope by:
        # the slopes by log gamma and log delta differ in sign only, up to a part in `size`.
        groups = base_of((0, 0, 6, 100), (1, 2, 6, 50), (2, 3, 6, 30)).groups
        position = [0.0, 0.5, math.log(size), math.log(4 * size)]
        _, (_, _, by_gamma, by_delta) = sums.Likelihood(groups)(position)
        assert by_gamma + by_delta == pytest.approx(0, abs=100 / size + 1e-10)
        ahead, behind = (
            sums.Likelihood(groups)([*position[:2], position[2] + step, position[3]])[0]
            for step in (1e-5, -1e-5)
        )
        assert by_gamma == pytest.approx((ahead - behind) / 2e-5, rel=1e-6)
