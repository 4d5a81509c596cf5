"""The ways to ask what to do next, the shops that are asked about, and all that an answer says, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import attrs
import pytest

import retention as rt
from retention.strategies import AUDIENCES, CUSTOMER_RULES, DEFAULT_RULES, STRATEGIES
from tests.conformance.tables import fixed_thresholds, shop_of
from tests.conformance.worlds._checkouts import crowd_of_checkouts, random_checkouts
from tests.conformance.worlds._common import LATE, World
from tests.conformance.worlds._interactions import crowd_of_interactions, random_interactions
from tests.conformance.worlds._orders import crowd_of_orders, order, random_orders
from tests.conformance.worlds._programs import random_customers
from tests.conformance.worlds._responses import crowd_of_responses, random_responses
from tests.conformance.worlds._scenes import SCENES as TABLE_SCENES, Scene
from tests.conformance.worlds._subscriptions import crowd_of_subscriptions, random_subscriptions
from tests.outlooks import outlook_of

_CROWDS: Mapping[str, Callable[[datetime, datetime], list[Any]]] = {
    "orders": crowd_of_orders,
    "responses": crowd_of_responses,
    "subscriptions": crowd_of_subscriptions,
    "checkouts": crowd_of_checkouts,
    "interactions": crowd_of_interactions,
}

# ------------------------------------------------------------------------------------------------ the shops


def _everything(name: str, **reading: Any) -> Scene:
    records = {
        "orders": (*random_orders(8, 300), order(None, datetime.fromisoformat("2024-10-01T00:00Z"))),
        "customers": random_customers(5, 99),
        "responses": random_responses(2, 160),
        "subscriptions": random_subscriptions(3, 60),
        "checkouts": random_checkouts(4, 120),
        "interactions": random_interactions(5, 240),
    }
    known = {"as_of": datetime.fromisoformat("2026-05-08T00:00Z")}
    return Scene(World(name, records, {**known, **reading}))


WHOLE: tuple[Scene, ...] = (
    _everything("everything"),
    _everything("everything, running", as_of=datetime.fromisoformat("2026-03-20T12:00Z")),
    _everything("everything, aliases", aliases={"ben": "ann", "c3": "c4"}),
    _everything("everything, observed", observed_from=datetime.fromisoformat("2026-02-10T00:00Z")),
)
"""Shops with records of every kind."""

SCENES: tuple[Scene, ...] = (*WHOLE, *TABLE_SCENES)


def scene_of(name: str) -> Scene:
    """The shop of a name."""
    return next(scene for scene in SCENES if scene.name == name)


def crowded(scene: Scene, low: datetime, high: datetime = LATE) -> Scene:
    """The same, with everything that can happen from `low` on, of each kind that the shop has."""
    return scene.and_also({kind: _CROWDS[kind](low, high) for kind in scene.world.records if kind in _CROWDS})


def renamed(scene: Scene, called: Callable[[Hashable], Hashable]) -> Scene:
    """The same, with other names for the customers in records of every kind."""
    records = {
        kind: tuple(_renamed(one, called) for one in found) for kind, found in scene.world.records.items()
    }
    aliases = {called(one): called(who) for one, who in scene.world.reading.get("aliases", {}).items()}
    reading = {**scene.world.reading, **({"aliases": aliases} if aliases else {})}
    return replace(scene, world=World(scene.name, records, reading), called=called, original=scene.world)


def _renamed(one: Any, called: Callable[[Hashable], Hashable]) -> Any:
    names = ("id", "referred_by") if isinstance(one, rt.Customer) else ("customer_id",)
    given = {name: getattr(one, name) for name in names}
    return attrs.evolve(one, **{name: called(who) for name, who in given.items() if who is not None})


# ------------------------------------------------------------------------------------------------- the rules


def _easily(condition: rt.Condition) -> rt.Condition:
    """The same condition, which holds of few and nearly always."""
    given: dict[str, Any] = {"at_least": 0, "confidence": 0.2}
    if condition.above is not None:
        given["above"] = 0.001
    if condition.below is not None:
        is_share = condition.metric.endswith(("_rate", "_share")) or condition.metric == "sentiment_score"
        given["below"] = 0.999 if is_share else 99
    return attrs.evolve(condition, **given)


def _strategy_for(audience: str) -> rt.Strategy:
    return rt.Strategy(
        id=f"for {audience}",
        title=f"For {audience}",
        what="Do something for them.",
        steps=(rt.Step(f"Write to {audience}."),),
        audiences=(audience,),
        effort="low",
        moves={"repeat_purchase_rate": "up"},
        contradicts=("for all customers",) if audience == "regulars" else (),
        overlaps=("for all customers",) if audience == "one-time buyers" else (),
    )


def _rule_for(audience: str) -> rt.Rule:
    return rt.Rule(
        f"there are {audience}",
        strategy=f"for {audience}",
        conditions=rt.Condition("active_customer_count", above=0.5),
        audience=audience,
        because="Something can be done for them.",
    )


def easily_moved() -> rt.RuleSet:
    """Rules that hold of small shops: the usual ones, made easy, and one for each audience."""
    usual = [
        attrs.evolve(rule, conditions=tuple(map(_easily, rule.conditions))) for rule in DEFAULT_RULES.values()
    ]
    return rt.RuleSet(
        [*usual, *map(_rule_for, AUDIENCES)],
        strategies=[*STRATEGIES.values(), *map(_strategy_for, AUDIENCES)],
    )


EASY = easily_moved()
ECONOMICS = rt.Economics(margin_rate=0.4, discount_rate=0.1, acquisition_cost="20.00")


# -------------------------------------------------------------------------------------------- the questions


@dataclass(frozen=True, eq=False)
class Question:
    """One way to ask.

    Attributes:
        name: What it is called in reports.
        ask: Asks it of a carrier of the records, in a scene; further keywords say how the records are read.
        limit: Records from this instant on are without effect; None where only `as_of` is such a limit.
        gives: What an answer is, a customer's where it is a dictionary.
    """

    name: str
    ask: Callable[..., Any]
    limit: Callable[[Scene], datetime | None] = field(default=lambda _: None)
    gives: type = rt.Recommendations

    def __str__(self) -> str:
        return self.name


def _of_month(data: Any, scene: Scene, **keywords: Any) -> Any:
    return rt.recommend(data, period=scene.month, **keywords)


def _easily_of_half_year(data: Any, scene: Scene, **keywords: Any) -> Any:
    return rt.recommend(data, period=scene.half_year, rules=EASY, **keywords)


def _easily_of_month(data: Any, scene: Scene, **keywords: Any) -> Any:
    return rt.recommend(
        data,
        period=scene.month,
        rules=EASY,
        lifecycle=fixed_thresholds(),
        options={"ltv_cac_ratio": {"acquisition_spend": 100}},
        **keywords,
    )


def _with_economics(data: Any, scene: Scene, **keywords: Any) -> Any:
    return rt.recommend(data, period=scene.half_year, rules=EASY, economics=ECONOMICS, **keywords)


def _one_rule(data: Any, scene: Scene, **keywords: Any) -> Any:
    rule = rt.Rule(
        "fewer",
        strategy="onboarding",
        conditions=(
            rt.Condition("customer_retention_rate", below=0.999, at_least=0, confidence=0.2),
            rt.Condition("order_count", change="fell", by=0.01, at_least=0),
        ),
        because="Fewer come back.",
    )
    return rt.judge_rule(rule, data, period=scene.month, **keywords)


def _everybody(data: Any, scene: Scene, **keywords: Any) -> Any:
    return actions(rt.customer_situations(data, **_usual_at(keywords, data, scene)))


def _everybody_before(data: Any, scene: Scene, **keywords: Any) -> Any:
    return actions(rt.customer_situations(data, at=scene.at, **keywords))


def _everybody_by_a_model(data: Any, scene: Scene, **keywords: Any) -> Any:
    held = tuple(data) if isinstance(data, Iterator) else data  # it is read twice
    as_of = keywords.get("as_of", getattr(data, "as_of", None))
    at = as_of if as_of is not None and as_of.tzinfo and as_of < scene.at else scene.at
    outlook = outlook_of(held, until=at, **keywords)
    return actions(rt.customer_situations(held, at=at, outlook=outlook, **keywords))


def _the_first(data: Any, scene: Scene, **keywords: Any) -> Any:
    people = [*scene.people, "nobody"]
    at = _usual_at(keywords, data, scene)
    return rt.recommend_for(scene.called(people[0]), data, rules=CUSTOMER_RULES, **at)


def _usual_at(keywords: Mapping[str, Any], data: Any, scene: Scene) -> dict[str, Any]:
    as_of = keywords.get("as_of", getattr(data, "as_of", None))
    return dict(keywords) if as_of is not None else {**keywords, "at": scene.at}


def actions(situations: rt.CustomerSituations) -> dict[Hashable, rt.NextAction]:
    """What to do for each customer."""
    return {who: rt.recommend_for(who, situations) for who in situations}


def _month_over(scene: Scene) -> datetime | None:
    return scene.at


def _list(data: Any, scene: Scene, **keywords: Any) -> Any:
    return rt.assign(data, **_usual_at(keywords, data, scene))


def _list_before(data: Any, scene: Scene, **keywords: Any) -> Any:
    return rt.assign(data, at=scene.at, contact_policy=policy_of(scene), **keywords)


def _list_with_places(data: Any, scene: Scene, **keywords: Any) -> Any:
    policy = attrs.evolve(
        policy_of(scene),
        most=7,
        most_per_strategy={"rescue-unhappy-customers": 3},
        most_per_channel={"call": 2},
    )
    return rt.assign(data, contact_policy=policy, **_usual_at(keywords, data, scene))


@cache
def policy_of(scene: Scene) -> rt.ContactPolicy:
    """A policy that says something of everything but places, of whom is there by turns."""

    def by_turns(*said: Any) -> dict[Hashable, Any]:
        return {scene.called(who): said[place % len(said)] for place, who in enumerate(scene.people)}

    return rt.ContactPolicy(
        quiet_for=timedelta(days=3),
        quiet_after_purchase=timedelta(days=2.5),
        channels=("e-mail", "call"),
        channels_for={"rescue-unhappy-customers": ["call", "e-mail"]},
        consent=by_turns(True, "e-mail", ("call", "e-mail"), True, "call", False, True),
        preferences=by_turns(None, "call", "e-mail"),
        excluded=[each for each, out in by_turns(*[False] * 8, True).items() if out],
        holdout=[each for each, out in by_turns(False, False, False, True, False).items() if out],
    )


def _checklist(data: Any, scene: Scene, **keywords: Any) -> Any:
    return rt.audit(data, period=scene.half_year, **keywords)


def _checklist_of_month(data: Any, scene: Scene, **keywords: Any) -> Any:
    answers: Any = {"brand-story": "in place", "welcome-series": "absent"}
    return rt.audit(data, period=scene.month, rules=EASY, answers=answers, **keywords)


def _plan(data: Any, scene: Scene, **keywords: Any) -> Any:
    return rt.plan_experiment(
        data, at=scene.at, relative_uplift=0.1, active_within=timedelta(days=60), **keywords
    )


def _plan_of_newcomers(data: Any, scene: Scene, **keywords: Any) -> Any:
    return rt.plan_experiment(
        data,
        among="newcomers",
        at=scene.at,
        metric="orders",
        uplift=0.25,
        holdout_share=0.2,
        within=timedelta(weeks=4),
        active_within=timedelta(days=90),
        **keywords,
    )


def halves(scene: Scene) -> tuple[list[Hashable], list[Hashable]]:
    """Those held out of a test and those in it, by turns, and one of whom nothing is known."""
    people = [*map(scene.called, scene.people)]
    return people[::2], [*people[1::2], scene.called("nobody else")]


def _buyers(data: Any, scene: Scene, **keywords: Any) -> Any:
    held_out, treated = halves(scene)
    return rt.evaluate_experiment(
        data,
        holdout=held_out,
        treated=treated,
        holdout_share=0.5,
        assigned_at=scene.before,
        until=scene.at,
        **keywords,
    )


def _spent(data: Any, scene: Scene, **keywords: Any) -> Any:
    held_out, treated = halves(scene)
    return rt.evaluate_experiment(
        data,
        holdout=held_out,
        treated=treated,
        metric="revenue",
        assigned_at={
            who: scene.before + place % 3 * timedelta(days=14)
            for place, who in enumerate((*held_out, *treated))
        },
        until=scene.at,
        within=timedelta(days=40),
        resamples=100,
        **keywords,
    )


def _too_early(data: Any, scene: Scene, **keywords: Any) -> Any:
    held_out, treated = halves(scene)
    until = scene.end + timedelta(weeks=60)
    return rt.evaluate_experiment(
        data, holdout=held_out, treated=treated, assigned_at=scene.at, until=until, **keywords
    )


QUESTIONS: tuple[Question, ...] = (
    Question("recommend, a month", _of_month),
    Question("recommend, easily, half a year", _easily_of_half_year),
    Question("recommend, easily, a month", _easily_of_month),
    Question("recommend, easily, economics", _with_economics),
    Question("judge_rule", _one_rule, gives=rt.Verdict),
    Question("recommend_for, everybody", _everybody, gives=rt.NextAction),
    Question("recommend_for, everybody, before", _everybody_before, _month_over, gives=rt.NextAction),
    Question("recommend_for, everybody, by a model", _everybody_by_a_model, _month_over, gives=rt.NextAction),
    Question("recommend_for, the first", _the_first, gives=rt.NextAction),
    Question("assign, everybody", _list, gives=rt.Assignments),
    Question("assign, a policy, before", _list_before, _month_over, gives=rt.Assignments),
    Question("assign, few places", _list_with_places, gives=rt.Assignments),
    Question("audit, half a year", _checklist, gives=rt.Audit),
    Question("audit, easily, a month", _checklist_of_month, gives=rt.Audit),
    Question("plan_experiment, customers", _plan, _month_over, gives=rt.ExperimentPlan),
    Question("plan_experiment, newcomers", _plan_of_newcomers, _month_over, gives=rt.ExperimentPlan),
    Question("evaluate_experiment, buyers", _buyers, _month_over, gives=rt.ExperimentVerdict),
    Question("evaluate_experiment, money", _spent, _month_over, gives=rt.ExperimentVerdict),
    Question("evaluate_experiment, too early", _too_early, gives=rt.ExperimentVerdict),
)

every_question = pytest.mark.parametrize("question", QUESTIONS, ids=[each.name for each in QUESTIONS])


def ask(question: Question, data: Any, scene: Scene, /, **keywords: Any) -> Any:
    """The answer, or the error of ours that it refuses with; others come through."""
    try:
        return question.ask(data, scene, **keywords)
    except rt.RetentionError as refusal:
        return refusal


def tell(question: Question, scene: Scene, form: Callable[[Iterable[Any]], Iterable[Any]] = tuple, /) -> Any:
    """The answer for a scene, whose records come as iterables of some form."""
    try:
        shop = shop_of(scene, form)
    except rt.RetentionError as refusal:
        return refusal
    return ask(question, shop, scene)


@cache
def told(question: Question, scene: Scene) -> Any:
    """The same, asked once."""
    return tell(question, scene)


@cache
def said(question: Question, scene: Scene) -> object:
    """All that it says of a scene, as plain values."""
    return content(told(question, scene))


# ------------------------------------------------------------------------------------------ what they say


def content(answer: Any) -> object:
    """All that an answer says."""
    if isinstance(answer, Exception):
        return type(answer), str(answer)
    if isinstance(answer, dict):
        return tuple((who, content(each)) for who, each in answer.items())
    if isinstance(answer, rt.NextAction):
        return _of_action(answer)
    if isinstance(answer, rt.Verdict):
        return _of_verdict(answer)
    if isinstance(answer, rt.Assignments):
        return _of_list(answer)
    if isinstance(answer, rt.Audit):
        return *_texts(answer), answer.to_dicts(), answer.grid, [_texts(each) for each in answer.found]
    if isinstance(answer, rt.ExperimentPlan):
        return *_texts(answer), answer.to_dict(), answer.assumed, str(answer.needed), str(answer.reachable)
    if isinstance(answer, rt.ExperimentVerdict):
        return _of_experiment(answer)
    return _of_all(answer)


def _of_list(found: rt.Assignments) -> object:
    outcomes = {outcome: found.customers(outcome) for outcome in found.counts}
    return (
        *_texts(found),
        found.to_dicts(everybody=True),
        [_texts(each) for each in found.everybody()],
        dict(found.counts),
        {strategy: dict(counts) for strategy, counts in found.by_strategy.items()},
        dict(found.by_channel),
        outcomes,
        found.notes,
    )


def _of_experiment(verdict: rt.ExperimentVerdict) -> object:
    found, ratio = verdict.comparison, verdict.sample_ratio
    return (
        *_texts(verdict),
        verdict.to_dict(),
        dict(verdict.left_out),
        None if found is None else str(found),
        None if ratio is None else (ratio.expected, ratio.p_value, ratio.is_mismatch),
        str(verdict.bootstrap),
        verdict.cautions,
    )


def _texts(one: Any) -> tuple[str, str, str]:
    return repr(one), str(one), one.explain()


def _of_action(action: rt.NextAction) -> object:
    situation = action.situation
    return (
        *_texts(action),
        action.to_dict(),
        *_texts(situation),
        situation.to_dict(),
        [(each.rule.id, each.why) for each in (*action.also, *action.rejected, *action.skipped)],
    )


def _of_verdict(verdict: rt.Verdict) -> object:
    return *_texts(verdict), verdict.to_dict(), verdict.severity


def _of_all(found: rt.Recommendations) -> object:
    return (
        *_texts(found),
        found.to_dicts(),
        found.skipped_because,
        found.is_too_little_known,
        [_of_one(each) for each in found],
        [_of_verdict(each) for each in (*found.rejected, *found.skipped)],
        [(each.metric, each.period, str(each.result)) for each in found.looked_at],
    )


def _of_one(one: rt.Recommendation) -> object:
    audience, value = one.audience, one.value_at_stake
    return (
        *_texts(one),
        one.no_audience_because,
        one.no_value_because,
        None
        if audience is None
        else (repr(audience), audience.to_dict(), audience.customers, audience.ids()),
        None if value is None else (value.to_dict(), value.explain()),
        [str(gap) for gap in one.benchmark_gaps],
        [_of_verdict(each) for each in one.reasons],
    )


def parts(answer: Any) -> list[Any]:
    """The answers in what is returned: itself, or one a customer."""
    if isinstance(answer, rt.RetentionError):
        return []
    return list(answer.values()) if isinstance(answer, dict) else [answer]


LONG = timedelta(days=36_500)
