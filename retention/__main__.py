"""``python -m retention``: a tour of the library on a small shop that never was."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import timedelta
from textwrap import fill

from attrs import evolve

import retention as rt
from retention.testing import SAMPLE_AS_OF, sample_shop

_TZ = "Europe/Berlin"


def tour() -> str:
    """What the tour prints."""
    records = sample_shop()
    shop = evolve(records, orders=records.history())  # read once, for all that follows
    last = rt.Period.last(1, "month", as_of=SAMPLE_AS_OF, tz=_TZ)
    months = rt.Period.last(4, "month", as_of=SAMPLE_AS_OF, tz=_TZ).split("month")
    latest = rt.snapshot(shop, period=last, metrics=_OF_A_MONTH)
    parts = [
        fill(f"{shop!r}, made for this tour, which shows some of {len(rt.METRICS)} metrics.", _WIDTH),
        f"One month, with intervals, beside the month before:\n\n{latest}",
        "What moved, and whether it is more than chance:",
        *(_paragraph(str(latest.change(metric))) for metric in _EXPLAINED),
        "Each figure says what it counted, and what it left out:",
        *(_paragraph(latest.figure(metric).explain()) for metric in _EXPLAINED),
        *_who_stays(shop),
        *_beside_orders(shop, last),
        f"Four months side by side:\n\n{rt.snapshot(shop, period=months, metrics=_OF_FOUR_MONTHS)}",
        *_what_to_do(shop),
        _NEXT,
    ]
    return "\n\n".join(parts)


def _who_stays(shop: rt.Shop) -> Iterator[str]:
    """Which customers stay, how soon they come back, and who is slipping away."""
    half_year = rt.Period.last(6, "month", as_of=SAMPLE_AS_OF, tz=_TZ)
    cohorts, _, _ = str(rt.cohort_table(shop, period=half_year, ages=6)).rpartition("\n\n")
    yield f"Do newer customers stay as well as older ones?\n\n{cohorts}"
    yield "How soon do new customers come back?"
    yield _paragraph(rt.second_purchase_curve(shop, period=half_year).explain())
    yield "Who is slipping away, the most urgent first?"
    yield from (_paragraph(customer.explain()) for customer in rt.at_risk_customers(shop)[:3])
    yield "Does it differ by country?"
    by_country = rt.by_segment("repeat_purchase_rate", shop, period=half_year, by="country")
    yield from (_paragraph(str(by_country.compare(country))) for country in by_country.segments[:1])


def _beside_orders(shop: rt.Shop, last: rt.Period) -> Iterator[str]:
    """A look into the other rooms."""
    year = rt.Period.last(12, "month", as_of=SAMPLE_AS_OF, tz=_TZ)
    carts = rt.cart_recovery_rate(
        shop, period=last.previous(), abandoned_after=timedelta(days=1), within=timedelta(days=7)
    )
    members = rt.compare_members(shop, period=year)
    spent = rt.returning_spend_ratio(shop, period=year)
    yield "Subscriptions: recurring revenue, and where it went:"
    yield _paragraph(str(rt.revenue_flow(shop, period=last)))
    yield "Carts that were left, and whose customers came back:"
    yield _paragraph(carts.explain())
    yield "Members of the loyalty programme against others, over a year:"
    yield _paragraph(str(members))
    yield "A figure beside a published one:"
    yield _paragraph(str(rt.benchmark(spent, against="B14")))


def _what_to_do(shop: rt.Shop) -> Iterator[str]:
    """What follows from the figures, for this shop, for one in which something is wrong, and for one customer."""
    quarter = rt.Period.last(3, "month", as_of=SAMPLE_AS_OF, tz=_TZ)
    yield f"What to do next, by the last quarter's figures?\n\n{rt.recommend(shop, period=quarter)[:3]}"
    year = rt.Period.last(12, "month", as_of=SAMPLE_AS_OF, tz=_TZ)
    ailing = rt.recommend(sample_shop(ailment="poor onboarding"), period=year)
    table, _, _ = str(ailing[:3]).rpartition("\n\n")
    yield f"The same shop, if the first order let most customers down, by the figures of a year:\n\n{table}"
    yield "Why the first of them?"
    told = (line for line in ailing[0].explain().splitlines() if line.partition(":")[0] in _TOLD)
    yield "\n".join(map(_paragraph, told))
    yield "And what to do with one customer?"
    yield _paragraph(str(rt.recommend_for("c0372", shop)))


def _paragraph(text: str) -> str:
    return fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")


_WIDTH = 100
_TOLD = ("Seen", "Why this follows", "For whom", "What it may bring", "Step 1", "Rank")
_EXPLAINED = ("customer_retention_rate", "average_order_value", "net_promoter_score")
_OF_A_MONTH = (
    "customer_flow",
    "new_customer_count",
    "customer_retention_rate",
    "repeat_purchase_rate",
    "order_count",
    "net_revenue",
    "refund_rate",
    "average_order_value",
    "purchase_frequency",
    "gross_margin_ratio",
    "returning_spend_ratio",
    "revenue_concentration_rate",
    "monthly_recurring_revenue",
    "subscriber_count",
    "subscriber_churn_rate",
    "net_revenue_retention_ratio",
    "cart_abandonment_rate",
    "loyalty_participation_rate",
    "referral_rate",
    "engagement_rate",
    "answered_rate",
    "sentiment_score",
    "net_promoter_score",
    "customer_satisfaction_score",
)
_OF_FOUR_MONTHS = (
    "customer_flow",
    "customer_retention_rate",
    "reactivation_rate",
    "order_count",
    "net_revenue",
    "average_order_value",
    "cross_sell_rate",
    "existing_customer_revenue_rate",
    "customer_lifetime_value",
    "revenue_flow",
    "gross_revenue_retention_rate",
    "quick_ratio",
    "mention_count",
    "net_promoter_score",
    "customer_effort_score",
)

_NEXT = """With your own rows:

  import retention as rt
  orders = rt.orders_from_records(rows, currency="EUR", tz="Europe/Berlin")
  month = rt.Period.month(2026, 3, tz="Europe/Berlin")
  print(rt.snapshot(orders, period=month))
  print(rt.recommend(orders, period=month))"""


def main() -> None:
    """Print the tour. Consoles that have no arrows and dashes show question marks for them."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    print(tour())


if __name__ == "__main__":
    main()
