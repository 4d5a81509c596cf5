"""The narrow waist of subscriptions: everything that their figures need to know about a period, counted in one walk.

The spans are read once, in any order, and joined to one life of each customer, whose movements are put in one row by
instant; each period is a slice of that row, and what was paid at its two ends.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from math import lcm
from operator import attrgetter, itemgetter
from typing import Literal, TypeAlias, Unpack

from attrs import evolve, field, frozen

from retention._calendar import Duration, as_words, check_duration, from_microseconds, microseconds, reach
from retention._horizon import checked_period
from retention._mapping import FrozenMapping
from retention._mrr import FOREVER, UNKNOWN, Bridges, Ended, Movement, MovementKind, Span, live
from retention._numerics import Cross, CrossSums
from retention._reading import AFTER_AS_OF, OTHER_CURRENCY, Reading
from retention._record_reading import MONEY_KEYWORDS, MoneyReading, read_records
from retention._validate import EXACT
from retention._watched import Watched, seen
from retention.errors import InvalidValueError, shown
from retention.periods import Period
from retention.records import Subscription
from retention.results import Basis
from retention.shop import Shop

__all__ = [
    "Cents",
    "Movement",
    "MovementKind",
    "Needs",
    "Pairs",
    "Paused",
    "SubscriptionFacts",
    "Subscriptions",
    "gained_and_lost",
    "grown_of_base",
    "kept_of_base",
    "left",
    "lost_of_base",
    "moved_down",
    "moved_net",
    "paid_by_each",
    "remained",
    "subscription_facts",
]

Subscriptions: TypeAlias = Iterable[Subscription] | Shop
"""What subscription metrics take: any iterable of subscriptions, or a `Shop` that has them."""

Needs: TypeAlias = tuple[Literal["firsts", "base"], ...]
"""What a figure needs to be known: who paid for the first time, who paid just before the start."""

Pairs: TypeAlias = Mapping[Hashable, tuple[int, int]]
"""By customer: x and y of a ratio."""

Paused: TypeAlias = Literal["kept", "lost"]
"""What a paused span counts: what it paid when it paused, or nothing."""

FREE = "free of charge"
NO_LENGTH = "ended as it began"
_CENTS = 2
_MOST_DECIMALS = 36
"""Beyond these, what one customer pays a month is rounded when it comes to ratios: of money, and of a third of it."""


@frozen(kw_only=True)
class Cents:
    """What the whole numbers of money in the facts mean.

    Attributes:
        per_one: Units in 1.00 of the currency: a common denominator of all monthly amounts.
        places: Decimals of what is shown as a numerator or a denominator.
    """

    per_one: int = 1
    places: int = _CENTS

    @classmethod
    def of(cls, amounts: Iterable[Fraction]) -> Cents:
        """Units in which all the amounts are whole."""
        per_one = lcm(*{amount.denominator for amount in amounts})
        places = next(
            (each for each in range(_CENTS, _MOST_DECIMALS) if 10**each % per_one == 0), _MOST_DECIMALS
        )
        return cls(per_one=per_one, places=places)

    @property
    def scale(self) -> int:
        """What is shown, in 1.00."""
        return int(10**self.places)

    def exactly(self, units: int) -> Fraction:
        """Units as money."""
        return Fraction(units, self.per_one)

    def shown(self, units: int) -> int:
        """Units in those of what is shown; what has no end as a decimal is rounded far behind the point."""
        return (2 * units * self.scale + self.per_one) // (2 * self.per_one)

    def amount(self, shown: int) -> Decimal:
        """What is shown, as money, with no more decimals than it takes, and no less than two."""
        places = self.places
        while places > _CENTS and not shown % 10:
            shown, places = shown // 10, places - 1
        return EXACT.scaleb(Decimal(shown), -places)


@frozen(kw_only=True)
class SubscriptionFacts(Watched):
    """What customers paid a month in one period. Money is in whole units (`cents`), times are in microseconds.

    Attributes:
        base_unseen: Why it is not known what was paid just before the period, or None.
        bridge: Up to which length a gap between spans keeps the MRR before it, or None.
        cents: The unit of money.
        base: By customer, what was paid just before the start; only who paid something.
        now: By customer, what was paid just before the end, or at `as_of` where the period was still running.
        held: By customer of the base, what spans that paused in the period, and are paused then, paid when they did.
        gone: Those of the base who have no span in force then, with the reason of the last that ended.
        movements: The changes of MRR in the period, by instant.
        ended_while_paused: How many spans ended while paused, other than by a change of plan.
        until: Where the counting ends: the period's end, or just after `as_of`.
    """

    base_unseen: str | None = None
    bridge: Duration | None = None
    cents: Cents = Cents()
    base: Mapping[Hashable, int] = field(default=FrozenMapping(), repr=False)
    now: Mapping[Hashable, int] = field(default=FrozenMapping(), repr=False)
    held: Mapping[Hashable, int] = field(default=FrozenMapping(), repr=False)
    gone: Mapping[Hashable, Ended] = field(default=FrozenMapping(), repr=False)
    movements: Sequence[Movement] = field(default=(), repr=False)
    ended_while_paused: int = 0
    until: int

    def unseen_for(self, needs: Needs) -> str | None:
        """Why a figure with these needs is not observable, or None."""
        return self.unseen or (self.base_unseen if needs else None)

    def assumed_for(self, needs: Needs) -> tuple[str, ...]:
        """What had to be taken for granted for a figure with these needs."""
        lines = [*self.assumed]
        if self.bridge is not None:
            lines.append("a gap that had not closed by then is taken as an end")
        if "firsts" in needs:
            lines.append(
                "observed_from was not given, so that the subscriptions are taken as complete from the beginning"
                if self.observed_from is None
                else "a customer whose earlier subscriptions all ended before observed_from is taken as new"
            )
        return tuple(lines)

    def of_metric(
        self,
        metric: str,
        *,
        counted: tuple[str, ...] = (),
        needs: Needs = (),
        money: bool = True,
        options: tuple[tuple[str, str], ...] = (),
    ) -> Basis:
        """What a metric's figure rests on."""
        unseen = self.unseen_for(needs)
        bridge = () if self.bridge is None else (("bridge", as_words(self.bridge)),)
        return self.basis(
            metric,
            records="subscriptions",
            money=money,
            counted=counted,
            observable=unseen is None,
            undefined_because=unseen,
            assumed=self.assumed_for(needs),
            options=(*bridge, *options),
        )

    # ----------------------------------------------------------------------------- customer by customer

    def total(self, paid: Mapping[Hashable, int]) -> Fraction:
        """What some customers pay together, exactly, in the one currency."""
        self.currency  # noqa: B018 - refuses several
        return self.cents.exactly(sum(paid.values()))

    def amount(self, units: int) -> Decimal:
        """Units of what is shown, as money in the one currency."""
        self.currency  # noqa: B018 - refuses several
        return self.cents.amount(units)

    def paid(self, customers: Mapping[Hashable, int]) -> dict[Hashable, int]:
        """By customer, money in units of what is shown."""
        shown_as = {units: self.cents.shown(units) for units in set(customers.values())}  # few prices
        return {who: shown_as[units] for who, units in customers.items()}

    def still_paid(self, paused: Paused = "kept") -> dict[Hashable, int]:
        """What each customer of the base pays at the end, in units of what is shown."""
        held = self.held if paused == "kept" else {}
        # Rounded as a whole: what is paid by several spans, of which one is paused, is the same money.
        return self.paid({who: self.now.get(who, 0) + held.get(who, 0) for who in self.base})

    def moved(self, *kinds: MovementKind) -> dict[Hashable, int]:
        """By how much each customer moved in these ways, in units of what is shown."""
        shown_as = self.cents.shown
        found: dict[Hashable, int] = {}
        for each in self.movements:
            if each.kind in kinds:
                size = abs(shown_as(each.after) - shown_as(each.before))
                found[each.customer] = found.get(each.customer, 0) + size
        return found


