"""A model held against what came after: the split, its tables, and whether the model is any better than a guess."""

from __future__ import annotations

import math
import pickle
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from attrs import evolve, frozen

from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    ConvergenceError,
    InvalidTypeError,
    InvalidValueError,
    UndefinedMetricError,
)
from retention.predict import BgBb, BgNbd, MbgNbd
from retention.predict._purchase_model import PurchaseModel
from retention.predict.purchases import TimeUnit, repeat_purchases
from retention.predict.validation import FrequencyRow, TrackingRow, calibration_split
from retention.results import Interval
from retention.testing import make_orders


@frozen(kw_only=True)
class Steady(PurchaseModel):
    """Everybody goes on at a rate of the frequency: what it expects can be had by head."""

    _TITLE = "Steady"
    slope: float = 0.1
    level: float = 0.1
    unit: TimeUnit = "week"

    def _expected_purchases(self, x, t_x, age, horizon):
        return (self.level + self.slope * x) * horizon

    def _expected_purchases_of_newcomer(self, horizon):
        return self.level * horizon


@frozen(kw_only=True)
class InOpportunities(Steady):
    _discrete = True


def _drawn_orders():
    """Customers of half a year whom a BG/NBD has drawn."""
    model, random = BgNbd(r=0.9, alpha=6.0, a=0.9, b=2.8, unit="week"), Random(2)
    days = {}
    for number in range(300):
        begun = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=number % 120)
        later = sorted({round(7 * time) for time in model._draw_future(random, 0, 0.0, 0.0, 39.0)} - {0})
        days[f"c{number}"] = [(begun + timedelta(days=day)).isoformat() for day in (0, *later)]
    return make_orders(days)


ORDERS = make_orders(
    {
        # First purchases in weeks 0 and 1; the split is the end of week 5, the hold-out lasts until that of week 9.
        "ann": ["2026-01-01", "2026-01-15", "2026-01-29", "2026-02-12", "2026-02-19", "2026-02-26"],
        "ben": ["2026-01-08", "2026-02-13"],
        "cy": ["2026-01-08"],
        "dee": ["2026-01-08", "2026-01-22"],
        "eve": ["2026-02-10", "2026-02-20"],
    }
)
SURE = Interval(low=0.1, high=0.2, confidence=0.95, method="by hand")
SPLIT, UNTIL = date(2026, 2, 5), date(2026, 3, 5)


def parts(orders=ORDERS, **options):
    return calibration_split(orders, **{"split": SPLIT, "until": UNTIL, "tz": "UTC", **options})


class TestSplit:
    def test_by_hand(self):
        found = parts()
        assert dict(found.calibration) == dict(repeat_purchases(ORDERS, until=SPLIT, tz="UTC"))
        assert list(found.calibration) == ["ann", "ben", "cy", "dee"]
        assert list(found.holdout) == [3, 1, 0, 0]
        assert (found.split, found.until, found.horizon) == (SPLIT, UNTIL, 4.0)

    def test_days_are_counted_once(self):
        orders = make_orders({"ann": ["2026-01-01", "2026-02-12T08:00", "2026-02-12T20:00", "2026-02-13"]})
        assert list(parts(orders).holdout) == [2]

    def test_the_day_of_the_split_belongs_to_the_calibration(self):
        orders = make_orders({"ann": ["2026-01-01", "2026-02-05T23:59", "2026-02-06T00:00"]})
        found = parts(orders)
        assert (found.calibration["ann"].frequency, list(found.holdout)) == (1, [1])

    def test_an_instant(self):
        assert parts(split=datetime(2026, 2, 6, 12, tzinfo=UTC)) == parts()
        assert parts(until=None, as_of=datetime(2026, 3, 6, tzinfo=UTC)) == parts()

    def test_only_those_acquired_since(self):
        found = parts(since=date(2026, 1, 2))
        assert list(found.calibration) == ["ben", "cy", "dee"]
        assert list(found.holdout) == [1, 0, 0]
        assert [row.actual for row in found.tracking(Steady())] == [0, 1, 0, 0, 0, 1, 0, 0]

    @pytest.mark.parametrize("split", [UNTIL, date(2026, 4, 1)])
    def test_no_holdout(self, split):
        with pytest.raises(
            ConflictingArgumentError, match="split must lie before the last day of the hold-out, 2026-03-05"
        ):
            parts(split=split)

    def test_no_end(self):
        with pytest.raises(AsOfRequiredError, match="calibration_split needs as_of="):
            parts(until=None)

    def test_no_day(self):
        with pytest.raises(InvalidTypeError, match="calibration_split: split must be a date"):
            parts(split="2026-02-05")

    def test_equality_hash_pickle_repr(self):
        found = parts()
        assert pickle.loads(pickle.dumps(found)) == found == parts(reversed(ORDERS))
        assert hash(parts(reversed(ORDERS))) == hash(found)
        assert found != parts(until=date(2026, 3, 4))
        assert found != parts(ORDERS[:-3])
        assert found != 1
        assert (
            repr(found)
            == "<Calibration: 4 customers known on 2026-02-05, 4 purchases from then until 2026-03-05>"
        )
        assert repr(parts(ORDERS[:1])).startswith("<Calibration: 1 customer known")


