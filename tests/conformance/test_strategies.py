"""What advice keeps, whatever the shop: the same promises as the metrics and the tables."""

from __future__ import annotations

import copy
import decimal
import json
import pickle
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import Any

import attrs
import pytest

import retention as rt
from retention.errors import RetentionError
from tests.conformance.advice import (
    EASY,
    QUESTIONS,
    SCENES,
    WHOLE,
    Question,
    ask,
    content,
    crowded,
    every_question,
    parts,
    renamed,
    said,
    scene_of,
    tell,
    told,
)
from tests.conformance.tables import shop_of
from tests.conformance.test_invariance import CONTEXTS, backwards, by_digits
from tests.conformance.test_tables import capitals, counted_from, from_behind, in_capitals
from tests.conformance.worlds._common import DAY, MOMENT, World, forgotten
from tests.conformance.worlds._orders import order
from tests.conformance.worlds._scenes import SECRET, Scene, shifted

FEW = tuple(map(scene_of, ("everything", "partial", "aliases", "ties", "strange ids", "not known when")))
"""Enough of them where a test has many ways to ask."""
SOME = (*WHOLE, *map(scene_of, ("random 7", "nights in Berlin", "leap days", "refunded", "one customer")))
"""Likewise, where each is another shop."""

FORMS: tuple[Callable[[Iterable[Any]], Iterable[Any]], ...] = (
    list,
    lambda records: (one for one in records),
    deque,
    lambda records: dict.fromkeys(records).keys(),
)
OF_ALL = tuple(each for each in QUESTIONS if each.name.startswith("recommend,"))
"""Those that give recommendations for the whole shop."""


def found(question: Question, scenes: Iterable[Scene] = SCENES) -> Iterator[tuple[Scene, Any]]:
    """Everything that comes back; of a dictionary each value."""
    for scene in scenes:
        for part in parts(told(question, scene)):
            yield scene, part


def recommendations(scenes: Iterable[Scene] = SCENES) -> Iterator[tuple[Scene, rt.Recommendation]]:
    """Every single recommendation for a shop."""
    for question in OF_ALL:
        for scene, answer in found(question, scenes):
            for one in answer:
                yield scene, one


@every_question
def test_it_answers_somewhere(question):
    assert len({scene.name for scene, _ in found(question)}) >= (
        7 if question.gives is rt.ExperimentPlan else 20
    )
    assert all(type(answer) is question.gives for _, answer in found(question))


def test_all_outcomes_are_among_the_answers():
    """Else the tests below would be about little."""
    answers = [answer for question in OF_ALL for _, answer in found(question)]
    assert {len(answer) > 0 for answer in answers} == {True, False}
    assert {answer.is_too_little_known for answer in answers} == {True, False}
    reasons = set(chain.from_iterable(answer.skipped_because for answer in answers))
    assert {"no data", "too few", "undefined", "not observable", "not comparable", "refused"} <= reasons
    assert {one.audience is None for _, one in recommendations()} == {True, False}
    assert {one.value_at_stake is None for _, one in recommendations()} == {True, False}
    assert any(one.overlaps_with for _, one in recommendations())
    assert any("contradicts" in each.why for answer in answers for each in answer.rejected)


# ---------------------------------------------------------------------------------------- how it is fed


@every_question
def test_the_kind_of_iterable_does_not_matter(question):
    for scene in FEW[:3]:
        for form in FORMS:
            assert content(tell(question, scene, form)) == said(question, scene), scene.name


@every_question
def test_a_history_in_the_shop_does_not_matter(question):
    for scene in FEW:
        shop = shop_of(scene)
        carrier = attrs.evolve(shop, orders=shop.history())
        assert content(ask(question, carrier, scene)) == said(question, scene), scene.name


@every_question
def test_orders_a_history_and_a_shop_of_orders_are_the_same(question):
    for scene in map(only_orders, FEW):
        expected, orders = said(question, scene), scene.world.records["orders"]
        for form in (tuple, *FORMS):
            answer = ask(question, form(orders), scene, **scene.world.reading)
            assert content(answer) == expected, scene.name
        assert content(ask(question, shop_of(scene).history(), scene)) == expected, scene.name


