"""Where the figures of a snapshot come from: the facts of each kind of record, and whether there are such records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from attrs import frozen

from retention._calendar import Duration
from retention._checkout_facts import checkout_facts
from retention._facts import USUAL_OPTIONS, PeriodFacts, facts
from retention._interaction_facts import interaction_facts
from retention._program_facts import program_facts
from retention._subscription_facts import subscription_facts
from retention._survey_facts import survey_facts
from retention._watched import Watched
from retention.catalog import MetricSpec
from retention.history import History
from retention.periods import Period
from retention.shop import Orders, Shop

__all__ = ["Asked", "Facts", "counted", "is_told_options", "lacking"]

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


def lacking(asked: Asked, spec: MetricSpec) -> str | None:
    """What a metric lacks: a field of the shop, or of its records such as ``"Order.cost"``; None where all is there.

    A shop with nothing in it lacks no orders.
    """
    for name in spec.inputs:
        if not _has(asked, name, spec):
            return name
    if spec.fields and not any(_GIVEN[name](asked) for name in spec.fields):
        return f"{_RECORD[spec.inputs[0]]}.{spec.fields[0]}"
    return "as_of" if spec.look_ahead == "window" and asked.history.as_of is None else None


def _has(asked: Asked, name: str, spec: MetricSpec) -> bool:
    """Whether there are records of a kind; of survey responses, to the question that a metric is about."""
    if name == "responses":
        kind = asked.options.get(spec.id, {}).get("kind", spec.kind)
        return any(response.kind == kind for response in asked.shop.responses)
    if name == "orders":
        return bool(len(asked.history)) or not any(getattr(asked.shop, other) for other in _OTHERS)
    return bool(getattr(asked.shop, name))


_OTHERS = ("responses", "subscriptions", "checkouts", "interactions")
_RECORD = {"orders": "Order", "customers": "Customer", "interactions": "Interaction"}


def _some_customer_has(name: str) -> Callable[[Asked], bool]:
    return lambda asked: any(getattr(customer, name) is not None for customer in asked.shop.customers)


def _some_contact_has(name: str) -> Callable[[Asked], bool]:
    return lambda asked: any(getattr(contact, name) is not None for contact in asked.shop.interactions)


_GIVEN: Mapping[str, Callable[[Asked], bool]] = {
    "items": lambda asked: bool(asked.history.columns.goods.category),
    "cost": lambda asked: bool(
        asked.history.columns.goods.cost or asked.history.columns.goods.guest_costs.at
    ),
    "discount": lambda asked: bool(
        asked.history.columns.goods.discounted or asked.history.columns.goods.guest_discounts.at
    ),
    "channel": lambda asked: bool(asked.history.columns.goods.channel),
    "loyalty_joined_at": _some_customer_has("loyalty_joined_at"),
    "referred_by": _some_customer_has("referred_by"),
    "acquisition_channel": _some_customer_has("acquisition_channel"),
    "opened_at": _some_contact_has("opened_at"),
    "clicked_at": _some_contact_has("clicked_at"),
    "replied_at": _some_contact_has("replied_at"),
}
"""Whether some record has a field that records need not have."""

Pairs: TypeAlias = Mapping[Period, Period]
"""For periods that are compared with another, that other."""

Count: TypeAlias = Callable[[Asked, Collection[Period], Pairs], Iterable[Facts]]


def _responses(asked: Asked, periods: Collection[Period], pairs: Pairs) -> Iterable[Facts]:
    return survey_facts(asked.shop, periods, against=pairs)


def _subscriptions(asked: Asked, periods: Collection[Period], pairs: Pairs) -> Iterable[Facts]:
    tenures = any(spec.id == "subscriber_curve" for spec in asked.specs)
    return subscription_facts(asked.shop, periods, tenures=tenures, **_pairs_of(asked, pairs))


def _checkouts(asked: Asked, periods: Collection[Period], pairs: Pairs) -> Iterable[Facts]:
    return checkout_facts(asked.shop, periods, history=asked.history, **_pairs_of(asked, pairs))


def _interactions(asked: Asked, periods: Collection[Period], pairs: Pairs) -> Iterable[Facts]:
    return interaction_facts(asked.shop, periods, history=asked.history, **_pairs_of(asked, pairs))


def _pairs_of(asked: Asked, pairs: Pairs) -> dict[str, Any]:
    """For which periods, metrics and definitions the sums over shared customers are made."""
    return {"against": pairs, "options": asked.options, "metrics": {spec.id for spec in asked.specs}}


_COUNTS: Mapping[str, Count] = {
    "responses": _responses,
    "subscriptions": _subscriptions,
    "checkouts": _checkouts,
    "interactions": _interactions,
}
"""By field of the shop, what counts its records; orders, and customers by their orders, are told more."""


def counted(
    asked: Asked,
    periods: Collection[Period],
    pairs: Pairs,
    unsuited: Collection[Period],
) -> dict[str, dict[Period, Facts]]:
    """By kind of record and period, what the metrics need to know.

    Args:
        asked: The metrics.
        periods: The periods, those that are compared with among them.
        pairs: For periods that are compared with another, that other.
        unsuited: Periods that `inactive_after` does not suit.
    """
    kinds = dict.fromkeys(spec.inputs[0] for spec in asked.specs)
    found: dict[str, dict[Period, Facts]] = {}
    if "orders" in kinds or "customers" in kinds:
        found["orders"] = _by_period(_orders(asked, periods, pairs, unsuited))
    if "customers" in kinds:
        by_customer = program_facts(
            asked.shop,
            periods,
            history=asked.history,
            counted=cast("Mapping[Period, PeriodFacts]", found["orders"]),
            against=pairs,
            options=asked.options,
        )
        found["customers"] = _by_period(by_customer)
    for kind in kinds:
        if kind not in found:
            found[kind] = _by_period(_COUNTS[kind](asked, periods, pairs))
    return found


def _by_period(counted: Iterable[Facts]) -> dict[Period, Facts]:
    return {each.period: each for each in counted}


def _orders(
    asked: Asked,
    periods: Collection[Period],
    pairs: Pairs,
    unsuited: Collection[Period],
) -> list[PeriodFacts]:
    metrics = {spec.id for spec in asked.specs}
    return facts(
        asked.history,
        periods,
        inactive_after=asked.inactive_after,
        usual_base=unsuited,
        recency="recency_days" in metrics,
        lifespans="observed_lifespan_days" in metrics,
        followed="next_purchase_curve" in metrics,
        against=pairs,
        options={
            metric: {**usual, **asked.options.get(metric, {})} for metric, usual in USUAL_OPTIONS.items()
        },
    )


def is_told_options(spec: MetricSpec) -> bool:
    """Whether the sums over the customers of two periods are made for the keywords of `options`, too, or are 0."""
    return (
        spec.inputs[0] in {"checkouts", "customers", "interactions", "subscriptions"}
        or spec.id in USUAL_OPTIONS
        or spec.id in _OF_NEW
    )


_OF_NEW = frozenset({"second_purchase_rate"})
"""Whom they count is new in one period only, so that two periods share nobody."""
