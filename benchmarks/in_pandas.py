"""The same figures as an expert writes them in pandas: vectorised, all months at once, money in whole cents.

It counts what `retention` counts by default, to the last cent and customer (`bench_orders.py --check` proves it),
and makes the figures alone: no intervals, and no sums for any, no reasons for what was left out, no customers
behind the flow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from shop import AS_OF, MONTHS, START, TOP, WITHIN_DAYS, ZONE

from retention import Order

Frame = pd.DataFrame
_DAY = 86_400_000_000  # microseconds


class Index(NamedTuple):
    """The tables that the figures are made from."""

    sales: Frame
    """Sales: month, gross, refunded, net."""
    refunds: Frame
    """Refunds of sales: the month in which they were made, cents."""
    known: Frame
    """Purchases of known customers by instant: month, customer, at, net, first_at, previous_at."""
    customers: Frame
    """Customers: the month of the first purchase, microseconds to the second."""


# ------------------------------------------------------------------------------------- to a table of orders


def table_of_orders(orders: Sequence[Order]) -> tuple[Frame, Frame]:
    """Orders, and their refunds, from objects."""
    table = pd.DataFrame(
        {
            "id": [order.id for order in orders],
            "customer_id": pd.Series([order.customer_id for order in orders], dtype=object),
            "at": pd.DatetimeIndex([order.placed_at for order in orders]),
            "gross": [int(order.amount * 100) for order in orders],
            "currency": [order.currency for order in orders],
            "payment_state": [order.payment_state for order in orders],
            "cancelled_at": pd.to_datetime([order.cancelled_at for order in orders], utc=True),
            "is_test": [order.is_test for order in orders],
            "is_exchange": [bool(order.tags) and "exchange" in order.tags for order in orders],
            "is_gift_card": [bool(order.tags) and "gift-card" in order.tags for order in orders],
        }
    )
    given_back = [
        (row, refund.refunded_at, int(refund.amount * 100))
        for row, order in enumerate(orders)
        for refund in order.refunds
    ]
    refunds = pd.DataFrame(given_back, columns=["row", "at", "cents"])
    return table, refunds


def table_of_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[Frame, Frame]:
    """Orders, and their refunds, from dictionaries as JSON gives them."""
    table = pd.DataFrame(rows)
    given_back = [
        (row, refund["refunded_at"], refund["amount"])
        for row, refunds in enumerate(table.pop("refunds"))
        for refund in refunds
    ]
    refunds = pd.DataFrame(given_back, columns=["row", "at", "cents"])
    refunds["at"] = pd.to_datetime(refunds["at"], utc=True, format="ISO8601")
    refunds["cents"] = _cents(refunds["cents"])
    table["at"] = pd.to_datetime(table.pop("placed_at"), utc=True, format="ISO8601")
    table["cancelled_at"] = pd.to_datetime(table["cancelled_at"], utc=True, format="ISO8601")
    table["gross"] = _cents(table.pop("amount"))
    table["is_exchange"] = table["is_gift_card"] = False
    return table, refunds


def _cents(texts: pd.Series) -> pd.Series:
    """Money of two decimals, exactly: a float below 2**53 cents rounds to the right cent."""
    return (texts.astype("float64") * 100).round().astype("int64")


# ---------------------------------------------------------------------------------------------------- index


def index(table: Frame, refunds: Frame) -> Index:
    """Sales, purchases and customers, each with what the figures of all months need."""
    sales, refunds = sold(table, refunds)
    customer, _ = pd.factorize(sales["customer_id"])
    sales = pd.DataFrame(
        {
            "month": _month(sales["at"]),
            "at": microseconds(sales["at"]),
            "customer": customer,
            "gross": sales["gross"],
            "refunded": sales["refunded"],
            "net": sales["net"],
        }
    )
    known = sales.loc[(sales["net"] > 0) & (sales["customer"] >= 0), ["month", "at", "customer", "net"]]
    by_customer = known.groupby("customer")["at"]
    known["previous_at"] = by_customer.shift()
    known["first_at"] = by_customer.transform("first")
    known["rank"] = by_customer.cumcount()
    return Index(
        sales=sales,
        refunds=pd.DataFrame({"month": _month(refunds["at"]), "cents": refunds["cents"]}),
        known=known,
        customers=_customers(known),
    )


def sold(table: Frame, refunds: Frame) -> tuple[Frame, Frame]:
    """The sales by instant, with what is left of each, and their refunds."""
    if not table["id"].is_unique or table["currency"].nunique() > 1:
        msg = "an id stands twice, or there are several currencies"
        raise ValueError(msg)
    as_of = pd.Timestamp(AS_OF)
    refunds = refunds[refunds["at"] <= as_of]
    table["refunded"] = refunds.groupby("row")["cents"].sum().reindex(table.index, fill_value=0)
    table["net"] = table["gross"] - table["refunded"]
    sales = table[
        (table["at"] <= as_of)
        & ~table["is_test"]
        & ~table["payment_state"].isin(["pending", "failed"])
        & ~(table["cancelled_at"] <= as_of)
        & ~table["is_exchange"]
        & ~table["is_gift_card"]
    ].sort_values("at", kind="stable")
    return sales, refunds[refunds["row"].isin(sales.index)]


def _customers(known: Frame) -> Frame:
    first = known[known["rank"] == 0].set_index("customer")
    second = known[known["rank"] == 1].set_index("customer")
    return pd.DataFrame({"month": first["month"], "gap": second["at"] - second["previous_at"]})


def edges() -> np.ndarray:
    """The starts of the months, local time, and of the one after the last, as microseconds."""
    return (
        pd.date_range(START.replace(tzinfo=None), periods=MONTHS + 1, freq="MS", tz=ZONE).as_unit("us").asi8
    )


def _month(at: pd.Series) -> np.ndarray:
    """The number of each instant's month, from 0."""
    return np.searchsorted(edges(), microseconds(at), side="right") - 1


