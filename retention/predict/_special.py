"""The special functions of the models, in logarithms, so that nothing overflows for thousands of purchases.

All arguments are positive floats where nothing else is said; the models check what comes from outside.
"""

from __future__ import annotations

import math

from retention.errors import InvalidValueError, shown

__all__ = [
    "digamma",
    "digamma_rise",
    "log_add",
    "log_beta",
    "log_gamma_ratio",
    "log_hyp2f1",
    "trigamma",
]

_HALF_LOG_TAU = math.log(math.tau) / 2
_STIRLING_FROM = 12.0
"""From here on the corrections to Stirling's formula need no more than six terms."""
_RECUR_BELOW = 8.0
_LOG_TINY = -40.0
"""A term of which the logarithm is so far below the sum's is lost in rounding."""
_MOST_TERMS = 120
_SERIES_UP_TO = 0.7
_TINY = 1e-20
_STEP = 0.25
"""Of sums in place of integrals: half the width of a peak at most, and so small that those with a sudden end hold."""


def log_add(u: float, v: float) -> float:
    """Log(eᵘ + eᵛ)."""
    if u < v:
        u, v = v, u
    return u if v == -math.inf else u + math.log1p(math.exp(v - u))


def _stirling_rest(x: float) -> float:
    """Log Γ(x) less Stirling's formula, for x from 12 up (DLMF 5.11.1)."""
    y = 1 / (x * x)
    return (
        1 / 12 + y * (-1 / 360 + y * (1 / 1260 + y * (-1 / 1680 + y * (1 / 1188 - y * (691 / 360360)))))
    ) / x


def log_gamma_ratio(x: float, s: float) -> float:
    """Log(Γ(x + s) / Γ(x)) for s ≥ 0, with its digits kept where x is large beside s."""
    if x < _STIRLING_FROM:
        return math.lgamma(x + s) - math.lgamma(x)
    y = x + s
    return s * math.log(y) + (x - 0.5) * math.log1p(s / x) - s + _stirling_rest(y) - _stirling_rest(x)


def log_beta(a: float, b: float) -> float:
    """Log B(a, b) = log(Γ(a)·Γ(b) / Γ(a + b)), without the cancellation between log gammas of large arguments."""
    if a > b:
        a, b = b, a
    if b < _STIRLING_FROM:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    if a < _STIRLING_FROM:
        return math.lgamma(a) - log_gamma_ratio(b, a)
    rest = _stirling_rest(a) + _stirling_rest(b) - _stirling_rest(a + b)
    return _HALF_LOG_TAU - math.log(b) / 2 + (a - 0.5) * math.log(a / (a + b)) - b * math.log1p(a / b) + rest


def digamma(x: float) -> float:
    """Ψ(x), the derivative of log Γ(x): by recurrence up to 8, from there by its expansion (DLMF 5.11.2)."""
    shift = 0.0
    while x < _RECUR_BELOW:
        shift += 1 / x
        x += 1
    return math.log(x) - 0.5 / x - _digamma_rest(x) - shift


def digamma_rise(x: float, s: float) -> float:
    """Ψ(x + s) − Ψ(x) for s ≥ 0, with its digits kept where x is large beside s."""
    if x < _STIRLING_FROM:
        return digamma(x + s) - digamma(x)
    y = x + s
    return math.log1p(s / x) + s / (2 * x * y) + _digamma_rest(x) - _digamma_rest(y)


def _digamma_rest(x: float) -> float:
    """Log x − 1 / 2x less Ψ(x), for x from 8 up (DLMF 5.11.2)."""
    y = 1 / (x * x)
    return y * (
        1 / 12
        - y
        * (
            1 / 120
            - y * (1 / 252 - y * (1 / 240 - y * (1 / 132 - y * (691 / 32760 - y * (1 / 12 - y * 0.4432598)))))
        )
    )


def trigamma(x: float) -> float:
    """The trigamma function, the second derivative of log Γ(x) (DLMF 5.15.8)."""
    shift = 0.0
    while x < _RECUR_BELOW:
        shift += 1 / (x * x)
        x += 1
    y = 1 / (x * x)
    series = 1 / 6 - y * (
        1 / 30 - y * (1 / 42 - y * (1 / 30 - y * (5 / 66 - y * (691 / 2730 - y * (7 / 6 - y * 7.0921569)))))
    )
    return shift + 1 / x + y / 2 + series * y / x


def log_hyp2f1(a: float, b: float, c: float, z: float, *, rest: float | None = None) -> float:
    """Log ₂F₁(a, b; c; z) for a, b ≥ 0, c > 0 and z < 1; below 0 also c > min(a, b), where it is surely positive.

    Negative z go to positive ones by Pfaff's transformation, where all terms are positive. There the power series
    is summed where it ends soon, and Euler's integral taken where it does not, as z → 1 or for large a and b.

    Args:
        a: First upper parameter.
        b: Second upper parameter; the two may change places.
        c: Lower parameter.
        z: Argument.
        rest: 1 − z, where the caller has it with more digits than the difference leaves.
    """
    w = 1 - z if rest is None else rest
    if not (a >= 0 and b >= 0 and c > 0 and w > 0) or (z < 0 and c <= min(a, b)):
        msg = (
            f"log_hyp2f1(a, b, c, z) needs a and b from 0 up, c above 0, z below 1, and c above a or b where z is "
            f"negative (got {shown(a)}, {shown(b)}, {shown(c)}, {shown(z)})"
        )
        raise InvalidValueError(msg)
    if not (a and b and z):
        return 0.0
    if abs(z) < _TINY:  # terms beyond the first are beyond a float, and powers of z may underflow
        return math.log1p(a * b / c * z)
    if a > b:
        a, b = b, a
    if z < 0:
        # ₂F₁(a, b; c; z) = (1 − z)⁻ᵇ · ₂F₁(c − a, b; c; z / (z − 1)), DLMF 15.8.1, with c > a.
        return -b * math.log(w) + _log_positive(c - a, b, c, -z / w, 1 / w)
    return _log_positive(a, b, c, z, w)


