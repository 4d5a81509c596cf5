"""What every table, curve, group and list of customers keeps, whatever the shop: as the metrics do."""

from __future__ import annotations

import copy
import decimal
import json
import math
import pickle
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from itertools import chain, groupby
from typing import Any

import attrs
import pytest

import retention as rt
from retention.errors import RetentionError
from tests.conformance.checks import assert_interval_holds
from tests.conformance.tables import (
    TABLES,
    Table,
    ask,
    content,
    every,
    handed,
    left_out,
    parts,
    public_functions,
    reading,
    said,
    shop_of,
    tell,
    told,
)
from tests.conformance.test_invariance import CONTEXTS, backwards, by_digits
from tests.conformance.worlds._common import MOMENT, World
from tests.conformance.worlds._scenes import (
    SCENES,
    SECRET,
    Scene,
    anchored,
    crowded,
    renamed,
    scene_of,
    shifted,
)

_FEW = ("partial", "aliases", "ties", "strange ids", "guests only", "not known when")
FEW = tuple(map(scene_of, _FEW))
"""Enough of them where a test has many ways to ask."""
_SOME = (
    "partial",
    "random 7",
    "nights in Berlin",
    "leap days",
    "refunded",
    "ties",
    "one customer",
    "aliases",
)
SOME = tuple(map(scene_of, _SOME))
"""Likewise, where each is another shop."""

WITHOUT_CUSTOMERS = tuple(map(scene_of, ("empty", "guests only", "nothing yet")))


def found(table: Table, scenes: Iterable[Scene] = SCENES) -> Iterator[tuple[Scene, Any]]:
    """Everything that comes back; of a dictionary each value."""
    for scene in scenes:
        for part in parts(told(table, scene)):
            yield scene, part


def shown_results(table: Table, scenes: Iterable[Scene] = SCENES) -> Iterator[tuple[Scene, Any]]:
    """The same, but for shops, which are records and no results."""
    return ((scene, part) for scene, part in found(table, scenes) if not isinstance(part, rt.Shop))


_TEXTS: dict[int, str] = {}


def text_of(result: Any) -> str:
    """What it prints, made once: what `told` returns is kept, so that no other object gets its number."""
    if id(result) not in _TEXTS:
        _TEXTS[id(result)] = str(result)
    return _TEXTS[id(result)]


def test_no_public_function_is_forgotten():
    assert set(public_functions()) == {table.function for table in TABLES}


def test_no_two_entries_have_one_name():
    assert max(Counter(table.name for table in TABLES).values()) == 1


@every()
def test_it_answers_somewhere(table):
    answers = [scene.name for scene, _ in found(table)]
    assert len(answers) >= 10, [(scene.name, told(table, scene)) for scene in SCENES]


# ---------------------------------------------------------------------------------------- how it is fed

FORMS: tuple[Callable[[Iterable[Any]], Iterable[Any]], ...] = (
    list,
    lambda records: (one for one in records),
    deque,
    lambda records: dict.fromkeys(records).keys(),
)


@every("orders", "shop")
def test_the_kind_of_iterable_does_not_matter(table):
    for scene in FEW[:3]:
        for form in FORMS:
            assert content(tell(table, scene, form)) == said(table, scene), scene.name


@every("spells")
def test_the_kind_of_iterable_of_spells_does_not_matter(table):
    for scene in FEW:
        for form in FORMS[:3]:  # equal spells are no duplicates
            assert content(tell(table, scene, form)) == said(table, scene), scene.name


@every("orders")
def test_a_history_and_a_shop_are_taken_for_their_orders(table):
    for scene in FEW:
        shop = shop_of(scene)
        for carrier in (shop, shop.history(), rt.Shop(orders=shop.history())):
            assert content(asked_of(table, scene, carrier)) == said(table, scene), scene.name


@every("shop")
def test_a_shop_may_be_made_with_a_history(table):
    for scene in FEW:
        shop = shop_of(scene)
        carrier = rt.Shop(orders=shop.history(), customers=shop.customers)
        assert content(asked_of(table, scene, carrier)) == said(table, scene), scene.name


def asked_of(table: Table, scene: Scene, carrier: Any, **keywords: Any) -> Any:
    """Of a carrier, which brings along how it is read."""
    return ask(table, carrier, **{**table.keywords(scene), **keywords})


@every("shop")
def test_it_demands_a_shop(table):
    scene = scene_of("random")
    for data in (scene.world.records["orders"], shop_of(scene).history(), None, 3, "shop"):
        assert isinstance(asked_of(table, scene, data), RetentionError)


