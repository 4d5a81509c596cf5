from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import ClassVar

import attrs
import pandas as pd
import pytest
from dateutil.relativedelta import relativedelta

import retention as rt
from retention.errors import (
    AsOfRequiredError,
    ConflictingArgumentError,
    InvalidPeriodError,
    InvalidTypeError,
    InvalidValueError,
    MissingRecordsError,
    MixedCurrencyError,
    MixedScaleError,
    NotObservableError,
    SurveyScaleError,
    UnknownMetricError,
)
from retention.testing import make_orders
from tests.shops import sampled

FEBRUARY, MARCH, APRIL = (rt.Period.month(2026, month, tz="UTC") for month in (2, 3, 4))
ORDERS = make_orders(
    {
        "ann": ["2026-02-10", ("2026-03-10", "30.00")],
        "ben": ["2026-02-20"],
        "cy": [("2026-03-20", "20.00")],
        None: [("2026-03-21", "10.00")],
    }
)
SNAP = rt.snapshot(ORDERS, period=MARCH)
KNOWN = rt.snapshot(
    ORDERS,
    period=[FEBRUARY, MARCH, APRIL],
    as_of=datetime(2026, 3, 15, tzinfo=UTC),
    observed_from=datetime(2026, 2, 1, tzinfo=UTC),
)
# The published schema. Whoever renames or drops a key breaks the programs that read it.
KEYS = [
    "metric",
    "title",
    "period",
    "period_start",
    "period_end",
    "value",
    "low",
    "high",
    "numerator",
    "denominator",
    "exact",
    "unit",
    "state",
    "because",
    "partial",
    "previous_period",
    "previous_value",
    "previous_state",
    "previous_because",
    "previous_partial",
    "left_out",
    "assumed",
    "options",
    "change",
    "change_low",
    "change_high",
    "p_value",
    "adjusted_p_value",
    "verdict",
    "comparisons",
    "untested_because",
    "caution",
]
SURVEYS = ["net_promoter_score", "customer_satisfaction_score", "customer_effort_score"]


class TestPeriods:
    def test_one(self):
        assert SNAP.periods == (MARCH,)
        assert SNAP["order_count"] == 3
        assert SNAP["net_revenue"] == Decimal("60.00")
        assert SNAP["customer_retention_rate"] == rt.Ratio(1, 2)
        assert SNAP["average_order_value"] == rt.Mean(Decimal("60.00"), 3, unit="EUR")

    def test_each_figure_is_that_of_the_metric_s_own_function(self):
        for name in SNAP:
            assert SNAP[name] == rt.METRICS[name].function(ORDERS, period=MARCH)

    def test_a_series_from_a_generator(self):
        quarter = rt.snapshot(ORDERS, period=rt.Period.quarter(2026, 1, tz="UTC").split("month"))
        assert [period.label for period in quarter.periods] == ["2026-01", "2026-02", "2026-03"]
        assert [figure.result for figure in quarter.series("order_count")] == [0, 2, 3]
        assert quarter["order_count"] == 3  # the latest
        assert quarter.figure("order_count", FEBRUARY).result == 2

    def test_the_latest_is_the_latest_whatever_stands_last(self):
        assert rt.snapshot(ORDERS, period=[MARCH, FEBRUARY])["order_count"] == 3
        assert rt.snapshot(ORDERS, period=[MARCH, FEBRUARY]).periods == (MARCH, FEBRUARY)

    def test_a_period_that_stands_twice_is_shown_once(self):
        assert rt.snapshot(ORDERS, period=[MARCH, FEBRUARY, MARCH]).periods == (MARCH, FEBRUARY)

    @pytest.mark.parametrize("none", [[], (), iter([]), {}])
    def test_none_at_all(self, none):
        with pytest.raises(InvalidValueError, match="at least one Period"):
            rt.snapshot(ORDERS, period=none)

    @pytest.mark.parametrize("bad", ["2026-03", None, 3, datetime(2026, 3, 1, tzinfo=UTC)])
    def test_no_periods(self, bad):
        with pytest.raises(InvalidTypeError, match="period must be a Period, or an iterable of them"):
            rt.snapshot(ORDERS, period=bad)

    @pytest.mark.parametrize("bad", ["2026-03", None, [], MARCH.start])
    def test_the_error_names_the_position(self, bad):
        with pytest.raises(InvalidTypeError, match=r"period\[1\] must be a Period, not"):
            rt.snapshot(ORDERS, period=[MARCH, bad])

    def test_bad_arguments_are_refused_before_the_orders_are_read(self):
        lazy = iter(ORDERS)
        for bad in ({"period": []}, {"period": MARCH, "metrics": ["x"]}, {"period": MARCH, "against": "x"}):
            with pytest.raises(ValueError if "metrics" not in bad else KeyError):
                rt.snapshot(lazy, **bad)
        assert len(list(lazy)) == len(ORDERS)

    def test_years_1_and_9999(self):
        last = datetime.max.replace(tzinfo=UTC)
        orders = make_orders({"ann": ["0001-01-01", "9999-12-30"]})
        for period in (rt.Period.year(1, tz="UTC"), rt.Period.day(9999, 12, 30, tz="UTC")):
            for against in ("previous", "year_before", None):
                snap = rt.snapshot(orders, period=period, against=against, as_of=last)
                assert snap["order_count"] == 1
                assert str(snap)
        first = rt.snapshot(orders, period=rt.Period.year(1, tz="UTC"))
        assert first.figure("order_count").previous_period is None
        assert (
            first["customer_retention_rate"].undefined_because == "the base lies before the calendar begins"
        )

    def test_an_empty_shop(self):
        snap = rt.snapshot([], period=MARCH, as_of=MARCH.end)
        assert snap["order_count"] == 0
        assert snap["net_revenue"] == 0
        assert snap["customer_retention_rate"].undefined_because == "there are no customers at the start"
        assert snap.currency is None
        assert {row["state"] for row in snap.to_dicts()} == {"defined", "undefined"}


