"""How many customers stay, leave and come back."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import overload

from retention.formulas._call import RAISE, Call, Fallback, Number, decimal_context

__all__ = [
    "customer_churn_rate",
    "customer_lifespan",
    "customer_retention_rate",
    "reactivation_rate",
    "repeat_purchase_rate",
    "returning_customer_rate",
    "scale_churn_rate",
    "second_purchase_rate",
]


def customer_retention_rate(
    *,
    customers_at_end: int,
    customers_acquired: int,
    customers_at_start: int,
    default: Fallback = RAISE,
) -> float | Fallback:
    r"""Customers that a period kept: (customers at the end - customers acquired) / customers at the start.

    .. math:: \frac{\text{end} - \text{acquired}}{\text{start}}

    A fraction of at least 0, higher is better: 0.8 is 80 %. It exceeds 1 when customers who were away at the
    start come back, because they are at the end without being acquired. On orders, the library's metric of
    this name counts the customers who were kept, one by one, and can't exceed 1.

    Args:
        customers_at_end: Customers when the period ended, the new ones included.
        customers_acquired: Those among them who were won during the period.
        customers_at_start: Customers when the period began.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there were no customers at the start.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more customers were acquired
            than there are at the end.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> customer_retention_rate(customers_at_end=90, customers_acquired=10, customers_at_start=100)
        0.8

    References:
        D1 (EmizenTech) and B1 (Ecwid), published by both, for a month or a year.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("customer_retention_rate")
    end = call.count("customers_at_end", customers_at_end)
    acquired = call.count("customers_acquired", customers_acquired)
    start = call.count("customers_at_start", customers_at_start)
    call.at_most(acquired, end)
    kept = end.exact - acquired.exact
    return call.quotient(kept, start.exact, requires="at least one customer at the start", default=default)


