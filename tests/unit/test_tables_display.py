"""The texts of the tables of customers: every sign explained, every cell in its place, whatever names the host has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import retention as rt
from retention._by_segment import by_segment
from retention.cohorts import cohort_table, cohorts_by
from retention.segments import (
    FixedThresholds,
    at_risk_customers,
    ideal_customer_profile,
    lifecycle_table,
    lifecycle_transitions,
    rfm_migration,
    rfm_table,
)
from retention.survival import Spell, survival_curve
from retention.testing import make_customer, make_orders
from tests.conformance.tables import TABLES, Table, every, parts, told
from tests.conformance.worlds._scenes import SCENES

DAY = timedelta(days=1)
AS_OF = datetime(2026, 4, 15, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
SPRING = rt.Period.between(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC), tz="UTC")
FIXED = FixedThresholds(new_within=10 * DAY, at_risk_after=20 * DAY, lapsed_after=40 * DAY)
WIDEST = 120

ORDERS = make_orders(
    {
        "ann": [("2026-02-03", "10.00"), ("2026-03-05", "20.00"), ("2026-03-25", "30.00")],
        "ben": [("2026-02-10", "5.00"), ("2026-02-12", "5.00")],
        "cy": [("2026-03-08", "1000.00")],
        None: [("2026-03-01", "7.00")],
    }
)


def cells(text: str) -> list[list[str]]:
    """The cells of the first table in a text, row by row, cut where the rule's gaps are."""
    lines = text.split("\n")
    place = next(place for place, line in enumerate(lines) if re.fullmatch(r"-+(  ?-+)+", line))
    spans = [each.span() for each in re.finditer("-+", lines[place])]
    rows = [lines[place - 1]]
    for line in lines[place + 1 :]:
        if not line:
            break
        rows.append(line)
    return [[row[start:end].strip() for start, end in spans] for row in rows]


# ------------------------------------------------------------------------------------ hand-worked, read cell by cell


def test_a_triangle_has_each_cell_in_its_place():
    table = cohort_table(ORDERS, period=SPRING, as_of=AS_OF)
    heading, *rows = cells(str(table))
    assert heading[1:] == ["customers", "0", "1", "2"]
    assert [row[:2] for row in rows] == [
        ["2026-02", "2"],
        ["2026-03", "1"],
        ["2026-04", "0*"],
        ["all, pooled", "3"],
    ]
    assert rows[0][2:] == ["100.0%", "50.0%", "*"]
    assert rows[1][2:] == ["100.0%", "*", ""]
    assert rows[2][2:] == ["n/a*", "", ""]
    assert rows[3][2:] == ["100.0%", "50.0%", ""]


@pytest.mark.parametrize(
    "measure, first_row",
    [
        ("customers", ["2", "1", "*"]),
        ("orders", ["3", "2", "*"]),
        ("revenue", ["20.00", "50.00", "*"]),
        ("cumulative_revenue_value", ["10.00", "35.00", "35.00*"]),
    ],
)
def test_a_triangle_of_each_measure(measure, first_row):
    table = cohort_table(ORDERS, period=SPRING, as_of=AS_OF)
    assert cells(table.text(measure))[1][2:] == first_row


def test_a_life_cycle_has_each_cell_in_its_place():
    table = lifecycle_table(ORDERS, at=APRIL, rules=FIXED, as_of=AS_OF)
    heading, *rows = cells(str(table))
    assert heading[1:] == ["new", "active", "at risk", "lapsed", "won back", "all"]
    (total,) = (row for row in rows if row[0] == "all")
    # Ann was silent for 7 days, Cy for 24, and Ben for 48.
    assert total[1:] == ["0 (0%)", "1 (33%)", "1 (33%)", "1 (33%)", "0 (0%)", "3 (100%)"]


def test_transitions_have_each_cell_in_its_place():
    table = lifecycle_transitions(ORDERS, start=MARCH, end=APRIL, rules=FIXED, as_of=AS_OF)
    heading, *rows = cells(str(table))
    assert heading[1:] == ["new", "active", "at risk", "lapsed", "won back", "all"]
    moved = {row[0]: row[1:] for row in rows}
    # On 1 March Ann was silent for 26 days, Ben for 17.
    assert moved["at risk"][1].startswith("1 ")
    assert moved["active"][3].startswith("1 ")
    assert moved["not yet a customer"][2].startswith("1 ")
    assert moved["all"] == ["0", "1", "1", "1", "0", "3"]


def test_customers_at_risk_stand_with_what_they_spent():
    listed = at_risk_customers(ORDERS, at=APRIL, rules=FIXED, as_of=AS_OF)
    heading, row = cells(str(listed))
    found = dict(zip(heading, row, strict=True))
    assert found["customer"] == "cy"
    assert found["latest"] == "2026-03-08"
    assert found["days silent"] in {"23", "24"}
    assert found["spent EUR"] == "1,000.00"


