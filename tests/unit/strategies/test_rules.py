"""Rules and sets of them: how they are made and changed, and what is refused when they are made."""

from __future__ import annotations

import pickle
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest

import retention as rt
from retention.benchmarks import Benchmark
from retention.errors import InvalidTypeError, InvalidValueError
from retention.strategies import STRATEGIES, Condition, Rule, RuleSet, Step, Strategy

BECAUSE = "Who fills a cart wants to buy."
OWN = Strategy(
    id="window-display",
    title="Window display",
    what="A window that shows what came in this week.",
    steps=[Step("Change it on Mondays.")],
    audiences=["passers-by"],
    effort="low",
    moves={"new_customer_count": "up"},
)


def rule(name="carts", *conditions, **fields):
    told = {"strategy": "abandoned-cart-recovery", "because": BECAUSE} | fields
    return Rule(name, conditions=conditions or Condition("cart_abandonment_rate", above=0.7), **told)


def faults(*rules, **more):
    with pytest.raises(InvalidValueError) as caught:
        RuleSet(rules, **more)
    return str(caught.value)


def fault(*conditions, **more):
    """What a set says of the one rule that has these conditions."""
    return faults(rule("a rule", *conditions), **more)


class TestRule:
    def test_a_single_condition_needs_no_tuple(self):
        condition = Condition("cart_abandonment_rate", above=0.7)
        one = Rule("carts", strategy="abandoned-cart-recovery", conditions=condition, because=BECAUSE)
        assert one.conditions == (condition,)
        assert one == rule("carts", condition)

    def test_what_it_is_unless_told_otherwise(self):
        one = rule()
        assert (one.audience, one.weight, one.urgent) == ("all customers", 1.0, True)
        assert (one.requires, one.worth, one.watch, one.horizon) == ((), None, None, None)

    def test_what_to_watch_is_the_first_conditions_metric_unless_told(self):
        both = (Condition("order_count", above=50), Condition("refund_rate", above=0.2))
        assert rule("x", *both).watched == "order_count"
        assert rule("x", *both, watch="refund_rate").watched == "refund_rate"

    def test_as_text(self):
        both = (Condition("order_count", above=50), Condition("refund_rate", above=0.2))
        assert (
            str(rule("x", *both))
            == "x: abandoned-cart-recovery when order_count above 50 and refund_rate above 0.2"
        )
        assert repr(rule()) == "<Rule 'carts': abandoned-cart-recovery when cart_abandonment_rate above 0.7>"

    def test_it_can_be_hashed_and_pickled(self):
        one = rule(horizon=timedelta(days=90), requires=["checkouts"])
        assert pickle.loads(pickle.dumps(one)) == one
        assert len({one, pickle.loads(pickle.dumps(one))}) == 1

    @pytest.mark.parametrize(
        "field, value, error, message",
        [
            ("id", "", InvalidValueError, r"Rule\.id must not be empty"),
            ("strategy", None, InvalidTypeError, r"Rule\.strategy must be a text"),
            (
                "conditions",
                (),
                InvalidValueError,
                r"Rule\.conditions must hold at least one Condition \(got none, for rule 'carts'\)",
            ),
            (
                "conditions",
                "refund_rate above 0.2",
                InvalidTypeError,
                r"Rule\.conditions must be one or more Conditions",
            ),
            (
                "conditions",
                [0.7],
                InvalidTypeError,
                r"Rule\.conditions must be one or more Conditions, .* for rule 'carts'",
            ),
            (
                "requires",
                "checkouts",
                InvalidTypeError,
                r'Rule\.requires must be several texts, such as \("checkouts",\)',
            ),
            ("requires", [3], InvalidTypeError, r"Rule\.requires must be several texts"),
            (
                "worth",
                "profit",
                InvalidValueError,
                r"Rule\.worth must be one of 'customers', 'orders', 'revenue'",
            ),
            (
                "weight",
                "heavy",
                InvalidTypeError,
                r"Rule\.weight must be a number, not str \(got 'heavy', for rule 'carts'\)",
            ),
            ("weight", True, InvalidTypeError, r"Rule\.weight must be a number, not bool"),
            (
                "weight",
                0,
                InvalidValueError,
                r"Rule\.weight must be above 0 and finite \(got 0\.0, .*RuleSet\.without",
            ),
            ("weight", float("inf"), InvalidValueError, r"Rule\.weight must be above 0 and finite"),
            ("weight", float("nan"), InvalidValueError, r"Rule\.weight must be above 0 and finite"),
            ("urgent", 1, InvalidTypeError, r"Rule\.urgent must be True or False"),
            ("because", "  ", InvalidValueError, r"Rule\.because must not be empty"),
            ("audience", "", InvalidValueError, r"Rule\.audience must not be empty"),
            ("watch", 7, InvalidTypeError, r"Rule\.watch must be a text"),
            ("horizon", 90, InvalidTypeError, r"Rule: horizon must be a timedelta or a relativedelta"),
        ],
    )
    def test_every_field_is_checked(self, field, value, error, message):
        fields = {
            "id": "carts",
            "strategy": "abandoned-cart-recovery",
            "conditions": Condition("cart_abandonment_rate", above=0.7),
            "because": BECAUSE,
        }
        with pytest.raises(error, match=message):
            Rule(**fields | {field: value})


