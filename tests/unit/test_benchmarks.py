"""Published reference figures: what they are, and a figure of one's own beside them."""

from __future__ import annotations

import copy
import math
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, strategies as st

import retention as rt
from retention import METRICS
from retention.benchmarks import BENCHMARKS, Benchmark, BenchmarkGap, benchmark, benchmarks_of
from retention.testing import make_orders
from tests.shops import sampled

MARCH = rt.Period.month(2026, 3, tz="UTC")
OURS = Benchmark(
    id="ours 2025",
    title="our basket last year",
    metrics=["average_order_value"],
    low=20,
    high=25.5,
    unit="EUR",
    applies_to="this shop in 2025",
    guide="annual report",
    published="baskets of 20.00 to 25.50",
    caution="before the new price list",
)
ORDERS = make_orders({"ann": [("2026-03-05", "30.00")], "ben": [("2026-03-06", "32.00")]})

every = pytest.mark.parametrize("published", BENCHMARKS.values(), ids=list(BENCHMARKS))


def rate(part: int, whole: int = 100, metric: str = "customer_retention_rate", **basis: object) -> rt.Ratio:
    return rt.Ratio(part, whole, basis=rt.Basis(metric=metric, period="2025", **basis))


# ------------------------------------------------------------------------------------------ the data


def test_what_was_published():
    assert {each.id: (each.low, each.high) for each in BENCHMARKS.values()} == {
        "B10": (0.38, 0.38),
        "B11": (0.9, 0.9),
        "E10": (0.7, 0.8),
        "B14": (1.67, 1.67),
        "E13": (0.65, 0.65),
        "E14": (0.8, 0.8),
        "E15 existing": (0.6, 0.7),
        "E15 new": (0.2, 0.2),
        "E16": (0.5, 0.5),
        "A11 several": (0.1896, 0.1896),
        "A11 one": (0.054, 0.054),
    }


@every
def test_it_is_about_metrics_that_there_are(published):
    for name in published.metrics:
        assert METRICS[name].unit == published.unit or name == "published_retention_ratio"
        assert set(published.options) <= {*METRICS[name].options}


@every
def test_it_says_what_a_reader_must_know(published):
    assert BENCHMARKS[published.id] is published
    assert published.source in {"B10", "B11", "E10", "B14", "E13", "E14", "E15", "E16", "A11"}
    assert published.guide
    assert not published.caution.endswith(".")
    assert str(published).startswith(f"{published.id}: ")


def test_both_readings_of_the_rise_are_kept():
    published = BENCHMARKS["A11 several"]
    assert "raises engagement by 18.96 %" in published.published
    assert "5.4 %" in published.readings[0]


def test_what_there_is_of_a_metric():
    assert [each.id for each in benchmarks_of("conversion_rate")] == ["E15 existing", "E15 new"]
    assert benchmarks_of("published_retention_ratio") == benchmarks_of("customer_retention_rate")
    assert benchmarks_of("order_count") == ()
    with pytest.raises(rt.InvalidTypeError, match="takes the name of a metric, not int"):
        benchmarks_of(7)


# ------------------------------------------------------------------------------------------- the gap


class TestVerdict:
    @pytest.mark.parametrize(
        "part, whole, against, verdict, gap",
        [
            (38, 100, "B10", "inside", 0),
            (75, 100, "E10", "inside", 0),
            (70, 100, "E10", "inside", 0),
            (35, 100, "B10", "covers", -0.03),
            (44, 100, "B10", "covers", 0.06),
            (64, 100, "E10", "covers", -0.06),
            (84, 100, "E10", "covers", 0.04),
            (10, 100, "B10", "below", -0.28),
            (90, 100, "B10", "above", 0.52),
            (95, 100, "E10", "above", 0.15),
        ],
    )
    def test_by_the_interval(self, part, whole, against, verdict, gap):
        found = benchmark(rate(part, whole), against=against)
        assert (found.verdict, found.gap) == (verdict, pytest.approx(gap))
        assert found.interval() == rate(part, whole).interval()

    def test_without_an_interval(self):
        found = benchmark(attrs.evolve(rate(30), sampling=None), against="B10")
        assert (found.verdict, found.interval()) == ("unknown", None)
        assert found.gap == pytest.approx(-0.08)
        assert "not known, since the figure has no interval" in str(found)

    def test_without_an_interval_but_inside(self):
        assert benchmark(attrs.evolve(rate(75), sampling=None), against="E10").verdict == "inside"

    def test_without_a_value(self):
        found = benchmark(rate(0, 0), against="B10")
        assert (found.verdict, found.gap, found.interval()) == ("unknown", None, None)
        assert "can't be set beside 38% (B10, average retention in e-commerce): the denominator is 0." in str(
            found
        )

    def test_another_level(self):
        found = benchmark(rate(29), against="B10")
        assert found.interval(0.5).high < found.interval().high


