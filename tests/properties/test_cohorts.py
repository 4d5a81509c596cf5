"""What holds for the cohorts of any orders. Each class quotes the definition that it tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st

import retention as rt
from retention.cohorts import CohortTable, cohort_table, cohorts_by

START = datetime(2026, 1, 1, tzinfo=UTC)
HALF = rt.Period.last(6, "month", as_of=datetime(2026, 7, 1, tzinfo=UTC), tz="Europe/Berlin")
PEOPLE = ("ann", "ben", "cy", "dee", None)
HOURS = 24 * 240

hours = st.integers(-24 * 40, HOURS)
moments = hours.map(lambda number: START + timedelta(hours=number))
ages = st.sampled_from(["calendar", "elapsed"])
units: st.SearchStrategy[Any] = st.sampled_from(["month", "quarter"])


@st.composite
def orders(draw: st.DrawFn) -> list[rt.Order]:
    return [
        rt.Order(
            id=number,
            customer_id=draw(st.sampled_from(PEOPLE)),
            placed_at=draw(moments),
            amount=draw(st.integers(0, 30)),
            currency="EUR",
        )
        for number in range(draw(st.integers(0, 24)))
    ]


def sums(table: CohortTable, name: str) -> Any:
    return sum(getattr(cell, name) or 0 for row in table for cell in row.cells)


class TestConservation:
    """A cohort is the customers whose first purchase lies in one calendar period."""

    @given(sales=orders(), as_of=moments, unit=units)
    def test_the_sizes_add_up_to_the_new_customers(self, sales, as_of, unit):
        table = cohort_table(sales, period=HALF, unit=unit, as_of=as_of)
        if as_of < HALF.start:
            assert table.size == 0
        else:
            assert table.size == rt.new_customer_count(sales, period=HALF, as_of=as_of)

    @given(sales=orders(), as_of=moments, unit=units)
    def test_every_purchase_of_theirs_is_in_one_cell(self, sales, as_of, unit):
        table = cohort_table(sales, period=HALF, unit=unit, as_of=as_of)
        first: dict[Any, datetime] = {}
        bought = [order for order in sales if order.customer_id and order.amount and order.placed_at <= as_of]
        for order in bought:
            first[order.customer_id] = min(order.placed_at, first.get(order.customer_id, order.placed_at))
        theirs = [order for order in bought if first[order.customer_id] in HALF]
        assert sums(table, "orders") == len(theirs)
        assert sums(table, "revenue") == sum(order.amount for order in theirs)

    @given(sales=orders(), as_of=moments, unit=units)
    def test_age_0_holds_the_first_purchase(self, sales, as_of, unit):
        for row in cohort_table(sales, period=HALF, unit=unit, as_of=as_of):
            if row.cells[0].state != "absent":
                assert row.cells[0].customers == row.cells[0].followed == row.size


class TestRetained:
    """Retention at age k: on, on_or_after up to an equal horizon, between."""

    @given(sales=orders(), as_of=moments, age=ages, horizon=st.integers(0, 4))
    def test_on_or_after_is_no_less_than_on(self, sales, as_of, age, horizon):
        history = rt.History(sales, as_of=as_of)
        later = cohort_table(history, period=HALF, age=age, retained="on_or_after", horizon=horizon)
        on = cohort_table(history, period=HALF, age=age)
        for row, other in zip(later, on, strict=True):
            found = [cell for cell in row.cells if cell.state == "observed"]
            for cell, single in zip(found, other.cells, strict=False):
                assert (cell.followed, single.state) == (single.followed, "observed")
                assert cell.customers >= single.customers
            rates = [cell.customers for cell in found]
            assert rates == sorted(rates, reverse=True)

    @given(sales=orders(), as_of=moments, age=ages)
    def test_a_bracket_of_one_age_is_that_age(self, sales, as_of, age):
        history = rt.History(sales, as_of=as_of)
        on = cohort_table(history, period=HALF, age=age, ages=3)
        brackets = [(number, number) for number in range(len(on.columns))]
        between = cohort_table(history, period=HALF, age=age, retained="between", brackets=brackets)
        for row, other in zip(on, between, strict=True):
            for cell, same in zip(row.cells, other.cells, strict=True):
                assert (cell.state, cell.customers, cell.orders) == (same.state, same.customers, same.orders)
                assert (cell.revenue, cell.cumulative_revenue) == (same.revenue, same.cumulative_revenue)

    @given(sales=orders(), as_of=moments)
    def test_revenue_adds_up(self, sales, as_of):
        for row in cohort_table(sales, period=HALF, as_of=as_of):
            running = 0
            for cell in row.cells:
                if cell.state != "absent":
                    running += cell.revenue
                    assert cell.cumulative_revenue == running


class TestStates:
    """A cell whose age has not fully passed at `as_of` is partial; one not begun is absent."""

    @given(sales=orders(), as_of=moments, more=st.integers(0, 24 * 90), age=ages, unit=units)
    def test_later_data_never_change_an_observed_cell(self, sales, as_of, more, age, unit):
        then = as_of + timedelta(hours=more)
        before = cohort_table(sales, period=HALF, unit=unit, age=age, as_of=as_of)
        after = cohort_table(sales, period=HALF, unit=unit, age=age, as_of=then)
        for row, other in zip(before, after, strict=True):
            for cell, later in zip(row.cells, other.cells, strict=False):
                if cell.state == "observed":
                    assert (later.state, later.customers, later.followed) == (
                        "observed",
                        cell.customers,
                        cell.followed,
                    )
                    assert (later.orders, later.revenue, later.cumulative_revenue) == (
                        cell.orders,
                        cell.revenue,
                        cell.cumulative_revenue,
                    )

    @given(sales=orders(), as_of=moments, age=ages)
    def test_averages_hold_complete_cells_alone(self, sales, as_of, age):
        table = cohort_table(sales, period=HALF, age=age, as_of=as_of)
        for place, average in enumerate(table.averages):
            whole = [row.cells[place] for row in table if row.cells[place].state == "observed"]
            assert average.numerator == sum(cell.customers for cell in whole)
            assert average.denominator == sum(cell.followed for cell in whole)


class TestParts:
    """Segments share no customer, so that the parts add up to the whole."""

    @given(
        sales=orders(),
        as_of=moments,
        age=ages,
        groups=st.dictionaries(st.sampled_from(["ann", "ben", "cy", "dee"]), st.sampled_from(["DE", "AT"])),
    )
    def test_parts_add_up_to_the_whole(self, sales, as_of, age, groups):
        shop = rt.Shop(orders=rt.History(sales, as_of=as_of))
        parts = cohorts_by(shop, by=groups, period=HALF, age=age)
        whole = cohort_table(shop, period=HALF, age=age)
        assert sum(part.size for part in parts.values()) == whole.size
        for name in ("customers", "orders", "revenue", "cumulative_revenue"):
            assert sum(sums(part, name) for part in parts.values()) == sums(whole, name)

    @given(sales=orders(), as_of=moments, age=ages, seed=st.randoms(use_true_random=False))
    def test_the_order_of_input_is_nothing(self, sales, as_of, age, seed):
        shuffled = sales.copy()
        seed.shuffle(shuffled)
        asked = {"period": HALF, "age": age, "as_of": as_of}
        assert cohort_table(sales, **asked) == cohort_table(shuffled, **asked)
