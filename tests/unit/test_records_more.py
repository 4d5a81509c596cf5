"""Subscriptions, checkouts and contacts refuse what could not be counted right, and say class, field, value and fix."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import pandas as pd
import pytest

from retention.errors import InvalidTypeError, InvalidValueError, NaiveDatetimeError, RetentionError
from retention.records import Checkout, Interaction, Pause, Subscription

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=40)
HOUR = timedelta(hours=1)

COMPLETE: dict[type, dict[str, Any]] = {
    Pause: {"started_at": NOON, "ended_at": LATER},
    Subscription: {
        "id": ("sub-7", 2),
        "customer_id": "ann",
        "amount": "12.50",
        "currency": "EUR",
        "interval": "month",
        "interval_count": 3,
        "started_at": NOON,
        "ended_at": LATER,
        "end_reason": "customer",
        "trial_ends_at": NOON + HOUR,
        "pauses": (Pause(started_at=NOON, ended_at=NOON + HOUR),),
        "plan": "gold",
    },
    Checkout: {
        "id": 1,
        "customer_id": "ann",
        "begun_at": NOON,
        "amount": "12.50",
        "currency": "EUR",
        "ordered_at": LATER,
        "order_id": 7,
        "channel": "web",
    },
    Interaction: {
        "id": 1,
        "customer_id": "ann",
        "kind": "case",
        "direction": "inbound",
        "channel": "e-mail",
        "occurred_at": NOON,
        "opened_at": None,
        "clicked_at": None,
        "replied_at": None,
        "answered_at": LATER,
        "solved_at": LATER,
        "solved_by": "agent",
        "sentiment": Decimal("0.5"),
        "ordered_at": None,
        "order_id": None,
    },
}
KINDS = list(COMPLETE)
SENT: dict[str, Any] = {
    "direction": "outbound",
    "kind": "message",
    "answered_at": None,
    "solved_at": None,
    "solved_by": None,
}
NOT_DUE: dict[type, dict[str, tuple[str, ...]]] = {  # and what must be left out with it
    Pause: {"ended_at": ()},
    Subscription: {"ended_at": ("end_reason",), "end_reason": (), "trial_ends_at": (), "plan": ()},
    Checkout: {
        "customer_id": (),
        "amount": ("currency",),
        "currency": ("amount",),
        "ordered_at": ("order_id",),
        "order_id": (),
        "channel": (),
    },
    Interaction: {
        "solved_at": ("solved_by",),
        **{
            name: ()
            for name in COMPLETE[Interaction]
            if name not in {"kind", "direction", "channel", "occurred_at", "solved_at"}
        },
    },
}


def make(kind: type, /, **values) -> Any:
    return kind(**{**COMPLETE[kind], **values})


def sent(**values) -> Interaction:
    """A message of the shop."""
    return make(Interaction, **{**SENT, **values})


def refused(kind: type, /, _error=RetentionError, **values) -> str:
    """The message with which a record refuses a value; it names class and field."""
    with pytest.raises(_error) as caught:
        make(kind, **values)
    message = str(caught.value)
    name = next(iter(values))
    assert kind.__name__ in message
    assert name in message
    return message


def fields_named(*names: str) -> list[tuple[type, str]]:
    return [(kind, name) for kind in KINDS for name in COMPLETE[kind] if name in names]


MOMENTS = [(kind, name) for kind in KINDS for name in COMPLETE[kind] if name.endswith("_at")]
MOMENTS.remove((Subscription, "trial_ends_at"))  # tried below: this one stands among the others' order
IDS = fields_named("id", "customer_id", "order_id")
LABELS = fields_named("plan", "channel", "kind")
MONEY = fields_named("amount")


@pytest.mark.parametrize("kind", KINDS)
class TestEveryRecord:
    def test_tests_cover_every_field(self, kind):
        assert list(COMPLETE[kind]) == [attribute.name for attribute in attrs.fields(kind)]

    def test_compares_and_hashes_by_value(self, kind):
        one, two = make(kind), make(kind)
        assert one == two
        assert len({one, two}) == 1
        assert one != object()

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_pickles(self, kind, protocol):
        assert pickle.loads(pickle.dumps(make(kind), protocol)) == make(kind)

    @pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, attrs.evolve])
    def test_copies(self, kind, way):
        assert way(make(kind)) == make(kind)

    def test_is_frozen_and_has_slots(self, kind):
        record = make(kind)
        name = next(iter(COMPLETE[kind]))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(record, name, getattr(record, name))
        assert not hasattr(record, "__dict__")

    def test_takes_keywords_only(self, kind):
        with pytest.raises(TypeError):
            kind(*COMPLETE[kind].values())

    def test_evolves_with_the_same_checks(self, kind):
        with pytest.raises(RetentionError):
            attrs.evolve(make(kind), **{next(iter(COMPLETE[kind])): []})


@pytest.mark.parametrize("kind, name", [(kind, name) for kind in KINDS for name in COMPLETE[kind]])
def test_what_is_due(kind, name):
    if name in NOT_DUE[kind]:
        gone = dict.fromkeys((name, *NOT_DUE[kind][name]))
        assert getattr(make(kind, **gone), name) is None
    else:
        refused(kind, **{name: None})


class TestFields:
    @pytest.mark.parametrize("kind, name", IDS)
    @pytest.mark.parametrize(
        "value, message",
        [
            (1.0, "must be an id: a whole number, a text, a UUID or another hashable, not float (got 1.0)"),
            (True, "not bool"),
            ("", "must not be empty (got '')"),
            ("a\x00", "has a control character at position 1"),
            ([1], "must be hashable, not list"),
            (pd.NaT, "must equal itself"),
        ],
    )
    def test_ids(self, kind, name, value, message):
        values = {name: value}
        if kind is Interaction and name == "order_id":
            values |= {**SENT, "ordered_at": NOON}
        assert message in refused(kind, **values)

    @pytest.mark.parametrize("kind, name", LABELS)
    @pytest.mark.parametrize(
        "value, message",
        [(5, "must be a text, not int (got 5)"), (" ", "must not be empty"), ("a\n", "control character")],
    )
    def test_labels(self, kind, name, value, message):
        assert message in refused(kind, **{name: value})

    @pytest.mark.parametrize("kind, name", MOMENTS)
    def test_instants_are_kept_in_utc(self, kind, name):
        where = SENT if name in {"opened_at", "clicked_at", "replied_at", "ordered_at"} else {}
        values = where if kind is Interaction else {}
        later = LATER.astimezone(ZoneInfo("Asia/Tokyo"))
        if name in {"started_at", "begun_at", "occurred_at"}:
            later = NOON.astimezone(ZoneInfo("Asia/Tokyo"))
        found = getattr(make(kind, **{**values, name: later}), name)
        assert found == later
        assert found.tzinfo is UTC

    @pytest.mark.parametrize("kind, name", [*MOMENTS, (Subscription, "trial_ends_at")])
    @pytest.mark.parametrize("value", [datetime(2026, 3, 3), date(2026, 3, 3), pd.Timestamp("2026-03-03")])
    def test_naive_instants(self, kind, name, value):
        assert "ZoneInfo(" in refused(kind, NaiveDatetimeError, **{name: value})

    @pytest.mark.parametrize("kind, name", [*MOMENTS, (Subscription, "trial_ends_at")])
    @pytest.mark.parametrize("value", ["2026-03-03", 1_772_366_400, 1.5, True, timedelta(1)])
    def test_no_instants(self, kind, name, value):
        assert "must be a datetime" in refused(kind, InvalidTypeError, **{name: value})

    @pytest.mark.parametrize("kind, name", MONEY)
    @pytest.mark.parametrize(
        "value, message",
        [
            (Decimal("NaN"), "must be finite (got NaN); give what is charged, or leave the record out"),
            ("1,50", "must be a number (got '1,50'); write it as in Decimal("),
            (12.5, "must not be a float (got 12.5), since floats can't hold cents; give Decimal("),
            (12.5, "or load rows with the intake, which takes float_digits=2"),
            (True, "not bool (got True)"),
            (-1, "must not be negative (got -1); give what is charged after discounts"),
            (10**18, "must be below 10**18"),
        ],
    )
    def test_no_money(self, kind, name, value, message):
        assert message in refused(kind, **{name: value})

    @pytest.mark.parametrize("kind", [Subscription, Checkout])
    @pytest.mark.parametrize("value", ["eur", "EURO", "", "€"])
    def test_no_currency(self, kind, value):
        assert 'must be three capital letters such as "EUR" (got' in refused(kind, currency=value)

    def test_money_of_nothing(self):
        assert make(Subscription, amount=0).monthly_amount == 0

    @pytest.mark.parametrize(
        "kind, name, words",
        [
            (Subscription, "interval", "'day', 'week', 'month', 'year'"),
            (
                Subscription,
                "end_reason",
                "'customer', 'payment', 'fraud', 'technical', 'plan_change', 'other'",
            ),
            (Interaction, "direction", "'outbound', 'inbound'"),
            (Interaction, "solved_by", "'agent', 'self_service'"),
        ],
    )
    def test_words(self, kind, name, words):
        assert f"must be one of {words} (got 'Other')" in refused(kind, InvalidValueError, **{name: "Other"})
        assert "(got True)" in refused(kind, InvalidTypeError, **{name: True})


class TestPause:
    def test_it_may_last(self):
        assert Pause(started_at=NOON).ended_at is None
        assert Pause(started_at=NOON, ended_at=NOON).ended_at == NOON

    def test_an_end_before_its_start(self):
        message = refused(Pause, ended_at=NOON - HOUR)
        assert "must not be before started_at, 2026-03-01T12:00:00+00:00 (got 2026-03-01T11" in message
        assert message.endswith("check the time zone of both")


class TestSubscription:
    @pytest.mark.parametrize(
        "interval, count, monthly",
        [
            ("month", 1, Fraction(120)),
            ("month", 3, Fraction(40)),
            ("year", 1, Fraction(10)),
            ("year", 2, Fraction(5)),
            ("week", 1, Fraction(520)),
            ("week", 2, Fraction(260)),
            ("day", 1, Fraction(3650)),
            ("day", 7, Fraction(3650, 7)),
        ],
    )
    def test_the_amount_for_a_month(self, interval, count, monthly):
        assert (
            make(Subscription, amount=120, interval=interval, interval_count=count).monthly_amount == monthly
        )

    def test_no_rounding(self):
        monthly = make(Subscription, amount="9.99", interval="year", interval_count=7).monthly_amount
        assert monthly * 84 == Fraction("9.99")

    @pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
    def test_counts(self, value):
        assert type(make(Subscription, interval_count=value).interval_count) is int

    @pytest.mark.parametrize("value", [True, np.True_, 3.0, "3", Decimal(3), None, Fraction(3)])
    def test_no_counts(self, value):
        message = refused(Subscription, InvalidTypeError, interval_count=value)
        assert "must be an int (got" in message
        assert message.endswith('such as 3 with interval="month" for a quarterly plan')

    @pytest.mark.parametrize("value", [0, -1, 10_001])
    def test_counts_out_of_range(self, value):
        message = refused(Subscription, InvalidValueError, interval_count=value)
        assert f"must be from 1 to 10,000 (got {value}); leave it out for one" in message

    @pytest.mark.parametrize("name", ["ended_at", "trial_ends_at"])
    def test_an_end_before_the_start(self, name):
        message = refused(Subscription, **{name: NOON - HOUR})
        assert "must not be before started_at, 2026-03-01T12:00:00+00:00 (got 2026-03-01T11" in message
        assert message.endswith("check the time zone of both")

    def test_a_span_of_no_length(self):
        assert make(Subscription, ended_at=NOON, pauses=()).ended_at == NOON

    def test_a_trial_that_never_converts(self):
        span = make(Subscription, trial_ends_at=LATER + HOUR)
        assert span.trial_ends_at > span.ended_at

    def test_a_reason_without_an_end(self):
        message = refused(Subscription, end_reason="customer", ended_at=None)
        assert "(got 'customer') needs ended_at" in message
        assert message.endswith("give it, or leave the reason out while it lasts")

    def test_pauses_are_kept_in_their_order(self):
        first = Pause(started_at=NOON, ended_at=NOON + HOUR)
        last = Pause(started_at=NOON + HOUR)
        assert make(Subscription, pauses=[last, first]).pauses == (first, last)
        assert make(Subscription, pauses=iter([last])).pauses == (last,)

    @pytest.mark.parametrize(
        "start, end",
        [(NOON - HOUR, NOON), (NOON, LATER + HOUR), (LATER + HOUR, None), (NOON - HOUR, None)],
    )
    def test_pauses_outside_the_span(self, start, end):
        message = refused(Subscription, pauses=[Pause(started_at=start, ended_at=end)])
        assert (
            "must lie within the span, 2026-03-01T12:00:00+00:00 to 2026-04-10T12:00:00+00:00 (got" in message
        )
        assert message.endswith("cut the pause to the span")

    def test_a_pause_before_a_span_that_lasts(self):
        pauses = [Pause(started_at=NOON - HOUR)]
        message = refused(Subscription, pauses=pauses, ended_at=None, end_reason=None)
        assert "12:00:00+00:00 to now (got 2026-03-01T11:00:00+00:00 to now)" in message

    def test_a_span_may_end_while_paused(self):
        assert make(Subscription, pauses=[Pause(started_at=LATER)]).pauses[0].ended_at is None

    @pytest.mark.parametrize("end", [None, NOON + 2 * HOUR])
    def test_pauses_that_overlap(self, end):
        pauses = [Pause(started_at=NOON + HOUR), Pause(started_at=NOON, ended_at=end)]
        message = refused(Subscription, pauses=pauses)
        assert "must not overlap (got 2026-03-01T12:00:00+00:00 to" in message
        assert message.endswith("give one pause for the two")

    @pytest.mark.parametrize(
        "value, message",
        [
            ("x", "must be an iterable of Pauses, not str"),
            (5, "must be an iterable of Pauses, not int"),
            ([NOON], "[0] must be a Pause, not datetime; build one, or load rows with the intake functions"),
        ],
    )
    def test_no_pauses(self, value, message):
        assert message in refused(Subscription, InvalidTypeError, pauses=value)


class TestCheckout:
    def test_an_order_before_it_was_begun(self):
        message = refused(Checkout, ordered_at=NOON - HOUR)
        assert "must not be before begun_at, 2026-03-01T12:00:00+00:00 (got 2026-03-01T11" in message
        assert message.endswith("check the time zone of both")

    def test_an_order_at_once(self):
        assert make(Checkout, ordered_at=NOON).ordered_at == NOON

    def test_an_order_without_its_instant(self):
        message = refused(Checkout, order_id=7, ordered_at=None)
        assert message.endswith(
            "(got 7) needs ordered_at, the instant of the order; give it, or leave order_id out"
        )
        assert make(Checkout, order_id=None).ordered_at == LATER

    @pytest.mark.parametrize("name", ["amount", "currency"])
    def test_amount_and_currency_go_together(self, name):
        message = refused(Checkout, **{name: None})
        assert "Checkout.amount and currency go together (got" in message
        assert message.endswith("give both or neither")
        assert make(Checkout, amount=None, currency=None).amount is None


class TestInteraction:
    @pytest.mark.parametrize("kind", ["Case", " case", "CASE"])
    def test_a_kind_in_another_spelling(self, kind):
        assert f'must be written "case" (got {kind!r})' in refused(Interaction, kind=kind)

    def test_a_kind_of_ones_own(self):
        assert make(Interaction, kind="Visit").kind == "Visit"

    @pytest.mark.parametrize("name", ["opened_at", "clicked_at", "replied_at", "ordered_at"])
    def test_what_a_customer_does_with_a_message(self, name):
        assert getattr(sent(**{name: LATER}), name) == LATER
        message = refused(Interaction, **{name: LATER})
        assert "is for outbound contacts, and this one is inbound (got datetime" in message
        assert message.endswith("what the shop did with it is answered_at, solved_at and solved_by")

    @pytest.mark.parametrize("name, value", [("answered_at", LATER), ("solved_at", LATER)])
    def test_what_the_shop_does_with_a_question(self, name, value):
        message = refused(Interaction, **{name: value}, **{k: v for k, v in SENT.items() if k != name})
        assert "is for inbound contacts, and this one is outbound (got datetime" in message
        assert message.endswith("is opened_at, clicked_at, replied_at or ordered_at")

    @pytest.mark.parametrize("name", ["answered_at", "solved_at"])
    def test_an_answer_before_the_question(self, name):
        message = refused(Interaction, **{name: NOON - HOUR})
        assert "must not be before occurred_at, 2026-03-01T12:00:00+00:00 (got 2026-03-01T11" in message
        assert message.endswith("check the time zone of both")

    @pytest.mark.parametrize("name", ["opened_at", "clicked_at", "replied_at", "ordered_at"])
    def test_a_response_before_the_message(self, name):
        with pytest.raises(InvalidValueError, match=rf"Interaction\.{name} must not be before occurred_at"):
            sent(**{name: NOON - HOUR})

    def test_who_solved_what_was_not_solved(self):
        message = refused(Interaction, solved_by="agent", solved_at=None)
        assert message.endswith(
            "(got 'agent') needs solved_at, the instant of it; give it, or leave solved_by out"
        )

    def test_an_order_without_its_instant(self):
        assert sent(ordered_at=LATER, order_id=7).order_id == 7
        with pytest.raises(InvalidValueError, match=r"Interaction\.order_id \(got 7\) needs ordered_at"):
            sent(order_id=7)

    @pytest.mark.parametrize(
        "value, text",
        [
            (0, "0"),
            (-1, "-1"),
            (1.0, "1"),
            (0.1, "0.1"),
            (-0.0, "0"),
            ("0.50", "0.50"),
            (Decimal("-1.00"), "-1"),
            (np.float64(0.3), "0.3"),
            (np.int64(1), "1"),
        ],
    )
    def test_sentiments(self, value, text):
        found = make(Interaction, sentiment=value).sentiment
        assert type(found) is Decimal
        assert str(found) == text

    @pytest.mark.parametrize(
        "value", [1.01, -2, "5", "good", float("nan"), Decimal("NaN"), Decimal("Infinity")]
    )
    def test_sentiments_off_the_scale(self, value):
        message = refused(Interaction, InvalidValueError, sentiment=value)
        assert "must be a number from -1 (bad) to 1 (good) (got" in message
        assert message.endswith(
            "such as stars of 1 to 5 by (stars - 3) / 2, and leave it out where nobody knows"
        )

    def test_a_sentiment_with_too_many_decimals(self):
        assert "at most 18 decimals" in refused(Interaction, sentiment="0." + "1" * 19)

    @pytest.mark.parametrize("value", [True, np.True_, [1], b"1"])
    def test_no_sentiments(self, value):
        assert "must be a number from -1" in refused(Interaction, InvalidTypeError, sentiment=value)
