"""sBG by hand: shares as products of fractions, sums written out, renewals counted on a calendar."""

from __future__ import annotations

import math
import pickle
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import attrs
import numpy as np
import pytest
from hypothesis import given, strategies as st

import retention as rt
from retention.errors import (
    AsOfRequiredError,
    ConvergenceError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiableError,
    UndefinedMetricError,
)
from retention.predict._renewals import renewals_of_cohorts, renewals_of_counts, renewals_of_subscriptions
from retention.predict.sbg import ShiftedBetaGeometric, _likelihood

COHORT = [1000, 869, 743, 653, 593, 551, 517, 491]
YEARLY = ShiftedBetaGeometric(alpha=3, beta=5, unit="year")
parameters = st.floats(0.05, 200)


def by_hand(model: ShiftedBetaGeometric, renewals: int) -> float:
    """The product of the shares that renew."""
    product = Fraction(1)
    for t in range(renewals):
        product *= Fraction(model.beta + t) / Fraction(model.alpha + model.beta + t)
    return float(product)


class TestShares:
    def test_on_paper(self):
        # 5/8 · 6/9 · 7/10
        assert YEARLY.survival(0).value == 1
        assert YEARLY.survival(1).value == 0.625
        assert YEARLY.survival(3).value == pytest.approx(7 / 24)
        assert YEARLY.retention_rate(1).value == 0.625
        assert YEARLY.retention_rate(3).value == 0.7
        assert YEARLY.probability_renews(renewals=2).value == 0.7
        assert YEARLY.probability_renews(renewals=1, times=2).value == pytest.approx(6 / 9 * 7 / 10)
        assert YEARLY.probability_renews(renewals=4, times=0).value == 1

    @given(parameters, parameters, st.integers(0, 400))
    def test_survival_is_the_product_of_the_shares_that_renew(self, alpha, beta, renewals):
        model = ShiftedBetaGeometric(alpha=alpha, beta=beta, unit="month")
        assert model.survival(renewals).value == pytest.approx(by_hand(model, renewals), rel=1e-11)

    @given(parameters, parameters, st.integers(1, 5000))
    def test_the_share_that_renews_rises(self, alpha, beta, renewal):
        model = ShiftedBetaGeometric(alpha=alpha, beta=beta, unit="month")
        assert model.retention_rate(renewal).value < model.retention_rate(renewal + 1).value < 1

    def test_thousands_of_renewals(self):
        model = ShiftedBetaGeometric(alpha=1, beta=1, unit="day")
        assert model.survival(10**5).value == pytest.approx(1 / (10**5 + 1), rel=1e-12)
        assert ShiftedBetaGeometric(alpha=900, beta=1, unit="day").survival(10**5).value >= 0
        for ask in (model.survival, model.retention_rate):
            with pytest.raises(InvalidValueError, match=r"must be at most 100,000 .* count in a longer unit"):
                ask(10**400)

    @pytest.mark.parametrize("ask", [YEARLY.survival, YEARLY.retention_rate])
    @pytest.mark.parametrize(
        "t, error", [(-1, InvalidValueError), (1.0, InvalidTypeError), (True, InvalidTypeError)]
    )
    def test_how_many_renewals(self, ask, t, error):
        with pytest.raises(error, match=r"ShiftedBetaGeometric\."):
            ask(t)

    def test_there_is_no_renewal_before_the_first(self):
        with pytest.raises(InvalidValueError, match="must be 1 or more"):
            YEARLY.retention_rate(0)

    def test_ints_of_numpy(self):
        assert YEARLY.survival(np.int64(3)) == YEARLY.survival(3)


