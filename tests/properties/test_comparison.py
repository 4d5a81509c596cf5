"""Laws of differences, their intervals, p-values and sentences, over figures of any kind and over hostile shops."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import attrs
from hypothesis import HealthCheck, assume, given, reject, settings, strategies as st

import retention as rt
from retention._estimates import estimate, holm
from retention._numerics import CrossSums, ScoreSums
from retention.comparison import Comparison
from retention.results import ClusterSums, Distribution
from retention.testing.strategies import periods, shops

Clusters = list[tuple[int, int]]

ABSURD = re.compile(r"\b(nan|inf|infinity|None)\b", re.IGNORECASE)


# --- figures ---


def of_orders(clusters: Clusters) -> rt.Ratio:
    """A share of orders, clustered by customer."""
    sums = ClusterSums.of(clusters)
    return rt.Ratio(sums.y, sums.x, sampling=sums)


def of_money(clusters: Clusters, *, scale: int = 1) -> rt.Mean:
    sums = ClusterSums.of(clusters, scale=scale)
    return rt.Mean(Decimal(sums.y) / scale, sums.x, unit="EUR", sampling=sums)


def of_answers(respondents: Sequence[Sequence[int]]) -> rt.Score:
    """A net score."""
    sums = ClusterSums.of([(len(answers), sum(answers)) for answers in respondents], signed=True)
    loud = sum(abs(answer) for answers in respondents for answer in answers)
    sampling = ScoreSums(sums=sums, method="net", outspoken=loud)
    value = float(Fraction(100 * sums.y, sums.x))
    return rt.Score(value, low=-100, high=100, count=sums.x, sampling=sampling)


def of_effort(answers: Sequence[int]) -> rt.Score:
    sums = ClusterSums.of([(1, answer) for answer in answers])
    sampling = ScoreSums(sums=sums, method="mean", points=1)
    return rt.Score(sum(answers) / len(answers), low=1, high=7, count=len(answers), sampling=sampling)


COUNTS = st.integers(1, 400).flatmap(lambda n: st.integers(0, n).map(lambda k: rt.Ratio(k, n)))
HITS = st.integers(1, 6).flatmap(lambda x: st.integers(0, x).map(lambda y: (x, y)))
ORDERS = st.lists(HITS, min_size=2, max_size=12)
SPENT = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 10**6)), min_size=2, max_size=12)
NET = st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=3), min_size=1, max_size=15)
EFFORT = st.lists(st.integers(1, 7), min_size=1, max_size=15)
PAIRS = st.one_of(
    *(
        st.tuples(kind, kind)
        for kind in (
            COUNTS,
            ORDERS.map(of_orders),
            SPENT.map(of_money),
            NET.map(of_answers),
            EFFORT.map(of_effort),
        )
    )
)
LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])


def compared(a: rt.Ratio | rt.Mean | rt.Score, b: rt.Ratio | rt.Mean | rt.Score) -> Comparison:
    found = rt.compare(a, b)
    assume(found.untested_because is None)
    return found


class TestDifferences:
    @given(PAIRS, LEVELS)
    def test_b_less_a_is_a_less_b_mirrored(self, pair, confidence):
        found, mirrored = compared(*pair), compared(*pair[::-1])
        assert mirrored.difference == -found.difference
        low, high = found.interval(confidence)
        assert_close(mirrored.interval(confidence), (-high, -low))
        assert abs(mirrored.p_value - found.p_value) < 1e-9
        # rounding may fall on either side where an end lies at 0 itself
        assume(min(abs(end) for end in found.interval()) > 1e-9)
        assert mirrored.verdict == found.verdict

    @given(PAIRS, LEVELS)
    def test_an_interval_holds_the_difference(self, pair, confidence):
        found = compared(*pair)
        low, high = found.interval(confidence)
        assert low <= found.difference <= high

    @given(PAIRS)
    def test_more_confidence_is_never_narrower(self, pair):
        found = compared(*pair)
        intervals = [found.interval(level) for level in (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)]
        for narrow, wide in pairwise(intervals):
            assert wide.low <= narrow.low <= narrow.high <= wide.high

    @given(PAIRS)
    def test_a_figure_and_itself_are_no_different(self, pair):
        found = compared(pair[0], pair[0])
        assert (found.difference, found.verdict) == (0, "noise")
        assert found.p_value == 1
        low, high = found.interval()
        assert_close((low, high), (-high, -low))

    @given(PAIRS)
    def test_the_verdict_follows_the_interval(self, pair):
        found = rt.compare(*pair)
        if found.untested_because is not None:
            assert (found.verdict, found.p_value) == ("unknown", None)
        else:
            low, high = found.interval()
            assert found.verdict == ("noise" if low <= 0 <= high else "real")
            assert (found.verdict == "noise") == (0 in found.interval())

    @given(SPENT, SPENT, LEVELS)
    def test_money_in_other_units_has_the_interval_in_these(self, a, b, confidence):
        euros = compared(of_money(a, scale=100), of_money(b, scale=100))
        cents = compared(of_money(a), of_money(b))
        low, high = euros.interval(confidence)
        assert_close(cents.interval(confidence), (100 * low, 100 * high))
        assert abs(cents.p_value - euros.p_value) < 1e-9

    @given(SPENT, SPENT, st.permutations(range(12)))
    def test_the_order_of_the_customers_is_irrelevant(self, a, b, places):
        shuffled = [a[place] for place in places if place < len(a)]
        assert compared(of_money(shuffled), of_money(b)) == compared(of_money(a), of_money(b))
        assert tuple(compared(of_money(shuffled), of_money(b)).interval()) == tuple(
            compared(of_money(a), of_money(b)).interval()
        )


class TestPValues:
    """Where the p-value and the interval come from one formula, they agree; Newcombe's and χ² are two formulas."""

    @given(
        st.one_of(
            *(
                st.tuples(kind, kind)
                for kind in (ORDERS.map(of_orders), SPENT.map(of_money), NET.map(of_answers))
            )
        )
    )
    def test_below_5_percent_the_interval_excludes_0(self, pair):
        found = compared(*pair)
        assume(abs(found.p_value - 0.05) > 1e-9)
        widest = {rt.Ratio: 1, rt.Score: 200}.get(type(pair[0]))
        low, high = found.interval()
        assert (found.p_value < 0.05) == (not low <= 0 <= high)
        assert widest is None or -widest <= low <= high <= widest

    @given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60), st.integers(0, 60))
    def test_of_customers_in_both_it_agrees_with_the_interval(self, both, more):
        """Each of those in both did it or not, then and now; of the others in one of the two, half did."""
        pairs = [((1, int(now)), (1, int(before))) for now, before in both]
        hits = [sum(did) + more // 2 for did in zip(*both, strict=True)]
        a, b = (rt.Ratio(each, len(both) + more) for each in hits)
        found = estimate(a, b, CrossSums.of(pairs, len(both) + 2 * more))
        assert -1 <= found.correlation <= 1
        assume(abs(found.p_value() - 0.05) > 1e-9)
        low, high = found.bounds(0.95)
        assert low <= float(a) - float(b) <= high
        assert (found.p_value() < 0.05) == (not low <= 0 <= high)
        mirrored = estimate(
            b, a, CrossSums.of([(before, now) for now, before in pairs], len(both) + 2 * more)
        )
        assert_close(mirrored.bounds(0.95), (-high, -low))

    @given(COUNTS, COUNTS)
    def test_of_shares_it_may_differ_by_a_hair(self, a, b):
        found = rt.compare(a, b)
        assume(min(a.denominator, b.denominator) > 4)
        if 0 in found.interval():
            assert found.p_value > 0.02
        else:
            assert found.p_value < 0.09

    @given(PAIRS)
    def test_are_probabilities(self, pair):
        assert 0 <= compared(*pair).p_value <= 1

    @given(st.lists(st.floats(0, 1), max_size=12))
    def test_holm_never_lowers_and_keeps_the_order(self, p_values):
        adjusted = holm(p_values)
        assert all(p_value <= after <= 1 for p_value, after in zip(p_values, adjusted, strict=True))
        ranked = sorted(zip(p_values, adjusted, strict=True))
        assert [after for _, after in ranked] == sorted(adjusted)
        if p_values:
            assert min(adjusted) == min(1, len(p_values) * min(p_values))

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(1, 9))
    def test_holm_of_more_comparisons_is_never_surer(self, p_values, more):
        assert all(
            after >= before
            for before, after in zip(holm(p_values), holm([*p_values, *[1.0] * more]), strict=False)
        )

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms())
    def test_holm_does_not_look_at_the_order_of_input(self, p_values, random):
        places = list(range(len(p_values)))
        random.shuffle(places)
        adjusted = holm(p_values)
        assert holm([p_values[place] for place in places]) == [adjusted[place] for place in places]


