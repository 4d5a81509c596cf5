from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta

import retention as rt
from retention._facts import Money, facts
from retention._numerics import ClusterSums
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
)
from retention.testing import make_orders

DAY = timedelta(days=1)
US = 86_400_000_000
JANUARY, FEBRUARY, MARCH, APRIL = (rt.Period.month(2026, month, tz="UTC") for month in (1, 2, 3, 4))

# ann: kept in March. ben: lost. cy: new, twice at one instant. dee: came back. A guest, and eve, who got all back.
ORDERS = [
    *make_orders(
        {
            "ann": ["2026-02-10", ("2026-03-10", "30.00")],
            "ben": ["2026-02-20"],
            "cy": [("2026-03-20", "5.00"), ("2026-03-20", "7.00")],
            "dee": ["2026-01-05", "2026-03-15"],
            None: [("2026-03-21", "8.00")],
        }
    ),
    rt.Order(
        id="eve",
        customer_id="eve",
        placed_at=datetime(2026, 3, 22, tzinfo=UTC),
        amount="20.00",
        currency="EUR",
        refunds=[rt.Refund(refunded_at=datetime(2026, 4, 2, tzinfo=UTC), amount="20.00")],
    ),
]
HISTORY = rt.History(ORDERS)


def of(period, history=HISTORY, **given):
    return facts(history, [period], **given)[0]


def named(found, numbers):
    return sorted(found.ids[number] for number in numbers)


class TestCounts:
    def test_customers(self):
        found = of(MARCH)
        base = found.base
        assert (found.active, found.repeaters) == (3, 1)
        assert (base.start, base.lapsed, base.end) == (2, 1, 3)
        assert named(found, base.kept) == ["ann"]
        assert named(found, base.lost) == ["ben"]
        assert named(found, base.new) == ["cy"]
        assert named(found, base.reactivated) == ["dee"]

    def test_money_in_cents(self):
        found = of(MARCH)
        # 30 + (5 + 7) + 10 + the guest's 8 + eve's 20
        assert (found.gross, found.money.amount(found.gross)) == (8000, Decimal("80.00"))
        assert found.spends == [1000, 1200, 3000]
        assert found.spend == ClusterSums(n=3, x=3, y=5200, xx=3, xy=5200, yy=11_440_000, scale=100)
        # clusters: ann 1 for 30, cy 2 for 12, dee 1 for 10, the guest 1 for 8
        assert found.order_values == ClusterSums(
            n=4, x=5, y=6000, xx=7, xy=3000 + 2400 + 1000 + 800, yy=11_440_000 + 640_000, scale=100
        )
        assert (found.existing_spend.y, found.existing_spend.x) == (4000, 5200)
        assert (found.new_spend.n, found.new_spend.y) == (1, 1200)
        assert (found.returning_spend.n, found.returning_spend.y) == (2, 4000)

    def test_refunds_by_order_and_by_refund(self):
        march, april = facts(HISTORY, [MARCH, APRIL])
        assert (march.refunds.y, march.refunds_made.y) == (2000, 0)
        assert (april.refunds.y, april.refunds_made.y) == (0, 2000)
        # eve, who never purchased, is a cluster of her own
        assert (march.refunds.n, march.refunds.x, march.refunds.xy) == (5, 8000, 2000 * 2000)
        assert (april.refunds_made.n, april.refunds_made.x, april.refunds_made.xy) == (1, 0, 0)

    def test_purchases_at_the_instant_of_the_first_are_no_repeats(self):
        found = of(MARCH)
        assert (found.repeat_orders.y, found.repeat_orders.x) == (2, 4)  # ann's and dee's

    def test_times(self):
        found = of(MARCH, recency=True)
        assert list(found.second_gaps) == [0]
        assert sorted(found.gaps) == [0, 28 * US, 69 * US]
        assert [time / US for time in found.recency] == [11.5, 16.5, 21.5, 39.5]
        assert of(MARCH).recency is None

    def test_left_out_by_what_is_counted(self):
        found = of(MARCH)
        assert found.left_out == {"no net amount": 1, "guest": 1}
        assert found.left_out_of("customers") == {"no net amount": 1, "guest": 1}
        assert found.left_out_of("purchases") == {"no net amount": 1}
        assert found.left_out_of("sales") == {}

    def test_an_empty_period(self):
        found = of(rt.Period.month(2020, 1, tz="UTC"), recency=True)
        assert (found.active, found.gross, found.base.start, found.base.end) == (0, 0, 0, 0)
        assert list(found.recency) == []

    def test_every_period_counts_for_itself(self):
        periods = [MARCH, JANUARY, rt.Period.year(2026, tz="UTC"), MARCH]
        together = facts(HISTORY, iter(periods), recency=True)
        assert together == [of(period, recency=True) for period in periods]


