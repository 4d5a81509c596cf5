"""When a strategy follows: rules as plain data, and sets of them that a host can change."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from numbers import Real
from typing import Any, ClassVar, Literal, TypeAlias

from attrs import evolve, field, frozen

from retention import _validate as check
from retention._calendar import Duration
from retention.errors import InvalidTypeError, InvalidValueError, is_bool, shown
from retention.strategies._catalog import STRATEGIES
from retention.strategies._conditions import Condition, Threshold, to_float
from retention.strategies._model import Strategy
from retention.strategies._rule_book import RuleBook, check_strategies, checked_rules, to_strategies
from retention.strategies._rule_faults import faults_of

__all__ = ["EVERYBODY", "Rule", "RuleSet", "Worth"]

Worth: TypeAlias = Literal["customers", "orders", "revenue", "recurring revenue"]
"""What the figure of a rule is a share of, so that a gap in it can be put into money."""

EVERYBODY = "all customers"


def _conditions(owner: Any, of: check.Field, value: object) -> None:
    if not isinstance(value, tuple) or not all(isinstance(each, Condition) for each in value):
        msg = (
            f"Rule.{of.name} must be one or more Conditions, such as "
            f'Condition("cart_abandonment_rate", above=0.7) (got {shown(value)}, for rule {shown(owner.id)})'
        )
        raise InvalidTypeError(msg)
    if not value:
        msg = f"Rule.{of.name} must hold at least one Condition (got none, for rule {shown(owner.id)}); without one it would always follow"
        raise InvalidValueError(msg)


def _to_conditions(value: Condition | Iterable[Condition]) -> tuple[Condition, ...]:
    given: Any = value
    return (given,) if isinstance(given, Condition) else check.to_tuple(given)


def _words(owner: Any, of: check.Field, value: object) -> None:
    if not isinstance(value, tuple) or not all(isinstance(each, str) for each in value):
        msg = f'Rule.{of.name} must be several texts, such as ("checkouts",) (got {shown(value)}, for rule {shown(owner.id)})'
        raise InvalidTypeError(msg)


def _weight(owner: Any, of: check.Field, value: object) -> None:
    if is_bool(value) or not isinstance(value, (Real, Decimal)):
        msg = f"Rule.{of.name} must be a number, not {type(value).__name__} (got {shown(value)}, for rule {shown(owner.id)})"
        raise InvalidTypeError(msg)
    # What no float can hold has been left as it is.
    if not (isinstance(value, float) and value > 0 and math.isfinite(value)):
        msg = (
            f"Rule.{of.name} must be above 0 and finite (got {shown(value)}, for rule {shown(owner.id)}); "
            "RuleSet.without() leaves a rule out"
        )
        raise InvalidValueError(msg)


@frozen(repr=False)
class Rule:
    """When a strategy follows, and for whom. Make your own, or change those of `DEFAULT_RULES`.

    Attributes:
        id: Its name.
        strategy: The id of the strategy that follows.
        conditions: What must hold, all of it; a single one needs no tuple. The first leads: how bad things are, what
            can be won and what is to be watched are read off it.
        requires: What must be there, else the rule is skipped: fields of the `Shop` such as ``"checkouts"``, of its
            records such as ``"Order.discount"``, ``"as_of"``, ``"observed_from"``, ``"a year"`` for a period of about
            that length, or ``"full prices"`` where some order must be known to have had no discount. A field of
            records is there when some record fills it in. Of several with ``"|"`` between them one is enough, such as
            ``"Interaction.answered_at|Interaction.solved_at"``.
        audience: For whom it is: the id of an audience in `AUDIENCES`; None where it is done for nobody in particular,
            or for people who are not known, such as guests.
        worth: What the figure of the first condition is a share of: ``"customers"``, ``"orders"``, ``"revenue"``
            or ``"recurring revenue"``; None where no money can be put on it.
        weight: How much it counts beside the others.
        urgent: Something is ill. False for an opportunity, when nothing is.
        because: Why the strategy follows, as a sentence that a merchant reads.
        watch: The metric to watch afterwards; None for that of the first condition.
        horizon: After how long to look again, or None.

    .. versionadded:: 0.1

    >>> rule = Rule(
    ...     "many-carts-left",
    ...     strategy="abandoned-cart-recovery",
    ...     conditions=Condition("cart_abandonment_rate", above=0.7),
    ...     because="Who fills a cart wants to buy, and a reminder brings some of them back.",
    ... )
    >>> rule
    <Rule 'many-carts-left': abandoned-cart-recovery when cart_abandonment_rate above 0.7>
    """

    id: str = field(validator=check.label)
    strategy: str = field(validator=check.label, kw_only=True)
    conditions: tuple[Condition, ...] = field(converter=_to_conditions, validator=_conditions, kw_only=True)
    requires: tuple[str, ...] = field(default=(), converter=check.to_tuple, validator=_words, kw_only=True)
    audience: str | None = field(default=EVERYBODY, validator=check.optional(check.label), kw_only=True)
    worth: Worth | None = field(
        default=None,
        validator=check.optional(check.choice("customers", "orders", "revenue", "recurring revenue")),
        kw_only=True,
    )
    weight: float = field(default=1.0, converter=to_float, validator=_weight, kw_only=True)
    urgent: bool = field(default=True, validator=check.flag, kw_only=True)
    because: str = field(validator=check.label, kw_only=True)
    watch: str | None = field(default=None, validator=check.optional(check.label), kw_only=True)
    horizon: Duration | None = field(default=None, validator=check.optional(check.duration), kw_only=True)

    @property
    def watched(self) -> str:
        """The metric to watch: `watch`, or that of the first condition."""
        return self.watch or self.conditions[0].metric

    def __str__(self) -> str:
        return f"{self.id}: {self.strategy} when {self._when()}"

    def __repr__(self) -> str:
        return f"<Rule {self.id!r}: {self.strategy} when {self._when()}>"

    def _when(self) -> str:
        return " and ".join(map(str, self.conditions))


def _to_rules(given: Iterable[Rule] | RuleBook[Rule]) -> tuple[Rule, ...]:
    return check.to_tuple(given.values() if isinstance(given, Mapping) else given)


def _all_rules(owner: Any, of: check.Field, value: object) -> None:
    checked_rules(value, Rule, f"{type(owner).__name__}.{of.name}")


def _names(owner: Any, of: check.Field, value: object) -> None:
    if not isinstance(value, tuple) or not all(isinstance(each, str) for each in value):
        msg = f'{type(owner).__name__}.{of.name} must be names of figures, such as ("delivery_days",) (got {shown(value)})'
        raise InvalidTypeError(msg)


@frozen(repr=False)
class RuleSet(RuleBook[Rule]):
    """Rules in their order, by id, checked when the set is made; change them with plain values.

    A bad rule is refused with a message that names it: an unknown metric, strategy, audience or keyword, a threshold
    that can never be passed or always is, an id that two rules have. All that is wrong is told at once.

    Attributes:
        rules: The rules. Given as any iterable of them.
        strategies: The strategies that they may name, by id; `STRATEGIES` unless given.
        figures: Names of figures of the host's own that they may be about; their values are given to `recommend`.

    Raises:
        InvalidTypeError: Something is no rule, no strategy or no name.
        InvalidValueError: A rule is no good.

    .. versionadded:: 0.1

    >>> from retention.strategies import STRATEGIES, Condition, Rule, RuleSet
    >>> rules = RuleSet(
    ...     [
    ...         Rule(
    ...             "many-carts-left",
    ...             strategy="abandoned-cart-recovery",
    ...             conditions=Condition("cart_abandonment_rate", above=0.7),
    ...             because="Who fills a cart wants to buy, and a reminder brings some of them back.",
    ...         )
    ...     ]
    ... )
    >>> rules.adjusted("many-carts-left", above=0.8)["many-carts-left"]
    <Rule 'many-carts-left': abandoned-cart-recovery when cart_abandonment_rate above 0.8>
    """

    kind: ClassVar[type] = Rule

    rules: tuple[Rule, ...] = field(converter=_to_rules, validator=_all_rules)
    strategies: Mapping[str, Strategy] = field(
        default=STRATEGIES, converter=to_strategies, validator=check_strategies, hash=False, kw_only=True
    )
    figures: tuple[str, ...] = field(default=(), converter=check.to_tuple, validator=_names, kw_only=True)

    def __attrs_post_init__(self) -> None:
        faults = list(faults_of(self))
        if faults:
            msg = faults[0] if len(faults) == 1 else "\n".join([f"{len(faults)} things are wrong:", *faults])
            raise InvalidValueError(msg)

    def with_figures(self, *names: str) -> RuleSet:
        """With these names of figures of the host's own as well, so that rules may be about them.

        Raises:
            InvalidTypeError: One is no name.
            InvalidValueError: A metric or a signal is called so.
        """
        return evolve(self, figures=tuple(dict.fromkeys((*self.figures, *names))))

    def with_strategies(self, *strategies: Strategy) -> RuleSet:
        """With these strategies as well, or in the place of those with the same ids.

        Raises:
            InvalidTypeError: One is no `Strategy`.
        """
        checked_rules(strategies, Strategy, "RuleSet.with_strategies")
        return evolve(self, strategies={**self.strategies, **{each.id: each for each in strategies}})

    def adjusted(
        self,
        name: str,
        /,
        *,
        above: Threshold | None = None,
        below: Threshold | None = None,
        by: float | None = None,
        at_least: int | None = None,
        weight: float | None = None,
    ) -> RuleSet:
        """One rule with another threshold, least sample or weight.

        Args:
            name: The rule's id.
            above: What its first condition's figure must lie above, where it is such a condition.
            below: What that must lie below, likewise.
            by: How far it must have moved, where the condition is about a change.
            at_least: How many must stand behind that figure.
            weight: How much the rule counts beside the others.

        Raises:
            InvalidValueError: There is no such rule, its first condition is of another kind, or the new value is no
                good.
        """
        self._refuse_unknown([name], "adjusted")
        rule = self[name]
        first, *others = rule.conditions
        given = {"above": above, "below": below, "by": by, "at_least": at_least}
        values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        _refuse_other_kind(rule, values)
        changed = evolve(rule, conditions=(evolve(first, **values), *others))
        return self.replacing(changed if weight is None else evolve(changed, weight=weight))


def _refuse_other_kind(rule: Rule, values: Mapping[str, Any]) -> None:
    first = rule.conditions[0]
    kind = "above" if first.above is not None else "below" if first.below is not None else "by"
    other = next((name for name in values if name not in {kind, "at_least"}), None)
    if other is not None:
        msg = (
            f"RuleSet.adjusted: the first condition of rule {shown(rule.id)} is {str(first)!r}, which has no {other}= "
            f"(got {shown(values[other])}); give {kind}=, or replacing(rule) for another condition"
        )
        raise InvalidValueError(msg)
