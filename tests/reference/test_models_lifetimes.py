"""The models against `lifetimes` 0.11.3, customer by customer, on the CDNOW sample and on the supporters of a radio station.

`lifetimes` makes its own table of the purchases from the raw rows. Where a figure hangs on the parameters, it is given
ours, so that the figures themselves are compared and not where two searches stop; where each stops is a test of its own.

What of `lifetimes` is not compared, or is wrong:

- Its likelihood is of time scaled by the highest age, and a mean over customers (a sum for Pareto/NBD).
- Its covariances are those of the logarithms times the square of one parameter, so that the matrix isn't symmetric. The
  variances on its diagonal are right. Pareto/NBD has none.
- Its lifetime value goes by months, of 4.345 weeks or of 30 days (so that a year has 360), and discounts each at its end.
- Its expected purchases are not a number at a = 1 or s = 1, where the formulas have a hole, nor for customers with
  thousands of purchases.
- Its mean spend is below 0 where q is below 1, and there is none.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs
import numpy as np
import pandas as pd
import pytest

from retention.predict import BgBb, BgNbd, GammaGamma, MbgNbd, ParetoNbd, Purchases
from tests.reference.cdnow_calibration import DONATIONS, LAST_DAY, SAMPLE, cdnow_base, donors
from tests.reference.oracle import read_rows

with warnings.catch_warnings():
    # It sets an option of pandas that newer ones have no use for, and silences warnings for everybody.
    warnings.simplefilter("ignore")
    import lifetimes
    from lifetimes.utils import summary_data_from_transaction_data

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]

HORIZONS = (0.5, 4.0, 39.0, 260.0)
"""Weeks."""
CONTINUOUS = {
    BgNbd: lifetimes.BetaGeoFitter,
    MbgNbd: lifetimes.ModifiedBetaGeoFitter,
    ParetoNbd: lifetimes.ParetoNBDFitter,
}
DISCRETE = {BgBb: lifetimes.BetaGeoBetaBinomFitter}
WEEKS_OF_A_MONTH = 4.345
"""As `lifetimes` has it."""


@attrs.frozen
class Pair:
    """A model of ours, theirs as it was fitted, and theirs with the parameters of ours."""

    ours: Any
    fitted: Any
    theirs: Any


def with_parameters(kind: Any, parameters: Mapping[str, float]) -> Any:
    """A model of theirs with given parameters."""
    made = kind(penalizer_coef=0.0)
    made.params_ = pd.Series(dict(parameters), dtype=float)
    made.predict = getattr(made, "conditional_expected_number_of_purchases_up_to_time", None)
    return made


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Frequency, recency, age and mean spend of each customer, as they make them of the rows."""
    rows = read_rows(SAMPLE)
    log = pd.DataFrame(
        {
            "id": [row["customer_id"] for row in rows],
            "date": [datetime.combine(row["date"], datetime.min.time()) for row in rows],
            "amount": [float(row["amount"]) for row in rows],
        }
    )
    return summary_data_from_transaction_data(
        log,
        "id",
        "date",
        "amount",
        observation_period_end=pd.Timestamp(LAST_DAY),
        freq="D",
        freq_multiplier=7,
    )


@pytest.fixture(scope="module", params=CONTINUOUS, ids=lambda each: each.__name__)
def pair(request, table) -> Pair:
    kind = CONTINUOUS[request.param]
    np.random.seed(7)  # noqa: NPY002 - where their search for Pareto/NBD begins is drawn from numpy's common numbers
    ours = request.param.fit(cdnow_base())
    fitted = kind(penalizer_coef=0.0).fit(table["frequency"], table["recency"], table["T"])
    return Pair(ours, fitted, with_parameters(kind, ours.parameters))


@pytest.fixture(scope="module")
def spend(table) -> Pair:
    again = table[table["frequency"] > 0]
    ours = GammaGamma.fit(cdnow_base())
    fitted = lifetimes.GammaGammaFitter(penalizer_coef=0.0).fit(again["frequency"], again["monetary_value"])
    return Pair(ours, fitted, with_parameters(lifetimes.GammaGammaFitter, ours.parameters))


@pytest.fixture(scope="module")
def donations() -> pd.DataFrame:
    rows = [(gave, last, 6, count) for gave, last, count in DONATIONS]
    return pd.DataFrame(rows, columns=["frequency", "recency", "periods", "weights"])


@pytest.fixture(scope="module")
def giving(donations) -> Pair:
    ours = BgBb.fit(donors())
    kind = lifetimes.BetaGeoBetaBinomFitter
    fitted = kind(penalizer_coef=0.0).fit(*(donations[name] for name in donations))
    return Pair(ours, fitted, with_parameters(kind, ours.parameters))


def assert_same_of_each(ours: Mapping[Any, float], theirs: Any, index: Any, *, rel: float = 1e-8) -> None:
    """The same of each customer."""
    found = pd.Series(np.asarray(theirs, dtype=float), index=index)
    assert set(ours) == set(index)
    mine = pd.Series({customer: ours[customer] for customer in index})
    different = ~np.isclose(mine, found, rtol=rel, atol=1e-13)
    assert not different.any(), (mine[different].head(), found[different].head())