class TestAgainst:
    def test_the_period_before(self):
        figure = SNAP.figure("order_count")
        assert (figure.previous_period, figure.previous, figure.previous_value) == (FEBRUARY, 2, 2)

    def test_the_same_a_year_before(self):
        snap = rt.snapshot(
            [*ORDERS, *make_orders_of_2025()], period=MARCH, against="year_before", metrics=["order_count"]
        )
        figure = snap.figure("order_count")
        assert (figure.previous_period.label, figure.previous) == ("2025-03", 1)
        assert snap.against == "year_before"

    def test_nothing(self):
        figure = rt.snapshot(ORDERS, period=MARCH, against=None).figure("order_count")
        assert figure.before is None
        assert (figure.previous_period, figure.previous, figure.previous_value) == (None, None, None)
        assert figure.previous_because is None

    def test_the_figure_before_has_its_states(self):
        as_of = datetime(2026, 2, 15, tzinfo=UTC)
        snap = rt.snapshot(ORDERS, period=MARCH, as_of=as_of, observed_from=datetime(2026, 2, 1, tzinfo=UTC))
        orders = snap.figure("order_count").before
        assert (orders.period, orders.state, orders.partial, orders.value) == (FEBRUARY, "defined", True, 1)
        assert orders.before is None
        rate = snap.figure("customer_retention_rate")
        assert (rate.before.state, rate.before.partial) == ("not observable", True)
        assert rate.previous_because == rate.before.undefined_because
        assert "the base reaches before observed_from" in rate.previous_because
        figure = SNAP.figure("customer_retention_rate")
        assert (figure.before.state, figure.previous_value) == ("undefined", None)
        assert figure.previous_because == "there are no customers at the start"
        assert figure.before == rt.snapshot(ORDERS, period=FEBRUARY, against=None).figure(figure.metric)

    @pytest.mark.parametrize("bad", ["last_year", "", 1, True, ["previous"]])
    def test_anything_else_is_refused(self, bad):
        with pytest.raises(InvalidValueError, match="against must be 'previous', 'year_before' or None"):
            rt.snapshot(ORDERS, period=MARCH, against=bad)

    def test_a_period_of_the_series_is_counted_once_though_it_is_the_one_before(self):
        snap = rt.snapshot(ORDERS, period=[FEBRUARY, MARCH])
        assert snap.figure("gini_score").previous is snap.figure("gini_score", FEBRUARY).result


def make_orders_of_2025():
    return [attrs.evolve(order, id="old") for order in make_orders({"old": ["2025-03-31"]})]


def make_orders_of_january():
    return [attrs.evolve(order, id="january") for order in make_orders({"ann": ["2026-01-05"]})]


# What can be had of any orders, without as_of, costs and categories.
ALWAYS = [
    name
    for name, spec in rt.METRICS.items()
    if spec.inputs == ("orders",)
    and spec.shown
    and not spec.fields
    and spec.look_ahead != "window"
    and set(spec.due) <= spec.usual.keys()
]


class TestMetrics:
    def test_all_but_pictures(self):
        assert SNAP.metrics == tuple(ALWAYS)
        assert "lorenz_curve" not in ALWAYS

    def test_some_in_the_order_asked_for(self):
        names = ["net_revenue", "order_count", "net_revenue"]
        assert rt.snapshot(ORDERS, period=MARCH, metrics=iter(names)).metrics == (
            "net_revenue",
            "order_count",
        )

    @pytest.mark.parametrize(
        "name, hint",
        [
            ("customer_retention", "did you mean .*customer_retention_rate"),
            ("orders_count", "did you mean 'order_count'"),
            ("zzz", "there are active_customer_count, new_customer_count"),
        ],
    )
    def test_an_unknown_name_brings_the_nearest(self, name, hint):
        with pytest.raises(UnknownMetricError, match=f"no metric '{name}' here; {hint}"):
            rt.snapshot(ORDERS, period=MARCH, metrics=["order_count", name])
        with pytest.raises(KeyError, match=hint):
            _ = SNAP[name]
        with pytest.raises(UnknownMetricError, match=hint):
            SNAP.series(name)

    def test_a_known_name_that_is_not_in_it(self):
        snap = rt.snapshot(ORDERS, period=MARCH, metrics=["order_count", "net_revenue"])
        with pytest.raises(
            UnknownMetricError, match="no metric 'gini_score' here; there are order_count, net_"
        ):
            _ = snap["gini_score"]

    @pytest.mark.parametrize("bad", [[], ["order_count", 5], [["order_count"]], [None]])
    def test_no_names(self, bad):
        with pytest.raises((InvalidValueError, UnknownMetricError), match=r"at least one name|no metric"):
            rt.snapshot(ORDERS, period=MARCH, metrics=bad)

    @pytest.mark.parametrize("bad", ["order_count", 5, True])
    def test_no_iterable_of_names(self, bad):
        with pytest.raises(InvalidTypeError, match="metrics must be an iterable of names"):
            rt.snapshot(ORDERS, period=MARCH, metrics=bad)

    def test_a_picture_where_it_is_asked_for(self):
        snap = rt.snapshot(ORDERS, period=MARCH, metrics=["lorenz_curve"])
        assert list(snap["lorenz_curve"].points()) == [(0, 0), (0.5, 0.4), (1, 1)]
        figure = snap.figure("lorenz_curve")
        assert (figure.value, str(figure)) == (None, "Lorenz curve of 2 customers")
        assert snap.to_dicts() == []  # a row has one number

    def test_a_period_that_is_not_in_it(self):
        with pytest.raises(InvalidPeriodError, match=r"no period Period\.month\(2026, 4.*it has 2026-03"):
            SNAP.figure("order_count", APRIL)
        with pytest.raises(InvalidPeriodError):
            SNAP.figure("order_count", "2026-03")


class TestMapping:
    """`Mapping`: the names of the metrics, and the latest period's results."""

    def test_names(self):
        assert isinstance(SNAP, Mapping)
        assert list(SNAP) == list(SNAP.keys()) == list(SNAP.metrics)
        assert len(SNAP) == len(SNAP.metrics)
        assert "order_count" in SNAP
        assert "lorenz_curve" not in SNAP
        assert ["order_count"] not in SNAP

    def test_values_of_the_latest_period(self):
        snap = rt.snapshot(ORDERS, period=[FEBRUARY, MARCH], metrics=["order_count", "reactivation_rate"])
        assert dict(snap) == {"order_count": 3, "reactivation_rate": rt.Ratio(0, 0)}
        assert list(snap.values()) == [3, rt.Ratio(0, 0)]
        assert snap.get("gini_score") is None

    def test_what_has_no_value_is_in_it_and_raises(self):
        """Never silently less: a sum over the values would be wrong."""
        assert "order_count" in KNOWN
        assert [*KNOWN] == [name for name in rt.METRICS if name in {*SNAP, "recovery_rate"}]
        for ask in (dict, lambda snap: list(snap.values()), lambda snap: snap.get("order_count")):
            with pytest.raises(NotObservableError, match=r"_count \(2026-04\) has no value"):
                ask(KNOWN)

    def test_it_is_no_dictionary(self):
        assert dict(SNAP) != SNAP
        with pytest.raises(TypeError):
            SNAP["order_count"] = 4


