"""What models are fed: one customer, a table of them, and how both are made of orders."""

from __future__ import annotations

import math
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from dateutil.relativedelta import relativedelta

from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidPeriodError,
    InvalidTypeError,
    InvalidValueError,
    MissingRecordsError,
    MixedCurrencyError,
    NaiveDatetimeError,
)
from retention.history import History
from retention.predict.purchases import Purchases, RepeatPurchases, horizon_in, repeat_purchases
from retention.records import OrderPolicy
from retention.shop import Shop
from retention.testing import make_order, make_orders

ORDERS = make_orders(
    {
        "ann": ["2026-01-01", ("2026-01-15", "30.00"), ("2026-01-29", "50.00")],
        "ben": [("2026-01-08", "99.00")],
        None: ["2026-01-10"],
    }
)


def table(orders=ORDERS, **options):
    return repeat_purchases(orders, **{"tz": "UTC", "until": date(2026, 2, 5), **options})


def triple(who):
    return who.frequency, who.recency, who.age


class TestPurchases:
    def test_by_position_in_the_order_of_the_papers(self):
        assert Purchases(2, 30.43, 38.86) == Purchases(frequency=2, recency=30.43, age=38.86, spend=None)

    def test_whole_numbers_become_floats(self):
        who = Purchases(2, 3, 4, 5)
        assert [type(each) for each in (who.frequency, who.recency, who.age, who.spend)] == [
            int,
            float,
            float,
            float,
        ]

    def test_money_becomes_a_float(self):
        assert Purchases(2, 3, 4, Decimal("12.50")).spend == 12.5

    def test_numbers_of_numpy(self):
        np = pytest.importorskip("numpy")
        who = Purchases(np.int64(2), np.float64(3.5), np.float64(4))
        assert triple(who) == (2, 3.5, 4.0)
        assert type(who.frequency) is int
        assert type(who.recency) is float

    @pytest.mark.parametrize(
        "fields, words",
        [
            ((-1, 0, 1), r"Purchases\.frequency must not be negative, got -1"),
            ((1, -1, 1), r"Purchases\.recency must be finite and not negative, got -1"),
            ((1, 1, math.inf), r"Purchases\.age must be finite"),
            ((1, math.nan, 2), r"Purchases\.recency must be finite"),
            ((1, 1, 10**400), r"Purchases\.age must be finite"),
            ((1, 1, 2, Decimal("sNaN")), r"Purchases\.spend must be finite"),
            ((1, 1, 2, -1), r"Purchases\.spend must be finite and not negative"),
            (
                (1, 3, 2),
                r"recency must not be longer than Purchases\.age, got 3 and 2; recency is the time from",
            ),
            ((0, 1, 2), r"recency must be 0 exactly where Purchases\.frequency is, got 1 and 0"),
            ((2, 0, 2), r"recency must be 0 exactly where Purchases\.frequency is, got 0 and 2"),
        ],
    )
    def test_out_of_the_domain(self, fields, words):
        with pytest.raises(InvalidValueError, match=words):
            Purchases(*fields)

    @pytest.mark.parametrize(
        "fields, words",
        [
            ((1.0, 1, 2), r"Purchases\.frequency must be a whole number, got 1\.0"),
            ((True, 1, 2), r"Purchases\.frequency must be a whole number, got True"),
            ((1, "1", 2), r"Purchases\.recency must be a number, got '1'"),
            ((1, 1, True), r"Purchases\.age must be a number, got True"),
            ((1, 1, Decimal(3)), r"Purchases\.age must be a number"),
            ((1, 1, None), r"Purchases\.age must be a number, got None"),
        ],
    )
    def test_no_number(self, fields, words):
        with pytest.raises(InvalidTypeError, match=words):
            Purchases(*fields)


