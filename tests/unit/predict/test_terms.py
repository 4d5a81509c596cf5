"""Rates, shares and amounts: of any class of number that is common, and nothing else."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from retention.errors import InvalidTypeError, InvalidValueError
from retention.predict import ShiftedBetaGeometric
from retention.predict._terms import non_negative, number, share

ALL = (number, non_negative, share)


@pytest.mark.parametrize("reads", ALL)
@pytest.mark.parametrize("kind", [int, float, Decimal, np.int64, np.float64])
def test_numbers_become_floats(reads, kind):
    found = reads(kind(1), "f: x", "give 1")
    assert type(found) is float
    assert found == 1


@pytest.mark.parametrize("reads", ALL)
@pytest.mark.parametrize("value", ["1", None, True, np.bool_(True), 1j, Fraction(1, 2), [1]])
def test_all_else_is_refused(reads, value):
    with pytest.raises(InvalidTypeError, match=r"f: x must be a number, not .*; give 1"):
        reads(value, "f: x", "give 1")


@pytest.mark.parametrize("reads", ALL)
@pytest.mark.parametrize(
    "value", [math.nan, -math.inf, 10**400, Decimal("NaN"), Decimal("sNaN"), Decimal("1e999")]
)
def test_what_is_no_float_is_refused(reads, value):
    with pytest.raises(InvalidValueError, match=r"f: x must be finite .*; give 1"):
        reads(value, "f: x", "give 1")


def test_domains():
    assert number(-2, "x", "") == -2
    assert non_negative(0, "x", "") == 0
    with pytest.raises(InvalidValueError, match=r"x must be 0 or more \(got -2\)"):
        non_negative(-2, "x", "")
    for value in (0, -1, 1.001, 30):
        with pytest.raises(InvalidValueError, match="x must be above 0 and at most 1"):
            share(value, "x", "")


def test_contracts_take_decimals():
    model = ShiftedBetaGeometric(alpha=0.668, beta=3.806, unit="year")
    exact = model.customer_lifetime_value(margin=Decimal(50), discount_rate=Decimal("0.1"))
    assert exact == model.customer_lifetime_value(margin=50, discount_rate=0.1)
