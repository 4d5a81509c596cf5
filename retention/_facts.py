"""The narrow waist: everything that order metrics need to know about a period, counted in one walk.

A metric is a small pure function of `PeriodFacts`. All definitions of counting live here, and another
engine (data frames, SQL) that produces the same facts has every metric for nothing.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import compress, repeat
from operator import sub
from typing import Any, Literal, TypeAlias

from attrs import evolve, field, frozen

from retention._calendar import Duration, as_words, check_duration, local_date, microseconds, shift
from retention._cancellations import Cancellation, reasons_to_cancel
from retention._columns import NOBODY, Columns, Ledger
from retention._customer_sums import customer_sums, order_values, refund_sums
from retention._horizon import checked_period, is_partial, taken_without_as_of, unseen
from retention._journey_facts import (
    USUAL_WINDOWS,
    Assortment,
    Cancellations,
    Journey,
    Margin,
    Recoveries,
    recoveries,
)
from retention._mapping import FrozenMapping
from retention._next_purchases import Following, NextPurchases
from retention._numerics import ClusterSums, Cross
from retention._pairs import Members, Pairing
from retention._reading import GUEST, MERGED, NO_NET, NOT_PLACED, REASONS
from retention._validate import EXACT
from retention.errors import AsOfRequiredError, ConflictingArgumentError, InvalidPeriodError, shown
from retention.history import History, one_currency
from retention.periods import Period
from retention.results import Basis

__all__ = ["Base", "Counted", "Money", "Needs", "PeriodFacts", "facts"]


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
class Base:
    """The opening and the closing base of a period; customers stand as their numbers.

    Attributes:
        start: How many had purchased in the period before (or within `inactive_after` before its start).
        kept: Those of them who are in the closing base.
        lost: Those of them who are not.
        new: Those whose first purchase ever lies in the period.
        reactivated: Those of the closing base who are neither new nor of the opening base.
        lapsed: How many had purchased before the period began, but are not in the opening base.
    """

    start: int
    kept: Sequence[int]
    lost: Sequence[int]
    new: Sequence[int]
    reactivated: Sequence[int]
    lapsed: int

    @property
    def end(self) -> int:
        """How many there are in the closing base."""
        return len(self.kept) + len(self.new) + len(self.reactivated)


@frozen(kw_only=True)
class PeriodFacts:
    """What happened in one period. Money is in whole units (`money`), times are in microseconds.

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
        base: The customers at the start and at the end.
        active: Customers who purchased in the period.
        repeaters: Those of them who purchased twice or more in it.
        gross: Amounts of the sales.
        refunds_dated: Whether refunded revenue is dated by the order or by the refund.
        refunds: Per customer, refunds of the period's sales (y) of their amounts (x).
        refunds_made: Per customer, refunds made in the period (y), and the amounts of its sales (x).
        order_values: Per customer, money (y) and number (x) of purchases, guests included.
        orders: Per customer, number of purchases (y); x is 1.
        spend: Per customer, money (y); x is 1.
        repeat_orders: Per customer, purchases after the first ever (y), of all purchases (x).
        existing_spend: Per customer, money of those acquired before (y), of all money (x).
        new_spend: Like `spend`, new customers only.
        returning_spend: Like `spend`, all others.
        kept_spend: Money of those who are `Base.kept`.
        spends: What each customer spent, ascending.
        first_at: Instants of the new customers' first purchases.
        second_gaps: From each to the second purchase, however late; `NOBODY` where there was none.
        gaps: Times between consecutive purchases of a customer, of which the later lies in the period.
        recency: Time since each customer's latest purchase, ascending, at the end of the period or at `as_of`
            if that is earlier; None unless asked for.
        lifespans: Time from the first to the latest purchase of each of the same customers, ascending; None unless
            asked for.
        followed: Each purchase of the period and what came after it; None unless asked for.
        cancellations: Orders placed in the period, whatever became of them, and those of them that were cancelled.
        cancelled: Orders that were cancelled in the period, whenever they were placed.
        assortment: In how many categories customers bought.
        margin: What purchases left over what their goods cost.
        cross: By metric, sums over the customers shared with the period that this one is compared with.
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
    base: Base = field(repr=False)
    active: int
    repeaters: int
    gross: int
    refunds_dated: Literal["order", "refund"]
    refunds: ClusterSums
    refunds_made: ClusterSums
    order_values: ClusterSums
    orders: ClusterSums
    spend: ClusterSums
    repeat_orders: ClusterSums
    existing_spend: ClusterSums
    new_spend: ClusterSums
    returning_spend: ClusterSums
    kept_spend: int
    spends: Sequence[int] = field(repr=False)
    first_at: Sequence[int] = field(repr=False)
    second_gaps: Sequence[int] = field(repr=False)
    gaps: Sequence[int] = field(repr=False)
    recency: array[int] | None = field(repr=False)
    lifespans: array[int] | None = field(repr=False)
    followed: NextPurchases | None = field(repr=False)
    cancellations: Cancellations = field(repr=False)
    cancelled: Sequence[Cancellation] = field(repr=False)
    assortment: Assortment
    margin: Margin = field(repr=False)
    cross: Mapping[str, Cross] = field(default=FrozenMapping(), repr=False)

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

    def recoveries(self, *, within: Duration, reason: str | None = None) -> Recoveries:
        """What became of the customers of orders that were cancelled in the period.

        Args:
            within: How long each is followed from its cancellation on, the limit included.
            reason: Which reasons to cancel count.

        Raises:
            AsOfRequiredError: Nobody said when the data were known.
            InvalidTypeError: `within` is no time.
            InvalidValueError: `within` is not positive, or `reason` no such word.
        """
        metric = "recovery_rate"
        check_duration(within, owner=metric, field="within")
        among = reasons_to_cancel(reason, owner=metric)
        if self.as_of is None:
            msg = f"{metric} needs as_of=, the instant at which the data were known"
            raise AsOfRequiredError(msg)
        return recoveries(self.cancelled, among=among, within=within, tz=self.period.tz, as_of=self.as_of)

    def unseen_for(self, needs: Needs) -> str | None:
        """Why a figure with these needs is not observable, or None."""
        reaches_back = "base" in needs or (bool(needs) and self.observed_from is not None)
        return self.unseen or (self.base_unseen if reaches_back else None)

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


