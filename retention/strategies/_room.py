"""What is known of every customer at the end of a period: what signals and audiences are made of.

Customers stand as their numbers throughout, and groups of them as one byte each, so that asking for one group more costs
next to nothing. Ids are looked up for the groups that are shown in the end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import chain, repeat
from typing import TYPE_CHECKING

from attrs import field, frozen

from retention._calendar import ends_of, from_microseconds, microseconds
from retention._interaction_facts import asks_for_help
from retention._mapping import FrozenMapping
from retention._subscription_facts import subscription_facts
from retention._subscription_pairs import SubscriptionFacts
from retention.errors import MixedCurrencyError
from retention.history import History
from retention.periods import Period
from retention.records import Interaction
from retention.segments._customers import by_first_purchase
from retention.segments._lifecycle import (
    OWN_RHYTHM,
    USUAL_STAGES,
    Judged,
    at_risk_from,
    judged,
    stage_codes,
)
from retention.segments._rules import STAGES, STATES, LifecycleRules
from retention.segments._silence import DAY
from retention.segments._standing import Standing, standing
from retention.shop import Shop
from retention.strategies._customer_outlook import outlook_by_number
from retention.strategies._customer_records import Answered, People, responses

if TYPE_CHECKING:
    from retention.predict.outlook import CustomerOutlook

__all__ = ["HALF_YEAR", "LOSS_DAYS", "TWO_YEARS", "YEAR", "Crowd", "Leaving", "Room"]

_OWNER = "recommend"
YEAR = 365
"""Days before the end in which money is counted, and most else that takes its time."""
TWO_YEARS = 730
"""Days before the end in which somebody bought who may be won back: who left earlier, has left for good."""
HALF_YEAR = 180
"""Days before the end in which somebody bought, or asked, lately."""
LOSS_DAYS = 90
"""Days before the end in which subscribers are followed."""
_NEVER = -(2**63)
"""Stands for the latest purchase of somebody who had made none."""


@frozen(kw_only=True, eq=False)
class Crowd:
    """Some customers.

    Attributes:
        marks: By number, 1 for those who are meant.
        strangers: Those of them who have never purchased, each with the instant since which they are known.
    """

    marks: bytes
    strangers: Mapping[Hashable, int] = field(default=FrozenMapping())

    @property
    def count(self) -> int:
        """How many they are."""
        return self.marks.count(1) + len(self.strangers)

    def __and__(self, other: Crowd) -> Crowd:
        size = len(self.marks)
        both = int.from_bytes(self.marks) & int.from_bytes(other.marks)
        shared = {who: at for who, at in self.strangers.items() if who in other.strangers}
        return Crowd(marks=both.to_bytes(size), strangers=shared)

    def __or__(self, other: Crowd) -> Crowd:
        size = len(self.marks)
        either = int.from_bytes(self.marks) | int.from_bytes(other.marks)
        return Crowd(marks=either.to_bytes(size), strangers={**other.strangers, **self.strangers})

    def __sub__(self, other: Crowd) -> Crowd:
        size = len(self.marks)
        left = int.from_bytes(self.marks) & ~int.from_bytes(other.marks)
        others = {who: at for who, at in self.strangers.items() if who not in other.strangers}
        return Crowd(marks=left.to_bytes(size), strangers=others)


@frozen(kw_only=True)
class Leaving:
    """How a subscriber left.

    Attributes:
        at: When, in microseconds.
        reason: Why the last span ended.
    """

    at: int
    reason: str | None


@frozen(kw_only=True, eq=False, slots=False, repr=False)
class Room:
    """Where everybody stands at the end of a period, or at `as_of` where that comes first.

    Attributes:
        shop: The records.
        history: Its orders, read.
        period: The period.
        lifecycle: How silences are judged.
        outlook: What a model expects of the customers; None where the host gave none.
    """

    shop: Shop
    history: History
    period: Period
    lifecycle: LifecycleRules = OWN_RHYTHM
    outlook: CustomerOutlook | None = None

    @cached_property
    def here(self) -> Standing:
        """Who had purchased by then, and what."""
        as_of = self.history.as_of
        at = self.period.end if as_of is None else min(self.period.end, as_of)
        return standing(self.history, at, owner=_OWNER, tz=self.period.tz)

    @property
    def at(self) -> datetime:
        """The instant, in the zone of the period."""
        return self.here.at

    @property
    def day(self) -> str:
        """The instant, as people say it."""
        return f"{self.at:%Y-%m-%d}"

    @property
    def is_to_come(self) -> bool:
        """Whether the period had not begun when the data were known."""
        return self.period.start >= self.at

    @property
    def newcomers_unseen(self) -> str | None:
        """Why it can't be told who was new in the year before, or None: as much time must lie before that in the data."""
        first = self.history.observed_from
        if first is None or microseconds(first) <= self.before(TWO_YEARS):
            return None
        return f"the data begin too late to tell who was new in the {YEAR} days before: as many must lie before these"

    @property
    def customers(self) -> int:
        """How many had purchased by then."""
        return self.here.customers

    def before(self, days: int) -> int:
        """So many days before the end, in microseconds."""
        return self.here.now - days * DAY

    @cached_property
    def span(self) -> tuple[int, int]:
        """The part of the period that is known: its first microsecond, and the first one that is not of it."""
        return microseconds(self.period.start), self.here.until

    # ------------------------------------------------------------------------------------ purchases

    @cached_property
    def everyone(self) -> Crowd:
        """All who had purchased by then."""
        return Crowd(marks=bytes([1]) * self.customers)

    @cached_property
    def nobody(self) -> Crowd:
        """Nobody."""
        return Crowd(marks=bytes(self.customers))

    @cached_property
    def newcomers(self) -> Crowd:
        """Who purchased first in the period."""
        start = bisect_left(self.here.first_at, self.span[0])
        return self.numbered(range(start, self.customers))

    @cached_property
    def bought_once(self) -> Crowd:
        """Who has purchased once."""
        return Crowd(marks=bytes(map((1).__eq__, self.here.orders)))

    def buyers(self, days: int, *, at_least: int = 1) -> Crowd:
        """Who purchased in so many days before the end, or that often."""
        if at_least == 1:
            return Crowd(marks=bytes(map(self.before(days).__le__, self.here.latest_at)))
        return Crowd(marks=bytes(map(at_least.__le__, self.here.frequency(self.before(days)))))

    @cached_property
    def categories(self) -> Sequence[int]:
        """For each customer the categories of the year, a bit each."""
        goods = self.history.columns.goods
        return self._kinds(goods.category, goods.category_sets)

    @cached_property
    def channels(self) -> Sequence[int]:
        """For each customer the channels of the year, a bit each."""
        goods = self.history.columns.goods
        return self._kinds(goods.channel, goods.channel_sets)

    def _kinds(self, column: Sequence[int], sets: Sequence[frozenset[str]]) -> Sequence[int]:
        names = {name: 1 << place for place, name in enumerate(dict.fromkeys(chain.from_iterable(sets)))}
        bits = [sum(map(names.__getitem__, each)) for each in sets]
        seen = [0] * self.customers
        if column:  # it is empty where no order says anything
            where = self.here.purchases(self.before(YEAR))
            for who, number in zip(self.history.columns.customer[where], column[where], strict=True):
                seen[who] |= bits[number]
        return seen

    def numbered(self, numbers: Iterable[int]) -> Crowd:
        """The customers of these numbers."""
        marks = bytearray(self.customers)
        for number in numbers:
            marks[number] = 1
        return Crowd(marks=bytes(marks))

    # -------------------------------------------------------------------------------- stage and state

    @cached_property
    def judged(self) -> Judged:
        """Everyone's state."""
        return judged(self.here, self.lifecycle)

    @property
    def unjudged_because(self) -> str | None:
        """Why nobody's state is known, or None."""
        return self.judged.undefined_because if self.customers else "nobody had purchased yet"

    def state(self, *names: str) -> Crowd:
        """Who is in one of these states; nobody, where none is known."""
        codes = self.judged.states
        return self.nobody if codes is None else Crowd(marks=_marked(codes, STATES, names))

    def stage(self, *names: str) -> Crowd:
        """Who is in one of these stages."""
        return Crowd(marks=_marked(self._stages, STAGES, names))

    @cached_property
    def _stages(self) -> bytes:
        return stage_codes(self.here, USUAL_STAGES)

    def quiet_since(self, crowd: Crowd) -> Mapping[int, int]:
        """Of some customers, by number, since when each has been silent for too long, and so at risk."""
        numbers = [number for number, mark in enumerate(crowd.marks) if mark]
        silences = at_risk_from(self.here, self.judged, self.lifecycle, numbers)
        return dict(zip(numbers, silences, strict=True))

    def stage_since(self, stage: str, crowd: Crowd) -> Mapping[int, int]:
        """Of some customers in a stage, by number, since when each has been in it."""
        usual = {
            "middle": (USUAL_STAGES.middle_orders, USUAL_STAGES.middle_tenure),
            "late": (USUAL_STAGES.late_orders, USUAL_STAGES.late_tenure),
        }
        numbers = [number for number, mark in enumerate(crowd.marks) if mark]
        first_at = self.here.first_at
        if stage not in usual:
            return {number: first_at[number] for number in numbers}
        orders, tenure = usual[stage]
        old_enough = ends_of([first_at[number] for number in numbers], tenure, self.here.zone)
        often = self._bought_for_the(orders)
        return {number: max(at, often[number]) for number, at in zip(numbers, old_enough, strict=True)}

    def _bought_for_the(self, count: int) -> Mapping[int, int]:
        """When each customer who purchased so often did it for that time, by number."""
        columns, left, found = self.history.columns, [count] * self.customers, dict[int, int]()
        where = self.here.purchases()
        for number, at in zip(columns.customer[where], columns.at[where], strict=True):
            left[number] -= 1
            if not left[number]:
                found[number] = at
        return found

    # --------------------------------------------------------------------------------------- money

    @cached_property
    def currency(self) -> str | None:
        """The currency of what was spent, or None where there is none, or several."""
        try:
            return self.here.money.currency
        except MixedCurrencyError:
            return None

    @cached_property
    def spend(self) -> Sequence[int]:
        """What each spent in the year before the end, in units of money."""
        return self.here.spend(self.before(YEAR))

    def amount(self, units: int) -> Decimal | None:
        """Units as money; None where that is of several currencies."""
        return None if len(self.here.money.currencies) > 1 else self.here.money.amount(units)

    def spent_by(self, crowd: Crowd) -> int:
        """What they spent together in the year before the end, in units of money."""
        return sum(spent for spent, mark in zip(self.spend, crowd.marks, strict=True) if mark)

    @cached_property
    def _ranking(self) -> Sequence[int]:
        """Everyone, the best spender of the year first; of equal ones the one who came first."""
        comers = by_first_purchase(range(self.customers), self.here.first_at, self.here.ids)
        return sorted(comers, key=[-spent for spent in self.spend].__getitem__)

    def ids_of(self, crowd: Crowd) -> tuple[Hashable, ...]:
        """Their ids, the best spenders first; then those who have never purchased, the longest known first."""
        ids, marks = self.here.ids, crowd.marks
        known = [ids[who] for who in self._ranking if marks[who]]
        others = sorted(
            crowd.strangers, key=lambda who: (crowd.strangers[who], type(who).__name__, repr(who))
        )
        return (*known, *others)

    # ------------------------------------------------------------------------------------ a model's view

    def check_outlook(self) -> None:
        """Refuse an outlook of other customers, of another day, or in other money."""
        if self.outlook is not None:
            outlook_by_number(
                self.outlook,
                self.number,
                at=self.at,
                currencies=self.here.money.currencies,
                owner=_OWNER,
            )

    @property
    def worth_keeping(self) -> Crowd:
        """Whom a model takes to be worth keeping."""
        return self.crowd({} if self.outlook is None else dict.fromkeys(self.outlook.worth_keeping, 0))

    @property
    def likely_leaving(self) -> tuple[Hashable, ...]:
        """Those of them who are likely leaving, by the ids of the persons, with whom most is at stake first."""
        return () if self.outlook is None else tuple(map(self.person, self.outlook.likely_leaving))

    # -------------------------------------------------------------------------------------- records

    def person(self, customer_id: Hashable) -> Hashable:
        """The one id of a person."""
        return self.people.person(customer_id)

    def number(self, person: Hashable) -> int | None:
        """The number of a person who had purchased, or None."""
        found = self.people.find(person)
        return found if found is not None and found < self.customers else None

    def crowd(self, known: Mapping[Hashable, int]) -> Crowd:
        """People by id, each with an instant since which they are known."""
        marks, strangers = bytearray(self.customers), {}
        for who, at in known.items():
            number = self.number(who)
            if number is None:
                strangers[who] = at
            else:
                marks[number] = 1
        return Crowd(marks=bytes(marks), strangers=strangers)

    @cached_property
    def people(self) -> People:
        """Everyone of whom there is a record, so that one customer's records and the shop's are read by one rule."""
        later = repeat(
            _NEVER, len(self.history.columns.ids) - self.customers
        )  # who first bought after the end
        return People(self.shop, self.history.columns, [*self.here.latest_at, *later], self._last)

    def crowd_of(self, known: Mapping[int, datetime]) -> Crowd:
        """Some of the `people` by their numbers, each with an instant since which they are known."""
        return self.crowd({self.people.ids[number]: microseconds(at) for number, at in known.items()})

    @cached_property
    def told(self) -> Answered:
        """What everybody answered last."""
        return responses(self.shop, self.people)

    @cached_property
    def heard(self) -> Crowd:
        """Who answered anything in the year before the end."""
        first = from_microseconds(self.before(YEAR))
        answers = (each for each in self.shop.responses if first <= each.responded_at <= self._last)
        return self.crowd(
            {self.person(each.customer_id): 0 for each in answers if each.customer_id is not None}
        )

    def contacts(self, since: int) -> Iterator[tuple[Hashable, int]]:
        """Each time that a known person asked for help from an instant on: who, and when."""
        for contact in self.interactions(since):
            if contact.customer_id is not None and asks_for_help(contact):
                yield self.person(contact.customer_id), microseconds(contact.occurred_at)

    def interactions(self, since: int) -> Iterator[Interaction]:
        """The contacts from an instant on."""
        first, last = from_microseconds(since), self._last
        return (each for each in self.shop.interactions if first <= each.occurred_at <= last)

    @cached_property
    def _last(self) -> datetime:
        """The last instant that is known."""
        return from_microseconds(self.here.until - 1)

    @cached_property
    def subscribers(self) -> Mapping[Hashable, int]:
        """Who has a subscription that is paid for, and since when."""
        found: dict[Hashable, int] = {}
        last = self._last
        for span in self.shop.subscriptions:
            if span.amount and span.started_at <= last and (span.ended_at is None or span.ended_at > last):
                who, since = self.person(span.customer_id), microseconds(span.started_at)
                found[who] = min(since, found.get(who, since))
        return found

    @cached_property
    def former_subscribers(self) -> Mapping[Hashable, Leaving]:
        """Who had one, and how the last one ended."""
        found: dict[Hashable, Leaving] = {}
        last = self._last
        for span in self.shop.subscriptions:
            if not span.amount or span.ended_at is None or span.ended_at > last:
                continue
            who = self.person(span.customer_id)
            leaving = Leaving(at=microseconds(span.ended_at), reason=span.end_reason)
            if who not in self.subscribers and (who not in found or _rank(leaving) > _rank(found[who])):
                found[who] = leaving
        return found

    @cached_property
    def subscriptions_lately(self) -> SubscriptionFacts:
        """What became of the subscribers in the `LOSS_DAYS` before the end."""
        lately = Period.between(self.at - timedelta(days=LOSS_DAYS), self.at)
        return subscription_facts(self.shop, [lately])[0]


def _marked(codes: bytes, words: Sequence[str], names: Iterable[str]) -> bytes:
    """1 for each code that stands for one of the names."""
    wanted = {words.index(name) for name in names}
    return codes.translate(bytes(code in wanted for code in range(256)))


_WORD_OF_MOST = ("customer", "payment", "fraud", "technical", "other", None, "plan_change")
"""Of several spans that ended at one instant the reason that says most, as `subscriber_churn_rate` takes it."""


def _rank(leaving: Leaving) -> tuple[int, int]:
    return leaving.at, -_WORD_OF_MOST.index(leaving.reason)
