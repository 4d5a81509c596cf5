"""What somebody who is won leaves over all the years, from what the shop earns and how many of its people stay."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from retention.formulas import scale_churn_rate
from retention.results import Ratio, as_text
from retention.strategies._economy import lifetime_margin
from retention.strategies._room import LOSS_DAYS, YEAR
from retention.strategies.economics import Economics

__all__ = ["ABOUT", "LIFETIME", "Lifetime", "is_year", "lifetime_of_customer", "lifetime_of_subscriber"]

LIFETIME = "over their lifetime"
_DAYS_A_MONTH = Fraction(365, 12)
ABOUT = 7
"""So many days more or less, and it is a year all the same."""
_FOR_EVER = "and nothing is discounted, so that they would stay for ever"


@frozen(kw_only=True)
class Lifetime:
    """What one leaves over all the years.

    Attributes:
        value: The amount, in today's money.
        arithmetic: How it comes about.
        stays: What is taken for granted of how long they stay.
        winning: What it costs to win one, if that is known.
    """

    value: Decimal
    arithmetic: str
    stays: str
    winning: Decimal | None


def lifetime_of_customer(
    spend: Decimal, economics: Economics | None, kept: Ratio | None, *, days: int, unit: str | None
) -> Lifetime | str | None:
    """What a customer leaves who is won; why that is not known; None where nobody asked.

    Args:
        spend: What such a customer spends in a year.
        economics: What the shop earns and pays, if that was given.
        kept: Of those who bought in the year before the last, the share that bought in the last, if known.
        days: How long the figure has watched them; a year, or it does not tell who has left.
        unit: The currency, or None.
    """
    if economics is None:
        return None
    if not is_year(days):
        return f"the figure is of {days:,} days, and who does not buy in so many has not left for good"
    if kept is None or kept.value is None:
        return (
            "how many customers stay from one year to the next is not known; that takes orders of two years"
        )
    stay = Fraction(kept.numerator) / Fraction(kept.denominator)
    if stay == 1 and not economics.discount_rate:
        return f"all customers stayed from one year to the next, {_FOR_EVER}"
    discount = Fraction(economics.discount_rate)
    return Lifetime(
        value=_worth(spend, economics, stay, discount),
        arithmetic=_arithmetic(spend, economics, (stay, discount), f"{_unit(unit)} a year"),
        stays="they stay from year to year as customers of the last two years did",
        winning=economics.winning(unit),
    )


def lifetime_of_subscriber(
    pays: Decimal, economics: Economics | None, lost: Ratio | None, *, unit: str | None
) -> Lifetime | str | None:
    """What a subscriber leaves who is kept; why that is not known; None where nobody asked.

    Args:
        pays: What a subscriber pays a month.
        economics: What the shop earns and pays, if that was given.
        lost: Of the subscribers of `LOSS_DAYS` before, the share that has left, if known.
        unit: The currency, or None.
    """
    if economics is None:
        return None
    if lost is None or lost.value is None:
        return "how many subscribers stay is not known"
    churn = scale_churn_rate(churn_rate=lost.value, from_days=LOSS_DAYS, to_days=_DAYS_A_MONTH)
    discount = Fraction((1 + float(economics.discount_rate)) ** (1 / 12) - 1)
    if not churn and not discount:
        return f"no subscriber left within {LOSS_DAYS} days, {_FOR_EVER}"
    stay = Fraction(1 - churn)
    return Lifetime(
        value=_worth(pays, economics, stay, discount),
        arithmetic=_arithmetic(pays, economics, (stay, discount), f"{_unit(unit)} a month"),
        stays=f"they stay from month to month as subscribers of the last {LOSS_DAYS} days did",
        winning=economics.winning(unit),
    )


def is_year(days: int) -> bool:
    """Whether it is a year, give or take a week."""
    return abs(days - YEAR) <= ABOUT


def _worth(brings: Decimal, economics: Economics, stay: Fraction, discount: Fraction) -> Decimal:
    """To the cent, which is more than anybody knows."""
    margin = Fraction(brings) * Fraction(economics.margin_rate)
    return Decimal(f"{float(lifetime_margin(margin, stay, discount)):.2f}")


def _arithmetic(brings: Decimal, economics: Economics, rates: tuple[Fraction, Fraction], per: str) -> str:
    stay, discount = map(float, rates)
    growth = f"{1 + discount:.6g}"
    earned = f"{as_text(Decimal(f'{float(brings):.2f}'))}{per} × {float(economics.margin_rate):.6g} margin"
    return f"{earned} × {growth} / ({growth} − {stay:.3f})"


def _unit(unit: str | None) -> str:
    return f" {unit}" if unit else ""
