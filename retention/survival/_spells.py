"""Spells: from an origin until an end, or until nobody looked any more."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Sequence
from datetime import timedelta
from itertools import compress
from operator import ge

from attrs import field, frozen

from retention.errors import InvalidTypeError, InvalidValueError, shown

__all__ = ["ENDED", "Spell", "Spells", "columns_of", "time_in_microseconds"]

_MICROSECOND = timedelta(microseconds=1)
_ZERO = timedelta()
_TOO_LONG = timedelta(days=365_000 * 200)
ENDED = "ended"
"""The cause of an end that was given none."""


def time_in_microseconds(value: object, name: str) -> int:
    """A time since the origin, as a whole number of microseconds.

    Raises:
        InvalidTypeError: When it is no timedelta.
        InvalidValueError: When it is negative, or longer than 200,000 years.
    """
    if not isinstance(value, timedelta):
        msg = f"{name} must be a timedelta such as timedelta(days=30), not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if value < _ZERO:
        msg = f"{name} must not be negative (got {shown(value)}); count it from the spell's origin"
        raise InvalidValueError(msg)
    if value > _TOO_LONG:
        msg = f"{name} must be at most 200,000 years (got {shown(value)})"
        raise InvalidValueError(msg)
    return value // _MICROSECOND


@frozen
class Spell:
    """How long something lasted: a customer's time until the next purchase, a subscription, the wait for an answer.

    Attributes:
        duration: From the origin to the end; where none was seen, to the last instant at which one would have been.
        ended: Whether the end was seen. False: it lasted longer than was watched (it is *censored*).
        cause: What kind of end it was, where there are several; None where there is one kind, or none was seen.
        entered: From which time since the origin on it was watched. Above 0 for what had been going on when the
            records begin: had it ended before, nobody would know of it.

    .. versionadded:: 0.1

    >>> from datetime import timedelta
    >>> Spell(timedelta(days=40), ended=False)
    Spell(duration=datetime.timedelta(days=40), ended=False, cause=None, entered=datetime.timedelta(0))
    """

    duration: timedelta
    ended: bool = field(default=True, kw_only=True)
    cause: str | None = field(default=None, kw_only=True)
    entered: timedelta = field(default=_ZERO, kw_only=True)

    def __attrs_post_init__(self) -> None:
        lasted = time_in_microseconds(self.duration, "Spell.duration")
        entered = time_in_microseconds(self.entered, "Spell.entered")
        if not isinstance(self.ended, bool):
            msg = f"Spell.ended must be True or False, not {type(self.ended).__name__} (got {shown(self.ended)})"
            raise InvalidTypeError(msg)
        self._check_cause()
        if entered and entered >= lasted:
            msg = f"Spell.entered must be less than its duration (got {shown(self.entered)} and {shown(self.duration)}); leave out what was over before it was watched"
            raise InvalidValueError(msg)

    def _check_cause(self) -> None:
        if self.cause is None:
            return
        if not isinstance(self.cause, str):
            msg = f"Spell.cause must be a str or None, not {type(self.cause).__name__} (got {shown(self.cause)})"
            raise InvalidTypeError(msg)
        if not self.cause.strip():
            msg = f"Spell.cause must be a word, or None (got {shown(self.cause)})"
            raise InvalidValueError(msg)
        if not self.ended:
            msg = f"Spell.cause must be None where no end was seen (got {shown(self.cause)} with ended=False); give ended=True, or no cause"
            raise InvalidValueError(msg)


@frozen(kw_only=True, eq=False)
class Spells:
    """Spells as columns, one place each: what curves are made from.

    Attributes:
        ended_at: Microseconds from the origin to the end, or to the last instant that was watched.
        cause: What kind of end it was; None where none was seen. Curves with one kind of end use one word.
        entered: Microseconds since the origin from which on it was watched; None where all were from the origin.
        cluster: The number of the customer, from 0 up, where one may have several spells; None where each has one.
    """

    ended_at: array[int]
    cause: Sequence[str | None]
    entered: array[int] | None = None
    cluster: Sequence[int] | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("cause", "entered", "cluster"):
            column = getattr(self, name)
            if column is not None and len(column) != len(self.ended_at):
                msg = (
                    f"Spells.{name} must have one place a spell (got {len(column)} for {len(self.ended_at)})"
                )
                raise InvalidValueError(msg)
        if min(self.ended_at, default=0) < 0 or min(self.entered or (0,)) < 0:
            msg = (
                "Spells.ended_at and Spells.entered must not be negative; count them from each spell's origin"
            )
            raise InvalidValueError(msg)
        if self.entered is not None and self._is_never_watched(self.entered):
            msg = "Spells.entered must be less than ended_at, or both 0; leave out what was over before it was watched"
            raise InvalidValueError(msg)

    def _is_never_watched(self, entered: array[int]) -> bool:
        return any(map(ge, compress(entered, entered), compress(self.ended_at, entered)))

    def __len__(self) -> int:
        return len(self.ended_at)


def columns_of(spells: Iterable[Spell], clusters: Iterable[Hashable] | None, *, event: str) -> Spells:
    """A host's spells as columns, an end without a cause named after the event.

    Raises:
        InvalidTypeError: When `spells` or `clusters` is no iterable, or holds anything else.
        InvalidValueError: When there are not as many clusters as spells.
    """
    given = [_checked(each) for each in _listed(spells, "spells", "Spells")]
    return Spells(
        ended_at=array("q", [each.duration // _MICROSECOND for each in given]),
        cause=[(each.cause or event) if each.ended else None for each in given],
        entered=array("q", [each.entered // _MICROSECOND for each in given]),
        cluster=None if clusters is None else _numbered(_listed(clusters, "clusters", "ids"), len(given)),
    )


def _listed(given: object, name: str, what: str) -> list[object]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        msg = f"survival_curve: {name} must be an iterable of {what}, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    return list(given)


def _checked(each: object) -> Spell:
    if not isinstance(each, Spell):
        msg = f"survival_curve: spells must be Spells, not {type(each).__name__} (got {shown(each)})"
        raise InvalidTypeError(msg)
    return each


def _numbered(ids: list[object], count: int) -> list[int]:
    """Each id's number in order of appearance; whoever is not known (None) is somebody else each time."""
    if len(ids) != count:
        msg = f"survival_curve: clusters must be as many as spells (got {len(ids)} for {count}); give one id a spell"
        raise InvalidValueError(msg)
    numbers: dict[object, int] = {}
    try:
        return [numbers.setdefault(object() if each is None else each, len(numbers)) for each in ids]
    except TypeError:
        msg = "survival_curve: clusters must be hashable ids, such as str or int"
        raise InvalidTypeError(msg) from None