class TestHorizon:
    @pytest.mark.parametrize(
        "of_model, horizon, unit, found",
        [
            ("week", 6, None, 6),
            ("week", 0, None, 0),
            ("week", 6.5, "week", 6.5),
            ("week", 14, "day", 2),
            ("day", 2, "week", 14),
            ("day", 1, "year", 365.2425),
            ("month", 1, "year", 12),
            ("year", 6, "month", 0.5),
            ("week", timedelta(days=7), None, 1),
            ("day", timedelta(hours=36), None, 1.5),
            ("day", 1, "month", 30.436875),
        ],
    )
    def test_in_the_unit_of_the_model(self, of_model, horizon, unit, found):
        assert horizon_in(of_model, horizon, unit, owner="x") == pytest.approx(found, rel=1e-15)

    def test_in_its_own_unit_it_is_not_touched(self):
        assert horizon_in("month", 0.1, "month", owner="x") == 0.1

    @pytest.mark.parametrize("horizon", [Decimal(6), Fraction(6), np.int64(6), np.float32(6)])
    def test_any_number_is_a_horizon(self, horizon):
        found = horizon_in("week", horizon, None, owner="model")
        assert (found, type(found)) == (6.0, float)

    @pytest.mark.parametrize(
        "horizon", [Decimal("sNaN"), Decimal("NaN"), -1, -0.001, math.inf, math.nan, 10**400, timedelta(-1)]
    )
    def test_out_of_the_domain(self, horizon):
        with pytest.raises(InvalidValueError, match="model: horizon must be finite and not negative"):
            horizon_in("week", horizon, None, owner="model")

    @pytest.mark.parametrize("horizon", [True, "6", None, relativedelta(months=1), 6j])
    def test_no_horizon(self, horizon):
        with pytest.raises(
            InvalidTypeError, match="model: horizon must be a number of weeks or a timedelta, got"
        ):
            horizon_in("week", horizon, None, owner="model")

    def test_a_timedelta_says_its_own_unit(self):
        with pytest.raises(InvalidTypeError, match="unit='week' contradicts horizon="):
            horizon_in("day", timedelta(7), "week", owner="model")

    def test_an_unknown_unit(self):
        with pytest.raises(
            InvalidValueError,
            match="unit must be one of 'day', 'week', 'month', 'year', got 'weeks'; did you mean",
        ):
            horizon_in("day", 1, "weeks", owner="model")
        with pytest.raises(InvalidTypeError, match=r"unit must be one of .* got 7$"):
            horizon_in("day", 1, 7, owner="model")


