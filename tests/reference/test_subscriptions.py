"""Recurring revenue by hand: each case is small enough to be worked out on paper, and says how.

March 2026 is the period, in UTC, unless a case says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from scipy import stats

from retention import MixedCurrencyError, Pause, Period, Subscription
from retention.metrics import (
    average_revenue_per_account_value,
    gross_revenue_retention_rate,
    monthly_recurring_revenue,
    net_revenue_churn_ratio,
    net_revenue_retention_ratio,
    quick_ratio,
    recurring_revenue_curve,
    revenue_churn_rate,
    revenue_churn_ratio,
    revenue_flow,
    subscriber_churn_rate,
    subscriber_count,
    subscriber_retention_rate,
)

FEBRUARY, MARCH, APRIL = (Period.month(2026, month, tz="UTC") for month in (2, 3, 4))
Moment = tuple[int, ...]


def moment(of: Moment | None) -> datetime | None:
    """(3, 12) is 12 March 2026, midnight; hours and minutes may follow."""
    return None if of is None else datetime(2026, *of, tzinfo=UTC)


def span(
    customer: str,
    amount: str,
    start: Moment,
    end: Moment | None = None,
    *,
    trial: Moment | None = None,
    **more: Any,
) -> Subscription:
    pauses = [Pause(started_at=moment(one), ended_at=moment(other)) for one, other in more.pop("pauses", ())]
    return Subscription(
        **{
            "id": (customer, amount, start, end),
            "customer_id": customer,
            "amount": amount,
            "currency": "EUR",
            "interval": "month",
            "started_at": moment(start),
            "ended_at": moment(end),
            "trial_ends_at": moment(trial),
            "pauses": pauses,
            **more,
        }
    )


def moved(given: Iterable[Subscription], period: Period = MARCH, **more: Any) -> Mapping[str, Fraction]:
    """What a flow consists of, without what is 0."""
    exact = revenue_flow(given, period=period, **more).exact
    return {name: amount for name, amount in exact.items() if amount}


# ---------------------------------------------------------------------------------- normalised once


@pytest.mark.parametrize(
    "amount, interval, count, monthly",
    [
        ("10.00", "month", 1, Fraction(10)),
        ("100.00", "year", 1, Fraction(25, 3)),  # 100 / 12
        ("48.00", "year", 2, Fraction(2)),  # 48 / 24
        ("30.00", "month", 3, Fraction(10)),
        ("3.00", "week", 1, Fraction(13)),  # 3 * 52 / 12
        ("12.00", "week", 4, Fraction(13)),  # 3 a week
        ("1.00", "day", 1, Fraction(365, 12)),
        ("30.00", "day", 30, Fraction(365, 12)),  # 1 a day
        ("10.00", "day", 10, Fraction(365, 12)),
        ("7.00", "day", 28, Fraction(365, 48)),  # a quarter a day
    ],
)
def test_an_amount_is_put_on_a_month_as_an_exact_fraction(amount, interval, count, monthly):
    one = span("ann", amount, (1, 5), interval=interval, interval_count=count)
    assert one.monthly_amount == monthly
    assert moved([one]) == {"start": monthly, "end": monthly}


def test_thirds_add_up_to_a_whole():
    # Three yearly plans of 100: 25 a month, and no cent is lost on the way.
    three = [span(who, "100.00", (1, 5), interval="year") for who in ("ann", "ben", "cy")]
    assert monthly_recurring_revenue(three, period=MARCH) == Decimal(25)
    assert str(monthly_recurring_revenue(three[:1], period=MARCH)) == "8.333333333333333333333333333"
    mean = average_revenue_per_account_value(three, period=MARCH)
    assert str(mean.value) == "8.333333333333333333333333333"
    # Of three equals one is gone: a third, to the last digit that a float has.
    gone = [*three[:2], span("cy", "100.00", (1, 5), (3, 9), interval="year")]
    assert revenue_churn_rate(gone, period=MARCH).value == 1 / 3


# ------------------------------------------------------------------------------ changes within a day


def test_an_upgrade_within_a_day_is_one_step_up():
    # 10 until noon of 12 March, 25 from then on.
    given = [span("ann", "10.00", (1, 5), (3, 12, 12)), span("ann", "25.00", (3, 12, 12))]
    assert moved(given) == {"start": 10, "expansion": 15, "end": 25}
    curve = recurring_revenue_curve(given, period=MARCH)
    noon = datetime(2026, 3, 12, 12, tzinfo=UTC)
    assert [(at, str(paid)) for at, paid in curve.points()] == [
        (datetime(2026, 3, 1, tzinfo=UTC), "10.00"),
        (noon, "25.00"),
    ]
    assert curve.at(noon - timedelta(microseconds=1)) == 10
    assert curve.at(noon) == 25


def test_an_upgrade_and_back_within_a_day_are_two_steps():
    # Up by 15 at 9, down by 20 at 17: both are movements, since each is an instant of its own.
    given = [
        span("ann", "10.00", (1, 5), (3, 12, 9)),
        span("ann", "25.00", (3, 12, 9), (3, 12, 17)),
        span("ann", "5.00", (3, 12, 17)),
    ]
    assert moved(given) == {"start": 10, "expansion": 15, "contraction": 20, "end": 5}


@pytest.mark.parametrize(
    "price, movement",
    [("10.00", {}), ("12.00", {"expansion": 2}), ("7.00", {"contraction": 3})],
)
def test_a_plan_that_ends_and_restarts_at_the_same_instant_moves_by_its_net_effect(price, movement):
    given = [span("ann", "10.00", (1, 5), (3, 12), end_reason="customer"), span("ann", price, (3, 12))]
    assert moved(given) == {"start": 10, **movement, "end": Decimal(price)}
    assert subscriber_churn_rate(given, period=MARCH).numerator == 0


def test_two_plans_at_once_are_one_customer():
    # Ann pays 10 + 5; from 9 March on only 10 (contraction), from 20 March on 10 + 8 (expansion).
    given = [
        span("ann", "10.00", (1, 5)),
        span("ann", "5.00", (2, 5), (3, 9)),
        span("ann", "8.00", (3, 20)),
        span("ben", "20.00", (1, 7)),
    ]
    assert moved(given) == {"start": 35, "contraction": 5, "expansion": 8, "end": 38}
    assert subscriber_count(given, period=MARCH) == 2
    # At the two ends ann went from 15 to 18: nothing is lost, 38 of 35 are there.
    assert revenue_churn_rate(given, period=MARCH).numerator == 0
    assert net_revenue_retention_ratio(given, period=MARCH).value == 38 / 35
    # On the way, 5 of 35 was lost; 8 was won: 3 less than nothing.
    assert revenue_churn_ratio(given, period=MARCH).value == 5 / 35
    assert net_revenue_churn_ratio(given, period=MARCH).value == -3 / 35
    assert quick_ratio(given, period=MARCH).value == 8 / 5


def test_what_one_drops_another_takes_up_is_two_movements_and_no_step():
    given = [span("ann", "10.00", (1, 5), (3, 12)), span("ben", "10.00", (3, 12))]
    assert moved(given) == {"start": 10, "new": 10, "churned": 10, "end": 10}
    assert recurring_revenue_curve(given, period=MARCH).steps == ()


# ------------------------------------------------------------------------------------------ bridges


def test_without_a_bridge_a_gap_is_churn_and_reactivation():
    given = [span("ann", "10.00", (1, 5), (3, 10)), span("ann", "10.00", (3, 13))]
    assert moved(given) == {"start": 10, "churned": 10, "reactivation": 10, "end": 10}


@pytest.mark.parametrize(
    "bridge, is_bridged",
    [
        (timedelta(days=3), True),  # the limit included
        (timedelta(days=3) - timedelta(microseconds=1), False),
        (relativedelta(days=3), True),
        (relativedelta(months=1), True),
    ],
)
def test_a_bridge_keeps_what_was_paid_before_the_gap(bridge, is_bridged):
    given = [span("ann", "10.00", (1, 5), (3, 10)), span("ann", "12.00", (3, 13))]
    expected = (
        {"start": 10, "expansion": 2, "end": 12}
        if is_bridged
        else {"start": 10, "churned": 10, "reactivation": 12, "end": 12}
    )
    assert moved(given, bridge=bridge) == expected


def test_a_bridge_of_months_is_measured_in_the_zone_of_the_period():
    # In Berlin the gap is from 1 March to 1 April: a month, to the hour. In UTC it is from 28 February, 23:00, to
    # 31 March, 22:00, which is three days more than a month.
    ends, begins = (datetime(2026, month, 1, tzinfo=ZoneInfo("Europe/Berlin")) for month in (3, 4))
    common: dict[str, Any] = {"customer_id": "ann", "amount": 10, "currency": "EUR", "interval": "month"}
    given = [
        Subscription(id=1, started_at=ends - timedelta(days=50), ended_at=ends, **common),
        Subscription(id=2, started_at=begins, **common),
    ]
    bridge = relativedelta(months=1)
    assert moved(given, Period.month(2026, 3, tz="Europe/Berlin"), bridge=bridge) == {"start": 10, "end": 10}
    assert moved(given, Period.month(2026, 3, tz="UTC"), bridge=bridge) == {"reactivation": 10, "end": 10}


def test_a_bridge_over_the_end_of_a_period_joins_both():
    # The gap is from 30 March to 2 April: 10 is kept through it, in both months.
    given = [span("ann", "10.00", (1, 5), (3, 30)), span("ann", "10.00", (4, 2))]
    bridge = timedelta(days=3)
    assert (
        moved(given, MARCH, bridge=bridge) == moved(given, APRIL, bridge=bridge) == {"start": 10, "end": 10}
    )
    assert subscriber_churn_rate(given, period=MARCH, bridge=bridge).numerator == 0
    assert subscriber_churn_rate(given, period=MARCH).numerator == 1


def test_a_gap_that_has_not_closed_by_as_of_is_churn_until_it_does():
    given = [span("ann", "10.00", (1, 5), (3, 30)), span("ann", "10.00", (4, 2))]
    before = moment((4, 1))
    flow = revenue_flow(given, period=MARCH, bridge=timedelta(days=3), as_of=before)
    assert (flow.churned, flow.end) == (10, 0)
    assert any("gap" in line for line in flow.assumed)


# ------------------------------------------------------------------------------------------- trials


def test_a_trial_that_never_converts_earns_nothing():
    given = [span("ann", "10.00", (3, 2), (3, 16), trial=(3, 16), end_reason="customer")]
    assert moved(given) == {}
    assert subscriber_count(given, period=MARCH) == 0


def test_a_trial_that_converts_is_new_when_it_is_paid():
    given = [span("ann", "10.00", (2, 20), trial=(3, 6))]
    assert moved(given, FEBRUARY) == {}
    assert moved(given, MARCH) == {"new": 10, "end": 10}


def test_a_trial_of_another_plan_after_the_first_is_a_pause():
    # The basic plan ends into a trial of the dearer one: something is in force all the time.
    given = [span("ann", "10.00", (1, 5), (3, 10)), span("ann", "30.00", (3, 10), trial=(3, 24))]
    assert moved(given) == {"start": 10, "paused": 10, "resumed": 30, "end": 30}
    assert subscriber_churn_rate(given, period=MARCH).numerator == 0


# ------------------------------------------------------------------------------------------- pauses


def test_a_pause_over_the_end_of_a_period():
    # Paused from 20 March to 10 April.
    given = [span("ann", "10.00", (1, 5), pauses=[((3, 20), (4, 10))]), span("ben", "40.00", (1, 5))]
    assert moved(given, MARCH) == {"start": 50, "paused": 10, "end": 40}
    assert moved(given, APRIL) == {"start": 40, "resumed": 10, "end": 50}
    # A paused span counts what it paid when it paused, unless it is to be lost.
    assert revenue_churn_rate(given, period=MARCH).numerator == 0
    assert revenue_churn_rate(given, period=MARCH, paused="lost").value == 10 / 50
    assert gross_revenue_retention_rate(given, period=MARCH, paused="lost").value == 40 / 50
    assert net_revenue_retention_ratio(given, period=MARCH).value == 1
    assert net_revenue_retention_ratio(given, period=MARCH, paused="lost").value == 40 / 50
    # Nobody has left, and what is paused has not churned.
    assert subscriber_retention_rate(given, period=MARCH).value == 1
    assert revenue_churn_ratio(given, period=MARCH).numerator == 0
    # In April ann pays nothing at the start: the base is ben alone.
    assert net_revenue_retention_ratio(given, period=APRIL).denominator == 40


def test_a_pause_of_one_of_two_plans_is_a_contraction_and_is_kept_in_the_base():
    given = [span("ann", "10.00", (1, 5), pauses=[((3, 20), None)]), span("ann", "5.00", (1, 5))]
    assert moved(given) == {"start": 15, "contraction": 10, "end": 5}
    assert revenue_churn_rate(given, period=MARCH).numerator == 0
    assert revenue_churn_rate(given, period=MARCH, paused="lost").value == 10 / 15


def test_what_was_paused_before_the_period_is_in_neither_end():
    # Ann paid 10 + 5; the 10 are paused since February. What she pays at the start is 5, and at the end.
    given = [span("ann", "10.00", (1, 5), pauses=[((2, 20), None)]), span("ann", "5.00", (1, 5))]
    assert net_revenue_retention_ratio(given, period=MARCH).value == 1


def test_a_span_that_ends_while_paused_moves_nothing_and_is_counted_apart():
    given = [span("ann", "10.00", (1, 5), (3, 20), pauses=[((2, 10), (3, 20))], end_reason="payment")]
    february, march = (revenue_flow(given, period=period) for period in (FEBRUARY, MARCH))
    assert (february.start, february.paused, february.end) == (10, 10, 0)
    assert moved(given, MARCH) == {}
    assert (february.ended_while_paused, march.ended_while_paused) == (0, 1)
    assert "1 ended while paused" in march.explain()
    # Who comes back after that comes back from having left.
    back = [*given, span("ann", "10.00", (4, 2))]
    assert moved(back, APRIL) == {"reactivation": 10, "end": 10}


def test_a_change_of_plan_while_paused_is_resumed():
    given = [
        span("ann", "10.00", (1, 5), (3, 20), pauses=[((2, 10), None)], end_reason="plan_change"),
        span("ann", "15.00", (3, 20)),
    ]
    assert moved(given) == {"resumed": 15, "end": 15}
    assert revenue_flow(given, period=MARCH).ended_while_paused == 0


def test_who_leaves_in_the_trial_of_the_next_plan_has_ended_while_paused():
    given = [
        span("ann", "10.00", (1, 5), (3, 10), end_reason="plan_change"),
        span("ann", "20.00", (3, 10), (3, 24), trial=(3, 24), end_reason="customer"),
        span("ben", "10.00", (1, 5)),
    ]
    march, april = (revenue_flow(given, period=period) for period in (MARCH, APRIL))
    assert (march.paused, march.churned, march.ended_while_paused) == (10, 0, 1)
    assert april.ended_while_paused == 0
    assert subscriber_churn_rate(given, period=MARCH).value == 0.5


@pytest.mark.parametrize("reason", ["plan_change", "customer", None])
def test_what_ended_a_pause_does_not_matter_where_nothing_follows(reason):
    given = [span("ann", "10.00", (1, 5), (4, 10), pauses=[((3, 10), None)], end_reason=reason)]
    ends = [revenue_flow(given, period=period).ended_while_paused for period in (MARCH, APRIL)]
    assert ends == [0, 1]


def test_an_end_in_a_pause_is_none_where_another_subscription_goes_on():
    paused = span("ann", "10.00", (1, 5), (3, 20), pauses=[((3, 10), None)], end_reason="customer")
    assert revenue_flow([paused, span("ann", "5.00", (1, 5))], period=MARCH).ended_while_paused == 0
    # A trial goes on, and the end comes with it.
    trial = span("ann", "5.00", (3, 1), (4, 2), trial=(4, 2))
    ends = [revenue_flow([paused, trial], period=period).ended_while_paused for period in (MARCH, APRIL)]
    assert ends == [0, 1]


def test_who_never_paid_did_not_end_while_paused():
    given = [span("ann", "10.00", (2, 5), (3, 5), trial=(3, 5))]
    assert revenue_flow(given, period=MARCH).ended_while_paused == 0


def test_who_pauses_and_then_leaves_is_lost_where_the_pause_began_if_at_all():
    given = [
        span("ann", "10.00", (1, 5), (4, 20), pauses=[((3, 10), None)], end_reason="customer"),
        span("ben", "30.00", (1, 5)),
    ]
    for period, lost, whole in ((MARCH, 0, 2), (APRIL, 0, 1)):
        churn = subscriber_churn_rate(given, period=period)
        assert (churn.numerator, churn.denominator) == (lost, whole)
        assert gross_revenue_retention_rate(given, period=period).value == 1
    churn = subscriber_churn_rate(given, period=MARCH, paused="lost")
    assert (churn.numerator, churn.denominator) == (1, 2)
    assert churn.basis.options == (("paused", "lost"),)
    kept = subscriber_retention_rate(given, period=MARCH, paused="lost")
    assert (kept.numerator, kept.denominator) == (1, 2)
    assert revenue_churn_rate(given, period=MARCH, paused="lost").value == 10 / 40
    assert subscriber_churn_rate(given, period=APRIL, paused="lost").value == 0
    # A pause is no end, and has no reason.
    assert subscriber_churn_rate(given, period=MARCH, reason="unknown", paused="lost").value == 0


def test_revenue_lost_with_customers_has_their_reasons():
    given = [
        span("ann", "10.00", (1, 5), (3, 10), end_reason="customer"),
        span("ben", "20.00", (1, 5), (3, 10), end_reason="payment"),
        # Two at once: the last one tells, and both are lost.
        span("cy", "30.00", (1, 5), (3, 10), end_reason="payment"),
        span("cy", "5.00", (1, 5), (3, 11), end_reason="customer"),
        # Less, but not gone: no reason.
        span("dee", "40.00", (1, 5), (3, 10), end_reason="plan_change"),
        span("dee", "15.00", (3, 10)),
        span("eve", "80.00", (1, 5), (3, 10)),
    ]

    def lost(reason=None):
        return revenue_churn_rate(given, period=MARCH, reason=reason).numerator

    assert lost() == 10 + 20 + 35 + 25 + 80
    assert (lost("voluntary"), lost("involuntary"), lost("unknown")) == (45, 20, 80)
    assert lost("plan_change") == 0
    found = revenue_churn_rate(given, period=MARCH, reason="voluntary", paused="lost")
    assert found.basis.options == (("reason", "voluntary"), ("paused", "lost"))


# ------------------------------------------------------------------------------------ coming and going


def test_joining_and_leaving_within_a_period():
    # Ben joins at 20 and leaves. Of ann's 10 nothing is lost at the two ends, but 20 of 10 on the way.
    given = [span("ann", "10.00", (1, 5)), span("ben", "20.00", (3, 5), (3, 25))]
    assert moved(given) == {"start": 10, "new": 20, "churned": 20, "end": 10}
    assert revenue_churn_rate(given, period=MARCH).value == 0
    assert subscriber_churn_rate(given, period=MARCH).value == 0
    assert revenue_churn_ratio(given, period=MARCH).value == 2
    assert quick_ratio(given, period=MARCH).value == 1


def test_who_comes_back_after_having_left_is_reactivated():
    given = [span("ann", "10.00", (1, 5), (2, 10)), span("ann", "15.00", (3, 5))]
    assert moved(given) == {"reactivation": 15, "end": 15}


def test_leaving_and_coming_back_within_a_period_is_no_churn_of_subscribers():
    given = [span("ann", "10.00", (1, 5), (3, 10)), span("ann", "8.00", (3, 20))]
    assert subscriber_churn_rate(given, period=MARCH).value == 0
    assert revenue_churn_rate(given, period=MARCH).value == 2 / 10
    assert revenue_churn_ratio(given, period=MARCH).value == 1


def test_reasons_are_those_of_the_last_span_that_ended():
    given = [
        span("ann", "10.00", (1, 5), (3, 10), end_reason="customer"),
        span("ann", "5.00", (1, 6), (3, 12), end_reason="payment"),  # the later one
        span("ben", "10.00", (1, 5), (3, 10), end_reason="fraud"),
        span(
            "ben", "9.00", (1, 5), (3, 10), end_reason="customer"
        ),  # at the same instant: the customer's own
        span("cy", "10.00", (1, 5), (3, 10)),
        span("dee", "10.00", (1, 5), (3, 10), end_reason="plan_change"),
        span("eve", "10.00", (1, 5)),
    ]
    shares = {
        reason: subscriber_churn_rate(given, period=MARCH, reason=reason)
        for reason in ("voluntary", "involuntary", "payment", "fraud", "plan_change", "unknown", "other")
    }
    assert {reason: ratio.numerator for reason, ratio in shares.items()} == {
        "voluntary": 1,
        "involuntary": 1,
        "payment": 1,
        "fraud": 0,
        "plan_change": 1,
        "unknown": 1,
        "other": 0,
    }
    whole = subscriber_churn_rate(given, period=MARCH)
    assert (whole.numerator, whole.denominator) == (4, 5)
    wilson = stats.binomtest(4, 5).proportion_ci(method="wilson")
    assert tuple(whole.interval()) == pytest.approx((wilson.low, wilson.high))


# ---------------------------------------------------------------------------------- lengths and limits


def test_the_first_and_the_last_instant():
    # What ends at the very start of March is not paid in March; what starts then is new in March.
    given = [
        span("ann", "10.00", (1, 5), (3, 1)),
        span("ben", "20.00", (3, 1)),
        span("cy", "40.00", (1, 5), (4, 1)),
        span("dee", "80.00", (4, 1)),
    ]
    assert moved(given) == {"start": 50, "new": 20, "churned": 10, "end": 60}
    assert moved(given, APRIL) == {"start": 60, "new": 80, "churned": 40, "end": 100}


def test_a_leap_day_is_a_day_like_any_other():
    # 2028 has one: the plan of that day is new and gone within it, and a yearly plan is a twelfth of it all the same.
    leap, after = (datetime(2028, *day, tzinfo=UTC) for day in ((2, 29), (3, 1)))
    common: dict[str, Any] = {"currency": "EUR", "interval": "year"}
    given = [
        Subscription(id=1, customer_id="ann", amount="366.00", started_at=leap, ended_at=after, **common),
        Subscription(id=2, customer_id="ben", amount="120.00", started_at=leap, **common),
    ]
    day = Period.day(2028, 2, 29, tz="UTC")
    assert moved(given, day) == {"new": Fraction(61, 2) + 10, "end": Fraction(61, 2) + 10}
    assert moved(given, day.next()) == {"start": Fraction(81, 2), "churned": Fraction(61, 2), "end": 10}
    assert moved(given, Period.month(2028, 2, tz="UTC"))["end"] == Fraction(81, 2)
    # A plan that began on the leap day is in force a year later.
    assert moved(given, Period.month(2029, 2, tz="UTC")) == {"start": 10, "end": 10}


def test_a_span_without_length_is_none():
    given = [span("ann", "10.00", (3, 5), (3, 5)), span("ben", "20.00", (1, 5))]
    flow = revenue_flow(given, period=MARCH)
    assert (flow.new, flow.end) == (0, 20)
    assert dict(flow.left_out) == {"ended as it began": 1}


def test_who_falls_back_on_a_free_plan_has_churned():
    given = [
        span("ann", "10.00", (1, 5), (3, 10), end_reason="plan_change"),
        span("ann", "0.00", (3, 10)),
        span("ben", "20.00", (1, 5)),
    ]
    flow = revenue_flow(given, period=MARCH)
    assert (flow.churned, flow.end) == (10, 20)
    assert dict(flow.left_out) == {"free of charge": 1}
    churn = subscriber_churn_rate(given, period=MARCH, reason="plan_change")
    assert (churn.numerator, churn.denominator) == (1, 2)
    assert subscriber_count(given, period=MARCH) == 1


# ------------------------------------------------------------------------------------------- reading


def test_several_currencies_are_refused_where_money_is_added_and_only_there():
    given = [span("ann", "10.00", (1, 5)), span("ben", "20.00", (1, 5), (3, 9), currency="CHF")]
    for metric in (revenue_flow, monthly_recurring_revenue, recurring_revenue_curve, revenue_churn_rate):
        with pytest.raises(MixedCurrencyError, match="CHF, EUR"):
            metric(given, period=MARCH)
    assert subscriber_count(given, period=MARCH) == 1
    assert subscriber_churn_rate(given, period=MARCH).value == 1 / 2
    only = revenue_flow(given, period=MARCH, currency="EUR")
    assert (only.start, only.end) == (10, 10)
    assert dict(only.left_out) == {"other currency": 1}
    # Converted at the day on which the span began: at 0.9 in January.
    rates = {1: Decimal("0.9")}
    flow = revenue_flow(
        given, period=MARCH, currency="EUR", convert=lambda amount, _, at: amount * rates[at.month]
    )
    assert (flow.start, flow.churned, flow.end) == (28, 18, 10)


def test_a_period_that_is_still_running_is_counted_until_as_of():
    given = [
        span("ann", "10.00", (1, 5), (3, 20)),
        span("ben", "20.00", (3, 10)),
        span("cy", "40.00", (3, 12)),
    ]
    at = datetime(2026, 3, 10, tzinfo=UTC)
    flow = revenue_flow(given, period=MARCH, as_of=at)
    assert flow.partial
    # Ben begins at as_of itself, which is still known; ann has not left, and cy has not come.
    assert (flow.start, flow.new, flow.churned, flow.end) == (10, 20, 0, 30)
    assert dict(flow.left_out) == {"after as_of": 1}
    curve = recurring_revenue_curve(given, period=MARCH, as_of=at)
    assert (curve.end, curve.at(at)) == (at, 30)


def test_a_base_that_the_data_do_not_show_is_not_observable():
    given = [span("ann", "10.00", (1, 5)), span("ben", "20.00", (3, 10))]
    begins = MARCH.start
    assert not revenue_flow(given, period=MARCH, observed_from=begins).observable
    assert revenue_churn_rate(given, period=MARCH, observed_from=begins).value is None
    assert not subscriber_churn_rate(given, period=MARCH, observed_from=begins).observable
    # What is paid at the end is known all the same.
    assert monthly_recurring_revenue(given, period=MARCH, observed_from=begins) == 30
    flow = revenue_flow(given, period=APRIL, observed_from=begins)
    assert (flow.start, flow.end) == (30, 30)
    assert any("taken as new" in line for line in flow.assumed)


def test_aliases_make_one_customer_of_two():
    # Under two names: churned and new. Under one: a change of plan.
    given = [span("a@b", "10.00", (1, 5), (3, 12)), span("ann", "15.00", (3, 12))]
    assert moved(given) == {"start": 10, "new": 15, "churned": 10, "end": 15}
    assert moved(given, aliases={"a@b": "ann"}) == {"start": 10, "expansion": 5, "end": 15}


# ---------------------------------------------------------------------------------------- intervals


def test_the_interval_of_a_share_of_money_is_clustered_by_customer():
    # Base 60 and 40, lost 0 and 10: R = 0.1; e = -6 and 6; v = 2/1 * 72 / 100^2 = 0.0144.
    given = [
        span("ann", "60.00", (1, 5)),
        span("ben", "40.00", (1, 5), (3, 9)),
        span("ben", "30.00", (3, 9)),
    ]
    net = net_revenue_retention_ratio(given, period=MARCH)
    reach = stats.t.ppf(0.975, 1) * 0.0144**0.5
    low, high = net.interval()
    assert (low, high) == (0, pytest.approx(0.9 + reach))  # cut at 0
    # For the rate Wilson's formula, with n* = 0.1 * 0.9 / 0.0144 = 6.25 trials.
    churn = revenue_churn_rate(given, period=MARCH)
    n, p, z = 6.25, 0.1, stats.norm.ppf(0.975)
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    assert tuple(churn.interval()) == pytest.approx((middle - half, middle + half))


def test_the_mean_is_over_customers():
    # 10 and 20: mean 15, v = 2/1 * (25 + 25) / 4 = 25.
    given = [span("ann", "4.00", (1, 5)), span("ann", "6.00", (2, 5)), span("ben", "20.00", (1, 5))]
    mean = average_revenue_per_account_value(given, period=MARCH)
    assert (mean.total, mean.count, mean.value) == (30, 2, 15)
    assert mean.interval().high == pytest.approx(15 + stats.t.ppf(0.975, 1) * 5)
