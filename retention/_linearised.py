"""Sampling of figures made of several estimates, of a share turned over, and of those without an interval."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from retention._numerics import as_float, reach_of, wilson
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError, shown

__all__ = ["InverseShare", "Linearised", "Unsampled"]

_FEWEST = 2
_ROUNDED = Fraction(1, 10**20)
"""Far more than rounding to 28 digits takes away, and far less than any other figure would lie apart."""
_FARTHEST = 300.0
"""Of a logarithm: the figure times its exponential is still a float."""


@frozen(kw_only=True)
class Linearised:
    """A figure made of several estimates, with the variance that these give it to first order (delta method).

    Each customer stands for one residual e: how far the figure moves with that customer. Cochran (1977), Sampling
    Techniques, 3rd ed., ch. 6; Wolter (2007), Introduction to Variance Estimation, 2nd ed., ch. 6.

    Attributes:
        n: Customers who had a part in any of the estimates.
        figure: The figure, exactly.
        residuals: Σe² over the customers, exactly.
        fewest: Customers behind the estimate that has the fewest, who limit the degrees of freedom; all n by default.
        is_log: True for an interval on a logarithmic scale, which fits products and quotients of estimates that can't
            be negative: chance carries such a figure further up than down.
        signed: True where the figure may lie below 0. Otherwise no interval reaches below 0.
    """

    n: int
    figure: Fraction
    residuals: Fraction
    fewest: int | None = None
    is_log: bool = False
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
        if self.fewest is not None and not 0 <= self.fewest <= self.n:
            msg = f"Linearised.fewest must lie between 0 and n, {self.n} (got {shown(self.fewest)})"
            raise InvalidValueError(msg)
        if self.is_log and (self.signed or self.figure < 0 or (self.residuals and not self.figure)):
            msg = f"Linearised.is_log requires a figure above 0 (got {shown(self.figure)}, signed={self.signed})"
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
        """How far the interval of the figure reaches to either side: t·√v, with one degree of freedom less than `fewest`.

        Raises:
            UndefinedMetricError: When there are fewer than two customers behind an estimate, or all are alike.
        """
        fewest = self.n if self.fewest is None else self.fewest
        if fewest < _FEWEST:
            msg = f"the interval requires at least two customers behind each estimate (got {fewest})"
            raise UndefinedMetricError(msg)
        return reach_of(self.variance(), fewest - 1, confidence)

    def times(self, confidence: float) -> float:
        """How many times the figure the interval reaches up to, and what part of it down to: exp(t·√v / figure).

        Raises:
            UndefinedMetricError: When there are fewer than two customers behind an estimate, all are alike, or the
                interval would reach beyond any float.
        """
        far = self.reach(confidence) / as_float(self.figure)
        if far > _FARTHEST:
            msg = "the interval requires more customers: of so few, it would reach beyond all bounds"
            raise UndefinedMetricError(msg)
        return math.exp(far)


@frozen(kw_only=True)
class InverseShare:
    """A time after which a share comes to a whole, such as 1 / churn: its interval is that of the share, turned over.

    Attributes:
        hits: Customers who were hit, such as those lost.
        n: Customers who could have been.
        unit: What the time is counted in: the figure is unit · n / hits.
    """

    hits: int
    n: int
    unit: Fraction

    def __attrs_post_init__(self) -> None:
        for name, of in (("hits", int), ("n", int), ("unit", Fraction)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, of):
                msg = f"InverseShare.{name} must be of type {of.__name__}, not {type(value).__name__} (got {shown(value)})"
                raise InvalidTypeError(msg)
        if not (0 <= self.hits <= self.n and self.unit > 0):
            msg = (
                f"InverseShare.hits must lie between 0 and n, and unit above 0 "
                f"(got {shown(self.hits)}, {shown(self.n)} and {shown(self.unit)})"
            )
            raise InvalidValueError(msg)

    def belongs_to(self, numerator: int | Decimal, denominator: int | Decimal) -> bool:
        """Whether the time is the quotient of the two."""
        return Fraction(numerator) * self.hits == self.unit * self.n * Fraction(denominator)

    def bounds_at(self, z: float) -> tuple[float, float]:
        """Wilson's bounds of the share at a normal quantile, turned over.

        The two bounds of the share multiply to share² / (1 + z²/n), so that the lower one, which may be too small
        for a float to be exact about, is never divided by.
        """
        share, n = float(Fraction(self.hits, self.n)), float(self.n)
        _, high = wilson(share, n, z)
        longest = high * (1 + z * z / n) / (share * share)
        unit, middle = float(self.unit), float(self.unit * self.n / self.hits)
        return min(middle, unit / high), max(middle, unit * longest)

    def variance(self) -> float:
        """To first order: unit² · n/(n−1) · (1 − p) / (n · p³), with p the share.

        Raises:
            UndefinedMetricError: When there are fewer than two customers, or nobody was hit.
        """
        if self.n < _FEWEST or not self.hits:
            msg = f"the variance requires at least two customers, of whom one was hit (got {self.n} and {self.hits})"
            raise UndefinedMetricError(msg)
        share = Fraction(self.hits, self.n)
        return as_float(self.unit**2 * (1 - share) / ((self.n - 1) * share**3))


@frozen
class Unsampled:
    """Why a figure has no interval, in the words of the error that asking for it raises."""

    reason: str
