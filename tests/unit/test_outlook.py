"""How much of a coming period's revenue existing customers will bring: by hand, and what is refused."""

from __future__ import annotations

import copy
import math
import pickle
from datetime import UTC, datetime
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, strategies as st

import retention as rt
from retention._facts import facts
from retention.metrics._outlook import read_revenue_predictability_table
from retention.results import BackTest, RevenuePredictability
from retention.testing import make_orders
from tests.shops import sampled

MAY = rt.Period.month(2026, 5, tz="UTC")
# Of existing customers: 10 of 20 in February, 10 of 10 in March, 20 of 30 in April.
ORDERS = make_orders(
    {
        "ann": ["2026-01-10", "2026-02-05", "2026-03-05", "2026-04-05"],
        "ben": ["2026-02-11", "2026-04-20", "2026-05-02"],
        "cy": ["2026-04-12"],
        None: ["2026-03-11"],
    }
)


def shares(*percents: int) -> list[rt.Ratio]:
    return [
        attrs.evolve(rt.Ratio(percent, 100), basis=rt.Basis(period=f"month {number}"))
        for number, percent in enumerate(percents)
    ]


class TestTable:
    def test_by_hand(self):
        table = rt.revenue_predictability_table(ORDERS, period=MAY)
        assert [(share.basis.period, share.numerator, share.denominator) for share in table.shares] == [
            ("2026-02", Decimal("10.00"), Decimal("20.00")),
            ("2026-03", Decimal("10.00"), Decimal("10.00")),
            ("2026-04", Decimal("20.00"), Decimal("30.00")),
        ]
        assert table.value == float(table) == float(table.share) == pytest.approx(40 / 60)
        assert table.left_out == {"guest": 1}

    def test_the_interval_by_hand(self):
        interval = rt.revenue_predictability_table(ORDERS, period=MAY).interval()
        # around 2/3: (−1/6)², (1/3)², 0 over 2; times 1 + 1/3; t of 2 is 4.302653: beyond both ends
        reach = 4.302653 * math.sqrt((1 / 36 + 1 / 9) / 2 * 4 / 3)
        assert reach > 2 / 3
        assert (interval.low, interval.high) == (0.0, 1.0)
        half = rt.revenue_predictability_table(ORDERS, period=MAY).interval(0.5)
        assert half.low == pytest.approx(2 / 3 - 0.816497 * math.sqrt(5 / 36 / 2 * 4 / 3), rel=1e-5)
        assert half.method.startswith("prediction interval")

    def test_a_period_with_nobody_to_expect_anything_of_is_none_to_compare_with(self):
        labels = [share.basis.period for share in rt.revenue_predictability_table(ORDERS, period=MAY).shares]
        assert "2026-01" not in labels

    def test_the_coming_period_plays_no_part(self):
        known = [order for order in ORDERS if order.placed_at < MAY.start]
        assert len(known) < len(ORDERS)
        one, other = (rt.revenue_predictability_table(orders, period=MAY) for orders in (known, ORDERS))
        assert one == other

    def test_so_many_periods_as_are_asked_for(self):
        table = rt.revenue_predictability_table(ORDERS, period=MAY, comparable=1)
        assert [share.basis.period for share in table.shares] == ["2026-04"]
        assert table.basis.options == (("comparable", "1"), ("against", "previous"))

    def test_a_period_that_was_still_running_is_not_compared_with(self):
        table = rt.revenue_predictability_table(ORDERS, period=MAY, as_of=datetime(2026, 4, 15, tzinfo=UTC))
        assert [share.basis.period for share in table.shares] == ["2026-02", "2026-03"]
        assert not table.partial

    def test_nor_one_that_is_not_observable(self):
        since = datetime(2026, 2, 1, tzinfo=UTC)
        table = rt.revenue_predictability_table(ORDERS, period=MAY, observed_from=since)
        assert [share.basis.period for share in table.shares] == ["2026-03", "2026-04"]

    def test_a_month_without_revenue_stays_as_a_row(self):
        orders = make_orders({"ann": ["2026-01-10", "2026-03-05"], "ben": ["2026-03-11"]})
        table = rt.revenue_predictability_table(orders, period=rt.Period.month(2026, 4, tz="UTC"))
        assert [share.value for share in table.shares] == [None, 0.5]
        assert table.value == 0.5
        assert "n/a" in str(table)

    def test_earlier_years(self):
        orders = make_orders({"ann": ["2023-03-01", "2024-05-05", "2025-05-05"], "ben": ["2025-05-11"]})
        table = rt.revenue_predictability_table(orders, period=MAY, comparable=3, against="year_before")
        assert [(share.basis.period, share.value) for share in table.shares] == [
            ("2023-05", None),
            ("2024-05", 1.0),
            ("2025-05", 0.5),
        ]

    def test_a_part_of_a_period_is_compared_with_equal_parts(self):
        part = MAY.to_date(datetime(2026, 5, 6, tzinfo=UTC))
        table = rt.revenue_predictability_table(ORDERS, period=part, comparable=2)
        assert [(share.numerator, share.denominator) for share in table.shares] == [(10, 10), (10, 10)]
        with pytest.raises(rt.UndefinedMetricError, match=r"at least three comparable periods .* \(got 2\)"):
            table.interval()

    def test_the_calendar_has_a_beginning(self):
        first = rt.Period.month(1, 2, tz="UTC")
        assert rt.revenue_predictability_table([], period=first, comparable=3).shares == ()

    def test_nothing_at_all(self):
        table = rt.revenue_predictability_table([], period=MAY)
        assert (table.value, str(table)) == (None, "n/a")
        assert table.undefined_because == "no comparable period has revenue"
        assert table.explain().startswith("revenue_predictability_table (2026-05")
        with pytest.raises(rt.UndefinedMetricError, match="no comparable period has revenue"):
            float(table)
        with pytest.raises(rt.UndefinedMetricError, match="no comparable period has revenue"):
            table.interval()

    def test_not_observable(self):
        table = rt.revenue_predictability_table(
            ORDERS, period=MAY, observed_from=datetime(2026, 4, 2, tzinfo=UTC)
        )
        assert not table.observable
        with pytest.raises(rt.NotObservableError, match="hold none of the comparable periods"):
            float(table)

    def test_the_facts_of_one_period_are_not_enough(self):
        (alone,) = facts(rt.History(ORDERS), [MAY])
        table = read_revenue_predictability_table(alone)
        assert not table.observable
        assert "only the period itself was counted" in table.explain()

    @pytest.mark.parametrize("comparable", [True, 12.0, "12", None])
    def test_comparable_is_a_whole_number(self, comparable):
        with pytest.raises(rt.InvalidTypeError, match="comparable must be an int"):
            rt.revenue_predictability_table(ORDERS, period=MAY, comparable=comparable)

    @pytest.mark.parametrize("comparable", [0, -1, 1_001])
    def test_of_a_sensible_size(self, comparable):
        with pytest.raises(rt.InvalidValueError, match=r"comparable must be 1 to 1,000 \(got"):
            rt.revenue_predictability_table(ORDERS, period=MAY, comparable=comparable)

    @pytest.mark.parametrize("against", ["next", None, 3])
    def test_against_is_one_of_two_words(self, against):
        with pytest.raises(rt.InvalidValueError, match="against must be 'previous' or 'year_before'"):
            rt.revenue_predictability_table(ORDERS, period=MAY, against=against)

    def test_two_currencies(self):
        francs = [attrs.evolve(order, id=f"{order.id} fr", currency="CHF") for order in ORDERS]
        with pytest.raises(rt.MixedCurrencyError):
            rt.revenue_predictability_table([*ORDERS, *francs], period=MAY)


