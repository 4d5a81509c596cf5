"""All changes of a snapshot judged together: Holm's correction by hand, and one test counted once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import retention as rt
from retention._snapshot._family import family
from retention.comparison import Comparison
from retention.testing import make_orders

FEBRUARY, MARCH = (rt.Period.month(2026, month, tz="UTC") for month in (2, 3))
# χ² by hand, (N − 1) · (difference of products)² / (product of margins):
SURE = (rt.Ratio(56, 70), rt.Ratio(48, 80))  # 149 · 1120² / (70 · 80 · 104 · 46) = 6.97660, p 0.00826
DOUBTFUL = (rt.Ratio(30, 100), rt.Ratio(18, 100))  # 199 · 1200² / (100 · 100 · 48 · 152) = 3.92763, p 0.0475
NOISE = (rt.Ratio(35, 100), rt.Ratio(38, 100))  # 199 · 300² / (100 · 100 · 73 · 127) = 0.193183, p 0.660
CHURN = "customer_churn_rate"
RETENTION = "customer_retention_rate"
SHOP = make_orders(
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


def figure(metric: str, pair: tuple[object, object], period: rt.Period = MARCH) -> SimpleNamespace:
    """As much of a figure as a family looks at."""
    a, b = pair
    change = Comparison(a=a, b=b, labels=("now", "before"), title=metric, is_change=True)
    return SimpleNamespace(metric=metric, period=period, change=change)


def adjusted(*figures: SimpleNamespace) -> list[float | None]:
    return [change.adjusted_p_value for change in family(figures).values()]


class TestHolm:
    def test_by_hand(self):
        found = family(
            [
                figure("repeat_purchase_rate", NOISE),
                figure("returning_customer_rate", SURE),
                figure("reactivation_rate", DOUBTFUL),
            ]
        )
        # 0.00826 · 3, 0.0475 · 2, 0.660 · 1
        noise, sure, doubtful = found.values()
        assert sure.p_value == pytest.approx(0.008257, abs=1e-5)
        assert sure.adjusted_p_value == pytest.approx(3 * sure.p_value)
        assert doubtful.adjusted_p_value == pytest.approx(2 * doubtful.p_value)
        assert noise.adjusted_p_value == noise.p_value
        assert [each.verdict for each in found.values()] == ["noise", "real", "borderline"]
        assert {each.comparisons for each in found.values()} == {3}

    def test_over_all_periods(self):
        found = family(
            [figure("refund_rate", SURE, period) for period in (FEBRUARY, MARCH)]
            + [figure("repeat_purchase_rate", SURE, FEBRUARY)]
        )
        assert list(found) == [
            ("refund_rate", FEBRUARY),
            ("refund_rate", MARCH),
            ("repeat_purchase_rate", FEBRUARY),
        ]
        for change in found.values():
            assert change.adjusted_p_value == pytest.approx(3 * change.p_value)

    def test_what_is_not_tested_is_not_counted(self):
        found = family([figure("order_count", (3, 4)), figure("refund_rate", SURE)])
        count, rate = found.values()
        assert (count.adjusted_p_value, count.verdict, count.comparisons) == (None, "unknown", 1)
        assert (rate.adjusted_p_value, rate.verdict) == (rate.p_value, "real")

    def test_of_none(self):
        assert dict(family([])) == {}
        (only,) = family([figure("order_count", (3, 4))]).values()
        assert (only.comparisons, only.adjusted_p_value) == (0, None)

    def test_the_rest_of_a_comparison_stays(self):
        alone = figure("refund_rate", SURE)
        (found,) = family([alone]).values()
        assert (found.a, found.b, found.labels, found.title) == (*SURE, ("now", "before"), "refund_rate")
        assert found.interval() == alone.change.interval()


class TestOneTestUnderTwoNames:
    def test_is_counted_once(self):
        kept, lost = figure(RETENTION, SURE), figure(CHURN, (rt.Ratio(14, 70), rt.Ratio(32, 80)))
        other = figure("refund_rate", NOISE)
        for figures in ((kept, lost, other), (lost, other, kept), (other, kept, lost)):
            found = {metric: change for (metric, _), change in family(figures).items()}
            assert {change.comparisons for change in found.values()} == {2}
            assert found[RETENTION].adjusted_p_value == pytest.approx(2 * kept.change.p_value)
            assert found[CHURN].adjusted_p_value == found[RETENTION].adjusted_p_value
            assert found[CHURN].verdict == found[RETENTION].verdict == "real"

    def test_alone_it_is_a_test_of_its_own(self):
        assert adjusted(figure(CHURN, SURE), figure("refund_rate", NOISE))[0] == pytest.approx(
            0.016514, abs=1e-5
        )

    def test_is_that_of_the_same_period_only(self):
        assert len({*adjusted(figure(RETENTION, SURE, FEBRUARY), figure(CHURN, SURE, MARCH))}) == 1
        found = family([figure(RETENTION, SURE, FEBRUARY), figure(CHURN, SURE, MARCH)])
        assert {change.comparisons for change in found.values()} == {2}

    def test_where_the_other_is_not_tested(self):
        nothing = figure(RETENTION, (rt.Ratio(0, 0), rt.Ratio(1, 2)))
        kept, lost = family([nothing, figure(CHURN, SURE)]).values()
        assert kept.adjusted_p_value is None
        assert (lost.adjusted_p_value, lost.comparisons) == (lost.p_value, 1)

    def test_in_a_snapshot(self):
        both = [CHURN, RETENTION, "purchase_frequency"]
        snap = rt.snapshot(SHOP, period=MARCH, metrics=both)
        one = rt.snapshot(SHOP, period=MARCH, metrics=both[1:])
        kept, lost = snap.change(RETENTION), snap.change(CHURN)
        assert kept.p_value == pytest.approx(lost.p_value)
        assert kept.adjusted_p_value == lost.adjusted_p_value == one.change(RETENTION).adjusted_p_value
        assert kept.comparisons == one.change(RETENTION).comparisons == 2
        assert tuple(kept.interval()) == pytest.approx((-lost.interval().high, -lost.interval().low))

    def test_each_complement_is_of_a_metric(self):
        pairs = {name: spec.complement_of for name, spec in rt.METRICS.items() if spec.complement_of}
        assert pairs == {
            CHURN: RETENTION,
            "gross_revenue_retention_rate": "revenue_churn_rate",
            "subscriber_retention_rate": "subscriber_churn_rate",
        }


def test_all_changes_are_made_at_once():
    snap = rt.snapshot(SHOP, period=[FEBRUARY, MARCH])
    assert snap.change(RETENTION) is snap.change(RETENTION)
    assert snap.changes()[RETENTION] is snap.change(RETENTION)
