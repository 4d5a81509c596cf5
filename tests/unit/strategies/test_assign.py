"""Everybody's next action under a policy: each outcome on a customer that it is about, and what is refused."""

from __future__ import annotations

import decimal
import json
import math
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from dateutil.relativedelta import relativedelta

from retention import Shop
from retention.errors import ConflictingArgumentError, InvalidTypeError, InvalidValueError
from retention.strategies import (
    CUSTOMER_RULES,
    Assignments,
    ContactPolicy,
    CustomerRule,
    CustomerRules,
    assign,
    customer_situations,
    evaluate_experiment,
    recommend_for,
)
from retention.strategies._assignments import OUTCOMES, Outcome
from retention.strategies._experiments_holdout import assign_holdout
from retention.testing import (
    make_checkout,
    make_customer,
    make_interaction,
    make_order,
    make_orders,
    make_response,
    sample_shop,
)

AT = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PEOPLE = ("ann", "ben", "cem", "dora", "eli")


def ago(days):
    return AT - days * DAY


def spent(customer_id, amount, days=40.0, number=1):
    return [
        make_order(id=(customer_id, each), customer_id=customer_id, placed_at=ago(days + each), amount=amount)
        for each in range(number)
    ]


def rule(name="cart", strategy="abandoned-cart-recovery", weight=10, **when):
    return CustomerRule(
        id=name,
        strategy=strategy,
        weight=weight,
        when=when or {"cart_days": (0, 7)},
        because="They left a cart.",
        do="Write.",
    )


CART = CustomerRules([rule()])


def shop_of(people=PEOPLE, *, carts=None, orders=None, **records):
    """Everybody has bought once and left a cart; the later in the alphabet the more was spent."""
    if orders is None:
        orders = [
            each for number, who in enumerate(people, 1) for each in spent(who, 10 * number, days=40 + number)
        ]
    left = [
        make_checkout(id=("cart", who), customer_id=who, begun_at=ago(2))
        for who in (people if carts is None else carts)
    ]
    return Shop(as_of=AT, orders=orders, checkouts=left, **records)


def written(who, days):
    return make_interaction(
        id=(who, days), kind="message", direction="outbound", customer_id=who, occurred_at=ago(days)
    )


def under(shop=None, rules=CART, worth=None, **terms):
    return assign(
        shop_of() if shop is None else shop, rules=rules, worth=worth, contact_policy=ContactPolicy(**terms)
    )


class Someone:
    """An id of a host's own class, which says nothing of itself."""

    def __init__(self, name):
        self.name = name


class TestWithoutAPolicy:
    def test_everybody_gets_what_is_best(self):
        shop = sample_shop(customers=60)
        situations = customer_situations(shop)
        found = assign(shop)
        for who in situations:
            action, one = recommend_for(who, situations), found.of(who)
            assert one.strategy == action.strategy
            assert one.is_assigned == (action.strategy is not None)
            assert one.chosen == action.chosen
            assert one.reasons == action.reasons
            assert one.do == (None if action.strategy is None else action.do)
        assert len(found) == sum(each.is_assigned for each in found.everybody())

    def test_no_rule_and_leave_alone_are_told(self):
        rules = CustomerRules(
            [
                rule(),
                CustomerRule(id="rest", strategy=None, when={"orders": (2, None)}, because="All is well."),
            ]
        )
        shop = shop_of(
            carts=["ann"], orders=[*spent("ann", 10), *spent("ben", 10, number=2), *spent("cem", 10)]
        )
        found = assign(shop, rules=rules)
        assert {one.customer_id: one.outcome for one in found.everybody()} == {
            "ann": "assigned",
            "ben": "leave alone",
            "cem": "no rule",
        }
        assert found.of("ben").why == "2 purchases so far."
        assert found.of("cem").why == "No rule holds."
        assert found.of("cem").chosen is None
        assert found.of("cem").reasons == ()
        assert found.of("ben").strategy is None

    def test_situations_do_as_well_as_the_shop(self):
        shop = shop_of()
        assert assign(customer_situations(shop), rules=CART) == assign(shop, rules=CART)
        assert assign(shop.orders, rules=CART, at=AT).counts["no rule"] == len(PEOPLE)

    def test_an_empty_shop(self):
        found = assign(Shop(as_of=AT))
        assert len(found) == 0
        assert sum(found.counts.values()) == 0
        assert found.by_strategy == {}
        assert (
            str(found)
            == "0 of 0 customers get something, as of 2026-07-01 00:00.\n\nPolicy: consent is not looked at."
        )
        assert "The first" not in found.explain()

    def test_rules_as_a_list(self):
        assert assign(shop_of(), rules=[rule()]) == assign(shop_of(), rules=CART)


