"""What a shop's records say of each customer, beside the purchases: each kind of record is read once.

Nothing that is dated after the instant exists. Where two records of one instant disagree, the one that calls for more is
taken, whatever the order of the input.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import compress
from operator import attrgetter
from typing import Any, TypeAlias

from attrs import field, frozen

from retention._calendar import from_microseconds, microseconds
from retention._cancellations import Cancellation
from retention._columns import Columns
from retention._interaction_facts import asks_for_help, is_written
from retention._survey_counts import Question, Weight, easy, recommending, satisfied
from retention._validate import exact_sum
from retention.records import Order, Subscription, SurveyResponse
from retention.shop import Shop
from retention.strategies._customer_fields import CANCEL_REASONS, END_REASONS

__all__ = [
    "Answered",
    "Contacted",
    "Known",
    "People",
    "Subscribed",
    "cancelled",
    "carts",
    "contacts",
    "failed_payments",
    "full_refunds",
    "known",
    "responses",
    "subscriptions",
]

Instants: TypeAlias = dict[int, datetime]
"""By customer's number, an instant."""

_NOBODY_WAITS = timedelta(days=90)
"""After so long nobody expects an answer any more. Ours."""
_END_REASONS = {reason: rank for rank, reason in enumerate(END_REASONS)}
_CANCEL_REASONS = {reason: rank for rank, reason in enumerate(CANCEL_REASONS)}


class People:
    """Numbers for the customers: those of the columns first, then all others as their records are met.

    Args:
        shop: The shop, whose aliases say who is the same person.
        columns: Its purchases.
        latest_at: Instant of each one's latest purchase, in microseconds.
        now: The last instant that is known.
    """

    def __init__(self, shop: Shop, columns: Columns, latest_at: Sequence[int], now: datetime) -> None:
        self.ids: list[Hashable] = list(columns.ids)
        self.buyers = len(self.ids)
        self.now = now
        self._latest_at = latest_at
        self._numbers: dict[Hashable, int] = dict(zip(self.ids, range(self.buyers), strict=True))
        self._one_id = dict(shop.aliases)

    @property
    def numbers(self) -> Mapping[Hashable, int]:
        """Everyone's number, by id."""
        return self._numbers

    def person(self, customer_id: Hashable) -> Hashable:
        """The one id of a person."""
        return self._one_id.get(customer_id, customer_id)

    def number(self, customer_id: Hashable) -> int:
        """The number of a customer, who gets the next one if there is none."""
        found = self.find(customer_id)
        if found is None:
            found = self._numbers[self.person(customer_id)] = len(self.ids)
            self.ids.append(self.person(customer_id))
        return found

    def find(self, customer_id: Hashable) -> int | None:
        """The number of a customer who is known, or None."""
        found = self._numbers.get(customer_id)
        if found is None and customer_id in self._one_id:
            return self._numbers.get(self._one_id[customer_id])
        return found

    def is_known(self, moment: datetime | None) -> bool:
        """Whether something has happened by the instant."""
        return moment is not None and moment <= self.now

    def has_bought_since(self, who: int, moment: datetime, *, at_once: bool = False) -> bool:
        """Whether a customer has purchased after an instant, or at it."""
        if who >= self.buyers:
            return False
        at, latest = microseconds(moment), self._latest_at[who]
        return latest > at or (at_once and latest == at)


def _keep_latest(latest: Instants, who: int, at: datetime) -> None:
    if who not in latest or at > latest[who]:
        latest[who] = at


# ------------------------------------------------------------------------------------------- customers


@frozen(kw_only=True)
class Known:
    """What the customers' records say.

    Attributes:
        signed_up: When each signed up.
        member: Whether each is a member; empty where nobody is, since then there may be no programme.
        referrals: How many others each has brought.
    """

    signed_up: Instants
    member: dict[int, bool]
    referrals: dict[int, int]


def known(shop: Shop, people: People) -> Known:
    """What the customers' records say."""
    for customer in shop.customers:
        if customer.signed_up_at is None or people.is_known(customer.signed_up_at):
            people.number(customer.id)
    signed_up: Instants = {}
    member: dict[int, bool] = {}
    brought: set[tuple[int, Hashable]] = set()
    for customer in shop.customers:
        who = people.find(customer.id)
        if who is None:
            continue  # nobody knew of this customer yet
        member[who] = member.get(who, False) or people.is_known(customer.loyalty_joined_at)
        if customer.signed_up_at is not None and people.is_known(customer.signed_up_at):
            signed_up[who] = min(customer.signed_up_at, signed_up.get(who, customer.signed_up_at))
        if customer.referred_by is not None:
            brought.add((who, people.person(customer.referred_by)))
    referrals = dict.fromkeys(member, 0)
    for who, referrer in brought:
        by = people.find(referrer)
        if by is not None and by != who and (who < people.buyers or who in signed_up):
            referrals[by] = referrals.get(by, 0) + 1
    return Known(signed_up=signed_up, member=member if any(member.values()) else {}, referrals=referrals)


# -------------------------------------------------------------------------------------------- answers


