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
    ConflictingArgumentError,
    InvalidPeriodError,
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    NotObservableError,
    UnknownMetricError,
)
from retention.testing import make_orders, sample_shop

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
]


class TestPeriods:
    def test_one(self):
        assert SNAP.periods == (MARCH,)
        assert SNAP["order_count"] == 3
        assert SNAP["net_revenue"] == Decimal("60.00")
        assert SNAP["customer_retention_rate"] == rt.Ratio(1, 2)
        assert SNAP["average_order_value"] == rt.Mean(Decimal("60.00"), 3, unit="EUR")

    def test_each_figure_is_that_of_the_metric_s_own_function(self):
        for name, spec in rt.METRICS.items():
            if name != "lorenz_curve":
                assert SNAP[name] == spec.function(ORDERS, period=MARCH)

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


class TestMetrics:
    def test_all_but_pictures(self):
        assert SNAP.metrics == tuple(name for name in rt.METRICS if name != "lorenz_curve")

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
        assert list(KNOWN) == list(SNAP)
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
        assert str(figure) == "n/a"
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

    def test_each_call_gives_new_ones(self):
        SNAP.to_dicts()[0]["left_out"]["guest"] = 99
        SNAP.to_dicts()[0]["assumed"].clear()
        SNAP.to_dicts()[0]["options"]["top"] = "1"
        assert SNAP.to_dicts() == self.ROWS


class TestSnapshot:
    def test_repr(self):
        assert repr(SNAP) == f"<Snapshot: {len(rt.METRICS) - 1} metrics, 2026-03>"
        assert repr(KNOWN) == f"<Snapshot: {len(rt.METRICS) - 1} metrics, 3 periods, 2026-02 to 2026-04>"

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
        history = sample_shop(customers=50).history()
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
