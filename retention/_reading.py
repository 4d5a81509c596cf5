"""From orders to columns: which orders are sales, what is left of each, and why the others don't count.

The orders are read once, in any order. Money becomes whole units of the last decimal that the data
use (cents, mostly), instants become whole microseconds, so that all later arithmetic is exact and cheap.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import repeat
from operator import attrgetter, floordiv, is_, sub
from typing import cast

from attrs import define, field, fields, fields_dict, frozen

from retention import _validate as check
from retention._calendar import microseconds, reach
from retention._ledger import NOBODY
from retention.errors import (
    ConflictingArgumentError,
    DuplicateOrderError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    RetentionError,
    did_you_mean,
    shown,
)
from retention.records import (
    CancelReason,
    Checkout,
    Convert,
    Customer,
    Interaction,
    Order,
    OrderPolicy,
    PaymentState,
    Subscription,
    SurveyResponse,
)

__all__ = [
    "CENT",
    "DUPLICATE",
    "GUEST",
    "KEEP_LAST",
    "MERGED",
    "NOT_PLACED",
    "NO_NET",
    "REASONS",
    "Reading",
    "Sales",
    "converted",
    "decimals",
    "differing",
    "distinct",
    "mixed",
    "read_sales",
    "refuse_strangers",
    "refuse_unknown",
    "seat_of",
]

AFTER_AS_OF = "after as_of"
OTHER_CURRENCY = "other currency"
DUPLICATE = "duplicate"
TEST = "test"
UNPAID = "unpaid"
CANCELLED = "cancelled"
EXCHANGE = "exchange"
GIFT_CARD = "gift card"
MERGED = "merged into another of the day"
NO_NET = "no net amount"
GUEST = "guest"

REASONS = (
    DUPLICATE,
    AFTER_AS_OF,
    OTHER_CURRENCY,
    TEST,
    UNPAID,
    CANCELLED,
    EXCHANGE,
    GIFT_CARD,
    MERGED,
    NO_NET,
    GUEST,
)
"""Why an order is left out; an order with several reasons counts under the first of them."""

NOT_PLACED = frozenset({DUPLICATE, AFTER_AS_OF, OTHER_CURRENCY, TEST})
"""Reasons that make an order none of those that were placed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNPAID_STATES: frozenset[PaymentState] = frozenset({"pending", "failed"})


# ----------------------------------------------------------------------------------------- keywords


def _as_keyword(checked: check.Validator) -> check.Validator:
    """The same check, with a message that names the keyword: that is what the user wrote, wherever it was."""

    def check_keyword(record: object, field: check.Field, value: object) -> None:
        try:
            checked(record, field, value)
        except RetentionError as error:
            owner = type(record).__name__
            message = str(error)
            for written in (f"{owner}: {field.name}", f"{owner}.{field.name}"):
                message = message.replace(written, f"{field.name}=", 1)
            raise type(error)(message) from None

    return check_keyword


def _to_policy(policy: OrderPolicy | None) -> OrderPolicy:
    return OrderPolicy() if policy is None else policy


def _policy(record: object, field: check.Field, value: object) -> None:
    del record
    if not isinstance(value, OrderPolicy):
        msg = f"{field.name}= must be an OrderPolicy, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)


def _conversion(record: object, field: check.Field, value: object) -> None:
    del record
    if not callable(value):
        msg = f"{field.name}= must be callable as convert(amount, currency, placed_at) (got {shown(value)})"
        raise InvalidTypeError(msg)


