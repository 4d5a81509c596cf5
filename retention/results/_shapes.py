"""Results of more than one number: scores on a scale, distributions of days, flows, the Lorenz curve."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import timedelta
from fractions import Fraction

from attrs import field, frozen

from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError, shown
from retention.results._basis import NOTHING, Basis, Figure, Interval, with_reason

__all__ = ["CustomerFlow", "Distribution", "LorenzCurve", "Score"]

_DAY = 86_400_000_000
"""Microseconds in a day of 24 hours."""
_MICROSECOND = timedelta(microseconds=1)


@frozen
class Score(Figure):
    """A figure on a fixed scale, such as the Gini coefficient on 0 to 1.

    Attributes:
        value: The score, or None when it is undefined or not observable.
        low: Lowest value of the scale.
        high: Highest value of the scale.
        count: How many customers or answers it was made from.
        basis: What the figure rests on; takes no part in equality.

    .. versionadded:: 0.1

    >>> print(Score(0.75, low=0, high=1, count=40))
    0.75
    """

    value: float | None
    low: float = field(kw_only=True)
    high: float = field(kw_only=True)
    count: int = field(kw_only=True)
    basis: Basis = field(default=NOTHING, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.value is None:
            object.__setattr__(self, "basis", with_reason(self.basis, "there is nothing to score"))
        elif not self.low <= self.value <= self.high:
            msg = f"Score.value must lie on its scale, {self.low} to {self.high} (got {shown(self.value)})"
            raise InvalidValueError(msg)

    def __float__(self) -> float:
        if self.value is None:
            raise self._undefined()
        return self.value

    def __format__(self, spec: str) -> str:
        return "n/a" if self.value is None else format(self.value, spec or ".3g")

    def __str__(self) -> str:
        return format(self)

    def interval(self, confidence: float = 0.95) -> Interval:  # noqa: ARG002 - the signature of all figures
        """No interval is known for this score.

        Raises:
            UndefinedMetricError: Always.
        """
        msg = f"no interval is known for {self.basis.metric or 'this score'}"
        raise UndefinedMetricError(msg)

    def explain(self) -> str:
        """The figure in words: what it was made from, what was left out."""
        if self.value is None:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        what = self.basis.counted[0] if self.basis.counted else ""
        scale = f"on the scale from {self.low:g} to {self.high:g}"
        return self._named(f"{self} {scale}, from {self.count:,} {what}".rstrip() + ".")


@frozen
class Distribution(Figure):
    """Times in days, sorted: ask for the median or any quantile rather than the mean, which few share.

    Attributes:
        microseconds: The times, ascending; `values` gives them as days of 24 hours.
        basis: What the figure rests on; takes no part in equality.

    .. versionadded:: 0.1

    >>> from datetime import timedelta
    >>> gaps = Distribution.of([timedelta(days=2), timedelta(days=9), timedelta(days=4)])
    >>> gaps.median, gaps.quantile(0.75)
    (4.0, 6.5)
    """

    microseconds: array[int] = field(repr=False)
    basis: Basis = field(default=NOTHING, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.microseconds:
            object.__setattr__(self, "basis", with_reason(self.basis, "there is nothing to take a median of"))

    @classmethod
    def of(cls, times: Iterable[int | timedelta], /, *, basis: Basis = NOTHING) -> Distribution:
        """A distribution of times in any order, each a timedelta or a whole number of microseconds."""
        counts = (time // _MICROSECOND if isinstance(time, timedelta) else time for time in times)
        return cls(array("q", sorted(counts)), basis=basis)

    def __hash__(self) -> int:
        return hash(self.microseconds.tobytes())

    @property
    def count(self) -> int:
        """How many times there are."""
        return len(self.microseconds)

    @property
    def values(self) -> Iterator[float]:
        """The times in days, ascending."""
        return (time / _DAY for time in self.microseconds)

    @property
    def value(self) -> float | None:
        """The median in days, or None when there are no times."""
        return self.quantile(0.5) if self.microseconds else None

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
        return float(Fraction(sum(self.microseconds), len(self.microseconds) * _DAY))

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
        position = (len(self.microseconds) - 1) * share
        below = int(position)
        above = min(below + 1, len(self.microseconds) - 1)
        start, end = self.microseconds[below], self.microseconds[above]
        return (start + (end - start) * (position - below)) / _DAY

    def share_within(self, time: timedelta, /) -> float:
        """Share of the times that are at most `time`.

        Raises:
            UndefinedMetricError: When there are no times.
        """
        self._require_some()
        return bisect_right(self.microseconds, time // _MICROSECOND) / len(self.microseconds)

    def _require_some(self) -> None:
        if not self.microseconds:
            raise self._undefined()

    def __len__(self) -> int:
        return len(self.microseconds)

    def __float__(self) -> float:
        return self.median

    def __format__(self, spec: str) -> str:
        return "n/a" if not self.microseconds else format(self.median, spec or ".1f")

    def __str__(self) -> str:
        return format(self)

    def __repr__(self) -> str:
        return f"<Distribution: {self.count:,} times, median {self} days>"

    def explain(self) -> str:
        """The figure in words: median, quartiles, how many, what was left out."""
        if not self.microseconds:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        quartiles = f"half of them between {self.quantile(0.25):.1f} and {self.quantile(0.75):.1f}"
        what = self.basis.counted[0] if self.basis.counted else "times"
        return self._named(f"median {self} days, {quartiles}, from {self.count:,} {what}.")


@frozen(kw_only=True)
class CustomerFlow(Figure):
    """How the customer base of one period became that of the next: start + new + reactivated − lost = end.

    Attributes:
        start: Customers of the opening base.
        new: Customers whose first purchase ever lies in the period.
        kept: Customers of the opening base who are in the closing base.
        lost: Customers of the opening base who are not.
        reactivated: Customers of the closing base who are neither new nor of the opening base.
        end: Customers of the closing base.
        customers: The ids behind ``"new"``, ``"kept"``, ``"lost"`` and ``"reactivated"``.
        basis: What the figure rests on; takes no part in equality.

    .. versionadded:: 0.1
    """

    start: int
    new: int
    kept: int
    lost: int
    reactivated: int
    end: int
    customers: Mapping[str, frozenset[Hashable]] = field(default=FrozenMapping(), repr=False, hash=False)
    basis: Basis = field(default=NOTHING, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        for name in ("start", "new", "kept", "lost", "reactivated", "end"):
            if getattr(self, name) < 0:
                msg = f"CustomerFlow.{name} must not be negative (got {getattr(self, name)})"
                raise InvalidValueError(msg)
        if self.start - self.lost != self.kept or self.kept + self.new + self.reactivated != self.end:
            msg = f"CustomerFlow must balance: start + new + reactivated - lost = end (got {self})"
            raise InvalidValueError(msg)

    def __str__(self) -> str:
        if not self.basis.observable:
            return "n/a"
        return f"{self.start:,} + {self.new:,} new + {self.reactivated:,} back − {self.lost:,} lost = {self.end:,}"

    def explain(self) -> str:
        """The flow in words, with what was left out."""
        if not self.basis.observable:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        return self._named(f"{self}; {self.kept:,} were kept.")


@frozen
class LorenzCurve(Figure):
    """How unevenly revenue is spread: the share of revenue that the poorest share of customers brings.

    Attributes:
        spends: What each customer spent, ascending, in units of the currency's last decimal.
        basis: What the figure rests on; takes no part in equality.

    .. versionadded:: 0.1
    """

    spends: tuple[int, ...] = field(repr=False)
    basis: Basis = field(default=NOTHING, kw_only=True, eq=False, repr=False)

    def points(self) -> Iterator[tuple[float, float]]:
        """(share of customers, share of revenue) from (0, 0) to (1, 1), poorest customers first.

        Raises:
            UndefinedMetricError: When there are no customers or no revenue.
        """
        total = sum(self.spends)
        if not total:
            raise self._undefined()
        return self._points(total)

    def _points(self, total: int) -> Iterator[tuple[float, float]]:
        yield 0.0, 0.0
        running = 0
        for position, spend in enumerate(self.spends, start=1):
            running += spend
            yield position / len(self.spends), running / total

    def __str__(self) -> str:
        return f"Lorenz curve of {len(self.spends):,} customers"

    def explain(self) -> str:
        """What the curve was made from."""
        if self.basis.undefined_because:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        return self._named(f"{self}.")
