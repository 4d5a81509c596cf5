"""The shop that is measured: orders of two years, in no order, the same ones from the same seed.

A fifth as many customers as orders, some far busier than others; 5 % of the orders are guests', 3 % have a
refund, 1 % are cancelled, 1 % unpaid, 0.5 % are tests.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import retention as rt

ZONE = "Europe/Berlin"
START = datetime(2024, 1, 1, tzinfo=ZoneInfo(ZONE))
END = datetime(2026, 1, 1, tzinfo=ZoneInfo(ZONE))
AS_OF = END
"""Refunds and cancellations dated later, of which the last months have some, are not known yet."""

MONTHS = 24
WITHIN_DAYS = 16
TOP = 5
"""The best customers are one in so many."""


def months() -> list[rt.Period]:
    """The 24 months, local time."""
    return list(rt.Period.between(START, END).split("month"))


def rows(count: int, *, seed: int = 20260101) -> Iterator[dict[str, object]]:
    """Rows as JSON gives them: instants and money are texts, and the refunds of an order a list."""
    draw = random.Random(seed)
    customers = max(1, count // 5)
    begin = START.astimezone(UTC)
    seconds = int((END - START).total_seconds())
    for number in range(count):
        yield _row(number, draw, customers, begin, seconds)


def _row(
    number: int, draw: random.Random, customers: int, begin: datetime, seconds: int
) -> dict[str, object]:
    placed_at = begin + timedelta(seconds=draw.randrange(seconds), microseconds=draw.randrange(1_000_000))
    cents = min(500_000, max(100, int(draw.lognormvariate(8.4, 0.7))))
    fate = draw.random()
    refunds: list[dict[str, str]] = []
    if fate < 0.03:
        back = cents if fate < 0.01 else draw.randrange(1, cents)
        made = placed_at + timedelta(seconds=draw.randrange(1, 40 * 86_400))
        refunds.append({"refunded_at": made.isoformat(timespec="microseconds"), "amount": _money(back)})
    cancelled = placed_at + timedelta(hours=draw.randrange(1, 72)) if 0.03 <= fate < 0.04 else None
    return {
        "id": number,
        # Few customers buy much, most buy little.
        "customer_id": None if draw.random() < 0.05 else int(customers * draw.random() ** 1.6),
        "placed_at": placed_at.isoformat(timespec="microseconds"),
        "amount": _money(cents),
        "currency": "EUR",
        "payment_state": "failed" if 0.04 <= fate < 0.05 else "paid",
        "cancelled_at": None if cancelled is None else cancelled.isoformat(timespec="microseconds"),
        "is_test": 0.05 <= fate < 0.055,
        "refunds": refunds,
    }


def _money(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))


def awkward() -> tuple[list[rt.Order], datetime, rt.Period]:
    """A few orders that cohort tables stumble over, when they were known, and the seven months to make a table of.

    Nobody is new in March, nor from May on; nothing at all is bought in June; July has only begun. The second order is
    one of February, local time, though not in UTC.
    """
    instants = {
        "ann": ["2024-01-05T10:00Z", "2024-01-31T23:30Z", "2024-05-02T10:00Z"],
        "bob": ["2024-01-20T10:00Z"],
        "cleo": ["2024-02-11T10:00Z", "2024-04-03T10:00Z"],
        "dan": ["2024-04-17T10:00Z", "2024-07-04T10:00Z"],
    }
    rows = [
        {"id": f"{who}{number}", "customer_id": who, "placed_at": at, "amount": "10.00", "currency": "EUR"}
        for who, bought in instants.items()
        for number, at in enumerate(bought)
    ]
    zone = ZoneInfo(ZONE)
    period = rt.Period.between(START, datetime(2024, 8, 1, tzinfo=zone))
    return list(rt.orders_from_records(rows)), datetime(2024, 7, 10, tzinfo=zone), period
