"""The triangle of cohorts, letter by letter; the numbers are those worked by hand in test_cohorts.py."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import retention as rt
from retention.cohorts import cohort_table
from retention.testing import make_orders
from tests.unit.test_cohorts import AS_OF, ORDERS, PERIOD, SINCE, table_of


def test_retention():
    assert (
        str(table_of()) + "\n"
        == """\
Retention, by month of the first purchase and by months of the calendar since

2026-01 to 2026-05  customers        0      1        2       3
------------------  ---------  -------  -----  -------  ------
2026-01                     2   100.0%  50.0%     0.0%  50.0%*
2026-02                     1   100.0%   0.0%  100.0%*
2026-03                     0      n/a   n/a*
2026-04                    1*  100.0%*
2026-05                     –
all, pooled                 4   100.0%  33.3%     0.0%

*: partial, the age had not passed at as_of, or the cohort still took customers in; not in the last line.
n/a: undefined, since the cohort has no customers.
–: not observable, since the period begins after as_of, 2026-04-16T00:00:00+00:00.
Left out of the period's orders: 1 no net amount, 1 guest, 1 of customers who first purchased before.
Assumed: observed_from was not given, so that the orders are taken as complete from the beginning.
"""
    )


def test_cumulative_revenue():
    assert (
        table_of().text("cumulative_revenue_value") + "\n"
        == """\
Cumulative revenue per customer, by month of the first purchase and by months of the calendar since

2026-01 to 2026-05  customers       0      1       2       3
------------------  ---------  ------  -----  ------  ------
2026-01                     2   10.00  22.50   22.50  37.50*
2026-02                     1   40.00  40.00  50.00*
2026-03                     0     n/a   n/a*
2026-04                    1*  15.00*
2026-05                     –
all, pooled                 4   20.00  28.33   22.50

Money is in EUR.
*: partial, the age had not passed at as_of, or the cohort still took customers in; not in the last line.
n/a: undefined, since the cohort has no customers.
–: not observable, since the period begins after as_of, 2026-04-16T00:00:00+00:00.
Left out of the period's orders: 1 no net amount, 1 guest, 1 of customers who first purchased before.
Assumed: observed_from was not given, so that the orders are taken as complete from the beginning.
"""
    )


def test_orders_since_an_event():
    assert (
        table_of(since=SINCE).text("orders") + "\n"
        == """\
Orders, by month of the given event and by months of the calendar since

2026-01 to 2026-05  customers     0     1     2  3
------------------  ---------  ----  ----  ----  -
2026-01                     2     1     0     0  *
2026-02                     1     1     0    1*
2026-03                     0     0    0*
2026-04                    0*    0*
2026-05                     –
all, per customer           3  0.67  0.00  0.00

*: partial, the age had not passed at as_of, or the cohort still took customers in; not in the last line;
  alone: nobody so far.
–: not observable, since the period begins after as_of, 2026-04-16T00:00:00+00:00.
Left out of the period's orders: 1 no net amount, 1 guest, 4 of customers without such an event in the period,
  2 made before the customer's event.
"""
    )


def test_revenue_in_time_elapsed():
    assert (
        table_of(age="elapsed").text("revenue") + "\n"
        == """\
Revenue, by month of the first purchase and by months elapsed since each customer's own

2026-01 to 2026-05  customers      0      1       2
------------------  ---------  -----  -----  ------
2026-01                     2  40.00   5.00  30.00*
2026-02                     1  40.00  10.00
2026-03                     0
2026-04                    1*
2026-05                     –
all, per customer           4  26.67   5.00

Money is in EUR.
*: partial, the age had passed for some customers only at as_of, or the cohort still took customers in; not in
  the last line.
–: not observable, since the period begins after as_of, 2026-04-16T00:00:00+00:00.
Left out of the period's orders: 1 no net amount, 1 guest, 1 of customers who first purchased before.
Assumed: observed_from was not given, so that the orders are taken as complete from the beginning.
"""
    )


def test_customers_on_or_after():
    assert (
        table_of(retained="on_or_after", horizon=1).text("customers") + "\n"
        == """\
Customers who purchased, by month of the first purchase and by months of the calendar since

2026-01 to 2026-05  customers      0+      1
------------------  ---------  ------  -----
2026-01                     2       2      1
2026-02                     1       1      0
2026-03                     0      0*     0*
2026-04                    1*      1*
2026-05                     –
all, share                  4  100.0%  33.3%

