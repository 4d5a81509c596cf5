"""What is known of each customer, by hand: each kind of record, its limits, and that nothing later is seen."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta

from retention import History, Shop
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    NaiveDatetimeError,
)
from retention.records import Pause
from retention.segments import FixedThresholds, LifecycleStages, lifecycle_table
from retention.strategies import CustomerSituations, customer_situations
from retention.strategies._customer_fields import FIELDS
from retention.testing import (
    make_checkout,
    make_customer,
    make_interaction,
    make_order,
    make_response,
    make_subscription,
    sample_shop,
)
from tests.outlooks import outlook_of

AT = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def ago(days):
    return AT - days * DAY


def shop(**records):
    return Shop(**{"as_of": AT, **records})


def known_of(customer_id="ann", **records):
    return customer_situations(shop(**records))[customer_id]


def bought(*days, customer_id="ann", amount="10.00"):
    return [
        make_order(id=(customer_id, day), customer_id=customer_id, placed_at=ago(day), amount=amount)
        for day in days
    ]


REGULAR = [40, 30, 20, 10]


class TestLife:
    def test_stage_state_and_rhythm_are_those_of_the_life_cycle(self):
        found = customer_situations(shop(orders=[*bought(*REGULAR), *bought(400, 100, customer_id="ben")]))
        table = lifecycle_table(bought(*REGULAR) + bought(400, 100, customer_id="ben"), as_of=AT)
        for who in ("ann", "ben"):
            mine, life = found[who], table.of(who)
            assert (mine.stage, mine.state, mine.orders) == (life.stage, life.state, life.orders)
            assert (mine.silence_days, mine.usual_gap_days) == (life.silence_days, life.usual_gap_days)
            assert mine.has_own_rhythm is life.has_own_rhythm

    def test_by_hand(self):
        ann = known_of(orders=bought(*REGULAR))
        assert (ann.orders, ann.tenure_days, ann.silence_days) == (4, 40.0, 10.0)
        assert (ann.usual_gap_days, ann.times_usual, ann.gap_spread) == (10.0, 1.0, 0.0)
        assert (ann.spend, ann.spend_year, ann.currency) == (Decimal("40.00"), Decimal("40.00"), "EUR")

    def test_the_spread_is_the_mean_distance_from_the_median_as_a_share_of_it(self):
        ann = known_of(orders=bought(50, 40, 25, 5))  # gaps of 10, 15 and 20 days
        assert ann.usual_gap_days == 15
        assert ann.gap_spread == pytest.approx((5 + 0 + 5) / (3 * 15))

    def test_who_has_too_few_gaps_is_measured_by_the_shop(self):
        ann = customer_situations(shop(orders=[*bought(*REGULAR), *bought(30, customer_id="ben")]))["ben"]
        assert ann.has_own_rhythm is False
        assert (ann.usual_gap_days, ann.times_usual, ann.gap_spread) == (10.0, 3.0, None)
        assert ann.clause("gap_spread") == "there are too few gaps for a rhythm"

    def test_where_nobody_came_back_there_is_no_state(self):
        ann = known_of(orders=bought(30))
        assert (ann.stage, ann.state, ann.times_usual, ann.has_own_rhythm) == ("early", None, None, None)
        assert ann.clause("state") == "there is no rhythm to hold a silence against"

    def test_by_fixed_thresholds_there_is_a_state_and_no_rhythm(self):
        rules = FixedThresholds(new_within=5 * DAY, at_risk_after=20 * DAY, lapsed_after=60 * DAY)
        ann = customer_situations(shop(orders=bought(30)), lifecycle=rules)["ann"]
        assert (ann.state, ann.usual_gap_days) == ("at_risk", None)

    def test_stages_can_be_told(self):
        stages = LifecycleStages(middle_tenure=DAY, late_orders=3, late_tenure=2 * DAY)
        assert customer_situations(shop(orders=bought(*REGULAR)), stages=stages)["ann"].stage == "late"


class TestWorth:
    def test_the_best_fifth_the_two_after_it_and_the_rest(self):
        orders = [
            order
            for place in range(10)
            for order in bought(10, customer_id=place, amount=Decimal(10 * (place + 1)))
        ]
        found = customer_situations(shop(orders=orders))
        assert [found[place].value for place in range(10)] == ["rest"] * 4 + ["middle"] * 4 + ["best"] * 2

    def test_only_the_last_365_days_count(self):
        orders = [
            *bought(400, amount="500.00"),
            *bought(10, customer_id="ben"),
            *bought(365, customer_id="cid"),
        ]
        found = customer_situations(shop(orders=orders))
        assert (found["ann"].value, found["ann"].spend_year) == (None, Decimal("0.00"))
        assert found["ann"].spend == Decimal("500.00")
        assert found["cid"].spend_year == Decimal("10.00")
        assert found["ann"].clause("value") == "nothing was bought in the last 365 days"

    def test_where_all_spend_alike_nobody_stands_out(self):
        orders = [*bought(10), *bought(20, customer_id="ben")]
        assert {each.value for each in customer_situations(shop(orders=orders)).values()} == {"middle"}

    def test_equal_spend_is_equal_value(self):
        orders = [
            bought(10, customer_id=who, amount=paid)[0]
            for who, paid in zip("abcde", [9, 9, 5, 1, 1], strict=True)
        ]
        found = customer_situations(shop(orders=orders))
        assert [found[who].value for who in "abcde"] == ["best", "best", "middle", "rest", "rest"]

    def test_money_in_several_currencies_is_not_added(self):
        orders = [*bought(10), make_order(id=2, customer_id="ann", placed_at=ago(5), currency="USD")]
        ann = known_of(orders=orders)
        assert (ann.spend, ann.spend_year, ann.value, ann.currency, ann.orders) == (None, None, None, None, 2)
        assert ann.clause("spend") == "the sales are in several currencies, and can't be added"


class TestAnswers:
    @pytest.mark.parametrize(
        "answer, feeling",
        [
            ({"kind": "nps", "score": 6}, "unhappy"),
            ({"kind": "nps", "score": 7}, "neutral"),
            ({"kind": "nps", "score": 9}, "happy"),
            ({"kind": "csat", "score": 4, "scale": (1, 5)}, "happy"),
            ({"kind": "csat", "score": 3, "scale": (1, 5)}, "unhappy"),
            ({"kind": "csat", "score": Decimal("3.0"), "scale": (Decimal(1), Decimal(5))}, "neutral"),
            ({"kind": "ces", "score": 2, "scale": (1, 7), "direction": "lower"}, "happy"),
            ({"kind": "ces", "score": 2, "scale": (1, 7), "direction": "higher"}, "unhappy"),
            ({"kind": "taste", "score": 2, "scale": (1, 3), "direction": "higher"}, "neutral"),
        ],
    )
    def test_each_kind_of_question(self, answer, feeling):
        ann = known_of(responses=[make_response(customer_id="ann", responded_at=ago(3), **answer)])
        assert (ann.feeling, ann.answer_days) == (feeling, 3.0)

    def test_what_has_no_good_end_tells_nothing(self):
        words = make_response(kind="reason", answer="price", customer_id="ann", responded_at=ago(3))
        numbers = make_response(kind="age", score=3, scale=(1, 5), customer_id="ann", responded_at=ago(3))
        ann = known_of(orders=bought(5), responses=[words, numbers])
        assert (ann.feeling, ann.answer_days) == (None, None)
        assert ann.clause("feeling").startswith("the shop has no answers to surveys")

    def test_the_latest_counts_and_of_one_instant_the_worse(self):
        answers = [
            make_response(kind="nps", score=score, customer_id="ann", responded_at=ago(days))
            for score, days in [(0, 9), (10, 3), (2, 3), (7, 3)]
        ]
        for given in (answers, answers[::-1]):
            ann = known_of(responses=given)
            assert (ann.feeling, ann.recommends, ann.recommends_days) == ("unhappy", "detractor", 3.0)

    def test_the_recommendation_is_kept_beside_later_answers(self):
        answers = [
            make_response(kind="nps", score=10, customer_id="ann", responded_at=ago(9)),
            make_response(kind="csat", score=1, scale=(1, 5), customer_id="ann", responded_at=ago(2)),
        ]
        ann = known_of(responses=answers)
        assert (ann.feeling, ann.answer_days, ann.recommends, ann.recommends_days) == (
            "unhappy",
            2.0,
            "promoter",
            9.0,
        )

    def test_who_was_not_asked_where_others_were(self):
        answers = [make_response(kind="nps", score=10, responded_at=ago(9))]
        ann = known_of(orders=bought(5), responses=answers)
        assert (ann.feeling, ann.clause("feeling")) == (None, "the customer has answered no such survey")


class TestContacts:
    def test_the_oldest_open_question_waits(self):
        contacts = [
            make_interaction(kind="question", customer_id="ann", occurred_at=ago(8)),
            make_interaction(kind="chat", customer_id="ann", occurred_at=ago(3)),
            make_interaction(kind="question", customer_id="ann", occurred_at=ago(20), answered_at=ago(19)),
            make_interaction(kind="call", customer_id="ann", occurred_at=ago(30), solved_at=ago(30)),
        ]
        ann = known_of(interactions=contacts)
        assert (ann.waiting_days, ann.unsolved_days) == (8.0, None)
        assert ann.clause("unsolved_days") == "no case is open"

    def test_an_answered_case_is_open_until_it_is_solved(self):
        contacts = [
            make_interaction(kind="case", customer_id="ann", occurred_at=ago(8), answered_at=ago(7)),
            make_interaction(kind="case", customer_id="ben", occurred_at=ago(8), solved_at=ago(7)),
        ]
        ann = known_of(interactions=contacts)
        assert (ann.waiting_days, ann.unsolved_days) == (None, 8.0)

    def test_a_review_waits_for_nothing_and_after_90_days_nobody_does(self):
        contacts = [
            make_interaction(kind="review", direction="inbound", customer_id="ann", occurred_at=ago(8)),
            make_interaction(kind="question", customer_id="ann", occurred_at=ago(91)),
            make_interaction(kind="question", customer_id="ben", occurred_at=ago(90), answered_at=ago(7)),
            make_interaction(kind="question", customer_id="ben", occurred_at=ago(90)),
        ]
        found = customer_situations(shop(interactions=contacts))
        assert (found["ann"].waiting_days, found["ben"].waiting_days) == (None, 90.0)

    def test_where_no_answer_is_on_record_nobody_knows_who_waits(self):
        ann = known_of(interactions=[make_interaction(kind="case", customer_id="ann", occurred_at=ago(8))])
        assert (ann.waiting_days, ann.unsolved_days) == (None, None)
        assert ann.clause("waiting_days") == "the shop keeps no record of when it answers"
        assert ann.clause("unsolved_days") == "the shop keeps no record of when cases are solved"

    def test_the_latest_sentiment_of_inbound_contacts(self):
        def said(days, sentiment, direction="inbound", customer_id="ann"):
            return make_interaction(
                kind="review",
                direction=direction,
                customer_id=customer_id,
                occurred_at=ago(days),
                sentiment=sentiment,
            )

        contacts = [
            said(9, "1"),
            said(4, "0.5"),
            said(4, "-0.5"),
            said(1, "-1", "outbound"),
            said(1, "1", customer_id=None),
        ]
        for given in (contacts, contacts[::-1]):
            ann = known_of(interactions=given)
            assert (ann.sentiment, ann.sentiment_days) == (Decimal("-0.5"), 4.0)

    def test_when_the_shop_last_wrote(self):
        contacts = [
            make_interaction(kind="message", direction="outbound", customer_id="ann", occurred_at=ago(days))
            for days in (9, 4, 7)
        ]
        nobody = make_interaction(kind="message", direction="outbound", occurred_at=ago(1))
        ann = known_of(interactions=[*contacts, nobody])
        assert (ann.contacted_days, ann.sentiment) == (4.0, None)
        assert ann.clause("sentiment") == "the shop keeps no record of how contacts sound"


class TestCartsAndPayments:
    def cart(self, days, ordered=None, customer_id="ann"):
        return make_checkout(
            id=(customer_id, days, ordered),
            customer_id=customer_id,
            begun_at=ago(days),
            ordered_at=None if ordered is None else ago(ordered),
        )

    def test_a_cart_is_open_until_something_is_bought(self):
        assert known_of(checkouts=[self.cart(3)]).cart_days == 3.0
        assert known_of(checkouts=[self.cart(3), self.cart(5)]).cart_days == 3.0
        assert known_of(checkouts=[self.cart(3, ordered=3)]).cart_days is None
        assert known_of(checkouts=[self.cart(5), self.cart(3, ordered=3)]).cart_days is None
        assert known_of(checkouts=[self.cart(3)], orders=bought(3)).cart_days is None
        assert known_of(checkouts=[self.cart(3)], orders=bought(4)).cart_days == 3.0

    def test_of_two_carts_of_one_instant_the_ordered_one_counts(self):
        both = [self.cart(3), self.cart(3, ordered=2)]
        assert known_of(checkouts=both).cart_days is known_of(checkouts=both[::-1]).cart_days is None

    def test_carts_of_nobody_and_shops_without_carts(self):
        ann = known_of(orders=bought(5), checkouts=[self.cart(3, customer_id=None)])
        assert ann.clause("cart_days") == "no cart is left open"
        assert (
            known_of(orders=bought(5)).clause("cart_days").startswith("the shop has no checkouts on record")
        )

    def failed(self, days, **more):
        return make_order(id=("f", days), placed_at=ago(days), payment_state="failed", **more)

    def test_a_failed_payment_is_open_until_something_is_bought(self):
        assert known_of(orders=[self.failed(3)]).payment_failed_days == 3.0
        assert known_of(orders=[self.failed(3), self.failed(9)]).payment_failed_days == 3.0
        assert known_of(orders=[self.failed(3), *bought(4)]).payment_failed_days == 3.0
        assert known_of(orders=[self.failed(3), *bought(2)]).payment_failed_days is None

    def test_what_is_no_failed_payment(self):
        cancelled = self.failed(3, cancelled_at=ago(2), cancel_reason="customer")
        for order in (
            cancelled,
            self.failed(3, is_test=True),
            make_order(placed_at=ago(3), payment_state="pending"),
        ):
            assert known_of(orders=[order, *bought(9)]).payment_failed_days is None
        found = customer_situations(shop(orders=[self.failed(3, currency="USD"), *bought(9)], currency="EUR"))
        assert found["ann"].payment_failed_days is None
        guest = customer_situations(shop(orders=[self.failed(3, customer_id=None), *bought(9)]))
        assert list(guest) == ["ann"]

    def test_an_order_cancelled_for_its_payment(self):
        order = make_order(placed_at=ago(5), cancelled_at=ago(3), cancel_reason="payment")
        ann = known_of(orders=[order])
        assert (ann.payment_failed_days, ann.cancelled_days, ann.cancel_reason) == (3.0, 3.0, "payment")
        assert known_of(orders=[order, *bought(2)]).payment_failed_days is None

    def test_a_subscription_that_was_not_paid(self):
        spans = [make_subscription(started_at=ago(90), ended_at=ago(6), end_reason="payment")]
        ann = known_of(subscriptions=spans, orders=bought(3))
        assert (ann.payment_failed_days, ann.subscription, ann.subscription_ended_days) == (6.0, "ended", 6.0)
        back = make_subscription(id=2, started_at=ago(5))
        assert known_of(subscriptions=[*spans, back]).payment_failed_days is None

    def test_the_later_of_two_failures(self):
        spans = [make_subscription(started_at=ago(90), ended_at=ago(6), end_reason="payment")]
        assert known_of(subscriptions=spans, orders=[self.failed(3)]).payment_failed_days == 3.0
        assert known_of(subscriptions=spans, orders=[self.failed(9)]).payment_failed_days == 6.0


class TestCancellations:
    def cancelled(self, days, reason="customer", customer_id="ann"):
        return make_order(
            id=("c", days, reason),
            customer_id=customer_id,
            placed_at=ago(50),
            cancelled_at=ago(days),
            cancel_reason=reason,
        )

    def test_the_latest_with_its_reason_and_what_came_of_it(self):
        ann = known_of(orders=[self.cancelled(9, "stock"), self.cancelled(4), *bought(20)])
        assert (ann.cancelled_days, ann.cancel_reason, ann.cancel_recovered) == (4.0, "customer", False)
        ann = known_of(orders=[self.cancelled(4, None), *bought(2)])
        assert (ann.cancel_reason, ann.cancel_recovered) == ("unknown", True)
        assert ann.clause("cancel_recovered") == "the customer has bought since the cancellation"

    def test_of_one_instant_the_one_that_the_customer_decided(self):
        both = [self.cancelled(4), self.cancelled(4, "fraud")]
        assert known_of(orders=both).cancel_reason == known_of(orders=both[::-1]).cancel_reason == "customer"

    def test_guests_cancel_too(self):
        assert dict(customer_situations(shop(orders=[self.cancelled(4, customer_id=None)]))) == {}


class TestRefunds:
    def order(self, *refunds, placed=50, amount="10.00", **more):
        given = [(ago(days), back) for days, back in refunds]
        return make_order(
            id=("r", refunds), customer_id="ann", placed_at=ago(placed), amount=amount, refunds=given, **more
        )

    def test_when_the_whole_of_it_was_back(self):
        ann = known_of(orders=[self.order((9, "4.00"), (3, "6.00"))])
        assert (ann.refunded_days, ann.orders) == (3.0, 0)
        assert (
            ann.clause("refunded_days")
            == "an order was refunded in full 3 days ago, and nothing was bought since"
        )

    def test_the_latest_counts(self):
        orders = [self.order((9, "10.00")), self.order((3, "10.00")), self.order((7, "10.00"))]
        assert known_of(orders=orders).refunded_days == known_of(orders=orders[::-1]).refunded_days == 3.0

    @pytest.mark.parametrize("days", [3, 2])
    def test_until_something_is_bought(self, days):
        ann = known_of(orders=[self.order((3, "10.00")), *bought(days)])
        assert ann.refunded_days is None
        assert ann.clause("refunded_days") == "no order was refunded in full, or something was bought since"

    def test_what_is_no_refund_of_a_whole_order(self):
        for order in (
            self.order((3, "9.99")),
            self.order((3, "9.99"), (-1, "0.01")),
            self.order(),
            self.order((3, "0.00"), amount="0.00"),
            self.order((3, "10.00"), is_test=True),
            self.order((3, "10.00"), cancelled_at=ago(4)),
        ):
            assert known_of(orders=[order, *bought(60)]).refunded_days is None
        dollars = self.order((3, "10.00"), currency="USD")
        assert known_of(orders=[dollars, *bought(60)], currency="EUR").refunded_days is None
        guest = make_order(
            id=1, customer_id=None, placed_at=ago(9), amount="10.00", refunds=[(ago(3), "10.00")]
        )
        assert known_of(orders=[guest, *bought(60)]).refunded_days is None


class TestSubscriptions:
    @pytest.mark.parametrize(
        "span, state",
        [
            ({}, "active"),
            ({"ended_at": ago(-3)}, "active"),
            ({"ended_at": ago(0), "end_reason": "customer"}, "ended"),
            ({"trial_ends_at": ago(-1)}, "trial"),
            ({"trial_ends_at": ago(1)}, "active"),
            ({"pauses": [Pause(started_at=ago(2))]}, "paused"),
            ({"pauses": [Pause(started_at=ago(2), ended_at=ago(1))]}, "active"),
            ({"pauses": [Pause(started_at=ago(2), ended_at=ago(-1))]}, "paused"),
        ],
    )
    def test_states(self, span, state):
        assert known_of(subscriptions=[make_subscription(started_at=ago(20), **span)]).subscription == state

    def test_of_several_spans_the_one_in_force_tells(self):
        spans = [
            make_subscription(id=1, started_at=ago(90), ended_at=ago(30), end_reason="plan_change"),
            make_subscription(id=2, started_at=ago(30)),
        ]
        ann = known_of(subscriptions=spans)
        assert (ann.subscription, ann.subscription_ended_days, ann.subscription_end_reason) == (
            "active",
            None,
            None,
        )

    def test_the_latest_end_and_of_one_instant_the_customers_own(self):
        spans = [
            make_subscription(id=1, started_at=ago(90), ended_at=ago(30), end_reason="other"),
            make_subscription(id=2, started_at=ago(90), ended_at=ago(9), end_reason="payment"),
            make_subscription(id=3, started_at=ago(90), ended_at=ago(9), end_reason="customer"),
        ]
        for given in (spans, spans[::-1]):
            ann = known_of(subscriptions=given)
            assert (ann.subscription_ended_days, ann.subscription_end_reason) == (9.0, "customer")
            assert ann.payment_failed_days is None

    def test_no_reason_and_no_length(self):
        spans = [
            make_subscription(id=1, started_at=ago(90), ended_at=ago(30)),
            make_subscription(id=2, started_at=ago(9), ended_at=ago(9), end_reason="customer"),
        ]
        ann = known_of(subscriptions=spans)
        assert (ann.subscription_ended_days, ann.subscription_end_reason) == (30.0, "unknown")

    def test_who_has_none_where_others_have(self):
        orders = bought(5, customer_id="ben")
        found = customer_situations(
            shop(orders=orders, subscriptions=[make_subscription(started_at=ago(20))])
        )
        assert found["ben"].subscription == "none"
        assert customer_situations(shop(orders=orders))["ben"].subscription is None


class TestCustomersRecords:
    def test_membership_sign_up_and_referrals(self):
        customers = [
            make_customer(id="ann", signed_up_at=ago(50), loyalty_joined_at=ago(5)),
            make_customer(id="ben", signed_up_at=ago(40), referred_by="ann", loyalty_joined_at=ago(-5)),
            make_customer(id="cid", referred_by="ann"),
            make_customer(id="dan", referred_by="eve"),
        ]
        found = customer_situations(shop(customers=customers, orders=bought(3, customer_id="cid")))
        ann, ben = found["ann"], found["ben"]
        assert (ann.member, ann.signed_up_days, ann.referrals) == (True, 50.0, 2)
        assert (ben.member, ben.signed_up_days, ben.referrals) == (False, 40.0, 0)
        assert "eve" not in found
        assert (found["dan"].signed_up_days, found["dan"].orders) == (None, 0)

    def test_where_nobody_is_a_member_there_may_be_no_programme(self):
        ann = known_of(customers=[make_customer(id="ann")])
        assert (ann.member, ann.clause("member")) == (
            None,
            "no membership is on record, so that nobody knows",
        )

    def test_who_has_not_signed_up_yet_is_not_there(self):
        later = make_customer(id="ann", signed_up_at=ago(-3))
        assert dict(customer_situations(shop(customers=[later]))) == {}
        assert known_of(customers=[later], orders=bought(3)).signed_up_days is None

    def test_a_referral_counts_once_the_referred_one_came(self):
        customers = [make_customer(id="ann"), make_customer(id="ben", referred_by="ann")]
        assert customer_situations(shop(customers=customers))["ann"].referrals == 0

    def test_who_refers_an_account_of_their_own_brings_nobody(self):
        customers = [
            make_customer(id="ann", signed_up_at=ago(9)),
            make_customer(id="ann2", referred_by="ann", signed_up_at=ago(9)),
        ]
        found = customer_situations(shop(customers=customers, aliases={"ann2": "ann"}))
        assert (len(found), found["ann"].referrals) == (1, 0)

    def test_one_person_with_several_ids(self):
        found = customer_situations(
            shop(
                aliases={"ann2": "ann"},
                orders=[*bought(30), *bought(10, customer_id="ann2")],
                customers=[
                    make_customer(id="ann2", signed_up_at=ago(40), loyalty_joined_at=ago(3)),
                    make_customer(id="ann", signed_up_at=ago(35)),
                ],
                responses=[make_response(kind="nps", score=9, customer_id="ann2", responded_at=ago(2))],
            )
        )
        assert list(found) == ["ann"]
        assert found["ann2"] == found["ann"] == found.of("ann2")
        assert "ann2" in found
        ann = found["ann"]
        assert (ann.orders, ann.member, ann.signed_up_days, ann.feeling) == (2, True, 40.0, "happy")


class TestHorizon:
    """Nothing that is dated after the instant exists."""

    def everything(self):
        later = ago(10)
        return {
            "orders": [
                *bought(40, 30, 20),
                make_order(id="r", placed_at=ago(25), refunds=[(later, "10.00")], amount="10.00"),
                make_order(id="c", placed_at=ago(25), cancelled_at=later, cancel_reason="customer"),
                make_order(id="l", placed_at=later),
                make_order(id="n", placed_at=later, customer_id="new"),
                make_order(id="f", placed_at=later, payment_state="failed"),
            ],
            "customers": [
                make_customer(id="ann", signed_up_at=ago(40), loyalty_joined_at=later),
                make_customer(id="ben", signed_up_at=later, referred_by="ann"),
            ],
            "responses": [make_response(kind="nps", score=1, customer_id="ann", responded_at=later)],
            "subscriptions": [
                make_subscription(id=1, started_at=ago(40), ended_at=later, end_reason="payment"),
                make_subscription(id=2, customer_id="dan", started_at=later),
            ],
            "checkouts": [
                make_checkout(id=1, begun_at=ago(19), ordered_at=later),
                make_checkout(id=2, begun_at=later),
            ],
            "interactions": [
                make_interaction(kind="question", customer_id="ann", occurred_at=ago(19), answered_at=later),
                make_interaction(kind="case", customer_id="eve", occurred_at=later, answered_at=later),
                make_interaction(kind="message", direction="outbound", customer_id="ann", occurred_at=later),
            ],
        }

    def test_what_came_later_is_not_seen(self):
        at = ago(15)
        found = customer_situations(shop(**self.everything()), at=at)
        then = customer_situations(
            Shop(
                as_of=at,
                orders=[
                    *bought(40, 30, 20),
                    make_order(id="r", placed_at=ago(25)),
                    make_order(id="c", placed_at=ago(25)),
                ],
                customers=[make_customer(id="ann", signed_up_at=ago(40))],
                subscriptions=[make_subscription(id=1, started_at=ago(40))],
                checkouts=[make_checkout(id=1, begun_at=ago(19))],
                interactions=[make_interaction(kind="question", customer_id="ann", occurred_at=ago(19))],
            )
        )
        assert found["ann"] == then["ann"]
        assert found == then
        assert list(found) == ["ann"]

    def test_a_history_is_read_anew_too(self):
        given = self.everything()
        history = History(given.pop("orders"), as_of=AT)
        at = ago(15)
        found = customer_situations(Shop(orders=history, **given), at=at)
        assert found == customer_situations(shop(**self.everything()), at=at)

    def test_the_instant_itself_is_included(self):
        assert customer_situations(bought(10), at=ago(10))["ann"].silence_days == 0.0
        assert dict(customer_situations(bought(10), at=ago(10) - timedelta(microseconds=1))) == {}

    def test_as_of_is_the_default(self):
        assert customer_situations(bought(10), as_of=AT).at == AT
        assert customer_situations(shop(orders=bought(10)), at=AT) == customer_situations(
            shop(orders=bought(10))
        )

    def test_bad_instants(self):
        with pytest.raises(AsOfRequiredError, match="customer_situations needs as_of="):
            customer_situations(bought(10))
        with pytest.raises(ConflictingArgumentError, match="at must not lie after as_of"):
            customer_situations(shop(orders=bought(10)), at=AT + DAY)
        with pytest.raises(ConflictingArgumentError, match="at must not lie before observed_from"):
            customer_situations(shop(orders=bought(10), observed_from=ago(5)), at=ago(6))
        with pytest.raises(NaiveDatetimeError):
            customer_situations(shop(orders=bought(10)), at=datetime(2026, 1, 1))
        with pytest.raises(InvalidTypeError):
            customer_situations(shop(orders=bought(10)), at="2026-01-01")
        with pytest.raises(NaiveDatetimeError):
            customer_situations(shop(orders=bought(10)), at=date(2026, 1, 1))

    def test_keywords_that_contradict_the_shop(self):
        with pytest.raises(ConflictingArgumentError, match="currency="):
            customer_situations(shop(orders=bought(10), currency="EUR"), currency="USD")
        with pytest.raises(TypeError, match="there is no keyword curency="):
            customer_situations(shop(orders=bought(10)), curency="USD")
        with pytest.raises(InvalidTypeError, match="customer_situations: rules must be"):
            customer_situations(shop(orders=bought(10)), lifecycle=3)

    def test_limits_of_the_calendar_need_a_zone(self):
        stages = LifecycleStages(middle_tenure=relativedelta(months=1), late_tenure=relativedelta(years=1))
        with pytest.raises(InvalidValueError, match="give tz="):
            customer_situations(shop(orders=bought(10)), stages=stages)
        found = customer_situations(shop(orders=bought(10)), stages=stages, tz="Europe/Berlin")
        assert found.at.tzinfo == ZoneInfo("Europe/Berlin")


class TestSituations:
    @pytest.fixture
    def found(self):
        orders = [
            *bought(5, customer_id="late"),
            *bought(50, customer_id="zoe"),
            *bought(50, customer_id="amy"),
        ]
        return customer_situations(
            shop(orders=orders, customers=[make_customer(id=each) for each in ("x", 7, "b")])
        )

    def test_they_stand_in_the_order_of_first_purchases_then_by_id(self, found):
        assert list(found) == ["amy", "zoe", "late", 7, "b", "x"]
        assert len(found) == 6
        assert (found["x"].orders, found["x"].spend, found["x"].stage) == (0, Decimal("0.00"), None)
        assert found["x"].clause("stage") == found["x"].clause("silence_days") == "nothing was bought yet"

    def test_unknown_customers(self, found):
        assert "nobody" not in found
        assert [] not in found
        with pytest.raises(KeyError):
            found["nobody"]
        with pytest.raises(InvalidValueError, match=r"there is no customer 'lat' .* did you mean 'late'\? "):
            found.of("lat")
        with pytest.raises(InvalidValueError, match=r"there is no customer '7' .* did you mean 7\? "):
            found.of("7")
        with pytest.raises(InvalidValueError, match="must not be None, which stands for guests"):
            found.of(None)

    def test_unknown_respects(self, found):
        with pytest.raises(InvalidValueError, match=r"nothing called 'stat'; did you mean .*'state'"):
            found["x"].clause("stat")

    def test_they_are_values(self, found):
        again = pickle.loads(pickle.dumps(found))
        assert again == found
        assert hash(again) == hash(found)
        assert pickle.loads(pickle.dumps(found["late"])) == found["late"]
        assert hash(found["late"]) != hash(found["zoe"])
        assert repr(found) == "<CustomerSituations: 6 customers as of 2026-07-01>"
        assert repr(found["late"]) == "<CustomerSituation: 'late', no state, 1 orders>"
        assert found != 3
        assert isinstance(found, CustomerSituations)

    def test_a_shop_of_nothing(self):
        found = customer_situations(shop())
        assert (len(found), list(found), found.currency) == (0, [], None)

    def test_text(self):
        ann = known_of(orders=bought(*REGULAR))
        assert str(ann).splitlines()[:4] == [
            "ann as of 2026-07-01 00:00+00:00",
            "  stage           the customer is in the middle stage of life",
            "  state           the customer is active",
            "  orders          4 purchases so far",
        ]
        assert ann.explain().startswith(
            "ann: the customer is in the middle stage of life; the customer is active; 4 purchases"
        )
        assert "less than a day" in known_of(orders=bought(0.5)).explain()

    def test_dictionaries(self, found):
        rows = found.to_dicts()
        assert [row["customer_id"] for row in rows] == ["amy", "zoe", "late", 7, "b", "x"]
        assert set(FIELDS) <= set(rows[0])
        assert rows[2]["at"] == "2026-07-01T00:00:00+00:00"


@pytest.fixture(scope="module")
def sample():
    return sample_shop(customers=600, seed=1)


class TestSampleShop:
    def test_every_respect_is_known_of_somebody(self, sample):
        found = customer_situations(sample, outlook=outlook_of(sample))
        assert found.known == set(FIELDS)
        for name in FIELDS:
            assert any(getattr(each, name) is not None for each in found.values()), name

    def test_every_clause_is_a_sentence_without_gaps(self, sample):
        with_a_model = customer_situations(sample, outlook=outlook_of(sample))
        for each in (*customer_situations(sample).values(), *with_a_model.values()):
            for name in FIELDS:
                told = each.clause(name)
                assert told
                assert "{" not in told
                assert "None" not in told

    def test_columns_tell_what_single_situations_tell(self, sample):
        found = customer_situations(sample, outlook=outlook_of(sample))
        for name in FIELDS:
            seen = found.mask(name, lambda value: value is not None).to_bytes(len(found), "little")
            assert seen == bytes(
                getattr(found[found.id_of(who)], name) is not None for who in range(len(found))
            )
