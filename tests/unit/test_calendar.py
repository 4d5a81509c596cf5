from __future__ import annotations

import pickle
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from dateutil import tz as dateutil_tz
from dateutil.relativedelta import MO, relativedelta

from retention import _zones
from retention._calendar import (
    UNITS,
    WEEKDAYS,
    add_units,
    as_words,
    as_zone,
    check_duration,
    check_unit,
    check_weekday,
    check_within_calendar,
    count_days,
    ends_of,
    first_day_of_unit,
    from_microseconds,
    instant,
    is_start_of_day,
    local_date,
    local_day_of,
    microseconds,
    reach,
    shift,
    shift_units,
    start_of_day,
    step,
    weeks_of_iso_year,
    year_earlier,
    zone_name,
)
from retention.errors import InvalidPeriodError, InvalidTypeError, InvalidValueError, NaiveDatetimeError

BERLIN = ZoneInfo("Europe/Berlin")
APIA = ZoneInfo("Pacific/Apia")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
DAY = 86_400_000_000


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


class PytzLike(tzinfo):
    """What a zone of pytz is to us: it has a name and `localize`, and its offset is the oldest one."""

    zone: str | None = "Europe/Berlin"

    def localize(self, value: datetime) -> datetime:
        raise NotImplementedError

    def utcoffset(self, value: datetime | None, /) -> timedelta:
        return timedelta(minutes=53)

    def dst(self, value: datetime | None, /) -> timedelta:
        return timedelta(0)

    def tzname(self, value: datetime | None, /) -> str:
        return "LMT"


class TestAsZone:
    def test_name_becomes_the_zone_of_that_name(self):
        assert as_zone("Europe/Berlin") is BERLIN

    def test_utc_needs_no_database(self, monkeypatch):
        monkeypatch.setattr(_zones, "ZoneInfo", None)
        assert as_zone("UTC") is UTC

    @pytest.mark.parametrize("zone", [UTC, BERLIN, timezone(timedelta(hours=1)), dateutil_tz.tzutc()])
    def test_tzinfo_is_kept(self, zone):
        assert as_zone(zone) is zone

    def test_a_zone_of_pytz_becomes_the_zone_of_its_name(self):
        assert as_zone(PytzLike()) is BERLIN

    def test_a_fixed_offset_of_pytz_is_kept(self):
        fixed = PytzLike()
        fixed.zone = None
        assert as_zone(fixed) is fixed

    @pytest.mark.parametrize(
        "name", ["Europe/Berln", "Europe", "", "../etc/passwd", "/etc/passwd", "a\0b", "\ud800", "x" * 5000]
    )
    def test_unknown_names_are_refused(self, name):
        with pytest.raises(InvalidValueError, match=r"Order: tz must name a time zone.*tzdata") as caught:
            as_zone(name, owner="Order")
        str(caught.value).encode()  # printable everywhere
        assert len(str(caught.value)) < 400

    def test_close_matches_are_named_whatever_the_case(self):
        with pytest.raises(InvalidValueError, match="did you mean 'Europe/Berlin'"):
            as_zone("europe/berln")

    @pytest.mark.parametrize(
        "name, place",
        [
            ("MEZ", "Europe/Berlin"),
            ("mesz", "Europe/Berlin"),
            ("PST", "America/Los_Angeles"),
            ("BST", "Europe/London"),
            ("GMT+1", "Europe/Berlin"),
            ("UTC-05:00", "Europe/Berlin"),
            ("+0100", "Europe/Berlin"),
        ],
    )
    def test_an_offset_is_no_place(self, name, place):
        with pytest.raises(InvalidValueError, match=f'name a place, such as "{place}"') as caught:
            as_zone(name, owner="Order")
        assert f"Order: tz must name a time zone of the IANA database, got {name!r}, which" in str(
            caught.value
        )
        assert "did you mean" not in str(caught.value)  # MET is a close match, and as little of a place

    @pytest.mark.parametrize("name", sorted(_zones._ABBREVIATIONS))
    def test_abbreviations_stand_for_places_that_exist(self, name):
        assert name not in zoneinfo.available_timezones()
        assert zone_name(as_zone(_zones._ABBREVIATIONS[name])) == _zones._ABBREVIATIONS[name]

    @pytest.mark.parametrize("zone", [None, 1, 1.0, True, b"UTC", timedelta(hours=1), date(2026, 1, 1)])
    def test_other_types_are_refused(self, zone):
        with pytest.raises(InvalidTypeError, match=r'tz must be the name of a time zone.*tz="Europe/Berlin"'):
            as_zone(zone)

    def test_names(self):
        assert zone_name(BERLIN) == "Europe/Berlin"
        assert zone_name(UTC) == zone_name(ZoneInfo("UTC")) == "UTC"
        assert zone_name(timezone(timedelta(hours=-3))) == "UTC-03:00"


