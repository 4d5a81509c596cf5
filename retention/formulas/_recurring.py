"""Formulas of recurring revenue."""

from __future__ import annotations

from retention.formulas._call import RAISE, Call, Fallback, Number

__all__ = [
    "average_revenue_per_account_value",
    "gross_revenue_retention_rate",
    "net_revenue_retention_ratio",
    "quick_ratio",
]


def gross_revenue_retention_rate(
    *, mrr_kept: Number, mrr_at_start: Number | int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""Share of the recurring revenue at the start that was kept: MRR kept / MRR at the start.

    .. math:: \frac{\text{MRR kept}}{\text{MRR at the start}}

    A fraction from 0 to 1, higher is better. What the same subscribers add is not counted: of each subscriber no more
    is kept than was there. It is 1 less `revenue_churn_rate`.

    Args:
        mrr_kept: Monthly recurring revenue at the end of those who paid at the start, of each no more than then.
        mrr_at_start: Monthly recurring revenue when the period began, in the same currency.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there was no recurring revenue at the start.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an amount is negative or not finite, or more was kept than there was.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> from decimal import Decimal
        >>> gross_revenue_retention_rate(mrr_kept=Decimal("920.00"), mrr_at_start=Decimal("1000.00"))
        Decimal('0.92')

    References:
        D2 (EmizenTech), what its figure leaves.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("gross_revenue_retention_rate")
    kept = call.amount("mrr_kept", mrr_kept)
    start = call.amount("mrr_at_start", mrr_at_start)
    return call.share(kept, start, requires="recurring revenue above 0 at the start", default=default)


def net_revenue_retention_ratio(
    *, mrr_of_the_same_customers: Number, mrr_at_start: Number | int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""What became of the recurring revenue at the start: MRR now of the same customers / MRR at the start.

    .. math:: \frac{\text{MRR at the end of those who paid at the start}}{\text{MRR at the start}}

    A number from 0 up, higher is better; above 1 those who stayed added more than those who left took away.

    Args:
        mrr_of_the_same_customers: Monthly recurring revenue at the end of those who paid at the start.
        mrr_at_start: Monthly recurring revenue when the period began, in the same currency.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The ratio. Undefined when there was no recurring revenue at the start.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an amount is negative or not finite.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> from decimal import Decimal
        >>> net_revenue_retention_ratio(
        ...     mrr_of_the_same_customers=Decimal("1100.00"), mrr_at_start=Decimal("1000.00")
        ... )
        Decimal('1.1')

    References:
        D2 (EmizenTech), with what the same customers add.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("net_revenue_retention_ratio")
    now = call.amount("mrr_of_the_same_customers", mrr_of_the_same_customers)
    start = call.amount("mrr_at_start", mrr_at_start)
    return call.quotient(
        now.exact, start.exact, requires="recurring revenue above 0 at the start", default=default
    )


def average_revenue_per_account_value(
    *, mrr: Number, subscribers: int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""What a subscriber pays a month on average: MRR / subscribers.

    .. math:: \frac{\text{MRR}}{\text{subscribers}}

    Money a month, higher is better.

    Args:
        mrr: Monthly recurring revenue at an instant.
        subscribers: Customers who pay at that instant.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The mean. Undefined when there is no subscriber.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an amount is negative or not finite, or the count is negative or not whole.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> from decimal import Decimal
        >>> average_revenue_per_account_value(mrr=Decimal("1000.00"), subscribers=40)
        Decimal('25')

    References:
        D2, D5 (EmizenTech), for one month of one subscriber.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("average_revenue_per_account_value")
    paid = call.amount("mrr", mrr)
    number = call.count("subscribers", subscribers)
    return call.quotient(paid.exact, number.exact, requires="at least one subscriber", default=default)


def quick_ratio(
    *, mrr_gained: Number, mrr_lost: Number | int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""How far growth outruns loss: MRR gained / MRR lost.

    .. math:: \frac{\text{new} + \text{expansion} + \text{reactivation}}{\text{contraction} + \text{churned}}

    A number from 0 up, higher is better: at 1, what is gained makes up for what is lost.

    Args:
        mrr_gained: Monthly recurring revenue of new customers, of those who came back, and what others pay more.
        mrr_lost: Monthly recurring revenue of those who left, and what others pay less, in the same currency.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The ratio. Undefined when nothing was lost.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an amount is negative or not finite.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> from decimal import Decimal
        >>> quick_ratio(mrr_gained=Decimal("400.00"), mrr_lost=Decimal("100.00"))
        Decimal('4')

    References:
        D2 (EmizenTech), whose losses are below; Mamoon Hamid (2015) made the figure known.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("quick_ratio")
    gained = call.amount("mrr_gained", mrr_gained)
    lost = call.amount("mrr_lost", mrr_lost)
    return call.quotient(
        gained.exact, lost.exact, requires="recurring revenue that was lost", default=default
    )
