"""What a sample shop can suffer from: one cause each, true in the process, told on the page, with a known remedy."""

from __future__ import annotations

import pickle
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from statistics import fmean

import attrs
import pytest

from retention.errors import InvalidTypeError, InvalidValueError
from retention.strategies import STRATEGIES
from retention.testing import AILMENTS, Ailment, SampleProcess, sample_shop, sample_truth

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "sample-shop.md"
USUAL = SampleProcess()
SIZE = 250


@cache
def shop(ailment=None):
    return sample_shop(customers=SIZE, ailment=ailment)


@cache
def truth(ailment=None):
    return sample_truth(customers=SIZE, ailment=ailment).customers.values()


class TestAsData:
    def test_there_are_enough_of_them_and_each_has_its_name(self):
        assert len(AILMENTS) >= 12
        assert [one.name for one in AILMENTS.values()] == list(AILMENTS)

    @pytest.mark.parametrize("ailment", AILMENTS.values(), ids=AILMENTS)
    def test_all_that_it_changes_differs_from_the_usual(self, ailment):
        ailing = ailment.applied_to(USUAL)
        differ = [
            field.name
            for field in attrs.fields(SampleProcess)
            if getattr(ailing, field.name) != getattr(USUAL, field.name)
        ]
        assert sorted(ailment.changes) == sorted(differ)
        assert attrs.evolve(ailing, **{name: getattr(USUAL, name) for name in differ}) == USUAL

    @pytest.mark.parametrize("ailment", AILMENTS.values(), ids=AILMENTS)
    def test_strategies_meet_its_cause(self, ailment):
        assert ailment.remedies
        assert set(ailment.remedies) <= set(STRATEGIES)

    def test_no_two_are_the_same(self):
        for one, other in combinations(AILMENTS.values(), 2):
            assert one.applied_to(USUAL) != other.applied_to(USUAL)
            assert one.title != other.title

    def test_pickled_hashed_and_told(self):
        ailment = AILMENTS["single channel"]
        assert pickle.loads(pickle.dumps(ailment)) == ailment
        assert len(set(AILMENTS.values())) == len(AILMENTS)
        assert str(ailment).startswith("All is sold on one channel: There is the web shop")
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            ailment.name = "another"

    def test_the_page_tells_them(self):
        found = re.findall(
            r"^\| ([a-z][a-z -]+) \| (.+?) \| (`.+) \| (`.+) \|$",
            PAGE.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
        assert found == [
            (
                one.name,
                one.what,
                "; ".join(f"`{name}` {shown(to)}" for name, to in one.changes.items()),
                " or ".join(f"`{remedy}`" for remedy in one.remedies),
            )
            for one in AILMENTS.values()
        ]


def shown(value: object) -> str:
    """A value as the page writes it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{word} {weight:g}" for word, weight in value.items())
    return ", ".join(f"{part:g}" for part in value) if isinstance(value, tuple) else f"{value:g}"


class TestByName:
    def test_it_changes_the_process_that_is_given(self):
        busy = SampleProcess(mean_rate=0.3, discount_rate=0.1)
        named = sample_shop(customers=20, process=busy, ailment="discount dependence")
        made = sample_shop(
            customers=20, process=attrs.evolve(busy, discount_rate=0.5, bargain_hunter_rate=0.6)
        )
        assert named == made != sample_shop(customers=20, ailment="discount dependence")

    def test_the_truth_is_that_of_the_shop(self):
        known = sample_truth(customers=20, ailment="abandoned carts")
        assert known.process == AILMENTS["abandoned carts"].applied_to(USUAL)
        assert known == sample_truth(customers=20, process=known.process)
        assert known.figures["cart_abandonment_rate"] == 0.88

    @pytest.mark.parametrize("make", [sample_shop, sample_truth])
    def test_none_is_a_shop_in_health(self, make):
        assert make(customers=20, ailment=None) == make(customers=20)

    @pytest.mark.parametrize("make", [sample_shop, sample_truth])
    @pytest.mark.parametrize(
        "bad, kind, message",
        [
            ("slow suport", InvalidValueError, "no ailment 'slow suport'; did you mean 'slow support'"),
            ("Plague", InvalidValueError, "no ailment 'Plague'; .*retention.testing.AILMENTS"),
            (5, InvalidTypeError, r"the name of an ailment as ailment=, not int \(got 5\)"),
            (AILMENTS["slow support"], InvalidTypeError, "not Ailment"),
        ],
    )
    def test_others_are_refused(self, make, bad, kind, message):
        with pytest.raises(kind, match=f"^{make.__name__} .*{message}"):
            make(ailment=bad)

    def test_what_cannot_be_is_refused(self):
        with pytest.raises(InvalidValueError, match="must not add up to more than 1"):
            sample_shop(process=SampleProcess(full_refund_rate=0.9), ailment="cancelled orders")


def share(records, happened):
    found = [bool(happened(one)) for one in records]
    return fmean(found) if found else 0.0


def purchases(name):
    return [one for one in shop(name).orders if one.items]


def contacts(name, *kinds):
    return [one for one in shop(name).interactions if one.kind in kinds]


def asked(name):
    return contacts(name, "question", "chat", "case", "call")


def one_category(name):
    by_customer = {}
    for one in purchases(name):
        by_customer.setdefault(one.id[:5], set()).update(item.category for item in one.items)
    return share(by_customer.values(), lambda categories: len(categories) == 1)


def mean_score(name, when):
    return fmean(one.score for one in shop(name).responses if one.kind == "nps" and when(one.responded_at))


def bought_since(name, days):
    """Regulars who still bought in the last days."""
    latest = {}
    for one in purchases(name):
        latest.setdefault(one.id[:5], []).append((shop(name).as_of - one.placed_at).days)
    return share([ago for ago in latest.values() if len(ago) >= 4], lambda ago: min(ago) < days)


WHAT_IT_SHOWS = {
    "failed payments": (
        lambda name: share(shop(name).subscriptions, lambda one: one.end_reason == "payment"),
        3,
    ),
    "one-time buyers": (lambda name: share(truth(name), lambda one: one.purchases == 1), 3),
    "silent loyal customers": (lambda name: bought_since(name, 70), 0.6),
    "lapsed regulars": (lambda name: bought_since(name, 180), 0.7),
    "slow support": (lambda name: share(asked(name), lambda one: one.answered_at), 0.6),
    "overloaded support": (lambda name: len(asked(name)) / len(purchases(name)), 3),
    "poor onboarding": (lambda name: share(asked(name), lambda one: "-01-" in one.id), 1.5),
    "falling satisfaction": (lambda name: mean_score(name, lambda at: at.year == 2026 and at.month > 3), 0.8),
    "returned goods": (lambda name: share(purchases(name), lambda one: one.refunds), 2.5),
    "abandoned carts": (lambda name: share(shop(name).checkouts, lambda one: one.ordered_at is None), 1.7),
    "discount dependence": (lambda name: share(purchases(name), lambda one: one.discount), 3),
    "single channel": (lambda name: share(purchases(name), lambda one: one.channel != "web"), 0.01),
    "cancelled subscriptions": (
        lambda name: share(shop(name).subscriptions, lambda one: one.end_reason == "customer"),
        1.4,
    ),
    "unheard messages": (lambda name: share(contacts(name, "message"), lambda one: one.opened_at), 0.3),
    "no referrals": (lambda name: share(shop(name).customers, lambda one: one.referred_by), 0.01),
    "one category": (one_category, 2),
    "cancelled orders": (lambda name: share(purchases(name), lambda one: one.cancel_reason == "customer"), 5),
    "sold out": (lambda name: share(purchases(name), lambda one: one.cancel_reason == "stock"), 5),
    "empty programme": (lambda name: share(shop(name).customers, lambda one: one.loyalty_joined_at), 0.3),
}


class TestSymptoms:
    def test_each_is_looked_at(self):
        assert set(WHAT_IT_SHOWS) == set(AILMENTS)

    @pytest.mark.parametrize("name", AILMENTS)
    def test_it_shows(self, name):
        figure, times = WHAT_IT_SHOWS[name]
        healthy, ailing = figure(None), figure(name)
        assert ailing >= times * healthy if times > 1 else ailing <= times * healthy

    @pytest.mark.parametrize("name", AILMENTS)
    def test_the_same_customers_come_at_the_same_time(self, name):
        for one, other in zip(truth(name), truth(), strict=True):
            assert (one.arrived_at, one.rate, one.mean_amount) == (
                other.arrived_at,
                other.rate,
                other.mean_amount,
            )
            assert one.purchases <= other.purchases

    def test_satisfaction_was_well_before_it_fell(self):
        def before(at):
            return at.year < 2026

        assert mean_score("falling satisfaction", before) == pytest.approx(mean_score(None, before), abs=0.05)


def test_an_ailment_of_ones_own():
    own = Ailment(
        name="dear goods", title="Goods are dear", what="They are.", changes={"mean_amount": 500}, remedies=()
    )
    assert own.applied_to(USUAL).mean_amount == 500
    assert Counter([own])[own] == 1
