"""A small shop that never was, the same on every machine: something to try the library on.

Customers arrive over eighteen months. Each has a rhythm, a usual basket and a chance to be gone after
every purchase, all drawn from one seeded generator by inverse transforms, so that no platform's or Python
version's own distributions matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import log
from random import Random
from typing import Any

from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.records import Customer, Order, Refund
from retention.shop import Shop

__all__ = ["SAMPLE_AS_OF", "sample_shop"]

SAMPLE_AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
"""Until when the sample shop's data are known."""

_OPENED = datetime(2025, 1, 1, tzinfo=UTC)
_MEAN_DAYS_BETWEEN_PURCHASES = 35
_MEAN_AMOUNT = 40
_COUNTRIES = ("DE", "DE", "DE", "AT", "CH", "FR")
_CHANNELS = ("search", "search", "social", "referral", "newsletter")


def sample_shop(*, customers: int = 300, seed: int = 1) -> Shop:
    """A shop with customers, orders, refunds, cancellations, guests and test orders, all in euros.

    Args:
        customers: How many known customers, 1 or more.
        seed: Which shop; the same seed gives the same shop everywhere.

    Raises:
        InvalidValueError: `customers` is no whole number above 0.
        InvalidTypeError: `seed` is no whole number.

    .. versionadded:: 0.1

    >>> sample_shop(customers=10)
    <Shop: 50 orders, 10 customers, as of 2026-07-01 00:00 UTC>
    """
    if isinstance(customers, bool) or not isinstance(customers, int) or customers < 1:
        msg = f"sample_shop takes customers=1 or more (got {shown(customers)})"
        raise InvalidValueError(msg)
    if isinstance(seed, bool) or not isinstance(seed, int):
        msg = f"sample_shop takes a whole number as seed=, not {type(seed).__name__} (got {shown(seed)})"
        raise InvalidTypeError(msg)
    random = Random(seed)
    people = [_customer(number, random) for number in range(1, customers + 1)]
    visits = sorted(visit for person in people for visit in _visits(person, random))
    orders = [_order(number, *visit, random) for number, visit in enumerate(visits, start=1001)]
    return Shop(orders=orders, customers=people, as_of=SAMPLE_AS_OF)


def _customer(number: int, random: Random) -> Customer:
    days_open = (SAMPLE_AS_OF - _OPENED).days
    return Customer(
        id=f"c{number:04}",
        signed_up_at=_OPENED
        + timedelta(days=int(days_open * random.random()), hours=8 + int(12 * random.random())),
        country=_pick(_COUNTRIES, random),
        acquisition_channel=_pick(_CHANNELS, random),
    )


def _visits(person: Customer, random: Random) -> Iterator[tuple[datetime, str, float]]:
    """When a customer buys, and for how much, until gone or until the data end."""
    usual_gap = 5 + _exponential(_MEAN_DAYS_BETWEEN_PURCHASES, random)
    usual_amount = 8 + _exponential(_MEAN_AMOUNT, random)
    chance_to_go = 0.05 + 0.4 * random.random()
    at = person.signed_up_at or _OPENED
    while at <= SAMPLE_AS_OF:
        yield at, str(person.id), usual_amount * (0.5 + random.random())
        if random.random() < chance_to_go:
            return
        at += timedelta(minutes=int(24 * 60 * _exponential(usual_gap, random)))


def _order(number: int, at: datetime, customer: str, price: float, random: Random) -> Order:
    cents = int(price * 100)
    return Order(
        id=number,
        customer_id=None if random.random() < 0.06 else customer,
        placed_at=at,
        amount=_money(cents),
        currency="EUR",
        channel="pos" if random.random() < 0.15 else "web",
        **_what_happened(at, cents, random),
    )


def _what_happened(at: datetime, cents: int, random: Random) -> dict[str, Any]:
    """The fate of an order: most go well."""
    draw = random.random()
    later = at + timedelta(days=1 + int(20 * random.random()))
    if draw < 0.05:
        part = _money(cents if random.random() < 0.5 else cents // 2)
        return {"payment_state": "paid", "refunds": [Refund(refunded_at=later, amount=part)]}
    if draw < 0.08:
        reason = "payment" if random.random() < 0.4 else "customer"
        return {"cancelled_at": later, "cancel_reason": reason}
    fates: tuple[tuple[float, dict[str, Any]], ...] = (
        (0.09, {"payment_state": "failed"}),
        (0.10, {"is_test": True}),
        (0.11, {"tags": {"gift-card"}}),
    )
    return next((fate for limit, fate in fates if draw < limit), {"payment_state": "paid"})


def _money(cents: int) -> Decimal:
    return Decimal(f"{cents}e-2")  # exact in any decimal context


def _pick(choices: tuple[str, ...], random: Random) -> str:
    return choices[int(len(choices) * random.random())]


def _exponential(mean: float, random: Random) -> float:
    return -mean * log(1 - random.random())
