"""Where the revenue comes from: old customers or new ones, a few or all."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, isfinite
from operator import mul
from typing import Unpack

from attrs import evolve

from retention._facts import PeriodFacts
from retention._numerics import TwoGroups
from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.history import ReadingOptions
from retention.metrics._common import means_in_words, one_period, quotient_of
from retention.periods import Period
from retention.results import LorenzCurve, Ratio, Score
from retention.shop import Orders

__all__ = [
    "existing_customer_revenue_rate",
    "gini_score",
    "lorenz_curve",
    "returning_spend_ratio",
    "revenue_concentration_rate",
]


def existing_customer_revenue_rate(
    orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]
) -> Ratio:
    r"""Share of revenue from customers acquired before the period: their net money / that of all known customers.

    .. math:: \frac{\sum_{\text{first purchase before the period}} \text{net}}{\sum_{\text{known customers}} \text{net}}

    Range: 0 to 1. Direction: none; it falls when many new customers come. Unit: share of money.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when known customers brought no revenue. Not observable when the data begin with
        the period, since all would look new.

    Raises:
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-01", ("2026-03-05", "30.00")], "ben": ["2026-03-11"]})
    >>> print(rt.existing_customer_revenue_rate(orders, period=rt.Period.month(2026, 3, tz="UTC")))
    75.0%

    References:
        Sources E2.

    .. versionadded:: 0.1
    """
    return read_existing_customer_revenue_rate(one_period(orders, period, reading))


def read_existing_customer_revenue_rate(facts: PeriodFacts) -> Ratio:
    return quotient_of(
        facts,
        "existing_customer_revenue_rate",
        facts.existing_spend,
        counted=("from customers of earlier periods", "revenue of known customers"),
        needs=("firsts",),
        money=True,
    )


def returning_spend_ratio(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Ratio:
    r"""What returning customers spend against new ones: mean spend of returning / mean spend of new customers.

    .. math:: \frac{\sum_{\text{returning}} \text{net} \,/\, |\text{returning}|}{\sum_{\text{new}} \text{net} \,/\, |\text{new}|}

    1.67 is "67 % more". The ratio keeps its numbers whole: numerator and denominator are the two sums, each
    multiplied by the number of customers of the other group.

    Range: 0 and up. Direction: none. Unit: money per money.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The ratio. Undefined when there are no new or no returning customers, or the new ones brought nothing.
        Not observable when the data begin with the period, since all would look new.

    Raises:
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-01", ("2026-03-05", "30.00")], "ben": ["2026-03-11"]})
    >>> print(rt.returning_spend_ratio(orders, period=rt.Period.month(2026, 3, tz="UTC")))
    3.000

    References:
        Sources B3; B14 is the published figure.

    .. versionadded:: 0.1
    """
    return read_returning_spend_ratio(one_period(orders, period, reading))


def read_returning_spend_ratio(facts: PeriodFacts) -> Ratio:
    new, returning = facts.new_spend, facts.returning_spend
    basis = facts.basis(
        "returning_spend_ratio",
        of="customers",
        counted=(
            "(spend of returning × number of new customers)",
            "(spend of new × number of returning ones)",
        ),
        needs=("firsts",),
        money=True,
    )
    if not basis.observable:
        return Ratio(0, 0, bounded=False, poolable=False, basis=basis)
    if not (new.n and returning.n and new.y):
        missing = "returning customers" if not returning.n else "new customers with revenue"
        basis = evolve(basis, undefined_because=f"there are no {missing}")
        return Ratio(0, 0, bounded=False, poolable=False, sampling=None, basis=basis)
    return Ratio(
        facts.money.amount(returning.y * new.n),
        facts.money.amount(new.y * returning.n),
        bounded=False,
        poolable=False,
        sampling=TwoGroups(top=returning, bottom=new),
        basis=evolve(
            basis, in_words=means_in_words(returning, new, ("a returning customer", "a new customer"))
        ),
    )


def revenue_concentration_rate(
    orders: Orders, /, *, period: Period, top: float | Decimal = 0.2, **reading: Unpack[ReadingOptions]
) -> Ratio:
    r"""Share of revenue from the best customers: net money of the best ⌈top · n⌉ customers / that of all n.

    .. math:: \frac{\sum_{\text{best } \lceil \text{top} \cdot n \rceil} \text{net}}{\sum_{\text{known customers}} \text{net}}

    The Pareto principle expects 0.8 for ``top=0.2``.

    Range: `top` to 1. Direction: none. Unit: share of money.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        top: Share of the customers who count as best, above 0 and at most 1. A float is read as it is
            written: 0.07 of 100 customers are 7.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate, without an interval. Undefined when known customers brought no revenue.

    Raises:
        InvalidValueError: `top` is no share.
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": [("2026-03-01", "80.00")], "ben": [("2026-03-11", "20.00")]})
    >>> print(rt.revenue_concentration_rate(orders, period=rt.Period.month(2026, 3, tz="UTC"), top=0.5))
    80.0%

    References:
        Sources E1, E35; E14 is the published figure.

    .. versionadded:: 0.1
    """
    return read_revenue_concentration_rate(one_period(orders, period, reading), top=top)


def read_revenue_concentration_rate(facts: PeriodFacts, *, top: float | Decimal = 0.2) -> Ratio:
    best = _best_count(top, len(facts.spends))
    basis = facts.basis(
        "revenue_concentration_rate",
        of="customers",
        counted=("from the best customers", "revenue of known customers"),
        money=True,
        options=(("top", str(top)),),
    )
    if not basis.observable:
        return Ratio(0, 0, poolable=False, basis=basis)
    total = facts.spend.y
    if not total:
        basis = evolve(basis, undefined_because="known customers brought no revenue")
    from_best = sum(facts.spends[len(facts.spends) - best :])
    return Ratio(
        facts.money.amount(from_best), facts.money.amount(total), poolable=False, sampling=None, basis=basis
    )


def _best_count(top: float | Decimal, customers: int) -> int:
    """⌈top · customers⌉, with a float read as it is written: binary 0.07 · 100 lies a hair above 7."""
    if isinstance(top, bool) or not isinstance(top, (int, float, Decimal)):
        msg = f"revenue_concentration_rate: top must be a number (got {shown(top)}); 0.2 is the best fifth"
        raise InvalidTypeError(msg)
    is_finite = top.is_finite() if isinstance(top, Decimal) else isfinite(top)
    if not (is_finite and 0 < top <= 1):
        msg = f"revenue_concentration_rate: top must be above 0 and at most 1 (got {shown(top)}); 0.2 is the best fifth"
        raise InvalidValueError(msg)
    return ceil(Fraction(str(top)) * customers)


def lorenz_curve(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> LorenzCurve:
    r"""How unevenly revenue is spread: the share of revenue that each share of customers brings, poorest first.

    .. math:: L(k/n) = \frac{\sum_{i \le k} \text{net}_{(i)}}{\sum_{i \le n} \text{net}_{(i)}}

    Range: 0 to 1 on both axes. Direction: none. Unit: share of money by share of customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The curve. Undefined when known customers brought no revenue.

    Raises:
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": [("2026-03-01", "75.00")], "ben": [("2026-03-11", "25.00")]})
    >>> list(rt.lorenz_curve(orders, period=rt.Period.month(2026, 3, tz="UTC")).points())
    [(0.0, 0.0), (0.5, 0.25), (1.0, 1.0)]

    References:
        Sources E1. Lorenz (1905), Publications of the American Statistical Association 9, 209-219.

    .. versionadded:: 0.1
    """
    return read_lorenz_curve(one_period(orders, period, reading))


def read_lorenz_curve(facts: PeriodFacts) -> LorenzCurve:
    basis = facts.basis("lorenz_curve", of="customers", money=True)
    if basis.observable and not facts.spend.y:
        basis = evolve(basis, undefined_because="known customers brought no revenue")
    spends = map(facts.money.amount, facts.spends) if basis.observable else ()
    return LorenzCurve(tuple(spends), basis=basis)


def gini_score(
    orders: Orders, /, *, period: Period, bias_corrected: bool = False, **reading: Unpack[ReadingOptions]
) -> Score:
    r"""How unevenly revenue is spread, in one number: twice the area between the Lorenz curve and the diagonal.

    .. math:: G = \frac{\sum_i (2i - n - 1)\, \text{net}_{(i)}}{n \sum_i \text{net}_{(i)}}

    0 when all customers spend the same, towards 1 when one spends all.

    Range: 0 to 1. Direction: none. Unit: none.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        bias_corrected: Multiply by n / (n − 1), so that samples of different sizes compare.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The score. Undefined when known customers brought no revenue or, bias-corrected, when there is one.

    Raises:
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": [("2026-03-01", "75.00")], "ben": [("2026-03-11", "25.00")]})
    >>> print(rt.gini_score(orders, period=rt.Period.month(2026, 3, tz="UTC")))
    0.250

    References:
        Sources E1. Population form; see Dixon and others (1987), Ecology 68, 1548-1551, for the correction.

    .. versionadded:: 0.1
    """
    return read_gini_score(one_period(orders, period, reading), bias_corrected=bias_corrected)


def read_gini_score(facts: PeriodFacts, *, bias_corrected: bool = False) -> Score:
    basis = facts.basis(
        "gini_score",
        of="customers",
        counted=("customers",),
        money=True,
        options=(("bias_corrected", "True"),) if bias_corrected else (),
    )
    customers = len(facts.spends) if basis.observable else 0
    fewest = 2 if bias_corrected else 1
    if basis.observable and (customers < fewest or not facts.spend.y):
        why = (
            "known customers brought no revenue"
            if not facts.spend.y
            else "one customer alone has no inequality"
        )
        basis = evolve(basis, undefined_because=why)
    if basis.undefined_because:
        return Score(None, low=0, high=1, count=customers, basis=basis)
    weighted = sum(map(mul, range(1 - customers, customers, 2), facts.spends))
    others = customers - 1 if bias_corrected else customers
    return Score(
        float(Fraction(weighted, others * facts.spend.y)), low=0, high=1, count=customers, basis=basis
    )
