"""The arithmetic of customers who stay: exact fractions in, exact fractions out, and how steeply each figure rises.

Each period the share `r` of the customers of the last one stays, and `new` ones come: Cₜ = r·Cₜ₋₁ + new. Whoever is
there brings the same. With v = 1/(1 + d), all figures are sums of powers of r, v and r·v.
"""

from __future__ import annotations

from fractions import Fraction

from attrs import frozen

from retention.errors import UndefinedMetricError

__all__ = ["Model", "lifetime_margin"]


def lifetime_margin(margin: Fraction, retention: Fraction, discount: Fraction) -> Fraction:
    """What a customer's margins are worth today, the first of which comes at once: m(1 + d)/(1 + d − r).

    Raises:
        UndefinedMetricError: Everyone stays for ever, and nothing is discounted.
    """
    growth = 1 + discount
    if retention >= growth:
        msg = "the lifetime value requires a retention rate below 1 or a discount rate above 0"
        raise UndefinedMetricError(msg)
    return margin * growth / (growth - retention)


@frozen(kw_only=True)
class Model:
    """A shop whose customers stay with the same chance each period.

    Attributes:
        spend: What a customer who is there brings in a period.
        margin: What is left of it.
        discount: Interest for a period.
        cost: What it costs to win a customer.
        customers: How many there are before the first period.
        new: How many come in each period.
        periods: How many periods are looked at.
    """

    spend: Fraction
    margin: Fraction
    discount: Fraction
    cost: Fraction
    customers: Fraction
    new: Fraction
    periods: int

    def lifetime(self, retention: Fraction) -> Fraction:
        """What a customer is worth who is there now, or comes."""
        return lifetime_margin(self.margin, retention, self.discount)

    def customers_in(self, retention: Fraction, period: int) -> Fraction:
        """How many there are in the period of a number, from 1 on."""
        return self.customers * retention**period + self.new * _powers(retention, period)

    def revenue(self, retention: Fraction) -> Fraction:
        """What all customers bring in all periods."""
        return self.spend * self._customer_periods(retention, Fraction(1))

    def profit(self, retention: Fraction) -> Fraction:
        """What is left of it after what the new ones cost, discounted to the first period."""
        shrinking = 1 / (1 + self.discount)
        won = self.new * _powers(shrinking, self.periods)
        return self.margin * self._customer_periods(retention, shrinking) - self.cost * won

    def settled(self, retention: Fraction) -> Fraction | None:
        """How many customers there are where as many leave as come; None where nobody comes, or nobody leaves."""
        return self.new / (1 - retention) if self.new and retention < 1 else None

    def profit_of(self, customers: Fraction) -> Fraction:
        """What a period leaves of so many customers, the new ones among them."""
        return self.margin * customers - self.cost * self.new

    def _customer_periods(self, r: Fraction, v: Fraction) -> Fraction:
        """Customers summed over the periods, each period weighed with a power of `v`, from v⁰ on."""
        n = self.periods
        stayed = self.customers * r * _powers(r * v, n)
        if r == 1:
            return stayed + self.new * _ramp(v, n)
        return stayed + self.new * (_powers(v, n) - r * _powers(r * v, n)) / (1 - r)

    # -------------------------------------------------------------------------------------- how steep

    def lifetime_slope(self, retention: float) -> float:
        """How much the lifetime value rises per unit of retention."""
        growth = 1 + float(self.discount)
        return float(self.margin) * growth / (growth - retention) ** 2

    def revenue_slope(self, retention: float) -> float:
        """How much the revenue rises per unit of retention."""
        return float(self.spend) * self._customer_slope(retention, 1.0)

    def profit_slope(self, retention: float) -> float:
        """How much the profit rises per unit of retention."""
        return float(self.margin) * self._customer_slope(retention, 1 / (1 + float(self.discount)))

    def _customer_slope(self, r: float, v: float) -> float:
        there, slope, weight, total = float(self.customers), 0.0, 1.0, 0.0
        for _ in range(self.periods):
            there, slope = r * there + float(self.new), r * slope + there
            total += weight * slope
            weight *= v
        return total


def _powers(x: Fraction, n: int) -> Fraction:
    """1 + x + … + xⁿ⁻¹."""
    return Fraction(n) if x == 1 else (1 - x**n) / (1 - x)


def _ramp(v: Fraction, n: int) -> Fraction:
    """1 + 2v + … + n·vⁿ⁻¹."""
    if v == 1:
        return Fraction(n * (n + 1), 2)
    return (1 - (n + 1) * v**n + n * v ** (n + 1)) / (1 - v) ** 2
