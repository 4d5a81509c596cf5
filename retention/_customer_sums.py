"""Sums over customers, from which figures and their intervals are made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from operator import mul
from typing import TypedDict

from retention._numerics import ClusterSums

__all__ = ["customer_sums", "order_values", "refund_sums"]


class CustomerSums(TypedDict):
    orders: ClusterSums
    spend: ClusterSums
    repeat_orders: ClusterSums
    existing_spend: ClusterSums
    new_spend: ClusterSums
    returning_spend: ClusterSums


def customer_sums(
    orders: Mapping[int, int], spend: Mapping[int, int], firsts: Mapping[int, int], first_new: int, scale: int
) -> CustomerSums:
    """The sums over customers, each made once: most are differences of others.

    Args:
        orders: Each customer's purchases.
        spend: Each customer's money.
        firsts: Each new customer's purchases at the instant of the first.
        first_new: The lowest number of a new customer.
        scale: Units of money in 1.00.
    """
    new = [money for buyer, money in spend.items() if buyer >= first_new]
    everyone, newcomers = _money(spend.values(), scale), _money(new, scale)
    returning = ClusterSums(
        n=everyone.n - newcomers.n,
        x=everyone.x - newcomers.x,
        y=everyone.y - newcomers.y,
        xx=everyone.xx - newcomers.xx,
        xy=everyone.xy - newcomers.xy,
        yy=everyone.yy - newcomers.yy,
        scale=scale,
    )
    number, squares = sum(orders.values()), sum(map(mul, orders.values(), orders.values()))
    first, first_squares = sum(firsts.values()), sum(map(mul, firsts.values(), firsts.values()))
    crossed = sum(orders[buyer] * times for buyer, times in firsts.items())
    return {
        "orders": ClusterSums(n=len(orders), x=len(orders), y=number, xx=len(orders), xy=number, yy=squares),
        "spend": everyone,
        "repeat_orders": ClusterSums(
            n=len(orders),
            x=number,
            y=number - first,
            xx=squares,
            xy=squares - crossed,
            yy=squares - 2 * crossed + first_squares,
        ),
        "existing_spend": ClusterSums(
            n=everyone.n,
            x=everyone.y,
            y=returning.y,
            xx=everyone.yy,
            xy=returning.yy,
            yy=returning.yy,
            scale=scale,
            x_scale=scale,
        ),
        "new_spend": newcomers,
        "returning_spend": returning,
    }


def _money(spent: Collection[int], scale: int) -> ClusterSums:
    """Money per customer: x is 1."""
    total = sum(spent)
    return ClusterSums(
        n=len(spent),
        x=len(spent),
        y=total,
        xx=len(spent),
        xy=total,
        yy=sum(map(mul, spent, spent)),
        scale=scale,
    )


def order_values(
    orders: Mapping[int, int],
    spend: Mapping[int, int],
    guests: Iterable[tuple[int, int]],
    sums: CustomerSums,
) -> ClusterSums:
    """Money per purchase; each guest's purchase is a cluster of one order."""
    spent = [units for _, units in guests]
    numbers, money = sums["orders"], sums["spend"]
    return ClusterSums(
        n=numbers.n + len(spent),
        x=numbers.y + len(spent),
        y=money.y + sum(spent),
        xx=numbers.yy + len(spent),
        xy=sum(map(mul, orders.values(), spend.values())) + sum(spent),
        yy=money.yy + sum(map(mul, spent, spent)),
        scale=money.scale,
    )


def refund_sums(
    spend: Mapping[int, int], beside: Mapping[int, int], refunds: Mapping[int, int], money: ClusterSums
) -> ClusterSums:
    """Refunds (y) of the amounts of sales (x), per cluster.

    Args:
        spend: What each customer's purchases left.
        beside: What the sales amounted to beside that: guests', those that left nothing, what was refunded.
            Few clusters have any, so that the sums of `spend` need only be mended for these.
        refunds: What was given back, by cluster.
        money: The sums of `spend`.
    """
    return ClusterSums(
        n=money.n + sum(1 for cluster in {**beside, **refunds} if cluster not in spend),
        x=money.y + sum(beside.values()),
        y=sum(refunds.values()),
        xx=money.yy + sum(units * (2 * spend.get(cluster, 0) + units) for cluster, units in beside.items()),
        xy=sum(
            given * (spend.get(cluster, 0) + beside.get(cluster, 0)) for cluster, given in refunds.items()
        ),
        yy=sum(given * given for given in refunds.values()),
        scale=money.scale,
        x_scale=money.scale,
    )
