from __future__ import annotations

import importlib
import subprocess
import sys
from importlib import metadata

import pytest

import retention


def test_every_public_name_is_the_one_of_its_module():
    for name, module in retention._WHERE.items():
        if name != module:
            assert getattr(retention, name) is getattr(importlib.import_module(f"retention.{module}"), name)


def test_a_name_is_looked_up_once():
    vars(retention).pop("Period", None)
    found = retention.Period
    assert vars(retention)["Period"] is found


def test_formulas_come_as_a_module():
    vars(retention).pop("formulas", None)
    assert retention.formulas is sys.modules["retention.formulas"]
    assert retention.__getattr__("formulas") is sys.modules["retention.formulas"]


def test_the_version_is_that_of_the_package():
    assert retention.__version__ == metadata.version("customer-retention")


@pytest.mark.parametrize("name", ["Retention", "churn", "_private", "numpy", "__wrapped__"])
def test_an_unknown_name(name):
    with pytest.raises(AttributeError, match=f"module 'retention' has no attribute '{name}'"):
        getattr(retention, name)
    assert not hasattr(retention, name)


def test_dir_shows_every_public_name_before_it_is_used():
    program = "import retention; assert {*retention.__all__, '__version__'} <= set(dir(retention))"
    subprocess.run([sys.executable, "-c", program], check=True)
    assert dir(retention) == sorted(dir(retention))


def test_star_import_brings_what_all_says():
    names: dict[str, object] = {}
    exec("from retention import *", names)
    assert set(retention.__all__) <= set(names)


def test_importing_it_reads_no_metric():
    program = "import sys, retention; print([m for m in sys.modules if m.startswith('retention.')])"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_public_classes_say_the_name_under_which_they_are_found():
    for name in retention.__all__:
        value = getattr(retention, name)
        if isinstance(value, type):
            assert value.__name__ == name
