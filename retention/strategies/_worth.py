"""What closing a gap may bring, and in which order to begin: both with the arithmetic that leads there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import evolve, field, frozen

from retention._mapping import FrozenMapping
from retention.catalog import METRICS
from retention.results import Interval, Mean, Ratio, as_text
from retention.strategies._audiences import Audience
from retention.strategies._findings import Finding
from retention.strategies._lifetimes import (
    LIFETIME,
    Lifetime,
    is_year,
    lifetime_of_customer,
    lifetime_of_subscriber,
)
from retention.strategies._model import Effort
from retention.strategies._room import YEAR
from retention.strategies._rules import Rule
from retention.strategies._signals import LEAVING, NEWCOMERS_OF_DAYS
from retention.strategies.economics import Economics

__all__ = [
    "OUTLOOK_HORIZON",
    "Base",
    "Figures",
    "NoValue",
    "Priority",
    "ValueAtStake",
    "priority_of",
    "value_of_gap",
]

_WORK: FrozenMapping[Effort, int] = FrozenMapping({"low": 1, "medium": 2, "high": 3})
_RANGE = "what each is worth is known, so that the range is that of the figure alone"
_SMALL = 0.01
OUTLOOK_HORIZON = "within the outlook's horizon"
_ALL_ELSE = "nothing else changes"
_REVENUE = "It is revenue, before what the goods and the work cost"
_PROFIT = "It is profit, after what the goods cost and before what the work does, in today's money"


@frozen(kw_only=True)
class ValueAtStake:
    """What it may bring to close a gap, from one end of the figure's interval to the other.

    Attributes:
        low: At the end of the interval that is nearest to the threshold.
        value: At the figure as it stands.
        high: At the other end.
        currency: The currency, or None where the shop has not said it.
        per: The time in which it would come, such as ``"a year"``.
        arithmetic: How `value` comes about.
        assumptions: What it takes for granted; each is a way in which it may be wrong.
        is_profit: Whether it is what is left after costs, of all the years that the customers stay, or as far as an
            outlook looks ahead; else it is revenue.
        no_profit_because: Why it is revenue although the shop's economics were given; None where they were not.
        replacement_cost: What it would cost to win as many new customers instead; None where that is not known.

    .. versionadded:: 0.1
    """

    low: Decimal
    value: Decimal
    high: Decimal
    currency: str | None
    per: str
    arithmetic: str
    assumptions: tuple[str, ...]
    is_profit: bool = False
    no_profit_because: str | None = None
    replacement_cost: Decimal | None = None

    @property
    def range(self) -> str:
        """From where to where, in whole units: nobody knows it to the cent."""
        unit = f" {self.currency}" if self.currency else ""
        return f"{round(self.low):,} to {round(self.high):,}{unit}"

    def __str__(self) -> str:
        """The amount with its range, in whole units."""
        unit = f" {self.currency}" if self.currency else ""
        return f"{round(self.value):,}{unit} {self.per} (from {round(self.low):,} to {round(self.high):,})"

    def explain(self) -> str:
        """The amount, its arithmetic, and what it takes for granted."""
        granted = "; that ".join(self.assumptions)
        kind = _PROFIT if self.is_profit else _REVENUE
        because = f", since {self.no_profit_because}" if self.no_profit_because else ""
        told = f"{self}: {self.arithmetic}. That takes for granted that {granted}. {kind}{because}."
        if self.replacement_cost is None:
            return told
        unit = f" {self.currency}" if self.currency else ""
        return f"{told} To win as many new customers would cost {round(self.replacement_cost):,}{unit}."

    def to_dict(self) -> dict[str, Any]:
        """Everything in one flat dictionary."""
        return {
            "low": self.low,
            "value": self.value,
            "high": self.high,
            "currency": self.currency,
            "per": self.per,
            "arithmetic": self.arithmetic,
            "assumptions": list(self.assumptions),
            "is_profit": self.is_profit,
            "no_profit_because": self.no_profit_because,
            "replacement_cost": self.replacement_cost,
        }


@frozen(kw_only=True)
class NoValue:
    """Why no money is put on a gap.

    Attributes:
        because: The reason.
    """

    because: str

    def __str__(self) -> str:
        return f"no amount, since {self.because}"


@frozen(kw_only=True)
class Priority:
    """How soon to begin: weight × severity × reach ÷ effort.

    Attributes:
        weight: How much the rule counts beside others.
        severity: How far the figure lies beyond its threshold, from 0 to 1.
        reach: Which part of those whom it is about the audience is; 1 where no audience is known.
        effort: How much work the strategy is: ``"low"`` counts 1, ``"medium"`` 2, ``"high"`` 3.

    .. versionadded:: 0.1
    """

    weight: float
    severity: float
    reach: float
    effort: Effort

    @property
    def value(self) -> float:
        """The priority; the higher, the sooner."""
        return self.weight * self.severity * self.reach / _WORK[self.effort]

    @property
    def arithmetic(self) -> str:
        """How it comes about."""
        return (
            f"{self.weight:g} weight × {self.severity:.2f} severity × {self.reach:.2f} reach ÷ {_WORK[self.effort]} "
            f"({self.effort} effort) = {self.in_short}"
        )

    @property
    def in_short(self) -> str:
        """The priority as people read it: three decimals, or two digits of what is smaller."""
        value = self.value
        return f"{value:.3f}" if value >= _SMALL or not value else f"{Decimal(f'{value:.2g}'):f}"

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return self.arithmetic


def priority_of(rule: Rule, severity: float | None, audience: Audience | None, effort: Effort) -> Priority:
    """The priority of a strategy for the sake of one rule."""
    return Priority(
        weight=float(rule.weight),
        severity=1.0 if severity is None else severity,
        reach=1.0 if audience is None else audience.reach,
        effort=effort,
    )


@frozen(kw_only=True)
class Figures:
    """What else it takes to put money on a gap.

    Attributes:
        period: The label of the period.
        per_order: What a purchase of the period brought, if known.
        per_customer: What a customer who bought in the year spent in it, if known.
        per_subscriber: What a subscriber pays a month, if known.
        days: How long the period is, in days.
        currency: The currency, or None.
        economics: What the shop earns and pays, if that was given.
        yearly_retention: Of those who bought in the year before the last, the share that bought in the last, if known.
        lost_subscribers: Of the subscribers of a quarter before, the share that has left, if known.
        stake: What it would add to keep for sure one of those who are likely leaving, by the outlook and as a mean, if
            one was given.
        stake_terms: On which terms the outlook reckons that, in words.
    """

    period: str
    per_order: Mean | None = None
    per_customer: Decimal | None = None
    per_subscriber: Mean | None = None
    days: int = YEAR
    currency: str | None = None
    economics: Economics | None = None
    yearly_retention: Ratio | None = None
    lost_subscribers: Ratio | None = None
    stake: Decimal | None = None
    stake_terms: str | None = None


@frozen(kw_only=True)
class Base:
    """What a gap is a share of, and what one of it is worth.

    Attributes:
        count: How many, or how much money.
        what: What they are, in words.
        each: What one of them is worth; None where the count is money.
        currency: The currency.
        per: The time in which that is earned.
        over_days: In how many days so many came, where that is not the time in which it is earned.
        assumed: What is taken for granted by it.
        lifetime: How the worth of one comes about where it is profit of a lifetime; else None.
        no_lifetime: Why it is none although the shop's economics are known.
        winning: What it costs to win one instead, if that is known.
    """

    count: int | Decimal
    what: str
    each: Decimal | None = None
    currency: str | None
    per: str
    over_days: int = YEAR
    assumed: tuple[str, ...] = field(default=())
    lifetime: str | None = None
    no_lifetime: str | None = None
    winning: Decimal | None = None

    @property
    def of_year(self) -> float:
        """How many come in a year for each who is counted."""
        return YEAR / self.over_days


def value_of_gap(
    rule: Rule, finding: Finding | None, audience: Audience | None, figures: Figures
) -> ValueAtStake | NoValue:
    """What it may bring to close the gap that the first condition of a rule has found.

    Args:
        rule: The rule.
        finding: What that condition came to.
        audience: Whom the strategy is for, if that is known.
        figures: What purchases, customers and subscribers bring.
    """
    gap = None if finding is None else finding.gap()
    if rule.worth is None:
        return NoValue(because="the rule does not say what money there is in it")
    if finding is None or gap is None:
        return NoValue(because="the gap is not known")
    base = _base(rule, finding, audience, figures)
    return base if isinstance(base, NoValue) else _valued(finding, gap, base)


def _valued(finding: Finding, gap: Interval, base: Base) -> ValueAtStake:
    point = _point(finding, gap)
    low, value, high = (_money(share, base) for share in (gap.low, point, gap.high))
    return ValueAtStake(
        low=low,
        value=value,
        high=high,
        currency=base.currency,
        per=base.per,
        arithmetic=_arithmetic(finding, point, base, value),
        assumptions=(_closed(finding), *base.assumed, _RANGE, _ALL_ELSE),
        is_profit=base.lifetime is not None,
        no_profit_because=base.no_lifetime,
        replacement_cost=None if base.winning is None else _money(point, evolve(base, each=base.winning)),
    )


def _point(finding: Finding, gap: Interval) -> float:
    """The gap of the figure as it stands; within the gap's interval, whatever rounding does."""
    moved = finding.comparison
    if moved is not None:
        size = abs(float(moved.difference or 0))
    else:
        size = abs((finding.value or 0.0) - (finding.threshold or 0.0))
    return min(max(size, gap.low), gap.high)