class TestRuleSet:
    def test_it_is_a_mapping_in_the_order_given(self):
        rules = RuleSet([rule("b"), rule("a")])
        assert list(rules) == ["b", "a"]
        assert rules["a"] == rule("a")
        assert len(rules) == 2
        assert "c" not in rules
        assert repr(rules) == "<RuleSet: 2 rules>"
        with pytest.raises(KeyError, match="c"):
            rules["c"]

    def test_any_iterable_will_do_and_another_set(self):
        rules = RuleSet(rule(name) for name in "ab")
        assert RuleSet(rules) == rules == RuleSet([rule("a"), rule("b")])
        assert hash(RuleSet(rules)) == hash(rules)

    def test_none_at_all_is_a_set_as_well(self):
        assert len(RuleSet([])) == 0

    def test_it_can_be_pickled(self):
        rules = RuleSet([rule()])
        assert pickle.loads(pickle.dumps(rules)) == rules

    def test_adding(self):
        rules = RuleSet([rule("a")])
        assert list(rules.with_rules(rule("b"), rule("c"))) == ["a", "b", "c"]
        assert list(rules) == ["a"]

    def test_adding_what_is_there(self):
        with pytest.raises(
            InvalidValueError, match=r"RuleSet\.with_rules: there is a rule 'a' already; replacing\(rule\)"
        ):
            RuleSet([rule("a")]).with_rules(rule("a"))

    def test_adding_one_twice(self):
        with pytest.raises(InvalidValueError, match=r"RuleSet\.with_rules: rule 'b' is given twice"):
            RuleSet([rule("a")]).with_rules(rule("b"), rule("b"))

    def test_replacing_keeps_the_place(self):
        rules = RuleSet([rule("a"), rule("b")]).replacing(rule("a", weight=3.0))
        assert list(rules) == ["a", "b"]
        assert rules["a"].weight == 3.0

    def test_leaving_out(self):
        assert list(RuleSet([rule("a"), rule("b"), rule("c")]).without("a", "c")) == ["b"]

    @pytest.mark.parametrize(
        "verb",
        [
            lambda r: r.replacing(rule("cards")),
            lambda r: r.without("cards"),
            lambda r: r.adjusted("cards", weight=2),
        ],
    )
    def test_what_is_not_there(self, verb):
        with pytest.raises(InvalidValueError, match="there is no rule 'cards'; did you mean 'carts'"):
            verb(RuleSet([rule("carts")]))

    @pytest.mark.parametrize("verb", ["with_rules", "replacing"])
    def test_verbs_take_rules(self, verb):
        with pytest.raises(
            InvalidTypeError, match=rf"RuleSet\.{verb}: number 0 must be a Rule, not str \(got 'carts'\)"
        ):
            getattr(RuleSet([rule()]), verb)("carts")

    @pytest.mark.parametrize(
        "given, message",
        [
            ("carts", r"RuleSet\.rules must be a list of Rules, not str"),
            (7, r"RuleSet\.rules must be a list of Rules, not int"),
            ([Condition("order_count", above=1)], r"RuleSet\.rules: number 0 must be a Rule, not Condition"),
        ],
    )
    def test_it_takes_rules(self, given, message):
        with pytest.raises(InvalidTypeError, match=message):
            RuleSet(given)

    def test_every_verb_checks_what_comes_of_it(self):
        with pytest.raises(InvalidValueError, match="there is no metric 'order_coun'"):
            RuleSet([rule()]).with_rules(rule("x", Condition("order_coun", above=1)))