k+: in month k or later, up to month 1.
*: partial, the age had not passed at as_of, or the cohort still took customers in; not in the last line.
–: not observable, since the period begins after as_of, 2026-04-16T00:00:00+00:00.
Left out of the period's orders: 1 no net amount, 1 guest, 1 of customers who first purchased before.
Assumed: observed_from was not given, so that the orders are taken as complete from the beginning.
"""
    )


def test_what_is_too_wide_goes_on_below():
    days = rt.Period.month(2026, 1, tz="UTC")
    orders = make_orders({"ann": ["2026-01-02", "2026-01-20"], "ben": ["2026-01-20"]})
    as_of = datetime(2026, 1, 21, tzinfo=UTC)
    text = str(cohort_table(orders, period=days, unit="day", as_of=as_of))
    assert max(map(len, text.splitlines())) <= 110
    first, second, *_ = text.split("\n\n")[1:]
    assert (first.count("2026-01-2"), second.count("2026-01-2")) == (10, 0)
    assert "2026-01-02" in second


def test_what_is_complete_needs_no_legend():
    until = rt.Period.last(2, "month", as_of=datetime(2026, 3, 1, tzinfo=UTC), tz="UTC")
    text = str(table_of(period=until, ages=2))
    assert "all, pooled                 3  100.0%  33.3%" in text
    assert "*:" not in text
    assert "–:" not in text


def test_reprs():
    table = table_of()
    assert repr(table) == "<CohortTable: 5 cohorts by month, ages 0 to 3>"
    assert repr(table_of(ages=1)) == "<CohortTable: 5 cohorts by month, age 0>"
    one = table_of(period=rt.Period.month(2026, 1, tz="UTC"), retained="between", brackets=[(0, 1), (2, 3)])
    assert repr(one) == "<CohortTable: 1 cohort by month, ages 0–1 to 2–3>"
    assert repr(table.rows[0]) == "<Cohort: 2026-01, of size 2, 4 cells>"
    assert repr(table.rows[4]) == "<Cohort: 2026-05, not observable, 4 cells>"
    assert repr(table.cell(0, 1)) == "<CohortCell: 2026-01, month 1, observed, 1 of 2 customers>"
    assert repr(table.cell(4, 1)) == "<CohortCell: 2026-05, month 1, absent>"


def test_cells_in_words():
    table = table_of()
    assert (
        table.cell(0, 1)
        .explain()
        .startswith(
            "cohort_retention_rate (2026-01, unit=month, age=calendar, retained=on): 50.0% = 1 who purchased in month 1 of "
            "2 customers (95 % interval 9.5% to 90.5%)."
        )
    )
    assert str(table.cell(0, 3)) == table.cell(0, 3).explain()
    assert "Partial" in str(table.cell(0, 3))
    assert str(table.cell(3, 1)) == "2026-04, month 1: absent, since it has not begun by as_of."
    elapsed = table_of(age="elapsed")
    assert elapsed.cell(3, 1).absent_because == "nobody of the cohort has come that far by as_of"


def test_the_table_in_words():
    text = table_of().explain()
    assert (
        "4 customers by the month in which they first purchased. Month 0: 100.0% (3 of 3). Month 1: 33.3% (1 of 3)."
        in text
    )
    assert "Left out of the period's orders: 1 no net amount, 1 guest" in text
    assert "by the month in which the given event lies" in table_of(since=SINCE).explain()


def test_rows_for_data_frames():
    rows = table_of().to_dicts()
    assert len(rows) == 20
    assert rows[1] == {
        "cohort": "2026-01",
        "size": 2,
        "age": "1",
        "first_age": 1,
        "last_age": 1,
        "state": "observed",
        "followed": 2,
        "customers": 1,
        "retention": 0.5,
        "orders": 2,
        "orders_per_customer": 1.0,
        "revenue": 25,
        "cumulative_revenue": 45,
        "cumulative_revenue_value": Decimal("22.50"),
        "currency": "EUR",
    }
    undefined, absent = rows[8], rows[-1]
    assert (undefined["customers"], undefined["retention"], undefined["orders_per_customer"]) == (
        0,
        None,
        None,
    )
    assert {name: value for name, value in absent.items() if value is not None} == {
        "cohort": "2026-05",
        "age": "3",
        "first_age": 3,
        "last_age": 3,
        "state": "absent",
        "currency": "EUR",
    }
    assert cohort_table(ORDERS, period=PERIOD, as_of=AS_OF).to_dicts() == rows
