"""What closing a gap may bring, and the priority: the arithmetic by hand."""

from __future__ import annotations

import pickle
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from retention.comparison import Comparison
from retention.results import Basis, Distribution, Mean, Ratio, Score
from retention.strategies._audiences import Audience
from retention.strategies._conditions import Condition
from retention.strategies._judge import finding_of
from retention.strategies._readings import Reading
from retention.strategies._rules import Rule
from retention.strategies._worth import (
    Figures,
    NoValue,
    Priority,
    ValueAtStake,
    priority_of,
    value_of_gap,
)
from retention.strategies.economics import Economics

CUSTOMERS = Basis(metric="second_purchase_rate", counted=("back", "new customers"), period="2026-03")
FIGURES = Figures(
    period="2026-03",
    per_order=Mean(Decimal("500.00"), 10, unit="EUR"),
    per_customer=Decimal("80.00"),
    per_subscriber=Mean(Decimal("90.00"), 3, unit="EUR"),
    currency="EUR",
)
NOTHING_KNOWN = Figures(period="2026-03")


def rule(worth, *, metric="second_purchase_rate", weight=1.0, **condition):
    return Rule(
        "one",
        strategy="after-sales-follow-up",
        conditions=Condition(metric, **(condition or {"below": 0.5})),
        worth=worth,
        weight=weight,
        because="It follows.",
    )


def audience(*, has_left=False, spend_each="40.00", count=3):
    return Audience(
        id="all customers",
        title="customers who bought",
        customers=tuple(range(count)),
        among="all",
        of_all=12,
        spend=Decimal("120.00"),
        spend_each=spend_each and Decimal(spend_each),
        currency="EUR",
        has_left=has_left,
        at="2026-04-01",
    )


def finding(result, **condition):
    given = condition or {"below": 0.5}
    reading = Reading.of_result("second_purchase_rate", result, title="Second purchase", period="2026-03")
    return finding_of(Condition("second_purchase_rate", **given), reading)


def value(worth, result, *, to=None, figures=FIGURES, **condition):
    return value_of_gap(rule(worth, **condition), finding(result, **condition), to, figures)


# ------------------------------------------------------------------------------------------- amounts


def test_a_gap_of_customers_at_what_they_spend():
    result = Ratio(60, 200, basis=CUSTOMERS)  # 30 %, 20 points below
    found = value("customers", result, to=audience())
    low, high = result.interval()
    assert found.value == Decimal("1600.00")  # 40 customers at 40.00
    assert found.low == Decimal(f"{(0.5 - high) * 200 * 40:.2f}")
    assert found.high == Decimal(f"{(0.5 - low) * 200 * 40:.2f}")
    assert found.low < found.value < found.high
    assert (found.currency, found.per) == ("EUR", "a year")
    assert found.arithmetic == "20.0 points of 200 new customers are 40.0 × 40.00 EUR = 1,600.00 EUR"
    assert found.assumptions[0] == "the whole gap is closed"
    assert found.assumptions[1] == (
        "each customer who is won spends as much in a year as the mean of those of the audience who bought in the year"
    )


def test_newcomers_of_a_part_of_the_year_count_as_those_of_a_year():
    """Who came in the last 90 days has not been watched for long enough: 200 newcomers are of 275 days."""
    result = Ratio(60, 200, basis=CUSTOMERS)
    reading = Reading.of_result("second_purchase_share", result, title="Second purchase", period="2026-04-01")
    judged = finding_of(Condition("second_purchase_share", below=0.5), reading)
    found = value_of_gap(rule("customers", metric="second_purchase_share"), judged, audience(), FIGURES)
    assert (found.value, found.per) == (Decimal("2123.64"), "a year")  # 40 × 365/275 customers at 40.00
    assert found.arithmetic == (
        "20.0 points of 200 new customers are 40.0 in 275 days, and 53.1 in a year; these × 40.00 EUR = 2,123.64 EUR"
    )
    low, high = result.interval()
    assert found.low == Decimal(f"{(0.5 - high) * 200 * 365 / 275 * 40:.2f}")
    assert found.high == Decimal(f"{(0.5 - low) * 200 * 365 / 275 * 40:.2f}")
    unpriced = value_of_gap(rule("customers", metric="second_purchase_share"), judged, None, NOTHING_KNOWN)
    assert isinstance(unpriced, NoValue)


