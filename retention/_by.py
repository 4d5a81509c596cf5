"""One figure for each group of records: what figures of surveys and of contacts share when they go by a key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar

from retention._horizon import checked_period
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, shown
from retention.periods import Period

__all__ = ["check_metric", "grouped", "key_of", "largest_first"]

T = TypeVar("T")
R = TypeVar("R")

_OTHERS = {
    "orders": "which counts orders",
    "responses": "which counts survey responses",
    "subscriptions": "which counts subscriptions",
    "checkouts": "which counts checkouts",
    "interactions": "which counts contacts",
    "shop": "which is about several kinds of records",
}
"""By the name of its first argument, what a metric is about."""


def check_metric(metric: object, *, owner: str, wanted: str, example: str, first: str) -> None:
    """Refuse what is no function, such as a metric's name, and metrics of other records; a host's own may have any form.

    Args:
        metric: What was given.
        owner: The public function.
        wanted: What it takes, in words.
        example: One of those.
        first: The name of their first argument.

    Raises:
        InvalidTypeError: When it is none.
    """
    if not callable(metric):
        msg = (
            f"{owner} takes {wanted} such as rt.{example}: the function itself, not "
            f"{type(metric).__name__} (got {shown(metric)})"
        )
        raise InvalidTypeError(msg)
    code = getattr(metric, "__code__", None)
    argument = "" if code is None or not code.co_argcount else code.co_varnames[0]
    if argument in _OTHERS and argument != first:
        name = getattr(metric, "__name__", shown(metric))
        msg = f"{owner} takes {wanted} such as rt.{example}, not {name}, {_OTHERS[argument]}"
        raise InvalidTypeError(msg)


def key_of(key: object, *, fields: tuple[str, str], record: str) -> Callable[[Any], object]:
    """A function of the record that gives its group.

    Args:
        key: What was given: one of the fields, or such a function.
        fields: The fields that go by their names.
        record: What a record is called.

    Raises:
        InvalidTypeError: When it is neither a name nor a function.
        InvalidValueError: When there is no such field.
    """
    if callable(key):
        return key
    one, other = fields
    if not isinstance(key, str):
        msg = f'key must be "{one}", "{other}", or a function of the {record}, not {type(key).__name__} (got {shown(key)})'
        raise InvalidTypeError(msg)
    if key not in fields:
        msg = (
            f'key must be "{one}" or "{other}" (got {shown(key)}); {did_you_mean(key, fields)}'
            f"for anything else give a function, as in key=lambda {record}: country_of[{record}.customer_id]"
        )
        raise InvalidValueError(msg)
    return attrgetter(key)


def grouped(
    records: Iterable[T], period: Period, *, at: Callable[[T], datetime], key: Callable[[T], object]
) -> dict[Hashable, list[T]]:
    """The records of the period, by group.

    Raises:
        InvalidTypeError: When the period is none, or a key has no hash.
    """
    checked_period(period)
    groups: dict[Hashable, list[T]] = {}
    for record in records:
        if period.start <= at(record) < period.end:
            groups.setdefault(_hashable(key(record)), []).append(record)
    return groups


def _hashable(name: object) -> Hashable:
    try:
        hash(name)
    except TypeError:
        msg = f"key must give something with a hash, such as a text, not {type(name).__name__} (got {shown(name)})"
        raise InvalidTypeError(msg) from None
    return name


def largest_first(figures: Iterable[tuple[Hashable, R]], size: Callable[[R], int]) -> dict[Hashable, R]:
    """The groups, the largest first; of equally large ones by name, and last those of which the key is not known."""
    return dict(sorted(figures, key=lambda group: (-size(group[1]), group[0] is None, str(group[0]))))
