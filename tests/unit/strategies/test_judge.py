"""Whether a condition holds, fails or can't be judged, and what a rule comes to."""

from __future__ import annotations

import pickle
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import comb

import attrs
import pytest
from hypothesis import assume, given, strategies as st

import retention as rt
from retention.benchmarks import Benchmark
from retention.comparison import Comparison
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingRecordsError,
    MixedCurrencyError,
    UndefinedMetricError,
)
from retention.results import Basis, ClusterSums, Distribution, Interval
from retention.strategies import Condition, Finding, Rule, Verdict, judge_rule
from retention.strategies._judge import finding_of, judged
from retention.strategies._readings import Reading
from retention.testing import make_orders, sample_shop

MARCH = rt.Period.month(2026, 3, tz="UTC")
CARTS = "cart_abandonment_rate"
SHOP = sample_shop(customers=300)


def read(result, **more):
    told = {"title": "Cart abandonment rate", "period": "2026-03"} | more
    return Reading.of_result(CARTS, result, **told)


def judge(result, *, metric=CARTS, reading=None, **condition):
    return finding_of(Condition(metric, **condition), reading or read(result))


def change(a, b, **more):
    told = {"labels": ("2026-03", "2026-02"), "title": "Cart abandonment rate", "is_change": True} | more
    return Comparison(a=a, b=b, **told)


def judge_change(a, b, *, unfair=None, sample=None, moved=None, **condition):
    compared = change(a, b, untested_because=unfair) if moved is None else moved
    reading = attrs.evolve(read(a), change=compared, unfair_because=unfair, sample=sample)
    return finding_of(Condition(CARTS, **condition), reading)


class TestLevels:
    def test_it_holds_when_the_whole_interval_lies_beyond(self):
        found = judge(rt.Ratio(780, 1000), above=0.7)
        assert found.outcome == "holds"
        assert found.why == (
            "Cart abandonment rate (2026-03) came to 78.0% (75.3% to 80.5%), above 70% beyond chance."
        )
        assert (found.sample, found.threshold, found.value) == (1000, 0.7, 0.78)
        assert found.interval == rt.Ratio(780, 1000).interval()

    def test_it_fails_when_the_interval_reaches_the_threshold(self):
        found = judge(rt.Ratio(78, 100), above=0.7)
        assert found.outcome == "fails"
        assert found.why == (
            "Cart abandonment rate (2026-03) came to 78.0% (68.9% to 85.0%), above 70%, but its interval reaches 68.9%, so "
            "that this may be chance."
        )

    def test_it_fails_when_the_figure_is_on_the_other_side(self):
        found = judge(rt.Ratio(60, 100), above=0.7)
        assert (found.outcome, found.unknown_because) == ("fails", None)
        assert found.why == "Cart abandonment rate (2026-03) came to 60.0% (50.2% to 69.1%), not above 70%."

    @pytest.mark.parametrize("hits, outcome", [(220, "holds"), (280, "fails"), (400, "fails")])
    def test_below(self, hits, outcome):
        found = judge(rt.Ratio(hits, 1000), below=0.3)
        assert found.outcome == outcome
        assert found.gap().low == pytest.approx(max(0, 0.3 - found.interval.high))

    def test_a_threshold_that_is_met_is_not_passed(self):
        assert judge(7, above=7).outcome == judge(7, below=7).outcome == "fails"

    def test_the_level_of_confidence_is_the_conditions(self):
        assert judge(rt.Ratio(78, 100), above=0.7, confidence=0.8).outcome == "holds"
        assert judge(rt.Ratio(780, 1000), above=0.745, confidence=0.95).outcome == "holds"
        assert judge(rt.Ratio(780, 1000), above=0.745, confidence=0.999).outcome == "fails"

    def test_a_running_period_is_judged_and_said_to_be_one(self):
        result = rt.Ratio(780, 1000, basis=Basis(partial=True))
        found = judge(result, above=0.7)
        assert (found.outcome, found.partial) == ("holds", True)
        assert found.why.endswith("above 70% beyond chance. The time that it covers was still running.")
        assert judge(result, above=0.9).why.endswith(
            "not above 90%. The time that it covers was still running."
        )

    @pytest.mark.parametrize(
        "result, unit, condition, why",
        [
            (1234, "", {"above": 1000}, "1,234, above 1,000. It is a count, taken as it stands."),
            (
                Decimal("1234.5"),
                "EUR",
                {"above": 1000},
                "1,234.50 EUR, above 1,000 EUR. It is a sum of money, taken as it stands.",
            ),
            (
                rt.Ratio(3000, 1000, bounded=False, sampling=None),
                "",
                {"above": 2},
                "3.000, above 2. No interval of it is known, so that it is taken as it stands.",
            ),
            (
                rt.Score(0.5, low=0, high=1, count=70),
                "none",
                {"above": 0.4},
                "0.500, above 0.4. No interval of it is known, so that it is taken as it stands.",
            ),
        ],
        ids=["count", "money", "quotient", "score"],
    )
    def test_what_has_no_interval_is_taken_as_it_stands(self, result, unit, condition, why):
        found = judge(result, reading=read(result, unit=unit), **{"at_least": 0} | condition)
        assert (found.outcome, found.interval) == ("holds", None)
        assert found.why == f"Cart abandonment rate (2026-03) came to {why}"

    def test_flows_count_with_what_they_end_with(self):
        flow = rt.CustomerFlow(start=10, new=5, kept=8, lost=2, reactivated=0, end=13)
        assert judge(flow, below=20).why.endswith("came to 13, below 20. It is a count, taken as it stands.")

    def test_flows_of_money(self):
        flow = rt.RevenueFlow(
            exact={"start": Fraction(100), "end": Fraction(100)}, basis=Basis(currency="EUR")
        )
        found = judge(flow, reading=read(flow, unit="EUR a month"), below=200, at_least=0)
        assert found.why.endswith(
            "came to 100.00 EUR a month, below 200 EUR a month. It is a sum of money, taken as it stands."
        )

    def test_a_mean_of_money(self):
        sums = ClusterSums.of([(1, 100 + n % 3) for n in range(60)], scale=1)
        mean = rt.Mean(sums.y, sums.x, unit="EUR", sampling=sums)
        found = judge(mean, below=200)
        assert found.why.endswith("came to 101.00 EUR (100.79 to 101.21), below 200 EUR beyond chance.")

    def test_a_plain_mean(self):
        sums = ClusterSums.of([(1, 1 + n % 3) for n in range(60)])
        assert judge(rt.Mean(sums.y, sums.x, sampling=sums), below=3).why.endswith(
            "came to 2.00 (1.79 to 2.21), below 3 beyond chance."
        )

    def test_below_nothing_with_a_minus(self):
        score = rt.net_promoter_score(
            [
                rt.SurveyResponse(customer_id=n, kind="nps", responded_at=MARCH.start, score=0)
                for n in range(40)
            ],
            period=MARCH,
        )
        why = judge(score, below=-20).why
        assert "came to −100.0 (−100.0 to −" in why
        assert ", below −20 beyond chance." in why


