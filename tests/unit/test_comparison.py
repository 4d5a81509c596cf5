"""One figure beside another: hand-worked differences, what is refused, and sentences letter by letter."""

from __future__ import annotations

import copy
import math
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext

import attrs
import pytest
from scipy import stats

import retention as rt
from retention._numerics import ScoreSums
from retention.comparison import Comparison
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    UndefinedMetricError,
)
from retention.results import Basis, ClusterSums, CustomerFlow, Distribution
from retention.testing import make_orders, make_response

FEBRUARY, MARCH = (rt.Period.month(2026, month, tz="UTC") for month in (2, 3))
LABELS = ("the test", "the hold-out")


def mean(*spends: int, **more: object) -> rt.Mean:
    """Of customers who bought once each."""
    sums = ClusterSums.of([(1, each) for each in spends], signed=min(spends) < 0)
    return rt.Mean(sum(spends), len(spends), sampling=sums, **more)


def net(promoters: int, passives: int, detractors: int) -> rt.Score:
    answers = [1] * promoters + [0] * passives + [-1] * detractors
    sums = ClusterSums.of([(1, each) for each in answers], signed=True)
    sampling = ScoreSums(sums=sums, method="net", outspoken=promoters + detractors)
    return rt.Score(
        100 * sum(answers) / len(answers), low=-100, high=100, count=len(answers), sampling=sampling
    )


def effort(*answers: int, basis: Basis | None = None) -> rt.Score:
    """The mean of answers from 1 to 7."""
    sampling = ScoreSums(sums=ClusterSums.of([(1, each) for each in answers]), method="mean", points=1)
    value = sum(answers) / len(answers)
    return rt.Score(value, low=1, high=7, count=len(answers), sampling=sampling, basis=basis or Basis())


def answers(direction: str) -> list[rt.SurveyResponse]:
    """To a question about effort, in March."""
    at = datetime(2026, 3, 10, tzinfo=UTC)
    given = {"kind": "ces", "scale": (1, 7), "direction": direction, "responded_at": at}
    return [rt.SurveyResponse(score=score, **given) for score in (2, 4, 5)]


def beside(a: object, b: object, **more: object) -> Comparison:
    """As `Snapshot.change` sets two figures beside each other."""
    given = {"labels": ("2026-03", "2026-02"), "title": "Orders", "is_change": True}
    return Comparison(a=a, b=b, **given | more)


