"""What the conformance tests share beside their worlds: results by the bundle, and the range that holds them."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import cache
from itertools import chain

import pytest

import retention as rt
from retention import METRICS
from retention.catalog import MetricSpec
from retention.results._basis import WithBasis
from tests.conformance.worlds import EMPTY, World, ask, options, worlds_of


def every_metric_of(*inputs: str) -> pytest.MarkDecorator:
    """Run a test for every metric of the catalog that reads one of these kinds of records."""
    specs = {name: spec for name, spec in METRICS.items() if spec.inputs[0] in inputs}
    return pytest.mark.parametrize("spec", specs.values(), ids=list(specs))


every_metric = every_metric_of("orders", "responses")
every_order_metric = every_metric_of("orders")
every_survey_metric = every_metric_of("responses")

# The last word of a name says what comes back.
RESULTS: dict[str, type] = {
    "rate": rt.Ratio,
    "ratio": rt.Ratio,
    "months": rt.Ratio,
    "score": rt.Score,
    "revenue": Decimal,
    "spend": Decimal,
    "value": rt.Mean,
    "cost": rt.Mean,
    "frequency": rt.Mean,
    "count": int,
    "days": rt.Distribution,
    "flow": WithBasis,
    "table": WithBasis,
    "curve": WithBasis,
    "share": WithBasis,
}
PLAIN_NUMBERS = (int, Decimal)


def suffix(spec: MetricSpec) -> str:
    return spec.id.rpartition("_")[2]


def figures(spec: MetricSpec, world: World) -> list[object]:
    """What the metric returns for a world under each of its definitions; refusals are left out."""
    found = [ask(spec, world.records, **world.reading, **option) for option in options(spec)]
    return [result for result in found if not isinstance(result, Exception)]


def compute(spec: MetricSpec) -> list[object]:
    """What the metric returns for all the worlds."""
    return list(chain.from_iterable(figures(spec, world) for world in (*worlds_of(spec), EMPTY)))


results = cache(compute)


def assert_within_range(spec: MetricSpec, world: World, result: object) -> None:
    for number in numbers(result):
        assert math.isfinite(number), (spec.id, result)
        assert number >= lowest(spec, world), (spec.id, result)
        if suffix(spec) in {"rate", "curve", "share"}:
            assert number <= 1, (spec.id, result)
    if isinstance(result, (rt.Distribution, rt.LorenzCurve)):
        ascending = list(result.microseconds if isinstance(result, rt.Distribution) else result.spends)
        assert ascending == sorted(ascending), (spec.id, result)
    if isinstance(result, rt.Score) and result.value is not None:
        assert result.low <= result.value <= result.high, spec.id
    if isinstance(result, (rt.Ratio, rt.Mean, rt.Score)) and result.value is not None:
        assert_interval_holds(result)
    if isinstance(result, rt.AnswerShare):
        assert sum(share.numerator for share in result.values()) == result.count
        for share in result.values():
            assert_interval_holds(share)
    if isinstance(result, rt.CustomerFlow):
        assert result.start + result.new + result.reactivated - result.lost == result.end


def lowest(spec: MetricSpec, world: World) -> float:
    if spec.id == "net_revenue" and follows_refunds(spec, world):
        return -math.inf  # a month can give back more than it sells
    if spec.inputs == ("responses",) and suffix(spec) == "score":
        return -100  # of a net score
    return 1 if suffix(spec) == "frequency" else 0


def numbers(result: object) -> list[float | Decimal]:
    """All the numbers in a result; none where it has no value."""
    if isinstance(result, PLAIN_NUMBERS):
        return [result]
    if isinstance(result, rt.Distribution):
        return list(result.values)
    if isinstance(result, rt.CustomerFlow):
        return [result.start, result.new, result.kept, result.lost, result.reactivated, result.end]
    if isinstance(result, rt.LorenzCurve):
        return [] if result.undefined_because else list(chain.from_iterable(result.points()))
    if isinstance(result, rt.AnswerShare):
        return [float(share) for share in result.values()]
    assert isinstance(result, (rt.Ratio, rt.Mean, rt.Score))
    return [] if result.value is None else [result.value]


def assert_interval_holds(result: rt.Ratio | rt.Mean | rt.Score) -> None:
    try:
        interval = result.interval()
    except rt.UndefinedMetricError:
        return
    assert math.isfinite(interval.low)
    assert math.isfinite(interval.high)
    assert interval.low <= float(result) <= interval.high
    if isinstance(result, rt.Ratio) and result.bounded:
        assert interval.low >= 0
        assert interval.high <= 1
    if isinstance(result, rt.Score):
        assert interval.low >= result.low
        assert interval.high <= result.high


def follows_refunds(spec: MetricSpec, world: World) -> bool:
    """Whether the policy makes the metric count refunds on their own day, however old the sale."""
    policy = world.reading.get("policy")
    return (
        spec.id in {"refunded_revenue", "net_revenue"}
        and policy is not None
        and policy.refunds_dated == "refund"
    )
