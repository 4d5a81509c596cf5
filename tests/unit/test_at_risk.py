"""Who is slipping now: worked by hand, in its order, and what is refused."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from dateutil.relativedelta import relativedelta

from retention import History, Order, Shop
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    NaiveDatetimeError,
)
from retention.results import Ratio
from retention.segments import AtRiskCustomers, FixedThresholds, at_risk_customers, lifecycle_table
from retention.segments._comebacks import Clock, Silence, comebacks, kind_in_words, kind_of
from retention.testing import sample_shop, sample_truth

AT = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
FIXED = FixedThresholds(new_within=10 * DAY, at_risk_after=20 * DAY, lapsed_after=100 * DAY)
"""A silence of 21 to 100 days."""


def placed(customer_id, *days, amount="10.00", currency="EUR"):
    return [
        Order(
            id=(str(customer_id), number),
            customer_id=customer_id,
            placed_at=AT - day * DAY,
            amount=amount,
            currency=currency,
        )
        for number, day in enumerate(days)
    ]


class TestByHand:
    """Ann has been silent for 30 days after one purchase; how did the silences of the others end?"""

    others = (
        *placed("soon", 300, 290),  # ended after 10 days: it never lasted 30
        *placed("back", 300, 265),  # after 30 days still silent, and back 5 days later
        *placed("late", 300, 240),  # back 30 days later: after the horizon of 15
        *placed("never", 300),
        *placed(
            "just", 300, 270
        ),  # ended at the very moment at which it had lasted 30 days: not silent longer
        *placed("limit", 300, 255),  # back 15 days later: the limit counts
        *placed("fresh", 40),  # watched for only 10 days after its thirtieth
    )

    def test_comeback(self):
        found = at_risk_customers([*self.others, *placed("ann", 30)], at=AT, rules=FIXED, within=15 * DAY)
        (ann,) = (each for each in found if each.customer_id == "ann")
        assert ann.comeback == Ratio(2, 4)
        assert ann.at_stake == Decimal("5.00")
        assert ann.comeback.interval().method == "Wilson, clustered by customer"
        assert (
            str(ann)
            == ann.explain()
            == (
                "ann: silent for 30 days; at risk after 20 days without a purchase, lapsed after 100 days; new within 10 days of "
                "the first. Of 4 earlier silences after a first purchase that had lasted as long, 2 ended by a purchase within "
                "15 days: 50.0% (95 % interval 12.5% to 87.5%). At stake: 10.00 × (1 − 2/4) = 5.00 EUR."
            )
        )

    def test_watched_for_the_whole_horizon_at_as_of(self):
        """At 45 days ago plus 30 and 15 days it is `as_of`, which is known; before `at`, that instant is not."""
        orders = [*placed("a", 45), *placed("b", 300, 200), *placed("ann", 30)]
        known = at_risk_customers(orders, as_of=AT, rules=FIXED, within=15 * DAY)
        assert {each.customer_id: each.comeback for each in known}["ann"] == Ratio(0, 2)
        before = at_risk_customers(orders, at=AT, rules=FIXED, within=15 * DAY)
        assert {each.customer_id: each.comeback for each in before}["ann"] == Ratio(0, 1)

    def test_never_watched_for_so_long(self):
        orders = [*placed("ann", 30, amount="99.00"), *placed("ben", 25, amount="3.00"), *placed("cy", 26)]
        found = at_risk_customers(orders, at=AT, rules=FIXED, within=15 * DAY)
        assert [each.customer_id for each in found] == ["ann", "cy", "ben"]
        assert [each.at_stake for each in found] == [None, None, None]
        assert found[0].comeback.value is None
        assert "no earlier silence after a first purchase that had lasted as long" in found[0].explain()
        assert found.at_stake is None
        assert "n/a: not known" in str(found)
        assert "How many of them come back is not known" in found.explain()
        assert "0.00" not in found.explain()

    def test_what_is_not_known_stands_last(self):
        orders = [
            *placed("a", 300, 200, 100, 40),
            *placed("ann", 30, amount="1.00"),
            *placed("b", 200, amount="2.00"),
            *placed("rich", 60, 50, 40, 30, amount="500.00"),
        ]
        found = at_risk_customers(orders, at=AT, rules=FIXED, within=80 * DAY)
        assert [each.customer_id for each in found] == ["ann", "rich", "a"]
        assert found[-1].at_stake is None
        assert (found.spend, found.at_stake) == (Decimal("2041.00"), Decimal("0.50"))
        assert (
            "The 3 listed spent 2,041.00 EUR in the last 365 days. How many come back is known of 1 of them, with 1.00 EUR "
            "of it, of which 0.50 EUR are at stake: spend × (1 − share" in found.explain()
        )

    def test_kinds_are_told_apart(self):
        """After a first purchase nobody came back, after two everybody did."""
        orders = [
            *(order for number in range(5) for order in placed(f"once{number}", 300)),
            *(order for number in range(5) for order in placed(f"more{number}", 390, 380, 345, 344)),
            *placed("ann", 30),
            *placed("ben", 33, 30),
        ]
        found = {
            each.customer_id: each.comeback
            for each in at_risk_customers(orders, at=AT, rules=FIXED, within=15 * DAY)
        }
        assert found["ann"] == Ratio(0, 5)
        assert found["ben"] == Ratio(5, 5)

    def test_kinds_go_by_the_rhythm_under_fixed_limits_too(self):
        """After 30 days a monthly buyer is back in no time; of the weekly ones nobody is."""
        orders = [
            *(order for number in range(3) for order in placed(f"slow{number}", 390, 359, 328, 297, 265)),
            *(order for number in range(4) for order in placed(f"quick{number}", 321, 314, 307, 300)),
            *placed("weekly", 51, 44, 37, 30),
            *placed("monthly", 123, 92, 61, 30),
        ]
        found = {
            each.customer_id: each for each in at_risk_customers(orders, at=AT, rules=FIXED, within=15 * DAY)
        }
        assert found["weekly"].comeback == Ratio(0, 4)
        assert found["monthly"].comeback == Ratio(3, 6)  # and three later silences that never ended
        assert "earlier silences of customers who buy every 1 to 2 weeks that" in found["weekly"].explain()
        assert (found["weekly"].usual_gap_days, found["weekly"].has_own_rhythm) == (None, False)

    def test_orders_of_one_visit_make_no_rhythm_under_fixed_limits(self):
        """Whoever pays in four parts has bought once, unless the limits themselves are a matter of hours."""
        hours = [1 / 24, 2 / 24, 3 / 24]
        orders = [
            *placed("once", 300),
            *placed("parts", *(30 + each for each in hours), 30),
            *placed("ben", 304, 303, 302, 301),
        ]
        found = at_risk_customers(orders, at=AT, rules=FIXED, within=15 * DAY)
        assert [each.comeback for each in found if each.customer_id == "parts"] == [Ratio(0, 1)]
        hour = timedelta(hours=1)
        rules = FixedThresholds(new_within=hour, at_risk_after=hour, lapsed_after=1000 * DAY)
        told = {each.customer_id: each for each in at_risk_customers(orders, at=AT, rules=rules, within=hour)}
        assert "after a first purchase" in told["once"].explain()
        assert "of customers who buy every week or more often" in told["parts"].explain()

    def test_by_the_rhythm(self):
        """Ann buys every 10 days and has been silent for 35; the others' silences are measured in their own rhythms."""
        rhythms = [
            *placed(
                "weekly", 300, 293, 286, 279, 253, 252
            ),  # 7 days: 24.5 are as long; ended after 26, in time
            *placed("slow", 1000, 980, 960, 940, 869),  # 20 days: no rhythm of one to two weeks
            *placed("gone", 500, 490, 480, 470),  # 10 days: never came back
            *placed("ann", 65, 55, 45, 35, amount="20.00"),
        ]
        found = at_risk_customers(rhythms, at=AT, within=5 * DAY)
        (ann,) = found
        # weekly's last silence has lasted 3.5 times the rhythm, too, and so has gone's; neither ended.
        assert (ann.customer_id, ann.times_usual, ann.usual_gap_days) == ("ann", 3.5, 10)
        assert ann.comeback == Ratio(1, 3)
        assert ann.at_stake == Decimal("53.33")
        assert (
            "Of 3 earlier silences of customers who buy every 1 to 2 weeks that had lasted as long"
            in ann.explain()
        )
        assert (
            ann.why
            == "silent for 35 days, 3.5 times the usual; usually 10 days from one purchase to the next"
        )
        assert ann.has_own_rhythm

    def test_the_rhythm_is_that_of_before_the_silence(self):
        """A later pause does not make an earlier one look short."""
        orders = [
            *placed("x", 900, 890, 880, 870, 830, 430),
            *placed("ann", 65, 55, 45, 35),
        ]
        (ann,) = at_risk_customers(orders, at=AT, within=10 * DAY)
        # x: 40 days at a rhythm of 10 (35 are as long, ended 5 later), 400 at one of 10, 430 (unended) at one of 10.
        assert ann.comeback == Ratio(1, 3)

    def test_many_silences_of_one_customer_are_no_independent_witnesses(self):
        days = range(2000, 500, -30)
        orders = [
            *placed("often", *days),
            *placed("never", 600),
            *placed("ben", 1000, 900),
            *placed("ann", 25, 22),
        ]
        rules = FixedThresholds(new_within=DAY, at_risk_after=20 * DAY, lapsed_after=300 * DAY)
        (ann,) = at_risk_customers(orders, at=AT, rules=rules, within=60 * DAY)
        assert ann.comeback.denominator == 3
        assert ann.comeback.interval().method == "Wilson, clustered by customer"


