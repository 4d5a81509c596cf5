"""What the data reach: the words and the tests for a period against `as_of` and `observed_from`.

Facts of every kind (orders, survey answers) ask here, so that "partial" and "not observable" mean one thing.
"""

from __future__ import annotations

from datetime import datetime

from retention.errors import InvalidTypeError, shown
from retention.periods import Period

__all__ = ["NOT_OBSERVED", "checked_period", "is_partial", "taken_without_as_of", "unseen"]

NOT_OBSERVED = "not observed long enough"
"""Why a record does not count whose window was not over when the data were known."""


def checked_period(period: object) -> Period:
    """A period; anything else is refused."""
    if not isinstance(period, Period):
        msg = f'period must be a Period such as Period.month(2026, 3, tz="UTC"), not {type(period).__name__} (got {shown(period)})'
        raise InvalidTypeError(msg)
    return period


def is_partial(period: Period, as_of: datetime | None) -> bool:
    """Whether the period was still running when the data were known."""
    return as_of is not None and period.start <= as_of < period.end


def unseen(period: Period, as_of: datetime | None, observed_from: datetime | None) -> str | None:
    """Why a period is not observable, or None."""
    if as_of is not None and period.start > as_of:
        return f"the period begins after as_of, {as_of.astimezone(period.tz).isoformat()}"
    if observed_from is not None and period.start < observed_from:
        return f"the period begins before observed_from, {observed_from.astimezone(period.tz).isoformat()}"
    return None


def taken_without_as_of(record: str) -> str:
    """What is taken for granted where nobody said when the data were known."""
    return f"as_of was not given, so that every {record} counts and no period is partial"