class TestTenure:
    def test_on_paper(self):
        # (3 + 5 − 1) / (3 − 1), and 1 + 5/8 + 5/8 · 6/9
        assert YEARLY.expected_tenure().value == 3.5
        assert YEARLY.expected_tenure(within=3).value == pytest.approx(1 + 5 / 8 + 5 / 12)
        assert YEARLY.expected_tenure(within=1).value == 1
        assert str(YEARLY.expected_tenure()) == "3.5 years"

    def test_within_a_long_time_it_is_the_whole(self):
        assert YEARLY.expected_tenure(within=100_000).value == pytest.approx(3.5, rel=1e-6)

    @pytest.mark.parametrize("alpha", [1.0, 0.668])
    def test_it_may_have_no_end(self, alpha):
        model = ShiftedBetaGeometric(alpha=alpha, beta=3.8, unit="year")
        assert "the mean has no end; give within=" in (model.expected_tenure().undefined_because or "")
        assert model.expected_tenure(within=12).value > 1
        with pytest.raises(UndefinedMetricError):
            float(model.expected_tenure())

    @pytest.mark.parametrize(
        "within, error", [(0, InvalidValueError), (10**6, InvalidValueError), (2.5, InvalidTypeError)]
    )
    def test_within_what(self, within, error):
        with pytest.raises(error, match="within"):
            YEARLY.expected_tenure(within=within)


NEAR_ONE = [1000, 790, 660, 560, 480, 425, 380, 340, 310, 285, 262, 243, 226]
"""Of which alpha may be 1, or less."""


class TestTenureWithoutEnd:
    @pytest.fixture(scope="class")
    @staticmethod
    def near_one() -> ShiftedBetaGeometric:
        return ShiftedBetaGeometric.fit(NEAR_ONE, unit="month")

    @pytest.fixture(scope="class")
    @staticmethod
    def many() -> ShiftedBetaGeometric:
        return ShiftedBetaGeometric.fit([100 * each for each in NEAR_ONE], unit="month")

    def test_nothing_bounds_it_from_above(self, near_one):
        assert 1 in near_one.interval("alpha")
        tenure = near_one.expected_tenure()
        assert tenure.interval().high == 1.7e308
        assert str(tenure.interval()) == "14.54 or more"
        assert tenure.explain() == "33.26 months (95 % interval 14.54 or more)."

    def test_it_does_not_begin_below_what_is_certain(self, near_one):
        low = near_one.expected_tenure().interval().low
        for within in (1, 12, 24, 60, 120, 1_000, 10_000):
            assert low > near_one.expected_tenure(within=within).interval().low

    def test_the_report_says_so(self, near_one, many):
        assert near_one.report.warnings[-1].startswith(
            "The 95 % interval of alpha, 0.8997 to 1.434, holds 1, and up to 1 the mean time that customers stay has no end"
        )
        assert not many.report.warnings
        alpha_below = ShiftedBetaGeometric.fit(COHORT, unit="year")
        assert alpha_below.interval("alpha").high < 1
        assert not alpha_below.report.warnings  # the tenure has no value there, and says why

    def test_at_a_lower_level_there_is_an_end(self, near_one):
        tenure = near_one.expected_tenure()
        low, high = tenure.interval(0.5)
        assert tenure.interval().low < low < tenure.value < high < 100

    def test_ends_are_those_of_the_parameters_within_their_joint_interval(self, many):
        """By brute force: all around the ellipse."""
        covariance = np.array(many.report.covariance)
        turns = np.linspace(0, math.tau, 200_001)
        edge = 1.959964 * np.linalg.cholesky(covariance) @ np.array([np.cos(turns), np.sin(turns)])
        alpha, beta = np.exp(np.log([many.alpha, many.beta])[:, None] + edge)
        low, high = many.expected_tenure().interval()
        assert low == pytest.approx((1 + beta / (alpha - 1)).min(), rel=1e-6)
        assert high == pytest.approx((1 + beta / (alpha - 1)).max(), rel=1e-6)
        low, high = many.discounted_residual_lifetime(renewals=3, discount_rate=0).interval()
        assert low == pytest.approx(((beta + 3) / (alpha - 1)).min(), rel=1e-6)
        assert high == pytest.approx(((beta + 3) / (alpha - 1)).max(), rel=1e-6)

    def test_undiscounted_values_are_tenures_in_money(self, near_one, many):
        for model in (near_one, many):
            value = model.customer_lifetime_value(margin=5, discount_rate=0, currency="EUR")
            tenure = model.expected_tenure().interval()
            assert value.value == pytest.approx(5 * model.expected_tenure().value)
            assert value.interval().low == pytest.approx(5 * tenure.low)
            assert value.interval().high == pytest.approx(min(1.7e308, 5 * tenure.high))
            again = model.customer_lifetime_value(margin=5, discount_rate=0, renewals=3)
            residual = model.discounted_residual_lifetime(renewals=3, discount_rate=0)
            assert again.interval().low == pytest.approx(5 * residual.interval().low)
        assert near_one.customer_lifetime_value(margin=0, discount_rate=0).interval().high == 0

    def test_of_given_parameters_there_is_none(self):
        with pytest.raises(UndefinedMetricError, match="requires a model that was fitted"):
            YEARLY.expected_tenure().interval()

    def test_parameters_known_for_sure(self):
        report = attrs.evolve(
            ShiftedBetaGeometric.fit(NEAR_ONE, unit="month").report, covariance=((0.0, 0.0), (0.0, 0.0))
        )
        sure = ShiftedBetaGeometric(alpha=3, beta=5, unit="month", report=report)
        assert list(sure.expected_tenure().interval()) == pytest.approx([3.5, 3.5])

    def test_it_pickles(self, near_one):
        tenure = near_one.expected_tenure()
        again = pickle.loads(pickle.dumps(tenure))
        assert again == tenure
        assert again.interval() == tenure.interval()

    def test_it_holds_the_truth(self):
        """Of services whose mean is well known and far from endless, and of 2,000 customers each."""
        true = ShiftedBetaGeometric(alpha=2, beta=6, unit="month")
        held = trials = 0
        for seed in range(100):
            fitted = ShiftedBetaGeometric.fit(true.simulate(2_000, renewals=14, seed=seed), unit="month")
            if fitted.alpha > 1:
                trials += 1
                held += true.expected_tenure().value in fitted.expected_tenure().interval()
        assert trials > 95
        assert held >= 0.95 * trials - 3 * math.sqrt(0.95 * 0.05 * trials)


