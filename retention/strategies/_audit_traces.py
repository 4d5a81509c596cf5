"""What the records show of a practice: who was written to after what, what is asked, answered, joined and sold."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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
from retention._mapping import FrozenMapping
from retention.comparison import compare
from retention.records import Interaction
from retention.results import Ratio
from retention.segments._silence import DAY
from retention.strategies._room import Crowd, Room

__all__ = [
    "FEWEST",
    "HALF",
    "SALE_DAYS",
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
SALE_DAYS = 14
"""What comes within so many days after a purchase may come on account of it, whoever else it is for. Ours."""
_AFTER_SALE = SALE_DAYS * DAY
_LEAST_WATCHED = 14 * DAY
"""Of whom less time was watched nothing is told: a shop that writes now and then would not have come to them. Ours."""


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
        first = min((instants[0] for instants in self.written.values()), default=start)
        last = max((instants[-1] for instants in self.written.values()), default=start - 1)
        return max(start, first), min(end, last + 1)

    def is_written_to(self, who: Hashable, start: int, end: int) -> bool:
        """Whether somebody was written to after an instant and before another."""
        instants = self.written.get(who, ())
        place = bisect_left(instants, start + 1)
        return place < len(instants) and instants[place] < end

    @cached_property
    def bought(self) -> Mapping[Hashable, Sequence[int]]:
        """When each known customer bought, ascending; of what lies before the period only what is just over."""
        columns, found = self.room.history.columns, defaultdict[int, list[int]](list)
        where = self.room.here.purchases(self.room.span[0] - _AFTER_SALE)
        for number, at in zip(columns.customer[where], columns.at[where], strict=True):
            found[number].append(at)
        return {columns.ids[number]: instants for number, instants in found.items()}

    def is_after_sale(self, who: Hashable, at: int) -> bool:
        """Whether somebody bought so lately that what comes now may come on account of that."""
        instants = self.bought.get(who, ())
        place = bisect_right(instants, at)
        return bool(place) and at - instants[place - 1] < _AFTER_SALE

    def buys(self, who: Hashable, after: int, before: int) -> bool:
        """Whether somebody bought after an instant and before another."""
        return self.next_purchase(who, after, before) < before

    def next_purchase(self, who: Hashable, after: int, latest: int) -> int:
        """When somebody bought next after an instant; `latest` where that is not before it."""
        instants = self.bought.get(who, ())
        place = bisect_right(instants, after)
        return min(latest, instants[place]) if place < len(instants) else latest

    def stretches(self, who: Hashable, since: int, *, apart: bool) -> Iterator[tuple[int, int]]:
        """The time from an instant on in which it was noted what was written to somebody.

        Args:
            who: The customer.
            since: The instant.
            apart: Without the days after each purchase.
        """
        start, end = self.watched
        at = max(start, since)
        for bought in self.bought.get(who, ()) if apart else ():
            if at < min(bought, end):
                yield at, min(bought, end)
            at = max(at, bought + _AFTER_SALE)
        if at < end:
            yield at, end

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


def reached(
    records: Records,
    crowd: Crowd,
    told: tuple[str, str],
    *,
    since: Mapping[int, int] = FrozenMapping(),
    apart: bool = False,
) -> AuditTrace:
    """Whether some customers are written to in the period, by whatever message.

    Args:
        records: The records.
        crowd: The customers.
        told: Who they are, in words, and what is added of when they were written to.
        since: By number, from when on each is one of them; whoever is not named, all the time.
        apart: Whether what comes in the days after a purchase is left out, since buyers get that, whoever they are.
    """
    if not records.written:
        return unknown(_NO_NOTES, _NOTES)
    who, when = told
    part = whole = 0
    for number, person in enumerate(records.room.here.ids):
        if crowd.marks[number]:
            begun = since.get(number, records.watched[0])
            stretches = list(records.stretches(person, begun, apart=apart))
            if sum(end - start for start, end in stretches) >= _LEAST_WATCHED:
                whole += 1
                part += any(records.is_written_to(person, start - 1, end) for start, end in stretches)
    if whole < FEWEST:
        return AuditTrace(
            shows="invisible",
            result=Ratio(part, whole),
            why=_too_few(whole, f"{who}, and were watched for {_LEAST_WATCHED // DAY} days"),
        )
    return counted(
        part, whole, told=(who, f"were written to in {records.room.period.label}{when}"), enough=HALF
    )


def followed(
    records: Records,
    events: Iterable[tuple[Hashable, int]],
    *,
    days: int,
    what: str,
    sales: Mapping[Hashable, Sequence[int]] | None = None,
) -> AuditTrace:
    """Whether people are written to on account of something, rather than as everybody is.

    Of each person the middle one of such events of the period counts, of those that were watched for so many days. Beside
    them stand customers to whom nothing of the kind happened around the same days: what they got, everybody gets. Whoever
    has just bought is written to as a buyer. So, where it is not about sales itself, on both sides nobody counts who bought
    in the days before, and nothing that was written after the next purchase.

    Args:
        records: The records.
        events: To whom it happened, and when, in microseconds.
        days: Within how many days a message belongs to it.
        what: To whom, in words, and after what.
        sales: Where the events are purchases themselves: when each person made any of the kind.
    """
    if not records.written:
        return unknown(_NO_NOTES, _NOTES)
    window = days * DAY
    happened: defaultdict[Hashable, list[int]] = defaultdict(list)
    for who, at in events:
        happened[who].append(at)
    is_sale = sales is not None
    watched = dict(_watched(records, happened, window, is_sale=is_sale))
    part = 0
    for who, at in watched.items():
        end = at + window
        part += records.is_written_to(who, at, end if is_sale else records.next_purchase(who, at, end))
    seen = Ratio(part, len(watched))
    if len(watched) < FEWEST:
        return AuditTrace(shows="invisible", result=seen, why=_too_few(len(watched), what))
    near = happened if sales is None else sales
    ordinary = _ordinary(records, near, sorted(watched.values()), window, is_sale=is_sale)
    return _beside(seen, ordinary, days, what)


def _watched(
    records: Records, happened: Mapping[Hashable, Iterable[int]], window: int, *, is_sale: bool
) -> Iterator[tuple[Hashable, int]]:
    """For each person one event after which it was noted for long enough what was written.

    It is the middle one: what comes after the first may be a welcome, and beside the last there are few who bought later.
    """
    start, end = records.watched
    for who, instants in happened.items():
        fitting = sorted(
            at
            for at in instants
            if start <= at <= end - window and (is_sale or not records.is_after_sale(who, at))
        )
        if fitting:
            yield who, fitting[len(fitting) // 2]


def _ordinary(
    records: Records,
    happened: Mapping[Hashable, Iterable[int]],
    instants: Sequence[int],
    window: int,
    *,
    is_sale: bool,
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
            if not is_there or any(abs(each - at) <= window for each in own):
                continue
            # Whoever buys in the meantime would be watched for a shorter time.
            if is_sale or not (records.is_after_sale(who, at) or records.buys(who, at, at + window)):
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
