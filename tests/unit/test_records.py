"""Records refuse what could not be counted right, and say class, field, value and fix."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import pandas as pd
import pytest
from dateutil.relativedelta import relativedelta

from retention.errors import InvalidTypeError, InvalidValueError, NaiveDatetimeError, RetentionError
from retention.records import Customer, LineItem, Order, OrderPolicy, Refund, SurveyResponse

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=2)
SECRET = "Ann Secret"

COMPLETE: dict[type, dict[str, Any]] = {
    Refund: {"refunded_at": LATER, "amount": "2.50"},
    LineItem: {"product": "p1", "category": "tea", "quantity": "0.5", "amount": 10},
    Order: {
        "id": 1,
        "customer_id": "ann",
        "placed_at": NOON,
        "amount": "12.50",
        "currency": "EUR",
        "refunds": [Refund(refunded_at=LATER, amount="2.50")],
        "payment_state": "paid",
        "cancelled_at": LATER,
        "cancel_reason": "customer",
        "discount": 1,
        "cost": "3.1",
        "channel": "web",
        "items": [LineItem(product="p1")],
        "tags": {"vip"},
        "is_test": True,
    },
    Customer: {
        "id": "ann",
        "signed_up_at": NOON,
        "country": "DE",
        "acquisition_channel": "search",
        "referred_by": 7,
        "loyalty_joined_at": LATER,
        "attributes": {"name": SECRET, "likes": ["tea"]},
        "tags": ["vip"],
    },
    OrderPolicy: {
        "minimum_net": "5",
        "refunds_dated": "refund",
        "refunds_within": timedelta(days=30),
        "same_day": "merge",
        "tz": "Europe/Berlin",
        "on_duplicate": "drop_identical",
    },
    SurveyResponse: {
        "kind": "csat",
        "score": 4,
        "answer": None,
        "scale": (1, 5),
        "direction": "higher",
        "responded_at": NOON,
        "id": 9,
        "customer_id": "ann",
        "touchpoint": "delivery",
        "channel": "e-mail",
        "comment": SECRET,
    },
}
KINDS = list(COMPLETE)


def make(kind: type, /, **values) -> Any:
    return kind(**{**COMPLETE[kind], **values})


def refused(kind: type, /, **values) -> str:
    """The message with which a record refuses a value; it names class and field."""
    with pytest.raises(RetentionError) as caught:
        make(kind, **values)
    message = str(caught.value)
    [(name, _)] = values.items()
    assert kind.__name__ in message
    assert name in message
    assert SECRET not in message
    assert isinstance(caught.value, TypeError | ValueError)
    return message


def fields_checked_by(*names: str) -> list[tuple[type, str]]:
    return [(kind, name) for kind in KINDS for name in COMPLETE[kind] if name in names]


NO_REFUNDS = {Order: make(Order, refunds=[])}
MONEY = fields_checked_by("amount", "discount", "cost", "minimum_net", "quantity")
MOMENTS = fields_checked_by(
    "placed_at", "refunded_at", "cancelled_at", "signed_up_at", "loyalty_joined_at", "responded_at"
)
IDS = fields_checked_by("id", "customer_id", "referred_by", "product")
LABELS = fields_checked_by("channel", "category", "country", "acquisition_channel", "touchpoint")
DUE = [
    *fields_checked_by(
        "id", "placed_at", "refunded_at", "currency", "refunds", "payment_state", "items", "tags"
    ),
    *fields_checked_by(
        "is_test", "product", "quantity", "attributes", "refunds_dated", "same_day", "on_duplicate"
    ),
    (Order, "amount"),
    (Refund, "amount"),
    (SurveyResponse, "kind"),
    (SurveyResponse, "score"),
    (SurveyResponse, "scale"),
    (SurveyResponse, "responded_at"),
]
DUE.remove((SurveyResponse, "id"))


@pytest.mark.parametrize("kind", KINDS)
class TestEveryRecord:
    def test_tests_cover_every_field(self, kind):
        assert list(COMPLETE[kind]) == [attribute.name for attribute in attrs.fields(kind)]

    def test_compares_and_hashes_by_value(self, kind):
        one, two = make(kind), make(kind)
        assert one == two
        assert hash(one) == hash(two)
        assert len({one, two}) == 1
        assert one != object()

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_pickles(self, kind, protocol):
        record = make(kind)
        again = pickle.loads(pickle.dumps(record, protocol))
        assert again == record
        assert hash(again) == hash(record)

    @pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, attrs.evolve])
    def test_copies(self, kind, way):
        record = make(kind)
        assert way(record) == record

    def test_is_frozen_and_has_slots(self, kind):
        record = make(kind)
        name = next(iter(COMPLETE[kind]))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(record, name, getattr(record, name))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            delattr(record, name)
        assert not hasattr(record, "__dict__")

    def test_takes_keywords_only(self, kind):
        with pytest.raises(TypeError):
            kind(*COMPLETE[kind].values())

    def test_evolves_with_the_same_checks(self, kind):
        with pytest.raises(RetentionError):
            attrs.evolve(make(kind), **{next(reversed(COMPLETE[kind])): object()})


class TestMoney:
    @pytest.mark.parametrize("kind, name", MONEY)
    @pytest.mark.parametrize("value", [2, "2", Decimal(2), Decimal("2.00"), np.int64(2), np.str_("2.0")])
    def test_what_is_exact(self, kind, name, value):
        found = getattr(attrs.evolve(NO_REFUNDS.get(kind, make(kind)), **{name: value}), name)
        assert found == 2
        assert type(found) is Decimal

    @pytest.mark.parametrize("kind, name", MONEY)
    def test_subclasses_become_plain(self, kind, name):
        class Money(Decimal):
            pass

        assert type(getattr(make(kind, **{name: Money(3)}), name)) is Decimal

    @pytest.mark.parametrize("kind, name", MONEY)
    @pytest.mark.parametrize(
        "value, message",
        [
            (Decimal("NaN"), "must be finite (got NaN)"),
            (Decimal("sNaN"), "must be finite (got sNaN)"),
            (Decimal("-Infinity"), "must be finite"),
            ("NaN", "must be a number (got 'NaN')"),
            ("inf", "must be a number"),
            ("1,50", "must be a number (got '1,50'); write it as in Decimal("),
            ("", "must be a number"),
            (12.5, "must not be a float (got 12.5)"),
            (float("nan"), "must not be a float (got nan)"),
            (np.float64(1), "must not be a float"),
            (np.float32(1), "not float32"),
            (True, "not bool (got True)"),
            (np.True_, "not bool"),
            (Fraction(1, 2), "not Fraction"),
            ([1], "not list"),
            (-1, "must not be negative (got -1)"),
            ("-0.01", "must not be negative (got -0.01)"),
            (10**18, "must be below 10**18"),
            pytest.param(10**5_000, "must be below 10**18", id="huge"),
            ("1e999999", "must be below 10**18"),
            ("1e-19", "at most 18 decimals"),
        ],
    )
    def test_what_is_no_money(self, kind, name, value, message):
        assert message in refused(kind, **{name: value})

    def test_a_fix_for_floats(self):
        assert "orders_from_records(..., float_digits=2)" in refused(Order, amount=12.5)

    def test_limits(self):
        assert make(Order, amount="999999999999999999.99").amount > 0
        assert make(LineItem, amount="0.000000000000000001").amount > 0
        assert make(LineItem, amount="0e5").amount == 0

    def test_a_quantity_of_nothing(self):
        assert "must be above 0 (got 0)" in refused(LineItem, quantity=0)

    @pytest.mark.parametrize(
        "kind, name, value, fix",
        [
            (Order, "amount", -1, "money given back is a Refund of its order"),
            (LineItem, "amount", -1, "money given back is a Refund of its order"),
            (Refund, "amount", -1, "give how much it is, without a sign"),
            (Order, "discount", -1, "give how much it is, without a sign"),
            (Order, "cost", -1, "give how much it is, without a sign"),
            (
                LineItem,
                "quantity",
                -1,
                "leave the line out, and give what came back as a Refund of the order",
            ),
            (LineItem, "quantity", 1.5, 'since most fractions are no float; give Decimal("1.5") or "1.5"'),
            (LineItem, "quantity", "1,5", 'write it as in Decimal("1.5")'),
            (LineItem, "quantity", Decimal("NaN"), "leave it out for one piece"),
            (OrderPolicy, "minimum_net", -1, "give None to let orders of nothing in"),
            (
                OrderPolicy,
                "minimum_net",
                1.5,
                'since floats can\'t hold cents; give Decimal("12.50") or "12.50"',
            ),
            (OrderPolicy, "minimum_net", Decimal("Infinity"), "give None to count every sale"),
            (Order, "cost", Decimal("NaN"), "leave out what is not known"),
        ],
    )
    def test_the_fix_fits_the_field(self, kind, name, value, fix):
        assert refused(kind, **{name: value}).endswith(fix)

    def test_the_hosts_context_changes_nothing(self, host_context):
        assert make(Order, amount="123456789.123456789", refunds=[]).amount == Decimal("123456789.123456789")
        with pytest.raises(InvalidValueError, match="must be a number"):
            make(Order, amount="abc")


@pytest.fixture
def host_context():
    """A host with few digits, and no traps."""
    with localcontext(Context(prec=3, traps=[])):
        yield


class TestMoments:
    @pytest.mark.parametrize("kind, name", MOMENTS)
    @pytest.mark.parametrize(
        "value",
        [
            LATER,
            LATER.astimezone(ZoneInfo("Asia/Tokyo")),
            pd.Timestamp(LATER),
            pd.Timestamp(LATER).tz_convert("Asia/Tokyo"),
        ],
    )
    def test_kept_in_utc(self, kind, name, value):
        found = getattr(make(kind, **{name: value}), name)
        assert found == LATER
        assert type(found) is datetime
        assert found.tzinfo is UTC

    @pytest.mark.parametrize("kind, name", MOMENTS)
    @pytest.mark.parametrize("value", [datetime(2026, 3, 3), date(2026, 3, 3), pd.Timestamp("2026-03-03")])
    def test_naive(self, kind, name, value):
        message = refused(kind, **{name: value})
        assert "ZoneInfo(" in message
        with pytest.raises(NaiveDatetimeError):
            make(kind, **{name: value})

    @pytest.mark.parametrize("kind, name", MOMENTS)
    @pytest.mark.parametrize(
        "value", ["2026-03-03", 1_772_366_400, 1.5, True, timedelta(1), np.datetime64("2026-03-03")]
    )
    def test_no_datetime(self, kind, name, value):
        assert "must be a datetime" in refused(kind, **{name: value})
        with pytest.raises(InvalidTypeError):
            make(kind, **{name: value})

    @pytest.mark.parametrize("kind, name", MOMENTS)
    def test_no_time(self, kind, name):
        assert "must be an instant, got NaT" in refused(kind, **{name: pd.NaT})

    @pytest.mark.parametrize("kind, name", MOMENTS)
    @pytest.mark.parametrize("moment", [datetime.min, datetime.max])
    def test_ends_of_the_calendar(self, kind, name, moment):
        hours = timedelta(hours=-5 if moment.year == 9999 else 5)
        assert "within the years 1 to 9999" in refused(kind, **{name: moment.replace(tzinfo=timezone(hours))})

    def test_years_1_and_9999(self):
        first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        order = make(Order, placed_at=first, cancelled_at=last)
        assert (order.placed_at, order.cancelled_at) == (first, last)

    def test_the_two_half_past_ones_of_an_autumn_night_differ(self):
        wall = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
        early = make(Order, placed_at=wall, refunds=[], cancelled_at=None, cancel_reason=None)
        late = attrs.evolve(early, placed_at=wall.replace(fold=1))
        assert early != late
        assert late.placed_at - early.placed_at == timedelta(hours=1)


class TestIds:
    @pytest.mark.parametrize("kind, name", IDS)
    @pytest.mark.parametrize(
        "value", [0, -1, "a b", " é", UUID(int=1), (1, "a"), np.int64(5), Decimal(5), b"x", frozenset({1})]
    )
    def test_any_hashable_as_it_is(self, kind, name, value):
        assert getattr(make(kind, **{name: value}), name) is value

    @pytest.mark.parametrize("kind, name", IDS)
    @pytest.mark.parametrize(
        "value, message",
        [
            (1.0, "must be an id: a whole number, a text, a UUID or another hashable, not float (got 1.0)"),
            (float("nan"), "not float"),
            (np.float64(1), "not float64"),
            (np.float32(1), "not float32"),
            (True, "not bool"),
            (np.True_, "not bool"),
            ("", "must not be empty (got '')"),
            (" \t", "must not be empty"),
            ("a\x00", "has a control character at position 1"),
            ("a\nb", "has a control character at position 1"),
            ("\ud800", "has a lone surrogate at position 0"),
            ([1], "must be hashable, not list"),
            ((1, []), "must be hashable, not tuple"),
            (Decimal("sNaN"), "must be hashable"),
            (Decimal("NaN"), "must equal itself (got Decimal('NaN'))"),
            (pd.NaT, "must equal itself"),
            (pd.NA, "must equal itself"),
        ],
    )
    def test_what_is_no_id(self, kind, name, value, message):
        assert message in refused(kind, **{name: value})

    def test_guests(self):
        assert make(Order, customer_id=None).customer_id is None

    def test_nobody_refers_themselves(self):
        assert "must be another customer's id (got 'ann'" in refused(Customer, referred_by="ann")


class TestTexts:
    @pytest.mark.parametrize("kind, name", LABELS)
    @pytest.mark.parametrize("value", ["x", "Größe 1", "a\u00a0b", "👍", "zero\u200bwidth", None])
    def test_labels(self, kind, name, value):
        assert getattr(make(kind, **{name: value}), name) == value

    @pytest.mark.parametrize("kind, name", LABELS)
    @pytest.mark.parametrize(
        "value, message",
        [
            (5, "must be a text, not int (got 5)"),
            (b"x", "must be a text, not bytes"),
            (True, "not bool"),
            ("", "must not be empty"),
            ("  ", "must not be empty"),
            ("a\x1b[0m", "control character at position 1 (got 'a\\x1b[0m')"),
            ("ab\udfff", "lone surrogate at position 2 (got 'ab\\udfff')"),
        ],
    )
    def test_no_labels(self, kind, name, value, message):
        assert message in refused(kind, **{name: value})

    @pytest.mark.parametrize("value", ["eur", "EURO", "EU", "", "ÄÖÜ", "E1R", "€", " EUR", "EU\n"])
    def test_no_currency(self, value):
        assert 'must be three capital letters such as "EUR" (got' in refused(Order, currency=value)

    @pytest.mark.parametrize("value", [978, True, b"EUR"])
    def test_currency_of_another_type(self, value):
        with pytest.raises(InvalidTypeError):
            make(Order, currency=value)

    @pytest.mark.parametrize(
        "kind, name",
        fields_checked_by(
            "payment_state", "cancel_reason", "refunds_dated", "same_day", "on_duplicate", "direction"
        ),
    )
    @pytest.mark.parametrize("value", ["PAID", "", "x" * 500, 5, True, ["paid"]])
    def test_no_such_word(self, kind, name, value):
        message = refused(kind, **{name: value})
        assert "must be one of '" in message
        assert len(message) < 300

    @pytest.mark.parametrize("value", [1, 0, "yes", np.True_])
    def test_no_flag(self, value):
        assert "must be True or False" in refused(Order, is_test=value)


class TestSeveral:
    @pytest.mark.parametrize("kind", [Order, Customer])
    @pytest.mark.parametrize("value", [["a", "b", "a"], ("b", "a"), {"a": 1, "b": 2}.keys(), frozenset("ab")])
    def test_tags(self, kind, value):
        assert make(kind, tags=value).tags == frozenset({"a", "b"})

    @pytest.mark.parametrize("kind", [Order, Customer])
    @pytest.mark.parametrize(
        "value, message",
        [
            ("vip", 'must be a set of texts, not str; write {"vip"} rather than "vip"'),
            (b"vip", "not bytes"),
            ({"vip": True}, "not dict"),
            (5, "not int"),
            (
                [["vip"]],
                "must be a set of texts, and one entry is a list (got ['vip']); write each label as a text",
            ),
            (["a", {}], "must be a set of texts, and one entry is a dict"),
            ([5], "one entry is an int (got 5)"),
            ([""], "must not be empty"),
            (["a\x00"], "control character"),
        ],
    )
    def test_no_tags(self, kind, value, message):
        assert message in refused(kind, tags=value)

    @pytest.mark.parametrize("name", ["refunds", "items"])
    @pytest.mark.parametrize(
        "value, message",
        [
            (5, "must be an iterable of"),
            ("ab", "must be an iterable of"),
            ({"amount": 5}, "must be an iterable of"),
            ([{"amount": 5}], "[0] must be a"),
            ([None], "[0] must be a"),
        ],
    )
    def test_no_records(self, name, value, message):
        assert message in refused(Order, **{name: value})

    def test_a_single_record_is_not_several(self):
        assert "must be an iterable of Refunds, not Refund" in refused(Order, refunds=make(Refund))

    def test_generators_are_read_once(self):
        order = make(Order, refunds=(make(Refund) for _ in range(3)))
        assert order.refunds == (make(Refund),) * 3
        assert make(Order, tags=(tag for tag in "ab")).tags == {"a", "b"}

    def test_attributes_are_a_copy(self):
        given = {"plan": "gold"}
        customer = make(Customer, attributes=MappingProxyType(given))
        given["plan"] = "silver"
        assert customer.attributes == {"plan": "gold"}
        with pytest.raises(TypeError):
            customer.attributes["plan"] = "silver"
        assert attrs.evolve(customer).attributes is customer.attributes

    def test_attributes_stay_out_of_hash_and_repr(self):
        customer = make(Customer)
        assert "attributes" not in repr(customer)
        assert SECRET not in repr(customer)
        assert hash(customer) == hash(attrs.evolve(customer, attributes={}))
        assert customer != attrs.evolve(customer, attributes={})

    @pytest.mark.parametrize("value", [SECRET, [(SECRET, 1)], {SECRET}, 5])
    def test_no_attributes(self, value):
        assert "must be a mapping, not" in refused(Customer, attributes=value)


@pytest.mark.parametrize("kind, name", DUE)
def test_nothing_where_a_value_is_due(kind, name):
    refused(kind, **{name: None})


@pytest.mark.parametrize("kind", [Refund, LineItem, Order, Customer])
def test_fields_that_are_left_out(kind):
    needed = {a.name: COMPLETE[kind][a.name] for a in attrs.fields(kind) if a.default is attrs.NOTHING}
    record = kind(**needed)
    for attribute in attrs.fields(kind):
        if attribute.name not in needed:
            assert getattr(record, attribute.name) == attribute.default
    with pytest.raises(TypeError, match="missing"):
        kind(**dict(list(needed.items())[:-1]))


class TestOrder:
    def test_a_refund_before_the_order(self):
        early = Refund(refunded_at=NOON - timedelta(microseconds=1), amount=1)
        message = refused(Order, refunds=[make(Refund), early])
        assert (
            "must not be before placed_at, 2026-03-01T12:00:00+00:00 (got 2026-03-01T11:59:59.999999+00:00)"
            in message
        )
        assert make(Order, refunds=[Refund(refunded_at=NOON, amount=1)])

    def test_refunds_above_the_amount(self):
        halves = [Refund(refunded_at=LATER, amount="6.25")] * 2
        assert make(Order, refunds=halves)
        penny = Refund(refunded_at=LATER, amount="0.000001")
        message = refused(Order, refunds=[*halves, penny])
        assert "must not add up to more than amount, 12.50 (got 12.500001)" in message
        assert "leave shipping and tax out" in message

    def test_refunds_add_up_exactly_in_any_context(self, host_context):
        exact = "123456.78"
        assert make(Order, amount=exact, refunds=[Refund(refunded_at=LATER, amount=exact)])
        over = [Refund(refunded_at=LATER, amount=exact), Refund(refunded_at=LATER, amount="0.01")]
        with pytest.raises(InvalidValueError, match=r"\(got 123456\.79\)"):
            make(Order, amount=exact, refunds=over)

    def test_a_cancellation_before_the_order(self):
        message = refused(Order, cancelled_at=NOON - timedelta(days=1))
        assert "must not be before placed_at" in message
        assert "check the time zone of both" in message
        assert make(Order, cancelled_at=NOON).cancelled_at == NOON

    def test_a_reason_without_a_cancellation(self):
        with pytest.raises(
            InvalidValueError, match=r"Order\.cancel_reason \(got 'stock'\) needs cancelled_at"
        ):
            make(Order, cancelled_at=None, cancel_reason="stock")
        assert make(Order, cancel_reason=None).cancel_reason is None

    def test_a_free_order(self):
        assert make(Order, amount=0, refunds=[]).amount == 0


class TestOrderPolicy:
    def test_defaults(self):
        policy = OrderPolicy()
        assert policy.minimum_net == 0
        assert (policy.refunds_dated, policy.same_day, policy.on_duplicate) == ("order", "keep", "raise")
        assert policy.refunds_within is policy.tz is None
        assert attrs.evolve(policy, minimum_net=None).minimum_net is None

    def test_a_zone_by_name(self):
        assert make(OrderPolicy).tz == ZoneInfo("Europe/Berlin")
        with pytest.raises(
            InvalidValueError, match=r"^OrderPolicy: tz must name .*did you mean 'Europe/Berlin'"
        ):
            make(OrderPolicy, tz="Europe/Berlni")
        with pytest.raises(InvalidTypeError, match=r"^OrderPolicy: tz must be the name of a time zone"):
            make(OrderPolicy, tz=5)

    def test_a_zone_without_a_hash_is_none_of_the_hash(self):
        class Zone(tzinfo):
            __hash__ = None  # as of dateutil

        assert hash(OrderPolicy(tz=Zone())) == hash(OrderPolicy(tz="Europe/Berlin"))

    def test_days_need_a_zone(self):
        with pytest.raises(InvalidValueError, match=r'same_day="merge" needs tz=.*tz="Europe/Berlin"'):
            OrderPolicy(same_day="merge")

    def test_months_need_a_zone(self):
        months = relativedelta(months=1)
        assert OrderPolicy(refunds_within=months, tz="UTC").refunds_within == months
        assert OrderPolicy(refunds_within=timedelta(1)).refunds_within == timedelta(1)
        with pytest.raises(InvalidValueError, match="refunds_within in months needs tz="):
            OrderPolicy(refunds_within=months)

    @pytest.mark.parametrize(
        "value", [30, "30 days", timedelta(0), timedelta(-1), relativedelta(year=2026), True]
    )
    def test_no_duration(self, value):
        refused(OrderPolicy, refunds_within=value)


def answered(kind: str = "nps", **values) -> SurveyResponse:
    return SurveyResponse(kind=kind, responded_at=NOON, **values)


def not_answered(kind: str = "nps", **values) -> str:
    with pytest.raises(RetentionError) as caught:
        answered(kind, **values)
    return str(caught.value)


class TestSurveyResponse:
    """Definitions: "A score outside its scale, a bool, or a fraction on a whole-number scale is refused"."""

    @pytest.mark.parametrize(
        "score", [9, 9.0, "9", "9.0", Decimal(9), np.int64(9), np.float32(9), np.uint8(9), "+9"]
    )
    def test_a_whole_score_is_an_int_whatever_it_came_as(self, score):
        found = answered(score=score).score
        assert (found, type(found)) == (9, int)

    @pytest.mark.parametrize("score", ["4.3", 4.3, Decimal("4.3"), np.float32(4.3), np.float64(4.3)])
    def test_a_score_between_is_the_decimal_that_it_prints(self, score):
        found = answered("csat", score=score, scale=(Decimal(1), Decimal(5))).score
        assert (found, type(found)) == (Decimal("4.3"), Decimal)
        assert type(answered("csat", score=4, scale=(Decimal(1), Decimal(5))).score) is Decimal

    @pytest.mark.parametrize(
        "score, message",
        [
            (11, "score must lie on its scale, from 0 to 10 (got 11)"),
            (-1, "score must lie on its scale, from 0 to 10 (got -1)"),
            (
                8.5,
                "score must be a whole number on the scale (0, 10) (got 8.5); for scores with fractions give",
            ),
            (True, "score must be a number, not bool (got True)"),
            (np.True_, "score must be a number, not bool"),
            (float("nan"), "score must be a number (got nan); an unanswered question is no response"),
            (Decimal("NaN"), "score must be finite"),
            (Decimal("sNaN"), "score must be finite"),
            (float("inf"), "score must be a number (got inf)"),
            (Decimal("1e999999999"), "score must lie on its scale"),
            ("1e999999999", "score must lie on its scale"),
            (Decimal("1e-19"), "at most 18 decimals"),
            ("nine", "score must be a number (got 'nine')"),
            ([9], "score must be a number, not list"),
            (Fraction(17, 2), "score must be a number, not Fraction"),
            (None, "score is missing, and so is answer; give the number, or the choice in words, and leave"),
        ],
    )
    def test_no_score(self, score, message):
        assert message in not_answered(score=score)

    @pytest.mark.parametrize("scale", [(1, 5), [1, 5], (np.int64(1), np.int8(5)), (-2, 2), range(1, 6, 4)])
    def test_a_scale_of_whole_numbers(self, scale):
        found = answered("csat", score=2, scale=scale).scale
        assert [type(end) for end in found] == [int, int]
        assert found == tuple(scale)

    @pytest.mark.parametrize(
        "scale, message",
        [
            ((5, 1), "scale must go from the lowest to a higher score"),
            ((5, 5), "scale must go from the lowest to a higher score"),
            ((0, 10**18), "scale must go from the lowest to a higher score"),
            ((1, 2, 3), "scale must be two numbers of one type"),
            ((1, Decimal(5)), "scale must be two numbers of one type"),
            ((1.0, 5.0), "scale must be two ints for whole-number scores, such as (1, 5), or two Decimals"),
            ((False, True), "scale must be two ints"),
            (("1", "5"), "scale must be two ints"),
            ("15", "scale must be two numbers"),
            (5, "scale must be two numbers"),
            ((Decimal("NaN"), Decimal(5)), "scale must be finite"),
            (
                (Decimal(0), Decimal("1e-19")),
                "scale must be finite, below 10**18 and with at most 18 decimals",
            ),
            (None, "scale is missing for kind='csat'; give the lowest and the highest score"),
        ],
    )
    def test_no_scale(self, scale, message):
        assert message in not_answered("csat", score=2, scale=scale)

    def test_what_goes_without_saying(self):
        assert (answered(score=9).scale, answered(score=9).direction) == ((0, 10), "higher")
        assert answered(score=9, scale=(0, 10), direction="higher") == answered(score=9)
        assert answered("csat", score=2, scale=(1, 6)).direction == "higher"
        assert answered("csat", score=2, scale=(1, 6), direction="lower").direction == "lower"
        assert answered("stars", score=2, scale=(1, 5)).direction is None

    def test_what_a_kind_does_not_allow(self):
        assert 'scale must be (0, 10) for kind="nps" (got (1, 10))' in not_answered(score=9, scale=(1, 10))
        assert 'scale must be (0, 10) for kind="nps"' in not_answered(
            score=9, scale=(Decimal(0), Decimal(10))
        )
        assert 'direction must be "higher" for kind="nps"' in not_answered(score=9, direction="lower")
        assert 'direction is missing for kind="ces"' in not_answered("ces", score=2, scale=(1, 7))
        assert "kind must be written \"nps\" (got 'NPS')" in not_answered("NPS", score=9)
        assert "kind must be written \"csat\" (got ' Csat')" in not_answered(" Csat", score=9)

    def test_an_answer_in_words_has_no_scale(self):
        reason = answered("why", answer="price")
        assert (reason.score, reason.scale, reason.direction) == (None, None, None)
        assert "score= is given too (got 'price' and 3)" in not_answered("why", answer="price", score=3)
        assert "answer must not be given for kind='csat'" in not_answered("csat", answer="good")
        assert "scale must not be given beside answer=" in not_answered("why", answer="price", scale=(1, 5))
        assert "direction must not be given beside" in not_answered("why", answer="a", direction="lower")
        assert "answer must not be empty" in not_answered("why", answer=" ")

    def test_what_was_written_is_shown_nowhere(self):
        assert SECRET not in repr(make(SurveyResponse))
        assert answered(score=9, comment="two\nlines").comment == "two\nlines"
        for comment in (b"Ann Secret", "", " "):
            assert SECRET not in not_answered(score=9, comment=comment)

    def test_it_is_made_alike_in_any_decimal_context(self):
        given = {"score": "4.30", "scale": (Decimal(1), Decimal(5))}
        expected = answered("csat", **given)
        with localcontext(Context(prec=1, Emax=1, Emin=-1)):
            assert answered("csat", **given) == expected
