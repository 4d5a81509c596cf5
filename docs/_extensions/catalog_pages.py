"""The pages of the reference that are made from the package itself: metrics and formulas.

A page says where a part goes with a line such as ``<!-- made here: metrics -->``.
"""

from __future__ import annotations

import inspect
import re
from itertools import groupby
from typing import TYPE_CHECKING

from retention import METRICS, MetricSpec, formulas
from retention.benchmarks import BENCHMARKS, Benchmark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sphinx.application import Sphinx

_PLACE = re.compile(r"^<!-- made here: (\w+) -->$", re.MULTILINE)
_RANGE = re.compile(r"Range: (.+?)\. Direction:", re.DOTALL)
_FORMULAS = {
    "_customers": "Customers",
    "_orders": "Orders and baskets",
    "_value": "Value and cost",
    "_recurring": "Recurring revenue",
    "_surveys": "Surveys",
    "_programs": "Contacts and programmes",
}
_BETTER = {"higher": "higher", "lower": "lower", "neither": "–"}
_LOOKS_BACK = {"none": "no", "base": "to the base", "all": "to the start"}
_LOOKS_AHEAD = {"none": "no", "window": "for a window", "as_of": "to `as_of`"}


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the parts into a page before it is parsed."""
    del app, docname
    source[0] = _PLACE.sub(lambda place: PARTS[place[1]](), source[0])


def metrics_tables() -> str:
    """All metrics, a table for each group."""
    return "\n\n".join(
        "\n".join([f"**{_heading(group)}**", "", *_table(specs)]) for group, specs in _groups()
    )


def metrics() -> str:
    """The entry of each metric, under the heading of its group."""
    return "\n\n".join(
        "\n\n".join([f"## {_heading(group)}", *(_entry(spec) for spec in specs)])
        for group, specs in _groups()
    )


def formulas_tables() -> str:
    """All formulas with the first sentence of each, a table for each group."""
    return "\n\n".join(
        "\n".join([f"**{group}**", "", *_formulas_table(names)]) for group, names in _formulas()
    )


def formulas_entries() -> str:
    """The entry of each formula, under the heading of its group."""
    return "\n\n".join(
        "\n\n".join([f"## {group}", *(_autofunction(f"retention.formulas.{name}") for name in names)])
        for group, names in _formulas()
    )


def benchmarks() -> str:
    """The published reference figures: what each is, of what, by whom, and what else is known of it."""
    return "\n\n".join(_benchmark(each) for each in BENCHMARKS.values())


def _benchmark(each: Benchmark) -> str:
    metrics = " or ".join(f"{{py:func}}`~retention.{name}`" for name in each.metrics)
    made = " and ".join(f"`{name}={text}`" for name, text in each.options.items())
    lines = [
        f"**{each}**",
        f": Published: {each.published} ({each.guide}).",
        f"  Applies to {each.applies_to}. Compare with {metrics}{f' made with {made}' if made else ''}.",
        *(f"  {reading}." for reading in each.readings),
        f"  Mind: {each.caution}.",
    ]
    return "\n".join(lines)


PARTS: dict[str, Callable[[], str]] = {
    "benchmarks": benchmarks,
    "metrics_tables": metrics_tables,
    "metrics": metrics,
    "formulas_tables": formulas_tables,
    "formulas": formulas_entries,
}


def _groups() -> Iterator[tuple[str, list[MetricSpec]]]:
    for group, specs in groupby(METRICS.values(), key=lambda spec: spec.group):
        yield group, list(specs)


def _heading(group: str) -> str:
    return group[:1].upper() + group[1:]


def _table(specs: Iterable[MetricSpec]) -> list[str]:
    headings = ["Metric", "Unit", "Range", "Better", "Looks back", "Ahead", "Adds up", "Formula", "Sources"]
    return _as_table(headings, ([*_cells(spec)] for spec in specs))


def _anchor(heading: str) -> str:
    """The name that a heading gets as a target: its words, without punctuation."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _cells(spec: MetricSpec) -> Iterator[str]:
    yield f"[{spec.title}](#{_anchor(spec.title)})"
    yield spec.unit
    yield _range(spec)
    yield _BETTER[spec.direction]
    yield _LOOKS_BACK[spec.look_back]
    yield _LOOKS_AHEAD[spec.look_ahead]
    yield "yes" if spec.additive else "no"
    yield f"{{py:func}}`yes <retention.formulas.{spec.formula}>`" if spec.formula else "–"
    yield ", ".join(spec.sources)


def _range(spec: MetricSpec) -> str:
    found = _RANGE.search(inspect.getdoc(spec.function) or "")
    return " ".join(found[1].split()) if found else "–"


def _entry(spec: MetricSpec) -> str:
    return f"### {spec.title}\n\n{_autofunction(f'retention.{spec.id}')}"


def _autofunction(name: str) -> str:
    return f"```{{eval-rst}}\n.. autofunction:: {name}\n```"


def _formulas() -> Iterator[tuple[str, list[str]]]:
    for module, heading in _FORMULAS.items():
        names = [
            name for name in formulas.__all__ if getattr(formulas, name).__module__.endswith(f".{module}")
        ]
        yield heading, names


def _formulas_table(names: Iterable[str]) -> list[str]:
    rows = (
        [f"{{py:func}}`{name} <retention.formulas.{name}>`", _first_sentence(getattr(formulas, name))]
        for name in names
    )
    return _as_table(["Formula", "What it is"], rows)


def _first_sentence(function: object) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


def _as_table(headings: list[str], rows: Iterable[list[str]]) -> list[str]:
    lines = [headings, ["---"] * len(headings), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the listener."""
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