def facts(
    history: History,
    periods: Iterable[Period],
    *,
    inactive_after: Duration | None = None,
    usual_base: Collection[Period] = (),
    recency: bool = False,
    lifespans: bool = False,
    followed: bool = False,
    against: Mapping[Period, Period] = FrozenMapping(),
    windows: Mapping[str, Mapping[str, Any]] = USUAL_WINDOWS,
) -> list[PeriodFacts]:
    """The facts of each period, in the order given.

    Args:
        history: The orders.
        periods: The periods; they may overlap.
        inactive_after: Who has purchased within this time belongs to the base, instead of who purchased
            in the period (or the one before it).
        usual_base: Periods whose base is the usual one all the same.
        recency: Whether to find the time since each customer's latest purchase, which looks at all earlier orders.
        lifespans: Whether to find the time to it from the first, which looks at them, too.
        followed: Whether to find what came after each purchase, which looks at all of them.
        against: For periods that are compared with another of `periods`, that other.
        windows: By metric, the windows for which the sums over customers of two periods are made.
    """
    wanted = [checked_period(period) for period in periods]
    if inactive_after is not None:
        check_duration(inactive_after, owner="metrics", field="inactive_after")
    spans = [_Span.of(period, history, None if period in usual_base else inactive_after) for period in wanted]
    untils = {span.until for span in spans} if recency or lifespans else ()
    latest = _latest(history.columns, untils, recency=recency, lifespans=lifespans)
    following = Following.of(history.columns) if followed else None
    pairs = Pairing(against)
    found: dict[Period, PeriodFacts] = {}
    # By start, so that the customers behind a period are soon no longer needed.
    for span in sorted(spans, key=lambda each: each.start):
        found[span.period] = _count(history, span, latest.get(span.until), following, pairs)
    for period, sums in pairs.cross.items():
        crossed = {**sums, **_crossed_recoveries(found[period], found[against[period]], windows)}
        found[period] = evolve(found[period], cross=FrozenMapping(crossed))
    return [found[period] for period in wanted]


