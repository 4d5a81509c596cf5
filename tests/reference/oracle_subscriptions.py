"""Every figure of subscriptions once more, by asking each customer at each instant: slow, plain, and independent.

Written from the definitions alone, and importing nothing of the package: a span is a dictionary. Instants are whole
numbers of half microseconds, so that "just before" an instant is an instant, too; nothing can happen there. What a
customer pays at an instant is asked of every span, and what happened between two instants is found by looking at
all instants at which any span of that customer changes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NOTHING = Fraction()

GAINS = ("new", "expansion", "resumed", "reactivation")
LOSSES = ("contraction", "paused", "churned")
KINDS = (*GAINS, *LOSSES)

# Where several spans of a customer ended at once, the first of these is why.
REASONS = ("customer", "payment", "fraud", "technical", "other", "unknown", "plan_change")
GROUPS = {"voluntary": {"customer"}, "involuntary": {"payment", "fraud", "technical"}}

Record = Mapping[str, Any]
Later = Callable[[datetime], datetime]


def tick(moment: datetime) -> int:
    """Half microseconds since 1970."""
    return 2 * ((moment.astimezone(UTC) - EPOCH) // MICROSECOND)


def moment_of(instant: int) -> datetime:
    return EPOCH + instant // 2 * MICROSECOND


def a_month(record: Record) -> Fraction:
    """What the plan brings in a month: year / 12; week x 52 / 12; n days x 365 / 12 / n."""
    times = {
        "month": Fraction(1),
        "year": Fraction(1, 12),
        "week": Fraction(52, 12),
        "day": Fraction(365, 12),
    }
    return Fraction(record["amount"]) * times[record["interval"]] / record["interval_count"]


class Span:
    """One subscription, as far as it was known."""

    def __init__(self, record: Record, known_by: int | None) -> None:
        def known(moment: datetime | None) -> int | None:
            instant = None if moment is None else tick(moment)
            return None if instant is None or (known_by is not None and instant > known_by) else instant

        self.start = tick(record["started_at"])
        self.end = known(record["ended_at"])
        self.why = None if self.end is None else record["end_reason"] or "unknown"
        self.trial = None if record["trial_ends_at"] is None else tick(record["trial_ends_at"])
        self.pauses = [
            (tick(start), known(end)) for start, end in record["pauses"] if known(start) is not None
        ]
        self.price = a_month(record)

    def in_force(self, at: int) -> bool:
        return self.start <= at and (self.end is None or at < self.end)

    def in_trial(self, at: int) -> bool:
        return self.trial is not None and at < self.trial

    def is_paused(self, at: int) -> bool:
        return any(start <= at and (end is None or at < end) for start, end in self.pauses)

    def pays(self, at: int) -> Fraction:
        paying = self.in_force(at) and not self.in_trial(at) and not self.is_paused(at)
        return self.price if paying else NOTHING

    def paused_for(self, at: int, since: int) -> Fraction:
        """What it paid when it paused, if that was at `since` or later, and it is paused now."""
        if not (self.in_force(at) and self.is_paused(at)):
            return NOTHING
        began = at
        while around := [
            each for each in self.pauses if each[0] < began and (each[1] is None or began - 1 < each[1])
        ]:
            began = max(start for start, _ in around)
        return self.pays(began - 1) if began >= since else NOTHING

    @property
    def edges(self) -> set[int]:
        found = {self.start, self.end, self.trial, *(edge for pause in self.pauses for edge in pause)}
        return {edge for edge in found if edge is not None}


class Account:
    """One customer with all spans that cost something."""

    def __init__(self, spans: Iterable[Span], bridge: Later | None) -> None:
        self.spans = list(spans)
        self.bridge = bridge

    def gap(self, at: int) -> tuple[int, int] | None:
        """The gap around the instant, if one is bridged there."""
        real = [span for span in self.spans if span.end is None or span.start < span.end]
        if self.bridge is None or any(span.in_force(at) for span in real):
            return None
        ends = [span.end for span in real if span.end is not None and span.end <= at]
        starts = [span.start for span in real if span.start > at]
        if not ends or not starts:
            return None
        first, last = max(ends), min(starts)
        return (first, last) if last <= tick(self.bridge(moment_of(first))) else None

    def in_force(self, at: int) -> bool:
        return any(span.in_force(at) for span in self.spans) or self.gap(at) is not None

    def mrr(self, at: int) -> Fraction:
        gap = self.gap(at)
        if gap is not None:
            at = gap[0] - 1
        return sum((span.pays(at) for span in self.spans), NOTHING)

    def now(self, at: int, since: int) -> Fraction:
        """MRR, a span that paused since then with what it paid when it paused."""
        gap = self.gap(at)
        if gap is not None:
            at = gap[0] - 1
        return sum((span.pays(at) + span.paused_for(at, since) for span in self.spans), NOTHING)

    @cached_property
    def edges(self) -> list[int]:
        return sorted(set().union(*(span.edges for span in self.spans)))

    def movement(self, at: int) -> tuple[str, Fraction] | None:
        """What happens at an instant, and by how much."""
        before, after = self.mrr(at - 1), self.mrr(at)
        if before == after:
            return None
        return self._kind(at, before, after), abs(after - before)

    def _kind(self, at: int, before: Fraction, after: Fraction) -> str:
        if before and after:
            return "expansion" if after > before else "contraction"
        if before:
            return "paused" if self.in_force(at) else "churned"
        paid = [edge for edge in self.edges if edge < at and self.mrr(edge)]
        if not paid:
            return "new"
        fell = next(edge for edge in self.edges if edge > max(paid))  # since then nothing has been paid
        between = [moment for edge in self.edges if fell <= edge < at for moment in (edge, edge + 1)]
        return "resumed" if all(map(self.in_force, between)) else "reactivation"

    def left_unpaid(self, at: int) -> bool:
        """Whether somebody who had paid leaves at an instant, and had come to pay nothing before."""
        if not self.in_force(at - 1) or self.in_force(at) or self.mrr(at - 1):
            return False
        for edge in reversed([each for each in self.edges if each < at]):
            if self.mrr(edge):
                return True
            if not (self.in_force(edge) and self.in_force(edge - 1)):
                return False
        return False

    def why_it_ended(self, at: int) -> str:
        lasted = [span for span in self.spans if span.end is None or span.start < span.end]
        ended = [(span.end, span.why) for span in lasted if span.end is not None and span.end <= at]
        last = max(end for end, _ in ended)
        return min((why for end, why in ended if end == last and why), key=REASONS.index)


class View(NamedTuple):
    """From just before `start` to `last`: just before the end, or the instant at which the data were known."""

    start: int
    last: int

    @property
    def before(self) -> int:
        return self.start - 1

    def holds(self, instant: int) -> bool:
        return self.start <= instant <= self.last


class Book:
    """All customers of one shop."""

    def __init__(
        self,
        records: Iterable[Record],
        *,
        as_of: datetime | None = None,
        aliases: Mapping[Hashable, Hashable] | None = None,
        currency: str | None = None,
        bridge: Later | None = None,
    ) -> None:
        self.known_by = None if as_of is None else tick(as_of)
        spans: dict[Hashable, list[Span]] = {}
        for record in records:
            late = self.known_by is not None and tick(record["started_at"]) > self.known_by
            if not late and currency in (None, record["currency"]) and Fraction(record["amount"]):
                who = (aliases or {}).get(record["customer_id"], record["customer_id"])
                spans.setdefault(who, []).append(Span(record, self.known_by))
        self.accounts = {who: Account(theirs, bridge) for who, theirs in spans.items()}

    def view(self, start: datetime, end: datetime) -> View:
        first, last = tick(start), tick(end) - 1
        return View(first, last if self.known_by is None else min(last, self.known_by))

    def mrr(self, at: int) -> Fraction:
        return sum((account.mrr(at) for account in self.accounts.values()), NOTHING)

    def movements(self, view: View) -> list[tuple[Hashable, int, str, Fraction]]:
        """Who, when, what and how much."""
        return [
            (who, edge, *moved)
            for who, account in self.accounts.items()
            for edge in account.edges
            if view.holds(edge)
            for moved in [account.movement(edge)]
            if moved is not None
        ]

    def flow(self, view: View) -> dict[str, Any]:
        moved = self.movements(view)
        exact = {kind: sum((much for *_, what, much in moved if what == kind), NOTHING) for kind in KINDS}
        return {
            "exact": {"start": self.mrr(view.before), **exact, "end": self.mrr(view.last)},
            "counts": {kind: sum(what == kind for *_, what, _ in moved) for kind in KINDS},
            "customers": {
                kind: frozenset(who for who, _, what, _ in moved if what == kind) for kind in KINDS
            },
            "ended_while_paused": sum(
                account.left_unpaid(edge)
                for account in self.accounts.values()
                for edge in account.edges
                if view.holds(edge)
            ),
        }

    def steps(self, view: View) -> list[tuple[int, Fraction]]:
        edges = sorted(
            {edge for account in self.accounts.values() for edge in account.edges if view.holds(edge)}
        )
        return [(edge, self.mrr(edge)) for edge in edges if self.mrr(edge - 1) != self.mrr(edge)]

    def subscribers(self, at: int) -> set[Hashable]:
        return {who for who, account in self.accounts.items() if account.mrr(at)}

    def kept(self, view: View, *, paused: str) -> dict[Hashable, tuple[Fraction, Fraction]]:
        """Base and now, of those who paid just before the start."""
        return {
            who: (
                self.accounts[who].mrr(view.before),
                self.accounts[who].now(view.last, view.start)
                if paused == "kept"
                else self.accounts[who].mrr(view.last),
            )
            for who in self.subscribers(view.before)
        }

    def left(self, view: View, reason: str | None = None, paused: str = "kept") -> set[Hashable]:
        there = self.subscribers(view.before)
        gone = {who for who in there if not self.accounts[who].in_force(view.last)}
        if reason is None:
            return gone if paused == "kept" else there - self.subscribers(view.last)
        return {
            who for who in gone if self.accounts[who].why_it_ended(view.last) in GROUPS.get(reason, {reason})
        }

    def brings(self, metric: str, view: View, **options: Any) -> dict[Hashable, tuple[Fraction, Fraction]]:
        """Of each customer who is in a figure, the part in its denominator and that in its numerator."""
        if metric == "revenue_churn_rate" and "reason" in options:
            gone = self.left(view, options["reason"])
            base = {who: self.accounts[who].mrr(view.before) for who in self.subscribers(view.before)}
            return {who: (paid, paid if who in gone else NOTHING) for who, paid in base.items()}
        if metric in {"revenue_churn_rate", "gross_revenue_retention_rate", "net_revenue_retention_ratio"}:
            both = self.kept(view, paused=options.get("paused", "kept"))
            take = {
                "revenue_churn_rate": lambda base, now: max(base - now, NOTHING),
                "gross_revenue_retention_rate": min,
                "net_revenue_retention_ratio": lambda base, now: now,
            }[metric]
            return {who: (base, take(base, now)) for who, (base, now) in both.items()}
        if metric in {"subscriber_churn_rate", "subscriber_retention_rate"}:
            gone, there = self.left(view, **options), self.subscribers(view.before)
            wanted = gone if metric == "subscriber_churn_rate" else there - gone
            return {who: (Fraction(1), Fraction(who in wanted)) for who in there}
        if metric == "average_revenue_per_account_value":
            return {
                who: (Fraction(1), self.accounts[who].mrr(view.last)) for who in self.subscribers(view.last)
            }
        return self._from_movements(metric, view)

    def _from_movements(self, metric: str, view: View) -> dict[Hashable, tuple[Fraction, Fraction]]:
        below: dict[Hashable, Fraction] = {}
        above: dict[Hashable, Fraction] = {}
        signs = {
            "revenue_churn_ratio": {"churned": 1, "contraction": 1},
            "net_revenue_churn_ratio": {"churned": 1, "contraction": 1, "expansion": -1, "reactivation": -1},
            "quick_ratio": {"new": 1, "expansion": 1, "reactivation": 1},
        }[metric]
        for who, _, what, much in self.movements(view):
            if what in signs:
                above[who] = above.get(who, NOTHING) + signs[what] * much
            if metric == "quick_ratio" and what in {"churned", "contraction"}:
                below[who] = below.get(who, NOTHING) + much
        if metric != "quick_ratio":
            below = {who: self.accounts[who].mrr(view.before) for who in self.subscribers(view.before)}
        return {who: (below.get(who, NOTHING), above.get(who, NOTHING)) for who in {*below, *above}}