class TestWhoGoesFirst:
    def test_weight_before_worth(self):
        heavy = rule("rich", "surprise-and-delight", 5, spend=(45, None))
        light = rule("poor", "onboarding", 50, spend=(0, 44))
        found = assign(shop_of(), rules=[heavy, light])
        assert found.customers() == ("dora", "cem", "ben", "ann", "eli")
        assert [one.place for one in found] == [1, 2, 3, 4, 5]

    def test_rules_of_one_weight_are_one_list(self):
        one, other = (
            rule("a", "onboarding", 5, spend=(0, 25)),
            rule("b", "referral-programme", 5, spend=(26, None)),
        )
        assert assign(shop_of(), rules=[one, other]).customers() == PEOPLE[::-1]

    def test_spend_of_the_year_and_not_before(self):
        orders = [*spent("ann", 500, days=400), *spent("ann", 1), *spent("ben", 30)]
        orders = [evolve(each, id=number) for number, each in enumerate(orders)]
        assert under(shop_of(("ann", "ben"), orders=orders)).customers() == ("ben", "ann")

    def test_then_the_number_of_purchases(self):
        orders = [*spent("ann", 20), *spent("ben", 10, number=2)]
        assert under(shop_of(("ann", "ben"), orders=orders)).customers() == ("ben", "ann")

    def test_equals_go_by_lot_and_not_by_id(self):
        people = tuple(f"c{number:02}" for number in range(40))
        orders = [order for who in people for order in spent(who, 10)]
        found = under(shop_of(people, orders=orders)).customers()
        assert sorted(found) == list(people)
        assert list(found) != sorted(found)
        early = sum(people.index(who) for who in found[:20]) / 20
        assert 12 < early < 27  # 19.5, were the lot perfectly even
        turned = under(shop_of(people, orders=orders[::-1])).customers()
        assert found == turned

    def test_the_lot_is_the_same_on_every_python(self):
        people = ("ann", "ben", 7, "7", UUID(int=7), ("x", 1))
        orders = [order for who in people for order in spent(who, 10)]
        assert under(shop_of(people, orders=orders)).customers() == (
            7,
            "7",
            "ann",
            ("x", 1),
            "ben",
            UUID(int=7),
        )

    def test_equal_ids_draw_alike(self):
        numpy = pytest.importorskip("numpy")
        lists = []
        for kind in (int, numpy.int64):
            orders = [order for number in range(20) for order in spent(kind(number), 10)]
            lists.append(under(shop_of([*map(kind, range(20))], orders=orders)).customers())
        assert lists[0] == lists[1]

    def test_ids_that_look_different_in_every_process(self):
        """What their class says of them by default is where they lie in memory."""
        lists = []
        for _ in range(3):
            people = [Someone(f"{number:02}") for number in range(12)]
            orders = [each for number, who in enumerate(people) for each in spent(who, 10, days=60 - number)]
            found = under(shop_of(people, orders=orders)).customers()
            lists.append([who.name for who in found])
        assert lists[0] == lists[1] == lists[2] != sorted(lists[0])

    def test_the_lot_is_drawn_anew_each_day(self):
        """Else the same few would get the few places week after week."""
        people = tuple(range(200))
        orders = [order for who in people for order in spent(who, 10)]
        shop = shop_of(people, orders=orders, carts=[])
        once, again, later, abroad = (
            set(
                assign(shop, at=at, rules=[rule(orders=1)], contact_policy=ContactPolicy(most=20)).customers()
            )
            for at in (AT - DAY, AT - DAY / 2, AT, (AT - DAY).astimezone(ZoneInfo("America/New_York")))
        )
        assert once == again
        assert len(once & later) < 8  # 2, as a rule
        assert abroad not in (once, later)

    def test_worth_of_the_hosts_own(self):
        found = under(worth={"cem": 3, "ann": 2.5, "dora": Decimal("2.7"), "eli": None, "nobody": 9})
        assert found.customers()[:3] == ("cem", "dora", "ann")
        assert set(found.customers()[3:]) == {"ben", "eli"}

    def test_worth_as_a_function(self):
        assert under(worth=lambda who: Fraction(len(who), 3)).customers()[0] == "dora"
        assert under(worth={who: -PEOPLE.index(who) for who in PEOPLE}).customers() == PEOPLE

    @pytest.mark.parametrize("answer", [None, 3])
    def test_a_function_is_asked_once_for_each_who_may_get_something(self, answer):
        asked = []

        def worth(who):
            asked.append(who)
            return answer

        found = under(worth=worth, most=1, excluded=["ann"])
        assert sorted(asked) == sorted(PEOPLE[1:])
        assert bool(found.notes) == (answer is None)

    def test_no_worth_is_less_than_a_debt(self):
        assert under(worth={"ben": -5}).customers()[0] == "ben"

    def test_a_person_with_two_ids_is_worth_the_more(self):
        shop = shop_of(aliases={"ann2": "ann"})
        for worth in ({"ann2": 9, "ann": 1, "ben": 5}, {"ann": 1, "ann2": 9, "ben": 5}):
            assert under(shop, worth=worth).customers()[:2] == ("ann", "ben")

    def test_two_currencies_have_no_worth(self):
        orders = [*spent("ann", 10), make_order(customer_id="ben", placed_at=ago(40), currency="USD")]
        found = under(shop_of(("ann", "ben"), orders=orders), most=1)
        assert found.notes == (
            "of nobody it is known what they are worth, so that places went by the number of purchases",
        )
        assert "Mind: of nobody" in str(found)

    def test_how_the_host_rounds_does_not_matter(self):
        terms = {"most": 3, "quiet_for": 13.95 * DAY, "worth": {"ann": 12.5, "ben": Decimal("12.25")}}
        shop = shop_of(interactions=[written("eli", 13.9)])
        usual = under(shop, **terms)
        with decimal.localcontext() as context:
            context.prec = 2
            context.traps[decimal.FloatOperation] = True
            assert under(shop, **terms) == usual
            assert str(under(shop, **terms)) == str(usual)
            assert under(shop).customers() == ("eli", "dora", "cem", "ben", "ann")


class TestLimits:
    def test_in_all(self):
        found = under(most=2)
        assert found.customers() == ("eli", "dora")
        assert found.customers("full") == ("cem", "ben", "ann")
        assert found.of("ann").why == "The places (2 in all) went to others who come first."
        assert found.of("ann").place == 5
        assert found.counts["full"] == 3

    def test_none_at_all(self):
        assert under(most=0).counts["full"] == 5

    def test_by_strategy(self):
        rules = [
            rule("rich", "surprise-and-delight", 5, spend=(25, None)),
            rule("poor", "onboarding", 5, spend=(0, 24)),
        ]
        found = under(rules=rules, most_per_strategy={"surprise-and-delight": 1})
        assert found.customers() == ("eli", "ben", "ann")
        assert found.of("dora").why == (
            "The places for surprise-and-delight (1) went to others who come first."
        )
        assert found.by_strategy["surprise-and-delight"]["full"] == 2
        assert found.customers("full", strategy="onboarding") == ()

    def test_by_channel_the_next_one_is_taken(self):
        found = under(channels=["call", "e-mail"], most_per_channel={"call": 2, "e-mail": 2})
        assert [(one.customer_id, one.channel) for one in found] == [
            ("eli", "call"),
            ("dora", "call"),
            ("cem", "e-mail"),
            ("ben", "e-mail"),
        ]
        assert found.of("ann").why == (
            "The places on each channel that would do went to others who come first."
        )
        assert found.of("ann").channel is None
        assert found.by_channel == {"call": 2, "e-mail": 2}
        assert found.customers(channel="call") == ("eli", "dora")

    def test_an_unlimited_channel_beside_a_limited_one(self):
        found = under(channels=["call", "e-mail"], most_per_channel={"call": 1})
        assert found.by_channel == {"call": 1, "e-mail": 4}

    def test_numbers_of_numpy(self):
        numpy = pytest.importorskip("numpy")
        assert under(most=numpy.int64(2)).customers() == ("eli", "dora")


