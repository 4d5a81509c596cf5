"""How many customers a test takes, how long it runs, and when it is looked at: from the shop's own records."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias, Unpack, cast

from attrs import field, frozen

from retention._calendar import as_words, from_microseconds, instant
from retention._power import Baseline, PlannedTest, customers_needed, detectable_uplift, power as power_of
from retention.errors import (
    ConflictingArgumentError,
    InvalidValueError,
    UndefinedMetricError,
    shown,
)
from retention.history import ReadingOptions
from retention.results import Mean, Ratio
from retention.shop import Orders, history_of
from retention.strategies._experiments_counting import (
    ExperimentMetric,
    check_metric,
    check_time,
    refuse_without_orders,
)
from retention.strategies._experiments_holdout import check_part
from retention.strategies._experiments_permutation import is_misled
from retention.strategies._experiments_rehearsal import Rehearsal, Rehearsed

__all__ = ["ExperimentPlan", "Participants", "plan_experiment"]

Participants: TypeAlias = Literal["customers", "newcomers"]
"""Whom a test is about: those whom the shop has, all assigned at once, or those who come, each assigned on arrival."""

_OWNER = "plan_experiment"
_YEAR = timedelta(days=365)
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_WEEKS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 26)
"""How long a test may be found to run; beyond half a year the shop is another."""
_LONG = timedelta(days=91)
_MOST_DAYS = 36_525
"""A century: no plan reaches beyond it."""
_FEW = 30
"""Customers who do something, in the smaller group: with fewer an interval of means is rough."""
_FEWEST = 4
"""Two in each group: a test of fewer shows nothing."""
_GREAT = _HALF = Fraction(1, 2)


@frozen(kw_only=True, repr=False)
class ExperimentPlan:
    """A test with a hold-out as it was planned before it began; made by `plan_experiment`, kept for the verdict.

    Attributes:
        metric: What is counted: ``"buyers"``, ``"orders"`` or ``"revenue"``, each per customer assigned.
        among: ``"customers"`` whom the shop has, or ``"newcomers"``, who are assigned as they come.
        baseline: What customers do without the measure.
        needed: How many customers the test takes, and what it shows then.
        holdout_share: Which part of them is held out.
        participants: The ids of the customers whom the shop could assign at once, in the order of their first purchases: for
            `assign_holdout`. Empty where they are not known, or of newcomers. Not part of `to_dict`.
        at_hand: How many they are; None where that is not known, or of newcomers.
        reachable: The smallest uplift that a test of all who are at hand is likely to show; None where that is not known.
        arrivals_per_day: How many newcomers came each day; None of customers whom the shop has.
        within: How long each customer is watched; None where it was not said.
        starts_at: When the first are assigned; None where it was not said.
        look_at: When the result is looked at, once; None where that can't be said.
        warnings: What speaks against the test as it is planned.
        assumed: What has to be taken for granted.

    .. versionadded:: 0.1
    """

    metric: ExperimentMetric
    among: Participants
    baseline: Ratio | Mean
    needed: PlannedTest
    holdout_share: Fraction
    at_hand: int | None = None
    reachable: PlannedTest | None = None
    arrivals_per_day: float | None = None
    within: timedelta | None = None
    starts_at: datetime | None = None
    look_at: datetime | None = None
    warnings: tuple[str, ...] = ()
    assumed: tuple[str, ...] = field(default=())
    participants: tuple[Hashable, ...] = field(default=(), eq=False)

    @property
    def in_test(self) -> int:
        """How many customers it takes in the test."""
        return self.needed.in_test

    @property
    def held_out(self) -> int:
        """How many it takes in the hold-out."""
        return self.needed.held_out

    @property
    def customers(self) -> int:
        """How many it takes in both."""
        return self.needed.customers

    @property
    def uplift(self) -> float:
        """What the measure is hoped to add, in the unit of the figure."""
        return self.needed.uplift

    @property
    def confidence(self) -> float:
        """That of the interval by which the test is judged."""
        return self.needed.confidence

    @property
    def duration(self) -> timedelta | None:
        """From the first assignment to the look; None where one of them is not known."""
        if self.look_at is None or self.starts_at is None:
            return None
        # In UTC: within one zone Python subtracts the readings of the clock, which may have been put back meanwhile.
        return self.look_at.astimezone(UTC) - self.starts_at.astimezone(UTC)

    @property
    def is_enough(self) -> bool | None:
        """Whether the customers at hand are as many as it takes; None where that is not known."""
        return None if self.at_hand is None else self.at_hand >= self.customers

    def __repr__(self) -> str:
        look = "no date" if self.look_at is None else f"look at {self.look_at:%Y-%m-%d}"
        return f"<ExperimentPlan on {self.metric}: {self.in_test:,} in the test, {self.held_out:,} held out, {look}>"

    def __str__(self) -> str:
        from retention.display._experiments import plan_as_text

        return plan_as_text(self)

    def explain(self) -> str:
        """The whole plan: the sentence, where its numbers come from, and what speaks against it."""
        from retention.display._experiments import plan_explained

        return plan_explained(self)

    def to_dict(self) -> dict[str, Any]:
        """The same as a flat dict of plain values, for JSON."""
        duration = self.duration
        return {
            "metric": self.metric,
            "among": self.among,
            "baseline": float(self.baseline),
            "uplift": self.uplift,
            "customers": self.customers,
            "in_test": self.in_test,
            "held_out": self.held_out,
            "holdout_share": float(self.holdout_share),
            "power": self.needed.power,
            "confidence": self.confidence,
            "at_hand": self.at_hand,
            "reachable_uplift": None if self.reachable is None else self.reachable.uplift,
            "arrivals_per_day": self.arrivals_per_day,
            "within_days": None if self.within is None else self.within / _DAY,
            "duration_days": None if duration is None else duration / _DAY,
            "starts_at": None if self.starts_at is None else self.starts_at.isoformat(),
            "look_at": None if self.look_at is None else self.look_at.isoformat(),
            "warnings": "; ".join(self.warnings),
        }


def plan_experiment(
    orders: Orders | Ratio | Mean,
    /,
    *,
    metric: ExperimentMetric | None = None,
    uplift: float | Decimal | Fraction | None = None,
    relative_uplift: float | Decimal | Fraction | None = None,
    within: timedelta | None = None,
    among: Participants = "customers",
    active_within: timedelta = _YEAR,
    holdout_share: float | Decimal | Fraction = 0.5,
    power: float = 0.8,
    confidence: float = 0.95,
    at: datetime | None = None,
    starts_at: datetime | None = None,
    **reading: Unpack[ReadingOptions],
) -> ExperimentPlan:
    """Whether a test with a hold-out can show what is hoped for: how many customers it takes, how long, and when to look.

    What customers do without the measure is read off the shop itself, by a rehearsal: those whom it would have assigned
    just so long ago, watched for as long as the test will last. Customers who bought nothing count, with a 0.

    A test among ``"customers"`` assigns all whom the shop has on one day. Without `within` it runs as many weeks, up to 26,
    as it takes for those at hand to be enough. One among ``"newcomers"`` assigns each with the first purchase, and watches
    for the further ones during `within`; how many come each day says how long it takes until they are enough.

    Args:
        orders: A `Shop`, or the orders or a `History` alone, for the rehearsal; or the figure of what customers do without the
            measure: a `Ratio` of customers, or a `Mean` per customer with its sums.
        metric: ``"buyers"``, the share of the customers who buy (the default), ``"orders"`` or ``"revenue"`` per customer.
        uplift: What the measure is hoped to add, in the unit of the figure: 0.03 is 3 points, 2 is 2 EUR. Say how long the
            test lasts with it.
        relative_uplift: The same as a part of what customers do without it: 0.1 is 10 % more. Give one of the two.
        within: How long each customer is watched. None searches for it, among customers.
        among: ``"customers"`` or ``"newcomers"``.
        active_within: A customer of the shop is who bought within this time. Of newcomers it is how far back is looked.
        holdout_share: Which part is held out. A half takes the fewest customers in all, and is the safest where a few spend
            much.
        power: How likely the uplift shall be seen if it is there.
        confidence: That of the interval by which the test will be judged.
        at: The end of the rehearsal; None means the data's `as_of`.
        starts_at: When the first are assigned; None means the end of the rehearsal, and is not known of a figure.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The plan.

    Raises:
        AsOfRequiredError: Neither `at` nor `as_of` is given.
        ConflictingArgumentError: Both uplifts are given, `at` lies after `as_of`, or a figure comes with what only records can
            tell or with the metric of another.
        InvalidTypeError: An argument is of the wrong type.
        InvalidValueError: A number is out of its domain, no uplift is given, or not how long newcomers are watched.
        MissingRecordsError: The shop has subscriptions and no orders, which alone are counted.
        MixedCurrencyError: It is about money, and that is in several currencies.
        NaiveDatetimeError: An instant has no zone.
        NotObservableError: The rehearsal reaches back before the data begin.
        UndefinedMetricError: Nobody would have been assigned, or all did the same.

    >>> import retention as rt
    >>> from datetime import UTC, datetime, timedelta, timezone
    >>> from retention.strategies import plan_experiment
    >>> monday = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> plan_experiment(rt.Ratio(200, 1000), uplift=0.05, within=timedelta(days=28), starts_at=monday)
    <ExperimentPlan on buyers: 1,094 in the test, 1,093 held out, look at 2026-03-30>

    References:
        Source SB8. Kohavi, Tang and Xu (2020), Trustworthy Online Controlled Experiments, ch. 2 and 17.

    .. versionadded:: 0.1
    """
    wish = _Wish(
        uplift=uplift,
        relative_uplift=relative_uplift,
        power=power,
        confidence=confidence,
        share=1 - check_part("holdout_share", holdout_share, owner=_OWNER),
    )
    within = None if within is None else check_time("within", within, owner=_OWNER)
    starts = None if starts_at is None else _in_its_zone(starts_at)
    if among not in ("customers", "newcomers"):
        msg = f"{_OWNER}: among must be 'customers' or 'newcomers' (got {shown(among)})"
        raise InvalidValueError(msg)
    if isinstance(orders, (Ratio, Mean)):
        _refuse_beside_a_figure(among=among, active_within=active_within, at=at, reading=reading)
        found = _metric_of_figure(orders, metric)
        return _plan_of_figure(orders, wish, metric=found, within=within, starts_at=starts)
    refuse_without_orders(orders, owner=_OWNER)
    rehearsal = Rehearsal.of(
        history_of(orders, **reading),
        at,
        check_metric("buyers" if metric is None else metric, owner=_OWNER),
        check_time("active_within", active_within, owner=_OWNER),
    )
    starts = from_microseconds(rehearsal.now) if starts is None else starts
    plan_of = _plan_of_newcomers if among == "newcomers" else _plan_of_customers
    return plan_of(rehearsal, wish, within, starts)


def _in_its_zone(starts_at: datetime) -> datetime:
    """The instant in the zone in which it was given, so that the days of the plan are those of the shop's calendar."""
    return instant(starts_at, owner=_OWNER, field="starts_at").astimezone(starts_at.tzinfo)


