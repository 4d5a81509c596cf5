"""Keywords of single metrics in a snapshot, and records of every kind."""

from __future__ import annotations

from datetime import timedelta

import pytest

import retention as rt
from retention.testing import SAMPLE_AS_OF, make_orders
from tests.shops import sampled

MAY = rt.Period.month(2026, 5, tz="UTC")
MARCH = rt.Period.month(2026, 3, tz="UTC")
SHOP = sampled(150)
WEEK = timedelta(days=7)


def snap(metric, **options):
    return rt.snapshot(SHOP, period=MARCH, metrics=[metric], options={metric: options} if options else {})


class TestWindows:
    @pytest.mark.parametrize(
        "metric", ["recovery_rate", "engagement_rate", "conversion_rate", "cart_recovery_rate"]
    )
    def test_one_of_the_hosts_replaces_the_usual_one(self, metric):
        usual, other = snap(metric), snap(metric, within=timedelta(days=3))
        assert dict(usual.figure(metric).options)["within"] != "3 days"
        assert dict(other.figure(metric).options)["within"] == "3 days"
        title = rt.METRICS[metric].title
        assert f"{title}: " in str(other)
        assert "within 3 days" in str(other)

    @pytest.mark.parametrize("metric", ["recovery_rate", "cart_recovery_rate"])
    def test_the_change_is_tested_by_that_definition(self, metric):
        options = {metric: {"within": WEEK}}
        changed = rt.snapshot(sampled(), period=MARCH, metrics=[metric], options=options)
        direct = {"recovery_rate": rt.recovery_rate, "cart_recovery_rate": rt.cart_recovery_rate}[metric]
        more = {} if metric == "recovery_rate" else {"abandoned_after": timedelta(days=1)}
        assert changed[metric] == direct(sampled(), period=MARCH, within=WEEK, **more)
        assert changed.change(metric).untested_because is None

    def test_where_the_shared_customers_are_known_for_the_usual_one_only(self):
        change = snap("net_promoter_score", kind="nps").change("net_promoter_score")
        assert change.untested_because == (
            "what the customers in both periods did is known for the usual definition only"
        )

    def test_no_window_where_there_usually_is_one(self):
        change = snap("conversion_rate", within=None).change("conversion_rate")
        assert change.untested_because == (
            "the contacts of 2026-02 have had longer to be answered, or to lead to an order"
        )

    def test_windows_that_are_not_over(self):
        figure = rt.snapshot(SHOP, period=MAY, metrics=["cart_recovery_rate"]).figure("cart_recovery_rate")
        assert figure.partial
        assert figure.unfair_because == (
            "not all that happened in 2026-05 has been watched for the whole window yet"
        )


class TestWhatMustBeTold:
    def test_is_left_out_unless_it_is(self):
        assert "customer_acquisition_cost" not in rt.snapshot(SHOP, period=MARCH)
        told = rt.snapshot(
            SHOP, period=MARCH, options={"customer_acquisition_cost": {"acquisition_spend": 300}}
        )
        assert told["customer_acquisition_cost"].total == 300
        assert "net_revenue" in told

    def test_what_was_spent_in_one_period_was_not_spent_in_the_other(self):
        metric = "customer_acquisition_cost"
        told = rt.snapshot(SHOP, period=MARCH, metrics=[metric], options={metric: {"acquisition_spend": 300}})
        before = told.figure(metric).before
        assert before.state == "undefined"
        assert before.undefined_because == (
            "acquisition_spend= of 2026-02 was not given; give {period: amount} for both periods"
        )
        spends = {MARCH: 300, MARCH.previous(): 200}
        both = rt.snapshot(
            SHOP, period=MARCH, metrics=[metric], options={metric: {"acquisition_spend": spends}}
        )
        assert [both[metric].total, both.figure(metric).previous.total] == [300, 200]

    def test_asked_for_alone_with_what_every_period_has(self):
        metric = "payback_months"
        given = {"acquisition_spend": {MARCH: 300}, "margin_rate": 0.4}
        told = rt.snapshot(SHOP, period=MARCH, metrics=[metric], options={metric: given})
        assert told[metric] == rt.payback_months(SHOP, period=MARCH, acquisition_spend=300, margin_rate=0.4)

    def test_one_amount_for_several_periods(self):
        metric = "customer_acquisition_cost"
        with pytest.raises(
            rt.InvalidValueError, match=r"needs acquisition_spend of each period, as \{period: amount"
        ):
            rt.snapshot(SHOP, period=[MARCH, MAY], options={metric: {"acquisition_spend": 300}})

    def test_none_is_no_amount(self):
        options = {"customer_acquisition_cost": {"acquisition_spend": None}}
        with pytest.raises(
            rt.InvalidTypeError, match="acquisition_spend must be a Decimal, a whole number or a numeral"
        ):
            rt.snapshot(SHOP, period=MARCH, options=options)

    def test_is_asked_for(self):
        with pytest.raises(
            rt.InvalidValueError, match=r"payback_months needs acquisition_spend=, margin_rate=; give"
        ):
            rt.snapshot(SHOP, period=MARCH, metrics=["payback_months"])


