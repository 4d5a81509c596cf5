"""The change of survey scores between two months of which some respondents are in both, and answer several times.

Against the definition, respondent by respondent: scores of shares and net scores by square and add of their own
intervals, with the correlation of those in both; means by Student's t, less the covariance.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from random import Random

import attrs
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

import retention as rt
from tests.reference.test_change import Expected, Side, assert_unknown, summed

FEBRUARY, MARCH = (rt.Period.month(2026, month, tz="UTC") for month in (2, 3))


@attrs.frozen(kw_only=True)
class Asked:
    """A question, and what an answer to it counts in the metric."""

    metric: str
    kind: str
    scale: tuple[int, int]
    counts: Callable[[int], int]
    points: Fraction = Fraction(100)


RECOMMEND = Asked(
    metric="net_promoter_score",
    kind="nps",
    scale=(0, 10),
    counts=lambda score: 1 if score >= 9 else -1 if score <= 6 else 0,
)
SATISFIED = Asked(
    metric="customer_satisfaction_score", kind="csat", scale=(1, 5), counts=lambda score: int(score >= 4)
)
EFFORT = Asked(
    metric="customer_effort_score",
    kind="ces",
    scale=(1, 7),
    counts=lambda score: score,
    points=Fraction(100, 7),
)


@attrs.frozen(kw_only=True)
class Month:
    """The answers of one month; who is not known is nobody else."""

    asked: Asked
    answers: list[rt.SurveyResponse]

    @property
    def side(self) -> Side | None:
        return Side.of(
            summed(
                (
                    id(each) if each.customer_id is None else each.customer_id,
                    1,
                    self.asked.counts(_score(each)),
                )
                for each in self.answers
            )
        )

    def interval(self, confidence: float) -> tuple[float, float]:
        """In shares of 1; its own, of a share or a net score."""
        side = self.side
        assert side is not None
        share = float(side.ratio)
        if self.asked is SATISFIED:
            n = self._respondents(side, share * (1 - share))
            found: tuple[float, float] = proportion_confint(
                share * n, n, alpha=1 - confidence, method="wilson"
            )
            return found
        outspoken = sum(abs(self.asked.counts(_score(each))) for each in self.answers) / len(self.answers)
        n = self._respondents(side, outspoken - share**2)
        # Rocks (2016): three quarters of a promoter and of a detractor more.
        p, d = (((outspoken + sign * share) / 2 * n + 0.75) / (n + 3) for sign in (1, -1))
        reach = stats.norm.ppf((1 + confidence) / 2) * math.sqrt((p + d - (p - d) ** 2) / (n + 3))
        return max(-1, min(p - d - reach, share)), min(1, max(p - d + reach, share))

    def _respondents(self, side: Side, spread: float) -> float:
        """Their number, or the effective one where somebody answered more than once."""
        if side.x == side.n or not side.variance:
            return side.n
        return float(spread / side.variance)


def _score(response: rt.SurveyResponse) -> int:
    assert response.score is not None
    return int(response.score)


def assert_change(asked: Asked, responses: list[rt.SurveyResponse]) -> None:
    shop = rt.Shop(responses=responses)
    found = rt.snapshot(shop, period=MARCH, metrics=[asked.metric]).change(asked.metric)
    later, earlier = (
        Month(
            asked=asked,
            answers=[each for each in responses if period.start <= each.responded_at < period.end],
        )
        for period in (MARCH, FEBRUARY)
    )
    a, b = later.side, earlier.side
    if a is None or b is None:
        assert_unknown(found)
        return
    expected = Expected(a, b, False)
    points = float(asked.points)
    assert found.difference == pytest.approx(points * expected.difference, rel=1e-12, abs=1e-9)
    if asked is not EFFORT:
        for confidence in (0.8, 0.95, 0.99):
            bounds = square_and_add(expected, later.interval(confidence), earlier.interval(confidence))
            widest = 200 if asked is RECOMMEND else 100
            low, high = (max(-widest, min(widest, points * bound)) for bound in bounds)
            assert tuple(found.interval(confidence)) == pytest.approx((low, high), rel=1e-7, abs=1e-7)
        assert_p_value(found, expected, later, earlier)
    elif a.variance and b.variance and expected.variance:
        for confidence in (0.8, 0.95):
            bounds = expected.linear(confidence)
            widest = points * (asked.scale[1] - asked.scale[0])
            low, high = (max(-widest, min(widest, points * bound)) for bound in bounds)
            assert tuple(found.interval(confidence)) == pytest.approx((low, high), rel=1e-7, abs=1e-7)
        assert found.p_value == pytest.approx(expected.p_value(), rel=1e-6, abs=1e-12)
    else:
        assert_unknown(found)


def square_and_add(expected: Expected, a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    value_a, value_b = float(expected.a.ratio), float(expected.b.ratio)

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one**2 + other**2 - 2 * expected.correlation * one * other))

    return (
        value_a - value_b - reach(value_a - a[0], b[1] - value_b),
        value_a - value_b + reach(a[1] - value_a, value_b - b[0]),
    )


def assert_p_value(found: rt.Comparison, expected: Expected, later: Month, earlier: Month) -> None:
    """At the confidence that a p-value leaves, the interval ends at 0."""
    assert found.p_value is not None
    if not expected.difference:
        assert found.p_value == 1
    elif 1e-9 < found.p_value < 1 - 1e-9:
        confidence = 1 - found.p_value
        bounds = square_and_add(expected, later.interval(confidence), earlier.interval(confidence))
        assert min(map(abs, bounds)) == pytest.approx(0, abs=1e-6)


def answers_to(asked: Asked, given: list[tuple[int | None, int, int]]) -> list[rt.SurveyResponse]:
    """From customer, month and score of each answer."""
    direction = {"direction": "lower"} if asked is EFFORT else {}
    return [
        rt.SurveyResponse(
            kind=asked.kind,
            score=score,
            scale=asked.scale,
            customer_id=customer,
            responded_at=datetime(2026, month, 1 + number % 28, 12, tzinfo=UTC),
            **direction,  # type: ignore[arg-type]
        )
        for number, (customer, month, score) in enumerate(given)
    ]


QUESTIONS = pytest.mark.parametrize("asked", [RECOMMEND, SATISFIED, EFFORT], ids=lambda asked: asked.metric)


class TestChangeOfScores:
    @QUESTIONS
    @settings(max_examples=60)
    @given(data=st.data())
    def test_of_few_respondents(self, asked: Asked, data: st.DataObject) -> None:
        answer = st.tuples(st.none() | st.integers(0, 5), st.sampled_from([2, 3]), st.integers(*asked.scale))
        assert_change(asked, answers_to(asked, data.draw(st.lists(answer, min_size=1, max_size=25))))

    @QUESTIONS
    @pytest.mark.parametrize("seed", range(4))
    def test_of_many_respondents_who_keep_to_their_opinion(self, asked: Asked, seed: int) -> None:
        random, (low, high) = Random(seed), asked.scale
        given: list[tuple[int | None, int, int]] = []
        for customer in range(120):
            opinion = random.randint(low, high)
            for month in (2, 3):
                for _ in range(random.choice([0, 1, 1, 2, 4])):
                    score = max(low, min(high, opinion + random.choice([-2, 0, 0, 0, 1])))
                    given.append((customer if random.random() < 0.9 else None, month, score))
        assert_change(asked, answers_to(asked, given))

    @QUESTIONS
    def test_of_nobody_in_both(self, asked: Asked) -> None:
        random = Random(1)
        given = [
            (2 * each + month % 2, month, random.randint(*asked.scale))
            for each in range(30)
            for month in (2, 3)
        ]
        assert_change(asked, answers_to(asked, list(given)))

    @QUESTIONS
    def test_those_in_both_make_it_surer(self, asked: Asked) -> None:
        low, high = asked.scale
        opinions = [low, low, low + 1, high - 1, high, high, high] * 8
        steady = answers_to(
            asked, [(who, month, each) for who, each in enumerate(opinions) for month in (2, 3)]
        )
        strangers = [attrs.evolve(each, customer_id=None) for each in steady]
        # One changes their mind, so that something is left to chance.
        for kept in (steady, strangers):
            kept[0] = attrs.evolve(kept[0], score=high)
        metrics = [asked.metric]
        widths = [
            found.high - found.low
            for shop in (rt.Shop(responses=steady), rt.Shop(responses=strangers))
            for found in [rt.snapshot(shop, period=MARCH, metrics=metrics).change(asked.metric).interval()]
        ]
        assert widths[0] < widths[1] / 2
        assert_change(asked, steady)
        assert_change(asked, strangers)
