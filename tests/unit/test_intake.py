"""Rows become records; what could mean two things is refused, and every fault of every row is reported."""

from __future__ import annotations

import copy
import csv
import io
import json
import pickle
import sqlite3
import traceback
from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import pandas as pd
import pytest
from dateutil import tz as dateutil_tz

from retention.errors import (
    ConflictingArgumentError,
    InvalidRowsError,
    InvalidTypeError,
    InvalidValueError,
    RowError,
)
from retention.intake import (
    Intake,
    _cells,
    _readers,
    customers_from_records,
    orders_from_records,
    surveys_from_records,
)
from retention.records import Customer, LineItem, Order, Refund, SurveyResponse

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROW: dict[str, Any] = {"id": 1, "customer_id": "ann", "placed_at": NOON, "amount": "12.50", "currency": "EUR"}
ORDER = Order(**ROW)
BERLIN = "Europe/Berlin"


def order(_drop=(), /, *, options=None, **cells) -> Order:
    """The order that one row becomes, its cells changed."""
    row = {name: cell for name, cell in {**ROW, **cells}.items() if name not in _drop}
    [found] = orders_from_records([row], **(options or {}))
    return found


def faults(rows, **options) -> tuple[RowError, ...]:
    intake = orders_from_records(rows, on_error="collect", **options)
    assert not intake.records
    return intake.errors


def fault(_drop=(), /, *, options=None, **cells) -> RowError:
    """The one fault of one row, its cells changed."""
    row = {name: cell for name, cell in {**ROW, **cells}.items() if name not in _drop}
    [found] = faults([row], **(options or {}))
    return found


def sqlite_rows():
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    text = "select 1 as id, 'ann' as customer_id, '2026-03-01T12:00:00Z' as placed_at, '12.50' as amount, 'EUR' as currency"
    rows = connection.execute(text).fetchall()
    connection.close()
    return rows


class Point(NamedTuple):
    x: int
    y: int


class Lookup:
    """A mapping in all but name, as rows of some database drivers are."""

    def keys(self):
        return ROW.keys()

    def __getitem__(self, name):
        return ROW[name]


class TestRows:
    @pytest.mark.parametrize(
        "row",
        [ROW, OrderedDict(ROW), MappingProxyType(ROW), pd.Series(ROW), Lookup()],
        ids=lambda row: type(row).__name__,
    )
    def test_any_mapping_is_a_row(self, row):
        assert orders_from_records([row]) == [ORDER]

    def test_rows_of_sqlite(self):
        assert orders_from_records(sqlite_rows()) == [ORDER]

    def test_rows_of_csv(self):
        text = "id,customer_id,placed_at,net,cancelled_at,other\nA1,ann,2026-03-01 13:00,12.50,,x\nA2,,2026-03-02,0,,\n"
        orders = orders_from_records(
            csv.DictReader(io.StringIO(text)), fields={"amount": "net"}, currency="EUR", tz=BERLIN
        )
        assert orders[0] == attrs.evolve(ORDER, id="A1")
        assert orders[1].customer_id is None
        assert orders[1].placed_at == datetime(2026, 3, 1, 23, tzinfo=UTC)

    def test_a_csv_line_with_a_comma_too_many(self):
        text = "id,customer_id,placed_at,amount,currency\n1,ann,2026-03-01T12:00Z,12,50,EUR\n"
        [error] = faults(csv.DictReader(io.StringIO(text)))
        assert "more cells than there are headings" in str(error)
        assert "EUR" not in str(error)
        assert (error.row, error.field) == (0, None)

    def test_rows_of_json(self):
        text = """[{"id": 1, "customer_id": 5, "placed_at": "2026-03-01T12:00:00Z", "amount": 19.999999999999996,
            "items": [{"product": "p1", "category": null, "quantity": 1.5, "amount": 10}],
            "refunds": [{"refunded_at": "2026-03-02T12:00:00Z", "amount": 0.1}], "tags": ["vip"], "is_test": false}]"""
        [found] = orders_from_records(json.loads(text), currency="EUR", float_digits=2)
        assert str(found.amount) == "20.00"
        assert found.items == (LineItem(product="p1", quantity="1.5", amount=10),)
        assert found.refunds == (Refund(refunded_at=NOON + timedelta(days=1), amount="0.10"),)
        assert found.tags == {"vip"}

    def test_rows_of_a_data_frame(self):
        frame = pd.DataFrame(
            {
                "id": [1, 2],
                "customer_id": ["ann", None],
                "placed_at": pd.to_datetime(["2026-03-01 13:00", "2026-03-01 14:00"]),
                "amount": [12.5, 0.1 + 0.2],
                "cancelled_at": [pd.NaT, pd.Timestamp("2026-03-05", tz="UTC")],
                "discount": pd.array([None, 3], dtype="Int64"),
                "channel": [float("nan"), "web"],
            }
        )
        one, two = orders_from_records(frame.to_dict("records"), currency="EUR", tz=BERLIN, float_digits=2)
        assert one == ORDER
        assert str(two.amount) == "0.30"
        assert (two.customer_id, two.discount, two.channel) == (None, 3, "web")
        assert type(two.placed_at) is type(two.cancelled_at) is datetime

    def test_a_generator_is_read_once(self):
        rows = (dict(ROW, id=number) for number in range(3))
        assert [found.id for found in orders_from_records(rows)] == [0, 1, 2]
        assert not list(rows)

    def test_no_rows(self):
        assert orders_from_records([]) == []
        assert orders_from_records(iter(()), fields={"amount": "net"}, on_error="collect") == Intake(
            records=(), errors=()
        )

    def test_rows_are_not_changed(self):
        row = {**ROW, "refunds": [{"refunded_at": "2026-03-02", "amount": 1}], "extra": object()}
        before = copy.copy(row)
        orders_from_records([row], tz="UTC")
        assert row == before

    def test_rows_may_have_different_columns(self):
        rows = [ROW, {**ROW, "channel": "web"}, {**dict(reversed(ROW.items()))}]
        assert [found.channel for found in orders_from_records(rows)] == [None, "web", None]

    def test_any_number_of_sets_of_columns(self, monkeypatch):
        monkeypatch.setattr("retention.intake._rows._SHAPES", 1)
        rows = [{**ROW, f"x{number}": 1} for number in range(3)]
        assert orders_from_records(rows) == [ORDER] * 3

    @pytest.mark.parametrize(
        "row",
        [("a", 1), "text", 3, None, Point(1, 2), object()],
        ids=lambda row: type(row).__name__,
    )
    def test_what_is_no_mapping_is_no_row(self, row):
        [error] = faults([row])
        assert (error.row, error.field) == (0, None)
        assert "row 0: a row must be a mapping" in str(error)
        assert type(row).__name__ in str(error)
        assert 'frame.to_dict("records")' in str(error)

    @pytest.mark.parametrize("rows", [ROW, "rows.csv", b"x", None, 5], ids=lambda rows: type(rows).__name__)
    def test_what_holds_no_rows(self, rows):
        with pytest.raises(
            InvalidTypeError, match="orders_from_records: rows must be an iterable of mappings"
        ):
            orders_from_records(rows)

    def test_a_data_frame_is_not_iterated(self):
        with pytest.raises(InvalidTypeError, match=r'pass rows\.to_dict\("records"\)'):
            orders_from_records(pd.DataFrame([ROW]))

        class Frame:
            def to_dicts(self): ...

        with pytest.raises(InvalidTypeError, match=r"not a Frame; pass rows\.to_dicts\(\)"):
            orders_from_records(Frame())

    def test_an_error_of_the_rows_themselves_passes_through(self):
        def rows():
            yield ROW
            raise OSError("connection lost")

        with pytest.raises(OSError, match="connection lost"):
            orders_from_records(rows(), on_error="collect")


