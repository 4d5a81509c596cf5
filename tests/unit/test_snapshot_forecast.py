"""A forecast in a snapshot: shown below the figures, checked, and never made behind the host's back."""

from __future__ import annotations

import pickle

import attrs
import pytest

import retention as rt
from retention.testing import make_orders, sample_shop

SHOP = sample_shop(customers=600)
JUNE = rt.Period.month(2026, 6, tz="Europe/Berlin")
BASE = rt.repeat_purchases(SHOP, tz="Europe/Berlin")
FORECAST = rt.forecast_revenue(
    BASE, model=rt.MbgNbd.fit(BASE), spend=rt.GammaGamma.fit(BASE), horizon=4, steps=3
)


def test_it_stands_below_the_figures():
    plain = rt.snapshot(SHOP, period=JUNE)
    snap = rt.snapshot(SHOP, period=JUNE, forecast=FORECAST)
    assert plain.forecast is None
    assert snap.forecast is FORECAST
    text = str(snap)
    assert f"\n\nAHEAD\n{FORECAST}\n\n" in text
    assert text.replace(f"\n\nAHEAD\n{FORECAST}", "") == str(plain)
    assert snap.to_dicts() == plain.to_dicts()


def test_it_is_part_of_what_the_snapshot_is():
    snap = rt.snapshot(SHOP, period=JUNE, forecast=FORECAST)
    assert snap == rt.snapshot(SHOP, period=JUNE, forecast=FORECAST) != rt.snapshot(SHOP, period=JUNE)
    assert pickle.loads(pickle.dumps(snap)) == snap


def test_another_currency_is_refused():
    dollars = attrs.evolve(FORECAST, currency="USD")
    with pytest.raises(rt.MixedCurrencyError, match="forecast is in USD and the figures are in EUR"):
        rt.snapshot(SHOP, period=JUNE, forecast=dollars)
    unnamed = attrs.evolve(FORECAST, currency=None)
    assert rt.snapshot(SHOP, period=JUNE, forecast=unnamed).forecast is unnamed


@pytest.mark.parametrize("wrong", [3, "forecast", BASE])
def test_what_is_no_forecast_is_refused(wrong):
    orders = make_orders({"ann": ["2026-02-10", "2026-06-05"]})
    with pytest.raises(rt.InvalidTypeError, match="forecast must be what forecast_revenue gives"):
        rt.snapshot(orders, period=JUNE, forecast=wrong)
