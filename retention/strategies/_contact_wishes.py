"""What a host says of single customers, from whatever form it has it in: consent, preferences, exclusions, hold-outs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import define, field, frozen

from retention.errors import ConflictingArgumentError, InvalidTypeError, is_bool, shown
from retention.records import Customer
from retention.strategies._contact_policy import ContactPolicy, HeldOut, Said, checked_words, to_words
from retention.strategies._customer_situation import CustomerSituations
from retention.strategies._experiments_holdout import Holdout

__all__ = ["Channel", "Wishes", "held_out_by", "names_of_strangers", "numbers_of"]

Channel: TypeAlias = str | None
"""A channel; None where the policy names none."""


@frozen(kw_only=True, eq=False)
class _Source:
    """What is said of customers, looked up by their numbers.

    Attributes:
        where: What it is called in messages.
        said: What is said of each, under each of their ids.
        ask: A function of an id that says it, in the place of that.
    """

    where: str
    said: Mapping[int, Sequence[Any]] = field(factory=dict)
    ask: Any = None

    def of(self, who: int, customer_id: Hashable) -> Sequence[Any]:
        """All that is said of one customer."""
        return self.said.get(who, ()) if self.ask is None else (self.ask(customer_id),)


def _source(
    said: Said,
    where: str,
    situations: CustomerSituations,
    customers: Collection[Customer] | None,
    *,
    tags: bool,
) -> _Source:
    if callable(said):
        return _Source(where=where, ask=said)
    if not isinstance(said, str):
        return _Source(where=where, said=_by_number(said.items(), situations))
    if customers is None:
        msg = (
            f"{where}: {shown(said)} names an attribute of Customer, and CustomerSituations have none; give the Shop, or "
            "what is said as a mapping of ids"
        )
        raise ConflictingArgumentError(msg)
    pairs = [(each.id, _on_record(each, said, tags=tags)) for each in customers]
    return _Source(where=where, said=_by_number(pairs, situations))


def _on_record(customer: Customer, name: str, *, tags: bool) -> Any:
    """What a record says; an attribute tells more than a tag of the same name."""
    found = customer.attributes.get(name)
    return True if tags and found is None and name in customer.tags else found


def _by_number(
    pairs: Iterable[tuple[Hashable, Any]], situations: CustomerSituations
) -> Mapping[int, Sequence[Any]]:
    """By customer's number what is said; of a person with several ids first what is said under the one for all."""
    found: dict[int, Sequence[Any]] = {}
    under_which: dict[int, Hashable] = {}
    several: dict[int, list[tuple[Hashable, Any]]] = {}
    for customer_id, value in pairs:
        who = situations.number_of(customer_id)
        if who is None:
            continue
        if who in found:
            before = [(under_which[who], found[who][0])]
            several.setdefault(who, before).append((customer_id, value))
        else:
            found[who], under_which[who] = (value,), customer_id
    return {**found, **{who: _in_order(said, situations.id_of(who)) for who, said in several.items()}}


def _in_order(said: list[tuple[Hashable, Any]], person: Hashable) -> Sequence[Any]:
    """The same whatever the order of the input."""
    said.sort(key=lambda pair: (pair[0] != person, type(pair[0]).__name__, repr(pair[0])))
    return [value for _, value in said]