def worth(model: ShiftedBetaGeometric, made: int, rate: float, terms: int = 4000) -> float:
    """Units yet to come just before a renewal, one by one."""
    total, there = 0.0, 1.0
    for k in range(terms):
        there *= (model.beta + made + k) / (model.alpha + model.beta + made + k)
        total += there * (1 + rate) ** -k
    return total


class TestWorth:
    @given(parameters, parameters, st.integers(0, 50), st.floats(0.02, 3))
    def test_it_is_the_sum_over_all_units_to_come(self, alpha, beta, made, rate):
        model = ShiftedBetaGeometric(alpha=alpha, beta=beta, unit="year")
        found = model.discounted_residual_lifetime(renewals=made, discount_rate=rate)
        assert found.value == pytest.approx(worth(model, made, rate), rel=1e-9)
        value = model.customer_lifetime_value(margin=20, discount_rate=rate, renewals=made)
        assert value.value == pytest.approx(20 * found.value)

    def test_a_newcomer_pays_at_once(self):
        new = YEARLY.customer_lifetime_value(margin=100, discount_rate=0.1, currency="EUR")
        assert new.value == pytest.approx(100 * (1 + worth(YEARLY, 0, 0.1) / 1.1))
        assert new.unit == "EUR"

    def test_nothing_discounted_on_paper(self):
        # The tenure of 3.5 years, of which the first is paid for.
        residual = YEARLY.discounted_residual_lifetime(renewals=0, discount_rate=0)
        assert residual.value == pytest.approx(2.5)
        assert YEARLY.customer_lifetime_value(margin=2, discount_rate=0).value == 7

    def test_a_rate_is_by_the_year(self):
        monthly = ShiftedBetaGeometric(alpha=3, beta=5, unit="month")
        found = monthly.discounted_residual_lifetime(renewals=2, discount_rate=0.1)
        assert found.value == pytest.approx(worth(monthly, 2, 1.1 ** (1 / 12) - 1), rel=1e-9)
        assert found.unit == "months"

    def test_it_may_have_no_end(self):
        model = ShiftedBetaGeometric(alpha=0.7, beta=1.2, unit="year")
        found = model.discounted_residual_lifetime(renewals=1, discount_rate=0)
        assert "give a discount_rate above 0" in (found.undefined_because or "")
        assert model.discounted_residual_lifetime(renewals=1, discount_rate=1e-6).value > 10

    @pytest.mark.parametrize(
        "keywords, error",
        [
            ({"discount_rate": -0.1}, InvalidValueError),
            ({"discount_rate": math.nan}, InvalidValueError),
            ({"discount_rate": "10 %"}, InvalidTypeError),
            ({"margin": -5}, InvalidValueError),
            ({"margin": True}, InvalidTypeError),
            ({"renewals": -1}, InvalidValueError),
            ({"renewals": 1.5}, InvalidTypeError),
        ],
    )
    def test_what_it_refuses(self, keywords, error):
        with pytest.raises(error, match=next(iter(keywords))):
            YEARLY.customer_lifetime_value(**{"margin": 10, "discount_rate": 0.1} | keywords)