class TestFromOrders:
    def test_by_hand(self):
        base = table()
        assert dict(base) == {"ann": Purchases(2, 4.0, 5.0, 40.0), "ben": Purchases(0, 0.0, 4.0)}
        assert base.groups == ((0, 0.0, 4.0, 1), (2, 4.0, 5.0, 1))
        assert list(base.group_of) == [1, 0]
        assert list(base.spends) == [40.0, 0.0]
        assert (base.unit, base.until, base.currency, base.repeaters) == ("week", date(2026, 2, 5), "EUR", 1)
        assert base.left_out == {"guest": 1}

    @pytest.mark.parametrize(
        "unit, recency, age",
        [("day", 28, 35), ("month", 28 / 30.436875, 35 / 30.436875), ("year", 28 / 365.2425, 35 / 365.2425)],
    )
    def test_other_units(self, unit, recency, age):
        assert triple(table(unit=unit)["ann"]) == (2, recency, age)

    def test_list_generator_history_and_shop(self):
        as_of = datetime(2026, 2, 6, tzinfo=UTC)
        expected = table()
        assert table(iter(ORDERS)) == expected
        assert table(History(ORDERS, as_of=as_of), until=None) == expected
        assert table(Shop(orders=ORDERS, as_of=as_of), until=None) == expected
        assert table(reversed(ORDERS)) == expected

    def test_one_day_is_one_purchase_and_its_money_is_added(self):
        base = table(
            make_orders(
                {
                    "ann": [
                        "2026-01-01T08:00",
                        "2026-01-01T20:00",
                        ("2026-01-08T01:00", 5),
                        ("2026-01-08T23:00", 7),
                    ]
                }
            )
        )
        assert base["ann"] == Purchases(1, 1.0, 5.0, 12.0)

    def test_a_day_of_the_zone(self):
        # 23:30 and 00:30 of the next day in Berlin are two days there and one in UTC, and the other way round.
        orders = make_orders(
            {
                "ann": ["2026-01-01T22:30Z", "2026-01-01T23:30Z"],
                "ben": ["2026-01-02T00:30+01:00", "2026-01-02T02:30+01:00"],
            }
        )
        assert [table(orders, tz="Europe/Berlin")[who].frequency for who in ("ann", "ben")] == [1, 0]
        assert [table(orders)[who].frequency for who in ("ann", "ben")] == [0, 1]

    def test_days_of_23_and_25_hours_are_days(self):
        orders = make_orders(
            {"ann": ["2026-03-28T00:30+01:00", "2026-03-29T23:30+02:00", "2026-10-25T23:30+01:00"]}
        )
        base = table(orders, tz="Europe/Berlin", unit="day", until=date(2026, 10, 26))
        assert base["ann"] == Purchases(2, 211.0, 212.0, 10.0)

    def test_a_day_that_the_zone_skipped(self):
        orders = make_orders(
            {"ann": ["2011-12-29T12:00-10:00", "2011-12-29T23:59-10:00", "2011-12-31T00:00+14:00"]}
        )
        base = table(orders, tz="Pacific/Apia", unit="day", until=date(2012, 1, 1))
        assert base["ann"] == Purchases(1, 2.0, 3.0, 10.0)

    def test_the_first_day_of_the_calendar(self):
        orders = make_orders({"ann": ["0001-01-01T00:00Z", "0001-01-02T12:00Z"]})
        for zone in ("UTC", "Europe/Berlin", "America/New_York"):
            assert table(orders, tz=zone, until=date(1, 1, 5))["ann"].frequency == 1

    def test_the_zone_of_the_policy(self):
        policy = OrderPolicy(same_day="merge", tz="Europe/Berlin")
        orders = make_orders({"ann": ["2026-01-01T22:30Z", "2026-01-01T23:30Z"]})
        assert table(orders, tz=None, policy=policy)["ann"].frequency == 1

    def test_no_zone(self):
        with pytest.raises(
            InvalidValueError, match=r"repeat_purchases: purchases of one local day are one, .* give tz="
        ):
            table(tz=None)

    @pytest.mark.parametrize(
        "as_of, day",
        [
            ("2026-02-05T23:59:59.999998+00:00", date(2026, 2, 4)),
            ("2026-02-05T23:59:59.999999+00:00", date(2026, 2, 5)),  # what is dated at as_of itself is known
            ("2026-02-06T00:00:00+00:00", date(2026, 2, 5)),
            ("2026-02-06T12:00:00+00:00", date(2026, 2, 5)),
        ],
    )
    def test_the_last_day_that_was_over_at_as_of(self, as_of, day):
        base = table(until=None, as_of=datetime.fromisoformat(as_of))
        assert base.until == day
        assert base["ann"].age == (day - date(2026, 1, 1)).days / 7

    def test_purchases_of_a_day_that_was_not_over(self):
        base = table(until=None, as_of=datetime(2026, 1, 29, 13, tzinfo=UTC))
        assert base.left_out == {"guest": 1, "on a day that was not over": 1}
        assert triple(base["ann"]) == (1, 2.0, 27 / 7)

    def test_a_customer_acquired_on_a_day_that_was_not_over_is_not_there(self):
        base = table(until=None, as_of=datetime(2026, 1, 8, 13, tzinfo=UTC))
        assert list(base) == ["ann"]
        assert "ben" not in base

    def test_an_instant_as_until(self):
        assert table(until=datetime(2026, 2, 6, tzinfo=UTC)) == table()
        assert table(until=datetime(2026, 2, 6, 18, tzinfo=UTC)) == table()
        as_of = datetime(2026, 2, 5, 23, 59, 59, 999_999, tzinfo=UTC)
        assert table(until=as_of, as_of=as_of) == table()
        assert table(as_of=as_of) == table()

    def test_until_is_not_known_yet(self):
        with pytest.raises(
            ConflictingArgumentError,
            match=r"until must not lie after as_of, 2026-02-05T23:00:00\+00:00 .* give until= a day that was over then",
        ):
            table(as_of=datetime(2026, 2, 5, 23, tzinfo=UTC))

    def test_neither_until_nor_as_of(self):
        with pytest.raises(AsOfRequiredError, match=r"repeat_purchases needs as_of=.* or until="):
            table(until=None)

    @pytest.mark.parametrize("name", ["until", "since"])
    def test_bad_days(self, name):
        with pytest.raises(
            InvalidTypeError, match=f"{name} must be a date or a datetime with a time zone, got '2026-02-05'"
        ):
            table(**{name: "2026-02-05"})
        with pytest.raises(NaiveDatetimeError, match=name):
            table(**{name: datetime(2026, 1, 5)})

    def test_the_end_of_the_calendar(self):
        with pytest.raises(InvalidPeriodError):
            table(until=date.max)

    def test_bad_words(self):
        with pytest.raises(InvalidValueError, match="repeat_purchases: unit must be one of"):
            table(unit="quarter")
        with pytest.raises(InvalidTypeError, match="repeat_purchases: discrete must be True or False, got 1"):
            table(discrete=1)
        with pytest.raises(TypeError, match="there is no keyword unitl="):
            table(unitl=1)

    def test_refunds_cancellations_and_orders_of_no_value_as_everywhere(self):
        orders = [
            make_order(placed_at="2026-01-01", id=1),
            make_order(placed_at="2026-01-08", id=2, refunds=[("2026-01-09", "10.00")]),
            make_order(placed_at="2026-01-15", id=3, cancelled_at="2026-01-16"),
            make_order(placed_at="2026-01-22", id=4, amount=0),
            make_order(placed_at="2026-01-29", id=5, refunds=[("2026-01-30", "4.00")]),
        ]
        base = table(orders)
        assert base["ann"] == Purchases(1, 4.0, 5.0, 6.0)
        assert base.left_out == {"cancelled": 1, "no net amount": 2}
        assert table(orders, policy=OrderPolicy(minimum_net=None))["ann"] == Purchases(3, 4.0, 5.0, 2.0)
        # A refund that came after as_of is not known.
        known = table(orders, until=None, as_of=datetime(2026, 1, 30, tzinfo=UTC))
        assert known["ann"] == Purchases(1, 4.0, 4.0, 10.0)

    def test_aliases(self):
        base = table(
            make_orders({"ann": ["2026-01-01"], "ann@shop": ["2026-01-08"]}), aliases={"ann@shop": "ann"}
        )
        assert dict(base) == {"ann": Purchases(1, 1.0, 5.0, 10.0)}

    def test_several_currencies_matter_to_money_alone(self):
        orders = [
            *make_orders({"ann": ["2026-01-01"]}),
            *make_orders({"ann": ["2026-01-08"]}, currency="USD", first_id=2),
        ]
        base = table(orders)
        assert base["ann"] == Purchases(1, 1.0, 5.0)
        for name in ("spends", "currency"):
            with pytest.raises(MixedCurrencyError):
                getattr(base, name)
        assert table(orders, currency="USD")["ann"] == Purchases(0, 0.0, 4.0)

    def test_since(self):
        base = table(since=date(2026, 1, 2))
        assert list(base) == ["ben"]
        assert base.left_out == {"guest": 1, "customers acquired before since": 1}
        assert base.groups == ((0, 0.0, 4.0, 1),)
        assert table(since=datetime(2026, 1, 1, 12, tzinfo=UTC)) == table()

    def test_since_after_the_end(self):
        with pytest.raises(
            ConflictingArgumentError, match="since must not lie after the last day watched, 2026-02-05"
        ):
            table(since=date(2026, 2, 6))

    def test_who_is_known_to_have_bought_before_the_data_are_complete(self):
        base = table(observed_from=datetime(2026, 1, 5, tzinfo=UTC))
        assert list(base) == ["ben"]
        assert base.left_out == {"guest": 1, "customers acquired before observed_from": 1}
        assert base.assumed == (
            "a customer whose earlier purchases all lie before observed_from, 2026-01-05, is taken as new",
        )
        assert table().assumed == (
            "observed_from was not given, so that the orders are taken as complete from the beginning",
        )

    def test_observed_from_and_since(self):
        orders = make_orders({"ann": ["2026-01-01"], "ben": ["2026-01-08"], "cy": ["2026-01-15"]})
        base = table(orders, observed_from=datetime(2026, 1, 5, tzinfo=UTC), since=date(2026, 1, 10))
        assert list(base) == ["cy"]
        assert base.left_out == {
            "customers acquired before observed_from": 1,
            "customers acquired before since": 1,
        }

    @pytest.mark.parametrize(
        "orders", [[], make_orders({None: ["2026-01-01"]}), make_orders({"ann": ["2026-03-01"]})]
    )
    def test_nobody(self, orders):
        base = table(orders)
        assert (len(base), base.groups, list(base.spends), base.repeaters) == (0, (), [], 0)
        assert (
            repr(base) == "<RepeatPurchases: 0 customers, 0 of whom bought again, in weeks, until 2026-02-05>"
        )

    def test_more_money_than_64_bits_hold(self):
        base = table(
            make_orders({"ann": ["2026-01-01", ("2026-01-08", 6 * 10**16), ("2026-01-15", 6 * 10**16)]})
        )
        assert base["ann"].spend == 6e16