@cache
def only_orders(scene: Scene) -> Scene:
    records = {"orders": scene.world.records["orders"]}
    return replace(scene, world=World(f"{scene.name}, orders", records, scene.world.reading))


@every_question
def test_rules_may_be_any_iterable_of_them(question):
    scene = scene_of("everything")
    if question in OF_ALL:
        given = rt.recommend(shop_of(scene), period=scene.month)
        as_rules = rt.recommend(
            shop_of(scene), period=scene.month, rules=(rule for rule in rt.DEFAULT_RULES.values())
        )
        assert content(as_rules) == content(given)


@every_question
def test_the_order_of_the_input_does_not_matter(question):
    for scene in SCENES:
        shuffle = by_digits if scene in FEW else backwards
        other = tell(question, scene, lambda records, by=shuffle: tuple(by(tuple(records))))
        assert content(other) == said(question, scene), scene.name
        if not isinstance(other, Exception | dict):
            assert other == told(question, scene), scene.name
            assert hash(other) == hash(told(question, scene)), scene.name


@every_question
def test_a_carrier_answers_the_same_whatever_was_asked_before(question):
    for scene in FEW:
        shop = shop_of(scene)
        for other in QUESTIONS:
            ask(other, shop, scene)
        assert content(ask(question, shop, scene)) == said(question, scene), scene.name


@every_question
def test_nothing_is_mutated(question):
    for scene in FEW:
        lists = {kind: list(records) for kind, records in scene.world.records.items()}
        shop = rt.Shop(**lists, **scene.world.reading)
        before = copy.deepcopy(lists)
        for part in parts(ask(question, shop, scene)):
            content(part)
        assert lists == before, scene.name
        assert all(list(getattr(shop, kind)) == records for kind, records in before.items()), scene.name


@every_question
def test_what_is_no_order_is_refused(question):
    scene = scene_of("everything")
    for data in (None, 3, "orders", [None], [3], ["ann"], [rt.Customer(id=1)], {"ann": 1}):
        assert isinstance(ask(question, data, scene), RetentionError), data


@every_question
def test_a_keyword_that_contradicts_the_carrier_is_refused(question):
    scene = scene_of("everything")
    for carrier in (shop_of(scene), shop_of(scene).history()):
        refusal = ask(question, carrier, scene, as_of=scene.end)
        assert isinstance(refusal, rt.ConflictingArgumentError)
        with pytest.raises(TypeError, match="unexpected"):
            question.ask(carrier, scene, unexpected=1)


@every_question
def test_an_instant_without_a_zone_is_refused(question):
    scene = only_orders(scene_of("random"))
    naive = datetime(2026, 5, 8)
    refusal = ask(question, scene.world.records["orders"], scene, as_of=naive)
    assert isinstance(refusal, rt.NaiveDatetimeError)
    with pytest.raises(rt.NaiveDatetimeError):
        rt.recommend_for("ann", shop_of(scene), at=naive)


@every_question
def test_an_id_that_stands_twice_is_refused(question):
    for scene in FEW:
        if scene.world.records["orders"]:
            first = scene.world.records["orders"][0]
            twice = scene.and_also({"orders": [attrs.evolve(first, amount=first.amount + 1)]})
            assert isinstance(tell(question, twice), rt.DuplicateRecordError), scene.name


# ---------------------------------------------------------------------------------------- what matters


@every_question
@pytest.mark.parametrize("weeks", [-1_000, 26])
def test_shifting_everything_by_whole_weeks_shifts_labels_only(question, weeks):
    by = timedelta(weeks=weeks)
    # The lot among equals is another one on every day.
    equals = () if question.gives is rt.Assignments else (scene_of("ties"),)
    for scene in (scene_of("everything"), scene_of("partial"), *equals):
        here, there = weekly(scene), shifted(weekly(scene), by)
        expected = counted_from(here.begin, without_heads(content(tell(question, here))))
        answer = counted_from(there.begin, without_heads(content(tell(question, there))))
        assert answer == expected, scene.name