class TestTracking:
    def test_by_hand(self):
        rows = parts().tracking(Steady(level=0.1)).rows
        assert [row.until for row in rows] == [date(2026, 1, 8) + timedelta(weeks=n) for n in range(9)]
        assert [row.in_holdout for row in rows] == [False] * 5 + [True] * 4
        assert [row.actual for row in rows] == [0, 1, 1, 1, 0, 1, 2, 1, 0]
        assert [row.cumulative_actual for row in rows] == [0, 1, 2, 3, 3, 4, 6, 7, 7]
        assert [row.expected for row in rows] == pytest.approx([0.1, *[0.4] * 8])
        assert rows[-1].cumulative_expected == pytest.approx(0.1 * (9 + 3 * 8))

    def test_what_is_no_whole_unit_stands_at_the_ends(self):
        found = parts(split=date(2026, 2, 3), until=date(2026, 2, 12))
        assert [row.until.day for row in found.tracking(Steady()).rows] == [6, 13, 20, 27, 3, 10, 12]
        assert found.horizon == 9 / 7
        assert found.tracking(Steady())[-1].expected == pytest.approx(4 * 0.1 * 2 / 7)

    def test_months(self):
        found = parts(unit="month").tracking(Steady(unit="month"))
        assert [row.until for row in found] == [date(2026, 1, 6), SPLIT, UNTIL]

    def test_all_of_it_is_counted(self):
        for unit in ("day", "week", "month", "year"):
            found = parts(unit=unit).tracking(Steady(unit=unit))
            assert found[-1].cumulative_actual == sum(row.actual for row in found) == 7
            assert found[-1].cumulative_expected == pytest.approx(math.fsum(row.expected for row in found))

    def test_a_sequence_of_plain_rows(self):
        found = parts().tracking(Steady())
        assert len(found) == 9
        assert found[1:2] == (found[1],)
        assert isinstance(found[0], TrackingRow)
        assert found.to_dicts()[1] == {
            "until": "2026-01-15",
            "in_holdout": False,
            "actual": 1,
            "expected": pytest.approx(0.4),
            "cumulative_actual": 1,
            "cumulative_expected": pytest.approx(0.5),
        }
        assert repr(found) == "<TrackingTable: Steady, 9 rows by week, split at 2026-02-05>"
        assert pickle.loads(pickle.dumps(found)) == found == parts().tracking(Steady())

    def test_in_words(self):
        found = parts().tracking(Steady(level=0.125))
        assert (found.actual_in_holdout, found.expected_in_holdout) == (4, pytest.approx(2.0))
        # Given frequencies of 2, 0, 0 and 1 it expects 4 · (4 · 0.125 + 3 · 0.1).
        assert found.foreseen == pytest.approx(3.2)
        assert found.explain() == (
            "Steady, fitted to what was known on 2026-02-05: 3 purchases expected after that day of the customers known by "
            "then, 4 made (20.0% too few). The rows come to 2 instead: they go by the days of the first purchases alone, "
            "not by what each has done."
        )
        alike = parts().tracking(Steady(level=0.5, slope=0.0))
        assert alike.explain().endswith("4 made (100.0% too many).")

    @pytest.mark.parametrize("unit", ["week", "day"])
    def test_the_sum_is_that_of_the_errors(self, unit):
        split, model = parts(unit=unit), Steady(unit=unit, level=0.3, slope=0.2)
        found = split.tracking(model)
        assert found.foreseen == found.every(2).foreseen == pytest.approx(split.errors(model).model.expected)

    def test_of_nobody_in_words(self):
        assert parts(ORDERS[8:9]).tracking(Steady()).explain().endswith("0 made.")

    def test_as_text(self):
        text = str(parts().tracking(Steady(level=0.125)))
        assert text.splitlines()[:6] == [
            "Repeat purchases, made and expected by Steady",
            "",
            "week until    made  expected  made so far  expected so far",
            "------------  ----  --------  -----------  ---------------",
            "2026-01-08 *     0       0.1            0              0.1",
            "2026-01-15 *     1       0.5            1              0.6",
        ]
        assert "*: up to 2026-02-05, the last day that the model may have seen." in text
        assert "to_dicts()" not in text

    def test_many_rows_are_put_together_as_text(self):
        found = parts(unit="day").tracking(Steady(unit="day"))
        text = str(found)
        assert "3 days until" in text
        assert "2026-02-05 *" in text
        assert "2026-03-05  " in text
        assert "The 63 rows are put together here; to_dicts() has each." in text
        assert len(found) == 63

    def test_every_so_many_in_one(self):
        found = parts().tracking(Steady(level=0.1))
        rows = found.every(2)
        # Five rows before the split: the first stays alone; four after it.
        assert [row.until for row in rows] == [
            date(2026, 1, 8),
            date(2026, 1, 22),
            SPLIT,
            date(2026, 2, 19),
            UNTIL,
        ]
        assert [row.in_holdout for row in rows] == [False] * 3 + [True] * 2
        assert [row.actual for row in rows] == [0, 2, 1, 3, 1]
        assert [row.expected for row in rows] == pytest.approx([0.1, 0.8, 0.8, 0.8, 0.8])
        assert [row.cumulative_actual for row in rows] == [0, 2, 3, 6, 7]
        assert rows.every(2).units == 4
        assert rows.explain() == found.explain()
        assert repr(rows) == "<TrackingTable: Steady, 5 rows by 2 weeks, split at 2026-02-05>"
        assert str(rows).splitlines()[2].startswith("2 weeks until ")
        assert found.every(1) == found
        assert [row.until for row in found.every(99)] == [SPLIT, UNTIL]

    @pytest.mark.parametrize(
        "units, error", [(0, InvalidValueError), (1.0, InvalidTypeError), (True, InvalidTypeError)]
    )
    def test_how_many_is_a_number(self, units, error):
        with pytest.raises(error, match=r"TrackingTable\.every takes how many rows to make one"):
            parts().tracking(Steady()).every(units)

    def test_nobody(self):
        found = parts(make_orders({"ann": ["2026-02-10"]})).tracking(Steady())
        assert [(row.actual, row.expected) for row in found] == [(0, 0.0)] * 4