class TestQuietDays:
    def test_since_the_shop_wrote(self):
        shop = shop_of(interactions=[written("ann", 13.9), written("ben", 14), written("cem", 30)])
        found = under(shop, quiet_for=14 * DAY)
        assert found.customers("written to lately") == ("ann",)
        assert found.of("ann").why == (
            "The shop last wrote 13.9 days ago, and the policy asks for 14 days of quiet."
        )
        assert found.notes == ()

    def test_parts_of_days(self):
        shop = shop_of(interactions=[written("ann", 13.9), written("ben", 14)])
        assert under(shop, quiet_for=13.95 * DAY).customers("written to lately") == ("ann",)

    @pytest.mark.parametrize("least", [timedelta(hours=36), relativedelta(hours=36)])
    def test_to_the_microsecond(self, least):
        tick = timedelta(microseconds=1) / DAY
        for name, records in (
            ("quiet_for", {"interactions": [written("ann", 1.5 - tick), written("ben", 1.5)]}),
            ("quiet_after_purchase", {"orders": [*spent("ann", 1, 1.5 - tick), *spent("ben", 1, 1.5)]}),
        ):
            shop = shop_of(("ann", "ben"), **records)
            found = assign(
                shop, at=AT, rules=[rule(orders=(1, None))], contact_policy=ContactPolicy(**{name: least})
            )
            assert found.customers() == ("ben",)

    def test_by_the_calendar(self):
        """A month from 31 January is over on 28 February, and one from 1 February is not."""
        berlin = ZoneInfo("Europe/Berlin")
        sent = {"ann": datetime(2026, 1, 31, tzinfo=berlin), "ben": datetime(2026, 2, 1, tzinfo=berlin)}
        shop = shop_of(
            ("ann", "ben"),
            orders=[
                make_order(id=who, customer_id=who, placed_at=datetime(2025, 9, 1, tzinfo=berlin))
                for who in sent
            ],
            carts=[],
            interactions=[
                make_interaction(
                    id=who, kind="message", direction="outbound", customer_id=who, occurred_at=moment
                )
                for who, moment in sent.items()
            ],
        )
        terms = {
            "rules": [rule(orders=(1, None))],
            "contact_policy": ContactPolicy(quiet_for=relativedelta(months=1)),
        }
        at = datetime(2026, 2, 28, tzinfo=berlin)
        found = assign(shop, at=at, **terms)
        assert found.customers() == ("ann",)
        assert (
            found.of("ben").why
            == "The shop last wrote 27 days ago, and the policy asks for 1 month of quiet."
        )
        assert assign(customer_situations(shop, at=at), **terms) == found
        assert assign(shop, at=at - timedelta(microseconds=1), **terms).customers() == ()

    @pytest.mark.parametrize("name", ["quiet_for", "quiet_after_purchase"])
    def test_a_calendar_that_nobody_named(self, name):
        shop, terms = (
            shop_of(),
            {"rules": CART, "contact_policy": ContactPolicy(**{name: relativedelta(weeks=1)})},
        )
        for data in (shop, customer_situations(shop)):
            with pytest.raises(
                InvalidValueError,
                match=rf"assign: ContactPolicy.{name} is counted by the calendar .7 days.*give tz=",
            ):
                assign(data, **terms)
        assert len(assign(shop, tz="Europe/Berlin", **terms)) == 5
        assert len(assign(customer_situations(shop, tz="Europe/Berlin"), **terms)) == 5
        assert len(assign(shop, at=AT, **terms)) == 5

    def test_without_contacts_on_record_it_is_told(self):
        found = under(quiet_for=14 * DAY)
        assert len(found) == 5
        assert found.notes == ("no contact of the shop's own is on record, so that quiet_for stopped nobody",)

    @pytest.mark.parametrize("quiet_for", [3 * DAY, relativedelta(weeks=1)])
    def test_rules_that_wait_longer_by_themselves(self, quiet_for):
        """Else those whom they wait for look as if nothing called for a message."""
        wait = rule("ask", "onboarding", 5, orders=(1, None), contacted_days=(14, None, "or none"))
        pause = rule("pause", None, 1, contacted_days=(0, 90))
        shop = shop_of(interactions=[written("ann", 5)])
        notes = [
            assign(shop, at=AT, rules=rules, contact_policy=ContactPolicy(quiet_for=least)).notes
            for rules, least in (
                ([wait, pause], quiet_for),
                ([wait, evolve(wait, id="more"), rule()], quiet_for),
                ([wait], 14 * DAY),
                ([pause, evolve(wait, when={"contacted_days": (None, 9)}), rule()], quiet_for),
            )
        ]
        for (note,), named in zip(notes[:2], ["(ask)", "(ask and 1 more)"], strict=True):
            assert note.startswith(f"quiet_for is {quiet_for.days} days, and some rules wait longer")
            assert f"up to 14 days {named}: " in note
        assert notes[2:] == [(), ()]
        (note,) = assign(shop, at=AT, contact_policy=ContactPolicy(quiet_for=quiet_for)).notes
        assert "best-at-risk and " in note

    def test_an_offer_in_a_sale_is_no_message(self):
        offer = evolve(written("ann", 1), kind="offer")
        shop = shop_of(interactions=[offer, written("ben", 1)])
        assert under(shop, quiet_for=14 * DAY).customers("written to lately") == ("ben",)
        (note,) = under(shop_of(interactions=[offer]), quiet_for=14 * DAY).notes
        assert note.startswith("no contact of the shop's own is on record")

    def test_since_a_purchase(self):
        shop = shop_of(orders=[*spent("ann", 10, days=4.5), *spent("ben", 10, days=5)], carts=["ann", "ben"])
        found = under(shop, quiet_after_purchase=5 * DAY)
        assert found.customers("bought lately") == ("ann",)
        assert (
            found.of("ann").why
            == "The latest purchase was 4.5 days ago, and the policy asks for 5 days of quiet."
        )

    def test_one_day(self):
        shop = shop_of(interactions=[written("ann", 0.5)])
        assert under(shop, quiet_for=DAY).of("ann").why == (
            "The shop last wrote 0.5 days ago, and the policy asks for 1 day of quiet."
        )


