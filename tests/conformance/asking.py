"""How the conformance tests ask a metric, and all that its answer says."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import attrs
from dateutil.relativedelta import relativedelta

import retention as rt
from retention.catalog import MetricSpec
from tests.conformance.worlds import World, shop_of, takes_shop_only
from tests.conformance.worlds._common import PERIOD

_MONTH = relativedelta(months=1)
_OF_KIND: dict[str, dict[str, tuple[dict[str, Any], ...]]] = {
    "responses": {"kind": ({"kind": "csat"},)},
    "interactions": {
        "kind": ({"kind": "question"}, {"kind": "message"}),
    },
    "orders": {"reason": ({"reason": "voluntary"}, {"reason": "payment"})},
    "subscriptions": {
        "reason": ({"reason": "voluntary"}, {"reason": "unknown"}),
        "of": ({"of": "begun"},),
    },
    "customers": {"of": ({"of": "others"},)},
}
_OFFERED: dict[str, tuple[dict[str, Any], ...]] = {
    "inactive_after": ({"inactive_after": _MONTH},),
    "top": ({"top": Decimal("0.5")},),
    "bias_corrected": ({"bias_corrected": True},),
    "within": ({"within": _MONTH}, {"within": timedelta(days=3)}),
    "abandoned_after": ({"abandoned_after": timedelta(hours=1)},),
    "given": ({"given": "all"},),
    "answers": ({"answers": "latest"},),
    "positive_from": ({"positive_from": 3},),
    "method": tuple({"method": method} for method in ("mean", "agree", "net")),
    "agree_from": ({"method": "agree", "agree_from": 3},),
    "responses": ({"responses": ("clicked", "replied")},),
    "channel": ({"channel": "sms"},),
    "minimum": ({"minimum": 3},),
    "min_channels": ({"min_channels": 2}, {"max_channels": 1}),
    "bridge": ({"bridge": timedelta(days=4)},),
    "paused": ({"paused": "lost"},),
    "lifespan": ({"lifespan": Decimal("7.5")},),
    "margin_rate": ({"margin_rate": Decimal("0.4")},),
    "discount_rate": ({"margin_rate": Decimal("0.4"), "discount_rate": Decimal("0.01")},),
    "comparable": ({"comparable": 3},),
    "after": ({"after": 2},),
}
"""Other definitions that metrics offer, by the keyword that chooses them."""

_DUE = {"kind": "why", "acquisition_spend": Decimal("250.00"), "margin_rate": Decimal("0.4")}
"""Keywords that must be given, where the catalog knows no usual value."""


def options(spec: MetricSpec, *, calendar: bool = True) -> Iterator[dict[str, Any]]:
    """Ways to call a metric: as it is, and with each other definition that it offers.

    Args:
        spec: The metric.
        calendar: Whether times are given in months, which are of different lengths.
    """
    yield {}
    offered = {**_OFFERED, **_OF_KIND.get(spec.inputs[0], {})}
    _, *keywords = inspect.signature(spec.function).parameters
    for keyword in keywords:
        for option in offered.get(keyword, ()):
            months = {name: timedelta(days=31) for name, value in option.items() if value == _MONTH}
            yield option if calendar else {**option, **months}


def due(spec: MetricSpec) -> dict[str, Any]:
    """Keywords beside the period that must be given."""
    return {name: spec.usual.get(name, _DUE.get(name)) for name in spec.due}


def handed(
    spec: MetricSpec, world: World, form: Callable[[Iterable[Any]], Iterable[Any]] = tuple
) -> tuple[Any, Mapping[str, Any]]:
    """A world as a metric takes it, its records in some form, and the keywords to read it with."""
    if takes_shop_only(spec):
        return shop_of(world, form), {}
    return form(world.records.get(spec.inputs[0], ())), world.reading


def call(spec: MetricSpec, data: Any, /, *, period: Any = PERIOD, **keywords: Any) -> Any:
    """What the metric returns."""
    return spec.function(data, period=period, **{**due(spec), **keywords})


def ask(spec: MetricSpec, data: Any, /, **keywords: Any) -> Any:
    """What the metric returns, or the error that it refuses with."""
    try:
        return call(spec, data, **keywords)
    except rt.RetentionError as refusal:
        return refusal


def tell(spec: MetricSpec, world: World, **keywords: Any) -> Any:
    """What the metric returns for a world, or the error that it refuses with."""
    data, reading = handed(spec, world)
    return ask(spec, data, **reading, **keywords)


def look(
    spec: MetricSpec, world: World, *, period: rt.Period = PERIOD, calendar: bool = True
) -> tuple[object, ...]:
    """All that a metric says of a world, under all its definitions."""
    return tuple(
        content(tell(spec, world, period=period, **option)) for option in options(spec, calendar=calendar)
    )


@cache
def said(spec: MetricSpec, world: World) -> tuple[object, ...]:
    """The same for March, looked at once."""
    return look(spec, world)


def content(result: Any) -> tuple[object, ...]:
    """All that a result says, as plain values: what rides along and takes no part in equality, too."""
    if isinstance(result, (int, Decimal, Exception)):
        return type(result), str(result)
    basis = result.basis
    return (
        type(result),
        repr(result),
        str(result),
        _fields(result),
        _interval(result),
        (basis.metric, basis.counted, basis.partial, basis.observable, basis.undefined_because),
        dict(basis.left_out),
        basis.options,
        basis.assumed,
        result.explain().replace(basis.period, "…"),
    )


def _fields(result: Any) -> tuple[object, ...]:
    """What it is made of; of the sums behind an interval, the interval says enough, and of estimates the words."""
    return tuple(
        _plain(getattr(result, each.name))
        for each in attrs.fields(type(result))
        if each.name not in {"basis", "sampling", "_estimates"}
    )


def _plain(value: object) -> object:
    return tuple(value.items()) if isinstance(value, Mapping) else value


def _interval(result: Any) -> object:
    if not hasattr(result, "interval"):
        return None
    try:
        interval = result.interval()
    except rt.UndefinedMetricError as refusal:
        return str(refusal)
    return interval, str(interval), interval.method
