"""Forecasts: how often the customers of today will buy in the periods to come, and what they will bring."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TypeAlias

from attrs import evolve, frozen

from retention._numerics import normal_quantile, student_quantile
from retention.errors import ConflictingArgumentError, InvalidValueError, MixedCurrencyError
from retention.periods import Period
from retention.predict._amounts import Joint, check_currency, errors_of, lines, spends_of, sums_by_group
from retention.predict._bootstrap import seeded
from retention.predict._coming import Chance, Span, chances_of, check_kinds, expected_in, joined, spans_of
from retention.predict._model import Estimate
from retention.predict._purchase_forecast import ExpectedPurchases, PurchaseForecast
from retention.predict._purchase_model import PurchaseModel
from retention.predict._revenue_forecast import ExpectedRevenue, RevenueForecast
from retention.predict._terms import non_negative
from retention.predict.gamma_gamma import GammaGamma
from retention.predict.purchases import RepeatPurchases, TimeUnit
from retention.results import RevenuePredictability

__all__ = [
    "ExpectedPurchases",
    "ExpectedRevenue",
    "Newcomers",
    "PurchaseForecast",
    "RevenueForecast",
    "forecast_purchases",
    "forecast_revenue",
]

Newcomers: TypeAlias = "Decimal | float | Iterable[Decimal | float] | RevenuePredictability"
"""What customers yet to come will bring: of each period, one for each, or as in the periods of a table."""

_OWNER = "forecast_revenue"
_FEWEST_PERIODS = 3
_USUAL = 0.95


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
    check_kinds(_OWNER, base=base, model=model, spend=spend)
    model._check_suits(base, _OWNER)  # noqa: SLF001 - a function of its package
    check_currency(spend, base, owner=_OWNER)
    currency = spend.currency or base.currency
    spans = spans_of(base, model, periods=periods, horizon=horizon, unit=unit, steps=steps, owner=_OWNER)
    random = seeded(seed, owner=_OWNER)
    joint = Joint(purchases=model, spend=spend)
    purchases = expected_in(base, model, spans)
    expected = _estimates(joint, base, spans, purchases, currency)
    variances = [moment.variance for moment in _spend_moments(base, spend)]
    chances = chances_of(base, model, spans, purchases=purchases, variances=variances, random=random)
    others = _newcomers(newcomers, spans, by_calendar=horizon is None, currency=currency)
    coming = [
        _coming(span, revenue, chance, other)
        for span, revenue, chance, other in zip(
            [*spans, _all_of(spans)], expected, chances, [*others, _sum(others)], strict=True
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


def forecast_purchases(
    base: RepeatPurchases,
    /,
    *,
    model: PurchaseModel,
    periods: Period | Iterable[Period] | None = None,
    horizon: float | timedelta | None = None,
    unit: TimeUnit | None = None,
    steps: int = 1,
    seed: int = 0,
) -> PurchaseForecast:
    r"""How many purchases the customers of today will make in coming periods, and how sure that is.

    .. math:: \sum_i \bigl(E(Y_i(t_2)) - E(Y_i(t_1))\bigr)

    For each period from t₁ to t₂ after the last day watched, over all customers of today: the repeat purchase days to
    expect of each. Their sum is also `model.expected_purchases(base, …).total()`, whose interval is that of what is
    *expected*. The interval of a period here is one for the number that will come: its variance is that of the
    parameters, by the delta method, and that of chance, for which purchases to come are drawn given each customer's past.

    Args:
        base: The customers of today: all of them, or some, such as `base.only(ids)`.
        model: The fitted model of purchases.
        periods: The coming periods, one or several, ascending and apart. The last day watched is `base.until`.
        horizon: Instead of periods: how long each coming step lasts, from the end of the last day watched on.
        unit: The horizon's unit of time; the model's own unless given.
        steps: How many such steps.
        seed: Of the draws that tell how far chance moves the number; see `forecast_revenue`.

    Returns:
        The forecast. The first purchases of customers yet to come are not in it.

    Raises:
        InvalidTypeError: An argument is of a type that it can't be.
        InvalidValueError: A number is out of its domain, or the periods overlap, or begin before the last day watched is
            over.
        AsOfRequiredError: Periods are given, and the base does not know its last day.
        ConflictingArgumentError: Both or neither of `periods` and `horizon` are given, or the base and the model don't go
            together.

    .. versionadded:: 0.1
    """
    owner = "forecast_purchases"
    check_kinds(owner, base=base, model=model)
    model._check_suits(base, owner)  # noqa: SLF001 - a function of its package
    spans = spans_of(base, model, periods=periods, horizon=horizon, unit=unit, steps=steps, owner=owner)
    random = seeded(seed, owner=owner)
    purchases = expected_in(base, model, spans)

    def totals(moved: PurchaseModel) -> list[float]:
        found = purchases if moved is model else expected_in(base, moved, spans)
        pairs = [(count, means) for (*_, count), means in zip(base.groups, found, strict=True)]
        return [math.fsum(count * means[place] for count, means in pairs) for place in range(len(spans) + 1)]

    values = totals(model)
    errors: Sequence[float | None] = errors_of(model, totals) or [None] * len(values)
    variances = [partial(_of_alike, count) for *_, count in base.groups]
    chances = chances_of(base, model, spans, purchases=purchases, variances=variances, random=random)
    coming = [
        ExpectedPurchases(
            label=span.label,
            start=span.start,
            end=span.end,
            expected=Estimate(value=value, standard_error=error, unit="purchases"),
            chance=chance.spread,
            nothing=chance.nothing,
        )
        for span, value, error, chance in zip([*spans, _all_of(spans)], values, errors, chances, strict=True)
    ]
    return PurchaseForecast(
        periods=tuple(coming[:-1]),
        total=coming[-1],
        customers=len(base),
        unit=model.unit,
        assumed=base.assumed,
    )


def _of_alike(count: int, expected: float, spread: float) -> float:
    """The variance of the purchases of so many customers, of each of whom it is known."""
    del expected
    return count * spread


def _all_of(spans: Sequence[Span]) -> Span:
    return Span(joined([span.label for span in spans]), spans[0].start, spans[-1].end)


# What is expected ------------------------------------------------------------------------------------


def _estimates(
    joint: Joint[PurchaseModel],
    base: RepeatPurchases,
    spans: Sequence[Span],
    purchases: list[list[float]],
    currency: str | None,
) -> list[Estimate]:
    """The revenue to expect in each span, and in all of them."""
    sums = sums_by_group(base, spends_of(base))

    def revenue(moved: Joint[PurchaseModel]) -> list[float]:
        stays = moved.purchases is joint.purchases
        expected = purchases if stays else expected_in(base, moved.purchases, spans)
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


# What comes from others ------------------------------------------------------------------------------


@frozen
class _Amount:
    """The revenue of newcomers, how far it may lie off, or why it is not known."""

    value: float
    variance: float = 0.0
    unknown_because: str | None = None


def _newcomers(
    newcomers: object, spans: Sequence[Span], *, by_calendar: bool, currency: str | None
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
    table: RevenuePredictability, first: Span, *, by_calendar: bool, currency: str | None
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


def _coming(span: Span, expected: Estimate, chance: Chance, newcomers: _Amount | None) -> ExpectedRevenue:
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
