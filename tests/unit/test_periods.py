from __future__ import annotations

import copy
import itertools
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import pandas as pd
import pytest

from retention.errors import InvalidPeriodError, InvalidTypeError, InvalidValueError, NaiveDatetimeError
from retention.periods import Period

TZ = "Europe/Berlin"
BERLIN = ZoneInfo(TZ)
APIA = ZoneInfo("Pacific/Apia")
HOUR = timedelta(hours=1)
MARCH = Period.month(2026, 3, tz=TZ)


def berlin(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, fold=fold, tzinfo=BERLIN)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def between(start: tuple[int, ...], end: tuple[int, ...], zone: ZoneInfo = BERLIN) -> Period:
    return Period.between(datetime(*start, tzinfo=zone), datetime(*end, tzinfo=zone))


class TestConstructors:
    def test_a_month_begins_and_ends_at_local_midnight_whatever_daylight_saving_does(self):
        assert (MARCH.start, MARCH.end) == (utc(2026, 2, 28, 23), utc(2026, 3, 31, 22))
        assert (MARCH.start.tzinfo, MARCH.end.tzinfo, MARCH.tz) == (UTC, UTC, BERLIN)
        assert (MARCH.unit, MARCH.count) == ("month", 1)

    @pytest.mark.parametrize(
        "period, hours",
        [
            (MARCH, 743),
            (Period.month(2026, 10, tz=TZ), 745),
            (Period.month(2026, 3, tz="UTC"), 744),
            (Period.month(2024, 2, tz=TZ), 29 * 24),
            (Period.day(2026, 3, 29, tz=TZ), 23),
            (Period.day(2026, 10, 25, tz=TZ), 25),
            (Period.day(2018, 11, 4, tz="America/Sao_Paulo"), 23),
            (Period.day(2026, 11, 1, tz="America/Havana"), 25),
            (Period.week(2026, 13, tz=TZ), 7 * 24 - 1),
            (Period.quarter(2026, 1, tz=TZ), 90 * 24 - 1),
            (Period.year(2026, tz=TZ), 8760),
            (Period.year(2024, tz=TZ), 8784),
            (Period.month(2011, 12, tz="Pacific/Apia"), 30 * 24),
            (Period.day(1919, 3, 30, tz="America/Toronto"), 23.5),
        ],
    )
    def test_duration_is_what_elapses(self, period, hours):
        assert period.duration == hours * HOUR

    @pytest.mark.parametrize(
        "period, first, after",
        [
            (Period.day(2024, 2, 29, tz="UTC"), (2024, 2, 29), (2024, 3, 1)),
            (Period.week(2026, 1, tz="UTC"), (2025, 12, 29), (2026, 1, 5)),
            (Period.week(2026, 53, tz="UTC"), (2026, 12, 28), (2027, 1, 4)),
            (Period.week(date(2027, 1, 1), tz="UTC"), (2026, 12, 28), (2027, 1, 4)),
            (Period.week(date(2026, 3, 5), week_start="sunday", tz="UTC"), (2026, 3, 1), (2026, 3, 8)),
            (Period.week(date(2026, 3, 5), week_start="thursday", tz="UTC"), (2026, 3, 5), (2026, 3, 12)),
            (Period.month(2026, 12, tz="UTC"), (2026, 12, 1), (2027, 1, 1)),
            (Period.quarter(2026, 4, tz="UTC"), (2026, 10, 1), (2027, 1, 1)),
            (Period.quarter(2026, 4, starts_in=4, tz="UTC"), (2027, 1, 1), (2027, 4, 1)),
            (Period.quarter(2026, 1, starts_in=2, tz="UTC"), (2026, 2, 1), (2026, 5, 1)),
            (Period.year(2026, tz="UTC"), (2026, 1, 1), (2027, 1, 1)),
            (Period.year(2026, starts_in=10, tz="UTC"), (2026, 10, 1), (2027, 10, 1)),
            (Period.year(1, tz="UTC"), (1, 1, 1), (2, 1, 1)),
            (Period.year(9998, tz="UTC"), (9998, 1, 1), (9999, 1, 1)),
            (Period.month(9999, 11, tz="UTC"), (9999, 11, 1), (9999, 12, 1)),
        ],
    )
    def test_ends(self, period, first, after):
        assert (period.start, period.end) == (utc(*first), utc(*after))

    def test_numbers_of_numpy_become_pythons(self):
        period = Period.month(np.int64(2026), np.int16(3), tz=TZ)
        assert period == MARCH
        assert repr(period) == repr(MARCH)
        counted = Period.last(np.int64(3), "month", as_of=MARCH.end, tz=TZ)
        assert (counted.count, type(counted.count)) == (3, int)

    def test_between_takes_the_zone_of_its_start(self):
        period = Period.between(berlin(2026, 3, 1), utc(2026, 3, 31, 22))
        assert (period.start, period.end, period.tz) == (MARCH.start, MARCH.end, BERLIN)
        assert (period.unit, period.count) == (None, 1)
        assert Period.between(MARCH.start, MARCH.end, tz=TZ) == period
        assert Period.between(MARCH.start, MARCH.end).tz is UTC

    def test_between_takes_timestamps_of_pandas(self):
        start, end = pd.Timestamp("2026-03-01", tz=TZ), pd.Timestamp("2026-04-01", tz=TZ)
        period = Period.between(start, end)
        assert period == Period.between(MARCH.start, MARCH.end, tz=TZ)
        assert type(period.start) is datetime

    def test_between_can_lie_inside_one_repeated_hour(self):
        period = Period.between(berlin(2026, 10, 25, 2, 30), berlin(2026, 10, 25, 2, 30, fold=1))
        assert period.duration == HOUR


