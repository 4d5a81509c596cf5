"""The text tables, letter by letter; the numbers in them are worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs

import retention as rt
from retention.display import snapshot_table, table
from retention.testing import make_orders
from tests.shops import sampled

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
2026-03                        value     95 % interval  of    2026-02     change  real?
------------------------  ----------  ----------------  --  ---------  ---------  -----
CUSTOMERS
Customer flow                  2 → 2                            0 → 2          0
Customer retention rate        50.0%     9.5% to 90.5%   2        n/a
Reactivation rate                n/a                     0        n/a

ORDERS AND REVENUE
Orders                             3                                2         +1
Net revenue                 1,038.00                            20.00  +1,018.00
Average order value       346.00 EUR  0.00 to 1,753.23   3  10.00 EUR    +336.00
Refund ratio                   0.000                            0.000      0.000

WHERE REVENUE COMES FROM
Gini coefficient               0.471                     2      0.000     +0.471

RHYTHM
Days between purchases          28.0                     1        n/a

Money is in EUR.
Left out of 2026-03's orders: 1 guest.
Assumed: as_of was not given, so that every order counts and no period is partial.
Assumed: observed_from was not given, so that the orders are taken as complete from the beginning.
n/a: undefined, such as 0/0.  –: not observable.  figure(...).undefined_because says why.
Not tested: Average order value, Refund ratio: in one of the two too few customers differ to tell how far
  chance carries it.
Counts, sums of money and medians have no interval; the rates and means they go with have one.
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
Gini coefficient              0.000*                  1

RHYTHM
Days between purchases             –

Money is in EUR.
Left out of 2026-03's orders: 2 after as_of.
Assumed: a customer whose earlier purchases all lie before observed_from, 2026-02-15, is taken as new.
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
2026-03                   value     95 % interval  of  2025-03  change  real?
-------------------  ----------  ----------------  --  -------  ------  -----
ORDERS AND REVENUE
Orders                        3                              –
Average order value  346.00 EUR  0.00 to 1,753.23   3        –

CUSTOMERS
Customer flow             2 → 2                              –

Left out of 2026-03's orders: 1 guest.
Assumed: a customer whose earlier purchases all lie before observed_from, 2026-02-01, is taken as new.
n/a: undefined, such as 0/0.  –: not observable.  figure(...).undefined_because says why.
Counts, sums of money and medians have no interval; the rates and means they go with have one.
"""
    )


def test_a_running_month_beside_one_that_is_over():
    given = {"as_of": datetime(2026, 3, 15, tzinfo=UTC), "metrics": ["order_count", "purchase_frequency"]}
    assert (
        shown(**given)
        == """\
2026-03             value  95 % interval  of  2026-02  change  real?
------------------  -----  -------------  --  -------  ------  -----
ORDERS AND REVENUE
Orders                 1*                           2
Purchase frequency  1.00*                  1     1.00

Left out of 2026-03's orders: 2 after as_of.
*: partial, the time that it covers was still running at as_of.
No change is shown of Orders, Purchase frequency: the time that 2026-03 covers was still running; to_date=True
  compares equal parts.
Counts, sums of money and medians have no interval; the rates and means they go with have one.
"""
    )
    assert (
        shown(**given, to_date=True)
        == """\
2026-03, to 2026-03-14  value  95 % interval  of  2026-02, to 2026-02-14  change  real?
----------------------  -----  -------------  --  ----------------------  ------  -----
ORDERS AND REVENUE
Orders                      1                                          1       0
Purchase frequency       1.00                  1                    1.00    0.00

Not tested: Purchase frequency: in one of the two too few customers differ to tell how far chance carries it.
Counts, sums of money and medians have no interval; the rates and means they go with have one.
"""
    )


def test_what_no_change_is_shown_of():
    """A few are named; of more it is said in general."""
    running = {"as_of": datetime(2026, 3, 15, tzinfo=UTC), "metrics": METRICS[:6]}
    why = "the time that 2026-03 covers was still running; to_date=True compares equal parts."
    assert f"No change is shown of 4 figures: {why}" in " ".join(shown(**running).split())
    few = shown(as_of=datetime(2026, 5, 1, tzinfo=UTC), metrics=["refund_rate", "order_count"])
    assert "\nNo change is shown of Refund rate: the orders of 2026-02 have had longer to be refunded;" in few
    assert "\nRefund rate          0.0%" in few
    over = shown(as_of=datetime(2026, 5, 1, tzinfo=UTC), metrics=["order_count"])
    assert "No change is shown" not in over
    unseen = shown(as_of=datetime(2026, 2, 15, tzinfo=UTC), metrics=["order_count"])
    assert "No change is shown" not in unseen  # there is no figure, to begin with