class TestByFrequency:
    def test_by_hand(self):
        ann, ben_and_cy, dee = 2, 0, 1
        rows = {row.frequency: row for row in parts().by_frequency(Steady(level=0.1, slope=0.2))}
        assert sorted(rows) == [ben_and_cy, dee, ann]
        assert [(rows[x].customers, rows[x].actual) for x in range(3)] == [(2, 0.5), (1, 0.0), (1, 3.0)]
        assert [rows[x].expected for x in range(3)] == pytest.approx([0.4, 1.2, 2.0])
        # Two values, 1 and 0: mean 1/2, standard error 1/2, one degree of freedom.
        assert rows[0].interval.low == pytest.approx(0.5 - 12.7062047364 / 2)
        assert rows[1].interval is None

    def test_the_last_row_takes_all_who_bought_more_often(self):
        found = parts().by_frequency(Steady(), upto=1)
        assert [(row.label, row.customers, row.actual) for row in found] == [("0", 2, 0.5), ("1+", 2, 1.5)]

    def test_a_sequence_of_plain_rows(self):
        found = parts().by_frequency(Steady(), upto=1)
        assert len(found) == 2
        assert isinstance(found[0], FrequencyRow)
        assert found[:1] == (found[0],)
        row = found.to_dicts()[1]
        assert row == {
            "frequency": "1+",
            "customers": 2,
            "actual": 1.5,
            "actual_low": row["actual_low"],
            "actual_high": row["actual_high"],
            "expected": pytest.approx(1.0),
        }
        assert row["actual_low"] < 1.5 < row["actual_high"]
        assert parts().by_frequency(Steady()).to_dicts()[1]["actual_low"] is None
        assert repr(found) == "<FrequencyTable: Steady, 2 rows, 2026-02-05 to 2026-03-05>"
        assert pickle.loads(pickle.dumps(found)) == found

    def test_as_text(self):
        assert str(parts().by_frequency(Steady(slope=0.2))).splitlines() == [
            "Purchases a customer after 2026-02-05, until 2026-03-05, made and expected by Steady",
            "",
            "bought again  customers  then made   95 % interval  expected",
            "------------  ---------  ---------  --------------  --------",
            "0                     2      0.500  0.000 to 6.853     0.400",
            "1                     1      0.000                     1.200",
            "2                     1      3.000                     2.000",
        ]

    @pytest.mark.parametrize("upto", [0, -1])
    def test_no_row(self, upto):
        with pytest.raises(InvalidValueError, match="upto must be at least 1, got"):
            parts().by_frequency(Steady(), upto=upto)

    @pytest.mark.parametrize("upto", [1.0, True, "7"])
    def test_no_number(self, upto):
        with pytest.raises(InvalidTypeError, match="upto must be an int, got"):
            parts().by_frequency(Steady(), upto=upto)


