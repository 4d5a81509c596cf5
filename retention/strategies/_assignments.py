"""Who gets what, and why everybody else gets nothing: the result of `assign`."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import count
from math import floor
from typing import Any, overload

from attrs import Factory, field, frozen

from retention._calendar import Duration, as_words
from retention._mapping import OpenMapping
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, shown
from retention.segments._customers import plain_id
from retention.strategies._contact_policy import ContactPolicy
from retention.strategies._customer_rules import (
    CustomerRule,
    CustomerRules,
    CustomerVerdict,
    judge_customer_rule,
    why_it_holds,
)
from retention.strategies._customer_situation import CustomerSituation, CustomerSituations
from retention.strategies._experiments_holdout import Holdout
from retention.strategies._model import Strategy

__all__ = ["OUTCOMES", "Assignment", "Assignments", "Outcome"]


class Outcome(IntEnum):
    """What comes of one customer, more finely than it is said."""

    NO_RULE = 0
    LEAVE_ALONE = 1
    EXCLUDED = 2
    NO_CONSENT = 3
    NO_CONSENT_FOR_CHANNEL = 4
    WRITTEN_TO_LATELY = 5
    BOUGHT_LATELY = 6
    FULL = 7
    FULL_OF_STRATEGY = 8
    FULL_OF_CHANNELS = 9
    HELD_OUT = 10
    ASSIGNED = 11

    @property
    def word(self) -> str:
        """The outcome as it is said."""
        return _WORDS[self]


_WORDS = {
    Outcome.ASSIGNED: "assigned",
    Outcome.HELD_OUT: "held out",
    Outcome.FULL: "full",
    Outcome.FULL_OF_STRATEGY: "full",
    Outcome.FULL_OF_CHANNELS: "full",
    Outcome.WRITTEN_TO_LATELY: "written to lately",
    Outcome.BOUGHT_LATELY: "bought lately",
    Outcome.NO_CONSENT: "no consent",
    Outcome.NO_CONSENT_FOR_CHANNEL: "no consent",
    Outcome.EXCLUDED: "excluded",
    Outcome.LEAVE_ALONE: "leave alone",
    Outcome.NO_RULE: "no rule",
}

_WORDS_BY_CODE = tuple(_WORDS[outcome] for outcome in Outcome)

OUTCOMES: tuple[str, ...] = tuple(dict.fromkeys(_WORDS.values()))
"""What comes of customers, in the order in which it is told."""


@frozen(kw_only=True, repr=False)
class Assignment:
    """What one customer gets, or why nothing; made by `assign`.

    Attributes:
        situation: What is known of the customer.
        outcome: ``"assigned"``: gets the strategy. Of the others nobody does: ``"held out"`` of a test; ``"full"``, since
            the places were gone; ``"written to lately"``; ``"bought lately"``; ``"no consent"``; ``"excluded"``; ``"leave
            alone"``, where a rule says so; ``"no rule"`` holds.
        strategy: What is best for the customer, whether it is sent or not; None where that is nothing.
        chosen: The rule that says so, and what it rests on; None where no rule holds.
        channel: By which channel it goes, or would go; None where the policy names none, or nothing goes.
        place: The place in the list of those whom only limits and tests could stop, from 1; None for others.
        why: Why the customer gets it, or gets nothing, in a sentence.

    .. versionadded:: 0.1
    """

    situation: CustomerSituation
    outcome: str
    strategy: Strategy | None
    chosen: CustomerVerdict | None
    channel: str | None
    place: int | None
    why: str

    @property
    def customer_id(self) -> Hashable:
        """The customer's id; of a person with several the one that all stand for."""
        return self.situation.customer_id

    @property
    def at(self) -> datetime:
        """The instant as of which was judged."""
        return self.situation.at

    @property
    def is_assigned(self) -> bool:
        """Whether the customer gets something."""
        return self.outcome == "assigned"

    @property
    def reasons(self) -> tuple[str, ...]:
        """The facts that speak for the strategy, as clauses; none where no rule holds."""
        return () if self.chosen is None else self.chosen.reasons

    @property
    def do(self) -> str | None:
        """What to do for this customer, in a sentence; None where nothing is to be done."""
        return self.chosen.rule.do if self.is_assigned and self.chosen is not None else None

    def __repr__(self) -> str:
        what = "" if self.strategy is None else f", {self.strategy.id}"
        return f"<Assignment of {shown(self.customer_id)}: {self.outcome}{what}>"

    def __str__(self) -> str:
        """The outcome and its reason, in a line or two."""
        from retention.display._assign import assignment_as_text

        return assignment_as_text(self)

    def explain(self) -> str:
        """The outcome, the rule behind it, and what to do."""
        from retention.display._assign import assignment_explained

        return assignment_explained(self)

    def to_dict(self) -> dict[str, str | int | float | None]:
        """The same as a flat dict, which JSON takes."""
        return _row(
            self.customer_id,
            at=self.at.isoformat(),
            outcome=self.outcome,
            rule=None if self.chosen is None else self.chosen.rule,
            channel=self.channel,
            place=self.place,
            why=self.why,
        )


