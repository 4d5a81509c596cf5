"""What holds for every input of an intake."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import assume, example, given, strategies as st

from retention.errors import InvalidRowsError
from retention.intake import (
    checkouts_from_records,
    interactions_from_records,
    orders_from_records,
    subscriptions_from_records,
)
from retention.records import Checkout, Interaction, LineItem, Order, Refund, Subscription
from retention.testing import strategies

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = {"id": 1, "customer_id": 2, "placed_at": NOON, "amount": "12.50", "currency": "EUR"}
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
]

junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(max_size=12),
    st.binary(max_size=4),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(
        st.one_of(
            st.none(),
            st.integers(),
            st.text(max_size=3),
            st.dictionaries(st.text(max_size=3), st.none(), max_size=1),
        ),
        max_size=2,
    ),
    st.dictionaries(
        st.sampled_from(["amount", "refunded_at", "product", "started_at"]), st.integers(), max_size=3
    ),
    st.sampled_from(
        ["EUR", "2026-03-01", "2026-03-01 12:00", "1772366400", "1,50", "12.50", "\x00", "\ud800", "paid"]
    ),
    st.builds(object),
)
columns = st.sampled_from([attribute.name for attribute in attrs.fields(Order)])
faulty_rows = st.builds(lambda cells: {**GOOD, **cells}, st.dictionaries(columns, junk, max_size=3))
rows = st.lists(st.one_of(st.just(GOOD), faulty_rows, junk), max_size=6)

moments = st.datetimes(timezones=st.just(UTC))
money = st.decimals(min_value=0, max_value=10**12, places=2)
identifiers = st.one_of(st.integers(), st.uuids(), st.text("abc é", min_size=1).filter(str.strip))
words = st.one_of(st.none(), st.text("abc", min_size=1))


@st.composite
def orders(draw) -> Order:
    placed_at = draw(moments)
    refund = st.builds(
        Refund, refunded_at=st.datetimes(placed_at.replace(tzinfo=None), timezones=st.just(UTC)), amount=money
    )
    refunds = draw(st.lists(refund, max_size=2))
    return Order(
        id=draw(identifiers),
        customer_id=draw(st.one_of(st.none(), identifiers)),
        placed_at=placed_at,
        amount=draw(money) + sum(one.amount for one in refunds),
        currency=draw(st.text("ABC", min_size=3, max_size=3)),
        refunds=refunds,
        payment_state=draw(st.sampled_from(["paid", "pending", "failed", "unknown"])),
        cost=draw(st.one_of(st.none(), money)),
        channel=draw(words),
        items=draw(st.lists(st.builds(LineItem, product=identifiers, category=words), max_size=2)),
        tags=draw(st.frozensets(st.text("abc", min_size=1), max_size=2)),
        is_test=draw(st.booleans()),
    )


class TestNothingIsDropped:
    """Each row becomes a record or an error, and every fault of every row is reported."""

    @given(rows, st.sampled_from([None, "Europe/Berlin"]), st.sampled_from([None, 2]))
    def test_a_record_or_an_error(self, rows, tz, digits):
        intake = orders_from_records([GOOD, *rows], tz=tz, float_digits=digits, on_error="collect")
        faulty = {error.row for error in intake.errors}
        assert len(intake.records) + len(faulty) == 1 + len(rows)
        assert sorted(faulty) == list(dict.fromkeys(error.row for error in intake.errors))
        assert all(
            error.field is None or error.field in GOOD or hasattr(Order, error.field)
            for error in intake.errors
        )
        assert all("\n" not in str(error) for error in intake.errors)

    @given(rows)
    def test_raised_or_collected(self, rows):
        rows = [GOOD, *rows]
        intake = orders_from_records(rows, on_error="collect")
        if intake.errors:
            with pytest.raises(InvalidRowsError) as caught:
                orders_from_records(iter(rows))
            assert list(map(str, caught.value.exceptions)) == list(map(str, intake.errors))
        else:
            assert tuple(orders_from_records(iter(rows))) == intake.records

    @given(rows)
    def test_good_rows_are_read_alike_beside_faulty_ones(self, rows):
        together = orders_from_records([GOOD, *rows], on_error="collect").records
        alone = [orders_from_records([GOOD, row], on_error="collect").records[1:] for row in rows]
        assert together[1:] == tuple(record for records in alone for record in records)


class TestRoundTrip:
    """What a record says in a row's terms makes the same record again."""

    @given(orders())
    def test_as_mappings(self, order):
        row = attrs.asdict(order)
        assert orders_from_records([row]) == [order]

    @given(orders())
    def test_as_texts(self, order):
        row = {**attrs.asdict(order), "placed_at": order.placed_at.isoformat(), "amount": str(order.amount)}
        row["cost"] = "" if order.cost is None else f" {order.cost} "
        row["is_test"] = str(order.is_test)
        assert orders_from_records([row]) == [order]


