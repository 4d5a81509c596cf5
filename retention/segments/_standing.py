"""Where every customer stands at an instant: what segments are made of."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Hashable, Mapping, MutableSequence, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import accumulate, repeat
from operator import sub
from typing import Any

from attrs import field, frozen

from retention._calendar import (
    Duration,
    Zone,
    as_words,
    as_zone,
    check_duration,
    instant,
    microseconds,
    shift,
)
from retention._columns import NOBODY, Columns
from retention._facts import Money
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidPeriodError,
    InvalidValueError,
)
from retention.history import History
from retention.results import Basis

__all__ = ["Gaps", "Standing", "refuse_calendar", "standing"]


@frozen(kw_only=True, eq=False)
class Gaps:
    """Times between the consecutive purchases of each customer, in their order: ``gaps[who]``.

    All stand in one array, the customers one behind the other: a list for each would keep the garbage collector busy.
    """

    _flat: array[int] = field(alias="flat", repr=False)
    _starts: Sequence[int] = field(alias="starts", repr=False)
    _ends: Sequence[int] = field(alias="ends", repr=False)

    def __getitem__(self, who: int) -> array[int]:
        return self._flat[self._starts[who] : self._ends[who]]

    def counts(self) -> list[int]:
        """How many each customer has."""
        return list(map(sub, self._ends, self._starts))


@frozen(kw_only=True, eq=False)
class Standing:
    """The customers who had purchased before an instant, and what each had done by then.

    Customers stand as their numbers, 0 up to `customers`, in the order of their first purchases. Orders are read as they
    are known at `as_of`, whatever the instant: what was refunded later has been refunded.

    Attributes:
        at: The instant, in the zone by whose calendar is counted.
        now: The same in microseconds, from which silences are counted.
        customers: How many customers there are.
        orders: Each one's purchases.
        first_at: Instant of each one's first purchase, in microseconds.
        latest_at: Instant of each one's latest purchase.
        money: The unit of money.
    """

    at: datetime
    now: int
    customers: int
    orders: Sequence[int] = field(repr=False)
    first_at: Sequence[int] = field(repr=False)
    latest_at: Sequence[int] = field(repr=False)
    money: Money
    _columns: Columns = field(alias="columns", repr=False)
    _high: int = field(alias="high", repr=False)
    _observed_from: datetime | None = field(alias="observed_from", repr=False)
    _zone_is_named: bool = field(alias="zone_is_named", repr=False)

    @property
    def ids(self) -> Sequence[Hashable]:
        """Each customer's id, by number."""
        return self._columns.ids[: self.customers]

    @property
    def zone(self) -> tzinfo:
        """The zone by whose calendar days, months and years are counted."""
        return self.at.tzinfo or UTC

    def since(self, window: Duration | None, *, owner: str, name: str = "window") -> int | None:
        """Where a window before `at` begins, in microseconds; None for all time, which one beyond the calendar is, too.

        Raises:
            InvalidTypeError: It is no time.
            InvalidValueError: It is not positive, or counted in a zone that nobody named.
        """
        if window is None:
            return None
        check_duration(window, owner=owner, field=name)
        self.refuse_a_guess({name: window}, owner=owner)
        try:
            return microseconds(shift(self.at.astimezone(UTC), window, self.zone, -1))
        except InvalidPeriodError:
            return None

    def refuse_a_guess(self, durations: Mapping[str, Duration | None], *, owner: str) -> None:
        """Refuse days, months and years of the calendar where nobody said in which zone they are counted.

        Args:
            durations: What is to be counted, by its keyword.
            owner: The public function, for messages.

        Raises:
            InvalidValueError: One is of the calendar, and neither `at` nor `tz` was given.
        """
        if not self._zone_is_named:
            refuse_calendar(durations, owner=owner)

    def purchases(self, since: int | None = None) -> slice:
        """The purchases before `at`, from an instant on, as positions in the columns."""
        return slice(0 if since is None else bisect_left(self._columns.at, since), self._high)

    def frequency(self, since: int | None = None) -> Sequence[int]:
        """Each customer's purchases from an instant on."""
        return self.orders if since is None else _counts(self._columns, self.purchases(since), self.customers)

    def spend(self, since: int | None = None) -> Sequence[int]:
        """Each customer's money from an instant on, in whole units."""
        where = self.purchases(since)
        try:
            return _spend(self._columns, where, _zeros(self.customers))
        except OverflowError:  # more units than 64 bits hold
            return _spend(self._columns, where, [0] * self.customers)

    def gaps(self, shortest: int = 0) -> Gaps:
        """Each customer's times between two consecutive purchases, those left out that are shorter than this."""
        # There is room for as many gaps as there may be.
        starts = array("q", accumulate(map(sub, self.orders, repeat(1)), initial=0))
        flat, ends = _zeros(starts.pop()), starts.tolist()
        where, at = self.purchases(), self._columns.at
        purchases = zip(self._columns.customer[where], at[where], self._columns.previous[where], strict=True)
        for who, moment, before in purchases:
            if before != NOBODY:
                gap = moment - at[before]
                if gap >= shortest:
                    place = ends[who]
                    flat[place] = gap
                    ends[who] = place + 1
        return Gaps(flat=flat, starts=starts, ends=ends)

    def basis(self, metric: str, **more: Any) -> Basis:
        """What a figure about these customers rests on.

        Args:
            metric: The public function's name.
            more: Further fields of the basis; they go before what is said here.
        """
        fields: dict[str, Any] = {
            "period": f"as of {self.at.isoformat(' ', 'minutes')}",
            "left_out": self._columns.left_out(None, self.until),
            "assumed": (self._assumed(),),
            "of_an_instant": True,
        }
        return Basis(metric=metric, **{**fields, **more})

    @property
    def until(self) -> int:
        """The first microsecond that is not counted: `at`, or the one after `as_of`."""
        return self.now + self._counts_now

    _counts_now: bool = field(alias="counts_now", repr=False)

    def _assumed(self) -> str:
        if self._observed_from is None:
            return "observed_from was not given, so that the orders are taken as complete from the beginning"
        seen = self._observed_from.astimezone(self.zone)
        day = seen.date() if self._zone_is_named else seen.isoformat(" ", "minutes")
        return f"what customers bought before observed_from, {day}, is not known, so that they look newer and rarer than they are"


