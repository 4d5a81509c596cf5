"""One metric by groups of customers."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest

import retention as rt
from retention._by_segment import SegmentTable, by_segment
from retention._parts import shops_by
from retention.catalog import METRICS
from retention.comparison import compare
from retention.errors import (
    ConflictingArgumentError,
    InvalidTypeError,
    InvalidValueError,
    MissingRecordsError,
    MixedCurrencyError,
    UndefinedMetricError,
    UnknownMetricError,
)
from retention.testing import make_orders
from tests.shops import sampled

MARCH = rt.Period.month(2026, 3, tz="UTC")
QUARTER = rt.Period.quarter(2026, 2, tz="Europe/Berlin")
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
ORDERS = make_orders(
    {
        "ann": ["2026-02-10", "2026-03-05"],
        "ben": ["2026-02-11"],
        "cleo": ["2026-02-20"],
        "dan": ["2026-02-21", "2026-03-20"],
        "eve": ["2026-03-21"],
    }
)
COUNTRIES = {"ann": "DE", "ben": "DE", "dan": "DE", "cleo": "AT", "eve": "FR"}
SHOP = rt.Shop(orders=ORDERS, as_of=datetime(2026, 6, 1, tzinfo=UTC))
WHOLE = sampled()
WHOLE_READ = rt.Shop(
    orders=WHOLE.history(),
    **{
        kind: getattr(WHOLE, kind)
        for kind in ("customers", "responses", "subscriptions", "checkouts", "interactions")
    },
)


@cache
def table_of(metric: str, by: str = "country") -> SegmentTable:
    return by_segment(metric, WHOLE, period=QUARTER, by=by, options=_due(metric))


@cache
def parts_by(by: str) -> dict:
    return shops_by(WHOLE_READ, by=by)


def retention(**more) -> SegmentTable:
    return by_segment("customer_retention_rate", SHOP, **({"period": MARCH, "by": COUNTRIES} | more))


class TestOrderOfInput:
    def test_reasons_stand_in_one_order(self):
        orders = [
            *ORDERS,
            rt.Order(id="c", customer_id="ben", placed_at=NOON, amount=1, currency="EUR", cancelled_at=NOON),
            rt.Order(id="g", customer_id=None, placed_at=NOON, amount=1, currency="EUR"),
            rt.Order(id="t", customer_id="cleo", placed_at=NOON, amount=1, currency="EUR", is_test=True),
        ]
        there, back = (
            by_segment("customer_retention_rate", rt.Shop(orders=given), period=MARCH, by=COUNTRIES)
            for given in (orders, orders[::-1])
        )
        assert len(there.whole_figure.left_out) == 3
        assert list(there.whole_figure.left_out.items()) == list(back.whole_figure.left_out.items())
        assert (str(there), there.explain()) == (str(back), back.explain())

    def test_groups_of_one_name_stand_in_one_order(self):
        for given in (ORDERS, ORDERS[::-1]):
            shop = rt.Shop(orders=given)
            table = by_segment("order_count", shop, period=MARCH, by={"ann": 1, "dan": "1", "eve": 2})
            assert table.segments == (1, "1", 2, None)
            assert list(shops_by(shop, by={"ann": "1", "dan": 1})) == [1, "1", None]

    def test_what_is_dated_later_makes_no_group(self):
        late = make_orders({"fay": ["2026-06-02"], "gus": ["2026-06-01"]}, first_id=90)
        shop = rt.Shop(orders=[*ORDERS, *late], as_of=late[-1].placed_at)
        assert late[-1].customer_id == "gus"  # known at as_of, and of another month
        table = by_segment("order_count", shop, period=MARCH, by={**COUNTRIES, "fay": "IT", "gus": "ES"})
        assert table.segments == ("DE", "FR", "AT", "ES")
        assert table.whole == 3
        later = rt.Period.month(2026, 6, tz="UTC")
        assert by_segment("order_count", shop, period=later, by={"fay": "IT"}).segments == (None,)


class TestFigures:
    def test_by_hand(self):
        table = retention()
        assert [row.segment for row in table] == ["DE", "AT", "FR"]
        assert (table["DE"], table["AT"], table["FR"]) == (rt.Ratio(2, 3), rt.Ratio(0, 1), rt.Ratio(0, 0))
        assert table.whole == rt.Ratio(2, 4)
        assert [(row.size, row.share) for row in table.rows] == [(3, 0.75), (1, 0.25), (0, 0.0)]
        assert table.segments == ("DE", "AT", "FR")
        assert len(table) == 3
        assert str(table.row("DE")) == "DE 66.7%"

    def test_a_function_is_as_good_as_its_name(self):
        assert by_segment(rt.customer_retention_rate, SHOP, period=MARCH, by=COUNTRIES) == retention()

    @pytest.mark.parametrize("metric", METRICS)
    def test_any_metric_of_a_group_is_that_of_its_records_alone(self, metric):
        for row in table_of(metric).rows:
            asked = {metric: _told(_due(metric), row.segment)}
            part = parts_by("country")[row.segment]
            try:
                alone = rt.snapshot(part, period=QUARTER, against=None, metrics=[metric], options=asked)
            except MissingRecordsError:  # the group has nothing that the metric is about
                assert row.figure.state == "undefined" or row.figure.value == 0
            else:
                assert row.figure == alone.figure(metric)

    def test_a_shop_that_is_read_gives_the_same(self):
        for metric in ("customer_retention_rate", "cart_recovery_rate", "net_promoter_score"):
            assert by_segment(metric, WHOLE_READ, period=QUARTER, by="country") == table_of(metric)

    def test_who_has_no_orders_did_not_come_back(self):
        """A group that never bought has abandoned baskets of which none was recovered: 0, and not "no records"."""
        shop = rt.Shop(
            orders=make_orders({"ann": ["2026-03-12"]}),
            checkouts=[rt.Checkout(id=who, customer_id=who, begun_at=NOON) for who in ("ann", "zoe")],
            as_of=datetime(2026, 6, 1, tzinfo=UTC),
        )
        table = by_segment("cart_recovery_rate", shop, period=MARCH, by={"ann": "buyers", "zoe": "others"})
        assert (table["buyers"], table["others"]) == (rt.Ratio(1, 1), rt.Ratio(0, 1))
        assert not table.row("others").figure.assumed

    def test_the_opening_base_may_be_chosen(self):
        table = retention(options={"inactive_after": timedelta(days=60)})
        assert table["DE"] == rt.customer_retention_rate(
            [order for order in ORDERS if COUNTRIES[order.customer_id] == "DE"],
            period=MARCH,
            inactive_after=timedelta(days=60),
            as_of=SHOP.as_of,
        )
        assert "inactive after 60 days" in str(table)
        with pytest.raises(ConflictingArgumentError):
            retention(options={"inactive_after": timedelta(days=3)})

    def test_options_choose_the_definition(self):
        table = by_segment(
            "second_purchase_rate",
            SHOP,
            period=MARCH.previous(),
            by=COUNTRIES,
            options={"within": timedelta(days=10), "given": "all"},
        )
        assert table["DE"] == rt.Ratio(0, 3)

    def test_of_no_records_there_are_no_groups(self):
        table = by_segment("order_count", rt.Shop(), period=MARCH, by=COUNTRIES)
        assert (table.rows, table.whole) == ((), 0)
        assert str(table).splitlines()[0] == "Orders by segment, 2026-03 (orders)"
        assert table.explain().startswith("All together, order_count (2026-03): 0.")
        assert table.explain().endswith("There is no group.")


def _due(metric: str) -> dict:
    spec, options = METRICS[metric], {}
    if "acquisition_spend" in spec.due:
        keys = ("DE", "AT", "CH", "FR", "search", "social", "referral", "newsletter", None)
        options["acquisition_spend"] = {key: Decimal(100) for key in keys}
    if "margin_rate" in spec.due:
        options["margin_rate"] = Decimal("0.4")
    if "kind" in spec.due:
        options["kind"] = "nps"
    return options


def _told(options: dict, key: object) -> dict:
    return {name: value[key] if isinstance(value, dict) else value for name, value in options.items()}


class TestStates:
    def test_undefined_and_not_observable_are_kept_apart(self):
        assert retention().row("FR").figure.state == "undefined"
        late = by_segment(
            "order_count",
            rt.Shop(orders=ORDERS, observed_from=datetime(2026, 3, 2, tzinfo=UTC)),
            period=MARCH,
            by=COUNTRIES,
        )
        assert {row.figure.state for row in late} == {"not observable"}
        assert {row.size for row in late} == {None}
        with pytest.raises(
            UndefinedMetricError, match=r"order_count .2026-03. of DE has no value: 2026-03 is not observable"
        ):
            late["DE"]
        with pytest.raises(UndefinedMetricError, match="of the whole has no value"):
            late.whole  # noqa: B018 - it is the look that raises
        assert "–: not observable." in str(late)
        assert "DE has no value, since 2026-03 is not observable: the period begins before" in late.explain()
        assert late.compare("DE").undefined_because.startswith("DE has no value, since 2026-03")

    def test_partial(self):
        shop = rt.Shop(orders=ORDERS, as_of=datetime(2026, 3, 22, tzinfo=UTC))
        table = by_segment("customer_retention_rate", shop, period=MARCH, by=COUNTRIES)
        assert table.whole.partial
        assert "66.7%*" in str(table)
        assert "*: partial, the time that it covers was still running at as_of." in str(table)

    def test_groups_in_several_currencies_have_their_figures_and_the_whole_is_refused(self):
        def orders(who: str, currency: str) -> list[rt.Order]:
            return [
                rt.Order(
                    id=(who, n), customer_id=f"{who}{n}", placed_at=NOON, amount=10 * n, currency=currency
                )
                for n in (1, 2, 3)
            ]

        shop = rt.Shop(orders=[*orders("d", "EUR"), *orders("c", "CHF")])
        countries = {f"{who}{n}": who for who in "dc" for n in (1, 2, 3)}
        table = by_segment("average_order_value", shop, period=MARCH, by=countries)
        assert table["d"] == rt.Mean(Decimal(60), 3, unit="EUR")
        assert table["c"].unit == "CHF"
        assert table.whole_figure.state == "refused"
        with pytest.raises(MixedCurrencyError):
            table.whole  # noqa: B018 - it is the look that raises
        assert "several currencies" in table.compare("d").undefined_because
        assert "refused: money in CHF, EUR can't be" in str(table).replace("\n  ", " ")
        revenue = by_segment("net_revenue", shop, period=MARCH, by=countries)
        assert revenue["d"] == 60
        with pytest.raises(MixedCurrencyError):
            revenue.whole  # noqa: B018 - it is the look that raises

    def test_what_was_left_out_is_told_of_the_whole(self):
        table = table_of("customer_retention_rate")
        direct = rt.customer_retention_rate(WHOLE, period=QUARTER)
        assert dict(table.whole.left_out) == dict(direct.left_out)
        assert "30\n  guest" in str(table)


class TestCompare:
    def test_each_against_all_the_others(self):
        table = table_of("average_order_value")
        found = table.compare("CH")
        others = rt.Mean.pool([table[key] for key in ("DE", "AT", "FR", None)], independent=True)
        assert found.a == table["CH"]
        assert found.b == others
        assert found.interval() == compare(table["CH"], others).interval()
        assert found.comparisons == 5
        assert found.adjusted_p_value >= found.p_value
        assert found.verdict == "real"
        assert "it holds among the 5 comparisons made at once" in str(found)
        assert str(found) in table.explain()

    def test_where_nothing_stands_out_it_says_so(self):
        assert (
            retention().explain().endswith("No group differs from the others by more than chance explains.")
        )

    @pytest.mark.parametrize(
        "metric, why",
        [
            ("order_count", "counts and sums of money grow with the group; compare a rate or a mean"),
            ("net_revenue", "counts and sums of money grow with the group; compare a rate or a mean"),
            ("customer_flow", "counts and sums of money grow with the group; compare a rate or a mean"),
            ("purchase_gap_days", "no median of all the others can be made of theirs"),
            ("second_purchase_curve", "curves are compared all at once, by compare_curves"),
            ("lorenz_curve", "it is a picture, and no single figure"),
            (
                "returning_spend_ratio",
                "returning spend ratio of all the others can't be made of theirs, since it is no sum over customers",
            ),
        ],
    )
    def test_what_is_not_compared_says_why(self, metric, why):
        table = table_of(metric)
        assert table.compare("DE").undefined_because == why
        assert "real?" not in str(table)
        assert "No group differs" not in table.explain()

    def test_scores_are(self):
        table = table_of("net_promoter_score")
        assert table.compare("DE").comparisons == 5
        pooled = [row.size for row in table.rows]
        assert sum(pooled) == table.whole.count


SPEND = {"DE": Decimal(90), "AT": 10, "FR": 20, "elsewhere": 5}


class TestSpend:
    """What was spent belongs to a group: that of the whole shop would be counted for each of them anew."""

    def test_by_group(self):
        table = by_segment(
            "customer_acquisition_cost",
            SHOP,
            period=MARCH,
            by=COUNTRIES,
            options={"acquisition_spend": SPEND},
        )
        assert table["FR"] == rt.Mean(20, 1, unit="EUR")
        assert table["DE"].value is None
        assert table.whole.total == 125
        assert table.whole.count == 1

    def test_what_was_not_given(self):
        table = by_segment(
            "customer_acquisition_cost",
            SHOP,
            period=MARCH,
            by=COUNTRIES,
            options={"acquisition_spend": {"FR": 20}},
        )
        assert table["FR"].value == 20
        assert table.row("DE").figure.undefined_because == "acquisition_spend= of the group was not given"
        with pytest.raises(UndefinedMetricError, match="acquisition_spend="):
            table.whole  # noqa: B018 - it is the look that raises

    def test_one_amount_is_that_of_no_group(self):
        with pytest.raises(
            InvalidTypeError, match=r"acquisition_spend.*mapping of each group to its own amount .got 500"
        ):
            by_segment(
                "customer_acquisition_cost",
                SHOP,
                period=MARCH,
                by=COUNTRIES,
                options={"acquisition_spend": 500},
            )

    def test_bad_amounts(self):
        with pytest.raises(InvalidValueError, match="acquisition_spend must be a number"):
            by_segment(
                "customer_acquisition_cost",
                SHOP,
                period=MARCH,
                by=COUNTRIES,
                options={"acquisition_spend": dict.fromkeys(("DE", "AT", "FR"), "many")},
            )


class TestShown:
    def test_as_text(self):
        assert str(retention()).splitlines() == [
            "Customer retention rate by segment, 2026-03 (share of customers)",
            "",
            "segment  figure   95 % interval  of  share  others  difference  real?",
            "-------  ------  --------------  --  -----  ------  ----------  -----",
            "DE        66.7%  20.8% to 93.9%   3  75.0%    0.0%   +66.7 pts  noise",
            "AT         0.0%   0.0% to 79.3%   1  25.0%   66.7%   −66.7 pts  noise",
            "FR          n/a                       0.0%",
            "",
            "all       50.0%  15.0% to 85.0%   4",
            "",
            "of: customers at the start.",
            "Real? Each group against all the others together. compare(...) puts each into a sentence.",
            "  noise: may be chance, since the 95 % interval of the difference holds 0.",
            "Assumed: observed_from was not given, so that the orders are taken as complete from the beginning.",
            "n/a: undefined.  row(...).figure.undefined_because says why.",
        ]

    def test_flows(self):
        table = by_segment("customer_flow", SHOP, period=MARCH, by=COUNTRIES)
        assert "DE        3 → 2" in str(table)
        money = table_of("revenue_flow")
        assert " → " in str(money)
        (row,) = [row for row in table.to_dicts() if row["segment"] == "DE"]
        assert (row["start"], row["lost"], row["end"], row["value"]) == (3, 1, 2, 2)

    def test_a_curve_is_its_median_in_a_word(self):
        assert "DE            median 3 hours  16" in str(table_of("first_response_curve"))
        assert "median not reached" in str(table_of("second_purchase_curve"))
        assert "1,988.05 at the end" in str(table_of("recurring_revenue_curve"))

    @pytest.mark.parametrize("metric", METRICS)
    def test_no_table_is_wider_than_a_screen(self, metric):
        assert max(map(len, str(table_of(metric)).splitlines())) <= 115
        assert table_of(metric).explain()

    def test_explain(self):
        assert retention().explain() == (
            "All together, customer_retention_rate (2026-03): 50.0% = 2 kept of 4 customers at the start "
            "(95 % interval 15.0% to 85.0%). Assumed: observed_from was not given, so that the orders are taken as "
            "complete from the beginning. By segment: DE 66.7% (2 of 3); AT 0.0% (0 of 1); FR has no value, since "
            "there are no customers at the start. No group differs from the others by more than chance explains."
        )

    def test_dictionaries(self):
        first, *_, last = retention().to_dicts()
        assert first == {
            "metric": "customer_retention_rate",
            "title": "Customer retention rate",
            "period": "2026-03",
            "by": "segment",
            "segment": "DE",
            "value": 2 / 3,
            "low": pytest.approx(0.2077, abs=1e-4),
            "high": pytest.approx(0.9385, abs=1e-4),
            "numerator": 2,
            "denominator": 3,
            "size": 3,
            "share": 0.75,
            "unit": "share of customers",
            "state": "defined",
            "because": None,
            "partial": False,
            "left_out": 0,
            "others": 0.0,
            "difference": 2 / 3,
            "difference_low": pytest.approx(-0.25, abs=1e-3),
            "difference_high": pytest.approx(0.9385, abs=1e-3),
            "p_value": pytest.approx(0.31731, abs=1e-4),
            "adjusted_p_value": None,
            "comparisons": 1,
            "verdict": "noise",
            "untested_because": None,
        }
        assert last["state"] == "undefined"
        assert last["value"] is None

    def test_dictionaries_are_plain(self):
        for metric in METRICS:
            for row in table_of(metric).to_dicts():
                assert all(
                    isinstance(value, (str, int, float, Decimal, type(None))) for value in row.values()
                )
        table = by_segment("order_count", SHOP, period=MARCH, by={"ann": 1, "ben": (2, 3)})
        assert [row["segment"] for row in table.to_dicts()] == [1, "(2, 3)", None]
        assert table.row(None).name == "not known"

    @pytest.mark.parametrize("metric", METRICS)
    def test_frozen_hashable_and_picklable(self, metric):
        table = table_of(metric)
        assert hash(table) == hash(copy.deepcopy(table))
        assert pickle.loads(pickle.dumps(table)) == table
        assert repr(table) == f"<SegmentTable: {metric} by country, {len(table)} groups, 2026-Q2>"
        with pytest.raises(AttributeError):
            table.metric = "x"


class TestBadInput:
    def test_metric(self):
        with pytest.raises(UnknownMetricError, match="did you mean 'customer_retention_rate'"):
            by_segment("retention", SHOP, period=MARCH, by=COUNTRIES)
        with pytest.raises(UnknownMetricError, match="did you mean 'order_count'"):
            by_segment("order_cuont", SHOP, period=MARCH, by=COUNTRIES)
        with pytest.raises(InvalidTypeError, match=r"takes a metric of the catalog.*got compare.*shops_by"):
            by_segment(compare, SHOP, period=MARCH, by=COUNTRIES)
        with pytest.raises(InvalidTypeError, match="got 5"):
            by_segment(5, SHOP, period=MARCH, by=COUNTRIES)

    def test_shop_and_period(self):
        with pytest.raises(InvalidTypeError, match="by_segment takes a Shop"):
            by_segment("order_count", ORDERS, period=MARCH, by=COUNTRIES)
        with pytest.raises(InvalidTypeError, match="period must be a Period"):
            by_segment("order_count", SHOP, period=[MARCH], by=COUNTRIES)

    def test_by(self):
        with pytest.raises(MissingRecordsError, match="by_segment: by='country'"):
            retention(by="country")
        with pytest.raises(InvalidValueError, match="did you mean 'country'"):
            by_segment("order_count", WHOLE, period=QUARTER, by="contry")
        with pytest.raises(InvalidTypeError, match="by must be a name"):
            retention(by=None)
        with pytest.raises(InvalidTypeError, match="something with a hash"):
            retention(by={"ann": []})

    def test_options(self):
        with pytest.raises(InvalidTypeError, match="options must be a mapping of keywords"):
            retention(options=["within"])
        with pytest.raises(TypeError, match="has no keyword wihtin; did you mean 'within'"):
            by_segment(
                "second_purchase_rate",
                SHOP,
                period=MARCH,
                by=COUNTRIES,
                options={"wihtin": timedelta(days=5)},
            )
        with pytest.raises(TypeError, match="order_count has no keyword inactive_after"):
            by_segment("order_count", SHOP, period=MARCH, by=COUNTRIES, options={"inactive_after": 5})
        with pytest.raises(
            InvalidValueError,
            match=r"by_segment: answer_share needs kind=; give it as options=\{'kind': \.\.\.\}",
        ):
            by_segment("answer_share", WHOLE, period=QUARTER, by="country")

    def test_missing_records(self):
        with pytest.raises(MissingRecordsError, match=r"cart_recovery_rate.*give Shop\(checkouts="):
            by_segment("cart_recovery_rate", SHOP, period=MARCH, by=COUNTRIES)
        with pytest.raises(MissingRecordsError, match=r"gross_margin_ratio.*Order\(cost="):
            by_segment("gross_margin_ratio", SHOP, period=MARCH, by=COUNTRIES)

    def test_no_such_group(self):
        with pytest.raises(InvalidValueError, match="no segment 'DEU' here; did you mean 'DE'"):
            retention()["DEU"]
        with pytest.raises(InvalidValueError, match="no segment None here; there are 'DE', 'AT', 'FR'"):
            retention().row(None)
        with pytest.raises(InvalidValueError, match="there are none"):
            by_segment("order_count", rt.Shop(), period=MARCH, by=COUNTRIES).compare("DE")
