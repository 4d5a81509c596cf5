"""The next best action for every customer at once, under what the shop may send."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import compress
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from attrs import Factory, define, field

from retention._calendar import UTC, Duration, Zone, as_words, microseconds
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, is_bool, shown
from retention.history import ReadingOptions
from retention.segments import LifecycleStages
from retention.segments._lifecycle import OWN_RHYTHM, USUAL_STAGES
from retention.segments._rules import LifecycleRules
from retention.segments._silence import DAY, ended_before
from retention.shop import Orders, Shop
from retention.strategies._assignments import Assignments, Outcome
from retention.strategies._catalog import STRATEGIES
from retention.strategies._contact_policy import NO_POLICY, ContactPolicy
from retention.strategies._contact_wishes import (
    Channel,
    Wishes,
    held_out_by,
    names_of_strangers,
    numbers_of,
)
from retention.strategies._customer_defaults import CUSTOMER_RULES
from retention.strategies._customer_rules import CustomerRule, CustomerRules
from retention.strategies._customer_situation import CustomerSituations
from retention.strategies._experiments_holdout import tagged
from retention.strategies._next_action import matching, rules_and_situations

if TYPE_CHECKING:
    from retention.predict.outlook import CustomerOutlook

__all__ = ["Worth", "assign"]

Worth: TypeAlias = Mapping[Any, Any] | Callable[[Any], Any]
"""What customers are worth: a number by id, or a function of an id that gives one."""

_OWNER = "assign"


def assign(
    orders: Orders | CustomerSituations,
    /,
    *,
    at: datetime | None = None,
    tz: Zone | None = None,
    rules: CustomerRules | Iterable[CustomerRule] = CUSTOMER_RULES,
    contact_policy: ContactPolicy = NO_POLICY,
    worth: Worth | None = None,
    lifecycle: LifecycleRules = OWN_RHYTHM,
    stages: LifecycleStages = USUAL_STAGES,
    outlook: CustomerOutlook | None = None,
    **reading: Unpack[ReadingOptions],
) -> Assignments:
    """Every customer's next best action, at most one each, as far as the shop may and can contact them.

    What is best for a customer is what `recommend_for` says. The policy then only takes away: whoever may not be contacted,
    is to be left in peace for now, is held out of a test, or comes too late for a limited number of places gets nothing,
    and no second choice either, since an invitation is no answer to a complaint. Each of them is told, with the reason.

    Places are given to those whose rule has the most weight first; within a weight to those who are worth most, which is
    what they spent in the last 365 days unless `worth` says otherwise; then to those with the most purchases; and at
    last by a lot, which is drawn anew on each day of `at`, so that it favours nobody for long. Who is held out takes no
    place, and is looked for only until the places are gone, so that both groups of a test come from the same part of the
    list. Where the first channel of a customer has no place left the next one is taken. The same records under the same
    policy give the same list, in whatever order they come.

    Args:
        orders: A `Shop`, or the orders or a `History` alone; or what `customer_situations` made of them.
        at: The instant; None means the data's `as_of`. What is dated after it is not seen.
        tz: The zone by whose calendar days, months and years are counted; None means that of `at`.
        rules: The rules: a `CustomerRules`, or rules for strategies of the library.
        contact_policy: Whom the shop may contact, how often, how, and how many at most; without one nobody is spared.
        worth: Who goes first within a weight: a number for each customer, as a mapping of ids or a function of an
            id, such as a lifetime value of the host's own, which is asked once for each who may get something. Those
            of whom it says None, or nothing, go last.
        lifecycle: How silences are judged: `OwnRhythm` or `FixedThresholds`.
        stages: From when on a customer is middle, and late.
        outlook: What a model expects of these customers at this instant, from `customer_outlook`.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        Who gets what, first of all those who go first, and of everybody else why not.

    Raises:
        AsOfRequiredError: Neither `at` nor `as_of` is given.
        ConflictingArgumentError: `at` lies after `as_of` or before `observed_from`, a keyword contradicts the data or
            comes with situations, or the policy names an attribute of customers where there are situations alone.
        InvalidTypeError: `rules` or `contact_policy` are none, `outlook` is no `CustomerOutlook`, or what is said of a customer is of no use.
        InvalidValueError: The policy names a strategy that there is not, a worth is no finite number, or a time is
            counted by the calendar and nobody said in which zone.
        MixedCurrencyError: The outlook is in another currency than the orders.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.strategies import ContactPolicy, assign
    >>> from retention.testing import make_checkout, make_orders
    >>> shop = rt.Shop(
    ...     orders=make_orders({"ann": ["2026-01-01"], "ben": ["2026-01-20"], "cem": ["2026-01-30"]}),
    ...     checkouts=[make_checkout(customer_id=each, begun_at="2026-02-01") for each in ("ann", "ben")],
    ... )
    >>> at = datetime(2026, 2, 4, tzinfo=timezone.utc)
    >>> found = assign(shop, at=at, contact_policy=ContactPolicy(consent={"ann": True}))
    >>> [(each.customer_id, each.strategy.id) for each in found]
    [('ann', 'abandoned-cart-recovery')]
    >>> print(found.of("ben").why)
    The customer has not consented to being contacted.

    References:
        Sources SC8, SE19.

    .. versionadded:: 0.1
    """
    if not isinstance(contact_policy, ContactPolicy):
        msg = (
            f"{_OWNER}: contact_policy must be a ContactPolicy, not {type(contact_policy).__name__} "
            f"(got {shown(contact_policy)})"
        )
        raise InvalidTypeError(msg)
    customers = orders.customers if isinstance(orders, Shop) else None
    if customers is None and not isinstance(orders, CustomerSituations):
        customers = ()
    checked, situations = rules_and_situations(
        orders,
        rules,
        at=at,
        tz=tz,
        lifecycle=lifecycle,
        stages=stages,
        outlook=outlook,
        owner=_OWNER,
        reading=reading,
    )
    _refuse_unknown_strategies(contact_policy, checked)
    situations.refuse_a_guess(contact_policy.durations, owner=_OWNER)
    wishes = Wishes.of(contact_policy, situations, customers)
    return _Assigner(
        situations=situations,
        rules=checked,
        policy=contact_policy,
        wishes=wishes,
        worth=_worth_of(worth, situations),
    ).assign()


def _refuse_unknown_strategies(policy: ContactPolicy, rules: CustomerRules) -> None:
    known = {**STRATEGIES, **rules.strategies}
    named: dict[str, Iterable[str]] = {
        "most_per_strategy": policy.most_per_strategy,
        "channels_for": policy.channels_for,
        "holdout": policy.tests,
        "owed": policy.owed,
    }
    for name, strategies in named.items():
        for strategy in sorted(strategies):
            if strategy not in known:
                msg = (
                    f"ContactPolicy.{name} names the strategy {shown(strategy)}, which there is not; "
                    f"{did_you_mean(strategy, known)}one of your own is given with rules=CUSTOMER_RULES.with_strategies(...)"
                )
                raise InvalidValueError(msg)


def _worth_of(worth: Worth | None, situations: CustomerSituations) -> Callable[[int], Any]:
    """What a customer's number is worth: something that can be compared, or None."""
    if worth is None:
        return lambda who: situations.fact("spend_year", who)
    if isinstance(worth, Mapping):
        found: dict[int, Fraction] = {}
        for customer_id, value in worth.items():
            who = situations.number_of(customer_id)
            number = _number(value, customer_id)
            if who is not None and number is not None:
                # Of a person with several ids the most, whatever the order of the mapping.
                found[who] = max(number, found.get(who, number))
        return found.get
    if callable(worth):
        return lambda who: _number(worth(situations.id_of(who)), situations.id_of(who))
    msg = f"{_OWNER}: worth must be a mapping of ids, or a function of an id, not {type(worth).__name__} (got {shown(worth)})"
    raise InvalidTypeError(msg)