@every("orders")
def test_a_keyword_that_contradicts_the_carrier_is_refused(table):
    scene = scene_of("random")
    for carrier in (shop_of(scene), shop_of(scene).history()):
        refusal = asked_of(table, scene, carrier, as_of=scene.end)
        assert isinstance(refusal, rt.ConflictingArgumentError)
    with pytest.raises(TypeError, match="unexpected"):
        tell(table, scene, unexpected=1)


@every("orders")
def test_what_is_no_order_is_refused(table):
    scene = scene_of("random")
    for data in (None, 3, "orders", [None], [3], ["ann"], [rt.Customer(id=1)], {"ann": 1}):
        with pytest.raises((RetentionError, TypeError)) as refusal:
            raise asked_of(table, scene, data, as_of=scene.as_of)
        assert type(refusal.value).__module__.startswith("retention"), data


@every("orders", "shop", "spells")
def test_the_order_of_the_input_does_not_matter(table):
    for scene in SCENES:
        other = rearranged(table, scene, by_digits if scene in FEW else backwards)
        assert content(other) == said(table, scene), scene.name
        if not isinstance(other, Exception | dict):
            assert other == told(table, scene)
            assert hash(other) == hash(told(table, scene))


def rearranged(table: Table, scene: Scene, shuffle: Callable[[tuple[Any, ...]], Iterable[Any]]) -> Any:
    if table.takes == "spells":
        shuffle = backwards
    return tell(table, scene, lambda records: tuple(shuffle(tuple(records))))


@every()
def test_nothing_is_mutated(table):
    for scene in FEW:
        data, read, keywords = handed(table, scene, list), reading(table, scene), table.keywords(scene)
        kept = {name: value for name, value in keywords.items() if not callable(value)}
        before = copy.deepcopy((data, read, kept))
        asked_of(table, scene, data, **read, **keywords)
        assert (data, read, kept) == before, scene.name


# ---------------------------------------------------------------------------------------- what matters


@every("orders", "shop")
@pytest.mark.parametrize("weeks", [-1_000, 26])
def test_shifting_everything_by_whole_weeks_shifts_labels_only(table, weeks):
    by = timedelta(weeks=weeks)
    for scene in (scene_of("partial"), scene_of("ties")):
        here, there = weekly(scene), shifted(weekly(scene), by)
        expected = counted_from(here.begin, content(tell(table, here)))
        assert counted_from(there.begin, content(tell(table, there))) == expected, scene.name


@cache
def weekly(scene: Scene) -> Scene:
    return replace(scene, weekly=True)


