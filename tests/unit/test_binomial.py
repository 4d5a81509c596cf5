"""Chances of counts, and the exact two-sided test."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st
from scipy.stats import binom, binomtest

from retention._binomial import binomial_chance, binomial_p_value, log_choose


@pytest.mark.parametrize("hits, n, share", [(3, 10, 0.3), (0, 7, 0.9), (500, 1000, 0.5), (2, 20, 0.01)])
def test_the_chance_of_a_count(hits, n, share):
    assert binomial_chance(hits, n, share) == pytest.approx(binom.pmf(hits, n, share), rel=1e-10)


def test_a_share_at_an_end_is_nobody_or_everybody():
    assert [binomial_chance(hits, 3, 0.0) for hits in (0, 3)] == [1.0, 0.0]
    assert [binomial_chance(hits, 3, 1.0) for hits in (0, 3)] == [0.0, 1.0]


@given(n=st.integers(1, 3000), share=st.floats(0.001, 0.999), place=st.floats(0, 1))
def test_how_often_chance_goes_as_far(n, share, place):
    hits = round(place * n)
    assert binomial_p_value(hits, n, share) == pytest.approx(binomtest(hits, n, share).pvalue, abs=1e-9)


def test_far_beyond_is_quick_and_never():
    assert binomial_p_value(10**6, 10**9, 1e-8) < 1e-5


def test_all_that_is_no_likelier_counts_ties_included():
    assert binomial_p_value(4, 10, 0.5) == pytest.approx(1 - math.comb(10, 5) / 2**10)
    assert log_choose(10, 5) == pytest.approx(math.log(252))
