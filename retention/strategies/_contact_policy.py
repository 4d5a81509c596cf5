"""Whom a shop may contact, how often and how, as plain data that a host sets once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Any, TypeAlias, cast

from attrs import field, frozen

from retention import _validate as check
from retention._calendar import Duration, as_words
from retention._mapping import FrozenMapping, OpenMapping
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    did_you_mean,
    is_bool,
    shown,
)
from retention.strategies._experiments_holdout import Holdout

__all__ = ["NO_POLICY", "OWED", "ContactPolicy", "HeldOut", "Said", "checked_words", "to_words"]

Said: TypeAlias = str | Mapping[Hashable, Any] | Callable[[Any], Any]
"""What a host says of its customers: the name of an attribute or a tag on their records, a mapping of their ids, or a
function of an id."""

HeldOut: TypeAlias = Holdout | Collection[Hashable] | Callable[[Any], bool]
"""Who is held out: a `Holdout`, a collection of ids, or a function of an id."""

OWED = frozenset({"proactive-service", "recover-failed-payments", "responsive-support"})
"""Answers, and words about an order or a payment of the customer's own: no advertisement. Ours."""


def _cap(owner: Any, of: check.Field, value: object) -> None:
    _checked_cap(f"{type(owner).__name__}.{of.name}", value)


def _checked_cap(where: str, value: object) -> None:
    if is_bool(value) or not isinstance(value, int):
        msg = f"{where} must be a whole number, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if value < 0:
        msg = f"{where} must be 0 or more (got {value}); leave it out where there is no limit"
        raise InvalidValueError(msg)


def _to_int(value: Any) -> Any:
    """A whole number, numpy's too, as int; anything else as it is."""
    if is_bool(value):
        return value
    try:
        return operator.index(value)
    except TypeError:
        return value


