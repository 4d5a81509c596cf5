"""Orders for examples and tests, written as short as one thinks of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias

from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.records import Order

__all__ = ["make_orders"]

Purchase: TypeAlias = str | tuple[str, str | int | Decimal]
"""An ISO date, for an order of 10.00 at noon UTC, or a pair of it with another amount."""


def make_orders(
    purchases: Mapping[Hashable | None, Iterable[Purchase]], /, *, currency: str = "EUR"
) -> list[Order]:
    """Orders from each customer's dates; the customer None is a guest.

    Args:
        purchases: For each customer ISO dates ("2026-03-05": noon UTC) or instants
            ("2026-03-05T08:30+01:00"; without an offset in UTC), each alone (an amount of 10.00) or paired with an amount.
        currency: The currency of all of them.

    Returns:
        Orders with the ids 1, 2, … in the order in which they stand.

    Raises:
        InvalidTypeError: `purchases` is no mapping of customers to lists of purchases.
        InvalidValueError: A date is none, or what is given makes no `Order`.

    .. versionadded:: 0.1

    >>> orders = make_orders({"ann": ["2026-02-10", ("2026-03-05", "25.00")], None: ["2026-03-06"]})
    >>> [(order.id, order.customer_id, str(order.amount)) for order in orders]
    [(1, 'ann', '10.00'), (2, 'ann', '25.00'), (3, None, '10.00')]
    """
    if not isinstance(purchases, Mapping):
        msg = (
            f"make_orders takes a mapping of customers to purchases (got {shown(purchases)}); "
            f'write {{"ann": ["2026-03-05"]}}'
        )
        raise InvalidTypeError(msg)
    found = [
        (customer, *_day_and_amount(entry, customer))
        for customer, entries in purchases.items()
        for entry in _entries(entries, customer)
    ]
    return [
        Order(
            id=number,
            customer_id=customer,
            placed_at=_instant(day, customer),
            amount=amount,
            currency=currency,
        )
        for number, (customer, day, amount) in enumerate(found, start=1)
    ]


def _entries(entries: object, customer: Hashable) -> Iterable[Any]:
    if isinstance(entries, (str, bytes, Mapping)) or not isinstance(entries, Iterable):
        msg = (
            f"make_orders: the purchases of {shown(customer)} must be a list (got {shown(entries)}); "
            f'write ["2026-03-05"]'
        )
        raise InvalidTypeError(msg)
    return entries


def _day_and_amount(entry: object, customer: Hashable) -> tuple[str, Any]:
    day, amount = entry if isinstance(entry, tuple) and len(entry) == 2 else (entry, "10.00")
    if not isinstance(day, str):
        msg = (
            f"make_orders: a purchase of {shown(customer)} must be a date or a pair of date and amount "
            f'(got {shown(entry)}); write "2026-03-05" or ("2026-03-05", "25.00")'
        )
        raise InvalidTypeError(msg)
    return day, amount


def _instant(text: str, customer: Hashable) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(12), UTC)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        msg = (
            f"make_orders: a purchase of {shown(customer)} must have a date in ISO 8601 (got {shown(text)}); "
            f'write "2026-03-05" or "2026-03-05T08:30+01:00"'
        )
        raise InvalidValueError(msg) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