class TestErrors:
    def test_by_hand(self):
        # Holdout 3, 1, 0, 0. Ages 5, 4, 4, 4 weeks, 3 repeat purchases: a mean of 3 / 17 a week, 12 / 17 in four weeks.
        # Own rates: 2 / 5, 0, 0 and 1 / 4 a week; expected by the model: 0.4 + 0.8 x.
        found = parts().errors(Steady(level=0.1, slope=0.2))
        assert (found.customers, found.actual, found.horizon, found.unit) == (4, 4, 4.0, "week")
        model, mean, own = found.model, found.naive["mean"], found.naive["own"]
        assert model.expected == pytest.approx(2.0 + 0.4 + 0.4 + 1.2)
        assert model.mean_absolute_error == pytest.approx((1.0 + 0.6 + 0.4 + 1.2) / 4)
        assert model.root_mean_squared_error == pytest.approx(math.sqrt((1.0 + 0.36 + 0.16 + 1.44) / 4))
        assert model.advantage is None
        assert mean.expected == pytest.approx(48 / 17)
        assert mean.mean_absolute_error == pytest.approx((39 + 5 + 12 + 12) / 17 / 4)
        assert own.expected == pytest.approx(1.6 + 0 + 0 + 1)
        assert own.root_mean_squared_error == pytest.approx(math.sqrt((1.4**2 + 1 + 0 + 1) / 4))
        gains = [1.96 - 1.0, 1 - 0.36, 0 - 0.16, 1 - 1.44]
        middle = sum(gains) / 4
        error = math.sqrt(sum((gain - middle) ** 2 for gain in gains) / 3 / 4)
        assert own.advantage.low == pytest.approx(middle - 3.18244630528 * error)
        assert own.advantage.high == pytest.approx(middle + 3.18244630528 * error)
        # The variance of 3, 1, 0, 0 is 10 / 4 − 1.
        assert found.variance_explained == pytest.approx(1 - 2.96 / 4 / 1.5)

    def test_what_each_bought_lately_by_hand(self):
        # In the four weeks up to 5 February: ann on 15 and 29 January, dee on 22 January; first purchases do not count.
        last = parts().errors(Steady()).naive["last"]
        assert last.name == "what each bought in the 4 weeks before"
        assert last.expected == 3
        assert last.mean_absolute_error == pytest.approx((1 + 1 + 0 + 1) / 4)
        assert last.root_mean_squared_error == pytest.approx(math.sqrt(3 / 4))
        shorter = parts(until=date(2026, 2, 12)).errors(Steady()).naive["last"]
        assert (shorter.name, shorter.expected) == ("what each bought in the 1 week before", 0)

    def test_where_the_model_is_right(self):
        orders = make_orders(
            {
                f"{kind}{number}": [
                    first,
                    *(["2026-01-15", "2026-02-12", "2026-02-26"] if kind == "a" else []),
                ]
                for kind, first in (("a", "2026-01-01"), ("b", "2026-01-03"))
                for number in range(10)
            }
        )
        found = parts(orders).errors(Steady(level=0.01, slope=0.48))
        assert not found.is_no_better_than_naive
        assert found.verdict == (
            "Steady expects 20 purchases where 20 were made. Customer by customer it does better than the mean rate of "
            "all, each customer's own rate and what each bought in the 4 weeks before, and foresaw 100% of how much they "
            "differ."
        )
        assert repr(found) == "<PredictionErrors: Steady, 20 customers, better than naive>"

    def test_few_customers_can_t_tell(self):
        found = parts().errors(Steady(level=0.1, slope=0.2))
        assert dict(found.standings) == dict.fromkeys(["mean", "own", "last"], "can't tell")
        assert not found.is_no_better_than_naive
        assert not found.is_better_than_naive
        assert "will do" not in found.verdict
        assert repr(found) == "<PredictionErrors: Steady, 4 customers, not shown to be better than naive>"

    def test_a_model_that_is_worse_says_so(self):
        found = parts().errors(Steady(level=9, slope=0))
        assert found.is_no_better_than_naive
        assert "it does worse than the mean rate of all, each customer's own rate and what" in found.verdict
        assert found.verdict.endswith("go by what each bought in the 4 weeks before instead.")
        assert repr(found) == "<PredictionErrors: Steady, 4 customers, no better than naive>"

    def test_the_own_rate_of_one_who_was_hardly_watched(self):
        # Ann came back on her second day. By the rate of two days she would buy 14 times in four weeks: she counts twice.
        orders = make_orders({"ann": ["2026-02-03", "2026-02-04"], "ben": ["2026-01-01", "2026-01-29"]})
        own = parts(orders).errors(Steady()).naive["own"]
        assert own.expected == pytest.approx(2 + 4 / 5)

    def test_a_model_that_is_the_mean_is_no_better_than_the_mean(self):
        found = parts().errors(Steady(level=3 / 17, slope=0))
        assert found.naive["mean"].advantage is None or found.naive["mean"].advantage.high == pytest.approx(
            0, abs=1e-12
        )
        assert found.standings["mean"] == "no better"
        assert found.is_no_better_than_naive
        assert "it is no better than the mean rate of all; 4 are too few" in found.verdict
        assert found.verdict.endswith("the simpler guess will do, the mean rate of all.")

    def test_nobody_bought_at_all(self):
        found = parts(make_orders({"ann": ["2026-01-01"], "ben": ["2026-01-02"]})).errors(Steady())
        assert found.actual == 0
        assert found.variance_explained is None
        assert not found.is_far_off
        assert found.verdict.startswith(
            "Steady expects 1 purchase where 0 were made. In the sum, the mean rate of all comes nearer (0). 2 customers are"
        )

    def test_a_shop_that_has_closed(self):
        # Nobody comes back, of customers who came often or once. All miss by the same where all are said to buy alike.
        days = ["2026-01-01", "2026-01-08", "2026-01-15", "2026-01-22", "2026-01-29", "2026-02-05"]
        orders = make_orders({number: days[: 1 + number % 6] for number in range(30)})
        found = parts(orders).errors(Steady(level=0.46, slope=0))
        assert found.naive["mean"].excess is None
        assert found.is_far_off
        assert (
            "The guesses that need no model expect too many as well: that looks like a season"
            in found.verdict
        )
        assert "go by" not in found.verdict

    def test_worse_than_hindsight_and_better_than_guesses(self):
        # All bought much before and nothing after, one of them once: the guesses are far off, and so is the model.
        days = ["2026-01-01", "2026-01-08", "2026-01-15", "2026-01-22", "2026-01-29"]
        orders = make_orders(
            {
                **dict.fromkeys(range(20), days),
                **dict.fromkeys(range(20, 40), days[:-1]),
                40: [*days, "2026-02-12"],
            }
        )
        found = parts(orders).errors(Steady(level=0.1, slope=0.05))
        assert not found.is_no_better_than_naive
        assert found.variance_explained < 0
        assert (
            "knows less of them than who had known nothing but what they would buy on average"
            in found.verdict
        )

    def test_everybody_bought_equally_often(self):
        often = ["2026-01-01", "2026-01-08", "2026-01-15", "2026-01-22", "2026-02-12"]
        orders = make_orders({number: often[number % 3 :] for number in range(12)})
        found = parts(orders).errors(Steady(level=0.25, slope=0.001))
        assert found.variance_explained is None
        assert not found.is_no_better_than_naive
        assert found.verdict.endswith(
            "does better than the mean rate of all, each customer's own rate and what each bought in the 4 weeks before."
        )

    @pytest.mark.parametrize("orders", [[], make_orders({"ann": ["2026-01-01"]})])
    def test_fewer_than_two_customers(self, orders):
        with pytest.raises(UndefinedMetricError, match="require at least two customers in the calibration"):
            parts(orders).errors(Steady())

    def test_all_acquired_on_the_day_of_the_split(self):
        found = parts(make_orders({"ann": ["2026-02-05", "2026-02-20"], "ben": ["2026-02-05"]})).errors(
            Steady()
        )
        assert (found.naive["mean"].expected, found.naive["own"].expected) == (0, 0)

    def test_plain_rows_and_pickle(self):
        found = parts().errors(Steady())
        rows = found.to_dicts()
        assert [row["name"] for row in rows] == [
            "Steady",
            "the mean rate of all",
            "each customer's own rate",
            "what each bought in the 4 weeks before",
        ]
        assert rows[0]["advantage_low"] is None
        assert rows[1]["advantage_low"] == found.naive["mean"].advantage.low
        assert pickle.loads(pickle.dumps(found)) == found

    def test_as_text(self):
        assert str(parts().errors(Steady(level=0.1, slope=0.2))).splitlines() == [
            "Errors in 4 weeks of hold-out, of 4 customers",
            "",
            "predicted by                            in all  mean error  root mean square  advantage of the model, squared",
            "--------------------------------------  ------  ----------  ----------------  -------------------------------",
            "Steady                                       4      0.8000            0.8602",
            "the mean rate of all                         3      1.0000            1.2596               −2.8720 to +4.5650",
            "each customer's own rate                     3      0.8500            0.9950               −0.7976 to +1.2976",
            "what each bought in the 4 weeks before       3      0.7500            0.8660               −0.7183 to +0.7383",
            "",
            "Steady expects 4 purchases where 4 were made. 4 customers are too few to tell whether, customer by customer,",
            "  it does better than the mean rate of all, each customer's own rate or what each bought in the 4 weeks",
            "  before, though here it errs less.",
        ]