class TestOpportunities:
    ORDERS = make_orders(
        {
            "ann": ["2025-11-30", "2026-01-01", "2026-01-31", "2026-02-01", "2026-03-02"],
            "ben": ["2026-02-28"],
            "cy": ["2026-03-01"],
        }
    )

    @pytest.mark.parametrize(
        "unit, ann, last",
        [
            ("day", (4, 92.0, 109.0), date(2026, 3, 19)),
            ("week", (3, 14.0, 15.0), date(2026, 3, 15)),
            ("month", (2, 3.0, 3.0), date(2026, 2, 28)),
            ("year", (0, 0.0, 0.0), date(2025, 12, 31)),
        ],
    )
    def test_units_of_the_calendar(self, unit, ann, last):
        base = table(self.ORDERS, unit=unit, discrete=True, until=date(2026, 3, 19))
        assert triple(base["ann"]) == ann
        assert (base.until, base.discrete) == (last, True)

    def test_who_came_in_a_unit_that_was_not_over_is_not_there(self):
        base = table(self.ORDERS, unit="month", discrete=True, until=date(2026, 3, 19))
        assert dict(base) == {"ann": Purchases(2, 3.0, 3.0, 15.0), "ben": Purchases(0, 0.0, 0.0)}

    def test_a_unit_that_ends_with_until(self):
        base = table(self.ORDERS, unit="month", discrete=True, until=date(2026, 3, 31))
        assert dict(base) == {
            "ann": Purchases(3, 4.0, 4.0, 40 / 3),
            "ben": Purchases(0, 0.0, 1.0),
            "cy": Purchases(0, 0.0, 0.0),
        }