class TestSentence:
    def test_below(self):
        text = str(benchmark(rate(10), against="B10"))
        assert text.startswith(
            "Customer retention rate of 2025 is 10.0%, 28.0 points below 38% (B10, average retention in e-commerce). "
            "That is more than chance explains: its 95 % interval is 5.5% to 17.4%. Mind: B10 applies to "
        )
        assert "figures of years" in text

    def test_covers(self):
        text = str(benchmark(rate(64), against="E10"))
        assert "6.0 points below 70% to 80% (E10, " in text
        assert "That may be chance: its 95 % interval, 54.2% to 72.7%, reaches so far." in text

    def test_inside(self):
        assert "is 75.0%, as in 70% to 80% (E10, " in str(benchmark(rate(75), against="E10"))

    def test_a_running_period(self):
        assert str(benchmark(rate(64, partial=True), against="E10")).endswith("was still running.")

    def test_made_by_hand(self):
        found = benchmark(rt.Ratio(35, 100), against="B10")
        assert str(found).startswith("The figure is 35.0%, 3.0 points below 38%")

    def test_a_quotient(self):
        orders = make_orders({"ann": ["2026-02-01", ("2026-03-05", "30.00")], "ben": ["2026-03-11"]})
        found = benchmark(rt.returning_spend_ratio(orders, period=MARCH), against="B14")
        assert found.gap == pytest.approx(1.33)
        assert str(found).startswith("Returning spend ratio of 2026-03 is 3.000, 1.330 above 1.67 (B14, ")

    def test_explained(self):
        text = benchmark(rate(10), against="B11").explain()
        assert (
            "Published: Amazon's customer retention rate is close to 90 % (Ecwid, 7 retention strategies)."
            in text
        )
        assert text.endswith("2,108 people in the US).")


class TestOfYourOwn:
    def test_money(self):
        found = benchmark(rt.average_order_value(ORDERS, period=MARCH), against=OURS)
        assert (found.gap, found.verdict) == (5.5, "covers")
        assert str(found).startswith(
            "Average order value of 2026-03 is 31.00 EUR, 5.50 EUR above 20 to 25.5 (ours 2025, "
        )

    def test_two_currencies(self):
        francs = make_orders({"ann": [("2026-03-05", "30.00")]}, currency="CHF")
        with pytest.raises(rt.MixedCurrencyError, match="can't set CHF beside EUR, the unit of ours 2025"):
            benchmark(rt.average_order_value(francs, period=MARCH), against=OURS)

    def test_a_plain_mean_and_a_score(self):
        plain = attrs.evolve(OURS, metrics=("purchase_frequency",), unit="orders per customer")
        found = benchmark(rt.purchase_frequency(ORDERS, period=MARCH), against=plain)
        assert ", 19.00 below 20 to 25.5" in str(found)
        score = rt.Score(40.0, low=-100, high=100, count=9)
        assert ", 14.5 points above 20 to 25.5" in str(benchmark(score, against=OURS))

    def test_it_is_frozen_and_pickles(self):
        gap = benchmark(rate(35), against=OURS_RATE)
        for again in (pickle.loads(pickle.dumps(gap)), copy.copy(gap), copy.deepcopy(gap)):
            assert (again == gap, str(again)) == (True, str(gap))
        assert hash(OURS) == hash(copy.deepcopy(OURS))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            OURS.low = 0

    @pytest.mark.parametrize(
        "change, error, message",
        [
            (
                {"low": 30},
                rt.InvalidValueError,
                r"Benchmark\.low must not be above Benchmark\.high \(got 30 and 25\.5\)",
            ),
            ({"low": "20"}, rt.InvalidTypeError, r"Benchmark\.low must be a number, not str"),
            ({"high": True}, rt.InvalidTypeError, r"Benchmark\.high must be a number, not bool"),
            ({"high": math.inf}, rt.InvalidValueError, r"Benchmark\.high must be finite \(got inf\)"),
            ({"high": math.nan}, rt.InvalidValueError, r"Benchmark\.high must be finite \(got nan\)"),
            ({"title": ""}, rt.InvalidValueError, r"Benchmark\.title must not be empty"),
            ({"caution": None}, rt.InvalidTypeError, r"Benchmark\.caution must be a text, not NoneType"),
            ({"metrics": "average_order_value"}, rt.InvalidTypeError, r"Benchmark\.metrics must be names"),
            ({"metrics": ()}, rt.InvalidTypeError, r"Benchmark\.metrics must be names"),
            ({"metrics": [7]}, rt.InvalidTypeError, r"Benchmark\.metrics must be names"),
            ({"metrics": 7}, rt.InvalidTypeError, r"Benchmark\.metrics must be names"),
            ({"options": {"top": 0.2}}, rt.InvalidTypeError, r"Benchmark\.options must be a mapping"),
            ({"options": [("top", "0.2")]}, rt.InvalidTypeError, r"Benchmark\.options must be a mapping"),
        ],
    )
    def test_refused(self, change, error, message):
        with pytest.raises(error, match=message):
            attrs.evolve(OURS, **change)


