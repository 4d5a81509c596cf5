"""The tables of rules, signals and audiences, written from the data when the pages are built.

``<!-- rules: all -->`` and its like stand where a table goes.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from retention._calendar import as_words
from retention.catalog import METRICS
from retention.strategies import CUSTOMER_RULES, STRATEGIES
from retention.strategies._audiences import AUDIENCES
from retention.strategies._default_rules import DEFAULT_RULES, WITHOUT_A_FIGURE
from retention.strategies._signals import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sphinx.application import Sphinx

    from retention.strategies import Condition

_PLACE = re.compile(r"^<!-- rules: ([\w ]+) -->$", re.MULTILINE)


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the tables into a page before it is parsed."""
    up = "../" * docname.count("/")
    del app
    source[0] = _PLACE.sub(lambda place: TABLES[place[1]](up), source[0])


def urgent(up: str) -> str:
    """The rules that say that something is ill."""
    return _rules(up, is_urgent=True)


def opportunities(up: str) -> str:
    """The rules about what is worth trying."""
    return _rules(up, is_urgent=False)


def _rules(up: str, *, is_urgent: bool) -> str:
    rows = (
        [
            f"`{rule.id}`",
            " and ".join(_condition(each, up) for each in rule.conditions),
            _strategy(rule.strategy, up),
            rule.audience or "nobody in particular",
        ]
        for rule in DEFAULT_RULES.values()
        if rule.urgent == is_urgent
    )
    return _as_table(["Rule", "When", "Strategy", "For"], rows)


def _condition(condition: Condition, up: str) -> str:
    name, _, limit = str(condition).partition(" ")
    given = ", ".join(f"`{key}={_in_words(value)}`" for key, value in condition.options.items())
    return f"{_figure(name, up)}{f' with {given}' if given else ''} {limit}"


def _in_words(value: object) -> str:
    return as_words(value) if isinstance(value, timedelta) else str(value)


def signals(up: str) -> str:
    """The figures as of the end of the period."""
    del up
    rows = ([f"`{each.id}`", each.what, ", ".join(each.needs)] for each in SIGNALS.values())
    return _as_table(["Signal", "Says", "Needs"], rows)


def audiences(up: str) -> str:
    """The groups of customers for whom a strategy may be."""
    del up
    rows = ([f'`"{each.id}"`', each.title, each.among, ", ".join(each.needs)] for each in AUDIENCES.values())
    return _as_table(["Audience", "Who", "Reach is their part of", "Needs"], rows)


def without_a_figure(up: str) -> str:
    """The strategies that no rule recommends, each with the reason."""
    rows = ([_strategy(name, up), why] for name, why in WITHOUT_A_FIGURE.items())
    return _as_table(["Strategy", "Why no figure calls for it"], rows)


def for_one_customer(up: str) -> str:
    """The rules for one customer, those with the most weight first."""
    rows = (
        [
            f"{each.weight:g}",
            f"`{each.id}`",
            str(each).partition(" when ")[2].replace("_", "\\_"),
            _strategy(each.strategy, up) if each.strategy else "leave alone",
        ]
        for each in CUSTOMER_RULES.ranked
    )
    return _as_table(["Weight", "Rule", "When", "Strategy"], rows)


TABLES: dict[str, Callable[[str], str]] = {
    "urgent": urgent,
    "opportunities": opportunities,
    "signals": signals,
    "audiences": audiences,
    "without a figure": without_a_figure,
    "for one customer": for_one_customer,
}


def _strategy(name: str, up: str) -> str:
    return f"[{STRATEGIES[name].title}]({up}reference/strategies/{name}.md)"


def _figure(name: str, up: str) -> str:
    if name not in METRICS:
        return f"[`{name}`]({up}reference/rules.md#signals)"
    title = METRICS[name].title
    anchor = re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
    return f"[`{name}`]({up}reference/metrics.md#{anchor})"


def _as_table(headings: list[str], rows: Iterable[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the listener."""
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