class TestStates:
    def test_not_observable_is_no_zero(self):
        figure = KNOWN.figure("order_count", APRIL)
        assert (figure.result, figure.value, figure.observable) == (None, None, False)
        assert str(figure) == "–"
        assert figure.explain() == (
            "order_count (2026-04): no value, since 2026-04 is not observable: "
            "the period begins after as_of, 2026-03-15T00:00:00+00:00."
        )
        assert (figure.state, figure.error) == ("not observable", NotObservableError)
        with pytest.raises(NotObservableError, match=r"order_count \(2026-04\) has no value: .*after as_of"):
            _ = KNOWN["order_count"]
        assert not KNOWN["customer_retention_rate"].observable
        with pytest.raises(NotObservableError):
            float(KNOWN["customer_retention_rate"])

    def test_a_base_that_is_not_observable(self):
        rate = KNOWN.figure("customer_retention_rate", FEBRUARY)
        assert (rate.observable, rate.value, rate.interval()) == (False, None, None)
        assert "the base reaches before observed_from" in rate.undefined_because
        flow = KNOWN.figure("customer_flow", FEBRUARY)
        assert (flow.observable, flow.value) == (False, None)
        assert KNOWN.figure("order_count", FEBRUARY).value == 2
        assert KNOWN.figure("customer_flow", MARCH).previous_value is None

    def test_partial(self):
        assert KNOWN.figure("order_count", MARCH).partial
        assert KNOWN.figure("customer_retention_rate", MARCH).partial
        assert not KNOWN.figure("order_count", FEBRUARY).partial
        assert KNOWN.figure("order_count", MARCH).explain() == (
            "order_count (2026-03): 1. Partial: the time that it covers was still running when the data were "
            "taken. Left out of the period's orders: 2 after as_of."
        )

    def test_undefined_says_why(self):
        figure = SNAP.figure("reactivation_rate")
        assert (figure.observable, figure.value, figure.result) == (True, None, rt.Ratio(0, 0))
        assert (figure.state, figure.error) == ("undefined", None)
        assert figure.undefined_because == "there are no customers lapsed at the start"
        assert figure.explain().startswith(
            "reactivation_rate (2026-03): no value, since there are no customers"
        )

    def test_mixed_currencies_refuse_money_and_nothing_else(self):
        dollars = attrs.evolve(ORDERS[0], id="usd", currency="USD")
        snap = rt.snapshot([*ORDERS, dollars], period=MARCH)
        assert snap["order_count"] == 3
        assert snap["customer_retention_rate"] == rt.Ratio(1, 2)
        assert snap.currency is None
        figure = snap.figure("net_revenue")
        assert (figure.result, figure.observable) == (None, True)
        assert figure.undefined_because.startswith("money in EUR, USD can't be added")
        assert (figure.state, figure.error, figure.before.state) == ("refused", MixedCurrencyError, "refused")
        for metric in ("net_revenue", "average_order_value", "gini_score"):
            with pytest.raises(MixedCurrencyError, match=f"{metric} .* has no value: .* can't be added"):
                _ = snap[metric]
        rows = {row["metric"]: row for row in snap.to_dicts()}
        row = rows["net_revenue"]
        assert (row["state"], row["previous_state"], row["unit"]) == ("refused", "refused", "money")
        assert (row["value"], row["numerator"], row["exact"]) == (None, None, None)
        assert row["because"] == row["previous_because"] == figure.undefined_because
        assert rows["order_count"]["state"] == "defined"
        only = rt.snapshot([*ORDERS, dollars], period=MARCH, currency="EUR")
        assert only["net_revenue"] == 60

    def test_what_was_taken_for_granted(self):
        as_of, observed_from, *_ = SNAP.assumed
        assert "as_of was not given" in as_of
        assert "observed_from was not given" in observed_from
        alone = rt.snapshot(ORDERS, period=MARCH, metrics=["new_customer_count"])
        assert alone.assumed == (as_of, observed_from)
        assert rt.snapshot(ORDERS, period=MARCH, metrics=["order_count"]).assumed == (as_of,)

    def test_left_out_is_what_the_figure_left_out(self):
        assert SNAP.figure("order_count").left_out == {}
        assert SNAP.figure("active_customer_count").left_out == {"guest": 1}


class TestFigure:
    def test_values(self):
        for metric, value in [
            ("order_count", 3),
            ("net_revenue", Decimal("60.00")),
            ("customer_retention_rate", 0.5),
            ("average_order_value", Decimal("20.00")),
            ("customer_flow", 2),
            ("purchase_gap_days", 28.0),
            ("gini_score", 0.1),
        ]:
            assert SNAP.figure(metric).value == pytest.approx(value)

    def test_titles_and_texts(self):
        figure = SNAP.figure("customer_retention_rate")
        assert (figure.title, str(figure)) == ("Customer retention rate", "50.0%")
        assert figure.explain() == SNAP["customer_retention_rate"].explain()
        assert str(SNAP.figure("net_revenue")) == "60.00"
        assert SNAP.figure("net_revenue").explain().startswith("net_revenue (2026-03): 60.00 EUR. ")
        assert SNAP.figure("order_count").explain().startswith("order_count (2026-03): 3. ")

    def test_units(self):
        for metric, unit in [
            ("net_revenue", "EUR"),
            ("average_order_value", "EUR per order"),
            ("order_count", "orders"),
        ]:
            assert SNAP.figure(metric).unit == unit
        assert rt.snapshot([], period=MARCH).figure("net_revenue").unit == "money"

    def test_options(self):
        assert SNAP.figure("revenue_concentration_rate").options == (("top", "0.2"),)
        assert SNAP.figure("order_count").options == ()

    def test_intervals(self):
        assert SNAP.figure("customer_retention_rate").interval(0.9) == rt.Ratio(1, 2).interval(0.9)
        assert SNAP.figure("average_order_value").interval() is not None
        for none in ("order_count", "net_revenue", "gini_score", "purchase_gap_days", "reactivation_rate"):
            assert SNAP.figure(none).interval() is None
        with pytest.raises(InvalidValueError, match="confidence"):
            SNAP.figure("customer_retention_rate").interval(95)


