"""What the records show of a practice: who was written to after what, what is asked, answered, joined and sold."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Literal, TypeAlias

from attrs import frozen

from retention._calendar import microseconds
from retention._cancellations import CANCELLED_FOR, NOT_CANCELLED, UNKNOWN
from retention._interaction_facts import is_written
from retention._ledger import NOBODY, Ledger
from retention.comparison import compare
from retention.records import Interaction
from retention.results import Ratio
from retention.segments._silence import DAY
from retention.strategies._room import Crowd, Room

__all__ = [
    "FEWEST",
    "HALF",
    "AuditStatus",
    "AuditTrace",
    "Records",
    "counted",
    "followed",
    "reached",
    "unknown",
]

AuditStatus: TypeAlias = Literal["in place", "weak", "absent", "invisible"]
"""What the data show of a strategy; invisible: they can't show it, or can't tell."""

FEWEST = 30
"""With fewer than that nothing is judged. Ours."""
HALF = 0.5
"""Where fewer than half of those whom it is for are reached, it is weak. Ours."""
_NEXT_TO_NONE = 0.01
"""Where fewer than one in a hundred are reached, a practice is absent: nobody never errs. Ours."""
_ONE_IN_TEN = 0.1
"""Where fewer than one in ten of those who would not have heard anyway are written to, it is absent. Ours."""


@frozen(kw_only=True, repr=False)
class AuditTrace:
    """What the records show of one strategy.

    Attributes:
        shows: ``"in place"``, ``"weak"``, ``"absent"``, or ``"invisible"`` where they can't show it, or can't tell.
        result: Of those whom it is for, how many it reached; None where that was not counted.
        ordinary: The same of others on the same days, whom it is not for; None where there is nothing to set beside.
        lacking: What to hand over so that it can be seen, or None.
        why: What was seen, in a plain sentence or two.

    .. versionadded:: 0.1
    """

    shows: AuditStatus
    result: Ratio | None = None
    ordinary: Ratio | None = None
    lacking: str | None = None
    why: str

    def __str__(self) -> str:
        from retention.display._names import printable

        return printable(self.why)

    def __repr__(self) -> str:
        return f"<AuditTrace: {self.shows}>"


@frozen(kw_only=True, eq=False, slots=False, repr=False)
class Records:
    """The records of a shop as traces are looked for in them.

    Attributes:
        room: Where everybody stands at the end of the period.
    """

    room: Room

    @cached_property
    def written(self) -> Mapping[Hashable, Sequence[int]]:
        """When each known person was written to, ascending; by whatever channel, and whatever it said."""
        found: defaultdict[Hashable, list[int]] = defaultdict(list)
        for each in self.room.interactions(self._beginning):
            if is_written(each) and each.customer_id is not None:
                found[self.room.person(each.customer_id)].append(microseconds(each.occurred_at))
        return {who: sorted(instants) for who, instants in found.items()}

    @property
    def _beginning(self) -> int:
        return min((microseconds(each.occurred_at) for each in self.room.shop.interactions), default=0)

    @cached_property
    def watched(self) -> tuple[int, int]:
        """The part of the period in which somebody noted down what was written, from its first note to its last."""
        start, end = self.room.span
        if not self.written:
            return start, start
        first = min(instants[0] for instants in self.written.values())
        last = max(instants[-1] for instants in self.written.values())
        return max(start, first), min(end, last + 1)

    def is_written_to(self, who: Hashable, start: int, end: int) -> bool:
        """Whether somebody was written to after an instant and before another."""
        instants = self.written.get(who, ())
        place = bisect_left(instants, start + 1)
        return place < len(instants) and instants[place] < end

    @cached_property
    def written_in_period(self) -> Crowd:
        """To whom the shop wrote in the period."""
        start, end = self.room.span
        return self.room.crowd(
            {who: start for who in self.written if self.is_written_to(who, start - 1, end)}
        )

    @cached_property
    def _purchases(self) -> slice:
        where = self.room.here.purchases(self.room.span[0])
        return slice(min(where.start, where.stop), where.stop)

    def _rows(self, ledger: Ledger) -> Sequence[int]:
        """What stands in a ledger of the period."""
        low, high = (bisect_left(ledger.at, end) for end in self.room.span)
        return ledger.units[low:high]

    @cached_property
    def purchases(self) -> tuple[int, int]:
        """How many purchases of known customers there were in the period, and of guests."""
        start, end = self.room.span
        guests = self.room.history.columns.guests.count(start, end) if start < end else 0
        return self._purchases.stop - self._purchases.start, guests

    @property
    def placed(self) -> int:
        """How many orders were placed in the period, with those that were cancelled, or refunded in full."""
        columns = self.room.history.columns
        others = len(self._rows(columns.rest)) + len(self._rows(columns.unsold))
        return sum(self.purchases) + others

    @property
    def unsold(self) -> list[str | None]:
        """Of each order of the period that came to nothing the reason for which it was cancelled, if it was."""
        numbers = self._rows(self.room.history.columns.unsold)
        return [None if number == NOT_CANCELLED else CANCELLED_FOR[number] for number in numbers]

    @property
    def discounted(self) -> list[int]:
        """Of each purchase of the period of which it is known 1 where it was sold at a discount, and 0 where not."""
        goods = self.room.history.columns.goods
        flags = [*goods.discounted[self._purchases], *self._rows(goods.guest_discounts)]
        return [int(flag > 0) for flag in flags if flag != NOBODY]

    def losses(self) -> Iterator[tuple[str, Hashable, int]]:
        """Why an order was cancelled, or a subscription ended, whose it was, and when; guests are None."""
        columns = self.room.history.columns
        names = {number: who for who, number in columns.never_bought.items()}
        for each in columns.cancelled:
            if each.reason != UNKNOWN and each.at < self.room.here.until:
                known = columns.ids[each.cluster] if each.cluster >= 0 else names.get(each.cluster)
                yield each.reason, None if each.of_guest else known, each.at
        for span in self.room.shop.subscriptions:
            if span.end_reason is not None and span.ended_at is not None and self.is_known(span.ended_at):
                yield span.end_reason, self.room.person(span.customer_id), microseconds(span.ended_at)

    def is_known(self, moment: datetime | None) -> bool:
        """Whether something has happened by the end of the period, or by `as_of`."""
        return moment is not None and microseconds(moment) < self.room.here.until

    def sent(self, is_meant: Callable[[Interaction], bool]) -> Iterator[Interaction]:
        """What customers have ever sent, of what is meant."""
        for each in self.room.shop.interactions:
            if each.direction == "inbound" and is_meant(each) and self.is_known(each.occurred_at):
                yield each

    def of_period(self, is_meant: Callable[[Interaction], bool]) -> Iterator[Interaction]:
        """What customers sent in the period, of what is meant."""
        start = self.room.span[0]
        return (each for each in self.sent(is_meant) if microseconds(each.occurred_at) >= start)


def unknown(why: str, lacking: str | None = None) -> AuditTrace:
    """Nothing can be told."""
    return AuditTrace(shows="invisible", why=why, lacking=lacking)


# ------------------------------------------------------------------------------------------- counting


def counted(part: int, whole: int, *, told: tuple[str, str], enough: float = 0.0) -> AuditTrace:
    """A practice that shows in a share: absent where it is next to none, weak where it is surely below what is enough.

    Args:
        part: How many it reached.
        whole: Of how many.
        told: Who they are, and what happened to those whom it reached: ``"customers who bought"``, ``"are members"``.
        enough: Below that it is weak.
    """
    who, what = told
    share = Ratio(part, whole)
    if whole < FEWEST:
        return AuditTrace(shows="invisible", result=share, why=_too_few(whole, who))
    around = share.interval()
    seen = f"{part:,} of {whole:,} {who} {what}: {share:.1%} ({around})"
    if not part or around.high < _NEXT_TO_NONE:
        return AuditTrace(shows="absent", result=share, why=f"{seen}, next to none.")
    if around.high < enough:
        return AuditTrace(shows="weak", result=share, why=f"{seen}, fewer than {_in_words(enough)}.")
    return AuditTrace(shows="in place", result=share, why=f"{seen}.")


def _too_few(count: int, who: str) -> str:
    return f"There were {count:,} {who}, where {FEWEST} are the least to judge by."


def _in_words(share: float) -> str:
    return "half" if share == HALF else f"{share * 100:.6g}%"


# ------------------------------------------------------------------------------------ who is written to


_NOTES = "Shop(interactions=...) with what you write, Interaction(direction='outbound', customer_id=...)"
_NO_NOTES = "Nobody noted down what the shop writes, and to whom; what is not noted may be done all the same."


def reached(records: Records, crowd: Crowd, who: str) -> AuditTrace:
    """Whether some customers are written to in the period, by whatever message.

    Args:
        records: The records.
        crowd: The customers.
        who: Who they are, in words.
    """
    if not records.written:
        return unknown(_NO_NOTES, _NOTES)
    part = (crowd & records.written_in_period).marks.count(1)
    return counted(
        part, crowd.marks.count(1), told=(who, f"were written to in {records.room.period.label}"), enough=HALF
    )


def followed(records: Records, events: Iterable[tuple[Hashable, int]], *, days: int, what: str) -> AuditTrace:
    """Whether people are written to on account of something, rather than as everybody is.

    Of each person the first such event of the period counts that was watched for so many days. Beside them stand
    customers to whom nothing of the kind happened around the same days: what they got, everybody gets.

    Args:
        records: The records.
        events: To whom it happened, and when, in microseconds.
        days: Within how many days a message belongs to it.
        what: To whom, in words, and after what.
    """
    if not records.written:
        return unknown(_NO_NOTES, _NOTES)
    window = days * DAY
    happened: defaultdict[Hashable, list[int]] = defaultdict(list)
    for who, at in events:
        happened[who].append(at)
    watched = dict(_first_watched(happened, records.watched, window))
    part = sum(records.is_written_to(who, at, at + window) for who, at in watched.items())
    seen = Ratio(part, len(watched))
    if len(watched) < FEWEST:
        return AuditTrace(shows="invisible", result=seen, why=_too_few(len(watched), what))
    ordinary = _ordinary(records, happened, sorted(watched.values()), window)
    return _beside(seen, ordinary, days, what)


def _first_watched(
    happened: Mapping[Hashable, Iterable[int]], watched: tuple[int, int], window: int
) -> Iterator[tuple[Hashable, int]]:
    """For each person the first event after which it was noted for long enough what was written."""
    start, end = watched
    for who, instants in happened.items():
        at = min((each for each in instants if start <= each <= end - window), default=None)
        if at is not None:
            yield who, at


def _ordinary(
    records: Records, happened: Mapping[Hashable, Iterable[int]], instants: Sequence[int], window: int
) -> Ratio:
    """How many were written to on the same days to whom nothing of the kind happened around these, each looked at once.

    They bought before and were to buy again: to whoever has left hardly anybody writes, and those to whom something
    happened were there.
    """
    here = records.room.here
    part = whole = 0
    for number, who in enumerate(here.ids):
        own = happened.get(who, ())
        for at in _tried(instants, number):
            is_there = here.first_at[number] <= at <= here.latest_at[number]
            if is_there and all(abs(each - at) > window for each in own):
                whole += 1
                part += records.is_written_to(who, at, at + window)
                break
    return Ratio(part, whole)


def _tried(instants: Sequence[int], number: int) -> Iterator[int]:
    """Some of the instants, spread over all of them, from another one on for each customer."""
    step = max(1, len(instants) // _TRIES)
    for turn in range(_TRIES):
        yield instants[(number + turn * step) % len(instants)]


_TRIES = 8
"""On so many days it is tried to look at a customer, until there is one on which nothing of the kind was near."""


def _beside(seen: Ratio, ordinary: Ratio, days: int, what: str) -> AuditTrace:
    """How many were written to, beside others on the same days."""
    around = seen.interval()
    text = f"{seen.numerator:,} of {seen.denominator:,} {what} were written to within {days} days: {seen:.1%} ({around})"
    if not seen.numerator or around.high < _NEXT_TO_NONE:
        return AuditTrace(shows="absent", result=seen, why=f"{text}, next to none.")
    if ordinary.denominator < FEWEST:
        why = f"{text}. Too few others are there to tell whether that is more than everybody gets."
        return AuditTrace(shows="invisible", result=seen, why=why)
    text += f", beside {ordinary:.1%} of {ordinary.denominator:,} other customers on the same days"
    shows, verdict = _verdict(seen, ordinary)
    return AuditTrace(shows=shows, result=seen, ordinary=ordinary, why=f"{text}. {verdict}")


def _verdict(seen: Ratio, ordinary: Ratio) -> tuple[AuditStatus, str]:
    more = compare(seen, ordinary).interval()
    if more.low > 0:
        if seen.interval().high < HALF:
            return "weak", "That is more than everybody gets, but fewer than half are reached."
        return "in place", "That is more than everybody gets."
    # Of those who would have heard nothing otherwise, how many are written to at most.
    unheard = 1 - float(ordinary)
    if more.high < _ONE_IN_TEN * unheard:
        return (
            "absent",
            "That is no more than everybody gets: fewer than one in ten hear from you on account of it.",
        )
    return "invisible", "Whether that is more than everybody gets can't be told."
