"""A test with a hold-out before it begins, by hand: the lot, the plan, and bad input of both."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

import retention as rt
from retention._numerics import ClusterSums
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    NaiveDatetimeError,
    NotObservableError,
    UndefinedMetricError,
)
from retention.results import Mean, Ratio
from retention.strategies import Holdout, assign_holdout, plan_experiment
from retention.testing import make_order, make_orders, sample_shop

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SHOP = sample_shop(customers=300)
"""With orders up to 1 July 2026."""
JULY = datetime(2026, 7, 1, tzinfo=UTC)


# ---------------------------------------------------------------------------------------------- the lot


class TestAssignHoldout:
    def test_golden_values(self):
        """What is written here must never change: a test that runs would lose its groups."""
        drawn = assign_holdout([], salt="spring letter", holdout_share=0.5)
        ids = ["ann", "ben", "Zoë", 7, "7", -1, 10**30, UUID(int=7), UUID(int=2**127)]
        assert [drawn.is_held_out(each) for each in ids] == [
            False,
            True,
            True,
            True,
            False,
            True,
            True,
            True,
            True,
        ]
        of_numbers = assign_holdout(range(30), salt="spring letter", holdout_share=0.2)
        assert of_numbers.held_out == (15, 16, 19, 20, 27)

    def test_the_same_in_every_process_whatever_the_hash_seed(self):
        program = (
            "from retention.strategies import assign_holdout\n"
            "drawn = assign_holdout([*map(str, range(200)), *range(200)], salt='x', holdout_share=0.3)\n"
            "print(drawn.held_out)"
        )
        told = {
            subprocess.run(
                [sys.executable, "-c", program],
                env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
                capture_output=True,
                check=True,
                text=True,
            ).stdout
            for seed in ("0", "1", "12345")
        }
        here = assign_holdout([*map(str, range(200)), *range(200)], salt="x", holdout_share=0.3)
        assert told == {f"{here.held_out}\n"}

    def test_each_once_and_in_their_order(self):
        drawn = assign_holdout([3, 1, 2, 3, 1], salt="a", holdout_share=0.5)
        assert sorted([*drawn.held_out, *drawn.treated]) == [1, 2, 3]
        assert [each for each in [3, 1, 2] if each in drawn.treated] == list(drawn.treated)
        assert drawn.customers == 3

    def test_it_knows_newcomers(self):
        small = assign_holdout(range(100), salt="a", holdout_share=0.5)
        large = assign_holdout(range(1000), salt="a", holdout_share=0.5)
        assert [each for each in range(1000) if small.is_held_out(each)] == list(large.held_out)
        assert set(small.held_out) <= set(large.held_out)

    def test_another_salt_draws_anew(self):
        one, other = (
            set(assign_holdout(range(2000), salt=salt, holdout_share=0.5).held_out) for salt in ("a", "b")
        )
        assert len(one & other) == pytest.approx(500, abs=100)

    def test_the_salt_can_not_be_continued_by_the_id(self):
        one = assign_holdout([f"{each}" for each in range(300)], salt="astr:", holdout_share=0.5)
        other = assign_holdout([f"str:{each}" for each in range(300)], salt="a", holdout_share=0.5)
        assert [one.is_held_out(f"{each}") for each in range(300)] != [
            other.is_held_out(f"str:{each}") for each in range(300)
        ]

    def test_numbers_that_equal_python_s_own(self):
        numpy = pytest.importorskip("numpy")
        drawn = assign_holdout(range(50), salt="a", holdout_share=0.5)
        assert all(drawn.is_held_out(numpy.int64(each)) == drawn.is_held_out(each) for each in range(50))

    def test_a_key_for_other_ids(self):
        by_pair = assign_holdout([("DE", 1), ("DE", 2)], salt="a", holdout_share=0.5, key=repr)
        plain = assign_holdout(["('DE', 1)", "('DE', 2)"], salt="a", holdout_share=0.5)
        assert [by_pair.is_held_out(("DE", each)) for each in (1, 2)] == [
            plain.is_held_out(f"('DE', {each})") for each in (1, 2)
        ]

    def test_the_share_is_exact(self):
        drawn = assign_holdout([], salt="a", holdout_share=Fraction(1, 3))
        assert drawn._below == 2**64 // 3 + 1
        assert assign_holdout([], salt="a", holdout_share=Decimal("0.25"))._below == 2**62

    @pytest.mark.parametrize("share", [0.5, Decimal("0.5"), Fraction(1, 2)])
    def test_one_made_by_hand(self, share):
        made = Holdout(salt="x", holdout_share=share, held_out=(1,), treated=(2,))
        assert made.holdout_share == Fraction(1, 2)
        drawn = assign_holdout([], salt="x", holdout_share=0.5)
        assert [made.is_held_out(who) for who in range(9)] == [drawn.is_held_out(who) for who in range(9)]
        with pytest.raises(InvalidValueError, match="Holdout: holdout_share must lie between 0 and 1"):
            Holdout(salt="x", holdout_share=5, held_out=(), treated=())

    def test_texts_and_rows(self):
        drawn = assign_holdout([1, 2, "x", UUID(int=1)], salt="letter", holdout_share=0.5)
        assert repr(drawn).startswith("<Holdout 'letter': ")
        assert str(drawn).startswith("letter: of 4 customers ")
        assert "SHA-256" in drawn.explain()
        rows = drawn.to_dicts()
        assert {row["group"] for row in rows} <= {"holdout", "test"}
        assert len(json.dumps(rows)) > 0
        assert len(rows) == 4
        assert pickle.loads(pickle.dumps(drawn)) == drawn
        assert hash(drawn) == hash(pickle.loads(pickle.dumps(drawn)))

    @pytest.mark.parametrize(
        "ids, more, error, said",
        [
            ([1], {"salt": ""}, InvalidValueError, "salt must not be empty"),
            ([1], {"salt": 5}, InvalidTypeError, "salt must be a text"),
            ([1], {"salt": "\ud800"}, InvalidValueError, "lone surrogate"),
            ([1], {"holdout_share": 0}, InvalidValueError, "share must lie between 0 and 1"),
            ([1], {"holdout_share": 10}, InvalidValueError, "0.1 is 10 %"),
            ([1], {"holdout_share": float("nan")}, InvalidValueError, "share"),
            ([1], {"holdout_share": Decimal("nan")}, InvalidValueError, "share"),
            ([1], {"holdout_share": float("inf")}, InvalidValueError, "share"),
            ([1], {"holdout_share": "0.1"}, InvalidTypeError, "share must be a number"),
            ([1], {"holdout_share": True}, InvalidTypeError, "share must be a number"),
            ([1], {"key": 5}, InvalidTypeError, "key must be a function"),
            ("ann", {}, InvalidTypeError, "ids must be an iterable"),
            (5, {}, InvalidTypeError, "ids must be an iterable"),
            ([[1]], {}, InvalidTypeError, "can be hashed"),
            ([None], {}, InvalidValueError, "guests"),
            ([1.5], {}, InvalidTypeError, "key=str"),
            ([True], {}, InvalidTypeError, "not bool"),
            ([("DE", 1)], {}, InvalidTypeError, "not tuple"),
            ([""], {}, InvalidValueError, "must not be empty"),
        ],
    )
    def test_bad_input(self, ids, more, error, said):
        with pytest.raises(error, match=said):
            assign_holdout(ids, **({"salt": "a", "holdout_share": 0.5} | more))


# --------------------------------------------------------------------------------------------- the plan


class TestPlanOfAFigure:
    def test_as_many_as_customers_needed_says(self):
        plan = plan_experiment(Ratio(200, 1000), uplift=0.05, holdout_share=0.2)
        needed = rt.customers_needed(Ratio(200, 1000), uplift=0.05, share=0.8)
        assert (plan.in_test, plan.held_out, plan.customers) == (
            needed.in_test,
            needed.held_out,
            needed.customers,
        )
        assert plan.held_out == pytest.approx(0.2 * plan.customers, abs=1)
        assert (plan.metric, plan.uplift, plan.confidence) == ("buyers", 0.05, 0.95)
        assert plan.is_enough is plan.duration is plan.look_at is None
        assert "look once" not in str(plan)

    def test_the_look(self):
        plan = plan_experiment(Ratio(200, 1000), uplift=0.05, within=28 * DAY, starts_at=MARCH)
        assert plan.look_at == datetime(2026, 3, 29, tzinfo=UTC)
        assert plan.duration == 28 * DAY
        assert "begin on 2026-03-01, and look once, on 2026-03-29" in str(plan).replace("\n", " ")
        assert plan.warnings == ()

    def test_the_day_is_that_of_its_own_calendar(self):
        """Midnight in Berlin is 22:00 of the day before in UTC; that the clocks change meanwhile is told by the hour."""
        berlin = ZoneInfo("Europe/Berlin")
        given = {"uplift": 0.05, "starts_at": datetime(2026, 10, 10, tzinfo=berlin)}
        plan = plan_experiment(Ratio(200, 1000), within=14 * DAY, **given)
        assert (plan.starts_at.tzinfo, plan.look_at.tzinfo) == (berlin, berlin)
        assert plan.look_at == datetime(2026, 10, 24, tzinfo=berlin)
        text = "begin on 2026-10-10, and look once, on 2026-10-24."
        assert text in " ".join(str(plan).split())
        assert repr(plan).endswith("look at 2026-10-24>")
        assert plan.to_dict()["starts_at"] == "2026-10-10T00:00:00+02:00"
        later = plan_experiment(Ratio(200, 1000), within=28 * DAY, **given)
        assert later.duration == 28 * DAY
        assert "look once, on 2026-11-06 23:00." in " ".join(str(later).split())

    def test_beyond_the_calendar(self):
        plan = plan_experiment(
            Ratio(200, 1000), uplift=0.05, within=28 * DAY, starts_at=datetime(9999, 12, 30, tzinfo=UTC)
        )
        assert plan.look_at is plan.duration is None
        assert any("beyond the calendar" in each for each in plan.warnings)
        assert "look once" not in str(plan)

    def test_the_time_without_a_beginning(self):
        plan = plan_experiment(Ratio(200, 1000), uplift=0.05, within=30 * DAY)
        assert "Each customer is watched for 30 days." in str(plan).replace("\n", " ")
        assert any("whole number of weeks" in each for each in plan.warnings)

    def test_the_metric_of_a_mean(self):
        sums = ClusterSums.of([(1, 1000), (1, 4000), (1, 2000), (1, 0)], scale=100)
        spend = Mean(Decimal("70.00"), 4, unit="EUR", sampling=sums)
        assert plan_experiment(spend, relative_uplift=0.1).metric == "revenue"
        orders = Mean(6, 4, sampling=ClusterSums.of([(1, 3), (1, 1), (1, 2), (1, 0)]))
        plan = plan_experiment(orders, relative_uplift=9)
        assert plan.metric == "orders"
        assert any("more than measures bring" in each for each in plan.warnings)
        assert any("few for a mean" in each for each in plan.warnings)
        assert "Mind: " in plan.explain()

    def test_texts(self):
        plan = plan_experiment(Ratio(200, 1000), uplift=0.05, within=28 * DAY, starts_at=MARCH)
        assert repr(plan).endswith("look at 2026-03-29>")
        assert repr(plan_experiment(Ratio(200, 1000), uplift=0.05)).endswith("no date>")
        assert "Without the measure: the share of buyers is 20.0%, of 1,000 customers." in plan.explain()
        assert json.loads(json.dumps(plan.to_dict()))["look_at"] == "2026-03-29T00:00:00+00:00"
        assert json.dumps(plan_experiment(Ratio(200, 1000), uplift=0.05).to_dict())
        assert pickle.loads(pickle.dumps(plan)) == plan
        assert isinstance(hash(plan), int)

    @pytest.mark.parametrize(
        "more, error, said",
        [
            ({"uplift": None}, InvalidValueError, "give uplift="),
            ({"relative_uplift": 0.1}, ConflictingArgumentError, "not both"),
            ({"metric": "revenue"}, ConflictingArgumentError, "contradicts the figure"),
            ({"metric": "buyer"}, InvalidValueError, "did you mean 'buyers'"),
            ({"metric": 5}, InvalidTypeError, "metric must be a text"),
            ({"among": "newcomers"}, ConflictingArgumentError, "among= is about records"),
            ({"among": "all"}, InvalidValueError, "'customers' or 'newcomers'"),
            ({"at": MARCH}, ConflictingArgumentError, "at= is about records"),
            ({"active_within": DAY}, ConflictingArgumentError, "active_within="),
            ({"as_of": MARCH}, ConflictingArgumentError, "as_of= is about records"),
            ({"within": 28}, InvalidTypeError, "within must be a timedelta"),
            ({"within": -DAY}, InvalidValueError, "longer than zero"),
            ({"starts_at": datetime(2026, 3, 1)}, NaiveDatetimeError, "starts_at"),
            ({"starts_at": date(2026, 3, 1)}, NaiveDatetimeError, "starts_at"),
            ({"holdout_share": 1}, InvalidValueError, "holdout_share must lie"),
            ({"power": 80}, InvalidValueError, "power must lie"),
        ],
    )
    def test_bad_input(self, more, error, said):
        with pytest.raises(error, match=said):
            plan_experiment(Ratio(200, 1000), **({"uplift": 0.05} | more))

    def test_a_ratio_of_orders_is_no_share_of_customers(self):
        with pytest.raises(InvalidValueError, match="share of customers"):
            plan_experiment(Ratio(3, 2, bounded=False), uplift=0.05)


def _buying(days):
    """One order on each of some days of 2026, counted from 1 January, by customer."""
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    return make_orders(
        {who: [(start + day * DAY).isoformat() for day in found] for who, found in days.items()}
    )


class TestPlanOfRecords:
    ORDERS = _buying({"a": [0, 60], "b": [10], "c": [20, 55, 58], "d": [30], "e": [57], "f": [5, 29]})
    AS_OF = datetime(2026, 3, 12, tzinfo=UTC)  # the end of day 69

    def test_the_rehearsal_by_hand(self):
        """Twenty days before lies day 50: a, b, c, d, f were customers; a and c bought since, a once and c twice."""
        plan = plan_experiment(
            self.ORDERS, as_of=self.AS_OF, within=20 * DAY, uplift=0.2, active_within=100 * DAY
        )
        assert plan.baseline == Ratio(2, 5)
        assert plan.at_hand == 6
        assert plan.starts_at == self.AS_OF
        assert plan.look_at == self.AS_OF + 20 * DAY
        assert plan.is_enough is False
        assert "At hand are 6, which is too few." in str(plan).replace("\n", " ")
        assert "it takes " in plan.warnings[0]
        assert "6 are at hand" in plan.warnings[0]

    def test_who_is_active(self):
        """Of those within 25 days before day 50: d and f, who bought on day 30 and 29, and nothing since."""
        with pytest.raises(UndefinedMetricError, match="all 2 customers bought nothing within 20 days"):
            plan_experiment(
                self.ORDERS, as_of=self.AS_OF, within=20 * DAY, uplift=0.2, active_within=25 * DAY
            )

    def test_orders_and_revenue(self):
        given = {"as_of": self.AS_OF, "within": 20 * DAY, "relative_uplift": 0.5}
        orders = plan_experiment(self.ORDERS, metric="orders", **given)
        assert orders.baseline == Mean(3, 5)
        revenue = plan_experiment(self.ORDERS, metric="revenue", **given)
        assert revenue.baseline == Mean(Decimal("30.00"), 5, unit="EUR")
        assert revenue.reachable is None or revenue.reachable.uplift > 0

    def test_newcomers_by_hand(self):
        """Watched for 30 days: of those who came by day 39 c (no, after 35), a (no), f (after 24) came back."""
        plan = plan_experiment(
            self.ORDERS,
            as_of=self.AS_OF,
            among="newcomers",
            within=30 * DAY,
            uplift=0.3,
            active_within=100 * DAY,
        )
        assert plan.baseline == Ratio(1, 5)
        known = Fraction("69.5")  # days since the first order at noon: before it there was no shop
        assert plan.arrivals_per_day == pytest.approx(6 / float(known))
        days = -(-plan.customers * known // 6)
        assert plan.look_at == self.AS_OF + (days + 30) * DAY
        assert plan.at_hand is plan.is_enough is plan.reachable is None
        assert any("prices, seasons" in each for each in plan.warnings)
        assert "0.086 newcomers come a day" in str(plan).replace("\n", " ")

    def test_no_newcomers_lately(self):
        """b, d and e came in the 25 days that end 45 days before; nobody in the last ten."""
        orders = _buying({"b": [10], "d": [30, 50], "e": [31]})
        plan = plan_experiment(
            orders,
            as_of=datetime(2026, 3, 12, tzinfo=UTC),
            among="newcomers",
            within=30 * DAY,
            uplift=0.3,
            active_within=30 * DAY,
        )
        assert plan.arrivals_per_day == 0
        assert plan.look_at is plan.duration is None
        assert "no end is in sight" in plan.warnings[0]

    @pytest.mark.parametrize("uplift", [0.003, 0.0001])
    def test_no_end_is_in_sight(self, uplift):
        """Two newcomers a day, and millions are needed."""
        orders = _buying({who: [0, 20] if who % 3 else [1] for who in range(200)})
        plan = plan_experiment(
            orders,
            as_of=self.AS_OF,
            among="newcomers",
            within=28 * DAY,
            uplift=uplift,
            active_within=98 * DAY,
        )
        assert plan.look_at is plan.duration is None
        assert plan.warnings[0].startswith("it would take ")
        assert plan.warnings[0].endswith(" days, so that no end is in sight")
        assert "look once" not in str(plan)
        assert json.dumps(plan.to_dict())

    @pytest.mark.parametrize("among", ["customers", "newcomers"])
    def test_an_end_beyond_the_calendar(self, among):
        plan = plan_experiment(
            self.ORDERS,
            as_of=self.AS_OF,
            among=among,
            within=(20 if among == "customers" else 30) * DAY,
            uplift=0.3,
            starts_at=datetime(9999, 12, 25, tzinfo=UTC),
        )
        assert plan.look_at is plan.duration is None
        assert any("beyond the calendar" in each for each in plan.warnings)

    def test_who_they_are(self):
        """All six bought within a year; within 30 days before day 70 a, c and e, on days 60, 55 and 58, and 57."""
        given = {"as_of": self.AS_OF, "uplift": 0.2, "within": 20 * DAY}
        plan = plan_experiment(self.ORDERS, **given)
        assert plan.participants == ("a", "f", "b", "c", "d", "e")  # in the order of their first purchases
        assert plan.at_hand == 6
        given["within"] = 13 * DAY
        few = plan_experiment(self.ORDERS, **given, active_within=30 * DAY)
        assert few.participants == ("a", "c", "e")
        assert few.at_hand == 3
        assert "participants" not in few.to_dict()
        newcomers = plan_experiment(self.ORDERS, **given | {"within": 30 * DAY}, among="newcomers")
        assert newcomers.participants == plan_experiment(Ratio(200, 1000), uplift=0.05).participants == ()

    def test_the_shortest_time_that_is_enough(self):
        plan = plan_experiment(sample_shop(customers=1500), relative_uplift=0.5)
        assert plan.is_enough
        weeks = plan.within // timedelta(weeks=1)
        assert weeks > 1
        shorter = plan_experiment(
            sample_shop(customers=1500), relative_uplift=0.5, within=timedelta(weeks=weeks - 1)
        )
        assert not shorter.is_enough
        assert plan.reachable.uplift <= plan.uplift

    def test_the_longest_where_none_is_enough(self):
        plan = plan_experiment(SHOP, relative_uplift=0.02, metric="revenue")
        assert plan.within == timedelta(weeks=26)
        assert plan.warnings[0].startswith("even the longest test that was tried takes ")

    def test_no_room_above(self):
        """Within a week two of ten buy, within two seven: twice as many as seven are more than there are."""
        orders = _buying(
            {who: [0, *([65] if who < 2 else [58] if who < 7 else [])] for who in range(10)} | {"z": [0]}
        )
        plan = plan_experiment(orders, as_of=self.AS_OF, relative_uplift=1)
        assert plan.within == timedelta(weeks=1)
        assert plan.baseline == Ratio(2, 11)
        assert not plan.is_enough

    def test_hardly_anybody(self):
        plan = plan_experiment(_buying({"a": [0, 65], "b": [0]}), as_of=self.AS_OF, relative_uplift=0.5)
        assert (plan.at_hand, plan.is_enough, plan.reachable) == (2, False, None)
        assert plan.within == timedelta(weeks=8)

    def test_many_newcomers(self):
        orders = _buying({who: [0, 20] if who % 3 else [1] for who in range(200)})
        plan = plan_experiment(
            orders, as_of=self.AS_OF, among="newcomers", within=28 * DAY, uplift=-0.3, active_within=98 * DAY
        )
        assert plan.baseline == Ratio(133, 200)
        assert "2.9 newcomers come a day" in str(plan).replace("\n", " ")

    def test_at_an_earlier_instant(self):
        early = plan_experiment(SHOP, at=MARCH, within=28 * DAY, relative_uplift=0.5)
        assert early.starts_at == MARCH
        assert early.baseline.basis.period == "28 days to 2026-03-01"
        later = plan_experiment(SHOP, at=MARCH, within=28 * DAY, relative_uplift=0.5, starts_at=APRIL)
        assert later.look_at == APRIL + 28 * DAY
        assert later.baseline == early.baseline

    def test_a_fall(self):
        plan = plan_experiment(SHOP, within=56 * DAY, relative_uplift=-0.5)
        assert plan.uplift < 0
        assert plan.reachable.uplift < 0

    @pytest.mark.parametrize(
        "more, error, said",
        [
            (
                {"at": datetime(2027, 1, 1, tzinfo=UTC)},
                ConflictingArgumentError,
                "at must not lie after as_of",
            ),
            ({"within": None, "uplift": 0.1}, InvalidValueError, "give within= with it"),
            ({"within": None, "uplift": None}, InvalidValueError, "give uplift="),
            ({"within": 5000 * DAY}, UndefinedMetricError, "nobody would have been assigned"),
            ({"within": None, "among": "newcomers"}, InvalidValueError, "each newcomer is watched"),
            ({"metric": "money"}, InvalidValueError, "there is no metric 'money'"),
            ({"active_within": 5}, InvalidTypeError, "active_within must be a timedelta"),
        ],
    )
    def test_bad_input(self, more, error, said):
        with pytest.raises(error, match=said):
            plan_experiment(SHOP, **({"uplift": 0.1, "within": 28 * DAY} | more))

    def test_it_asks_when_the_data_were_known(self):
        with pytest.raises(AsOfRequiredError, match="plan_experiment needs as_of="):
            plan_experiment(self.ORDERS, uplift=0.1, within=DAY)

    def test_an_empty_shop(self):
        with pytest.raises(UndefinedMetricError, match="nobody would have been assigned 7 days"):
            plan_experiment([], as_of=MARCH, relative_uplift=0.1)

    def test_what_lies_before_the_data_is_not_known(self):
        with pytest.raises(NotObservableError, match="looks back to 2025-"):
            plan_experiment(
                self.ORDERS,
                as_of=self.AS_OF,
                observed_from=datetime(2026, 1, 1, tzinfo=UTC),
                within=20 * DAY,
                uplift=0.2,
            )

    def test_money_of_two_currencies(self):
        orders = [
            make_order(placed_at="2026-01-01"),
            make_order(placed_at="2026-01-20", currency="USD"),
            make_order(customer_id="ben", placed_at="2026-01-01"),
        ]
        given = {"as_of": datetime(2026, 2, 1, tzinfo=UTC), "within": 20 * DAY, "relative_uplift": 0.1}
        with pytest.raises(MixedCurrencyError):
            plan_experiment(orders, metric="revenue", **given)
        assert plan_experiment(orders, **given).baseline == Ratio(1, 2)
