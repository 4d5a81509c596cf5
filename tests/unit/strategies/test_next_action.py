"""One customer's next best action: each default rule on a customer who calls for it, and on one who does not."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from retention import History, Shop
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
)
from retention.segments import FixedThresholds
from retention.strategies import (
    CUSTOMER_RULES,
    STRATEGIES,
    CustomerRule,
    CustomerRules,
    NextAction,
    customer_situations,
    recommend_for,
)
from retention.strategies._next_action import matching
from retention.testing import (
    make_checkout,
    make_customer,
    make_interaction,
    make_order,
    make_orders,
    make_response,
    make_subscription,
    sample_shop,
)
from tests.outlooks import outlook_of

AT = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def ago(days):
    return AT - days * DAY


def bought(*days, customer_id="ann", amount="10.00"):
    return [
        make_order(id=(customer_id, day), customer_id=customer_id, placed_at=ago(day), amount=amount)
        for day in days
    ]


OTHERS = [
    order
    for who in range(10)
    for order in bought(*range(5, 300, 20), customer_id=("other", who), amount=10 + who)
]
"""They come every 20 days, so that 40 days of silence are long, by the shop's rhythm."""
ACTIVE = bought(5, 25, 45)


def shop_of(*orders, **records):
    return Shop(as_of=AT, orders=[*OTHERS, *(each for some in orders for each in some)], **records)


def answer(score, days, kind="nps", **more):
    return make_response(kind=kind, score=score, customer_id="ann", responded_at=ago(days), **more)


def inbound(kind, days, **more):
    return make_interaction(kind=kind, direction="inbound", customer_id="ann", occurred_at=ago(days), **more)


def written(days):
    return make_interaction(kind="message", direction="outbound", customer_id="ann", occurred_at=ago(days))


def cancelled(reason, days=4):
    """An order after all others, so that nothing has been bought since."""
    return [make_order(id="c", placed_at=ago(4.5), cancelled_at=ago(days), cancel_reason=reason)]


def refunded(days, back="10.00"):
    return [make_order(id="r", placed_at=ago(4.5), amount="10.00", refunds=[(ago(days), back)])]


SILENT = bought(430, 370, 310, 250, amount="1.00")
"""At risk by a rhythm of their own."""
ANSWERED = inbound("case", 50, answered_at=ago(49), solved_at=ago(49))
MEMBERS = [make_customer(id=("other", 1), loyalty_joined_at=ago(99))]

CALLS = {
    "payment-failed": shop_of([make_order(id="f", placed_at=ago(5), payment_state="failed")]),
    "unhappy-answer": shop_of(ACTIVE, responses=[answer(3, 5)]),
    "unhappy-voice": shop_of(ACTIVE, interactions=[inbound("review", 5, sentiment="-0.8")]),
    "waiting-too-long": shop_of(ACTIVE, interactions=[ANSWERED, inbound("question", 2)]),
    "case-too-old": shop_of(ACTIVE, interactions=[ANSWERED, inbound("case", 9, answered_at=ago(8))]),
    "open-question": shop_of(ACTIVE, interactions=[ANSWERED, inbound("question", 0.4)]),
    "sold-out-order": shop_of(ACTIVE, cancelled("stock")),
    "order-lost-to-a-fault": shop_of(ACTIVE, cancelled("technical")),
    "cancelled-subscription": shop_of(
        ACTIVE, subscriptions=[make_subscription(started_at=ago(90), ended_at=ago(9), end_reason="customer")]
    ),
    "suspected-fraud": shop_of(ACTIVE, cancelled("fraud")),
    "cancelled-order": shop_of(cancelled("customer")),
    "money-back": shop_of(ACTIVE, refunded(3)),
    "cancelled-for-no-known-reason": shop_of(ACTIVE, cancelled(None)),
    "open-case": shop_of(ACTIVE, interactions=[ANSWERED, inbound("case", 3, answered_at=ago(2))]),
    "unhappy-best": shop_of(bought(5, 25, 45, amount="900.00"), responses=[answer(3, 64)]),
    "best-at-risk": shop_of(bought(50, 60, 70, 80, amount="900.00")),
    "best-prospect-leaving": shop_of(bought(140, 120, 100, amount="900.00")),
    "loyal-at-risk": shop_of(bought(*range(700, 200, -50), amount="1.00")),
    "unhappy-before": shop_of(bought(5, 25, 45, amount="1.00"), responses=[answer(3, 64)]),
    "left-cart": shop_of(ACTIVE, checkouts=[make_checkout(begun_at=ago(2))]),
    "second-purchase-due": shop_of(
        bought(30, amount="1.00"),
        bought(1, 40, customer_id="late"),
        bought(1, 60, customer_id="later"),
        bought(1, 60, customer_id="latest"),
    ),
    "on-trial": shop_of(subscriptions=[make_subscription(started_at=ago(5), trial_ends_at=ago(-5))]),
    "just-arrived": shop_of(bought(3)),
    "signed-up": shop_of(customers=[make_customer(id="ann", signed_up_at=ago(3))]),
    "slipping": shop_of(SILENT),
    "regular-lapsed": shop_of(bought(300, 310, 320, 330)),
    "one-time-lapsed": shop_of(bought(300)),
    "promoter": shop_of(ACTIVE, responses=[answer(9, 20)]),
    "regular-outside-the-programme": shop_of(ACTIVE, customers=[*MEMBERS, make_customer(id="ann")]),
    "regular-rhythm": shop_of(
        bought(5, 25, 45, 65), subscriptions=[make_subscription(customer_id=("other", 1), started_at=ago(9))]
    ),
    "leave-alone": shop_of(ACTIVE),
    "just-written-to": shop_of(SILENT, interactions=[written(3)]),
}

