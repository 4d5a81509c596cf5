"""What is known of each customer at an instant, made for all of them in one pass over the shop's records."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Unpack

from attrs import evolve, field, frozen

from retention._calendar import Duration, Zone, from_microseconds, instant
from retention._columns import NOBODY
from retention._mapping import FrozenMapping
from retention._reading import refuse_unknown
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    did_you_mean,
    is_bool,
    shown,
)
from retention.history import History, ReadingOptions
from retention.segments._candidates import best_of
from retention.segments._customers import by_first_purchase, plain_id
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
from retention.segments._standing import Standing, refuse_calendar, standing
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
    mask,
)
from retention.strategies._customer_fields import FEELINGS, FIELDS, RECOMMENDS, VALUES
from retention.strategies._customer_outlook import (
    OUTLOOK_FACTS,
    checked_outlook,
    outlook_by_number,
    outlook_facts,
)
from retention.strategies._customer_records import People

if TYPE_CHECKING:
    from retention.predict.outlook import CustomerOutlook

__all__ = ["CustomerSituation", "CustomerSituations", "customer_situations", "situations_of"]

_OWNER = "customer_situations"
_YEAR = timedelta(days=365)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_BEST, _MIDDLE = Decimal("0.2"), Decimal("0.6")
"""The best fifth of those who bought within the year, and the two fifths after it."""


@frozen(kw_only=True)
class CustomerSituation:
    """What is known of one customer at an instant.

    None says that there is nothing of the kind, or that nobody knows.

    Times are in days of 24 hours, back from the instant. Shares and counts that are called best, usual or open are
    explained where they are made, in `customer_situations`.

    Attributes:
        customer_id: The customer's id.
        at: The instant, in the zone in which it was given.
        stage: ``"early"``, ``"middle"`` or ``"late"``; see `LifecycleStages`.
        state: ``"new"``, ``"active"``, ``"at_risk"``, ``"lapsed"`` or ``"won_back"``; see `OwnRhythm`.
        orders: Purchases so far.
        tenure_days: Since the first of them.
        silence_days: Since the latest of them.
        usual_gap_days: The rhythm that the silence is measured by: the customer's own, or the shop's.
        times_usual: How many times that rhythm the silence has lasted.
        has_own_rhythm: Whether it is the customer's own.
        gap_spread: By how much the own gaps differ from their median on average, as a share of it: near 0 where they
            are all alike, near 1 where purchases come at random.
        spend: Money spent so far; None where the sales are in several currencies.
        spend_year: Money spent in the last 365 days.
        value: ``"best"``, ``"middle"`` or ``"rest"`` by that, among those who bought in these days.
        probability_alive: The probability that the customer has not left for good, by the model of the outlook; None
            where no outlook was given, here and in the two that follow.
        prospect: ``"best"``, ``"middle"`` or ``"rest"`` by what the customer would bring if still there, among those who
            are not gone.
        expected_value: What the customer is expected to bring in the time of the outlook.
        feeling: How the latest answer to a survey sounds: ``"unhappy"``, ``"neutral"`` or ``"happy"``.
        answer_days: Since that answer.
        recommends: ``"promoter"``, ``"passive"`` or ``"detractor"`` by the latest answer to whether the customer would
            recommend the shop.
        recommends_days: Since that answer.
        sentiment: Of what the customer last wrote or said, from −1 (bad) to 1 (good).
        sentiment_days: Since then.
        payment_failed_days: Since the latest payment failed, where nothing was paid since.
        cart_days: Since the latest basket was begun, where nothing was bought since.
        waiting_days: Since the oldest question that still waits for an answer was asked.
        unsolved_days: Since the oldest case that is still open was opened.
        cancelled_days: Since the latest order that was cancelled.
        cancel_reason: Why that was.
        cancel_recovered: Whether the customer has bought since.
        refunded_days: Since the latest order that was refunded in full was, where nothing was bought since.
        subscription: ``"active"``, ``"paused"``, ``"trial"``, ``"ended"`` or ``"none"``; None where the shop has no
            subscriptions.
        subscription_ended_days: Since it ended, where none is in force.
        subscription_end_reason: Why it ended.
        member: Whether the customer is a member of the loyalty programme; None where nobody is one.
        referrals: How many others the customer has brought.
        signed_up_days: Since the account was opened.
        contacted_days: Since the shop last wrote; an offer in a sale is no message.
        currency: The currency of the money.
        known: The respects of which the shop keeps records, so that None says there is nothing of the kind.

    .. versionadded:: 0.1
    """

    customer_id: Hashable
    at: datetime
    stage: str | None
    state: str | None
    orders: int
    tenure_days: float | None
    silence_days: float | None
    usual_gap_days: float | None
    times_usual: float | None
    has_own_rhythm: bool | None
    gap_spread: float | None
    spend: Decimal | None
    spend_year: Decimal | None
    value: str | None
    probability_alive: float | None
    prospect: str | None
    expected_value: float | None
    feeling: str | None
    answer_days: float | None
    recommends: str | None
    recommends_days: float | None
    sentiment: Decimal | None
    sentiment_days: float | None
    payment_failed_days: float | None
    cart_days: float | None
    waiting_days: float | None
    unsolved_days: float | None
    cancelled_days: float | None
    cancel_reason: str | None
    cancel_recovered: bool | None
    refunded_days: float | None
    subscription: str | None
    subscription_ended_days: float | None
    subscription_end_reason: str | None
    member: bool | None
    referrals: int | None
    signed_up_days: float | None
    contacted_days: float | None
    currency: str | None
    known: frozenset[str] = field(repr=False)

    def __repr__(self) -> str:
        return f"<CustomerSituation: {shown(self.customer_id)}, {self.state or 'no state'}, {self.orders:,} orders>"

    def __str__(self) -> str:
        """All that is known, a line each."""
        from retention.display._next_action import situation_as_text

        return situation_as_text(self)

    def clause(self, name: str) -> str:
        """What is known in one respect, as a clause.

        Args:
            name: The attribute.

        Raises:
            InvalidValueError: There is no such respect.
        """
        if name not in FIELDS:
            msg = f"CustomerSituation.clause: there is nothing called {shown(name)}; {did_you_mean(name, FIELDS)}there are {', '.join(FIELDS)}"
            raise InvalidValueError(msg)
        return FIELDS[name].clause(getattr(self, name), self.currency, is_known=name in self.known)

    def explain(self) -> str:
        """All that is known of the customer, in words; what is not on record is left out."""
        from retention.display._names import name_as_text

        told = [self.clause(name) for name in FIELDS if getattr(self, name) is not None]
        return f"{name_as_text(self.customer_id)}: {'; '.join(told)}."

    def to_dict(self) -> dict[str, str | int | float | bool | Decimal | None]:
        """Everything in one flat dictionary."""
        facts = {name: getattr(self, name) for name in FIELDS}
        return {
            "customer_id": plain_id(self.customer_id),
            "at": self.at.isoformat(),
            **facts,
            "currency": self.currency,
        }


@frozen(kw_only=True, eq=False, repr=False)
class CustomerSituations(Mapping[Hashable, CustomerSituation]):
    """What is known of every customer at an instant, in columns; made by `customer_situations`.

    A mapping of ids: those who have purchased in the order of their first purchases, then those of whom there are other
    records, in the order of their ids. A `CustomerSituation` is made when it is asked for.

    Attributes:
        at: The instant, in the zone in which it was given.
        currency: The currency of the money, or None.
        known: The respects of which the shop keeps records.

    .. versionadded:: 0.1
    """

    at: datetime
    currency: str | None
    known: frozenset[str]
    _ids: Sequence[Hashable] = field(alias="ids")
    _numbers: Mapping[Hashable, int] = field(alias="numbers")
    _aliases: Mapping[Hashable, Hashable] = field(alias="aliases")
    _first_at: Sequence[int] = field(alias="first_at")
    _facts: Mapping[str, Facts] = field(alias="facts")
    _zone_is_named: bool = field(alias="zone_is_named")

    def __getitem__(self, customer_id: Hashable) -> CustomerSituation:
        """One customer's situation; of a person with several ids any of them will do.

        Raises:
            KeyError: Nothing is known of anybody with this id.
        """
        return self._at(self._numbers[self._person(customer_id)])

    def __contains__(self, customer_id: object) -> bool:
        return isinstance(customer_id, Hashable) and self._person(customer_id) in self._numbers

    def __iter__(self) -> Iterator[Hashable]:
        return map(self._ids.__getitem__, self.order())

    def __len__(self) -> int:
        return len(self._ids)

    def __hash__(self) -> int:
        return hash((self.at, len(self), self.known))

    def __repr__(self) -> str:
        return f"<CustomerSituations: {len(self):,} customers as of {self.at:%Y-%m-%d}>"

    def _person(self, customer_id: Hashable) -> Hashable:
        return self._aliases.get(customer_id, customer_id)

    def order(self) -> list[int]:
        """The customers' numbers, in the order in which they stand here.

        :meta private:
        """
        buyers = len(self._first_at)
        others = sorted(range(buyers, len(self)), key=lambda who: _by_id(self._ids[who]))
        return [*by_first_purchase(range(buyers), self._first_at, self._ids), *others]

    def id_of(self, who: int) -> Hashable:
        """The id of a customer's number.

        :meta private:
        """
        return self._ids[who]

    def number_of(self, customer_id: Hashable) -> int | None:
        """The number of a customer, of a person with several ids by any of them; None where there is no such one.

        :meta private:
        """
        return self._numbers.get(self._person(customer_id))

    def fact(self, name: str, who: int) -> Any:
        """What is known of a customer's number in one respect.

        :meta private:
        """
        return self._facts[name].of(who)

    def mask(self, name: str, test: Callable[[Any], bool]) -> int:
        """Of whom a test of one respect holds: a number with a byte of 1 for each, the first customer's lowest.

        :meta private:
        """
        return mask(self._facts[name], test, len(self))

    def refuse_a_guess(self, durations: Mapping[str, Duration | None], *, owner: str) -> None:
        """Refuse durations of the calendar where nobody said in which zone they are counted.

        :meta private:
        """
        if not self._zone_is_named:
            refuse_calendar(durations, owner=owner)

    def of(self, customer_id: Hashable, /, *, owner: str = "CustomerSituations.of") -> CustomerSituation:
        """One customer's situation; of a person with several ids any of them will do.

        Args:
            customer_id: The id.
            owner: Who asks, for messages.

        Raises:
            InvalidTypeError: It is a bool, a float or a Decimal, which records don't take as ids.
            InvalidValueError: Nothing is known of anybody with this id, or it is None, which stands for guests.
        """
        if customer_id is None:
            msg = f"{owner}: customer_id must not be None, which stands for guests: nobody knows who they are, so that nothing can be done for one"
            raise InvalidValueError(msg)
        if is_bool(customer_id) or isinstance(
            customer_id, (float, Decimal)
        ):  # True equals 1, and is nobody's id
            msg = f"{owner}: customer_id must be an id as it stands in the records, not {type(customer_id).__name__} (got {shown(customer_id)})"
            raise InvalidTypeError(msg)
        if customer_id not in self:
            msg = f"{owner}: there is no customer {shown(customer_id)} in the records up to {self.at.isoformat(' ', 'minutes')}; {self._hint(customer_id)}give an id as it stands in them"
            raise InvalidValueError(msg)
        return self[customer_id]

    def _hint(self, customer_id: object) -> str:
        """The same in another type, or a name like it."""
        alike = [each for each in self._numbers if str(each) == str(customer_id)]
        if alike:
            return f"did you mean {shown(alike[0])}? "
        return did_you_mean(customer_id, [*self._numbers, *self._aliases])

    def _at(self, who: int) -> CustomerSituation:
        facts: dict[str, Any] = {name: self._facts[name].of(who) for name in FIELDS}
        return CustomerSituation(
            customer_id=self._ids[who], at=self.at, currency=self.currency, known=self.known, **facts
        )

    def to_dicts(self) -> list[dict[str, str | int | float | bool | Decimal | None]]:
        """A flat dict for each customer."""
        return [each.to_dict() for each in self.values()]


def _by_id(customer_id: Hashable) -> tuple[str, str]:
    return type(customer_id).__name__, repr(customer_id)


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
