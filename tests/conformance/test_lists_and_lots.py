"""What lists, lots and checklists keep beside the promises of all advice: who goes first among equals, and no names."""

from __future__ import annotations

import copy
import json
import pickle
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import retention as rt
from tests.conformance.advice import (
    ECONOMICS,
    QUESTIONS,
    SCENES,
    WHOLE,
    policy_of,
    renamed,
    scene_of,
    tell,
    told,
)
from tests.conformance.tables import shop_of
from tests.conformance.test_tables import from_behind, in_capitals
from tests.conformance.worlds._scenes import SECRET, Scene, shifted

LISTS = tuple(each for each in QUESTIONS if each.gives is rt.Assignments)
FREELY = LISTS[:2]
"""Those without places, in which nobody goes without for another."""
PUBLIC = tuple(each for each in QUESTIONS if each.gives not in {rt.NextAction, rt.Verdict})

every_list = pytest.mark.parametrize("question", LISTS, ids=[each.name for each in LISTS])
renaming = pytest.mark.parametrize("called", [in_capitals, from_behind])


# --------------------------------------------------------------------------------------------- who gets what


def lists(question: Any, scenes: Iterable[Scene] = SCENES) -> list[tuple[Scene, rt.Assignments]]:
    answers = [(scene, told(question, scene)) for scene in scenes]
    return [(scene, answer) for scene, answer in answers if isinstance(answer, rt.Assignments)]


def test_all_outcomes_are_among_them():
    """Else the tests would be about little."""
    outcomes = Counter(
        one.outcome for question in LISTS for _, found in lists(question) for one in found.everybody()
    )
    assert set(outcomes) == set(lists(LISTS[0])[0][1].counts)


@every_list
def test_everybody_has_one_outcome_and_the_counts_add_up(question):
    for scene, found in lists(question):
        told_of = Counter(one.outcome for one in found.everybody())
        assert +Counter(found.counts) == told_of, scene.name
        assert sum(found.counts.values()) == len(found.situations), scene.name
        assert found.counts["assigned"] == len(found), scene.name
        ids = [who for outcome in found.counts for who in found.customers(outcome)]
        assert Counter(ids) == Counter(iter(found.situations)), scene.name


@every_list
def test_what_is_best_is_what_recommend_for_says(question):
    for scene, found in lists(question, WHOLE):
        for one in found.everybody():
            alone = rt.recommend_for(one.customer_id, found.situations)
            assert one.strategy == alone.strategy, scene.name


@every_list
def test_who_goes_first_is_never_worth_less(question):
    """Places are counted in order of weight, worth and purchases."""
    for scene, found in lists(question):
        in_line = sorted((one for one in found.everybody() if one.place), key=lambda one: one.place)
        assert [one.place for one in in_line] == [*range(1, len(in_line) + 1)], scene.name
        ranks = [rank(one) for one in in_line]
        assert ranks == sorted(ranks, reverse=True), scene.name


def rank(one: rt.Assignment) -> tuple[Any, ...]:
    worth = one.situation.spend_year
    return one.chosen.rule.weight, worth is not None, worth or 0, one.situation.orders


def test_nobody_is_contacted_whom_the_policy_spares():
    for question in LISTS[1:]:
        for scene, found in lists(question):
            policy = policy_of(scene)
            for one in found:
                assert one.customer_id not in policy.excluded, scene.name
                if one.strategy.id not in policy.owed:
                    assert one.channel in agreed(policy.consent.get(one.customer_id)), scene.name
                    assert one.customer_id not in policy.holdout, scene.name
                    assert one.situation.silence_days is None or one.situation.silence_days >= 2.5
                    assert one.situation.contacted_days is None or one.situation.contacted_days >= 3


def agreed(said: Any) -> tuple[str, ...]:
    if said is True:
        return ("e-mail", "call")
    return (said,) if isinstance(said, str) else tuple(said or ())


def test_no_more_than_there_are_places():
    for scene, found in lists(LISTS[2]):
        assert len(found) <= 7, scene.name
        assert found.by_channel["call"] <= 2, scene.name
        assert all(counts["assigned"] <= 3 for name, counts in found.by_strategy.items() if name == LIMITED)


LIMITED = "rescue-unhappy-customers"


