from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

import retention as rt
from retention.__main__ import main, tour


def run(**environment):
    return subprocess.run(
        [sys.executable, "-m", "retention"],
        capture_output=True,
        check=True,
        env={**os.environ, **environment},
    )


def test_two_runs_print_the_same():
    assert tour() == tour()


def test_python_m_retention_prints_it():
    done = run(PYTHONIOENCODING="utf-8", PYTHONHASHSEED="7")
    assert done.stdout.decode().replace("\r\n", "\n") == tour() + "\n"
    assert done.stderr == b""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_without_arrows_shows_question_marks(encoding):
    done = run(PYTHONIOENCODING=encoding)
    assert done.stdout.decode(encoding).startswith("<Shop: 2,094 orders")
    assert "89 ? 72" in done.stdout.decode(encoding)


def test_printed_to_whatever_stands_for_the_console(monkeypatch):
    text = io.StringIO()
    monkeypatch.setattr(sys, "stdout", text)
    main()
    assert text.getvalue() == tour() + "\n"


def test_a_console_that_has_no_arrows_keeps_its_encoding(monkeypatch):
    written = io.BytesIO()
    console = io.TextIOWrapper(written, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", console)
    main()
    console.flush()
    assert b"89 ? 72" in written.getvalue()


def test_it_shows_what_it_promises():
    text = tour()
    for wanted in (
        "500 customers",
        "One month",
        "95 % interval",
        "Four months side by side",
        "2026-03    2026-04    2026-05    2026-06",
        "customer_retention_rate (2026-06): 25.8% = 23 kept of 89 customers at the start",
        "Left out of the period's orders: 2 test",
        "Assumed: observed_from was not given",
        "import retention as rt",
    ):
        assert wanted in text
    assert max(map(len, text.partition("Each figure says")[0].splitlines())) <= 110


def test_its_last_words_name_functions_that_exist():
    for name in ("orders_from_records", "snapshot", "Period"):
        assert f"rt.{name}" in tour()
        assert hasattr(rt, name)
