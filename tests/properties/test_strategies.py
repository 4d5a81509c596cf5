"""What must hold of recommendations whatever the shop: "deterministic; ties broken by id; overlapping strategies merged or
marked, contradictory ones never side by side", "unchanged by the order of the input and by renaming customers".
"""

from __future__ import annotations

from collections import Counter

from attrs import evolve
from hypothesis import given, settings, strategies as st

import retention as rt
from retention.strategies import DEFAULT_RULES, RuleSet, recommend
from retention.testing import sample_shop
from retention.testing.strategies import periods, shops

# With limits that anything passes and samples of nobody, so that small shops are advised, too.
LOOSE = RuleSet(
    [
        evolve(
            rule,
            conditions=[evolve(each, at_least=0, confidence=0.5) for each in rule.conditions],
        )
        for rule in DEFAULT_RULES.values()
    ]
)
few = settings(max_examples=15)
"""Each example asks all rules of a shop twice."""
KINDS = ("customers", "responses", "subscriptions", "checkouts", "interactions")


def shuffled(shop, draws):
    return evolve(
        shop,
        orders=draws.sample(list(shop.orders), len(shop.orders)),
        **{kind: draws.sample(getattr(shop, kind), len(getattr(shop, kind))) for kind in KINDS},
    )


def renamed(shop, name):
    """The same people under other names."""

    def other(record):
        changes = {"customer_id": None if record.customer_id is None else name(record.customer_id)}
        return evolve(record, **changes)

    def called(customer):
        by = None if customer.referred_by is None else name(customer.referred_by)
        return evolve(customer, id=name(customer.id), referred_by=by)

    return evolve(
        shop,
        orders=list(map(other, shop.orders)),
        customers=list(map(called, shop.customers)),
        **{kind: list(map(other, getattr(shop, kind))) for kind in KINDS[1:]},
        aliases={name(one): name(two) for one, two in shop.aliases.items()},
    )


def told(found):
    """All that is said, without the names of customers."""
    rows = [(each.to_dict(), each.audience and each.audience.to_dict(), each.explain()) for each in found]
    return rows, [each.to_dict() for each in (*found.rejected, *found.skipped)], str(found)


@few
@given(shops(max_orders=20), periods(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_is_irrelevant(shop, period, draws):
    one, other = (recommend(each, period=period, rules=LOOSE) for each in (shop, shuffled(shop, draws)))
    assert told(one) == told(other)
    assert [each.audience for each in one] == [each.audience for each in other]


@few
@given(shops(max_orders=20), periods())
def test_the_names_of_customers_are_irrelevant(shop, period):
    one = recommend(shop, period=period, rules=LOOSE)
    other = recommend(renamed(shop, lambda name: ("person", str(name)[::-1])), period=period, rules=LOOSE)
    assert told(one) == told(other)


@few
@given(shops(max_orders=20), periods())
def test_each_rule_has_exactly_one_outcome(shop, period):
    found = recommend(shop, period=period, rules=LOOSE)
    rules = [reason.rule.id for each in found for reason in each.reasons]
    rules += [each.rule.id for each in (*found.rejected, *found.skipped)]
    assert Counter(rules) == Counter(list(LOOSE))


@few
@given(shops(max_orders=20), periods())
def test_the_same_records_give_the_same_advice(shop, period):
    assert recommend(shop, period=period, rules=LOOSE) == recommend(shop, period=period, rules=LOOSE)


@few
@given(shops(max_orders=20), periods())
def test_what_is_recommended_goes_together_and_is_in_order(shop, period):
    found = recommend(shop, period=period, rules=LOOSE)
    chosen = {each.strategy.id: each for each in found}
    assert len(chosen) == len(found)
    for each in found:
        assert not chosen.keys() & set(each.strategy.contradicts)
        assert set(each.overlaps_with) <= chosen.keys() - {each.strategy.id}
    keys = [(not each.urgent, -each.priority.value, each.strategy.id) for each in found]
    assert keys == sorted(keys)


@few
@given(shops(max_orders=20), periods())
def test_amounts_and_audiences_are_sane(shop, period):
    for each in recommend(shop, period=period, rules=LOOSE):
        value, audience = each.value_at_stake, each.audience
        assert value is None or 0 <= value.low <= value.value <= value.high
        assert (value is None) is (each.no_value_because is not None)
        assert (audience is None) is (each.no_audience_because is not None)
        assert audience is None or (0 <= audience.reach <= 1 and len(set(audience)) == len(audience))
        assert 0 <= each.priority.severity <= 1


@settings(max_examples=4)
@given(st.integers(0, 50), st.randoms(use_true_random=False))
def test_the_sample_shop_in_any_order_and_under_other_names(seed, draws):
    shop = sample_shop(customers=60, seed=seed)
    half = rt.Period.last(6, "month", as_of=shop.as_of, tz="UTC")
    one = recommend(shop, period=half, rules=LOOSE)
    assert told(one) == told(recommend(shuffled(shop, draws), period=half, rules=LOOSE))
    other = recommend(renamed(shop, lambda name: f"x{name[::-1]}"), period=half, rules=LOOSE)
    assert told(one) == told(other)
    for before, after in zip(one, other, strict=True):
        assert (before.audience is None) == (after.audience is None)
        assert [f"x{name[::-1]}" for name in before.audience or ()] == list(after.audience or ())