BY_A_MODEL = {"best-prospect-leaving"}


def called(name, shop=None):
    """The advice for ann where a rule calls for her, with what a model expects where that is what it asks."""
    shop = CALLS[name] if shop is None else shop
    return recommend_for("ann", shop, outlook=outlook_of(shop) if name in BY_A_MODEL else None)


class TestDefaultRules:
    def test_there_is_a_customer_for_each(self):
        assert list(CALLS) == list(CUSTOMER_RULES)

    @pytest.mark.parametrize("name", CALLS)
    def test_each_wins_where_it_is_called_for(self, name):
        found = called(name)
        assert found.chosen is not None
        assert found.chosen.rule is CUSTOMER_RULES[name]
        assert found.strategy is (
            STRATEGIES[found.chosen.rule.strategy] if found.chosen.rule.strategy else None
        )

    @pytest.mark.parametrize("name", CALLS)
    def test_each_is_quiet_elsewhere(self, name):
        elsewhere = "regular-lapsed" if name in {"leave-alone", "just-arrived"} else "just-arrived"
        found = recommend_for("ann", CALLS[elsewhere])
        assert name not in [each.rule.id for each in (found.chosen, *found.also)]
        assert name in [each.rule.id for each in (*found.rejected, *found.skipped)]

    @pytest.mark.parametrize("name", CALLS)
    def test_every_rule_has_one_outcome(self, name):
        found = called(name)
        told = [each.rule.id for each in (found.chosen, *found.also, *found.rejected, *found.skipped)]
        assert sorted(told) == sorted(CUSTOMER_RULES)

    def test_a_cart_of_an_hour_is_left_alone(self):
        found = recommend_for("ann", shop_of(ACTIVE, checkouts=[make_checkout(begun_at=ago(0.04))]))
        assert found.strategy is None

    def test_the_heavier_rule_wins_and_the_other_is_considered(self):
        found = recommend_for(
            "ann", shop_of(ACTIVE, responses=[answer(3, 5)], checkouts=[make_checkout(begun_at=ago(2))])
        )
        assert found.strategy is STRATEGIES["rescue-unhappy-customers"]
        assert [each.rule.id for each in found.also] == ["left-cart"]


