"""What the conformance tests share beside their worlds: results by the bundle, and the range that holds them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from functools import cache, partial
from itertools import chain
from typing import Any

import attrs
import pytest

import retention as rt
from retention import METRICS
from retention.catalog import MetricSpec
from retention.results._basis import WithBasis
from tests.conformance.asking import options, tell
from tests.conformance.worlds import EMPTY, World, worlds_of


def every_metric_of(*inputs: str) -> pytest.MarkDecorator:
    """Run a test for every figure that reads one of these kinds of records."""
    specs = {name: spec for name, spec in FIGURES.items() if set(spec.inputs) & set(inputs)}
    return pytest.mark.parametrize("spec", specs.values(), ids=list(specs))


def _told(spec: MetricSpec, keyword: dict[str, Any], **more: Any) -> MetricSpec:
    """A metric that has been told a keyword with which it reads other records."""
    return attrs.evolve(
        spec, function=partial(spec.function, **keyword), read=partial(spec.read, **keyword), **more
    )


_PAST = {"inputs": ("interactions", "orders"), "look_back": "all"}
FIGURES: dict[str, MetricSpec] = {
    **METRICS,
    **{
        f"conversion_rate of {who}": _told(METRICS["conversion_rate"], {"of": who}, **_PAST)
        for who in ("existing", "new")
    },
}
"""The metrics; those of which a keyword decides what they read, by that keyword, too."""

every_metric = pytest.mark.parametrize("spec", METRICS.values(), ids=list(METRICS))
every_figure = pytest.mark.parametrize("spec", FIGURES.values(), ids=list(FIGURES))

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
FLOWS = (rt.CustomerFlow, rt.RevenueFlow)
WITH_A_VALUE = (rt.Ratio, rt.Mean, rt.Score, rt.Distribution, rt.RevenuePredictability)
"""Results that are a number, or say why they are none."""


def suffix(spec: MetricSpec) -> str:
    return spec.id.rpartition("_")[2]


def figures(spec: MetricSpec, world: World) -> list[object]:
    """What the metric returns for a world under each of its definitions; refusals are left out."""
    found = [tell(spec, world, **option) for option in options(spec)]
    return [result for result in found if not isinstance(result, Exception)]


def compute(spec: MetricSpec) -> list[object]:
    """What the metric returns for all the worlds."""
    return list(chain.from_iterable(figures(spec, world) for world in (*worlds_of(spec), EMPTY)))


results = cache(compute)


def assert_within_range(spec: MetricSpec, world: World, result: object) -> None:
    low, high = limits(spec, world, result)
    for number in numbers(result):
        assert math.isfinite(number), (spec.id, result)
        assert low <= number <= high, (spec.id, result)
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


def limits(spec: MetricSpec, world: World, result: object) -> tuple[float, float]:
    """The lowest and the highest number that a result of the metric can hold."""
    low = -math.inf if spec.low is None else spec.low
    high = math.inf if spec.high is None else spec.high
    if isinstance(result, rt.Score):
        return result.low, result.high  # another scale was asked for, perhaps
    if spec.id == "net_revenue" and follows_refunds(spec, world):
        low = -math.inf  # a month can give back more than it sells
    return low, high


def numbers(result: object) -> list[float | Decimal]:
    """All the numbers in a result; none where it has no value."""
    if isinstance(result, PLAIN_NUMBERS):
        return [result]
    if isinstance(result, rt.Distribution):
        return list(result.values)
    if isinstance(result, rt.LorenzCurve):
        return [] if result.undefined_because else list(chain.from_iterable(result.points()))
    if isinstance(result, rt.AnswerShare):
        return [float(share) for share in result.values()]
    if isinstance(result, rt.RevenueCurve):
        return [] if result.undefined_because else [amount for _, amount in result.points()]
    if isinstance(result, rt.SurvivalCurve):
        return list(chain.from_iterable(map(shares, result.points())))
    if isinstance(result, FLOWS):
        return list(amounts(result))
    return [] if result.value is None else [result.value]


def shares(point: rt.CurvePoint) -> Iterator[float]:
    """All shares of one step of a curve."""
    yield from (point.survival, *point.incidence.values())
    yield from (bound for bound in (point.low, point.high) if bound is not None)


def amounts(flow: rt.CustomerFlow | rt.RevenueFlow) -> Iterator[int | Decimal]:
    """The terms of a sum."""
    for name in ("start", "new", "kept", "lost", "expansion", "contraction", "reactivated", "churned", "end"):
        if hasattr(flow, name):
            yield getattr(flow, name)


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
