"""From which group customers went to which: two pictures of one shop laid over each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, compress, repeat

from attrs import evolve, field, frozen

from retention._calendar import instant
from retention._mapping import FrozenMapping
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    did_you_mean,
    shown,
)
from retention.results import Basis, Ratio
from retention.results._basis import NOTHING, WithBasis

__all__ = ["NOT_YET", "TransitionTable", "refuse_backwards"]

NOT_YET = "not yet a customer"
"""Where those come from who had not purchased before the first instant."""


def _labels(labels: Iterable[str]) -> tuple[str, ...]:
    given: object = labels
    if isinstance(given, str) or not isinstance(given, Iterable):
        msg = (
            f"TransitionTable.labels must be a list of words, not {type(given).__name__} (got {shown(given)})"
        )
        raise InvalidTypeError(msg)
    words = tuple(given)
    for word in words:
        if not isinstance(word, str) or not word:
            msg = f"TransitionTable.labels must be words (got {shown(word)})"
            raise InvalidTypeError(msg)
    if len(set(words)) < len(words):
        msg = f"TransitionTable.labels must all differ (got {shown(words)})"
        raise InvalidValueError(msg)
    return words


def _groups(groups: Mapping[Hashable, str]) -> FrozenMapping[Hashable, str]:
    given: object = groups
    if not isinstance(given, Mapping):
        msg = f"TransitionTable takes mappings of ids to labels, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    return given if isinstance(given, FrozenMapping) else FrozenMapping(given)


@frozen(kw_only=True, repr=False)
class TransitionTable(WithBasis):
    """Where customers stood at one instant, and where those same customers stood at a later one.

    Everyone who stands in either picture is in exactly one cell, so that nobody gets lost or is counted twice: a row
    adds up to those who stood there at the start, a column to those who stand there at the end.

    Attributes:
        before: Each customer's group at the start; those who had none are not in it.
        after: Each customer's group at the end, likewise.
        labels: The groups, in the order in which they are shown.
        start: The first instant.
        end: The later one.
        absent: What it is called to stand in no group, such as ``"not yet a customer"``.
        counts: How many customers went from one group to another, by the pair; pairs that nobody made are not in it.
        basis: What the figure rests on; takes no part in equality.

    Raises:
        InvalidValueError: Somebody stands in a group that is no label, a label stands twice or is that of the absent, or
            `end` is not later than `start`.

    .. versionadded:: 0.1

    >>> from datetime import datetime, timezone
    >>> table = TransitionTable.of(
    ...     {"ann": "active", "ben": "active"},
    ...     {"ann": "active", "ben": "lapsed", "cy": "active"},
    ...     labels=("active", "lapsed"),
    ...     start=datetime(2026, 3, 1, tzinfo=timezone.utc),
    ...     end=datetime(2026, 4, 1, tzinfo=timezone.utc),
    ... )
    >>> table["active", "lapsed"], table.share("active", "lapsed")
    (1, Ratio(1, 2))
    >>> table["not yet a customer", "active"]
    1
    """

    before: Mapping[Hashable, str] = field(converter=_groups, hash=False)
    after: Mapping[Hashable, str] = field(converter=_groups, hash=False)
    labels: tuple[str, ...] = field(converter=_labels)
    start: datetime
    end: datetime
    absent: str = NOT_YET
    basis: Basis = field(default=NOTHING, eq=False)
    counts: Mapping[tuple[str, str], int] = field(init=False, eq=False)

    @classmethod
    def of(
        cls,
        before: Mapping[Hashable, str],
        after: Mapping[Hashable, str],
        *,
        labels: Sequence[str],
        start: datetime,
        end: datetime,
        absent: str = NOT_YET,
        basis: Basis = NOTHING,
    ) -> TransitionTable:
        """The table of two pictures.

        Args:
            before: Each customer's group at the start.
            after: Each customer's group at the end.
            labels: The groups, in the order in which they are to be shown.
            start: The first instant.
            end: The later one.
            absent: What it is called to stand in no group.
            basis: What the figure rests on.

        .. versionadded:: 0.1
        """
        return cls(
            before=before, after=after, labels=labels, start=start, end=end, absent=absent, basis=basis
        )

    def __attrs_post_init__(self) -> None:
        refuse_backwards(self.start, self.end, owner="TransitionTable")
        if not isinstance(self.absent, str) or not self.absent or self.absent in self.labels:
            msg = (
                f"TransitionTable.absent must be a word that is none of the labels (got {shown(self.absent)})"
            )
            raise InvalidValueError(msg)
        counts = Counter(zip(*self._sides(), strict=True))
        for pair in counts:
            for label in pair:
                if label not in self.labels and label != self.absent:
                    msg = f"TransitionTable.labels must name every group (got {shown(label)}, which is none of {shown(self.labels)}); add it"
                    raise InvalidValueError(msg)
        object.__setattr__(self, "counts", FrozenMapping(counts))

    def _everyone(self) -> Sequence[Hashable]:
        return list(dict.fromkeys(chain(self.before, self.after)))

    def _sides(self) -> tuple[Iterable[str], Iterable[str]]:
        """The groups of everyone at the start, and at the end."""
        everyone = self._everyone()
        before, after = dict(self.before.items()), dict(self.after.items())
        return map(before.get, everyone, repeat(self.absent)), map(after.get, everyone, repeat(self.absent))

    @property
    def rows(self) -> tuple[str, ...]:
        """Where customers may have come from; the absent only where somebody was."""
        return self._with_absent(0)

    @property
    def columns(self) -> tuple[str, ...]:
        """Where they may have gone; the absent only where somebody is."""
        return self._with_absent(1)

    def _with_absent(self, side: int) -> tuple[str, ...]:
        return (
            (*self.labels, self.absent)
            if any(pair[side] == self.absent for pair in self.counts)
            else self.labels
        )

    @property
    def customers(self) -> int:
        """How many customers stand in the one picture or the other."""
        return sum(self.counts.values())

    def __getitem__(self, pair: tuple[str, str]) -> int:
        """How many went from the first group to the second."""
        return self.counts.get(self._checked(pair), 0)

    def _checked(self, pair: object) -> tuple[str, str]:
        if not isinstance(pair, tuple) or len(pair) != 2:
            msg = f"TransitionTable takes two groups, as in table[{shown(self.labels[:1])[1:-2]}, ...] (got {shown(pair)})"
            raise InvalidTypeError(msg)
        for label in pair:
            self._check(label)
        return pair

    def _check(self, label: object) -> None:
        known = (*self.labels, self.absent)
        if label not in known:
            msg = f"TransitionTable has no group {shown(label)}; {did_you_mean(label, known)}there are {', '.join(map(repr, known))}"
            raise InvalidValueError(msg)

    def total_before(self, label: str) -> int:
        """How many stood in a group at the start: the total of its row."""
        self._check(label)
        return sum(count for (before, _), count in self.counts.items() if before == label)

    def total_after(self, label: str) -> int:
        """How many stand in a group at the end: the total of its column."""
        self._check(label)
        return sum(count for (_, after), count in self.counts.items() if after == label)

    def share(self, before: str, after: str) -> Ratio:
        """Of those who stood in the first group at the start, the share that stands in the second at the end.

        Undefined where nobody stood there.
        """
        count = self[before, after]
        basis = evolve(
            self.basis,
            counted=(f"{_plain(after)} at the end", f"{_plain(before)} at the start"),
        )
        return Ratio(count, self.total_before(before), basis=basis)

    def members(self, before: str | None = None, after: str | None = None) -> tuple[Hashable, ...]:
        """The ids of those who went from the first group to the second, in the order of the two pictures.

        Args:
            before: Where they stood at the start; None for wherever.
            after: Where they stand at the end; likewise.

        Raises:
            InvalidValueError: There is no such group.
        """
        for label in (before, after):
            if label is not None:
                self._check(label)
        pairs = zip(*self._sides(), strict=True)
        meant = (before in (None, first) and after in (None, last) for first, last in pairs)
        return tuple(compress(self._everyone(), meant))

    def to_dicts(self) -> list[dict[str, str | int | float | None]]:
        """A dictionary for each cell: from which group, to which, how many, and what share of the row."""
        return [self._cell(before, after) for before in self.rows for after in self.columns]

    def _cell(self, before: str, after: str) -> dict[str, str | int | float | None]:
        share = self.share(before, after)
        bounds = (None, None) if share.value is None else tuple(share.interval())
        return {
            "before": before,
            "after": after,
            "customers": share.numerator if isinstance(share.numerator, int) else None,
            "share": share.value,
            "low": bounds[0],
            "high": bounds[1],
        }

    def __repr__(self) -> str:
        return (
            f"<TransitionTable: {self.customers:,} customers, {self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}>"
        )

    def __str__(self) -> str:
        """The table as text."""
        from retention.display._segments import transitions_as_text

        return transitions_as_text(self)

    def explain(self) -> str:
        """The table in words: how many stayed where they were, the largest moves, and how many are new."""
        if self.basis.undefined_because:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        stayed = sum(count for (before, after), count in self.counts.items() if before == after)
        moves = sorted(
            ((pair, count) for pair, count in self.counts.items() if pair[0] not in (pair[1], self.absent)),
            key=lambda move: (-move[1], move[0]),
        )
        told = "".join(
            f"; {count:,} went from {_plain(before)} to {_plain(after)}"
            for (before, after), count in moves[:3]
        )
        new = self.total_before(self.absent)
        came = f"; {new:,} {'was' if new == 1 else 'were'} {_plain(self.absent)} at the start" if new else ""
        return self._named(f"of {self.customers:,} customers {stayed:,} stayed where they were{told}{came}.")


def _plain(label: str) -> str:
    return label.replace("_", " ")


def refuse_backwards(start: object, end: object, *, owner: str) -> None:
    """Refuse two instants of which the second is not the later one."""
    first, last = instant(start, owner=owner, field="start"), instant(end, owner=owner, field="end")
    if first >= last:
        msg = f"{owner}: end must be later than start (got {first.isoformat()} and {last.isoformat()}); swap them"
        raise ConflictingArgumentError(msg)
