"""How often the customers of today will buy: what is to be expected, and a prediction interval for the number itself."""

from __future__ import annotations

import json
import math
import pickle
from datetime import UTC, date, datetime
from random import Random

import attrs
import pytest

import retention as rt
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    UndefinedMetricError,
)
from retention.predict import _coming

ROWS = [(2, 30.43, 38.86), (0, 0, 38.86), (2, 30.43, 38.86), (7, 20.0, 30.0), (0, 0, 12.0)]
BASE = attrs.evolve(
    rt.RepeatPurchases.from_table(dict(enumerate(ROWS)), unit="week"), until=date(1997, 9, 30)
)
COVARIANCE = tuple(tuple(0.01 * (i + 1) if i == j else 0.0 for j in range(4)) for i in range(4))
REPORT = rt.FitReport(
    log_likelihood=-9.0, customers=9, groups=9, iterations=9, evaluations=9, covariance=COVARIANCE
)
MODEL = rt.BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week", report=REPORT)
GIVEN = rt.BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")


def forecast(base=BASE, model=MODEL, **terms):
    given = {"horizon": 13} if not {"periods", "horizon"} & set(terms) else {}
    return rt.forecast_purchases(base, model=model, **given, **terms)


class TestExpected:
    def test_it_is_the_total_of_the_base(self):
        found, total = forecast(), MODEL.expected_purchases(BASE, horizon=13).total()
        assert float(found) == found.value == float(found[0]) == pytest.approx(float(total))
        assert found.total.expected.standard_error == pytest.approx(total.standard_error, rel=1e-6)
        assert found.customers == 5
        assert found.total.expected.unit == "purchases"

    def test_steps_and_periods(self):
        steps = forecast(horizon=2, steps=4)
        assert [each.label for each in steps][:2] == ["weeks 0 to 2", "weeks 2 to 4"]
        assert (
            sum(map(float, steps)) == pytest.approx(float(steps)) == pytest.approx(float(forecast(horizon=8)))
        )
        october = rt.Period.month(1997, 10, tz="UTC")
        by_month = forecast(periods=[october, october.next()])
        assert (by_month[0].start, by_month[0].end) == (0, 31 / 7)
        assert float(by_month) == pytest.approx(float(forecast(horizon=61, unit="day")))

    def test_what_chance_does_in_the_revenue_is_the_same(self):
        """Who all spend the same, bring as many times that as they buy."""
        spend = rt.GammaGamma(p=1e9, q=1e9, v=20.0, report=attrs.evolve(REPORT, covariance=((0.0,) * 3,) * 3))
        rows = {who: (*row, 20.0 if row[0] else None) for who, row in enumerate(ROWS)}
        base = rt.RepeatPurchases.from_table(rows, unit="week")
        revenue = rt.forecast_revenue(base, model=MODEL, spend=spend, horizon=13)
        found = forecast(base)
        assert float(revenue) == pytest.approx(20 * float(found), rel=1e-6)
        assert revenue.total.chance == pytest.approx(20 * found.total.chance, rel=1e-4)
        assert revenue.total.nothing == found.total.nothing


class TestInterval:
    def test_it_is_wider_than_that_of_what_is_expected(self):
        base = rt.RepeatPurchases.from_counts([(*row, 40) for row in ROWS], unit="week")
        found, total = forecast(base), MODEL.expected_purchases(base, horizon=13).total()
        assert found.interval().low < total.interval().low < total.interval().high < found.interval().high
        assert found.total.standard_error == pytest.approx(
            math.hypot(total.standard_error, found.total.chance)
        )

    def test_chance_is_the_spread_of_what_is_drawn(self):
        """Of one customer, drawn here anew."""
        who, random = (7, 20.0, 30.0), Random(5)
        drawn = [len(MODEL._draw_future(random, *who, 13.0)) for _ in range(20_000)]
        mean = sum(drawn) / len(drawn)
        spread = math.sqrt(sum((each - mean) ** 2 for each in drawn) / len(drawn))
        found = forecast(rt.RepeatPurchases.from_table({"ann": who}, unit="week"))
        assert float(found) == pytest.approx(mean, rel=0.03)
        assert found.total.chance == pytest.approx(spread, rel=0.1)
        assert found.total.nothing == pytest.approx(drawn.count(0) / len(drawn), abs=0.03)

    def test_whole_purchases_and_none_where_none_may_come(self):
        low, high = forecast().interval()
        assert low == 0
        assert high == int(high) > float(forecast())
        assert str(forecast().interval()) == f"0 to {high:.0f}"
        assert forecast().interval(0.5).high < high

    def test_the_same_seed_draws_the_same(self):
        assert forecast() == forecast()
        assert forecast(seed=1).total.chance != forecast().total.chance
        assert forecast(seed=1).value == forecast().value

    def test_needs_a_fitted_model(self):
        with pytest.raises(UndefinedMetricError, match="requires models that were fitted"):
            forecast(model=GIVEN).interval()

    def test_nobody(self):
        nobody = rt.RepeatPurchases.from_table({}, unit="week")
        assert forecast(nobody).value == 0
        assert list(forecast(nobody).interval()) == [0, 0]

    def test_opportunities(self):
        base = rt.RepeatPurchases.from_counts([(2, 4, 6, 10), (0, 0, 6, 5)], unit="year", discrete=True)
        model = rt.BgBb(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="year", report=REPORT)
        found = forecast(base, model, horizon=3)
        assert float(found) == pytest.approx(float(model.expected_purchases(base, horizon=3).total()))
        with pytest.raises(ConflictingArgumentError, match="forecast_purchases: BgBb counts in whole"):
            forecast(base, model, periods=rt.Period.year(2027, tz="UTC"))


