"""Orders for examples and tests, written as short as one thinks of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TypeAlias

from retention.records import Order

__all__ = ["make_orders"]

Purchase: TypeAlias = "str | tuple[str, str | int | Decimal]"
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

    .. versionadded:: 0.1

    >>> orders = make_orders({"ann": ["2026-02-10", ("2026-03-05", "25.00")], None: ["2026-03-06"]})
    >>> [(order.id, order.customer_id, str(order.amount)) for order in orders]
    [(1, 'ann', '10.00'), (2, 'ann', '25.00'), (3, None, '10.00')]
    """
    pairs = [
        (customer, entry if isinstance(entry, tuple) else (entry, "10.00"))
        for customer, entries in purchases.items()
        for entry in entries
    ]
    return [
        Order(
            id=number,
            customer_id=customer,
            placed_at=_instant(day),
            amount=Decimal(amount),
            currency=currency,
        )
        for number, (customer, (day, amount)) in enumerate(pairs, start=1)
    ]


def _instant(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(12), UTC)
    except ValueError:
        moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
