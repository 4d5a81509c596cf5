"""Figures that say how a shop's customers are doing at an instant, with a look back that no period changes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import repeat
from operator import or_
from typing import Any, Literal, NamedTuple

from attrs import field, frozen

from retention._columns import NOBODY
from retention._mapping import FrozenMapping
from retention.metrics._subscriptions import read_subscriber_churn_rate
from retention.results import Ratio
from retention.segments._silence import DAY, median_of
from retention.strategies._requirements import OUTLOOK
from retention.strategies._room import HALF_YEAR, LOSS_DAYS, TWO_YEARS, YEAR, Crowd, Room

__all__ = ["LEAVING", "NEWCOMERS_OF_DAYS", "SIGNALS", "Signal"]

LEAVING = "best_customers_leaving_rate"
"""What the outlook that is given says itself."""
_SECOND_WITHIN = 90
_CONTACT_WITHIN = 30
NEWCOMERS_OF_DAYS: Mapping[str, int] = FrozenMapping(
    {"second_purchase_share": YEAR - _SECOND_WITHIN, "new_customer_contact_rate": YEAR - _CONTACT_WITHIN}
)
"""By signal, of how many days the newcomers are whom it counts: the latest have not been watched for long enough."""
_FEWEST_PURCHASES = 5
"""With so many, and two thirds of their gaps alike, fewer than four in ten look even by chance; with four, six in ten."""


@frozen(kw_only=True)
class Signal:
    """A figure that a rule may ask for beside the metrics: as of the end of the period, over a look back of its own.

    How many customers churn, or buy in two categories, hangs on how long the period is; a signal says the same of a
    month and of a year. It has no period that it could be compared with, so that a rule asks for a level only.

    Attributes:
        id: Its name, as a `Condition` names it.
        title: The name that people read.
        what: What it says, in one sentence.
        unit: What one unit of it is.
        low: Lowest possible value.
        high: Highest possible value, or None when there is none.
        direction: Which way is better: ``"higher"``, ``"lower"`` or ``"neither"``.
        needs: What the shop must have: fields of the `Shop`, or of its records such as ``"Order.channel"``.

    .. versionadded:: 0.1
    """

    id: str
    title: str
    what: str
    unit: str
    low: float | None = 0
    high: float | None = 1
    direction: Literal["higher", "lower", "neither"]
    needs: tuple[str, ...] = ("orders",)
    _count: Callable[[Room], Ratio] = field(alias="count", repr=False, eq=False)

    def read(self, room: Room) -> Ratio:
        """The figure.

        :meta private:
        """
        return self._count(room)

    def __str__(self) -> str:
        return f"{self.title}: {self.what}"

    def __reduce__(self) -> tuple[object, ...]:
        # By name, since how it is counted is a function of the table, which can't be pickled.
        return _signal_called, (self.id,)


def _signal_called(name: str) -> Signal:
    return SIGNALS[name]


# ------------------------------------------------------------------------------------------- counting


class _Told(NamedTuple):
    """What a share counts, in words, and why there is none where there is nothing to take a share of."""

    part: str
    whole: str
    none: str


def _share(room: Room, signal: str, those: Crowd, among: Crowd, told: _Told) -> Ratio:
    """How many of some customers are among others, all of whom have purchased."""
    both = those & among
    return _ratio(room, signal, (both.marks.count(1), among.marks.count(1)), told)


def _of_newcomers(room: Room, signal: str, counts: tuple[int, int], told: _Told) -> Ratio:
    """A share of those who were new in the year before, where it can be told who was."""
    unseen = room.newcomers_unseen
    if unseen is None:
        return _ratio(room, signal, counts, told)
    basis = room.here.basis(
        signal, counted=(told.part, told.whole), observable=False, undefined_because=unseen
    )
    return Ratio(0, 0, basis=basis)


def _ratio(room: Room, signal: str, counts: tuple[int, int], told: _Told, **more: Any) -> Ratio:
    part, whole = counts
    reason = None if whole else told.none
    basis = room.here.basis(signal, counted=(told.part, told.whole), undefined_because=reason)
    return Ratio(part, whole, basis=basis, **more)


def _of_states(room: Room, signal: str, those: Crowd, among: Crowd, told: _Told) -> Ratio:
    """A share of customers by their states, undefined where none is known."""
    if room.unjudged_because is not None:
        return _ratio(room, signal, (0, 0), told._replace(none=room.unjudged_because))
    return _share(room, signal, those, among, told)


def _second_purchase_share(room: Room) -> Ratio:
    here = room.here
    low = bisect_left(here.first_at, room.before(YEAR))
    high = bisect_left(here.first_at, room.before(_SECOND_WITHIN))
    back = sum(0 <= gap <= _SECOND_WITHIN * DAY for gap in room.history.columns.second_gap[low:high])
    return _of_newcomers(
        room,
        "second_purchase_share",
        (back, max(0, high - low)),
        _Told(
            f"came back within {_SECOND_WITHIN} days",
            f"new customers of the last {YEAR} days, each watched for so long",
            f"nobody who first bought in the last {YEAR} days has been watched for {_SECOND_WITHIN} days",
        ),
    )


def _best_leaving(room: Room) -> Ratio:
    found = None if room.outlook is None else room.outlook.best_customers_leaving_rate
    return _ratio(
        room,
        LEAVING,
        (0, 0) if found is None else (int(found.numerator), int(found.denominator)),
        _Told(
            "likely leaving",
            "customers worth keeping",
            "no model was given" if found is None else "the model takes nobody to be still there",
        ),
    )


def _slipping_regulars(room: Room) -> Ratio:
    return _of_states(
        room,
        "slipping_regulars_rate",
        room.state("at_risk", "lapsed"),
        room.stage("late") & room.buyers(HALF_YEAR),
        _Told(
            "silent for too long",
            f"regulars who bought in the last {HALF_YEAR} days",
            f"no regulars bought in the last {HALF_YEAR} days",
        ),
    )


def _lapsed_regulars(room: Room) -> Ratio:
    return _of_states(
        room,
        "lapsed_regulars_rate",
        room.state("lapsed"),
        room.stage("late") & room.buyers(TWO_YEARS),
        _Told(
            "lapsed",
            f"regulars who bought in the last {TWO_YEARS} days",
            f"no regulars bought in the last {TWO_YEARS} days",
        ),
    )


def _dormant_list(room: Room) -> Ratio:
    return _of_states(
        room,
        "dormant_list_rate",
        room.state("lapsed"),
        room.buyers(TWO_YEARS),
        _Told(
            "lapsed",
            f"customers who bought in the last {TWO_YEARS} days",
            f"nobody bought in the last {TWO_YEARS} days",
        ),
    )


def _new_customer_contacts(room: Room) -> Ratio:
    first_at = room.here.first_at
    low, high = (bisect_left(first_at, room.before(days)) for days in (YEAR, _CONTACT_WITHIN))
    asked: set[int] = set()
    for who, at in room.contacts(room.before(YEAR)):
        number = room.number(who)
        if (
            number is not None
            and low <= number < high
            and 0 <= at - first_at[number] <= _CONTACT_WITHIN * DAY
        ):
            asked.add(number)
    return _of_newcomers(
        room,
        "new_customer_contact_rate",
        (len(asked), max(0, high - low)),
        _Told(
            f"asked for help within {_CONTACT_WITHIN} days",
            f"new customers of the last {YEAR} days, each watched for so long",
            f"nobody who first bought in the last {YEAR} days has been watched for {_CONTACT_WITHIN} days",
        ),
    )


def _asking_customers(room: Room) -> Ratio:
    asking = room.crowd(dict(room.contacts(room.before(HALF_YEAR))))
    return _share(
        room,
        "asking_customers_rate",
        asking,
        room.buyers(HALF_YEAR),
        _Told(
            "asked for help",
            f"customers who bought in the last {HALF_YEAR} days",
            f"nobody bought in the last {HALF_YEAR} days",
        ),
    )


def _lost_subscribers(room: Room, signal: str, reason: Literal["voluntary", "payment"]) -> Ratio:
    found = read_subscriber_churn_rate(room.subscriptions_lately, reason=reason)
    why = "left of their own will" if reason == "voluntary" else "lost for a failed payment"
    counted = (why, f"subscribers of {LOSS_DAYS} days before")
    basis = room.here.basis(
        signal,
        counted=counted,
        records="subscriptions",
        observable=found.observable,
        undefined_because=found.undefined_because,
        left_out=found.left_out,
    )
    return Ratio(found.numerator, found.denominator, basis=basis)


def _several(room: Room, signal: str, kinds: Sequence[int], what: str) -> Ratio:
    """Of those who bought more than once in the year, how many bought several kinds, as far as kinds are known."""
    return _share(
        room,
        signal,
        Crowd(marks=bytes(each & (each - 1) > 0 for each in kinds)),
        Crowd(marks=bytes(map(bool, kinds))) & room.buyers(YEAR, at_least=2),
        _Told(
            f"bought {what}",
            f"customers who bought twice or more in the last {YEAR} days",
            f"nobody bought twice in the last {YEAR} days",
        ),
    )


def _several_categories(room: Room) -> Ratio:
    name, kinds = "several_categories_rate", room.categories
    sold = reduce(or_, kinds, 0)
    if sold and not sold & (sold - 1):  # it has no second category to buy from
        only = f"all purchases of the last {YEAR} days were of one category"
        return _ratio(room, name, (0, 0), _Told("", "", only))
    return _several(room, name, kinds, "in several categories")


def _guest_orders(room: Room) -> Ratio:
    start, end = room.span
    columns = room.history.columns
    guests = columns.guests.count(start, end) if start < end else 0
    where = room.here.purchases(start)
    return _ratio(
        room,
        "guest_order_rate",
        (guests, guests + max(0, where.stop - where.start)),
        _Told("by guests", f"purchases of {room.period.label}", f"nothing was bought in {room.period.label}"),
    )


def _heard_customers(room: Room) -> Ratio:
    return _share(
        room,
        "heard_customers_rate",
        room.heard,
        room.buyers(YEAR),
        _Told(
            "answered a survey",
            f"customers who bought in the last {YEAR} days",
            f"nobody bought in the last {YEAR} days",
        ),
    )


def _review_ratio(room: Room) -> Ratio:
    reviews = sum(
        each.kind == "review" and each.direction == "inbound" for each in room.interactions(room.before(YEAR))
    )
    where = room.here.purchases(room.before(YEAR))
    guests = room.history.columns.guests.count(room.before(YEAR), room.here.until)
    return _ratio(
        room,
        "review_ratio",
        (reviews, guests + where.stop - where.start),
        _Told("reviews", f"purchases of the last {YEAR} days", f"nothing was bought in the last {YEAR} days"),
        bounded=False,
        sampling=None,
    )


def _regular_rhythm(room: Room) -> Ratio:
    rhythms = room.judged.rhythms
    gaps = room.here.gaps(DAY) if rhythms is None else rhythms.gaps
    own = repeat(NOBODY) if rhythms is None else rhythms.own
    counts = zip(gaps.counts(), own, strict=False)
    enough = [(who, usual) for who, (count, usual) in enumerate(counts) if count >= _FEWEST_PURCHASES - 1]
    even = sum(_is_even(gaps[who], usual) for who, usual in enough)
    return _ratio(
        room,
        "regular_rhythm_rate",
        (even, len(enough)),
        _Told(
            "at even intervals",
            f"customers who bought on {_FEWEST_PURCHASES} or more days",
            f"nobody has bought on {_FEWEST_PURCHASES} days or more",
        ),
    )


def _is_even(gaps: Sequence[int], known: int) -> bool:
    """Whether two thirds of the gaps differ from their median, where it is known already, by no more than half of it."""
    usual = median_of(gaps) if known == NOBODY else known
    near = sum(2 * abs(gap - usual) <= usual for gap in gaps)
    return 3 * near >= 2 * len(gaps)


# -------------------------------------------------------------------------------------------- the table


def _all() -> Iterator[Signal]:
    people = "share of customers"
    yield Signal(
        id="second_purchase_share",
        title="Second purchase within 90 days",
        what=(
            f"Of the customers who first bought in the last {YEAR} days, and have been watched for {_SECOND_WITHIN} days "
            "since, those who came back within that time."
        ),
        unit=people,
        direction="higher",
        count=_second_purchase_share,
    )
    yield Signal(
        id="slipping_regulars_rate",
        title="Regulars who fall silent",
        what=(
            f"Of the customers in the late stage who bought in the last {HALF_YEAR} days, those who have been silent for "
            "too long since, by their own rhythm: at risk, or lapsed already."
        ),
        unit=people,
        direction="lower",
        count=_slipping_regulars,
    )
    yield Signal(
        id=LEAVING,
        title="Best customers who are leaving",
        what=(
            "Of the customers who would bring most if still there, those who probably have left, by the model of the "
            "outlook that was given."
        ),
        unit=people,
        direction="lower",
        needs=("orders", OUTLOOK),
        count=_best_leaving,
    )
    yield Signal(
        id="lapsed_regulars_rate",
        title="Regulars who have lapsed",
        what=(
            f"Of the customers in the late stage who bought in the last {TWO_YEARS} days, those who have been silent for so "
            "long that they count as gone."
        ),
        unit=people,
        direction="lower",
        count=_lapsed_regulars,
    )
    yield Signal(
        id="dormant_list_rate",
        title="Customers who have lapsed",
        what=(
            f"Of the customers who bought in the last {TWO_YEARS} days, those who have been silent for so long that they count "
            "as gone."
        ),
        unit=people,
        direction="lower",
        count=_dormant_list,
    )
    yield Signal(
        id="new_customer_contact_rate",
        title="New customers who ask for help",
        what=(
            f"Of the customers who first bought in the last {YEAR} days, and have been watched for {_CONTACT_WITHIN} days "
            "since, those who asked the shop for help within that time."
        ),
        unit=people,
        direction="lower",
        needs=("orders", "interactions"),
        count=_new_customer_contacts,
    )
    yield Signal(
        id="asking_customers_rate",
        title="Customers who ask for help",
        what=f"Of the customers who bought in the last {HALF_YEAR} days, those who asked the shop for help in that time.",
        unit=people,
        direction="lower",
        needs=("orders", "interactions"),
        count=_asking_customers,
    )
    yield Signal(
        id="voluntary_loss_rate",
        title="Subscribers who cancelled",
        what=f"Of the subscribers of {LOSS_DAYS} days before, those who have left of their own will.",
        unit="share of subscribers",
        direction="lower",
        needs=("subscriptions",),
        count=lambda room: _lost_subscribers(room, "voluntary_loss_rate", "voluntary"),
    )
    yield Signal(
        id="failed_payment_loss_rate",
        title="Subscribers lost to failed payments",
        what=f"Of the subscribers of {LOSS_DAYS} days before, those whose subscription ended for a failed payment.",
        unit="share of subscribers",
        direction="lower",
        needs=("subscriptions",),
        count=lambda room: _lost_subscribers(room, "failed_payment_loss_rate", "payment"),
    )
    yield Signal(
        id="several_categories_rate",
        title="Bought in several categories in a year",
        what=f"Of the customers who bought twice or more in the last {YEAR} days, those who bought in several categories.",
        unit=people,
        direction="higher",
        needs=("orders", "Order.items"),
        count=_several_categories,
    )
    yield Signal(
        id="several_channels_rate",
        title="Bought on several channels in a year",
        what=f"Of the customers who bought twice or more in the last {YEAR} days, those who bought on several channels.",
        unit=people,
        direction="higher",
        needs=("orders", "Order.channel"),
        count=lambda room: _several(room, "several_channels_rate", room.channels, "on several channels"),
    )
    yield Signal(
        id="guest_order_rate",
        title="Purchases of guests",
        what="Of the purchases of the period, those of nobody known, who can't be followed.",
        unit="share of orders",
        direction="lower",
        count=_guest_orders,
    )
    yield Signal(
        id="heard_customers_rate",
        title="Customers who were heard",
        what=f"Of the customers who bought in the last {YEAR} days, those who answered a survey in that time.",
        unit=people,
        direction="higher",
        needs=("orders", "responses"),
        count=_heard_customers,
    )
    yield Signal(
        id="review_ratio",
        title="Reviews per purchase",
        what=f"The reviews of the last {YEAR} days against the purchases of that time.",
        unit="reviews per purchase",
        high=None,
        direction="higher",
        needs=("orders", "interactions"),
        count=_review_ratio,
    )
    yield Signal(
        id="regular_rhythm_rate",
        title="Customers who buy at even intervals",
        what=(
            f"Of the customers who bought on {_FEWEST_PURCHASES} days or more, those of whose gaps two thirds "
            "or more differ from their median by no more than half of it."
        ),
        unit=people,
        direction="neither",
        count=_regular_rhythm,
    )


SIGNALS: Mapping[str, Signal] = FrozenMapping({each.id: each for each in _all()})
"""The signals, by id."""
