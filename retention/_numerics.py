"""The arithmetic behind the results: a decimal context, Wilson's bounds, ratio estimators, Student's t.

Sums come in as exact integers and are turned into floats as late as possible, since Σ(y − R·x)² is a
small difference of large numbers.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, DecimalException
from fractions import Fraction
from typing import Literal, TypeAlias, TypeVar

from attrs import field, frozen

from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError, shown

__all__ = [
    "ClusterSums",
    "Cross",
    "CrossSums",
    "CrossTwoGroups",
    "ScoreSums",
    "TwoGroups",
    "as_float",
    "check_confidence",
    "chi_squared_p_value",
    "decimal_context",
    "net_wald",
    "normal_quantile",
    "reach_of",
    "student_p_value",
    "student_quantile",
    "wilson",
]

_FEWEST_CLUSTERS = 2
_FAR_ABOVE_ROUNDING = 10**20
_MOST_CLUSTERS = 10**60
_LAST_BITS = 1e-15
_MANY = 100_000
"""Degrees of freedom from which on Student's t is expanded around the normal quantile."""
_FAR = 1e150
"""A t of which the square is still a float."""


def decimal_context(digits: int, *, traps: Iterable[type[DecimalException]] = ()) -> Context:
    """A context of our own, with every setting stated: an unstated one is taken from the host's default."""
    return Context(
        prec=digits,
        rounding=ROUND_HALF_EVEN,
        Emin=MIN_EMIN,
        Emax=MAX_EMAX,
        capitals=1,
        clamp=0,
        flags=[],
        traps=list(traps),
    )


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
    """Z of a two-sided interval: 1.96 at 95 %.

    Read off the lower tail, which is above 0 for every confidence below 1; the upper one would round to 1.
    """
    from statistics import NormalDist

    return abs(NormalDist().inv_cdf((1 - confidence) / 2))


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
        x: Σx, such as purchases; no cluster's x is negative.
        y: Σy, such as money, in units of the last decimal.
        xx: Σx².
        xy: Σxy.
        yy: Σy².
        scale: What one y is worth in output units: y / scale. Likewise `x_scale`.
        signed: True where a single y may lie below 0, such as a profit. Otherwise no interval reaches below 0.
    """

    n: int
    x: int
    y: int
    xx: int
    xy: int
    yy: int
    scale: int = 1
    x_scale: int = 1
    signed: bool = field(default=False, kw_only=True)

    @classmethod
    def of(
        cls, pairs: Iterable[tuple[int, int]], *, scale: int = 1, x_scale: int = 1, signed: bool = False
    ) -> ClusterSums:
        """The sums of each cluster's x and y."""
        n = x = y = xx = xy = yy = 0
        for one, other in pairs:
            n += 1
            x += one
            y += other
            xx += one * one
            xy += one * other
            yy += other * other
        return cls(n, x, y, xx, xy, yy, scale, x_scale, signed=signed)

    def __attrs_post_init__(self) -> None:
        for name in ("n", "x", "y", "xx", "xy", "yy", "scale", "x_scale"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                msg = f"ClusterSums.{name} must be an int, not {type(value).__name__} (got {shown(value)}); give money in units of its last decimal"
                raise InvalidTypeError(msg)
        self._check_domain()

    def _check_domain(self) -> None:
        for name, least in (("n", 0), ("x", 0), ("xx", 0), ("yy", 0), ("scale", 1), ("x_scale", 1)):
            if getattr(self, name) < least:
                msg = f"ClusterSums.{name} must be at least {least} (got {shown(getattr(self, name))})"
                raise InvalidValueError(msg)
        if self.n > _MOST_CLUSTERS:
            msg = f"ClusterSums.n must be the number of customers (got {shown(self.n)})"
            raise InvalidValueError(msg)
        if self.y < 0 and not self.signed:
            msg = f"ClusterSums.y must not be negative (got {shown(self.y)}); give signed=True where a cluster's y may be"
            raise InvalidValueError(msg)
        # Cauchy and Schwarz: no clusters have such sums, and a variance made of them could be negative.
        if self.xy * self.xy > self.xx * self.yy:
            sums = f"xx={shown(self.xx)}, xy={shown(self.xy)}, yy={shown(self.yy)}"
            msg = f"ClusterSums.xy must be the sum of x * y over the clusters, so that xy * xy <= xx * yy (got {sums})"
            raise InvalidValueError(msg)

    def belongs_to(self, numerator: int | Decimal, denominator: int | Decimal) -> bool:
        """Whether R is the quotient of the two, so that an interval of R is one of theirs."""
        return bool(self.x) and _same_quotient(
            numerator, denominator, self.y * self.x_scale, self.x * self.scale
        )

    def variance(self) -> float:
        """Linearised variance of R: n/(n−1) · Σ(y − R·x)² / (Σx)², in output units.

        Cochran (1977), Sampling Techniques, 3rd ed., ch. 6.

        Raises:
            UndefinedMetricError: When there are fewer than two clusters, or Σx is 0.
        """
        return as_float(self.exact_variance())

    def exact_variance(self) -> Fraction:
        """The variance, before it is rounded to a float."""
        if self.n < _FEWEST_CLUSTERS or not self.x:
            msg = f"the variance requires at least two customers and an x above 0 (got {self.n} and {self.x})"
            raise UndefinedMetricError(msg)
        ratio = Fraction(self.y, self.x)
        residual = self.yy - 2 * ratio * self.xy + ratio * ratio * self.xx
        variance = Fraction(self.n, self.n - 1) * residual / (self.x * self.x)
        return variance * Fraction(self.x_scale * self.x_scale, self.scale * self.scale)

    def share_bounds(self, z: float) -> tuple[float, float]:
        """Wilson's formula with the effective number of trials that the clusters amount to."""
        share = float(self.quotient())
        return wilson(share, self.trials(share * (1 - share)), z)

    def reach(self, confidence: float) -> float:
        """How far the interval of R reaches to either side: t·√v with n − 1 degrees of freedom.

        Raises:
            UndefinedMetricError: When there are fewer than two clusters, or all are alike.
        """
        return reach_of(self.variance(), self.n - 1, confidence)

    def quotient(self) -> Fraction:
        """R in output units.

        Raises:
            UndefinedMetricError: When Σx is 0.
        """
        if not self.x:
            msg = "the quotient requires an x above 0"
            raise UndefinedMetricError(msg)
        return Fraction(self.y * self.x_scale, self.x * self.scale)

    def trials(self, spread: float) -> float:
        """How many independent trials, each of variance `spread`, know as much as these clusters do."""
        variance = self.variance() if self.n > 1 else 0.0
        # No spread between customers (all alike, or only one): as many trials as customers.
        return spread / variance if variance else float(self.n)

    @property
    def is_independent(self) -> bool:
        """Whether each cluster stands for one trial, so that its x is 1."""
        return self.n == self.x == self.xx and self.x_scale == 1


@frozen(kw_only=True)
class TwoGroups:
    """Sums of two separate groups of customers, for a quotient of their means."""

    top: ClusterSums
    bottom: ClusterSums

    def __attrs_post_init__(self) -> None:
        for name in ("top", "bottom"):
            value = getattr(self, name)
            if not isinstance(value, ClusterSums):
                msg = f"TwoGroups.{name} must be ClusterSums, not {type(value).__name__} (got {shown(value)})"
                raise InvalidTypeError(msg)

    def belongs_to(self, numerator: int | Decimal, denominator: int | Decimal) -> bool:
        """Whether the quotient of the means is the quotient of the two."""
        top, bottom = self.top, self.bottom
        over = top.x * top.scale * bottom.y * bottom.x_scale
        return bool(over) and _same_quotient(
            numerator, denominator, top.y * top.x_scale * bottom.x * bottom.scale, over
        )

    def variance(self) -> float:
        """Linearised variance of the quotient Q = ȳ_top / ȳ_bottom: (v_top + Q²·v_bottom) / ȳ_bottom².

        Raises:
            UndefinedMetricError: When a group has fewer than two customers, or the bottom's mean is 0.
        """
        spread_top, spread_bottom = self.top.exact_variance(), self.bottom.exact_variance()
        quotient, below = self.quotient(), self.bottom.quotient()
        return as_float((spread_top + quotient * quotient * spread_bottom) / (below * below))

    def quotient(self) -> Fraction:
        """The quotient of the means, in output units.

        Raises:
            UndefinedMetricError: When a group is empty, or the bottom's mean is 0.
        """
        below = self.bottom.quotient()
        if not below:
            msg = "the variance requires a mean other than 0 in the group of the denominator"
            raise UndefinedMetricError(msg)
        return self.top.quotient() / below

    def reach(self, confidence: float) -> float:
        """How far the interval of the quotient reaches to either side.

        Raises:
            UndefinedMetricError: When a group has fewer than two customers, or all customers are alike.
        """
        return reach_of(self.variance(), self.n - 1, confidence)

    @property
    def n(self) -> int:
        """Customers of the smaller group, which limits the degrees of freedom."""
        return min(self.top.n, self.bottom.n)

    @property
    def signed(self) -> bool:
        """Whether the quotient may lie below 0."""
        return self.top.signed or self.bottom.signed


@frozen(kw_only=True)
class ScoreSums:
    """How a score comes from answers: points · Σy / Σx, summed over respondents.

    Attributes:
        sums: A respondent's x is the number of answers, y what these add up to: 1 or 0 each (``"share"``), 1, 0
            or −1 each (``"net"``), the answer itself (``"mean"``).
        method: Which of the three.
        points: What 1 is worth on the scale of the score.
        outspoken: Answers that count 1 or −1 in a net score.
    """

    sums: ClusterSums
    method: Literal["share", "net", "mean"]
    points: int | Fraction = 100
    outspoken: int = 0

    def variance(self) -> float:
        """Variance of the score, in points².

        Raises:
            UndefinedMetricError: When there are fewer than two respondents.
        """
        return self.sums.variance() * float(self.points) ** 2

    def bounds(self, confidence: float) -> tuple[float, float, str]:
        """The interval of the score in points, and how it was made; not cut to the scale of a mean.

        Raises:
            UndefinedMetricError: When a mean has fewer than two respondents, or they all answered alike.
        """
        if self.method == "mean":
            points, middle = float(self.points), float(self.points * self.sums.quotient())
            reach = points * self.sums.reach(confidence)
            return middle - reach, middle + reach, "Student's t of the mean, clustered by customer"
        name = "Wilson" if self.method == "share" else "adjusted Wald (Rocks 2016)"
        clustered = "" if self.sums.is_independent else ", clustered by customer"
        return *self.bounds_at(normal_quantile(confidence)), f"{name}{clustered}"

    def bounds_at(self, z: float) -> tuple[float, float]:
        """The bounds of a share or a net score at a normal quantile, in points."""
        points = float(self.points)
        low, high = self._share_bounds(z) if self.method == "share" else self._net_bounds(z)
        return points * low, points * high

    def _share_bounds(self, z: float) -> tuple[float, float]:
        share = float(self.sums.quotient())
        return wilson(share, self._trials(share * (1 - share)), z)

    def _net_bounds(self, z: float) -> tuple[float, float]:
        net, loud = float(self.sums.quotient()), float(Fraction(self.outspoken, self.sums.x))
        trials = self._trials(loud - net * net)
        return net_wald((loud + net) / 2 * trials, (loud - net) / 2 * trials, trials, z)

    def _trials(self, spread: float) -> float:
        return float(self.sums.n) if self.sums.is_independent else self.sums.trials(spread)


def reach_of(variance: float, freedom: int, confidence: float) -> float:
    """T·√v: how far an interval reaches to either side.

    Raises:
        UndefinedMetricError: When there is no variance.
    """
    if not variance:
        msg = "the interval requires customers who are not all alike: nothing else tells how far chance carries them"
        raise UndefinedMetricError(msg)
    return student_quantile(confidence, freedom) * math.sqrt(variance)


def net_wald(up: float, down: float, n: float, z: float) -> tuple[float, float]:
    """Bounds of a net share (up − down) / n, by Wald's formula with three quarters added to each side.

    Plain Wald collapses to a point where all answers are alike. Rocks (2016), "Interval estimation for the
    net promoter score", The American Statistician 70, 365–372. The bounds hold the share itself.
    """
    net = (up - down) / n
    p, d = (up + 0.75) / (n + 3), (down + 0.75) / (n + 3)
    middle = p - d
    reach = z * math.sqrt((p + d - middle * middle) / (n + 3))
    return max(-1.0, min(net, middle - reach)), min(1.0, max(net, middle + reach))


K = TypeVar("K", bound=Hashable)


@frozen(kw_only=True)
class CrossSums:
    """Sums over the customers whom two samples share, of a ratio R = Σy / Σx in each.

    Attributes:
        n: Customers in either sample.
        xx: Σ x_a · x_b.
        xy: Σ x_a · y_b.
        yx: Σ y_a · x_b.
        yy: Σ y_a · y_b.
    """

    n: int
    xx: int
    xy: int
    yx: int
    yy: int

    @classmethod
    def of(cls, pairs: Iterable[tuple[tuple[int, int], tuple[int, int]]], n: int) -> CrossSums:
        """The sums of each shared customer's (x, y) in the one sample and in the other."""
        xx = xy = yx = yy = 0
        for (x_a, y_a), (x_b, y_b) in pairs:
            xx += x_a * x_b
            xy += x_a * y_b
            yx += y_a * x_b
            yy += y_a * y_b
        return cls(n=n, xx=xx, xy=xy, yx=yx, yy=yy)

    @classmethod
    def between(
        cls,
        a: Mapping[K, tuple[int, int]],
        b: Mapping[K, tuple[int, int]],
        n: int | None = None,
    ) -> CrossSums:
        """The same of two samples by customer; n where there are customers beside these in either."""
        shared = a.keys() & b.keys()
        either = len(a) + len(b) - len(shared)
        return cls.of(((a[who], b[who]) for who in shared), either if n is None else n)

    def complement(self) -> CrossSums:
        """The sums of x − y instead of y: of the lost instead of the kept."""
        return CrossSums(
            n=self.n,
            xx=self.xx,
            xy=self.xx - self.xy,
            yx=self.xx - self.yx,
            yy=self.xx - self.xy - self.yx + self.yy,
        )

    def covariance(self, a: ClusterSums, b: ClusterSums) -> float:
        """n/(n−1) · Σ eᵃeᵇ / (Σxᵃ·Σxᵇ) with e = y − R·x, in output units.

        Raises:
            UndefinedMetricError: When there are fewer than two customers, or a Σx is 0.
        """
        return as_float(self.exact_covariance(a, b))

    def exact_covariance(self, a: ClusterSums, b: ClusterSums) -> Fraction:
        """The covariance, before it is rounded to a float."""
        if self.n < _FEWEST_CLUSTERS or not a.x or not b.x:
            msg = f"the covariance requires at least two customers and each x above 0 (got {self.n}, {a.x} and {b.x})"
            raise UndefinedMetricError(msg)
        r_a, r_b = Fraction(a.y, a.x), Fraction(b.y, b.x)
        products = self.yy - r_b * self.yx - r_a * self.xy + r_a * r_b * self.xx
        covariance = Fraction(self.n, self.n - 1) * products / (a.x * b.x)
        return covariance * Fraction(a.x_scale * b.x_scale, a.scale * b.scale)


@frozen(kw_only=True)
class CrossTwoGroups:
    """Sums over the customers whom two samples share, of a quotient of two groups' means in each.

    Attributes:
        top_top: Customers of the top group in both samples.
        top_bottom: Of the top group in the first, of the bottom group in the second.
        bottom_top: The other way round.
        bottom_bottom: Of the bottom group in both.
    """

    top_top: CrossSums
    top_bottom: CrossSums
    bottom_top: CrossSums
    bottom_bottom: CrossSums

    @property
    def n(self) -> int:
        """Customers in either sample."""
        return self.top_top.n

    def covariance(self, a: TwoGroups, b: TwoGroups) -> float:
        """Linearised covariance of the quotients, in output units.

        Raises:
            UndefinedMetricError: When there are fewer than two customers, a group is empty, or its mean 0.
        """
        q_a, q_b = a.quotient(), b.quotient()
        covariance = (
            self.top_top.exact_covariance(a.top, b.top)
            - q_b * self.top_bottom.exact_covariance(a.top, b.bottom)
            - q_a * self.bottom_top.exact_covariance(a.bottom, b.top)
            + q_a * q_b * self.bottom_bottom.exact_covariance(a.bottom, b.bottom)
        )
        return as_float(covariance / (a.bottom.quotient() * b.bottom.quotient()))


Cross: TypeAlias = CrossSums | CrossTwoGroups
"""Sums over the customers whom two samples share."""


def as_float(variance: Fraction) -> float:
    """A variance as a float.

    Raises:
        UndefinedMetricError: When it is too large for one.
    """
    try:
        return float(variance)
    except OverflowError:
        msg = "the variance between customers is too large for a float"
        raise UndefinedMetricError(msg) from None


def _same_quotient(numerator: int | Decimal, denominator: int | Decimal, top: int, bottom: int) -> bool:
    """Whether numerator / denominator = top / bottom, but for what rounding to 28 digits takes away.

    Money that has no end as a decimal is shown rounded. No denominator is 0.
    """
    (up, up_over), (down, down_over) = numerator.as_integer_ratio(), denominator.as_integer_ratio()
    one, other = up * down_over * bottom, down * up_over * top
    return abs(one - other) * _FAR_ABOVE_ROUNDING <= abs(other)


# ------------------------------------------------------------------------------------ Student's t


def student_quantile(confidence: float, freedom: float) -> float:
    """T of a two-sided interval: 2.776 at 95 % and 4 degrees of freedom.

    Newton's steps on the distribution function, kept within a bracket that is halved where a step leaves it.
    From 100,000 degrees of freedom on, where the terms of that function cancel, it is the expansion around the
    normal quantile (Abramowitz and Stegun 26.7.5), which is exact to ten digits there.
    """
    if freedom >= _MANY:
        z = normal_quantile(confidence)
        return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    tail = (1 - confidence) / 2
    low, high = 0.0, 1.0
    while _upper_tail(high, freedom) > tail:
        low, high = high, high * 2
    t = (low + high) / 2
    for _ in range(200):
        beyond = _upper_tail(t, freedom)
        low, high = (t, high) if beyond > tail else (low, t)
        step = (beyond - tail) / _student_density(t, freedom)
        before, t = t, t + step
        if not low < t < high:
            t = (low + high) / 2
        if abs(t - before) <= _LAST_BITS * t or t in (low, high):
            break
    return t


def _student_density(t: float, freedom: float) -> float:
    log_front = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - math.log(math.pi * freedom) / 2
    return math.exp(log_front - (freedom + 1) / 2 * math.log1p(t * t / freedom))


def student_p_value(t: float, freedom: float) -> float:
    """P(|T| ≥ |t|), two-sided.

    From 100,000 degrees of freedom on by the normal distribution (Abramowitz and Stegun 26.7.8).
    """
    if freedom >= _MANY:
        far = min(abs(t), _FAR)
        z = far * (1 - 1 / (4 * freedom)) / math.sqrt(1 + far * far / (2 * freedom))
        return math.erfc(z / math.sqrt(2))
    return 2 * _upper_tail(abs(t), freedom)


def _upper_tail(t: float, freedom: float) -> float:
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


# ---------------------------------------------------------------------------------------------- χ²


def chi_squared_p_value(statistic: float, freedom: int) -> float:
    """P(χ² ≥ statistic) for whole degrees of freedom from 1 up, by its finite series (DLMF 8.4.10 and 8.8.2).

    Q(a + 1, x) = Q(a, x) + xᵃ·e⁻ˣ / Γ(a + 1), from Q(1/2, x) = erfc(√x) or Q(1, x) = e⁻ˣ, with x half the statistic.
    """
    x = statistic / 2
    a = freedom % 2 / 2
    tail = math.erfc(math.sqrt(x)) if a else 0.0
    while a < freedom / 2:
        # In logarithms: the power alone may be too large for a float, and the exponential too small.
        tail += math.exp(a * math.log(x) - x - math.lgamma(a + 1)) if x else float(not a)
        a += 1
    return min(1.0, tail)
