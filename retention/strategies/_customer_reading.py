"""How everybody's situation is made: one pass over each kind of the shop's records."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Unpack

from attrs import evolve, frozen

from retention._calendar import Zone, from_microseconds, instant
from retention._columns import NOBODY
from retention._mapping import FrozenMapping
from retention._reading import refuse_unknown
from retention.errors import (
    ConflictingArgumentError,
)
from retention.history import History, ReadingOptions
from retention.segments._candidates import best_of
from retention.segments._lifecycle import (
    OWN_RHYTHM,
    USUAL_STAGES,
    Judged,
    check_rules,
    judged,
    stage_codes,
)
from retention.segments._rules import STAGES, STATES, LifecycleRules, LifecycleStages, limits_of
from retention.segments._silence import Rhythms
from retention.segments._standing import Standing, standing
from retention.shop import Orders, Shop, history_of
from retention.strategies import _customer_records as read
from retention.strategies._customer_columns import (
    NO_FACTS,
    NO_WORD,
    Amounts,
    Days,
    Facts,
    Instants,
    Numbers,
    Some,
    Times,
    WordCodes,
)
from retention.strategies._customer_fields import FEELINGS, RECOMMENDS, VALUES
from retention.strategies._customer_outlook import (
    OUTLOOK_FACTS,
    checked_outlook,
    outlook_by_number,
    outlook_facts,
)
from retention.strategies._customer_records import People
from retention.strategies._customer_situation import CustomerSituations

if TYPE_CHECKING:
    from retention.predict.outlook import CustomerOutlook

__all__ = ["customer_situations", "situations_of"]

_OWNER = "customer_situations"
_YEAR = timedelta(days=365)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_BEST, _MIDDLE = Decimal("0.2"), Decimal("0.6")
"""The best fifth of those who bought within the year, and the two fifths after it."""


def customer_situations(
    orders: Orders,
    /,
    *,
    at: datetime | None = None,
    tz: Zone | None = None,
    lifecycle: LifecycleRules = OWN_RHYTHM,
    stages: LifecycleStages = USUAL_STAGES,
    outlook: CustomerOutlook | None = None,
    **reading: Unpack[ReadingOptions],
) -> CustomerSituations:
    """What is known of every customer at an instant: rhythm and worth, answers, what is open, and what was cancelled.

    Each kind of record is read once, for all customers. Nothing that is dated after the instant exists, refunds and
    cancellations included, so that advice of the past can be judged by what came of it; only what has no date, such as
    whether an order was paid, is taken as it is known today. What is dated at the very instant is seen, as it is by
    whoever asks then with `as_of`; `lifecycle_table(at=...)` of an instant before `as_of` leaves it out.

    The best are the fifth of those who bought in the last 365 days who spent most in them, the middle the two fifths
    after it; equal spend is equal value. A payment that failed is open while the customer has bought nothing since, or
    has no subscription in force where it was that which was not paid. A refund counts where it gave back all that an
    order cost, and the order was not cancelled. A cart is open while the customer has bought nothing since. A question waits while it was neither answered nor solved, and a case is open while it is not solved;
    after 90 days nobody waits any more. An answer is unhappy from 0 to 6 to whether one would recommend the shop, when
    it is not positive as to satisfaction, and on the bad side of the middle of all other scales with a good end. None of
    these limits stands in the guides: they are ours.

    What a model expects of customers is known only where an outlook is given, since no model is fitted here. The best are
    then its customers worth keeping, the middle the twice as many after them.

    Args:
        orders: The orders, a `History` of them, or a `Shop`, whose other records are read, too.
        at: The instant; None means the data's `as_of`. Where it lies before that, the orders are read anew as they
            were known then.
        tz: The zone by whose calendar days, months and years are counted; None means that of `at`.
        lifecycle: How silences are judged: `OwnRhythm` or `FixedThresholds`.
        stages: From when on a customer is middle, and late.
        outlook: What a model expects of these customers at this instant, from `customer_outlook`.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The situations, by customer's id.

    Raises:
        AsOfRequiredError: Neither `at` nor `as_of` is given.
        ConflictingArgumentError: `at` lies after `as_of` or before `observed_from`, a keyword contradicts the data, or the
            outlook is of another day.
        InvalidTypeError: `lifecycle` or `stages` is none, `outlook` is no `CustomerOutlook`, or `at` is no instant.
        InvalidValueError: A limit is of the calendar, and nobody said in which zone; or the outlook is of other customers.
        MixedCurrencyError: The outlook is in another currency than the orders.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.testing import make_orders
    >>> from retention.strategies import customer_situations
    >>> orders = make_orders(
    ...     {
    ...         "ann": ["2026-01-01", "2026-01-11", "2026-01-21", "2026-01-31"],
    ...         "ben": ["2026-01-01", "2026-03-02"],
    ...     }
    ... )
    >>> ann = customer_situations(orders, at=datetime(2026, 3, 10, tzinfo=timezone.utc))["ann"]
    >>> ann.state, ann.silence_days, ann.times_usual
    ('at_risk', 37.5, 3.75)

    References:
        Sources SC8, SE19.

    .. versionadded:: 0.1
    """
    return situations_of(
        orders,
        at=at,
        tz=tz,
        lifecycle=lifecycle,
        stages=stages,
        outlook=outlook,
        owner=_OWNER,
        reading=reading,
    )


def situations_of(
    orders: Orders,
    *,
    at: datetime | None,
    tz: Zone | None,
    lifecycle: LifecycleRules,
    stages: LifecycleStages,
    outlook: CustomerOutlook | None,
    owner: str,
    reading: ReadingOptions,
) -> CustomerSituations:
    """The same for another public function, which is named in messages."""
    check_rules(lifecycle, stages, owner=owner)
    expected = checked_outlook(outlook, owner=owner)
    shop = _as_known(_shop_of(orders, reading), at, owner)
    history = shop.history()
    here = standing(history, at, owner=owner, tz=tz)
    here.refuse_a_guess(limits_of(lifecycle, stages), owner=owner)
    reader = _Reader(
        shop=shop,
        history=history,
        here=here,
        stages=stages,
        found=judged(here, lifecycle),
        zone_is_named=at is not None or tz is not None,
        outlook=expected,
        owner=owner,
    )
    return reader.read()


def _shop_of(orders: Orders, reading: ReadingOptions) -> Shop:
    if not isinstance(orders, Shop):
        return Shop(orders=history_of(orders, **reading))
    refuse_unknown(reading)
    orders.reading.refuse_otherwise(reading, carrier="Shop")
    return orders


def _as_known(shop: Shop, at: datetime | None, owner: str) -> Shop:
    """The shop as it was known at an instant: what came later, refunds of earlier orders too, is not seen."""
    if at is None:
        return shop
    moment = instant(at, owner=owner, field="at")
    if shop.as_of is not None and moment >= shop.as_of:
        return shop
    if shop.observed_from is not None and moment < shop.observed_from:
        msg = (
            f"{owner}: at must not lie before observed_from, {shop.observed_from.isoformat()} (got {moment.isoformat()}): "
            "what customers had done by then is not known"
        )
        raise ConflictingArgumentError(msg)
    return evolve(shop, orders=tuple(shop.orders), as_of=moment)


@frozen(kw_only=True, eq=False)
class _Reader:
    """Reads one respect after another."""

    shop: Shop
    history: History
    here: Standing
    found: Judged
    stages: LifecycleStages
    zone_is_named: bool
    outlook: CustomerOutlook | None
    owner: str

    def read(self) -> CustomerSituations:
        """Everything of everybody."""
        here = self.here
        people = People(self.shop, self.history.columns, here.latest_at, here.at.astimezone(UTC))
        # Customers' records come last, so that they tell of those whom another record makes known.
        sparse = {
            **self._open_and_cancelled(people),
            **self._answers(people),
            **self._contacts(people),
            **self._customers(people),
        }
        total = len(people.ids)
        facts: dict[str, Facts | None] = {
            **sparse,
            **self._life(total),
            **self._rhythm(),
            **self._worth(total),
            **self._expected(people),
        }
        facts["subscription"] = self._subscription(sparse["subscription"], total)
        return CustomerSituations(
            at=here.at,
            currency=here.money.currency if self._adds_up else None,
            known=frozenset(name for name, column in facts.items() if column is not None),
            ids=people.ids,
            numbers=people.numbers,
            aliases=self.shop.aliases,
            first_at=here.first_at,
            facts=FrozenMapping({name: column or NO_FACTS for name, column in facts.items()}),
            zone_is_named=self.zone_is_named,
        )

    @property
    def _adds_up(self) -> bool:
        return len(self.here.money.currencies) <= 1

    def _days(self, instants: Mapping[int, datetime]) -> Some:
        now = self.here.at
        return Some({who: (now - at) / _DAY for who, at in instants.items()})

    def _life(self, total: int) -> dict[str, Facts | None]:
        here, states = self.here, self.found.states
        return {
            "stage": _coded(stage_codes(here, self.stages), STAGES, total),
            "state": None if states is None else _coded(states, STATES, total),
            "orders": Numbers(here.orders, total, 0),
            "tenure_days": Instants(here.first_at, here.now),
            "silence_days": Instants(here.latest_at, here.now),
        }

    def _rhythm(self) -> dict[str, Facts | None]:
        rhythms = self.found.rhythms
        if rhythms is None or rhythms.shop is None:
            return dict.fromkeys(("usual_gap_days", "times_usual", "has_own_rhythm", "gap_spread"))
        own, usual = rhythms.own, rhythms.shop.usual
        return {
            "usual_gap_days": Days(own, usual),
            "times_usual": Times(self.here.latest_at, own, usual, self.here.now),
            "has_own_rhythm": Numbers([each != NOBODY for each in own], len(own)),
            "gap_spread": Some(_spreads(rhythms)),
        }

    def _worth(self, total: int) -> dict[str, Facts | None]:
        here = self.here
        if not self._adds_up:
            return dict.fromkeys(("spend", "spend_year", "value"))
        since = here.now - _YEAR // _MICROSECOND
        lately = here.spend(since)
        return {
            "spend": Amounts(Numbers(here.spend(), total, 0), here.money),
            "spend_year": Amounts(Numbers(lately, total, 0), here.money),
            "value": _coded(_values(lately, here.latest_at, since), VALUES, total),
        }

    def _expected(self, people: People) -> dict[str, Facts | None]:
        if self.outlook is None:
            return dict.fromkeys(OUTLOOK_FACTS)
        bought = len(self.here.orders)

        def find(customer_id: Hashable) -> int | None:
            found = people.find(customer_id)
            return found if found is not None and found < bought else None

        return outlook_facts(
            outlook_by_number(
                self.outlook,
                find,
                at=self.here.at,
                currencies=self.here.money.currencies,
                owner=self.owner,
            )
        )

    def _open_and_cancelled(self, people: People) -> dict[str, Facts | None]:
        cancelled = read.cancelled(self.history.columns, people)
        failed = read.failed_payments(self.history, self.shop, people, cancelled)
        spans = read.subscriptions(self.shop, people)
        for who, end in spans.ended_at.items():
            if spans.reason[who] == "payment":
                failed[who] = max(end, failed.get(who, end))
        refunded = read.full_refunds(self.history, self.shop, people)
        carts = read.carts(self.shop, people)
        has_spans = bool(spans.state)
        return {
            "payment_failed_days": self._days(failed),
            "cancelled_days": self._days(
                {who: from_microseconds(each.at) for who, each in cancelled.items()}
            ),
            "cancel_reason": Some({who: each.reason for who, each in cancelled.items()}),
            "cancel_recovered": Some({who: each.gap != NOBODY for who, each in cancelled.items()}),
            "refunded_days": self._days(refunded),
            "subscription": Some(spans.state) if has_spans else None,
            "subscription_ended_days": self._days(spans.ended_at) if has_spans else None,
            "subscription_end_reason": Some(spans.reason) if has_spans else None,
            "cart_days": None if carts is None else self._days(carts),
        }

    def _subscription(self, some: Facts | None, total: int) -> Facts | None:
        """Who has none where others have one is known to have none."""
        return None if some is None else Numbers([some.of(who) or "none" for who in range(total)], total)

    def _answers(self, people: People) -> dict[str, Facts | None]:
        answered = read.responses(self.shop, people)
        names = ("feeling", "answer_days", "recommends", "recommends_days")
        if not answered.is_asked:
            return dict.fromkeys(names)
        found = (
            Some({who: FEELINGS[1 + mood] for who, mood in answered.feeling.items()}),
            self._days(answered.at),
            Some({who: RECOMMENDS[1 + mood] for who, mood in answered.recommends.items()}),
            self._days(answered.asked_at),
        )
        return dict(zip(names, found, strict=True))

    def _contacts(self, people: People) -> dict[str, Facts | None]:
        found = read.contacts(self.shop, people)
        return {
            "sentiment": Some(found.sentiment) if found.has_sentiment else None,
            "sentiment_days": self._days(found.sentiment_at) if found.has_sentiment else None,
            "waiting_days": self._days(found.waiting) if found.are_answered else None,
            "unsolved_days": self._days(found.unsolved) if found.are_solved else None,
            "contacted_days": self._days(found.written_at) if found.writes else None,
        }

    def _customers(self, people: People) -> dict[str, Facts | None]:
        found = read.known(self.shop, people)
        return {
            "member": Some(found.member),
            "referrals": Some(found.referrals),
            "signed_up_days": self._days(found.signed_up),
        }


def _coded(codes: bytes, words: Sequence[str], total: int) -> WordCodes:
    return WordCodes(codes + bytes([NO_WORD]) * (total - len(codes)), words)


def _spreads(rhythms: Rhythms) -> dict[int, float]:
    """By how much the gaps of those with a rhythm differ from it on average, as a share of it."""
    spreads = {}
    for who, usual in enumerate(rhythms.own):
        if usual != NOBODY:
            gaps = rhythms.gaps[who]
            spreads[who] = sum(abs(gap - usual) for gap in gaps) / (usual * len(gaps))
    return spreads


def _values(lately: Sequence[int], latest_at: Sequence[int], since: int) -> bytes:
    """Who is best by what was spent lately, as the place in `VALUES`; nobody stands out where all spent alike."""
    worths: dict[Hashable, Any] = {
        who: spent
        for who, (spent, latest) in enumerate(zip(lately, latest_at, strict=True))
        if latest >= since
    }
    _, best = best_of(worths, _BEST)
    _, middle = best_of(worths, _MIDDLE)
    return bytes(
        NO_WORD if latest < since else 1 if best is None else (spent < best) + (spent < middle)
        for spent, latest in zip(lately, latest_at, strict=True)
    )