def _number(value: Any, customer_id: Hashable) -> Fraction | None:
    """A worth exactly, since hosts mix floats with Decimals."""
    if value is None:
        return None
    where = f"{_OWNER}: worth of customer {shown(customer_id)}"
    if is_bool(value) or not isinstance(value, (int, float, Decimal, Fraction)):
        msg = f"{where} must be a number, not {type(value).__name__} (got {shown(value)}); None where nobody knows"
        raise InvalidTypeError(msg)
    try:
        return Fraction(value)
    except (ValueError, OverflowError):
        msg = f"{where} must be finite (got {shown(value)}); None where nobody knows"
        raise InvalidValueError(msg) from None


@define(kw_only=True)
class _Places:
    """How many places are left: in all, by strategy and by channel."""

    in_all: int | None
    by_strategy: dict[str, int]
    by_channel: dict[str, int]

    def lacking(self, strategy: str, ways: Sequence[Channel]) -> Outcome | None:
        """Where there is none left; None where there is one."""
        if self.in_all == 0:
            return Outcome.FULL
        if self.by_strategy.get(strategy) == 0:
            return Outcome.FULL_OF_STRATEGY
        return None if any(map(self.has_room, ways)) else Outcome.FULL_OF_CHANNELS

    def has_room(self, way: Channel) -> bool:
        """Whether a channel has a place left."""
        return way is None or self.by_channel.get(way) != 0

    def take(self, strategy: str, way: Channel) -> None:
        """Give one away."""
        if self.in_all is not None:
            self.in_all -= 1
        if strategy in self.by_strategy:
            self.by_strategy[strategy] -= 1
        if way in self.by_channel:
            self.by_channel[way] -= 1