def customer_churn_rate(
    *, customers_lost: int, customers_at_start: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the customers at the start who left in the period: customers lost / customers at the start.

    .. math:: \frac{\text{lost}}{\text{start}}

    A fraction from 0 to 1, lower is better: 0.05 is 5 %. It belongs to the length of its period;
    :func:`scale_churn_rate` puts it on another.

    Args:
        customers_lost: Those of the customers at the start who were gone at the end.
        customers_at_start: Customers when the period began.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there were no customers at the start.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more customers were lost than
            there were at the start.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> customer_churn_rate(customers_lost=5, customers_at_start=100)
        0.05

    References:
        D3 (EmizenTech), published, for a month or a year.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("customer_churn_rate")
    lost = call.count("customers_lost", customers_lost)
    start = call.count("customers_at_start", customers_at_start)
    return call.share(lost, start, requires="at least one customer at the start", default=default)


@overload
def scale_churn_rate(*, churn_rate: Decimal, from_days: Decimal | int, to_days: Decimal | int) -> Decimal: ...
@overload
def scale_churn_rate(
    *, churn_rate: float | Fraction, from_days: float | Fraction, to_days: float | Fraction
) -> float: ...
def scale_churn_rate(
    *,
    churn_rate: float | Decimal | Fraction,
    from_days: float | Decimal | Fraction,
    to_days: float | Decimal | Fraction,
) -> float | Decimal:
    r"""Churn of one period put on a period of another length: 1 - (1 - churn rate) ^ (to days / from days).

    .. math:: 1 - (1 - c)^{d_2 / d_1}

    A fraction from 0 to 1, lower is better. Whoever stays for a year has stayed twelve times for a month, so
    that rates of staying multiply; churn rates neither add up nor divide. It assumes that the same share
    leaves in every stretch, which is seldom true of new customers.

    Args:
        churn_rate: The rate to convert, a fraction from 0 to 1.
        from_days: Length of the period that it was counted in, above 0.
        to_days: Length of the period that it is wanted for, above 0. Only the quotient of the two counts, so
            that months do as well as days where both are months.

    Returns:
        The rate of the other period, a Decimal if an argument is one, else a float; for Fractions too,
        because a power is seldom a fraction. Never undefined.

    Raises:
        InvalidValueError: If the rate lies outside 0 to 1, a length is not above 0, or an argument is not
            finite.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        Half of the customers leave in 30 days, and half of the other half in the next 30:

        >>> from decimal import Decimal
        >>> scale_churn_rate(churn_rate=Decimal("0.5"), from_days=30, to_days=60)
        Decimal('0.75')

    References:
        D3 (EmizenTech), who state churn for a month or a year; the conversion is that of compound rates.

    .. versionadded:: 0.1
    """
    call: Call[float | Decimal] = Call("scale_churn_rate")
    rate = call.rate("churn_rate", churn_rate).exact
    old, new = call.positive("from_days", from_days), call.positive("to_days", to_days)
    periods = new.exact / old.exact
    if call.kind is Decimal:
        return _compound_decimal(rate, periods)
    return _compound_float(float(rate), call.as_float(periods))


def _compound_float(rate: float, periods: float) -> float:
    if rate == 1:
        return 1.0
    if periods == 1:
        return rate
    # expm1 and log1p keep the digits of small rates, which 1 - (1 - c) ** k loses.
    return -math.expm1(periods * math.log1p(-rate))


def _compound_decimal(rate: Fraction, periods: Fraction) -> Decimal:
    rounded = decimal_context()
    if rate in {0, 1} or periods == 1:
        return rounded.divide(Decimal(rate.numerator), Decimal(rate.denominator))
    # The subtraction from 1 cancels as many digits as the result has zeros behind its point.
    zeros = max(0, _magnitude(rate)) + max(0, _magnitude(periods))
    exact = decimal_context(rounded.prec + 12 + zeros)
    stay = exact.divide(Decimal(rate.denominator - rate.numerator), Decimal(rate.denominator))
    exponent = exact.divide(Decimal(periods.numerator), Decimal(periods.denominator))
    return rounded.subtract(Decimal(1), exact.power(stay, exponent))


def _magnitude(value: Fraction) -> int:
    """How many zeros stand behind the point before the value's first digit, give or take one."""
    return Decimal(value.denominator).adjusted() - Decimal(value.numerator).adjusted()


def customer_lifespan(*, churn_rate: Number, default: Fallback = RAISE) -> Number | Fallback:
    r"""How long a customer stays on average, in periods: 1 / churn rate of one period.

    .. math:: \frac{1}{c}

    At least 1, higher is better; the unit is the period of the churn rate: a monthly rate gives months. It
    assumes that the same share leaves in every period.

    Args:
        churn_rate: Share of customers who leave in one period, a fraction from 0 to 1.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The lifespan in periods. Undefined when nobody leaves.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If the rate lies outside 0 to 1 or is not finite.
        InvalidTypeError: If the argument is a bool or no number.

    Examples:
        >>> customer_lifespan(churn_rate=0.25)
        4.0

    References:
        D5 (EmizenTech) names the lifespan as a factor of lifetime value; its estimate from churn is the mean
        of the geometric distribution.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("customer_lifespan")
    churn = call.rate("churn_rate", churn_rate)
    return call.quotient(Fraction(1), churn.exact, requires="a churn rate above 0", default=default)


def repeat_purchase_rate(
    *, repeat_customers: int, customers: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the customers who bought more than once: repeat customers / customers, in one period.

    .. math:: \frac{\text{customers with two or more purchases}}{\text{customers with one or more}}

    A fraction from 0 to 1, higher is better: 0.25 is 25 %. Longer periods give higher rates: compare equal
    ones. :func:`returning_customer_rate` and :func:`repeat_order_rate` answer other questions.

    Args:
        repeat_customers: Customers with two or more purchases in the period.
        customers: Customers with one or more purchases in the period.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there were no customers.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or there are more repeat
            customers than customers.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> repeat_purchase_rate(repeat_customers=25, customers=100)
        0.25

    References:
        D4 (EmizenTech), published, for a stated time frame.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("repeat_purchase_rate")
    repeat = call.count("repeat_customers", repeat_customers)
    everyone = call.count("customers", customers)
    return call.share(repeat, everyone, requires="at least one customer", default=default)


def returning_customer_rate(
    *, returning_customers: int, customers: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of a period's customers who had bought before it: returning customers / customers.

    .. math:: \frac{\text{customers who first bought before the period}}{\text{customers in the period}}

    A fraction from 0 to 1: 0.4 is 40 %. Higher means that more of the period's customers came back; a good
    month for acquisition lowers it, so read it beside the number of new customers.

    Args:
        returning_customers: Customers of the period whose first purchase ever was before it.
        customers: Customers with one or more purchases in the period.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there were no customers.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or there are more returning
            customers than customers.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> returning_customer_rate(returning_customers=40, customers=100)
        0.4

    References:
        Beside D4 (EmizenTech), whose second name, repeat customer rate, is often used for this figure.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("returning_customer_rate")
    returning = call.count("returning_customers", returning_customers)
    everyone = call.count("customers", customers)
    return call.share(returning, everyone, requires="at least one customer", default=default)


def reactivation_rate(
    *, customers_reactivated: int, customers_lapsed: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the lapsed customers who bought again: customers reactivated / customers lapsed at the start.

    .. math:: \frac{\text{reactivated}}{\text{lapsed}}

    A fraction from 0 to 1, higher is better: 0.1 is 10 %.

    Args:
        customers_reactivated: Those of the lapsed customers who bought in the period.
        customers_lapsed: Former customers who no longer counted as customers when the period began.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when no customer had lapsed.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more customers were
            reactivated than had lapsed.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> reactivation_rate(customers_reactivated=3, customers_lapsed=30)
        0.1

    References:
        The other side of D1 (EmizenTech) and B1 (Ecwid), whose formula counts the reactivated as retained.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("reactivation_rate")
    reactivated = call.count("customers_reactivated", customers_reactivated)
    lapsed = call.count("customers_lapsed", customers_lapsed)
    return call.share(reactivated, lapsed, requires="at least one lapsed customer", default=default)


def second_purchase_rate(
    *, customers_back_in_time: int, customers: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of customers back within a set time of their first purchase: back in time / customers.

    .. math:: \frac{\text{second purchase within } N \text{ days}}{\text{customers}}

    A fraction from 0 to 1, higher is better: 0.5 is 50 %. As published, the customers are those who bought a
    second time at all; over everyone observed for that long it is lower and tells more.

    Args:
        customers_back_in_time: Customers whose second purchase came at most N days after their first.
        customers: Customers with a second purchase (published form, N = 16), or all who were observed for N
            days or more.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there were no customers.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more customers were back in
            time than there are customers.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> second_purchase_rate(customers_back_in_time=20, customers=40)
        0.5

    References:
        E3 (Shopify), derived; E16 is its published figure.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("second_purchase_rate")
    back = call.count("customers_back_in_time", customers_back_in_time)
    everyone = call.count("customers", customers)
    return call.share(back, everyone, requires="at least one customer", default=default)
