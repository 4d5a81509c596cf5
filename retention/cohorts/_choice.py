"""What a table of cohorts shows: its unit, how age is counted, what counts as retained, and which columns that gives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

from attrs import frozen

from retention._calendar import Unit, check_unit
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    did_you_mean,
    shown,
)

__all__ = ["Age", "Brackets", "Choice", "Column", "Retained", "checked_choice"]

Age: TypeAlias = Literal["calendar", "elapsed"]
"""How age is counted: in units of the calendar, or in units elapsed since the customer's own beginning."""

Retained: TypeAlias = Literal["on", "on_or_after", "between"]
"""Who is retained at an age: who purchased in it, in it or later, or between two ages."""

Brackets: TypeAlias = Sequence[tuple[int, int]]
"""First and last age of each column, both included."""


@frozen(kw_only=True)
class Column:
    """One column of the table, in ages.

    Attributes:
        first: The first age that counts.
        last: The last age that counts.
        upto: The last age whose revenue the cumulative revenue holds.
    """

    first: int
    last: int
    upto: int

    @property
    def label(self) -> str:
        """A short heading: "3", "1–3", or "3+" for an age or any later one."""
        if self.first == self.last:
            return str(self.first)
        return f"{self.first}+" if self.upto == self.first else f"{self.first}–{self.last}"


@frozen(kw_only=True)
class Choice:
    """The keywords of a table, checked."""

    unit: Unit
    age: Age
    retained: Retained
    horizon: int | None = None
    brackets: tuple[tuple[int, int], ...] | None = None
    ages: int | None = None
    has_events: bool = False

    @property
    def oldest(self) -> int | None:
        """The last age that any column needs, or None where they go as far as the data."""
        if self.horizon is not None:
            return self.horizon
        if self.brackets is not None:
            return self.brackets[-1][1]
        return None if self.ages is None else self.ages - 1

    def columns(self, reached: int) -> tuple[Column, ...]:
        """The columns, where this is the last age that the oldest cohort has reached."""
        if self.brackets is not None:
            return tuple(Column(first=first, last=last, upto=last) for first, last in self.brackets)
        most = reached if self.horizon is None else min(reached, self.horizon)
        most = most if self.ages is None else min(most, self.ages - 1)
        return tuple(
            Column(first=age, last=age if self.horizon is None else self.horizon, upto=age)
            for age in range(most + 1)
        )

    def options(self) -> tuple[tuple[str, str], ...]:
        """Name and text of what makes the definition; two tables whose cells can be compared have the same."""
        horizon = () if self.horizon is None else (("horizon", str(self.horizon)),)
        since = (("since", "the given event"),) if self.has_events else ()
        return (("unit", self.unit), ("age", self.age), ("retained", self.retained), *horizon, *since)

    def in_words(self, column: Column) -> str:
        """When a customer must have purchased to be retained in a column."""
        unit = self.unit
        if column.upto != column.last:
            return f"{unit} {column.first} or later, up to {unit} {column.last}"
        if column.first == column.last:
            return f"{unit} {column.first}"
        return f"{unit}s {column.first} to {column.last}"


def checked_choice(
    *,
    owner: str,
    unit: object,
    age: object,
    retained: object,
    horizon: object,
    brackets: object,
    ages: object,
    has_events: bool,
) -> Choice:
    """The keywords, if they go together.

    Raises:
        ConflictingArgumentError: One is missing that another needs, or given where it means nothing.
        InvalidTypeError: One is of another type.
        InvalidValueError: One is out of its domain.
    """
    meant = _word(retained, Retained, owner=owner, field="retained")
    _check_fit(owner, meant, horizon=horizon, brackets=brackets, ages=ages)
    return Choice(
        unit=check_unit(unit, owner=owner),
        age=_word(age, Age, owner=owner, field="age"),
        retained=meant,
        horizon=None if horizon is None else _whole(horizon, 0, owner=owner, field="horizon"),
        brackets=None if brackets is None else _brackets(brackets, owner=owner),
        ages=None if ages is None else _whole(ages, 1, owner=owner, field="ages"),
        has_events=has_events,
    )


def _check_fit(owner: str, retained: Retained, *, horizon: object, brackets: object, ages: object) -> None:
    if retained == "on_or_after" and horizon is None:
        msg = (
            f"{owner}: retained='on_or_after' needs horizon=, the last age that counts for every cohort, such as "
            f"horizon=12; else older cohorts would have had longer to come back"
        )
        raise ConflictingArgumentError(msg)
    if retained == "between" and brackets is None:
        msg = f"{owner}: retained='between' needs brackets=, the first and the last age of each column, such as [(0, 0), (1, 3)]"
        raise ConflictingArgumentError(msg)
    for field, value, wanted in (("horizon", horizon, "on_or_after"), ("brackets", brackets, "between")):
        if value is not None and retained != wanted:
            msg = f"{owner}: {field}={shown(value)} goes with retained={wanted!r} alone (got {shown(retained)}); leave one of the two out"
            raise ConflictingArgumentError(msg)
    if ages is not None and retained == "between":
        msg = (
            f"{owner}: ages={shown(ages)} can't cut brackets, each of which is a column; give fewer brackets"
        )
        raise ConflictingArgumentError(msg)


def _word(value: object, words: object, *, owner: str, field: str) -> Any:
    allowed = get_args(words)
    if isinstance(value, str) and value in allowed:
        return value
    error = InvalidValueError if isinstance(value, str) else InvalidTypeError
    msg = (
        f"{owner}: {field} must be one of {', '.join(map(repr, allowed))} (got {shown(value)}); "
        f"{did_you_mean(value, allowed)}"
    )
    raise error(msg.removesuffix("; "))


def _whole(value: object, least: int, *, owner: str, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"{owner}: {field} must be an int, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if value < least:
        msg = f"{owner}: {field} must be at least {least} (got {shown(value)}); ages are counted from 0"
        raise InvalidValueError(msg)
    return value


def _brackets(value: object, *, owner: str) -> tuple[tuple[int, int], ...]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        msg = f"{owner}: brackets must be a list of pairs of ages, such as [(0, 0), (1, 3)], not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    found = tuple(_bracket(each, place, owner=owner) for place, each in enumerate(value))
    if not found:
        msg = (
            f"{owner}: brackets must name at least one column, such as [(0, 0), (1, 3)] (got {shown(value)})"
        )
        raise InvalidValueError(msg)
    for (_, last), (first, _) in pairwise(found):
        if first <= last:
            msg = (
                f"{owner}: brackets must ascend and not overlap (got {shown(value)}); "
                f"make a table of its own for brackets that share ages"
            )
            raise InvalidValueError(msg)
    return found


def _bracket(value: object, place: int, *, owner: str) -> tuple[int, int]:
    field = f"brackets[{place}]"
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence) or len(value) != 2:
        msg = f"{owner}: {field} must be a pair, the first and the last age, such as (1, 3) (got {shown(value)})"
        raise InvalidTypeError(msg)
    first, last = (_whole(each, 0, owner=owner, field=field) for each in value)
    if first > last:
        msg = (
            f"{owner}: {field} must go from the first age to the last (got {shown(value)}); exchange the two"
        )
        raise InvalidValueError(msg)
    return first, last
