"""The engines that `bench_segments.py` sets side by side: each runs in a process of its own, in its own environment.

Each takes the same `Order` objects, and gives what each stage took and what it found, as plain numbers by the name of
what they are of. What an engine makes only when it is asked for is asked for before the clock stops; customers, of whom
nobody reads 200,000, are read when it has.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import shop
from stopwatch import Stage, Stopwatch

import retention as rt

WARM_UP = 5_000
"""Orders of which all is made once before the clock starts, so that every module is loaded then."""

DAYS = (0.5, 1, 2, 4, 8, 16, 30, 60, 91.25, 182.5, 365, 547.5, 700)
"""The times at which curves are compared."""

Numbers = dict[str, Any]
Found = dict[str, dict[str, Numbers]]
"""By stage: by the name of a cell, a customer or a time, what was found there."""

Engine = Callable[[Sequence[rt.Order]], tuple[dict[str, Stage], Found]]
_DAY = 86_400_000_000  # microseconds


def run(engine: str, count: int) -> dict[str, Any]:
    """One engine on orders of the given number."""
    made = ENGINES[engine]
    made(rt.orders_from_records(shop.rows(WARM_UP)))
    stages, found = made(rt.orders_from_records(shop.rows(count)))
    return {"stages": stages, "found": found, "versions": versions()}


def versions() -> dict[str, str]:
    """The versions of Python and of what is installed here of the libraries that matter."""
    found = {"Python": platform.python_version()}
    for name in ("numpy", "pandas", "clvkit", "lifelines"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _cell(cohort: int, age: int) -> str:
    return f"cohort {cohort}, age {age}"


# ------------------------------------------------------------------------------------------------ retention


def _retention(orders: Sequence[rt.Order]) -> tuple[dict[str, Stage], Found]:
    from retention.cohorts import cohort_table
    from retention.metrics import second_purchase_curve
    from retention.segments import lifecycle_table, rfm_table

    period = rt.Period.between(shop.START, shop.END)
    watch = Stopwatch()
    with watch.stage("index"):
        history = rt.History(orders, as_of=shop.AS_OF)
    with watch.stage("cohorts"):
        cells = our_cells(cohort_table(history, period=period))
    with watch.stage("RFM"):
        rfm = rfm_table(history)
        rfm.groups  # noqa: B018 - what the groups are like is made when it is asked for
    with watch.stage("life cycle"):
        lifecycle = lifecycle_table(history)
    with watch.stage("second purchase"):
        curve = second_purchase_curve(history, period=period)
        points = {f"day {days:g}": _point(curve, days) for days in DAYS}
    found: Found = {
        "cohorts": cells,
        "RFM": {
            str(each.customer_id): {"r": each.r, "f": each.f, "m": each.m, "group": each.group}
            for each in rfm
        },
        "life cycle": {
            str(customer): {"stage": lifecycle.stages[customer], "state": state}
            for customer, state in lifecycle.states.items()
        },
        "second purchase": points,
    }
    return watch.stages, found


def our_cells(table: Any) -> dict[str, Numbers]:
    """The observed cells of a cohort table."""
    return {
        _cell(cohort, age): {
            "customers": cell.customers,
            "orders": cell.orders,
            "revenue": float(cell.revenue),
            "retention": cell.retention.value,
            "orders per customer": cell.orders_per_customer.value,
            "revenue so far": float(cell.cumulative_revenue_value.value),
        }
        for cohort, row in enumerate(table.rows)
        for age, cell in enumerate(row.cells)
        if cell.state == "observed"
    }


def _point(curve: Any, days: float) -> Numbers:
    estimate = curve.survival(timedelta(days=days))
    low, high = estimate.interval(0.95)
    return {"survival": estimate.value, "low": low, "high": high}


# --------------------------------------------------------------------------------------------------- pandas


def _pandas(orders: Sequence[rt.Order]) -> tuple[dict[str, Stage], Found]:
    import segments_in_pandas as theirs

    names, groups = _groups()
    watch = Stopwatch()
    with watch.stage("index"):
        data = theirs.purchases(orders)
    with watch.stage("cohorts"):
        cohorts = theirs.cohorts(data)
    with watch.stage("RFM"):
        rfm, _ = theirs.rfm(data, groups)
    with watch.stage("life cycle"):
        lifecycle, _ = theirs.lifecycle(data)
    with watch.stage("second purchase"):
        curve = theirs.curve(*theirs.second_purchases(data))
    rfm["group"] = [names[number] for number in rfm["group"]]
    found: Found = {
        "cohorts": {
            _cell(*cell): numbers
            for cell, numbers in zip(cohorts.index, cohorts.to_dict("records"), strict=True)
        },
        "RFM": _by_customer(data, rfm[["r", "f", "m", "group"]]),
        "life cycle": _by_customer(data, lifecycle[["stage", "state"]]),
        "second purchase": {f"day {days:g}": theirs.at_time(curve, days) for days in DAYS},
    }
    return watch.stages, found


def _by_customer(data: Any, table: Any) -> dict[str, Numbers]:
    return dict(zip(map(str, data.ids), table.to_dict("records"), strict=True))


def _groups() -> tuple[Sequence[str], Any]:
    """What the groups of RFM are called, and the number of each by its scores: the same for all engines."""
    import numpy as np

    from retention.segments import RFM_GROUPS

    numbers = np.zeros((RFM_GROUPS.bins + 1, RFM_GROUPS.bins + 1), dtype=int)
    for number, group in enumerate(RFM_GROUPS.groups):
        for scores in group.cells:
            numbers[scores] = number
    return RFM_GROUPS.names, numbers


# ----------------------------------------------------------------------------------- the published packages


def _clvkit(orders: Sequence[rt.Order]) -> tuple[dict[str, Stage], Found]:
    """Two matrices, since one has either customers or revenue; none has orders."""
    watch = Stopwatch()
    with watch.stage("index"):
        log = _log(orders)
    with watch.stage("cohorts"):
        customers, revenue = matrices(log)
    return watch.stages, {"cohorts": cells_of(customers, revenue)}


def _log(orders: Sequence[rt.Order]) -> Any:
    """The log that `clvkit` takes. It keeps the local time where a zone is given, and warns: so the zone is left out."""
    import in_pandas

    sales, _ = in_pandas.sold(*in_pandas.table_of_orders(orders))
    known = sales[(sales["net"] > 0) & sales["customer_id"].notna()]
    log = known[["customer_id"]].assign(
        date=known["at"].dt.tz_convert(shop.ZONE).dt.tz_localize(None), amount=known["net"] / 100
    )
    return log.astype({"customer_id": "int64"})


def matrices(log: Any) -> tuple[Any, Any]:
    """Customers and revenue by cohort and age."""
    from clvkit import CohortMatrix

    customers, revenue = (
        CohortMatrix.from_transactions(log, period="M", metric=metric).to_pandas()
        for metric in ("retention", "revenue")
    )
    return customers, revenue


def cells_of(customers: Any, revenue: Any) -> dict[str, Numbers]:
    """The cells that are no gaps. The first cohort is that of the first month of the shop."""
    first = shop.START.year * 12 + shop.START.month
    return {
        _cell(month.year * 12 + month.month - first, age): {
            "customers": row[age],
            "revenue": revenue.loc[month, age],
        }
        for month, row in customers.iterrows()
        for age in customers.columns
        if row[age] == row[age]
    }


def _lifelines(orders: Sequence[rt.Order]) -> tuple[dict[str, Stage], Found]:
    import segments_in_pandas as theirs
    from lifelines import KaplanMeierFitter

    watch = Stopwatch()
    with watch.stage("index"):
        data = theirs.purchases(orders)
    with watch.stage("second purchase"):
        durations, came = theirs.second_purchases(data)
        fitted = KaplanMeierFitter().fit(durations / _DAY, came)
    times = fitted.survival_function_.index.searchsorted(list(DAYS), side="right") - 1
    survival = fitted.survival_function_.iloc[times, 0]
    bounds = fitted.confidence_interval_.iloc[times]
    found = {
        f"day {days:g}": {"survival": value, "low": low, "high": high}
        for days, value, (low, high) in zip(DAYS, survival, bounds.to_numpy(), strict=True)
    }
    return watch.stages, {"second purchase": found}


ENGINES: dict[str, Engine] = {
    "retention": _retention,
    "pandas": _pandas,
    "clvkit": _clvkit,
    "lifelines": _lifelines,
}


# ------------------------------------------------------------------------------------------ an awkward shop


def awkward(engine: str) -> dict[str, str]:
    """How many customers each cell of `shop.awkward` has, as the engine shows it; no mark means that it looks final."""
    orders, as_of, period = shop.awkward()
    if engine == "retention":
        from retention.cohorts import cohort_table

        table = cohort_table(orders, period=period, as_of=as_of)
        marks = {"observed": "", "partial": "*"}
        return {
            _cell(cohort, age): f"{cell.customers}{marks[cell.state]}"
            for cohort, row in enumerate(table.rows)
            for age, cell in enumerate(row.cells)
            if cell.state in marks
        }
    found = cells_of(*matrices(_plain_log(orders)))
    return {cell: f"{numbers['customers']:g}" for cell, numbers in found.items()}


def _plain_log(orders: Sequence[rt.Order]) -> Any:
    import pandas as pd

    at = pd.DatetimeIndex([order.placed_at for order in orders]).tz_convert(shop.ZONE).tz_localize(None)
    return pd.DataFrame(
        {
            "customer_id": [order.customer_id for order in orders],
            "date": at,
            "amount": [float(order.amount) for order in orders],
        }
    )
