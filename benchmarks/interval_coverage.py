"""How often nominal 95 % intervals hold the true value: measures it, and writes the tables of the page about it.

    python benchmarks/interval_coverage.py [--drawn 10000] [--page docs/explanation/coverage.md]

With the test tools installed. A table stands on the page between two comments that name it; all else stays as it is.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "coverage.md"
sys.path.insert(0, str(ROOT))

from tests.reference.coverage_tables import TABLES, Table  # noqa: E402 - the tests lie beside this folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drawn", type=int, default=10_000, help="shops to draw for each line")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--table", choices=[table.name for table in TABLES], help="only this one")
    asked = parser.parse_args()
    for table in TABLES:
        if asked.table in {None, table.name}:
            print(f"{table.name}: {len(table.lines)} lines", flush=True)
            text = table.text(asked.drawn)
            page = asked.page.read_text(encoding="utf-8")
            asked.page.write_text(with_table(page, table, text), encoding="utf-8")


def with_table(page: str, table: Table, text: str) -> str:
    begin, end = f"<!-- table: {table.name} -->", "<!-- end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(page)) != 1:
        message = f"the page has no one place for the table: {begin} … {end}"
        raise SystemExit(message)
    written = f"{begin}\n{text}\n{end}"
    return pattern.sub(lambda _: written, page)


if __name__ == "__main__":
    main()
