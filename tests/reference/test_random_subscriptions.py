"""Hostile little books of subscriptions: whatever they hold, the library and the oracle count the same.

Three customers and many spans that begin and end at the same few instants: the limits of the period and of its
neighbours, a tick beside them, nights in which the clocks change. Spans overlap, are empty, never leave their trial,
are paused over a limit, change their plan at the instant at which a pause ends. Every amount is compared exactly.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings, strategies as st
from scipy import stats

import retention as rt
from retention.testing import make_subscription
from tests.reference.oracle_subscriptions import Book, View, moment_of, tick
from tests.reference.test_change import Side, assert_change, expected_change
from tests.reference.test_random_shops import moments_around, periods

DIGITS = Context(prec=28, rounding=ROUND_HALF_EVEN)
NO_BASE_NEEDED = {
    "monthly_recurring_revenue",
    "subscriber_count",
    "average_revenue_per_account_value",
    "recurring_revenue_curve",
    "quick_ratio",
}
RATIOS = [
    "revenue_churn_rate",
    "gross_revenue_retention_rate",
    "net_revenue_retention_ratio",
    "revenue_churn_ratio",
    "net_revenue_churn_ratio",
    "quick_ratio",
]
OF_SUBSCRIBERS = ["subscriber_churn_rate", "subscriber_retention_rate"]
METRICS = [
    name
    for name, spec in rt.METRICS.items()
    if spec.inputs == ("subscriptions",) and name != "subscriber_curve"  # see test_curves
]
REASONS = (
    "voluntary",
    "involuntary",
    "unknown",
    "customer",
    "payment",
    "fraud",
    "technical",
    "other",
    "plan_change",
)


@attrs.frozen(kw_only=True)
class Scene:
    """Some spans, how to read them, and where to look."""

    records: list[dict[str, Any]]
    period: rt.Period
    as_of: datetime | None
    observed_from: datetime | None
    currency: str | None
    aliases: dict[str, str]
    bridge: timedelta | relativedelta | None

    @property
    def reading(self) -> dict[str, Any]:
        return {
            "as_of": self.as_of,
            "observed_from": self.observed_from,
            "currency": self.currency,
            "aliases": self.aliases,
        }

    def book(self, bridge: timedelta | relativedelta | None = None) -> Book:
        zone = self.period.tz if not isinstance(self.period.tz, str) else ZoneInfo(self.period.tz)

        def later(moment: datetime) -> datetime:
            assert bridge is not None
            if isinstance(bridge, timedelta):
                return moment + bridge
            return moment.astimezone(zone) + bridge  # by the clock of the period's zone

        return Book(
            self.records,
            as_of=self.as_of,
            aliases=self.aliases,
            currency=self.currency,
            bridge=None if bridge is None else later,
        )

    def is_observable(self, metric: str, period: rt.Period) -> bool:
        if self.as_of is not None and period.start > self.as_of:
            return False
        if self.observed_from is None:
            return True
        if metric in NO_BASE_NEEDED:
            return period.start >= self.observed_from
        return period.start > self.observed_from


def to_subscriptions(records: list[dict[str, Any]]) -> list[rt.Subscription]:
    return [
        rt.Subscription(
            **{
                **record,
                "pauses": [rt.Pause(started_at=start, ended_at=end) for start, end in record["pauses"]],
            }
        )
        for record in records
    ]


# --- how they are drawn ---


@st.composite
def spans_at(draw: st.DrawFn, moments: list[datetime], currencies: list[str]) -> dict[str, Any]:
    between = st.sampled_from(sorted({moment.astimezone(UTC) for moment in moments}))
    started_at = draw(between)
    ended_at = draw(st.none() | between)
    if ended_at is not None and ended_at < started_at:
        started_at, ended_at = ended_at, started_at
    trial_ends_at = draw(st.none() | st.none() | between)
    if trial_ends_at is not None and trial_ends_at < started_at:
        trial_ends_at = started_at
    inside = [each for each in sorted(draw(st.lists(between, max_size=4))) if each >= started_at]
    inside = [each for each in inside if ended_at is None or each <= ended_at]
    pauses = list(zip(inside[::2], inside[1::2], strict=False))
    if len(inside) % 2 and draw(st.booleans()):
        pauses.append((inside[-1], None))
    weekly_or_daily = draw(st.integers(0, 3)) == 0
    return {
        "customer_id": draw(st.sampled_from(["ann", "ann", "ben", "cy", "a2"])),
        "amount": draw(st.sampled_from(["10.00", "10", "20.00", "15.50", "0", "7.77"])),
        "currency": draw(st.sampled_from(currencies)),
        "interval": draw(st.sampled_from(["week", "day"] if weekly_or_daily else ["month", "month", "year"])),
        "interval_count": draw(st.sampled_from([1, 1, 1, 2, 3, 30])),
        "started_at": started_at,
        "ended_at": ended_at,
        "end_reason": None
        if ended_at is None
        else draw(
            st.sampled_from([None, "customer", "payment", "fraud", "technical", "plan_change", "other"])
        ),
        "trial_ends_at": trial_ends_at,
        "pauses": pauses,
    }


@st.composite
def scenes(
    draw: st.DrawFn, *, complete: bool = False, at_least: int = 0, at_most: int = 9, of: Any = None
) -> Scene:
    period = draw(periods()) if of is None else draw(of)
    moments = moments_around(period)
    currency = draw(st.sampled_from([None, None, "EUR"]))
    currencies = ["EUR"] if currency is None else ["EUR", "EUR", "USD"]
    drawn = draw(st.lists(spans_at(moments, currencies), min_size=at_least, max_size=at_most))
    as_of = draw(st.none() | st.sampled_from(moments))
    known = [moment for moment in moments if as_of is None or moment <= as_of]
    return Scene(
        records=[{"id": number, **record} for number, record in enumerate(drawn)],
        period=period,
        as_of=as_of,
        observed_from=None if complete else draw(st.none() | st.sampled_from(known)),
        currency=currency,
        aliases=draw(st.sampled_from([{}, {"a2": "ann"}, {"cy": "ben", "a2": "ann"}])),
        bridge=draw(
            st.none()
            | st.none()
            | st.sampled_from(
                [
                    timedelta(microseconds=1),
                    timedelta(days=1),
                    timedelta(days=31),
                    relativedelta(months=1),
                    relativedelta(years=1),
                ]
            )
        ),
    )


# --- what agreement means ---


def to_digits(exact: Fraction) -> Decimal:
    """Rounded once, on output."""
    return DIGITS.divide(Decimal(exact.numerator), Decimal(exact.denominator))


def is_finite(exact: Fraction) -> bool:
    rest = exact.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def assert_money(found: Decimal, exact: Fraction) -> None:
    assert type(found) is Decimal
    if is_finite(exact):
        assert Fraction(found) == exact
    else:
        assert found == to_digits(exact)


def assert_number(found: Any, exact: Fraction) -> None:
    """A number of a ratio or mean, which keeps at least as many digits as money does on output."""
    assert Fraction(found) == exact or not is_finite(exact)
    assert abs(Fraction(found) - exact) * 10**27 <= abs(exact)


def assert_quotient(found: Any, pairs: dict[Any, tuple[Fraction, Fraction]]) -> None:
    below, above = (sum((pair[place] for pair in pairs.values()), Fraction()) for place in (0, 1))
    if not below:
        assert found.value is None
        assert found.undefined_because is not None
        return
    assert_number(found.numerator, above)
    assert_number(found.denominator, below)
    assert found.value == pytest.approx(float(above / below), rel=1e-15)


def assert_flow(found: Any, expected: dict[str, Any]) -> None:
    assert dict(found.exact) == expected["exact"]
    for name, exact in expected["exact"].items():
        assert_money(getattr(found, name), exact)
    assert {kind: found.counts[kind] for kind in expected["counts"]} == expected["counts"]
    assert {kind: found.customers[kind] for kind in expected["customers"]} == expected["customers"]
    assert found.ended_while_paused == expected["ended_while_paused"]


def assert_curve(found: Any, book: Book, view: View) -> None:
    assert found.before == book.mrr(view.before)
    assert [(tick(moment), exact) for moment, exact in found.steps] == book.steps(view)
    for edge, _ in book.steps(view):
        assert found.exactly_at(moment_of(edge)) == book.mrr(edge)


def assert_result(metric: str, found: Any, book: Book, view: View, **options: Any) -> None:
    if metric == "monthly_recurring_revenue":
        assert_money(found, book.mrr(view.last))
    elif metric == "subscriber_count":
        assert found == len(book.subscribers(view.last))
    elif metric == "revenue_flow":
        assert_flow(found, book.flow(view))
    elif metric == "recurring_revenue_curve":
        assert_curve(found, book, view)
    elif metric == "average_revenue_per_account_value":
        assert_number(found.total, book.mrr(view.last))
        assert found.count == len(book.subscribers(view.last))
        assert (found.value is None) == (found.count == 0)
    else:
        assert_quotient(found, book.brings(metric, view, **options))


# --- the library and the oracle ---


@settings(max_examples=60)
@given(scenes(at_least=1))
def test_every_metric_of_a_snapshot(scene: Scene) -> None:
    book, spans = scene.book(), to_subscriptions(scene.records)
    looked_at = [scene.period.next(), scene.period, scene.period.previous()]
    shop = rt.Shop(subscriptions=spans, **scene.reading)
    snapshot = rt.snapshot(shop, period=looked_at, metrics=METRICS, against=None)
    for period in looked_at:
        view = book.view(period.start, period.end)
        for metric in METRICS:
            figure = snapshot.figure(metric, period)
            assert (metric, figure.observable) == (metric, scene.is_observable(metric, period))
            if figure.observable:
                assert_result(metric, figure.result, book, view)
                running = scene.as_of is not None and period.start <= scene.as_of < period.end
                assert figure.partial is running
            else:
                assert figure.undefined_because is not None
                assert figure.value is None


@settings(max_examples=60)
@given(scenes(complete=True, at_least=2))
def test_every_public_function(scene: Scene) -> None:
    book, spans, period = scene.book(scene.bridge), to_subscriptions(scene.records), scene.period
    view = book.view(period.start, period.end)
    for metric in METRICS:
        function = getattr(rt, metric)
        reading = dict(scene.reading)
        if scene.is_observable(metric, period):
            found = function(spans, period=period, bridge=scene.bridge, **reading)
            assert_result(metric, found, book, view)
        elif metric in {"monthly_recurring_revenue", "subscriber_count"}:
            with pytest.raises(rt.NotObservableError):
                function(spans, period=period, **reading)
        else:
            assert not function(spans, period=period, **reading).observable


@settings(max_examples=50)
@given(scenes(complete=True, at_least=2))
def test_keywords_of_the_metrics(scene: Scene) -> None:
    if not scene.is_observable("revenue_flow", scene.period):
        return
    book, spans, period = scene.book(scene.bridge), to_subscriptions(scene.records), scene.period
    view = book.view(period.start, period.end)
    given_ = {"period": period, "bridge": scene.bridge, **scene.reading}
    for metric in (*RATIOS[:3], *OF_SUBSCRIBERS):
        found = getattr(rt, metric)(spans, paused="lost", **given_)
        assert_result(metric, found, book, view, paused="lost")
    for metric in ("subscriber_churn_rate", "revenue_churn_rate"):
        for reason in REASONS:
            found = getattr(rt, metric)(spans, reason=reason, **given_)
            assert_result(metric, found, book, view, reason=reason)


@settings(max_examples=40)
@given(scenes(complete=True, at_least=3))
def test_flows_of_adjacent_periods_add_up(scene: Scene) -> None:
    spans = to_subscriptions(scene.records)
    parts = [scene.period.previous(), scene.period, scene.period.next()]
    parts = [part for part in parts if scene.is_observable("revenue_flow", part)]
    if len(parts) < 2:
        return
    whole = rt.Period.between(parts[0].start, parts[-1].end, tz=scene.period.tz)
    options = {"bridge": scene.bridge, **scene.reading}
    flows = [rt.revenue_flow(spans, period=part, **options).exact for part in parts]
    total = rt.revenue_flow(spans, period=whole, **options).exact
    for kind in ("new", "expansion", "resumed", "reactivation", "contraction", "paused", "churned"):
        assert sum((flow[kind] for flow in flows), Fraction()) == total[kind]
    assert (flows[0]["start"], flows[-1]["end"]) == (total["start"], total["end"])
    assert all(one["end"] == other["start"] for one, other in pairwise(flows))


@settings(max_examples=40)
@given(scenes(complete=True, at_least=2))
def test_converted_into_one_currency(scene: Scene) -> None:
    """By the host's rate of the instant at which each span begins: 2 in even months, 3 in odd ones."""
    period = scene.period
    if not scene.is_observable("revenue_flow", period):
        return

    def rate(moment: datetime) -> int:
        return 2 + moment.astimezone(UTC).month % 2

    def convert(amount: Decimal, currency: str, moment: datetime) -> Decimal:
        assert currency == "USD"
        return amount * rate(moment)

    records = [
        {**record, "amount": str(Decimal(record["amount"]) * rate(record["started_at"])), "currency": "EUR"}
        if record["currency"] == "USD"
        else record
        for record in scene.records
    ]
    book = attrs.evolve(scene, records=records, currency=None).book()
    reading = {**scene.reading, "currency": "EUR", "convert": convert}
    found = rt.revenue_flow(to_subscriptions(scene.records), period=period, **reading)
    assert_flow(found, book.flow(book.view(period.start, period.end)))