OURS_RATE = attrs.evolve(
    OURS, metrics=("customer_retention_rate",), low=0.3, high=0.4, unit="share of customers"
)


class TestRefused:
    def test_a_result_of_another_metric(self):
        with pytest.raises(
            rt.InvalidValueError,
            match=r"B14 is about returning_spend_ratio \(got a result of customer_retention_rate\); "
            r"for customer_retention_rate there is B10, B11, E10",
        ):
            benchmark(rate(35), against="B14")

    def test_a_result_of_a_metric_of_which_none_is_known(self):
        with pytest.raises(rt.InvalidValueError, match="for repeat_purchase_rate none is known"):
            benchmark(rate(35, metric="repeat_purchase_rate"), against="B10")

    def test_a_typing_slip(self):
        with pytest.raises(rt.InvalidValueError, match=r"\(got 'E15 nwe'\); did you mean 'E15 new'"):
            benchmark(rate(35), against="E15 nwe")

    def test_nothing_like_it(self):
        with pytest.raises(rt.InvalidValueError, match="there are B10, B11, E10, "):
            benchmark(rate(35), against="§")

    @pytest.mark.parametrize("against", [None, 0.38, ["B10"]])
    def test_no_name(self, against):
        with pytest.raises(rt.InvalidTypeError, match='against must be an id such as "B10", or a Benchmark'):
            benchmark(rate(35), against=against)

    @pytest.mark.parametrize("result", [0.35, 7, Decimal("0.35"), None, "35 %"])
    def test_no_figure(self, result):
        with pytest.raises(rt.InvalidTypeError, match="benchmark takes a Ratio, Mean or Score, not "):
            benchmark(result, against="B10")

    def test_one_made_with_other_keywords(self):
        new = make_orders({"ann": ["2026-03-01", "2026-03-05"]})
        of_all = rt.second_purchase_rate(
            new, period=MARCH, given="all", as_of=datetime(2026, 6, 1, tzinfo=UTC)
        )
        with pytest.raises(
            rt.InvalidValueError,
            match=r"E16 is about second_purchase_rate with given=repeaters \(got given=all\); make the figure so",
        ):
            benchmark(of_all, against="E16")
        quick = rt.second_purchase_rate(new, period=MARCH, within=timedelta(days=7))
        with pytest.raises(rt.InvalidValueError, match=r"with within=16 days \(got within=7 days\)"):
            benchmark(quick, against="E16")

    def test_one_made_without_them(self):
        with pytest.raises(rt.InvalidValueError, match=r"with of=new \(got no of\)"):
            benchmark(rate(1, metric="conversion_rate"), against="E15 new")

    @pytest.mark.parametrize("top", [0.2, Decimal("0.20"), Decimal("2E-1")])
    def test_a_number_may_be_written_in_several_ways(self, top):
        assert benchmark(rt.revenue_concentration_rate(ORDERS, period=MARCH, top=top), against="E14").gap

    @pytest.mark.parametrize("top", ["a fifth", "1/0"])
    def test_and_a_word_in_one(self, top):
        with pytest.raises(rt.InvalidValueError, match=r"with top=0\.2"):
            benchmark(rate(1, metric="revenue_concentration_rate", options=(("top", top),)), against="E14")


@given(part=st.integers(0, 400), low=st.integers(0, 100), wide=st.integers(0, 100))
def test_laws_of_the_gap(part, low, wide):
    """The gap is 0 inside, points to the side on which the figure lies, and leads to the nearest end."""
    span = attrs.evolve(OURS_RATE, low=low / 100, high=(low + wide) / 100)
    found: BenchmarkGap = benchmark(rate(part, 400), against=span)
    value = part / 400
    assert (found.gap == 0) == (found.verdict == "inside") == (span.low <= value <= span.high)
    assert (
        found.gap == pytest.approx(min((value - low / 100, value - (low + wide) / 100), key=abs))
        or not found.gap
    )
    if found.verdict in {"above", "below"}:
        interval = found.interval()
        assert (interval.low > span.high) if found.gap > 0 else (interval.high < span.low)


def test_every_figure_of_the_sample_shop_that_has_one():
    shop, year = sampled(), rt.Period.year(2025, tz="UTC")
    for published in BENCHMARKS.values():
        for name in published.metrics:
            if METRICS[name].inputs == ("orders",):
                found = benchmark(METRICS[name].function(shop, period=year), against=published.id)
                assert found.verdict in {"above", "below", "covers", "unknown"}
                assert found.explain().startswith(METRICS[name].id.replace("_", " ").capitalize())
