"""The pages for people: whatever looks like Python there is run, and the README's commands stay one line each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# conftest.py runs blocks of `python`; these say the same and would stand there unrun.
UNRUN = re.compile(
    r"^\s*(?:`{3,}|~{3,}|:{3,})\s*(py|pycon|python3|ipython3?|\{doctest\}.*|\{testcode\}.*)\s*$", re.MULTILINE
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_python_block_is_one_that_runs(page):
    assert not UNRUN.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("heading", ["Try it", "Run the tests"])
def test_each_set_up_is_one_command(heading):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", readme, re.MULTILINE | re.DOTALL)
    ((language, block),) = re.findall(r"^```(\w*)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert language == "sh"
    assert len(block.splitlines()) == 1
    assert block.startswith("python3 -m venv .venv && ")
