"""A forecast of revenue: what the customers that there are today will bring in the periods to come."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import TypeAlias

from attrs import evolve, frozen

from retention._numerics import normal_quantile, student_quantile
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    is_bool,
    shown,
)
from retention.periods import Period
from retention.predict._amounts import Joint, check_currency, errors_of, lines, spends_of, sums_by_group
from retention.predict._bootstrap import seeded
from retention.predict._model import Estimate
from retention.predict._purchase_model import PurchaseModel
from retention.predict._revenue_forecast import ExpectedRevenue, RevenueForecast
from retention.predict._terms import non_negative
from retention.predict._time_units import DAYS_IN
from retention.predict.gamma_gamma import GammaGamma
from retention.predict.purchases import RepeatPurchases, TimeUnit
from retention.results import RevenuePredictability

__all__ = ["ExpectedRevenue", "Newcomers", "RevenueForecast", "forecast_revenue"]

Newcomers: TypeAlias = "Decimal | float | Iterable[Decimal | float] | RevenuePredictability"
"""What customers yet to come will bring: of each period, one for each, or as in the periods of a table."""

_OWNER = "forecast_revenue"
_DRAWS = 20_000
"""Of all customers together: enough to know a variance to a few per cent."""
_FEWEST_DRAWS = 4
"""Of each group of customers who look alike."""
_MOST_DRAWS = 2_000
"""Of each customer."""
_MOST_STEPS = 1_000
_FEWEST_PERIODS = 3
_USUAL = 0.95
_DAY = timedelta(days=1)


def forecast_revenue(
    base: RepeatPurchases,
    /,
    *,
    model: PurchaseModel,
    spend: GammaGamma,
    periods: Period | Iterable[Period] | None = None,
    horizon: float | timedelta | None = None,
    unit: TimeUnit | None = None,
    steps: int = 1,
    newcomers: Newcomers | None = None,
    seed: int = 0,
) -> RevenueForecast:
    r"""What the customers of today will bring in coming periods, and what share of all revenue that will be.

    .. math:: \sum_i \bigl(E(Y_i(t_2)) - E(Y_i(t_1))\bigr) \cdot E(M_i)

    For each period from t₁ to t₂ after the last day watched, over all customers of today: the purchases to expect of each,
    times what each is expected to spend at a time. `revenue_predictability_table` looks back, at the share of revenue that
    came from existing customers in past periods; this looks ahead, at these very customers. Give it that table as
    `newcomers=` to have the two joined.

    The interval of a period is one for its revenue, and not only for the expected one. Its variance is that of the
    parameters, by the delta method over both models, and that of chance: how often customers buy, for which purchases to
    come are drawn given each customer's past, and how much they spend, in closed form.

    Args:
        base: The customers of today, with spends.
        model: The fitted model of purchases.
        spend: The fitted model of spend.
        periods: The coming periods, one or several, ascending and apart. The last day watched is `base.until`.
        horizon: Instead of periods: how long each coming step lasts, from the end of the last day watched on.
        unit: The horizon's unit of time; the model's own unless given.
        steps: How many such steps.
        newcomers: The revenue of each period from customers yet to come: one amount for each period, one amount for all
            alike, or the `RevenuePredictability` of the first of the periods, which takes the mean of the comparable ones
            and says nothing of the later. From these comes the foreseeable share. An amount that was given has no
            uncertainty of its own.
        seed: Of the draws that tell how far chance moves the revenue: any int, and the same gives the same interval. It
            has a default, as nothing that is drawn is handed out: another moves the ends of the interval by a few
            hundredths of its width, and what is expected by nothing. Where what is drawn is the answer, as in `simulate` and
            `bootstrap`, a seed must be given.

    Returns:
        The forecast. Who comes between the last day watched and a period is neither a customer of today nor a newcomer of
        the period, so a forecast is best of the period that begins the day after.

    Raises:
        InvalidTypeError: An argument is of a type that it can't be.
        InvalidValueError: A number is out of its domain, or the periods overlap, or begin before the last day watched is
            over.
        AsOfRequiredError: Periods are given, and the base does not know its last day.
        ConflictingArgumentError: Both or neither of `periods` and `horizon` are given, or the base, the models and the
            table of newcomers don't go together.
        MissingRecordsError: The base has no spends.
        MixedCurrencyError: The base's currency is not that of the model of spend.
        UndefinedMetricError: The base has customers whose expected spend is undefined.

    References:
        Sources C8, D13.

    .. versionadded:: 0.1
    """
    _check_kinds(base, model, spend)
    model._check_suits(base, _OWNER)  # noqa: SLF001 - a function of its package
    check_currency(spend, base, owner=_OWNER)
    currency = spend.currency or base.currency
    spans = _spans(base, model, periods=periods, horizon=horizon, unit=unit, steps=steps)
    random = seeded(seed, owner=_OWNER)
    joint = Joint(purchases=model, spend=spend)
    purchases = _purchases(base, model, spans)
    expected = _estimates(joint, base, spans, purchases, currency)
    chances = _chances(base, model, spend, spans, purchases=purchases, random=random)
    others = _newcomers(newcomers, spans, by_calendar=horizon is None, currency=currency)
    all_of_them = _Span(_joined([span.label for span in spans]), spans[0].start, spans[-1].end)
    coming = [
        _coming(span, revenue, chance, other)
        for span, revenue, chance, other in zip(
            [*spans, all_of_them], expected, chances, [*others, _sum(others)], strict=True
        )
    ]
    return RevenueForecast(
        periods=tuple(coming[:-1]),
        total=coming[-1],
        customers=len(base),
        unit=model.unit,
        currency=currency,
        assumed=base.assumed,
    )


# Periods ---------------------------------------------------------------------------------------------


@frozen
class _Span:
    """A coming stretch of time, in the model's unit after the last day watched."""

    label: str
    start: float
    end: float