def without_heads(value: object) -> object:
    """The same without the heads of tables, which may cut a date short."""
    if isinstance(value, str):
        return re.sub(r"^WHAT .*", "", value)
    return tuple(map(without_heads, value)) if isinstance(value, tuple | list) else value


@cache
def weekly(scene: Scene) -> Scene:
    return replace(scene, weekly=True)


def anchored(scene: Scene) -> Scene:
    """The same, with a guest's purchase of long ago, by which it is known in any case what orders can tell."""
    told_of = {
        "channel": "web",
        "discount": 1,
        "cost": 1,
        "items": [rt.LineItem(product="p", category="tea")],
    }
    return scene.and_also({"orders": [order(None, scene.begin - 400 * DAY, **told_of)]})


@every_question
def test_what_was_not_yet_known_changes_nothing(question):
    for scene in map(anchored, SOME):
        if scene.as_of is not None:
            late = max(scene.as_of + MOMENT, scene.end)
            assert content(tell(question, crowded(scene, late))) == content(tell(question, scene)), scene.name


@every_question
def test_what_is_dated_after_as_of_has_not_happened(question):
    for scene in SOME:
        if scene.as_of is not None and scene.name != "leap days":  # whose customers are from another time
            past = replace(scene, world=forgotten(scene.world, scene.as_of + MOMENT))
            assert len(past.world.records["customers"]) == len(scene.world.records["customers"])
            for one, other in zip(parts(tell(question, past)), parts(told(question, scene)), strict=True):
                assert advised(one) == advised(other), scene.name


def advised(answer: Any) -> object:
    """What is advised, for whom and why, without what was left out on the way."""
    if isinstance(answer, rt.Recommendations):
        kept = [
            (one.to_dict(), str(one), () if one.audience is None else one.audience.customers)
            for one in answer
        ]
        return kept, [(each.rule.id, each.why) for each in (*answer.rejected, *answer.skipped)]
    return rows(answer), str(answer)


@every_question
def test_what_came_later_than_is_asked_for_changes_nothing(question):
    for scene in map(anchored, SOME):
        if question.limit(scene) is not None:
            here = tell(question, scene)
            later = tell(question, crowded(scene, scene.at + MOMENT))
            if isinstance(here, dict):
                later = {who: each for who, each in later.items() if who in here}
            assert content(later) == content(here), scene.name


@every_question
def test_renaming_customers_only_renames(question):
    for scene in SOME if question.gives is not rt.Assignments else ():  # whose ties are broken by the names
        answer = content(tell(question, renamed(scene, in_capitals)))
        assert capitals(answer) == capitals(said(question, scene)), scene.name


@every_question
def test_the_order_of_names_does_not_matter(question):
    for scene in SOME:
        here, there = told(question, scene), tell(question, renamed(scene, from_behind))
        if isinstance(here, dict):
            back = {from_behind(who): each for who, each in here.items()}
            assert there.keys() == back.keys(), scene.name
            for who, each in there.items():
                assert each.to_dict() | {"customer_id": 0} == back[who].to_dict() | {"customer_id": 0}
        elif isinstance(here, rt.Recommendations):
            assert there.to_dicts() == here.to_dicts(), scene.name
            assert str(there) == str(here), scene.name
            assert there.explain() == here.explain(), scene.name
            for one, other in zip(there, here, strict=True):
                assert people_of(one) == {from_behind(who) for who in people_of(other)}, scene.name
        elif not isinstance(here, rt.Assignments | rt.NextAction):
            assert content(there) == content(here), scene.name


def people_of(one: rt.Recommendation) -> set[Any]:
    return set() if one.audience is None else set(one.audience.customers)


