"""The text tables, letter by letter; the numbers in them are worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs

import retention as rt
from retention.display import snapshot_table, table
from retention.testing import make_orders

MARCH = rt.Period.month(2026, 3, tz="UTC")
# March: ann stays, ben goes, cy comes and spends 1,000, a guest spends 8.
ORDERS = make_orders(
    {
        "ann": ["2026-02-10", ("2026-03-10", "30.00")],
        "ben": ["2026-02-20"],
        "cy": [("2026-03-20", "1000.00")],
        None: [("2026-03-21", "8.00")],
    }
)
METRICS = [
    "customer_flow",
    "customer_retention_rate",
    "reactivation_rate",
    "order_count",
    "net_revenue",
    "average_order_value",
    "refund_ratio",
    "gini_score",
    "purchase_gap_days",
]


def shown(**given):
    return str(rt.snapshot(ORDERS, **{"period": MARCH, "metrics": METRICS} | given)) + "\n"


def test_one_period():
    assert (
        shown()
        == """\
2026-03                        value          95 % interval  of    2026-02
------------------------  ----------  ---------------------  --  ---------
CUSTOMERS
Customer flow                  2 → 2                                 0 → 2
Customer retention rate        50.0%          9.5% to 90.5%   2        n/a
Reactivation rate                n/a                          0        n/a

ORDERS AND REVENUE
Orders                             3                                     2
Net revenue                 1,038.00                                 20.00
Average order value       346.00 EUR  -1,061.23 to 1,753.23   3  10.00 EUR
Refund ratio                   0.000         0.000 to 0.000          0.000

WHERE REVENUE COMES FROM
Gini coefficient               0.471                          2          0

RHYTHM
Days between purchases          28.0                          1        n/a

Left out of 2026-03's orders: 1 guest.
Assumed: as_of was not given, so that every order counts and no period is partial.
Assumed: observed_from was not given, so that the orders are taken as complete from the beginning.
n/a: undefined, such as 0/0.  –: not observable.  figure(...).undefined_because says why.
"""
    )


def test_partial_not_observable_and_compared_with_nothing():
    given = {
        "as_of": datetime(2026, 3, 15, tzinfo=UTC),
        "observed_from": datetime(2026, 2, 15, tzinfo=UTC),
        "against": None,
    }
    assert (
        shown(**given)
        == """\
2026-03                        value  95 % interval  of
------------------------  ----------  -------------  --
CUSTOMERS
Customer flow                      –
Customer retention rate            –
Reactivation rate                  –

ORDERS AND REVENUE
Orders                            1*
Net revenue                   30.00*
Average order value       30.00 EUR*                  1
Refund ratio                  0.000*

WHERE REVENUE COMES FROM
Gini coefficient                  0*                  1

RHYTHM
Days between purchases         28.0*                  1

Left out of 2026-03's orders: 2 after as_of.
Assumed: who first purchased after observed_from, 2026-02-15, is taken as new at that purchase.
*: partial, the time that it covers was still running at as_of.
n/a: undefined, such as 0/0.  –: not observable.  figure(...).undefined_because says why.
"""
    )


def test_compared_with_what_is_not_observable():
    given = {
        "as_of": datetime(2026, 4, 1, tzinfo=UTC),
        "observed_from": datetime(2026, 2, 1, tzinfo=UTC),
        "against": "year_before",
        "metrics": ["order_count", "average_order_value", "customer_flow"],
    }
    assert (
        shown(**given)
        == """\
2026-03                   value          95 % interval  of  2025-03
-------------------  ----------  ---------------------  --  -------
ORDERS AND REVENUE
Orders                        3                                   –
Average order value  346.00 EUR  -1,061.23 to 1,753.23   3        –

CUSTOMERS
Customer flow             2 → 2                                   –

Left out of 2026-03's orders: 1 guest.
Assumed: who first purchased after observed_from, 2026-02-01, is taken as new at that purchase.
n/a: undefined, such as 0/0.  –: not observable.  figure(...).undefined_because says why.
"""
    )


def test_a_series_six_abreast():
    given = {
        "period": [rt.Period.month(2025, 12, tz="UTC"), *rt.Period.year(2026, tz="UTC").split("month")][:7],
        "as_of": datetime(2026, 3, 25, tzinfo=UTC),
        "metrics": METRICS[:4],
    }
    assert (
        shown(**given)
        == """\
                         2025-12  2026-01  2026-02  2026-03  2026-04  2026-05
-----------------------  -------  -------  -------  -------  -------  -------
CUSTOMERS
Customer flow              0 → 0    0 → 0    0 → 2   2 → 2*        –        –
Customer retention rate      n/a      n/a      n/a   50.0%*        –        –
Reactivation rate            n/a      n/a      n/a      n/a        –        –

ORDERS AND REVENUE
Orders                         0        0        2       3*        –        –

                         2026-06
-----------------------  -------
CUSTOMERS
Customer flow                  –
Customer retention rate        –
Reactivation rate              –

ORDERS AND REVENUE
Orders                         –

Left out of 2026-03's orders: 1 guest.
Assumed: observed_from was not given, so that the orders are taken as complete from the beginning.
*: partial, the time that it covers was still running at as_of.
n/a: undefined, such as 0/0.  –: not observable.  figure(...).undefined_because says why.
"""
    )


def test_mixed_currencies():
    orders = [*ORDERS, attrs.evolve(ORDERS[0], id="usd", currency="USD")]
    snap = rt.snapshot(orders, period=MARCH, metrics=["order_count", "net_revenue"], as_of=MARCH.end)
    assert (
        str(snap) + "\n"
        == """\
2026-03             value  95 % interval  of  2026-02
------------------  -----  -------------  --  -------
ORDERS AND REVENUE
Orders                  3                           3
Net revenue           n/a                         n/a

n/a: undefined, such as 0/0.  –: not observable.  figure(...).undefined_because says why.
"""
    )


def test_where_all_is_known_there_is_nothing_to_add():
    given = {"as_of": MARCH.end, "metrics": ["order_count"]}
    assert (
        shown(**given)
        == """\
2026-03             value  95 % interval  of  2026-02
------------------  -----  -------------  --  -------
ORDERS AND REVENUE
Orders                  3                           2
"""
    )


def test_a_picture_is_named():
    given = {"as_of": MARCH.end, "metrics": ["lorenz_curve"], "against": None}
    assert "Lorenz curve" + " " * 14 + "Lorenz curve of 2 customers" in shown(**given)


def test_no_line_ends_in_blanks():
    text = snapshot_table(rt.snapshot(ORDERS, period=MARCH))
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_table():
    rows = iter([("a", "1"), ("long name", "22.5"), ("", "")])
    assert table(rows, headings=["what", "how many"]) == (
        "what       how many\n---------  --------\na                 1\nlong name      22.5\n"
    )
    assert table([], headings=["a", "b"]) == "a  b\n-  -"
