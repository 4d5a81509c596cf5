"""The climb to a peak: on hills that are known, and on those that have none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from retention.errors import ConvergenceError
from retention.predict import _optimise
from retention.predict._optimise import (
    _between,
    _Counted,
    _NoPeakError,
    _proven,
    maximise,
)

PEAK = (0.3, -1.2, 2.0)
CURVATURE = np.array([[40.0, 10.0, 0.0], [10.0, 400.0, -5.0], [0.0, -5.0, 3.0]])


def hill(position):
    """A paraboloid, stretched a hundredfold."""
    away = np.array(position) - PEAK
    return float(-away @ CURVATURE @ away / 2), tuple(-CURVATURE @ away)


def valley(position):
    """Rosenbrock's banana, upside down: a curved ridge to (1, 1)."""
    x, y = position
    value = -100 * (y - x * x) ** 2 - (1 - x) ** 2
    return value, (400 * x * (y - x * x) + 2 * (1 - x), -200 * (y - x * x))


def two_hills(position):
    """A lower hill at 0, a higher one at 6."""
    (x,) = position
    low, high = 2 * math.exp(-x * x / 2), 3 * math.exp(-((x - 6) ** 2) / 2)
    return low + high, (-x * low - (x - 6) * high,)


def stretched(by):
    """Any hill, measured in another unit."""

    def objective(position):
        value, gradient = hill(position)
        return by * value, [by * each for each in gradient]

    return objective


class TestPeaks:
    @pytest.mark.parametrize("start", [(0.0, 0.0, 0.0), (5.0, -5.0, 5.0), (-8.0, 8.0, 12.0), PEAK])
    def test_a_hill(self, start):
        found = maximise(hill, [start], owner="Hill")
        assert found.position == pytest.approx(PEAK, abs=1e-5)
        assert found.value == pytest.approx(0, abs=1e-9)
        assert np.array(found.covariance) == pytest.approx(np.linalg.inv(CURVATURE), rel=1e-6)
        assert max(map(abs, found.gradient)) < 1e-3

    @pytest.mark.parametrize("start", [(-1.2, 1.0), (0.0, 0.0), (3.0, -3.0)])
    def test_a_curved_ridge(self, start):
        found = maximise(valley, [start], owner="Valley")
        assert found.position == pytest.approx((1, 1), abs=1e-4)
        assert found.evaluations < 150

    @pytest.mark.parametrize("by", [1.0, 1e3, 1e6])
    def test_the_unit_of_the_value_does_not_matter(self, by):
        assert maximise(stretched(by), [(0.0, 0.0, 0.0)], owner="Hill").position == pytest.approx(
            PEAK, abs=1e-4
        )

    def test_few_evaluations(self):
        assert maximise(hill, [(0.0, 0.0, 0.0)], owner="Hill").evaluations < 30

    def test_a_first_guess_of_the_covariance_saves_steps(self):
        guess = tuple(map(tuple, np.linalg.inv(CURVATURE).tolist()))
        found = maximise(hill, [(2.0, -1.0, 1.0)], owner="Hill", covariance=guess)
        assert found.position == pytest.approx(PEAK, abs=1e-6)
        assert found.evaluations < maximise(hill, [(2.0, -1.0, 1.0)], owner="Hill").evaluations

    def test_a_wrong_guess_does_no_harm(self):
        guess = ((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0))
        found = maximise(hill, [(2.0, -1.0, 1.0)], owner="Hill", covariance=guess)
        assert found.position == pytest.approx(PEAK, abs=1e-5)


class TestStarts:
    def test_the_best_peak_is_kept(self):
        for starts in ([(-1.0,), (5.0,)], [(5.0,), (-1.0,)]):
            found = maximise(two_hills, starts, owner="Hills")
            assert found.position == pytest.approx((6,), abs=1e-4)
            assert found.value == pytest.approx(3)

    def test_a_second_start_that_leads_to_the_same_peak_ends_early(self):
        once = maximise(hill, [(0.0, 0.0, 0.0)], owner="Hill")
        both = maximise(hill, [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0)], owner="Hill")
        assert both.position == once.position
        assert once.evaluations < both.evaluations < 2 * once.evaluations

    def test_a_start_that_leads_nowhere_is_passed_over(self):
        def cliff(position):
            return hill(position) if position[0] < 3 else (math.nan, (0.0, 0.0, 0.0))

        found = maximise(cliff, [(4.0, 0.0, 0.0), (0.0, 0.0, 0.0)], owner="Cliff")
        assert found.position == pytest.approx(PEAK, abs=1e-5)