class TestToDicts:
    ROWS = SNAP.to_dicts()
    ROW: ClassVar[dict[str, dict]] = {row["metric"]: row for row in ROWS}

    def test_the_keys_are_these_in_this_order(self):
        assert all(list(row) == KEYS for row in self.ROWS)
        assert all(list(row) == KEYS for row in KNOWN.to_dicts())

    def test_a_flow_is_a_row_a_part(self):
        metrics = [row["metric"] for row in self.ROWS]
        parts = ["start", "new", "kept", "lost", "reactivated", "end"]
        assert [name for name in metrics if "." in name] == [f"customer_flow.{part}" for part in parts]
        assert [self.ROW[f"customer_flow.{part}"]["value"] for part in parts] == [2, 1, 1, 1, 0, 2]
        assert [self.ROW[f"customer_flow.{part}"]["previous_value"] for part in parts] == [0, 2, 0, 0, 0, 2]
        assert {name.split(".")[0] for name in metrics} == set(SNAP.metrics)
        assert len(self.ROWS) == len(SNAP.figures) + 5

    def test_a_ratio(self):
        row = self.ROW["customer_retention_rate"]
        assert row == {
            "metric": "customer_retention_rate",
            "title": "Customer retention rate",
            "period": "2026-03",
            "period_start": "2026-03-01T00:00:00+00:00",
            "period_end": "2026-04-01T00:00:00+00:00",
            "value": 0.5,
            "low": pytest.approx(0.0945312, abs=1e-6),
            "high": pytest.approx(0.9054688, abs=1e-6),
            "numerator": 1,
            "denominator": 2,
            "exact": "1/2",
            "unit": "share of customers",
            "state": "defined",
            "because": None,
            "partial": False,
            "previous_period": "2026-02",
            "previous_value": None,
            "previous_state": "undefined",
            "previous_because": "there are no customers at the start",
            "previous_partial": False,
            "left_out": {"guest": 1},
            "assumed": list(SNAP.figure("customer_retention_rate").assumed),
            "options": {},
            "change": None,
            "change_low": None,
            "change_high": None,
            "p_value": None,
            "adjusted_p_value": None,
            "verdict": "unknown",
            "comparisons": 4,  # of shares: average order values are all alike in February
            "untested_because": "2026-02 has no value, since there are no customers at the start",
            "caution": None,
        }

    def test_a_mean_keeps_its_exact_total(self):
        row = self.ROW["average_order_value"]
        assert (row["value"], row["unit"], row["exact"]) == (20.0, "EUR per order", "60.00/3")
        assert (row["numerator"], row["denominator"]) == (60.0, 3)
        assert (type(row["numerator"]), type(row["denominator"])) == (float, int)

    def test_the_exact_figure_as_text(self):
        for metric, exact in [
            ("order_count", "3"),
            ("net_revenue", "60.00"),
            ("customer_flow.new", "1"),
            ("refund_rate", "0.00/60.00"),
            ("gini_score", None),  # made of floats
            ("purchase_gap_days", None),
            ("reactivation_rate", None),  # 0/0 is no value
        ]:
            assert self.ROW[metric]["exact"] == exact
        assert (self.ROW["reactivation_rate"]["numerator"], self.ROW["reactivation_rate"]["denominator"]) == (
            0,
            0,
        )
        assert (self.ROW["gini_score"]["numerator"], self.ROW["gini_score"]["denominator"]) == (None, 2)

    def test_more_digits_than_a_float_has(self):
        orders = make_orders({"ann": [("2026-03-10", "12345678901234577.89"), ("2026-03-11", "0.00000001")]})
        snap = rt.snapshot(
            orders, period=MARCH, metrics=["net_revenue", "average_order_value", "refunded_revenue"]
        )
        with localcontext(prec=6):
            revenue, value, refunded = snap.to_dicts()
        assert (revenue["exact"], revenue["value"]) == ("12345678901234577.89000001", 12345678901234578.0)
        assert (value["exact"], value["numerator"]) == ("12345678901234577.89000001/2", 12345678901234578.0)
        assert refunded["exact"] == "0.00000000"

    def test_states(self):
        rows = {(row["metric"], row["period"]): row for row in KNOWN.to_dicts()}
        undefined = self.ROW["reactivation_rate"]
        assert (undefined["state"], undefined["value"]) == ("undefined", None)
        assert undefined["because"] == "there are no customers lapsed at the start"
        for unseen in ("order_count", "customer_retention_rate", "customer_flow.end", "gini_score"):
            row = rows[unseen, "2026-04"]
            assert (row["state"], row["value"], row["low"]) == ("not observable", None, None)
            assert (row["numerator"], row["denominator"], row["exact"]) == (None, None, None)
            assert "after as_of" in row["because"]
        assert rows["order_count", "2026-03"]["partial"] is True
        assert rows["customer_flow.new", "2026-03"]["previous_value"] is None
        assert rows["customer_flow.new", "2026-03"]["previous_state"] == "not observable"
        april = rows["order_count", "2026-04"]
        assert (april["previous_value"], april["previous_state"]) == (1, "defined")
        assert april["previous_partial"] is True

    def test_json_takes_it_as_it_is(self):
        text = json.dumps(self.ROWS + KNOWN.to_dicts(), allow_nan=False)
        assert json.loads(text) == self.ROWS + KNOWN.to_dicts()

    def test_so_does_a_data_frame(self):
        frame = pd.DataFrame(KNOWN.to_dicts())
        assert list(frame.columns) == KEYS
        pivot = frame.pivot_table(index="metric", columns="period", values="value")
        assert pivot.loc["order_count"].to_dict() == pytest.approx({"2026-02": 2, "2026-03": 1})
        assert frame["value"].dtype.kind == "f"

    def test_nothing_to_compare_with(self):
        (row,) = rt.snapshot(ORDERS, period=MARCH, against=None, metrics=["order_count"]).to_dicts()
        assert [row[key] for key in KEYS if key.startswith("previous_")] == [None] * 5
        assert [row[key] for key in KEYS[KEYS.index("change") :]] == [None] * 9

    def test_changes(self):
        money = self.ROW["net_revenue"]
        assert (money["change"], type(money["change"])) == (40.0, float)
        assert (money["change_low"], money["p_value"], money["verdict"]) == (None, None, "unknown")
        assert money["untested_because"] == "counts, sums of money and medians have no interval here"
        snap = rt.snapshot(TestChange.ORDERS, period=MARCH)
        change = snap.change("purchase_frequency")
        row = next(row for row in snap.to_dicts() if row["metric"] == "purchase_frequency")
        assert (row["comparisons"], row["untested_because"], row["caution"]) == (
            change.comparisons,
            None,
            None,
        )
        assert (row["change"], row["change_low"], row["change_high"]) == (
            change.difference,
            *change.interval(),
        )
        assert (row["p_value"], row["verdict"]) == (change.p_value, change.verdict)
        assert row["adjusted_p_value"] == change.adjusted_p_value >= change.p_value

    def test_each_part_of_a_flow_has_its_own_change(self):
        parts = {part: self.ROW[f"customer_flow.{part}"] for part in ("start", "new", "kept", "lost", "end")}
        assert [row["change"] for row in parts.values()] == [2, -1, 1, 1, 0]
        assert {row["verdict"] for row in parts.values()} == {"unknown"}
        unseen = {(row["metric"], row["period"]): row for row in KNOWN.to_dicts()}
        assert unseen["customer_flow.new", "2026-03"]["change"] is None

    def test_the_changes_are_those_of_their_own_period(self):
        snap = rt.snapshot(ORDERS, period=[MARCH, FEBRUARY, APRIL], metrics=["order_count", "net_revenue"])
        changes = {(row["metric"], row["period"]): row["change"] for row in snap.to_dicts()}
        assert changes == {
            (figure.metric, figure.period.label): snap.change(figure.metric, figure.period).difference
            for figure in snap.figures
        }
        assert changes["order_count", "2026-03"] == 1
        assert changes["order_count", "2026-04"] == -3

    def test_each_call_gives_new_ones(self):
        SNAP.to_dicts()[0]["left_out"]["guest"] = 99
        SNAP.to_dicts()[0]["assumed"].clear()
        SNAP.to_dicts()[0]["options"]["top"] = "1"
        assert SNAP.to_dicts() == self.ROWS