def _to_caps(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return OpenMapping({name: _to_int(most) for name, most in value.items()})


def _caps(owner: Any, of: check.Field, value: object) -> None:
    for name, most in _named(owner, of, value, "10").items():
        _checked_cap(f"{type(owner).__name__}.{of.name}[{name!r}]", most)


def _named(owner: Any, of: check.Field, value: object, example: str) -> Mapping[str, Any]:
    """A mapping of texts, or an error that shows how it is meant."""
    where = f"{type(owner).__name__}.{of.name}"
    if not isinstance(value, FrozenMapping):
        key = "call" if of.name.endswith("channel") else "win-back-lapsed"
        msg = f'{where} must be a mapping such as {{"{key}": {example}}} (got {shown(value)})'
        raise InvalidTypeError(msg)
    for name in value:
        if not isinstance(name, str):
            msg = f"{where} must have texts for keys, not {type(name).__name__} (got {shown(name)})"
            raise InvalidTypeError(msg)
    return value


def _words(owner: Any, of: check.Field, value: object) -> None:
    _checked_words(f"{type(owner).__name__}.{of.name}", value)


def _checked_words(where: str, value: object) -> None:
    if not isinstance(value, tuple):
        msg = f'{where} must be several texts, the preferred first, such as ["e-mail", "call"] (got {shown(value)})'
        raise InvalidTypeError(msg)
    for each in value:
        if not isinstance(each, str) or not each.strip():
            error = InvalidValueError if isinstance(each, str) else InvalidTypeError
            msg = f"{where} must hold texts with something in them (got {shown(each)})"
            raise error(msg)
    if len(set(value)) < len(value):
        msg = f"{where} must name each channel once (got {shown(value)})"
        raise InvalidValueError(msg)


def _to_ways(value: Any) -> Any:
    """Channels as a tuple; a set has no first one, and is left for the validator to refuse."""
    return value if isinstance(value, (set, frozenset)) else check.to_tuple(value)


def _to_ways_by_strategy(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return OpenMapping({name: _to_ways(ways) for name, ways in value.items()})


def _ways_by_strategy(owner: Any, of: check.Field, value: object) -> None:
    for name, ways in _named(owner, of, value, '["call"]').items():
        where = f"{type(owner).__name__}.{of.name}[{name!r}]"
        _checked_words(where, ways)
        if not ways:
            msg = f"{where} must name at least one channel (got none); a strategy that is not to be used has a limit of 0 in most_per_strategy"
            raise InvalidValueError(msg)


def _to_said(value: Any) -> Any:
    """What is said of customers, as a copy that nobody changes or uses up behind the policy's back."""
    if not isinstance(value, Mapping):
        return value
    return FrozenMapping({customer_id: to_words(said) for customer_id, said in value.items()})


def to_words(said: Any) -> Any:
    """Channels as a tuple, those of a set in an order of their own; a single text, and what names none, as it is."""
    if isinstance(said, (set, frozenset)):
        return tuple(sorted(said, key=repr))
    return check.to_tuple(said)


def checked_words(said: Any, where: str, customer_id: Hashable, *, or_flags: bool) -> None:
    """Refuse what neither names channels nor says anything else that will do; it is private, so that no error shows it."""
    if said is None or isinstance(said, str) or (or_flags and is_bool(said)):
        return
    if not isinstance(said, tuple) or not all(isinstance(each, str) for each in said):
        flags = "True, False, " if or_flags else ""
        msg = (
            f"{where} must say {flags}a channel, several of them or None of each customer, not "
            f"{type(said).__name__} (of customer {shown(customer_id)})"
        )
        raise InvalidTypeError(msg)


def _said(owner: Any, of: check.Field, value: object) -> None:
    where = f"{type(owner).__name__}.{of.name}"
    if isinstance(value, str):
        check.label(owner, of, value)
    elif isinstance(value, FrozenMapping):
        for customer_id, said in value.items():
            checked_words(said, where, customer_id, or_flags=of.name == "consent")
    elif not callable(value):
        # Never shown: it may hold what is private.
        msg = (
            f"{where} must be a mapping of customers' ids, a function of an id, or the name of an attribute of "
            f"Customer, not {type(value).__name__}"
        )
        raise InvalidTypeError(msg)


def _to_ids(value: Any) -> Any:
    return _collected(value) if isinstance(value, Iterable) else value


def _collected(value: Iterable[Any]) -> Any:
    """Ids as a frozenset; what is a single text or a mapping, or holds what can be no id, as it is."""
    if isinstance(value, (str, bytes, Mapping)):
        return value
    entries = tuple(value)
    try:
        return frozenset(entries)
    except TypeError:
        return entries


def _ids(owner: Any, of: check.Field, value: object) -> None:
    _checked_ids(owner, of, f"{type(owner).__name__}.{of.name}", value)


def _checked_ids(owner: Any, of: check.Field, where: str, value: object) -> None:
    if isinstance(value, tuple):
        msg = f"{where} must hold ids, and one entry can't be hashed; use a text, a number or a tuple"
        raise InvalidTypeError(msg)
    if not isinstance(value, frozenset):
        msg = f"{where} must be a collection of customers' ids, not {type(value).__name__}"
        raise InvalidTypeError(msg)
    for each in cast("frozenset[Hashable]", value):
        check.identifier(owner, of, each)


def _to_held_out(value: Any) -> Any:
    if isinstance(value, Mapping):
        return OpenMapping({name: _to_ids(each) for name, each in value.items()})
    return _to_ids(value)


def _held_out(owner: Any, of: check.Field, value: object) -> None:
    where = f"{type(owner).__name__}.{of.name}"
    if not isinstance(value, FrozenMapping):
        _checked_held_out(owner, of, where, value)
        return
    for strategy, each in value.items():
        if not isinstance(strategy, str):
            msg = f"{where} must have ids of strategies for keys, not {type(strategy).__name__} (got {shown(strategy)})"
            raise InvalidTypeError(msg)
        _checked_held_out(owner, of, f"{where}[{strategy!r}]", each)


def _checked_held_out(owner: Any, of: check.Field, where: str, value: object) -> None:
    if isinstance(value, Holdout) or callable(value):
        return
    if isinstance(value, (frozenset, tuple)):
        _checked_ids(owner, of, where, value)
        return
    msg = (
        f"{where} must be a Holdout, a collection of customers' ids, or a function of an id that gives True or False, "
        f"not {type(value).__name__}"
    )
    raise InvalidTypeError(msg)


def _to_labels(value: Any) -> Any:
    return check.to_frozenset(value)


@frozen(kw_only=True, repr=False)
class ContactPolicy:
    """Whom the shop may contact, how often, how, and how many at most; plain data for `assign`.

    Without arguments nobody is spared: then `assign` gives everybody the strategy that the rules name. A host that
    sends what comes out should say at least who consents, and how long nobody is to hear from it twice.

    What is said of customers, in `consent` and `preferences`, is one of three: a mapping of ids, a function that is
    called with an id, or a text, which names an attribute of the `Customer` records or, for `consent`, one of their tags.
    For a person with several ids only that is allowed which is allowed under each of those of whom something is said.

    Attributes:
        most: How many customers get something, at most; None for no limit.
        most_per_strategy: The same for single strategies, by id.
        most_per_channel: The same for single channels.
        quiet_for: Nobody to whom the shop wrote less than so long ago hears from it: a timedelta, or a relativedelta,
            which is counted by the calendar of the zone in which the instant was given.
        quiet_after_purchase: Nobody who bought less than so long ago does; of those just won neither, whom a
            welcome or a follow-up would reach.
        channels: The channels that the shop uses, in words of its own, the preferred one first. Without any, nothing
            is said of channels.
        channels_for: By which of them single strategies go, by id of the strategy, the preferred one first.
        consent: Who may be contacted: True for any channel, a channel or several of them; False, None or nothing said
            for none. None in place of all that says that consent is not looked at.
        preferences: Which channel a customer likes best, or several, the best first. They come before what the
            policy prefers, and consent comes before them.
        excluded: Ids of customers who never get anything.
        holdout: Whom a test leaves without: a `Holdout`, ids of customers, or a function of an id. They are found
            in their place among the others, so that those who get something and those held out are alike. A
            mapping of strategies' ids to such tests each strategy by itself.
        owed: Ids of strategies that consent, quiet times and hold-outs do not stop: answers, and words about an order
            or a payment of the customer's own. Limits and `excluded` stop them, too.

    Raises:
        ConflictingArgumentError: A channel is named that is none of `channels`.
        InvalidTypeError: A value has a type that is never right there.
        InvalidValueError: A value is out of its domain.

    .. versionadded:: 0.1

    >>> from datetime import timedelta
    >>> policy = ContactPolicy(
    ...     most=500,
    ...     quiet_for=timedelta(days=14),
    ...     channels=["e-mail", "call"],
    ...     most_per_channel={"call": 20},
    ...     channels_for={"attend-loyal-customers": ["call"]},
    ... )
    >>> for term in policy.terms:
    ...     print(term)
    at most 500 customers in all
    at most 20 by call
    nobody to whom the shop wrote less than 14 days ago
    consent is not looked at
    in spite of quiet times: proactive-service, recover-failed-payments, responsive-support
    """

    most: int | None = field(default=None, converter=_to_int, validator=check.optional(_cap))
    most_per_strategy: Mapping[str, int] = field(
        default=OpenMapping(), converter=_to_caps, validator=_caps, hash=False
    )
    most_per_channel: Mapping[str, int] = field(
        default=OpenMapping(), converter=_to_caps, validator=_caps, hash=False
    )
    quiet_for: Duration | None = field(default=None, validator=check.optional(check.duration))
    quiet_after_purchase: Duration | None = field(default=None, validator=check.optional(check.duration))
    channels: tuple[str, ...] = field(default=(), converter=_to_ways, validator=_words)
    channels_for: Mapping[str, tuple[str, ...]] = field(
        default=OpenMapping(), converter=_to_ways_by_strategy, validator=_ways_by_strategy, hash=False
    )
    consent: Said | None = field(
        default=None, converter=_to_said, validator=check.optional(_said), hash=False
    )
    preferences: Said | None = field(
        default=None, converter=_to_said, validator=check.optional(_said), hash=False
    )
    excluded: Collection[Hashable] = field(default=frozenset(), converter=_to_ids, validator=_ids)
    holdout: HeldOut | Mapping[str, HeldOut] | None = field(
        default=None, converter=_to_held_out, validator=check.optional(_held_out), hash=False
    )
    owed: frozenset[str] = field(default=OWED, converter=_to_labels, validator=check.labels)

    def __attrs_post_init__(self) -> None:
        self._refuse_unknown_channels("most_per_channel", self.most_per_channel)
        for strategy, ways in self.channels_for.items():
            self._refuse_unknown_channels(f"channels_for[{strategy!r}]", ways)
        if self.preferences is not None and not self.channels:
            msg = "ContactPolicy.preferences needs channels, the channels that there are to choose from; give channels=[...]"
            raise ConflictingArgumentError(msg)

        for strategy in sorted(self.owed.intersection(self.tests)):
            msg = (
                f"ContactPolicy.holdout names {shown(strategy)}, which is in owed, so that no test stops it; give owed= "
                "without it, where a test is worth that"
            )
            raise ConflictingArgumentError(msg)

    def _refuse_unknown_channels(self, name: str, ways: Iterable[str]) -> None:
        for way in ways:
            if way not in self.channels:
                there = f"there are {', '.join(self.channels)}" if self.channels else "give channels=[...]"
                msg = f"ContactPolicy.{name} names {shown(way)}, which is none of channels; {did_you_mean(way, self.channels)}{there}"
                raise ConflictingArgumentError(msg)

    @property
    def durations(self) -> Mapping[str, Duration | None]:
        """How long customers are left in peace, by what a host calls it.

        :meta private:
        """
        names = ("quiet_for", "quiet_after_purchase")
        return {f"ContactPolicy.{name}": getattr(self, name) for name in names}

    @property
    def is_limited(self) -> bool:
        """Whether some may go without for want of a place."""
        return self.most is not None or bool(self.most_per_strategy or self.most_per_channel)

    @property
    def tests(self) -> Mapping[str, HeldOut]:
        """Who is held out of single strategies; empty where `holdout` is about all of them, or None.

        :meta private:
        """
        return cast("Mapping[str, HeldOut]", self.holdout) if isinstance(self.holdout, Mapping) else {}

    @property
    def terms(self) -> tuple[str, ...]:
        """What it asks for, a clause each; that consent is not looked at is one of them."""
        return tuple(
            clause
            for clause in (
                *self._limits(),
                _since("to whom the shop wrote", self.quiet_for),
                _since("who bought", self.quiet_after_purchase),
                "consent is not looked at" if self.consent is None else "only who consents",
                f"nobody who is excluded ({len(self.excluded):,})" if self.excluded else "",
                self._tested(),
                self._exception(),
            )
            if clause
        )

    def _limits(self) -> Iterable[str]:
        if self.most is not None:
            yield f"at most {self.most:,} customers in all"
        for name, most in self.most_per_strategy.items():
            yield f"at most {most:,} for {name}"
        for name, most in self.most_per_channel.items():
            yield f"at most {most:,} by {name}"

    def _tested(self) -> str:
        if self.holdout is None:
            return ""
        of = f" of {', '.join(self.tests)}" if self.tests else ""
        return f"nobody who is held out{of}"

    def _exception(self) -> str:
        """What is sent all the same, where there is something that would stop it."""
        stops = {
            "consent": self.consent,
            "quiet times": self.quiet_for or self.quiet_after_purchase,
            "hold-out": self.holdout,
        }
        named = [name for name, value in stops.items() if value is not None]
        if not named or not self.owed:
            return ""
        return f"in spite of {', '.join(named)}: {', '.join(sorted(self.owed))}"

    def __str__(self) -> str:
        from retention.display._names import printable

        return printable(f"{'; '.join(self.terms)}.")

    def __repr__(self) -> str:
        # Without the names of customers: a policy lands in logs.
        return f"<ContactPolicy: {self}>"


NO_POLICY = ContactPolicy()


def _since(whom: str, duration: Duration | None) -> str:
    return "" if duration is None else f"nobody {whom} less than {as_words(duration)} ago"
