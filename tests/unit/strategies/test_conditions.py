"""What must hold of a figure: how a condition is made, what it refuses, how it reads."""

from __future__ import annotations

import copy
import math
import pickle
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest

from retention.benchmarks import BENCHMARKS, Benchmark
from retention.errors import InvalidTypeError, InvalidValueError
from retention.strategies import Condition

OURS = Benchmark(
    id="ours",
    title="our carts last year",
    metrics=["cart_abandonment_rate"],
    low=0.6,
    high=0.7,
    unit="share of checkouts",
    applies_to="this shop in 2025",
    guide="annual report",
    published="between 60 and 70 % of the carts were left",
    caution="before the new checkout",
)


class TestMaking:
    @pytest.mark.parametrize(
        "given", [0.5, Decimal("0.5"), Fraction(1, 2)], ids=["float", "Decimal", "Fraction"]
    )
    def test_thresholds_of_every_kind_are_the_same_number(self, given):
        condition = Condition("cart_abandonment_rate", above=given)
        assert condition == Condition("cart_abandonment_rate", above=0.5)
        assert condition.threshold == 0.5
        assert type(condition.threshold) is float

    def test_a_whole_number_is_one_too(self):
        assert Condition("order_count", below=7).threshold == 7.0

    def test_a_benchmark_counts_with_its_far_end(self):
        assert Condition("cart_abandonment_rate", above=OURS).threshold == 0.7
        assert Condition("cart_abandonment_rate", below=OURS).threshold == 0.6
        assert Condition("cart_abandonment_rate", below=OURS).benchmark is OURS

    def test_a_benchmark_by_its_id(self):
        condition = Condition("customer_retention_rate", below="E10")
        assert condition.benchmark is BENCHMARKS["E10"]
        assert condition.threshold == BENCHMARKS["E10"].low
        assert condition.below == "E10"

    def test_a_number_is_no_benchmark(self):
        assert Condition("cart_abandonment_rate", above=0.7).benchmark is None

    def test_a_change_has_no_threshold(self):
        condition = Condition("customer_retention_rate", change="fell")
        assert (condition.threshold, condition.benchmark) == (None, None)

    def test_it_has_a_least_sample_without_being_told(self):
        condition = Condition("cart_abandonment_rate", above=0.7)
        assert (condition.at_least, condition.confidence, condition.against) == (30, 0.95, "previous")

    def test_it_keeps_its_keywords_from_being_changed(self):
        options = {"within": timedelta(days=14)}
        condition = Condition("recovery_rate", below=0.2, options=options)
        options.clear()
        assert dict(condition.options) == {"within": timedelta(days=14)}

    def test_it_can_be_hashed_copied_and_pickled(self):
        condition = Condition("recovery_rate", below=0.2, options={"within": timedelta(days=14)})
        assert pickle.loads(pickle.dumps(condition)) == condition == copy.deepcopy(condition)
        assert hash(pickle.loads(pickle.dumps(condition))) == hash(condition)

    def test_it_is_frozen(self):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            Condition("order_count", below=7).below = 8


