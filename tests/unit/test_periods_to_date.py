from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pandas as pd
import pytest

from retention import customer_retention_rate
from retention.errors import InvalidPeriodError, InvalidTypeError, NaiveDatetimeError
from retention.history import History
from retention.periods import Period
from retention.testing import make_orders

TZ = "Europe/Berlin"
BERLIN = ZoneInfo(TZ)
NEW_YORK = ZoneInfo("America/New_York")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
HAVANA = ZoneInfo("America/Havana")
ST_JOHNS = ZoneInfo("America/St_Johns")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
APIA = ZoneInfo("Pacific/Apia")
KIRITIMATI = ZoneInfo("Pacific/Kiritimati")
HOUR = timedelta(hours=1)


def berlin(*parts: int, fold: int = 0) -> datetime:
    # In UTC, since Python calls no time that comes twice equal to one of another zone.
    return datetime(*parts, fold=fold, tzinfo=BERLIN).astimezone(UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def between(start: tuple[int, ...], end: tuple[int, ...], zone: ZoneInfo = BERLIN) -> Period:
    return Period.between(datetime(*start, tzinfo=zone), datetime(*end, tzinfo=zone))


def month(year: int, number: int) -> Period:
    return Period.month(year, number, tz=TZ)


MARCH = month(2026, 3)
NOON = berlin(2026, 3, 12, 14)
PART = MARCH.to_date(NOON)


class TestPart:
    def test_from_the_start_up_to_as_of(self):
        assert (PART.start, PART.end) == (MARCH.start, NOON)
        assert (PART.unit, PART.count, PART.tz) == ("month", 1, BERLIN)
        assert PART.duration == timedelta(days=11, hours=14)
        assert NOON - timedelta.resolution in PART
        assert NOON not in PART

    def test_it_knows_its_whole(self):
        assert PART.whole == MARCH
        assert PART.whole is not PART
        assert MARCH.whole is MARCH
        assert PART.previous().whole == month(2026, 2)

    @pytest.mark.parametrize("as_of", [MARCH.end, MARCH.end + HOUR, berlin(2026, 4, 1)])
    def test_a_period_that_was_over_is_itself(self, as_of):
        assert MARCH.to_date(as_of) is MARCH

    def test_the_first_and_the_last_microsecond(self):
        assert MARCH.to_date(MARCH.start + timedelta.resolution).duration == timedelta.resolution
        almost = MARCH.to_date(MARCH.end - timedelta.resolution)
        assert almost.end == MARCH.end - timedelta.resolution
        assert almost.year_before().end == month(2025, 3).end - timedelta.resolution

    def test_of_a_part_at_another_instant(self):
        earlier = berlin(2026, 3, 5)
        assert PART.to_date(earlier) == MARCH.to_date(earlier)
        assert PART.to_date(NOON) is PART
        assert PART.to_date(berlin(2026, 3, 20)) is PART

    def test_as_of_in_any_zone_and_of_pandas(self):
        assert MARCH.to_date(utc(2026, 3, 12, 13)) == PART
        part = MARCH.to_date(pd.Timestamp("2026-03-12 14:00", tz=TZ))
        assert part == PART
        assert type(part.end) is datetime


class TestNeighbours:
    """Each line: whole, as_of, and where the parts before, a year before and after end."""

    @pytest.mark.parametrize(
        "whole, as_of, before, year_before, after",
        [
            # months, by the date, whatever the clocks did on 29 March
            (MARCH, (2026, 3, 12, 14), (2026, 2, 12, 14), (2025, 3, 12, 14), (2026, 4, 12, 14)),
            (MARCH, (2026, 3, 13), (2026, 2, 13), (2025, 3, 13), (2026, 4, 13)),
            (month(2026, 4), (2026, 4, 30, 9), (2026, 3, 30, 9), (2025, 4, 30, 9), (2026, 5, 30, 9)),
            (month(2026, 10), (2026, 10, 26, 8), (2026, 9, 26, 8), (2025, 10, 26, 8), (2026, 11, 26, 8)),
            # dates that the other month has not
            (MARCH, (2026, 3, 31, 10), (2026, 3, 1), (2025, 3, 31, 10), (2026, 5, 1)),
            (MARCH, (2026, 3, 29), (2026, 3, 1), (2025, 3, 29), (2026, 4, 29)),
            (month(2024, 2), (2024, 2, 29, 10), (2024, 1, 29, 10), (2023, 3, 1), (2024, 3, 29, 10)),
            (month(2023, 3), (2023, 3, 29, 10), (2023, 3, 1), (2022, 3, 29, 10), (2023, 4, 29, 10)),
            (month(2024, 3), (2024, 3, 29, 10), (2024, 2, 29, 10), (2023, 3, 29, 10), (2024, 4, 29, 10)),
            # a day, by the time of day
            (Period.day(2026, 3, 12, tz=TZ), (2026, 3, 12, 9), (2026, 3, 11, 9), (2025, 3, 12, 9), (2026, 3, 13, 9)),
            (Period.day(2024, 2, 29, tz=TZ), (2024, 2, 29, 9), (2024, 2, 28, 9), (2023, 2, 28, 9), (2024, 3, 1, 9)),
            # 02:30 is skipped on 29 March and shown twice on 25 October
            (Period.day(2026, 3, 28, tz=TZ), (2026, 3, 28, 2, 30), (2026, 3, 27, 2, 30), (2025, 3, 28, 2, 30), (2026, 3, 29, 3)),
            (Period.day(2026, 10, 24, tz=TZ), (2026, 10, 24, 2, 30), (2026, 10, 23, 2, 30), (2025, 10, 24, 2, 30), (2026, 10, 25, 2, 30)),
            # weeks, by the weekday
            (Period.week(2026, 10, tz=TZ), (2026, 3, 5, 9), (2026, 2, 26, 9), (2025, 3, 6, 9), (2026, 3, 12, 9)),
            (
                Period.week(date(2026, 3, 5), week_start="sunday", tz=TZ),
                (2026, 3, 3, 9), (2026, 2, 24, 9), (2025, 3, 4, 9), (2026, 3, 10, 9),
            ),
            (Period.week(2026, 14, tz=TZ), (2026, 4, 1, 9), (2026, 3, 25, 9), (2025, 4, 2, 9), (2026, 4, 8, 9)),
            # quarters, by the month of the quarter and the date
            (Period.quarter(2026, 2, tz=TZ), (2026, 5, 15), (2026, 2, 15), (2025, 5, 15), (2026, 8, 15)),
            (Period.quarter(2026, 2, tz=TZ), (2026, 5, 31, 9), (2026, 3, 1), (2025, 5, 31, 9), (2026, 8, 31, 9)),
            (
                Period.quarter(2025, 4, starts_in=5, tz=TZ),  # February to April
                (2026, 3, 31, 9), (2025, 12, 31, 9), (2025, 3, 31, 9), (2026, 7, 1),
            ),
            # years, by the date
            (Period.year(2026, tz=TZ), (2026, 5, 15, 9), (2025, 5, 15, 9), (2025, 5, 15, 9), (2027, 5, 15, 9)),
            (Period.year(2024, tz=TZ), (2024, 2, 29, 9), (2023, 3, 1), (2023, 3, 1), (2025, 3, 1)),
            (Period.year(2024, tz=TZ), (2024, 2, 29), (2023, 3, 1), (2023, 3, 1), (2025, 3, 1)),
            (Period.year(2024, tz=TZ), (2024, 3, 1), (2023, 3, 1), (2023, 3, 1), (2025, 3, 1)),
            (Period.year(2025, starts_in=4, tz=TZ), (2026, 2, 10), (2025, 2, 10), (2025, 2, 10), (2027, 2, 10)),
            # several units
            (
                Period.last(3, "month", as_of=MARCH.end, tz=TZ),
                (2026, 2, 12, 9), (2025, 11, 12, 9), (2025, 2, 12, 9), (2026, 5, 12, 9),
            ),
            (
                Period.last(2, "week", as_of=berlin(2026, 3, 9), tz=TZ),
                (2026, 3, 4, 9), (2026, 2, 18, 9), (2025, 3, 5, 9), (2026, 3, 18, 9),
            ),
            (
                Period.last(7, "day", as_of=berlin(2026, 4, 2), tz=TZ),
                (2026, 3, 30, 9), (2026, 3, 23, 9), (2025, 3, 30, 9), (2026, 4, 6, 9),
            ),
            # no unit, whole local days
            (between((2026, 3, 25), (2026, 4, 4)), (2026, 3, 30, 9), (2026, 3, 20, 9), (2025, 3, 30, 9), (2026, 4, 9, 9)),
            # over a leap day: as many local days before, but the same date a year before
            (between((2024, 2, 1), (2024, 4, 1)), (2024, 3, 12, 9), (2024, 1, 12, 9), (2023, 3, 12, 9), (2024, 5, 11, 9)),
            (between((2024, 2, 1), (2024, 3, 1)), (2024, 2, 29, 9), (2024, 1, 31, 9), (2023, 3, 1), (2024, 3, 29, 9)),
            # no unit, elapsed time: the clocks were an hour behind before 29 March
            (between((2026, 3, 29, 12), (2026, 3, 30, 12)), (2026, 3, 29, 18), (2026, 3, 28, 17), (2025, 3, 29, 18), (2026, 3, 30, 18)),
        ],
    )  # fmt: skip
    def test_equal_parts(self, whole, as_of, before, year_before, after):
        part = whole.to_date(berlin(*as_of))
        for other, kin, end in [
            (part.previous(), whole.previous(), before),
            (part.year_before(), whole.year_before(), year_before),
            (part.next(), whole.next(), after),
        ]:
            assert (other.start, other.end) == (kin.start, berlin(*end))
            assert other.whole == kin
            assert (other.unit, other.count, other.starts_in) == (whole.unit, whole.count, whole.starts_in)

    @pytest.mark.parametrize(
        "whole, as_of, before",
        [
            # half an hour of daylight saving
            (
                Period.day(2026, 10, 5, tz=LORD_HOWE),
                datetime(2026, 10, 5, 2, 15, tzinfo=LORD_HOWE),
                datetime(2026, 10, 4, 2, 30, tzinfo=LORD_HOWE),
            ),
            # from winter into summer and back
            (
                Period.month(2026, 4, tz=NEW_YORK),
                datetime(2026, 4, 12, 14, tzinfo=NEW_YORK),
                datetime(2026, 3, 12, 14, tzinfo=NEW_YORK),
            ),
            (
                Period.month(2026, 12, tz=NEW_YORK),
                datetime(2026, 12, 1, 1, 30, tzinfo=NEW_YORK),
                datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK),
            ),
            # 4 November began at 01:00, the start of a day leads to the start of a day
            (
                Period.month(2018, 11, tz=SAO_PAULO),
                datetime(2018, 11, 4, 1, tzinfo=SAO_PAULO),
                datetime(2018, 10, 4, 0, tzinfo=SAO_PAULO),
            ),
            (
                Period.month(2018, 12, tz=SAO_PAULO),
                datetime(2018, 12, 4, 0, tzinfo=SAO_PAULO),
                datetime(2018, 11, 4, 1, tzinfo=SAO_PAULO),
            ),
            # what the zone skipped of that day is made up for by as much time
            (
                Period.day(2018, 11, 5, tz=SAO_PAULO),
                datetime(2018, 11, 5, 0, 30, tzinfo=SAO_PAULO),
                datetime(2018, 11, 4, 1, 30, tzinfo=SAO_PAULO),
            ),
            # its first midnight comes twice: an hour had passed at the second
            (
                Period.month(2026, 11, tz=HAVANA),
                datetime(2026, 11, 1, 0, fold=1, tzinfo=HAVANA),
                datetime(2026, 10, 1, 1, tzinfo=HAVANA),
            ),
            # put back from 00:01 to 23:01 of the day before, which belongs to the day that had begun
            (
                Period.day(2006, 10, 29, tz=ST_JOHNS),
                datetime(2006, 10, 28, 23, 31, fold=1, tzinfo=ST_JOHNS),
                datetime(2006, 10, 28, 0, 31, tzinfo=ST_JOHNS),
            ),
            # a skipped day has a date, but is no day
            (
                Period.month(2011, 12, tz=APIA),
                datetime(2011, 12, 31, 9, tzinfo=APIA),
                datetime(2011, 12, 1, tzinfo=APIA),
            ),
            (
                between((2011, 12, 31), (2012, 1, 3), APIA),
                datetime(2012, 1, 2, 9, tzinfo=APIA),
                datetime(2011, 12, 29, 9, tzinfo=APIA),
            ),
            (
                between((2012, 1, 1), (2012, 1, 5), APIA),
                datetime(2012, 1, 4, 9, tzinfo=APIA),
                datetime(2011, 12, 31, 9, tzinfo=APIA),
            ),
        ],
    )
    def test_odd_clocks(self, whole, as_of, before):
        part = whole.to_date(as_of)
        assert part.end == as_of.astimezone(UTC)
        assert part.previous().end == before.astimezone(UTC)
        assert part.previous().next() == part

    def test_a_month_whose_first_day_was_skipped(self):
        january = Period.month(1995, 1, tz=KIRITIMATI)
        december = Period.month(1994, 12, tz=KIRITIMATI).to_date(datetime(1994, 12, 1, 9, tzinfo=KIRITIMATI))
        assert december.next().end == january.start + 9 * HOUR
        part = january.to_date(datetime(1995, 1, 2, 9, tzinfo=KIRITIMATI))
        assert part.previous().end == datetime(1994, 12, 2, 9, tzinfo=KIRITIMATI)

    def test_a_year_before_a_free_period_that_would_end_before_it_begins(self):
        # 02:10 to 02:40 lies within the hour that was skipped on 30 March 2025
        part = between((2026, 3, 30, 2, 10), (2026, 3, 30, 4)).to_date(berlin(2026, 3, 30, 2, 40))
        assert part.year_before().label == "2025-03-30 03:00 to 2025-03-30 04:00, to 2025-03-30 03:30"

    def test_steps_are_taken_from_the_anchor(self):
        part = MARCH.to_date(berlin(2026, 3, 31, 10))
        assert part.previous().end == berlin(2026, 3, 1)
        assert part.previous().previous().end == berlin(2026, 1, 31, 10)
        assert part.previous().previous() == month(2026, 1).to_date(berlin(2026, 1, 31, 10))
        assert part.previous().next() == part.next().previous() == part
        leap = Period.year(2024, tz=TZ).to_date(berlin(2024, 2, 29, 9))
        back = leap
        for _ in range(4):
            back = back.previous()
        assert back.end == berlin(2020, 2, 29, 9)

    def test_the_second_pass_of_an_hour_stays_one(self):
        # The last Sunday of October in both years
        week = Period.week(2026, 43, tz=TZ).to_date(berlin(2026, 10, 25, 2, 30, fold=1))
        assert week.year_before().end == berlin(2025, 10, 26, 2, 30, fold=1)
        assert week.previous().next() == week
        assert week.previous() != Period.week(2026, 42, tz=TZ).to_date(berlin(2026, 10, 18, 2, 30))

    def test_nothing_lies_beyond_the_calendar(self):
        first = Period.year(1, tz="UTC").to_date(utc(1, 5, 1))
        for step in (first.previous, first.year_before):
            with pytest.raises(InvalidPeriodError, match="the years 1 to 9999"):
                step()
        last = Period.month(9999, 11, tz="UTC").to_date(utc(9999, 11, 30))
        assert last.previous().end == utc(9999, 10, 30)
        with pytest.raises(InvalidPeriodError, match="the years 1 to 9999"):
            last.next()
        free = Period.between(utc(9999, 12, 1), datetime.max.replace(tzinfo=UTC)).to_date(utc(9999, 12, 31))
        assert free.previous().duration == free.duration


