"""What to do next: the rules asked, what follows ranked, what overlaps marked, what contradicts left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from statistics import fmean
from typing import TYPE_CHECKING, Any, Unpack

from attrs import evolve, frozen

from retention._calendar import microseconds
from retention._mapping import FrozenMapping
from retention._snapshot import Snapshot
from retention.catalog import Result
from retention.errors import InvalidTypeError, shown
from retention.history import ReadingOptions
from retention.metrics import customer_retention_rate
from retention.metrics._subscriptions import read_subscriber_churn_rate
from retention.periods import Period
from retention.results import Mean, Ratio
from retention.segments._lifecycle import OWN_RHYTHM
from retention.segments._rules import LifecycleRules
from retention.shop import Orders
from retention.strategies._audiences import AUDIENCES, Audience, audience_of
from retention.strategies._default_rules import DEFAULT_RULES
from retention.strategies._findings import Verdict
from retention.strategies._judge import judged
from retention.strategies._lifetimes import ABOUT
from retention.strategies._model import Strategy
from retention.strategies._recommendation import Recommendation, Recommendations
from retention.strategies._room import TWO_YEARS, YEAR, Room
from retention.strategies._rules import Rule, RuleSet
from retention.strategies._situation import Situation, readings_of
from retention.strategies._worth import (
    Figures,
    NoValue,
    Priority,
    ValueAtStake,
    priority_of,
    value_of_gap,
)
from retention.strategies.economics import Economics

if TYPE_CHECKING:
    from retention.predict.outlook import CustomerOutlook

__all__ = ["recommend"]

_NO_SHOP = "a snapshot has figures, and no customers"
_NOBODY = "it is done for nobody in particular, or for people who are not known"


def recommend(
    orders: Orders | Snapshot,
    /,
    *,
    period: Period | None = None,
    rules: RuleSet | Iterable[Rule] = DEFAULT_RULES,
    figures: Mapping[str, Result] = FrozenMapping(),
    options: Mapping[str, Mapping[str, Any]] = FrozenMapping(),
    lifecycle: LifecycleRules = OWN_RHYTHM,
    economics: Economics | None = None,
    outlook: CustomerOutlook | None = None,
    **reading: Unpack[ReadingOptions],
) -> Recommendations:
    """What to do next so that customers stay: the strategies that follow from a period's figures, and why.

    Each rule is judged on its figures, by their intervals, and comes to one of three: it recommends its strategy, it
    doesn't since a condition fails, or it can't be judged. What follows is ranked by weight × severity × reach ÷ effort,
    what is ill before what is an opportunity. Several rules for one strategy are one recommendation; a strategy that does
    much of what one before it does says so; one that contradicts one before it is left out. All changes that rules ask
    for are one family of tests, corrected together. Where nothing follows, it says so, and whether that is for want of
    data: no strategy fits every business.

    Args:
        orders: The orders, a `History` of them, a `Shop`, which may have records of other kinds, too; or a `Snapshot`,
            whose figures are then read, so that nothing is known of customers, and no audiences are found.
        period: The period; it may be left out of a snapshot, whose latest is then meant. Who the customers are, and what
            signals say, is as of its end, or of `as_of` where that comes first. Of a period that is still running, what
            has passed is judged, and each sentence says so.
        rules: The rules: a `RuleSet`, or several rules.
        figures: Results of the host's own that rules are about, by name.
        options: By metric, keywords that choose among its definitions, or that it must be told, as in `snapshot`; those
            of a rule go before them.
        lifecycle: How silences are judged: `OwnRhythm` or `FixedThresholds`.
        economics: Margin, discount rate and what a customer costs to win, where they are known. A customer who is kept is
            then worth the profit of all the years, instead of a year's revenue.
        outlook: What a model expects of the customers at the end of the period, from `customer_outlook`: who of the best
            is leaving. No model is fitted here, so that without one the rule about it is skipped.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The recommendations, ranked; with `Recommendations.rejected` and `Recommendations.skipped` for all other rules.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data, or is given with a snapshot; or the outlook is of another
            day.
        InvalidTypeError: `period` is none, or missing, `rules` are none, `economics` is no `Economics`, `outlook` is no
            `CustomerOutlook`, or a figure is no result.
        InvalidValueError: A rule is no good, no rule set has said that there is a figure of this name, or the outlook is
            of other customers.
        MixedCurrencyError: The outlook is in another currency than the orders.
        TypeError: `options` names a keyword that the metric does not have.
        UnknownMetricError: `options` names a metric that is unknown.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"]})
    >>> advice = rt.recommend(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    >>> len(advice), advice.is_too_little_known
    (0, True)

    References:
        Source A12: no strategy fits every business.

    .. versionadded:: 0.1
    """
    if economics is not None and not isinstance(economics, Economics):
        msg = f"economics must be an Economics, not {type(economics).__name__} (got {shown(economics)}); give Economics(margin_rate=0.4)"
        raise InvalidTypeError(msg)
    asked = rules if isinstance(rules, RuleSet) else RuleSet(rules, figures=tuple(figures))
    situation = readings_of(
        orders,
        rules=asked,
        period=period,
        figures=figures,
        options=options,
        lifecycle=lifecycle,
        outlook=outlook,
        **reading,
    )
    verdicts = [judged(rule, situation) for rule in asked.values()]
    adviser = _Adviser(situation=situation, economics=economics)
    kept, contradicted = _compatible(adviser.ranked(verdicts))
    return Recommendations(
        found=kept,
        rejected=(*(each for each in verdicts if each.outcome == "rejected"), *contradicted),
        skipped=tuple(each for each in verdicts if each.outcome == "skipped"),
        period=situation.period,
        looked_at=situation.looked_at,
        of_all=len(kept),
    )


@frozen(kw_only=True, eq=False, slots=False)
class _Adviser:
    """Makes recommendations of verdicts.

    Attributes:
        situation: The figures, and the shop.
        economics: What the shop earns and pays, if that was given.
    """

    situation: Situation
    economics: Economics | None = None

    def ranked(self, verdicts: Iterable[Verdict]) -> list[Recommendation]:
        """The recommendations, the most pressing first."""
        by_strategy: defaultdict[str, list[Verdict]] = defaultdict(list)
        for verdict in verdicts:
            if verdict.outcome == "recommended":
                by_strategy[verdict.rule.strategy].append(verdict)
        strategies = self.situation.rules.strategies
        found = [self._one(strategies[name], reasons) for name, reasons in by_strategy.items()]
        return sorted(found, key=lambda one: _place(one.urgent, one.priority, one.strategy.id))

    def _one(self, strategy: Strategy, verdicts: Sequence[Verdict]) -> Recommendation:
        """The recommendation of one strategy, for all the reasons that there are."""
        priorities = {each.rule.id: self._priority(each, strategy) for each in verdicts}
        reasons = sorted(
            verdicts, key=lambda each: _place(each.rule.urgent, priorities[each.rule.id], each.rule.id)
        )
        first = reasons[0].rule
        audience = self._audience(first.audience)
        value = self._value(reasons)
        return Recommendation(
            strategy=strategy,
            reasons=tuple(reasons),
            audience=audience if isinstance(audience, Audience) else None,
            no_audience_because=audience if isinstance(audience, str) else None,
            value_at_stake=value if isinstance(value, ValueAtStake) else None,
            no_value_because=value.because if isinstance(value, NoValue) else None,
            priority=priorities[first.id],
            urgent=first.urgent,
            watch=first.watched,
            horizon=first.horizon,
            period=self.situation.period,
        )

    def _priority(self, verdict: Verdict, strategy: Strategy) -> Priority:
        audience = self._audience(verdict.rule.audience)
        known = audience if isinstance(audience, Audience) else None
        return priority_of(verdict.rule, verdict.severity, known, strategy.effort)

    def _value(self, reasons: Iterable[Verdict]) -> ValueAtStake | NoValue:
        """What the first of the reasons that can be put into money may bring; else why the first can't."""
        found = [self._value_of(each) for each in reasons]
        return next((each for each in found if isinstance(each, ValueAtStake)), found[0])

    def _value_of(self, verdict: Verdict) -> ValueAtStake | NoValue:
        audience = self._audience(verdict.rule.audience)
        known = audience if isinstance(audience, Audience) else None
        return value_of_gap(verdict.rule, verdict.leading, known, self._figures)

    # ------------------------------------------------------------------------------------- the shop

    def _audience(self, name: str | None) -> Audience | str:
        """For whom a rule is; or why that is not known."""
        if name is None:
            return _NOBODY
        if name not in self._audiences:
            self._audiences[name] = self._found(name)
        return self._audiences[name]

    @cached_property
    def _audiences(self) -> dict[str, Audience | str]:
        return {}

    def _found(self, name: str) -> Audience | str:
        room, spec = self.situation.room, AUDIENCES[name]
        if room is None:
            return _NO_SHOP
        lacking = self.situation.lacks(spec.needs)
        if lacking is not None:
            return f"it needs {lacking}"
        found = audience_of(room, spec)
        return found if found.of_all else f"there is nobody known among the {spec.among}"

    @cached_property
    def _figures(self) -> Figures:
        room = self.situation.room
        per_customer = None
        if room is not None:
            active = room.buyers(YEAR)
            units, count = room.spent_by(active), active.count
            per_customer = room.amount(units // count) if count else None
        return Figures(
            period=self.situation.period.label,
            per_order=self._mean("average_order_value"),
            per_customer=per_customer,
            per_subscriber=self._mean("average_revenue_per_account_value"),
            days=round((self.situation.period.end - self.situation.period.start) / timedelta(days=1)),
            currency=None if room is None else room.currency,
            economics=self.economics,
            yearly_retention=None if room is None or self.economics is None else _from_year_to_year(room),
            lost_subscribers=None if room is None or self.economics is None else _lost_subscribers(room),
            stake=None if room is None or room.outlook is None else _mean_stake(room.outlook),
            stake_terms=None if room is None or room.outlook is None else room.outlook.terms,
        )

    def _mean(self, metric: str) -> Mean | None:
        figure = self.situation.figure(metric)
        return figure.result if figure is not None and isinstance(figure.result, Mean) else None


def _from_year_to_year(room: Room) -> Ratio | None:
    """Of those who bought in the year before the last, the share that bought in the last; None without orders of both.

    Of a base year that lies before the first order in part only the late ones are known, who stay oftener.
    """
    first = room.history.observed_from
    begins = min(room.here.first_at, default=room.here.now) if first is None else microseconds(first)
    if begins > room.before(TWO_YEARS - ABOUT):
        return None
    year = Period.between(room.at - timedelta(days=YEAR), room.at, tz=room.period.tz)
    return customer_retention_rate(room.history, period=year)


def _lost_subscribers(room: Room) -> Ratio | None:
    """Of the subscribers of a quarter before, the share that has left; None in a shop without subscriptions."""
    return read_subscriber_churn_rate(room.subscriptions_lately) if room.shop.subscriptions else None


def _mean_stake(outlook: CustomerOutlook) -> Decimal | None:
    """What it would add as a mean to keep for sure one of those who are likely leaving; None where there are none."""
    stakes = [outlook[each].at_stake for each in outlook.likely_leaving]
    return Decimal(f"{fmean(stakes):.2f}") if stakes else None


def _place(urgent: bool, priority: Priority, name: str) -> tuple[bool, float, str]:  # noqa: FBT001 - a sort key
    return not urgent, -priority.value, name


def _compatible(ranked: Iterable[Recommendation]) -> tuple[tuple[Recommendation, ...], tuple[Verdict, ...]]:
    """Those that go together, overlaps marked; and the rules of those that contradict one before them."""
    kept: list[Recommendation] = []
    contradicted: list[Verdict] = []
    for one in ranked:
        other = next((each for each in kept if _contradict(one.strategy, each.strategy)), None)
        if other is not None:
            contradicted += _left_out(one, other)
            continue
        overlaps = tuple(each.strategy.id for each in kept if _overlap(one.strategy, each.strategy))
        kept.append(evolve(one, overlaps_with=overlaps))
    return tuple(kept), tuple(contradicted)


def _contradict(one: Strategy, other: Strategy) -> bool:
    return other.id in one.contradicts or one.id in other.contradicts


def _overlap(one: Strategy, other: Strategy) -> bool:
    return other.id in one.overlaps or one.id in other.overlaps


def _left_out(one: Recommendation, other: Recommendation) -> Iterator[Verdict]:
    """The rules of a strategy as rejected, for the sake of one that stands before it."""
    for reason in one.reasons:
        why = (
            f"{reason.why} But what it would do, {one.title!r}, contradicts {other.title!r}, which stands before it; the two "
            "are not to be begun together."
        )
        yield evolve(reason, outcome="rejected", why=why)
