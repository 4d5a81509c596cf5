"""Maximum likelihood: climbing to a peak in the logarithms of the parameters, and proof that it is one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TypeAlias

from attrs import evolve, frozen

from retention.errors import ConvergenceError

__all__ = ["Matrix", "Objective", "Optimum", "maximise"]

Vector: TypeAlias = tuple[float, ...]
_Point: TypeAlias = tuple[float, float, float]
"""How far ahead on a line, the function there, and its slope along the line."""
Matrix: TypeAlias = tuple[tuple[float, ...], ...]
Objective: TypeAlias = Callable[[Sequence[float]], tuple[float, Sequence[float]]]
"""Value and gradient of what is maximised, at the logarithms of the parameters."""

_DIFFERENCE = 1e-4
"""Step of numeric derivatives: a ten-thousandth of a parameter."""
_FARTHEST = 20.0
"""Logarithm of the largest parameter: 5e8 times an everyday one, or as much below it, none is estimated but lost."""
_LONGEST_STEP = 2.0
_MOST_ITERATIONS = 200
_CLIMBED = 1e-7
"""Gain in log-likelihood that one more step would bring, below which Newton's steps take over from the climb."""
_AT_REST = 1e-10
"""The same, below which the peak is reached."""
_NEAR = 1e-7
"""The same, below which the curvature is as good as that of the peak."""
_MOST_NEWTON_STEPS = 20
_MOST_TRIALS = 15
_LOOSEST = 5.0
"""Standard error of a logarithm above which the data do not hold a parameter: a 95 % interval of 18,000 times both ways."""
_HIGHER = 1e-4
"""So much more log-likelihood somewhere else makes a peak no peak."""
_TIGHT = 0.6
"""Standard error of a logarithm up to which the peak is narrow: no rounding made it, and nothing without end is as high."""
_LEAST_FALL = 0.25
"""Fall of a log-likelihood at two standard errors from its peak; that of a parabola is 2, of peaks in practice 0.6 up."""
_ENOUGH_RISE = 1e-4
_FLAT_ENOUGH = 0.9


@frozen(kw_only=True)
class Optimum:
    """Where a function is largest.

    Attributes:
        position: Logarithms of the parameters.
        value: The function there.
        gradient: Its derivatives there.
        covariance: Inverse of the observed information: of the logarithms of the parameters.
        iterations: Steps taken from the start that led here.
        evaluations: Calls of the function, from all starts.
    """

    position: Vector
    value: float
    gradient: Vector
    covariance: Matrix
    iterations: int
    evaluations: int


def _shifted(position: Sequence[float], which: int, by: float) -> tuple[list[float], list[float]]:
    up, down = list(position), list(position)
    up[which] += by
    down[which] -= by
    return up, down


def maximise(
    objective: Objective,
    starts: Iterable[Sequence[float]],
    *,
    owner: str,
    covariance: Matrix | None = None,
    centre: Sequence[float] | None = None,
    lookouts: Iterable[Sequence[float]] = (),
    meaning: Callable[[Vector], str] = lambda _: "",
) -> Optimum:
    """The highest inner peak that a climb from any of the starts reaches.

    Args:
        objective: Value and gradient at the logarithms of the parameters.
        starts: Logarithms of parameters to begin with, the most likely first.
        owner: The model, for the error's message.
        covariance: About what the covariance will be, where it is known: the climb then begins with steps of the
            right length, such as from the peak of a sample.
        centre: Logarithms of parameters of an everyday size, from which it is measured how far off a climb has gone;
            all 1 unless given.
        lookouts: Further starts, near to where the function may rise without end, for where the others lead to no peak
            or to one that is not held tightly: it may be lower than what has no end.
        meaning: What it says of the data that the function is highest at such a place, which is no peak: a sentence for
            the error's message, or nothing.

    Raises:
        ConvergenceError: When no start leads to a peak, where the slope is nothing and every way leads down; or when
            there is a higher place that is no peak.
    """
    counted = _Counted(objective, centre)
    best: Optimum | None = None
    failures: list[str] = []
    for start, further in chain(((each, False) for each in starts), ((each, True) for each in lookouts)):
        if further and best is not None and _largest_error(best.covariance) <= _TIGHT:
            break
        try:
            found = _peak_from(counted, tuple(start), covariance, best)
        except _NoPeakError as failure:
            failures.append(str(failure))
            continue
        if best is None or found.value > best.value:
            best = found
    if best is None:
        reasons = failures[0] if failures else "no start was given"
        why = _meant(meaning, counted) or (
            "The data may not be of this model's kind, or too few: try a longer history or a larger base, or another model"
        )
        msg = f"{owner} found no parameters that fit best: {reasons}. {why}"
        raise ConvergenceError(msg)
    if counted.highest[0] > best.value + _HIGHER:
        why = _meant(meaning, counted) or (
            "The data may be too few, or customers too much alike: try a larger base, or another model"
        )
        msg = (
            f"{owner} found no parameters that fit best: those of the best inner place, {_as_parameters(best.position)}, "
            f"fit less well than {_as_parameters(counted.highest[1])}, on the way to nothing or without end. {why}"
        )
        raise ConvergenceError(msg)
    return evolve(best, evaluations=counted.calls)


