"""Who the best are, and which values can be tested for being more frequent among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from attrs import frozen

from retention.segments._traits import Trait, Value

__all__ = ["MOST_VALUES", "Candidate", "Candidates", "best_of", "candidates_of"]


MOST_VALUES = 100
"""Of an attribute: more are no groups of customers, and would drown what sets groups apart."""


def best_of(worths: Mapping[Hashable, Any], share: Decimal) -> tuple[frozenset[Hashable], Any]:
    """The ⌈share · n⌉ who are worth most, and what the least of them is worth.

    Those equal to the last are in, unless then all were; then they are out. Nobody is where all are equal.
    """
    if not worths:
        return frozenset(), None
    edge = sorted(worths.values(), reverse=True)[ceil(Fraction(share) * len(worths)) - 1]
    if min(worths.values()) == edge:
        edge = min((worth for worth in worths.values() if worth > edge), default=None)
    if edge is None:
        return frozenset(), None
    return frozenset(person for person, worth in worths.items() if worth >= edge), edge


@frozen(kw_only=True)
class Candidate:
    """A value, and how many have it: of the best, and of the others, each out of those of whom it is known.

    Attributes:
        name: The attribute.
        value: The value.
        best: How many of how many.
        others: Likewise.
        test: The same for two values that one test is about.
    """

    name: str
    value: Value
    best: tuple[int, int]
    others: tuple[int, int]
    test: Hashable

    @property
    def excess(self) -> int:
        """Above 0 where it is more frequent among the best."""
        return self.best[0] * self.others[1] - self.others[0] * self.best[1]


@frozen(kw_only=True)
class Candidates:
    """The values to be tested, and how many are not, or which attributes as a whole, and why."""

    found: tuple[Candidate, ...]
    too_few: int
    for_all: int
    unfit: Mapping[str, str]


def candidates_of(traits: Iterable[Trait], top: Collection[Hashable], fewest: int) -> Candidates:
    """The values that enough customers have, and not all.

    Args:
        traits: What is known of the customers.
        top: The best of them.
        fewest: How many must have a value.
    """
    found: list[Candidate] = []
    too_few = for_all = 0
    unfit: dict[str, str] = {}
    for trait in traits:
        known = Counter(map(top.__contains__, trait.values))
        if not (known[True] and known[False]):
            unfit[trait.name] = f"nothing is known of it among the {'others' if known[True] else 'best'}"
            continue
        having = {each: each.best[0] + each.others[0] for each in _candidates(trait, top, known)}
        enough = [each for each, count in having.items() if fewest <= count < known.total()]
        if len(enough) > MOST_VALUES:
            unfit[trait.name] = (
                f"it has {len(enough):,} values that {fewest} customers or more have; group them"
            )
            continue
        found += enough
        too_few += sum(count < fewest for count in having.values())
        for_all += sum(count == known.total() >= fewest for count in having.values())
    return Candidates(found=tuple(found), too_few=too_few, for_all=for_all, unfit=unfit)


def _candidates(trait: Trait, top: Collection[Hashable], known: Counter[bool]) -> Iterator[Candidate]:
    """Each value; of what holds or doesn't only that it holds."""
    if trait.several:
        counts = Counter(
            (person in top, value) for person, values in trait.values.items() for value in values
        )
    else:
        counts = Counter(zip(map(top.__contains__, trait.values), trait.values.values(), strict=True))
    for value in dict.fromkeys(value for _, value in counts if value is not False):
        yield Candidate(
            name=trait.name,
            value=value,
            best=(counts[True, value], known[True]),
            others=(counts[False, value], known[False]),
            test=trait.name if trait.twofold else (trait.name, value),
        )
