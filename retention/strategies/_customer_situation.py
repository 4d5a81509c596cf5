"""What is known of each customer at an instant."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from retention._calendar import Duration
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    did_you_mean,
    is_bool,
    shown,
)
from retention.segments._customers import by_first_purchase, plain_id
from retention.segments._standing import refuse_calendar
from retention.strategies._customer_columns import (
    Facts,
    mask,
)
from retention.strategies._customer_fields import FIELDS

__all__ = ["CustomerSituation", "CustomerSituations"]


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
