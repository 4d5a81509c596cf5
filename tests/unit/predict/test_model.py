"""Estimates, models and predictions by hand: a model of two parameters whose figures can be worked out on paper."""

from __future__ import annotations

import math
import pickle
from typing import ClassVar

import attrs
import pytest
from attrs import frozen
from hypothesis import given, strategies as st

from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError
from retention.predict._model import (
    Estimate,
    FitReport,
    Model,
    Predictions,
    delta_error,
    hardly_held,
    parameter,
)
from retention.predict.purchases import RepeatPurchases

Z = 1.959963984540054


@frozen(kw_only=True)
class Toy(Model):
    _TITLE: ClassVar[str] = "toy"
    p: float = parameter()
    q: float = parameter()


COVARIANCE = ((0.04, 0.01), (0.01, 0.09))
REPORT = FitReport(
    log_likelihood=-100.0, customers=50, groups=7, iterations=3, evaluations=9, covariance=COVARIANCE
)
WIDE = attrs.evolve(REPORT, covariance=((99.0, 0.0), (0.0, 99.0)))
FITTED = Toy(p=2.0, q=5.0, report=REPORT)
GIVEN = Toy(p=2.0, q=5.0)


def share(model: Toy) -> float:
    return model.p / (model.p + model.q)


class TestEstimate:
    def test_a_positive_figure(self):
        estimate = Estimate(value=10.0, standard_error=1.0, unit="EUR")
        low, high = estimate.interval()
        assert low == pytest.approx(10 / math.exp(0.1 * Z))
        assert high == pytest.approx(10 * math.exp(0.1 * Z))
        assert estimate.interval().method == "delta method on a logarithmic scale"
        assert str(estimate) == "10.00 EUR"
        assert f"{estimate:.1f}" == "10.0"
        assert float(estimate) == 10
        assert estimate.explain() == "10.00 EUR (95 % interval 8.22 to 12.17)."

    def test_of_what_is_expected(self):
        estimate = Estimate(value=10.0, standard_error=1.0, unit="purchases", about="expected within 4 weeks")
        assert estimate == Estimate(value=10.0, standard_error=1.0, unit="purchases")
        assert estimate.explain() == (
            "10 purchases expected within 4 weeks (95 % interval of what is expected 8.22 to 12.17; what comes varies more)."
        )
        assert (
            attrs.evolve(estimate, standard_error=None).explain() == "10 purchases expected within 4 weeks."
        )

    def test_a_probability(self):
        estimate = Estimate(value=0.8, standard_error=0.08, kind="probability")
        low, high = estimate.interval(0.9)
        logit, reach = math.log(4), 1.6448536269514722 * 0.08 / 0.16
        assert low == pytest.approx(1 / (1 + math.exp(reach - logit)))
        assert high == pytest.approx(1 / (1 + math.exp(-reach - logit)))
        assert str(estimate) == "80.0%"

    def test_any_figure(self):
        assert tuple(Estimate(value=-1.0, standard_error=2.0, kind="real").interval()) == pytest.approx(
            (-1 - 2 * Z, -1 + 2 * Z)
        )

    @given(
        st.floats(0, 1),
        st.floats(0, 1e300),
        st.sampled_from(["positive", "probability", "real"]),
        st.floats(0.01, 0.999),
    )
    def test_an_interval_holds_the_value_and_stays_in_range(self, value, error, kind, confidence):
        interval = Estimate(value=value, standard_error=error, kind=kind).interval(confidence)
        assert interval.low <= value * (1 + 1e-12)
        assert value <= interval.high * (1 + 1e-12) + 1e-300
        assert kind == "real" or interval.low >= 0
        assert kind != "probability" or interval.high <= 1

    @pytest.mark.parametrize("kind, ends", [("positive", (0.0, 0.2 * Z)), ("real", (-0.2 * Z, 0.2 * Z))])
    def test_of_nothing(self, kind, ends):
        assert tuple(Estimate(value=0.0, standard_error=0.2, kind=kind).interval()) == pytest.approx(ends)

    def test_a_probability_of_one(self):
        assert tuple(Estimate(value=1.0, standard_error=0.0, kind="probability").interval()) == (1, 1)
        assert tuple(Estimate(value=1.0, standard_error=0.1, kind="probability").interval()) == pytest.approx(
            (1 - 0.1 * Z, 1)
        )

    def test_it_may_be_undefined(self):
        estimate = Estimate(value=None, undefined_because="nobody came")
        assert (str(estimate), f"{estimate:.3f}", estimate.explain()) == (
            "n/a",
            "n/a",
            "No value, since nobody came.",
        )
        for call in (float, Estimate.interval):
            with pytest.raises(UndefinedMetricError, match="nobody came"):
                call(estimate)

    def test_it_may_be_without_error(self):
        estimate = Estimate(value=1234.5, unit="EUR")
        assert estimate.explain() == "1,234.50 EUR."
        with pytest.raises(UndefinedMetricError, match="parameters of this one were given"):
            estimate.interval()

    @pytest.mark.parametrize(
        "fields, error, words",
        [
            ({"value": 1.0, "kind": "ratio"}, InvalidValueError, "Estimate.kind must be"),
            ({"value": None}, InvalidValueError, "must say why"),
            ({"value": 1.0, "undefined_because": "x"}, InvalidValueError, "must be None where"),
            ({"value": "1"}, InvalidTypeError, "Estimate.value must be a float, not str"),
            ({"value": True}, InvalidTypeError, "not bool"),
            ({"value": math.nan}, InvalidValueError, "must be finite"),
            ({"value": -0.5}, InvalidValueError, "positive figure must lie from 0"),
            ({"value": 1.5, "kind": "probability"}, InvalidValueError, "from 0 to 1"),
            ({"value": 1.0, "standard_error": math.inf}, InvalidValueError, "standard_error must be finite"),
            ({"value": 1.0, "standard_error": -1.0}, InvalidValueError, "must not be negative"),
        ],
    )
    def test_what_it_refuses(self, fields, error, words):
        with pytest.raises(error, match=words):
            Estimate(**fields)