class TestWhatWentWrong:
    """What the shop did to a customer comes before every offer, and before leaving them alone."""

    @pytest.mark.parametrize("reason", ["stock", "technical", None, "other"])
    def test_a_first_order_that_fell_through_is_no_occasion_to_welcome(self, reason):
        found = recommend_for(
            "ann", shop_of(cancelled(reason), customers=[make_customer(id="ann", signed_up_at=ago(10))])
        )
        assert found.chosen.rule.id != "signed-up"
        assert found.situation.cancel_reason == (reason or "unknown")
        assert "signed-up" in [each.rule.id for each in found.also]

    @pytest.mark.parametrize("reason", ["stock", "technical", "fraud", None])
    def test_not_once_something_was_bought_after_it(self, reason):
        found = recommend_for("ann", shop_of(bought(1, 25, 45), cancelled(reason)))
        assert found.chosen.rule.id == "leave-alone"

    @pytest.mark.parametrize("reason", ["stock", "technical", None])
    def test_not_after_a_month(self, reason):
        order = make_order(id="c", placed_at=ago(40), cancelled_at=ago(31), cancel_reason=reason)
        found = recommend_for("ann", shop_of(bought(45, 65, 85), [order]))
        assert found.situation.cancel_recovered is False
        assert not found.chosen.rule.when.keys() & {"cancel_reason"}

    def test_in_words(self):
        assert " ".join(str(recommend_for("ann", CALLS["sold-out-order"])).split()) == (
            "ann: Help before they ask. The latest cancellation of an order was 4 days ago; the reason of that cancellation: "
            "stock; the customer has not bought since the cancellation."
        )

    def test_who_is_suspected_of_fraud_is_sent_nothing_and_gets_answers(self):
        found = recommend_for("ann", CALLS["suspected-fraud"])
        assert (found.strategy, repr(found)) == (None, "<NextAction for 'ann': leave alone>")
        asking = shop_of(ACTIVE, cancelled("fraud"), interactions=[ANSWERED, inbound("question", 2)])
        assert recommend_for("ann", asking).strategy.id == "responsive-support"

    def test_a_part_of_the_money_back_is_no_matter(self):
        found = recommend_for("ann", shop_of(ACTIVE, refunded(3, back="4.00")))
        assert found.chosen.rule.id == "leave-alone"

    @pytest.mark.parametrize(
        "spent, rule", [("900.00", "unhappy-best"), ("1.00", "unhappy-before")], ids=["best", "rest"]
    )
    @pytest.mark.parametrize("days", [31, 64, 364])
    def test_a_bad_answer_is_somebodys_business_for_a_year(self, spent, rule, days):
        found = recommend_for("ann", shop_of(bought(5, 25, 45, amount=spent), responses=[answer(3, days)]))
        assert found.chosen.rule.id == rule

    def test_until_a_better_one_comes(self):
        shop = shop_of(ACTIVE, responses=[answer(3, 64), answer(8, 40)])
        assert recommend_for("ann", shop).chosen.rule.id == "leave-alone"


class TestWhoWasWrittenTo:
    """Nobody gets the same message every week."""

    @pytest.mark.parametrize(
        "name, pause",
        [
            ("best-at-risk", 14),
            ("best-prospect-leaving", 14),
            ("loyal-at-risk", 14),
            ("second-purchase-due", 14),
            ("signed-up", 7),
            ("slipping", 14),
            ("regular-lapsed", 14),
            ("one-time-lapsed", 14),
            ("promoter", 14),
            ("regular-outside-the-programme", 14),
            ("regular-rhythm", 14),
        ],
    )
    def test_it_is_not_said_again_for_a_while(self, name, pause):
        quiet = CALLS[name]

        def held(*messages):
            shop = evolve(quiet, interactions=[*quiet.interactions, *messages])
            found = called(name, shop)
            return [each.rule.id for each in (found.chosen, *found.also) if each is not None]

        assert name not in held(written(pause - 1))
        assert name in held(written(pause))
        assert name in held(), "where the shop keeps no record of what it writes"
        to_another = make_interaction(
            kind="message", direction="outbound", customer_id=("other", 1), occurred_at=ago(1)
        )
        assert name in held(to_another), "who was never written to"

    @pytest.mark.parametrize(
        "name", ["payment-failed", "unhappy-answer", "waiting-too-long", "sold-out-order", "money-back"]
    )
    def test_what_went_wrong_is_put_right_all_the_same(self, name):
        shop = evolve(CALLS[name], interactions=[*CALLS[name].interactions, written(1)])
        assert recommend_for("ann", shop).chosen.rule.id == name

    def test_who_slips_and_was_written_to_is_given_time(self):
        found = recommend_for("ann", CALLS["just-written-to"])
        assert str(found) == "ann: leave alone. The shop last wrote 3 days ago."
        told = {each.rule.id: each.why for each in found.rejected}
        assert (
            told["slipping"]
            == "The shop last wrote 3 days ago, and the rule asks for 14 or more days, or none."
        )