@pytest.mark.parametrize("to", [None, audience(has_left=True), audience(spend_each=None)])
def test_customers_who_tell_nothing_are_worth_what_others_spend(to):
    found = value("customers", Ratio(60, 200, basis=CUSTOMERS), to=to)
    assert found.value == Decimal("3200.00")
    assert "as the mean of all customers who bought in the year" in found.assumptions[1]


def test_a_gap_of_orders_at_what_an_order_brings():
    basis = Basis(counted=("left", "baskets"))
    found = value("orders", Ratio(160, 200, basis=basis), above=0.7)
    assert found.value == Decimal("1000.00")  # 20 baskets at 50.00
    assert found.per == "in a time like 2026-03"
    assert "each order that is won" in found.assumptions[1]


def test_a_gap_of_revenue_is_money_itself():
    basis = Basis(counted=("refunded", "gross revenue"), currency="EUR")
    found = value(
        "revenue", Ratio(Decimal(300), Decimal(1000), basis=basis, sampling=None), above=0.1, at_least=0
    )
    assert found.value == Decimal("200.00")
    assert found.arithmetic == "20.0 points of 1,000.00 EUR gross revenue are 200.00 EUR"
    assert found.per == "in a time like 2026-03"


def test_a_gap_of_recurring_revenue_comes_every_month():
    money = Ratio(Decimal(300), Decimal(1000), sampling=None)
    found = value("recurring revenue", money, above=0.1, at_least=0)
    assert (found.value, found.per, found.currency) == (Decimal("200.00"), "a month", "EUR")
    people = Ratio(60, 200, basis=Basis(counted=("lost", "subscribers")))
    found = value("recurring revenue", people, above=0.1)
    assert found.value == Decimal("1200.00")  # 40 subscribers at 30.00
    assert "each subscriber who is kept" in found.assumptions[1]


def test_a_mean_of_money_falls_for_each_order():
    was, now = Mean(Decimal(6000), 100, unit="EUR"), Mean(Decimal(5000), 100, unit="EUR")
    given = {"change": "fell", "by": 0.1}
    reading = Reading.of_result("average_order_value", now, title="Order value", period="2026-03", sample=100)
    moved = Comparison(a=now, b=was, labels=("2026-03", "2026-02"), title="Order value", is_change=True)
    judged = finding_of(Condition("average_order_value", **given), reading)
    assert judged.gap() is None  # nothing to compare with
    assert value_of_gap(rule("revenue"), judged, None, FIGURES) == NoValue(because="the gap is not known")
    assert moved.difference == -10


def test_an_average_above_its_limit_counts_for_each_of_them():
    found = value(
        "orders",
        Mean(Decimal(5000), 100, unit="EUR", basis=Basis(counted=("net", "purchases"))),
        below=60,
        at_least=0,
    )
    assert found.value == Decimal("1000.00")
    assert found.arithmetic == "10.00 EUR × 100 purchases = 1,000.00 EUR"


def test_a_change_is_closed_by_getting_back():
    now, was = Ratio(60, 200, basis=CUSTOMERS), Ratio(120, 200, basis=CUSTOMERS)
    moved = Comparison(a=now, b=was, labels=("2026-03", "2026-02"), title="Second purchase", is_change=True)
    reading = Reading.of_result(
        "second_purchase_rate", now, title="Second purchase", period="2026-03", change=moved
    )
    given = {"change": "fell", "by": 0.1}
    judged = finding_of(Condition("second_purchase_rate", **given), reading)
    found = value_of_gap(rule("customers", **given), judged, audience(), FIGURES)
    assert found.value == Decimal("2400.00")  # 30 points of 200 at 40.00
    assert found.assumptions[0] == "the figure gets back to what it was"


