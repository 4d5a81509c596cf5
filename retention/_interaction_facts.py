"""The narrow waist of contacts: who was contacted, who got in touch, and what came of it, counted in one place.

The contacts are read once, in any order, and sorted by instant; each period is a slice of them. The functions below
turn the facts of a period into the sums of a figure, by whichever of its definitions.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Any, Literal, TypeAlias, TypedDict, Unpack

from attrs import define, evolve, field, frozen

from retention._calendar import Duration, check_duration, local_date, microseconds, reach
from retention._horizon import NOT_OBSERVED, checked_period
from retention._interaction_checks import (
    RESPONSES,
    Group,
    Response,
    check_channel,
    check_kind,
    checked_group,
    checked_numbers,
    checked_responses,
)
from retention._mapping import FrozenMapping
from retention._numerics import ClusterSums, CrossSums
from retention._reading import AFTER_AS_OF, Reading
from retention._record_reading import RecordReading, read_records
from retention._validate import EXACT
from retention._watched import UNKNOWN_CUSTOMER, Watched, counted_once, seen
from retention.errors import AsOfRequiredError, InvalidPeriodError, MissingRecordsError
from retention.history import History
from retention.periods import Period
from retention.records import Interaction, Way
from retention.shop import Shop

__all__ = [
    "ASKS_NOTHING",
    "USUAL",
    "InteractionFacts",
    "Interactions",
    "Tally",
    "Wait",
    "answered",
    "asks_for_help",
    "converted",
    "engaged",
    "feelings",
    "followed_waits",
    "interaction_facts",
    "is_written",
    "mentions",
    "moods",
    "offered",
    "self_served",
    "waits",
]

Interactions: TypeAlias = Iterable[Interaction] | Shop
"""What figures of contacts take: any iterable of interactions, or a `Shop` that has them."""

USUAL: Mapping[str, Mapping[str, Any]] = FrozenMapping(
    {
        # A whole week, so that a contact before a weekend has as many working days as any other. Hardly a message is
        # opened later, and who waits longer for an answer has gone elsewhere.
        "engagement_rate": {"within": timedelta(days=7)},
        "answered_rate": {"within": timedelta(days=7)},
        # As long as other figures wait for a purchase; the record itself says which contact led to the order.
        "conversion_rate": {"within": timedelta(days=30)},
        "upsell_rate": {"within": timedelta(days=30)},
    }
)
"""By metric, the window with which a snapshot shows it, and by which two periods are compared unless told otherwise."""

UNANSWERED = "not answered yet"
UNSOLVED = "not solved yet"
NO_SOLVER = "solver not known"
NO_SENTIMENT = "without a sentiment"

ASKS_NOTHING = FrozenMapping({kind: f"{kind} (asks nothing)" for kind in ("review", "mention")})
"""Kinds of contacts that come in, and of which nobody waits for an answer; each with why it is left out."""


def asks_for_help(contact: Interaction) -> bool:
    """Whether a customer began it, and waits for an answer."""
    return contact.direction == "inbound" and contact.kind not in ASKS_NOTHING


def is_written(contact: Interaction) -> bool:
    """Whether the shop turned to somebody of its own accord.

    An offer of an added or dearer item is made in a sale, and so follows every purchase without anybody's writing.
    """
    return contact.direction == "outbound" and contact.kind != "offer"


_MICROSECOND = timedelta(microseconds=1)


# ----------------------------------------------------------------------------------------------- facts


@frozen(kw_only=True)
class InteractionFacts(Watched):
    """The contacts of one period.

    Attributes:
        contacts: Those known by `as_of`, by instant. What is dated later has not become of them: see `known`.
        later: Those after `as_of`.
        aliases: Ids that stand for the same person.
        order_count: How many orders were read with them.
        first_purchases: When each customer first purchased, in microseconds, as far as orders were read.
    """

    contacts: Sequence[Interaction] = field(repr=False)
    later: Sequence[Interaction] = field(repr=False)
    aliases: Mapping[Hashable, Hashable] = field(repr=False)
    order_count: int
    first_purchases: Mapping[Hashable, int] = field(repr=False)

    @counted_once
    def going(self, way: Way) -> tuple[Sequence[Interaction], Sequence[Interaction]]:
        """The contacts of one way, and those after `as_of`."""
        now, later = ([one for one in some if one.direction == way] for some in (self.contacts, self.later))
        return now, later

    def customer(self, contact: Interaction) -> Hashable | None:
        """With whom the contact was, under the id that stands for the person."""
        return self.aliases.get(contact.customer_id, contact.customer_id)

    def known(self, instant: datetime | None) -> bool:
        """Whether something had happened by `as_of`."""
        return instant is not None and (self.as_of is None or instant <= self.as_of)

    def past_unseen(self) -> str | None:
        """Why it is not known who had purchased before the contacts of the period, or None."""
        if self.unseen is not None or self.observed_from is None:
            return self.unseen
        try:
            before = self.period.previous().start
        except InvalidPeriodError:
            before = self.period.start  # nothing lies before the calendar
        if self.observed_from <= before:
            return None
        return f"who had purchased before is not known so soon after observed_from, {self.observed_from.isoformat()}"

    def taken_of_the_past(self) -> tuple[str, ...]:
        """What is taken for granted where it matters who had purchased before."""
        if self.observed_from is None:
            line = "observed_from was not given, so that the orders are taken as complete from the beginning"
        else:
            day = local_date(self.observed_from, self.period.tz)
            line = f"a customer whose earlier purchases all lie before observed_from, {day}, is taken as new"
        return (*self.assumed, line)


def interaction_facts(
    interactions: Interactions,
    periods: Iterable[Period],
    *,
    history: History | None = None,
    against: Mapping[Period, Period] = FrozenMapping(),
    options: Mapping[str, Mapping[str, Any]] = FrozenMapping(),
    metrics: Collection[str] | None = None,
    **reading: Unpack[RecordReading],
) -> list[InteractionFacts]:
    """The facts of each period, in the order given.

    Args:
        interactions: The contacts, or a `Shop`.
        periods: The periods; they may overlap.
        history: The shop's orders, read, for figures that tell existing customers from new ones.
        against: For periods that are compared with another of `periods`, that other.
        options: By metric, the keywords for which the sums over customers of two periods are made, beside the
            usual windows.
        metrics: Those for which these sums are made; None for all.
        reading: How to read the contacts.
    """
    wanted = [checked_period(period) for period in periods]
    given, how = read_records(interactions, reading, kind=Interaction)
    contacts = sorted(given, key=attrgetter("occurred_at"))
    shared = _Shared(
        aliases=dict(how.aliases),
        order_count=0 if history is None else len(history),
        first_purchases={}
        if history is None
        else dict(zip(history.columns.ids, history.columns.first_at, strict=True)),
    )
    found = {period: _facts(contacts, period, how, shared) for period in wanted}
    return [
        evolve(found[period], cross=_cross(found[period], found[against[period]], options, metrics))
        if period in against
        else found[period]
        for period in wanted
    ]


class _Shared(TypedDict):
    """What the facts of all periods have in common."""

    aliases: Mapping[Hashable, Hashable]
    order_count: int
    first_purchases: Mapping[Hashable, int]


def _facts(
    contacts: Sequence[Interaction], period: Period, how: Reading, shared: _Shared
) -> InteractionFacts:
    low, high = (
        bisect_left(contacts, end, key=attrgetter("occurred_at")) for end in (period.start, period.end)
    )
    known = high
    if how.as_of is not None:
        known = bisect_right(contacts, how.as_of, low, high, key=attrgetter("occurred_at"))
    return InteractionFacts(
        **seen(period, how, "contact"),
        left_out=FrozenMapping({AFTER_AS_OF: high - known} if known < high else {}),
        contacts=contacts[low:known],
        later=contacts[known:high],
        **shared,
    )


# ---------------------------------------------------------------------------------- sums of one figure


@frozen(kw_only=True)
class Tally:
    """What a figure counts, customer by customer.

    Attributes:
        by_customer: Each known customer's number of contacts, and what these add up to.
        unknown: What each contact with somebody unknown adds, each a customer of its own.
        left_out: Contacts of the period that do not count, by reason.
        scale: How much of what is added makes 1.
        signed: Whether a contact may add less than nothing.
    """

    by_customer: Mapping[Hashable, tuple[int, int]] = field(repr=False)
    unknown: Sequence[int] = field(repr=False)
    left_out: Mapping[str, int]
    scale: int = 1
    signed: bool = False

    def sums(self) -> ClusterSums:
        """The sums over customers."""
        pairs = chain(self.by_customer.values(), ((1, worth) for worth in self.unknown))
        return ClusterSums.of(pairs, scale=self.scale, signed=self.signed)

    def crossed(self, other: Tally) -> CrossSums:
        """The sums over the customers who are in another tally as well."""
        known = len(self.by_customer.keys() | other.by_customer.keys())
        n = known + len(self.unknown) + len(other.unknown)
        return CrossSums.between(self.by_customer, other.by_customer, n)


@define
class _Sieve:
    """The contacts that are still in question, and how many have been left out for which reason."""

    facts: InteractionFacts
    contacts: list[Interaction]
    left_out: dict[str, int]

    @classmethod
    def of(
        cls,
        metric: str,
        facts: InteractionFacts,
        way: Way,
        *,
        kind: str | None = None,
        channel: str | None = None,
    ) -> _Sieve:
        """The contacts of one way; ``kind=None`` takes all kinds, ``channel=None`` all channels."""
        check_kind(metric, kind)
        check_channel(metric, channel)
        now, later = facts.going(way)
        if kind is not None:
            now, later = ([one for one in some if one.kind == kind] for some in (now, later))
        if channel is not None:
            now, later = ([one for one in some if one.channel == channel] for some in (now, later))
        return cls(facts, list(now), {AFTER_AS_OF: len(later)} if later else {})

    def only(self, wanted: Callable[[Interaction], bool]) -> None:
        """Keep those that the figure is about; the others are none of its business."""
        self.contacts = list(filter(wanted, self.contacts))

    def leave_out(self, reason: str, kept: Callable[[Interaction], bool]) -> None:
        """Keep those that can be counted, and count the others under a reason."""
        before = len(self.contacts)
        self.only(kept)
        if len(self.contacts) < before:
            self.left_out[reason] = before - len(self.contacts)

    def leave_out_kind(self, kind: str, reason: str) -> None:
        self.leave_out(reason, lambda contact: contact.kind != kind)

    def leave_out_unknown(self) -> None:
        self.leave_out(UNKNOWN_CUSTOMER, lambda contact: self.facts.customer(contact) is not None)

    def tally(self, worth: Callable[[Interaction], int], *, scale: int = 1, signed: bool = False) -> Tally:
        """What the contacts that are left add up to."""
        by_customer: dict[Hashable, tuple[int, int]] = {}
        unknown: list[int] = []
        for contact in self.contacts:
            customer = self.facts.customer(contact)
            if customer is None:
                unknown.append(worth(contact))
            else:
                number, total = by_customer.get(customer, (0, 0))
                by_customer[customer] = number + 1, total + worth(contact)
        return Tally(
            by_customer=FrozenMapping(by_customer),
            unknown=unknown,
            left_out=FrozenMapping(self.left_out),
            scale=scale,
            signed=signed,
        )


@frozen
class _Window:
    """How long a contact is followed: for an equal time each, or each as long as the data reach."""

    facts: InteractionFacts
    within: Duration | None

    def applied_to(self, sieve: _Sieve, metric: str) -> None:
        """Leave out contacts that have not been observed for all of it.

        Raises:
            AsOfRequiredError: When nobody said when the data were known.
        """
        if self.within is None:
            return
        within, as_of = check_duration(self.within, owner=metric, field="within"), self.facts.as_of
        if as_of is None:
            msg = (
                f"{metric} with within= needs as_of=, the instant at which the data were known, "
                f"to count only contacts that have been observed that long"
            )
            raise AsOfRequiredError(msg)
        sieve.leave_out(NOT_OBSERVED, lambda contact: self._end(contact, within) <= as_of)

    def holds(self, contact: Interaction, instant: datetime | None) -> bool:
        """Whether something has come of the contact in time, the limit included."""
        if instant is None or not self.facts.known(instant):
            return False
        return self.within is None or instant <= self._end(contact, self.within)

    def _end(self, contact: Interaction, within: Duration) -> datetime:
        return reach(contact.occurred_at, within, self.facts.period.tz)


@counted_once
def engaged(
    facts: InteractionFacts,
    *,
    within: Duration,
    responses: Collection[Response] = RESPONSES,
    channel: str | None = None,
    min_channels: int | None = None,
    max_channels: int | None = None,
    metric: str = "engagement_rate",
) -> Tally:
    """The shop's contacts that have been observed for `within`: 1 for each that drew one of the responses in time."""
    sieve = _Sieve.of(metric, facts, "outbound", channel=channel)
    fields = [f"{response}_at" for response in checked_responses(metric, responses)]
    numbers = dict(checked_numbers(metric, min_channels, max_channels))
    if numbers:
        sieve.leave_out_unknown()
        channels = _channels(facts)
        low, high = numbers.get("min_channels", 1), numbers.get("max_channels", len(facts.contacts))
        sieve.only(lambda contact: low <= len(channels[facts.customer(contact)]) <= high)
    window = _Window(facts, within)
    window.applied_to(sieve, metric)
    return sieve.tally(
        lambda contact: int(any(window.holds(contact, getattr(contact, name)) for name in fields))
    )


