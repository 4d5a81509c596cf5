"""Every order figure once more, counted with pandas: the independent check of the library.

Written from the definitions alone and sharing no line with the package, which it doesn't import. It works on
data frames, by grouping, merging and shifting, where the package walks over records. Money is in minor units,
and all figures are Python integers; ratios are pairs (numerator, denominator), never reduced, so that nothing is
ever rounded. It aims to be evidently right, not fast.

Usage::

    oracle = Oracle(orders_frame(records), as_of=as_of)
    figures = oracle.period(start, end, previous_start)
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

COLUMNS = (
    "order_id",
    "customer_id",
    "placed_at",
    "amount",
    "refunds",
    "is_test",
    "payment_state",
    "cancelled_at",
    "tags",
    "currency",
)

# In order of precedence: an order that is left out for several reasons counts under the first.
REASONS = (
    "after as_of",
    "other currency",
    "test",
    "unpaid",
    "cancelled",
    "exchange",
    "gift card",
    "no net amount",
    "guest",
)
NO_SALE = REASONS[:7]

Pair = tuple[int, int]


class Sums(NamedTuple):
    """What the ratio estimator R = Σy/Σx needs, x and y being the totals of one cluster."""

    clusters: int
    x: int
    y: int
    xx: int
    xy: int
    yy: int


def value(pair: Pair) -> Fraction | None:
    """The ratio itself, or None where it is undefined."""
    numerator, denominator = pair
    return Fraction(numerator, denominator) if denominator else None


# --- rows and frames ---


def read_rows(path: str | Path) -> list[dict[str, Any]]:
    """The CDNOW sample: one dictionary a row, in the order of the file, with nothing merged or dropped."""
    rows: list[dict[str, Any]] = []
    for line in Path(path).read_text(encoding="ascii").splitlines():
        master_id, sample_id, day, quantity, amount = line.split()
        rows.append(
            {
                "customer_id": sample_id,
                "master_id": master_id,
                "date": date(int(day[:4]), int(day[4:6]), int(day[6:])),
                "quantity": int(quantity),
                "amount": Decimal(amount),
            }
        )
    return rows


def cdnow_records(rows: Iterable[Mapping[str, Any]], *, tz: tzinfo = UTC) -> list[dict[str, Any]]:
    """Rows of `read_rows` as generic orders: numbered from 1, in cents, placed at midnight in `tz`."""
    return [
        {
            "order_id": number,
            "customer_id": row["customer_id"],
            "placed_at": datetime(row["date"].year, row["date"].month, row["date"].day, tzinfo=tz),
            "amount": int(row["amount"] * 100),
            "currency": "USD",
        }
        for number, row in enumerate(rows, start=1)
    ]


def orders_frame(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Generic orders as a frame; what a record doesn't name takes the default of a plain paid order.

    Columns hold Python objects, because pandas would otherwise turn whole numbers beside a missing one into floats.
    """
    defaults = {
        "customer_id": None,
        "refunds": (),
        "is_test": False,
        "payment_state": None,
        "cancelled_at": None,
        "tags": (),
        "currency": "EUR",
    }
    completed = [{**defaults, **record} for record in records]
    return pd.DataFrame(
        {name: pd.Series([record[name] for record in completed], dtype=object) for name in COLUMNS}
    )


def _instant(moment: datetime) -> pd.Timestamp:
    """To UTC, by Python: it knows which of two equal wall times of an autumn night is meant."""
    if moment.tzinfo is None:
        raise ValueError(f"an instant needs a zone: {moment!r}")
    if isinstance(moment, pd.Timestamp):
        return moment.tz_convert("UTC").as_unit("us")
    return pd.Timestamp(moment.astimezone(UTC)).as_unit("us")


def _instants(column: pd.Series) -> pd.Series:
    converted = [pd.NaT if pd.isna(moment) else _instant(moment) for moment in column]
    return pd.Series(converted, index=column.index, dtype="datetime64[us, UTC]")


def _microseconds(spans: pd.Series) -> pd.Series:
    whole: pd.Series = spans.dt.as_unit("us").astype("int64")
    return whole


