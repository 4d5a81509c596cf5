"""The revenue of the customers of today: what is to be expected, how sure that is, and what share of all it will be."""

from __future__ import annotations

import math
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import attrs
import pytest
from hypothesis import given, strategies as st
from scipy import stats

import retention as rt
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    UndefinedMetricError,
)
from retention.predict._model import Estimate, FitReport
from retention.predict._revenue_forecast import ExpectedRevenue, RevenueForecast
from retention.predict.bgbb import BgBb
from retention.predict.bgnbd import BgNbd
from retention.predict.forecast import forecast_revenue
from retention.predict.gamma_gamma import GammaGamma
from retention.predict.mbgnbd import MbgNbd
from retention.predict.pareto_nbd import ParetoNbd
from retention.predict.purchases import RepeatPurchases
from retention.results import Basis, Ratio, RevenuePredictability

LAST_DAY = date(1997, 9, 30)
ROWS = [
    (2, 30.43, 38.86, 22.35),
    (0, 0, 38.86, None),
    (2, 30.43, 38.86, 55.0),
    (7, 20.0, 30.0, 14.0),
    (0, 0, 12.0, None),
]


def report(*variances):
    """A fit of which only the covariance counts: that of the logarithms of the parameters."""
    rows = [tuple(each if i == j else 0.0 for j in range(len(variances))) for i, each in enumerate(variances)]
    return FitReport(
        log_likelihood=-9.0, customers=9, groups=9, iterations=9, evaluations=9, covariance=tuple(rows)
    )


