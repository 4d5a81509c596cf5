"""Sampling of figures that are made of several estimates, and of those that have no interval at all."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from retention._numerics import as_float, reach_of
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError, shown

__all__ = ["Linearised", "Unsampled"]

_FEWEST = 2
_ROUNDED = Fraction(1, 10**20)
"""Far more than rounding to 28 digits takes away, and far less than any other figure would lie apart."""


@frozen(kw_only=True)
class Linearised:
    """A figure made of several estimates, with the variance that these give it to first order (delta method).

    Each customer stands for one residual e: how far the figure moves with that customer. Cochran (1977), Sampling
    Techniques, 3rd ed., ch. 6; Wolter (2007), Introduction to Variance Estimation, 2nd ed., ch. 6.

    Attributes:
        n: Customers who had a part in any of the estimates.
        figure: The figure, exactly.
        residuals: Σe² over the customers, exactly.
        signed: True where the figure may lie below 0. Otherwise no interval reaches below 0.
    """

    n: int
    figure: Fraction
    residuals: Fraction
    signed: bool = False

    def __attrs_post_init__(self) -> None:
        if isinstance(self.n, bool) or not isinstance(self.n, int):
            msg = f"Linearised.n must be an int, not {type(self.n).__name__} (got {shown(self.n)})"
            raise InvalidTypeError(msg)
        for name in ("figure", "residuals"):
            value = getattr(self, name)
            if not isinstance(value, Fraction):
                msg = f"Linearised.{name} must be a Fraction, not {type(value).__name__} (got {shown(value)})"
                raise InvalidTypeError(msg)
        for name in ("n", "residuals"):
            if getattr(self, name) < 0:
                msg = f"Linearised.{name} must not be negative (got {shown(getattr(self, name))})"
                raise InvalidValueError(msg)

    def belongs_to(self, numerator: int | Decimal, denominator: int | Decimal) -> bool:
        """Whether the figure is the quotient of the two, to the digits that rounding leaves."""
        quotient = Fraction(numerator) / Fraction(denominator)
        return abs(quotient - self.figure) <= _ROUNDED * max(abs(self.figure), _ROUNDED)

    def variance(self) -> float:
        """n/(n−1) · Σe².

        Raises:
            UndefinedMetricError: When there are fewer than two customers.
        """
        if self.n < _FEWEST:
            msg = f"the variance requires at least two customers (got {self.n})"
            raise UndefinedMetricError(msg)
        return as_float(Fraction(self.n, self.n - 1) * self.residuals)

    def reach(self, confidence: float) -> float:
        """How far the interval of the figure reaches to either side: t·√v with n − 1 degrees of freedom.

        Raises:
            UndefinedMetricError: When there are fewer than two customers, or all are alike.
        """
        return reach_of(self.variance(), self.n - 1, confidence)


@frozen
class Unsampled:
    """Why a figure has no interval, in the words of the error that asking for it raises."""

    reason: str
