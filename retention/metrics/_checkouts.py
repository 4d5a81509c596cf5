"""Baskets that were begun: how many were left, and how many of those who left came back and bought."""

from __future__ import annotations

from typing import Unpack

from retention._calendar import Duration, as_words
from retention._checkout_facts import CheckoutFacts, Checkouts, Followed, checkout_facts
from retention._record_reading import RecordReading
from retention.metrics._contacts import chosen
from retention.metrics._shops import checked_shop
from retention.periods import Period
from retention.results import Ratio
from retention.shop import Shop

__all__ = ["cart_abandonment_rate", "cart_recovery_rate"]

_NO_ORDERS = "the shop has no orders, so that nobody can be seen to come back"


def cart_abandonment_rate(
    checkouts: Checkouts,
    /,
    *,
    period: Period,
    abandoned_after: Duration,
    channel: str | None = None,
    **reading: Unpack[RecordReading],
) -> Ratio:
    r"""Share of baskets that were left: baskets not ordered within a time / baskets begun and observed that long.

    .. math:: \frac{|\{\text{not ordered within } a\}|}{|\{\text{begun in the period, observed for } a\}|}

    A basket that is ordered at the very limit is ordered in time; one that is ordered later was abandoned all the
    same. A customer who begins three baskets and orders the third counts with three, two of which were abandoned; the
    interval knows that they are one customer's. Who is not known is somebody else each time.

    Baskets that have not been observed for that long are left out, ordered or not: those that are ordered soon would
    otherwise stand for those that take their time.

    Range: 0 to 1. Direction: lower is better. Unit: share of checkouts.

    Args:
        checkouts: The checkouts, or a `Shop` that has them.
        period: The period in which they were begun.
        abandoned_after: How long a basket may take to become an order, the limit included; a timedelta or a
            relativedelta, which is counted in the zone of the period. There is no usual value: shop systems that
            remind after an hour count from then on, and others wait for days.
        channel: Where they were begun; None for everywhere.
        reading: How to read the checkouts; see `RecordReading`.

    Returns:
        The rate. Undefined when no basket of the period has been observed that long.

    Raises:
        AsOfRequiredError: There is no `as_of`, which says how long each was observed.
        InvalidTypeError: `abandoned_after` is a number, which says no unit, or `channel` is no word.
        InvalidValueError: `abandoned_after` is no positive time, or `channel` is empty.
        DuplicateRecordError: A checkout's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> checkouts = [
    ...     rt.Checkout(id=1, customer_id="ann", begun_at=noon),
    ...     rt.Checkout(id=2, customer_id="ann", begun_at=noon, ordered_at=noon + timedelta(minutes=5)),
    ...     rt.Checkout(id=3, begun_at=noon, ordered_at=noon + timedelta(days=2)),
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> rt.cart_abandonment_rate(
    ...     checkouts, period=march, abandoned_after=timedelta(hours=1), as_of=noon + timedelta(days=60)
    ... )
    Ratio(2, 3)

    References:
        Sources B6.

    .. versionadded:: 0.1
    """
    found = checkout_facts(checkouts, (period,), **reading)[0]
    return read_cart_abandonment_rate(found, abandoned_after=abandoned_after, channel=channel)


def read_cart_abandonment_rate(
    facts: CheckoutFacts, *, abandoned_after: Duration, channel: str | None = None
) -> Ratio:
    metric = "cart_abandonment_rate"
    followed = facts.abandonment(metric, abandoned_after=abandoned_after, channel=channel)
    said = as_words(abandoned_after)
    return _share(
        facts,
        metric,
        followed,
        counted=(f"not ordered within {said}", "checkouts observed that long"),
        windows={"abandoned_after": abandoned_after},
        channel=channel,
    )


