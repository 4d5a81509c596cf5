"""The keywords of single metrics, and what they refuse. The figures themselves are tested against the oracle."""

from __future__ import annotations

import pickle
from datetime import timedelta
from decimal import Decimal

import pytest

import retention as rt
from retention.testing import make_orders

MARCH = rt.Period.month(2026, 3, tz="UTC")
ORDERS = make_orders(
    {"ann": ["2026-02-10", ("2026-03-05", "30.00")], "ben": ["2026-02-11"], "cy": ["2026-03-20"]}
)


class TestFlowMembers:
    def test_a_mapping_of_sets(self):
        members = rt.customer_flow(ORDERS, period=MARCH).customers
        expected = {"new": {"cy"}, "kept": {"ann"}, "lost": {"ben"}, "reactivated": set()}
        assert dict(members) == expected
        assert (list(members), len(members)) == (list(expected), 4)
        assert repr(members) == "<1 new, 1 kept, 1 lost, 0 reactivated>"

    def test_pickled_with_its_own_customers_alone(self):
        flow = rt.customer_flow(ORDERS, period=MARCH)
        assert pickle.loads(pickle.dumps(flow)) == flow

    def test_an_unknown_group(self):
        with pytest.raises(KeyError):
            rt.customer_flow(ORDERS, period=MARCH).customers["gone"]


class TestSecondPurchaseRate:
    def test_given_is_one_of_two_words(self):
        with pytest.raises(
            rt.InvalidValueError, match=r"given must be 'repeaters' or 'all' \(got 'everybody'\)"
        ):
            rt.second_purchase_rate(ORDERS, period=MARCH, given="everybody")

    def test_given_all_needs_to_know_how_long_each_was_observed(self):
        with pytest.raises(rt.AsOfRequiredError, match="as_of="):
            rt.second_purchase_rate(ORDERS, period=MARCH, given="all")

    @pytest.mark.parametrize("within", [16, "16 days", None, timedelta(0), timedelta(days=-1)])
    def test_within_is_a_positive_time(self, within):
        with pytest.raises((rt.InvalidTypeError, rt.InvalidValueError), match="second_purchase_rate: within"):
            rt.second_purchase_rate(ORDERS, period=MARCH, within=within)


class TestRevenueConcentrationRate:
    @pytest.mark.parametrize("top", [True, "0.2", None, 1j])
    def test_top_is_a_number(self, top):
        with pytest.raises(rt.InvalidTypeError, match="top must be a number"):
            rt.revenue_concentration_rate(ORDERS, period=MARCH, top=top)

    @pytest.mark.parametrize(
        "top", [0, -0.2, 1.01, float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN")]
    )
    def test_top_is_a_share(self, top):
        with pytest.raises(rt.InvalidValueError, match="top must be above 0 and at most 1"):
            rt.revenue_concentration_rate(ORDERS, period=MARCH, top=top)

    @pytest.mark.parametrize("top, share", [(0.5, 0.75), (Decimal("0.5"), 0.75), (1, 1.0)])
    def test_the_best_half(self, top, share):
        assert float(rt.revenue_concentration_rate(ORDERS, period=MARCH, top=top)) == share


def test_options_are_told_and_never_pooled_together():
    by_a_week = rt.second_purchase_rate(ORDERS, period=MARCH.previous(), within=timedelta(days=7))
    by_a_month = rt.second_purchase_rate(ORDERS, period=MARCH.previous(), within=timedelta(days=30))
    assert by_a_week.explain().startswith("second_purchase_rate (2026-02, within=7 days, given=repeaters): ")
    with pytest.raises(rt.InvalidValueError):
        rt.Ratio.pool([by_a_week, by_a_month])


def test_the_base_is_told():
    rate = rt.customer_retention_rate(ORDERS, period=MARCH, inactive_after=timedelta(days=90))
    assert rate.explain().startswith(
        "customer_retention_rate (2026-03, inactive_after=90 days): 100.0% = 2 kept of 2"
    )