class TestRefusing:
    @pytest.mark.parametrize(
        "given, got",
        [
            ({}, "got none, for order_count"),
            ({"above": 1, "below": 2}, "got above=1.0 and below=2.0"),
            ({"above": 1, "change": "rose"}, "got above=1.0 and change='rose'"),
        ],
        ids=["none", "two thresholds", "threshold and change"],
    )
    def test_exactly_one_question(self, given, got):
        with pytest.raises(InvalidValueError, match=got):
            Condition("order_count", **given)

    @pytest.mark.parametrize(
        "given, message",
        [
            ({"by": 0.2}, r"Condition\.by belongs to change= \(got 0\.2 with above="),
            ({"against": "year_before"}, r"Condition\.against belongs to change= \(got 'year_before'"),
        ],
    )
    def test_what_belongs_to_a_change(self, given, message):
        with pytest.raises(InvalidValueError, match=message):
            Condition("order_count", above=3, **given)

    @pytest.mark.parametrize(
        "value",
        [
            math.nan,
            math.inf,
            Decimal("NaN"),
            Decimal("sNaN"),
            Decimal("Infinity"),
            10**400,
            Fraction(10**400),
        ],
        ids=["NaN", "inf", "NaN of Decimal", "signalling", "inf of Decimal", "int", "Fraction"],
    )
    @pytest.mark.parametrize("name", ["above", "below"])
    def test_thresholds_are_finite(self, name, value):
        with pytest.raises(InvalidValueError, match=rf"Condition\.{name} must be finite \(got "):
            Condition("order_count", **{name: value})

    @pytest.mark.parametrize("value", [True, b"1", [0.5], object()], ids=["bool", "bytes", "list", "object"])
    def test_thresholds_are_numbers(self, value):
        with pytest.raises(
            InvalidTypeError, match=r"Condition\.above must be a number, such as 0\.7 for 70 %"
        ):
            Condition("order_count", above=value)

    def test_an_unknown_benchmark(self):
        with pytest.raises(
            InvalidValueError, match=r"Condition\.below .* \(got 'B100'\); did you mean 'B10'"
        ):
            Condition("customer_retention_rate", below="B100")

    def test_no_benchmark_like_it(self):
        with pytest.raises(InvalidValueError, match=r"\(got 'the average'\); there are B10, B11"):
            Condition("customer_retention_rate", below="the average")

    def test_a_benchmark_of_another_metric(self):
        with pytest.raises(
            InvalidValueError,
            match=r"Condition\.above must be a benchmark of order_count \(got B10, which is about customer_retention_rate or",
        ):
            Condition("order_count", above="B10")

    @pytest.mark.parametrize(
        "field, value, error, message",
        [
            (
                "by",
                -0.1,
                InvalidValueError,
                r"Condition\.by must not be negative \(got -0\.1\); change= says",
            ),
            ("by", "a fifth", InvalidTypeError, r"Condition\.by must be a number"),
            ("at_least", -1, InvalidValueError, r"Condition\.at_least must not be negative \(got -1\)"),
            ("at_least", 2.5, InvalidTypeError, r"Condition\.at_least must be a whole number, not float"),
            ("at_least", True, InvalidTypeError, r"Condition\.at_least must be a whole number, not bool"),
            ("confidence", 95, InvalidValueError, r"Condition\.confidence must lie between 0 and 1"),
            ("confidence", "high", InvalidTypeError, r"Condition\.confidence must be a number"),
            (
                "change",
                "sank",
                InvalidValueError,
                r"Condition\.change must be one of 'rose', 'fell' \(got 'sank'\)",
            ),
            (
                "against",
                "last week",
                InvalidValueError,
                r"Condition\.against must be one of 'previous', 'year_before'",
            ),
            (
                "options",
                [("within", 3)],
                InvalidTypeError,
                r"Condition\.options must map keywords of the metric",
            ),
            ("options", {3: "days"}, InvalidTypeError, r"Condition\.options must map keywords of the metric"),
            ("metric", "", InvalidValueError, r"Condition\.metric must not be empty"),
            ("metric", 7, InvalidTypeError, r"Condition\.metric must be a text"),
        ],
    )
    def test_every_field(self, field, value, error, message):
        fields = {"metric": "order_count", "change": "fell", "by": 0.2} | {field: value}
        with pytest.raises(error, match=message):
            Condition(**fields)


class TestReading:
    @pytest.mark.parametrize(
        "condition, text",
        [
            (Condition("order_count", above=7), "order_count above 7"),
            (Condition("refund_rate", below=0.125), "refund_rate below 0.125"),
            (Condition("customer_retention_rate", below="B10"), "customer_retention_rate below 0.38 (B10)"),
            (
                Condition("order_count", change="rose", by=0.2),
                "order_count rose by 0.2 or more against the previous period",
            ),
            (
                Condition("refund_rate", change="fell", against="year_before"),
                "refund_rate fell against the year before",
            ),
        ],
    )
    def test_as_text(self, condition, text):
        assert str(condition) == text

    def test_its_repr_has_what_was_given_and_no_more(self):
        assert repr(Condition("refund_rate", above=0.1)) == "Condition('refund_rate', above=0.1)"
        told = Condition(
            "recovery_rate",
            change="fell",
            by=0.1,
            against="year_before",
            at_least=50,
            options={"reason": "payment"},
            confidence=0.9,
        )
        assert repr(told) == (
            "Condition('recovery_rate', change='fell', by=0.1, against='year_before', at_least=50, "
            "options={'reason': 'payment'}, confidence=0.9)"
        )
        assert (
            repr(Condition("cart_abandonment_rate", above=OURS))
            == "Condition('cart_abandonment_rate', above='ours')"
        )
