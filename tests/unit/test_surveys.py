"""Survey figures by hand: what counts as good on which scale, which answers count, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import permutations, product
from typing import ClassVar

import attrs
import pytest

import retention as rt
from retention._numerics import CrossSums
from retention._survey_facts import survey_facts
from retention.results import ClusterSums
from retention.testing import make_orders

MARCH = rt.Period.month(2026, 3, tz="UTC")
APRIL = MARCH.next()
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def answers(*scores, kind="nps", at=NOON, **more) -> list[rt.SurveyResponse]:
    """Answers of unknown customers at one instant."""
    return [rt.SurveyResponse(kind=kind, score=score, responded_at=at, **more) for score in scores]


def csat(*scores, scale=(1, 5), **more) -> list[rt.SurveyResponse]:
    return answers(*scores, kind="csat", scale=scale, **more)


def ces(*scores, scale=(1, 7), direction="higher", **more) -> list[rt.SurveyResponse]:
    return answers(*scores, kind="ces", scale=scale, direction=direction, **more)


def why(*words, at=NOON, **more) -> list[rt.SurveyResponse]:
    return [rt.SurveyResponse(kind="why", answer=word, responded_at=at, **more) for word in words]


def nps_of(responses, **keywords) -> rt.Score:
    return rt.net_promoter_score(responses, period=MARCH, **keywords)


def csat_of(responses, **keywords) -> rt.Score:
    return rt.customer_satisfaction_score(responses, period=MARCH, **keywords)


def ces_of(responses, **keywords) -> rt.Score:
    return rt.customer_effort_score(responses, period=MARCH, **keywords)


def share_of(responses, **keywords) -> rt.AnswerShare:
    return rt.answer_share(responses, period=MARCH, **{"kind": "why", **keywords})


class TestNetPromoterScore:
    def test_ten_answers(self):
        nps = nps_of(answers(10, 10, 9, 9, 9, 8, 7, 7, 6, 0))
        assert nps.value == 30
        assert nps.count == 10
        assert dict(nps.parts) == {"promoters": 5, "passives": 3, "detractors": 2}
        assert (nps.low, nps.high) == (-100, 100)

    @pytest.mark.parametrize("score", range(11))
    def test_each_score_alone(self, score):
        expected = 100 if score >= 9 else (0 if score >= 7 else -100)
        assert nps_of(answers(score)).value == expected

    def test_the_interval_is_that_of_rocks(self):
        """p̃ = (p + ¾)/(n + 3), d̃ = (d + ¾)/(n + 3), m̃ ± z·√((p̃ + d̃ − m̃²)/(n + 3)), worked out for 5, 3 and 2."""
        interval = nps_of(answers(10, 10, 9, 9, 9, 8, 7, 7, 6, 0)).interval()
        up, down = 5.75 / 13, 2.75 / 13
        reach = 1.959963984540054 * ((up + down - (up - down) ** 2) / 13) ** 0.5
        assert interval.low == pytest.approx(100 * (up - down - reach))
        assert interval.high == pytest.approx(100 * (up - down + reach))
        assert "Rocks" in interval.method

    def test_unanimous_answers_are_not_certain(self):
        interval = nps_of(answers(*[10] * 12)).interval()
        assert interval.high == 100
        assert interval.low < 90

    def test_a_kind_of_your_own(self):
        mine = answers(10, 0, 0, kind="relationship", scale=(0, 10))
        assert nps_of(mine, kind="relationship").value == pytest.approx(-100 / 3)
        assert (
            nps_of(mine, kind="relationship")
            .explain()
            .startswith("net_promoter_score (2026-03, kind=relationship)")
        )

    @pytest.mark.parametrize(
        "other",
        [{"scale": (1, 10)}, {"scale": (0, 10), "direction": "lower"}, {"scale": (Decimal(0), Decimal(10))}],
    )
    def test_other_scales_have_none(self, other):
        with pytest.raises(
            rt.SurveyScaleError, match="is defined for whole scores from 0 to 10, higher is better"
        ):
            nps_of(answers(3, kind="mine", **other), kind="mine")

    def test_words_have_none(self):
        with pytest.raises(
            rt.SurveyScaleError, match="these are answers in words; count them with answer_share"
        ):
            nps_of(why("price"), kind="why")


class TestCustomerSatisfactionScore:
    @pytest.mark.parametrize(
        "scale, positive",
        [
            ((1, 5), {4, 5}),
            ((1, 7), {6, 7}),
            ((0, 10), {9, 10}),
            ((1, 4), {4}),
            ((1, 3), {3}),
            ((0, 1), {1}),
            ((-2, 2), {1, 2}),
        ],
    )
    def test_the_top_boxes(self, scale, positive):
        """Definitions: "top two boxes of the scale, top one on scales of up to four points"."""
        low, high = scale
        for score in range(low, high + 1):
            assert csat_of(csat(score, scale=scale)).value == (100 if score in positive else 0)

    @pytest.mark.parametrize("scale, positive", [((1, 6), {1, 2}), ((1, 4), {1})])
    def test_the_best_are_the_lowest_where_lower_is_better(self, scale, positive):
        for score in range(scale[0], scale[1] + 1):
            expected = 100 if score in positive else 0
            assert csat_of(csat(score, scale=scale, direction="lower")).value == expected

    @pytest.mark.parametrize("limit", [3, 3.0, "3", Decimal(3)])
    def test_positive_from(self, limit):
        assert csat_of(csat(1, 2, 3, 4, 5), positive_from=limit).value == 60
        assert csat_of(csat(1, 2, 3, 4, 5, direction="lower"), positive_from=limit).value == 60
        assert csat_of(csat(1, 2), positive_from=limit).basis.options == (("positive_from", "3"),)

    def test_eight_of_ten(self):
        score = csat_of(csat(5, 5, 5, 5, 4, 4, 4, 4, 3, 1))
        assert (score.value, dict(score.parts)) == (80, {"positive": 8, "others": 2})
        wilson = rt.Ratio(8, 10).interval()
        assert tuple(score.interval()) == pytest.approx((100 * wilson.low, 100 * wilson.high))
        assert score.interval().method == "Wilson"

    @pytest.mark.parametrize("limit", [0, 6, 4.5, Decimal("4.5")])
    def test_positive_from_off_the_scale(self, limit):
        with pytest.raises(rt.InvalidValueError, match="positive_from must be one of the scores from 1 to 5"):
            csat_of(csat(5), positive_from=limit)

    @pytest.mark.parametrize("limit", [True, "top", [4], float("nan"), Decimal("NaN")])
    def test_positive_from_that_is_no_score(self, limit):
        for responses in (csat(5), []):
            with pytest.raises(rt.InvalidTypeError, match="positive_from must be a score such as 4"):
                csat_of(responses, positive_from=limit)

    def test_scores_with_fractions_have_no_boxes(self):
        stars = csat("4.5", "3.9", scale=(Decimal(1), Decimal(5)))
        with pytest.raises(rt.SurveyScaleError, match="positive_from= is due where scores have fractions"):
            csat_of(stars)
        assert csat_of(stars, positive_from=4).value == csat_of(stars, positive_from="4.5").value == 50

    def test_it_must_be_known_which_end_is_good(self):
        with pytest.raises(rt.SurveyScaleError, match='make them with direction="higher" or "lower"'):
            csat_of(answers(4, kind="stars", scale=(1, 5)), kind="stars")


class TestCustomerEffortScore:
    def test_the_published_form(self):
        score = ces_of(ces(5, 4, 4, 3, scale=(1, 5)))
        assert (score.value, score.low, score.high) == (80, 20, 100)
        from_zero = ces_of(ces(10, 5, scale=(0, 10)))
        assert from_zero.value == pytest.approx(750 / 11)
        assert (from_zero.low, from_zero.high) == (0, pytest.approx(1000 / 11))

    def test_the_published_form_takes_scores_as_they_are(self):
        easy, hard = ces(1, 2, 6), ces(1, 2, 6, direction="lower")
        assert ces_of(easy) == ces_of(hard)
        assert "from 3 answers (scores from 1 to 7, lower is better)" in ces_of(hard).explain()
        assert "from 3 answers (scores from 1 to 7, higher is better)" in ces_of(easy).explain()
        assert "is better" not in ces_of(answers(4, kind="x", scale=(1, 7)), kind="x").explain()

    @pytest.mark.parametrize("scale", [(-2, 2), (2, 6), (Decimal(0), Decimal(1))])
    def test_scales_without_a_published_form(self, scale):
        responses = ces(2 if scale[0] == 2 else 0, scale=scale)
        with pytest.raises(rt.SurveyScaleError, match='give method="mean", "agree" or "net"'):
            ces_of(responses)
        assert ces_of(responses, method="mean").value == responses[0].score

    def test_the_mean(self):
        score = ces_of(ces(1, 2, 6), method="mean")
        assert (score.value, score.low, score.high) == (3, 1, 7)
        # t = 4.3027 with two degrees of freedom, and the standard error √(7/3): cut to the scale on both sides.
        assert tuple(score.interval()) == (1, 7)
        signed = ces_of(ces(-2, -1, -1, -1, -2, scale=(-3, 3)), method="mean")
        assert signed.value == pytest.approx(-1.4)
        assert tuple(signed.interval()) == pytest.approx(
            (-1.4 - 2.776445 * 0.244949, -1.4 + 2.776445 * 0.244949)
        )

    def test_the_mean_of_fractions(self):
        stars = ces("1.25", "3.5", "4", scale=(Decimal(1), Decimal(5)))
        assert ces_of(stars, method="mean").value == pytest.approx(8.75 / 3)

    @pytest.mark.parametrize(
        "scale, direction, easy, neither",
        [
            ((1, 7), "higher", {5, 6, 7}, {4}),
            ((1, 7), "lower", {1, 2, 3}, {4}),
            ((1, 5), "higher", {4, 5}, {3}),
            ((0, 10), "lower", {0, 1, 2, 3, 4}, {5}),
            ((1, 4), "higher", {3, 4}, set()),
            ((-1, 1), "higher", {1}, {0}),
        ],
    )
    def test_the_good_side_of_the_middle(self, scale, direction, easy, neither):
        for number in range(scale[0], scale[1] + 1):
            one = ces(number, scale=scale, direction=direction)
            assert ces_of(one, method="agree").value == (100 if number in easy else 0)
            expected = 100 if number in easy else (0 if number in neither else -100)
            assert ces_of(one, method="net").value == expected

    def test_the_parts(self):
        responses = ces(1, 2, 4, 6, 7, direction="lower")
        assert dict(ces_of(responses, method="net").parts) == {"easy": 2, "neither": 1, "hard": 2}
        assert dict(ces_of(responses, method="agree").parts) == {"easy": 2, "others": 3}
        assert not ces_of(responses).parts

    def test_agree_from(self):
        responses = ces(1, 4, 5, 6, 7)
        assert ces_of(responses, method="agree", agree_from=6).value == 40
        assert ces_of(ces(1, 4, 5, direction="lower"), method="agree", agree_from=1).value == pytest.approx(
            100 / 3
        )
        options = (("method", "agree"), ("agree_from", "6"))
        assert ces_of(responses, method="agree", agree_from=6).basis.options == options
        with pytest.raises(rt.InvalidValueError, match="agree_from must be one of the scores from 1 to 7"):
            ces_of(responses, method="agree", agree_from=8)
        with pytest.raises(rt.ConflictingArgumentError, match='agree_from= goes with method="agree"'):
            ces_of(responses, agree_from=6)

    @pytest.mark.parametrize("method", ["top", "", None, 5])
    def test_methods(self, method):
        with pytest.raises(
            (rt.InvalidValueError, rt.InvalidTypeError), match='method must be "published", "mean"'
        ):
            ces_of([], method=method)

    def test_ranges_where_there_is_nothing(self):
        assert [ces_of([], method=method).low for method in ("published", "mean", "agree", "net")] == [
            0,
            0,
            0,
            -100,
        ]


class TestAnswerShare:
    def test_by_hand(self):
        shares = share_of(why("price", "range", "price", "speed", "range", "price"))
        assert list(shares.items()) == [
            ("price", rt.Ratio(3, 6)),
            ("range", rt.Ratio(2, 6)),
            ("speed", rt.Ratio(1, 6)),
        ]
        assert (shares.count, len(shares)) == (6, 3)
        assert shares["price"].interval() == rt.Ratio(3, 6).interval()
        with pytest.raises(KeyError):
            shares["colour"]

    def test_equal_counts_stand_in_their_own_order(self):
        assert list(share_of(why("b", "c", "a", "c"))) == ["c", "a", "b"]
        assert list(share_of(csat(5, 1, 3), kind="csat")) == [1, 3, 5]

    def test_answers_of_one_customer_belong_together(self):
        once = [*why("price", customer_id="ann"), *why("range", customer_id="ben"), *why("speed")]
        often = [*once, *why("price", "price", "price", customer_id="ann")]
        assert share_of(once)["price"].sampling == "independent"
        assert share_of(often)["price"].sampling == ClusterSums.of([(4, 4), (1, 0), (1, 0)])
        assert share_of(often)["price"].interval().method == "Wilson, clustered by customer"

    def test_decimals_that_are_equal_are_one_answer(self):
        scale = (Decimal(0), Decimal(100))
        found = share_of(csat("4.30", "4.3", "50", "5E+1", scale=scale), kind="csat")
        assert repr(list(found)) == "[Decimal('4.3'), Decimal('50')]"

    def test_as_text(self):
        assert str(share_of(why("price", "range", "price"))).splitlines() == [
            "answer  count  share   95 % interval",
            "------  -----  -----  --------------",
            "price       2  66.7%  20.8% to 93.9%",
            "range       1  33.3%   6.1% to 79.2%",
        ]
        assert str(share_of([])) == "n/a"

    def test_in_words(self):
        text = share_of(why("price"), as_of=NOON + 40 * DAY).explain()
        assert (
            text
            == "answer_share (2026-03, kind=why): of 1 answers: price 100.0% (1; 95 % interval 20.7% to 100.0%)."
        )
        assert "no value, since there are no answers of kind 'why'." in share_of([]).explain()
        assert rt.AnswerShare({"a": 1}).explain().startswith("of 1 answers: a 100.0%")

    def test_as_rows(self):
        [row, _] = share_of(why("price", "range", "price")).to_dicts()
        interval = rt.Ratio(2, 3).interval()
        assert row == {
            "answer": "price",
            "count": 2,
            "of": 3,
            "share": pytest.approx(2 / 3),
            "low": interval.low,
            "high": interval.high,
        }

    def test_words_and_scores_are_not_put_together(self):
        with pytest.raises(rt.MixedScaleError, match="some are answers in words, others scores from 1 to 5"):
            share_of([*why("price"), *answers(3, kind="why", scale=(1, 5))])

    @pytest.mark.parametrize(
        "counts, message",
        [
            ([("a", 1)], "must be a mapping of answers to counts, not list"),
            ({True: 1}, "must have scores or texts as answers, not bool"),
            ({None: 1}, "must have scores or texts as answers, not NoneType"),
            ({"a": -1}, "must not be negative"),
            ({"a": 1.0}, "must be an int, not float"),
            ({"a": 1, 2: 1}, "must be of one question"),
        ],
    )
    def test_made_by_hand_it_must_be_right(self, counts, message):
        with pytest.raises((rt.InvalidTypeError, rt.InvalidValueError), match=message):
            rt.AnswerShare(counts)

    def test_sums_made_by_hand_must_be_its_own(self):
        right = {"a": ClusterSums.of([(3, 2), (1, 0)]), "b": ClusterSums.of([(3, 1), (1, 1)])}
        shares = rt.AnswerShare({"a": 2, "b": 2}, sampling=right)
        assert shares["a"].interval().method == "Wilson, clustered by customer"
        for wrong in ({"a": right["a"]}, 5, {**right, "b": ClusterSums.of([(3, 1), (1, 0)])}):
            with pytest.raises(rt.InvalidValueError, match="sampling must"):
                rt.AnswerShare({"a": 2, "b": 2}, sampling=wrong)

    def test_answers_that_nobody_gave_are_left_out(self):
        assert list(rt.AnswerShare({"a": 0, "b": 2})) == ["b"]
        assert rt.AnswerShare({}).undefined_because == "there are no answers"


class TestWhichAnswersCount:
    def test_the_latest_of_each_customer(self):
        """Definitions: "per customer and kind, the later instant, then the later in input"."""
        ann = [*answers(0, customer_id="ann"), *answers(10, customer_id="ann", at=NOON + DAY)]
        ben = answers(0, customer_id="ben")
        unknown = answers(10, 10)
        for responses in permutations([*ann, *ben, *unknown]):
            latest = nps_of(responses, answers="latest")
            assert dict(latest.parts) == {"promoters": 3, "passives": 0, "detractors": 1}
            assert dict(latest.left_out) == {"superseded by a later answer": 1}
            assert nps_of(responses).count == 5
        assert latest.basis.options == (("answers", "latest"),)

    def test_of_two_at_one_instant_the_later_in_the_input(self):
        twice = answers(0, 10, customer_id="ann")
        assert nps_of(twice, answers="latest").value == 100
        assert nps_of(twice[::-1], answers="latest").value == -100

    def test_each_kind_and_each_period_has_its_own_latest(self):
        responses = [
            *answers(10, customer_id="ann"),
            *csat(1, customer_id="ann", at=NOON + DAY),
            *answers(0, customer_id="ann", at=APRIL.start),
        ]
        assert nps_of(responses, answers="latest").value == 100
        assert rt.net_promoter_score(responses, period=APRIL, answers="latest").value == -100

    def test_aliases_are_one_person(self):
        responses = [*answers(0, customer_id="ann"), *answers(10, customer_id="a@b", at=NOON + DAY)]
        assert nps_of(responses, answers="latest").count == 2
        joined = nps_of(responses, answers="latest", aliases={"a@b": "ann"})
        assert (joined.count, joined.value) == (1, 100)

    @pytest.mark.parametrize("answers_", ["first", "", None, 3])
    def test_other_words(self, answers_):
        with pytest.raises(
            (rt.InvalidValueError, rt.InvalidTypeError), match='answers must be "all" or "latest"'
        ):
            nps_of([], answers=answers_)

    def test_what_is_dated_after_as_of_does_not_exist(self):
        responses = [*answers(10), *answers(0, at=NOON + DAY)]
        known = nps_of(responses, as_of=NOON)
        assert (known.value, known.partial, dict(known.left_out)) == (100, True, {"after as_of": 1})
        assert "Left out of the period's responses: 1 after as_of." in known.explain()
        assert nps_of(responses, as_of=NOON - DAY).undefined_because == "there are no answers of kind 'nps'"
        before = nps_of(responses, as_of=MARCH.start - DAY)
        assert (before.observable, before.value) == (False, None)
        assert before.undefined_because == "the period begins after as_of, 2026-02-28T00:00:00+00:00"
        assert not nps_of(responses, as_of=MARCH.end).partial

    def test_both_reasons(self):
        responses = answers(10, 9, 8, customer_id="ann") + answers(0, at=NOON + DAY, customer_id="ann")
        latest = nps_of(responses, as_of=NOON, answers="latest")
        assert (latest.value, dict(latest.left_out)) == (
            0,
            {"after as_of": 1, "superseded by a later answer": 2},
        )

    def test_a_period_before_the_data_begin(self):
        unseen = nps_of(answers(10), observed_from=NOON)
        assert (unseen.observable, unseen.count) == (False, 0)
        assert "begins before observed_from" in unseen.undefined_because

    def test_what_is_assumed(self):
        assert nps_of([]).assumed == (
            "as_of was not given, so that every response counts and no period is partial",
        )
        assert nps_of([], as_of=NOON).assumed == ()

    def test_a_shop_says_how_it_is_read(self):
        shop = rt.Shop(responses=[*answers(10), *answers(0, at=NOON + DAY)], as_of=NOON)
        assert nps_of(shop).value == 100
        assert nps_of(shop, as_of=NOON).value == 100
        with pytest.raises(rt.ConflictingArgumentError, match="contradicts the Shop"):
            nps_of(shop, as_of=NOON + DAY)

    def test_repeated_respondents_are_clusters(self):
        responses = [*answers(10, 10, 10, customer_id="ann"), *answers(0, customer_id="ben"), *answers(7)]
        assert nps_of(responses).sampling.sums == ClusterSums.of([(3, 3), (1, -1), (1, 0)], signed=True)
        assert nps_of(responses).interval().method.endswith("clustered by customer")


class TestRefusals:
    def test_an_id_stands_once(self):
        twice = answers(10, 9, id=7)
        with pytest.raises(
            rt.DuplicateResponseError, match=r"SurveyResponse\.id 7 stands twice in the responses"
        ):
            nps_of(twice)
        assert nps_of([twice[0], attrs.evolve(twice[1], id="7")]).count == 2

    @pytest.mark.parametrize("strange", ["nps", None, 5, {"kind": "nps"}, b"x"])
    def test_what_cannot_be_responses(self, strange):
        with pytest.raises(
            rt.InvalidTypeError, match="responses must be an iterable of SurveyResponses, not"
        ):
            nps_of(strange)

    def test_an_intake_is_not_its_records(self):
        intake = rt.surveys_from_records([], on_error="collect")
        with pytest.raises(rt.InvalidTypeError, match=r"not Intake; pass its \.records"):
            nps_of(intake)

    def test_records_of_another_kind(self):
        with pytest.raises(rt.InvalidTypeError, match=r"responses\[1\] must be a SurveyResponse, not Order"):
            nps_of([*answers(9), *make_orders({"ann": ["2026-03-01"]})])

    @pytest.mark.parametrize("kind", [None, 5, ("nps",)])
    def test_a_kind_is_a_word(self, kind):
        with pytest.raises(rt.InvalidTypeError, match='kind must be a word such as "csat"'):
            nps_of([], kind=kind)

    def test_a_kind_that_was_not_asked(self):
        assert nps_of(csat(5)).undefined_because == "there are no answers of kind 'nps', only of 'csat'"
        many = [one for number in range(7) for one in answers(3, kind=f"k{number}", scale=(0, 10))]
        assert nps_of(many).undefined_because.endswith("only of 'k0', 'k1', 'k2', 'k3', 'k4', …")

    @pytest.mark.parametrize(
        "other",
        [
            {"scale": (1, 7), "direction": "higher"},
            {"scale": (1, 5), "direction": "lower"},
            {"scale": (Decimal(1), Decimal(5)), "direction": "higher"},
        ],
    )
    def test_two_questions_are_not_put_together(self, other):
        responses = [*csat(5), *answers(4, kind="csat", **other)]
        with pytest.raises(rt.MixedScaleError) as caught:
            csat_of(responses)
        assert "scores from 1 to 5, higher is better" in str(caught.value)
        assert "give each question a kind of its own" in str(caught.value)
        with pytest.raises(rt.MixedScaleError) as turned:
            csat_of(responses[::-1])
        assert str(turned.value) == str(caught.value)

    def test_only_what_counts_must_agree(self):
        later = answers(4, kind="csat", scale=(1, 7), at=NOON + DAY)
        assert csat_of([*csat(5), *later], as_of=NOON).value == 100
        assert (
            csat_of(
                [
                    *csat(5, customer_id=1),
                    *answers(7, kind="csat", scale=(1, 7), at=NOON + DAY, customer_id=1),
                ],
                answers="latest",
            ).value
            == 100
        )


class TestFacts:
    def test_all_periods_in_one_pass(self):
        responses = [*answers(10), *answers(0, at=APRIL.start), *csat(5, at=APRIL.start)]
        april, march = survey_facts((one for one in responses), [APRIL, MARCH])
        assert (march.period, april.period) == (MARCH, APRIL)
        assert (list(march.kinds), list(april.kinds)) == (["nps"], ["csat", "nps"])
        assert (march.of("nps").count, march.of("csat").count) == (1, 0)
        assert not march.cross

    def test_sums_over_shared_customers(self):
        responses = [
            *answers(10, 9, customer_id="ann"),
            *answers(0, customer_id="ben"),
            *answers(10),
            *answers(6, customer_id="ann", at=APRIL.start),
            *answers(10, customer_id="cy", at=APRIL.start),
            *csat(5, customer_id="ann"),
            *csat(1, customer_id="ann", at=APRIL.start),
            *ces(6, 2, customer_id="ann"),
            *ces(5, customer_id="ann", at=APRIL.start),
        ]
        april, march = survey_facts(responses, [APRIL, MARCH], against={APRIL: MARCH})
        assert not march.cross
        assert dict(april.cross) == {
            # ann: one answer worth −1 in April, two worth 2 in March; ann, ben, cy and somebody are four respondents.
            "net_promoter_score": CrossSums(n=4, xx=2, xy=2, yx=-2, yy=-2),
            "customer_satisfaction_score": CrossSums(n=1, xx=1, xy=1, yx=0, yy=0),
            "customer_effort_score": CrossSums(n=1, xx=2, xy=8, yx=10, yy=40),
        }

    @pytest.mark.parametrize(
        "there",
        [[], csat(5, scale=(1, 7)), csat(5, 4) + csat(5, scale=(1, 7))],
        ids=["nothing", "another scale", "two scales"],
    )
    def test_no_sums_where_there_is_nothing_to_compare(self, there):
        here = [attrs.evolve(one, responded_at=APRIL.start) for one in csat(5)]
        april, _ = survey_facts([*here, *there], [APRIL, MARCH], against={APRIL: MARCH})
        assert "customer_satisfaction_score" not in april.cross

    def test_no_sums_of_a_figure_that_cannot_be_had(self):
        fractions = [
            *ces("1.5", scale=(Decimal(1), Decimal(5))),
            *ces("1.5", scale=(Decimal(1), Decimal(5)), at=APRIL.start),
        ]
        april, _ = survey_facts(fractions, [APRIL, MARCH], against={APRIL: MARCH})
        assert not april.cross


class TestBy:
    RESPONSES: ClassVar = [
        *answers(10, 9, 0, touchpoint="delivery"),
        *answers(10, touchpoint="checkout", channel="app"),
        *answers(0),
        *csat(5, touchpoint="support"),
        *answers(0, touchpoint="returns", at=APRIL.start),
    ]

    def test_by_touchpoint(self):
        found = rt.survey_by(rt.net_promoter_score, iter(self.RESPONSES), key="touchpoint", period=MARCH)
        assert [(name, score.count) for name, score in found.items()] == [
            ("delivery", 3),
            ("checkout", 1),
            (None, 1),
        ]
        assert found["delivery"].value == pytest.approx(100 / 3)
        assert found["delivery"].interval() == nps_of(self.RESPONSES[:3]).interval()

    def test_by_channel(self):
        assert list(rt.survey_by(rt.net_promoter_score, self.RESPONSES, key="channel", period=MARCH)) == [
            None,
            "app",
        ]

    def test_by_any_key(self):
        found = rt.survey_by(
            rt.customer_satisfaction_score,
            csat(1, 2, 4, 5),
            key=lambda response: response.score % 2,
            period=MARCH,
            positive_from=2,
        )
        assert {name: score.value for name, score in found.items()} == {0: 100, 1: 50}

    def test_a_shop_says_how_it_is_read(self):
        shop = rt.Shop(responses=self.RESPONSES, as_of=NOON)
        found = rt.survey_by(rt.net_promoter_score, shop, key="touchpoint", period=MARCH)
        assert {score.partial for score in found.values()} == {True}
        assert {score.assumed for score in found.values()} == {()}
        with pytest.raises(rt.ConflictingArgumentError, match="contradicts the Shop"):
            rt.survey_by(rt.net_promoter_score, shop, key="touchpoint", period=MARCH, as_of=NOON + DAY)

    def test_nothing_there(self):
        assert rt.survey_by(rt.net_promoter_score, [], key="touchpoint", period=MARCH) == {}
        late = rt.survey_by(rt.net_promoter_score, answers(9), key="channel", period=MARCH, as_of=NOON - DAY)
        assert late == {}

    def test_groups_that_cannot_be_seen_are_not_0(self):
        found = rt.survey_by(
            rt.net_promoter_score, answers(9), key="channel", period=MARCH, observed_from=NOON
        )
        assert [score.observable for score in found.values()] == [False]

    @pytest.mark.parametrize(
        "key, message",
        [
            ("touchpiont", "did you mean 'touchpoint'"),
            ("score", "for anything else give a function"),
            (None, "not NoneType"),
            (
                lambda response: [response.channel],
                "key must give something with a hash, such as a text, not list",
            ),
        ],
    )
    def test_keys(self, key, message):
        with pytest.raises((rt.InvalidValueError, rt.InvalidTypeError), match=message):
            rt.survey_by(rt.net_promoter_score, answers(9), key=key, period=MARCH)

    @pytest.mark.parametrize(
        "metric, message",
        [
            ("net_promoter_score", r"the function itself, not str \(got 'net_promoter_score'\)"),
            (None, "the function itself, not NoneType"),
            (rt.repeat_purchase_rate, "not repeat_purchase_rate, which counts orders"),
            (rt.snapshot, "not snapshot, which counts orders"),
        ],
    )
    def test_metrics_of_other_things(self, metric, message):
        for responses in (answers(9), []):
            with pytest.raises(rt.InvalidTypeError, match=rf"takes a survey metric such as .*{message}"):
                rt.survey_by(metric, responses, key="touchpoint", period=MARCH)

    def test_a_metric_of_your_own(self):
        whole = partial(rt.net_promoter_score, answers="latest")
        found = rt.survey_by(whole, answers(9, 9, customer_id="ann"), key="channel", period=MARCH)
        assert [score.count for score in found.values()] == [1]
        found = rt.survey_by(
            lambda responses, **how: nps_of(responses, as_of=how["as_of"]),
            answers(9),
            key="channel",
            period=MARCH,
        )
        assert [score.count for score in found.values()] == [1]

    def test_what_the_metric_does_not_know(self):
        with pytest.raises(TypeError, match="perod"):
            rt.survey_by(rt.net_promoter_score, answers(9), key="channel", period=MARCH, perod=MARCH)
        with pytest.raises(rt.InvalidTypeError, match="period must be a Period"):
            rt.survey_by(rt.net_promoter_score, [], key="channel", period="2026-03")


@pytest.mark.parametrize("low, high", list(product((0, 1), (4, 10))))
def test_published_effort_and_mean_tell_the_same(low, high):
    responses = ces(low, high, high, scale=(low, high))
    mean = Fraction(low + 2 * high, 3)
    assert ces_of(responses, method="mean").value == float(mean)
    assert ces_of(responses).value == float(100 * mean / (high - low + 1))
