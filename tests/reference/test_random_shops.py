"""Hostile little shops by the hundred: whatever they hold, the library and the oracle count the same.

Few customers, many orders at the same instants, at the very limits of periods and of `as_of`, in nights and on
days that the clocks repeat or skip.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings, strategies as st

import retention as rt
from retention.results import CustomerFlow, Mean, Ratio
from tests.reference.agreement import ORDER_METRICS, assert_agrees, assert_left_out, exact_gini
from tests.reference.oracle import NO_SALE, Oracle, orders_frame

UNIT = Fraction(1, 10_000)
"""What a whole number of money is worth in these shops: amounts have up to four decimals."""

MERGED = "merged into another of the day"
TICK = timedelta(microseconds=1)
BASE_METRICS = {
    "customer_flow",
    "customer_retention_rate",
    "customer_churn_rate",
    "published_retention_ratio",
    "reactivation_rate",
}
FIRST_METRICS = {  # who is new can't be known of the period with which the data begin, either
    "new_customer_count",
    "returning_customer_rate",
    "repeat_order_rate",
    "existing_customer_revenue_rate",
    "returning_spend_ratio",
    "second_purchase_days",
    "second_purchase_rate",
    "purchase_gap_days",
    "recency_days",
}
PLAIN_NUMBERS = {
    "active_customer_count",
    "new_customer_count",
    "order_count",
    "gross_revenue",
    "refunded_revenue",
    "net_revenue",
}

NIGHTS = [
    ("Europe/Berlin", datetime(2026, 3, 30, 9, tzinfo=UTC)),  # 02:00 became 03:00 the night before
    ("Europe/Berlin", datetime(2026, 10, 26, 9, tzinfo=UTC)),  # 02:00 to 03:00 came twice
    ("America/New_York", datetime(2026, 11, 2, 9, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 3, 9, 9, tzinfo=UTC)),  # midnight itself was skipped
    ("Australia/Lord_Howe", datetime(2026, 4, 6, 9, tzinfo=UTC)),  # half an hour came twice
    ("Pacific/Apia", datetime(2011, 12, 31, 23, tzinfo=UTC)),  # 30 December was skipped
    ("Asia/Kathmandu", datetime(2028, 3, 1, 9, tzinfo=UTC)),  # after a leap day
    ("UTC", datetime(2026, 1, 1, tzinfo=UTC)),
]


@attrs.frozen(kw_only=True)
class Scene:
    """A shop, how to read it, and where to look."""

    records: list[dict[str, Any]]
    period: rt.Period
    as_of: datetime | None
    observed_from: datetime | None
    currency: str | None
    minimum_net: Decimal | None
    inactive_after: timedelta | None

    @property
    def policy(self) -> rt.OrderPolicy:
        return rt.OrderPolicy(minimum_net=self.minimum_net)

    @property
    def reading(self) -> dict[str, Any]:
        return {
            "policy": self.policy,
            "as_of": self.as_of,
            "observed_from": self.observed_from,
            "currency": self.currency,
        }

    def oracle(self) -> Oracle:
        least = None if self.minimum_net is None else int(self.minimum_net / Decimal("0.0001"))
        return Oracle(orders_frame(self.records), as_of=self.as_of, minimum_net=least, currency=self.currency)

    def base_start(self, period: rt.Period) -> datetime:
        return period.previous().start if self.inactive_after is None else period.start - self.inactive_after

    def figures(self, oracle: Oracle, period: rt.Period, **more: Any) -> dict[str, Any]:
        closing = None if self.inactive_after is None else period.end - self.inactive_after
        return oracle.period(period.start, period.end, self.base_start(period), closing_start=closing, **more)

    def is_observable(self, metric: str, period: rt.Period) -> bool:
        if self.as_of is not None and period.start > self.as_of:
            return False
        earliest = self.base_start(period) if metric in BASE_METRICS | FIRST_METRICS else period.start
        return self.observed_from is None or earliest >= self.observed_from

    def is_partial(self, metric: str, period: rt.Period) -> bool:
        if self.as_of is None:
            return False
        if metric == "second_purchase_rate" and period.end + timedelta(days=16) > self.as_of:
            return True
        return period.start <= self.as_of < period.end


def to_orders(records: Iterable[dict[str, Any]]) -> list[rt.Order]:
    return [
        rt.Order(
            id=record["order_id"],
            customer_id=record["customer_id"],
            placed_at=record["placed_at"],
            amount=to_money(record["amount"]),
            currency=record["currency"],
            refunds=[
                rt.Refund(refunded_at=moment, amount=to_money(minor)) for moment, minor in record["refunds"]
            ],
            payment_state=record["payment_state"],
            cancelled_at=record["cancelled_at"],
            tags=record["tags"],
            is_test=record["is_test"],
        )
        for record in records
    ]


def to_money(minor: int) -> Decimal:
    """With as many decimals as it needs, so that a shop has orders of 12, of 12.5 and of 12.0001."""
    return Decimal(minor) / 10_000


# --- how shops are drawn ---


@st.composite
def periods(draw: st.DrawFn) -> rt.Period:
    zone, morning_after = draw(st.sampled_from(NIGHTS))
    unit = draw(st.sampled_from(["day", "week", "month", "quarter", "year", "between"]))
    if unit == "between":
        start = morning_after - draw(st.sampled_from([timedelta(hours=30), timedelta(days=9, hours=1)]))
        return rt.Period.between(start, morning_after, tz=zone)
    n = draw(st.sampled_from([1, 1, 1, 2, 5]))
    return rt.Period.last(n, unit, as_of=morning_after, tz=zone)


def moments_around(period: rt.Period) -> list[datetime]:
    """The limits of the period and of its neighbours, a tick beside them, and a few instants between."""
    before, after = period.previous(), period.next()
    limits = [before.previous().start, before.start, period.start, period.end, after.end]
    near = [limit + step for limit in limits for step in (-TICK, timedelta(0), TICK)]
    middle = period.start + (period.end - period.start) / 2
    return [*near, middle, middle, middle + TICK, before.start + (period.start - before.start) / 3]


amounts = st.builds(
    lambda number, places: number * 10 ** (4 - places), st.integers(0, 30), st.integers(0, 4)
) | st.sampled_from([0, 0, 50_000, 50_001, 100_000])
delays = st.sampled_from([timedelta(0), TICK, timedelta(days=2), timedelta(days=16), timedelta(days=45)])


@st.composite
def records_at(draw: st.DrawFn, moments: list[datetime], currencies: list[str]) -> dict[str, Any]:
    placed_at = draw(st.sampled_from(moments)) + draw(
        st.sampled_from([timedelta(0), timedelta(0), timedelta(days=1), timedelta(days=16)])
    )
    amount = draw(amounts)
    refunds: list[tuple[datetime, int]] = []
    left = amount
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        part = draw(st.sampled_from([left, left // 2, left // 3, 0]))
        left -= part
        refunds.append((placed_at + draw(delays), part))
    is_odd = draw(st.integers(0, 3)) == 0
    cancels = is_odd and draw(st.booleans())
    return {
        "customer_id": draw(st.sampled_from(["ann", "ben", "cy", 1, "1", None])),
        "placed_at": placed_at,
        "amount": amount,
        "refunds": refunds,
        "currency": draw(st.sampled_from(currencies)),
        "payment_state": draw(st.sampled_from(["paid", "unknown", "pending", "failed"]))
        if is_odd
        else "paid",
        "cancelled_at": placed_at + draw(delays) if cancels else None,
        "tags": draw(
            st.sampled_from([(), ("exchange",), ("gift-card", "exchange"), ("gift-card",), ("vip",)])
        )
        if is_odd
        else (),
        "is_test": is_odd and draw(st.integers(0, 4)) == 0,
    }


@st.composite
def scenes(draw: st.DrawFn, *, complete: bool = False) -> Scene:
    """A shop; with `complete`, one that is observed from the beginning."""
    period = draw(periods())
    moments = moments_around(period)
    currency = draw(st.sampled_from([None, "EUR"]))
    drawn = draw(
        st.lists(records_at(moments, ["EUR"] if currency is None else ["EUR", "EUR", "USD"]), max_size=24)
    )
    numbers = draw(st.permutations(range(len(drawn))))
    spans = [timedelta(days=days) for days in (1, 7, 31, 90, 400, 2000)]
    long_enough = [span for span in spans if span >= period.duration]
    as_of = draw(st.none() | st.sampled_from(moments))
    known = [moment for moment in moments if as_of is None or moment <= as_of]
    return Scene(
        records=[{"order_id": number, **record} for number, record in zip(numbers, drawn, strict=True)],
        period=period,
        as_of=as_of,
        observed_from=None if complete else draw(st.none() | st.none() | st.sampled_from(known)),
        currency=currency,
        minimum_net=draw(st.sampled_from([Decimal(0), Decimal(0), None, Decimal(5), Decimal("0.00")])),
        inactive_after=draw(st.none() | st.sampled_from(long_enough)) if long_enough else None,
    )


# --- the library and the oracle ---


@settings(max_examples=60)
@given(scenes())
def test_every_metric_of_a_snapshot(scene: Scene) -> None:
    oracle, orders = scene.oracle(), to_orders(scene.records)
    looked_at = [scene.period.next(), scene.period]
    if scene.inactive_after is not None:  # the neighbour may be longer
        looked_at = [period for period in looked_at if period.duration <= scene.inactive_after]
    snapshot = rt.snapshot(
        orders,
        period=looked_at,
        metrics=ORDER_METRICS,
        against=None,
        inactive_after=scene.inactive_after,
        **scene.reading,
    )
    for period in looked_at:
        figures = scene.figures(oracle, period)
        for metric in ORDER_METRICS:
            assert_figure(scene, snapshot.figure(metric, period), figures)


def assert_figure(scene: Scene, figure: rt.Figure, figures: dict[str, Any]) -> None:
    metric, period = figure.metric, figure.period
    assert_left_out(metric, figure.left_out, figures)
    assert figure.observable is scene.is_observable(metric, period)
    if figure.observable:
        assert_agrees(metric, figure.result, figures, unit=UNIT)
        assert figure.partial is scene.is_partial(metric, period)
    else:
        assert figure.undefined_because is not None
        assert (figure.value, figure.interval()) == (None, None)
        assert (figure.result is None) is (metric in PLAIN_NUMBERS)


@settings(max_examples=60)
@given(scenes(complete=True))
def test_every_public_function(scene: Scene) -> None:
    orders, period = to_orders(scene.records), scene.period
    figures = scene.figures(scene.oracle(), period)
    for metric, spec in ORDER_METRICS.items():
        arguments = dict(scene.reading)
        if metric in BASE_METRICS:
            arguments["inactive_after"] = scene.inactive_after
        if scene.is_observable(metric, period):
            assert_agrees(metric, spec.function(orders, period=period, **arguments), figures, unit=UNIT)
        elif metric in PLAIN_NUMBERS:
            with pytest.raises(rt.NotObservableError, match="begins after as_of"):
                spec.function(orders, period=period, **arguments)
        else:
            assert not spec.function(orders, period=period, **arguments).observable


@settings(max_examples=40)
@given(scenes(complete=True), st.sampled_from([1, 2, 16, 45]), st.sampled_from(["0.07", "0.2", "0.5", "1"]))
def test_keywords_of_the_metrics(scene: Scene, days: int, top: str) -> None:
    history, period = rt.History(to_orders(scene.records), **scene.reading), scene.period
    if not scene.is_observable("order_count", period):
        return
    within = timedelta(days=days)
    figures = scene.figures(scene.oracle(), period, within=within, top=Fraction(top))
    best = rt.revenue_concentration_rate(history, period=period, top=Decimal(top))
    assert_agrees("revenue_concentration_rate", best, figures, unit=UNIT)
    repeaters = rt.second_purchase_rate(history, period=period, within=within)
    assert_agrees("second_purchase_rate", repeaters, figures, unit=UNIT)
    corrected = rt.gini_score(history, period=period, bias_corrected=True)
    assert corrected.value == exact_gini(figures["gini_score_bias_corrected"])
    if scene.as_of is None:
        with pytest.raises(rt.AsOfRequiredError, match="as_of="):
            rt.second_purchase_rate(history, period=period, within=within, given="all")
    else:
        everyone = rt.second_purchase_rate(history, period=period, within=within, given="all")
        assert (everyone.numerator, everyone.denominator) == figures["second_purchase_rate_of_all"]


@settings(max_examples=40)
@given(scenes(complete=True))
def test_refunds_dated_by_the_refund(scene: Scene) -> None:
    if not scene.is_observable("net_revenue", scene.period):
        return
    policy = attrs.evolve(scene.policy, refunds_dated="refund")
    figures = scene.figures(scene.oracle(), scene.period)
    by_refund = figures | {
        "refunded_revenue": figures["refunds_made"],
        "net_revenue": figures["net_revenue_by_refund_date"],
    }
    # Only these two differ: all other figures stay with the date of the order.
    snapshot = rt.snapshot(
        to_orders(scene.records),
        period=scene.period,
        metrics=ORDER_METRICS,
        against=None,  # the period before may be longer than inactive_after
        inactive_after=scene.inactive_after,
        **{**scene.reading, "policy": policy},
    )
    for metric in ORDER_METRICS:
        assert_agrees(metric, snapshot[metric], by_refund, unit=UNIT)


@settings(max_examples=40)
@given(scenes(complete=True), st.sampled_from([TICK, timedelta(days=2), timedelta(days=16)]))
def test_refunds_within(scene: Scene, within: timedelta) -> None:
    policy = attrs.evolve(scene.policy, refunds_within=within)
    in_time = [
        {**record, "refunds": [each for each in record["refunds"] if each[0] <= record["placed_at"] + within]}
        for record in scene.records
    ]
    reading = {**scene.reading, "policy": policy}
    assert_all_agree(attrs.evolve(scene, records=in_time), to_orders(scene.records), reading)


@settings(max_examples=60)
@given(scenes(complete=True), st.sampled_from([zone for zone, _ in NIGHTS]))
def test_same_day_merged(scene: Scene, zone: str) -> None:
    policy = attrs.evolve(scene.policy, same_day="merge", tz=zone)
    reasons = scene.oracle().orders["reason"]
    joined, moments = joined_by_day(scene.records, reasons, ZoneInfo(zone))
    reading = {**scene.reading, "policy": policy}
    merged = sum(at in scene.period for at in moments)
    assert_all_agree(attrs.evolve(scene, records=joined), to_orders(scene.records), reading, merged=merged)


def joined_by_day(
    records: list[dict[str, Any]], reasons: Iterable[str], zone: ZoneInfo
) -> tuple[list[dict[str, Any]], list[datetime]]:
    """Sales of one known customer and local day as one record, and the instants of those that are gone."""
    joined: list[dict[str, Any]] = []
    of_day: dict[Any, dict[str, Any]] = {}
    gone: list[datetime] = []
    in_time = sorted(
        zip(records, reasons, strict=True), key=lambda pair: pair[0]["placed_at"].astimezone(UTC)
    )
    for record, reason in in_time:
        day = (record["customer_id"], record["placed_at"].astimezone(zone).date())
        if record["customer_id"] is None or reason in NO_SALE:
            joined.append(record)
        elif day in of_day:
            of_day[day]["amount"] += record["amount"]
            of_day[day]["refunds"] += record["refunds"]
            gone.append(record["placed_at"])
        else:
            of_day[day] = {**record, "refunds": list(record["refunds"])}
            joined.append(of_day[day])
    return joined, gone


def assert_all_agree(
    counted: Scene,
    orders: list[rt.Order],
    reading: dict[str, Any],
    *,
    merged: int = 0,
) -> None:
    """The figures of `orders` are those that the oracle finds in the records of `counted`."""
    period, figures = counted.period, counted.figures(counted.oracle(), counted.period)
    snapshot = rt.snapshot(
        orders,
        period=period,
        metrics=ORDER_METRICS,
        against=None,
        inactive_after=counted.inactive_after,
        **reading,
    )
    for metric in ORDER_METRICS:
        figure = snapshot.figure(metric)
        left_out = dict(figure.left_out)
        sums_sales = ORDER_METRICS[metric].counts == "sales"  # money that is merged is counted all the same
        assert left_out.pop(MERGED, 0) == (0 if sums_sales else merged)
        assert_left_out(metric, left_out, figures)
        if figure.observable:
            assert_agrees(metric, with_left_out(figure.result, left_out), figures, unit=UNIT)


def with_left_out(result: Any, left_out: dict[str, int]) -> Any:
    if not hasattr(result, "basis"):
        return result
    return attrs.evolve(result, basis=attrs.evolve(result.basis, left_out=left_out))


# --- laws ---


def all_results(scene: Scene, orders: Iterable[rt.Order]) -> dict[str, Any]:
    snapshot = rt.snapshot(
        orders,
        period=scene.period,
        metrics=ORDER_METRICS,
        against=None,
        inactive_after=scene.inactive_after,
        **scene.reading,
    )
    return {metric: snapshot.figure(metric).result for metric in ORDER_METRICS}


def in_full(result: Any) -> tuple[Any, ...]:
    """A result with all that equality leaves aside."""
    return result, getattr(result, "sampling", None), getattr(result, "basis", None), str(result)


@given(scenes(), st.integers(0, 2**32))
def test_order_of_input_is_irrelevant(scene: Scene, seed: int) -> None:
    orders = to_orders(scene.records)
    shuffled = Random(seed).sample(orders, len(orders))
    first, second = all_results(scene, orders), all_results(scene, iter(shuffled))
    assert {name: in_full(result) for name, result in first.items()} == {
        name: in_full(result) for name, result in second.items()
    }


@given(scenes(complete=True))
def test_customers_are_conserved(scene: Scene) -> None:
    """Definitions, "Customers": start + new + reactivated - lost = end."""
    history = rt.History(to_orders(scene.records), **scene.reading)
    before, now = (
        rt.customer_flow(history, period=period) for period in (scene.period.previous(), scene.period)
    )
    if not now.observable:
        return
    assert now.start + now.new + now.reactivated - now.lost == now.end
    assert now.start == before.end, "who was there at the end is there at the start of the next period"
    assert now.end == rt.active_customer_count(history, period=scene.period)
    groups = [now.customers[name] for name in ("new", "kept", "lost", "reactivated")]
    assert len(frozenset().union(*groups)) == sum(map(len, groups)), "nobody stands in two groups"
    assert now.customers["kept"] | now.customers["lost"] == before.customers["kept"] | (
        before.customers["new"] | before.customers["reactivated"]
    )


@given(scenes(complete=True))
def test_money_is_conserved(scene: Scene) -> None:
    """Definitions, "Orders and value": AOV x order_count = net revenue, at minimum_net=0 and order-dated refunds."""
    results = all_results(attrs.evolve(scene, minimum_net=Decimal(0)), to_orders(scene.records))
    if results["net_revenue"] is None:
        return
    assert results["gross_revenue"] - results["refunded_revenue"] == results["net_revenue"]
    assert Fraction(results["average_order_value"].total) == Fraction(results["net_revenue"])
    assert results["average_order_value"].count == results["order_count"]


@given(scenes(), st.integers(0, 2**32))
def test_parts_pool_to_the_whole(scene: Scene, seed: int) -> None:
    """Definitions, "Segments": for the metrics marked `additive`, the parts pool to the whole."""
    is_left = Random(seed).random
    side = {customer: is_left() < 0.5 for customer in ["ann", "ben", "cy", 1, "1"]}
    orders = to_orders(scene.records)
    left = [order for order in orders if side.get(order.customer_id, order.id % 2 == 0)]
    right = [order for order in orders if order not in left]
    whole = all_results(scene, orders)
    parts = [all_results(scene, left), all_results(scene, right)]
    for metric, spec in ORDER_METRICS.items():
        if spec.additive and whole[metric] is not None:
            assert_pools(whole[metric], [part[metric] for part in parts])


def assert_pools(whole: Any, parts: list[Any]) -> None:
    if not getattr(whole, "observable", True):
        assert not any(part.observable for part in parts)
    elif isinstance(whole, Ratio):
        pooled = Ratio.pool(parts, independent=True)
        assert (Fraction(pooled.numerator), Fraction(pooled.denominator)) == (
            Fraction(whole.numerator),
            Fraction(whole.denominator),
        )
        assert dict(pooled.left_out) == dict(whole.left_out)
        assert pooled.partial == whole.partial
    elif isinstance(whole, Mean):
        assert sum(part.total for part in parts) == whole.total
        assert sum(part.count for part in parts) == whole.count
    elif isinstance(whole, CustomerFlow):
        for name, members in whole.customers.items():
            assert frozenset().union(*(part.customers[name] for part in parts)) == members
        for name in ("start", "new", "kept", "lost", "reactivated", "end"):
            assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
    else:
        assert sum(parts) == whole


@given(scenes(complete=True), st.data())
def test_orders_that_do_not_count_change_only_what_was_left_out(scene: Scene, data: st.DataObject) -> None:
    scene = attrs.evolve(scene, currency="EUR")
    moments = moments_around(scene.period)
    fates: list[dict[str, Any]] = [
        {"is_test": True},
        {"payment_state": "failed"},
        {"payment_state": "pending"},
        {"currency": "USD"},
        {"tags": ("exchange",)},
        {"tags": ("gift-card",)},
    ]
    added = [
        {"order_id": f"added {number}", "refunds": [], **record, **data.draw(st.sampled_from(fates))}
        for number, record in enumerate(
            data.draw(st.lists(records_at(moments, ["EUR"]), min_size=1, max_size=6))
        )
    ]
    before = all_results(scene, to_orders(scene.records))
    after = all_results(scene, to_orders([*scene.records, *added]))
    assert before == after
    inside = sum(record["placed_at"] in scene.period for record in added)
    for metric, result in after.items():
        basis = getattr(result, "basis", None)
        if basis is not None:
            were_left_out = sum(before[metric].left_out.values())
            assert sum(basis.left_out.values()) == were_left_out + inside


@given(scenes(complete=True))
def test_what_is_known_later_is_as_if_it_were_not(scene: Scene) -> None:
    """Definitions, "What is known": what is dated after as_of does not exist."""
    if scene.as_of is None:
        return
    as_of = scene.as_of
    known = [
        {
            **record,
            "refunds": [each for each in record["refunds"] if each[0] <= as_of],
            "cancelled_at": None
            if record["cancelled_at"] is None or record["cancelled_at"] > as_of
            else record["cancelled_at"],
        }
        for record in scene.records
        if record["placed_at"] <= as_of
    ]
    assert all_results(scene, to_orders(scene.records)) == all_results(scene, to_orders(known))