class TestInactiveAfter:
    def test_the_base_is_who_purchased_within_it(self):
        found = of(MARCH, inactive_after=relativedelta(months=2))
        # opening base: purchased since 1 January: ann, ben, dee; closing base: since 1 February
        assert found.base.start == 3
        assert named(found, found.base.kept) == ["ann", "ben", "dee"]
        assert named(found, found.base.new) == ["cy"]
        assert (list(found.base.lost), list(found.base.reactivated), found.base.lapsed) == ([], [], 0)

    def test_the_length_of_the_period_is_enough(self):
        assert of(MARCH, inactive_after=relativedelta(months=1)).base.start == 2
        assert of(MARCH, inactive_after=timedelta(days=31)).base.end == 3

    def test_reactivated_and_lost(self):
        april = make_orders(
            {"ann": ["2026-01-05", "2026-04-20"], "ben": ["2026-03-01"], "cy": ["2026-02-15"]}
        )
        found = of(APRIL, rt.History(april), inactive_after=timedelta(days=40))
        # opening since 20 February: ben; closing since 22 March: ann
        assert (found.base.start, named(found, found.base.lost)) == (1, ["ben"])
        assert named(found, found.base.reactivated) == ["ann"]
        assert found.base.lapsed == 2

    @pytest.mark.parametrize("short", [timedelta(days=30), relativedelta(days=30)])
    def test_shorter_than_the_period_is_refused(self, short):
        with pytest.raises(ConflictingArgumentError, match="inactive_after must not be shorter") as caught:
            of(MARCH, inactive_after=short)
        assert ("relativedelta(months=1)" in str(caught.value)) == isinstance(short, timedelta)

    @pytest.mark.parametrize("bad", [timedelta(0), timedelta(-1), relativedelta(months=-1)])
    def test_is_above_nothing(self, bad):
        with pytest.raises(InvalidValueError, match="inactive_after"):
            of(MARCH, inactive_after=bad)

    @pytest.mark.parametrize("bad", [30, "30d", True])
    def test_is_a_duration(self, bad):
        with pytest.raises(InvalidTypeError, match="inactive_after"):
            of(MARCH, inactive_after=bad)

    def test_reaching_before_the_calendar(self):
        found = of(rt.Period.year(1, tz="UTC"), inactive_after=timedelta(days=400))
        assert found.base_unseen == "the base lies before the calendar begins"