class TestByHand:
    def test_two_shares(self):
        # Wilson: 35/100 in 0.2636425 to 0.4474556, 38/100 in 0.2909760 to 0.4779024. Newcombe:
        # low  = −0.03 − √((0.35 − 0.2636425)² + (0.4779024 − 0.38)²) = −0.03 − 0.1305470
        # high = −0.03 + √((0.4474556 − 0.35)² + (0.38 − 0.2909760)²) = −0.03 + 0.1319957
        found = rt.compare(rt.Ratio(35, 100), rt.Ratio(38, 100))
        assert found.difference == pytest.approx(-0.03)
        assert tuple(found.interval()) == pytest.approx((-0.1605470, 0.1019957), abs=1e-7)
        assert found.interval().method == "Newcombe, the two taken as independent"
        # χ² = 199 · (35 · 62 − 65 · 38)² / (100 · 100 · 73 · 127) = 199 · 300² / 92,710,000 = 0.1931830
        assert found.p_value == pytest.approx(math.erfc(math.sqrt(0.1931830 / 2)), abs=1e-6)
        assert found.verdict == "noise"

    def test_published_example(self):
        # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, (a), method 10
        found = rt.compare(rt.Ratio(56, 70), rt.Ratio(48, 80))
        assert [round(end, 4) for end in found.interval()] == [0.0524, 0.3339]
        assert found.verdict == "real"

    def test_two_net_scores(self):
        # 5, 3, 2 of 10: p̃ = 5.75/13, d̃ = 2.75/13, m̃ = 3/13; s̃² = (8.5/13 − 9/169)/13 = 0.0461993;
        # 100 · (0.2307692 ± 1.959964 · 0.2149403) = −19.0507 to 65.2045, around 30.
        # 2, 3, 5 of 10 is the same mirrored: −65.2045 to 19.0507, around −30.
        # low  = 60 − √((30 + 19.0507)² + (19.0507 + 30)²) = 60 − 49.0507 · √2
        # high = 60 + √((65.2045 − 30)² + (−30 + 65.2045)²) = 60 + 35.2045 · √2
        better, worse = net(5, 3, 2), net(2, 3, 5)
        assert tuple(better.interval()) == pytest.approx((-19.0507, 65.2045), abs=1e-4)
        found = rt.compare(better, worse)
        assert found.difference == 60
        assert tuple(found.interval()) == pytest.approx((-9.3682, 109.7867), abs=1e-3)
        assert found.interval().method == "square and add, the two taken as independent"

    def test_two_means(self):
        # 10, 20, 60: mean 30, v = 3/2 · (400 + 100 + 900)/9 = 700/3. 10, 20, 30: mean 20, v = 3/2 · 200/9 = 100/3.
        # v = 800/3; Welch's freedom (800/3)² / ((700/3)²/2 + (100/3)²/2) = 2 · 64/50 = 2.56
        found = rt.compare(mean(10, 20, 60), mean(10, 20, 30))
        assert found.difference == 10
        low, high = found.interval()
        assert (low + high) / 2 == pytest.approx(10)
        assert 3.182 < (high - low) / 2 / math.sqrt(800 / 3) < 4.303  # of 3 and of 2 degrees of freedom
        assert (high - low) / 2 == pytest.approx(stats.t.ppf(0.975, 2.56) * math.sqrt(800 / 3))
        assert found.verdict == "noise"

    def test_three_customers_in_two_months(self):
        # March 10, 20, 60 and February 10, 20, 30, of the same three: e = −20, −10, 30 and −10, 0, 10.
        # Covariance 3/2 · (200 + 0 + 300)/9 = 250/3; v = 800/3 − 500/3 = 100; 3 − 1 degrees of freedom:
        # 10 ± 4.302653 · 10. P(|T| > 1) with 2 degrees of freedom is 1 − 1/√3.
        orders = make_orders(
            {
                "ann": [("2026-02-10", 10), ("2026-03-10", 10)],
                "ben": [("2026-02-10", 20), ("2026-03-10", 20)],
                "cy": [("2026-02-10", 30), ("2026-03-10", 60)],
            }
        )
        for metric in ("average_customer_value", "average_order_value"):
            found = rt.snapshot(orders, period=MARCH, metrics=[metric]).change(metric)
            assert found.difference == 10
            assert tuple(found.interval()) == pytest.approx((-33.02653, 53.02653), abs=1e-4)
            assert found.p_value == pytest.approx(1 - 1 / math.sqrt(3))
            assert "less the covariance of customers in both" in found.interval().method

    def test_customers_who_stay_make_a_change_surer(self):
        # Each of three spends 10 more: the covariance takes all the doubt away, and so no chance is left to compare with.
        moved = {who: [("2026-02-10", 10 * n), ("2026-03-10", 10 * n + 10)] for n, who in enumerate("abc", 1)}
        found = rt.snapshot(make_orders(moved), period=MARCH).change("average_order_value")
        assert (found.difference, found.verdict) == (10, "unknown")
        assert (
            found.untested_because == "all customers moved alike, so that chance cannot be told from change"
        )


class TestDifference:
    def test_of_counts_and_sums_of_money_is_exact(self):
        assert beside(3, 5).difference == -2
        assert type(beside(3, 5).difference) is int
        big, small = Decimal("12345678901234567890.01"), Decimal("0.02")
        with localcontext() as context:
            context.prec = 3
            found = beside(big, small).difference
        assert found == Decimal("12345678901234567889.99")

    def test_of_times_is_that_of_the_medians(self):
        a, b = (Distribution.of([timedelta(days=days)]) for days in (30, 21))
        assert beside(a, b).difference == 9.0

    def test_as_a_part(self):
        assert beside(6, 5).relative_difference == pytest.approx(0.2)
        assert beside(Decimal(3), Decimal(4)).relative_difference == -0.25
        assert rt.compare(rt.Ratio(1, 2), rt.Ratio(1, 4)).relative_difference == 1.0
        for nothing in (0, -5):
            assert beside(6, nothing).relative_difference is None
        assert rt.compare(rt.Ratio(1, 2), rt.Ratio(0, 0)).relative_difference is None
        assert beside(None, None, undefined_because="x").relative_difference is None

    def test_of_what_has_no_value_is_none(self):
        found = rt.compare(rt.Ratio(1, 2), rt.Ratio(0, 0), labels=LABELS)
        assert (found.difference, found.p_value, found.verdict) == (None, None, "unknown")
        assert found.undefined_because == "the hold-out has no value, since the denominator is 0"
        assert found.untested_because == found.undefined_because
        with pytest.raises(UndefinedMetricError, match="the hold-out has no value"):
            found.interval()
        first = rt.compare(rt.Mean(0, 0), rt.Mean(1, 2))
        assert first.undefined_because == "the first has no value, since there is nothing to take a mean of"
        assert beside(None, 3).undefined_because == "2026-03 has no value"
        assert beside(3, None).undefined_because == "2026-02 has no value"
        assert str(beside(3, None)) == "Orders can't be compared: 2026-02 has no value."

    def test_of_two_nothings(self):
        assert rt.compare(rt.Ratio(0, 0), rt.Ratio(0, 0)).difference is None


