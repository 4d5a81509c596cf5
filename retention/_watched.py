"""What the facts of one period have in common, of whatever records they are made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from attrs import field, frozen

from retention._horizon import is_partial, taken_without_as_of, unseen
from retention._mapping import FrozenMapping
from retention._numerics import Cross
from retention._reading import Reading
from retention.history import one_currency
from retention.periods import Period
from retention.results import Basis

__all__ = ["Seen", "Watched", "seen"]


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

    @property
    def currency(self) -> str | None:
        """The one currency, or None when there is no money.

        Raises:
            MixedCurrencyError: When there are several.
        """
        return one_currency(self.currencies)

    def basis(self, metric: str, *, records: str, money: bool = False, **more: Any) -> Basis:
        """What a metric's figure rests on.

        Args:
            metric: The metric's name.
            records: What kind of records it counts, as a field of the `Shop`.
            money: Whether it is about money, so that its currency matters.
            more: Further fields of the basis; they go before what is said here.
        """
        fields: dict[str, Any] = {
            "period": self.period.label,
            "partial": self.partial,
            "observable": self.unseen is None,
            "undefined_because": self.unseen,
            "left_out": self.left_out,
            "assumed": self.assumed,
            "currency": self.currency if money else None,
        }
        return Basis(metric=metric, records=records, **{**fields, **more})