class TestWhatIsKnown:
    @pytest.mark.parametrize(
        "as_of, partial, unseen",
        [
            (datetime(2026, 2, 28, 23, tzinfo=UTC), False, True),
            (datetime(2026, 3, 1, tzinfo=UTC), True, False),
            (datetime(2026, 3, 31, 23, 59, tzinfo=UTC), True, False),
            (datetime(2026, 4, 1, tzinfo=UTC), False, False),
        ],
    )
    def test_partial_and_after_as_of(self, as_of, partial, unseen):
        found = of(MARCH, rt.History(ORDERS, as_of=as_of))
        assert found.partial is partial
        assert (found.unseen is not None) is unseen
        if unseen:
            assert found.unseen == f"the period begins after as_of, {as_of.isoformat()}"

    def test_recency_of_a_partial_period_ends_at_as_of(self):
        as_of = datetime(2026, 3, 10, 12, tzinfo=UTC)
        found = of(MARCH, rt.History(ORDERS, as_of=as_of), recency=True)
        assert [time / US for time in found.recency] == [0, 18, 64]  # ann's is of that very instant

    def test_before_the_data_begin(self):
        history = rt.History(ORDERS, observed_from=datetime(2026, 2, 15, tzinfo=UTC))
        march, february, april = facts(history, [MARCH, FEBRUARY, APRIL])
        assert march.unseen is None
        assert march.base_unseen == "the base reaches before observed_from, 2026-02-15T00:00:00+00:00"
        assert february.unseen == "the period begins before observed_from, 2026-02-15T00:00:00+00:00"
        assert (april.unseen, april.base_unseen) == (None, None)

    def test_what_is_taken_for_granted(self):
        found = of(MARCH)
        assert "as_of was not given" in found.assumed[0]
        for needs in (("firsts",), ("base",)):
            assert "observed_from was not given" in found.assumed_for(needs)[1]
        history = rt.History(
            ORDERS,
            as_of=datetime(2026, 5, 1, tzinfo=UTC),
            observed_from=datetime(2026, 1, 1, tzinfo=UTC),
        )
        found = of(MARCH, history)
        assert found.assumed == ()
        assert found.assumed_for(("firsts",)) == (
            "a customer whose earlier purchases all lie before observed_from, 2026-01-01, is taken as new",
        )
        assert found.assumed_for(("base",)) == ()

    def test_the_day_of_observed_from_is_that_of_the_period(self):
        berlin = rt.Period.month(2026, 3, tz="Europe/Berlin")
        history = rt.History(ORDERS, observed_from=datetime(2025, 12, 31, 23, tzinfo=UTC))
        assert "observed_from, 2026-01-01," in of(berlin, history).assumed_for(("firsts",))[-1]

    def test_where_the_data_begin_all_look_new(self):
        history = rt.History(ORDERS, observed_from=MARCH.start)
        found = of(MARCH, history)
        assert found.unseen is None
        assert found.unseen_for(("base",)) == found.base_unseen
        assert found.unseen_for(("firsts",)) == (
            "the data begin too late to tell who was new in 2026-03: at least as much time as the period is long must "
            "lie between observed_from, 2026-03-01, and its start; take a later period, or a shorter one"
        )

    def test_who_is_new_needs_as_much_past_as_the_base(self):
        history = rt.History(ORDERS, observed_from=MARCH.start - timedelta(days=59))
        assert of(MARCH, history).unseen_for(("firsts",)) is None
        found = of(MARCH, history, inactive_after=timedelta(days=60))
        assert "at least as much time as 60 days must lie between" in found.unseen_for(("firsts",))

    def test_the_beginning_of_the_data_is_told_in_the_zone_of_the_period(self):
        zone = ZoneInfo("Europe/Berlin")
        march = rt.Period.month(2026, 3, tz=zone)
        found = of(march, rt.History(ORDERS, observed_from=march.start))
        assert found.base_unseen.endswith("2026-03-01T00:00:00+01:00")
        assert "observed_from, 2026-03-01," in found.unseen_for(("firsts",))

    def test_a_basis_takes_what_the_figure_needs(self):
        history = rt.History(ORDERS, observed_from=datetime(2026, 2, 15, tzinfo=UTC))
        found = of(MARCH, history)
        plain = found.basis("m", of="sales")
        assert (plain.observable, plain.undefined_because, plain.assumed) == (True, None, found.assumed)
        based = found.basis("m", of="customers", needs=("firsts", "base"))
        assert (based.observable, based.undefined_because) == (False, found.base_unseen)
        assert based.assumed == found.assumed_for(("firsts", "base"))

    def test_year_1_has_nothing_before_it(self):
        found = of(rt.Period.year(1, tz="UTC"))
        assert (found.unseen, found.base_unseen) == (None, "the base lies before the calendar begins")


class TestMoney:
    def test_units(self):
        money = Money(places=3, currencies=("TND",))
        assert (money.scale, money.currency, money.amount(-1250)) == (1000, "TND", Decimal("-1.250"))

    def test_no_sales_no_currency(self):
        assert Money(places=2, currencies=()).currency is None

    def test_the_one_gate_of_all_sums(self):
        money = Money(places=2, currencies=("EUR", "USD"))
        with pytest.raises(MixedCurrencyError):
            money.amount(1)
        with pytest.raises(MixedCurrencyError):
            _ = money.currency


@pytest.mark.parametrize("period", ["2026-03", None, 3, datetime(2026, 3, 1, tzinfo=UTC), [MARCH]])
def test_a_period_is_a_period(period):
    with pytest.raises(InvalidTypeError, match="period must be a Period such as"):
        rt.order_count(ORDERS, period=period)


@pytest.mark.parametrize("zone", ["America/Asuncion", "America/Santiago", "Africa/Cairo", "Europe/Berlin"])
def test_a_base_of_calendar_months_is_the_month_before_also_where_midnight_is_skipped(zone):
    # Asunción's October 2017 began at 01:00: the wall clock stepped back a month would begin September late.
    for month in rt.Period.year(2017, tz=zone).split("month"):
        just_in_time = month.previous().start
        order = rt.Order(id=1, customer_id="ann", placed_at=just_in_time, amount=1, currency="EUR")
        (found,) = facts(rt.History([order]), [month], inactive_after=relativedelta(months=1))
        assert found.base.start == 1
