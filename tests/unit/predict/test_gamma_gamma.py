"""Expected spend, and the fit of the model behind it."""

from __future__ import annotations

import math
import pickle
import random
from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, strategies as st

import retention as rt
from retention.errors import (
    ConflictingArgumentError,
    ConvergenceError,
    InvalidTypeError,
    InvalidValueError,
    MissingRecordsError,
    MixedCurrencyError,
    NotIdentifiableError,
    UndefinedMetricError,
)
from retention.predict import gamma_gamma
from retention.predict._amounts import CustomerAmounts, errors_of
from retention.predict.gamma_gamma import GammaGamma
from retention.predict.independence import frequency_spend_check, strong_dependence
from retention.predict.purchases import Purchases, RepeatPurchases

AGE = 40.0
WHO = Purchases(2, 30.0, AGE, 22.35)
PUBLISHED = GammaGamma(p=6.25, q=3.74, v=15.44)


def base_of(pairs, currency=None):
    """Customers with so many repeat purchases, and that mean spend."""
    rows = {place: (x, AGE / 2 if x else 0.0, AGE, z if x else None) for place, (x, z) in enumerate(pairs)}
    return RepeatPurchases.from_table(rows, unit="week", currency=currency)


def drawn(seed, n, p=6.25, q=3.74, v=15.44):
    draw = random.Random(seed)
    for _ in range(n):
        x = 1 + int(draw.expovariate(0.4))
        yield x, draw.gammavariate(p * x, 1 / draw.gammavariate(q, 1 / v)) / x


@pytest.fixture(scope="module")
def fitted():
    return GammaGamma.fit(base_of([*drawn(1, 400), *[(0, 0.0)] * 100], "EUR"))


class TestExpectedSpend:
    def test_by_hand(self):
        # p(v + xz) / (px + q − 1) = 2·(10 + 3·20) / (2·3 + 4 − 1)
        model = GammaGamma(p=2, q=4, v=10)
        assert float(model.expected_spend(Purchases(3, 5, 8, 20.0))) == pytest.approx(140 / 9)
        assert float(model.expected_spend(Purchases(0, 0, 8))) == pytest.approx(20 / 3)
        assert float(model.expected_spend_of_newcomer()) == pytest.approx(20 / 3)

    @given(st.integers(0, 5_000), st.floats(0, 1e9))
    def test_between_the_customer_and_the_others(self, x, z):
        mean = 6.25 * 15.44 / 2.74
        spend = float(PUBLISHED.expected_spend(Purchases(x, AGE / 2 if x else 0, AGE, z)))
        own = z if x else mean
        assert min(own, mean) * (1 - 1e-9) <= spend <= max(own, mean) * (1 + 1e-9)

    def test_the_more_purchases_the_nearer_to_the_customer(self):
        spends = [
            float(PUBLISHED.expected_spend(Purchases(x, 1, AGE, 100.0))) for x in (1, 2, 5, 50, 100_000)
        ]
        assert spends == sorted(spends)
        assert spends[-1] == pytest.approx(100, rel=1e-4)

    def test_of_free_purchases(self):
        spend = float(PUBLISHED.expected_spend(Purchases(3, 1, AGE, 0.0)))
        assert 0 < spend < float(PUBLISHED.expected_spend_of_newcomer())

    def test_undefined_where_the_mean_is_infinite(self):
        heavy = GammaGamma(p=0.5, q=0.9, v=10, currency="EUR")
        nobody = heavy.expected_spend_of_newcomer()
        assert nobody.value is None
        assert "p·x + q is 1 or less" in nobody.undefined_because
        assert nobody == heavy.expected_spend(Purchases(0, 0, AGE))
        assert str(nobody) == "n/a"
        again = heavy.expected_spend(Purchases(1, 1, AGE, 20.0))
        assert float(again) == pytest.approx(0.5 * 30 / 0.4)
        base = base_of([(0, 0.0), (1, 20.0), (0, 0.0)])
        with pytest.raises(
            UndefinedMetricError, match="2 of the 3 customers is infinite, who did not buy again"
        ):
            heavy.expected_spend(base)
        with pytest.raises(UndefinedMetricError, match=r"base\.where\(lambda who: who\.frequency > 1\)"):
            attrs.evolve(heavy, q=0.4).expected_spend(base)
        assert float(heavy.expected_spend(base_of([(1, 20.0)]))[0]) == pytest.approx(37.5)

    def test_no_interval_of_given_parameters(self):
        estimate = PUBLISHED.expected_spend(WHO)
        assert estimate.standard_error is None
        with pytest.raises(UndefinedMetricError, match="fitted"):
            estimate.interval()

    def test_the_interval_by_the_delta_method(self, fitted):
        estimate = fitted.expected_spend(WHO)
        p, q, v = fitted.p, fitted.q, fitted.v
        below, above = p * 2 + q - 1, v + 2 * 22.35
        # of p(v + xz)/(px + q − 1) by log p, log q and log v
        slopes = [p * above / below - 2 * p * p * above / below**2, -q * p * above / below**2, v * p / below]
        covariance = fitted.report.covariance
        variance = sum(slopes[i] * slopes[j] * covariance[i][j] for i in range(3) for j in range(3))
        assert estimate.standard_error == pytest.approx(math.sqrt(variance), rel=1e-5)
        assert estimate.unit == "EUR"

    def test_what_it_takes(self):
        with pytest.raises(InvalidTypeError, match=r"GammaGamma\.expected_spend takes Purchases"):
            PUBLISHED.expected_spend(3)
        with pytest.raises(MissingRecordsError, match=r"Purchases\.spend"):
            PUBLISHED.expected_spend(Purchases(2, 30.0, AGE))
        with pytest.raises(MissingRecordsError):
            PUBLISHED.expected_spend(RepeatPurchases.from_counts([(2, 30.0, AGE, 5)], unit="week"))

    def test_currencies(self, fitted):
        with pytest.raises(MixedCurrencyError, match="the base is in USD and the model of spend in EUR"):
            fitted.expected_spend(base_of([(2, 20.0)], "USD"))
        assert fitted.expected_spend(base_of([(2, 20.0)])).total().unit == "EUR"
        assert PUBLISHED.expected_spend(base_of([(2, 20.0)], "USD")).total().unit == "USD"