class TestList:
    found = at_risk_customers(sample_shop(customers=200))

    def test_is_a_sequence(self):
        assert len(self.found) == self.found.of_all == len(list(self.found)) > 10
        assert self.found[0] == next(iter(self.found))
        assert self.found[0] in self.found
        top = self.found[:10]
        assert isinstance(top, AtRiskCustomers)
        assert (len(top), top.of_all, list(top)) == (10, self.found.of_all, list(self.found)[:10])
        assert self.found[-1] == list(self.found)[-1]

    def test_most_urgent_first(self):
        stakes = [each.at_stake for each in self.found if each.at_stake is not None]
        assert stakes == sorted(stakes, reverse=True)
        assert self.found.at_stake == sum(stakes)
        assert self.found.spend == sum(each.spend for each in self.found)

    def test_arithmetic_is_shown(self):
        for each in self.found:
            if each.at_stake is not None:
                loss = 1 - each.comeback.numerator / Decimal(each.comeback.denominator)
                assert abs(each.spend * loss - each.at_stake) <= Decimal("0.005")

    def test_is_at_risk_in_the_table(self):
        table = lifecycle_table(sample_shop(customers=200))
        assert {each.customer_id for each in self.found} == set(table.members(state="at_risk"))
        assert self.found.all_customers == len(table)

    def test_is_a_value(self):
        again = at_risk_customers(sample_shop(customers=200))
        assert again == self.found
        assert hash(again) == hash(self.found)
        assert pickle.loads(pickle.dumps(self.found)) == copy.deepcopy(self.found) == self.found
        assert self.found[:3] != self.found

    def test_words(self):
        rest = f"{self.found.of_all} at risk, of {self.found.all_customers} customers>"
        assert repr(self.found) == f"<AtRiskCustomers: {rest}"
        assert repr(self.found[:2]) == f"<AtRiskCustomers: 2 of {rest}"
        said = self.found.explain()
        assert f"{self.found.of_all} of {self.found.all_customers} customers are at risk" in said
        assert "in the last 365 days" in said
        assert f"{self.found.at_stake:,.2f} EUR are at stake" in said

    def test_text(self):
        text = str(self.found[:3])
        lines = text.splitlines()
        assert lines[0].split()[:2] == ["customer", "latest"]
        assert "spent EUR" in lines[0]
        assert [line.split()[0] for line in lines[2:5]] == [each.customer_id for each in self.found[:3]]
        assert "at stake: spent × (1 − comes back)." in text
        assert max(map(len, lines)) <= 120

    def test_past_the_end(self):
        text = str(self.found[len(self.found) :])
        assert text.startswith(
            f"None in this part of the list: {len(self.found)} of {self.found.all_customers} customers"
        )
        assert self.found[:0].explain().startswith(f"{self.found.basis.metric} ({self.found.basis.period}")
        assert "listed" not in self.found[:0].explain()

    def test_text_of_many(self):
        orders = [order for number in range(45) for order in placed(number, 30 + number)]
        text = str(at_risk_customers(orders, at=AT, rules=FIXED))
        assert "… and 5 more." in text
        assert "n/a under usual gap: fixed thresholds know no rhythm." in text

    def test_to_dicts(self):
        row = self.found.to_dicts()[0]
        first = self.found[0]
        assert row["customer_id"] == first.customer_id
        assert row["latest_at"] == first.latest_at.isoformat()
        assert row["comeback"] == first.comeback.value
        assert row["comeback_low"] < row["comeback"] < row["comeback_high"]
        assert row["silences_like_it"] == first.comeback.denominator
        assert row["at_stake"] == first.at_stake
        assert {type(value) for value in row.values()} <= {str, int, float, Decimal}

    def test_to_dicts_of_other_ids_and_what_is_not_known(self):
        row = at_risk_customers(placed(UUID(int=5), 30), at=AT, rules=FIXED).to_dicts()[0]
        assert row["customer_id"] == "00000000-0000-0000-0000-000000000005"
        assert (row["comeback"], row["comeback_low"], row["usual_gap_days"]) == (None, None, None)


