"""Segments of hostile little shops, and of the sample shop: nothing is lost, nothing is counted twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from attrs import fields
from hypothesis import assume, example, given, strategies as st

import retention as rt
from retention._against_rest import against_rest
from retention._by_segment import by_segment
from retention._parts import shops_by
from retention._power import customers_needed, power
from retention.catalog import METRICS
from retention.results import Ratio
from tests.shops import sampled

START = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = rt.Period.month(2026, 3, tz="UTC")
SAMPLE = sampled()
ADDITIVE = [name for name, spec in METRICS.items() if spec.additive]
PEOPLE = ["ann", "ben", "cleo", "dan", 1, "1", None]
GROUPS = st.dictionaries(st.sampled_from(PEOPLE[:-1]), st.sampled_from(["x", "y", 3, None]))


@st.composite
def shops(draw) -> rt.Shop:
    instants = st.integers(0, 120 * 24).map(lambda hours: START + timedelta(hours=hours))
    amounts = st.decimals("0.00", "99.99", places=2)
    orders = [
        rt.Order(
            id=number,
            customer_id=draw(st.sampled_from(PEOPLE)),
            placed_at=draw(instants),
            amount=draw(amounts),
            currency="EUR",
            payment_state=draw(st.sampled_from(["paid", "paid", "pending"])),
        )
        for number in range(draw(st.integers(0, 14)))
    ]
    responses = [
        rt.SurveyResponse(
            kind="nps",
            score=draw(st.integers(0, 10)),
            responded_at=draw(instants),
            customer_id=draw(st.sampled_from(PEOPLE)),
        )
        for _ in range(draw(st.integers(0, 8)))
    ]
    aliases = draw(st.sampled_from([{}, {"ben": "ann"}, {1: "dan"}]))
    return rt.Shop(
        orders=orders,
        responses=responses,
        aliases=aliases,
        as_of=draw(st.sampled_from([None, datetime(2026, 6, 1, tzinfo=UTC)])),
    )


class TestParts:
    """Interfaces: "each record in exactly one part; the reading carried over"."""

    @given(shops(), GROUPS)
    def test_each_record_once(self, shop, by):
        parts = shops_by(shop, by=by)
        for kind in ("orders", "responses"):
            found = [record for part in parts.values() for record in getattr(part, kind)]
            assert sorted(map(repr, found)) == sorted(map(repr, getattr(shop, kind)))
        for part in parts.values():
            assert part.reading == shop.reading
        assert None not in list(parts)[:-1]

    @given(shops(), GROUPS)
    def test_one_person_is_in_one_part(self, shop, by):
        people = [
            {shop.aliases.get(order.customer_id, order.customer_id) for order in part.orders} - {None}
            for part in shops_by(shop, by=by).values()
        ]
        assert sum(map(len, people)) == len(set().union(*people))


class TestTheWhole:
    """Definitions, "Segments": for the metrics that the catalog marks `additive`, the parts pool to the whole."""

    @pytest.mark.parametrize("metric", ADDITIVE)
    @pytest.mark.parametrize("month", ["2026-05", "2024-07"])
    def test_of_the_sample_shop_is_what_is_counted_at_once(self, metric, month):
        """In all its parts: counts, sums, states, what was left out, what was assumed, the sums of the interval."""
        period = rt.Period.month(*map(int, month.split("-")), tz="Europe/Berlin")
        table = by_segment(metric, SAMPLE, period=period, by="country")
        direct = rt.snapshot(SAMPLE, period=period, against=None, metrics=[metric]).figure(metric)
        assert table.whole_figure == direct
        result = direct.result
        if isinstance(result, (Ratio, rt.Mean)):
            assert table.whole.sampling == result.sampling
            for each in fields(rt.Basis):
                assert getattr(table.whole.basis, each.name) == getattr(result.basis, each.name)

    @given(
        shops(), GROUPS, st.sampled_from([name for name in ADDITIVE if METRICS[name].inputs == ("orders",)])
    )
    def test_of_little_shops_in_any_decimal_context(self, shop, by, metric):
        assume(metric not in rt.snapshot(shop, period=MARCH, against=None).missing)
        with localcontext() as context:
            context.prec = 3
            table = by_segment(metric, shop, period=MARCH, by=by)
            direct = rt.snapshot(shop, period=MARCH, against=None, metrics=[metric]).figure(metric)
        assert table.whole_figure.state == direct.state
        assert table.whole_figure.result == direct.result
        assert dict(table.whole_figure.left_out) == dict(direct.left_out)

    @given(
        shops(),
        GROUPS,
        st.sampled_from(["repeat_purchase_rate", "average_order_value", "net_promoter_score"]),
    )
    def test_sizes_add_up(self, shop, by, metric):
        assume(shop.responses if metric == "net_promoter_score" else shop.orders)
        table = by_segment(metric, shop, period=MARCH, by=by)
        sizes = [row.size for row in table.rows if row.size is not None]
        assert sum(sizes) == (
            table.whole.denominator if isinstance(table.whole, Ratio) else table.whole.count
        )
        shares = [row.share for row in table.rows if row.share is not None]
        assert not shares or sum(shares) == pytest.approx(1)

    @given(shops(), GROUPS)
    def test_order_of_input_is_irrelevant(self, shop, by):
        assume(shop.orders)
        other = rt.Shop(orders=tuple(shop.orders)[::-1], as_of=shop.as_of, aliases=shop.aliases)
        one = by_segment("net_revenue", shop, period=MARCH, by=by)
        assert by_segment("net_revenue", other, period=MARCH, by=by) == one


SHARES = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: Ratio(min(pair), max(pair)))


class TestAgainstTheRest:
    """Definitions, "Uncertainty and comparison": Holm's correction over the family."""

    @given(st.dictionaries(st.text(max_size=3), SHARES, max_size=6))
    def test_the_others_are_the_whole_less_the_one(self, figures):
        whole = [
            sum(getattr(each, part) for each in figures.values()) for part in ("numerator", "denominator")
        ]
        for key, found in against_rest(figures, title="t").items():
            if found.b is not None:
                assert [
                    getattr(found.a, part) + getattr(found.b, part) for part in ("numerator", "denominator")
                ] == whole
            assert found.a == figures[key]

    @given(st.dictionaries(st.text(max_size=3), SHARES, min_size=3, max_size=6))
    def test_corrected_p_values(self, figures):
        found = [
            each for each in against_rest(figures, title="t").values() if each.adjusted_p_value is not None
        ]
        for each in found:
            assert each.p_value <= each.adjusted_p_value <= min(1, len(found) * each.p_value)
            assert each.comparisons == len(found)
        by_size = sorted(found, key=lambda each: each.p_value)
        corrected = [each.adjusted_p_value for each in by_size]
        assert corrected == sorted(corrected)


