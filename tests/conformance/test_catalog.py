"""What every metric keeps, whatever it counts: each test runs over the whole catalog, a metric at a time."""

from __future__ import annotations

import copy
import inspect
import pickle
from datetime import timedelta
from itertools import chain, product

import attrs
import pytest

import retention as rt
from retention import METRICS, metrics
from retention.results._basis import WithBasis, as_text
from tests.conformance.asking import call, content, handed, options, tell
from tests.conformance.checks import (
    FLOWS,
    PLAIN_NUMBERS,
    RESULTS,
    WITH_A_VALUE,
    assert_within_range,
    compute,
    every_metric,
    figures,
    numbers,
    results,
    suffix,
)
from tests.conformance.worlds import EMPTY, KNOWN, PERIOD, World, crowd, takes_shop_only, worlds_of
from tests.conformance.worlds._common import APRIL, LATE, LONG_AGO, MARCH

# ------------------------------------------------------------------------------- none is forgotten


def test_every_public_metric_stands_in_the_catalog():
    assert set(metrics.__all__) == set(METRICS)
    assert list(metrics.__all__) == sorted(metrics.__all__)


def test_every_metric_is_exported_at_the_top_and_nothing_else_of_the_metrics():
    exported = {
        name
        for name in rt.__all__
        if inspect.isfunction(value := getattr(rt, name)) and value.__module__.startswith("retention.metrics")
    }
    assert exported == set(METRICS)


def test_every_public_function_of_the_metrics_is_a_metric():
    modules = {inspect.getmodule(spec.function) for spec in METRICS.values()}
    named = chain.from_iterable(module.__all__ for module in modules if module)
    assert sorted(named) == sorted(METRICS)


@every_metric
def test_the_catalog_names_the_function(spec):
    assert METRICS[spec.id] is spec
    assert spec.function is getattr(rt, spec.id) is getattr(metrics, spec.id)
    assert spec.function.__name__ == spec.function.__qualname__ == spec.id
    assert spec.read.__name__ == f"read_{spec.id}"


# ----------------------------------------------------------------------------------- the signature


READINGS = {
    "orders": "Unpack[ReadingOptions]",
    "subscriptions": "Unpack[MoneyReading]",
    "responses": "Unpack[RecordReading]",
    "checkouts": "Unpack[RecordReading]",
    "interactions": "Unpack[RecordReading]",
}


def parameters(spec):
    return inspect.signature(spec.function).parameters.values()


@every_metric
def test_the_data_come_first_and_all_else_by_name(spec):
    first, *others = parameters(spec)
    name = "shop" if takes_shop_only(spec) else spec.inputs[0]
    assert (first.name, first.kind) == (name, first.POSITIONAL_ONLY)
    keywords = [each for each in others if each.name != "reading"]
    assert all(keyword.kind is keyword.KEYWORD_ONLY for keyword in keywords)


@every_metric
def test_how_to_read_the_data_is_said_last_unless_a_shop_says_it(spec):
    *_, last = parameters(spec)
    if takes_shop_only(spec):
        assert last.kind is not last.VAR_KEYWORD
    else:
        found = last.name, last.kind, last.annotation
        assert found == ("reading", last.VAR_KEYWORD, READINGS[spec.inputs[0]])


@every_metric
def test_the_period_is_asked_for_and_the_rest_has_a_default(spec):
    _, *required = [
        each.name for each in parameters(spec) if each.default is each.empty and each.name != "reading"
    ]
    assert required == ["period", *spec.due]
    assert set(spec.usual) <= set(spec.options)


@every_metric
def test_everything_is_annotated(spec):
    assert all(parameter.annotation != parameter.empty for parameter in parameters(spec))
    promised = inspect.signature(spec.function).return_annotation
    if RESULTS[suffix(spec)] is WithBasis:
        assert issubclass(getattr(rt, promised), WithBasis)
        assert {type(result).__name__ for result in results(spec)} == {promised}
    else:
        assert promised == RESULTS[suffix(spec)].__name__


@every_metric
def test_a_keyword_that_does_not_exist_is_refused(spec):
    history = rt.History(())
    indexed = [history, rt.Shop(orders=history)] if spec.inputs == ("orders",) else []
    for data in (handed(spec, EMPTY)[0], rt.Shop(), *indexed):
        with pytest.raises(TypeError, match="perod"):
            call(spec, data, perod=PERIOD)


@every_metric
@pytest.mark.parametrize(
    "records", [[], (), iter(()), rt.History(()), None, "orders"], ids=lambda each: type(each).__name__
)
def test_several_kinds_of_records_come_in_a_shop(spec, records):
    if takes_shop_only(spec):
        with pytest.raises(rt.InvalidTypeError, match="Shop"):
            call(spec, records)


@every_metric
@pytest.mark.parametrize("period", ["2026-03", None, (MARCH, APRIL), MARCH.date()], ids=repr)
def test_a_period_is_a_period(spec, period):
    with pytest.raises(rt.InvalidTypeError, match="period must be a Period"):
        call(spec, handed(spec, EMPTY)[0], period=period)


# ----------------------------------------------------------------------------------------- results


@every_metric
def test_the_last_word_of_the_name_says_what_comes_back(spec):
    kind = RESULTS[suffix(spec)]
    found = results(spec)
    assert found
    for result in found:
        assert type(result) is kind if kind is not WithBasis else isinstance(result, WithBasis)


