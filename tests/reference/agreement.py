"""What it means that the library agrees with the oracle, for each metric of the catalog.

Every comparison is exact: counts, money as fractions, sets of customers, single times in microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import retention as rt
from retention._numerics import ClusterSums, TwoGroups
from retention.results import CustomerFlow, Distribution, LorenzCurve, Mean, Ratio, Score
from tests.reference.oracle import REASONS, Sums

Figures = Mapping[str, Any]
Check = Callable[[Any, Figures, Fraction], None]

ROOMS = {f"retention.metrics.{room}" for room in ("_customers", "_orders", "_value", "_rhythm")}
ORDER_METRICS = {name: spec for name, spec in rt.METRICS.items() if spec.function.__module__ in ROOMS}
"""What the oracle of orders knows; other rooms have oracles of their own."""

CENT = Fraction(1, 100)
COUNTED = {"sales": {"no net amount", "guest"}, "purchases": {"guest"}, "customers": set[str]()}


def assert_agrees(metric: str, result: object, figures: Figures, *, unit: Fraction = CENT) -> None:
    """`result` is what the oracle found; its whole numbers of money are worth `unit` each."""
    COMPARISONS[metric](result, figures, unit)
    basis = getattr(result, "basis", None)
    if basis is not None:
        assert basis.metric == metric
        assert basis.observable
        assert_left_out(metric, basis.left_out, figures)


def assert_left_out(metric: str, left_out: Mapping[str, int], figures: Figures) -> None:
    """The reasons that keep an order out of this kind of figure, in order of precedence, without zeros."""
    counted = COUNTED[rt.METRICS[metric].counts]
    expected = [(why, figures["left_out"][why]) for why in REASONS if why not in counted]
    assert list(left_out.items()) == [(why, number) for why, number in expected if number]


def assert_same_sums(found: ClusterSums, expected: Sums, *, x: Fraction, y: Fraction) -> None:
    """The same sums over clusters, when the oracle's units of x and y are worth that much."""
    to_x, to_y = Fraction(1, found.x_scale), Fraction(1, found.scale)
    assert (
        found.n,
        found.x * to_x,
        found.y * to_y,
        found.xx * to_x**2,
        found.xy * to_x * to_y,
        found.yy * to_y**2,
    ) == (
        expected.clusters,
        expected.x * x,
        expected.y * y,
        expected.xx * x**2,
        expected.xy * x * y,
        expected.yy * y**2,
    )


def exact_gini(pair: tuple[int, int]) -> float | None:
    return float(Fraction(*pair)) if pair[1] else None


# --- one kind of result each ---


def _count(name: str) -> Check:
    def check(result: Any, figures: Figures, _: Fraction) -> None:
        assert type(result) is int
        assert result == figures[name]

    return check


def _flow_count(name: str) -> Check:
    def check(result: Any, figures: Figures, _: Fraction) -> None:
        assert type(result) is int
        assert result == figures["customer_flow"][name]

    return check


def _money(name: str) -> Check:
    def check(result: Any, figures: Figures, unit: Fraction) -> None:
        assert type(result) is Decimal
        assert Fraction(result) == figures[name] * unit

    return check


def _share_of_customers(name: str) -> Check:
    def check(result: Any, figures: Figures, _: Fraction) -> None:
        _assert_ratio(result, figures[name], Fraction(1))
        assert type(result.numerator) is type(result.denominator) is int
        assert result.bounded
        assert result.sampling == "independent"

    return check


def _quotient(name: str, *, money: bool = False, bounded: bool = True) -> Check:
    def check(result: Any, figures: Figures, unit: Fraction) -> None:
        worth = unit if money else Fraction(1)
        _assert_ratio(result, figures[name], worth)
        assert result.bounded is bounded
        assert_same_sums(result.sampling, figures[f"{name}_sums"], x=worth, y=worth)

    return check


def _mean(name: str, *, money: bool = True) -> Check:
    def check(result: Any, figures: Figures, unit: Fraction) -> None:
        assert type(result) is Mean
        worth = unit if money else Fraction(1)
        total, count = figures[name]
        assert (Fraction(result.total), result.count) == (total * worth, count)
        assert_same_sums(result.sampling, figures[f"{name}_sums"], x=Fraction(1), y=worth)
        assert (result.value is None) == (count == 0) == (result.undefined_because is not None)

    return check


