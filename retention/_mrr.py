"""What a customer pays a month, as a function of time: from spans of subscriptions to steps and movements.

Amounts stand in whole units of one common denominator of all the monthly amounts, so that a twelfth of a year and
365 days over 12 add up exactly; instants stand in whole microseconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias

from attrs import frozen

from retention.records import EndReason

__all__ = [
    "FOREVER",
    "UNKNOWN",
    "Bridges",
    "Ended",
    "Life",
    "Movement",
    "MovementKind",
    "Span",
    "Tenure",
    "live",
    "tenures_of",
]

MovementKind: TypeAlias = Literal[
    "new", "expansion", "resumed", "reactivation", "contraction", "paused", "churned"
]
"""What a change of one customer's MRR is."""

Ended: TypeAlias = EndReason | Literal["unknown"]
"""Why a span ended, as far as somebody said so."""

FOREVER = 10**20
"""In microseconds: later than any instant of the calendar, for what has not ended."""

UNKNOWN: Ended = "unknown"

_TELLING: tuple[Ended, ...] = (
    "plan_change",
    UNKNOWN,
    "other",
    "technical",
    "fraud",
    "payment",
    "customer",
)
"""Of several spans that end at one instant, the reason furthest on in this list is taken."""


@frozen(kw_only=True)
class Span:
    """One span of a subscription as it was known.

    Attributes:
        start: Its first instant.
        end: The instant from which on it is no longer in force, or `FOREVER`.
        paid_from: The first instant after the trial; the start where there is none.
        pauses: Times without payment, each as first instant and end; none touches the next.
        units: The monthly amount.
        reason: Why it ended.
    """

    start: int
    end: int
    paid_from: int
    pauses: Sequence[tuple[int, int]]
    units: int
    reason: Ended

    def paid(self) -> Iterator[tuple[int, int]]:
        """The times in which it is paid."""
        low = max(self.start, self.paid_from)
        for first, after in self.pauses:
            if low < first:
                yield low, first
            low = max(low, after)
        if low < self.end:
            yield low, self.end

    def held(self) -> Iterator[tuple[int, int, int]]:
        """The times in which it is paused after it was paid, and what that was."""
        for first, after in self.pauses:
            if first > self.paid_from:
                yield first, after, self.units


class Movement(NamedTuple):
    """One change of one customer's MRR, by net effect; a tuple, since there are as many as there are spans."""

    at: int
    """The instant, in microseconds."""
    customer: Hashable
    """Whose."""
    kind: MovementKind
    """What it is."""
    before: int
    """MRR just before, in units."""
    after: int
    """MRR from the instant on, in units."""

    @property
    def size(self) -> int:
        """By how much the MRR changes, in units, whichever way."""
        return abs(self.after - self.before)


@frozen(kw_only=True)
class Life:
    """What one customer paid, and when.

    Attributes:
        movements: The changes of MRR, by instant.
        in_force: The times in which at least one span is in force or a gap is bridged, each as first instant and end;
            none touches the next.
        held: The times in which a span is paused, each with what was paid when it paused.
        ends: Instant and reason of each end of a span, ascending; of one instant the most telling reason comes last.
        ended_while_paused: Instants at which a time in force ended within which the MRR had fallen to 0 and stayed there.
    """

    movements: Sequence[Movement]
    in_force: Sequence[tuple[int, int]]
    held: Sequence[tuple[int, int, int]]
    ends: Sequence[tuple[int, Ended]]
    ended_while_paused: Sequence[int]

    def is_in_force(self, before: int) -> bool:
        """Whether some span is in force just before an instant."""
        position = bisect_right(self.in_force, before - 1, key=_first)
        return position > 0 and self.in_force[position - 1][1] >= before

    def last_reason(self, before: int) -> Ended:
        """Why the last span that had ended by an instant did; there must be one."""
        return self.ends[bisect_right(self.ends, before, key=_first) - 1][1]


def _first(row: tuple[int, *tuple[object, ...]]) -> int:
    return row[0]


Bridges: TypeAlias = Callable[[int, int], bool]
"""Whether a gap, from its first instant to its end, is short enough to be bridged."""