class TestChange:
    # Sixty customers, of whom a third comes back each month; March's buy more often.
    ORDERS = make_orders(
        {
            number: [
                f"2026-{month:02}-{day:02}"
                for month in (1, 2, 3)
                for day in range(1, 2 + (number + month) % 3 + (month == 3))
                if (number + month) % 3
            ]
            for number in range(60)
        }
    )

    def test_one(self):
        snap = rt.snapshot(ORDERS, period=MARCH)
        change = snap.change("average_order_value")
        assert (change.a, change.b) == (
            snap["average_order_value"],
            snap.figure("average_order_value").previous,
        )
        assert (change.labels, change.title, change.is_change) == (
            ("2026-03", "2026-02"),
            "Average order value",
            True,
        )
        assert change.difference == 10

    def test_all(self):
        changes = SNAP.changes()
        assert list(changes) == list(SNAP.metrics)
        assert changes == {metric: SNAP.change(metric) for metric in SNAP}
        series = rt.snapshot(ORDERS, period=[FEBRUARY, MARCH])
        assert series.changes(FEBRUARY) == {metric: series.change(metric, FEBRUARY) for metric in series}
        assert series.changes() == series.changes(MARCH)

    def test_every_kind_of_figure(self):
        for metric, value in [
            ("order_count", 1),
            ("net_revenue", Decimal("40.00")),
            ("customer_flow", 0),
            ("average_customer_value", 15.0),
        ]:
            assert SNAP.change(metric).difference == value
        assert SNAP.change("customer_flow").title == "Customers at the end"
        assert str(SNAP.change("net_revenue")).startswith(
            "Net revenue rose from 20.00 EUR (2026-02) to 60.00 EUR (2026-03), by 40.00 EUR (200.0%)."
        )
        nobody = rt.snapshot([], period=MARCH, as_of=MARCH.end).change("net_revenue")
        assert str(nobody).startswith("Net revenue stayed at 0.00 (2026-02 and 2026-03).")

    def test_what_has_no_value_says_why(self):
        change = SNAP.change("customer_retention_rate")
        assert change.undefined_because == "2026-02 has no value, since there are no customers at the start"
        assert str(change) == f"Customer retention rate can't be compared: {change.undefined_because}."
        unseen = KNOWN.change("customer_flow", APRIL)
        assert (unseen.difference, unseen.verdict) == (None, "unknown")
        assert unseen.undefined_because.startswith(
            "2026-04 has no value, since the period begins after as_of"
        )
        assert unseen.untested_because == unseen.undefined_because
        assert KNOWN.change("order_count", APRIL).difference is None
        dollars = attrs.evolve(ORDERS[0], id="usd", currency="USD")
        refused = rt.snapshot([*ORDERS, dollars], period=MARCH).change("net_revenue")
        assert "2026-03 has no value, since money in EUR, USD can't be added" in str(refused)

    def test_a_picture_has_none(self):
        change = rt.snapshot(ORDERS, period=MARCH, metrics=["lorenz_curve"]).change("lorenz_curve")
        assert str(change) == "Lorenz curve can't be compared: it is a picture, and no single figure."
        assert change.verdict == "unknown"

    def test_taken_alone_on_the_figure(self):
        figure = SNAP.figure("average_order_value")
        assert (figure.change.comparisons, figure.change.adjusted_p_value) == (1, None)
        assert figure.change.difference == SNAP.change("average_order_value").difference
        assert figure.before.change.undefined_because == (
            "there is no period before 2026-02, or none was asked for"
        )

    def test_compared_with_nothing(self):
        alone = rt.snapshot(ORDERS, period=MARCH, against=None)
        for ask in (alone.changes, lambda: alone.change("order_count")):
            with pytest.raises(
                InvalidValueError, match='compares with nothing; make it with against="previous"'
            ):
                ask()
        figure = alone.figure("order_count")
        assert (figure.change.difference, figure.change.verdict) == (None, "unknown")
        assert str(figure.change) == (
            "Orders can't be compared: there is no period before 2026-03, or none was asked for."
        )

    def test_where_the_calendar_begins(self):
        first = rt.snapshot(ORDERS, period=rt.Period.year(1, tz="UTC"))
        assert first.changes()["order_count"] == first.change("order_count")
        why = "there is no period before 0001, or none was asked for"
        assert first.change("order_count").undefined_because == why
        rows = first.to_dicts()
        assert {row["change"] for row in rows} == {None}
        assert {row["untested_because"] for row in rows} == {why}
        assert {row["verdict"] for row in rows} == {"unknown"}

    def test_what_is_not_there(self):
        with pytest.raises(UnknownMetricError, match="did you mean 'order_count'"):
            SNAP.change("orders_count")
        with pytest.raises(InvalidPeriodError, match="no period"):
            SNAP.change("order_count", APRIL)
        with pytest.raises(InvalidPeriodError):
            SNAP.changes(APRIL)
        with pytest.raises(MissingRecordsError):
            SNAP.change("net_promoter_score")

    def test_two_years_of_months_are_corrected_together(self):
        """Holm's correction by its definition: of all p-values in the snapshot, also for one month's change."""
        months = [
            month
            for year in (2024, 2025)
            for month in rt.Period.year(year, tz="Europe/Berlin").split("month")
        ]
        snap = rt.snapshot(sampled(150), period=months)
        p_values = sorted(
            figure.change.p_value
            for figure in snap.figures
            # churn is retention the other way round, and so no test of its own
            if figure.change.p_value is not None and not rt.METRICS[figure.metric].complement_of
        )
        assert len(p_values) > 200
        corrected = [min(1, (len(p_values) - place) * p_value) for place, p_value in enumerate(p_values)]
        tested = {
            metric: change
            for metric, change in snap.changes(months[19]).items()
            if change.p_value is not None and not rt.METRICS[metric].complement_of
        }
        assert len(tested) > 8
        for metric, change in tested.items():
            assert change == snap.change(metric, months[19])
            assert change.comparisons == len(p_values)
            place = p_values.index(change.p_value)
            assert change.adjusted_p_value == pytest.approx(max(corrected[: place + 1]))
        moved = next(change for change in tested.values() if change.verdict == "borderline")
        assert f"but of the {len(p_values)} comparisons made at once, one or another" in str(moved)

    def test_a_figure_that_looks_ahead(self):
        for metric in ("second_purchase_days", "second_purchase_rate"):
            change = rt.snapshot(self.ORDERS, period=FEBRUARY, as_of=APRIL.end).change(metric)
            assert change.verdict == "unknown"
            assert change.untested_because == "the customers of 2026-01 have had longer to come back"

    def test_refunds_that_had_longer(self):
        given = {"period": MARCH, "metrics": ["refund_rate"]}
        why = (
            "the orders of 2026-02 have had longer to be refunded; OrderPolicy(refunds_within=...) gives all"
        )

        def untested(policy=None, as_of=MARCH.end):
            orders = rt.History(self.ORDERS, as_of=as_of, policy=policy or rt.OrderPolicy())
            return rt.snapshot(orders, **given).change("refund_rate").untested_because or ""

        assert untested().startswith(why)
        within = rt.OrderPolicy(refunds_within=timedelta(days=14))
        assert untested(within).startswith(why)  # March's last orders have not had their 14 days
        assert why not in untested(within, MARCH.end + timedelta(days=14))
        assert untested(within, MARCH.end + timedelta(days=14, microseconds=-1)).startswith(why)
        assert why not in untested(within, None)

    def test_running_against_over(self):
        snap = rt.snapshot(self.ORDERS, period=MARCH, as_of=datetime(2026, 3, 15, tzinfo=UTC))
        assert snap.change("purchase_frequency").untested_because == (
            "the time that 2026-03 covers was still running; to_date=True compares equal parts"
        )
        later = rt.snapshot(self.ORDERS, period=APRIL, as_of=datetime(2026, 3, 15, tzinfo=UTC))
        assert later.change("order_count").undefined_because.startswith("2026-04 has no value")