class TestSentences:
    @given(PAIRS)
    def test_say_what_happened_and_what_it_means(self, pair):
        a, b = pair
        found = rt.compare(a, b)
        text = str(found)
        assert not ABSURD.search(text)
        assert not ABSURD.search(found.explain())
        assert "\n" not in text
        if found.difference is not None:
            assert str(a) in text
            assert str(b) in text or f"same in the first and in the second: {a}" in text
        assert ("more than chance explains" in text) == (found.verdict in {"real", "borderline"})
        assert ("is not known" in text) == (found.verdict == "unknown")

    @given(PAIRS, st.floats(0, 1), st.integers(2, 900))
    def test_of_one_among_many(self, pair, corrected, comparisons):
        alone = compared(*pair)
        found = attrs.evolve(alone, adjusted_p_value=max(corrected, alone.p_value), comparisons=comparisons)
        text = str(found)
        assert not ABSURD.search(text)
        if alone.verdict == "noise":
            assert (found.verdict, text) == ("noise", str(alone))
        else:
            assert found.verdict == ("borderline" if found.adjusted_p_value > 0.05 else "real")
            assert f"the {comparisons} comparisons made at once" in text

    @given(st.integers(0, 10**9), st.integers(0, 10**9))
    def test_of_counts(self, a, b):
        found = beside(a, b)
        assert found.difference == a - b
        for count in (a, b):
            assert f"{count:,}" in str(found)
        assert (a == b) == ("stayed" in str(found))

    @given(*[st.decimals(-(10**9), 10**9, places=2, allow_nan=False)] * 2)
    def test_of_sums_of_money(self, a, b):
        found = beside(a, b)
        assert found.difference == a - b
        for total in (a, b):
            assert f"{total:,.2f}" in str(found)
        assert ("rose" in str(found), "fell" in str(found)) == (a > b, a < b)

    @given(*[st.lists(st.integers(0, 10**13), max_size=5).map(Distribution.of)] * 2)
    def test_of_times(self, a, b):
        text = str(beside(a, b))
        assert not ABSURD.search(text)
        assert f"{a} days" in text or "can't be compared" in text


