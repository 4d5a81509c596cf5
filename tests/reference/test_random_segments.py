"""Hostile little shops by the hundred: every customer stands where the oracle, which asks each of them, says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from scipy import stats

import retention as rt
from tests.reference.agreement import ORDER_METRICS
from tests.reference.hostile import PEOPLE, TICK, Days, Purchase, days_of, person, purchases_of
from tests.reference.oracle_segments import (
    MAP,
    Fixed,
    Judged,
    Lives,
    Own,
    Scored,
    back,
    best_of,
    comeback,
    holm,
    lifecycle,
    lives_until,
    rfm,
    shop_rhythm,
    times_interval,
    whole_days,
)
from tests.reference.test_random_shops import to_orders

UNIT = Fraction(1, 10_000)
DAY = 86_400_000_000
NO_PURCHASE = "none in the window"


def days(span: int | Fraction | None) -> float | None:
    return None if span is None else float(Fraction(span) / DAY)


def own_of(random: Random) -> tuple[rt.OwnRhythm, Own]:
    words: dict[str, Any] = {
        "at_risk_after": random.choice([3, 2, 1, 1.5]),
        "lapsed_after": random.choice([6, 4, 20]),
        "fewest_gaps": random.choice([3, 1, 2]),
        "shop_at_risk": random.choice([0.85, 0.5, 0.75]),
        "shop_lapsed": random.choice([0.95, 0.85, 0.9]),
        "shortest_gap": timedelta(hours=random.choice([24, 24, 1, 168])),
    }
    exact = {name: Fraction(str(each)) for name, each in words.items() if isinstance(each, int | float)}
    return rt.OwnRhythm(**words), Own(**{**words, **exact, "fewest_gaps": words["fewest_gaps"]})


def fixed_of(random: Random, *, by_calendar: bool) -> tuple[rt.FixedThresholds, Fixed]:
    week, month = timedelta(days=7), relativedelta(months=1)
    pairs: list[tuple[Any, Any]] = [
        (week, 4 * week),
        (timedelta(days=2), timedelta(days=90)),
        (4 * week, 15 * week),
    ]
    if by_calendar:
        pairs = [(month, 2 * month), (4 * week, 3 * month)]
    at_risk, lapsed = random.choice(pairs)
    new = random.choice([week, 4 * week, month])
    return rt.FixedThresholds(new_within=new, at_risk_after=at_risk, lapsed_after=lapsed), Fixed(
        new, at_risk, lapsed
    )


def rules_of(random: Random, *, by_calendar: bool = True) -> tuple[Any, Own | Fixed]:
    return own_of(random) if random.random() < 0.6 else fixed_of(random, by_calendar=by_calendar)


# --- life cycle ---


@pytest.mark.parametrize("block", range(4))
def test_stages_and_states(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        random = Random(seed)
        shop, (rules, on_paper) = days_of(random), rules_of(random)
        middle = random.choice(
            [(2, timedelta(days=30)), (1, timedelta(days=7)), (2, relativedelta(months=1))]
        )
        late = random.choice([(5, timedelta(days=365)), (3, timedelta(days=60))])
        stages = rt.LifecycleStages(
            middle_orders=middle[0], middle_tenure=middle[1], late_orders=late[0], late_tenure=late[1]
        )
        table = rt.lifecycle_table(
            to_orders(shop.records), at=shop.at, tz=shop.zone, rules=rules, stages=stages, **shop.reading
        )
        lives = lives_until(shop.purchases, shop.at, shop.as_of)
        judged = lifecycle(lives, shop.now, on_paper, middle, late)
        assert dict(table.stages) == {who: each.stage for who, each in judged.items()}, seed
        assert dict(table.states) == {who: each.state for who, each in judged.items() if each.state}, seed
        for who, each in judged.items():
            found, life = table.of(who), lives[who]
            assert found.silence_days == days(each.silence)
            assert (found.usual_gap_days, found.has_own_rhythm) == (days(each.usual), each.is_own), (
                seed,
                who,
            )
            assert (found.orders, found.first_at, found.latest_at) == (len(life), life[0].at, life[-1].at)
            assert Fraction(found.spend) == sum(purchase.net for purchase in life) * UNIT


@pytest.mark.parametrize("of", ["own", "fixed", "stage", "rfm"])
def test_transitions(of: str) -> None:
    for seed in range(100):
        random = Random(seed)
        shop = days_of(random)
        end = shop.now
        start = (end.astimezone(UTC) - timedelta(days=random.choice([1, 7, 30, 200]))).astimezone(end.tzinfo)
        before, after = (lives_until(shop.purchases, at, shop.as_of) for at in (start, end))
        orders = to_orders(shop.records)
        if of == "rfm":
            window = random.choice([None, timedelta(days=30)])
            table = rt.rfm_migration(
                orders, start=start, end=end, tz=shop.zone, window=window, **shop.reading
            )
            labels = [label for label in table.labels if label not in {g.name for g in rt.RFM_GROUPS.groups}]
            pictures = [
                groups_at(lives, at, window, labels[0] if labels else NO_PURCHASE)
                for lives, at in ((before, start), (after, end))
            ]
        else:
            rules, on_paper = own_of(random) if of == "own" else fixed_of(random, by_calendar=True)
            word = "stage" if of == "stage" else "state"
            table = rt.lifecycle_transitions(
                orders, start=start, end=end, tz=shop.zone, rules=rules, of=word, **shop.reading
            )
            judged = [lifecycle(lives, at, on_paper) for lives, at in ((before, start), (after, end))]
            pictures = [{who: getattr(each, word) for who, each in picture.items()} for picture in judged]
        if None in {*pictures[0].values(), *pictures[1].values()}:
            assert table.undefined_because is not None
            continue
        everybody = {*pictures[0], *pictures[1]}
        moves = Counter(tuple(p.get(who, table.absent) for p in pictures) for who in everybody)
        assert {pair: count for pair, count in table.counts.items() if count} == dict(moves), seed
        assert table.customers == len(everybody)


def groups_at(lives: Any, at: datetime, window: timedelta | None, none: str) -> dict[Hashable, str]:
    scored = rfm(lives, at, since=None if window is None else back(at, window, None))
    return {who: group_of(scored[who]) if who in scored else none for who in lives}


# --- at risk ---


@pytest.mark.parametrize("block", range(4))
def test_at_risk(block: int) -> None:
    for seed in range(block * 150, block * 150 + 150):
        random = Random(seed)
        shop, (rules, on_paper) = days_of(random), rules_of(random, by_calendar=False)
        horizon = random.choice([None, None, timedelta(days=7), timedelta(days=30)])
        window = random.choice([None, timedelta(days=365), timedelta(days=14), relativedelta(months=1)])
        found = rt.at_risk_customers(
            to_orders(shop.records),
            at=shop.at,
            tz=shop.zone,
            rules=rules,
            within=horizon,
            window=window,
            **shop.reading,
        )
        lives = lives_until(shop.purchases, shop.at, shop.as_of)
        judged = lifecycle(lives, shop.now, on_paper)
        assert {each.customer_id for each in found} == {
            w for w, each in judged.items() if each.state == "at_risk"
        }
        if horizon is None:
            rhythm = shop_rhythm(lives, on_paper) if isinstance(on_paper, Own) else None
            horizon = whole_days(rhythm.at_risk) if rhythm else getattr(on_paper, "at_risk_after", None)
        since = None if window is None else back(shop.now, window, shop.now.tzinfo)
        stakes = []
        for each in found:
            who = each.customer_id
            chance = chance_lost(each, lives, shop, on_paper, horizon)
            stakes.append(None if chance is None else chance * spend_of(lives[who], since))
            assert_money(each, lives[who], since, stakes[-1])
            assert_times(each, judged[who])
        known = [stake for stake in stakes if stake is not None]
        assert stakes == sorted(known, reverse=True) + [None] * (len(stakes) - len(known)), seed


def chance_lost(
    found: rt.AtRiskCustomer, lives: Lives, shop: Days, rules: Own | Fixed, horizon: Any
) -> Fraction | None:
    """The chance that nothing comes, or None where nobody knows."""
    is_known = shop.at is None or shop.at == shop.as_of
    back_again, of = comeback(found.customer_id, lives, shop.now, rules, horizon, at_itself=is_known)
    assert (found.comeback.numerator, found.comeback.denominator) == (back_again, of), (shop.now, horizon)
    return 1 - Fraction(back_again, of) if of else None


def spend_of(life: list[Purchase], since: datetime | None) -> Fraction:
    return sum(purchase.net for purchase in life if since is None or purchase.at >= since) * UNIT


def assert_money(
    found: rt.AtRiskCustomer, life: list[Purchase], since: datetime | None, stake: Fraction | None
) -> None:
    assert Fraction(found.spend) == spend_of(life, since)
    assert Fraction(found.spend_ever) == spend_of(life, None)
    assert (found.at_stake is None) is (stake is None)
    if stake is not None and found.at_stake is not None:
        assert abs(Fraction(found.at_stake) - stake) <= UNIT / 2


def assert_times(found: rt.AtRiskCustomer, judged: Judged) -> None:
    times = None if judged.usual is None else float(judged.silence / judged.usual)
    assert found.times_usual == (None if times is None else pytest.approx(times, abs=1e-9))


# --- RFM ---


def group_of(scored: Scored) -> str:
    return MAP[scored.cell[0]][scored.cell[1] - 1]


@pytest.mark.parametrize("block", range(3))
def test_scores_and_groups(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        random = Random(seed)
        shop = days_of(random)
        windows = [None, None, timedelta(days=7), timedelta(days=30), relativedelta(months=1)]
        window, bins = random.choice(windows), random.choice([5, 5, 2, 3, 4, 10, 7, 100])
        monetary = random.choice(["sum", "mean"])
        table = rt.rfm_table(
            to_orders(shop.records),
            at=shop.at,
            tz=shop.zone,
            window=window,
            bins=bins,
            monetary=monetary,
            **shop.reading,
        )
        lives = lives_until(shop.purchases, shop.at, shop.as_of)
        since = None if window is None else back(shop.now, window, shop.now.tzinfo)
        scored = rfm(lives, shop.now, since=since, bins=bins, monetary=monetary)
        assert {each.customer_id for each in table} == set(scored), seed
        for each in table:
            want = scored[each.customer_id]
            assert (each.r, each.f, each.m, each.group) == (want.r, want.f, want.m, group_of(want)), seed
            assert (each.recency_days, each.frequency) == (days(want.recency), want.frequency)
            assert abs(Fraction(each.monetary) - want.monetary * UNIT) < Fraction(1, 10**7)
        assert {pair: n for pair, n in table.cells.items() if n} == Counter(w.cell for w in scored.values())
        assert_groups(table, scored, monetary)


def assert_groups(table: rt.RfmTable, scored: Mapping[Hashable, Scored], monetary: str) -> None:
    spent = {w: s.monetary * (s.frequency if monetary == "mean" else 1) * UNIT for w, s in scored.items()}
    for group in table.groups:
        members = {who for who, each in scored.items() if group_of(each) == group.name}
        assert set(table.members(group.name)) == members
        assert (group.share.numerator, group.share.denominator) == (len(members), len(scored))
        assert Fraction(group.revenue) == sum(spent[who] for who in members)
        assert Fraction(group.revenue_share.denominator) == sum(spent.values())
        assert list(group.recency.microseconds) == sorted(scored[who].recency for who in members)
        assert group.frequency.total == sum(scored[who].frequency for who in members)


# --- any metric by any segment ---


@pytest.mark.parametrize("block", range(3))
def test_by_segment_is_the_metric_of_the_part(block: int) -> None:
    for seed in range(block * 40, block * 40 + 40):
        random = Random(seed)
        shop = days_of(random)
        labels = ["a", "b", "b", None, 1, "1"]
        groups = {
            who: random.choice(labels)
            for who in PEOPLE
            if person(who, shop.aliases) == who and random.random() < 0.8
        }
        start = random.choice([record["placed_at"] for record in shop.records] or [shop.now]).astimezone(UTC)
        period = rt.Period.between(start, start + timedelta(days=random.choice([1, 30, 300])), tz="UTC")
        from_ = random.choice([None, None, start - timedelta(days=40), start])
        reading = shop.reading
        if from_ is not None and (shop.as_of is None or from_ <= shop.as_of):
            reading["observed_from"] = from_
        parts = defaultdict(list)
        for record in shop.records:
            who = record["customer_id"]
            parts[None if who is None else groups.get(person(who, shop.aliases))].append(record)
        whole = rt.Shop(orders=to_orders(shop.records), **reading)
        for metric in random.sample(sorted(ORDER_METRICS), 5):
            table = rt.by_segment(metric, whole, period=period, by=groups)
            assert_same(table.whole_figure, metric, whole, period)
            for row in table.rows:
                part = rt.Shop(orders=to_orders(parts[row.segment]), **reading)
                assert_same(row.figure, metric, part, period)


def assert_same(figure: rt.Figure, metric: str, shop: rt.Shop, period: rt.Period) -> None:
    if figure.error is not None:
        with pytest.raises(figure.error):
            rt.METRICS[metric].function(shop, period=period)
        return
    expected = rt.METRICS[metric].function(shop, period=period)
    assert figure.result == expected, metric
    assert getattr(figure.result, "sampling", None) == getattr(expected, "sampling", None)
    if hasattr(expected, "basis"):
        for state in ("observable", "partial", "left_out"):
            assert getattr(figure.result, state) == getattr(expected, state), (metric, state)


# --- who the best customers are ---


@pytest.mark.parametrize("block", range(4))
def test_profile(block: int) -> None:
    for seed in range(block * 15, block * 15 + 15):
        check_profile(Random(seed))


def check_profile(random: Random) -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    people = [person_of(random, number, at) for number in range(random.choice([20, 60, 200]))]
    records = [
        plain_order(random, customer.id, at, 3 if customer.country == "AT" else 1)
        for customer in people
        for _ in range(random.choice([0, 1, 1, 2, 5]))
    ]
    records = [{**record, "order_id": place} for place, record in enumerate(records)]
    shop = rt.Shop(orders=to_orders(records), customers=people, as_of=at + timedelta(days=5))
    best = random.choice([Decimal("0.2"), 0.1, 0.5, Decimal("0.07")])
    limit = {random.choice(["within", "window", "neither"]): timedelta(days=random.choice([30, 60]))}
    limit.pop("neither", None)
    worth = random.choice(["spend", "orders"])
    profile = rt.ideal_customer_profile(
        shop, at=at, best=best, worth=worth, fewest=random.choice([1, 5, 10]), **limit
    )
    lives = lives_until(purchases_of(records, as_of=shop.as_of, aliases={}), at, shop.as_of)
    if "window" in limit:
        lives = {who: [p for p in life if p.at >= at - limit["window"]] for who, life in lives.items()}
    if "within" in limit:  # up to the limit itself, which must be over before `at`
        within = limit["within"]
        lives = {
            who: [p for p in life if p.at <= life[0].at + within]
            for who, life in lives.items()
            if life[0].at + within < at
        }
    values = {
        who: sum(p.net for p in life) if worth == "spend" else len(life)
        for who, life in lives.items()
        if life
    }
    by_then = {
        who: min(life[0].at + limit.get("within", timedelta(days=9999)), at - TICK)
        for who, life in lives.items()
        if life
    }
    chosen = best_of(values, Fraction(str(best)))
    assert profile.best_customers == chosen
    sides = (
        [customer for customer in people if customer.id in chosen],
        [customer for customer in people if customer.id in values and customer.id not in chosen],
    )
    for trait in profile.traits:
        assert_trait(trait, sides, by_then)
    tests: dict[Any, rt.ProfileTrait] = {}
    for trait in profile.traits:  # of two values one test says both
        of_two = (
            sum(other.attribute == trait.attribute for other in profile.traits) == 2
            and trait.attribute != "tags"
        )
        tests[trait.attribute, None if of_two else trait.value] = trait
    if len(tests) == profile.comparisons:
        corrected = holm([trait.p_value for trait in tests.values()])
        assert [trait.adjusted_p_value for trait in tests.values()] == pytest.approx(corrected, abs=1e-9)


def assert_trait(trait: rt.ProfileTrait, sides: Any, by_then: Mapping[Hashable, datetime]) -> None:
    numbers: list[int] = []
    for side in sides:
        known = [
            values
            for customer in side
            if (values := values_of(customer, trait.attribute, by_then[customer.id])) is not None
        ]
        numbers += [sum(trait.value in values for values in known), len(known)]
    a, n, c, m = numbers
    assert (trait.best.numerator, trait.best.denominator) == (a, n)
    assert (trait.others.numerator, trait.others.denominator) == (c, m)
    assert trait.p_value == pytest.approx(stats.fisher_exact([[a, n - a], [c, m - c]])[1], abs=1e-9)
    low, high = times_interval(a, n, c, m, float(stats.norm.ppf(0.975)))
    assert trait.low == pytest.approx(low, rel=1e-9, abs=1e-9)
    assert trait.high == (None if high is None else pytest.approx(high, rel=1e-9))


def values_of(customer: rt.Customer, attribute: str, by_then: datetime) -> set[Any] | None:
    """The values that a customer has of an attribute; None where it is not known."""
    if attribute == "loyalty_member":
        return {customer.loyalty_joined_at is not None and customer.loyalty_joined_at <= by_then}
    if attribute == "referred":
        return {customer.referred_by is not None}
    if attribute == "tags":
        return set(customer.tags)
    fields = {"country": customer.country, "acquisition_channel": customer.acquisition_channel}
    value = fields[attribute] if attribute in fields else customer.attributes.get(attribute)
    return None if value is None else {value}


def person_of(random: Random, number: int, at: datetime) -> rt.Customer:
    joined = [None, at - timedelta(days=3), at, at + timedelta(days=1)]
    return rt.Customer(
        id=number,
        country=random.choice(["DE", "DE", "AT", "CH", None]),
        acquisition_channel=random.choice(["a", "b"]),
        attributes={"size": random.choice(["s", "m", None]), "vip": random.choice([True, False])},
        tags=random.choice([(), ("x",), ("x", "y")]),
        loyalty_joined_at=random.choice(joined),
    )


def plain_order(random: Random, who: Hashable, at: datetime, times: int) -> dict[str, Any]:
    return {
        "customer_id": who,
        "placed_at": at - timedelta(days=random.randint(0, 200)),
        "amount": random.choice([10_000, 20_000, random.randint(1, 10**6)]) * times,
        "refunds": [],
        "currency": "EUR",
        "payment_state": "paid",
        "cancelled_at": None,
        "tags": (),
        "is_test": False,
    }