class TestOrderAndWorth:
    def test_ties_by_id(self):
        orders = [*placed("b", 30), *placed("a", 30), *placed(10, 30), *placed(9, 30)]
        for each in (orders, orders[::-1]):
            found = at_risk_customers(each, at=AT, rules=FIXED)
            assert [one.customer_id for one in found] == [9, 10, "a", "b"]

    def test_window(self):
        orders = [*placed("ann", 500, 400, 30), *placed("ben", 40, 30)]
        found = {
            each.customer_id: (each.spend, each.spend_ever)
            for each in at_risk_customers(orders, at=AT, rules=FIXED)
        }
        assert found == {"ann": (Decimal(10), Decimal(30)), "ben": (Decimal(20), Decimal(20))}
        ever = at_risk_customers(orders, at=AT, rules=FIXED, window=None)
        assert {each.customer_id: each.spend for each in ever} == {"ann": 30, "ben": 20}
        assert "spent: in all." in str(ever)
        assert "in the last" not in ever.explain()
        months = at_risk_customers(orders, at=AT, rules=FIXED, window=relativedelta(months=1))
        assert {each.customer_id: each.spend for each in months} == {"ann": 10, "ben": 10}
        assert "in the last 1 month" in str(months)

    def test_within_by_default(self):
        orders = [*placed("q", 400, 380), *placed("r", 400, 379.5), *placed("ann", 20.3)]
        assert at_risk_customers(orders, at=AT).within == 21 * DAY
        assert at_risk_customers(orders, at=AT, rules=FIXED).within == 20 * DAY
        assert at_risk_customers(orders, at=AT, within=relativedelta(months=2)).within == relativedelta(
            months=2
        )

    def test_months_are_counted_from_the_instant_on(self):
        """From 1 July a month is 31 days."""
        orders = [*placed("x", 200, 200 - 25 - 31), *placed("ann", 25)]
        (ann,) = at_risk_customers(orders, at=AT, rules=FIXED, within=relativedelta(months=1))
        assert ann.comeback == Ratio(1, 1)