@pytest.mark.parametrize("metric", METRICS)
def test_two_currencies_have_no_sum(metric: str) -> None:
    begun, march = datetime(2026, 1, 1, tzinfo=UTC), rt.Period.month(2026, 3, tz="UTC")
    spans = [make_subscription(started_at=begun, amount=10, currency=currency) for currency in ("EUR", "USD")]
    function = getattr(rt, metric)
    if metric in {"subscriber_count", *OF_SUBSCRIBERS}:  # which have no money in them
        function(spans, period=march)
    else:
        with pytest.raises(rt.MixedCurrencyError):
            function(spans, period=march)


def test_a_paused_span_that_ends_by_a_change_of_plan_has_ended() -> None:
    """Definitions, "Subscriptions": a span that ends while paused moves no MRR and is counted apart."""
    span = rt.Subscription(
        id=1,
        customer_id="ann",
        amount=10,
        currency="EUR",
        interval="month",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        ended_at=datetime(2026, 3, 10, tzinfo=UTC),
        end_reason="plan_change",
        pauses=[rt.Pause(started_at=datetime(2026, 2, 1, tzinfo=UTC))],
    )
    assert rt.revenue_flow([span], period=rt.Period.month(2026, 3, tz="UTC")).ended_while_paused == 1


class TestSumsAreRoundedOnce:
    """Definitions, "Subscriptions": an exact fraction, rounded only on output. A week's 10 are 130/3 a month."""

    MARCH = rt.Period.month(2026, 3, tz="UTC")
    BEGUN, CHANGED = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)

    def weekly(self, number: int, who: str, *, amount: int = 10, **more: Any) -> rt.Subscription:
        given_ = {"started_at": self.BEGUN, "interval": "week", "currency": "EUR", **more}
        return rt.Subscription(id=number, customer_id=who, amount=amount, **given_)

    def test_three_thirds_are_a_whole(self) -> None:
        gone = [self.weekly(number, who, ended_at=self.CHANGED) for number, who in enumerate(["a", "b", "c"])]
        assert rt.revenue_flow(gone, period=self.MARCH).exact["churned"] == 130
        for ratio in (rt.revenue_churn_ratio, rt.revenue_churn_rate):
            found = ratio(gone, period=self.MARCH)
            assert (found.numerator, found.denominator) == (130, 130)
        before = rt.Period.month(2026, 2, tz="UTC")
        assert rt.average_revenue_per_account_value(gone, period=before).total == 130

    def test_what_is_won_makes_up_for_what_is_lost(self) -> None:
        spans = [
            self.weekly(1, "ann", ended_at=self.CHANGED),
            self.weekly(2, "ben", ended_at=self.CHANGED),
            self.weekly(3, "ben", amount=20, started_at=self.CHANGED),
        ]
        assert rt.net_revenue_churn_ratio(spans, period=self.MARCH).value == 0


