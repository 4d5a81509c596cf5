"""Figures of contacts by hand, on a month that fits on a page, and their spread against a computation of its own.

The table below is worked out with pencil and paper; the answers stand in the tests as they came out.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pandas as pd
import pytest

import retention as rt
from retention import formulas
from retention.testing import make_orders

MARCH = rt.Period.month(2026, 3, tz="Europe/Berlin")
AS_OF = datetime(2026, 4, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def at(day: int, hour: int = 12, *, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def out(customer: Any, day: int, channel: str, kind: str = "message", **more: Any) -> rt.Interaction:
    return rt.Interaction(
        customer_id=customer, direction="outbound", kind=kind, channel=channel, occurred_at=at(day), **more
    )


def into(customer: Any, day: int, channel: str, kind: str = "question", **more: Any) -> rt.Interaction:
    return rt.Interaction(
        customer_id=customer, direction="inbound", kind=kind, channel=channel, occurred_at=at(day), **more
    )


# Three customers are reached on three channels, on two and on one; nobody knows who "None" is.
CAMPAIGN = [
    #                                                        in a week   clicked or replied in a week
    out("ann", 2, "e-mail", opened_at=at(3)),  #                  yes     no
    out("ann", 2, "sms", clicked_at=at(9)),  #                    yes     yes, at the very limit
    out("ann", 9, "whatsapp", replied_at=at(9, 13)),  #           yes     yes
    out("ben", 2, "e-mail", opened_at=at(20)),  #                 no      no
    out("ben", 2, "sms"),  #                                      no      no
    out("cy", 2, "e-mail", opened_at=at(2), clicked_at=at(30)),  # yes    no
    out("cy", 16, "e-mail"),  #                                   no      no
    out(None, 2, "e-mail", opened_at=at(4)),  #                   yes     no
]


def engagement(**keywords: Any) -> rt.Ratio:
    return rt.engagement_rate(CAMPAIGN, period=MARCH, within=WEEK, **{"as_of": AS_OF, **keywords})


@pytest.mark.parametrize(
    "keywords, answered, made",
    [
        ({}, 5, 8),
        ({"responses": ("clicked", "replied")}, 2, 8),
        ({"channel": "e-mail"}, 3, 5),
        ({"channel": "sms"}, 1, 2),
        ({"min_channels": 3}, 3, 3),
        ({"max_channels": 1}, 1, 2),
        ({"min_channels": 2, "max_channels": 2}, 0, 2),
        # On 10 March at noon, the contacts of the 2nd have been observed for a week, that of the 9th has not.
        ({"as_of": at(10)}, 4, 6),
    ],
)
def test_engagement(keywords, answered, made):
    found = engagement(**keywords)
    assert (found.numerator, found.denominator) == (answered, made)
    assert found.value == formulas.engagement_rate(contacts_answered=answered, contacts_made=made)


def test_the_spread_of_engagement():
    """R = 5/8; e = 3 − 3R, 0 − 2R, 1 − 2R, 1 − R; v = 4/3 · Σe²/64 = 0.05924…"""
    ratio = 5 / 8
    squares = (3 - 3 * ratio) ** 2 + (2 * ratio) ** 2 + (1 - 2 * ratio) ** 2 + (1 - ratio) ** 2
    found = engagement()
    assert found.sampling.variance() == pytest.approx(4 / 3 * squares / 64)
    assert squares == pytest.approx(1.265625 + 1.5625 + 0.0625 + 0.140625)


# A week at the help desk. Days to the first answer: 0.5, 1, 3; to the solution: 0, 1, 4.
DESK = [
    into("ann", 3, "e-mail", answered_at=at(4, 0), solved_at=at(4), solved_by="agent"),
    into("ann", 5, "chat", "chat", solved_at=at(5), solved_by="self_service"),
    into("ben", 6, "telephone", "case", answered_at=at(7), solved_at=at(10), solved_by="agent"),
    into("ben", 8, "e-mail", answered_at=at(11)),
    into(None, 9, "e-mail"),
    into("cy", 9, "instagram", "mention", sentiment="-0.5"),
    into("dee", 9, "web", "review", sentiment="0.9"),
    into("dee", 10, "instagram", "mention", sentiment="0.35"),
    into(None, 11, "blog", "mention"),
]


def test_service():
    first = rt.first_response_days(DESK, period=MARCH, as_of=AS_OF)
    assert (first.values, first.median) == ((0.5, 1, 3), 1)
    others = {"review (asks nothing)": 1, "mention (asks nothing)": 3}
    assert first.left_out == {**others, "not answered yet": 2}
    solved = rt.resolution_days(DESK, period=MARCH, as_of=AS_OF)
    assert (solved.values, solved.median) == ((0, 1, 4), 1)
    assert solved.left_out == {**others, "not solved yet": 2}


@pytest.mark.parametrize(
    "keywords, answered, received",
    [({}, 3, 5), ({"within": DAY}, 2, 5), ({"channel": "e-mail"}, 2, 3), ({"kind": "mention"}, 0, 3)],
)
def test_answers(keywords, answered, received):
    found = rt.answered_rate(DESK, **{"period": MARCH, "within": None, "as_of": AS_OF, **keywords})
    assert (found.numerator, found.denominator) == (answered, received)
    assert found.value == formulas.answered_rate(messages_answered=answered, messages_received=received)


def test_self_service():
    found = rt.self_service_rate(DESK, period=MARCH, as_of=AS_OF)
    assert found.value == formulas.self_service_rate(cases_self_served=1, cases_solved=3)


def test_listening():
    assert rt.mention_count(DESK, period=MARCH) == 3
    assert rt.mention_count(DESK, period=MARCH, channel="instagram") == 2
    assert rt.sentiment_score(DESK, period=MARCH).value == pytest.approx(0.25)  # (-0.5 + 0.9 + 0.35) / 3
    assert rt.sentiment_score(DESK, period=MARCH, kind="mention").value == pytest.approx(-0.075)
    by_channel = rt.interactions_by(rt.sentiment_score, DESK, key="channel", period=MARCH)
    assert {name: score.value for name, score in by_channel.items() if score.count} == {
        "instagram": pytest.approx(-0.075),
        "web": 0.9,
    }


# Ann had bought in January, ben buys at the very instant of his approach, cy never.
SHOP = rt.Shop(
    orders=make_orders({"ann": ["2026-01-15"], "ben": ["2026-03-02T12:00:00+00:00"]}),
    interactions=[
        out("ann", 2, "e-mail", "approach", ordered_at=at(5)),
        out("ann", 20, "e-mail", "approach"),
        out("ben", 2, "telephone", "approach", ordered_at=at(2)),
        out("ben", 3, "telephone", "approach", ordered_at=at(25)),
        out("cy", 2, "telephone", "approach"),
        out(None, 2, "web", "approach", ordered_at=at(2)),
        out("ann", 2, "web", "offer", ordered_at=at(2, 13)),
        out("ann", 2, "web", "offer"),
        out("cy", 2, "web", "offer"),
    ],
    as_of=AS_OF,
)


@pytest.mark.parametrize(
    "keywords, converted, approached",
    [
        ({}, 4, 6),
        ({"of": "existing"}, 2, 3),  # ann twice, ben on the 3rd
        ({"of": "new"}, 1, 2),  # ben on the 2nd, cy
        ({"within": WEEK}, 3, 6),
        ({"within": WEEK, "of": "existing"}, 1, 3),
        ({"channel": "telephone"}, 2, 3),
    ],
)
def test_conversion(keywords, converted, approached):
    found = rt.conversion_rate(SHOP, **{"period": MARCH, "within": None, **keywords})
    assert (found.numerator, found.denominator) == (converted, approached)
    assert found.value == formulas.conversion_rate(converted=converted, approached=approached)


def test_offers():
    found = rt.upsell_rate(SHOP, period=MARCH, within=None)
    assert found.value == formulas.upsell_rate(offers_accepted=1, offers_made=3)


# ------------------------------------------------------------------------- at random, with data frames


def random_contacts(seed: int, size: int) -> list[rt.Interaction]:
    random = Random(seed)
    found = []
    for _ in range(size):
        sent = at(1) + timedelta(hours=random.randrange(-200, 1000))
        gap = random.choice([None, 1, 24, 168, 169, 400])
        mood = random.choice([None, "-1", "-0.25", "0", "0.125", "1"])
        way: dict[str, Any] = (
            {"direction": "outbound", "kind": "message", "opened_at": gap and sent + gap * DAY / 24}
            if random.random() < 0.5
            else {"direction": "inbound", "kind": "question", "sentiment": mood}
        )
        who = random.choice([None, "ann", "ben", *range(12)])
        found.append(rt.Interaction(customer_id=who, channel="e-mail", occurred_at=sent, **way))
    return found


def frame_of(contacts: list[rt.Interaction]) -> pd.DataFrame:
    """One row each, every unknown somebody of their own."""
    frame = pd.DataFrame(
        [
            {
                "who": f"nobody {number}" if one.customer_id is None else one.customer_id,
                "way": one.direction,
                "at": one.occurred_at,
                "wait": None if one.opened_at is None else (one.opened_at - one.occurred_at) / DAY,
                "mood": None if one.sentiment is None else float(one.sentiment),
            }
            for number, one in enumerate(contacts)
        ]
    )
    return frame[(frame["at"] >= MARCH.start) & (frame["at"] < MARCH.end)]


def spread(frame: pd.DataFrame, weight: pd.Series) -> tuple[float, float]:
    """The ratio of sums and its linearised variance: Σe²·n/(n − 1)/(Σx)²."""
    by_who = pd.DataFrame({"x": 1, "y": weight}).groupby(frame["who"]).sum()
    n, total = len(by_who), by_who["x"].sum()
    ratio = by_who["y"].sum() / total
    return ratio, ((by_who["y"] - ratio * by_who["x"]) ** 2).sum() * n / (n - 1) / total**2


@pytest.mark.parametrize("seed", range(8))
def test_against_data_frames(seed):
    contacts = random_contacts(seed, 150)
    frame = frame_of(contacts)
    cut = datetime(2026, 3, 25, 12, tzinfo=UTC)
    sent = frame[(frame["way"] == "outbound") & (frame["at"] + pd.Timedelta(days=7) <= cut)]
    ratio, variance = spread(sent, (sent["wait"] <= 7).astype(float))
    found = rt.engagement_rate(contacts, period=MARCH, within=WEEK, as_of=cut)
    assert found.denominator == len(sent)
    assert found.value == pytest.approx(ratio)
    assert found.sampling.variance() == pytest.approx(variance)
    felt = frame[(frame["way"] == "inbound") & frame["mood"].notna()]
    ratio, variance = spread(felt, felt["mood"])
    mood = rt.sentiment_score(contacts, period=MARCH)
    assert mood.value == pytest.approx(ratio)
    assert mood.sampling.variance() == pytest.approx(variance)
