"""The sample shop: the same everywhere, something of everything, and true to its own parameters."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from functools import cache
from hashlib import sha256
from itertools import pairwise
from math import sqrt
from statistics import fmean, pstdev

import pytest
from attrs import evolve

import retention as rt
from retention.errors import InvalidTypeError, InvalidValueError
from retention.testing import SAMPLE_AS_OF, SampleProcess, sample_shop, sample_truth

# Of the usual shop as text. It changes only with a new version of the process, which is then in the changelog.
GOLDEN = "c13b90411bbf26a512901e8a9c42626a0a1a50567ced78bce95e9d91e8e67dbf"
USUAL = SampleProcess()
SHOP = sample_shop()
TRUTH = sample_truth()
SIZE = 3_000


@cache
def truth(process=USUAL, size=SIZE):
    return sample_truth(customers=size, process=process)


@cache
def shop(process=USUAL, size=SIZE):
    return sample_shop(customers=size, process=process)


def people(process=USUAL):
    return list(truth(process).customers.values())


def canonical(given: rt.Shop) -> str:
    """The shop as text, made of names that stay and of no repr."""
    lines = [
        f"{one.id} {one.customer_id} {one.placed_at.isoformat()} {one.amount} {one.currency} {one.payment_state} "
        f"{one.cancelled_at} {one.cancel_reason} {one.discount} {one.cost} {one.channel} {sorted(one.tags)} "
        f"{one.is_test} {[(each.refunded_at.isoformat(), str(each.amount)) for each in one.refunds]} "
        f"{[(each.product, each.category, str(each.amount)) for each in one.items]}"
        for one in given.orders
    ]
    lines += [
        f"{one.id} {one.signed_up_at} {one.country} {one.acquisition_channel} {one.referred_by} "
        f"{one.loyalty_joined_at}"
        for one in given.customers
    ]
    lines += [
        f"{one.id} {one.customer_id} {one.responded_at.isoformat()} {one.kind} {one.score} {one.answer} "
        f"{one.scale} {one.direction} {one.touchpoint} {one.channel}"
        for one in given.responses
    ]
    return "\n".join(lines)


class TestTheSameEverywhere:
    def test_golden(self):
        assert sha256(canonical(SHOP).encode()).hexdigest() == GOLDEN

    def test_in_words(self):
        assert repr(SHOP) == (
            "<Shop: 2,094 orders, 500 customers, 1,778 responses, 182 subscriptions, 2,962 checkouts, 2,653 interactions, as of 2026-07-01 00:00 UTC>"
        )
        first = SHOP.orders[0]
        assert (first.id, first.customer_id, str(first.amount)) == ("c0158-01", "c0158", "21.61")
        assert sum(one.amount for one in SHOP.orders) == Decimal("99096.19")

    def test_whatever_the_hash_seed(self):
        script = "from retention.testing import sample_shop; print(list(sample_shop(customers=9).orders))"
        said = {
            subprocess.run(
                [sys.executable, "-c", script],
                capture_output=True,
                check=True,
                env={**os.environ, "PYTHONHASHSEED": seed},
            ).stdout
            for seed in ("0", "1")
        }
        assert len(said) == 1

    def test_whatever_the_decimal_context(self):
        with localcontext() as context:
            context.prec = 2
            twin = sample_shop(customers=50)
        assert twin == sample_shop(customers=50)

    def test_another_seed_is_another_shop(self):
        assert sample_shop(customers=50, seed=2).orders != sample_shop(customers=50).orders

    def test_a_smaller_shop_is_the_beginning_of_a_larger_one(self):
        small, large = sample_shop(customers=20), sample_shop(customers=60)
        assert small.customers == large.customers[:20]
        assert set(small.orders) < set(large.orders)
        assert set(small.responses) < set(large.responses)

    def test_one_chance_changes_nothing_else(self):
        calm = sample_shop(
            process=SampleProcess(guest_rate=0, full_refund_rate=0, late_rate=0, loyalty_rate=0)
        )
        sales, others = (
            [(one.id, one.placed_at, one.amount, one.items) for one in of.orders if one.items]
            for of in (calm, SHOP)
        )
        assert sales == others

    @pytest.mark.parametrize("option", [{"mean_amount": 30}, {"countries": {"US": 1}}, {"response_rate": 1}])
    def test_another_kind_of_goods_changes_no_purchase(self, option):
        other = sample_shop(customers=50, process=SampleProcess(**option))
        assert [one.placed_at for one in other.orders] == [
            one.placed_at for one in sample_shop(customers=50).orders
        ]


class TestSomethingOfEverything:
    def test_orders(self):
        orders = SHOP.orders
        assert {one.cancel_reason for one in orders} == {None, *SampleProcess().cancel_reasons}
        assert {one.payment_state for one in orders} == {"paid", "failed"}
        assert {one.channel for one in orders} == {"web", "app", "pos"}
        assert {tag for one in orders for tag in one.tags} == {"late", "exchange", "gift-card"}
        assert any(one.is_test for one in orders)
        assert any(one.customer_id is None and not one.is_test for one in orders)
        assert any(0 < sum(refund.amount for refund in one.refunds) < one.amount for one in orders)
        assert any(sum(refund.amount for refund in one.refunds) == one.amount for one in orders)
        assert {one.discount > 0 for one in orders if one.discount is not None} == {True, False}
        assert len({item.category for one in orders for item in one.items}) == 4

    def test_lines_add_up(self):
        for one in SHOP.orders:
            if one.items:
                assert sum(item.amount for item in one.items) == one.amount
            assert one.cost is None or one.cost < one.amount + one.discount

    def test_customers(self):
        arrived = {one.id: one.signed_up_at for one in SHOP.customers}
        referred = [one for one in SHOP.customers if one.referred_by is not None]
        assert referred
        for one in referred:
            assert one.acquisition_channel == "referral"
            assert arrived[one.referred_by] < one.signed_up_at
        members = [one for one in SHOP.customers if one.loyalty_joined_at]
        assert 0.1 < len(members) / len(SHOP.customers) < 0.3
        assert {one.country for one in SHOP.customers} == {"DE", "AT", "CH", "FR"}

    def test_answers(self):
        asked = {(one.kind, one.touchpoint) for one in SHOP.responses}
        assert asked == {
            ("nps", None),
            ("csat", "delivery"),
            ("csat", "support"),
            ("ces", "support"),
            ("reason", "checkout"),
        }
        assert {one.customer_id is None for one in SHOP.responses} == {True, False}

    def test_nothing_is_dated_after_as_of(self):
        assert SHOP.as_of == SAMPLE_AS_OF
        moments = [one.placed_at for one in SHOP.orders]
        moments += [one.cancelled_at for one in SHOP.orders if one.cancelled_at]
        moments += [refund.refunded_at for one in SHOP.orders for refund in one.refunds]
        moments += [one.responded_at for one in SHOP.responses]
        assert SampleProcess().opened_at <= min(moments)
        assert max(moments) <= SAMPLE_AS_OF

    def test_in_order_of_time(self):
        for records in (
            [one.placed_at for one in SHOP.orders],
            [one.responded_at for one in SHOP.responses],
        ):
            assert all(one <= other for one, other in pairwise(records))

    def test_customers_are_known(self):
        known = {None, *(one.id for one in SHOP.customers)}
        assert {one.customer_id for one in (*SHOP.orders, *SHOP.responses)} <= known

    def test_it_looks_like_a_shop(self):
        months = list(rt.Period.last(6, "month", as_of=SAMPLE_AS_OF, tz="Europe/Berlin").split("month"))
        history = SHOP.history()
        for month in months:
            assert 0.2 < float(rt.customer_retention_rate(history, period=month)) < 0.45
            assert rt.new_customer_count(history, period=month) > 8
        year = rt.Period.last(12, "month", as_of=SAMPLE_AS_OF, tz="UTC")
        assert 0.03 < float(rt.refund_rate(history, period=year)) < 0.08
        assert 0.3 < float(rt.repeat_purchase_rate(history, period=year)) < 0.7
        scores = [one.score for one in SHOP.responses if one.kind == "nps"]
        assert 10 < 100 * fmean((score >= 9) - (score <= 6) for score in scores) < 50

    def test_any_size(self):
        assert len(sample_shop(customers=1).customers) == 1
        only = SampleProcess(opened_at=datetime.fromisoformat("2026-06-30T00:00Z"))
        assert all(one.placed_at.day == 30 for one in sample_shop(customers=5, process=only).orders)

    def test_another_currency(self):
        other = sample_shop(customers=5, process=SampleProcess(currency="CHF"))
        assert {one.currency for one in other.orders} == {"CHF"}

    def test_no_amount_is_below_a_cent(self):
        tiny = sample_shop(customers=9, process=SampleProcess(mean_amount=0.01))
        assert min(one.amount for one in tiny.orders) == Decimal("0.01")


class TestWhatIsRefused:
    @pytest.mark.parametrize("make", [sample_shop, sample_truth])
    @pytest.mark.parametrize("bad", [0, -1, True, 1.5, "10", None])
    def test_a_size_is_1_or_more(self, make, bad):
        with pytest.raises(InvalidValueError, match=f"{make.__name__} takes customers=1 or more"):
            make(customers=bad)

    @pytest.mark.parametrize("make", [sample_shop, sample_truth])
    @pytest.mark.parametrize("bad", [[], None, 1.5, "1", True])
    def test_a_seed_is_a_whole_number(self, make, bad):
        with pytest.raises(InvalidTypeError, match=f"{make.__name__} takes a whole number as seed="):
            make(seed=bad)

    @pytest.mark.parametrize("make", [sample_shop, sample_truth])
    def test_a_process_is_one(self, make):
        with pytest.raises(InvalidTypeError, match=f"{make.__name__} takes a SampleProcess as process="):
            make(process={"mean_rate": 1})


def dates(process, rate):
    """When each of some customers bought, where so many regulars leave."""
    found = {}
    for one in shop(evolve(process, regulars_leave_rate=rate), 400).orders:
        found.setdefault(one.customer_id, []).append(one.placed_at)
    return found


def assert_near(found: float, expected: float, error: float) -> None:
    """Within four standard errors: for a true value a chance of 1 in 16,000, and the seed is fixed."""
    assert abs(found - expected) < 4 * error, (found, expected, error)


class TestTruth:
    """What the population is like is what the process says."""

    def test_it_is_that_of_the_shop(self):
        assert TRUTH.process == SampleProcess()
        assert list(TRUTH.customers) == [one.id for one in SHOP.customers]
        real = Counter(one.id.rpartition("-")[0] for one in SHOP.orders if one.id.count("-") == 1)
        assert real == {one.customer_id: one.purchases for one in TRUTH.customers.values()}
        for person in SHOP.customers:
            assert TRUTH.customers[person.id].arrived_at - person.signed_up_at == timedelta(minutes=5)

    def test_who_is_gone_buys_no_more(self):
        last = {
            one.customer_id: one.placed_at
            for one in SHOP.orders
            if not one.tags and one.payment_state == "paid"
        }
        gone = [one for one in TRUTH.customers.values() if one.gone_at]
        assert all(last.get(one.customer_id, one.gone_at) <= one.gone_at for one in gone)
        assert 0.2 < len(gone) / 500 < 0.6

    @pytest.mark.parametrize("shape", [1, 3])
    def test_purchase_rates(self, shape):
        process = SampleProcess(rate_shape=shape)
        rates = [one.rate for one in people(process)]
        assert_near(fmean(rates), process.mean_rate, process.mean_rate / sqrt(shape * SIZE))
        assert pstdev(rates) == pytest.approx(process.mean_rate / sqrt(shape), rel=0.1)

    @pytest.mark.parametrize("a, b", [(1, 4), (3, 2)])
    def test_drop_out(self, a, b):
        process = SampleProcess(drop_out_shapes=(a, b))
        chances = [one.drop_out for one in people(process)]
        deviation = sqrt(a * b / (a + b + 1)) / (a + b)
        assert_near(fmean(chances), process.mean_drop_out, deviation / sqrt(SIZE))
        assert pstdev(chances) == pytest.approx(deviation, rel=0.1)

    @pytest.mark.parametrize("first_may_be_last", [False, True])
    def test_as_many_are_gone_as_their_chances_say(self, first_may_be_last):
        found = people(SampleProcess(first_may_be_last=first_may_be_last))
        chances = [(one, one.purchases - (not first_may_be_last)) for one in found]
        expected = sum(one.drop_out * times for one, times in chances)
        variance = sum(one.drop_out * (1 - one.drop_out) * times for one, times in chances)
        assert_near(sum(one.gone_at is not None for one in found), expected, sqrt(variance))
        assert any(one.gone_at == one.arrived_at for one in found) == first_may_be_last

    def test_some_never_come_back(self):
        found, usual = people(SampleProcess(first_drop_out_rate=0.4)), people()
        at_once = [one.gone_at == one.arrived_at for one in found]
        assert_near(fmean(at_once), 0.4, sqrt(0.4 * 0.6 / SIZE))
        for one, other, is_gone in zip(found, usual, at_once, strict=True):
            assert one.arrived_at == other.arrived_at
            assert one.purchases == 1 if is_gone else one == other

    def test_regulars_leave(self):
        process = SampleProcess(regulars_leave_rate=0.7, regulars_leave_days_ago=(50, 80)).undisturbed()
        healthy, ailing = dates(process, 0.0), dates(process, 0.7)
        latest, earliest = (SAMPLE_AS_OF - timedelta(days=days) for days in (50, 80))
        left = []
        for customer, bought in healthy.items():
            rest = ailing[customer]
            assert bought[: len(rest)] == rest
            if sum(at < earliest for at in bought) >= 4 and bought[-1] >= latest:
                left.append(len(rest) < len(bought))
                assert len(rest) == len(bought) or (len(rest) >= 4 and rest[-1] < latest)
            elif sum(at < latest for at in bought) < 4:
                assert rest == bought
        assert len(left) > 30
        assert_near(fmean(left), 0.7, sqrt(0.7 * 0.3 / len(left)))

    def test_who_has_left_is_gone(self):
        process = SampleProcess(regulars_leave_rate=1, regulars_leave_days_ago=(100, 100)).undisturbed()
        bought = dates(process, 1.0)
        for one in truth(process, 400).customers.values():
            if sum(at < SAMPLE_AS_OF - timedelta(days=100) for at in bought[one.customer_id]) >= 4:
                assert one.gone_at == bought[one.customer_id][-1]
                assert one.purchases == len(bought[one.customer_id])

    def test_customers_buy_as_often_as_their_rates_say(self):
        process = SampleProcess().undisturbed()
        found = people(process)
        weeks = [((one.gone_at or process.as_of) - one.arrived_at).total_seconds() / 604_800 for one in found]
        expected = sum(one.rate * span for one, span in zip(found, weeks, strict=True))
        assert_near(sum(one.purchases - 1 for one in found), expected, sqrt(expected))

    def test_mean_amounts(self):
        process = SampleProcess()
        means = [one.mean_amount for one in people()]
        deviation = process.mean_amount / sqrt(process.mean_amount_shape - 2)
        assert_near(fmean(means), process.mean_amount, deviation / sqrt(SIZE))

    def test_amounts_lie_around_the_customer_s_own_mean(self):
        process = SampleProcess().undisturbed()
        known = truth(process).customers
        ratios = [float(one.amount) / known[one.customer_id].mean_amount for one in shop(process).orders]
        deviation = 1 / sqrt(process.amount_shape)
        assert_near(fmean(ratios), 1, deviation / sqrt(len(ratios)))
        assert pstdev(ratios) == pytest.approx(deviation, rel=0.05)

    def test_amount_scale(self):
        process = SampleProcess(amount_shape=6, mean_amount_shape=4, mean_amount=40)
        assert process.amount_scale * 6 / (4 - 1) == 40
        assert process.rate_scale == pytest.approx(1 / 0.12)


class TestChances:
    def test_bargain_hunters_buy_at_a_discount_only(self):
        process = SampleProcess(discount_rate=0, bargain_hunter_rate=0.3)
        by_customer = {}
        for one in shop(process, 600).orders:
            if one.items and one.customer_id:
                by_customer.setdefault(one.customer_id, set()).add(one.discount > 0)
        assert all(len(lowered) == 1 for lowered in by_customer.values())
        hunters = [lowered == {True} for lowered in by_customer.values()]
        assert_near(fmean(hunters), 0.3, sqrt(0.3 * 0.7 / len(hunters)))
        assert [one.amount for one in shop(process, 600).orders] == [
            one.amount for one in shop(USUAL, 600).orders
        ]
        assert truth(process, 600).figures["discounted_order_rate"] == 0.3

    @pytest.mark.parametrize(
        "name, happened",
        [
            ("guest_rate", lambda one: one.customer_id is None),
            ("late_rate", lambda one: "late" in one.tags),
            ("discount_rate", lambda one: one.discount > 0),
        ],
    )
    def test_shares_of_orders(self, name, happened):
        orders = [one for one in shop().orders if one.items and one.cancelled_at is None]
        chance = getattr(SampleProcess(), name)
        assert_near(fmean(map(happened, orders)), chance, sqrt(chance * (1 - chance) / len(orders)))

    @pytest.mark.parametrize(
        "name, happened",
        [
            ("cancellation_rate", lambda one: one.cancelled_at is not None),
            ("full_refund_rate", lambda one: one.refunds and one.refunds[0].amount == one.amount),
            ("partial_refund_rate", lambda one: one.refunds and one.refunds[0].amount < one.amount),
        ],
    )
    def test_what_became_of_them(self, name, happened):
        limit = datetime.fromisoformat("2026-06-10T00:00Z")  # later ones may end after as_of
        orders = [one for one in shop().orders if one.items and one.placed_at < limit]
        chance = getattr(SampleProcess(), name)
        assert_near(
            fmean(bool(happened(one)) for one in orders), chance, sqrt(chance * (1 - chance) / len(orders))
        )

    @pytest.mark.parametrize(
        "name, suffix",
        [("failed_payment_rate", "failed"), ("gift_card_rate", "card"), ("test_order_rate", "test")],
    )
    def test_orders_beside_purchases(self, name, suffix):
        real = sum(one.purchases for one in people())
        beside = sum(one.id.endswith(suffix) for one in shop().orders)
        chance = getattr(SampleProcess(), name)
        assert_near(beside / real, chance, sqrt(chance / real))

    def test_never_and_always(self):
        calm = shop(SampleProcess().undisturbed(), 100)
        assert all(
            one.customer_id and not one.refunds and not one.cancelled_at and one.payment_state == "paid"
            for one in calm.orders
        )
        assert len(calm.orders) == sum(
            one.purchases for one in truth(SampleProcess().undisturbed(), 100).customers.values()
        )
        busy = shop(
            SampleProcess(guest_rate=1, full_refund_rate=1, partial_refund_rate=0, cancellation_rate=0), 50
        )
        assert {one.customer_id for one in busy.orders if one.items} == {None}

    def test_words_come_by_their_weights(self):
        counts = Counter(one.country for one in shop().customers)
        assert_near(counts["DE"] / SIZE, 0.6, sqrt(0.6 * 0.4 / SIZE))
        assert_near(counts["FR"] / SIZE, 0.1, sqrt(0.1 * 0.9 / SIZE))


class TestSeasons:
    def test_customers_arrive_by_the_season(self):
        process = SampleProcess()
        arrived = Counter(one.arrived_at.month for one in people())
        days = Counter()
        for month in rt.Period.between(process.opened_at, process.as_of, tz="UTC").split("month"):
            days[month.start.month] += month.duration.days
        weights = {month: days[month] * process.season[month - 1] for month in days}
        for month, weight in weights.items():
            share = weight / sum(weights.values())
            assert_near(arrived[month] / SIZE, share, sqrt(share * (1 - share) / SIZE))

    def test_a_season_moves_purchases(self):
        winter = SampleProcess(season=(9, *(1,) * 10, 9))
        months = Counter(one.placed_at.month for one in sample_shop(process=winter).orders)
        assert months[12] > 3 * months[11]
        assert months[1] > 3 * months[2]

    def test_most_buy_by_day(self):
        hours = Counter(one.placed_at.hour for one in shop().orders)
        total = sum(hours.values())
        assert 0.01 < sum(hours[hour] for hour in range(7)) / total < 0.06
        assert len(hours) == 24


class TestSurveys:
    def test_answers_follow_satisfaction(self):
        process = SampleProcess(
            mean_satisfaction=5, satisfaction_memory=0, good_effect=0, late_effect=0, refund_effect=0,
            cancellation_effect=0, satisfaction_by_drop_out=0, response_rate=1, guest_rate=0,
        )  # fmt: skip
        known = truth(process, 500).customers
        assert all(one.satisfaction == one.usual_satisfaction for one in known.values())
        errors = [
            one.score - known[one.customer_id].satisfaction
            for one in shop(process, 500).responses
            if one.kind == "nps"
            and 4 < known[one.customer_id].satisfaction < 6  # far from where answers are cut
        ]
        assert len(errors) > 500
        assert_near(fmean(errors), 0, sqrt((1 + 1 / 12) / len(errors)))

    def test_usual_satisfaction(self):
        process = SampleProcess(mean_satisfaction=5, satisfaction_by_drop_out=2)
        usual = [one.usual_satisfaction for one in people(process)]
        deviation = sqrt(1.2**2 + (20 * 0.163) ** 2)
        assert_near(fmean(usual), 5, deviation / sqrt(SIZE))
        leaving = fmean(one.usual_satisfaction for one in people(process) if one.drop_out > 0.4)
        assert leaving < 2.5

    STEADY = SampleProcess(
        satisfaction_spread=0, satisfaction_by_drop_out=0, satisfaction_memory=0, good_effect=0, late_effect=0,
        refund_effect=0, cancellation_effect=0,
    )  # fmt: skip

    def test_satisfaction_falls_over_half_a_year(self):
        process = evolve(self.STEADY, satisfaction_fall=3).undisturbed()
        bought = {}
        for one in shop(process, 200).orders:
            bought[one.customer_id] = one.placed_at
        for customer, at in bought.items():
            passed = max(0, 182 - (SAMPLE_AS_OF - at) / timedelta(days=1)) / 182
            assert truth(process, 200).customers[customer].satisfaction == pytest.approx(8.4 - 3 * passed)

    def test_what_is_left_of_experience_falls_with_it(self):
        process = evolve(self.STEADY, satisfaction_memory=1, first_disappointment=1, satisfaction_fall=2)
        fallen = truth(process, 200).customers
        steady = truth(evolve(process, satisfaction_fall=0), 200).customers
        assert all(one.satisfaction == pytest.approx(7.4) for one in steady.values())
        assert all(5.4 <= one.satisfaction <= 7.4001 for one in fallen.values())

    def test_the_first_order_disappoints(self):
        process = evolve(self.STEADY, first_disappointment=2)
        for one in truth(process, 200).customers.values():
            assert one.satisfaction == pytest.approx(8.4 - (2 if one.purchases == 1 else 0))
            assert one.usual_satisfaction == 8.4

    def test_bad_experience_is_answered_so(self):
        by_order = {one.id: one for one in shop().orders}
        scores = {True: [], False: []}
        for one in shop().responses:
            order = by_order[one.id.rpartition("-")[0]]
            if one.kind == "nps":
                scores[bool(order.refunds or order.cancelled_at or "late" in order.tags)].append(one.score)
        assert fmean(scores[True]) < fmean(scores[False]) - 1

    def test_no_delivery_is_asked_about_that_never_was(self):
        by_order = {one.id: one for one in shop().orders}
        asked = {one.id.rpartition("-")[0] for one in shop().responses if one.touchpoint == "delivery"}
        assert not any(by_order[order].cancelled_at for order in asked)

    def test_some_do_not_answer(self):
        process = evolve(SampleProcess(), response_rate=0.0)
        assert not sample_shop(customers=50, process=process).responses
        everyone = evolve(process, response_rate=1.0)
        reasons = [
            one for one in sample_shop(customers=50, process=everyone).responses if one.kind == "reason"
        ]
        known = sample_truth(customers=50, process=everyone).customers.values()
        # Answers come up to three days later, and those after as_of are not known.
        assert sum(one.purchases for one in known) - len(reasons) < 5
