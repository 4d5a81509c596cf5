"""Models in rules: what is expected of customers as facts, as a figure and as an audience, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve

import retention as rt
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
)
from retention.strategies import (
    CUSTOMER_RULES,
    DEFAULT_RULES,
    assign,
    customer_situations,
    judge_rule,
    recommend_for,
)
from retention.testing import make_checkout, make_order, sample_shop
from tests.outlooks import MODEL, SPEND, outlook_of

AT = datetime(2026, 7, 1, tzinfo=UTC)
JUNE = rt.Period.month(2026, 6, tz="UTC")
NAMES = ("probability_alive", "prospect", "expected_value")
RULE = "best-customers-are-leaving"

LIVES = {
    "regular": (range(1, 300, 20), 40),
    "leaving": ((140, 120, 100), 90),
    "gone": ((900, 890, 880, 870), 90),
    "once": ((200,), 20),
    "small": ((100, 50), 5),
}
ORDERS = [
    make_order(id=(who, day), customer_id=who, placed_at=AT - timedelta(days=day), amount=amount)
    for who, (days, amount) in LIVES.items()
    for day in days
]
SHOP = rt.Shop(
    orders=ORDERS, as_of=AT, checkouts=[make_checkout(customer_id="visitor", begun_at="2026-06-20")]
)


@pytest.fixture(scope="module")
def outlook():
    return outlook_of(SHOP, top=0.3)


def advise(outlook, shop=SHOP, **more):
    return rt.recommend(shop, period=JUNE, outlook=outlook, **more)


class TestFacts:
    def test_they_are_those_of_the_outlook(self, outlook):
        found = customer_situations(SHOP, outlook=outlook)
        for who, prospect in outlook.items():
            assert found[who].probability_alive == prospect.probability_alive
            assert found[who].expected_value == prospect.value
        assert found.known >= set(NAMES)

    def test_the_best_are_worth_keeping_the_middle_come_next_and_who_is_gone_is_none(self, outlook):
        found = customer_situations(SHOP, outlook=outlook)
        assert outlook.worth_keeping == ("regular", "leaving")
        told = {who: each.prospect for who, each in found.items()}
        assert told == {
            "regular": "best",
            "leaving": "best",
            "once": "middle",
            "small": "middle",
            "gone": None,
            "visitor": None,
        }
        assert (
            found["gone"].clause("prospect")
            == "the model takes the customer for gone, or says nothing of them"
        )

    def test_the_rest_come_last(self):
        found = customer_situations(SHOP, outlook=outlook_of(SHOP, top=0.2))
        assert sorted(each.prospect for each in found.values() if each.prospect) == [
            "best",
            "middle",
            "middle",
            "rest",
        ]

    def test_in_words(self, outlook):
        leaving = customer_situations(SHOP, outlook=outlook)["leaving"]
        assert (
            leaving.clause("prospect")
            == "by what the customer would bring if still there the prospect is best"
        )
        assert (
            leaving.clause("probability_alive") == "the probability that the customer is still there is 36%"
        )
        assert leaving.clause("expected_value") == (
            f"{leaving.expected_value:.2f} EUR to be expected of the customer"
        )

    def test_of_whom_the_model_says_nothing_nothing_is_known(self, outlook):
        visitor = customer_situations(SHOP, outlook=outlook)["visitor"]
        assert [getattr(visitor, name) for name in NAMES] == [None] * 3
        assert visitor.clause("probability_alive") == "the model says nothing of the customer"

    def test_without_a_model_nobody_knows(self):
        found = customer_situations(SHOP)
        assert not found.known & set(NAMES)
        for name in NAMES:
            assert getattr(found["leaving"], name) is None
            assert found["leaving"].clause(name).startswith("no model was given, so that nobody knows")

    def test_a_person_with_two_ids_is_found_by_the_one_of_the_outlook(self):
        shop = rt.Shop(
            orders=[
                evolve(each, customer_id="l2") if each.customer_id == "leaving" else each for each in ORDERS
            ],
            aliases={"l2": "leaving"},
            as_of=AT,
        )
        assert customer_situations(shop, outlook=outlook_of(shop))["l2"].probability_alive is not None


class TestOneCustomer:
    def test_who_is_worth_keeping_and_leaving_is_attended_to(self, outlook):
        found = recommend_for("leaving", SHOP, outlook=outlook)
        assert found.chosen.rule.id == "best-prospect-leaving"
        assert found.strategy.id == "attend-loyal-customers"

    @pytest.mark.parametrize("who", ["regular", "gone", "once", "small"])
    def test_the_others_are_not(self, outlook, who):
        found = recommend_for(who, SHOP, outlook=outlook)
        told = {each.rule.id: each.outcome for each in (*found.rejected, *found.skipped)}
        assert told["best-prospect-leaving"] == "rejected"

    def test_without_a_model_the_rule_is_skipped_with_its_reason(self):
        found = recommend_for("leaving", SHOP)
        (rule,) = [each for each in found.skipped if each.rule.id == "best-prospect-leaving"]
        assert rule.why.startswith("No model was given")

    def test_many_at_once_get_the_same(self, outlook):
        found = assign(SHOP, outlook=outlook)
        assert found.of("leaving").chosen.rule.id == "best-prospect-leaving"
        situations = customer_situations(SHOP, outlook=outlook)
        assert list(assign(situations)) == list(found)

    def test_places_may_go_to_whom_the_model_takes_to_be_worth_most(self, outlook):
        kept = {who: each.value_if_kept for who, each in outlook.items()}
        found = assign(SHOP, outlook=outlook, worth=kept)
        assert found.of("leaving").chosen.rule.id == "best-prospect-leaving"

    def test_it_stands_beside_the_rules_about_those_who_slip_away(self):
        weights = {name: CUSTOMER_RULES[name].weight for name in CUSTOMER_RULES}
        assert weights["best-at-risk"] > weights["best-prospect-leaving"] > weights["loyal-at-risk"]


@pytest.fixture(scope="module")
def falling_silent():
    """Forty of the best went silent a quarter of a year ago, and sixty buy on."""
    orders = [
        make_order(
            id=(number, day),
            customer_id=number,
            placed_at=AT - timedelta(days=day),
            amount=50 + number,
        )
        for number in range(300)
        for day in ((400,) if number >= 100 else (140, 120, 100) if number < 40 else (80, 50, 20, 1))
    ]
    return rt.Shop(orders=orders, as_of=AT)


class TestShop:
    def test_the_rule_follows_with_its_audience_those_with_whom_most_is_at_stake_first(self, falling_silent):
        outlook = outlook_of(falling_silent, top=0.4)
        verdict = judge_rule(DEFAULT_RULES[RULE], falling_silent, period=JUNE, outlook=outlook)
        assert verdict.outcome == "recommended", verdict.why
        found = advise(outlook, falling_silent, rules=[DEFAULT_RULES[RULE]])
        (one,) = found
        assert one.strategy.id == "attend-loyal-customers"
        assert one.audience.customers == outlook.likely_leaving
        assert one.audience.of_all == len(outlook.worth_keeping)
        assert "The audience lists them, with whom most is at stake first." in one.explain()

    def test_what_it_may_bring_is_what_the_outlook_expects_of_them(self, falling_silent):
        outlook = outlook_of(falling_silent, top=0.4)
        (one,) = advise(outlook, falling_silent, rules=[DEFAULT_RULES[RULE]])
        stakes = [outlook[who] for who in outlook.likely_leaving]
        each = sum(who.value_if_kept * (1 - who.probability_alive) for who in stakes) / len(stakes)
        rate = outlook.best_customers_leaving_rate
        expected = (float(rate) - 0.3) * rate.denominator * each
        assert float(one.value_at_stake.value) == pytest.approx(expected, rel=1e-3)
        assert one.value_at_stake.is_profit
        assert (
            f"× (1 − P(alive)) of those who are likely leaving, {outlook.terms}"
            in one.value_at_stake.arithmetic
        )
        assert "as far ahead as the outlook looks, in today's money." in str(
            advise(outlook, falling_silent, rules=[DEFAULT_RULES[RULE]])
        )

    def test_the_figure_is_that_of_the_outlook(self, falling_silent):
        outlook = outlook_of(falling_silent, top=0.4)
        (one,) = advise(outlook, falling_silent, rules=[DEFAULT_RULES[RULE]])
        rate = outlook.best_customers_leaving_rate
        (found,) = one.reasons[0].findings
        assert (found.result.numerator, found.result.denominator) == (
            rate.numerator,
            rate.denominator,
        )

    def test_without_a_model_the_rule_is_skipped_and_says_what_to_give(self):
        (skipped,) = [each for each in advise(None).skipped if each.rule.id == RULE]
        assert skipped.skipped_because == "no data"
        assert "it needs outlook=customer_outlook(...)" in skipped.why

    def test_with_one_a_few_are_too_few(self, outlook):
        (skipped,) = [each for each in advise(outlook).skipped if each.rule.id == RULE]
        assert skipped.skipped_because == "too few"

    def test_where_nobody_is_there_any_more_there_is_no_figure(self):
        gone = rt.Shop(orders=[each for each in ORDERS if each.customer_id == "gone"], as_of=AT)
        (skipped,) = [each for each in advise(outlook_of(gone), gone).skipped if each.rule.id == RULE]
        assert "nobody to be still there" in skipped.why

    def test_a_snapshot_has_no_customers_to_hold_it_against(self, outlook):
        snap = rt.snapshot(SHOP, period=JUNE, metrics=["order_count"])
        with pytest.raises(ConflictingArgumentError, match="outlook= can't be given with a Snapshot"):
            rt.recommend(snap, outlook=outlook)

    def test_a_host_asks_for_it_in_rules_of_its_own(self, outlook):
        own = DEFAULT_RULES.adjusted(RULE, at_least=0)
        assert "outlook" not in (each.skipped_because for each in advise(outlook, rules=own).skipped)

    @pytest.mark.parametrize("rules", [DEFAULT_RULES, [DEFAULT_RULES[RULE]]])
    def test_whoever_gives_it_by_name_learns_of_the_one_way(self, outlook, rules):
        with pytest.raises(
            InvalidValueError, match=r"a signal .*; give outlook=, of which it is made, or give a"
        ) as told:
            advise(
                None,
                rules=rules,
                figures={"best_customers_leaving_rate": outlook.best_customers_leaving_rate},
            )
        assert "best_customers_leaving_rate" in str(told.value)
        assert "no rule is about it" not in str(told.value)

    def test_other_names_of_the_library_are_counted_here(self):
        with pytest.raises(
            InvalidValueError, match="which is a metric of this library's; leave it out, since it is counted"
        ):
            advise(None, figures={"refund_rate": rt.Ratio(1, 2)})
        with pytest.raises(
            InvalidValueError, match=r"which the rules have not been told of; .* or with_figures"
        ):
            advise(None, figures={7: rt.Ratio(1, 2)})


ASKED = {
    "customer_situations": lambda outlook, shop=SHOP, **more: customer_situations(
        shop, outlook=outlook, **more
    ),
    "recommend_for": lambda outlook, shop=SHOP, **more: recommend_for("once", shop, outlook=outlook, **more),
    "assign": lambda outlook, shop=SHOP, **more: assign(shop, outlook=outlook, **more),
    "recommend": lambda outlook, shop=SHOP, at=None: (
        advise(outlook, shop)
        if at is None
        else rt.recommend(shop, period=rt.Period.month(at.year, at.month - 1, tz="UTC"), outlook=outlook)
    ),
}


@pytest.mark.parametrize("name", ASKED)
class TestRefusals:
    @pytest.mark.parametrize("wrong", [MODEL, {}, "model", 0.5, True])
    def test_what_is_no_outlook(self, name, wrong):
        with pytest.raises(InvalidTypeError, match=f"{name}: outlook must be a CustomerOutlook, not"):
            ASKED[name](wrong)

    def test_of_other_customers(self, name):
        others = rt.Shop(
            orders=[evolve(each, customer_id=f"other {each.customer_id}") for each in ORDERS], as_of=AT
        )
        with pytest.raises(
            InvalidValueError, match=f"{name}: the outlook has 5 of 5 customers who had bought nothing"
        ):
            ASKED[name](outlook_of(others))

    def test_of_somebody_who_has_not_bought_yet(self, name):
        strange = rt.Shop(
            orders=[*ORDERS, make_order(customer_id="visitor", placed_at="2026-05-01")], as_of=AT
        )
        with pytest.raises(
            InvalidValueError, match=f"{name}: the outlook has 1 of 6 customers .* such as 'visitor'"
        ):
            ASKED[name](outlook_of(strange))

    def test_in_another_currency(self, name):
        dollars = rt.Shop(orders=[evolve(each, currency="USD") for each in ORDERS], as_of=AT)
        with pytest.raises(
            MixedCurrencyError, match=f"{name}: the outlook is in USD, and the orders are in EUR"
        ):
            ASKED[name](outlook_of(dollars))

    @pytest.mark.parametrize("until", [date(2026, 6, 28), date(2025, 12, 31)])
    def test_of_an_earlier_day(self, name, until):
        with pytest.raises(
            ConflictingArgumentError, match=f"{name}: the outlook, until {until}, does not know"
        ):
            ASKED[name](outlook_of(SHOP, until=until))

    def test_that_looks_ahead(self, name):
        with pytest.raises(
            ConflictingArgumentError, match=f"{name}: the outlook, until 2026-06-30, knows what came"
        ):
            ASKED[name](outlook_of(SHOP), at=datetime(2026, 6, 1, tzinfo=UTC))

    def test_a_person_twice(self, name):
        base = rt.RepeatPurchases.from_table(
            {"once": (0, 0, 30.0), "once more": (0, 0, 20.0)}, unit="week", currency="EUR"
        )
        outlook = rt.customer_outlook(
            base, model=MODEL, spend=SPEND, horizon=1, discount_rate=0.1, margin_rate=0.4
        )
        shop = evolve(SHOP, aliases={"once more": "once"})
        with pytest.raises(InvalidValueError, match=f"{name}: the outlook has a person twice"):
            ASKED[name](outlook, shop)


def test_situations_that_are_there_already_were_made_without_it(outlook):
    for ask in (assign, lambda *given, **more: recommend_for("once", *given, **more)):
        with pytest.raises(ConflictingArgumentError, match="outlook= comes too late"):
            ask(customer_situations(SHOP), outlook=outlook)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "UTC", "Europe/Berlin"])
@pytest.mark.parametrize("hour", [0, 9, 23])
def test_the_last_day_that_was_over_fits_in_every_zone(zone, hour):
    shop = evolve(SHOP, as_of=AT + timedelta(hours=hour))
    base = rt.repeat_purchases(shop, tz=zone)
    outlook = rt.customer_outlook(
        base, model=MODEL, spend=SPEND, horizon=1, discount_rate=0.1, margin_rate=0.4
    )
    assert customer_situations(shop, outlook=outlook)["once"].prospect is not None


def in_months(shop, until):
    base = rt.repeat_purchases(shop, tz="UTC", unit="month", discrete=True, until=until)
    model = rt.BgBb(alpha=1.2, beta=0.75, gamma=0.66, delta=2.78, unit="month")
    return rt.customer_outlook(base, model=model, spend=SPEND, horizon=12, discount_rate=0.1, margin_rate=0.4)


def test_whole_units_fit_while_the_next_one_runs():
    shop = sample_shop(customers=80)
    outlook = in_months(shop, date(2026, 5, 31))
    for day in (1, 20, 30):
        found = customer_situations(shop, at=datetime(2026, 6, day, tzinfo=UTC), outlook=outlook)
        assert any(each.prospect for each in found.values())
    with pytest.raises(ConflictingArgumentError, match="does not know what came before"):
        customer_situations(shop, outlook=in_months(shop, date(2026, 4, 30)))
