"""The statistics behind the intervals: Wilson's bounds, ratio estimators, Student's t.

Sums come in as exact integers and are turned into floats as late as possible, since Σ(y − R·x)² is a
small difference of large numbers.
"""

from __future__ import annotations

import math
from fractions import Fraction

from attrs import frozen

from retention.errors import InvalidTypeError, InvalidValueError, shown

__all__ = ["ClusterSums", "TwoGroups", "check_confidence", "normal_quantile", "student_quantile", "wilson"]


def check_confidence(confidence: float) -> float:
    """A confidence level strictly between 0 and 1."""
    if isinstance(confidence, bool) or not isinstance(confidence, (int, float)):
        msg = f"confidence must be a number, not {type(confidence).__name__} (got {shown(confidence)})"
        raise InvalidTypeError(msg)
    if not 0 < confidence < 1:
        msg = f"confidence must lie between 0 and 1, such as 0.95 for 95 % (got {shown(confidence)})"
        raise InvalidValueError(msg)
    return float(confidence)


def normal_quantile(confidence: float) -> float:
    """Z of a two-sided interval: 1.96 at 95 %."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(share: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's score bounds of a share seen in n independent trials (n may be an effective number).

    Wilson (1927), Journal of the American Statistical Association 22, 209–212.
    """
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    centre = share + z * z / (2 * n)
    scale = 1 + z * z / n
    # The bounds hold the share itself, which rounding could miss by one unit in the last place.
    return max(0.0, min(share, (centre - spread) / scale)), min(1.0, max(share, (centre + spread) / scale))


@frozen
class ClusterSums:
    """Sums over clusters (customers; each guest order its own) of a ratio R = Σy / Σx.

    Attributes:
        n: Number of clusters.
        x: Σx, such as purchases.
        y: Σy, such as money, in units of the last decimal.
        xx: Σx².
        xy: Σxy.
        yy: Σy².
        scale: What one y is worth in output units: y / scale. Likewise `x_scale`.
    """

    n: int
    x: int
    y: int
    xx: int
    xy: int
    yy: int
    scale: int = 1
    x_scale: int = 1

    def variance(self) -> float:
        """Linearised variance of R: n/(n−1) · Σ(y − R·x)² / (Σx)², in output units; needs n ≥ 2 and x ≠ 0.

        Cochran (1977), Sampling Techniques, 3rd ed., ch. 6.
        """
        ratio = Fraction(self.y, self.x)
        residual = self.yy - 2 * ratio * self.xy + ratio * ratio * self.xx
        variance = Fraction(self.n, self.n - 1) * residual / (self.x * self.x)
        return float(variance * Fraction(self.x_scale * self.x_scale, self.scale * self.scale))

    def share_bounds(self, z: float) -> tuple[float, float]:
        """Wilson's formula with the effective number of trials that the clusters amount to."""
        share = self.y / self.x
        variance = self.variance() if self.n > 1 else 0.0
        # No spread between customers (all alike, or only one): as many trials as customers.
        return wilson(share, share * (1 - share) / variance if variance else float(self.n), z)


@frozen(kw_only=True)
class TwoGroups:
    """Sums of two separate groups of customers, for a quotient of their means."""

    top: ClusterSums
    bottom: ClusterSums

    def variance(self) -> float:
        """Linearised variance of the quotient Q = ȳ_top / ȳ_bottom: (v_top + Q²·v_bottom) / ȳ_bottom²."""
        mean_top, mean_bottom = (
            Fraction(group.y, group.x * group.scale) for group in (self.top, self.bottom)
        )
        quotient = float(mean_top / mean_bottom)
        return (self.top.variance() + quotient**2 * self.bottom.variance()) / float(mean_bottom) ** 2

    @property
    def n(self) -> int:
        """Customers of the smaller group, which limits the degrees of freedom."""
        return min(self.top.n, self.bottom.n)


# ------------------------------------------------------------------------------------ Student's t


def student_quantile(confidence: float, freedom: int) -> float:
    """T of a two-sided interval: 2.776 at 95 % and 4 degrees of freedom.

    Bisection on the distribution function brackets it; the bracket is then halved to the last bit.
    """
    tail = (1 - confidence) / 2
    low, high = 0.0, 1.0
    while _upper_tail(high, freedom) > tail:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _upper_tail(middle, freedom) > tail:
            low = middle
        else:
            high = middle
    return high


def _upper_tail(t: float, freedom: int) -> float:
    """P(T > t) for t ≥ 0."""
    return _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22)."""
    if x in (0.0, 1.0):
        return x
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    log_front = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(log_front) / (a * _beta_fraction(a, b, x))


def _beta_fraction(a: float, b: float, x: float) -> float:
    """1 + d₁/(1 + d₂/(1 + …)), evaluated by the modified Lentz method (Thompson & Barnett 1986)."""
    tiny = 1e-300
    value, numerator, denominator = 1.0, 1.0, 0.0
    for step in range(1, 10_000):
        half = step // 2
        if step % 2:
            d = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            d = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        denominator = 1 / (1 + d * denominator or tiny)
        numerator = 1 + d / numerator or tiny
        change = numerator * denominator
        value *= change
        if abs(change - 1) < 1e-16:
            break
    return value
