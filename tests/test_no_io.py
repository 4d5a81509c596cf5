"""The library reads no file, prints nothing, knows no clock and draws no unseeded number.

And importing it, public names and all, brings in nothing heavy.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import retention

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(retention.__file__).parent
HEAVY = {"hypothesis", "matplotlib", "narwhals", "numpy", "pandas", "socket", "sqlite3"}
TOUR = "__main__.py"  # the one file that prints

# What Python itself and the environment load at start is not the library's doing, and the version is read by
# importlib.metadata, which takes `email` and so `socket` along.
TOUCH = """
import json, sys
before = set(sys.modules)
import retention
for name in set(retention.__all__) - {"__version__"}:
    getattr(retention, name)
print(json.dumps(sorted(set(sys.modules) - before)))
"""

# Called by whatever name they were imported.
BANNED_CALLS = {"breakpoint", "eval", "exec", "input", "open", "print"}
BANNED_METHODS = {"now", "today", "utcnow", "open", "read_text", "read_bytes", "write_text", "write_bytes"}
BANNED_MODULES = {
    "asyncio", "ftplib", "getpass", "http", "io", "locale", "logging", "multiprocessing", "os", "pathlib",
    "secrets", "shelve", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl", "subprocess", "tempfile",
    "threading", "time", "urllib", "uuid",
}  # fmt: skip
UNSEEDED = "chance comes from Random(seed) only"


def banned(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and reason of everything in a file that the library must not do."""
    # Where the module is not imported, `random` is somebody's name for a seeded generator.
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            reasons = banned_call(node, module_random="random" in imported)
        elif isinstance(node, ast.Import):
            reasons = (reason for alias in node.names if (reason := banned_module(alias)))
        elif isinstance(node, ast.ImportFrom) and not node.level:
            reasons = banned_names(node)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in {"math.nan", "cmath.nan"}:
            reasons = iter([ast.unparse(node)])
        else:
            continue
        yield from ((node.lineno, reason) for reason in reasons)


def banned_call(node: ast.Call, *, module_random: bool) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in BANNED_CALLS:
            yield f"{name}()"
        case ast.Call(func=ast.Name(id="Random") | ast.Attribute(attr="Random"), args=args):
            if not args:
                yield f"Random(): {UNSEEDED}"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="random"), attr=name)) if module_random:
            yield f"random.{name}(): {UNSEEDED}"
        case ast.Call(func=ast.Attribute(attr=name)) if name in BANNED_METHODS:
            yield f".{name}()"
        case ast.Call(func=ast.Name(id="float" | "Decimal"), args=[ast.Constant(value=str(text))]):
            if "nan" in text.lower():
                yield f"{text!r} as a number"


def banned_module(alias: ast.alias) -> str | None:
    if alias.name.partition(".")[0] in BANNED_MODULES:
        return f"import {alias.name}"
    if alias.name == "random" and alias.asname:
        return f"import random as {alias.asname}: {UNSEEDED}"
    return None


def banned_names(node: ast.ImportFrom) -> Iterator[str]:
    module = node.module or ""
    if module.partition(".")[0] in BANNED_MODULES:
        yield f"from {module} import …"
    if module == "random" and {alias.name for alias in node.names} != {"Random"}:
        yield f"from random import …: {UNSEEDED}"
    if module == "math" and "nan" in {alias.name for alias in node.names}:
        yield "from math import nan"


def library_files() -> list[str]:
    return sorted(p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py") if p.name != TOUR)


@pytest.mark.parametrize("file", library_files())
def test_no_io_no_clock_no_chance(file):
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"), file)
    assert not list(banned(tree))


@pytest.mark.parametrize(
    "source",
    [
        "print(1)",
        "open('x')",
        "Path('x').read_text()",
        "datetime.now(UTC)",
        "dt.date.today()",
        "datetime.utcnow()",
        "input()",
        "import logging",
        "import os.path",
        "from time import time as t",
        "import time",
        "import random\nrandom.random()",
        "random.Random()",
        "Random()",
        "from random import random",
        "import random as r",
        "float('nan')",
        "Decimal('sNaN')",
        "math.nan",
        "from math import nan",
    ],
)
def test_the_ban_bites(source):
    assert list(banned(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "random.Random(7)",
        "from random import Random\nrandom = Random(7)\nrandom.random()",
        "import random",
        "float(x)",
        "datetime.fromisoformat(x)",
        "'open'",
        "import math",
        "reopen()",
    ],
)
def test_the_ban_lets_pass(source):
    assert not list(banned(ast.parse(source)))


def test_importing_everything_public_stays_light():
    # A measured process would load what the measuring needs.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run([sys.executable, "-c", TOUCH], capture_output=True, text=True, check=True, env=env)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert "retention" in loaded
    assert not loaded & HEAVY
    assert not done.stderr


def names_under_type_checking() -> dict[str, str]:
    """Public name to module, as `__init__` tells the type checkers."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    branches = [
        node.body
        for node in tree.body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    ]
    found: dict[str, str] = {}
    for node in (node for body in branches for node in body):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                assert alias.asname == alias.name, (
                    f"`{alias.name}` is re-exported as `{alias.name} as {alias.name}`"
                )
                module = (node.module or "").removeprefix("retention").lstrip(".")
                found[alias.name] = module or alias.name
    return found


def public_modules() -> set[str]:
    """Public names that are modules, such as `formulas`: they need no line in the lazy table."""
    return {name for name, module in names_under_type_checking().items() if name == module}


def test_the_type_checkers_see_the_names_that_python_sees():
    names = {name: module for name, module in names_under_type_checking().items() if name != module}
    assert names == {name: module.removeprefix("retention.") for name, module in retention._WHERE.items()}


def test_all_is_complete():
    assert len(set(retention.__all__)) == len(retention.__all__)
    assert set(retention.__all__) - {"__version__"} == set(retention._WHERE) | public_modules()


def test_every_public_name_resolves():
    for name in retention.__all__:
        assert getattr(retention, name) is not None
    assert set(retention.__all__) <= set(dir(retention))


def test_no_module_has_the_name_of_a_public_function():
    modules = {Path(file).parts[0].removesuffix(".py") for file in library_files()}
    assert not modules & set(retention._WHERE)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_figure"):
        retention.no_such_figure  # noqa: B018 - asking is the test
