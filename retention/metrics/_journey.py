"""What happens beside buying: orders that are cancelled and won back, further categories, what is left over costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias, Unpack

from attrs import evolve

from retention._calendar import Duration, as_words, reach
from retention._cancellations import reasons_to_cancel
from retention._facts import Money, PeriodFacts
from retention._horizon import NOT_OBSERVED
from retention._mapping import FrozenMapping
from retention._reading import GUEST
from retention.history import ReadingOptions
from retention.metrics._common import also_without, one_period, over
from retention.periods import Period
from retention.records import CancelReason
from retention.results import AnswerShare, Ratio
from retention.shop import Orders

__all__ = [
    "cancellation_rate",
    "cancellation_reason_share",
    "cross_sell_rate",
    "gross_margin_ratio",
    "recovery_rate",
]

Reason: TypeAlias = CancelReason | Literal["voluntary", "involuntary", "unknown"]

_NONE_PLACED = "no order was placed"
_NONE_CANCELLED = "no order was cancelled"


# -------------------------------------------------------------------------------------- cancellations


def cancellation_rate(
    orders: Orders,
    /,
    *,
    period: Period,
    reason: Reason | None = None,
    **reading: Unpack[ReadingOptions],
) -> Ratio:
    r"""Share of the orders placed that were cancelled: cancelled orders / placed orders.

    .. math:: \frac{|\{\text{cancelled by } as\_of\}|}{|\{\text{placed in the period}\}|}

    Placed is every order that somebody made, whatever became of it: one that was never paid, a cancelled one, an
    exchange, a gift card. Tests and copies are none; orders of one day that the policy merges count each. An order
    whose payment failed and that was cancelled, too, is a cancelled one.

    What customers call off (voluntary) and what falls to payment, stock, fraud or a fault of the site (involuntary)
    call for different cures; `reason` counts them apart, each out of all that were placed.

    An order can be cancelled later, so that the newest periods have not seen all their cancellations yet.

    Range: 0 to 1. Direction: lower is better. Unit: share of orders.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period in which they were placed.
        reason: Why they were cancelled. None: for whatever reason. ``"voluntary"``: by the customer.
            ``"involuntary"``: for payment, stock, fraud, or a technical fault. ``"unknown"``: no reason is given. Or
            one reason of `CancelReason`.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when no order was placed.

    Raises:
        InvalidValueError: There is no such reason.
        InvalidTypeError: `reason` is no text.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_order, make_orders
    >>> orders = [
    ...     *make_orders({"ann": ["2026-03-01", "2026-03-05"], "ben": ["2026-03-11"]}),
    ...     make_order(customer_id="cy", cancelled_at="2026-03-06", cancel_reason="stock"),
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> rt.cancellation_rate(orders, period=march)
    Ratio(1, 4)
    >>> rt.cancellation_rate(orders, period=march, reason="voluntary")
    Ratio(0, 4)

    References:
        Sources A2.

    .. versionadded:: 0.1
    """
    return read_cancellation_rate(one_period(orders, period, reading), reason=reason)


def read_cancellation_rate(facts: PeriodFacts, *, reason: Reason | None = None) -> Ratio:
    metric = "cancellation_rate"
    among = reasons_to_cancel(reason, owner=metric)
    basis = facts.basis(metric, of="placed", counted=("cancelled", "orders placed"), options=_said(reason))
    basis = evolve(basis, open_ended=True)
    if not basis.observable:
        return Ratio(0, 0, basis=basis)
    sums = facts.cancellations.of_placed(among)
    return Ratio(sums.y, sums.x, sampling=sums, basis=over(sums.x, basis, _NONE_PLACED))


def cancellation_reason_share(
    orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]
) -> AnswerShare:
    r"""Why orders are cancelled: each reason's share of the cancelled orders.

    .. math:: \frac{|\{\text{cancelled for the reason}\}|}{|\{\text{cancelled}\}|}

    Of the orders placed in the period, as far as they were cancelled by `as_of`; ``"unknown"`` stands for those for
    which no reason is given. The shares add up to 1.

    Range: 0 to 1 each. Direction: none. Unit: share of orders.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period in which they were placed.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The shares, the most frequent reason first. Undefined when no order was cancelled.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_order
    >>> reasons = {"ann": "stock", "ben": "customer", "cy": "stock", "dee": None}
    >>> orders = [
    ...     make_order(customer_id=who, cancelled_at="2026-03-06", cancel_reason=why)
    ...     for who, why in reasons.items()
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> print(rt.cancellation_reason_share(orders, period=march))
    answer    count  share   95 % interval
    --------  -----  -----  --------------
    stock         2  50.0%  15.0% to 85.0%
    customer      1  25.0%   4.6% to 69.9%
    unknown       1  25.0%   4.6% to 69.9%

    References:
        Sources A2.

    .. versionadded:: 0.1
    """
    return read_cancellation_reason_share(one_period(orders, period, reading))


def read_cancellation_reason_share(facts: PeriodFacts) -> AnswerShare:
    basis = facts.basis("cancellation_reason_share", of="placed", counted=("cancelled orders",))
    basis = evolve(basis, open_ended=True)
    found = facts.cancellations
    counts: dict[int | Decimal | str, int] = dict(found.counts().items() if basis.observable else ())
    basis = over(len(counts), basis, _NONE_CANCELLED)
    if len(found.reasons) == sum(counts.values()):
        return AnswerShare(counts, basis=basis)  # each is another customer's
    sampling = {reason: found.of_cancelled(str(reason)) for reason in counts}
    return AnswerShare(counts, sampling=sampling, basis=basis)


def recovery_rate(
    orders: Orders,
    /,
    *,
    period: Period,
    within: Duration,
    reason: Reason | None = None,
    **reading: Unpack[ReadingOptions],
) -> Ratio:
    r"""Share of cancelled orders whose customer was won back in time: recovered orders / cancelled orders.

    .. math:: \frac{|\{\text{purchase in } (c, c + \text{within}]\}|}{|\{\text{cancelled at } c \text{, observed until } c + \text{within}\}|}

    Of the orders that were cancelled in the period, whenever they were placed, since the time to win a customer back
    runs from the cancellation. A cancelled order is recovered when its customer makes a purchase later than the
    cancellation and no later than `within` after it; one purchase may recover several. What was bought between the
    order and its cancellation recovers nothing.

    Range: 0 to 1. Direction: higher is better. Unit: share of orders.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period in which they were cancelled.
        within: The time, the limit included; a timedelta, or a relativedelta, which is counted in the zone of the
            period.
        reason: Why they were cancelled, as for `cancellation_rate`: only these are followed. None: for whatever
            reason.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Guests' orders, and those that have not been observed for that long after the cancellation, are left
        out. Undefined when there are no others.

    Raises:
        AsOfRequiredError: There is no `as_of`, which says how long each was observed.
        InvalidTypeError: `within` is a number, which says no unit, or `reason` is no text.
        InvalidValueError: `within` is no positive time, or there is no such reason.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> from retention.testing import make_order, make_orders
    >>> orders = [
    ...     *(make_order(customer_id=who, cancelled_at="2026-03-06") for who in ("ann", "ben")),
    ...     *make_orders({"ann": ["2026-03-20"], "ben": ["2026-05-01"]}),
    ... ]
    >>> rt.recovery_rate(
    ...     orders,
    ...     period=rt.Period.month(2026, 3, tz="UTC"),
    ...     within=timedelta(days=14),
    ...     as_of=datetime(2026, 6, 1, tzinfo=timezone.utc),
    ... )
    Ratio(1, 2)

    References:
        Sources A2.

    .. versionadded:: 0.1
    """
    return read_recovery_rate(one_period(orders, period, reading), within=within, reason=reason)


def read_recovery_rate(facts: PeriodFacts, *, within: Duration, reason: Reason | None = None) -> Ratio:
    found = facts.recoveries(within=within, reason=reason)
    basis = facts.basis(
        "recovery_rate",
        of="placed",
        counted=(
            f"won back within {as_words(within)}",
            "cancelled orders of known customers observed that long",
        ),
        options=(("within", as_words(within)), *_said(reason)),
    )
    # It is about cancellations of the period, and so are the records that it leaves out.
    left_out = {GUEST: found.of_guests, NOT_OBSERVED: found.unseen}
    basis = evolve(
        basis,
        records="cancelled orders",
        left_out=FrozenMapping({why: number for why, number in left_out.items() if number}),
    )
    if not basis.observable:
        return Ratio(0, 0, basis=basis)
    if facts.as_of is not None and reach(facts.period.end, within, facts.period.tz) > facts.as_of:
        basis = evolve(basis, partial=True)
    sums = found.sums()
    return Ratio(sums.y, sums.x, sampling=sums, basis=over(sums.x, basis))


def _said(reason: Reason | None) -> tuple[tuple[str, str], ...]:
    return () if reason is None else (("reason", reason),)


# ----------------------------------------------------------------------------------------- categories


def cross_sell_rate(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Ratio:
    r"""Share of customers who bought in more than one category: customers of two categories / customers of any.

    .. math:: \frac{|\{\text{two categories or more}\}|}{|\{\text{one category or more}\}|}

    Of those who purchased in the period, by `LineItem.category` of their orders' lines, whether in one order or in
    several. Categories are told apart as they are written. Lines without one say nothing, and purchases without any
    are left out; a customer all of whose purchases are is in neither number.

    Range: 0 to 1. Direction: higher is better. Unit: share of customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when no purchase of a known customer names a category.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_order
    >>> bought = [("ann", "tea"), ("ann", "cups"), ("ben", "tea")]
    >>> orders = [
    ...     make_order(customer_id=who, id=number, items=[rt.LineItem(product=what, category=what)])
    ...     for number, (who, what) in enumerate(bought)
    ... ]
    >>> rt.cross_sell_rate(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(1, 2)

    References:
        Sources B7, E8.

    .. versionadded:: 0.1
    """
    return read_cross_sell_rate(one_period(orders, period, reading))


def read_cross_sell_rate(facts: PeriodFacts) -> Ratio:
    found = facts.assortment
    basis = facts.basis(
        "cross_sell_rate",
        of="customers",
        counted=("customers who bought in two categories or more", "whose purchases name a category"),
    )
    if not basis.observable:
        return Ratio(0, 0, basis=basis)
    basis = over(found.customers, basis, "no purchase of a known customer names a category")
    return Ratio(found.several, found.customers, basis=also_without(basis, "no category", found.unnamed))


# -------------------------------------------------------------------------------------------- margins


def gross_margin_ratio(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Ratio:
    r"""What purchases leave over the cost of their goods: (revenue - cost) / revenue.

    .. math:: \frac{\sum (\text{amount} - \text{refunds} - \text{cost})}{\sum (\text{amount} - \text{refunds})}

    Of the purchases whose `Order.cost` is known, guests' included. Refunds lower the revenue and leave the cost as it
    was: goods that come back and can be sold again have to be taken out of `Order.cost` by the shop. An order of which
    all was given back is no purchase, and its cost counts nowhere.

    Purchases of unknown cost are left out of both sums, which is fair as far as their margin is that of the others.

    Range: 1 and down; below 0 where goods are sold under cost. Direction: higher is better. Unit: money per money.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The ratio. Undefined when no purchase of the period has a known cost, or those that have brought no money.

    Raises:
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_order
    >>> orders = [
    ...     make_order(customer_id="ann", amount="30.00", cost="12.00"),
    ...     make_order(customer_id="ben", amount="10.00", cost="8.00"),
    ...     make_order(customer_id="cy", amount="99.00"),
    ... ]
    >>> rt.gross_margin_ratio(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(20.00, 40.00, bounded=False)

    References:
        Sources D5.

    .. versionadded:: 0.1
    """
    return read_gross_margin_ratio(one_period(orders, period, reading))


def read_gross_margin_ratio(facts: PeriodFacts) -> Ratio:
    margin = facts.margin
    basis = facts.basis(
        "gross_margin_ratio",
        of="purchases",
        counted=("left over the cost", "brought by purchases with a known cost"),
        money=True,
    )
    if not basis.observable:
        return Ratio(0, 0, bounded=False, basis=basis)
    because = "those with a known cost brought no money" if margin.sums.n else "no purchase has a known cost"
    basis = over(margin.sums.x, basis, because)
    return Ratio(
        Money(places=margin.places, currencies=facts.money.currencies).amount(margin.sums.y),
        facts.money.amount(margin.sums.x),
        bounded=False,
        sampling=margin.sums,
        basis=also_without(basis, "no known cost", margin.unknown),
    )
