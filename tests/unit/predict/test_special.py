"""The special functions against scipy, identities, and values of 50 digits, over ranges that overflow and cancel.

`HYPERGEOMETRIC` was computed with mpmath at 50 digits; that of -6483.2 as Euler's integral, since its power series
cancels more digits than that.
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st
from scipy import special

from retention.errors import InvalidValueError
from retention.predict._special import (
    digamma,
    digamma_rise,
    log_add,
    log_beta,
    log_gamma_ratio,
    log_hyp2f1,
    trigamma,
)

HYPERGEOMETRIC = [
    # small parameters, z up to 1
    (0.553, 1.606, 0.5, 0.3, 0.6259219323986512),
    (1.5, 2.5, 4.5, 0.999999, 2.329560762542266),
    (1.5, 2.5, 4.0, 1 - 1e-12, 4.875787133144951),
    (0.24, 3.2, 2.2, 0.9, 1.2366351193152438),
    (1.0, 3.806, 4.474, 1 / 1.1, 1.7787749351138005),
    (1.0, 1.182, 1.886, 0.9999, 3.8079973786904815),
    # c below both others
    (0.24, 0.8, 0.3, 0.99, 3.2431447681076686),
    (5.2, 3.4, 3.1, 0.95, 16.638684903170706),
    (0.2426, 2.4259, 0.05, 0.9, 7.783677543380727),
    (12.0, 12.0, 5.0, 0.6, 20.726438229725073),
    (7.0, 7.0, 7.0, 0.75, 9.704060527839234),
    # thousands
    (2000.5, 3.4, 2003.1, 0.5, 2.352294933065222),
    (2000.5, 1.6, 2001.5, 0.999, 10.563241313696679),
    (3000.2, 2.5, 3001.2, 0.25, 0.7189275837402783),
    (500.0, 1.178, 2720.0, 0.9994, 0.23922781586302042),
    # far below 0
    (3000.2, 2000.7, 5000.1, -50.0, -6483.215427700422),
    (0.5, 0.5, 1.5, -1e9, -7.958769995878311),
    (10.0, 0.003, 10.5, -1e6, -0.04129276587787496),
    (0.001, 0.001, 0.002, -1e12, -0.013910053552085097),
    (40.0, 30.0, 35.0, -3.0, -46.583119392523905),
    (1e4, 1e4, 3e4, -1.0, -2672.8531318949244),
]

small = st.floats(1e-6, 30)
positive = st.floats(-12, 16).map(math.exp)


class TestLogarithms:
    @pytest.mark.parametrize("u, v", [(0.0, 0.0), (3.0, -2.0), (-2.0, 3.0), (1000.0, 1000.5), (-1e5, -1e5)])
    def test_the_logarithm_of_a_sum(self, u, v):
        assert log_add(u, v) == pytest.approx(float(special.logsumexp([u, v])), abs=1e-14)

    def test_to_add_nothing_changes_nothing(self):
        assert log_add(-math.inf, 3.0) == log_add(3.0, -math.inf) == 3.0
        assert log_add(-math.inf, -math.inf) == -math.inf


class TestGamma:
    @given(positive, positive)
    def test_log_beta(self, a, b):
        assert log_beta(a, b) == log_beta(b, a)
        # What scipy says is as good as the log gammas that cancel in it.
        size = abs(math.lgamma(a)) + abs(math.lgamma(b)) + abs(math.lgamma(a + b))
        assert log_beta(a, b) == pytest.approx(float(special.betaln(a, b)), abs=1e-15 * size + 1e-13)

    def test_log_beta_keeps_its_digits_where_log_gammas_cancel(self):
        # B(a, 1) = 1 / a and B(a, 2) = 1 / (a·(a + 1)), of which the difference of log gammas leaves ten digits.
        for a in (1e6, 1e9, 1e12):
            assert log_beta(a, 1.0) == pytest.approx(-math.log(a), rel=1e-15)
            assert log_beta(2.0, a) == pytest.approx(-math.log(a) - math.log1p(a), rel=1e-15)

    @given(positive, positive)
    def test_the_ratio_of_two_gammas(self, x, s):
        exact = float(special.gammaln(x + s) - special.gammaln(x))
        size = abs(float(special.gammaln(x + s))) + abs(float(special.gammaln(x)))
        assert log_gamma_ratio(x, s) == pytest.approx(exact, abs=1e-14 * size + 1e-13)

    def test_the_ratio_of_two_gammas_that_are_near(self):
        assert log_gamma_ratio(1e15, 1.0) == pytest.approx(math.log(1e15), rel=1e-15)
        assert log_gamma_ratio(5.0, 0.0) == log_gamma_ratio(5000.0, 0.0) == 0.0

    @given(positive)
    def test_digamma(self, x):
        assert digamma(x) == pytest.approx(float(special.digamma(x)), rel=1e-13, abs=1e-13)

    @given(positive, st.integers(0, 40))
    def test_a_rise_of_digamma_is_a_sum(self, x, steps):
        assert digamma_rise(x, steps) == pytest.approx(
            math.fsum(1 / (x + k) for k in range(steps)), rel=1e-12, abs=1e-300
        )

    def test_a_rise_of_digamma_keeps_its_digits(self):
        # (1 / x − 1 / 2x²)·s for s far below x, of two digammas near 18
        assert digamma_rise(1e8, 1.5) == pytest.approx(1.5e-8 * (1 - 0.25e-8), rel=1e-14)
        assert digamma(1e8 + 1.5) - digamma(1e8) != pytest.approx(1.5e-8, rel=1e-8, abs=0)

    @given(positive)
    def test_trigamma(self, x):
        assert trigamma(x) == pytest.approx(float(special.polygamma(1, x)), rel=1e-13)

    def test_next_to_nothing(self):
        assert digamma(1e-300) == pytest.approx(-1e300)
        assert trigamma(1e-150) == pytest.approx(1e300)


class TestHypergeometric:
    @pytest.mark.parametrize("a, b, c, z, exact", HYPERGEOMETRIC)
    def test_against_fifty_digits(self, a, b, c, z, exact):
        assert log_hyp2f1(a, b, c, z) == pytest.approx(exact, rel=2e-13, abs=2e-13)
        assert log_hyp2f1(b, a, c, z) == pytest.approx(exact, rel=2e-13, abs=2e-13)

    @pytest.mark.parametrize("z", [5e-324, 1e-30, 1e-200])
    def test_next_to_nothing(self, z):
        assert log_hyp2f1(1.0, 1.0, 1.0, z) == pytest.approx(z, rel=1e-12, abs=0)
        assert log_hyp2f1(3.0, 2.0, 4.0, z) == pytest.approx(1.5 * z, rel=1e-12, abs=1e-323)

    @given(
        st.floats(0.01, 5000), st.floats(0.01, 5000), st.one_of(st.floats(-1e6, 0.999), st.floats(-1, 0.9))
    )
    def test_a_power_where_b_is_c(self, a, b, z):
        if z >= 0 or a < b:
            assert log_hyp2f1(a, b, b, z) == pytest.approx(-a * math.log1p(-z), rel=1e-10, abs=1e-10)

    @given(st.floats(-1e8, 1 - 1e-9).filter(lambda z: abs(z) > 1e-3))
    def test_a_logarithm(self, z):
        # ₂F₁(1, 1; 2; z) = −log(1 − z) / z, DLMF 15.4.1
        assert log_hyp2f1(1.0, 1.0, 2.0, z) == pytest.approx(math.log(-math.log1p(-z) / z), abs=1e-13)

    @given(st.floats(1e-3, 1e6))
    def test_an_arc_tangent(self, x):
        # ₂F₁(1/2, 1; 3/2; −x²) = arctan(x) / x, DLMF 15.4.3
        assert log_hyp2f1(0.5, 1.0, 1.5, -x * x) == pytest.approx(math.log(math.atan(x) / x), abs=1e-12)

    @given(small, small, small)
    def test_what_it_is_at_one(self, a, b, more):
        # Gauss: Γ(c)·Γ(c − a − b) / (Γ(c − a)·Γ(c − b)), DLMF 15.4.20; half a step before it must be below.
        c = a + b + more
        at_one = log_gamma_ratio(c - a, a) - log_gamma_ratio(c - a - b, a)
        assert log_hyp2f1(a, b, c, 1 - 1e-15, rest=1e-15) <= at_one + 1e-11
        if more > 1:
            assert log_hyp2f1(a, b, c, 1 - 1e-15, rest=1e-15) == pytest.approx(at_one, abs=1e-11)

    @given(small, small, small, st.floats(0, 0.9))
    def test_the_power_series(self, a, b, c, z):
        total = term = 1.0
        for k in range(3000):
            term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z
            total += term
        assert log_hyp2f1(a, b, c, z) == pytest.approx(math.log(total), rel=1e-12, abs=1e-12)

    @given(st.floats(0.01, 100), st.floats(0.01, 100), st.floats(0.01, 100), st.floats(0.01, 0.999))
    def test_it_rises_with_z(self, a, b, c, z):
        assert log_hyp2f1(a, b, c, z * 0.99) < log_hyp2f1(a, b, c, z)

    def test_nothing_to_sum(self):
        assert (
            log_hyp2f1(0.0, 5.0, 3.0, 0.5)
            == log_hyp2f1(5.0, 0.0, 3.0, -2.0)
            == log_hyp2f1(1.0, 2.0, 3.0, 0.0)
            == 0
        )

    def test_one_less_z_may_be_known_better(self):
        # c = a + b: as z → 1 like −log(1 − z)·Γ(a + b) / (Γ(a)·Γ(b)), DLMF 15.4.21
        known = log_hyp2f1(1.0, 1.0, 2.0, 1.0, rest=1e-30)
        assert known == pytest.approx(math.log(30 * math.log(10)), rel=1e-12)

    @pytest.mark.parametrize(
        "a, b, c, z",
        [
            (-1.0, 1.0, 1.0, 0.5),
            (1.0, -0.1, 1.0, 0.5),
            (1.0, 1.0, 0.0, 0.5),
            (1.0, 1.0, 2.0, 1.0),
            (2.0, 3.0, 1.0, -0.5),
            (math.nan, 1.0, 1.0, 0.5),
        ],
    )
    def test_outside_its_domain(self, a, b, c, z):
        with pytest.raises(InvalidValueError, match="log_hyp2f1"):
            log_hyp2f1(a, b, c, z)