def _money(share: float, base: Base) -> Decimal:
    """A part of the base in money, to the cent."""
    amount = share * float(base.count) * base.of_year * (1.0 if base.each is None else float(base.each))
    return Decimal(f"{amount:.2f}")


def _arithmetic(finding: Finding, point: float, base: Base, value: Decimal) -> str:
    unit = f" {base.currency}" if base.currency else ""
    money = f"{as_text(value)}{unit}"
    if isinstance(finding.result, Mean):
        return f"{point:,.2f}{unit} × {base.count:,} {base.what} = {money}"
    share = f"{point * 100:.1f} points"
    if base.each is None:
        return f"{share} of {as_text(Decimal(base.count))}{unit} {base.what} are {money}"
    many, each = point * float(base.count), f"{as_text(_to_cent(base.each))}{unit}"
    are = f"{many:,.1f}"
    if base.over_days != YEAR:
        are = f"{are} in {base.over_days:,} days, and {many * base.of_year:,.1f} in a year; these"
    told = f"{share} of {base.count:,} {base.what} are {are} × {each} = {money}"
    return f"{told}, each worth {base.lifetime}" if base.lifetime else told


def _closed(finding: Finding) -> str:
    """That the gap is closed, and where the figure would then be."""
    if finding.comparison is not None:
        return "the figure gets back to what it was"
    published = finding.benchmark
    return "the whole gap is closed" + (f", up to {published.id}" if published is not None else "")