class TestBadOptions:
    def test_no_mapping(self):
        with pytest.raises(rt.InvalidTypeError, match=r"options must be a mapping such as"):
            rt.snapshot(SHOP, period=MARCH, options=["within"])
        with pytest.raises(rt.InvalidTypeError, match=r"options\['recovery_rate'\] must be a mapping"):
            rt.snapshot(SHOP, period=MARCH, options={"recovery_rate": WEEK})

    def test_no_such_metric(self):
        with pytest.raises(rt.UnknownMetricError, match="did you mean 'recovery_rate'"):
            rt.snapshot(SHOP, period=MARCH, options={"recovery_rte": {}})

    def test_no_such_keyword(self):
        with pytest.raises(
            TypeError, match=r"recovery_rate has no keyword withn; did you mean 'within'\? it takes"
        ):
            rt.snapshot(SHOP, period=MARCH, options={"recovery_rate": {"withn": WEEK}})
        with pytest.raises(TypeError, match=r"order_count has no keyword within; it takes none"):
            rt.snapshot(SHOP, period=MARCH, options={"order_count": {"within": WEEK}})

    def test_no_such_value(self):
        with pytest.raises(rt.InvalidValueError, match="within"):
            rt.snapshot(SHOP, period=MARCH, options={"recovery_rate": {"within": -WEEK}})


class TestWhatIsMissing:
    ORDERS = make_orders({"ann": ["2026-02-10", "2026-03-05"]})

    def test_is_named(self):
        missing = rt.snapshot(self.ORDERS, period=MARCH).missing
        assert missing["recovery_rate"] == "as_of"
        assert missing["cross_sell_rate"] == "Order.items"
        assert missing["gross_margin_ratio"] == "Order.cost"
        assert missing["quick_ratio"] == "subscriptions"
        assert missing["cart_recovery_rate"] == "checkouts"
        assert missing["loyalty_spend_ratio"] == "customers"

    def test_shows_itself(self):
        assert "'recovery_rate': 'as_of'" in repr(rt.snapshot(self.ORDERS, period=MARCH).missing)

    @pytest.mark.parametrize(
        "short, name", [("MRR", "monthly_recurring_revenue"), ("ltv", "customer_lifetime_value")]
    )
    def test_what_people_say_for_short(self, short, name):
        with pytest.raises(rt.UnknownMetricError, match=f"did you mean '{name}'"):
            rt.snapshot(SHOP, period=MARCH)[short]

    def test_customers_who_tell_nothing(self):
        shop = rt.Shop(orders=self.ORDERS, customers=[rt.Customer(id="ann")], as_of=MARCH.end)
        missing = rt.snapshot(shop, period=MARCH).missing
        assert missing["loyalty_spend_ratio"] == "Customer.loyalty_joined_at"
        assert missing["referral_rate"] == "Customer.referred_by"
        assert "recovery_rate" not in missing

    def test_one_field_of_several_is_enough(self):
        customers = [rt.Customer(id="ann", acquisition_channel="search")]
        shop = rt.Shop(orders=self.ORDERS, customers=customers, as_of=MARCH.end)
        assert rt.snapshot(shop, period=MARCH, metrics=["referral_rate"])["referral_rate"].value is None

    @pytest.mark.parametrize(
        "metric, words", [("recovery_rate", r"Shop\(as_of=\.\.\.\)"), ("gross_margin_ratio", r"Order\(cost")]
    )
    def test_asked_for_by_name(self, metric, words):
        with pytest.raises(rt.MissingRecordsError, match=words):
            rt.snapshot(self.ORDERS, period=MARCH, metrics=[metric])
        with pytest.raises(rt.MissingRecordsError, match=words):
            rt.snapshot(self.ORDERS, period=MARCH).figure(metric)


class TestFlowsOfRevenue:
    def test_stand_in_the_table_and_in_the_rows(self):
        found = rt.snapshot(SHOP, period=MAY, metrics=["revenue_flow", "monthly_recurring_revenue"])
        flow = found["revenue_flow"]
        assert found.figure("revenue_flow").value == flow.end == found["monthly_recurring_revenue"]
        assert f"{flow.start:,.0f} → {flow.end:,.0f}" in str(found)
        rows = {row["metric"]: row["value"] for row in found.to_dicts()}
        assert rows["revenue_flow.start"] == pytest.approx(float(flow.start))
        assert rows["revenue_flow.churned"] == pytest.approx(float(flow.churned))
        assert str(found.change("revenue_flow")).startswith("MRR at the end ")
        assert found.currency == "EUR"

    def test_of_a_period_that_nobody_has_seen(self):
        later = rt.Period.month(2027, 5, tz="UTC")
        found = rt.snapshot(SHOP, period=later, metrics=["revenue_flow"]).figure("revenue_flow")
        assert (found.state, found.value) == ("not observable", None)
        assert later.start > SAMPLE_AS_OF


