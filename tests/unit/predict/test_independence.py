"""Frequency and spend: whether the one tells of the other."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, strategies as st

import retention as rt
from retention.errors import InvalidTypeError, InvalidValueError, MissingRecordsError, UndefinedMetricError
from retention.predict.independence import FrequencySpendCheck, frequency_spend_check
from retention.predict.purchases import RepeatPurchases

AGE = 50.0


def base_of(pairs, currency=None):
    """Customers with so many repeat purchases, and that mean spend."""
    rows = {place: (x, AGE / 2 if x else 0.0, AGE, z if x else None) for place, (x, z) in enumerate(pairs)}
    return RepeatPurchases.from_table(rows, unit="week", currency=currency)


def drawn(seed, n, tilt=0.0):
    """Customers whose mean spend rises with their frequency where `tilt` is above 0."""
    draw = random.Random(seed)
    for _ in range(n):
        x = 1 + int(draw.expovariate(0.5))
        rate = draw.gammavariate(4, 1 / 15)
        yield x, draw.gammavariate(6 * x, 1 / rate) / x * (1 + tilt * x)


class TestFigures:
    def test_by_numpy(self):
        pairs = list(drawn(1, 300))
        x, z = map(np.array, zip(*pairs, strict=True))
        check = frequency_spend_check(base_of(pairs))
        assert float(check) == check.value == pytest.approx(np.corrcoef(x, z)[0, 1])
        without = [math.atanh(np.corrcoef(np.delete(x, n), np.delete(z, n))[0, 1]) for n in range(300)]
        assert check.standard_error == pytest.approx(math.sqrt(299 / 300 * np.var(without) * 300))
        assert check.spend_ratio == pytest.approx((x * z).sum() / x.sum() / z.mean())
        assert check.customers == 300

    def test_only_those_who_bought_again_and_spent_something(self):
        pairs = list(drawn(2, 50))
        check = frequency_spend_check(base_of(pairs))
        assert frequency_spend_check(base_of([*pairs, (0, 0.0), (7, 0.0)])) == check

    @given(st.floats(1e-9, 1e9))
    def test_the_currency_makes_no_difference(self, times):
        pairs = list(drawn(3, 30))
        one, other = (frequency_spend_check(base_of([(x, z * k) for x, z in pairs])) for k in (1, times))
        assert float(other) == pytest.approx(float(one))
        assert other.standard_error == pytest.approx(one.standard_error)

    def test_the_interval(self):
        check = frequency_spend_check(base_of(drawn(4, 200)))
        narrow, wide = check.interval(0.5), check.interval()
        assert float(check) in narrow
        assert wide.low < narrow.low < narrow.high < wide.high
        assert wide.confidence == 0.95
        # at 95 % with 198 degrees of freedom t is 1.972
        middle = math.atanh(float(check))
        assert math.atanh(wide.high) - middle == pytest.approx(1.972 * check.standard_error, rel=1e-3)

    def test_holds_nothing_where_there_is_nothing_as_often_as_it_says(self):
        held = sum(0 in frequency_spend_check(base_of(drawn(seed, 200))).interval() for seed in range(200))
        assert 0.87 <= held / 200 <= 0.98


class TestVerdict:
    def test_none_found(self):
        check = frequency_spend_check(base_of(drawn(5, 300)))
        assert check.verdict == "none found"
        assert check.explain().startswith("No dependence of spend on frequency was found: correlation ")
        assert "could have gone unseen" in check.explain()

    def test_weak(self):
        check = FrequencySpendCheck(customers=900, correlation=0.2, standard_error=0.03, spend_ratio=1.2)
        assert check.verdict == "weak"
        assert check.explain() == (
            "Spend depends on frequency, though weakly: correlation 0.20 (95 % interval 0.14 to 0.26) among 900 customers "
            "who bought again. A repeat purchase brings 1.20 times what such a customer spends on average."
        )

    @pytest.mark.parametrize("tilt", [0.5, -0.04])
    def test_strong(self, tilt):
        check = frequency_spend_check(base_of(drawn(6, 1_500, tilt)), strong_from=0.1)
        assert check.verdict == "strong"
        assert (check.correlation > 0) == (tilt > 0) == (check.spend_ratio > 1)
        assert "fit one to each group" in check.explain()

    @pytest.mark.parametrize(
        "correlation, text",
        [
            (0.0617, "correlation 0.062 (95 % interval 0.003 to 0.120)"),
            (0.0591, "correlation 0.0591 (95 % interval 0.0003 to 0.1175)"),
            (-0.2, "correlation −0.20 (95 % interval −0.26 to −0.14)"),
        ],
    )
    def test_no_end_is_shown_as_nothing(self, correlation, text):
        assert str(FrequencySpendCheck(customers=1_000, correlation=correlation, standard_error=0.03)) == text

    def test_from_the_limit_on(self):
        strong = FrequencySpendCheck(customers=900, correlation=0.3, standard_error=0.03)
        assert strong.verdict == "strong"
        assert "times" not in strong.explain()


class TestUndefined:
    @pytest.mark.parametrize(
        "pairs, why",
        [
            ([], "only 0 customers bought again"),
            ([(2, 5.0 + n) for n in range(9)], "only 9 customers bought again"),
            ([(0, 0.0)] * 40, "only 0 customers bought again"),
            ([(2, 5.0 + n) for n in range(40)], "bought equally often"),
            ([(2 + n, 5.0) for n in range(40)], "spent the same at a time"),
            ([(2 + n, 0.1 * 3 if n % 2 else 0.3) for n in range(40)], "spent the same at a time"),
            ([(2 + n, 2.0 + n) for n in range(40)], "one follows from the other"),
            ([(2, 2.0)] * 39 + [(3, 3.0)], "hang on one customer"),
        ],
    )
    def test_says_why(self, pairs, why):
        check = frequency_spend_check(base_of(pairs))
        assert check.value is None
        assert check.verdict == "unknown"
        assert why in check.undefined_because
        assert why in check.explain()
        assert str(check) == "n/a"
        for asked in (float, FrequencySpendCheck.interval):
            with pytest.raises(UndefinedMetricError, match=why):
                asked(check)

    def test_made_by_hand_without_a_reason(self):
        with pytest.raises(UndefinedMetricError, match="there is no correlation"):
            float(FrequencySpendCheck(customers=3))


class TestInput:
    def test_no_base(self):
        with pytest.raises(InvalidTypeError, match=r"takes RepeatPurchases, not list"):
            frequency_spend_check([(1, 2.0)])

    def test_no_spends(self):
        base = RepeatPurchases.from_counts([(2, 3.0, 5.0, 20)], unit="week")
        with pytest.raises(MissingRecordsError):
            frequency_spend_check(base)

    @pytest.mark.parametrize(
        "limit, error",
        [
            ("0.3", InvalidTypeError),
            (True, InvalidTypeError),
            (0, InvalidValueError),
            (1.1, InvalidValueError),
        ],
    )
    def test_limit(self, limit, error):
        with pytest.raises(error, match="strong_from"):
            frequency_spend_check(base_of(drawn(1, 20)), strong_from=limit)
        assert issubclass(error, rt.RetentionError)
