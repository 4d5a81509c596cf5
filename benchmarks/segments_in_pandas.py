"""Cohorts, RFM, life cycle and the time to the second purchase as an expert writes them in pandas: vectorised.

It counts what `retention` counts, cell by cell and customer by customer (`bench_segments.py --check` proves it), and
makes the figures alone: no intervals but those of the curve, and nothing of what was left out and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import in_pandas
import numpy as np
import pandas as pd
from shop import AS_OF, MONTHS

from retention import Order

Frame = pd.DataFrame
BINS = 5
CONFIDENCE = 0.95
_NOW = int(AS_OF.timestamp()) * 1_000_000
_DAY = 86_400_000_000  # microseconds


class Purchases(NamedTuple):
    """What all of the tables are made from."""

    known: Frame
    """Purchases of known customers by instant: customer, at, net. Customers are numbered as they come."""
    ids: np.ndarray
    """Each customer's id, by number."""


def purchases(orders: Sequence[Order]) -> Purchases:
    """The purchases of known customers, from objects; this is the index."""
    sales, _ = in_pandas.sold(*in_pandas.table_of_orders(orders))
    known = sales[(sales["net"] > 0) & sales["customer_id"].notna()]
    customer, ids = pd.factorize(known["customer_id"])
    return Purchases(
        known=pd.DataFrame(
            {
                "customer": customer,
                "at": in_pandas.microseconds(known["at"]),
                "net": known["net"].to_numpy(),
            }
        ),
        ids=np.asarray(ids),
    )


# -------------------------------------------------------------------------------------------------- cohorts


def cohorts(data: Purchases) -> Frame:
    """One row a cell: customers, orders, revenue, and what each customer of the cohort has brought up to then."""
    month = np.searchsorted(in_pandas.edges(), data.known["at"], side="right") - 1
    known = data.known.assign(month=month)
    first = known.drop_duplicates("customer")["month"].to_numpy()
    known["cohort"] = first[known["customer"]]
    known["age"] = known["month"] - known["cohort"]
    by_cell = known.groupby(["cohort", "age"])["net"].agg(["size", "sum"])
    customers = known.drop_duplicates(["customer", "month"]).groupby(["cohort", "age"]).size()
    seen = [(cohort, age) for cohort in range(MONTHS) for age in range(MONTHS - cohort)]
    cells = pd.DataFrame(
        {"customers": customers, "orders": by_cell["size"], "revenue": by_cell["sum"] / 100}
    ).reindex(pd.MultiIndex.from_tuples(seen, names=["cohort", "age"]), fill_value=0)
    size = pd.Series(np.bincount(first, minlength=MONTHS), index=range(MONTHS))
    sizes = size[cells.index.get_level_values("cohort")].to_numpy()
    cells["retention"] = cells["customers"] / sizes
    cells["orders per customer"] = cells["orders"] / sizes
    cells["revenue so far"] = cells.groupby("cohort")["revenue"].cumsum() / sizes
    return cells


# ------------------------------------------------------------------------------------------------------ RFM


