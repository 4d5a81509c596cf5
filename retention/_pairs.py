"""What two periods share: sums over the customers who are in both, which tell how far their figures move together.

The difference of two months varies less than two independent months would, since much the same people buy in
both. How much less is a matter of sums of products, counted in the same walk as the facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set as AbstractSet
from operator import mul
from typing import TypeAlias, cast

from attrs import frozen

from retention._numerics import Cross, CrossSums, CrossTwoGroups
from retention.periods import Period

__all__ = ["Members", "Pairing"]

Pairs: TypeAlias = tuple[Sequence[int], Sequence[int]]
"""The x, and beside it the y, of some customers in one period."""

Who: TypeAlias = AbstractSet[int]
"""Some customers."""


@frozen(kw_only=True, eq=False, repr=False)
class Members:
    """Who was behind the sums of a period; kept only until the periods it is compared with have been counted.

    Attributes:
        orders: Each active customer's purchases.
        spend: Each active customer's money.
        firsts: Each new customer's purchases at the instant of the first.
        first_new: The lowest number of a new customer; all lower ones purchased before the period.
        guests: Guests' purchases, each its own cluster, and what it left.
        beside: What each cluster's sales amounted to beside `spend`.
        refunded: Refunds of the period's sales, by cluster.
        refunds_made: Refunds made in the period, by cluster.
        at_start: The opening base.
        kept: Those of it who are in the closing base.
        reactivated: Those of the closing base who are neither new nor of the opening base.
        unbought: Orders that were placed and came to no purchase, by cluster.
        cancelled: Those of them that were cancelled, by cluster.
        categorised: Customers of whose purchases one or more name a category.
        cross_sold: Those of them who bought in two categories or more.
        profits: Money of purchases with a known cost and what is left of it, by cluster.
        discount_known: Purchases of which it is known whether there was a discount, by cluster.
        discounted: Those of them that had one, by cluster.
        channels: On how many channels each customer bought; those of whom none is known are left out.
    """

    orders: Mapping[int, int]
    spend: Mapping[int, int]
    firsts: Mapping[int, int]
    first_new: int
    guests: Mapping[int, int]
    beside: Mapping[int, int]
    refunded: Mapping[int, int]
    refunds_made: Mapping[int, int]
    at_start: frozenset[int]
    kept: frozenset[int]
    reactivated: frozenset[int]
    unbought: Mapping[int, int]
    cancelled: Mapping[int, int]
    categorised: frozenset[int]
    cross_sold: frozenset[int]
    profits: Mapping[int, tuple[int, int]]
    discount_known: Mapping[int, int]
    discounted: Mapping[int, int]
    channels: Mapping[int, int]

    def sold(self, cluster: int) -> int:
        """What a cluster's sales amounted to."""
        return self.spend.get(cluster, 0) + self.beside.get(cluster, 0)

    def placed(self, cluster: int) -> int:
        """How many orders a cluster placed."""
        bought = self.orders.get(cluster, 0) + (cluster in self.guests)
        return bought + self.unbought.get(cluster, 0)


class Pairing:
    """Makes the cross sums of two periods as soon as both have been counted.

    Args:
        against: For periods that are compared with another, that other.
        several_channels: On how many channels a customer buys who counts as one of several.

    Attributes:
        cross: For each period that is compared with another, the sums by metric.
    """

    def __init__(self, against: Mapping[Period, Period], *, several_channels: int) -> None:
        self._several_channels = several_channels
        self.cross: dict[Period, dict[str, Cross]] = {}
        self._waiting = set(against.items())
        self._members: dict[Period, Members] = {}

    def wants(self, period: Period) -> bool:
        """Whether a period is compared with another that has not been counted yet, or waits for it."""
        return any(period in pair for pair in self._waiting)

    def add(self, period: Period, members: Members) -> None:
        """Say who was behind the sums of a period."""
        self._members[period] = members
        for one, other in [pair for pair in self._waiting if period in pair]:
            if one in self._members and other in self._members:
                a, b = self._members[one], self._members[other]
                self.cross[one] = {**_cross_sums(a, b), **_of_selling(a, b, self._several_channels)}
                self._waiting.remove((one, other))
        needed = {each for pair in self._waiting for each in pair}
        self._members = {each: kept for each, kept in self._members.items() if each in needed}


def _cross_sums(a: Members, b: Members) -> dict[str, Cross]:
    buyers = _of_buyers(a, b)
    spend = cast("CrossSums", buyers["average_customer_value"])
    bought = cast("CrossSums", buyers["purchase_frequency"])
    return {
        **buyers,
        **_of_refunds(a, b, spend),
        **_of_bases(a, b),
        "cancellation_rate": _of_cancellations(a, b, bought),
        "cross_sell_rate": _of_parts((a.categorised, a.cross_sold), (b.categorised, b.cross_sold)),
        "gross_margin_ratio": _of_margins(a, b),
    }


# -------------------------------------------------------------------------------------------- buyers