class TestInstant:
    def test_utc_is_returned_as_it_is(self):
        value = utc(2026, 3, 5, 12)
        assert instant(value, owner="Order", field="placed_at") is value

    def test_another_zone_becomes_utc(self):
        result = instant(datetime(2026, 3, 5, 1, 30, tzinfo=BERLIN), owner="Order", field="placed_at")
        assert (result, result.tzinfo) == (utc(2026, 3, 5, 0, 30), UTC)

    def test_fold_chooses_the_pass_of_a_repeated_hour(self):
        wall = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
        assert instant(wall, owner="o", field="f") == utc(2026, 10, 25, 0, 30)
        assert instant(wall.replace(fold=1), owner="o", field="f") == utc(2026, 10, 25, 1, 30)

    @pytest.mark.parametrize(
        "value",
        [
            datetime(2026, 3, 5, 14, 30),
            pd.Timestamp("2026-03-05"),
            datetime(2026, 3, 5, tzinfo=type("Floating", (PytzLike,), {"utcoffset": lambda *_: None})()),
        ],
    )
    def test_naive_datetimes_are_refused_with_the_fix(self, value):
        with pytest.raises(NaiveDatetimeError, match=r"Order: placed_at .*value\.replace\(tzinfo=ZoneInfo"):
            instant(value, owner="Order", field="placed_at")

    def test_bare_dates_are_refused_with_the_fix(self):
        with pytest.raises(
            NaiveDatetimeError, match=r"Order: placed_at .*datetime\(2026, 3, 5, tzinfo="
        ) as caught:
            instant(date(2026, 3, 5), owner="Order", field="placed_at")
        assert isinstance(caught.value, ValueError)

    @pytest.mark.parametrize("value", [None, 0, 1.5, True, "2026-03-05T00:00:00Z", b"", time(1, 2), object])
    def test_other_types_are_refused(self, value):
        with pytest.raises(InvalidTypeError, match="Order: placed_at must be a datetime with a time zone"):
            instant(value, owner="Order", field="placed_at")

    def test_not_a_time_is_refused(self):
        with pytest.raises(InvalidValueError, match="placed_at must be an instant, got NaT"):
            instant(pd.NaT, owner="Order", field="placed_at")

    @pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
    def test_timestamps_become_plain_datetimes_and_lose_nanoseconds(self, zone):
        stamp = pd.Timestamp("2026-03-05 01:02:03.123456789", tz="UTC").tz_convert(zone)
        result = instant(stamp, owner="Order", field="placed_at")
        assert type(result) is datetime
        assert result.tzinfo is UTC
        assert result == utc(2026, 3, 5, 1, 2, 3, 123_456)

    @pytest.mark.parametrize("hours, value", [(1, datetime.min), (-1, datetime.max)])
    def test_instants_beyond_the_calendar_in_utc_are_refused(self, hours, value):
        with pytest.raises(InvalidValueError, match="placed_at must lie within the years 1 to 9999 in UTC"):
            instant(value.replace(tzinfo=timezone(timedelta(hours=hours))), owner="Order", field="placed_at")

    @pytest.mark.parametrize("value", [datetime.min, datetime.max])
    def test_both_ends_of_the_calendar_are_instants(self, value):
        assert instant(value.replace(tzinfo=ZoneInfo("UTC")), owner="o", field="f") == value.replace(
            tzinfo=UTC
        )

    def test_utc_survives_pickling_as_the_object_that_the_fast_path_looks_for(self):
        assert pickle.loads(pickle.dumps(utc(2026, 3, 5))).tzinfo is UTC


