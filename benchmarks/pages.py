"""Puts a table on a page of the documentation, between two comments that name it; all else stays as it is."""

from __future__ import annotations

import re


def with_table(page: str, name: str, text: str) -> str:
    """The page with the table of a name."""
    begin, end = f"<!-- table: {name} -->", "<!-- end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(page)) != 1:
        message = f"the page has no one place for the table: {begin} … {end}"
        raise SystemExit(message)
    return pattern.sub(lambda _: f"{begin}\n{text}\n{end}", page)