class TestOfABase:
    @pytest.fixture
    def base(self):
        return base_of([(0, 0.0), (2, 22.35), (2, 40.0), (7, 12.0), (0, 0.0)], "EUR")

    def test_each_as_if_asked_alone(self, fitted, base):
        spends = fitted.expected_spend(base)
        assert isinstance(spends, CustomerAmounts)
        assert len(spends) == 5
        assert list(spends) == list(base)
        assert 4 in spends
        assert 5 not in spends
        alone = [float(fitted.expected_spend(base[each])) for each in base]
        assert [spends[each] for each in base] == pytest.approx(alone)
        assert list(spends.values()) == pytest.approx(alone)
        assert dict(spends.items()) == pytest.approx(dict(zip(base, alone, strict=True)))
        assert spends.estimate(1) == fitted.expected_spend(base[1])
        assert repr(spends) == "<CustomerAmounts for 5 customers>"
        with pytest.raises(KeyError):
            spends["nobody"]

    def test_total_and_mean(self, fitted, base):
        spends = fitted.expected_spend(base)
        total, mean = spends.total(), spends.mean()
        assert float(total) == pytest.approx(sum(spends.values()))
        assert float(mean) == pytest.approx(float(total) / 5)
        assert mean.standard_error == pytest.approx(total.standard_error / 5)
        oracle = fitted.estimate(lambda model: sum(float(model.expected_spend(base[each])) for each in base))
        assert total.standard_error == pytest.approx(oracle.standard_error)
        assert total.unit == "EUR"

    def test_highest_and_lowest(self, fitted, base):
        spends = fitted.expected_spend(base)
        assert [each for each, _ in spends.highest(1)] == [2]
        assert [each for each, _ in spends.lowest(2)] == [3, 1]

    def test_nobody_bought_again(self, fitted):
        spends = fitted.expected_spend(base_of([(0, 0.0)] * 3))
        assert set(spends.values()) == {float(fitted.expected_spend_of_newcomer())}

    def test_nobody(self, fitted):
        spends = fitted.expected_spend(base_of([]))
        assert float(spends.total()) == 0
        assert spends.mean().value is None

    def test_no_error_where_the_mean_ends_just_beside(self):
        base = base_of([*drawn(2, 60), (0, 0.0)])
        model = attrs.evolve(GammaGamma.fit(base), q=1.00001)
        assert model.expected_spend(base).total().standard_error is None
        assert model.expected_spend_of_newcomer().standard_error is None

    def test_pickles(self, fitted, base):
        assert dict(pickle.loads(pickle.dumps(fitted.expected_spend(base)))) == dict(
            fitted.expected_spend(base)
        )


