"""What the papers on the models published, to the digits that they give.

- BG/NBD: Fader, Hardie and Lee (2005), Marketing Science 24 (2), 275-284, table 1, and their notes 4 and 21.
- Pareto/NBD: the same paper's table 1; Fader and Hardie's note 9.
- Gamma-Gamma: Fader and Hardie (2013), note 25; Fader, Hardie and Lee (2005), Journal of Marketing Research 42 (4), 415-430.
- sBG: Fader and Hardie (2007), Journal of Interactive Marketing 21 (1), 76-90.
- BG/BB: Fader, Hardie and Shang (2010), Marketing Science 29 (6), 1086-1108, table 2.
- BTYD, the package of the same school for R: the figures in its manual.
"""

from __future__ import annotations

import pytest

from retention.predict import (
    BgBb,
    BgNbd,
    GammaGamma,
    ParetoNbd,
    Purchases,
    ShiftedBetaGeometric,
)
from tests.reference.cdnow_calibration import HOLD_OUT_WEEKS, cdnow_base, donors

HIGH_END = (1000, 869, 743, 653, 593, 551, 517, 491)
REGULAR = (1000, 631, 468, 382, 326, 289, 262, 241)
"""Of 1,000 new subscribers, those left after each of seven years."""


def to_digits(value: float, published: str) -> bool:
    """Whether the value, rounded to as many digits as the published one has, is that."""
    decimals = len(published.partition(".")[2])
    return f"{value:.{decimals}f}" == published


def assert_published(model: object, published: dict[str, str]) -> None:
    for name, figure in published.items():
        assert to_digits(getattr(model, name), figure), (name, getattr(model, name), figure)


@pytest.fixture(scope="module")
def bg_nbd() -> BgNbd:
    return BgNbd.fit(cdnow_base())


@pytest.fixture(scope="module")
def pareto_nbd() -> ParetoNbd:
    return ParetoNbd.fit(cdnow_base())


def test_the_sample_is_that_of_the_papers():
    base = cdnow_base()
    assert len(base) == 2357
    assert base.repeaters == 946
    assert sum(x * count for x, _, _, count in base.groups) == 2457
    first = base["0001"]
    assert first.frequency == 2
    assert to_digits(first.recency, "30.43")
    assert to_digits(first.age, "38.86")


def test_bg_nbd(bg_nbd):
    published = {"r": "0.243", "alpha": "4.414", "a": "0.793", "b": "2.426", "log_likelihood": "-9582.4"}
    assert_published(bg_nbd, published)


def test_bg_nbd_of_one_customer(bg_nbd):
    """The worked example of the spreadsheet: 1.226 purchases in the 39 weeks to come."""
    who = Purchases(frequency=2, recency=30.43, age=38.86)
    assert to_digits(bg_nbd.expected_purchases(who, horizon=HOLD_OUT_WEEKS).value, "1.226")


def test_pareto_nbd(pareto_nbd):
    published = {"r": "0.553", "alpha": "10.578", "s": "0.606", "beta": "11.669", "log_likelihood": "-9595.0"}
    assert_published(pareto_nbd, published)


def test_pareto_nbd_at_the_parameters_of_the_manual():
    model = ParetoNbd(r=0.55, alpha=10.56, s=0.61, beta=11.64, unit="week")
    assert to_digits(model.probability_alive(Purchases(0, 0.0, 39.0)).value, "0.2924031")
    assert model.probability_alive(Purchases(23, 39.0, 39.0)).value == 1
    published = (
        "0.05077821",
        "0.09916088",
        "0.14542507",
        "0.18979930",
        "0.23247466",
        "0.27361274",
        "0.31335159",
    )
    for weeks, figure in enumerate(published, start=1):
        assert to_digits(model.expected_purchases_of_newcomer(horizon=float(weeks)).value, figure)


def test_pareto_nbd_of_one_customer(pareto_nbd):
    """Customer 1516 of the master file, in the walk-through of BTYD."""
    assert pareto_nbd.expected_purchases_of_newcomer(horizon=52.0).value == pytest.approx(1.473, abs=0.001)
    who = Purchases(frequency=26, recency=30.86, age=31.0)
    assert pareto_nbd.expected_purchases(who, horizon=52.0).value == pytest.approx(25.46, abs=0.01)
    assert pareto_nbd.probability_alive(who).value == pytest.approx(0.9979, abs=0.0001)


def test_gamma_gamma():
    model = GammaGamma.fit(cdnow_base())
    assert_published(model, {"p": "6.25", "q": "3.74", "v": "15.44"})
    assert model.report.customers == 946


@pytest.mark.parametrize(
    "survivors, published",
    [
        (HIGH_END, {"alpha": "0.668", "beta": "3.806", "log_likelihood": "-1611.2"}),
        (REGULAR, {"alpha": "0.704", "beta": "1.182", "log_likelihood": "-1680.3"}),
    ],
    ids=["high-end", "regular"],
)
def test_sbg(survivors, published):
    assert_published(ShiftedBetaGeometric.fit(survivors, unit="year"), published)


def test_bg_bb():
    assert len(donors()) == 11_104
    published = {
        "alpha": "1.204",
        "beta": "0.750",
        "gamma": "0.657",
        "delta": "2.783",
        "log_likelihood": "-33225.6",
    }
    assert_published(BgBb.fit(donors()), published)


def test_bg_bb_of_one_supporter():
    """Ten years ahead, in the walk-through of BTYD: who never gave again, and who gave four times, last in the fifth year."""
    model = BgBb.fit(donors())
    for who, published in ((Purchases(0, 0.0, 6.0), 0.1302169), (Purchases(4, 5.0, 6.0), 3.627858)):
        assert model.expected_purchases(who, horizon=10.0).value == pytest.approx(published, rel=1e-4)