class TestSamples:
    def test_too_few(self):
        found = judge(rt.Ratio(12, 12), above=0.2)
        assert (found.outcome, found.unknown_because, found.sample) == ("unknown", "too few", 12)
        assert (
            found.why
            == "Cart abandonment rate (2026-03) rested on too few: 12 cases, where 30 are the least to judge by."
        )

    def test_just_enough(self):
        assert judge(rt.Ratio(30, 30), above=0.2).outcome == "holds"

    def test_what_was_counted_is_named(self):
        result = rt.Ratio(12, 12, basis=Basis(counted=("kept", "customers at the start")))
        assert "12 customers at the start, where 30" in judge(result, above=0.2).why

    def test_customers_are_counted_and_not_their_orders(self):
        sums = ClusterSums.of([(100, 50)] * 4)
        result = rt.Ratio(200, 400, sampling=sums)
        found = judge(result, above=0.2)
        assert (found.unknown_because, found.sample) == ("too few", 4)
        assert "4 customers, where 30" in found.why

    def test_the_smaller_of_two_groups(self):
        shop = SHOP
        result = rt.loyalty_spend_ratio(shop, period=rt.Period.quarter(2026, 1, tz="UTC"))
        sample = judge(result, above=0.01, at_least=0).sample
        assert sample == min(result.sampling.top.n, result.sampling.bottom.n)

    def test_of_figures_made_of_several(self):
        result = rt.customer_lifetime_value(SHOP, period=rt.Period.quarter(2026, 1, tz="UTC"))
        sample = judge(result, above=0.01, at_least=0).sample
        assert sample == (result.sampling.n if result.sampling.fewest is None else result.sampling.fewest)
        every = attrs.evolve(result, sampling=attrs.evolve(result.sampling, fewest=None))
        assert judge(every, above=0.01, at_least=0).sample == result.sampling.n
        few = attrs.evolve(result, sampling=attrs.evolve(result.sampling, fewest=3))
        assert judge(few, above=0.01, at_least=0).sample == 3

    def test_of_a_share_turned_over(self):
        result = rt.customer_lifespan_months(SHOP, period=MARCH)
        assert judge(result, above=0.01, at_least=0).sample == result.sampling.n

    def test_of_answers(self):
        responses = [
            rt.SurveyResponse(
                customer_id=n % 5, kind="nps", responded_at=MARCH.start + timedelta(hours=n), score=9
            )
            for n in range(40)
        ]
        assert judge(rt.net_promoter_score(responses, period=MARCH), above=20).sample == 5

    def test_of_times(self):
        assert judge(Distribution.of([timedelta(days=3)] * 7), above=1).why.endswith(
            "rested on too few: 7 cases, where 30 are the least to judge by."
        )
        assert judge(Distribution.of([timedelta(days=3)] * 5), above=1, at_least=0).why.endswith(
            "rested on too few for an interval."
        )
        assert judge(Distribution.of([timedelta(days=3)] * 6), above=1, at_least=0).outcome == "holds"

    def test_of_a_score_without_sums(self):
        assert judge(rt.Score(0.5, low=0, high=1, count=29), above=0.2).unknown_because == "too few"

    def test_of_a_mean_without_sums(self):
        assert judge(rt.Mean(100, 29), above=1).sample == 29
        assert judge(rt.Mean(100, 31), above=1).outcome == "holds"

    def test_the_level_of_a_count_needs_none(self):
        assert (judge(3, below=5).outcome, judge(3, below=5).sample) == ("holds", None)

    def test_a_share_of_money_of_nobody_knows_how_many(self):
        found = judge(rt.Ratio(Decimal(80), Decimal(100), sampling=None), above=0.5)
        assert (found.outcome, found.unknown_because) == ("unknown", "too few")
        assert found.why == (
            "Cart abandonment rate (2026-03) can't be judged, since nobody knows how many stand behind; at_least=0 would "
            "judge it all the same."
        )
        assert (
            judge(rt.Ratio(Decimal(80), Decimal(100), sampling=None), above=0.5, at_least=0).outcome
            == "holds"
        )

    def test_the_reading_may_know_how_many(self):
        result = rt.Ratio(Decimal(80), Decimal(100), sampling=None)
        assert judge(result, reading=read(result, sample=40), above=0.5).sample == 40
        assert "12 customers, where 30" in judge(result, reading=read(result, sample=12), above=0.5).why

    def test_no_interval_yet(self):
        result = rt.Ratio(1, 1, bounded=False, sampling=ClusterSums.of([(1, 1)]))
        found = judge(result, above=0.5, at_least=0)
        assert (found.outcome, found.unknown_because) == ("unknown", "too few")
        assert found.why == "Cart abandonment rate (2026-03) rested on too few for an interval."

    def test_a_running_period_may_yet_have_enough(self):
        found = judge(rt.Ratio(3, 4, basis=Basis(partial=True)), above=0.5)
        assert found.why.endswith("the least to judge by. The time that it covers was still running.")