# --- intervals, and changes of two periods ---

LIKE = {  # a figure of orders that is sampled in the same way
    "subscriber_churn_rate": "customer_churn_rate",
    "subscriber_retention_rate": "customer_churn_rate",
    "revenue_churn_rate": "refund_rate",
    "gross_revenue_retention_rate": "refund_rate",
    "net_revenue_retention_ratio": "refund_ratio",
    "revenue_churn_ratio": "refund_ratio",
    "net_revenue_churn_ratio": "refund_ratio",
    "quick_ratio": "refund_ratio",
    "average_revenue_per_account_value": "average_order_value",
}


@st.composite
def crowds(draw: st.DrawFn) -> Scene:
    """Many customers with one span or two each, so that most figures have an interval."""
    period = draw(periods())
    moments = moments_around(period)
    drawn = draw(st.lists(spans_at(moments, ["EUR"]), min_size=12, max_size=20))
    return Scene(
        records=[
            {"id": number, **record, "customer_id": number // draw(st.sampled_from([1, 1, 2, 5]))}
            for number, record in enumerate(drawn)
        ],
        period=period,
        as_of=None,
        observed_from=None,
        currency=None,
        aliases={},
        bridge=None,
    )


def assert_interval(metric: str, found: Any, side: Side | None) -> None:
    shares = metric in {"revenue_churn_rate", "gross_revenue_retention_rate", *OF_SUBSCRIBERS}
    if side is None or (side.n < 2 and not shares):
        with pytest.raises(rt.UndefinedMetricError):
            found.interval()
        return
    variance = side.variance
    if shares:
        low, high = side.wilson(0.95, of_customers=metric in OF_SUBSCRIBERS)
        assert tuple(found.interval()) == pytest.approx((low, high), rel=1e-9, abs=1e-9)
    elif not variance:
        with pytest.raises(rt.UndefinedMetricError):
            found.interval()
    else:
        reach = float(stats.t.ppf(0.975, side.n - 1)) * float(variance) ** 0.5
        low, high = float(side.ratio) - reach, float(side.ratio) + reach
        if metric != "net_revenue_churn_ratio":  # nothing else falls below 0
            low = max(low, 0.0)
        assert tuple(found.interval()) == pytest.approx((low, high), rel=1e-9, abs=1e-9)


@settings(max_examples=40)
@given(crowds(), st.sampled_from(["previous", "year_before"]))
def test_intervals_and_changes(scene: Scene, against: Any) -> None:
    book, spans = scene.book(), to_subscriptions(scene.records)
    shop = rt.Shop(subscriptions=spans, **scene.reading)
    snapshot = rt.snapshot(shop, period=scene.period, metrics=list(LIKE), against=against)
    other = scene.period.previous() if against == "previous" else scene.period.year_before()
    views = [book.view(each.start, each.end) for each in (scene.period, other)]
    for metric, like in LIKE.items():
        now, before = (Side.of(book.brings(metric, view)) for view in views)
        assert_interval(metric, snapshot[metric], now)
        assert_change(like, snapshot.change(metric), expected_change(like, now, before))


def test_no_metric_is_forgotten() -> None:
    known = {"monthly_recurring_revenue", "subscriber_count", "revenue_flow", "recurring_revenue_curve"}
    assert set(METRICS) == known | set(LIKE)
