"""The narrow waist of checkouts: the baskets that were begun in a period, what became of them, and who came back.

Neither when a basket counts as abandoned nor how long its customer has to come back is settled here: the facts
keep the times themselves, so that they answer for any two windows without another walk.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import compress
from operator import attrgetter
from typing import Any, TypeAlias, TypedDict, Unpack

from attrs import evolve, field, frozen

from retention._calendar import Duration, check_duration, ends_of, microseconds, reach
from retention._horizon import NOT_OBSERVED, checked_period
from retention._interaction_checks import check_channel
from retention._mapping import FrozenMapping
from retention._numerics import ClusterSums, CrossSums
from retention._reading import AFTER_AS_OF, Reading
from retention._record_reading import RecordReading, read_records
from retention._watched import UNKNOWN_CUSTOMER, Watched, counted_once, seen
from retention.errors import AsOfRequiredError, MissingRecordsError
from retention.history import History
from retention.periods import Period
from retention.records import Checkout
from retention.shop import Shop

__all__ = ["USUAL_WINDOWS", "CheckoutFacts", "Checkouts", "Followed", "checkout_facts"]

Checkouts: TypeAlias = Iterable[Checkout] | Shop
"""What checkout metrics take: any iterable of checkouts, or a `Shop` that has them."""

# Who sleeps on it overnight, or pays by transfer in the evening, has not walked away; hence a day. Thirty more cover
# a monthly rhythm of buying; what comes later has little to do with the basket. No source gives either.
_A_DAY, _A_MONTH = timedelta(days=1), timedelta(days=30)
USUAL_WINDOWS: Mapping[str, Mapping[str, Any]] = FrozenMapping(
    {
        "cart_abandonment_rate": FrozenMapping({"abandoned_after": _A_DAY}),
        "cart_recovery_rate": FrozenMapping({"abandoned_after": _A_DAY, "within": _A_MONTH}),
    }
)
"""By metric, the windows that it has where nobody names others."""

_NEVER = 2**63 - 1
"""Later than any instant of the calendar."""


# ----------------------------------------------------------------------------------------------- facts


@frozen
class Followed:
    """Baskets that were followed for equally long.

    Attributes:
        by_cluster: Of each customer (a basket of nobody known is its own) how many there are, and how many of these
            came to what the figure is about.
        left_out: Baskets of the period that do not count, by reason.
    """

    by_cluster: Mapping[int, tuple[int, int]] = field(repr=False)
    left_out: Mapping[str, int]

    def sums(self) -> ClusterSums:
        """The baskets (x), and those that came to it (y)."""
        return ClusterSums.of(self.by_cluster.values())

    def shared_with(self, other: Followed) -> CrossSums:
        """The sums of products over the customers of both."""
        return CrossSums.between(self.by_cluster, other.by_cluster)


@frozen(kw_only=True)
class CheckoutFacts(Watched):
    """The baskets that were begun in one period. Times are in microseconds.

    Attributes:
        begun: When each was begun, ascending.
        ordered: When each became an order; `_NEVER` where it has not, as far as is known.
        cluster: Number of each one's customer; negative, and its own, where nobody knows the customer.
        channel: Where each was begun, if known.
        later: Where each of those was begun that are dated after `as_of`.
        purchases: Instants of each such customer's purchases, ascending; None where no orders were given.
        without_orders: Orders were asked for, and there is not one.
    """

    begun: Sequence[int] = field(repr=False)
    ordered: Sequence[int] = field(repr=False)
    cluster: Sequence[int] = field(repr=False)
    channel: Sequence[str | None] = field(repr=False)
    later: Sequence[str | None] = field(repr=False)
    purchases: Mapping[int, Sequence[int]] | None = field(default=None, repr=False)
    without_orders: bool = False

    @counted_once
    def abandonment(self, metric: str, *, abandoned_after: Duration, channel: str | None = None) -> Followed:
        """Baskets that were watched for that long, and those of them that were not ordered by then."""
        as_of = self._as_of(metric)
        check_duration(abandoned_after, owner=metric, field="abandoned_after")
        check_channel(metric, channel)
        baskets, limits = self._baskets(abandoned_after, channel)
        watched = [
            (who, ordered_at > limit)
            for (who, ordered_at), limit in zip(baskets, limits, strict=True)
            if limit <= as_of
        ]
        return self._followed(watched, channel, {NOT_OBSERVED: len(baskets) - len(watched)})

    @counted_once
    def recovery(
        self, metric: str, *, abandoned_after: Duration, within: Duration, channel: str | None = None
    ) -> Followed:
        """Abandoned baskets of known customers who were watched for both times, and those whose customer bought."""
        as_of = self._as_of(metric)
        check_duration(abandoned_after, owner=metric, field="abandoned_after")
        check_duration(within, owner=metric, field="within")
        check_channel(metric, channel)
        if self.purchases is None:
            msg = f"{metric} needs the orders, which tell who came back; give them with Shop(orders=…)"
            raise MissingRecordsError(msg)
        baskets, limits = self._baskets(abandoned_after, channel)
        left = [
            (who, limit)
            for (who, ordered_at), limit in zip(baskets, limits, strict=True)
            if ordered_at > limit
        ]
        # The second time begins where the first ends, unless that is beyond what is known, if not beyond the calendar.
        abandoned = [(who, limit) for who, limit in left if limit <= as_of]
        ends = ends_of((limit for _, limit in abandoned), within, self.period.tz)
        watched = [
            (who, limit, end) for (who, limit), end in zip(abandoned, ends, strict=True) if end <= as_of
        ]
        known = [
            (who, _is_between(self.purchases.get(who, ()), limit, end))
            for who, limit, end in watched
            if who >= 0
        ]
        left_out = {NOT_OBSERVED: len(left) - len(watched), UNKNOWN_CUSTOMER: len(watched) - len(known)}
        return self._followed(known, channel, left_out)

    def runs_beyond(self, *durations: Duration) -> bool:
        """Whether a basket begun at the end of the period has not been watched for these times, one after the other."""
        end = self.period.end
        for duration in durations:
            end = reach(end, duration, self.period.tz)
        return self.as_of is not None and end > self.as_of

    def _as_of(self, metric: str) -> int:
        if self.as_of is None:
            msg = f"{metric} needs as_of=, the instant at which the data were known: it says how long each basket was observed"
            raise AsOfRequiredError(msg)
        return microseconds(self.as_of)

    def _baskets(
        self, abandoned_after: Duration, channel: str | None
    ) -> tuple[Sequence[tuple[int, int]], Iterable[int]]:
        """Customer and order of each basket that was begun on a channel, and when it is abandoned without the order."""
        begun: Sequence[int] = self.begun
        baskets = list(zip(self.cluster, self.ordered, strict=True))
        if channel is not None:
            there = [each == channel for each in self.channel]
            begun, baskets = list(compress(begun, there)), list(compress(baskets, there))
        return baskets, ends_of(begun, abandoned_after, self.period.tz)

    def _followed(
        self, watched: Collection[tuple[int, bool]], channel: str | None, left_out: Mapping[str, int]
    ) -> Followed:
        """Customers of baskets, each with whether the basket came to what the figure is about."""
        later = len(self.later) if channel is None else self.later.count(channel)
        found = Counter([who for who, _ in watched])
        hits = Counter([who for who, is_hit in watched if is_hit])
        reasons = {AFTER_AS_OF: later, **left_out}
        return Followed(
            FrozenMapping({who: (number, hits[who]) for who, number in found.items()}),
            FrozenMapping({why: number for why, number in reasons.items() if number}),
        )


def _is_between(instants: Sequence[int], start: int, end: int) -> bool:
    """Whether one of them lies after the start, and not after the end."""
    return bisect_right(instants, start) < bisect_right(instants, end)


def checkout_facts(
    checkouts: Checkouts,
    periods: Iterable[Period],
    *,
    history: History | None = None,
    against: Mapping[Period, Period] = FrozenMapping(),
    options: Mapping[str, Mapping[str, Any]] = FrozenMapping(),
    metrics: Collection[str] | None = None,
    **reading: Unpack[RecordReading],
) -> list[CheckoutFacts]:
    """The facts of each period, in the order given.

    Args:
        checkouts: The checkouts, or a `Shop`.
        periods: The periods; they may overlap.
        history: The orders, which tell who came back; None where nobody asks.
        against: For periods that are compared with another of `periods`, that other.
        options: By metric, the windows for which the sums over customers of two periods are made, instead of the
            usual ones.
        metrics: Those for which these sums are made; None for all.
        reading: How to read the checkouts.
    """
    wanted = [checked_period(period) for period in periods]
    given, how = read_records(checkouts, reading, kind=Checkout)
    columns = _Columns.of(given, how)
    orders: _Orders = {
        "purchases": None if history is None else columns.purchases_in(history),
        "without_orders": history is not None and not len(history),
    }
    found = {period: _count(columns, period, how, orders) for period in wanted}
    return [
        evolve(found[period], cross=_cross(found[period], found[against[period]], options, metrics))
        if period in against
        else found[period]
        for period in wanted
    ]


class _Orders(TypedDict):
    """What the facts of all periods know of the orders."""

    purchases: Mapping[int, Sequence[int]] | None
    without_orders: bool


def _count(columns: _Columns, period: Period, how: Reading, orders: _Orders) -> CheckoutFacts:
    start, end = microseconds(period.start), microseconds(period.end)
    low, high = bisect_left(columns.begun, start), bisect_left(columns.begun, end)
    known = high if how.as_of is None else max(low, min(high, _first_after(columns.begun, how.as_of)))
    return CheckoutFacts(
        **seen(period, how, "checkout"),
        left_out=FrozenMapping({AFTER_AS_OF: high - known} if known < high else {}),
        begun=columns.begun[low:known],
        ordered=columns.ordered[low:known],
        cluster=columns.cluster[low:known],
        channel=columns.channel[low:known],
        later=columns.channel[known:high],
        **orders,
    )


def _first_after(instants: Sequence[int], moment: datetime) -> int:
    return bisect_right(instants, microseconds(moment))


_COUNTS: Mapping[str, Callable[..., Followed]] = {
    "cart_abandonment_rate": CheckoutFacts.abandonment,
    "cart_recovery_rate": CheckoutFacts.recovery,
}


def _cross(
    a: CheckoutFacts,
    b: CheckoutFacts,
    options: Mapping[str, Mapping[str, Any]],
    metrics: Collection[str] | None,
) -> Mapping[str, CrossSums]:
    """The sums over shared customers; none where the figures themselves can't be had."""
    found: dict[str, CrossSums] = {}
    for metric, count in _COUNTS.items():
        if metrics is None or metric in metrics:
            keywords = {**USUAL_WINDOWS[metric], **options.get(metric, {})}
            try:
                found[metric] = count(a, metric, **keywords).shared_with(count(b, metric, **keywords))
            except (AsOfRequiredError, MissingRecordsError):
                continue  # the figure itself will say so
    return FrozenMapping(found)


