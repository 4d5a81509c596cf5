"""What holds of frequency, recency and age whatever the orders: each test quotes what it tests."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from retention import History, Order
from retention.predict.bgnbd import BgNbd
from retention.predict.purchases import RepeatPurchases, repeat_purchases
from retention.predict.validation import calibration_split

DAY_0 = datetime(2025, 3, 1, tzinfo=UTC)
HOURS = 24 * 120
LAST = date(2025, 6, 28)
ZONES = ["UTC", "Europe/Berlin", "America/Havana", "Pacific/Auckland"]
UNITS = ["day", "week", "month", "year"]
MODEL = BgNbd(unit="day", r=0.5, alpha=20.0, a=1.0, b=3.0)


@st.composite
def shops(draw):
    """Few customers at few hours, so that one customer often buys twice a day, or around midnight."""
    found = draw(
        st.lists(
            st.tuples(st.sampled_from("abcdef"), st.integers(0, HOURS - 1), st.sampled_from([100, 250, 999])),
            max_size=40,
        )
    )
    return [
        Order(
            id=number,
            customer_id=who,
            placed_at=DAY_0 + timedelta(hours=at),
            amount=Decimal(cents) / 100,
            currency="EUR",
        )
        for number, (who, at, cents) in enumerate(found)
    ]


def triples(base):
    return {who: (each.frequency, each.recency, each.age) for who, each in base.items()}


class TestReading:
    @given(orders=shops(), zone=st.sampled_from(ZONES))
    def test_purchases_of_one_local_day_are_one(self, orders, zone):
        base = repeat_purchases(orders, tz=zone, until=date(2025, 7, 10))
        days = {(order.customer_id, order.placed_at.astimezone(ZoneInfo(zone)).date()) for order in orders}
        assert sum(who.frequency + 1 for who in base.values()) == len(days)

    @given(orders=shops(), zone=st.sampled_from(ZONES), unit=st.sampled_from(UNITS))
    def test_the_money_of_the_first_day_is_left_out(self, orders, zone, unit):
        base = repeat_purchases(orders, tz=zone, unit=unit, until=date(2025, 7, 10))
        by_day = Counter()
        for order in orders:
            by_day[order.customer_id, order.placed_at.astimezone(ZoneInfo(zone)).date()] += order.amount
        first = {who: min(day for each, day in by_day if each == who) for who in base}
        later = sum(amount for (who, day), amount in by_day.items() if day != first[who])
        assert sum(who.frequency * (who.spend or 0) for who in base.values()) == pytest.approx(float(later))

    @given(
        orders=shops(),
        until=st.integers(0, 130),
        zone=st.sampled_from(ZONES),
        discrete=st.booleans(),
        unit=st.sampled_from(UNITS),
    )
    def test_purchases_after_the_last_day_are_not_there(self, orders, until, zone, discrete, unit):
        last = date(2025, 3, 1) + timedelta(until)
        base = repeat_purchases(orders, tz=zone, until=last, unit=unit, discrete=discrete)
        early = [order for order in orders if order.placed_at.astimezone(ZoneInfo(zone)).date() <= base.until]
        assert repeat_purchases(early, tz=zone, until=last, unit=unit, discrete=discrete) == base
        assert base.until <= last

    @given(orders=shops(), zone=st.sampled_from(ZONES), seed=st.randoms())
    def test_the_order_of_input_is_irrelevant(self, orders, zone, seed):
        base = repeat_purchases(orders, tz=zone, until=LAST)
        seed.shuffle(orders)
        again = repeat_purchases(iter(orders), tz=zone, until=LAST)
        assert again == base
        assert hash(again) == hash(base)
        assert repeat_purchases(History(orders), tz=zone, until=LAST) == base

    @given(orders=shops(), weeks=st.integers(-500, 500), unit=st.sampled_from(UNITS))
    def test_shifting_all_by_whole_weeks_changes_nothing(self, orders, weeks, unit):
        base = repeat_purchases(orders, tz="UTC", until=LAST, unit=unit)
        shift = timedelta(weeks=weeks)
        moved = [evolve(order, placed_at=order.placed_at + shift) for order in orders]
        assert triples(repeat_purchases(moved, tz="UTC", until=LAST + shift, unit=unit)) == triples(base)

    @given(orders=shops(), zone=st.sampled_from(ZONES))
    def test_time_is_measured_in_the_unit_as_a_fraction(self, orders, zone):
        in_days = repeat_purchases(orders, tz=zone, until=LAST, unit="day")
        in_weeks = repeat_purchases(orders, tz=zone, until=LAST)
        assert triples(in_weeks) == {
            who: (x, recency / 7, age / 7) for who, (x, recency, age) in triples(in_days).items()
        }

    @given(orders=shops(), zone=st.sampled_from(ZONES))
    def test_a_day_as_an_opportunity_is_a_day(self, orders, zone):
        as_steps = repeat_purchases(orders, tz=zone, until=LAST, unit="day", discrete=True)
        assert triples(as_steps) == triples(repeat_purchases(orders, tz=zone, until=LAST, unit="day"))


class TestGroups:
    @given(orders=shops(), discrete=st.booleans(), unit=st.sampled_from(UNITS))
    def test_customers_who_look_alike_are_kept_as_one(self, orders, discrete, unit):
        base = repeat_purchases(orders, tz="UTC", until=LAST, unit=unit, discrete=discrete)
        assert list(base.groups) == sorted(
            (*each, count) for each, count in Counter(triples(base).values()).items()
        )
        assert [base.groups[group][:3] for group in base.group_of] == list(triples(base).values())
        assert sum(count for *_, count in base.groups) == len(base)
        for frequency, recency, age, _ in base.groups:
            assert 0 <= recency <= age
            assert (frequency == 0) == (recency == 0)
            assert not discrete or frequency <= recency

    @given(orders=shops(), discrete=st.booleans())
    def test_from_a_table_and_from_counts(self, orders, discrete):
        base = repeat_purchases(orders, tz="UTC", until=LAST, discrete=discrete)
        again = RepeatPurchases.from_table(dict(base), unit="week", discrete=discrete)
        counted = RepeatPurchases.from_counts(base.groups, unit="week", discrete=discrete)
        assert again.groups == counted.groups == base.groups
        assert dict(again) == dict(base)


class TestSplits:
    @given(
        orders=shops(),
        at=st.integers(0, 119),
        zone=st.sampled_from(ZONES),
        discrete=st.booleans(),
        unit=st.sampled_from(["day", "week", "month"]),
    )
    def test_what_was_known_and_what_came_after_make_all(self, orders, at, zone, discrete, unit):
        split = date(2025, 3, 1) + timedelta(at)
        found = calibration_split(
            orders, split=split, until=date(2025, 8, 31), tz=zone, unit=unit, discrete=discrete
        )
        in_all = repeat_purchases(orders, until=date(2025, 8, 31), tz=zone, unit=unit, discrete=discrete)
        assert found.calibration == repeat_purchases(
            orders, until=split, tz=zone, unit=unit, discrete=discrete
        )
        for who, later in zip(found.calibration, found.holdout, strict=True):
            assert found.calibration[who].frequency + later == in_all[who].frequency
            assert found.calibration[who].age + found.horizon == pytest.approx(in_all[who].age)

    @given(orders=shops(), at=st.integers(0, 118))
    def test_the_tables_count_every_purchase_once(self, orders, at):
        found = calibration_split(
            orders, split=date(2025, 3, 1) + timedelta(at), until=LAST, tz="UTC", unit="day"
        )
        known = sum(who.frequency for who in found.calibration.values())
        rows = found.tracking(MODEL).rows
        assert sum(row.actual for row in rows if not row.in_holdout) == known
        assert sum(row.actual for row in rows if row.in_holdout) == sum(found.holdout)
        assert rows[-1].cumulative_actual == known + sum(found.holdout)
        assert all(row.expected >= 0 for row in rows)
        by = found.by_frequency(MODEL)
        assert sum(row.customers for row in by) == len(found.calibration)
        assert sum(row.customers * row.actual for row in by) == pytest.approx(sum(found.holdout))

    @given(orders=shops(), at=st.integers(0, 118))
    def test_the_mean_and_the_own_rates_expect_the_same_of_customers_of_one_age(self, orders, at):
        same = [
            evolve(order, placed_at=DAY_0, id=-1 - number)
            for number, order in enumerate({each.customer_id: each for each in orders}.values())
        ]
        split = date(2025, 3, 2) + timedelta(at)
        found = calibration_split(
            [*orders, *same],
            split=split,
            # Up to twice the time watched: further on own rates are held back.
            until=min(date(2025, 7, 30), split + timedelta(2 * (split - DAY_0.date()).days)),
            tz="UTC",
            unit="day",
        )
        if len(found.calibration) < 2:
            return
        errors = found.errors(MODEL)
        assert errors.naive["mean"].expected == pytest.approx(errors.naive["own"].expected)
        assert errors.actual == sum(found.holdout)
        for each in (errors.model, *errors.naive.values()):
            assert 0 <= each.mean_absolute_error <= each.root_mean_squared_error * (1 + 1e-12)