MODEL = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week", report=report(0.01, 0.02, 0.03, 0.04))
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44, currency="USD", report=report(0.01, 0.02, 0.03))
MODELS = {
    "BG/NBD": MODEL,
    "MBG/NBD": MbgNbd(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week"),
    "Pareto/NBD": ParetoNbd(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week"),
}


def base_of(rows=ROWS, currency="USD", until=LAST_DAY, unit="week"):
    base = RepeatPurchases.from_table(dict(enumerate(rows)), unit=unit, currency=currency)
    return attrs.evolve(base, until=until)


def month(number, year=1997, tz="UTC"):
    return rt.Period.month(year, number, tz=tz)


def forecast(base=None, **terms):
    given = {"model": MODEL, "spend": SPEND, **terms}
    if not {"periods", "horizon"} & set(given):
        given["horizon"] = 4
    return forecast_revenue(base_of() if base is None else base, **given)


class TestExpected:
    @pytest.mark.parametrize("model", MODELS.values())
    def test_purchases_times_spend_of_each_customer(self, model):
        base = base_of()
        found = forecast(model=model, horizon=13)
        each = [
            float(model.expected_purchases(base[who], horizon=13)) * float(SPEND.expected_spend(base[who]))
            for who in base
        ]
        assert float(found) == found.value == float(found[0]) == pytest.approx(sum(each))
        assert found.customers == 5
        assert found.currency == found[0].expected.unit == "USD"
        assert (found[0].start, found[0].end) == (0, 13)

    def test_the_error_of_the_parameters_is_that_of_the_lifetime_value(self):
        """Without discount, and with all of the spend kept, revenue and lifetime value are one."""
        value = MODEL.customer_lifetime_value(
            base_of(), spend=SPEND, horizon=13, discount_rate=0, margin_rate=1
        ).total()
        found = forecast(horizon=13)
        assert float(found) == pytest.approx(float(value))
        assert found.total.expected.standard_error == pytest.approx(value.standard_error)

    def test_steps_add_up(self):
        one, four = forecast(horizon=8), forecast(horizon=2, steps=4)
        assert len(four) == 4
        assert sum(map(float, four)) == pytest.approx(float(four)) == pytest.approx(float(one))
        assert [each.label for each in four][:2] == ["weeks 0 to 2", "weeks 2 to 4"]
        assert four.total.label == "weeks 0 to 2 to weeks 6 to 8"
        assert [each.value for each in four] == sorted((each.value for each in four), reverse=True)
        assert four.total.chance == pytest.approx(one.total.chance, rel=0.1)
        assert four.total.expected.standard_error == pytest.approx(
            one.total.expected.standard_error, rel=1e-4
        )

    @pytest.mark.parametrize("horizon, unit", [(timedelta(days=28), None), (28, "day"), (4.0, "week")])
    def test_horizons(self, horizon, unit):
        assert float(forecast(horizon=horizon, unit=unit)) == pytest.approx(float(forecast(horizon=4)))

    def test_periods_by_local_days(self):
        october = forecast(periods=month(10))
        assert (october[0].start, october[0].end) == (0, 31 / 7)
        assert float(october) == pytest.approx(float(forecast(horizon=31, unit="day")))
        assert october.total.label == october[0].label == "1997-10"
        # daylight saving ends in it, and no day is longer for that
        assert forecast(periods=month(10, tz="Europe/Berlin")) == october

    def test_a_later_period_is_what_lies_between(self):
        found = forecast(periods=[month(11), month(12)])
        assert found[0].start == pytest.approx(31 / 7)
        assert float(found[0]) == pytest.approx(
            float(forecast(horizon=61, unit="day")) - float(forecast(horizon=31, unit="day"))
        )
        assert found.total.label == "1997-11 to 1997-12"

    def test_apart(self):
        found = forecast(periods=iter([month(10), month(12)]))
        assert float(found) == pytest.approx(
            float(forecast(periods=month(10))) + float(forecast(periods=month(12)))
        )
        assert found.total.chance < sum(each.chance for each in found)

    def test_nobody(self):
        found = forecast(base_of([]))
        assert float(found) == 0
        assert list(found.interval()) == [0, 0]
        assert found.explain().startswith(
            "The 0 customers of today are expected to bring 0.00 USD in weeks 0 to 4"
        )

    def test_order_of_customers_makes_no_difference(self):
        turned = forecast(base_of(ROWS[::-1]))
        assert float(turned) == pytest.approx(float(forecast()))
        assert turned.total.chance == pytest.approx(forecast().total.chance)

    def test_the_seed(self):
        assert forecast() == forecast(seed=0)
        assert forecast() != forecast(seed=1)


class TestChance:
    @pytest.mark.parametrize("name", MODELS)
    def test_the_variance_by_simulation(self, name):
        """Purchases and spends of five customers drawn many times, given what they did."""
        model, random, horizon = MODELS[name], Random(7), 26.0
        base, draws = base_of(), 20_000
        alike = {who: (float(each.frequency), each) for who, each in base.items()}
        revenues = []
        for _ in range(draws):
            revenue = 0.0
            for _, who in alike.values():
                x, z = who.frequency, who.spend or 0.0
                times = model._draw_future(random, x, who.recency, who.age, horizon)
                if times:
                    rate = random.gammavariate(SPEND.p * x + SPEND.q, 1 / (SPEND.v + x * z))
                    revenue += random.gammavariate(SPEND.p * len(times), 1 / rate)
            revenues.append(revenue)
        mean = sum(revenues) / draws
        spread = math.sqrt(sum((each - mean) ** 2 for each in revenues) / draws)
        found = forecast(model=model, horizon=horizon)
        assert mean == pytest.approx(found.value, rel=0.05)
        assert found.total.chance == pytest.approx(spread, rel=0.08)

    def test_evens_out(self):
        one, many = forecast(base_of(ROWS * 1)), forecast(base_of(ROWS * 100))
        assert many.total.chance == pytest.approx(10 * one.total.chance, rel=0.05)
        assert many.total.expected.standard_error == pytest.approx(100 * one.total.expected.standard_error)

    def test_no_variance_where_spend_has_none(self):
        heavy = attrs.evolve(SPEND, q=1.5)
        found = forecast(spend=heavy)
        assert found.total.chance is None
        assert found.total.standard_error is None
        with pytest.raises(UndefinedMetricError, match=r"p·x \+ q is above 2"):
            found.interval()
        assert "interval" not in found.explain()
        # of those who bought again it has one
        assert forecast(base_of([row for row in ROWS if row[0]]), spend=heavy).total.chance > 0

    def test_no_error_where_the_mean_ends_just_beside(self):
        found = forecast(spend=attrs.evolve(SPEND, q=1.00001))
        assert found.value > 0
        assert found.total.expected.standard_error is None

    def test_undefined_where_spend_has_no_mean(self):
        with pytest.raises(UndefinedMetricError, match="infinite"):
            forecast(spend=attrs.evolve(SPEND, q=0.9))


class TestInterval:
    def test_quantiles_of_a_gamma_distribution(self):
        revenue = ExpectedRevenue(
            label="", start=0, end=1, expected=Estimate(value=100.0, standard_error=30.0), chance=40.0
        )
        assert revenue.standard_error == 50
        for confidence in (0.5, 0.95, 0.99):
            tail = (1 - confidence) / 2
            # a mean of 100 and a variance of 2,500: shape 4, scale 25
            low, high = (float(stats.gamma.ppf(each, 4, scale=25)) for each in (tail, 1 - tail))
            interval = revenue.interval(confidence)
            assert interval.low == pytest.approx(low, rel=0.06)
            assert interval.high == pytest.approx(high, rel=0.05)

    @pytest.mark.parametrize("shape", [1, 0.3, 0.1, 0.05])
    def test_of_revenue_that_is_mostly_nothing(self, shape):
        expected = Estimate(value=100.0, standard_error=0.0)
        revenue = ExpectedRevenue(label="", start=0, end=1, expected=expected, chance=100 / math.sqrt(shape))
        interval = revenue.interval()
        assert interval.low < 2
        assert interval.high == pytest.approx(
            float(stats.gamma.ppf(0.975, shape, scale=100 / shape)), rel=0.25
        )

    @given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 1e9))
    def test_holds_the_mean_and_stays_above_0(self, value, error, chance):
        expected = Estimate(value=value, standard_error=error)
        revenue = ExpectedRevenue(label="", start=0, end=1, expected=expected, chance=chance)
        interval = revenue.interval()
        assert 0 <= interval.low <= value <= interval.high < math.inf

    def test_needs_fitted_models(self):
        found = forecast(model=MODELS["MBG/NBD"])
        with pytest.raises(UndefinedMetricError, match="models that were fitted"):
            found.interval()
        assert found.total.chance > 0


