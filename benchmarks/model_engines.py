"""The engines that `bench_models.py` sets side by side: each runs in a process of its own, in its own environment.

Each starts from the same `Order` objects, and gives what each stage took, the parameters that it found with their
likelihood, and what it predicts of some customers. A prediction is there when each customer of the base has a number.
"""

from __future__ import annotations

import platform
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import model_data
from stopwatch import Stage, Stopwatch

import retention as rt

HORIZON = 39.0
"""Weeks."""
_SHOWN = 97
"""Of so many customers, the predictions of one are compared."""

Found = dict[str, Any]
Engine = Callable[[Sequence[rt.Order]], tuple[dict[str, Stage], Found]]


def run(engine: str, case: str, customers: int) -> dict[str, Any]:
    """One engine on one case. All is made once of some customers before the clock starts, so that every module is loaded."""
    made = ENGINES[engine]
    made(model_data.orders("days", 2_000))
    stages, found = made(model_data.orders(case, customers))
    return {"stages": stages, "found": found, "versions": versions()}


def versions() -> dict[str, str]:
    """The versions of Python and of what is installed here of the libraries that matter."""
    found = {"Python": platform.python_version()}
    for name in ("numpy", "scipy", "pandas", "lifetimes", "clvkit"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


# ------------------------------------------------------------------------------------------------ retention


def _retention(orders: Sequence[rt.Order]) -> tuple[dict[str, Stage], Found]:
    from retention.predict import BgNbd, GammaGamma, MbgNbd, ParetoNbd, repeat_purchases

    watch, found = Stopwatch(), {}
    with watch.stage("read the orders"):
        history = rt.History(
            orders,
            as_of=datetime(1997, 10, 1, tzinfo=model_data.UTC),
            policy=rt.OrderPolicy(minimum_net=None),
        )
    with watch.stage("table"):
        base = repeat_purchases(history, unit="week", tz="UTC", until=model_data.LAST_DAY)
    found["table"] = {"customers": len(base), "groups": len(base.groups)}
    for name, kind in {"BG/NBD": BgNbd, "MBG/NBD": MbgNbd, "Pareto/NBD": ParetoNbd}.items():
        with watch.stage(f"{name}: fit"):
            model = kind.fit(base)
        with watch.stage(f"{name}: P(alive) of all"):
            alive = list(model.probability_alive(base).values())
        with watch.stage(f"{name}: purchases to expect of all"):
            expected = list(model.expected_purchases(base, horizon=HORIZON).values())
        found[name] = _report(dict(model.parameters), model.log_likelihood, base, alive, expected)
    with watch.stage("Gamma–Gamma: fit"):
        spend = GammaGamma.fit(base)
    with watch.stage("Gamma–Gamma: spend to expect of all"):
        spends = list(spend.expected_spend(base).values())
    found["Gamma–Gamma"] = _report(dict(spend.parameters), spend.log_likelihood, base, spends)
    return watch.stages, found


def _report(
    parameters: Mapping[str, float],
    likelihood: float,
    customers: Iterable[Any],
    *predictions: Iterable[float],
) -> Found:
    """Of one model: of the predictions, those of some customers."""
    names = [str(each) for each in customers]
    return {
        "parameters": {name: float(value) for name, value in parameters.items()},
        "log-likelihood": float(likelihood),
        "predictions": [
            dict(sorted(zip(names, map(float, each), strict=True))[::_SHOWN]) for each in predictions
        ],
    }


def _frame(orders: Sequence[rt.Order]) -> Any:
    import pandas as pd

    return pd.DataFrame(
        {
            "id": [order.customer_id for order in orders],
            "date": pd.to_datetime([order.placed_at for order in orders]).tz_localize(None),
            "amount": [float(order.amount) for order in orders],
        }
    )


# ------------------------------------------------------------------------------------------------ lifetimes


def _lifetimes(orders: Sequence[rt.Order]) -> tuple[dict[str, Stage], Found]:
    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter
    from lifetimes.utils import summary_data_from_transaction_data

    kinds = {"BG/NBD": BetaGeoFitter, "MBG/NBD": ModifiedBetaGeoFitter, "Pareto/NBD": ParetoNBDFitter}
    watch, found = Stopwatch(), {}
    with watch.stage("read the orders"):
        frame = _frame(orders)
    with watch.stage("table"):
        table = summary_data_from_transaction_data(
            frame, "id", "date", "amount", observation_period_end=model_data.LAST_DAY, freq_multiplier=7
        )
    columns = (table["frequency"], table["recency"], table["T"])
    found["table"] = {
        "customers": len(table),
        "groups": len(table[["frequency", "recency", "T"]].drop_duplicates()),
    }
    for name, kind in kinds.items():
        with watch.stage(f"{name}: fit"):
            model = _fitted(kind, columns)
        with watch.stage(f"{name}: fit, collapsed by hand"):
            grouped = table.groupby(["frequency", "recency", "T"]).size().reset_index(name="count")
            _fitted(kind, [grouped[each] for each in ("frequency", "recency", "T", "count")])
        with watch.stage(f"{name}: P(alive) of all"):
            alive = model.conditional_probability_alive(*columns)
        with watch.stage(f"{name}: purchases to expect of all"):
            expected = model.conditional_expected_number_of_purchases_up_to_time(HORIZON, *columns)
        found[name] = _report(model.params_, _likelihood(model, columns), table.index, alive, expected)
    again = table[(table["frequency"] > 0) & (table["monetary_value"] > 0)]
    with watch.stage("Gamma–Gamma: fit"):
        spend = GammaGammaFitter(penalizer_coef=0.0).fit(again["frequency"], again["monetary_value"])
    with watch.stage("Gamma–Gamma: spend to expect of all"):
        spends = spend.conditional_expected_average_profit(table["frequency"], table["monetary_value"])
    found["Gamma–Gamma"] = _report(
        spend.params_, -len(again) * spend._negative_log_likelihood_, table.index, spends
    )
    return watch.stages, found


def _fitted(kind: Any, columns: Sequence[Any]) -> Any:
    import numpy as np

    np.random.seed(1)  # noqa: NPY002 - its search for Pareto/NBD begins at a place drawn from numpy's common numbers
    return kind(penalizer_coef=0.0).fit(*columns)


def _likelihood(model: Any, columns: Sequence[Any]) -> float:
    """Of time as it is: theirs is of time scaled, and divided by the customers but for Pareto/NBD."""
    import numpy as np

    values, ones = model.params_.to_numpy(), np.ones(len(columns[0]))
    arrays = [columns[0].to_numpy(int), *(each.to_numpy() for each in columns[1:])]
    if "s" in model.params_:
        return -float(model._negative_log_likelihood(values, *arrays, ones, 0.0))
    return -len(ones) * float(model._negative_log_likelihood(np.log(values), *arrays, ones, 0.0))


# --------------------------------------------------------------------------------------------------- clvkit


def _clvkit(orders: Sequence[rt.Order]) -> tuple[dict[str, Stage], Found]:
    from clvkit import BGNBD, MBGNBD, CustomerBase, GammaGamma

    warnings.simplefilter("ignore")  # that a few repeat purchases were free
    watch, found = Stopwatch(), {}
    with watch.stage("read the orders"):
        frame = _frame(orders)
    with watch.stage("table"):
        base = CustomerBase.from_transactions(
            frame, "id", time_unit="W", collapse="D", observation_period_end=str(model_data.LAST_DAY)
        )
    table = base.to_pandas()
    found["table"] = {
        "customers": len(table),
        "groups": len(table[["frequency", "recency", "T"]].drop_duplicates()),
    }
    for name, kind in {"BG/NBD": BGNBD, "MBG/NBD": MBGNBD}.items():
        with watch.stage(f"{name}: fit"):
            model = kind().fit(base)
        with watch.stage(f"{name}: P(alive) of all"):
            alive = model.probability_alive().to_pandas().squeeze()
        with watch.stage(f"{name}: purchases to expect of all"):
            expected = model.predict(HORIZON).to_pandas().squeeze()
        found[name] = _report(model.params_, model.log_likelihood_, table.index, alive, expected)
    with watch.stage("Gamma–Gamma: fit"):
        spend = GammaGamma().fit(base)
    with watch.stage("Gamma–Gamma: spend to expect of all"):
        spends = spend.predict().to_pandas().squeeze()
    parameters = {"p": spend.p, "q": spend.q, "v": spend.gamma}
    again = table[(table["frequency"] > 0) & (table["monetary_value"] > 0)]
    likelihood = spend._log_likelihood(
        *parameters.values(), again["frequency"].to_numpy(), again["monetary_value"].to_numpy()
    )
    found["Gamma–Gamma"] = _report(parameters, likelihood, table.index, spends)
    return watch.stages, found


ENGINES: Mapping[str, Engine] = {"retention": _retention, "lifetimes": _lifetimes, "clvkit": _clvkit}