class TestFit:
    def test_recovers_parameters(self):
        model = GammaGamma.fit(base_of(drawn(3, 3_000)))
        for name, true in (("p", 6.25), ("q", 3.74), ("v", 15.44)):
            assert true in model.interval(name, 0.999), name
        assert model.report.customers == 3_000
        assert model.report.warnings == ()

    def test_one_time_buyers_make_no_difference(self, fitted):
        alone = GammaGamma.fit(base_of(drawn(1, 400), "EUR"))
        assert alone == fitted
        assert alone.log_likelihood == fitted.log_likelihood
        assert fitted.report.customers == 400

    @pytest.mark.parametrize("times", [1e-8, 0.3, 1e12])
    def test_the_currency_makes_no_difference(self, times):
        pairs = list(drawn(9, 300))
        one, other = (
            GammaGamma.fit(base_of(pairs)),
            GammaGamma.fit(base_of([(x, z * times) for x, z in pairs])),
        )
        assert (other.p, other.q, other.v) == pytest.approx((one.p, one.q, one.v * times), rel=1e-4)
        # a density of one unit is that of the other, stretched
        assert other.log_likelihood == pytest.approx(
            one.log_likelihood - 300 * math.log(times), rel=1e-9, abs=1e-4
        )

    def test_twice_the_customers(self):
        pairs = list(drawn(5, 150))
        one, two = GammaGamma.fit(base_of(pairs)), GammaGamma.fit(base_of(pairs * 2))
        assert (two.p, two.q, two.v) == pytest.approx((one.p, one.q, one.v), rel=1e-4)
        assert two.log_likelihood == pytest.approx(2 * one.log_likelihood)
        assert two.standard_errors["q"] == pytest.approx(one.standard_errors["q"] / math.sqrt(2), rel=1e-3)
        assert two.report.groups == one.report.groups == len(set(pairs))

    def test_of_many_customers_the_search_begins_with_few(self, monkeypatch):
        pairs = list(drawn(10, 4_000))
        quick = GammaGamma.fit(base_of(pairs))
        monkeypatch.setattr(gamma_gamma, "_MANY", 10_000)
        plain = GammaGamma.fit(base_of(pairs))
        assert dict(quick.parameters) == pytest.approx(dict(plain.parameters), rel=1e-4)
        assert quick.log_likelihood == pytest.approx(plain.log_likelihood)
        assert quick.report.evaluations < plain.report.evaluations / 2
        assert dict(quick.standard_errors) == pytest.approx(dict(plain.standard_errors), rel=1e-3)

    def test_many_without_a_best_fit(self, monkeypatch):
        monkeypatch.setattr(gamma_gamma, "_MANY", 1)
        with pytest.raises(ConvergenceError):
            GammaGamma.fit(base_of([(x, 10 + 0.001 * x) for x in range(1, 20)]))

    def test_free_purchases_are_left_out_and_said(self):
        pairs = list(drawn(6, 100))
        model = GammaGamma.fit(base_of([*pairs, (3, 0.0), (1, 0.0)]))
        assert model == GammaGamma.fit(base_of(pairs))
        assert len(model.report.warnings) == 1
        assert model.report.warnings[0].startswith(
            "2 customers were left out whose repeat purchases were all free"
        )

    @pytest.mark.parametrize(
        "q, word", [(0.7, "the mean spend of all customers is infinite"), (1.5, "the variance")]
    )
    def test_warns_of_few_who_spend_without_bound(self, q, word):
        model = GammaGamma.fit(base_of(drawn(7, 2_000, q=q)))
        assert word in model.report.warnings[0]

    def test_from_orders(self):
        def order(n, day, amount):
            return rt.Order(
                id=(n, day),
                customer_id=n,
                placed_at=datetime(2026, 1, day, tzinfo=UTC),
                amount=amount,
                currency="EUR",
            )

        orders = [
            order(n, day, Decimal(round(100 * spend)) / 100)
            for n, (_, spend) in enumerate(drawn(8, 40))
            for day in (1, 5 + n % 3, 20)
        ]
        model = GammaGamma.fit(orders, tz="UTC", until=date(2026, 1, 30))
        base = rt.predict.purchases.repeat_purchases(orders, tz="UTC", until=date(2026, 1, 30))
        assert model == GammaGamma.fit(base)
        assert model.currency == "EUR"
        with pytest.raises(ConflictingArgumentError, match="the table has been read already"):
            GammaGamma.fit(base, tz="UTC")

    def test_the_gradient(self):
        pairs = [(1, 3.0), (1, 3.0), (2, 50.0), (3_000, 7.0), (5, 0.01)]
        objective = gamma_gamma._likelihood(gamma_gamma._grouped(pairs, 2.0))
        for here in ([0.1, 0.2, 0.3], [3.0, -2.0, 1.0], [-3.0, 5.0, -4.0]):
            _, slopes = objective(here)
            for place, slope in enumerate(slopes):
                up, down = [*here], [*here]
                up[place] += 1e-5
                down[place] -= 1e-5
                assert slope == pytest.approx(
                    (objective(up)[0] - objective(down)[0]) / 2e-5, rel=1e-5, abs=1e-4
                )

    @pytest.mark.parametrize(
        "given, fix",
        [
            ({"a": (2, 20.0, AGE, 22.35)}, r"not dict; .*RepeatPurchases\.from_table"),
            ([(2, 20.0, AGE, 4)], r"not rows .*RepeatPurchases\.from_counts"),
        ],
    )
    def test_rows_are_told_how_to_become_a_table(self, given, fix):
        with pytest.raises(InvalidTypeError, match=rf"GammaGamma\.fit takes a table of .*{fix}"):
            GammaGamma.fit(given)

    def test_a_keyword_that_there_is_not(self):
        with pytest.raises(TypeError, match=r"GammaGamma\.fit: there is no keyword untl=.*until"):
            GammaGamma.fit([], untl=date(2026, 1, 30))

    def test_warns_where_spend_depends_on_frequency(self):
        pairs = [(x, z * x) for x, z in drawn(12, 400)]
        (warning,) = GammaGamma.fit(base_of(pairs)).report.warnings
        assert warning.startswith(
            "spend depends on frequency, which the model takes it not to: correlation 0."
        )
        assert "see frequency_spend_check" in warning

    def test_says_nothing_of_a_dependence_that_chance_may_have_made(self):
        """A correlation above 0.3 in few customers, of which the interval holds 0."""
        pairs = next(
            pairs
            for seed in range(100)
            if abs(frequency_spend_check(base_of(pairs := list(drawn(seed, 12)))).correlation) >= 0.3
            and frequency_spend_check(base_of(pairs)).verdict == "none found"
        )
        assert strong_dependence(pairs) is None
        assert strong_dependence(pairs[:5]) is None

    def test_warns_of_a_parameter_that_is_hardly_held(self):
        """Some thirty customers whose spends are nearly all chance."""
        model = next(filter(None, (hardly_held(seed) for seed in range(200))))
        assert max(model.report.covariance[n][n] for n in range(3)) > 1
        assert "hardly held by the data" in str(model)

    def test_explain(self, fitted):
        text = fitted.explain()
        mean = fitted.expected_spend_of_newcomer()
        assert f"Customers spend {mean} ({mean.interval()}) on a repeat purchase day on average" in text
        weight = fitted.p / (fitted.p + fitted.q - 1)
        assert f"own spend has a weight of {weight:.1%}" in text
        assert "Customers spend 35.22 on a repeat purchase day" in PUBLISHED.explain()
        assert "The mean spend of all customers is infinite. p 1" in GammaGamma(p=1, q=0.9, v=3).explain()


