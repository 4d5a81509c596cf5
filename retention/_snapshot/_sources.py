"""Where the figures of a snapshot come from: the facts of each kind of record, and whether there are such records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from retention._calendar import Duration
from retention._facts import PeriodFacts, facts
from retention._survey_facts import survey_facts
from retention._watched import Watched
from retention.catalog import MetricSpec
from retention.history import History
from retention.periods import Period
from retention.shop import Orders, Shop

__all__ = ["Asked", "Facts", "counted", "lacking"]

Facts: TypeAlias = PeriodFacts | Watched


@frozen(kw_only=True)
class Asked:
    """What is to be counted, of whatever periods.

    Attributes:
        shop: The records, whatever they were handed over in.
        history: Its orders, read.
        specs: The metrics.
        options: By metric, the keywords that choose among definitions.
        inactive_after: How long after a purchase a customer is in the base, or None for "in the period".
    """

    shop: Shop
    history: History
    specs: Sequence[MetricSpec]
    options: Mapping[str, Mapping[str, Any]]
    inactive_after: Duration | None

    @classmethod
    def of(cls, orders: Orders, history: History, **more: Any) -> Asked:
        """What is asked of orders, or of all the records of a shop."""
        return cls(shop=orders if isinstance(orders, Shop) else Shop(orders=history), history=history, **more)


def lacking(shop: Shop, spec: MetricSpec, options: Mapping[str, Any]) -> str | None:
    """The field of the shop whose records a metric lacks, or None; a shop with nothing in it lacks no orders."""
    others = any(getattr(shop, name) for name in _OTHERS)
    for name in spec.inputs:
        if name == "responses":
            kind = options.get("kind", spec.kind)
            there = any(response.kind == kind for response in shop.responses)
        else:
            there = bool(getattr(shop, name)) or (name == "orders" and not others)
        if not there:
            return name
    return None


_OTHERS = ("responses", "subscriptions", "checkouts", "interactions")

Count: TypeAlias = Callable[[Asked, Collection[Period], Mapping[Period, Period]], Iterable[Facts]]


def _responses(asked: Asked, periods: Collection[Period], pairs: Mapping[Period, Period]) -> Iterable[Facts]:
    return survey_facts(asked.shop, periods, against=pairs)


_COUNTS: Mapping[str, Count] = {
    "responses": _responses,
}
"""By field of the shop, what counts its records; orders are told more."""


def counted(
    asked: Asked,
    periods: Collection[Period],
    pairs: Mapping[Period, Period],
    unsuited: Collection[Period],
) -> dict[str, dict[Period, Facts]]:
    """By kind of record and period, what the metrics need to know.

    Args:
        asked: The metrics.
        periods: The periods, those that are compared with among them.
        pairs: For periods that are compared with another, that other.
        unsuited: Periods that `inactive_after` does not suit.
    """
    found: dict[str, dict[Period, Facts]] = {}
    for kind in dict.fromkeys(spec.inputs[0] for spec in asked.specs):
        each_period = (
            _orders(asked, periods, pairs, unsuited)
            if kind == "orders"
            else _COUNTS[kind](asked, periods, pairs)
        )
        found[kind] = {each.period: each for each in each_period}
    return found


def _orders(
    asked: Asked,
    periods: Collection[Period],
    pairs: Mapping[Period, Period],
    unsuited: Collection[Period],
) -> list[PeriodFacts]:
    return facts(
        asked.history,
        periods,
        inactive_after=asked.inactive_after,
        usual_base=unsuited,
        recency=any(spec.id in _OF_RECENCY for spec in asked.specs),
        against=pairs,
    )


_OF_RECENCY = frozenset({"recency_days", "observed_lifespan_days"})
"""Metrics that need each customer's latest purchase, whose search looks at all earlier orders."""
