"""Times in days: their quantiles, and what share of them a limit holds."""

from __future__ import annotations

import operator
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import islice, pairwise

from attrs import field, frozen

from retention.errors import InvalidTypeError, InvalidValueError, is_bool, shown
from retention.results._basis import NOTHING, Basis, WithBasis, with_reason

__all__ = ["Distribution", "distribution_of_ascending"]

_DAY = 86_400_000_000
"""Microseconds in a day of 24 hours."""
_MICROSECOND = timedelta(microseconds=1)


class _Packed(bytes):
    """Ascending times as machine words: as compact as an array, and nobody can change them."""

    __slots__ = ()


def _pack(times: Iterable[int]) -> _Packed:
    if isinstance(times, _Packed):  # by attrs.evolve
        return times
    words = _words(times, "Distribution.microseconds", _whole)
    if any(map(operator.gt, words, islice(words, 1, None))):
        one, other = next(pair for pair in pairwise(words) if pair[0] > pair[1])
        msg = f"Distribution.microseconds must ascend (got {one} before {other}); Distribution.of(...) sorts them"
        raise InvalidValueError(msg)
    return _Packed(words)


def _words(times: object, name: str, as_word: Callable[[object, str], int]) -> array[int]:
    """Times as machine words; an array of such is taken as it is."""
    if isinstance(times, array) and times.typecode == "q":
        return times
    if isinstance(times, (str, bytes, bytearray)) or not isinstance(times, Iterable):
        msg = f"{name} must be an iterable of times, not {type(times).__name__} (got {shown(times)})"
        raise InvalidTypeError(msg)
    found = [as_word(time, name) for time in times]
    try:
        return array("q", found)
    except OverflowError:
        msg = f"{name} must lie within 292,000 years (got {shown(max(found, key=abs))} microseconds)"
        raise InvalidValueError(msg) from None


def _whole(time: object, name: str) -> int:
    """A whole number, of numpy's too."""
    try:
        if not is_bool(time):
            return operator.index(time)  # type: ignore[arg-type]
    except TypeError:
        pass
    msg = f"{name} must be whole numbers of microseconds, not {type(time).__name__} (got {shown(time)}); Distribution.of(...) takes timedeltas as well"
    raise InvalidTypeError(msg)


def _span(time: object, name: str) -> int:
    """A timedelta, or a whole number."""
    return time // _MICROSECOND if isinstance(time, timedelta) else _whole(time, name)