def _channels(facts: InteractionFacts) -> dict[Hashable | None, set[str]]:
    """On which channels each customer was reached in the period, by whatever kind of contact."""
    found: dict[Hashable | None, set[str]] = {}
    for contact in facts.contacts:
        if contact.direction == "outbound":
            found.setdefault(facts.customer(contact), set()).add(contact.channel)
    return found


@counted_once
def converted(
    facts: InteractionFacts,
    *,
    within: Duration | None,
    kind: str = "approach",
    of: Group = "all",
    channel: str | None = None,
    metric: str = "conversion_rate",
) -> Tally:
    """Contacts of a kind that have been observed long enough: 1 for each that led to an order in time."""
    check_kind(metric, kind, due=True)
    sieve = _Sieve.of(metric, facts, "outbound", kind=kind, channel=channel)
    if checked_group(metric, of) != "all":
        _require_orders(facts, sieve, metric, of)
        sieve.leave_out_unknown()
        sieve.only(lambda contact: _had_purchased(facts, contact) == (of == "existing"))
    window = _Window(facts, within)
    window.applied_to(sieve, metric)
    return sieve.tally(lambda contact: int(window.holds(contact, contact.ordered_at)))


def _require_orders(facts: InteractionFacts, sieve: _Sieve, metric: str, of: Group) -> None:
    """Refuse to take everybody for new where the orders are not there."""
    if sieve.contacts and not facts.order_count:
        msg = (
            f"{metric} with of={of!r} needs the orders, which say who had purchased before: "
            f"pass a Shop that has them beside its interactions, as in Shop(orders=..., interactions=...)"
        )
        raise MissingRecordsError(msg)