class TestFromCounts:
    def test_by_hand(self):
        base = RepeatPurchases.from_counts(
            [(2, 3, 4, 2), (0, 0, 4, 3), (2, 3, 4, 1), (1, 1, 1, 0)], unit="month"
        )
        assert base.groups == ((0, 0.0, 4.0, 3), (2, 3.0, 4.0, 3))
        assert list(base) == [0, 1, 2, 3, 4, 5]
        assert list(base.group_of) == [1, 1, 0, 0, 0, 1]
        assert [base[who].frequency for who in base] == [2, 2, 0, 0, 0, 2]
        assert (base.until, base.currency, base.has_spends, base.repeaters) == (None, None, False, 3)
        assert base[0] == Purchases(2, 3.0, 4.0)

    def test_strangers(self):
        base = RepeatPurchases.from_counts([(0, 0, 4, 3)], unit="month")
        for stranger in (3, -1, "0", 0.0):
            with pytest.raises(KeyError):
                base[stranger]
        assert 3 not in base
        assert 2 in base

    def test_no_spends(self):
        base = RepeatPurchases.from_counts([(0, 0, 4, 3)], unit="month")
        with pytest.raises(MissingRecordsError, match="no spends are known; make it from orders, or give"):
            _ = base.spends

    @pytest.mark.parametrize(
        "row, error, words",
        [
            (
                (1, 2, 3),
                InvalidTypeError,
                r"from_counts: rows\[0\] must be frequency, recency, age, count, got \(1, 2, 3\)",
            ),
            (7, InvalidTypeError, r"rows\[0\] must be frequency"),
            ("1234", InvalidTypeError, r"rows\[0\] must be frequency"),
            (
                (1, 3, 2, 4),
                InvalidValueError,
                r"from_counts: rows\[0\]: Purchases\.recency must not be longer",
            ),
            ((1, 1, "2", 4), InvalidTypeError, r"from_counts: rows\[0\]: Purchases\.age must be a number"),
            ((1, 1, 2, -4), InvalidValueError, r"rows\[0\]: count must not be negative, got -4"),
            ((1, 1, 2, 4.5), InvalidTypeError, r"rows\[0\]: count must be a whole number"),
            ((1.5, 1, 2, 4), InvalidTypeError, r"rows\[0\]: Purchases\.frequency must be a whole number"),
            ((2 * 10**9, 1, 2, 4), InvalidValueError, r"Purchases\.frequency must be at most 1,000,000,000"),
        ],
    )
    def test_bad_rows(self, row, error, words):
        with pytest.raises(error, match=words):
            RepeatPurchases.from_counts([row], unit="week")

    def test_data_frames_keep_whole_numbers_as_floats(self):
        rows = [(2.0, 3.0, 4.0, 2.0), (np.float64(0), 0.0, 4.0, np.int64(3))]
        assert RepeatPurchases.from_counts(rows, unit="week") == RepeatPurchases.from_counts(
            [(2, 3, 4, 2), (0, 0, 4, 3)], unit="week"
        )
        assert RepeatPurchases.from_table({"ann": rows[0][:3]}, unit="week")["ann"] == Purchases(2, 3, 4)

    def test_some_of_the_customers(self):
        base = RepeatPurchases.from_table(
            {
                "ann": (2, 3.0, 4.0, 7.5),
                "ben": (0, 0.0, 4.0, None),
                "cy": (1, 1.0, 4.0, 9.0),
                "dot": (2, 3.0, 4.0, 1.0),
            },
            unit="month",
            currency="EUR",
        )
        found = base.where(lambda who: who.frequency > 0)
        assert dict(found) == {name: base[name] for name in ("ann", "cy", "dot")}
        assert found.groups == ((1, 1.0, 4.0, 1), (2, 3.0, 4.0, 2))
        assert (found.unit, found.currency, found.repeaters) == ("month", "EUR", 3)
        assert dict(found.left_out) == {"customers left out by where": 1}
        assert list(base.where(lambda who: (who.spend or 0) > 7)) == ["ann", "cy"]
        assert len(base.where(lambda _: False)) == 0
        counted = RepeatPurchases.from_counts([(0, 0, 4, 2), (1, 1, 4, 2)], unit="week").where(
            lambda who: who.frequency
        )
        assert list(counted) == [2, 3]
        assert not counted.has_spends
        with pytest.raises(
            InvalidTypeError, match=r"RepeatPurchases\.where takes a function of Purchases, got 'x'"
        ):
            base.where("x")

    def test_discrete(self):
        base = RepeatPurchases.from_counts([(2, 3, 4, 2)], unit="year", discrete=True)
        assert base.discrete
        assert base != RepeatPurchases.from_counts([(2, 3, 4, 2)], unit="year")
        for row in [(1, 1.5, 2, 1), (1, 1, 2.5, 1), (3, 2, 4, 1)]:
            with pytest.raises(
                InvalidValueError, match="with discrete=True recency and age must be whole numbers"
            ):
                RepeatPurchases.from_counts([row], unit="year", discrete=True)

    def test_bad_words(self):
        with pytest.raises(InvalidTypeError, match="from_counts: discrete must be True or False, got 'yes'"):
            RepeatPurchases.from_counts([], unit="year", discrete="yes")
        with pytest.raises(InvalidValueError, match="from_counts: unit must be one of"):
            RepeatPurchases.from_counts([], unit="years")


