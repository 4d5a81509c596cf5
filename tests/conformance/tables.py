"""The registry of what is asked of a shop's customers beside the metrics: tables, curves, groups, lists.

One entry for each way to call a public function. The conformance tests run over all of them, and a test fails where
a public function has no entry.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib import import_module
from types import FunctionType
from typing import Any

import pytest

import retention as rt
from tests.conformance.worlds._scenes import Scene

PACKAGES = ("retention.cohorts", "retention.survival", "retention.segments")
"""What these export is public."""
MODULES = ("retention._by_segment", "retention._parts", "retention._power")
"""Here it is what says since which version it is there."""
INTERNAL = {"Spells"}
"""What a package exports for another of ours."""

Keywords = Callable[[Scene], dict[str, Any]]
Limit = Callable[[Scene], datetime | None]


def no_keywords(_: Scene) -> dict[str, Any]:
    return {}


def as_of(scene: Scene) -> datetime | None:
    """The first instant that was not yet known."""
    return None if scene.as_of is None else scene.as_of + timedelta(microseconds=1)


@dataclass(frozen=True, eq=False)
class Table:
    """One way to ask one public function.

    Attributes:
        name: What it is called in reports.
        function: The public function's name.
        takes: What it is handed: "orders" in any form, a "shop", "spells" in any form, or a "figure".
        keywords: What it is asked with, in a scene.
        limit: Orders from this instant on are without effect.
        call: How it is called, where the data are not simply the first argument.
    """

    name: str
    function: str
    takes: str
    keywords: Keywords = no_keywords
    limit: Limit = as_of
    call: Callable[..., Any] | None = field(default=None)

    def __str__(self) -> str:
        return self.name


@cache
def public() -> Mapping[str, Any]:
    """Every public name, by itself."""
    found: dict[str, Any] = {}
    for home in (*PACKAGES, *MODULES):
        module = import_module(home)
        for name in module.__all__:
            one = getattr(module, name)
            if name not in INTERNAL and (home in PACKAGES or ".. versionadded:: " in (one.__doc__ or "")):
                found[name] = one
    return found


def public_functions() -> dict[str, FunctionType]:
    return {name: one for name, one in public().items() if isinstance(one, FunctionType)}


def public_classes() -> dict[str, type]:
    return {name: one for name, one in public().items() if isinstance(one, type)}


# ---------------------------------------------------------------------------------------- the entries


def _cohorts(**more: Any) -> Keywords:
    return lambda scene: {"period": scene.half_year, "unit": scene.unit, **more}


def _since(**more: Any) -> Keywords:
    return lambda scene: {**_cohorts(**more)(scene), "since": scene.events()}


def _cohorts_by(by: Callable[[Scene], Any], **more: Any) -> Keywords:
    return lambda scene: {**_cohorts(**more)(scene), "by": by(scene)}


def _at(**more: Any) -> Keywords:
    return lambda scene: {"at": scene.at, **more}


def _two(**more: Any) -> Keywords:
    return lambda scene: {"start": scene.before, "end": scene.at, **more}


def _rules(keywords: Keywords) -> Keywords:
    """The same, by fixed thresholds."""
    return lambda scene: {**keywords(scene), "rules": fixed_thresholds()}


def fixed_thresholds() -> Any:
    return public()["FixedThresholds"](
        new_within=timedelta(days=20), at_risk_after=timedelta(days=30), lapsed_after=timedelta(days=60)
    )


def _limit(scene: Scene) -> datetime:
    return scene.at


def _month_of(metric: Any, by: Callable[[Scene], Any], **more: Any) -> Keywords:
    return lambda scene: {"metric": metric, "period": scene.month, "by": by(scene), **more}


def _channel(_: Scene) -> str:
    return "acquisition_channel"


def _plan(_: Scene) -> str:
    return "plan"


def _function(_: Scene) -> Callable[[rt.Customer], Hashable]:
    return country_and_tags


def country_and_tags(customer: rt.Customer) -> Hashable:
    return None if customer.country is None else (customer.country, len(customer.tags))


def _groups(scene: Scene) -> Mapping[Hashable, Hashable]:
    return scene.groups()


def _by_segment(shop: Any, /, *, metric: Any, **keywords: Any) -> Any:
    return public()["by_segment"](metric, shop, **keywords)


def _two_curves(spells: Iterable[Any], /) -> Any:
    """The spells of one kind beside the others."""
    groups: dict[str, list[Any]] = {"short": [], "long": []}
    for spell in spells:
        groups["short" if spell.duration.days % 2 else "long"].append(spell)
    curve = public()["survival_curve"]
    return public()["compare_curves"]({name: curve(found) for name, found in groups.items()})


TABLES: tuple[Table, ...] = (
    Table("cohort_table", "cohort_table", "orders", _cohorts()),
    Table("cohort_table, on or after", "cohort_table", "orders", _cohorts(retained="on_or_after", horizon=3)),
    Table(
        "cohort_table, between",
        "cohort_table",
        "orders",
        _cohorts(retained="between", brackets=[(0, 0), (1, 2), (3, 4)]),
    ),
    Table("cohort_table, elapsed", "cohort_table", "orders", _cohorts(age="elapsed")),
    Table(
        "cohort_table, elapsed, on or after",
        "cohort_table",
        "orders",
        _cohorts(age="elapsed", retained="on_or_after", horizon=2),
    ),
    Table("cohort_table, since", "cohort_table", "orders", _since(ages=3)),
    Table("cohort_table, since, elapsed", "cohort_table", "orders", _since(age="elapsed", ages=3)),
    Table("cohorts_by, an attribute", "cohorts_by", "shop", _cohorts_by(_plan)),
    Table("cohorts_by, a mapping", "cohorts_by", "shop", _cohorts_by(_groups, age="elapsed")),
    Table("survival_curve", "survival_curve", "spells"),
    Table("compare_curves", "compare_curves", "spells", call=_two_curves),
    Table("lifecycle_table", "lifecycle_table", "orders", _at(), _limit),
    Table("lifecycle_table, now", "lifecycle_table", "orders"),
    Table("lifecycle_table, fixed", "lifecycle_table", "orders", _rules(_at()), _limit),
    Table("lifecycle_transitions", "lifecycle_transitions", "orders", _two(), _limit),
    Table("lifecycle_transitions, fixed", "lifecycle_transitions", "orders", _rules(_two()), _limit),
    Table("lifecycle_transitions, stages", "lifecycle_transitions", "orders", _two(of="stage"), _limit),
    Table("at_risk_customers", "at_risk_customers", "orders", _at(), _limit),
    Table("at_risk_customers, now", "at_risk_customers", "orders"),
    Table("at_risk_customers, fixed", "at_risk_customers", "orders", _rules(_at()), _limit),
    Table("rfm_table", "rfm_table", "orders", _at(), _limit),
    Table("rfm_table, now", "rfm_table", "orders", _at(at=None)),
    Table(
        "rfm_table, three bins of a window",
        "rfm_table",
        "orders",
        _at(window=timedelta(days=60), bins=3, monetary="mean"),
        _limit,
    ),
    Table("rfm_migration", "rfm_migration", "orders", _two(), _limit),
    Table("ideal_customer_profile", "ideal_customer_profile", "shop", _at(), _limit),
    Table(
        "ideal_customer_profile, half", "ideal_customer_profile", "shop", _at(at=None, best=Decimal("0.5"))
    ),
    Table(
        "by_segment, a share",
        "by_segment",
        "shop",
        _month_of("customer_retention_rate", _groups),
        call=_by_segment,
    ),
    Table(
        "by_segment, a mean",
        "by_segment",
        "shop",
        _month_of(rt.average_order_value, _channel),
        call=_by_segment,
    ),
    Table(
        "by_segment, a count", "by_segment", "shop", _month_of("new_customer_count", _plan), call=_by_segment
    ),
    Table("by_segment, money", "by_segment", "shop", _month_of("net_revenue", _function), call=_by_segment),
    Table(
        "by_segment, days",
        "by_segment",
        "shop",
        _month_of("purchase_gap_days", _groups),
        call=_by_segment,
    ),
    Table("shops_by, an attribute", "shops_by", "shop", lambda scene: {"by": _plan(scene)}),
    Table("shops_by, a mapping", "shops_by", "shop", lambda scene: {"by": _groups(scene)}),
    Table("power", "power", "figure", lambda _: {"uplift": 0.2, "customers": 200}),
    Table("detectable_uplift", "detectable_uplift", "figure", lambda _: {"customers": 200}),
    Table("customers_needed", "customers_needed", "figure", lambda _: {"uplift": 0.2}),
)


def tables_of(*takes: str) -> tuple[Table, ...]:
    return tuple(table for table in TABLES if table.takes in takes)


def every(*takes: str) -> pytest.MarkDecorator:
    """Run a test for every entry that takes one of these; for all entries where none is named."""
    found = tables_of(*takes) if takes else TABLES
    return pytest.mark.parametrize("table", found, ids=[table.name for table in found])


# ---------------------------------------------------------------------------------- how they are asked


def handed(table: Table, scene: Scene, form: Callable[[Iterable[Any]], Iterable[Any]] = tuple) -> Any:
    """A scene as a table takes it."""
    if table.takes == "shop":
        return shop_of(scene, form)
    if table.takes == "orders":
        return form(scene.world.records["orders"])
    if table.takes == "spells":
        return form(spells(scene))
    return figure(scene)


def shop_of(scene: Scene, form: Callable[[Iterable[Any]], Iterable[Any]] = tuple) -> rt.Shop:
    records = {kind: form(found) for kind, found in scene.world.records.items()}
    return rt.Shop(**records, **scene.world.reading)


def reading(table: Table, scene: Scene) -> dict[str, Any]:
    """The keywords to read the records with, where no shop brings them along."""
    return dict(scene.world.reading) if table.takes == "orders" else {}


def spells(scene: Scene) -> Iterator[Any]:
    """A spell an order: of any length, ended or not, of two causes, some watched late."""
    spell = public()["Spell"]
    for place, one in enumerate(
        sorted(scene.world.records["orders"], key=lambda one: (one.placed_at, one.id))
    ):
        duration = abs(one.placed_at - scene.begin)
        ended = place % 3 != 2
        yield spell(
            duration=duration,
            ended=ended,
            cause=("voluntary", "payment")[place % 2] if ended else None,
            entered=duration / 4 if place % 5 == 4 else timedelta(0),
        )


def figure(scene: Scene) -> rt.Ratio:
    """A share of something."""
    count = len(scene.world.records["orders"])
    return rt.Ratio(count // 3, count)


def call(table: Table, data: Any, /, **keywords: Any) -> Any:
    """What it returns."""
    return (table.call or public()[table.function])(data, **keywords)


def ask(table: Table, data: Any, /, **keywords: Any) -> Any:
    """What it returns, or the error of ours that it refuses with; others come through."""
    try:
        return call(table, data, **keywords)
    except rt.RetentionError as refusal:
        return refusal


def tell(
    table: Table, scene: Scene, form: Callable[[Iterable[Any]], Iterable[Any]] = tuple, /, **keywords: Any
) -> Any:
    """What it says of a scene."""
    data = handed(table, scene, form)
    return ask(table, data, **{**table.keywords(scene), **reading(table, scene), **keywords})


@cache
def told(table: Table, scene: Scene) -> Any:
    """The same, asked once."""
    return tell(table, scene)


@cache
def said(table: Table, scene: Scene) -> tuple[object, ...]:
    """All that it says of a scene, as plain values."""
    return content(told(table, scene))


def parts(result: Any) -> Iterator[Any]:
    """The results in what is returned: itself, or one a group."""
    if isinstance(result, rt.RetentionError):
        return
    if isinstance(result, dict):
        yield from result.values()
    else:
        yield result


def content(result: Any) -> tuple[object, ...]:
    """All that a result says, as plain values: what rides along and takes no part in equality, too."""
    if isinstance(result, Exception):
        return type(result), str(result)
    if isinstance(result, dict):
        return tuple((key, content(value)) for key, value in result.items())
    if isinstance(result, rt.Shop):
        ids = [
            sorted(map(repr, (one.id for one in records))) for records in (result.orders, result.customers)
        ]
        return repr(result), result.as_of, result.policy, *ids
    return (
        type(result),
        repr(result),
        str(result),
        result.explain(),
        result.to_dicts() if hasattr(result, "to_dicts") else (),
        result.groups_to_dicts() if hasattr(result, "groups_to_dicts") else (),
        tuple(rest_of(result)),
    )


def rest_of(result: Any) -> Iterator[object]:
    """What it rests on."""
    for name in ("undefined_because", "observable", "partial", "assumed"):
        yield getattr(result, name, None)
    yield dict(left_out(result))
    if hasattr(result, "basis"):
        basis = result.basis
        yield from (basis.metric, basis.period, basis.counted, basis.currency, basis.options)


def left_out(result: Any) -> Mapping[str, int]:
    """What it left out, by reason."""
    return getattr(result, "left_out", None) or getattr(result, "whole_figure", _NOTHING).left_out


_NOTHING = rt.Basis()