def _later(start: datetime, wait: timedelta) -> datetime | None:
    """So long after an instant, in its zone; None beyond the calendar."""
    try:
        return (start.astimezone(UTC) + wait).astimezone(start.tzinfo)
    except OverflowError:
        return None


@frozen(kw_only=True)
class _Wish:
    """What the test shall show, and how surely."""

    uplift: float | Decimal | Fraction | None
    relative_uplift: float | Decimal | Fraction | None
    power: float
    confidence: float
    share: Fraction

    def needed(self, baseline: Baseline) -> PlannedTest:
        return customers_needed(
            baseline,
            uplift=self.uplift,
            relative_uplift=self.relative_uplift,
            power=self.power,
            confidence=self.confidence,
            share=cast("float", self.share),
        )

    def has_room(self, baseline: Ratio | Mean) -> bool:
        """Whether so few do it anyway that the uplift can come on top; asked of uplifts that are relative."""
        most = 1 + Fraction(cast("Fraction", self.relative_uplift))
        return not isinstance(baseline, Ratio) or most * Fraction(baseline.numerator) < baseline.denominator

    def is_seen(self, baseline: Baseline, customers: int) -> bool:
        """Whether so many customers are enough."""
        if customers < _FEWEST:
            return False
        found = power_of(
            baseline,
            customers=customers,
            uplift=self.uplift,
            relative_uplift=self.relative_uplift,
            confidence=self.confidence,
            share=cast("float", self.share),
        )
        return found.power >= self.power

    def reachable(self, baseline: Baseline, customers: int, *, falls: bool) -> PlannedTest | None:
        """The smallest uplift that so many are likely to show; None where it is none."""
        try:
            return detectable_uplift(
                baseline,
                customers=customers,
                power=self.power,
                confidence=self.confidence,
                share=cast("float", self.share),
                falls=falls,
            )
        except (InvalidValueError, UndefinedMetricError):
            return None