def _check_kinds(base: object, model: object, spend: object) -> None:
    for name, value, kind, fix in (
        ("base", base, RepeatPurchases, "make it of orders with repeat_purchases"),
        ("model", model, PurchaseModel, "fit one to the base, such as BgNbd.fit(base)"),
        ("spend", spend, GammaGamma, "fit one to the base with GammaGamma.fit(base)"),
    ):
        if not isinstance(value, kind):
            msg = f"{_OWNER}: {name} must be a {kind.__name__}, not {type(value).__name__} (got {shown(value)}); {fix}"
            raise InvalidTypeError(msg)


def _joined(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"


def _spans(
    base: RepeatPurchases,
    model: PurchaseModel,
    *,
    periods: object,
    horizon: float | timedelta | None,
    unit: TimeUnit | None,
    steps: object,
) -> list[_Span]:
    if (periods is None) == (horizon is None):
        both = "neither" if periods is None else "both"
        msg = f"{_OWNER}: give either periods= or horizon= (got {both}), such as periods=Period.month(2026, 4, tz=...) or horizon=1, unit='month'"
        raise ConflictingArgumentError(msg)
    if horizon is not None:
        return _steps(model, horizon, unit, _checked_steps(steps))
    if unit is not None or steps != 1:
        msg = f"{_OWNER}: unit= and steps= belong to horizon=; periods know how long they are (got unit={shown(unit)}, steps={shown(steps)})"
        raise ConflictingArgumentError(msg)
    if model._discrete:  # noqa: SLF001 - a function of its package
        msg = f"{_OWNER}: {type(model).__name__} counts in whole opportunities, of which calendar periods are no whole number; give horizon=1, unit={model.unit!r} and steps="
        raise ConflictingArgumentError(msg)
    return _of_calendar(base, _checked_periods(periods))


def _checked_steps(steps: object) -> int:
    if is_bool(steps) or not isinstance(steps, int):
        msg = f"{_OWNER}: steps must be an int, not {type(steps).__name__} (got {shown(steps)}); give how many horizons to look ahead"
        raise InvalidTypeError(msg)
    if not 1 <= steps <= _MOST_STEPS:
        msg = f"{_OWNER}: steps must be 1 to {_MOST_STEPS:,} (got {shown(steps)})"
        raise InvalidValueError(msg)
    return steps


def _steps(
    model: PurchaseModel, horizon: float | timedelta, unit: TimeUnit | None, steps: int
) -> list[_Span]:
    length = model._ahead(horizon, unit, _OWNER)  # noqa: SLF001 - a function of its package
    if not length:
        msg = f"{_OWNER}: horizon must be above 0 (got {shown(horizon)}); pass how long a step lasts"
        raise InvalidValueError(msg)
    return [
        _Span(f"{model.unit}s {n * length:g} to {(n + 1) * length:g}", n * length, (n + 1) * length)
        for n in range(steps)
    ]


def _checked_periods(periods: object) -> list[Period]:
    found = [periods] if isinstance(periods, Period) else periods
    if isinstance(found, str) or not isinstance(found, Iterable):
        msg = f"{_OWNER}: periods must be a Period or several, not {type(periods).__name__} (got {shown(periods)})"
        raise InvalidTypeError(msg)
    found = list(found)
    for each in found:
        if not isinstance(each, Period):
            msg = f"{_OWNER}: periods must be Periods, not {type(each).__name__} (got {shown(each)}); make them with Period.month and its sisters"
            raise InvalidTypeError(msg)
    if not found or len(found) > _MOST_STEPS:
        msg = f"{_OWNER}: periods must be 1 to {_MOST_STEPS:,} (got {len(found):,})"
        raise InvalidValueError(msg)
    return found


def _of_calendar(base: RepeatPurchases, periods: Sequence[Period]) -> list[_Span]:
    if base.until is None:
        msg = f"{_OWNER}: the base does not say which was the last day watched, after which the periods come; make it of orders with repeat_purchases, or give horizon= instead of periods="
        raise AsOfRequiredError(msg)
    dawn = datetime.combine(base.until + _DAY, datetime.min.time())
    length = DAYS_IN[base.unit] * _DAY
    spans = [
        _Span(
            period.label,
            # By the clock on the wall, as days of local time are what the base counts.
            (period.start.astimezone(period.tz).replace(tzinfo=None) - dawn) / length,
            (period.end.astimezone(period.tz).replace(tzinfo=None) - dawn) / length,
        )
        for period in periods
    ]
    if spans[0].start < 0:
        msg = f"{_OWNER}: periods must begin after the last day watched, {base.until.isoformat()} (got {spans[0].label}); a period that has begun can't be forecast as a whole"
        raise InvalidValueError(msg)
    for one, other in pairwise(spans):
        if other.start < one.end:
            msg = f"{_OWNER}: periods must be ascending and apart (got {one.label} and then {other.label})"
            raise InvalidValueError(msg)
    return spans


# What is expected ------------------------------------------------------------------------------------


def _purchases(base: RepeatPurchases, model: PurchaseModel, spans: Sequence[_Span]) -> list[list[float]]:
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


def _estimates(
    joint: Joint[PurchaseModel],
    base: RepeatPurchases,
    spans: Sequence[_Span],
    purchases: list[list[float]],
    currency: str | None,
) -> list[Estimate]:
    """The revenue to expect in each span, and in all of them."""
    sums = sums_by_group(base, spends_of(base))

    def revenue(moved: Joint[PurchaseModel]) -> list[float]:
        stays = moved.purchases is joint.purchases
        expected = purchases if stays else _purchases(base, moved.purchases, spans)
        totals = [0.0] * (len(spans) + 1)
        groups = zip(expected, lines(moved.spend, base), base.groups, sums, strict=True)
        for means, (start, slope), (*_, count), spent in groups:
            amount = count * start + slope * spent
            for place, mean in enumerate(means):
                totals[place] += mean * amount
        return totals

    values = revenue(joint)
    errors: Sequence[float | None] = errors_of(joint, revenue) or [None] * len(values)
    return [
        Estimate(value=value, standard_error=error, unit=currency)
        for value, error in zip(values, errors, strict=True)
    ]


# What chance adds ------------------------------------------------------------------------------------


@frozen
class _Chance:
    """What chance does to the revenue of a span, whatever the parameters.

    Attributes:
        spread: Its standard deviation; None where spend has no variance.
        nothing: The probability that there is none.
    """

    spread: float | None
    nothing: float


def _chances(
    base: RepeatPurchases,
    model: PurchaseModel,
    spend: GammaGamma,
    spans: Sequence[_Span],
    *,
    purchases: list[list[float]],
    random: Random,
) -> list[_Chance]:
    """Of each span, and at the end of all of them."""
    moments = _spend_moments(base, spend)
    variances, nothing = [0.0] * (len(spans) + 1), [1.0] * (len(spans) + 1)
    for group, moment, means in zip(base.groups, moments, purchases, strict=True):
        count = group[-1]
        draws = min(_MOST_DRAWS * count, max(_FEWEST_DRAWS, round(_DRAWS * count / len(base))))
        # Each has random numbers of its own: the last bit of a parameter, which may differ from one machine to another,
        # then changes the draws of hardly any group, and not those of all that follow.
        own = Random(random.getrandbits(64))  # noqa: S311 - a simulation, and no cryptography
        drawn = _drawn(model, group[:3], spans, means=means, draws=draws, random=own)
        for place, (mean, (spread, none)) in enumerate(zip(means, drawn, strict=True)):
            variances[place] += moment.variance(mean, spread)
            nothing[place] *= none**count
    return [
        _Chance(math.sqrt(max(0.0, variance)) if math.isfinite(variance) else None, none)
        for variance, none in zip(variances, nothing, strict=True)
    ]


@frozen
class _SpendMoments:
    """Of one purchase to come of each customer of a group, whose true mean M is not known for sure, added up.

    Attributes:
        squared_mean: E(M)².
        mean_square: E(M²).
        within: E(Var(Z | M)), of the purchases of one customer.
    """

    squared_mean: float
    mean_square: float
    within: float

    def variance(self, expected: float, spread: float) -> float:
        """Σ Var(Z₁ + … + Z_N), where the number of purchases N has this mean and this variance in each customer.

        E(N)·E(Var Z) + E(N²)·E(M²) − E(N)²·E(M)².
        """
        if self.mean_square == math.inf:
            return math.inf
        squared = expected * expected
        return expected * self.within + (squared + spread) * self.mean_square - squared * self.squared_mean


def _spend_moments(base: RepeatPurchases, spend: GammaGamma) -> list[_SpendMoments]:
    """By group."""
    sums, squares = [0.0] * len(base.groups), [0.0] * len(base.groups)
    for group, amount in zip(base.group_of, spends_of(base), strict=True):
        sums[group] += amount
        squares[group] += amount * amount
    found = []
    for (x, _, _, count), total, square in zip(base.groups, sums, squares, strict=True):
        start, slope = spend._line(x)  # noqa: SLF001 - a function of its package
        factor = spend._square_of_mean(x)  # noqa: SLF001 - likewise
        mean_square = math.inf if factor is None else factor * _square(count, total, square, spend.v, x)
        found.append(
            _SpendMoments(_square(count, total, square, start, slope), mean_square, mean_square / spend.p)
        )
    return found


def _square(count: int, total: float, square: float, start: float, slope: float) -> float:
    """Σ(start + slope·z)² over customers."""
    return count * start * start + 2 * start * slope * total + slope * slope * square


def _drawn(
    model: PurchaseModel,
    who: tuple[int, float, float],
    spans: Sequence[_Span],
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


# What comes from others ------------------------------------------------------------------------------


@frozen
class _Amount:
    """The revenue of newcomers, how far it may lie off, or why it is not known."""

    value: float
    variance: float = 0.0
    unknown_because: str | None = None


def _newcomers(
    newcomers: object, spans: Sequence[_Span], *, by_calendar: bool, currency: str | None
) -> list[_Amount | None]:
    if newcomers is None:
        return [None] * len(spans)
    if isinstance(newcomers, RevenuePredictability):
        _check_table(newcomers, spans[0], by_calendar=by_calendar, currency=currency)
        later = "the table of past periods tells of one coming period, and not of what its newcomers do later"
        return [_of_table(newcomers), *[_Amount(0.0, unknown_because=later)] * (len(spans) - 1)]
    if isinstance(newcomers, str) or not isinstance(newcomers, Iterable):
        return [_Amount(_amount(newcomers))] * len(spans)
    found = [_Amount(_amount(each)) for each in newcomers]
    if len(found) != len(spans):
        msg = f"{_OWNER}: newcomers must be one amount, or one for each of the {len(spans)} periods (got {len(found)})"
        raise InvalidValueError(msg)
    return [*found]


def _amount(value: object) -> float:
    return non_negative(
        value, f"{_OWNER}: newcomers", "give what customers yet to come will bring in the period"
    )


def _check_table(
    table: RevenuePredictability, first: _Span, *, by_calendar: bool, currency: str | None
) -> None:
    if not by_calendar:
        msg = f"{_OWNER}: newcomers= of a table of calendar periods needs periods=, of which the first is the table's; or give an amount"
        raise ConflictingArgumentError(msg)
    if table.basis.period not in {None, first.label}:
        msg = f"{_OWNER}: newcomers= is a table for {table.basis.period}, and the first period is {first.label}; make the table with that period"
        raise ConflictingArgumentError(msg)
    if None not in {currency, table.basis.currency} and currency != table.basis.currency:
        msg = f"{_OWNER}: newcomers= is in {table.basis.currency} and the model of spend in {currency}"
        raise MixedCurrencyError(msg)


def _of_table(table: RevenuePredictability) -> _Amount:
    """The mean of what newcomers brought in the comparable periods, with the variance of one more such period."""
    amounts = [float(share.denominator - share.numerator) for share in table.shares]
    k = len(amounts)
    if k < _FEWEST_PERIODS or table.undefined_because:
        because = (
            table.undefined_because
            or f"the table has {k} comparable periods, and fewer than {_FEWEST_PERIODS} don't tell how far one may lie from the others"
        )
        return _Amount(0.0, unknown_because=because)
    mean = math.fsum(amounts) / k
    variance = math.fsum((each - mean) ** 2 for each in amounts) / (k - 1) * (1 + 1 / k)
    # Of few periods Student's t is wider than the normal distribution, by which the share is judged.
    return _Amount(mean, variance * (student_quantile(_USUAL, k - 1) / normal_quantile(_USUAL)) ** 2)


def _sum(amounts: Sequence[_Amount | None]) -> _Amount | None:
    known = [each for each in amounts if each is not None]
    unknown = next((each for each in known if each.unknown_because), None)
    if not known or unknown is not None:
        return unknown
    return _Amount(math.fsum(each.value for each in known), math.fsum(each.variance for each in known))


def _coming(span: _Span, expected: Estimate, chance: _Chance, newcomers: _Amount | None) -> ExpectedRevenue:
    revenue = ExpectedRevenue(
        label=span.label,
        start=span.start,
        end=span.end,
        expected=expected,
        chance=chance.spread,
        nothing=chance.nothing,
    )
    return revenue if newcomers is None else evolve(revenue, share=_share(revenue, newcomers))


def _share(revenue: ExpectedRevenue, newcomers: _Amount) -> Estimate:
    """What of all revenue the base brings; its odds are the quotient of two independent figures."""
    of_base = float(revenue)
    because = newcomers.unknown_because
    if because is None and not of_base + newcomers.value:
        because = "no revenue is expected, neither of the customers of today nor of newcomers"
    if because is not None:
        return Estimate(value=None, kind="probability", undefined_because=because)
    share = of_base / (of_base + newcomers.value)
    error = revenue.standard_error
    if error is not None:
        # The spread of the odds' logarithm, times share·(1 − share), without a quotient by 0
        all_revenue = of_base + newcomers.value
        error = math.hypot((1 - share) * error, share * math.sqrt(newcomers.variance)) / all_revenue
    return Estimate(value=share, standard_error=error, kind="probability")
