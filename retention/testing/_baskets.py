"""The sample shop's baskets: those that became an order, at once or days later, and those that were left for good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from retention.records import Checkout, Order
from retention.testing._draws import Draws
from retention.testing._lives import Life
from retention.testing._process import SampleProcess
from retention.testing._sales import TILL, money, some_time_around

__all__ = ["Baskets"]

_MINUTES_AN_HOUR = 60
_AT_LEAST = timedelta(minutes=4)


class Baskets:
    """What the shop's web site writes down when somebody begins to pay."""

    def __init__(self, seed: int, process: SampleProcess) -> None:
        self._seed = seed
        self._process = process
        left, back = process.abandonment_rate, process.basket_return_rate
        # Orders are given, and baskets are found to them. Of those that were ordered, this share was left at first;
        # and so many are left for good before one is ordered, that of all the parameters' shares come out.
        self._late = left * back / (1 - left + left * back)
        self._lost = left * (1 - back)

    def baskets_of(self, life: Life, orders: Iterable[Order]) -> Iterator[Checkout]:
        """The baskets of a customer's purchases, and those that were left."""
        draws = Draws(self._seed, life.number, "baskets")
        for order in orders:
            if order.channel != TILL:
                yield self._ordered(order, draws)
                yield from self._left(life, order, draws)

    def _ordered(self, order: Order, draws: Draws) -> Checkout:
        late, took = draws.uniform() < self._late, draws.uniform()
        # In 4 to 30 minutes; or after 25 hours to 5 days, so that a basket was left by any usual window of a day.
        minutes = (25 + 95 * took) * _MINUTES_AN_HOUR if late else 4 + 26 * took
        begun = order.placed_at - timedelta(minutes=int(minutes))
        if begun < self._process.opened_at:
            begun = order.placed_at - _AT_LEAST
        return Checkout(
            id=f"{order.id}-basket",
            customer_id=order.customer_id,
            begun_at=begun,
            amount=order.amount,
            currency=order.currency,
            ordered_at=order.placed_at,
            order_id=order.id,
            channel=order.channel,
        )

    def _left(self, life: Life, order: Order, draws: Draws) -> Iterator[Checkout]:
        """Baskets that were left for good, until one is not."""
        process, number = self._process, 0
        while draws.uniform() < self._lost:
            number += 1
            unknown, when, worth = draws.uniform(), draws.uniform(), draws.uniform()
            yield Checkout(
                id=f"{order.id}-left-{number}",
                customer_id=None if unknown < process.anonymous_basket_rate else life.customer_id,
                begun_at=some_time_around(order.placed_at, when, life.purchases[0].at, process),
                amount=money(max(1, int(float(order.amount) * (50 + 100 * worth)))),
                currency=order.currency,
                channel=order.channel,
            )
