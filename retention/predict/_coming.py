"""What forecasts share: the coming periods, the purchases to expect in each, and what chance does to them."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from attrs import frozen

from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    is_bool,
    shown,
)
from retention.periods import Period
from retention.predict._purchase_model import PurchaseModel
from retention.predict._time_units import DAYS_IN
from retention.predict.gamma_gamma import GammaGamma
from retention.predict.purchases import RepeatPurchases, TimeUnit

__all__ = ["Chance", "Span", "chances_of", "check_kinds", "expected_in", "joined", "spans_of"]

_DRAWS = 20_000
"""Of all customers together: enough to know a variance to a few per cent."""
_FEWEST_DRAWS = 4
"""Of each group of customers who look alike."""
_MOST_DRAWS = 2_000
"""Of each customer."""
_MOST_STEPS = 1_000
_DAY = timedelta(days=1)

# Periods ---------------------------------------------------------------------------------------------


@frozen
class Span:
    """A coming stretch of time, in the model's unit after the last day watched."""

    label: str
    start: float
    end: float


_KINDS: dict[str, tuple[type, str]] = {
    "base": (RepeatPurchases, "make it of orders with repeat_purchases"),
    "model": (PurchaseModel, "fit one to the base, such as BgNbd.fit(base)"),
    "spend": (GammaGamma, "fit one to the base with GammaGamma.fit(base)"),
}


def check_kinds(owner: str, **given: object) -> None:
    """Refuses a base, a model or a model of spend that is none."""
    for name, value in given.items():
        kind, fix = _KINDS[name]
        if not isinstance(value, kind):
            msg = f"{owner}: {name} must be a {kind.__name__}, not {type(value).__name__} (got {shown(value)}); {fix}"
            raise InvalidTypeError(msg)


def joined(labels: Sequence[str]) -> str:
    """From the first to the last."""
    return labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"


def spans_of(
    base: RepeatPurchases,
    model: PurchaseModel,
    *,
    periods: object,
    horizon: float | timedelta | None,
    unit: TimeUnit | None,
    steps: object,
    owner: str,
) -> list[Span]:
    """The coming stretches of time that are asked about, ascending and apart."""
    if (periods is None) == (horizon is None):
        both = "neither" if periods is None else "both"
        msg = f"{owner}: give either periods= or horizon= (got {both}), such as periods=Period.month(2026, 4, tz=...) or horizon=1, unit='month'"
        raise ConflictingArgumentError(msg)
    if horizon is not None:
        return _steps(model, horizon, unit, _checked_steps(steps, owner), owner)
    if unit is not None or steps != 1:
        msg = f"{owner}: unit= and steps= belong to horizon=; periods know how long they are (got unit={shown(unit)}, steps={shown(steps)})"
        raise ConflictingArgumentError(msg)
    if model._discrete:  # noqa: SLF001 - a function of its package
        msg = f"{owner}: {type(model).__name__} counts in whole opportunities, of which calendar periods are no whole number; give horizon=1, unit={model.unit!r} and steps="
        raise ConflictingArgumentError(msg)
    return _of_calendar(base, _checked_periods(periods, owner), owner)


def _checked_steps(steps: object, owner: str) -> int:
    if is_bool(steps) or not isinstance(steps, int):
        msg = f"{owner}: steps must be an int, not {type(steps).__name__} (got {shown(steps)}); give how many horizons to look ahead"
        raise InvalidTypeError(msg)
    if not 1 <= steps <= _MOST_STEPS:
        msg = f"{owner}: steps must be 1 to {_MOST_STEPS:,} (got {shown(steps)})"
        raise InvalidValueError(msg)
    return steps


def _steps(
    model: PurchaseModel, horizon: float | timedelta, unit: TimeUnit | None, steps: int, owner: str
) -> list[Span]:
    length = model._ahead(horizon, unit, owner)  # noqa: SLF001 - a function of its package
    if not length:
        msg = f"{owner}: horizon must be above 0 (got {shown(horizon)}); pass how long a step lasts"
        raise InvalidValueError(msg)
    return [
        Span(f"{model.unit}s {n * length:g} to {(n + 1) * length:g}", n * length, (n + 1) * length)
        for n in range(steps)
    ]


def _checked_periods(periods: object, owner: str) -> list[Period]:
    found = [periods] if isinstance(periods, Period) else periods
    if isinstance(found, str) or not isinstance(found, Iterable):
        msg = f"{owner}: periods must be a Period or several, not {type(periods).__name__} (got {shown(periods)})"
        raise InvalidTypeError(msg)
    found = list(found)
    for each in found:
        if not isinstance(each, Period):
            msg = f"{owner}: periods must be Periods, not {type(each).__name__} (got {shown(each)}); make them with Period.month and its sisters"
            raise InvalidTypeError(msg)
    if not found or len(found) > _MOST_STEPS:
        msg = f"{owner}: periods must be 1 to {_MOST_STEPS:,} (got {len(found):,})"
        raise InvalidValueError(msg)
    return found


