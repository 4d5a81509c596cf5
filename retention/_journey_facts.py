"""What a period's customers went through beside buying: orders cancelled, categories tried, margins paid."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import chain
from typing import Any, TypedDict

from attrs import field, frozen

from retention._calendar import Duration, ends_of, microseconds
from retention._cancellations import CANCELLED_FOR, NOT_CANCELLED, Cancellation
from retention._columns import Columns
from retention._ledger import NOBODY
from retention._mapping import FrozenMapping
from retention._numerics import ClusterSums, CrossSums

__all__ = ["USUAL_WINDOWS", "Assortment", "Cancellations", "Journey", "Margin", "Recoveries", "recoveries"]

USUAL_WINDOWS: Mapping[str, Mapping[str, Any]] = FrozenMapping(
    {"recovery_rate": FrozenMapping({"within": timedelta(days=30)})}
)
"""By metric, the windows with which a snapshot shows it unless told otherwise."""


# ------------------------------------------------------------------------------------- cancellations


@frozen(kw_only=True)
class Cancellations:
    """Orders placed in a period, and those of them that were cancelled.

    Attributes:
        clusters: How many customers placed them, each guest order its own.
        placed: How many there are.
        squares: Σ (orders placed)² over the clusters.
        reasons: Of each cluster that cancelled any, how many it placed, and how many were cancelled by reason.
    """

    clusters: int
    placed: int
    squares: int
    reasons: Sequence[tuple[int, Mapping[str, int]]] = field(repr=False)

    def of_placed(self, among: Collection[str]) -> ClusterSums:
        """Cancelled for one of some reasons (y) of all that were placed (x)."""
        cancelled = [
            (placed, sum(by_reason.get(reason, 0) for reason in among)) for placed, by_reason in self.reasons
        ]
        return ClusterSums(
            n=self.clusters,
            x=self.placed,
            y=sum(number for _, number in cancelled),
            xx=self.squares,
            xy=sum(placed * number for placed, number in cancelled),
            yy=sum(number * number for _, number in cancelled),
        )

    def counts(self) -> dict[str, int]:
        """How many were cancelled for each reason that occurs."""
        return dict(sum((Counter(by_reason) for _, by_reason in self.reasons), Counter()))

    def of_cancelled(self, reason: str) -> ClusterSums:
        """Cancelled for one reason (y) of all that were cancelled (x)."""
        return ClusterSums.of(
            (sum(by_reason.values()), by_reason.get(reason, 0)) for _, by_reason in self.reasons
        )


@frozen(kw_only=True)
class Recoveries:
    """Cancelled orders that were followed for some time, and those of them whose customers purchased within it.

    Attributes:
        followed: Of each customer, how many were followed, and how many were recovered.
        of_guests: How many can't be followed, since nobody knows whose they were.
        unseen: How many have not been observed for that long.
    """

    followed: Mapping[int, tuple[int, int]] = field(repr=False)
    of_guests: int
    unseen: int

    def sums(self) -> ClusterSums:
        """Recovered (y) of all that were followed (x)."""
        return ClusterSums.of(self.followed.values())

    def shared_with(self, other: Recoveries) -> CrossSums:
        """The sums over the customers of two periods."""
        return CrossSums.between(self.followed, other.followed)


def recoveries(
    cancelled: Iterable[Cancellation],
    *,
    among: Collection[str],
    within: Duration,
    tz: tzinfo,
    as_of: datetime,
) -> Recoveries:
    """What became of the customers of cancelled orders.

    Args:
        cancelled: The cancelled orders.
        among: The reasons that count.
        within: How long each is followed from its cancellation on, the limit included.
        tz: The zone whose months are meant.
        as_of: When the data were known.
    """
    known, of_guests, unseen = microseconds(as_of), 0, 0
    followed: dict[int, tuple[int, int]] = {}
    asked_for = [each for each in cancelled if each.reason in among]
    for each, until in zip(asked_for, ends_of((each.at for each in asked_for), within, tz), strict=True):
        if each.of_guest:
            of_guests += 1
        elif until > known:
            unseen += 1
        else:
            whole, part = followed.get(each.cluster, (0, 0))
            followed[each.cluster] = (whole + 1, part + (each.gap != NOBODY and each.at + each.gap <= until))
    return Recoveries(followed=followed, of_guests=of_guests, unseen=unseen)


# ---------------------------------------------------------------------------------------- categories


@frozen(kw_only=True)
class Assortment:
    """In how many categories customers bought.

    Attributes:
        customers: Those of whose purchases one or more name a category.
        several: Those of them who bought in two categories or more.
        unnamed: How many purchases of known customers name none.
    """

    customers: int
    several: int
    unnamed: int


# ------------------------------------------------------------------------------------------- margins


@frozen(kw_only=True)
class Margin:
    """What purchases left over what their goods cost.

    Attributes:
        sums: Per customer, each guest's purchase its own: money (x) of purchases with a known cost, and what is left
            of it after that cost (y).
        places: Decimals of the units of what is left; costs may be finer than money.
        unknown: How many purchases have no known cost.
    """

    sums: ClusterSums
    places: int
    unknown: int


# ---------------------------------------------------------------------------------------- the journey


class JourneyFacts(TypedDict):
    cancellations: Cancellations
    cancelled: Sequence[Cancellation]
    assortment: Assortment
    margin: Margin


class JourneyMembers(TypedDict):
    unbought: Mapping[int, int]
    cancelled: Mapping[int, int]
    categorised: frozenset[int]
    cross_sold: frozenset[int]
    profits: Mapping[int, tuple[int, int]]


class Journey:
    """All of it for one period, customer by customer, while the period is counted.

    Args:
        columns: What was bought and what was cancelled.
        span: The instants that bound the period.
        cut: Where its purchases of known customers begin and end.
    """

    def __init__(self, columns: Columns, span: tuple[int, int], cut: slice) -> None:
        self._columns, self._span, self._cut = columns, span, cut
        self._guests = list(columns.guests.between(*span))
        self._unsold = list(columns.unsold.between(*span))
        rest = [cluster for cluster, _ in columns.rest.between(*span)]
        self._unbought = Counter(rest + [cluster for cluster, _ in self._unsold])
        self._first_categories: dict[int, int] = {}
        self._cross_sold: set[int] = set()
        self._unnamed = self._look_at_categories()
        self._profits: dict[int, tuple[int, int]] = {}
        self._priced = self._look_at_costs()

    def members(self) -> JourneyMembers:
        """Who did what."""
        return {
            "unbought": self._unbought,
            "cancelled": Counter([who for who, number in self._unsold if number != NOT_CANCELLED]),
            "categorised": frozenset(self._first_categories),
            "cross_sold": frozenset(self._cross_sold),
            "profits": self._profits,
        }

    def facts(self, orders: Mapping[int, int], numbers: ClusterSums) -> JourneyFacts:
        """How much was done.

        Args:
            orders: Each customer's purchases.
            numbers: The sums of these.
        """
        return {
            "cancellations": self._cancellations(orders, numbers),
            "cancelled": self._cancelled(),
            "assortment": Assortment(
                customers=len(self._first_categories), several=len(self._cross_sold), unnamed=self._unnamed
            ),
            "margin": self._margin(purchases=numbers.y + len(self._guests)),
        }

    def _cancellations(self, orders: Mapping[int, int], numbers: ClusterSums) -> Cancellations:
        guests, beside = len(self._guests), self._unbought
        reasons: dict[int, Counter[str]] = {}
        for cluster, number in self._unsold:
            if number != NOT_CANCELLED:
                reasons.setdefault(cluster, Counter())[CANCELLED_FOR[number]] += 1
        # Few orders come to nothing, so that the sums of purchases need only be mended for these.
        mended = sum(times * (2 * orders.get(cluster, 0) + times) for cluster, times in beside.items())
        return Cancellations(
            clusters=numbers.n + guests + sum(1 for cluster in beside if cluster not in orders),
            placed=numbers.y + guests + sum(beside.values()),
            squares=numbers.yy + guests + mended,
            reasons=[(orders.get(cluster, 0) + beside[cluster], why) for cluster, why in reasons.items()],
        )

    def _cancelled(self) -> Sequence[Cancellation]:
        cancelled = self._columns.cancelled
        low, high = (bisect_left(cancelled, (end,)) for end in self._span)
        return cancelled[low:high]

    def _look_at_categories(self) -> int:
        """Find who bought in which categories; returns how many purchases name none."""
        goods, customers = self._columns.goods, self._columns.customer[self._cut]
        if not goods.category:
            return len(customers)
        holds_several = [len(names) > 1 for names in goods.category_sets]
        first, unnamed = self._first_categories, 0
        for who, names in zip(customers, goods.category[self._cut], strict=True):
            if not names:
                unnamed += 1
            # Two different sets have two categories between them, whatever these are.
            elif first.setdefault(who, names) != names or holds_several[names]:
                self._cross_sold.add(who)
        return unnamed

    def _look_at_costs(self) -> int:
        """Find what each customer's purchases left over their costs; returns of how many these are known."""
        columns, found = self._columns, self._profits
        net_times, cost_times = _common_units(columns)
        priced = 0
        for cluster, net, cost in chain(self._known_costs(), self._guest_costs()):
            if cost != NOBODY:
                priced += 1
                money, left = found.get(cluster, (0, 0))
                found[cluster] = (money + net, left + net * net_times - cost * cost_times)
        return priced

    def _known_costs(self) -> Iterator[tuple[int, int, int]]:
        columns, cut = self._columns, self._cut
        if not columns.goods.cost:
            return iter(())
        return zip(columns.customer[cut], columns.net[cut], columns.goods.cost[cut], strict=True)

    def _guest_costs(self) -> Iterator[tuple[int, int, int]]:
        costs = dict(self._columns.goods.guest_costs.between(*self._span))
        if not costs:
            return iter(())
        return ((cluster, net, costs.get(cluster, NOBODY)) for cluster, net in self._guests)

    def _margin(self, *, purchases: int) -> Margin:
        columns = self._columns
        places = max(columns.places, columns.goods.cost_places)
        sums = ClusterSums.of(
            self._profits.values(), scale=10**places, x_scale=10**columns.places, signed=True
        )
        return Margin(sums=sums, places=places, unknown=purchases - self._priced)


def _common_units(columns: Columns) -> tuple[int, int]:
    """By how much amounts, and costs, are multiplied to be in the finer units of the two."""
    places, cost_places = columns.places, columns.goods.cost_places
    return 10 ** max(0, cost_places - places), 10 ** max(0, places - cost_places)