@renaming
@pytest.mark.parametrize("question", FREELY, ids=[each.name for each in FREELY])
def test_without_places_renaming_customers_only_renames(question, called):
    """But for the places of equals, which go by a hash of the ids."""
    for scene, here in lists(question):
        there = tell(question, renamed(scene, called))
        assert told_of_all(there) == {called(who): row for who, row in told_of_all(here).items()}, scene.name
        assert dict(there.counts) == dict(here.counts), scene.name
        assert there.by_channel == here.by_channel, scene.name
        assert there.notes == here.notes, scene.name
        assert str(there) == str(here), scene.name
        assert [rank(one) for one in there] == [rank(one) for one in here], scene.name


def told_of_all(found: rt.Assignments) -> dict[Hashable, Any]:
    unlike = {"customer_id": None, "place": None}
    return {one.customer_id: {**one.to_dict(), **unlike} for one in found.everybody()}


@every_list
@pytest.mark.parametrize("weeks", [-1_000, 26])
def test_another_day_exchanges_only_equals(question, weeks):
    for name in ("ties", "free of charge"):
        scene = replace(scene_of(name), weekly=True)
        here, there = (tell(question, each) for each in (scene, shifted(scene, timedelta(weeks=weeks))))
        assert [rank(one) for one in there] == [rank(one) for one in here], name
        assert there.counts == here.counts, name


@renaming
@pytest.mark.parametrize("most", [0, 1, 3, 10])
def test_other_names_exchange_only_equals(called, most):
    """With few places others may get them, who are worth as much; all else stays."""
    policy = rt.ContactPolicy(most=most)
    for scene in (*WHOLE, scene_of("ties"), scene_of("free of charge")):
        here, there = (
            rt.assign(shop_of(each), contact_policy=policy) for each in (scene, renamed(scene, called))
        )
        assert [rank(one) for one in there] == [rank(one) for one in here], scene.name
        assert there.counts == here.counts, scene.name
        edge = rank(here[-1]) if here else None
        for one in here:
            if rank(one) != edge:
                assert there.of(called(one.customer_id)).is_assigned, scene.name


def test_more_places_take_nothing_from_anybody():
    for scene in (*WHOLE, scene_of("ties")):
        shop = shop_of(scene)
        few, more = (rt.assign(shop, contact_policy=rt.ContactPolicy(most=most)) for most in (3, 9))
        assert [*more.customers()][: len(few)] == [*few.customers()], scene.name


# ---------------------------------------------------------------------------------------------- who is held out

FORMS: tuple[Callable[[Iterable[Any]], Iterable[Any]], ...] = (list, iter, deque, dict.fromkeys)


def lot_of(scene: Scene, form: Callable[[Iterable[Any]], Iterable[Any]] = tuple) -> rt.Holdout:
    return rt.assign_holdout(form(scene.people), salt="a letter", holdout_share=0.4, key=repr)


@pytest.mark.parametrize("form", [*FORMS[:3], set])
def test_of_a_lot_the_kind_of_iterable_does_not_matter(form):
    for scene in SCENES:
        expected, found = lot_of(scene), lot_of(scene, form)
        assert set(found.held_out) == set(expected.held_out), scene.name
        assert set(found.treated) == set(expected.treated), scene.name


def test_a_lot_is_a_value():
    for scene in SCENES:
        drawn = lot_of(scene)
        for other in (pickle.loads(pickle.dumps(drawn)), copy.copy(drawn), copy.deepcopy(drawn)):
            assert other == drawn, scene.name
            assert hash(other) == hash(drawn), scene.name
            assert all(other.is_held_out(who) == drawn.is_held_out(who) for who in scene.people)
        assert not hasattr(drawn, "__dict__")
        rows = json.loads(json.dumps(drawn.to_dicts(), allow_nan=False))
        assert Counter(row["group"] for row in rows) == +Counter(
            {"holdout": len(drawn.held_out), "test": len(drawn.treated)}
        ), scene.name


def test_the_lot_of_one_hangs_on_no_other():
    everybody = {who for scene in SCENES for who in scene.people}
    drawn = rt.assign_holdout(everybody, salt="a letter", holdout_share=0.4, key=repr)
    for scene in SCENES:
        assert set(lot_of(scene).held_out) == {who for who in drawn.held_out if who in scene.people}, (
            scene.name
        )


