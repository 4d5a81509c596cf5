"""Who may import whom: the table of the house, and a reading of every import statement against it.

What a module imports must stand in its line of the table, or in the line of a module that stands there, and so
on down. What comes with every line, as the standard library does, is `errors`.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import retention

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(retention.__file__).parent

# A name stands for the file, or for every file of the folder, which may import one another as well.
TABLE: dict[str, set[str]] = {
    # the foundation
    "errors": set(),
    "_mapping": set(),
    "_zones": set(),
    "_calendar": {"_zones", "dateutil"},
    "_validate": {"attrs", "_calendar", "_mapping", "_numerics"},
    "_numerics": set(),
    "_linearised": {"_numerics"},
    "_binomial": set(),
    "formulas": set(),
    # records and the way in
    "records": {"_validate", "_calendar", "_mapping"},
    "intake": {"records", "_calendar", "_validate", "_mapping"},
    "periods": {"_calendar"},
    "results": {"_calendar", "_linearised", "_mapping"},
    # the waist
    "_ledger": set(),
    "_reading": {"records", "_calendar", "_validate", "_ledger"},
    "_units": {"_reading", "_ledger"},
    "_cancellations": {"_reading", "_ledger", "_reasons"},
    "_goods": {"_units"},
    "_columns": {"_cancellations", "_goods"},
    "history": {"_columns"},
    "shop": {"history"},  # its orders may already be a History
    "_customer_sums": {"_numerics"},
    "_pairs": {"_numerics", "periods"},
    "_horizon": {"periods"},
    "_journey_facts": {"_columns", "_numerics"},
    "_selling_facts": {"_columns", "_numerics"},
    "_next_purchases": {"_columns"},
    "_period_orders": {"history", "_horizon", "results", "_next_purchases"},
    "_facts": {"_period_orders", "_customer_sums", "_pairs", "_journey_facts", "_selling_facts"},
    "_record_reading": {"shop"},
    "_customer_keys": {"shop"},
    "_watched": {"history", "_horizon", "results"},
    "_survey_counts": {"records", "_validate"},
    "_survey_facts": {"_record_reading", "_watched", "_survey_counts"},
    "_mrr": {"records", "periods"},
    "_reasons": set(),
    "_cents": {"results"},
    "_subscription_sums": {"_numerics"},
    "_subscription_pairs": {"_watched", "_mrr", "_cents", "_reasons", "_subscription_sums"},
    "_subscription_facts": {"_record_reading", "_subscription_pairs"},
    "_checkout_facts": {"_record_reading", "_watched", "_interaction_checks"},
    "_interaction_checks": {"records"},
    "_interaction_facts": {"_record_reading", "_watched", "_interaction_checks"},
    "_program_facts": {"shop", "_watched", "_facts"},
    # figures
    "metrics": {
        "_facts",
        "_survey_facts",
        "_subscription_facts",
        "_checkout_facts",
        "_interaction_facts",
        "_program_facts",
        "formulas",
        "survival",
    },
    "_by": {"_horizon"},
    "_survey_by": {"_survey_facts", "_by"},
    "_interactions_by": {"_interaction_facts", "_by"},
    "definitions": {"metrics"},
    "_estimates": {"results"},
    "comparison": {"_estimates"},
    "_against_rest": {"comparison"},
    "_compare_members": {"metrics", "comparison"},
    "benchmarks": {"results"},
    "cohorts": {
        "history",
        "shop",
        "_facts",
        "periods",
        "results",
        "_numerics",
        "_parts",
        "_against_rest",
    },
    "survival": {"results", "_numerics"},
    "segments": {"history", "_facts", "_customer_keys", "periods", "results", "comparison", "_binomial"},
    "predict": {"_numerics", "history", "results", "_subscription_facts"},
    # above the figures
    "catalog": {"formulas", "metrics", "cohorts", "survival", "segments", "predict"},
    "_snapshot": {"catalog", "comparison", "benchmarks"},
    "_parts": {"_customer_keys"},
    "_pooled_figures": {"_snapshot"},
    "_by_segment": {"_pooled_figures", "_parts", "_against_rest"},
    "_power_of_tests": {"_numerics", "_binomial"},
    "_power": {"comparison", "_power_of_tests"},
    "strategies": {
        "_snapshot",
        "_by_segment",
        "_power",
        "intake",
        "_survey_by",
        "_interactions_by",
        "_compare_members",
        "definitions",
        "predict",
    },
    # leaves: nothing above imports them at import time
    "adapters": {"records", "intake"},
    "frames": {"_facts", "periods"},
    "display": {"strategies"},
    "testing": {"records", "periods", "history", "shop", "results"},
    # the doors
    "__init__": {"strategies"},
    "__main__": {"__init__", "display", "testing"},
    # Names for the host's annotations stand for the library's own classes (`Orders` for a `Shop`), so that this is
    # a door like `__init__`, which nothing inside goes through.
    "typing": {"_snapshot", "_power", "intake", "predict"},
}
EVERYWHERE = {"errors"}
LEAVES = {"adapters", "frames", "display", "testing"}
# Public names that the door resolves lazily are named there under TYPE_CHECKING, those of the leaves too.
LOOSER_FOR_TYPES: dict[str, set[str]] = {"__init__": LEAVES}
# Packages that a leaf may import inside a function only: an extra must not be needed to import the leaf.
EXTRAS: dict[str, set[str]] = {
    "testing": {"hypothesis"},
    "display": {"matplotlib"},
    "frames": {"narwhals"},
}
# Files that are an extra as a whole may import it at the top.
EXTRA_FILES: dict[str, set[str]] = {
    "testing/strategies.py": {"hypothesis"},
    "display/plots.py": {"matplotlib"},
}
THIRD_PARTY = {"attrs", "attr", "dateutil"}


@dataclass(frozen=True)
class Import:
    """One import: who, whom, on which line, and whether Python runs it when the file is imported."""

    file: str
    target: str
    line: int
    when: str  # "import", "call" or "types"

    def __str__(self) -> str:
        return f"retention/{self.file}:{self.line} imports {self.target} (at {self.when} time)"


def row_of(file: str) -> str:
    """The line of the table to which a file, such as `metrics/_orders.py`, belongs."""
    return file.partition("/")[0].removesuffix(".py")


def files() -> list[str]:
    return sorted(p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py"))


def row_of_target(dotted: str) -> str:
    """The line of the table for a dotted name inside the package, such as `metrics._orders.x` or `Ratio`."""
    head = dotted.partition(".")[0]
    # `from retention import Ratio`, and the package itself, go through the door.
    return head if head in TABLE or is_module(head) else "__init__"


def is_module(name: str) -> bool:
    return bool(name) and ((PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file())


def absolute(node: ast.ImportFrom, file: str) -> str:
    """The dotted name that a `from … import` names, relative ones resolved."""
    if not node.level:
        return node.module or ""
    parents = ["retention", *file.split("/")[:-1]]
    base = parents[: len(parents) - (node.level - 1)]
    return ".".join([*base, *([node.module] if node.module else [])])


def targets(node: ast.Import | ast.ImportFrom, file: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = absolute(node, file)
    # `from retention import errors` imports the module, and `from .metrics import _orders` too.
    yield from (f"{base}.{alias.name}" for alias in node.names)


def is_type_checking(node: ast.AST) -> bool:
    if not isinstance(node, ast.If):
        return False
    test = node.test
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def imports(tree: ast.AST, file: str, when: str = "import") -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (Import(file, target, node.lineno, when) for target in targets(node, file))
        elif isinstance(node, ast.If) and is_type_checking(node):
            yield from imports(ast.Module(node.body, []), file, "types")
            yield from imports(ast.Module(node.orelse, []), file, when)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from imports(node, file, "types" if when == "types" else "call")
        else:
            yield from imports(node, file, when)


def reach(row: str) -> set[str]:
    """All lines of the table, and packages, that a line may import: its own words, theirs, and so on."""
    seen: set[str] = set()
    waiting = [row, *EVERYWHERE]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting.extend(TABLE.get(current, ()))
    # `dateutil` is the calendar's alone, whatever may import the calendar; `attrs` is a tool for everybody.
    return (seen - {"dateutil"}) | {"attrs", "attr"} | (TABLE[row] & {"dateutil"})


def fault(found: Import) -> str | None:
    """What is wrong with an import, or None."""
    row = row_of(found.file)
    top, _, rest = found.target.partition(".")
    if top == "retention":
        target = row_of_target(rest)
        allowed = reach(row) | (LOOSER_FOR_TYPES.get(row, set()) if found.when == "types" else set())
        if target in LEAVES and found.when == "call":
            return None  # a `_repr_html_` imports `display` when it is called
        return None if target in allowed else f"`{row}` may not import `{target}`"
    if top in sys.stdlib_module_names:
        return None
    if top in THIRD_PARTY:
        return None if top in reach(row) else f"only `_calendar` imports {top}"
    if top in EXTRA_FILES.get(found.file, ()) or (found.when == "call" and top in EXTRAS.get(row, ())):
        return None
    return f"{top} is not among the dependencies"


def read(file: str) -> list[Import]:
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"), file)
    return list(imports(tree, file))


@pytest.mark.parametrize("file", files())
def test_every_file_has_a_line_in_the_table(file):
    assert row_of(file) in TABLE, f"say in tests/test_layers.py what retention/{file} may import"


@pytest.mark.parametrize("file", files())
def test_imports_follow_the_table(file):
    faults = [f"{found}: {problem}" for found in read(file) if (problem := fault(found))]
    assert not faults, "\n".join(faults)


def test_the_table_has_no_circle():
    below = {row: reach_below(row) for row in TABLE}
    circles = sorted(row for row, rows in below.items() if row in rows)
    assert not circles


def reach_below(row: str) -> set[str]:
    """What lies strictly below a line: with a circle, the line itself."""
    return set().union(*(reach(word) for word in TABLE[row] if word in TABLE))


def test_leaves_are_reached_by_doors_and_leaves_only():
    openers = {row for row in TABLE if row not in LEAVES | {"__main__"} and reach(row) & LEAVES}
    assert not openers


@pytest.mark.parametrize(
    "file, source, problem",
    [
        ("records.py", "from retention.metrics._orders import x", "`records` may not import `metrics`"),
        ("records.py", "from .metrics import _orders", "`records` may not import `metrics`"),
        ("records.py", "import dateutil.relativedelta", "only `_calendar` imports dateutil"),
        ("records.py", "from retention import Period", "`records` may not import `__init__`"),
        ("records.py", "from retention.typing import Zone", "`records` may not import `typing`"),
        ("metrics/_orders.py", "from ..catalog import METRICS", "`metrics` may not import `catalog`"),
        ("history.py", "import pandas", "pandas is not among the dependencies"),
        ("history.py", "def f():\n    import pandas", "pandas is not among the dependencies"),
        ("results.py", "from retention.display import text", "`results` may not import `display`"),
        (
            "results.py",
            "if TYPE_CHECKING:\n    from retention.catalog import M",
            "`results` may not import `catalog`",
        ),
        (
            "results.py",
            "class A:\n    from retention.records import Order",
            "`results` may not import `records`",
        ),
        ("results.py", "def f():\n    from retention.display import text", None),
        ("testing/shop.py", "import hypothesis", "hypothesis is not among the dependencies"),
        ("testing/strategies.py", "import hypothesis", None),
        ("testing/shop.py", "def f():\n    import hypothesis", None),
        (
            "metrics/_orders.py",
            "from ._customers import x\nimport attrs\nfrom retention.records import Order",
            None,
        ),
        ("_calendar.py", "from dateutil.relativedelta import relativedelta", None),
        ("_facts.py", "from .errors import RetentionError\nfrom .records import Order", None),
    ],
)
def test_the_check_itself(file, source, problem):
    found = [fault(one) for one in imports(ast.parse(source), file)]
    assert [text for text in found if text] == ([problem] if problem else [])
