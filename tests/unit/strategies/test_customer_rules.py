"""Rules for one customer: what they hold, what is refused, and how a host changes a set of them."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from attrs import evolve
from attrs.exceptions import FrozenInstanceError

from retention import Shop
from retention.errors import InvalidTypeError, InvalidValueError
from retention.strategies import (
    CUSTOMER_RULES,
    STRATEGIES,
    CustomerRule,
    CustomerRules,
    CustomerVerdict,
    Step,
    Strategy,
    customer_situations,
    judge_customer_rule,
)
from retention.strategies._customer_columns import (
    Amounts,
    Days,
    Instants,
    Numbers,
    Some,
    Times,
    WordCodes,
    mask,
)
from retention.strategies._customer_fields import FIELDS
from retention.strategies._customer_rules import question_of
from retention.testing import make_checkout, make_orders, make_response

AT = datetime(2026, 7, 1, tzinfo=UTC)


def rule(when=None, **more):
    given = {
        "id": "mine",
        "strategy": "onboarding",
        "when": {"orders": 1} if when is None else when,
        "because": "They are new.",
    }
    return CustomerRule(**{**given, **more})


def own_strategy(name="call-them"):
    return Strategy(
        id=name,
        title="Call",
        what="Call them.",
        steps=[Step("Call.")],
        audiences=["all"],
        effort="low",
        moves={"repeat_purchase_rate": "up"},
    )


class TestWhen:
    @pytest.mark.parametrize(
        "given, kept",
        [
            ({"state": "at_risk"}, ("at_risk",)),
            ({"state": ["at_risk", "lapsed"]}, ("at_risk", "lapsed")),
            ({"state": {"lapsed", "at_risk"}}, ("at_risk", "lapsed")),
            ({"feeling": frozenset({None, "happy"})}, ("happy", None)),
            ({"feeling": None}, (None,)),
            ({"member": False}, (False,)),
            ({"member": {True, None}}, (True, None)),
            ({"orders": 1}, (1, 1)),
            ({"orders": [2, None]}, (2, None)),
            ({"cart_days": (None, 3)}, (None, 3)),
            ({"cart_days": None}, None),
            ({"contacted_days": [14, None, "or none"]}, (14, None, "or none")),
            ({"spend": (Decimal("9.50"), Fraction(100, 3))}, (Decimal("9.50"), Fraction(100, 3))),
        ],
    )
    def test_one_form(self, given, kept):
        ((_, found),) = rule(given).when.items()
        assert found == kept

    @pytest.mark.parametrize(
        "when, error, message",
        [
            ({}, InvalidValueError, "must ask at least one thing"),
            ([("state", "new")], InvalidTypeError, "must map what is known of a customer to what is wanted"),
            (
                {"stat": "new"},
                InvalidValueError,
                r"asks for 'stat', which is not known .*did you mean 'state'",
            ),
            ({3: "new"}, InvalidValueError, "asks for 3"),
            (
                {"state": "atrisk"},
                InvalidValueError,
                r"when\['state'\] must be .*got 'atrisk'.*did you mean 'at_risk'\?",
            ),
            ({"state": 3}, InvalidTypeError, r"got 3"),
            ({"state": []}, InvalidValueError, r"must be one or more of 'new', 'active'"),
            ({"state": set()}, InvalidValueError, r"must be one or more of"),
            ({"state": {"gone", "new"}}, InvalidValueError, r"got 'gone'"),
            ({"state": True}, InvalidValueError, "got True"),
            ({"member": 1}, InvalidTypeError, "must be one or more of True, False"),
            ({"member": "yes"}, InvalidValueError, "got 'yes'"),
            ({"orders": None}, InvalidValueError, "is known of everybody, and can't be None"),
            ({"orders": (1, 2, 3)}, InvalidValueError, "a pair such as"),
            ({"orders": (1, 2, None)}, InvalidValueError, "a pair such as"),
            ({"cart_days": (1, 2, "or none", 3)}, InvalidValueError, "a pair with 'or none' after it"),
            (
                {"orders": (1, 2, "or none")},
                InvalidValueError,
                "known of everybody, so that 'or none' says nothing .* leave it out",
            ),
            ({"cart_days": (3, 2, "or none")}, InvalidValueError, "must begin with the lower limit"),
            ({"cart_days": (None, None, "or none")}, InvalidValueError, "must have a limit"),
            ({"spend": (None, 10**400)}, InvalidValueError, "must hold finite numbers"),
            ({"spend": (Fraction(10**400), None)}, InvalidValueError, "must hold finite numbers"),
            ({"spend": (Decimal("sNaN"), None)}, InvalidValueError, "must hold finite numbers"),
            ({"orders": "many"}, InvalidTypeError, "must hold numbers, not str"),
            ({"orders": True}, InvalidTypeError, "must hold numbers, not bool"),
            ({"orders": (1, float("nan"))}, InvalidValueError, "must hold finite numbers"),
            ({"spend": (Decimal("Infinity"), None)}, InvalidValueError, "must hold finite numbers"),
            ({"orders": (None, None)}, InvalidValueError, r"must have a limit .*give \(0, None\)"),
            ({"orders": (3, 2)}, InvalidValueError, "must begin with the lower limit"),
            (
                {"cart_days": (None, -1)},
                InvalidValueError,
                "can never hold, since no time since a cart was left lies below 0",
            ),
            (
                {"sentiment": (2, None)},
                InvalidValueError,
                "can never hold, since no sentiment lies outside -1 to 1",
            ),
            ({"sentiment": (None, -2)}, InvalidValueError, "outside -1 to 1"),
        ],
    )
    def test_bad_ones_are_refused_by_name(self, when, error, message):
        with pytest.raises(error, match=message) as refused:
            rule(when)
        assert "'mine'" in str(refused.value)


class TestRule:
    @pytest.mark.parametrize(
        "given, error",
        [
            ({"id": ""}, InvalidValueError),
            ({"id": 3}, InvalidTypeError),
            ({"strategy": 3}, InvalidTypeError),
            ({"because": ""}, InvalidValueError),
            ({"do": ""}, InvalidValueError),
            ({"weight": 0}, InvalidValueError),
            ({"weight": float("inf")}, InvalidValueError),
            ({"weight": 10**400}, InvalidValueError),
            ({"weight": float("nan")}, InvalidValueError),
            ({"weight": "9"}, InvalidTypeError),
            ({"weight": True}, InvalidTypeError),
        ],
    )
    def test_bad_fields_are_refused(self, given, error):
        (name,) = given
        with pytest.raises(error, match=f"CustomerRule.{name}"):
            rule(**given)

    def test_it_is_a_value(self):
        one = rule({"orders": (1, 2), "state": ["new"]})
        assert one == rule({"state": ["new"], "orders": (1, 2)})
        assert hash(one) == hash(rule({"orders": (1, 2), "state": ["new"]}))
        assert pickle.loads(pickle.dumps(one)) == one
        assert evolve(one, weight=3).when == one.when
        with pytest.raises(FrozenInstanceError):
            one.weight = 3

    def test_text(self):
        one = rule(
            {
                "orders": (2, None),
                "cart_days": (None, 3),
                "waiting_days": None,
                "feeling": ["happy", None],
                "member": [True, False],
                "state": "at_risk",
                "times_usual": (1, 3),
                "referrals": 2,
                "contacted_days": (14, None, "or none"),
            },
            strategy=None,
        )
        assert str(one) == (
            "mine: leave alone when orders 2 or more and cart_days up to 3 and waiting_days none and feeling happy or none "
            "or not known and member yes or no and state at risk and times_usual 1 to 3 and referrals 2 and "
            "contacted_days 14 or more, or none"
        )
        assert repr(rule()) == "<CustomerRule 'mine': onboarding when orders 1>"


class TestSet:
    def test_it_is_an_ordered_mapping(self):
        one, other = rule(), rule(id="other")
        found = CustomerRules([one, other])
        assert list(found) == ["mine", "other"]
        assert found["other"] is other
        assert found == CustomerRules(each for each in (one, other))
        assert repr(found) == "<CustomerRules: 2 rules>"
        assert pickle.loads(pickle.dumps(found)) == found

    def test_rank_is_by_weight_then_id(self):
        rules = [rule(id="c", weight=2), rule(id="b"), rule(id="a"), rule(id="d", weight=2.5)]
        assert [each.id for each in CustomerRules(rules).ranked] == ["d", "c", "a", "b"]

    def test_hosts_add_replace_and_leave_out(self):
        found = (
            CUSTOMER_RULES.with_rules(rule()).replacing(rule(id="left-cart", weight=7)).without("promoter")
        )
        assert found["mine"] == rule()
        assert found["left-cart"].weight == 7
        assert "promoter" not in found
        assert "promoter" in CUSTOMER_RULES

    @pytest.mark.parametrize(
        "change, error, message",
        [
            (
                lambda rules: rules.with_rules(rule(id="promoter")),
                InvalidValueError,
                "there is a rule 'promoter' already",
            ),
            (lambda rules: rules.with_rules("promoter"), InvalidTypeError, "must be a CustomerRule"),
            (
                lambda rules: rules.replacing(rule(id="promotor")),
                InvalidValueError,
                "did you mean 'promoter'",
            ),
            (lambda rules: rules.without("promotor"), InvalidValueError, "did you mean 'promoter'"),
            (lambda rules: rules.adjusted("promotor"), InvalidValueError, "did you mean 'promoter'"),
            (lambda rules: rules.adjusted("promoter", when=3), InvalidTypeError, "when must map"),
            (
                lambda rules: rules.adjusted("promoter", weight=-1),
                InvalidValueError,
                "weight must be above 0",
            ),
            (
                lambda rules: rules.adjusted("promoter", when={"orders": -1}),
                InvalidValueError,
                "can never hold",
            ),
            (lambda rules: rules.with_strategies("call"), InvalidTypeError, "must be a Strategy"),
            (
                lambda rules: rules.with_rules(rule(strategy="onbording")),
                InvalidValueError,
                "did you mean 'onboarding'",
            ),
        ],
    )
    def test_bad_changes_are_refused(self, change, error, message):
        with pytest.raises(error, match=message):
            change(CUSTOMER_RULES)

    @pytest.mark.parametrize(
        "rules, error, message",
        [
            (3, InvalidTypeError, "CustomerRules.rules must be .* of CustomerRules, not int"),
            ([3], InvalidTypeError, "number 0 must be a CustomerRule"),
            ([rule(), rule()], InvalidValueError, "two rules have the id 'mine'"),
            (
                [rule(strategy="nothing")],
                InvalidValueError,
                "names the strategy 'nothing', which there is not",
            ),
        ],
    )
    def test_bad_sets_are_refused(self, rules, error, message):
        with pytest.raises(error, match=message):
            CustomerRules(rules)

    def test_strategies_of_the_host(self):
        found = CUSTOMER_RULES.with_strategies(own_strategy()).with_rules(rule(strategy="call-them"))
        assert found.strategies["call-them"] == own_strategy()
        assert CustomerRules([rule(strategy="call-them")], strategies=[own_strategy()]).strategies.keys() == {
            "call-them"
        }
        with pytest.raises(InvalidTypeError, match=r"CustomerRules\.strategies"):
            CustomerRules([rule()], strategies=3)

    def test_adjusted(self):
        found = CUSTOMER_RULES.adjusted("left-cart", when={"cart_days": (2, 7), "value": "best"}, weight=99)[
            "left-cart"
        ]
        assert dict(found.when) == {"cart_days": (2, 7), "value": ("best",)}
        assert found.weight == 99
        assert CUSTOMER_RULES.adjusted("left-cart") == CUSTOMER_RULES


class TestDefaults:
    def test_each_weight_stands_once_so_that_no_tie_is_broken_by_name(self):
        weights = [each.weight for each in CUSTOMER_RULES.values()]
        assert len(set(weights)) == len(weights)
        assert weights == sorted(weights, reverse=True)

    def test_each_names_a_strategy_and_says_what_to_do(self):
        for each in CUSTOMER_RULES.values():
            assert each.strategy is None or each.strategy in STRATEGIES
            for sentence in (each.because, each.do):
                assert sentence
                assert sentence[0].isupper()
                assert sentence.endswith(".")


def situations(**records):
    shop = {
        "as_of": AT,
        "orders": make_orders({"ann": ["2026-06-01", "2026-06-11", "2026-06-21"], "ben": ["2026-06-21"]}),
    }
    return customer_situations(Shop(**{**shop, **records}))


class TestVerdict:
    def test_all_holds(self):
        found = judge_customer_rule(rule({"orders": (2, 4), "state": "active"}), situations()["ann"])
        assert found == CustomerVerdict(
            rule=rule({"orders": (2, 4), "state": "active"}),
            outcome="recommended",
            reasons=("3 purchases so far", "the customer is active"),
            why="3 purchases so far; the customer is active.",
        )
        assert pickle.loads(pickle.dumps(found)) == found
        assert hash(found)

    def test_the_first_that_fails_is_told(self):
        found = judge_customer_rule(
            rule({"orders": (2, 4), "state": ["new", "lapsed"], "cart_days": 1}), situations()["ann"]
        )
        assert (found.outcome, found.reasons) == ("rejected", ("3 purchases so far",))
        assert found.why == "The customer is active, and the rule asks for new or lapsed."
        assert str(found) == "mine (rejected): The customer is active, and the rule asks for new or lapsed."

    def test_days_are_told_as_days(self):
        found = judge_customer_rule(rule({"silence_days": (20, None)}), situations()["ann"])
        assert found.why == "The latest purchase was 10 days ago, and the rule asks for 20 or more days."

    def test_what_is_not_there_fails_where_it_is_on_record(self):
        carts = [make_checkout(customer_id="ben", begun_at="2026-06-25")]
        found = judge_customer_rule(rule({"cart_days": (1, 9)}), situations(checkouts=carts)["ann"])
        assert (found.outcome, found.why) == ("rejected", "No cart is left open.")

    def test_what_nobody_knows_is_skipped(self):
        found = judge_customer_rule(rule({"cart_days": (1, 9), "orders": 3}), situations()["ann"])
        assert (found.outcome, found.reasons) == ("skipped", ("3 purchases so far",))
        assert found.why == "The shop has no checkouts on record, so that nobody knows."

    def test_what_fails_outweighs_what_nobody_knows(self):
        found = judge_customer_rule(rule({"cart_days": (1, 9), "orders": 4}), situations()["ann"])
        assert found.outcome == "rejected"

    def test_none_is_wanted(self):
        responses = [make_response(kind="nps", score=9, customer_id="ben", responded_at="2026-06-25")]
        found = judge_customer_rule(rule({"feeling": None}), situations(responses=responses)["ann"])
        assert (found.outcome, found.why) == ("recommended", "The customer has answered no such survey.")
        ben = situations(responses=responses)["ben"]
        assert judge_customer_rule(rule({"feeling": None}), ben).why == (
            "The latest answer sounds happy, and the rule asks for none or not known."
        )
        assert judge_customer_rule(rule({"answer_days": None}), ben).outcome == "rejected"

    def test_none_is_wanted_and_nobody_knows(self):
        found = judge_customer_rule(rule({"feeling": None, "orders": 3}), situations()["ann"])
        assert (found.outcome, found.reasons) == ("recommended", ("3 purchases so far",))
        found = judge_customer_rule(rule({"feeling": None}), situations()["ann"])
        assert (found.outcome, found.reasons) == ("recommended", ())
        assert found.why.startswith("The shop has no answers to surveys")

    def test_none_will_do_as_well(self):
        wanted = rule({"cart_days": (3, None, "or none"), "orders": (1, None)})
        carts = [make_checkout(customer_id="ben", begun_at="2026-06-29 12:00")]
        unknown = judge_customer_rule(wanted, situations()["ann"])
        assert (unknown.outcome, unknown.reasons) == ("recommended", ("3 purchases so far",))
        none = judge_customer_rule(wanted, situations(checkouts=carts)["ann"])
        assert (none.outcome, none.reasons[0]) == ("recommended", "no cart is left open")
        fresh = judge_customer_rule(wanted, situations(checkouts=carts)["ben"])
        assert (fresh.outcome, fresh.why) == (
            "rejected",
            "A cart was left 2 days ago, and nothing was bought since, and the rule asks for 3 or more days, or none.",
        )

    def test_a_fact_is_told_once(self):
        found = judge_customer_rule(rule({"feeling": "happy", "answer_days": (0, 9)}), situations()["ann"])
        assert (
            found.why == "The shop has no answers to surveys with a good and a bad end, so that nobody knows."
        )

    def test_dictionary(self):
        found = judge_customer_rule(rule(), situations()["ben"])
        assert found.to_dict() == {
            "rule": "mine",
            "strategy": "onboarding",
            "weight": 1.0,
            "outcome": "recommended",
            "why": "1 purchase so far.",
        }

    def test_other_things_are_refused(self):
        with pytest.raises(InvalidTypeError, match="rule must be a CustomerRule"):
            judge_customer_rule("mine", situations()["ann"])
        with pytest.raises(InvalidTypeError, match="situation must be a CustomerSituation"):
            judge_customer_rule(rule(), "ann")


class TestFields:
    @pytest.mark.parametrize(
        "name, value, told",
        [
            ("silence_days", 0.4, "less than a day"),
            ("silence_days", 1.4, "1 day"),
            ("silence_days", 1234.4, "1,234 days"),
            ("orders", 1, "1 purchase"),
            ("orders", 1200, "1,200 purchases"),
            ("times_usual", 2.345, "2.3"),
            ("gap_spread", 0.3456, "0.35"),
            ("sentiment", Decimal("-0.5"), "−0.50"),
            ("state", "won_back", "won back"),
            ("probability_alive", 0.314, "31%"),
            ("probability_alive", 1.0, "100%"),
            ("probability_alive", 0.0004, "less than 1%"),
            ("prospect", "best", "best"),
            ("expected_value", 1234.567, "1234.57"),
        ],
    )
    def test_values_in_words(self, name, value, told):
        assert FIELDS[name].told(value) == told

    def test_money_in_words(self):
        assert FIELDS["spend"].told(Decimal("12.50"), "EUR") == "12.50 EUR"
        assert FIELDS["expected_value"].told(12.5, "EUR") == "12.50 EUR"
        assert FIELDS["spend"].told(Decimal("12.50")) == "12.50"


class TestColumns:
    """Each kind of column says of one customer what it says of all, and masks agree with both."""

    @pytest.mark.parametrize(
        "facts, values",
        [
            (Some({1: "a", 3: "b"}), [None, "a", None, "b", None]),
            (Some({}), [None] * 5),
            (WordCodes(bytes([0, 255, 1, 255]), ["a", "b"]), ["a", None, "b", None, None]),
            (Numbers([3, 4], 5, 0), [3, 4, 0, 0, 0]),
            (Numbers([3, 4], 2), [3, 4, None, None, None]),
            (Instants([0, 86_400_000_000], 2 * 86_400_000_000), [2.0, 1.0, None, None, None]),
            (Days([-1, 2 * 86_400_000_000], 86_400_000_000), [1.0, 2.0, None, None, None]),
            (Days([-1, 2 * 86_400_000_000], None), [None, 2.0, None, None, None]),
            (Times([0, 10], [-1, 5], 10, 20), [2.0, 2.0, None, None, None]),
        ],
    )
    def test_columns(self, facts, values):
        assert [facts.of(who) for who in range(5)] == values
        told = list(facts.all())
        assert told == values[: len(told)]
        for wanted in (None, *values):

            def is_it(value, wanted=wanted):
                return value == wanted

            found = mask(facts, is_it, 5).to_bytes(5, "little")
            assert found == bytes(value == wanted for value in values)

    def test_money(self):
        money = situations()._facts["spend"]
        assert isinstance(money, Amounts)
        assert list(money.all()) == [money.of(0), money.of(1)] == [Decimal("30.00"), Decimal("10.00")]

    @pytest.mark.parametrize(
        "name, wanted, those",
        [
            ("orders", (2, None), [2, 3, 4]),
            ("orders", (None, 2), [1, 2]),
            ("orders", (2, 3), [2, 3]),
            ("cart_days", None, [None]),
            ("cart_days", (3, None, "or none"), [None, 3, 4]),
            ("cart_days", (None, 2, "or none"), [None, 1, 2]),
            ("cart_days", (2, 3, "or none"), [None, 2, 3]),
            ("state", ("new", None), [None, "new"]),
        ],
    )
    def test_questions(self, name, wanted, those):
        asked = [None, 1, 2, 3, 4] if FIELDS[name].kind == "number" else [None, "new", "active"]
        assert [each for each in asked if question_of(name, wanted)(each)] == those


def test_rules_are_judged_as_of_a_day_that_was():
    shop = Shop(as_of=AT, orders=make_orders({"ann": ["2026-06-01", "2026-06-11"]}))
    then = customer_situations(shop, at=AT - timedelta(days=25))["ann"]
    assert judge_customer_rule(rule(), then).outcome == "recommended"