class TestSplit:
    @pytest.mark.parametrize(
        "part, unit, labels",
        [
            (PART, "month", ["2026-03, to 2026-03-12 14:00"]),
            (
                Period.year(2026, tz=TZ).to_date(NOON),
                "month",
                ["2026-01", "2026-02", "2026-03, to 2026-03-12 14:00"],
            ),
            (Period.year(2026, tz=TZ).to_date(berlin(2026, 3, 1)), "month", ["2026-01", "2026-02"]),
            (Period.week(2026, 10, tz=TZ).to_date(berlin(2026, 3, 4)), "day", ["2026-03-02", "2026-03-03"]),
            (PART.to_date(berlin(2026, 3, 10)), "week", ["2026-03-01 to 2026-03-07", "2026-03-08 to 2026-03-14, to 2026-03-09"]),
            (MARCH.to_date(berlin(2026, 3, 31, 10)).previous(), "month", ["2026-02"]),
        ],
    )  # fmt: skip
    def test_the_last_is_the_running_one_to_date(self, part, unit, labels):
        units = list(part.split(unit))
        assert [each.label for each in units] == labels
        assert (units[0].start, units[-1].end) == (part.start, part.end)

    def test_lazily(self):
        days = Period.between(utc(1, 1, 1), utc(9999, 12, 31)).to_date(utc(9999, 1, 1)).split("day")
        assert next(days).label == "0001-01-01"


