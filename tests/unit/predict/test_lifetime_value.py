"""What customers are worth: purchases times spend times margin, discounted."""

from __future__ import annotations

import itertools
import math
import pickle
from datetime import timedelta
from decimal import Decimal
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st
from scipy import integrate

from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MissingRecordsError,
    MixedCurrencyError,
    UndefinedMetricError,
)
from retention.predict._model import FitReport
from retention.predict.bgbb import BgBb
from retention.predict.bgnbd import BgNbd
from retention.predict.gamma_gamma import GammaGamma
from retention.predict.lifetime_value import (
    customer_lifetime_value,
    customer_lifetime_value_of_newcomer,
    schedule,
)
from retention.predict.mbgnbd import MbgNbd
from retention.predict.pareto_nbd import ParetoNbd
from retention.predict.purchases import Purchases, RepeatPurchases

WEEKS_IN_YEAR = 365.2425 / 7
WHO = Purchases(2, 30.43, 38.86, 22.35)
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
MODELS = [
    BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week"),
    BgNbd(r=2.5, alpha=0.4, a=0.9, b=1.7, unit="week"),
    MbgNbd(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week"),
    ParetoNbd(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week"),
]
TERMS = {"spend": SPEND, "horizon": 1, "unit": "year", "discount_rate": 0.1, "margin_rate": 0.3}


def report(*variances):
    """A fit of which only the covariance counts: that of the logarithms of the parameters."""
    rows = [
        tuple(each if i == j else 0.01 * (i + j) for j in range(len(variances)))
        for i, each in enumerate(variances)
    ]
    return FitReport(
        log_likelihood=-9.0, customers=9, groups=9, iterations=9, evaluations=9, covariance=tuple(rows)
    )


FITTED = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week", report=report(0.1, 0.2, 0.3, 0.4))
FITTED_SPEND = GammaGamma(p=6.25, q=3.74, v=15.44, currency="EUR", report=report(0.1, 0.2, 0.3))


def base_of(rows, currency=None, unit="week"):
    return RepeatPurchases.from_table(dict(enumerate(rows)), unit=unit, currency=currency)


ROWS = [
    (2, 30.43, 38.86, 22.35),
    (0, 0, 38.86, None),
    (2, 30.43, 38.86, 55.0),
    (7, 20.0, 30.0, 14.0),
    (0, 0, 12.0, None),
]


class TestOne:
    def test_without_discount_it_is_a_product(self):
        model = MODELS[0]
        value = model.customer_lifetime_value(WHO, **{**TERMS, "discount_rate": 0})
        purchases = float(model.expected_purchases(WHO, horizon=1, unit="year"))
        assert float(value) == pytest.approx(0.3 * float(SPEND.expected_spend(WHO)) * purchases)
        assert value.unit is None

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("rate", [0.05, 0.5])
    @pytest.mark.parametrize("years", [0.5, 3, 10])
    def test_the_integral(self, model, rate, years):
        """∫(1 + d)^(−t) dE(Y(t)), with the derivative of the expected purchases by differences."""

        def purchases(time):
            return float(model.expected_purchases(WHO, horizon=max(time, 0.0)))

        def integrand(time):
            slope = (purchases(time + 1e-3) - purchases(time - 1e-3)) / 2e-3
            return (1 + rate) ** (-time / WEEKS_IN_YEAR) * slope

        weeks = years * WEEKS_IN_YEAR
        integral = integrate.quad(integrand, 1e-3, weeks, epsrel=1e-7, limit=100)[0] + purchases(1e-3)
        value = customer_lifetime_value(
            model, WHO, spend=SPEND, horizon=years, unit="year", discount_rate=rate, margin_rate=1
        )
        assert float(value) == pytest.approx(float(SPEND.expected_spend(WHO)) * integral, rel=2e-4)

    @pytest.mark.parametrize("model", MODELS)
    def test_what_steps_come_to(self, model):
        """Purchases counted by the middle of ever shorter steps."""

        def by_steps(steps):
            times = [WEEKS_IN_YEAR * n / steps for n in range(steps + 1)]
            expected = [float(model.expected_purchases(WHO, horizon=time)) for time in times]
            return math.fsum(
                (more - less) * 1.2 ** -((n + 0.5) / steps)
                for n, (less, more) in enumerate(itertools.pairwise(expected))
            )

        value = float(model.customer_lifetime_value(WHO, **{**TERMS, "discount_rate": 0.2, "margin_rate": 1}))
        value /= float(SPEND.expected_spend(WHO))
        off = [abs(by_steps(steps) / value - 1) for steps in (12, 52, 365)]
        assert off[0] > off[1] > off[2]
        assert off[2] < 1e-6

    @example(0.0, 9.8e-47, 6.3e-278, 0.0)
    @settings(max_examples=30, deadline=None)
    @given(st.floats(0, 2), st.floats(0, 2), st.floats(0, 20), st.floats(0, 20))
    def test_falls_with_the_rate_and_grows_with_the_horizon(self, rate, more, years, later):
        def value(rate, years):
            terms = {**TERMS, "discount_rate": rate, "horizon": years}
            return float(MODELS[0].customer_lifetime_value(WHO, **terms))

        assert 0 <= value(rate + more, years) <= value(rate, years) * (1 + 1e-5)
        assert value(rate, years) <= value(rate, years + later) * (1 + 1e-3) + 1e-12

    def test_nothing_in_no_time(self):
        assert float(MODELS[0].customer_lifetime_value(WHO, **{**TERMS, "horizon": 0})) == 0

    @pytest.mark.parametrize(
        "horizon, unit", [(timedelta(days=365.2425), None), (12, "month"), (WEEKS_IN_YEAR, None)]
    )
    def test_horizons(self, horizon, unit):
        value = MODELS[0].customer_lifetime_value(WHO, **{**TERMS, "horizon": horizon, "unit": unit})
        assert float(value) == pytest.approx(float(MODELS[0].customer_lifetime_value(WHO, **TERMS)))

    def test_the_unit_of_the_model_makes_no_difference(self):
        daily = BgNbd(r=0.243, alpha=4.414 * 7, a=0.793, b=2.426, unit="day")
        who = Purchases(2, 30.43 * 7, 38.86 * 7, 22.35)
        value = daily.customer_lifetime_value(who, **TERMS)
        assert float(value) == pytest.approx(float(MODELS[0].customer_lifetime_value(WHO, **TERMS)))

    def test_no_interval_unless_both_were_fitted(self):
        for model, spend in ((MODELS[0], SPEND), (FITTED, SPEND), (MODELS[0], FITTED_SPEND)):
            value = model.customer_lifetime_value(WHO, **{**TERMS, "spend": spend})
            assert value.standard_error is None

    def test_relative_variances_of_purchases_and_spend_add_up(self):
        value = FITTED.customer_lifetime_value(WHO, **{**TERMS, "spend": FITTED_SPEND, "discount_rate": 0})
        purchases = FITTED.expected_purchases(WHO, horizon=1, unit="year")
        spend = FITTED_SPEND.expected_spend(WHO)
        relative = [each.standard_error / each.value for each in (purchases, spend)]
        assert value.standard_error / value.value == pytest.approx(math.hypot(*relative), rel=1e-6)
        assert value.unit == "EUR"
        assert value.interval().low > 0

    def test_undefined_without_a_mean_spend(self):
        heavy = GammaGamma(p=1, q=0.5, v=10)
        value = MODELS[0].customer_lifetime_value(Purchases(0, 0, 30.0), **{**TERMS, "spend": heavy})
        assert value.value is None
        assert "infinite" in value.undefined_because


class TestBase:
    def test_each_as_if_asked_alone(self):
        base = base_of(ROWS, "EUR")
        terms = {**TERMS, "spend": FITTED_SPEND}
        values = FITTED.customer_lifetime_value(base, **terms)
        for customer in base:
            alone = FITTED.customer_lifetime_value(base[customer], **terms)
            assert values[customer] == pytest.approx(float(alone))
            assert values.estimate(customer).standard_error == pytest.approx(alone.standard_error)
        assert list(values.values()) == pytest.approx([values[each] for each in base])
        assert values.highest(1)[0][0] == 2
        assert values.estimate(2).unit == "EUR"

    def test_total(self):
        base = base_of(ROWS, "EUR")
        terms = {**TERMS, "spend": FITTED_SPEND}
        total = FITTED.customer_lifetime_value(base, **terms).total()
        alone = [FITTED.customer_lifetime_value(base[each], **terms) for each in base]
        assert float(total) == pytest.approx(sum(map(float, alone)))
        # errors of customers of one model go together: more than if they were independent, less than if they added up
        errors = [each.standard_error for each in alone]
        assert math.hypot(*errors) < total.standard_error <= sum(errors)

    def test_pickles(self):
        values = FITTED.customer_lifetime_value(base_of(ROWS), **TERMS)
        assert dict(pickle.loads(pickle.dumps(values))) == dict(values)

    def test_another_unit(self):
        with pytest.raises(ConflictingArgumentError, match="day"):
            FITTED.customer_lifetime_value(base_of(ROWS, unit="day"), **TERMS)

    def test_another_currency(self):
        with pytest.raises(MixedCurrencyError, match="customer_lifetime_value: the base is in USD"):
            FITTED.customer_lifetime_value(base_of(ROWS, "USD"), **{**TERMS, "spend": FITTED_SPEND})

    def test_undefined_for_some(self):
        with pytest.raises(UndefinedMetricError, match="infinite"):
            FITTED.customer_lifetime_value(base_of(ROWS), **{**TERMS, "spend": GammaGamma(p=1, q=0.5, v=10)})


class TestOpportunities:
    MODEL = BgBb(alpha=1.204, beta=0.75, gamma=0.657, delta=2.783, unit="year")
    WHO = Purchases(3, 5.0, 6.0, 20.0)

    def test_each_opportunity_by_its_end(self):
        value = self.MODEL.customer_lifetime_value(
            self.WHO, spend=SPEND, horizon=4, discount_rate=0.25, margin_rate=0.5
        )
        expected = [float(self.MODEL.expected_purchases(self.WHO, horizon=n)) for n in range(5)]
        by_hand = sum((expected[n] - expected[n - 1]) / 1.25**n for n in range(1, 5))
        assert float(value) == pytest.approx(0.5 * float(SPEND.expected_spend(self.WHO)) * by_hand)

    def test_whole_ones_only(self):
        with pytest.raises(InvalidValueError, match="whole number of opportunities"):
            self.MODEL.customer_lifetime_value(
                self.WHO, spend=SPEND, horizon=1.5, discount_rate=0.1, margin_rate=1
            )


class TestTerms:
    @pytest.mark.parametrize("number", [Decimal, np.float64, float])
    def test_numbers_of_any_class(self, number):
        terms = {**TERMS, "discount_rate": number("0.1"), "margin_rate": number("0.3")}
        assert MODELS[0].customer_lifetime_value(WHO, **terms) == MODELS[0].customer_lifetime_value(
            WHO, **TERMS
        )

    def test_whole_numbers_of_numpy(self):
        terms = {**TERMS, "discount_rate": np.int64(0), "margin_rate": np.int64(1)}
        plain = {**TERMS, "discount_rate": 0, "margin_rate": 1}
        assert MODELS[0].customer_lifetime_value(WHO, **terms) == MODELS[0].customer_lifetime_value(
            WHO, **plain
        )


class TestPairs:
    def test_of_bootstrapped_models(self):
        """The variance of both: nearly that of the delta method."""
        random = Random(1)
        rows = []
        for _ in range(500):
            rate, leaves = random.gammavariate(2.0, 1 / 8.0), random.betavariate(1.5, 4.0)
            times, now = [], random.expovariate(rate)
            while now <= 40 and (not times or random.random() >= leaves):
                times.append(now)
                now += random.expovariate(rate)
            own = random.gammavariate(3.74, 1 / 15.44)
            x = len(times)
            rows.append(
                (x, times[-1], 40.0, random.gammavariate(6.25 * x, 1 / own) / x) if x else (0, 0, 40.0)
            )
        base = base_of(rows)
        model, spend = BgNbd.fit(base), GammaGamma.fit(base)
        pairs = model.bootstrap(base, replications=40, seed=1).paired_with(
            spend.bootstrap(base, replications=40, seed=2)
        )
        assert len(pairs.models) + pairs.failed == 40

        def value(pair):
            terms = {**TERMS, "spend": pair[1]}
            return float(pair[0].customer_lifetime_value(Purchases(4, 38.0, 40.0, 30.0), **terms))

        alone = model.customer_lifetime_value(Purchases(4, 38.0, 40.0, 30.0), **{**TERMS, "spend": spend})
        assert float(alone) in pairs.interval(value)
        assert pairs.standard_error(value) == pytest.approx(alone.standard_error, rel=0.5)


class TestText:
    def test_says_what_it_is(self):
        values = FITTED.customer_lifetime_value(base_of(ROWS, "EUR"), **{**TERMS, "spend": FITTED_SPEND})
        terms = "within 1 year, at a margin rate of 30 % and a discount rate of 10 % a year"
        assert str(values).startswith(f"Lifetime value {terms}, by BG/NBD and Gamma–Gamma")
        assert values.terms == terms
        assert FITTED_SPEND.expected_spend(base_of(ROWS, "EUR")).terms is None
        assert str(FITTED_SPEND.expected_spend(base_of(ROWS, "EUR"))).startswith(
            "Expected spend, by Gamma–Gamma"
        )

    @pytest.mark.parametrize(
        "horizon, words",
        [
            ({"horizon": 12}, "within 12 weeks"),
            ({"horizon": 1, "unit": "month"}, "within 1 month"),
            ({"horizon": timedelta(days=90)}, "within 90 days"),
            ({"horizon": 2.5, "unit": "year"}, "within 2.5 years"),
        ],
    )
    def test_horizon_rates_and_whose_interval_it_is(self, horizon, words):
        """A number without a unit is one of the model's, which the rate of a year easily hides."""
        terms = {**TERMS, "spend": FITTED_SPEND, "unit": None, **horizon}
        base = base_of(ROWS, "EUR")
        values = FITTED.customer_lifetime_value(base, **terms)
        one = FITTED.customer_lifetime_value(Purchases(2, 30.43, 38.86, 22.35), **terms)
        new = FITTED.customer_lifetime_value_of_newcomer(**terms)
        for found in (values.total(), values.mean(), values.estimate(next(iter(base))), one, new):
            assert found.explain() == (
                f"{found!s} expected {words}, at a margin rate of 30 % and a discount rate of 10 % a year (95 % interval "
                f"of what is expected {found.interval()}; what comes varies more)."
            )


class TestNewcomer:
    def test_without_discount_it_is_a_product(self):
        value = customer_lifetime_value_of_newcomer(
            FITTED, **{**TERMS, "spend": FITTED_SPEND, "discount_rate": 0}
        )
        purchases = FITTED.expected_purchases_of_newcomer(horizon=1, unit="year")
        spend = FITTED_SPEND.expected_spend_of_newcomer()
        assert float(value) == pytest.approx(0.3 * float(purchases) * float(spend))
        relative = [each.standard_error / each.value for each in (purchases, spend)]
        assert value.standard_error / value.value == pytest.approx(math.hypot(*relative), rel=1e-6)

    @pytest.mark.parametrize("model", [MODELS[0], MODELS[1], MODELS[3]])
    def test_is_one_who_bought_just_now(self, model):
        """Not under the MBG/NBD, where a new customer may have left already."""
        now = Purchases(0, 0, 0.0)
        newcomer = customer_lifetime_value_of_newcomer(model, **TERMS)
        assert float(newcomer) == pytest.approx(float(customer_lifetime_value(model, now, **TERMS)), rel=1e-6)

    def test_undefined_without_a_mean_spend(self):
        value = customer_lifetime_value_of_newcomer(
            FITTED, **{**TERMS, "spend": GammaGamma(p=1, q=0.5, v=10)}
        )
        assert value.value is None


class TestSchedule:
    @pytest.mark.parametrize("in_steps", [False, True])
    def test_of_one_purchase_at_once(self, in_steps):
        """Weights of a purchase that comes right away, or at the first opportunity, sum up to its worth."""
        places = schedule(10.0, 0.1, in_steps=in_steps)
        assert sum(weight for _, weight in places) == pytest.approx(math.exp(-0.1) if in_steps else 1.0)
        assert all(0 < time <= 10 and weight > 0 for time, weight in places)

    @pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 5, 20, 1e3])
    @pytest.mark.parametrize("years", [1, 5, 30])
    @pytest.mark.parametrize("model", [MODELS[0], MODELS[3]])
    def test_is_the_integral_at_any_rate(self, model, years, rate):
        """e^(−δH)·Y(H) + δ∫e^(−δt)·Y(t)dt, by scipy."""
        force, horizon = math.log1p(rate) / WEEKS_IN_YEAR, years * WEEKS_IN_YEAR
        expected = model._expected_by

        def discounted(time):
            return force * math.exp(-force * time) * expected(time)(2, 30.43, 38.86)

        # Y is steep at the beginning: by parts that grow
        edges = [0.0, *(horizon * 4.0**-n for n in range(12, -1, -1))]
        integral = sum(integrate.quad(discounted, low, high)[0] for low, high in itertools.pairwise(edges))
        integral += math.exp(-force * horizon) * expected(horizon)(2, 30.43, 38.86)
        found = sum(weight * expected(time)(2, 30.43, 38.86) for time, weight in schedule(horizon, force))
        assert found == pytest.approx(integral, rel=2e-5)
        assert len(schedule(horizon, force)) < 120

    def test_only_the_end_without_discount(self):
        assert schedule(10.0, 0.0) == [(10.0, 1.0)]


