"""The narrow waist: everything that order metrics need to know about a period, counted in one walk.

A metric is a small pure function of `PeriodFacts`. All definitions of counting live here, and another
engine (data frames, SQL) that produces the same facts has every metric for nothing.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import compress, repeat
from operator import sub
from typing import Any, Literal

from attrs import evolve, field, frozen

from retention._calendar import Duration, check_duration
from retention._cancellations import Cancellation, reasons_to_cancel
from retention._columns import NOBODY, Columns, Ledger
from retention._customer_sums import customer_sums, order_values, refund_sums
from retention._horizon import checked_period
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
from retention._next_purchases import Following
from retention._numerics import ClusterSums, Cross
from retention._pairs import Members, Pairing
from retention._period_orders import Counted, Money, Needs, PeriodOrders, Span, foundation
from retention._selling_facts import SEVERAL_CHANNELS, ChannelUse, Discounts, Selling, checked_minimum
from retention.errors import AsOfRequiredError
from retention.history import History
from retention.periods import Period

__all__ = ["USUAL_OPTIONS", "Base", "Counted", "Money", "Needs", "PeriodFacts", "facts"]

USUAL_OPTIONS: Mapping[str, Mapping[str, Any]] = FrozenMapping(
    {**USUAL_WINDOWS, "multichannel_rate": FrozenMapping({"minimum": SEVERAL_CHANNELS})}
)
"""By metric with a choice of definitions, the keywords with which a snapshot shows it unless told otherwise."""


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
class PeriodFacts(PeriodOrders):
    """What happened in one period. Money is in whole units (`money`), times are in microseconds.

    Attributes:
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
        gaps: Times between consecutive purchases of a customer, of which the later lies in the period.
        recency: Time since each customer's latest purchase, ascending, at the end of the period or at `as_of`
            if that is earlier; None unless asked for.
        lifespans: Time from the first to the latest purchase of each of the same customers, ascending; None unless
            asked for.
        cancellations: Orders placed in the period, whatever became of them, and those of them that were cancelled.
        cancelled: Orders that were cancelled in the period, whenever they were placed.
        assortment: In how many categories customers bought.
        margin: What purchases left over what their goods cost.
        discounts: Purchases that were sold at a discount.
        channel_use: On how many channels customers bought.
        cross: By metric, sums over the customers shared with the period that this one is compared with.
    """

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
    gaps: Sequence[int] = field(repr=False)
    recency: array[int] | None = field(repr=False)
    lifespans: array[int] | None = field(repr=False)
    cancellations: Cancellations = field(repr=False)
    cancelled: Sequence[Cancellation] = field(repr=False)
    assortment: Assortment
    margin: Margin = field(repr=False)
    discounts: Discounts = field(repr=False)
    channel_use: ChannelUse
    cross: Mapping[str, Cross] = field(default=FrozenMapping(), repr=False)

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
    options: Mapping[str, Mapping[str, Any]] = USUAL_OPTIONS,
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
        options: By metric with a choice of definitions, the keywords for which the sums over customers of two periods
            are made.
    """
    wanted = [checked_period(period) for period in periods]
    if inactive_after is not None:
        check_duration(inactive_after, owner="metrics", field="inactive_after")
    spans = [Span.of(period, history, None if period in usual_base else inactive_after) for period in wanted]
    untils = {span.until for span in spans} if recency or lifespans else ()
    latest = _latest(history.columns, untils, recency=recency, lifespans=lifespans)
    following = Following.of(history.columns) if followed else None
    pairs = Pairing(against, several_channels=_several_channels(options))
    found: dict[Period, PeriodFacts] = {}
    # By start, so that the customers behind a period are soon no longer needed.
    for span in sorted(spans, key=lambda each: each.start):
        found[span.period] = _count(history, span, latest.get(span.until), following, pairs)
    for period, sums in pairs.cross.items():
        crossed = {**sums, **_crossed_recoveries(found[period], found[against[period]], options)}
        found[period] = evolve(found[period], cross=FrozenMapping(crossed))
    return [found[period] for period in wanted]


def _crossed_recoveries(
    a: PeriodFacts, b: PeriodFacts, options: Mapping[str, Mapping[str, Any]]
) -> dict[str, Cross]:
    """The sums over shared customers; none where the figures themselves can't be had."""
    asked = options.get("recovery_rate")
    if asked is None or a.as_of is None:
        return {}
    return {"recovery_rate": a.recoveries(**asked).shared_with(b.recoveries(**asked))}


def _several_channels(options: Mapping[str, Mapping[str, Any]]) -> int:
    metric = "multichannel_rate"
    return checked_minimum(metric, options.get(metric, {}).get("minimum", SEVERAL_CHANNELS))


def _count(
    history: History, span: Span, latest: _Latest | None, following: Following | None, pairs: Pairing
) -> PeriodFacts:
    columns = history.columns
    low, high = bisect_left(columns.at, span.start), bisect_left(columns.at, span.end)
    rests_on = foundation(history, span, following)
    first_new = bisect_left(columns.first_at, span.start)
    customers, nets = columns.customer[low:high], columns.net[low:high]
    orders = Counter(customers)
    spend = dict.fromkeys(orders, 0)
    for customer, net in zip(customers, nets, strict=True):
        spend[customer] += net
    firsts = _first_purchases(columns, low, high, first_new)
    guests = list(columns.guests.between(span.start, span.end))
    beside = _by_cluster((columns.guests, columns.rest, columns.refunded), span)
    refunded, refunds_made = (_by_cluster((ledger,), span) for ledger in (columns.refunded, columns.refunds))
    base = _base(columns, span, low, high, range(first_new, first_new + len(rests_on["first_at"])))
    journey = Journey(columns, (span.start, span.end), slice(low, high))
    selling = Selling(columns, (span.start, span.end), slice(low, high), orders)
    sums = customer_sums(orders, spend, firsts, first_new, rests_on["money"].scale)
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
            **selling.members(),
        )
        pairs.add(span.period, members)
    return PeriodFacts(
        **rests_on,
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
        gaps=_gaps(columns, low, high),
        recency=latest.since if latest else None,
        lifespans=latest.lifespans if latest else None,
        **journey.facts(orders, sums["orders"]),
        **selling.facts(),
    )


def _first_purchases(columns: Columns, low: int, high: int, first_new: int) -> Counter[int]:
    """How many purchases each new customer made at the instant of the first: none of these is a repeat."""
    first_at = columns.first_at
    purchases = zip(columns.customer[low:high], columns.at[low:high], strict=True)
    return Counter([who for who, at in purchases if who >= first_new and at == first_at[who]])


def _gaps(columns: Columns, low: int, high: int) -> list[int]:
    at = columns.at
    later = zip(at[low:high], columns.previous[low:high], strict=True)
    return [moment - at[before] for moment, before in later if before != NOBODY]


def _by_cluster(ledgers: Iterable[Ledger], span: Span) -> dict[int, int]:
    total: dict[int, int] = {}
    for ledger in ledgers:
        for cluster, units in ledger.between(span.start, span.end):
            total[cluster] = total.get(cluster, 0) + units
    return total


# ------------------------------------------------------------------------------------------- bases


def _base(columns: Columns, span: Span, low: int, high: int, new: range) -> Base:
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