class TestShare:
    def test_of_a_given_amount(self):
        found = forecast(newcomers=Decimal(100))
        share = found.foreseeable_share
        assert float(share) == pytest.approx(found.value / (found.value + 100))
        # with nothing to doubt in the newcomers, the odds are as uncertain as the revenue
        relative = found.total.standard_error / found.value
        assert share.standard_error == pytest.approx(share.value * (1 - share.value) * relative)
        assert found.total.share == share
        assert 0 < share.interval().low < share.value < share.interval().high < 1

    def test_one_for_each_period(self):
        found = forecast(horizon=4, steps=2, newcomers=[0, 50.0])
        assert float(found[0].share) == 1
        assert found[0].share.standard_error == 0
        assert float(found[1].share) == pytest.approx(found[1].value / (found[1].value + 50))
        assert float(found.total.share) == pytest.approx(found.value / (found.value + 50))

    def test_no_revenue_at_all(self):
        share = forecast(base_of([]), newcomers=0).foreseeable_share
        assert share.value is None
        assert "neither" in share.undefined_because

    def test_none_without_newcomers(self):
        assert forecast().foreseeable_share is None

    def test_not_fitted(self):
        share = forecast(model=MODELS["MBG/NBD"], newcomers=9).foreseeable_share
        assert share.value > 0
        assert share.standard_error is None