class TestInterval:
    def test_stays_as_far_as_figures_can_lie_apart(self):
        # Shares and net scores stay there by themselves; t with 2 degrees of freedom carries a mean beyond.
        a, b = (
            rt.Ratio(top, 4, sampling=ClusterSums.of(pairs))
            for top, pairs in ((3, [(2, 2), (2, 1)]), (1, [(2, 0), (2, 1)]))
        )
        assert 0.5 < rt.compare(a, b).interval(1 - 1e-12).high <= 1
        assert -1 <= rt.compare(b, a).interval(1 - 1e-12).low < -0.5
        assert tuple(rt.compare(effort(1, 2), effort(6, 7)).interval(0.999)) == (-6, 6)
        assert tuple(rt.compare(net(3, 0, 0), net(0, 0, 3)).interval(0.999))[1] == 200

    def test_of_money_has_no_limit(self):
        assert rt.compare(mean(0, 9), mean(8, 9)).interval().low < -50

    def test_at_other_levels(self):
        found = rt.compare(rt.Ratio(35, 100), rt.Ratio(38, 100))
        assert found.interval(0.5).low > found.interval(0.95).low > found.interval(0.99).low
        assert found.interval(0.5).confidence == 0.5
        for bad in (0, 1, 95):
            with pytest.raises(InvalidValueError, match=r"such as 0\.95 for 95 %"):
                found.interval(bad)
        with pytest.raises(InvalidTypeError):
            found.interval("0.95")

    @pytest.mark.parametrize(
        "a, b, text",
        [
            (rt.Ratio(35, 100), rt.Ratio(38, 100), "-16.1% to +10.2%"),
            (net(5, 3, 2), net(2, 3, 5), "-9.4 to +109.8"),
            (effort(*[3, 5] * 10), effort(*[4, 5] * 10), "-1.025 to +0.025"),
            (mean(10, 20, 60), mean(10, 20, 30), "-47.41 to +67.41"),
            (
                rt.Ratio(90, 3, bounded=False, sampling=mean(10, 20, 60).sampling),
                rt.Ratio(60, 3, bounded=False, sampling=mean(10, 20, 30).sampling),
                "-47.407 to +67.407",
            ),
        ],
    )
    def test_as_text(self, a, b, text):
        assert str(rt.compare(a, b).interval()) == text

    def test_there_is_none_where_a_figure_has_none(self):
        for a, why in [
            (rt.Ratio(1, 2, sampling=None), "no interval is known for such a figure"),
            (rt.Mean(1, 2), "no interval is known for such a figure"),
            (rt.Ratio(1, 2, bounded=False), "the interval requires counts of independent units"),
            (mean(5), "at least two customers"),
            (rt.Score(0.5, low=0, high=1, count=3), "no interval is known for such a figure"),
            (effort(5), "at least two customers"),
        ]:
            found = rt.compare(a, a)
            assert (found.difference, found.p_value, found.verdict) == (0, None, "unknown")
            assert why in found.untested_because
            with pytest.raises(UndefinedMetricError, match=why):
                found.interval()
            assert str(found).endswith(
                f"Whether that is more than chance is not known: {found.untested_because}."
            )
            assert found.explain() == str(found)

    @pytest.mark.parametrize("pair", [(3, 4), (Decimal(3), Decimal(4)), (Distribution.of([1]),) * 2])
    def test_counts_sums_and_medians_have_none(self, pair):
        found = beside(*pair)
        assert found.untested_because == "counts, sums of money and medians have no interval here"
        assert found.verdict == "unknown"

    def test_the_reason_names_the_metric(self):
        gini = rt.Score(0.5, low=0, high=1, count=3, basis=Basis(metric="gini_score"))
        assert rt.compare(gini, gini).untested_because == "no interval is known for gini_score"

    def test_customers_who_are_all_alike_prove_nothing(self):
        """Also where those of one side only are: chance may have carried them anywhere."""
        for a, b in [
            (effort(5, 5), effort(4, 4)),
            (effort(5, 5), effort(4, 3)),
            (effort(4, 3), effort(5, 5)),
            (mean(5, 5), mean(4, 4)),
            (mean(5, 6), mean(4, 4)),
        ]:
            assert "requires customers who are not all alike" in rt.compare(a, b).untested_because

    def test_running_against_over(self):
        running = rt.Ratio(1, 2, basis=Basis(period="2026-03", partial=True))
        over = rt.Ratio(1, 2, basis=Basis(period="2026-02"))
        why = "the time that 2026-03 covers was still running; to_date=True compares equal parts"
        assert rt.compare(running, over).untested_because == why
        assert rt.compare(over, running).untested_because == why
        assert rt.compare(running, over).difference == 0

    def test_two_that_were_running(self):
        """Groups of one period have had equal times; two periods have not."""
        march, april = (rt.Ratio(1, 2, basis=Basis(period=label, partial=True)) for label in ("03", "04"))
        assert rt.compare(march, march).untested_because is None
        assert rt.compare(march, april).untested_because == (
            "the time that 03 covers was still running; to_date=True compares equal parts"
        )

    def test_the_one_that_was_running_has_the_name_that_it_was_given(self):
        running, over = rt.Ratio(1, 2, basis=Basis(period="2026-03", partial=True)), rt.Ratio(1, 2)
        for labels, pair, name in [
            (LABELS, (running, over), "the test"),
            (LABELS, (over, running), "the hold-out"),
            (None, (running, over), "the first"),
            (None, (over, running), "the second"),
        ]:
            why = rt.compare(*pair, labels=labels).untested_because
            assert why.startswith(f"the time that {name} covers was still running;")

    def test_what_is_not_observable(self):
        unseen = rt.Ratio(0, 0, basis=Basis(observable=False, undefined_because="nobody looked"))
        assert str(rt.compare(rt.Ratio(1, 2), unseen)) == (
            "The figure can't be compared: the second has no value, since nobody looked."
        )


