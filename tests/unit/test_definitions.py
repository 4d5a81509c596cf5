"""Vendors' definitions: each on data made so that it differs from the others, and what they say of themselves."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from decimal import Decimal

import pytest

import retention as rt
from retention.testing import make_orders

JUNE = rt.Period.month(2025, 6, tz="UTC")
AS_OF = datetime(2025, 7, 20, tzinfo=UTC)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(customer: str, amount: str | int, started: str, ended: str | None = None, **more: object):
    return rt.Subscription(
        **{
            "id": (customer, amount, started),
            "customer_id": customer,
            "amount": amount,
            "currency": "EUR",
            "interval": "month",
            "started_at": day(started),
            "ended_at": None if ended is None else day(ended),
            **more,
        }
    )


def rate(name: str, *subscriptions: rt.Subscription, period: rt.Period = JUNE, **reading: object) -> rt.Ratio:
    return rt.DEFINITIONS[name](subscriptions, period=period, **{"as_of": AS_OF, **reading})


STAYS = span("stays", 100, "2025-01-01")
LEAVES = span("leaves", 50, "2025-01-01", "2025-06-10")
BACK = (span("back", 30, "2025-01-01", "2025-06-05"), span("back", 30, "2025-06-15"))
RETURNS = (span("returns", 40, "2025-01-01", "2025-03-01"), span("returns", 40, "2025-06-15"))
GUEST = span("guest", 20, "2025-06-03", "2025-06-24")
JOINS = span("joins", 70, "2025-06-11")

OF_CUSTOMERS = {
    # name: of those who leave / come back / return after long / join and leave / join, above and below the line
    "stripe_subscriber_churn_rate": ((1, 1), (1, 1), (0, 0), (1, 1), (0, 1)),
    "chartmogul_customer_churn_rate": ((1, 1), (0, 1), (0, 0), (0, 0), (0, 0)),
    "baremetrics_user_churn_rate": ((1, 1), (1, 1), (0, 0), (1, 0), (0, 0)),
    "maxio_subscriber_churn_rate": ((1, 1), (1, 1), (0, 0), (0, 0), (0, 0)),
    "cleeng_subscriber_churn_rate": ((1, 1), (0, 1), (0, 0), (0, 0), (0, 0)),
}
OF_MONEY = {
    "baremetrics_revenue_churn_rate": (50, 30, 0, 0, 0),
    "baremetrics_net_revenue_churn_rate": (50, 30, 0, 20, 0),
    "maxio_mrr_churn_rate": (50, 30, 0, 0, 0),
    "maxio_gross_mrr_churn_rate": (50, 30, 0, 0, 0),
    "maxio_net_mrr_churn_rate": (-50, 0, 40, 0, 0),
    "chartmogul_net_mrr_churn_rate": (50, 0, -40, 20, 0),
}
CASES = ((LEAVES,), BACK, RETURNS, (GUEST,), (JOINS,))
WORDS = ("who leaves", "who is back soon", "who returns after long", "who joins and leaves", "who joins")


@pytest.mark.parametrize("name", OF_CUSTOMERS)
@pytest.mark.parametrize("case", range(len(CASES)), ids=WORDS)
def test_where_each_customer_stands(name, case):
    figure = rate(name, STAYS, *CASES[case])
    above, below = OF_CUSTOMERS[name][case]
    assert (figure.numerator, figure.denominator) == (above, 1 + below)


@pytest.mark.parametrize("name", OF_MONEY)
@pytest.mark.parametrize("case", range(len(CASES)), ids=WORDS)
def test_where_each_amount_stands(name, case):
    figure = rate(name, STAYS, *CASES[case])
    at_start = 100 + sum(int(each.amount) for each in CASES[case] if each.started_at < JUNE.start) * (
        case < 2
    )
    assert (figure.numerator, figure.denominator) == (OF_MONEY[name][case], at_start)


def test_upgrades_and_downgrades():
    up = (span("up", 50, "2025-01-01", "2025-06-10"), span("up", 80, "2025-06-10"))
    down = (span("down", 100, "2025-01-01", "2025-06-12"), span("down", 60, "2025-06-12"))
    moved = {name: rate(name, *up, *down).numerator for name in OF_MONEY}
    assert moved == {
        "baremetrics_revenue_churn_rate": 40,
        "baremetrics_net_revenue_churn_rate": 10,
        "maxio_mrr_churn_rate": 0,
        "maxio_gross_mrr_churn_rate": 40,
        "maxio_net_mrr_churn_rate": -10,
        "chartmogul_net_mrr_churn_rate": 10,
    }
    assert all(rate(name, *up, *down).numerator == 0 for name in OF_CUSTOMERS)


def test_two_ends_of_one_customer():
    twice = (span("a", 10, "2025-01-01", "2025-06-03"), span("a", 10, "2025-06-05", "2025-06-10"))
    figure = rate("stripe_subscriber_churn_rate", *twice)
    assert (figure.numerator, figure.denominator) == (2, 1)  # each end counts
    assert not figure.bounded
    assert rate("baremetrics_user_churn_rate", *twice) == rt.Ratio(1, 1, bounded=False)


NET = {name: each for name, each in rt.DEFINITIONS.items() if each.metric == "net_revenue_churn_ratio"}
SAME_AT_BOTH_ENDS = {
    # who pays nothing at either end: words that must say why a figure is not 0
    "joined and left": (GUEST,),
    "joined and left, and more in between": (
        span("guest", 20, "2025-06-03", "2025-06-10", end_reason="plan_change"),
        span("guest", 50, "2025-06-10", "2025-06-24"),
    ),
    "came back after long and left": (
        span("back", 30, "2025-01-01", "2025-03-01"),
        span("back", 30, "2025-06-05", "2025-06-20"),
    ),
    "joined, left, came back and left": (
        span("guest", 20, "2025-06-03", "2025-06-10"),
        span("guest", 20, "2025-06-12", "2025-06-24"),
    ),
}
SAYS_WHY = {
    "chartmogul_net_mrr_churn_rate": ("joined and left within the period",),
    "baremetrics_net_revenue_churn_rate": (
        "joined and left within the period",
        "what customers bring who come back is not set against it",
    ),
}


@pytest.mark.parametrize("name", NET)
@pytest.mark.parametrize("case", SAME_AT_BOTH_ENDS)
def test_a_net_rate_is_0_where_nothing_has_changed_or_says_why(name, case):
    figure = rate(name, STAYS, *SAME_AT_BOTH_ENDS[case])
    told = f"{NET[name].differs}; {NET[name].unsaid}"
    reasons = SAYS_WHY.get(name, ())
    assert figure.denominator == 100
    assert figure.numerator == 0 or any(reason in told for reason in reasons)
    assert all(reason in told for reason in reasons)


def test_what_changes_of_new_customers_is_nothing_to_maxio_on_either_side():
    up = (
        span("n", 20, "2025-06-03", "2025-06-10", end_reason="plan_change"),
        span("n", 50, "2025-06-10"),
    )
    down = (span("m", 50, "2025-06-03", "2025-06-10", end_reason="plan_change"), span("m", 20, "2025-06-10"))
    again = (span("k", 20, "2025-06-03", "2025-06-10"), span("k", 20, "2025-06-12"))
    for name in ("maxio_net_mrr_churn_rate", "maxio_gross_mrr_churn_rate", "maxio_subscriber_churn_rate"):
        assert rate(name, STAYS, *up, *down, *again).numerator == 0


def test_who_comes_back_to_maxio_is_on_both_sides():
    back = span("back", 30, "2025-01-01", "2025-03-01")
    gone_again = (back, span("back", 30, "2025-06-05", "2025-06-20"))
    of = {name: rate(name, STAYS, *gone_again) for name in rt.DEFINITIONS if name.startswith("maxio")}
    assert {name: (figure.numerator, figure.denominator) for name, figure in of.items()} == {
        "maxio_subscriber_churn_rate": (1, 1),
        "maxio_mrr_churn_rate": (30, 100),
        "maxio_gross_mrr_churn_rate": (30, 100),
        "maxio_net_mrr_churn_rate": (0, 100),
    }
    assert not of["maxio_subscriber_churn_rate"].bounded


def test_nobody_loses_more_to_baremetrics_than_was_paid_at_the_start():
    grown = (
        span("a", 500, "2025-01-01", "2025-06-05", end_reason="plan_change"),
        span("a", 1379, "2025-06-05", "2025-06-20"),
    )
    figure = rate("baremetrics_revenue_churn_rate", *grown)
    assert figure == rt.Ratio(500, 500)
    assert figure.bounded
    net = rate("baremetrics_net_revenue_churn_rate", *grown)
    assert (net.numerator, net.denominator) == (500, 500)  # 1379 lost - 879 of expansion


@pytest.mark.parametrize(
    "name",
    [name for name, each in rt.DEFINITIONS.items() if each.inputs == "subscriptions" and not each.differs],
)
def test_what_does_not_differ_is_the_metric(name):
    subscriptions = [STAYS, LEAVES, *BACK, *RETURNS, GUEST, JOINS]
    subscriptions += [span("pauses", 10, "2025-01-01", pauses=[rt.Pause(started_at=day("2025-06-05"))])]
    metric = getattr(rt, rt.DEFINITIONS[name].metric)
    figure, ours = rate(name, *subscriptions), metric(subscriptions, period=JUNE, as_of=AS_OF)
    assert figure == ours
    assert figure.interval() == ours.interval()


def test_quick_ratio_leaves_who_returns_out():
    figure = rate("baremetrics_quick_ratio", LEAVES, *RETURNS, JOINS)
    assert (figure.numerator, figure.denominator) == (Decimal(70), Decimal(50))


def test_what_a_figure_says_of_itself():
    figure = rate("stripe_subscriber_churn_rate", STAYS, LEAVES)
    basis = figure.basis
    assert basis.metric == "stripe_subscriber_churn_rate"
    assert basis.counted == ("ends of paying in the period", "customers who paid at its start + new ones")
    assert any(line.startswith("Stripe Billing does not say everything: ") for line in basis.assumed)
    assert "1 ends of paying in the period of 2 customers who paid" in figure.explain()
    assert figure.interval().low == 0


def test_the_window_of_the_vendor():
    may, thirty_days = rt.Period.month(2025, 5, tz="UTC"), rt.Period.last(30, "day", as_of=AS_OF, tz="UTC")
    figure = rate("baremetrics_user_churn_rate", STAYS, period=may)
    assert "Baremetrics looks at 30 days, and 2025-05 has 31" in figure.assumed
    for period in (JUNE, thirty_days):
        assert not any(
            "looks at" in line for line in rate("baremetrics_user_churn_rate", STAYS, period=period).assumed
        )


@pytest.mark.parametrize(
    "name", [name for name, each in rt.DEFINITIONS.items() if each.inputs == "subscriptions"]
)
class TestEach:
    def test_nothing_below_the_line(self, name):
        figure = rate(name)
        assert figure.value is None
        assert str(figure.undefined_because).startswith(("there is no ", "there are no "))

    def test_a_base_that_nobody_has_seen(self, name):
        figure = rate(name, STAYS, LEAVES, observed_from=JUNE.start)
        assert not figure.observable
        assert "observed_from" in figure.undefined_because

    def test_a_shop_is_taken_as_well(self, name):
        shop = rt.Shop(subscriptions=[STAYS, LEAVES], as_of=AS_OF)
        assert rt.DEFINITIONS[name](shop, period=JUNE) == rate(name, STAYS, LEAVES)


@pytest.mark.parametrize("definition", rt.DEFINITIONS.values(), ids=list(rt.DEFINITIONS))
class TestKeywords:
    def test_one_that_only_metrics_have(self, definition):
        for name, value in {"bridge": None, "against": {JUNE: JUNE}, "inactive_after": None}.items():
            with pytest.raises(TypeError, match=f"{definition.id}: there is no keyword {name}="):
                definition([], period=JUNE, **{name: value})

    def test_a_slip_of_the_pen(self, definition):
        words = rf"did you mean 'as_of'\? how {definition.inputs} are read is said by aliases, as_of, convert, curr"
        with pytest.raises(TypeError, match=words):
            definition([], period=JUNE, asof=AS_OF)

    def test_every_one_of_the_reading(self, definition):
        keywords = {"as_of": AS_OF, "observed_from": None, "aliases": {"a": "b"}, "currency": "EUR"}
        assert definition([], period=JUNE, **keywords, convert=None).value is None


def test_two_currencies():
    francs = span("stays too", 10, "2025-01-01", currency="CHF")
    with pytest.raises(rt.MixedCurrencyError):
        rate("maxio_mrr_churn_rate", STAYS, francs)
    assert rate("maxio_subscriber_churn_rate", STAYS, francs).denominator == 2
    assert rate("maxio_mrr_churn_rate", STAYS, francs, currency="EUR").denominator == 100


@pytest.mark.parametrize("name", [name for name, each in rt.DEFINITIONS.items() if each.inputs == "orders"])
def test_definitions_of_shops(name):
    orders = make_orders(
        {"old": ["2025-05-01", "2025-06-05"], "new": ["2025-06-03", "2025-07-10"], None: ["2025-06-04"]}
    )
    figure = rt.DEFINITIONS[name](orders, period=JUNE, as_of=AS_OF)
    above = {"shopline_returning_customer_rate": 2, "repeat_customer_insights_repeat_purchase_rate": 0}
    assert (figure.numerator, figure.denominator) == (above.get(name, 1), 2)
    assert figure.basis.metric == name
    assert dict(figure.left_out) == {"guest": 1}


@pytest.mark.parametrize("definition", rt.DEFINITIONS.values(), ids=list(rt.DEFINITIONS))
def test_each_definition_says_where_it_is_from(definition):
    assert definition.metric in rt.METRICS
    assert definition.id.startswith(definition.vendor.split()[0].casefold())
    assert " / " in definition.counts
    assert definition.sources
    assert all(title and address.startswith("https://") for title, address in definition.sources)
    assert definition.read_on == "2026-11"


def test_of_two_formulas_the_title_says_which():
    titles = [each.title for each in rt.DEFINITIONS.values() if each.vendor == "ChartMogul"]
    assert len(titles) == 2
    assert all(title.endswith(" (standard formula)") for title in titles)


def test_definitions_are_plain_values():
    one = rt.DEFINITIONS["cleeng_subscriber_churn_rate"]
    assert "cleeng_subscriber_churn_rate" in repr(one)
    assert one != rt.DEFINITIONS["maxio_subscriber_churn_rate"]
    assert len({*rt.DEFINITIONS.values()}) == len(rt.DEFINITIONS)
    with pytest.raises(AttributeError):
        one.vendor = "somebody"
    for each in rt.DEFINITIONS.values():
        assert pickle.loads(pickle.dumps(each)) == each