class TestWithoutValue:
    @pytest.mark.parametrize(
        "reading, because, why",
        [
            (
                Reading.absent(CARTS, "Shop(checkouts=...)", title="Cart abandonment rate", period="2026-03"),
                "no data",
                "Cart abandonment rate can't be counted: it needs Shop(checkouts=...).",
            ),
            (
                read(rt.Ratio(0, 0, basis=Basis(observable=False, undefined_because="the data begin later"))),
                "not observable",
                "Cart abandonment rate (2026-03) can't be observed: the data begin later.",
            ),
            (
                read(rt.Ratio(0, 0, basis=Basis(undefined_because="there are no checkouts"))),
                "undefined",
                "Cart abandonment rate (2026-03) had no value: there are no checkouts.",
            ),
            (
                attrs.evolve(read(0), result=None, error=MixedCurrencyError, undefined_because="EUR and USD"),
                "refused",
                "Cart abandonment rate (2026-03) had no value: EUR and USD.",
            ),
            (
                attrs.evolve(
                    read(0), result=None, error=UndefinedMetricError, undefined_because="there are no sales"
                ),
                "undefined",
                "Cart abandonment rate (2026-03) had no value: there are no sales.",
            ),
            (
                attrs.evolve(
                    read(0), result=None, error=MissingRecordsError, undefined_because="no record has a cost"
                ),
                "no data",
                "Cart abandonment rate (2026-03) had no value: no record has a cost.",
            ),
            (
                read(rt.LorenzCurve([Decimal(3)])),
                "undefined",
                "Cart abandonment rate (2026-03) had no value: a picture is no single figure.",
            ),
            (
                read(
                    rt.CustomerFlow(
                        start=0,
                        new=0,
                        kept=0,
                        lost=0,
                        reactivated=0,
                        end=0,
                        basis=Basis(observable=False, undefined_because="the data begin later"),
                    )
                ),
                "not observable",
                "Cart abandonment rate (2026-03) can't be observed: the data begin later.",
            ),
        ],
        ids=["absent", "unobserved", "undefined", "refused", "undefined sum", "missing", "picture", "flow"],
    )
    @pytest.mark.parametrize("condition", [{"above": 0.5}, {"change": "rose"}], ids=["level", "change"])
    def test_it_can_not_be_judged(self, reading, because, why, condition):
        found = finding_of(Condition(CARTS, **condition), reading)
        assert (found.outcome, found.unknown_because, found.why) == ("unknown", because, why)
        assert (found.severity, found.gap()) == (None, None)


class TestBenchmarks:
    def test_above_its_high_end_or_below_its_low(self):
        result = rt.Ratio(300, 1000, basis=Basis(metric="customer_retention_rate"))
        found = judge(result, metric="customer_retention_rate", below="B10")
        assert found.outcome == "holds"
        assert (found.benchmark.id, found.threshold) == ("B10", 0.38)
        assert "below 38% (B10, average retention in e-commerce) beyond chance" in found.why

    def test_what_to_mind_is_explained(self):
        result = rt.Ratio(300, 1000, basis=Basis(metric="customer_retention_rate"))
        text = judge(result, metric="customer_retention_rate", below="B10").explain()
        assert "Published: the average customer retention rate in e-commerce is about 38 % (Ecwid" in text
        assert "Mind: B10 applies to e-commerce as a whole; the guide does not say" in text

    def test_one_made_otherwise_is_refused(self):
        result = rt.Ratio(300, 1000, basis=Basis(metric="conversion_rate", options=(("of", "all"),)))
        found = judge(result, metric="conversion_rate", below="E15 new")
        assert (found.outcome, found.unknown_because) == ("unknown", "refused")
        assert found.why == (
            "Cart abandonment rate (2026-03) can't be set beside E15 new: E15 new is about conversion_rate with of=new (got "
            "of=all); make the figure so."
        )

    OURS = Benchmark(
        id="ours",
        title="last year",
        metrics=["net_revenue", "first_response_days"],
        low=1000,
        high=1000,
        unit="EUR",
        applies_to="us",
        guide="us",
        published="1000",
        caution="none",
    )

    def test_money_in_another_currency_is_refused(self):
        reading = read(Decimal(500), unit="USD")
        found = judge(None, metric="net_revenue", reading=reading, below=self.OURS, at_least=0)
        assert found.unknown_because == "refused"
        assert found.why.endswith("can't be set beside ours: it is in USD, and ours in EUR.")

    def test_money_in_the_same_currency(self):
        found = judge(
            None, metric="net_revenue", reading=read(Decimal(500), unit="EUR"), below=self.OURS, at_least=0
        )
        assert found.why.endswith(
            "below 1,000 EUR (ours, last year). It is a sum of money, taken as it stands."
        )

    def test_times(self):
        times = Distribution.of([timedelta(days=3)] * 40)
        assert judge(times, metric="first_response_days", below=self.OURS).outcome == "holds"