class TestLast:
    @pytest.mark.parametrize(
        "n, unit, as_of, first, after",
        [
            (1, "month", berlin(2026, 4, 15, 12), (2026, 3, 1), (2026, 4, 1)),
            (1, "month", berlin(2026, 4, 1), (2026, 3, 1), (2026, 4, 1)),
            (1, "month", berlin(2026, 4, 1) - timedelta.resolution, (2026, 2, 1), (2026, 3, 1)),
            (24, "month", berlin(2026, 4, 15, 12), (2024, 4, 1), (2026, 4, 1)),
            (7, "day", berlin(2026, 3, 31, 23, 59), (2026, 3, 24), (2026, 3, 31)),
            (2, "week", berlin(2026, 3, 5), (2026, 2, 16), (2026, 3, 2)),
            (3, "quarter", berlin(2026, 3, 5), (2025, 4, 1), (2026, 1, 1)),
            (2, "year", berlin(2026, 3, 5), (2024, 1, 1), (2026, 1, 1)),
        ],
    )
    def test_complete_units_before_an_instant(self, n, unit, as_of, first, after):
        period = Period.last(n, unit, as_of=as_of, tz=TZ)
        assert (period.start, period.end) == (berlin(*first), berlin(*after))
        assert (period.unit, period.count) == (unit, n)

    def test_other_weeks_and_years(self):
        as_of = berlin(2026, 3, 5)
        weeks = Period.last(2, "week", as_of=as_of, week_start="sunday", tz=TZ)
        assert (weeks.start, weeks.end) == (berlin(2026, 2, 15), berlin(2026, 3, 1))
        year = Period.last(1, "year", as_of=as_of, starts_in=4, tz=TZ)
        assert year == Period.year(2024, starts_in=4, tz=TZ)
        quarter = Period.last(1, "quarter", as_of=as_of, starts_in=2, tz=TZ)
        assert (quarter.start, quarter.end) == (berlin(2025, 11, 1), berlin(2026, 2, 1))
        assert quarter == Period.quarter(2025, 4, starts_in=2, tz=TZ)

    def test_the_last_of_one_unit_is_that_unit(self):
        assert Period.last(1, "month", as_of=MARCH.end, tz=TZ) == MARCH

    def test_as_of_may_be_in_any_zone(self):
        assert Period.last(1, "month", as_of=utc(2026, 3, 31, 22), tz=TZ) == MARCH

    @pytest.mark.parametrize("n, first", [(1, (2011, 12, 31)), (2, (2011, 12, 29)), (3, (2011, 12, 28))])
    def test_a_skipped_day_is_not_counted(self, n, first):
        period = Period.last(n, "day", as_of=datetime(2012, 1, 1, tzinfo=APIA), tz=APIA)
        assert (period.start, period.count) == (datetime(*first, tzinfo=APIA), n)
        assert len(list(period.split("day"))) == n

    @pytest.mark.parametrize(
        "n, error", [(0, InvalidValueError), (-1, InvalidValueError), (10**30, InvalidPeriodError)]
    )
    def test_numbers_out_of_range(self, n, error):
        with pytest.raises(error, match=r"(n must be 1 or more|start must lie within)"):
            Period.last(n, "day", as_of=MARCH.end, tz=TZ)

    def test_before_year_one(self):
        with pytest.raises(InvalidPeriodError, match="start must lie within the years 1 to 9999"):
            Period.last(2027, "year", as_of=MARCH.end, tz=TZ)