def cart_recovery_rate(
    shop: Shop,
    /,
    *,
    period: Period,
    abandoned_after: Duration,
    within: Duration,
    channel: str | None = None,
) -> Ratio:
    r"""Share of abandoned baskets whose customer came back and bought: recovered baskets / abandoned baskets.

    .. math:: \frac{|\{\text{customer purchased in } (a, a + w]\}|}{|\{\text{abandoned at } a \text{, observed until } a + w\}|}

    A basket is abandoned when `abandoned_after` has passed since it was begun, in the period, without its order; it is
    recovered when its customer makes a purchase after that, and no later than `within`. Any purchase will do, that of
    the basket itself included, as long as it stands among the orders and the policy counts it: `Checkout.ordered_at`
    alone says nothing of payment. One purchase may recover several baskets of a customer. What a customer bought
    between leaving the basket and `abandoned_after` recovers nothing.

    Not every recovery is owed to a reminder: some come back by themselves. Only a group that was not reminded tells.

    Range: 0 to 1. Direction: higher is better. Unit: share of checkouts.

    Args:
        shop: A `Shop` with checkouts and orders, and its `as_of`.
        period: The period in which the baskets were begun.
        abandoned_after: How long a basket may take to become an order, the limit included; see
            `cart_abandonment_rate`.
        within: How long a customer has from then on, the limit included; a timedelta or a relativedelta.
        channel: Where the baskets were begun; None for everywhere. Customers may come back anywhere.

    Returns:
        The rate; baskets of nobody known, and those that have not been observed for both times, are left out.
        Undefined when there are no others.

    Raises:
        AsOfRequiredError: The shop has no `as_of`, which says how long each was observed.
        InvalidTypeError: What is given is no `Shop`, a time is a number, which says no unit, or `channel` is no word.
        InvalidValueError: A time is not positive, or `channel` is empty.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> from retention.testing import make_orders
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> shop = rt.Shop(
    ...     checkouts=[rt.Checkout(id=who, customer_id=who, begun_at=noon) for who in ("ann", "ben")],
    ...     orders=make_orders({"ann": ["2026-03-20"], "ben": ["2026-04-30"]}),
    ...     as_of=noon + timedelta(days=60),
    ... )
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> rt.cart_recovery_rate(
    ...     shop, period=march, abandoned_after=timedelta(hours=1), within=timedelta(days=30)
    ... )
    Ratio(1, 2)

    References:
        Sources B6.

    .. versionadded:: 0.1
    """
    given = checked_shop(shop, "cart_recovery_rate", "checkouts", "orders")
    found = checkout_facts(given, (period,), history=given.history())[0]
    return read_cart_recovery_rate(found, abandoned_after=abandoned_after, within=within, channel=channel)


def read_cart_recovery_rate(
    facts: CheckoutFacts, *, abandoned_after: Duration, within: Duration, channel: str | None = None
) -> Ratio:
    metric = "cart_recovery_rate"
    followed = facts.recovery(metric, abandoned_after=abandoned_after, within=within, channel=channel)
    return _share(
        facts,
        metric,
        followed,
        counted=(
            f"whose customer then bought within {as_words(within)}",
            f"checkouts not ordered within {as_words(abandoned_after)}",
        ),
        windows={"abandoned_after": abandoned_after, "within": within},
        channel=channel,
        assumed=(_NO_ORDERS,) if facts.without_orders and followed.by_cluster else (),
    )


def _share(
    facts: CheckoutFacts,
    metric: str,
    followed: Followed,
    *,
    counted: tuple[str, str],
    windows: dict[str, Duration],
    channel: str | None,
    assumed: tuple[str, ...] = (),
) -> Ratio:
    sums = followed.sums()
    basis = facts.basis(
        metric,
        records="checkouts",
        counted=counted,
        partial=facts.partial or facts.runs_beyond(*windows.values()),
        undefined_because=facts.unseen or (None if sums.x else f"there are no {counted[1]}"),
        left_out=followed.left_out,
        assumed=(*facts.assumed, *assumed),
        options=(*((name, as_words(each)) for name, each in windows.items()), *chosen(channel=channel)),
    )
    return Ratio(sums.y, sums.x, sampling=sums, basis=basis) if basis.observable else Ratio(0, 0, basis=basis)