def test_a_lot_of_nothing_says_so():
    drawn = rt.assign_holdout([], salt="a letter", holdout_share=0.4)
    assert (drawn.held_out, drawn.treated, drawn.customers, drawn.to_dicts()) == ((), (), 0, [])
    assert str(drawn).endswith(".")


@pytest.mark.parametrize("ids", [None, 3, "ann", b"ann", {"ann": 1}, [None], [["ann"]], [1.5], [True], [""]])
def test_what_are_no_ids_is_refused(ids):
    with pytest.raises(rt.RetentionError, match="assign_holdout"):
        rt.assign_holdout(ids, salt="a letter", holdout_share=0.4)


# ---------------------------------------------------------------------------------------- a test from plan to verdict


@pytest.mark.parametrize("name", ["everything", "everything, running", "random 7", "random"])
def test_a_plan_is_kept_by_the_verdict(name):
    """The same shop, planned and judged: the look is on the planned day, and never before it."""
    scene = scene_of(name)
    shop = shop_of(scene)
    people = [*scene.people]
    lot = rt.assign_holdout(people, salt=name, holdout_share=0.5)
    begin = scene.as_of - timedelta(weeks=5)
    plan = rt.plan_experiment(shop, metric="orders", at=begin, within=timedelta(weeks=4), relative_uplift=0.5)
    terms: dict[str, Any] = {"holdout": lot, "assigned_at": begin, "plan": plan}
    moment = timedelta(microseconds=1)
    early = rt.evaluate_experiment(shop, until=plan.look_at - moment, **terms)
    judged = rt.evaluate_experiment(shop, until=plan.look_at, **terms)
    assert (early.outcome, early.treated, early.p_value) == ("too early", None, None)
    assert judged.outcome in {"real", "noise"}
    assert judged.confidence == plan.confidence
    assert judged.treated.count + judged.held_out.count == len(people)


# -------------------------------------------------------------------------------------------- what stands in texts


@pytest.mark.parametrize("question", PUBLIC, ids=[each.name for each in PUBLIC])
def test_what_lands_in_logs_names_no_customer(question):
    """A `repr` and what is printed, that is; the list itself tells who is on it."""
    answer = told(question, scene_of("secrets"))
    texts = [repr(answer), str(answer)]
    if not isinstance(answer, rt.Assignments | Exception):
        texts.append(answer.explain())
    if isinstance(answer, rt.Audit):
        texts += [text for each in answer.found for text in (repr(each), str(each), each.explain())]
    assert SECRET not in "".join(texts)


def test_a_lot_names_no_customer_in_words():
    drawn = lot_of(scene_of("secrets"))
    assert SECRET not in f"{drawn!r}{drawn}{drawn.explain()}"


# ------------------------------------------------------------------------------------------------- what it is worth


def test_what_is_earned_changes_the_money_alone():
    """Which strategies, in which order and for whom, hangs on no margin."""
    for scene in SCENES:
        plain = rt.recommend(shop_of(scene), period=scene.half_year)
        earned = rt.recommend(shop_of(scene), period=scene.half_year, economics=ECONOMICS)
        assert [one.strategy.id for one in earned] == [one.strategy.id for one in plain], scene.name
        assert [one.priority for one in earned] == [one.priority for one in plain], scene.name
        assert [one.audience for one in earned] == [one.audience for one in plain], scene.name


# ----------------------------------------------------------------------------------------------- what is in place


def test_every_strategy_has_a_line_and_a_reason():
    for question in (each for each in PUBLIC if each.gives is rt.Audit):
        for scene in SCENES:
            found = told(question, scene)
            assert set(found) >= set(rt.STRATEGIES), scene.name
            assert sum(found.tally.values()) == len(found), scene.name
            for item in found.values():
                assert item.why, scene.name
                assert item.hand_over or item.status != "invisible", (scene.name, item)
                assert not (item.status == "in place" and item.ill), (scene.name, item)


def test_of_nothing_no_practice_is_seen():
    for name in ("empty", "nothing yet"):
        scene = scene_of(name)
        assert rt.audit(shop_of(scene), period=scene.half_year).in_place == (), name