class TestRules:
    def rule(self, name, strategy="onboarding", **more):
        return CustomerRule(
            **{"id": name, "strategy": strategy, "when": {"orders": (1, None)}, "because": "So.", **more}
        )

    def test_equal_weights_are_told_apart_by_id(self):
        found = recommend_for("ann", shop_of(ACTIVE), rules=[self.rule("b"), self.rule("a")])
        assert found.chosen.rule.id == "a"
        assert [each.rule.id for each in found.also] == ["b"]

    def test_a_host_can_outweigh_the_library(self):
        rules = CUSTOMER_RULES.with_rules(self.rule("mine", "personalisation", weight=1000))
        assert recommend_for("ann", shop_of(ACTIVE), rules=rules).strategy.id == "personalisation"

    def test_a_rule_left_out_is_not_judged(self):
        found = recommend_for("ann", CALLS["left-cart"], rules=CUSTOMER_RULES.without("left-cart"))
        assert found.chosen.rule.id == "leave-alone"

    @pytest.mark.parametrize("rules", [3, "onboarding", {"a": 1}, None])
    def test_what_are_no_rules(self, rules):
        with pytest.raises(InvalidTypeError, match="recommend_for: rules must be CustomerRules"):
            recommend_for("ann", shop_of(ACTIVE), rules=rules)

    def test_a_list_with_something_else(self):
        with pytest.raises(InvalidTypeError, match="number 0 must be a CustomerRule"):
            recommend_for("ann", shop_of(ACTIVE), rules=["onboarding"])

    def test_no_rules_at_all(self):
        found = recommend_for("ann", shop_of(ACTIVE), rules=CustomerRules([]))
        assert (found.strategy, found.chosen, found.reasons, found.do, found.first_steps) == (
            None,
            None,
            (),
            None,
            (),
        )
        assert str(found) == found.explain() == "ann: nothing to do. No rule holds."
        assert repr(found) == "<NextAction for 'ann': no rule holds>"


class TestCustomers:
    def test_unknown_ones(self):
        with pytest.raises(
            InvalidValueError, match=r"recommend_for: there is no customer 'an' .*did you mean 'ann'\?"
        ):
            recommend_for("an", shop_of(ACTIVE))
        with pytest.raises(InvalidValueError, match=r"there is no customer 7 .*did you mean '7'\?"):
            recommend_for(7, shop_of(bought(3, customer_id="7")))

    def test_guests(self):
        with pytest.raises(
            InvalidValueError, match="recommend_for: customer_id must not be None, which stands for guests"
        ):
            recommend_for(None, shop_of(ACTIVE))

    @pytest.mark.parametrize("customer_id", [True, 1.0, Decimal(1)])
    def test_what_equals_an_id_and_is_none(self, customer_id):
        shop = shop_of(bought(3, customer_id=1))
        assert recommend_for(1, shop).customer_id == 1
        with pytest.raises(InvalidTypeError, match="recommend_for: customer_id must be an id as it stands"):
            recommend_for(customer_id, shop)

    def test_who_has_records_and_no_purchase(self):
        found = recommend_for("ann", shop_of(interactions=[ANSWERED, inbound("question", 3)]))
        assert (found.strategy.id, found.situation.orders) == ("responsive-support", 0)

    def test_of_whom_nothing_calls_for_anything(self):
        found = recommend_for("ann", shop_of(customers=[make_customer(id="ann")]))
        assert (found.strategy, found.chosen) == (None, None)
        assert str(found).startswith("ann: nothing to do. No rule holds, and ")

    def test_aliases(self):
        shop = shop_of(ACTIVE, aliases={"ann@home": "ann"}, responses=[answer(3, 5)])
        assert recommend_for("ann@home", shop) == recommend_for("ann", shop)
        assert recommend_for("ann@home", shop).customer_id == "ann"