class TestPower:
    """Definitions, "Experiments": a planned number of customers, one look."""

    @given(
        st.floats(0.05, 0.85),
        st.floats(0.03, 0.1),
        st.integers(20, 400),
        st.floats(0.2, 0.8),
        st.sampled_from([1, -1]),
    )
    @example(0.05000000000000001, 0.09999999999999999, 20, 0.5, -1)  # which leaves a share of nothing
    def test_more_uplift_is_seen_more_often(self, baseline, uplift, customers, share, sign):
        small, large = (
            float(power(baseline, uplift=sign * size, customers=customers, share=share))
            for size in (uplift / 3, uplift / 2)
        )
        assert 0 <= small <= large + 1e-12 <= 1 + 1e-12

    @given(st.floats(0.1, 0.6), st.floats(0.05, 0.3), st.floats(0.3, 0.7), st.floats(0.3, 0.95))
    def test_as_many_as_are_needed_are_enough(self, baseline, uplift, share, wanted):
        found = customers_needed(baseline, uplift=uplift, share=share, power=wanted)
        assert found.power >= wanted
        assert found.in_test + found.held_out == found.customers
        assert Fraction(found.in_test, found.customers) == pytest.approx(share, abs=1 / found.customers)

    @given(st.decimals(1, 500, places=2), st.decimals(1, 500, places=2), st.decimals("0.1", 1, places=2))
    def test_the_unit_of_money_is_irrelevant(self, mean, deviation, part):
        euros = customers_needed(mean, deviation=deviation, relative_uplift=part)
        cents = customers_needed(mean * 100, deviation=deviation * 100, relative_uplift=part)
        assert abs(euros.customers - cents.customers) <= 1
        assert Decimal(euros.uplift) == pytest.approx(mean * part)
