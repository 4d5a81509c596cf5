"""Names of customers and groups in texts: short, on one line, nothing hidden, and as wide as the terminal shows them."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

import retention as rt
from retention.display._names import name_as_text, printable, shortened, width_of
from retention.display._text import table, with_minus
from retention.testing import make_orders


@pytest.mark.parametrize(
    "name, text",
    [
        ("gold", "gold"),
        ("  two\n words\t", "two words"),
        ("no\xa0break", "no break"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("left\u202eright", "left\\u202eright"),
        ("lone \ud800", "lone \\ud800"),
        ("", "''"),
        (" ", "' '"),
        (("DE", 3), "('DE', 3)"),
        (True, "True"),
        (7, "7"),
        ("abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnop…vwxyz0123456789"),
    ],
)
def test_a_name_in_a_text(name, text):
    assert name_as_text(name) == text


def test_a_number_with_more_digits_than_python_writes():
    assert name_as_text(10**5000) == "<int>"


@pytest.mark.parametrize(
    "text, width",
    [("", 0), ("ab", 2), ("東京", 4), ("\uff45", 2), ("e\u0301", 1), ("é", 1), ("…", 1), ("שלום", 4)],
)
def test_columns_that_a_text_takes(text, width):
    assert width_of(text) == width


@pytest.mark.parametrize(
    "text, width, short",
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "ab…ef"),
        ("abcdef", 4, "ab…f"),
        ("abcdef", 1, "…"),
        ("ab cd ef", 6, "ab…ef"),
        ("東京都東京都", 8, "東京…都"),
        ("東京都東京都", 9, "東京…京都"),
    ],
)
def test_a_long_text_keeps_its_beginning_and_its_end(text, width, short):
    assert shortened(text, width) == short


@given(st.text(), st.integers(1, 40))
def test_every_name_fits_and_shows(name, width):
    text = name_as_text(name, width)
    assert width_of(text) <= width
    assert text.isprintable()
    assert text == text.strip() != ""


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=32))
def test_a_short_plain_name_stays_as_it_is(name):
    assert printable(name) == name
    assert shortened(name, 32) == name


def test_a_table_gives_wide_characters_their_room():
    assert table([["東京", "1"], ["ab", "京"]], headings=["", "n"]).split("\n") == [
        "       n",
        "----  --",
        "東京   1",
        "ab    京",
    ]


def test_a_table_shortens_its_first_column_only_as_far_as_it_must():
    rows = [["a name that is long", "12345"], ["short", "1"]]
    assert table(rows, headings=["who", "n"], widest=20).split("\n") == [
        "who                n",
        "-------------  -----",
        "a name…s long  12345",
        "short              1",
    ]
    assert table(rows, headings=["who", "n"], widest=30) == table(rows, headings=["who", "n"])
    assert table(rows, headings=["who", "n"], widest=3, least=4).split("\n")[2] == "a…g   12345"


@pytest.mark.parametrize(
    "text, shown",
    [
        ("-1.5 to -0.5", "−1.5 to −0.5"),
        ("(-3)", "(−3)"),
        ("2026-03", "2026-03"),
        ("out-of-stock 3", "out-of-stock 3"),
        ("2 → -1", "2 → −1"),
        ("- 3", "- 3"),
    ],
)
def test_only_numbers_get_a_minus(text, shown):
    assert with_minus(text) == shown


class TestWhereNamesStand:
    def test_labels_of_a_comparison(self):
        found = rt.compare(rt.Ratio(1, 2), rt.Ratio(1, 3), labels=("te\na", "c" * 300))
        assert "in te a (50.0%) than in ccc" in str(found)
        assert len(str(found)) < 300
        undefined = rt.compare(rt.Ratio(0, 0), rt.Ratio(1, 3), labels=("te\na", "cups"))
        assert "can't be compared: te a has no value" in str(undefined)

    def test_answers(self):
        share = rt.AnswerShare({"out\nof stock": 1, "x" * 90: 2})
        assert "out of stock" in str(share)
        assert "x" * 40 not in str(share)
        assert "\n" not in share.explain()

    def test_groups_of_orders(self):
        orders = make_orders({"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"]})
        march = rt.Period.month(2026, 3, tz="UTC")
        table = rt.by_segment(
            "customer_retention_rate", rt.Shop(orders=orders), period=march, by={"ann": "a\nb", "ben": "c"}
        )
        assert str(table.row("a\nb")) == "a b 100.0%"
        assert table.row("a\nb").name == "a\nb"
