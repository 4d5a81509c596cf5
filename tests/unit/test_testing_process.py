"""The sample shop's parameters: what they refuse, and that the page about them says what they are."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

import attrs
import pytest

from retention.errors import InvalidTypeError, InvalidValueError, NaiveDatetimeError
from retention.testing import SampleProcess
from retention.testing._draws import Choice, Draws, natural_log

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "sample-shop.md"


class TestParameters:
    def test_numbers_of_any_kind(self):
        process = SampleProcess(
            guest_rate=Decimal("0.25"), late_rate=1, mean_rate=Fraction(1, 4), season=[1] * 12
        )
        assert (process.guest_rate, process.late_rate, process.mean_rate) == (0.25, 1.0, 0.25)
        assert process.season == (1.0,) * 12

    def test_equal_copied_pickled_and_hashed_by_value(self):
        process = SampleProcess(countries={"US": 1})
        assert process == copy.deepcopy(process) == pickle.loads(pickle.dumps(process)) != SampleProcess()
        assert hash(process) == hash(SampleProcess(countries={"US": 1}))
        assert "countries={'US': 1.0}" in repr(process)

    def test_the_usual_season_is_one_on_average(self):
        assert math.fsum(SampleProcess().season) == pytest.approx(12)

    @pytest.mark.parametrize(
        "field, bad, kind, message",
        [
            (
                "guest_rate",
                1.5,
                InvalidValueError,
                r"must be a share from 0 to 1 \(got 1.5\); write 6 % as 0.06",
            ),
            ("guest_rate", -0.1, InvalidValueError, "must be a share"),
            ("guest_rate", math.nan, InvalidValueError, "must be a share"),
            ("guest_rate", "6 %", InvalidTypeError, "must be a share"),
            ("guest_rate", True, InvalidTypeError, "must be a share"),
            ("guest_rate", None, InvalidTypeError, "must be a share"),
            ("mean_rate", 0, InvalidValueError, "must be purchases a week, above 0 and up to 70"),
            ("mean_rate", math.inf, InvalidValueError, "must be purchases a week"),
            ("mean_rate", 71, InvalidValueError, "must be purchases a week"),
            ("rate_shape", 0, InvalidValueError, "must be a whole number from 1 to 100"),
            ("rate_shape", 1.5, InvalidTypeError, "must be a whole number from 1 to 100"),
            ("rate_shape", True, InvalidTypeError, "must be a whole number from 1 to 100"),
            ("mean_amount_shape", 1, InvalidValueError, "must be a whole number from 2 to 100"),
            ("mean_amount", 0, InvalidValueError, "must be an amount from 0.01"),
            ("drop_out_shapes", 5, InvalidTypeError, "must be two whole numbers"),
            ("drop_out_shapes", (1,), InvalidValueError, "must be two whole numbers"),
            ("drop_out_shapes", (1, 0), InvalidValueError, "must be a whole number from 1"),
            ("first_may_be_last", 1, InvalidTypeError, "must be True or False"),
            ("first_drop_out_rate", 1.1, InvalidValueError, "must be a share"),
            ("regulars_leave_rate", -0.1, InvalidValueError, "must be a share"),
            ("regulars_leave_days_ago", 30, InvalidTypeError, "must be two whole numbers of days from 0"),
            ("regulars_leave_days_ago", (30, 90.5), InvalidTypeError, "must be two whole numbers of days"),
            ("regulars_leave_days_ago", (False, True), InvalidTypeError, "must be two whole numbers of days"),
            ("regulars_leave_days_ago", (30,), InvalidValueError, "must be two whole numbers of days"),
            ("regulars_leave_days_ago", (90, 30), InvalidValueError, "the later end of the span goes first"),
            ("regulars_leave_days_ago", (-1, 30), InvalidValueError, "must be two whole numbers of days"),
            ("regulars_leave_days_ago", (1, 10_001), InvalidValueError, "must be two whole numbers of days"),
            ("bargain_hunter_rate", "all", InvalidTypeError, "must be a share"),
            ("first_contact_rate", 2, InvalidValueError, "must be a share"),
            ("satisfaction_fall", 11, InvalidValueError, "must be points from 0 to 10"),
            ("first_disappointment", -1, InvalidValueError, "must be points from 0 to 10"),
            ("season", 1, InvalidTypeError, "must be twelve numbers above 0"),
            (
                "season",
                (1,) * 11,
                InvalidValueError,
                r"must be twelve numbers .* \(1,\) \* 12 is a year without",
            ),
            ("season", (0,) + (1,) * 11, InvalidValueError, "must be twelve numbers above 0"),
            ("countries", ["DE"], InvalidTypeError, "must be a mapping of words to weights"),
            ("countries", {}, InvalidValueError, "must be a mapping of words to weights"),
            ("countries", {"DE": 0}, InvalidValueError, "must be a mapping of words to weights"),
            ("countries", {5: 1}, InvalidTypeError, "must be a text"),
            ("cancel_reasons", {"rain": 1}, InvalidValueError, "must be one of 'customer'"),
            ("cancel_reasons", 5, InvalidTypeError, "must be a mapping"),
            ("currency", "euro", InvalidValueError, "must be three capital letters"),
            ("mean_satisfaction", 11, InvalidValueError, "must be points from 0 to 10"),
            ("opened_at", datetime(2025, 1, 1), NaiveDatetimeError, "time zone"),
            (
                "opened_at",
                datetime(2025, 1, 1, 5, tzinfo=UTC),
                InvalidValueError,
                "must be a midnight in UTC",
            ),
            ("as_of", datetime(2020, 1, 1, tzinfo=UTC), InvalidValueError, "must lie before as_of"),
            ("as_of", "2026", InvalidTypeError, "must be a datetime with a time zone"),
            ("cancellation_rate", 0.95, InvalidValueError, "must not add up to more than 1"),
        ],
    )
    def test_bad_values_are_refused_by_name(self, field, bad, kind, message):
        named = "opened_at" if "lie before" in message else field
        with pytest.raises(kind, match=rf"^SampleProcess(\.|: ){named} .*{message}"):
            SampleProcess(**{field: bad})

    def test_every_parameter_stands_in_the_docstring(self):
        named = re.findall(r"^    (\w+): ", inspect.getdoc(SampleProcess), re.MULTILINE)
        assert [field.name for field in attrs.fields(SampleProcess)] == [
            name for name in named if not name.endswith("Error")
        ]

    def test_the_page_tells_every_parameter_and_its_default(self):
        rows = re.findall(r"^\| `(\w+)` \| `(.+?)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
        usual = SampleProcess()
        assert rows == [
            (field.name, shown(getattr(usual, field.name))) for field in attrs.fields(SampleProcess)
        ]


def shown(value: object) -> str:
    """A default as the page writes it."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, tuple):
        return ", ".join(f"{part:g}" for part in value)
    if isinstance(value, str | bool):
        return str(value)
    if isinstance(value, int | float):
        return f"{value:g}"
    return ", ".join(f"{word} {weight:g}" for word, weight in value.items())


class TestDraws:
    def test_the_logarithm(self):
        random = Random(1)
        values = [2.0**-53, 1 - 2.0**-53, 0.5, 1.0, 0.1, 1e-300, 1e300, 0.70710678118654757]
        for value in [*values, *(random.random() ** random.choice((1, 9)) for _ in range(2_000))]:
            assert natural_log(value) == pytest.approx(math.log(value), rel=4e-16, abs=4e-16)

    def test_a_waiting_time_is_above_0(self):
        draws = Draws("any")
        draws.uniform = lambda: 0.0
        assert draws.gamma(3) > 0

    def test_one_key_one_stream(self):
        assert [Draws(1, "a").uniform(), Draws(1, "a").gamma(2)] == [
            Draws("1:a").uniform(),
            Draws("1:a").gamma(2),
        ]
        assert Draws(1, 12).uniform() != Draws(11, 2).uniform()

    def test_a_choice_falls_on_each_word_by_its_weight(self):
        choice = Choice({"a": 1, "b": 3})
        assert [choice.at(draw) for draw in (0, 0.2499, 0.25, 0.9999, 1)] == ["a", "a", "b", "b", "b"]