# ----------------------------------------------------------------------------------------------- ratios


def lost_of_base(facts: SubscriptionFacts, paused: Paused = "kept") -> Pairs:
    """Of each customer of the base what was paid (x), and how much less it is now (y)."""
    base, now = facts.paid(facts.base), facts.still_paid(paused)
    return {who: (units, max(units - now[who], 0)) for who, units in base.items()}


def kept_of_base(facts: SubscriptionFacts, paused: Paused = "kept") -> Pairs:
    """Of each customer of the base what was paid (x), and what of it still is (y)."""
    base, now = facts.paid(facts.base), facts.still_paid(paused)
    return {who: (units, min(units, now[who])) for who, units in base.items()}


def grown_of_base(facts: SubscriptionFacts, paused: Paused = "kept") -> Pairs:
    """Of each customer of the base what was paid (x), and what is paid now (y)."""
    base, now = facts.paid(facts.base), facts.still_paid(paused)
    return {who: (units, now[who]) for who, units in base.items()}


def moved_down(facts: SubscriptionFacts) -> Pairs:
    """Of each customer what was paid at the start (x), and the losses of the period (y)."""
    return _side_by_side(facts.paid(facts.base), facts.moved("churned", "contraction"))


def moved_net(facts: SubscriptionFacts) -> Pairs:
    """The same, less what was gained from customers of earlier times."""
    lost, gained = facts.moved("churned", "contraction"), facts.moved("expansion", "reactivation")
    net = {who: lost.get(who, 0) - gained.get(who, 0) for who in (*lost, *gained)}
    return _side_by_side(facts.paid(facts.base), net)


