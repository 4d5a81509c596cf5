"""The rules by which the library recommends unless told otherwise: each fires on some shop, and is quiet on another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from attrs import evolve, frozen

import retention as rt
from retention.strategies import (
    CUSTOMER_RULES,
    STRATEGIES,
    Condition,
    CustomerRule,
    Finding,
    Rule,
    Verdict,
    judge_rule,
)
from retention.strategies._default_rules import DEFAULT_RULES, WITHOUT_A_FIGURE
from retention.strategies._weights import CHANCE, KNOWN_CAUSE
from retention.strategies._whose_limit import whose_limit
from retention.testing import (
    SampleProcess,
    make_checkout,
    make_customer,
    make_interaction,
    make_order,
    sample_shop,
)

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
HALF_YEAR = rt.Period.between(datetime(2026, 1, 1, tzinfo=UTC), AS_OF)
YEAR = rt.Period.between(datetime(2025, 7, 1, tzinfo=UTC), AS_OF)
MAY = rt.Period.month(2026, 5, tz="UTC")
JANUARY = rt.Period.month(2026, 1, tz="UTC")

NAMES = [f"c{number:03}" for number in range(150)]
"""The customers of shops made by hand."""

# ------------------------------------------------------------------------------------------- shops


SHOPS: dict[str, Callable[[], rt.Shop]] = {}


def shop_maker(make: Callable[[], rt.Shop]) -> Callable[[], rt.Shop]:
    """Give a shop its name, and make it once."""
    SHOPS[make.__name__.replace("_", " ")] = made = cache(make)
    return made


def sampled(customers: int = 300, /, **changes: Any) -> rt.Shop:
    return sample_shop(customers=customers, process=SampleProcess(**changes))


@shop_maker
def healthy() -> rt.Shop:
    return sampled(600)


@shop_maker
def calm_and_busy() -> rt.Shop:
    """Everything is asked and tried so often that nothing is skipped, and comes out well."""
    return sampled(
        approach_rate=0.4,
        new_conversion_rate=0.5,
        existing_conversion_rate=0.9,
        response_rate=0.8,
        contact_rate=0.15,
        message_rates={"e-mail": 0.7, "sms": 0.7, "push": 0.7},
        message_response_rates={"e-mail": 0.3, "sms": 0.05, "push": 0.02},
        mean_rate=0.7,
        loyalty_rate=0.6,
        review_rate=0.2,
        mention_rate=0.2,
    )


@shop_maker
def ill_at_selling() -> rt.Shop:
    return sampled(
        400,
        box_payment_failure_rate=0.15,
        subscriber_rate=0.6,
        abandonment_rate=0.82,
        discount_rate=0.8,
        channels={"web": 1},
        favorite_rate=1,
        message_rates={"e-mail": 0.9},
        message_response_rates={"e-mail": 0.01},
        acquisition_channels={"search": 1},
        loyalty_rate=0.03,
        box_cancellation_rate=0.01,
    )


@shop_maker
def much_is_sent_back() -> rt.Shop:
    return sampled(full_refund_rate=0.25)


@shop_maker
def disappointing() -> rt.Shop:
    return sampled(full_refund_rate=0.25, mean_satisfaction=4, response_rate=0.9)


@shop_maker
def christmas_is_over() -> rt.Shop:
    """Everybody buys dear presents in December, most come back in January, each year alike."""
    orders = [
        make_order(customer_id=name, placed_at=day, amount=amount + number * winter % 7)
        for number, name in enumerate(NAMES)
        for winter in (2024, 2025)
        for day, amount in (
            (f"{winter}-11-20", 60),
            (f"{winter}-12-10", 60),
            *([(f"{winter + 1}-01-10", 20)] if number < 110 else []),
        )
    ]
    return rt.Shop(orders=orders, as_of=AS_OF)


@shop_maker
def ill_at_service() -> rt.Shop:
    return sampled(
        mean_satisfaction=3,
        response_rate=0.9,
        contact_rate=0.4,
        self_service_rate=0.02,
        answer_rate=0.2,
        answer_hours=200,
        mention_rate=0.4,
        review_rate=0.4,
    )


@shop_maker
def slow_to_solve() -> rt.Shop:
    return sampled(contact_rate=0.3, answer_rate=1, answer_hours=1, solution_hours=400, self_service_rate=0)


@shop_maker
def growing_discontented() -> rt.Shop:
    return sampled(400, satisfaction_fall=5, response_rate=0.6)


@shop_maker
def payments_fail_at_the_checkout() -> rt.Shop:
    return sampled(cancellation_rate=0.2, cancel_reasons={"payment": 1})


@shop_maker
def out_of_stock() -> rt.Shop:
    return sampled(cancellation_rate=0.2, cancel_reasons={"stock": 1})


@shop_maker
def full_of_faults() -> rt.Shop:
    return sampled(cancellation_rate=0.2, cancel_reasons={"technical": 1})


@shop_maker
def customers_think_again() -> rt.Shop:
    return sampled(cancellation_rate=0.2, cancel_reasons={"customer": 1})


@shop_maker
def boxes_are_cancelled() -> rt.Shop:
    return sampled(400, subscriber_rate=0.7, box_cancellation_rate=0.25, box_comeback_rate=0.02)


@shop_maker
def nobody_returns() -> rt.Shop:
    return sampled(first_drop_out_rate=1)


@shop_maker
def few_return() -> rt.Shop:
    return sampled(400, first_drop_out_rate=0.75)


@shop_maker
def regulars_fall_silent() -> rt.Shop:
    return sampled(500, mean_rate=0.3, regulars_leave_rate=1, regulars_leave_days_ago=(60, 120))


@shop_maker
def regulars_left_long_ago() -> rt.Shop:
    return sampled(mean_rate=0.3, regulars_leave_rate=1, regulars_leave_days_ago=(200, 400))


@shop_maker
def nobody_answers() -> rt.Shop:
    return sampled(response_rate=0.01)


@shop_maker
def delighted() -> rt.Shop:
    return sampled(
        mean_satisfaction=9.9,
        satisfaction_spread=0.2,
        satisfaction_by_drop_out=0,
        late_rate=0,
        full_refund_rate=0,
        partial_refund_rate=0,
        cancellation_rate=0,
        response_rate=0.8,
        review_rate=0.01,
    )


@shop_maker
def so_so() -> rt.Shop:
    return sampled(mean_satisfaction=7.8, response_rate=0.8)


@shop_maker
def full_of_guests() -> rt.Shop:
    return sampled(guest_rate=0.5)


@shop_maker
def offering() -> rt.Shop:
    return sampled(
        offer_rate=0.6,
        offer_acceptance_rate=0.7,
        approach_rate=0.05,
        new_conversion_rate=0.05,
        existing_conversion_rate=0.1,
    )


@shop_maker
def read_on_every_channel() -> rt.Shop:
    return sampled(
        message_rates={"e-mail": 0.7, "sms": 0.7, "push": 0.7},
        message_response_rates={"e-mail": 0.6, "sms": 0.5, "push": 0.5},
    )


@shop_maker
def slow_second_purchases() -> rt.Shop:
    """Who comes back does so after a month."""
    return bought(dict.fromkeys(NAMES, ("2026-01-10", "2026-02-12")))


@shop_maker
def fewer_return() -> rt.Shop:
    """All of April came back in May last year, and two in five this year."""
    days = ("2025-04-10", "2025-05-10", "2026-04-10", "2026-05-10")
    return bought({name: days if number < 60 else days[:3] for number, name in enumerate(NAMES)})


@shop_maker
def smaller_baskets() -> rt.Shop:
    """What cost 30 a year ago costs 20 now, more or less."""
    orders = [
        make_order(customer_id=name, placed_at=day, amount=amount)
        for number, name in enumerate(NAMES)
        for day, amount in (("2025-05-10", 30 + number % 5), ("2026-05-10", 20 + number % 7))
    ]
    return rt.Shop(orders=orders, as_of=AS_OF)


@shop_maker
def carts_stay_lost() -> rt.Shop:
    checkouts = [
        make_checkout(
            customer_id=name, begun_at="2026-05-05", ordered_at="2026-05-05" if number < 20 else None
        )
        for number, name in enumerate(NAMES)
    ]
    orders = [make_order(customer_id=name, placed_at="2026-03-10") for name in NAMES]
    return rt.Shop(orders=orders, checkouts=checkouts, as_of=AS_OF)


@shop_maker
def even_as_a_clock() -> rt.Shop:
    days = ("2026-01-10", "2026-02-10", "2026-03-10", "2026-04-10", "2026-05-10", "2026-06-10")
    return bought(dict.fromkeys(NAMES[:80], days))


@shop_maker
def carried_by_few() -> rt.Shop:
    orders = [
        make_order(customer_id=name, placed_at="2026-05-10", amount=1000 if number < 30 else 2)
        for number, name in enumerate(NAMES)
    ]
    return rt.Shop(orders=orders, as_of=AS_OF)


@shop_maker
def members_spend_less() -> rt.Shop:
    customers = [
        make_customer(id=name, loyalty_joined_at="2026-01-01" if number < 75 else None)
        for number, name in enumerate(NAMES)
    ]
    orders = [
        make_order(customer_id=name, placed_at="2026-05-10", amount=(10 if number < 75 else 30) + number % 5)
        for number, name in enumerate(NAMES)
    ]
    return rt.Shop(orders=orders, customers=customers, as_of=AS_OF)


@shop_maker
def strangers_pass_by() -> rt.Shop:
    approaches = [
        make_interaction(
            kind="approach", customer_id=f"s{number}", channel="telephone", occurred_at="2026-05-05"
        )
        for number in range(300)
    ]
    return rt.Shop(orders=[make_order(customer_id="c000")], interactions=approaches, as_of=AS_OF)


@shop_maker
def approached_in_vain() -> rt.Shop:
    approaches = [
        make_interaction(kind="approach", customer_id=name, channel="telephone", occurred_at="2026-05-05")
        for name in NAMES
    ]
    orders = [make_order(customer_id=name, placed_at="2026-03-10") for name in NAMES]
    return rt.Shop(orders=orders, interactions=approaches, as_of=AS_OF)


def bought(days: Mapping[str, tuple[str, ...]]) -> rt.Shop:
    orders = [make_order(customer_id=name, placed_at=day) for name, each in days.items() for day in each]
    return rt.Shop(orders=orders, as_of=AS_OF)


# ---------------------------------------------------------------------------------- fires and is quiet


@frozen
class Case:
    """A shop and a period, and what the metrics must be told."""

    shop: str
    period: rt.Period = HALF_YEAR
    options: Mapping[str, Mapping[str, Any]] = {}
    with_a_model: bool = False

    def judge(self, name: str) -> Verdict:
        shop = SHOPS[self.shop]()
        outlook = fitted_outlook(shop, until=self.period.end) if self.with_a_model else None
        return judge_rule(
            DEFAULT_RULES[name], shop, period=self.period, options=self.options, outlook=outlook
        )


def fitted_outlook(shop: rt.Shop, until: datetime) -> rt.CustomerOutlook:
    base = rt.repeat_purchases(shop, tz="UTC", until=until)
    model, spend = rt.MbgNbd.fit(base), rt.GammaGamma.fit(base)
    return rt.customer_outlook(
        base, model=model, spend=spend, horizon=1, unit="year", discount_rate=0.1, margin_rate=0.4
    )


def spent(amount: int) -> dict[str, dict[str, Any]]:
    return {"ltv_cac_ratio": {"acquisition_spend": amount}}


FIRES = {
    "subscribers-lost-to-payments": Case("ill at selling"),
    "orders-lost-to-payments": Case("payments fail at the checkout"),
    "subscribers-cancel": Case("boxes are cancelled"),
    "customers-cancel-orders": Case("customers think again"),
    "orders-cancelled-for-want-of-stock": Case("out of stock"),
    "orders-cancelled-for-technical-faults": Case("full of faults"),
    "newcomers-do-not-return": Case("nobody returns"),
    "regulars-slip-away": Case("regulars fall silent"),
    "best-customers-are-leaving": Case("regulars fall silent", with_a_model=True),
    "regulars-have-left": Case("regulars left long ago"),
    "retention-below-average": Case("nobody returns", YEAR),
    "fewer-come-back": Case("fewer return", MAY),
    "questions-stay-unanswered": Case("ill at service"),
    "answers-come-late": Case("ill at service"),
    "solutions-come-late": Case("slow to solve"),
    "support-is-overrun": Case("slow to solve"),
    "newcomers-need-help": Case("ill at service"),
    "more-detractors-than-promoters": Case("ill at service"),
    "recommendation-fell": Case("growing discontented"),
    "satisfaction-fell": Case("growing discontented"),
    "few-are-satisfied": Case("ill at service"),
    "public-word-is-bad": Case("ill at service"),
    "reviews-stay-unanswered": Case("ill at service"),
    "buying-is-hard": Case("ill at service"),
    "goods-come-back": Case("much is sent back"),
    "goods-disappoint": Case("disappointing"),
    "carts-are-left": Case("ill at selling"),
    "left-carts-stay-lost": Case("carts stay lost", MAY),
    "discounts-are-the-price": Case("ill at selling"),
    "orders-are-worth-less": Case("smaller baskets", MAY),
    "messages-are-not-read": Case("ill at selling"),
    "customers-know-one-shelf": Case("ill at selling"),
    "customers-use-one-channel": Case("ill at selling"),
    "nobody-refers": Case("ill at selling"),
    "programme-is-empty": Case("ill at selling"),
    "newcomers-are-slow-to-return": Case("slow second purchases", YEAR),
    "strangers-seldom-buy": Case("strangers pass by", MAY),
    "customers-seldom-buy-when-approached": Case("approached in vain", MAY),
    "promoters-could-refer": Case("delighted"),
    "enthusiasts-could-meet": Case("delighted"),
    "few-are-members": Case("ill at selling"),
    "members-spend-no-more": Case("members spend less", MAY),
    "regulars-buy-evenly": Case("even as a clock"),
    "few-carry-the-shop": Case("carried by few", MAY),
    "many-have-gone-quiet": Case("few return"),
    "new-customers-are-dear": Case("healthy", HALF_YEAR, spent(1_000_000)),
    "buyers-are-not-known": Case("full of guests"),
    "offers-are-taken": Case("offering"),
    "messages-are-read": Case("read on every channel"),
    "messages-could-say-more": Case("ill at selling"),
    "content-but-not-delighted": Case("so so"),
    "good-could-be-better": Case("ill at service"),
    "good-word-is-not-shown": Case("delighted"),
    "few-are-heard": Case("nobody answers"),
    "wishes-are-not-known": Case("ill at selling"),
    "many-ask-for-help": Case("ill at service"),
}

QUIET = dict.fromkeys(DEFAULT_RULES, Case("healthy")) | {
    "best-customers-are-leaving": Case("healthy", with_a_model=True),
    "retention-below-average": Case("healthy", YEAR),
    "buying-is-hard": Case("calm and busy"),
    "goods-disappoint": Case("much is sent back"),
    "fewer-come-back": Case("christmas is over", JANUARY),
    "orders-are-worth-less": Case("christmas is over", JANUARY),
    "newcomers-are-slow-to-return": Case("calm and busy", YEAR),
    "strangers-seldom-buy": Case("calm and busy"),
    "customers-seldom-buy-when-approached": Case("calm and busy"),
    "promoters-could-refer": Case("so so"),
    "members-spend-no-more": Case("calm and busy"),
    "new-customers-are-dear": Case("healthy", HALF_YEAR, spent(100)),
    "messages-are-read": Case("calm and busy"),
}


@pytest.mark.parametrize("name", DEFAULT_RULES)
def test_every_rule_fires_on_some_shop(name: str) -> None:
    verdict = FIRES[name].judge(name)
    assert verdict.outcome == "recommended", verdict.why


@pytest.mark.parametrize("name", DEFAULT_RULES)
def test_every_rule_is_quiet_on_another(name: str) -> None:
    verdict = QUIET[name].judge(name)
    assert verdict.outcome == "rejected", verdict.why


def test_no_case_is_about_a_rule_that_is_gone() -> None:
    assert set(FIRES) == set(DEFAULT_RULES) == set(QUIET)


# ----------------------------------------------------------------- what a host does not write down


def without(shop: rt.Shop, seat: str, *names: str) -> rt.Shop:
    """A host that never fills in some fields of its records."""
    changed: dict[str, Any] = {seat: [evolve(each, **dict.fromkeys(names)) for each in getattr(shop, seat)]}
    return evolve(shop, **changed)


NOT_WRITTEN_DOWN = {
    "questions-stay-unanswered": ("ill at service", "interactions", "answered_at"),
    "reviews-stay-unanswered": ("ill at service", "interactions", "answered_at"),
    "carts-are-left": ("ill at selling", "checkouts", "ordered_at", "order_id"),
    "left-carts-stay-lost": ("ill at selling", "checkouts", "ordered_at", "order_id"),
    "messages-are-not-read": ("ill at selling", "interactions", "opened_at", "clicked_at", "replied_at"),
    "messages-could-say-more": ("ill at selling", "interactions", "opened_at", "clicked_at", "replied_at"),
}


@pytest.mark.parametrize("name", NOT_WRITTEN_DOWN)
def test_what_a_host_never_writes_down_is_not_taken_for_an_illness(name: str) -> None:
    shop, seat, *fields = NOT_WRITTEN_DOWN[name]
    silent = without(SHOPS[shop](), seat, *fields)
    verdict = judge_rule(DEFAULT_RULES[name], silent, period=HALF_YEAR)
    assert (verdict.outcome, verdict.skipped_because) == ("skipped", "no data")


def test_a_host_that_notes_discounts_only_does_not_hear_that_all_is_discounted() -> None:
    orders = [
        make_order(customer_id=name, placed_at=f"2026-05-{day}", discount=5 if day == 10 else None)
        for name in NAMES
        for day in range(10, 20)
    ]
    shop = rt.Shop(orders=orders, as_of=AS_OF)
    assert judge_rule(DEFAULT_RULES["discounts-are-the-price"], shop, period=HALF_YEAR).outcome == "skipped"


def test_records_without_one_review_say_nothing_of_reviews() -> None:
    full = SHOPS["delighted"]()
    assert isinstance(full, rt.Shop)
    shop = evolve(full, interactions=[each for each in full.interactions if each.kind != "review"])
    verdict = judge_rule(DEFAULT_RULES["good-word-is-not-shown"], shop, period=HALF_YEAR)
    assert verdict.outcome == "rejected"


# ------------------------------------------------------------------------------------------ as data


def test_every_strategy_has_a_rule_or_a_reason_why_it_has_none() -> None:
    with_a_rule = {rule.strategy for rule in DEFAULT_RULES.values()}
    assert with_a_rule.isdisjoint(WITHOUT_A_FIGURE)
    assert with_a_rule | set(WITHOUT_A_FIGURE) == set(STRATEGIES)


def test_a_reason_is_a_sentence() -> None:
    assert all(reason.endswith(".") for reason in WITHOUT_A_FIGURE.values())


@pytest.mark.parametrize("rule", DEFAULT_RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_says_why_and_when_to_look_again(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.id)
    assert rule.because.endswith(".")
    assert rule.because[0].isupper()
    assert isinstance(rule.horizon, timedelta)
    assert timedelta(days=30) <= rule.horizon <= timedelta(days=366)


NUMBERS = re.compile(
    r"\d|%|\b(half|third|quarter|fifth|tenth|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|fifty|hundred|a (day|week|month)"
    r"|days|weeks|months|points)\b"
)
TRUE_WHEREVER_THE_LIMIT_LIES = {
    "newcomers-do-not-return": ["in the days after the first"],
    "regulars-slip-away": ["between one regular in seven and one in four looks so at any time"],
    "regulars-have-left": ["regulars of the last two years"],  # by the signal itself
    "many-have-gone-quiet": ["bought in the last two years"],
    "carts-are-left": ["Averages of many shops are commonly put at 70 %"],
    "goods-come-back": ["since that takes days"],
    "newcomers-are-slow-to-return": ["What lasts for months"],
    "regulars-buy-evenly": ["Up to a half look even by chance"],
    "new-customers-are-dear": ["three times as much is a common rule of thumb"],
}
"""By rule, what its reason says with a number in it that is none of its limit."""


def without_known_numbers(rule_id: str, text: str) -> str:
    for phrase in TRUE_WHEREVER_THE_LIMIT_LIES.get(rule_id, []):
        assert phrase in text
        text = text.replace(phrase, "")
    return text


@pytest.mark.parametrize("rule", DEFAULT_RULES.values(), ids=lambda rule: rule.id)
def test_no_reason_quotes_a_limit_which_can_be_moved(rule: Rule) -> None:
    assert not NUMBERS.search(without_known_numbers(rule.id, rule.because))
    assert not re.search(r"library's|published|this limit|the limit[ ,](?!for free)|average of", rule.because)


@pytest.mark.parametrize("rule", CUSTOMER_RULES.values(), ids=lambda rule: rule.id)
def test_nor_does_that_of_a_rule_for_one_customer(rule: CustomerRule) -> None:
    said = f"{rule.because} {rule.do}"
    for phrase in ONES_OF_A_KIND:
        said = said.replace(phrase, "")
    assert not NUMBERS.search(said)
    assert "more likely" not in said


ONES_OF_A_KIND = ("works in the first days", "the points of past purchases")
"""What rules for one customer say with such a word in it, and limit nothing by."""


BY_THEMSELVES = {
    "more-detractors-than-promoters": 0,  # the score's own middle
    "public-word-is-bad": 0,  # likewise
    "members-spend-no-more": 1,  # the ratio's
    "new-customers-are-dear": 3,  # a common rule of thumb, which the rule calls so
}
"""Rules whose limit nobody had to choose."""


@pytest.mark.parametrize("rule", DEFAULT_RULES.values(), ids=lambda rule: rule.id)
def test_advice_says_whose_the_limit_is_and_knows_when_it_was_moved(rule: Rule) -> None:
    condition = rule.conditions[0]
    held = whose_limit(rule, finding(condition))
    if condition.change is not None:
        assert held == "the same figure of 2026-05; that so large a move counts is this library's choice."
    elif condition.benchmark is not None:
        assert held.startswith(f"a published figure, {condition.benchmark.id}: ")
    else:
        assert held == "a limit of this library's, which is no published figure."
    moved = (
        DEFAULT_RULES.adjusted(rule.id, by=condition.by * 2)
        if condition.change is not None
        else DEFAULT_RULES.adjusted(rule.id, above=condition.threshold * 1.01 + 0.01)
        if condition.above is not None
        else DEFAULT_RULES.adjusted(rule.id, below=condition.threshold * 0.99 - 0.005)
    )[rule.id]
    told = whose_limit(moved, finding(moved.conditions[0]))
    assert "library" not in told
    assert "a published figure," not in told
    heavier = DEFAULT_RULES.adjusted(rule.id, weight=7, at_least=1 if condition.at_least else None)[rule.id]
    assert whose_limit(heavier, finding(heavier.conditions[0])) == held


def finding(condition: Condition) -> Finding:
    """What some figure came to, of which only the condition counts."""
    moved = rt.compare(rt.Ratio(1, 2), rt.Ratio(1, 3), labels=("2026-06", "2026-05"))
    return Finding(
        condition=condition,
        outcome="holds",
        benchmark=condition.benchmark,
        comparison=moved if condition.change is not None else None,
        why="It is so.",
    )


def test_a_rule_of_the_host_has_a_limit_of_its_own() -> None:
    own = evolve(DEFAULT_RULES["goods-come-back"], id="mine")
    held = whose_limit(own, finding(own.conditions[0]))
    assert held == "a limit of the rule's own, which is no published figure."


def test_a_verdict_in_full_says_whose_the_limit_is() -> None:
    rule = DEFAULT_RULES["goods-come-back"]
    told = rt.judge_rule(rule, much_is_sent_back(), period=HALF_YEAR)
    assert (
        "Held against a limit of this library's, which is no published figure. Much of the money"
        in told.explain()
    )
    moved = rt.judge_rule(
        DEFAULT_RULES.adjusted(rule.id, above=0.13)[rule.id], much_is_sent_back(), period=HALF_YEAR
    )
    assert "Held against a limit of the rule's own, which is no published figure." in moved.explain()


@pytest.mark.parametrize("name, limit", BY_THEMSELVES.items())
def test_limits_that_nobody_had_to_choose(name: str, limit: float) -> None:
    assert DEFAULT_RULES[name].conditions[0].threshold == limit


@pytest.mark.parametrize("rule", DEFAULT_RULES.values(), ids=lambda rule: rule.id)
def test_nothing_is_judged_on_a_handful(rule: Rule) -> None:
    """Where nobody knows how many stand behind a figure, a count is asked for as well."""
    counts = [each.above for each in rule.conditions if each.metric.endswith("_count")]
    for condition in rule.conditions:
        assert condition.at_least >= 30 or (condition.at_least == 0 and counts == [30])


@pytest.mark.parametrize("rule", DEFAULT_RULES.values(), ids=lambda rule: rule.id)
def test_what_is_to_be_watched_moves_the_way_the_strategy_promises_or_is_the_figure_itself(
    rule: Rule,
) -> None:
    moves = STRATEGIES[rule.strategy].moves
    assert rule.watched in moves or rule.watched == rule.conditions[0].metric


def test_an_opportunity_counts_for_less_than_what_is_ill() -> None:
    urgent = [rule.weight for rule in DEFAULT_RULES.values() if rule.urgent]
    others = [rule.weight for rule in DEFAULT_RULES.values() if not rule.urgent]
    assert urgent
    assert others
    assert max(others) < min(urgent)


def test_a_weight_has_its_reason_by_name() -> None:
    assert {rule.weight for rule in DEFAULT_RULES.values()} == {KNOWN_CAUSE, 1, CHANCE}


def test_changes_need_more_than_what_chance_does_once_in_twenty_looks() -> None:
    """Whoever looks every week sees each change that is due once in twenty times."""
    changes = [each for rule in DEFAULT_RULES.values() for each in rule.conditions if each.change is not None]
    assert changes
    assert {each.confidence for each in changes} == {0.99}


def test_yearly_figures_are_held_against_a_year_only() -> None:
    """B10 and E10 are meant of a year; in a month hardly anybody has had the time to come back."""
    yearly = [
        rule
        for rule in DEFAULT_RULES.values()
        if any(each.benchmark and each.benchmark.id in {"B10", "B11", "E10"} for each in rule.conditions)
    ]
    assert yearly
    assert all("a year" in rule.requires for rule in yearly)
    assert Case("nobody returns").judge("retention-below-average").outcome == "skipped"


def test_no_level_hangs_on_the_length_of_the_period() -> None:
    """The longer a period, the more of its customers churn, buy twice, or buy in two categories."""
    long_or_short = {
        "customer_retention_rate",
        "customer_churn_rate",
        "repeat_purchase_rate",
        "returning_customer_rate",
        "purchase_frequency",
        "existing_customer_revenue_rate",
        "subscriber_churn_rate",
        "revenue_churn_rate",
        "cross_sell_rate",
        "multichannel_rate",
    }
    for rule in DEFAULT_RULES.values():
        for condition in rule.conditions:
            if condition.change is None and "a year" not in rule.requires:
                assert condition.metric not in long_or_short, rule.id


def test_a_host_moves_a_limit() -> None:
    """The example of the docstring."""
    moved = DEFAULT_RULES.adjusted("goods-come-back", above=0.3)
    assert moved["goods-come-back"].conditions[0].threshold == 0.3
    assert len(moved) == len(DEFAULT_RULES)