# ------------------------------------------------------------------------------------------- of a figure


def _refuse_beside_a_figure(
    *, among: str, active_within: timedelta, at: object, reading: Mapping[str, object]
) -> None:
    """Refuse what only records can tell."""
    given = {
        "among": among != "customers",
        "active_within": active_within != _YEAR,
        "at": at is not None,
        **{name: value is not None for name, value in reading.items()},
    }
    for name, is_given in given.items():
        if is_given:
            msg = f"{_OWNER}: {name}= is about records, and a figure has none; give the shop instead of its figure"
            raise ConflictingArgumentError(msg)


def _metric_of_figure(figure: Ratio | Mean, given: object) -> ExperimentMetric:
    if isinstance(figure, Ratio):
        own: ExperimentMetric = "buyers"
        if figure.sampling != "independent" or not figure.bounded:
            msg = f"{_OWNER}: a Ratio must be a share of customers, such as Ratio(200, 1000) (got {figure!r})"
            raise InvalidValueError(msg)
    else:
        own = "orders" if figure.unit is None else "revenue"
    if given is not None and check_metric(given, owner=_OWNER) != own:
        msg = f"{_OWNER}: metric={shown(given)} contradicts the figure, which is one of {own!r}: {figure!r}"
        raise ConflictingArgumentError(msg)
    return own