class TestConsent:
    @pytest.mark.parametrize(
        "consent",
        [
            {"ann": True, "ben": False, "cem": None},
            lambda who: who == "ann",
            {"ann": True, "somebody else": True},
        ],
    )
    def test_without_channels_it_is_yes_or_no(self, consent):
        found = under(consent=consent)
        assert found.customers() == ("ann",)
        assert found.counts["no consent"] == 4
        assert found.of("ben").why == "The customer has not consented to being contacted."

    def test_bools_of_numpy(self):
        numpy = pytest.importorskip("numpy")
        assert under(consent={"ann": numpy.bool_(True), "ben": numpy.bool_(False)}).customers() == ("ann",)

    def test_channels(self):
        consent = {"ann": "sms", "ben": ["call", "sms"], "cem": {"letter"}, "dora": True, "eli": []}
        found = under(channels=["call", "sms"], consent=consent)
        assert {one.customer_id: one.channel for one in found} == {
            "ann": "sms",
            "ben": "call",
            "dora": "call",
        }
        assert set(found.customers("no consent")) == {"cem", "eli"}

    def test_a_tag_or_an_attribute_of_the_record(self):
        customers = [
            make_customer(id="ann", tags={"news"}),
            make_customer(id="ben", attributes={"news": True}),
            make_customer(id="cem", attributes={"news": False}, tags={"news"}),
            make_customer(id="dora"),
        ]
        assert set(under(shop_of(customers=customers), consent="news").customers()) == {"ann", "ben"}

    def test_a_name_that_no_record_has(self):
        found = under(shop_of(customers=[make_customer(id="ann", tags={"news"})]), consent="newz")
        assert found.counts["no consent"] == 5
        assert found.notes == (
            "no customer's record has an attribute or a tag 'newz', so that nobody consents",
        )
        assert under(consent=lambda _: False).notes == ()

    @pytest.mark.parametrize(
        "field, terms",
        [
            ("excluded", {"excluded": [7, 8]}),
            ("consent", {"consent": {7: True}}),
            ("preferences", {"preferences": {7: "call"}, "channels": ["call"]}),
            ("holdout", {"holdout": [7]}),
            ("holdout", {"holdout": assign_holdout(range(9), salt="a", holdout_share=0.5)}),
            ("holdout['abandoned-cart-recovery']", {"holdout": {"abandoned-cart-recovery": [7]}}),
        ],
    )
    def test_ids_that_are_of_nobody(self, field, terms):
        """A slip that would send what must not be sent: 7 in one list, and "7" in the other."""
        found = under(**terms)
        assert found.notes == (
            f"none of the ids in {field} is a customer's, so that it is about nobody; 7 and '7' are two customers",
        )
        assert under(Shop(as_of=AT), **terms).notes == ()

    def test_ids_of_whom_some_are_customers(self):
        some = assign_holdout(["ann", "zoe"], salt="a", holdout_share=0.5)
        terms = {"excluded": ["ann", 7], "consent": {7: True, "ben": True}, "holdout": lambda _: False}
        assert under(**terms).notes == ()
        assert under(holdout=some).notes == ()

    def test_of_orders_alone_nobody_is_known_to_consent(self):
        found = assign(
            make_orders({"ann": ["2026-06-01"]}),
            at=AT,
            rules=[rule(orders=1)],
            contact_policy=ContactPolicy(consent="news"),
        )
        assert found.counts["no consent"] == 1

    def test_situations_have_no_records(self):
        with pytest.raises(
            ConflictingArgumentError, match=r"ContactPolicy.consent: 'news' names an attribute .* Shop"
        ):
            under(customer_situations(shop_of()), consent="news")

    def test_words_for_channels_that_the_policy_does_not_know(self):
        found = under(channels=["e-mail"], consent={"ann": "email", "ben": "EMAIL"})
        assert found.notes == (
            "customers consent to 'EMAIL', 'email', and none of that is in channels (e-mail)",
        )
        assert under(channels=["e-mail"], consent={"ann": "email", "ben": "e-mail"}).notes == ()

    def test_a_person_with_two_ids_consents_under_both(self):
        shop = shop_of(aliases={"ann2": "ann", "ben2": "ben"})
        consent = {"ann": True, "ann2": "sms", "ben": True, "ben2": False}
        found = under(shop, channels=["call", "sms"], consent=consent)
        assert [(one.customer_id, one.channel) for one in found] == [("ann", "sms")]

    def test_a_strategy_goes_by_some_channels_only(self):
        found = under(
            channels=["e-mail", "call"],
            channels_for={"abandoned-cart-recovery": ["call", "e-mail"]},
            consent={"ann": "e-mail", "ben": True},
        )
        assert {one.customer_id: one.channel for one in found} == {"ann": "e-mail", "ben": "call"}
        found = under(
            channels=["e-mail", "call"],
            channels_for={"abandoned-cart-recovery": ["call"]},
            consent={"ann": "e-mail", "ben": True},
        )
        assert found.of("ann").outcome == "no consent"
        assert found.of("ann").why == (
            "The customer has not consented to any channel by which the strategy goes."
        )

    def test_preferences_come_before_the_policys(self):
        found = under(
            channels=["e-mail", "sms", "call"],
            consent={"ann": True, "ben": ["e-mail", "sms"], "cem": True, "dora": "sms", "eli": True},
            preferences={"ann": "call", "ben": ["call", "sms"], "cem": None, "dora": "e-mail"},
        )
        assert {one.customer_id: one.channel for one in found} == {
            "ann": "call",
            "ben": "sms",
            "cem": "e-mail",
            "dora": "sms",
            "eli": "e-mail",
        }

    def test_preferences_on_the_records_of_a_person_with_two_ids(self):
        customers = [
            make_customer(id="ann3", attributes={"likes": "e-mail"}),
            make_customer(id="ann2", attributes={"likes": "sms"}),
        ]
        for given in (customers, customers[::-1]):
            shop = shop_of(aliases={"ann2": "ann", "ann3": "ann"}, customers=given)
            assert under(shop, channels=["e-mail", "sms"], preferences="likes").of("ann").channel == "sms"

    def test_a_tag_is_no_preference(self):
        shop = shop_of(customers=[make_customer(id="ann", tags={"likes"})])
        assert under(shop, channels=["e-mail", "sms"], preferences="likes").of("ann").channel == "e-mail"