class TestMicroseconds:
    @pytest.mark.parametrize(
        "moment, expected",
        [
            (utc(1970, 1, 1), 0),
            (utc(1970, 1, 2, 0, 0, 0, 1), DAY + 1),
            (utc(1969, 12, 31, 23, 59, 59, 999_999), -1),
            (datetime(1970, 1, 1, 1, tzinfo=BERLIN), 0),
            (utc(1, 1, 1), -719_162 * DAY),
            (datetime.max.replace(tzinfo=UTC), (3_652_059 - 719_162) * DAY - 1),
        ],
    )
    def test_by_hand_and_back(self, moment, expected):
        assert microseconds(moment) == expected
        back = from_microseconds(expected)
        assert (back, back.tzinfo) == (moment, UTC)

    @pytest.mark.parametrize("value", [-719_162 * DAY - 1, (3_652_059 - 719_162) * DAY, 10**40, -(10**40)])
    def test_beyond_the_calendar(self, value):
        with pytest.raises(InvalidValueError, match="must lie within the years 1 to 9999"):
            from_microseconds(value)


class TestStartOfDay:
    @pytest.mark.parametrize(
        "zone, day, expected",
        [
            ("UTC", date(2026, 3, 5), utc(2026, 3, 5)),
            ("Europe/Berlin", date(2026, 3, 5), utc(2026, 3, 4, 23)),
            # clocks went from 00:00 to 01:00
            ("America/Sao_Paulo", date(2018, 11, 4), utc(2018, 11, 4, 3)),
            # clocks went from 23:30 on the 30th to 00:30 on the 31st
            ("America/Toronto", date(1919, 3, 31), utc(1919, 3, 31, 4, 30)),
            ("America/Toronto", date(1919, 3, 30), utc(1919, 3, 30, 5)),
            # clocks went from 01:00 back to 00:00: the first of two midnights
            ("America/Havana", date(2026, 11, 1), utc(2026, 11, 1, 4)),
            # clocks went from 24:00 back to 23:00: the one midnight, after the second 23:00
            ("America/Sao_Paulo", date(2018, 2, 18), utc(2018, 2, 18, 3)),
            # the 30th was skipped, so it begins where the 31st does
            ("Pacific/Apia", date(2011, 12, 30), utc(2011, 12, 30, 10)),
            ("Pacific/Apia", date(2011, 12, 31), utc(2011, 12, 30, 10)),
            ("Asia/Kathmandu", date(2026, 3, 5), utc(2026, 3, 4, 18, 15)),
        ],
    )
    def test_known_days(self, zone, day, expected):
        result = start_of_day(day, ZoneInfo(zone))
        assert (result, result.tzinfo) == (expected, UTC)

    def test_a_clock_put_back_over_midnight(self):
        # St John's put its clocks back at 00:01: the first midnight begins the day, the second belongs to it.
        zone = ZoneInfo("America/St_Johns")
        assert start_of_day(date(2006, 10, 29), zone) == utc(2006, 10, 29, 2, 30)
        second_2330 = utc(2006, 10, 29, 3)
        assert second_2330.astimezone(zone).date() == date(2006, 10, 28)
        assert local_date(second_2330, zone) == date(2006, 10, 29)

    def test_a_date_may_be_a_datetime(self):
        assert start_of_day(datetime(2026, 3, 5, 12), BERLIN) == utc(2026, 3, 4, 23)

    def test_zones_of_dateutil_skip_midnights_too(self):
        zone = dateutil_tz.gettz("America/Sao_Paulo")
        assert zone is not None
        assert start_of_day(date(2018, 11, 4), zone) == utc(2018, 11, 4, 3)

    @pytest.mark.parametrize("zone, day", [(BERLIN, date.min), (NEW_YORK, date.max)])
    def test_ends_of_the_calendar(self, zone, day):
        if day == date.max:
            assert start_of_day(day, zone) == utc(9999, 12, 31, 5)
            return
        with pytest.raises(
            InvalidPeriodError, match=r"Order: placed_at must lie within.*0001-01-01 in Europe/B"
        ):
            start_of_day(day, zone, owner="Order", field="placed_at")


