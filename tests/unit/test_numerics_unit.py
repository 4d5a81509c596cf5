"""Domain errors of the statistics, and what they do at the edges; the values are tested against references."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from retention._numerics import (
    ClusterSums,
    TwoGroups,
    _beta_fraction,
    check_confidence,
    normal_quantile,
    student_quantile,
    wilson,
)
from retention.errors import InvalidTypeError, InvalidValueError
from retention.results import Ratio


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 95, 1.0, float("nan"), float("inf")])
def test_a_confidence_lies_between_0_and_1(confidence):
    with pytest.raises(InvalidValueError, match=r"such as 0\.95 for 95 %"):
        check_confidence(confidence)
    with pytest.raises(InvalidValueError):
        Ratio(1, 2).interval(confidence)


@pytest.mark.parametrize("confidence", [True, "0.95", None, Decimal("0.95"), 0.95 + 0j])
def test_a_confidence_is_a_number(confidence):
    with pytest.raises(InvalidTypeError, match="confidence must be a number, not"):
        check_confidence(confidence)


def test_a_confidence_is_handed_on_as_a_float():
    assert check_confidence(0.95) == 0.95


@pytest.mark.parametrize("n", [1, 7, 1000, 10**9, 0.5])
@pytest.mark.parametrize("share", [0.0, 1.0, 0.5, 1e-300])
def test_wilson_holds_the_share_and_stays_within_0_and_1(share, n):
    low, high = wilson(share, n, normal_quantile(0.95))
    assert 0 <= low <= share <= high <= 1
    assert low < high


def test_student_comes_down_to_normal():
    assert student_quantile(0.95, 10**7) == pytest.approx(normal_quantile(0.95), rel=1e-6)
    assert student_quantile(0.95, 1) == pytest.approx(12.706204736, rel=1e-9)
    assert student_quantile(0.000001, 5) == pytest.approx(0, abs=1e-5)
    assert student_quantile(1e-20, 5) < 1e-6  # where the distribution function is flat to the last bit


def test_the_continued_fraction_ends_even_on_nonsense():
    assert math.isnan(_beta_fraction(math.nan, 0.5, 0.5))


def test_customers_all_alike_have_no_variance():
    assert ClusterSums(n=3, x=3, y=30, xx=3, xy=30, yy=300).variance() == 0


def test_sums_stay_exact_where_floats_would_cancel():
    # y = 10**17 + (0, 1, 2): Σ(y − mean)² = 2, far below the last bit of Σy² as a float
    big = 10**17
    values = (big, big + 1, big + 2)
    sums = ClusterSums(n=3, x=3, y=sum(values), xx=3, xy=sum(values), yy=sum(value**2 for value in values))
    assert sums.variance() == pytest.approx(3 / 2 * 2 / 9)


def test_the_smaller_group_limits_the_freedom():
    small = ClusterSums(n=2, x=2, y=3, xx=2, xy=3, yy=5)
    large = ClusterSums(n=9, x=9, y=9, xx=9, xy=9, yy=9)
    assert TwoGroups(top=large, bottom=small).n == TwoGroups(top=small, bottom=large).n == 2