def as_text(cell):
    """A cell as a file of texts has it."""
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, datetime) else str(cell)


SISTERS = [
    pytest.param(subscriptions_from_records, strategies.subscriptions(), id="subscriptions"),
    pytest.param(checkouts_from_records, strategies.checkouts(), id="checkouts"),
    pytest.param(interactions_from_records, strategies.interactions(), id="interactions"),
]


@pytest.mark.parametrize("intake, records", SISTERS)
class TestRoundTripOfTheSisters:
    """What a subscription, a checkout or a contact says in a row's terms makes the same record again."""

    @given(data=st.data())
    def test_as_mappings(self, intake, records, data):
        drawn = data.draw(records)
        assert intake(map(attrs.asdict, drawn)) == drawn

    @given(data=st.data())
    def test_as_texts(self, intake, records, data):
        drawn = [attrs.evolve(record, id=str(record.id)) for record in data.draw(records)]
        assume(all(getattr(record, "order_id", None) is None for record in drawn))
        rows = [
            {
                name: cell if isinstance(cell, (tuple, list)) else as_text(cell)
                for name, cell in attrs.asdict(record).items()
            }
            for record in drawn
        ]
        assert intake(rows) == drawn


LEAST = {
    subscriptions_from_records: (
        Subscription,
        {
            "id": 1,
            "customer_id": 2,
            "started_at": NOON,
            "amount": "12.50",
            "currency": "EUR",
            "interval": "month",
        },
    ),
    checkouts_from_records: (Checkout, {"id": 1, "begun_at": NOON, "amount": "12.50", "currency": "EUR"}),
    interactions_from_records: (
        Interaction,
        {"kind": "case", "direction": "inbound", "channel": "chat", "occurred_at": NOON},
    ),
}


@pytest.mark.parametrize("intake", LEAST, ids=lambda intake: intake.__name__)
class TestNothingIsDroppedByTheSisters:
    """Each row becomes a record or an error, whatever stands in it."""

    @given(data=st.data())
    def test_a_record_or_an_error(self, intake, data):
        kind, least = LEAST[intake]
        names = [attribute.name for attribute in attrs.fields(kind)]
        some = st.dictionaries(st.sampled_from(names), junk, max_size=3)
        rows = data.draw(st.lists(st.one_of(some.map(lambda cells: {**least, **cells}), junk), max_size=6))
        tz = data.draw(st.sampled_from([None, "Europe/Berlin"]))
        found = intake([least, *rows], tz=tz, on_error="collect")
        faulty = {error.row for error in found.errors}
        assert len(found.records) + len(faulty) == 1 + len(rows)
        assert {error.field for error in found.errors} <= {None, *names}
        assert all("\n" not in str(error) for error in found.errors)