class TestAdjusting:
    def test_another_threshold(self):
        rules = RuleSet([rule()]).adjusted("carts", above=0.8, at_least=100, weight=2)
        condition = rules["carts"].conditions[0]
        assert (condition.above, condition.at_least) == (0.8, 100)
        assert rules["carts"].weight == 2

    def test_the_first_condition_only(self):
        both = (Condition("refund_rate", above=0.2), Condition("order_count", above=50))
        changed = RuleSet([rule("x", *both)]).adjusted("x", above=0.3)["x"]
        assert changed.conditions == (Condition("refund_rate", above=0.3), both[1])

    def test_a_benchmark_in_its_place(self):
        rules = RuleSet([rule("x", Condition("customer_retention_rate", below=0.2))])
        assert rules.adjusted("x", below="B10")["x"].conditions[0].threshold == 0.38

    def test_how_far(self):
        rules = RuleSet([rule("x", Condition("order_count", change="fell", by=0.2))])
        assert rules.adjusted("x", by=0.3)["x"].conditions[0].by == 0.3

    def test_the_weight_alone(self):
        rules = RuleSet([rule()])
        assert rules.adjusted("carts", weight=0.5)["carts"] == attrs.evolve(rules["carts"], weight=0.5)

    @pytest.mark.parametrize(
        "given, message",
        [
            (
                {"below": 0.2},
                r"'cart_abandonment_rate above 0.7', which has no below= \(got 0\.2\); give above=",
            ),
            ({"by": 0.2}, r"which has no by= \(got 0\.2\); give above="),
        ],
    )
    def test_another_kind_of_condition_is_refused(self, given, message):
        with pytest.raises(InvalidValueError, match=message):
            RuleSet([rule()]).adjusted("carts", **given)

    def test_a_change_has_no_threshold(self):
        rules = RuleSet([rule("x", Condition("order_count", change="fell", by=0.2))])
        with pytest.raises(InvalidValueError, match=r"which has no below= .*; give by="):
            rules.adjusted("x", below=3)

    def test_one_that_is_below_something(self):
        rules = RuleSet([rule("x", Condition("order_count", below=50))])
        with pytest.raises(InvalidValueError, match=r"which has no above= .*; give below="):
            rules.adjusted("x", above=3)

    def test_an_impossible_threshold_is_refused(self):
        with pytest.raises(InvalidValueError, match=r"never above 80; write 0\.8 for 80 %"):
            RuleSet([rule()]).adjusted("carts", above=80)