@frozen(kw_only=True)
class Answered:
    """What customers answered last.

    Attributes:
        at: When each last gave an answer that is good or bad.
        feeling: How it sounds: −1, 0 or 1.
        asked_at: When each last said whether they recommend the shop.
        recommends: What it was: −1, 0 or 1.
        is_asked: Whether there is any such answer of anybody.
    """

    at: Instants
    feeling: dict[int, int]
    asked_at: Instants
    recommends: dict[int, int]
    is_asked: bool


def responses(shop: Shop, people: People) -> Answered:
    """What customers answered last, of all questions that have a good and a bad end."""
    latest: dict[int, tuple[datetime, int]] = {}
    asked: dict[int, tuple[datetime, int]] = {}
    weights: dict[object, Weight | None] = {}
    is_asked = False
    for response in shop.responses:
        at = response.responded_at
        if at > people.now or (mood := _mood_of(response, weights)) is None:
            continue
        is_asked = True
        if response.customer_id is None:
            continue
        who = people.number(response.customer_id)
        feeling = mood(response.score)
        # Negated, so that of two answers at one instant the worse one is the later.
        found = at, -feeling
        latest[who] = max(found, latest.get(who, found))
        if response.kind == "nps":
            asked[who] = max(found, asked.get(who, found))
    return Answered(
        at={who: at for who, (at, _) in latest.items()},
        feeling={who: -worse for who, (_, worse) in latest.items()},
        asked_at={who: at for who, (at, _) in asked.items()},
        recommends={who: -worse for who, (_, worse) in asked.items()},
        is_asked=is_asked,
    )


def _mood_of(response: SurveyResponse, known: dict[object, Weight | None]) -> Weight | None:
    """How good an answer to a question is: −1, 0 or 1; None where the question has no good and no bad end.

    Args:
        response: An answer to it.
        known: The questions that have been met; this one is added.
    """
    key = response.kind, response.scale, response.scale and type(response.scale[0]), response.direction
    if key not in known:
        has_ends = response.direction is not None or response.kind == "nps"
        known[key] = _weight_of(response.kind, Question.of(response)) if has_ends else None
    return known[key]


def _weight_of(kind: str, question: Question) -> Weight:
    if kind == "nps":
        return recommending(question)
    if kind == "csat" and question.whole:
        positive = satisfied(question)
        return lambda score: 1 if positive(score) else -1
    return easy(question)


# ------------------------------------------------------------------------------------------- contacts


@frozen(kw_only=True)
class Contacted:
    """What passed between the shop and each customer.

    Attributes:
        written_at: When the shop last wrote.
        sentiment: How what the customer last wrote or said sounds.
        sentiment_at: When that was.
        waiting: Since when each has waited for an answer.
        unsolved: Since when each has had an open case.
        writes: Whether the shop keeps a record of what it writes.
        has_sentiment: Likewise of how contacts sound.
        are_answered: Likewise of its answers.
        are_solved: Likewise of when cases are solved.
    """

    written_at: Instants
    sentiment: dict[int, Any]
    sentiment_at: Instants
    waiting: Instants
    unsolved: Instants
    writes: bool
    has_sentiment: bool
    are_answered: bool
    are_solved: bool


def contacts(shop: Shop, people: People) -> Contacted:
    """What passed between the shop and each customer."""
    written: Instants = {}
    said: dict[int, tuple[datetime, Any]] = {}
    waiting: Instants = {}
    unsolved: Instants = {}
    writes = has_sentiment = are_answered = are_solved = False
    now, stale = people.now, people.now - _NOBODY_WAITS
    for contact in shop.interactions:
        at = contact.occurred_at
        if at > now:
            continue
        who = None if contact.customer_id is None else people.number(contact.customer_id)
        if is_written(contact):
            writes = True
            if who is not None:
                _keep_latest(written, who, at)
        if contact.direction == "outbound":
            continue
        is_solved = people.is_known(contact.solved_at)
        is_answered = is_solved or people.is_known(contact.answered_at)
        are_answered, are_solved = are_answered or is_answered, are_solved or is_solved
        has_sentiment = has_sentiment or contact.sentiment is not None
        if who is None:
            continue
        if contact.sentiment is not None:
            found = at, contact.sentiment.copy_negate()  # exact, whatever the host's context
            said[who] = max(found, said.get(who, found))
        if at >= stale and not is_solved:
            kept = (waiting, asks_for_help(contact) and not is_answered), (unsolved, contact.kind == "case")
            for oldest in (oldest for oldest, is_open in kept if is_open):
                oldest[who] = min(at, oldest.get(who, at))
    return Contacted(
        written_at=written,
        sentiment={who: worse.copy_negate() for who, (_, worse) in said.items()},
        sentiment_at={who: at for who, (at, _) in said.items()},
        waiting=waiting,
        unsolved=unsolved,
        writes=writes,
        has_sentiment=has_sentiment,
        are_answered=are_answered,
        are_solved=are_solved,
    )


# ------------------------------------------------------------------------------------ carts and payments


