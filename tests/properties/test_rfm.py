"""Laws of scores, groups and profiles: whatever is drawn, equals are equal and nobody is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, strategies as st

import retention as rt
from retention.segments import RFM_GROUPS, ideal_customer_profile, rfm_migration, rfm_table
from retention.segments._frequency import fisher_p_value, times_as_frequent
from retention.segments._rfm_scores import mean_keys, tie_safe_scores
from retention.testing import make_customer

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
AT = OPENED + timedelta(days=60)
HOUR = timedelta(hours=1)

# Few amounts and few hours, so that ties are common.
purchases = st.lists(
    st.tuples(
        st.integers(1, 12), st.integers(0, 60 * 24), st.sampled_from(["5.00", "10.00", "7.50", "30.00"])
    ),
    max_size=60,
)
bins = st.integers(2, 12)
windows = st.none() | st.sampled_from([timedelta(days=7), timedelta(days=30)])
words = st.sampled_from(["sum", "mean"])


def orders_of(drawn: list[tuple[int, int, str]]) -> list[rt.Order]:
    return [
        rt.Order(
            id=number,
            customer_id=customer,
            placed_at=OPENED + hour * HOUR,
            amount=Decimal(amount),
            currency="EUR",
        )
        for number, (customer, hour, amount) in enumerate(drawn)
    ]


class TestScores:
    """Score = 1 + ⌊bins × (number strictly worse) / n⌋, so that equal values get equal scores."""

    @given(st.lists(st.integers(-5, 30) | st.integers(), max_size=40), bins)
    def test_as_the_definition_says(self, values, bins):
        n = len(values)
        expected = [1 + bins * sum(other < value for other in values) // n for value in values]
        assert list(tie_safe_scores(values, bins)) == expected

    @given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(1, 10**6)), max_size=20))
    def test_quotients_stay_in_order(self, pairs):
        keys = mean_keys([total for total, _ in pairs], [count for _, count in pairs])
        exact = [Fraction(*pair) for pair in pairs]
        for one, key in zip(exact, keys, strict=True):
            for other, other_key in zip(exact, keys, strict=True):
                assert (one < other) == (key < other_key)

    @given(purchases, bins, windows, words, st.randoms(use_true_random=False))
    def test_the_order_of_input_plays_no_part(self, drawn, bins, window, monetary, random):
        orders = orders_of(drawn)
        shuffled = random.sample(orders, len(orders))
        tables = [
            rfm_table(each, at=AT, window=window, bins=bins, monetary=monetary)
            for each in (orders, shuffled, rt.History(orders))
        ]
        assert tables[0] == tables[1] == tables[2]
        assert tables[0].groups == tables[1].groups

    @given(purchases, bins, words)
    def test_equals_get_equal_scores_and_the_better_no_lower_ones(self, drawn, bins, monetary):
        customers = list(rfm_table(orders_of(drawn), at=AT, bins=bins, monetary=monetary))
        for one in customers:
            for other in customers:
                for value, score in (("frequency", "f"), ("monetary", "m")):
                    a, b = getattr(one, value), getattr(other, value)
                    if a >= b:
                        assert getattr(one, score) >= getattr(other, score)
                    if a == b:
                        assert getattr(one, score) == getattr(other, score)
                if one.recency_days <= other.recency_days:
                    assert one.r >= other.r

    @given(purchases, st.integers(1, 5))
    def test_another_unit_of_money_changes_no_score(self, drawn, times):
        dearer = [(customer, hour, str(Decimal(amount) * times)) for customer, hour, amount in drawn]
        tables = [rfm_table(orders_of(each), at=AT) for each in (drawn, dearer)]
        scores = [
            [(each.customer_id, each.r, each.f, each.m, each.group) for each in table] for table in tables
        ]
        assert scores[0] == scores[1]


class TestGroups:
    """Each customer is in exactly one group, and the groups hold all money."""

    @given(purchases, bins, windows, words)
    def test_nobody_and_nothing_is_lost(self, drawn, bins, window, monetary):
        table = rfm_table(orders_of(drawn), at=AT, window=window, bins=bins, monetary=monetary)
        since = OPENED if window is None else AT - window
        counted = [each for each in orders_of(drawn) if since <= each.placed_at < AT]
        members = [identifier for name in RFM_GROUPS.names for identifier in table.members(name)]
        assert sorted(members) == sorted({order.customer_id for order in counted})
        assert {each.customer_id: each.group for each in table} == dict(table.segments)
        assert sum(group.revenue for group in table.groups) == sum(order.amount for order in counted)
        assert sum(group.customers for group in table.groups) == sum(table.cells.values()) == len(table)
        assert sum(each.frequency for each in table) == len(counted)

    @given(purchases, windows)
    def test_migration_conserves_customers(self, drawn, window):
        orders, start = orders_of(drawn), OPENED + timedelta(days=25)
        moved = rfm_migration(orders, start=start, end=AT, window=window)
        before, after = (rfm_table(orders, at=at, window=window) for at in (start, AT))
        assert moved.customers == len({each.customer_id for each in orders if each.placed_at < AT})
        for name in RFM_GROUPS.names:
            assert moved.total_before(name) == len(before.members(name))
            assert moved.total_after(name) == len(after.members(name))


class TestProfile:
    """The best and the others are all customers; shares count each of them once."""

    @given(purchases, st.sampled_from(["0.1", "0.2", "0.5", "0.9"]), st.sampled_from(["spend", "orders"]))
    def test_everybody_is_on_one_side(self, drawn, best, worth):
        people = [
            make_customer(id=n, country="AT" if n % 3 else "DE", tags={"a"} if n % 2 else ())
            for n in range(1, 13)
        ]
        shop = rt.Shop(orders=orders_of(drawn), customers=people, as_of=AT)
        profile = ideal_customer_profile(shop, best=Decimal(best), worth=worth, fewest=1)
        counted = {order.customer_id for order in shop.orders if order.placed_at <= AT}
        assert profile.best_count == len(profile.best_customers)
        assert profile.best_count + profile.others_count == len(counted)
        values = {
            customer: sum(
                (order.amount if worth == "spend" else 1)
                for order in shop.orders
                if order.customer_id == customer
            )
            for customer in counted
        }
        for one in profile.best_customers:
            assert all(values[one] > values[other] for other in counted - profile.best_customers)
        for trait in profile:
            assert trait.best.denominator == profile.best_count
            assert trait.others.denominator == profile.others_count
            assert 0 <= trait.p_value <= trait.adjusted_p_value <= 1
            if trait.times is not None:
                assert trait.low <= trait.times * (1 + 1e-12)
                assert trait.high is not None
                assert trait.times <= trait.high * (1 + 1e-12)

    @given(st.integers(1, 60), st.integers(1, 60), st.data())
    def test_the_other_way_round(self, m, n, data):
        x, y = data.draw(st.integers(0, m)), data.draw(st.integers(0, n))
        p_value = fisher_p_value((x, m), (y, n))
        assert abs(fisher_p_value((y, n), (x, m)) - p_value) < 1e-12
        assert abs(fisher_p_value((m - x, m), (n - y, n)) - p_value) < 1e-12
        if x > 0 and y > 0:
            low, high = times_as_frequent((x, m), (y, n))
            turned = times_as_frequent((y, n), (x, m))
            assert high is not None
            assert turned[1] is not None
            assert abs(low * turned[1] - 1) < 1e-6
            assert abs(high * turned[0] - 1) < 1e-6