class TestRefused:
    @pytest.mark.parametrize(
        "a, b",
        [
            (0.5, rt.Ratio(1, 2)),
            (rt.Ratio(1, 2), 0.5),
            (3, 4),
            (Decimal(1), Decimal(2)),
            (Distribution.of([1]), Distribution.of([2])),
            (None, None),
            (CustomerFlow(start=1, new=0, kept=1, lost=0, reactivated=0, end=1), rt.Ratio(1, 2)),
        ],
    )
    def test_no_results_with_an_interval(self, a, b):
        with pytest.raises(
            InvalidTypeError, match=r"compare takes a Ratio, Mean or Score, not \w+ .*Snapshot\.change"
        ):
            rt.compare(a, b)

    @pytest.mark.parametrize("a, b", [(rt.Ratio(1, 2), mean(1, 2)), (effort(1, 2), rt.Ratio(1, 2))])
    def test_two_kinds(self, a, b):
        with pytest.raises(InvalidTypeError, match=r"two results of one kind \(got \w+ and \w+\)"):
            rt.compare(a, b)

    def test_two_metrics(self):
        retention, churn = (rt.Ratio(1, 2, basis=Basis(metric=metric)) for metric in ("kept", "lost"))
        with pytest.raises(InvalidValueError, match=r"one metric at a time \(got kept and lost\)"):
            rt.compare(retention, churn)
        with pytest.raises(InvalidValueError, match=r"\(got kept and None\)"):
            rt.compare(retention, rt.Ratio(1, 2))

    def test_two_definitions(self):
        plain, short = (
            rt.Ratio(1, 2, basis=Basis(metric="m", options=options))
            for options in ((), (("within", "5 days"),))
        )
        with pytest.raises(InvalidValueError, match=r"one definition \(got within=5 days and no keyword\)"):
            rt.compare(short, plain)

    def test_two_things_that_are_counted(self):
        kept, lost, plain = (
            rt.Ratio(1, 2, basis=Basis(metric="m", counted=counted))
            for counted in (("kept", "customers"), ("lost", "customers"), ())
        )
        with pytest.raises(
            InvalidValueError, match=r"count the same \(got kept of customers and lost of customers\)"
        ):
            rt.compare(kept, lost)
        with pytest.raises(InvalidValueError, match=r"\(got nothing said and lost of customers\)"):
            rt.compare(plain, lost)
        nothing = rt.Ratio(0, 0, basis=Basis(metric="m"))
        assert rt.compare(kept, nothing).difference is None

    @pytest.mark.parametrize("method", ["published", "mean", "agree", "net"])
    def test_efforts_of_opposite_directions(self, method):
        """Much effort on the one question is little on the other."""
        easy, hard = (
            rt.customer_effort_score(answers(direction), period=MARCH, method=method)
            for direction in ("higher", "lower")
        )
        with pytest.raises(
            InvalidValueError,
            match=r"higher is better\) and answers \(scores from 1 to 7, lower is better\)\)",
        ):
            rt.compare(easy, hard)
        assert rt.compare(easy, easy).difference == 0

    def test_satisfaction_on_two_scales(self):
        """Both are from 0 to 100, and the two best of seven are not the two best of five."""
        five, seven = (
            rt.customer_satisfaction_score(
                [make_response(kind="csat", score=4, scale=(1, most), responded_at="2026-03-05")],
                period=MARCH,
            )
            for most in (5, 7)
        )
        with pytest.raises(
            InvalidValueError, match=r"scores from 1 to 5, .* and answers \(scores from 1 to 7, "
        ):
            rt.compare(five, seven)

    def test_a_month_without_answers_is_on_no_scale(self):
        march, february = (
            rt.customer_effort_score(answers("higher"), period=period) for period in (MARCH, FEBRUARY)
        )
        for pair in ((march, february), (february, march)):
            assert "has no value, since there are no answers" in rt.compare(*pair).undefined_because

    def test_two_scales(self):
        for a, b, got in [
            (rt.Ratio(1, 2), rt.Ratio(1, 2, bounded=False), "0 to 1 and 0 and up"),
            (effort(5, 6), net(1, 1, 1), "1 to 7 and -100 to 100"),
            (mean(1, 2), mean(1, 2, unit="EUR"), "plain numbers and EUR"),
        ]:
            with pytest.raises(InvalidValueError, match=rf"figures on one scale \(got {got}\)"):
                rt.compare(a, b)

    def test_two_currencies(self):
        euros, dollars = (
            rt.Ratio(1, 2, basis=Basis(metric="refund_rate", currency=currency))
            for currency in ("EUR", "USD")
        )
        with pytest.raises(MixedCurrencyError, match=r"can't set EUR beside USD; make both with convert="):
            rt.compare(euros, dollars)
        with pytest.raises(MixedCurrencyError, match=r"can't set EUR beside USD"):
            rt.compare(mean(1, 2, unit="EUR"), mean(1, 2, unit="USD"))
        none = rt.Ratio(0, 0, basis=Basis(metric="refund_rate"))  # a month without sales
        assert rt.compare(euros, none).difference is None

    def test_a_month_without_sales_has_no_currency(self):
        orders = make_orders({"ann": ["2026-03-10"]})
        march, april = (
            rt.average_order_value(orders, period=period)
            for period in (MARCH, rt.Period.month(2030, 1, tz="UTC"))
        )
        for pair in ((march, april), (april, march), (mean(1, 2, unit="EUR"), rt.Mean(0, 0))):
            assert rt.compare(*pair).difference is None

    @pytest.mark.parametrize("labels", [("a",), ["a", "b"], "ab", ("a", 5), ("a", "b", "c"), 5])
    def test_labels_that_are_none(self, labels):
        with pytest.raises(InvalidTypeError, match=r'labels must be a pair of names, such as \("members"'):
            rt.compare(rt.Ratio(1, 2), rt.Ratio(1, 2), labels=labels)