def test_groups_by_recency_frequency_and_money_add_up():
    table = rfm_table(ORDERS, at=APRIL, as_of=AS_OF)
    heading, *rows = cells(str(table))
    assert heading[:2] == ["group", "customers"]
    assert sum(int(row[1]) for row in rows[:-1]) == int(rows[-1][1]) == 3
    assert rows[-1][heading.index("revenue EUR")] == "1,070.00"


def test_segments_stand_beside_the_whole():
    shop = rt.Shop(orders=ORDERS, as_of=AS_OF)
    month = rt.Period.month(2026, 3, tz="UTC")
    table = by_segment("customer_retention_rate", shop, period=month, by={"ann": "tea", "ben": "cups"})
    heading, *rows = cells(str(table))
    by_name = {row[0]: row[heading.index("figure")] for row in rows}
    assert by_name["tea"] == "100.0%"
    assert by_name["cups"] == "0.0%"
    assert re.search(r"^all +50\.0%", str(table), re.MULTILINE)


def test_a_curve_says_what_is_not_reached():
    curve = survival_curve([Spell(10 * DAY), *(Spell(30 * DAY, ended=False) for _ in range(9))])
    assert "not reached" in str(curve)
    heading, *rows = cells(str(curve))
    assert heading[0] == "after"
    assert {"not ended", "at risk"} <= set(heading)
    assert all(len(row) == len(heading) for row in rows)


# --------------------------------------------------------------------------------------- every sign is explained

SIGNS = {
    "*": r"(\d%?|[A-Z]{3}|n/a)\*",
    "n/a": r"\bn/a\b",
    "–": r"(?<!\S)–(?!\S)",
}


def texts(table: Table) -> Iterator[tuple[str, str]]:
    for scene in SCENES:
        for part in parts(told(table, scene)):
            if not isinstance(part, rt.Shop):
                yield scene.name, str(part)


def split_up(text: str) -> tuple[str, str]:
    """The ruled tables of a text, and the notes below."""
    blocks = text.split("\n\n")
    ruled = [place for place, block in enumerate(blocks) if re.search(r"^-+(  ?-+)+$", block, re.MULTILINE)]
    last = max(ruled, default=-1)
    while last + 1 < len(blocks) and re.match(r"(all|WHAT)\b", blocks[last + 1]):
        last += 1  # the last line of a table, set apart, and a second part of one
    return "\n".join(blocks[: last + 1]), "\n".join(blocks[last + 1 :])


@every("orders", "shop", "spells")
def test_every_sign_is_explained_and_no_other(table):
    for scene, text in texts(table):
        ruled, notes = split_up(text)
        if not ruled:
            continue
        for sign, found in SIGNS.items():
            legend = re.search(rf"^(.*\.  )?{re.escape(sign)}( under| in |:)", notes, re.MULTILINE)
            if re.search(found, ruled):
                assert legend or "in brackets" in notes, (scene, sign, text)
            else:
                assert not legend, (scene, sign, text)


@every("orders", "shop", "spells")
def test_notes_are_sentences(table):
    for scene, text in texts(table):
        ruled, notes = split_up(text)
        for note in re.split(r"\n(?! )", notes) if ruled else ():
            assert not note or note.endswith((".", "?")), (scene, note)
            assert not re.search(r"\b(\w+) \1\b(?! \1)", note.replace("had had", "")), (
                "a word twice",
                scene,
                note,
            )


@pytest.mark.parametrize(
    "measure", ["retention", "customers", "orders", "revenue", "cumulative_revenue_value"]
)
def test_all_measures_of_cohorts_are_fit_to_print(measure):
    for table in TABLES:
        if table.function != "cohort_table":
            continue
        for scene in SCENES:
            for part in parts(told(table, scene)):
                try:
                    text = part.text(measure)
                except rt.MixedCurrencyError:
                    assert scene.name == "two currencies"
                    continue
                assert_fit(text)


def test_a_grid_is_fit_to_print():
    for table in TABLES:
        for scene in SCENES if table.function == "rfm_table" else ():
            for part in parts(told(table, scene)):
                assert_fit(part.grid())


def assert_fit(text: str) -> None:
    for line in text.split("\n"):
        assert len(line) <= WIDEST, line
        assert line == line.rstrip()
        assert line.isprintable()
        assert not re.search(r"\b(nan|inf|None)\b", line)


# ---------------------------------------------------------------------------------------- names of all kinds

NAMES = {
    "long": "y" * 300,
    "long in words": "a very long name of a segment " * 12,
    "two lines": "two\nlines",
    "a tab": "tab\tbed",
    "terminal codes": "\x1b[31mred\x1b[0m",
    "from right to left": "שלום\u202eabc",
    "blanks": "  blanks  ",
    "a rule": "---  ---",
    "a star": "gold*",
    "n/a": "n/a",
    "a number": 7,
    "a pair": ("DE", 3),
    "truth": True,
    "wide": "東京都" * 3,
}
every_name = pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))