def _meant(meaning: Callable[[Vector], str], counted: _Counted) -> str:
    """What the highest place that was seen says of the data."""
    return meaning(counted.highest[1]) if counted.highest[1] else ""


class _NoPeakError(Exception):
    """A climb that did not end on a peak, and why."""


class _Counted:
    """An objective that counts its calls, and is minus infinity where its arithmetic fails."""

    def __init__(self, objective: Objective, centre: Sequence[float] | None = None) -> None:
        self.objective = objective
        self._centre = centre
        self.calls = 0
        self.highest: tuple[float, Vector] = -math.inf, ()
        self._last: tuple[Vector, tuple[float, Vector]] = (), (0.0, ())

    def __call__(self, position: Vector) -> tuple[float, Vector]:
        if position != self._last[0]:
            self._last = position, self._computed(position)
        return self._last[1]

    def farness(self, position: Vector) -> float:
        """The logarithm of how many times larger or smaller a parameter is than an everyday one."""
        if self._centre is None:
            return max(map(abs, position))
        return max(abs(x - y) for x, y in zip(position, self._centre, strict=True))

    def _computed(self, position: Vector) -> tuple[float, Vector]:
        nothing = -math.inf, (0.0,) * len(position)
        if self.farness(position) > _FARTHEST + _LONGEST_STEP:
            return nothing
        self.calls += 1
        try:
            value, gradient = self.objective(position)
        except ArithmeticError:
            return nothing
        if not all(map(math.isfinite, (value, *gradient))):
            return nothing
        if value > self.highest[0]:
            self.highest = value, position
        return value, tuple(gradient)


def _as_parameters(position: Sequence[float]) -> str:
    return "(" + ", ".join(f"{math.exp(each):.4g}" for each in position) + ")"


def _dot(u: Sequence[float], v: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(u, v, strict=True))


def _times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> Vector:
    return tuple(_dot(row, vector) for row in matrix)


# ------------------------------------------------------------------------------------------ the climb


def _peak_from(counted: _Counted, start: Vector, covariance: Matrix | None, known: Optimum | None) -> Optimum:
    """The peak that a start leads to, which may be one that is known."""
    position, iterations = _climb(counted, start, covariance, known)
    if known is not None and _is_near(known, position, counted(position)[0]):
        return known
    return _proven(counted, position, iterations)


def _climb(
    objective: _Counted, start: Vector, inverse: Matrix | None, known: Optimum | None
) -> tuple[Vector, int]:
    """By Broyden, Fletcher, Goldfarb and Shanno's method, to near a peak, or to one that is known."""
    here = start
    value, gradient = objective(here)
    for iteration in range(_MOST_ITERATIONS):
        steepness = math.hypot(*gradient)
        if not steepness or objective.farness(here) > _FARTHEST or _is_near(known, here, value):
            return here, iteration
        ahead = tuple(each / steepness for each in gradient) if inverse is None else _times(inverse, gradient)
        if inverse is not None and _dot(ahead, gradient) < _CLIMBED:
            return here, iteration
        step = _line_search(objective, here, value, gradient, ahead)
        if step is None:
            return here, iteration
        there, value, slopes = step
        moved = tuple(x - y for x, y in zip(there, here, strict=True))
        turned = tuple(y - x for x, y in zip(slopes, gradient, strict=True))
        if _dot(moved, turned) > 0:
            inverse = _updated(inverse, moved, turned)
        here, gradient = there, slopes
    return here, _MOST_ITERATIONS