class TestInput:
    @pytest.mark.parametrize(
        "name, value, error",
        [
            ("spend", MODELS[0], InvalidTypeError),
            ("discount_rate", "0.1", InvalidTypeError),
            ("discount_rate", True, InvalidTypeError),
            ("discount_rate", -0.1, InvalidValueError),
            ("discount_rate", math.nan, InvalidValueError),
            ("discount_rate", 10**400, InvalidValueError),
            ("margin_rate", None, InvalidTypeError),
            ("margin_rate", 0, InvalidValueError),
            ("margin_rate", 30, InvalidValueError),
            ("margin_rate", math.inf, InvalidValueError),
            ("horizon", -1, InvalidValueError),
        ],
    )
    def test_domain(self, name, value, error):
        for who in ((WHO,), ()):
            asked = customer_lifetime_value if who else customer_lifetime_value_of_newcomer
            with pytest.raises(error, match=name):
                asked(MODELS[0], *who, **{**TERMS, name: value})

    def test_who(self):
        with pytest.raises(InvalidTypeError, match="takes Purchases of one customer"):
            MODELS[0].customer_lifetime_value("ann", **TERMS)
        with pytest.raises(MissingRecordsError, match=r"Purchases\.spend"):
            MODELS[0].customer_lifetime_value(Purchases(2, 30.43, 38.86), **TERMS)
        with pytest.raises(MissingRecordsError):
            MODELS[0].customer_lifetime_value(
                RepeatPurchases.from_counts([(2, 3.0, 5.0, 20)], unit="week"), **TERMS
            )