# ------------------------------------------------------------------------------------------- the base


def _base(rule: Rule, finding: Finding, audience: Audience | None, figures: Figures) -> Base | NoValue:
    """What the gap is a share of."""
    result = finding.result
    if isinstance(result, Mean):
        return _of_mean(result, figures)
    if not isinstance(result, Ratio) or not result.bounded:
        return NoValue(because="the figure is no share")
    if rule.worth in {"revenue", "recurring revenue"} and isinstance(result.denominator, Decimal):
        return _of_money(rule, result, figures)
    if isinstance(result.denominator, Decimal):
        return NoValue(because=f"the figure is a share of money, and not of {rule.worth}")
    if rule.worth == "customers" and figures.stake is not None and finding.condition.metric == LEAVING:
        return _of_outlook(result, figures, figures.stake)
    if rule.worth == "customers":
        # A signal looks back from the end, whatever the period; a metric tells who came in the period itself.
        days = figures.days if finding.condition.metric in METRICS else YEAR
        base = _of_customers(result, audience, figures, days)
        came_in = NEWCOMERS_OF_DAYS.get(finding.condition.metric)
        return base if came_in is None or isinstance(base, NoValue) else evolve(base, over_days=came_in)
    if rule.worth == "orders":
        brings = f"each order that is won brings what one of {figures.period} did as a mean"
        return _of_each(result, figures.per_order, _in(figures.period), ("order", "brings", brings))
    if rule.worth == "recurring revenue":
        brings = "each subscriber who is kept pays what subscribers pay as a mean"
        return _of_subscribers(result, figures, brings)
    return NoValue(because="the figure is no share of money")


def _of_mean(result: Mean, figures: Figures) -> Base | NoValue:
    if result.unit is None:
        return NoValue(because="the figure is no money")
    return Base(
        count=result.count,
        what=(*result.basis.counted, "counted", "counted")[1],
        currency=result.unit,
        per=_in(figures.period),
        assumed=("their number stays as it is",),
    )