def gained_and_lost(facts: SubscriptionFacts) -> Pairs:
    """Of each customer the losses (x) and the gains (y) of the period."""
    gained = facts.moved("new", "expansion", "reactivation")
    return _side_by_side(facts.moved("contraction", "churned"), gained)


def paid_by_each(facts: SubscriptionFacts) -> Pairs:
    """Of each customer who pays at the end, 1 (x) and what is paid (y)."""
    return {who: (1, units) for who, units in facts.paid(facts.now).items()}


def left(facts: SubscriptionFacts, reasons: Container[Ended] | None = None) -> Pairs:
    """Of each customer of the base 1 (x), and 1 for who is gone (y), for certain reasons or for any."""
    gone = {who for who, reason in facts.gone.items() if reasons is None or reason in reasons}
    return {who: (1, int(who in gone)) for who in facts.base}


def remained(facts: SubscriptionFacts) -> Pairs:
    """Of each customer of the base 1 (x), and 1 for who is still there (y)."""
    return {who: (1, int(who not in facts.gone)) for who in facts.base}


def _side_by_side(below: Mapping[Hashable, int], above: Mapping[Hashable, int]) -> Pairs:
    return {who: (below.get(who, 0), above.get(who, 0)) for who in {**below, **above}}


_USUAL: Mapping[str, Callable[[SubscriptionFacts], Pairs]] = {
    "revenue_churn_rate": lost_of_base,
    "net_revenue_retention_ratio": grown_of_base,
    "revenue_churn_ratio": moved_down,
    "net_revenue_churn_ratio": moved_net,
    "subscriber_churn_rate": left,
    "average_revenue_per_account_value": paid_by_each,
    "quick_ratio": gained_and_lost,
}
"""The figures that have an interval, as they are without keywords, but for those that are 1 less another."""

_COMPLEMENTS = {
    "gross_revenue_retention_rate": "revenue_churn_rate",
    "subscriber_retention_rate": "subscriber_churn_rate",
}


def _crosses(
    found: Mapping[Period, SubscriptionFacts], against: Mapping[Period, Period]
) -> dict[Period, dict[str, Cross]]:
    """For each period that is compared with another, the sums over the customers that the two share."""
    crosses: dict[Period, dict[str, Cross]] = {}
    pairs: dict[Period, dict[str, Pairs]] = {}
    # By start, so that the customers behind a period are soon no longer needed.
    for period in sorted(found.keys() & against.keys(), key=attrgetter("start")):
        two = period, against[period]
        pairs = {each: pairs.get(each) or _usual_pairs(found[each]) for each in two}
        crosses[period] = _cross(pairs[period], pairs[against[period]])
    return crosses


def _usual_pairs(facts: SubscriptionFacts) -> dict[str, Pairs]:
    return {metric: pairs_of(facts) for metric, pairs_of in _USUAL.items()}


def _cross(a: Mapping[str, Pairs], b: Mapping[str, Pairs]) -> dict[str, Cross]:
    found: dict[str, CrossSums] = {}
    for metric, here in a.items():
        there = b[metric]
        shared = here.keys() & there.keys()
        both = ((here[who], there[who]) for who in shared)
        found[metric] = CrossSums.of(both, len(here) + len(there) - len(shared))
    return {**found, **{metric: found[other].complement() for metric, other in _COMPLEMENTS.items()}}


# ------------------------------------------------------------------------------------------- the walk


def subscription_facts(
    subscriptions: Subscriptions,
    periods: Iterable[Period],
    *,
    bridge: Duration | None = None,
    against: Mapping[Period, Period] = FrozenMapping(),
    **reading: Unpack[MoneyReading],
) -> list[SubscriptionFacts]:
    """The facts of each period, in the order given.

    Args:
        subscriptions: The subscriptions, or a `Shop`.
        periods: The periods; they may overlap.
        bridge: A time without any span in force, up to so long, keeps the MRR before it.
        against: For periods that are compared with another of `periods`, that other.
        reading: How to read the subscriptions.
    """
    wanted = [checked_period(period) for period in periods]
    if bridge is not None:
        check_duration(bridge, owner="metrics", field="bridge")
    given, how = read_records(subscriptions, reading, kind=Subscription, keywords=MONEY_KEYWORDS)
    counted = _read(given, how)
    found: dict[Period, SubscriptionFacts] = {}
    for zone, group in _by_zone(wanted, bridge).items():
        found.update(_walk(counted, how, group, bridge, zone))
    crosses = _crosses(found, against)
    return [evolve(found[period], cross=FrozenMapping(crosses.get(period, {}))) for period in wanted]


