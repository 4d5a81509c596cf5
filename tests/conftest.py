"""Settings and paths for the tests. The set-up of README and docs is in the conftest.py at the top."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

# The same examples on every machine and in every run: a failure can be repeated by anybody.
settings.register_profile(
    "ci",
    derandomize=True,
    max_examples=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# `pytest --hypothesis-profile=search` looks for new counter-examples; it takes long, and its seed changes.
settings.register_profile("search", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile("ci")

_HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the real data."""
    return _HERE / "data"


# ------------------------------------------------------------------- what is watched line by line

# The tests in these folders and files, and those that are marked so, prove that figures are right on many shops, by
# repeating the same lines. Watched line by line they would take thrice as long; that every line and branch of the library
# is reached must be shown by all others.
_UNWATCHED = {
    "properties",
    "reference",
    "test_invariance.py",
    "test_testing_rooms.py",
    "test_testing_sample.py",
}


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marks mean."""
    config.addinivalue_line("markers", "unwatched: measure no coverage during this test and its set-up")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Run one test, and what it sets up."""
    # Pytest asks here about the pages in docs, too.
    where = item.path.relative_to(_HERE).parts if item.path.is_relative_to(_HERE) else ()
    if _UNWATCHED.intersection(where) or item.get_closest_marker("unwatched"):
        with _unwatched():
            return (yield)
    return (yield)


@contextmanager
def _unwatched() -> Iterator[None]:
    """Measure no coverage for a while; in a process of several there may be more than one that measures."""
    stopped: list[Coverage] = []
    while (watching := Coverage.current()) is not None:
        watching.stop()
        stopped.append(watching)
    try:
        yield
    finally:
        for each in reversed(stopped):
            each.start()
