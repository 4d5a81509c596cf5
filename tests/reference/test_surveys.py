"""Survey figures against an oracle of pandas and hand-written loops, on random answers that spare nothing."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd
import pytest
from scipy import stats

import retention as rt
from retention import formulas

MARCH = rt.Period.month(2026, 3, tz="Europe/Berlin")
START = datetime(2026, 2, 26, tzinfo=UTC)
QUESTIONS: dict[str, dict[str, Any]] = {
    "nps": {"scale": (0, 10), "direction": "higher"},
    "csat": {"scale": (1, 6), "direction": "lower"},
    "ces": {"scale": (1, 7), "direction": "higher"},
    "stars": {"scale": (Decimal("0.5"), Decimal(5)), "direction": "higher"},
}
WORDS = ("price", "range", "speed", "Service", "")
Z = stats.norm.ppf(0.975)


def random_responses(seed: int, size: int) -> list[rt.SurveyResponse]:
    """Few people who answer often, many who answer once, unknown ones; some at one instant, some out of the month."""
    random = Random(seed)
    return [random_response(number, random) for number in range(size)]


def random_response(number: int, random: Random) -> rt.SurveyResponse:
    kind = random.choice([*QUESTIONS, "why"])
    return rt.SurveyResponse(
        kind=kind,
        **(QUESTIONS.get(kind, {})),
        **random_answer(kind, random),
        responded_at=START + timedelta(hours=random.randrange(24 * 40)),
        id=random.choice([None, number]),
        customer_id=random.choice([None, "ann", "ben", "a@b", *range(30)]),
    )


def random_answer(kind: str, random: Random) -> dict[str, Any]:
    if kind == "why":
        return {"answer": random.choice(WORDS) or "nothing"}
    low, high = QUESTIONS[kind]["scale"]
    if isinstance(low, Decimal):
        return {"score": Decimal(random.randrange(5, 51)) / 10}
    return {"score": random.choice([low, high, random.randint(low, high)])}


ALIASES = {"a@b": "ann"}
AS_OF = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
READINGS: list[dict[str, Any]] = [{}, {"as_of": AS_OF}, {"aliases": ALIASES}, {"answers": "latest"}]
READINGS.append({"as_of": AS_OF, "aliases": ALIASES, "answers": "latest"})


def frame_of(responses: list[rt.SurveyResponse], kind: str, reading: dict[str, Any]) -> pd.DataFrame:
    """The answers that count: one row each, with who gave it, every unknown a person of their own."""
    frame = pd.DataFrame(
        {
            "kind": [one.kind for one in responses],
            "at": pd.to_datetime([one.responded_at for one in responses], utc=True),
            "who": [
                f"nobody {number}" if one.customer_id is None else str(one.customer_id)
                for number, one in enumerate(responses)
            ],
            "score": [one.answer if one.score is None else float(one.score) for one in responses],
        }
    )
    frame["who"] = frame["who"].replace(reading.get("aliases", {}))
    frame = frame[(frame["kind"] == kind) & (frame["at"] >= MARCH.start) & (frame["at"] < MARCH.end)]
    if "as_of" in reading:
        frame = frame[frame["at"] <= reading["as_of"]]
    if reading.get("answers") == "latest":
        frame = frame.sort_values("at", kind="stable").groupby("who").tail(1)
    return frame


def clustered(frame: pd.DataFrame, weight: pd.Series) -> tuple[float, float, int]:
    """The ratio of sums, its linearised variance and the number of clusters: Σe²·n/(n − 1)/(Σx)²."""
    by_who = pd.DataFrame({"x": 1, "y": weight}).groupby(frame["who"]).sum()
    n, total = len(by_who), by_who["x"].sum()
    ratio = by_who["y"].sum() / total
    residuals = by_who["y"] - ratio * by_who["x"]
    return ratio, (residuals**2).sum() * n / (n - 1) / total**2, n


@pytest.fixture(params=range(12), scope="module")
def responses(request) -> list[rt.SurveyResponse]:
    return random_responses(request.param, 400)


@pytest.fixture(params=READINGS, ids=lambda reading: ", ".join(reading) or "plain", scope="module")
def reading(request) -> dict[str, Any]:
    return request.param


def test_net_promoter_score(responses, reading):
    frame = frame_of(responses, "nps", reading)
    promoters, detractors = (frame["score"] >= 9).sum(), (frame["score"] <= 6).sum()
    found = rt.net_promoter_score(responses, period=MARCH, **reading)
    assert found.value == formulas.net_promoter_score(
        promoters=int(promoters), detractors=int(detractors), respondents=len(frame)
    )
    assert dict(found.parts) == {
        "promoters": promoters,
        "passives": len(frame) - promoters - detractors,
        "detractors": detractors,
    }
    ratio, variance, n = clustered(
        frame, (frame["score"] >= 9).astype(int) - (frame["score"] <= 6).astype(int)
    )
    loud = (promoters + detractors) / len(frame)
    trials = n if n == len(frame) else (loud - ratio**2) / variance
    low, high = rocks((loud + ratio) / 2 * trials, (loud - ratio) / 2 * trials, trials)
    assert tuple(found.interval()) == pytest.approx((100 * low, 100 * high))


def rocks(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    up, down = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    reach = Z * math.sqrt((up + down - (up - down) ** 2) / (n + 3))
    return up - down - reach, up - down + reach


def wilson(share: float, n: float) -> tuple[float, float]:
    middle, scale = share + Z**2 / (2 * n), 1 + Z**2 / n
    reach = Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return (middle - reach) / scale, (middle + reach) / scale


def share_interval(frame: pd.DataFrame, chosen: pd.Series) -> tuple[float, float]:
    share, variance, n = clustered(frame, chosen.astype(int))
    independent = n == len(frame) or not variance
    return wilson(share, n if independent else share * (1 - share) / variance)


@pytest.mark.parametrize(
    "keywords, good",
    [({}, lambda score: score <= 2), ({"positive_from": 4}, lambda score: score <= 4)],
    ids=["two best grades", "down to 4"],
)
def test_customer_satisfaction_score(responses, reading, keywords, good):
    frame = frame_of(responses, "csat", reading)
    found = rt.customer_satisfaction_score(responses, period=MARCH, **keywords, **reading)
    positive = int(good(frame["score"]).sum())
    assert found.value == formulas.customer_satisfaction_score(
        positive_answers=positive, respondents=len(frame)
    )
    low, high = share_interval(frame, good(frame["score"]))
    assert tuple(found.interval()) == pytest.approx((100 * low, 100 * high))


def test_customer_effort_score(responses, reading):
    frame = frame_of(responses, "ces", reading)
    found = {
        method: rt.customer_effort_score(responses, period=MARCH, method=method, **reading)
        for method in ("published", "mean", "agree", "net")
    }
    easy, hard = frame["score"] >= 5, frame["score"] <= 3
    assert found["published"].value == formulas.customer_effort_score(
        score_total=int(frame["score"].sum()), respondents=len(frame), options=7
    )
    assert found["mean"].value == pytest.approx(frame["score"].mean())
    assert found["agree"].value == pytest.approx(100 * easy.mean())
    assert found["net"].value == pytest.approx(100 * (easy.mean() - hard.mean()))
    mean, variance, n = clustered(frame, frame["score"])
    reach = stats.t.ppf(0.975, n - 1) * math.sqrt(variance)
    assert tuple(found["mean"].interval()) == pytest.approx((mean - reach, mean + reach))
    expected = (100 * (mean - reach) / 7, 100 * (mean + reach) / 7)
    assert tuple(found["published"].interval()) == pytest.approx(expected)


def test_the_mean_of_fractions(responses, reading):
    frame = frame_of(responses, "stars", reading)
    found = rt.customer_effort_score(responses, period=MARCH, kind="stars", method="mean", **reading)
    mean, variance, n = clustered(frame, frame["score"])
    reach = stats.t.ppf(0.975, n - 1) * math.sqrt(variance)
    assert found.value == pytest.approx(mean)
    assert tuple(found.interval()) == pytest.approx((mean - reach, mean + reach))


def test_answer_share(responses, reading):
    frame = frame_of(responses, "why", reading)
    found = rt.answer_share(responses, period=MARCH, kind="why", **reading)
    assert dict(found.counts) == frame["score"].value_counts().to_dict()
    assert list(found.counts.values()) == sorted(found.counts.values(), reverse=True)
    for answer, share in found.items():
        assert tuple(share.interval()) == pytest.approx(share_interval(frame, frame["score"] == answer))


def test_by_customer_the_parts_are_the_whole(responses, reading):
    """Each answer is in one group, so that the groups' parts add up to those of all."""
    whole = rt.net_promoter_score(responses, period=MARCH, **reading)
    groups = rt.survey_by(
        rt.net_promoter_score,
        responses,
        key=lambda one: (
            None
            if one.customer_id is None
            else reading.get("aliases", {}).get(one.customer_id, one.customer_id)
        ),
        period=MARCH,
        **reading,
    )
    for part in whole.parts:
        assert sum(group.parts[part] for group in groups.values()) == whole.parts[part]


@pytest.mark.parametrize(
    "promoters, passives, detractors, expected",
    [(5, 3, 2, 30), (50, 20, 30, 20), (0, 10, 0, 0), (7, 0, 0, 100), (0, 0, 3, -100), (1, 1, 1, 0)],
)
def test_worked_examples(promoters, passives, detractors, expected):
    scores = [9] * promoters + [7] * passives + [6] * detractors
    responses = [rt.SurveyResponse(kind="nps", score=score, responded_at=AS_OF) for score in scores]
    found = rt.net_promoter_score(responses, period=MARCH)
    assert found.value == expected
    low, high = rocks(promoters, detractors, len(scores))
    interval = found.interval()
    # Cut to the scale, and widened to hold the score itself.
    assert interval.low == pytest.approx(max(-100, min(100 * low, expected)))
    assert interval.high == pytest.approx(min(100, max(100 * high, expected)))