class TestExcludedAndOwed:
    def test_excluded_by_any_id(self):
        found = under(shop_of(aliases={"ann2": "ann"}), excluded=["ann2", "ben", "nobody"])
        assert set(found.customers("excluded")) == {"ann", "ben"}
        assert found.of("ann").why == "The customer is excluded by the policy."

    def test_what_is_owed_is_sent(self):
        asked = make_interaction(
            id=1, kind="question", direction="inbound", customer_id="ann", occurred_at=ago(2)
        )
        solved = make_interaction(
            id=2, kind="case", direction="inbound", occurred_at=ago(9), answered_at=ago(8)
        )
        shop = shop_of(carts=["ben"], interactions=[asked, solved, written("ann", 1)])
        terms = {
            "channels": ["e-mail"],
            "consent": {"ann": False},
            "quiet_for": 30 * DAY,
            "quiet_after_purchase": 99 * DAY,
            "holdout": {"ann", "ben"},
        }
        found = under(shop, CUSTOMER_RULES, **terms)
        assert found.customers() == ("ann",)
        assert found[0].strategy.id == "responsive-support"
        assert found[0].channel == "e-mail"
        assert under(shop, CUSTOMER_RULES, **terms, owed=[]).of("ann").outcome == "no consent"
        assert under(shop, CUSTOMER_RULES, **terms, excluded=["ann"]).of("ann").outcome == "excluded"
        assert under(shop, CUSTOMER_RULES, **terms, most=0).of("ann").outcome == "full"

    def test_the_reasons_have_an_order(self):
        """Whoever may not be contacted at all is told so, and not that it is too soon."""
        shop = shop_of(interactions=[written("ann", 1)])
        terms = {"quiet_for": 9 * DAY, "quiet_after_purchase": 99 * DAY, "holdout": ["ann"], "most": 0}
        assert under(shop, **terms, consent={}, excluded=["ann"]).of("ann").outcome == "excluded"
        assert under(shop, **terms, consent={}).of("ann").outcome == "no consent"
        assert under(shop, **terms).of("ann").outcome == "written to lately"
        assert under(shop, **terms | {"quiet_for": DAY}).of("ann").outcome == "bought lately"


