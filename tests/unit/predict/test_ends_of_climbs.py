"""What it says of customers that no parameters fit best: in the message, as an answer."""

from __future__ import annotations

import math
import re
from random import Random

import pytest

from retention.errors import ConvergenceError
from retention.predict import BgBb, BgNbd, MbgNbd, ParetoNbd
from retention.predict._optimise import maximise
from retention.predict.purchases import RepeatPurchases

GROUPS = [(0, 0.0, 40.0, 900), (3, 20.0, 40.0, 100)]


def never_leaving(customers):
    """Customers of gamma rates, r 1.2 and alpha 10 weeks, who buy for ever."""
    random, rows = Random(7), []
    for number in range(customers):
        age, rate, times = 10.0 + number % 60, random.gammavariate(1.2, 0.1), [0.0]
        while (at := times[-1] + random.expovariate(rate)) <= age:
            times.append(at)
        rows.append((len(times) - 1, times[-1], age, 1))
    return RepeatPurchases.from_counts(rows, unit="week")


def meant(kind, *parameters):
    return kind._end_of_climb(GROUPS, [math.log(each) for each in parameters])


class TestNobodyLeaves:
    BASE = never_leaving(1200)

    @pytest.mark.parametrize("kind", [BgNbd, MbgNbd, ParetoNbd])
    def test_the_message_has_the_model_that_is_left(self, kind):
        with pytest.raises(
            ConvergenceError, match="hardly anyone ever leaves, and that is an answer"
        ) as error:
            kind.fit(self.BASE)
        text = str(error.value)
        assert "chance" not in text
        assert "another model" not in text
        found = re.search(rf"{kind.__name__}\(r=([\d.]+), alpha=([\d.]+), (\w+)=1e-06, (\w+)=1, unit=", text)
        r, alpha = float(found[1]), float(found[2])
        model = kind(r=r, alpha=alpha, **{found[3]: 1e-6, found[4]: 1}, unit="week")
        assert r == pytest.approx(1.2, rel=0.15)
        assert alpha == pytest.approx(10, rel=0.15)
        # Of Gamma(r + x, alpha + T) rates, for ever.
        expected = sum((r + x) / (alpha + age) * 13 * count for x, _, age, count in self.BASE.groups)
        assert float(model.expected_purchases(self.BASE, horizon=13).total()) == pytest.approx(
            expected, rel=1e-3
        )
        assert float(model.probability_alive(self.BASE).mean()) > 0.999


@pytest.mark.parametrize("kind", [BgNbd, MbgNbd])
def test_where_a_climb_among_chances_to_leave_ends(kind):
    assert "hardly anyone ever leaves" in meant(kind, 1.2, 10, 0.016, 8.4)
    assert "at one and the same rate" in meant(kind, 3e8, 2e9, 3.3, 10)
    assert "equally ready to leave" in meant(kind, 1.2, 10, 1e6, 3e6)
    assert not meant(kind, 1.2, 10, 0.9, 2.8)


def test_where_a_climb_among_rates_of_leaving_ends():
    assert "hardly anyone ever leaves" in meant(ParetoNbd, 1.2, 10, 3e-6, 1e5)
    assert "hardly anyone ever leaves" in meant(ParetoNbd, 1.2, 10, 1e5, 1e9)
    assert "at one and the same rate" in meant(ParetoNbd, 1.4e4, 1.4e5, 1.9, 55)
    assert "equally ready to leave" in meant(ParetoNbd, 1.2, 10, 1e6, 4e7)
    assert not meant(ParetoNbd, 1.2, 10, 1.5, 39)


def test_a_model_that_does_not_know():
    assert not meant(BgBb, 1.2, 10, 1e6, 3e6)


def test_where_nothing_could_be_computed_it_means_nothing():
    def nowhere(position):
        raise ArithmeticError(position)

    with pytest.raises(ConvergenceError, match="may not be of this model's kind"):
        maximise(nowhere, [(0.0,)], owner="Nowhere", meaning=lambda _: "never told")