class TestTexts:
    def test_nothing_hidden_is_printed(self):
        found = judge(
            rt.Ratio(780, 1000), reading=read(rt.Ratio(780, 1000), title="Late\u202e\nparcels"), above=0.7
        )
        own = Rule("late", strategy="onboarding", conditions=found.condition, because="So\u202e it is.")
        verdict = Verdict(rule=own, outcome="recommended", findings=(found,), why=found.why)
        for text in (str(found), found.explain(), str(verdict), verdict.explain()):
            assert text.isprintable()
        assert str(found).startswith("Late\\u202e parcels (2026-03)")

    def test_a_figure_below_nothing_has_one_sign_throughout(self):
        responses = [
            rt.SurveyResponse(customer_id=n, kind="nps", responded_at=MARCH.start, score=n % 7)
            for n in range(40)
        ]
        found = judge(rt.net_promoter_score(responses, period=MARCH), below=-10)
        assert "−100" in found.explain()
        assert "-" not in found.explain().replace("2026-03", "").replace("2026-04", "").replace("UTC", "")


class TestMedians:
    """A median is judged by two of the times that it lies between, as many from either end."""

    @pytest.mark.parametrize(
        "times, condition, why",
        [
            # Of 59 throws of a coin at most 21 are heads in 1.8 % of all cases, and at most 22 in 3.4 %.
            (
                [timedelta(days=n) for n in range(1, 60)],
                {"above": 7},
                "30.0 days (22.0 to 38.0), above 7 days beyond chance.",
            ),
            (
                [timedelta(minutes=30)] * 40,
                {"below": 0.5},
                "0.021 days (0.021 to 0.021), below 0.5 days beyond chance.",
            ),
            ([timedelta(days=2)] * 40, {"above": 1}, "2.0 days (2.0 to 2.0), above 1 day beyond chance."),
            (
                [timedelta(days=n) for n in range(1, 60)],
                {"above": 25},
                "30.0 days (22.0 to 38.0), above 25 days, but its interval reaches 22.0 days, so that this may be chance.",
            ),
        ],
    )
    def test_in_words(self, times, condition, why):
        found = judge(Distribution.of(times), **condition)
        assert found.why.endswith(why)

    @pytest.mark.parametrize("number", [30, 100, 999, 1003])
    def test_its_interval_holds_the_true_median_as_often_as_it_says(self, number):
        """By the binomial distribution, for any continuous distribution of times."""
        times = Distribution.of([timedelta(days=n) for n in range(1, number + 1)])
        here = judge(times, above=1, at_least=0).interval
        place = round(here.low)
        assert round(here.high) == number + 1 - place
        beyond = 2 * sum(comb(number, heads) for heads in range(place)) / 2**number
        assert 0.93 * 0.05 * 0.5 < beyond < 0.0501 + 0.002 * (number > 1000)


