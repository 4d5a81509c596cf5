"""Stages, states, scores and comebacks once more, asked of each customer anew: lists, sets and fractions.

From the definitions and the words of the documentation alone; it imports nothing of the package.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from itertools import pairwise
from math import ceil, copysign, exp, floor, inf, log, sqrt
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from tests.reference.hostile import Purchase

Lives = Mapping[Hashable, list[Purchase]]
TICK = timedelta(microseconds=1)
WEEK = timedelta(weeks=1) // TICK
DAY = timedelta(days=1) // TICK


class Own(NamedTuple):
    """Limits by the own rhythm, as fractions."""

    at_risk_after: Fraction = Fraction(3)
    lapsed_after: Fraction = Fraction(6)
    fewest_gaps: int = 3
    shop_at_risk: Fraction = Fraction("0.85")
    shop_lapsed: Fraction = Fraction("0.95")
    shortest_gap: timedelta = timedelta(days=1)


class Fixed(NamedTuple):
    """Limits for all."""

    new_within: timedelta | relativedelta
    at_risk_after: timedelta | relativedelta
    lapsed_after: timedelta | relativedelta


class Shop(NamedTuple):
    """The shop's rhythm, in microseconds."""

    usual: Fraction
    at_risk: Fraction
    lapsed: Fraction


class Judged(NamedTuple):
    """Where a customer stands."""

    stage: str
    state: str | None
    silence: int
    usual: Fraction | None
    is_own: bool


def lives_until(purchases: Sequence[Purchase], at: datetime | None, as_of: datetime | None) -> Lives:
    """Each customer's purchases before `at`; without it, or at `as_of` itself, all that is known."""
    lives: dict[Hashable, list[Purchase]] = {}
    for purchase in purchases:
        if at is None or at == as_of or purchase.at < at:
            lives.setdefault(purchase.who, []).append(purchase)
    return lives


def back(at: datetime, span: timedelta | relativedelta, zone: tzinfo | None) -> datetime:
    """So long before an instant; by the calendar of the zone where the span is one of the calendar."""
    return at.astimezone(UTC) - span if isinstance(span, timedelta) else at.astimezone(zone) - span


def later(at: datetime, span: timedelta | relativedelta, zone: tzinfo | None) -> datetime:
    """So long after an instant, which is the anchor of months."""
    moved = at + span if isinstance(span, timedelta) else at.astimezone(zone).replace(fold=0) + span
    return moved.astimezone(UTC)


