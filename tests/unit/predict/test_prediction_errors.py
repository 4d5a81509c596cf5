"""How a model stands beside guesses: shown to be better, shown to be no better, or too few customers to tell."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import example, given, strategies as st

from retention.predict._prediction_errors import prediction_errors
from retention.predict._time_units import duration_in_words


def errors_of(pairs, *, model, mean, own=None, last=None, horizon=13.0, unit="week"):
    """Errors of customers of (rate, purchases made), of whom each is said to buy what the functions say of the rate."""
    return prediction_errors(
        [(rate, made, 1) for rate, made in pairs],
        model,
        {"mean": mean, "own": own or mean, "last": last or mean},
        horizon=horizon,
        unit=unit,
        title="Model",
    )


def drawn(customers, *, seed, times=1.0):
    """Customers of rates between 0 and 2, who buy by these, or so many times as much."""
    random = Random(seed)
    found = []
    for _ in range(customers):
        rate = random.uniform(0, 2)
        made = sum(random.random() < times * rate / 20 for _ in range(20))
        found.append((rate, made))
    return found


def own(rate):
    return rate


class TestStandings:
    def test_many_show_that_it_is_better(self):
        found = errors_of(drawn(2000, seed=1), model=own, mean=lambda _: 1.0)
        assert set(found.standings.values()) == {"better"}
        assert found.is_better_than_naive
        assert not found.is_no_better_than_naive

    @pytest.mark.parametrize("seed", range(5))
    def test_few_who_are_foreseen_rightly_are_never_said_to_be_no_better(self, seed):
        found = errors_of(drawn(12, seed=seed), model=own, mean=lambda _: 1.0)
        assert not found.is_no_better_than_naive
        assert "will do" not in found.verdict
        assert "instead" not in found.verdict

    def test_what_says_nearly_the_same_is_shown_to_be_no_better(self):
        found = errors_of(
            drawn(2000, seed=2), model=lambda rate: rate + 0.02 * (rate > 1), mean=own, own=own, last=own
        )
        assert set(found.standings.values()) == {"no better"}
        assert found.is_no_better_than_naive
        assert "the simpler guess will do, the mean rate of all." in found.verdict

    def test_one_that_is_worse(self):
        found = errors_of(drawn(2000, seed=3), model=lambda rate: 2 - rate, mean=lambda _: 1.0, own=own)
        assert dict(found.standings) == dict.fromkeys(["mean", "own", "last"], "worse")
        assert found.verdict.endswith(": go by each customer's own rate instead.")

    def test_worse_than_one_only(self):
        found = errors_of(
            drawn(2000, seed=3), model=lambda _: 1.0, mean=lambda _: 1.4, own=own, last=lambda _: 0.4
        )
        assert dict(found.standings) == {"mean": "better", "own": "worse", "last": "better"}
        assert found.verdict.endswith(
            "it does better than the mean rate of all and what each bought in the 13 weeks before; it does worse than each "
            "customer's own rate: go by that instead."
        )

    def test_few_and_which_of_them_errs_more(self):
        pairs = [(0.1, 0), (0.2, 1), (1.0, 1), (1.5, 2), (1.9, 0)]
        found = errors_of(pairs, model=own, mean=lambda _: 1.6, own=lambda _: 0.8, last=lambda _: 1.7)
        assert set(found.standings.values()) == {"can't tell"}
        assert found.verdict.endswith(
            "what each bought in the 13 weeks before, though here it errs less than the mean rate of all and what each "
            "bought in the 13 weeks before."
        )


class TestSums:
    """Sums that are far off, by more than chance."""

    PAIRS = drawn(1000, seed=4, times=0.4)

    def test_all_are_off_in_one_direction(self):
        found = errors_of(self.PAIRS, model=own, mean=lambda _: 0.9, own=lambda rate: 1.2 * rate)
        assert found.is_far_off
        assert "The guesses that need no model expect too many as well, by" in found.verdict
        assert "Nothing of it goes into a plan, nor of the guesses." in found.verdict
        assert "go by" not in found.verdict
        assert "comes nearer" not in found.verdict

    def test_too_few(self):
        found = errors_of(
            drawn(1000, seed=4), model=lambda rate: rate / 3, mean=lambda _: 0.4, own=lambda rate: 0.5 * rate
        )
        assert "The guesses that need no model expect too few as well" in found.verdict

    def test_a_guess_that_is_not_off_is_recommended(self):
        found = errors_of(self.PAIRS, model=own, mean=lambda _: 0.4, last=lambda _: 1.5)
        assert found.is_far_off
        assert "So far off, which chance hardly explains, nothing of it goes into a plan." in found.verdict
        assert "In the sum, the mean rate of all comes nearer (400)." in found.verdict
        assert found.verdict.endswith("go by the mean rate of all instead.")

    def test_one_that_is_far_off_itself_never_is(self):
        found = errors_of(
            drawn(4000, seed=4, times=0.4), model=lambda _: 0.4, mean=own, own=lambda rate: 0.55 * rate
        )
        assert found.standings["own"] == "worse"
        assert found.naive["own"].excess.low > 0
        assert not found.is_far_off
        assert "worse than each customer's own rate." in found.verdict

    def test_the_interval_around_the_sum(self):
        found = errors_of([(1, 0), (1, 2), (1, 1)], model=lambda _: 2.0, mean=lambda _: 1.0)
        # Predicted less made: 2, 0 and 1, on average 1 with a standard error of 1 / √3; Student's t at 2 is 4.30265.
        assert found.model.excess.low == pytest.approx(3 - 3 * 4.302652729911275 / 3**0.5)
        assert found.model.excess.high == pytest.approx(3 + 3 * 4.302652729911275 / 3**0.5)
        assert found.to_dicts()[0]["excess_low"] == found.model.excess.low
        assert not found.is_far_off  # by 100 %, but three customers can't tell

    def test_what_comes_hardly_nearer_is_not_told(self):
        pairs = drawn(1000, seed=5)
        assert "nearer" not in errors_of(pairs, model=own, mean=lambda _: 1.0).verdict


@pytest.mark.parametrize(
    "time, unit, words",
    [
        (13.0, "week", "13 weeks"),
        (90 / 7, "week", "90 days"),
        (1 / 7, "week", "1 day"),
        (1.0, "week", "1 week"),
        (92 / (365.2425 / 12), "month", "92 days"),
        (12.34567, "week", "12.3 weeks"),
        (1234.5678, "day", "1,235 days"),
        (1500.0, "day", "1,500 days"),
        (0.25, "day", "0.25 days"),
    ],
)
def test_times_as_people_say_them(time, unit, words):
    assert duration_in_words(time, unit) == words


@example(pairs=[(0.0, 0), (0.3, 0)], model=0.0, mean=0.0, last=1.1e-139)
@given(
    pairs=st.lists(st.tuples(st.sampled_from([0.0, 0.3, 1.0, 4.0]), st.integers(0, 6)), min_size=2),
    model=st.floats(0, 3),
    mean=st.floats(0, 3),
    last=st.floats(0, 3),
)
def test_whatever_came_the_verdict_does_not_contradict_itself(pairs, model, mean, last):
    found = errors_of(
        pairs, model=lambda rate: model * rate, mean=lambda _: mean, own=own, last=lambda rate: last * rate
    )
    assert not (found.is_better_than_naive and found.is_no_better_than_naive)
    assert found.verdict.endswith(".")
    if "can't tell" in found.standings.values():
        assert "too few to tell" in found.verdict
    for name, standing in found.standings.items():
        guess = found.naive[name]
        if standing == "worse":
            assert guess.root_mean_squared_error <= found.model.root_mean_squared_error
        if standing == "better":
            assert guess.root_mean_squared_error >= found.model.root_mean_squared_error
    if "Nothing of it goes into a plan, nor of the guesses" in found.verdict:
        assert found.is_far_off
        assert "go by" not in found.verdict
        assert "will do" not in found.verdict
