"""Settings and paths for the tests. The set-up of README and docs is in the conftest.py at the top."""

from __future__ import annotations

from pathlib import Path

import pytest
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