class TestNames:
    def test_labels_are_the_periods(self):
        orders = make_orders({"ann": ["2026-02-10", "2026-03-10"], "ben": ["2026-02-11"]})
        march, february = (rt.purchase_frequency(orders, period=each) for each in (MARCH, FEBRUARY))
        found = rt.compare(march, february)
        assert (found.labels, found.is_change) == (("2026-03", "2026-02"), False)
        assert found.title == "Purchase frequency"
        named = rt.compare(march, february, labels=LABELS)
        assert (named.labels, named.is_change) == (LABELS, False)

    def test_two_figures_of_one_period_are_no_change(self):
        basis = Basis(metric="m", period="2026-03")
        found = rt.compare(rt.Ratio(1, 2, basis=basis), rt.Ratio(1, 4, basis=basis))
        assert (found.labels, found.is_change) == (("the first", "the second"), False)

    def test_without_any_the_first_and_the_second(self):
        found = rt.compare(rt.Ratio(1, 2, basis=Basis(period="2026-03")), rt.Ratio(1, 4))
        assert (found.labels, found.title) == (("the first", "the second"), "The figure")


class TestVerdict:
    REAL = rt.compare(rt.Ratio(56, 70), rt.Ratio(48, 80))

    def test_follows_the_interval(self):
        assert self.REAL.verdict == "real"
        assert rt.compare(rt.Ratio(35, 100), rt.Ratio(38, 100)).verdict == "noise"

    def test_among_many(self):
        for p_value, verdict in ((0.0501, "borderline"), (0.05, "real"), (None, "real")):
            assert attrs.evolve(self.REAL, adjusted_p_value=p_value, comparisons=9).verdict == verdict
        noise = rt.compare(rt.Ratio(35, 100), rt.Ratio(38, 100))
        assert attrs.evolve(noise, adjusted_p_value=0.01, comparisons=9).verdict == "noise"

    def test_alone_there_is_nothing_to_correct_for(self):
        """Newcombe's interval can exclude 0 where the χ² test stays just above 0.05; the interval decides."""
        pairs = (
            rt.compare(rt.Ratio(k, n), rt.Ratio(j, n))
            for n in range(4, 30)
            for k in range(n + 1)
            for j in range(k)
        )
        hair = next(pair for pair in pairs if 0 not in pair.interval() and pair.p_value > 0.05)
        assert hair.p_value < 0.06
        assert attrs.evolve(hair, adjusted_p_value=hair.p_value).verdict == "real"
        assert attrs.evolve(hair, adjusted_p_value=hair.p_value, comparisons=2).verdict == "borderline"


