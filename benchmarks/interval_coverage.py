"""How often nominal 95 % intervals hold the true value: measures it, and writes the tables of the page about it.

    python benchmarks/interval_coverage.py [--drawn 10000] [--page docs/explanation/coverage.md]

With the test tools installed. A table stands on the page between two comments that name it; all else stays as it is.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pages import with_table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "coverage.md"
sys.path.insert(0, str(ROOT))

from tests.reference.coverage_tables import TABLES  # noqa: E402 - the tests lie beside this folder


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
            asked.page.write_text(with_table(page, table.name, text), encoding="utf-8")


if __name__ == "__main__":
    main()
