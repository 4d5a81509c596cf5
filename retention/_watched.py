"""What the facts of one period have in common, of whatever records they are made."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypedDict, TypeVar

from attrs import field, frozen

from retention._horizon import is_partial, taken_without_as_of, unseen
from retention._mapping import FrozenMapping
from retention._numerics import Cross
from retention._reading import Reading
from retention.periods import Period
from retention.results import Basis

__all__ = ["UNKNOWN_CUSTOMER", "Seen", "Watched", "counted_once", "seen"]

UNKNOWN_CUSTOMER = "of an unknown customer"
"""Why a record that is no order does not count where the figure asks what its customer did; an order is a guest's."""


class Seen(TypedDict):
    """What is known of a period before anything is counted."""

    period: Period
    partial: bool
    unseen: str | None
    as_of: datetime | None
    observed_from: datetime | None
    assumed: tuple[str, ...]


def seen(period: Period, how: Reading, record: str) -> Seen:
    """How far the data reach a period.

    Args:
        period: The period.
        how: How the records are read.
        record: What one of them is called.
    """
    return Seen(
        period=period,
        partial=is_partial(period, how.as_of),
        unseen=unseen(period, how.as_of, how.observed_from),
        as_of=how.as_of,
        observed_from=how.observed_from,
        assumed=() if how.as_of is not None else (taken_without_as_of(record),),
    )


@frozen(kw_only=True)
class Watched:
    """One period, how far the data reach it, and what was left out of it.

    Attributes:
        period: The period.
        partial: It was still running at `as_of`.
        unseen: Why the period is not observable, or None.
        as_of: When the data were known, or None.
        observed_from: From when on the data are complete, or None for "from the beginning".
        assumed: What had to be taken for granted.
        left_out: Records of the period that do not count, by reason.
        currencies: The currencies of the money in it.
        cross: By metric, sums over the customers shared with the period that this one is compared with.
    """

    period: Period
    partial: bool
    unseen: str | None
    as_of: datetime | None
    observed_from: datetime | None
    assumed: tuple[str, ...]
    left_out: Mapping[str, int] = FrozenMapping()
    currencies: tuple[str, ...] = ()
    cross: Mapping[str, Cross] = field(default=FrozenMapping(), repr=False)
    # What `counted_once` has counted of the records; `evolve` keeps it, so that only `cross` may be another then.
    memory: dict[Hashable, Any] = field(factory=dict, repr=False, eq=False)

    def basis(self, metric: str, *, records: str, **more: Any) -> Basis:
        """What a metric's figure rests on.

        Args:
            metric: The metric's name.
            records: What kind of records it counts, as a field of the `Shop`.
            more: Further fields of the basis; they go before what is said here.
        """
        fields: dict[str, Any] = {
            "period": self.period.label,
            "partial": self.partial,
            "observable": self.unseen is None,
            "undefined_because": self.unseen,
            "left_out": self.left_out,
            "assumed": self.assumed,
        }
        return Basis(metric=metric, records=records, **{**fields, **more})


F = TypeVar("F", bound=Watched)
P = ParamSpec("P")
T = TypeVar("T")


def counted_once(count: Callable[Concatenate[F, P], T]) -> Callable[Concatenate[F, P], T]:
    """What counts the records of a period, made to count them once for each definition.

    The figure of a period, the sums that it shares with the period before, and those that the next one shares with
    it ask for the same counts.

    Args:
        count: A function of facts; all that it is told besides chooses the definition.
    """
    usual: Mapping[str, object] = getattr(count, "__kwdefaults__", None) or {}

    @wraps(count)
    def found(facts: F, /, *args: P.args, **keywords: P.kwargs) -> T:
        key = _key(count, args, {**usual, **keywords})
        if key is None:
            return count(facts, *args, **keywords)
        if key not in facts.memory:
            facts.memory[key] = count(facts, *args, **keywords)
        known: T = facts.memory[key]
        return known

    return found


def _key(count: object, args: tuple[object, ...], keywords: Mapping[str, object]) -> Hashable | None:
    """A name for what is counted; None for what can't be looked up, such as a list of words."""
    try:
        key = (count, args, frozenset(keywords.items()))
        hash(key)
    except TypeError:
        return None
    return key