class TestHindsight:
    """The calibration is read as it was known at the split, what came after as it is known at the end."""

    ORDERS = make_orders(
        {
            "ann": ["2026-01-01", "2026-01-15", "2026-02-12"],
            "ben": ["2026-01-08", "2026-02-13"],
            "cy": ["2026-01-08"],
        }
    )

    @staticmethod
    def cancelled(orders, day, at):
        return [
            evolve(order, cancelled_at=at) if order.placed_at.date() == day else order for order in orders
        ]

    def test_a_later_cancellation_was_not_known(self):
        known = datetime(2026, 3, 6, tzinfo=UTC)
        orders = self.cancelled(self.ORDERS, date(2026, 1, 15), datetime(2026, 2, 20, tzinfo=UTC))
        found = parts(orders, until=None, as_of=known)
        assert found.calibration["ann"].frequency == 1
        assert repeat_purchases(orders, tz="UTC", as_of=known)["ann"].frequency == 1  # that of February
        assert [row.actual for row in found.tracking(Steady())] == [
            row.actual for row in parts(self.ORDERS, until=None, as_of=known).tracking(Steady())
        ]
        early = self.cancelled(self.ORDERS, date(2026, 1, 15), datetime(2026, 2, 5, 12, tzinfo=UTC))
        assert parts(early, until=None, as_of=known).calibration["ann"].frequency == 0

    def test_a_customer_whose_only_order_was_cancelled_later_was_one_then(self):
        known = datetime(2026, 3, 6, tzinfo=UTC)
        orders = self.cancelled(self.ORDERS, date(2026, 1, 8), datetime(2026, 2, 20, tzinfo=UTC))
        found = parts(orders, until=None, as_of=known)
        assert list(found.calibration) == ["ann", "ben", "cy"]
        assert list(found.holdout) == [1, 1, 0]
        assert found.tracking(Steady())[-1].cumulative_actual == 3

    def test_a_purchase_cancelled_in_the_holdout_is_none(self):
        orders = self.cancelled(self.ORDERS, date(2026, 2, 13), datetime(2026, 2, 20, tzinfo=UTC))
        assert list(parts(orders, until=None, as_of=datetime(2026, 3, 6, tzinfo=UTC)).holdout) == [1, 0, 0]

    def test_a_split_before_all_observation(self):
        with pytest.raises(ConflictingArgumentError, match="split must lie after observed_from, 2026-02-10"):
            parts(observed_from=datetime(2026, 2, 10, tzinfo=UTC))