class TestStrategies:
    def test_ones_own(self):
        own = rule("a", strategy="window-display")
        assert RuleSet([own], strategies=[*STRATEGIES.values(), OWN])["a"].strategy == "window-display"
        assert list(RuleSet([own], strategies={"window-display": OWN}).strategies) == ["window-display"]

    def test_adding_one(self):
        rules = RuleSet([rule()]).with_strategies(OWN)
        assert rules.strategies["window-display"] is OWN
        assert rules.strategies["onboarding"] is STRATEGIES["onboarding"]
        assert rules.with_rules(rule("b", strategy="window-display"))

    def test_replacing_one(self):
        changed = attrs.evolve(STRATEGIES["onboarding"], effort="high")
        assert RuleSet([rule()]).with_strategies(changed).strategies["onboarding"].effort == "high"

    def test_adding_something_else(self):
        with pytest.raises(
            InvalidTypeError, match=r"RuleSet\.with_strategies: number 0 must be a Strategy, not str"
        ):
            RuleSet([]).with_strategies("onboarding")

    @pytest.mark.parametrize(
        "given, message",
        [
            ("onboarding", r"RuleSet\.strategies must be a list of Strategies, not str"),
            (["onboarding"], r"RuleSet\.strategies: number 0 must be a Strategy, not str"),
            (7, r"RuleSet\.strategies must be a list of Strategies, not int"),
        ],
    )
    def test_they_are_strategies(self, given, message):
        with pytest.raises(InvalidTypeError, match=message):
            RuleSet([], strategies=given)

    def test_each_once(self):
        with pytest.raises(InvalidValueError, match=r"RuleSet\.strategies must have each strategy once"):
            RuleSet([], strategies=[OWN, OWN])


