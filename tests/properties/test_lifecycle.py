"""What holds of stages, states and moves whatever the orders: each test quotes what it tests."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, strategies as st

from retention import History, Order
from retention.segments import (
    FixedThresholds,
    LifecycleStages,
    OwnRhythm,
    TransitionTable,
    at_risk_customers,
    lifecycle_table,
    lifecycle_transitions,
)

DAY_0 = datetime(2025, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = 120
STATES = {"new", "active", "at_risk", "lapsed", "won_back"}
STAGES = {"early", "middle", "late"}


def day(number):
    return DAY_0 + number * DAY


@st.composite
def shops(draw):
    """Few customers on few days, so that ties and limits that are met exactly are common."""
    found = draw(
        st.lists(
            st.tuples(st.sampled_from("abcdef"), st.integers(0, DAYS - 1), st.sampled_from([100, 250, 999])),
            max_size=40,
        )
    )
    return [
        Order(id=number, customer_id=who, placed_at=day(at), amount=Decimal(cents) / 100, currency="EUR")
        for number, (who, at, cents) in enumerate(found)
    ]


def lengths(low=1, high=DAYS):
    return st.integers(low, high).map(timedelta)


@st.composite
def fixed_rules(draw):
    at_risk = draw(st.integers(1, 60))
    return FixedThresholds(
        new_within=draw(lengths()), at_risk_after=at_risk * DAY, lapsed_after=draw(lengths(at_risk + 1))
    )


@st.composite
def rhythm_rules(draw):
    at_risk = draw(st.sampled_from([0.5, 1, 1.5, 2, 3]))
    low, high = sorted(draw(st.tuples(*[st.sampled_from([0.1, 0.5, 0.85, 0.95, 1])] * 2)))
    return OwnRhythm(
        at_risk_after=at_risk,
        lapsed_after=at_risk + draw(st.sampled_from([0.5, 1, 3])),
        fewest_gaps=draw(st.integers(1, 4)),
        shop_at_risk=low,
        shop_lapsed=high,
        shortest_gap=draw(st.sampled_from([timedelta(hours=1), DAY, 7 * DAY])),
    )


RULES = fixed_rules() | rhythm_rules()
STAGE_RULES = st.builds(
    lambda orders, more, tenure, longer: LifecycleStages(
        middle_orders=orders,
        late_orders=orders + more,
        middle_tenure=tenure * DAY,
        late_tenure=(tenure + longer) * DAY,
    ),
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(1, 60),
    st.integers(0, 60),
)
INSTANTS = st.integers(1, DAYS).map(day)


class TestEveryoneIsInExactlyOne:
    """ "Everyone is in exactly one stage and in exactly one state." """

    @given(shops(), RULES, STAGE_RULES, INSTANTS)
    def test_state_and_stage(self, orders, rules, stages, at):
        table = lifecycle_table(orders, at=at, rules=rules, stages=stages)
        customers = {order.customer_id for order in orders if order.placed_at < at}
        assert set(table.stages) == customers
        assert set(table.stages.values()) <= STAGES
        if table.undefined_because is None:
            assert set(table.states) == customers
            assert set(table.states.values()) <= STATES
            parts = [table.members(stage=stage, state=state) for stage in STAGES for state in STATES]
            assert sum(map(len, parts)) == len(frozenset().union(*parts)) == len(customers)

    @given(shops(), RULES, INSTANTS)
    def test_cells_add_up(self, orders, rules, at):
        table = lifecycle_table(orders, at=at, rules=rules)
        rows = table.groups_to_dicts()
        assert (
            sum(row["customers"] for row in rows) == len(table) == len(list(table)) == len(table.to_dicts())
        )
        spent = sum((order.amount for order in orders if order.placed_at < at), Decimal(0))
        assert sum(row["revenue"] for row in rows) == table.group().revenue == spent


class TestSilenceDecides:
    """ "Lapsed or at risk when the silence is longer than the rule allows": a longer silence never looks better."""

    @given(shops(), RULES, st.integers(1, DAYS))
    def test_states_only_worsen_without_a_purchase(self, orders, rules, number):
        if isinstance(rules, OwnRhythm):
            # The rhythms, the shop's included, are those of the same purchases.
            orders = [order for order in orders if order.placed_at < day(number)]
        worse = {"new": 0, "active": 0, "won_back": 0, "at_risk": 1, "lapsed": 2}
        before = lifecycle_table(orders, at=day(number), rules=rules).states
        later = [order for order in orders if order.placed_at < day(number)]
        after = lifecycle_table(later, at=day(number + 30), rules=rules).states
        assert all(worse[after[who]] >= worse[state] for who, state in before.items())

    @given(shops(), RULES, INSTANTS)
    def test_what_comes_later_changes_nothing(self, orders, rules, at):
        known = [order for order in orders if order.placed_at < at]
        assert lifecycle_table(orders, at=at, rules=rules) == lifecycle_table(known, at=at, rules=rules)
        assert at_risk_customers(orders, at=at, rules=rules) == at_risk_customers(known, at=at, rules=rules)


class TestMovesConserveCustomers:
    """ "Nobody leaves the table, so that all its cells add up to the customers at the end." """

    @given(
        shops(), RULES, st.integers(1, DAYS - 1), st.integers(1, DAYS), st.sampled_from(["state", "stage"])
    )
    def test_rows_and_columns_are_the_two_pictures(self, orders, rules, start, length, of):
        first, last = day(start), day(start + length)
        table = lifecycle_transitions(orders, start=first, end=last, rules=rules, of=of)
        if table.undefined_because is not None:
            assert table.customers == 0
            return
        before, after = (lifecycle_table(orders, at=at, rules=rules) for at in (first, last))
        assert table.customers == len(after)
        for picture, total in ((before, table.total_before), (after, table.total_after)):
            words = picture.states if of == "state" else picture.stages
            assert {label: total(label) for label in table.labels} == {
                label: Counter(words.values())[label] for label in table.labels
            }
        assert table.total_before("not yet a customer") == len(after) - len(before)
        assert table.total_after("not yet a customer") == 0
        members = [table.members(row, column) for row in table.rows for column in table.columns]
        assert sum(map(len, members)) == table.customers == len(frozenset().union(*members))

    @given(
        st.dictionaries(st.integers(0, 9), st.sampled_from("xyz")),
        st.dictionaries(st.integers(0, 9), st.sampled_from("xyz")),
    )
    def test_any_two_pictures(self, before, after):
        table = TransitionTable.of(before, after, labels=["x", "y", "z"], start=day(0), end=day(1))
        assert table.customers == len({**before, **after})
        assert sum(row["customers"] for row in table.to_dicts()) == table.customers
        for row in table.rows:
            total = sum(table[row, column] for column in table.columns)
            assert total == table.total_before(row)
            assert all(table.share(row, column).denominator == total for column in table.columns)
        assert sum(map(table.total_after, table.columns)) == table.customers


class TestReading:
    """ "One signature: any iterable is read once"; the order of the input makes no difference."""

    @given(shops().flatmap(lambda orders: st.tuples(st.just(orders), st.permutations(orders))), RULES)
    def test_any_order_and_any_container(self, given_orders, rules):
        orders, shuffled = given_orders
        at = day(DAYS)
        for count in (lifecycle_table, at_risk_customers):
            expected = count(orders, at=at, rules=rules)
            assert count(shuffled, at=at, rules=rules) == expected
            assert count(iter(shuffled), at=at, rules=rules) == expected
            assert count(History(shuffled), at=at, rules=rules) == expected
            assert str(count(shuffled, at=at, rules=rules)) == str(expected)

    @given(shops(), RULES, st.integers(-200, 200))
    def test_shifting_all_instants_changes_nothing(self, orders, rules, days):
        import attrs

        moved = [attrs.evolve(order, placed_at=order.placed_at + days * DAY) for order in orders]
        here = lifecycle_table(orders, at=day(DAYS), rules=rules)
        there = lifecycle_table(moved, at=day(DAYS + days), rules=rules)
        assert (dict(here.states), dict(here.stages)) == (dict(there.states), dict(there.stages))


class TestAtRisk:
    """ "Urgency = money at stake × chance of loss"; the most urgent first."""

    @given(shops(), RULES, st.integers(1, 60))
    def test_list(self, orders, rules, horizon):
        found = at_risk_customers(orders, at=day(DAYS), rules=rules, within=horizon * DAY)
        table = lifecycle_table(orders, at=day(DAYS), rules=rules)
        if table.undefined_because is None:
            assert {each.customer_id for each in found} == set(table.members(state="at_risk"))
        assert len(found) == found.of_all
        stakes = [each.at_stake for each in found if each.at_stake is not None]
        assert stakes == sorted(stakes, reverse=True)
        assert all(each.at_stake is None for each in list(found)[len(stakes) :])
        assert all(0 <= each.at_stake <= each.spend <= each.spend_ever for each in found[: len(stakes)])
