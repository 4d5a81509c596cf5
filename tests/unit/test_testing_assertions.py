from __future__ import annotations

from decimal import Decimal

import pytest

import retention as rt
from retention.testing import (
    assert_flow,
    assert_mean,
    assert_ratio,
    assert_score,
    assert_undefined,
    make_orders,
)

ORDERS = make_orders({"ann": ["2026-02-10", ("2026-03-05", "25.00")], "ben": ["2026-02-11"]})
MARCH = rt.Period.month(2026, 3, tz="UTC")
FLOW = rt.customer_flow(ORDERS, period=MARCH)
SCORE = rt.Score(20.0, low=-100, high=100, count=10, parts={"promoters": 5, "detractors": 3})


class TestWhatIsTrue:
    def test_ratios(self):
        assert_ratio(rt.customer_retention_rate(ORDERS, period=MARCH), 1, 2)
        assert_ratio(rt.Ratio(Decimal("25.00"), Decimal("50.00")), "25", "50.00")
        assert_ratio(rt.Ratio(3, 2, bounded=False), 3, 2)
        assert_ratio(rt.Ratio(0, 0), 0, 0)

    def test_means(self):
        assert_mean(rt.average_order_value(ORDERS, period=MARCH), "25.00", 1)
        assert_mean(rt.average_order_value(ORDERS, period=MARCH), 25, 1, unit="EUR")
        assert_mean(rt.Mean(3, 2), 3, 2)

    def test_scores(self):
        assert_score(SCORE, 20, count=10, parts={"promoters": 5})
        assert_score(SCORE, 20.04, tolerance=0.05)

    def test_flows(self):
        assert_flow(FLOW, start=2, new=0, kept=1, lost=1, reactivated=0, end=1)
        assert_flow(FLOW)

    def test_figures_without_a_value(self):
        for result in (
            rt.Ratio(0, 0),
            rt.Mean(0, 0),
            rt.Score(None, low=0, high=1, count=0),
            rt.recency_days([], period=MARCH, as_of=MARCH.end),
        ):
            assert_undefined(result)
        assert_undefined(rt.Ratio(0, 0), because="denominator")


class TestWhatIsNot:
    def test_a_ratio_of_other_numbers_shows_both_and_explains_itself(self):
        with pytest.raises(AssertionError) as refusal:
            assert_ratio(rt.customer_retention_rate(ORDERS, period=MARCH), 50, 100)
        assert str(refusal.value).startswith(
            "1 of 2 (50.0%), not 50 of 100 (50.0%). It says: customer_retention_rate (2026-03): 50.0% = 1 kept of 2"
        )

    def test_a_share_above_1_is_shown_as_it_was_meant(self):
        with pytest.raises(AssertionError, match=r"^1 of 2 \(50.0%\), not 3 of 2 \(1.500\)\."):
            assert_ratio(rt.Ratio(1, 2), 3, 2)

    @pytest.mark.parametrize(
        "check, message",
        [
            (
                lambda: assert_mean(rt.Mean(30, 4), 30, 5),
                r"^30 over 4 \(7.50\), not 30 over 5 \(6.00\)\. It says",
            ),
            (
                lambda: assert_mean(rt.Mean(30, 4, unit="EUR"), 30, 4, unit="CHF"),
                r"^30 over 4 \(7.50 EUR\), not 30 over 4 \(7.50 CHF\)",
            ),
            (lambda: assert_score(SCORE, 21), r"^20.0, not 21\. It says"),
            (lambda: assert_score(SCORE, 20, count=11), r"^made from 10, not 11\."),
            (lambda: assert_score(SCORE, 20, parts={"promoters": 6}), r"^5 promoters, not 6\."),
            (lambda: assert_score(SCORE, 20, parts={"fans": 6}), r"^no fans, not 6\."),
            (lambda: assert_score(rt.Score(None, low=0, high=1, count=0), 1), r"^no value, not 1\."),
            (
                lambda: assert_flow(FLOW, start=3, new=0, end=2),
                r"^2 start, not 3; 1 end, not 2\. It says: customer_flow",
            ),
            (lambda: assert_undefined(rt.Ratio(1, 2)), r"^a value, 50.0%, where none is due\. It says"),
            (lambda: assert_undefined(FLOW), r"^a value, 2 \+ 0 new"),
            (lambda: assert_undefined(5), r"^a value, 5, where none is due\.$"),
            (
                lambda: assert_undefined(rt.Ratio(0, 0), because="young"),
                r"^undefined because 'the denominator is 0', not because 'young'",
            ),
        ],
    )
    def test_messages(self, check, message):
        with pytest.raises(AssertionError, match=message):
            check()

    @pytest.mark.parametrize(
        "check, kind",
        [
            (lambda one: assert_ratio(one, 1, 2), "Ratio"),
            (lambda one: assert_mean(one, 1, 2), "Mean"),
            (lambda one: assert_score(one, 1), "Score"),
            (assert_flow, "CustomerFlow"),
        ],
    )
    def test_another_kind_of_result(self, check, kind):
        with pytest.raises(AssertionError, match=rf"^a {kind} is due, and this is 0.5, of type float$"):
            check(0.5)
