"""Laws of periods and of the calendar below them, against oracles that scan the clock minute by minute."""

from __future__ import annotations

import itertools
import pickle
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given, strategies as st

from retention._calendar import (
    UNITS,
    WEEKDAYS,
    count_days,
    from_microseconds,
    is_start_of_day,
    local_date,
    local_day_of,
    microseconds,
    shift,
    start_of_day,
)
from retention.errors import InvalidPeriodError
from retention.periods import Period

MINUTE = timedelta(minutes=1)
ZONES = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",  # midnights that don't exist
    "America/Havana",  # midnights that come twice
    "America/St_Johns",  # clocks put back over midnight
    "America/Toronto",
    "Asia/Beirut",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Africa/Casablanca",
    "Antarctica/Troll",  # two hours of it
    "Pacific/Apia",  # skipped a day
    "Pacific/Kiritimati",  # skipped a day
    "Pacific/Kwajalein",  # skipped a day
    "America/Scoresbysund",
]
# The zones and days on which an assumption about midnight has gone wrong somewhere.
ODD_DAYS = [
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2018, 2, 18)),
    ("America/Toronto", date(1919, 3, 31)),
    ("America/Havana", date(2026, 11, 1)),
    ("America/St_Johns", date(2006, 10, 29)),
    ("America/St_Johns", date(2006, 4, 2)),
    ("America/Scoresbysund", date(2024, 3, 31)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Apia", date(2011, 12, 31)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("Pacific/Kiritimati", date(1994, 12, 31)),
    ("Pacific/Kiritimati", date(1995, 1, 1)),
]

zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.dates(date(1972, 1, 1), date(2037, 12, 31))
moments = st.datetimes(datetime(1972, 1, 3), datetime(2037, 12, 29), timezones=st.just(UTC))
units = st.sampled_from(UNITS)


@st.composite
def unit_periods(draw):
    """One or several whole units, calendar or fiscal, in any zone."""
    return Period.last(
        draw(st.integers(1, 40)),
        draw(units),
        as_of=draw(st.datetimes(datetime(2015, 1, 1), datetime(2037, 12, 29), timezones=st.just(UTC))),
        tz=draw(zones),
        starts_in=draw(st.integers(1, 12)),
        week_start=draw(st.sampled_from(WEEKDAYS)),
    )


@st.composite
def free_periods(draw):
    """From any instant to any other, or from one local midnight to another."""
    zone = draw(zones)
    first, length = draw(moments), draw(st.timedeltas(timedelta.resolution, timedelta(days=500)))
    if draw(st.booleans()):
        return Period.between(first, first + length, tz=zone)
    start = start_of_day(first.date(), zone)
    end = start_of_day(first.date() + timedelta(days=length.days + 1), zone)
    return (
        Period.between(start, end, tz=zone) if start < end else Period.between(start, start + length, tz=zone)
    )


periods = st.one_of(unit_periods(), free_periods())


@st.composite
def running_periods(draw, wholes=periods):
    """A period and an instant in it, on a whole minute more often than not."""
    whole = draw(wholes.filter(lambda period: period.duration > timedelta.resolution))
    last = whole.duration - timedelta.resolution
    as_of = whole.start + draw(st.timedeltas(timedelta.resolution, last))
    minute = as_of.replace(second=0, microsecond=0)
    return whole, minute if minute > whole.start and draw(st.booleans()) else as_of