class TestModel:
    def test_parameters_and_errors(self):
        assert dict(FITTED.parameters) == {"p": 2.0, "q": 5.0}
        assert dict(FITTED.standard_errors) == pytest.approx({"p": 2 * 0.2, "q": 5 * 0.3})
        low, high = FITTED.interval("q")
        assert (low, high) == pytest.approx((5 * math.exp(-0.3 * Z), 5 * math.exp(0.3 * Z)))

    def test_criteria(self):
        assert FITTED.log_likelihood == -100
        assert FITTED.aic == 204
        assert FITTED.bic == pytest.approx(200 + 2 * math.log(50))

    def test_the_delta_method(self):
        # At p / (p + q) the slopes along the logarithms are s·(1 − s) and its negative.
        s = 2 / 7
        expected = s * (1 - s) * math.sqrt(0.04 + 0.09 - 2 * 0.01)
        estimate = FITTED.estimate(share, kind="probability")
        assert estimate.value == pytest.approx(s)
        assert estimate.standard_error == pytest.approx(expected, rel=1e-7)

    def test_a_model_whose_parameters_were_given(self):
        assert GIVEN.estimate(share).standard_error is None
        for call in (
            lambda m: m.standard_errors,
            lambda m: m.aic,
            lambda m: m.bic,
            lambda m: m.interval("p"),
        ):
            with pytest.raises(UndefinedMetricError, match="this Toy was not fitted"):
                call(GIVEN)

    def test_an_estimate_that_is_undefined(self):
        def undefined(_model):
            msg = "there is none"
            raise UndefinedMetricError(msg)

        assert FITTED.estimate(undefined).undefined_because == "there is none"

    def test_an_estimate_that_is_undefined_nearby(self):
        def at_the_edge(model):
            if model.p < 2:
                msg = "beyond the edge"
                raise UndefinedMetricError(msg)
            return model.p

        estimate = FITTED.estimate(at_the_edge)
        assert (estimate.value, estimate.standard_error) == (2.0, None)

    def test_an_error_too_large_for_a_float(self):
        assert delta_error(FITTED, lambda model: 1e305 * (model.p - 2) * 1e4) is None
        assert delta_error(attrs.evolve(FITTED, report=WIDE), lambda model: 1e307 * model.p) is None
        assert delta_error(FITTED, lambda model: 1e200 * model.p) == pytest.approx(4e199)

    def test_what_never_changes_has_no_error(self):
        assert delta_error(FITTED, lambda _: 3.0) == 0

    def test_as_text(self):
        assert str(FITTED) == "toy: p 2 (1.351 to 2.96), q 5 (2.777 to 9.002)"
        assert str(GIVEN) == "toy: p 2, q 5"
        assert repr(FITTED) == "Toy(p=2.0, q=5.0)"
        warned = attrs.evolve(FITTED, report=attrs.evolve(REPORT, warnings=("It is a toy.", "It breaks.")))
        assert str(warned).splitlines()[1:] == ["Mind: It is a toy.", "Mind: It breaks."]

    def test_in_words(self):
        assert FITTED.explain() == (
            "toy, fitted to 50 customers (log-likelihood −100.00, AIC 204.00). p 2 (1.351 to 2.96), q 5 (2.777 to 9.002)."
        )
        assert (
            GIVEN.explain()
            == "toy, with parameters that were given, so that no figure has an interval. p 2, q 5."
        )
        warned = attrs.evolve(FITTED, report=attrs.evolve(REPORT, warnings=("It is a toy.",)))
        assert warned.explain().endswith("q 5 (2.777 to 9.002). Mind: It is a toy.")

    def test_what_the_data_hardly_hold(self):
        names = ("p", "q")
        assert list(hardly_held(names, COVARIANCE)) == []
        (one,) = hardly_held(names, ((0.1, 0.0), (0.0, 1.1)))
        assert one.startswith("q is hardly held by the data: ")
        (both,) = hardly_held(names, WIDE.covariance)
        assert both.startswith("p and q are hardly held by the data: ")

    def test_the_report_takes_no_part_in_equality(self):
        assert FITTED == GIVEN
        assert attrs.evolve(FITTED, p=3) != GIVEN
        assert pickle.loads(pickle.dumps(FITTED)).report == REPORT

    def test_no_such_parameter(self):
        with pytest.raises(InvalidValueError, match="Toy has the parameters p, q, and no 'r'"):
            FITTED.interval("r")

    @pytest.mark.parametrize(
        "value, error",
        [
            ("2", InvalidTypeError),
            (True, InvalidTypeError),
            (None, InvalidTypeError),
            (0.0, InvalidValueError),
            (-1, InvalidValueError),
            (math.inf, InvalidValueError),
            (math.nan, InvalidValueError),
            (10**400, InvalidValueError),
        ],
    )
    def test_what_is_no_parameter(self, value, error):
        with pytest.raises(error, match=r"Toy\.p must be"):
            Toy(p=value, q=1)