def _whole(column: pd.Series) -> pd.Series:
    """As Python integers, whose sums and squares can't overflow."""
    return pd.Series([int(number) for number in column], index=column.index, dtype=object)


def _total(column: pd.Series) -> int:
    return int(column.sum())


def _clustered(frame: pd.DataFrame, *, x: str, y: str) -> Sums:
    """The sums over clusters of `frame`, x and y summed within each cluster first."""
    totals = frame.groupby("cluster")[[x, y]].sum()
    tx, ty = totals[x].astype(object), totals[y].astype(object)
    return Sums(len(totals), _total(tx), _total(ty), _total(tx * tx), _total(tx * ty), _total(ty * ty))


# --- the oracle ---


class Oracle:
    """The figures of any period of one shop's orders.

    `minimum_net` is in minor units and exclusive; None counts every sale as a purchase. With `currency`, orders
    in other currencies are left out; without it they are refused. What is dated after `as_of` (not: at it) does
    not exist.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        as_of: datetime | None = None,
        minimum_net: int | None = 0,
        currency: str | None = None,
    ) -> None:
        self.as_of = None if as_of is None else _instant(as_of)
        orders = frame.reset_index(drop=True)[list(COLUMNS)].copy()
        if currency is None and orders["currency"].nunique() > 1:
            raise ValueError("several currencies: say which one to count")
        if pd.api.types.is_float_dtype(orders["customer_id"]):
            raise TypeError("customer ids became floats; build the frame with orders_frame()")

        codes, ids = pd.factorize(orders["customer_id"].astype(object))
        self.customer_ids: list[Hashable] = list(ids)
        orders["customer"] = codes
        orders["is_guest"] = codes < 0
        # Each guest order is a cluster of its own, numbered downwards from -1.
        orders["cluster"] = np.where(codes < 0, -1 - np.arange(len(orders)), codes)
        orders["placed_at"] = _instants(orders["placed_at"])
        orders["amount"] = _whole(orders["amount"])

        refunds = self._known_refunds(orders)
        back = refunds.groupby("order")["minor"].sum().reindex(orders.index, fill_value=0)
        orders["refunded"] = _whole(back)
        orders["net"] = orders["amount"] - orders["refunded"]
        orders["reason"] = self._reasons(orders, currency=currency, minimum_net=minimum_net)
        orders["one"] = _whole(pd.Series(1, index=orders.index))

        self.orders = orders
        self.sales = orders[~orders["reason"].isin(NO_SALE)]
        self.purchases = self.sales[self.sales["reason"] != "no net amount"]
        self.refunds = refunds[refunds["order"].isin(self.sales.index)].copy()
        self.refunds["cluster"] = orders["cluster"].reindex(self.refunds["order"]).to_numpy()
        self.known = self._known_purchases()
        self.customers = self._customers()

    def _exists(self, moments: pd.Series) -> pd.Series:
        """False for what is missing or dated after `as_of`."""
        return moments.notna() if self.as_of is None else moments.notna() & (moments <= self.as_of)

    def _known_refunds(self, orders: pd.DataFrame) -> pd.DataFrame:
        """One row a refund: the order's row, the instant and the amount, of refunds made by `as_of`."""
        each = orders["refunds"].map(list).explode().dropna()
        refunds = pd.DataFrame({"order": each.index})
        refunds["refunded_at"] = _instants(pd.Series([moment for moment, _ in each], dtype=object))
        refunds["minor"] = _whole(pd.Series([minor for _, minor in each], dtype=object))
        # Nothing given back is no refund.
        return refunds[self._exists(refunds["refunded_at"]) & (refunds["minor"] > 0).astype(bool)]

    def _reasons(self, orders: pd.DataFrame, *, currency: str | None, minimum_net: int | None) -> pd.Series:
        """Why each order is left out, or an empty string for a purchase of a known customer."""
        tags = orders["tags"].map(lambda given: frozenset(given or ()))
        nothing = pd.Series(False, index=orders.index)
        applies = {
            "after as_of": ~self._exists(orders["placed_at"]),
            "other currency": nothing if currency is None else orders["currency"] != currency,
            "test": orders["is_test"].astype(bool),
            "unpaid": orders["payment_state"].isin(["pending", "failed"]),
            "cancelled": self._exists(_instants(orders["cancelled_at"])),
            "exchange": tags.map(lambda given: "exchange" in given).astype(bool),
            "gift card": tags.map(lambda given: "gift-card" in given).astype(bool),
            "no net amount": nothing if minimum_net is None else (orders["net"] <= minimum_net).astype(bool),
            "guest": orders["is_guest"],
        }
        masks = [applies[reason].to_numpy(dtype=bool) for reason in REASONS]
        return pd.Series(np.select(masks, list(REASONS), default=""), index=orders.index, dtype=object)

    def _known_purchases(self) -> pd.DataFrame:
        """Purchases of known customers, each beside the customer's first and the one before it."""
        known = self.purchases[~self.purchases["is_guest"]]
        known = known.sort_values(["customer", "placed_at"], kind="stable").copy()
        life = known.groupby("customer")["placed_at"]
        known["first_at"] = life.transform("min")
        known["previous_at"] = life.shift(1)
        known["rank"] = known.groupby("customer").cumcount()
        # Some purchase lies at a strictly earlier instant exactly if the first one does.
        known["is_repeat"] = _whole(known["placed_at"] > known["first_at"])
        return known

    def _customers(self) -> pd.DataFrame:
        """One row a customer who ever purchased: the instants of the first and (if any) second purchase."""
        first = self.known.loc[self.known["rank"] == 0].set_index("customer")["placed_at"]
        second = self.known.loc[self.known["rank"] == 1].set_index("customer")["placed_at"]
        both = pd.merge(
            first.rename("first_at"),
            second.rename("second_at"),
            left_index=True,
            right_index=True,
            how="left",
        )
        both["days"] = both["second_at"] - both["first_at"]
        return both

    def _ids(self, codes: Iterable[int]) -> frozenset[Hashable]:
        return frozenset(self.customer_ids[code] for code in codes)

    # --- one period ---

    def periods(self, spans: Iterable[tuple[datetime, datetime, datetime]]) -> list[dict[str, Any]]:
        """The figures of each (start, end, previous_start)."""
        return [self.period(*span) for span in spans]

    def period(
        self,
        start: datetime,
        end: datetime,
        previous_start: datetime,
        *,
        closing_start: datetime | None = None,
        top: Fraction = Fraction(1, 5),
        within: timedelta = timedelta(days=16),
    ) -> dict[str, Any]:
        """Every figure of ``[start, end)``; the period before it is ``[previous_start, start)``.

        With `closing_start`, the closing base are the customers of ``[closing_start, end)``.
        """
        begin, stop, before = _instant(start), _instant(end), _instant(previous_start)
        closing = begin if closing_start is None else _instant(closing_start)
        figures: dict[str, Any] = {"start": begin, "end": stop}
        figures |= self._revenue(begin, stop)
        figures |= self._flow(begin, stop, before, closing)
        figures |= self._per_order_and_customer(begin, stop)
        figures |= self._concentration(begin, stop, top)
        figures |= self._second_purchases(begin, stop, within)
        figures |= self._gaps(begin, stop)
        figures["left_out"] = self._left_out(begin, stop)
        return figures

    @staticmethod
    def _slice(
        frame: pd.DataFrame, begin: pd.Timestamp, stop: pd.Timestamp, by: str = "placed_at"
    ) -> pd.DataFrame:
        return frame[(frame[by] >= begin) & (frame[by] < stop)]

    def _left_out(self, begin: pd.Timestamp, stop: pd.Timestamp) -> dict[str, int]:
        counts = self._slice(self.orders, begin, stop)["reason"].value_counts()
        return {reason: int(counts.get(reason, 0)) for reason in REASONS}

    def _revenue(self, begin: pd.Timestamp, stop: pd.Timestamp) -> dict[str, Any]:
        sales = self._slice(self.sales, begin, stop)
        purchases = self._slice(self.purchases, begin, stop)
        gross, refunded = _total(sales["amount"]), _total(sales["refunded"])
        made = self._slice(self.refunds, begin, stop, by="refunded_at")
        refunds_made = _total(made["minor"])
        # Sales and refunds of the period one below the other: a cluster may have only one of the two.
        both = pd.concat([sales[["cluster", "amount"]], made[["cluster", "minor"]]], ignore_index=True)
        both[["amount", "minor"]] = both[["amount", "minor"]].astype(object).where(both.notna(), 0)
        return {
            "placed_count": len(self._slice(self.orders, begin, stop)),
            "sale_count": len(sales),
            "order_count": len(purchases),
            "gross_revenue": gross,
            "refunded_revenue": refunded,
            "net_revenue": gross - refunded,
            "refunds_made": refunds_made,
            "net_revenue_by_refund_date": gross - refunds_made,
            "refund_rate": (refunded, gross),
            "refund_rate_sums": _clustered(sales, x="amount", y="refunded"),
            "refund_ratio": (refunds_made, gross),
            "refund_ratio_sums": _clustered(both, x="amount", y="minor"),
            "average_order_value": (_total(purchases["net"]), len(purchases)),
            "average_order_value_sums": _clustered(purchases, x="one", y="net"),
        }

    def _flow(
        self, begin: pd.Timestamp, stop: pd.Timestamp, before: pd.Timestamp, closing_start: pd.Timestamp
    ) -> dict[str, Any]:
        opening = set(self._slice(self.known, before, begin)["customer"])
        closing = set(self._slice(self.known, closing_start, stop)["customer"])
        earlier = set(self.known.loc[self.known["placed_at"] < begin, "customer"])
        new = set(self._slice(self.customers, begin, stop, by="first_at").index)
        kept, lost = opening & closing, opening - closing
        reactivated, lapsed = closing - opening - new, earlier - opening
        groups = {
            "start": opening,
            "new": new,
            "kept": kept,
            "lost": lost,
            "reactivated": reactivated,
            "end": closing,
            "lapsed": lapsed,
        }
        return {
            "customer_flow": {name: len(group) for name, group in groups.items()},
            "customers": {name: self._ids(group) for name, group in groups.items()},
            "customer_retention_rate": (len(kept), len(opening)),
            "customer_churn_rate": (len(lost), len(opening)),
            "published_retention_ratio": (len(closing) - len(new), len(opening)),
            "published_retention_ratio_sums": self._base_sums(opening, closing - new),
            "reactivation_rate": (len(reactivated), len(lapsed)),
        }

    @staticmethod
    def _base_sums(opening: set[int], there: set[int]) -> Sums:
        members = sorted(opening | there)
        frame = pd.DataFrame({"cluster": members})
        frame["x"] = _whole(pd.Series([member in opening for member in members]))
        frame["y"] = _whole(pd.Series([member in there for member in members]))
        return _clustered(frame, x="x", y="y")

    def _spend(self, begin: pd.Timestamp, stop: pd.Timestamp) -> pd.DataFrame:
        """One row a customer active in the period: purchases, repeated ones, spend, spend if returning."""
        active = self._slice(self.known, begin, stop)
        spend = active.groupby("customer").agg(
            cluster=("cluster", "first"),
            orders=("one", "sum"),
            repeats=("is_repeat", "sum"),
            net=("net", "sum"),
            first_at=("first_at", "first"),
        )
        spend["one"] = _whole(pd.Series(1, index=spend.index))
        spend["is_returning"] = (spend["first_at"] < begin).astype(bool)
        spend["returning_net"] = spend["net"].where(spend["is_returning"], 0).astype(object)
        return spend

    def _per_order_and_customer(self, begin: pd.Timestamp, stop: pd.Timestamp) -> dict[str, Any]:
        spend = self._spend(begin, stop)
        active, orders, revenue = len(spend), _total(spend["orders"]), _total(spend["net"])
        returning, newcomers = spend[spend["is_returning"]], spend[~spend["is_returning"]]
        returning_net, new_net = _total(returning["net"]), _total(newcomers["net"])
        return {
            "active_customers": active,
            "known_order_count": orders,
            "known_revenue": revenue,
            "purchase_frequency": (orders, active),
            "purchase_frequency_sums": _clustered(spend, x="one", y="orders"),
            "average_customer_value": (revenue, active),
            "average_customer_value_sums": _clustered(spend, x="one", y="net"),
            "returning_customer_rate": (len(returning), active),
            "repeat_purchase_rate": (int((spend["orders"] >= 2).sum()), active),
            "repeat_order_rate": (_total(spend["repeats"]), orders),
            "repeat_order_rate_sums": _clustered(spend, x="orders", y="repeats"),
            "existing_customer_revenue_rate": (returning_net, revenue),
            "existing_customer_revenue_rate_sums": _clustered(spend, x="net", y="returning_net"),
            "returning_spend": (returning_net, len(returning)),
            "returning_spend_sums": _clustered(returning, x="one", y="net"),
            "new_spend": (new_net, len(newcomers)),
            "new_spend_sums": _clustered(newcomers, x="one", y="net"),
            # (returning spend / returning) / (new spend / new), with both sides multiplied out.
            "returning_spend_ratio": (returning_net * len(newcomers), new_net * len(returning)),
        }

    def _concentration(self, begin: pd.Timestamp, stop: pd.Timestamp, top: Fraction) -> dict[str, Any]:
        net = self._slice(self.known, begin, stop).groupby("customer")["net"].sum()
        ascending = sorted(int(amount) for amount in net)
        count, revenue = len(ascending), sum(ascending)
        best = ceil(top * count)
        upwards = np.cumsum(np.array([0, *ascending], dtype=object))
        differences = _sum_of_differences(ascending)
        return {
            "revenue_concentration_rate": (sum(ascending[count - best :]), revenue),
            "best_customers": best,
            "gini_score": (differences, 2 * count * revenue),
            "gini_score_bias_corrected": (differences, 2 * (count - 1) * revenue),
            "lorenz_points": [(poorest, int(spent)) for poorest, spent in enumerate(upwards)],
        }

    def _second_purchases(self, begin: pd.Timestamp, stop: pd.Timestamp, within: timedelta) -> dict[str, Any]:
        acquired = self._slice(self.customers, begin, stop, by="first_at")
        repeaters = acquired[acquired["second_at"].notna()]
        figures: dict[str, Any] = {
            "second_purchase_microseconds": sorted(int(gap) for gap in _microseconds(repeaters["days"])),
            "second_purchase_rate_of_repeaters": (int((repeaters["days"] <= within).sum()), len(repeaters)),
            "second_purchase_rate_of_all": None,
        }
        if self.as_of is not None:
            observed = acquired[acquired["first_at"] + within <= self.as_of]
            figures["second_purchase_rate_of_all"] = (int((observed["days"] <= within).sum()), len(observed))
        return figures

    def _gaps(self, begin: pd.Timestamp, stop: pd.Timestamp) -> dict[str, Any]:
        later = self._slice(self.known, begin, stop)
        later = later[later["previous_at"].notna()]
        gaps = _microseconds(later["placed_at"] - later["previous_at"])
        last = self.known[self.known["placed_at"] < stop].groupby("customer")["placed_at"].max()
        # While the period is running, recency is counted up to what is known.
        until = stop if self.as_of is None else min(stop, self.as_of)
        return {
            "purchase_gap_microseconds": sorted(int(gap) for gap in gaps),
            "recency_microseconds": sorted(int(gap) for gap in _microseconds(until - last)),
        }


def _sum_of_differences(amounts: list[int]) -> int:
    """Σᵢ Σⱼ |aᵢ − aⱼ| over all ordered pairs: the numerator of Gini's mean difference, pair by pair."""
    column = np.array(amounts, dtype=object)
    return sum(int(np.abs(column - amount).sum()) for amount in amounts)