# -------------------------------------------------------------------------------------------------- the table


def test_the_same_table(table):
    base = cdnow_base()
    assert set(base) == set(table.index)
    for customer, (frequency, recency, age, spent) in zip(table.index, table.to_numpy(), strict=True):
        found = base[customer]
        assert found.frequency == frequency
        assert found.recency == pytest.approx(recency, rel=1e-12)
        assert found.age == pytest.approx(age, rel=1e-12)
        assert (found.spend or 0.0) == pytest.approx(spent, rel=1e-12)


# -------------------------------------------------------------------------------------------------- the fit


def log_likelihood(pair: Pair, table: pd.DataFrame, parameters: Mapping[str, float]) -> float:
    """Theirs, of time as it is."""
    columns = [table["frequency"].to_numpy(int), table["recency"].to_numpy(), table["T"].to_numpy()]
    ones, values = np.ones(len(table)), np.array([*parameters.values()])
    if isinstance(pair.ours, ParetoNbd):
        return -float(pair.theirs._negative_log_likelihood(values, *columns, ones, 0.0))
    return -float(pair.theirs._negative_log_likelihood(np.log(values), *columns, ones, 0.0)) * len(table)


def test_their_likelihood_of_our_parameters_is_ours(pair, table):
    theirs = log_likelihood(pair, table, pair.ours.parameters)
    assert theirs == pytest.approx(pair.ours.log_likelihood, rel=1e-10)


def test_no_likelihood_is_lost(pair, table):
    theirs = log_likelihood(pair, table, dict(pair.fitted.params_))
    assert theirs - 1e-7 <= pair.ours.log_likelihood <= theirs + 1e-3


def test_parameters_are_where_theirs_are(pair):
    assert dict(pair.ours.parameters) == pytest.approx(dict(pair.fitted.params_), rel=2e-3)


def assert_same_standard_errors(pair: Pair) -> None:
    assert dict(pair.ours.standard_errors) == pytest.approx(dict(pair.fitted.standard_errors_), rel=5e-3)
    assert not np.allclose(pair.fitted.variance_matrix_, pair.fitted.variance_matrix_.T, rtol=0.5)


def test_standard_errors(pair, spend, giving):
    for each in (spend, giving):
        assert_same_standard_errors(each)
    if not isinstance(pair.ours, ParetoNbd):
        assert_same_standard_errors(pair)


def test_gamma_gamma_fit(spend, table):
    again = table[table["frequency"] > 0]
    columns = (again["frequency"].to_numpy(), again["monetary_value"].to_numpy(), np.ones(len(again)))

    def theirs(parameters: Mapping[str, float]) -> float:
        logarithms = np.log([*parameters.values()])
        return -float(spend.theirs._negative_log_likelihood(logarithms, *columns, 0.0)) * len(again)

    assert theirs(spend.ours.parameters) == pytest.approx(spend.ours.log_likelihood, rel=1e-10)
    assert theirs(dict(spend.fitted.params_)) - 1e-7 <= spend.ours.log_likelihood
    assert dict(spend.ours.parameters) == pytest.approx(dict(spend.fitted.params_), rel=2e-3)


def test_bg_bb_fit(giving, donations):
    def theirs(parameters: Mapping[str, float]) -> float:
        columns = (donations[name].to_numpy() for name in donations)
        mean = giving.theirs._negative_log_likelihood(np.log([*parameters.values()]), *columns)
        return -float(mean) * donations["weights"].sum()

    assert theirs(giving.ours.parameters) == pytest.approx(giving.ours.log_likelihood, rel=1e-10)
    assert theirs(dict(giving.fitted.params_)) - 1e-6 <= giving.ours.log_likelihood
    assert dict(giving.ours.parameters) == pytest.approx(dict(giving.fitted.params_), rel=2e-3)


# -------------------------------------------------------------------------------------------------- customers


def test_probability_alive_of_each(pair, table):
    theirs = pair.theirs.conditional_probability_alive(table["frequency"], table["recency"], table["T"])
    assert_same_of_each(pair.ours.probability_alive(cdnow_base()), theirs, table.index)


@pytest.mark.parametrize("weeks", HORIZONS)
def test_expected_purchases_of_each(pair, table, weeks):
    theirs = pair.theirs.predict(weeks, table["frequency"], table["recency"], table["T"])
    assert_same_of_each(pair.ours.expected_purchases(cdnow_base(), horizon=weeks), theirs, table.index)


def test_what_each_fit_says_of_each(pair, table):
    theirs = pair.fitted.predict(39.0, table["frequency"], table["recency"], table["T"])
    ours = pair.ours.expected_purchases(cdnow_base(), horizon=39.0)
    assert_same_of_each(ours, theirs, table.index, rel=2e-3)


def test_expected_purchases_of_newcomers(pair):
    for weeks in HORIZONS:
        found = pair.ours.expected_purchases_of_newcomer(horizon=weeks).value
        theirs = float(pair.theirs.expected_number_of_purchases_up_to_time(weeks))
        assert found == pytest.approx(theirs, rel=1e-8)