@every_question
@pytest.mark.parametrize("context", CONTEXTS.values(), ids=list(CONTEXTS))
def test_the_decimal_context_of_the_host_changes_nothing(question, context):
    expected = [said(question, scene) for scene in FEW]
    shops = [shop_of(scene) for scene in FEW]
    with decimal.localcontext(context) as host:
        host.clear_flags()
        answers = [content(ask(question, shop, scene)) for scene, shop in zip(FEW, shops, strict=True)]
        raised = [signal.__name__ for signal, seen in host.flags.items() if seen]
    assert answers == expected
    assert not raised, "something was computed in the host's context"


@every_question
def test_two_currencies_are_never_added(question):
    scene = scene_of("two currencies")
    for part in parts(told(question, scene)):
        if isinstance(part, rt.Recommendations):
            assert all(one.value_at_stake is None for one in part)
            audiences = [one.audience for one in part if one.audience is not None]
            assert all(each.spend is None or not each.spend for each in audiences if len(each) > 1)
            assert all(each.currency is None for each in audiences)
        elif isinstance(part, rt.NextAction):
            assert part.situation.spend is None
            assert part.situation.value is None
    euros = World("euros", scene.world.records, {**scene.world.reading, "currency": "EUR"})
    only = tuple(one for one in scene.world.records["orders"] if one.currency == "EUR")
    alone = World("euros", {**scene.world.records, "orders": only}, scene.world.reading)
    here = tell(question, replace(scene, world=alone, original=scene.world))
    there = tell(question, replace(scene, world=euros, original=scene.world))
    for one, other in zip(parts(there), parts(here), strict=True):
        assert advised(one) == advised(other)


@every_question
def test_huge_amounts_do_no_harm(question):
    for scene in (scene_of("everything"), scene_of("refunded")):
        grown = replace(scene, world=World("huge", huge(scene), scene.world.reading))
        for part in parts(tell(question, grown)):
            json.dumps(rows(part), default=str, allow_nan=False)
            assert "inf" not in str(content(part)).replace("inform", "")


def huge(scene: Scene) -> dict[str, tuple[Any, ...]]:
    """The same records, where what is bought costs as much as an order may."""
    orders = tuple(
        attrs.evolve(one, amount=one.amount * 10**13, refunds=(), discount=None, cost=None, items=())
        for one in scene.world.records["orders"]
    )
    return {**scene.world.records, "orders": orders}


# --------------------------------------------------------------------------------------- what comes back


@every_question
def test_of_nothing_it_says_so(question):
    for name in ("empty", "guests only", "nothing yet"):
        for part in parts(told(question, scene_of(name))):
            if isinstance(part, rt.Recommendations):
                assert all(not one.urgent for one in part if one.strategy.id in rt.STRATEGIES), name
                assert part or "othing is recommended" in str(part)
    empty = rt.recommend([], period=scene_of("empty").month)
    assert empty.is_too_little_known
    assert "Too little data" in str(empty)
    assert "A12" in empty.explain()


def test_of_one_customer_too_little_is_known():
    scene = scene_of("one customer")
    advice = rt.recommend(shop_of(scene), period=scene.month)
    assert (len(advice), advice.is_too_little_known) == (0, True)


@every_question
def test_it_is_a_value(question):
    for scene, answer in found(question):
        again = pickle.loads(pickle.dumps(answer))
        for other in (again, copy.copy(answer), copy.deepcopy(answer)):
            assert other == answer, scene.name
            assert hash(other) == hash(answer), scene.name
        if scene in FEW:
            assert content(again) == content(answer), scene.name
        assert answer != object()


@every_question
def test_it_cannot_be_changed(question):
    for answer in {type(part): part for _, part in found(question)}.values():
        for name in (*(each.name for each in attrs.fields(type(answer))), "anything"):
            with pytest.raises(AttributeError):
                setattr(answer, name, 1)
            with pytest.raises(AttributeError):
                delattr(answer, name)
        assert not hasattr(answer, "__dict__"), "give it slots"


def test_what_is_within_is_a_value_too():
    for scene, one in recommendations(FEW):
        values = (one, one.audience, one.value_at_stake, one.priority, *one.reasons, *one.findings)
        for value in values:
            again = pickle.loads(pickle.dumps(value))
            assert again == value, scene.name
            assert hash(again) == hash(value), scene.name
            assert not hasattr(value, "__dict__"), type(value)


