"""The pages of the strategies, written from the data when the pages are built.

Each strategy has a page of a few lines in `docs/reference/strategies`, with a line ``<!-- strategy -->`` where its
text goes; the name of the file is the strategy's id. ``<!-- strategies: by stage -->`` and its like stand where a
table of all of them goes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import retention
from retention.benchmarks import BENCHMARKS
from retention.catalog import METRICS
from retention.strategies import EVIDENCE, STRATEGIES
from retention.strategies._default_rules import DEFAULT_RULES, WITHOUT_A_FIGURE
from retention.strategies._signals import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sphinx.application import Sphinx

    from retention import Benchmark
    from retention.strategies import Evidence, Step, Strategy

_FOLDER = "reference/strategies/"
_PAGE = re.compile(r"^<!-- strategy -->$", re.MULTILINE)
_PLACE = re.compile(r"^<!-- strategies: ([\w ]+) -->$", re.MULTILINE)
_FIELD = re.compile(r"\b([A-Z][A-Za-z]+)\.([a-z]\w*)")
_PERCENT = re.compile(r"(?<=\d) (?=%)")
_NAME = re.compile(r"(?<![`.\w])([a-z]+(?:_[a-z]+)+)(?![`\w])")

_EFFORTS = {
    "low": "days, with what is there",
    "medium": "weeks, or a tool to set up",
    "high": "months, or people to hire",
}
_STAGES = {
    ("early", "middle", "late"): "All stages",
    ("early",): "Early: new customers",
    ("early", "middle"): "Early and middle",
    ("middle",): "Middle: those who have come back",
    ("middle", "late"): "Middle and late",
    ("early", "late"): "Early and late",
    ("late",): "Late: regulars, and those who fall silent",
}
_WAYS = {"up": "up ↑", "down": "down ↓"}


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the text of a strategy, and the tables of all, into a page before it is parsed."""
    del app
    source[0] = _PLACE.sub(lambda place: TABLES[place[1]](), source[0])
    if docname.startswith(_FOLDER):
        name = docname.removeprefix(_FOLDER)
        source[0] = _PAGE.sub(lambda _: page(STRATEGIES[name]), source[0])


# -------------------------------------------------------------------------------- one strategy


def page(strategy: Strategy) -> str:
    """All of one strategy, under the heading that its file has."""
    return "\n\n".join(
        part
        for part in (
            f"*{_linked(strategy.what)}*",
            _facts(strategy),
            "## What to do",
            _steps(strategy),
            "## What you need",
            _bullets(_linked(each) for each in strategy.needs),
            "## What it should move",
            _moves(strategy),
            "## When it is recommended",
            _rules(strategy),
            "## What speaks for it",
            _evidence(strategy),
            "## What may go wrong",
            _bullets(_linked(each) for each in strategy.risks),
            *_related(strategy),
        )
        if part
    )


def _facts(strategy: Strategy) -> str:
    whom = "; ".join(strategy.audiences)
    rows = [
        ["**For whom**", f"{whom} {'(our choice: no guide says)' if strategy.is_audience_ours else ''}"],
        ["**Stages**", _stage(strategy)],
        ["**Effort**", f"{strategy.effort}: {_EFFORTS[strategy.effort]}"],
        ["**Where**", ", ".join(strategy.channels)],
        ["**Watch**", _figure(next(iter(strategy.moves)))],
        ["**Name in code**", f'`STRATEGIES["{strategy.id}"]`'],
    ]
    return "\n".join(_as_table(["", ""], (row for row in rows if row[1])))


def _stage(strategy: Strategy) -> str:
    return _STAGES[strategy.stages].partition(":")[0].lower()


def _steps(strategy: Strategy) -> str:
    first, later = strategy.first_steps, strategy.steps[3:]
    parts = ["Begin with these:", _numbered(first, start=1)]
    if later:
        parts += ["Then:", _numbered(later, start=len(first) + 1)]
    if any(step.sources for step in strategy.steps):
        parts.append(
            "The ids are those of the [sources](../../sources.md#strategies); steps without one are ours."
        )
    return "\n\n".join(parts)


def _numbered(steps: Iterable[Step], *, start: int) -> str:
    return "\n".join(
        f"{number}. {_linked(step.text)}{_cited(step)}" for number, step in enumerate(steps, start)
    )


def _cited(step: Step) -> str:
    return f" *({', '.join(step.sources)})*" if step.sources else ""


def _moves(strategy: Strategy) -> str:
    rows = ([_figure(name), _WAYS[way]] for name, way in strategy.moves.items())
    return "\n".join([*_as_table(["Figure", "Direction"], rows), "", "The first is the one to watch."])


def _rules(strategy: Strategy) -> str:
    rules = [rule for rule in DEFAULT_RULES.values() if rule.strategy == strategy.id]
    if not rules:
        reason = WITHOUT_A_FIGURE[strategy.id]
        return f"No rule of the library recommends it by itself: {reason[:1].lower()}{reason[1:]}"
    return _bullets(
        f"{_linked(rule.because)} *Rule `{rule.id}`: {' and '.join(f'`{each}`' for each in rule.conditions)}.*"
        for rule in rules
    )


def _evidence(strategy: Strategy) -> str:
    if not strategy.evidence and not strategy.sources:
        return "It is this library's own advice, without a published figure; whether it works for you, only trying it shows."
    if not strategy.evidence:
        return "The guides advise it without a figure; whether it works for you, only trying it shows."
    return _bullets(_claim(name) for name in strategy.evidence)