class TestToDate:
    ORDERS = make_orders({"ann": ["2026-02-10", "2026-03-10"], "ben": ["2026-02-20"], "cy": ["2026-03-12"]})
    AS_OF = datetime(2026, 3, 15, tzinfo=UTC)

    def test_equal_parts_are_compared(self):
        snap = rt.snapshot(self.ORDERS, period=MARCH, as_of=self.AS_OF, to_date=True)
        assert snap.to_date
        figure = snap.figure("order_count")
        assert (figure.value, figure.previous_value, figure.partial) == (2, 1, False)
        assert (figure.period, figure.previous_period) == (
            MARCH.to_date(self.AS_OF),
            MARCH.to_date(self.AS_OF).previous(),
        )
        assert figure.change.difference == 1
        assert "still running" not in "".join(map(str, snap.changes().values()))

    def test_a_whole_period_stands_for_its_part(self):
        snap = rt.snapshot(self.ORDERS, period=[FEBRUARY, MARCH], as_of=self.AS_OF, to_date=True)
        assert [period.label for period in snap.periods] == ["2026-02", "2026-03, to 2026-03-14"]
        assert snap.figure("order_count", MARCH) == snap.figure("order_count", MARCH.to_date(self.AS_OF))
        assert snap.changes(MARCH)["order_count"].difference == 1
        assert snap.figure("order_count", FEBRUARY).value == 2
        with pytest.raises(InvalidPeriodError):
            snap.figure("order_count", APRIL)
        whole = rt.snapshot(self.ORDERS, period=MARCH, as_of=self.AS_OF)
        assert not whole.to_date
        with pytest.raises(InvalidPeriodError):
            whole.figure("order_count", MARCH.to_date(self.AS_OF))

    def test_a_period_and_its_part_are_one(self):
        parts = [MARCH, MARCH.to_date(self.AS_OF)]
        assert len(rt.snapshot(self.ORDERS, period=parts, as_of=self.AS_OF, to_date=True).periods) == 1

    def test_what_is_over_or_not_begun_is_as_it_was(self):
        snap = rt.snapshot(self.ORDERS, period=[FEBRUARY, APRIL], as_of=self.AS_OF, to_date=True)
        assert snap.periods == (FEBRUARY, APRIL)
        assert not snap.figure("order_count", APRIL).observable
        begun = rt.snapshot(self.ORDERS, period=MARCH, as_of=MARCH.start, to_date=True)
        assert begun.periods == (MARCH,)

    def test_needs_to_know_when(self):
        with pytest.raises(AsOfRequiredError, match=r"to_date=True needs as_of=, the instant"):
            rt.snapshot(self.ORDERS, period=MARCH, to_date=True)

    def test_belongs_to_equality(self):
        given = {"period": FEBRUARY, "as_of": self.AS_OF}
        assert rt.snapshot(self.ORDERS, **given) != rt.snapshot(self.ORDERS, **given, to_date=True)


def answer(kind, score, day="2026-03-10", **more):
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    scale = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}.get(kind)
    return rt.SurveyResponse(**{"kind": kind, "score": score, "scale": scale, "responded_at": at} | more)


