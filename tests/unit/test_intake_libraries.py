"""The value types that Django, pandas, Polars and SQLAlchemy really hand over, each read by the intake as it is.

The pages under docs/how-to show the way; here stand the corners of each library's types.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sqlalchemy as sa
from django.db import models
from django.utils.safestring import mark_safe

from retention.errors import InvalidRowsError, InvalidTypeError
from retention.intake import customers_from_records, orders_from_records
from retention.records import LineItem, Order, Refund
from tests import django_database

BERLIN = "Europe/Berlin"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 9, 10, tzinfo=UTC)
KEY = UUID("0198f3a2-7c11-7d3e-9a55-0d6f1f2b3c4d")
ORDER = Order(id=1, customer_id=11, placed_at=NOON, amount="12.50", currency="EUR")
ROW = {"id": 1, "customer_id": 11, "placed_at": NOON, "amount": "12.50"}


def order(row=None, /, *, options=None, **cells) -> Order:
    """The order of one row, its cells changed."""
    [found] = orders_from_records([{**(row or ROW), **cells}], currency="EUR", **(options or {}))
    return found


class TestPandas:
    def rows(self, **columns):
        return pd.DataFrame({**{name: [cell] for name, cell in ROW.items()}, **columns}).to_dict("records")

    def order(self, options=None, **columns) -> Order:
        return order(self.rows(**columns)[0], options=options)

    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    def test_a_timestamp_with_a_zone_is_its_instant(self, unit):
        column = pd.Series(["2026-03-01 13:00"]).astype(f"datetime64[{unit}]").dt.tz_localize(BERLIN)
        found = self.order(placed_at=column)
        assert found == ORDER
        assert type(found.placed_at) is datetime

    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    def test_a_timestamp_without_takes_the_zone_that_is_given(self, unit):
        column = pd.Series(["2026-03-01 13:00"]).astype(f"datetime64[{unit}]")
        assert self.order({"tz": BERLIN}, placed_at=column) == ORDER

    @pytest.mark.parametrize("zone", [None, "UTC", BERLIN])
    def test_nanoseconds_are_left_out_without_a_word(self, zone):
        column = pd.Series([pd.Timestamp(1_772_366_400_000_000_999, unit="ns", tz=zone)])
        assert self.order({"tz": "UTC"}, placed_at=column) == ORDER

    def test_both_hours_of_an_autumn_night(self):
        night = pd.Series(pd.to_datetime(["2026-10-25 00:30", "2026-10-25 01:30"], utc=True)).dt.tz_convert(
            BERLIN
        )
        frame = pd.DataFrame({"id": [1, 2], "customer_id": [11, 11], "placed_at": night, "amount": [1, 1]})
        found = orders_from_records(frame.to_dict("records"), currency="EUR")
        assert [one.placed_at.hour for one in found] == [0, 1]

    @pytest.mark.parametrize(
        "column",
        [
            pd.array([11], dtype="Int64"),
            pd.array([11], dtype="int32"),
            pd.Series([11], dtype="category"),
            np.array([11], dtype="uint64"),
            pd.Series([11], dtype=object),
        ],
        ids=lambda column: str(column.dtype),
    )
    def test_whole_numbers_are_the_same_id(self, column):
        found = self.order(customer_id=column)
        assert found == ORDER
        assert type(found.customer_id) is int

    @pytest.mark.parametrize(
        "column",
        [
            pd.array([None], dtype="Int64"),
            pd.array([None], dtype="string"),
            pd.Series([np.nan]),
            pd.Series([None], dtype=object),
            pd.Series([pd.NA], dtype=object),
            pd.Series([None], dtype="category"),
            pd.Series([pd.NaT]),
        ],
        ids=lambda column: str(column.dtype),
    )
    def test_what_is_missing_is_a_guest(self, column):
        assert self.order(customer_id=column).customer_id is None

    @pytest.mark.parametrize(
        "column",
        [
            pd.Series([Decimal("12.50")]),
            pd.Series([12.5]),
            pd.Series([12.5], dtype="float32"),
            pd.array([12.5], dtype="Float64"),
            pd.array(["12.50"], dtype="string"),
        ],
        ids=lambda column: str(column.dtype),
    )
    def test_money(self, column):
        assert self.order({"float_digits": 2}, amount=column) == ORDER

    def test_flags_and_words(self):
        found = self.order(
            is_test=pd.array([True], dtype="boolean"), channel=pd.Series(["web"], dtype="category")
        )
        assert (found.is_test, found.channel) == (True, "web")
        assert self.order(is_test=pd.array([None], dtype="boolean")).is_test is False

    def test_a_frame_itself_is_refused_with_what_to_pass(self):
        with pytest.raises(InvalidTypeError, match=r'pass rows\.to_dict\("records"\)'):
            orders_from_records(pd.DataFrame(self.rows()), currency="EUR")

    def test_attributes_keep_what_the_frame_has(self):
        frame = pd.DataFrame({"id": [11, 12], "age": pd.array([40, None], dtype="Int64")})
        ann, ben = customers_from_records(frame.to_dict("records"), attributes=["age"])
        assert (dict(ann.attributes), dict(ben.attributes)) == ({"age": 40}, {})


class TestPolars:
    def order(self, options=None, **columns) -> Order:
        frame = pl.DataFrame({**{name: [cell] for name, cell in ROW.items()}, **columns})
        [row] = frame.iter_rows(named=True)
        return order(row, options=options)

    @pytest.mark.parametrize("unit", ["ms", "us", "ns"])
    @pytest.mark.parametrize("zone", ["UTC", BERLIN])
    def test_a_datetime_with_a_zone_is_its_instant(self, unit, zone):
        column = pl.Series([datetime(2026, 3, 1, 12)]).dt.cast_time_unit(unit).dt.replace_time_zone("UTC")
        assert self.order(placed_at=column.dt.convert_time_zone(zone)) == ORDER

    def test_a_datetime_without_takes_the_zone_that_is_given(self):
        assert self.order({"tz": BERLIN}, placed_at=pl.Series([datetime(2026, 3, 1, 13)])) == ORDER

    def test_a_date_is_the_first_instant_of_its_day(self):
        found = self.order({"tz": BERLIN}, placed_at=pl.Series([date(2026, 3, 1)]))
        assert found.placed_at == datetime(2026, 2, 28, 23, tzinfo=UTC)

    def test_both_hours_of_an_autumn_night(self):
        night = pl.Series([datetime(2026, 10, 25, 0, 30), datetime(2026, 10, 25, 1, 30)])
        local = night.dt.replace_time_zone("UTC").dt.convert_time_zone(BERLIN)
        frame = pl.DataFrame({"id": [1, 2], "customer_id": [11, 11], "placed_at": local, "amount": [1, 1]})
        found = orders_from_records(frame.iter_rows(named=True), currency="EUR")
        assert [one.placed_at.hour for one in found] == [0, 1]

    @pytest.mark.parametrize(
        "column",
        [
            pl.Series(["12.50"]),
            pl.Series(["12.50"]).cast(pl.Decimal(10, 2)),
            pl.Series([12.5]),
            pl.Series([12.5], dtype=pl.Float32),
        ],
        ids=lambda column: str(column.dtype),
    )
    def test_money(self, column):
        assert self.order({"float_digits": 2}, amount=column) == ORDER

    @pytest.mark.parametrize("kind", [pl.Int64, pl.UInt8, pl.String, pl.Null, pl.Float64])
    def test_null_is_a_guest(self, kind):
        assert self.order(customer_id=pl.Series([None], dtype=kind)).customer_id is None

    def test_flags_and_words(self):
        found = self.order(
            is_test=pl.Series([True]),
            channel=pl.Series(["web"], dtype=pl.Categorical),
            payment_state=pl.Series(["paid"], dtype=pl.Enum(["paid", "pending"])),
            tags=pl.Series([["vip", "new"]]),
        )
        assert (found.is_test, found.channel, found.payment_state) == (True, "web", "paid")
        assert found.tags == {"vip", "new"}

    def test_lists_of_structs_are_refunds_and_items(self):
        refund = pl.Struct({"refunded_at": pl.Datetime("us", "UTC"), "amount": pl.Decimal(10, 2)})
        found = self.order(
            refunds=pl.Series(
                [[{"refunded_at": LATER, "amount": Decimal("2.50")}]], dtype=pl.List(refund), strict=False
            ),
            items=pl.Series([[{"product": "mug", "category": None, "quantity": 2}]]),
        )
        assert found.refunds == (Refund(refunded_at=LATER, amount="2.50"),)
        assert found.items == (LineItem(product="mug", quantity=2),)
        assert self.order(refunds=pl.Series([None], dtype=pl.List(refund))) == ORDER

    def test_an_object_column_keeps_its_ids(self):
        assert self.order(id=pl.Series([KEY], dtype=pl.Object)).id == KEY

    @pytest.mark.parametrize(
        "rows, way",
        [
            (pl.DataFrame(ROW), r"not a DataFrame; pass rows\.to_dicts\(\)$"),
            (pl.DataFrame(ROW).lazy(), r"not a LazyFrame; pass rows\.collect\(\)\.to_dicts\(\)$"),
        ],
        ids=["eager", "lazy"],
    )
    def test_a_frame_itself_is_refused(self, rows, way):
        with pytest.raises(InvalidTypeError, match=way):
            orders_from_records(rows, currency="EUR")

    def test_rows_without_names_are_refused(self):
        with pytest.raises(InvalidRowsError, match="must be a mapping of column names to cells, not tuple"):
            orders_from_records(pl.DataFrame(ROW).iter_rows(), currency="EUR")


SALE = sa.Table(
    "sale",
    sa.MetaData(),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("customer_id", sa.BigInteger),
    sa.Column("placed_at", sa.DateTime(timezone=True)),
    sa.Column("day", sa.Date),
    sa.Column("amount", sa.Numeric(10, 2)),
    sa.Column("approximate", sa.Float),
    sa.Column("is_test", sa.Boolean),
    sa.Column("payment_state", sa.Enum("paid", "pending", name="payment_state")),
    sa.Column("tags", sa.JSON),
    sa.Column("refunds", sa.JSON),
)


# SQLAlchemy 2.0 warns that SQLite keeps decimals as floats.
@pytest.mark.filterwarnings(
    "ignore:Dialect sqlite.pysqlite does .not. support Decimal:sqlalchemy.exc.SAWarning"
)
class TestSqlalchemy:
    @pytest.fixture
    def database(self):
        engine = sa.create_engine("sqlite://")
        SALE.metadata.create_all(engine)
        with engine.begin() as database:
            database.execute(
                sa.insert(SALE),
                {
                    "id": KEY,
                    "customer_id": 11,
                    "placed_at": NOON,
                    "day": NOON.date(),
                    "amount": Decimal("12.50"),
                    "approximate": 12.5,
                    "is_test": False,
                    "payment_state": "paid",
                    "tags": ["vip"],
                    "refunds": [{"refunded_at": LATER.isoformat(), "amount": "2.50"}],
                },
            )
            yield database
        engine.dispose()

    def test_each_type_of_a_column(self, database):
        [found] = orders_from_records(database.execute(sa.select(SALE)).mappings(), currency="EUR", tz="UTC")
        assert found == Order(
            id=KEY,
            customer_id=11,
            placed_at=NOON,
            amount="12.50",
            currency="EUR",
            payment_state="paid",
            tags={"vip"},
            refunds=[Refund(refunded_at=LATER, amount="2.50")],
        )

    def test_a_row_and_its_mapping(self, database):
        result = database.execute(sa.select(SALE)).all()
        [found] = orders_from_records((row._mapping for row in result), currency="EUR", tz="UTC")
        assert found.id == KEY
        with pytest.raises(InvalidRowsError, match=r"not Row; for SQLAlchemy take result\.mappings\(\)"):
            orders_from_records(result, currency="EUR", tz="UTC")

    def test_a_date_and_a_float(self, database):
        [found] = orders_from_records(
            database.execute(sa.select(SALE)).mappings(),
            fields={"placed_at": "day", "amount": "approximate"},
            currency="EUR",
            tz=BERLIN,
            float_digits=2,
        )
        assert (found.placed_at, found.amount) == (datetime(2026, 2, 28, 23, tzinfo=UTC), Decimal("12.50"))

    def test_a_label_that_is_no_plain_text(self, database):
        label = sa.sql.quoted_name("customer_id", quote=True)
        statement = sa.select(SALE.c.id, sa.literal(5).label(label), SALE.c.placed_at, SALE.c.amount)
        [found] = orders_from_records(database.execute(statement).mappings(), currency="EUR", tz="UTC")
        assert found.customer_id == 5

    def test_a_stream_of_portions(self, database):
        statement = sa.select(SALE).execution_options(yield_per=1)
        assert len(orders_from_records(database.execute(statement).mappings(), currency="EUR", tz="UTC")) == 1


class State(models.TextChoices):
    PAID = "paid"
    PENDING = "pending"


django_database.set_up()


class Parcel(models.Model):
    id = models.UUIDField(primary_key=True)
    customer_id = models.BigIntegerField(null=True)
    placed_at = models.DateTimeField()
    day = models.DateField()
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    approximate = models.FloatField()
    is_test = models.BooleanField()
    payment_state = models.CharField(max_length=7, choices=State)
    note = models.CharField(max_length=9, blank=True)
    tags = models.JSONField()

    class Meta:
        app_label = "shop"

    def __str__(self):
        return self.note


class TestDjango:
    @pytest.fixture
    def parcels(self):
        django_database.create(Parcel)
        Parcel.objects.create(
            id=KEY,
            customer_id=11,
            placed_at=NOON,
            day=NOON.date(),
            amount=Decimal("12.50"),
            approximate=12.5,
            is_test=False,
            payment_state=State.PAID,
            tags=["vip"],
        )
        yield Parcel.objects
        django_database.close()

    def test_each_type_of_a_field(self, parcels):
        [found] = orders_from_records(parcels.values().iterator(), fields={"channel": "note"}, currency="EUR")
        assert found == Order(
            id=KEY,
            customer_id=11,
            placed_at=NOON,
            amount="12.50",
            currency="EUR",
            payment_state="paid",
            tags={"vip"},
        )
        assert type(found.payment_state) is str

    def test_a_date_and_a_float(self, parcels):
        [found] = orders_from_records(
            parcels.values("id", "customer_id", "approximate", "day").iterator(),
            fields={"placed_at": "day", "amount": "approximate"},
            currency="EUR",
            tz=BERLIN,
            float_digits=2,
        )
        assert (found.placed_at, found.amount) == (datetime(2026, 2, 28, 23, tzinfo=UTC), Decimal("12.50"))

    def test_a_guest_from_an_outer_join(self, parcels):
        parcels.update(customer_id=None)
        [found] = orders_from_records(parcels.values(), currency="EUR")
        assert found.customer_id is None

    def test_a_choice_is_its_word(self):
        assert order(payment_state=State.PAID) == order(payment_state="paid")

    def test_a_word_that_was_marked_safe(self):
        found = order(channel=mark_safe("web"), amount=mark_safe("12.50"))
        assert (found.channel, found.amount) == ("web", Decimal("12.50"))

    def test_objects_are_refused(self, parcels):
        with pytest.raises(InvalidRowsError, match="must be a mapping of column names to cells, not Parcel"):
            orders_from_records(parcels.all(), currency="EUR")

    def test_a_manager_is_refused(self, parcels):
        with pytest.raises(InvalidTypeError, match=r"not a Manager; pass rows\.values\(\)$"):
            orders_from_records(parcels, currency="EUR")