def carts(shop: Shop, people: People) -> Instants | None:
    """When each began the basket that is still open: the latest one, if nothing was bought since.

    None where the shop keeps no record of baskets.
    """
    latest: dict[int, tuple[datetime, bool]] = {}
    now, are_kept = people.now, False
    for checkout in shop.checkouts:
        at = checkout.begun_at
        if at > now:
            continue
        are_kept = True
        if checkout.customer_id is not None:
            who = people.number(checkout.customer_id)
            found = at, people.is_known(checkout.ordered_at)
            latest[who] = max(found, latest.get(who, found))
    if not are_kept:
        return None
    left = ((who, at) for who, (at, is_ordered) in latest.items() if not is_ordered)
    return {who: at for who, at in left if not people.has_bought_since(who, at, at_once=True)}


def failed_payments(
    orders: Collection[Order], shop: Shop, people: People, cancellations: Mapping[int, Cancellation]
) -> Instants:
    """When the latest payment of each failed, if nothing was bought since.

    Args:
        orders: The orders.
        shop: The shop they are of.
        people: The customers.
        cancellations: Each one's latest cancelled order.
    """
    states = map(attrgetter("payment_state"), orders)
    failed: Instants = {}
    for order in compress(orders, map("failed".__eq__, states)):
        if order.customer_id is not None and _stands(order, shop, people):
            _keep_latest(failed, people.number(order.customer_id), order.placed_at)
    for who, cancellation in cancellations.items():
        if cancellation.reason == "payment":
            _keep_latest(failed, who, from_microseconds(cancellation.at))
    return {who: at for who, at in failed.items() if not people.has_bought_since(who, at)}


def full_refunds(orders: Collection[Order], shop: Shop, people: People) -> Instants:
    """When the latest order of each that was refunded in full was, if nothing was bought since.

    Args:
        orders: The orders.
        shop: The shop they are of.
        people: The customers.
    """
    latest: Instants = {}
    for order in compress(orders, map(attrgetter("refunds"), orders)):
        if order.customer_id is None or not order.amount or not _stands(order, shop, people):
            continue
        made = [each for each in order.refunds if people.is_known(each.refunded_at)]
        if exact_sum(each.amount for each in made) == order.amount:
            _keep_latest(latest, people.number(order.customer_id), max(each.refunded_at for each in made))
    return {who: at for who, at in latest.items() if not people.has_bought_since(who, at, at_once=True)}


def _stands(order: Order, shop: Shop, people: People) -> bool:
    """Whether an order is one of the shop's, was placed by then, and not cancelled."""
    only = shop.currency if shop.convert is None else None
    is_other = order.is_test or (only is not None and order.currency != only)
    return not is_other and people.is_known(order.placed_at) and not people.is_known(order.cancelled_at)


def cancelled(columns: Columns, people: People) -> dict[int, Cancellation]:
    """Each one's latest cancelled order."""
    by_cluster = {cluster: people.number(person) for person, cluster in columns.never_bought.items()}
    latest: dict[int, Cancellation] = {}
    for each in columns.cancelled:
        if not each.of_guest:
            who = by_cluster.get(each.cluster, each.cluster)
            latest[who] = max(each, latest.get(who, each), key=_when_and_why)
    return latest


def _when_and_why(cancellation: Cancellation) -> tuple[int, int]:
    return cancellation.at, _CANCEL_REASONS[cancellation.reason]


# --------------------------------------------------------------------------------------- subscriptions


@frozen(kw_only=True)
class Subscribed:
    """What each has subscribed to.

    Attributes:
        state: ``"trial"``, ``"paused"``, ``"active"`` or ``"ended"``.
        ended_at: When the last span ended, of those who have none in force.
        reason: Why.
    """

    state: dict[int, str] = field(factory=dict)
    ended_at: Instants = field(factory=dict)
    reason: dict[int, str] = field(factory=dict)


_STATES = ("ended", "trial", "paused", "active")
"""Of several spans the one that stands later tells what the customer is."""


def subscriptions(shop: Shop, people: People) -> Subscribed:
    """What each has subscribed to, of all spans together."""
    state: dict[int, int] = {}
    ends: dict[int, tuple[datetime, int]] = {}
    for span in shop.subscriptions:
        if not people.is_known(span.started_at) or span.ended_at == span.started_at:
            continue
        who = people.number(span.customer_id)
        now = _state_of(span, people.is_known)
        state[who] = max(state.get(who, now), now)
        if span.ended_at is not None and not now:
            end = span.ended_at, _END_REASONS[span.end_reason or "unknown"]
            ends[who] = max(end, ends.get(who, end))
    gone = [who for who, now in state.items() if not now]
    return Subscribed(
        state={who: _STATES[now] for who, now in state.items()},
        ended_at={who: ends[who][0] for who in gone},
        reason={who: END_REASONS[ends[who][1]] for who in gone},
    )


def _state_of(span: Subscription, is_known: Callable[[datetime | None], bool]) -> int:
    """What a span is, as its place in `_STATES`."""
    if is_known(span.ended_at):
        return 0
    if span.trial_ends_at is not None and not is_known(span.trial_ends_at):
        return 1
    paused = any(is_known(pause.started_at) and not is_known(pause.ended_at) for pause in span.pauses)
    return 2 if paused else 3
