"""Every row of docs/sources.md is covered by something that was built, each kind of row by its own kind of thing."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from retention import METRICS, formulas
from retention.benchmarks import BENCHMARKS
from retention.strategies._catalog import EVIDENCE, STRATEGIES

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "sources.md"
GLOSSARY = DOCS / "glossary.md"

_ID = re.compile(r"\b(S?[A-E])(\d+)\b(?:\s*(?:-|–|to)\s*(S?[A-E])?(\d+)\b)?")


def ids_in(text: str) -> list[str]:
    """The ids in a text: "D1, B1", "C4, D10, E27", "D5 (also C, E)"; "SA1-SA8" and "SA1–8" are the eight."""
    found: list[str] = []
    for guide, first, other, last in _ID.findall(text):
        if other and other != guide:
            msg = f"{guide}{first} to {other}{last} is no range of one guide"
            raise ValueError(msg)
        found.extend(f"{guide}{number}" for number in range(int(first), int(last or first) + 1))
    return found


def rows(page: str) -> Iterator[tuple[str, list[str]]]:
    """Heading of the section and ids of the first column, for every row of every table whose first column is "id"."""
    heading, is_table_of_ids = "", False
    for line in page.splitlines():
        if line.startswith("#"):
            heading = line.strip("# ")
        if not line.startswith("|"):
            is_table_of_ids = False
            continue
        first = line.strip("|").partition("|")[0].strip()
        if first == "id":
            is_table_of_ids = True
        elif is_table_of_ids and not set(first) <= set("-: "):
            yield heading, ids_in(first)


# --------------------------------------------------------------------------- what covers what

Finder = Callable[[], Iterable[str]]


def cited_by_metrics() -> Iterator[str]:
    for spec in METRICS.values():
        yield from spec.sources


def cited_by_formulas() -> Iterator[str]:
    for name in formulas.__all__:
        yield from ids_in(references(getattr(formulas, name)))


def references(formula: object) -> str:
    return (inspect.getdoc(formula) or "").partition("References:")[2].partition(".. versionadded")[0]


def cited_by_benchmarks() -> Iterator[str]:
    return (each.source for each in BENCHMARKS.values())


def cited_by_evidence() -> Iterator[str]:
    return (each.source for each in EVIDENCE.values())


def cited_by_strategies() -> Iterator[str]:
    """Ids that a strategy says it covers, and one of whose steps it has: a claim without a step covers nothing."""
    for each in STRATEGIES.values():
        yield from {source for step in each.steps for source in step.sources} & set(each.sources)


def explained_in_the_glossary() -> Iterator[str]:
    """Ids behind the terms of the glossary's table: "| loyalty (C30) | more than staying … |"."""
    terms = re.findall(
        r"^\|[^|]*\(([^()|]*)\) *\|[^|]*\w", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE
    )
    return (source for ids in terms for source in ids_in(ids))


# A metric may name a strategy or a published figure to which it belongs, and that is not yet the strategy or the
# figure.
COVERED_BY: dict[str, tuple[Finder, ...]] = {
    "Definitions": (explained_in_the_glossary,),
    "Formulas": (cited_by_metrics, cited_by_formulas),
    "Figures (benchmarks and evidence)": (cited_by_benchmarks, cited_by_evidence),
    "Strategies": (cited_by_strategies,),
}


def covered(heading: str) -> set[str]:
    return {source for finder in COVERED_BY[heading] for source in finder()}


ROWS = list(rows(PAGE.read_text(encoding="utf-8")))
IDS = [(heading, source) for heading, sources in ROWS for source in sources]


def test_every_row_has_an_id():
    assert all(sources for _, sources in ROWS)


def test_no_id_stands_twice():
    sources = [source for _, source in IDS]
    assert len(set(sources)) == len(sources)


def test_every_table_of_the_page_is_read():
    counts = {heading: sum(1 for row in ROWS if row[0] == heading) for heading, _ in ROWS}
    assert counts == {
        "Definitions": 10,
        "Formulas": 29,
        "Figures (benchmarks and evidence)": 35,
        "Strategies": 63,
    }


def test_every_id_is_covered():
    missing = [source for heading, source in IDS if source not in covered(heading)]
    assert not missing, "cite these ids where they are built"


@pytest.mark.parametrize(
    "finder",
    [
        cited_by_metrics,
        cited_by_formulas,
        cited_by_benchmarks,
        cited_by_evidence,
        cited_by_strategies,
        explained_in_the_glossary,
    ],
)
def test_whatever_is_cited_stands_on_the_page(finder):
    assert set(finder()) <= {source for _, source in IDS}


@pytest.mark.parametrize("name", formulas.__all__)
def test_every_formula_says_where_it_is_from(name):
    text = references(getattr(formulas, name))
    assert ids_in(text) or "Not in the guides" in text


def test_the_example_on_the_page_is_right():
    (name, sources) = re.search(
        r'METRICS\["(\w+)"\]\.sources` is `\("(\w+)",\)`', PAGE.read_text("utf-8")
    ).groups()
    assert METRICS[name].sources == (sources,)


# ----------------------------------------------------------------------------- the reading itself


@pytest.mark.parametrize(
    "text, expected",
    [
        ("D4", ["D4"]),
        ("D1, B1", ["D1", "B1"]),
        ("C4, D10, E27", ["C4", "D10", "E27"]),
        ("D5 (also C, E)", ["D5"]),
        ("B5, C7, D12, E6", ["B5", "C7", "D12", "E6"]),
        ("SA1-SA3", ["SA1", "SA2", "SA3"]),
        ("SE9–11", ["SE9", "SE10", "SE11"]),
        ("SC2 to SC4", ["SC2", "SC3", "SC4"]),
        ("A, B", []),
        ("CO2, E-mail, F7, D1x", []),
    ],
)
def test_ids_are_read(text, expected):
    assert ids_in(text) == expected


def test_a_range_over_two_guides_is_refused():
    with pytest.raises(ValueError, match="SA1 to SB3 is no range"):
        ids_in("SA1-SB3")


def test_only_tables_of_ids_are_read():
    page = "# One\n| key | of |\n|---|---|\n| A1 | no |\n\n| id | of |\n|:--|---|\n| A1 | yes |\n| none | yes |\nA2\n"
    assert list(rows(page)) == [("One", ["A1"]), ("One", [])]
