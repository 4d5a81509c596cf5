"""Stages and states by hand, at their limits, and what is refused."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta

from retention import History, Order, OrderPolicy, Shop
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    NaiveDatetimeError,
    RetentionError,
)
from retention.results import Ratio
from retention.segments import (
    FixedThresholds,
    LifecycleStages,
    LifecycleTable,
    OwnRhythm,
    lifecycle_table,
)
from retention.segments._lifecycle import OWN_RHYTHM, Judged, at_risk_from
from retention.segments._rules import exactly
from retention.segments._silence import ended_before
from retention.segments._standing import standing
from retention.testing import make_orders

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
FIXED = FixedThresholds(new_within=30 * DAY, at_risk_after=60 * DAY, lapsed_after=120 * DAY)


def placed(customer_id, *moments, amount="10.00", currency="EUR"):
    return [
        Order(
            id=(customer_id, number), customer_id=customer_id, placed_at=at, amount=amount, currency=currency
        )
        for number, at in enumerate(moments)
    ]


def ago(*days):
    return [AT - day * DAY for day in days]


def state_of(moments, rules, *, at=AT):
    return lifecycle_table(placed("ann", *moments), at=at, rules=rules).states["ann"]


class TestFixedThresholds:
    @pytest.mark.parametrize(
        "days, state",
        [
            ([1], "new"),
            ([30], "new"),
            ([31], "active"),
            ([60], "active"),
            ([61], "at_risk"),
            ([120], "at_risk"),
            ([121], "lapsed"),
            ([20, 10], "new"),
            ([200, 10], "won_back"),
            ([130, 10], "active"),
            ([131, 10], "won_back"),
            ([200, 20, 10], "active"),
            ([300, 100], "at_risk"),
            ([400, 200], "lapsed"),
            ([100, 50, 10], "active"),
        ],
    )
    def test_by_hand(self, days, state):
        assert state_of(ago(*days), FIXED) == state

    def test_after_means_longer_by_any_time(self):
        instant = timedelta(microseconds=1)
        at_risk, lapsed, new = AT - 60 * DAY, AT - 120 * DAY, AT - 30 * DAY
        assert [state_of([moment], FIXED) for moment in (at_risk, at_risk - instant)] == ["active", "at_risk"]
        assert [state_of([moment], FIXED) for moment in (lapsed, lapsed - instant)] == ["at_risk", "lapsed"]
        assert [state_of([moment], FIXED) for moment in (new, new - instant)] == ["new", "active"]

    def test_silence_goes_before_newness(self):
        rules = FixedThresholds(new_within=200 * DAY, at_risk_after=60 * DAY, lapsed_after=120 * DAY)
        assert [state_of(ago(days), rules) for days in (59, 61, 121)] == ["new", "at_risk", "lapsed"]
        assert state_of(ago(190, 10), rules) == "new"

    def test_months_are_counted_by_the_calendar(self):
        month = relativedelta(months=1)
        rules = FixedThresholds(new_within=month, at_risk_after=2 * month, lapsed_after=4 * month)
        at = datetime(2024, 3, 31, tzinfo=BERLIN)
        states = {day: state_of([day], rules, at=at) for day in map(midnight, ["2024-02-29", "2024-02-28"])}
        # 29 February and a month is 29 March, before 31 March; so is 28 March.
        assert set(states.values()) == {"active"}
        assert state_of([midnight("2024-03-01")], rules, at=at) == "new"
        assert state_of([midnight("2024-01-31")], rules, at=at) == "active"
        assert state_of([midnight("2024-01-30")], rules, at=at) == "at_risk"
        # 31 January and a month is 29 February in a leap year.
        assert state_of([midnight("2024-01-31")], rules, at=midnight("2024-03-01")) == "active"
        assert state_of([midnight("2024-01-31")], rules, at=midnight("2024-02-29")) == "new"

    def test_days_of_the_calendar_are_those_of_the_zone(self):
        """On 29 March 2026 the clocks of Berlin are put forward: 30 days are 719 hours."""
        first = datetime(2026, 3, 1, 12, tzinfo=BERLIN)
        calendar, elapsed = (
            FixedThresholds(new_within=span, at_risk_after=2 * span, lapsed_after=4 * span)
            for span in (relativedelta(days=30), timedelta(days=30))
        )
        noon = datetime(2026, 3, 31, 12, 30, tzinfo=BERLIN)
        assert state_of([first], calendar, at=noon) == "active"
        assert state_of([first], elapsed, at=noon) == "new"
        assert state_of([first], calendar, at=noon.astimezone(UTC)) == "new"

    def test_longer_than_the_calendar(self):
        ages = relativedelta(years=9000)
        rules = FixedThresholds(new_within=ages, at_risk_after=60 * DAY, lapsed_after=ages)
        assert [state_of(ago(days), rules) for days in (10, 100)] == ["new", "at_risk"]


def midnight(day):
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=BERLIN)


class TestCalendarEdges:
    """Near the edge every start is stepped forward; it must agree with stepping everywhere."""

    @pytest.mark.parametrize(
        "duration",
        [
            relativedelta(months=1),
            relativedelta(months=3, days=10),
            relativedelta(years=1, months=1),
            relativedelta(days=30, hours=5),
        ],
    )
    @pytest.mark.parametrize("limit", ["2024-03-31", "2024-02-29", "2026-03-29", "2026-10-25", "2025-12-31"])
    def test_agrees_with_stepping_everywhere(self, duration, limit):
        edge = midnight(limit)
        starts = [edge - timedelta(hours=7 * step) for step in range(1600)]
        micro = [round(start.timestamp() * 1_000_000) for start in starts]
        end = round(edge.timestamp() * 1_000_000)
        expected = [
            (start.replace(tzinfo=None) + duration).replace(tzinfo=BERLIN).timestamp() < edge.timestamp()
            for start in (each.astimezone(BERLIN) for each in starts)
        ]
        assert ended_before(micro, duration, BERLIN, end) == expected


WEEKLY = [70, 63, 56, 49]
OTHERS = [
    *placed("q", *ago(400, 390)),
    *placed("r", *ago(400, 380)),
    *placed("s", *ago(400, 360)),
    *placed("t", *ago(400, 340)),
]
"""Four who came back after 10, 20, 40 and 60 days: usually 30; 85 % and 95 % of them within 60."""


def own(customer_days, **rules):
    table = lifecycle_table([*OTHERS, *placed("ann", *ago(*customer_days))], at=AT, rules=OwnRhythm(**rules))
    return table.of("ann")


class TestOwnRhythm:
    @pytest.mark.parametrize(
        "days, state",
        [
            ([*WEEKLY, 21], "active"),
            ([70, 63, 56, 49], "lapsed"),
            ([43, 36, 29, 22], "at_risk"),
            ([42, 35, 28, 21], "active"),
            ([64, 57, 50, 43], "lapsed"),
            ([63, 56, 49, 42], "at_risk"),
        ],
    )
    def test_by_the_own_median(self, days, state):
        assert own(days).state == state

    def test_after_means_longer_by_any_time(self):
        moments = [AT - days * DAY for days in (42, 35, 28, 21)]
        assert state_of([*moments], OwnRhythm()) == "active"
        assert state_of([each - timedelta(microseconds=1) for each in moments], OwnRhythm()) == "at_risk"
        moments = [AT - days * DAY for days in (63, 56, 49, 42)]
        assert state_of([*moments], OwnRhythm()) == "at_risk"
        assert state_of([each - timedelta(microseconds=1) for each in moments], OwnRhythm()) == "lapsed"

    @pytest.mark.parametrize(
        "days, state",
        [
            ([60], "new"),
            ([61], "lapsed"),
            ([40, 30, 20], "active"),
        ],
    )
    def test_by_the_shop(self, days, state):
        assert own(days).state == state

    def test_quantiles_of_the_shop(self):
        rules = {"shop_at_risk": 0.5, "shop_lapsed": Decimal("0.75")}
        assert [own([days], **rules).state for days in (20, 21, 40, 41)] == [
            "new",
            "at_risk",
            "at_risk",
            "lapsed",
        ]

    def test_one_voice_each_in_the_shop(self):
        """Ann buys forty times and is one of five: the median of 2, 10, 20, 40 and 60 days is 20."""
        table = lifecycle_table([*OTHERS, *placed("ann", *ago(*range(80, 0, -2)))], at=AT)
        assert table.usual_gap_days == 20
        assert lifecycle_table(OTHERS, at=AT).usual_gap_days == 30

    def test_won_back_after_a_lapse_by_the_earlier_rhythm(self):
        """Six times 7 days are 42: a pause of 43 days was a lapse, one of 42 was not."""
        assert own([71, 64, 57, 50, 7]).state == "won_back"
        assert own([70, 63, 56, 49, 7]).state == "active"

    def test_won_back_after_a_lapse_by_the_shop(self):
        most = {"shop_at_risk": 0.8, "shop_lapsed": 0.8}
        assert own([90, 29], **most).state == "won_back"
        assert own([89, 29], **most).state == "active"

    def test_the_pause_itself_is_no_part_of_the_rhythm_that_judges_it(self):
        """With the pause of 20 days the median of 3 gaps would be 2 days; before it there were too few gaps."""
        assert own([24, 23, 21, 1]).state == "active"

    def test_visits(self):
        """Two orders of an hour are one visit: they neither make a rhythm nor end a silence a second time."""
        hour = timedelta(hours=1)
        moments = [*ago(30, 20), AT - 20 * DAY + hour]
        found = lifecycle_table([*OTHERS, *placed("ann", *moments)], at=AT).of("ann")
        assert (found.has_own_rhythm, found.orders, found.state) == (False, 3, "active")
        back = [*ago(200, 5), AT - 5 * DAY + hour]
        rules = OwnRhythm(shop_at_risk=0.8, shop_lapsed=0.8)
        assert (
            lifecycle_table([*OTHERS, *placed("ann", *back)], at=AT, rules=rules).states["ann"] == "won_back"
        )
        only = [AT - 5 * DAY, AT - 5 * DAY + hour]
        assert lifecycle_table([*OTHERS, *placed("ann", *only)], at=AT).states["ann"] == "active"

    def test_all_at_one_instant(self):
        found = lifecycle_table([*OTHERS, *placed("ann", *ago(5, 5, 5, 5, 5))], at=AT).of("ann")
        assert (found.usual_gap_days, found.has_own_rhythm, found.state) == (30, False, "active")

    def test_shorter_visits_on_request(self):
        hours = [AT - hours * timedelta(hours=1) for hours in (8, 6, 4, 2)]
        rules = OwnRhythm(shortest_gap=timedelta(hours=1))
        assert lifecycle_table(placed("ann", *hours), at=AT, rules=rules).of("ann").usual_gap_days == 2 / 24

    def test_median_of_an_even_number_of_gaps(self):
        assert own([100, 99, 96, 86, 80]).usual_gap_days == 4.5

    @pytest.mark.parametrize("number", [2.5, Decimal("2.5"), Fraction(5, 2)])
    def test_numbers_of_any_kind(self, number):
        assert own([38, 31, 24, 17], at_risk_after=number).state == "active"
        assert own([39, 32, 25, 18], at_risk_after=number).state == "at_risk"
        assert exactly(0.85) == Fraction(17, 20)

    def test_nobody_came_back(self):
        table = lifecycle_table([*placed("ann", *ago(300)), *placed("ben", *ago(3))], at=AT)
        assert table.undefined_because.startswith("nobody has come back yet")
        assert dict(table.states) == {}
        assert dict(table.stages) == {"ann": "early", "ben": "early"}
        assert table.of("ann").state is None
        assert table.of("ann").why == f"silent for 300 days; {table.undefined_because}"
        assert table.members(stage="early") == ("ann", "ben")
        assert table.group(stage="early").revenue == 20
        assert [row["state"] for row in table.to_dicts()] == [None, None]
        assert [(group.stage, group.state, group.customers) for group in table.groups] == [
            ("early", None, 2),
            ("middle", None, 0),
            ("late", None, 0),
        ]
        assert "FixedThresholds" in table.explain()
        assert str(table).startswith("n/a as of 2026-07-01")
        with pytest.raises(InvalidValueError, match="no states: nobody has come back"):
            table.group(state="new")

    def test_nobody_at_all(self):
        table = lifecycle_table([], at=AT)
        assert (len(table), table.undefined_because) == (0, "nobody had purchased yet")
        assert (table.group().customers, table.group().share.value) == (0, None)
        assert (table.group(state="new").revenue, table.group().currency) == (0, None)
        assert (list(table), table.to_dicts(), table.members()) == ([], [], ())
        assert str(table) == "n/a as of 2026-07-01 00:00+00:00: nobody had purchased yet."


class TestStages:
    @pytest.mark.parametrize(
        "days, stage",
        [
            ([500], "early"),
            ([29, 1], "early"),
            ([30, 1], "middle"),
            ([364, 4, 3, 2, 1], "middle"),
            ([365, 4, 3, 2, 1], "late"),
            ([365, 3, 2, 1], "middle"),
        ],
    )
    def test_by_orders_and_tenure(self, days, stage):
        table = lifecycle_table(placed("ann", *ago(*days)), at=AT, rules=FIXED)
        assert table.stages["ann"] == stage

    def test_other_limits(self):
        stages = LifecycleStages(
            middle_orders=1,
            middle_tenure=relativedelta(months=1),
            late_orders=1,
            late_tenure=relativedelta(years=1),
        )
        orders = [
            *placed("ann", datetime(2026, 6, 1, tzinfo=UTC)),
            *placed("ben", datetime(2025, 7, 1, tzinfo=UTC)),
            *placed("cy", datetime(2026, 6, 2, tzinfo=UTC)),
        ]
        table = lifecycle_table(orders, at=AT, rules=FIXED, stages=stages)
        assert dict(table.stages) == {"ann": "middle", "ben": "late", "cy": "early"}


SHOP = [
    *placed("ann", *ago(200, 10), amount="20.00"),
    *placed("ben", *ago(70), amount="15.50"),
    *placed("cy", *ago(5)),
    *placed("dee", *ago(300, 290)),
    *placed(None, *ago(3)),
]


class TestTable:
    table = lifecycle_table(SHOP, at=AT, rules=FIXED)

    def test_counts_and_money(self):
        group = self.table.group(stage="early", state="at_risk")
        assert (group.customers, group.share) == (1, Ratio(1, 4))
        assert (group.revenue, group.currency) == (Decimal("15.50"), "EUR")
        assert self.table.group(state="won_back").revenue == Decimal("40.00")
        assert self.table.group(stage="early").share == Ratio(2, 4)
        assert self.table.group().share == Ratio(4, 4)
        assert self.table.group().revenue == Decimal("85.50")
        assert group.share.basis.counted == ("early at risk customers", "customers")

    def test_members(self):
        assert self.table.members(state="won_back") == ("ann",)
        assert self.table.members(stage="middle") == ("dee", "ann")
        assert self.table.members(stage="late") == ()
        assert self.table.members() == ("dee", "ann", "ben", "cy")

    def test_is_of_customers(self):
        assert [each.customer_id for each in self.table] == ["dee", "ann", "ben", "cy"]
        assert [each == self.table.of(each.customer_id) for each in self.table] == [True] * 4
        assert "ann" in self.table
        assert "zoe" not in self.table
        assert ["ann"] not in self.table

    def test_groups(self):
        assert len(self.table.groups) == 15
        assert self.table.groups[2] == self.table.group(stage="early", state="at_risk")
        assert [group.customers for group in self.table.groups if group.state == "won_back"] == [0, 1, 0]

    def test_mappings_are_read_by_id(self):
        assert dict(self.table.states) == {"dee": "lapsed", "ann": "won_back", "ben": "at_risk", "cy": "new"}
        assert len(self.table.states) == len(self.table) == 4
        assert self.table.states.get("zoe") is None
        with pytest.raises(KeyError):
            self.table.states["zoe"]
        assert repr(self.table.stages) == "<4 customers: early, middle, late>"

    def test_one_customer(self):
        ben = self.table.of("ben")
        assert (ben.orders, ben.silence_days, ben.stage, ben.state) == (1, 70, "early", "at_risk")
        assert (ben.first_at, ben.latest_at, ben.spend) == (AT - 70 * DAY, AT - 70 * DAY, Decimal("15.50"))
        assert (ben.usual_gap_days, ben.has_own_rhythm) == (None, False)
        assert (
            ben.why
            == "silent for 70 days; by the fixed thresholds, at risk after 60 days and lapsed after 120 days"
        )

    def test_one_customer_in_words(self):
        ben = self.table.of("ben")
        assert str(ben) == ben.explain() == f"ben: early, at risk: {ben.why}."
        alone = lifecycle_table(placed("ann", *ago(300)), at=AT).of("ann")
        assert alone.explain().startswith(
            "ann: early, state not known: silent for 300 days; nobody has come back"
        )

    def test_why_by_rhythm(self):
        assert own([43, 36, 29, 22]).why == (
            "silent for 22 days; usually 7 days between two purchases, at risk after 21 days and lapsed after 42 days"
        )
        assert own([1]).why == (
            "silent for 1 day; too few gaps for a rhythm of one's own, by the shop's (30 days as a rule), at risk after "
            "60 days and lapsed after 60 days"
        )

    def test_nobody_of_that_name(self):
        for who in ("zoe", ["ann"]):
            with pytest.raises(
                InvalidValueError, match=r"no customer .* had a purchase before 2026-07-01 00:00"
            ):
                self.table.of(who)

    @pytest.mark.parametrize("ask", ["group", "members"])
    def test_no_such_word(self, ask):
        with pytest.raises(InvalidValueError, match="did you mean 'at_risk'"):
            getattr(self.table, ask)(state="at risk")
        with pytest.raises(InvalidValueError, match=r"stage must be one of 'early'.*got 3"):
            getattr(self.table, ask)(stage=3)

    def test_to_dicts(self):
        rows = self.table.to_dicts()
        assert [row["customer_id"] for row in rows] == ["dee", "ann", "ben", "cy"]
        assert rows[2] == {
            "customer_id": "ben",
            "stage": "early",
            "state": "at_risk",
            "orders": 1,
            "first_at": "2026-04-22T00:00:00+00:00",
            "latest_at": "2026-04-22T00:00:00+00:00",
            "silence_days": 70.0,
            "usual_gap_days": None,
            "spend": Decimal("15.50"),
            "currency": "EUR",
            "why": self.table.of("ben").why,
        }

    def test_ids_in_dicts_are_plain(self):
        orders = [*placed(("a", 1), *ago(30, 20)), *placed(7, *ago(10))]
        rows = lifecycle_table(orders, at=AT, rules=FIXED).to_dicts()
        assert [row["customer_id"] for row in rows] == ["('a', 1)", 7]

    def test_groups_to_dicts(self):
        rows = self.table.groups_to_dicts()
        assert len(rows) == 15
        assert rows[2] == {
            "stage": "early",
            "state": "at_risk",
            "customers": 1,
            "share": 0.25,
            "revenue": Decimal("15.50"),
            "currency": "EUR",
        }
        assert sum(row["customers"] for row in rows) == 4

    def test_words(self):
        assert repr(self.table) == "<LifecycleTable: 4 customers as of 2026-07-01>"
        assert self.table.explain() == (
            "lifecycle_table (as of 2026-07-01 00:00+00:00, rules=at risk after 60 days without a purchase, lapsed after "
            "120 days; new within 30 days of the first): of 4 customers 1 new, 0 active, 1 at risk, 1 lapsed, 1 won back. "
            "Left out of the orders: 1 guest. Assumed: observed_from was not given, so that the orders are taken "
            "as complete from the beginning."
        )

    def test_text(self):
        lines = str(self.table).splitlines()
        assert lines[0].split() == ["new", "active", "at", "risk", "lapsed", "won", "back", "all"]
        assert lines[3].split() == [
            "early",
            "1",
            "(25%)",
            "0",
            "(0%)",
            "1",
            "(25%)",
            "0",
            "(0%)",
            "0",
            "(0%)",
            "2",
            "(50%)",
        ]
        assert lines[8].strip() == "WHAT THEY SPENT (EUR)"
        assert lines[-4].startswith("States: at risk after 60 days")
        assert "Stages: middle from 2 purchases" in str(self.table)

    def test_is_a_value(self):
        same = lifecycle_table(History(SHOP), at=AT, rules=FIXED)
        assert same == self.table
        assert hash(same) == hash(self.table)
        assert pickle.loads(pickle.dumps(self.table)) == copy.deepcopy(self.table) == self.table
        assert self.table != lifecycle_table(SHOP[:-2], at=AT, rules=FIXED)
        assert self.table != 3
        assert lifecycle_table(OTHERS, at=AT) == lifecycle_table(reversed(OTHERS), at=AT)

    def test_customers_of_one_instant_may_stand_in_any_order(self):
        orders = [*placed("ann", *ago(9, 2)), *placed("ben", *ago(9, 4)), *placed("cy", *ago(9))]
        tables = [lifecycle_table(each, at=AT) for each in (orders, orders[::-1])]
        assert tables[0] == tables[1]
        assert tables[0].to_dicts() == tables[1].to_dicts()
        assert tables[0].members() == tables[1].members() == ("ann", "ben", "cy")


class TestReading:
    def test_at_is_not_counted_itself(self):
        orders = placed("ann", *ago(100, 0))
        assert lifecycle_table(orders, at=AT, rules=FIXED).states["ann"] == "at_risk"

    def test_as_of_is(self):
        orders = placed("ann", *ago(100, 0))
        for given in ({}, {"at": AT}):
            table = lifecycle_table(orders, as_of=AT, rules=FIXED, **given)
            assert table.of("ann").silence_days == 0

    def test_shop_list_generator_and_history(self):
        expected = lifecycle_table(SHOP, at=AT)
        for orders in (Shop(orders=SHOP), History(SHOP), (order for order in SHOP), tuple(SHOP)):
            assert lifecycle_table(orders, at=AT) == expected

    def test_policy_counts(self):
        orders = placed("ann", AT - DAY, AT - DAY + timedelta(hours=1))
        merged = OrderPolicy(same_day="merge", tz="UTC")
        assert lifecycle_table(orders, at=AT, rules=FIXED, policy=merged).of("ann").orders == 1

    def test_observed_from_is_told(self):
        table = lifecycle_table(SHOP, at=AT, rules=FIXED, observed_from=AT - 400 * DAY)
        assert "what customers bought before observed_from, 2025-05-27, is not known" in table.explain()

    @pytest.mark.parametrize(
        "given, error, says",
        [
            ({"at": None}, AsOfRequiredError, "lifecycle_table needs as_of="),
            ({"as_of": AT - DAY}, ConflictingArgumentError, "at must not lie after as_of"),
            ({"at": datetime(2026, 7, 1)}, NaiveDatetimeError, "at"),
            ({"at": date(2026, 7, 1)}, NaiveDatetimeError, "at"),
            ({"at": 2026}, InvalidTypeError, "at"),
            ({"rules": None}, InvalidTypeError, "rules must be OwnRhythm(...) or FixedThresholds(...)"),
            ({"rules": timedelta(days=3)}, InvalidTypeError, "rules must be"),
            ({"stages": "early"}, InvalidTypeError, "stages must be LifecycleStages(...)"),
            ({"window": DAY}, TypeError, "window"),
        ],
    )
    def test_bad_input(self, given, error, says):
        with pytest.raises(error) as raised:
            lifecycle_table(SHOP, **{"at": AT, **given})
        assert says in str(raised.value)

    def test_no_orders_at_all(self):
        with pytest.raises(InvalidTypeError):
            lifecycle_table(3, at=AT)

    def test_two_currencies(self):
        """Where customers stand is known without money; only what they spent can't be added."""
        table = lifecycle_table([*SHOP, *placed("eve", *ago(3), currency="USD")], at=AT, rules=FIXED)
        assert table.currencies == ("EUR", "USD")
        assert (table.states["eve"], table.group(state="new").customers) == ("new", 2)
        assert {row["revenue"] for row in table.groups_to_dicts()} == {None}
        assert {(row["spend"], row["currency"]) for row in table.to_dicts()} == {(None, None)}
        asks = (
            lambda: table.group().revenue,
            lambda: table.group().currency,
            lambda: table.of("eve").spend,
            lambda: table.of("eve").currency,
        )
        for ask in asks:
            with pytest.raises(MixedCurrencyError, match=r"EUR and USD|EUR, USD"):
                ask()
        text = str(table)
        assert "WHAT THEY SPENT" not in text
        assert "What they spent is in EUR, USD and can't be added; currency= reads one of them." in text
        assert "2 new" in table.explain()

    def test_one_currency_of_two(self):
        orders = [*SHOP, *placed("eve", *ago(3), currency="USD")]
        table = lifecycle_table(orders, at=AT, rules=FIXED, currency="USD")
        assert (table.currencies, table.group().revenue, len(table)) == (("USD",), Decimal("10.00"), 1)

    def test_large_amounts(self):
        orders = placed("ann", *ago(3), amount=Decimal(10) ** 17)
        assert (
            lifecycle_table([*orders, *placed("ben", *ago(2), amount="0.0001")], at=AT, rules=FIXED)
            .of("ann")
            .spend
            == Decimal(10) ** 17
        )