class TestComparison:
    MODEL = BgNbd(r=0.9, alpha=6.0, a=0.9, b=2.8, unit="week")
    ORDERS = tuple(_drawn_orders())

    def test_all_that_suit(self):
        found = self.split().compare()
        assert list(found.models) == ["BG/NBD", "MBG/NBD", "Pareto/NBD"]
        assert found.models["BG/NBD"] == BgNbd.fit(self.split().calibration)
        for title, model in found.models.items():
            assert found.errors[title] == self.split().errors(model)
        best = min(found.errors, key=lambda title: found.errors[title].model.root_mean_squared_error)
        assert found.errs_least == best
        assert found.best is found.models[best]
        assert set(found.behind) == set(found.models) - {best}
        assert f"Of the models, {best} errs least customer by customer." in found.verdict
        assert found.errors[best].verdict in found.verdict
        assert (found.customers, found.actual) == (300, found.errors[best].actual)
        assert (found.horizon, found.unit) == (13, "week")
        assert dict(found.naive) == {
            name: evolve(guess, advantage=None) for name, guess in found.errors[best].naive.items()
        }
        assert found.guesses() == found.errors[best].naive
        assert repr(found) == f"<ModelComparison: BG/NBD, MBG/NBD, Pareto/NBD; {best} errs least>"
        assert not found.left_out

    def split(self, **options):
        return calibration_split(
            self.ORDERS, split=date(2026, 6, 30), until=date(2026, 9, 29), tz="UTC", **options
        )

    def test_one_behind_another_by_hand(self):
        split = self.split()
        found = split.compare([BgNbd, MbgNbd])
        best = found.best._TITLE
        ((other, behind),) = found.behind.items()
        gains = []
        for place, group in enumerate(split.calibration.group_of):
            x, t_x, age, _ = split.calibration.groups[group]
            one, two = (
                found.models[title]._expected_purchases(x, t_x, age, split.horizon) for title in (best, other)
            )
            later = split.holdout[place]
            gains.append((later - two) ** 2 - (later - one) ** 2)
        assert (behind.low + behind.high) / 2 == pytest.approx(math.fsum(gains) / len(gains), abs=1e-12)

    def test_as_text(self):
        found = self.split().compare([BgNbd, MbgNbd])
        lines = str(found).splitlines()
        assert lines[0] == (
            f"Models fitted to what was known on 2026-06-30, in 13 weeks of hold-out, of {len(self.split().calibration)} customers"
        )
        assert lines[2].split("  ")[0] == "predicted by"
        assert lines[2].endswith(f"still there  behind {found.best._TITLE}, squared")
        assert [line.split("  ")[0] for line in lines[4:9]] == [
            "BG/NBD",
            "MBG/NBD",
            "the mean rate of all",
            "each customer's own rate",
            "what each bought in the 13 weeks before",
        ]

    def test_plain_rows_and_pickle(self):
        found = self.split().compare([BgNbd, MbgNbd])
        rows = {row["name"]: row for row in found.to_dicts()}
        other = next(iter(found.behind))
        assert rows[found.best._TITLE]["behind_low"] is None
        assert rows[other]["behind_high"] == found.behind[other].high
        assert rows["BG/NBD"]["aic"] == found.models["BG/NBD"].aic
        guess = rows["the mean rate of all"]
        assert guess["aic"] is guess["still_there"] is None
        assert rows["BG/NBD"]["still_there"] == found.still_there["BG/NBD"]
        assert guess["behind_low"] == found.errors[found.best._TITLE].naive["mean"].advantage.low
        assert pickle.loads(pickle.dumps(found)) == found

    def test_one_alone(self):
        found = self.split().compare([BgNbd])
        assert not found.behind
        assert found.verdict == found.errors["BG/NBD"].verdict

    def test_one_that_surely_does_better(self):
        found = self.split().compare([BgNbd, MbgNbd])
        title = next(iter(found.behind))
        sure = evolve(found, behind={title: SURE})
        assert f"errs least customer by customer, and surely less than {title}." in sure.verdict
        assert "can't tell" not in sure.verdict

    @staticmethod
    def with_aic(found, **aic):
        """The same models, of which the fit to the past was another: AIC is 2 · parameters − 2 · log-likelihood."""
        models = {
            title: evolve(model, report=evolve(model.report, log_likelihood=4 - aic[title[:2]] / 2))
            for title, model in found.models.items()
        }
        return evolve(found, models=models)

    def test_aic_tells_where_the_holdout_can_t(self):
        three = self.split().compare()  # MBG/NBD errs least
        alike = evolve(three, behind=dict.fromkeys(three.behind))
        held = self.with_aic(alike, BG=111, MB=100, Pa=120)
        assert (
            "The hold-out can't tell it from BG/NBD and Pareto/NBD, but the fit to the past speaks against BG/NBD and "
            "Pareto/NBD, with an AIC that is higher by 11 or more (ten is clear). MBG/NBD expects"
            in held.verdict
        )
        assert type(held.best) is MbgNbd
        between = self.with_aic(alike, BG=105, MB=100, Pa=120)
        assert "Between MBG/NBD and BG/NBD, go by the story that suits the shop." in between.verdict
        other = self.with_aic(alike, BG=100, MB=120, Pa=120)
        assert "(ten is clear). That leaves BG/NBD. BG/NBD expects" in other.verdict
        assert (type(other.best), other.errs_least) == (BgNbd, "MBG/NBD")
        neither = self.with_aic(alike, BG=110, MB=100, Pa=105)
        assert "can't tell it from BG/NBD and Pareto/NBD, nor can AIC: go by the story" in neither.verdict

    def test_aic_does_not_outweigh_the_holdout(self):
        two = self.split().compare([BgNbd, MbgNbd])
        sure = self.with_aic(evolve(two, behind={"BG/NBD": SURE}), BG=100, MB=200)
        assert type(sure.best) is MbgNbd
        assert "AIC" not in sure.verdict

    def test_who_is_still_there(self):
        split = self.split()
        found = split.compare([BgNbd, MbgNbd])
        for title, model in found.models.items():
            assert found.still_there[title] == pytest.approx(
                float(model.probability_alive(split.calibration).mean())
            )
        assert not found.agrees_on_who_is_there
        assert (
            "The models do not agree on how many customers are still there: 54% by MBG/NBD and 71% by BG/NBD."
            in found.verdict
        )
        near = evolve(found, still_there={"BG/NBD": 0.6, "MBG/NBD": 0.55})
        assert near.agrees_on_who_is_there
        assert "do not agree" not in near.verdict

    def test_the_best_is_fitted_to_all_that_is_known(self):
        base = repeat_purchases(self.ORDERS, until=date(2026, 9, 29), tz="UTC")
        found = self.split().compare([BgNbd, MbgNbd])
        assert found.fit(base) == MbgNbd.fit(base)
        assert found.fit(self.ORDERS, until=date(2026, 9, 29), tz="UTC") == MbgNbd.fit(base)

    def test_where_none_can_be_fitted_the_guesses_are_left(self):
        # All come back to the last: nobody leaves.
        first = [datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=number % 60) for number in range(80)]
        orders = make_orders(
            {
                f"c{number}": [
                    (day + timedelta(days=step)).isoformat()
                    for step in range(0, 270 - number % 60, 9 + number % 30)
                ]
                for number, day in enumerate(first)
            }
        )
        split = calibration_split(orders, split=date(2026, 6, 30), until=date(2026, 9, 29), tz="UTC")
        found = split.compare([BgNbd, MbgNbd])
        assert not found.models
        assert list(found.left_out) == ["BG/NBD", "MBG/NBD"]
        assert found.naive == found.guesses() == split.naive_errors()
        assert found.errs_least is None
        assert found.agrees_on_who_is_there
        with pytest.raises(
            UndefinedMetricError, match=r"ModelComparison\.best requires .* BgNbd found no parameters"
        ):
            _ = found.best
        with pytest.raises(UndefinedMetricError, match=r"ModelComparison\.best"):
            found.fit(split.calibration)
        text = str(found)
        assert "AIC" not in text.splitlines()[2]
        assert "No model could be fitted. Of the guesses, each customer's own rate errs least" in text
        assert "hardly anyone ever leaves" in " ".join(text.split())
        assert [row["name"] for row in found.to_dicts()] == [guess.name for guess in found.naive.values()]
        assert repr(found) == "<ModelComparison: no model could be fitted>"
        assert pickle.loads(pickle.dumps(found)) == found

    def test_one_that_can_t_be_fitted_is_left_out(self, monkeypatch):
        def fit(_base):
            msg = "there is no peak"
            raise ConvergenceError(msg)

        monkeypatch.setattr(MbgNbd, "fit", fit)
        found = self.split().compare([BgNbd, MbgNbd])
        assert dict(found.left_out) == {"MBG/NBD": "there is no peak"}
        assert str(found).endswith("Left out is MBG/NBD: there is no peak")
        assert not self.split().compare([MbgNbd]).models

    def test_in_opportunities(self):
        found = self.split(discrete=True).compare()
        assert list(found.models) == ["BG/BB"]
        with pytest.raises(
            ConflictingArgumentError,
            match=r"counts in opportunities \(a week each\), which BgNbd can't take; leave it out, or split with discrete=False",
        ):
            self.split(discrete=True).compare([BgBb, BgNbd])
        with pytest.raises(ConflictingArgumentError, match=r"which BgBb can't take; .* discrete=True"):
            self.split().compare([BgNbd, BgBb])

    @pytest.mark.parametrize("kinds", ["BgNbd", BgNbd, [MODEL], [int], 3])
    def test_what_is_no_kind(self, kinds):
        with pytest.raises(InvalidTypeError, match=r"Calibration\.compare takes kinds of model"):
            self.split().compare(kinds) if kinds is not BgNbd else self.split().compare([BgNbd, "BgNbd"])

    def test_a_kind_given_twice(self):
        with pytest.raises(InvalidTypeError, match="BgNbd is given twice"):
            self.split().compare([BgNbd, BgNbd])