class TestChanges:
    def test_a_real_fall(self):
        found = judge_change(rt.Ratio(300, 1000), rt.Ratio(400, 1000), change="fell")
        assert (found.outcome, found.sample) == ("holds", 1000)
        assert found.why == (
            "Cart abandonment rate fell from 40.0% (2026-02) to 30.0% (2026-03), by 10.0 points. That is more than chance "
            "explains: the 95 % interval of the change is −14.1 to −5.8 points."
        )
        assert found.comparison.verdict == "real"

    def test_a_fall_is_no_rise(self):
        found = judge_change(rt.Ratio(300, 1000), rt.Ratio(400, 1000), change="rose")
        assert found.outcome == "fails"
        assert found.why.endswith("What is asked for is a rise.")

    def test_a_rise_is_no_fall(self):
        found = judge_change(rt.Ratio(400, 1000), rt.Ratio(300, 1000), change="fell")
        assert found.outcome == "fails"
        assert found.why.endswith("What is asked for is a fall.")
        assert judge_change(rt.Ratio(400, 1000), rt.Ratio(300, 1000), change="rose").outcome == "holds"

    def test_noise(self):
        found = judge_change(rt.Ratio(38, 100), rt.Ratio(40, 100), change="fell")
        assert found.outcome == "fails"
        assert "That may be chance" in found.why

    def test_far_enough(self):
        found = judge_change(rt.Ratio(300, 1000), rt.Ratio(400, 1000), change="fell", by=0.08)
        assert found.outcome == "holds"
        assert found.why.endswith("That is 8 points or more, as is asked for.")

    def test_not_far_enough(self):
        found = judge_change(rt.Ratio(300, 1000), rt.Ratio(400, 1000), change="fell", by=0.15)
        assert found.outcome == "fails"
        assert found.why.endswith("That is less than the 15 points that are asked for.")

    def test_far_enough_but_chance(self):
        found = judge_change(rt.Ratio(35, 100), rt.Ratio(45, 100), change="fell", by=0.05)
        assert found.outcome == "fails"
        assert found.why.endswith("points.")

    def test_of_many_one_goes_far_by_chance(self):
        alone = change(rt.Ratio(300, 1000), rt.Ratio(345, 1000))
        assert judge_change(alone.a, alone.b, moved=alone, change="fell").outcome == "holds"
        among = alone.among(20, 0.6)
        found = judge_change(alone.a, alone.b, moved=among, change="fell")
        assert found.outcome == "fails"
        assert "after Holm's correction 0.6" in found.why

    def test_a_level_of_confidence_of_its_own(self):
        a, b = rt.Ratio(300, 1000), rt.Ratio(345, 1000)
        strict = judge_change(a, b, change="fell", confidence=0.99)
        assert strict.outcome == "fails"
        assert strict.why.endswith("At a confidence of 99 %, it is what chance may do.")
        a, b = rt.Ratio(330, 1000), rt.Ratio(367, 1000)
        lenient = judge_change(a, b, change="fell", confidence=0.9)
        assert lenient.outcome == "holds"
        assert lenient.why.endswith("At a confidence of 90 %, it is more than chance explains.")

    def test_unfair_terms_are_no_terms(self):
        found = judge_change(
            rt.Ratio(300, 1000),
            rt.Ratio(400, 1000),
            unfair="2026-02 has been watched for longer",
            change="fell",
        )
        assert (found.outcome, found.unknown_because) == ("unknown", "not comparable")
        assert found.why.endswith("is not known: 2026-02 has been watched for longer.")

    def test_unfair_terms_for_counts_as_well(self):
        found = judge_change(50, 100, unfair="2026-03 was still running", change="fell", by=0.2)
        assert found.unknown_because == "not comparable"

    def test_nothing_before(self):
        found = judge(rt.Ratio(300, 1000), change="fell")
        assert (found.outcome, found.unknown_because) == ("unknown", "no data")
        assert (
            found.why
            == "Cart abandonment rate (2026-03) can't be compared: there is no period to compare it with."
        )

    def test_no_value_before(self):
        moved = change(rt.Ratio(300, 1000), rt.Ratio(0, 0))
        found = judge_change(moved.a, moved.b, moved=moved, change="fell")
        assert found.unknown_because == "not comparable"
        assert found.why.endswith("2026-02 has no value, since the denominator is 0.")

    def test_no_test_is_known(self):
        unknown = rt.Ratio(300, 1000, sampling=None)
        found = judge_change(unknown, unknown, change="fell")
        assert (found.outcome, found.unknown_because) == ("unknown", "not comparable")

    def test_too_few_then_or_now(self):
        for a, b in ((20, 1000), (1000, 20)):
            found = judge_change(rt.Ratio(1, a), rt.Ratio(1, b), change="fell")
            assert (found.unknown_because, found.sample) == ("too few", 20)

    @pytest.mark.parametrize(
        "a, b, condition, outcome",
        [
            (70, 100, {"change": "fell", "by": 0.2}, "holds"),
            (70, 100, {"change": "fell", "by": 0.3}, "holds"),
            (90, 100, {"change": "fell", "by": 0.2}, "fails"),
            (130, 100, {"change": "rose", "by": 0.2}, "holds"),
            (130, 100, {"change": "fell", "by": 0.2}, "fails"),
            (100, 100, {"change": "fell"}, "fails"),
        ],
    )
    def test_counts_move_by_a_part_of_what_they_were(self, a, b, condition, outcome):
        assert judge_change(a, b, **condition).outcome == outcome

    def test_how_far_a_count_moved_is_told_in_percent(self):
        assert judge_change(70, 100, change="fell", by=0.2).why.endswith(
            "That is 20% or more, as is asked for."
        )

    def test_the_larger_of_two_counts_is_the_sample(self):
        few = judge_change(10, 20, change="fell", by=0.2)
        assert few.unknown_because == "too few"
        assert "20 cases, where 30" in few.why
        reading = attrs.evolve(read(10, unit="orders"), change=change(10, 20))
        assert "20 orders, where 30" in finding_of(Condition(CARTS, change="fell", by=0.2), reading).why
        found = judge_change(10, 100, change="fell", by=0.2)
        assert (found.outcome, found.sample) == ("holds", 100)

    def test_from_nothing(self):
        found = judge_change(100, 0, change="rose", by=0.2)
        assert (found.outcome, found.unknown_because) == ("unknown", "not comparable")

    def test_money(self):
        found = judge_change(Decimal(700), Decimal(1000), change="fell", by=0.2, at_least=0)
        assert (found.outcome, found.sample) == ("holds", None)
        assert judge_change(Decimal(700), Decimal(1000), change="fell", by=0.2).unknown_because == "too few"
        assert judge_change(Decimal(700), Decimal(1000), change="fell", by=0.2, sample=50).sample == 50

    def test_a_score_moves_in_points(self):
        def nps(score):
            return rt.net_promoter_score(
                [
                    rt.SurveyResponse(customer_id=n, kind="nps", responded_at=MARCH.start, score=score(n))
                    for n in range(200)
                ],
                period=MARCH,
            )

        good, bad = nps(lambda n: 9 if n % 4 else 3), nps(lambda n: 9 if n % 2 else 3)
        found = judge_change(bad, good, change="fell", by=20)
        assert found.outcome == "holds"
        assert found.why.endswith("That is 20 points or more, as is asked for.")
        assert judge_change(bad, good, change="fell", by=60).outcome == "fails"
        # It had 150 points to lose, from 50 down to −100.
        assert found.severity == pytest.approx(found.gap().low / 150)
        # And it has 100 to win, from 0 up.
        assert judge_change(good, bad, change="rose").severity == pytest.approx(found.gap().low / 100)