class TestNoPeak:
    def test_a_slope_without_end(self):
        with pytest.raises(ConvergenceError, match="without end"):
            maximise(lambda position: (position[0], (1.0,)), [(0.0,)], owner="Slope")

    def test_a_slope_that_levels_off(self):
        # Its second derivative is negative everywhere, so that only the width of what it holds gives it away.
        with pytest.raises(ConvergenceError, match="without end"):
            maximise(lambda p: (-math.exp(-p[0]), (math.exp(-p[0]),)), [(0.0,)], owner="Plateau")

    def test_a_plain(self):
        with pytest.raises(ConvergenceError, match="does not fall to all sides"):
            maximise(lambda _: (1.0, (0.0, 0.0)), [(0.0, 0.0)], owner="Plain")

    def test_a_ridge(self):
        def ridge(position):
            away = position[0] + position[1] - 1
            return -50 * away * away, (-100 * away, -100 * away)

        with pytest.raises(ConvergenceError, match="can't be told apart"):
            maximise(ridge, [(0.0, 0.0)], owner="Ridge")

    def test_a_saddle(self):
        def saddle(position):
            x, y = position
            return -x * x + 1e-9 * y, (-2 * x, 0.0)

        with pytest.raises(ConvergenceError, match="does not fall"):
            maximise(saddle, [(0.0, 0.0)], owner="Saddle")

    def test_arithmetic_that_fails(self):
        with pytest.raises(ConvergenceError, match="can't be computed"):
            maximise(lambda position: (math.exp(1e9), position), [(0.0,)], owner="Overflow")

    def test_no_start(self):
        with pytest.raises(ConvergenceError, match="no start was given"):
            maximise(hill, [], owner="Hill")

    def test_a_start_out_of_reach(self):
        with pytest.raises(ConvergenceError):
            maximise(hill, [(100.0, 0.0, 0.0)], owner="Hill")

    def test_a_gradient_that_lies(self):
        with pytest.raises(ConvergenceError):
            maximise(lambda p: (-p[0] * p[0], (2 * p[0],)), [(1.0,)], owner="Liar")

    def test_the_message_names_the_model_the_place_and_the_remedy(self):
        with pytest.raises(ConvergenceError, match=r"^Slope found no.* \(\d\.\d+e\+09\).*longer history"):
            maximise(lambda position: (position[0], (1.0,)), [(0.0,)], owner="Slope")

    def test_a_climb_that_is_cut_short_is_finished_by_newtons_steps(self, monkeypatch):
        monkeypatch.setattr(_optimise, "_MOST_ITERATIONS", 1)
        found = maximise(hill, [(0.0, 0.0, 0.0)], owner="Hill")
        assert found.position == pytest.approx(PEAK, abs=1e-6)

    def test_newtons_steps_that_go_to_and_fro(self):
        # Of √(1 + x²) Newton's step from 1 leads to −1, and back.
        def tent(position):
            root = math.hypot(1, position[0])
            return -root, (-position[0] / root,)

        with pytest.raises(_NoPeakError, match="had not come to rest"):
            _proven(_Counted(tent), (1.0,), 0)
        assert maximise(tent, [(1.0,)], owner="Tent").position == pytest.approx((0,), abs=1e-4)


class TestBetween:
    """The top of a cubic between two points."""

    def test_a_parabola(self):
        # 1 − (x − 2)² from 0 to 5: its top is at 2.
        assert _between((0.0, -3.0, 4.0), (5.0, -8.0, -6.0)) == pytest.approx(2)

    def test_a_cubic(self):
        # x − x³/3 from 0 to 3: its top is at 1.
        assert _between((0.0, 0.0, 1.0), (3.0, -6.0, -8.0)) == pytest.approx(1)

    def test_a_top_too_near_to_an_end(self):
        # 1 − (x − 0.1)² from 0 to 4
        assert _between((0.0, 0.99, 0.2), (4.0, -14.21, -7.8)) == pytest.approx(0.4)

    def test_a_cliff(self):
        assert _between((1.0, 0.0, 1.0), (3.0, -math.inf, 0.0)) == pytest.approx(1.2)

    def test_no_top(self):
        assert _between((0.0, 0.0, 1.0), (2.0, 2.0, 1.0)) == 1


