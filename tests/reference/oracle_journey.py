"""Cancelled, won back, cross-sold, and what a customer is worth: once more with loops, from the definitions alone.

Nothing of the package is imported. An order is a dictionary; money are fractions. Each figure says who brings what
to its denominator and its numerator, so that its interval can be taken from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

Record = Mapping[str, Any]
Later = Callable[[datetime], datetime]
Triples = list[tuple[Hashable, Fraction, Fraction]]
Pairs = dict[Hashable, tuple[Fraction, Fraction]]

ZERO, ONE = Fraction(0), Fraction(1)
FOREVER = datetime.max.replace(tzinfo=UTC)
GROUPS = {"voluntary": {"customer"}, "involuntary": {"payment", "stock", "fraud", "technical"}}


def totals(triples: Iterable[tuple[Hashable, Fraction, Fraction]]) -> Pairs:
    found: Pairs = {}
    for who, x, y in triples:
        before = found.get(who, (ZERO, ZERO))
        found[who] = before[0] + x, before[1] + y
    return found


def quotient(pairs: Pairs) -> tuple[Fraction, Fraction]:
    """Numerator and denominator."""
    return sum((y for _, y in pairs.values()), ZERO), sum((x for x, _ in pairs.values()), ZERO)


class Journey:
    """The orders of one shop, as they were known; `minimum_net` is exclusive, None lets every sale in."""

    def __init__(
        self,
        records: Iterable[Record],
        *,
        as_of: datetime | None = None,
        currency: str | None = None,
        minimum_net: Fraction | None = ZERO,
        aliases: Mapping[Hashable, Hashable] | None = None,
    ) -> None:
        self.known_by = FOREVER if as_of is None else as_of
        self.aliases = aliases or {}
        self.minimum_net = minimum_net
        self.placed = [
            record
            for record in records
            if record["placed_at"] <= self.known_by
            and not record["is_test"]
            and currency in (None, record["currency"])
        ]
        self.purchases = [record for record in self.placed if self.is_purchase(record)]

    def who(self, record: Record) -> Hashable | None:
        given = record["customer_id"]
        return self.aliases.get(given, given)

    def cluster(self, record: Record) -> Hashable:
        return ("guest", record["id"]) if self.who(record) is None else self.who(record)

    def is_cancelled(self, record: Record) -> bool:
        return record["cancelled_at"] is not None and record["cancelled_at"] <= self.known_by

    def why(self, record: Record) -> str:
        return record["cancel_reason"] or "unknown"

    def net(self, record: Record) -> Fraction:
        back = (amount for at, amount in record["refunds"] if at <= self.known_by)
        return Fraction(record["amount"]) - sum(map(Fraction, back), ZERO)

    def is_purchase(self, record: Record) -> bool:
        is_sale = not (
            self.is_cancelled(record)
            or record["payment_state"] in {"pending", "failed"}
            or {"exchange", "gift-card"} & set(record["tags"])
        )
        return is_sale and (self.minimum_net is None or self.net(record) > self.minimum_net)

    def bought(self, start: datetime, end: datetime) -> list[Record]:
        return [record for record in self.purchases if start <= record["placed_at"] < end]

    def known_of(self, start: datetime, end: datetime) -> list[Record]:
        return [record for record in self.bought(start, end) if self.who(record) is not None]

    def buyers(self, start: datetime, end: datetime) -> set[Hashable]:
        return {self.who(record) for record in self.known_of(start, end)}

    def first(self, who: Hashable) -> datetime:
        return min(record["placed_at"] for record in self.purchases if self.who(record) == who)

    # --- cancelled and won back ---

    def cancellation(self, start: datetime, end: datetime, reason: str | None = None) -> Pairs:
        wanted = None if reason is None else GROUPS.get(reason, {reason})
        return totals(
            (
                self.cluster(record),
                ONE,
                Fraction(self.is_cancelled(record) and (wanted is None or self.why(record) in wanted)),
            )
            for record in self.placed
            if start <= record["placed_at"] < end
        )

    def reasons(self, start: datetime, end: datetime) -> Counter[str]:
        return Counter(
            self.why(record)
            for record in self.placed
            if start <= record["placed_at"] < end and self.is_cancelled(record)
        )

    def recovery(self, start: datetime, end: datetime, within: Later, reason: str | None = None) -> Pairs:
        wanted = None if reason is None else GROUPS.get(reason, {reason})
        followed: Triples = []
        for record in self.placed:
            at = record["cancelled_at"]
            if not self.is_cancelled(record) or not start <= at < end or self.who(record) is None:
                continue
            if within(at) > self.known_by or (wanted is not None and self.why(record) not in wanted):
                continue
            back = any(
                self.who(other) == self.who(record) and at < other["placed_at"] <= within(at)
                for other in self.purchases
            )
            followed.append((self.who(record), ONE, Fraction(back)))
        return totals(followed)

    # --- goods ---

    def cross_sell(self, start: datetime, end: datetime) -> Pairs:
        categories: dict[Hashable, set[str]] = {}
        for record in self.known_of(start, end):
            named = {category for category in record["categories"] if category is not None}
            if named:
                categories.setdefault(self.who(record), set()).update(named)
        return {who: (ONE, Fraction(len(named) >= 2)) for who, named in categories.items()}

    def margin(self, start: datetime, end: datetime) -> Pairs:
        return totals(
            (self.cluster(record), self.net(record), self.net(record) - Fraction(record["cost"]))
            for record in self.bought(start, end)
            if record["cost"] is not None
        )

    # --- how they were sold ---

    def discounted(self, start: datetime, end: datetime) -> Pairs:
        return totals(
            (self.cluster(record), ONE, Fraction(record["discount"] > 0))
            for record in self.bought(start, end)
            if record["discount"] is not None
        )

    def multichannel(self, start: datetime, end: datetime, minimum: int = 2) -> Pairs:
        channels: dict[Hashable, set[str]] = {}
        for record in self.known_of(start, end):
            if record["channel"] is not None:
                channels.setdefault(self.who(record), set()).add(record["channel"])
        return {who: (ONE, Fraction(len(named) >= minimum)) for who, named in channels.items()}

    # --- what a customer is worth ---

    def churn(self, start: datetime, end: datetime, *, opening: datetime, closing: datetime) -> Pairs:
        there, still = self.buyers(opening, start), self.buyers(closing, end)
        return {who: (ONE, Fraction(who not in still)) for who in there}

    def spend(self, start: datetime, end: datetime) -> Pairs:
        """One each, and what each brought."""
        brought = totals((self.who(record), ZERO, self.net(record)) for record in self.known_of(start, end))
        return {who: (ONE, much) for who, (_, much) in brought.items()}

    def new(self, start: datetime, end: datetime) -> set[Hashable]:
        return {who for who in self.buyers(start, end) if start <= self.first(who)}

    def lifespans(self, end: datetime) -> list[int]:
        """Microseconds, sorted, of everybody who purchased before the end."""
        beginning = datetime.min.replace(tzinfo=UTC)
        seen: dict[Hashable, list[datetime]] = {}
        for record in self.known_of(beginning, end):
            seen.setdefault(self.who(record), []).append(record["placed_at"].astimezone(UTC))
        gaps = [max(times) - min(times) for times in seen.values()]
        return sorted((gap.days * 86_400 + gap.seconds) * 10**6 + gap.microseconds for gap in gaps)

    def existing_revenue(self, start: datetime, end: datetime) -> tuple[Fraction, Fraction]:
        spent = self.spend(start, end)
        old = sum((much for who, (_, much) in spent.items() if self.first(who) < start), ZERO)
        return old, sum((much for _, much in spent.values()), ZERO)


def lifetime_value(
    spend: Pairs,
    churn: Pairs,
    *,
    lifespan: Fraction | None,
    margin_rate: Fraction | None,
    discount_rate: Fraction | None,
) -> Fraction | None:
    """M (1 + d) / (1 + d - r); None where it is undefined."""
    revenue, customers = quotient(spend)
    if not customers:
        return None
    if lifespan is None:
        lost, there = quotient(churn)
        if not there:
            return None
        leaving = lost / there
    else:
        leaving = 1 / lifespan
    m = revenue / customers * (ONE if margin_rate is None else margin_rate)
    d = ZERO if discount_rate is None else discount_rate
    return None if d + leaving == 0 else m * (1 + d) / (1 + d - (1 - leaving))


def lifetime_residuals(
    spend: Pairs,
    churn: Pairs,
    *,
    lifespan: Fraction | None,
    margin_rate: Fraction | None,
    discount_rate: Fraction | None,
) -> dict[Hashable, Fraction]:
    """How far each customer moves the value, to first order: the two slopes times the customer's own errors."""
    revenue, customers = quotient(spend)
    a, d = revenue / customers, discount_rate or ZERO
    m = ONE if margin_rate is None else margin_rate
    lost, there = quotient(churn)
    c = lost / there if lifespan is None else 1 / lifespan
    by_spend, by_churn = m * (1 + d) / (d + c), -m * a * (1 + d) / (d + c) ** 2
    moved = {who: by_spend * (y - a * x) / customers for who, (x, y) in spend.items()}
    if lifespan is None:
        for who, (x, y) in churn.items():
            moved[who] = moved.get(who, ZERO) + by_churn * (y - c * x) / there
    return moved