class TestHostileShops:
    """Guests, refunds, ties, limits of periods: whatever a shop holds, each change can be had, and said."""

    @settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(
        shops() | shops(currencies=("EUR", "USD")),
        st.lists(periods(), min_size=1, max_size=3),
        st.sampled_from(["previous", "year_before"]),
        st.booleans(),
    )
    def test_no_change_ever_fails(self, shop, wanted, against, to_date):
        to_date = to_date and shop.as_of is not None
        snap = snapshot_of(shop, period=wanted, against=against, to_date=to_date)
        for period in snap.periods:
            for metric, change in snap.changes(period).items():
                self.check(change, metric)
                assert change.comparisons == snap.change(metric, period).comparisons
        assert not ABSURD.search(str(snap))
        for row in snap.to_dicts():
            assert row["verdict"] in {"real", "borderline", "noise", "unknown"}
            assert (row["p_value"] is None) == (row["verdict"] == "unknown") == (row["change_low"] is None)
            assert row["p_value"] is None or 0 <= row["p_value"] <= row["adjusted_p_value"] <= 1

    @staticmethod
    def check(change: Comparison, metric: str) -> None:
        text = str(change)
        assert not ABSURD.search(text), text
        assert (change.difference is None) == ("can't be compared" in text)
        assert (
            (change.verdict == "unknown") == (change.p_value is None) == (change.untested_because is not None)
        )
        if change.untested_because is None:
            low, high = change.interval()
            assert low <= change.difference <= high, metric
            assert (low <= 0 <= high) == (change.verdict == "noise")

    @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(shops(), periods())
    def test_any_two_figures_of_a_metric_can_be_compared(self, shop, period):
        one, other = (snapshot_of(shop, period=each, against=None) for each in (period, period.previous()))
        for metric in one:
            a, b = one.figure(metric).result, other.figure(metric).result
            if isinstance(a, (rt.Ratio, rt.Mean, rt.Score)) and isinstance(b, type(a)):
                if scale(a) != scale(b):
                    continue  # surveys: another question
                self.check(rt.compare(a, b), metric)
                self.check(rt.compare(b, a), metric)


def snapshot_of(shop: rt.Shop, **keywords: object) -> rt.Snapshot:
    """A snapshot; a shop of baskets alone, of which nobody knows how long they were watched, has none."""
    try:
        return rt.snapshot(shop, **keywords)
    except rt.MissingRecordsError:
        assert not shop.orders
        assert shop.as_of is None
        reject()


def scale(figure: object) -> object:
    return (figure.low, figure.high, figure.basis.counted) if isinstance(figure, rt.Score) else None


def beside(a: object, b: object) -> Comparison:
    return Comparison(a=a, b=b, labels=("2026-03", "2026-02"), title="Orders", is_change=True)


def assert_close(found: Sequence[float], expected: Sequence[float]) -> None:
    for mine, theirs in zip(found, expected, strict=True):
        assert abs(mine - theirs) <= 1e-9 * max(1, abs(theirs)), (found, expected)
