"""How many orders there were, what they brought, what was given back."""

from __future__ import annotations

from decimal import Decimal
from typing import Unpack

from retention._facts import PeriodFacts
from retention.history import ReadingOptions
from retention.metrics._common import mean_of, one_period, quotient_of, require_observable
from retention.periods import Period
from retention.results import Mean, Ratio
from retention.shop import Orders

__all__ = [
    "average_customer_value",
    "average_order_value",
    "gross_revenue",
    "net_revenue",
    "order_count",
    "purchase_frequency",
    "refund_rate",
    "refund_ratio",
    "refunded_revenue",
    "repeat_order_rate",
]


def order_count(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> int:
    r"""How many purchases there were, guests' included.

    .. math:: \sum_{\text{purchases}} 1

    Range: 0 and up. Direction: higher is better. Unit: orders.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The count. Undefined when the period is not observable, which raises.

    Raises:
        NotObservableError: The data do not reach the period.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-03-01", "2026-03-05"], None: ["2026-03-11"]})
    >>> rt.order_count(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    3

    References:
        Sources B2.

    .. versionadded:: 0.1
    """
    return read_order_count(one_period(orders, period, reading))


def read_order_count(facts: PeriodFacts) -> int:
    require_observable(facts)
    return facts.order_values.x


def gross_revenue(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Decimal:
    r"""What the sales of the period charged, before refunds: the sum of their amounts.

    .. math:: \sum_{\text{sales}} \text{amount}

    Amounts are after discounts and before tax and shipping.

    Range: 0 and up. Direction: higher is better. Unit: the currency of the orders.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The sum. Undefined when the period is not observable, which raises.

    Raises:
        NotObservableError: The data do not reach the period.
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": [("2026-03-01", "20.00")], None: [("2026-03-11", "5.50")]})
    >>> rt.gross_revenue(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Decimal('25.50')

    References:
        Sources B2, E1.

    .. versionadded:: 0.1
    """
    return read_gross_revenue(one_period(orders, period, reading))


def read_gross_revenue(facts: PeriodFacts) -> Decimal:
    require_observable(facts)
    return facts.money.amount(facts.gross)


def refunded_revenue(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Decimal:
    r"""What was given back for the period's sales, or in the period.

    .. math:: \sum_{\text{sales}} \text{refunds}

    With ``OrderPolicy(refunds_dated="order")``, the default, it sums the refunds of the period's sales, whenever
    they were made; with ``"refund"`` those made in the period, whenever their sale was.

    Range: 0 and up. Direction: lower is better. Unit: the currency of the orders.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The sum. Undefined when the period is not observable, which raises.

    Raises:
        NotObservableError: The data do not reach the period.
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": [("2026-03-01", "20.00")]})
    >>> rt.refunded_revenue(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Decimal('0.00')

    References:
        Sources B2.

    .. versionadded:: 0.1
    """
    return read_refunded_revenue(one_period(orders, period, reading))


def read_refunded_revenue(facts: PeriodFacts) -> Decimal:
    require_observable(facts)
    return facts.money.amount(_refunded(facts))


def _refunded(facts: PeriodFacts) -> int:
    return (facts.refunds if facts.refunds_dated == "order" else facts.refunds_made).y


def net_revenue(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Decimal:
    r"""What was left of the sales of the period: gross revenue − refunded revenue.

    .. math:: \sum_{\text{sales}} \text{amount} - \sum \text{refunds}

    Which refunds is for ``OrderPolicy.refunds_dated`` to say; see `refunded_revenue`. Dated by their refunds, a
    period can give back more than it sells.

    Range: 0 and up, or any when refunds are dated by themselves. Direction: higher is better. Unit: the
    currency of the orders.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The difference. Undefined when the period is not observable, which raises.

    Raises:
        NotObservableError: The data do not reach the period.
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": [("2026-03-01", "20.00")], None: [("2026-03-11", "5.50")]})
    >>> rt.net_revenue(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Decimal('25.50')

    References:
        Sources B2, E2.

    .. versionadded:: 0.1
    """
    return read_net_revenue(one_period(orders, period, reading))


def read_net_revenue(facts: PeriodFacts) -> Decimal:
    require_observable(facts)
    return facts.money.amount(facts.gross - _refunded(facts))


def refund_rate(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Ratio:
    r"""Share of the period's sales, in money, that was given back: refunded revenue / gross revenue.

    .. math:: \frac{\sum_{\text{sales}} \text{refunds}}{\sum_{\text{sales}} \text{amount}}

    Always by the date of the order. The newest months have had the least time to be refunded:
    ``OrderPolicy(refunds_within=...)`` gives each month the same.

    Range: 0 to 1. Direction: lower is better. Unit: share of money.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when nothing was sold in the period.

    Raises:
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": [("2026-03-01", "20.00")]})
    >>> print(rt.refund_rate(orders, period=rt.Period.month(2026, 3, tz="UTC")))
    0.0%

    References:
        Sources B2.

    .. versionadded:: 0.1
    """
    return read_refund_rate(one_period(orders, period, reading))


def read_refund_rate(facts: PeriodFacts) -> Ratio:
    return quotient_of(
        facts, "refund_rate", facts.refunds, counted=("refunded", "gross revenue"), of="sales", money=True
    )


def refund_ratio(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Ratio:
    r"""Refunds made in the period, whenever their sale was / gross revenue of the period.

    .. math:: \frac{\sum_{\text{refunds made}} \text{amount}}{\sum_{\text{sales}} \text{amount}}

    It is what a till shows, and may exceed 1 after a good month. `refund_rate` keeps refunds with their sales.

    Range: 0 and up. Direction: lower is better. Unit: money per money.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The ratio. Undefined when nothing was sold in the period.

    Raises:
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": [("2026-03-01", "20.00")]})
    >>> print(rt.refund_ratio(orders, period=rt.Period.month(2026, 3, tz="UTC")))
    0.000

    References:
        Sources B2.

    .. versionadded:: 0.1
    """
    return read_refund_ratio(one_period(orders, period, reading))


def read_refund_ratio(facts: PeriodFacts) -> Ratio:
    return quotient_of(
        facts,
        "refund_ratio",
        facts.refunds_made,
        counted=("refunds made", "gross revenue"),
        of="sales",
        money=True,
        bounded=False,
    )


def average_order_value(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Mean:
    r"""What a purchase brings on average: net money of purchases / purchases, guests' included.

    .. math:: \frac{\sum_{\text{purchases}} (\text{amount} - \text{refunds})}{|\text{purchases}|}

    Range: 0 and up. Direction: higher is better. Unit: the currency of the orders, per order.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The mean. Undefined when there were no purchases.

    Raises:
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": [("2026-03-01", "20.00")], None: [("2026-03-11", "5.00")]})
    >>> print(rt.average_order_value(orders, period=rt.Period.month(2026, 3, tz="UTC")))
    12.50 EUR

    References:
        Sources B2, SB9.

    .. versionadded:: 0.1
    """
    return read_average_order_value(one_period(orders, period, reading))


def read_average_order_value(facts: PeriodFacts) -> Mean:
    return mean_of(
        facts, "average_order_value", facts.order_values, counted=("net", "purchases"), of="purchases"
    )


def purchase_frequency(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Mean:
    r"""How often a customer purchased in the period, on average: purchases / active customers.

    .. math:: \frac{|\text{purchases of known customers}|}{|\text{active customers}|}

    Range: 1 and up. Direction: higher is better; longer periods give more. Unit: purchases per customer.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The mean. Undefined when no known customer purchased.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-03-01", "2026-03-05"], "ben": ["2026-03-11"]})
    >>> print(rt.purchase_frequency(orders, period=rt.Period.month(2026, 3, tz="UTC")))
    1.50

    References:
        Sources D5.

    .. versionadded:: 0.1
    """
    return read_purchase_frequency(one_period(orders, period, reading))


def read_purchase_frequency(facts: PeriodFacts) -> Mean:
    return mean_of(
        facts, "purchase_frequency", facts.orders, counted=("purchases", "active customers"), money=False
    )


def average_customer_value(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Mean:
    r"""What a customer brought in the period on average: net money of known customers / active customers.

    .. math:: \frac{\sum_{\text{known purchases}} (\text{amount} - \text{refunds})}{|\text{active customers}|}

    Range: 0 and up. Direction: higher is better; longer periods give more. Unit: the currency, per customer.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The mean. Undefined when no known customer purchased.

    Raises:
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-03-01", "2026-03-05"], "ben": ["2026-03-11"]})
    >>> print(rt.average_customer_value(orders, period=rt.Period.month(2026, 3, tz="UTC")))
    15.00 EUR

    References:
        Sources D5.

    .. versionadded:: 0.1
    """
    return read_average_customer_value(one_period(orders, period, reading))


def read_average_customer_value(facts: PeriodFacts) -> Mean:
    return mean_of(facts, "average_customer_value", facts.spend, counted=("net", "active customers"))


def repeat_order_rate(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Ratio:
    r"""Share of purchases by people who had bought before: purchases with an earlier one / purchases.

    .. math:: \frac{|\{\text{purchases with an earlier purchase of the customer}\}|}{|\{\text{purchases of known customers}\}|}

    Trade also calls it the repurchase index. Earlier means at a strictly earlier instant, in the period or before it.

    Range: 0 to 1. Direction: none; it falls when many new customers come. Unit: share of orders.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when no known customer purchased. Not observable when the data begin with the
        period, since all would look new.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-01", "2026-03-05"], "ben": ["2026-03-11", "2026-03-12"]})
    >>> rt.repeat_order_rate(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(2, 3)

    References:
        Sources C2; compare `repeat_purchase_rate` and `returning_customer_rate`.

    .. versionadded:: 0.1
    """
    return read_repeat_order_rate(one_period(orders, period, reading))


def read_repeat_order_rate(facts: PeriodFacts) -> Ratio:
    return quotient_of(
        facts,
        "repeat_order_rate",
        facts.repeat_orders,
        counted=("purchases after the customer's first", "purchases of known customers"),
        needs=("firsts",),
    )