def loyal(month, customers, *, staying=0):
    """Orders of one month, of whom the first few were there in the month before."""
    return make_orders(
        {f"{month}-{number}": [f"2026-{month:02}-10"] for number in range(customers)}
    ) + make_orders({f"{month - 1}-{number}": [f"2026-{month:02}-11"] for number in range(staying)})


def test_what_the_verdicts_mean():
    orders = [
        attrs.evolve(order, id=number)
        for number, order in enumerate(
            [*loyal(1, 200), *loyal(2, 200, staying=10), *loyal(3, 200, staying=120)]
        )
    ]
    given = {
        "period": MARCH,
        "as_of": MARCH.end,
        "metrics": ["customer_retention_rate", "purchase_frequency"],
    }
    assert (
        str(rt.snapshot(orders, **given)) + "\n"
        == """\
2026-03                  value   95 % interval   of  2026-02     change  real?
-----------------------  -----  --------------  ---  -------  ---------  -----
CUSTOMERS
Customer retention rate  57.1%  50.4% to 63.6%  210     5.0%  +52.1 pts   real

ORDERS AND REVENUE
Purchase frequency        1.00                  320     1.00       0.00

Assumed: observed_from was not given, so that the orders are taken as complete from the beginning.
Real? One change was tested. change(...) puts each into a sentence.
  real: more than chance explains, even among all of them (Holm).
Not tested: Purchase frequency: in one of the two too few customers differ to tell how far chance carries it.
"""
    )


def test_borderline():
    """0.03 alone, and 0.12 as one of four."""
    shop = sampled()
    text = str(rt.snapshot(shop, period=rt.Period.month(2026, 6, tz="UTC")))
    assert (
        "borderline: more than chance if it stood alone, but of so many one or another goes that far (Holm)."
        in text
    )
    assert "changes were tested at once. change(...) puts each into a sentence." in text


def response(kind, score, scale, day="2026-03-10", **more):
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return rt.SurveyResponse(kind=kind, score=score, scale=scale, responded_at=at, **more)


def test_what_customers_say():
    responses = [response("nps", score, (0, 10)) for score in (10, 9, 8, 3)]
    shop = rt.Shop(orders=ORDERS, responses=responses, as_of=MARCH.end)
    given = {"metrics": ["order_count", "net_promoter_score", "customer_satisfaction_score"], "against": None}
    assert (
        str(rt.snapshot(shop, period=MARCH, **given)) + "\n"
        == """\
2026-03             value  95 % interval  of
------------------  -----  -------------  --
ORDERS AND REVENUE
Orders                  3

WHAT CUSTOMERS SAY
Net promoter score   25.0  −44.2 to 72.7   4

Not counted: Customer satisfaction; give Shop(responses=...) of kind 'csat'.
"""
    )


def test_few_that_lack_records_are_named():
    scores = ["net_promoter_score", "customer_satisfaction_score", "cart_abandonment_rate"]
    text = str(rt.snapshot(ORDERS, period=MARCH, metrics=["order_count", "cross_sell_rate", *scores]))
    assert "Not counted: Bought in several categories; give Order(items=...).\n" in text
    assert "Not counted: Net promoter score; give Shop(responses=...) of kind 'nps'.\n" in text
    assert "Not counted: Customer satisfaction; give Shop(responses=...) of kind 'csat'.\n" in text
    assert "Not counted: Cart abandonment rate; give Shop(checkouts=...).\n" in text


def test_many_that_lack_records_are_counted():
    shop = rt.Shop(responses=[response("nps", 9, (0, 10))], as_of=MARCH.end)
    snap = rt.snapshot(shop, period=MARCH)
    of_orders = sum(what == "orders" for what in snap.missing.values())
    text = " ".join(str(snap).split())
    assert f"Not counted: {of_orders} for want of orders, " in text
    assert ", 2 for want of responses. Snapshot.missing names them." in text