def middle(numbers: Sequence[int | Fraction]) -> Fraction:
    """The median, in whole microseconds."""
    ordered = sorted(numbers)
    return Fraction(int(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) // 2)


def gaps_of(life: Sequence[Purchase], rule: Own) -> list[int]:
    return [(b.at - a.at) // TICK for a, b in pairwise(life) if b.at - a.at >= rule.shortest_gap]


def shop_rhythm(lives: Lives, rule: Own) -> Shop | None:
    """From the gaps of all who came back, those of one customer weighing one together."""
    by_customer = [gaps for life in lives.values() if (gaps := gaps_of(life, rule))]
    if not by_customer:
        return None
    weighed = sorted((gap, Fraction(1, len(gaps))) for gaps in by_customer for gap in gaps)

    def no_longer_than(gap: int) -> Fraction:
        return sum((weight for other, weight in weighed if other <= gap), Fraction(0)) / len(by_customer)

    def share_of(share: Fraction) -> Fraction:
        """The least gap that so great a share don't exceed."""
        return Fraction(min(gap for gap, _ in weighed if no_longer_than(gap) >= share))

    low = share_of(Fraction(1, 2))
    longer = [gap for gap, _ in weighed if gap > low]
    usual = middle([low, min(longer)]) if no_longer_than(int(low)) == Fraction(1, 2) else low
    return Shop(usual, share_of(rule.shop_at_risk), share_of(rule.shop_lapsed))


def rhythm_of(life: Sequence[Purchase], rule: Own) -> Fraction | None:
    gaps = gaps_of(life, rule)
    return middle(gaps) if len(gaps) >= rule.fewest_gaps else None


def before_last_visit(life: Sequence[Purchase], rule: Own) -> list[Purchase]:
    """What lies before the latest purchase, and before those that it followed too soon to be another visit."""
    first = len(life) - 1
    while first and life[first].at - life[first - 1].at < rule.shortest_gap:
        first -= 1
    return list(life[:first])


def stage_of(
    life: Sequence[Purchase],
    at: datetime,
    middle_from: tuple[int, timedelta],
    late_from: tuple[int, timedelta],
) -> str:
    def reached(limit: tuple[int, timedelta]) -> bool:
        return len(life) >= limit[0] and later(life[0].at, limit[1], at.tzinfo) <= at

    return "late" if reached(late_from) else "middle" if reached(middle_from) else "early"


def state_by_rhythm(life: Sequence[Purchase], at: datetime, rule: Own, shop: Shop | None) -> str | None:
    if shop is None:
        return None

    def limits(before: Sequence[Purchase]) -> tuple[Fraction, Fraction]:
        own = rhythm_of(before, rule)
        return (
            (shop.at_risk, shop.lapsed)
            if own is None
            else (rule.at_risk_after * own, rule.lapsed_after * own)
        )

    silence = (at - life[-1].at) // TICK
    at_risk, lapsed = limits(life)
    if silence > lapsed:
        return "lapsed"
    if silence > at_risk:
        return "at_risk"
    if len(life) == 1:
        return "new"
    before = before_last_visit(life, rule)
    if not before:
        return "active"
    return "won_back" if (life[len(before)].at - before[-1].at) // TICK > limits(before)[1] else "active"


def state_by_limits(life: Sequence[Purchase], at: datetime, rule: Fixed) -> str:
    zone = at.tzinfo
    if later(life[-1].at, rule.lapsed_after, zone) < at:
        return "lapsed"
    if later(life[-1].at, rule.at_risk_after, zone) < at:
        return "at_risk"
    if later(life[0].at, rule.new_within, zone) >= at:
        return "new"
    before = [purchase.at for purchase in life if purchase.at < life[-1].at]
    if before and later(before[-1], rule.lapsed_after, zone) < life[-1].at:
        return "won_back"
    return "active"


def lifecycle(
    lives: Lives,
    at: datetime,
    rule: Own | Fixed,
    middle_from: tuple[int, timedelta] = (2, timedelta(days=30)),
    late_from: tuple[int, timedelta] = (5, timedelta(days=365)),
) -> dict[Hashable, Judged]:
    shop = shop_rhythm(lives, rule) if isinstance(rule, Own) else None
    judged = {}
    for who, life in lives.items():
        stage, silence = stage_of(life, at, middle_from, late_from), (at - life[-1].at) // TICK
        if isinstance(rule, Fixed):
            judged[who] = Judged(stage, state_by_limits(life, at, rule), silence, None, False)
            continue
        own = rhythm_of(life, rule)
        usual = own if own is not None else shop.usual if shop else None
        state = state_by_rhythm(life, at, rule, shop)
        judged[who] = Judged(stage, state, silence, usual, own is not None)
    return judged


# --- comebacks ---


def kind_by_rhythm(before: Sequence[Purchase], rule: Own) -> tuple[str, int]:
    """Silences that are alike: after a first purchase, after too few, by the length of the rhythm."""
    own = rhythm_of(before, rule)
    if own is None:  # what followed at once is of the same visit
        return ("few" if gaps_of(before, rule) else "first", 0)
    return ("own", sum(own >= WEEK * 2**power for power in range(6)))


def whole_days(span: Fraction) -> timedelta:
    """The time after which the shop's customers are at risk, as the list says it: in days, begun ones as whole."""
    return timedelta(days=ceil(span / DAY))


def comeback(
    who: Hashable,
    lives: Lives,
    at: datetime,
    rule: Own | Fixed,
    horizon: timedelta | Fraction,
    *,
    at_itself: bool = True,
) -> tuple[int, int]:
    """Of earlier silences like this one that had lasted as long: how many ended in time, and how many there were.

    A comeback counts up to the limit itself, so that a horizon is over at `at` only if what is dated then is known.
    """
    within = Fraction(horizon // TICK) if isinstance(horizon, timedelta) else horizon
    shop = shop_rhythm(lives, rule) if isinstance(rule, Own) else None

    def kind(before: Sequence[Purchase]) -> tuple[str, int]:
        # Who is alike is told by the own rhythm, whatever the rule; in what unit silences are compared depends on it.
        return kind_by_rhythm(before, rule if isinstance(rule, Own) else Own())

    def unit(before: Sequence[Purchase]) -> Fraction:
        if isinstance(rule, Fixed) or shop is None:
            return Fraction(1)
        own = rhythm_of(before, rule)
        return shop.usual if own is None else own

    this = lives[who]
    times = Fraction((at - this[-1].at) // TICK) / unit(this)
    found = [0, 0]
    for life in lives.values():
        for place, purchase in enumerate(life):
            before = life[: place + 1]
            if kind(before) != kind(this):
                continue
            looked_at = times * unit(before)
            watched = Fraction((at - purchase.at) // TICK)
            ended = Fraction((life[place + 1].at - purchase.at) // TICK) if place + 1 < len(life) else None
            is_over = looked_at + within < watched + at_itself
            if not is_over or (ended is not None and ended <= looked_at):
                continue
            found[1] += 1
            found[0] += ended is not None and ended <= looked_at + within
    return found[0], found[1]


# --- RFM ---


class Scored(NamedTuple):
    """A customer's figures and scores; money in ten-thousandths."""

    recency: int
    frequency: int
    monetary: Fraction
    r: int
    f: int
    m: int
    cell: tuple[int, int]


def score(value: Fraction, all_values: Sequence[Fraction], bins: int) -> int:
    return 1 + floor(Fraction(bins * sum(other < value for other in all_values), len(all_values)))


def half_up(number: Fraction) -> int:
    return floor(number + Fraction(1, 2))


def rfm(
    lives: Lives,
    at: datetime,
    *,
    since: datetime | None = None,
    bins: int = 5,
    monetary: str = "sum",
    table_bins: int = 5,
) -> dict[Hashable, Scored]:
    inside = {who: [p for p in life if since is None or p.at >= since] for who, life in lives.items()}
    inside = {who: life for who, life in inside.items() if life}
    latest = {who: Fraction((life[-1].at - at) // TICK) for who, life in inside.items()}
    counted = {who: Fraction(len(life)) for who, life in inside.items()}
    money = {
        who: Fraction(sum(p.net for p in life), len(life) if monetary == "mean" else 1)
        for who, life in inside.items()
    }
    stretch = Fraction(table_bins - 1, bins - 1)
    scored = {}
    for who in inside:
        r, f, m = (score(each[who], list(each.values()), bins) for each in (latest, counted, money))
        cell = half_up(1 + (r - 1) * stretch), half_up(1 + (Fraction(f + m, 2) - 1) * stretch)
        scored[who] = Scored(-int(latest[who]), int(counted[who]), money[who], r, f, m, cell)
    return scored


MAP = {
    5: ["beginners", "beginners", "promising", "regulars", "best"],
    4: ["beginners", "beginners", "promising", "regulars", "best"],
    3: ["middling", "middling", "middling", "cooling", "cooling"],
    2: ["fading", "fading", "fading", "slipping", "slipping"],
    1: ["gone quiet", "gone quiet", "gone quiet", "missed", "missed"],
}
"""The printed table of groups: a row for each R, a column for each FM."""


# --- the best customers ---


def best_of(worth: Mapping[Hashable, int], share: Fraction) -> set[Hashable]:
    """The best share and whoever equals the last of them; if that is everybody, those above the least."""
    if not worth:
        return set()
    least = sorted(worth.values(), reverse=True)[ceil(share * len(worth)) - 1]
    best = {who for who in worth if worth[who] >= least}
    return best if len(best) < len(worth) else {who for who in worth if worth[who] > least}


def times_interval(a: int, n: int, c: int, m: int, z: float) -> tuple[float, float | None]:
    """Miettinen and Nurminen's interval of (a/n) / (c/m), by bisection on the score."""

    def distance(times: float) -> float:
        """How far the shares lie from that ratio, in standard errors."""
        b = times * n + a + m + times * c
        second = (b - sqrt(max(b * b - 4 * (n + m) * times * (a + c), 0.0))) / (2 * (n + m) * times)
        first = times * second
        spread = first * (1 - first) / n + times * times * second * (1 - second) / m
        off = a / n - times * c / m
        return (
            off / sqrt(spread * (n + m) / (n + m - 1)) if spread > 0 else copysign(inf, off) if off else 0.0
        )

    def where(goal: float) -> float:
        low, high = log(1e-12), log(1e12)
        for _ in range(200):
            middle_ = (low + high) / 2
            low, high = (middle_, high) if distance(exp(middle_)) > goal else (low, middle_)
        return exp((low + high) / 2)

    return (where(z) if a else 0.0), (where(-z) if c else None)


def holm(p_values: Sequence[float]) -> list[float]:
    found, largest = [0.0] * len(p_values), 0.0
    for place, one in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[one]))
        found[one] = largest
    return found