class TestEmpty:
    def test_no_orders(self):
        found = at_risk_customers([], at=AT)
        assert (len(found), found.undefined_because, found.within) == (0, "nobody had purchased yet", None)
        assert str(found) == "n/a as of 2026-07-01 00:00+00:00: nobody had purchased yet."
        assert "no value, since nobody had purchased yet" in found.explain()

    def test_nobody_came_back(self):
        found = at_risk_customers(placed("ann", 30), at=AT)
        assert len(found) == 0
        assert found.undefined_because.startswith("nobody has come back yet")
        assert found.at_stake is None
        assert all(len(line) <= 110 for line in str(found).split("\n"))

    def test_nobody_at_risk(self):
        found = at_risk_customers(placed("ann", 3), at=AT, rules=FIXED)
        assert (list(found), found.undefined_because, found.at_stake) == ([], None, 0)
        assert str(found).startswith("Nobody is at risk as of 2026-07-01")
        assert "0 of 1 customers are at risk" in found.explain()


class TestReading:
    orders = (*placed("ann", 30), *placed("ben", 300, 270, 50), *placed("cy", 300))

    def test_list_generator_history_and_shop(self):
        expected = at_risk_customers(self.orders, at=AT, rules=FIXED)
        for orders in (
            self.orders[::-1],
            (order for order in self.orders),
            History(self.orders),
            Shop(orders=self.orders),
        ):
            assert at_risk_customers(orders, at=AT, rules=FIXED) == expected

    def test_later_orders_change_nothing(self):
        later = [*placed("dee", -3, 0), *placed("eve", -1)]
        expected = at_risk_customers(self.orders, at=AT, rules=FIXED)
        assert at_risk_customers([*self.orders, *later], at=AT, rules=FIXED) == expected

    @pytest.mark.parametrize(
        "given, error, says",
        [
            ({"at": None}, AsOfRequiredError, "at_risk_customers needs as_of="),
            ({"as_of": AT - DAY}, ConflictingArgumentError, "at must not lie after as_of"),
            ({"at": date(2026, 7, 1)}, NaiveDatetimeError, "at"),
            ({"rules": "own"}, InvalidTypeError, "at_risk_customers: rules must be OwnRhythm"),
            ({"within": 90}, InvalidTypeError, "at_risk_customers: within must be a timedelta"),
            ({"within": timedelta(0)}, InvalidValueError, "within must be longer than zero"),
            ({"window": 365}, InvalidTypeError, "at_risk_customers: window must be a timedelta"),
            ({"window": -DAY}, InvalidValueError, "window must be longer than zero"),
            ({"stages": None}, TypeError, "stages"),
        ],
    )
    def test_bad_input(self, given, error, says):
        with pytest.raises(error) as raised:
            at_risk_customers(self.orders, **{"at": AT, **given})
        assert says in str(raised.value)

    def test_two_currencies(self):
        with pytest.raises(MixedCurrencyError):
            at_risk_customers([*self.orders, *placed("eve", 30, currency="USD")], at=AT, rules=FIXED)