def _of_calendar(base: RepeatPurchases, periods: Sequence[Period], owner: str) -> list[Span]:
    if base.until is None:
        msg = f"{owner}: the base does not say which was the last day watched, after which the periods come; make it of orders with repeat_purchases, or give horizon= instead of periods="
        raise AsOfRequiredError(msg)
    dawn = datetime.combine(base.until + _DAY, datetime.min.time())
    length = DAYS_IN[base.unit] * _DAY
    spans = [
        Span(
            period.label,
            # By the clock on the wall, as days of local time are what the base counts.
            (period.start.astimezone(period.tz).replace(tzinfo=None) - dawn) / length,
            (period.end.astimezone(period.tz).replace(tzinfo=None) - dawn) / length,
        )
        for period in periods
    ]
    if spans[0].start < 0:
        msg = f"{owner}: periods must begin after the last day watched, {base.until.isoformat()} (got {spans[0].label}); a period that has begun can't be forecast as a whole"
        raise InvalidValueError(msg)
    for one, other in pairwise(spans):
        if other.start < one.end:
            msg = f"{owner}: periods must be ascending and apart (got {one.label} and then {other.label})"
            raise InvalidValueError(msg)
    return spans


# Purchases ----------------------------------------------------------------------------------------------


def expected_in(base: RepeatPurchases, model: PurchaseModel, spans: Sequence[Span]) -> list[list[float]]:
    """By group, the purchases to expect of one customer in each span, and in all of them."""
    # Periods that touch share an edge, of which the model is asked once.
    edges = sorted({edge for span in spans for edge in (span.start, span.end)})
    expected = {edge: model._expected_by(edge) for edge in edges}  # noqa: SLF001 - a function of its package
    found = []
    for x, t_x, age, _ in base.groups:
        until = {edge: by(x, t_x, age) if edge else 0.0 for edge, by in expected.items()}
        # Rounding may leave less than nothing.
        means = [max(0.0, until[span.end] - until[span.start]) for span in spans]
        found.append([*means, math.fsum(means)])
    return found


@frozen
class Chance:
    """What chance does to a figure of a span, whatever the parameters.

    Attributes:
        spread: Its standard deviation; None where it has no variance.
        nothing: The probability that nobody buys.
    """

    spread: float | None
    nothing: float


def chances_of(
    base: RepeatPurchases,
    model: PurchaseModel,
    spans: Sequence[Span],
    *,
    purchases: Sequence[Sequence[float]],
    variances: Sequence[Callable[[float, float], float]],
    random: Random,
) -> list[Chance]:
    """Of each span, and at the end of all of them.

    Args:
        base: The customers.
        model: How they buy.
        spans: The coming stretches of time.
        purchases: By group, the purchases to expect of one customer; see `expected_in`.
        variances: By group, what the variance of the figure of all its customers is, from the mean and the variance of
            the purchases of one.
        random: Where random numbers come from.
    """
    totals, nothing = [0.0] * (len(spans) + 1), [1.0] * (len(spans) + 1)
    for group, variance, means in zip(base.groups, variances, purchases, strict=True):
        count = group[-1]
        draws = min(_MOST_DRAWS * count, max(_FEWEST_DRAWS, round(_DRAWS * count / len(base))))
        # Each has random numbers of its own: the last bit of a parameter, which may differ from one machine to another,
        # then changes the draws of hardly any group, and not those of all that follow.
        own = Random(random.getrandbits(64))  # noqa: S311 - a simulation, and no cryptography
        drawn = _drawn(model, group[:3], spans, means=means, draws=draws, random=own)
        for place, (mean, (spread, none)) in enumerate(zip(means, drawn, strict=True)):
            totals[place] += variance(mean, spread)
            nothing[place] *= none**count
    return [
        Chance(math.sqrt(max(0.0, total)) if math.isfinite(total) else None, none)
        for total, none in zip(totals, nothing, strict=True)
    ]


def _drawn(
    model: PurchaseModel,
    who: tuple[int, float, float],
    spans: Sequence[Span],
    *,
    means: Sequence[float],
    draws: int,
    random: Random,
) -> list[tuple[float, float]]:
    """Of one such customer, in each span and in all of them: variance of the purchases, and probability of none.

    The variance is taken around means that are known.
    """
    squares, nones = [0.0] * len(means), [0] * len(means)
    edges = [edge for span in spans for edge in (span.start, span.end)]
    for _ in range(draws):
        counts = [0] * len(means)
        for time in model._draw_future(random, *who, edges[-1]):  # noqa: SLF001 - a function of its package
            place, inside = divmod(bisect_left(edges, time), 2)
            if inside:
                counts[place] += 1
                counts[-1] += 1
        for place, count in enumerate(counts):
            squares[place] += (count - means[place]) ** 2
            nones[place] += not count
    return [(square / draws, none / draws) for square, none in zip(squares, nones, strict=True)]