class TestHoldOut:
    @pytest.mark.parametrize(
        "holdout", [["dora"], {"dora"}, lambda who: who == "dora", (x for x in ["dora"])]
    )
    def test_it_takes_no_place(self, holdout):
        found = under(most=2, holdout=holdout)
        assert found.customers() == ("eli", "cem")
        assert found.customers("held out") == ("dora",)
        assert found.of("dora").place == 2
        assert found.of("dora").why == "The customer is held out of a test, and was in line for it."
        assert found.of("dora").do is None

    def test_those_beyond_the_last_place_are_in_neither_group(self):
        found = under(most=2, holdout=["dora", "ann"])
        assert found.of("ann").outcome == "full"

    def test_one_drawn_by_lot(self):
        people = tuple(range(300))
        orders = [order for who in people for order in spent(who, 10)]
        shop = shop_of(people, orders=orders)
        drawn = assign_holdout([], salt="carts", holdout_share=0.5)
        found = under(shop, holdout=drawn)
        assert set(found.customers("held out")) == {who for who in people if drawn.is_held_out(who)}
        assert under(shop, holdout=drawn.is_held_out).counts == found.counts

    def test_of_one_strategy(self):
        rules = [
            rule("rich", "surprise-and-delight", 5, spend=(25, None)),
            rule("poor", "onboarding", 5, spend=(0, 24)),
        ]
        found = under(rules=rules, holdout={"onboarding": ["ann", "eli"], "surprise-and-delight": ["ben"]})
        assert found.customers("held out") == ("ann",)

    def test_by_another_id(self):
        found = under(shop_of(aliases={"ann2": "ann"}), holdout=["ann2"])
        assert found.customers("held out") == ("ann",)

    @pytest.mark.parametrize("tested", ["abandoned-cart-recovery", None])
    def test_both_groups_of_a_test_as_the_verdict_takes_them(self, tested):
        """A lot of all, of whom a part is in line, and a measure that makes each of these come again."""
        people = tuple(range(400))
        orders = [order for who in people for order in spent(who, 10)]
        in_line = [make_checkout(customer_id=who, begun_at=ago(2)) for who in people[:80]]
        lot = assign_holdout(people, salt="carts", holdout_share=0.25)
        week = under(
            Shop(orders=orders, checkouts=in_line, as_of=AT),
            holdout={tested: lot} if tested else lot,
        )
        groups = week.experiment("abandoned-cart-recovery")
        assert set(groups["holdout"]) == {who for who in people[:80] if lot.is_held_out(who)}
        assert set(groups["treated"]) == {who for who in people[:80] if not lot.is_held_out(who)}
        assert (groups["assigned_at"], groups["holdout_share"]) == (AT, Fraction(1, 4))
        bought = [
            make_order(id=("new", who), customer_id=who, placed_at=AT + DAY) for who in week.customers()
        ]
        later = Shop(orders=[*orders, *bought], as_of=AT + 9 * DAY)
        verdict = evaluate_experiment(later, **groups, until=AT + 9 * DAY)
        assert (verdict.uplift, verdict.outcome) == (1.0, "real")
        assert verdict.sample_ratio.treated == len(week)

    def test_without_a_lot_the_share_is_not_known(self):
        found = under(holdout=["dora"]).experiment("abandoned-cart-recovery")
        assert (found["holdout"], found["holdout_share"]) == (("dora",), None)

    @pytest.mark.parametrize(
        "terms, strategy, error, said",
        [
            ({}, "abandoned-cart-recovery", InvalidValueError, r"holds nobody out .*\(of nothing\); give"),
            (
                {"holdout": ["a"]},
                "abandoned-carts",
                InvalidValueError,
                "did you mean 'abandoned-cart-recovery'",
            ),
            ({"holdout": ["a"]}, 7, InvalidTypeError, "Assignments.experiment: strategy must be a text"),
            (
                {"holdout": {"onboarding": ["a"]}},
                "abandoned-cart-recovery",
                InvalidValueError,
                r"\(of onboarding only\)",
            ),
        ],
    )
    def test_groups_of_no_test(self, terms, strategy, error, said):
        with pytest.raises(error, match=said):
            under(**terms).experiment(strategy)

    def test_nor_of_what_is_owed(self):
        found = under(holdout=["ann"], rules=CUSTOMER_RULES)
        with pytest.raises(InvalidValueError, match="holds nobody out of 'responsive-support'"):
            found.experiment("responsive-support")

    def test_no_strategy_that_is_owed(self):
        with pytest.raises(ConflictingArgumentError, match="'responsive-support', which is in owed"):
            ContactPolicy(holdout={"responsive-support": ["ann"]})
        assert ContactPolicy(holdout={"responsive-support": ["ann"]}, owed=())


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "terms, error, message",
        [
            ({"most": True}, InvalidTypeError, "most must be a whole number, not bool"),
            ({"most": 1.5}, InvalidTypeError, "most must be a whole number, not float"),
            ({"most": -1}, InvalidValueError, "most must be 0 or more"),
            (
                {"most_per_strategy": 5},
                InvalidTypeError,
                r"most_per_strategy must be a mapping such as \{\"win-back",
            ),
            (
                {"most_per_channel": [5]},
                InvalidTypeError,
                r"most_per_channel must be a mapping such as \{\"call",
            ),
            ({"most_per_strategy": {1: 5}}, InvalidTypeError, "must have texts for keys, not int"),
            (
                {"most_per_strategy": {"onboarding": "5"}},
                InvalidTypeError,
                r"\['onboarding'\] must be a whole",
            ),
            ({"quiet_for": 0 * DAY}, InvalidValueError, "quiet_for must be longer than zero"),
            ({"quiet_for": -3 * DAY}, InvalidValueError, "quiet_for must be longer than zero"),
            ({"quiet_for": 3}, InvalidTypeError, "quiet_for must be a timedelta or a relativedelta, got 3"),
            ({"quiet_for": relativedelta(month=3)}, InvalidValueError, "quiet_for must add to a date"),
            ({"quiet_after_purchase": 3}, InvalidTypeError, "quiet_after_purchase must be a timedelta or"),
            ({"channels": "e-mail"}, InvalidTypeError, "channels must be several texts"),
            ({"channels": {"e-mail"}}, InvalidTypeError, "channels must be several texts"),
            ({"channels": ["e-mail", 3]}, InvalidTypeError, "channels must hold texts"),
            ({"channels": [" "]}, InvalidValueError, "channels must hold texts"),
            ({"channels": ["call", "call"]}, InvalidValueError, "name each channel once"),
            ({"channels_for": ["call"]}, InvalidTypeError, "channels_for must be a mapping"),
            (
                {"channels_for": {"onboarding": "call"}},
                InvalidTypeError,
                r"channels_for\['onboarding'\] must be sev",
            ),
            ({"channels_for": {"onboarding": []}}, InvalidValueError, "must name at least one channel"),
            (
                {"channels_for": {"onboarding": ["call"]}},
                ConflictingArgumentError,
                "none of channels; give channels",
            ),
            (
                {"channels": ["e-mail"], "most_per_channel": {"email": 3}},
                ConflictingArgumentError,
                "names 'email', which is none of channels; did you mean 'e-mail'",
            ),
            ({"consent": 1}, InvalidTypeError, "consent must be a mapping of customers' ids, a function"),
            ({"consent": " "}, InvalidValueError, "consent must not be empty"),
            ({"preferences": {"ann": "call"}}, ConflictingArgumentError, "preferences needs channels"),
            ({"consent": {"ann": 1}}, InvalidTypeError, "consent must say True, False, a channel, .*not int"),
            ({"consent": {"ann": [3]}}, InvalidTypeError, "consent must say .*of customer 'ann'"),
            ({"consent": {"ann": {"e-mail": True}}}, InvalidTypeError, "consent must say .*not dict"),
            (
                {"channels": ["a", "b"], "preferences": {"ann": True}},
                InvalidTypeError,
                "preferences must say a channel, .*not bool",
            ),
            (
                {"excluded": "ann"},
                InvalidTypeError,
                "excluded must be a collection of customers' ids, not str",
            ),
            ({"excluded": 3}, InvalidTypeError, "excluded must be a collection of customers' ids, not int"),
            (
                {"excluded": [["ann"]]},
                InvalidTypeError,
                "excluded must hold ids, and one entry can't be hashed",
            ),
            ({"excluded": [True]}, InvalidTypeError, "excluded must be an id: .*not bool"),
            ({"excluded": [None]}, InvalidTypeError, "excluded must be an id: .*not NoneType"),
            ({"excluded": [math.nan]}, InvalidTypeError, "excluded must be an id: .*not float"),
            ({"holdout": [1.0]}, InvalidTypeError, "holdout must be an id: .*not float"),
            ({"holdout": "ann"}, InvalidTypeError, "holdout must be a Holdout, a collection"),
            ({"holdout": 3}, InvalidTypeError, "holdout must be a Holdout, a collection"),
            ({"holdout": [[1]]}, InvalidTypeError, "holdout must hold ids"),
            (
                {"holdout": {1: ["ann"]}},
                InvalidTypeError,
                "holdout must have ids of strategies for keys, not int",
            ),
            (
                {"holdout": {"onboarding": 7}},
                InvalidTypeError,
                r"holdout\['onboarding'\] must be a Holdout",
            ),
            ({"owed": "onboarding"}, InvalidTypeError, "owed must be a set of texts"),
        ],
    )
    def test_a_policy(self, terms, error, message):
        with pytest.raises(error, match=f"ContactPolicy.*{message}"):
            ContactPolicy(**terms)

    @pytest.mark.parametrize(
        "terms",
        [
            {"most_per_strategy": {"onboardin": 1}},
            {"channels": ["call"], "channels_for": {"onboardin": ["call"]}},
            {"holdout": {"onboardin": []}},
            {"owed": ["onboardin"]},
        ],
    )
    def test_a_strategy_that_there_is_not(self, terms):
        with pytest.raises(
            InvalidValueError, match=r"'onboardin', which there is not; did you mean 'onboarding'"
        ):
            under(**terms)

    @pytest.mark.parametrize(
        "terms, error, message",
        [
            (
                {"consent": lambda _: 1},
                InvalidTypeError,
                "consent must say True, False, a channel, .*not int",
            ),
            ({"consent": {"ann": "call"}}, ConflictingArgumentError, "names channels .of customer 'ann'."),
            ({"consent": lambda _: [3]}, InvalidTypeError, "consent must say"),
            (
                {"channels": ["a", "b"], "preferences": lambda _: True},
                InvalidTypeError,
                "preferences must say a channel",
            ),
            (
                {"holdout": lambda _: "test"},
                InvalidTypeError,
                "holdout must give True or False of each id, not str",
            ),
        ],
    )
    def test_what_is_said_of_a_customer(self, terms, error, message):
        with pytest.raises(error, match=message):
            under(**terms)

    @pytest.mark.parametrize("consent", [{"ann": 42.5}, lambda _: 42.5])
    def test_what_is_said_is_not_shown(self, consent):
        with pytest.raises(InvalidTypeError) as caught:
            under(consent=consent)
        assert "42.5" not in str(caught.value)

    @pytest.mark.parametrize(
        "worth, error, message",
        [
            (3, InvalidTypeError, "worth must be a mapping of ids"),
            ({"ann": "3"}, InvalidTypeError, "worth of customer 'ann' must be a number, not str"),
            ({"ann": True}, InvalidTypeError, "must be a number, not bool"),
            ({"ann": math.inf}, InvalidValueError, "worth of customer 'ann' must be finite"),
            (lambda _: math.nan, InvalidValueError, "must be finite"),
        ],
    )
    def test_a_worth(self, worth, error, message):
        with pytest.raises(error, match=message):
            under(worth=worth)

    def test_arguments(self):
        with pytest.raises(
            InvalidTypeError, match=r"assign: contact_policy must be a ContactPolicy, not dict"
        ):
            assign(shop_of(), contact_policy={"most": 5})
        with pytest.raises(InvalidTypeError, match=r"assign: rules must be CustomerRules"):
            assign(shop_of(), rules="cart")
        with pytest.raises(ConflictingArgumentError, match=r"assign: at= comes too late"):
            assign(customer_situations(shop_of()), at=AT)
        with pytest.raises(ConflictingArgumentError, match=r"assign: at must not lie after as_of"):
            assign(shop_of(), at=AT + DAY)

    @pytest.mark.parametrize(
        "asked, error, message",
        [
            ({"outcome": "fulll"}, InvalidValueError, "there is no outcome 'fulll'; did you mean 'full'"),
            ({"outcome": 3}, InvalidTypeError, "outcome must be a text, not int"),
            ({"strategy": "onboardin"}, InvalidValueError, "did you mean 'onboarding'"),
            ({"channel": "call"}, InvalidValueError, "there is no channel 'call'; the policy names none"),
        ],
    )
    def test_questions(self, asked, error, message):
        with pytest.raises(error, match=message):
            under().customers(**asked)

    def test_customers_that_there_are_not(self):
        with pytest.raises(InvalidValueError, match=r"Assignments.of: there is no customer 'anne'.*'ann'"):
            under().of("anne")
        with pytest.raises(InvalidTypeError, match=r"Assignments.of"):
            under().of(1.5)