class TestFromTable:
    def test_by_hand(self):
        base = RepeatPurchases.from_table(
            {"ann": (2, 3, 4, 25), "ben": (0, 0, 4), "cy": (0, 0, 4, None), "dee": (0, 0, 4, 9.0)},
            unit="week",
            currency="EUR",
        )
        assert dict(base) == {
            "ann": Purchases(2, 3.0, 4.0, 25.0),
            **dict.fromkeys(("ben", "cy", "dee"), Purchases(0, 0.0, 4.0)),
        }
        assert list(base.spends) == [25.0, 0.0, 0.0, 0.0]
        assert base.currency == "EUR"

    def test_without_spends(self):
        base = RepeatPurchases.from_table({"ann": Purchases(2, 3, 4)}, unit="week")
        assert not base.has_spends
        assert base["ann"] == Purchases(2, 3.0, 4.0)

    def test_spends_of_some(self):
        with pytest.raises(
            InvalidValueError, match=r"rows\['ben'\] has no spend, and others have; give it for all"
        ):
            RepeatPurchases.from_table({"ann": (2, 3, 4, 25), "ben": (1, 3, 4)}, unit="week")

    def test_no_mapping(self):
        with pytest.raises(InvalidTypeError, match="from_table: rows must be a mapping from ids"):
            RepeatPurchases.from_table([(2, 3, 4)], unit="week")

    @pytest.mark.parametrize("row", [(1, 2), (1, 2, 3, 4, 5), {1: 2}, b"123", 5])
    def test_bad_rows(self, row):
        with pytest.raises(
            InvalidTypeError,
            match=r"from_table: rows\['ann'\] must be frequency, recency, age, and perhaps spend",
        ):
            RepeatPurchases.from_table({"ann": row}, unit="week")

    def test_the_same_as_from_orders(self):
        base = table(make_orders({"ann": ["2026-01-01", "2026-01-15"], "ben": ["2026-01-08"]}))
        again = RepeatPurchases.from_table(dict(base), unit="week", currency="EUR")
        assert dict(again) == dict(base)
        assert (again.groups, list(again.group_of)) == (base.groups, list(base.group_of))


