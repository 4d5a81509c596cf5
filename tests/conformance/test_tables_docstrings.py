"""The docstring of everything public that is no metric: what it must say, in which order."""

from __future__ import annotations

import inspect
import re
from types import FunctionType
from typing import Any

import attrs
import pytest

import retention as rt
from retention import errors
from tests.conformance.tables import TABLES, public, public_classes, public_functions, told
from tests.conformance.test_docstrings import SOURCES
from tests.conformance.worlds._scenes import SCENES

IN_ORDER = (r"^Args:$", r"^Returns:$", r"^Raises:$", r"^>>> ", r"^\.\. versionadded:: \d+\.\d+")
FROM_LITERATURE = {
    "ideal_customer_profile": "SC2",
    "survival_curve": "Kaplan",
    "compare_curves": "log-rank|Mantel|Peto",
    "customers_needed": "Fleiss|Cohen|Campbell|Newcombe",
    "rfm_table": "SE18|RFM|Hughes",
}
"""Functions whose method others have published, and what a reference to them has in it."""

every_function = pytest.mark.parametrize("name", list(public_functions()))
every_class = pytest.mark.parametrize("name", list(public_classes()))
every_object = pytest.mark.parametrize("name", [*public_functions(), *public_classes()])


def text_of(one: Any) -> str:
    return inspect.getdoc(one) or ""


def section(text: str, name: str) -> str:
    """What stands indented under a heading."""
    found = re.search(rf"^{name}:\n((?:[ ]+.*\n|\n)+)", text + "\n", re.MULTILINE)
    return found.group(1) if found else ""


def explained(text: str, name: str) -> list[str]:
    return re.findall(r"^    \*{0,2}(\w+): \S", section(text, name), re.MULTILINE)


@every_object
def test_it_begins_with_a_sentence(name):
    summary, *rest = text_of(public()[name]).split("\n")
    assert summary.endswith((".", "?"))
    assert ". " not in summary
    assert rest[:1] == [""]


@every_function
def test_its_parts_stand_in_order(name):
    text = text_of(public()[name])
    places = [re.search(part, text, re.MULTILINE) for part in IN_ORDER]
    missing = [part for part, place in zip(IN_ORDER, places, strict=True) if place is None]
    assert not missing
    starts = [place.start() for place in places if place]
    assert starts == sorted(starts)


@every_function
def test_every_argument_is_explained(name):
    function = public()[name]
    assert explained(text_of(function), "Args") == list(inspect.signature(function).parameters)


@every_function
def test_only_the_data_are_positional(name):
    parameters = inspect.signature(public()[name]).parameters.values()
    kinds = {one.kind for one in parameters}
    assert kinds <= {
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.KEYWORD_ONLY,
        inspect.Parameter.VAR_KEYWORD,
    }


@every_function
def test_everything_is_annotated(name):
    signature = inspect.signature(public()[name])
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(one.annotation is not inspect.Parameter.empty for one in signature.parameters.values())


@every_function
def test_what_it_raises_exists_and_is_what_it_says(name):
    raised = set(explained(text_of(public()[name]), "Raises"))
    assert raised
    assert raised <= {*errors.__all__, "TypeError"}
    answers = [told(table, scene) for table in TABLES if table.function == name for scene in SCENES]
    provoked = {type(answer).__name__ for answer in answers if isinstance(answer, rt.RetentionError)}
    assert provoked <= raised


@every_function
def test_its_example_calls_it(name):
    example = text_of(public()[name]).partition(">>> ")[2]
    assert re.search(rf"\b(rt\.)?{name}\(", f">>> {example}")


@every_function
def test_the_first_line_of_returns_has_no_colon(name):
    returns = section(text_of(public()[name]), "Returns").strip().split("\n")[0]
    assert returns
    assert ":" not in returns.replace("`:", "")


@pytest.mark.parametrize("name", FROM_LITERATURE)
def test_it_names_where_the_method_is_from(name):
    references = section(text_of(public()[name]), "References")
    assert re.search(FROM_LITERATURE[name], references)


@every_object
def test_its_sources_stand_on_the_page_of_sources(name):
    page = SOURCES.read_text(encoding="utf-8")
    for source in re.findall(r"\bS[A-Z]\d+\b", section(text_of(public()[name]), "References")):
        assert re.search(rf"^\| ([\w ,]+, )?{source}\b", page, re.MULTILINE), source


@every_class
def test_every_field_is_explained(name):
    one = public()[name]
    if not attrs.has(one):
        pytest.skip("no record")
    fields = {each.name for each in attrs.fields(one) if not each.name.startswith("_")}
    found = explained(text_of(one), "Attributes")
    assert fields <= set(found)
    assert all(hasattr(one, attribute) for attribute in found)


@every_class
def test_every_public_method_says_what_it_is_for(name):
    one = public()[name]
    for attribute, value in vars(one).items():
        if attribute.startswith("_"):
            continue
        function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if isinstance(function, FunctionType):
            first, *_ = text_of(function).split("\n\n")
            assert first.endswith((".", "?")), f"{name}.{attribute}"


@every_class
def test_a_class_is_frozen_and_slotted(name):
    one = public()[name]
    if not attrs.has(one):
        pytest.skip("no record")
    assert "__slots__" in vars(one)
    assert all(each.kw_only or name == "Spell" for each in attrs.fields(one))


@every_object
def test_it_is_documented_for_this_version_or_an_earlier_one(name):
    (since,) = re.findall(r"^\.\. versionadded:: (\d+)\.(\d+)$", text_of(public()[name]), re.MULTILINE)
    assert tuple(map(int, since)) <= tuple(map(int, rt.__version__.split(".")[:2]))


@every_object
def test_nothing_in_it_is_left_to_do(name):
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", text_of(public()[name]))
