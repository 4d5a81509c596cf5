"""Where customers stand at an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta

from retention import (
    AsOfRequiredError,
    ConflictingArgumentError,
    Customer,
    FixedThresholds,
    History,
    LifecycleStages,
    NaiveDatetimeError,
    Period,
    Shop,
    at_risk_customers,
    errors,
    ideal_customer_profile,
    lifecycle_table,
    lifecycle_transitions,
    rfm_migration,
    rfm_table,
)
from retention.segments._standing import standing
from retention.testing import make_order, make_orders

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
DAY = 86_400_000_000


def test_customers_stand_as_they_were_just_before_the_instant():
    orders = make_orders({"ann": ["2026-01-05", "2026-02-01"], "ben": ["2026-02-10", "2026-03-05"]})
    found = standing(History(orders), MARCH, owner="x")
    assert list(found.ids) == ["ann", "ben"]
    assert list(found.orders) == [2, 1]
    ann, ben = found.spend()
    assert ann == 2 * ben > 0
    ann, ben = (list(found.gaps()[who]) for who in (0, 1))
    assert (ann, ben) == ([27 * DAY], [])
    assert found.gaps(shortest=28 * DAY).counts() == [0, 0]
    assert [found.now - at for at in found.latest_at] == [int(27.5 * DAY), int(18.5 * DAY)]


def test_what_happens_at_the_instant_itself_counts_only_where_it_is_as_of():
    order = make_order(customer_id="ann", placed_at=MARCH)
    assert standing(History([order]), MARCH, owner="x").customers == 0
    known = History([order], as_of=MARCH)
    assert standing(known, None, owner="x").customers == 1
    assert standing(known, MARCH, owner="x").customers == 1
    assert standing(History([order], as_of=MARCH + timedelta(days=1)), MARCH, owner="x").customers == 0


def test_a_window_begins_where_the_calendar_of_the_instants_zone_says():
    orders = make_orders({"ann": ["2026-01-05", "2026-02-10"], "ben": ["2026-01-06"]})
    at = datetime(2026, 3, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    found = standing(History(orders), at, owner="x")
    since = found.since(relativedelta(months=1), owner="x")
    begin = datetime(2026, 2, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert since == int(begin.timestamp()) * 1_000_000
    assert list(found.frequency(since)) == [1, 0]
    assert list(found.frequency()) == [2, 1]
    assert found.spend(since)[1] == 0
    assert found.since(None, owner="x") is None


def test_the_basis_says_what_was_left_out_and_taken_for_granted():
    orders = [
        make_order(customer_id=None, placed_at=MARCH - timedelta(days=2)),
        make_order(customer_id="ann", placed_at=MARCH - timedelta(days=1), is_test=True),
        make_order(customer_id=None, placed_at=MARCH + timedelta(days=2)),
    ]
    basis = standing(History(orders), MARCH, owner="x").basis("some_table", options=(("a", "b"),))
    assert dict(basis.left_out) == {"test": 1, "guest": 1}
    assert basis.period == "as of 2026-03-01 00:00+00:00"
    assert basis.options == (("a", "b"),)
    assert "observed_from was not given" in basis.assumed[0]
    since = standing(History(orders, observed_from=MARCH - timedelta(days=9)), MARCH, owner="x")
    assert "2026-02-20" in since.basis("some_table").assumed[0]


def test_it_needs_an_instant_that_is_known():
    history = History(make_orders({"ann": ["2026-01-05"]}))
    with pytest.raises(AsOfRequiredError, match=r"rfm_table needs as_of=, .* or start="):
        standing(history, None, owner="rfm_table", name="start")
    with pytest.raises(NaiveDatetimeError, match="at must have a time zone"):
        standing(history, datetime(2026, 3, 1), owner="x")
    with pytest.raises(errors.InvalidTypeError, match="at must be a datetime"):
        standing(history, 3, owner="x")
    known = History(make_orders({"ann": ["2026-01-05"]}), as_of=MARCH)
    with pytest.raises(ConflictingArgumentError, match="must not lie after as_of"):
        standing(known, MARCH + timedelta(days=1), owner="x")


def test_money_beyond_64_bits_is_summed_all_the_same():
    orders = [
        make_order(id=n, customer_id="ann", placed_at=MARCH - timedelta(days=n), amount=10**17)
        for n in (1, 2)
    ]
    assert list(standing(History(orders), MARCH, owner="x").spend()) == [2 * 10**19]


class TestZone:
    """Months are those of the zone that is named: at the end of February that makes three days."""

    BERLIN = ZoneInfo("Europe/Berlin")
    AS_OF = datetime(2026, 3, 1, tzinfo=BERLIN)
    ORDERS = make_orders({"a": ["2026-01-30", "2026-02-10"], "b": ["2026-01-30"]})
    MONTH = relativedelta(months=1)

    @pytest.mark.parametrize(
        "at, tz, buyers",
        [
            (None, "Europe/Berlin", ["a"]),
            (AS_OF, None, ["a"]),
            (Period.month(2026, 3, tz=BERLIN).start, None, ["a", "b"]),
            (Period.month(2026, 3, tz=BERLIN).start, BERLIN, ["a"]),
            (AS_OF, "UTC", ["a", "b"]),
        ],
    )
    def test_a_window_of_a_month(self, at, tz, buyers):
        table = rfm_table(self.ORDERS, window=self.MONTH, as_of=self.AS_OF, at=at, tz=tz)
        assert [each.customer_id for each in table] == buyers

    def test_nobody_said_in_which_zone(self):
        shop = Shop(orders=self.ORDERS, as_of=self.AS_OF, customers=[Customer(id="a", country="DE")])
        day = timedelta(days=1)
        limits = FixedThresholds(new_within=day, at_risk_after=day, lapsed_after=self.MONTH)
        late = LifecycleStages(late_tenure=13 * self.MONTH)
        asks = {
            "rfm_table: window": lambda: rfm_table(shop, window=self.MONTH),
            "lifecycle_table: FixedThresholds.lapsed_after": lambda: lifecycle_table(shop, rules=limits),
            "lifecycle_table: LifecycleStages.late_tenure": lambda: lifecycle_table(shop, stages=late),
            "at_risk_customers: window": lambda: at_risk_customers(shop, window=self.MONTH),
            "at_risk_customers: within": lambda: at_risk_customers(shop, within=self.MONTH),
            "at_risk_customers: FixedThresholds.lapsed_after": lambda: at_risk_customers(shop, rules=limits),
            "ideal_customer_profile: window": lambda: ideal_customer_profile(shop, window=self.MONTH),
            "ideal_customer_profile: within": lambda: ideal_customer_profile(shop, within=self.MONTH),
        }
        for name, ask in asks.items():
            with pytest.raises(
                errors.InvalidValueError, match=rf"^{name} is counted by the calendar .* give tz="
            ):
                ask()
        # without a calendar no zone is needed
        rfm_table(shop, window=31 * day)
        lifecycle_table(shop, rules=FixedThresholds(new_within=day, at_risk_after=day, lapsed_after=2 * day))

    @pytest.mark.parametrize("window", [timedelta(days=999_999), relativedelta(years=9000)])
    def test_a_window_beyond_the_calendar_is_all_time(self, window):
        given = {"as_of": self.AS_OF, "tz": "UTC"}
        assert len(rfm_table(self.ORDERS, window=window, **given)) == 2
        assert at_risk_customers(self.ORDERS, window=window, **given).window == window

    def test_observed_from_is_told_in_the_zone_or_in_full(self):
        given = {"as_of": self.AS_OF, "observed_from": datetime(2026, 1, 1, tzinfo=self.BERLIN)}
        assert (
            "observed_from, 2026-01-01, is"
            in lifecycle_table(self.ORDERS, tz=self.BERLIN, **given).assumed[0]
        )
        assert "observed_from, 2025-12-31 23:00+00:00, is" in lifecycle_table(self.ORDERS, **given).assumed[0]

    def test_every_function_takes_it(self):
        given = {"as_of": self.AS_OF, "tz": "Europe/Berlin"}
        label = "as of 2026-03-01 00:00+01:00"
        rules = FixedThresholds(
            new_within=timedelta(days=9), at_risk_after=self.MONTH, lapsed_after=timedelta(days=90)
        )
        assert lifecycle_table(self.ORDERS, rules=rules, **given).basis.period == label
        assert at_risk_customers(self.ORDERS, rules=rules, **given).basis.period == label
        shop = Shop(orders=self.ORDERS, as_of=self.AS_OF, customers=[Customer(id="a", country="DE")])
        assert ideal_customer_profile(shop, tz="Europe/Berlin").basis.period == label
        span = {"start": datetime(2026, 1, 31, 23, tzinfo=UTC), "end": datetime(2026, 2, 28, 23, tzinfo=UTC)}
        for moved in (
            lifecycle_transitions(self.ORDERS, **span, **given),
            rfm_migration(self.ORDERS, **span, **given),
        ):
            assert moved.basis.period == "2026-02-01 00:00+01:00 to 2026-03-01 00:00+01:00"

    def test_who_is_at_risk_is_a_matter_of_the_zone(self):
        rules = FixedThresholds(
            new_within=timedelta(days=1), at_risk_after=self.MONTH, lapsed_after=timedelta(days=90)
        )
        given = {"as_of": self.AS_OF, "rules": rules}
        # 31 January, half past midnight in Berlin; in UTC still the 30th, and a month from then is the night of 28 February
        order = make_order(customer_id="a", placed_at=datetime(2026, 1, 30, 23, 30, tzinfo=UTC))
        assert len(at_risk_customers([order], tz="Europe/Berlin", **given)) == 1
        assert len(at_risk_customers([order], tz="UTC", **given)) == 0

    def test_no_zone(self):
        with pytest.raises(errors.InvalidValueError, match=r"rfm_table: tz .*Berlin"):
            rfm_table(self.ORDERS, as_of=self.AS_OF, tz="Europe/Berlim")