class TestTable:
    """Newcomers as in the periods of a `revenue_predictability_table`."""

    TABLE = RevenuePredictability(
        shares=[Ratio(60, 100), Ratio(66, 110), Ratio(70, 100), Ratio(62, 100)],
        basis=Basis(period="1997-10", currency="USD"),
    )

    def test_mean_and_variance_of_what_newcomers_brought(self):
        found = forecast(periods=month(10), newcomers=self.TABLE)
        amounts = [40, 44, 30, 38]
        mean = sum(amounts) / 4
        share = found.foreseeable_share
        assert float(share) == pytest.approx(found.value / (found.value + mean))
        # as a prediction of one more: s²(1 + 1/k), and t for z
        variance = sum((each - mean) ** 2 for each in amounts) / 3 * 1.25
        variance *= (stats.t.ppf(0.975, 3) / stats.norm.ppf(0.975)) ** 2
        log_odds = math.hypot(found[0].standard_error / found.value, math.sqrt(variance) / mean)
        assert share.standard_error == pytest.approx(share.value * (1 - share.value) * log_odds)

    def test_says_nothing_of_later_periods(self):
        found = forecast(periods=[month(10), month(11)], newcomers=self.TABLE)
        assert found[0].share.value is not None
        assert found[1].share.value is None
        assert found.total.share.value is None
        assert "of one coming period" in found[1].share.undefined_because

    def test_the_real_table(self):
        orders = [
            rt.Order(
                id=(who, number),
                customer_id=who,
                placed_at=datetime(1997, number, 5, tzinfo=UTC),
                amount=10,
                currency="USD",
            )
            for who in range(1, 9)
            for number in range(who, 10)
        ]
        table = rt.revenue_predictability_table(
            rt.History(orders, as_of=datetime(1997, 10, 1, tzinfo=UTC)), period=month(10)
        )
        share = forecast(periods=month(10), newcomers=table).foreseeable_share
        assert 0 < float(share) < 1

    def test_too_few_periods(self):
        table = RevenuePredictability(shares=[Ratio(60, 100), Ratio(66, 110)])
        share = forecast(periods=month(10), newcomers=table).foreseeable_share
        assert share.value is None
        assert "2 comparable periods" in share.undefined_because

    def test_no_periods_with_revenue(self):
        table = RevenuePredictability(shares=[Ratio(0, 0)] * 3)
        share = forecast(periods=month(10), newcomers=table).foreseeable_share
        assert share.undefined_because == "no comparable period has revenue"

    def test_another_period(self):
        with pytest.raises(
            ConflictingArgumentError, match="a table for 1997-10, and the first period is 1997-11"
        ):
            forecast(periods=month(11), newcomers=self.TABLE)

    def test_no_period(self):
        with pytest.raises(ConflictingArgumentError, match="needs periods="):
            forecast(horizon=4, newcomers=self.TABLE)

    def test_another_currency(self):
        table = attrs.evolve(self.TABLE, basis=Basis(period="1997-10", currency="EUR"))
        with pytest.raises(MixedCurrencyError, match="newcomers= is in EUR"):
            forecast(periods=month(10), newcomers=table)


class TestOpportunities:
    def test_in_steps(self):
        base = RepeatPurchases.from_table(
            {1: (3, 5.0, 6.0, 20.0), 2: (0, 0, 6.0, None)}, unit="year", discrete=True
        )
        model = BgBb(alpha=1.204, beta=0.75, gamma=0.657, delta=2.783, unit="year")
        found = forecast_revenue(base, model=model, spend=SPEND, horizon=1, steps=3)
        assert float(found) == pytest.approx(
            sum(
                float(model.expected_purchases(base[who], horizon=3)) * float(SPEND.expected_spend(base[who]))
                for who in base
            )
        )
        assert found.total.chance > 0
        with pytest.raises(ConflictingArgumentError, match="whole opportunities"):
            forecast_revenue(base, model=model, spend=SPEND, periods=month(10))


class TestText:
    def test_table_of_one(self):
        found = forecast(periods=month(10))
        heading, _, row = str(found).splitlines()
        assert heading.split() == ["period", "expected", "95", "%", "interval"]
        assert row.split()[0] == "1997-10"

    def test_table_of_several_with_shares(self):
        found = forecast(periods=[month(10), month(11)], newcomers=[10, 20])
        lines = str(found).splitlines()
        assert "of all revenue" in lines[0]
        assert [line.split()[0] for line in lines[2:]] == ["1997-10", "1997-11", "all"]
        assert lines[2].split()[-3:] == str(found[0].share.interval()).split()

    def test_without_interval(self):
        assert str(forecast(model=MODELS["MBG/NBD"])).splitlines()[2].split()[:4] == ["weeks", "0", "to", "4"]

    def test_explain(self):
        base = attrs.evolve(base_of(), assumed=("the data are complete",))
        text = forecast(base, periods=month(10), newcomers=10).explain()
        assert text.startswith("The 5 customers of today are expected to bring ")
        assert " USD in 1997-10 (95 % prediction interval " in text
        assert "Of all revenue of 1997-10, that is " in text
        assert text.endswith("Assumed: the data are complete.")
        assert forecast(horizon=4, steps=2).explain().endswith("Customers who are yet to come are not in it.")
        several = forecast(horizon=4, steps=2, newcomers=10).explain()
        assert "Of all revenue of weeks 0 to 4, what they bring in it is " in several

    def test_to_dicts(self):
        rows = forecast(periods=[month(10), month(11)], newcomers=[10, 20]).to_dicts()
        assert list(rows[0]) == ["period", "expected", "low", "high", "share", "share_low", "share_high"]
        assert rows[0]["low"] < rows[0]["expected"] < rows[0]["high"]
        bare = forecast(model=MODELS["MBG/NBD"]).to_dicts()[0]
        assert [bare[name] for name in ("low", "high", "share", "share_low", "share_high")] == [None] * 5

    def test_manners(self):
        found = forecast(horizon=4, steps=2)
        assert repr(found) == f"<RevenueForecast: 2 periods, {found.total} from 5 customers>"
        assert str(found[0]) == str(found[0].expected)
        assert pickle.loads(pickle.dumps(found)) == found
        assert isinstance(found, RevenueForecast)
        assert [*found] == [found[0], found[1]]
        assert hash(found) == hash(forecast(horizon=4, steps=2))