ALL = [
    (PART, "2026-03, to 2026-03-12 14:00", "2026-03-12T14:00:00+01:00"),
    (MARCH.to_date(berlin(2026, 3, 13)), "2026-03, to 2026-03-12", "2026-03-13T00:00:00+01:00"),
    (
        MARCH.to_date(berlin(2026, 3, 12, 14, 0, 5)),
        "2026-03, to 2026-03-12 14:00:05",
        "2026-03-12T14:00:05+01:00",
    ),
    (
        month(2026, 10).to_date(berlin(2026, 10, 25, 2, 30)),
        "2026-10, to 2026-10-25 02:30+02:00",
        "2026-10-25T02:30:00+02:00",
    ),
    (
        month(2026, 10).to_date(berlin(2026, 10, 25, 2, 30, fold=1)),
        "2026-10, to 2026-10-25 02:30+01:00",
        "2026-10-25T02:30:00+01:00",
    ),
    (
        Period.week(date(2026, 3, 5), week_start="sunday", tz=TZ).to_date(berlin(2026, 3, 4)),
        "2026-03-01 to 2026-03-07, to 2026-03-03",
        "2026-03-04T00:00:00+01:00",
    ),
    (
        Period.quarter(2025, 4, starts_in=4, tz=TZ).to_date(berlin(2026, 3, 5)),
        "2025/26-Q4, to 2026-03-04",
        "2026-03-05T00:00:00+01:00",
    ),
    (
        Period.last(3, "month", as_of=MARCH.end, tz=TZ).to_date(berlin(2026, 2, 12, 9)),
        "2026-01 to 2026-03, to 2026-02-12 09:00",
        "2026-02-12T09:00:00+01:00",
    ),
    (
        between((2026, 3, 1), (2026, 3, 16)).to_date(berlin(2026, 3, 10)),
        "2026-03-01 to 2026-03-15, to 2026-03-09",
        "2026-03-10T00:00:00+01:00",
    ),
]
CUT = [
    (
        MARCH.to_date(berlin(2026, 3, 31, 10)).previous(),
        "2026-02, to 2026-02-28",
        'Period.month(2026, 2, tz="Europe/Berlin")._part_of(0, 30, 36000000000, 0)',
    ),
    (
        Period.day(2026, 3, 28, tz=TZ).to_date(berlin(2026, 3, 28, 2, 30)).next(),
        "2026-03-29, to 2026-03-29 03:00",
        'Period.day(2026, 3, 29, tz="Europe/Berlin")._part_of(0, 0, 9000000000, 0)',
    ),
    (
        between((2024, 2, 28, 12), (2024, 3, 1, 9)).to_date(berlin(2024, 3, 1, 8, 30)).year_before(),
        "2023-02-28 12:00 to 2023-03-01 09:00, to 2023-03-01 08:30",
        (
            'Period.between(datetime.fromisoformat("2023-02-28T12:00:00+01:00"), '
            'datetime.fromisoformat("2023-03-01T09:00:00+01:00"), tz="Europe/Berlin")'
            '.to_date(datetime.fromisoformat("2023-03-01T08:30:00+01:00"))'
        ),
    ),
]
NAMES = {"Period": Period, "datetime": datetime, "date": date}