class TestHigherPlaces:
    @staticmethod
    def slope_behind_a_hill(position):
        """A hill at 0, and behind it a slope that rises without end, higher in the end."""
        (x,) = position
        top, bottom = 2 * math.exp(-x * x / 2), 1 / (1 + math.exp(8 - x))
        return top + 3 * bottom, (-x * top + 3 * bottom * (1 - bottom),)

    def test_a_hill_below_a_slope_without_end_is_no_peak(self):
        assert maximise(self.slope_behind_a_hill, [(0.5,)], owner="Hill").position == pytest.approx(
            (0.0,), abs=0.01
        )
        with pytest.raises(
            ConvergenceError, match=r"those of the best inner place, \(1.*\), fit less well than"
        ):
            maximise(self.slope_behind_a_hill, [(0.5,), (7.0,)], owner="Hill")

    def test_a_hill_above_it_is(self):
        def higher(position):
            value, (slope,) = self.slope_behind_a_hill(position)
            (x,) = position
            more = 2 * math.exp(-x * x / 2)
            return value + more, (slope - x * more,)

        assert maximise(higher, [(7.0,), (0.5,)], owner="Hill").value == pytest.approx(4.0, abs=0.01)

    def test_a_ridge_too_flat(self):
        with pytest.raises(ConvergenceError, match="on a ridge so flat that anything else fits as well"):
            maximise(lambda p: (-(p[0] ** 2) / 60, (-p[0] / 30,)), [(1.0,)], owner="Ridge")


class TestFall:
    """Tops of which the second derivatives are no proof, since rounding or a mere bend made them."""

    def test_a_plain_with_noise_in_its_slope(self):
        # Slopes that only tell on which side of the top they are, as of a small difference of large numbers.
        def noisy(position):
            (x,) = position
            return 5.0, (-math.copysign(1e-5, x) if x else 0.0,)

        with pytest.raises(ConvergenceError, match="does not fall to all sides as it should"):
            maximise(noisy, [(0.0,)], owner="Noise")

    def test_a_bend_on_a_plateau(self):
        def bend(position):
            (x,) = position
            return 0.1 / (1 + x * x), (-0.2 * x / (1 + x * x) ** 2,)

        with pytest.raises(ConvergenceError, match="does not fall to all sides as it should"):
            maximise(bend, [(0.1,)], owner="Bend")

    def test_a_top_as_wide_that_falls_as_it_should(self):
        found = maximise(lambda p: (-(p[0] ** 2) / 8, (-p[0] / 4,)), [(1.0,)], owner="Wide")
        assert found.covariance[0][0] == pytest.approx(4)


class TestCentre:
    """How far off a climb has gone is measured from parameters of an everyday size."""

    def test_a_peak_far_from_1(self):
        def far(position):
            return hill([x - 25 for x in position])

        start = (25.0, 25.0, 25.0)
        with pytest.raises(ConvergenceError, match="can't be computed"):
            maximise(far, [start], owner="Far")
        found = maximise(far, [start], owner="Far", centre=start)
        assert found.position == pytest.approx([x + 25 for x in PEAK], abs=1e-5)

    def test_a_slope_without_end(self):
        with pytest.raises(ConvergenceError, match=r"\(\d\.\d+e\+\d\d\), on the way to nothing"):
            maximise(lambda position: (position[0], (1.0,)), [(25.0,)], owner="Slope", centre=(25.0,))


class TestLookouts:
    """Starts near to where a function may rise without end."""

    @staticmethod
    def hill_before_a_slope(width):
        """A hill at 0, and behind it a slope that rises without end, higher in the end."""

        def objective(position):
            (x,) = position
            top, bottom = 20 * math.exp(-x * x / (40 * width * width)), 1 / (1 + math.exp(12 - x))
            return top + 30 * bottom, (-x * top / (20 * width * width) + 30 * bottom * (1 - bottom),)

        return objective

    def test_a_peak_held_tightly_needs_none(self):
        tight = self.hill_before_a_slope(0.3)
        alone = maximise(tight, [(0.1,)], owner="Hill")
        assert math.sqrt(alone.covariance[0][0]) < 0.6
        assert maximise(tight, [(0.1,)], owner="Hill", lookouts=[(11.0,)]) == alone

    def test_from_one_held_loosely_they_are_climbed_from(self):
        loose = self.hill_before_a_slope(0.8)
        assert math.sqrt(maximise(loose, [(0.1,)], owner="Hill").covariance[0][0]) > 0.6
        with pytest.raises(ConvergenceError, match="fit less well than"):
            maximise(loose, [(0.1,)], owner="Hill", lookouts=[(11.0,)])

    def test_one_may_lead_to_the_only_peak(self):
        def cliff(position):
            return hill(position) if position[0] < 3 else (math.nan, (0.0, 0.0, 0.0))

        found = maximise(cliff, [(4.0, 0.0, 0.0)], owner="Cliff", lookouts=[(0.0, 0.0, 0.0)])
        assert found.position == pytest.approx(PEAK, abs=1e-5)