def refuse_calendar(durations: Mapping[str, Duration | None], *, owner: str) -> None:
    """Refuse days, months and years of a calendar that nobody named: see `Standing.refuse_a_guess`.

    Raises:
        InvalidValueError: One of the durations is of the calendar.
    """
    for name, duration in durations.items():
        if duration is not None and not isinstance(duration, timedelta):
            msg = (
                f"{owner}: {name} is counted by the calendar ({as_words(duration)}), and as_of does not say in which "
                "zone; give tz=, such as tz='Europe/Berlin'"
            )
            raise InvalidValueError(msg)


def standing(
    history: History, at: datetime | None, *, owner: str, name: str = "at", tz: Zone | None = None
) -> Standing:
    """Where every customer stood at an instant.

    Args:
        history: The orders.
        at: The instant: what lies before it is counted. None means the data's `as_of`, at which what is dated at that
            very instant is known, too.
        owner: The public function, for messages.
        name: Its keyword, for messages.
        tz: The zone of days, months and years; None means that of `at`. Where only `as_of` is known there is none, and
            instants are told in UTC.

    Raises:
        AsOfRequiredError: Neither was given.
        ConflictingArgumentError: `at` lies after `as_of`.
        InvalidTypeError: `at` is no instant.
        NaiveDatetimeError: `at` has no zone.
    """
    as_of = history.as_of
    if at is None and as_of is None:
        msg = f"{owner} needs as_of=, the instant at which the data were known, or {name}=, an instant before it"
        raise AsOfRequiredError(msg)
    moment = at if at is not None else as_of
    utc = instant(moment, owner=owner, field=name)
    if as_of is not None and utc > as_of:
        msg = f"{owner}: {name} must not lie after as_of, {as_of.isoformat()} (got {utc.isoformat()}): what came then is not known"
        raise ConflictingArgumentError(msg)
    columns, now, counts_now = history.columns, microseconds(utc), utc == as_of
    high = bisect_left(columns.at, now + counts_now)
    customers = bisect_left(columns.first_at, now + counts_now)
    return Standing(
        at=_in_zone(utc, at, tz, owner),
        now=now,
        counts_now=counts_now,
        customers=customers,
        orders=_counts(columns, slice(0, high), customers),
        first_at=columns.first_at[:customers],
        latest_at=_latest(columns, high, customers),
        money=Money(places=columns.places, currencies=columns.currencies),
        columns=columns,
        high=high,
        observed_from=history.observed_from,
        zone_is_named=at is not None or tz is not None,
    )


def _in_zone(utc: datetime, given: datetime | None, tz: Zone | None, owner: str) -> datetime:
    """The instant in the zone by whose calendar is counted."""
    if tz is not None:
        return utc.astimezone(as_zone(tz, owner=owner))
    return utc if given is None else given


# Plain loops over arrays: a dictionary of so many customers is slower to fill than it is to count.


def _counts(columns: Columns, where: slice, customers: int) -> array[int]:
    """Each customer's purchases among some."""
    counted = _zeros(customers)
    for customer in columns.customer[where]:
        counted[customer] += 1
    return counted


def _latest(columns: Columns, high: int, customers: int) -> array[int]:
    """When each customer purchased last."""
    latest = _zeros(customers)
    for customer, at in zip(columns.customer[:high], columns.at[:high], strict=True):
        latest[customer] = at
    return latest


def _spend(columns: Columns, where: slice, spent: MutableSequence[int]) -> MutableSequence[int]:
    """What each customer's purchases left, added to what stands there."""
    for customer, net in zip(columns.customer[where], columns.net[where], strict=True):
        spent[customer] += net
    return spent


def _zeros(customers: int) -> array[int]:
    return array("q", bytes(8 * customers))
