"""Columns of machine words that can be hashed, and pickled for another machine."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    _Ints: TypeAlias = array[int]
    _Reals: TypeAlias = array[float]
else:  # an array takes no type in brackets before Python 3.12
    _Ints = _Reals = array

__all__ = ["DAY", "MICROSECOND_IN_DAYS", "Floats", "Words", "floats", "words"]

DAY = 86_400_000_000
"""Microseconds in a day of 24 hours."""
MICROSECOND_IN_DAYS = 1 / DAY


class Words(_Ints):
    """Whole numbers. Nobody changes one after it was made, so that it may be hashed."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.tobytes())

    def __copy__(self) -> Words:
        return self

    def __deepcopy__(self, memo: object) -> Words:
        return self


class Floats(_Reals):
    """Numbers, as `Words`."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.tobytes())

    def __copy__(self) -> Floats:
        return self

    def __deepcopy__(self, memo: object) -> Floats:
        return self


def words(numbers: Iterable[int] = ()) -> Words:
    """A column of whole numbers.

    Raises:
        OverflowError: When one takes more than 64 bits.
    """
    return Words("q", numbers)  # pyright: ignore[reportReturnType] - it takes all made so for plain arrays


def floats(numbers: Iterable[float] = ()) -> Floats:
    """A column of floats."""
    return Floats("d", numbers)  # pyright: ignore[reportReturnType]