@define(kw_only=True, eq=False)
class _Assigner:
    """Goes from what is best for each to what each gets; everything stands by customer's number."""

    situations: CustomerSituations
    rules: CustomerRules
    policy: ContactPolicy
    wishes: Wishes
    worth: Callable[[int], Any]
    outcomes: bytearray = field(
        default=Factory(lambda self: bytearray(len(self.situations)), takes_self=True)
    )
    chosen: list[int] = field(default=Factory(lambda self: [-1] * len(self.situations), takes_self=True))
    ways: dict[int, tuple[Channel, ...]] = field(factory=dict)
    knows_worth: bool = False

    def assign(self) -> Assignments:
        """Who gets what."""
        self._choose()
        ranked = self._ranked(self._let_through())
        channels = self._give_places(ranked)
        return Assignments(
            situations=self.situations,
            rules=self.rules,
            policy=self.policy,
            notes=tuple(self._notes(ranked)),
            outcomes=bytes(self.outcomes),
            chosen=tuple(self.chosen),
            channels=channels,
            ranked=tuple(ranked),
        )

    def _choose(self) -> None:
        """The rule for each: of those that hold the first in rank."""
        total = len(self.situations)
        found = matching(self.rules, self.situations)
        free = int.from_bytes(bytes([1]) * total, "little")
        for place, rule in enumerate(self.rules.ranked):
            mine = int.from_bytes(found[rule.id], "little") & free
            free ^= mine
            for who in compress(range(total), mine.to_bytes(total, "little")):
                self.chosen[who] = place
                self.outcomes[who] = Outcome.LEAVE_ALONE if rule.strategy is None else Outcome.ASSIGNED

    def _let_through(self) -> Iterator[int]:
        """Those whom nothing but a want of places, or a test, can still stop; of the others it is noted why."""
        excluded = numbers_of(self.policy.excluded, self.situations)
        written = self._lately("contacted_days", self.policy.quiet_for)
        bought = self._lately("silence_days", self.policy.quiet_after_purchase)
        ranked = self.rules.ranked
        for who, outcome in enumerate(self.outcomes):
            if outcome != Outcome.ASSIGNED:
                continue
            strategy = str(ranked[self.chosen[who]].strategy)
            is_owed = strategy in self.policy.owed
            if who in excluded:
                self.outcomes[who] = Outcome.EXCLUDED
            elif lacking := self._no_way(who, strategy, is_owed=is_owed):
                self.outcomes[who] = lacking
            elif written[who] and not is_owed:
                self.outcomes[who] = Outcome.WRITTEN_TO_LATELY
            elif bought[who] and not is_owed:
                self.outcomes[who] = Outcome.BOUGHT_LATELY
            else:
                yield who

    def _lately(self, name: str, duration: Duration | None) -> bytes:
        """Of whom something is less than so long ago, a byte each."""
        found = bytearray(len(self.situations))
        if duration is None:
            return bytes(found)
        at = self.situations.at
        now, zone = microseconds(at), at.tzinfo or UTC
        begun = {
            who: now - round(days * DAY)
            for who in range(len(found))
            if (days := self.situations.fact(name, who)) is not None
        }
        over = ended_before(list(begun.values()), duration, zone, now + 1)
        for who, is_over in zip(begun, over, strict=True):
            found[who] = not is_over
        return bytes(found)

    def _no_way(self, who: int, strategy: str, *, is_owed: bool) -> Outcome | None:
        """Why there is no channel for a customer; None where there is one, which is kept."""
        customer_id = self.situations.id_of(who)
        allowed = self.wishes.ways if is_owed else self.wishes.allowed(who, customer_id)
        if not allowed:
            return Outcome.NO_CONSENT
        fitting = self.policy.channels_for.get(strategy)
        if fitting is not None:
            allowed = tuple(way for way in fitting if way in allowed)
        if not allowed:
            return Outcome.NO_CONSENT_FOR_CHANNEL
        self.ways[who] = self.wishes.best_first(allowed, who, customer_id)
        return None

    def _ranked(self, numbers: Iterable[int]) -> list[int]:
        """Who goes first."""
        ranked = self.rules.ranked
        fact = self.situations.fact

        def rank(who: int) -> tuple[float, bool, Any, int]:
            worth = self.worth(who)
            self.knows_worth = self.knows_worth or worth is not None
            return ranked[self.chosen[who]].weight, worth is not None, worth or 0, fact("orders", who)

        waiting = list(numbers)
        drawn = sorted(waiting, key=lots(self.situations, waiting).__getitem__)
        return sorted(drawn, key=rank, reverse=True)

    def _give_places(self, ranked: Iterable[int]) -> Mapping[int, str]:
        """Give places away, and say who got one by which channel."""
        places = _Places(
            in_all=self.policy.most,
            by_strategy=dict(self.policy.most_per_strategy),
            by_channel=dict(self.policy.most_per_channel),
        )
        is_held_out = held_out_by(self.policy, self.situations)
        rules = self.rules.ranked
        channels: dict[int, str] = {}
        for who in ranked:
            strategy = str(rules[self.chosen[who]].strategy)
            ways = self.ways[who]
            lacking = places.lacking(strategy, ways)
            if lacking is not None:
                self.outcomes[who] = lacking
                continue
            way = next(filter(places.has_room, ways))
            if way is not None:
                channels[who] = way
            if is_held_out(strategy, who):
                self.outcomes[who] = Outcome.HELD_OUT
            else:
                places.take(strategy, way)
        return channels

    def _longer_pauses(self, quiet_for: Duration) -> Iterator[str]:
        """What a policy can't shorten: the quiet that rules ask for, whom it leaves alone not being told as such."""
        at = self.situations.at
        now, zone = microseconds(at), at.tzinfo or UTC
        pauses = {rule.id: days for rule in self.rules.ranked if (days := _pause(rule))}
        is_over = ended_before([now - round(days * DAY) for days in pauses.values()], quiet_for, zone, now)
        longer = [name for name, is_longer in zip(pauses, is_over, strict=True) if is_longer]
        if longer:
            more = f" and {len(longer) - 1:,} more" if len(longer) > 1 else ""
            yield (
                f"quiet_for is {as_words(quiet_for)}, and some rules wait longer after a message by themselves, up to "
                f"{max(map(pauses.__getitem__, longer)):g} days ({longer[0]}{more}): whom they wait for is left alone, or gets "
                "what a lesser rule says; rules.adjusted(id, when=...) shortens that"
            )

    def _notes(self, ranked: Sequence[int]) -> Iterator[str]:
        """What of the policy could not be looked at, or looks like a slip."""
        policy, known = self.policy, self.situations.known
        if policy.quiet_for is not None:
            if "contacted_days" not in known:
                yield "no contact of the shop's own is on record, so that quiet_for stopped nobody"
            else:
                yield from self._longer_pauses(policy.quiet_for)
        for name in names_of_strangers(policy, self.situations):
            yield f"none of the ids in {name} is a customer's, so that it is about nobody; 7 and '7' are two customers"
        if isinstance(policy.consent, str) and not self.wishes.is_said:
            yield f"no customer's record has an attribute or a tag {shown(policy.consent)}, so that nobody consents"
        if self.wishes.other_words and not self.wishes.anybody_agrees:
            words = ", ".join(map(shown, sorted(self.wishes.other_words)[:5]))
            yield f"customers consent to {words}, and none of that is in channels ({', '.join(policy.channels)})"
        if policy.is_limited and ranked and not self.knows_worth:
            yield "of nobody it is known what they are worth, so that places went by the number of purchases"


def _pause(rule: CustomerRule) -> float:
    """For how many days after a message a rule does nothing, by itself."""
    asked = rule.when.get("contacted_days")
    return 0.0 if rule.strategy is None or asked is None else float(asked[0] or 0)


def lots(situations: CustomerSituations, numbers: Iterable[int]) -> Mapping[int, bytes]:
    """Places among equals that have nothing to do with how old an id is, for a day the same in every process.

    Ids of classes whose values can't be written down alike in every process are told by where they stand.
    """
    day = situations.at.date().isoformat().encode()
    names = {who: _name_of(situations.id_of(who)) for who in numbers}
    if None in names.values():
        places = {who: place for place, who in enumerate(situations.order())}
        names = {who: name or b"place:%d" % places[who] for who, name in names.items()}
    return {who: sha256(b"%s %s" % (day, name)).digest() for who, name in names.items()}


def _name_of(customer_id: Hashable) -> bytes | None:
    try:
        return tagged(customer_id)
    except InvalidTypeError:
        return None
