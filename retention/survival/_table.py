"""What a curve is counted from: at each time, how many ended, of which cause, and how many were last seen."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice, repeat
from operator import add, eq, floordiv, mod, sub

from attrs import field, frozen

from retention.survival._columns import Words, words
from retention.survival._spells import Spells

__all__ = ["LifeTable"]

_SAMPLE = 1000


@frozen(kw_only=True)
class LifeTable:
    """Counts at each distinct time since the origin, in microseconds and ascending.

    Attributes:
        times: The times at which a spell ended or was last seen.
        ends: Of each cause, by name, how many ended at each of the times.
        censored: How many were last seen at each of them.
        late: The times, above 0, from which on others were watched; empty where all were from the origin.
        entered: How many there were of each.
    """

    times: Words
    ends: tuple[tuple[str, Words], ...]
    censored: Words
    late: Words
    entered: Words
    _gone: array[int] = field(init=False, eq=False, repr=False)  # by each of the times, and in the end
    _here: array[int] = field(init=False, eq=False, repr=False)  # by each of the late ones, and in the end

    def __attrs_post_init__(self) -> None:
        gone = array("q", accumulate(map(add, self.ended(), self.censored), initial=0))
        on_time = gone[-1] - sum(self.entered)
        object.__setattr__(self, "_gone", gone)
        object.__setattr__(self, "_here", array("q", accumulate(self.entered, initial=on_time)))

    @classmethod
    def of(cls, spells: Spells, causes: Iterable[str] = ()) -> LifeTable:
        """The counts of some spells, of all causes that occur and of those that are named beside them."""
        found = sorted(each for each in {*spells.cause, *causes} if each is not None)
        times, (censored, *ends) = _counted(spells, found)
        late = Counter(filter(None, spells.entered or ()))
        return cls(
            times=times,
            ends=tuple(zip(found, ends, strict=True)),
            censored=censored,
            late=words(sorted(late)),
            entered=words(late[time] for time in sorted(late)),
        )

    @property
    def count(self) -> int:
        """How many spells there are."""
        return self._gone[-1]

    def ended(self) -> array[int]:
        """How many ended at each time, of whatever cause."""
        if len(self.ends) == 1:
            return self.ends[0][1]
        total: Iterable[int] = repeat(0, len(self.times))
        for _, counts in self.ends:
            total = map(add, total, counts)
        return array("q", total)

    def at_risk(self) -> array[int]:
        """How many were watched just before each time: who had entered by then, and were not gone."""
        if not self.late:
            return array("q", map(sub, repeat(self.count), self._gone[:-1]))
        return array("q", self.at_risk_at(self.times))

    def at_risk_at(self, times: Iterable[int]) -> list[int]:
        """How many were watched just before each of any times; those of the origin at 0, too."""
        late, entered, all_times, gone = self.late, self._here, self.times, self._gone
        return [entered[bisect_left(late, time)] - gone[bisect_left(all_times, time)] for time in times]


def _counted(spells: Spells, causes: Sequence[str]) -> tuple[Words, list[Words]]:
    """The distinct times; and how many were last seen at each, and how many ended of each cause.

    Time and cause are put into one number, so that they are sorted together.
    """
    codes: dict[str | None, int] = {None: 0, **{cause: code for code, cause in enumerate(causes, 1)}}
    kinds = len(codes)
    coded = list(map(add, map(kinds.__mul__, spells.ended_at), map(codes.__getitem__, spells.cause)))
    if len({*coded[:_SAMPLE]}) == len(
        coded[:_SAMPLE]
    ):  # whole days soon repeat: to sort them all is not worth it
        coded.sort()
        times = words(map(floordiv, coded, repeat(kinds)))
        if not any(map(eq, times, islice(times, 1, None))):
            which = words(map(mod, coded, repeat(kinds)))
            return times, [words(map(code.__eq__, which)) for code in range(kinds)]
    counts, times = Counter(coded), words(sorted({*spells.ended_at}))
    return times, [words(counts[time * kinds + code] for time in times) for code in range(kinds)]
