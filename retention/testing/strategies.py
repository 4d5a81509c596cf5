"""Hypothesis strategies: any records that a shop may hold, hostile ones first among them, and whole shops.

All that they make is valid. What they like to make is what breaks figures: amounts of nothing, orders that were
refunded in full, guests, ties, leap days, the hours at which clocks change, Decimals that are equal without looking
alike, subscriptions that end in their trial, while paused or in the instant in which they begin. Failing examples shrink
to a few plain records.

Needs the extra: ``pip install 'customer-retention[hypothesis]'``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import prod
from typing import Any, Literal

from retention.errors import InvalidValueError, shown
from retention.periods import Period
from retention.records import (
    Checkout,
    Customer,
    Interaction,
    LineItem,
    Order,
    OrderPolicy,
    Pause,
    Refund,
    Subscription,
    SurveyResponse,
)
from retention.shop import Shop

try:
    from hypothesis import strategies as st
except ImportError as missing:
    msg = "retention.testing.strategies needs Hypothesis: pip install 'customer-retention[hypothesis]'"
    raise ImportError(msg) from missing

__all__ = [
    "checkouts",
    "customers",
    "interactions",
    "orders",
    "periods",
    "responses",
    "shops",
    "subscriptions",
]

_CUSTOMERS = ("ann", "ben", "cy", "dee")
_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
_START, _END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)
_AT_EDGES = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2026-03-01T00:00Z",  # a month begins in UTC
        "2026-02-28T23:00Z",  # and in Berlin
        "2026-03-29T01:00Z",  # Berlin's clocks go forward
        "2026-10-25T00:30Z",  # the first and the second 02:30 of Berlin's longest day
        "2026-10-25T01:30Z",
        "2026-03-08T07:00Z",  # New York's clocks go forward
        "2024-02-29T12:00Z",  # a leap day
        "2024-12-31T23:59:59.999999Z",  # and the end of its year
    )
)
_AMOUNTS = tuple(
    map(Decimal, ("10.00", "0", "0.00", "0.01", "10", "1E+1", "10.000", "0.005", "33.33", "99999999.99"))
)
_CURRENCY = "EUR"
_KINDS = ("message", "approach", "offer", "question", "review", "mention", "chat", "call", "case", "visit")


def orders(
    *,
    min_size: int = 0,
    max_size: int = 12,
    customer_ids: Sequence[Hashable | None] = (*_CUSTOMERS, None),
    currencies: Sequence[str] = (_CURRENCY,),
    start: datetime = _START,
    end: datetime = _END,
) -> st.SearchStrategy[list[Order]]:
    """Lists of orders, numbered from 1 and in no order of time.

    Args:
        min_size: The fewest orders.
        max_size: The most.
        customer_ids: Who orders; None is a guest.
        currencies: Currencies of the orders.
        start: No order is earlier.
        end: Each order is earlier.

    Returns:
        A strategy of lists.

    Raises:
        InvalidValueError: `start` does not lie before `end`.

    .. versionadded:: 0.1
    """
    one = _one_order(customer_ids, _instants(start, end), currencies)
    return st.lists(one, min_size=min_size, max_size=max_size).map(
        lambda drawn: [Order(id=number, **fields) for number, fields in enumerate(drawn, start=1)]
    )


def customers(*, customer_ids: Sequence[Hashable] = _CUSTOMERS) -> st.SearchStrategy[list[Customer]]:
    """Lists of customers, none of them twice.

    Args:
        customer_ids: Ids of the customers that there may be.

    Returns:
        A strategy of lists.

    .. versionadded:: 0.1
    """
    moment = st.none() | _instants(_START, _END)
    details: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {},
        optional={
            "signed_up_at": moment,
            "country": st.sampled_from(("DE", "AT")),
            "acquisition_channel": st.sampled_from(("search", "referral")),
            "loyalty_joined_at": moment,
            "tags": st.frozensets(st.sampled_from(("vip", "staff"))),
        },
    )
    ids = st.lists(st.sampled_from(customer_ids), unique=True, max_size=len(customer_ids))
    return ids.flatmap(
        lambda drawn: st.tuples(*(st.builds(_customer, st.just(one), details) for one in drawn)).map(list)
    )


def _customer(customer_id: Hashable, details: dict[str, Any]) -> Customer:
    return Customer(id=customer_id, **details)


def responses(
    *,
    kinds: Sequence[Literal["nps", "csat", "ces", "reason"]] = ("nps", "csat", "ces", "reason"),
    min_size: int = 0,
    max_size: int = 12,
    customer_ids: Sequence[Hashable | None] = (*_CUSTOMERS, None),
    start: datetime = _START,
    end: datetime = _END,
) -> st.SearchStrategy[list[SurveyResponse]]:
    """Lists of survey responses: NPS, CSAT from 1 to 5, CES from 1 to 7 (higher is easier), reasons in words.

    Args:
        kinds: Which questions are answered.
        min_size: The fewest answers.
        max_size: The most.
        customer_ids: Who answers; None is somebody unknown.
        start: No answer is earlier.
        end: Each answer is earlier.

    Returns:
        A strategy of lists.

    Raises:
        InvalidValueError: `start` does not lie before `end`, or a kind is another word.

    .. versionadded:: 0.1
    """
    for kind in kinds:
        if kind not in _QUESTIONS:
            msg = f"responses() takes kinds of {', '.join(map(repr, _QUESTIONS))} (got {shown(kind)})"
            raise InvalidValueError(msg)
    asked = [fields for kind in kinds for fields in _QUESTIONS[kind]]
    one = st.builds(
        lambda question, where, **fields: SurveyResponse(**question, **where, **fields),
        question=st.sampled_from(asked),
        where=st.sampled_from(_WHERE),
        responded_at=_instants(start, end),
        customer_id=st.sampled_from(customer_ids),
    )
    return st.lists(one, min_size=min_size, max_size=max_size)


def subscriptions(
    *,
    min_size: int = 0,
    max_size: int = 8,
    customer_ids: Sequence[Hashable] = _CUSTOMERS,
    currencies: Sequence[str] = (_CURRENCY,),
    start: datetime = _START,
    end: datetime = _END,
) -> st.SearchStrategy[list[Subscription]]:
    """Lists of spans of subscriptions, numbered from 1: running, ended, in trial, paused, changed, come back.

    Args:
        min_size: The fewest spans.
        max_size: The most.
        customer_ids: Who pays; one may have several at a time.
        currencies: Currencies of the spans; all of one customer's plan change in the same.
        start: No span begins earlier.
        end: Each first span begins earlier; what follows on it may begin, and all may end, up to 410 days later.

    Returns:
        A strategy of lists.

    Raises:
        InvalidValueError: `start` does not lie before `end`.

    .. versionadded:: 0.1
    """
    one = _one_or_two_spans(customer_ids, _instants(start, end), currencies)
    return st.lists(one, min_size=min_size, max_size=max_size).map(
        lambda drawn: [
            Subscription(id=number, **fields)
            for number, fields in enumerate([span for spans in drawn for span in spans][:max_size], start=1)
        ]
    )


def checkouts(
    *,
    min_size: int = 0,
    max_size: int = 12,
    customer_ids: Sequence[Hashable | None] = (*_CUSTOMERS, None),
    currencies: Sequence[str] = (_CURRENCY,),
    start: datetime = _START,
    end: datetime = _END,
) -> st.SearchStrategy[list[Checkout]]:
    """Lists of checkouts, numbered from 1 and in no order of time; some became orders, some have no amount.

    Args:
        min_size: The fewest checkouts.
        max_size: The most.
        customer_ids: Whose baskets they are; None is somebody unknown.
        currencies: Currencies of the amounts.
        start: No checkout is begun earlier.
        end: Each is begun earlier, and becomes an order up to 10 days later.

    Returns:
        A strategy of lists.

    Raises:
        InvalidValueError: `start` does not lie before `end`.

    .. versionadded:: 0.1
    """
    one = _one_checkout(customer_ids, _instants(start, end), currencies)
    return st.lists(one, min_size=min_size, max_size=max_size).map(
        lambda drawn: [Checkout(id=number, **fields) for number, fields in enumerate(drawn, start=1)]
    )


def interactions(
    *,
    kinds: Sequence[str] = _KINDS,
    min_size: int = 0,
    max_size: int = 12,
    customer_ids: Sequence[Hashable | None] = (*_CUSTOMERS, None),
    start: datetime = _START,
    end: datetime = _END,
) -> st.SearchStrategy[list[Interaction]]:
    """Lists of contacts on several channels, without ids and in no order of time, with responses and without.

    Args:
        kinds: What the contacts are. Messages, approaches and offers go out, all others come in.
        min_size: The fewest contacts.
        max_size: The most.
        customer_ids: With whom; None is somebody unknown.
        start: No contact is earlier.
        end: Each contact is earlier, and what became of it happens up to 10 days later.

    Returns:
        A strategy of lists.

    Raises:
        InvalidValueError: `start` does not lie before `end`.

    .. versionadded:: 0.1
    """
    one = _one_contact(kinds, customer_ids, _instants(start, end))
    return st.lists(one, min_size=min_size, max_size=max_size)


def periods(
    *, zones: Sequence[str] = _ZONES, start: datetime = _START, end: datetime = _END
) -> st.SearchStrategy[Period]:
    """Days, weeks, months, quarters, years and free spans, around an instant.

    Args:
        zones: Names of time zones.
        start: The instant around which a period lies is not earlier.
        end: And it is earlier than this.

    Returns:
        A strategy of periods.

    Raises:
        InvalidValueError: `start` does not lie before `end`.

    .. versionadded:: 0.1
    """
    moments = _instants(start, end)
    units = st.sampled_from(("month", "week", "day", "quarter", "year"))
    spans = st.sampled_from((timedelta(days=30), timedelta(hours=1), _MOMENT, timedelta(days=400)))
    of_calendar = st.builds(
        lambda at, unit, zone: Period.last(1, unit, as_of=at, tz=zone), moments, units, st.sampled_from(zones)
    )
    free = st.builds(lambda at, span: Period.between(at, at + span, tz="UTC"), moments, spans)
    return of_calendar | free


@st.composite
def shops(  # noqa: D417 - `draw` is Hypothesis' own and no argument of a caller
    draw: st.DrawFn,
    *,
    max_orders: int = 12,
    max_responses: int = 6,
    max_subscriptions: int = 4,
    max_checkouts: int = 4,
    max_interactions: int = 4,
    customer_ids: Sequence[Hashable] = _CUSTOMERS,
    currencies: Sequence[str] = (_CURRENCY,),
) -> Shop:
    """Whole shops: records of all kinds, and what is said of how they are read.

    Args:
        max_orders: The most orders.
        max_responses: The most survey responses.
        max_subscriptions: The most spans of subscriptions.
        max_checkouts: The most checkouts.
        max_interactions: The most contacts.
        customer_ids: Ids of the customers that there may be; guests come on top.
        currencies: Currencies of the orders, subscriptions and checkouts.

    Returns:
        A strategy of shops.

    .. versionadded:: 0.1
    """
    anyone = (*customer_ids, None)
    observed_from = draw(st.none() | _instants(_START, datetime(2025, 1, 1, tzinfo=UTC)))
    return Shop(
        orders=draw(orders(max_size=max_orders, customer_ids=anyone, currencies=currencies)),
        customers=draw(customers(customer_ids=customer_ids)),
        responses=draw(responses(max_size=max_responses, customer_ids=anyone)),
        subscriptions=draw(
            subscriptions(max_size=max_subscriptions, customer_ids=customer_ids, currencies=currencies)
        ),
        checkouts=draw(checkouts(max_size=max_checkouts, customer_ids=anyone, currencies=currencies)),
        interactions=draw(interactions(max_size=max_interactions, customer_ids=anyone)),
        as_of=draw(st.none() | _instants(datetime(2025, 1, 1, tzinfo=UTC), _END)),
        observed_from=observed_from,
        policy=draw(st.sampled_from(_POLICIES)),
    )


_POLICIES = (
    OrderPolicy(),
    OrderPolicy(minimum_net=None),
    OrderPolicy(refunds_dated="refund"),
    OrderPolicy(refunds_within=timedelta(days=14)),
    OrderPolicy(same_day="merge", tz="Europe/Berlin"),
)

_FATES = (
    *("paid", "paid", "with lines", "refund", "part", "two parts"),
    *("cancelled", "pending", "failed", "test", "exchange", "gift card"),
)
_LINES = (("tea",), ("tea", "cups"), ())

_QUESTIONS: dict[str, list[dict[str, Any]]] = {
    "nps": [{"kind": "nps", "score": score} for score in range(11)],
    "csat": [{"kind": "csat", "score": score, "scale": (1, 5)} for score in range(1, 6)],
    "ces": [{"kind": "ces", "score": score, "scale": (1, 7), "direction": "higher"} for score in range(1, 8)],
    "reason": [{"kind": "reason", "answer": answer} for answer in ("price", "quality")],
}
_WHERE: tuple[dict[str, Any], ...] = (
    {},
    {"touchpoint": "delivery"},
    {"touchpoint": "support", "channel": "app"},
    {"channel": "e-mail"},
)


_SPANS = (
    *("running", "running", "ended", "not paid", "ended", "trial", "ended in the trial"),
    *("paused", "still paused", "paused twice", "ended while paused"),
    *("another plan", "back at once", "back later"),
)
_PLANS: tuple[dict[str, Any], ...] = (
    {},
    {"interval": "year"},
    {"interval": "week"},
    {"interval_count": 3},
    {"interval": "day", "interval_count": 10},
    {"plan": "gold"},
)

_FROM_THE_SHOP = ("message", "approach", "offer")
_CHANNELS = ("e-mail", "sms", "chat")
_OUTBOUND: tuple[tuple[str, ...], ...] = (
    *((), ("opened_at",), ("opened_at", "clicked_at"), ("replied_at",)),
    *(("opened_at", "clicked_at", "ordered_at"), ("ordered_at", "order_id")),
)
_INBOUND: tuple[tuple[str, ...], ...] = (
    *((), ("answered_at",), ("answered_at", "solved_at", "agent"), ("solved_at",)),
    *(("solved_at", "self_service"), ("sentiment",), ("answered_at", "sentiment")),
)
_SENTIMENTS = tuple(map(Decimal, ("0", "1", "-1", "0.5", "-0.50")))


# Hypothesis takes an element out of a list where that means to forget five choices in a row: whether there is one
# more, and what it is. So each record takes four choices, whatever becomes of it: that is one choice, out of many.


def _one_of_each(*sizes: int) -> st.SearchStrategy[tuple[int, ...]]:
    """In one choice: a number below each of the sizes; all are 0 in the simplest case."""

    def parts(number: int) -> tuple[int, ...]:
        found: list[int] = []
        for size in sizes:
            number, part = divmod(number, size)
            found.append(part)
        return tuple(found)

    return st.integers(0, prod(sizes) - 1).map(parts)


def _instants(start: datetime, end: datetime) -> st.SearchStrategy[datetime]:
    """In one choice: a whole day after `start`, an edge of the calendar or its neighbour, or any instant."""
    if not start < end:
        msg = f"start must lie before end (got {shown(start)} and {shown(end)}); swap them"
        raise InvalidValueError(msg)
    last = end - _MOMENT
    near = (edge + step for edge in (*_AT_EDGES, start, last) for step in (timedelta(), _MOMENT, -_MOMENT))
    edges = [moment for moment in near if start <= moment < end]
    days, moments = (last - start).days + 1, (last - start) // _MOMENT + 1

    def instant(number: int) -> datetime:
        number, kind = divmod(number, 3)
        if kind == 0:
            return start + timedelta(days=number % days)
        return edges[number % len(edges)] if kind == 1 else start + number % moments * _MOMENT

    return st.integers(0, 3 * moments).map(instant)


def _amounts() -> st.SearchStrategy[Decimal]:
    """In one choice: an amount that means trouble, or some cents."""

    def amount(number: int) -> Decimal:
        number, kind = divmod(number, 2)
        return Decimal(f"{number}e-2") if kind else _AMOUNTS[number % len(_AMOUNTS)]

    return st.integers(0, 200_000).map(amount)


@st.composite
def _one_order(
    draw: st.DrawFn,
    customer_ids: Sequence[Hashable | None],
    placed: st.SearchStrategy[datetime],
    currencies: Sequence[str],
) -> dict[str, Any]:
    """The fields of an order, but for its id."""
    fields: dict[str, Any] = {
        "customer_id": draw(st.sampled_from(customer_ids)),
        "placed_at": draw(placed),
        "amount": draw(_amounts()),
        "currency": draw(st.sampled_from(currencies)) if len(currencies) > 1 else currencies[0],
    }
    fate, lines, days, share = draw(_one_of_each(len(_FATES), len(_LINES), 61, 99))
    if _FATES[fate] != "paid":
        fields["items"] = [LineItem(product=f"{line} 1", category=line) for line in _LINES[lines]]
        later = fields["placed_at"] + timedelta(days=days)
        fields |= _what_happened(_FATES[fate], later, fields["amount"], share + 1)
    return fields


def _what_happened(fate: str, later: datetime, amount: Decimal, share: int) -> dict[str, Any]:
    part, rest = _parts(amount, share)
    happened: dict[str, dict[str, Any]] = {
        "refund": {"refunds": (Refund(refunded_at=later, amount=amount),)},
        "part": {"refunds": (Refund(refunded_at=later, amount=part),)},
        "two parts": {
            "refunds": (
                Refund(refunded_at=later, amount=part),
                Refund(refunded_at=later + timedelta(days=1), amount=rest),
            )
        },
        "cancelled": {"cancelled_at": later, "cancel_reason": "customer"},
        "pending": {"payment_state": "pending"},
        "failed": {"payment_state": "failed"},
        "test": {"is_test": True},
        "exchange": {"tags": frozenset({"exchange"})},
        "gift card": {"tags": frozenset({"gift-card"})},
    }
    return happened.get(fate, {})


def _parts(amount: Decimal, share: int) -> tuple[Decimal, Decimal]:
    """Some hundredths of an amount, and half of the rest, rounded down to a cent; exact in any decimal context."""
    up, over = amount.as_integer_ratio()
    part = up * share // over
    rest = (up * 100 // over - part) // 2
    return Decimal(f"{part}e-2"), Decimal(f"{rest}e-2")


@st.composite
def _one_or_two_spans(
    draw: st.DrawFn,
    customer_ids: Sequence[Hashable],
    started: st.SearchStrategy[datetime],
    currencies: Sequence[str],
) -> list[dict[str, Any]]:
    """The fields of a span, but for its id, and of the one that follows on it, if one does."""
    span: dict[str, Any] = {
        "customer_id": draw(st.sampled_from(customer_ids)),
        "started_at": draw(started),
        "amount": draw(_amounts()),
        "currency": draw(st.sampled_from(currencies)) if len(currencies) > 1 else currencies[0],
        "interval": "month",
    }
    number, plan, days, amount = draw(_one_of_each(len(_SPANS), len(_PLANS), 101, len(_AMOUNTS)))
    fate = _SPANS[number]
    if fate == "running":
        return [span]
    first = span | _what_became_of(fate, span["started_at"], timedelta(days=days))
    if fate not in {"another plan", "back at once", "back later"}:
        return [first | _PLANS[plan]]
    gap = timedelta(days=10) if fate == "back later" else timedelta()
    again = span | {"started_at": first["ended_at"] + gap} | _PLANS[plan]
    return [first, again | {"amount": _AMOUNTS[amount]} if fate == "another plan" else again]


def _what_became_of(fate: str, start: datetime, quarter: timedelta) -> dict[str, Any]:
    """Within four quarters from the start, each of the same length, which may be nothing."""
    half, end = start + 2 * quarter, start + 4 * quarter
    last = Pause(started_at=half, ended_at=end)
    became: dict[str, dict[str, Any]] = {
        "ended": {"ended_at": end, "end_reason": "customer"},
        "not paid": {"ended_at": end, "end_reason": "payment"},
        "trial": {"trial_ends_at": half},
        "ended in the trial": {"trial_ends_at": end, "ended_at": half},
        "paused": {"pauses": (last,)},
        "still paused": {"pauses": (Pause(started_at=half),)},
        "paused twice": {"pauses": (Pause(started_at=start, ended_at=start + quarter), last)},
        "ended while paused": {"pauses": (Pause(started_at=half),), "ended_at": end, "end_reason": "other"},
        "another plan": {"ended_at": end, "end_reason": "plan_change"},
        "back at once": {"ended_at": end, "end_reason": "customer"},
        "back later": {"ended_at": end, "end_reason": "technical"},
    }
    return became[fate]


@st.composite
def _one_checkout(
    draw: st.DrawFn,
    customer_ids: Sequence[Hashable | None],
    begun: st.SearchStrategy[datetime],
    currencies: Sequence[str],
) -> dict[str, Any]:
    """The fields of a checkout, but for its id."""
    fields: dict[str, Any] = {
        "customer_id": draw(st.sampled_from(customer_ids)),
        "begun_at": draw(begun),
        "amount": draw(_amounts()),
        "currency": draw(st.sampled_from(currencies)) if len(currencies) > 1 else currencies[0],
    }
    number, hours, minutes, order_id = draw(_one_of_each(4, 240, 60, 12))
    fate = ("left", "ordered", "known order", "no amount")[number]
    if fate == "no amount":
        return fields | {"amount": None, "currency": None}
    if fate != "left":
        fields["ordered_at"] = fields["begun_at"] + timedelta(hours=hours, minutes=minutes)
    if fate == "known order":
        fields["order_id"] = order_id + 1
    return fields


@st.composite
def _one_contact(
    draw: st.DrawFn,
    kinds: Sequence[str],
    customer_ids: Sequence[Hashable | None],
    occurred: st.SearchStrategy[datetime],
) -> Interaction:
    kind, channel = draw(st.sampled_from([(kind, channel) for kind in kinds for channel in _CHANNELS]))
    fields: dict[str, Any] = {
        "kind": kind,
        "channel": channel,
        "direction": "outbound" if kind in _FROM_THE_SHOP else "inbound",
        "customer_id": draw(st.sampled_from(customer_ids)),
        "occurred_at": draw(occurred),
    }
    fates = _OUTBOUND if fields["direction"] == "outbound" else _INBOUND
    fate, steps, order_id, sentiment = draw(_one_of_each(len(fates), 961, 12, len(_SENTIMENTS)))
    for number, name in enumerate(fates[fate], start=1):
        if name.endswith("_at"):
            fields[name] = fields["occurred_at"] + number * steps * timedelta(minutes=5)
        elif name == "order_id":
            fields[name] = order_id + 1
        elif name == "sentiment":
            fields[name] = _SENTIMENTS[sentiment]
        else:
            fields["solved_by"] = name
    return Interaction(**fields)