class TestFit:
    def test_the_gradient_is_that_of_the_likelihood(self):
        objective = _likelihood(renewals_of_cohorts(COHORT, "x"))
        here, step = (0.3, -0.2), 1e-6
        for which, slope in enumerate(objective(here)[1]):
            up, down = (tuple(x + by * (i == which) for i, x in enumerate(here)) for by in (step, -step))
            assert (objective(up)[0] - objective(down)[0]) / (2 * step) == pytest.approx(slope, rel=1e-6)

    def test_the_likelihood_is_that_of_the_lifetimes(self):
        # P(lost at renewal t) = S(t − 1) − S(t), and those still there S(7).
        model = ShiftedBetaGeometric.fit(COHORT, unit="year")
        shares = [by_hand(model, t) for t in range(8)]
        lost = [before - after for before, after in pairwise(COHORT)]
        exact = sum(n * math.log(shares[t] - shares[t + 1]) for t, n in enumerate(lost))
        assert model.log_likelihood == pytest.approx(exact + COHORT[-1] * math.log(shares[-1]), rel=1e-12)
        assert (model.report.customers, model.report.groups, model.unit) == (1000, 7, "year")

    def test_cohorts_of_different_ages_are_one_likelihood(self):
        cohorts = [[1000, 869, 743, 653], [500, 440, 380], (200, 170), [90]]
        with pytest.raises(InvalidValueError, match=r"survivors\[3\] must hold"):
            ShiftedBetaGeometric.fit(cohorts, unit="year")
        model = ShiftedBetaGeometric.fit(iter(cohorts[:3]), unit="year")
        counts = {1: (131 + 60 + 30, 170), 2: (126 + 60, 380), 3: (90, 653)}
        assert ShiftedBetaGeometric.fit_counts(counts, unit="year").parameters == model.parameters
        assert model.report.customers == 1700

    def test_who_has_not_come_to_a_renewal_tells_nothing(self):
        counts = {1: (131, 100), 2: (70, 90), 3: (40, 529)}
        model = ShiftedBetaGeometric.fit_counts(counts, unit="month")
        more = ShiftedBetaGeometric.fit_counts(counts | {0: (0, 5000)}, unit="month")
        assert more.parameters == model.parameters
        assert more.report.customers == model.report.customers + 5000

    def test_ten_times_the_customers_are_surer(self):
        once = ShiftedBetaGeometric.fit(COHORT, unit="year")
        often = ShiftedBetaGeometric.fit([10 * each for each in COHORT], unit="year")
        assert dict(often.parameters) == pytest.approx(dict(once.parameters), rel=1e-6)
        for name in ("alpha", "beta"):
            ratio = once.standard_errors[name] / often.standard_errors[name]
            assert ratio == pytest.approx(math.sqrt(10), rel=3e-4)
        narrow, wide = (each.survival(12).interval() for each in (often, once))
        assert wide.low < narrow.low < narrow.high < wide.high

    @pytest.mark.parametrize(
        "survivors, why",
        [
            ([1000, 1000, 1000], "nobody was lost"),
            ([1000, 0, 0], "nobody renewed"),
            ([1000, 869], "there is one renewal only, which .* from then on"),
            ([0, 0, 0], "there is no customer"),
            ([1, 1, 0], "there is a single customer"),
        ],
    )
    def test_what_is_not_identifiable(self, survivors, why):
        with pytest.raises(NotIdentifiableError, match=rf"{why}, so that nothing tells alpha and beta; give"):
            ShiftedBetaGeometric.fit(survivors, unit="year")

    def test_nobody_came_to_a_renewal(self):
        with pytest.raises(NotIdentifiableError, match="nobody came to a renewal, so"):
            ShiftedBetaGeometric.fit_counts({0: (0, 100)}, unit="year")

    @pytest.mark.parametrize("survivors", [[1000, 500, 250, 125], [1000, 900, 750, 550, 300]])
    def test_customers_who_are_alike_or_tire(self, survivors):
        with pytest.raises(ConvergenceError, match="does not rise from renewal to renewal"):
            ShiftedBetaGeometric.fit(survivors, unit="year")

    @pytest.mark.parametrize(
        "survivors, error, words",
        [
            ([100.0, 86.9, 74.3], InvalidTypeError, "must be a count of customers, not a float"),
            ([100, 86, 87], InvalidValueError, r"survivors\[2\] must not be above"),
            ([100, -1], InvalidValueError, "must be 0 or more"),
            ([100, True], InvalidTypeError, "must be an int, not bool"),
            ([100, "86"], InvalidTypeError, "must be an int, not str"),
            ([100], InvalidValueError, "after one renewal at least"),
            ([], InvalidValueError, "after one renewal at least"),
            ("100", InvalidTypeError, "not str"),
            ({100: 86}, InvalidTypeError, "not dict"),
            (100, InvalidTypeError, "not int"),
        ],
    )
    def test_what_is_no_cohort(self, survivors, error, words):
        with pytest.raises(error, match=words):
            ShiftedBetaGeometric.fit(survivors, unit="year")

    @pytest.mark.parametrize(
        "counts, error, words",
        [
            ([1, 2], InvalidTypeError, "must be a mapping"),
            ({0: (5, 10)}, InvalidValueError, "nobody is lost before the first renewal"),
            ({1: (5, 10, 3)}, InvalidTypeError, r"counts\[1\] must be \(lost"),
            ({1: "ab"}, InvalidTypeError, r"counts\[1\] must be \(lost"),
            ({1: 5}, InvalidTypeError, r"counts\[1\] must be \(lost"),
            ({1: (0.5, 3)}, InvalidTypeError, "not a float"),
            ({-1: (0, 3)}, InvalidValueError, "each key of counts must be 0 or more"),
            ({1.0: (0, 3)}, InvalidTypeError, "each key of counts must be an int"),
            ({10**7: (0, 3)}, InvalidValueError, "each key of counts must be at most 100,000"),
        ],
    )
    def test_what_is_no_count(self, counts, error, words):
        with pytest.raises(error, match=words):
            ShiftedBetaGeometric.fit_counts(counts, unit="year")

    def test_a_life_has_so_many_renewals(self):
        with pytest.raises(
            InvalidValueError, match=r"fit: survivors must hold at most 100,000 counts \(got 100,001\)"
        ):
            ShiftedBetaGeometric.fit([1] * 100_001, unit="day")

    def test_what_the_data_hardly_hold_is_told(self):
        model = ShiftedBetaGeometric.fit([200, 150, 118], unit="year")
        assert model.report.warnings[0].startswith("alpha and beta are hardly held by the data")
        assert ShiftedBetaGeometric.fit(COHORT, unit="year").report.warnings == ()

    def test_in_words(self):
        text = ShiftedBetaGeometric.fit(COHORT, unit="year").explain()
        assert text.startswith("sBG, fitted to 1,000 customers (log-likelihood −")
        assert (
            "At the first renewal 14.9% (13.2% to 16.9%) of newcomers are lost (alpha / (alpha + beta))"
            in text
        )

    def test_no_such_unit(self):
        with pytest.raises(InvalidValueError, match="unit must be one of"):
            ShiftedBetaGeometric.fit(COHORT, unit="quarter")
        with pytest.raises(InvalidValueError, match=r"ShiftedBetaGeometric: unit must be one of"):
            ShiftedBetaGeometric(alpha=1, beta=1, unit="months")

    def test_as_text(self):
        model = ShiftedBetaGeometric.fit(COHORT, unit="year")
        assert str(model) == "sBG: alpha 0.6681 (0.4928 to 0.9057), beta 3.806 (2.54 to 5.704)"