def test_a_gap_to_a_published_figure_names_it():
    basis = Basis(
        metric="second_purchase_rate",
        counted=("back", "repeaters"),
        options=(("within", "16 days"), ("given", "repeaters")),
    )
    found = value("customers", Ratio(20, 100, basis=basis), below="E16")
    assert found.assumptions[0] == "the whole gap is closed, up to E16"


def test_where_a_figure_names_nothing_it_is_said_in_general():
    found = value("customers", Ratio(60, 200))
    assert "of 200 customers" in found.arithmetic
    bare = value("orders", Mean(Decimal(50), 1, unit="EUR"), below=60, at_least=0)
    assert bare.arithmetic == "10.00 EUR × 1 counted = 10.00 EUR"
    money = value("revenue", Ratio(Decimal(1), Decimal(4), sampling=None), above=0.1, at_least=0)
    assert "4.00 EUR in all" in money.arithmetic


# --------------------------------------------------------------------------------- by what a model expects


LEAVING = Ratio(80, 200, basis=Basis(counted=("likely leaving", "customers worth keeping")))
BY_MODEL = evolve(FIGURES, stake=Decimal("120.50"))


def leaving(figures, worth="customers", metric="best_customers_leaving_rate"):
    reading = Reading.of_result(metric, LEAVING, title="Leaving", period="2026-04-01")
    judged = finding_of(Condition(metric, above=0.3), reading)
    return value_of_gap(rule(worth, metric=metric, above=0.3), judged, audience(), figures)


def test_whom_a_model_takes_to_be_leaving_are_worth_what_it_expects_of_them():
    found = leaving(BY_MODEL)
    assert found.value == Decimal("2410.00")  # 20 customers at 120.50
    assert (found.currency, found.per, found.is_profit) == ("EUR", "within the outlook's horizon", True)
    assert found.arithmetic == (
        "10.0 points of 200 customers worth keeping are 20.0 × 120.50 EUR = 2,410.00 EUR, each worth the mean of "
        "value_if_kept × (1 − P(alive)) of those who are likely leaving"
    )
    assert "It is profit" in found.explain()
    assert found.replacement_cost is None
    assert found.no_profit_because is None


def test_the_terms_of_the_model_stand_beside_it():
    found = leaving(evolve(BY_MODEL, stake_terms="within 52 weeks"))
    assert found.arithmetic.endswith("of those who are likely leaving, within 52 weeks")


def test_what_such_a_customer_costs_to_win_stands_beside_it():
    known = evolve(BY_MODEL, economics=Economics(margin_rate=0.5, acquisition_cost=Decimal(30)))
    assert leaving(known).replacement_cost == Decimal("600.00")


def test_without_a_model_and_of_other_figures_what_they_spent_counts():
    assert leaving(FIGURES).value == Decimal("800.00")  # 20 customers at 40.00
    assert leaving(BY_MODEL, metric="slipping_regulars_rate").value == Decimal("800.00")


# ------------------------------------------------------------------------------------------ no amount


