"""What an order is worth, and how orders repeat, fail and come back."""

from __future__ import annotations

from retention.formulas._call import RAISE, Call, Fallback, Number

__all__ = [
    "average_customer_value",
    "average_order_value",
    "cancellation_rate",
    "cart_abandonment_rate",
    "cart_recovery_rate",
    "cross_sell_rate",
    "purchase_frequency",
    "recovery_rate",
    "refund_rate",
    "refund_ratio",
    "repeat_order_rate",
]


def repeat_order_rate(*, repeat_orders: int, orders: int, default: Fallback = RAISE) -> float | Fallback:
    r"""Share of the orders that come from people who had bought before: repeat orders / orders.

    .. math:: \frac{\text{orders by earlier buyers}}{\text{orders}}

    A fraction from 0 to 1, higher is better: 0.3 is 30 %. The trade also calls it the repurchase index. It
    counts orders; :func:`repeat_purchase_rate` counts customers.

    Args:
        repeat_orders: Orders of the period by someone with an earlier order.
        orders: All orders of the period.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there were no orders.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or there are more repeat orders
            than orders.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        A month of 100 sales, 70 to new customers and 30 to earlier ones:

        >>> repeat_order_rate(repeat_orders=30, orders=100)
        0.3

    References:
        C2 (SmartHint), published by this example.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("repeat_order_rate")
    repeat = call.count("repeat_orders", repeat_orders)
    everything = call.count("orders", orders)
    return call.share(repeat, everything, requires="at least one order", default=default)


def average_order_value(*, revenue: Number, orders: int, default: Fallback = RAISE) -> Number | Fallback:
    r"""What is spent on an order on average: revenue / orders.

    .. math:: \frac{\text{revenue}}{\text{orders}}

    Money per order, at least 0, higher is better.

    Args:
        revenue: Revenue of the orders, in one currency, after refunds.
        orders: How many orders brought it.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The average in the currency of the revenue. Undefined when there were no orders.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an argument is negative or not finite, or the count is fractional.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> from decimal import Decimal
        >>> average_order_value(revenue=Decimal("90.00"), orders=4)
        Decimal('22.5')

    References:
        B2 (Ecwid), derived from the definition.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("average_order_value")
    money = call.amount("revenue", revenue)
    count = call.count("orders", orders)
    return call.quotient(money.exact, count.exact, requires="at least one order", default=default)