@frozen(kw_only=True)
class Reading:
    """How orders are to be read: the policy, the horizon, one currency, one id for each person."""

    policy: OrderPolicy = field(factory=OrderPolicy, converter=_to_policy, validator=_policy)
    as_of: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(_as_keyword(check.moment))
    )
    observed_from: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(_as_keyword(check.moment))
    )
    currency: str | None = field(default=None, validator=check.optional(_as_keyword(check.currency)))
    # What a host gives may have no hash.
    convert: Convert | None = field(default=None, validator=check.optional(_conversion), hash=False)
    aliases: Mapping[Hashable, Hashable] = field(
        factory=check.Aliases, converter=check.to_aliases, hash=False
    )

    def __attrs_post_init__(self) -> None:
        if self.convert is not None and self.currency is None:
            msg = "convert= needs currency=, the currency that it converts into"
            raise ConflictingArgumentError(msg)
        if self.as_of is not None and self.observed_from is not None and self.as_of < self.observed_from:
            msg = (
                f"as_of= must not be before observed_from=, {self.observed_from.isoformat()} "
                f"(got {self.as_of.isoformat()}); the data are complete from observed_from on, and known until as_of"
            )
            raise ConflictingArgumentError(msg)

    def refuse_otherwise(self, given: Mapping[str, object], *, carrier: str) -> None:
        """Refuse keywords that say something else than this reading; None says nothing.

        Args:
            given: The keywords.
            carrier: What carries this reading, for the message.

        Raises:
            ConflictingArgumentError: When one does.
        """
        for name, value in given.items():
            if value is None:
                continue
            # As it is kept: an instant in the hour that an autumn night has twice equals none of another zone.
            asked, carried = _kept(name, value), getattr(self, name)
            if asked == carried:
                continue
            if carried is None or (name == "aliases" and not carried):
                msg = f"{name}={shown(value)} comes too late: the {carrier} was made without {name}; make it with {name}=…"
            else:
                msg = (
                    f"{name}={shown(value)} contradicts the {carrier}, which has {shown(carried)}; "
                    f"leave the keyword out, or make the {carrier} with it"
                )
            raise ConflictingArgumentError(msg)


_KEYWORDS = fields_dict(Reading)


def _kept(name: str, value: object) -> object:
    """The value of a keyword as a reading keeps it."""
    attribute = _KEYWORDS[name]
    if attribute.converter is not None:
        value = cast("Callable[[object], object]", attribute.converter)(value)
    if attribute.validator is not None:
        attribute.validator(object.__new__(Reading), attribute, value)
    return value


def refuse_unknown(names: Iterable[str]) -> None:
    """Refuse a keyword that says nothing of how orders are read.

    Raises:
        TypeError: When there is one, as for any keyword that a function does not have.
    """
    for name in names:
        if name not in _KEYWORDS:
            msg = (
                f"there is no keyword {name}=; {did_you_mean(name, _KEYWORDS)}"
                f"how orders are read is said by {', '.join(sorted(_KEYWORDS))}"
            )
            raise TypeError(msg)


# ------------------------------------------------------------------------------------------ currencies


def mixed(
    currencies: Iterable[str], what: str, *, read: str = "the orders (or make the History or Shop)"
) -> MixedCurrencyError:
    """The error for several currencies where one amount is due.

    Args:
        currencies: The currencies.
        what: What can't be done with them, for the message; ``{}`` stands for their names.
        read: What to read otherwise, for the message.
    """
    names = sorted(currencies)
    return MixedCurrencyError(
        f"{what.format(', '.join(names))}; "
        f'read {read} with currency="{names[0]}" to count one of them, '
        f"or with convert= and currency= to count all in one"
    )


# ----------------------------------------------------------------------------------------------- sales


@define
class Sales:
    """Columns of the orders, by their position in the input, and what was found out about each."""

    at: array[int]
    """Instant of every order."""
    customer: list[Hashable | None]
    """Who ordered, under one id a person."""
    amount: list[Decimal]
    """The amount, converted where the host asked for it."""
    currencies: set[str]
    """The currencies of the sales."""
    excluded: dict[int, str] = field(factory=dict)
    """Position of an order that is no sale, and why."""
    refunds: dict[int, list[tuple[int, Decimal]]] = field(factory=dict)
    """Position of a sale: its refunds, each as instant and amount."""
    currency: Sequence[str] = ()
    """The currency of every order, where sales are to be joined and may be in several."""
    cancelled: dict[int, tuple[int, CancelReason | None]] = field(factory=dict)
    """Position of an order that was placed and is cancelled: when, and why."""
    cost: list[Decimal | None] = field(factory=list)
    """What the goods of every order cost, converted where the host asked for it; empty where no cost is known."""
    categories: list[frozenset[str]] = field(factory=list)
    """The categories of every order's goods; empty where no order names any."""
    discounted: list[int] = field(factory=list)
    """Whether every order was sold at a discount: 1, 0, or `NOBODY`; empty where no discount is known."""
    channels: list[frozenset[str]] = field(factory=list)
    """The channels on which every order was placed, one unless orders are joined; empty where no order names one."""
    hides_later: bool = False
    """Whether anything dated after `as_of` was passed over: an order, a refund, a cancellation."""

    def unsold(self) -> list[int]:
        """Positions of the orders that were placed, and are no sales."""
        return [place for place, why in self.excluded.items() if why not in NOT_PLACED]