class TestFaults:
    def test_two_rules_of_one_id(self):
        assert (
            faults(rule("a"), rule("b"), rule("a"))
            == "RuleSet.rules: two rules have the id 'a'; give each one of its own"
        )

    def test_a_strategy_of_ones_own_names_what_there_is(self):
        own = attrs.evolve(OWN, id="own", moves={"refnd_rate": "down"}, overlaps=["nope"], contradicts=["no"])
        with pytest.raises(InvalidValueError) as caught:
            RuleSet([], strategies=[own])
        told = str(caught.value).splitlines()[1:]
        assert told[0].startswith(
            "strategy 'own': Strategy.moves: there is no metric 'refnd_rate'; did you mean"
        )
        assert told[1].startswith("strategy 'own': Strategy.overlaps: there is no strategy 'nope'; there are")
        assert told[2].startswith(
            "strategy 'own': Strategy.contradicts: there is no strategy 'no'; there are"
        )
        assert len(told) == 3

    def test_a_rise_and_a_fall_exclude_each_other(self):
        both = [Condition("refund_rate", change=way) for way in ("rose", "fell")]
        assert "never hold at once" in faults(rule("a", *both))
        since = [
            Condition("refund_rate", change="rose"),
            Condition("refund_rate", change="fell", against="year_before"),
        ]
        assert RuleSet([rule("a", *since)])

    def test_a_rule_about_a_figure_of_ones_own_is_added(self):
        late = rule("late", Condition("parcels_late", above=0.1))
        rules = RuleSet([rule("a")]).with_figures("parcels_late").with_rules(late)
        assert (rules.figures, list(rules)) == (("parcels_late",), ["a", "late"])
        assert rules.with_figures("parcels_late") == rules
        with pytest.raises(InvalidValueError, match="there is a metric 'refund_rate' already"):
            rules.with_figures("refund_rate")
        with pytest.raises(InvalidTypeError, match="must be names"):
            rules.with_figures(1)

    def test_any_mapping_of_rules_is_a_set(self):
        rules = RuleSet([rule("a"), rule("b")])
        assert RuleSet(dict(rules)) == rules

    @pytest.mark.parametrize("weight", [10**400, Decimal("1e999")])
    def test_a_weight_that_no_float_holds(self, weight):
        with pytest.raises(InvalidValueError, match=r"Rule\.weight must be above 0 and finite"):
            rule("a", weight=weight)

    @pytest.mark.parametrize("weight", [Decimal("0.5"), Fraction(1, 2), 0.5])
    def test_a_weight_of_any_kind_of_number(self, weight):
        assert type(rule("a", weight=weight).weight) is float

    def test_all_faults_are_told_at_once(self):
        text = faults(
            rule("a", strategy="abandoned-cart-recovry"),
            rule("b", Condition("cart_abandonment_rat", above=0.7)),
            rule("c"),
        )
        assert text.splitlines() == [
            "2 things are wrong:",
            "rule 'a': Rule.strategy: there is no strategy 'abandoned-cart-recovry'; did you mean 'abandoned-cart-recovery'?",
            "rule 'b': Condition.metric: there is no metric 'cart_abandonment_rat'; did you mean 'cart_abandonment_rate'? name a figure of your own with figures=, or with_figures('cart_abandonment_rat') beforehand",
        ]

    @pytest.mark.parametrize(
        "fields, message",
        [
            ({"strategy": "xyz"}, "Rule.strategy: there is no strategy 'xyz'; there are "),
            (
                {"audience": "all customer"},
                "Rule.audience: there is no audience 'all customer'; did you mean 'all customers'",
            ),
            (
                {"watch": "refund_rat"},
                "Rule.watch: there is no metric 'refund_rat'; did you mean 'refund_rate'",
            ),
            ({"requires": ["checkout"]}, "Rule.requires knows no 'checkout'; did you mean 'checkouts'"),
            (
                {"requires": ["Order.discont"]},
                "Rule.requires knows no 'Order.discont'; did you mean 'Order.discount'",
            ),
        ],
    )
    def test_names_that_nobody_knows(self, fields, message):
        assert message in faults(rule(**fields))

    def test_where_there_is_nothing_to_choose_from(self):
        assert faults(rule(), strategies=[]).endswith(
            "there is no strategy 'abandoned-cart-recovery'; there is none"
        )

    def test_where_there_is_little_to_choose_from(self):
        assert faults(rule(), strategies=[OWN]).endswith("there are window-display")

    def test_what_may_be_required(self):
        words = ["orders", "customers", "responses", "subscriptions", "checkouts", "interactions"]
        RuleSet(
            [
                rule(
                    requires=[
                        *words,
                        "as_of",
                        "observed_from",
                        "a year",
                        "Order.discount",
                        "Checkout.channel",
                    ]
                )
            ]
        )

    def test_what_may_be_watched(self):
        RuleSet([rule(watch="second_purchase_share"), rule("b", watch="late")], figures=["late"])

    @pytest.mark.parametrize("name, what", [("order_count", "metric"), ("second_purchase_share", "signal")])
    def test_figures_have_names_of_their_own(self, name, what):
        assert (
            faults(figures=[name])
            == f"RuleSet.figures: there is a {what} {name!r} already; leave it out, since it is counted here, or give a figure "
            "of your own another name"
        )

    def test_the_signal_that_an_outlook_makes_says_where_it_comes_from(self):
        assert faults(figures=["best_customers_leaving_rate"]) == (
            "RuleSet.figures: there is a signal 'best_customers_leaving_rate' already; give outlook=, of which it is made, or "
            "give a figure of your own another name"
        )

    def test_figures_are_names(self):
        for given in ("late", [7]):
            with pytest.raises(InvalidTypeError, match=r"RuleSet\.figures must be names of figures"):
                RuleSet([], figures=given)


