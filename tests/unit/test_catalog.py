"""The catalog as data: what a spec says of itself, and that nobody can change it."""

from __future__ import annotations

import pickle
import re
from inspect import signature
from itertools import groupby
from typing import get_args

import attrs
import pytest

import retention as rt
from retention import METRICS, formulas
from retention.catalog import MetricSpec, Result

every_metric = pytest.mark.parametrize("spec", METRICS.values(), ids=list(METRICS))
FIELDS = {field.name: field for field in attrs.fields(MetricSpec)}


def test_metrics_are_found_by_their_ids():
    assert all(name == spec.id for name, spec in METRICS.items())
    assert METRICS["repeat_purchase_rate"].title == "Repeat purchase rate"


def test_no_two_metrics_have_one_title():
    titles = [spec.title.casefold() for spec in METRICS.values()]
    assert len(set(titles)) == len(titles)


def test_groups_stand_together():
    groups = [group for group, _ in groupby(spec.group for spec in METRICS.values())]
    assert len(set(groups)) == len(groups)
    assert groups[0] == "customers"


def test_the_catalog_is_read_only():
    with pytest.raises(TypeError):
        METRICS["mine"] = METRICS["order_count"]
    with pytest.raises(TypeError):
        del METRICS["order_count"]


@pytest.mark.parametrize("name", FIELDS)
def test_a_spec_is_frozen(name):
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(METRICS["order_count"], name, None)


@every_metric
def test_a_spec_says_all_that_there_is_to_say(spec):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", spec.id)
    for name in ("title", "group", "unit", "summary"):
        text = getattr(spec, name)
        assert text, name
        assert text == text.strip(), name
    assert spec.title[0].isupper()
    assert spec.inputs
    assert spec.sources
    assert all(re.fullmatch(r"S?[A-E]\d+", source) for source in spec.sources)
    assert len(set(spec.sources)) == len(spec.sources)


@every_metric
def test_a_spec_uses_the_words_that_there_are(spec):
    assert spec.direction in {"higher", "lower", "neither"}
    assert spec.look_back in {"none", "base", "all"}
    assert spec.look_ahead in {"none", "window", "as_of"}
    of_orders = {"placed", "sales", "purchases", "customers"}
    assert spec.counts in (of_orders if spec.inputs[0] in {"orders", "customers"} else {spec.inputs[0]})
    assert isinstance(spec.additive, bool)


@every_metric
def test_a_window_is_over_for_every_record_that_counts(spec):
    """The same for all, so that two periods are compared alike; or it must say why they are not."""
    windows = {"within", "abandoned_after"} & set(spec.options)
    if spec.look_ahead == "window":
        assert windows
        assert windows <= set(spec.usual), "without it, older periods have had longer"


@every_metric
def test_what_is_usual_is_a_keyword(spec):
    assert set(spec.usual) <= set(spec.options)


@every_metric
def test_a_complement_is_another_metric_of_the_same_records(spec):
    if spec.complement_of is not None:
        other = METRICS[spec.complement_of]
        assert (other.inputs, other.unit, other.complement_of) == (spec.inputs, spec.unit, None)
        assert {spec.direction, other.direction} == {"higher", "lower"}


@every_metric
def test_inputs_are_fields_of_a_shop(spec):
    assert set(spec.inputs) <= {field.name for field in attrs.fields(rt.Shop)}


@every_metric
def test_the_formula_exists(spec):
    assert spec.formula is None or spec.formula in formulas.__all__


@every_metric
def test_the_last_word_and_the_unit_agree(spec):
    suffix = spec.id.rpartition("_")[2]
    if suffix not in {"curve", "table", "flow"}:
        assert spec.unit.startswith("share of ") == (suffix in {"rate", "share"})
        assert (spec.unit in {"money", "money a month"}) == (suffix in {"revenue", "spend"})
    assert (spec.unit == "days") == (suffix == "days")
    assert (spec.unit == "months") == (suffix == "months")


@every_metric
def test_a_repr_is_short_and_names_no_address(spec):
    assert repr(spec).startswith(f"MetricSpec(id='{spec.id}'")
    assert " at 0x" not in repr(spec)


@every_metric
def test_a_spec_is_hashable_comparable_and_pickles(spec):
    assert pickle.loads(pickle.dumps(spec)) == spec == attrs.evolve(spec)
    assert hash(attrs.evolve(spec)) == hash(spec)
    assert attrs.evolve(spec, title="Another") != spec


@every_metric
def test_a_metric_returns_what_the_catalog_can_return(spec):
    promised = signature(spec.function).return_annotation
    assert promised in {kind.__name__ for kind in get_args(Result)}


def test_a_spec_takes_keywords_only():
    with pytest.raises(TypeError):
        MetricSpec("order_count")


def test_the_summary_is_the_first_line_of_the_docstring():
    spec = METRICS["order_count"]
    assert spec.summary == "How many purchases there were, guests' included."


def test_without_docstrings_there_is_no_summary():
    # python -OO leaves them out
    spec = attrs.evolve(METRICS["order_count"], function=lambda orders, /, *, period: 0)
    assert spec.summary == ""


def test_defaults_are_the_common_case():
    assert FIELDS["inputs"].default == ("orders",)
    assert (FIELDS["look_ahead"].default, FIELDS["counts"].default) == ("none", "customers")
    assert FIELDS["formula"].default is None