def _had_purchased(facts: InteractionFacts, contact: Interaction) -> bool:
    """Whether the customer's first purchase lies strictly before the contact."""
    first = facts.first_purchases.get(facts.customer(contact))
    return first is not None and first < microseconds(contact.occurred_at)


@counted_once
def answered(
    facts: InteractionFacts,
    *,
    within: Duration | None,
    kind: str | None = None,
    channel: str | None = None,
) -> Tally:
    """Contacts that came in, observed long enough: 1 for each that was answered in time."""
    metric = "answered_rate"
    sieve = _questions(metric, facts, kind, channel)
    window = _Window(facts, within)
    window.applied_to(sieve, metric)
    return sieve.tally(lambda contact: int(window.holds(contact, contact.answered_at)))


@counted_once
def self_served(facts: InteractionFacts, *, kind: str | None = None, channel: str | None = None) -> Tally:
    """Contacts that came in and were solved: 1 for each that was solved without an agent."""
    sieve = _questions("self_service_rate", facts, kind, channel)
    sieve.leave_out(UNSOLVED, lambda contact: facts.known(contact.solved_at))
    sieve.leave_out(NO_SOLVER, lambda contact: contact.solved_by is not None)
    return sieve.tally(lambda contact: int(contact.solved_by == "self_service"))