class TestThresholds:
    @pytest.mark.parametrize(
        "condition, message",
        [
            (
                Condition("refund_rate", above=1),
                "Condition.above: refund_rate lies between 0 and 1, so that it is never above 1",
            ),
            (Condition("refund_rate", above=70), "never above 70; write 0.7 for 70 %"),
            (Condition("refund_rate", above=700), "never above 700"),
            (Condition("refund_rate", above=-0.1), "always above -0.1"),
            (Condition("refund_rate", below=0), "never below 0"),
            (Condition("refund_rate", below=1.5), "always below 1.5; write 0.015 for 1.5 %"),
            (
                Condition("net_promoter_score", above=100),
                "net_promoter_score lies between -100 and 100, so that it is never above 100",
            ),
            (Condition("order_count", below=0), "order_count lies from 0 up, so that it is never below 0"),
            (Condition("order_count", above=-1), "always above -1"),
            (
                Condition("gross_margin_ratio", above=1),
                "gross_margin_ratio lies no higher than 1, so that it is never above 1",
            ),
            (
                Condition("second_purchase_share", above=1),
                "second_purchase_share lies between 0 and 1, so that it is never above 1",
            ),
        ],
    )
    def test_impossible_ones(self, condition, message):
        assert message in fault(condition)

    @pytest.mark.parametrize(
        "condition",
        [
            Condition("refund_rate", above=0),
            Condition("refund_rate", below=1),
            Condition("order_count", above=0),
            Condition("net_promoter_score", below=-50),
            Condition("gross_margin_ratio", below=-0.5),
            Condition("published_retention_ratio", above=3),
            Condition("second_purchase_share", below=0.3),
            Condition("net_revenue_churn_ratio", above=-0.5),
        ],
    )
    def test_possible_ones(self, condition):
        assert RuleSet([rule("a rule", condition)])

    def test_money_without_a_least_sample(self):
        assert (
            "Condition.at_least: net_revenue is a sum of money, of which nobody knows how many stand behind it (got 30); "
            'give 0, and a second Condition on a count, such as Condition("order_count", above=30)'
        ) in fault(Condition("net_revenue", below=1000))
        assert RuleSet([rule("a rule", Condition("net_revenue", below=Decimal(1000), at_least=0))])

    def test_a_flow_of_money_as_well(self):
        assert "revenue_flow is a sum of money" in fault(Condition("revenue_flow", below=1000))

    @pytest.mark.parametrize(
        "one, other",
        [
            (Condition("refund_rate", above=0.2), Condition("refund_rate", below=0.1)),
            (Condition("refund_rate", below=0.1), Condition("refund_rate", above=0.1)),
        ],
    )
    def test_two_that_never_hold_at_once(self, one, other):
        assert (
            fault(one, other)
            == f"rule 'a rule': Rule.conditions: {str(one)!r} and {str(other)!r} never hold at once"
        )

    @pytest.mark.parametrize(
        "one, other",
        [
            (Condition("refund_rate", above=0.1), Condition("refund_rate", below=0.2)),
            (Condition("refund_rate", below=0.2), Condition("refund_rate", above=0.1)),
            (Condition("refund_rate", above=0.1), Condition("refund_rate", above=0.2)),
            (Condition("refund_rate", below=0.1), Condition("refund_rate", change="fell")),
            (Condition("refund_rate", above=0.2), Condition("cancellation_rate", below=0.1)),
            (
                Condition("cancellation_rate", above=0.2),
                Condition("cancellation_rate", below=0.1, options={"reason": "payment"}),
            ),
        ],
    )
    def test_two_that_may_hold_at_once(self, one, other):
        assert RuleSet([rule("a rule", one, other)])

    @pytest.mark.parametrize("metric", ["lorenz_curve", "cancellation_reason_share", "second_purchase_curve"])
    def test_pictures(self, metric):
        assert f"Condition.metric: {metric} is a picture or a table, and no single figure" in fault(
            Condition(metric, above=0.2)
        )


class TestOptions:
    def test_a_keyword_that_there_is(self):
        assert RuleSet([rule("x", Condition("cancellation_rate", above=0.1, options={"reason": "payment"}))])

    @pytest.mark.parametrize(
        "condition, message",
        [
            (
                Condition("cancellation_rate", above=0.1, options={"reson": "payment"}),
                "Condition.options: cancellation_rate has no keyword reson; did you mean 'reason'? it takes reason",
            ),
            (
                Condition("order_count", above=1, options={"of": "new"}),
                "order_count has no keyword of; it takes none",
            ),
            (
                Condition("second_purchase_share", below=0.1, options={"within": 3}),
                "Condition.options: second_purchase_share is a signal and takes no keyword (got within)",
            ),
        ],
    )
    def test_one_that_there_is_not(self, condition, message):
        assert message in fault(condition)

    def test_a_figure_of_ones_own_takes_none(self):
        text = fault(Condition("late", below=0.1, options={"within": 3}), figures=["late"])
        assert (
            text
            == "rule 'a rule': Condition.options: late is a figure of your own and takes no keyword (got within)"
        )