class TestTheResult:
    def test_it_is_a_sequence_of_those_who_get_something(self):
        found = under(most=3)
        assert isinstance(found, Assignments)
        assert [one.customer_id for one in found] == list(found.customers()) == ["eli", "dora", "cem"]
        assert found[-1].customer_id == "cem"
        assert [one.customer_id for one in found[:2]] == ["eli", "dora"]
        assert found[0] in found
        with pytest.raises(IndexError):
            found[3]

    def test_everybody_has_one_outcome(self):
        found = under(most=1, holdout=["eli"], excluded=["ann"])
        assert sum(found.counts.values()) == 5
        assert [one.customer_id for one in found.everybody()] == list(found.situations)
        assert tuple(found.counts) == OUTCOMES
        assert {each.word for each in Outcome} == set(OUTCOMES)
        groups = [found.customers(outcome) for outcome in OUTCOMES]
        assert sorted(who for group in groups for who in group) == sorted(PEOPLE)

    def test_rows_are_json(self):
        found = under(most=1, channels=["call"])
        (row,) = json.loads(json.dumps(found.to_dicts()))
        assert row == {
            "customer_id": "eli",
            "at": "2026-07-01T00:00:00+00:00",
            "outcome": "assigned",
            "strategy": "abandoned-cart-recovery",
            "rule": "cart",
            "weight": 10,
            "channel": "call",
            "place": 1,
            "why": "A cart was left 2 days ago, and nothing was bought since.",
            "do": "Write.",
        }
        rows = found.to_dicts(everybody=True)
        assert [each["customer_id"] for each in rows] == list(found.situations)
        assert (
            assign(Shop(as_of=AT, orders=spent("ann", 5)), rules=CART).to_dicts(everybody=True)[0]["rule"]
            is None
        )

    def test_ids_that_json_takes(self):
        orders = [order for who in (7, ("x", 1)) for order in spent(who, 10)]
        assert set(under(shop_of((7, ("x", 1)), orders=orders)).ids()) == {7, "('x', 1)"}

    def test_equality_and_hash(self):
        assert under(most=2) == under(most=2)
        assert hash(under(most=2)) == hash(under(most=2))
        assert under(most=2) != under(most=3)
        assert under(most=2) != 3
        assert ContactPolicy(most=2, consent={"a": True}) == ContactPolicy(most=2, consent={"a": True})
        assert hash(ContactPolicy(excluded=["a"])) == hash(ContactPolicy(excluded=["a"]))
        one = under()[0]
        assert one == under()[0]
        assert hash(one) == hash(under()[0])

    def test_pickle(self):
        found = under(
            most=2,
            consent=dict.fromkeys(PEOPLE, True),
            holdout=assign_holdout([], salt="x", holdout_share=0.5),
        )
        again = pickle.loads(pickle.dumps(found))
        assert again == found
        assert str(again) == str(found)
        assert pickle.loads(pickle.dumps(found.of("ann"))) == found.of("ann")

    def test_a_policy_is_a_copy(self):
        consent, channels = {"ann": True}, ["call"]
        policy = ContactPolicy(consent=consent, channels=channels)
        consent["ben"] = True
        channels.append("sms")
        assert policy.channels == ("call",)
        assert under(consent=policy.consent, channels=["call"]).customers() == ("ann",)

    def test_what_is_said_of_customers_is_copied_too(self):
        """Neither used up by the first list, nor changed behind the policy's back."""
        ways = ["call"]
        once = {
            "ann": (each for each in ["call"]),
            "ben": iter(["sms"]),
            "cem": ways,
            "dora": {"sms", "call"},
        }
        policy = ContactPolicy(
            channels=["call", "sms"], consent=once, preferences={"cem": ways, "dora": iter(["sms"])}
        )
        ways[0] = "letter"
        by_whom = [
            {one.customer_id: one.channel for one in assign(shop_of(), rules=CART, contact_policy=policy)}
            for _ in range(2)
        ]
        assert by_whom == [{"ann": "call", "ben": "sms", "cem": "call", "dora": "sms"}] * 2
        assert evolve(policy, most=9).consent["dora"] == ("call", "sms")

    def test_rows_are_made_without_everything_else(self, monkeypatch):
        """Seconds where there are hundreds of thousands of customers, and the same as one by one."""
        found = under(
            shop_of((*PEOPLE, "fay", "gil"), interactions=[written("ann", 3)], carts=[*PEOPLE, "fay"]),
            most=2,
            quiet_for=14 * DAY,
            channels=["call"],
            consent=dict.fromkeys([*PEOPLE, "gil"], True),
        )
        rows = [one.to_dict() for one in found.everybody()]
        assert len({row["outcome"] for row in rows}) == 5
        monkeypatch.setattr(type(found.situations), "_at", None)
        assert found.to_dicts(everybody=True) == rows
        assert found.to_dicts() == [
            found_row for place in (1, 2) for found_row in rows if found_row["place"] == place
        ]

    def test_repr_shows_nobody(self):
        policy = ContactPolicy(
            excluded=["ann@example.com"], consent={"ben@example.com": True}, holdout=["cem@x.com"]
        )
        assert "@" not in repr(policy)
        assert repr(policy).startswith("<ContactPolicy: only who consents; nobody who is excluded (1)")