@counted_once
def feelings(facts: InteractionFacts, *, kind: str | None = None, channel: str | None = None) -> Tally:
    """Contacts that came in with a sentiment, which is what each adds, in units of the last decimal."""
    sieve = _felt(facts, kind, channel)
    places = max((_places(_sentiment(contact)) for contact in sieve.contacts), default=0)
    return sieve.tally(
        lambda contact: int(EXACT.scaleb(_sentiment(contact), places)), scale=10**places, signed=True
    )


def moods(facts: InteractionFacts, *, kind: str | None = None, channel: str | None = None) -> dict[str, int]:
    """How many of the same contacts sound good, neutral and bad."""
    found = [_sentiment(contact) for contact in _felt(facts, kind, channel).contacts]
    good, bad = sum(each > 0 for each in found), sum(each < 0 for each in found)
    return {"good": good, "neutral": len(found) - good - bad, "bad": bad}


def _felt(facts: InteractionFacts, kind: str | None, channel: str | None) -> _Sieve:
    sieve = _Sieve.of("sentiment_score", facts, "inbound", kind=kind, channel=channel)
    sieve.leave_out(NO_SENTIMENT, lambda contact: contact.sentiment is not None)
    return sieve


def _sentiment(contact: Interaction) -> Decimal:
    return Decimal(contact.sentiment or 0)


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def mentions(facts: InteractionFacts, *, channel: str | None = None) -> int:
    """How often somebody spoke of the shop."""
    return len(_Sieve.of("mention_count", facts, "inbound", kind="mention", channel=channel).contacts)


