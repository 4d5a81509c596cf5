"""What a model expects of customers, held against the shop that it is said to be of, and told by customer's number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from attrs import frozen

from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    shown,
)
from retention.strategies._customer_columns import Facts, Some
from retention.strategies._customer_fields import VALUES

if TYPE_CHECKING:
    from retention.predict.outlook import CustomerOutlook

__all__ = ["OUTLOOK_FACTS", "OutlookByNumber", "checked_outlook", "outlook_by_number", "outlook_facts"]

OUTLOOK_FACTS = ("probability_alive", "prospect", "expected_value")
_BEST, _MIDDLE, _REST = VALUES
_UP_TO_MIDDLE = 3
"""The middle is twice as many as the best, as with what was spent."""
_EARLIEST_ZONE, _LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)
"""How far a day's end lies before and after that of UTC, at most, anywhere on Earth."""
_DAYS_OF = {"day": 1, "week": 7, "month": 31, "year": 366}


def checked_outlook(outlook: object, *, owner: str) -> CustomerOutlook | None:
    """The outlook, if it is one, or none was given.

    Raises:
        InvalidTypeError: It is something else.
    """
    from retention.predict.outlook import CustomerOutlook

    if outlook is None or isinstance(outlook, CustomerOutlook):
        return outlook
    msg = (
        f"{owner}: outlook must be a CustomerOutlook, not {type(outlook).__name__} (got {shown(outlook)}); make it with "
        "customer_outlook(base, model=..., spend=..., ...)"
    )
    raise InvalidTypeError(msg)


@frozen(kw_only=True, eq=False)
class OutlookByNumber:
    """An outlook that fits the shop.

    Attributes:
        outlook: The outlook.
        numbers: The number of each of its customers, in its order.
    """

    outlook: CustomerOutlook
    numbers: Sequence[int]


def outlook_by_number(
    outlook: CustomerOutlook,
    find: Callable[[Hashable], int | None],
    *,
    at: datetime,
    currencies: Collection[str],
    owner: str,
) -> OutlookByNumber:
    """The outlook, once it is found to be of these customers, at this instant, in their money.

    Args:
        outlook: What a model expects.
        find: Gives the number of a customer who had bought by the instant, or None.
        at: The instant.
        currencies: What the customers pay in.
        owner: Who asks, for messages.

    Raises:
        ConflictingArgumentError: It is of another time.
        InvalidValueError: It is of others, or a person stands in it twice.
        MixedCurrencyError: It is in other money.
    """
    _refuse_another_time(outlook, at, owner)
    if outlook.currency is not None and currencies and set(currencies) != {outlook.currency}:
        msg = f"{owner}: the outlook is in {outlook.currency}, and the orders are in {', '.join(sorted(currencies))}; make it of these orders"
        raise MixedCurrencyError(msg)
    numbers = [find(each) for each in outlook]
    strangers = [each for each, who in zip(outlook, numbers, strict=True) if who is None]
    if strangers:
        msg = (
            f"{owner}: the outlook has {len(strangers):,} of {len(outlook):,} customers who had bought nothing in these orders by "
            f"{at.isoformat(' ', 'minutes')}, such as {shown(strangers[0])}; make it of these orders, or of a table with their ids"
        )
        raise InvalidValueError(msg)
    known = [who for who in numbers if who is not None]
    if len(set(known)) < len(known):
        msg = f"{owner}: the outlook has a person twice, under two ids that aliases of the shop join; make it of the same shop"
        raise InvalidValueError(msg)
    return OutlookByNumber(outlook=outlook, numbers=known)


def _refuse_another_time(outlook: CustomerOutlook, at: datetime, owner: str) -> None:
    """Refuse what knows more than was known, or less: only what is so in every zone, since a base has none."""
    if outlook.until is None:
        return
    end = datetime.combine(outlook.until, time(), UTC) + timedelta(days=1)
    unit = timedelta(days=_DAYS_OF[outlook.unit] if outlook.discrete else 1)
    ahead = end - _EARLIEST_ZONE > at
    if not ahead and end + _LATEST_ZONE + unit > at:
        return
    what = "knows what came after" if ahead else "does not know what came before"
    msg = (
        f"{owner}: the outlook, until {outlook.until.isoformat()}, {what} {at.isoformat(' ', 'minutes')}; make it of a base of "
        "that day, repeat_purchases(orders, until=...): the fitted model can stay"
    )
    raise ConflictingArgumentError(msg)


def outlook_facts(found: OutlookByNumber) -> dict[str, Facts | None]:
    """The facts, by name and number."""
    outlook, numbers = found.outlook, found.numbers
    prospects = dict(zip(numbers, outlook.values(), strict=True))
    place_of = dict(zip(outlook, numbers, strict=True))
    best, here = len(outlook.worth_keeping), outlook.not_gone
    words: dict[int, Any] = {
        place_of[each]: _BEST if place < best else _MIDDLE if place < best * _UP_TO_MIDDLE else _REST
        for place, each in enumerate(here)
    }
    return {
        "probability_alive": Some({who: each.probability_alive for who, each in prospects.items()}),
        "prospect": Some(words),
        "expected_value": Some({who: each.value for who, each in prospects.items()}),
    }