class TestSweep:
    def test_kinds(self):
        clock = Clock(shop=1, by_own=True, enough=3, shortest=1)
        day = 86_400_000_000
        rhythms = [day, 7 * day - 1, 7 * day, 14 * day, 111 * day, 223 * day, 224 * day]
        assert [kind_of(gaps, None) for gaps in range(3)] == [0, 1, 1]
        assert [kind_of(3, rhythm) for rhythm in rhythms] == [2, 2, 3, 4, 6, 7, 8]
        assert [kind_in_words(kind, clock) for kind in range(9)] == [
            "after a first purchase",
            "after 2 to 3 purchases",
            "of customers who buy every week or more often",
            "of customers who buy every 1 to 2 weeks",
            "of customers who buy every 2 to 4 weeks",
            "of customers who buy every 4 to 8 weeks",
            "of customers who buy every 8 to 16 weeks",
            "of customers who buy every 16 to 32 weeks",
            "of customers who buy every 32 weeks or less often",
        ]
        assert kind_in_words(1, clock._replace(enough=2)) == "after 2 purchases"

    def test_sums_by_customer(self):
        silences = [Silence(9.0, 8.0, 1), Silence(9.0, 3.0, 1), Silence(4.0, 2.0, 2), Silence(7.0, 99.0, 2)]
        found = comebacks(silences, [3.5, 8.5, 5.0, 9.0])
        assert {length: (each.n, each.x, each.y) for length, each in found.items()} == {
            9.0: (0, 0, 0),
            8.5: (1, 2, 2),
            5.0: (2, 3, 1),
            3.5: (2, 4, 2),
        }
        # Customer 1: x 2, y 1; customer 2: x 2, y 1.
        assert (found[3.5].xx, found[3.5].xy, found[3.5].yy) == (8, 4, 2)


class TestTruth:
    """On shops whose truth is known: is it so, what the list says?"""

    @staticmethod
    def alive(size, seed):
        shop = sample_shop(customers=size, seed=seed)
        return shop, sample_truth(customers=size, seed=seed).customers

    def test_customers_at_risk_are_likelier_to_be_gone(self):
        gone = {"active": [], "at_risk": [], "lapsed": []}
        for seed in (1, 2):
            shop, truth = self.alive(1000, seed)
            for customer_id, state in lifecycle_table(shop).states.items():
                if state in gone:
                    gone[state].append(truth[customer_id].gone_at is not None)
        shares = {state: sum(found) / len(found) for state, found in gone.items()}
        assert shares["active"] + 0.2 < shares["at_risk"] < shares["lapsed"] - 0.05

    def test_comeback_is_calibrated(self):
        """Of those of whom it is said that so many come back, so many do, within 3 points in all and 6 in each part."""
        told = []
        for seed in (1, 2):
            shop = sample_shop(customers=1500, seed=seed)
            history = shop.history()
            for months in (5, 9):
                at = AT - months * 30 * DAY
                found = at_risk_customers(history, at=at, within=90 * DAY)
                back = buyers(history, at, at + 90 * DAY)
                told += [
                    (each.comeback.value, each.customer_id in back, each.has_own_rhythm)
                    for each in found
                    if each.comeback.value is not None
                ]
        assert len(told) > 600
        assert gap_of(told) < 0.03
        for is_own in (True, False):
            assert gap_of([each for each in told if each[2] is is_own]) < 0.06
        told.sort()
        third = len(told) // 3
        assert max(map(gap_of, (told[:third], told[third : 2 * third], told[2 * third :]))) < 0.06


def buyers(history, start, end):
    """Who purchased from one instant to another, both included."""
    columns = history.columns
    first, last = (round(each.timestamp() * 1_000_000) for each in (start, end))
    found = zip(columns.customer, columns.at, strict=True)
    return {columns.ids[who] for who, moment in found if first <= moment <= last}


def gap_of(told):
    """How far the mean of what was told lies from the share of those who came."""
    return abs(sum(each[0] for each in told) - sum(each[1] for each in told)) / len(told)
