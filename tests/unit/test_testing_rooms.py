"""The sample shop's subscriptions, baskets and contacts: the same everywhere, and true to their parameters."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from itertools import pairwise
from math import sqrt
from statistics import fmean

import pytest

import retention as rt
from retention.errors import InvalidTypeError, InvalidValueError
from retention.testing import SAMPLE_AS_OF, SampleProcess, sample_shop, sample_truth
from retention.testing._draws import Draws
from retention.testing._subscriptions import _TERMS

# Of the usual shop as text. It changes only with a new version of the process, which is then in the changelog.
GOLDEN = "8cf1949dae4ba70926ea71512559da1c0def59952e4fe84f9355f57e4669733a"
SHOP = sample_shop()
USUAL = SampleProcess()
DAY = timedelta(days=1)
ASKED = {"question", "chat", "case", "call"}


@cache
def shop(process=USUAL, size=1_200):
    return sample_shop(customers=size, process=process)


def assert_share(records, happened, chance):
    """Within four standard errors: for a true value a chance of 1 in 16,000, and the seed is fixed."""
    found = [bool(happened(one)) for one in records]
    assert len(found) > 100
    assert abs(fmean(found) - chance) < 4 * sqrt(chance * (1 - chance) / len(found)), (fmean(found), chance)


def contacts(*kinds, process=USUAL):
    return [one for one in shop(process).interactions if one.kind in kinds]


def waves(channel, process=USUAL):
    """Messages that had three weeks for a response."""
    return [one for one in contacts("message", process=process) if one.channel == channel]


class TestTheSameEverywhere:
    def test_golden(self):
        lines = [
            f"{one.id} {one.customer_id} {one.amount} {one.currency} {one.interval_count} {one.interval} "
            f"{one.started_at.isoformat()} {one.ended_at} {one.end_reason} {one.trial_ends_at} {one.plan} "
            f"{[(str(each.started_at), str(each.ended_at)) for each in one.pauses]}"
            for one in SHOP.subscriptions
        ]
        lines += [
            f"{one.id} {one.customer_id} {one.begun_at.isoformat()} {one.amount} {one.currency} {one.ordered_at} "
            f"{one.order_id} {one.channel}"
            for one in SHOP.checkouts
        ]
        lines += [
            f"{one.id} {one.customer_id} {one.kind} {one.direction} {one.channel} {one.occurred_at.isoformat()} "
            f"{one.opened_at} {one.clicked_at} {one.replied_at} {one.answered_at} {one.solved_at} {one.solved_by} "
            f"{one.sentiment} {one.ordered_at} {one.order_id}"
            for one in SHOP.interactions
        ]
        assert sha256("\n".join(lines).encode()).hexdigest() == GOLDEN

    def test_a_smaller_shop_is_the_beginning_of_a_larger_one(self):
        small, large = sample_shop(customers=20), sample_shop(customers=60)
        for room in ("subscriptions", "checkouts", "interactions"):
            assert set(getattr(small, room)) < set(getattr(large, room))

    @pytest.mark.parametrize(
        "option",
        [
            {"subscriber_rate": 1},
            {"abandonment_rate": 0},
            {"message_rates": {}},
            {"approach_rate": 1},
            {"mention_rate": 1},
            {"self_service_rate": 0},
        ],
    )
    def test_no_room_changes_an_order_or_an_answer(self, option):
        one, other = sample_shop(customers=40), sample_shop(customers=40, process=SampleProcess(**option))
        for room in ("orders", "customers", "responses"):
            assert getattr(one, room) == getattr(other, room)
        assert one != other

    def test_in_order_of_time_and_nothing_after_as_of(self):
        for room, instant in (
            ("subscriptions", "started_at"),
            ("checkouts", "begun_at"),
            ("interactions", "occurred_at"),
        ):
            moments = [getattr(one, instant) for one in getattr(SHOP, room)]
            assert all(one <= other for one, other in pairwise(moments))
            assert USUAL.opened_at <= moments[0]
            assert moments[-1] <= SAMPLE_AS_OF
        later = ("ended_at", "ordered_at", "opened_at", "clicked_at", "answered_at", "solved_at")
        records = (*SHOP.subscriptions, *SHOP.checkouts, *SHOP.interactions)
        known = [getattr(one, name, None) for one in records for name in later]
        known += [pause.ended_at for one in SHOP.subscriptions for pause in one.pauses]
        assert max(filter(None, known)) <= SAMPLE_AS_OF

    @pytest.mark.parametrize("opened_at", ["2026-06-30T00:00Z", "2026-06-15T00:00Z"])
    def test_a_shop_that_has_just_opened(self, opened_at):
        process = SampleProcess(
            opened_at=datetime.fromisoformat(opened_at),
            message_rates={"e-mail": 1},
            message_response_rates={"e-mail": 1},
            self_service_rate=0.5,
            contact_rate=1,
            review_rate=1,
            approach_rate=1,
            subscriber_rate=1,
        )
        young = sample_shop(customers=200, process=process)
        began = [one.started_at for one in young.subscriptions] + [one.begun_at for one in young.checkouts]
        assert min([*began, *(one.occurred_at for one in young.interactions)]) >= process.opened_at
        assert not [one for one in young.interactions if one.kind == "message"]  # the wave is on the tenth


class TestSubscriptions:
    EAGER = SampleProcess(subscriber_rate=1, mean_rate=0.01)

    def spans(self, term="monthly", process=EAGER):
        return [one for one in shop(process).subscriptions if one.plan.endswith(term)]

    def test_something_of_everything(self):
        spans = SHOP.subscriptions
        assert {one.end_reason for one in spans} == {None, "customer", "payment", "plan_change"}
        assert {(one.interval, one.interval_count) for one in spans} == {
            ("week", 1), ("month", 1), ("month", 3), ("year", 1),
        }  # fmt: skip
        assert {one.plan.split()[0] for one in spans} == {"small", "medium", "large"}
        assert any(one.trial_ends_at is None for one in spans)
        assert any(one.trial_ends_at == one.ended_at for one in spans if one.ended_at)
        assert {pause.ended_at is None for one in spans for pause in one.pauses} == {True, False}
        assert {one.customer_id for one in spans} <= {one.id for one in SHOP.customers}

    def test_prices(self):
        amounts = {one.plan: one.amount for one in self.spans("")}
        assert amounts["small monthly"] == Decimal("15.00")
        assert amounts["medium quarterly"] == Decimal("68.40")  # 3 · 24, less 5 %
        assert amounts["large yearly"] == Decimal("410.40")  # 12 · 38, less 10 %
        assert amounts["small weekly"] == Decimal("3.46")  # 15 · 12/52

    def test_who_takes_one(self):
        early = [one.id for one in shop().customers if one.signed_up_at < SAMPLE_AS_OF - timedelta(days=270)]
        takers = {one.customer_id for one in shop().subscriptions}
        assert_share(early, lambda one: one in takers, USUAL.subscriber_rate)

    def test_trials(self):
        first = [one for one in self.spans("") if one.id.endswith("-box-1")]
        assert_share(first, lambda one: one.trial_ends_at, USUAL.trial_rate)
        over = [one for one in first if one.trial_ends_at and one.trial_ends_at <= SAMPLE_AS_OF]
        assert_share(over, lambda one: one.ended_at != one.trial_ends_at, USUAL.trial_conversion_rate)
        assert {one.trial_ends_at - one.started_at for one in over} == {timedelta(days=14)}

    @pytest.mark.parametrize(
        "reason, chance",
        [("customer", USUAL.box_cancellation_rate), ("payment", USUAL.box_payment_failure_rate)],
    )
    def test_monthly_boxes_end_by_the_month(self, reason, chance):
        months, ends = 0, 0
        for one in self.spans():
            if one.ended_at is not None and one.ended_at == one.trial_ends_at:
                continue
            until = one.ended_at or SAMPLE_AS_OF
            paid = (until - (one.trial_ends_at or one.started_at)) / DAY
            paid -= sum(((each.ended_at or SAMPLE_AS_OF) - each.started_at) / DAY for each in one.pauses)
            months += int((paid + 2) / 30.5)
            ends += one.end_reason == reason
        assert abs(ends / months - chance) < 4 * sqrt(chance / months) + 0.003

    def test_chances_of_longer_terms(self):
        assert _TERMS["monthly"].chance(0.1) == pytest.approx(0.1)
        assert _TERMS["quarterly"].chance(0.1) == pytest.approx(1 - 0.9**3)
        assert _TERMS["yearly"].chance(0.1) == pytest.approx(1 - 0.9**12)
        assert _TERMS["weekly"].chance(0.1) == pytest.approx(0.1 * 12 / 52)

    def test_renewals_keep_their_day(self):
        begun = datetime.fromisoformat("2026-01-31T10:00Z")
        days = [_TERMS["monthly"].renewal(begun, number).strftime("%m-%d") for number in (1, 2, 3)]
        assert days == ["02-28", "03-31", "04-30"]
        assert _TERMS["yearly"].renewal(datetime.fromisoformat("2024-02-29T00:00Z"), 1).day == 28

    def test_a_change_goes_on_where_the_span_ends_at_a_price_beside(self):
        spans = {one.id: one for one in self.spans("")}
        changed = [one for one in spans.values() if one.end_reason == "plan_change"]
        up = 0
        for one in changed:
            customer, number = one.id.rsplit("-", 1)
            after = spans[f"{customer}-{int(number) + 1}"]
            assert after.started_at == one.ended_at
            assert {one.plan.split()[0], after.plan.split()[0]} in ({"small", "medium"}, {"medium", "large"})
            up += after.amount > one.amount
        assert 0.45 < up / len(changed) < 0.75  # 3 of 5, where both ways are open

    def test_comebacks(self):
        spans = {one.id for one in self.spans("")}
        ended = [
            one
            for one in self.spans("")
            if one.end_reason in {"customer", "payment"}
            and one.ended_at != one.trial_ends_at
            and one.ended_at < SAMPLE_AS_OF - timedelta(days=120)
        ]

        def is_back(one):
            customer, number = one.id.rsplit("-", 1)
            return f"{customer}-{int(number) + 1}" in spans

        assert_share(ended, is_back, USUAL.box_comeback_rate)

    def test_spans_of_one_customer_follow_each_other(self):
        for before, after in pairwise(
            sorted(self.spans(""), key=lambda one: (one.customer_id, one.started_at))
        ):
            if before.customer_id == after.customer_id:
                assert before.ended_at is not None
                assert before.ended_at <= after.started_at

    def test_long_terms_do_not_pause(self):
        assert {one.plan.split()[1] for one in self.spans("") if one.pauses} == {"weekly", "monthly"}
        lengths = Counter(
            round((each.ended_at - each.started_at) / DAY / 30.5)
            for one in self.spans()
            for each in one.pauses
            if each.ended_at
        )
        assert set(lengths) == {1, 2}

    def test_a_box_of_one_size_is_never_changed(self):
        process = SampleProcess(
            subscriber_rate=1, box_prices={"one": 9}, upgrade_rate=0.5, downgrade_rate=0.5, pause_rate=0
        )
        spans = sample_shop(customers=80, process=process).subscriptions
        assert {one.end_reason for one in spans} <= {None, "customer", "payment"}


class TestBaskets:
    def test_abandonment(self):
        left = [one.ordered_at is None or one.ordered_at - one.begun_at > DAY for one in shop().checkouts]
        # Of a number of baskets until one is ordered: hence the larger error.
        assert fmean(left) == pytest.approx(USUAL.abandonment_rate, abs=4 * sqrt(0.5 / len(left)))
        assert fmean(one.ordered_at is None for one in shop().checkouts) == pytest.approx(
            USUAL.lost_basket_rate, abs=0.02
        )

    def test_the_metric_finds_it(self):
        month = rt.Period.last(12, "month", as_of=SAMPLE_AS_OF, tz="UTC").previous()
        rate = rt.cart_abandonment_rate(shop(), period=month, abandoned_after=DAY)
        assert float(rate) == pytest.approx(sample_truth().figures["cart_abandonment_rate"], abs=0.03)

    def test_every_order_on_a_screen_had_a_basket(self):
        ordered = {one.order_id: one for one in SHOP.checkouts if one.order_id}
        orders = [one for one in SHOP.orders if one.items and one.channel != "pos"]
        assert {one.id for one in orders} == set(ordered)
        for order in orders:
            basket = ordered[order.id]
            assert (basket.customer_id, basket.amount, basket.channel, basket.ordered_at) == (
                order.customer_id,
                order.amount,
                order.channel,
                order.placed_at,
            )

    def test_who_comes_back_does_so_after_25_hours_to_5_days(self):
        took = [one.ordered_at - one.begun_at for one in SHOP.checkouts if one.ordered_at]
        quick = [one for one in took if one < DAY]
        assert max(quick) <= timedelta(minutes=30)
        slow = [one for one in took if one >= DAY]
        assert min(slow) >= timedelta(hours=25)
        assert max(slow) <= timedelta(days=5)
        returned = len(slow) / sum(
            one.ordered_at is None or one.ordered_at - one.begun_at >= DAY for one in SHOP.checkouts
        )
        assert returned == pytest.approx(USUAL.basket_return_rate, abs=0.04)

    def test_of_some_nobody_knows_whose_they_were(self):
        lost = [one for one in shop().checkouts if one.ordered_at is None]
        assert_share(lost, lambda one: one.customer_id is None, USUAL.anonymous_basket_rate)
        calm = sample_shop(customers=50, process=USUAL.undisturbed())
        assert all(one.customer_id is not None for one in calm.checkouts)

    def test_never_left(self):
        calm = sample_shop(customers=50, process=SampleProcess(abandonment_rate=0))
        assert all(one.ordered_at is not None for one in calm.checkouts)


class TestCampaigns:
    @pytest.mark.parametrize("channel", ["e-mail", "sms"])
    def test_messages_draw_responses(self, channel):
        responded = "clicked_at" if channel == "sms" else "opened_at"
        sent = waves(channel)
        assert_share(sent, lambda one: getattr(one, responded), USUAL.message_response_rates[channel])
        drew = [one for one in sent if getattr(one, responded)]
        assert_share(drew, lambda one: one.replied_at, USUAL.reply_rate)
        if channel == "sms":
            assert not [one for one in sent if one.opened_at]
        else:
            assert_share(drew, lambda one: one.clicked_at, USUAL.click_rate)

    def test_waves(self):
        assert {f"{one.occurred_at:%d %H:%M}" for one in waves("e-mail")} == {"10 09:00"}
        slots = sum(
            one.signed_up_at + timedelta(minutes=5) <= wave
            for one in shop().customers
            for wave in {message.occurred_at for message in waves("e-mail")}
        )
        rate = USUAL.message_rates["e-mail"]
        assert len(waves("e-mail")) / slots == pytest.approx(rate, abs=4 * sqrt(rate / slots))

    def test_a_channel_without_responses(self):
        process = SampleProcess(message_rates={"letter": 1}, message_response_rates={})
        sent = waves("letter", process=process)
        assert sent
        assert not any(one.opened_at or one.clicked_at or one.replied_at for one in sent)

    def test_a_response_after_as_of_is_not_known(self):
        process = SampleProcess(
            as_of=datetime.fromisoformat("2026-06-11T00:00Z"),
            message_rates={"e-mail": 1},
            message_response_rates={"e-mail": 1},
        )
        sent = waves("e-mail", process=process)
        assert all(one.opened_at for one in sent if one.occurred_at < process.as_of - timedelta(days=29))
        assert (
            0.3
            < fmean(one.opened_at is None for one in sent if one.occurred_at > process.as_of - 2 * DAY)
            < 1
        )

    def test_approaches(self):
        first = {}
        for order in shop().orders:
            first.setdefault(order.id.split("-")[0], order.placed_at)
        known, new = [], []
        for one in contacts("approach"):
            bought = first.get(one.customer_id, SAMPLE_AS_OF)
            (known if bought <= one.occurred_at else new).append(one)
        assert_share(known, lambda one: one.ordered_at, USUAL.existing_conversion_rate)
        assert_share(new, lambda one: one.ordered_at, USUAL.new_conversion_rate)
        assert all(one.customer_id.startswith("lead-") for one in new if not one.ordered_at)

    def test_offers(self):
        orders = {one.id: one for one in shop().orders}
        offers = contacts("offer")
        assert_share(offers, lambda one: one.order_id, USUAL.offer_acceptance_rate)
        assert "pos" not in {one.channel for one in offers}
        for one in offers:
            if one.order_id:
                assert orders[one.order_id].placed_at == one.ordered_at
                assert one.clicked_at == one.occurred_at


class TestContacts:
    def test_who_is_asked_about_the_support_had_asked_it(self):
        asked = {one.id.removesuffix("-help") for one in SHOP.interactions if one.kind in ASKED}
        rated = {one.id.rpartition("-")[0] for one in SHOP.responses if one.touchpoint == "support"}
        assert rated
        assert rated <= asked

    def test_new_customers_ask(self):
        process = SampleProcess(contact_rate=0, first_contact_rate=0.4)
        asked = [one.id for one in contacts(*ASKED, process=process)]
        firsts = [one.id for one in shop(process).orders if one.items and one.id.endswith("-01")]
        assert {order.split("-")[1] for order in asked} == {"01"}
        assert_share(firsts, lambda order: f"{order}-help" in asked, 0.4)

    def test_service(self):
        early = [one for one in contacts(*ASKED) if one.occurred_at < SAMPLE_AS_OF - timedelta(days=14)]
        assert {one.kind for one in early} == ASKED
        figures = sample_truth().figures
        assert_share(early, lambda one: one.answered_at, figures["answered_rate"])
        solved = [one for one in early if one.solved_at]
        assert_share(solved, lambda one: one.solved_by == "self_service", figures["self_service_rate"])
        hours = [
            (one.answered_at - one.occurred_at) / timedelta(hours=1)
            for one in early
            if one.answered_at and one.solved_by != "self_service"
        ]
        assert fmean(hours) == pytest.approx(
            USUAL.answer_hours, abs=4 * USUAL.answer_hours / sqrt(len(hours))
        )

    def test_reviews_say_how_it_was(self):
        orders = {one.id: one for one in shop().orders}
        reviews = contacts("review")
        sent = [
            one
            for one in shop().orders
            if one.items and one.cancelled_at is None and one.placed_at < SAMPLE_AS_OF - timedelta(days=16)
        ]
        found = {one.id.removesuffix("-review") for one in reviews}
        assert_share(sent, lambda one: one.id in found, USUAL.review_rate)
        assert {one.sentiment for one in reviews} <= {Decimal(half) / 2 for half in range(-2, 3)}
        bad, good = [], []
        for one in reviews:
            order = orders[one.id.removesuffix("-review")]
            (bad if order.refunds or "late" in order.tags else good).append(one.sentiment)
        assert fmean(map(float, bad)) < fmean(map(float, good)) - 0.2

    def test_mentions(self):
        mentions = contacts("mention")
        assert {one.channel for one in mentions} == {"instagram", "facebook", "web"}
        assert_share(mentions, lambda one: one.sentiment is None, 0.1)
        assert_share(mentions, lambda one: one.customer_id, 0.5 * (1 - USUAL.guest_rate))
        assert len({one.sentiment for one in mentions}) > 20

    def test_what_is_not_over_yet_is_not_known(self):
        process = SampleProcess(
            contact_rate=1, self_service_rate=0.5, answer_rate=1, answer_hours=200, solution_rate=1,
            solution_hours=500,
        )  # fmt: skip
        late = [
            one
            for one in shop(process, 500).interactions
            if one.kind in ASKED and one.occurred_at > SAMPLE_AS_OF - timedelta(days=10)
        ]
        assert {(one.answered_at is None, one.solved_at is None) for one in late} == {
            (True, True), (False, True), (False, False),
        }  # fmt: skip


class TestTruth:
    def test_figures(self):
        figures = sample_truth(customers=1).figures
        assert figures["discounted_order_rate"] == 0.2
        assert figures["answered_rate"] == pytest.approx(0.3 + 0.7 * 0.9)
        assert figures["self_service_rate"] == pytest.approx(0.3 / (0.3 + 0.7 * 0.9 * 0.8))
        assert figures["referral_rate"] == pytest.approx(0.1)
        assert set(figures) <= set(rt.METRICS)

    def test_nothing_solved(self):
        process = SampleProcess(self_service_rate=0, answer_rate=0, acquisition_channels={"search": 1})
        figures = sample_truth(customers=1, process=process).figures
        assert (figures["self_service_rate"], figures["answered_rate"], figures["referral_rate"]) == (0, 0, 0)

    def test_chances_of_the_process(self):
        assert pytest.approx(0.055) == USUAL.box_churn
        assert pytest.approx(0.4) == USUAL.lost_basket_rate


@pytest.mark.parametrize(
    "field, bad, kind, message",
    [
        ("box_prices", {}, InvalidValueError, "must be a mapping of plans to prices a month"),
        ("box_prices", {"small": 0}, InvalidValueError, "must be a mapping of plans to prices a month"),
        ("box_prices", 15, InvalidTypeError, "must be a mapping of plans to prices a month"),
        ("box_terms", {"daily": 1}, InvalidValueError, "must be one of 'weekly'"),
        ("box_terms", {}, InvalidValueError, "must be a mapping of words to weights"),
        ("contact_kinds", {"letter": 1}, InvalidValueError, "must be one of 'question'"),
        ("message_rates", {"e-mail": 1.5}, InvalidValueError, "must be a mapping of words to shares"),
        ("message_rates", {1: 0.5}, InvalidTypeError, "must be a text"),
        ("abandonment_rate", 1, InvalidValueError, "must be a share from 0 to 0.95"),
        ("new_conversion_rate", 0, InvalidValueError, "must be a share from 0.05 to 1"),
        ("answer_hours", -1, InvalidValueError, "must be hours from 0"),
        ("box_cancellation_rate", 0.99, InvalidValueError, "must not add up to more than 1"),
    ],
)
def test_bad_values_are_refused_by_name(field, bad, kind, message):
    with pytest.raises(kind, match=rf"^SampleProcess(\.|: ){field} .*{message}"):
        SampleProcess(**{field: bad})


def test_the_bell_is_what_it_was():
    one, other = Draws("bell"), Draws("bell")
    total = -6.0
    for _ in range(12):
        total += other.uniform()
    assert one.bell() == total