class TestSurveys:
    ANSWERS: ClassVar[list[rt.SurveyResponse]] = [
        *(answer("nps", score, customer_id=who) for who, score in [("ann", 10), ("ben", 9), ("cy", 3)]),
        *(
            answer("nps", score, "2026-02-10", customer_id=who)
            for who, score in [("ann", 10), ("ben", 5), ("cy", 3), ("dee", 8)]
        ),
        answer("csat", 5),
        answer("csat", 2),
    ]
    SNAP = rt.snapshot(rt.Shop(orders=ORDERS, responses=ANSWERS), period=MARCH)

    def test_stand_beside_the_figures_of_orders(self):
        assert self.SNAP.metrics == (*SNAP.metrics, "net_promoter_score", "customer_satisfaction_score")
        for metric in self.SNAP:
            if metric in SURVEYS:
                assert self.SNAP[metric] == rt.METRICS[metric].function(self.ANSWERS, period=MARCH)
            else:
                assert self.SNAP[metric] == SNAP[metric]

    def test_a_figure(self):
        figure = self.SNAP.figure("net_promoter_score")
        assert (figure.records, figure.state, figure.unit) == ("responses", "defined", "points")
        assert figure.value == pytest.approx(100 / 3)
        assert figure.previous_value == -25
        row = next(row for row in self.SNAP.to_dicts() if row["metric"] == "net_promoter_score")
        assert (row["numerator"], row["denominator"], row["exact"]) == (None, 3, None)
        assert row["change"] == pytest.approx(100 / 3 + 25)

    def test_the_change_knows_who_answered_twice(self):
        change = self.SNAP.change("net_promoter_score")
        # March 1, 1, −1 and February 1, −1, −1, 0: e = 2/3, 2/3, −4/3 and 5/4, −3/4, −3/4, 1/4;
        # v = 3/2 · (24/9)/9 = 4/9 and 4/3 · (44/16)/16 = 11/48; covariance 4/3 · (10/12 − 6/12 + 1)/12 = 4/27
        correlation = 4 / 27 / (4 / 9 * 11 / 48) ** 0.5
        (low_a, high_a), (low_b, high_b) = change.a.interval(), change.b.interval()
        a, b = change.a.value, change.b.value
        for end, x, y in zip(
            change.interval(), (a - low_a, high_a - a), (high_b - b, b - low_b), strict=True
        ):
            reach = (x * x + y * y - 2 * correlation * x * y) ** 0.5
            assert abs(end - change.difference) == pytest.approx(reach)
        assert change.interval().method == "square and add, with the correlation of the customers in both"

    def test_what_has_no_records_is_missing(self):
        of_surveys = {metric for metric, what in self.SNAP.missing.items() if what == "responses"}
        assert of_surveys == {"customer_effort_score"}
        assert {what for metric, what in SNAP.missing.items() if metric in SURVEYS} == {"responses"}
        assert "customer_effort_score" not in self.SNAP
        for ask in (
            lambda: self.SNAP["customer_effort_score"],
            lambda: self.SNAP.figure("customer_effort_score"),
            lambda: self.SNAP.series("customer_effort_score"),
        ):
            with pytest.raises(
                MissingRecordsError, match=r"customer_effort_score: .*Shop\(responses=\.\.\.\)"
            ):
                ask()

    def test_a_shop_without_orders(self):
        snap = rt.snapshot(rt.Shop(responses=self.ANSWERS, as_of=MARCH.end), period=MARCH)
        assert snap.metrics == ("net_promoter_score", "customer_satisfaction_score")
        assert {snap.missing[metric] for metric in ALWAYS} == {"orders"}
        assert snap.missing["order_count"] == "orders"
        with pytest.raises(MissingRecordsError, match=r"order_count: .*Shop\(orders=\.\.\.\)"):
            snap.figure("order_count")
        assert "for want of orders" in str(snap)

    def test_nothing_of_what_was_asked_for(self):
        for metrics in (SURVEYS, SURVEYS[:1]):
            with pytest.raises(MissingRecordsError, match=r"net_promoter_score.*Shop\(responses=\.\.\.\)"):
                rt.snapshot(ORDERS, period=MARCH, metrics=metrics)

    def test_a_list_of_orders_has_none(self):
        assert rt.snapshot([], period=MARCH, metrics=["order_count", *SURVEYS]).metrics == ("order_count",)

    def test_a_month_without_answers_is_undefined(self):
        snap = rt.snapshot(rt.Shop(orders=ORDERS, responses=self.ANSWERS), period=APRIL)
        figure = snap.figure("customer_satisfaction_score")
        assert (figure.state, figure.value, figure.previous_value) == ("undefined", None, 50.0)
        assert figure.change.difference is None

    @pytest.mark.parametrize(
        "responses, error",
        [
            ([answer("csat", 4), answer("csat", 4, scale=(1, 7))], MixedScaleError),
            ([answer("csat", Decimal("4.5"), scale=(Decimal(1), Decimal(5)))], SurveyScaleError),
        ],
    )
    def test_answers_of_which_there_is_no_figure_are_refused(self, responses, error):
        snap = rt.snapshot(rt.Shop(orders=ORDERS, responses=responses), period=MARCH)
        figure = snap.figure("customer_satisfaction_score")
        assert (figure.state, figure.error, figure.value, figure.interval()) == ("refused", error, None, None)
        with pytest.raises(error, match=r"customer_satisfaction_score \(2026-03\) has no value: "):
            _ = snap["customer_satisfaction_score"]
        row = next(row for row in snap.to_dicts() if row["metric"] == "customer_satisfaction_score")
        assert (row["state"], row["because"]) == ("refused", figure.undefined_because)
        assert snap["order_count"] == 3
        assert figure.explain().startswith("customer_satisfaction_score (2026-03): no value, since ")

    def test_a_scale_that_was_changed_is_not_tested(self):
        short = [answer("ces", score, direction="higher") for score in (3, 5)]
        for other in ({"scale": (1, 5), "direction": "higher"}, {"direction": "lower"}):
            before = [answer("ces", score, "2026-02-10", **other) for score in (3, 5)]
            snap = rt.snapshot(rt.Shop(responses=[*short, *before], as_of=MARCH.end), period=MARCH)
            change = snap.change("customer_effort_score")
            assert change.untested_because == (
                "the answers of 2026-02 were on another scale, or in another direction"
            )
        same = [answer("ces", score, "2026-02-10", direction="higher") for score in (3, 4)]
        snap = rt.snapshot(rt.Shop(responses=[*short, *same], as_of=MARCH.end), period=MARCH)
        assert snap.change("customer_effort_score").untested_because is None

    def test_the_share_of_answers_needs_its_kind(self):
        shop = rt.Shop(orders=ORDERS, responses=self.ANSWERS)
        with pytest.raises(
            InvalidValueError, match=r"answer_share needs kind=; give it as options=\{'answer_share'"
        ):
            rt.snapshot(shop, period=MARCH, metrics=["order_count", "answer_share"])
        snap = rt.snapshot(
            shop, period=MARCH, metrics=["answer_share"], options={"answer_share": {"kind": "nps"}}
        )
        assert isinstance(snap["answer_share"], rt.AnswerShare)

    def test_answers_not_yet_known_and_of_periods_not_seen(self):
        as_of = datetime(2026, 3, 5, tzinfo=UTC)
        snap = rt.snapshot(rt.Shop(orders=ORDERS, responses=self.ANSWERS, as_of=as_of), period=[MARCH, APRIL])
        assert snap.figure("net_promoter_score", APRIL).state == "not observable"
        march = snap.figure("net_promoter_score", MARCH)
        assert (march.state, march.partial) == ("undefined", True)


