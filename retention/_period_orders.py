"""What every figure of a period's orders rests on, and what of it can be read without counting them.

It takes a cut of the columns, where `PeriodFacts`, which extend it, take a walk through all orders of the period.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias, TypedDict

from attrs import field, frozen

from retention._calendar import Duration, as_words, local_date, microseconds, shift
from retention._horizon import checked_period, is_partial, taken_without_as_of, unseen
from retention._mapping import FrozenMapping
from retention._next_purchases import Following, NextPurchases
from retention._reading import GUEST, MERGED, NO_NET, NOT_PLACED, REASONS
from retention._validate import EXACT
from retention.errors import ConflictingArgumentError, InvalidPeriodError, shown
from retention.history import History, one_currency
from retention.periods import Period
from retention.results import Basis

__all__ = ["Counted", "Money", "Needs", "PeriodOrders", "Span", "foundation", "period_orders"]


Counted: TypeAlias = Literal["placed", "sales", "purchases", "customers"]
"""Which orders a figure counts: all that were placed, sales, purchases, or the purchases of known customers."""

Needs: TypeAlias = tuple[Literal["firsts", "base", "comebacks"], ...]
"""What a figure needs to be known: who bought for the first time, who was there at the start, who will come back."""


@frozen(kw_only=True)
class Money:
    """What the whole numbers of money in the facts mean."""

    places: int
    currencies: tuple[str, ...]

    @property
    def scale(self) -> int:
        """Units in 1.00 of the currency."""
        return int(10**self.places)

    @property
    def currency(self) -> str | None:
        """The one currency, or None when nothing was sold.

        Raises:
            MixedCurrencyError: When there are several: the one gate that all sums of money pass.
        """
        return one_currency(self.currencies)

    def amount(self, units: int) -> Decimal:
        """Units as money."""
        one_currency(self.currencies)
        return EXACT.scaleb(Decimal(units), -self.places)


@frozen(kw_only=True)
class PeriodOrders:
    """What all figures of a period's orders rest on, and its new customers. Times are in microseconds.

    Attributes:
        period: The period.
        partial: It was still running at `as_of`.
        unseen: Why the period itself is not observable, or None.
        base_unseen: Why its opening base is not observable, or None.
        as_of: When the data were known, or None.
        assumed: What had to be taken for granted about all figures.
        observed_from: From when on the data are complete, or None for "from the beginning".
        inactive_after: How long after a purchase a customer is in the base, or None for "in the period".
        money: The unit of money.
        left_out: Orders of the period that are no purchase of a known customer, by reason.
        ids: Each customer's id, by number.
        first_at: Instants of the new customers' first purchases.
        second_gaps: From each to the second purchase, however late; `NOBODY` where there was none.
        followed: Each purchase of the period and what came after it; None unless asked for.
    """

    period: Period
    partial: bool
    unseen: str | None
    base_unseen: str | None
    as_of: datetime | None
    assumed: tuple[str, ...]
    observed_from: datetime | None
    inactive_after: Duration | None
    money: Money
    left_out: Mapping[str, int]
    ids: Sequence[Hashable] = field(repr=False)
    first_at: Sequence[int] = field(repr=False)
    second_gaps: Sequence[int] = field(repr=False)
    followed: NextPurchases | None = field(repr=False)

    def basis(
        self,
        metric: str,
        *,
        of: Counted,
        counted: tuple[str, ...] = (),
        needs: Needs = (),
        money: bool = False,
        options: tuple[tuple[str, str], ...] = (),
    ) -> Basis:
        """What a metric's figure rests on.

        Args:
            metric: The metric's name.
            of: Which orders the figure counts.
            counted: What numerator and denominator count, in words.
            needs: ``"firsts"`` when it asks who bought for the first time, ``"base"`` for the opening base.
                Neither can be known of a period at the very beginning of the data, where all look new.
                ``"comebacks"`` when it leaves out those who have not come back yet.
            money: Whether it is about money, so that its currency matters.
            options: Keywords that changed the definition, each as name and text.
        """
        unseen = self.unseen_for(needs)
        if "base" in needs and self.inactive_after is not None:
            options = (("inactive_after", as_words(self.inactive_after)), *options)
        return Basis(
            metric=metric,
            period=self.period.label,
            counted=counted,
            partial=self.partial,
            observable=unseen is None,
            undefined_because=unseen,
            left_out=self.left_out_of(of),
            assumed=self.assumed_for(needs),
            currency=self.money.currency if money else None,
            options=options,
        )

    def unseen_for(self, needs: Needs) -> str | None:
        """Why a figure with these needs is not observable, or None."""
        if self.unseen or "base" in needs:
            return self.unseen or self.base_unseen
        if not needs or self.observed_from is None or self.base_unseen is None:
            return None
        past = "the period is long" if self.inactive_after is None else as_words(self.inactive_after)
        return _firsts_unseen(self.observed_from, self.period, past)

    def assumed_for(self, needs: Needs) -> tuple[str, ...]:
        """What had to be taken for granted for a figure with these needs."""
        lines = [*self.assumed]
        if "firsts" in needs or (needs and self.observed_from is None):
            lines.append(_since(self.observed_from, self.period))
        if "comebacks" in needs:
            lines.append(_NEVER_BACK)
        return tuple(lines)

    def left_out_of(self, of: Counted) -> Mapping[str, int]:
        """Orders of the period that a figure of that kind does not count, by reason."""
        return FrozenMapping(
            {why: count for why, count in self.left_out.items() if why not in _COUNTED_IN[of]}
        )


_COUNTED_IN: Mapping[str, frozenset[str]] = {
    "placed": frozenset(REASONS) - NOT_PLACED,
    "sales": frozenset({MERGED, NO_NET, GUEST}),
    "purchases": frozenset({GUEST}),
    "customers": frozenset(),
}
"""Reasons that don't keep an order out of figures of that kind."""


