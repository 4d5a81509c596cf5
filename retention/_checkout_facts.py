"""The narrow waist of checkouts: the baskets that were begun in a period, what became of them, and who came back.

Neither when a basket counts as abandoned nor how long its customer has to come back is settled here: the facts
keep the times themselves, so that they answer for any two windows without another walk.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, TypeAlias, Unpack

from attrs import evolve, field, frozen

from retention._calendar import Duration, check_duration, from_microseconds, microseconds, reach
from retention._horizon import checked_period
from retention._ledger import NOBODY
from retention._mapping import FrozenMapping
from retention._numerics import ClusterSums, CrossSums
from retention._reading import AFTER_AS_OF, Reading
from retention._record_reading import RecordReading, read_records
from retention._watched import Watched, seen
from retention.errors import AsOfRequiredError, MissingRecordsError
from retention.history import History
from retention.periods import Period
from retention.records import Checkout
from retention.shop import Shop

__all__ = ["USUAL_WINDOWS", "CheckoutFacts", "Checkouts", "Followed", "checkout_facts"]

Checkouts: TypeAlias = Iterable[Checkout] | Shop
"""What checkout metrics take: any iterable of checkouts, or a `Shop` that has them."""

NOT_OBSERVED = "not observed long enough"
NO_CUSTOMER = "without a customer"

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

_MICROSECOND = timedelta(microseconds=1)


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
        a, b = self.by_cluster, other.by_cluster
        shared = a.keys() & b.keys()
        return CrossSums.of(((a[who], b[who]) for who in shared), len(a) + len(b) - len(shared))


@frozen(kw_only=True)
class CheckoutFacts(Watched):
    """The baskets that were begun in one period. Times are in microseconds.

    Attributes:
        begun: When each was begun, ascending.
        took: How long it took each to become an order; `NOBODY` where it has not, as far as is known.
        cluster: Number of each one's customer; negative, and its own, where nobody knows the customer.
        purchases: Instants of each such customer's purchases, ascending; None where no orders were given.
        without_orders: Orders were asked for, and there is not one.
    """

    begun: Sequence[int] = field(repr=False)
    took: Sequence[int] = field(repr=False)
    cluster: Sequence[int] = field(repr=False)
    purchases: Mapping[int, Sequence[int]] | None = field(default=None, repr=False)
    without_orders: bool = False

    def abandonment(self, metric: str, *, abandoned_after: Duration) -> Followed:
        """Baskets that were watched for that long, and those of them that were not ordered by then."""
        as_of = self._as_of(metric)
        check_duration(abandoned_after, owner=metric, field="abandoned_after")
        left_out = Counter(self.left_out)
        found: Counter[int] = Counter()
        abandoned: Counter[int] = Counter()
        for begun, took, cluster, limit in zip(
            self.begun, self.took, self.cluster, self._ends(abandoned_after), strict=True
        ):
            if limit > as_of:
                left_out[NOT_OBSERVED] += 1
                continue
            found[cluster] += 1
            abandoned[cluster] += not _is_in_time(begun, took, limit)
        return _followed(found, abandoned, left_out)

    def recovery(self, metric: str, *, abandoned_after: Duration, within: Duration) -> Followed:
        """Abandoned baskets of known customers who were watched for both times, and those whose customer bought."""
        as_of = self._as_of(metric)
        check_duration(abandoned_after, owner=metric, field="abandoned_after")
        check_duration(within, owner=metric, field="within")
        if self.purchases is None:
            msg = f"{metric} needs the orders, which tell who came back; give them with Shop(orders=…)"
            raise MissingRecordsError(msg)
        left_out = Counter(self.left_out)
        found: Counter[int] = Counter()
        recovered: Counter[int] = Counter()
        for begun, took, cluster, limit in zip(
            self.begun, self.took, self.cluster, self._ends(abandoned_after), strict=True
        ):
            if _is_in_time(begun, took, limit):
                continue
            end = self._end(limit, within)
            if end > as_of:
                left_out[NOT_OBSERVED] += 1
            elif cluster < 0:
                left_out[NO_CUSTOMER] += 1
            else:
                found[cluster] += 1
                recovered[cluster] += _is_between(self.purchases.get(cluster, ()), limit, end)
        return _followed(found, recovered, left_out)

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

    def _ends(self, duration: Duration) -> Iterator[int]:
        """For each basket when the time is over."""
        return (self._end(begun, duration) for begun in self.begun)

    def _end(self, start: int, duration: Duration) -> int:
        if isinstance(duration, timedelta):
            return start + duration // _MICROSECOND
        return microseconds(reach(from_microseconds(start), duration, self.period.tz))


def _is_in_time(begun: int, took: int, limit: int) -> bool:
    return took != NOBODY and begun + took <= limit


def _is_between(instants: Sequence[int], start: int, end: int) -> bool:
    """Whether one of them lies after the start, and not after the end."""
    return bisect_right(instants, start) < bisect_right(instants, end)


def _followed(found: Counter[int], hits: Counter[int], left_out: Counter[str]) -> Followed:
    by_cluster = {cluster: (number, hits[cluster]) for cluster, number in found.items()}
    in_order = (AFTER_AS_OF, NOT_OBSERVED, NO_CUSTOMER)
    return Followed(
        FrozenMapping(by_cluster),
        FrozenMapping({why: left_out[why] for why in in_order if left_out[why]}),
    )


def checkout_facts(
    checkouts: Checkouts,
    periods: Iterable[Period],
    *,
    history: History | None = None,
    against: Mapping[Period, Period] = FrozenMapping(),
    options: Mapping[str, Mapping[str, Any]] = FrozenMapping(),
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
        reading: How to read the checkouts.
    """
    wanted = [checked_period(period) for period in periods]
    given, how = read_records(checkouts, reading, kind=Checkout)
    columns = _Columns.of(given, how)
    purchases = None if history is None else columns.purchases_in(history)
    found = {
        period: evolve(
            _count(columns, period, how),
            purchases=purchases,
            without_orders=history is not None and not len(history),
        )
        for period in wanted
    }
    return [
        evolve(found[period], cross=FrozenMapping(_cross(found[period], found[against[period]], options)))
        if period in against
        else found[period]
        for period in wanted
    ]


