"""How goods are sold: at which share of purchases the price was lowered, and on how many channels a customer buys."""

from __future__ import annotations

from typing import Unpack

from retention._facts import PeriodFacts
from retention._selling_facts import SEVERAL_CHANNELS, checked_minimum
from retention.history import ReadingOptions
from retention.metrics._common import also_without, one_period, over
from retention.periods import Period
from retention.results import Ratio
from retention.shop import Orders

__all__ = ["discounted_order_rate", "multichannel_rate"]


def discounted_order_rate(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Ratio:
    r"""Share of purchases that were sold at a discount: discounted purchases / purchases of known discount.

    .. math:: \frac{|\{\text{discount above 0}\}|}{|\{\text{discount known}\}|}

    How much a shop sells by lowering its prices: the higher it is, the more customers have learnt to wait for the next
    code. By `Order.discount` of the period's purchases, guests' included, however large the discount was.

    A discount of 0 says that there was none; None says that it is not known, and such purchases are left out of both
    numbers. Where a system writes a discount only if there was one, give 0 for the others: else the rate is 1. Orders of
    one day that the policy merges were sold at a discount if any of them was.

    Range: 0 to 1. Direction: lower is better; every discount costs margin, whatever else it brings. Unit: share of
    orders.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when no purchase has a known discount.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_order
    >>> orders = [
    ...     make_order(customer_id="ann", amount="27.00", discount="3.00"),
    ...     make_order(customer_id="ben", amount="30.00", discount=0),
    ...     make_order(customer_id=None, amount="30.00", discount=0),
    ...     make_order(customer_id="cy", amount="30.00"),
    ... ]
    >>> rt.discounted_order_rate(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(1, 3)

    References:
        Sources SB9, SC16.

    .. versionadded:: 0.1
    """
    return read_discounted_order_rate(one_period(orders, period, reading))


def read_discounted_order_rate(facts: PeriodFacts) -> Ratio:
    found = facts.discounts
    basis = facts.basis(
        "discounted_order_rate",
        of="purchases",
        counted=("purchases at a discount", "purchases with a known discount"),
    )
    if not basis.observable:
        return Ratio(0, 0, basis=basis)
    basis = over(found.sums.x, basis, "no purchase has a known discount")
    return Ratio(
        found.sums.y,
        found.sums.x,
        sampling=found.sums,
        basis=also_without(basis, "no known discount", found.unknown),
    )


def multichannel_rate(
    orders: Orders,
    /,
    *,
    period: Period,
    minimum: int = SEVERAL_CHANNELS,
    **reading: Unpack[ReadingOptions],
) -> Ratio:
    r"""Share of customers who bought on more than one channel: customers of two channels / customers of any.

    .. math:: \frac{|\{minimum \text{ channels or more}\}|}{|\{\text{one channel or more}\}|}

    Of those who purchased in the period, by `Order.channel`: on the site and in the store, in the app and on a social
    network. Channels are told apart as they are written. Purchases without one are left out; a customer all of whose
    purchases are is in neither number.

    Nobody can be on two channels with one purchase, so that the rate is higher in longer periods, and among customers
    who buy more often; compare periods of one length. Whoever buys on several channels is often a better customer to
    begin with, which the rate does not take into account.

    Range: 0 to 1. Direction: higher is better. Unit: share of customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        minimum: On how many channels a customer must have bought, 2 or more.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when no purchase of a known customer names a channel.

    Raises:
        InvalidValueError: `minimum` is below 2.
        InvalidTypeError: `minimum` is no whole number.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_order
    >>> bought = [("ann", "web"), ("ann", "store"), ("ben", "web"), ("ben", "web")]
    >>> orders = [
    ...     make_order(customer_id=who, id=number, channel=where)
    ...     for number, (who, where) in enumerate(bought)
    ... ]
    >>> rt.multichannel_rate(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(1, 2)

    References:
        Sources C31, SA3, SC10.

    .. versionadded:: 0.1
    """
    return read_multichannel_rate(one_period(orders, period, reading), minimum=minimum)


def read_multichannel_rate(facts: PeriodFacts, *, minimum: int = SEVERAL_CHANNELS) -> Ratio:
    metric, found = "multichannel_rate", facts.channel_use
    least = checked_minimum(metric, minimum)
    is_usual = least == SEVERAL_CHANNELS
    basis = facts.basis(
        metric,
        of="customers",
        counted=(
            f"customers who bought on {'two' if is_usual else least} channels or more",
            "whose purchases name a channel",
        ),
        options=() if is_usual else (("minimum", str(least)),),
    )
    if not basis.observable:
        return Ratio(0, 0, basis=basis)
    basis = over(found.named, basis, "no purchase of a known customer names a channel")
    basis = also_without(basis, "no channel", found.unnamed)
    return Ratio(found.at_least(least), found.named, basis=basis)
