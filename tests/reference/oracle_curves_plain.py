"""Curves once more: each spell asked at each time, in fractions, as on paper.

From the definitions, the documentation and the papers that it names; it imports nothing of the package. Times are
whole microseconds since the origin.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import exp, log, sqrt
from typing import Any, NamedTuple

from scipy import stats

from tests.reference.hostile import Purchase, person
from tests.reference.oracle_subscriptions import Account, Book, tick

TICK = timedelta(microseconds=1)
DAY = 86_400_000_000
CAUSES = {
    "customer": "voluntary",
    "payment": "involuntary",
    "fraud": "involuntary",
    "technical": "involuntary",
}


class Lasted(NamedTuple):
    """One spell: watched from `entered` on, last seen or ended at `last`."""

    last: int
    cause: str | None
    who: Hashable
    entered: int = 0


class Step(NamedTuple):
    time: int
    at_risk: int
    ended: int
    survival: Fraction


# --- the estimates ---


def is_watched(spell: Lasted, time: int) -> bool:
    return (spell.entered < time or spell.entered == 0) and time <= spell.last


def steps(spells: Sequence[Lasted]) -> list[Step]:
    """The times at which somebody ended, as long as the curve can be told."""
    found, left = [], Fraction(1)
    for time in sorted({spell.last for spell in spells if spell.cause is not None}):
        at_risk = sum(is_watched(spell, time) for spell in spells)
        ended = sum(
            spell.last == time and spell.cause is not None for spell in spells if is_watched(spell, time)
        )
        if at_risk:
            left *= 1 - Fraction(ended, at_risk)
            found.append(Step(time, at_risk, ended, left))
    return found


def survival(spells: Sequence[Lasted], time: int) -> Fraction:
    return next((step.survival for step in reversed(steps(spells)) if step.time <= time), Fraction(1))


def incidence(spells: Sequence[Lasted], time: int, cause: str) -> Fraction:
    total, before = Fraction(0), Fraction(1)
    for step in steps(spells):
        if step.time <= time:
            ended = sum(s.last == step.time and s.cause == cause and is_watched(s, step.time) for s in spells)
            total += before * Fraction(ended, step.at_risk)
            before = step.survival
    return total


def are_alone(spells: Sequence[Lasted]) -> bool:
    return len({spell.who for spell in spells}) == len(spells)


def log_variance(spells: Sequence[Lasted], time: int) -> Fraction:
    """Of log S: Greenwood's sum, or clustered by customer, where one has several spells."""
    until = [step for step in steps(spells) if step.time <= time]
    if are_alone(spells):
        return sum((Fraction(s.ended, s.at_risk * (s.at_risk - s.ended)) for s in until), Fraction(0))
    return _jackknife(spells, [(step, Fraction(1)) for step in until])


def _jackknife(spells: Sequence[Lasted], weighted: Sequence[tuple[Step, Fraction]]) -> Fraction:
    moved: dict[Hashable, Fraction] = {spell.who: Fraction(0) for spell in spells}
    for spell in spells:
        for step, weight in weighted:
            if is_watched(spell, step.time) and step.at_risk > step.ended:
                own = int(spell.last == step.time and spell.cause is not None)
                moved[spell.who] += (
                    weight * (own - Fraction(step.ended, step.at_risk)) / (step.at_risk - step.ended)
                )
    n = len(moved)
    return Fraction(n, n - 1) * sum(part * part for part in moved.values()) if n > 1 else Fraction(0)


def bounds(spells: Sequence[Lasted], time: int, confidence: float = 0.95) -> tuple[float, float] | None:
    """Of the share at a time at which somebody ended, on the scale log(-log)."""
    z = float(stats.norm.ppf((1 + confidence) / 2))
    share, variance = survival(spells, time), log_variance_or_none(spells, time)
    if share in (0, 1) or variance is None:
        return None
    spread = z * sqrt(variance) / abs(log(share))
    return float(share) ** exp(spread), float(share) ** exp(-spread)


def log_variance_or_none(spells: Sequence[Lasted], time: int) -> Fraction | None:
    if survival(spells, time) == 0:
        return None
    return log_variance(spells, time) or None


