"""The sample shop's customers and orders, as a shop system would have written them down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from retention.records import Customer, LineItem, Order, Refund
from retention.testing._draws import Choice, Draws
from retention.testing._lives import Life, Purchase
from retention.testing._process import SampleProcess

__all__ = ["TILL", "Till", "money", "some_time_around"]

TILL = "pos"
"""The channel of orders that are placed in the shop itself, and not on a screen."""

_CANDIDATES = 8
_PRODUCTS = 12
_LINES = Choice({"1": 50, "2": 30, "3": 14, "4": 6})
_JOINS_WITH_ONE_OF_THE_FIRST = 3
_SHARE_OF_FIFTHS = 0.3
_TRIAL_CENTS = 100
_MINUTE = timedelta(minutes=1)
_TO_SIGN_UP = 5 * _MINUTE
_EIGHT_WEEKS = 8 * 7 * 24 * 60
_NO_TAGS: frozenset[str] = frozenset()
_LATE = frozenset({"late"})


class Till:
    """The shop's system: it writes down customers, and what they order."""

    def __init__(self, seed: int, process: SampleProcess) -> None:
        self._seed = seed
        self._process = process
        self._countries = Choice(process.countries)
        self._channels = Choice(process.channels)
        self._acquisition = Choice(process.acquisition_channels)
        self._categories = Choice(process.categories)
        self._reasons = Choice(process.cancel_reasons)

    def customer_of(self, life: Life, arrivals: list[datetime]) -> Customer:
        """The customer's record; `arrivals` are those of the customers with lower numbers."""
        draws = Draws(self._seed, life.number, "person")
        bought = life.purchases
        came_by, country = draws.pick(self._acquisition), draws.pick(self._countries)
        joins, with_purchase = draws.uniform() < self._process.loyalty_rate, draws.uniform()
        place = int(_JOINS_WITH_ONE_OF_THE_FIRST * with_purchase)
        return Customer(
            id=life.customer_id,
            signed_up_at=bought[0].at - _TO_SIGN_UP,
            country=country,
            acquisition_channel=came_by,
            referred_by=_referrer(bought[0].at, arrivals, draws) if came_by == "referral" else None,
            loyalty_joined_at=bought[place].at if joins and place < len(bought) else None,
        )

    def orders_of(self, life: Life) -> Iterator[Order]:
        """The customer's orders until `as_of`, and those that stand beside them."""
        process = self._process
        draws = Draws(self._seed, life.number, "orders")
        lines = Draws(self._seed, life.number, "lines")
        favorite = lines.pick(self._categories)
        lowered = self._share_lowered(life)
        for place, purchase in enumerate(life.purchases, start=1):
            order = Order(
                id=f"{life.customer_id}-{place:02}",
                customer_id=None if purchase.is_guest else life.customer_id,
                placed_at=purchase.at,
                currency=process.currency,
                payment_state="paid",
                channel=draws.pick(self._channels),
                items=self._lines(purchase.cents, favorite, lines),
                tags=_LATE if purchase.is_late else _NO_TAGS,
                **_price(purchase.cents, draws, lowered=lowered, cost_rate=process.cost_rate),
                **_settled(purchase, draws.pick(self._reasons), process.as_of),
            )
            yield order
            yield from _beside(order, purchase, draws, process)

    def _share_lowered(self, life: Life) -> float:
        """The chance that an order of this customer has been lowered by a discount."""
        hunters = self._process.bargain_hunter_rate
        if hunters and Draws(self._seed, life.number, "bargains").uniform() < hunters:
            return 1.0
        return self._process.discount_rate

    def _lines(self, cents: int, favorite: str, draws: Draws) -> tuple[LineItem, ...]:
        """One to four lines whose amounts add up to the order's."""
        left = cents
        lines: list[LineItem] = []
        for remaining in range(int(draws.pick(_LINES)), 0, -1):
            favors, other = draws.uniform() < self._process.favorite_rate, draws.pick(self._categories)
            category = favorite if favors else other
            product, share = int(_PRODUCTS * draws.uniform()) + 1, draws.uniform()
            part = left if remaining == 1 else int(left * (0.5 + share) / remaining)
            left -= part
            lines.append(LineItem(product=f"{category} {product}", category=category, amount=money(part)))
        return tuple(lines)