class TestModels:
    @pytest.mark.parametrize("name", ["tracking", "by_frequency", "errors"])
    def test_that_do_not_fit(self, name):
        ask = getattr(parts(), name)
        with pytest.raises(
            InvalidTypeError, match=rf"Calibration\.{name} takes a model of purchases, such as .* not str"
        ):
            ask("BgNbd")
        with pytest.raises(
            ConflictingArgumentError, match="the split counts in weeks, and the model in days; fit the model"
        ):
            ask(Steady(unit="day"))
        with pytest.raises(
            ConflictingArgumentError,
            match=r"the split counts in weeks, and the model in opportunities \(a week each\)",
        ):
            ask(InOpportunities())


class TestOpportunities:
    def test_by_hand(self):
        orders = make_orders(
            {
                "ann": ["2026-01-01", "2026-02-15", "2026-04-10", "2026-04-20", "2026-06-30"],
                "ben": ["2026-02-28", "2026-05-05"],
                "cy": ["2026-04-01"],
            }
        )
        found = parts(orders, split=date(2026, 3, 31), until=date(2026, 7, 3), unit="month", discrete=True)
        model = InOpportunities(unit="month", level=0.5)
        assert dict(found.calibration) == dict(
            repeat_purchases(orders, until=date(2026, 3, 31), tz="UTC", unit="month", discrete=True)
        )
        assert (found.split, found.until, found.horizon, list(found.holdout)) == (
            date(2026, 3, 31),
            date(2026, 6, 30),
            3.0,
            [2, 1],
        )
        rows = found.tracking(model).rows
        assert [(row.until, row.actual) for row in rows] == [
            (date(2026, 2, 28), 1),
            (date(2026, 3, 31), 0),
            (date(2026, 4, 30), 1),
            (date(2026, 5, 31), 1),
            (date(2026, 6, 30), 1),
        ]
        assert [row.expected for row in rows] == pytest.approx([0.5, 1, 1, 1, 1])

    @pytest.mark.parametrize(
        "unit, days",
        [
            ("day", [date(2026, 1, 2), date(2026, 1, 3)]),
            ("week", [date(2026, 1, 11), date(2026, 1, 18)]),
            ("year", [date(2027, 12, 31)]),
        ],
    )
    def test_other_units(self, unit, days):
        orders = make_orders({"ann": ["2026-01-01"], "ben": ["2026-01-05"]})
        split, until = {
            "day": (days[0], days[-1]),
            "week": (days[0], days[-1]),
            "year": (date(2026, 12, 31), days[0]),
        }[unit]
        found = parts(orders, split=split, until=until, unit=unit, discrete=True).tracking(
            InOpportunities(unit=unit)
        )
        assert [row.until for row in found] == days
