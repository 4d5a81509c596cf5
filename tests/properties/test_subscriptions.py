"""What holds of recurring revenue whatever the subscriptions: each test quotes what it tests.

The figures are compared with a counting of its own, which looks at every customer on every day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from random import Random
from typing import Any

import attrs
from hypothesis import given, strategies as st

from retention import Pause, Period, Subscription
from retention.metrics import (
    average_revenue_per_account_value,
    gross_revenue_retention_rate,
    monthly_recurring_revenue,
    net_revenue_churn_ratio,
    net_revenue_retention_ratio,
    quick_ratio,
    recurring_revenue_curve,
    revenue_churn_rate,
    revenue_churn_ratio,
    revenue_flow,
    subscriber_churn_rate,
    subscriber_count,
    subscriber_retention_rate,
)

DAY_0 = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 40
A_MONTH = {"day": Fraction(365, 12), "week": Fraction(13, 3), "month": Fraction(1), "year": Fraction(1, 12)}
GAINS = ("new", "expansion", "resumed", "reactivation")
LOSSES = ("contraction", "paused", "churned")


def day(number: int) -> datetime:
    return DAY_0 + timedelta(days=number)


def days(first: int, after: int) -> Period:
    return Period.between(day(first), day(after), tz="UTC")


# ------------------------------------------------------------------------------- any subscriptions


@st.composite
def pauses_within(draw: st.DrawFn, start: int, end: int | None) -> list[Pause]:
    last = DAYS if end is None else end
    cuts = sorted(draw(st.lists(st.integers(start, last), max_size=4)))
    if len(cuts) % 2:
        cuts.append(last if end is not None else -1)
    pairs = zip(cuts[::2], cuts[1::2], strict=True)
    return [Pause(started_at=day(one), ended_at=None if other < 0 else day(other)) for one, other in pairs]


@st.composite
def spans(draw: st.DrawFn, number: int) -> Subscription:
    start = draw(st.integers(0, DAYS))
    end = draw(st.none() | st.integers(start, DAYS))
    trial = draw(st.none() | st.integers(start, start + 12))
    reasons = st.sampled_from(["customer", "payment", "fraud", "plan_change", None])
    return Subscription(
        id=number,
        customer_id=draw(st.sampled_from(["ann", "ben", "cy"])),
        amount=draw(st.sampled_from(["10.00", "10.00", "7.50", "0.00", "99.99"])),
        currency="EUR",
        interval=draw(st.sampled_from(["day", "week", "month", "year"])),
        interval_count=draw(st.sampled_from([1, 1, 3, 7])),
        started_at=day(start),
        ended_at=None if end is None else day(end),
        end_reason=None if end is None else draw(reasons),
        trial_ends_at=None if trial is None else day(trial),
        pauses=draw(pauses_within(start, end)),
    )


@st.composite
def subscriptions(draw: st.DrawFn) -> list[Subscription]:
    return [draw(spans(number)) for number in range(draw(st.integers(0, 8)))]


@st.composite
def some_days(draw: st.DrawFn) -> tuple[int, int]:
    first = draw(st.integers(0, DAYS))
    return first, draw(st.integers(first + 1, DAYS + 5))


bridges = st.none() | st.integers(1, 6)


def bridge_of(length: int | None) -> dict[str, Any]:
    return {} if length is None else {"bridge": timedelta(days=length)}


# ------------------------------------------------------------------------------ counted day by day


@dataclass
class Book:
    """One customer's subscriptions, looked up day by day."""

    given: list[Subscription]
    bridge: int | None

    @cached_property
    def paying(self) -> list[Subscription]:
        return [one for one in self.given if one.amount and one.ended_at != one.started_at]

    def alive(self, on: int) -> bool:
        return any(
            one.started_at <= day(on) and (one.ended_at is None or day(on) < one.ended_at)
            for one in self.paying
        )

    def gap(self, on: int) -> tuple[int, int] | None:
        """The bridged days without anything in force around a day."""
        if self.bridge is None or self.alive(on):
            return None
        before = next((each for each in range(on, -1, -1) if self.alive(each)), None)
        after = next((each for each in range(on, DAYS + 20) if self.alive(each)), None)
        if before is None or after is None or after - before - 1 > self.bridge:
            return None
        return before + 1, after

    def in_force(self, on: int) -> bool:
        return self.alive(on) or self.gap(on) is not None

    def mrr(self, on: int) -> Fraction:
        gap = self.gap(on)
        on = on if gap is None else gap[0] - 1
        return sum((self.of(one, on) for one in self.paying), Fraction(0))

    def of(self, one: Subscription, on: int) -> Fraction:
        moment = day(on)
        if moment < one.started_at or (one.ended_at is not None and moment >= one.ended_at):
            return Fraction(0)
        if one.trial_ends_at is not None and moment < one.trial_ends_at:
            return Fraction(0)
        if paused(one, on):
            return Fraction(0)
        return Fraction(one.amount) * A_MONTH[one.interval] / one.interval_count

    def kind(self, on: int) -> str | None:
        before, after = self.mrr(on - 1), self.mrr(on)
        if before == after:
            return None
        if before and after:
            return "expansion" if after > before else "contraction"
        if before:
            return "paused" if self.in_force(on) else "churned"
        earlier = [each for each in range(-1, on) if self.mrr(each)]
        if not earlier:
            return "new"
        return "resumed" if all(map(self.in_force, range(earlier[-1], on))) else "reactivation"

    def still(self, first: int, after: int) -> Fraction:
        """What is paid at the end, and what spans that paused in between paid when they did."""
        total = self.mrr(after - 1)
        if not self.alive(after - 1):
            return total
        for one in self.paying:
            begins = after - 1
            if not paused(one, begins) or (one.ended_at is not None and day(begins) >= one.ended_at):
                continue
            while paused(one, begins - 1):
                begins -= 1
            if begins >= first:
                total += self.of(one, begins - 1)
        return total