def _referrer(first: datetime, arrivals: list[datetime], draws: Draws) -> str | None:
    """Somebody who was there before; None where nobody is found in a few tries."""
    for _ in range(_CANDIDATES if arrivals else 0):
        place = int(len(arrivals) * draws.uniform())
        if arrivals[place] < first:
            return f"c{place + 1:04}"
    return None


def _price(cents: int, draws: Draws, *, lowered: float, cost_rate: float) -> dict[str, Any]:
    """For how much the goods were sold, and what they had cost."""
    draw, by_a_fifth, cost = draws.uniform(), draws.uniform() < _SHARE_OF_FIFTHS, draws.uniform()
    discount = 0
    if draw < lowered:
        discount = cents // (4 if by_a_fifth else 9)  # 20 or 10 % of the price before
    share = cost_rate * (0.8 + 0.4 * cost)
    return {
        "amount": money(cents),
        "discount": money(discount),
        "cost": money(int(share * (cents + discount))),
    }


def _settled(purchase: Purchase, reason: str, as_of: datetime) -> dict[str, Any]:
    """What became of it until `as_of`."""
    if purchase.settled_at > as_of or purchase.outcome == "kept":
        return {}
    if purchase.outcome == "cancelled":
        return {"cancelled_at": purchase.settled_at, "cancel_reason": reason}
    return {
        "refunds": (Refund(refunded_at=purchase.settled_at, amount=money(purchase.returned_cents)),),
    }


def _beside(order: Order, purchase: Purchase, draws: Draws, process: SampleProcess) -> Iterator[Order]:
    """Orders that are no purchases: a payment that failed at first, an exchange, a gift card, a trial."""
    failed, exchanged, card, trial, wait, worth = (draws.uniform() for _ in range(6))
    at = order.placed_at
    later = at + timedelta(minutes=int((5 + 10 * wait) * 24 * 60))
    if failed < process.failed_payment_rate:
        yield _another(order, "failed", at - 3 * _MINUTE, purchase.cents, payment_state="failed")
    if exchanged < process.exchange_rate and purchase.outcome == "kept" and later <= process.as_of:
        yield _another(order, "exchange", later, purchase.cents, tags=frozenset({"exchange"}))
    if card < process.gift_card_rate:
        cents = (2_500, 5_000, 10_000)[int(3 * worth)]
        yield _another(order, "card", at - _MINUTE, cents, tags=frozenset({"gift-card"}))
    if trial < process.test_order_rate:
        yield _another(order, "test", at - 2 * _MINUTE, _TRIAL_CENTS, customer_id=None, is_test=True)


def _another(order: Order, suffix: str, at: datetime, cents: int, **more: Any) -> Order:
    fields: dict[str, Any] = {"customer_id": order.customer_id, "payment_state": "paid", **more}
    return Order(
        id=f"{order.id}-{suffix}",
        placed_at=at,
        amount=money(cents),
        currency=order.currency,
        channel=order.channel,
        **fields,
    )


def money(cents: int) -> Decimal:
    """So many hundredths of the currency's unit."""
    return Decimal(f"{cents}e-2")  # exact in any decimal context


def some_time_around(moment: datetime, draw: float, since: datetime, process: SampleProcess) -> datetime:
    """Up to eight weeks before or after: folded back at `since` and `as_of`, so that no time gets more than another."""
    room = (process.as_of - since) // _MINUTE
    minutes = (moment - since) // _MINUTE + int((2 * draw - 1) * _EIGHT_WEEKS)
    minutes %= 2 * room
    return since + min(minutes, 2 * room - minutes - 1) * _MINUTE