class TestForecast:
    def test_equal_months_give_the_textbook_interval(self):
        """The mean ± t·s·√(1 + 1/k), since the months weigh alike."""
        outlook = RevenuePredictability(shares=shares(60, 64, 70, 66))
        reach = 3.182446 * math.sqrt((25 + 1 + 25 + 1) / 3) * math.sqrt(5 / 4) / 100
        assert tuple(outlook.interval()) == pytest.approx((0.65 - reach, 0.65 + reach), rel=1e-6)

    def test_back_tests_use_what_was_known(self):
        outlook = RevenuePredictability(shares=shares(60, 64, 65, 66, 90, 70))
        assert [(test.period, test.held) for test in outlook.back_tests()] == [
            ("month 3", True),
            ("month 4", False),
            ("month 5", True),
        ]
        first = outlook.back_tests()[0]
        assert first.interval == RevenuePredictability(shares=shares(60, 64, 65)).interval()
        coverage = outlook.coverage()
        assert (coverage.numerator, coverage.denominator) == (2, 3)
        with pytest.raises(rt.UndefinedMetricError):
            coverage.interval()

    def test_another_level(self):
        outlook = RevenuePredictability(shares=shares(60, 64, 65, 66, 90, 70))
        assert outlook.back_tests(0.5)[0].interval.high < outlook.back_tests()[0].interval.high
        assert outlook.coverage(0.01).numerator < 2

    def test_months_that_are_all_alike_tell_nothing(self):
        outlook = RevenuePredictability(shares=shares(60, 60, 60, 61))
        assert outlook.back_tests() == ()
        assert outlook.coverage().value is None
        with pytest.raises(rt.UndefinedMetricError, match="not all alike"):
            RevenuePredictability(shares=shares(60, 60, 60)).interval()

    def test_it_prints_as_a_table(self):
        outlook = RevenuePredictability(shares=shares(60, 64, 66, 66))
        *_, above, forecast = str(outlook).splitlines()
        assert above == ""
        assert forecast.startswith("Share expected of the coming period: between ")
        assert forecast.endswith("(95 % prediction interval); it held in 1 of 1 past periods.")
        assert "month 3   100.00          66.00  66.0%  " in str(outlook)
        assert "all       400.00         256.00  64.0%" in str(outlook)

    def test_it_explains_itself(self):
        text = RevenuePredictability(shares=shares(60, 64)).explain()
        assert text.startswith(
            "62.0% = 124.00 from existing customers of 200.00 in 2 periods. Share expected"
        )
        assert "No interval: the interval requires at least three comparable periods" in text
        three = RevenuePredictability(shares=shares(60, 64, 65)).explain()
        assert three.endswith("(95 % prediction interval).")

    def test_rows_for_a_data_frame(self):
        first, *_, last = RevenuePredictability(shares=shares(60, 64, 65, 66)).to_dicts()
        assert first == {
            "period": "month 0",
            "revenue": 100.0,
            "existing": 60.0,
            "share": 0.6,
            "low": None,
            "high": None,
            "held": None,
        }
        assert last["low"] < 0.66 < last["high"]
        assert last["held"] is True

    def test_periods_without_labels_have_predictions_of_their_own(self):
        bare = [rt.Ratio(percent, 100) for percent in (60, 61, 70, 62, 90)]
        twice = [attrs.evolve(each, basis=rt.Basis(period="2026-03")) for each in bare]
        for past in (bare, twice):
            outlook = RevenuePredictability(shares=past)
            fourth, fifth = outlook.back_tests()
            assert [(row["low"], row["held"]) for row in outlook.to_dicts()] == [
                *[(None, None)] * 3,
                (fourth.interval.low, True),
                (fifth.interval.low, False),
            ]
            cells = [line.split("%")[1:] for line in str(outlook).splitlines()[2:7]]
            assert [len(row) for row in cells] == [1, 1, 1, 3, 3]
            assert cells[3] != cells[4]

    def test_a_period_without_revenue_has_no_test_and_moves_none(self):
        outlook = RevenuePredictability(
            shares=[rt.Ratio(0, 0), *shares(60, 64, 65), rt.Ratio(0, 0), *shares(67)]
        )
        assert [row["held"] for row in outlook.to_dicts()] == [None] * 5 + [True]
        assert repr(outlook) == "<RevenuePredictability: 6 periods, 64.0%>"
        assert repr(RevenuePredictability(shares=[])) == "<RevenuePredictability: 0 periods, n/a>"

    def test_bare_ratios_have_no_labels(self):
        test = BackTest(share=rt.Ratio(1, 2), interval=rt.Interval(low=0.1, high=0.6))
        assert (test.period, test.held) == ("", True)
        assert "predicted" in str(RevenuePredictability(shares=[rt.Ratio(1, 2)]))

    def test_values(self):
        outlook = RevenuePredictability(shares=shares(60, 64))
        same = RevenuePredictability(shares=shares(60, 64))
        assert (outlook == same, hash(outlook) == hash(same)) == (True, True)
        for again in (pickle.loads(pickle.dumps(outlook)), copy.copy(outlook), copy.deepcopy(outlook)):
            assert (again == outlook, str(again) == str(outlook)) == (True, True)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            outlook.shares = ()

    @pytest.mark.parametrize("given", [7, "0.6", None])
    def test_shares_are_an_iterable(self, given):
        with pytest.raises(rt.InvalidTypeError, match=r"RevenuePredictability\.shares must be an iterable"):
            RevenuePredictability(shares=given)

    def test_of_ratios(self):
        with pytest.raises(rt.InvalidTypeError, match=r"must be Ratios, not float \(got 0\.6\)"):
            RevenuePredictability(shares=[0.6])

    def test_of_one_metric(self):
        other = attrs.evolve(rt.Ratio(1, 2), basis=rt.Basis(metric="order_count"))
        with pytest.raises(rt.InvalidValueError, match="one metric at a time"):
            RevenuePredictability(shares=[rt.Ratio(1, 2), other])

    def test_that_were_observed(self):
        with pytest.raises(rt.NotObservableError):
            RevenuePredictability(
                shares=[rt.Ratio(0, 0, basis=rt.Basis(observable=False, undefined_because="no"))]
            )


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=15))
def test_laws_of_the_forecast(months):
    """The share pools the months, and the interval holds it and stays within 0 and 1."""
    outlook = RevenuePredictability(shares=[rt.Ratio(part, part + rest) for part, rest in months])
    existing, revenue = (
        sum(each) for each in zip(*((part, part + rest) for part, rest in months), strict=True)
    )
    assert outlook.value == (existing / revenue if revenue else None)
    assert len(outlook.back_tests()) <= max(0, len(months) - 3)
    try:
        interval = outlook.interval()
    except rt.UndefinedMetricError:
        return
    assert 0 <= interval.low <= outlook.value <= interval.high <= 1
    assert outlook.interval(0.99).high >= interval.high


def test_the_sample_shop():
    table = rt.revenue_predictability_table(sampled(), period=rt.Period.month(2026, 7, tz="UTC"))
    rate = rt.existing_customer_revenue_rate(
        sampled(),
        period=rt.Period.between(
            datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 8, 1, tzinfo=UTC), tz="UTC"
        ),
    )
    assert table.shares[0] == rate
    assert len(table.shares) == 12
    assert table.coverage().denominator == 9