class TestDrawn:
    def test_the_same_seed_gives_the_same_cohort(self):
        cohort = YEARLY.simulate(500, renewals=6, seed=3)
        assert cohort == YEARLY.simulate(500, renewals=6, seed=3)
        assert cohort != YEARLY.simulate(500, renewals=6, seed=4)
        assert (len(cohort), cohort[0]) == (7, 500)
        assert list(cohort) == sorted(cohort, reverse=True)

    def test_a_cohort_is_as_the_model_says(self):
        cohort = YEARLY.simulate(40_000, renewals=5, seed=1)
        for renewal, there in enumerate(cohort):
            assert there / 40_000 == pytest.approx(YEARLY.survival(renewal).value, abs=0.01)

    def test_the_bootstrap_agrees_with_the_delta_method(self):
        model = ShiftedBetaGeometric.fit(COHORT, unit="year")
        drawn = model.bootstrap(COHORT, replications=200, seed=7)
        assert drawn.failed == 0
        error = drawn.standard_error(lambda each: math.log(each.alpha))
        assert error == pytest.approx(model.standard_errors["alpha"] / model.alpha, rel=0.25)
        low, high = drawn.interval(lambda each: each.survival(12).value)
        assert (low, high) == pytest.approx(tuple(model.survival(12).interval()), abs=0.02)
        assert drawn.models[0] == model.bootstrap([COHORT], replications=2, seed=7).models[0]

    def test_what_it_refuses(self):
        with pytest.raises(InvalidValueError, match="replications must be at least 2"):
            YEARLY.bootstrap(COHORT, replications=1, seed=1)
        with pytest.raises(InvalidTypeError, match="simulate"):
            YEARLY.simulate(10, renewals=3, seed="x")
        with pytest.raises(ConvergenceError, match="had no best fit"):
            YEARLY.bootstrap([2, 1, 1], replications=4, seed=1)


