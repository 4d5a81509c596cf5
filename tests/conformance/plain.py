"""Counting as slowly and plainly as one would on paper: sets and lists, nothing shared with the library.

Covers what the default policy and a calendar month need; the formulas are fed with these counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

import retention as rt


class Plain:
    """The counts of one month, of which `before` is the start of the month before it."""

    def __init__(self, orders: Iterable[rt.Order], before: datetime, start: datetime, end: datetime) -> None:
        everything = [order for order in orders if _is_sale(order)]
        self.start, self.end = start, end
        self.sales = [order for order in everything if start <= order.placed_at < end]
        self.refunds_made = sum(
            (
                refund.amount
                for order in everything
                for refund in order.refunds
                if start <= refund.refunded_at < end
            ),
            Decimal(0),
        )
        purchases = sorted(
            (order for order in everything if _net(order) > 0), key=lambda order: order.placed_at
        )
        self.purchases = [order for order in purchases if start <= order.placed_at < end]
        self.times: dict[object, list[datetime]] = {}
        for order in purchases:
            if order.customer_id is not None:
                self.times.setdefault(order.customer_id, []).append(order.placed_at)
        self.active = {who for who, times in self.times.items() if any(start <= at < end for at in times)}
        self.opening = {who for who, times in self.times.items() if any(before <= at < start for at in times)}
        self.earlier = {who for who, times in self.times.items() if times[0] < start}
        self.new = self.active - self.earlier
        self.lapsed = self.earlier - self.opening

    @property
    def known(self) -> list[rt.Order]:
        return [order for order in self.purchases if order.customer_id is not None]

    def repeaters(self) -> set[object]:
        buyers = [order.customer_id for order in self.known]
        return {who for who in buyers if buyers.count(who) > 1}

    def repeat_orders(self) -> int:
        return sum(order.placed_at > self.times[order.customer_id][0] for order in self.known)

    def gross(self) -> Decimal:
        return sum((order.amount for order in self.sales), Decimal(0))

    def refunded(self) -> Decimal:
        return sum((order.amount - _net(order) for order in self.sales), Decimal(0))

    def revenue(self, customers: set[object] | None = None) -> Decimal:
        """Net money of the purchases, of all or of some customers."""
        return sum(
            (_net(order) for order in self.purchases if customers is None or order.customer_id in customers),
            Decimal(0),
        )

    def top_revenue(self, share: Fraction) -> Decimal:
        spends = sorted((self.revenue({who}) for who in self.active), reverse=True)
        return sum(spends[: ceil(share * len(spends))], Decimal(0))

    def second_gaps(self) -> list[timedelta]:
        """From first to second purchase, of the new customers who came back."""
        return [times[1] - times[0] for who in self.new if len(times := self.times[who]) > 1]


class PlainSurvey:
    """The answers of one month."""

    def __init__(self, responses: Iterable[rt.SurveyResponse], start: datetime, end: datetime) -> None:
        self.answers = [one for one in responses if start <= one.responded_at < end]

    def scores(self, kind: str) -> list[int]:
        return [int(one.score) for one in self.answers if one.kind == kind and one.score is not None]

    def how_many(self, kind: str, low: int, high: int) -> int:
        """How many scores lie from `low` to `high`, both included."""
        return sum(low <= score <= high for score in self.scores(kind))


def _is_sale(order: rt.Order) -> bool:
    return not (
        order.is_test
        or order.cancelled_at is not None
        or order.payment_state in {"pending", "failed"}
        or order.tags & {"exchange", "gift-card"}
    )


def _net(order: rt.Order) -> Decimal:
    return order.amount - sum((refund.amount for refund in order.refunds), Decimal(0))