def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The oracle: the first minute, of two days before and after, at which the clocks show `wall` or more."""
    moment = wall.replace(tzinfo=UTC) - timedelta(days=2)
    while moment.astimezone(zone).replace(tzinfo=None) < wall:
        moment += MINUTE
    return moment


class TestDays:
    """A `Period` begins and ends at local midnight, whatever daylight saving does."""

    @pytest.mark.parametrize("name, day", ODD_DAYS)
    def test_odd_days_begin_with_the_first_minute_of_their_date(self, name, day):
        zone = ZoneInfo(name)
        for near in (day - timedelta(days=1), day, day + timedelta(days=1)):
            expected = first_instant(datetime(near.year, near.month, near.day), zone)
            assert start_of_day(near, zone) == expected

    @given(days, zones)
    def test_days_begin_with_the_first_minute_of_their_date(self, day, zone):
        assert start_of_day(day, zone) == first_instant(datetime(day.year, day.month, day.day), zone)

    @given(days, zones)
    def test_starts_never_go_back(self, day, zone):
        start, end = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
        assert start <= end
        if start < end:
            assert is_start_of_day(start, zone)
            assert local_date(start, zone) == local_date(end - timedelta.resolution, zone) == day

    @given(st.lists(moments, max_size=30), zones)
    @example([datetime(2006, 10, 29, 3, tzinfo=UTC)], ZoneInfo("America/St_Johns"))
    @example([datetime(2011, 12, 30, 10, tzinfo=UTC)], ZoneInfo("Pacific/Apia"))
    @example([datetime(2026, 3, 29, 22, 59, tzinfo=UTC)] * 2, ZoneInfo("Europe/London"))
    def test_each_instant_lies_in_its_local_day(self, instants, zone):
        found = list(local_day_of(map(microseconds, instants), zone))
        for moment, ordinal in zip(instants, found, strict=True):
            day = date.fromordinal(ordinal)
            assert start_of_day(day, zone) <= moment < start_of_day(day + timedelta(days=1), zone)
            on_the_wall = moment.astimezone(zone)
            if day != on_the_wall.date():  # only in the hour after the clocks went back over midnight
                assert (day - on_the_wall.date()).days == 1
                assert on_the_wall.hour == 23

    @given(st.lists(moments, max_size=30), zones)
    def test_order_does_not_matter(self, instants, zone):
        us = [microseconds(moment) for moment in instants]
        by_instant = dict(zip(us, local_day_of(us, zone), strict=True))
        assert [by_instant[value] for value in sorted(us)] == list(local_day_of(sorted(us), zone))

    @given(days, st.integers(0, 400), zones)
    @example(date(2011, 12, 1), 60, ZoneInfo("Pacific/Apia"))
    @example(date(1993, 8, 1), 60, ZoneInfo("Pacific/Kwajalein"))
    def test_days_that_exist_are_counted(self, first, length, zone):
        dates = [first + timedelta(days=k) for k in range(length + 1)]
        starts = [start_of_day(day, zone) for day in dates]
        expected = sum(a < b for a, b in itertools.pairwise(starts))
        assert count_days(dates[0], dates[-1], zone) == expected


class TestInstants:
    @given(st.datetimes(timezones=st.just(UTC)))
    @example(datetime.min.replace(tzinfo=UTC))
    @example(datetime.max.replace(tzinfo=UTC))
    def test_microseconds_are_exact_and_lead_back(self, moment):
        assert from_microseconds(microseconds(moment)) == moment

    @given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
    def test_microseconds_keep_distances(self, a, b):
        assert timedelta(microseconds=microseconds(a) - microseconds(b)) == a - b


class TestShift:
    """Month steps are taken from the anchor, never step by step."""

    @given(moments, st.integers(0, 30), st.integers(0, 60), zones)
    @example(datetime(2026, 2, 28, 1, 30, tzinfo=UTC), 1, 1, ZoneInfo("Europe/Berlin"))
    @example(datetime(2026, 9, 25, 0, 30, tzinfo=UTC), 1, 0, ZoneInfo("Europe/Berlin"))
    def test_the_wall_clock_is_moved(self, moment, months, count, zone):
        moment = moment.replace(second=0, microsecond=0)
        local = moment.astimezone(zone)
        wall = local.replace(tzinfo=None) + relativedelta(months=months, days=count)
        if wall.year < 2037 and (months or count) and not local.fold:
            assert shift(moment, relativedelta(months=months, days=count), zone) == first_instant(wall, zone)

    @given(
        moments,
        st.builds(
            relativedelta, months=st.integers(0, 5), days=st.integers(0, 40), minutes=st.integers(0, 2000)
        ),
        st.integers(0, 5),
        zones,
    )
    @example(
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC), relativedelta(minutes=5), 1, ZoneInfo("Europe/Berlin")
    )
    def test_positive_durations_never_lead_back_and_negative_ones_never_forward(
        self, moment, duration, times, zone
    ):
        assert shift(moment, duration, zone, times) >= moment
        assert shift(moment, duration, zone, -times) <= moment

    @given(moments, st.timedeltas(timedelta(0), timedelta(days=900)), st.integers(-5, 5), zones)
    def test_elapsed_time_knows_no_zone(self, moment, duration, times, zone):
        assert shift(moment, duration, zone, times) == moment + times * duration


class TestPeriods:
    """Half-open, `[start, end)`; `previous()` and `next()` touch it; its parts are all of it."""

    @given(periods)
    @example(Period.day(2011, 12, 31, tz="Pacific/Apia"))
    @example(Period.month(1995, 1, tz="Pacific/Kiritimati"))
    def test_neighbours_touch(self, period):
        before, after = period.previous(), period.next()
        assert before.end == period.start
        assert after.start == period.end
        assert (before.unit, before.count) == (after.unit, after.count) == (period.unit, period.count)

    @given(periods)
    def test_next_and_previous_lead_back(self, period):
        assert period.previous().next() == period
        assert period.next().previous() == period

    @given(periods, units)
    @example(Period.month(2011, 12, tz="Pacific/Apia"), "day")
    def test_parts_are_the_whole(self, period, unit):
        parts = list(period.split(unit))
        assert (parts[0].start, parts[-1].end) == (period.start, period.end)
        assert all(a.end == b.start for a, b in itertools.pairwise(parts))
        assert sum((part.duration for part in parts), timedelta(0)) == period.duration
        assert all(part.unit in (unit, None) for part in parts)
        assert all(part.unit == unit for part in parts if period.unit == unit)

    @given(unit_periods())
    def test_as_many_parts_as_units(self, period):
        assert len(list(period.split(period.unit))) == period.count

    @given(periods)
    def test_what_it_is_survives(self, period):
        names = {"Period": Period, "datetime": datetime, "date": date}
        for again in (pickle.loads(pickle.dumps(period)), eval(repr(period), names)):
            assert again == period
            assert hash(again) == hash(period)
            assert again.label == period.label

    @given(periods, st.timedeltas(timedelta(days=-3), timedelta(days=3)))
    def test_an_instant_lies_in_one_of_three_neighbours(self, period, offset):
        for moment in (period.start + offset, period.end + offset):
            inside = [moment in p for p in (period.previous(), period, period.next())]
            assert sum(inside) <= 1
            assert inside[1] == (period.start <= moment < period.end)

    @given(unit_periods(), st.data())
    def test_the_last_units_are_complete_and_the_next_is_not(self, period, data):
        later = period.next() if period.count == 1 else next(iter(period.next().split(period.unit)))
        as_of = data.draw(st.datetimes(period.end.replace(tzinfo=None), later.end.replace(tzinfo=None)))
        as_of = min(as_of.replace(tzinfo=UTC), later.end - timedelta.resolution)
        options = {"tz": period.tz, "starts_in": period.starts_in, "week_start": period.week_start}
        assert Period.last(period.count, period.unit, as_of=as_of, **options) == period

    @given(days, zones)
    def test_weeks_are_those_of_the_iso_calendar(self, day, zone):
        year, number, weekday = day.isocalendar()
        week = Period.week(day, tz=zone)
        assert week == Period.week(year, number, tz=zone)
        assert week.label == f"{year}-W{number:02}"
        assert week.start == start_of_day(day - timedelta(days=weekday - 1), zone)

    @given(days, zones)
    def test_a_day_lies_in_its_week_month_quarter_and_year(self, day, zone):
        start = start_of_day(day, zone)
        quarter = (day.month + 2) // 3
        for whole in (
            Period.week(day, tz=zone),
            Period.month(day.year, day.month, tz=zone),
            Period.quarter(day.year, quarter, tz=zone),
            Period.year(day.year, tz=zone),
        ):
            # the last day of a month may be one that the zone skipped
            assert start in whole or start == whole.end == start_of_day(day + timedelta(days=1), zone)

    @given(unit_periods())
    def test_the_year_before_is_of_the_same_kind_and_a_year_ago(self, period):
        before = period.year_before()
        assert (before.unit, before.count) == (period.unit, period.count)
        distance = (period.start - before.start) / timedelta(days=1)
        assert 363 < distance < 368

    @given(days, zones)
    @example(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))
    def test_only_days_that_the_zone_skipped_cannot_be_made(self, day, zone):
        exists = start_of_day(day, zone) < start_of_day(day + timedelta(days=1), zone)
        try:
            made = Period.day(day.year, day.month, day.day, tz=zone)
        except InvalidPeriodError:
            assert not exists
        else:
            assert exists
            assert made.label == day.isoformat()


MONTH_ENDS = [(2024, 2, 29), (2024, 3, 31), (2024, 3, 29), (2023, 3, 29), (2024, 4, 30), (2024, 1, 30)]


class TestToDate:
    """`to_date=True` compares equal elapsed parts."""

    @given(running_periods())
    def test_from_the_start_to_as_of_and_knows_its_whole(self, running):
        whole, as_of = running
        part = whole.to_date(as_of)
        assert (part.start, part.end, part.whole) == (whole.start, as_of, whole)
        assert part != whole
        assert part.to_date(as_of) is part
        assert whole.to_date(whole.end) is whole

    @given(running_periods())
    @example((Period.day(2018, 11, 5, tz="America/Sao_Paulo"), datetime(2018, 11, 5, 2, 30, tzinfo=UTC)))
    @example((Period.month(1994, 12, tz="Pacific/Kiritimati"), datetime(1994, 12, 2, 10, tzinfo=UTC)))
    @example((Period.month(2026, 11, tz="America/Havana"), datetime(2026, 11, 1, 5, tzinfo=UTC)))
    @example((Period.day(2006, 10, 29, tz="America/St_Johns"), datetime(2006, 10, 29, 3, tzinfo=UTC)))
    def test_neighbours_are_parts_of_the_wholes_neighbours(self, running):
        whole, as_of = running
        part = whole.to_date(as_of)
        for step in (Period.previous, Period.next, Period.year_before):
            try:
                kin = step(whole)
            except InvalidPeriodError:  # a year before, it would lie inside an hour that was skipped
                continue
            other = step(part)
            assert (other.start, other.whole) == (kin.start, kin)
            assert other.start < other.end <= kin.end
            assert (other.unit, other.count) == (part.unit, part.count)

    @given(running_periods(), st.integers(1, 4))
    @example((Period.month(2026, 3, tz="UTC"), datetime(2026, 3, 31, 10, tzinfo=UTC)), 2)
    @example((Period.month(2026, 10, tz="Europe/Berlin"), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)), 1)
    def test_what_has_passed_is_kept_however_far_one_steps(self, running, steps):
        whole, as_of = running
        there = part = whole.to_date(as_of)
        for _ in range(steps):
            there = there.previous()
        for _ in range(steps):
            there = there.next()
        assert there == part

    @given(running_periods(unit_periods()))
    @example((Period.month(2024, 3, tz="UTC"), datetime(2024, 3, 31, 10, tzinfo=UTC)))
    @example((Period.month(2026, 3, tz="Europe/Berlin"), datetime(2026, 3, 28, 1, 30, tzinfo=UTC)))
    def test_the_same_date_or_weekday_and_the_same_time_of_day(self, running):
        whole, as_of = running
        as_of = as_of.replace(second=0, microsecond=0)
        local = as_of.astimezone(whole.tz)
        if as_of <= whole.start or local.fold or is_start_of_day(as_of, whole.tz) or whole.unit == "day":
            return
        weeks, months = {"week": (1, 0), "month": (0, 1), "quarter": (0, 3), "year": (0, 12)}[whole.unit]
        back = relativedelta(weeks=weeks, months=months) * whole.count
        wall = local.replace(tzinfo=None)
        target = wall - back
        if target.day != wall.day and not weeks:  # to the end of a month that has no such date
            target = target.replace(day=1, hour=0, minute=0) + relativedelta(months=1)
        before = whole.to_date(as_of).previous()
        expected = min(first_instant(target, whole.tz), before.whole.end)
        if expected > before.start:  # else that much of its first day was skipped
            assert before.end == expected

    @given(free_periods(), st.data())
    def test_of_a_free_period_as_many_local_days_or_as_much_time(self, whole, data):
        before = whole.previous()
        if not (is_start_of_day(whole.start, whole.tz) and is_start_of_day(whole.end, whole.tz)):
            _, as_of = data.draw(running_periods(st.just(whole)))
            assert whole.to_date(as_of).previous().duration == as_of - whole.start
            return
        ends = zip(whole.split("day"), before.split("day"), strict=True)
        for day, kin in itertools.islice(ends, 40):
            assert whole.to_date(day.end).previous().end == kin.end

    @given(unit_periods().filter(lambda period: period.tz.key == "UTC"), st.data())
    def test_without_daylight_saving_later_stays_later(self, whole, data):
        one, other = sorted(data.draw(running_periods(st.just(whole)))[1] for _ in "ab")
        for step in (Period.previous, Period.next, Period.year_before):
            assert step(whole.to_date(one)).end <= step(whole.to_date(other)).end

    @pytest.mark.parametrize("name", ZONES)
    @pytest.mark.parametrize("day", MONTH_ENDS)
    def test_a_date_that_the_month_before_has_not_takes_all_of_it(self, name, day):
        month = Period.month(*day[:2], tz=name)
        as_of = start_of_day(date(*day), month.tz) + timedelta(hours=10)
        before = month.to_date(as_of).previous()
        last = (date(*day[:2], 1) - timedelta(days=1)).day
        assert (before.end == before.whole.end) == (day[2] > last)

    @given(running_periods(), units)
    def test_parts_are_the_part(self, running, unit):
        whole, as_of = running
        part = whole.to_date(as_of)
        pieces = list(itertools.islice(part.split(unit), 60))
        assert pieces[0].start == part.start
        assert all(a.end == b.start for a, b in itertools.pairwise(pieces))
        assert all(piece.whole is piece for piece in pieces[:-1])
        if len(pieces) < 60:
            assert pieces[-1].end == as_of
            assert pieces[-1].whole in list(itertools.islice(whole.split(unit), 61))

    @given(running_periods(), st.sampled_from(["whole", "previous", "next"]))
    @example((Period.month(2026, 3, tz="UTC"), datetime(2026, 3, 31, 10, tzinfo=UTC)), "previous")
    def test_what_it_is_survives(self, running, step):
        whole, as_of = running
        part = whole.to_date(as_of)
        part = part if step == "whole" else getattr(part, step)()
        names = {"Period": Period, "datetime": datetime, "date": date}
        for again in (pickle.loads(pickle.dumps(part)), eval(repr(part), names)):
            assert again == part
            assert hash(again) == hash(part)
            assert (again.label, again.whole) == (part.label, part.whole)

    @given(running_periods(), st.data())
    def test_other_parts_have_other_labels(self, running, data):
        whole, as_of = running
        _, later = data.draw(running_periods(st.just(whole)))
        labels = {whole.label, whole.to_date(as_of).label, whole.to_date(later).label}
        assert len(labels) == len({whole.end, as_of, later})