def _claim(name: str) -> str:
    if name in EVIDENCE:
        each = EVIDENCE[name]
        return _linked(f"{each.claim} ({each.id}, {each.guide}; **{each.strength}**). {each.reading}")
    return _published(BENCHMARKS[name])


def _published(each: Benchmark) -> str:
    known = "".join(f" {reading}." for reading in each.readings)
    return _linked(
        f"{each.published[:1].upper()}{each.published[1:]} ({each.id}, {each.guide}; "
        f"[benchmark](../benchmarks.md#what-was-published)).{known} Mind: {each.caution}."
    )


def _related(strategy: Strategy) -> Iterator[str]:
    if strategy.overlaps or strategy.contradicts:
        yield "## Related"
    if strategy.overlaps:
        yield f"Much of the same is in {_links(strategy.overlaps)}."
    if strategy.contradicts:
        yield f"Do not begin it together with {_links(strategy.contradicts)}."


# ------------------------------------------------------------------------------- all of them


def listed() -> str:
    """Every strategy with its effort and the figure to watch, as the catalog orders them."""
    rows = (
        [_link(each.id), each.effort, _stage(each), _figure(next(iter(each.moves)))]
        for each in STRATEGIES.values()
    )
    return "\n".join(_as_table(["Strategy", "Effort", "Stages", "Watch"], rows))


def by_stage() -> str:
    """The strategies of each stage of customers' lives."""
    rows = (
        [f"**{heading}**", _links(found)]
        for stages, heading in _STAGES.items()
        if (found := [each.id for each in STRATEGIES.values() if each.stages == stages])
    )
    return "\n".join(_as_table(["Stage", "Strategies"], rows))


def by_effort() -> str:
    """The strategies that take days, weeks, months."""
    rows = (
        [
            f"**{effort}**: {meaning}",
            _links(each.id for each in STRATEGIES.values() if each.effort == effort),
        ]
        for effort, meaning in _EFFORTS.items()
    )
    return "\n".join(_as_table(["Effort", "Strategies"], rows))


def by_figure() -> str:
    """The strategies that should move each figure."""
    rows = (
        [_figure(name), _links(found)]
        for name in (*METRICS, *SIGNALS)
        if (found := [each.id for each in STRATEGIES.values() if name in each.moves])
    )
    return "\n".join(_as_table(["Figure", "Moved by"], rows))


def by_source() -> str:
    """The strategies that cover each published one."""
    published = dict.fromkeys(source for each in STRATEGIES.values() for source in each.sources)
    rows = (
        [source, _links(each.id for each in STRATEGIES.values() if source in each.sources)]
        for source in sorted(published, key=lambda source: (source[:2], int(source[2:])))
    )
    return "\n".join(_as_table(["Source", "Strategies"], rows))


def tree() -> str:
    """The pages in the order of the catalog, for the table of contents."""
    return "\n".join(["```{toctree}", ":hidden:", ":titlesonly:", "", *STRATEGIES, "```"])


def evidence() -> str:
    """Every published claim, with what is known of it and the strategies that rest on it."""
    return "\n\n".join(_entry(each) for each in EVIDENCE.values())


def _entry(each: Evidence) -> str:
    users = [strategy.id for strategy in STRATEGIES.values() if each.id in strategy.evidence]
    lines = [
        f"**{each.id}: {_linked(each.claim)}**",
        f": {each.strength[:1].upper()}{each.strength[1:]}, of {each.applies_to} ({each.guide}).",
        *([f"  {_linked(each.reading)}"] if each.reading else []),
        *([f"  Speaks for {_links(users, folder='strategies/')}."] if users else []),
    ]
    return "\n".join(lines)


TABLES: dict[str, Callable[[], str]] = {
    "listed": listed,
    "by stage": by_stage,
    "by effort": by_effort,
    "by figure": by_figure,
    "by source": by_source,
    "tree": tree,
    "evidence": evidence,
}


# -------------------------------------------------------------------------------- small parts


def _figure(name: str) -> str:
    if name in METRICS:
        title = METRICS[name].title
        return f"[{title}](../metrics.md#{_anchor(title)})"
    return f"{SIGNALS[name].title} (`{name}`)"


def _anchor(heading: str) -> str:
    """The name that a heading gets as a target: its words, without punctuation."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _links(names: Iterable[str], folder: str = "") -> str:
    return "; ".join(_link(name, folder) for name in names)  # titles have commas


def _link(name: str, folder: str = "") -> str:
    title = STRATEGIES[name].title
    return f"[{title}]({folder}{name}.md)"


def _bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _linked(text: str) -> str:
    """The text with its fields of records and its names of functions as links, and no line that begins with "%"."""
    return _PERCENT.sub("\N{NO-BREAK SPACE}", _NAME.sub(_linked_name, _FIELD.sub(_linked_field, text)))


def _linked_field(found: re.Match[str]) -> str:
    record, name = found.groups()
    return f"{{py:class}}`{record}.{name} <retention.{record}>`" if record in retention.__all__ else found[0]


def _linked_name(found: re.Match[str]) -> str:
    name = found[1]
    return f"{{py:func}}`~retention.{name}`" if name in retention.__all__ else f"`{name}`"


def _as_table(headings: list[str], rows: Iterable[list[str]]) -> list[str]:
    lines = [headings, ["---"] * len(headings), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the listener."""
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
