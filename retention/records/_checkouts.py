"""Baskets that were begun, whether they became an order or not."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from decimal import Decimal

from attrs import field, frozen

from retention import _validate as check
from retention.errors import InvalidValueError, shown

__all__ = ["Checkout"]


@frozen(kw_only=True)
class Checkout:
    """A basket that somebody began to pay for.

    Attributes:
        id: The shop's id of the checkout, any hashable.
        customer_id: Whose basket it is; None if that is not known.
        begun_at: Instant at which it was begun, an aware datetime; kept in UTC.
        amount: What the goods in it cost, after discounts, before tax and shipping, if known.
        currency: Three capital letters; given with `amount`, and not without.
        ordered_at: Instant at which it became an order; None if it did not.
        order_id: The id of that order, if known.
        channel: Where it was begun ("web", "app", …).

    .. versionadded:: 0.1

    >>> from datetime import datetime, timezone
    >>> Checkout(
    ...     id=1, customer_id="ann", begun_at=datetime(2026, 3, 1, tzinfo=timezone.utc)
    ... ).ordered_at is None
    True
    """

    id: Hashable = field(validator=check.identifier)
    customer_id: Hashable | None = field(default=None, validator=check.optional(check.identifier))
    begun_at: datetime = field(converter=check.to_utc, validator=check.moment)
    amount: Decimal | None = field(
        default=None, converter=check.to_decimal_or_none, validator=check.optional(check.price)
    )
    currency: str | None = field(default=None, validator=check.optional(check.currency))
    ordered_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    order_id: Hashable | None = field(default=None, validator=check.optional(check.identifier))
    channel: str | None = field(default=None, validator=check.optional(check.label))

    def __attrs_post_init__(self) -> None:
        if self.ordered_at is not None and self.ordered_at < self.begun_at:
            msg = (
                f"Checkout.ordered_at must not be before begun_at, {self.begun_at.isoformat()} "
                f"(got {self.ordered_at.isoformat()}); check the time zone of both"
            )
            raise InvalidValueError(msg)
        if self.order_id is not None and self.ordered_at is None:
            msg = (
                f"Checkout.order_id (got {shown(self.order_id)}) needs ordered_at, the instant of the order; "
                f"give it, or leave order_id out"
            )
            raise InvalidValueError(msg)
        if (self.amount is None) != (self.currency is None):
            msg = (
                f"Checkout.amount and currency go together (got {shown(self.amount)} and {shown(self.currency)}); "
                f"give both or neither"
            )
            raise InvalidValueError(msg)
