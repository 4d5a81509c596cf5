"""Hostile baskets, contacts and programmes: whatever they hold, the library and the oracle count the same.

Everything happens at the same few instants: the limits of the period, of the period before it and of its windows, a
tick beside them, in nights in which the clocks change. Customers go by two names, or by none.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import attrs
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings, strategies as st
from scipy import stats

import retention as rt
from tests.reference.oracle_beside_orders import Found, World
from tests.reference.test_change import Ledger, Side, TwoMeans, assert_change, expected_change
from tests.reference.test_random_shops import moments_around, periods, records_at, to_orders

Duration = timedelta | relativedelta
TICK = timedelta(microseconds=1)
WHO = st.sampled_from(["ann", "ann", "ben", "cy", "a2", None])
WINDOWS: list[Duration] = [
    TICK,
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=16),
    relativedelta(days=1),
    relativedelta(months=1),
]
CHANNELS = ["mail", "sms", "web"]
KINDS = ["message", "approach", "approach", "offer", "question", "case", "review", "mention", "visit"]

METRICS = {
    name: spec
    for name, spec in rt.METRICS.items()
    if spec.inputs[0] in {"checkouts", "interactions", "customers"}
}


@attrs.frozen(kw_only=True)
class Scene:
    """A shop, and where and how to look at it."""

    orders: list[dict[str, Any]]
    checkouts: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    customers: list[dict[str, Any]]
    period: rt.Period
    as_of: datetime
    observed_from: datetime | None
    aliases: dict[Any, Any]
    first: Duration
    second: Duration
    inactive_after: timedelta | None

    def later(self, window: Duration) -> Callable[[datetime], datetime]:
        zone = self.period.tz

        def add(moment: datetime) -> datetime:
            if isinstance(window, timedelta):
                return moment.astimezone(UTC) + window
            return (moment.astimezone(zone) + window).astimezone(UTC)

        return add

    def shop(self) -> rt.Shop:
        return rt.Shop(
            orders=to_orders(self.orders),
            checkouts=[rt.Checkout(**record) for record in self.checkouts],
            interactions=[rt.Interaction(**record) for record in self.contacts],
            customers=[rt.Customer(**record) for record in self.customers],
            as_of=self.as_of,
            observed_from=self.observed_from,
            aliases=self.aliases,
            currency="EUR",
        )

    def world(self) -> World:
        named = [
            attrs.evolve(order, customer_id=self.aliases.get(order.customer_id, order.customer_id))
            for order in to_orders(self.orders)
        ]
        ledger = Ledger(named, as_of=self.as_of, currency="EUR")
        return World(
            checkouts=self.checkouts,
            contacts=self.contacts,
            customers=self.customers,
            purchases=[(sale.who, sale.at, sale.net) for sale in ledger.purchases if sale.known],
            aliases=self.aliases,
            as_of=self.as_of,
        )

    def with_somebody(self) -> Scene:
        """With one customer of whom everything is known, and one message that was opened, so that a snapshot lacks nothing."""
        zed = {
            "id": "zed",
            "loyalty_joined_at": self.period.start,
            "referred_by": "ann",
            "acquisition_channel": None,
        }
        at = self.period.start
        opened = {
            "id": "opened",
            "opened_at": at + timedelta(hours=1),
            "clicked_at": None,
            "replied_at": None,
            "ordered_at": None,
            "answered_at": None,
            "solved_at": None,
            "solved_by": None,
            "customer_id": "zed",
            "kind": "message",
            "direction": "outbound",
            "channel": "mail",
            "occurred_at": at,
            "sentiment": None,
        }
        return attrs.evolve(self, customers=[*self.customers, zed], contacts=[*self.contacts, opened])

    def is_observable(self, period: rt.Period, *, base: bool = False) -> bool:
        if period.start > self.as_of:
            return False
        if self.observed_from is None:
            return True
        earliest = period.start
        if base:
            earliest = (
                period.previous().start if self.inactive_after is None else earliest - self.inactive_after
            )
        return earliest >= self.observed_from


# --- how they are drawn ---


@st.composite
def checkouts_at(draw: st.DrawFn, moments: list[datetime]) -> dict[str, Any]:
    begun_at = draw(st.sampled_from(moments))
    waits = st.sampled_from([timedelta(0), TICK, timedelta(hours=1), timedelta(days=1), timedelta(days=16)])
    ordered_at = draw(st.none() | waits)
    return {
        "customer_id": draw(WHO),
        "begun_at": begun_at,
        "ordered_at": None
        if ordered_at is None
        else begun_at + ordered_at + draw(st.sampled_from([timedelta(0), TICK])),
        "channel": draw(st.sampled_from([None, *CHANNELS])),
    }


@st.composite
def contacts_at(draw: st.DrawFn, moments: list[datetime]) -> dict[str, Any]:
    at = draw(st.sampled_from(moments))
    waits = st.sampled_from([timedelta(0), TICK, timedelta(hours=1), timedelta(days=1), timedelta(days=16)])
    some = st.none() | waits.map(lambda wait: at + wait) | waits.map(lambda wait: at + wait + TICK)
    outbound = draw(st.booleans())
    ways = (
        ["opened_at", "clicked_at", "replied_at", "ordered_at"] if outbound else ["answered_at", "solved_at"]
    )
    responses = {way: draw(some) for way in ways}
    solved_by = draw(st.sampled_from([None, "agent", "self_service"])) if responses.get("solved_at") else None
    return {
        **dict.fromkeys(["opened_at", "clicked_at", "replied_at", "ordered_at", "answered_at", "solved_at"]),
        **responses,
        "solved_by": solved_by,
        "customer_id": draw(WHO),
        "kind": draw(st.sampled_from(KINDS)),
        "direction": "outbound" if outbound else "inbound",
        "channel": draw(st.sampled_from(CHANNELS)),
        "occurred_at": at,
        "sentiment": draw(st.sampled_from([None, Decimal(-1), Decimal("0.25"), Decimal(0), Decimal(1)])),
    }


@st.composite
def customers_at(draw: st.DrawFn, moments: list[datetime]) -> list[dict[str, Any]]:
    ids = draw(st.lists(st.sampled_from(["ann", "ben", "cy", "a2", 1, "1"]), unique=True))
    referrers: list[Any] = [None, None, "ben", "a2", "somebody else"]
    return [
        {
            "id": who,
            "loyalty_joined_at": draw(st.none() | st.sampled_from(moments)),
            "referred_by": draw(st.sampled_from([by for by in referrers if by is None or by != who])),
            "acquisition_channel": draw(st.sampled_from([None, "search", "referral"])),
        }
        for who in ids
    ]


@st.composite
def scenes(draw: st.DrawFn, *, complete: bool = False, of: Any = None) -> Scene:
    period = draw(periods() if of is None else of)
    moments = moments_around(period)
    zone = period.tz
    first, second = draw(st.sampled_from(WINDOWS)), draw(st.sampled_from(WINDOWS))
    # Purchases at the very limits of both windows of what began at the limits of the period.
    ends = [
        ((moment.astimezone(zone) + one).astimezone(UTC).astimezone(zone) + other).astimezone(UTC) + step
        for moment in (period.start, period.end - TICK)
        for one, other in ((first, timedelta(0)), (first, second))
        for step in (timedelta(0), TICK)
    ]
    spans = [timedelta(days=days) for days in (31, 400, 2000)]
    long_enough = [span for span in spans if span >= max(period.duration, period.previous().duration)]
    as_of = draw(st.sampled_from([*moments, *ends, period.next().end + timedelta(days=900)]))
    known = [moment for moment in moments if moment <= as_of]

    def numbered(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"id": number, **record} for number, record in enumerate(records)]

    orders = draw(
        st.lists(records_at([*moments, *ends], ["EUR", "EUR", "EUR", "USD"]), min_size=1, max_size=14)
    )
    return Scene(
        orders=[{"order_id": number, **record} for number, record in enumerate(orders)],
        checkouts=numbered(draw(st.lists(checkouts_at(moments), min_size=1, max_size=10))),
        contacts=numbered(draw(st.lists(contacts_at(moments), min_size=1, max_size=12))),
        customers=draw(customers_at(moments)),
        period=period,
        as_of=as_of,
        observed_from=None if complete else draw(st.none() | st.sampled_from(known or [as_of])),
        aliases=draw(st.sampled_from([{}, {"a2": "ann"}, {"cy": "ben", "a2": "ann"}])),
        first=first,
        second=second,
        inactive_after=draw(st.none() | st.sampled_from(long_enough)) if long_enough else None,
    )


# --- what agreement means ---


def assert_ratio(found: Any, expected: Found) -> None:
    numerator, denominator = expected.pair
    assert (Fraction(found.numerator), Fraction(found.denominator)) == (numerator, denominator)
    assert found.value == (float(numerator / denominator) if denominator else None)
    assert (found.undefined_because is None) == bool(denominator)


def assert_left_out(found: Any, expected: Found) -> None:
    assert dict(found.left_out) == expected.left_out


def window_is_over(scene: Scene, period: rt.Period, *windows: Duration) -> bool:
    last = period.end
    for window in windows:
        last = scene.later(window)(last)
    return last <= scene.as_of


# --- the library and the oracle ---


@settings(max_examples=60)
@given(scenes(), st.sampled_from([None, *CHANNELS]))
def test_baskets(scene: Scene, channel: str | None) -> None:
    world, shop, period = scene.world(), scene.shop(), scene.period
    span = (period.start, period.end)
    after, within = scene.later(scene.first), scene.later(scene.second)
    here = {"period": period, "abandoned_after": scene.first, "channel": channel}
    left = rt.cart_abandonment_rate(shop, **here)
    back = rt.cart_recovery_rate(shop, within=scene.second, **here)
    assert left.observable is back.observable is scene.is_observable(period)
    if not left.observable:
        return
    assert_ratio(left, world.abandonment(*span, after=after, channel=channel))
    assert_left_out(left, world.abandonment(*span, after=after, channel=channel))
    recovered = world.recovery(*span, after=after, within=within, channel=channel)
    assert_ratio(back, recovered)
    assert left.partial is not window_is_over(scene, period, scene.first)
    assert back.partial is not window_is_over(scene, period, scene.first, scene.second)


@settings(max_examples=60)
@given(scenes(), st.sampled_from([None, *CHANNELS]), st.sampled_from([None, *KINDS]))
def test_contacts(scene: Scene, channel: str | None, kind: str | None) -> None:
    world, shop, period = scene.world(), scene.shop(), scene.period
    span, within = (period.start, period.end), scene.later(scene.first)
    here = {"period": period, "channel": channel}
    if not scene.is_observable(period):
        assert not rt.engagement_rate(shop, within=scene.first, **here).observable
        assert not rt.sentiment_score(shop, **here).observable
        with pytest.raises(rt.NotObservableError):
            rt.mention_count(shop, **here)
        return
    pairs = [
        (
            rt.engagement_rate(shop, within=scene.first, **here),
            world.engagement(*span, within=within, channel=channel),
        ),
        (
            rt.answered_rate(shop, within=None, kind=kind, **here),
            world.answered(*span, kind=kind, channel=channel),
        ),
        (
            rt.answered_rate(shop, within=scene.first, kind=kind, **here),
            world.answered(*span, kind=kind, channel=channel, within=within),
        ),
        (
            rt.self_service_rate(shop, kind=kind, **here),
            world.self_service(*span, kind=kind, channel=channel),
        ),
        (
            rt.conversion_rate(shop, within=None, **here),
            world.conversion(*span, kind="approach", channel=channel),
        ),
        (
            rt.conversion_rate(shop, within=scene.first, kind="visit", **here),
            world.conversion(*span, kind="visit", channel=channel, within=within),
        ),
        (
            rt.upsell_rate(shop, within=None, **here),
            world.conversion(*span, kind="offer", channel=channel),
        ),
        (
            rt.upsell_rate(shop, within=scene.first, **here),
            world.conversion(*span, kind="offer", channel=channel, within=within),
        ),
    ]
    for responses in ({"opened"}, {"clicked", "replied"}):
        for least, most in ((None, 1), (2, None), (2, 2), (1, 3)):
            found = rt.engagement_rate(
                shop, within=scene.first, responses=responses, min_channels=least, max_channels=most, **here
            )
            expected = world.engagement(
                *span, within=within, responses=responses, channel=channel, least=least, most=most
            )
            pairs.append((found, expected))
    for found, expected in pairs:
        assert found.observable
        assert_ratio(found, expected)
        assert_left_out(found, expected)
    for metric, field in ((rt.first_response_days, "answered_at"), (rt.resolution_days, "solved_at")):
        times, left_out = world.times(*span, field=field, kind=kind, channel=channel)
        assert list(metric(shop, kind=kind, **here).microseconds) == times
        assert dict(metric(shop, kind=kind, **here).left_out) == left_out
    assert rt.mention_count(shop, **here) == world.mentions(*span, channel=channel)
    assert_sentiment(
        rt.sentiment_score(shop, kind=kind, **here), world.sentiment(*span, kind=kind, channel=channel)
    )


def assert_sentiment(found: rt.Score, expected: Found) -> None:
    total, count = expected.pair
    sounds = [y for *_, y in expected.triples]
    assert found.value == (float(total / count) if count else None)
    assert (found.count, found.low, found.high) == (count, -1, 1)
    above, below = sum(y > 0 for y in sounds), sum(y < 0 for y in sounds)
    if sounds:
        assert sorted(found.parts.values()) == sorted([above, len(sounds) - above - below, below])
    assert_left_out(found, expected)


@settings(max_examples=40)
@given(scenes(), st.sampled_from(["existing", "new"]))
def test_approaches_to_existing_and_new_customers(scene: Scene, of: Any) -> None:
    world, shop, period = scene.world(), scene.shop(), scene.period
    span, within = (period.start, period.end), scene.later(scene.first)
    found = rt.conversion_rate(shop, period=period, of=of, within=scene.first)
    assert found.observable is is_first_observable(scene)
    if found.observable:
        expected = world.conversion(*span, kind="approach", of=of, within=within)
        assert_ratio(found, expected)
        assert_left_out(found, expected)


@settings(max_examples=60)
@given(scenes())
def test_programmes(scene: Scene) -> None:
    world, shop, period = scene.world(), scene.shop(), scene.period
    span = (period.start, period.end)
    if scene.inactive_after is None:
        opening, closing = period.previous().start, period.start
    else:
        opening, closing = period.start - scene.inactive_after, period.end - scene.inactive_after
    for found, expected, observable in [
        (
            rt.loyalty_participation_rate(shop, period=period),
            world.participation(*span),
            scene.is_observable(period),
        ),
        (
            rt.referred_revenue_rate(shop, period=period),
            world.referred_revenue(*span),
            scene.is_observable(period),
        ),
        *(
            (
                rt.loyalty_retention_rate(shop, period=period, of=of, inactive_after=scene.inactive_after),
                world.retention(*span, of=of, opening=opening, closing=closing),
                scene.is_observable(period, base=True),
            )
            for of in ("members", "others")
        ),
    ]:
        assert (found.basis.metric, found.observable) == (found.basis.metric, observable)
        if observable:
            assert_ratio(found, expected)
            assert found.partial is (period.start <= scene.as_of < period.end)
    assert_spend(rt.loyalty_spend_ratio(shop, period=period), *world.member_spend(*span), scene)
    referral = rt.referral_rate(shop, period=period)
    assert referral.observable is is_first_observable(scene)
    if referral.observable:
        assert_ratio(referral, world.referral(*span))


def is_first_observable(scene: Scene) -> bool:
    """As of the older metrics of new customers: the period before has been observed."""
    before = attrs.evolve(scene, inactive_after=None)
    return before.is_observable(scene.period, base=True)


def assert_spend(found: rt.Ratio, members: Found, others: Found, scene: Scene) -> None:
    if not scene.is_observable(scene.period):
        assert not found.observable
        return
    (spent, many), (rest, few) = members.pair, others.pair
    if not many or not rest:
        assert found.value is None
        assert found.undefined_because is not None
    else:
        assert (Fraction(found.numerator), Fraction(found.denominator)) == (spent * few, rest * many)


@settings(max_examples=20)
@given(scenes())
def test_a_snapshot_says_the_same_as_the_functions(scene: Scene) -> None:
    shop = scene.with_somebody().shop()
    options = {
        "cart_abandonment_rate": {"abandoned_after": scene.first},
        "cart_recovery_rate": {"abandoned_after": scene.first, "within": scene.second},
        "engagement_rate": {"within": scene.second},
    }
    looked_at = [scene.period.previous(), scene.period, scene.period.next()]
    snapshot = rt.snapshot(shop, period=looked_at, metrics=METRICS, options=options, against=None)
    for period in looked_at:
        for metric, spec in METRICS.items():
            figure = snapshot.figure(metric, period)
            keywords = {**spec.usual, **options.get(metric, {})}
            if metric == "mention_count" and not figure.observable:
                with pytest.raises(rt.NotObservableError):
                    spec.function(shop, period=period)
            else:
                alone = spec.function(shop, period=period, **keywords)
                assert figure.result == alone
                assert figure.observable is getattr(alone, "observable", True)


# --- intervals, and changes of two periods ---

SHARES_OF_RECORDS = {
    "cart_abandonment_rate",
    "cart_recovery_rate",
    "engagement_rate",
    "conversion_rate",
    "upsell_rate",
    "answered_rate",
    "self_service_rate",
}
OF_CUSTOMERS = {"loyalty_participation_rate", "loyalty_retention_rate", "referral_rate"}


def figures(scene: Scene, period: rt.Period) -> dict[str, Found]:
    """With a window of a day, and of two where there are two."""
    world, span = scene.world(), (period.start, period.end)
    day = scene.later(timedelta(days=1))
    opening, closing = period.previous().start, period.start
    return {
        "cart_abandonment_rate": world.abandonment(*span, after=day),
        "cart_recovery_rate": world.recovery(*span, after=day, within=day),
        "engagement_rate": world.engagement(*span, within=day),
        "conversion_rate": world.conversion(*span, kind="approach", within=day),
        "upsell_rate": world.conversion(*span, kind="offer", within=day),
        "answered_rate": world.answered(*span, within=day),
        "self_service_rate": world.self_service(*span),
        "loyalty_participation_rate": world.participation(*span),
        "loyalty_retention_rate": world.retention(*span, opening=opening, closing=closing),
        "referral_rate": world.referral(*span),
        "referred_revenue_rate": world.referred_revenue(*span),
    }


LIKE = {
    **dict.fromkeys(SHARES_OF_RECORDS, "repeat_order_rate"),
    **dict.fromkeys(OF_CUSTOMERS, "customer_retention_rate"),
    "referred_revenue_rate": "refund_rate",
}


@settings(max_examples=20)
@given(scenes(complete=True))
def test_intervals_and_changes(scene: Scene) -> None:
    check_intervals_and_changes(scene)


@pytest.mark.parametrize("month", [3, 10], ids=["spring", "autumn"])
@pytest.mark.parametrize("seed", range(3))
def test_intervals_and_changes_of_busy_shops(seed: int, month: int) -> None:
    scene = busy_scene(seed, month)
    check_intervals_and_changes(scene)
    check_members_beside_others(scene)


def busy_scene(seed: int, month: int) -> Scene:
    """Three months of forty customers, who do everything often, and of some whom nobody knows."""
    random = Random(seed)
    period = rt.Period.month(2026, month, tz="Europe/Berlin")
    begin = period.previous().previous().start
    whom: list[Any] = [*range(40), None]

    def moment() -> datetime:
        return begin + timedelta(minutes=random.randrange(92 * 24 * 60))

    def wait(at: datetime) -> datetime | None:
        return random.choice([None, at + timedelta(hours=random.randrange(60))])

    def contact(at: datetime) -> dict[str, Any]:
        outbound = random.random() < 0.6
        ways = (
            ["opened_at", "clicked_at", "replied_at", "ordered_at"]
            if outbound
            else ["answered_at", "solved_at"]
        )
        responses = {way: wait(at) for way in ways}
        solved = responses.get("solved_at") is not None
        return {
            **responses,
            "solved_by": random.choice(["agent", "self_service", None]) if solved else None,
            "customer_id": random.choice(whom),
            "kind": random.choice(KINDS),
            "direction": "outbound" if outbound else "inbound",
            "channel": random.choice(CHANNELS),
            "occurred_at": at,
        }

    orders = [
        {
            "order_id": number,
            "customer_id": random.choice(whom),
            "placed_at": moment(),
            "amount": random.randrange(10_000, 900_000),
            "refunds": [],
            "currency": "EUR",
            "payment_state": random.choice(["paid", "paid", "failed"]),
            "cancelled_at": None,
            "tags": (),
            "is_test": False,
        }
        for number in range(150)
    ]
    baskets = [
        {"id": number, "customer_id": random.choice(whom), "begun_at": at, "ordered_at": wait(at)}
        for number, at in enumerate(moment() for _ in range(160))
    ]
    customers = [
        {
            "id": who,
            "loyalty_joined_at": random.choice([None, moment(), begin]),
            "referred_by": random.choice([None, None, 3, 40]) if who != 3 else None,
            "acquisition_channel": random.choice([None, "search", "referral"]),
        }
        for who in range(36)
    ]
    return Scene(
        orders=orders,
        checkouts=baskets,
        contacts=[{"id": number, **contact(at)} for number, at in enumerate(moment() for _ in range(400))],
        customers=customers,
        period=period,
        as_of=period.end,
        observed_from=None,
        aliases={39: 38},
        first=timedelta(days=1),
        second=timedelta(days=1),
        inactive_after=None,
    )


def check_intervals_and_changes(scene: Scene) -> None:
    day = timedelta(days=1)
    period, before = scene.period, scene.period.previous()
    scene = attrs.evolve(scene.with_somebody(), as_of=period.end + timedelta(days=40))
    followed = SHARES_OF_RECORDS - {"cart_abandonment_rate", "self_service_rate"}
    windows = {metric: {"within": day} for metric in followed}
    options: dict[str, dict[str, Any]] = {**windows, "cart_abandonment_rate": {"abandoned_after": day}}
    options["cart_recovery_rate"] = {"abandoned_after": day, "within": day}
    wanted = [*LIKE, "loyalty_spend_ratio"]
    snapshot = rt.snapshot(scene.shop(), period=period, metrics=wanted, options=options, against="previous")
    now, then = figures(scene, period), figures(scene, before)
    for metric, like in LIKE.items():
        a, b = Side.of(now[metric].pairs), Side.of(then[metric].pairs)
        assert_share_interval(snapshot[metric], a, of_customers=metric in OF_CUSTOMERS)
        if rt.METRICS[metric].untested_because is None:
            assert_change(like, snapshot.change(metric), expected_change(like, a, b))
    a, b = (spend_side(scene, each) for each in (period, before))
    assert_change("returning_spend_ratio", snapshot.change("loyalty_spend_ratio"), expected_change("x", a, b))


def spend_side(scene: Scene, period: rt.Period) -> TwoMeans | None:
    members, others = scene.world().member_spend(period.start, period.end)
    return TwoMeans.of_groups(members.pairs, others.pairs)


def assert_share_interval(found: rt.Ratio, side: Side | None, *, of_customers: bool) -> None:
    if side is None:
        with pytest.raises(rt.UndefinedMetricError):
            found.interval()
        return
    expected = side.wilson(0.95, of_customers=of_customers)
    assert tuple(found.interval()) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(max_examples=30)
@given(scenes(complete=True))
def test_members_beside_others(scene: Scene) -> None:
    check_members_beside_others(scene)


def check_members_beside_others(scene: Scene) -> None:
    scene = attrs.evolve(scene, as_of=scene.period.end + timedelta(days=40))
    period = scene.period
    span = {"opening": period.previous().start, "closing": period.start}
    members, others = (
        scene.world().retention(period.start, period.end, of=of, **span) for of in ("members", "others")
    )
    found = rt.compare_members(scene.shop(), period=period)
    assert found.note is not None
    if members.triples and others.triples:
        shares = [float(group.pair[0] / group.pair[1]) for group in (members, others)]
        assert found.difference == pytest.approx(shares[0] - shares[1], rel=1e-12, abs=1e-12)
        low, high = newcombe(shares, [len(members.triples), len(others.triples)])
        assert tuple(found.interval()) == pytest.approx((low, high), rel=1e-9, abs=1e-9)
    else:
        assert found.difference is None
        assert found.undefined_because is not None


def newcombe(shares: list[float], sizes: list[int]) -> tuple[float, float]:
    """Newcombe (1998), method 10: each share's own Wilson limits, squared and added."""
    z = float(stats.norm.ppf(0.975))
    limits = []
    for share, n in zip(shares, sizes, strict=True):
        centre, spread = share + z * z / (2 * n), z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
        limits.append(((centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)))
    (low, high), (bottom, top) = limits
    (a, b), between = shares, shares[0] - shares[1]
    return (
        between - ((a - low) ** 2 + (top - b) ** 2) ** 0.5,
        between + ((high - a) ** 2 + (b - bottom) ** 2) ** 0.5,
    )


def test_no_metric_is_forgotten() -> None:
    others = {
        "first_response_days",
        "resolution_days",
        "mention_count",
        "sentiment_score",
        "loyalty_spend_ratio",
        "first_response_curve",  # see test_curves
        "resolution_curve",
    }
    assert set(METRICS) == set(LIKE) | others