def microseconds(at: pd.Series) -> np.ndarray:
    return at.dt.as_unit("us").astype("int64").to_numpy()


# -------------------------------------------------------------------------------------------------- figures


def figures(tables: Index) -> Frame:
    """One row a month, one column a figure, and each month's figures beside those of the month before."""
    active = _active(tables.known)
    found = pd.concat(
        [
            _revenue(tables),
            _flow(active),
            _per_customer(active),
            _concentration(active),
            _rhythm(tables, active),
        ],
        axis="columns",
    ).reindex(range(MONTHS))
    return found.join(found.shift(), rsuffix="_previous")


def _active(known: Frame) -> Frame:
    """One row for each customer active in a month, by month and customer."""
    active = (
        known.assign(repeat=known["at"] > known["first_at"])
        .groupby(["month", "customer"])
        .agg(
            orders=("net", "size"),
            net=("net", "sum"),
            repeats=("repeat", "sum"),
            lowest_rank=("rank", "first"),
            latest=("at", "last"),
        )
        .reset_index()
    )
    active["new"] = active["lowest_rank"] == 0
    active["kept"] = active.groupby("customer")["month"].diff() == 1
    return active


def _revenue(tables: Index) -> Frame:
    by_month = tables.sales.groupby("month")[["gross", "refunded", "net"]].sum()
    purchases = tables.sales.loc[tables.sales["net"] > 0].groupby("month")["net"]
    made = tables.refunds.groupby("month")["cents"].sum()
    return pd.DataFrame(
        {
            "order_count": purchases.size(),
            "gross_revenue": by_month["gross"] / 100,
            "refunded_revenue": by_month["refunded"] / 100,
            "net_revenue": by_month["net"] / 100,
            "refund_rate": by_month["refunded"] / by_month["gross"],
            "refund_ratio": made / by_month["gross"],
            "average_order_value": purchases.mean() / 100,
        }
    )


def _flow(active: Frame) -> Frame:
    by_month = active.groupby("month")[["new", "kept"]].sum()
    end = active.groupby("month").size()
    start = end.shift(fill_value=0)
    new, kept = by_month["new"], by_month["kept"]
    reactivated = end - new - kept
    lapsed = new.cumsum().shift(fill_value=0) - start
    return pd.DataFrame(
        {
            "active_customer_count": end,
            "new_customer_count": new,
            "customer_flow.start": start,
            "customer_flow.kept": kept,
            "customer_flow.lost": start - kept,
            "customer_flow.reactivated": reactivated,
            "customer_retention_rate": kept / start,
            "customer_churn_rate": (start - kept) / start,
            "published_retention_ratio": (end - new) / start,
            "reactivation_rate": reactivated / lapsed,
            "returning_customer_rate": (end - new) / end,
        }
    )


def _per_customer(active: Frame) -> Frame:
    active = active.assign(repeater=active["orders"] > 1)
    total = active.groupby("month")[["orders", "net", "repeats", "repeater"]].sum()
    customers = active.groupby("month").size()
    returning = active[~active["new"]].groupby("month")["net"].agg(["sum", "mean"])
    new = active[active["new"]].groupby("month")["net"].mean()
    return pd.DataFrame(
        {
            "repeat_purchase_rate": total["repeater"] / customers,
            "purchase_frequency": total["orders"] / customers,
            "average_customer_value": total["net"] / customers / 100,
            "repeat_order_rate": total["repeats"] / total["orders"],
            "existing_customer_revenue_rate": returning["sum"].reindex(total.index, fill_value=0)
            / total["net"],
            "returning_spend_ratio": returning["mean"] / new,
        }
    )


def _concentration(active: Frame) -> Frame:
    spends = active[["month", "net"]].sort_values(["month", "net"])
    by_month = spends.groupby("month")["net"]
    place, size = by_month.cumcount(), by_month.transform("size")
    # The best ceil(n / 5) are the last ones; in whole numbers, so that no binary fraction adds one.
    best = spends[place >= size - (size + TOP - 1) // TOP].groupby("month")["net"].sum()
    weighted = ((2 * place + 1 - size) * spends["net"]).groupby(spends["month"]).sum()
    total = by_month.sum()
    return pd.DataFrame(
        {"revenue_concentration_rate": best / total, "gini_score": weighted / (by_month.size() * total)}
    )


def _rhythm(tables: Index, active: Frame) -> Frame:
    known = tables.known
    repeaters = tables.customers.dropna(subset="gap")
    soon = repeaters["gap"] <= WITHIN_DAYS * _DAY
    latest = active.pivot(index="customer", columns="month", values="latest").ffill(axis="columns")
    ends = pd.Series(edges()[1:], index=range(MONTHS))
    return pd.DataFrame(
        {
            "second_purchase_days": repeaters.groupby("month")["gap"].median() / _DAY,
            "second_purchase_rate": soon.groupby(repeaters["month"]).mean(),
            "purchase_gap_days": (known["at"] - known["previous_at"]).groupby(known["month"]).median() / _DAY,
            "recency_days": (ends - latest.median()) / _DAY,
        }
    )