@frozen(eq=False)
class _Columns:
    """What is known of the shared buyers in one of the periods, customer by customer."""

    orders: Sequence[int]
    spend: Sequence[int]
    repeats: Sequence[int]
    is_old: Sequence[int]

    @classmethod
    def of(cls, members: Members, shared: Sequence[int]) -> _Columns:
        firsts = members.firsts
        orders = list(map(members.orders.__getitem__, shared))
        return cls(
            orders,
            list(map(members.spend.__getitem__, shared)),
            [number - firsts.get(who, 0) for number, who in zip(orders, shared, strict=True)],
            [int(who < members.first_new) for who in shared],
        )

    def returning(self) -> Pairs:
        return self.is_old, list(map(mul, self.is_old, self.spend))

    def new(self) -> Pairs:
        is_new = [1 - old for old in self.is_old]
        return is_new, list(map(mul, is_new, self.spend))


def _of_buyers(a: Members, b: Members) -> dict[str, Cross]:
    shared = list(a.orders.keys() & b.orders.keys())
    n = len(a.orders) + len(b.orders) - len(shared)
    one = [1] * len(shared)
    first, second = (_Columns.of(members, shared) for members in (a, b))

    def cross(left: Pairs, right: Pairs) -> CrossSums:
        return _products(left, right, n)

    return {
        "purchase_frequency": cross((one, first.orders), (one, second.orders)),
        "average_customer_value": cross((one, first.spend), (one, second.spend)),
        "average_order_value": _order_values((a, first), (b, second), n),
        "repeat_order_rate": cross((first.orders, first.repeats), (second.orders, second.repeats)),
        "repeat_purchase_rate": cross(
            (one, [int(number > 1) for number in first.orders]),
            (one, [int(number > 1) for number in second.orders]),
        ),
        "returning_customer_rate": cross((one, first.is_old), (one, second.is_old)),
        "existing_customer_revenue_rate": cross(
            (first.spend, first.returning()[1]), (second.spend, second.returning()[1])
        ),
        "returning_spend_ratio": CrossTwoGroups(
            top_top=cross(first.returning(), second.returning()),
            top_bottom=cross(first.returning(), second.new()),
            bottom_top=cross(first.new(), second.returning()),
            bottom_bottom=cross(first.new(), second.new()),
        ),
    }


def _order_values(one: tuple[Members, _Columns], other: tuple[Members, _Columns], buyers: int) -> CrossSums:
    """Money of purchases; where periods overlap, a guest's purchase may lie in both."""
    (a, first), (b, second) = one, other
    shared = list(a.guests.keys() & b.guests.keys())
    alone = [1] * len(shared)
    return _products(
        ([*first.orders, *alone], [*first.spend, *map(a.guests.__getitem__, shared)]),
        ([*second.orders, *alone], [*second.spend, *map(b.guests.__getitem__, shared)]),
        buyers + len(a.guests) + len(b.guests) - len(shared),
    )


def _products(left: Pairs, right: Pairs, n: int) -> CrossSums:
    (x_a, y_a), (x_b, y_b) = left, right
    return CrossSums(
        n=n,
        xx=sum(map(mul, x_a, x_b)),
        xy=sum(map(mul, x_a, y_b)),
        yx=sum(map(mul, y_a, x_b)),
        yy=sum(map(mul, y_a, y_b)),
    )


# ------------------------------------------------------------------------------------------- refunds


def _of_refunds(a: Members, b: Members, spend: CrossSums) -> dict[str, CrossSums]:
    """Refunds (y) of the amounts of sales (x); a guest's order may be sold in one period and refunded in the other.

    Few sales leave anything beside `spend`, so that the products of `spend` need only be mended for these.
    """
    sold = (
        spend.yy
        + sum(a.spend.get(cluster, 0) * units for cluster, units in b.beside.items())
        + sum(units * b.spend.get(cluster, 0) for cluster, units in a.beside.items())
        + sum(units * b.beside.get(cluster, 0) for cluster, units in a.beside.items())
    )
    return {
        "refund_rate": _refunds((a, a.refunded), (b, b.refunded), sold, spend.n),
        "refund_ratio": _refunds((a, a.refunds_made), (b, b.refunds_made), sold, spend.n),
    }


def _refunds(
    one: tuple[Members, Mapping[int, int]], other: tuple[Members, Mapping[int, int]], sold: int, buyers: int
) -> CrossSums:
    (a, given_a), (b, given_b) = one, other
    others = a.beside.keys() | b.beside.keys() | given_a.keys() | given_b.keys()
    return CrossSums(
        n=buyers + sum(1 for cluster in others if cluster not in a.spend and cluster not in b.spend),
        xx=sold,
        xy=sum(a.sold(cluster) * units for cluster, units in given_b.items()),
        yx=sum(units * b.sold(cluster) for cluster, units in given_a.items()),
        yy=sum(units * given_b.get(cluster, 0) for cluster, units in given_a.items()),
    )


# ------------------------------------------------------------------------------------------- journey