def _of_money(rule: Rule, result: Ratio, figures: Figures) -> Base:
    per = "a month" if rule.worth == "recurring revenue" else _in(figures.period)
    what = (*result.basis.counted, "", "")[1] or "in all"
    return Base(
        count=result.denominator, what=what, currency=result.basis.currency or figures.currency, per=per
    )


def _of_customers(result: Ratio, audience: Audience | None, figures: Figures, days: int) -> Base | NoValue:
    own = audience.spend_each if audience is not None and not audience.has_left else None
    each = own or figures.per_customer
    if each is None:
        return NoValue(because="what a customer spends is not known in one currency")
    mean_of = "all customers" if own is None else "those of the audience"
    each_year = is_year(days)
    lifetime = lifetime_of_customer(
        each, figures.economics, figures.yearly_retention, days=days, unit=figures.currency
    )
    each = each if each_year else Decimal(f"{float(each) * days / YEAR:.2f}")
    time = "in a year" if each_year else f"in {days:,} days"
    base = Base(
        count=int(result.denominator),
        what=_counted(result, "customers"),
        each=each,
        currency=figures.currency,
        per="a year" if each_year else _in(figures.period),
        assumed=(
            f"each customer who is won spends as much {time} as the mean of {mean_of} who bought in the year",
            "they would spend nothing otherwise",
        ),
    )
    return _for_life(base, lifetime)


def _of_outlook(result: Ratio, figures: Figures, stake: Decimal) -> Base:
    """What the model that says who is leaving says of what they would bring, and not what they spent before."""
    terms = f", {figures.stake_terms}" if figures.stake_terms else ""
    return Base(
        count=int(result.denominator),
        what=_counted(result, "customers"),
        each=stake,
        currency=figures.currency,
        per=OUTLOOK_HORIZON,
        assumed=(
            "each customer who is won back stays for sure, and brings what the outlook then expects (value_if_kept)",
            "without it they bring what it expects of them as things are",
        ),
        lifetime=f"the mean of value_if_kept × (1 − P(alive)) of those who are likely leaving{terms}",
        winning=None if figures.economics is None else figures.economics.winning(figures.currency),
    )


def _for_life(base: Base, lifetime: Lifetime | str | None) -> Base:
    """The same with what one of it leaves over all the years, or with why that is not known."""
    if not isinstance(lifetime, Lifetime):
        return evolve(base, no_lifetime=lifetime)
    return evolve(
        base,
        each=lifetime.value,
        per=LIFETIME,
        assumed=(*base.assumed, lifetime.stays),
        lifetime=lifetime.arithmetic,
        winning=lifetime.winning,
    )


def _of_each(result: Ratio, mean: Mean | None, per: str, told: tuple[str, str, str]) -> Base | NoValue:
    """So many orders, or subscribers, of whom each brings the same.

    Args:
        result: The share of them.
        mean: What one brings, if known.
        per: The time in which it does.
        told: What one is called, what it does with money, and what is taken for granted of it.
    """
    what, verb, brings = told
    if mean is None or mean.value is None:
        article = "an" if what == "order" else "a"
        return NoValue(because=f"what {article} {what} {verb} is not known in one currency")
    return Base(
        count=int(result.denominator),
        what=_counted(result, f"{what}s"),
        each=mean.value,
        currency=mean.unit,
        per=per,
        assumed=(brings,),
    )


def _of_subscribers(result: Ratio, figures: Figures, brings: str) -> Base | NoValue:
    base = _of_each(result, figures.per_subscriber, "a month", ("subscriber", "pays", brings))
    if isinstance(base, NoValue):
        return base
    pays = base.each or Decimal(0)
    return _for_life(
        base,
        lifetime_of_subscriber(pays, figures.economics, figures.lost_subscribers, unit=base.currency),
    )


def _counted(result: Ratio, otherwise: str) -> str:
    """What the denominator counts."""
    counted = result.basis.counted
    return counted[1] if len(counted) > 1 else otherwise


def _in(period: str) -> str:
    return f"in a time like {period}"


def _to_cent(amount: Decimal) -> Decimal:
    return Decimal(f"{float(amount):.2f}")