def live(customer: Hashable, spans: Sequence[Span], bridges: Bridges | None) -> Life:
    """What a customer's spans come to.

    Args:
        customer: The customer.
        spans: The spans, in any order; each ends after it begins, and costs something.
        bridges: Which gaps keep the MRR before them; None bridges none.
    """
    in_force, gaps = _in_force(spans, bridges)
    ends = [(span.end, _TELLING.index(span.reason)) for span in spans if span.end != FOREVER]
    movements = tuple(_movements(customer, _steps(spans, gaps), in_force))
    return Life(
        movements=movements,
        in_force=in_force,
        held=tuple(chain.from_iterable(span.held() for span in spans)),
        ends=tuple((at, _TELLING[rank]) for at, rank in sorted(ends)),
        ended_while_paused=tuple(_ended_while_paused(movements, in_force)),
    )


def _in_force(
    spans: Iterable[Span], bridges: Bridges | None
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The times in which some span is in force, and the gaps between them that are bridged."""
    found: list[tuple[int, int]] = []
    gaps: list[tuple[int, int]] = []
    for start, end in sorted((span.start, span.end) for span in spans):
        if not found:
            found.append((start, end))
            continue
        first, after = found[-1]
        if start > after and bridges is not None and bridges(after, start):
            gaps.append((after, start))
            after = start
        if start > after:
            found.append((start, end))
        else:
            found[-1] = first, max(after, end)
    return found, gaps


def _steps(spans: Iterable[Span], gaps: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Each instant at which the MRR changes, with what it was before and what it is from then on."""
    changes: dict[int, int] = {}
    for span in spans:
        for first, after in span.paid():
            changes[first] = changes.get(first, 0) + span.units
            changes[after] = changes.get(after, 0) - span.units
    bridged = dict(gaps)
    for after in bridged.values():
        changes.setdefault(after, 0)
    level = 0
    for at in sorted(changes):
        if at == FOREVER:
            return
        if at in bridged:  # nothing is in force, so that all that was paid falls away at this instant
            changes[at] += level
            changes[bridged[at]] -= level
        before, level = level, level + changes[at]
        if level != before:
            yield at, before, level


def _movements(
    customer: Hashable, steps: Iterable[tuple[int, int, int]], in_force: Sequence[tuple[int, int]]
) -> Iterator[Movement]:
    ever = False
    stopped_in = -1  # the time in force in which the MRR fell to 0, by its number
    for at, before, after in steps:
        time = bisect_right(in_force, at, key=_first) - 1
        kind: MovementKind
        if not before:
            kind = "reactivation" if ever else "new"
            if ever and time == stopped_in:
                kind = "resumed"
            ever = True
        elif after:
            kind = "expansion" if after > before else "contraction"
        else:
            lasts = in_force[time][1] > at
            kind = "paused" if lasts else "churned"
            stopped_in = time if lasts else -1
        yield Movement(at, customer, kind, before, after)


def _ended_while_paused(movements: Sequence[Movement], in_force: Iterable[tuple[int, int]]) -> Iterator[int]:
    """The ends of times in force of which the last movement was to pay nothing."""
    for first, after in in_force:
        last = bisect_left(movements, after, key=_at) - 1
        if after != FOREVER and last >= 0 and movements[last].at >= first and not movements[last].after:
            yield after


def _at(movement: Movement) -> int:
    return movement.at


class Tenure(NamedTuple):
    """A time in which a customer was a subscriber: from the first payment on, for as long as anything was in force."""

    customer: Hashable
    """Whose."""
    start: int
    """The first instant at which something was paid."""
    end: int
    """The instant from which on nothing was in force, or `FOREVER`."""
    reason: Ended
    """Why it ended; unknown, too, where it has not."""


def tenures_of(life: Life) -> Iterator[Tenure]:
    """The times in which a customer was a subscriber; one for each time in force in which anything was paid.

    A pause is no end, nor is a change of plan or the trial of another.
    """
    gains = [movement for movement in life.movements if not movement.before]
    for first, after in life.in_force:
        place = bisect_left(gains, first, key=_at)
        if place < len(gains) and gains[place].at < after:
            begun = gains[place]
            reason = UNKNOWN if after == FOREVER else life.last_reason(after)
            yield Tenure(begun.customer, begun.at, after, reason)
