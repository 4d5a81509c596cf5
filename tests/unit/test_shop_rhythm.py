"""The shop's rhythm: one voice each, exact shares, and what a young shop cannot have seen."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given, strategies as st

from retention import Order
from retention.segments import OwnRhythm, lifecycle_table
from retention.segments._shop_rhythm import Voices

AT = datetime(2026, 7, 1, tzinfo=UTC)


def rhythm_of(*customers, watched=10**6, **rules):
    voices = Voices()
    for gaps in customers:
        voices.add(array("q", gaps))
    return voices.rhythm(OwnRhythm(**rules), watched)


class TestByHand:
    def test_one_voice_each(self):
        """Ann's ten gaps of 1 weigh as much as Ben's one of 50 and Cy's one of 90."""
        found = rhythm_of([1] * 10, [50], [90], shop_at_risk=0.6, shop_lapsed=0.7)
        assert (found.usual, found.at_risk, found.lapsed, found.customers) == (50, 50, 90, 3)

    def test_the_spread_within_a_customer_is_kept(self):
        """Two alike, with gaps of 10 to 50: the medians are 30, but a fifth of what is normal takes 50."""
        found = rhythm_of([10, 20, 30, 40, 50], [50, 30, 40, 20, 10], shop_at_risk=0.8, shop_lapsed=0.9)
        assert (found.usual, found.at_risk, found.lapsed) == (30, 40, 50)

    def test_shares_that_are_met_exactly(self):
        """A third and two thirds: no float says so."""
        three = [5, 6, 7]
        found = rhythm_of(three, shop_at_risk=Fraction(1, 3), shop_lapsed=Fraction(2, 3))
        assert (found.at_risk, found.lapsed) == (5, 6)
        found = rhythm_of(three, shop_at_risk=Fraction(1, 3) + Fraction(1, 10**30), shop_lapsed=1)
        assert (found.at_risk, found.lapsed) == (6, 7)

    def test_the_median_between_two(self):
        assert rhythm_of([10], [20]).usual == 15
        assert rhythm_of([10, 20], [21, 31]).usual == 20  # 20.5, cut to a whole microsecond
        assert rhythm_of([10, 20, 20, 31]).usual == 20
        assert rhythm_of([10, 12], [20]).usual == 16

    def test_nobody(self):
        assert rhythm_of() is None

    @pytest.mark.parametrize("watched, is_young", [(99, True), (100, False)])
    def test_young(self, watched, is_young):
        assert rhythm_of([50], watched=watched).is_young is is_young


GAPS = st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=7), min_size=1, max_size=8)
SHARES = st.fractions(Fraction(1, 100), 1)


@given(GAPS, SHARES, SHARES, st.randoms())
def test_against_weights_as_fractions(customers, one, other, random):
    low, high = sorted((one, other))
    found = rhythm_of(*customers, shop_at_risk=low, shop_lapsed=high)
    spoken = sorted((gap, Fraction(1, len(gaps))) for gaps in customers for gap in gaps)
    so_far = list(accumulate(weight / len(customers) for _, weight in spoken))

    def shortest(is_enough):
        return next(gap for (gap, _), weight in zip(spoken, so_far, strict=True) if is_enough(weight))

    assert found.at_risk == shortest(lambda weight: weight >= low)
    assert found.lapsed == shortest(lambda weight: weight >= high)
    half = Fraction(1, 2)
    assert (
        found.usual == (shortest(lambda weight: weight >= half) + shortest(lambda weight: weight > half)) // 2
    )
    shuffled = [random.sample(gaps, len(gaps)) for gaps in random.sample(customers, len(customers))]
    assert rhythm_of(*shuffled, shop_at_risk=low, shop_lapsed=high) == found


class TestAssumed:
    def orders(self, days):
        """Ben took 30 days, Ann has bought once."""
        placed = {"ben": [days, days - 30], "ann": [days - 1]}
        return [
            Order(
                id=(who, day), customer_id=who, placed_at=AT - timedelta(days=day), amount=1, currency="EUR"
            )
            for who, moments in placed.items()
            for day in moments
        ]

    def test_the_second_limit_is_longer_than_half_of_what_was_watched(self):
        assert lifecycle_table(self.orders(59), at=AT).assumed[-1] == (
            "no gap longer than the 59 days since the first purchase can have been seen yet, so that these limits may be "
            "too short"
        )

    def test_or_not(self):
        said = lifecycle_table(self.orders(60), at=AT).assumed[-1]
        assert said.startswith("2 customers with fewer than 3 gaps follow the rhythm of the 1 who came back")

    def test_nobody_is_judged_by_it(self):
        rules = OwnRhythm(fewest_gaps=1)
        ben = [order for order in self.orders(31) if order.customer_id == "ben"]
        assert len(lifecycle_table(ben, at=AT, rules=rules).assumed) == 1
