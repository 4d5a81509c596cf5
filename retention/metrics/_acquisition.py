"""What new customers cost to win, and when they have earned it back."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Unpack

from attrs import evolve

from retention._calendar import Duration
from retention._facts import Needs, PeriodFacts
from retention._linearised import Unsampled
from retention._validate import spent
from retention.history import ReadingOptions
from retention.metrics._common import one_period
from retention.metrics._lifetime import check_lifespan, read_customer_lifetime_value, worth_of
from retention.metrics._terms import months_of, rounded, share
from retention.periods import Period
from retention.results import Basis, Mean, Ratio, decimal_as_text
from retention.shop import Orders

__all__ = ["customer_acquisition_cost", "ltv_cac_ratio", "payback_months"]


def customer_acquisition_cost(
    orders: Orders,
    /,
    *,
    period: Period,
    acquisition_spend: Decimal | int | str,
    **reading: Unpack[ReadingOptions],
) -> Mean:
    r"""What a new customer costs to win on average: acquisition spend / new customers.

    .. math:: \frac{\text{spend}}{|\{\text{first purchase in the period}\}|}

    Who first buys today may have been won by what was spent last month. Where that takes long, take longer periods.
    It is a mean over all new customers, those who would have come without it included.

    Range: 0 and up. Direction: lower is better. Unit: money per customer.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        acquisition_spend: All that was spent on winning new customers in the period, in the currency of the orders:
            a Decimal, an int or a text such as ``"500.00"``.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The cost. It has no interval (asking for one raises), since the spend is a plain number. Undefined when
        nobody first purchased in the period. Not observable when the data begin with the period, since all would
        look new.

    Raises:
        InvalidTypeError: `acquisition_spend` is a float or no number.
        InvalidValueError: `acquisition_spend` is negative or not finite.
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders(
    ...     {"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-03-11"], "cy": ["2026-03-20"]}
    ... )
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> print(rt.customer_acquisition_cost(orders, period=march, acquisition_spend="50.00"))
    25.00 EUR

    References:
        Sources D9, C3.

    .. versionadded:: 0.1
    """
    return read_customer_acquisition_cost(
        one_period(orders, period, reading), acquisition_spend=acquisition_spend
    )


def read_customer_acquisition_cost(facts: PeriodFacts, *, acquisition_spend: Decimal | int | str) -> Mean:
    spend = spent("customer_acquisition_cost: acquisition_spend", acquisition_spend)
    basis = facts.basis(
        "customer_acquisition_cost",
        of="customers",
        counted=("acquisition spend", "new customers"),
        needs=("firsts",),
        money=True,
    )
    basis = evolve(basis, given=_given(acquisition_spend))
    if not basis.observable:
        return Mean(0, 0, unit=basis.currency, basis=basis)
    new = len(facts.base.new)
    if not new:
        basis = evolve(basis, undefined_because="there are no new customers")
    return Mean(spend, new, unit=basis.currency, sampling=Unsampled(_A_PLAIN_NUMBER), basis=basis)


def _given(acquisition_spend: Decimal | int | str, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """What the host gave for the period. Another month has another spend, and may well be set beside this one."""
    return ("acquisition_spend", str(acquisition_spend)), *more


_A_PLAIN_NUMBER = (
    "the interval requires a figure that is counted: what was spent is a plain number, and nothing is known of how "
    "many new customers it would bring another time"
)


def ltv_cac_ratio(
    orders: Orders,
    /,
    *,
    period: Period,
    acquisition_spend: Decimal | int | str,
    lifespan: float | Decimal | None = None,
    margin_rate: float | Decimal | None = None,
    discount_rate: float | Decimal | None = None,
    inactive_after: Duration | None = None,
    **reading: Unpack[ReadingOptions],
) -> Ratio:
    r"""How often a customer earns back the cost of winning one: lifetime value / acquisition cost.

    .. math:: \frac{\text{LTV}}{\text{CAC}}

    `customer_lifetime_value` with the same keywords over `customer_acquisition_cost`. Below 1 each new customer loses
    money. Give `margin_rate`: without it revenue is set against cost, which flatters.

    Range: 0 and up. Direction: higher is better. Unit: money per money.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        acquisition_spend: All that was spent on winning new customers in the period, in the currency of the orders:
            a Decimal, an int or a text such as ``"500.00"``.
        lifespan: How long a customer stays, in such periods; by default 1 / churn of the period.
        margin_rate: Share of the revenue that is left after costs, above 0 and at most 1.
        discount_rate: Interest for one such period, from 0 up.
        inactive_after: Who purchased within this time before the period's start (or end) is in the opening
            (or closing) base of churn, instead. A timedelta or relativedelta, not shorter than the period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The ratio, without an interval. Undefined when the lifetime value or the acquisition cost is, or the cost
        is 0. Not observable when the data begin after the start of the base.

    Raises:
        InvalidTypeError: `acquisition_spend` is a float or no number.
        InvalidValueError: A keyword is out of its domain.
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: `inactive_after` is shorter than the period, or stands beside `lifespan`; or a
            keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-10"], "ben": ["2026-03-11"], "cy": [("2026-03-20", "30.00")]})
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> print(rt.ltv_cac_ratio(orders, period=march, acquisition_spend=50, lifespan=10, margin_rate=0.5))
    4.000

    References:
        Sources D5, D9, C3.

    .. versionadded:: 0.1
    """
    check_lifespan("ltv_cac_ratio", lifespan, inactive_after)
    found = one_period(orders, period, reading, inactive_after=inactive_after)
    return read_ltv_cac_ratio(
        found,
        acquisition_spend=acquisition_spend,
        lifespan=lifespan,
        margin_rate=margin_rate,
        discount_rate=discount_rate,
    )


def read_ltv_cac_ratio(
    facts: PeriodFacts,
    *,
    acquisition_spend: Decimal | int | str,
    lifespan: float | Decimal | None = None,
    margin_rate: float | Decimal | None = None,
    discount_rate: float | Decimal | None = None,
) -> Ratio:
    cost = read_customer_acquisition_cost(facts, acquisition_spend=acquisition_spend)
    worth = read_customer_lifetime_value(
        facts, lifespan=lifespan, margin_rate=margin_rate, discount_rate=discount_rate
    )
    needs: Needs = ("firsts", "base") if lifespan is None else ("firsts",)
    counted = (f"lifetime {worth_of(margin_rate, discount_rate)}", "acquisition cost")
    basis = evolve(
        facts.basis("ltv_cac_ratio", of="customers", counted=counted, needs=needs, money=True),
        options=worth.basis.options,
        given=_given(acquisition_spend, *worth.basis.given),
    )
    return _quotient(basis, worth.value, cost.value, worth.undefined_because or cost.undefined_because)


def payback_months(
    orders: Orders,
    /,
    *,
    period: Period,
    acquisition_spend: Decimal | int | str,
    margin_rate: float | Decimal,
    **reading: Unpack[ReadingOptions],
) -> Ratio:
    r"""How long a customer takes to earn back the cost of winning one: acquisition cost / margin of a month.

    .. math:: \frac{\text{CAC}}{\text{margin rate} \cdot \text{revenue of an active customer in a month}}

    The margin is that of the period's active customers, put on a month: a quarter's is divided by 3, a year's by 12,
    that of any other period by its days times 12 / 365. It is taken as steady, and the customer as staying: compare
    with `customer_lifespan_months`.

    Range: 0 and up. Direction: lower is better. Unit: months.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        acquisition_spend: All that was spent on winning new customers in the period, in the currency of the orders:
            a Decimal, an int or a text such as ``"500.00"``.
        margin_rate: Share of the revenue that is left after costs, above 0 and at most 1: 0.4 is 40 %.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The months, without an interval. Undefined when nobody first purchased in the period, or active customers
        brought no revenue. Not observable when the data begin with the period, since all would look new.

    Raises:
        InvalidTypeError: `acquisition_spend` is a float or no number.
        InvalidValueError: `acquisition_spend` is negative or not finite, or `margin_rate` is no share.
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-10"], "ben": ["2026-03-11"], "cy": [("2026-03-20", "30.00")]})
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> print(rt.payback_months(orders, period=march, acquisition_spend=50, margin_rate=0.5))
    2.500

    References:
        Sources D9, C3.

    .. versionadded:: 0.1
    """
    found = one_period(orders, period, reading)
    return read_payback_months(found, acquisition_spend=acquisition_spend, margin_rate=margin_rate)


def read_payback_months(
    facts: PeriodFacts, *, acquisition_spend: Decimal | int | str, margin_rate: float | Decimal
) -> Ratio:
    margin = share(margin_rate, "payback_months: margin_rate")
    cost = read_customer_acquisition_cost(facts, acquisition_spend=acquisition_spend)
    basis = facts.basis(
        "payback_months",
        of="customers",
        counted=("acquisition cost", "margin of a month"),
        needs=("firsts",),
        money=True,
    )
    basis = evolve(basis, given=_given(acquisition_spend, ("margin_rate", str(margin_rate))))
    unknown = cost.undefined_because
    if unknown is None and not facts.spend.y:
        unknown = "active customers brought no revenue"
    return _quotient(basis, cost.value, None if unknown else _of_a_month(facts, margin), unknown)


def _of_a_month(facts: PeriodFacts, margin: Fraction) -> Decimal:
    """What an active customer earns in a month."""
    of_the_period = Fraction(facts.spend.y, facts.active * facts.money.scale) * margin
    return rounded(of_the_period / months_of(facts.period))


def _quotient(basis: Basis, top: Decimal | None, bottom: Decimal | None, unknown: str | None) -> Ratio:
    """One figure over another; both are rounded to 28 digits already."""
    sampling = Unsampled(_A_PLAIN_NUMBER)
    if top is None or bottom is None:
        basis = evolve(basis, undefined_because=unknown)
        return Ratio(0, 0, bounded=False, poolable=False, sampling=sampling, basis=basis)
    if not bottom:
        basis = evolve(basis, undefined_because=f"the {basis.counted[1]} is 0")
    above, below = (decimal_as_text(each, ",.2f") for each in (top, bottom))
    basis = evolve(basis, in_words=f"{above} {basis.counted[0]} against {below} {basis.counted[1]}")
    return Ratio(top, bottom, bounded=False, poolable=False, sampling=sampling, basis=basis)