def _by_zone(periods: Iterable[Period], bridge: Duration | None) -> dict[tzinfo, list[Period]]:
    """The periods by the zone in which a bridge is measured: only months and the like need one."""
    needs_zone = bridge is not None and not isinstance(bridge, timedelta)
    groups: dict[tzinfo, list[Period]] = {}
    for period in dict.fromkeys(periods):
        groups.setdefault(period.tz if needs_zone else UTC, []).append(period)
    return groups


@frozen(kw_only=True)
class _Read:
    """The spans that count, by customer, and when those that don't were in force."""

    spans: Mapping[Hashable, Sequence[Span]]
    left_out: Mapping[str, tuple[list[int], list[int]]]
    currencies: tuple[str, ...]
    cents: Cents

    def left_out_of(self, start: int, end: int) -> dict[str, int]:
        """How many of those that don't count were in force at some time of a period, by reason."""
        counts = {
            why: bisect_left(starts, end) - bisect_right(ends, start)
            for why, (starts, ends) in self.left_out.items()
        }
        return {why: count for why, count in counts.items() if count}


def _read(given: Sequence[Subscription], how: Reading) -> _Read:
    only = how.currency if how.convert is None else None
    counted: list[Subscription] = []
    left_out: dict[str, list[Subscription]] = {
        why: [] for why in (AFTER_AS_OF, OTHER_CURRENCY, NO_LENGTH, FREE)
    }
    for subscription in given:
        why = _why_not(subscription, how.as_of, only)
        read = subscription if why else _converted(subscription, how)
        why = why or (None if read.amount else FREE)
        (left_out[why] if why else counted).append(read)
    amounts = [subscription.monthly_amount for subscription in counted]
    cents = Cents.of(amounts)
    known_to = FOREVER if how.as_of is None else microseconds(how.as_of)
    spans: dict[Hashable, list[Span]] = {}
    for subscription, amount in zip(counted, amounts, strict=True):
        who = how.aliases.get(subscription.customer_id, subscription.customer_id)
        spans.setdefault(who, []).append(_span(subscription, int(amount * cents.per_one), known_to))
    return _Read(
        spans=spans,
        left_out={
            why: (
                sorted(microseconds(each.started_at) for each in those),
                sorted(max(_or_forever(each.ended_at), microseconds(each.started_at) + 1) for each in those),
            )
            for why, those in left_out.items()
        },
        # Where nothing costs anything, what is free says in which currency.
        currencies=tuple(sorted({subscription.currency for subscription in counted or left_out[FREE]})),
        cents=cents,
    )


def _why_not(subscription: Subscription, as_of: datetime | None, only: str | None) -> str | None:
    """The first reason that applies, in the order in which figures report them."""
    if as_of is not None and subscription.started_at > as_of:
        return AFTER_AS_OF
    if only is not None and subscription.currency != only:
        return OTHER_CURRENCY
    return NO_LENGTH if subscription.ended_at == subscription.started_at else None


def _converted(subscription: Subscription, how: Reading) -> Subscription:
    """The subscription in the one currency, at the day on which it began."""
    if how.convert is None or how.currency is None or subscription.currency == how.currency:
        return subscription
    amount, at = subscription.amount, subscription.started_at
    where = f"{amount} {subscription.currency} of subscription {shown(subscription.id)}, begun at {at.isoformat()}"
    try:
        converted: object = how.convert(amount, subscription.currency, at)
    except Exception as error:
        # The error stays the host's own, which may be waiting for it.
        error.add_note(f"convert= raised this for {where}")
        raise
    if not isinstance(converted, Decimal) or not converted.is_finite() or converted < 0:
        msg = f"convert= must return a finite Decimal from 0 up (got {shown(converted)} for {where})"
        raise InvalidValueError(msg)
    return evolve(subscription, amount=converted, currency=how.currency)


def _or_forever(moment: datetime | None) -> int:
    return FOREVER if moment is None else microseconds(moment)


