"""Each of several groups against all the others, and what that takes: figures of separate customers put together."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from retention._against_rest import against_rest
from retention._linearised import InverseShare, Linearised, Unsampled
from retention._numerics import ClusterSums, ScoreSums, TwoGroups
from retention.comparison import compare
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    NotObservableError,
    UndefinedMetricError,
)
from retention.results import Basis, Mean, Ratio, Score
from retention.results._pooled import pooled_cluster_sums, pooled_sampling

SHARES = {"DE": Ratio(38, 100), "AT": Ratio(80, 120), "CH": Ratio(3, 9)}


def mean_of(*customers: tuple[int, int], unit: str | None = "EUR", **more: object) -> Mean:
    """Orders and cents of each customer."""
    sums = ClusterSums.of(customers, scale=100)
    return Mean(Decimal(sums.y) / 100, sums.x, unit=unit, sampling=sums, **more)


def score_of(*answers: int, points: int = 100, low: float = -100) -> Score:
    sums = ScoreSums(
        sums=ClusterSums.of(((1, answer) for answer in answers), signed=True),
        method="net",
        points=points,
        outspoken=sum(map(abs, answers)),
    )
    value = points * sum(answers) / len(answers)
    return Score(value, low=low, high=100, count=len(answers), sampling=sums)


class TestAgainstRest:
    def test_each_stands_beside_all_the_others_pooled(self):
        found = against_rest(SHARES, title="Retention")
        assert list(found) == ["DE", "AT", "CH"]
        assert [each.b for each in found.values()] == [Ratio(83, 129), Ratio(41, 109), Ratio(118, 220)]
        for key, each in found.items():
            alone = compare(SHARES[key], each.b)
            assert each.interval() == alone.interval()
            assert each.p_value == alone.p_value
        assert str(found["CH"]).startswith(
            "Retention is 20.3 points lower in CH (33.3%) than in the others (53.6%). That may be chance"
        )

    def test_holm_by_hand(self):
        found = list(against_rest(SHARES, title="Retention").values())
        assert {each.comparisons for each in found} == {3}
        first, second, third = sorted(found, key=lambda each: each.p_value)
        assert first.adjusted_p_value == 3 * first.p_value
        assert second.adjusted_p_value == max(2 * second.p_value, first.adjusted_p_value)
        assert third.adjusted_p_value == third.p_value
        assert [each.verdict for each in (first, second, third)] == ["real", "real", "noise"]

    def test_two_groups_are_one_test(self):
        found = against_rest({"members": Ratio(38, 100), "others": Ratio(50, 100)}, title="Retention")
        one, other = found.values()
        assert one.p_value == other.p_value
        assert {(each.comparisons, each.adjusted_p_value) for each in (one, other)} == {(1, None)}

    def test_three_of_which_one_has_no_value_are_one_test_too(self):
        found = against_rest({**SHARES, "CH": Ratio(0, 0)}, title="Retention")
        assert {found[key].comparisons for key in ("DE", "AT")} == {1}
        assert found["CH"].undefined_because == "CH has no value, since the denominator is 0"
        assert found["DE"].b == SHARES["AT"]

    def test_names(self):
        found = against_rest(
            {None: Ratio(1, 9), 5: Ratio(2, 9), "x": Ratio(3, 9)}, title="t", names={5: "five"}
        )
        assert [each.labels[0] for each in found.values()] == ["the group not known", "five", "x"]

    def test_means_by_their_sums(self):
        figures = {
            "a": mean_of((1, 1000), (2, 2500), (1, 700)),
            "b": mean_of((1, 3000), (3, 9900)),
            "c": mean_of((2, 100), (1, 5000), (4, 200)),
        }
        found = against_rest(figures, title="Order value")
        together = mean_of((1, 1000), (2, 2500), (1, 700), (2, 100), (1, 5000), (4, 200))
        assert found["b"].b == together
        assert found["b"].b.sampling == together.sampling
        assert found["b"].interval() == compare(figures["b"], together).interval()

    def test_scores_by_their_respondents(self):
        figures = {"a": score_of(1, 1, -1, 0), "b": score_of(1, 0, 0), "c": score_of(-1, -1, 1)}
        found = against_rest(figures, title="NPS")
        together = score_of(1, 0, 0, -1, -1, 1)
        assert found["a"].b == together
        assert found["a"].b.sampling == together.sampling
        nothing = Score(None, low=-100, high=100, count=0)
        for several in ({"x": nothing, **figures}, {**figures, "x": nothing}):
            assert against_rest(several, title="NPS")["a"].b == together

    def test_scores_on_several_scales_are_not_put_together(self):
        found = against_rest({"a": score_of(1, 0), "b": score_of(1, 0, points=50)}, title="NPS")
        assert found["a"].undefined_because == "the groups' answers are on several scales"

    def test_no_other_group(self):
        assert against_rest({}, title="t") == {}
        (found,) = against_rest({"DE": Ratio(1, 2)}, title="t").values()
        assert found.undefined_because == "there is no other group to compare it with"
        assert (found.verdict, found.p_value) == ("unknown", None)
        found = against_rest({"DE": Ratio(1, 2), "AT": Ratio(0, 0), "CH": Ratio(0, 0)}, title="t")
        assert found["DE"].undefined_because == "the others have no value"

    @pytest.mark.parametrize(
        "figure",
        [
            Ratio(1, 2, poolable=False, basis=Basis(metric="some_rate")),
            Mean(
                3,
                2,
                sampling=Linearised(n=2, figure=Fraction(3, 2), residuals=Fraction(1)),
                basis=Basis(metric="some_rate"),
            ),
            Score(0.5, low=0, high=1, count=4, basis=Basis(metric="some_rate")),
        ],
    )
    def test_what_is_no_sum_over_customers(self, figure):
        found = against_rest({"a": figure, "b": figure}, title="t")
        assert found["a"].undefined_because == (
            "some rate of all the others can't be made of theirs, since it is no sum over customers"
        )

    def test_a_figure_of_no_metric_that_is_no_sum(self):
        found = against_rest({"a": Ratio(1, 2, poolable=False)}, title="t")
        assert found["a"].undefined_because.startswith("the figure of all the others")

    def test_without_sums_there_is_a_difference_and_no_interval(self):
        found = against_rest({"a": Mean(30, 4), "b": Mean(50, 2), "c": Mean(1, 1)}, title="t")["a"]
        assert found.difference == 7.5 - 17
        assert found.untested_because == "no interval is known for such a figure"
        assert found.comparisons == 0

    def test_several_currencies(self):
        found = against_rest(
            {"a": mean_of((1, 5), (1, 6)), "b": mean_of((1, 5), (1, 6), unit="CHF")}, title="t"
        )
        assert found["a"].undefined_because == (
            "the groups' money is in several currencies; make it one with currency= and convert="
        )

    def test_what_is_not_observable_adds_nothing(self):
        hidden = Ratio(
            0, 0, basis=Basis(observable=False, undefined_because="the period begins before observed_from")
        )
        found = against_rest({**SHARES, "FR": hidden}, title="t")
        assert found["DE"].b == Ratio(83, 129)
        assert found["FR"].undefined_because.endswith("begins before observed_from")

    def test_what_still_runs_is_no_equal(self):
        running = Ratio(90, 100, basis=Basis(partial=True))
        found = against_rest({**SHARES, "FR": running}, title="t")
        assert found["DE"].b == Ratio(83, 129)
        assert found["FR"].untested_because == "the time that FR covers was still running"
        assert {found[key].comparisons for key in SHARES} == {3}

    def test_where_all_still_run_they_are_equals(self):
        figures = {
            key: Ratio(n, 100, basis=Basis(partial=True)) for key, n in zip("abc", (10, 50, 55), strict=True)
        }
        found = against_rest(figures, title="t")
        assert {each.comparisons for each in found.values()} == {3}
        assert "unknown" not in {each.verdict for each in found.values()}

    def test_a_thousand_groups(self):
        found = against_rest({key: Ratio(key % 7, 10 + key % 5) for key in range(1000)}, title="t")
        total = Ratio.pool(Ratio(key % 7, 10 + key % 5) for key in range(1000) if key != 500)
        assert found[500].b == total
        assert found[500].comparisons == 1000

    def test_bad_input(self):
        with pytest.raises(InvalidValueError, match="one metric at a time"):
            against_rest(
                {"a": Ratio(1, 2, basis=Basis(metric="x")), "b": Ratio(1, 2, basis=Basis(metric="y"))},
                title="t",
            )
        with pytest.raises(InvalidValueError, match="of one definition"):
            against_rest(
                {"a": mean_of((1, 1)), "b": mean_of((1, 1), basis=Basis(options=(("top", "0.2"),)))},
                title="t",
            )


class TestPoolOfMeans:
    def test_total_over_count_is_no_average(self):
        pooled = Mean.pool([Mean(Decimal("30.00"), 4, unit="EUR"), Mean(50, 1), Mean(0, 0)])
        assert pooled == Mean(Decimal("80.00"), 5, unit="EUR")
        assert pooled.sampling is None

    def test_segments_share_no_customers(self):
        parts = [mean_of((1, 1000), (2, 2500)), Mean(0, 0), mean_of((1, 3000), (3, 9900))]
        pooled = Mean.pool(iter(parts), independent=True)
        assert pooled.interval() == mean_of((1, 1000), (2, 2500), (1, 3000), (3, 9900)).interval()
        with pytest.raises(UndefinedMetricError, match="sums by customer"):
            Mean.pool(parts).interval()

    def test_of_nothing(self):
        assert Mean.pool([]).undefined_because == "there is nothing to take a mean of"
        assert Mean.pool([], independent=True).sampling is None

    def test_what_was_given_has_no_interval_pooled_either(self):
        parts = [Mean(300, 20, sampling=Unsampled("it was given"))] * 2
        with pytest.raises(UndefinedMetricError, match="it was given"):
            Mean.pool(parts, independent=True).interval()

    def test_refuses_what_makes_no_sense(self):
        with pytest.raises(InvalidTypeError, match=r"Mean\.pool takes Means, not float"):
            Mean.pool([0.5])
        with pytest.raises(InvalidTypeError, match=r"Mean\.pool takes an iterable of Means"):
            Mean.pool(Mean(1, 2))
        with pytest.raises(InvalidValueError, match="means that count the same"):
            Mean.pool([Mean(1, 2), Mean(1, 2, basis=Basis(counted=("a", "b")))])
        with pytest.raises(InvalidValueError, match="means of one definition"):
            Mean.pool([Mean(1, 2), Mean(1, 2, basis=Basis(options=(("a", "b"),)))])
        with pytest.raises(MixedCurrencyError, match=r"Mean\.pool can't add EUR and USD"):
            Mean.pool([Mean(1, 2, unit="EUR"), Mean(1, 2, unit="USD")])
        with pytest.raises(NotObservableError, match="too early"):
            Mean.pool([Mean(0, 0, basis=Basis(observable=False, undefined_because="too early"))])
        several = Linearised(n=2, figure=Fraction(3, 2), residuals=Fraction(1))
        with pytest.raises(InvalidValueError, match="this mean can't be pooled: it is made of several"):
            Mean.pool([Mean(3, 2, sampling=several)])
        with pytest.raises(InvalidValueError, match=r"^ltv can't be pooled"):
            Mean.pool([Mean(3, 2, sampling=several, basis=Basis(metric="ltv"))])


class TestPooledSampling:
    def test_sums_on_one_scale(self):
        whole = ClusterSums.of([(2, 300), (1, 250)], scale=100)
        coarse = ClusterSums.of([(2, 3)])
        fine = ClusterSums.of([(1, 250)], scale=100)
        assert pooled_cluster_sums([coarse, fine]) == whole
        money = ClusterSums.of([(20, 3)], x_scale=10)
        assert pooled_cluster_sums([money, coarse]) == ClusterSums.of([(20, 3), (20, 3)], x_scale=10)
        signed = ClusterSums.of([(1, -2)], signed=True)
        assert pooled_cluster_sums([signed, coarse]).signed

    def test_a_ratio_of_segments_has_its_interval(self):
        parts = [
            Ratio(sums.y, sums.x, sampling=sums)
            for sums in (ClusterSums.of([(3, 1), (1, 1)]), ClusterSums.of([(2, 0), (5, 4)]))
        ]
        whole = ClusterSums.of([(3, 1), (1, 1), (2, 0), (5, 4)])
        nothing = Ratio(0, 0, sampling=None)
        pooled = Ratio.pool([*parts, nothing], independent=True)
        assert pooled.sampling == whole

    def test_shares_turned_over(self):
        one, other = (InverseShare(hits=hits, n=10, unit=Fraction(3)) for hits in (2, 5))
        assert pooled_sampling([one, other]) == InverseShare(hits=7, n=20, unit=Fraction(3))
        assert pooled_sampling([one, InverseShare(hits=2, n=10, unit=Fraction(1))]) is None

    def test_several_kinds_are_not_put_together(self):
        groups = TwoGroups(top=ClusterSums.of([(1, 1)]), bottom=ClusterSums.of([(1, 1)]))
        assert pooled_sampling(["independent", ClusterSums.of([(1, 1)])]) is None
        assert pooled_sampling([groups, groups]) is None
        assert pooled_sampling([None, "independent"]) is None
        assert pooled_sampling([Unsampled("x"), None]) == Unsampled("x")
        assert pooled_sampling([]) == "independent"
