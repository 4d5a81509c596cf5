"""Hostile little shops: cancellations, recoveries, categories, margins and lifetime values, beside the oracle.

Orders are those of test_random_shops.py, with reasons, lines and costs. Values are compared exactly; the interval of
the lifetime value with a direct formula and, on a larger shop, with a bootstrap of its customers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import attrs
import numpy as np
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings, strategies as st
from scipy import stats

import retention as rt
from tests.reference.agreement import COMPARISONS
from tests.reference.oracle_journey import Journey, Pairs, lifetime_residuals, lifetime_value, quotient
from tests.reference.test_change import Side, assert_change, expected_change
from tests.reference.test_random_shops import moments_around, periods, records_at, to_money

Duration = timedelta | relativedelta
TICK = timedelta(microseconds=1)
WINDOWS: list[Duration] = [
    TICK,
    timedelta(days=1),
    timedelta(days=16),
    relativedelta(days=1),
    relativedelta(months=1),
]
REASONS = ("customer", "payment", "stock", "fraud", "technical", "other")
ASKED = (None, "voluntary", "involuntary", "unknown", *REASONS)


@attrs.frozen(kw_only=True)
class Scene:
    """A shop, how to read it, and where to look."""

    records: list[dict[str, Any]]
    period: rt.Period
    as_of: datetime | None
    observed_from: datetime | None
    currency: str | None
    minimum_net: Decimal | None
    aliases: dict[Any, Any]
    inactive_after: timedelta | None
    within: Duration

    @property
    def reading(self) -> dict[str, Any]:
        return {
            "policy": rt.OrderPolicy(minimum_net=self.minimum_net),
            "as_of": self.as_of,
            "observed_from": self.observed_from,
            "currency": self.currency,
            "aliases": self.aliases,
        }

    def journey(self) -> Journey:
        return Journey(
            self.records,
            as_of=self.as_of,
            currency=self.currency,
            minimum_net=None if self.minimum_net is None else Fraction(self.minimum_net),
            aliases=self.aliases,
        )

    def later(self, moment: datetime) -> datetime:
        if isinstance(self.within, timedelta):
            return moment.astimezone(UTC) + self.within
        return (moment.astimezone(self.period.tz) + self.within).astimezone(UTC)

    def bases(self, period: rt.Period) -> dict[str, datetime]:
        if self.inactive_after is None:
            return {"opening": period.previous().start, "closing": period.start}
        return {
            "opening": period.start - self.inactive_after,
            "closing": period.end - self.inactive_after,
        }

    def is_observable(self, period: rt.Period, *, since: datetime | None = None) -> bool:
        if self.as_of is not None and period.start > self.as_of:
            return False
        return self.observed_from is None or (since or period.start) >= self.observed_from


def to_orders(records: list[dict[str, Any]]) -> list[rt.Order]:
    return [
        rt.Order(
            **{
                **{name: value for name, value in record.items() if name != "categories"},
                "refunds": [rt.Refund(refunded_at=at, amount=back) for at, back in record["refunds"]],
                "items": [
                    rt.LineItem(product=number, category=category)
                    for number, category in enumerate(record["categories"])
                ],
            }
        )
        for record in records
    ]


@st.composite
def richer(draw: st.DrawFn, moments: list[datetime], currencies: list[str]) -> dict[str, Any]:
    """An order of test_random_shops.py, with money in full, and with what only these figures ask for."""
    record = draw(records_at(moments, currencies))
    cancelled = record["cancelled_at"]
    if cancelled is None and draw(st.integers(0, 2)) == 0:
        cancelled = draw(st.sampled_from(moments))
        cancelled = None if cancelled < record["placed_at"] else cancelled
    return record | {
        "amount": to_money(record["amount"]),
        "refunds": [(at, to_money(minor)) for at, minor in record["refunds"]],
        "cancelled_at": cancelled,
        "cancel_reason": None if cancelled is None else draw(st.none() | st.sampled_from(REASONS)),
        "cost": draw(st.sampled_from([None, Decimal(0), Decimal("1.25"), Decimal(4), Decimal("0.333")])),
        "categories": draw(st.lists(st.sampled_from([None, "shoes", "hats", "Hats"]), max_size=3)),
        "discount": draw(st.sampled_from([None, Decimal(0), Decimal("0.001"), Decimal(9)])),
        "channel": draw(st.sampled_from([None, "web", "Web", "till"])),
    }


@st.composite
def scenes(draw: st.DrawFn, *, complete: bool = False, at_least: int = 0, at_most: int = 20) -> Scene:
    period = draw(periods())
    moments = moments_around(period)
    currency = draw(st.sampled_from([None, "EUR"]))
    currencies = ["EUR"] if currency is None else ["EUR", "EUR", "USD"]
    drawn = draw(st.lists(richer(moments, currencies), min_size=at_least, max_size=at_most))
    spans = [timedelta(days=days) for days in (31, 90, 400, 2000)]
    long_enough = [span for span in spans if span >= max(period.duration, period.previous().duration)]
    as_of = draw(st.none() | st.sampled_from([*moments, period.next().end + timedelta(days=400)]))
    known = [moment for moment in moments if as_of is None or moment <= as_of]
    return Scene(
        records=[{"id": number, **record} for number, record in enumerate(drawn)],
        period=period,
        as_of=as_of,
        observed_from=None if complete else draw(st.none() | st.sampled_from(known)),
        currency=currency,
        minimum_net=draw(st.sampled_from([Decimal(0), Decimal(0), None, Decimal(5)])),
        aliases=draw(st.sampled_from([{}, {"cy": "ann"}, {1: "1", "cy": "ben"}])),
        inactive_after=draw(st.none() | st.sampled_from(long_enough)) if long_enough else None,
        within=draw(st.sampled_from(WINDOWS)),
    )


# --- what agreement means ---


def assert_ratio(found: Any, pairs: Pairs) -> None:
    numerator, denominator = quotient(pairs)
    assert (Fraction(found.numerator), Fraction(found.denominator)) == (numerator, denominator)
    assert found.value == (float(numerator / denominator) if denominator else None)
    assert (found.undefined_because is None) == bool(denominator)


def assert_value(found: Any, exact: Fraction | None) -> None:
    """A quotient of its own making, which must have the value; numbers without end have 28 digits at least."""
    if exact is None:
        assert found.value is None
        assert found.undefined_because is not None
        return
    assert found.value is not None
    assert float(found.value) == pytest.approx(float(exact), rel=1e-15)
    top, bottom = (
        (found.total, found.count) if isinstance(found, rt.Mean) else (found.numerator, found.denominator)
    )
    assert abs(Fraction(top) / Fraction(bottom) - exact) <= abs(exact) / 10**26


def is_running(scene: Scene) -> bool:
    return scene.as_of is not None and scene.period.start <= scene.as_of < scene.period.end


# --- the library and the oracle ---


@settings(max_examples=60)
@given(scenes())
def test_cancellations_and_goods(scene: Scene) -> None:
    orders, journey, period = (
        rt.History(to_orders(scene.records), **scene.reading),
        scene.journey(),
        scene.period,
    )
    span = (period.start, period.end)
    observable = scene.is_observable(period)
    for reason in ASKED:
        found = rt.cancellation_rate(orders, period=period, reason=reason)
        assert found.observable is observable
        if observable:
            assert_ratio(found, journey.cancellation(*span, reason))
            assert found.partial is is_running(scene)
    shares = rt.cancellation_reason_share(orders, period=period)
    crossed, margin = (f(orders, period=period) for f in (rt.cross_sell_rate, rt.gross_margin_ratio))
    lowered = rt.discounted_order_rate(orders, period=period)
    assert shares.observable is crossed.observable is margin.observable is lowered.observable is observable
    for minimum in (2, 3):
        reached = rt.multichannel_rate(orders, period=period, minimum=minimum)
        assert reached.observable is observable
        if observable:
            assert_ratio(reached, journey.multichannel(*span, minimum))
    if observable:
        assert_ratio(lowered, journey.discounted(*span))
        assert dict(shares.counts) == dict(journey.reasons(*span))
        assert_ratio(crossed, journey.cross_sell(*span))
        assert_ratio(margin, journey.margin(*span))


@settings(max_examples=60)
@given(scenes())
def test_recovery(scene: Scene) -> None:
    orders, journey, period = (
        rt.History(to_orders(scene.records), **scene.reading),
        scene.journey(),
        scene.period,
    )
    if scene.as_of is None:
        with pytest.raises(rt.AsOfRequiredError):
            rt.recovery_rate(orders, period=period, within=scene.within)
        return
    for reason in ASKED:
        found = rt.recovery_rate(orders, period=period, within=scene.within, reason=reason)
        assert found.observable is scene.is_observable(period)
        if found.observable:
            assert_ratio(found, journey.recovery(period.start, period.end, scene.later, reason))
            assert found.partial is (scene.later(period.end) > scene.as_of)


def months_of(period: rt.Period) -> Fraction:
    """A month, quarter or year has 1, 3 or 12; any other a month for every 365/12 local days."""
    if period.unit in {"month", "quarter", "year"}:
        return Fraction(period.count * {"month": 1, "quarter": 3, "year": 12}[period.unit])
    start, end = (moment.astimezone(period.tz) for moment in (period.start, period.end))
    if period.unit is not None or start.time() == end.time() == datetime.min.time():
        return Fraction((end.date() - start.date()).days * 12, 365)
    # As the period before it, where the ends are no midnights: equal elapsed time.
    return (
        Fraction((end.astimezone(UTC) - start.astimezone(UTC)) // TICK, timedelta(days=1) // TICK) * 12 / 365
    )


rates = st.sampled_from([None, Decimal("0.4"), 0.25, Decimal(1)])
interests = st.sampled_from([None, 0.0, 0.01, Decimal("0.125")])


def exactly(number: float | Decimal | None) -> Fraction | None:
    return None if number is None else Fraction(str(number))


@settings(max_examples=70)
@given(scenes(), st.sampled_from([None, None, None, 2.5, Decimal(7), Decimal("1.3")]), rates, interests)
def test_what_a_customer_is_worth(scene: Scene, lifespan: Any, margin_rate: Any, discount_rate: Any) -> None:
    orders, journey, period = (
        rt.History(to_orders(scene.records), **scene.reading),
        scene.journey(),
        scene.period,
    )
    span, bases = (period.start, period.end), scene.bases(period)
    spend, churn = journey.spend(*span), journey.churn(*span, **bases)
    given_: dict[str, Any] = {"period": period, "inactive_after": scene.inactive_after}
    months = rt.customer_lifespan_months(orders, **given_)
    lost, there = quotient(churn)
    base_is_seen = scene.is_observable(period, since=bases["opening"])
    assert months.observable is base_is_seen
    if base_is_seen:
        assert_value(months, there / lost * months_of(period) if lost else None)
    keywords = {"lifespan": lifespan, "margin_rate": margin_rate, "discount_rate": discount_rate}
    if lifespan is not None:  # no churn is counted then
        del given_["inactive_after"]
    value = rt.customer_lifetime_value(orders, **given_, **keywords)
    assert value.observable is (base_is_seen if lifespan is None else scene.is_observable(period))
    worth = lifetime_value(spend, churn, **{name: exactly(number) for name, number in keywords.items()})
    if value.observable:
        assert_value(value, worth)
        assert value.count == (len(spend) if value.value is not None else value.count)
        if worth is not None:
            exact = {name: exactly(number) for name, number in keywords.items()}
            alike = lifespan is None and lost in {0, there}  # then nothing tells how sure the churn is
            residuals = {} if alike else lifetime_residuals(spend, churn, **exact)
            if lifespan is None:
                assert_interval_of_logarithm(value, residuals, worth, fewest=min(len(spend), int(there)))
            else:
                assert_interval(value, residuals, worth)
    seen = scene.is_observable(period, since=period.previous().start)
    cost = rt.customer_acquisition_cost(orders, period=period, acquisition_spend="100.10")
    assert cost.observable is seen
    new = journey.new(*span)
    if seen:
        assert_value(cost, Fraction("100.10") / len(new) if new else None)
        with pytest.raises(rt.UndefinedMetricError):
            cost.interval()
    ratio = rt.ltv_cac_ratio(orders, acquisition_spend="100.10", **given_, **keywords)
    assert ratio.observable is (seen and value.observable)
    if ratio.observable:
        assert_value(ratio, worth * len(new) / Fraction("100.10") if worth is not None and new else None)
    back = rt.payback_months(orders, period=period, acquisition_spend=30, margin_rate=0.4)
    assert back.observable is seen
    if seen:
        revenue, customers = quotient(spend)
        monthly = revenue / customers / months_of(period) * Fraction("0.4") if customers else None
        assert_value(back, Fraction(30, len(new)) / monthly if new and monthly else None)


def assert_interval(found: rt.Mean, residuals: dict[Any, Fraction], worth: Fraction) -> None:
    n, squares = len(residuals), sum(each**2 for each in residuals.values())
    if n < 2 or not squares:
        with pytest.raises(rt.UndefinedMetricError):
            found.interval()
        return
    reach = float(stats.t.ppf(0.975, n - 1)) * float(Fraction(n, n - 1) * squares) ** 0.5
    expected = max(0.0, float(worth) - reach), float(worth) + reach
    assert tuple(found.interval()) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def assert_interval_of_logarithm(
    found: rt.Mean, residuals: dict[Any, Fraction], worth: Fraction, *, fewest: int
) -> None:
    n, squares = len(residuals), sum(each**2 for each in residuals.values())
    if fewest < 2 or not squares:
        with pytest.raises(rt.UndefinedMetricError):
            found.interval()
        return
    relative = float(Fraction(n, n - 1) * squares / worth**2) ** 0.5
    times = math.exp(float(stats.t.ppf(0.975, fewest - 1)) * relative)
    assert tuple(found.interval()) == pytest.approx((float(worth) / times, float(worth) * times), rel=1e-9)


@settings(max_examples=30)
@given(scenes())
def test_observed_lifespan(scene: Scene) -> None:
    orders, period = to_orders(scene.records), scene.period
    found = rt.observed_lifespan_days(orders, period=period, **scene.reading)
    assert found.observable is scene.is_observable(period, since=period.previous().start)
    if found.observable:
        assert list(found.microseconds) == scene.journey().lifespans(period.end)


@settings(max_examples=40)
@given(scenes(at_least=4), st.sampled_from([1, 2, 5, 12]), st.sampled_from(["previous", "year_before"]))
def test_predictability(scene: Scene, comparable: int, against: Any) -> None:
    journey, period = scene.journey(), scene.period
    found = rt.revenue_predictability_table(
        to_orders(scene.records), period=period, comparable=comparable, against=against, **scene.reading
    )
    past: list[tuple[Fraction, Fraction]] = []
    each = period
    firsts = [record["placed_at"] for record in journey.purchases if journey.who(record) is not None]
    for _ in range(comparable):
        each = each.previous() if against == "previous" else each.year_before()
        over = scene.as_of is None or each.end <= scene.as_of
        # Who is new can't be known of the period with which the data begin, as of existing_customer_revenue_rate.
        seen = scene.observed_from is None or each.previous().start >= scene.observed_from
        if over and seen and any(first < each.start for first in firsts):
            past.insert(0, journey.existing_revenue(each.start, each.end))
    shares = [(Fraction(share.numerator), Fraction(share.denominator)) for share in found.shares]
    assert [share for share in shares if share[1]] == [share for share in past if share[1]]
    total = sum(share[1] for share in past)
    if total:
        assert found.value == pytest.approx(float(sum(share[0] for share in past) / total), rel=1e-15)
    else:
        assert found.value is None


# --- intervals, and changes of two periods ---

LIKE = {
    "cancellation_rate": "repeat_order_rate",
    "recovery_rate": "repeat_order_rate",
    "cross_sell_rate": "customer_retention_rate",
    "gross_margin_ratio": "refund_ratio",
    "discounted_order_rate": "repeat_order_rate",
    "multichannel_rate": "customer_retention_rate",
}


@settings(max_examples=20)
@given(scenes(complete=True, at_least=12, at_most=30))
def test_intervals_and_changes(scene: Scene) -> None:
    check_intervals_and_changes(scene)


@pytest.mark.parametrize("month", [3, 10], ids=["spring", "autumn"])
@pytest.mark.parametrize("seed", range(3))
def test_intervals_and_changes_of_busy_shops(seed: int, month: int) -> None:
    check_intervals_and_changes(busy_scene(seed, month))


def busy_scene(seed: int, month: int) -> Scene:
    """Three months of forty customers and some guests, who order, cancel and come back."""
    random = Random(seed)
    period = rt.Period.month(2026, month, tz="Europe/Berlin")
    begin = period.previous().previous().start

    def order(number: int) -> dict[str, Any]:
        placed_at = begin + timedelta(minutes=random.randrange(92 * 24 * 60))
        amount = Decimal(random.randrange(1_000, 90_000)).scaleb(-2)
        cancelled = placed_at + timedelta(hours=random.randrange(100)) if random.random() < 0.3 else None
        back = random.choice([None, None, amount, amount / 2])
        return {
            "id": number,
            "customer_id": random.choice([*range(40), None, None]),
            "placed_at": placed_at,
            "amount": amount,
            "refunds": [] if back is None else [(placed_at + timedelta(hours=9), back)],
            "currency": "EUR",
            "payment_state": random.choice(["paid", "unknown", "failed"]),
            "cancelled_at": cancelled,
            "cancel_reason": None if cancelled is None else random.choice([None, *REASONS]),
            "tags": (),
            "is_test": random.random() < 0.05,
            "cost": random.choice([None, amount * 2, amount / 4, amount / 2]),
            "categories": random.choices([None, "hats", "shoes", "bags"], k=2),
            "discount": random.choice([None, 0, 0, amount / 8]),
            "channel": random.choice([None, "web", "web", "app", "till"]),
        }

    return Scene(
        records=[order(number) for number in range(300)],
        period=period,
        as_of=period.end,
        observed_from=None,
        currency=None,
        minimum_net=Decimal(0),
        aliases={39: 38},
        inactive_after=None,
        within=timedelta(days=2),
    )


def check_intervals_and_changes(scene: Scene) -> None:
    period, before = scene.period, scene.period.previous()
    scene = attrs.evolve(
        scene, as_of=period.end + timedelta(days=3), within=timedelta(days=2), inactive_after=None
    )
    journey = scene.journey()
    figures: dict[str, Callable[[rt.Period], Pairs]] = {
        "cancellation_rate": lambda each: journey.cancellation(each.start, each.end),
        "recovery_rate": lambda each: journey.recovery(each.start, each.end, scene.later),
        "cross_sell_rate": lambda each: journey.cross_sell(each.start, each.end),
        "gross_margin_ratio": lambda each: journey.margin(each.start, each.end),
        "discounted_order_rate": lambda each: journey.discounted(each.start, each.end),
        "multichannel_rate": lambda each: journey.multichannel(each.start, each.end, 3),
    }
    snapshot = rt.snapshot(
        to_orders(scene.records),
        period=period,
        metrics=list(LIKE),
        options={"recovery_rate": {"within": scene.within}, "multichannel_rate": {"minimum": 3}},
        against="previous",
        **scene.reading,
    )
    for metric, like in LIKE.items():
        if metric in snapshot.missing:
            continue
        now, then = (Side.of(figures[metric](each)) for each in (period, before))
        if now is not None and metric != "gross_margin_ratio":
            expected = now.wilson(0.95, of_customers=metric in {"cross_sell_rate", "multichannel_rate"})
            assert tuple(snapshot[metric].interval()) == pytest.approx(expected, rel=1e-9, abs=1e-9)
        if metric != "cancellation_rate":  # earlier orders have had longer to be cancelled
            assert_change(like, snapshot.change(metric), expected_change(like, now, then))
        else:
            assert snapshot.change(metric).p_value is None


class TestALargerShop:
    """Two months of 300 customers, of whom some stay."""

    MARCH = rt.Period.month(2026, 3, tz="UTC")

    def orders(self) -> list[rt.Order]:
        random = Random(4)
        orders: list[rt.Order] = []
        for customer in range(300):
            months = random.choice([(2,), (2, 3), (2, 3), (3,), (2, 3)])
            for month in months:
                for _ in range(random.choice([1, 1, 2, 4])):
                    orders.append(
                        rt.Order(
                            id=len(orders),
                            customer_id=customer,
                            placed_at=datetime(2026, month, random.randint(1, 28), tzinfo=UTC),
                            amount=Decimal(random.randrange(500, 20_000)).scaleb(-2) * (1 + customer % 3),
                            currency="EUR",
                        )
                    )
        return orders

    @pytest.mark.parametrize("keywords", [{}, {"margin_rate": 0.4, "discount_rate": 0.05}, {"lifespan": 3}])
    def test_the_interval_is_that_of_a_bootstrap(self, keywords: dict[str, Any]) -> None:
        orders = self.orders()
        found = rt.customer_lifetime_value(orders, period=self.MARCH, **keywords)
        who = sorted({order.customer_id for order in orders})
        place = {customer: number for number, customer in enumerate(who)}
        spent, active, there, lost = (np.zeros(len(who)) for _ in range(4))
        for order in orders:
            number = place[order.customer_id]
            if order.placed_at in self.MARCH:
                spent[number] += float(order.amount)
                active[number] = 1
            else:
                there[number] = 1
        lost[:] = there * (1 - active)
        random = np.random.default_rng(5)
        m, d = keywords.get("margin_rate", 1), keywords.get("discount_rate", 0)
        values = []
        for _ in range(4_000):
            again = random.integers(0, len(who), len(who))
            churn = (
                1 / keywords["lifespan"] if "lifespan" in keywords else lost[again].sum() / there[again].sum()
            )
            values.append(m * spent[again].sum() / active[again].sum() * (1 + d) / (d + churn))
        if "lifespan" in keywords:
            error = (found.interval().high - float(found)) / float(stats.t.ppf(0.975, len(who) - 1))
        else:
            fewest = int(min(active.sum(), there.sum()))
            far = math.log(found.interval().high / float(found))
            error = float(found) * far / float(stats.t.ppf(0.975, fewest - 1))
        # 4,000 samples tell a standard error to about 1 %; the delta method leaves out what is of second order.
        assert error == pytest.approx(np.std(values), rel=0.06)


def test_every_metric_has_an_oracle() -> None:
    here = {
        *LIKE,
        "cancellation_reason_share",
        "customer_lifespan_months",
        "observed_lifespan_days",
        "customer_lifetime_value",
        "customer_acquisition_cost",
        "ltv_cac_ratio",
        "payback_months",
        "revenue_predictability_table",
        "next_purchase_curve",  # see test_curves
        "second_purchase_curve",
    }
    of_orders = {name for name, spec in rt.METRICS.items() if spec.inputs == ("orders",)}
    assert of_orders == here | set(COMPARISONS)