class TestNeighbours:
    @pytest.mark.parametrize(
        "period, before, after",
        [
            (Period.day(2026, 3, 1, tz=TZ), "2026-02-28", "2026-03-02"),
            (Period.week(2026, 1, tz=TZ), "2025-W52", "2026-W02"),
            (
                Period.week(date(2026, 3, 5), week_start="sunday", tz=TZ),
                "2026-02-22 to 2026-02-28",
                "2026-03-08 to 2026-03-14",
            ),
            (Period.month(2026, 1, tz=TZ), "2025-12", "2026-02"),
            (Period.quarter(2026, 4, tz=TZ), "2026-Q3", "2027-Q1"),
            (Period.quarter(2026, 1, starts_in=4, tz=TZ), "2025/26-Q4", "2026/27-Q2"),
            (Period.year(2026, tz=TZ), "2025", "2027"),
            (Period.year(2026, starts_in=4, tz=TZ), "2025/26", "2027/28"),
            (Period.last(3, "month", as_of=MARCH.end, tz=TZ), "2025-10 to 2025-12", "2026-04 to 2026-06"),
            (Period.day(2011, 12, 29, tz=APIA), "2011-12-28", "2011-12-31"),
            (Period.day(2011, 12, 31, tz=APIA), "2011-12-29", "2012-01-01"),
            # as many local days, an hour shorter or longer where the clocks change
            (between((2026, 3, 1), (2026, 3, 16)), "2026-02-14 to 2026-02-28", "2026-03-16 to 2026-03-30"),
            (between((2026, 3, 29), (2026, 3, 30)), "2026-03-28", "2026-03-30"),
            (
                between((2011, 12, 29), (2012, 1, 1), APIA),
                "2011-12-27 to 2011-12-28",
                "2012-01-01 to 2012-01-02",
            ),
            # equal elapsed time
            (
                between((2026, 3, 5, 10), (2026, 3, 5, 18)),
                "2026-03-05 02:00 to 2026-03-05 10:00",
                "2026-03-05 18:00 to 2026-03-06 02:00",
            ),
        ],
    )
    def test_previous_and_next(self, period, before, after):
        assert (period.previous().label, period.next().label) == (before, after)
        assert period.previous().end == period.start
        assert period.next().start == period.end
        assert period.previous().unit == period.next().unit == period.unit
        assert period.previous().count == period.next().count == period.count

    def test_elapsed_time_over_a_change_of_clocks(self):
        night = between((2026, 3, 29, 1), (2026, 3, 29, 4))  # two hours elapse
        assert night.previous().start == berlin(2026, 3, 28, 23)
        assert night.next().end == berlin(2026, 3, 29, 6)

    @pytest.mark.parametrize(
        "period, expected",
        [
            (Period.day(2026, 3, 5, tz=TZ), "2025-03-05"),
            (Period.day(2024, 2, 29, tz=TZ), "2023-02-28"),
            (Period.day(2025, 2, 28, tz=TZ), "2024-02-28"),
            (Period.day(2012, 12, 30, tz=APIA), "2011-12-31"),
            (Period.week(2026, 10, tz=TZ), "2025-W10"),
            (Period.week(2026, 53, tz=TZ), "2026-W01"),
            (Period.month(2025, 2, tz=TZ), "2024-02"),
            (Period.quarter(2026, 2, tz=TZ), "2025-Q2"),
            (Period.quarter(2026, 4, starts_in=4, tz=TZ), "2025/26-Q4"),
            (Period.year(2026, starts_in=7, tz=TZ), "2025/26"),
            (Period.last(3, "month", as_of=MARCH.end, tz=TZ), "2025-01 to 2025-03"),
            (Period.last(2, "week", as_of=berlin(2026, 3, 9), tz=TZ), "2025-W09 to 2025-W10"),
            (Period.last(7, "day", as_of=berlin(2024, 3, 4), tz=TZ), "2023-02-26 to 2023-03-04"),
            (between((2026, 3, 1), (2026, 3, 16)), "2025-03-01 to 2025-03-15"),
            (between((2025, 2, 1), (2025, 3, 1)), "2024-02-01 to 2024-02-29"),
            (between((2024, 2, 29), (2024, 3, 1)), "2023-02-28"),
            (between((2024, 2, 28), (2024, 2, 29)), "2023-02-28"),
            (between((2026, 3, 5, 10), (2026, 3, 5, 18)), "2025-03-05 10:00 to 2025-03-05 18:00"),
            (between((2024, 2, 28, 12), (2024, 2, 29, 11)), "2023-02-28 12:00 to 2023-03-01 11:00"),
        ],
    )
    def test_year_before(self, period, expected):
        result = period.year_before()
        assert result.label == expected
        assert (result.unit, result.count) == (period.unit, period.count)

    @pytest.mark.parametrize(
        "period",
        [
            Period.year(1, tz="UTC"),
            Period.day(1, 1, 1, tz="UTC"),
            Period.week(1, 1, tz="UTC"),
            Period.between(utc(1, 1, 1), utc(1, 2, 1)),
            Period.between(utc(1, 1, 1), utc(1, 1, 1, 1)),
        ],
    )
    def test_nothing_lies_before_the_calendar(self, period):
        for step in (period.previous, period.year_before):
            with pytest.raises(InvalidPeriodError, match="the years 1 to 9999"):
                step()

    @pytest.mark.parametrize(
        "period",
        [
            Period.year(9998, tz="UTC"),
            Period.day(9999, 12, 30, tz="UTC"),
            Period.between(utc(9999, 11, 1), utc(9999, 12, 31)),
            Period.between(utc(9999, 12, 31), utc(9999, 12, 31, 20)),
        ],
    )
    def test_nothing_lies_after_the_calendar(self, period):
        with pytest.raises(InvalidPeriodError, match="the years 1 to 9999"):
            period.next()