class TestInput:
    @pytest.mark.parametrize(
        "terms, error, words",
        [
            ({"model": SPEND}, InvalidTypeError, "model must be a PurchaseModel, not GammaGamma"),
            ({"spend": MODEL}, InvalidTypeError, "spend must be a GammaGamma, not BgNbd"),
            ({"horizon": None}, ConflictingArgumentError, r"got neither"),
            ({"horizon": 4, "periods": month(10)}, ConflictingArgumentError, r"got both"),
            ({"horizon": 0}, InvalidValueError, "horizon must be above 0"),
            ({"horizon": -1}, InvalidValueError, "horizon"),
            ({"horizon": 4, "steps": 0}, InvalidValueError, "steps must be 1 to"),
            ({"horizon": 4, "steps": 2.0}, InvalidTypeError, "steps must be an int"),
            ({"horizon": 4, "steps": True}, InvalidTypeError, "steps must be an int"),
            ({"periods": month(10), "steps": 2}, ConflictingArgumentError, "belong to horizon="),
            ({"periods": month(10), "unit": "day"}, ConflictingArgumentError, "belong to horizon="),
            ({"periods": 3}, InvalidTypeError, "periods must be a Period or several"),
            ({"periods": "1997-10"}, InvalidTypeError, "periods must be a Period or several"),
            ({"periods": ["1997-10"]}, InvalidTypeError, "periods must be Periods, not str"),
            ({"periods": []}, InvalidValueError, "periods must be 1 to"),
            ({"periods": month(9)}, InvalidValueError, "after the last day watched, 1997-09-30"),
            ({"periods": [month(11), month(10)]}, InvalidValueError, "ascending and apart"),
            ({"periods": [month(10), month(10)]}, InvalidValueError, "ascending and apart"),
            ({"horizon": 4, "seed": "1"}, InvalidTypeError, "seed must be an int"),
            ({"newcomers": "9"}, InvalidTypeError, "newcomers must be a number"),
            ({"newcomers": [True]}, InvalidTypeError, "newcomers must be a number"),
            ({"newcomers": -1}, InvalidValueError, "newcomers must be 0 or more"),
            ({"newcomers": Decimal("NaN")}, InvalidValueError, "newcomers must be finite"),
            ({"newcomers": 10**400}, InvalidValueError, "newcomers must be finite"),
            ({"newcomers": [1, 2]}, InvalidValueError, "one for each of the 1 periods"),
        ],
    )
    def test_refused(self, terms, error, words):
        with pytest.raises(error, match=words):
            forecast(**terms)

    def test_base(self):
        with pytest.raises(InvalidTypeError, match="base must be a RepeatPurchases"):
            forecast([1, 2])
        with pytest.raises(ConflictingArgumentError, match="day"):
            forecast(base_of(unit="day"))
        with pytest.raises(MixedCurrencyError, match="forecast_revenue: the base is in EUR"):
            forecast(base_of(currency="EUR"))

    def test_the_last_day_is_not_known(self):
        with pytest.raises(AsOfRequiredError, match="give horizon= instead"):
            forecast(base_of(until=None), periods=month(10))
        assert float(forecast(base_of(until=None))) > 0