class TestLocalDays:
    def test_is_start_of_day(self):
        assert is_start_of_day(utc(2026, 3, 4, 23), BERLIN)
        assert not is_start_of_day(utc(2026, 3, 5), BERLIN)
        assert is_start_of_day(utc(2018, 11, 4, 3), SAO_PAULO)
        # the second of two midnights begins nothing
        assert not is_start_of_day(utc(2026, 11, 1, 5), ZoneInfo("America/Havana"))

    @pytest.mark.parametrize(
        "moment, zone, expected",
        [
            (utc(2026, 3, 4, 23), BERLIN, date(2026, 3, 5)),
            (utc(2026, 3, 4, 22, 59, 59, 999_999), BERLIN, date(2026, 3, 4)),
            (utc(2011, 12, 30, 10), APIA, date(2011, 12, 31)),
            (utc(2011, 12, 30, 9, 59), APIA, date(2011, 12, 29)),
        ],
    )
    def test_local_date(self, moment, zone, expected):
        assert local_date(moment, zone) == expected

    @pytest.mark.parametrize(
        "moment, zone", [(datetime.max, BERLIN), (datetime.min, NEW_YORK)], ids=["after", "before"]
    )
    def test_local_date_beyond_the_calendar(self, moment, zone):
        with pytest.raises(InvalidPeriodError, match="must lie within the years 1 to 9999 in"):
            local_date(moment.replace(tzinfo=UTC), zone)

    def test_days_at_the_ends_of_the_calendar_go_on_counting(self):
        ends = [microseconds(value.replace(tzinfo=UTC)) for value in (datetime.min, datetime.max)]
        assert list(local_day_of(ends, UTC)) == [1, 3_652_059]
        assert list(local_day_of(ends, BERLIN)) == [1, 3_652_060]
        assert list(local_day_of(ends, NEW_YORK)) == [0, 3_652_059]
        assert list(local_day_of([ends[1] - 3_599_999_999, ends[1] - 3_600_000_000], BERLIN)) == [
            3_652_060,
            3_652_059,
        ]

    def test_many_are_read_lazily_and_once(self):
        def endless():
            moment = microseconds(utc(2026, 3, 5))
            while True:
                yield moment
                moment += DAY

        days = local_day_of(endless(), BERLIN)
        first = date(2026, 3, 5).toordinal()
        assert [next(days) for _ in range(40)] == list(range(first, first + 40))

    def test_none_at_all(self):
        assert list(local_day_of([], BERLIN)) == []

    def test_an_instant_at_the_epoch_is_not_taken_for_a_day_already_found(self):
        assert list(local_day_of([0, 1, -1, 0], UTC)) == [719_163, 719_163, 719_162, 719_163]