class TestWords:
    def test_the_table(self):
        found = under(
            shop_of(interactions=[written("ann", 3)]),
            channels=["call", "e-mail"],
            most_per_channel={"call": 1},
            most=2,
            quiet_for=14 * DAY,
            holdout=["dora"],
        )
        assert str(found) == (
            "2 of 5 customers get something, as of 2026-07-01 00:00.\n"
            "\n"
            "                               assigned  held out  full  written to lately\n"
            "-----------------------------  --------  --------  ----  -----------------\n"
            "Baskets that were left behind         2         1     1                  1\n"
            "all                                   2         1     1                  1\n"
            "\n"
            "By channel: 1 by call, 1 by e-mail.\n"
            "Policy: at most 2 customers in all; at most 1 by call; nobody to whom the shop wrote less than 14 days ago;\n"
            "consent is not looked at; nobody who is held out; in spite of quiet times, hold-out: proactive-service,\n"
            "recover-failed-payments, responsive-support."
        )
        assert repr(found) == "<Assignments: 2 of 5 customers, 2026-07-01>"

    def test_the_explanation(self):
        told = under(most=2, holdout={"abandoned-cart-recovery": ["dora"]}).explain()
        assert "- full: the places went to those who come first." in told
        assert "- excluded" not in told
        assert "1. eli: Baskets that were left behind. A cart was left 2 days ago" in told
        assert "nobody who is held out of abandoned-cart-recovery" in told.replace("\n", " ")
        people = tuple(range(12))
        orders = [order for who in people for order in spent(who, 10)]
        assert under(shop_of(people, orders=orders)).explain().endswith("… and 2 more.")

    def test_those_who_get_nothing(self):
        rules = [
            rule(),
            CustomerRule(id="rest", strategy=None, when={"orders": (2, None)}, because="All is well."),
        ]
        shop = shop_of(
            carts=["ann"], orders=[*spent("ann", 10), *spent("ben", 10, number=2), *spent("cem", 10)]
        )
        assert str(assign(shop, rules=rules)).splitlines()[-3:] == [
            "1 gets nothing (leave alone): a rule says that the customer is best left alone.",
            "1 gets nothing (no rule): nothing that is known calls for anything.",
            "Policy: consent is not looked at.",
        ]

    def test_the_terms_of_a_policy(self):
        policy = ContactPolicy(
            most=1000,
            most_per_strategy={"onboarding": 5},
            quiet_for=DAY,
            quiet_after_purchase=relativedelta(months=1),
            owed=(),
        )
        assert policy.terms == (
            "at most 1,000 customers in all",
            "at most 5 for onboarding",
            "nobody to whom the shop wrote less than 1 day ago",
            "nobody who bought less than 1 month ago",
            "consent is not looked at",
        )

    def test_one_customer(self):
        found = under(most=1, channels=["call"])
        assert str(found[0]) == (
            "eli: Baskets that were left behind by call. A cart was left 2 days ago, and nothing was bought since."
        )
        assert found[0].explain().splitlines()[1:] == [
            "Why: They left a cart.",
            "What to do: Write.",
            "Rule: cart, weight 10, number 1 in the list.",
        ]
        assert repr(found[0]) == "<Assignment of 'eli': assigned, abandoned-cart-recovery>"
        assert found[0].at == AT

    def test_one_who_gets_nothing(self):
        one = under(most=1).of("ann")
        assert one.explain().splitlines() == [
            "ann: nothing for now (full). The places (1 in all) went to others who come first. It would have been: Baskets",
            "that were left behind.",
            "What is known: A cart was left 2 days ago, and nothing was bought since.",
            "Why: They left a cart.",
            "Rule: cart, weight 10, number 5 in the list.",
        ]
        excluded = under(excluded=["ann"]).of("ann")
        assert excluded.explain().endswith("Rule: cart, weight 10.")

    def test_one_with_whom_nothing_is_to_be_done(self):
        one = assign(Shop(as_of=AT, orders=spent("ann", 5)), rules=CART).of("ann")
        assert str(one) == one.explain() == "ann: nothing (no rule). No rule holds."
        assert repr(one) == "<Assignment of 'ann': no rule>"

    def test_two_rules_for_one_strategy_are_one_line(self):
        rules = [rule("a", "onboarding", 5, spend=(0, 25)), rule("b", "onboarding", 9, spend=(26, None))]
        assert assign(shop_of(), rules=rules).by_strategy["onboarding"]["assigned"] == 5


def test_the_shops_own_answers_are_no_contacts_of_its_own():
    """What came in is no message of the shop's, so that it starts no quiet days."""
    shop = shop_of(
        responses=[make_response(customer_id="ann", kind="nps", score=9, responded_at=ago(1))],
        interactions=[
            make_interaction(id=1, kind="review", direction="inbound", customer_id="ann", occurred_at=ago(1)),
            written("ben", 90),
        ],
    )
    assert under(shop, quiet_for=30 * DAY).counts["assigned"] == 5
