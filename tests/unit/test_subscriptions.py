"""Subscriptions: what the records refuse, how they are read, what the results say."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from retention import (
    ConflictingArgumentError,
    DuplicateRecordError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    NaiveDatetimeError,
    NotObservableError,
    Order,
    Pause,
    Period,
    Shop,
    Subscription,
    UndefinedMetricError,
    snapshot,
)
from retention._estimates import estimate
from retention._numerics import ClusterSums, CrossSums
from retention._subscription_facts import subscription_facts
from retention._subscription_pairs import Pairs
from retention._subscription_sums import Level, Products
from retention.metrics import (
    average_revenue_per_account_value,
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
)
from retention.metrics._recurring import read_net_revenue_retention_ratio
from retention.results import Basis, Interval, Ratio, RevenueCurve, RevenueFlow, as_money

FEBRUARY, MARCH, APRIL = (Period.month(2026, month, tz="UTC") for month in (2, 3, 4))
BEGUN, LATER = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def subscription(customer: str = "ann", amount: Any = "10.00", **more: Any) -> Subscription:
    return Subscription(
        **{
            "id": (customer, amount),
            "customer_id": customer,
            "amount": amount,
            "currency": "EUR",
            "interval": "month",
            "started_at": BEGUN,
            **more,
        }
    )


class TestTheRecord:
    def test_it_has_an_exact_amount_for_a_month(self):
        assert subscription(amount="1.00", interval="week", interval_count=2).monthly_amount == Fraction(
            13, 6
        )

    @pytest.mark.parametrize(
        "wrong, error, message",
        [
            ({"amount": 10.5}, InvalidTypeError, "Subscription.amount"),
            ({"amount": "-1"}, InvalidValueError, "Subscription.amount"),
            ({"currency": "eur"}, InvalidValueError, "Subscription.currency"),
            ({"interval": "quarter"}, InvalidValueError, "Subscription.interval"),
            ({"interval_count": 0}, InvalidValueError, r"interval_count must be from 1 to 10,000 \(got 0\)"),
            ({"interval_count": True}, InvalidTypeError, "interval_count must be an int"),
            ({"interval_count": "3"}, InvalidTypeError, "interval_count must be an int"),
            ({"started_at": datetime(2026, 1, 5)}, NaiveDatetimeError, "started_at"),
            (
                {"ended_at": BEGUN - DAY},
                InvalidValueError,
                "Subscription.ended_at must not be before started_at",
            ),
            (
                {"trial_ends_at": BEGUN - DAY},
                InvalidValueError,
                "Subscription.trial_ends_at must not be before",
            ),
            ({"end_reason": "customer"}, InvalidValueError, "needs ended_at"),
            ({"end_reason": "bored", "ended_at": LATER}, InvalidValueError, "Subscription.end_reason"),
            ({"customer_id": None}, InvalidTypeError, "Subscription.customer_id"),
            ({"pauses": [BEGUN]}, InvalidTypeError, "Subscription.pauses"),
            ({"pauses": 3}, InvalidTypeError, "Subscription.pauses"),
        ],
    )
    def test_what_can_not_be_is_refused(self, wrong, error, message):
        with pytest.raises(error, match=message):
            subscription(**wrong)

    def test_a_pause_lies_within_the_span(self):
        for wrong in (
            Pause(started_at=BEGUN - DAY),
            Pause(started_at=LATER, ended_at=LATER + 2 * DAY),
            Pause(started_at=LATER + 2 * DAY, ended_at=LATER + 3 * DAY),
            Pause(started_at=LATER + 2 * DAY),
        ):
            with pytest.raises(InvalidValueError, match="pauses must lie within the span"):
                subscription(ended_at=LATER + DAY, pauses=[wrong])
        with pytest.raises(InvalidValueError, match=r"2026-01-05.* to now"):
            subscription(pauses=[Pause(started_at=BEGUN - DAY)])

    def test_pauses_are_kept_in_order_and_do_not_overlap(self):
        early, late = (Pause(started_at=LATER + n * DAY, ended_at=LATER + (n + 1) * DAY) for n in (0, 4))
        assert subscription(pauses=[late, early]).pauses == (early, late)
        for other in (Pause(started_at=LATER, ended_at=LATER + 5 * DAY), Pause(started_at=LATER - DAY)):
            with pytest.raises(InvalidValueError, match="give one pause for the two"):
                subscription(pauses=[other, late])

    def test_a_pause_does_not_end_before_it_begins(self):
        with pytest.raises(InvalidValueError, match=r"Pause\.ended_at must not be before started_at"):
            Pause(started_at=LATER, ended_at=BEGUN)


class TestReading:
    def test_it_takes_any_iterable_or_a_shop(self):
        given = [subscription(), subscription("ben", "20.00")]
        for form in (given, tuple(given), iter(given), Shop(subscriptions=given)):
            assert monthly_recurring_revenue(form, period=MARCH) == 30

    @pytest.mark.parametrize("wrong", [None, "ann", {"id": 1}, 3])
    def test_what_is_no_iterable_of_subscriptions_is_refused(self, wrong):
        with pytest.raises(InvalidTypeError, match="subscriptions must be an iterable of Subscriptions"):
            revenue_flow(wrong, period=MARCH)

    def test_other_records_are_refused(self):
        order = Order(id=1, customer_id="ann", placed_at=LATER, amount="1.00", currency="EUR")
        with pytest.raises(InvalidTypeError, match=r"subscriptions\[1\] must be a Subscription, not Order"):
            revenue_flow([subscription(), order], period=MARCH)

    def test_no_id_stands_twice(self):
        with pytest.raises(DuplicateRecordError, match="subscriptions"):
            revenue_flow([subscription(), subscription()], period=MARCH)

    def test_an_unknown_keyword_is_refused(self):
        with pytest.raises(TypeError, match="there is no keyword policy="):
            revenue_flow([], period=MARCH, policy=None)

    def test_a_keyword_must_not_contradict_the_shop(self):
        with pytest.raises(ConflictingArgumentError):
            revenue_flow(Shop(subscriptions=[subscription()], as_of=LATER), period=MARCH, as_of=BEGUN)

    @pytest.mark.parametrize(
        "wrong, error",
        [(30, InvalidTypeError), (timedelta(0), InvalidValueError), ("3 days", InvalidTypeError)],
    )
    def test_a_bridge_is_a_positive_duration(self, wrong, error):
        with pytest.raises(error, match="revenue_flow: bridge must be"):
            revenue_flow([], period=MARCH, bridge=wrong)

    def test_a_period_is_a_period(self):
        with pytest.raises(InvalidTypeError, match="period must be a Period"):
            revenue_flow([], period="2026-03")


class TestConversion:
    francs = subscription("ben", "20.00", currency="CHF")

    def convert(self, result: Any) -> RevenueFlow:
        return revenue_flow(
            [subscription(), self.francs], period=MARCH, currency="EUR", convert=lambda *_: result
        )

    def test_the_host_converts_what_is_in_another_currency(self):
        assert self.convert(Decimal("18.50")).end == Decimal("28.50")

    def test_what_is_converted_to_nothing_is_free_of_charge(self):
        flow = self.convert(Decimal(0))
        assert flow.end == 10
        assert dict(flow.left_out) == {"free of charge": 1}

    @pytest.mark.parametrize("wrong", [18.5, None, Decimal("NaN"), Decimal(-1)])
    def test_what_is_no_amount_is_refused(self, wrong):
        with pytest.raises(InvalidValueError, match=r"convert= must return a finite Decimal .* 20.00 CHF of"):
            self.convert(wrong)

    def test_an_error_of_the_host_stays_its_own(self):
        def fail(*_: object) -> Decimal:
            raise LookupError("no rate")

        with pytest.raises(LookupError) as caught:
            revenue_flow([self.francs], period=MARCH, currency="EUR", convert=fail)
        assert any("convert= raised this for 20.00 CHF" in note for note in caught.value.__notes__)


class TestKeywords:
    @pytest.mark.parametrize("wrong, error", [("gone", InvalidValueError), (None, InvalidTypeError)])
    def test_what_a_pause_counts_is_one_of_two_words(self, wrong, error):
        with pytest.raises(error, match='revenue_churn_rate: paused must be "kept" or "lost"'):
            revenue_churn_rate([], period=MARCH, paused=wrong)

    def test_another_definition_is_said(self):
        lost = revenue_churn_rate([subscription()], period=MARCH, paused="lost", bridge=timedelta(days=3))
        assert lost.basis.options == (("bridge", "3 days"), ("paused", "lost"))
        assert revenue_churn_rate([subscription()], period=MARCH).basis.options == ()

    def test_a_reason_is_one_that_there_is(self):
        with pytest.raises(InvalidValueError, match="did you mean 'voluntary'"):
            subscriber_churn_rate([], period=MARCH, reason="volontary")  # typos: ignore
        with pytest.raises(InvalidTypeError, match="reason must be a word"):
            subscriber_churn_rate([], period=MARCH, reason=3)
        churn = subscriber_churn_rate([subscription()], period=MARCH, reason="payment")
        assert churn.basis.options == (("reason", "payment"),)


class TestNothingThere:
    def test_a_figure_of_nothing_says_why(self):
        assert "there is no MRR at the start" in revenue_churn_rate([], period=MARCH).explain()
        assert "there are no subscribers at the start" in subscriber_churn_rate([], period=MARCH).explain()
        assert "there are no subscribers at the end" in (
            average_revenue_per_account_value([], period=MARCH).explain()
        )
        assert "no value, since nothing was lost." in quick_ratio([], period=MARCH).explain()

    @pytest.mark.parametrize("reading", [{"as_of": BEGUN}, {"observed_from": LATER}])
    def test_what_the_data_do_not_reach_is_not_observable(self, reading):
        given = [subscription()]
        for metric in (monthly_recurring_revenue, subscriber_count):
            with pytest.raises(NotObservableError, match=r"2026-03 is not observable"):
                metric(given, period=MARCH, **reading)
        for metric in (
            revenue_flow,
            recurring_revenue_curve,
            revenue_churn_rate,
            average_revenue_per_account_value,
            subscriber_churn_rate,
        ):
            result = metric(given, period=MARCH, **reading)
            assert not result.observable
            assert str(result) == "–"
            assert "no value, since the period" in result.explain()

    def test_a_curve_that_is_not_observable_has_no_points(self):
        curve = recurring_revenue_curve([], period=MARCH, observed_from=LATER)
        with pytest.raises(NotObservableError):
            curve.at(LATER)
        with pytest.raises(NotObservableError):
            curve.points()


class TestAFlow:
    flow = RevenueFlow(
        exact={"start": Fraction(100), "new": Fraction(25, 3), "churned": 10, "end": Fraction(295, 3)},
        counts={"new": 1, "churned": 2},
        customers={"churned": {"ann", "ben"}},
    )

    def test_its_amounts_are_decimals(self):
        flow = self.flow
        assert (flow.start, flow.expansion, flow.resumed, flow.reactivation) == (100, 0, 0, 0)
        assert (flow.contraction, flow.paused, flow.churned) == (0, 0, 10)
        assert (str(flow.new), str(flow.start)) == ("8.333333333333333333333333333", "100.00")
        assert str(flow.end) == "98.33333333333333333333333333"

    def test_it_names_all_kinds(self):
        assert self.flow.counts["paused"] == 0
        assert self.flow.customers["churned"] == {"ann", "ben"}
        assert self.flow.customers["new"] == frozenset()

    def test_it_prints_what_moved(self):
        assert str(self.flow) == "100.00 + 8.33 new − 10.00 churned = 98.33"
        assert repr(self.flow) == "<RevenueFlow: 100.00 + 8.33 new − 10.00 churned = 98.33>"
        with_unit = RevenueFlow(exact={}, basis=Basis(metric="revenue_flow", currency="EUR"))
        assert str(with_unit) == "0.00 = 0.00 EUR"
        assert with_unit.explain() == "revenue_flow: 0.00 = 0.00 EUR."

    def test_equal_flows_are_equal(self):
        copy = pickle.loads(pickle.dumps(self.flow))
        assert copy == self.flow
        assert hash(copy) == hash(self.flow)
        assert copy != RevenueFlow(exact=self.flow.exact)

    @pytest.mark.parametrize(
        "wrong, error, message",
        [
            ({"exact": [1]}, InvalidTypeError, "RevenueFlow.exact must be a mapping"),
            ({"exact": {"begin": 1}}, InvalidValueError, "RevenueFlow.exact has the amounts start, new"),
            ({"exact": {"new": 1.5}}, InvalidTypeError, "must be a Fraction"),
            ({"exact": {"new": True}}, InvalidTypeError, "must be a Fraction"),
            ({"exact": {"new": -1, "churned": -1}}, InvalidValueError, "must not be negative"),
            ({"exact": {"new": 1}}, InvalidValueError, r"must balance.*0.00 \+ 1.00 new = 0.00"),
            ({"exact": {}, "counts": [1]}, InvalidTypeError, "RevenueFlow.counts must be a mapping"),
            (
                {"exact": {}, "counts": {"start": 1}},
                InvalidValueError,
                "RevenueFlow.counts has the movements",
            ),
            ({"exact": {}, "counts": {"new": -1}}, InvalidValueError, "must not be negative"),
            ({"exact": {}, "customers": [1]}, InvalidTypeError, "RevenueFlow.customers must be a mapping"),
            ({"exact": {}, "customers": {"end": ()}}, InvalidValueError, "RevenueFlow.customers has"),
            ({"exact": {}, "customers": {"new": 5}}, InvalidTypeError, r"customers\['new'\] must be a set"),
            (
                {"exact": {}, "customers": {"new": "ann"}},
                InvalidTypeError,
                r"customers\['new'\] must be a set",
            ),
            ({"exact": {}, "ended_while_paused": -1}, InvalidValueError, "ended_while_paused"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, wrong, error, message):
        with pytest.raises(error, match=message):
            RevenueFlow(**wrong)


class TestACurve:
    curve = RevenueCurve(start=BEGUN, end=LATER, before=Fraction(10), steps=[(BEGUN + DAY, Fraction(35, 3))])

    def test_it_knows_each_instant(self):
        curve = self.curve
        assert [curve.at(at) for at in (BEGUN, BEGUN + DAY / 2)] == [10, 10]
        assert curve.exactly_at(BEGUN + DAY) == curve.exactly_at(LATER) == Fraction(35, 3)
        assert str(curve.at(LATER)) == "11.66666666666666666666666667"
        assert [at for at, _ in curve.points()] == [BEGUN, BEGUN + DAY]

    def test_a_step_at_the_very_start_is_the_first_point(self):
        curve = RevenueCurve(start=BEGUN, end=LATER, steps=[(BEGUN, Fraction(7))])
        assert list(curve.points()) == [(BEGUN, 7)]
        assert curve.at(BEGUN) == 7

    def test_it_prints_a_table(self):
        assert str(self.curve) == (
            "from, in UTC        MRR\n2026-01-05 00:00  10.00\n2026-01-06 00:00  11.67"
        )
        assert repr(self.curve) == "<RevenueCurve: 1 steps>"
        assert self.curve.explain() == "from 10.00 to 11.67 in 1 step."

    def test_of_many_steps_it_prints_the_first_and_the_last(self):
        steps = [(BEGUN + n * timedelta(hours=1), Fraction(n)) for n in range(1, 101)]
        lines = str(RevenueCurve(start=BEGUN, end=LATER, steps=steps)).splitlines()
        assert len(lines) == 42
        assert lines[21] == "… 61 more …"
        assert lines[-1].endswith("100.00")

    def test_of_the_hour_that_an_autumn_night_has_twice_it_knows_both(self):
        def night(minute: int, *, fold: int) -> datetime:
            return datetime(2025, 10, 26, 2, minute, fold=fold, tzinfo=ZoneInfo("Europe/Berlin"))

        steps = [(night(30, fold=0), 1), (night(45, fold=0), 3), (night(15, fold=1), 2)]
        curve = RevenueCurve(start=night(0, fold=0), end=night(59, fold=1), steps=steps)
        assert [curve.at(night(30, fold=fold)) for fold in (0, 1)] == [1, 2]
        assert curve.start == curve.start.replace(tzinfo=UTC) == datetime(2025, 10, 26, tzinfo=UTC)
        assert "2025-10-26 01:15  2.00" in str(curve)

    def test_its_amounts_are_exact(self):
        steps = [(BEGUN, Decimal("0.1")), (LATER, 3)]
        curve = RevenueCurve(start=BEGUN, end=LATER, before=Decimal("0.3"), steps=steps)
        assert (curve.before, curve.steps[0][1]) == (Fraction(3, 10), Fraction(1, 10))

    def test_where_nothing_changes_it_says_so(self):
        curve = recurring_revenue_curve([subscription()], period=MARCH)
        assert "from 10.00 to 10.00 EUR in 0 steps" in curve.explain()

    @pytest.mark.parametrize(
        "wrong, error, message",
        [
            (BEGUN - DAY, InvalidValueError, "make the curve of a longer period"),
            (LATER + DAY, InvalidValueError, "make the curve of a longer period"),
            (datetime(2026, 2, 1), NaiveDatetimeError, "at must have a time zone"),
            (BEGUN.date(), NaiveDatetimeError, "RevenueCurve: at must be an instant"),
            ("now", InvalidTypeError, "RevenueCurve: at"),
        ],
    )
    def test_it_is_asked_for_instants_that_it_has(self, wrong, error, message):
        with pytest.raises(error, match=message):
            self.curve.at(wrong)

    @pytest.mark.parametrize(
        "wrong, error, message",
        [
            ({"steps": 3}, InvalidTypeError, "RevenueCurve.steps must be pairs"),
            ({"steps": [(BEGUN - DAY, Fraction(1))]}, InvalidValueError, "RevenueCurve.steps must ascend"),
            (
                {"start": datetime(2026, 1, 1)},
                NaiveDatetimeError,
                "RevenueCurve: start must have a time zone",
            ),
            ({"end": "later"}, InvalidTypeError, "RevenueCurve: end must be"),
            ({"steps": [3]}, InvalidTypeError, r"RevenueCurve.steps\[0\] must be a pair"),
            ({"steps": [(BEGUN,)]}, InvalidTypeError, r"RevenueCurve.steps\[0\] must be a pair"),
            (
                {"steps": [(BEGUN, 1), (BEGUN, 0.1)]},
                InvalidTypeError,
                r"steps\[1\] must be a Fraction.*not float",
            ),
            ({"steps": [(BEGUN, "x")]}, InvalidTypeError, r"steps\[0\] must be a Fraction"),
            ({"steps": [(BEGUN, True)]}, InvalidTypeError, r"steps\[0\] must be a Fraction"),
            ({"steps": [(BEGUN, -5)]}, InvalidValueError, r"steps\[0\] must be finite and not negative"),
            ({"before": Decimal("NaN")}, InvalidValueError, "before must be finite"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, wrong, error, message):
        with pytest.raises(error, match=message):
            RevenueCurve(**{"start": BEGUN, "end": LATER, **wrong})


class TestMoney:
    @pytest.mark.parametrize(
        "exact, text",
        [
            (Fraction(0), "0.00"),
            (Fraction(10), "10.00"),
            (Fraction(1, 8), "0.125"),
            (Fraction(1, 3), "0.3333333333333333333333333333"),
            (Fraction(1, 2**20), "0.00000095367431640625"),
            (Fraction(10**30, 3), "333333333333333333333333333300"),
        ],
    )
    def test_it_is_exact_where_it_has_an_end(self, exact, text):
        assert f"{as_money(exact):f}" == text

    def test_a_share_of_thirds_is_rounded_once_to_28_digits(self):
        given = [subscription(who, "100.00", interval="year") for who in ("ann", "ben")]
        ratio = net_revenue_retention_ratio(given, period=MARCH)
        assert ratio.value == 1
        assert str(ratio.numerator) == "16.66666666666666666666666667"
        assert str(revenue_churn_rate(given, period=MARCH).numerator) == "0.00"

    def test_thirds_that_make_a_whole_are_one(self):
        given = [subscription(who, "100.00", interval="year") for who in ("ann", "ben", "cy")]
        mean = average_revenue_per_account_value(given, period=MARCH)
        assert mean.total == monthly_recurring_revenue(given, period=MARCH) == 25
        assert repr(mean) == "Mean(25.00, 3, unit='EUR')"
        assert net_revenue_retention_ratio(given, period=MARCH) == Ratio(25, 25, bounded=False)

    def test_of_rounded_money_there_is_an_interval(self):
        yearly = {"interval": "year"}
        given = [
            subscription("ann", "100.00", **yearly),
            subscription("ben", "10.00", ended_at=LATER, **yearly),
        ]
        low, high = revenue_churn_rate(given, period=MARCH).interval()
        assert 0 < low < 1 / 11 < high < 1

    def test_the_parts_of_what_a_customer_pays_are_rounded_together(self):
        # 43 1/3 and 334 7/12 and 365: none of their thirds may get lost when the daily plans are paused.
        daily = {"interval": "day", "pauses": [Pause(started_at=LATER)]}
        given = [subscription(amount="10.00", interval="week"), subscription(amount="11.00", **daily)]
        assert revenue_churn_rate([*given, subscription(amount="12.00", **daily)], period=MARCH).value == 0
        assert net_revenue_retention_ratio(given, period=MARCH).value == 1


class TestAgainstAnotherPeriod:
    given = (
        subscription("ann", "10.00"),
        subscription("ben", "20.00", ended_at=LATER),
        subscription("cy", "40.00", ended_at=BEGUN + 40 * DAY),
        subscription("dee", "30.00", started_at=BEGUN + 30 * DAY),
        subscription("dee", "35.00", started_at=LATER),
        subscription("eve", "5.00", started_at=LATER),
    )

    def facts(self) -> Any:
        return subscription_facts(self.given, [FEBRUARY, MARCH], against={MARCH: FEBRUARY})

    def test_each_figure_with_an_interval_has_its_sums_over_shared_customers(self):
        february, march = self.facts()
        assert not february.cross
        assert set(march.cross) == {
            "revenue_churn_rate",
            "gross_revenue_retention_rate",
            "net_revenue_retention_ratio",
            "revenue_churn_ratio",
            "net_revenue_churn_ratio",
            "subscriber_churn_rate",
            "subscriber_retention_rate",
            "average_revenue_per_account_value",
            "quick_ratio",
        }

    def test_the_sums_are_those_of_the_customers_of_both(self):
        # Bases: February ann 10, ben 20, cy 40; March ann 10, ben 20, dee 30. In both: ann and ben.
        _, march = self.facts()
        cross = march.cross["revenue_churn_rate"]
        assert cross.n == 4
        # x is 10 and 20 in both months, y is 0 and 20 in March, 0 in February; all in whole euros.
        assert (cross.xx, cross.xy, cross.yx, cross.yy) == (500, 0, 400, 0)
        left = march.cross["subscriber_churn_rate"]
        assert (left.n, left.xx, left.xy, left.yx, left.yy) == (4, 2, 0, 1, 0)

    def test_they_are_made_for_the_metrics_asked_for(self):
        periods = {MARCH: FEBRUARY}
        found = subscription_facts(
            self.given, [FEBRUARY, MARCH], against=periods, metrics={"quick_ratio", "subscriber_count"}
        )
        assert [set(each.cross) for each in found] == [set(), {"quick_ratio"}]

    def test_they_are_made_for_the_keywords_asked_for(self):
        # Paused in March: ann. Gone: ben, whose 20 in February's base was 20 too.
        paused = [
            subscription("ann", "10.00", pauses=[Pause(started_at=LATER)]),
            subscription("ben", "20.00", ended_at=LATER, end_reason="customer"),
            subscription("cy", "40.00"),
        ]
        options = {
            "revenue_churn_rate": {"paused": "lost"},
            "gross_revenue_retention_rate": {"paused": "lost"},
            "net_revenue_retention_ratio": {"paused": "lost"},
            "subscriber_churn_rate": {"reason": "voluntary"},
            "subscriber_retention_rate": {"paused": "lost"},
        }
        _, march = subscription_facts(paused, [FEBRUARY, MARCH], against={MARCH: FEBRUARY}, options=options)
        assert march.cross["revenue_churn_rate"].yx == 10 * 10 + 20 * 20
        assert march.cross["gross_revenue_retention_rate"].yx == 40 * 40
        assert march.cross["net_revenue_retention_ratio"].yx == 40 * 40
        assert march.cross["subscriber_churn_rate"].yx == 1
        assert march.cross["subscriber_retention_rate"].yx == 1

    def test_a_snapshot_compares_with_the_keywords_asked_for(self):
        given = [
            subscription(f"c{n}", str(n), pauses=[Pause(started_at=LATER)] if n % 3 else [])
            for n in range(1, 40)
        ]
        shop = Shop(subscriptions=given, as_of=APRIL.end)
        found = snapshot(
            shop,
            period=MARCH,
            metrics=["revenue_churn_rate", "subscriber_churn_rate"],
            options={"revenue_churn_rate": {"paused": "lost"}, "subscriber_churn_rate": {"paused": "lost"}},
        )
        for metric in found:
            change = found.change(metric)
            assert change.verdict == "real", metric
            assert change.difference > 0.5

    def test_keywords_that_make_no_sense_are_refused_there_too(self):
        options = {"revenue_churn_rate": {"paused": "gone"}}
        with pytest.raises(InvalidValueError, match='revenue_churn_rate: paused must be "kept" or "lost"'):
            snapshot(Shop(subscriptions=self.given, as_of=APRIL.end), period=MARCH, options=options)

    def test_a_difference_can_be_told_from_them(self):
        february, march = self.facts()
        cross = march.cross["net_revenue_retention_ratio"]
        now, before = (read_net_revenue_retention_ratio(each) for each in (march, february))
        low, high = estimate(now, before, cross).bounds(0.95)
        assert low < float(now) - float(before) < high

    def test_the_intervals_of_signed_ratios_reach_below_0(self):
        ratio = net_revenue_churn_ratio(self.given, period=MARCH)
        # Lost 20 (ben), won 35 (dee's second plan), of 60.
        assert ratio.value == -15 / 60
        assert isinstance(ratio.interval(), Interval)
        assert ratio.interval().low < 0
        assert revenue_churn_ratio(self.given, period=MARCH).interval().low == 0

    def test_of_one_customer_no_interval_is_known(self):
        with pytest.raises(UndefinedMetricError, match="at least two customers"):
            net_revenue_retention_ratio([subscription()], period=MARCH).interval()


class TestFacts:
    def test_each_period_gets_its_own_in_the_order_given(self):
        periods = [APRIL, FEBRUARY, APRIL]
        found = subscription_facts([subscription()], periods)
        assert [each.period for each in found] == periods

    def test_they_have_the_movements_of_the_period(self):
        given = [subscription(ended_at=LATER), subscription(amount="12.00", started_at=LATER)]
        (march,) = subscription_facts(given, [MARCH])
        (movement,) = march.movements
        assert (movement.customer, movement.kind, movement.size) == ("ann", "expansion", 2)
        assert (movement.before, movement.after) == (10, 12)
        assert dict(march.base) == {"ann": 10}
        assert dict(march.now) == {"ann": 12}

    def test_money_in_two_currencies_is_never_shown(self):
        (march,) = subscription_facts([subscription(), subscription("ben", currency="CHF")], [MARCH])
        with pytest.raises(
            MixedCurrencyError, match=r"read the subscriptions \(or make the Shop\) with currency="
        ):
            march.amount(1)


class TestPairs:
    level = Level({"ann": 10, "ben": 20, "cy": 30})
    other = Level({"ben": 5, "cy": 30, "dee": 40})

    @pytest.mark.parametrize("heads", [False, True])
    @pytest.mark.parametrize("rest", [False, True])
    def test_their_sums_are_those_of_each_customer(self, heads, rest):
        a = Pairs(below=self.level, above={"ben": 1}, heads=heads, rest=rest)
        b = Pairs(below=self.other, above={"ben": 1, "dee": 1}, heads=heads, rest=rest)
        products = Products()
        for each in (a, b, a):
            assert products.sums(each, scale=100) == ClusterSums.of(each.values(), scale=100)
        both = zip(  # only ben and cy are in both
            [(1 if heads else x, y) for x, y in [(20, 1), (30, 0)]],
            [(1 if heads else x, y) for x, y in [(5, 1), (30, 0)]],
            strict=True,
        )
        expected = CrossSums.of(both, 4)
        assert products.cross(a, b) == (expected.complement() if rest else expected)

    def test_who_is_only_above_is_a_customer_of_the_ratio(self):
        pairs = Pairs(below={"ann": 10}, above={"ben": -5, "ann": 2})
        assert sorted(pairs.values()) == [(0, -5), (10, 2)]
        assert pairs.sums(signed=True) == ClusterSums.of([(10, 2), (0, -5)], signed=True)
        assert list(Pairs(below={"ann": 10}, above={"ben": 5}, heads=True).values()) == [(1, 0), (0, 5)]

    def test_what_everybody_pays_stands_on_both_sides(self):
        pairs = Pairs(below=self.level, above=self.level, heads=True)
        assert pairs.sums() == ClusterSums.of([(1, 10), (1, 20), (1, 30)])
        other = Pairs(below=self.other, above=self.other, heads=True)
        assert Products().cross(pairs, other) == CrossSums(n=4, xx=2, xy=35, yx=50, yy=20 * 5 + 30 * 30)


def test_a_span_of_no_time_gives_no_reason_for_an_end():
    """A plan that is taken and given back at the very instant at which another ends has not been there."""
    ends = {"ended_at": LATER}
    book = [
        subscription(id=1, end_reason="payment", **ends),
        subscription(id=2, started_at=LATER, end_reason="customer", **ends),
    ]
    for reason, lost in (("involuntary", 1), ("voluntary", 0)):
        assert subscriber_churn_rate(book, period=MARCH, reason=reason).numerator == lost
