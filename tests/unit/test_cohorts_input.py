"""What tables of cohorts refuse, and with which words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import retention as rt
from retention.cohorts import cohort_table, cohorts_by
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidPeriodError,
    InvalidTypeError,
    InvalidValueError,
    MissingRecordsError,
    NaiveDatetimeError,
)
from retention.testing import make_orders

AS_OF = datetime(2026, 4, 16, tzinfo=UTC)
YEAR = rt.Period.year(2026, tz="UTC")
ORDERS = make_orders({"ann": ["2026-01-10", "2026-02-03"]})
SHOP = rt.Shop(orders=ORDERS, as_of=AS_OF)
TABLE = cohort_table(SHOP, period=YEAR)
ON_OR_AFTER = {"retained": "on_or_after"}
BETWEEN = {"retained": "between"}


@pytest.mark.parametrize(
    "given, error, words",
    [
        ({"unit": "fortnight"}, InvalidValueError, "unit must be one of 'day', 'week'"),
        ({"unit": 1}, InvalidTypeError, "unit must be one of"),
        ({"age": "calender"}, InvalidValueError, "age must be one of 'calendar', 'elapsed'.*did you mean"),
        ({"age": 3}, InvalidTypeError, "age must be one of"),
        ({"retained": "after"}, InvalidValueError, "retained must be one of 'on'"),
        ({"retained": None}, InvalidTypeError, "retained must be one of"),
        (ON_OR_AFTER, ConflictingArgumentError, "needs horizon="),
        (BETWEEN, ConflictingArgumentError, r"needs brackets=.*\[\(0, 0\), \(1, 3\)\]"),
        ({"horizon": 3}, ConflictingArgumentError, "horizon=3 goes with retained='on_or_after' alone"),
        ({"brackets": [(0, 1)]}, ConflictingArgumentError, "goes with retained='between' alone"),
        (
            {**BETWEEN, "brackets": [(0, 1)], "ages": 2},
            ConflictingArgumentError,
            "ages=2 can't cut brackets.*give fewer",
        ),
        ({**ON_OR_AFTER, "horizon": -1}, InvalidValueError, r"horizon must be at least 0 \(got -1\)"),
        ({**ON_OR_AFTER, "horizon": 1.0}, InvalidTypeError, "horizon must be an int, not float"),
        ({"ages": 0}, InvalidValueError, "ages must be at least 1"),
        ({"ages": True}, InvalidTypeError, "ages must be an int, not bool"),
        ({**BETWEEN, "brackets": "0-3"}, InvalidTypeError, "brackets must be a list of pairs"),
        ({**BETWEEN, "brackets": 3}, InvalidTypeError, "brackets must be a list of pairs"),
        ({**BETWEEN, "brackets": []}, InvalidValueError, "at least one column"),
        ({**BETWEEN, "brackets": [(0, 3), 4]}, InvalidTypeError, r"brackets\[1\] must be a pair"),
        ({**BETWEEN, "brackets": ["03"]}, InvalidTypeError, r"brackets\[0\] must be a pair"),
        ({**BETWEEN, "brackets": [(1, 2, 3)]}, InvalidTypeError, r"brackets\[0\] must be a pair"),
        ({**BETWEEN, "brackets": [(0, 1.5)]}, InvalidTypeError, r"brackets\[0\] must be an int"),
        ({**BETWEEN, "brackets": [(-1, 1)]}, InvalidValueError, r"brackets\[0\] must be at least 0"),
        ({**BETWEEN, "brackets": [(3, 1)]}, InvalidValueError, "from the first age to the last"),
        ({**BETWEEN, "brackets": [(0, 3), (3, 4)]}, InvalidValueError, "ascend and not overlap"),
        ({"since": [("ann", AS_OF)]}, InvalidTypeError, "since must be a mapping"),
        ({"since": {None: AS_OF}}, InvalidValueError, "must name customers by their ids"),
        (
            {"since": {"ann": datetime(2026, 1, 1)}},
            NaiveDatetimeError,
            r"since\['ann'\] must have a time zone",
        ),
        ({"since": {"ann": date(2026, 1, 1)}}, NaiveDatetimeError, "bare date"),
        ({"since": {"ann": None}}, InvalidTypeError, r"since\['ann'\] must be a datetime"),
        ({"period": "2026"}, InvalidTypeError, "period must be a Period"),
        (
            {"period": rt.Period.week(2026, 10, tz="UTC")},
            InvalidPeriodError,
            r"consist of whole months.*2026-W10 does not; such as Period.last\(12, \"month\"",
        ),
        ({"unit": "week"}, InvalidPeriodError, "whole weeks"),
        (
            {"period": rt.Period.month(2026, 3, tz="UTC").to_date(datetime(2026, 3, 9, tzinfo=UTC))},
            InvalidPeriodError,
            "give period.whole: what still runs is shown as partial",
        ),
    ],
)
def test_bad_arguments(given, error, words):
    with pytest.raises(error, match=words):
        cohort_table(SHOP, **{"period": YEAR, **given})
    with pytest.raises(error, match=words):
        cohorts_by(SHOP, by={"ann": "DE"}, **{"period": YEAR, **given})


@pytest.mark.parametrize(
    "given, error, words",
    [
        ({"as_of": datetime(2026, 5, 1, tzinfo=UTC)}, ConflictingArgumentError, "contradicts the Shop"),
        ({"polcy": None}, TypeError, "did you mean 'policy'"),
    ],
)
def test_how_orders_are_read(given, error, words):
    with pytest.raises(error, match=words):
        cohort_table(SHOP, period=YEAR, **given)
    with pytest.raises(TypeError, match="unexpected keyword"):  # a Shop carries how its orders are read
        cohorts_by(SHOP, by={"ann": "DE"}, period=YEAR, **given)


def test_as_of_is_needed():
    with pytest.raises(AsOfRequiredError, match=r"cohort_table needs as_of=.*how long"):
        cohort_table(ORDERS, period=YEAR)
    with pytest.raises(AsOfRequiredError, match="cohorts_by needs as_of="):
        cohorts_by(rt.Shop(orders=ORDERS), by={"ann": 1}, period=YEAR)


def test_what_is_no_orders():
    with pytest.raises(InvalidTypeError, match="iterable of Orders"):
        cohort_table(3, period=YEAR)
    with pytest.raises(InvalidTypeError, match=r"cohorts_by takes a Shop, .* not list"):
        cohorts_by(ORDERS, by="country", period=YEAR)


def test_what_customers_are_not_grouped_by():
    with pytest.raises(MissingRecordsError, match="cohorts_by"):
        cohorts_by(SHOP, by="country", period=YEAR)
    with pytest.raises(InvalidTypeError, match="cohorts_by: by must"):
        cohorts_by(SHOP, by=3, period=YEAR)


@pytest.mark.parametrize(
    "cohort, error, words",
    [
        ("2026-13", InvalidValueError, "no cohort '2026-13'; did you mean .* go from 2026-01 to 2026-12"),
        (12, InvalidValueError, "no cohort 12; its 12 cohorts"),
        (-13, InvalidValueError, "no cohort -13"),
        (YEAR, InvalidValueError, "no cohort Period.year"),
        (True, InvalidTypeError, "cohort must be a label"),
        (None, InvalidTypeError, "cohort must be a label"),
    ],
)
def test_rows_that_are_not_there(cohort, error, words):
    with pytest.raises(error, match=words):
        TABLE.cohort(cohort)


@pytest.mark.parametrize(
    "age, error, words",
    [
        (4, InvalidValueError, "no column for age 4; there are 0, 1, 2, 3"),
        (-1, InvalidValueError, "no column for age -1"),
        ((0, 2), InvalidValueError, r"no column for age \(0, 2\)"),
        ("1", InvalidTypeError, "age must be a whole number, or a pair"),
        (True, InvalidTypeError, "age must be a whole number"),
        ((1, 2, 3), InvalidTypeError, "age must be a whole number"),
    ],
)
@pytest.mark.parametrize(
    "ask",
    [
        lambda age: TABLE.cell(0, age),
        TABLE.average,
        TABLE.compare,
        TABLE.stand_out,
    ],
)
def test_columns_that_are_not_there(ask, age, error, words):
    with pytest.raises(error, match=words):
        ask(age)


@pytest.mark.parametrize(
    "measure, error, words",
    [
        ("retentoin", InvalidValueError, "measure must be one of 'retention'.*did you mean 'retention'"),
        ("orders", InvalidValueError, "measure must be one of"),
        (None, InvalidTypeError, "measure must be one of"),
    ],
)
def test_measures_that_are_none(measure, error, words):
    for ask in (TABLE.average, TABLE.compare, TABLE.stand_out):
        with pytest.raises(error, match=words):
            ask(0, measure=measure)


def test_a_period_in_which_nobody_began():
    later = rt.Period.month(2026, 5, tz="UTC")
    as_of = datetime(2026, 7, 1, tzinfo=UTC)
    nobody = cohort_table(ORDERS, period=later, as_of=as_of)
    assert nobody.undefined_because == "nobody first purchased in the period"
    none_signed_up = cohort_table(ORDERS, period=later, since={}, as_of=as_of)
    assert none_signed_up.undefined_because == "nobody has such an event in the period"
    assert cohort_table(ORDERS, period=YEAR, as_of=as_of).undefined_because is None


def test_texts_of_nothing():
    with pytest.raises(
        InvalidValueError, match=r"measure must be one of.*'cumulative_revenue_value' \(got 'money'\)$"
    ):
        TABLE.text("money")
    with pytest.raises(InvalidTypeError, match="measure must be one of"):
        TABLE.text(0)
    with pytest.raises(InvalidValueError, match=r"did you mean 'cumulative_revenue_value'.*\?$"):
        TABLE.text("cumulative_revenue")