@every_question
def test_its_repr_is_short(question):
    for scene, answer in found(question):
        for one in (answer, *(answer if isinstance(answer, rt.Recommendations) else ())):
            assert len(repr(one)) < 200, scene.name
            assert repr(one).isprintable(), scene.name
            assert " at 0x" not in repr(one)
            assert re.match(rf"<?{type(one).__name__}\b", repr(one))


def test_advice_for_a_shop_names_no_customer():
    """In no text, that is; the audience has the ids, and a row of the table has none."""
    for question in OF_ALL:
        answer = told(question, scene_of("secrets"))
        texts = [repr(answer), str(answer), answer.explain(), repr(answer.to_dicts())]
        texts += [text for one in answer for text in (repr(one), str(one), one.explain(), repr(one.audience))]
        texts += [each.explain() for each in (*answer.rejected, *answer.skipped)]
        assert SECRET not in "".join(texts)


ABSURD = re.compile(r"\b(nan|inf|infinity|None|Decimal|Fraction|datetime|relativedelta)\b")


@every_question
def test_its_text_is_fit_to_print(question):
    for scene, answer in found(question):
        for text in texts_of(answer):
            assert text == text.strip(), (scene.name, text)
            assert "\n\n\n" not in text
            for line in text.split("\n"):
                assert line == line.rstrip(), (scene.name, line)
                assert line.isprintable(), (scene.name, line)
                assert not ABSURD.search(line), (scene.name, line)


def texts_of(answer: Any) -> Iterator[str]:
    yield str(answer)
    yield answer.explain()
    if isinstance(answer, rt.Assignments | rt.Audit):
        for one in answer.everybody() if isinstance(answer, rt.Assignments) else answer.found:
            yield str(one)
            yield one.explain()
    if isinstance(answer, rt.Recommendations):
        for one in answer:
            yield str(one)
            yield one.explain()
        for verdict in (*answer.rejected, *answer.skipped):
            yield str(verdict)
            yield verdict.explain()


@every_question
def test_a_table_and_what_is_told_of_a_customer_fit_a_screen(question):
    for scene, answer in found(question):
        if not isinstance(answer, rt.Verdict):  # a sentence, which the reader's screen breaks
            widest = max(map(len, str(answer).split("\n")))
            assert widest <= 120, (scene.name, str(answer))


@every_question
def test_it_explains_itself(question):
    for scene, answer in found(question):
        for text in texts_of(answer) if scene.name != "strange ids" else ():
            assert not re.search(r" {2}|\s[.,;:](?!\d)|\.\s*\.(?!\.)|\(\s*\)", prose(text)), (
                scene.name,
                text,
            )
        assert answer.explain().endswith((".", "!", "?")), (scene.name, answer.explain()[-80:])


def prose(text: str) -> str:
    """A text without its tables, and without the indents of lines that go on."""
    lines = [line.strip() for line in text.split("\n")]
    text = "\n".join(line for line in lines if "  " not in line)
    return re.sub(r"\(\.\.\.\)|= ?\.\.\.|: \.\.\.(?=})|(?<=explain)\(\)", "", text)


@every_question
def test_its_rows_are_plain_and_fresh(question):
    for scene, answer in found(question):
        given = rows(answer)
        json.dumps(given, default=str, allow_nan=False)
        assert len({tuple(row) for row in given}) <= 1, scene.name
        for row in given:
            for key, value in row.items():
                assert isinstance(key, str)
                is_list = type(value) is list and key in LISTS
                is_plain = value is None or type(value) in {str, int, float, bool, Decimal}
                assert is_plain or is_list, (scene.name, key, value)
        for row in given:
            row.clear()
        assert all(rows(answer))


LISTS = {
    "also",
    "chances",
    "findings",
    "first_steps",
    "hand_over",
    "ill",
    "overlaps_with",
    "rules",
    "stages",
}
"""What a row has several of."""


