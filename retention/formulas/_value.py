"""What customers are worth, what they cost, and where revenue comes from."""

from __future__ import annotations

from retention.formulas._call import RAISE, Call, Fallback, Number

__all__ = [
    "customer_acquisition_cost",
    "customer_lifetime_value",
    "discounted_customer_lifetime_value",
    "existing_customer_revenue_rate",
    "ltv_cac_ratio",
    "payback_months",
    "return_on_investment_ratio",
    "returning_spend_ratio",
    "revenue_churn_rate",
    "revenue_concentration_rate",
]


def customer_lifetime_value(
    *,
    average_order_value: Number,
    purchase_frequency: Number | int,
    customer_lifespan: Number | int,
) -> Number:
    r"""What a customer brings over the whole relation: average order value x purchase frequency x lifespan.

    .. math:: \text{average order value} \cdot \text{purchases per unit of time} \cdot \text{lifespan}

    Money per customer, at least 0, higher is better. It is revenue, not profit, and a coin next year counts
    like one today; :func:`discounted_customer_lifetime_value` takes both into account.

    Args:
        average_order_value: Money per order.
        purchase_frequency: Purchases of a customer per unit of time, such as a year.
        customer_lifespan: How long a customer stays, in that same unit; the formula of this name estimates it
            from churn.

    Returns:
        The value in the currency of the order value. Never undefined.

    Raises:
        InvalidValueError: If an argument is negative or not finite.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        Orders of 50, four a year, for three years:

        >>> customer_lifetime_value(average_order_value=50, purchase_frequency=4, customer_lifespan=3)
        600.0

    References:
        D5 (EmizenTech), published; named in C (SmartHint) and E (Shopify) too.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("customer_lifetime_value")
    order_value = call.amount("average_order_value", average_order_value)
    frequency = call.amount("purchase_frequency", purchase_frequency)
    lifespan = call.amount("customer_lifespan", customer_lifespan)
    return call.result(order_value.exact * frequency.exact * lifespan.exact)


def discounted_customer_lifetime_value(
    *,
    margin: Number,
    retention_rate: Number | int,
    discount_rate: Number | int,
    default: Fallback = RAISE,
) -> Number | Fallback:
    r"""What a customer's margins are worth today: margin x (1 + discount) / (1 + discount - retention).

    .. math:: m \cdot \frac{1 + d}{1 + d - r}

    Money per customer, higher is better, negative where the margin is. The first margin comes at once, each
    later one a unit of time after the last, with the same chance of staying every time; at a discount rate of
    0 it is margin / churn.

    Args:
        margin: What a customer earns the shop in one unit of time, such as a month, after costs.
        retention_rate: Share of the customers who stay from one unit to the next, a fraction from 0 to 1.
        discount_rate: Interest per that same unit, a fraction of at least 0: 0.01 is 1 %.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The value in the currency of the margin. Undefined when everyone stays for ever and nothing is
        discounted.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If the retention rate lies outside 0 to 1, the discount rate is negative, or an
            argument is not finite.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        Half of the customers stay each time, so that each earns the margin twice on average:

        >>> discounted_customer_lifetime_value(margin=10, retention_rate=0.5, discount_rate=0)
        20.0

    References:
        D5 (EmizenTech), in the form of Fader and Hardie (2012), "Reconciling and clarifying CLV formulas".

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("discounted_customer_lifetime_value")
    earned = call.number("margin", margin)
    staying = call.rate("retention_rate", retention_rate)
    discount = call.amount("discount_rate", discount_rate)
    growth = 1 + discount.exact
    return call.quotient(
        earned.exact * growth,
        growth - staying.exact,
        requires="a retention rate below 1 or a discount rate above 0",
        default=default,
    )