def _log_positive(a: float, b: float, c: float, z: float, w: float) -> float:
    """Log ₂F₁ for 0 < z < 1, w = 1 − z, and positive parameters: no term is negative."""
    if a > b:
        a, b = b, a
    if a >= c:
        return _log_of_lowered(a, b, c, z, w)
    shift = 0.0
    if b < c and (c - a) * (c - b) < a * b:
        # Euler's transformation, DLMF 15.8.1
        shift = (c - a - b) * math.log(w)
        a, b = c - b, c - a
    if z <= _SERIES_UP_TO and a * b * z <= 30 * c:
        total = _series(a, b, c, z)
        if total is not None:
            return shift + math.log(total)
    return shift + _log_integral(b, a, c, w) - log_beta(a, c - a)


def _series(a: float, b: float, c: float, z: float) -> float | None:
    """The power series, or None where it has not ended after 120 terms."""
    total = term = 1.0
    for k in range(_MOST_TERMS):
        term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z
        total += term
        if term < 1e-17 * total:
            return total
    return None


def _log_of_lowered(a: float, b: float, c: float, z: float, w: float) -> float:
    """By functions whose c is n larger, so that Euler's integral exists; all of their weights are positive.

    ₂F₁(a, b; c) = Σ C(n, j)·(a)ⱼ(b)ⱼ / ((c)ⱼ(c + n)ⱼ)·zʲ·₂F₁(a + j, b + j; c + n + j), from n times
    c·f = c·f₊ + z·df₊ / dz, where f₊ has c + 1 (DLMF 15.5.4 and 15.5.1).
    """
    n = math.floor(a - c) + 1
    total, weight = -math.inf, 0.0
    for j in range(n + 1):
        total = log_add(total, weight + _log_positive(a + j, b + j, c + n + j, z, w))
        if j < n:
            weight += math.log((n - j) * (a + j) * (b + j) * z / ((j + 1) * (c + j) * (c + n + j)))
    return total


def _softplus(u: float) -> float:
    """Log(1 + eᵘ)."""
    return u + math.log1p(math.exp(-u)) if u > 0 else math.log1p(math.exp(u))


def _log_integral(a: float, b: float, c: float, w: float) -> float:
    """Log of Euler's integral ∫ tᵇ⁻¹(1 − t)ᶜ⁻ᵇ⁻¹(1 − z·t)⁻ᵃ dt over 0 to 1, for c > b > 0 and w = 1 − z > 0.

    With t = eᵘ / (1 + eᵘ) the integrand is exp g(u), g = b·u − (c − a)·log(1 + eᵘ) − a·log(1 + w·eᵘ). It has one
    peak, decays exponentially on both sides and has no singularity nearer than πi to the real line, so that plain
    sums at equal steps converge faster than any power of the step (Trefethen & Weideman 2014).
    """
    log_w = math.log(w)
    peak, step = _peak_and_step(a, b, c, w, log_w)
    top = b * peak - (c - a) * _softplus(peak) - a * _softplus(peak + log_w)
    left, right = min(0.0, -log_w) + _LOG_TINY, max(0.0, -log_w) - _LOG_TINY
    total = 1.0
    for direction, end, slope in ((-step, left, b), (step, right, c - b)):
        u = peak
        while True:
            u += direction
            g = b * u - (c - a) * _softplus(u) - a * _softplus(u + log_w) - top
            if (u - end) * direction > 0:
                # From here on g is a straight line, and the sum a geometric series.
                total += math.exp(g) / -math.expm1(-slope * step)
                break
            total += math.exp(g)
            if g < _LOG_TINY:
                break
    return top + math.log(step * total)


def _peak_and_step(a: float, b: float, c: float, w: float, log_w: float) -> tuple[float, float]:
    """Where the slope of g is nothing, which is a quadratic equation in eᵘ, and a step that resolves the peak."""
    square, linear = w * (c - b), b * (1 + w) + a * (1 - w) - c
    root = math.sqrt(linear * linear + 4 * square * b)
    peak = math.log((linear + root) / (2 * square) if linear > 0 else 2 * b / (root - linear))
    bend = (c - a) * _bend(peak) + a * _bend(peak + log_w)
    return peak, _STEP if bend < 4 else 0.5 / math.sqrt(bend)


def _bend(u: float) -> float:
    """The second derivative of log(1 + eᵘ)."""
    return math.exp(-abs(u)) / (1 + math.exp(-abs(u))) ** 2