def test_a_picture_can_be_asked_for():
    found = rt.snapshot(SHOP, period=MAY, metrics=["recurring_revenue_curve"])
    assert found.figure("recurring_revenue_curve").value is None
    assert found.to_dicts() == []


class TestTitles:
    """A title is true for every definition; which one was chosen stands in a line of its own."""

    @pytest.mark.parametrize(
        "metric, options, line",
        [
            ("second_purchase_rate", {}, "Second purchase in time: within 16 days, given repeaters."),
            (
                "second_purchase_rate",
                {"within": timedelta(days=60), "given": "all"},
                "Second purchase in time: within 60 days, given all.",
            ),
            ("revenue_concentration_rate", {"top": 0.1}, "Revenue from best customers: top 0.1."),
            ("loyalty_retention_rate", {"of": "others"}, "Loyalty retention rate: of others."),
            ("answered_rate", {"channel": "phone"}, "Answered rate: within 7 days, channel phone."),
        ],
    )
    def test_options_stand_below_the_table(self, metric, options, line):
        assert line in str(snap(metric, **options)).splitlines()
        by_segment = rt.by_segment(metric, SHOP, period=MARCH, by="country", options=options)
        assert line in str(by_segment).splitlines()

    def test_who_is_in_the_base_stands_in_its_own_line_only(self):
        found = rt.snapshot(
            SHOP, period=MARCH, metrics=["customer_retention_rate"], inactive_after=timedelta(days=90)
        )
        assert str(found).count("inactive_after") == 1
        assert "90 days" in str(found)

    def test_no_title_names_a_choice(self):
        """No number, no part of the customers that a keyword would change."""
        for spec in rt.METRICS.values():
            if spec.options:
                assert not set("0123456789") & set(spec.title.replace("1st", "").replace("2nd", "")), spec.id


class TestEqualTime:
    """The share of all new customers back within a time leaves out whoever has not been watched so long."""

    def second(self, shop=SHOP, period=MARCH, **options):
        metric = "second_purchase_rate"
        return rt.snapshot(shop, period=period, metrics=[metric], options={metric: options}).figure(metric)

    def test_of_those_back_the_earlier_month_has_had_longer(self):
        reason = "the customers of 2026-02 have had longer to come back"
        assert self.second(within=timedelta(days=60)).unfair_because == reason

    def test_of_all_the_change_is_tested_as_by_compare(self):
        options = {"within": timedelta(days=60), "given": "all"}
        found = self.second(**options)
        march, february = (
            rt.second_purchase_rate(SHOP, period=each, **options) for each in (MARCH, MARCH.previous())
        )
        direct = rt.compare(march, february)
        assert found.unfair_because is None
        assert found.change.interval() == direct.interval()
        assert found.change.p_value == direct.p_value

    def test_a_window_that_is_not_over(self):
        found = self.second(period=MAY, within=timedelta(days=45), given="all")
        assert found.unfair_because == (
            "not all that happened in 2026-05 has been watched for the whole window yet"
        )

    def test_with_little_past_more_of_the_earlier_look_new(self):
        shop = rt.Shop(
            orders=SHOP.orders, as_of=SAMPLE_AS_OF, observed_from=MARCH.previous().previous().start
        )
        found = self.second(shop, within=timedelta(days=60), given="all")
        assert found.unfair_because == (
            "less than a year is known of the time before 2026-02, so that more of its customers look new"
        )


class TestPictures:
    """What takes many lines by itself is one short line in a cell."""

    @pytest.mark.parametrize(
        "metric, cell",
        [
            ("second_purchase_curve", "median "),
            ("subscriber_curve", "median "),
            ("first_response_curve", "median "),
            ("lorenz_curve", "Lorenz curve of "),
            ("recurring_revenue_curve", " at the end"),
            ("cancellation_reason_share", "customer (50.0%)"),
        ],
    )
    @pytest.mark.parametrize("periods", [1, 3])
    def test_in_a_table(self, metric, cell, periods):
        months = rt.Period.last(periods, "month", as_of=MARCH.end, tz="UTC").split("month")
        text = str(rt.snapshot(sampled(), period=months, metrics=[metric]))
        [row] = [line for line in text.splitlines() if line.startswith(f"{rt.METRICS[metric].title}  ")]
        assert cell in row
        assert max(map(len, text.splitlines())) <= 120

    def test_a_median_that_is_not_reached(self):
        found = snap("resolution_curve", channel="phone")
        assert found["resolution_curve"].median is None or "median" in str(found)
        later = rt.snapshot(SHOP, period=MAY.next(), metrics=["second_purchase_curve"])
        assert "median not reached" in str(later)

    def test_revenue_that_did_not_change(self):
        span = rt.Subscription(
            id=1, customer_id="ann", started_at=MARCH.start, amount=9, currency="EUR", interval="month"
        )
        shop = rt.Shop(subscriptions=[span], as_of=SAMPLE_AS_OF)
        found = rt.snapshot(shop, period=MAY, metrics=["recurring_revenue_curve"])
        assert "9.00 at the end" in str(found)
