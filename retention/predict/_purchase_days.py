"""Which customer bought on which day: the one reading of orders that all models and their validation share."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from calendar import monthrange
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, MutableSequence, Sequence
from datetime import date, datetime, tzinfo
from itertools import repeat
from typing import TypeAlias

from attrs import evolve, field, frozen

from retention._calendar import (
    Zone,
    add_units,
    as_zone,
    first_day_of_unit,
    from_microseconds,
    instant,
    local_date,
    local_day_of,
    microseconds,
    start_of_day,
)
from retention._mapping import OpenMapping
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    shown,
)
from retention.history import History
from retention.predict._repeat_purchases import RepeatPurchases, grouped
from retention.predict._time_units import DAYS_IN, TimeUnit, checked_unit

__all__ = ["End", "PurchaseDays", "last_day"]

_Tally: TypeAlias = tuple[Sequence[int], Sequence[int], Sequence[int]]
"""By customer: steps with a purchase after the first, the last step with one, and the money of all after the first."""

_OLDER = "customers acquired before since"
_UNSEEN = "customers acquired before observed_from"
_NOT_OVER = "on a day that was not over"


@frozen(kw_only=True)
class End:
    """The end of what is watched.

    Attributes:
        at: The first microsecond that is not watched any more.
        step: Number of the last day, or unit of the calendar, that is watched.
        day: The last day.
    """

    at: int
    step: int
    day: date


@frozen(kw_only=True, eq=False)
class PurchaseDays:
    """The purchases of known customers, and on which day, or in which unit of the calendar, each was made.

    Days and units are numbered, one after the other, and are called steps here.

    Attributes:
        unit: The model's unit of time.
        discrete: Whether steps are units, not days.
        until: The end of what is watched.
        first: By customer, the step of the first purchase.
        steps: By purchase, its step.
    """

    unit: TimeUnit
    discrete: bool
    until: End
    first: Sequence[int] = field(repr=False)
    steps: Sequence[int] = field(repr=False)
    _history: History = field(alias="history", repr=False)
    _zone: tzinfo = field(alias="zone", repr=False)
    _since: int | None = field(alias="since", repr=False)
    _now: int = field(alias="now", repr=False)

    @classmethod
    def of(
        cls,
        history: History,
        *,
        unit: TimeUnit,
        tz: Zone | None,
        until: date | datetime | None,
        since: date | datetime | None,
        discrete: bool,
        owner: str,
    ) -> PurchaseDays:
        """Read a history.

        Args:
            history: The orders.
            unit: The unit of time.
            tz: The zone of days; None for that of the history's policy.
            until: The last day, or an instant; None for `as_of`.
            since: From when on customers were acquired who are taken in; None for all.
            discrete: Whether units of the calendar are counted instead of days.
            owner: The public function, for messages.

        Raises:
            AsOfRequiredError: Nobody said until when orders were watched.
            ConflictingArgumentError: `until` was not over at `as_of`, or `since` lies after it.
            InvalidTypeError: An argument is of another type.
            InvalidValueError: There is no such unit or zone, or no zone is known.
            NaiveDatetimeError: An instant has no zone.
        """
        checked_unit(unit, owner=owner)
        if not isinstance(discrete, bool):
            msg = f"{owner}: discrete must be True or False, got {shown(discrete)}"
            raise InvalidTypeError(msg)
        zone = _zone(history, tz, owner)
        whole: TimeUnit = unit if discrete else "day"
        now = _now(history, until, zone, owner)
        end = _end(now, whole, zone)
        begin = None if since is None else _instant(since, zone, owner=owner, name="since")
        if begin is not None and begin >= end.at:
            msg = f"{owner}: since must not lie after the last day watched, {end.day.isoformat()} (got {shown(since)})"
            raise ConflictingArgumentError(msg)
        columns = history.columns
        high, customers = bisect_left(columns.at, end.at), bisect_left(columns.first_at, end.at)
        return cls(
            unit=unit,
            discrete=discrete,
            until=end,
            first=_steps(columns.first_at[:customers], whole, zone),
            steps=_steps(columns.at[:high], whole, zone),
            history=history,
            zone=zone,
            since=begin,
            now=now,
        )

    @property
    def in_unit(self) -> float:
        """Steps in a unit of time."""
        return 1.0 if self.discrete else DAYS_IN[self.unit]

    def end_of(self, day: date | datetime, *, owner: str, name: str) -> End:
        """The end of an earlier day, or of the last one that was over at an instant."""
        at = _instant(day, self._zone, owner=owner, name=name, after=True)
        return _end(at, self.unit if self.discrete else "day", self._zone)

    def customers(self) -> range:
        """The numbers of the customers acquired before the end, those left out who are not taken in."""
        first_at = self._history.columns.first_at
        seen = bisect_left(first_at, self.until.at)
        older = max((bisect_left(first_at, start) for start in self._starts()), default=0)
        return range(min(older, seen), seen)

    def _starts(self) -> Iterator[int]:
        """From when on customers are taken in: those whose first purchase, and all after it, the data hold."""
        if self._since is not None:
            yield self._since
        if self._history.observed_from is not None:
            yield microseconds(self._history.observed_from)

    def repeat_purchases(self) -> RepeatPurchases:
        """Frequency, recency, age and spend of each customer at the end."""
        end = self.until
        columns, who = self._history.columns, self.customers()
        frequency, latest, spent = self._tally(end)
        first = self.first[who.start : who.stop]
        frequency, latest, spent = frequency[who.start :], latest[who.start :], spent[who.start :]
        # One number for three, so that no tuples are made: those keep the garbage collector busy.
        wide = end.step - min(first, default=end.step) + 1
        looks = [
            (times * wide + last - begun) * wide + end.step - begun
            for times, last, begun in zip(frequency, latest, first, strict=True)
        ]
        counted, group_of = grouped(looks)
        in_unit, scale = self.in_unit, 10**columns.places
        return RepeatPurchases(
            unit=self.unit,
            until=end.day,
            discrete=self.discrete,
            left_out=OpenMapping({why: count for why, count in self._left_out() if count}),
            assumed=(self._assumed(),),
            places=dict(zip(columns.ids[who.start : who.stop], range(len(who)), strict=True)),
            groups=tuple(
                (look // wide // wide, look // wide % wide / in_unit, look % wide / in_unit, count)
                for look, count in counted
            ),
            group_of=group_of,
            spends=array("d", map(_mean, spent, frequency, repeat(scale))),
            currencies=columns.currencies if who else (),
        )

    def _tally(self, end: End) -> _Tally:
        """What each customer has done by an end."""
        customers = bisect_left(self._history.columns.first_at, end.at)
        try:
            return self._counted(end, customers, _zeros(customers))
        except OverflowError:  # more units of money than 64 bits hold
            return self._counted(end, customers, [0] * customers)

    def _counted(self, end: End, customers: int, spent: MutableSequence[int]) -> _Tally:
        columns = self._history.columns
        high = bisect_left(columns.at, end.at)
        frequency, latest = _zeros(customers), array("q", self.first[:customers])
        for who, step, net in zip(
            columns.customer[:high], self.steps[:high], columns.net[:high], strict=True
        ):
            if step != latest[who]:
                latest[who] = step
                frequency[who] += 1
                spent[who] += net
            elif frequency[who]:
                spent[who] += net
        return frequency, latest, spent

    def known_at(self, end: End, *, owner: str) -> PurchaseDays:
        """The same orders as they were known at an earlier end: what was cancelled or refunded later is a purchase.

        Raises:
            ConflictingArgumentError: Nothing was known then.
        """
        reading = self._history.reading
        if reading.observed_from is not None and microseconds(reading.observed_from) >= end.at:
            msg = f"{owner}: split must lie after observed_from, {reading.observed_from.isoformat()} (got {end.day.isoformat()}): nothing is known of the time before"
            raise ConflictingArgumentError(msg)
        history = History(
            self._history,
            policy=reading.policy,
            as_of=from_microseconds(end.at - 1),
            observed_from=reading.observed_from,
            currency=reading.currency,
            convert=reading.convert,
            aliases=reading.aliases,
        )
        found = self.of(
            history,
            unit=self.unit,
            tz=self._zone,
            until=None,
            since=None,
            discrete=self.discrete,
            owner=owner,
        )
        return evolve(found, since=self._since)

    def again(self, *, after: int) -> tuple[array[int], Counter[int]]:
        """Purchases again of the customers who are taken in.

        Returns:
            By customer, the steps after one with a purchase other than the first; and by step, whenever it was, how many
            of them purchased again in it.
        """
        columns, who = self._history.columns, self.customers()
        again, latest, in_step = _zeros(len(who)), array("q", self.first), Counter[int]()
        for number, step in zip(columns.customer[: len(self.steps)], self.steps, strict=True):
            if number >= who.start and step != latest[number]:
                latest[number] = step
                in_step[step] += 1
                again[number - who.start] += step > after
        return again, in_step

    def later(self, split: End, ids: Iterable[Hashable]) -> tuple[array[int], Counter[int]]:
        """Purchases after a split of some customers.

        Returns:
            By customer, the steps with a purchase; and by step, how many of them purchased in it.
        """
        columns = self._history.columns
        places = {name: place for place, name in enumerate(ids)}
        place_of = [places.get(name, -1) for name in columns.ids]
        low = bisect_left(columns.at, split.at)
        later, latest, in_step = _zeros(len(places)), _zeros(len(place_of)), Counter[int]()
        for number, step in zip(columns.customer[low : len(self.steps)], self.steps[low:], strict=True):
            place = place_of[number]
            if place >= 0 and step != latest[number]:
                latest[number] = step
                in_step[step] += 1
                later[place] += 1
        return later, in_step

    def acquired(self) -> Counter[int]:
        """By step, how many of the customers who are taken in purchased first in it."""
        who = self.customers()
        return Counter(self.first[who.start : who.stop])

    def _left_out(self) -> Iterator[tuple[str, int]]:
        """What is not taken in, by reason: orders, then customers."""
        columns, observed_from, end = self._history.columns, self._history.observed_from, self.until
        yield from columns.left_out(None, end.at).items()
        yield _NOT_OVER, bisect_left(columns.at, self._now) - bisect_left(columns.at, end.at)
        seen = bisect_left(columns.first_at, end.at)
        unseen = (
            0
            if observed_from is None
            else min(seen, bisect_left(columns.first_at, microseconds(observed_from)))
        )
        yield _UNSEEN, unseen
        yield _OLDER, len(range(unseen, self.customers().start))

    def _assumed(self) -> str:
        observed_from = self._history.observed_from
        if observed_from is None:
            return "observed_from was not given, so that the orders are taken as complete from the beginning"
        day = local_date(observed_from, self._zone)
        return f"a customer whose earlier purchases all lie before observed_from, {day}, is taken as new"


def _zeros(customers: int) -> array[int]:
    return array("q", bytes(8 * customers))


def _mean(spent: int, days: int, scale: int) -> float:
    return spent / (days * scale) if days else 0.0


# Days and instants ------------------------------------------------------------------------------------


def _zone(history: History, tz: Zone | None, owner: str) -> tzinfo:
    if tz is not None:
        return as_zone(tz, owner=owner)
    if history.policy.tz is not None:
        return history.policy.tz
    msg = f"{owner}: purchases of one local day are one, and nobody said in which zone; give tz=, such as tz='Europe/Berlin'"
    raise InvalidValueError(msg)


def _now(history: History, until: date | datetime | None, zone: tzinfo, owner: str) -> int:
    """The first microsecond that is not watched any more."""
    as_of = history.as_of
    if until is None:
        if as_of is None:
            msg = f"{owner} needs as_of=, the instant at which the data were known, or until=, the last day to be counted"
            raise AsOfRequiredError(msg)
        return microseconds(as_of) + 1
    moment = _instant(until, zone, owner=owner, name="until", after=True)
    if as_of is None:
        return moment
    known = microseconds(as_of)
    if moment > known + 1:
        msg = f"{owner}: until must not lie after as_of, {as_of.isoformat()} (got {shown(until)}): what came then is not known; give until= a day that was over then, or an as_of after its end"
        raise ConflictingArgumentError(msg)
    return known + 1 if moment == known else moment


def _instant(value: object, zone: tzinfo, *, owner: str, name: str, after: bool = False) -> int:
    """An instant in microseconds; of a day its beginning, or its end."""
    if isinstance(value, datetime):
        return microseconds(instant(value, owner=owner, field=name))
    if not isinstance(value, date):
        msg = f"{owner}: {name} must be a date or a datetime with a time zone, got {shown(value)}"
        raise InvalidTypeError(msg)
    day = add_units(value, "day", 1) if after else value
    return microseconds(start_of_day(day, zone, owner=owner, field=name))


def _end(now: int, whole: TimeUnit, zone: tzinfo) -> End:
    """The end of the last day, or unit, that was over at an instant."""
    today = date.fromordinal(next(local_day_of((now,), zone)))
    begun = first_day_of_unit(today, whole)
    at = microseconds(start_of_day(begun, zone))
    return End(at=at, step=_number(begun.toordinal(), whole) - 1, day=add_units(begun, "day", -1))


def _steps(at: Sequence[int], whole: TimeUnit, zone: tzinfo) -> array[int]:
    """For each of ascending instants the number of its day, or unit: one look a day, not one a purchase."""
    steps = array("q")
    while len(steps) < len(at):
        day = next(local_day_of((at[len(steps)],), zone))
        after = microseconds(start_of_day(date.fromordinal(day + 1), zone))
        upto = bisect_left(at, after, lo=len(steps))
        steps.extend(array("q", [_number(day, whole)]) * (upto - len(steps)))
    return steps


def last_day(step: int, whole: TimeUnit) -> date:
    """The last day of a unit, by its number."""
    if whole == "day":
        return date.fromordinal(step)
    if whole == "week":
        return date.fromordinal(7 * step + 7)
    if whole == "year":
        return date(step, 12, 31)
    year, month = divmod(step - 1, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def _number(day: int, whole: TimeUnit) -> int:
    """The number of the unit in which a day lies; units that follow one another have numbers that do."""
    if whole == "day":
        return day
    if whole == "week":
        return (day - 1) // 7  # day 1 was a Monday
    found = date.fromordinal(day)
    return found.year if whole == "year" else 12 * found.year + found.month
