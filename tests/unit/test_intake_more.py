"""Exports of billing, shop and support systems become subscriptions, checkouts and contacts; nothing is guessed."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import numpy as np
import pandas as pd
import pytest

from retention.errors import (
    ConflictingArgumentError,
    InvalidRowsError,
    InvalidTypeError,
    InvalidValueError,
    RowError,
)
from retention.intake import (
    Intake,
    _cells,
    _readers,
    checkouts_from_records,
    interactions_from_records,
    orders_from_records,
    subscriptions_from_records,
    surveys_from_records,
)
from retention.records import Checkout, Interaction, Pause, Subscription, SurveyResponse

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=30)
BERLIN = "Europe/Berlin"

ROWS: dict[Any, dict[str, Any]] = {
    subscriptions_from_records: {
        "id": "S1",
        "customer_id": "ann",
        "amount": "12.50",
        "currency": "EUR",
        "interval": "month",
        "started_at": NOON,
    },
    checkouts_from_records: {"id": "C1", "begun_at": NOON},
    interactions_from_records: {
        "kind": "case",
        "direction": "inbound",
        "channel": "e-mail",
        "occurred_at": NOON,
    },
}
RECORDS = {
    subscriptions_from_records: Subscription,
    checkouts_from_records: Checkout,
    interactions_from_records: Interaction,
}
INTAKES = list(ROWS)


def read(intake, _drop=(), /, *, options=None, **cells) -> Any:
    """The record that one row becomes, its cells changed."""
    row = {name: cell for name, cell in {**ROWS[intake], **cells}.items() if name not in _drop}
    [found] = intake([row], **(options or {}))
    return found


def faults(intake, _drop=(), /, *, options=None, **cells) -> tuple[RowError, ...]:
    """What is wrong with one row, its cells changed."""
    row = {name: cell for name, cell in {**ROWS[intake], **cells}.items() if name not in _drop}
    found = intake([row], on_error="collect", **(options or {}))
    assert not found.records
    return found.errors


def fault(intake, _drop=(), /, **cells) -> str:
    [found] = faults(intake, _drop, **cells)
    assert found.field is None or f"{RECORDS[intake].__name__}." in str(found)
    return str(found)


def subscription(*drop, **cells) -> Subscription:
    return read(subscriptions_from_records, drop, **cells)


def checkout(*drop, **cells) -> Checkout:
    return read(checkouts_from_records, drop, **cells)


def contact(*drop, **cells) -> Interaction:
    return read(interactions_from_records, drop, **cells)


@pytest.mark.parametrize("intake", INTAKES, ids=lambda intake: intake.__name__)
class TestEach:
    def test_least(self, intake):
        assert read(intake) == RECORDS[intake](**ROWS[intake])

    def test_every_field_has_a_reader(self, intake):
        names = [attribute.name for attribute in attrs.fields(RECORDS[intake])]
        assert list(_readers.readers(RECORDS[intake], _cells.Options())) == names

    def test_what_is_missing_takes_its_default(self, intake):
        optional = [one.name for one in attrs.fields(RECORDS[intake]) if one.default is not attrs.NOTHING]
        for cell in (None, "", " \t", float("nan"), pd.NaT, pd.NA, Decimal("NaN")):
            cells = {name: cell for name in optional if name not in ROWS[intake]}
            assert read(intake, **cells) == RECORDS[intake](**ROWS[intake])

    def test_what_is_due_is_missed(self, intake):
        due = [one.name for one in attrs.fields(RECORDS[intake]) if one.default is attrs.NOTHING]
        errors = faults(intake, **dict.fromkeys(due, ""))
        assert [error.field for error in errors] == due
        assert all("is missing (got ''); fill it in, or leave the row out" in str(error) for error in errors)

    def test_a_due_column_that_no_row_has(self, intake):
        for name in ROWS[intake]:
            with pytest.raises(InvalidValueError, match=rf"no row has a column '{name}'"):
                read(intake, [name])

    def test_raised_or_collected(self, intake):
        rows = [ROWS[intake], {**ROWS[intake], "customer_id": 1.5}]
        found = intake(rows, on_error="collect")
        assert isinstance(found, Intake)
        assert len(found.records) == len(found.errors) == 1
        with pytest.raises(InvalidRowsError, match=f"{intake.__name__}: 1 of 2 rows") as caught:
            intake(iter(rows))
        assert list(map(str, caught.value.exceptions)) == list(map(str, found.errors))

    def test_no_rows(self, intake):
        assert intake([]) == []

    def test_fields_and_constants(self, intake):
        found = read(intake, options={"fields": {"customer_id": lambda row: 7}})
        assert found.customer_id == 7
        with pytest.raises(
            InvalidValueError, match=f"{intake.__name__}: fields names no field of the record"
        ):
            intake([], fields={"custommer_id": "x"})
        with pytest.raises(ConflictingArgumentError, match="both give customer_id; keep one of them"):
            intake([], fields={"customer_id": "x"}, constants={"customer_id": 1})
        with pytest.raises(
            InvalidTypeError, match="fields must be a mapping of the record's fields, not list"
        ):
            intake([], fields=[])

    def test_local_times_need_a_zone(self, intake):
        at = next(name for name in ROWS[intake] if name.endswith("_at"))
        assert "pass tz=, the zone of these local times" in fault(intake, **{at: "2026-03-01 13:00"})
        found = read(intake, **{at: "2026-03-01 13:00"}, options={"tz": BERLIN})
        assert getattr(found, at) == NOON
        found = read(intake, **{at: date(2026, 3, 1)}, options={"tz": BERLIN})
        assert getattr(found, at) == NOON - timedelta(hours=13)

    def test_epochs_say_neither_unit_nor_zero(self, intake):
        at = next(name for name in ROWS[intake] if name.endswith("_at"))
        assert "must not be a bare number (got 1772366400)" in fault(intake, **{at: 1_772_366_400})

    def test_every_fault_of_a_row(self, intake):
        cells = {name: [name] for name in ROWS[intake]}
        assert [error.field for error in faults(intake, **cells)] == [
            one.name for one in attrs.fields(RECORDS[intake]) if one.name in cells
        ]

    def test_another_way(self, intake):
        with pytest.raises(InvalidValueError, match='on_error must be "raise" or "collect"'):
            intake([], on_error="skip")


@pytest.mark.parametrize("intake", [subscriptions_from_records, checkouts_from_records])
class TestMoney:
    def test_floats_need_digits(self, intake):
        row = {"amount": 19.999999999999996, "currency": "EUR"}
        assert str(read(intake, **row, options={"float_digits": 2}).amount) == "20.00"
        assert "say how many decimals the money has" in fault(intake, **row)
        with pytest.raises(InvalidTypeError, match=f"{intake.__name__}: float_digits must be a whole number"):
            intake([], float_digits="2")

    def test_texts(self, intake):
        assert read(intake, amount=" 12.50 ", currency="EUR").amount == Decimal("12.50")
        assert "must be a plain number" in fault(intake, amount="12,50", currency="EUR")

    def test_one_currency_for_all(self, intake):
        assert read(intake, ["currency"], amount=5, options={"currency": "CHF"}).currency == "CHF"
        with pytest.raises(
            ConflictingArgumentError, match=r'currency= and constants\["currency"\] say the same'
        ):
            intake([], currency="CHF", constants={"currency": "CHF"})
        with pytest.raises(ConflictingArgumentError, match="currency= gives currency, and the rows have"):
            read(intake, amount=5, currency="EUR", options={"currency": "CHF"})

    def test_a_currency_in_small_letters(self, intake):
        message = fault(intake, amount=5, currency=" eur")
        assert (
            "must be three capital letters such as \"EUR\" (got ' eur'); write 'EUR', for a whole" in message
        )
        assert 'as in lambda row: row["currency"].strip().upper()' in message
        fields = {"currency": lambda row: row["currency"].upper()}
        assert read(intake, amount=5, currency="eur", options={"fields": fields}).currency == "EUR"

    @pytest.mark.parametrize("currency", ["€", "EURO", "éur", "E R"])
    def test_no_currency(self, intake, currency):
        assert fault(intake, amount=5, currency=currency).count("must be three capital letters") == 1

    def test_a_currency_of_numpy(self, intake):
        assert read(intake, amount=5, currency=np.str_("EUR")).currency == "EUR"

    def test_row_numbers_as_ids(self, intake):
        rows = [{**ROWS[intake], "id": "the same"}] * 2
        assert [one.id for one in intake(rows, fields={"id": None}, row_ids=True)] == [0, 1]
        with pytest.raises(InvalidValueError, match="or pass row_ids=True to number the rows"):
            read(intake, ["id"])


class TestSubscriptions:
    def test_everything(self):
        found = subscription(
            interval="year",
            interval_count=2,
            ended_at="2026-03-31T12:00Z",
            end_reason="payment",
            trial_ends_at="2026-03-02T12:00Z",
            pauses=[{"started_at": "2026-03-05T12:00Z", "ended_at": None}],
            plan="gold",
        )
        assert found == Subscription(
            **{**ROWS[subscriptions_from_records], "interval": "year"},
            interval_count=2,
            ended_at=LATER,
            end_reason="payment",
            trial_ends_at=NOON + timedelta(days=1),
            pauses=[Pause(started_at=NOON + timedelta(days=4))],
            plan="gold",
        )

    def test_an_export_with_nested_objects(self):
        """In the manner of payment processors: epochs, cents, codes in small letters, prices under the items."""
        text = """[{"id": "sub_1", "customer": "cus_1", "currency": "usd", "created": 1772366400, "ended_at": 1774958400,
            "cancellation_details": {"reason": "payment_failed"}, "trial_end": null, "status": "canceled",
            "items": {"data": [{"quantity": 2, "plan": {"amount": 1000, "interval": "month", "interval_count": 3}}]}}]"""

        def instant(seconds):
            return seconds and datetime.fromtimestamp(seconds, tz=UTC)

        def plan(row):
            return row["items"]["data"][0]["plan"]

        reasons = {None: None, "payment_failed": "payment"}
        [found] = subscriptions_from_records(
            json.loads(text),
            fields={
                "customer_id": "customer",
                "amount": lambda row: (
                    Decimal(plan(row)["amount"] * row["items"]["data"][0]["quantity"]) / 100
                ),
                "currency": lambda row: row["currency"].upper(),
                "interval": lambda row: plan(row)["interval"],
                "interval_count": lambda row: plan(row)["interval_count"],
                "started_at": lambda row: instant(row["created"]),
                "ended_at": lambda row: instant(row["ended_at"]),
                "trial_ends_at": lambda row: instant(row["trial_end"]),
                "end_reason": lambda row: reasons[row["cancellation_details"]["reason"]],
            },
        )
        assert (found.amount, found.currency, found.interval_count) == (20, "USD", 3)
        assert (found.started_at, found.ended_at, found.end_reason) == (NOON, LATER, "payment")

    def test_a_flat_file(self):
        text = (
            "subscription_id,account_code,plan_code,unit_amount,months,activated_at,paused_at,resumed_at,expired_at\n"
            "S1,ann,gold,30.00,3,2026-03-01 13:00,2026-03-10 13:00,2026-03-20 13:00,\n"
            "S2,ben,gold,30.00,3.0,2026-03-01 13:00,,,2026-03-31 14:00\n"
        )
        one, other = subscriptions_from_records(
            csv.DictReader(io.StringIO(text)),
            fields={
                "id": "subscription_id",
                "customer_id": "account_code",
                "plan": "plan_code",
                "amount": "unit_amount",
                "interval_count": "months",
                "started_at": "activated_at",
                "ended_at": "expired_at",
                "pauses": lambda row: [{"started_at": row["paused_at"], "ended_at": row["resumed_at"]}],
            },
            constants={"interval": "month"},
            currency="EUR",
            tz=BERLIN,
        )
        assert one.pauses == (Pause(started_at=NOON + timedelta(days=9), ended_at=NOON + timedelta(days=19)),)
        assert (one.interval_count, one.ended_at) == (3, None)
        assert (other.interval_count, other.ended_at, other.pauses) == (3, LATER, ())

    def test_a_data_frame(self):
        frame = pd.DataFrame(
            {
                "id": [1, 2],
                "customer_id": ["ann", "ben"],
                "amount": [12.5, 30.0],
                "interval": ["year", "month"],
                "interval_count": [np.nan, 3.0],
                "started_at": pd.to_datetime(["2026-03-01 12:00", "2026-03-01 12:00"], utc=True),
                "ended_at": [pd.NaT, pd.Timestamp(LATER)],
            }
        )
        one, other = subscriptions_from_records(frame.to_dict("records"), currency="EUR", float_digits=2)
        assert (one.interval, one.interval_count, one.ended_at) == ("year", 1, None)
        assert (other.interval_count, other.ended_at) == (3, LATER)
        assert type(other.interval_count) is int

    def test_nobody_pays_as_a_guest(self):
        assert "Subscription.customer_id is missing (got None)" in fault(
            subscriptions_from_records, customer_id=None
        )
        with pytest.raises(
            InvalidValueError, match=r"must not be None, since each record needs its customer_id$"
        ):
            subscription(options={"fields": {"customer_id": None}})

    @pytest.mark.parametrize(
        "word, likely",
        [
            ("Month", "'month'"),
            ("monthly", "'month'"),
            ("ANNUALLY", "'year'"),
            ("Half-Yearly", "'month' with 6 as interval_count"),
            ("quarterly", "'month' with 3 as interval_count"),
            ("fortnightly", "'week' with 2 as interval_count"),
        ],
    )
    def test_other_words_for_intervals(self, word, likely):
        message = fault(subscriptions_from_records, interval=word)
        assert (
            f"must be one of 'day', 'week', 'month', 'year' (got {word!r}); if that is {likely}, say so"
            in message
        )
        assert 'as in lambda row: {"monthly": "month", "yearly": "year"}' in message
        assert message.endswith('["interval"]]')  # and no advice to ignore what each needs

    def test_an_interval_is_not_guessed(self):
        row = {**ROWS[subscriptions_from_records]}
        del row["interval"]
        with pytest.raises(InvalidValueError) as caught:
            subscriptions_from_records([{**row, "takt": "quarterly"}])
        assert "no row has a column 'interval'" in str(caught.value)
        assert """or pass constants={"interval": "month"} if all are billed by the month""" in str(
            caught.value
        )
        [one] = subscriptions_from_records([row], constants={"interval": "week"})
        assert one.interval == "week"
        assert "Subscription.interval is missing" in fault(subscriptions_from_records, interval=None)
        with pytest.raises(TypeError, match="interval"):
            Subscription(**row)

    @pytest.mark.parametrize("word", ["lunar", "P1M", "30"])
    def test_unknown_words_for_intervals(self, word):
        assert f"(got {word!r}); say which of them it is with a callable" in fault(
            subscriptions_from_records, interval=word
        )

    @pytest.mark.parametrize("value", [True, 1, 30.0, ["month"]])
    def test_intervals_that_are_no_words(self, value):
        [error] = faults(subscriptions_from_records, interval=value)
        assert "say which of them it is" in str(error)

    @pytest.mark.parametrize("word", ["month", np.str_("month")])
    def test_the_word_itself(self, word):
        assert subscription(interval=word).interval == "month"

    @pytest.mark.parametrize(
        "word, likely",
        [
            ("voluntary", "'customer'"),
            ("not_paid", "'payment'"),
            ("Fraud review failed", "'fraud'"),
            ("upgrade", "'plan_change'"),
            ("Plan Change", "'plan_change'"),
        ],
    )
    def test_other_words_for_reasons(self, word, likely):
        message = fault(subscriptions_from_records, ended_at=LATER, end_reason=word)
        assert f"(got {word!r}); if that is {likely}, say so with a callable in fields" in message

    @pytest.mark.parametrize("cell", [3, 3.0, "3", "3.0", Decimal("3.00"), np.int64(3), np.float64(3)])
    def test_counts(self, cell):
        found = subscription(interval_count=cell).interval_count
        assert found == 3
        assert type(found) is int

    @pytest.mark.parametrize(
        "cell, message",
        [
            ("3 months", "must be a whole number such as 3 (got '3 months'); take it out of a text with"),
            (1.5, "must be a whole number such as 3 (got 1.5)"),
            ("1.5", "must be a whole number such as 3 (got '1.5')"),
            (Decimal("0.5"), "must be a whole number such as 3 (got Decimal('0.5'))"),
            (float("inf"), "must be a whole number such as 3 (got inf)"),
            (0, "must be from 1 to 10,000 (got 0); leave it out for one"),
            (True, "must be an int (got True)"),
            ([3], "must be an int (got [3])"),
        ],
    )
    def test_no_counts(self, cell, message):
        assert message in fault(subscriptions_from_records, interval_count=cell)

    def test_pauses(self):
        pause = Pause(started_at=NOON + timedelta(days=3), ended_at=NOON + timedelta(days=4))
        found = subscription(
            pauses=[
                {"started_at": "2026-03-10", "ended_at": "", "note": "holiday"},
                pause,
            ],
            options={"tz": "UTC"},
        )
        assert found.pauses == (pause, Pause(started_at=datetime(2026, 3, 10, tzinfo=UTC)))

    @pytest.mark.parametrize(
        "nothing",
        [{}, {"started_at": None}, {"ended_at": float("nan")}, {"started_at": "", "ended_at": pd.NaT}],
    )
    def test_columns_of_a_pause_in_a_span_that_has_none(self, nothing):
        assert subscription(options={"fields": {"pauses": lambda row: [nothing]}}).pauses == ()

    @pytest.mark.parametrize(
        "pauses, message",
        [
            (
                [{"from": NOON}],
                'a pause must have the keys "started_at" and "ended_at" (got the keys \'from\')',
            ),
            (
                [{"from": None, "to": None}],
                "make such mappings with a callable in fields, as in lambda row: [{",
            ),
            (
                [{"started_at": None, "resumed": LATER}],
                "a pause must have the keys \"started_at\" and \"ended_at\" (got the keys 'started_at', 'resumed')",
            ),
            (
                [{"ended_at": LATER}],
                "Pause.started_at is missing (the entry has the keys 'ended_at'); give it",
            ),
            (
                [{"started_at": "", "ended_at": LATER}],
                "Pause.started_at is missing; give it, or leave the entry",
            ),
            ([{"started_at": LATER, "ended_at": NOON}], "[0]: Pause.ended_at must not be before started_at"),
            ([{"started_at": NOON}, {"started_at": 5}], "[1]: Pause.started_at must not be a bare number"),
            ([{"started_at": NOON}, {"started_at": LATER}], "Subscription.pauses must not overlap"),
            ([{"started_at": NOON - timedelta(1)}], "Subscription.pauses must lie within the span"),
            ([NOON], "Subscription.pauses[0]: must be a mapping or a Pause, not datetime"),
            ({"started_at": NOON}, "must be a list of mappings or Pauses, not dict"),
            ("[]", 'as in lambda row: [{"started_at": row["paused_at"], "ended_at": row["resumed_at"]}]'),
        ],
    )
    def test_faulty_pauses(self, pauses, message):
        [error] = faults(subscriptions_from_records, pauses=pauses)
        assert message in str(error)
        assert error.field == "pauses"

    @pytest.mark.parametrize(
        "cells, field, message",
        [
            ({"ended_at": NOON - timedelta(1)}, "ended_at", "must not be before started_at"),
            ({"end_reason": "customer"}, "end_reason", "needs ended_at"),
        ],
    )
    def test_cells_that_contradict_each_other(self, cells, field, message):
        [error] = faults(subscriptions_from_records, **cells)
        assert error.field == field
        assert message in str(error)
        assert str(error).startswith("row 0 (id 'S1'): Subscription.")

    def test_every_fault(self):
        cells = {
            "amount": 1.5,
            "interval": "monthly",
            "interval_count": "x",
            "pauses": "y",
            "end_reason": "z",
        }
        errors = faults(subscriptions_from_records, **cells)
        assert [error.field for error in errors] == [
            "amount",
            "interval",
            "interval_count",
            "end_reason",
            "pauses",
        ]


class TestCheckouts:
    def test_everything(self):
        cells = {
            "customer_id": "ann",
            "amount": "12.50",
            "currency": "EUR",
            "ordered_at": LATER,
            "order_id": 7,
            "channel": "web",
        }
        assert checkout(**cells) == Checkout(id="C1", begun_at=NOON, **cells)

    @pytest.mark.parametrize("options", [{}, {"currency": "EUR"}, {"constants": {"currency": "EUR"}}])
    def test_without_an_amount_it_needs_no_currency(self, options):
        found = checkout(amount="", options=options)
        assert (found.amount, found.currency) == (None, None)
        assert checkout(amount=None, currency="EUR").currency is None

    def test_an_amount_needs_a_currency(self):
        message = fault(checkouts_from_records, amount=5)
        assert "Checkout.amount and currency go together (got Decimal('5') and None); give both or" in message

    def test_a_faulty_currency_is_told_all_the_same(self):
        assert "must be three capital letters" in fault(checkouts_from_records, currency="€")

    @pytest.mark.parametrize("cell", [True, False, "true", "Yes", "no", np.True_])
    def test_whether_is_not_when(self, cell):
        message = fault(checkouts_from_records, ordered_at=cell)
        assert "Checkout.ordered_at must be an instant (got" in message
        assert "which says whether, and not when); name the column that says when, or say with a" in message
        assert "row[\"updated_at\"] if row['ordered_at'] else None, or ignore the column with" in message

    def test_an_order_id_without_its_instant(self):
        [error] = faults(checkouts_from_records, order_id=7)
        assert (error.field, "needs ordered_at" in str(error)) == ("order_id", True)


class TestInteractions:
    def test_everything(self):
        cells = {
            "id": 1,
            "customer_id": "ann",
            "answered_at": LATER,
            "solved_at": LATER,
            "solved_by": "agent",
            "sentiment": Decimal("0.5"),
        }
        row = ROWS[interactions_from_records]
        assert contact(**cells) == Interaction(**row, **cells)
        cells = dict.fromkeys(("opened_at", "clicked_at", "replied_at", "ordered_at"), LATER)
        cells |= {"direction": "outbound", "kind": "offer", "order_id": 7}
        assert contact(**cells) == Interaction(**{**row, **cells})

    @pytest.mark.parametrize(
        "name, fix",
        [
            ("kind", 'constants={"kind": "case"} if all contacts are of one kind'),
            ("direction", 'constants={"direction": "inbound"} if all contacts came in'),
            ("channel", 'constants={"channel": "e-mail"} if all contacts were on one channel'),
        ],
    )
    def test_what_may_be_the_same_for_all(self, name, fix):
        with pytest.raises(InvalidValueError) as caught:
            contact(name)
        assert fix in str(caught.value)
        value = ROWS[interactions_from_records][name]
        assert contact(name, options={"constants": {name: value}}) == contact()

    @pytest.mark.parametrize(
        "name, word, likely",
        [
            ("direction", "INBOUND", "'inbound'"),
            ("direction", "incoming", "'inbound'"),
            ("direction", "Sent", "'outbound'"),
            ("solved_by", "bot", "'self_service'"),
            ("solved_by", "Self-Service", "'self_service'"),
            ("solved_by", "staff", "'agent'"),
        ],
    )
    def test_other_words(self, name, word, likely):
        message = fault(interactions_from_records, **{name: word}, solved_at=LATER)
        assert f"(got {word!r}); if that is {likely}, say so with a callable in fields" in message

    def test_true_and_false_for_a_direction(self):
        message = fault(interactions_from_records, direction=True)
        assert (
            'say which of them it is with a callable in fields, as in lambda row: "inbound" if row['
            in message
        )
        incoming = {"direction": lambda row: "inbound" if row["incoming"] else "outbound"}
        assert contact("direction", incoming=False, options={"fields": incoming}).direction == "outbound"

    @pytest.mark.parametrize("name", ["opened_at", "answered_at", "solved_at"])
    def test_whether_is_not_when(self, name):
        assert f"Interaction.{name} must be an instant (got True, which says whether" in fault(
            interactions_from_records, **{name: True}
        )

    @pytest.mark.parametrize("cell", [0.5, "0.5", Decimal("0.5"), np.float64(0.5)])
    def test_sentiments(self, cell):
        assert contact(sentiment=cell).sentiment == Decimal("0.5")

    @pytest.mark.parametrize(
        "cell, message",
        [
            (
                "positive",
                "must be a number such as 0.5 (got 'positive'); turn words into numbers from -1 to 1",
            ),
            ("4", "must be a number from -1 (bad) to 1 (good) (got Decimal('4'))"),
            (5, "such as stars of 1 to 5 by (stars - 3) / 2"),
            (True, "(got True)"),
        ],
    )
    def test_no_sentiments(self, cell, message):
        assert message in fault(interactions_from_records, sentiment=cell)

    def test_faults_of_an_id_that_is_not_there(self):
        assert fault(interactions_from_records, channel=5).startswith("row 0, column 'channel': Interaction.")
        assert fault(interactions_from_records, channel=5, id=7).startswith("row 0 (id 7), column 'channel'")

    @pytest.mark.parametrize(
        "cells, field",
        [
            ({"opened_at": LATER}, "opened_at"),
            ({"answered_at": NOON - timedelta(1)}, "answered_at"),
            ({"solved_by": "agent"}, "solved_by"),
            ({"kind": "Case"}, "kind"),
        ],
    )
    def test_cells_that_contradict_each_other(self, cells, field):
        [error] = faults(interactions_from_records, **cells)
        assert error.field == field


ORDER = {"id": 1, "customer_id": "ann", "placed_at": NOON, "amount": 5, "currency": "EUR"}
ANSWER: dict[str, Any] = {"kind": "ces", "score": 2, "scale": (1, 7), "responded_at": NOON}


class TestTheOlderSisters:
    """What the words of orders and answers may mean is said in the same way."""

    @pytest.mark.parametrize(
        "intake, row, cells, message",
        [
            (orders_from_records, ORDER, {"payment_state": "PAID"}, "if that is 'paid', say so"),
            (orders_from_records, ORDER, {"cancel_reason": "inventory"}, "if that is 'stock', say so"),
            (orders_from_records, ORDER, {"cancel_reason": "staff"}, "say which of them it is with"),
            (orders_from_records, ORDER, {"currency": "eur"}, "write 'EUR', for a whole column"),
            (orders_from_records, ORDER, {"cancelled_at": True}, "says whether, and not when"),
            (surveys_from_records, ANSWER, {"direction": "Lower"}, "if that is 'lower', say so"),
            (surveys_from_records, ANSWER, {"direction": "up"}, "say which of them it is with"),
        ],
    )
    def test_words(self, intake, row, cells, message):
        found = intake([{**row, **cells}], on_error="collect")
        assert message in str(found.errors[0])

    def test_they_are_read_as_before(self):
        [found] = surveys_from_records([{**ANSWER, "direction": "lower"}])
        assert found == SurveyResponse(**ANSWER, direction="lower")
