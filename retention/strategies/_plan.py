"""Which figures the rules need: each metric once for every way in which it is asked for, compared or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from attrs import define, field, frozen

from retention._snapshot import Against
from retention.catalog import METRICS
from retention.strategies._conditions import Condition
from retention.strategies._rules import Rule

__all__ = ["Plan", "Seat", "Slot", "planned"]

_OF_ORDERS = ("average_order_value",)
_OF_SUBSCRIPTIONS = ("average_revenue_per_account_value",)
_WITHOUT_NUMBER = frozenset({"revenue_concentration_rate", "gini_score"})
"""Metrics whose results don't say how many customers stand behind them."""
_ACTIVE = "active_customer_count"


class Seat(NamedTuple):
    """Where a figure is found."""

    slot: int
    metric: str
    way: int


@define(kw_only=True, eq=False)
class Slot:
    """The figures that are counted together: those that are compared with one other period, and those with none.

    Attributes:
        against: What the period is compared with; None where nobody asks.
        compared: Each metric that is compared, with the keywords with which it is made.
        ways: Each metric, with all the keywords with which it is made; those that are compared first.
    """

    against: Against | None = None
    compared: dict[str, dict[str, Any]] = field(factory=dict)
    ways: dict[str, list[dict[str, Any]]] = field(factory=dict)

    def can_compare(self, metric: str, options: Mapping[str, Any], against: Against) -> bool:
        """Whether the metric can be compared here: of two periods it is known in one way only."""
        return self.against in (None, against) and self.compared.get(metric, options) == options

    def compare(self, metric: str, options: dict[str, Any], against: Against) -> None:
        """Put in a metric that is compared."""
        self.against = against
        self.compared[metric] = options
        self.add(metric, options)

    def add(self, metric: str, options: dict[str, Any]) -> None:
        """Put in a metric, made in one way."""
        ways = self.ways.setdefault(metric, [])
        if options not in ways:
            ways.append(options)

    def way(self, metric: str, options: Mapping[str, Any]) -> int:
        """The number of a way in which a metric is made."""
        return self.ways[metric].index(dict(options))


@frozen(kw_only=True, eq=False)
class Plan:
    """What is counted together, and where each condition finds its figure.

    Attributes:
        slots: What is counted together; most shops need the first only.
        host: By metric, the keywords that the host gave for all rules.
    """

    slots: Sequence[Slot]
    host: Mapping[str, Mapping[str, Any]]

    def seat(self, condition: Condition) -> Seat:
        """Where the figure of a condition is."""
        options, metric = _options(condition, self.host), condition.metric
        if condition.change is None:
            return Seat(0, metric, self.slots[0].way(metric, options))
        number = next(
            number
            for number, slot in enumerate(self.slots)
            if slot.against == condition.against and slot.compared.get(metric) == options
        )
        return Seat(number, metric, self.slots[number].way(metric, options))


def planned(rules: Iterable[Rule], host: Mapping[str, Mapping[str, Any]]) -> Plan:
    """What is to be counted for all conditions of some rules that are about metrics.

    Args:
        rules: The rules.
        host: By metric, keywords that the host gave; those of a rule go before them.
    """
    every = list(rules)
    asked = [each for rule in every for each in rule.conditions if each.metric in METRICS]
    slots = [Slot()]
    for condition in asked:
        if condition.change is not None:
            _compare(slots, condition, _options(condition, host))
    for condition in asked:
        if condition.change is None:
            slots[0].add(condition.metric, _options(condition, host))
    for metric in _also(every, asked):
        slots[0].add(metric, dict(host.get(metric, {})))
    return Plan(slots=slots, host=host)


def _compare(slots: list[Slot], condition: Condition, options: dict[str, Any]) -> None:
    metric, against = condition.metric, condition.against
    slot = next((each for each in slots if each.can_compare(metric, options, against)), None)
    if slot is None:
        slot = Slot()
        slots.append(slot)
    slot.compare(metric, options, against)


def _also(rules: Iterable[Rule], asked: Iterable[Condition]) -> Iterable[str]:
    """Metrics that no rule asks for, and without which gaps can't be put into money."""
    worths = {rule.worth for rule in rules}
    if "orders" in worths:
        yield from _OF_ORDERS
    if "recurring revenue" in worths:
        yield from _OF_SUBSCRIPTIONS
    if any(each.metric in _WITHOUT_NUMBER for each in asked):
        yield _ACTIVE


def _options(condition: Condition, host: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {**host.get(condition.metric, {}), **condition.options}
