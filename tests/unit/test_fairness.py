"""When a figure is not set beside that of the month before, and what to mind where it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest

import retention as rt
from retention._snapshot import _fairness
from retention.testing import make_orders
from tests.shops import sampled

JANUARY, FEBRUARY, MARCH, APRIL = (rt.Period.month(2026, month, tz="UTC") for month in (1, 2, 3, 4))
DAY = timedelta(days=1)
MONTHS = ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04")
# Some stay, some pause, some come back; each month there are new ones.
ORDERS = make_orders(
    {
        number: [
            (f"{month}-{1 + number % 25:02}", 5 + number % 9)
            for place, month in enumerate(MONTHS)
            if place >= number // 10 and (3 * number + place) % 4
        ]
        for number in range(60)
    }
)
FIRST = next(number for number, order in enumerate(ORDERS) if order.placed_at in FEBRUARY)
REFUND = rt.Refund(amount="2.00", refunded_at=ORDERS[FIRST].placed_at + DAY)
REFUNDED = [
    attrs.evolve(order, refunds=(REFUND,) if number == FIRST else ()) for number, order in enumerate(ORDERS)
]
OF_ORDERS = [
    spec for spec in rt.METRICS.values() if spec.inputs == ("orders",) and spec.shown and not spec.due
]
NEVER = frozenset(spec.id for spec in OF_ORDERS if spec.untested_because)
LOOKING_AHEAD = frozenset(spec.id for spec in OF_ORDERS if spec.look_ahead == "as_of") - NEVER
UNTESTED = LOOKING_AHEAD | NEVER
OF_THE_PAST = {
    spec.id for spec in rt.METRICS.values() if spec.asks_past and "orders" in spec.inputs and spec.shown
}
COUNT_REFUNDS = {spec.id for spec in rt.METRICS.values() if spec.refunds == "counted"}
ALL_AFTER_REFUNDS = {spec.id for spec in rt.METRICS.values() if spec.refunds == "subtracted"}
# Others of this set need costs, or records of customers.
AFTER_REFUNDS = ALL_AFTER_REFUNDS & {spec.id for spec in OF_ORDERS if not spec.fields}
LONGER_TO_BE_REFUNDED = (
    "the orders of 2026-02 have had longer to be refunded; "
    "OrderPolicy(refunds_within=...) gives all the same time"
)
FLATTERED = (
    "the orders of 2026-02 have had longer to be refunded, which flatters 2026-03; "
    "OrderPolicy(refunds_within=...) gives all the same time"
)
WITHIN = rt.OrderPolicy(refunds_within=14 * DAY)
BY_REFUND = rt.OrderPolicy(refunds_dated="refund")
LONG_AFTER = MARCH.end + 30 * DAY


def figures(orders=ORDERS, *, period=MARCH, as_of=LONG_AFTER, against="previous", **reading):
    """By metric, of a month that can be compared with the one before."""
    history = rt.History(orders, as_of=as_of, **reading)
    snap = rt.snapshot(
        history, period=period, against=against, metrics=[spec.id for spec in OF_ORDERS if not spec.fields]
    )
    return {figure.metric: figure for figure in snap.figures}


class TestSets:
    def test_of_refunds_are_metrics_of_money(self):
        assert _fairness._BY_REFUND < COUNT_REFUNDS | ALL_AFTER_REFUNDS
        assert not COUNT_REFUNDS & ALL_AFTER_REFUNDS

    def test_of_the_past_are_those_that_look_back_to_all(self):
        every = [spec for spec in rt.METRICS.values() if "orders" in spec.inputs and spec.shown]
        to_all = {spec.id for spec in every if spec.look_back == "all"}
        assert to_all >= OF_THE_PAST
        to_all -= {spec.id for spec in every if spec.untested_because or spec.look_ahead == "window"}
        # those that are left are not compared anyway, are about the base, or about refunds
        assert to_all - OF_THE_PAST == LOOKING_AHEAD | {"customer_flow", "refund_ratio"}

    def test_every_figure_here_has_a_value_in_both_months(self):
        for figure in figures().values():
            assert (figure.state, figure.before.state) == ("defined", "defined"), figure.metric


def test_on_equal_terms_there_is_no_reason():
    found = figures(policy=WITHIN, observed_from=FEBRUARY.start - 365 * DAY)
    assert {metric for metric, figure in found.items() if figure.unfair_because} == UNTESTED
    assert {figure.caution for figure in found.values()} == {None}


class TestUnfair:
    @pytest.mark.parametrize("metric", sorted(LOOKING_AHEAD))
    def test_those_that_look_ahead(self, metric):
        figure = figures()[metric]
        assert figure.unfair_because == "the customers of 2026-02 have had longer to come back"
        assert figure.change.untested_because == figure.unfair_because
        assert figure.change.difference is not None

    def test_a_period_that_was_still_running(self):
        for metric, figure in figures(as_of=MARCH.start + 20 * DAY).items():
            if metric not in UNTESTED:
                assert figure.unfair_because == (
                    "the time that 2026-03 covers was still running; to_date=True compares equal parts"
                ), metric

    def test_two_periods_that_were_still_running(self):
        """Two years beside those that began a year before: both last beyond as_of."""
        two_years = rt.Period.between(JANUARY.start, datetime(2028, 1, 1, tzinfo=UTC))
        figure = figures(period=two_years, against="year_before", as_of=APRIL.start)["order_count"]
        assert (figure.partial, figure.before.partial) == (True, True)
        assert f"the time that {two_years.label} covers was still running" in figure.unfair_because

    def test_only_the_earlier_one_was_still_running(self):
        figure = figures()["order_count"]
        before = attrs.evolve(figure.before, partial=True)
        history, spec = rt.History(ORDERS, as_of=LONG_AFTER), rt.METRICS["order_count"]
        assert _fairness.unfair(figure, figure.before, spec, history) is None
        assert "the time that 2026-02 covers was still running" in _fairness.unfair(
            figure, before, spec, history
        )

    @pytest.mark.parametrize("metric", sorted(OF_THE_PAST - {"referral_rate"}))
    def test_less_than_a_year_of_the_past(self, metric):
        year_before = FEBRUARY.start - 365 * DAY
        why = "less than a year is known of the time before 2026-02, so that more of its customers look new"
        assert figures(observed_from=year_before)[metric].unfair_because is None
        assert figures(observed_from=year_before + timedelta(microseconds=1))[metric].unfair_because == why
        assert figures()[metric].unfair_because is None  # taken as complete from the beginning

    def test_others_do_not_ask_for_the_past(self):
        found = figures(policy=WITHIN, observed_from=FEBRUARY.start - 60 * DAY)
        assert {metric for metric, figure in found.items() if figure.unfair_because} == (
            (OF_THE_PAST - {"referral_rate"}) | UNTESTED
        )

    def test_where_the_calendar_ends(self):
        march = rt.Period.month(9999, 3, tz="UTC")
        orders = make_orders({"ann": ["9999-02-10", "9999-03-10"]})
        given = {"as_of": march.end, "observed_from": march.previous().previous().start}
        found = figures(orders, period=march, **given)
        assert "less than a year is known" in found["returning_customer_rate"].unfair_because
        assert found["purchase_frequency"].unfair_because is None

    @pytest.mark.parametrize("metric", sorted(COUNT_REFUNDS))
    def test_refunds_that_had_longer(self, metric):
        assert figures(REFUNDED)[metric].unfair_because == LONGER_TO_BE_REFUNDED
        assert figures(REFUNDED, as_of=None)[metric].unfair_because == LONGER_TO_BE_REFUNDED

    @pytest.mark.parametrize("metric", sorted(COUNT_REFUNDS))
    def test_refunds_that_had_equally_long(self, metric):
        """March's last order has had its 14 days as soon as they are over."""
        over = MARCH.end + 14 * DAY
        assert figures(REFUNDED, policy=WITHIN, as_of=over)[metric].unfair_because is None
        assert figures(REFUNDED, policy=WITHIN, as_of=None)[metric].unfair_because is None
        early = figures(REFUNDED, policy=WITHIN, as_of=over - timedelta(microseconds=1))[metric]
        assert early.unfair_because == LONGER_TO_BE_REFUNDED

    def test_refunds_by_the_day_on_which_they_were_made(self):
        """What was refunded in a month is known when it is over; the share of its orders is not."""
        found = figures(REFUNDED, policy=BY_REFUND)
        assert found["refunded_revenue"].unfair_because is None
        assert found["refund_rate"].unfair_because == LONGER_TO_BE_REFUNDED

    def test_what_has_no_value_says_so_itself(self):
        unseen = figures(period=APRIL, as_of=MARCH.end - DAY)["order_count"]
        assert (unseen.state, unseen.unfair_because) == ("not observable", None)
        nothing = figures(make_orders({"ann": ["2026-03-10"]}), as_of=MARCH.start + 15 * DAY)
        assert nothing["average_order_value"].before.state == "undefined"
        assert nothing["average_order_value"].unfair_because is None

    def test_compared_with_nothing(self):
        assert figures(against=None)["second_purchase_rate"].unfair_because is None


