"""What the change of every metric keeps: two periods share customers, and nobody may forget it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

import retention as rt
from retention.testing import SAMPLE_AS_OF, sample_shop

MAY = rt.Period.month(2026, 5, tz="UTC")
FIGURES = [spec for spec in rt.METRICS.values() if spec.shown]  # pictures and tables have no change
every_figure = pytest.mark.parametrize("spec", FIGURES, ids=[spec.id for spec in FIGURES])
POLICY = rt.OrderPolicy(refunds_within=timedelta(days=14))  # or else refunds are not compared


@pytest.fixture(scope="module")
def snapshot():
    shop = evolve(sample_shop(), policy=POLICY, as_of=SAMPLE_AS_OF)
    return rt.snapshot(shop, period=MAY)


@every_figure
def test_a_change_that_is_tested_knows_the_customers_of_both_periods(spec, snapshot):
    figure = snapshot.figure(spec.id)
    assert figure.state == "defined"
    if figure.change.p_value is not None:
        assert figure._cross is not None, "add its cross sums, or else its months are taken as independent"
        assert figure._cross.n > 0


def test_most_metrics_with_an_interval_are_tested(snapshot):
    has_interval = {figure.metric for figure in snapshot.figures if figure.interval() is not None}
    tested = {figure.metric for figure in snapshot.figures if figure.change.p_value is not None}
    assert tested <= has_interval
    assert has_interval - tested <= {"second_purchase_rate"}  # whose customers had longer to come back


@every_figure
def test_a_change_is_a_sentence(spec, snapshot):
    change = snapshot.change(spec.id)
    text = str(change)
    assert text.startswith(change.title)
    assert text.endswith(".")
    assert not {"nan", "inf", "None"} & set(text.replace(",", " ").split())
    assert change.comparisons == len(
        {figure.metric for figure in snapshot.figures if figure.change.p_value is not None}
        - {"customer_churn_rate"}  # one test with retention
    )