class TestSeverity:
    def test_of_a_share_it_is_the_part_of_the_way_to_the_worst(self):
        found = judge(rt.Ratio(850, 1000), above=0.7)
        assert found.severity == pytest.approx((found.interval.low - 0.7) / 0.3)
        found = judge(rt.Ratio(100, 1000), below=0.3)
        assert found.severity == pytest.approx((0.3 - found.interval.high) / 0.3)

    def test_of_a_score_likewise(self):
        found = judge(rt.Score(0.9, low=0, high=1, count=50), above=0.5)
        assert found.severity == pytest.approx(0.8)

    def test_of_what_has_no_end_it_is_the_part_that_lies_beyond(self):
        assert judge(200, above=50).severity == pytest.approx(0.75)
        assert judge(50, below=200).severity == pytest.approx(0.75)

    @pytest.mark.parametrize(
        "value, condition, severity",
        [
            (10, {"above": 0}, 1.0),
            (-10, {"below": 0}, 1.0),
            (10, {"above": -10}, 1.0),
            (-5, {"above": -10}, 0.5),
            (-10, {"below": -5}, 0.5),
        ],
    )
    def test_around_nothing(self, value, condition, severity):
        assert judge(Decimal(value), at_least=0, **condition).severity == pytest.approx(severity)

    def test_of_a_change_it_is_the_part_of_what_was(self):
        found = judge_change(rt.Ratio(300, 1000), rt.Ratio(400, 1000), change="fell")
        assert found.severity == pytest.approx(-found.comparison.interval().high / 0.4)
        assert judge_change(70, 100, change="fell", by=0.2).severity == pytest.approx(0.3)

    def test_of_a_large_rise_it_is_one(self):
        assert judge_change(500, 100, change="rose", by=0.2).severity == 1.0

    def test_from_nothing_it_is_one(self):
        found = judge_change(rt.Ratio(300, 1000), rt.Ratio(0, 1000), change="rose")
        assert found.severity == 1.0

    def test_of_what_fails_there_is_none(self):
        assert judge(rt.Ratio(10, 100), above=0.7).severity is None

    def test_of_findings_without_a_figure_there_is_none(self):
        level = Finding(condition=Condition(CARTS, above=0.7), outcome="holds", why="Made by hand.")
        assert (level.severity, level.gap()) == (None, None)
        moved = attrs.evolve(level, comparison=change(None, None))
        assert (moved.severity, moved.gap()) == (None, None)
        half = attrs.evolve(level, threshold=0.7)
        assert (half.severity, half.gap()) == (None, None)


class TestGap:
    def test_from_one_end_of_the_interval_to_the_other(self):
        found = judge(rt.Ratio(850, 1000), above=0.7)
        gap = found.gap()
        assert gap == Interval(
            low=found.interval.low - 0.7, high=found.interval.high - 0.7, confidence=0.95, method="Wilson"
        )
        assert str(gap) == "12.7% to 17.1%"

    def test_never_below_nothing(self):
        gap = judge(rt.Ratio(70, 100), above=0.7).gap()
        assert gap.low == 0
        assert gap.high > 0
        assert tuple(judge(rt.Ratio(10, 100), above=0.7).gap()) == (0, 0)

    def test_of_what_has_no_interval_both_ends_are_one(self):
        gap = judge(70, above=50).gap()
        assert tuple(gap) == (20, 20)
        assert gap.method == "no interval is known, so that both ends are the figure itself"

    def test_of_a_change(self):
        found = judge_change(rt.Ratio(300, 1000), rt.Ratio(400, 1000), change="fell")
        low, high = found.comparison.interval()
        assert tuple(found.gap()) == (-high, -low)
        assert str(found.gap()) == "5.8% to 14.1%"
        risen = judge_change(rt.Ratio(400, 1000), rt.Ratio(300, 1000), change="rose")
        assert tuple(risen.gap()) == tuple(risen.comparison.interval())

    def test_of_a_change_of_counts(self):
        assert tuple(judge_change(70, 100, change="fell", by=0.2).gap()) == (30, 30)