def effort(score, period, **more):
    given = {"kind": "ces", "scale": (1, 7), "direction": "higher", "responded_at": period.start + 5 * DAY}
    return rt.SurveyResponse(score=score, **given | more)


class TestQuestion:
    NOW = (effort(3, MARCH), effort(5, MARCH))

    def reason(self, *before):
        shop = rt.Shop(responses=[*self.NOW, *before], as_of=LONG_AFTER)
        return rt.snapshot(shop, period=MARCH).figure("customer_effort_score").unfair_because

    @pytest.mark.parametrize("other", [{"scale": (1, 5)}, {"scale": (0, 10)}, {"direction": "lower"}])
    def test_another(self, other):
        assert self.reason(effort(2, FEBRUARY, **other), effort(4, FEBRUARY, **other)) == (
            "the answers of 2026-02 were on another scale, or in another direction"
        )

    def test_the_same(self):
        assert self.reason(effort(2, FEBRUARY), effort(4, FEBRUARY)) is None


class TestCaution:
    @pytest.mark.parametrize("metric", sorted(AFTER_REFUNDS))
    def test_what_is_left_after_refunds(self, metric):
        figure = figures(REFUNDED)[metric]
        assert (figure.caution, figure.unfair_because) == (FLATTERED, None)
        assert figure.change.caution == FLATTERED
        assert figures(REFUNDED, as_of=None)[metric].caution == FLATTERED

    def test_no_others(self):
        found = figures(REFUNDED)
        assert {metric for metric, figure in found.items() if figure.caution} == AFTER_REFUNDS

    def test_others_that_are_left_after_refunds(self):
        snap = rt.snapshot(sampled(), period=MARCH, metrics=sorted(ALL_AFTER_REFUNDS - AFTER_REFUNDS))
        assert len(snap) == 3
        assert {figure.caution for figure in snap.figures} == {FLATTERED}

    def test_without_refunds_there_is_nothing_to_mind(self):
        assert {figure.caution for figure in figures().values()} == {None}

    @pytest.mark.parametrize(
        "period, is_flattered", [(JANUARY, False), (FEBRUARY, True), (MARCH, True), (APRIL, False)]
    )
    def test_a_refund_in_either_month_is_enough(self, period, is_flattered):
        found = figures(REFUNDED, period=period, as_of=APRIL.end)["average_order_value"]
        assert (found.caution is not None) == is_flattered

    @pytest.mark.parametrize("metric", sorted(AFTER_REFUNDS))
    def test_equal_time_for_refunds(self, metric):
        over = MARCH.end + 14 * DAY
        assert figures(REFUNDED, policy=WITHIN, as_of=over)[metric].caution is None
        assert figures(REFUNDED, policy=WITHIN, as_of=over - DAY)[metric].caution == FLATTERED

    def test_refunds_by_the_day_on_which_they_were_made(self):
        found = figures(REFUNDED, policy=BY_REFUND)
        assert {metric for metric, figure in found.items() if figure.caution} == (
            AFTER_REFUNDS - {"net_revenue"}
        )

    def test_stands_in_the_sentence_and_in_the_rows(self):
        first, *others = make_orders(
            {number: [("2026-02-10", 10 + number), ("2026-03-10", 90 + 2 * number)] for number in range(20)}
        )
        refund = rt.Refund(amount="2.00", refunded_at=first.placed_at + DAY)
        refunded = [attrs.evolve(first, refunds=(refund,)), *others]
        snap = rt.snapshot(rt.History(refunded, as_of=LONG_AFTER), period=MARCH)
        change = snap.change("average_order_value")
        assert change.verdict == "real"
        assert str(change).endswith(f" Mind: {FLATTERED}.")
        cautions = {row["metric"]: row["caution"] for row in snap.to_dicts()}
        assert cautions["average_order_value"] == FLATTERED
        assert cautions["order_count"] is None