class TestOnly:
    BASE = RepeatPurchases.from_table(
        {"ann": (2, 3, 4, 9), "ben": (0, 0, 4), "cy": (1, 1, 4, 8)}, unit="month", currency="EUR"
    )

    def test_the_customers_of_a_list(self):
        found = self.BASE.only(iter(["cy", "ben", "zoe", "cy"]))
        assert list(found) == ["ben", "cy"]
        assert dict(found) == {name: self.BASE[name] for name in ("ben", "cy")}
        assert (found.unit, found.currency, found.repeaters) == ("month", "EUR", 1)
        assert dict(found.left_out) == {"customers left out by only": 1}
        assert list(found.spends) == [0, 8]

    def test_customers_who_were_counted(self):
        counted = RepeatPurchases.from_counts([(0, 0, 4, 2), (1, 1, 4, 2)], unit="week")
        assert list(counted.only({3, 0})) == [0, 3]

    def test_nobody_is_asked_for(self):
        assert len(self.BASE.only([])) == 0

    def test_ids_of_another_kind(self):
        with pytest.raises(
            InvalidValueError, match=r"none of the 2 ids is that of a customer \(got 1\); ids must"
        ):
            self.BASE.only([1, 2])

    @pytest.mark.parametrize("ids", ["ann", b"ann", 7, None])
    def test_no_list(self, ids):
        with pytest.raises(InvalidTypeError, match="takes several ids"):
            self.BASE.only(ids)

    def test_no_ids(self):
        with pytest.raises(InvalidTypeError, match="takes ids, which can be hashed"):
            self.BASE.only([["ann"]])