@every_name
def test_segments_of_any_name_are_fit_to_print(name):
    shop = rt.Shop(orders=ORDERS, as_of=AS_OF)
    month = rt.Period.month(2026, 3, tz="UTC")
    for metric in ("customer_retention_rate", "new_customer_count"):
        table = by_segment(metric, shop, period=month, by={"ann": name, "ben": "cups"})
        assert_fit(str(table))
        assert "\n" not in table.explain()
        assert table[name] is not None


@every_name
def test_cohorts_by_any_name_are_fit_to_print(name):
    shop = rt.Shop(orders=ORDERS, as_of=AS_OF)
    tables = cohorts_by(shop, period=SPRING, by={"ann": name, "ben": "cups"})
    assert name in tables
    for table in tables.values():
        assert_fit(str(table))
        assert "\n" not in table.explain()


@every_name
def test_a_profile_of_any_name_is_fit_to_print(name):
    customers = [
        make_customer(id=f"c{place}", attributes={"plan": name if place < 15 else "tin"})
        for place in range(40)
    ]
    orders = make_orders({f"c{place}": [("2026-03-01", 100 - place)] for place in range(40)})
    profile = ideal_customer_profile(rt.Shop(orders=orders, customers=customers, as_of=AS_OF))
    assert_fit(str(profile))
    assert "\n" not in profile.explain()


@pytest.mark.parametrize(
    "who", ["x" * 300, ("a", 1), 10**60, "東京" * 60], ids=["long", "a pair", "huge", "wide"]
)
def test_customers_of_any_name_are_fit_to_print(who):
    orders = make_orders(
        {who: [("2026-02-03", "10.00"), ("2026-03-05", "99999999.99")], "ben": ["2026-03-30"]}
    )
    listed = at_risk_customers(orders, at=APRIL, rules=FIXED, as_of=AS_OF)
    assert [one.customer_id for one in listed] == [who]
    assert_fit(str(listed))
    for one in listed:
        assert "\n" not in one.explain()


# -------------------------------------------------------------------------------------------- large and small


def test_much_money_and_many_columns_are_fit_to_print():
    orders = make_orders({f"c{day}": [(f"2026-0{1 + day % 4}-1{day % 9}", "987654.32")] for day in range(40)})
    shop = {"as_of": AS_OF}
    assert_fit(str(lifecycle_table(orders, at=APRIL, rules=FIXED, **shop)))
    assert_fit(str(rfm_table(orders, at=APRIL, **shop)))
    assert_fit(str(rfm_migration(orders, start=MARCH, end=APRIL, **shop)))
    for measure in ("revenue", "cumulative_revenue_value"):
        assert_fit(cohort_table(orders, period=SPRING, **shop).text(measure))


@pytest.mark.parametrize("unit, units", [("day", 30), ("week", 52), ("month", 36)])
def test_many_cohorts_are_fit_to_print(unit, units):
    start = datetime(2024, 1, 1, tzinfo=UTC)
    end = list(rt.Period.year(2024, tz="UTC").split("day"))[29].end if unit == "day" else None
    end = end or (start + 52 * 7 * DAY if unit == "week" else datetime(2027, 1, 1, tzinfo=UTC))
    period = rt.Period.between(start, end, tz="UTC")
    orders = make_orders({f"c{place}": [f"2024-0{1 + place % 3}-{10 + place % 18}"] for place in range(60)})
    table = cohort_table(orders, period=period, unit=unit, as_of=datetime(2027, 2, 1, tzinfo=UTC))
    assert len(table) == units
    for line in str(table).split("\n"):
        assert len(line) <= WIDEST, f"{len(line)} columns"


def test_what_is_below_nothing_has_a_minus():
    """More was given back than was sold: no hyphen stands for the minus."""
    orders = [
        rt.Order(
            id=1,
            customer_id="ann",
            placed_at=datetime(2026, 2, 3, tzinfo=UTC),
            amount=Decimal(10),
            currency="EUR",
            refunds=[rt.Refund(refunded_at=datetime(2026, 3, 3, tzinfo=UTC), amount=Decimal(10))],
        ),
        *make_orders({"ben": ["2026-02-05"], "cy": [("2026-03-05", "1.00")]}, first_id=2),
    ]
    policy = rt.OrderPolicy(refunds_dated="refund", minimum_net=None)
    shop = rt.Shop(orders=orders, as_of=AS_OF, policy=policy)
    month = rt.Period.month(2026, 3, tz="UTC")
    table = by_segment("net_revenue", shop, period=month, by={"ann": "tea", "ben": "cups"})
    assert "-10" not in str(table)
    assert_is_signed(table.to_dicts())


def assert_is_signed(rows: list[dict[str, Any]]) -> None:
    """In data a number is a number."""
    values = [row["value"] for row in rows]
    assert all(value is None or isinstance(value, Decimal) for value in values)
