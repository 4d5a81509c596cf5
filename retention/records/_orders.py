"""What was sold, and the policy that says which of it counts."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import field, frozen

from retention import _validate as check
from retention._calendar import Duration
from retention.errors import InvalidValueError

__all__ = ["CancelReason", "Convert", "LineItem", "Order", "OrderPolicy", "PaymentState", "Refund"]

PaymentState: TypeAlias = Literal["paid", "pending", "failed", "unknown"]
"""Whether the money came: orders that are ``"pending"`` or ``"failed"`` are no sales; ``"unknown"`` counts as paid."""

CancelReason: TypeAlias = Literal["customer", "payment", "stock", "fraud", "technical", "other"]
"""Why an order was cancelled: ``"customer"`` is voluntary, ``"payment"`` to ``"technical"`` are involuntary."""

Convert: TypeAlias = Callable[[Decimal, str, datetime], Decimal]
"""A host's currency conversion: amount, its currency and the order's instant in, amount in the one currency out."""


@frozen(kw_only=True)
class Refund:
    """Money given back for an order, in the order's currency.

    Attributes:
        refunded_at: Instant of the refund; not before the order.
        amount: How much, from 0 up to the order's amount.

    .. versionadded:: 0.1
    """

    refunded_at: datetime = field(converter=check.to_utc, validator=check.moment)
    amount: Decimal = field(converter=check.to_decimal, validator=check.magnitude)


@frozen(kw_only=True)
class LineItem:
    """One line of an order.

    Attributes:
        product: The shop's id of the product.
        category: The product's category, if the shop has any.
        quantity: Pieces or measure, above 0.
        amount: What the line cost after discounts, before tax, in the order's currency.

    .. versionadded:: 0.1
    """

    product: Hashable = field(validator=check.identifier)
    category: str | None = field(default=None, validator=check.optional(check.label))
    quantity: Decimal = field(default=Decimal(1), converter=check.to_decimal, validator=check.quantity)
    amount: Decimal | None = field(
        default=None, converter=check.to_decimal_or_none, validator=check.optional(check.amount)
    )


@frozen(kw_only=True)
class Order:
    """One order as a shop system knows it; whether it counts as a sale is for the `OrderPolicy` to say.

    Attributes:
        id: The shop's id of the order, any hashable.
        customer_id: Who ordered; None for a guest checkout.
        placed_at: Instant of the order, an aware datetime; kept in UTC.
        amount: What was charged for the goods: after discounts, before tax and shipping, before refunds.
        currency: Three capital letters.
        refunds: Money given back, each with its instant; together not above `amount`.
        payment_state: ``"paid"``, ``"pending"``, ``"failed"`` or ``"unknown"``.
        cancelled_at: When it was cancelled, if it was.
        cancel_reason: Why: ``"customer"``, ``"payment"``, ``"stock"``, ``"fraud"``, ``"technical"``, ``"other"``.
        discount: How much `amount` has been lowered by discounts: 0 where there was none, None where it is not known.
        cost: What the goods cost the shop, if known.
        channel: Where it was sold ("web", "pos", …).
        items: The lines of the order.
        tags: The host's labels. ``"exchange"`` and ``"gift-card"`` (the sale of a card) are no sales.
        is_test: True for the shop's own trial orders.

    .. versionadded:: 0.1

    >>> from datetime import datetime, timezone
    >>> order = Order(
    ...     id=1,
    ...     customer_id="ann",
    ...     placed_at=datetime(2026, 3, 1, tzinfo=timezone.utc),
    ...     amount="12.50",
    ...     currency="EUR",
    ... )
    >>> order.amount
    Decimal('12.50')
    """

    id: Hashable = field(validator=check.identifier)
    customer_id: Hashable | None = field(validator=check.optional(check.identifier))
    placed_at: datetime = field(converter=check.to_utc, validator=check.moment)
    amount: Decimal = field(converter=check.to_decimal, validator=check.amount)
    currency: str = field(validator=check.currency)
    refunds: tuple[Refund, ...] = field(default=(), converter=check.to_tuple, validator=check.records(Refund))
    payment_state: PaymentState = field(
        default="unknown", validator=check.choice("paid", "pending", "failed", "unknown")
    )
    cancelled_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    cancel_reason: CancelReason | None = field(
        default=None,
        validator=check.optional(check.choice("customer", "payment", "stock", "fraud", "technical", "other")),
    )
    discount: Decimal | None = field(
        default=None, converter=check.to_decimal_or_none, validator=check.optional(check.magnitude)
    )
    cost: Decimal | None = field(
        default=None, converter=check.to_decimal_or_none, validator=check.optional(check.magnitude)
    )
    channel: str | None = field(default=None, validator=check.optional(check.label))
    items: tuple[LineItem, ...] = field(
        default=(), converter=check.to_tuple, validator=check.records(LineItem)
    )
    tags: frozenset[str] = field(default=frozenset(), converter=check.to_frozenset, validator=check.labels)
    is_test: bool = field(default=False, validator=check.flag)

    def __attrs_post_init__(self) -> None:
        if self.refunds:
            self._check_refunds()
        if self.cancelled_at is not None and self.cancelled_at < self.placed_at:
            msg = (
                f"Order.cancelled_at must not be before placed_at, {self.placed_at.isoformat()} "
                f"(got {self.cancelled_at.isoformat()}); check the time zone of both"
            )
            raise InvalidValueError(msg)
        if self.cancel_reason is not None and self.cancelled_at is None:
            msg = f"Order.cancel_reason (got {self.cancel_reason!r}) needs cancelled_at, the instant of the cancellation"
            raise InvalidValueError(msg)

    def _check_refunds(self) -> None:
        for refund in self.refunds:
            if refund.refunded_at < self.placed_at:
                msg = (
                    f"Order.refunds must not be before placed_at, {self.placed_at.isoformat()} "
                    f"(got {refund.refunded_at.isoformat()}); check the time zone of both, and give a time "
                    f"where there is only a date, which stands for its first instant"
                )
                raise InvalidValueError(msg)
        refunded = check.exact_sum(refund.amount for refund in self.refunds)
        if refunded > self.amount:
            msg = (
                f"Order.refunds must not add up to more than amount, {self.amount} (got {refunded}); "
                f"leave shipping and tax out of refunds, as out of amount"
            )
            raise InvalidValueError(msg)


@frozen(kw_only=True)
class OrderPolicy:
    """Which orders count, and when a refund does. Change one with `attrs.evolve`.

    A *sale* is an order that is not a test, not cancelled, paid, and not tagged ``"exchange"`` or
    ``"gift-card"``. A *purchase* is a sale whose amount minus its refunds is above `minimum_net`;
    customers and orders are counted on purchases, revenue on sales.

    Attributes:
        minimum_net: What must be left of a sale after refunds, exclusive. None lets zero-value orders in. Above 0
            it is an amount of money, so that all sales must be in one currency (or converted into one).
        refunds_dated: ``"order"``: a refund lowers the revenue of the day of its order. ``"refund"``: of
            the day on which it was made, as shop back ends report. Touches refunded and net revenue only.
        refunds_within: Leave out refunds made later than this after their order, so that old months,
            which had longer to be refunded, compare with new ones. None counts all that are known.
        same_day: ``"merge"`` joins the sales of one customer on one local day into one; needs `tz`. A day with
            sales in two currencies is refused, since their sum is none.
        tz: The zone whose days `same_day` and whose months `refunds_within` mean.
        on_duplicate: ``"raise"`` refuses an order id that stands twice; ``"drop_identical"`` keeps one of
            equal records and counts the others, and still refuses records that differ.

    .. versionadded:: 0.1
    """

    minimum_net: Decimal | None = field(
        default=Decimal(0), converter=check.to_decimal_or_none, validator=check.optional(check.threshold)
    )
    refunds_dated: Literal["order", "refund"] = field(
        default="order", validator=check.choice("order", "refund")
    )
    refunds_within: Duration | None = field(default=None, validator=check.optional(check.duration))
    same_day: Literal["keep", "merge"] = field(default="keep", validator=check.choice("keep", "merge"))
    tz: tzinfo | None = field(
        default=None,
        converter=check.to_zone_or_none,
        validator=check.optional(check.zone),
        hash=False,  # the zones of dateutil have no hash
    )
    on_duplicate: Literal["raise", "drop_identical"] = field(
        default="raise", validator=check.choice("raise", "drop_identical")
    )

    def __attrs_post_init__(self) -> None:
        if self.same_day == "merge" and self.tz is None:
            msg = 'OrderPolicy.same_day="merge" needs tz=, the zone whose days are meant, such as tz="Europe/Berlin"'
            raise InvalidValueError(msg)
        if (
            self.refunds_within is not None
            and not isinstance(self.refunds_within, timedelta)
            and self.tz is None
        ):
            msg = "OrderPolicy.refunds_within in months needs tz=, the zone whose months are meant; or give a timedelta"
            raise InvalidValueError(msg)