def distinct(orders: Iterable[Order], *, drop_identical: bool) -> tuple[list[Order], list[Order]]:
    """The orders with each id once, and the identical copies that were dropped.

    Raises:
        DuplicateOrderError: When an id stands twice, or twice with different content.
    """
    kept = list(orders)
    refuse_strangers(kept)
    if len(set(map(attrgetter("id"), kept))) == len(kept):
        return kept, []
    return _without_copies(kept, drop_identical=drop_identical)


def refuse_strangers(orders: Sequence[Order]) -> None:
    """Refuse what is no order, by its position.

    Raises:
        InvalidTypeError: When something is no order.
    """
    for kind in set(map(type, orders)):
        if not issubclass(kind, Order):
            position = next(place for place, order in enumerate(orders) if type(order) is kind)
            fix = seat_of(kind) or "turn rows into orders with orders_from_records(rows, ...)"
            msg = f"orders[{position}] must be an Order, not {kind.__name__}; {fix}"
            raise InvalidTypeError(msg)


_SEATS: Mapping[type, str] = {
    Order: "give orders with Shop(orders=…)",
    Customer: "give customers with Shop(customers=…)",
    SurveyResponse: "give survey responses with Shop(responses=…)",
    Subscription: "give subscriptions with Shop(subscriptions=…)",
    Checkout: "give checkouts with Shop(checkouts=…)",
    Interaction: "give interactions with Shop(interactions=…)",
}


def seat_of(kind: type) -> str | None:
    """Where records of a class belong, for the message where they are given as others; None for what is no record."""
    return next((seat for record, seat in _SEATS.items() if issubclass(kind, record)), None)


def _without_copies(orders: Sequence[Order], *, drop_identical: bool) -> tuple[list[Order], list[Order]]:
    first: dict[Hashable, Order] = {}
    copies: list[Order] = []
    for order in orders:
        if order.id not in first:
            first[order.id] = order
        elif first[order.id] != order:
            msg = (
                f"Order.id {shown(order.id)} stands twice with different content ({differing(first[order.id], order)}); "
                f"keep the record that is right: {KEEP_LAST}"
            )
            raise DuplicateOrderError(msg)
        elif not drop_identical:
            msg = (
                f"Order.id {shown(order.id)} stands twice; give each order once, or read them with "
                f'policy=OrderPolicy(on_duplicate="drop_identical") to keep one of equal records'
            )
            raise DuplicateOrderError(msg)
        else:
            copies.append(order)
    return list(first.values()), copies


KEEP_LAST = "list({order.id: order for order in orders}.values()) keeps the last of each id"


def differing(one: Order, other: Order) -> str:
    """The fields in which two orders of one id differ, for a message; what stands in them may be private."""
    names = [each.name for each in fields(Order) if getattr(one, each.name) != getattr(other, each.name)]
    return f"in {', '.join(names)}" if names else "in their class"


