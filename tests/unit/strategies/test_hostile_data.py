"""Advice on shops, names and figures that mean no good: it says what it knows, and refuses the rest by name."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest

import retention as rt
from retention.testing import sample_shop

START = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
HALF = rt.Period.last(6, "month", as_of=AS_OF, tz="UTC")
SHOP = sample_shop(customers=300)
ILL = sample_shop(customers=300, ailment="lapsed regulars")
THRESHOLDS = rt.FixedThresholds(
    new_within=timedelta(days=20), at_risk_after=timedelta(days=30), lapsed_after=timedelta(days=60)
)
SNAPSHOT = rt.snapshot(SHOP, period=[HALF.previous(), HALF])


def orders(count=600, **more):
    """Orders of forty customers over half a year."""
    return [
        rt.Order(
            **{
                "id": number,
                "customer_id": f"c{number % 40}",
                "placed_at": START + timedelta(days=number % 170, hours=number % 20),
                "amount": 10 + number % 7,
                "currency": "EUR",
            }
            | {name: value(number) for name, value in more.items()}
        )
        for number in range(count)
    ]


def advise(data, **more):
    return rt.recommend(data, **({"period": HALF, "as_of": AS_OF} | more))


def everything_said(answer):
    """All texts of an answer."""
    each = [text for one in answer for text in (str(one), one.explain(), repr(one))]
    others = [text for one in (*answer.rejected, *answer.skipped) for text in (str(one), repr(one))]
    return "\n".join([str(answer), answer.explain(), repr(answer), *each, *others])


# ------------------------------------------------------------------------------------------------- names

NAMES = ("<b>x</b>", "\u202eevil", "x" * 300, ("a\nb",), b"\x00", 10**40, "%s {0}", "a|b\\")
MARKUP = "<script>alert(1)</script> {0} %s \u202etxt"
UNCLEAN = f"two\nlines\x00\x1b[31m\t{MARKUP}"


def strategy_of_unclean_texts():
    return rt.Strategy(
        id="mine",
        title=UNCLEAN,
        what=UNCLEAN,
        steps=(rt.Step(UNCLEAN),),
        audiences=(UNCLEAN,),
        effort="low",
        moves={"net_revenue": "up"},
        needs=(UNCLEAN,),
        risks=(UNCLEAN,),
    )


def test_texts_of_the_host_come_out_printable_and_untouched_by_formatting():
    rule = rt.Rule(
        "mine",
        strategy="mine",
        conditions=rt.Condition(MARKUP, above=0.1),
        because=MARKUP,
        watch=MARKUP,
        horizon=timedelta(days=30),
    )
    rules = rt.RuleSet([rule], strategies=[strategy_of_unclean_texts()], figures=[MARKUP])
    (one,) = answer = advise(SHOP.orders, rules=rules, figures={MARKUP: rt.Ratio(50, 100)})
    for text in (str(answer), answer.explain(), str(one), one.explain(), repr(answer)):
        assert all(line.isprintable() for line in text.split("\n"))
    assert "{0} %s" in one.explain()
    assert "two lines" in one.explain()
    assert one.first_steps[0].text == UNCLEAN, "data stay as they are given"


def test_ids_of_any_kind_are_kept_in_audiences_and_out_of_texts():
    given = orders(len(NAMES) * 3, customer_id=lambda number: NAMES[number % len(NAMES)])
    rule = rt.Rule(
        "mine",
        strategy="onboarding",
        conditions=rt.Condition("active_customer_count", above=1),
        because="They are here.",
    )
    (one,) = answer = advise(given, rules=[rule])
    assert set(one.audience.customers) == set(NAMES)
    assert {type(each) for each in one.audience.ids()} == {str, int}
    assert not any(str(name) in everything_said(answer) for name in NAMES)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_the_action_for_anybody_can_be_printed(name):
    given = orders(len(NAMES) * 3, customer_id=lambda number: NAMES[number % len(NAMES)])
    action = rt.recommend_for(name, given, as_of=AS_OF)
    for text in (str(action), action.explain(), str(action.situation), repr(action)):
        assert all(line.isprintable() for line in text.split("\n"))
    assert action.customer_id == name
    assert pickle.loads(pickle.dumps(action)) == action


@pytest.mark.parametrize("name", [None, "nobody", 1.5, True, "", ["c1"], float("nan")], ids=repr)
def test_who_is_not_there_is_refused_by_name(name):
    given = orders(customer_id=lambda number: number % 3 + 1)  # 1 equals True
    with pytest.raises((rt.InvalidValueError, rt.InvalidTypeError), match="recommend_for"):
        rt.recommend_for(name, given, as_of=AS_OF)


# ----------------------------------------------------------------------------------------------- periods


def test_before_all_data_too_little_is_known():
    answer = advise(SHOP, period=rt.Period.month(2010, 3, tz="UTC"), as_of=SHOP.as_of)
    assert (len(answer), answer.is_too_little_known) == (0, True)
    assert "2010-03" in str(answer)


def test_of_a_period_that_is_running_every_figure_of_it_says_so():
    running = rt.Period.between(datetime(2026, 3, 15, tzinfo=UTC), datetime(2026, 8, 15, tzinfo=UTC))
    verdicts = advise(SHOP, period=running, as_of=SHOP.as_of)
    judged = [finding for each in verdicts.rejected for finding in each.findings]
    of_metrics = [each for each in judged if each.condition.metric in rt.METRICS and each.value is not None]
    assert of_metrics
    assert all(each.partial for each in of_metrics)


def test_a_period_that_has_not_begun_has_no_figures():
    assert advise(ILL, as_of=ILL.as_of).urgent
    answer = advise(ILL, period=rt.Period.month(2027, 3, tz="UTC"), as_of=ILL.as_of)
    assert (len(answer), answer.is_too_little_known) == (0, True)
    judged = [finding for each in answer.rejected for finding in each.findings]
    assert not [each for each in judged if each.condition.metric in rt.METRICS]
    assert answer.skipped_because["not observable"] > 20


def test_without_as_of_what_depends_on_it_is_skipped_or_judged_by_the_end():
    without = rt.recommend(attrs.evolve(SHOP, as_of=None), period=HALF)
    with_it = rt.recommend(SHOP, period=HALF)
    assert len(without.skipped) >= len(with_it.skipped)
    audiences = [one.audience for one in without if one.audience is not None]
    assert all(each.at == "2026-07-01" for each in audiences)


@pytest.mark.parametrize("period", [None, "2026-03", [HALF], START, 3], ids=repr)
def test_what_is_no_period_is_refused(period):
    with pytest.raises(rt.InvalidTypeError, match=r"recommend: period .*Period.month"):
        rt.recommend(SHOP, period=period)


# --------------------------------------------------------------------------------------------- snapshots


def test_of_a_snapshot_the_latest_period_is_meant():
    assert rt.recommend(SNAPSHOT).period == HALF
    assert rt.recommend(SNAPSHOT, period=HALF.previous()).period == HALF.previous()


@pytest.mark.parametrize("period", ["2026-03", rt.Period.month(2026, 3, tz="UTC"), 3], ids=str)
def test_a_period_that_a_snapshot_does_not_have_is_refused(period):
    with pytest.raises(rt.RetentionError, match="2026-01 to 2026-06"):
        rt.recommend(SNAPSHOT, period=period)


def test_of_a_snapshot_of_one_figure_too_little_is_known():
    answer = rt.recommend(rt.snapshot(SHOP, period=HALF, metrics=["net_revenue"]))
    assert (len(answer), answer.is_too_little_known) == (0, True)
    assert set(answer.skipped_because) == {"no data"}
    assert all("snapshot" in each.why or "a year" in each.why for each in answer.skipped)


def test_a_snapshot_that_was_not_compared_has_no_changes():
    answer = rt.recommend(rt.snapshot(SHOP, period=HALF, against=None))
    assert all("against=" in each.why for each in answer.skipped if "fell" in str(each.rule.conditions[0]))


@pytest.mark.parametrize(
    "given",
    [{"as_of": AS_OF}, {"aliases": {}}, {"options": {"recovery_rate": {}}}, {"lifecycle": THRESHOLDS}],
    ids=lambda given: next(iter(given)),
)
def test_how_it_is_read_comes_too_late_for_a_snapshot(given):
    with pytest.raises(rt.ConflictingArgumentError, match=next(iter(given))):
        rt.recommend(SNAPSHOT, **given)


# --------------------------------------------------------------------------------------- rules and figures


def test_a_thousand_thresholds_on_one_figure_read_it_once():
    rules = [
        rt.Rule(
            f"below {number}",
            strategy="onboarding",
            conditions=rt.Condition("customer_retention_rate", below=(number + 1) / 1_001),
            because="Fewer come back.",
        )
        for number in range(1_000)
    ]
    answer = rt.recommend(SHOP, period=HALF, rules=rules)
    assert len(answer.looked_at) == 1
    (one,) = answer
    assert len(one.reasons) + len(answer.rejected) == 1_000
    thresholds = {each.findings[0].threshold for each in one.reasons}
    assert min(thresholds) > max(each.findings[0].threshold for each in answer.rejected)
    assert len(str(answer)) < 2_000


def test_all_usual_rules_twenty_times_come_to_the_same():
    usual = rt.recommend(SHOP, period=HALF)
    rules = [
        attrs.evolve(rule, id=f"{rule.id} {again}")
        for again in range(20)
        for rule in rt.DEFAULT_RULES.values()
    ]
    answer = rt.recommend(SHOP, period=HALF, rules=rules)
    assert [one.strategy for one in answer] == [one.strategy for one in usual]
    assert len(answer.rejected) == 20 * len(usual.rejected)
    assert len(answer.skipped) == 20 * len(usual.skipped)
    assert len(answer.looked_at) == len(usual.looked_at)


def judged_by(figure, **condition):
    rule = rt.Rule(
        "mine",
        strategy="onboarding",
        conditions=rt.Condition("mine", at_least=0, **condition),
        because="It is so.",
        worth="customers",
    )
    rules = rt.RuleSet([rule], figures=["mine"])
    answer = rt.recommend(SHOP, period=HALF, rules=rules, figures={"mine": figure})
    everything_said(answer)
    answer.to_dicts()
    assert pickle.loads(pickle.dumps(answer)) == answer
    verdicts = (*(reason for one in answer for reason in one.reasons), *answer.rejected, *answer.skipped)
    return verdicts[0]


def results_of_each_type():
    """One figure of each type that there is."""
    found = {type(figure.result): figure.result for figure in map(of_half, SNAPSHOT.metrics)}
    more = (
        rt.lifecycle_table(SHOP),
        rt.rfm_table(SHOP),
        rt.cohort_table(SHOP, period=HALF),
        7,
        -5,
        Decimal("7.5"),
    )
    return [*found.values(), *more]


def of_half(metric):
    return SNAPSHOT.figure(metric, HALF)


@pytest.mark.parametrize("figure", results_of_each_type(), ids=lambda one: type(one).__name__)
def test_a_figure_of_any_type_is_judged_or_skipped_with_the_reason(figure):
    for condition in ({"above": 0.1}, {"below": 0.9}):
        verdict = judged_by(figure, **condition)
        assert verdict.outcome in {"recommended", "rejected", "skipped"}
        assert verdict.why
        assert (verdict.outcome == "skipped") == (verdict.findings[0].value is None)


@pytest.mark.parametrize(
    "figure",
    [True, 1.5, float("nan"), "0.5", None, Fraction(1, 2), SNAPSHOT, object()],
    ids=lambda one: type(one).__name__,  # an object shows its address, which differs between processes
)
def test_what_is_no_result_is_refused_by_name(figure):
    with pytest.raises(rt.InvalidTypeError, match=r"figures\['mine'\] must be a result"):
        judged_by(figure, above=0.1)


@pytest.mark.parametrize(
    "figure",
    [Decimal("NaN"), Decimal("Infinity"), Decimal("1e400"), 10**400],
    ids=["NaN", "inf", "huge", "int"],
)
def test_a_number_beyond_all_bounds_is_refused_by_name(figure):
    for condition in ({"above": 0.1}, {"below": 0.9}):
        with pytest.raises(rt.InvalidValueError, match=r"figures\['mine'\]"):
            judged_by(figure, **condition)


def test_a_figure_without_a_value_is_skipped_with_its_reason():
    nothing = rt.Ratio(0, 0, basis=rt.Basis(undefined_because="no parcels were sent"))
    verdict = judged_by(nothing, above=0.1)
    assert (verdict.outcome, verdict.skipped_because) == ("skipped", "undefined")
    assert "no parcels were sent" in verdict.why


# ------------------------------------------------------------------------------------------ hostile shops


def test_two_currencies_are_never_added():
    answer = advise(orders(currency=lambda number: ("EUR", "USD")[number % 2]))
    assert answer.skipped_because["refused"] >= 1
    assert all(one.value_at_stake is None for one in answer)
    euros = advise(orders(currency=lambda number: ("EUR", "USD")[number % 2]), currency="EUR")
    assert "refused" not in euros.skipped_because


def test_of_a_currency_that_nobody_used_nothing_is_known():
    answer = advise(orders(), currency="GBP")
    assert (len(answer), answer.is_too_little_known) == (0, True)


@pytest.mark.parametrize("policy", [rt.OrderPolicy(), rt.OrderPolicy(minimum_net=None)], ids=["usual", "all"])
def test_a_shop_that_gives_everything_away_hears_of_no_money(policy):
    answer = advise(orders(amount=lambda _: 0), policy=policy)
    assert not [one for one in answer if one.urgent]
    assert all(one.value_at_stake is None for one in answer)


def test_a_shop_that_took_everything_back_hears_no_nonsense():
    back = [
        attrs.evolve(one, refunds=[rt.Refund(refunded_at=AS_OF - timedelta(days=1), amount=one.amount)])
        for one in orders()
    ]
    answer = advise(back)
    assert not {"nan", "inf", "None"} & set(everything_said(answer).split())
    assert all(one.value_at_stake is None or one.value_at_stake.low >= 0 for one in answer)


def test_a_shop_of_guests_hears_that_nobody_is_known():
    answer = advise(orders(customer_id=lambda _: None))
    assert "one-customer-profile" in [one.strategy.id for one in answer]
    assert not answer.urgent
    assert all(not one.audience.customers for one in answer if one.audience is not None)
    with pytest.raises(rt.InvalidValueError, match="guests"):
        rt.recommend_for(None, orders(customer_id=lambda _: None), as_of=AS_OF)


def test_amounts_as_large_as_an_order_may_have_stay_finite():
    answer = advise(orders(amount=lambda _: Decimal(10**18 - 1)))
    said = everything_said(answer)
    assert "inf" not in said.split()
    assert "E+" not in said
    for row in answer.to_dicts():
        assert all(value == value for value in row.values())  # noqa: PLR0124 - no NaN
