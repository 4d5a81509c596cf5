"""Of the shop's earlier silences that had lasted as long, how many ended by a purchase soon after.

A silence is measured in the rhythm of the customer who keeps it, as it was known when the silence began, or in days. It
is compared with those of customers of about the same rhythm, and looked at the moment at which it had lasted as long as the one in question, and it counts only if the shop was watched for the
whole horizon after that moment, however it ended: else those that ended soon would be over-represented.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from retention._numerics import ClusterSums
from retention.segments._silence import DAY
from retention.segments._standing import Standing

__all__ = ["Clock", "Kind", "Silence", "comebacks", "kind_in_words", "kind_of", "silences"]

Kind: TypeAlias = int
"""How well a customer is known when a silence begins.

By a first purchase (0), by too few gaps for a rhythm (1), or by enough (2 and up). Who buys every week has more than
ten occasions in a season, who buys twice a year none: rhythms of one's own are told apart by their length, too.
"""

_WEEK = 7 * DAY
_BANDS = (1, 2, 4, 8, 16, 32)
"""Weeks at which one kind of rhythm passes into the next."""
_EDGES = [weeks * _WEEK for weeks in _BANDS]
_ENOUGH = 2


class Clock(NamedTuple):
    """How silences are measured.

    Attributes:
        shop: The unit for those without a rhythm of their own, in microseconds.
        by_own: Whether the unit of the others is their own median gap; else it is the same for all.
        enough: How many gaps make a rhythm.
        shortest: Shorter gaps are none.
    """

    shop: int
    by_own: bool
    enough: int
    shortest: int


class Silence(NamedTuple):
    """One silence, its times in units of its customer's rhythm.

    Attributes:
        until: Until when it lasted while the horizon after it was observed, too: whichever ended sooner.
        back_from: From when on it was to be over within the horizon.
        who: Whose it was.
    """

    until: float
    back_from: float
    who: int


def kind_of(gaps: int, rhythm: int | None) -> Kind:
    """The kind of a silence.

    Args:
        gaps: How many gaps of the customer are known.
        rhythm: The customer's own, or None where they are too few for one.
    """
    if rhythm is None:
        return 1 if gaps else 0
    return _ENOUGH + bisect_right(_EDGES, rhythm)


def kind_in_words(kind: Kind, clock: Clock) -> str:
    """The kind as people say it."""
    if not kind:
        return "after a first purchase"
    if kind == 1:
        return f"after 2 to {clock.enough} purchases" if clock.enough > 2 else "after 2 purchases"
    edges = ("", *map(str, _BANDS), "")
    low, high = edges[kind - _ENOUGH], edges[kind - _ENOUGH + 1]
    if not low:
        return "of customers who buy every week or more often"
    return (
        f"of customers who buy every {low} to {high} weeks"
        if high
        else f"of customers who buy every {low} weeks or less often"
    )


def silences(
    here: Standing, clock: Clock, *, horizon: int, until: int, least: Mapping[Kind, float]
) -> dict[Kind, list[Silence]]:
    """The silences of all customers that lasted at least so long, by kind.

    Args:
        here: Who had purchased by then.
        clock: How they are measured.
        horizon: How long they were watched after a moment, in microseconds.
        until: The first instant that is not known any more.
        least: By kind how long they must have lasted to be of use.
    """
    found: dict[Kind, list[Silence]] = {kind: [] for kind in least}
    gaps, watched_until = here.gaps(), until - horizon
    for who, first_at in enumerate(here.first_at):
        for begin, gap, known in _in_order(first_at, gaps[who], clock.shortest):
            if begin >= watched_until:
                break
            own = _middle(known) if len(known) >= clock.enough else None
            kind = kind_of(len(known), own)
            if kind in least:
                unit = own if own and clock.by_own else clock.shop
                lasted = min(gap, watched_until - begin) / unit
                if lasted > least[kind]:
                    found[kind].append(Silence(lasted, (gap - horizon) / unit, who))
    return found


def _in_order(begin: int, gaps: Iterable[int], shortest: int) -> Iterator[tuple[int, float, Sequence[int]]]:
    """A customer's silences: when each began, how long it lasted, and the gaps known by then, ascending.

    The last one has not ended.
    """
    known: list[int] = []
    for gap in gaps:
        if gap >= shortest:
            yield begin, gap, known
            insort(known, gap)
        begin += gap
    yield begin, inf, known


def _middle(ordered: Sequence[int]) -> int:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2


def comebacks(found: Iterable[Silence], asked: Iterable[float]) -> dict[float, ClusterSums]:
    """For each length how many silences reached it (x) and how many of these soon ended (y), by customer.

    One sweep from the longest to the shortest: a silence comes in where it ended, and counts as a comeback until it is so
    short that the horizon would not have reached its end.
    """
    sums = _Sums()
    every = list(found)
    entering = sorted(every, key=itemgetter(0))
    leaving = sorted((each for each in every if each.back_from < each.until), key=itemgetter(1))
    result = {}
    for length in sorted(set(asked), reverse=True):
        while entering and entering[-1].until > length:
            silence = entering.pop()
            sums.enter(silence.who, is_back=silence.back_from < silence.until)
        while leaving and leaving[-1].back_from > length:
            sums.no_comeback(leaving.pop().who)
        result[length] = sums.so_far()
    return result


class _Sums:
    """The sums over customers, kept up while silences come and go."""

    def __init__(self) -> None:
        self._x: defaultdict[int, int] = defaultdict(int)
        self._y: defaultdict[int, int] = defaultdict(int)
        self._totals = [0, 0, 0, 0, 0]

    def enter(self, who: int, *, is_back: bool) -> None:
        x, y, totals = self._x[who], self._y[who], self._totals
        totals[0] += 1
        totals[2] += 2 * x + 1
        totals[3] += y
        self._x[who] = x + 1
        if is_back:
            totals[1] += 1
            totals[3] += x + 1
            totals[4] += 2 * y + 1
            self._y[who] = y + 1

    def no_comeback(self, who: int) -> None:
        x, y, totals = self._x[who], self._y[who], self._totals
        totals[1] -= 1
        totals[3] -= x
        totals[4] -= 2 * y - 1
        self._y[who] = y - 1

    def so_far(self) -> ClusterSums:
        return ClusterSums(len(self._x), *self._totals)