def span(number, start, end=None, customer=None, **more):
    return rt.Subscription(
        id=number,
        customer_id=customer or f"c{number}",
        amount="10.00",
        currency="EUR",
        interval="month",
        started_at=datetime.fromisoformat(start).replace(tzinfo=UTC),
        ended_at=None if end is None else datetime.fromisoformat(end).replace(tzinfo=UTC),
        **more,
    )


AS_OF = datetime(2026, 6, 20, 12, tzinfo=UTC)


def counted(spans, unit="month", bridge=None, **reading):
    found = renewals_of_subscriptions(
        spans, unit=unit, tz="UTC", bridge=bridge, reading={"as_of": AS_OF} | reading, owner="x"
    )
    return found.at_risk, found.lost


class TestSubscriptions:
    @pytest.mark.parametrize(
        "start, end, expected",
        [
            ("2026-01-10", None, ((1,) * 5, (0,) * 5)),
            ("2026-01-20", None, ((1,) * 5, (0,) * 5)),
            ("2026-01-21", None, ((1,) * 4, (0,) * 4)),
            ("2026-06-01", None, ((), ())),
            ("2026-01-10", "2026-04-10", ((1, 1, 1), (0, 0, 1))),
            ("2026-01-10", "2026-04-11", ((1, 1, 1, 1), (0, 0, 0, 1))),
            ("2026-01-31", "2026-02-28", ((1,), (1,))),
            ("2026-01-10", "2026-01-12", ((1,), (1,))),
            ("2026-01-10T08:00", "2026-02-10T09:00", ((1,), (1,))),
            ("2026-01-10T08:00", "2026-01-10T20:00", ((1,), (1,))),
        ],
    )
    def test_whole_months(self, start, end, expected):
        assert counted([span(1, start, end)]) == expected

    @pytest.mark.parametrize("unit, renewals", [("day", 161), ("week", 23), ("month", 5), ("year", 0)])
    def test_units(self, unit, renewals):
        assert len(counted([span(1, "2026-01-10")], unit)[0]) == renewals

    def test_years(self):
        assert counted([span(1, "2023-06-20", "2026-06-20"), span(2, "2023-06-21")], "year") == (
            (2, 2, 1),
            (0, 0, 1),
        )

    def test_a_change_of_plan_is_no_end(self):
        spans = [
            span(1, "2026-01-10", "2026-03-10", "ann", end_reason="plan_change"),
            span(2, "2026-03-10", "2026-05-10", "ann"),
        ]
        assert counted(spans) == ((1,) * 4, (0, 0, 0, 1))

    def test_the_first_time_only(self):
        spans = [span(2, "2026-05-01", None, "ann"), span(1, "2026-01-10", "2026-02-10", "ann")]
        assert counted(spans) == counted(spans[::-1]) == ((1,), (1,))
        assert counted(spans, bridge=timedelta(days=90)) == ((1,) * 5, (0,) * 5)

    def test_a_trial_is_not_paid(self):
        trial = datetime(2026, 2, 10, tzinfo=UTC)
        assert counted([span(1, "2026-01-10", trial_ends_at=trial)]) == ((1,) * 4, (0,) * 4)
        assert counted([span(1, "2026-01-10", "2026-02-01", trial_ends_at=trial)]) == ((), ())

    def test_what_is_yet_to_begin_or_to_end(self):
        assert counted([span(1, "2026-07-01")]) == ((), ())
        assert counted([span(1, "2026-01-10", "2026-07-10")]) == ((1,) * 5, (0,) * 5)
        later = datetime(2026, 9, 1, tzinfo=UTC)
        assert counted([span(1, "2026-06-01", trial_ends_at=later)]) == ((), ())

    def test_who_had_begun_before_the_records(self):
        # Who began with them and left in the first two months is not known.
        from_march = datetime(2026, 3, 15, tzinfo=UTC)
        spans = [span(1, "2026-01-10"), span(2, "2026-01-10", "2026-04-10"), span(3, "2026-04-01")]
        assert counted(spans, observed_from=from_march) == ((1, 1, 2, 1, 1), (0, 0, 1, 0, 0))
        assert counted([span(1, "2026-01-10", "2026-02-10")], observed_from=from_march) == ((), ())

    def test_all_of_it(self):
        # Of 40 begun in January 12 leave after a month, 5 after two, 2 after three; 20 of another month are yet young.
        spans = [span(n, "2026-01-10", f"2026-0{2 + (n >= 12) + (n >= 17)}-10") for n in range(19)]
        spans += [span(n, "2026-01-10") for n in range(19, 40)] + [
            span(n, "2026-06-01") for n in range(40, 60)
        ]
        model = ShiftedBetaGeometric.fit_subscriptions(spans, unit="month", tz="UTC", as_of=AS_OF)
        counts = {1: (12, 0), 2: (5, 0), 3: (2, 0), 5: (0, 21), 0: (0, 20)}
        assert model == ShiftedBetaGeometric.fit_counts(counts, unit="month")
        assert model.report.customers == 60
        shop = rt.Shop(subscriptions=spans, as_of=AS_OF)
        assert ShiftedBetaGeometric.fit_subscriptions(shop, unit="month", tz="UTC") == model
        again = ShiftedBetaGeometric.fit_subscriptions(iter(spans), unit="month", tz="UTC", as_of=AS_OF)
        assert again == model

    def test_until_when_must_be_known(self):
        with pytest.raises(AsOfRequiredError, match="fit_subscriptions needs as_of="):
            ShiftedBetaGeometric.fit_subscriptions([span(1, "2026-01-10")], unit="month", tz="UTC")

    def test_nobody(self):
        with pytest.raises(NotIdentifiableError, match="no customer"):
            ShiftedBetaGeometric.fit_subscriptions([], unit="month", tz="UTC", as_of=AS_OF)

    def test_no_such_unit(self):
        with pytest.raises(InvalidValueError, match="unit must be one of"):
            ShiftedBetaGeometric.fit_subscriptions([], unit="quarter", tz="UTC", as_of=AS_OF)


def test_counts_may_come_in_any_order():
    forward = {1: (5, 3), 2: (2, 9), 4: (1, 1)}
    assert renewals_of_counts(forward, "x") == renewals_of_counts(dict(reversed(forward.items())), "x")


def test_a_long_life_is_counted_in_one_pass():
    # Walking through all renewals before each would take 5 · 10⁹ steps.
    found = renewals_of_cohorts([100, 95, *[90] * 99_998], "Long")
    assert found.at_risk == (100, 95, *[90] * 99_997)
    assert (found.lost[:3], sum(found.lost), found.customers) == ((5, 5, 0), 10, 100)