class TestSplit:
    @pytest.mark.parametrize(
        "period, unit, labels",
        [
            (Period.quarter(2026, 1, tz=TZ), "month", ["2026-01", "2026-02", "2026-03"]),
            (Period.year(2026, tz=TZ), "quarter", ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
            (Period.year(2026, starts_in=2, tz=TZ), "quarter", [f"2026/27-Q{q}" for q in (1, 2, 3, 4)]),
            (Period.week(2026, 13, tz=TZ), "day", [f"2026-03-{d}" for d in range(23, 30)]),
            (MARCH, "month", ["2026-03"]),
            (MARCH, "year", ["2026-03-01 to 2026-03-31"]),
            (Period.last(2, "week", as_of=berlin(2026, 3, 9), tz=TZ), "week", ["2026-W09", "2026-W10"]),
            (
                Period.month(2026, 2, tz=TZ),
                "week",
                [
                    "2026-02-01 to 2026-02-07",
                    "2026-02-08 to 2026-02-14",
                    "2026-02-15 to 2026-02-21",
                    "2026-02-22 to 2026-02-28",
                ],
            ),
            (
                between((2026, 6, 1), (2026, 6, 17)),
                "week",
                ["2026-W23", "2026-W24", "2026-06-15 to 2026-06-16"],
            ),
            (
                between((2026, 1, 31), (2026, 5, 1)),
                "month",
                [
                    "2026-01-31 to 2026-02-27",
                    "2026-02-28 to 2026-03-30",
                    "2026-03-31 to 2026-04-29",
                    "2026-04-30",
                ],
            ),
            (between((2025, 1, 1), (2026, 3, 1)), "year", ["2025", "2026-01-01 to 2026-02-28"]),
            (between((2025, 4, 1), (2026, 4, 1)), "year", ["2025-04-01 to 2026-03-31"]),
            (between((2011, 12, 29), (2012, 1, 1), APIA), "day", ["2011-12-29", "2011-12-31"]),
            (
                between((2026, 3, 28, 2, 30), (2026, 3, 30, 12)),
                "day",
                [
                    "2026-03-28 02:30+01:00 to 2026-03-29 03:00+02:00",
                    "2026-03-29 03:00 to 2026-03-30 02:30",
                    "2026-03-30 02:30 to 2026-03-30 12:00",
                ],
            ),
            (between((2026, 3, 5, 10), (2026, 3, 5, 18)), "day", ["2026-03-05 10:00 to 2026-03-05 18:00"]),
        ],
    )
    def test_parts(self, period, unit, labels):
        parts = list(period.split(unit))
        assert [part.label for part in parts] == labels
        assert (parts[0].start, parts[-1].end) == (period.start, period.end)
        assert all(a.end == b.start for a, b in itertools.pairwise(parts))

    def test_days_begin_at_midnight_again_after_one_that_had_none(self):
        zone = ZoneInfo("America/Sao_Paulo")
        parts = list(between((2018, 11, 4, 1), (2018, 11, 6), zone).split("day"))
        assert [part.unit for part in parts] == ["day", "day"]
        assert parts[1] == Period.day(2018, 11, 5, tz=zone)

    def test_whole_units_know_it_and_others_do_not(self):
        parts = list(between((2026, 1, 1), (2026, 2, 15)).split("month"))
        assert parts[0] == Period.month(2026, 1, tz=TZ)
        assert [part.unit for part in parts] == ["month", None]
        assert {part.unit for part in MARCH.split("day")} == {"day"}
        assert {part.unit for part in between((2026, 1, 2), (2026, 4, 2)).split("month")} == {None}

    def test_weeks_of_another_weekday(self):
        weeks = Period.last(2, "week", as_of=berlin(2026, 3, 8), week_start="sunday", tz=TZ)
        parts = list(weeks.split("week"))
        assert [part.unit for part in parts] == ["week", "week"]
        assert parts[1] == Period.week(date(2026, 3, 5), week_start="sunday", tz=TZ)

    def test_a_week_whose_first_day_was_skipped_is_still_a_week(self):
        week = Period.week(date(2011, 12, 31), week_start="friday", tz=APIA)
        assert list(week.split("week")) == [week]
        assert [part.label for part in week.split("day")][:2] == ["2011-12-31", "2012-01-01"]

    def test_ten_thousand_years_are_split_lazily(self):
        days = Period.between(utc(1, 1, 1), utc(9999, 12, 31)).split("day")
        assert next(days).label == "0001-01-01"
        assert sum(1 for _ in itertools.islice(days, 1000)) == 1000

    @pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year"])
    @pytest.mark.parametrize("hours", [0, 10])
    def test_at_the_end_of_the_calendar(self, unit, hours):
        period = Period.between(utc(9999, 1, 1, hours), datetime.max.replace(tzinfo=UTC))
        parts = list(period.split(unit))
        assert (parts[-1].end, parts[-1].unit) == (period.end, None)

    def test_the_unit_is_checked_at_once(self):
        with pytest.raises(InvalidValueError, match=r"Period\.split\(\): unit must be one of 'day'.*'hour'"):
            MARCH.split("hour")


class TestContains:
    def test_half_open(self):
        assert MARCH.start in MARCH
        assert MARCH.end - timedelta.resolution in MARCH
        assert MARCH.end not in MARCH
        assert MARCH.start - timedelta.resolution not in MARCH

    def test_by_instant(self):
        assert MARCH.contains(datetime(2026, 2, 28, 18, 30, tzinfo=timezone(-5 * HOUR)))
        hour = Period.between(berlin(2026, 10, 25, 2), berlin(2026, 10, 25, 2, fold=1))
        assert berlin(2026, 10, 25, 2, 30) in hour
        assert berlin(2026, 10, 25, 2, 30, fold=1) not in hour

    @pytest.mark.parametrize("value", [datetime(2026, 3, 5), date(2026, 3, 5)])
    def test_naive_instants_are_refused(self, value):
        with pytest.raises(NaiveDatetimeError, match=r"Period\.contains\(\): moment"):
            value in MARCH  # noqa: B015

    def test_other_types_are_refused(self):
        with pytest.raises(InvalidTypeError):
            None in MARCH  # noqa: B015


ALL = [
    (MARCH, "2026-03", 'Period.month(2026, 3, tz="Europe/Berlin")'),
    (Period.day(2026, 3, 5, tz="UTC"), "2026-03-05", 'Period.day(2026, 3, 5, tz="UTC")'),
    (Period.day(26, 3, 5, tz="UTC"), "0026-03-05", 'Period.day(26, 3, 5, tz="UTC")'),
    (Period.week(2026, 1, tz=TZ), "2026-W01", 'Period.week(2026, 1, tz="Europe/Berlin")'),
    (Period.week(26, 1, tz="UTC"), "0026-W01", 'Period.week(26, 1, tz="UTC")'),
    (
        Period.week(date(2026, 3, 5), week_start="sunday", tz=TZ),
        "2026-03-01 to 2026-03-07",
        'Period.week(date(2026, 3, 1), week_start="sunday", tz="Europe/Berlin")',
    ),
    (Period.quarter(2026, 1, tz=TZ), "2026-Q1", 'Period.quarter(2026, 1, tz="Europe/Berlin")'),
    (
        Period.quarter(2026, 4, starts_in=4, tz=TZ),
        "2026/27-Q4",
        'Period.quarter(2026, 4, starts_in=4, tz="Europe/Berlin")',
    ),
    (Period.year(2026, tz=TZ), "2026", 'Period.year(2026, tz="Europe/Berlin")'),
    (Period.year(99, tz="UTC"), "0099", 'Period.year(99, tz="UTC")'),
    (Period.year(1999, starts_in=7, tz=TZ), "1999/00", 'Period.year(1999, starts_in=7, tz="Europe/Berlin")'),
    (
        between((2026, 3, 1), (2026, 3, 16)),
        "2026-03-01 to 2026-03-15",
        (
            'Period.between(datetime.fromisoformat("2026-03-01T00:00:00+01:00"), '
            'datetime.fromisoformat("2026-03-16T00:00:00+01:00"), tz="Europe/Berlin")'
        ),
    ),
    (
        Period.between(utc(2026, 3, 1, 10), utc(2026, 3, 1, 10, 0, 0, 5)),
        "2026-03-01 10:00 to 2026-03-01 10:00:00.000005",
        (
            'Period.between(datetime.fromisoformat("2026-03-01T10:00:00+00:00"), '
            'datetime.fromisoformat("2026-03-01T10:00:00.000005+00:00"), tz="UTC")'
        ),
    ),
    (
        Period.between(berlin(2026, 10, 25, 2, 30), berlin(2026, 10, 25, 2, 30, fold=1)),
        "2026-10-25 02:30+02:00 to 2026-10-25 02:30+01:00",
        (
            'Period.between(datetime.fromisoformat("2026-10-25T02:30:00+02:00"), '
            'datetime.fromisoformat("2026-10-25T02:30:00+01:00"), tz="Europe/Berlin")'
        ),
    ),
    (
        Period.last(3, "month", as_of=MARCH.end, tz=TZ),
        "2026-01 to 2026-03",
        'Period.last(3, "month", as_of=datetime.fromisoformat("2026-03-31T22:00:00+00:00"), tz="Europe/Berlin")',
    ),
    (
        Period.last(2, "week", as_of=utc(2026, 3, 8), week_start="sunday", tz="UTC"),
        "2026-02-22 to 2026-03-07",
        (
            'Period.last(2, "week", as_of=datetime.fromisoformat("2026-03-08T00:00:00+00:00"), '
            'week_start="sunday", tz="UTC")'
        ),
    ),
    (
        Period.last(2, "year", as_of=utc(2026, 4, 1), starts_in=4, tz="UTC"),
        "2024/25 to 2025/26",
        (
            'Period.last(2, "year", as_of=datetime.fromisoformat("2026-04-01T00:00:00+00:00"), '
            'starts_in=4, tz="UTC")'
        ),
    ),
]


class TestNames:
    @pytest.mark.parametrize("period, label, _", ALL)
    def test_label(self, period, label, _):
        assert period.label == str(period) == f"{period}" == label

    @pytest.mark.parametrize("period, _, expected", ALL)
    def test_repr_makes_it_again(self, period, _, expected):
        assert repr(period) == expected
        again = eval(expected, {"Period": Period, "datetime": datetime, "date": date})
        assert again == period
        assert repr(again) == expected

    def test_zone_without_a_name(self):
        period = Period.year(2026, tz=timezone(HOUR))
        assert repr(period) == "Period.year(2026, tz=datetime.timezone(datetime.timedelta(seconds=3600)))"

    def test_names_at_the_first_day_of_the_calendar(self):
        # Berlin's clocks were 53 minutes ahead then, so that its first midnight is no instant of the calendar.
        period = Period.between(utc(1, 1, 1), utc(1, 1, 1, 1), tz=TZ)
        assert period.label == "0001-01-01 00:53:28 to 0001-01-01 01:53:28"
        assert [part.label for part in period.split("day")] == [period.label]
        quarter = Period.month(1, 1, tz="UTC").start
        first = Period.last(1, "quarter", as_of=utc(1, 4, 1), starts_in=4, tz="UTC")
        assert (first.start, first.label) == (quarter, "0000/01-Q4")


class TestValue:
    @pytest.mark.parametrize("period, _, __", ALL)
    def test_survives_copies(self, period, _, __):
        for again in (
            pickle.loads(pickle.dumps(period)),
            copy.copy(period),
            copy.deepcopy(period),
            attrs.evolve(period),
        ):
            assert again == period
            assert hash(again) == hash(period)
            assert (again.label, repr(again)) == (period.label, repr(period))
            assert again.start.tzinfo is UTC

    def test_equal_when_they_behave_alike(self):
        assert Period.month(2026, 3, tz="UTC") == Period.month(2026, 3, tz=ZoneInfo("UTC"))
        assert Period.quarter(2026, 1, tz=TZ) == Period.quarter(2025, 4, starts_in=4, tz=TZ)
        assert len({MARCH, Period.month(2026, 3, tz=BERLIN)}) == 1

    @pytest.mark.parametrize(
        "other",
        [
            Period.month(2026, 3, tz="Europe/Paris"),  # the same instants, another zone
            Period.between(MARCH.start, MARCH.end, tz=TZ),  # another period lies before it
            Period.last(1, "month", as_of=MARCH.start, tz=TZ),
            Period.between(MARCH.start, MARCH.end - HOUR, tz=TZ),
            "2026-03",
        ],
    )
    def test_different(self, other):
        assert other != MARCH

    def test_frozen_and_slotted(self):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            MARCH.start = MARCH.end
        assert not hasattr(MARCH, "__dict__")

    def test_made_from_fields(self):
        assert Period(start=MARCH.start, end=MARCH.end, tz=TZ, unit="month") == MARCH
        assert attrs.evolve(MARCH, unit=None) == Period.between(MARCH.start, MARCH.end, tz=TZ)


class TestRefusals:
    @pytest.mark.parametrize(
        "make, field, shown",
        [
            (lambda: Period.month(2026, 13, tz=TZ), r"Period\.month\(\): month must be 1 to 12", "13"),
            (lambda: Period.month(2026, 0, tz=TZ), "month must be 1 to 12", "0"),
            (lambda: Period.month(0, 1, tz=TZ), "year must be 1 to 9999", "0"),
            (lambda: Period.month(10_000, 1, tz=TZ), "year must be 1 to 9999", "10000"),
            (lambda: Period.year(-5, tz=TZ), r"Period\.year\(\): year must be 1 to 9999", "-5"),
            (lambda: Period.year(2026, starts_in=13, tz=TZ), "starts_in must be 1 to 12", "13"),
            (lambda: Period.quarter(2026, 5, tz=TZ), "quarter must be 1 to 4", "5"),
            (lambda: Period.quarter(2026, 1, starts_in=0, tz=TZ), "starts_in must be 1 to 12", "0"),
            (lambda: Period.day(2026, 2, 29, tz=TZ), r"Period\.day\(\): day must be 1 to 28", "29"),
            (lambda: Period.day(2026, 3, 0, tz=TZ), "day must be 1 to 31", "0"),
            (lambda: Period.week(2025, 53, tz=TZ), r"Period\.week\(\) of 2025: week must be 1 to 52", "53"),
            (lambda: Period.week(2026, 54, tz=TZ), "week must be 1 to 53", "54"),
            (lambda: Period.week(0, 1, tz=TZ), "year must be 1 to 9999", "0"),
            (
                lambda: Period.week(2026, 10, week_start="sunday", tz=TZ),
                "week_start must be 'monday'",
                "'sunday'",
            ),
            (
                lambda: Period.week(date(2026, 3, 5), week_start="Sunday", tz=TZ),
                "week_start must be one",
                "'Sunday'",
            ),
            (lambda: Period.last(0, "day", as_of=MARCH.end, tz=TZ), "n must be 1 or more", "0"),
            (lambda: Period.last(1, "days", as_of=MARCH.end, tz=TZ), "unit must be one of", "'days'"),
            (lambda: Period.month(2026, 3, tz="Berlin"), "tz must name a time zone", "'Berlin'"),
            (
                lambda: Period.between(pd.NaT, MARCH.end),
                r"Period\.between\(\): start must be an instant",
                "NaT",
            ),
            (lambda: attrs.evolve(MARCH, count=0), "Period: count must be 1 or more", "0"),
            (lambda: attrs.evolve(MARCH, starts_in=13), "Period: starts_in must be 1 to 12", "13"),
            (lambda: attrs.evolve(MARCH, week_start="x"), "Period: week_start must be one of", "'x'"),
            (lambda: attrs.evolve(MARCH, unit="hour"), "Period: unit must be one of", "'hour'"),
        ],
    )
    def test_values(self, make, field, shown):
        with pytest.raises(InvalidValueError, match=f"{field}.*got {shown}"):
            make()

    @pytest.mark.parametrize("bad", [True, 3.0, "3", None, 3 + 0j, np.float64(3), [3]])
    def test_numbers_of_another_type(self, bad):
        for make in (
            lambda: Period.month(2026, bad, tz=TZ),
            lambda: Period.year(bad, tz=TZ),
            lambda: Period.day(2026, 3, bad, tz=TZ),
            lambda: Period.week(bad, 1, tz=TZ),
            lambda: Period.week(2026, bad, tz=TZ),
            lambda: Period.quarter(2026, bad, tz=TZ),
            lambda: Period.year(2026, starts_in=bad, tz=TZ),
            lambda: Period.last(bad, "day", as_of=MARCH.end, tz=TZ),
        ):
            with pytest.raises(InvalidTypeError, match=r"must be a whole number.* got "):
                make()

    @pytest.mark.parametrize(
        "make, message",
        [
            (lambda: Period.week(berlin(2026, 3, 5), tz=TZ), r"year must be a year or a date.*astimezone"),
            (lambda: Period.week(date(2026, 3, 5), 10, tz=TZ), "week must be left out beside a date, got 10"),
            (lambda: Period.month(2026, 3, tz=None), r"Period\.month\(\): tz must be the name"),
            (lambda: Period.month(2026, 3, tz=1), "tz must be the name"),
            (
                lambda: Period.between("2026-03-01", MARCH.end),
                r"Period\.between\(\): start must be a datetime",
            ),
            (lambda: Period.between(MARCH.start, None), r"Period\.between\(\): end must be a datetime"),
            (
                lambda: Period.between(MARCH.start, MARCH.end, tz=5),
                r"Period\.between\(\): tz must be the name",
            ),
            (lambda: Period.last(1, None, as_of=MARCH.end, tz=TZ), r"Period\.last\(\): unit must be one of"),
            (lambda: Period.last(1, "day", as_of=5, tz=TZ), r"Period\.last\(\): as_of must be a datetime"),
            (
                lambda: Period.last(1, "day", as_of=MARCH.end, week_start=0, tz=TZ),
                "week_start must be one of",
            ),
            (lambda: Period(start=1, end=MARCH.end, tz=TZ), "Period: start must be a datetime"),
            (lambda: MARCH.split(None), r"Period\.split\(\): unit must be one of"),
        ],
    )
    def test_other_types(self, make, message):
        with pytest.raises(InvalidTypeError, match=message):
            make()

    @pytest.mark.parametrize(
        "make",
        [
            lambda naive: Period.between(naive, MARCH.end),
            lambda naive: Period.between(MARCH.start, naive),
            lambda naive: Period.last(1, "day", as_of=naive, tz=TZ),
            lambda naive: Period(start=naive, end=MARCH.end, tz=TZ),
        ],
    )
    @pytest.mark.parametrize("naive", [datetime(2026, 3, 5), date(2026, 3, 5)])
    def test_naive_instants(self, make, naive):
        with pytest.raises(NaiveDatetimeError, match=r"Period.*: (start|end|as_of) must "):
            make(naive)

    @pytest.mark.parametrize("make", [Period.month, Period.quarter])
    def test_the_zone_is_never_ambient(self, make):
        with pytest.raises(TypeError, match="tz"):
            make(2026, 3)

    @pytest.mark.parametrize(
        "make, message",
        [
            (lambda: Period.between(MARCH.end, MARCH.start), "Period: end must be later than start"),
            (lambda: Period.between(MARCH.start, MARCH.start), "Period: end must be later than start"),
            # the second 02:30 of the night is later than the first, though their clocks say otherwise
            (
                lambda: Period.between(berlin(2026, 10, 25, 2, 30, fold=1), berlin(2026, 10, 25, 2, 45)),
                "end must be later than start",
            ),
            (
                lambda: Period.day(2011, 12, 30, tz="Pacific/Apia"),
                r"Period\.day\(\): day must exist in Pacific/Apia",
            ),
            (lambda: Period.year(9999, tz="UTC"), "Period: end must lie within the years 1 to 9999"),
            (lambda: Period.month(9999, 12, tz="UTC"), "Period: end must lie within"),
            (lambda: Period.day(9999, 12, 31, tz="UTC"), "Period: end must lie within"),
            (lambda: Period.week(9999, 52, tz="UTC"), "Period: end must lie within"),
            (lambda: Period.quarter(9999, 4, starts_in=4, tz="UTC"), "Period: end must lie within"),
            (lambda: Period.year(1, tz="Europe/Berlin"), "Period: start must lie within.*0001-01-01"),
            (
                lambda: Period.week(date(1, 1, 1), week_start="sunday", tz="UTC"),
                "Period: start must lie within",
            ),
            (
                lambda: Period.between(utc(1, 1, 1), MARCH.end, tz="America/New_York"),
                "start must .* in America/New",
            ),
            (
                lambda: Period.between(MARCH.start, datetime.max.replace(tzinfo=UTC), tz=TZ),
                "Period: end must lie within the years 1 to 9999 in Europe/Berlin too",
            ),
            (lambda: attrs.evolve(MARCH, count=2), r"unit must fit the ends, got 'month' with count 2"),
            (lambda: attrs.evolve(MARCH, unit="day"), "unit must fit the ends, got 'day'"),
            (lambda: attrs.evolve(MARCH, unit="quarter"), "unit must fit the ends, got 'quarter'"),
            (lambda: attrs.evolve(MARCH, tz="UTC"), "unit must fit the ends.* in UTC"),
            (lambda: attrs.evolve(MARCH, start=MARCH.start + HOUR), "unit must fit the ends"),
            (
                lambda: between((2026, 3, 30, 2, 10), (2026, 3, 30, 2, 40)).year_before(),
                "end must be later than start",
            ),
        ],
    )
    def test_periods_that_cannot_be(self, make, message):
        with pytest.raises(InvalidPeriodError, match=message):
            make()