def read_sales(orders: Sequence[Order], reading: Reading) -> Sales:
    """The sales among the orders.

    Columns are taken at the speed of `map`; only the orders that may not be plain sales are looked at.
    """
    moments = map(attrgetter("placed_at"), orders)
    sales = Sales(
        at=array("q", map(floordiv, map(sub, moments, repeat(_EPOCH)), repeat(_MICROSECOND))),
        customer=list(map(attrgetter("customer_id"), orders)),
        amount=list(map(attrgetter("amount"), orders)),
        currencies=set(map(attrgetter("currency"), orders)),
    )
    if reading.aliases:
        one_id = dict(reading.aliases)
        sales.customer = [one_id.get(customer, customer) for customer in sales.customer]
    only = reading.currency if reading.convert is None else None
    for position in _not_plain(orders, sales, reading, only):
        _look_at(orders[position], position, sales, reading, only)
    sales.cost, sales.categories = _costs(orders, sales), _categories(orders)
    sales.discounted, sales.channels = _discounted(orders), _channels(orders)
    if reading.convert is not None:
        _convert(orders, sales, reading)
    if reading.currency is not None:
        sales.currencies = {reading.currency}
    elif len(sales.currencies) > 1 or len(sales.excluded) == len(orders):  # else it is that of the sales
        sold = (order for place, order in enumerate(orders) if place not in sales.excluded)
        sales.currencies = {order.currency for order in sold}
    if len(sales.currencies) > 1 and reading.policy.same_day == "merge":
        sales.currency = list(map(attrgetter("currency"), orders))
    return sales


def _not_plain(orders: Sequence[Order], sales: Sales, reading: Reading, only: str | None) -> Iterable[int]:
    """Positions of the orders that may be no sales, or have refunds; a plain one has nothing to be looked at."""
    found = {
        position
        for position, order in enumerate(orders)
        if order.refunds
        or order.tags
        or order.is_test
        or order.cancelled_at is not None
        or order.payment_state in _UNPAID_STATES
    }
    if reading.as_of is not None:
        horizon = microseconds(reading.as_of)
        if max(sales.at, default=horizon) > horizon:
            found.update(position for position, at in enumerate(sales.at) if at > horizon)
    if only is not None and sales.currencies - {only}:
        found.update(position for position, order in enumerate(orders) if order.currency != only)
    return sorted(found)


def _look_at(order: Order, position: int, sales: Sales, reading: Reading, only: str | None) -> None:
    sales.hides_later = sales.hides_later or _hides_later(order, reading.as_of)
    reason = _why_no_sale(order, reading, only)
    if reason is not None:
        sales.excluded[position] = reason
        sales.amount[position] = CENT  # its decimals must not make the units of the others finer
        cancelled_at = _cancelled_at(order, reading)
        if cancelled_at is not None and reason not in NOT_PLACED:
            sales.cancelled[position] = (microseconds(cancelled_at), order.cancel_reason)
        return
    refunds = _known_refunds(order, reading)
    if refunds:
        sales.refunds[position] = refunds


def _hides_later(order: Order, as_of: datetime | None) -> bool:
    """Whether anything in it is dated after `as_of`."""
    if _is_later(order.placed_at, as_of) or _is_later(order.cancelled_at, as_of):
        return True
    return bool(order.refunds) and any(_is_later(refund.refunded_at, as_of) for refund in order.refunds)


def _costs(orders: Sequence[Order], sales: Sales) -> list[Decimal | None]:
    costs: list[Decimal | None] = list(map(attrgetter("cost"), orders))
    if _is_none(costs):
        return []
    for position in sales.excluded:
        costs[position] = None
    return costs


def _is_none(found: Iterable[object]) -> bool:
    """Whether there is nothing in it but None; `count` would ask each number whether it equals None."""
    return all(map(is_, found, repeat(None)))


def _categories(orders: Sequence[Order]) -> list[frozenset[str]]:
    if not any(map(attrgetter("items"), orders)):
        return []
    named = (
        frozenset([item.category for item in order.items if item.category is not None]) for order in orders
    )
    kept: dict[frozenset[str], frozenset[str]] = {}  # one of each, since most orders are alike in this
    found = [kept.setdefault(each, each) for each in named]
    return found if any(kept) else []


def _discounted(orders: Sequence[Order]) -> list[int]:
    discounts: list[Decimal | None] = list(map(attrgetter("discount"), orders))
    if _is_none(discounts):
        return []
    return [NOBODY if discount is None else 1 if discount else 0 for discount in discounts]