class TestData:
    def test_orders_a_history_a_shop_and_situations(self):
        orders = [*OTHERS, *ACTIVE]
        shop = recommend_for("ann", Shop(orders=orders, as_of=AT))
        assert shop == recommend_for("ann", orders, as_of=AT)
        assert shop == recommend_for("ann", iter(orders), as_of=AT)
        assert shop == recommend_for("ann", History(orders, as_of=AT))
        assert shop == recommend_for("ann", customer_situations(orders, as_of=AT))

    def test_thresholds_can_be_told(self):
        limits = FixedThresholds(new_within=DAY, at_risk_after=2 * DAY, lapsed_after=99 * DAY)
        assert recommend_for("ann", shop_of(ACTIVE), lifecycle=limits).situation.state == "at_risk"

    @pytest.mark.parametrize(
        "keyword, name",
        [
            ({"at": AT}, "at"),
            ({"tz": "UTC"}, "tz"),
            (
                {"lifecycle": FixedThresholds(new_within=DAY, at_risk_after=DAY, lapsed_after=2 * DAY)},
                "lifecycle",
            ),
            ({"as_of": AT}, "as_of"),
        ],
    )
    def test_situations_were_made_with_their_own_keywords(self, keyword, name):
        found = customer_situations(shop_of(ACTIVE))
        with pytest.raises(ConflictingArgumentError, match=f"recommend_for: {name}= comes too late"):
            recommend_for("ann", found, **keyword)

    def test_the_instant_is_needed(self):
        with pytest.raises(AsOfRequiredError, match="recommend_for needs as_of="):
            recommend_for("ann", ACTIVE)

    def test_what_came_later_is_not_seen(self):
        shop = shop_of(ACTIVE, responses=[answer(3, 5)])
        assert recommend_for("ann", shop).strategy.id == "rescue-unhappy-customers"
        earlier = recommend_for("ann", shop, at=ago(6))
        assert earlier.strategy is None
        assert (earlier.at, earlier.situation.orders) == (ago(6), 2)