def waits(
    metric: Literal["first_response_days", "resolution_days"],
    facts: InteractionFacts,
    *,
    kind: str | None = None,
    channel: str | None = None,
) -> tuple[array[int], Mapping[str, int]]:
    """How long those took that have come to an end, in microseconds and ascending; and what was left out."""
    until, still_open = _ENDS[metric]
    sieve = _questions(metric, facts, kind, channel)
    sieve.leave_out(still_open, lambda contact: facts.known(getattr(contact, until)))
    times = sorted(
        (getattr(contact, until) - contact.occurred_at) // _MICROSECOND for contact in sieve.contacts
    )
    return array("q", times), FrozenMapping(sieve.left_out)


_ENDS = {"first_response_days": ("answered_at", UNANSWERED), "resolution_days": ("solved_at", UNSOLVED)}


@frozen
class Wait:
    """How long a contact has waited for something, and who it was with."""

    time: int
    """In microseconds, to the end of it or to `as_of`."""
    is_over: bool
    """Whether it has come to an end."""
    customer: Hashable | None
    """With whom the contact was, if that is known."""


def followed_waits(
    metric: Literal["first_response_curve", "resolution_curve"],
    facts: InteractionFacts,
    *,
    kind: str | None = None,
    channel: str | None = None,
) -> tuple[list[Wait], Mapping[str, int]]:
    """How long each contact waited, those still open until `as_of`; and what was left out.

    Raises:
        AsOfRequiredError: When nobody said when the data were known.
    """
    sieve = _questions(metric, facts, kind, channel)
    as_of = facts.as_of
    if as_of is None:
        msg = f"{metric} needs as_of=, the instant at which the data were known"
        raise AsOfRequiredError(msg)
    waits: list[Wait] = []
    for contact in sieve.contacts:
        over: datetime | None = getattr(contact, _FOLLOWED[metric])
        until = as_of if over is None else min(over, as_of)
        time = (until - contact.occurred_at) // _MICROSECOND
        waits.append(Wait(time, facts.known(over), facts.customer(contact)))
    return waits, FrozenMapping(sieve.left_out)


_FOLLOWED = {"first_response_curve": "answered_at", "resolution_curve": "solved_at"}


def _questions(metric: str, facts: InteractionFacts, kind: str | None, channel: str | None) -> _Sieve:
    """What came in and waits for an answer, or the contacts of one kind."""
    sieve = _Sieve.of(metric, facts, "inbound", kind=kind, channel=channel)
    if kind is None:
        for other, reason in ASKS_NOTHING.items():
            sieve.leave_out_kind(other, reason)
    return sieve


# ---------------------------------------------------------------------------------------- two periods


def offered(facts: InteractionFacts, *, within: Duration | None, channel: str | None = None) -> Tally:
    """Offers that have been observed long enough: 1 for each that led to an order in time."""
    return converted(facts, within=within, kind="offer", channel=channel, metric="upsell_rate")


_TALLIES: Mapping[str, Callable[..., Tally]] = {
    "engagement_rate": engaged,
    "answered_rate": answered,
    "self_service_rate": self_served,
    "sentiment_score": feelings,
    "conversion_rate": converted,
    "upsell_rate": offered,
}
"""The figures that have an interval, each with what it counts."""


def _cross(
    here: InteractionFacts,
    there: InteractionFacts,
    options: Mapping[str, Mapping[str, Any]],
    metrics: Collection[str] | None,
) -> Mapping[str, CrossSums]:
    """The sums over the customers in both periods, of the figures that can be had."""
    found: dict[str, CrossSums] = {}
    for metric, tally_of in _TALLIES.items():
        if metrics is not None and metric not in metrics:
            continue
        keywords = {**USUAL.get(metric, {}), **options.get(metric, {})}
        try:
            found[metric] = tally_of(here, **keywords).crossed(tally_of(there, **keywords))
        except (AsOfRequiredError, MissingRecordsError):
            continue  # the figure itself will say so
    return FrozenMapping(found)