def test_expected_spend_of_each(spend, table):
    theirs = spend.theirs.conditional_expected_average_profit(table["frequency"], table["monetary_value"])
    assert_same_of_each(spend.ours.expected_spend(cdnow_base()), theirs, table.index)


def test_supporters(giving):
    """P(alive) is that of the paper's equation (11): at the next opportunity."""
    for gave, last, _ in DONATIONS:
        who = tuple(np.array([number]) for number in (gave, last, 6))
        asked = Purchases(gave, float(last), 6.0)
        alive = giving.theirs.conditional_probability_alive(1, *who)[0]
        assert giving.ours.probability_alive(asked).value == pytest.approx(alive, rel=1e-8)
        for ahead in (1, 5, 20):
            theirs = giving.theirs.conditional_expected_number_of_purchases_up_to_time(ahead, *who)[0]
            found = giving.ours.expected_purchases(asked, horizon=float(ahead)).value
            assert found == pytest.approx(theirs, rel=1e-8)


# -------------------------------------------------------------------------------------------------- lifetime value


def their_value(pair: Pair, spend: Pair, table: pd.DataFrame, monthly: float) -> pd.Series:
    columns = (table[name] for name in ("frequency", "recency", "T", "monetary_value"))
    return spend.theirs.customer_lifetime_value(
        pair.theirs, *columns, time=12, discount_rate=monthly, freq="W"
    )


def our_value(pair: Pair, spend: Pair, yearly: float) -> Mapping[Any, float]:
    return pair.ours.customer_lifetime_value(
        cdnow_base(), spend=spend.ours, horizon=12 * WEEKS_OF_A_MONTH, discount_rate=yearly, margin_rate=1.0
    )


def test_undiscounted_lifetime_value_of_each(pair, spend, table):
    theirs = their_value(pair, spend, table, 0.0)
    assert_same_of_each(our_value(pair, spend, 0.0), theirs, table.index, rel=1e-6)


def test_discounted_lifetime_value_of_each(pair, spend, table):
    """They discount what a month brings as if it came at the month's end: ours is more, by less than a month's discount."""
    monthly = 0.01
    weeks_of_a_year = 365.2425 / 7
    yearly = (1 + monthly) ** (weeks_of_a_year / WEEKS_OF_A_MONTH) - 1
    ours = our_value(pair, spend, yearly)
    for customer, theirs in their_value(pair, spend, table, monthly).items():
        assert theirs * (1 - 1e-9) <= ours[customer] <= theirs * (1 + monthly) * (1 + 1e-9)


# -------------------------------------------------------------------------------------------------- beyond theirs


@pytest.mark.parametrize("purchases", [50, 300, 1000, 5000])
@pytest.mark.parametrize("silence", [0.01, 0.5, 10.0])
def test_customers_with_thousands_of_purchases(pair, purchases, silence):
    """Where theirs is a number it is ours; ours always is one."""
    who = Purchases(frequency=purchases, recency=38.0, age=38.0 + silence)
    found = pair.ours.expected_purchases(who, horizon=39.0).value
    assert 0 <= found < 39 * purchases
    theirs = float(pair.theirs.predict(39.0, purchases, 38.0, 38.0 + silence))
    if math.isfinite(theirs):
        assert found == pytest.approx(theirs, rel=1e-6, abs=1e-13)


@pytest.mark.parametrize(
    "model, kind",
    [
        (BgNbd(r=0.243, alpha=4.414, a=1.0, b=2.426, unit="week"), lifetimes.BetaGeoFitter),
        (MbgNbd(r=0.525, alpha=6.183, a=1.0, b=1.614, unit="week"), lifetimes.ModifiedBetaGeoFitter),
        (ParetoNbd(r=0.553, alpha=10.578, s=1.0, beta=11.669, unit="week"), lifetimes.ParetoNBDFitter),
    ],
    ids=["BgNbd", "MbgNbd", "ParetoNbd"],
)
def test_holes_of_the_formulas(model, kind):
    """At a = 1 or s = 1 ours lies between its neighbours, which are theirs; theirs has no number there."""
    name = "s" if isinstance(model, ParetoNbd) else "a"
    who = Purchases(frequency=3, recency=20.0, age=38.0)
    above, below = (
        float(with_parameters(kind, {**model.parameters, name: 1 + shift}).predict(39.0, 3, 20.0, 38.0))
        for shift in (-1e-4, 1e-4)
    )
    assert not math.isfinite(float(with_parameters(kind, model.parameters).predict(39.0, 3, 20.0, 38.0)))
    assert below < model.expected_purchases(who, horizon=39.0).value < above


def test_no_mean_spend_where_none_exists():
    theirs = with_parameters(lifetimes.GammaGammaFitter, {"p": 6.0, "q": 0.9, "v": 15.0})
    assert theirs.conditional_expected_average_profit(0.0, 0.0) < 0
    ours = GammaGamma(p=6.0, q=0.9, v=15.0).expected_spend(Purchases(0, 0.0, 38.0))
    assert ours.value is None
    assert ours.undefined_because