class TestFields:
    def test_a_field_from_a_column_of_another_name(self):
        assert order(["amount"], net="12.50", options={"fields": {"amount": "net"}}) == ORDER

    def test_a_field_from_a_function(self):
        assert (
            order(
                amount="€ 12,50",
                options={"fields": {"amount": lambda row: row["amount"][2:].replace(",", ".")}},
            )
            == ORDER
        )

    def test_the_function_sees_the_row_as_it_is(self):
        seen = []
        rows = sqlite_rows()
        orders_from_records(rows, fields={"channel": seen.append})
        assert seen == rows

    def test_a_column_may_be_ignored(self):
        assert order(channel=5, options={"fields": {"channel": None}}) == ORDER
        assert order(options={"fields": {"customer_id": None}}).customer_id is None

    def test_a_column_may_serve_two_fields(self):
        found = order(when=NOON, options={"fields": {"placed_at": "when", "cancelled_at": "when"}})
        assert found.placed_at == found.cancelled_at == NOON

    def test_a_column_given_to_one_field_is_not_read_for_another(self):
        found = order(["amount"], cost=12.5, options={"fields": {"amount": "cost"}, "float_digits": 1})
        assert (found.amount, found.cost) == (Decimal("12.5"), None)

    def test_a_needed_field_whose_column_went_to_another(self):
        with pytest.raises(
            InvalidValueError, match="'id' to another field; say where id comes from, or pass row_ids=True"
        ):
            order(options={"fields": {"customer_id": "id"}})

    def test_row_numbers_as_ids(self):
        rows = [{**ROW, "id": "customer"}] * 2
        found = orders_from_records(rows, fields={"customer_id": "id"}, row_ids=True)
        assert [(one.id, one.customer_id) for one in found] == [(0, "customer"), (1, "customer")]

    def test_row_numbers_count_faulty_rows_too(self):
        intake = orders_from_records([ROW, {**ROW, "amount": None}, ROW], row_ids=True, on_error="collect")
        assert [one.id for one in intake.records] == [0, 2]

    @pytest.mark.parametrize(
        "fields, message",
        [
            ({"amuont": "net"}, "fields names no field of the record: 'amuont'; did you mean 'amount'"),
            ({"net": "amount"}, "write it the other way round, fields={'amount': 'net'}"),
            ({"zzz": len}, "the fields are id, customer_id, placed_at, amount, currency, refunds"),
            ({"amount": None}, "must not be None, since each record needs its amount"),
            ({"id": None}, "needs its id, or pass row_ids=True"),
        ],
    )
    def test_fields_that_say_nothing_useful(self, fields, message):
        with pytest.raises(InvalidValueError) as caught:
            orders_from_records([ROW], fields=fields, on_error="collect")
        assert message in str(caught.value)

    @pytest.mark.parametrize("source", [3, ["net"], Decimal(1)])
    def test_a_source_of_the_wrong_type(self, source):
        with pytest.raises(
            InvalidTypeError, match="must be the name of a column, a function of the row, or None"
        ):
            orders_from_records([ROW], fields={"amount": source})

    @pytest.mark.parametrize("argument", ["fields", "constants"])
    def test_what_is_no_mapping(self, argument):
        with pytest.raises(
            InvalidTypeError, match=f"{argument} must be a mapping of the record's fields, not list"
        ):
            orders_from_records([ROW], **{argument: ["amount"]})

    def test_a_named_column_that_no_row_has(self):
        with pytest.raises(InvalidValueError) as caught:
            orders_from_records([ROW], fields={"cost": "Amuont"}, on_error="collect")
        assert "no row has the column 'Amuont', which fields names for cost; did you mean 'amount'?" in str(
            caught.value
        )
        assert "The columns are: 'amount', 'currency', 'customer_id', 'id', 'placed_at'" in str(caught.value)

    @pytest.mark.parametrize(
        "column, fix",
        [
            ("id", "fields={'id': …}, or pass row_ids=True"),
            ("customer_id", "if all orders are guest checkouts"),
            ("placed_at", "Name it with fields={'placed_at': …}."),
            ("currency", 'or pass currency="EUR"'),
        ],
    )
    def test_a_due_column_that_no_row_has(self, column, fix):
        with pytest.raises(InvalidValueError) as caught:
            order([column])
        assert f"no row has a column {column!r}. Name it with" in str(caught.value)
        assert fix in str(caught.value)

    def test_close_matches_whatever_the_case(self):
        with pytest.raises(InvalidValueError, match="did you mean 'CustomerID'"):
            order(["customer_id"], CustomerID=5)

    def test_all_lost_columns_at_once_and_no_endless_list(self):
        wide = {f"c{number}": number for number in range(100)}
        with pytest.raises(InvalidValueError) as caught:
            orders_from_records([wide])
        assert str(caught.value).count("column '") == 5
        assert len(str(caught.value)) < 1_000

    def test_a_column_that_one_row_has_is_enough(self):
        rows = [{**ROW, "gone": NOON}, ROW]
        found = orders_from_records(rows, fields={"cancelled_at": "gone"})
        assert [one.cancelled_at for one in found] == [NOON, None]

    def test_a_function_that_fails_is_a_fault_of_its_row(self):
        error = fault(options={"fields": {"channel": lambda row: row["nope"]}})
        assert str(error) == "row 0 (id 1): Order.channel could not be read (KeyError: 'nope')"
        assert error.field == "channel"
        assert isinstance(error.__cause__, KeyError)

    def test_any_other_error_is_shown_as_what_it_says(self):
        error = fault(options={"fields": {"channel": lambda row: int("web " + str(row["id"]))}})
        assert "(ValueError: \"invalid literal for int() with base 10: 'web 1'\")" in str(error)
        shouted = fault(options={"fields": {"channel": self.two_words}})
        assert "(KeyError: \"('a', 'b')\")" in str(shouted)

    @staticmethod
    def two_words(row):
        raise KeyError("a", "b")

    def test_of_errors_alike_one_tells_where_it_happened(self):
        states = {"paid": "paid"}
        rows = [{**ROW, "id": number, "state": "storniert"} for number in range(40)]
        fields = {"payment_state": lambda row: states[row["state"]], "channel": lambda row: row["shop"]}
        with pytest.raises(InvalidRowsError) as caught:
            orders_from_records(rows, fields=fields)
        errors = caught.value.exceptions
        told = [(error.row, error.field) for error in errors if error.__cause__ is not None]
        assert told == [(0, "payment_state"), (0, "channel")]
        assert len(errors) == 80
        text = "".join(traceback.format_exception(caught.value))
        assert len(text.splitlines()) < 80
        assert text.count("in <lambda>") == 2  # the host's own line
        assert "During handling" not in text
        assert "_faults.py" not in "".join(traceback.format_exception(errors[0].__cause__))

    def test_an_error_of_a_reader_has_a_traceback_too(self, monkeypatch):
        # Nothing lies beyond the one that calls, when the reader is written in C.
        monkeypatch.setitem(_readers._MAKERS[Order], "channel", lambda where, options: "web".__getitem__)
        error = fault(channel=7)
        assert "(IndexError: 'string index out of range')" in str(error)
        assert error.__cause__.__traceback__ is not None

    def test_a_function_that_fails_at_first_only(self):
        answers = iter([ZeroDivisionError("at first"), "web"])

        def channel(row):
            answer = next(answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

        with pytest.raises(ZeroDivisionError, match="at first"):
            orders_from_records([ROW], fields={"channel": channel})


class TestConstants:
    def test_a_constant_for_all_rows(self):
        found = order(
            ["currency"], options={"constants": {"channel": "web", "currency": "EUR", "is_test": "no"}}
        )
        assert found == attrs.evolve(ORDER, channel="web")

    def test_constants_are_read_like_cells(self):
        found = order(["placed_at"], options={"constants": {"placed_at": "2026-03-01 13:00"}, "tz": BERLIN})
        assert found == ORDER

    def test_no_constant(self):
        assert order(options={"constants": {"channel": None}}) == ORDER
        assert order(["customer_id"], options={"constants": {"customer_id": None}}).customer_id is None

    @pytest.mark.parametrize(
        "constants, message",
        [
            ({"amuont": 1}, "constants names no field of the record: 'amuont'; did you mean 'amount'"),
            ({"amount": "amount"}, 'constants: Order.amount must be a plain number such as "1234.50"'),
            ({"amount": None}, "constants: Order.amount is missing (got None)"),
            ({"currency": "eur"}, "constants: Order.currency must be three capital letters"),
            ({"placed_at": datetime(2026, 3, 1)}, "constants: Order.placed_at must have a time zone"),
        ],
    )
    def test_constants_that_would_make_every_row_faulty(self, constants, message):
        with pytest.raises(InvalidValueError) as caught:
            orders_from_records([], constants=constants)
        assert message in str(caught.value)

    def test_a_constant_beside_a_column(self):
        with pytest.raises(
            ConflictingArgumentError,
            match="currency= gives currency, and the rows have a column of that name; leave out currency=, or",
        ):
            order(currency="USD", options={"currency": "EUR"})
        with pytest.raises(
            ConflictingArgumentError, match=r"constants\['currency'\] gives currency, and the rows"
        ):
            order(currency="USD", options={"constants": {"currency": "EUR"}})
        assert order(currency="USD", options={"currency": "EUR", "fields": {"currency": None}}) == ORDER

    def test_a_constant_beside_a_column_that_is_read_for_another_field(self):
        found = order(options={"constants": {"id": 1}, "fields": {"customer_id": "id"}})
        assert (found.id, found.customer_id) == (1, 1)

    @pytest.mark.parametrize(
        "options, message",
        [
            (
                {"currency": "EUR", "constants": {"currency": "EUR"}},
                'currency= and constants["currency"] say the same thing',
            ),
            (
                {"currency": "EUR", "fields": {"currency": "cur"}},
                "fields['currency'] and currency= both give currency; keep one of them",
            ),
            (
                {"constants": {"currency": "EUR"}, "fields": {"currency": "cur"}},
                "fields['currency'] and constants['currency'] both give currency",
            ),
            (
                {"constants": {"channel": "web"}, "fields": {"channel": "shop"}},
                "fields['channel'] and constants['channel'] both give channel",
            ),
            ({"row_ids": True, "fields": {"id": "number"}}, "fields['id'] and row_ids= both give id"),
        ],
    )
    def test_a_field_given_twice(self, options, message):
        with pytest.raises(ConflictingArgumentError) as caught:
            orders_from_records([], **options)
        assert message in str(caught.value)


class TestMissing:
    @pytest.mark.parametrize(
        "cell",
        [
            None,
            "",
            "  \t",
            float("nan"),
            np.float64("nan"),
            np.float32("nan"),
            pd.NaT,
            pd.NA,
            Decimal("NaN"),
            np.str_(" "),
        ],
    )
    def test_a_missing_cell(self, cell):
        empty = dict.fromkeys(
            ("refunds", "payment_state", "cancelled_at", "cancel_reason", "discount", "cost"), cell
        )
        rest = dict.fromkeys(("channel", "items", "tags", "is_test"), cell)
        assert order(**empty, **rest) == ORDER
        assert order(customer_id=cell).customer_id is None
        error = fault(amount=cell)
        assert error.field == "amount"
        assert "column 'amount': Order.amount is missing (got" in str(error)

    def test_a_column_that_only_some_rows_lack(self):
        found = orders_from_records([ROW, {**ROW, "amount": 1}, {"id": 1}], on_error="collect")
        assert [error.field for error in found.errors] == ["placed_at", "amount", "currency"]
        assert "Order.placed_at is missing (the row has no such column)" in str(found.errors[0])

    def test_a_function_that_gives_nothing(self):
        error = fault(options={"fields": {"amount": lambda row: None}})
        assert (
            str(error) == "row 0 (id 1): Order.amount is missing (got None); fill it in, or leave the row out"
        )

    def test_a_guest_in_json_has_no_key(self):
        rows = [ROW, {name: cell for name, cell in ROW.items() if name != "customer_id"}]
        assert [one.customer_id for one in orders_from_records(rows)] == ["ann", None]


class TestMoments:
    @pytest.mark.parametrize(
        "cell",
        [
            NOON,
            NOON.astimezone(ZoneInfo("Asia/Tokyo")),
            "2026-03-01T12:00:00Z",
            " 2026-03-01 13:00+01:00 ",
            "2026-03-01t12:00:00.000000+00:00",
            "20260301T120000Z",
            np.str_("2026-03-01T12:00:00Z"),
            pd.Timestamp("2026-03-01 13:00", tz=BERLIN),
        ],
    )
    def test_with_a_zone(self, cell):
        for options in ({}, {"tz": "America/New_York"}):
            found = order(placed_at=cell, options=options)
            assert found == ORDER
            assert type(found.placed_at) is datetime

    @pytest.mark.parametrize(
        "cell",
        [
            datetime(2026, 3, 1, 13),
            "2026-03-01 13:00",
            "20260301T13",
            pd.Timestamp("2026-03-01 13:00:00.000000001"),
            np.datetime64("2026-03-01T13:00"),
            np.datetime64("2026-03-01T13:00", "ns"),
        ],
    )
    @pytest.mark.parametrize(
        "zone", [BERLIN, ZoneInfo(BERLIN), dateutil_tz.gettz(BERLIN), timezone(timedelta(hours=1))]
    )
    def test_local(self, cell, zone):
        assert order(placed_at=cell, options={"tz": zone}) == ORDER
        error = fault(placed_at=cell)
        assert "must have a time zone (got '2026-03-01T13:00:00')" in str(error)
        assert 'tz="Europe/Berlin"' in str(error)

    @pytest.mark.parametrize(
        "cell", [date(2026, 3, 1), "2026-03-01", "20260301", np.datetime64("2026-03-01")]
    )
    def test_a_day(self, cell):
        assert order(placed_at=cell, options={"tz": BERLIN}).placed_at == datetime(
            2026, 2, 28, 23, tzinfo=UTC
        )
        assert "must have a time and a zone (got '2026-03-01')" in str(fault(placed_at=cell))

    @pytest.mark.parametrize(
        "zone, cell, instant",
        [
            # put back at three: half past two comes twice
            (BERLIN, "2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
            (BERLIN, datetime(2026, 10, 25, 2, 30, fold=1), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
            (BERLIN, pd.Timestamp("2026-10-25 02:30"), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
            # on the days of the changes, around them
            (BERLIN, "2026-10-25 00:30", datetime(2026, 10, 24, 22, 30, tzinfo=UTC)),
            (BERLIN, "2026-03-29 01:59:59", datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)),
            (BERLIN, "2026-03-29 03:00", datetime(2026, 3, 29, 1, tzinfo=UTC)),
            # midnight does not exist
            ("Africa/Cairo", "2026-04-24", datetime(2026, 4, 23, 22, tzinfo=UTC)),
            ("Africa/Cairo", "2026-04-24 00:00", datetime(2026, 4, 23, 22, tzinfo=UTC)),
            ("Africa/Cairo", datetime(2026, 4, 24), datetime(2026, 4, 23, 22, tzinfo=UTC)),
            # a change of half an hour
            ("Australia/Lord_Howe", "2026-10-04 02:30", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
            # leap days, and the ends of the calendar
            ("UTC", "2028-02-29 23:59", datetime(2028, 2, 29, 23, 59, tzinfo=UTC)),
            ("UTC", "0001-01-01 00:00", datetime(1, 1, 1, tzinfo=UTC)),
            ("UTC", "9999-12-31 23:59:59.999999", datetime.max.replace(tzinfo=UTC)),
            (BERLIN, "9999-12-30", datetime(9999, 12, 29, 23, tzinfo=UTC)),
        ],
    )
    def test_nights_and_ends(self, zone, cell, instant):
        found = order(placed_at=cell, options={"tz": zone}).placed_at
        assert found == instant
        assert found.tzinfo is UTC

    @pytest.mark.parametrize("zone", [ZoneInfo(BERLIN), dateutil_tz.gettz(BERLIN)])
    def test_a_time_that_the_clocks_skip(self, zone):
        error = fault(placed_at="2026-03-29 02:30", options={"tz": zone})
        assert "must be a time that exists" in str(error)
        assert "skipped 2026-03-29 02:30:00; check tz=" in str(error)
        assert "a slip in a single row, correct that one, to 2026-03-29 03:30:00 for instance" in str(error)

    @pytest.mark.parametrize(
        "cell",
        [
            1_772_366_400,
            1_772_366_400_000.0,
            Decimal(1),
            Fraction(3, 2),
            "1772366400",
            "1772366400000",
            "1612102030123",
            "-5.5",
            np.int64(5),
            True,
        ],
    )
    def test_numbers_say_no_unit(self, cell):
        error = fault(placed_at=cell, options={"tz": BERLIN})
        assert error.field == "placed_at"
        if not isinstance(cell, bool | Fraction):
            assert "must not be a bare number" in str(error)
            assert "datetime.fromtimestamp" in str(error)

    @pytest.mark.parametrize(
        "cell",
        [
            "01.03.2026",
            "2026-03-01+01:00",
            "2026-W10",
            "2026-13-01",
            "2026-02-29",
            "2026-03-01 25:00",
            "yesterday",
            "2026-03-01 12:00 CET",
        ],
    )
    def test_other_texts(self, cell):
        error = fault(placed_at=cell, options={"tz": BERLIN})
        assert f"must be an instant in ISO 8601, such as 2026-03-05T14:30:00+01:00 (got {cell!r})" in str(
            error
        )

    @pytest.mark.parametrize(
        "cell, zone",
        [
            ("0001-01-01", "Asia/Tokyo"),
            ("0001-01-01 00:00", "Asia/Tokyo"),
            ("9999-12-31 23:00", "America/New_York"),
            ("0001-01-01T00:00+09:00", None),
            (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))), None),
        ],
    )
    def test_beyond_the_calendar(self, cell, zone):
        error = fault(placed_at=cell, options={"tz": zone})
        assert "must lie within the years 1 to 9999 in UTC" in str(error)

    @pytest.mark.parametrize("cell", [timedelta(1), np.timedelta64(1, "D"), ["2026-03-01"], object()])
    def test_no_moment_at_all(self, cell):
        assert "must be a datetime" in str(fault(placed_at=cell, options={"tz": BERLIN}))

    @pytest.mark.parametrize("zone", ["Europe/Berlni", 1, ""])
    def test_no_zone(self, zone):
        with pytest.raises((InvalidValueError, InvalidTypeError), match="orders_from_records: tz must"):
            orders_from_records([], tz=zone)


class TestMoney:
    @pytest.mark.parametrize("cell", [Decimal("12.5"), "12.50", " 12.5 ", np.str_("12.5"), "1.25e1"])
    def test_exact(self, cell):
        assert order(amount=cell) == ORDER

    @pytest.mark.parametrize("cell", [7, np.int64(7), np.uint8(7), "7"])
    def test_whole(self, cell):
        found = order(amount=cell, cost=cell).cost
        assert (found, type(found)) == (7, Decimal)

    @pytest.mark.parametrize(
        "cell, digits, text",
        [
            (12.5, 2, "12.50"),
            (19.999999999999996, 2, "20.00"),
            (2.675, 2, "2.68"),  # as it prints; its binary value lies below
            (0.125, 2, "0.12"),
            (0.135, 2, "0.14"),
            (12.5, 0, "12"),
            (1234.5, 3, "1234.500"),
            (-0.0, 2, "0.00"),
            (-0.001, 2, "0.00"),
            (np.float64(12.5), 2, "12.50"),
            (np.float32(19.99), 2, "19.99"),
        ],
    )
    def test_floats(self, cell, digits, text):
        assert str(order(amount=cell, options={"float_digits": digits}).amount) == text

    @pytest.mark.parametrize("cell", [12.5, np.float64(12.5), np.float32(12.5)])
    def test_floats_of_unknown_digits(self, cell):
        error = fault(amount=cell)
        assert "Order.amount must not be a float (got 12.5)" in str(error)
        assert "float_digits=2" in str(error)

    @pytest.mark.parametrize(
        "cell, number",
        [
            ("1,234.50", "1234.50"),
            ("1,234,567", "1234567"),
            ("12,50", "12.50"),
            ("39,00", "39.00"),
            ("1.234,50", "1234.50"),
            ("€12", "12"),
            ("12 EUR", "12"),
            ("nan", None),
            ("inf", None),
            ("-", None),
            ("NULL", None),
        ],
    )
    def test_texts_that_are_no_plain_numbers(self, cell, number):
        error = fault(amount=cell)
        assert "Order.amount must be a plain number such as" in str(error)
        # The code that the message offers reads the cell as it was meant.
        mended = eval(str(error).partition("lambda row: ")[2], {"row": {"net": cell}})
        assert mended == number

    def test_what_usually_went_wrong_with_a_file(self):
        with pytest.raises(InvalidValueError, match="utf-8-sig"):
            orders_from_records([{"\ufeffid": 1}], currency="EUR")
        with pytest.raises(InvalidValueError, match="delimiter"):
            orders_from_records([{"id;customer_id": "1;ann"}], currency="EUR")

    @pytest.mark.parametrize(
        "cell, message",
        [
            (Decimal("sNaN"), "must be finite"),
            (Decimal("inf"), "must be finite"),
            (float("inf"), "must be finite"),
            (-1, "must not be negative (got -1); money given back is a Refund"),
            (-5.5, "must not be negative (got -5.50)"),
            (1e300, "must be below 10**18"),
            ("1e18", "must be below 10**18"),
            (True, "not bool"),
            (np.True_, "not bool"),
            ([1], "not list"),
            (object(), "not object"),
        ],
    )
    def test_no_money(self, cell, message):
        error = fault(amount=cell, options={"float_digits": 2})
        assert message in str(error)
        assert error.field == "amount"

    @pytest.mark.parametrize("digits", [-1, 19, 10**9])
    def test_digits_out_of_range(self, digits):
        with pytest.raises(InvalidValueError, match="float_digits must be a whole number from 0 to 18"):
            orders_from_records([], float_digits=digits)

    @pytest.mark.parametrize("digits", [True, 2.0, "2"])
    def test_digits_of_another_type(self, digits):
        with pytest.raises(InvalidTypeError, match="float_digits must be a whole number from 0 to 18"):
            orders_from_records([], float_digits=digits)


class TestOtherCells:
    @pytest.mark.parametrize("cell", [True, 1, np.True_, np.int8(1), "true", "TRUE", " Yes ", "1"])
    def test_true(self, cell):
        assert order(is_test=cell).is_test is True

    @pytest.mark.parametrize("cell", [False, 0, np.False_, "false", "No", "0"])
    def test_false(self, cell):
        assert order(is_test=cell).is_test is False

    @pytest.mark.parametrize("cell", ["t", "on", "-1", 2, 1.0, Decimal(1), ["yes"]])
    def test_neither(self, cell):
        error = fault(is_test=cell)
        assert "must be true or false, yes or no, 1 or 0" in str(error)
        assert "or ignore the column with fields={'is_test': None}" in str(error)

    @pytest.mark.parametrize("cell", [0, "A 1", UUID(int=7), (1, "a"), b"x", " a"])
    def test_ids_stay_as_they_are(self, cell):
        found = order(id=cell, customer_id=cell)
        assert found.id == found.customer_id == cell
        assert type(found.id) is type(cell)

    def test_ids_of_numpy_become_pythons(self):
        found = order(id=np.int64(7), customer_id=np.str_("ann"))
        assert (type(found.id), type(found.customer_id)) == (int, str)

    @pytest.mark.parametrize("cell", [7.0, np.float64(7), np.float32(7), float("inf")])
    def test_float_ids(self, cell):
        error = fault(customer_id=cell)
        assert "Order.customer_id must not be a float" in str(error)
        assert 'astype("Int64")' in str(error)

    @pytest.mark.parametrize("cell", [True, np.True_, [1], {}, "a\x00b", "a\ud800"])
    def test_no_ids(self, cell):
        assert fault(id=cell).field == "id"

    @pytest.mark.parametrize(
        "tags", [["vip", "new"], ("new", "vip"), {"vip", "new"}, np.array(["vip", "new"])]
    )
    def test_tags(self, tags):
        assert order(tags=tags).tags == {"vip", "new"}

    def test_tags_from_a_text(self):
        split = {"tags": lambda row: [tag.strip() for tag in row["tags"].split(",") if tag.strip()]}
        assert order(tags="vip, new,", options={"fields": split}).tags == {"vip", "new"}
        assert order(tags="", options={"fields": split}).tags == frozenset()
        error = fault(tags="vip,new")
        assert "Order.tags must be a list of texts, not str; make one with a callable" in str(error)

    @pytest.mark.parametrize("tags", [[1], [""], ["a\n"], {"vip": 1}, 5, [["a"]]])
    def test_no_tags(self, tags):
        assert fault(tags=tags).field == "tags"

    def test_words_of_a_shop(self):
        error = fault(payment_state="completed")
        assert "must be one of 'paid', 'pending', 'failed', 'unknown' (got 'completed')" in str(error)
        words = {"completed": "paid"}
        assert (
            order(
                status="completed", options={"fields": {"payment_state": lambda row: words[row["status"]]}}
            ).payment_state
            == "paid"
        )


class TestNested:
    def test_refunds(self):
        refund = Refund(refunded_at=NOON, amount=1)
        found = order(
            refunds=[refund, {"refunded_at": "2026-03-02", "amount": 1.5, "note": "x"}],
            options={"tz": "UTC", "float_digits": 2},
        )
        assert found.refunds == (refund, Refund(refunded_at=datetime(2026, 3, 2, tzinfo=UTC), amount="1.50"))

    @pytest.mark.parametrize(
        "nothing",
        [
            {},
            {"amount": None},
            {"amount": 0, "refunded_at": ""},
            {"amount": "0.00"},
            {"refunded_at": None},
            {"refunded_at": "", "note": " "},
            {"amount": "", "note": "asked for, not given"},
        ],
    )
    def test_columns_of_refunds_in_an_order_that_has_none(self, nothing):
        assert order(options={"fields": {"refunds": lambda row: [nothing]}}) == ORDER

    @pytest.mark.parametrize(
        "refund, keys",
        [
            (
                {"Bestellnr": "1", "Betrag": "4", "Erstattet am": "2026-10-05"},
                "'Bestellnr', 'Betrag', 'Erstattet am'",
            ),
            ({"Betrag": "", "Erstattet am": ""}, "'Betrag', 'Erstattet am'"),
            ({"Amount": 4, "refunded_at": None}, "'Amount', 'refunded_at'"),
            ({f"c{n}": 0 for n in range(12)}, "'c7', 'c8', 'c9', …"),
        ],
    )
    def test_a_refund_with_other_keys_does_not_vanish(self, refund, keys):
        error = fault(refunds=[refund])
        assert error.field == "refunds"
        assert 'Order.refunds[0]: a refund must have the keys "amount" and "refunded_at" (got the' in str(
            error
        )
        assert f"{keys}); make such mappings with a callable in fields, as in lambda row: [{{" in str(error)

    @pytest.mark.parametrize(
        "refunds, message",
        [
            ([{"amount": 5}], "Order.refunds[0]: Refund.refunded_at is missing"),
            ([{"refunded_at": NOON}], "Order.refunds[0]: Refund.amount is missing"),
            (
                [{"amount": 5, "refundedAt": NOON}],
                "Refund.refunded_at is missing (the entry has the keys 'amount', 'refundedAt'); give it, or",
            ),
            ([{"amount": 5, "refunded_at": ""}], "Refund.refunded_at is missing; give it, or leave"),
            (
                [{}, {"refunded_at": NOON, "amount": 1.5}],
                "Order.refunds[1]: Refund.amount must not be a float",
            ),
            ([{"refunded_at": NOON, "amount": -1}], "Order.refunds[0]: Refund.amount must not be negative"),
            ([{"refunded_at": "2026-03-02", "amount": 1}], "Order.refunds[0]: Refund.refunded_at must have"),
            ([5], "Order.refunds[0]: must be a mapping or a Refund, not int"),
            ({"refunded_at": NOON}, "Order.refunds must be a list of mappings or Refunds, not dict"),
            ("[]", "not str; make one with a callable in fields, as in lambda row: [{"),
            (3, "or ignore the column with fields={'refunds': None}"),
            (iter([]), "must be a list of mappings or Refunds, not list_iterator"),
        ],
    )
    def test_faulty_refunds(self, refunds, message):
        error = fault(refunds=refunds)
        assert message in str(error)
        assert error.field == "refunds"

    def test_items(self):
        item = LineItem(product=1)
        cells = [
            item,
            {"product": 2, "category": "tea", "quantity": np.float64(0.5), "amount": "3"},
            {"product": "3", "quantity": "2", "category": ""},
        ]
        assert order(items=cells).items == (
            item,
            LineItem(product=2, category="tea", quantity="0.5", amount=3),
            LineItem(product="3", quantity=2),
        )

    @pytest.mark.parametrize(
        "item, message",
        [
            ({}, "Order.items[0]: LineItem.product is missing (the entry has no keys)"),
            ({"Artikel": "mug"}, "LineItem.product is missing (the entry has the keys 'Artikel')"),
            ({"product": ""}, "LineItem.product is missing; give it, or leave the entry out"),
            ({"product": 1, "quantity": 0}, "LineItem.quantity must be above 0"),
            ({"product": 1, "quantity": "many"}, "LineItem.quantity must be a plain number"),
            ({"product": 1, "quantity": True}, "LineItem.quantity must be a Decimal"),
            (Refund(refunded_at=NOON, amount=1), "must be a mapping or a LineItem, not Refund"),
        ],
    )
    def test_faulty_items(self, item, message):
        assert message in str(fault(items=[item]))


class TestFaults:
    ROWS = (
        {**ROW, "amount": "x", "currency": "eur", "placed_at": datetime(2026, 3, 1)},
        ROW,
        {**ROW, "refunds": [{"refunded_at": NOON, "amount": 99}]},
        "no row",
    )

    def test_all_at_once(self):
        with pytest.raises(InvalidRowsError) as caught:
            orders_from_records(self.ROWS)
        assert [(error.row, error.field) for error in caught.value.exceptions] == [
            (0, "placed_at"),
            (0, "amount"),
            (0, "currency"),
            (2, "refunds"),
            (3, None),
        ]
        message = str(caught.value)
        assert message.startswith(
            "orders_from_records: 3 of 4 rows, counted from 0, are faulty (placed_at 1, amount 1, "
        )
        assert "whole row 1" in message
        assert '; and 2 more. To load the others, pass on_error="collect"' in message

    def test_one(self):
        with pytest.raises(InvalidRowsError, match="1 of 4 rows, counted from 0, is faulty"):
            orders_from_records([*[self.ROWS[1]] * 3, self.ROWS[0]])

    def test_a_group_that_except_star_takes_apart(self):
        seen = []
        try:
            orders_from_records(self.ROWS)
        except* RowError as group:
            seen.extend(group.exceptions)
        assert len(seen) == 5

    def test_collected(self):
        intake = orders_from_records(self.ROWS, on_error="collect")
        assert intake.records == (ORDER,)
        assert len(intake.errors) == 5
        assert repr(intake) == "<Intake: 1 records, 5 errors>"
        assert pickle.loads(pickle.dumps(intake)).records == intake.records
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            intake.records = ()

    def test_collected_and_raised_agree(self):
        with pytest.raises(InvalidRowsError) as caught:
            orders_from_records(self.ROWS)
        intake = orders_from_records(iter(self.ROWS), on_error="collect")
        assert list(map(str, intake.errors)) == list(map(str, caught.value.exceptions))

    def test_one_fault(self):
        with pytest.raises(InvalidRowsError) as caught:
            orders_from_records([{**ROW, "net": "x"}], fields={"amount": "net"})
        assert "1 of 1 rows" in str(caught.value)
        assert "more. To" not in str(caught.value)
        assert "row 0 (id 1), column 'net': Order.amount must be a plain number" in str(caught.value)

    @pytest.mark.parametrize(
        "row, options, place",
        [
            ({"id": "5010"}, {}, "row 0 (id '5010'), column 'amount': "),
            ({"number": 7}, {"fields": {"id": "number"}}, "row 0 (id 7), column 'amount': "),
            ({"number": 7}, {"fields": {"id": lambda row: f"A{row['number']}"}}, "row 0 (id 'A7'), column"),
            ({"id": 7}, {"row_ids": True}, "row 0, column 'amount': "),
            ({"id": 7}, {"constants": {"id": 8}, "fields": {"channel": "id"}}, "row 0, column 'amount': "),
            ({"id": " "}, {}, "row 0, column 'id': "),
            ({"id": 7.5}, {}, "row 0, column 'id': "),
            ({}, {"fields": {"id": lambda row: row["number"]}}, "row 0, column 'amount': "),
            ({"id": "x" * 500}, {}, "row 0 (id 'xxxx"),
        ],
    )
    def test_a_row_is_named_by_its_id_if_it_has_one(self, row, options, place):
        cells = {name: cell for name, cell in ROW.items() if name != "id"}
        error = faults([{**cells, "amount": "x", **row}], **options)[0]
        assert str(error).startswith(place)
        assert len(str(error)) < 600
        assert error.row == 0

    def test_survey_responses_may_have_no_id(self):
        row = {"kind": "nps", "score": 99, "responded_at": NOON}
        intake = surveys_from_records([row, {**row, "id": 3}], on_error="collect")
        assert [str(error).partition(": ")[0] for error in intake.errors] == ["row 0", "row 1 (id 3)"]

    def test_many_faults_stay_readable(self):
        with pytest.raises(InvalidRowsError) as caught:
            orders_from_records([{**ROW, "amount": "x" * 5_000}] * 2_000)
        assert len(str(caught.value)) < 2_000
        assert len(caught.value.exceptions) == 2_000
        assert "2,000 of 2,000 rows" in str(caught.value)

    @pytest.mark.parametrize(
        "cells, field, message",
        [
            ({"cancelled_at": NOON - timedelta(days=1)}, "cancelled_at", "must not be before placed_at"),
            ({"cancel_reason": "customer"}, "cancel_reason", "needs cancelled_at"),
            (
                {"refunds": [{"refunded_at": NOON - timedelta(1), "amount": 1}]},
                "refunds",
                "must not be before placed_at",
            ),
        ],
    )
    def test_cells_that_contradict_each_other(self, cells, field, message):
        error = fault(**cells)
        assert error.field == field
        assert message in str(error)
        assert str(error).startswith("row 0 (id 1): Order.")

    def test_same_id_twice_is_not_the_intakes_business(self):
        assert orders_from_records([ROW, ROW]) == [ORDER, ORDER]

    @pytest.mark.parametrize("on_error", ["ignore", "", None, True, [], {}])
    def test_another_way(self, on_error):
        kind = InvalidValueError if isinstance(on_error, str) else InvalidTypeError
        with pytest.raises(kind, match='on_error must be "raise" or "collect"'):
            orders_from_records([], on_error=on_error)


class TestCustomers:
    ROW = MappingProxyType(
        {"id": "ann", "signed_up_at": "2026-03-01 13:00", "country": "DE", "acquisition_channel": "search", "referred_by": 7,
         "loyalty_joined_at": "", "tags": ["vip"], "name": "Ann Secret", "plan": "gold", "age": float("nan")}
    )  # fmt: skip
    ANN = Customer(
        id="ann", signed_up_at=NOON, country="DE", acquisition_channel="search", referred_by=7, tags={"vip"}
    )

    def test_a_customer(self):
        assert customers_from_records([self.ROW], tz=BERLIN) == [self.ANN]
        assert customers_from_records([{"id": 5}]) == [Customer(id=5)]

    def test_fields_and_constants(self):
        rows = [{"customer": 5, "since": NOON}]
        [found] = customers_from_records(
            rows, fields={"id": "customer", "signed_up_at": "since"}, constants={"country": "DE"}
        )
        assert found == Customer(id=5, signed_up_at=NOON, country="DE")

    @pytest.mark.parametrize("names", [["plan", "age"], ("plan", "age"), {"plan": 1, "age": 2}])
    def test_attributes(self, names):
        [found] = customers_from_records([self.ROW], tz=BERLIN, attributes=names)
        assert found == attrs.evolve(self.ANN, attributes={"plan": "gold"})

    def test_attributes_that_some_rows_lack(self):
        rows = [{"id": 1, "plan": "gold"}, {"id": 2}]
        assert [dict(one.attributes) for one in customers_from_records(rows, attributes=["plan"])] == [
            {"plan": "gold"},
            {},
        ]

    def test_a_mapping_as_attributes(self):
        rows = [{"id": 1, "attributes": {"plan": None}}, {"id": 2, "attributes": None}]
        assert [dict(one.attributes) for one in customers_from_records(rows)] == [{"plan": None}, {}]
        [found] = customers_from_records([{"id": 1, "a": 2}], fields={"attributes": dict})
        assert dict(found.attributes) == {"id": 1, "a": 2}

    @pytest.mark.parametrize(
        "options",
        [
            {"fields": {"attributes": lambda row: "Ann Secret"}},
            {"fields": {"attributes": lambda row: {}[row["name"]]}},
            {"fields": {"attributes": "name"}},
            {"fields": {"attributes": "name"}, "constants": {"country": "DE"}},
        ],
    )
    def test_no_error_shows_what_is_in_attributes(self, options):
        intake = customers_from_records([{"id": 1, "name": "Ann Secret"}], on_error="collect", **options)
        [error] = intake.errors
        assert error.field == "attributes"
        assert "Customer.attributes" in str(error)
        assert "Secret" not in str(error)
        assert error.__cause__ is None
        with pytest.raises(InvalidValueError) as caught:
            customers_from_records([], constants={"attributes": "Ann Secret"})
        assert "Secret" not in str(caught.value)

    def test_a_lost_attribute(self):
        with pytest.raises(
            InvalidValueError, match="no row has the column 'plam' of attributes; did you mean 'plan'"
        ):
            customers_from_records([self.ROW], tz=BERLIN, attributes=["plam"])

    @pytest.mark.parametrize("names", ["plan", 5, [1], [None], None])
    def test_attributes_that_name_no_columns(self, names):
        with pytest.raises(InvalidTypeError, match="attributes must name columns"):
            customers_from_records([], attributes=names)

    @pytest.mark.parametrize("other", [{"fields": {"attributes": "plan"}}, {"constants": {"attributes": {}}}])
    def test_attributes_twice(self, other):
        with pytest.raises(ConflictingArgumentError, match="give one of them"):
            customers_from_records([], attributes=["plan"], **other)

    def test_faults(self):
        rows = [{"id": None}, {"id": 1, "referred_by": 1}, {"id": 2, "country": 5, "tags": "vip"}, 5]
        with pytest.raises(InvalidRowsError, match="customers_from_records: 4 of 4 rows") as caught:
            customers_from_records(rows)
        assert [(error.row, error.field) for error in caught.value.exceptions] == [
            (0, "id"),
            (1, "referred_by"),
            (2, "country"),
            (2, "tags"),
            (3, None),
        ]

    def test_no_ids(self):
        with pytest.raises(InvalidValueError, match="no row has a column 'id'; did you mean 'ID'"):
            customers_from_records([{"ID": 5}])


@pytest.mark.parametrize("kind", [Order, Customer, Refund, LineItem])
def test_every_field_has_a_reader(kind):
    assert list(_readers.readers(kind, _cells.Options())) == [
        attribute.name for attribute in attrs.fields(kind)
    ]


ANSWERED: dict[str, Any] = {"customer_id": "ann", "responded_at": NOON, "score": 9}
NPS = {"constants": {"kind": "nps"}}


def surveyed(_drop=(), /, *, options=None, **cells) -> SurveyResponse:
    row = {name: cell for name, cell in {**ANSWERED, **cells}.items() if name not in _drop}
    [found] = surveys_from_records([row], **(options or NPS))
    return found


def survey_fault(_drop=(), /, *, options=None, **cells) -> RowError:
    row = {name: cell for name, cell in {**ANSWERED, **cells}.items() if name not in _drop}
    intake = surveys_from_records([row], on_error="collect", **(options or NPS))
    assert not intake.records
    [found] = intake.errors
    return found


class TestSurveys:
    def test_a_row_with_everything(self):
        row = {
            "kind": "csat",
            "score": "4",
            "answer": "",
            "scale": [1, 5],
            "direction": "higher",
            "responded_at": "2026-03-01 13:00",
            "id": np.int64(3),
            "customer_id": None,
            "touchpoint": "delivery",
            "channel": "app",
            "comment": "two\nlines",
        }
        [found] = surveys_from_records([row], tz=BERLIN)
        assert found == SurveyResponse(
            kind="csat",
            score=4,
            scale=(1, 5),
            responded_at=NOON,
            id=3,
            touchpoint="delivery",
            channel="app",
            comment="two\nlines",
        )
        assert type(found.score) is int

    @pytest.mark.parametrize("score", [9, 9.0, "9", " 9 ", "9.0", Decimal(9), np.int64(9), np.float64(9)])
    def test_scores(self, score):
        assert surveyed(score=score).score == 9

    @pytest.mark.parametrize(
        "score, message",
        [
            (
                "very good",
                "column 'score': SurveyResponse.score must be a number such as 9 (got 'very good')",
            ),
            (True, "must be a number, not bool"),
            (11, "must lie on its scale, from 0 to 10 (got 11)"),
            ("8.5", "must be a whole number on the scale (0, 10)"),
        ],
    )
    def test_no_scores(self, score, message):
        fault = survey_fault(score=score)
        assert message in str(fault)
        assert fault.field == "score"

    @pytest.mark.parametrize(
        "scale, expected",
        [
            ([1, 5], (1, 5)),
            (("1", "5"), (1, 5)),
            ([1.0, 5.0], (1, 5)),
            ([np.float64(1), np.int64(5)], (1, 5)),
            ([Decimal(1), Decimal(5)], (Decimal(1), Decimal(5))),
            ([0, 5.5], (Decimal(0), Decimal("5.5"))),
        ],
    )
    def test_scales(self, scale, expected):
        found = surveyed(score=4, scale=scale, options={"constants": {"kind": "csat"}}).scale
        assert found == expected
        assert [type(end) for end in found] == [type(end) for end in expected]

    @pytest.mark.parametrize("scale", [None, (None, None), "", float("nan")])
    def test_a_scale_that_is_missing(self, scale):
        assert surveyed(scale=scale).scale == (0, 10)

    @pytest.mark.parametrize("scale", ["1-5", 5, {"low": 1}, True])
    def test_no_scales(self, scale):
        fault = survey_fault(scale=scale)
        assert "must be the lowest and the highest score (got" in str(fault)
        assert 'constants={"scale": (1, 5)}' in str(fault)

    def test_a_scale_with_one_end(self):
        assert "must be two numbers of one type" in str(survey_fault(scale=[1, None]))

    def test_a_scale_for_all_rows(self):
        constants = {"kind": "ces", "scale": (1, 7), "direction": "lower"}
        assert surveyed(score="2", options={"constants": constants}).scale == (1, 7)
        with pytest.raises(
            InvalidValueError, match=r"constants: SurveyResponse\.scale must go from the lowest"
        ):
            surveyed(options={"constants": {**constants, "scale": (7, 1)}})

    @pytest.mark.parametrize("score", [None, "", "  ", float("nan"), np.nan, pd.NA, pd.NaT])
    def test_an_unanswered_question_is_no_response(self, score):
        """Definitions: "An unanswered question is not a response"."""
        fault = survey_fault(score=score)
        assert fault.field == "score"
        assert "score and answer are both missing, so that nothing was answered" in str(fault)
        assert 'pass unanswered="skip" to leave them out' in str(fault)
        rows = [{**ANSWERED, "score": score}, ANSWERED]
        assert len(surveys_from_records(rows, unanswered="skip", **NPS)) == 1
        intake = surveys_from_records(rows, unanswered="skip", on_error="collect", **NPS)
        assert (len(intake.records), len(intake.errors), intake.skipped) == (1, 0, 1)
        assert repr(intake) == "<Intake: 1 records, 0 errors, 1 skipped>"

    def test_an_answer_is_enough(self):
        found = surveyed(("score",), answer="price", options={"constants": {"kind": "why"}})
        assert (found.score, found.answer) == (None, "price")

    def test_an_unanswered_row_with_another_fault_is_faulty(self):
        rows = [{**ANSWERED, "score": "", "responded_at": "yesterday"}]
        intake = surveys_from_records(rows, unanswered="skip", on_error="collect", **NPS)
        assert [error.field for error in intake.errors] == ["responded_at"]
        assert intake.skipped == 0

    def test_a_column_for_what_was_answered_is_due(self):
        with pytest.raises(
            InvalidValueError, match=r"no row has a column 'score' or 'answer'\. Name it with fields"
        ):
            surveys_from_records([{"responded_at": NOON, "rating": 9}], unanswered="skip", **NPS)
        with pytest.raises(
            InvalidValueError, match="no row has the column 'rate', which fields names for score"
        ):
            surveys_from_records([{"responded_at": NOON, "rating": 9}], fields={"score": "rate"}, **NPS)
        given = {"score": lambda row: row["rating"] * 2}
        [found] = surveys_from_records([{"responded_at": NOON, "rating": 5}], fields=given, **NPS)
        assert found.score == 10

    def test_a_kind_is_due(self):
        with pytest.raises(
            InvalidValueError, match=r'or pass constants={"kind": "nps"} if all rows answer the same'
        ):
            surveys_from_records([ANSWERED])

    @pytest.mark.parametrize("unanswered", ["ignore", "", None, True])
    def test_what_to_do_with_the_unanswered(self, unanswered):
        with pytest.raises(
            (InvalidValueError, InvalidTypeError), match='unanswered must be "error" or "skip"'
        ):
            surveys_from_records([], unanswered=unanswered)

    def test_what_was_written_is_shown_nowhere(self):
        assert "Secret" not in str(survey_fault(score="x", comment="Ann Secret"))
