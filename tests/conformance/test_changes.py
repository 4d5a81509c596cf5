"""What the change of every metric keeps: two periods share customers, and nobody may forget it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

import retention as rt
from retention.testing import SAMPLE_AS_OF
from tests.conformance.asking import due
from tests.shops import sampled

APRIL = rt.Period.month(2026, 4, tz="UTC")  # whose windows are all over at the end of June
FIGURES = [spec for spec in rt.METRICS.values() if spec.shown]  # pictures and tables have no change
every_figure = pytest.mark.parametrize("spec", FIGURES, ids=[spec.id for spec in FIGURES])
POLICY = rt.OrderPolicy(refunds_within=timedelta(days=14))  # or else refunds are not compared
COMPLEMENTS = {spec.id for spec in FIGURES if spec.complement_of}
UNTESTED = {spec.id for spec in FIGURES if spec.untested_because or spec.look_ahead == "as_of"}


@pytest.fixture(scope="module")
def snapshot():
    shop = evolve(sampled(), policy=POLICY, as_of=SAMPLE_AS_OF)
    told = {spec.id: due(spec) for spec in FIGURES if set(spec.due) - set(spec.usual)}
    return rt.snapshot(shop, period=APRIL, options=told)


@pytest.fixture(scope="module")
def tested(snapshot):
    """The metrics of which two months are tested against each other."""
    return {figure.metric for figure in snapshot.figures if figure.change.p_value is not None}


@every_figure
def test_a_change_that_is_tested_knows_the_customers_of_both_periods(spec, snapshot, tested):
    figure = snapshot.figure(spec.id)
    assert figure.state == "defined"
    if spec.id in tested:
        assert figure._cross is not None, "add its cross sums, or else its months are taken as independent"
        assert figure._cross.n > 0


def test_all_metrics_with_an_interval_are_tested_unless_the_catalog_says_why_not(snapshot, tested):
    has_interval = {figure.metric for figure in snapshot.figures if figure.interval() is not None}
    assert tested <= has_interval
    assert has_interval - tested == has_interval & UNTESTED


@every_figure
def test_a_change_is_a_sentence(spec, snapshot, tested):
    change = snapshot.change(spec.id)
    text = str(change)
    assert text.startswith(change.title)
    assert text.endswith(".")
    assert not {"nan", "inf", "None"} & set(text.replace(",", " ").split())
    assert change.comparisons == len(tested - COMPLEMENTS)  # which are one test with the other
