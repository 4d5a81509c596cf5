"""How records other than orders are handed over and read: any iterable of them, or a `Shop` that has them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, TypeVar

from retention._reading import Reading, seat_of
from retention._validate import with_article
from retention.errors import (
    DuplicateRecordError,
    DuplicateResponseError,
    InvalidTypeError,
    did_you_mean,
)
from retention.records import Checkout, Convert, Interaction, Subscription, SurveyResponse
from retention.shop import Shop, refuse_same_ids

__all__ = ["MONEY_KEYWORDS", "RECORD_KEYWORDS", "MoneyReading", "RecordReading", "read_records"]

T = TypeVar("T", Checkout, Interaction, Subscription, SurveyResponse)


class RecordReading(TypedDict, total=False):
    """How survey responses, checkouts and interactions are to be read. A `Shop` carries these keywords.

    Attributes:
        as_of: Instant at which the data were known; what is dated later does not exist.
        observed_from: Instant from which the data are complete.
        aliases: Ids that stand for the same person: ``{alias: id}``.

    .. versionadded:: 0.1
    """

    as_of: datetime | None
    observed_from: datetime | None
    aliases: Mapping[Hashable, Hashable] | None


class MoneyReading(RecordReading, total=False):
    """How subscriptions are to be read: as other records, and in which currency. A `Shop` carries these keywords.

    Attributes:
        currency: Count only what is in this currency or, with `convert`, the currency to convert into.
        convert: The host's conversion, called as ``convert(amount, currency, instant)``.

    .. versionadded:: 0.1
    """

    currency: str | None
    convert: Convert | None


RECORD_KEYWORDS = RecordReading.__optional_keys__
MONEY_KEYWORDS = MoneyReading.__optional_keys__

_SEATS: Mapping[type, tuple[str, str, str, type[DuplicateRecordError]]] = {
    SurveyResponse: ("responses", "survey responses", "surveys_from_records", DuplicateResponseError),
    Subscription: ("subscriptions", "subscriptions", "subscriptions_from_records", DuplicateRecordError),
    Checkout: ("checkouts", "checkouts", "checkouts_from_records", DuplicateRecordError),
    Interaction: ("interactions", "interactions", "interactions_from_records", DuplicateRecordError),
}
"""By class: its field of the shop, what people call the records, what loads them, and the error for the same id twice."""


def read_records(
    given: Any,
    reading: Mapping[str, Any],
    *,
    kind: type[T],
    keywords: frozenset[str] = RECORD_KEYWORDS,
) -> tuple[Sequence[T], Reading]:
    """The records, read once, and how they are to be read.

    Args:
        given: An iterable of the records, or a `Shop`.
        reading: The keywords.
        kind: The records' class.
        keywords: Which keywords there are.

    Raises:
        ConflictingArgumentError: When a keyword contradicts the shop.
        DuplicateRecordError: When an id stands twice.
        InvalidTypeError: When something is no such record.
        TypeError: When there is no such keyword.
    """
    seat, called, loader, duplicate = _SEATS[kind]
    for name in reading:
        if name not in keywords:
            known = sorted(keywords)
            msg = (
                f"there is no keyword {name}=; {did_you_mean(name, known)}"
                f"how {called} are read is said by {', '.join(known)}"
            )
            raise TypeError(msg)
    if isinstance(given, Shop):
        given.reading.refuse_otherwise(reading, carrier="Shop")
        return getattr(given, seat), given.reading
    how = Reading(**reading)
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        hint = "; pass its .records" if hasattr(given, "records") else ""
        msg = f"{seat} must be an iterable of {kind.__name__}s, not {type(given).__name__}{hint}"
        raise InvalidTypeError(msg)
    records = list(given)
    for position, record in enumerate(records):
        if not isinstance(record, kind):
            fix = seat_of(type(record)) or f"build one, or load rows with {loader}"
            msg = f"{seat}[{position}] must be {with_article(kind)}, not {type(record).__name__}; {fix}"
            raise InvalidTypeError(msg)
    refuse_same_ids(records, f"the {seat}", duplicate)
    return records, how