class TestNames:
    @pytest.mark.parametrize("part, label, instant", ALL)
    def test_label_and_repr(self, part, label, instant):
        assert part.label == str(part) == f"{part}" == label
        assert repr(part) == f'{part.whole!r}.to_date(datetime.fromisoformat("{instant}"))'

    @pytest.mark.parametrize("part, label, expected", CUT)
    def test_of_those_that_no_instant_makes(self, part, label, expected):
        assert part.label == label
        assert repr(part) == expected

    def test_two_parts_of_a_period_are_never_called_alike(self):
        first, second = (month(2026, 10).to_date(berlin(2026, 10, 25, 2, 30, fold=fold)) for fold in (0, 1))
        assert first.label != second.label


class TestValue:
    @pytest.mark.parametrize("part", [part for part, _, __ in ALL + CUT])
    def test_survives_copies(self, part):
        for again in (
            pickle.loads(pickle.dumps(part)),
            copy.copy(part),
            copy.deepcopy(part),
            attrs.evolve(part),
            eval(repr(part), NAMES),
        ):
            assert again == part
            assert hash(again) == hash(part)
            assert (again.label, repr(again), again.whole) == (part.label, repr(part), part.whole)
            assert again.previous() == part.previous()

    def test_equal_when_they_behave_alike(self):
        assert MARCH.to_date(NOON) == PART
        assert PART.previous() == month(2026, 2).to_date(berlin(2026, 2, 12, 14))
        assert len({PART, MARCH.to_date(NOON.astimezone(UTC))}) == 1

    @pytest.mark.parametrize(
        "other",
        [
            MARCH,
            Period.between(MARCH.start, NOON, tz=TZ),  # as many hours lie before it
            MARCH.to_date(NOON + HOUR),
            Period.between(MARCH.start, MARCH.end, tz=TZ).to_date(NOON),
            Period.quarter(2026, 1, starts_in=3, tz=TZ).to_date(NOON),
            Period.month(2026, 3, tz="Europe/Paris").to_date(NOON),
        ],
    )
    def test_different(self, other):
        assert other != PART

    def test_a_part_that_goes_to_the_end_is_not_the_whole(self):
        cut = MARCH.to_date(berlin(2026, 3, 31, 10)).previous()
        february = month(2026, 2)
        assert (cut.start, cut.end) == (february.start, february.end)
        assert cut != february
        assert cut.previous() != february.previous()
        assert cut != MARCH.to_date(berlin(2026, 3, 30, 10)).previous()

    def test_frozen_and_slotted(self):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            PART.end = MARCH.end
        assert not hasattr(PART, "__dict__")