def rfm(data: Purchases, groups: np.ndarray) -> tuple[Frame, Frame]:
    """One row a customer, and one row a group.

    Args:
        data: The purchases.
        groups: The number of the group, by R and (F + M) / 2 rounded half up.
    """
    table = data.known.groupby("customer").agg(
        latest=("at", "last"), frequency=("at", "size"), monetary=("net", "sum")
    )
    table["r"], table["f"], table["m"] = (
        _scores(table[name]) for name in ("latest", "frequency", "monetary")
    )
    table["group"] = groups[table["r"], (table["f"] + table["m"] + 1) // 2]
    table["recency_days"] = (_NOW - table["latest"]) / _DAY
    by_group = table.groupby("group").agg(
        customers=("r", "size"),
        recency_days=("recency_days", "median"),
        frequency=("frequency", "mean"),
        revenue=("monetary", "sum"),
    )
    by_group["share"] = by_group["customers"] / len(table)
    by_group["revenue_share"] = by_group["revenue"] / by_group["revenue"].sum()
    by_group["revenue"] /= 100
    return table, by_group


def _scores(values: pd.Series) -> np.ndarray:
    """1 + ⌊bins × (how many are strictly worse) / n⌋: equal values have equal scores."""
    worse = values.rank(method="min").to_numpy().astype(np.int64) - 1
    return 1 + BINS * worse // len(values)


# ----------------------------------------------------------------------------------------------- life cycle


def lifecycle(data: Purchases) -> tuple[Frame, Frame]:
    """Stage and state of each customer by the own rhythm, and one row for each stage and state.

    At risk after 3 times the own median gap, lapsed after 6 times; with fewer than 3 gaps once longer than 85 % and 95 %
    of the shop's gaps, one voice a customer. Purchases within a day are one visit. Middle from 2 purchases and 30 days on, late from 5 and 365 days.
    """
    known = data.known
    by_customer = known.groupby("customer")
    table = by_customer["at"].agg(first="first", latest="last", orders="size")
    table["spend"] = by_customer["net"].sum()
    gaps = known[["customer"]].assign(gap=by_customer["at"].diff())
    gaps = gaps[gaps["gap"] >= _DAY]
    rhythm, count = _medians(gaps, len(table))
    at_risk, lapsed = _limits(gaps, count)
    silence = _NOW - table["latest"].to_numpy()
    own = count >= 3
    is_gone = silence > np.where(own, 6 * rhythm, lapsed)
    is_slipping = silence > np.where(own, 3 * rhythm, at_risk)
    table["state"] = np.select(
        [is_gone, is_slipping, table["orders"] == 1, _is_back(gaps, lapsed, len(table))],
        ["lapsed", "at_risk", "new", "won_back"],
        "active",
    )
    tenure, orders = _NOW - table["first"], table["orders"]
    is_late, is_middle = ((orders >= least) & (tenure >= days * _DAY) for least, days in ((5, 365), (2, 30)))
    table["stage"] = np.select([is_late, is_middle], ["late", "middle"], "early")
    by_group = table.groupby(["stage", "state"])["spend"].agg(["size", "sum"])
    return table, by_group


def _medians(gaps: Frame, customers: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each customer the median gap, cut to whole microseconds, and how many gaps there are."""
    found = gaps.groupby("customer")["gap"].agg(["median", "size"]).reindex(range(customers), fill_value=0)
    return np.floor(found["median"].to_numpy()), found["size"].to_numpy()


def _limits(gaps: Frame, count: np.ndarray) -> np.ndarray:
    """The gaps that 85 % and 95 % do not exceed, those of each customer weighing one together."""
    ordered = gaps.sort_values("gap")
    so_far = np.cumsum(1 / count[ordered["customer"].to_numpy()])
    # Less than any weight, and more than the sum of floats can be off.
    enough = np.array([0.85, 0.95]) * np.count_nonzero(count) - 1e-6
    return ordered["gap"].to_numpy()[np.searchsorted(so_far, enough)]


def _is_back(gaps: Frame, lapsed: int, customers: int) -> np.ndarray:
    """Whether the latest gap was a lapse by what was known before it."""
    is_latest = ~gaps["customer"].duplicated(keep="last")
    latest = gaps[is_latest].set_index("customer")["gap"].reindex(range(customers), fill_value=0).to_numpy()
    rhythm, count = _medians(gaps[~is_latest], customers)
    return latest > np.where(count >= 3, 6 * rhythm, lapsed)


# ---------------------------------------------------------------------------------------------------- curve


def second_purchases(data: Purchases) -> tuple[np.ndarray, np.ndarray]:
    """Of each customer the microseconds to the second purchase, or those watched; and whether it came."""
    known = data.known
    rank = known.groupby("customer").cumcount()
    first = known.loc[rank == 0, "at"].to_numpy()  # customers are numbered in the order of these
    second = np.full(len(first), _NOW)
    came = np.zeros(len(first), dtype=bool)
    again = known[rank == 1]
    second[again["customer"]] = again["at"]
    came[again["customer"]] = True
    return second - first, came


def curve(durations: np.ndarray, ended: np.ndarray) -> Frame:
    """Kaplan and Meier's estimate at each time that something ended, with log-log bounds after Greenwood."""
    times, place = np.unique(durations, return_inverse=True)
    leaving = np.bincount(place)
    ends = np.bincount(place[ended], minlength=len(times))
    at_risk = len(durations) - np.concatenate([[0], leaving.cumsum()[:-1]])
    steps = ends > 0
    times, ends, at_risk = times[steps], ends[steps], at_risk[steps]
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1 - ends / at_risk)
        greenwood = np.cumsum(ends / (at_risk * (at_risk - ends).astype(float)))
        spread = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * np.sqrt(greenwood) / np.log(survival)
        low, high = survival ** np.exp(-spread), survival ** np.exp(spread)
    return pd.DataFrame({"at": times, "at_risk": at_risk, "survival": survival, "low": low, "high": high})


def at_time(curve: Frame, days: float) -> dict[str, float]:
    """What a curve says of a time."""
    place = curve["at"].searchsorted(days * _DAY, side="right") - 1
    found: dict[str, float] = curve.iloc[place][["survival", "low", "high"]].to_dict()
    return found
