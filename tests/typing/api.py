"""How a typed program uses the public names: read by mypy and pyright, never run.

`assert_type` fixes what a caller sees. A line that must be refused carries the checkers' ignore comment, which
they report as soon as it is no longer needed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import assert_type

import retention as rt
from retention.testing import (
    SampleTruth,
    assert_ratio,
    make_checkout,
    make_customer,
    make_interaction,
    make_order,
    make_orders,
    make_response,
    make_subscription,
    sample_shop,
    sample_truth,
)
from retention.typing import Baseline, By, Responses, Verdict

assert_type(rt.__version__, str)

rows: list[dict[str, object]] = []
orders = rt.orders_from_records(rows, fields={"amount": "net"}, currency="EUR", tz="Europe/Berlin")
assert_type(orders, list[rt.Order])
assert_type(rt.orders_from_records(rows, currency="EUR", on_error="collect"), rt.Intake[rt.Order])
assert_type(rt.customers_from_records(rows), list[rt.Customer])
responses = rt.surveys_from_records(rows, constants={"kind": "nps"}, unanswered="skip")
assert_type(responses, list[rt.SurveyResponse])
assert_type(rt.surveys_from_records(rows, on_error="collect"), rt.Intake[rt.SurveyResponse])
spans = rt.subscriptions_from_records(rows, currency="EUR", float_digits=2, row_ids=True)
assert_type(spans, list[rt.Subscription])
assert_type(rt.subscriptions_from_records(rows, on_error="collect"), rt.Intake[rt.Subscription])
assert_type(rt.checkouts_from_records(rows, fields={"id": "token"}), list[rt.Checkout])
assert_type(rt.checkouts_from_records(rows, tz="UTC", on_error="collect"), rt.Intake[rt.Checkout])
contacts = rt.interactions_from_records(rows, constants={"kind": "case", "direction": "inbound"})
assert_type(contacts, list[rt.Interaction])
assert_type(rt.interactions_from_records(rows, on_error="collect"), rt.Intake[rt.Interaction])
rt.interactions_from_records(rows, currency="EUR")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]

march = rt.Period.month(2026, 3, tz="Europe/Berlin")
assert_type(march.previous(), rt.Period)
assert_type(march.split("day"), Iterator[rt.Period])

moment = datetime.fromisoformat("2026-03-01T00:00+01:00")
order = rt.Order(id=1, customer_id=None, placed_at=moment, amount="12.50", currency="EUR")
assert_type(order.amount, Decimal)
assert_type(order.refunds, tuple[rt.Refund, ...])
rt.Order(id=1, customer_id=None, placed_at=moment, amount=12.5, currency="EUR")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

shop = rt.Shop(orders=orders, as_of=moment)
history = shop.history()
assert_type(history, rt.History)
assert_type(history.append(orders), rt.History)
assert_type(sample_shop(), rt.Shop)
assert_type(sample_truth(), SampleTruth)
assert_type(make_orders({"ann": ["2026-03-01"]}), list[rt.Order])
assert_type(make_order(placed_at="2026-03-01"), rt.Order)
assert_type(make_customer(id="ann"), rt.Customer)
assert_type(make_response(score=9), rt.SurveyResponse)
assert_type(make_subscription(interval="year", pauses=[("2026-06-01", None)]), rt.Subscription)
assert_type(make_checkout(ordered_at="2026-03-01"), rt.Checkout)
assert_type(make_interaction(kind="case", sentiment=0.5), rt.Interaction)
make_subscription(interval="quarter")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

# Every metric takes an iterable, a History or a Shop, and has one exact result type.
assert_type(rt.customer_flow(orders, period=march), rt.CustomerFlow)
assert_type(rt.customer_flow(orders, period=march).customers, Mapping[str, frozenset[Hashable]])
assert_type(rt.customer_retention_rate(iter(orders), period=march), rt.Ratio)
assert_type(rt.published_retention_ratio(history, period=march), rt.Ratio)
assert_type(rt.order_count(shop, period=march), int)
assert_type(rt.net_revenue(shop, period=march), Decimal)
assert_type(rt.average_order_value(shop, period=march), rt.Mean)
assert_type(rt.gini_score(shop, period=march), rt.Score)
assert_type(rt.recency_days(shop, period=march), rt.Distribution)
assert_type(rt.lorenz_curve(shop, period=march), rt.LorenzCurve)
rt.customer_churn_rate(orders, period=march, inactive_after=timedelta(days=90), as_of=moment, currency="EUR")
rt.order_count(orders)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
rt.order_count(orders, march)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
rt.order_count(orders, period=march, asof=moment)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

# Survey metrics take an iterable of responses or a Shop.
assert_type(rt.net_promoter_score(responses, period=march, answers="latest"), rt.Score)
assert_type(rt.customer_satisfaction_score(shop, period=march, positive_from=4), rt.Score)
assert_type(rt.customer_effort_score(iter(responses), period=march, method="net", as_of=moment), rt.Score)
shares = rt.answer_share(responses, period=march, kind="why")
assert_type(shares, rt.AnswerShare)
assert_type(shares["price"], rt.Ratio)
by_touchpoint = rt.survey_by(rt.net_promoter_score, responses, key="touchpoint", period=march)
assert_type(by_touchpoint, dict[Hashable, rt.Score])
rt.answer_share(responses, period=march)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
rt.net_promoter_score(responses, period=march, currency="EUR")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

ratio = rt.Ratio(38, 100)
assert_type(ratio.value, float | None)
assert_type(float(ratio), float)
assert_type(ratio.interval(), rt.Interval)
assert_type(rt.Ratio.pool([ratio, ratio]), rt.Ratio)
assert_type(rt.average_order_value(shop, period=march).value, Decimal | None)
assert_ratio(ratio, 38, 100)


def promoters(answers: Responses) -> int:
    return rt.net_promoter_score(answers, period=march).parts["promoters"]


apart = rt.compare(ratio, rt.Ratio(35, 100), labels=("members", "others"))
assert_type(apart, rt.Comparison)
assert_type(apart.difference, float | Decimal | None)
assert_type(apart.interval(0.9), rt.Interval)
assert_type(apart.verdict, Verdict)
rt.compare(1, 2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

snap = rt.snapshot(shop, period=march, against="year_before", to_date=True)
assert_type(snap.change("order_count"), rt.Comparison)
assert_type(snap.changes(march), dict[str, rt.Comparison])
assert_type(snap.missing, Mapping[str, str])
assert_type(march.to_date(moment), rt.Period)
assert_type(snap.figure("order_count"), rt.Figure)
assert_type(snap.series("order_count"), list[rt.Figure])
assert_type(rt.METRICS["order_count"], rt.MetricSpec)
assert_type(rt.formulas.customer_churn_rate(customers_lost=1, customers_at_start=4), float)

# Tables by cohort, group and state, curves, and tests to come.
cohorts = rt.cohort_table(
    orders, period=march, unit="week", age="elapsed", retained="on_or_after", as_of=moment
)
assert_type(cohorts, rt.CohortTable)
assert_type(cohorts.cell(0, 1), rt.CohortCell)
assert_type(cohorts.cell(0, 1).retention, rt.Ratio | None)
assert_type(cohorts.average(1), rt.Ratio)
assert_type(cohorts.average(1, measure="orders_per_customer"), rt.Mean)
assert_type(rt.cohorts_by(shop, by="country", period=march), dict[Hashable, rt.CohortTable])
rt.cohort_table(orders, period=march, retained="ever")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

lives = rt.lifecycle_table(shop, at=moment, rules=rt.OwnRhythm(), stages=rt.LifecycleStages())
assert_type(lives, rt.LifecycleTable)
assert_type(lives.states, Mapping[Hashable, str])
assert_type(lives.group(state="at_risk"), rt.LifecycleGroup)
assert_type(lives.of("ann"), rt.CustomerLifecycle)
assert_type(list(lives), list[rt.CustomerLifecycle])
assert_type(lives.groups, tuple[rt.LifecycleGroup, ...])
assert_type(lives.members(state="at_risk"), tuple[Hashable, ...])
assert_type(rt.lifecycle_transitions(orders, start=moment, end=moment), rt.TransitionTable)
at_risk = rt.at_risk_customers(history, window=timedelta(days=365))
assert_type(at_risk, rt.AtRiskCustomers)
assert_type(at_risk[0], rt.AtRiskCustomer)
assert_type(at_risk[:10], rt.AtRiskCustomers)
assert_type(at_risk[0].comeback, rt.Ratio)

rfm = rt.rfm_table(shop, bins=5, monetary="mean", groups=rt.RFM_GROUPS)
assert_type(rfm, rt.RfmTable)
assert_type(rfm.of("ann"), rt.CustomerRfm)
assert_type(rfm.groups, tuple[rt.RfmGroupSummary, ...])
assert_type(rfm.revenue, Decimal)
assert_type(rfm.segments, Mapping[Hashable, str])
assert_type(rt.rfm_migration(orders, start=moment, end=moment), rt.TransitionTable)
profile = rt.ideal_customer_profile(shop, best=0.1, attributes=["country", "tags"])
assert_type(profile, rt.CustomerProfile)
assert_type(profile.traits, tuple[rt.ProfileTrait, ...])
rt.ideal_customer_profile(orders)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def by_group(by: By) -> rt.SegmentTable:
    return rt.by_segment("net_revenue", shop, period=march, by=by)


groups = rt.by_segment(rt.customer_retention_rate, shop, period=march, by=lives.states)
assert_type(groups, rt.SegmentTable)
assert_type(groups.row("DE"), rt.SegmentRow)
assert_type(groups.compare("DE"), rt.Comparison)
assert_type(rt.shops_by(shop, by=lambda customer: customer.country), dict[Hashable, rt.Shop])

curve = rt.survival_curve([rt.Spell(timedelta(days=3)), rt.Spell(timedelta(days=9), ended=False)])
assert_type(curve, rt.SurvivalCurve)
assert_type(curve.median, float | None)
assert_type(curve.survival(timedelta(days=5)), rt.CurveShare)
assert_type(curve.median_interval(), rt.QuantileInterval)
assert_type(curve.text([timedelta(days=5)]), str)
assert_type(curve.restricted_mean(timedelta(days=5)), rt.MeanTime)
assert_type(rt.second_purchase_curve(orders, period=march), rt.SurvivalCurve)
assert_type(rt.compare_curves(curve, curve), rt.CurveComparison)
assert_type(rt.compare_curves({"tea": curve, "cups": curve}).p_value, float | None)


def planned(baseline: Baseline) -> rt.PlannedTest:
    return rt.customers_needed(baseline, uplift=0.03)


assert_type(rt.power(0.3, customers=1000, uplift=0.05), rt.PlannedTest)
assert_type(rt.detectable_uplift(ratio, customers=1000), rt.PlannedTest)
rt.power("0.3", customers=1000)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

advice = rt.recommend(shop, period=march)
assert_type(advice, rt.Recommendations)
assert_type(advice[0], rt.Recommendation)
assert_type(advice[:3], rt.Recommendations)
assert_type(advice[0].strategy, rt.Strategy)
assert_type(advice[0].value_at_stake, rt.ValueAtStake | None)
assert_type(advice.rejected, tuple[rt.Verdict, ...])
assert_type(rt.recommend(rt.snapshot(shop, period=march)), rt.Recommendations)
own_rule = rt.Rule(
    "many carts are left",
    strategy="abandoned-cart-recovery",
    conditions=rt.Condition("cart_abandonment_rate", above=Decimal("0.7")),
    because="Who fills a cart wants to buy.",
)
assert_type(rt.DEFAULT_RULES.with_rules(own_rule), rt.RuleSet)
assert_type(rt.DEFAULT_RULES["fewer-come-back"], rt.Rule)
assert_type(rt.judge_rule(own_rule, shop, period=march), rt.Verdict)
assert_type(rt.recommend_for("ann", shop), rt.NextAction)
assert_type(rt.customer_situations(shop), rt.CustomerSituations)
rt.Condition("cart_abandonment_rate", above=[0.7])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

# What it is worth, who gets what, and did it work.
ours = rt.Economics(margin_rate=0.4, discount_rate=Decimal("0.1"), acquisition_cost="20.00")
assert_type(ours.margin_rate, Decimal)
assert_type(ours.discount_rate, Decimal)
assert_type(rt.recommend(shop, period=march, economics=ours), rt.Recommendations)
rt.recommend(shop, period=march, economics=0.4)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

worth = rt.value_of_retention(
    ratio, spend="100.00", margin_rate=0.4, customers=1000, periods=3, relative_uplift=0.05
)
assert_type(worth, rt.RetentionValue)
assert_type(worth.before, rt.RetentionScenario)
assert_type(worth.after.long_run_profit, Decimal | None)
assert_type(worth.profit_gain, Decimal)
assert_type(worth.gain_rate("profit"), Decimal | None)
assert_type(worth.interval("lifetime_value", 0.9), rt.Interval)
worth.interval("margin")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
rt.value_of_retention(0.8, spend=9.5, margin_rate=0.4, customers=9, periods=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
worths = rt.value_of_retention_table(
    0.8, uplifts=(0.01, Decimal("0.05")), spend=100, margin_rate=0.4, customers=1000, periods=3
)
assert_type(worths, rt.RetentionValueTable)
assert_type(worths[0], rt.RetentionValue)
assert_type(worths[:1], rt.RetentionValueTable)
rt.value_of_retention_table(0.8, uplifts=(0.01,), spend=100)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

policy = rt.ContactPolicy(
    most=500,
    channels=["e-mail", "call"],
    channels_for={"win-back-lapsed": ["call"]},
    consent=lambda customer_id: customer_id != "ann",
    holdout={"win-back-lapsed": {"ben", 7}},
)
gets = rt.assign(shop, contact_policy=policy, worth={"ann": 12.5})
assert_type(gets, rt.Assignments)
assert_type(gets[0], rt.Assignment)
assert_type(gets[:3], tuple[rt.Assignment, ...])
assert_type(gets.of("ann").strategy, rt.Strategy | None)
assert_type(gets.of("ann").reasons, tuple[str, ...])
assert_type(gets.counts, Mapping[str, int])
assert_type(gets.customers("full", strategy="win-back-lapsed"), tuple[Hashable, ...])
assert_type(gets.ids(channel="call"), list[str | int])
assert_type(list(gets.everybody()), list[rt.Assignment])
rt.assign(rt.customer_situations(shop))
rt.assign(shop, contact_policy={"most": 500})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
rt.ContactPolicy(500)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

plan = rt.plan_experiment(shop, relative_uplift=0.1, within=timedelta(weeks=4), currency="EUR")
assert_type(plan, rt.ExperimentPlan)
assert_type(plan.look_at, datetime | None)
assert_type(plan.needed, rt.PlannedTest)
assert_type(rt.plan_experiment(ratio, uplift=0.05), rt.ExperimentPlan)
rt.plan_experiment(shop, metric="margin", uplift=0.05)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
lot = rt.assign_holdout(["ann", 7], salt="a letter", holdout_share=Fraction(1, 5))
assert_type(lot, rt.Holdout)
assert_type(lot.is_held_out("cem"), bool)
assert_type(lot.held_out, tuple[Hashable, ...])
rt.assign_holdout(["ann"], holdout_share=0.2)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
rt.ContactPolicy(holdout=lot)
found = rt.evaluate_experiment(shop, holdout=lot, assigned_at=moment, until=moment, plan=plan)
assert_type(found, rt.ExperimentVerdict)
assert_type(found.uplift, float | None)
assert_type(found.interval(), rt.Interval)
assert_type(found.sample_ratio, rt.SampleRatio | None)
assert_type(found.comparison, rt.Comparison | None)
rt.evaluate_experiment(
    shop, holdout=["ann"], treated=["ben"], assigned_at={"ann": moment, "ben": moment}, until=moment
)
rt.evaluate_experiment(shop, holdout=lot, until=moment)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

checklist = rt.audit(shop, period=march, answers={"brand-story": "in place"})
assert_type(checklist, rt.Audit)
assert_type(checklist["brand-story"], rt.AuditItem)
assert_type(checklist["brand-story"].trace, rt.AuditTrace)
assert_type(checklist.absent, tuple[rt.AuditItem, ...])
rt.audit(shop, period=march, answers={"brand-story": "yes"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