def _is_near(known: Optimum | None, here: Vector, value: float) -> bool:
    """Whether a climb is on the slope of a peak that is known: within two standard errors of its top, and below."""
    if known is None or not known.value - 4 < value <= known.value + _CLIMBED:
        return False
    return all(
        (x - y) ** 2 < 4 * known.covariance[i][i]
        for i, (x, y) in enumerate(zip(here, known.position, strict=True))
    )


def _updated(inverse: Matrix | None, moved: Vector, turned: Vector) -> Matrix:
    """The estimate of the inverse curvature, with what the last step showed of it."""
    size = range(len(moved))
    bend = _dot(moved, turned)
    if inverse is None:
        scale = bend / _dot(turned, turned)
        inverse = tuple(tuple(scale * (i == j) for j in size) for i in size)
    seen = _times(inverse, turned)
    scale = (1 + _dot(turned, seen) / bend) / bend
    return tuple(
        tuple(
            inverse[i][j] + scale * moved[i] * moved[j] - (moved[i] * seen[j] + seen[i] * moved[j]) / bend
            for j in size
        )
        for i in size
    )


def _line_search(
    objective: _Counted, here: Vector, value: float, gradient: Vector, ahead: Vector
) -> tuple[Vector, float, Vector] | None:
    """A point ahead that is higher and less steep (the weak Wolfe conditions), or None where rounding hides it."""
    slope = _dot(ahead, gradient)
    longest = _LONGEST_STEP / max(map(abs, ahead))
    length = min(1.0, longest)
    low: _Point = 0.0, value, slope
    high: _Point | None = None
    found: tuple[Vector, float, Vector] | None = None
    for _ in range(_MOST_TRIALS):
        there = tuple(x + length * y for x, y in zip(here, ahead, strict=True))
        reached, slopes = objective(there)
        point = length, reached, _dot(ahead, slopes)
        if reached < value + _ENOUGH_RISE * length * slope:
            high = point
        else:
            found = there, reached, slopes
            if point[2] <= _FLAT_ENOUGH * slope or length >= longest:
                break
            low = point
        length = min(2.5 * length, longest) if high is None else _between(low, high)
    return found


def _between(low: _Point, high: _Point) -> float:
    """The top of the cubic through two points and their slopes, kept off the ends (Nocedal & Wright 2006, 3.59)."""
    (a, f, slope), (b, g, steep) = low, high
    width = b - a
    if g == -math.inf:
        return a + width / 10
    one = 3 * (g - f) / width - slope - steep
    inner = one * one - slope * steep
    two = math.sqrt(inner) if inner > 0 else 0.0
    bottom = slope - steep + 2 * two
    if inner < 0 or bottom <= 0:
        return a + width / 2
    top = b - width * (two - one - steep) / bottom
    return min(max(top, a + width / 10), b - width / 10)


# ------------------------------------------------------------------------------------------ the proof


def _proven(objective: _Counted, position: Vector, iterations: int) -> Optimum:
    """The peak at the end of a climb, by Newton's steps from there; refused where it is none."""
    covariance: Matrix | None = None
    for _ in range(_MOST_NEWTON_STEPS):
        value, gradient = objective(position)
        if value == -math.inf:
            msg = f"the likelihood can't be computed at {_as_parameters(position)}"
            raise _NoPeakError(msg)
        covariance = covariance or _covariance_at(objective, position)
        step = _times(covariance, gradient)
        gain = _dot(step, gradient) / 2
        if gain < _AT_REST:
            _check_fall(objective, position, value, covariance)
            return Optimum(
                position=position,
                value=value,
                gradient=gradient,
                covariance=covariance,
                iterations=iterations,
                evaluations=objective.calls,
            )
        scale = min(1.0, _LONGEST_STEP / max(map(abs, step)))
        position = tuple(x + scale * y for x, y in zip(position, step, strict=True))
        iterations += 1
        if gain > _NEAR:  # the curvature may be another there
            covariance = None
    msg = f"the climb had not come to rest at {_as_parameters(position)}"
    raise _NoPeakError(msg)