def _channels(orders: Sequence[Order]) -> list[frozenset[str]]:
    channels = list(map(attrgetter("channel"), orders))
    alone = {each: frozenset([each] if each else ()) for each in set(channels)}
    return list(map(alone.__getitem__, channels)) if any(alone) else []


def _convert(orders: Sequence[Order], sales: Sales, reading: Reading) -> None:
    """Put the amounts of all sales into the one currency."""
    for position, order in enumerate(orders):
        if position not in sales.excluded:
            sales.amount[position] = _converted(order.amount, order, reading)
    for position, cost in enumerate(sales.cost):
        if cost is not None:
            sales.cost[position] = _converted(cost, orders[position], reading)


def _why_no_sale(order: Order, reading: Reading, only: str | None) -> str | None:
    """The first reason that applies, in the order in which figures report them."""
    if _is_later(order.placed_at, reading.as_of):
        return AFTER_AS_OF
    if only is not None and order.currency != only:
        return OTHER_CURRENCY
    if order.is_test:
        return TEST
    if order.payment_state in _UNPAID_STATES:
        return UNPAID
    if _cancelled_at(order, reading) is not None:
        return CANCELLED
    if "exchange" in order.tags:
        return EXCHANGE
    return GIFT_CARD if "gift-card" in order.tags else None


def _cancelled_at(order: Order, reading: Reading) -> datetime | None:
    """When it was cancelled, as far as was known at `as_of`."""
    return None if _is_later(order.cancelled_at, reading.as_of) else order.cancelled_at


def _is_later(moment: datetime | None, as_of: datetime | None) -> bool:
    return moment is not None and as_of is not None and moment > as_of


def _known_refunds(order: Order, reading: Reading) -> list[tuple[int, Decimal]]:
    """The refunds that were known at `as_of` and made soon enough to count, as instant and amount."""
    within, last = reading.policy.refunds_within, reading.as_of
    if within is not None:
        limit = reach(order.placed_at, within, reading.policy.tz or UTC)
        last = limit if last is None else min(last, limit)
    return [
        (microseconds(refund.refunded_at), _converted(refund.amount, order, reading))
        for refund in order.refunds
        if refund.amount and not _is_later(refund.refunded_at, last)
    ]


def _converted(amount: Decimal, order: Order, reading: Reading) -> Decimal:
    return converted(amount, order.currency, order.placed_at, reading, of=("order", order.id, "placed"))


def converted(
    amount: Decimal, currency: str, at: datetime, reading: Reading, *, of: tuple[str, Hashable, str]
) -> Decimal:
    """An amount in the one currency.

    Args:
        amount: The amount.
        currency: Its currency.
        at: The instant whose rate is meant.
        reading: How the record is read.
        of: For a message: what kind of record it is, its id, and what happened at the instant.

    Raises:
        InvalidValueError: The host's conversion gives no amount.
    """
    if reading.convert is None or currency == reading.currency:
        return amount

    def where() -> str:
        kind, identifier, happened = of
        return f"{amount} {currency} of {kind} {shown(identifier)}, {happened} at {at.isoformat()}"

    try:
        found: object = reading.convert(amount, currency, at)
    except Exception as error:
        # The error stays the host's own, which may be waiting for it.
        error.add_note(f"convert= raised this for {where()}")
        raise
    if not isinstance(found, Decimal) or not found.is_finite() or found < 0:
        msg = f"convert= must return a finite Decimal from 0 up (got {shown(found)} for {where()})"
        raise InvalidValueError(msg)
    if found >= _LIMIT or decimals(found) > _MOST_DECIMALS:
        msg = f"convert= must return less than 10**18, with at most {_MOST_DECIMALS} decimals (got {shown(found)}); round it"
        raise InvalidValueError(msg)
    return found


_LIMIT = Decimal(10) ** 18
_MOST_DECIMALS = 36
"""A quotient of 28 digits has them; with 18 digits before the point, a million such amounts add up in `EXACT`."""
CENT = Decimal("0.01")


def decimals(amount: Decimal) -> int:
    """How many digits an amount has behind the point."""
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
