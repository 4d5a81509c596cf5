"""Each metric that names a formula agrees with it, on counts that were made by hand-written loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import retention as rt
from retention import METRICS, formulas
from tests.conformance.plain import Plain, PlainSurvey
from tests.conformance.worlds import EMPTY, PERIOD, WORLDS, World
from tests.conformance.worlds._common import APRIL, FEBRUARY, MARCH
from tests.conformance.worlds._orders import random_orders
from tests.conformance.worlds._responses import random_responses

Counts = Callable[[Any], dict[str, Any]]

# What each formula is fed with.
COUNTS: dict[str, Counts] = {
    "customer_churn_rate": lambda month: {
        "customers_lost": len(month.opening - month.active),
        "customers_at_start": len(month.opening),
    },
    "published_retention_ratio": lambda month: {
        "customers_at_end": len(month.active),
        "customers_acquired": len(month.new),
        "customers_at_start": len(month.opening),
    },
    "reactivation_rate": lambda month: {
        "customers_reactivated": len(month.active & month.lapsed),
        "customers_lapsed": len(month.lapsed),
    },
    "returning_customer_rate": lambda month: {
        "returning_customers": len(month.active & month.earlier),
        "customers": len(month.active),
    },
    "repeat_purchase_rate": lambda month: {
        "repeat_customers": len(month.repeaters()),
        "customers": len(month.active),
    },
    "refund_rate": lambda month: {
        "refunded_revenue": month.refunded(),
        "gross_revenue": month.gross(),
    },
    "refund_ratio": lambda month: {
        "refunded_revenue": month.refunds_made,
        "gross_revenue": month.gross(),
    },
    "average_order_value": lambda month: {
        "revenue": month.revenue(),
        "orders": len(month.purchases),
    },
    "purchase_frequency": lambda month: {
        "purchases": len(month.known),
        "customers": len(month.active),
    },
    "average_customer_value": lambda month: {
        "revenue": month.revenue(month.active),
        "customers": len(month.active),
    },
    "repeat_order_rate": lambda month: {
        "repeat_orders": month.repeat_orders(),
        "orders": len(month.known),
    },
    "existing_customer_revenue_rate": lambda month: {
        "existing_customer_revenue": month.revenue(month.earlier),
        "revenue": month.revenue(month.active),
    },
    "returning_spend_ratio": lambda month: {
        "returning_revenue": month.revenue(month.active & month.earlier),
        "returning_customers": len(month.active & month.earlier),
        "new_revenue": month.revenue(month.new),
        "new_customers": len(month.new),
    },
    "revenue_concentration_rate": lambda month: {
        "top_revenue": month.top_revenue(Fraction(1, 5)),
        "revenue": month.revenue(month.active),
    },
    "second_purchase_rate": lambda month: {
        "customers_back_in_time": sum(gap <= timedelta(days=16) for gap in month.second_gaps()),
        "customers": len(month.second_gaps()),
    },
    "net_promoter_score": lambda month: {
        "promoters": month.how_many("nps", 9, 10),
        "detractors": month.how_many("nps", 0, 6),
        "respondents": month.how_many("nps", 0, 10),
    },
    "customer_satisfaction_score": lambda month: {
        "positive_answers": month.how_many("csat", 4, 5),
        "respondents": month.how_many("csat", 1, 5),
    },
    "customer_effort_score": lambda month: {
        "score_total": sum(month.scores("ces")),
        "respondents": month.how_many("ces", 1, 7),
        "options": 7,
    },
}
# Metrics that have a formula's name and count something else; the docs say what.
DIFFERENT = {"customer_retention_rate"}

# Worlds that are read by the default policy: the plain counting knows no other.
PLAIN_WORLDS = [
    *(world for world in WORLDS["orders"] if not world.reading),
    *(World(f"random {seed}", random_orders(seed, 40)) for seed in range(100, 120)),
    EMPTY,
]
# Those with the scales that the counts above have.
PLAIN_SURVEYS = [
    *(
        world
        for world in WORLDS["responses"]
        if not world.reading and world.name not in {"two scales", "fractions"}
    ),
    *(World(f"random {seed}", random_responses(seed, 40)) for seed in range(100, 120)),
    EMPTY,
]


def months_of(spec: rt.MetricSpec) -> Iterator[tuple[World, Plain | PlainSurvey]]:
    """Each world, and what was counted on paper in its March."""
    for world in PLAIN_WORLDS if spec.inputs == ("orders",) else PLAIN_SURVEYS:
        if spec.inputs == ("orders",):
            yield world, Plain(world.records, FEBRUARY, MARCH, APRIL)
        else:
            yield world, PlainSurvey(world.records, MARCH, APRIL)


def test_no_agreement_is_missing():
    assert set(COUNTS) == {spec.id for spec in METRICS.values() if spec.formula}


def test_every_formula_of_a_metrics_name_is_compared_with_it():
    assert {spec.id for spec in METRICS.values() if spec.id in formulas.__all__} <= set(COUNTS) | DIFFERENT


def test_a_formula_that_counts_something_else_is_not_claimed():
    for name in DIFFERENT:
        assert METRICS[name].formula is None
        assert "published_retention_ratio" in (METRICS[name].function.__doc__ or "")


@pytest.mark.parametrize("name", COUNTS)
def test_the_metric_agrees_with_its_formula(name):
    spec = METRICS[name]
    formula = getattr(formulas, spec.formula)
    values = 0
    for world, month in months_of(spec):
        counts = COUNTS[name](month)
        expected = formula(**counts, default=None)
        result = spec.function(world.records, period=PERIOD)
        if expected is None:
            assert result.value is None, (world.name, counts)
        elif isinstance(expected, Decimal) and isinstance(result, rt.Mean):
            assert result.value == expected, (world.name, counts)
        else:
            assert float(result) == float(formula(**as_fractions(counts))), (world.name, counts)
        values += expected is not None
    assert values > 10


def as_fractions(counts: dict[str, Any]) -> dict[str, Fraction]:
    """Exact, and rounded to a float once, where Decimals would be rounded twice."""
    return {name: Fraction(count) for name, count in counts.items()}


def test_the_retention_rate_and_the_published_formula_are_the_same_without_reactivation():
    agreements = set()
    for world in PLAIN_WORLDS:
        month = Plain(world.records, FEBRUARY, MARCH, APRIL)
        if month.opening:
            published = formulas.customer_retention_rate(**COUNTS["published_retention_ratio"](month))
            same = rt.customer_retention_rate(world.records, period=PERIOD).value == published
            assert same == (not month.active & month.lapsed), world.name
            agreements.add(same)
    assert agreements == {True, False}