def rows(answer: Any) -> list[dict[str, Any]]:
    if isinstance(answer, rt.Assignments):
        return answer.to_dicts(everybody=True)
    return answer.to_dicts() if hasattr(answer, "to_dicts") else [answer.to_dict()]


# -------------------------------------------------------------------------------------- what it comes to


def test_what_is_ill_stands_first_and_priorities_fall():
    for question in OF_ALL:
        for scene, answer in found(question):
            places = [(not one.urgent, -one.priority.value, one.strategy.id) for one in answer]
            assert places == sorted(places), scene.name


def test_every_rule_comes_to_one_thing():
    for question in OF_ALL:
        for scene, answer in found(question):
            follows = [reason.rule.id for one in answer for reason in one.reasons]
            others = [each.rule.id for each in (*answer.rejected, *answer.skipped)]
            rules = rt.DEFAULT_RULES if question.name == "recommend, a month" else EASY
            assert sorted(follows + others) == sorted(rules), scene.name
            strategies = [one.strategy.id for one in answer]
            assert len(set(strategies)) == len(strategies), scene.name


def test_shares_stay_shares_and_money_within_its_range():
    for scene, one in recommendations():
        priority, value = one.priority, one.value_at_stake
        assert 0 <= priority.severity <= 1, scene.name
        assert 0 <= priority.reach <= 1, scene.name
        assert priority.value >= 0, scene.name
        if value is not None:
            assert 0 <= value.low <= value.value <= value.high, (scene.name, one)
            assert value.assumptions, scene.name


def test_an_audience_is_some_customers_once_each_the_best_first():
    for scene, one in recommendations():
        audience = one.audience
        if audience is None:
            assert one.no_audience_because, scene.name
            continue
        assert len(set(audience.customers)) == len(audience), scene.name
        assert not set(scene.world.reading.get("aliases", ())) & set(audience.customers), scene.name
        assert None not in audience.customers, scene.name


def test_what_contradicts_is_never_recommended_together():
    for question in OF_ALL:
        for scene, answer in found(question):
            names = {one.strategy.id for one in answer}
            against = set(chain.from_iterable(one.strategy.contradicts for one in answer))
            assert not names & against, scene.name


def test_a_slice_is_such_a_list():
    answer = told(OF_ALL[1], scene_of("everything"))
    assert len(answer) > 5
    head = answer[:3]
    assert [*head] == [*answer][:3]
    assert (head.of_all, head.rejected, head.skipped) == (len(answer), answer.rejected, answer.skipped)
    assert f"3 of {len(answer)}" in str(head)
    assert str(answer[len(answer) :]).startswith("None in this part of the list")
    assert answer[-1] == [*answer][-1]
    assert pickle.loads(pickle.dumps(head)) == head


def test_a_snapshot_judges_the_figures_alike():
    """Rules about levels come to the same; of what needs the records it says that they are not there."""
    for name in ("everything", "random", "refunded", "two currencies"):
        scene = scene_of(name)
        shop = shop_of(scene)
        snapshot = rt.snapshot(shop, period=scene.month)
        of_shop = outcomes(rt.recommend(shop, period=scene.month, rules=EASY))
        of_snapshot = outcomes(rt.recommend(snapshot, rules=EASY))
        judged = {rule: outcome for rule, outcome in of_snapshot.items() if outcome != "skipped"}
        levels = {rule: outcome for rule, outcome in judged.items() if is_of_usual_levels(EASY[rule])}
        assert levels, name
        assert levels == {rule: of_shop[rule] for rule in levels}, name


def is_of_usual_levels(rule: rt.Rule) -> bool:
    return all(each.change is None and not each.options for each in rule.conditions)


def outcomes(answer: rt.Recommendations) -> dict[str, str]:
    """What each rule came to; those of strategies that contradict others, too, are as judged."""
    everything = chain(*(one.reasons for one in answer), answer.rejected, answer.skipped)
    return {each.rule.id: "recommended" if "contradicts" in each.why else each.outcome for each in everything}