def _firsts_unseen(observed_from: datetime, period: Period, past: str) -> str:
    """Why it can't be told who is new in a period, and what to do."""
    day = local_date(observed_from, period.tz)
    return (
        f"the data begin too late to tell who was new in {period.label}: at least as much time as {past} must lie "
        f"between observed_from, {day}, and its start; take a later period, or a shorter one"
    )


_NEVER_BACK = "whoever has not come back yet never will, which flatters second purchases, the more so the newer the period"


def _since(observed_from: datetime | None, period: Period) -> str:
    if observed_from is None:
        return "observed_from was not given, so that the orders are taken as complete from the beginning"
    day = local_date(observed_from, period.tz)
    return f"a customer whose earlier purchases all lie before observed_from, {day}, is taken as new"


@frozen(kw_only=True)
class Span:
    """The instants that bound a period's counting, in microseconds, and what the data don't reach."""

    period: Period
    start: int
    end: int
    base_start: int
    closing_start: int
    until: tuple[int, int]
    inactive_after: Duration | None
    partial: bool
    unseen: str | None
    base_unseen: str | None

    @classmethod
    def of(cls, period: Period, history: History, inactive_after: Duration | None) -> Span:
        start, end = microseconds(period.start), microseconds(period.end)
        base_unseen: str | None = "the base lies before the calendar begins"
        try:
            opening, closing = _bases(period, inactive_after)
        except InvalidPeriodError:
            opening, closing = period.start, period.start
        else:
            base_unseen = _base_unseen(opening, history.observed_from, period)
        as_of = history.as_of
        # Recency is counted at the first, over what lies before the second: as_of itself is still known.
        until = (
            (end, end)
            if as_of is None or as_of >= period.end
            else (microseconds(as_of), microseconds(as_of) + 1)
        )
        return cls(
            period=period,
            start=start,
            end=end,
            base_start=microseconds(opening),
            closing_start=microseconds(closing),
            until=until,
            inactive_after=inactive_after,
            partial=is_partial(period, as_of),
            unseen=unseen(period, as_of, history.observed_from),
            base_unseen=base_unseen,
        )


def _bases(period: Period, inactive_after: Duration | None) -> tuple[datetime, datetime]:
    """Where the opening and the closing base begin; they end where the period begins and ends."""
    if inactive_after is None:
        return period.previous().start, period.start
    opening = shift(period.start, inactive_after, period.tz, -1)
    closing = shift(period.end, inactive_after, period.tz, -1)
    if closing > period.start:
        hint = (
            "; relativedelta(months=1) is a month of any length"
            if isinstance(inactive_after, timedelta)
            else ""
        )
        msg = (
            f"inactive_after must not be shorter than the period {period.label} (got {shown(inactive_after)}), "
            f"or its customers would have left before it ended{hint}"
        )
        raise ConflictingArgumentError(msg)
    return opening, closing


def _base_unseen(opening: datetime, observed_from: datetime | None, period: Period) -> str | None:
    if observed_from is not None and opening < observed_from:
        return f"the base reaches before observed_from, {observed_from.astimezone(period.tz).isoformat()}"
    return None


class Foundation(TypedDict):
    period: Period
    partial: bool
    unseen: str | None
    base_unseen: str | None
    as_of: datetime | None
    assumed: tuple[str, ...]
    observed_from: datetime | None
    inactive_after: Duration | None
    money: Money
    left_out: Mapping[str, int]
    ids: Sequence[Hashable]
    first_at: Sequence[int]
    second_gaps: Sequence[int]
    followed: NextPurchases | None


def period_orders(history: History, period: Period, *, followed: bool = False) -> PeriodOrders:
    """What can be read of a period, without its facts.

    Args:
        history: The orders.
        period: The period.
        followed: Whether to find what came after each purchase, which looks at all of them.
    """
    following = Following.of(history.columns) if followed else None
    return PeriodOrders(**foundation(history, Span.of(checked_period(period), history, None), following))


def foundation(history: History, span: Span, following: Following | None) -> Foundation:
    """The fields of `PeriodOrders`, which are those of `PeriodFacts`, too."""
    columns, as_of = history.columns, history.as_of
    low, high = bisect_left(columns.at, span.start), bisect_left(columns.at, span.end)
    first_new, after_new = bisect_left(columns.first_at, span.start), bisect_left(columns.first_at, span.end)
    return {
        "period": span.period,
        "partial": span.partial,
        "unseen": span.unseen,
        "base_unseen": span.base_unseen,
        "as_of": as_of,
        "assumed": () if as_of is not None else (taken_without_as_of("order"),),
        "observed_from": history.observed_from,
        "inactive_after": span.inactive_after,
        "money": Money(places=columns.places, currencies=columns.currencies),
        "left_out": columns.left_out(span.start, span.end),
        "ids": columns.ids,
        "first_at": columns.first_at[first_new:after_new],
        "second_gaps": columns.second_gap[first_new:after_new],
        "followed": following.between(low, high) if following else None,
    }