def _crossed_recoveries(
    a: PeriodFacts, b: PeriodFacts, windows: Mapping[str, Mapping[str, Any]]
) -> dict[str, Cross]:
    """The sums over shared customers; none where the figures themselves can't be had."""
    asked = windows.get("recovery_rate")
    if asked is None or a.as_of is None:
        return {}
    return {"recovery_rate": a.recoveries(**asked).shared_with(b.recoveries(**asked))}


@frozen(kw_only=True)
class _Span:
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
    def of(cls, period: Period, history: History, inactive_after: Duration | None) -> _Span:
        start, end = microseconds(period.start), microseconds(period.end)
        base_unseen: str | None = "the base lies before the calendar begins"
        try:
            opening, closing = _bases(period, inactive_after)
        except InvalidPeriodError:
            opening, closing = period.start, period.start
        else:
            base_unseen = _base_unseen(opening, history.observed_from)
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


def _base_unseen(opening: datetime, observed_from: datetime | None) -> str | None:
    if observed_from is not None and opening < observed_from:
        return f"the base reaches before observed_from, {observed_from.isoformat()}"
    return None


def _count(
    history: History, span: _Span, latest: _Latest | None, following: Following | None, pairs: Pairing
) -> PeriodFacts:
    columns = history.columns
    low, high = bisect_left(columns.at, span.start), bisect_left(columns.at, span.end)
    first_new, after_new = bisect_left(columns.first_at, span.start), bisect_left(columns.first_at, span.end)
    customers, nets = columns.customer[low:high], columns.net[low:high]
    orders = Counter(customers)
    spend = dict.fromkeys(orders, 0)
    for customer, net in zip(customers, nets, strict=True):
        spend[customer] += net
    firsts = _first_purchases(columns, low, high, first_new)
    guests = list(columns.guests.between(span.start, span.end))
    beside = _by_cluster((columns.guests, columns.rest, columns.refunded), span)
    refunded, refunds_made = (_by_cluster((ledger,), span) for ledger in (columns.refunded, columns.refunds))
    base = _base(columns, span, low, high, range(first_new, after_new))
    journey = Journey(columns, (span.start, span.end), slice(low, high))
    money = Money(places=columns.places, currencies=columns.currencies)
    scale = money.scale
    sums = customer_sums(orders, spend, firsts, first_new, scale)
    if pairs.wants(span.period):
        members = Members(
            orders=orders,
            spend=spend,
            firsts=firsts,
            first_new=first_new,
            guests=dict(guests),
            beside=beside,
            refunded=refunded,
            refunds_made=refunds_made,
            at_start=frozenset((*base.kept, *base.lost)),
            kept=frozenset(base.kept),
            reactivated=frozenset(base.reactivated),
            **journey.members(),
        )
        pairs.add(span.period, members)
    return PeriodFacts(
        period=span.period,
        partial=span.partial,
        unseen=span.unseen,
        base_unseen=span.base_unseen,
        as_of=history.as_of,
        assumed=() if history.as_of is not None else (taken_without_as_of("order"),),
        observed_from=history.observed_from,
        inactive_after=span.inactive_after,
        money=money,
        left_out=columns.left_out(span.start, span.end),
        ids=columns.ids,
        base=base,
        active=len(orders),
        repeaters=len(orders) - list(orders.values()).count(1),
        gross=sums["spend"].y + sum(beside.values()),
        refunds_dated=history.policy.refunds_dated,
        refunds=refund_sums(spend, beside, refunded, sums["spend"]),
        refunds_made=refund_sums(spend, beside, refunds_made, sums["spend"]),
        order_values=order_values(orders, spend, guests, sums),
        **sums,
        kept_spend=sum(spend.get(who, 0) for who in base.kept),
        spends=sorted(spend.values()),
        first_at=columns.first_at[first_new:after_new],
        second_gaps=columns.second_gap[first_new:after_new],
        gaps=_gaps(columns, low, high),
        recency=latest.since if latest else None,
        lifespans=latest.lifespans if latest else None,
        followed=following.between(low, high) if following else None,
        **journey.facts(orders, sums["orders"]),
    )


_NEVER_BACK = "whoever has not come back yet never will, which flatters second purchases, the more so the newer the period"


def _since(observed_from: datetime | None, period: Period) -> str:
    if observed_from is None:
        return "observed_from was not given, so that the orders are taken as complete from the beginning"
    day = local_date(observed_from, period.tz)
    return f"a customer whose earlier purchases all lie before observed_from, {day}, is taken as new"


