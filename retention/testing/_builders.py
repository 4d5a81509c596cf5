"""Records for examples and tests, written as short as one thinks of them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal, TypeAlias, TypedDict, cast

from attrs import evolve, fields as fields_of

from retention._mapping import FrozenMapping
from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.records import (
    BillingInterval,
    CancelReason,
    Checkout,
    Customer,
    EndReason,
    Interaction,
    LineItem,
    Order,
    Pause,
    PaymentState,
    Refund,
    SolvedBy,
    Subscription,
    SurveyResponse,
    Way,
)

__all__ = [
    "make_checkout",
    "make_customer",
    "make_interaction",
    "make_order",
    "make_orders",
    "make_response",
    "make_subscription",
]

Money: TypeAlias = str | int | Decimal
Instant: TypeAlias = str | datetime
"""An ISO date, for noon UTC, or an ISO date and time; without an offset in UTC."""
Purchase: TypeAlias = str | tuple[str, Money]
"""An ISO date, for an order of 10.00 at noon UTC, or a pair of it with another amount."""

_NAMED = {"id", "customer_id", "placed_at", "amount", "currency"}
_NO_ATTRIBUTES: Mapping[str, Any] = FrozenMapping()


def make_order(
    *,
    customer_id: Hashable | None = "ann",
    placed_at: Instant = "2026-03-05",
    amount: Money = "10.00",
    currency: str = "EUR",
    id: Hashable | None = None,  # noqa: A002 - the field's own name
    refunds: Iterable[Refund | tuple[Instant, Money]] = (),
    payment_state: PaymentState = "unknown",
    cancelled_at: Instant | None = None,
    cancel_reason: CancelReason | None = None,
    discount: Money | None = None,
    cost: Money | None = None,
    channel: str | None = None,
    items: Iterable[LineItem] = (),
    tags: Iterable[str] = (),
    is_test: bool = False,
) -> Order:
    """One order, of which only what matters to the test need be said.

    Instants are ISO dates ("2026-03-05": noon UTC), ISO dates with a time, or aware datetimes.

    Args:
        customer_id: Who ordered; None for a guest.
        placed_at: Instant of the order.
        amount: What was charged.
        currency: Three capital letters.
        id: The order's id. Unless given it is made of the order's own content, so that different orders stand in one
            history, and the same order written twice is a duplicate.
        refunds: Refunds, or pairs of instant and amount.
        payment_state: As of `Order`, like all that follows.
        cancelled_at: When it was cancelled.
        cancel_reason: Why.
        discount: How much `amount` has been lowered.
        cost: What the goods cost the shop.
        channel: Where it was sold.
        items: The lines of the order.
        tags: The host's labels.
        is_test: True for the shop's own trial orders.

    Raises:
        InvalidTypeError: A refund is neither a `Refund` nor a pair, or a field has a type that `Order` refuses.
        InvalidValueError: An instant is none, or what is given makes no `Order`.

    .. versionadded:: 0.1

    >>> order = make_order(placed_at="2026-03-05T08:30+01:00", refunds=[("2026-03-07", "4.00")])
    >>> order.id, order.refunds[0].amount
    ('ann 2026-03-05T07:30:00+00:00 10.00 EUR 94310269', Decimal('4.00'))
    >>> make_order().id, make_order(customer_id=None, amount=25).id
    ('ann 2026-03-05T12:00:00+00:00 10.00 EUR', 'guest 2026-03-05T12:00:00+00:00 25 EUR')
    """
    fields: dict[str, Any] = {
        "customer_id": customer_id,
        "placed_at": _instant(placed_at, "make_order: placed_at"),
        "amount": amount,
        "currency": currency,
        "refunds": [_refund(refund) for refund in refunds],
        "payment_state": payment_state,
        "cancelled_at": _instant_or_none(cancelled_at, "make_order: cancelled_at"),
        "cancel_reason": cancel_reason,
        "discount": discount,
        "cost": cost,
        "channel": channel,
        "items": items,
        "tags": tags,
        "is_test": is_test,
    }
    if id is not None:
        return Order(id=id, **fields)
    order = Order(id=0, **fields)
    return evolve(order, id=_id_of(order))


def _refund(given: Refund | tuple[Instant, Money]) -> Refund:
    if isinstance(given, Refund):
        return given
    if not isinstance(given, tuple) or len(given) != 2:
        msg = (
            f"make_order: a refund must be a Refund or a pair of instant and amount (got {shown(given)}); "
            f'write ("2026-03-07", "4.00")'
        )
        raise InvalidTypeError(msg)
    at, amount = given
    return Refund(refunded_at=_instant(at, "make_order: a refund"), amount=cast("Decimal", amount))


def _id_of(order: Order) -> str:
    """Who, when and how much, and eight digits that stand for all the rest, where there is any."""
    text = f"{_who(order.customer_id)} {order.placed_at.isoformat()} {order.amount} {order.currency}"
    return text + _digits_of_the_rest(order, _NAMED)


def _digits_of_the_rest(record: Order | Subscription | Checkout, named: Collection[str]) -> str:
    rest = [
        (one.name, sorted(value) if one.name == "tags" else value)
        for one in fields_of(type(record))
        if one.name not in named and (value := getattr(record, one.name)) != one.default
    ]
    return f" {sha256(repr(rest).encode()).hexdigest()[:8]}" if rest else ""


def _who(customer_id: Hashable | None) -> str:
    if customer_id is None:
        return "guest"
    return customer_id if isinstance(customer_id, str) else repr(customer_id)


def make_customer(
    *,
    id: Hashable = "ann",  # noqa: A002 - the field's own name
    signed_up_at: Instant | None = None,
    country: str | None = None,
    acquisition_channel: str | None = None,
    referred_by: Hashable | None = None,
    loyalty_joined_at: Instant | None = None,
    attributes: Mapping[str, Any] = _NO_ATTRIBUTES,
    tags: Iterable[str] = (),
) -> Customer:
    """One customer, of whom only what matters to the test need be said.

    Instants are ISO dates ("2026-03-05": noon UTC), ISO dates with a time, or aware datetimes.

    Args:
        id: The customer's id.
        signed_up_at: As of `Customer`, like all that follows.
        country: Where the customer is.
        acquisition_channel: How the customer came.
        referred_by: Id of the customer who referred this one.
        loyalty_joined_at: When the customer joined the loyalty programme.
        attributes: The host's own facts.
        tags: The host's labels.

    Raises:
        InvalidTypeError: A field has a type that `Customer` refuses.
        InvalidValueError: An instant is none, or what is given makes no `Customer`.

    .. versionadded:: 0.1

    >>> make_customer(id="ben", signed_up_at="2026-02-10").signed_up_at
    datetime.datetime(2026, 2, 10, 12, 0, tzinfo=datetime.timezone.utc)
    """
    return Customer(
        id=id,
        signed_up_at=_instant_or_none(signed_up_at, "make_customer: signed_up_at"),
        country=country,
        acquisition_channel=acquisition_channel,
        referred_by=referred_by,
        loyalty_joined_at=_instant_or_none(loyalty_joined_at, "make_customer: loyalty_joined_at"),
        attributes=attributes,
        tags=cast("frozenset[str]", tags),
    )


class _Asked(TypedDict, total=False):
    score: int
    scale: tuple[int, int]
    direction: Literal["higher", "lower"]


_USUAL_ANSWERS: Mapping[str, _Asked] = {
    "nps": {"score": 9},
    "csat": {"score": 4, "scale": (1, 5)},
    "ces": {"score": 6, "scale": (1, 7), "direction": "higher"},
}


def make_response(
    *,
    kind: str = "nps",
    score: float | Decimal | None = None,
    answer: str | None = None,
    scale: tuple[int, int] | tuple[Decimal, Decimal] | None = None,
    direction: Literal["higher", "lower"] | None = None,
    responded_at: Instant = "2026-03-05",
    id: Hashable | None = None,  # noqa: A002 - the field's own name
    customer_id: Hashable | None = None,
    touchpoint: str | None = None,
    channel: str | None = None,
    comment: str | None = None,
) -> SurveyResponse:
    """One answer to a survey, of which only what matters to the test need be said.

    Instants are ISO dates ("2026-03-05": noon UTC), ISO dates with a time, or aware datetimes.

    Args:
        kind: Which question.
        score: The number chosen. Unless given 9 for "nps", 4 for "csat", 6 for "ces".
        answer: The choice in words, for a kind of your own.
        scale: Lowest and highest score. Unless given (1, 5) for "csat" and (1, 7) for "ces".
        direction: Which end is the good one. Unless given "higher" for "ces".
        responded_at: Instant of the answer.
        id: The host's id of the answer. Answers without an id are all different ones.
        customer_id: Who answered. Unless given nobody knows, so that each answer counts as another person's.
        touchpoint: As of `SurveyResponse`, like all that follows.
        channel: How it was asked.
        comment: What the customer wrote beside it.

    Raises:
        InvalidTypeError: A field has a type that `SurveyResponse` refuses.
        InvalidValueError: An instant is none, or what is given makes no `SurveyResponse`.

    .. versionadded:: 0.1

    >>> make_response().score, make_response(kind="csat", score=2).scale
    (9, (1, 5))
    """
    usual = _USUAL_ANSWERS.get(kind, {}) if isinstance(kind, str) else {}
    return SurveyResponse(
        kind=kind,
        score=usual.get("score") if score is None and answer is None else score,
        answer=answer,
        scale=usual.get("scale") if scale is None and answer is None else scale,
        direction=usual.get("direction") if direction is None and answer is None else direction,
        responded_at=_instant(responded_at, "make_response: responded_at"),
        id=id,
        customer_id=customer_id,
        touchpoint=touchpoint,
        channel=channel,
        comment=comment,
    )


def make_subscription(
    *,
    customer_id: Hashable = "ann",
    started_at: Instant = "2026-03-05",
    ended_at: Instant | None = None,
    amount: Money = "10.00",
    currency: str = "EUR",
    interval: BillingInterval = "month",
    interval_count: int = 1,
    id: Hashable | None = None,  # noqa: A002 - the field's own name
    end_reason: EndReason | None = None,
    trial_ends_at: Instant | None = None,
    pauses: Iterable[Pause | tuple[Instant, Instant | None]] = (),
    plan: str | None = None,
) -> Subscription:
    """One span of a subscription, of which only what matters to the test need be said.

    Instants are ISO dates ("2026-03-05": noon UTC), ISO dates with a time, or aware datetimes.

    Args:
        customer_id: Who pays.
        started_at: First instant in force.
        ended_at: Instant from which on it is no longer in force; None while it lasts.
        amount: What is charged per billing interval.
        currency: Three capital letters.
        interval: The unit in which it is billed.
        interval_count: How many such units one charge is for.
        id: The span's id. Unless given it is made of the span's own content, as that of an order.
        end_reason: As of `Subscription`, like all that follows.
        trial_ends_at: When a free trial ends.
        pauses: Pauses, or pairs of first instant and end; the end is None while the pause lasts.
        plan: The host's name of the plan.

    Raises:
        InvalidTypeError: A pause is neither a `Pause` nor a pair, or a field has a type that `Subscription` refuses.
        InvalidValueError: An instant is none, or what is given makes no `Subscription`.

    .. versionadded:: 0.1

    >>> yearly = make_subscription(amount="120.00", interval="year", pauses=[("2026-06-01", "2026-07-01")])
    >>> yearly.id, yearly.monthly_amount
    ('ann 2026-03-05T12:00:00+00:00 120.00 EUR 12634c9d', Fraction(10, 1))
    """
    fields: dict[str, Any] = {
        "customer_id": customer_id,
        "amount": amount,
        "currency": currency,
        "interval": interval,
        "interval_count": interval_count,
        "started_at": _instant(started_at, "make_subscription: started_at"),
        "ended_at": _instant_or_none(ended_at, "make_subscription: ended_at"),
        "end_reason": end_reason,
        "trial_ends_at": _instant_or_none(trial_ends_at, "make_subscription: trial_ends_at"),
        "pauses": [_pause(pause) for pause in pauses],
        "plan": plan,
    }
    if id is not None:
        return Subscription(id=id, **fields)
    made = Subscription(id=0, **fields)
    text = f"{_who(made.customer_id)} {made.started_at.isoformat()} {made.amount} {made.currency}"
    usual = ("interval",) if interval == "month" else ()
    named = ("id", "customer_id", "started_at", "amount", "currency", *usual)
    return evolve(made, id=text + _digits_of_the_rest(made, named))


def _pause(given: Pause | tuple[Instant, Instant | None]) -> Pause:
    if isinstance(given, Pause):
        return given
    if not isinstance(given, tuple) or len(given) != 2:
        msg = (
            f"make_subscription: a pause must be a Pause or a pair of first instant and end (got {shown(given)}); "
            f'write ("2026-03-07", "2026-03-21"), or ("2026-03-07", None) while it lasts'
        )
        raise InvalidTypeError(msg)
    start, end = given
    return Pause(
        started_at=_instant(start, "make_subscription: a pause"),
        ended_at=_instant_or_none(end, "make_subscription: a pause"),
    )


def make_checkout(
    *,
    customer_id: Hashable | None = "ann",
    begun_at: Instant = "2026-03-05",
    ordered_at: Instant | None = None,
    amount: Money | None = "10.00",
    currency: str = "EUR",
    id: Hashable | None = None,  # noqa: A002 - the field's own name
    order_id: Hashable | None = None,
    channel: str | None = None,
) -> Checkout:
    """One basket that was begun, of which only what matters to the test need be said.

    Instants are ISO dates ("2026-03-05": noon UTC), ISO dates with a time, or aware datetimes.

    Args:
        customer_id: Whose basket it is; None if that is not known.
        begun_at: Instant at which it was begun.
        ordered_at: Instant at which it became an order; None if it did not.
        amount: What the goods in it cost; None if that is not known.
        currency: Three capital letters; of no effect without an amount.
        id: The checkout's id. Unless given it is made of the checkout's own content, as that of an order.
        order_id: As of `Checkout`, like what follows.
        channel: Where it was begun.

    Raises:
        InvalidTypeError: A field has a type that `Checkout` refuses.
        InvalidValueError: An instant is none, or what is given makes no `Checkout`.

    .. versionadded:: 0.1

    >>> make_checkout(ordered_at="2026-03-05T12:20").ordered_at
    datetime.datetime(2026, 3, 5, 12, 20, tzinfo=datetime.timezone.utc)
    """
    fields: dict[str, Any] = {
        "customer_id": customer_id,
        "begun_at": _instant(begun_at, "make_checkout: begun_at"),
        "amount": amount,
        "currency": None if amount is None else currency,
        "ordered_at": _instant_or_none(ordered_at, "make_checkout: ordered_at"),
        "order_id": order_id,
        "channel": channel,
    }
    if id is not None:
        return Checkout(id=id, **fields)
    made = Checkout(id=0, **fields)
    text = f"{_who(made.customer_id)} {made.begun_at.isoformat()}"
    return evolve(made, id=text + _digits_of_the_rest(made, ("id", "customer_id", "begun_at")))


_FROM_THE_SHOP = ("message", "approach", "offer")


def make_interaction(
    *,
    kind: str = "message",
    direction: Way | None = None,
    channel: str = "e-mail",
    occurred_at: Instant = "2026-03-05",
    opened_at: Instant | None = None,
    clicked_at: Instant | None = None,
    replied_at: Instant | None = None,
    answered_at: Instant | None = None,
    solved_at: Instant | None = None,
    solved_by: SolvedBy | None = None,
    sentiment: float | str | Decimal | None = None,
    ordered_at: Instant | None = None,
    order_id: Hashable | None = None,
    id: Hashable | None = None,  # noqa: A002 - the field's own name
    customer_id: Hashable | None = None,
) -> Interaction:
    """One contact, of which only what matters to the test need be said.

    Instants are ISO dates ("2026-03-05": noon UTC), ISO dates with a time, or aware datetimes.

    Args:
        kind: What it is.
        direction: Who began it. Unless given ``"outbound"`` for messages, approaches and offers, else ``"inbound"``.
        channel: Where.
        occurred_at: Instant at which it was sent or came in.
        opened_at: As of `Interaction`, like all that follows up to `order_id`.
        clicked_at: When something in it was first clicked.
        replied_at: When the customer first replied.
        answered_at: When the shop first answered.
        solved_at: When it was solved.
        solved_by: Who solved it.
        sentiment: How it sounds, from -1 to 1.
        ordered_at: When it led to an order.
        order_id: The id of that order.
        id: The host's id of the contact. Contacts without an id are all different ones.
        customer_id: With whom. Unless given nobody knows, so that each contact counts as another person's.

    Raises:
        InvalidTypeError: A field has a type that `Interaction` refuses.
        InvalidValueError: An instant is none, or what is given makes no `Interaction`.

    .. versionadded:: 0.1

    >>> make_interaction().direction, make_interaction(kind="case", solved_at="2026-03-06").direction
    ('outbound', 'inbound')
    """
    return Interaction(
        id=id,
        customer_id=customer_id,
        kind=kind,
        direction=direction or ("outbound" if kind in _FROM_THE_SHOP else "inbound"),
        channel=channel,
        occurred_at=_instant(occurred_at, "make_interaction: occurred_at"),
        opened_at=_instant_or_none(opened_at, "make_interaction: opened_at"),
        clicked_at=_instant_or_none(clicked_at, "make_interaction: clicked_at"),
        replied_at=_instant_or_none(replied_at, "make_interaction: replied_at"),
        answered_at=_instant_or_none(answered_at, "make_interaction: answered_at"),
        solved_at=_instant_or_none(solved_at, "make_interaction: solved_at"),
        solved_by=solved_by,
        sentiment=sentiment,
        ordered_at=_instant_or_none(ordered_at, "make_interaction: ordered_at"),
        order_id=order_id,
    )


def make_orders(
    purchases: Mapping[Hashable | None, Iterable[Purchase]], /, *, currency: str = "EUR", first_id: int = 1
) -> list[Order]:
    """Orders from each customer's dates; the customer None is a guest.

    Args:
        purchases: For each customer ISO dates ("2026-03-05": noon UTC) or instants
            ("2026-03-05T08:30+01:00"; without an offset in UTC), each alone (an amount of 10.00) or paired with an amount.
        currency: The currency of all of them.
        first_id: The id of the first; the others count on from there.

    Returns:
        Orders with the ids `first_id`, `first_id` + 1, … in the order in which they stand.

    Raises:
        InvalidTypeError: `purchases` is no mapping of customers to lists of purchases, or `first_id` no whole number.
        InvalidValueError: A date is none, or what is given makes no `Order`.

    .. versionadded:: 0.1

    >>> orders = make_orders({"ann": ["2026-02-10", ("2026-03-05", "25.00")], None: ["2026-03-06"]})
    >>> [(order.id, order.customer_id, str(order.amount)) for order in orders]
    [(1, 'ann', '10.00'), (2, 'ann', '25.00'), (3, None, '10.00')]
    """
    if not isinstance(purchases, Mapping):
        msg = (
            f"make_orders takes a mapping of customers to purchases (got {shown(purchases)}); "
            f'write {{"ann": ["2026-03-05"]}}'
        )
        raise InvalidTypeError(msg)
    if isinstance(first_id, bool) or not isinstance(first_id, int):
        msg = f"make_orders takes a whole number as first_id=, not {type(first_id).__name__} (got {shown(first_id)})"
        raise InvalidTypeError(msg)
    found = [
        (customer, *_day_and_amount(entry, customer))
        for customer, entries in purchases.items()
        for entry in _entries(entries, customer)
    ]
    return [
        Order(
            id=number,
            customer_id=customer,
            placed_at=_instant(day, f"make_orders: a purchase of {shown(customer)}"),
            amount=amount,
            currency=currency,
        )
        for number, (customer, day, amount) in enumerate(found, start=first_id)
    ]


def _entries(entries: object, customer: Hashable) -> Iterable[Any]:
    if isinstance(entries, (str, bytes, Mapping)) or not isinstance(entries, Iterable):
        msg = (
            f"make_orders: the purchases of {shown(customer)} must be a list (got {shown(entries)}); "
            f'write ["2026-03-05"]'
        )
        raise InvalidTypeError(msg)
    return entries


def _day_and_amount(entry: object, customer: Hashable) -> tuple[str, Any]:
    day, amount = entry if isinstance(entry, tuple) and len(entry) == 2 else (entry, "10.00")
    if not isinstance(day, str):
        msg = (
            f"make_orders: a purchase of {shown(customer)} must be a date or a pair of date and amount "
            f'(got {shown(entry)}); write "2026-03-05" or ("2026-03-05", "25.00")'
        )
        raise InvalidTypeError(msg)
    return day, amount


def _instant_or_none(given: object, what: str) -> datetime | None:
    return None if given is None else _instant(given, what)


def _instant(given: object, what: str) -> datetime:
    """The instant that a text means; anything else as it is, for the record to refuse."""
    if not isinstance(given, str):
        return cast("datetime", given)
    try:
        return datetime.combine(date.fromisoformat(given), time(12), UTC)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        msg = (
            f"{what} must have a date in ISO 8601 (got {shown(given)}); "
            f'write "2026-03-05" or "2026-03-05T08:30+01:00"'
        )
        raise InvalidValueError(msg) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
