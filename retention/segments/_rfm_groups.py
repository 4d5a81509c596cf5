"""Names for what recency, frequency and money say of a customer: a table that leaves nothing out, as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen

from retention import _validate as check
from retention.errors import InvalidTypeError, InvalidValueError, is_bool, shown

__all__ = ["FEWEST_BINS", "MOST_BINS", "RFM_GROUPS", "RfmGroup", "RfmGroups", "check_bins"]

FEWEST_BINS = 2
MOST_BINS = 100
_PAIR = 2
_SHOWN_CELLS = 6


def check_bins(bins: object, *, owner: str) -> int:
    """How many scores there are: a whole number from 2 to 100.

    Raises:
        InvalidTypeError: It is no int.
        InvalidValueError: It is out of range.
    """
    if is_bool(bins) or not isinstance(bins, int):
        msg = f"{owner}: bins must be a whole number such as 5, not {type(bins).__name__} (got {shown(bins)})"
        raise InvalidTypeError(msg)
    if not FEWEST_BINS <= bins <= MOST_BINS:
        msg = f"{owner}: bins must lie from {FEWEST_BINS} to {MOST_BINS} (got {shown(bins)}); 5 is usual"
        raise InvalidValueError(msg)
    return bins


def _to_cells(cells: Iterable[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    given: object = cells
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        msg = f"RfmGroup.cells must be pairs (R, FM) such as {{(5, 5), (4, 5)}}, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    found = list(given)
    for cell in found:
        if not isinstance(cell, tuple) or len(cell) != _PAIR or any(map(_is_no_score, cell)):
            msg = f"RfmGroup.cells must be pairs (R, FM) of whole numbers, such as (5, 4) (got {shown(cell)})"
            raise InvalidTypeError(msg)
    if not found:
        msg = "RfmGroup.cells must not be empty; leave the group out"
        raise InvalidValueError(msg)
    return frozenset(found)


def _is_no_score(value: object) -> bool:
    return is_bool(value) or not isinstance(value, int)


@frozen(kw_only=True)
class RfmGroup:
    """One group of customers: what it is called, what that means, and which scores make it.

    Attributes:
        name: What it is called.
        meaning: What it means, in a plain sentence.
        cells: The scores that make it, as pairs (R, FM): R is the score of recency, FM the mean of those of frequency
            and money, rounded half up.

    .. versionadded:: 0.1
    """

    name: str = field(validator=check.label)
    meaning: str = field(validator=check.label)
    cells: frozenset[tuple[int, int]] = field(converter=_to_cells)


def _to_groups(groups: Iterable[RfmGroup]) -> tuple[RfmGroup, ...]:
    given: object = check.to_tuple(groups)
    if not isinstance(given, tuple):
        msg = f"RfmGroups.groups must be RfmGroups in a list, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    for position, group in enumerate(given):
        if not isinstance(group, RfmGroup):
            msg = f"RfmGroups.groups[{position}] must be an RfmGroup, not {type(group).__name__} (got {shown(group)})"
            raise InvalidTypeError(msg)
    return given


@frozen(kw_only=True, repr=False)
class RfmGroups:
    """A total table: each combination of R and FM lies in exactly one group; anything else is refused.

    The table has as many rows and columns as `bins`. Scores of another number of bins are stretched over it in a
    straight line: the lowest score to 1, the highest to `bins`, those between in proportion, rounded half up. FM is
    stretched before it is rounded, so that it is rounded once.

    Attributes:
        groups: The groups, the most valuable first: in this order they are shown.
        bins: How many scores the table is made for.

    Raises:
        InvalidValueError: A combination is in no group, in two, or does not exist; two groups have one name.

    .. versionadded:: 0.1

    >>> halves = RfmGroups(
    ...     bins=2,
    ...     groups=[
    ...         RfmGroup(name="lately", meaning="Bought lately.", cells={(2, 1), (2, 2)}),
    ...         RfmGroup(name="long ago", meaning="Bought long ago.", cells={(1, 1), (1, 2)}),
    ...     ],
    ... )
    >>> halves.group_of(r=5, f=1, m=2, bins=5).name
    'lately'
    """

    groups: tuple[RfmGroup, ...] = field(converter=_to_groups)
    bins: int = 5

    def __attrs_post_init__(self) -> None:
        check_bins(self.bins, owner="RfmGroups")
        faults = [*self._names_twice(), *self._unknown(), *self._missing(), *self._doubled()]
        if faults:
            msg = f"RfmGroups must put each pair (R, FM) from 1 to {self.bins} into exactly one group: {'; '.join(faults)}"
            raise InvalidValueError(msg)

    def _names_twice(self) -> Iterator[str]:
        for name in sorted({name for name in self.names if self.names.count(name) > 1}):
            yield f"two groups are called {shown(name)}"

    def _unknown(self) -> Iterator[str]:
        scores = range(1, self.bins + 1)
        for group in self.groups:
            strange = [cell for cell in group.cells if cell[0] not in scores or cell[1] not in scores]
            if strange:
                yield f"{shown(group.name)} has {_listed(strange)}, which there is not"

    def _missing(self) -> Iterator[str]:
        covered = {cell for group in self.groups for cell in group.cells}
        missing = [cell for cell in self._all_cells() if cell not in covered]
        if missing:
            yield f"no group has {_listed(missing)}"

    def _doubled(self) -> Iterator[str]:
        for number, group in enumerate(self.groups):
            for other in self.groups[number + 1 :]:
                shared = group.cells & other.cells
                if shared:
                    yield f"{shown(group.name)} and {shown(other.name)} both have {_listed(shared)}"

    def _all_cells(self) -> list[tuple[int, int]]:
        return [(r, fm) for r in range(1, self.bins + 1) for fm in range(1, self.bins + 1)]

    @property
    def names(self) -> tuple[str, ...]:
        """What the groups are called, in their order."""
        return tuple(group.name for group in self.groups)

    def cell_of(self, *, r: int, f: int, m: int, bins: int | None = None) -> tuple[int, int]:
        """The pair (R, FM) of this table in which scores lie.

        Args:
            r: Score of recency, from 1 up to the number of bins.
            f: Score of frequency.
            m: Score of money.
            bins: How many scores there are; by default as many as the table has.

        Raises:
            InvalidTypeError: One is no whole number.
            InvalidValueError: One is out of range.
        """
        of = check_bins(self.bins if bins is None else bins, owner="RfmGroups.cell_of")
        for name, score in (("r", r), ("f", f), ("m", m)):
            if _is_no_score(score):
                msg = f"RfmGroups.cell_of: {name} must be a whole number, not {type(score).__name__} (got {shown(score)})"
                raise InvalidTypeError(msg)
            if not 1 <= score <= of:
                msg = f"RfmGroups.cell_of: {name} must lie from 1 to {of}, the number of bins (got {shown(score)})"
                raise InvalidValueError(msg)
        return self._stretched(2 * r, of), self._stretched(f + m, of)

    def _stretched(self, doubled: int, bins: int) -> int:
        """Half of `doubled`, from its place between 1 and `bins` to that between 1 and the table's, rounded half up."""
        return 1 + ((doubled - 2) * (self.bins - 1) + bins - 1) // (2 * (bins - 1))

    def group_of(self, *, r: int, f: int, m: int, bins: int | None = None) -> RfmGroup:
        """The group of a customer with these scores; arguments and errors as of `cell_of`."""
        cell = self.cell_of(r=r, f=f, m=m, bins=bins)
        return next(group for group in self.groups if cell in group.cells)

    def numbers(self, bins: int) -> list[list[int]]:
        """For each R, and for each F + M, the position of the group: what a million look-ups need.

        :meta private:
        """
        number = {cell: place for place, group in enumerate(self.groups) for cell in group.cells}
        sums = [self._stretched(max(2, total), bins) for total in range(2 * bins + 1)]
        rows = [self._stretched(2 * max(1, r), bins) for r in range(bins + 1)]
        return [[number[row, column] for column in sums] for row in rows]

    def __repr__(self) -> str:
        return f"<RfmGroups: {', '.join(self.names)}; for {self.bins} bins>"


