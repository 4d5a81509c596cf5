"""Counting as slowly and plainly as one would on paper: sets and lists, nothing shared with the library.

Covers what the default policy and March 2026 need; the formulas are fed with these counts. Whatever is dated after
`as_of` must be gone from the records already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from inspect import signature
from math import ceil
from typing import Any

import retention as rt
from tests.conformance.worlds import EMPTY, KNOWN, WORLDS, World, random_records
from tests.conformance.worlds._common import APRIL, DAY, FEBRUARY, LATE, MARCH, MOMENT, forgotten

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
"""The usual windows of a snapshot."""


class Plain:
    """The orders of one month."""

    def __init__(self, orders: Iterable[rt.Order], as_of: datetime) -> None:
        before, start, end = FEBRUARY, MARCH, APRIL
        self.as_of, self.orders = as_of, list(orders)
        everything = [order for order in self.orders if _is_sale(order)]
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

    def margin(self) -> Decimal:
        """What is left over the costs of the goods, where these are known."""
        return sum(
            (_net(order) - order.cost for order in self.purchases if order.cost is not None), Decimal(0)
        )

    def net_of_known_cost(self) -> Decimal:
        return sum((_net(order) for order in self.purchases if order.cost is not None), Decimal(0))

    def lifespans(self) -> list[timedelta]:
        """From first to latest purchase, of everybody so far."""
        so_far = ([at for at in times if at < APRIL] for times in self.times.values())
        return [times[-1] - times[0] for times in so_far if times]

    def second_gaps(self) -> list[timedelta]:
        """From first to second purchase, of the new customers who came back."""
        return [times[1] - times[0] for who in self.new if len(times := self.times[who]) > 1]

    def placed(self) -> list[rt.Order]:
        return [order for order in self.orders if in_march(order.placed_at) and not order.is_test]

    def cancelled(self) -> list[rt.Order]:
        """Those that were cancelled in the month, and watched for a month after."""
        return [
            order
            for order in self.orders
            if not order.is_test
            and order.customer_id is not None
            and order.cancelled_at is not None
            and in_march(order.cancelled_at)
            and order.cancelled_at + MONTH <= self.as_of
        ]

    def has_come_back(self, order: rt.Order) -> bool:
        since = order.cancelled_at or order.placed_at
        return any(since < at <= since + MONTH for at in self.times.get(order.customer_id, ()))

    def categories(self) -> list[set[str]]:
        """What each customer bought of, where it is known."""
        bought: dict[object, set[str]] = {}
        for order in self.known:
            bought.setdefault(order.customer_id, set()).update(
                item.category for item in order.items if item.category
            )
        return [found for found in bought.values() if found]

    def discounts(self) -> list[Decimal]:
        """By how much each purchase was lowered, where that is known."""
        return [order.discount for order in self.purchases if order.discount is not None]

    def channels(self) -> list[set[str]]:
        """Where each customer bought, where it is known."""
        bought: dict[object, set[str]] = {}
        for order in self.known:
            if order.channel:
                bought.setdefault(order.customer_id, set()).add(order.channel)
        return list(bought.values())


class PlainSurvey:
    """The answers of one month."""

    def __init__(self, responses: Iterable[rt.SurveyResponse], as_of: datetime) -> None:
        self.answers = [one for one in responses if in_march(one.responded_at)]

    def scores(self, kind: str) -> list[int]:
        return [int(one.score) for one in self.answers if one.kind == kind and one.score is not None]

    def how_many(self, kind: str, low: int, high: int) -> int:
        """How many scores lie from `low` to `high`, both included."""
        return sum(low <= score <= high for score in self.scores(kind))


class PlainCarts:
    """The baskets of one month, left for a day, and what was bought in the month after."""

    def __init__(self, checkouts: Iterable[rt.Checkout], orders: Iterable[rt.Order], as_of: datetime) -> None:
        self.begun = [one for one in checkouts if in_march(one.begun_at) and one.begun_at + DAY <= as_of]
        self.abandoned = [
            one for one in self.begun if one.ordered_at is None or one.ordered_at > one.begun_at + DAY
        ]
        self.followed = [
            one
            for one in self.abandoned
            if one.customer_id is not None and one.begun_at + DAY + MONTH <= as_of
        ]
        self.times = Plain(orders, as_of).times

    def is_recovered(self, cart: rt.Checkout) -> bool:
        left = cart.begun_at + DAY
        return any(left < at <= left + MONTH for at in self.times.get(cart.customer_id, ()))


class PlainContacts:
    """The contacts of one month, watched for a week; those that are to lead to an order, for thirty days."""

    def __init__(self, interactions: Iterable[rt.Interaction], as_of: datetime) -> None:
        march = [one for one in interactions if in_march(one.occurred_at)]
        week_over, month_over = (
            [one for one in march if one.occurred_at + window <= as_of] for window in (WEEK, MONTH)
        )
        self.sent = [one for one in week_over if one.direction == "outbound"]
        self.came_in = [
            one for one in march if one.direction == "inbound" and one.kind not in {"review", "mention"}
        ]
        self.asked = [one for one in self.came_in if one in week_over]
        self.solved = [
            one for one in march if one.solved_by is not None and one.kind not in {"review", "mention"}
        ]
        self.mentions = [one for one in march if one.kind == "mention"]
        self.sentiments = [one.sentiment for one in march if one.sentiment is not None]
        self.approaches = [one for one in month_over if one.kind == "approach"]
        self.offers = [one for one in month_over if one.kind == "offer"]

    def waits(self, name: str) -> list[timedelta]:
        """How long it took until something happened, where it has."""
        happened = ((one, getattr(one, name)) for one in self.came_in)
        return [at - one.occurred_at for one, at in happened if at is not None]

    def drew_a_response(self, contact: rt.Interaction) -> bool:
        responses = (contact.opened_at, contact.clicked_at, contact.replied_at)
        return any(at is not None and at <= contact.occurred_at + WEEK for at in responses)

    def was_answered(self, contact: rt.Interaction) -> bool:
        return contact.answered_at is not None and contact.answered_at <= contact.occurred_at + WEEK

    def led_to_an_order(self, contact: rt.Interaction) -> bool:
        return contact.ordered_at is not None and contact.ordered_at <= contact.occurred_at + MONTH


class PlainPrograms:
    """The customers of one month of whom there is a record."""

    def __init__(self, customers: Iterable[rt.Customer], orders: Iterable[rt.Order], as_of: datetime) -> None:
        self.month = Plain(orders, as_of)
        records = list(customers)
        known = {one.id for one in records}
        self.active, self.new = self.month.active & known, self.month.new & known
        self.referred = {
            one.id for one in records if one.referred_by is not None or one.acquisition_channel == "referral"
        }
        joined = {one.id: one.loyalty_joined_at for one in records if one.loyalty_joined_at is not None}
        self.members_at_start = {who for who, at in joined.items() if at < MARCH}
        self.members_in_the_base = self.month.opening & self.members_at_start
        self.members_at_end = {who for who, at in joined.items() if at < APRIL}


class PlainSubscriptions:
    """What each customer paid a month, looked up span by span."""

    def __init__(self, subscriptions: Iterable[rt.Subscription], as_of: datetime) -> None:
        self.spans: dict[object, list[rt.Subscription]] = {}
        for span in subscriptions:
            if span.amount:  # who pays nothing has nothing to leave
                self.spans.setdefault(span.customer_id, []).append(span)
        self.end = min(APRIL, as_of + MOMENT)
        self.start = {who: mrr for who in self.spans if (mrr := self.paid(who, MARCH - MOMENT))}
        self.now = {who: mrr for who in self.spans if (mrr := self.paid(who, self.end - MOMENT))}

    def paid(self, who: object, at: datetime) -> Fraction:
        """The monthly amounts that were paid at an instant."""
        return sum((span.monthly_amount for span in self.spans[who] if _is_paid(span, at)), Fraction(0))

    def base_and_now(self) -> list[tuple[Fraction, Fraction]]:
        """What those paid who paid at the start; and now, with what paused in the month as if it had not."""
        last = self.end - MOMENT
        return [
            (base, self.paid(who, last) + sum(_held(span, last) for span in self.spans[who]))
            for who, base in self.start.items()
        ]

    def gone(self) -> set[object]:
        """Who paid at the start, and has nothing in force at the end."""
        return {who for who in self.start if not self._has_any(who, self.end - MOMENT)}

    def movements(self) -> dict[str, Fraction]:
        """What was gained and lost in the month, by kind."""
        found: dict[str, Fraction] = {}
        for who, spans in self.spans.items():
            for at in sorted(set(_instants(spans))):
                if MARCH <= at < self.end and (step := self.paid(who, at) - self.paid(who, at - MOMENT)):
                    kind = self._kind(who, at)
                    found[kind] = found.get(kind, Fraction(0)) + abs(step)
        return found

    def _kind(self, who: object, at: datetime) -> str:
        spans, before, after = self.spans[who], self.paid(who, at - MOMENT), self.paid(who, at)
        if before and after:
            return "expansion" if after > before else "contraction"
        if before:
            return "paused" if self._has_any(who, at) else "churned"
        earlier = [instant for instant in sorted(_instants(spans)) if instant < at]
        if not any(self.paid(who, instant) for instant in earlier):
            return "new"
        stopped = max(instant for instant in earlier if self.paid(who, instant - MOMENT))
        all_along = all(self._has_any(who, instant) for instant in earlier if instant >= stopped)
        return "resumed" if all_along else "reactivation"

    def _has_any(self, who: object, at: datetime) -> bool:
        return any(_is_in_force(span, at) for span in self.spans[who])


def _is_paid(span: rt.Subscription, at: datetime) -> bool:
    on_trial = span.trial_ends_at is not None and at < span.trial_ends_at
    return _is_in_force(span, at) and not on_trial and not _is_paused(span, at)


def _held(span: rt.Subscription, at: datetime) -> Fraction:
    """What a span that is paused would pay, if it paid when it paused, in March."""
    since = at
    while _is_paused(span, since):
        since = next(each.started_at for each in span.pauses if _covers(each, since)) - MOMENT
    paused_in_march = _is_in_force(span, at) and MARCH - MOMENT <= since < at
    return span.monthly_amount if paused_in_march and _is_paid(span, since) else Fraction(0)


def _is_in_force(span: rt.Subscription, at: datetime) -> bool:
    return span.started_at <= at and (span.ended_at is None or at < span.ended_at)


def _is_paused(span: rt.Subscription, at: datetime) -> bool:
    return any(_covers(each, at) for each in span.pauses)


def _covers(pause: rt.Pause, at: datetime) -> bool:
    return pause.started_at <= at and (pause.ended_at is None or at < pause.ended_at)


def _instants(spans: Iterable[rt.Subscription]) -> list[datetime]:
    """When anything could have changed."""
    times: list[rt.Subscription | rt.Pause] = [*spans, *(each for span in spans for each in span.pauses)]
    found = [at for each in times for at in (each.started_at, each.ended_at)]
    found += [span.trial_ends_at for span in spans]
    return [at for at in found if at is not None]


def in_march(at: datetime) -> bool:
    return MARCH <= at < APRIL


def _is_sale(order: rt.Order) -> bool:
    return not (
        order.is_test
        or order.cancelled_at is not None
        or order.payment_state in {"pending", "failed"}
        or order.tags & {"exchange", "gift-card"}
    )


def _net(order: rt.Order) -> Decimal:
    return order.amount - sum((refund.amount for refund in order.refunds), Decimal(0))


# ------------------------------------------------------------------------------------ all the months

_COUNT: dict[str, Callable[..., Any]] = {
    "orders": Plain,
    "responses": PlainSurvey,
    "subscriptions": PlainSubscriptions,
    "checkouts": PlainCarts,
    "interactions": PlainContacts,
    "customers": PlainPrograms,
}


def over(numerator: Any, denominator: Any) -> Fraction:
    if not denominator:
        msg = "there is no quotient"
        raise rt.UndefinedMetricError(msg)
    return Fraction(numerator) / Fraction(denominator)


def moved(month: PlainSubscriptions, *kinds: str) -> Fraction:
    return sum((month.movements().get(kind, Fraction(0)) for kind in kinds), Fraction(0))


def _worlds(data: str) -> Iterator[World]:
    """Those that the plain counting can read: by the usual policy, on the usual scales, in one currency."""
    strange = {"two scales", "fractions", "two currencies"}
    for world in (*WORLDS[data], EMPTY):
        if set(world.reading) <= {"as_of"} and world.name not in strange:
            yield world
    for seed in range(100, 120):
        yield World(f"random {seed}", random_records(data, seed, 60), KNOWN)


@cache
def months(data: str) -> tuple[tuple[World, Any], ...]:
    """Each world, and what was counted on paper in its March, of what was known."""
    return tuple((world, _counted(data, world)) for world in _worlds(data))


def _counted(data: str, world: World) -> Any:
    as_of = world.reading.get("as_of")
    records = world.records if as_of is None else forgotten(world, as_of + MOMENT).records
    count = _COUNT[data]
    kinds = [name for name in signature(count).parameters if name != "as_of"]
    return count(*(records.get(kind, ()) for kind in kinds), as_of=as_of or LATE)