class TestRules:
    def test_are_data(self):
        for rules in (OwnRhythm(), FIXED, LifecycleStages()):
            assert pickle.loads(pickle.dumps(rules)) == rules
            assert hash(rules) == hash(copy.copy(rules))
        assert OwnRhythm(at_risk_after=2) != OwnRhythm()

    def test_in_words(self):
        assert OwnRhythm().in_words() == (
            "at risk after 3 times the own median gap, lapsed after 6 times; with fewer than 3 gaps, once longer than "
            "85 % and 95 % of the shop's gaps"
        )
        rules = FixedThresholds(
            new_within=relativedelta(months=1),
            at_risk_after=relativedelta(months=2),
            lapsed_after=relativedelta(years=1),
        )
        assert rules.in_words() == (
            "at risk after 2 months without a purchase, lapsed after 1 year; new within 1 month of the first"
        )

    @pytest.mark.parametrize("name", ["new_within", "at_risk_after", "lapsed_after"])
    def test_no_window_has_a_default(self, name):
        limits = {"new_within": DAY, "at_risk_after": DAY, "lapsed_after": 2 * DAY}
        del limits[name]
        with pytest.raises(TypeError, match=name):
            FixedThresholds(**limits)

    @pytest.mark.parametrize("name", ["new_within", "at_risk_after", "lapsed_after"])
    @pytest.mark.parametrize(
        "value, error",
        [
            (30, InvalidTypeError),
            (None, InvalidTypeError),
            ("30 days", InvalidTypeError),
            (timedelta(0), InvalidValueError),
            (-DAY, InvalidValueError),
            (relativedelta(days=-1), InvalidValueError),
            (relativedelta(year=2026), InvalidValueError),
        ],
    )
    def test_bad_thresholds(self, name, value, error):
        limits = {"new_within": DAY, "at_risk_after": DAY, "lapsed_after": 2 * DAY}
        with pytest.raises(error, match=name):
            FixedThresholds(**{**limits, name: value})

    @pytest.mark.parametrize(
        "at_risk, lapsed",
        [
            (DAY, DAY),
            (2 * DAY, DAY),
            (30 * DAY, relativedelta(months=1)),
            (relativedelta(months=1), 31 * DAY),
            (relativedelta(days=1), DAY),
        ],
    )
    def test_lapsed_must_come_later_wherever_one_begins(self, at_risk, lapsed):
        with pytest.raises(InvalidValueError, match="lapsed_after must be longer than at_risk_after"):
            FixedThresholds(new_within=DAY, at_risk_after=at_risk, lapsed_after=lapsed)

    @pytest.mark.parametrize(
        "given, says",
        [
            ({"at_risk_after": 0}, "OwnRhythm.at_risk_after must be a number above 0 (got 0)"),
            ({"at_risk_after": -1.5}, "above 0"),
            ({"at_risk_after": float("nan")}, "above 0"),
            ({"lapsed_after": float("inf")}, "above 0"),
            ({"lapsed_after": Decimal("NaN")}, "above 0"),
            ({"at_risk_after": True}, "not bool"),
            ({"at_risk_after": DAY}, "not timedelta"),
            ({"lapsed_after": "6"}, "not str"),
            ({"lapsed_after": 3}, "lapsed_after must be more than at_risk_after, 3 (got 3)"),
            ({"lapsed_after": Decimal("2.9")}, "lapsed_after must be more than at_risk_after, 3 (got 2.9)"),
            ({"fewest_gaps": 0}, "fewest_gaps must be 1 or more"),
            ({"fewest_gaps": 2.0}, "fewest_gaps must be an int, not float"),
            ({"fewest_gaps": True}, "fewest_gaps must be an int, not bool"),
            ({"shop_at_risk": 0}, "shop_at_risk must be a share above 0 and up to 1"),
            (
                {"shop_lapsed": 95},
                "shop_lapsed must be a share above 0 and up to 1 (got 95); write 85 % as 0.85",
            ),
            ({"shop_lapsed": None}, "not NoneType"),
            ({"shop_lapsed": 0.8}, "shop_lapsed must not be below shop_at_risk, 0.85 (got 0.8)"),
            ({"shortest_gap": 1}, "shortest_gap must be a timedelta or a relativedelta"),
            ({"shortest_gap": timedelta(0)}, "shortest_gap must be longer than zero"),
            ({"shortest_gap": relativedelta(days=1)}, "shortest_gap must be a timedelta"),
        ],
    )
    def test_bad_rhythms(self, given, says):
        with pytest.raises(RetentionError) as error:
            OwnRhythm(**given)
        assert says in str(error.value)

    @pytest.mark.parametrize(
        "given, says",
        [
            ({"middle_orders": 0}, "LifecycleStages.middle_orders must be 1 or more"),
            ({"late_orders": "5"}, "late_orders must be an int, not str"),
            ({"late_orders": 1}, "late_orders must not be below middle_orders, 2 (got 1)"),
            ({"middle_tenure": 30}, "middle_tenure must be a timedelta"),
            ({"late_tenure": timedelta(0)}, "late_tenure must be longer than zero"),
            ({"late_tenure": DAY}, "late_tenure must not be shorter than middle_tenure, 30 days (got 1 day)"),
        ],
    )
    def test_bad_stages(self, given, says):
        with pytest.raises(RetentionError) as error:
            LifecycleStages(**given)
        assert says in str(error.value)

    def test_equal_tenures_will_do(self):
        assert LifecycleStages(middle_tenure=DAY, late_tenure=DAY).late_tenure == DAY

    def test_sample(self):
        orders = make_orders({"ann": ["2026-01-01", "2026-02-01"]})
        assert isinstance(lifecycle_table(orders, at=AT), LifecycleTable)


def test_where_no_silence_can_be_judged_none_is_too_long():
    here = standing(
        History(make_orders({"ann": ["2026-03-01"]})), at=datetime(2026, 4, 1, tzinfo=UTC), owner="test"
    )
    assert at_risk_from(here, Judged(states=None, rhythms=None), OWN_RHYTHM, []) == []