# --------------------------------------------------------------------------------------------- columns


@frozen
class _Columns:
    """All checkouts by the instant at which they were begun, and the numbers of their customers."""

    begun: array[int]
    ordered: array[int]
    cluster: array[int]
    channel: list[str | None]
    numbers: Mapping[object, int]

    @classmethod
    def of(cls, checkouts: Sequence[Checkout], how: Reading) -> _Columns:
        aliases = dict(how.aliases)
        numbers: dict[object, int] = {}
        columns = cls(array("q"), array("q"), array("q"), [], numbers)
        for place, checkout in enumerate(sorted(checkouts, key=attrgetter("begun_at"))):
            ordered_at, customer = checkout.ordered_at, checkout.customer_id
            is_known = ordered_at is not None and (how.as_of is None or ordered_at <= how.as_of)
            columns.begun.append(microseconds(checkout.begun_at))
            columns.ordered.append(microseconds(ordered_at) if ordered_at and is_known else _NEVER)
            columns.cluster.append(
                -1 - place
                if customer is None
                else numbers.setdefault(aliases.get(customer, customer), len(numbers))
            )
            columns.channel.append(checkout.channel)
        return columns

    def purchases_in(self, history: History) -> Mapping[int, Sequence[int]]:
        """When the customers who began a basket purchased; what lies before the first basket recovers none."""
        orders = history.columns
        buyers = {buyer: self.numbers[who] for buyer, who in enumerate(orders.ids) if who in self.numbers}
        found: dict[int, array[int]] = {number: array("q") for number in buyers.values()}
        low = bisect_left(orders.at, self.begun[0]) if self.begun else len(orders.at)
        for at, buyer in zip(orders.at[low:], orders.customer[low:], strict=True):
            if buyer in buyers:
                found[buyers[buyer]].append(at)
        return FrozenMapping(found)
