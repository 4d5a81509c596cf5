"""Results of more than one number: scores on a scale, flows of customers, the Lorenz curve."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import accumulate, pairwise
from math import lcm

from attrs import field, frozen

from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError, shown
from retention.results._basis import (
    NOTHING,
    Basis,
    Interval,
    WithBasis,
    check_money,
    check_number,
    check_whole,
    with_reason,
)

__all__ = ["CustomerFlow", "LorenzCurve", "Score"]


@frozen
class Score(WithBasis):
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
        check_number("Score.low", self.low)
        check_number("Score.high", self.high)
        check_whole("Score.count", self.count)
        if self.low >= self.high:
            msg = f"Score.low must be below Score.high (got {shown(self.low)} and {shown(self.high)})"
            raise InvalidValueError(msg)
        if self.value is None:
            object.__setattr__(self, "basis", with_reason(self.basis, "there is nothing to score"))
            return
        check_number("Score.value", self.value)
        if not self.low <= self.value <= self.high:
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


@frozen(kw_only=True)
class CustomerFlow(WithBasis):
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
            check_whole(f"CustomerFlow.{name}", getattr(self, name))
        if not isinstance(self.customers, Mapping):
            msg = f"CustomerFlow.customers must be a mapping of 'new', 'kept', 'lost' and 'reactivated' to sets of ids, not {type(self.customers).__name__}"
            raise InvalidTypeError(msg)
        if not isinstance(self.customers, FrozenMapping):
            object.__setattr__(self, "customers", FrozenMapping(self.customers))
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


def _spends(spends: Iterable[Decimal | int]) -> tuple[Decimal, ...]:
    given: object = spends
    if isinstance(given, str) or not isinstance(given, Iterable):
        msg = f"LorenzCurve.spends must be an iterable of Decimals, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    money = tuple(check_money("LorenzCurve.spends", spend) for spend in given)
    for one, other in pairwise(money):
        if one > other:
            msg = f"LorenzCurve.spends must ascend (got {shown(one)} before {shown(other)}); sort them"
            raise InvalidValueError(msg)
    return money


def _in_units(spends: Iterable[Decimal]) -> list[int]:
    """Money as whole numbers of one unit, so that no decimal context plays a part in its sums."""
    parts = [spend.as_integer_ratio() for spend in spends]
    unit = lcm(*{over for _, over in parts})
    return [up * (unit // over) for up, over in parts]


@frozen
class LorenzCurve(WithBasis):
    """How unevenly revenue is spread: the share of revenue that the poorest share of customers brings.

    Attributes:
        spends: What each customer spent, as money, ascending.
        basis: What the figure rests on; takes no part in equality.

    .. versionadded:: 0.1

    >>> curve = LorenzCurve([Decimal("25.00"), Decimal("75.00")])
    >>> list(curve.points())
    [(0.0, 0.0), (0.5, 0.25), (1.0, 1.0)]
    """

    spends: tuple[Decimal, ...] = field(converter=_spends, repr=False)
    basis: Basis = field(default=NOTHING, kw_only=True, eq=False, repr=False)

    def points(self) -> Iterator[tuple[float, float]]:
        """(share of customers, share of revenue) from (0, 0) to (1, 1), poorest customers first.

        Raises:
            UndefinedMetricError: When there are no customers or no revenue.
        """
        units = _in_units(self.spends)
        total = sum(units)
        if not total:
            raise self._undefined()
        running = accumulate(units, initial=0)
        return ((position / len(units), brought / total) for position, brought in enumerate(running))

    def __str__(self) -> str:
        return f"Lorenz curve of {len(self.spends):,} customers"

    def explain(self) -> str:
        """What the curve was made from."""
        if self.basis.undefined_because:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        return self._named(f"{self}.")