class TestSnapshot:
    def test_repr(self):
        assert repr(SNAP) == f"<Snapshot: {len(SNAP.metrics)} metrics, 2026-03>"
        assert repr(KNOWN) == f"<Snapshot: {len(SNAP.metrics) + 1} metrics, 3 periods, 2026-02 to 2026-04>"

    def test_what_it_carries(self):
        assert (SNAP.currency, SNAP.against, SNAP.as_of) == ("EUR", "previous", None)
        assert KNOWN.as_of == datetime(2026, 3, 15, tzinfo=UTC)

    def test_from_whatever_orders_come_in(self):
        as_of = datetime(2026, 5, 1, tzinfo=UTC)
        expected = rt.snapshot(ORDERS, period=MARCH, as_of=as_of)
        for data in (
            rt.History(ORDERS, as_of=as_of),
            rt.Shop(orders=ORDERS, as_of=as_of),
            rt.Shop(orders=rt.History(ORDERS, as_of=as_of)),
        ):
            assert rt.snapshot(data, period=MARCH) == expected
            assert rt.snapshot(data, period=MARCH, as_of=as_of) == expected
        assert rt.snapshot((order for order in ORDERS), period=MARCH, as_of=as_of) == expected

    def test_copies(self):
        for snap in (SNAP, KNOWN):
            for twin in (pickle.loads(pickle.dumps(snap)), copy.copy(snap), copy.deepcopy(snap)):
                assert twin == snap
                assert hash(twin) == hash(snap)
                assert str(twin) == str(snap)
                assert twin.to_dicts() == snap.to_dicts()

    def test_inactive_after(self):
        snap = rt.snapshot(ORDERS, period=APRIL, inactive_after=relativedelta(months=2))
        assert snap["customer_retention_rate"] == rt.Ratio(2, 3)
        assert (snap.inactive_after, SNAP.inactive_after) == (relativedelta(months=2), None)
        rows = {row["metric"]: row for row in snap.to_dicts()}
        assert rows["customer_retention_rate"]["options"] == {"inactive_after": "2 months"}
        assert rows["order_count"]["options"] == {}
        with pytest.raises(ConflictingArgumentError, match="inactive_after must not be shorter"):
            rt.snapshot(ORDERS, period=APRIL, inactive_after=relativedelta(days=3))

    def test_inactive_after_that_is_too_short_for_the_period_compared_with_only(self):
        """30 days suit February, and not January, for which nobody asked."""
        orders = [*ORDERS, *make_orders_of_january()]
        given = {"inactive_after": timedelta(days=30), "as_of": MARCH.end}
        snap = rt.snapshot(orders, period=FEBRUARY, **given)
        alone = rt.snapshot(orders, period=FEBRUARY, against=None, **given)
        for metric in snap:
            assert snap[metric] == alone[metric]
        rate = snap.figure("customer_retention_rate")
        assert (rate.previous_period.label, rate.previous, rate.previous_value) == ("2026-01", None, None)
        assert (rate.before.state, rate.before.error) == ("refused", ConflictingArgumentError)
        assert rate.previous_because.startswith("inactive_after must not be shorter than the period 2026-01")
        # Figures that have no base are compared all the same.
        orders_in = snap.figure("order_count")
        assert (orders_in.previous_value, orders_in.before.state) == (1, "defined")
        assert snap.figure("recency_days").before.state == "defined"
        (row,) = rt.snapshot(orders, period=FEBRUARY, metrics=["customer_churn_rate"], **given).to_dicts()
        assert (row["state"], row["previous_state"], row["previous_value"]) == ("defined", "refused", None)
        assert row["previous_because"] == rate.previous_because

    def test_inactive_after_that_is_too_short_for_a_period_asked_for(self):
        january = FEBRUARY.previous()
        with pytest.raises(ConflictingArgumentError, match="2026-01"):
            rt.snapshot(ORDERS, period=[january, FEBRUARY], inactive_after=timedelta(days=30))

    def test_many_figures_are_found_at_once(self):
        """The cost of a look-up must not grow with the number of figures."""
        days = list(rt.Period.year(2026, tz="UTC").split("day"))
        snap = rt.snapshot(ORDERS, period=days, metrics=["order_count", "net_revenue"], against=None)
        asked = []

        class Watched(str):
            __slots__ = ()

            def __eq__(self, other):
                asked.append(other)
                return str.__eq__(self, other)

            __hash__ = str.__hash__

        assert snap.figure(Watched("net_revenue"), days[68]).value == 30
        assert len(asked) < 5

    def test_the_parts_of_a_year_pool_to_the_year(self):
        history = sampled(50).history()
        year = rt.Period.year(2025, tz="Europe/Berlin")
        whole = rt.snapshot(history, period=year)
        months = rt.snapshot(history, period=year.split("month"))
        for metric in ("order_count", "net_revenue", "new_customer_count"):
            assert sum(figure.result for figure in months.series(metric)) == whole[metric]
        values = [figure.result for figure in months.series("refund_rate")]
        assert rt.Ratio.pool(values) == whole["refund_rate"]


def test_a_figure_takes_the_format_of_its_result():
    snap = rt.snapshot(
        make_orders({"ann": ["2026-03-01", "2026-03-02"]}), period=rt.Period.month(2026, 3, tz="UTC")
    )
    assert f"{snap.figure('net_revenue'):.1f}" == "20.0"
    assert (
        f"{snap.figure('repeat_purchase_rate'):.0%} {snap.figure('customer_retention_rate'):.0%}"
        == "100% n/a"
    )
    assert f"{snap.figure('net_revenue')}" == "20.00"