class TestFloats:
    """Each float is rounded to `float_digits` decimals, half to even, from the digits that it prints."""

    @given(st.floats(0, 10**14), st.integers(0, 4))
    @example(2.675, 2)
    @example(0.125, 2)
    @example(19.999999999999996, 2)
    def test_as_printed(self, value, digits):
        expected = Decimal(repr(value)).quantize(Decimal(10) ** -digits, ROUND_HALF_EVEN)
        with localcontext(Context(prec=6)):
            [order] = orders_from_records([{**GOOD, "amount": value}], float_digits=digits)
        assert str(order.amount) == str(expected)

    @given(st.decimals(min_value=0, max_value=10**12, places=2))
    def test_cents_survive(self, amount):
        [order] = orders_from_records([{**GOOD, "amount": float(amount)}], float_digits=2)
        assert order.amount == amount


def instants_of(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """All instants at which the clocks of a zone show a time, found by trying every offset in use around it."""
    around = [wall.replace(tzinfo=UTC) + timedelta(hours=hours) for hours in range(-36, 37)]
    offsets = {moment.astimezone(zone).utcoffset() for moment in around}
    tried = sorted((wall - offset).replace(tzinfo=UTC) for offset in offsets)
    return [moment for moment in tried if moment.astimezone(zone).replace(tzinfo=None) == wall]


walls = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1))


class TestLocalTimes:
    """Where the clocks show a time twice, the first is meant; a time that they skip is refused, save midnight."""

    @given(walls, st.sampled_from(ZONES))
    @example(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")
    @example(datetime(2026, 10, 25, 2, 30), "Europe/Berlin")
    @example(datetime(2026, 4, 5, 1, 45), "Australia/Lord_Howe")
    @example(datetime(2026, 10, 4, 2, 15), "Australia/Lord_Howe")
    @example(datetime(2026, 4, 24, 0, 30), "Africa/Cairo")
    @example(datetime(1991, 10, 20, 0, 0, 1), "America/Sao_Paulo")
    def test_by_search(self, wall, name):
        found = instants_of(wall, ZoneInfo(name))
        for cell in (wall, wall.isoformat(), wall.isoformat(" ")):
            intake = orders_from_records([{**GOOD, "placed_at": cell}], tz=name, on_error="collect")
            if found:
                assert [order.placed_at for order in intake.records] == found[:1]
            else:
                assert wall.time() == datetime.min.time() or "must be a time that exists" in str(
                    intake.errors[0]
                )

    @given(st.dates(date(1990, 1, 1), date(2037, 1, 1)), st.sampled_from(ZONES))
    @example(date(2026, 4, 24), "Africa/Cairo")
    @example(date(1991, 10, 20), "America/Sao_Paulo")
    def test_a_day_begins_at_its_first_instant(self, day, name):
        zone = ZoneInfo(name)
        cells = (day, day.isoformat(), datetime(day.year, day.month, day.day))
        found = {
            order.placed_at
            for order in orders_from_records([{**GOOD, "placed_at": cell} for cell in cells], tz=name)
        }
        [start] = found
        assert start.astimezone(zone).date() == day
        assert (start - timedelta(microseconds=1)).astimezone(zone).date() < day

    @given(moments, st.sampled_from(ZONES))
    def test_an_offset_of_its_own_comes_first(self, moment, name):
        assume(2 < moment.year < 9998)
        there = moment.astimezone(ZoneInfo("Asia/Tokyo"))
        rows = [{**GOOD, "placed_at": cell} for cell in (there, there.isoformat())]
        assert [order.placed_at for order in orders_from_records(rows, tz=name)] == [moment, moment]


def test_the_search_finds_gaps_and_repeats():
    berlin = ZoneInfo("Europe/Berlin")
    assert instants_of(datetime(2026, 3, 29, 2, 30), berlin) == []
    assert len(instants_of(datetime(2026, 10, 25, 2, 30), berlin)) == 2
    with pytest.raises(InvalidRowsError):
        orders_from_records([{**GOOD, "placed_at": "2026-03-29 02:30"}], tz="Europe/Berlin")