class TestBenchmarks:
    def test_made_with_other_keywords(self):
        text = fault(Condition("conversion_rate", below="E15 new"))
        assert text == (
            "rule 'a rule': Condition.options: E15 new is about conversion_rate with of=new (got of=all); make the figure so"
        )

    def test_made_with_the_same_keywords(self):
        assert RuleSet([rule("x", Condition("conversion_rate", below="E15 new", options={"of": "new"}))])

    def test_keywords_that_have_a_usual_value(self):
        assert RuleSet([rule("x", Condition("second_purchase_rate", below="E16"))])
        text = fault(Condition("second_purchase_rate", below="E16", options={"within": timedelta(days=30)}))
        assert "E16 is about second_purchase_rate with within=16 days (got within=30 days)" in text

    def test_a_number_that_is_written_otherwise(self):
        assert RuleSet(
            [
                rule(
                    "x",
                    Condition("revenue_concentration_rate", above="E14", options={"top": Decimal("0.20")}),
                )
            ]
        )

    def test_every_published_figure_can_be_a_threshold(self):
        for published in rt.BENCHMARKS.values():
            for metric in published.metrics:
                options = {
                    name: {"16 days": timedelta(days=16), "0.2": Decimal("0.2"), "3": 3, "1": 1}.get(
                        text, text
                    )
                    for name, text in published.options.items()
                }
                assert RuleSet([rule("x", Condition(metric, below=published.id, options=options))])

    def test_ones_own_for_a_figure_of_ones_own(self):
        own = Benchmark(
            id="trade",
            title="parcels that come late",
            metrics=["late"],
            low=0.05,
            high=0.05,
            unit="share of orders",
            applies_to="the trade",
            guide="trade association",
            published="5 % come late",
            caution="of large parcels",
        )
        assert RuleSet([rule("x", Condition("late", above=own))], figures=["late"])


class TestChanges:
    @pytest.mark.parametrize(
        "condition, message",
        [
            (
                Condition("order_count", change="fell"),
                "Condition.by: order_count has no interval, so that any move at all would do (got 0)",
            ),
            (
                Condition("purchase_gap_days", change="rose"),
                "Condition.by: purchase_gap_days has no interval",
            ),
            (
                Condition("refund_rate", change="rose", by=5),
                "refund_rate can't have risen by 5, but by 1 at most; write 0.05 for 5 %",
            ),
            (
                Condition("order_count", change="fell", by=20),
                "order_count can't have fallen by 20, but by 1 at most; write 0.2 for 20 %",
            ),
            (Condition("net_promoter_score", change="fell", by=300), "but by 200 at most"),
            (
                Condition("second_purchase_share", change="fell"),
                "Condition.change: second_purchase_share is a signal, of which no earlier figure is known (got 'fell')",
            ),
        ],
    )
    def test_refused(self, condition, message):
        assert message in fault(condition)

    def test_of_a_figure_of_ones_own(self):
        assert "late is a figure of your own, of which no earlier figure" in fault(
            Condition("late", change="rose"), figures=["late"]
        )

    def test_of_what_is_never_compared(self):
        metric = next(spec for spec in rt.METRICS.values() if spec.untested_because and spec.shown)
        text = fault(Condition(metric.id, change="fell", by=0.1))
        assert f"Condition.change: two periods of {metric.id} are never compared, since " in text

    @pytest.mark.parametrize(
        "condition",
        [
            Condition("order_count", change="fell", by=0.2),
            Condition("order_count", change="rose", by=3),
            Condition("refund_rate", change="rose"),
            Condition("average_order_value", change="fell", by=0.1),
            Condition("net_promoter_score", change="fell", by=20),
            Condition("gross_margin_ratio", change="fell", by=2),
            Condition("net_revenue", change="fell", by=0.2, at_least=0),
        ],
    )
    def test_taken(self, condition):
        assert RuleSet([rule("a rule", condition)])
