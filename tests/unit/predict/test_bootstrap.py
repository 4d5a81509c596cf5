"""The parametric bootstrap: seeded, honest about what could not be fitted, and near the delta method on a large base."""

from __future__ import annotations

import pickle
from statistics import stdev

import pytest

from retention.errors import ConvergenceError, InvalidTypeError, InvalidValueError, UndefinedMetricError
from retention.predict import BgNbd, Bootstrap, MbgNbd, RepeatPurchases
from retention.predict._bootstrap import bootstrapped

TRUE = MbgNbd(r=0.9, alpha=6.0, a=0.8, b=2.5, unit="week")
AGES = RepeatPurchases.from_counts([(0, 0.0, float(age), 15) for age in range(21, 71)], unit="week")


@pytest.fixture(scope="module")
def base() -> RepeatPurchases:
    return TRUE.simulate(AGES, seed=1)


@pytest.fixture(scope="module")
def fitted(base: RepeatPurchases) -> MbgNbd:
    return MbgNbd.fit(base)


@pytest.fixture(scope="module")
def bootstrap(base: RepeatPurchases, fitted: MbgNbd) -> Bootstrap[MbgNbd]:
    return fitted.bootstrap(base, replications=60, seed=7)


def newcomer(model: MbgNbd) -> float:
    return float(model.expected_purchases_of_newcomer(horizon=52))


def test_it_is_the_same_with_the_same_seed(base, fitted, bootstrap):
    again = fitted.bootstrap(base, replications=5, seed=7)
    assert again.models == bootstrap.models[:5]
    assert fitted.bootstrap(base, replications=5, seed=8).models != again.models


def test_it_counts_what_it_has(bootstrap):
    assert len(bootstrap.models) + bootstrap.failed == 60
    assert bootstrap.failed <= 3
    assert bootstrap.seed == 7
    fitted = 60 - bootstrap.failed
    assert repr(bootstrap) == (
        f"<Bootstrap: {fitted} models, {bootstrap.failed} of 60 drawn bases failed, seed 7>"
    )


def test_it_says_what_it_is():
    whole = Bootstrap(models=(1, 2, 3), failed=0, seed=4)
    assert str(whole) == (
        "3 models, fitted to 3 drawn bases (seed 4). interval(function) says how far they lie apart in any figure."
    )
    assert str(Bootstrap(models=(1, 2, 3), failed=2, seed=4)).startswith(
        "3 models, fitted to 5 drawn bases (seed 4); 2 of them had no best fit. interval"
    )


def test_it_agrees_with_the_delta_method_on_a_large_base(fitted, bootstrap):
    error = bootstrap.standard_error(newcomer)
    assert error == stdev(map(newcomer, bootstrap.models))
    assert error == pytest.approx(fitted.expected_purchases_of_newcomer(horizon=52).standard_error, rel=0.35)


def test_intervals_hold_the_fit_and_widen_with_confidence(fitted, bootstrap):
    narrow, wide = bootstrap.interval(newcomer, 0.5), bootstrap.interval(newcomer)
    assert wide.low < narrow.low < newcomer(fitted) < narrow.high < wide.high
    assert wide.method == "parametric bootstrap, percentiles"


def test_percentiles_by_hand():
    """Of 39 models the 95 % interval reaches from the first to the last: 0.025·40 = 1."""
    models = iter([MbgNbd(r=float(n), alpha=1.0, a=1.0, b=1.0, unit="week") for n in range(39, 0, -1)])
    made = bootstrapped(lambda: next(models), replications=39, seed=0, owner="x")
    assert tuple(made.interval(lambda model: model.r)) == pytest.approx((1, 39))
    assert tuple(made.interval(lambda model: model.r, 0.5)) == pytest.approx((10, 30))
    assert tuple(made.interval(lambda model: model.r, 0.44)) == pytest.approx((11.2, 28.8))


def test_too_few_models_give_no_interval(bootstrap):
    with pytest.raises(UndefinedMetricError, match=r"at 0\.99 takes 199 models"):
        bootstrap.interval(newcomer, 0.99)


def test_bad_numbers_are_refused(base, fitted):
    for replications in (1, 0, -3):
        with pytest.raises(InvalidValueError, match="replications must be at least 2"):
            fitted.bootstrap(base, replications=replications, seed=1)
    for replications in (2.0, True, None):
        with pytest.raises(InvalidTypeError, match="replications must be an int"):
            fitted.bootstrap(base, replications=replications, seed=1)
    with pytest.raises(InvalidTypeError, match="seed must be an int"):
        fitted.bootstrap(base, replications=2, seed="today")
    with pytest.raises(InvalidTypeError, match="bootstrap takes a table"):
        fitted.bootstrap([], replications=2, seed=1)


def test_a_base_that_is_too_small_is_an_error():
    """Three customers of a model that hardly lets anybody buy: no drawn base tells four parameters."""
    model = BgNbd(r=0.1, alpha=50.0, a=1.0, b=1.0, unit="week")
    base = RepeatPurchases.from_counts([(0, 0.0, 5.0, 3)], unit="week")
    with pytest.raises(ConvergenceError, match="10 of 10 bases"):
        model.bootstrap(base, replications=10, seed=1)


def test_it_pickles(bootstrap):
    assert pickle.loads(pickle.dumps(bootstrap)) == bootstrap


def test_pairs_for_figures_of_two_models(bootstrap):
    others = Bootstrap(models=("a", "b", "c"), failed=58, seed=3)
    pairs = bootstrap.paired_with(others)
    assert pairs.models == tuple(zip(bootstrap.models[:3], "abc", strict=True))
    assert pairs.failed == 58  # of 61
    assert pairs.seed == 7
    assert pairs.standard_error(lambda pair: pair[0].r) == stdev(model.r for model in bootstrap.models[:3])


def test_a_pair_takes_two_bootstraps(bootstrap):
    with pytest.raises(InvalidTypeError, match="other must be a Bootstrap, not tuple"):
        bootstrap.paired_with(bootstrap.models)