def restricted_mean(spells: Sequence[Lasted], until: int) -> tuple[Fraction, Fraction]:
    """The area under the curve up to a limit and its variance, in microseconds."""
    inside = [step for step in steps(spells) if step.time < until]
    edges = [0, *(step.time for step in inside), until]
    heights = [Fraction(1), *(step.survival for step in inside)]
    parts = [height * (b - a) for height, a, b in zip(heights, edges, edges[1:], strict=False)]
    beyond = [sum(parts[place + 1 :], Fraction(0)) for place in range(len(inside))]
    if are_alone(spells):
        variance = sum(
            (
                area**2 * Fraction(step.ended, step.at_risk * (step.at_risk - step.ended))
                for step, area in zip(inside, beyond, strict=True)
                if step.at_risk > step.ended
            ),
            Fraction(0),
        )
    else:
        variance = _jackknife(spells, list(zip(inside, beyond, strict=True)))
    return sum(parts, Fraction(0)), variance


# --- the spells of a shop ---


def purchase_spells(
    purchases: Sequence[Purchase], start: datetime, end: datetime, as_of: datetime, after: int | None
) -> list[Lasted]:
    lives: dict[Hashable, list[datetime]] = {}
    for purchase in purchases:
        lives.setdefault(purchase.who, []).append(purchase.at)
    spells = []
    for who, life in lives.items():
        inside = [place for place, at in enumerate(life) if start <= at < end]
        inside = [place for place in inside if after is None or place == after - 1]
        if inside:
            place = inside[0]
            came = place + 1 < len(life)
            until = life[place + 1] if came else as_of
            spells.append(Lasted((until - life[place]) // TICK, "back" if came else None, who))
    return spells


def contact_spells(
    contacts: Sequence[Mapping[str, Any]],
    field: str,
    start: datetime,
    end: datetime,
    as_of: datetime,
    *,
    kind: str | None,
    channel: str | None,
    aliases: Mapping[Hashable, Hashable],
) -> list[Lasted]:
    spells = []
    for number, contact in enumerate(contacts):
        asked = contact["kind"] == kind if kind else contact["kind"] not in ("review", "mention")
        came = contact["occurred_at"]
        if (
            contact["direction"] == "inbound"
            and asked
            and channel in (None, contact["channel"])
            and start <= came < end
            and came <= as_of
        ):
            done = contact[field]
            ended = done is not None and done <= as_of
            who = contact["customer_id"]
            one = ("unknown", number) if who is None else person(who, aliases)
            span = (done if ended else as_of).astimezone(UTC) - came.astimezone(UTC)
            spells.append(Lasted(span // TICK, "done" if ended else None, one))
    return spells


def stays(account: Account) -> list[tuple[int, int | None]]:
    """From the first payment on as long as anything is in force, in half microseconds."""
    found = []
    for edge in account.edges:
        if account.in_force(edge) and not account.in_force(edge - 1):
            ends = [
                e for e in account.edges if e > edge and account.in_force(e - 1) and not account.in_force(e)
            ]
            stop = min(ends, default=None)
            paid = [e for e in account.edges if e >= edge and (stop is None or e < stop) and account.mrr(e)]
            if paid:
                found.append((min(paid), stop))
    return found


def why_it_ended(account: Account, stop: int) -> str:
    """What was never in force has not ended."""
    real = Account(
        [span for span in account.spans if span.end is None or span.start < span.end], account.bridge
    )
    why = real.why_it_ended(stop)
    return CAUSES.get(why, why)


def subscriber_spells(
    book: Book, start: datetime, end: datetime, as_of: datetime | None, of: str
) -> list[Lasted]:
    first, last, known = tick(start), tick(end), None if as_of is None else tick(as_of)
    spells = []
    for who, account in book.accounts.items():
        for begun, stop in stays(account):
            ended_as = None if stop is None else why_it_ended(account, stop)
            if of == "begun" and known is not None and first <= begun < last and begun <= known:
                ended = stop is not None and stop <= known
                spells.append(
                    Lasted((stop if ended else known) // 2 - begun // 2, ended_as if ended else None, who)
                )
            if of == "in_force" and begun < last and (known is None or begun <= known):
                close = last - 2 if known is None else min(last - 2, known)  # the end itself is outside
                if stop is not None and stop < first:
                    continue
                ended = stop is not None and stop <= close
                until = stop if ended else close
                # Seen from just before the start on, so that who leaves at the start itself leaves in the period.
                entered = max((first - begun) // 2 - 1, 0)
                spells.append(Lasted((until - begun) // 2, ended_as if ended else None, who, entered))
    return spells