class TestUnits:
    def test_all(self):
        assert UNITS == ("day", "week", "month", "quarter", "year")
        assert [check_unit(unit, owner="x") for unit in UNITS] == list(UNITS)
        assert [check_weekday(day, owner="x") for day in WEEKDAYS] == list(range(7))

    @pytest.mark.parametrize("check", [check_unit, check_weekday])
    def test_others_are_refused(self, check):
        for value in ("months", "Monday", "", "hour"):
            with pytest.raises(InvalidValueError, match=r"Period: \w+ must be one of '"):
                check(value, owner="Period")
        for value in (None, 1, True, [], 1.5):
            with pytest.raises(InvalidTypeError, match=r"Period: \w+ must be one of '"):
                check(value, owner="Period")

    @pytest.mark.parametrize(
        "unit, options, expected",
        [
            ("day", {}, date(2026, 3, 5)),
            ("week", {}, date(2026, 3, 2)),
            ("week", {"week_start": 6}, date(2026, 3, 1)),
            ("week", {"week_start": 3}, date(2026, 3, 5)),
            ("week", {"week_start": 4}, date(2026, 2, 27)),
            ("month", {}, date(2026, 3, 1)),
            ("quarter", {}, date(2026, 1, 1)),
            ("quarter", {"starts_in": 3}, date(2026, 3, 1)),
            ("quarter", {"starts_in": 2}, date(2026, 2, 1)),
            ("year", {}, date(2026, 1, 1)),
            ("year", {"starts_in": 3}, date(2026, 3, 1)),
            ("year", {"starts_in": 4}, date(2025, 4, 1)),
        ],
    )
    def test_first_day(self, unit, options, expected):
        assert first_day_of_unit(date(2026, 3, 5), unit, **options) == expected

    def test_month_steps_are_clamped_to_the_last_day(self):
        steps = [add_units(date(2026, 1, 31), "month", count) for count in (1, 2, -2)]
        assert steps == [date(2026, 2, 28), date(2026, 3, 31), date(2025, 11, 30)]
        assert add_units(date(2024, 2, 29), "quarter", 4) == date(2025, 2, 28)
        assert year_earlier(date(2024, 2, 29)) == date(2023, 2, 28)
        assert add_units(date(2026, 3, 5), "week", -1) == date(2026, 2, 26)

    @pytest.mark.parametrize("unit", UNITS)
    @pytest.mark.parametrize("count, field", [(10**40, "end"), (-(10**40), "start"), (10_000 * 400, "end")])
    def test_steps_beyond_the_calendar(self, unit, count, field):
        with pytest.raises(InvalidPeriodError, match=f"Period: {field} must lie within the years 1 to 9999"):
            add_units(date(2026, 3, 5), unit, count)

    def test_weeks_of_iso_year(self):
        assert [weeks_of_iso_year(year) for year in (1, 2020, 2025, 2026, 9999)] == [52, 53, 52, 53, 52]

    def test_days_that_a_zone_skipped_are_not_counted(self):
        assert count_days(date(2011, 12, 29), date(2012, 1, 1), APIA) == 2
        assert count_days(date(2011, 12, 30), date(2011, 12, 31), APIA) == 0
        assert count_days(date(2011, 12, 29), date(2012, 1, 1), UTC) == 3
        assert count_days(date(2026, 3, 1), date(2026, 4, 1), BERLIN) == 31
        # Samoa had 4 July 1892 twice and 30 December 2011 not at all
        assert (
            count_days(date(1890, 1, 1), date(2020, 1, 1), APIA)
            == (date(2020, 1, 1) - date(1890, 1, 1)).days - 1
        )

    @pytest.mark.parametrize(
        "first, count, expected",
        [
            (date(2011, 12, 28), 1, date(2011, 12, 29)),
            (date(2011, 12, 29), 2, date(2012, 1, 1)),
            (date(2011, 12, 30), 1, date(2012, 1, 1)),
            (date(2011, 12, 31), -1, date(2011, 12, 29)),
            (date(2012, 1, 1), -3, date(2011, 12, 28)),
            (date(2012, 1, 1), 0, date(2012, 1, 1)),
        ],
    )
    def test_steps_over_a_skipped_day(self, first, count, expected):
        assert step(first, "day", count, APIA) == expected

    def test_other_units_step_by_date(self):
        assert step(date(2011, 12, 1), "month", 1, APIA) == date(2012, 1, 1)

    @pytest.mark.parametrize("moment, zone", [(datetime.max, BERLIN), (datetime.min, NEW_YORK)])
    def test_within_calendar(self, moment, zone):
        moment = moment.replace(tzinfo=UTC)
        check_within_calendar(moment, UTC, owner="Period", field="end")
        with pytest.raises(InvalidPeriodError, match="Period: end must lie within the years 1 to 9999 in"):
            check_within_calendar(moment, zone, owner="Period", field="end")