def hardly_held(seed):
    try:
        model = GammaGamma.fit(base_of(drawn(seed, 30, p=20)))
    except ConvergenceError:
        return None
    return model if any("hardly held" in each for each in model.report.warnings) else None


class TestBootstrap:
    PAIRS = (*drawn(1, 150), (0, 0.0), (3, 0.0))

    def test_models_lie_around_the_one_that_drew(self):
        base = base_of(self.PAIRS, "EUR")
        model = GammaGamma.fit(base)
        drawn_models = model.bootstrap(base, replications=60, seed=1)
        assert drawn_models.failed + len(drawn_models.models) == 60
        assert {each.currency for each in drawn_models.models} == {"EUR"}
        assert {each.report.customers for each in drawn_models.models} == {150}

        def mean(each):
            return float(each.expected_spend_of_newcomer())

        assert mean(model) in drawn_models.interval(mean)
        # roughly what the delta method says
        assert drawn_models.standard_error(mean) == pytest.approx(
            model.expected_spend_of_newcomer().standard_error, rel=0.35
        )

    def test_a_seed_and_nothing_else(self):
        pairs = list(self.PAIRS)
        model = GammaGamma.fit(base_of(pairs))
        one = model.bootstrap(base_of(pairs), replications=3, seed=5)
        turned = [(x, 2 * z) for x, z in reversed(pairs)]  # neither order nor spends count
        assert model.bootstrap(base_of(turned), replications=3, seed=5) == one
        assert model.bootstrap(base_of(pairs), replications=3, seed=6) != one

    def test_what_it_takes(self):
        with pytest.raises(InvalidTypeError, match=r"GammaGamma\.bootstrap takes RepeatPurchases"):
            PUBLISHED.bootstrap([(1, 2.0)], replications=9, seed=1)
        with pytest.raises(ConvergenceError, match="had no best fit"):
            PUBLISHED.bootstrap(base_of([(1, 2.0)]), replications=9, seed=1)

    def test_tails_without_end(self):
        """A rate so small that a float is 0 is no division by 0."""
        endless = GammaGamma(p=1e-3, q=1e-3, v=1.0)
        with pytest.raises(ConvergenceError, match="had no best fit"):
            endless.bootstrap(base_of([(1, 2.0)] * 30), replications=9, seed=1)


