"""Who was assigned to which group of a test, from when on, and what they did since: what a verdict rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Literal, TypeAlias, cast

from attrs import frozen

from retention._calendar import from_microseconds, instant, microseconds
from retention._columns import NOBODY
from retention._mapping import FrozenMapping
from retention._numerics import check_confidence
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    NotObservableError,
    shown,
)
from retention.history import History
from retention.shop import Orders, Shop
from retention.strategies._assignments import Assignments
from retention.strategies._experiments_counting import (
    Amounts,
    ExperimentMetric,
    Watch,
    amounts_of,
    check_metric,
    check_time,
    in_microseconds,
)
from retention.strategies._experiments_holdout import Holdout, check_ids, check_part
from retention.strategies._experiments_plan import ExperimentPlan

__all__ = ["IN_BOTH", "TOO_LATE", "Groups", "Side", "Sides", "Terms", "share_of"]

_OWNER = "evaluate_experiment"
_CONFIDENCE = 0.95
_LAST = microseconds(datetime.max.replace(tzinfo=UTC))
"""The end of the calendar."""

Side: TypeAlias = Literal["holdout", "test"]

TOO_LATE = "assigned too late to be watched"
IN_BOTH = "in both groups under several ids"


@frozen(kw_only=True)
class Terms:
    """By what is judged: what the plan says, and what was said beside it."""

    metric: ExperimentMetric
    confidence: float
    within: timedelta | None

    @classmethod
    def of(cls, plan: object, *, metric: object, confidence: float | None, within: object) -> Terms:
        if plan is not None and not isinstance(plan, ExperimentPlan):
            msg = f"{_OWNER}: plan must be what plan_experiment made, not {type(plan).__name__} (got {shown(plan)})"
            raise InvalidTypeError(msg)
        asked = None if metric is None else check_metric(metric, owner=_OWNER)
        level = None if confidence is None else check_confidence(confidence)
        watched = None if within is None else check_time("within", within, owner=_OWNER)
        if plan is None:
            return cls(
                metric=asked or "buyers", confidence=_CONFIDENCE if level is None else level, within=watched
            )
        _refuse_otherwise("metric", asked, plan.metric)
        _refuse_otherwise("confidence", level, plan.confidence)
        _refuse_otherwise("within", watched, plan.within)
        return cls(metric=plan.metric, confidence=plan.confidence, within=plan.within)


def _refuse_otherwise(name: str, given: object, planned: object, source: str = "the plan") -> None:
    """Refuse to judge otherwise than was planned: who may choose afterwards chooses what pleases."""
    if given is not None and given != planned:
        says = "says nothing of it" if planned is None else f"says {shown(planned)}"
        msg = f"{_OWNER}: {name}={shown(given)} contradicts {source}, which {says}; leave it out"
        raise ConflictingArgumentError(msg)


def share_of(holdout: object, plan: ExperimentPlan | None, given: object) -> Fraction | None:
    """Which part was to be held out; None where nobody says."""
    asked = None if given is None else check_part("holdout_share", cast("float", given), owner=_OWNER)
    if isinstance(holdout, Holdout):
        _refuse_otherwise("holdout_share", asked, holdout.holdout_share, "the Holdout")
        if plan is not None:
            _refuse_otherwise("holdout_share", holdout.holdout_share, plan.holdout_share)
        return holdout.holdout_share
    if plan is not None:
        _refuse_otherwise("holdout_share", asked, plan.holdout_share)
        return plan.holdout_share
    return asked


# ------------------------------------------------------------------------------------------- the two sides


@frozen(kw_only=True, eq=False)
class Sides:
    """The people who were assigned, by their one id: the group of each, and from when on, in microseconds.

    Attributes:
        people: The group and the instant of each.
        in_both: How many people were assigned to both groups under several ids, and so belong to none.
        at_once: The instant at which all were assigned, if it is one.
    """

    people: Mapping[Hashable, tuple[Side, int]]
    in_both: int
    at_once: datetime | None

    @classmethod
    def of(
        cls, holdout: object, treated: object, assigned_at: object, aliases: Mapping[Hashable, Hashable]
    ) -> Sides:
        moments = _Moments.of(assigned_at)
        people: dict[Hashable, tuple[Side, int]] = {}
        in_both: set[Hashable] = set()
        for side, each in _assigned(holdout, treated, moments):
            person = aliases.get(each, each)
            known, start = people.get(person, (side, moments.of_customer(each)))
            if known != side:
                in_both.add(person)
            people[person] = side, min(start, moments.of_customer(each))
        kept = {person: found for person, found in people.items() if person not in in_both}
        return cls(people=kept, in_both=len(in_both), at_once=moments.at_once)

    def size(self, side: Side) -> int:
        """How many were assigned to a group."""
        return sum(side == of for of, _ in self.people.values())

    def look_at(self, plan: ExperimentPlan | None) -> datetime | None:
        """When may be looked: on the day planned, and not before all have been watched for as long as was planned."""
        if plan is None or plan.among == "newcomers" or plan.within is None or not self.people:
            return None if plan is None else plan.look_at
        latest = max(start for _, start in self.people.values())
        watched = from_microseconds(min(latest + in_microseconds(plan.within), _LAST))
        return watched if plan.look_at is None or watched > plan.look_at else plan.look_at


@frozen(kw_only=True, eq=False)
class _Moments:
    """When each customer was assigned."""

    at_once: datetime | None
    by_customer: Mapping[Hashable, int]

    @classmethod
    def of(cls, assigned_at: object) -> _Moments:
        if not isinstance(assigned_at, Mapping):
            at_once = instant(assigned_at, owner=_OWNER, field="assigned_at")
            return cls(at_once=at_once, by_customer={})
        given = cast("Mapping[Hashable, Any]", assigned_at)
        return cls(
            at_once=None,
            by_customer={
                each: microseconds(instant(at, owner=_OWNER, field=f"assigned_at[{shown(each)}]"))
                for each, at in given.items()
            },
        )

    def of_customer(self, customer_id: Hashable) -> int:
        if self.at_once is not None:
            return microseconds(self.at_once)
        try:
            return self.by_customer[customer_id]
        except KeyError:
            msg = f"{_OWNER}: assigned_at has no instant for customer {shown(customer_id)}; give one for each who was assigned"
            raise InvalidValueError(msg) from None


def _assigned(holdout: object, treated: object, moments: _Moments) -> Iterator[tuple[Side, Hashable]]:
    """Each customer who was assigned, with the group."""
    if isinstance(holdout, Holdout) and treated is None and moments.at_once is None:
        ids = check_ids("assigned_at", moments.by_customer.keys(), owner=_OWNER)
        for each in ids:
            yield holdout.group_of(each), each
        return
    if isinstance(holdout, Assignments) or isinstance(treated, Assignments):
        msg = f"{_OWNER}: an Assignments has the groups of several strategies; give **week.experiment(strategy), with the strategy that was tested"
        raise InvalidTypeError(msg)
    if treated is None and not isinstance(holdout, Holdout):
        msg = f"{_OWNER}: give treated=, the ids of those in the test, beside the ids of those held out"
        raise InvalidTypeError(msg)
    drawn = holdout.held_out if isinstance(holdout, Holdout) else holdout
    own = holdout.treated if isinstance(holdout, Holdout) and treated is None else treated
    out, inside = check_ids("holdout", drawn, owner=_OWNER), check_ids("treated", own, owner=_OWNER)
    for name, ids in (("holdout", out), ("treated", inside)):
        if not ids:
            msg = f"{_OWNER}: {name} must not be empty: there is nobody to compare with"
            raise InvalidValueError(msg)
    both = next((each for each in inside if each in out), None)
    if both is not None:
        msg = f"{_OWNER}: customer {shown(both)} is in both groups; each counts in the one that the lot drew, whatever was done"
        raise InvalidValueError(msg)
    for each in out:
        yield "holdout", each
    for each in inside:
        yield "test", each


# ------------------------------------------------------------------------------------- what they did since


@frozen(kw_only=True, eq=False)
class Groups:
    """What all in the two groups did, and who is in neither.

    Attributes:
        watched: The customers of each group, and for how long each is watched.
        left_out: How many are in neither, by reason.
        strangers: How many are counted of whom the shop has no record.
        has_customers: Whether the shop has records of customers, beside those of orders.
        history: The orders.
    """

    watched: Mapping[Side, tuple[Watch, ...]]
    left_out: Mapping[str, int]
    strangers: int
    has_customers: bool
    history: History

    @classmethod
    def of(
        cls, orders: Orders, history: History, sides: Sides, until: datetime, within: timedelta | None
    ) -> Groups:
        end = microseconds(until)
        _refuse_unseen(history, sides)
        if sides.at_once is not None and microseconds(sides.at_once) >= end:
            msg = (
                f"{_OWNER}: until must lie after assigned_at, {sides.at_once.isoformat()} "
                f"(got {until.isoformat()}); exchange the two"
            )
            raise InvalidValueError(msg)
        if not sides.people and not sides.in_both:
            msg = f"{_OWNER}: assigned_at must not be empty: nobody was assigned"
            raise InvalidValueError(msg)
        known = _known(orders, history)
        strangers = sum(person not in known for person in sides.people)
        if sides.people and strangers == len(sides.people):
            one = next(iter(sides.people))
            msg = f"{_OWNER}: the shop knows none of the {strangers:,} ids, such as {shown(one)}; give them in the class of its records: 7 and '7' are two customers"
            raise InvalidValueError(msg)
        numbers = {each: number for number, each in enumerate(history.columns.ids) if each in sides.people}
        length = None if within is None else in_microseconds(within)
        left_out: Counter[str] = Counter()
        if sides.in_both:
            left_out[IN_BOTH] = sides.in_both
        watched: dict[Side, list[Watch]] = {"holdout": [], "test": []}
        for person, (side, start) in sides.people.items():
            stop = end if length is None else start + length
            if start >= end or stop > end:
                left_out[TOO_LATE] += 1
            else:
                watched[side].append(Watch(number=numbers.get(person, NOBODY), start=start, end=stop))
        return cls(
            watched={side: tuple(found) for side, found in watched.items()},
            left_out=FrozenMapping(left_out),
            strangers=strangers,
            has_customers=isinstance(orders, Shop) and bool(orders.customers),
            history=history,
        )

    @property
    def customers(self) -> int:
        """How many both count."""
        return sum(map(len, self.watched.values()))

    def amounts(self, side: Side) -> Amounts:
        """What each of a group did.

        Raises:
            InvalidValueError: There is nobody in it.
        """
        if not self.watched[side]:
            msg = (
                f"{_OWNER}: nobody of the {side} was watched for long enough; wait, or give a shorter within="
            )
            raise InvalidValueError(msg)
        return amounts_of(self.history.columns, self.watched[side])


def _refuse_unseen(history: History, sides: Sides) -> None:
    begins = history.observed_from
    first = min((start for _, start in sides.people.values()), default=None)
    if begins is not None and first is not None and first < microseconds(begins):
        msg = f"{_OWNER}: assigned_at must not lie before observed_from, {begins.isoformat()}: what was bought before it is not known"
        raise NotObservableError(msg)


def _known(orders: Iterable[Any] | Shop, history: History) -> set[Hashable]:
    """Whom the shop has a record of."""
    aliases, columns = history.reading.aliases, history.columns
    known = {*columns.ids, *columns.never_bought}
    if isinstance(orders, Shop):
        known.update(aliases.get(each.id, each.id) for each in orders.customers)
    return known