BASE = RepeatPurchases.from_table(
    {"ann": (2, 3.0, 5.0), "ben": (0, 0.0, 5.0), "cy": (2, 3.0, 5.0), "dot": (1, 1.0, 4.0)}, unit="week"
)


def kernel(model: Toy, frequency: int, recency: float, age: float) -> float:
    return model.p * frequency + model.q * (age - recency)


class TestReport:
    def test_in_a_sentence(self):
        assert str(REPORT) == (
            "Fitted to 50 customers, of whom 7 differ: log-likelihood −100.00, after 3 steps and 9 evaluations."
        )
        warned = attrs.evolve(
            REPORT, groups=50, log_likelihood=-12_345.678, warnings=("It is a toy.", "It breaks.")
        )
        assert str(warned).splitlines() == [
            "Fitted to 50 customers: log-likelihood −12,345.68, after 3 steps and 9 evaluations.",
            "Mind: It is a toy.",
            "Mind: It breaks.",
        ]


class TestPredictions:
    PREDICTIONS = Predictions(FITTED, BASE, kernel, unit="EUR")

    def test_it_is_a_mapping(self):
        expected = {"ann": 14.0, "ben": 25.0, "cy": 14.0, "dot": 17.0}
        assert dict(self.PREDICTIONS) == expected
        assert dict(self.PREDICTIONS.items()) == expected
        assert list(self.PREDICTIONS.values()) == [expected[each] for each in BASE]
        assert expected == self.PREDICTIONS
        assert len(self.PREDICTIONS) == 4
        assert "ann" in self.PREDICTIONS
        assert "eve" not in self.PREDICTIONS
        assert repr(self.PREDICTIONS) == "<Predictions for 4 customers>"
        with pytest.raises(KeyError):
            self.PREDICTIONS["eve"]

    def test_customers_who_look_alike_are_computed_once(self):
        calls = []
        Predictions(FITTED, BASE, lambda *looks: float(len(calls.append(looks) or looks)))
        assert len(calls) == 3

    def test_a_kernel_may_prepare_for_all_groups(self):
        class Prepared:
            @staticmethod
            def bound(model):
                return lambda frequency, recency, age: kernel(model, frequency, recency, age)

        assert Predictions(FITTED, BASE, Prepared()) == self.PREDICTIONS

    def test_one_customer(self):
        estimate = self.PREDICTIONS.estimate("dot")
        slopes = 2.0, 15.0  # p·1 and q·3, along the logarithms
        variance = sum(x * y * COVARIANCE[i][j] for i, x in enumerate(slopes) for j, y in enumerate(slopes))
        assert (estimate.value, estimate.unit) == (17, "EUR")
        assert estimate.standard_error == pytest.approx(math.sqrt(variance), rel=1e-7)

    def test_all_together(self):
        total, mean = self.PREDICTIONS.total(), self.PREDICTIONS.mean()
        slopes = 2.0 * 5, 5.0 * 12
        variance = sum(x * y * COVARIANCE[i][j] for i, x in enumerate(slopes) for j, y in enumerate(slopes))
        assert (total.value, mean.value) == (70, 17.5)
        assert total.standard_error == pytest.approx(math.sqrt(variance), rel=1e-7)
        assert mean.standard_error == pytest.approx(total.standard_error / 4)
        assert total.unit == mean.unit == "EUR"

    def test_probabilities(self):
        sure = Predictions(FITTED, BASE, lambda *_: 1.0, kind="probability")
        assert (sure.total().kind, sure.total().value, str(sure.total())) == ("positive", 4, "4 customers")
        assert (sure.mean().kind, sure.mean().value, sure.mean().standard_error) == ("probability", 1, 0)

    def test_whose_interval_it_is(self):
        """Of a number to be expected: of one customer's probability, and of the mean of all, there is none."""
        sure = Predictions(FITTED, BASE, lambda *_: 1.0, kind="probability", about="expected")
        assert sure.total().explain() == (
            "4 customers expected (95 % interval of what is expected 4 to 4; what comes varies more)."
        )
        assert sure.mean().about is sure.estimate("ann").about is None
        spent = Predictions(FITTED, BASE, kernel, unit="EUR", about="expected")
        assert spent.total().about == spent.mean().about == spent.estimate("ann").about == "expected"
        assert sure.estimate("ann").kind == "probability"

    def test_a_model_whose_parameters_were_given(self):
        given = Predictions(GIVEN, BASE, kernel)
        assert given.total().standard_error is given.mean().standard_error is None

    def test_as_text(self):
        assert str(Predictions(GIVEN, BASE, kernel, title="Toys to come", unit="toys")).splitlines() == [
            "Toys to come: 4 customers",
            "",
            "customer  figure",
            "--------  ------",
            "ben           25",
            "dot           17",
            "ann           14",
            "cy            14",
            "",
            "In all 70 toys.",
            "On average 17.5 toys.",
        ]

    def test_of_many_the_ends_are_shown(self):
        base = RepeatPurchases.from_counts([(x, 1.0, 2.0, 1) for x in range(1, 8)], unit="week")
        text = str(Predictions(FITTED, base, lambda _, x, *__: x / 10, kind="probability")).splitlines()
        assert text[0] == "Figures: 7 customers"
        assert text[4:11] == [
            "6          70.0%",
            "5          60.0%",
            "4          50.0%",
            "…",
            "2          30.0%",
            "1          20.0%",
            "0          10.0%",
        ]
        assert text[12:] == [
            "In all 2.8 customers (95 % interval 2.8 to 2.8).",
            "On average 40.0% (95 % interval 40.0% to 40.0%).",
        ]

    def test_one_is_one(self):
        one = Predictions(
            GIVEN, RepeatPurchases.from_counts([(1, 1.0, 2.0, 1)], unit="week"), lambda *_: 1.0, unit="toys"
        )
        assert str(one).startswith("Figures: 1 customer\n")
        assert "In all 1 toy." in str(one)

    def test_nobody(self):
        empty = Predictions(FITTED, RepeatPurchases.from_table({}, unit="week"), kernel)
        assert empty.total().value == 0
        assert empty.mean().undefined_because == "there are no customers to take a mean of"
        assert empty.highest(3) == []
        assert str(empty) == "Figures: 0 customers"

    def test_the_highest_and_the_lowest(self):
        assert self.PREDICTIONS.highest(2) == [("ben", 25.0), ("dot", 17.0)]
        assert self.PREDICTIONS.lowest(3) == [("ann", 14.0), ("cy", 14.0), ("dot", 17.0)]
        assert self.PREDICTIONS.highest(0) == []
        assert len(self.PREDICTIONS.highest(99)) == 4

    @pytest.mark.parametrize(
        "n, error", [(-1, InvalidValueError), (1.0, InvalidTypeError), (True, InvalidTypeError)]
    )
    def test_how_many_is_a_number(self, n, error):
        for name in ("highest", "lowest"):
            with pytest.raises(error, match=rf"Predictions\.{name} takes how many"):
                getattr(self.PREDICTIONS, name)(n)