class TestRefusals:
    @pytest.mark.parametrize("as_of", [MARCH.start, MARCH.start - HOUR, berlin(2026, 3, 1), utc(1, 1, 1)])
    def test_nothing_had_passed(self, as_of):
        message = r"Period\.to_date\(\): as_of must be later than the start of 2026-03.* got .*previous\(\)"
        for period in (MARCH, PART):
            with pytest.raises(InvalidPeriodError, match=message):
                period.to_date(as_of)

    @pytest.mark.parametrize("as_of", [datetime(2026, 3, 12), date(2026, 3, 12)])
    def test_naive_instants(self, as_of):
        with pytest.raises(NaiveDatetimeError, match=r"Period\.to_date\(\): as_of must"):
            MARCH.to_date(as_of)

    @pytest.mark.parametrize("as_of", [None, "2026-03-12", 5])
    def test_other_types(self, as_of):
        with pytest.raises(InvalidTypeError, match=r"Period\.to_date\(\): as_of must be a datetime"):
            MARCH.to_date(as_of)

    @pytest.mark.parametrize("part", [5, True, MARCH, NOON])
    def test_parts_of_another_type(self, part):
        with pytest.raises(InvalidTypeError, match="Period: part must be what to_date"):
            attrs.evolve(MARCH, part=part)

    @pytest.mark.parametrize(
        "changes, message",
        [
            ({"end": MARCH.end}, "end must be where the part to date ends"),
            ({"end": NOON + HOUR}, "end must be where the part to date ends.*call to_date"),
            ({"end": MARCH.end + HOUR}, "end must not be later than that of the whole.*call to_date"),
            ({"end": MARCH.start}, "end must be later than start"),
            ({"start": MARCH.start + HOUR}, "unit must fit the ends"),
            ({"tz": "UTC"}, "unit must fit the ends"),
            ({"unit": "quarter"}, "unit must fit the ends"),
            ({"count": 2}, "unit must fit the ends"),
            ({"part": None}, "unit must fit the ends"),
        ],
    )
    def test_parts_that_cannot_be(self, changes, message):
        with pytest.raises(InvalidPeriodError, match=message):
            attrs.evolve(PART, **changes)

    @pytest.mark.parametrize(
        "whole, passed",
        [
            (MARCH, (0, 0, 0, 0)),
            (MARCH, (1, 0, 1, 0)),
            (MARCH, (-1, 30, 1, 0)),
            (MARCH, (0, 31, 1, 0)),
            (MARCH, (0, -1, 1, 0)),
            (MARCH, (0, 3, 86_400_000_000, 0)),
            (MARCH, (0, 3, -1, 0)),
            (MARCH, (0, 3, 1, 2)),
            (MARCH, (1, None, 1, 0)),
            (MARCH, (0, None, 0, 0)),
            (Period.year(2026, tz=TZ), (12, 0, 1, 0)),
            (Period.day(2026, 3, 5, tz=TZ), (1, 0, 1, 0)),
            (between((2026, 3, 5, 10), (2026, 3, 6)), (0, 1, 1, 0)),
            (between((2026, 3, 5), (2026, 3, 6)), (0, 10**7, 1, 0)),
        ],
    )
    def test_no_more_and_no_less_than_can_have_passed(self, whole, passed):
        with pytest.raises(InvalidPeriodError, match=r"Period: (part|end) must"):
            whole._part_of(*passed)


class TestRetention:
    """The opening base of a part to date is the whole unit before."""

    def test_of_februarys_customers_those_who_have_come_in_march_so_far(self):
        orders = make_orders(
            {
                "ann": ["2026-02-03", "2026-03-05"],
                "ben": ["2026-02-20", "2026-03-11"],  # in the base, though after 12 February
                "cem": ["2026-02-20", "2026-03-25"],  # not yet
                "dee": ["2026-01-31", "2026-02-20"],  # not by 12 February
                "eve": ["2026-01-15", "2026-02-11"],
            }
        )
        history = History(orders, as_of=NOON)
        rate = customer_retention_rate(history, period=PART)
        assert (rate.numerator, rate.denominator) == (2, 4 + 1)
        assert not rate.partial
        before = customer_retention_rate(history, period=PART.previous())
        assert (before.numerator, before.denominator) == (1, 2)
