"""The verdict on a test with a hold-out, by hand: what is counted, what it comes to, and bad input."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from scipy.stats import binom

import retention as rt
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MissingRecordsError,
    MixedCurrencyError,
    NaiveDatetimeError,
    NotObservableError,
    UndefinedMetricError,
)
from retention.results import Mean, Ratio
from retention.strategies import Holdout, SampleRatio, assign_holdout, evaluate_experiment, plan_experiment
from retention.strategies._experiments_bootstrap import bootstrap_bounds
from retention.testing import (
    make_customer,
    make_interaction,
    make_order,
    make_orders,
    make_subscription,
    sample_shop,
)

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SHOP = sample_shop(customers=300)
"""With orders up to 1 July 2026."""
JULY = datetime(2026, 7, 1, tzinfo=UTC)


def evaluate(orders, **given):
    """A test of March, without the bootstrap unless it is asked for."""
    usual = {
        "holdout": ["a", "b"],
        "treated": ["x", "y"],
        "assigned_at": MARCH,
        "until": APRIL,
        "as_of": APRIL,
        "resamples": 0,
    }
    return evaluate_experiment(orders, **(usual | given))


BOUGHT = make_orders(
    {
        "a": ["2026-02-28", "2026-03-01T00:00", "2026-03-31T23:59"],
        "b": ["2026-04-01T00:00"],
        "x": [("2026-03-10", "30.00"), "2026-03-11"],
        "y": [("2026-03-05", "5.00")],
        None: ["2026-03-06"],
        "other": ["2026-03-07"],
    }
)


class TestWhatIsCounted:
    def test_buyers_by_hand(self):
        verdict = evaluate(BOUGHT)
        assert (verdict.treated, verdict.held_out) == (Ratio(2, 2), Ratio(1, 2))
        assert verdict.uplift == 0.5
        assert verdict.relative_uplift == 1.0
        assert verdict.total_uplift == 1.0

    def test_orders_by_hand_the_beginning_counts_and_the_end_does_not(self):
        verdict = evaluate(BOUGHT, metric="orders")
        assert (verdict.treated, verdict.held_out) == (Mean(3, 2), Mean(2, 2))

    def test_revenue_by_hand(self):
        verdict = evaluate(BOUGHT, metric="revenue")
        assert verdict.treated == Mean(Decimal("45.00"), 2, unit="EUR")
        assert verdict.held_out == Mean(Decimal("20.00"), 2, unit="EUR")
        assert verdict.total_uplift == 25.0

    def test_who_bought_nothing_counts_with_a_zero(self):
        verdict = evaluate(BOUGHT, treated=["x", "y", "nobody", "never"], metric="orders")
        assert verdict.treated == Mean(3, 4)

    def test_refunds_and_cancellations(self):
        orders = [
            *BOUGHT,
            make_order(customer_id="b", placed_at="2026-03-04", refunds=[("2026-03-09", "10.00")]),
            make_order(customer_id="b", placed_at="2026-03-05", cancelled_at="2026-03-06"),
            make_order(customer_id="b", placed_at="2026-03-06", refunds=[("2026-03-09", "4.00")]),
        ]
        assert evaluate(orders, metric="orders").held_out == Mean(3, 2)
        assert evaluate(orders, metric="revenue").held_out.total == Decimal("26.00")

    def test_each_from_an_instant_of_their_own(self):
        late = datetime(2026, 3, 11, tzinfo=UTC)
        verdict = evaluate(
            BOUGHT, assigned_at={"a": MARCH, "b": MARCH, "x": late, "y": late}, metric="orders"
        )
        assert (verdict.treated, verdict.held_out) == (Mean(1, 2), Mean(2, 2))

    def test_each_for_as_long(self):
        given = {
            "assigned_at": {
                "a": MARCH,
                "b": MARCH,
                "x": MARCH,
                "y": datetime(2026, 3, 25, tzinfo=UTC),
                "z": datetime(2026, 4, 5, tzinfo=UTC),
            },
            "treated": ["x", "y", "z"],
            "within": 10 * DAY,
            "metric": "orders",
        }
        verdict = evaluate(BOUGHT, **given)
        assert (verdict.treated, verdict.held_out) == (Mean(1, 1), Mean(1, 2))
        assert verdict.left_out == {"assigned too late to be watched": 2}
        assert "Left out of both groups: 2 assigned too late" in verdict.explain()

    def test_a_holdout_knows_the_groups(self):
        ids = ["a", "b", "x", "y", "other"]
        drawn = assign_holdout(ids, salt="s", holdout_share=0.5)
        verdict = evaluate(BOUGHT, holdout=drawn, treated=None)
        assert verdict.held_out.denominator == len(drawn.held_out)
        assert verdict.treated.denominator == len(drawn.treated)
        assert verdict.sample_ratio == SampleRatio(
            held_out=len(drawn.held_out), treated=len(drawn.treated), holdout_share=Fraction(1, 2)
        )

    def test_a_holdout_and_whoever_came(self):
        drawn = assign_holdout([], salt="s", holdout_share=0.5)
        at = dict.fromkeys(["a", "b", "x", "y", "other"], MARCH)
        verdict = evaluate(BOUGHT, holdout=drawn, treated=None, assigned_at=at)
        assert verdict.held_out.denominator == sum(map(drawn.is_held_out, at))

    def test_a_list_of_the_test_beside_the_holdout(self):
        drawn = Holdout(salt="s", holdout_share=Fraction(1, 2), held_out=("a", "b"), treated=("x", "y"))
        verdict = evaluate(BOUGHT, holdout=drawn, treated=["x"])
        assert verdict.treated == Ratio(1, 1)

    def test_one_person_with_several_ids(self):
        """a and b are one person, who counts once; x and b2 are another, who is in both groups, and so in none."""
        aliases = {"b": "a", "b2": "x"}
        verdict = evaluate(BOUGHT, holdout=["a", "b", "b2", "c"], aliases=aliases)
        assert verdict.held_out == Ratio(1, 2)
        assert verdict.treated == Ratio(1, 1)
        assert verdict.left_out == {"in both groups under several ids": 1}
        assert any("both groups under several ids" in each for each in verdict.cautions)

    def test_strangers(self):
        shop = rt.Shop(orders=BOUGHT, customers=[make_customer(id="a"), make_customer(id="b")], as_of=APRIL)
        verdict = evaluate(shop, treated=["x", "y", "7"])
        assert verdict.treated == Ratio(2, 3)
        assert any(each.startswith("of 1 customers assigned") for each in verdict.cautions)
        assert not any("has no record" in each for each in evaluate(shop).cautions)


class TestOutcome:
    @staticmethod
    def many(treated, held_out, n=100, **given):
        """So many buyers in two groups of `n`."""
        orders = make_orders(
            {
                **{f"x{each}": ["2026-03-05"] for each in range(treated)},
                **{f"a{each}": ["2026-03-05"] for each in range(held_out)},
            }
        )
        return evaluate(
            orders,
            **{
                "treated": [f"x{each}" for each in range(n)],
                "holdout": [f"a{each}" for each in range(n)],
                **given,
            },
        )

    def test_real(self):
        verdict = self.many(50, 30, holdout_share=0.5)
        assert verdict.outcome == "real"
        assert verdict.p_value < 0.05
        assert 0 not in verdict.interval()
        low, high = verdict.total_interval()
        assert low < verdict.total_uplift == 20 < high
        assert (
            str(verdict)
            .replace("\n", " ")
            .startswith(
                "The share of buyers is 20.0 points higher in the test (50.0%, 100 customers) than in the hold-out (30.0%, 100 customers). "
                "That is more than chance explains: the 95 % interval of the difference is +6.4 to +32.6 points"
            )
        )
        assert "+20 buyers, +6 to +33" in verdict.explain().replace("\n", " ")
        assert repr(verdict) == "<ExperimentVerdict on buyers: real>"

    def test_noise(self):
        verdict = self.many(35, 30)
        assert verdict.outcome == "noise"
        assert "That may be chance" in str(verdict)

    def test_harm_is_real_too(self):
        verdict = self.many(30, 50)
        assert verdict.outcome == "real"
        assert "20.0 points lower in the test" in str(verdict).replace("\n", " ")

    def test_no_difference(self):
        assert "is the same in the test (30.0%, 100 customers)" in str(self.many(30, 30)).replace("\n", " ")

    def test_another_confidence(self):
        assert self.many(42, 30).outcome == "noise"
        assert self.many(42, 30, confidence=0.9).outcome == "real"
        assert "the 90 % interval" in str(self.many(42, 30, confidence=0.9)).replace("\n", " ")

    def test_mismatch(self):
        verdict = self.many(50, 30, holdout=[f"a{each}" for each in range(250)], holdout_share=0.5)
        assert verdict.outcome == "mismatch"
        assert verdict.sample_ratio.p_value < 0.001
        text = str(verdict).replace("\n", " ")
        assert "250 of 350 customers are held out where the lot makes 175" in text
        assert "points" not in text
        assert "buyers, " not in verdict.explain()
        assert verdict.uplift is verdict.relative_uplift is verdict.total_uplift is verdict.p_value is None
        row = verdict.to_dict()
        assert row["uplift"] is row["low"] is row["high"] is row["p_value"] is row["total_uplift"] is None
        assert (verdict.treated, verdict.held_out) == (Ratio(50, 100), Ratio(30, 250))
        for asked in (verdict.interval, verdict.total_interval):
            with pytest.raises(UndefinedMetricError, match="can't be judged: 250 of 350 customers are held"):
                asked()

    def test_the_sample_ratio_by_hand(self):
        """(1,050 − 1,000)² / 500 = 5 for one degree of freedom; where few are expected, exactly."""
        ratio = SampleRatio(held_out=1050, treated=950, holdout_share=Fraction(1, 2))
        assert ratio.expected == 1000
        assert ratio.p_value == pytest.approx(0.02535, abs=1e-5)
        few = SampleRatio(held_out=4, treated=0, holdout_share=Fraction(1, 2))
        assert few.p_value == pytest.approx(2 / 16)
        assert not ratio.is_mismatch

    @pytest.mark.parametrize(
        "more, error, said",
        [
            ({"held_out": 1.5}, InvalidTypeError, "held_out must be an int"),
            ({"treated": -1}, InvalidValueError, "treated must not be negative"),
            ({"holdout_share": 50}, InvalidValueError, "SampleRatio: holdout_share must lie"),
            ({"held_out": 0, "treated": 0}, InvalidValueError, "nobody is in either group"),
        ],
    )
    def test_a_sample_ratio_of_what_is_none(self, more, error, said):
        with pytest.raises(error, match=said):
            SampleRatio(**({"held_out": 5, "treated": 5, "holdout_share": 0.5} | more))

    def test_unknown(self):
        verdict = evaluate(BOUGHT, holdout=["a"], treated=["x"], metric="orders", resamples=100)
        assert verdict.outcome == "unknown"
        assert verdict.bootstrap is None
        assert "is not known" in str(verdict)
        assert verdict.p_value is None
        assert verdict.to_dict()["low"] is None
        assert "Method" not in verdict.explain()
        with pytest.raises(UndefinedMetricError):
            verdict.interval()
        assert verdict.permutation_p_value is None

    def test_all_alike(self):
        verdict = evaluate(BOUGHT, holdout=["n", "m"], treated=["o", "b"], metric="orders", resamples=100)
        assert verdict.outcome == "unknown"
        assert verdict.bootstrap is None

    def test_too_early_for_the_data(self):
        verdict = evaluate(BOUGHT, until=APRIL + DAY)
        assert verdict.outcome == "too early"
        assert verdict.treated is verdict.comparison is verdict.uplift is verdict.p_value is None
        assert verdict.total_uplift is verdict.relative_uplift is None
        assert "the data end before" in str(verdict)
        assert verdict.to_dict()["treated"] is None
        with pytest.raises(UndefinedMetricError, match="too early"):
            verdict.interval()
        with pytest.raises(UndefinedMetricError, match="too early"):
            verdict.total_interval()

    def test_too_early_for_the_plan(self):
        plan = plan_experiment(Ratio(20, 100), uplift=0.1, within=45 * DAY, starts_at=MARCH)
        verdict = evaluate(BOUGHT, plan=plan)
        assert verdict.outcome == "too early"
        assert verdict.sample_ratio.holdout_share == Fraction(1, 2)
        assert "planned for 2026-04-15" in str(verdict)
        assert "Groups: 2 in the test" in verdict.explain()
        late = evaluate(BOUGHT, plan=plan, as_of=APRIL + 30 * DAY)
        assert late.outcome == "too early"

    def test_on_the_day_of_the_plan(self):
        plan = plan_experiment(Ratio(20, 100), uplift=0.2, within=31 * DAY, starts_at=MARCH)
        verdict = self.many(50, 30, plan=plan)
        assert verdict.outcome == "real"
        assert verdict.cautions == ()
        assert verdict.look_at == APRIL
        few = evaluate(BOUGHT, plan=plan)
        assert few.cautions[0].startswith("4 customers were counted where the plan asks for ")

    def test_a_plan_for_newcomers(self):
        orders = make_orders(
            {"c": ["2026-01-21", "2026-02-10"], **{each: ["2026-01-05"] for each in "abdef"}}
        )
        plan = plan_experiment(
            orders, as_of=datetime(2026, 3, 12, tzinfo=UTC), among="newcomers", within=30 * DAY, uplift=0.3
        )
        plan = attrs.evolve(plan, look_at=APRIL)
        verdict = evaluate(BOUGHT, plan=plan)
        assert verdict.held_out == Ratio(1, 2)
        with pytest.raises(ConflictingArgumentError, match="within="):
            evaluate(BOUGHT, plan=plan, within=DAY)

    def test_plain_values(self):
        verdict = self.many(50, 30, holdout_share=0.5)
        row = json.loads(json.dumps(verdict.to_dict()))
        assert (row["outcome"], row["customers_treated"], row["low"] > 0) == ("real", 100, True)
        again = pickle.loads(pickle.dumps(verdict))
        assert again == verdict
        assert hash(again) == hash(verdict)


class TestBootstrap:
    def test_it_stands_beside_welch(self):
        shop = SHOP
        ids = [customer.id for customer in shop.customers]
        given = {
            "holdout": ids[::2],
            "treated": ids[1::2],
            "assigned_at": APRIL,
            "until": JULY,
            "as_of": None,
            "metric": "revenue",
            "resamples": 500,
        }
        verdict = evaluate(shop, **given)
        welch, drawn = verdict.interval(), verdict.bootstrap
        assert drawn.low == pytest.approx(welch.low, abs=0.3 * (welch.high - welch.low))
        assert drawn.high == pytest.approx(welch.high, abs=0.3 * (welch.high - welch.low))
        assert evaluate(shop, **given).bootstrap == drawn
        assert evaluate(shop, **given, seed=1).bootstrap != drawn
        swapped = evaluate(shop, **given | {"holdout": ids[::2][::-1], "treated": ids[1::2][::-1]})
        assert swapped.bootstrap == drawn
        assert "Second opinion: " in verdict.explain()
        orders = evaluate(shop, **given | {"metric": "orders"})
        assert orders.bootstrap.method == "percentile bootstrap, 500 resamples, seed 0"

    def test_the_two_disagree(self):
        """One customer of the test spent so much that Welch sees nothing, and all others a little more."""
        treated = [300 + each % 7 for each in range(60)]
        orders = make_orders(
            {
                **{f"x{each}": [("2026-03-05", Decimal(units) / 100)] for each, units in enumerate(treated)},
                **{f"a{each}": [("2026-03-05", "1.00")] for each in range(3)},
                "x99": [("2026-03-05", "120.00")],
            }
        )
        verdict = evaluate(
            orders,
            treated=[*(f"x{each}" for each in range(60)), "x99"],
            holdout=[f"a{each}" for each in range(60)],
            metric="revenue",
            resamples=500,
            confidence=0.99,
        )
        assert (0 in verdict.interval()) != (0 in verdict.bootstrap)
        assert any("resampling the customers says otherwise" in each for each in verdict.cautions)

    def test_many_are_drawn_in_blocks(self):
        for n in (1500, 5000):  # of one or two customers, and of five
            values = [each % 50 for each in range(n)]
            low, high = bootstrap_bounds(values, values, confidence=0.95, resamples=300, seed=0)
            assert low < 0 < high
            assert high - low == pytest.approx(2 * 1.96 * (2 * 208.25 / n) ** 0.5, rel=0.2)

    def test_a_few(self):
        assert bootstrap_bounds([1, 1], [1, 1], confidence=0.95, resamples=100, seed=0) == (0, 0)
        assert bootstrap_bounds([0, 1], [0, 0], confidence=0.95, resamples=100, seed=3) == (0, 1)


class TestRefused:
    @pytest.mark.parametrize(
        "more, error, said",
        [
            ({"as_of": None}, AsOfRequiredError, "evaluate_experiment needs as_of="),
            ({"until": MARCH}, InvalidValueError, "until must lie after assigned_at"),
            ({"until": datetime(2026, 4, 1)}, NaiveDatetimeError, "until"),
            ({"assigned_at": date(2026, 4, 1)}, NaiveDatetimeError, "assigned_at"),
            ({"assigned_at": {"a": MARCH}}, InvalidValueError, "no instant for customer 'b'"),
            ({"assigned_at": {"a": 5}}, InvalidTypeError, r"assigned_at\['a'\]"),
            ({"treated": None}, InvalidTypeError, "give treated="),
            ({"treated": []}, InvalidValueError, "treated must not be empty"),
            ({"holdout": []}, InvalidValueError, "holdout must not be empty"),
            ({"holdout": "ab"}, InvalidTypeError, "holdout must be an iterable"),
            ({"treated": ["x", "a"]}, InvalidValueError, "customer 'a' is in both groups"),
            ({"treated": [None]}, InvalidValueError, "treated must not hold None"),
            ({"holdout": [1, 2], "treated": [3]}, InvalidValueError, "knows none of the 3 ids, such as 1"),
            ({"metric": "retention"}, InvalidValueError, "there is no metric 'retention'"),
            ({"confidence": 95}, InvalidValueError, "confidence must lie"),
            ({"holdout_share": 2}, InvalidValueError, "holdout_share must lie"),
            ({"within": 5}, InvalidTypeError, "within must be a timedelta"),
            ({"within": 60 * DAY}, InvalidValueError, "nobody of the test was watched for long enough"),
            ({"resamples": 5}, InvalidValueError, "resamples must be 0, or lie between"),
            ({"resamples": 1.0}, InvalidTypeError, "resamples must be an int"),
            ({"seed": None}, InvalidTypeError, "seed must be an int"),
            ({"plan": "a plan"}, InvalidTypeError, "what plan_experiment made"),
            (
                {"observed_from": MARCH + DAY},
                NotObservableError,
                "assigned_at must not lie before observed_from",
            ),
        ],
    )
    def test_bad_input(self, more, error, said):
        with pytest.raises(error, match=said):
            evaluate(BOUGHT, **more)

    @pytest.mark.parametrize(
        "more", [{"metric": "orders"}, {"confidence": 0.9}, {"within": DAY}, {"holdout_share": 0.2}]
    )
    def test_what_the_plan_said_is_not_changed_afterwards(self, more):
        plan = plan_experiment(Ratio(20, 100), uplift=0.2)
        with pytest.raises(ConflictingArgumentError, match=f"{next(iter(more))}=.* contradicts the plan"):
            evaluate(BOUGHT, plan=plan, **more)

    def test_nor_the_share_of_the_holdout(self):
        drawn = assign_holdout(["a", "x", "y"], salt="s", holdout_share=0.5)
        with pytest.raises(ConflictingArgumentError, match="contradicts the Holdout"):
            evaluate(BOUGHT, holdout=drawn, treated=None, holdout_share=0.2)

    def test_nobody_came(self):
        drawn = assign_holdout([], salt="s", holdout_share=0.5)
        with pytest.raises(InvalidValueError, match="assigned_at must not be empty: nobody was assigned"):
            evaluate(BOUGHT, holdout=drawn, treated=None, assigned_at={})

    def test_all_are_in_both_groups(self):
        with pytest.raises(InvalidValueError, match="nobody of the test was watched for long enough"):
            evaluate(BOUGHT, holdout=["a"], treated=["x"], aliases={"x": "a"}, holdout_share=0.5)

    def test_money_of_two_currencies(self):
        orders = [*BOUGHT, make_order(customer_id="b", placed_at="2026-03-04", currency="USD")]
        assert evaluate(orders).held_out == Ratio(2, 2)
        with pytest.raises(MixedCurrencyError):
            evaluate(orders, metric="revenue")


class TestWhoWasInLine:
    """A lot of two hundred, of whom only forty were in line for the letter."""

    LOT = assign_holdout(range(200), salt="letter", holdout_share=0.5)
    ORDERS = make_orders({who: ["2026-03-05"] for who in range(60)})

    def judged(self, wrote_to, treated=None, **more):
        letters = [
            make_interaction(customer_id=who, direction="outbound", occurred_at=MARCH + DAY)
            for who in wrote_to
        ]
        others = [
            make_interaction(customer_id=None, direction="outbound", occurred_at=MARCH + DAY),
            make_interaction(customer_id=999, direction="outbound", occurred_at=MARCH + DAY),
            *(make_interaction(customer_id=who, kind="question", occurred_at=MARCH) for who in range(200)),
            *(
                make_interaction(customer_id=who, direction="outbound", occurred_at=MARCH - DAY)
                for who in range(200)
            ),
        ]
        shop = rt.Shop(orders=self.ORDERS, interactions=[*letters, *others], as_of=APRIL, **more)
        return evaluate(shop, holdout=self.LOT, treated=treated, as_of=None)

    def test_where_only_some_were_written_to_it_says_so(self):
        verdict = self.judged([*self.LOT.treated[:20], self.LOT.treated[0], self.LOT.held_out[0]])
        told = f"of the {len(self.LOT.treated)} in the test the shop wrote to 20, as its contacts tell, and to 1 of"
        assert verdict.cautions[0].startswith(told)
        assert "Assignments.experiment(strategy)" in verdict.explain()

    def test_by_another_id_of_theirs(self):
        wrote_to = [f"mail:{who}" for who in self.LOT.treated[:20]]
        aliases = {f"mail:{who}": who for who in self.LOT.treated}
        assert "wrote to 20," in self.judged(wrote_to, aliases=aliases).cautions[0]

    @pytest.mark.parametrize("wrote_to", [(), LOT.treated, (*LOT.treated[:20], *LOT.held_out[:20])])
    def test_where_all_were_or_it_was_not_noted_it_says_nothing(self, wrote_to):
        assert not any("wrote to" in each for each in self.judged(wrote_to).cautions)

    def test_of_orders_alone_nobody_knows(self):
        verdict = evaluate(self.ORDERS, holdout=self.LOT, treated=None)
        assert not any("wrote to" in each for each in verdict.cautions)

    def test_where_one_side_is_narrowed_alone_it_says_which(self):
        verdict = self.judged((), treated=self.LOT.treated[:20])
        assert verdict.outcome == "mismatch"
        assert verdict.cautions[0].startswith(
            f"treated= names 20 where the lot put {len(self.LOT.treated)} in the test, and all "
            f"{len(self.LOT.held_out)} held out count"
        )
        more = [*self.LOT.treated, *range(1000, 1200)]
        assert not any("treated=" in each for each in self.judged((), treated=more).cautions)
        nearly = self.judged((), treated=self.LOT.treated[:-2])
        assert not any("treated=" in each for each in nearly.cautions)

    @pytest.mark.parametrize("name", ["holdout", "treated"])
    def test_a_list_of_several_strategies_is_refused(self, name):
        week = rt.assign(rt.Shop(orders=self.ORDERS, as_of=APRIL))
        with pytest.raises(InvalidTypeError, match=r"give \*\*week.experiment\(strategy\)"):
            evaluate(self.ORDERS, **{name: week})

    def test_a_shop_of_subscriptions_alone_has_nothing_to_count(self):
        runs = [make_subscription(customer_id=who, started_at=MARCH - DAY) for who in range(50)]
        shop = rt.Shop(subscriptions=runs, as_of=APRIL)
        with pytest.raises(MissingRecordsError, match="counts orders, and the shop has none, but 50 subscr"):
            evaluate(shop, holdout=range(25), treated=range(25, 50), as_of=None)
        with pytest.raises(MissingRecordsError, match="plan_experiment: a test counts orders"):
            plan_experiment(shop, uplift=0.1)


class TestSmallHoldouts:
    """Where few are expected in the hold-out, false alarms are as rare as they say."""

    @pytest.mark.parametrize(
        "customers, share", [(20, 0.01), (100, 0.01), (300, 0.01), (40, 0.05), (50, 0.9)]
    )
    def test_one_in_a_thousand_at_most(self, customers, share):
        ratios = (
            SampleRatio(held_out=held_out, treated=customers - held_out, holdout_share=share)
            for held_out in range(customers + 1)
        )
        alarms = sum(binom.pmf(each.held_out, customers, share) for each in ratios if each.is_mismatch)
        assert alarms <= 0.001


class TestNotBeforeItsTime:
    """Nothing is told before all have been watched for as long as was planned."""

    ORDERS = make_orders({each: ["2026-03-03"] if each % 3 else ["2026-02-01"] for each in range(400)})
    LOT = assign_holdout(range(400), salt="x", holdout_share=0.5)

    def judged(self, plan, days, **more):
        until = MARCH + days * DAY
        given = {"holdout": self.LOT, "assigned_at": MARCH, "until": until, "as_of": until, "plan": plan}
        return evaluate_experiment(self.ORDERS, **given | more)

    @pytest.mark.parametrize("begins", [None, MARCH, MARCH - 21 * DAY])
    def test_whenever_it_began(self, begins):
        plan = plan_experiment(Ratio(200, 1000), uplift=0.05, within=28 * DAY, starts_at=begins)
        early = self.judged(plan, 27)
        assert (early.outcome, early.look_at) == ("too early", MARCH + 28 * DAY)
        assert "planned for 2026-03-29" in str(early)
        assert self.judged(plan, 28).outcome == "noise"

    def test_beyond_the_calendar_it_is_always_too_early(self):
        plan = plan_experiment(Ratio(200, 1000), uplift=0.05, within=28 * DAY)
        end = datetime(9999, 12, 30, tzinfo=UTC)
        early = self.judged(plan, 28, assigned_at=end - 10 * DAY, until=end, as_of=end)
        assert early.outcome == "too early"

    def test_a_planned_hour_is_told(self):
        plan = plan_experiment(
            Ratio(200, 1000), uplift=0.05, within=28 * DAY, starts_at=MARCH + timedelta(hours=9.5)
        )
        assert "planned for 2026-03-29 09:30, and orders would be counted up to 2026-03-28." in " ".join(
            str(self.judged(plan, 27)).split()
        )

    def test_the_last_who_was_assigned_is_waited_for(self):
        plan = plan_experiment(Ratio(200, 1000), uplift=0.05, within=28 * DAY, starts_at=MARCH)
        came = {each: MARCH + (each % 3) * DAY for each in range(400)}
        assert self.judged(plan, 29, assigned_at=came).outcome == "too early"
        assert self.judged(plan, 30, assigned_at=came).left_out == {}

    def test_each_is_watched_as_long_as_was_planned(self):
        plan = plan_experiment(Ratio(200, 1000), uplift=0.05, within=28 * DAY, starts_at=MARCH)
        assert self.judged(plan, 28).treated == self.judged(plan, 60).treated

    def test_a_lot_of_another_share_is_refused(self):
        plan = plan_experiment(
            Ratio(200, 1000), uplift=0.05, within=7 * DAY, starts_at=MARCH, holdout_share=0.2
        )
        with pytest.raises(
            ConflictingArgumentError, match=r"holdout_share=Fraction\(1, 2\) contradicts the plan"
        ):
            self.judged(plan, 7)

    def test_a_tenth_is_a_tenth(self):
        lot = assign_holdout(range(400), salt="x", holdout_share=0.1)
        assert lot == assign_holdout(range(400), salt="x", holdout_share=Decimal("0.1"))
        until = MARCH + 9 * DAY
        found = evaluate_experiment(
            self.ORDERS,
            holdout=lot,
            holdout_share=Decimal("0.1"),
            assigned_at=MARCH,
            until=until,
            as_of=until,
        )
        assert found.sample_ratio.holdout_share == Fraction(1, 10)
