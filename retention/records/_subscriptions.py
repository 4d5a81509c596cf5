"""What customers pay again and again, as spans of time at one price."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from numbers import Integral
from operator import attrgetter
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from retention import _validate as check
from retention.errors import InvalidTypeError, InvalidValueError, is_bool, shown

__all__ = ["BillingInterval", "EndReason", "Pause", "Subscription"]

BillingInterval: TypeAlias = Literal["day", "week", "month", "year"]
"""The unit in which a subscription is billed."""

EndReason: TypeAlias = Literal["customer", "payment", "fraud", "technical", "plan_change", "other"]
"""Why a span ended: ``"customer"`` is voluntary, ``"payment"`` to ``"technical"`` are involuntary; ``"plan_change"``
says that another span goes on where this one ends."""

_PER_MONTH: dict[str, Fraction] = {
    "day": Fraction(365, 12),
    "week": Fraction(52, 12),
    "month": Fraction(1),
    "year": Fraction(1, 12),
}
_LONGEST = 10_000  # intervals in one charge; more is a slip


@frozen(kw_only=True)
class Pause:
    """A time in which a subscription is in force, but not paid.

    Attributes:
        started_at: Its first instant, an aware datetime; kept in UTC.
        ended_at: The instant at which payment goes on, itself no longer paused; None while it lasts.

    .. versionadded:: 0.1
    """

    started_at: datetime = field(converter=check.to_utc, validator=check.moment)
    ended_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )

    def __attrs_post_init__(self) -> None:
        if self.ended_at is not None and self.ended_at < self.started_at:
            msg = (
                f"Pause.ended_at must not be before started_at, {self.started_at.isoformat()} "
                f"(got {self.ended_at.isoformat()}); check the time zone of both"
            )
            raise InvalidValueError(msg)


def _to_pauses(pauses: Iterable[Any]) -> tuple[Any, ...]:
    """The pauses by their start; what is none is left for the validator to refuse."""
    given = check.to_tuple(pauses)
    if isinstance(given, tuple) and all(isinstance(each, Pause) for each in given):
        return tuple(sorted(given, key=attrgetter("started_at")))
    return given


def _to_count(value: int) -> int:
    """An int of any class as Python's own; anything else as it is."""
    return int(value) if isinstance(value, Integral) and not is_bool(value) else value


def _count(record: object, field: check.Field, value: object) -> None:
    where = f"{type(record).__name__}.{field.name}"
    if type(value) is not int:
        msg = f'{where} must be an int (got {shown(value)}), such as 3 with interval="month" for a quarterly plan'
        raise InvalidTypeError(msg)
    if not 1 <= value <= _LONGEST:
        msg = f"{where} must be from 1 to {_LONGEST:,} (got {shown(value)}); leave it out for one"
        raise InvalidValueError(msg)


@frozen(kw_only=True)
class Subscription:
    """One span of a subscription: one customer, one price, from one instant to another.

    A change of plan or price ends one span and begins the next, at the same instant. A customer may have several at
    a time. The span holds its first instant and not its last: what ends at midnight is no longer in force at
    midnight.

    Attributes:
        id: The host's id of the span, any hashable; a plan that changed needs two ids, such as ``("sub-7", 2)``.
        customer_id: Who pays.
        amount: What is charged per billing interval: after discounts, before tax.
        currency: Three capital letters.
        interval: ``"day"``, ``"week"``, ``"month"`` or ``"year"``: the unit in which it is billed.
        interval_count: How many such units one charge is for: 3 and ``"month"`` is a quarterly plan.
        started_at: First instant in force, an aware datetime; kept in UTC.
        ended_at: Instant from which on it is no longer in force: the end of what was paid for, rather than the day
            on which the customer gave notice. None while it lasts.
        end_reason: Why it ended: ``"customer"`` (voluntary), ``"payment"``, ``"fraud"``, ``"technical"``
            (involuntary), ``"plan_change"`` (another span goes on) or ``"other"``.
        trial_ends_at: The instant at which a free trial ends and payment begins; until then nothing is earned.
        pauses: Times in force without payment; they must not overlap, and are kept in their order.
        plan: The host's name of the plan.

    .. versionadded:: 0.1

    >>> from datetime import datetime, timezone
    >>> yearly = Subscription(
    ...     id=1,
    ...     customer_id="ann",
    ...     amount="120.00",
    ...     currency="EUR",
    ...     interval="year",
    ...     started_at=datetime(2026, 3, 1, tzinfo=timezone.utc),
    ... )
    >>> yearly.monthly_amount
    Fraction(10, 1)
    """

    id: Hashable = field(validator=check.identifier)
    customer_id: Hashable = field(validator=check.identifier)
    amount: Decimal = field(converter=check.to_decimal, validator=check.price)
    currency: str = field(validator=check.currency)
    interval: BillingInterval = field(validator=check.choice("day", "week", "month", "year"))
    interval_count: int = field(default=1, converter=_to_count, validator=_count)
    started_at: datetime = field(converter=check.to_utc, validator=check.moment)
    ended_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    end_reason: EndReason | None = field(
        default=None,
        validator=check.optional(
            check.choice("customer", "payment", "fraud", "technical", "plan_change", "other")
        ),
    )
    trial_ends_at: datetime | None = field(
        default=None, converter=check.to_utc_or_none, validator=check.optional(check.moment)
    )
    pauses: tuple[Pause, ...] = field(default=(), converter=_to_pauses, validator=check.records(Pause))
    plan: str | None = field(default=None, validator=check.optional(check.label))

    def __attrs_post_init__(self) -> None:
        for name in ("ended_at", "trial_ends_at"):
            value = getattr(self, name)
            if value is not None and value < self.started_at:
                msg = (
                    f"Subscription.{name} must not be before started_at, {self.started_at.isoformat()} "
                    f"(got {value.isoformat()}); check the time zone of both"
                )
                raise InvalidValueError(msg)
        if self.end_reason is not None and self.ended_at is None:
            msg = (
                f"Subscription.end_reason (got {self.end_reason!r}) needs ended_at, the instant from which on it is "
                f"no longer in force; give it, or leave the reason out while it lasts"
            )
            raise InvalidValueError(msg)
        self._check_pauses()

    def _check_pauses(self) -> None:
        for pause in self.pauses:
            if pause.started_at < self.started_at or (
                self.ended_at is not None and (pause.ended_at or pause.started_at) > self.ended_at
            ):
                msg = (
                    f"Subscription.pauses must lie within the span, {self.started_at.isoformat()} to "
                    f"{'now' if self.ended_at is None else self.ended_at.isoformat()} (got {_span(pause)}); "
                    f"cut the pause to the span"
                )
                raise InvalidValueError(msg)
        for one, other in pairwise(self.pauses):
            if one.ended_at is None or one.ended_at > other.started_at:
                msg = (
                    f"Subscription.pauses must not overlap (got {_span(one)} and {_span(other)}); "
                    f"give one pause for the two"
                )
                raise InvalidValueError(msg)

    @property
    def monthly_amount(self) -> Fraction:
        """What is charged for a month, as an exact fraction, since a year is 12 months, 52 weeks or 365 days."""
        return Fraction(self.amount) * _PER_MONTH[self.interval] / self.interval_count


def _span(pause: Pause) -> str:
    end = "now" if pause.ended_at is None else pause.ended_at.isoformat()
    return f"{pause.started_at.isoformat()} to {end}"
