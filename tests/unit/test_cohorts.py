"""Tables of cohorts, worked by hand: every state of a cell, every way to be retained, every way to count age."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import attrs
import pytest

import retention as rt
from retention.cohorts import CohortTable, cohort_table, cohorts_by
from retention.errors import MixedCurrencyError, NotObservableError, UndefinedMetricError
from retention.testing import make_order, make_orders

# old was there before; eve got all back; March has nobody new; May has not begun.
ORDERS = [
    *make_orders(
        {
            "ann": [
                ("2026-01-10", "10.00"),
                ("2026-02-03", "20.00"),
                ("2026-02-20", "5.00"),
                ("2026-04-05", "30.00"),
            ],
            "ben": [("2026-01-20", "10.00")],
            "cy": [("2026-02-14", "40.00"), ("2026-04-02", "10.00")],
            "dee": [("2026-04-10", "15.00")],
            "old": ["2025-11-03", "2026-02-02"],
            None: ["2026-02-07"],
        }
    ),
    make_order(customer_id="eve", placed_at="2026-02-11", refunds=[("2026-03-01", "10.00")]),
]
AS_OF = datetime(2026, 4, 16, tzinfo=UTC)
MAY_31 = datetime(2026, 6, 1, tzinfo=UTC)
PERIOD = rt.Period.last(5, "month", as_of=MAY_31, tz="UTC")
SHOP = rt.Shop(orders=ORDERS, as_of=AS_OF)
NONE = ("absent", None, None, None, None)


def table_of(**given):
    return cohort_table(SHOP, **{"period": PERIOD, **given})


def cells(table, read):
    return [[read(cell) for cell in row.cells] for row in table.rows]


def counts(cell):
    """State, customers, orders, revenue, cumulative revenue."""
    return cell.state, cell.customers, cell.orders, cell.revenue, cell.cumulative_revenue


def money(text):
    return Decimal(text)


class TestByCalendar:
    def test_every_cell(self):
        assert cells(table_of(), counts) == [
            [
                ("observed", 2, 2, money("20.00"), money("20.00")),
                ("observed", 1, 2, money("25.00"), money("45.00")),
                ("observed", 0, 0, money("0.00"), money("45.00")),
                ("partial", 1, 1, money("30.00"), money("75.00")),
            ],
            [
                ("observed", 1, 1, money("40.00"), money("40.00")),
                ("observed", 0, 0, money("0.00"), money("40.00")),
                ("partial", 1, 1, money("10.00"), money("50.00")),
                NONE,
            ],
            [
                ("observed", 0, 0, money("0.00"), money("0.00")),
                ("partial", 0, 0, money("0.00"), money("0.00")),
                NONE,
                NONE,
            ],
            [("partial", 1, 1, money("15.00"), money("15.00")), NONE, NONE, NONE],
            [NONE] * 4,
        ]

    def test_rows(self):
        table = table_of()
        assert [row.size for row in table] == [2, 1, 0, 1, None]
        assert [row.partial for row in table] == [False, False, False, True, False]
        assert [row.observable for row in table] == [True] * 4 + [False]
        assert table.size == 4
        assert len(table) == 5
        assert table.columns == ("0", "1", "2", "3")
        assert table.currency == "EUR"

    def test_what_is_left_out(self):
        assert dict(table_of().left_out) == {
            "no net amount": 1,
            "guest": 1,
            "of customers who first purchased before": 1,
        }
        two = table_of(period=rt.Period.last(2, "month", as_of=datetime(2026, 3, 1, tzinfo=UTC), tz="UTC"))
        assert two.left_out["of customers who first purchased later"] == 1

    def test_a_month_without_customers_is_a_row_with_undefined_rates(self):
        cell = table_of().cell("2026-03", 0)
        assert (cell.retention.value, cell.orders_per_customer.value) == (None, None)
        assert cell.cumulative_revenue_value.value is None
        assert cell.retention.undefined_because == "the cohort has no customers"
        with pytest.raises(UndefinedMetricError):
            cell.retention.interval()

    def test_figures_know_what_they_count(self):
        cell = table_of().cell("2026-01", 1)
        assert cell.ages == (1, 1)
        assert cell.retention == rt.Ratio(1, 2)
        assert cell.retention.basis.counted == ("who purchased in month 1", "customers")
        assert cell.retention.interval().method == "Wilson"
        # ann bought twice and ben not at all: mean 1, v = 2/1 · (1 + 1) / 4
        assert cell.orders_per_customer.sampling.variance() == pytest.approx(1.0)
        # ann has brought 35.00 and ben 10.00
        assert cell.cumulative_revenue_value.sampling.yy == 3_500**2 + 1_000**2
        assert cell.cumulative_revenue_value.value == money("22.50")
        assert not cell.partial

    def test_what_is_dated_at_as_of_is_known(self):
        march = datetime(2026, 3, 1, tzinfo=UTC)
        at_once = [*ORDERS[:5], make_order(customer_id="ann", placed_at=march, id="at once")]
        table = cohort_table(at_once, period=PERIOD, as_of=march)
        assert counts(table.cell("2026-01", 2)) == ("partial", 1, 1, money("10.00"), money("55.00"))

    def test_an_age_watched_for_no_time_is_absent_and_no_zero(self):
        table = table_of(period=rt.Period.year(2026, tz="UTC"), unit="quarter")
        assert table.rows[1].observable
        until = cohort_table(ORDERS, period=PERIOD, as_of=datetime(2026, 4, 1, tzinfo=UTC))
        assert [cell.state for cell in until.rows[0].cells] == ["observed"] * 3
        # April begins at as_of: nobody can have come yet
        assert (until.rows[3].size, until.rows[3].partial) == (0, True)
        assert {cell.state for cell in until.rows[3].cells} == {"absent"}

    def test_the_very_beginning_of_the_data_is_not_observable(self):
        table = cohort_table(
            ORDERS, period=PERIOD, as_of=AS_OF, observed_from=datetime(2025, 12, 2, tzinfo=UTC)
        )
        assert [row.observable for row in table] == [False, True, True, True, False]
        assert table.rows[0].size is None
        assert table.cell("2026-01", 0).absent_because.startswith("the period before it reaches before")
        assert table.left_out["of cohorts that are not observable"] == 5
        assert table.columns == ("0", "1", "2")
        whole = cohort_table(
            ORDERS, period=PERIOD, as_of=AS_OF, observed_from=datetime(2025, 12, 1, tzinfo=UTC)
        )
        assert whole.rows[0].observable

    @pytest.mark.parametrize("day", [1, 2, 15, 28])
    @pytest.mark.parametrize("month", [11, 12])
    def test_it_is_observable_where_new_customers_are(self, month, day):
        observed_from = datetime(2025, month, day, tzinfo=UTC)
        table = cohort_table(ORDERS, period=PERIOD, as_of=AS_OF, observed_from=observed_from)
        for row in table:
            asked = {"period": row.period, "as_of": AS_OF, "observed_from": observed_from}
            if row.observable:
                assert rt.new_customer_count(ORDERS, **asked) == row.size
            else:
                with pytest.raises(NotObservableError):
                    rt.new_customer_count(ORDERS, **asked)

    def test_nothing_is_observable(self):
        table = cohort_table(ORDERS, period=PERIOD, as_of=datetime(2025, 12, 1, tzinfo=UTC))
        assert not table.observable
        assert table.columns == ("0",)
        assert table.size == 0
        assert table.undefined_because.startswith("the period begins after as_of")
        assert table.average(0).undefined_because == "no cohort has completed month 0"
        assert "–" in str(table)
        elapsed = cohort_table(ORDERS, period=PERIOD, age="elapsed", as_of=datetime(2025, 12, 1, tzinfo=UTC))
        assert elapsed.columns == ("0",)

    def test_no_orders_at_all(self):
        table = cohort_table([], period=PERIOD, as_of=AS_OF)
        assert [row.size for row in table] == [0, 0, 0, 0, None]
        assert table.currency is None
        assert table.cell(0, 0).cumulative_revenue == Decimal(0)

    def test_fewer_ages(self):
        assert table_of(ages=2).columns == ("0", "1")
        assert table_of(ages=99).columns == ("0", "1", "2", "3")
        assert counts(table_of(ages=2).cell(0, 1)) == counts(table_of().cell(0, 1))

    def test_the_calendar_ends(self):
        year = rt.Period.year(9998, tz="UTC")
        table = cohort_table([], period=year, unit="quarter", as_of=datetime(9999, 12, 31, tzinfo=UTC))
        # The last quarter of year 9999 has no end that could be named.
        assert [cell.state for cell in table.rows[0].cells] == ["observed"] * 7

    def test_the_calendar_begins(self):
        first = rt.Period.day(1, 1, 2, tz="UTC")
        table = cohort_table(
            [],
            period=first,
            unit="day",
            as_of=datetime(2, 1, 1, tzinfo=UTC),
            observed_from=datetime(1, 1, 1, tzinfo=UTC),
            ages=1,
        )
        assert table.rows[0].observable
        at_once = cohort_table(
            [],
            period=rt.Period.day(1, 1, 1, tz="UTC"),
            unit="day",
            as_of=datetime(2, 1, 1, tzinfo=UTC),
            observed_from=datetime(1, 1, 1, tzinfo=UTC),
            ages=1,
        )
        assert at_once.rows[0].unseen == "the period before it lies before the calendar begins"


class TestAgesElapsed:
    def test_only_those_count_whose_age_has_passed(self):
        # At noon of 10 January ann began: her months end on 10 February, March, April. ben's on the 20th.
        assert cells(table_of(age="elapsed"), lambda cell: (cell.state, cell.customers, cell.followed))[
            :2
        ] == [
            [("observed", 2, 2), ("observed", 1, 2), ("partial", 1, 1)],
            [("observed", 1, 1), ("observed", 1, 1), ("absent", None, None)],
        ]

    def test_orders_and_money_are_those_of_the_same_customers(self):
        first = table_of(age="elapsed").rows[0]
        assert [cell.orders for cell in first.cells] == [3, 1, 1]
        # At the age of two months ann alone is followed: 65.00 is hers, and ben's 10.00 is not in it.
        assert [cell.cumulative_revenue for cell in first.cells] == [
            money(each) for each in ("40", "45", "65")
        ]
        assert first.cells[2].cumulative_revenue_value.sampling.yy == 6_500**2

    def test_a_cohort_that_still_takes_customers_in_is_partial(self):
        table = cohort_table(
            ORDERS, period=rt.Period.year(2026, tz="UTC"), unit="year", age="elapsed", as_of=AS_OF
        )
        assert [cell.state for cell in table.rows[0].cells] == ["absent"]
        # ann's month has passed, and nobody can join her any more.
        closed = cohort_table(
            make_orders({"ann": ["2026-02-02"]}),
            period=rt.Period.month(2026, 2, tz="UTC"),
            age="elapsed",
            as_of=datetime(2026, 3, 2, 12, tzinfo=UTC),
        )
        assert closed.cell(0, 0).state == "observed"

    def test_there_is_no_column_to_which_nobody_has_come(self):
        given = {"period": rt.Period.month(2026, 1, tz="UTC"), "age": "elapsed"}
        orders = make_orders({"ann": ["2026-01-20", "2026-02-10"]})
        early = datetime(2026, 1, 25, tzinfo=UTC)
        assert cohort_table(orders, as_of=early, **given).columns == ("0",)
        later = datetime(2026, 4, 5, tzinfo=UTC)
        assert cohort_table(orders, as_of=later, **given).columns == ("0", "1")
        asked = cohort_table(orders, as_of=later, retained="between", brackets=[(1, 1), (2, 9)], **given)
        assert asked.columns == ("1", "2–9")
        assert asked.cell(0, (2, 9)).state == "absent"

    def test_a_month_from_31_january_ends_in_february(self):
        orders = make_orders(
            {"ann": ["2026-01-31", "2026-02-28T11:59", "2026-02-28T12:00", "2026-03-31T11:59"]}
        )
        table = cohort_table(
            orders,
            period=rt.Period.month(2026, 1, tz="UTC"),
            age="elapsed",
            as_of=datetime(2026, 5, 1, tzinfo=UTC),
        )
        # There would be a fourth for whoever might have come on 1 January; nobody has.
        assert [cell.orders for cell in table.rows[0].cells] == [2, 2, 0]

    def test_an_empty_cohort_is_observed_when_its_last_customer_would_be(self):
        table = cohort_table(ORDERS, period=PERIOD, age="elapsed", as_of=datetime(2026, 4, 30, tzinfo=UTC))
        assert table.cell("2026-03", 0).state == "absent"
        table = cohort_table(ORDERS, period=PERIOD, age="elapsed", as_of=datetime(2026, 5, 1, tzinfo=UTC))
        assert table.cell("2026-03", 0).state == "observed"
        assert table.cell("2026-03", 0).retention.value is None

    @pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year"])
    def test_at_the_ends_of_the_calendar(self, unit):
        first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)
        orders = [
            make_order(id=1, placed_at=first),
            make_order(id=2, placed_at=last),
            make_order(id=3, customer_id="ben", placed_at=last),
        ]
        table = cohort_table(
            orders,
            period=rt.Period.last(1, unit, as_of=datetime(9000, 1, 1, tzinfo=UTC), tz="UTC"),
            unit=unit,
            age="elapsed",
            ages=2,
            as_of=last,
        )
        assert table.rows[0].size == 0

    def test_a_skipped_day_has_no_cohort(self):
        # 30 December 2011 was no day in Apia, where the clocks went from UTC-10 to UTC+14 at its beginning.
        apia = ZoneInfo("Pacific/Apia")
        period = rt.Period.between(datetime(2011, 12, 28, tzinfo=apia), datetime(2012, 1, 1, tzinfo=apia))
        orders = [
            make_order(id=day, placed_at=datetime(year, month, day, 9, tzinfo=apia))
            for year, month, day in [(2011, 12, 29), (2011, 12, 31), (2012, 1, 1)]
        ]
        as_of = datetime(2012, 1, 5, tzinfo=apia)
        table = cohort_table(orders, period=period, unit="day", ages=3, as_of=as_of)
        assert [row.period.label for row in table] == ["2011-12-28", "2011-12-29", "2011-12-31"]
        assert [cell.customers for cell in table.rows[1].cells] == [1, 1, 1]
        # By the clock, a day from the 29th at nine is the 30th at nine, which is the 31st at midnight.
        elapsed = cohort_table(orders, period=period, unit="day", ages=3, age="elapsed", as_of=as_of)
        assert [cell.customers for cell in elapsed.rows[1].cells] == [1, 0, 1]


class TestRetained:
    def test_on_or_after(self):
        table = table_of(retained="on_or_after", horizon=2)
        assert table.columns == ("0+", "1+", "2")
        assert cells(table, lambda cell: (cell.state, cell.customers, cell.orders))[:2] == [
            [("observed", 2, 4), ("observed", 1, 2), ("observed", 0, 0)],
            [("partial", 1, 2), ("partial", 1, 1), ("partial", 1, 1)],
        ]
        first = table.rows[0].cells
        assert [cell.revenue for cell in first] == [money("45.00"), money("25.00"), money("0.00")]
        assert [cell.cumulative_revenue for cell in first] == [money("20.00"), money("45.00"), money("45.00")]
        assert first[0].orders_per_customer.sampling.yy == 3**2 + 1
        assert first[1].ages == (1, 2)
        assert first[1].in_words == "month 1 or later, up to month 2"

    def test_on_or_after_with_fewer_columns(self):
        whole, cut = (table_of(retained="on_or_after", horizon=2, ages=ages) for ages in (None, 1))
        assert cut.columns == ("0+",)
        assert [counts(row.cells[0]) for row in cut] == [counts(row.cells[0]) for row in whole]

    def test_on_or_after_in_time_elapsed_follows_those_who_have_come_to_the_horizon(self):
        first, second, *_ = table_of(age="elapsed", retained="on_or_after", horizon=1).rows
        assert [(cell.state, cell.customers, cell.followed) for cell in first.cells] == [
            ("observed", 2, 2),
            ("observed", 1, 2),
        ]
        assert [cell.state for cell in second.cells] == ["observed", "observed"]
        far = table_of(age="elapsed", retained="on_or_after", horizon=9)
        assert {cell.state for row in far for cell in row.cells} == {"absent"}

    def test_between(self):
        table = table_of(retained="between", brackets=[(0, 0), (1, 2), (3, 9), (50, 60)])
        assert table.columns == ("0", "1–2", "3–9", "50–60")
        assert cells(table, counts)[:2] == [
            [
                ("observed", 2, 2, money("20.00"), money("20.00")),
                ("observed", 1, 2, money("25.00"), money("45.00")),
                ("partial", 1, 1, money("30.00"), money("75.00")),
                NONE,
            ],
            [
                ("observed", 1, 1, money("40.00"), money("40.00")),
                ("partial", 1, 1, money("10.00"), money("50.00")),
                NONE,
                NONE,
            ],
        ]
        assert table.cell(0, 2) is table.cell(0, (1, 2))
        assert table.cell(0, 1).in_words == "months 1 to 2"

    def test_between_in_time_elapsed(self):
        first = table_of(age="elapsed", retained="between", brackets=[(0, 0), (1, 2)]).rows[0]
        assert [(cell.state, cell.customers, cell.orders, cell.followed) for cell in first.cells] == [
            ("observed", 2, 3, 2),
            ("partial", 1, 2, 1),
        ]
        assert first.cells[1].cumulative_revenue == money("65.00")
        # her second purchase within months 1 to 2 is that of 5 April
        assert first.cells[1].revenue == money("35.00")


# ann came by a campaign in February, ben in January; zoe never bought; cy came after as_of.
SINCE = {
    "ann": datetime(2026, 2, 10, tzinfo=UTC),
    "ben": datetime(2026, 1, 20, 12, tzinfo=UTC),
    "zoe": datetime(2026, 1, 5, tzinfo=UTC),
    "yan": datetime(2025, 1, 5, tzinfo=UTC),
    "cy": datetime(2026, 4, 20, tzinfo=UTC),
}


class TestEvents:
    def test_sizes_hold_those_who_never_bought(self):
        table = table_of(since=SINCE)
        assert [row.size for row in table] == [2, 1, 0, 0, None]
        assert table.cell(0, 0).retention == rt.Ratio(1, 2)

    def test_purchases_before_the_event_do_not_count(self):
        table = table_of(since=SINCE)
        assert [(cell.customers, cell.orders) for cell in table.rows[1].cells[:3]] == [(1, 1), (0, 0), (1, 1)]
        assert table.rows[1].cells[2].cumulative_revenue == money("35.00")
        assert table.left_out["made before the customer's event"] == 2
        # cy's two, dee's, and that of old
        assert table.left_out["of customers without such an event in the period"] == 4
        assert not table.assumed

    def test_in_time_elapsed(self):
        table = table_of(since=SINCE, age="elapsed")
        assert [(cell.state, cell.customers, cell.followed) for cell in table.rows[0].cells] == [
            ("observed", 1, 2),
            ("observed", 0, 2),
            ("partial", 0, 1),
        ]

    def test_an_event_at_as_of_itself_is_in_a_month_that_has_begun(self):
        begun = datetime(2026, 3, 1, tzinfo=UTC)
        quarter = rt.Period.quarter(2026, 1, tz="UTC")
        row = cohort_table(ORDERS, period=quarter, as_of=begun, since={"bea": begun}).rows[2]
        assert (row.size, row.partial, row.cells[0].state, row.cells[0].followed) == (1, True, "partial", 1)
        without = cohort_table(ORDERS, period=quarter, as_of=begun, since={"bea": quarter.start}).rows[2]
        assert without.cells[0].absent_because == "it has not begun by as_of"

    def test_the_earliest_of_one_person_counts(self):
        twice = {"ann": SINCE["ann"], "anna": datetime(2026, 1, 2, tzinfo=UTC)}
        table = cohort_table(ORDERS, period=PERIOD, since=twice, as_of=AS_OF, aliases={"anna": "ann"})
        assert [row.size for row in table] == [1, 0, 0, 0, None]
        assert table.cell(0, 1).orders == 2

    def test_the_beginning_of_the_data_hides_no_event(self):
        asked = {"period": PERIOD, "since": SINCE, "as_of": AS_OF}
        table = cohort_table(ORDERS, observed_from=datetime(2026, 1, 1, tzinfo=UTC), **asked)
        assert table.rows[0].observable
        later = cohort_table(ORDERS, observed_from=datetime(2026, 1, 2, tzinfo=UTC), **asked)
        assert later.rows[0].unseen.startswith("the period begins before observed_from")
        assert later.size == 1

    def test_no_events(self):
        assert [row.size for row in table_of(since={})] == [0, 0, 0, 0, None]


class TestTogether:
    def test_complete_cells_are_pooled(self):
        table = table_of()
        assert table.averages == (rt.Ratio(3, 3), rt.Ratio(1, 3), rt.Ratio(0, 2), rt.Ratio(0, 0))
        assert table.average(1).interval().method == "Wilson"
        assert table.average(1).basis.period == "2026-01 to 2026-02"

    def test_means_are_pooled_with_their_sums(self):
        table = table_of()
        orders = table.average(1, measure="orders_per_customer")
        assert (orders.total, orders.count, orders.sampling.yy) == (2, 3, 4)
        worth = table.average(1, measure="cumulative_revenue_value")
        assert (worth.total, worth.count) == (money("85.00"), 3)
        assert worth.interval().low == 0
        assert worth.basis.currency == "EUR"

    def test_no_cohort_has_come_so_far(self):
        table = table_of()
        assert table.average(3).undefined_because == "no cohort has completed month 3"
        assert table.average(3, measure="orders_per_customer").value is None

    def test_each_cohort_is_compared_with_all_others(self):
        found = table_of().compare(1)
        assert list(found) == ["2026-01", "2026-02"]
        assert (found["2026-01"].a, found["2026-01"].b) == (rt.Ratio(1, 2), rt.Ratio(0, 1))
        at_first = table_of().compare(0)
        assert at_first["2026-03"].undefined_because is not None
        assert found["2026-01"].title == "Retention in month 1"
        worth = table_of().compare(1, measure="cumulative_revenue_value")
        assert worth["2026-01"].a.value == money("22.50")

    def test_nothing_to_compare(self):
        assert table_of().compare(3) == {}
        assert table_of().stand_out(3) == {}

    def test_the_best_stands_out_first(self):
        # 40 of 40 came back in January's cohort, 2 of 40 in February's, 20 of 40 in March's.
        bought = {}
        for month, back in ((1, 40), (2, 2), (3, 20)):
            for number in range(40):
                again = [f"2026-{month + 1:02}-10"] if number < back else []
                bought[f"{month} {number}"] = [f"2026-{month:02}-10", *again]
        table = cohort_table(
            make_orders(bought),
            period=rt.Period.quarter(2026, 1, tz="UTC"),
            as_of=datetime(2026, 6, 1, tzinfo=UTC),
        )
        found = table.stand_out(1)
        assert list(found) == ["2026-01", "2026-02"]
        assert found["2026-01"].difference == 1 - 22 / 80
        assert found["2026-01"].comparisons == 3
        assert list(table.compare(1)) == ["2026-01", "2026-02", "2026-03"]

    def test_two_cells_of_one_age_compare(self):
        table = table_of()
        assert rt.compare(table.cell(0, 1).retention, table.cell(1, 1).retention).verdict == "noise"
        with pytest.raises(rt.errors.InvalidValueError, match="count the same"):
            rt.compare(table.cell(0, 0).retention, table.cell(0, 1).retention)


MIXED = [
    make_order(id=1, placed_at="2026-01-05"),
    make_order(id=2, placed_at="2026-02-05", currency="USD"),
]


class TestMoney:
    def test_counts_work_in_several_currencies(self):
        table = cohort_table(MIXED, period=PERIOD, as_of=AS_OF)
        assert [cell.customers for cell in table.rows[0].cells] == [1, 1, 0, 0]
        assert str(table).startswith("Retention")
        assert table.basis.currency is None
        row = table.to_dicts()[1]
        assert (row["orders"], row["revenue"], row["cumulative_revenue"], row["currency"]) == (
            1,
            None,
            None,
            None,
        )

    @pytest.mark.parametrize(
        "read",
        [
            lambda table: table.currency,
            lambda table: table.cell(0, 0).revenue,
            lambda table: table.cell(0, 0).cumulative_revenue,
            lambda table: table.cell(0, 0).cumulative_revenue_value,
            lambda table: table.average(0, measure="cumulative_revenue_value"),
            lambda table: table.compare(0, measure="cumulative_revenue_value"),
            lambda table: table.text("revenue"),
            lambda table: table.text("cumulative_revenue_value"),
        ],
    )
    def test_money_does_not(self, read):
        with pytest.raises(MixedCurrencyError, match="EUR, USD"):
            read(cohort_table(MIXED, period=PERIOD, as_of=AS_OF))

    def test_one_of_them(self):
        table = cohort_table(MIXED, period=PERIOD, as_of=AS_OF, currency="USD")
        assert table.cell("2026-02", 0).revenue == money("10.00")


class TestParts:
    SHOP = rt.Shop(
        orders=ORDERS,
        as_of=AS_OF,
        customers=[
            rt.Customer(id="ann", country="DE"),
            rt.Customer(id="ben", country="AT"),
            rt.Customer(id="cy", country="DE"),
        ],
    )

    def test_largest_first_and_not_known_last(self):
        tables = cohorts_by(self.SHOP, by="country", period=PERIOD)
        assert list(tables) == ["DE", "AT", None]
        assert [table.size for table in tables.values()] == [2, 1, 1]
        assert [row.size for row in tables["DE"]] == [1, 1, 0, 0, None]
        assert tables["DE"].cell(0, 1).retention == rt.Ratio(1, 1)
        whole = cohort_table(self.SHOP, period=PERIOD)
        assert all(table.left_out == whole.left_out for table in tables.values())

    def test_those_without_purchases_have_parts_too(self):
        since = {"ann": datetime(2026, 1, 5, tzinfo=UTC), "zoe": datetime(2026, 1, 6, tzinfo=UTC)}
        tables = cohorts_by(
            self.SHOP, by={"ann": "DE", "zoe": "CH"}, period=PERIOD, since=since, age="elapsed"
        )
        assert {key: table.size for key, table in tables.items()} == {"CH": 1, "DE": 1}
        assert tables["CH"].cell(0, 0).retention == rt.Ratio(0, 1)

    def test_nobody(self):
        assert cohorts_by(rt.Shop(as_of=AS_OF), by={}, period=PERIOD) == {}
        assert cohorts_by(rt.Shop(as_of=AS_OF), by={}, period=PERIOD, age="elapsed") == {}


class TestValues:
    def test_equal_hashable_and_picklable(self):
        table = table_of()
        assert table == table_of()
        assert hash(table) == hash(table_of())
        assert pickle.loads(pickle.dumps(table)) == table == copy.deepcopy(table)
        assert table != table_of(age="elapsed")
        assert len({table, table_of()}) == 1

    def test_frozen(self):
        table = table_of()
        for value, field in ((table, "rows"), (table.rows[0], "size"), (table.cell(0, 0), "state")):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(value, field, None)

    def test_found_by_label_period_and_place(self):
        table = table_of()
        march = rt.Period.month(2026, 3, tz="UTC")
        assert table.cohort("2026-03") is table.cohort(march) is table.cohort(2) is table.cohort(-3)
        assert list(table) == list(table.rows)

    def test_in_whatever_form_the_orders_come(self):
        expected = table_of()
        for orders in (ORDERS, tuple(ORDERS), iter(ORDERS[::-1]), rt.History(ORDERS, as_of=AS_OF), SHOP):
            assert cohort_table(orders, period=PERIOD, as_of=AS_OF) == expected

    def test_it_is_a_table(self):
        assert isinstance(table_of(), CohortTable)