def _count(columns: _Columns, period: Period, how: Reading) -> CheckoutFacts:
    start, end = microseconds(period.start), microseconds(period.end)
    low, high = bisect_left(columns.begun, start), bisect_left(columns.begun, end)
    known = high if how.as_of is None else max(low, min(high, _first_after(columns.begun, how.as_of)))
    return CheckoutFacts(
        **seen(period, how, "checkout"),
        left_out=FrozenMapping({AFTER_AS_OF: high - known} if known < high else {}),
        begun=columns.begun[low:known],
        took=columns.took[low:known],
        cluster=columns.cluster[low:known],
    )


def _first_after(instants: Sequence[int], moment: datetime) -> int:
    return bisect_right(instants, microseconds(moment))


def _cross(
    a: CheckoutFacts, b: CheckoutFacts, options: Mapping[str, Mapping[str, Any]]
) -> dict[str, CrossSums]:
    """The sums over shared customers; none where the figures themselves can't be had."""
    if a.as_of is None:
        return {}
    counting: dict[str, Callable[..., Followed]] = {"cart_abandonment_rate": CheckoutFacts.abandonment}
    if a.purchases is not None:
        counting["cart_recovery_rate"] = CheckoutFacts.recovery
    found: dict[str, CrossSums] = {}
    for metric, count in counting.items():
        windows = {**USUAL_WINDOWS[metric], **options.get(metric, {})}
        found[metric] = count(a, metric, **windows).shared_with(count(b, metric, **windows))
    return found


# --------------------------------------------------------------------------------------------- columns


@frozen
class _Columns:
    """All checkouts by the instant at which they were begun, and the numbers of their customers."""

    begun: array[int]
    took: array[int]
    cluster: array[int]
    numbers: Mapping[object, int]

    @classmethod
    def of(cls, checkouts: Sequence[Checkout], how: Reading) -> _Columns:
        aliases = dict(how.aliases)
        numbers: dict[object, int] = {}
        columns = cls(array("q"), array("q"), array("q"), numbers)
        for place, checkout in enumerate(sorted(checkouts, key=attrgetter("begun_at"))):
            ordered_at, customer = checkout.ordered_at, checkout.customer_id
            is_known = ordered_at is not None and (how.as_of is None or ordered_at <= how.as_of)
            columns.begun.append(microseconds(checkout.begun_at))
            columns.took.append(
                (ordered_at - checkout.begun_at) // _MICROSECOND if ordered_at and is_known else NOBODY
            )
            columns.cluster.append(
                -1 - place
                if customer is None
                else numbers.setdefault(aliases.get(customer, customer), len(numbers))
            )
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