class TestFinding:
    def test_as_text(self):
        found = judge(rt.Ratio(780, 1000), above=0.7)
        assert str(found) == found.why
        assert repr(found) == "<Finding: cart_abandonment_rate above 0.7: holds>"
        assert found.explain().startswith(found.why)
        assert "78.0% = 780 of 1,000" in found.explain()

    def test_a_count_explains_itself(self):
        found = judge(70, above=50)
        assert found.explain() == found.why

    def test_as_a_dictionary(self):
        found = judge(rt.Ratio(780, 1000), above=0.7)
        told = found.to_dict()
        assert told["metric"] == CARTS
        assert (told["outcome"], told["value"], told["threshold"], told["sample"]) == (
            "holds",
            0.78,
            0.7,
            1000,
        )
        assert (told["low"], told["high"]) == tuple(found.interval)
        assert (told["gap_low"], told["gap_high"]) == tuple(found.gap())
        assert (told["benchmark"], told["change"], told["verdict"]) == (None, None, None)

    def test_a_change_as_a_dictionary(self):
        told = judge_change(rt.Ratio(300, 1000), rt.Ratio(400, 1000), change="fell").to_dict()
        assert told["change"] == pytest.approx(-0.1)
        assert told["verdict"] == "real"
        untold = judge_change(
            rt.Ratio(1, 100), rt.Ratio(0, 0), moved=change(rt.Ratio(1, 100), rt.Ratio(0, 0)), change="fell"
        )
        assert untold.to_dict()["change"] is None

    def test_it_can_be_hashed_and_pickled(self):
        found = judge_change(rt.Ratio(300, 1000), rt.Ratio(400, 1000), change="fell")
        assert pickle.loads(pickle.dumps(found)) == found
        assert hash(pickle.loads(pickle.dumps(found))) == hash(found)


class Fake:
    """Readings by metric; what is not among them is absent."""

    def __init__(self, lacking=None, **results):
        self.results = results
        self.missing = lacking

    def reading(self, condition, /):
        name = condition.metric
        if name not in self.results:
            return Reading.absent(name, "Shop(checkouts=...)", title=name, period="2026-03")
        return Reading.of_result(name, self.results[name], title=name, period="2026-03")

    def lacking(self, rule, /):
        return self.missing


def rule(*conditions):
    return Rule(
        "carts",
        strategy="abandoned-cart-recovery",
        conditions=conditions or (Condition("carts_left", above=0.7), Condition("carts", above=50)),
        because="Who fills a cart wants to buy.",
    )


class TestRules:
    def test_recommended_when_all_hold(self):
        verdict = judged(rule(), Fake(carts_left=rt.Ratio(800, 1000), carts=1000))
        assert verdict.outcome == "recommended"
        assert verdict.why == " ".join(each.why for each in verdict.findings)
        assert verdict.leading is verdict.findings[0]
        assert verdict.severity == verdict.findings[0].severity
        assert (verdict.lacking, verdict.skipped_because) == (None, None)

    def test_rejected_when_one_fails(self):
        verdict = judged(rule(), Fake(carts_left=rt.Ratio(800, 1000), carts=10))
        assert (verdict.outcome, verdict.severity, verdict.skipped_because) == ("rejected", None, None)
        assert verdict.why == "carts (2026-03) came to 10, not above 50."

    def test_rejected_even_when_another_is_not_known(self):
        assert judged(rule(), Fake(carts=10)).outcome == "rejected"

    def test_skipped_when_one_is_not_known(self):
        verdict = judged(rule(), Fake(carts=100))
        assert (verdict.outcome, verdict.severity) == ("skipped", None)
        assert verdict.skipped_because == "no data"
        assert verdict.why == "carts_left can't be counted: it needs Shop(checkouts=...)."
        last = judged(rule(), Fake(carts_left=rt.Ratio(800, 1000)))
        assert (last.outcome, last.skipped_because) == ("skipped", "no data")
        few = judged(rule(), Fake(carts_left=rt.Ratio(8, 10), carts=100))
        assert few.skipped_because == "too few"

    def test_skipped_when_what_it_requires_is_not_there(self):
        verdict = judged(rule(), Fake(lacking="Shop(checkouts=...)"))
        assert (verdict.outcome, verdict.findings, verdict.leading) == ("skipped", (), None)
        assert (verdict.lacking, verdict.skipped_because) == ("Shop(checkouts=...)", "no data")
        assert verdict.why == "It needs Shop(checkouts=...)."
        assert verdict.severity is None

    def test_it_explains_itself(self):
        verdict = judged(rule(), Fake(carts_left=rt.Ratio(800, 1000), carts=1000))
        text = verdict.explain()
        assert text.startswith(
            "Rule 'carts' for abandoned-cart-recovery: recommended. carts_left (2026-03) came to 80.0%"
        )
        assert text.endswith("Who fills a cart wants to buy.")
        assert judged(rule(), Fake(lacking="Shop(checkouts=...)")).explain() == (
            "Rule 'carts' for abandoned-cart-recovery: skipped. It needs Shop(checkouts=...)."
        )

    def test_as_text_and_as_a_dictionary(self):
        verdict = judged(rule(), Fake(carts_left=rt.Ratio(800, 1000), carts=1000))
        assert str(verdict) == verdict.why
        assert repr(verdict) == "<Verdict: 'carts' recommended>"
        told = verdict.to_dict()
        assert (told["rule"], told["strategy"], told["outcome"]) == (
            "carts",
            "abandoned-cart-recovery",
            "recommended",
        )
        assert told["findings"] == [each.to_dict() for each in verdict.findings]
        assert pickle.loads(pickle.dumps(verdict)) == verdict
        assert hash(verdict) == hash(pickle.loads(pickle.dumps(verdict)))