class TestNotIdentifiable:
    @pytest.mark.parametrize(
        "pairs, why",
        [
            ([], "0 customers bought again and spent something;"),
            ([(0, 0.0)] * 9, "0 customers bought again"),
            ([(1, 5.0), (2, 6.0)], "2 customers bought again"),
            ([(1, 5.0), (2, 6.0), (2, 0.0)], "2 customers bought again and spent something, and 1 more"),
            ([(n, 9.99) for n in range(1, 50)], r"all 49 customers who bought again spend 9\.99 on average"),
            ([(1, 0.3), (2, 0.1 * 3), (1, 0.3)], "all 3 customers"),
            ([(1, 5e-324), (2, 10.0), (1, 8.0), (3, 7.0)], r"from 4\.94066e-324 to 10; check the least"),
        ],
    )
    def test_says_what_is_missing(self, pairs, why):
        with pytest.raises(NotIdentifiableError, match=why):
            GammaGamma.fit(base_of(pairs))

    def test_customers_nearly_alike_have_no_best_fit(self):
        with pytest.raises(ConvergenceError, match="GammaGamma"):
            GammaGamma.fit(base_of([(x, 10 + 0.001 * x) for x in range(1, 20)]))

    def test_no_base(self):
        with pytest.raises(rt.RetentionError):
            GammaGamma.fit(3)


class TestParameters:
    @pytest.mark.parametrize("name", ["p", "q", "v"])
    @pytest.mark.parametrize(
        "value, error",
        [
            (0, InvalidValueError),
            (-1.0, InvalidValueError),
            (math.inf, InvalidValueError),
            ("1", InvalidTypeError),
        ],
    )
    def test_domain(self, name, value, error):
        with pytest.raises(error, match=f"GammaGamma.{name}"):
            GammaGamma(**{"p": 1.0, "q": 2.0, "v": 3.0, name: value})

    def test_currency(self):
        assert GammaGamma(p=1, q=2, v=3, currency="EUR").currency == "EUR"
        with pytest.raises(InvalidValueError, match=r"GammaGamma\.currency"):
            GammaGamma(p=1, q=2, v=3, currency="Euro")

    def test_text(self, fitted):
        assert str(PUBLISHED) == "Gamma–Gamma: p 6.25, q 3.74, v 15.44"
        assert str(fitted).startswith("Gamma–Gamma: p ")
        assert dict(PUBLISHED.parameters) == {"p": 6.25, "q": 3.74, "v": 15.44}


def test_several_figures_at_once_of_models_that_were_not_fitted():
    joint = rt.predict._amounts.Joint(purchases=PUBLISHED, spend=PUBLISHED)
    assert errors_of(joint, lambda both: [both.spend.p]) is None


class TestLargeParameters:
    """Where parameters grow without end, nothing but rounding stops them."""

    @pytest.mark.parametrize("seed", [0, 1, 2, 5])
    def test_customers_without_chance_in_their_spends(self, seed):
        draw = random.Random(seed)
        pairs = [(draw.choice([1, 2, 3, 8]), 1 / draw.gammavariate(3, 1 / 40)) for _ in range(60)]
        with pytest.raises(ConvergenceError, match="without end"):
            GammaGamma.fit(base_of(pairs))

    @pytest.mark.parametrize("size", [1e4, 1e6, 1e8])
    def test_the_slopes_keep_their_digits(self, size):
        groups = gamma_gamma._grouped([(1, 20.0), (2, 35.0), (2, 8.0), (8, 15.0)], 10.0)
        objective = gamma_gamma._likelihood(groups)
        # For p → ∞ only v·p matters, for q → ∞ only v / q, so that two slopes differ in sign only or not at all.
        _, (by_p, _, by_v) = objective([math.log(size), 1.1, -math.log(size)])
        assert by_p == pytest.approx(by_v, abs=300 / size + 1e-10)
        _, (_, by_q, by_v) = objective([1.1, math.log(size), math.log(size)])
        assert by_q + by_v == pytest.approx(0, abs=300 / size + 1e-10)
        assert abs(by_v) > 1
