"""Whole units of money in which the monthly amounts of all subscriptions add up exactly."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import lcm

from attrs import frozen

from retention.results import as_money

__all__ = ["Cents"]


@frozen(kw_only=True)
class Cents:
    """What the whole numbers of money in the facts mean.

    Attributes:
        per_one: Units in 1.00 of the currency: a common denominator of all monthly amounts.
    """

    per_one: int = 1

    @classmethod
    def of(cls, amounts: Iterable[Fraction]) -> Cents:
        """Units in which all the amounts are whole."""
        return cls(per_one=lcm(*{amount.denominator for amount in amounts}))

    def units(self, amount: Fraction) -> int:
        """An amount in units; it must be one of those of which the units were made."""
        return int(amount * self.per_one)

    def exactly(self, units: int) -> Fraction:
        """Units as money."""
        return Fraction(units, self.per_one)

    def amount(self, units: int) -> Decimal:
        """Units as money: exact where that ends within 28 decimals, else to 28 significant digits."""
        return as_money(self.exactly(units))