def paused(one: Subscription, on: int) -> bool:
    return any(
        each.started_at <= day(on) and (each.ended_at is None or day(on) < each.ended_at)
        for each in one.pauses
    )


def books(given: list[Subscription], bridge: int | None = None) -> dict[object, Book]:
    people = sorted({one.customer_id for one in given}, key=str)
    return {who: Book([one for one in given if one.customer_id == who], bridge) for who in people}


def total(numbers: Any) -> Fraction:
    return sum(numbers, Fraction(0))


# -------------------------------------------------------------------------------------- the figures


class TestAgainstTheBook:
    """What is counted day by day, without steps or movements, comes to the same."""

    @given(subscriptions(), some_days(), bridges)
    def test_the_flow(self, given, when, bridge):
        first, after = when
        known = books(given, bridge)
        moved: dict[str, Fraction] = {}
        counts: dict[str, int] = {}
        people: dict[str, set[object]] = {}
        for who, book in known.items():
            for on in range(first, after):
                kind = book.kind(on)
                if kind is not None:
                    change = abs(book.mrr(on) - book.mrr(on - 1))
                    moved[kind] = moved.get(kind, Fraction(0)) + change
                    counts[kind] = counts.get(kind, 0) + 1
                    people.setdefault(kind, set()).add(who)
        flow = revenue_flow(given, period=days(first, after), **bridge_of(bridge))
        assert flow.exact["start"] == total(book.mrr(first - 1) for book in known.values())
        assert flow.exact["end"] == total(book.mrr(after - 1) for book in known.values())
        for kind in (*GAINS, *LOSSES):
            assert flow.exact[kind] == moved.get(kind, 0), kind
            assert flow.counts[kind] == counts.get(kind, 0), kind
            assert flow.customers[kind] == people.get(kind, set()), kind

    @given(subscriptions(), some_days(), bridges)
    def test_the_curve(self, given, when, bridge):
        first, after = when
        known = books(given, bridge)
        curve = recurring_revenue_curve(given, period=days(first, after), **bridge_of(bridge))
        for on in range(first, after):
            expected = total(book.mrr(on) for book in known.values())
            for hours in (0, 13):
                assert curve.exactly_at(day(on) + timedelta(hours=hours)) == expected
        assert curve.before == total(book.mrr(first - 1) for book in known.values())

    @given(subscriptions(), some_days(), bridges)
    def test_the_base_and_what_became_of_it(self, given, when, bridge):
        first, after = when
        period, more = days(first, after), bridge_of(bridge)
        base = {who: book for who, book in books(given, bridge).items() if book.mrr(first - 1)}
        paid = total(book.mrr(first - 1) for book in base.values())
        for keyword in ("kept", "lost"):
            now = {
                who: book.still(first, after) if keyword == "kept" else book.mrr(after - 1)
                for who, book in base.items()
            }
            lost = total(max(base[who].mrr(first - 1) - now[who], Fraction(0)) for who in base)
            churn = revenue_churn_rate(given, period=period, paused=keyword, **more)
            gross = gross_revenue_retention_rate(given, period=period, paused=keyword, **more)
            net = net_revenue_retention_ratio(given, period=period, paused=keyword, **more)
            assert churn.value == (float(lost / paid) if paid else None)
            assert gross.value == (float(1 - lost / paid) if paid else None)
            assert net.value == (float(total(now.values()) / paid) if paid else None)
        gone = [who for who, book in base.items() if not book.in_force(after - 1)]
        left = subscriber_churn_rate(given, period=period, **more)
        assert (left.numerator, left.denominator) == (len(gone), len(base))

    @given(subscriptions(), some_days())
    def test_who_pays_at_the_end(self, given, when):
        first, after = when
        paying = [book.mrr(after - 1) for book in books(given).values() if book.mrr(after - 1)]
        assert subscriber_count(given, period=days(first, after)) == len(paying)
        mean = average_revenue_per_account_value(given, period=days(first, after))
        assert (mean.value is None) == (not paying)
        if paying:
            assert abs(Fraction(mean.value or 0) - total(paying) / len(paying)) < Fraction(1, 10**20)
        mrr = monthly_recurring_revenue(given, period=days(first, after))
        assert abs(Fraction(mrr) - total(paying)) < Fraction(1, 10**20)

    @given(subscriptions(), some_days())
    def test_the_ratios_of_movements(self, given, when):
        period = days(*when)
        exact = revenue_flow(given, period=period).exact
        lost = exact["churned"] + exact["contraction"]
        won = exact["expansion"] + exact["reactivation"]
        for ratio, top, bottom in (
            (revenue_churn_ratio(given, period=period), lost, exact["start"]),
            (net_revenue_churn_ratio(given, period=period), lost - won, exact["start"]),
            (quick_ratio(given, period=period), exact["new"] + won, lost),
        ):
            assert ratio.value == (float(top / bottom) if bottom else None)


