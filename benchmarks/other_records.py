"""What a shop has beside its orders: answers, checkouts, subscriptions and contacts in proportion, the same ones always.

Of every hundred orders' worth: twenty answers to surveys, a hundred checkouts, fifty contacts; of every hundred customers
twenty have, or had, a subscription. Every order has a channel and a product with a category, every fourth a discount.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import shop

import retention as rt

_CHANNELS = ("web", "app", "store")
_CATEGORIES = tuple(
    (rt.LineItem(product=f"p{number}", category=name),)
    for number, name in enumerate(("tea", "cups", "books"))
)
_KINDS = ("nps", "csat", "ces")
_SCALES = {"csat": {"scale": (1, 5)}, "ces": {"scale": (1, 7), "direction": "higher"}}
_CONTACTS = (
    {"kind": "question", "direction": "inbound", "channel": "e-mail"},
    {"kind": "campaign", "direction": "outbound", "channel": "e-mail"},
    {"kind": "review", "direction": "inbound", "channel": "web"},
)


def whole_shop(orders: Sequence[rt.Order], *, seed: int = 20260101) -> rt.Shop:
    """A shop with records of every kind for the customers of some orders; its orders are said more of."""
    draw = random.Random(seed)
    customers = max(1, len(orders) // 5)
    return rt.Shop(
        orders=[_told(order, number) for number, order in enumerate(orders)],
        customers=[_customer(number, draw) for number in range(customers)],
        responses=[_answer(number, draw, customers) for number in range(len(orders) // 5)],
        checkouts=[_checkout(number, draw, customers) for number in range(len(orders))],
        subscriptions=list(_subscriptions(draw, customers)),
        interactions=[_contact(number, draw, customers) for number in range(len(orders) // 2)],
        as_of=shop.AS_OF,
    )


def _told(order: rt.Order, number: int) -> rt.Order:
    return attrs.evolve(
        order,
        channel=_CHANNELS[number % 3],
        items=_CATEGORIES[number * 7 % 3],
        discount=Decimal("1.00") if number % 4 == 0 else Decimal(0),
    )


def _some_time(draw: random.Random) -> datetime:
    return shop.START + timedelta(seconds=draw.randrange(int((shop.END - shop.START).total_seconds())))


def _somebody(draw: random.Random, customers: int) -> int:
    return int(customers * draw.random() ** 1.6)


def _customer(number: int, draw: random.Random) -> rt.Customer:
    joined = _some_time(draw) if number % 5 == 0 else None
    referred_by = number // 2 if number % 10 == 9 else None
    return rt.Customer(id=number, signed_up_at=shop.START, loyalty_joined_at=joined, referred_by=referred_by)


def _answer(number: int, draw: random.Random, customers: int) -> rt.SurveyResponse:
    kind = _KINDS[number % 3]
    scale: dict[str, Any] = _SCALES.get(kind, {})
    top = 10 if kind == "nps" else scale["scale"][1]
    return rt.SurveyResponse(
        id=number,
        kind=kind,
        score=max(1, int(top * draw.random() ** 0.4 + 0.5)),
        responded_at=_some_time(draw),
        customer_id=_somebody(draw, customers),
        **scale,
    )


def _checkout(number: int, draw: random.Random, customers: int) -> rt.Checkout:
    begun_at = _some_time(draw)
    hours = draw.choice((None, None, 0, 1, 30))
    return rt.Checkout(
        id=number,
        customer_id=_somebody(draw, customers),
        begun_at=begun_at,
        ordered_at=None if hours is None else begun_at + timedelta(hours=hours),
    )


def _subscriptions(draw: random.Random, customers: int) -> Iterator[rt.Subscription]:
    for number in range(0, customers, 5):
        started_at = _some_time(draw)
        ended_at = started_at + timedelta(days=draw.randrange(20, 900))
        is_over = ended_at < shop.END
        yield rt.Subscription(
            id=number,
            customer_id=number,
            amount=Decimal("12.00"),
            currency="EUR",
            interval="month",
            started_at=started_at,
            ended_at=ended_at if is_over else None,
            end_reason=draw.choice(("customer", "payment")) if is_over else None,
        )


def _contact(number: int, draw: random.Random, customers: int) -> rt.Interaction:
    at, what = _some_time(draw), _CONTACTS[number % 3]
    more: dict[str, Any] = {}
    if what["kind"] == "question":
        answered_at = at + timedelta(hours=draw.randrange(1, 60))
        more = {"answered_at": answered_at, "solved_at": answered_at + timedelta(hours=draw.randrange(1, 60))}
    elif what["kind"] == "campaign" and draw.random() < 0.3:
        more = {"opened_at": at + timedelta(hours=draw.randrange(1, 60))}
    return rt.Interaction(id=number, customer_id=_somebody(draw, customers), occurred_at=at, **what, **more)