class TestSentence:
    def test_two_groups(self):
        found = rt.compare(rt.Ratio(35, 100), rt.Ratio(38, 100), labels=LABELS)
        assert str(found) == (
            "The figure is 3.0 points lower in the test (35.0%) than in the hold-out (38.0%). That may be chance: "
            "the 95 % interval of the difference is −16.1 to +10.2 points."
        )
        assert found.explain() == f"{found} Method: Newcombe, the two taken as independent."

    def test_more_than_chance(self):
        found = rt.compare(rt.Ratio(56, 70), rt.Ratio(48, 80), labels=LABELS)
        assert str(found) == (
            "The figure is 20.0 points higher in the test (80.0%) than in the hold-out (60.0%). That is more than "
            "chance explains: the 95 % interval of the difference is +5.2 to +33.4 points."
        )
        among = attrs.evolve(found, adjusted_p_value=0.02, comparisons=3)
        assert str(among).endswith("+5.2 to +33.4 points, and it holds among the 3 comparisons made at once.")

    def test_borderline(self):
        found = attrs.evolve(TestVerdict.REAL, adjusted_p_value=0.08, comparisons=9)
        assert str(found).endswith(
            "Alone that would be more than chance explains, since the 95 % interval of the difference is +5.2 to "
            "+33.4 points; but of the 9 comparisons made at once, one or another goes that far by chance (p 0.0083, "
            "after Holm's correction 0.08)."
        )
        sure = rt.compare(rt.Ratio(700, 1000), rt.Ratio(500, 1000))
        assert "(p below 0.001, after" in str(attrs.evolve(sure, adjusted_p_value=0.08, comparisons=9))

    def test_a_change(self):
        a, b = rt.Ratio(38, 100), rt.Ratio(35, 100)
        assert str(beside(a, b, title="Refund rate")).startswith(
            "Refund rate rose from 35.0% (2026-02) to 38.0% (2026-03), by 3.0 points. That may be chance: the 95 % "
            "interval of the change is "
        )
        assert str(beside(b, a, title="Refund rate")).startswith(
            "Refund rate fell from 38.0% (2026-02) to 35.0% (2026-03), by 3.0 points."
        )

    def test_two_that_are_compared_neither_rose_nor_fell(self):
        """Which of the two came first, `compare` isn't told: not even by the labels of their periods."""
        a, b = (
            rt.Ratio(part, 100, basis=Basis(metric="refund_rate", period=label))
            for part, label in ((38, "2026-02"), (35, "2026-03"))
        )
        assert str(rt.compare(a, b)).startswith(
            "Refund rate is 3.0 points higher in 2026-02 (38.0%) than in 2026-03 (35.0%). That may be chance: the "
            "95 % interval of the difference is "
        )
        for pair in ((a, b), (b, a), (a, a)):
            assert not {"rose", "fell", "stayed", "change"} & set(str(rt.compare(*pair)).split())

    def test_what_to_mind_is_said_where_something_was_found(self):
        why = "the orders of 2026-02 have had longer to be refunded"
        found = attrs.evolve(TestVerdict.REAL, caution=why)
        assert str(found) == f"{TestVerdict.REAL} Mind: {why}."
        borderline = attrs.evolve(found, adjusted_p_value=0.08, comparisons=9)
        assert str(borderline).endswith(f"after Holm's correction 0.08). Mind: {why}.")
        noise = beside(rt.Ratio(35, 100), rt.Ratio(38, 100), caution=why)
        assert (noise.verdict, noise.caution) == ("noise", why)
        assert "Mind" not in str(noise)
        assert "Mind" not in str(beside(3, 4, caution=why))

    def test_no_change(self):
        same = {"title": "Refund rate"}
        assert str(beside(rt.Ratio(35, 100), rt.Ratio(35, 100), **same)) == (
            "Refund rate stayed at 35.0% (2026-02 and 2026-03). The 95 % interval of the change is −13.0 to +13.0 points."
        )
        assert str(rt.compare(rt.Ratio(35, 100), rt.Ratio(35, 100), labels=LABELS)).startswith(
            "The figure is the same in the test and in the hold-out: 35.0%. The 95 % interval of the difference is"
        )

    def test_a_change_too_small_to_show_that_is_real_all_the_same(self):
        a, b = rt.Ratio(500_400_000, 10**9), rt.Ratio(500_000_000, 10**9)
        found = beside(a, b, title="Refund rate")
        assert found.verdict == "real"
        assert str(found) == (
            "Refund rate stayed at 50.0% (2026-02 and 2026-03). Even so small a change is more than chance explains: "
            "the 95 % interval of the change is 0.0 to 0.0 points."
        )
        among = attrs.evolve(found, adjusted_p_value=0.06, comparisons=9)
        assert "Alone even so small a change would be more than chance explains" in str(among)

    @pytest.mark.parametrize(
        "a, b, unit, text",
        [
            (1300, 1000, None, "Orders rose from 1,000 (2026-02) to 1,300 (2026-03), by 300 (30.0%)."),
            (3, 3, None, "Orders stayed at 3 (2026-02 and 2026-03)."),
            (3, 0, None, "Orders rose from 0 (2026-02) to 3 (2026-03), by 3."),
            (
                Decimal("1500.00"),
                Decimal("2000.00"),
                "EUR",
                "Orders fell from 2,000.00 EUR (2026-02) to 1,500.00 EUR (2026-03), by 500.00 EUR (25.0%).",
            ),
            (
                Decimal("-5.00"),
                Decimal("-2.00"),
                None,
                "Orders fell from -2.00 (2026-02) to -5.00 (2026-03), by 3.00.",
            ),
            (Decimal("0.001"), Decimal("0.002"), None, "Orders stayed at 0.00 (2026-02 and 2026-03)."),
            (
                Distribution.of([timedelta(days=30)]),
                Distribution.of([timedelta(days=21)]),
                None,
                "Orders rose from 21.0 days (2026-02) to 30.0 days (2026-03), by 9.0 days.",
            ),
        ],
    )
    def test_counts_money_and_times(self, a, b, unit, text):
        why = "counts, sums of money and medians have no interval here"
        assert str(beside(a, b, unit=unit)) == f"{text} Whether that is more than chance is not known: {why}."

    def test_means_scores_and_quotients(self):
        euros = rt.compare(mean(10, 20, 60, unit="EUR"), mean(10, 20, 30, unit="EUR"), labels=LABELS)
        assert "is 10.00 EUR higher in the test (30.00 EUR) than in the hold-out (20.00 EUR). " in str(euros)
        assert str(euros).endswith("is −47.41 to +67.41 EUR.")
        assert "is 10.00 higher" in str(rt.compare(mean(10, 20, 60), mean(10, 20, 30)))
        assert "is 60.0 points higher in the first (30.0) than in the second (-30.0)." in str(
            rt.compare(net(5, 3, 2), net(2, 3, 5))
        )
        assert "is 0.500 higher in the first (4.500) than in the second (4.000)" in str(
            rt.compare(effort(3, 6), effort(3, 5))
        )
        quotient = rt.Ratio(90, 3, bounded=False, sampling=mean(10, 20, 60).sampling)
        assert "is the same in the first and in the second: 30.000." in str(rt.compare(quotient, quotient))

    def test_a_rounding_error_is_no_change(self):
        a, b = (rt.Score(value, low=0, high=1, count=9) for value in (0.1 + 0.2, 0.3))
        assert "stayed at 0.300 " in str(beside(a, b))