class TestConservation:
    """start + new + expansion + resumed + reactivation − contraction − paused − churned = end, exactly, and
    additive over adjacent periods."""

    @given(subscriptions(), some_days(), bridges)
    def test_what_flows_in_and_out_is_the_difference(self, given, when, bridge):
        exact = revenue_flow(given, period=days(*when), **bridge_of(bridge)).exact
        gained, lost = (total(exact[kind] for kind in kinds) for kinds in (GAINS, LOSSES))
        assert exact["start"] + gained - lost == exact["end"]

    @given(subscriptions(), some_days(), bridges)
    def test_the_days_add_up(self, given, when, bridge):
        period, more = days(*when), bridge_of(bridge)
        whole = revenue_flow(given, period=period, **more)
        parts = [revenue_flow(given, period=each, **more) for each in period.split("day")]
        assert parts[0].exact["start"] == whole.exact["start"]
        assert parts[-1].exact["end"] == whole.exact["end"]
        for one, other in pairwise(parts):
            assert one.exact["end"] == other.exact["start"]
        for kind in (*GAINS, *LOSSES):
            assert total(each.exact[kind] for each in parts) == whole.exact[kind]
            assert sum(each.counts[kind] for each in parts) == whole.counts[kind]
        assert sum(each.ended_while_paused for each in parts) == whole.ended_while_paused

    @given(subscriptions(), bridges)
    def test_who_pauses_comes_back_or_has_ended_while_paused(self, given, bridge):
        last = day(DAYS + 1)
        given = [attrs.evolve(each, ended_at=each.ended_at or last) for each in given]
        flow = revenue_flow(given, period=days(-1, DAYS + 30), **bridge_of(bridge))
        assert flow.counts["paused"] == flow.counts["resumed"] + flow.ended_while_paused

    @given(subscriptions(), some_days())
    def test_no_reason_loses_more_than_all_together(self, given, when):
        def lost(reason=None):
            return Fraction(revenue_churn_rate(given, period=days(*when), reason=reason).numerator)

        reasons = ("voluntary", "involuntary", "plan_change", "other", "unknown")
        assert total(map(lost, reasons)) * (10**26 - 1) <= lost() * 10**26

    @given(subscriptions(), some_days(), st.integers(0, 1_000))
    def test_the_curve_runs_from_one_end_of_the_flow_to_the_other(self, given, when, seed):
        Random(seed).shuffle(given)
        period = days(*when)
        flow, curve = (make(given, period=period) for make in (revenue_flow, recurring_revenue_curve))
        assert curve.before == flow.exact["start"]
        assert curve.exactly_at(period.end - timedelta(microseconds=1)) == flow.exact["end"]
        assert curve.exactly_at(period.end) == flow.exact["end"]


