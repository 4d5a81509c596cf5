"""An ordered set of rules, by id: how a host adds, replaces and leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Protocol, Self, TypeVar

from attrs import evolve

from retention import _validate as check
from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, shown
from retention.strategies._model import Strategy

__all__ = ["HasId", "RuleBook", "check_strategies", "checked_rules", "to_strategies", "twice"]


class HasId(Protocol):
    """Whatever has an id."""

    @property
    def id(self) -> str:
        """Its name."""
        ...


R = TypeVar("R", bound=HasId)


class RuleBook(Mapping[str, R]):
    """Rules in their order, and what a host does with them. Each verb gives a new set and leaves this one as it is.

    Whatever comes of a verb is checked as the set itself is.
    """

    __slots__ = ()
    kind: ClassVar[type]
    rules: tuple[R, ...]

    def __getitem__(self, name: str) -> R:
        """One rule.

        Raises:
            KeyError: There is no such rule.
        """
        for rule in self.rules:
            if rule.id == name:
                return rule
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (rule.id for rule in self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def with_rules(self, *rules: R) -> Self:
        """These rules as well, after the others.

        Raises:
            InvalidTypeError: One is no rule.
            InvalidValueError: There is a rule of that id already, or one is no good.
        """
        for rule in self._checked(rules, "with_rules"):
            if rule.id in self:
                msg = f"{type(self).__name__}.with_rules: there is a rule {shown(rule.id)} already; replacing(rule) puts another in its place"
                raise InvalidValueError(msg)
        return evolve(self, rules=(*self.rules, *rules))  # type: ignore[misc]  # each subclass is attrs'

    def replacing(self, *rules: R) -> Self:
        """These rules in the place of those with the same ids.

        Raises:
            InvalidTypeError: One is no rule.
            InvalidValueError: There is no rule of that id, or one is no good.
        """
        given = {rule.id: rule for rule in self._checked(rules, "replacing")}
        self._refuse_unknown(given, "replacing")
        return evolve(self, rules=tuple(given.get(rule.id, rule) for rule in self.rules))  # type: ignore[misc]  # as above

    def without(self, *ids: str) -> Self:
        """All rules but these.

        Raises:
            InvalidValueError: There is no rule of that id.
        """
        self._refuse_unknown(ids, "without")
        return evolve(self, rules=tuple(rule for rule in self.rules if rule.id not in ids))  # type: ignore[misc]  # as above

    def _checked(self, rules: tuple[R, ...], verb: str) -> tuple[R, ...]:
        checked_rules(rules, self.kind, f"{type(self).__name__}.{verb}")
        name = twice(rules)
        if name is not None:
            msg = f"{type(self).__name__}.{verb}: rule {shown(name)} is given twice; give each once"
            raise InvalidValueError(msg)
        return rules

    def _refuse_unknown(self, ids: Iterable[str], verb: str) -> None:
        for name in ids:
            if name not in list(self):
                msg = f"{type(self).__name__}.{verb}: there is no rule {shown(name)}; {did_you_mean(name, self)}its keys are the ids of all"
                raise InvalidValueError(msg)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} rules>"


def checked_rules(rules: object, kind: type, where: str) -> None:
    """Refuse what is no tuple of rules of a kind.

    Raises:
        InvalidTypeError: It is none, or something in it is no such rule.
    """
    if not isinstance(rules, tuple):
        msg = f"{where} must be a list of {_plural(kind)}, not {type(rules).__name__} (got {shown(rules)})"
        raise InvalidTypeError(msg)
    for position, rule in enumerate(rules):
        if not isinstance(rule, kind):
            msg = f"{where}: number {position} must be {check.with_article(kind)}, not {type(rule).__name__} (got {shown(rule)})"
            raise InvalidTypeError(msg)


def _plural(kind: type) -> str:
    return f"{kind.__name__.removesuffix('y')}ies" if kind.__name__.endswith("y") else f"{kind.__name__}s"


def twice(rules: Iterable[HasId]) -> str | None:
    """The first id that two rules have, or None."""
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            return rule.id
        seen.add(rule.id)
    return None


def to_strategies(given: Mapping[str, Strategy] | Iterable[Strategy]) -> Any:
    """Strategies by their ids; anything else as it is, to be refused by name."""
    strategies = check.to_tuple(given.values() if isinstance(given, Mapping) else given)
    if not isinstance(strategies, tuple) or not all(isinstance(each, Strategy) for each in strategies):
        return strategies
    return strategies if twice(strategies) else FrozenMapping({each.id: each for each in strategies})


def check_strategies(owner: Any, of: check.Field, value: object) -> None:
    """A mapping of ids to strategies, which `to_strategies` makes of what are strategies."""
    if isinstance(value, FrozenMapping):
        return
    name = f"{type(owner).__name__}.{of.name}"
    checked_rules(value, Strategy, name)
    msg = f"{name} must have each strategy once (got two with one id: {shown(value)})"
    raise InvalidValueError(msg)
