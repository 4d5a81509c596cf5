"""What the whole test run shares: every Python code block in the prose is run (Sybil).

Stands at the top, not under `tests`, so that pytest asks it about README.md and docs too. Blocks of one page
run in order and share their names, as a reader would type them.
"""

from __future__ import annotations

from importlib import metadata

from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

# conf.py and its extensions belong to Sphinx, api.py is read by the type checkers and never run, and Django's
# settings may not be looked at, as a search for doctests does, before they are made.
collect_ignore = ["docs/conf.py", "docs/_extensions", "tests/typing/api.py", "tests/django_database.py"]

# Every page that pytest is pointed at, at any depth. No parser for skipping: what is shown as Python runs.
pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], pattern="*.md").pytest()


def pytest_report_header() -> str:
    """Say what is tested with what: a failure at one end of the versions looks like any other."""
    tools = [
        "attrs",
        "python-dateutil",
        "numpy",
        "pandas",
        "scipy",
        "statsmodels",
        "polars",
        "django",
        "sqlalchemy",
        "sybil",
    ]
    return "with: " + ", ".join(f"{name} {metadata.version(name)}" for name in tools)