class TestArguments:
    def test_kinds(self):
        with pytest.raises(InvalidTypeError, match="forecast_purchases: base must be a RepeatPurchases"):
            forecast([])
        with pytest.raises(InvalidTypeError, match="forecast_purchases: model must be a PurchaseModel"):
            forecast(model="BG/NBD")
        with pytest.raises(InvalidTypeError, match="forecast_purchases: seed must be an int"):
            forecast(seed=0.5)

    def test_horizons_and_periods(self):
        with pytest.raises(ConflictingArgumentError, match="forecast_purchases: give either periods="):
            rt.forecast_purchases(BASE, model=MODEL)
        with pytest.raises(InvalidValueError, match="forecast_purchases: horizon must be above 0"):
            forecast(horizon=0)
        with pytest.raises(InvalidValueError, match=r"BgNbd\.forecast_purchases: horizon must be finite"):
            forecast(horizon=-1)
        with pytest.raises(AsOfRequiredError, match="forecast_purchases: the base does not say"):
            forecast(attrs.evolve(BASE, until=None), periods=rt.Period.month(1997, 10, tz="UTC"))
        with pytest.raises(ConflictingArgumentError, match="counts in weeks and the model in days"):
            forecast(model=attrs.evolve(MODEL, unit="day"))


class TestText:
    def test_tables_and_words(self):
        found = forecast(horizon=2, steps=2)
        head, _, first, *_, last = str(found).splitlines()
        assert head.split("  ")[0] == "period"
        assert first.startswith("weeks 0 to 2")
        assert last.split()[:2] == ["all", f"{float(found):.1f}"]
        assert "all" not in str(forecast())
        assert repr(found) == f"<PurchaseForecast: 2 periods, {found.total} from 5 customers>"
        assert found.explain() == (
            f"The 5 customers of today are expected to make {found.total} in weeks 0 to 2 to weeks 2 to 4 (95 % prediction "
            f"interval {found.interval()}). Customers who are yet to come are not in it."
        )
        assumed = attrs.evolve(BASE, assumed=("that", "this"))
        assert forecast(assumed, GIVEN).explain().endswith("not in it. Assumed: that. Assumed: this.")
        assert "interval" not in forecast(model=GIVEN).explain()

    def test_rows(self):
        low, high = forecast().interval()
        assert forecast().to_dicts() == [
            {"period": "weeks 0 to 13", "expected": float(forecast()), "low": low, "high": high}
        ]
        (row,) = forecast(model=GIVEN).to_dicts()
        assert row["low"] is row["high"] is None
        assert json.loads(json.dumps(forecast().to_dicts())) == forecast().to_dicts()

    def test_it_pickles(self):
        assert pickle.loads(pickle.dumps(forecast())) == forecast()


def test_some_of_a_shop():
    """Of a list of customers: their share of what all are expected to buy."""
    one, two = (datetime(2026, 1, day, 12, tzinfo=UTC) for day in (1, 20))
    orders = [rt.Order(id=f"{who}{n}", customer_id=who, placed_at=at, amount="10", currency="EUR")
              for who in "abc" for n, at in enumerate((one, two))]  # fmt: skip
    base = rt.repeat_purchases(orders, unit="week", tz="UTC", until=date(2026, 3, 1))
    assert float(forecast(base.only(["a", "b"]))) == pytest.approx(2 / 3 * float(forecast(base)))


def test_coverage_of_a_fitted_model(monkeypatch):
    """The interval holds what the customers of a true model buy, where that of what is expected does not."""
    monkeypatch.setattr(_coming, "_DRAWS", 2_000)
    true = rt.MbgNbd(r=0.9, alpha=6.0, a=0.8, b=2.5, unit="week")
    ages = rt.RepeatPurchases.from_counts([(0, 0.0, float(age), 8) for age in range(20, 70)], unit="week")
    held = held_by_expected = shops = 0
    for seed in range(40):
        base, random = true.simulate(ages, seed=seed), Random(seed)
        came = sum(len(true._draw_future(random, x, t_x, age, 13.0))
                   for x, t_x, age, count in base.groups for _ in range(count))  # fmt: skip
        model = rt.MbgNbd.fit(base)
        shops += 1
        held += came in rt.forecast_purchases(base, model=model, horizon=13).interval()
        held_by_expected += came in model.expected_purchases(base, horizon=13).total().interval()
    assert held >= 0.95 * shops - 3 * math.sqrt(0.95 * 0.05 * shops)
    assert held_by_expected < held