def _span(subscription: Subscription, units: int, known_to: int) -> Span:
    """A span as it was known; what lies later had not happened."""
    start, end = microseconds(subscription.started_at), _or_forever(subscription.ended_at)
    ended = end <= known_to
    trial = subscription.trial_ends_at
    return Span(
        start=start,
        end=end if ended else FOREVER,
        paid_from=start if trial is None else microseconds(trial),
        pauses=_pauses(subscription, end if ended else FOREVER, known_to),
        units=units,
        reason=(subscription.end_reason or UNKNOWN) if ended else UNKNOWN,
    )


def _pauses(subscription: Subscription, end: int, known_to: int) -> list[tuple[int, int]]:
    """The pauses as they were known, those that touch joined; one that had not ended lasts as long as the span."""
    found: list[tuple[int, int]] = []
    for pause in subscription.pauses:
        first, after = microseconds(pause.started_at), _or_forever(pause.ended_at)
        if first > known_to:
            break
        after = end if after > known_to else min(after, end)
        if found and found[-1][1] == first:
            found[-1] = found[-1][0], after
        elif first < after:
            found.append((first, after))
    return found


def _walk(
    counted: _Read, how: Reading, periods: Sequence[Period], bridge: Duration | None, zone: tzinfo
) -> Iterator[tuple[Period, SubscriptionFacts]]:
    """The facts of some periods, from one walk over all movements."""
    bridges = None if bridge is None else _bridging(bridge, zone)
    lives = {who: live(who, spans, bridges) for who, spans in counted.spans.items()}
    movements = sorted(chain.from_iterable(life.movements for life in lives.values()), key=_at)
    held = sorted(
        ((first, after, units, who) for who, life in lives.items() for first, after, units in life.held),
        key=itemgetter(0),
    )
    ended = sorted(chain.from_iterable(life.ended_while_paused for life in lives.values()))
    ends = {period: _until(period, how.as_of) for period in periods}
    starts = {period: microseconds(period.start) for period in periods}
    paid = _paid_before(movements, {*starts.values(), *ends.values()})
    for period in periods:
        start, until = starts[period], ends[period]
        base, now = paid[start], paid[until]
        low, high = (bisect_left(movements, each, key=_at) for each in (start, until))
        yield (
            period,
            SubscriptionFacts(
                **seen(period, how, "subscription"),
                left_out=FrozenMapping(counted.left_out_of(start, microseconds(period.end))),
                currencies=counted.currencies,
                base_unseen=_base_unseen(period, how.observed_from),
                bridge=bridge,
                cents=counted.cents,
                base=base,
                now=now,
                held=_held(held, start, until, base),
                gone={
                    who: lives[who].last_reason(until)
                    for who in base
                    if who not in now and not lives[who].is_in_force(until)
                },
                movements=movements[low:high],
                ended_while_paused=bisect_left(ended, until) - bisect_left(ended, start),
                until=until,
            ),
        )


def _at(movement: Movement) -> int:
    return movement.at


def _bridging(bridge: Duration, zone: tzinfo) -> Bridges:
    def bridges(first: int, after: int) -> bool:
        return after <= microseconds(reach(from_microseconds(first), bridge, zone))

    return bridges


def _until(period: Period, as_of: datetime | None) -> int:
    """Where the counting ends; what is dated as_of is still known."""
    end = microseconds(period.end)
    return end if as_of is None else min(end, max(microseconds(as_of) + 1, microseconds(period.start)))


def _base_unseen(period: Period, observed_from: datetime | None) -> str | None:
    if observed_from is not None and period.start <= observed_from:
        return f"what was paid just before the period lies before observed_from, {observed_from.isoformat()}"
    return None


def _paid_before(movements: Iterable[Movement], instants: Iterable[int]) -> dict[int, dict[Hashable, int]]:
    """For each instant, what each customer paid just before it."""
    found: dict[int, dict[Hashable, int]] = {}
    level: dict[Hashable, int] = {}
    row = iter(movements)
    movement = next(row, None)
    for instant in sorted(instants):
        while movement is not None and movement.at < instant:
            if movement.after:
                level[movement.customer] = movement.after
            else:
                del level[movement.customer]
            movement = next(row, None)
        found[instant] = dict(level)
    return found


def _held(
    held: Sequence[tuple[int, int, int, Hashable]], start: int, until: int, base: Container[Hashable]
) -> dict[Hashable, int]:
    """What customers of the base paid with the spans that were paused in the period, and are paused at its end."""
    found: dict[Hashable, int] = {}
    low, high = (bisect_left(held, instant, key=itemgetter(0)) for instant in (start, until))
    for _, after, units, who in held[low:high]:
        if after >= until and who in base:
            found[who] = found.get(who, 0) + units
    return found