def _check_fall(objective: _Counted, top: Vector, value: float, covariance: Matrix) -> None:
    """Refuses a top that is a plain, on which rounding or a mere bend made a curvature."""
    for which, row in enumerate(covariance):
        error = math.sqrt(row[which])
        if error <= _TIGHT:
            continue
        for reach in (2 / error, -2 / error):
            away = tuple(x + reach * y for x, y in zip(top, row, strict=True))
            if objective(away)[0] > value - _LEAST_FALL:
                msg = f"the climb ended at {_as_parameters(top)}, from where the likelihood does not fall to all sides as it should, on the way to nothing or without end"
                raise _NoPeakError(msg)


def _covariance_at(objective: _Counted, position: Vector) -> Matrix:
    """The inverse of minus the second derivatives, where the data hold the parameters."""
    where = f"the climb ended at {_as_parameters(position)}"
    lost = f"{where}, on the way to nothing or without end"
    if objective.farness(position) > _FARTHEST:
        raise _NoPeakError(lost)
    try:
        covariance = _inverse(_curvature(objective, position))
    except _NoPeakError as failure:
        msg = f"{where}, where {failure}"
        raise _NoPeakError(msg) from None
    if _largest_error(covariance) > _LOOSEST:
        msg = f"{where}, on a ridge so flat that anything else fits as well, on the way to nothing or without end"
        raise _NoPeakError(msg)
    return covariance


def _largest_error(covariance: Matrix) -> float:
    return math.sqrt(max(row[i] for i, row in enumerate(covariance)))


def _curvature(objective: _Counted, position: Vector) -> Matrix:
    """Minus the second derivatives, by central differences of the gradient."""
    rows: list[list[float]] = []
    for which in range(len(position)):
        up, down = (objective(tuple(each))[1] for each in _shifted(position, which, _DIFFERENCE))
        rows.append([(y - x) / (2 * _DIFFERENCE) for x, y in zip(up, down, strict=True)])
    size = range(len(rows))
    return tuple(tuple((rows[i][j] + rows[j][i]) / 2 for j in size) for i in size)


def _inverse(matrix: Matrix) -> Matrix:
    """The inverse of a positive definite matrix, by Cholesky's factor of it with a diagonal of ones."""
    size = len(matrix)
    scale = [math.sqrt(row[i]) if row[i] > 0 else 0.0 for i, row in enumerate(matrix)]
    if not all(scale):
        msg = "the likelihood does not fall to all sides"
        raise _NoPeakError(msg)
    factor = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] / (scale[i] * scale[j]) - _dot(factor[i][:j], factor[j][:j])
            if i > j:
                factor[i][j] = rest / factor[j][j]
            elif rest < 1e-10:
                msg = "the likelihood does not fall to all sides, so that the parameters can't be told apart"
                raise _NoPeakError(msg)
            else:
                factor[i][i] = math.sqrt(rest)
    columns = [_solved(factor, [float(i == j) / scale[i] for i in range(size)]) for j in range(size)]
    return tuple(tuple(columns[j][i] / scale[i] for j in range(size)) for i in range(size))


def _solved(factor: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """X of L·Lᵀ·x = right."""
    size = len(factor)
    forward: list[float] = []
    for i in range(size):
        forward.append((right[i] - _dot(factor[i][:i], forward)) / factor[i][i])
    found = [0.0] * size
    for i in reversed(range(size)):
        behind = sum(factor[k][i] * found[k] for k in range(i + 1, size))
        found[i] = (forward[i] - behind) / factor[i][i]
    return found
