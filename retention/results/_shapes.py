"""Results of more than one number: flows of customers, the Lorenz curve."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import accumulate, pairwise
from math import lcm
from typing import ClassVar

from attrs import field, frozen

from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.results._basis import NOTHING, Basis, WithBasis, check_money, check_whole

__all__ = ["CustomerFlow", "LorenzCurve"]


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

    parts: ClassVar[tuple[str, ...]] = ("start", "new", "kept", "lost", "reactivated", "end")
    headline: ClassVar[str] = "Customers at the end"

    start: int
    new: int
    kept: int
    lost: int
    reactivated: int
    end: int
    customers: Mapping[str, frozenset[Hashable]] = field(default=FrozenMapping(), repr=False, hash=False)
    basis: Basis = field(default=NOTHING, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        for name in self.parts:
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
            return self._no_value
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
