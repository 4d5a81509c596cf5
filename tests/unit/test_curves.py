"""The curves of a shop's own data: each worked by hand, what they assume, and what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import retention as rt
from retention import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    Period,
    Shop,
)
from retention._columns import NOBODY
from retention._facts import facts
from retention._next_purchases import NextPurchases
from retention._subscription_facts import subscription_facts
from retention.metrics import (
    first_response_curve,
    first_response_days,
    next_purchase_curve,
    resolution_curve,
    second_purchase_curve,
    second_purchase_rate,
    subscriber_churn_rate,
    subscriber_curve,
)
from retention.metrics._curves import read_next_purchase_curve, read_subscriber_curve
from retention.testing import make_interaction, make_order, make_orders, make_subscription

FEBRUARY, MARCH, APRIL = (Period.month(2026, month, tz="UTC") for month in (2, 3, 4))
AS_OF = datetime(2026, 4, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def days(number: float) -> timedelta:
    return number * DAY


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def steps(curve: Any) -> list[tuple[float, float]]:
    """Day and share of each step, from the first end on."""
    return [(point.time / DAY, round(point.survival, 6)) for point in curve.points() if point.ended]


# ------------------------------------------------------------------------------------------ purchases

# New in March: ann (back after 4 days), ben (after 30), cy (never), dee (twice at one instant). Old: eve.
ORDERS = make_orders(
    {
        "ann": ["2026-03-01", "2026-03-05", "2026-03-06"],
        "ben": ["2026-03-11", "2026-04-10"],
        "cy": ["2026-03-31"],
        "dee": [("2026-03-20", "5.00"), ("2026-03-20", "7.00")],
        "eve": ["2026-02-01", "2026-03-08"],
        None: ["2026-03-09"],
    }
)


class TestSecondPurchases:
    CURVE = second_purchase_curve(ORDERS, period=MARCH, as_of=AS_OF)

    def test_by_hand(self):
        # dee at once: 3/4; ann after 4 days: 2/4. cy is watched for 30 days, as long as ben took: 1/4.
        assert steps(self.CURVE) == [(0.0, 0.75), (4.0, 0.5), (30.0, 0.25)]
        assert (self.CURVE.count, self.CURVE.ended, self.CURVE.censored) == (4, 3, 1)
        assert self.CURVE.median == 4.0
        assert self.CURVE.incidence(days(16)).value == 0.5

    def test_what_it_says_of_itself(self):
        assert (self.CURVE.event, self.CURVE.basis.counted) == ("purchased again", ("new customers",))
        assert dict(self.CURVE.left_out) == {"guest": 1}
        assert not self.CURVE.partial
        assert "observed_from was not given" in self.CURVE.explain()
        assert self.CURVE.explain().startswith("second_purchase_curve (2026-03): median 4 days")

    def test_who_is_too_young_for_the_rate_is_in_the_curve(self):
        early = {"period": MARCH, "as_of": at(3, 22)}
        # The rate knows only ann to have been watched for 16 days; the curve has ben's 11 days and dee's 2 as well.
        assert repr(second_purchase_rate(ORDERS, given="all", **early)) == "Ratio(1, 1)"
        curve = second_purchase_curve(ORDERS, **early)
        assert steps(curve) == [(0.0, 0.666667), (4.0, 0.333333)]
        assert curve.partial

    def test_at_as_of_itself_all_is_known(self):
        assert second_purchase_curve(ORDERS, period=MARCH, as_of=at(4, 10)).ended == 3
        assert second_purchase_curve(ORDERS, period=MARCH, as_of=at(4, 10, 11)).ended == 2

    def test_who_has_only_just_bought_counts_for_no_time(self):
        [order] = make_orders({"ann": ["2026-03-05"]})
        curve = second_purchase_curve([order], period=MARCH, as_of=order.placed_at)
        assert (curve.count, curve.censored, curve.median) == (1, 1, None)

    def test_a_refund_undoes_a_purchase(self):
        refunded = make_order(
            id="back",
            customer_id="cy",
            placed_at="2026-04-02",
            amount="10.00",
            refunds=[("2026-04-20", "10.00")],
        )
        for as_of, ended in ((at(4, 15), 4), (AS_OF, 3)):
            assert second_purchase_curve([*ORDERS, refunded], period=MARCH, as_of=as_of).ended == ended

    def test_one_person_of_two_names(self):
        curve = second_purchase_curve(ORDERS, period=MARCH, as_of=AS_OF, aliases={"cy": "ben"})
        assert steps(curve) == [(0.0, 0.666667), (4.0, 0.333333), (20.0, 0.0)]

    def test_two_orders_of_a_day_may_be_one(self):
        policy = rt.OrderPolicy(same_day="merge", tz="UTC")
        curve = second_purchase_curve(ORDERS, period=MARCH, as_of=AS_OF, policy=policy)
        assert steps(curve) == [(4.0, 0.75), (30.0, 0.5)]

    def test_where_the_data_begin_nobody_can_tell_who_is_new(self):
        curve = second_purchase_curve(ORDERS, period=MARCH, as_of=AS_OF, observed_from=MARCH.start)
        assert not curve.observable
        assert curve.count == 0
        assert "the data begin too late to tell who was new in 2026-03: at least as much time as" in str(
            curve
        )
        assert str(curve).startswith("–: not observable, since ")
        later = second_purchase_curve(ORDERS, period=MARCH, as_of=AS_OF, observed_from=FEBRUARY.start)
        assert later == self.CURVE
        assert "is taken as new" in later.explain()

    def test_nobody_new(self):
        curve = second_purchase_curve(ORDERS, period=APRIL, as_of=AS_OF)
        assert curve.undefined_because == "there are no new customers"
        assert curve.observable

    def test_it_must_be_known_until_when_they_were_watched(self):
        with pytest.raises(AsOfRequiredError, match="second_purchase_curve needs as_of="):
            second_purchase_curve(ORDERS, period=MARCH)
        with pytest.raises(ConflictingArgumentError):
            second_purchase_curve(Shop(orders=ORDERS, as_of=AS_OF), period=MARCH, as_of=at(4, 1))


class TestNextPurchases:
    def test_from_the_first_in_the_period(self):
        curve = next_purchase_curve(ORDERS, period=MARCH, as_of=AS_OF)
        # As above; and eve, of whom nothing is known after the 53 days since 8 March.
        assert steps(curve) == [(0.0, 0.8), (4.0, 0.6), (30.0, 0.4)]
        assert (curve.count, curve.censored) == (5, 2)
        assert curve.basis.counted == ("active customers",)
        assert curve.basis.options == ()

    def test_from_the_purchase_of_a_rank(self):
        here = {"period": MARCH, "as_of": AS_OF}
        assert next_purchase_curve(ORDERS, after=1, **here) == second_purchase_curve(ORDERS, **here)
        # ann's second to her third: a day. eve's and dee's second: none so far.
        second = next_purchase_curve(ORDERS, after=2, **here)
        assert steps(second) == [(1.0, 0.666667)]
        assert second.basis.options == (("after", "2"),)
        assert second.basis.counted == ("customers with purchase number 2",)
        fourth = next_purchase_curve(ORDERS, after=4, **here)
        assert fourth.undefined_because == "there are no customers with purchase number 4"

    def test_a_rank_asks_for_the_whole_past_and_the_period_alone_does_not(self):
        here = {"period": MARCH, "as_of": AS_OF, "observed_from": MARCH.start}
        assert next_purchase_curve(ORDERS, **here).observable
        assert not next_purchase_curve(ORDERS, after=2, **here).observable

    @pytest.mark.parametrize(
        "after, error",
        [(0, InvalidValueError), (-1, InvalidValueError), (True, InvalidTypeError), ("1", InvalidTypeError)],
    )
    def test_a_rank_is_a_number_from_1_on(self, after, error):
        with pytest.raises(error, match="next_purchase_curve: after must be"):
            next_purchase_curve(ORDERS, period=MARCH, as_of=AS_OF, after=after)

    def test_it_must_be_known_until_when_they_were_watched(self):
        with pytest.raises(AsOfRequiredError, match="next_purchase_curve needs as_of="):
            next_purchase_curve(ORDERS, period=MARCH)


class TestWhatFollowed:
    def test_each_purchase_of_the_period(self):
        history = rt.History(ORDERS, as_of=AS_OF)
        [found] = facts(history, [MARCH], followed=True)
        followed = found.followed
        assert followed is not None
        # ann three times, eve, ben, dee twice, cy
        assert list(followed.rank) == [1, 2, 3, 2, 1, 1, 2, 1]
        gaps = [None if gap == NOBODY else timedelta(microseconds=gap) / DAY for gap in followed.gaps]
        assert gaps == [4.0, 1.0, None, None, 30.0, 0.0, None, None]
        assert list(followed.earliest) == [0, 3, 4, 5, 7]

    def test_it_is_found_only_where_it_is_asked_for(self):
        history = rt.History(ORDERS, as_of=AS_OF)
        [plain] = facts(history, [MARCH])
        assert plain.followed is None
        assert NextPurchases().chosen(None) == ([], [])
        assert read_next_purchase_curve(plain).count == 0

    def test_nothing_at_all(self):
        [found] = facts(rt.History(()), [MARCH], followed=True)
        assert found.followed is not None
        assert found.followed.chosen(1) == ([], [])


# -------------------------------------------------------------------------------------- subscriptions


def span(who: str, begun: Any, ended: Any = None, why: Any = None, **more: Any) -> rt.Subscription:
    return make_subscription(customer_id=who, started_at=begun, ended_at=ended, end_reason=why, **more)


# On 1 March ann has been there for 59 days, ben for 28. cy begins on 11 March. ben leaves on 11 March, after 38 days,
# cy on 21 March after 10.
SPANS = [
    span("ann", at(1, 1, 0)),
    span("ben", at(2, 1, 0), at(3, 11, 0), "payment"),
    span("cy", at(3, 11, 0), at(3, 21, 0), "customer"),
]


class TestSubscribers:
    def test_in_force_by_hand(self):
        curve = subscriber_curve(SPANS, period=MARCH)
        # At 10 days cy is the only one of whom this was seen, and he leaves: nothing is known of 11 to 27 days.
        assert (curve.count, curve.ended, curve.late) == (3, 2, 2)
        assert dict(curve.ended_by) == {"involuntary": 1, "voluntary": 1}
        assert curve.survival(days(9)).value == 1.0
        assert curve.survival(days(10)).value is None
        dee = span("dee", at(3, 1, 0))
        longer = subscriber_curve([*SPANS, dee], period=MARCH)
        # dee goes on to 31 days, just when ben is watched, too: 1/2 at 10 days, then of ben and nobody else 0.
        assert longer.survival(days(10)).value == 0.5
        assert longer.survival(days(37)).value == 0.5
        assert longer.survival(days(38)).value is None

    def test_those_who_began_are_followed(self):
        curve = subscriber_curve(SPANS, period=FEBRUARY, of="begun", as_of=AS_OF)
        assert steps(curve) == [(38.0, 0.0)]
        both = subscriber_curve([*SPANS, span("dee", at(2, 15, 0))], period=FEBRUARY, of="begun", as_of=AS_OF)
        assert steps(both) == [(38.0, 0.5)]
        assert both.basis.options == (("of", "begun"),)
        assert both.basis.counted == ("subscribers who began",)
        assert subscriber_curve(SPANS, period=APRIL, of="begun", as_of=AS_OF).undefined_because == (
            "there are no subscribers who began"
        )

    def test_only_what_lies_in_the_period_is_seen(self):
        for period, ended in ((FEBRUARY, 0), (MARCH, 2), (APRIL, 0)):
            assert subscriber_curve(SPANS, period=period).ended == ended
        assert subscriber_curve(SPANS, period=APRIL).count == 1
        assert subscriber_curve(SPANS, period=MARCH, as_of=at(3, 15)).ended == 1

    def test_an_end_at_midnight_belongs_to_the_day_that_begins(self):
        spans = [*SPANS, span("dee", at(2, 11, 0), at(3, 1, 0), "customer")]
        february, march = (subscriber_curve(spans, period=period) for period in (FEBRUARY, MARCH))
        assert (february.count, february.ended) == (3, 0)
        assert (march.count, march.ended) == (4, 3)
        # as in the rate of those who paid when the month began
        assert repr(subscriber_churn_rate(spans, period=MARCH)) == "Ratio(2, 3)"

    def test_causes_compete(self):
        spans = [
            span("ann", at(3, 1, 0)),
            span("ben", at(3, 1, 0), at(3, 5, 0), "technical"),
            span("cy", at(3, 1, 0), at(3, 9, 0), "customer"),
            span("dee", at(3, 1, 0), at(3, 13, 0)),
        ]
        curve = subscriber_curve(spans, period=MARCH)
        assert curve.causes == ("involuntary", "unknown", "voluntary")
        for cause in curve.causes:
            assert curve.incidence(days(20), cause=cause).value == pytest.approx(0.25)
        assert curve.survival(days(20)).value == pytest.approx(0.25)

    def test_of_each_cause_there_is_a_share_even_if_it_is_none(self):
        curve = subscriber_curve([span("ann", at(3, 1, 0))], period=MARCH)
        assert curve.causes == ("involuntary", "voluntary")
        assert curve.incidence(days(5), cause="voluntary").value == 0.0

    @pytest.mark.parametrize(
        "reason, cause",
        [
            ("customer", "voluntary"),
            ("payment", "involuntary"),
            ("fraud", "involuntary"),
            ("technical", "involuntary"),
            ("other", "other"),
            ("plan_change", "plan_change"),
            (None, "unknown"),
        ],
    )
    def test_every_reason_is_a_cause(self, reason, cause):
        curve = subscriber_curve([span("ann", at(3, 1, 0), at(3, 5, 0), reason)], period=MARCH)
        assert curve.ended_by[cause] == 1

    def test_a_change_of_plan_a_pause_and_a_trial_of_another_plan_are_no_end(self):
        spans = [
            span("ann", at(2, 1, 0), at(3, 5, 0), "plan_change"),
            span("ann", at(3, 5, 0), amount="20.00", trial_ends_at=at(3, 12)),
            span("ben", at(2, 1, 0), pauses=[(at(3, 5), at(3, 10))]),
        ]
        curve = subscriber_curve(spans, period=MARCH)
        assert (curve.count, curve.ended) == (2, 0)

    def test_who_is_paused_throughout_is_there_and_who_leaves_paused_leaves(self):
        paused = [(at(2, 10), None)]
        spans = [span("ann", at(2, 1, 0), pauses=paused)]
        assert subscriber_curve(spans, period=MARCH).count == 1
        spans = [span("ann", at(2, 1, 0), at(3, 11, 0), "customer", pauses=[(at(2, 10), at(3, 11, 0))])]
        assert subscriber_curve(spans, period=MARCH).ended == 1
        assert subscriber_churn_rate(spans, period=MARCH).undefined_because

    def test_the_time_begins_when_the_trial_is_over(self):
        spans = [span("ann", at(3, 1, 0), at(3, 20, 0), "customer", trial_ends_at=at(3, 10, 0))]
        assert steps(subscriber_curve(spans, period=MARCH)) == [(10.0, 0.0)]

    def test_who_never_pays_is_no_subscriber(self):
        never = [
            span("ann", at(3, 1, 0), at(3, 9, 0), "customer", trial_ends_at=at(3, 15, 0)),
            span("ben", at(3, 1, 0), amount="0.00"),
            span("cy", at(3, 1, 0), trial_ends_at=at(5, 1, 0)),
        ]
        curve = subscriber_curve(never, period=MARCH)
        assert curve.undefined_because == "there are no subscribers"
        assert dict(curve.left_out) == {"free of charge": 1}

    def test_who_comes_back_is_a_subscriber_anew(self):
        spans = [
            span("ann", at(3, 1, 0), at(3, 5, 0), "payment"),
            span("ann", at(3, 7, 0), at(3, 17, 0), "customer"),
            span("ben", at(3, 1, 0)),
        ]
        apart = subscriber_curve(spans, period=MARCH)
        assert (apart.count, apart.customers) == (3, 2)
        assert steps(apart) == [(4.0, 0.666667), (10.0, 0.333333)]
        bridged = subscriber_curve(spans, period=MARCH, bridge=days(2))
        assert (bridged.count, bridged.customers) == (2, None)
        assert steps(bridged) == [(16.0, 0.5)]
        assert bridged.basis.options == (("bridge", "2 days"),)
        assert any("gap that had not closed" in line for line in bridged.assumed)

    def test_a_bridge_is_a_time(self):
        with pytest.raises(InvalidTypeError, match="subscriber_curve: bridge"):
            subscriber_curve(SPANS, period=MARCH, bridge=3)

    def test_one_person_of_two_names(self):
        curve = subscriber_curve(SPANS, period=MARCH, aliases={"cy": "ben"})
        # ben's end and cy's beginning are the same instant
        assert (curve.count, curve.ended) == (2, 1)
        assert curve.ended_by["voluntary"] == 1

    def test_data_that_begin_later(self):
        known = subscriber_curve(SPANS, period=MARCH, observed_from=MARCH.start)
        assert known == subscriber_curve(SPANS, period=MARCH)
        assert any("2026-03-01, began with the first that is known" in line for line in known.assumed)
        unseen = subscriber_curve(SPANS, period=MARCH, observed_from=at(3, 2))
        assert not unseen.observable
        assert unseen.count == 0
        assert "begins before observed_from" in str(unseen.undefined_because)

    def test_what_it_takes_for_granted(self):
        in_force = subscriber_curve(SPANS, period=MARCH, as_of=AS_OF)
        begun = subscriber_curve(SPANS, period=MARCH, as_of=AS_OF, of="begun")
        for curve in (in_force, begun):
            assert any("taken as complete" in line for line in curve.assumed)
        assert len(in_force.assumed) == len(begun.assumed) + 1
        assert in_force.assumed[-1].startswith("who begins now will leave, at each tenure")

    def test_two_currencies_are_no_matter(self):
        francs = span("dee", at(3, 1, 0), currency="CHF")
        assert subscriber_curve([*SPANS, francs], period=MARCH).count == 4
        assert subscriber_curve([*SPANS, francs], period=MARCH, currency="EUR").count == 3

    def test_of_whom(self):
        for of, error in (("all", InvalidValueError), (None, InvalidTypeError)):
            with pytest.raises(error, match='subscriber_curve: of must be "in_force" or "begun"'):
                subscriber_curve(SPANS, period=MARCH, of=of)
        with pytest.raises(AsOfRequiredError, match='subscriber_curve with of="begun" needs as_of='):
            subscriber_curve(SPANS, period=MARCH, of="begun")

    def test_times_are_found_only_where_they_are_asked_for(self):
        [plain] = subscription_facts(SPANS, [MARCH])
        assert plain.tenures is None
        assert read_subscriber_curve(plain).count == 0


# ------------------------------------------------------------------------------------------- contacts


def asked(who: str | None, hour: int = 12, **more: Any) -> rt.Interaction:
    return make_interaction(kind="question", customer_id=who, occurred_at=at(3, 9, hour), **more)


CONTACTS = [
    asked("ann", answered_at=at(3, 9, 18), solved_at=at(3, 19)),
    asked("ann", answered_at=at(3, 11)),
    asked("ben", channel="sms"),
    asked(None, answered_at=at(5, 1)),
    make_interaction(kind="review", direction="inbound", occurred_at=at(3, 9)),
    make_interaction(kind="message", occurred_at=at(3, 9)),
]


class TestContacts:
    def test_answers_by_hand(self):
        curve = first_response_curve(CONTACTS, period=MARCH, as_of=AS_OF)
        assert steps(curve) == [(0.25, 0.75), (2.0, 0.5)]
        assert (curve.count, curve.ended, curve.customers) == (4, 2, 3)
        assert (curve.event, curve.basis.counted) == ("answered", ("contacts that came in",))
        assert first_response_days(CONTACTS, period=MARCH, as_of=AS_OF).median == 1.125
        assert curve.basis.records == "interactions"

    def test_solutions_by_hand(self):
        curve = resolution_curve(CONTACTS, period=MARCH, as_of=AS_OF)
        assert steps(curve) == [(10.0, 0.75)]
        assert curve.event == "solved"
        assert curve.median is None

    def test_what_is_answered_later_was_not_known(self):
        assert first_response_curve(CONTACTS, period=MARCH, as_of=at(5, 1)).ended == 3
        assert first_response_curve(CONTACTS, period=MARCH, as_of=at(3, 9, 15)).ended == 0

    def test_contacts_after_as_of_are_left_out(self):
        curve = first_response_curve([*CONTACTS, asked("cy", 20)], period=MARCH, as_of=at(3, 9, 19))
        assert (curve.count, curve.left_out) == (4, {"after as_of": 1, "review (asks nothing)": 1})
        assert "Left out of the period's interactions: 1 after as_of, 1 review (asks nothing)." in str(curve)
        assert curve.partial

    def test_kinds_and_channels(self):
        here = {"period": MARCH, "as_of": AS_OF}
        assert first_response_curve(CONTACTS, channel="sms", **here).count == 1
        reviews = first_response_curve(CONTACTS, kind="review", **here)
        assert reviews.count == 1
        assert reviews.basis.options == (("kind", "review"),)
        nothing = resolution_curve(CONTACTS, kind="call", **here)
        assert nothing.undefined_because == "there are no contacts that came in"
        with pytest.raises(InvalidValueError, match="resolution_curve: kind must be written"):
            resolution_curve(CONTACTS, kind="Question", **here)

    def test_two_who_are_unknown_are_two(self):
        curve = first_response_curve([asked(None), asked(None)], period=MARCH, as_of=AS_OF)
        assert (curve.count, curve.customers) == (2, None)

    def test_one_person_of_two_names(self):
        aliases = {"ben": "ann"}
        curve = first_response_curve(CONTACTS, period=MARCH, as_of=AS_OF, aliases=aliases)
        assert curve.customers == 2

    @pytest.mark.parametrize("function", [first_response_curve, resolution_curve])
    def test_it_must_be_known_until_when_they_waited(self, function):
        with pytest.raises(AsOfRequiredError, match=f"{function.__name__} needs as_of="):
            function(CONTACTS, period=MARCH)
        unseen = function(CONTACTS, period=MARCH, as_of=at(2, 1))
        assert not unseen.observable


# ------------------------------------------------------------------------------------------ snapshots


class TestInASnapshot:
    SHOP = Shop(orders=ORDERS, subscriptions=SPANS, interactions=CONTACTS, as_of=AS_OF)

    @pytest.mark.parametrize(
        "function",
        [
            second_purchase_curve,
            next_purchase_curve,
            subscriber_curve,
            first_response_curve,
            resolution_curve,
        ],
    )
    def test_a_curve_is_shown_when_it_is_asked_for_and_is_no_single_figure(self, function):
        name = function.__name__
        snapshot = rt.snapshot(self.SHOP, period=MARCH, metrics=[name, "order_count"])
        figure = snapshot.figure(name)
        assert figure.result == function(self.SHOP, period=MARCH)
        assert figure.value is None
        assert figure.interval() is None
        assert [row["metric"] for row in snapshot.to_dicts()] == ["order_count"]
        assert "can't be compared" in str(figure.change)
        assert name not in rt.snapshot(self.SHOP, period=MARCH)
