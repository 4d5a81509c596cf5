"""Contacts between the shop and its customers, and what became of them."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias, cast

from attrs import field, frozen

from retention import _validate as check
from retention.errors import InvalidTypeError, InvalidValueError, shown

__all__ = ["Interaction", "SolvedBy", "Way"]

Way: TypeAlias = Literal["outbound", "inbound"]
"""Who began a contact: the shop (``"outbound"``), or somebody else (``"inbound"``)."""

SolvedBy: TypeAlias = Literal["agent", "self_service"]
"""Who solved a case: somebody of the shop, or the customer without one."""

KINDS = ("message", "question", "review", "mention", "chat", "call", "case", "approach", "offer")
"""Kinds of contacts that figures know; others are the host's own."""

_OF_ONE_WAY = {
    "outbound": ("opened_at", "clicked_at", "replied_at", "ordered_at", "order_id"),
    "inbound": ("answered_at", "solved_at", "solved_by"),
}
_INSTANTS = ("opened_at", "clicked_at", "replied_at", "answered_at", "solved_at", "ordered_at")


def _to_sentiment(value: Decimal | float | str | None) -> Decimal | None:
    """A number as the Decimal that it prints, with None kept; anything else as it is."""
    number = check.to_score_or_none(value)
    return Decimal(number) if type(number) is int else cast("Decimal | None", number)


def _sentiment(record: object, field: check.Field, value: object) -> None:
    """A Decimal from -1 to 1; `_to_sentiment` has turned each number into one."""
    if type(value) is Decimal and value.is_finite() and -1 <= value <= 1:
        check.score(record, field, value)  # how many decimals it may have
        return
    msg = (
        f"{type(record).__name__}.{field.name} must be a number from -1 (bad) to 1 (good) (got {shown(value)}); put other "
        f"scales on this one, such as stars of 1 to 5 by (stars - 3) / 2, and leave it out where nobody knows"
    )
    is_number = isinstance(value, (str, float, Decimal))
    raise (InvalidValueError if is_number else InvalidTypeError)(msg)


@frozen(kw_only=True)
class Interaction:
    """One contact on one channel, and the response that it drew.

    Attributes:
        id: The host's id of the contact, if it has one.
        customer_id: With whom; None if that is not known.
        kind: What it is: ``"message"``, ``"question"``, ``"review"``, ``"mention"``, ``"chat"``, ``"call"``,
            ``"case"``, ``"approach"`` (somebody was asked to buy), ``"offer"`` (of an added or dearer item), or a
            word of your own.
        direction: ``"outbound"`` from the shop, ``"inbound"`` to it.
        channel: Where ("e-mail", "sms", "instagram", "telephone", …).
        occurred_at: Instant at which it was sent or came in, an aware datetime; kept in UTC.
        opened_at: When it was first opened; as all responses to the shop's own contacts, of outbound ones only.
        clicked_at: When something in it was first clicked.
        replied_at: When the customer first replied to it.
        answered_at: When the shop first answered; as what follows, of inbound ones only.
        solved_at: When it was solved.
        solved_by: Who solved it: an ``"agent"``, or the customer by ``"self_service"``.
        sentiment: How it sounds, from -1 (bad) to 1 (good), if the host has an opinion; a float is taken by the
            digits that it prints.
        ordered_at: When it led to an order: the approach that converted, the offer that was taken; outbound only.
        order_id: The id of that order, if known.

    .. versionadded:: 0.1

    >>> from datetime import datetime, timezone
    >>> Interaction(
    ...     kind="review",
    ...     direction="inbound",
    ...     channel="web",
    ...     occurred_at=datetime(2026, 3, 1, tzinfo=timezone.utc),
    ...     sentiment=0.6,
    ... ).sentiment
    Decimal('0.6')
    """

    id: Hashable | None = field(default=None, validator=check.optional(check.identifier))
    customer_id: Hashable | None = field(default=None, validator=check.optional(check.identifier))
    kind: str = field(validator=check.label)
    direction: Way = field(validator=check.choice("outbound", "inbound"))
    channel: str = field(validator=check.label)
    occurred_at: datetime = field(converter=check.to_utc, validator=check.moment)
    opened_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    clicked_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    replied_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    answered_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    solved_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    solved_by: SolvedBy | None = field(
        default=None, validator=check.optional(check.choice("agent", "self_service"))
    )
    sentiment: Decimal | None = field(
        default=None, converter=_to_sentiment, validator=check.optional(_sentiment)
    )
    ordered_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    order_id: Hashable | None = field(default=None, validator=check.optional(check.identifier))

    def __attrs_post_init__(self) -> None:
        self._check_kind()
        self._check_way()
        self._check_instants()
        for name, needed in (("solved_by", "solved_at"), ("order_id", "ordered_at")):
            if getattr(self, name) is not None and getattr(self, needed) is None:
                msg = (
                    f"Interaction.{name} (got {shown(getattr(self, name))}) needs {needed}, the instant of it; "
                    f"give it, or leave {name} out"
                )
                raise InvalidValueError(msg)

    def _check_kind(self) -> None:
        if self.kind not in KINDS and self.kind.strip().casefold() in KINDS:
            msg = (
                f'Interaction.kind must be written "{self.kind.strip().casefold()}" (got {shown(self.kind)})'
            )
            raise InvalidValueError(msg)

    def _check_way(self) -> None:
        other = "inbound" if self.direction == "outbound" else "outbound"
        for name in _OF_ONE_WAY[other]:
            if getattr(self, name) is not None:
                msg = (
                    f"Interaction.{name} is for {other} contacts, and this one is {self.direction} "
                    f"(got {shown(getattr(self, name))}); {_INSTEAD[self.direction]}"
                )
                raise InvalidValueError(msg)

    def _check_instants(self) -> None:
        for name in _INSTANTS:
            value = getattr(self, name)
            if value is not None and value < self.occurred_at:
                msg = (
                    f"Interaction.{name} must not be before occurred_at, {self.occurred_at.isoformat()} "
                    f"(got {value.isoformat()}); check the time zone of both"
                )
                raise InvalidValueError(msg)


_INSTEAD = {
    "outbound": "what the customer did with it is opened_at, clicked_at, replied_at or ordered_at",
    "inbound": "what the shop did with it is answered_at, solved_at and solved_by",
}
