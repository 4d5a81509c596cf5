"""The docstring of everything public about strategies: what it must say, in which order."""

from __future__ import annotations

import inspect
import re
from types import FunctionType
from typing import Any

import attrs
import pytest

import retention as rt
from retention import errors, strategies
from tests.conformance.advice import QUESTIONS, SCENES, told
from tests.conformance.test_tables_docstrings import IN_ORDER, explained, section, text_of

PUBLIC: dict[str, Any] = {name: getattr(strategies, name) for name in strategies.__all__}
every_function = pytest.mark.parametrize(
    "name", [name for name, one in PUBLIC.items() if isinstance(one, FunctionType)]
)
every_class = pytest.mark.parametrize("name", [name for name, one in PUBLIC.items() if isinstance(one, type)])
every_object = pytest.mark.parametrize(
    "name", [name for name, one in PUBLIC.items() if isinstance(one, FunctionType | type)]
)


@every_object
def test_it_is_public_in_the_package_too(name):
    assert getattr(rt, name) is PUBLIC[name]
    assert name in rt.__all__


@every_object
def test_it_begins_with_a_paragraph_of_its_own(name):
    summary, *rest = text_of(PUBLIC[name]).split("\n")
    assert summary.endswith((".", "?"))
    assert rest[:1] == [""]


@every_function
def test_its_parts_stand_in_order(name):
    text = text_of(PUBLIC[name])
    places = [re.search(part, text, re.MULTILINE) for part in IN_ORDER]
    missing = [part for part, place in zip(IN_ORDER, places, strict=True) if place is None]
    assert not missing
    if name.startswith(("recommend", "customer")):
        starts = [place.start() for place in places if place]
        assert starts == sorted(starts)


@every_function
def test_every_argument_is_explained(name):
    function = PUBLIC[name]
    assert explained(text_of(function), "Args") == list(inspect.signature(function).parameters)


@every_function
def test_only_what_it_is_about_is_positional(name):
    kinds = {one.kind for one in inspect.signature(PUBLIC[name]).parameters.values()}
    assert kinds <= {
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.KEYWORD_ONLY,
        inspect.Parameter.VAR_KEYWORD,
    }


@every_function
def test_everything_is_annotated(name):
    signature = inspect.signature(PUBLIC[name])
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(one.annotation is not inspect.Parameter.empty for one in signature.parameters.values())


@every_function
def test_what_it_raises_exists_and_is_what_it_says(name):
    raised = set(explained(text_of(PUBLIC[name]), "Raises"))
    assert raised
    assert raised <= {*errors.__all__, "TypeError"}
    answers = [
        told(each, scene) for each in QUESTIONS if each.name.startswith(f"{name},") for scene in SCENES
    ]
    provoked = {type(answer).__name__ for answer in answers if isinstance(answer, rt.RetentionError)}
    assert provoked <= raised


@every_function
def test_its_example_calls_it(name):
    example = text_of(PUBLIC[name]).partition(">>> ")[2]
    assert re.search(rf"\b(rt\.)?{name}\(", f">>> {example}")


@every_function
def test_the_first_line_of_returns_has_no_colon(name):
    returns = section(text_of(PUBLIC[name]), "Returns").strip().split("\n")[0]
    assert returns
    assert ":" not in returns.replace("`:", "")


@every_class
def test_every_field_is_explained(name):
    one = PUBLIC[name]
    fields = {each.name for each in attrs.fields(one) if not each.name.startswith("_")}
    found = explained(text_of(one), "Attributes")
    assert fields <= set(found)
    assert all(hasattr(one, attribute) for attribute in found)


@every_class
def test_every_public_method_says_what_it_is_for(name):
    for attribute, value in vars(PUBLIC[name]).items():
        if attribute.startswith("_"):
            continue
        function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if isinstance(function, FunctionType):
            first, *_ = text_of(function).split("\n\n")
            assert first.endswith((".", "?")), f"{name}.{attribute}"


@every_class
def test_a_class_is_frozen_and_slotted(name):
    one = PUBLIC[name]
    assert "__slots__" in vars(one)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(object.__new__(one), attrs.fields(one)[0].name, 1)


@every_object
def test_it_is_documented_for_this_version_or_an_earlier_one(name):
    (since,) = re.findall(r"^\.\. versionadded:: (\d+)\.(\d+)$", text_of(PUBLIC[name]), re.MULTILINE)
    assert tuple(map(int, since)) <= tuple(map(int, rt.__version__.split(".")[:2]))


@every_object
def test_nothing_in_it_is_left_to_do(name):
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", text_of(PUBLIC[name]))