@define(kw_only=True, eq=False)
class Wishes:
    """By which channels customers may be contacted, and like to be.

    Attributes:
        ways: The channels of the policy, the preferred one first.
        consent: Who consents; None where nobody asked.
        preferences: What they like best; None likewise.
        other_words: What customers consent to and the policy does not know, so that a slip is seen.
        anybody_agrees: Whether anybody of those asked consents to a channel of the policy.
    """

    ways: tuple[Channel, ...]
    consent: _Source | None
    preferences: _Source | None
    other_words: set[str] = field(factory=set)
    anybody_agrees: bool = False

    @classmethod
    def of(
        cls, policy: ContactPolicy, situations: CustomerSituations, customers: Collection[Customer] | None
    ) -> Wishes:
        """What a policy says, looked up for a shop's customers.

        Args:
            policy: The policy.
            situations: The customers.
            customers: Their records; None where nobody has them.
        """

        def source(name: str, *, tags: bool = False) -> _Source | None:
            said = getattr(policy, name)
            where = f"ContactPolicy.{name}"
            return None if said is None else _source(said, where, situations, customers, tags=tags)

        return cls(
            ways=policy.channels or (None,),
            consent=source("consent", tags=True),
            preferences=source("preferences"),
        )

    @property
    def is_said(self) -> bool:
        """Whether anything is said of anybody's consent."""
        source = self.consent
        return source is not None and (
            source.ask is not None or any(map(_is_something, source.said.values()))
        )

    def allowed(self, who: int, customer_id: Hashable) -> tuple[Channel, ...]:
        """The channels to which a customer consents, under each id of whom something is said."""
        if self.consent is None:
            return self.ways
        told = self.consent.of(who, customer_id)
        if not told:
            return ()
        kept = self.ways
        for value in told:
            among = self._agreed(value, customer_id)
            kept = tuple(way for way in kept if way in among)
        self.anybody_agrees = self.anybody_agrees or bool(kept)
        return kept

    def _agreed(self, value: Any, customer_id: Hashable) -> tuple[Channel, ...]:
        if value is None:
            return ()
        if is_bool(value):
            return self.ways if value else ()
        words = _words(value, "ContactPolicy.consent", customer_id, or_flags=True)
        if self.ways == (None,):
            msg = (
                f"ContactPolicy.consent names channels (of customer {shown(customer_id)}), and the policy has none; give "
                "channels=[...], or say True or False"
            )
            raise ConflictingArgumentError(msg)
        self.other_words.update(word for word in words if word not in self.ways)
        return words

    def best_first(self, ways: tuple[Channel, ...], who: int, customer_id: Hashable) -> tuple[Channel, ...]:
        """The same channels, those that the customer likes best first."""
        if self.preferences is None or len(ways) < 2:
            return ways
        liked: list[Channel] = []
        for value in self.preferences.of(who, customer_id):
            if value is not None:
                liked += _words(value, "ContactPolicy.preferences", customer_id)
        return (
            *(way for way in dict.fromkeys(liked) if way in ways),
            *(way for way in ways if way not in liked),
        )


def _is_something(said: Sequence[Any]) -> bool:
    return any(value is not None for value in said)


def _words(said: Any, where: str, customer_id: Hashable, *, or_flags: bool = False) -> tuple[str, ...]:
    """A channel or several."""
    words = to_words(said)
    checked_words(words, where, customer_id, or_flags=or_flags)
    return (words,) if isinstance(words, str) else words


def numbers_of(ids: Collection[Hashable], situations: CustomerSituations) -> frozenset[int]:
    """The numbers of those of whom something is known, of a person with several ids by any of them."""
    found = map(situations.number_of, ids)
    return frozenset(who for who in found if who is not None)


def names_of_strangers(policy: ContactPolicy, situations: CustomerSituations) -> Iterator[str]:
    """What of a policy has ids, and none that the shop knows: most likely they are of another class."""
    for name, ids in _named(policy):
        if ids and len(situations) and not numbers_of(ids, situations):
            yield name


def _named(policy: ContactPolicy) -> Iterator[tuple[str, Collection[Hashable]]]:
    """The ids that a policy names, by the field."""
    yield "excluded", policy.excluded
    for name, said in (("consent", policy.consent), ("preferences", policy.preferences)):
        if isinstance(said, Mapping):
            yield name, said
    tests: Mapping[str, Any] = policy.tests or {"": policy.holdout}
    for strategy, test in tests.items():
        name = f"holdout[{strategy!r}]" if strategy else "holdout"
        if isinstance(test, Holdout):
            yield name, (*test.held_out, *test.treated)
        elif isinstance(test, Collection):
            yield name, test


def held_out_by(policy: ContactPolicy, situations: CustomerSituations) -> Callable[[str, int], bool]:
    """A question of a strategy and a customer's number: whether a test leaves this one without."""
    holdout = policy.holdout
    if holdout is None or isinstance(holdout, Mapping):
        asked = {strategy: _asked(test, situations) for strategy, test in policy.tests.items()}
        return lambda strategy, who: strategy in asked and asked[strategy](who)
    ask = _asked(holdout, situations)
    return lambda strategy, who: strategy not in policy.owed and ask(who)


def _asked(test: HeldOut, situations: CustomerSituations) -> Callable[[int], bool]:
    if isinstance(test, Holdout):
        is_held_out = test.is_held_out
        return lambda who: is_held_out(situations.id_of(who))
    if callable(test):
        return lambda who: _yes_or_no(test(situations.id_of(who)), situations.id_of(who))
    return numbers_of(test, situations).__contains__


def _yes_or_no(answer: object, customer_id: Hashable) -> bool:
    """A sentence, or a name of a group, would count as yes."""
    if not is_bool(answer):
        msg = (
            f"ContactPolicy.holdout must give True or False of each id, not {type(answer).__name__} "
            f"(of customer {shown(customer_id)})"
        )
        raise InvalidTypeError(msg)
    return bool(answer)
