"""The docstring of every metric: what it must say, in which order, and that it says what the catalog says."""

from __future__ import annotations

import inspect
import re
from itertools import chain
from pathlib import Path
from typing import Any

import retention as rt
from retention import errors
from tests.conformance.asking import ask, options, tell
from tests.conformance.checks import every_metric
from tests.conformance.worlds import World, random_records, takes_shop_only
from tests.conformance.worlds._common import FEBRUARY, MARCH
from tests.conformance.worlds._orders import IN_TWO_CURRENCIES
from tests.conformance.worlds._responses import answer_to, response
from tests.conformance.worlds._subscriptions import SPANS_IN_TWO_CURRENCIES

IN_ORDER = (
    r"\.\. math:: \S",
    r"^Range: ",
    r"^Args:$",
    r"^Returns:$",
    r"^Raises:$",
    r"^>>> ",
    r"^References:$",
    r"^\.\. versionadded:: \d+\.\d+",
)
DIRECTION = {"higher": "higher is better", "lower": "lower is better", "neither": "none"}
SOURCES = Path(__file__).parents[2] / "docs" / "sources.md"


def text_of(spec: rt.MetricSpec) -> str:
    return inspect.getdoc(spec.function) or ""


def section(spec: rt.MetricSpec, name: str) -> str:
    """What stands indented under a heading."""
    found = re.search(rf"^{name}:\n((?:[ ]+.*\n|\n)+)", text_of(spec) + "\n", re.MULTILINE)
    return found.group(1) if found else ""


@every_metric
def test_it_begins_with_a_sentence_of_its_own(spec):
    summary, blank, *_ = text_of(spec).split("\n")
    assert blank == ""
    assert summary.endswith(".")
    assert ". " not in summary
    assert summary == spec.summary


@every_metric
def test_the_sentence_gives_the_fraction_in_words(spec):
    if spec.id.endswith(("_rate", "_ratio", "_value", "_frequency")):
        assert re.search(r"\w\)? / \(?\w", spec.summary)


@every_metric
def test_its_parts_stand_in_order(spec):
    places = [re.search(part, text_of(spec), re.MULTILINE) for part in IN_ORDER]
    missing = [part for part, place in zip(IN_ORDER, places, strict=True) if place is None]
    assert not missing
    starts = [place.start() for place in places if place]
    assert starts == sorted(starts)


@every_metric
def test_it_says_range_direction_and_unit(spec):
    paragraph = re.search(r"^Range: (.+?)\. Direction: (.+?)\. Unit: (.+?)\.$", flat(spec), re.MULTILINE)
    assert paragraph
    values, direction, unit = paragraph.groups()
    assert re.match(r"(counts from )?(-?\d|`top`)", values)
    assert direction.partition(";")[0] == DIRECTION[spec.direction]
    assert unit == "none" or len(unit) > 3


def flat(spec: rt.MetricSpec) -> str:
    """The docstring with each paragraph on one line."""
    return "\n".join(paragraph.replace("\n", " ") for paragraph in text_of(spec).split("\n\n"))


@every_metric
def test_every_argument_is_explained(spec):
    explained = re.findall(r"^    (\w+): \S", section(spec, "Args"), re.MULTILINE)
    assert explained == list(inspect.signature(spec.function).parameters)


@every_metric
def test_it_says_when_it_is_undefined(spec):
    assert "Undefined when " in " ".join(section(spec, "Returns").split())


@every_metric
def test_what_it_raises_exists(spec):
    raised = promised(spec)
    assert raised
    assert raised <= set(errors.__all__)
    # A shop that is made of contradictions refuses them itself.
    assert ("InvalidTypeError" if takes_shop_only(spec) else "ConflictingArgumentError") in raised


def promised(spec: rt.MetricSpec) -> set[str]:
    return set(re.findall(r"^    (\w+): \S", section(spec, "Raises"), re.MULTILINE))


PROVOKED = {
    "AsOfRequiredError",
    "DuplicateRecordError",
    "DuplicateResponseError",
    "MixedCurrencyError",
    "MixedScaleError",
    "NotObservableError",
}
"""Errors that the tests below make a metric raise, if it can."""


@every_metric
def test_what_it_raises_is_what_it_says(spec):
    provoked = [*strange(spec), *asked_too_early(spec)]
    refusals = {type(refusal).__name__ for refusal in provoked if isinstance(refusal, rt.RetentionError)}
    unsaid = (
        {"MixedScaleError"} if spec.id == "net_promoter_score" else set()
    )  # of which there is but one scale
    assert refusals <= promised(spec)
    assert promised(spec) & PROVOKED - unsaid == refusals & PROVOKED


def asked_too_early(spec: rt.MetricSpec) -> list[Any]:
    """Of times that the data do not reach, or about which they contradict themselves."""
    early = World("early", {}, {"as_of": FEBRUARY})
    not_known_when = World("not known when", random_records(spec.inputs[0], 3, 60))
    answers = [tell(spec, early), *(tell(spec, not_known_when, **option) for option in options(spec))]
    if not takes_shop_only(spec):
        answers.append(ask(spec, rt.Shop(as_of=MARCH), as_of=FEBRUARY))
        assert isinstance(answers[-1], rt.ConflictingArgumentError)
    return answers


def strange(spec: rt.MetricSpec) -> list[Any]:
    """Of records that can't be added, or stand twice."""
    data = spec.inputs[0]
    if data == "responses":
        return strange_responses(spec)
    records = random_records(data, 1, 40)
    answers = []
    for kind, both in (("orders", IN_TWO_CURRENCIES), ("subscriptions", SPANS_IN_TWO_CURRENCIES)):
        if kind in spec.inputs:
            answers.append(tell(spec, World("two currencies", {**records, kind: tuple(chain(*both))})))
    if data != "orders" and not takes_shop_only(spec):
        answers.append(ask(spec, [*records[data], records[data][0]]))
    return answers


def strange_responses(spec: rt.MetricSpec) -> list[Any]:
    kind = spec.kind or "why"
    usual = answer_to(kind, "ann", MARCH)
    scales: list[dict[str, Any]] = [] if kind == "nps" else [{"scale": (1, 5)}, {"scale": (1, 9)}]
    both = [response("ann", MARCH, kind=kind, score=3, direction="higher", **scale) for scale in scales]
    return [ask(spec, both), ask(spec, [usual, usual])]


@every_metric
def test_its_example_calls_it(spec):
    example = text_of(spec).partition(">>> ")[2].partition("References:")[0]
    assert f"rt.{spec.id}(" in example


@every_metric
def test_it_names_the_sources_that_the_catalog_names(spec):
    named = re.match(r"\s*Sources ([A-Z0-9, ]+)[.;]", section(spec, "References"))
    assert named
    assert tuple(named.group(1).split(", ")) == spec.sources


@every_metric
def test_its_sources_stand_on_the_page_of_sources(spec):
    page = SOURCES.read_text(encoding="utf-8")
    for source in spec.sources:
        assert re.search(rf"^\| ([\w ,]+, )?{source}\b", page, re.MULTILINE), source


@every_metric
def test_it_is_documented_for_this_version_or_an_earlier_one(spec):
    (since,) = re.findall(r"^\.\. versionadded:: (\d+)\.(\d+)$", text_of(spec), re.MULTILINE)
    assert tuple(map(int, since)) <= tuple(map(int, rt.__version__.split(".")[:2]))