def counted_from(origin: datetime, value: object) -> object:
    """The same with all dates as days from an instant, those in words, too."""
    if isinstance(value, str):
        in_weeks = re.sub(r"(\d{4})-W(\d\d)", partial(_weeks, origin.date()), value)
        return re.sub(r"\d{4}-\d\d-\d\d", partial(_days, origin.date()), in_weeks)
    if isinstance(value, datetime):
        return value - origin
    if isinstance(value, Mapping):
        return {counted_from(origin, key): counted_from(origin, each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return tuple(counted_from(origin, each) for each in value)
    return value


def _days(origin: date, named: re.Match[str]) -> str:
    return f"{(date.fromisoformat(named[0]) - origin).days:+010}"


def _weeks(origin: date, named: re.Match[str]) -> str:
    return f"{(date.fromisocalendar(int(named[1]), int(named[2]), 1) - origin).days:+08}"


RECORDS_THEMSELVES = {"shops_by"}
SENTENCES = {"compare_curves", "power", "detectable_uplift", "customers_needed"}
"""They print as one sentence, which the reader's screen breaks."""


@every("orders", "shop")
def test_what_was_not_yet_known_changes_nothing(table):
    if table.function in RECORDS_THEMSELVES:
        pytest.skip("it hands on the records, whatever their date")
    for scene in map(anchored, SOME):
        as_of = scene.as_of
        if as_of is not None:
            here, late = tell(table, scene), max(as_of + MOMENT, scene.end)
            if late == scene.end:
                later = tell(table, crowded(scene, as_of + MOMENT))
                assert list(map(values, parts(later))) == list(map(values, parts(here))), scene.name
            later = tell(table, crowded(scene, late))
            if table.function == "by_segment":
                assert list(map(values, parts(later))) == list(map(values, parts(here))), scene.name
            else:
                assert content(later) == content(here), scene.name


def values(result: Any) -> list[dict[str, Any]]:
    """The figures without what was left out, of which the period's late records are part."""
    rows = result.to_dicts()
    return [{key: value for key, value in row.items() if key != "left_out"} for row in rows]


@every("orders", "shop")
def test_what_came_later_than_is_asked_for_changes_nothing(table):
    for scene in map(anchored, SOME):
        if table.limit(scene) == scene.at:
            assert content(tell(table, crowded(scene, scene.at))) == content(tell(table, scene)), scene.name


@every("orders", "shop")
def test_renaming_customers_only_renames(table):
    for scene in SOME:
        found = content(tell(table, renamed(scene, in_capitals)))
        assert capitals(found) == capitals(said(table, scene)), scene.name


def in_capitals(name: Any) -> Any:
    """Names of the same lengths, and in the same order."""
    return name.upper() if isinstance(name, str) else name


def capitals(value: object) -> object:
    if isinstance(value, str):
        return value.upper()
    if isinstance(value, Mapping):
        return {capitals(key): capitals(each) for key, each in value.items()}
    return tuple(map(capitals, value)) if isinstance(value, tuple | list) else value


@every("orders", "shop")
def test_the_order_of_names_does_not_matter(table):
    for scene in SOME:
        back = {from_behind(who): who for who in scene.people}
        here, there = told(table, scene), tell(table, renamed(scene, from_behind))
        for one, other in zip(parts(here), parts(there), strict=True):
            if not isinstance(one, rt.Shop):
                assert in_no_order(one, {}) == in_no_order(other, back), scene.name


def from_behind(name: Any) -> Any:
    """Names in another order."""
    return f"~{name[::-1]}" if isinstance(name, str) else name


def in_no_order(result: Any, names: Mapping[Any, Any]) -> Counter[Any]:
    """The rows under names as they were; ranks follow names where all else is equal."""
    rows = (
        {key: named(names, value) for key, value in row.items() if key != "rank"} for row in result.to_dicts()
    )
    return Counter(tuple(row.items()) for row in rows)


def named(names: Mapping[Any, Any], value: Any) -> Any:
    return names.get(value, value)


@every("orders", "shop", "spells")
@pytest.mark.parametrize("context", CONTEXTS.values(), ids=list(CONTEXTS))
def test_the_decimal_context_of_the_host_changes_nothing(table, context):
    expected = [said(table, scene) for scene in FEW]
    inputs = [(scene, handed(table, scene)) for scene in FEW]
    with decimal.localcontext(context) as host:
        host.clear_flags()
        answers = [content(asked_of(table, scene, data, **reading(table, scene))) for scene, data in inputs]
        raised = [signal.__name__ for signal, seen in host.flags.items() if seen]
    assert answers == expected
    assert not raised, "something was computed in the host's context"


@every("orders", "shop")
def test_two_currencies_are_never_added(table):
    scene = scene_of("two currencies")
    euros = replace(
        scene, world=World("euros", scene.world.records, {**scene.world.reading, "currency": "EUR"})
    )
    only = tuple(one for one in scene.world.records["orders"] if one.currency == "EUR")
    records = {**scene.world.records, "orders": only}
    alone = replace(scene, world=World("euros alone", records, scene.world.reading), original=scene.world)
    if table.function not in RECORDS_THEMSELVES:
        for one, other in zip(parts(tell(table, euros)), parts(tell(table, alone)), strict=True):
            assert in_euros(one) == in_euros(other)
    for part in parts(told(table, scene)):
        if not isinstance(part, rt.Shop):
            assert str(part)  # no text of a table fails for the money in it
            assert table.function == "by_segment" or not money_in(part)  # a group may have one currency


def in_euros(result: Any) -> object:
    """The figures; a group that has orders in the other currency only has a row, which is out of nothing."""
    return [row for row in values(result) if row.get("size", 1) != 0]


def money_in(result: Any) -> set[str]:
    """Keys of amounts in two currencies."""
    return {key for row in result.to_dicts() for key, value in row.items() if isinstance(value, Decimal)}


@every("shop")
def test_attributes_without_a_hash_are_refused_or_left_out(table):
    scene = scene_of("random")
    odd = [
        attrs.evolve(one, attributes={"plan": ["gold", "tin"], "visits": {1: 2}})
        for one in scene.world.records["customers"]
    ]
    world = World("no hash", {**scene.world.records, "customers": tuple(odd)}, scene.world.reading)
    answer = tell(table, replace(scene, world=world))
    if table.keywords(scene).get("by") == "plan":
        assert isinstance(answer, rt.InvalidTypeError)
        assert "hash" in str(answer)
    elif table.function == "ideal_customer_profile":
        assert {"plan", "visits"} <= set(answer.unfit)
        assert_unfit_is_said(answer)
    else:
        assert content(answer) == content(tell(table, replace(scene, world=world)))


def assert_unfit_is_said(profile: Any) -> None:
    for attribute in ("plan", "visits"):
        assert f"Not compared: {attribute}" in str(profile)


# --------------------------------------------------------------------------------------- what comes back


@every("orders", "shop")
def test_of_nothing_it_says_why(table):
    for scene in WITHOUT_CUSTOMERS:
        for part in parts(told(table, scene)):
            if isinstance(part, rt.Shop):
                continue
            assert re.search(r"\b(no|nobody|none|not|0)\b", part.explain()), scene.name
            assert str(part).strip()
            for row in () if "since" in table.name else part.to_dicts():  # to the events there are customers
                assert not any(isinstance(value, float) for value in row.values()), (scene.name, row)


@every()
def test_no_attribute_can_be_set(table):
    for result in one_of_each(table):
        names = [each.name for each in attrs.fields(type(result))]
        assert names
        for name in (*names, *names_of_properties(result), "anything"):
            with pytest.raises(AttributeError):
                setattr(result, name, 1)
            with pytest.raises(AttributeError):
                delattr(result, name)
        assert not hasattr(result, "__dict__"), "give it slots"


def names_of_properties(result: Any) -> list[str]:
    return [name for name in dir(type(result)) if isinstance(getattr(type(result), name), property)]


def one_of_each(table: Table) -> list[Any]:
    """A result of each class, the fullest."""
    all_of_them = sorted((part for _, part in found(table)), key=lambda part: len(repr(part)))
    return list({type(part): part for part in all_of_them}.values())


@every()
def test_it_is_a_value(table):
    for scene, result in found(table):
        again = pickle.loads(pickle.dumps(result))
        for other in (again, copy.copy(result), copy.deepcopy(result)):
            assert other == result, scene.name
            assert hash(other) == hash(result), scene.name
        if scene in FEW:
            assert content(again) == content(result), scene.name
        assert result != object()
        assert result != "text"


@every()
def test_others_are_not_equal(table):
    distinct = {repr(said(table, scene)): part for scene in SCENES for part in parts(told(table, scene))}
    if table.takes != "figure":
        assert len(set(distinct.values())) > len(distinct) / 2


@every()
def test_its_repr_is_short_and_gives_nobody_away(table):
    for scene, result in found(table):
        assert len(repr(result)) < 200, scene.name
        assert "\n" not in repr(result)
        assert SECRET not in repr(result), scene.name
        assert "x" * 20 not in repr(result)
        assert " at 0x" not in repr(result)
        assert re.match(rf"<?{type(result).__name__}\b", repr(result))


ABSURD = re.compile(r"\b(nan|inf|infinity|None(?! ended)|Decimal|Fraction|datetime|relativedelta)\b")


@every()
def test_its_text_is_fit_to_print(table):
    for scene, result in shown_results(table):
        for line in text_of(result).split("\n"):
            assert len(line) <= 120 or table.function in SENTENCES, (scene.name, line)
            assert line == line.rstrip(), (scene.name, line)
            assert line.isprintable(), (scene.name, line)
            assert not ABSURD.search(line), (scene.name, line)
            assert not re.search(r"(?<![\w§x.,-])-\d", line), ("a hyphen for a minus", scene.name, line)
        assert text_of(result) == text_of(result).strip("\n")
        assert "\n\n\n" not in text_of(result)


@every()
def test_its_columns_are_aligned(table):
    """Under a rule of hyphens, each column's cells end where its rule ends; the first one's begin where it begins."""
    for scene, result in shown_results(table):
        for rule, rows in ruled(text_of(result)):
            ends = [each.end() for each in re.finditer("-+", rule)]
            for row in rows:
                for end in ends[:-1]:
                    assert row[end : end + 2].strip() == "", (scene.name, rule, row)
                assert len(row) <= ends[-1], (scene.name, rule, row)


def ruled(text: str) -> Iterator[tuple[str, list[str]]]:
    """The rules of each table in a text, with the lines above and below."""
    for _, block in groupby(text.split("\n"), key=bool):
        lines = list(block)
        for place, line in enumerate(lines):
            if re.fullmatch(r"-+(  ?-+)+", line):
                yield line, [*lines[:place][-1:], *lines[place + 1 :]]


@every()
def test_its_rows_are_plain_and_alike(table):
    for scene, result in shown_results(table):
        rows = result.to_dicts()
        assert isinstance(rows, list)
        assert len({tuple(row) for row in rows}) <= 1, scene.name
        json.dumps(rows, default=str, allow_nan=False)
        names = set(scene.people) | set(scene.groups().values()) | keys_of(scene)
        for key, value in chain.from_iterable(row.items() for row in rows):
            assert isinstance(key, str)
            is_plain = value is None or type(value) in {str, int, float, bool, Decimal}
            assert is_plain or value in names, (scene.name, key, value)


def keys_of(scene: Scene) -> set[Any]:
    """What customers can be grouped by."""
    customers = scene.world.records["customers"]
    of_attributes = {value for one in customers for value in one.attributes.values()}
    return of_attributes | {(one.country, len(one.tags)) for one in customers} | {None}


@every()
def test_rows_are_fresh(table):
    for _, result in shown_results(table, FEW):
        rows = result.to_dicts()
        for row in rows:
            row.clear()
        assert all(result.to_dicts())


@every()
def test_numbers_are_finite_and_lie_in_their_intervals(table):
    for scene, result in shown_results(table):
        for row in result.to_dicts():
            for key, value in row.items():
                if isinstance(value, float | Decimal):
                    assert math.isfinite(value), (scene.name, row)
                assert_bounds(key, row)
        for figure in figures_in(result) if scene in SOME else ():
            assert_interval_holds(figure)


def assert_bounds(key: str, row: Mapping[str, Any]) -> None:
    """Where a row has a low and a high end, the value lies between."""
    before, low, after = key.rpartition("low")
    high = f"{before}high{after}"
    if not low or high not in row or (before and before[-1] not in "_."):
        return
    assert (row[key] is None) == (row[high] is None) or "median" in key, row
    if row[key] is None or row[high] is None:
        return
    assert row[key] <= row[high], row
    names = [before.rstrip("_.")] if before else ["times", "survival", "value", "share"]
    for value in map(row.get, names):
        if isinstance(value, int | float | Decimal):
            assert row[key] <= float(value) <= row[high], (key, row)
            return
    assert any(row.get(name, "") is None for name in names), f"what lies between {key} and {high}?"


def figures_in(value: Any, depth: int = 5) -> Iterator[Any]:
    """All the figures with an interval that a result is made of."""
    if isinstance(value, rt.Ratio | rt.Mean | rt.Score):
        if value.value is not None:
            yield value
    elif depth and attrs.has(type(value)) and not isinstance(value, rt.Order | rt.Customer | rt.Period):
        names = chain((each.name for each in attrs.fields(type(value))), names_of_properties(value))
        for name in names:
            yield from figures_in(reads(value, name), depth - 1)
    elif depth and isinstance(value, tuple | list):
        for each in value[:30]:
            yield from figures_in(each, depth - 1)
    elif depth and isinstance(value, Mapping):
        for each in list(value.values())[:30]:
            yield from figures_in(each, depth - 1)


def reads(value: Any, name: str) -> Any:
    try:
        return getattr(value, name)
    except RetentionError:  # a property may say that there is no such figure
        return None


@every()
def test_it_explains_itself(table):
    for scene, result in shown_results(table):
        text = result.explain()
        assert text.endswith("."), scene.name
        assert not text.endswith(".."), scene.name
        assert not re.search(r"\s{2}|\n|\s[.,;:]|\.\s*\.|\(\s*\)", text.replace("(...)", "")), (
            scene.name,
            text,
        )
        assert not ABSURD.search(text), (scene.name, text)
        for reason, count in left_out(result).items():
            assert f"{count:,} {reason}" in text, (scene.name, reason)
        for assumption in getattr(result, "assumed", ()):
            assert assumption in text, scene.name


@every("orders", "shop")
def test_it_leaves_out_guests_and_says_so(table):
    if table.function in RECORDS_THEMSELVES or table.name in {"by_segment, a mean", "by_segment, money"}:
        pytest.skip("guests are counted, as a group of their own")
    scene = scene_of("random")
    for part in parts(told(table, scene)):
        assert any("guest" in reason for reason in left_out(part)), left_out(part)


@every("orders", "shop")
def test_it_knows_who_made_it(table):
    for scene, part in shown_results(table):
        if hasattr(part, "basis"):
            assert (part.basis.metric or "").startswith(table.function.removesuffix("s_by")), scene.name
            assert part.basis.period, scene.name
