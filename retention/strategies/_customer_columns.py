"""Facts about all customers, one column for each respect: few bytes for each, and judged at the speed of columns.

Customers stand as their numbers: first those who have purchased, as everywhere, then those who only have records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Protocol

from attrs import frozen

from retention._columns import NOBODY
from retention._facts import Money
from retention.segments._silence import DAY

__all__ = [
    "NO_FACTS",
    "NO_WORD",
    "Amounts",
    "Days",
    "Facts",
    "Instants",
    "Numbers",
    "Some",
    "Times",
    "WordCodes",
    "mask",
]

NO_WORD = 255
"""Stands for "none" among codes of words."""


class Facts(Protocol):
    """What is known of all customers in one respect."""

    def of(self, who: int) -> Any:
        """The fact about one; None where there is none."""
        ...

    def all(self) -> Iterable[Any]:
        """The facts about the first customers, in their order; of all others there is none."""
        ...


@frozen(eq=False)
class Some:
    """Facts about a few."""

    values: Mapping[int, Any]

    def of(self, who: int) -> Any:
        return self.values.get(who)

    def all(self) -> Iterator[Any]:
        return map(self.values.get, range(max(self.values, default=-1) + 1))


NO_FACTS = Some({})


@frozen(eq=False)
class WordCodes:
    """A word for each, as its position, or `NO_WORD`."""

    codes: bytes
    words: Sequence[str]

    def of(self, who: int) -> str | None:
        code = self.codes[who] if who < len(self.codes) else NO_WORD
        return None if code == NO_WORD else self.words[code]

    def all(self) -> Iterator[str | None]:
        return map(self.of, range(len(self.codes)))


@frozen(eq=False)
class Numbers:
    """A number for each of the first, and one and the same for all others."""

    values: Sequence[Any]
    total: int
    otherwise: Any = None

    def of(self, who: int) -> Any:
        return self.values[who] if who < len(self.values) else self.otherwise

    def all(self) -> Iterator[Any]:
        return chain(self.values, repeat(self.otherwise, self.total - len(self.values)))


@frozen(eq=False)
class Amounts:
    """Money of each of the first; of all others none was spent."""

    units: Numbers
    money: Money

    def of(self, who: int) -> Any:
        return self.money.amount(self.units.of(who))

    def all(self) -> Iterator[Any]:
        return map(self.money.amount, self.units.all())


@frozen(eq=False)
class Instants:
    """How long something lasts that began at an instant, for each of the first; in days of 24 hours."""

    instants: Sequence[int]
    now: int

    def of(self, who: int) -> float | None:
        return (self.now - self.instants[who]) / DAY if who < len(self.instants) else None

    def all(self) -> Iterator[float]:
        now = self.now
        return ((now - instant) / DAY for instant in self.instants)


@frozen(eq=False)
class Days:
    """Times of each of the first, in days of 24 hours; `NOBODY` where there is none."""

    lengths: Sequence[int]
    otherwise: int | None

    def of(self, who: int) -> float | None:
        if who >= len(self.lengths):
            return None
        length = self.lengths[who]
        usual = self.otherwise if length == NOBODY else length
        return None if usual is None else usual / DAY

    def all(self) -> Iterator[float | None]:
        return map(self.of, range(len(self.lengths)))


@frozen(eq=False)
class Times:
    """How many times a length of one's own something has lasted, else how many times that of all."""

    latest_at: Sequence[int]
    own: Sequence[int]
    otherwise: int
    now: int

    def of(self, who: int) -> float | None:
        if who >= len(self.own):
            return None
        usual = self.own[who]
        return (self.now - self.latest_at[who]) / (self.otherwise if usual == NOBODY else usual)

    def all(self) -> Iterator[float]:
        now, otherwise = self.now, self.otherwise
        return (
            (now - latest) / (otherwise if usual == NOBODY else usual)
            for latest, usual in zip(self.latest_at, self.own, strict=True)
        )


def mask(facts: Facts, test: Callable[[Any], bool], total: int) -> int:
    """Of whom a test holds, as a number with a byte of 1 for each of them: so that masks are joined by one ``&``.

    Args:
        facts: The facts.
        test: The test, which gives an answer for None, too.
        total: How many customers there are.
    """
    if isinstance(facts, WordCodes):
        table = bytes(
            test(facts.words[code] if code < len(facts.words) else None) for code in range(NO_WORD + 1)
        )
        found = facts.codes.translate(table)
    elif isinstance(facts, Some):
        few = bytearray([test(None)]) * total
        for who, value in facts.values.items():
            few[who] = test(value)
        found = bytes(few)
    else:
        found = bytes(map(test, facts.all()))
    if len(found) < total:
        found += bytes([test(None)]) * (total - len(found))
    return int.from_bytes(found, "little")