class TestObject:
    FOUND = rt.compare(mean(10, 20, 60, unit="EUR"), mean(10, 20, 30, unit="EUR"))

    def test_copies(self):
        for twin in (
            pickle.loads(pickle.dumps(self.FOUND)),
            copy.deepcopy(self.FOUND),
            attrs.evolve(self.FOUND),
        ):
            assert twin == self.FOUND
            assert hash(twin) == hash(self.FOUND)
            assert twin.interval() == self.FOUND.interval()
            assert str(twin) == str(self.FOUND)

    def test_is_frozen(self):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            self.FOUND.a = None

    def test_a_reason_that_was_given_stays(self):
        found = beside(rt.Ratio(1, 2), rt.Ratio(1, 2), untested_because="they had longer")
        assert (found.untested_because, found.verdict, found.difference) == ("they had longer", "unknown", 0)
        with pytest.raises(UndefinedMetricError, match="they had longer"):
            found.interval()


def test_the_change_of_a_snapshot_knows_that_the_customers_are_the_same():
    orders = make_orders(
        {
            "ann": [("2026-02-10", 10), ("2026-03-10", 12)],
            "ben": [("2026-02-10", 80), ("2026-03-10", 85)],
            "cy": [("2026-02-10", 30), ("2026-03-10", 30)],
        }
    )
    paired = rt.snapshot(orders, period=MARCH).change("average_order_value")
    march, february = (rt.average_order_value(orders, period=each) for each in (MARCH, FEBRUARY))
    apart = rt.compare(march, february)
    assert paired.difference == apart.difference
    assert apart.interval().low < paired.interval().low < paired.interval().high < apart.interval().high


