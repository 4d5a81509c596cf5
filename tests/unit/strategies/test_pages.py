"""Each strategy has its page in the documentation, whose text is made of the data when the pages are built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from retention.strategies import AUDIENCES, CUSTOMER_RULES, DEFAULT_RULES, SIGNALS, STRATEGIES
from retention.strategies._default_rules import WITHOUT_A_FIGURE

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "reference" / "strategies"


def stub(strategy):
    shown = f'rt.STRATEGIES["{strategy.id}"]'
    return (
        f"# {strategy.title}\n\n"
        f"<!-- The rest is made when the pages are built. In a checkout: print({shown}) and "
        f'print(*{shown}.steps, sep="\\n"). -->\n\n'
        "<!-- strategy -->\n"
    )


def test_there_is_a_page_for_each_and_none_for_others():
    assert {page.stem for page in PAGES.glob("*.md")} == {"index", *STRATEGIES}


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_a_page_has_the_title_and_the_place_for_the_rest(strategy):
    assert (PAGES / f"{strategy.id}.md").read_text(encoding="utf-8") == stub(strategy)


COUNTS = {
    "rules": {len(DEFAULT_RULES)},
    "rules for one customer": {len(CUSTOMER_RULES)},
    "strategies": {len(STRATEGIES), len(WITHOUT_A_FIGURE)},
    "signals": {len(SIGNALS)},
    "audiences": {len(AUDIENCES)},
}
SAID = re.compile(r"\b(\d+) (rules for one customer|rules|strategies|signals|audiences)\b")
CODE = re.compile(r"^```.*?^```|<!--.*?-->", re.MULTILINE | re.DOTALL)


def counts_of(page):
    """What a page says there are so many of, outside of code, which is run by itself."""
    return SAID.findall(CODE.sub("", page.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_no_page_counts_rules_that_are_gone(page):
    for number, what in counts_of(page):
        assert int(number) in COUNTS[what], f"{number} {what}"


def test_the_counts_are_found_where_they_stand():
    assert {what: number for number, what in counts_of(ROOT / "README.md")} == {
        "rules": str(len(DEFAULT_RULES)),
        "strategies": str(len(STRATEGIES)),
    }
    assert ("52", "strategies") in SAID.findall("Of 52 strategies and 3 others")


OUTLOOK_WAYS = re.compile(r"figures=outlook|outlook\.figures|figures=\{[^}]*best_customers_leaving_rate")


@pytest.mark.parametrize("root", ["docs", "retention"])
def test_an_outlook_is_given_in_one_way(root):
    texts = [*(ROOT / root).rglob("*.md"), *(ROOT / root).rglob("*.py"), ROOT / "README.md"]
    assert not [text for text in texts if OUTLOOK_WAYS.search(text.read_text(encoding="utf-8"))]
