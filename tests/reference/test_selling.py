"""Discounted purchases and customers of several channels: the sample shop in pandas, intervals by statsmodels."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest
import statsmodels.formula.api as smf
from attrs import evolve
from statsmodels.stats.proportion import proportion_confint

import retention as rt
from retention.testing import sample_shop

MONTHS = [rt.Period.month(2026, month, tz="UTC") for month in range(1, 5)]


@pytest.fixture(scope="module")
def shop() -> rt.Shop:
    return sample_shop(customers=400)


@pytest.fixture(scope="module")
def purchases(shop: rt.Shop) -> pd.DataFrame:
    """One row a purchase, guests among them."""
    sales = pd.DataFrame(
        {
            "id": order.id,
            "customer": order.customer_id,
            "cluster": f"guest {order.id}" if order.customer_id is None else order.customer_id,
            "at": order.placed_at,
            "left": order.amount
            - sum(refund.amount for refund in order.refunds if refund.refunded_at <= shop.as_of),
            # Of some it is not known.
            "discounted": None if number % 7 == 3 else float(order.discount > 0),
            "channel": None if number % 5 == 2 else order.channel,
        }
        for number, order in enumerate(shop.orders)
        if not order.is_test
        and order.payment_state not in ("pending", "failed")
        and (order.cancelled_at is None or order.cancelled_at > shop.as_of)
        and not order.tags & {"exchange", "gift-card"}
        and order.placed_at <= shop.as_of
    )
    return sales[sales["left"] > 0]


@pytest.fixture(scope="module")
def told(shop: rt.Shop) -> rt.History:
    """The same orders, some of which tell less."""
    return rt.History(
        [
            evolve(
                order,
                discount=None if number % 7 == 3 else order.discount,
                channel=None if number % 5 == 2 else order.channel,
            )
            for number, order in enumerate(shop.orders)
        ],
        as_of=shop.as_of,
    )


def within(purchases: pd.DataFrame, period: rt.Period) -> pd.DataFrame:
    return purchases[(purchases["at"] >= period.start) & (purchases["at"] < period.end)]


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_discounted(told: rt.History, purchases: pd.DataFrame, month: rt.Period) -> None:
    known = within(purchases, month).dropna(subset="discounted")
    found = rt.discounted_order_rate(told, period=month)
    assert (found.numerator, found.denominator) == (known["discounted"].sum(), len(known))
    # With a constant alone, the sandwich of the residuals by cluster is the variance of the ratio estimator.
    groups = known["cluster"].astype("category").cat.codes
    fit = smf.ols("discounted ~ 1", known).fit(cov_type="cluster", cov_kwds={"groups": groups})
    assert found.sampling.variance() == pytest.approx(fit.cov_params().iloc[0, 0], rel=1e-9)
    share = known["discounted"].mean()
    size = share * (1 - share) / fit.cov_params().iloc[0, 0]
    expected = proportion_confint(share * size, size, method="wilson")
    assert tuple(found.interval()) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("minimum", [2, 3])
@pytest.mark.parametrize(
    "period",
    [
        *MONTHS,
        rt.Period.between(datetime(2025, 7, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC), tz="UTC"),
    ],
    ids=str,
)
def test_on_several_channels(
    told: rt.History, purchases: pd.DataFrame, period: rt.Period, minimum: int
) -> None:
    named = within(purchases, period).dropna(subset=["customer", "channel"])
    channels = named.groupby("customer")["channel"].nunique()
    found = rt.multichannel_rate(told, period=period, minimum=minimum)
    several = int((channels >= minimum).sum())
    assert (found.numerator, found.denominator) == (several, len(channels))
    assert tuple(found.interval()) == pytest.approx(
        proportion_confint(several, len(channels), method="wilson"), rel=1e-9, abs=1e-12
    )


def test_the_shop_shows_something(told: rt.History) -> None:
    year = rt.Period.year(2025, tz="UTC")
    assert 0.05 < float(rt.discounted_order_rate(told, period=year)) < 0.6
    assert 0.05 < float(rt.multichannel_rate(told, period=year)) < 0.95