def _plan_of_figure(
    baseline: Ratio | Mean,
    wish: _Wish,
    *,
    metric: ExperimentMetric,
    within: timedelta | None,
    starts_at: datetime | None,
) -> ExperimentPlan:
    needed = wish.needed(baseline)
    look_at = None if starts_at is None or within is None else _later(starts_at, within)
    return ExperimentPlan(
        metric=metric,
        among="customers",
        baseline=baseline,
        needed=needed,
        holdout_share=1 - wish.share,
        within=within,
        starts_at=starts_at,
        look_at=look_at,
        warnings=(
            *_beyond(None if starts_at is None else within, look_at),
            *_warnings(needed, baseline, within, within),
        ),
        assumed=(
            *needed.assumed,
            "the figure is of as long a time as the test lasts",
            *([_NOT_TOO_SKEWED] if isinstance(baseline, Mean) and wish.share != _HALF else []),
        ),
    )


# ---------------------------------------------------------------------------------------- of the records


def _plan_of_customers(
    rehearsal: Rehearsal, wish: _Wish, within: timedelta | None, starts_at: datetime
) -> ExperimentPlan:
    present = rehearsal.customers(rehearsal.end)
    at_hand = len(present)
    searched = within is None
    if within is None:
        _refuse_points(wish)
        within, rehearsed = _shortest(rehearsal, wish, at_hand)
    else:
        rehearsed = rehearsal.of_customers(within)
    baseline = rehearsed.figure
    needed = wish.needed(baseline)
    look_at = _later(starts_at, within)
    reachable = wish.reachable(baseline, at_hand, falls=needed.uplift < 0)
    return ExperimentPlan(
        metric=rehearsal.metric,
        among="customers",
        baseline=baseline,
        needed=needed,
        holdout_share=1 - wish.share,
        participants=tuple(rehearsal.columns.ids[who] for who in present),
        at_hand=at_hand,
        reachable=reachable,
        within=within,
        starts_at=starts_at,
        look_at=look_at,
        warnings=(
            *_beyond(within, look_at),
            *_too_few(at_hand, needed, searched=searched),
            *_warnings(needed, baseline, within, within),
            *_misled(needed, rehearsed, rehearsal.metric),
        ),
        assumed=(*needed.assumed, _AS_LATELY),
    )