def customer_acquisition_cost(
    *, acquisition_spend: Number, customers_acquired: int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""What a new customer costs to win on average: acquisition spend / customers acquired.

    .. math:: \frac{\text{spend}}{\text{acquired}}

    Money per new customer, at least 0, lower is better.

    Args:
        acquisition_spend: All that was spent on winning new customers in the period, in one currency.
        customers_acquired: New customers of the period.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The cost in the currency of the spend. Undefined when no customer was acquired.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an argument is negative or not finite, or the count is fractional.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> from decimal import Decimal
        >>> customer_acquisition_cost(acquisition_spend=Decimal("500.00"), customers_acquired=20)
        Decimal('25')

    References:
        D9 (EmizenTech) and C3 (SmartHint), derived.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("customer_acquisition_cost")
    spend = call.amount("acquisition_spend", acquisition_spend)
    acquired = call.count("customers_acquired", customers_acquired)
    return call.quotient(
        spend.exact, acquired.exact, requires="at least one customer acquired", default=default
    )


def ltv_cac_ratio(
    *,
    customer_lifetime_value: Number,
    customer_acquisition_cost: Number | int,
    default: Fallback = RAISE,
) -> Number | Fallback:
    r"""How often a customer earns back the cost of winning one: lifetime value / acquisition cost.

    .. math:: \frac{\text{LTV}}{\text{CAC}}

    A ratio, higher is better, negative where the lifetime value is: below 1 each new customer loses money.

    Args:
        customer_lifetime_value: What a customer brings; take margins rather than revenue.
        customer_acquisition_cost: What a new customer costs to win, in the same currency.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The ratio. Undefined when winning a customer costs nothing.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If the cost is negative, or an argument is not finite.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> ltv_cac_ratio(customer_lifetime_value=75, customer_acquisition_cost=25)
        3.0

    References:
        D5 and D9 (EmizenTech), C3 (SmartHint): the quotient of two of their figures.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("ltv_cac_ratio")
    value = call.number("customer_lifetime_value", customer_lifetime_value)
    cost = call.amount("customer_acquisition_cost", customer_acquisition_cost)
    return call.quotient(
        value.exact, cost.exact, requires="a customer acquisition cost above 0", default=default
    )


def payback_months(
    *,
    customer_acquisition_cost: Number,
    monthly_margin: Number | int,
    default: Fallback = RAISE,
) -> Number | Fallback:
    r"""How long a customer takes to earn back the cost of winning one: acquisition cost / monthly margin.

    .. math:: \frac{\text{CAC}}{\text{margin of a month}}

    Months, at least 0, lower is better. It takes the margin as steady and the customer as staying.

    Args:
        customer_acquisition_cost: What a new customer costs to win.
        monthly_margin: What one customer earns the shop in a month after costs, in the same currency.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The number of months. Undefined when the margin is 0 or negative, because the cost is then never
        earned back.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If the cost is negative, or an argument is not finite.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> payback_months(customer_acquisition_cost=30, monthly_margin=5)
        6.0

    References:
        D9 (EmizenTech) and C3 (SmartHint), whose cost it sets against time.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("payback_months")
    cost = call.amount("customer_acquisition_cost", customer_acquisition_cost)
    margin = call.number("monthly_margin", monthly_margin)
    if margin.exact <= 0:
        return call.undefined("a monthly margin above 0", default)
    return call.result(cost.exact / margin.exact)


def return_on_investment_ratio(
    *, gain: Number, cost: Number | int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""What a measure earned beyond its cost, per unit of cost: (gain - cost) / cost.

    .. math:: \frac{\text{gain} - \text{cost}}{\text{cost}}

    A ratio, higher is better: 0.5 means that each coin came back with half a coin more, -1 that all was lost.

    Args:
        gain: What the measure brought in, before its cost; negative if it did harm.
        cost: What it cost, in the same currency.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The ratio. Undefined when the measure cost nothing.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If the cost is negative, or an argument is not finite.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> return_on_investment_ratio(gain=150, cost=100)
        0.5

    References:
        C4 (SmartHint), D10 (EmizenTech) and E27 (Shopify), derived.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("return_on_investment_ratio")
    earned = call.number("gain", gain)
    spent = call.amount("cost", cost)
    return call.quotient(earned.exact - spent.exact, spent.exact, requires="a cost above 0", default=default)


def revenue_churn_rate(
    *, mrr_lost: Number, mrr_at_start: Number | int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""Share of the recurring revenue at the start that was lost: MRR lost / MRR at the start.

    .. math:: \frac{\text{MRR lost}}{\text{MRR at the start}}

    A fraction from 0 to 1, lower is better: 0.08 is 8 %. What other subscribers add is not set against it.

    Args:
        mrr_lost: Monthly recurring revenue of the subscribers at the start that was gone at the end, through
            cancelled and downgraded subscriptions.
        mrr_at_start: Monthly recurring revenue when the period began, in the same currency.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there was no recurring revenue at the start.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an amount is negative or not finite, or more was lost than there was.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> from decimal import Decimal
        >>> revenue_churn_rate(mrr_lost=Decimal("80.00"), mrr_at_start=Decimal("1000.00"))
        Decimal('0.08')

    References:
        D2 (EmizenTech), published.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("revenue_churn_rate")
    lost = call.amount("mrr_lost", mrr_lost)
    start = call.amount("mrr_at_start", mrr_at_start)
    return call.share(lost, start, requires="recurring revenue above 0 at the start", default=default)


def revenue_concentration_rate(
    *, top_revenue: Number, revenue: Number | int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""Share of the revenue that the best customers bring: revenue of the top customers / revenue.

    .. math:: \frac{\text{revenue of the top customers}}{\text{revenue}}

    A fraction from 0 to 1: 0.8 is 80 %. Higher means that the shop hangs on fewer customers; the Pareto
    principle expects 0.8 of the best fifth.

    Args:
        top_revenue: Revenue of the best customers, usually the top 20 %.
        revenue: Revenue of all customers, in the same currency.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there was no revenue.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an amount is negative or not finite, or the part exceeds the whole.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> revenue_concentration_rate(top_revenue=800, revenue=1000)
        0.8

    References:
        E1 (Shopify), derived; E14 is its published figure, E35 the principle.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("revenue_concentration_rate")
    top = call.amount("top_revenue", top_revenue)
    everything = call.amount("revenue", revenue)
    return call.share(top, everything, requires="revenue above 0", default=default)


def existing_customer_revenue_rate(
    *, existing_customer_revenue: Number, revenue: Number | int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""Share of the revenue that comes from customers won earlier: existing customers' revenue / revenue.

    .. math:: \frac{\text{revenue of customers acquired before the period}}{\text{revenue}}

    A fraction from 0 to 1: 0.65 is 65 %. Higher means that more of the business rests on retention.

    Args:
        existing_customer_revenue: Revenue of the period from customers acquired before it.
        revenue: Revenue of the period, in the same currency; of known customers, if some are not known.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The rate as a fraction. Undefined when there was no revenue.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an amount is negative or not finite, or the part exceeds the whole.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> existing_customer_revenue_rate(existing_customer_revenue=650, revenue=1000)
        0.65

    References:
        E2 (Shopify), derived; E13 is its published figure.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("existing_customer_revenue_rate")
    existing = call.amount("existing_customer_revenue", existing_customer_revenue)
    everything = call.amount("revenue", revenue)
    return call.share(existing, everything, requires="revenue above 0", default=default)


def returning_spend_ratio(
    *,
    returning_revenue: Number,
    returning_customers: int,
    new_revenue: Number | int,
    new_customers: int,
    default: Fallback = RAISE,
) -> Number | Fallback:
    r"""What a returning customer spends against a new one: mean spend of returning / mean spend of new.

    .. math:: \frac{\text{returning revenue} / \text{returning}}{\text{new revenue} / \text{new}}

    At least 0, higher means that returning customers spend more: 1.67 is "67 % more".

    Args:
        returning_revenue: Revenue of the period from customers who had bought before it.
        returning_customers: Returning customers who brought it.
        new_revenue: Revenue from customers who first bought in the period, in the same currency.
        new_customers: New customers who brought it.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The ratio. Undefined when there was no returning customer, no new one, or no revenue of new ones.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an argument is negative or not finite, or a count is fractional.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        Two returning customers spend 60 each, five new ones 40 each:

        >>> returning_spend_ratio(
        ...     returning_revenue=120, returning_customers=2, new_revenue=200, new_customers=5
        ... )
        1.5

    References:
        B3 (Ecwid), derived; B14 is its published figure.

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("returning_spend_ratio")
    returning_money = call.amount("returning_revenue", returning_revenue)
    returning = call.count("returning_customers", returning_customers)
    new_money = call.amount("new_revenue", new_revenue)
    new = call.count("new_customers", new_customers)
    return call.quotient(
        returning_money.exact * new.exact,
        new_money.exact * returning.exact,
        requires="at least one returning customer, and new customers with revenue above 0",
        default=default,
    )
