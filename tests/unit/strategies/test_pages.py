"""Each strategy has its page in the documentation, whose text is made of the data when the pages are built."""

from __future__ import annotations

from pathlib import Path

import pytest

from retention.strategies import STRATEGIES

PAGES = Path(__file__).parents[3] / "docs" / "reference" / "strategies"


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