@pytest.mark.parametrize(
    "worth, result, condition, because",
    [
        (None, Ratio(60, 200), {"below": 0.5}, "the rule does not say what money there is in it"),
        ("customers", Ratio(6, 20), {"below": 0.5}, "the gap is not known"),
        ("customers", Score(10.0, low=-100, high=100, count=100), {"below": 20}, "the figure is no share"),
        ("customers", Distribution.of([timedelta(days=1)] * 40), {"above": 0.5}, "the figure is no share"),
        (
            "customers",
            Ratio(60, 20, bounded=False, sampling=None),
            {"above": 0.5, "at_least": 0},
            "the figure is no share",
        ),
        (
            "customers",
            Ratio(Decimal(1), Decimal(4), sampling=None),
            {"above": 0.1, "at_least": 0},
            "the figure is a share of money, and not of customers",
        ),
        ("revenue", Ratio(60, 200), {"below": 0.5}, "the figure is no share of money"),
        ("orders", Mean(Decimal(60), 200), {"below": 5, "at_least": 0}, "the figure is no money"),
    ],
)
def test_where_there_is_no_amount_it_says_why(worth, result, condition, because):
    found = value(worth, result, **condition)
    assert found.because == because
    assert str(found) == f"no amount, since {because}"


@pytest.mark.parametrize(
    "worth, because",
    [
        ("customers", "what a customer spends is not known in one currency"),
        ("orders", "what an order brings is not known in one currency"),
        ("recurring revenue", "what a subscriber pays is not known in one currency"),
    ],
)
def test_without_what_each_is_worth_there_is_no_amount(worth, because):
    assert value(worth, Ratio(60, 200), figures=NOTHING_KNOWN).because == because
    empty = Figures(period="2026-03", per_order=Mean(0, 0), per_subscriber=Mean(0, 0))
    assert value(worth, Ratio(60, 200), figures=empty).because == because


def test_a_rule_without_findings_has_no_gap():
    assert value_of_gap(rule("customers"), None, None, FIGURES).because == "the gap is not known"


# ------------------------------------------------------------------------------------------- as text


def test_an_amount_is_told_in_whole_units_with_its_range():
    found = ValueAtStake(
        low=Decimal("610.49"),
        value=Decimal("1012.50"),
        high=Decimal("1420.51"),
        currency="EUR",
        per="a year",
        arithmetic="10 × 101.25 EUR = 1,012.50 EUR",
        assumptions=("one", "two"),
    )
    assert str(found) == "1,012 EUR a year (from 610 to 1,421)"
    assert found.explain() == (
        "1,012 EUR a year (from 610 to 1,421): 10 × 101.25 EUR = 1,012.50 EUR. That takes for granted that one; that two. "
        "It is revenue, before what the goods and the work cost."
    )
    assert found.to_dict()["assumptions"] == ["one", "two"]
    assert pickle.loads(pickle.dumps(found)) == found
    assert hash(found)


def test_an_amount_without_a_currency():
    figures = Figures(period="2026-03", per_customer=Decimal(2))
    found = value("customers", Ratio(60, 200), figures=figures)
    assert str(found).startswith("80 a year (from ")


# ------------------------------------------------------------------------------------------- priority


@pytest.mark.parametrize("effort, over", [("low", 1), ("medium", 2), ("high", 3)])
def test_priority_is_weight_times_severity_times_reach_over_effort(effort, over):
    found = priority_of(rule("customers", weight=2), 0.5, audience(), effort)
    assert found.value == float(found) == pytest.approx(2 * 0.5 * 0.25 / over)
    assert str(found) == found.arithmetic
    assert found.arithmetic == (
        f"2 weight × 0.50 severity × 0.25 reach ÷ {over} ({effort} effort) = {0.25 / over:.3f}"
    )


def test_what_is_not_known_counts_in_full():
    assert priority_of(rule("customers"), None, None, "low") == Priority(
        weight=1.0, severity=1.0, reach=1.0, effort="low"
    )


@pytest.mark.parametrize(
    "weight, text",
    [
        (1.0, "0.125"),
        (0.08, "0.010"),
        (0.01, "0.0013"),
        (0.0001, "0.000013"),
        (100.0, "12.500"),
        (0.0, "0.000"),
    ],
)
def test_a_small_priority_is_told_with_two_digits(weight, text):
    found = Priority(weight=weight, severity=0.5, reach=0.25, effort="low")
    assert found.in_short == text
    assert found.arithmetic.endswith(f" = {text}")