def test_what_is_below_0_has_a_true_minus_sign():
    responses = [response("nps", score, (0, 10), day) for day, scores in NPS.items() for score in scores]
    shop = rt.Shop(responses=responses, as_of=MARCH.end)
    given = {"metrics": ["net_promoter_score"]}
    assert (
        str(rt.snapshot(shop, period=MARCH, **given)) + "\n"
        == """\
2026-03             value  95 % interval  of  2026-02      change  real?
------------------  -----  -------------  --  -------  ----------  -----
WHAT CUSTOMERS SAY
Net promoter score  −50.0  −90.7 to 33.6   4     50.0  −100.0 pts  noise

Real? One change was tested. change(...) puts each into a sentence.
  noise: may be chance, since the 95 % interval of the change holds 0.
"""
    )


NPS = {"2026-02-10": (9, 9, 10, 2), "2026-03-10": (0, 1, 2, 10)}


def test_what_the_refunds_that_are_to_come_flatter():
    """Said beside the table, and with the change where something was found."""
    refund = rt.Refund(amount="1.00", refunded_at=datetime(2026, 2, 21, tzinfo=UTC))
    orders = [attrs.evolve(ORDERS[0], refunds=(refund,)), *ORDERS[1:]]
    text = str(
        rt.snapshot(orders, period=MARCH, as_of=MARCH.end, metrics=["net_revenue", "average_order_value"])
    )
    assert (
        "Mind, with Net revenue, Average order value: the orders of 2026-02 have had longer to be refunded, which\n"
        "  flatters 2026-03; OrderPolicy(refunds_within=...) gives all the same time.\n"
    ) in text