@every_metric
def test_a_rate_is_bounded_and_a_ratio_is_not(spec):
    ratios = [result for result in results(spec) if isinstance(result, rt.Ratio)]
    assert {ratio.bounded for ratio in ratios} == ({suffix(spec) == "rate"} if ratios else set())


@every_metric
def test_values_lie_within_their_range(spec):
    for world in worlds_of(spec):
        for result in figures(spec, world):
            assert_within_range(spec, world, result)


@every_metric
def test_the_worlds_show_a_figure_with_a_value(spec):
    # Or else the tests over the worlds would prove nothing.
    shown = {as_text(result) for result in results(spec)}
    assert len(shown - {"n/a", "–"}) > 3


@every_metric
def test_a_result_names_its_metric_and_its_period(spec):
    for result in results(spec):
        if not isinstance(result, PLAIN_NUMBERS):
            assert result.basis.metric == spec.id
            assert result.basis.period == PERIOD.label
            assert result.explain().startswith(f"{spec.id} (2026-03")


def sign(result):
    """What stands in texts instead of a value."""
    return "n/a" if result.observable else "–"


@every_metric
def test_a_result_without_a_value_says_why(spec):
    for result in results(spec):
        if isinstance(result, WITH_A_VALUE):
            assert (result.value is None) == bool(result.undefined_because) == (str(result) == sign(result))
        if isinstance(result, rt.SurvivalCurve):
            says_why = str(result).startswith(f"{sign(result)}: ")
            assert (not result.count) == bool(result.undefined_because) == says_why
        if isinstance(result, rt.AnswerShare):
            assert (not result) == bool(result.undefined_because) == (str(result) == sign(result))
        if not isinstance(result, PLAIN_NUMBERS) and result.undefined_because:
            assert f"no value, since {result.undefined_because}." in result.explain()


@every_metric
def test_a_result_survives_pickle_and_copy(spec):
    for result in results(spec):
        copies = [
            *(pickle.loads(pickle.dumps(result, protocol)) for protocol in (2, pickle.HIGHEST_PROTOCOL)),
            copy.copy(result),
            copy.deepcopy(result),
        ]
        assert all(other == result and content(other) == content(result) for other in copies)


@every_metric
def test_a_result_is_frozen(spec):
    for result in results(spec):
        if not isinstance(result, PLAIN_NUMBERS):
            for field in attrs.fields(type(result)):
                with pytest.raises(attrs.exceptions.FrozenInstanceError):
                    setattr(result, field.name, None)
            assert not hasattr(result, "__dict__")


@every_metric
def test_results_compare_by_value(spec):
    same, found = compute(spec), results(spec)
    assert same == found
    assert any(result != found[0] for result in found)
    assert list(map(hash, same)) == list(map(hash, found))


# ----------------------------------------------------------------------------------- nothing there


@every_metric
@pytest.mark.parametrize("form", [list, tuple, set, iter])
def test_no_records_at_all_give_a_defined_result(spec, form):
    for option in options(spec):
        data, reading = handed(spec, EMPTY, lambda records: form(tuple(records)))
        assert_nothing(call(spec, data, **reading, **option))


@every_metric
def test_a_carrier_of_nothing_gives_a_defined_result(spec):
    carriers = [rt.Shop(**KNOWN)] + [rt.History((), **KNOWN)] * (spec.inputs == ("orders",))
    for carrier, option in product(carriers, options(spec)):
        assert_nothing(call(spec, carrier, **option))


@every_metric
def test_records_of_other_periods_only_count_for_nothing(spec):
    if spec.look_back == "none":
        for low, high in ((LONG_AGO, MARCH), (APRIL, LATE)):
            assert_nothing(tell(spec, World("elsewhere", crowd(spec, low, high), KNOWN)))


def assert_nothing(result: object) -> None:
    assert not any(numbers(result))
    if isinstance(result, (*PLAIN_NUMBERS, *FLOWS, rt.RevenueCurve)):
        return  # of nothing, there is 0
    assert result.undefined_because
    if isinstance(result, rt.LorenzCurve):
        with pytest.raises(rt.UndefinedMetricError):
            result.points()
    elif isinstance(result, rt.SurvivalCurve):
        assert result.count == 0
    elif isinstance(result, rt.AnswerShare):
        assert (result.count, len(result)) == (0, 0)
    else:
        assert result.value is None
        with pytest.raises(rt.UndefinedMetricError):
            float(result)


@every_metric
@pytest.mark.parametrize(
    "reading",
    [{"observed_from": MARCH + timedelta(days=1), **KNOWN}, {"as_of": MARCH - timedelta(days=1)}],
    ids=["begins later", "ended before"],
)
def test_a_period_that_the_data_do_not_reach_is_never_0(spec, reading):
    if spec.id == "revenue_predictability_table" and "observed_from" not in reading:
        return  # a forecast is of a period that has not come yet
    result = tell(spec, worlds_of(spec)[0].read(**reading))
    if RESULTS[suffix(spec)] in PLAIN_NUMBERS:
        assert isinstance(result, rt.NotObservableError)
        return
    assert not result.observable
    assert result.undefined_because
    assert (str(result) == format(result) and str(result)[0] == "–") or isinstance(result, rt.LorenzCurve)
