"""How many whole units have elapsed since each customer's own beginning, by the local clock.

Age k begins where `shift_units` leads from the anchor: 31 January and a month is 28 February. To find that for a
million purchases, local days are compared; only where both lie on one day of the month does the time of day matter,
and only around nights on which the clocks are changed is the instant itself worked out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, tzinfo
from itertools import repeat

from attrs import frozen

from retention._calendar import (
    Unit,
    from_microseconds,
    local_day_of,
    microseconds,
    shift_units,
    start_of_day,
)
from retention.errors import InvalidPeriodError

__all__ = ["Ages"]

_DAY = 86_400_000_000
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
_UNEVEN = -1
"""The time of day of an anchor on a day that has not 24 hours: its ages are worked out instant by instant."""
_LAST_DAY = date.max.toordinal()


@frozen(kw_only=True)
class _LocalDay:
    """A local day: when it begins and ends, its date in the calendar, and whether it has 24 hours."""

    start: int
    end: int
    ordinal: int
    month: int
    date: int
    month_end: int
    is_even: bool

    @classmethod
    def at(cls, moment: int, zone: tzinfo) -> _LocalDay:
        """The local day that an instant belongs to; at the ends of the calendar that instant alone."""
        ordinal = max(1, min(next(local_day_of((moment,), zone)), _LAST_DAY))
        day = date.fromordinal(ordinal)
        start, end = moment, moment + 1
        with suppress(InvalidPeriodError, ValueError):
            start, end = (
                microseconds(start_of_day(date.fromordinal(each), zone)) for each in (ordinal, ordinal + 1)
            )
        return cls(
            start=start,
            end=end,
            ordinal=ordinal,
            month=day.year * 12 + day.month,
            date=day.day,
            month_end=_days_in_month(day),
            is_even=end - start == _DAY,
        )


def _days_in_month(day: date) -> int:
    if day.month == 12:
        return 31
    return (day.replace(month=day.month + 1, day=1) - day.replace(day=1)).days


class Ages:
    """The ages of customers, each counted from an anchor.

    Args:
        anchors: The instant at which each customer's age 0 begins, by number.
        unit: The unit.
        zone: The zone whose clock is meant.
    """

    __slots__ = ("_anchors", "_begun_on", "_dates", "_per", "_times", "_unit", "_zone")

    def __init__(self, anchors: Sequence[int], unit: Unit, zone: tzinfo) -> None:
        self._anchors = anchors
        self._unit: Unit = unit
        self._zone = zone
        self._per = _MONTHS.get(unit) or _DAYS[unit]
        # What a customer's month, or day, is numbered; its date; and the time of day.
        self._begun_on, self._dates, self._times = ([0] * len(anchors) for _ in range(3))
        day: _LocalDay | None = None
        for who in sorted(range(len(anchors)), key=anchors.__getitem__):
            at = anchors[who]
            if day is None or at >= day.end:
                day = _LocalDay.at(at, zone)
            self._begun_on[who] = day.month if unit in _MONTHS else day.ordinal
            self._dates[who] = day.date
            self._times[who] = at - day.start if day.is_even else _UNEVEN

    def at(self, moment: int, who: Iterable[int]) -> Iterator[int]:
        """The ages of some customers at one instant; negative before their anchors."""
        return self._on(_LocalDay.at(moment, self._zone), who, repeat(moment))

    def of(self, customer: Sequence[int], at: Sequence[int], low: int) -> Iterator[int]:
        """The age of its customer at each purchase from a position on; the purchases ascend by instant."""
        while low < len(at):
            day = _LocalDay.at(at[low], self._zone)
            high = bisect_left(at, day.end, low)
            yield from self._on(day, customer[low:high], at[low:high])
            low = high

    def _on(self, day: _LocalDay, who: Iterable[int], moments: Iterable[int]) -> Iterator[int]:
        """The ages of customers at moments of one day."""
        has_dates = self._unit in _MONTHS
        today = day.month if has_dates else day.ordinal
        begun_on, dates, times, per = self._begun_on, self._dates, self._times, self._per
        start, date_today, last = day.start, day.date, day.month_end
        for each, moment in zip(who, moments, strict=False):
            time, done = times[each], today - begun_on[each]
            apart = date_today - min(dates[each], last) if has_dates else 0
            if (time == _UNEVEN or not day.is_even) and self._is_near(day, done, apart):
                yield self._exactly(each, moment, done // per + 1)
            elif apart < 0 or (not apart and moment - start < time):
                yield (done - 1) // per
            else:
                yield done // per

    def _is_near(self, day: _LocalDay, done: int, apart: int) -> bool:
        """Whether an age may begin within a day of this one: the clock's date is not always that of the local day."""
        if self._unit in _MONTHS:
            return abs(apart) <= 1 or day.date in (1, day.month_end)
        return min(done % self._per, -done % self._per) <= 1

    def _exactly(self, who: int, moment: int, age: int) -> int:
        """The last age that has begun, looked for from one on that surely has not."""
        anchor = from_microseconds(self._anchors[who])
        while not self._has_begun(anchor, age, moment):
            age -= 1
        return age

    def _has_begun(self, anchor: datetime, age: int, moment: int) -> bool:
        try:
            return microseconds(shift_units(anchor, self._unit, age, self._zone)) <= moment
        except InvalidPeriodError:  # after the calendar, or before it
            return age < 0
