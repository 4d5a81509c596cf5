"""What the catalog says of a metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from inspect import Parameter, signature
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from retention._mapping import FrozenMapping
from retention.results import (
    AnswerShare,
    CustomerFlow,
    Distribution,
    LorenzCurve,
    Mean,
    Ratio,
    RevenueCurve,
    RevenueFlow,
    RevenuePredictability,
    Score,
)
from retention.survival import SurvivalCurve

__all__ = ["MetricSpec", "Result"]

Result: TypeAlias = (
    Ratio
    | Mean
    | Score
    | Distribution
    | CustomerFlow
    | LorenzCurve
    | RevenueFlow
    | RevenueCurve
    | RevenuePredictability
    | AnswerShare
    | SurvivalCurve
    | int
    | Decimal
)
"""What a metric returns."""

Counts: TypeAlias = Literal[
    "placed",
    "sales",
    "purchases",
    "customers",
    "responses",
    "subscriptions",
    "checkouts",
    "interactions",
]


def _frozen(keywords: Mapping[str, Any]) -> FrozenMapping[str, Any]:
    return FrozenMapping(keywords)


@frozen(kw_only=True)
class MetricSpec:
    """One metric.

    Attributes:
        id: Its name, which is the function's.
        title: The name that people read.
        group: The heading under which it stands.
        function: The public function.
        read: The pure function from the facts of a period to the result: those of the first of its `inputs`.
        inputs: Fields of a `Shop` that it reads, such as ``("orders",)`` or ``("checkouts", "orders")``.
        fields: Fields of the first of these that records need not have; unless some record has one of them, there is
            nothing to count.
        unit: What one unit of it is.
        low: Lowest possible value, or None when there is none.
        high: Highest possible value, or None when there is none.
        direction: Which way is better: ``"higher"``, ``"lower"`` or ``"neither"``.
        additive: The results of the parts of a shop, split by customer, pool to that of the whole.
        look_back: Which records before the period matter: ``"none"``, those of the opening ``"base"``, ``"all"``.
            Under ``OrderPolicy(refunds_dated="refund")``, refunded and net revenue look back to all sales, too.
        look_ahead: Which records after it matter: ``"none"``, those of a ``"window"`` that is equal for every
            period, or all that are known at ``"as_of"``, so that older periods have been watched for longer.
        equal_time_with: The keywords with which it looks no further ahead than `within`, where ``"as_of"`` holds
            otherwise: whoever has not been watched for so long is left out.
        asks_past: It asks what customers did before the period, however long ago: where little is known of that time,
            more of them look new.
        refunds: ``"counted"`` where it counts refunds by the day of their order, ``"subtracted"`` where it is about what
            is left after them: the newest orders have not had all of theirs yet. None elsewhere.
        counts: What it counts: orders ``"placed"``, ``"sales"``, ``"purchases"``, purchases of known ``"customers"``, or the records of
            another kind.
        usual: The keywords with which a snapshot shows it unless told otherwise, for want of a usual value of them.
        per_period: Keywords whose value belongs to one period, such as what was spent in it.
        shown: Whether a snapshot shows it without being asked; pictures and tables are none of its figures.
        complement_of: The metric that this one is 1 less of, so that the two are one test.
        untested_because: Why two periods of it are never tested against each other, or None; ``{earlier}`` in it
            stands for the older one's label.
        formula: The formula of `retention.formulas` that agrees with it, if there is one.
        sources: Ids of the published definitions.

    .. versionadded:: 0.1
    """

    id: str
    title: str
    group: str
    function: Callable[..., Result] = field(repr=False)
    read: Callable[..., Result] = field(repr=False)
    inputs: tuple[str, ...] = ("orders",)
    fields: tuple[str, ...] = ()
    unit: str
    low: float | None = 0
    high: float | None = None
    direction: Literal["higher", "lower", "neither"]
    additive: bool
    look_back: Literal["none", "base", "all"]
    look_ahead: Literal["none", "window", "as_of"] = "none"
    equal_time_with: Mapping[str, str] = field(default=FrozenMapping(), converter=_frozen, hash=False)
    asks_past: bool = False
    refunds: Literal["counted", "subtracted"] | None = None
    counts: Counts = "customers"
    usual: Mapping[str, Any] = field(default=FrozenMapping(), converter=_frozen, hash=False)
    per_period: tuple[str, ...] = ()
    shown: bool = True
    complement_of: str | None = None
    untested_because: str | None = None
    formula: str | None = None
    sources: tuple[str, ...]

    @property
    def kind(self) -> str | None:
        """The kind of survey question that it reads unless told otherwise, or None."""
        return (self.function.__kwdefaults__ or {}).get("kind") if self.inputs == ("responses",) else None

    @property
    def due(self) -> tuple[str, ...]:
        """Keywords beside the period that have no default, so that whoever calls the function must give them."""
        parameters = signature(self.function).parameters.values()
        return tuple(
            each.name
            for each in parameters
            if each.kind is Parameter.KEYWORD_ONLY
            and each.default is Parameter.empty
            and each.name != "period"
        )

    @property
    def options(self) -> tuple[str, ...]:
        """Keywords of `read`, which choose among definitions once the records are counted."""
        return tuple(signature(self.read).parameters)[1:]

    def given_as(self, field: str) -> str:
        """How a host gives what it lacks: ``Shop(orders=...)``, ``Order(cost=...)``.

        :meta private:
        """
        owner, _, name = field.rpartition(".")
        kind = f" of kind {self.kind!r}" if self.kind and name == "responses" else ""
        return f"{owner or 'Shop'}({name}=...){kind}"

    @property
    def summary(self) -> str:
        """What it means, in one sentence."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]