def _of_cancellations(a: Members, b: Members, bought: CrossSums) -> CrossSums:
    """Cancelled orders (y) of all that were placed (x); `bought` has the products of the purchases."""
    guests = len(a.guests.keys() & b.guests.keys())
    placed = (
        bought.yy
        + guests
        + sum(a.orders.get(cluster, 0) * number for cluster, number in b.unbought.items())
        + sum(number * b.orders.get(cluster, 0) for cluster, number in a.unbought.items())
        + sum(number * b.unbought.get(cluster, 0) for cluster, number in a.unbought.items())
    )
    others = a.unbought.keys() | b.unbought.keys()
    return CrossSums(
        n=bought.n
        + len(a.guests)
        + len(b.guests)
        - guests
        + sum(1 for cluster in others if cluster not in a.orders and cluster not in b.orders),
        xx=placed,
        xy=sum(a.placed(cluster) * number for cluster, number in b.cancelled.items()),
        yx=sum(number * b.placed(cluster) for cluster, number in a.cancelled.items()),
        yy=sum(number * b.cancelled.get(cluster, 0) for cluster, number in a.cancelled.items()),
    )


def _of_parts(one: tuple[Who, Who], other: tuple[Who, Who]) -> CrossSums:
    """Some customers (y) of others (x), each counted once."""
    (all_a, some_a), (all_b, some_b) = one, other
    return CrossSums(
        n=len(all_a | all_b),
        xx=len(all_a & all_b),
        xy=len(all_a & some_b),
        yx=len(some_a & all_b),
        yy=len(some_a & some_b),
    )


def _of_margins(a: Members, b: Members) -> CrossSums:
    shared = list(a.profits.keys() & b.profits.keys())
    (x_a, y_a), (x_b, y_b) = (
        ([each.profits[who][0] for who in shared], [each.profits[who][1] for who in shared])
        for each in (a, b)
    )
    return _products((x_a, y_a), (x_b, y_b), len(a.profits) + len(b.profits) - len(shared))


# ------------------------------------------------------------------------------------------- selling


def _of_selling(a: Members, b: Members, several: int) -> dict[str, CrossSums]:
    on_several_a, on_several_b = (
        {who for who, number in each.channels.items() if number >= several} for each in (a, b)
    )
    return {
        "discounted_order_rate": _of_discounts(a, b),
        "multichannel_rate": _of_parts((a.channels.keys(), on_several_a), (b.channels.keys(), on_several_b)),
    }


def _of_discounts(a: Members, b: Members) -> CrossSums:
    """Purchases at a discount (y) of those of which it is known (x); few have one, as a rule."""
    known_a, known_b = a.discount_known, b.discount_known
    shared = known_a.keys() & known_b.keys()
    return CrossSums(
        n=len(known_a) + len(known_b) - len(shared),
        xx=sum(known_a[who] * known_b[who] for who in shared),
        xy=sum(known_a.get(who, 0) * number for who, number in b.discounted.items()),
        yx=sum(number * known_b.get(who, 0) for who, number in a.discounted.items()),
        yy=sum(number * b.discounted.get(who, 0) for who, number in a.discounted.items()),
    )


# --------------------------------------------------------------------------------------------- bases


def _of_bases(a: Members, b: Members) -> dict[str, Cross]:
    start_a, start_b, kept_a, kept_b = a.at_start, b.at_start, a.kept, b.kept
    back_a, back_b = a.reactivated, b.reactivated
    both_starts = len(start_a & start_b)
    either_start = len(start_a) + len(start_b) - both_starts
    retention = CrossSums(
        n=either_start,
        xx=both_starts,
        xy=len(start_a & kept_b),
        yx=len(kept_a & start_b),
        yy=len(kept_a & kept_b),
    )
    # Nobody is both kept and back, so that those who were there at the end are counted in two parts.
    there = CrossSums(
        n=either_start + len((back_a | back_b) - start_a - start_b),
        xx=both_starts,
        xy=retention.xy + len(start_a & back_b),
        yx=retention.yx + len(back_a & start_b),
        yy=retention.yy + len(kept_a & back_b) + len(back_a & kept_b) + len(back_a & back_b),
    )
    # Lapsed are all who purchased before the period and are not in its opening base: too many to list.
    lapsed_a, lapsed_b = a.first_new - len(start_a), b.first_new - len(start_b)
    both_lapsed = (
        min(a.first_new, b.first_new)
        - sum(map(b.first_new.__gt__, start_a))
        - sum(map(a.first_new.__gt__, start_b))
        + both_starts
    )
    return {
        "customer_retention_rate": retention,
        "customer_churn_rate": retention.complement(),
        "published_retention_ratio": there,
        "reactivation_rate": CrossSums(
            n=lapsed_a + lapsed_b - both_lapsed,
            xx=both_lapsed,
            xy=_lapsed_among(back_b, start_a, a.first_new),
            yx=_lapsed_among(back_a, start_b, b.first_new),
            yy=len(back_a & back_b),
        ),
    }


def _lapsed_among(customers: frozenset[int], at_start: frozenset[int], first_new: int) -> int:
    """How many of some customers were lapsed at the start of a period."""
    return len(frozenset(filter(first_new.__gt__, customers)) - at_start)