def _times(name: str) -> Check:
    def check(result: Any, figures: Figures, _: Fraction) -> None:
        assert type(result) is Distribution
        expected = figures[name]
        assert list(result.microseconds) == expected
        middle = [expected[(len(expected) - 1) // 2], expected[len(expected) // 2]] if expected else []
        assert result.value == (float(Fraction(sum(middle), 2 * 86_400_000_000)) if middle else None)

    return check


def _assert_ratio(result: Any, pair: tuple[int, int], unit: Fraction) -> None:
    assert type(result) is Ratio
    assert (Fraction(result.numerator), Fraction(result.denominator)) == (pair[0] * unit, pair[1] * unit)
    assert result.value == (float(Fraction(*pair)) if pair[1] else None)
    assert (result.undefined_because is None) == bool(pair[1])


def _check_flow(result: Any, figures: Figures, _: Fraction) -> None:
    assert type(result) is CustomerFlow
    groups = ("start", "new", "kept", "lost", "reactivated", "end")
    assert {name: getattr(result, name) for name in groups} == {
        name: figures["customer_flow"][name] for name in groups
    }
    moved = ("new", "kept", "lost", "reactivated")
    assert dict(result.customers) == {name: figures["customers"][name] for name in moved}


def _check_spend_ratio(result: Any, figures: Figures, unit: Fraction) -> None:
    pair = figures["returning_spend_ratio"]
    new, returning = figures["new_spend"][1], figures["returning_spend"][1]
    if not pair[1] or not (new and returning):
        assert (result.numerator, result.denominator, result.value) == (0, 0, None)
        assert result.undefined_because is not None
        return
    _assert_ratio(result, pair, unit)
    assert not result.bounded
    assert not result.poolable
    assert type(result.sampling) is TwoGroups
    for found, name in ((result.sampling.top, "returning"), (result.sampling.bottom, "new")):
        assert_same_sums(found, figures[f"{name}_spend_sums"], x=Fraction(1), y=unit)


def _check_concentration(result: Any, figures: Figures, unit: Fraction) -> None:
    _assert_ratio(result, figures["revenue_concentration_rate"], unit)
    assert result.sampling is None
    assert not result.poolable


def _check_gini(result: Any, figures: Figures, _: Fraction) -> None:
    assert type(result) is Score
    assert result.value == exact_gini(figures["gini_score"])
    assert (result.low, result.high, result.count) == (0, 1, figures["active_customers"])


def _check_lorenz(result: Any, figures: Figures, _: Fraction) -> None:
    assert type(result) is LorenzCurve
    points = figures["lorenz_points"]
    customers, revenue = points[-1]
    assert len(result.spends) == customers
    assert (result.undefined_because is None) == bool(revenue)
    if revenue:
        expected = [(float(Fraction(k, customers)), float(Fraction(spent, revenue))) for k, spent in points]
        assert list(result.points()) == expected


COMPARISONS: dict[str, Check] = {
    "active_customer_count": _count("active_customers"),
    "new_customer_count": _flow_count("new"),
    "customer_flow": _check_flow,
    "customer_retention_rate": _share_of_customers("customer_retention_rate"),
    "customer_churn_rate": _share_of_customers("customer_churn_rate"),
    "published_retention_ratio": _quotient("published_retention_ratio", bounded=False),
    "reactivation_rate": _share_of_customers("reactivation_rate"),
    "returning_customer_rate": _share_of_customers("returning_customer_rate"),
    "repeat_purchase_rate": _share_of_customers("repeat_purchase_rate"),
    "order_count": _count("order_count"),
    "gross_revenue": _money("gross_revenue"),
    "refunded_revenue": _money("refunded_revenue"),
    "net_revenue": _money("net_revenue"),
    "refund_rate": _quotient("refund_rate", money=True),
    "refund_ratio": _quotient("refund_ratio", money=True, bounded=False),
    "average_order_value": _mean("average_order_value"),
    "purchase_frequency": _mean("purchase_frequency", money=False),
    "average_customer_value": _mean("average_customer_value"),
    "repeat_order_rate": _quotient("repeat_order_rate"),
    "existing_customer_revenue_rate": _quotient("existing_customer_revenue_rate", money=True),
    "returning_spend_ratio": _check_spend_ratio,
    "revenue_concentration_rate": _check_concentration,
    "gini_score": _check_gini,
    "lorenz_curve": _check_lorenz,
    "second_purchase_days": _times("second_purchase_microseconds"),
    "second_purchase_rate": _share_of_customers("second_purchase_rate_of_repeaters"),
    "purchase_gap_days": _times("purchase_gap_microseconds"),
    "recency_days": _times("recency_microseconds"),
}
