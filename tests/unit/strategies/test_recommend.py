"""The recommender: what follows, in which order, for whom; what does not, and why."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

import retention as rt
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    UnknownMetricError,
)
from retention.strategies import (
    AUDIENCES,
    DEFAULT_RULES,
    STRATEGIES,
    Condition,
    Recommendation,
    Recommendations,
    Rule,
    RuleSet,
    Step,
    Strategy,
    judge_rule,
    recommend,
)
from retention.strategies._plan import planned
from retention.strategies._situation import readings_of
from retention.testing import make_checkout, make_interaction, make_order, make_orders, sample_shop
from tests.outlooks import outlook_of

SHOP = sample_shop(customers=300)
SHOP = evolve(SHOP, orders=SHOP.history())
SPRING = rt.Period.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
MARCH = rt.Period.month(2026, 3, tz="UTC")


def strategy(name, **more):
    told = {
        "title": name.capitalize(),
        "what": "Something to do.",
        "steps": [Step("Begin."), Step("Go on."), Step("Stop."), Step("Rest.")],
        "audiences": ["everybody"],
        "effort": "low",
        "moves": {"repeat_purchase_rate": "up"},
    }
    return Strategy(id=name, **(told | more))


def rule(name, strategy="one", *conditions, **more):
    given = conditions or (Condition("repeat_purchase_rate", above=0.01),)
    return Rule(name, **{"strategy": strategy, "conditions": given, "because": "It follows.", **more})


NEVER = Condition("repeat_purchase_rate", above=0.98)
UNKNOWN = Condition("repeat_purchase_rate", above=0.01, at_least=10**6)


def rules(*given, strategies=(), figures=()):
    names = dict.fromkeys([each.strategy for each in given])
    known = {each.id: each for each in strategies}
    return RuleSet(given, strategies=[known.get(name) or strategy(name) for name in names], figures=figures)


def advise(*given, shop=SHOP, period=SPRING, strategies=(), **more):
    return recommend(shop, period=period, rules=rules(*given, strategies=strategies), **more)


def ids(found):
    return [each.strategy.id for each in found]


# ------------------------------------------------------------------------------------------ the outcome


def test_each_rule_is_recommended_rejected_or_skipped():
    found = advise(rule("yes"), rule("no", "two", NEVER), rule("who knows", "three", UNKNOWN))
    assert ids(found) == ["one"]
    assert [each.rule.id for each in found.rejected] == ["no"]
    assert [each.rule.id for each in found.skipped] == ["who knows"]
    assert (found.period, found.of_all) == (SPRING, 1)


def test_the_default_rules_are_all_accounted_for():
    found = recommend(SHOP, period=SPRING)
    told = [reason.rule.id for each in found for reason in each.reasons]
    told += [each.rule.id for each in (*found.rejected, *found.skipped)]
    assert sorted(told) == sorted(DEFAULT_RULES)


def test_rules_may_be_given_one_by_one():
    given = Rule("mine", strategy="onboarding", conditions=NEVER, because="It follows.")
    found = recommend(SHOP, period=SPRING, rules=[given])
    assert [each.rule.id for each in found.rejected] == ["mine"]


def test_what_one_rule_comes_to_alone_it_comes_to_among_others():
    given = rules(rule("yes"), rule("no", "two", NEVER), rule("who knows", "three", UNKNOWN))
    found = recommend(SHOP, period=SPRING, rules=given)
    alone = judge_rule(given["no"], SHOP, period=SPRING, strategies=given.strategies)
    assert alone.outcome == "rejected"
    assert alone.why == found.rejected[0].why


def test_what_is_recommended_has_all_that_speaks_for_it():
    more = {"audience": "frequent buyers", "worth": "customers", "horizon": timedelta(days=30)}
    (found,) = advise(rule("yes", **more, watch="purchase_frequency"))
    assert isinstance(found, Recommendation)
    assert found.title == "One"
    assert [str(each) for each in found.first_steps] == ["Begin.", "Go on.", "Stop."]
    assert (found.effort, found.urgent, found.watch) == ("low", True, "purchase_frequency")
    assert (found.watch_title, found.horizon) == ("Purchase frequency", timedelta(days=30))
    assert found.leading.rule.id == "yes"
    (finding,) = found.findings
    assert finding.interval.low > 0.01
    assert found.audience.id == "frequent buyers"
    assert found.value_at_stake.low < found.value_at_stake.value < found.value_at_stake.high
    assert found.priority.value == pytest.approx(finding.severity * found.audience.reach)
    assert found.benchmark_gaps == ()


def test_the_figure_to_watch_is_the_first_one_unless_said():
    (found,) = advise(rule("yes", "one", Condition("second_purchase_share", above=0.01)))
    assert found.watch == "second_purchase_share"
    assert found.watch_title == "Second purchase within 90 days"


def test_evidence_is_what_the_strategy_names():
    told = strategy("one", evidence=["B10", "B13", "my own"])
    (found,) = advise(rule("yes"), strategies=[told])
    assert [each.id for each in found.evidence] == ["B10", "B13"]


def test_a_figure_held_against_a_published_one_stands_beside_it():
    published = rt.Benchmark(
        id="mine",
        title="what others have",
        metrics=["repeat_purchase_rate"],
        low=0.01,
        high=0.02,
        unit="share of customers",
        applies_to="shops like this",
        guide="our trade's report",
        published="one or two in a hundred",
        caution="it is old",
    )
    (found,) = advise(rule("yes", "one", Condition("repeat_purchase_rate", above=published)))
    (gap,) = found.benchmark_gaps
    assert gap.verdict == "above"
    assert found.to_dict()["benchmark"] == "mine"


# -------------------------------------------------------------------------------------------- the rank


def test_what_is_ill_stands_before_what_is_worth_trying():
    found = advise(rule("chance", "a", urgent=False, weight=9), rule("ill", "b", weight=0.1))
    assert ids(found) == ["b", "a"]
    assert ids(found.urgent) == ["b"]
    assert ids(found.opportunities) == ["a"]


def test_the_higher_priority_stands_first_and_equal_ones_by_id():
    found = advise(rule("1", "c"), rule("2", "b"), rule("3", "a"), rule("4", "d", weight=2))
    assert ids(found) == ["d", "a", "b", "c"]


def test_effort_puts_it_back():
    found = advise(rule("1", "a"), rule("2", "b"), strategies=[strategy("a", effort="high")])
    assert ids(found) == ["b", "a"]


def test_several_rules_for_one_strategy_are_one_recommendation():
    found = advise(
        rule("light", weight=0.5, worth="customers"),
        rule("heavy", weight=2),
        rule("chance", weight=9, urgent=False),
    )
    (one,) = found
    assert [each.rule.id for each in one.reasons] == ["heavy", "light", "chance"]
    assert one.priority.weight == 2
    assert one.value_at_stake is not None  # of the one that can be put into money
    assert len(one.findings) == 3


def test_what_overlaps_is_marked():
    found = advise(
        rule("1", "a", weight=3),
        rule("2", "b", weight=2),
        rule("3", "c"),
        strategies=[strategy("b", overlaps=["a"]), strategy("a", overlaps=["c"])],
    )
    assert {each.strategy.id: each.overlaps_with for each in found} == {"a": (), "b": ("a",), "c": ("a",)}


@pytest.mark.parametrize("side", [0, 1])
def test_what_contradicts_one_before_it_is_rejected(side):
    pair = [
        strategy("a", contradicts=["b"] if side else []),
        strategy("b", contradicts=[] if side else ["a"]),
    ]
    found = advise(rule("1", "a", weight=3), rule("2", "b"), rule("3", "b"), strategies=pair)
    assert ids(found) == ["a"]
    assert [each.rule.id for each in found.rejected] == ["2", "3"]
    assert all("'B', contradicts 'A', which stands before it" in each.why for each in found.rejected)
    assert all(each.outcome == "rejected" for each in found.rejected)


def test_what_is_left_out_contradicts_nobody():
    three = [strategy("a", contradicts=["b"]), strategy("b", contradicts=["c"])]
    found = advise(rule("1", "a", weight=3), rule("2", "b", weight=2), rule("3", "c"), strategies=three)
    assert ids(found) == ["a", "c"]


# --------------------------------------------------------------------------------------------- for whom


@pytest.mark.parametrize("name", AUDIENCES)
def test_each_audience_can_be_the_one_of_a_rule(name):
    (found,) = advise(rule("yes", audience=name), outlook=outlook_of(SHOP, until=SPRING.end))
    assert found.audience.id == name
    assert found.audience.of_all


def test_an_audience_that_the_shop_cannot_tell():
    orders = make_orders({who: ["2026-03-01", "2026-03-20"] for who in range(40)})
    shop = rt.Shop(orders=orders, as_of=MARCH.end)
    (found,) = advise(rule("yes", audience="subscribers"), shop=shop, period=MARCH)
    assert found.audience is None
    assert found.no_audience_because == "it needs Shop(subscriptions=...)"
    assert found.priority.reach == 1


def test_several_currencies_have_no_amounts():
    orders = [
        make_order(customer_id=who, placed_at=day, currency=currency)
        for who in range(40)
        for day, currency in [("2026-03-01", "EUR"), ("2026-03-20", "USD")]
    ]
    (found,) = advise(rule("yes", worth="customers"), shop=orders, period=MARCH, as_of=MARCH.end)
    assert found.value_at_stake is None
    assert found.no_value_because == "what a customer spends is not known in one currency"
    assert found.audience.spend is None


def test_orders_are_worth_what_an_order_of_the_period_brings():
    carts = Condition("cart_abandonment_rate", above=0.05)
    (found,) = advise(rule("yes", "one", carts, worth="orders"))
    mean = rt.average_order_value(SHOP, period=SPRING)
    rate = found.findings[0].result
    gap = float(rate) - 0.05
    assert float(found.value_at_stake.value) == pytest.approx(gap * rate.denominator * float(mean), abs=0.01)


def test_subscribers_are_worth_what_subscribers_pay():
    lost = Condition("voluntary_loss_rate", above=0.001, at_least=10)
    (found,) = advise(rule("yes", "one", lost, worth="recurring revenue"))
    mean = rt.average_revenue_per_account_value(SHOP, period=SPRING)
    rate = found.findings[0].result
    gap = float(rate) - 0.001
    assert float(found.value_at_stake.value) == pytest.approx(gap * rate.denominator * float(mean), abs=0.01)


def test_a_shop_that_can_tell_nothing_of_amounts():
    mail = Condition("engagement_rate", above=0.1)
    contacts = [
        make_interaction(customer_id=who, occurred_at="2026-03-02", opened_at="2026-03-02")
        for who in range(40)
    ]
    shop = rt.Shop(interactions=contacts, as_of=MARCH.end + timedelta(days=20))
    (found,) = advise(rule("yes", "one", mail, worth="orders"), shop=shop, period=MARCH)
    assert found.no_value_because == "what an order brings is not known in one currency"
    assert found.no_audience_because == "it needs Shop(orders=...)"


# ------------------------------------------------------------------------------------------ the figures


def test_every_figure_is_the_one_that_a_snapshot_has():
    situation = readings_of(SHOP, rules=DEFAULT_RULES, period=SPRING)
    seen = 0
    for each in DEFAULT_RULES.values():
        for condition in each.conditions:
            reading = situation.reading(condition)
            if condition.metric not in rt.METRICS or reading.lacking is not None:
                continue
            snap = rt.snapshot(
                SHOP,
                period=SPRING,
                metrics=[condition.metric],
                options={condition.metric: condition.options},
                against=condition.against,
            )
            figure = snap.figure(condition.metric)
            assert reading.result == figure.result
            assert reading.undefined_because == figure.undefined_because
            if condition.change is not None:
                assert reading.change.difference == figure.change.difference
                assert reading.change.verdict in {figure.change.verdict, "borderline"}
            seen += 1
    assert seen > 20


def test_one_metric_in_two_ways_and_against_two_periods():
    asked = [
        Condition("cancellation_rate", above=0.001, options={"reason": "customer"}),
        Condition("cancellation_rate", above=0.001, options={"reason": "technical"}),
        Condition("order_count", change="rose", by=0.1),
        Condition("order_count", change="rose", by=0.1, against="year_before"),
        Condition("cart_abandonment_rate", change="rose"),
        Condition("cart_abandonment_rate", change="rose", options={"abandoned_after": timedelta(days=2)}),
        Condition("cart_abandonment_rate", change="rose", options={"abandoned_after": timedelta(days=3)}),
        Condition("cart_abandonment_rate", above=0.01, options={"abandoned_after": timedelta(days=4)}),
    ]
    given = rules(*(rule(f"{number}", f"s{number}", each) for number, each in enumerate(asked)))
    assert len(planned(given.values(), {}).slots) == 4  # two orders of against, and two more ways to compare
    quarter = rt.Period.quarter(2026, 1, tz="UTC")
    situation = readings_of(SHOP, rules=given, period=quarter)
    readings = [situation.reading(each) for each in asked]
    assert readings[0].result != readings[1].result
    assert [each.change.labels[1] for each in readings[2:4]] == ["2025-Q4", "2025-Q1"]
    values = [float(each.result) for each in readings[4:]]
    assert values == sorted(values, reverse=True)
    assert len(situation.looked_at) == len(asked)


def test_all_changes_that_rules_ask_for_are_one_family():
    asked = [
        Condition("customer_retention_rate", change="fell"),
        Condition("customer_churn_rate", change="rose"),  # the same test
        Condition("net_promoter_score", change="fell"),
        Condition("average_order_value", change="fell", against="year_before"),
    ]
    given = rules(*(rule(f"{number}", f"s{number}", each) for number, each in enumerate(asked)))
    quarter = rt.Period.quarter(2026, 1, tz="UTC")
    situation = readings_of(SHOP, rules=given, period=quarter)
    changes = [situation.reading(each).change for each in asked]
    assert {each.comparisons for each in changes} == {3}
    assert changes[0].adjusted_p_value == changes[1].adjusted_p_value
    assert all(each.adjusted_p_value >= each.p_value for each in changes)


def test_a_period_without_one_before_it_has_no_change():
    first = rt.Period.year(1, tz="UTC")
    (verdict,) = advise(
        rule("yes", "one", Condition("order_count", change="rose", by=0.1)), period=first
    ).skipped
    assert verdict.skipped_because in {"no data", "not comparable"}


def test_the_host_options_go_below_those_of_the_rule():
    plain = Condition("cart_abandonment_rate", above=0.001)
    own = Condition("cart_abandonment_rate", above=0.001, options={"abandoned_after": timedelta(days=20)})
    options = {"cart_abandonment_rate": {"abandoned_after": timedelta(days=10)}}
    situation = readings_of(
        SHOP, rules=rules(rule("a", "a", plain), rule("b", "b", own)), period=SPRING, options=options
    )
    made = [dict(situation.reading(each).result.basis.options)["abandoned_after"] for each in (plain, own)]
    assert made == ["10 days", "20 days"]


def test_what_a_metric_must_be_told_and_is_not_is_missing():
    dear = Condition("customer_acquisition_cost", above=1)
    (verdict,) = advise(rule("dear", "one", dear)).skipped
    assert verdict.skipped_because == "no data"
    assert "options={'customer_acquisition_cost': {'acquisition_spend': ...}}" in verdict.why
    options = {"customer_acquisition_cost": {"acquisition_spend": 100_000}}
    told = advise(rule("dear", "one", evolve(dear, at_least=0)), options=options)
    assert ids(told) == ["one"]


def test_how_many_stand_behind_a_share_of_the_best_is_known():
    best = Condition("revenue_concentration_rate", above=0.01)
    assert ids(advise(rule("yes", "one", best))) == ["one"]


def test_figures_of_the_host():
    own = Condition("parcels_late", above=0.05)
    given = rules(rule("late", "one", own), figures=["parcels_late"])
    found = recommend(SHOP, period=SPRING, rules=given, figures={"parcels_late": rt.Ratio(40, 100)})
    assert ids(found) == ["one"]
    assert found[0].watch_title == "Parcels late"
    assert found.looked_at[0].title == "Parcels late"
    (verdict,) = recommend(SHOP, period=SPRING, rules=given).skipped
    assert "figures={'parcels_late': ...}" in verdict.why
    loose = Rule("late", strategy="onboarding", conditions=own, because="It follows.")
    assert (
        len(recommend(SHOP, period=SPRING, rules=[loose], figures={"parcels_late": rt.Ratio(40, 100)})) == 1
    )


def test_signals_need_their_records():
    shop = rt.Shop(orders=SHOP.orders)
    asked = Condition("several_channels_rate", above=0.1)
    help_ = Condition("asking_customers_rate", above=0.1)
    found = advise(rule("a", "one", asked), rule("b", "two", help_), shop=shop)
    assert "Shop(interactions=...)" in found.skipped[-1].why


@pytest.mark.parametrize(
    "word, lacks",
    [
        ("checkouts", "Shop(checkouts=...)"),
        ("Order.discount", "Order(discount=...)"),
        ("Order.tags", "Order(tags=...)"),
        ("Order.items", "Order(items=...)"),
        ("as_of", "Shop(as_of=...)"),
        ("observed_from", "Shop(observed_from=...)"),
        ("a year", "a period of a year (2026-03 is none)"),
    ],
)
def test_what_a_rule_requires_and_is_not_there(word, lacks):
    orders = make_orders({who: ["2026-03-01"] for who in range(40)})
    found = advise(rule("needs", requires=[word]), shop=orders, period=MARCH)
    (verdict,) = found.skipped
    assert verdict.lacking == lacks
    assert verdict.findings == ()


@pytest.mark.parametrize("word", ["checkouts", "Order.discount", "Order.items", "Customer.country", "as_of"])
def test_what_a_rule_requires_and_is_there(word):
    assert ids(advise(rule("needs", requires=[word]))) == ["one"]


def test_a_year_is_about_as_long_as_a_year():
    year = rt.Period.year(2025, tz="UTC")
    assert ids(advise(rule("needs", requires=["a year"]), period=year)) == ["one"]
    assert advise(rule("needs", requires=["a year"]), period=SPRING).skipped


def test_a_field_that_no_record_uses_says_nothing():
    orders = make_orders({who: ["2026-03-01", "2026-03-09"] for who in range(40)})
    tagged = [*orders, make_order(customer_id="x", placed_at="2026-03-01", tags=["vip"], id="x")]
    assert advise(rule("needs", requires=["Order.tags"]), shop=orders, period=MARCH).skipped
    assert ids(advise(rule("needs", requires=["Order.tags"]), shop=tagged, period=MARCH)) == ["one"]


# ------------------------------------------------------------------------------------------- a snapshot


SNAP = rt.snapshot(SHOP, period=SPRING)


def test_of_a_snapshot_the_figures_are_read_and_nobody_is_known():
    given = rules(
        rule("yes", worth="customers"), rule("signal", "two", Condition("dormant_list_rate", above=0.1))
    )
    found = recommend(SNAP, rules=given)
    (one,) = found
    assert one.audience is None
    assert one.no_audience_because == "a snapshot has figures, and no customers"
    assert one.no_value_because == "what a customer spends is not known in one currency"
    assert one.priority.reach == 1
    (verdict,) = found.skipped
    assert "the records of the shop" in verdict.why


def test_a_snapshot_and_its_shop_come_to_the_same():
    given = rules(rule("yes"), rule("no", "two", NEVER), rule("who knows", "three", UNKNOWN))
    one, other = recommend(SNAP, rules=given), recommend(SHOP, period=SPRING, rules=given)
    assert [each.why for each in one.rejected] == [each.why for each in other.rejected]
    assert one[0].findings == other[0].findings


def test_a_snapshot_may_lack_what_a_rule_asks_for():
    small = rt.snapshot(SHOP, period=SPRING, metrics=["order_count", "cart_abandonment_rate"])
    asked = [
        Condition("repeat_purchase_rate", above=0.1),
        Condition("cart_abandonment_rate", above=0.01, options={"abandoned_after": timedelta(days=3)}),
        Condition("cart_abandonment_rate", above=0.01, options={"abandoned_after": timedelta(days=1)}),
        Condition("order_count", change="rose", by=0.1, against="year_before"),
        Condition("order_count", change="rose", by=0.1),
        Condition("cart_abandonment_rate", above=0.01, options={"channel": "app"}),
    ]
    given = rules(*(rule(f"{number}", f"s{number}", each) for number, each in enumerate(asked)))
    found = recommend(small, rules=given)
    assert ids(found)[0] == "s2"
    reasons = {each.rule.id: each.why for each in found.skipped}
    assert "repeat_purchase_rate in the snapshot" in reasons["0"]
    assert "cart_abandonment_rate with abandoned_after=3 days in the snapshot" in reasons["1"]
    assert 'a snapshot with against="year_before"' in reasons["3"]
    assert "channel=app" in reasons["5"]


def test_of_a_snapshot_of_several_periods_the_latest_is_meant():
    months = rt.Period.year(2025, tz="UTC").split("month")
    snap = rt.snapshot(SHOP, period=list(months), metrics=["repeat_purchase_rate"])
    assert recommend(snap, rules=rules(rule("yes"))).period.label == "2025-12"
    march = rt.Period.month(2025, 3, tz="UTC")
    assert recommend(snap, rules=rules(rule("yes")), period=march).period == march


@pytest.mark.parametrize("as_of", [None, SHOP.as_of])
def test_of_a_snapshot_only_the_instant_can_be_required(as_of):
    orders = make_orders({who: ["2026-03-01", "2026-03-09"] for who in range(40)})
    snap = rt.snapshot(orders, period=MARCH, metrics=["repeat_purchase_rate"], as_of=as_of)
    found = recommend(snap, rules=rules(rule("needs", requires=["as_of", "checkouts"])))
    assert (len(found), len(found.skipped)) == ((0, 1) if as_of is None else (1, 0))


@pytest.mark.parametrize(
    "more",
    [
        {"options": {"recovery_rate": {"within": timedelta(days=3)}}},
        {"as_of": SHOP.as_of},
        {"lifecycle": rt.OwnRhythm(fewest_gaps=5)},
    ],
)
def test_a_snapshot_has_been_made_already(more):
    with pytest.raises(ConflictingArgumentError, match="can't be given with a Snapshot"):
        recommend(SNAP, **more)


# --------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("period", [None, "2026-03", [MARCH]])
def test_a_period_there_must_be(period):
    with pytest.raises(InvalidTypeError, match=r"period (is due|must be one Period)"):
        recommend(SHOP, period=period)


@pytest.mark.parametrize(
    "more, error, match",
    [
        (
            {"figures": {"late": rt.Ratio(1, 2)}},
            InvalidValueError,
            "which the rules have not been told of; say so",
        ),
        ({"figures": [rt.Ratio(1, 2)]}, InvalidTypeError, "figures must be a mapping"),
        ({"options": {"repeat": {}}}, UnknownMetricError, "no metric 'repeat'"),
        ({"options": {"recovery_rate": {"withn": 1}}}, TypeError, "no keyword withn"),
        ({"lifecycle": "usual"}, InvalidTypeError, "OwnRhythm"),
        ({"rules": "all"}, InvalidTypeError, "Rule"),
        ({"as_off": 1}, TypeError, "as_off"),
    ],
)
def test_bad_input_is_refused(more, error, match):
    with pytest.raises(error, match=match):
        recommend(SHOP, period=SPRING, **more)


@pytest.mark.parametrize("value", [True, 0.5, "7 %", None])
def test_a_figure_of_the_host_must_be_a_result(value):
    given = rules(rule("late", "one", Condition("late", above=0.05)), figures=["late"])
    with pytest.raises(InvalidTypeError, match=r"figures\['late'\] must be a result"):
        recommend(SHOP, period=SPRING, rules=given, figures={"late": value})


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("1e400"), 10**400])
def test_a_figure_of_the_host_must_be_finite(value):
    given = rules(rule("late", "one", Condition("late", above=0.05, at_least=0)), figures=["late"])
    with pytest.raises(InvalidValueError, match=r"recommend: figures\['late'\] must"):
        recommend(SHOP, period=SPRING, rules=given, figures={"late": value})


@pytest.mark.parametrize("value", [7, Decimal("7.00"), rt.Ratio(40, 100), rt.Mean(700, 100)])
def test_a_figure_of_the_host_may_be_any_result(value):
    given = rules(rule("late", "one", Condition("late", above=0.05, at_least=0)), figures=["late"])
    assert ids(recommend(SHOP, period=SPRING, rules=given, figures={"late": value})) == ["one"]


def test_a_figure_in_several_currencies_is_refused_and_not_raised():
    orders = [make_order(placed_at="2026-03-01"), make_order(placed_at="2026-03-02", currency="USD")]
    found = advise(
        rule("rich", "one", Condition("net_revenue", above=1, at_least=0)), shop=orders, period=MARCH
    )
    (verdict,) = found.skipped
    assert verdict.skipped_because == "refused"
    with pytest.raises(MixedCurrencyError):
        rt.net_revenue(orders, period=MARCH)


# ----------------------------------------------------------------------------------------- little data


def test_a_tiny_shop_hears_that_too_little_is_known():
    for customers in (5, 20):
        found = recommend(sample_shop(customers=customers), period=SPRING)
        assert len(found) == 0
        assert found.is_too_little_known


def test_an_empty_shop_too():
    found = recommend([], period=SPRING)
    assert found.is_too_little_known
    assert len(found.rejected) <= 1  # that there are no new customers is a count, and known


def test_a_shop_of_which_all_is_well_hears_that():
    found = advise(rule("no", "one", NEVER))
    assert not found.found
    assert not found.is_too_little_known


def test_why_rules_were_skipped_is_counted():
    found = advise(
        rule("1", "one", UNKNOWN), rule("2", "two", UNKNOWN), rule("3", "three", requires=["a year"])
    )
    assert found.skipped_because == {"too few": 2, "no data": 1}
    assert found.is_too_little_known


def test_a_period_to_come_is_not_known():
    signal = rule("signal", "two", Condition("dormant_list_rate", above=0.01))
    found = advise(rule("yes"), signal, period=rt.Period.year(2030, tz="UTC"))
    assert [each.skipped_because for each in found.skipped] == ["not observable", "not observable"]
    assert "the data end before 2030 begins" in found.skipped[1].why
    default = recommend(SHOP, period=rt.Period.year(2030, tz="UTC"))
    assert not default
    assert default.is_too_little_known


def test_nobody_is_advised_for_want_of_records_that_were_not_given():
    heard = Condition("heard_customers_rate", below=0.9)
    shown = Condition("review_ratio", below=0.9)
    found = advise(rule("a", "one", heard), rule("b", "two", shown), shop=rt.Shop(orders=SHOP.orders))
    assert [each.skipped_because for each in found.skipped] == ["no data", "no data"]


def test_a_shop_of_guests_is_advised():
    guests = [make_order(customer_id=None, placed_at="2026-03-01", id=number) for number in range(60)]
    own = rule("guests", "one", Condition("guest_order_rate", above=0.5))
    (found,) = advise(own, shop=guests, period=MARCH, as_of=MARCH.end)
    assert (found.audience, found.priority.reach) == (None, 1.0)
    assert found.no_audience_because == "there is nobody known among the customers who bought in the year"


def test_what_is_done_for_nobody_in_particular():
    (found,) = advise(rule("yes", audience=None))
    assert (found.audience, found.priority.reach) == (None, 1.0)
    assert "For whom: nobody in particular" in found.explain()
    assert found.to_dict()["audience"] is None


def test_baskets_without_a_name_reach_nobody_who_is_known():
    carts = [make_checkout(customer_id=None, begun_at="2026-03-02", id=number) for number in range(60)]
    own = rule(
        "carts", "one", Condition("cart_abandonment_rate", above=0.5), audience="left a cart", worth=None
    )
    shop = rt.Shop(orders=make_orders({"ann": ["2026-03-01"]}), checkouts=carts, as_of=MARCH.end)
    (found,) = advise(own, shop=shop, period=MARCH)
    assert (found.audience, found.priority.reach) == (None, 1.0)
    assert (
        found.no_audience_because
        == "there is nobody known among the customers who began a basket in the period"
    )


def test_one_of_several_requirements_is_enough():
    asked = rule("asked", requires=["Interaction.answered_at|Interaction.solved_at"])
    contacts = [make_interaction(direction="inbound", occurred_at="2026-03-01", solved_at="2026-03-02")]
    there = rt.Shop(orders=SHOP.orders, interactions=contacts, as_of=SPRING.end)
    assert len(advise(asked, shop=there)) == 1
    bare = rt.Shop(orders=SHOP.orders, interactions=[make_interaction(occurred_at="2026-03-01")])
    (skipped,) = advise(asked, shop=bare).skipped
    assert skipped.lacking == "Interaction(answered_at=...) or Interaction(solved_at=...)"


@pytest.mark.parametrize("who", ["ann", None])
def test_discounts_alone_say_nothing_of_full_prices(who):
    def orders(discount):
        last = make_order(customer_id=who, placed_at="2026-03-01", id="last", discount=discount)
        return [
            *(make_order(customer_id="ben", placed_at="2026-02-01", id=n, discount=1) for n in range(40)),
            last,
        ]

    asked = rule(
        "asked", "one", Condition("discounted_order_rate", above=0.2, at_least=1), requires=["full prices"]
    )
    (skipped,) = advise(asked, shop=orders(1)).skipped
    assert skipped.why == "It needs orders that are known to have had no discount, Order(discount=0)."
    assert not advise(asked, shop=orders(0)).skipped


# ------------------------------------------------------------------------------- too little, or all well


def test_orders_alone_are_no_lack_of_data():
    """Whoever has no subscriptions is told that nothing is ill, and not that too little is known."""
    more = [rule(f"more {number}", requires=["subscriptions"]) for number in range(5)]
    few = rule("few", "one", Condition("repeat_purchase_rate", above=0.999))
    found = advise(few, *more, shop=rt.Shop(orders=SHOP.orders))
    assert (len(found), found.is_too_little_known) == (0, False)
    assert "of 6 rules, 1 were judged and none follows; 5 could not be judged (no data 5)" in " ".join(
        str(found).split()
    )
    assert advise(*more, shop=rt.Shop(orders=SHOP.orders)).is_too_little_known
    assert not advise(rule("yes"), *more).is_too_little_known


# ---------------------------------------------------------------------------- one metric, made in two ways


def test_two_figures_of_one_metric_can_be_told_apart():
    ways = [
        rule(why, "one", Condition("cancellation_rate", above=0.9, at_least=1, options={"reason": why}))
        for why in ("stock", "payment")
    ]
    found = advise(*ways)
    assert [each.why[:42] for each in found.rejected] == [
        "Cancellation rate (reason stock; 2026-01-0",
        "Cancellation rate (reason payment; 2026-01",
    ]
    assert [each.made for each in found.looked_at] == [("reason stock",), ("reason payment",)]
    assert str(ways[0].conditions[0]) == "cancellation_rate (reason stock) above 0.9"


def test_what_is_to_be_watched_is_made_as_it_was_judged():
    within = Condition("cancellation_rate", below=0.9, at_least=1, options={"reason": "stock"})
    (found,) = advise(rule("yes", "one", within))
    assert found.watch_title == "Cancellation rate, reason stock"
    (found,) = advise(rule("yes", "one", within, watch="order_count"))
    assert found.watch_title == "Orders"


def test_a_figure_that_needs_more_says_how_it_was_to_be_made():
    own = rule("no", "one", Condition("answered_rate", above=0.9, options={"kind": "review"}))
    (skipped,) = advise(own, shop=rt.Shop(orders=SHOP.orders)).skipped
    assert skipped.why == "Answered rate (kind review) can't be counted: it needs Shop(interactions=...)."


def test_why_there_is_no_value_is_a_sentence():
    free = rt.Shop(orders=[make_order(customer_id="ann", placed_at="2026-03-01", amount=0)], as_of=SPRING.end)
    (skipped,) = advise(rule("x", "one", Condition("refund_rate", above=0.1)), shop=free).skipped
    assert skipped.why.endswith("had no value: there is no gross revenue.")


def test_a_period_that_is_over_is_not_said_to_be_running():
    """Of a question of yesterday nobody knows yet whether it is answered within a week."""
    low = Condition("answered_rate", below=0.999, at_least=1)
    told = {
        SPRING: "What came of the latest was not all known yet.",
        rt.Period.year(2026, tz="UTC"): "was still running.",
    }
    for period, text in told.items():
        assert judge_rule(rule("x", "onboarding", low), SHOP, period=period).why.endswith(text)


# ------------------------------------------------------------------------------------------------ money


def test_the_gap_of_a_month_is_not_worth_a_year():
    low = Condition("repeat_purchase_rate", below=0.999)
    month, year = (
        rt.Period.month(2026, 6, tz="UTC"),
        rt.Period.between(SPRING.end - timedelta(days=365), SPRING.end),
    )
    (one,) = advise(rule("few", "one", low, worth="customers"), period=month)
    (other,) = advise(rule("few", "one", low, worth="customers"), period=year)
    assert (one.value_at_stake.per, other.value_at_stake.per) == ("in a time like 2026-06", "a year")
    each = [Decimal(found.value_at_stake.arithmetic.split(" × ")[1].split()[0]) for found in (one, other)]
    assert abs(each[0] - each[1] * 30 / 365) <= Decimal("0.01")
    assert any("in 30 days as the mean of those" in granted for granted in one.value_at_stake.assumptions)
    signal = Condition("second_purchase_share", below=0.999)
    (look_back,) = advise(rule("few", "one", signal, worth="customers"), period=month)
    assert look_back.value_at_stake.per == "a year"


# -------------------------------------------------------------------------------------------- the list


def test_the_list_is_a_sequence_and_its_slices_are():
    found = advise(rule("1", "a"), rule("2", "b"), rule("3", "c"))
    part = found[:2]
    assert isinstance(part, Recommendations)
    assert (len(part), part.of_all, part[0], part[-1]) == (2, 3, found[0], found[1])
    assert list(part) == [found[0], found[1]]
    assert part.rejected == found.rejected


def test_it_can_be_pickled_compared_and_hashed():
    found = recommend(SHOP, period=SPRING)
    again = pickle.loads(pickle.dumps(found))
    assert again == found == recommend(SHOP, period=SPRING)
    assert hash(again) == hash(found)
    assert again.explain() == found.explain()


def test_what_people_filter_by_is_in_a_flat_dictionary():
    (row,) = advise(rule("yes", worth="customers", horizon=timedelta(days=30))).to_dicts()
    assert row["strategy"] == "one"
    assert row["rules"] == ["yes"]
    assert row["metric"] == "repeat_purchase_rate"
    assert row["value_low"] < row["value"] < row["value_high"]
    assert row["threshold"] == 0.01
    assert row["customers"] > 0
    assert row["at_stake_low"] < row["at_stake"] < row["at_stake_high"]
    assert (row["currency"], row["look_again_after"]) == ("EUR", "30 days")
    (bare,) = recommend(SNAP, rules=rules(rule("yes"))).to_dicts()
    assert row.keys() == bare.keys()
    assert (bare["audience"], bare["at_stake"], bare["look_again_after"]) == (None, None, None)


def test_a_running_period_is_judged_and_says_so():
    running = rt.Period.year(2026, tz="UTC")
    (found,) = advise(rule("yes"), period=running)
    assert "still running" in found.leading.why


def test_the_lifecycle_may_be_judged_by_fixed_limits():
    limits = rt.FixedThresholds(
        new_within=timedelta(days=1), at_risk_after=timedelta(days=2), lapsed_after=timedelta(days=3)
    )
    asked = rule("gone", "one", Condition("dormant_list_rate", above=0.9), audience="lapsed customers")
    assert not advise(asked)
    (found,) = advise(asked, lifecycle=limits)
    assert len(found.audience) > 200


def test_a_history_a_shop_and_a_list_of_orders_are_alike():
    plain = rules(rule("yes"), rule("no", "two", NEVER))
    history = SHOP.orders
    one = recommend(history, period=SPRING, rules=plain)
    assert one == recommend(rt.Shop(orders=history), period=SPRING, rules=plain)
    assert one == recommend(list(history), period=SPRING, rules=plain, as_of=SHOP.as_of)


def test_the_strategies_of_the_library_are_those_that_rules_name():
    assert {each.strategy for each in DEFAULT_RULES.values()} <= set(STRATEGIES)
    assert {each.audience for each in DEFAULT_RULES.values()} <= {*AUDIENCES, None}
