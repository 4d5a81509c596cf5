"""Who belongs to which cohort, and from when on a customer's age is counted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import chain, repeat

from attrs import frozen

from retention._calendar import instant, microseconds
from retention._columns import NOBODY
from retention.cohorts._frame import Frame
from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.history import History

__all__ = ["Events", "Members", "read_events"]

Events = Mapping[Hashable, int]
"""By customer's id, the instant of the event that the host names."""


@frozen(kw_only=True)
class Members:
    """The customers of the cohorts. A *group* is a cohort of one part of the customers; customers stand as numbers.

    Attributes:
        group: Of each customer who has purchased the group, or `NOBODY`.
        anchor: Of each of them the instant from which on age is counted; of those in no group any.
        strangers: Group and anchor of those who have not purchased.
        parts: What the customers are parted by; one part, None, where they are not.
        cohorts: How many cohorts there are; group = part * cohorts + cohort.
    """

    group: Sequence[int]
    anchor: Sequence[int]
    strangers: Sequence[tuple[int, int]]
    parts: Sequence[Hashable]
    cohorts: int

    @classmethod
    def of(
        cls,
        history: History,
        frame: Frame,
        events: Events | None,
        keys: Mapping[Hashable, Hashable] | None,
    ) -> Members:
        """The members of all cohorts, by their first purchases or by the events."""
        ids = history.columns.ids
        anchor, cohort, others = (
            _by_first_purchases(history, frame) if events is None else _by_events(ids, frame, events)
        )
        found = cls(
            group=cohort,
            anchor=anchor,
            strangers=[(place, at) for place, at, _ in others],
            parts=(None,),
            cohorts=len(frame.cohorts),
        )
        return found if keys is None else found.parted(ids, [who for _, _, who in others], keys)

    def parted(
        self, ids: Sequence[Hashable], strangers: Sequence[Hashable], keys: Mapping[Hashable, Hashable]
    ) -> Members:
        """The same customers, each cohort in as many groups as there are parts."""
        parts: dict[Hashable, int] = {}
        first_group = [
            NOBODY if cohort == NOBODY else parts.setdefault(keys.get(who), len(parts))
            for who, cohort in zip(ids, self.group, strict=True)
        ]
        others = [parts.setdefault(keys.get(who), len(parts)) for who in strangers]
        width = self.cohorts
        return Members(
            group=[
                NOBODY if part == NOBODY else part * width + cohort
                for part, cohort in zip(first_group, self.group, strict=True)
            ],
            anchor=self.anchor,
            strangers=[
                (part * width + cohort, at) for part, (cohort, at) in zip(others, self.strangers, strict=True)
            ],
            parts=tuple(parts),
            cohorts=width,
        )

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self.parts) * self.cohorts

    def sizes(self) -> Counter[int]:
        """How many customers each group has."""
        found = Counter(self.group)
        found.update(group for group, _ in self.strangers)
        return found


_Others = list[tuple[int, int, Hashable]]
"""Cohort, instant and id of those who have not purchased."""


def _by_first_purchases(history: History, frame: Frame) -> tuple[Sequence[int], list[int], _Others]:
    """Customers are numbered in the order of their first purchases, so that a cohort is a range of numbers."""
    first_at = history.columns.first_at
    limits = [bisect_left(first_at, bound) for bound in frame.bounds]
    places = frame.observable
    if not places:
        return first_at, [NOBODY] * len(first_at), []
    low, high = limits[places.start], limits[places.stop]
    inside = chain.from_iterable(repeat(place, limits[place + 1] - limits[place]) for place in places)
    return first_at, [*repeat(NOBODY, low), *inside, *repeat(NOBODY, len(first_at) - high)], []


def _by_events(
    ids: Sequence[Hashable], frame: Frame, events: Events
) -> tuple[Sequence[int], list[int], _Others]:
    starts, places = frame.bounds[:-1], frame.observable
    until = min(microseconds(frame.period.end) - 1, microseconds(frame.as_of))

    def cohort_of(at: int) -> int:
        place = bisect_right(starts, at) - 1
        return place if at <= until and place in places else NOBODY

    never = until + 1
    anchor = [events.get(who, never) for who in ids]
    known = set(ids)
    others = [(cohort_of(at), at, who) for who, at in events.items() if who not in known]
    return anchor, list(map(cohort_of, anchor)), [each for each in others if each[0] != NOBODY]


def read_events(since: object, history: History, *, owner: str) -> Events | None:
    """The host's events in microseconds, under one id a person; of several the earliest.

    Raises:
        InvalidTypeError: No mapping, or an instant is no datetime.
        InvalidValueError: An id is none, or an instant has no time zone.
    """
    if since is None:
        return None
    if not isinstance(since, Mapping):
        msg = (
            f"{owner}: since must be a mapping of customers' ids to the instants of their event, not "
            f"{type(since).__name__} (got {shown(since)})"
        )
        raise InvalidTypeError(msg)
    one_id = history.reading.aliases
    found: dict[Hashable, int] = {}
    for who, moment in since.items():
        if who is None:
            msg = f"{owner}: since must name customers by their ids (got None); leave out events of nobody known"
            raise InvalidValueError(msg)
        at = microseconds(instant(moment, owner=owner, field=f"since[{shown(who)}]"))
        person = one_id.get(who, who)
        found[person] = min(at, found.get(person, at))
    return found