class TestShift:
    @pytest.mark.parametrize(
        "months, expected", [(0, (1, 31)), (1, (2, 28)), (2, (3, 31)), (3, (4, 30)), (12, None)]
    )
    def test_months_are_taken_from_the_anchor(self, months, expected):
        start = datetime(2026, 1, 31, 9, tzinfo=BERLIN)
        day = datetime(2026, *expected, 9) if expected else datetime(2027, 1, 31, 9)
        assert shift(start, relativedelta(months=1), BERLIN, months) == day.replace(tzinfo=BERLIN)

    def test_backwards(self):
        start = datetime(2026, 3, 31, 9, tzinfo=BERLIN)
        assert shift(start, relativedelta(months=1), BERLIN, -1) == datetime(2026, 2, 28, 9, tzinfo=BERLIN)
        assert shift(start, timedelta(days=1), BERLIN, -2) == utc(2026, 3, 29, 7)

    def test_a_timedelta_is_elapsed_time_and_a_relativedelta_wall_time(self):
        saturday = datetime(2026, 3, 28, 12, tzinfo=BERLIN)  # the clocks skip an hour that night
        assert shift(saturday, timedelta(days=1), BERLIN) == datetime(2026, 3, 29, 13, tzinfo=BERLIN)
        assert shift(saturday, relativedelta(days=1), BERLIN) == datetime(2026, 3, 29, 12, tzinfo=BERLIN)

    @pytest.mark.parametrize("duration", [timedelta(days=1), relativedelta(days=1)])
    def test_result_is_in_utc(self, duration):
        assert shift(datetime(2026, 3, 5, tzinfo=BERLIN), duration, BERLIN).tzinfo is UTC

    def test_a_skipped_wall_time_becomes_the_end_of_the_gap(self):
        start = datetime(2026, 2, 28, 2, 30, tzinfo=BERLIN)
        assert shift(start, relativedelta(months=1, days=1), BERLIN) == utc(2026, 3, 29, 1)
        hours = datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN)
        assert shift(hours, relativedelta(hours=1), BERLIN) == utc(2026, 3, 29, 1)

    def test_a_repeated_wall_time_is_its_first_pass(self):
        start = datetime(2026, 9, 25, 2, 30, tzinfo=BERLIN)
        assert shift(start, relativedelta(months=1), BERLIN) == utc(2026, 10, 25, 0, 30)

    def test_from_the_second_pass_a_positive_duration_never_leads_back(self):
        second = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN)
        assert shift(second, relativedelta(minutes=5), BERLIN) == utc(2026, 10, 25, 1, 35)
        assert shift(second, relativedelta(months=1), BERLIN, 0) == utc(2026, 10, 25, 1, 30)

    @pytest.mark.parametrize("duration", [timedelta(days=365), relativedelta(years=1)])
    @pytest.mark.parametrize("times", [8200, -2100, 10**20, -(10**20), 10**400])
    def test_beyond_the_calendar(self, duration, times):
        with pytest.raises(InvalidPeriodError, match="must stay within the years 1 to 9999"):
            shift(utc(2026, 3, 5), duration, BERLIN, times)

    def test_an_instant_that_the_zone_has_no_date_for(self):
        with pytest.raises(InvalidPeriodError, match="must stay within the years 1 to 9999"):
            shift(datetime.max.replace(tzinfo=UTC), relativedelta(months=-1), BERLIN)

    @pytest.mark.parametrize(
        "unit, expected",
        [
            ("day", (2027, 2, 1)),
            ("week", (2027, 2, 7)),
            ("month", (2027, 2, 28)),
            ("quarter", (2027, 4, 30)),
            ("year", (2028, 1, 31)),
        ],
    )
    def test_units(self, unit, expected):
        start = datetime(2027, 1, 31, 9, tzinfo=BERLIN)
        assert shift_units(start, unit, 1, BERLIN) == datetime(*expected, 9, tzinfo=BERLIN)