def test_a_running_month_against_the_whole_of_the_one_before():
    orders = make_orders({"ann": ["2026-02-10", "2026-03-10"], "ben": ["2026-02-20", "2026-03-02"]})
    as_of = datetime(2026, 3, 15, tzinfo=UTC)
    whole = rt.snapshot(orders, period=MARCH, as_of=as_of)
    assert "still running" in whole.change("purchase_frequency").untested_because
    part = rt.snapshot(orders, period=MARCH, as_of=as_of, to_date=True)
    assert "still running" not in str(part.change("purchase_frequency"))
    assert part.change("order_count").difference == 1


class TestWhatIsYetToCome:
    """Of customers who may still come back, the older period has had more: that is no change to be tested."""

    ORDERS = make_orders(
        {
            f"{month}-{number}": [f"2026-0{month}-10", f"2026-0{month + 1}-{number:02}"]
            for month in (1, 2)
            for number in range(1, 13)
        }
    )
    AS_OF = datetime(2026, 4, 20, tzinfo=UTC)

    def rate(self, month, **given):
        period = rt.Period.month(2026, month, tz="UTC")
        return rt.second_purchase_rate(self.ORDERS, period=period, as_of=self.AS_OF, **given)

    def test_is_not_tested(self):
        found = rt.compare(self.rate(2), self.rate(1))
        assert found.difference is not None
        assert found.untested_because == (
            "the older of the two periods has been watched for longer, and what is yet to come may change both"
        )

    def test_with_equal_time_it_is(self):
        within = timedelta(days=20)
        assert (
            rt.compare(*(self.rate(month, within=within, given="all") for month in (2, 1))).untested_because
            is None
        )

    def test_stays_so_when_pooled(self):
        assert rt.Ratio.pool([self.rate(1), self.rate(2)]).basis.open_ended