def _first_purchases(columns: Columns, low: int, high: int, first_new: int) -> Counter[int]:
    """How many purchases each new customer made at the instant of the first: none of these is a repeat."""
    first_at = columns.first_at
    purchases = zip(columns.customer[low:high], columns.at[low:high], strict=True)
    return Counter([who for who, at in purchases if who >= first_new and at == first_at[who]])


def _gaps(columns: Columns, low: int, high: int) -> list[int]:
    at = columns.at
    later = zip(at[low:high], columns.previous[low:high], strict=True)
    return [moment - at[before] for moment, before in later if before != NOBODY]


def _by_cluster(ledgers: Iterable[Ledger], span: _Span) -> dict[int, int]:
    total: dict[int, int] = {}
    for ledger in ledgers:
        for cluster, units in ledger.between(span.start, span.end):
            total[cluster] = total.get(cluster, 0) + units
    return total


# ------------------------------------------------------------------------------------------- bases


def _base(columns: Columns, span: _Span, low: int, high: int, new: range) -> Base:
    """Who was there at the start, and who at the end.

    A customer of the closing base is met once, at the first purchase within it. Whether that customer is
    of the opening base, too, shows in where the purchase before lies, so that no sets are needed.
    """
    opening = bisect_left(columns.at, span.base_start)
    closing = low if span.closing_start == span.start else bisect_left(columns.at, span.closing_start)
    customer, previous = columns.customer, columns.previous
    before_period = zip(customer[closing:low], previous[closing:low], strict=True)
    in_period = zip(customer[low:high], previous[low:high], strict=True)
    entered = [(who, before) for who, before in in_period if before < closing]
    kept = [who for who, before in before_period if before < closing]
    kept += [who for who, before in entered if before >= opening]
    reactivated = [who for who, before in entered if NOBODY < before < opening]
    there = set(kept)
    at_start = [
        who
        for who, before in zip(customer[opening:low], previous[opening:low], strict=True)
        if before < opening
    ]
    return Base(
        start=len(at_start),
        kept=kept,
        lost=[who for who in at_start if who not in there],
        new=new,
        reactivated=reactivated,
        lapsed=new.start - len(at_start),
    )


@frozen
class _Latest:
    """Each customer's latest purchase before an instant: the time since it, and the time to it from the first."""

    since: array[int] | None
    lifespans: array[int] | None


def _latest(
    columns: Columns, untils: Iterable[tuple[int, int]], *, recency: bool, lifespans: bool
) -> dict[tuple[int, int], _Latest]:
    """For each instant what is asked of every customer's latest purchase; both times ascending."""
    at, previous = columns.at, columns.previous
    # one byte a purchase: whether its customer has made no later one yet
    is_latest = bytearray(len(at))
    found: dict[tuple[int, int], _Latest] = {}
    spans, low = array("q"), 0
    for instant, cut in sorted(untils):
        high = bisect_left(at, cut)
        is_latest[low:high] = b"\1" * (high - low)
        for before in previous[low:high]:
            if before != NOBODY:
                is_latest[before] = False
        if lifespans:
            gone = [before for before in previous[low:high] if NOBODY < before < low]
            come = list(compress(range(low, high), is_latest[low:high]))
            spans = _exchanged(spans, _lifespans(columns, gone), _lifespans(columns, come))
        latest = array("q", compress(at, is_latest[:high] if recency else ()))
        since = array("q", map(sub, repeat(instant), reversed(latest)))
        found[instant, cut] = _Latest(since if recency else None, spans if lifespans else None)
        low = high
    return found


def _lifespans(columns: Columns, positions: Collection[int]) -> list[int]:
    """The times from their customers' first purchases to some others, ascending."""
    first = map(columns.first_at.__getitem__, map(columns.customer.__getitem__, positions))
    return sorted(map(sub, map(columns.at.__getitem__, positions), first))


def _exchanged(ascending: array[int], gone: Iterable[int], come: Iterable[int]) -> array[int]:
    """Ascending times, some taken away and others put in; few of them change from one month to the next."""
    stays, place = bytearray(b"\1") * len(ascending), 0
    for time in gone:
        place = bisect_left(ascending, time, place)
        stays[place] = False
        place += 1
    return array("q", sorted([*compress(ascending, stays), *come]))