def _row(
    customer_id: Hashable,
    *,
    at: str,
    outcome: str,
    rule: CustomerRule | None,
    channel: str | None,
    place: int | None,
    why: str,
) -> dict[str, str | int | float | None]:
    return {
        "customer_id": plain_id(customer_id),
        "at": at,
        "outcome": outcome,
        "strategy": None if rule is None else rule.strategy,
        "rule": None if rule is None else rule.id,
        "weight": None if rule is None else rule.weight,
        "channel": channel,
        "place": place,
        "why": why,
        "do": rule.do if rule is not None and outcome == "assigned" else None,
    }


@frozen(kw_only=True, eq=False, repr=False)
class Assignments(Sequence[Assignment]):
    """Who gets what, first of all those who go first; made by `assign`.

    A sequence of the customers who get something. Everybody else is there, too: `of` tells of one, `counts` how many had
    each outcome, `customers` who they are. Each customer has exactly one outcome, so that the counts add up to all.

    An `Assignment` is made when it is asked for.

    Attributes:
        situations: What is known of every customer.
        rules: The rules that say what is best.
        policy: Whom the shop may contact.
        notes: What of the policy could not be looked at, or looks like a slip; a clause each.

    .. versionadded:: 0.1
    """

    situations: CustomerSituations
    rules: CustomerRules
    policy: ContactPolicy
    notes: tuple[str, ...]
    _outcomes: bytes = field(alias="outcomes")
    _chosen: Sequence[int] = field(alias="chosen")
    _channels: Mapping[int, str] = field(alias="channels")
    _ranked: tuple[int, ...] = field(alias="ranked")
    _ranked_rules: tuple[CustomerRule, ...] = field(
        init=False, default=Factory(lambda self: self.rules.ranked, takes_self=True)
    )
    _assigned: tuple[int, ...] = field(
        init=False, default=Factory(lambda self: self._who_gets_something(), takes_self=True)
    )
    _places: Mapping[int, int] = field(
        init=False,
        default=Factory(lambda self: dict(zip(self._ranked, count(1), strict=False)), takes_self=True),
    )

    def _who_gets_something(self) -> tuple[int, ...]:
        return tuple(who for who in self._ranked if self._outcomes[who] == Outcome.ASSIGNED)

    @property
    def at(self) -> datetime:
        """The instant as of which was judged."""
        return self.situations.at

    def __len__(self) -> int:
        return len(self._assigned)

    @overload
    def __getitem__(self, index: int) -> Assignment: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Assignment, ...]: ...
    def __getitem__(self, index: int | slice) -> Assignment | tuple[Assignment, ...]:
        """One of those who get something, or several as a tuple."""
        if isinstance(index, slice):
            return tuple(map(self._at, self._assigned[index]))
        return self._at(self._assigned[index])

    def __iter__(self) -> Iterator[Assignment]:
        return map(self._at, self._assigned)

    def of(self, customer_id: Hashable, /) -> Assignment:
        """What became of one customer, whether there is something for them or not.

        Args:
            customer_id: The id; of a person with several any of them.

        Raises:
            InvalidTypeError: It is a bool, a float or a Decimal, which records don't take as ids.
            InvalidValueError: Nothing is known of anybody with this id, or it is None, which stands for guests.
        """
        person = self.situations.of(customer_id, owner="Assignments.of").customer_id
        return self._at(self._number(person))

    def _number(self, person: Hashable) -> int:
        who = self.situations.number_of(person)
        assert who is not None  # noqa: S101 - it is the id of a situation
        return who

    def everybody(self) -> Iterator[Assignment]:
        """What became of each customer, in the order of `situations`."""
        return map(self._at, self.situations.order())

    @property
    def counts(self) -> Mapping[str, int]:
        """How many customers had each outcome; together they are all customers."""
        found = dict.fromkeys(OUTCOMES, 0)
        for outcome in Outcome:
            found[outcome.word] += self._outcomes.count(outcome)
        return OpenMapping(found)

    @property
    def by_strategy(self) -> Mapping[str, Mapping[str, int]]:
        """For each strategy that is best for somebody, how many had each outcome; the rules with the most weight first."""
        found: dict[str, dict[str, int]] = {}
        tally: dict[tuple[int, int], int] = {}
        for pair in zip(self._chosen, self._outcomes, strict=True):
            tally[pair] = tally.get(pair, 0) + 1
        for (place, code), number in sorted(tally.items()):
            strategy = None if place < 0 else self._ranked_rules[place].strategy
            if strategy is not None:
                counts = found.setdefault(strategy, dict.fromkeys(OUTCOMES, 0))
                counts[_WORDS_BY_CODE[code]] += number
        return OpenMapping({strategy: OpenMapping(counts) for strategy, counts in found.items()})

    @property
    def by_channel(self) -> Mapping[str, int]:
        """How many get something by each channel of the policy."""
        found = dict.fromkeys(self.policy.channels, 0)
        for who in self._assigned:
            if who in self._channels:
                found[self._channels[who]] += 1
        return OpenMapping(found)

    def customers(
        self, outcome: str = "assigned", *, strategy: str | None = None, channel: str | None = None
    ) -> tuple[Hashable, ...]:
        """The ids of those with an outcome.

        Those who had a place in the list stand as in it, all others as in `situations`.

        Args:
            outcome: Which outcome; see `Assignment`.
            strategy: Only those for whom this strategy is best, by id.
            channel: Only those whom this channel reaches, or would reach.

        Raises:
            InvalidTypeError: One of them is no text.
            InvalidValueError: There is no such outcome, strategy or channel.
        """
        self._check("outcome", outcome, OUTCOMES)
        if strategy is not None:
            self._check("strategy", strategy, tuple(self.rules.strategies))
        if channel is not None:
            self._check("channel", channel, self.policy.channels)
        codes = {code for code in Outcome if code.word == outcome}
        numbers = self._ranked if codes & _IN_THE_LIST else self.situations.order()
        return tuple(
            self.situations.id_of(who)
            for who in numbers
            if self._outcomes[who] in codes
            and (strategy is None or self._strategy(who) == strategy)
            and (channel is None or self._channels.get(who) == channel)
        )

    def ids(
        self, outcome: str = "assigned", *, strategy: str | None = None, channel: str | None = None
    ) -> list[str | int]:
        """The same as data frames and JSON take them: text and whole numbers as they are, all else as text."""
        return [plain_id(each) for each in self.customers(outcome, strategy=strategy, channel=channel)]

    def experiment(self, strategy: str, /) -> dict[str, Any]:
        """Both groups of a test of one strategy, as `evaluate_experiment` takes them: ``**week.experiment("win-back-lapsed")``.

        The lot is drawn among all customers, and only those are in the test for whom the strategy is best and who may be
        contacted: who gets it, and who was in line for it and is held out. To compare all whom the lot drew would water the
        difference down with those to whom nothing was sent. Of later weeks leave out those who were in an earlier one.

        Args:
            strategy: The strategy, by id; one that the policy tests.

        Returns:
            What to hand on as keywords, ``holdout``, ``treated``, ``assigned_at`` and ``holdout_share``; the last is None where
            the policy names customers instead of a lot, so that nobody knows which part was to be held out.

        Raises:
            InvalidTypeError: `strategy` is no text.
            InvalidValueError: There is no such strategy, or the policy holds nobody out of it.
        """
        self._check("strategy", strategy, tuple(self.rules.strategies), owner="experiment")
        policy = self.policy
        test = policy.tests.get(strategy) if policy.tests or strategy in policy.owed else policy.holdout
        if test is None:
            of = f"of {', '.join(policy.tests)} only" if policy.tests else "of nothing"
            msg = f"Assignments.experiment: the policy holds nobody out of {shown(strategy)} ({of}); give ContactPolicy(holdout={{{strategy!r}: assign_holdout(...)}})"
            raise InvalidValueError(msg)
        return {
            "holdout": self.customers("held out", strategy=strategy),
            "treated": self.customers(strategy=strategy),
            "assigned_at": self.at,
            "holdout_share": test.holdout_share if isinstance(test, Holdout) else None,
        }

    @staticmethod
    def _check(name: str, value: object, known: Sequence[str], *, owner: str = "customers") -> None:
        if not isinstance(value, str):
            msg = (
                f"Assignments.{owner}: {name} must be a text, not {type(value).__name__} (got {shown(value)})"
            )
            raise InvalidTypeError(msg)
        if value not in known:
            there = f"there are {', '.join(known)}" if known else "the policy names none"
            msg = (
                f"Assignments.{owner}: there is no {name} {shown(value)}; {did_you_mean(value, known)}{there}"
            )
            raise InvalidValueError(msg)

    def _rule(self, who: int) -> CustomerRule | None:
        place = self._chosen[who]
        return None if place < 0 else self._ranked_rules[place]

    def _strategy(self, who: int) -> str | None:
        rule = self._rule(who)
        return None if rule is None else rule.strategy

    def _at(self, who: int) -> Assignment:
        situation, rule = self.situations[self.situations.id_of(who)], self._rule(who)
        strategy = self._strategy(who)
        return Assignment(
            situation=situation,
            outcome=Outcome(self._outcomes[who]).word,
            strategy=None if strategy is None else self.rules.strategies[strategy],
            chosen=None if rule is None else judge_customer_rule(rule, situation),
            channel=self._channels.get(who),
            place=self._places.get(who),
            why=self._why(who, rule),
        )

    def _why(self, who: int, rule: CustomerRule | None) -> str:
        if rule is None:
            return "No rule holds."
        outcome, policy, situations = self._outcomes[who], self.policy, self.situations
        if outcome == Outcome.WRITTEN_TO_LATELY:
            ago = situations.fact("contacted_days", who)
            return _too_soon("shop last wrote", ago, policy.quiet_for)
        if outcome == Outcome.BOUGHT_LATELY:
            ago = situations.fact("silence_days", who)
            return _too_soon("latest purchase was", ago, policy.quiet_after_purchase)
        if outcome == Outcome.FULL_OF_STRATEGY:
            strategy = str(rule.strategy)
            return f"The places for {strategy} ({policy.most_per_strategy[strategy]:,}) went to others who come first."
        if outcome in _WHY:
            return _WHY[outcome].format(most=policy.most or 0)
        return why_it_holds(
            rule, lambda name: situations.fact(name, who), situations.known, situations.currency
        )

    def _row(self, who: int, at: str) -> dict[str, str | int | float | None]:
        """What an `Assignment` says as a flat dict, made without one: they take long where all customers get theirs."""
        rule = self._rule(who)
        return _row(
            self.situations.id_of(who),
            at=at,
            outcome=_WORDS_BY_CODE[self._outcomes[who]],
            rule=rule,
            channel=self._channels.get(who),
            place=self._places.get(who),
            why=self._why(who, rule),
        )

    def to_dicts(self, *, everybody: bool = False) -> list[dict[str, str | int | float | None]]:
        """A flat dict for each who gets something, which JSON takes.

        Args:
            everybody: Those who get nothing as well, in the order of `situations`.
        """
        at = self.at.isoformat()
        return [self._row(who, at) for who in (self.situations.order() if everybody else self._assigned)]

    @property
    def _content(self) -> tuple[Any, ...]:
        """All that tells two of them apart, whatever order the records came in."""
        numbers = self.situations.order()
        return (
            self.at,
            self.notes,
            [self.situations.id_of(who) for who in numbers],
            [self._outcomes[who] for who in numbers],
            [self._chosen[who] for who in numbers],
            [(self._channels.get(who), self._places.get(who)) for who in numbers],
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Assignments):
            return NotImplemented
        return (self.rules, self.policy) == (other.rules, other.policy) and self._content == other._content

    def __hash__(self) -> int:
        return hash((self.at, len(self), len(self.situations)))

    def __repr__(self) -> str:
        return f"<Assignments: {len(self):,} of {len(self.situations):,} customers, {self.at:%Y-%m-%d}>"

    def __str__(self) -> str:
        """How many get what, and why the others get nothing."""
        from retention.display._assign import assignments_as_text

        return assignments_as_text(self)

    def explain(self) -> str:
        """The same with what the policy asked for, what each outcome means, and who goes first."""
        from retention.display._assign import assignments_explained

        return assignments_explained(self)


_IN_THE_LIST = frozenset(
    {
        Outcome.ASSIGNED,
        Outcome.HELD_OUT,
        Outcome.FULL,
        Outcome.FULL_OF_STRATEGY,
        Outcome.FULL_OF_CHANNELS,
    }
)

_WHY: Mapping[int, str] = {
    Outcome.EXCLUDED: "The customer is excluded by the policy.",
    Outcome.NO_CONSENT: "The customer has not consented to being contacted.",
    Outcome.NO_CONSENT_FOR_CHANNEL: "The customer has not consented to any channel by which the strategy goes.",
    Outcome.FULL: "The places ({most:,} in all) went to others who come first.",
    Outcome.FULL_OF_CHANNELS: "The places on each channel that would do went to others who come first.",
    Outcome.HELD_OUT: "The customer is held out of a test, and was in line for it.",
}


def _too_soon(what: str, days: float | None, least: Duration | None) -> str:
    """Cut and not rounded, since 13.97 days would read as the 14 that are asked for."""
    ago = floor((days or 0) * 10) / 10
    asked = as_words(least or timedelta(0))
    return (
        f"The {what} {ago:,.10g} day{'' if ago == 1 else 's'} ago, and the policy asks for {asked} of quiet."
    )