class TestResult:
    @pytest.fixture
    def found(self):
        return recommend_for(
            "ann", shop_of(ACTIVE, responses=[answer(3, 5)], checkouts=[make_checkout(begun_at=ago(2))])
        )

    def test_it_is_a_value(self, found):
        again = pickle.loads(pickle.dumps(found))
        assert (again, hash(again)) == (found, hash(found))
        assert isinstance(found, NextAction)
        assert repr(found) == "<NextAction for 'ann': rescue-unhappy-customers>"

    def test_facts_and_steps(self, found):
        assert found.reasons == ("the latest answer sounds unhappy", "the latest answer came 5 days ago")
        assert found.first_steps == STRATEGIES["rescue-unhappy-customers"].first_steps
        assert found.do == CUSTOMER_RULES["unhappy-answer"].do

    def test_text(self, found):
        assert str(found) == (
            "ann: Rescue unhappy customers. The latest answer sounds unhappy; the latest answer came 5 days ago."
        )

    def test_the_whole_reasoning(self, found):
        told = " ".join(found.explain().split())
        assert told == (
            "ann: Rescue unhappy customers. The latest answer sounds unhappy; the latest answer came 5 days ago. "
            f"Why: {CUSTOMER_RULES['unhappy-answer'].because} What to do: {CUSTOMER_RULES['unhappy-answer'].do} "
            "Strategy: rescue-unhappy-customers, low effort. "
            f"Mind: {STRATEGIES['rescue-unhappy-customers'].risks[0]} "
            "Holds, too, with less weight: - left-cart (abandoned-cart-recovery): a cart was left 2 days ago, and nothing "
            "was bought since. "
            "Nobody knows of: "
            "- unhappy-voice (rescue-unhappy-customers): the shop keeps no record of how contacts sound. "
            "- waiting-too-long (responsive-support), open-question (responsive-support): the shop keeps no record of when it "
            "answers. "
            "- case-too-old (responsive-support), open-case (responsive-support): the shop keeps no record of when cases are "
            "solved. "
            "- cancelled-subscription (win-back-cancellations), on-trial (onboarding): the shop has no subscriptions on "
            "record. "
            "- best-prospect-leaving (attend-loyal-customers): no model was given, so that nobody knows: outlook= takes what "
            "customer_outlook makes. "
            "- regular-outside-the-programme (loyalty-programme): no membership is on record, so that nobody knows. "
            "- just-written-to (leave alone): the shop keeps no record of what it writes. "
            "Would have come before, and does not hold: "
            "- payment-failed (recover-failed-payments): no payment is open that failed."
        )
        assert max(map(len, found.explain().splitlines())) <= 110

    def test_rules_that_fail_for_one_reason_stand_in_one_line(self):
        told = " ".join(recommend_for("ann", CALLS["slipping"]).explain().split())
        assert (
            "- sold-out-order (proactive-service), order-lost-to-a-fault (proactive-service), suspected-fraud (leave alone), "
            "cancelled-order (win-back-cancellations), cancelled-for-no-known-reason (win-back-cancellations): no order was "
            "cancelled." in told
        )

    def test_what_cannot_be_seen_is_told_as_its_code(self):
        odd = CustomerRule(
            id="r\u202e", strategy="onboarding", when={"orders": 3}, because="So\u202e.", do="Do\u2028."
        )
        found = recommend_for("ann", shop_of(ACTIVE), rules=[odd])
        for told in (str(found), found.explain(), str(found.chosen)):
            assert all(each.isprintable() for each in told.splitlines())
        assert "So\\u202e." in found.explain()

    def test_leave_alone_in_words(self):
        found = recommend_for("ann", shop_of(ACTIVE))
        assert str(found) == "ann: leave alone. The customer is active."
        assert repr(found) == "<NextAction for 'ann': leave alone>"
        assert "What to do: Do nothing" in found.explain()
        assert "Strategy:" not in found.explain()

    def test_a_rule_that_says_no_more_than_it_must(self):
        rule = CustomerRule(id="r", strategy="quiet", when={"orders": 3}, because="So it is.")
        quiet = STRATEGIES["onboarding"].__class__(
            id="quiet",
            title="Quiet",
            what="Be quiet.",
            steps=STRATEGIES["onboarding"].steps,
            audiences=("all",),
            effort="low",
            moves={"repeat_purchase_rate": "up"},
        )
        found = recommend_for("ann", shop_of(ACTIVE), rules=CustomerRules([rule], strategies=[quiet]))
        assert found.explain().splitlines() == [
            "ann: Quiet. 3 purchases so far.",
            "Why: So it is.",
            "Strategy: quiet, low effort.",
        ]

    def test_dictionaries(self, found):
        assert found.to_dict() == {
            "customer_id": "ann",
            "at": "2026-07-01T00:00:00+00:00",
            "strategy": "rescue-unhappy-customers",
            "rule": "unhappy-answer",
            "weight": 95,
            "why": "The latest answer sounds unhappy; the latest answer came 5 days ago.",
            "do": CUSTOMER_RULES["unhappy-answer"].do,
            "also": "left-cart",
        }
        empty = recommend_for("ann", shop_of(ACTIVE), rules=[]).to_dict()
        assert (empty["strategy"], empty["rule"], empty["weight"], empty["why"], empty["also"]) == (
            None,
            None,
            None,
            None,
            "",
        )


class TestMatching:
    def test_all_customers_at_once_as_one_by_one(self):
        situations = customer_situations(sample_shop(customers=150, seed=3))
        found = matching(CUSTOMER_RULES, situations)
        assert list(found) == [rule.id for rule in CUSTOMER_RULES.ranked]
        for who in range(len(situations)):
            customer_id = situations.id_of(who)
            action = recommend_for(customer_id, situations)
            held = [each.rule.id for each in (action.chosen, *action.also) if each is not None]
            assert held == [name for name, flags in found.items() if flags[who]]

    def test_nobody(self):
        assert matching(CustomerRules([]), customer_situations([], as_of=AT)) == {}
        assert set(matching(CUSTOMER_RULES, customer_situations([], as_of=AT)).values()) == {b""}

    def test_names_of_customers_do_not_matter(self):
        orders = make_orders({"ann": ["2026-06-01", "2026-06-11"], "ben": ["2026-06-02"]})
        renamed = make_orders({"zoe": ["2026-06-01", "2026-06-11"], "amy": ["2026-06-02"]})
        for one, other in (("ann", "zoe"), ("ben", "amy")):
            assert (
                recommend_for(one, orders, as_of=AT).strategy
                is recommend_for(other, renamed, as_of=AT).strategy
            )