def test_answers_on_scales_that_the_figure_can_t_be_had_of():
    mixed = [response("csat", 4, (1, 5)), response("csat", 4, (1, 7))]
    fractions = [response("ces", 4, (2, 7), direction="higher")]
    shop = rt.Shop(orders=ORDERS, responses=[*mixed, *fractions], as_of=MARCH.end)
    snap = rt.snapshot(
        shop, period=MARCH, metrics=["customer_satisfaction_score", "customer_effort_score"], against=None
    )
    assert (
        str(snap) + "\n"
        == """\
2026-03                  value  95 % interval  of
---------------------  -------  -------------  --
WHAT CUSTOMERS SAY
Customer satisfaction  refused
Customer effort score  refused

refused: the answers are on several scales, or in several directions; give each question its own kind.
refused: the answers are on a scale that the figure can't be had of without a keyword; call the metric itself.
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


def test_the_month_before_was_still_running():
    """The star belongs to the month, not to the column."""
    given = {"as_of": datetime(2026, 2, 15, tzinfo=UTC), "metrics": ["order_count"]}
    assert (
        shown(**given)
        == """\
2026-03             value  95 % interval  of  2026-02  change  real?
------------------  -----  -------------  --  -------  ------  -----
ORDERS AND REVENUE
Orders                  –                          1*

Left out of 2026-03's orders: 3 after as_of.
*: partial, the time that it covers was still running at as_of.
n/a: undefined, such as 0/0.  –: not observable.  figure(...).undefined_because says why.
"""
    )


def test_a_series_beside_the_year_before():
    given = {
        "period": rt.Period.quarter(2026, 1, tz="UTC").split("month"),
        "as_of": datetime(2026, 3, 25, tzinfo=UTC),
        "observed_from": datetime(2025, 2, 1, tzinfo=UTC),
        "against": "year_before",
        "metrics": ["order_count", "average_order_value"],
    }
    assert (
        shown(**given)
        == """\
                     2026-01  vs 2025-01    2026-02  vs 2025-02      2026-03  vs 2025-03
-------------------  -------  ----------  ---------  ----------  -----------  ----------
ORDERS AND REVENUE
Orders                     0           –          2           0           3*           0
Average order value      n/a           –  10.00 EUR         n/a  346.00 EUR*         n/a

*: partial, the time that it covers was still running at as_of.
n/a: undefined, such as 0/0.  –: not observable.  figure(...).undefined_because says why.
"""
    )


def test_months_that_are_no_neighbours_stand_beside_those_before():
    months = [rt.Period.month(2026, month, tz="UTC") for month in (1, 3)]
    assert "2026-01  vs 2025-12  2026-03  vs 2026-02" in shown(period=months, metrics=["order_count"])
    assert "2026-03  vs 2026-02  2026-01  vs 2025-12" in shown(period=months[::-1], metrics=["order_count"])


def test_a_series_that_is_compared_with_nothing():
    months = [rt.Period.month(2026, month, tz="UTC") for month in (1, 3)]
    assert "vs" not in shown(period=months, metrics=["order_count"], against=None)


def test_where_the_calendar_begins_there_is_nothing_before():
    years = [rt.Period.year(year, tz="UTC") for year in (1, 3)]
    text = shown(period=years, metrics=["order_count"])
    assert text.splitlines()[0].split() == ["0001", "0003", "vs", "0002"]


def test_no_line_of_a_series_is_wider_than_a_terminal():
    shop = sampled(60)
    year = rt.Period.last(12, "month", as_of=shop.as_of, tz="UTC").split("month")
    wide = make_orders({"ann": [(f"2026-0{month}-01", "1234567890.00") for month in range(1, 7)]})
    half_year = [rt.Period.month(2026, month, tz="UTC") for month in range(1, 7)]
    for text in (
        str(rt.snapshot(shop, period=year, against="year_before")),
        str(rt.snapshot(wide, period=half_year)),
    ):
        assert max(map(len, text.splitlines())) <= 110
        assert "\n\n\n" not in text


def test_one_period_has_a_line_a_figure_and_notes_no_wider_than_a_terminal():
    text = str(rt.snapshot(sampled(60), period=MARCH, inactive_after=timedelta(days=90)))
    figures, _, notes = text.partition("Money is in")
    assert max(map(len, figures.splitlines())) <= 120
    assert max(map(len, notes.splitlines())) <= 110
    assert "\n\n\n" not in text


def test_a_period_and_the_one_before_stay_together():
    """Five columns would fit into 110 characters, and yet four stand abreast."""
    months = [rt.Period.month(2026, month, tz="UTC") for month in (1, 3, 5)]
    orders = make_orders({"ann": [("2026-01-01", "123456789000.00"), ("2026-03-01", "123456789000.00")]})
    text = str(rt.snapshot(orders, period=months, metrics=["average_order_value"]))
    assert [line.split() for line in text.splitlines() if "vs" in line] == [
        ["2026-01", "vs", "2025-12", "2026-03", "vs", "2026-02"],
        ["2026-05", "vs", "2026-04"],
    ]


def test_what_the_base_is():
    given = {"inactive_after": timedelta(days=31), "as_of": MARCH.end}
    note = "Customers at the start, and at the end: who purchased within 31 days before it (inactive_after)."
    assert note in shown(**given)
    assert "inactive_after" not in shown(**given, metrics=["order_count"])


def test_compared_with_a_month_that_inactive_after_does_not_suit():
    given = {
        "period": rt.Period.month(2026, 2, tz="UTC"),
        "inactive_after": timedelta(days=28),
        "as_of": MARCH.end,
        "metrics": ["active_customer_count", "customer_retention_rate"],
    }
    assert (
        shown(**given)
        == """\
2026-02                  value  95 % interval  of  2026-01  change  real?
-----------------------  -----  -------------  --  -------  ------  -----
CUSTOMERS
Active customers             2                           0      +2
Customer retention rate    n/a                  0  refused

Customers at the start, and at the end: who purchased within 28 days before it (inactive_after).
Assumed: observed_from was not given, so that the orders are taken as complete from the beginning.
n/a: undefined, such as 0/0.  –: not observable.  figure(...).undefined_because says why.
refused: the period compared with is longer than inactive_after.
Counts, sums of money and medians have no interval; the rates and means they go with have one.
"""
    )


def test_mixed_currencies():
    orders = [*ORDERS, attrs.evolve(ORDERS[0], id="usd", currency="USD")]
    snap = rt.snapshot(orders, period=MARCH, metrics=["order_count", "net_revenue"], as_of=MARCH.end)
    assert (
        str(snap) + "\n"
        == """\
2026-03               value  95 % interval  of  2026-02  change  real?
------------------  -------  -------------  --  -------  ------  -----
ORDERS AND REVENUE
Orders                    3                           3       0
Net revenue         refused                     refused

refused: the sales are in several currencies; give currency=, or convert= and currency=.
Counts, sums of money and medians have no interval; the rates and means they go with have one.
"""
    )


def test_where_all_is_known_there_is_little_to_add():
    given = {"as_of": MARCH.end, "metrics": ["order_count"]}
    assert (
        shown(**given)
        == """\
2026-03             value  95 % interval  of  2026-02  change  real?
------------------  -----  -------------  --  -------  ------  -----
ORDERS AND REVENUE
Orders                  3                           2      +1

Counts, sums of money and medians have no interval; the rates and means they go with have one.
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
