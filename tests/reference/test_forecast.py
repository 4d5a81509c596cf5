"""Whether forecasts hold what comes: in simulated shops, and in the hold-out months of a real one."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from random import Random

import pytest

import retention as rt
from retention.errors import ConvergenceError
from retention.predict import _coming
from retention.predict._model import FitReport
from retention.predict.bgnbd import BgNbd
from retention.predict.forecast import forecast_revenue
from retention.predict.gamma_gamma import GammaGamma
from retention.predict.purchases import RepeatPurchases
from tests.reference.cdnow_calibration import cdnow_base, cdnow_orders

pytestmark = pytest.mark.simulation

AGES = (20.0, 26.0, 32.0, 38.0, 44.0, 50.0)
HORIZON = 26.0
R, ALPHA, A, B = 0.6, 6.0, 0.8, 2.5
P, Q, V = 6.25, 3.74, 15.44


def shop(random: Random, customers: int) -> tuple[RepeatPurchases, float]:
    """A base as the models have it, and the revenue of the 26 weeks after. Written from the models' stories alone."""
    rows, revenue = {}, 0.0
    for number in range(customers):
        age = AGES[number % len(AGES)]
        rate, leaves = random.gammavariate(R, 1 / ALPHA), random.betavariate(A, B)
        spends = random.gammavariate(Q, 1 / V)
        times, now = [], random.expovariate(rate)
        while now <= age + HORIZON:
            times.append(now)
            if random.random() < leaves:
                break
            now += random.expovariate(rate)
        past = [time for time in times if time <= age]
        x, coming = len(past), len(times) - len(past)
        rows[number] = (
            (x, past[-1], age, random.gammavariate(P * x, 1 / spends) / x) if x else (0, 0.0, age, None)
        )
        if coming:
            revenue += random.gammavariate(P * coming, 1 / spends)
    return RepeatPurchases.from_table(rows, unit="week"), revenue


@pytest.mark.parametrize("customers, shops", [(600, 40), (1_500, 15)])
def test_intervals_hold_the_revenue_so_often_as_they_say(customers, shops):
    """95 % prediction intervals of models that were fitted to each shop."""
    random = Random(customers)
    held, expected, came, fitted = 0, 0.0, 0.0, 0
    while fitted < shops:
        base, revenue = shop(random, customers)
        try:
            model, spend = BgNbd.fit(base), GammaGamma.fit(base)
        except ConvergenceError:
            continue  # some shops have no best fit, which says nothing of the forecasts of the others
        fitted += 1
        found = forecast_revenue(base, model=model, spend=spend, horizon=HORIZON)
        held += revenue in found.interval()
        expected += float(found)
        came += revenue
    assert held >= 0.95 * shops - 3 * math.sqrt(0.95 * 0.05 * shops)
    assert expected == pytest.approx(came, rel=0.06)


def without_errors(parameters: int) -> FitReport:
    """A fit to endless data."""
    return FitReport(
        log_likelihood=0.0,
        customers=9,
        groups=9,
        iterations=1,
        evaluations=1,
        covariance=((0.0,) * parameters,) * parameters,
    )


@pytest.mark.parametrize("customers", [1, 5, 30])
def test_intervals_of_few_customers_with_known_parameters(customers, monkeypatch):
    """Of chance alone: the models are the true ones, and few purchases are to come."""
    monkeypatch.setattr(_coming, "_DRAWS", 3_000)  # enough of each of hundreds of forecasts
    random, trials, held = Random(customers), 100, 0
    model = BgNbd(r=R, alpha=ALPHA, a=A, b=B, unit="week", report=without_errors(4))
    spend = GammaGamma(p=P, q=Q, v=V, report=without_errors(3))
    for _ in range(trials):
        base, revenue = shop(random, customers)
        held += revenue in forecast_revenue(base, model=model, spend=spend, horizon=HORIZON).interval()
    assert held / trials >= 0.9


class TestSample:
    """Fitted to the customers of 1997-01 to 1997-03 as watched until the end of September, and asked for October on."""

    @pytest.fixture(scope="class")
    @staticmethod
    def months() -> dict[str, float]:
        revenue: Counter[str] = Counter()
        for order in cdnow_orders():
            if order.placed_at.date() > date(1997, 9, 30):
                revenue[f"{order.placed_at:%Y-%m}"] += float(order.amount)
        return dict(revenue)

    def test_hold_out(self, months):
        base = cdnow_base()
        periods = [rt.Period.month(1997, number, tz="UTC") for number in (10, 11, 12)]
        periods += [rt.Period.month(1998, number, tz="UTC") for number in range(1, 7)]
        found = forecast_revenue(base, model=BgNbd.fit(base), spend=GammaGamma.fit(base), periods=periods)
        held = [months[each.label] in each.interval() for each in found]
        # Christmas is a season that the models do not know, and the first months of the year make up for none of it
        assert sum(held) >= 5
        assert months["1997-10"] in found[0].interval()
        assert sum(months.values()) == pytest.approx(float(found), rel=0.2)
