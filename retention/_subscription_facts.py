"""The narrow waist of subscriptions: everything that their figures need to know about a period, counted in one walk.

The spans are read once, in any order, and joined to one life of each customer, whose movements are put in one row by
instant; each period is a slice of that row, and what was paid at its two ends.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias, Unpack

from attrs import evolve, frozen

from retention._calendar import Duration, from_microseconds, microseconds, reach
from retention._cents import Cents
from retention._horizon import checked_period
from retention._mapping import FrozenMapping
from retention._mrr import FOREVER, UNKNOWN, Bridges, Movement, Span, live, tenures_of
from retention._numerics import Cross
from retention._reading import AFTER_AS_OF, OTHER_CURRENCY, Reading, converted
from retention._record_reading import MONEY_KEYWORDS, MoneyReading, read_records
from retention._subscription_pairs import PAIRS, Pairs, SubscriptionFacts
from retention._subscription_sums import Level, Products
from retention._watched import seen
from retention.periods import Period
from retention.records import Subscription
from retention.shop import Shop

__all__ = ["Subscriptions", "subscription_facts"]

Subscriptions: TypeAlias = Iterable[Subscription] | Shop
"""What subscription metrics take: any iterable of subscriptions, or a `Shop` that has them."""

FREE = "free of charge"
NO_LENGTH = "ended as it began"


def subscription_facts(
    subscriptions: Subscriptions,
    periods: Iterable[Period],
    *,
    bridge: Duration | None = None,
    tenures: bool = False,
    against: Mapping[Period, Period] = FrozenMapping(),
    metrics: Collection[str] | None = None,
    options: Mapping[str, Mapping[str, Any]] = FrozenMapping(),
    **reading: Unpack[MoneyReading],
) -> list[SubscriptionFacts]:
    """The facts of each period, in the order given.

    Args:
        subscriptions: The subscriptions, or a `Shop`.
        periods: The periods; they may overlap.
        bridge: A time without any span in force, up to so long, keeps the MRR before it.
        tenures: Whether to find from when to when each customer was a subscriber.
        against: For periods that are compared with another of `periods`, that other.
        metrics: The metrics whose two periods are compared; None for all.
        options: By metric, the keywords with which it is.
        reading: How to read the subscriptions.
    """
    wanted = [checked_period(period) for period in periods]
    given, how = read_records(subscriptions, reading, kind=Subscription, keywords=MONEY_KEYWORDS)
    counted = _read(given, how)
    found: dict[Period, SubscriptionFacts] = {}
    products = Products()
    for zone, group in _by_zone(wanted, bridge).items():
        found.update(_walk(counted, how, group, bridge, zone, tenures=tenures))
    brought = {
        metric: partial(pairs_of, **options.get(metric, {}))
        for metric, pairs_of in PAIRS.items()
        if metrics is None or metric in metrics
    }
    crosses = _crosses(found, against, brought, products)
    return [
        evolve(found[period], cross=FrozenMapping(crosses.get(period, {})), products=products)
        for period in wanted
    ]


def _crosses(
    found: Mapping[Period, SubscriptionFacts],
    against: Mapping[Period, Period],
    brought: Mapping[str, Callable[[SubscriptionFacts], Pairs]],
    products: Products,
) -> dict[Period, dict[str, Cross]]:
    """For each period that is compared with another, the sums over the customers that the two share."""
    crosses: dict[Period, dict[str, Cross]] = {}
    pairs: dict[Period, dict[str, Pairs]] = {}
    # By start, so that the customers behind a period are soon no longer needed.
    for period in sorted(found.keys() & against.keys(), key=attrgetter("start")):
        two = period, against[period]
        pairs = {each: pairs.get(each) or _brought(found[each], brought) for each in two}
        here, there = (pairs[each] for each in two)
        crosses[period] = {metric: products.cross(here[metric], there[metric]) for metric in brought}
    return crosses


def _brought(
    facts: SubscriptionFacts, brought: Mapping[str, Callable[[SubscriptionFacts], Pairs]]
) -> dict[str, Pairs]:
    return {metric: pairs_of(facts) for metric, pairs_of in brought.items()}


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
    one_of_each = {_price(subscription): subscription for subscription in counted}
    amounts = {price: subscription.monthly_amount for price, subscription in one_of_each.items()}
    cents = Cents.of(amounts.values())
    units = {price: cents.units(amount) for price, amount in amounts.items()}
    known_to = FOREVER if how.as_of is None else microseconds(how.as_of)
    spans: dict[Hashable, list[Span]] = {}
    aliases = dict(how.aliases)
    for subscription in counted:
        who = aliases.get(subscription.customer_id, subscription.customer_id)
        spans.setdefault(who, []).append(_span(subscription, units[_price(subscription)], known_to))
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


def _price(subscription: Subscription) -> tuple[Decimal, str, int]:
    """What the monthly amount is made of; few subscriptions have a price of their own."""
    return subscription.amount, subscription.interval, subscription.interval_count


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
    amount = converted(
        subscription.amount,
        subscription.currency,
        subscription.started_at,
        how,
        of=("subscription", subscription.id, "begun"),
    )
    return evolve(subscription, amount=amount, currency=how.currency)


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
    counted: _Read,
    how: Reading,
    periods: Sequence[Period],
    bridge: Duration | None,
    zone: tzinfo,
    *,
    tenures: bool,
) -> Iterator[tuple[Period, SubscriptionFacts]]:
    """The facts of some periods, from one walk over all movements."""
    bridges = None if bridge is None else _bridging(bridge, zone)
    lives = {who: live(who, spans, bridges) for who, spans in counted.spans.items()}
    movements = sorted(chain.from_iterable(life.movements for life in lives.values()), key=_at)
    held = sorted(
        ((first, after, units, who) for who, life in lives.items() for first, after, units in life.held),
        key=itemgetter(0),
    )
    subscribed = tuple(chain.from_iterable(map(tenures_of, lives.values()))) if tenures else None
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
                    for who in base.keys() - now.keys()
                    if not lives[who].is_in_force(until)
                },
                movements=movements[low:high],
                ended_while_paused=bisect_left(ended, until) - bisect_left(ended, start),
                until=until,
                tenures=subscribed,
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
        known = observed_from.astimezone(period.tz).isoformat()
        return f"what was paid just before the period lies before observed_from, {known}"
    return None


def _paid_before(movements: Iterable[Movement], instants: Iterable[int]) -> dict[int, Level]:
    """For each instant, what each customer paid just before it."""
    found: dict[int, Level] = {}
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
        found[instant] = Level(level)
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
