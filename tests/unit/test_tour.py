from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

import retention as rt
from retention import __main__
from retention.__main__ import main, tour


@pytest.fixture(scope="module")
def text():
    """What the tour prints; it takes seconds to make."""
    return tour()


@pytest.fixture
def printed(monkeypatch, text):
    """The same, for tests of how it is printed."""
    monkeypatch.setattr(__main__, "tour", lambda: text)
    return text


def run(**environment):
    return subprocess.run(
        [sys.executable, "-m", "retention"],
        capture_output=True,
        check=True,
        env={**os.environ, **environment},
    )


def test_two_runs_print_the_same(text):
    assert tour() == text


def test_python_m_retention_prints_it(text):
    done = run(PYTHONIOENCODING="utf-8", PYTHONHASHSEED="7")
    assert done.stdout.decode().replace("\r\n", "\n") == text + "\n"
    assert done.stderr == b""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_without_arrows_shows_question_marks(monkeypatch, encoding):
    for name in [name for name in os.environ if name.startswith("COV")]:
        monkeypatch.delenv(name)  # nor is the process watched line by line
    done = run(PYTHONIOENCODING=encoding)
    assert done.stdout.decode(encoding).startswith("<Shop: 2,094 orders")
    assert "89 ? 72" in done.stdout.decode(encoding)


def test_printed_to_whatever_stands_for_the_console(monkeypatch, printed):
    console = io.StringIO()
    monkeypatch.setattr(sys, "stdout", console)
    main()
    assert console.getvalue() == printed + "\n"


@pytest.mark.usefixtures("printed")
def test_a_console_that_has_no_arrows_keeps_its_encoding(monkeypatch):
    written = io.BytesIO()
    console = io.TextIOWrapper(written, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", console)
    main()
    console.flush()
    assert b"89 ? 72" in written.getvalue()


def test_it_shows_what_it_promises(text):
    for wanted in (
        "500 customers",
        f"some of {len(rt.METRICS)} metrics",
        "One month",
        "95 % interval",
        "Four months side by side",
        "2026-03        2026-04        2026-05        2026-06",
        "customer_retention_rate (2026-06): 25.8% = 23 kept of 89 customers at the start",
        "Left out of the period's orders: 2 test",
        "Assumed: observed_from was not given",
        "Monthly recurring revenue     1,988.05",
        "1,991.92 + 136.99 new",
        "2026-03                    33  100.0%  30.3%  36.4%  24.2%      *",
        "(2026-01 to 2026-06): median 50.1 days",
        "c0189: silent for 215 days, 5.0 times the usual",
        "Does it differ by country?",
        "cart_recovery_rate (2026-05, abandoned_after=1 day, within=7 days): 42.6%",
        "Mind: members chose themselves",
        "WHAT TO DO, 2026-04 to 2026-06",
        "1. Recommendation by customers",
        "1. Onboarding of new customers   urgent",
        "2. Rescue unhappy customers ",
        "3. Audit how you keep customers ",
        "  Seen: New customers who ask for help (2026-07-01) came to",
        "  Rank: 2 weight × ",
        "  c0372: Attention for the most loyal.",
        "1.67 (B14,",
        "import retention as rt",
    ):
        assert wanted in text


def test_its_tables_are_no_wider_than_100_columns(text):
    lines = text.splitlines()
    tables = [line for line in lines if set(line) == {"-", " "}]
    assert len(tables) == 5
    assert max(map(len, tables)) <= 100
    assert max(map(len, lines)) <= 110  # the notes below a table, which the snapshot wraps


def test_it_is_a_tour_and_no_dump(text):
    assert len(text.splitlines()) < 265


def test_its_last_words_name_functions_that_exist(text):
    for name in ("orders_from_records", "snapshot", "Period", "recommend"):
        assert f"rt.{name}" in text
        assert hasattr(rt, name)
