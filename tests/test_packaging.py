"""What is shipped: the wheel's contents and metadata, and where the tested package came from.

Two environment variables let a run judge an installed wheel from outside the checkout: `RETENTION_WHEEL`, the
wheel that was built, and `RETENTION_IMPORTED_FROM`, the folder under which the package must lie.
"""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import retention

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path(retention.__file__).resolve().parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel under test: the one that was named, else one built here."""
    if named := os.environ.get("RETENTION_WHEEL"):
        return Path(named)
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def fields(wheel, names):
    (name,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    with zipfile.ZipFile(wheel) as archive:
        return email.message_from_bytes(archive.read(name))


def test_the_package_came_from_where_it_should():
    expected = Path(os.environ.get("RETENTION_IMPORTED_FROM", ROOT)).resolve()
    assert PACKAGE.is_relative_to(expected)


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(names):
    source = {
        f"retention/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == source
    assert "retention/py.typed" in source


def test_the_wheel_is_for_every_platform(wheel):
    assert re.fullmatch(r"customer_retention-[^-]+-py3-none-any\.whl", wheel.name)


def test_the_licence_is_shipped(names, fields):
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert fields["License-Expression"] == "MIT"


def test_metadata(fields):
    assert fields["Name"] == "customer-retention"
    assert fields["Requires-Python"] == ">=3.11"
    needed, extra = [], []
    for line in sorted(fields.get_all("Requires-Dist")):
        (extra if "extra ==" in line else needed).append(line)
    assert needed == ["attrs>=23.2", "python-dateutil>=2.8.2"]
    assert extra == ["hypothesis>=6.122; extra == 'hypothesis'"]
    assert fields["Description-Content-Type"] == "text/markdown"


def test_every_requirement_has_a_minimum_and_no_cap():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    extras = project["optional-dependencies"].values()
    groups = [project["dependencies"], *extras, *settings["dependency-groups"].values()]
    requirements = [line for group in groups for line in group if isinstance(line, str)]
    assert not [line for line in requirements if not re.fullmatch(r"[A-Za-z0-9.-]+(\[\w+\])?>=[\d.]+", line)]


def test_one_version(fields):
    assert retention.__version__ == metadata.version("customer-retention") == fields["Version"]


def test_every_version_has_its_entry_in_the_changelog():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\]", text, flags=re.MULTILINE)
    assert headings[0] == "Unreleased"
    # Before a version is out, its changes stand under "Unreleased".
    assert retention.__version__ in headings[1:2] or len(headings) == 1