@frozen
class Distribution(WithBasis):
    """Times in days, sorted: ask for the median or any quantile rather than the mean, which few share.

    Attributes:
        microseconds: The times as whole numbers, ascending and read-only; `values` gives them as days of 24 hours.
        basis: What the figure rests on; takes no part in equality.

    .. versionadded:: 0.1

    >>> from datetime import timedelta
    >>> gaps = Distribution.of([timedelta(days=2), timedelta(days=9), timedelta(days=4)])
    >>> gaps.median, gaps.quantile(0.75)
    (4.0, 6.5)
    """

    _packed: bytes = field(alias="microseconds", converter=_pack, repr=False)
    basis: Basis = field(default=NOTHING, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self._packed:
            object.__setattr__(self, "basis", with_reason(self.basis, "there is nothing to take a median of"))

    @classmethod
    def of(cls, times: Iterable[int | timedelta], /, *, basis: Basis = NOTHING) -> Distribution:
        """A distribution of times in any order, each a timedelta or a whole number of microseconds.

        Raises:
            InvalidTypeError: When one of them is neither.
            InvalidValueError: When one is longer than 292,000 years.
        """
        return cls(_Packed(array("q", sorted(_words(times, "Distribution.of: times", _span)))), basis=basis)

    def __reduce__(self) -> tuple[object, ...]:
        # As an array, which knows its byte order, so that another machine reads the same times.
        return _restored, (array("q", self._packed), self.basis)

    @property
    def microseconds(self) -> Sequence[int]:
        """The times in microseconds, ascending."""
        return memoryview(self._packed).cast("q")

    @property
    def count(self) -> int:
        """How many times there are."""
        return len(self)

    @property
    def values(self) -> tuple[float, ...]:
        """The times in days, ascending."""
        return tuple(time / _DAY for time in self.microseconds)

    @property
    def value(self) -> float | None:
        """The median in days, or None when there are no times."""
        return self.quantile(0.5) if self._packed else None

    @property
    def median(self) -> float:
        """The median in days.

        Raises:
            UndefinedMetricError: When there are no times.
        """
        return self.quantile(0.5)

    @property
    def mean(self) -> float:
        """The mean in days.

        Raises:
            UndefinedMetricError: When there are no times.
        """
        self._require_some()
        return float(Fraction(sum(self.microseconds), len(self) * _DAY))

    def quantile(self, share: float) -> float:
        """The time in days that `share` of all do not exceed, interpolated between neighbours.

        Args:
            share: From 0 (the shortest) to 1 (the longest).

        Raises:
            InvalidTypeError: When `share` is no float.
            InvalidValueError: When `share` is not within [0, 1].
            UndefinedMetricError: When there are no times.
        """
        if isinstance(share, bool) or not isinstance(share, (int, float)):
            msg = f"Distribution.quantile takes a share as a float, not {type(share).__name__} (got {shown(share)})"
            raise InvalidTypeError(msg)
        if not 0 <= share <= 1:
            msg = f"Distribution.quantile takes a share from 0 to 1, such as 0.5 (got {shown(share)})"
            raise InvalidValueError(msg)
        self._require_some()
        times = self.microseconds
        position = (len(times) - 1) * share
        below = int(position)
        above = min(below + 1, len(times) - 1)
        start, end = times[below], times[above]
        return (start + (end - start) * (position - below)) / _DAY

    def share_within(self, time: timedelta, /) -> float:
        """Share of the times that are at most `time`.

        Raises:
            InvalidTypeError: When `time` is no timedelta.
            UndefinedMetricError: When there are no times.
        """
        if not isinstance(time, timedelta):
            msg = f"Distribution.share_within takes a timedelta such as timedelta(days=16), not {type(time).__name__} (got {shown(time)})"
            raise InvalidTypeError(msg)
        self._require_some()
        return bisect_right(self.microseconds, time // _MICROSECOND) / len(self)

    def _require_some(self) -> None:
        if not self._packed:
            raise self._undefined()

    def __len__(self) -> int:
        return len(self._packed) // array("q").itemsize

    def __float__(self) -> float:
        return self.median

    def __format__(self, spec: str) -> str:
        if not self._packed:
            return self._no_value
        return format(self.median, spec) if spec else _in_days(self.median)

    def __str__(self) -> str:
        return format(self)

    def __repr__(self) -> str:
        return f"<Distribution: {self.count:,} times, median {self} days>"

    def explain(self) -> str:
        """The figure in words: median, quartiles, how many, what was left out."""
        if not self._packed:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        low, high = (_in_days(self.quantile(share)) for share in (0.25, 0.75))
        quartiles = f"half of them between {low} and {high}"
        what = self.basis.counted[0] if self.basis.counted else "times"
        return self._named(f"median {self} days, {quartiles}, from {self.count:,} {what}.")


def _in_days(days: float) -> str:
    """Days with one decimal; below one day with three, which is to the minute or two."""
    return format(days, ".1f" if days >= 1 or not days else ".3f")


def distribution_of_ascending(times: array[int], *, basis: Basis) -> Distribution:
    """A distribution of an array of 64-bit words that is known to ascend: nobody looks at each again."""
    return Distribution(_Packed(times), basis=basis)


def _restored(times: array[int], basis: Basis) -> Distribution:
    return distribution_of_ascending(times, basis=basis)