class TestAsAResult:
    def test_equality_is_of_customers_in_whatever_order(self):
        rows = {"ann": (2, 3, 4, 25), "ben": (1, 2, 4, 5), "cy": (0, 0, 4)}
        base = RepeatPurchases.from_table(rows, unit="week")
        turned = RepeatPurchases.from_table(dict(reversed(rows.items())), unit="week")
        assert list(base) != list(turned)
        assert base == base  # noqa: PLR0124
        assert base == turned
        assert hash(base) == hash(turned)

    @pytest.mark.parametrize(
        "other",
        [
            RepeatPurchases.from_table({"ann": (2, 3, 4, 25), "ben": (1, 2, 4, 5)}, unit="day"),
            RepeatPurchases.from_table({"ann": (2, 3, 4), "ben": (1, 2, 4)}, unit="week"),
            RepeatPurchases.from_table({"ann": (2, 3, 4, 26), "ben": (1, 2, 4, 5)}, unit="week"),
            RepeatPurchases.from_table(
                {"ann": (2, 3, 4, 25), "ben": (1, 2, 4, 5)}, unit="week", currency="EUR"
            ),
            RepeatPurchases.from_table({"ann": (1, 2, 4, 5), "ben": (2, 3, 4, 25)}, unit="week"),
            RepeatPurchases.from_table({"ann": (2, 3, 4, 25), "cy": (1, 2, 4, 5)}, unit="week"),
            RepeatPurchases.from_table({"ann": (2, 3, 4, 25)}, unit="week"),
            {"ann": Purchases(2, 3, 4, 25), "ben": Purchases(1, 2, 4, 5)},
        ],
    )
    def test_what_differs(self, other):
        assert RepeatPurchases.from_table({"ann": (2, 3, 4, 25), "ben": (1, 2, 4, 5)}, unit="week") != other

    def test_pickle(self):
        for base in (table(), RepeatPurchases.from_counts([(2, 3, 4, 2)], unit="week")):
            again = pickle.loads(pickle.dumps(base))
            assert again == base
            assert hash(again) == hash(base)
            assert (again.left_out, again.assumed) == (base.left_out, base.assumed)

    def test_repr_is_short(self):
        assert (
            repr(table())
            == "<RepeatPurchases: 2 customers, 1 of whom bought again, in weeks, until 2026-02-05>"
        )
        assert (
            repr(RepeatPurchases.from_counts([(2, 3, 4, 1)], unit="day"))
            == "<RepeatPurchases: 1 customer, 1 of whom bought again, in days>"
        )

    def test_nothing_can_be_changed(self):
        base = table()
        for column in (base.group_of, base.spends):
            with pytest.raises(TypeError):
                column[0] = 1
        with pytest.raises(AttributeError):
            base.unit = "day"

    def test_a_mapping(self):
        base = table()
        assert base.get("nobody") is None
        assert list(base.keys()) == ["ann", "ben"]
        assert [who.frequency for who in base.values()] == [2, 0]
        assert base.place_of("ben") == 1
        with pytest.raises(KeyError):
            base.place_of("nobody")