class TestCheckDuration:
    @pytest.mark.parametrize(
        "value",
        [
            timedelta(microseconds=1),
            timedelta.max,
            relativedelta(months=1),
            relativedelta(days=1.0),
            relativedelta(years=1, hours=2),
        ],
    )
    def test_positive_durations_are_kept(self, value):
        assert check_duration(value, owner="x", field="within") == value

    def test_a_timedelta_of_pandas_becomes_a_plain_one(self):
        result = check_duration(pd.Timedelta(days=30, hours=1), owner="x", field="within")
        assert type(result) is timedelta
        assert result == timedelta(days=30, hours=1)

    @pytest.mark.parametrize("value", [30, 30.0, True, "30 days", None, date(2026, 1, 1), pd.NaT])
    def test_other_types_are_refused_with_the_fix(self, value):
        with pytest.raises(
            InvalidTypeError, match=r"Order: within must be a timedelta.*timedelta\(days=30\)"
        ):
            check_duration(value, owner="Order", field="within")

    @pytest.mark.parametrize(
        "value, because",
        [
            (timedelta(0), "longer than zero"),
            (timedelta(days=-1), "longer than zero"),
            (relativedelta(), "longer than zero"),
            (relativedelta(months=-1), "no negative part"),
            (relativedelta(months=1, days=-1), "no negative part"),
            (relativedelta(days=1.5), "whole units"),
            (relativedelta(days=float("nan")), "whole units"),
            (relativedelta(days=float("inf")), "whole units"),
            (relativedelta(year=2026), "set no part"),
            (relativedelta(months=1, day=1), "set no part"),
            (relativedelta(weekday=MO(1), weeks=1), "set no part"),
            (relativedelta(microsecond=0, days=1), "set no part"),
            (relativedelta(leapdays=1, days=1), "set no part"),
        ],
    )
    def test_other_durations_are_refused(self, value, because):
        with pytest.raises(InvalidValueError, match=f"Order: within must .*{because}"):
            check_duration(value, owner="Order", field="within")


class TestWords:
    def test_durations_as_people_say_them(self):
        assert as_words(timedelta(days=90)) == "90 days"
        assert as_words(timedelta(days=1)) == "1 day"
        assert as_words(timedelta(hours=12)) == "12:00:00"
        assert as_words(relativedelta(months=1)) == "1 month"
        assert as_words(relativedelta(years=1, days=2)) == "1 year, 2 days"


class TestReach:
    def test_the_calendar_ends_before_the_duration(self):
        assert reach(datetime(9999, 12, 1, tzinfo=UTC), timedelta(days=90), UTC).year == 9999
        assert reach(datetime(2026, 12, 1, tzinfo=UTC), timedelta(days=1), UTC) == datetime(
            2026, 12, 2, tzinfo=UTC
        )

    def test_the_ends_of_many(self):
        """A month from 30 and from 31 January ends on 28 February, so that the later one may end first."""
        starts = [datetime(2026, 1, 30, 15, tzinfo=UTC), datetime(2026, 1, 31, 9, tzinfo=UTC)]
        moments = [microseconds(start) for start in starts]
        months = ends_of(iter(moments), relativedelta(months=1), UTC)
        assert [from_microseconds(end) for end in months] == [
            datetime(2026, 2, 28, 15, tzinfo=UTC),
            datetime(2026, 2, 28, 9, tzinfo=UTC),
        ]
        days = ends_of(iter(moments), timedelta(days=1, microseconds=1), UTC)
        assert list(days) == [moment + 86_400_000_001 for moment in moments]
        assert list(ends_of([], timedelta(days=1), UTC)) == []

    def test_an_end_is_that_of_each_start(self):
        berlin = ZoneInfo("Europe/Berlin")
        start = datetime(2026, 3, 28, 12, tzinfo=UTC)  # the clocks change in the night
        for duration in (relativedelta(days=1), timedelta(days=1)):
            (end,) = ends_of([microseconds(start)], duration, berlin)
            assert from_microseconds(end) == reach(start, duration, berlin)
