"""What holds of tests with a hold-out whatever the shop: each test quotes what it tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

import retention as rt
from retention.strategies import assign_holdout, evaluate_experiment

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 60
END = START + timedelta(days=40)

ids = st.one_of(st.integers(), st.text(min_size=1), st.uuids())
shares = st.fractions(Fraction(1, 1000), Fraction(999, 1000))
salts = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)


class TestAssignHoldout:
    """ "Deterministic by hash of salt and id, balanced, stable as customers come." """

    @given(st.lists(ids, max_size=30), st.lists(ids, max_size=30), salts, shares)
    def test_nobody_changes_sides(self, some, more, salt, share):
        few = assign_holdout(some, salt=salt, holdout_share=share)
        all_of_them = assign_holdout([*more, *some], salt=salt, holdout_share=share)
        assert set(few.held_out) <= set(all_of_them.held_out)
        assert set(few.treated) <= set(all_of_them.treated)

    @given(st.lists(ids, max_size=30), salts, shares)
    def test_everyone_is_in_one_group(self, some, salt, share):
        drawn = assign_holdout(some, salt=salt, holdout_share=share)
        assert not set(drawn.held_out) & set(drawn.treated)
        assert set(drawn.held_out) | set(drawn.treated) == set(some)
        assert all(map(drawn.is_held_out, drawn.held_out))

    @given(st.lists(ids, max_size=30), salts, shares, shares)
    def test_a_larger_share_holds_out_all_whom_a_smaller_one_does(self, some, salt, one, other):
        small, large = (
            assign_holdout(some, salt=salt, holdout_share=each).held_out for each in sorted([one, other])
        )
        assert set(small) <= set(large)


NAMES = "abcdefgh"
purchases = st.lists(
    st.tuples(
        st.sampled_from([*NAMES, "z", None]),
        st.integers(0, DAYS * 24 - 1),
        st.sampled_from([500, 1000, 12345]),
        st.sampled_from([0, 0, 500]),
    ),
    max_size=30,
)


def order(number, who, hour, cents, refunded):
    at = START + timedelta(hours=hour)
    refunds = [rt.Refund(amount=Decimal(refunded) / 100, refunded_at=at)] if refunded else []
    return rt.Order(
        id=number,
        customer_id=who,
        placed_at=at,
        amount=Decimal(cents) / 100,
        currency="EUR",
        refunds=refunds,
    )


def evaluated(found, metric, held_out, **more):
    orders = [order(number, *each) for number, each in enumerate(found)]
    given = {
        "holdout": list(held_out),
        "treated": [each for each in NAMES if each not in held_out],
        "assigned_at": START + timedelta(days=5),
        "until": END,
        "metric": metric,
        "resamples": 0,
        "as_of": START + timedelta(days=DAYS),
    }
    try:
        return evaluate_experiment(orders, **(given | more))
    except rt.InvalidValueError:  # the shop knows none of them
        assert not {who for who, *_ in found} & set(NAMES)
        return None


sides = st.sets(st.sampled_from(NAMES), min_size=1, max_size=7)


class TestEvaluate:
    """ "Intention to treat; orders from assignment on, zeros included." """

    @given(purchases, sides)
    def test_a_plain_count(self, found, held_out):
        for metric in ("buyers", "orders", "revenue"):
            verdict = evaluated(found, metric, held_out)
            if verdict is None:
                return
            for group, figure in (
                (held_out, verdict.held_out),
                (set(NAMES) - held_out, verdict.treated),
            ):
                counted = [
                    (who, cents - refunded)
                    for who, hour, cents, refunded in found
                    if who in group and 5 * 24 <= hour < 40 * 24 and cents > refunded
                ]
                expected = {
                    "buyers": len({who for who, _ in counted}),
                    "orders": len(counted),
                    "revenue": Decimal(sum(left for _, left in counted)) / 100,
                }[metric]
                if metric == "buyers":
                    assert (figure.numerator, figure.denominator) == (expected, len(group))
                else:
                    assert (figure.total, figure.count) == (expected, len(group))

    @given(purchases, sides, st.sampled_from(["buyers", "orders", "revenue"]))
    def test_exchanging_the_groups_turns_the_uplift_round(self, found, held_out, metric):
        one = evaluated(found, metric, held_out)
        other = evaluated(found, metric, set(NAMES) - held_out)
        if one is None:
            return
        assert one.uplift == pytest.approx(-other.uplift)
        assert one.outcome == other.outcome
        assert (one.p_value is None) == (other.p_value is None)
        if one.p_value is not None:
            assert one.p_value == pytest.approx(other.p_value)

    @given(purchases, purchases, sides)
    def test_what_lies_outside_changes_nothing(self, found, more, held_out):
        outside = [each for each in more if each[1] < 5 * 24 or each[1] >= 40 * 24 or each[0] in ("z", None)]
        one = evaluated(found, "orders", held_out)
        other = evaluated([*found, *outside], "orders", held_out)
        if one is not None:
            assert (one.treated, one.held_out) == (other.treated, other.held_out)

    @given(purchases, sides, st.randoms(use_true_random=False))
    def test_the_order_of_what_is_given_decides_nothing(self, found, held_out, random):
        if len(held_out) > 6:
            held_out = set(sorted(held_out)[:6])
        one = evaluated(found, "revenue", held_out, resamples=100)
        shuffled = random.sample(found, len(found))
        treated = random.sample([each for each in NAMES if each not in held_out], 8 - len(held_out))
        other = evaluated(shuffled, "revenue", held_out, resamples=100, treated=treated)
        if one is not None:
            assert one == other
            assert one.explain() == other.explain()