def _plan_of_newcomers(
    rehearsal: Rehearsal, wish: _Wish, within: timedelta | None, starts_at: datetime
) -> ExperimentPlan:
    if within is None:
        msg = f"{_OWNER}: say how long each newcomer is watched, such as within=timedelta(days=90)"
        raise InvalidValueError(msg)
    rehearsed = rehearsal.of_newcomers(within)
    baseline = rehearsed.figure
    needed = wish.needed(baseline)
    rate = rehearsal.newcomers_per_day()
    days = math.ceil(needed.customers / rate) if rate else math.inf
    duration = timedelta(days=days) + within if days <= _MOST_DAYS else None
    look_at = None if duration is None else _later(starts_at, duration)
    return ExperimentPlan(
        metric=rehearsal.metric,
        among="newcomers",
        baseline=baseline,
        needed=needed,
        holdout_share=1 - wish.share,
        arrivals_per_day=rate,
        within=within,
        starts_at=starts_at,
        look_at=look_at,
        warnings=(
            *_beyond(duration, look_at),
            *([] if rate else ["nobody came in the time that was looked at, so that no end is in sight"]),
            *(
                []
                if days <= _MOST_DAYS or not rate
                else [f"it would take {days:,} days, so that no end is in sight"]
            ),
            *_warnings(needed, baseline, within, duration),
            *_misled(needed, rehearsed, rehearsal.metric),
        ),
        assumed=(*needed.assumed, _AS_LATELY, "newcomers go on coming at the rate at which they came"),
    )


_NOT_TOO_SKEWED = (
    "few do not do so much more than the others that a small hold-out misleads, which only records could show"
)
_AS_LATELY = "customers do what they did in the rehearsal, which was at another time of the year"


def _beyond(duration: timedelta | None, look_at: datetime | None) -> Iterator[str]:
    if duration is not None and look_at is None:
        yield f"it would end {as_words(duration)} after its beginning, which lies beyond the calendar"


def _refuse_points(wish: _Wish) -> None:
    if wish.uplift is not None and wish.relative_uplift is None:
        msg = f"{_OWNER}: uplift= is that of a test of a certain length; give within= with it, or relative_uplift= (0.1 is 10 % more)"
        raise InvalidValueError(msg)


def _shortest(rehearsal: Rehearsal, wish: _Wish, at_hand: int) -> tuple[timedelta, Rehearsed]:
    """The fewest weeks in which those at hand are enough; where they never are, the most weeks that were rehearsed."""
    found: tuple[timedelta, Rehearsed] | None = None
    refused: UndefinedMetricError | None = None
    for weeks in _WEEKS:
        try:
            rehearsed = rehearsal.of_customers(weeks * _WEEK)
        except UndefinedMetricError as error:
            refused = refused or error
            continue
        if found is not None and not wish.has_room(rehearsed.figure):
            break
        found = weeks * _WEEK, rehearsed
        if wish.is_seen(rehearsed.figure, at_hand):
            break
    if found is None:
        raise refused or UndefinedMetricError(_OWNER)
    return found


def _too_few(at_hand: int, needed: PlannedTest, *, searched: bool) -> Iterator[str]:
    if at_hand < needed.customers:
        longer = "even the longest test that was tried" if searched else "it"
        yield f"{longer} takes {needed.customers:,} customers, and {at_hand:,} are at hand"


def _warnings(
    needed: PlannedTest, baseline: Ratio | Mean, within: timedelta | None, duration: timedelta | None
) -> Iterator[str]:
    """What speaks against the test."""
    if duration is not None and duration > _LONG:
        yield f"it runs {as_words(duration)}: prices, seasons and customers change meanwhile"
    if within is not None and within % _WEEK:
        yield "each customer is watched for no whole number of weeks, and the days of the week differ"
    relative = needed.relative_uplift
    if relative is not None and abs(relative) >= _GREAT:
        yield f"an uplift of {relative:+.0%} is more than measures bring as a rule; a test made for it misses the usual ones"
    few = min(needed.in_test, needed.held_out)
    if isinstance(baseline, Mean) and few < _FEW:
        yield f"{few:,} customers in a group are few for a mean: whoever buys a lot decides it"


def _misled(needed: PlannedTest, rehearsed: Rehearsed, metric: ExperimentMetric) -> Iterator[str]:
    """Whether a few do so much that the interval of so unequal groups errs."""
    if metric != "buyers" and is_misled(rehearsed.skewness, (needed.in_test, needed.held_out)):
        do = "spend" if metric == "revenue" else "order"
        yield (
            f"a few {do} much (skewness {rehearsed.skewness:.1f}) and the groups are unequal, so that the interval alone would "
            "call chance real too often; the verdict asks a permutation as well, and sees the uplift less often than is "
            "planned here: hold out a half, or judge buyers"
        )