def _listed(cells: Iterable[tuple[int, int]]) -> str:
    ordered = sorted(cells)
    more = f" and {len(ordered) - _SHOWN_CELLS} more" if len(ordered) > _SHOWN_CELLS else ""
    return ", ".join(map(str, ordered[:_SHOWN_CELLS])) + more


RFM_GROUPS = RfmGroups(
    groups=[
        RfmGroup(
            name="best",
            meaning="Bought lately, and are at the top in how often and for how much. Keep them close.",
            cells={(5, 5), (4, 5)},
        ),
        RfmGroup(
            name="regulars",
            meaning="Bought lately, and more often or for more than most.",
            cells={(5, 4), (4, 4)},
        ),
        RfmGroup(
            name="promising",
            meaning="Bought lately, and are in the middle in how often and for how much: they may become regulars.",
            cells={(5, 3), (4, 3)},
        ),
        RfmGroup(
            name="beginners",
            meaning="Bought lately, but seldom and for little so far: new customers begin here.",
            cells={(5, 2), (5, 1), (4, 2), (4, 1)},
        ),
        RfmGroup(
            name="cooling",
            meaning="Bought often or for much, but not lately: remind them in time.",
            cells={(3, 5), (3, 4)},
        ),
        RfmGroup(
            name="middling",
            meaning="Bought neither lately nor long ago, and no more than others.",
            cells={(3, 3), (3, 2), (3, 1)},
        ),
        RfmGroup(
            name="slipping",
            meaning="Bought often or for much, and have been away for long: ask them back now.",
            cells={(2, 5), (2, 4)},
        ),
        RfmGroup(
            name="missed",
            meaning="Bought often or for much once, and have been away for longest: worth an effort to win back.",
            cells={(1, 5), (1, 4)},
        ),
        RfmGroup(
            name="fading",
            meaning="Bought no more than others, and have been away for long.",
            cells={(2, 3), (2, 2), (2, 1)},
        ),
        RfmGroup(
            name="gone quiet",
            meaning="Bought no more than others, and have been away for longest.",
            cells={(1, 3), (1, 2), (1, 1)},
        ),
    ]
)
"""Ten groups for scores from 1 to 5. They are ours: shop back ends have groups of such names, but no published table of
the scores by which they are cut was found.

.. versionadded:: 0.1
"""
