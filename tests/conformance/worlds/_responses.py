"""Answers to surveys: one question of each kind, answered by anybody, with and without luck."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

import retention as rt
from tests.conformance.worlds._common import (
    APRIL,
    CUSTOMERS,
    DAY,
    FEBRUARY,
    MARCH,
    NOON,
    RECORD_READINGS,
    REGULARS,
    World,
    instants,
    new_id,
    pick,
    some_hour,
)

# A customer who answers all of these in one visit answers each kind once.
_QUESTIONS: tuple[dict[str, Any], ...] = (
    {"kind": "nps"},
    {"kind": "csat", "scale": (1, 5)},
    {"kind": "ces", "scale": (1, 7), "direction": "lower"},
    {"kind": "why"},
)
_WORDS = ("price", "range", "speed", "service")


def response(
    customer: str | None, responded_at: datetime, luck: float = 0.5, **more: Any
) -> rt.SurveyResponse:
    """An answer with an id of its own; `luck`, from 0 to 1, chooses it from what the scale offers."""
    given: dict[str, Any] = {"kind": "nps", **more}
    if given["kind"] == "why" and "score" not in given:
        given["answer"] = _WORDS[int(luck * luck * len(_WORDS))]
    elif "score" not in given:
        low, high = given.get("scale", (0, 10))
        given["score"] = int(low + luck * (high - low + 1))
    given.setdefault("id", new_id())
    return rt.SurveyResponse(customer_id=customer, responded_at=responded_at, **given)


def answer_to(kind: str, customer: str | None, at: datetime) -> rt.SurveyResponse:
    """An answer to the usual question of a kind."""
    return response(customer, at, 0.7, **next(each for each in _QUESTIONS if each["kind"] == kind))


def _visits(luck: Mapping[str | None, float], at: datetime) -> Iterator[rt.SurveyResponse]:
    for (customer, fortune), question in product(luck.items(), _QUESTIONS):
        yield response(customer, at, fortune, **question)


def random_responses(seed: int, size: int) -> tuple[rt.SurveyResponse, ...]:
    """Answers from December to May in no order, the same on every machine, no two at one instant."""
    random = Random(seed)
    return tuple(
        response(
            pick(random, CUSTOMERS),
            some_hour(random) + timedelta(seconds=number),
            random.random(),
            id=number,
            touchpoint=pick(random, ("checkout", "delivery", None)),
            **pick(random, _QUESTIONS),
        )
        for number in range(1, size + 1)
    )


def crowd_of_responses(low: datetime, high: datetime) -> list[rt.SurveyResponse]:
    """Bad, fair and good answers of everybody to all questions."""
    return [
        response(customer, at, luck, **question)
        for question in _QUESTIONS
        for luck in (0, 0.5, 0.99)
        for customer in ("ann", "ben", "newcomer", None)
        for at in instants(low, high)
    ]


def _world(name: str, responses: Iterable[rt.SurveyResponse], reading: dict[str, Any] | None = None) -> World:
    return World(name, {"responses": tuple(responses)}, reading or {})


_TALKATIVE = random_responses(1, 150)
_FRACTIONS = {"scale": (Decimal(1), Decimal(5)), "direction": "higher"}

RESPONSE_WORLDS: tuple[World, ...] = (
    *(_world(name, _TALKATIVE, reading) for name, reading in RECORD_READINGS.items()),
    *(_world(f"random {seed}", random_responses(seed, 30 * seed)) for seed in (2, 4, 6)),
    _world("nobody known", (*_visits({None: 0.9}, NOON), *_visits({None: 0.3}, NOON))),
    _world("one respondent", _visits({"ann": 0.99}, NOON)),
    _world("at one instant", _visits({"ann": 0.1, "ben": 0.6, "cy": 0.99}, NOON)),
    _world("unanimous", _visits(dict.fromkeys(REGULARS, 0.99), NOON)),
    _world("nothing in the period", (*_visits({"ann": 0.2}, FEBRUARY), *_visits({"ben": 0.9}, APRIL))),
    _world(
        "at the edges",
        (
            *_visits({"ann": 0.8}, MARCH),
            *_visits({"ben": 0.8}, APRIL),
            *_visits({"cy": 0.2}, MARCH - DAY / 86_400),
        ),
    ),
    _world("two scales", (*_visits({"ann": 0.8}, NOON), response("ben", NOON, kind="csat", scale=(1, 7)))),
    _world(
        "fractions",
        (
            response(who, NOON, kind=kind, score=score, **_FRACTIONS)
            for kind in ("csat", "ces")
            for who, score in (("ann", "4.3"), ("ben", "1.25"), ("cy", "4.30"))
        ),
    ),
)