def purchase_frequency(*, purchases: int, customers: int, default: Fallback = RAISE) -> float | Fallback:
    r"""How often a customer buys in the period on average: purchases / customers.

    .. math:: \frac{\text{purchases}}{\text{customers}}

    Purchases per customer in one period, higher is better. At least 1 where customers are those who bought,
    as in the library's metric of this name.

    Args:
        purchases: Purchases of the period.
        customers: Customers who made them.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The mean number of purchases. Undefined when there were no customers.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> purchase_frequency(purchases=30, customers=20)
        1.5

    References:
        D5 (EmizenTech), a factor of the published lifetime value.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("purchase_frequency")
    bought = call.count("purchases", purchases)
    everyone = call.count("customers", customers)
    return call.quotient(bought.exact, everyone.exact, requires="at least one customer", default=default)


def average_customer_value(
    *, revenue: Number, customers: int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""What a customer spends in the period on average: revenue / customers.

    .. math:: \frac{\text{revenue}}{\text{customers}}

    Money per customer in one period, at least 0, higher is better. It is the average order value times the
    purchase frequency of the same customers.

    Args:
        revenue: Revenue of these customers in the period, in one currency, after refunds.
        customers: Customers who brought it.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The average in the currency of the revenue. Undefined when there were no customers.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an argument is negative or not finite, or the count is fractional.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> from decimal import Decimal
        >>> average_customer_value(revenue=Decimal("90.00"), customers=3)
        Decimal('30')

    References:
        D5 (EmizenTech), the product of two factors of the published lifetime value.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("average_customer_value")
    money = call.amount("revenue", revenue)
    everyone = call.count("customers", customers)
    return call.quotient(money.exact, everyone.exact, requires="at least one customer", default=default)


def refund_rate(
    *, refunded_revenue: Number, gross_revenue: Number | int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""Share of the revenue of a period's orders that was paid back: refunded revenue / gross revenue.

    .. math:: \frac{\text{refunded}}{\text{gross}}

    A fraction from 0 to 1, lower is better: 0.1 is 10 %. Both sums are of the same orders, whenever the
    refunds were made; :func:`refund_ratio` takes the refunds by their own date.

    Args:
        refunded_revenue: What was paid back of these orders.
        gross_revenue: Revenue of the orders before refunds, in the same currency.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there was no revenue.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an amount is negative or not finite, or more was refunded than taken.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> refund_rate(refunded_revenue=10, gross_revenue=100)
        0.1

    References:
        Not in the guides; the usual share of refunds, needed to read B2 (Ecwid) net of them.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("refund_rate")
    refunded = call.amount("refunded_revenue", refunded_revenue)
    gross = call.amount("gross_revenue", gross_revenue)
    return call.share(refunded, gross, requires="gross revenue above 0", default=default)


def refund_ratio(
    *, refunded_revenue: Number, gross_revenue: Number | int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""Refunds made in a period against the revenue taken in it: refunded revenue / gross revenue.

    .. math:: \frac{\text{refunded in the period}}{\text{gross in the period}}

    At least 0, lower is better. It exceeds 1 when more is paid back than taken, as after a strong season,
    because the refunds may belong to earlier orders.

    Args:
        refunded_revenue: What was paid back in the period, whenever it was ordered.
        gross_revenue: Revenue of the period's orders before refunds, in the same currency.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The ratio. Undefined when there was no revenue.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an amount is negative or not finite.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> refund_ratio(refunded_revenue=150, gross_revenue=100)
        1.5

    References:
        Not in the guides; what shop back ends report by the date of the refund.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("refund_ratio")
    refunded = call.amount("refunded_revenue", refunded_revenue)
    gross = call.amount("gross_revenue", gross_revenue)
    return call.quotient(refunded.exact, gross.exact, requires="gross revenue above 0", default=default)


def cancellation_rate(
    *, cancelled_orders: int, placed_orders: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the orders placed that were cancelled: cancelled orders / placed orders.

    .. math:: \frac{\text{cancelled}}{\text{placed}}

    A fraction from 0 to 1, lower is better: 0.04 is 4 %. What the customer cancels (voluntary) and what
    payment, stock or a fault of the site cancels (involuntary) call for different cures: count them apart.

    Args:
        cancelled_orders: Those of the orders that were cancelled, for all reasons or for one.
        placed_orders: All orders placed, the cancelled ones included.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when no order was placed.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more orders were cancelled
            than placed.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> cancellation_rate(cancelled_orders=4, placed_orders=100)
        0.04

    References:
        A2 (15 e-commerce customer retention strategies), derived.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("cancellation_rate")
    cancelled = call.count("cancelled_orders", cancelled_orders)
    placed = call.count("placed_orders", placed_orders)
    return call.share(cancelled, placed, requires="at least one order placed", default=default)


def recovery_rate(
    *, recovered_orders: int, cancelled_orders: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the cancelled orders whose customer was won back: recovered orders / cancelled orders.

    .. math:: \frac{\text{recovered}}{\text{cancelled}}

    A fraction from 0 to 1, higher is better: 0.25 is 25 %. The trade also calls it the re-conversion rate.

    Args:
        recovered_orders: Cancelled orders whose customer bought again within a set time.
        cancelled_orders: Cancelled orders that could be followed for that time.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when no order was cancelled.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more orders were recovered
            than cancelled.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> recovery_rate(recovered_orders=5, cancelled_orders=20)
        0.25

    References:
        A2 (15 e-commerce customer retention strategies), derived.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("recovery_rate")
    recovered = call.count("recovered_orders", recovered_orders)
    cancelled = call.count("cancelled_orders", cancelled_orders)
    return call.share(recovered, cancelled, requires="at least one cancelled order", default=default)


def cart_abandonment_rate(
    *, carts_abandoned: int, carts_begun: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the baskets that never became an order: carts abandoned / carts begun.

    .. math:: \frac{\text{abandoned}}{\text{begun}}

    A fraction from 0 to 1, lower is better: 0.7 is 70 %.

    Args:
        carts_abandoned: Baskets that were begun and not ordered within a set time.
        carts_begun: Baskets that were begun and could be followed for that time.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when no cart was begun.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more carts were abandoned than
            begun.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> cart_abandonment_rate(carts_abandoned=7, carts_begun=10)
        0.7

    References:
        B6 (Ecwid), derived.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("cart_abandonment_rate")
    abandoned = call.count("carts_abandoned", carts_abandoned)
    begun = call.count("carts_begun", carts_begun)
    return call.share(abandoned, begun, requires="at least one cart begun", default=default)


def cart_recovery_rate(
    *, carts_recovered: int, carts_abandoned: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the abandoned baskets whose customer came back and bought: carts recovered / carts abandoned.

    .. math:: \frac{\text{recovered}}{\text{abandoned}}

    A fraction from 0 to 1, higher is better: 0.1 is 10 %.

    Args:
        carts_recovered: Abandoned baskets whose customer bought within a set time afterwards.
        carts_abandoned: Abandoned baskets that could be followed for that time.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when no cart was abandoned.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or more carts were recovered than
            abandoned.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> cart_recovery_rate(carts_recovered=7, carts_abandoned=70)
        0.1

    References:
        B6 (Ecwid), derived.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("cart_recovery_rate")
    recovered = call.count("carts_recovered", carts_recovered)
    abandoned = call.count("carts_abandoned", carts_abandoned)
    return call.share(recovered, abandoned, requires="at least one abandoned cart", default=default)


def cross_sell_rate(
    *, multi_category_customers: int, customers: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of the customers who bought in more than one category: multi-category customers / customers.

    .. math:: \frac{\text{customers with two or more categories}}{\text{customers}}

    A fraction from 0 to 1, higher is better: 0.2 is 20 %.

    Args:
        multi_category_customers: Customers who bought in two or more categories.
        customers: All customers.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there were no customers.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or there are more multi-category
            customers than customers.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> cross_sell_rate(multi_category_customers=10, customers=50)
        0.2

    References:
        B7 (Ecwid) and E8 (Shopify), derived.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("cross_sell_rate")
    several = call.count("multi_category_customers", multi_category_customers)
    everyone = call.count("customers", customers)
    return call.share(several, everyone, requires="at least one customer", default=default)