class TestWhatMustNotMatter:
    @given(subscriptions(), some_days(), bridges, st.integers(0, 1_000))
    def test_the_order_of_the_input(self, given, when, bridge, seed):
        period, more = days(*when), bridge_of(bridge)
        shuffled = Random(seed).sample(given, len(given))
        for metric in (revenue_flow, subscriber_churn_rate, net_revenue_retention_ratio, quick_ratio):
            assert metric(given, period=period, **more) == metric(shuffled, period=period, **more)

    @given(subscriptions(), some_days(), st.integers(0, DAYS), bridges)
    def test_whether_a_span_is_written_as_two(self, given, when, at, bridge):
        """A plan that ends and goes on at the same instant and price moves nothing."""
        period, more = days(*when), bridge_of(bridge)
        split = [part for one in given for part in in_two(one, at)]
        for metric in (
            revenue_flow,
            recurring_revenue_curve,
            subscriber_churn_rate,
            revenue_churn_rate,
            net_revenue_retention_ratio,
        ):
            assert metric(given, period=period, **more) == metric(split, period=period, **more)

    @given(subscriptions(), some_days())
    def test_the_parts_by_reason_make_the_whole(self, given, when):
        period = days(*when)
        whole = subscriber_churn_rate(given, period=period)
        parts = [
            subscriber_churn_rate(given, period=period, reason=reason)
            for reason in ("voluntary", "involuntary", "plan_change", "other", "unknown")
        ]
        assert sum(part.numerator for part in parts) == whole.numerator
        assert {part.denominator for part in parts} == {whole.denominator}

    @given(subscriptions(), some_days())
    def test_a_rate_and_its_complement_make_one(self, given, when):
        period = days(*when)
        for one, other in (
            (revenue_churn_rate, gross_revenue_retention_rate),
            (subscriber_churn_rate, subscriber_retention_rate),
        ):
            lost, kept = one(given, period=period), other(given, period=period)
            assert lost.denominator == kept.denominator
            # Where money has no end as a decimal, each part is rounded for itself, to 28 digits.
            rest = Fraction(lost.numerator) + Fraction(kept.numerator) - Fraction(kept.denominator)
            assert abs(rest) * 10**26 <= kept.denominator
            if lost.denominator and lost.sampling != "independent":
                assert lost.sampling.y + kept.sampling.y == lost.sampling.x == kept.sampling.x

    @given(subscriptions(), st.integers(0, DAYS), some_days(), bridges)
    def test_what_is_not_known_yet_has_not_happened(self, given, known, when, bridge):
        """`as_of`: spans that start later do not exist, ends that lie later have not come."""
        seen = [cut for one in given if (cut := as_known(one, known)) is not None]
        period, more = days(*when), bridge_of(bridge)
        for metric in (revenue_flow, subscriber_churn_rate, revenue_churn_rate):
            first = metric(given, period=period, as_of=day(known), **more)
            assert first == metric(seen, period=period, as_of=day(known), **more)


def in_two(one: Subscription, at: int) -> list[Subscription]:
    """A span cut on some day, unless it is not in force around it, or paused."""
    cut = day(at)
    outside = cut <= one.started_at or (one.ended_at is not None and cut >= one.ended_at)
    if outside or any(
        each.started_at <= cut and (each.ended_at is None or cut <= each.ended_at) for each in one.pauses
    ):
        return [one]
    begun, goes_on = (
        [each for each in one.pauses if (each.started_at < cut) == early] for early in (True, False)
    )
    late_trial = one.trial_ends_at if one.trial_ends_at is not None and one.trial_ends_at > cut else None
    return [
        attrs.evolve(one, ended_at=cut, end_reason="plan_change", pauses=begun),
        attrs.evolve(one, id=(one.id, 2), started_at=cut, trial_ends_at=late_trial, pauses=goes_on),
    ]


def as_known(one: Subscription, on: int) -> Subscription | None:
    """A span with all cut away that comes after a day."""
    if one.started_at > day(on):
        return None
    pauses = [
        attrs.evolve(
            each, ended_at=None if each.ended_at is None or each.ended_at > day(on) else each.ended_at
        )
        for each in one.pauses
        if each.started_at <= day(on)
    ]
    lasts = one.ended_at is None or one.ended_at > day(on)
    return attrs.evolve(
        one,
        ended_at=None if lasts else one.ended_at,
        end_reason=None if lasts else one.end_reason,
        pauses=pauses,
    )