class TestJudgeRule:
    RETENTION = Rule(
        "few-are-kept",
        strategy="attend-loyal-customers",
        conditions=Condition("customer_retention_rate", below=0.9),
        because="Customers who are kept cost less than new ones.",
    )

    def test_a_rule_on_a_shop(self):
        verdict = judge_rule(self.RETENTION, SHOP, period=MARCH)
        assert isinstance(verdict, Verdict)
        assert verdict.outcome == "recommended"
        assert verdict.findings[0].result == rt.customer_retention_rate(SHOP, period=MARCH)

    def test_and_on_another(self):
        orders = make_orders({n: ["2026-02-10", "2026-03-05"] for n in range(40)})
        assert judge_rule(self.RETENTION, orders, period=MARCH).outcome == "rejected"

    def test_on_a_few_orders(self):
        orders = make_orders({"ann": ["2026-02-10", "2026-03-05"]})
        assert judge_rule(self.RETENTION, orders, period=MARCH).skipped_because == "too few"

    def test_on_a_snapshot(self):
        snap = rt.snapshot(SHOP, period=MARCH)
        assert judge_rule(self.RETENTION, snap).outcome == "recommended"

    def test_the_data_may_lack_what_it_needs(self):
        carts = attrs.evolve(self.RETENTION, conditions=Condition(CARTS, above=0.1))
        verdict = judge_rule(carts, SHOP.orders, period=MARCH)
        assert (verdict.outcome, verdict.skipped_because) == ("skipped", "no data")
        assert "Shop(checkouts=...)" in verdict.why

    def test_a_figure_of_ones_own(self):
        late = attrs.evolve(self.RETENTION, conditions=Condition("late", above=0.05))
        found = judge_rule(late, SHOP, period=MARCH, figures={"late": rt.Ratio(20, 100)})
        assert found.outcome == "recommended"
        with pytest.raises(InvalidValueError, match="there is no metric 'late'"):
            judge_rule(late, SHOP, period=MARCH)

    def test_a_keyword_that_the_metric_must_be_told(self):
        dear = attrs.evolve(
            self.RETENTION, conditions=Condition("customer_acquisition_cost", above=1, at_least=1)
        )
        assert judge_rule(dear, SHOP, period=MARCH).skipped_because == "no data"
        told = {"customer_acquisition_cost": {"acquisition_spend": Decimal(1000)}}
        assert judge_rule(dear, SHOP, period=MARCH, options=told).outcome == "recommended"

    def test_a_strategy_of_ones_own(self):
        own = attrs.evolve(self.RETENTION, strategy="window-display")
        with pytest.raises(InvalidValueError, match="there is no strategy 'window-display'"):
            judge_rule(own, SHOP, period=MARCH)
        strategy = attrs.evolve(rt.strategies.STRATEGIES["onboarding"], id="window-display")
        assert judge_rule(own, SHOP, period=MARCH, strategies=[strategy]).outcome == "recommended"

    def test_no_rule(self):
        with pytest.raises(
            InvalidTypeError, match=r"judge_rule takes a Rule, not str \(got 'few-are-kept'\)"
        ):
            judge_rule("few-are-kept", SHOP, period=MARCH)

    @pytest.mark.parametrize("figures", [7, ["late"]])
    def test_figures_are_a_mapping(self, figures):
        with pytest.raises(InvalidTypeError, match="figures must be a mapping"):
            judge_rule(self.RETENTION, SHOP, period=MARCH, figures=figures)


shares = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
limits = st.integers(1, 99).map(lambda n: n / 100)


class TestProperties:
    """A figure lies above a threshold only when the whole interval does."""

    @given(shares, limits)
    def test_by_the_near_end(self, share, limit):
        result = rt.Ratio(*share)
        low, high = result.interval()
        assert (judge(result, above=limit, at_least=0).outcome == "holds") is (low > limit)
        assert (judge(result, below=limit, at_least=0).outcome == "holds") is (high < limit)

    @given(shares, limits)
    def test_never_above_and_below_at_once(self, share, limit):
        result = rt.Ratio(*share)
        outcomes = {judge(result, at_least=0, **{side: limit}).outcome for side in ("above", "below")}
        assert outcomes != {"holds"}

    @given(shares, limits, limits)
    def test_the_worse_the_more_severe(self, share, one, other):
        """The further a figure lies beyond, the more severe it is."""
        assume(one < other)
        strict = judge(rt.Ratio(*share), above=other, at_least=0)
        lenient = judge(rt.Ratio(*share), above=one, at_least=0)
        if strict.outcome == "holds":
            assert lenient.outcome == "holds"
            assert 0 < strict.severity <= lenient.severity <= 1
            assert lenient.gap().low > strict.gap().low > 0

    @given(shares, shares)
    def test_never_a_rise_and_a_fall(self, a, b):
        found = [
            judge_change(rt.Ratio(*a), rt.Ratio(*b), change=way, at_least=0).outcome
            for way in ("rose", "fell")
        ]
        assert found.count("holds") == (change(rt.Ratio(*a), rt.Ratio(*b)).verdict == "real")

    @given(shares, shares)
    def test_severities_lie_between_0_and_1(self, a, b):
        for way in ("rose", "fell"):
            found = judge_change(rt.Ratio(*a), rt.Ratio(*b), change=way, at_least=0)
            assert found.severity is None or 0 < found.severity <= 1
            assert found.gap() is None or 0 <= found.gap().low <= found.gap().high
