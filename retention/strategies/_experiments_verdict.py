"""Did it work? A test with a hold-out, judged once, by all who were assigned."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias, Unpack, cast

from attrs import evolve, field, frozen

from retention._binomial import binomial_p_value
from retention._calendar import instant, microseconds
from retention._mapping import FrozenMapping
from retention._numerics import chi_squared_p_value
from retention.comparison import Comparison, compare
from retention.errors import (
    AsOfRequiredError,
    InvalidTypeError,
    InvalidValueError,
    UndefinedMetricError,
    shown,
)
from retention.history import ReadingOptions
from retention.results import Interval, Mean, Ratio
from retention.shop import Orders, history_of
from retention.strategies._experiments_bootstrap import bootstrap_bounds
from retention.strategies._experiments_counting import (
    Amounts,
    ExperimentMetric,
    figure_of,
    refuse_without_orders,
)
from retention.strategies._experiments_groups import IN_BOTH, Groups, Side, Sides, Terms, share_of
from retention.strategies._experiments_holdout import Holdout, check_part
from retention.strategies._experiments_permutation import is_misled, permutation_of, skewness
from retention.strategies._experiments_plan import ExperimentPlan
from retention.strategies._experiments_reach import mostly_not_written_to, narrowed_on_one_side

__all__ = ["ExperimentOutcome", "ExperimentVerdict", "SampleRatio", "evaluate_experiment"]

ExperimentOutcome: TypeAlias = Literal["real", "noise", "unknown", "mismatch", "too early"]
"""What a test comes to; `ExperimentVerdict.outcome` says when each is given."""

_OWNER = "evaluate_experiment"
_ALPHA = 0.001
_LABELS = ("the test", "the hold-out")
_FEW = 100
"""Expected in the smaller group: with fewer the χ² test finds mismatches up to 17 times as often as it says."""
_ROUNDING = 1e-12
_RESAMPLES = 1000
_FEWEST_RESAMPLES = 100
_MOST_RESAMPLES = 100_000
_SIDES: tuple[Side, Side] = ("test", "holdout")


def _count(ratio: object, of: Any, value: Any) -> None:
    del ratio
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"SampleRatio.{of.name} must be an int, not {type(value).__name__} (got {shown(value)}); it counts customers"
        raise InvalidTypeError(msg)
    if value < 0:
        msg = f"SampleRatio.{of.name} must not be negative (got {shown(value)}); it counts customers"
        raise InvalidValueError(msg)


def _to_share(share: float | Decimal | Fraction) -> Fraction:
    return check_part("holdout_share", share, owner="SampleRatio")


@frozen(kw_only=True)
class SampleRatio:
    """Whether the two groups are as large as the lot makes them; made by `evaluate_experiment`.

    Where they are not, customers were lost or added after the lot was drawn, or counted by another list, and what became
    of the groups says nothing of the measure.

    Attributes:
        held_out: Customers held out.
        treated: Customers in the test.
        holdout_share: Which part should have been held out.

    Raises:
        InvalidTypeError: A field is of another type.
        InvalidValueError: A field is out of its domain, or nobody is in either group.

    >>> from retention.strategies import SampleRatio
    >>> SampleRatio(held_out=420, treated=580, holdout_share=0.5).is_mismatch
    True

    .. versionadded:: 0.1
    """

    held_out: int = field(validator=_count)
    treated: int = field(validator=_count)
    holdout_share: Fraction = field(converter=_to_share)

    def __attrs_post_init__(self) -> None:
        if not self.held_out + self.treated:
            msg = "SampleRatio: nobody is in either group, so that there is no ratio (got 0 and 0)"
            raise InvalidValueError(msg)

    @property
    def expected(self) -> float:
        """How many should have been held out."""
        return float((self.held_out + self.treated) * self.holdout_share)

    @property
    def p_value(self) -> float:
        """How often the lot alone goes as far from the share: by the χ² test; where few are expected in a group, exactly."""
        customers, share = self.held_out + self.treated, self.holdout_share
        if customers * min(share, 1 - share) < _FEW:
            return binomial_p_value(self.held_out, customers, float(share))
        apart = self.held_out - customers * share
        return chi_squared_p_value(float(apart * apart / (customers * share * (1 - share))), 1)

    @property
    def is_mismatch(self) -> bool:
        """Whether that is rarer than one in a thousand, so that something other than the lot was at work."""
        return self.p_value < _ALPHA


@frozen(kw_only=True, repr=False)
class ExperimentVerdict:
    """What a test with a hold-out came to; made by `evaluate_experiment`.

    Attributes:
        metric: What was counted: ``"buyers"``, ``"orders"`` or ``"revenue"``, each per customer assigned.
        treated: The figure of all in the test; None where it is too early to look.
        held_out: That of all held out; None likewise.
        comparison: The difference of the two; None likewise. Where the groups are not what the lot made them it says nothing of
            the measure, and no property below repeats it.
        confidence: That of the interval by which is judged.
        until: Up to when orders were counted.
        look_at: From when on it may be looked at: the day planned, and not before all were watched for as long as was
            planned; None where there was no plan, or it had no day.
        sample_ratio: Whether the groups are as large as the lot makes them; None where the share is not known.
        bootstrap: The interval of the difference by resampling, a second opinion; None of shares, and where it was not made.
        permutation_p_value: How often the same customers, divided by lot again, differ as much: another second opinion, right
            however few spend however much, where the measure does nothing to anybody. None as `bootstrap` is.
        divisions: How many divisions that was looked at in.
        left_out: How many customers are in neither figure, by reason.
        cautions: What speaks against trusting the result.

    .. versionadded:: 0.1
    """

    metric: ExperimentMetric
    treated: Ratio | Mean | None
    held_out: Ratio | Mean | None
    comparison: Comparison | None
    confidence: float
    until: datetime
    look_at: datetime | None
    sample_ratio: SampleRatio | None
    bootstrap: Interval | None = None
    permutation_p_value: float | None = None
    divisions: int = 0
    left_out: Mapping[str, int] = field(default=FrozenMapping(), hash=False)
    cautions: tuple[str, ...] = ()

    @property
    def outcome(self) -> ExperimentOutcome:
        """What the test comes to.

        ``"too early"``: the day of the look has not come, and nothing is told, since who looks before sees uplifts that
        are none. ``"mismatch"``: the groups are not what the lot made them, so that the difference says nothing.
        ``"real"``: the interval of the difference does not hold 0, and where orders or revenue are judged, other divisions
        of the same customers seldom differ as much. ``"noise"``: one of the two says otherwise. ``"unknown"``: there is
        no interval.
        """
        if self.comparison is None:
            return "too early"
        if self.sample_ratio is not None and self.sample_ratio.is_mismatch:
            return "mismatch"
        if self.comparison.untested_because is not None:
            return "unknown"
        is_real = self._is_beyond_interval and self._is_beyond_permutation is not False
        return "real" if is_real else "noise"

    @property
    def _is_beyond_interval(self) -> bool:
        """Whether the interval alone would call the difference real."""
        return self.comparison is not None and 0 not in self.comparison.interval(self.confidence)

    @property
    def _is_beyond_permutation(self) -> bool | None:
        """Whether the permutation alone would; None where it was not made."""
        if self.permutation_p_value is None:
            return None
        return self.permutation_p_value <= 1 - self.confidence + _ROUNDING

    @property
    def uplift(self) -> float | None:
        """What the test has above the hold-out, per customer in the unit of the figure.

        None where it is too early, or the groups are not what the lot made them.
        """
        return None if self._told is None else float(self._told.difference or 0)

    @property
    def relative_uplift(self) -> float | None:
        """The same as a part of the hold-out's figure: 0.1 is 10 % more; None also where that figure is not above 0."""
        return None if self._told is None else self._told.relative_difference

    @property
    def p_value(self) -> float | None:
        """How often chance alone goes as far by the reckoning of `interval`; None as `uplift` is, and where it is untested.

        Of orders and revenue it is one of two that `outcome` asks; the other is `permutation_p_value`.
        """
        return None if self._told is None else self._told.p_value

    def interval(self) -> Interval:
        """The interval of the uplift.

        Raises:
            UndefinedMetricError: It is too early, the groups are not what the lot made them, or no interval is known; the
                message says why.
        """
        if self._told is None:
            from retention.display._experiments import untold

            raise UndefinedMetricError(untold(self))
        return self._told.interval(self.confidence)

    @property
    def total_uplift(self) -> float | None:
        """What the measure brought in all: the uplift times the customers in the test; None as `uplift` is."""
        return None if self.uplift is None else self.uplift * self._customers_in_test

    def total_interval(self) -> Interval:
        """The interval of `total_uplift`.

        Raises:
            UndefinedMetricError: As `interval` does.
        """
        each, n = self.interval(), self._customers_in_test
        return Interval(
            low=each.low * n,
            high=each.high * n,
            confidence=each.confidence,
            method=each.method,
            shown_as="+,.0f",
        )

    @property
    def _customers_in_test(self) -> int:
        return _size(self.treated)

    @property
    def _told(self) -> Comparison | None:
        """The difference, where it may be told."""
        return None if self.outcome == "mismatch" else self.comparison

    def __repr__(self) -> str:
        return f"<ExperimentVerdict on {self.metric}: {self.outcome}>"

    def __str__(self) -> str:
        from retention.display._experiments import verdict_as_text

        return verdict_as_text(self)

    def explain(self) -> str:
        """The sentence, what stands behind it, and what speaks against trusting it."""
        from retention.display._experiments import verdict_explained

        return verdict_explained(self)

    def to_dict(self) -> dict[str, Any]:
        """The same as a flat dict of plain values, for JSON."""
        interval = self.interval() if self.outcome in ("real", "noise") else None
        return {
            "metric": self.metric,
            "outcome": self.outcome,
            "treated": None if self.treated is None else float(self.treated),
            "held_out": None if self.held_out is None else float(self.held_out),
            "customers_treated": _size(self.treated),
            "customers_held_out": _size(self.held_out),
            "uplift": self.uplift,
            "relative_uplift": self.relative_uplift,
            "low": None if interval is None else interval.low,
            "high": None if interval is None else interval.high,
            "confidence": self.confidence,
            "p_value": self.p_value,
            "permutation_p_value": self.permutation_p_value,
            "total_uplift": self.total_uplift,
            "mismatch_p_value": None if self.sample_ratio is None else self.sample_ratio.p_value,
            "until": self.until.isoformat(),
            "look_at": None if self.look_at is None else self.look_at.isoformat(),
            "cautions": "; ".join(self.cautions),
        }


def _size(figure: Ratio | Mean | None) -> int:
    """How many customers a figure is of."""
    if figure is None:
        return 0
    return int(figure.denominator) if isinstance(figure, Ratio) else figure.count


def evaluate_experiment(
    orders: Orders,
    /,
    *,
    holdout: Holdout | Iterable[Hashable],
    treated: Iterable[Hashable] | None = None,
    assigned_at: datetime | Mapping[Any, datetime],
    until: datetime,
    metric: ExperimentMetric | None = None,
    plan: ExperimentPlan | None = None,
    within: timedelta | None = None,
    holdout_share: float | Decimal | Fraction | None = None,
    confidence: float | None = None,
    resamples: int = _RESAMPLES,
    seed: int = 0,
    **reading: Unpack[ReadingOptions],
) -> ExperimentVerdict:
    """What the measure did, beside those who were left alone: the uplift, how sure it is, and whether to trust it.

    Everyone counts who was assigned, in the group that the lot drew, whether the letter was opened or ever sent, and
    whether they bought or not (intention to treat); each from the assignment on, that instant included. To leave out who
    did not open it would compare eager customers with all.

    Shares of buyers are compared by Newcombe's interval, orders and revenue by Welch's. Where a few spend much and few are
    held out, the latter calls chance real two or three times as often as it says. So the same customers are divided by lot
    again and again, and orders and revenue count as really different only where the two agree; the bootstrap stands
    beside them. Half and half hardly loses by that, and a small hold-out sees less. Orders that were cancelled, or refunded in full, by `as_of` are no purchases, and revenue is net of refunds.

    Look once, on the day that was planned. Before it nothing is told.

    Args:
        orders: A `Shop`, or the orders or a `History` alone. `as_of` must be known.
        holdout: What `assign_holdout` drew; or the ids of those held out. Where `assign` chose among those whom the lot drew,
            give ``**week.experiment(strategy)`` (`Assignments.experiment`): only these were in line for it.
        treated: The ids of those in the test; needed beside ids. Beside a `Holdout` it is the test's own list, where that may
            differ from the one drawn.
        assigned_at: From when on orders count: one instant for all, or a mapping of ids to instants. A newcomer is assigned
            just after the first order, which else would count.
        until: Up to when they count, that instant excluded.
        metric: ``"buyers"`` (the default, unless a plan says otherwise), ``"orders"`` or ``"revenue"`` per customer.
        plan: What `plan_experiment` gave before the test began: the day of the look, the confidence, the share.
        within: Watch each customer for so long after the assignment. Those assigned too late for that are left out, of both
            groups alike. With a plan it is what the plan says.
        holdout_share: Which part was to be held out, where neither a `Holdout` nor a plan tells. Without it nobody can see
            whether the groups are what the lot made them.
        confidence: That of the interval; 0.95, unless a plan says otherwise.
        resamples: How often the bootstrap and the permutation draw, the latter more often where the confidence asks for it;
            0 leaves both out.
        seed: Of both.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The verdict.

    Raises:
        AsOfRequiredError: Nobody knows when the data were known.
        ConflictingArgumentError: A keyword contradicts the plan or the `Holdout`, or reading the data.
        InvalidTypeError: An argument is of the wrong type.
        InvalidValueError: A group is empty, a customer is in both or has no instant, `until` does not lie after the
            assignment, the shop knows none of the ids, or a number is out of its domain.
        MissingRecordsError: The shop has subscriptions and no orders, which alone are counted.
        MixedCurrencyError: It is about money, and that is in several currencies.
        NaiveDatetimeError: An instant has no zone.
        NotObservableError: Somebody was assigned before the data begin.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.strategies import evaluate_experiment
    >>> from retention.testing import make_orders
    >>> orders = make_orders({who: ["2026-03-05"] for who in range(60)})
    >>> verdict = evaluate_experiment(
    ...     orders,
    ...     holdout=range(40, 140),
    ...     treated=[*range(40), *range(140, 200)],
    ...     assigned_at=datetime(2026, 3, 1, tzinfo=timezone.utc),
    ...     until=datetime(2026, 4, 1, tzinfo=timezone.utc),
    ...     as_of=datetime(2026, 4, 1, tzinfo=timezone.utc),
    ... )
    >>> verdict.outcome, round(verdict.uplift, 2), round(verdict.p_value, 4)
    ('real', 0.2, 0.0021)

    References:
        Source SB8. Newcombe (1998), Statistics in Medicine 17, 873-890; Welch (1947), Biometrika 34, 28-35; Efron and
        Tibshirani (1993), An Introduction to the Bootstrap, ch. 13, and ch. 15 for permutations; Phipson and Smyth (2010),
        Statistical Applications in Genetics and Molecular Biology 9, article 39; Fabijan et al. (2019), KDD, 2156-2164, for
        sample-ratio mismatch.

    .. versionadded:: 0.1
    """
    terms = Terms.of(plan, metric=metric, confidence=confidence, within=within)
    end = instant(until, owner=_OWNER, field="until")
    draws = _Draws.of(resamples, seed)
    share = share_of(holdout, plan, holdout_share)
    history = history_of(orders, **reading)
    if history.as_of is None:
        msg = f"{_OWNER} needs as_of=, the instant at which the data were known: else nobody knows whether the test is over"
        raise AsOfRequiredError(msg)
    sides = Sides.of(holdout, treated, assigned_at, history.reading.aliases)
    refuse_without_orders(orders, owner=_OWNER)
    groups = Groups.of(orders, history, sides, end, terms.within)
    look_at = sides.look_at(plan)
    too_early = ExperimentVerdict(
        metric=terms.metric,
        treated=None,
        held_out=None,
        comparison=None,
        confidence=terms.confidence,
        until=end,
        look_at=look_at,
        sample_ratio=None if share is None else _ratio_of(sides, share),
    )
    if history.as_of < end or (look_at is not None and end < look_at):
        return too_early
    judged = _judged(evolve(too_early, left_out=groups.left_out), groups, plan, draws)
    if not isinstance(holdout, Holdout):
        return judged
    if treated is None:
        doubt = mostly_not_written_to(orders, sides, microseconds(end))
    else:
        doubt = narrowed_on_one_side(sides, holdout) if judged.outcome == "mismatch" else None
    return judged if doubt is None else evolve(judged, cautions=(doubt, *judged.cautions))


@frozen(kw_only=True)
class _Draws:
    """How the second opinions draw."""

    resamples: int
    seed: int

    @classmethod
    def of(cls, resamples: object, seed: object) -> _Draws:
        for name, value in (("resamples", resamples), ("seed", seed)):
            if isinstance(value, bool) or not isinstance(value, int):
                msg = f"{_OWNER}: {name} must be an int, not {type(value).__name__} (got {shown(value)})"
                raise InvalidTypeError(msg)
        draws = cls(resamples=cast("int", resamples), seed=cast("int", seed))
        if not (draws.resamples == 0 or _FEWEST_RESAMPLES <= draws.resamples <= _MOST_RESAMPLES):
            msg = (
                f"{_OWNER}: resamples must be 0, or lie between {_FEWEST_RESAMPLES} and {_MOST_RESAMPLES:,} "
                f"(got {shown(resamples)})"
            )
            raise InvalidValueError(msg)
        return draws


def _ratio_of(sides: Sides, share: Fraction) -> SampleRatio | None:
    """Of all who were assigned, those included who came too late to be watched."""
    if not sides.people:
        return None
    return SampleRatio(held_out=sides.size("holdout"), treated=sides.size("test"), holdout_share=share)


def _judged(
    verdict: ExperimentVerdict, groups: Groups, plan: ExperimentPlan | None, draws: _Draws
) -> ExperimentVerdict:
    """The verdict, now that it may be told."""
    amounts: dict[Side, Amounts] = {side: groups.amounts(side) for side in _SIDES}
    figures = {side: figure_of(verdict.metric, found) for side, found in amounts.items()}
    comparison = compare(figures["test"], figures["holdout"], labels=_LABELS)
    judged = evolve(
        verdict,
        treated=figures["test"],
        held_out=figures["holdout"],
        comparison=comparison,
    )
    if verdict.metric != "buyers" and judged.outcome in ("real", "noise"):
        judged = _with_second_opinions(judged, amounts, draws)
    return evolve(judged, cautions=(*judged.cautions, *_cautions(judged, groups, plan)))


def _with_second_opinions(
    verdict: ExperimentVerdict, amounts: Mapping[Side, Amounts], draws: _Draws
) -> ExperimentVerdict:
    """The verdict on means, with what resampling and dividing again say; or a word where that is missed."""
    treated, held_out = (amounts[side].of(verdict.metric) for side in _SIDES)
    if not draws.resamples:
        misled = is_misled(skewness([*treated, *held_out]), (len(treated), len(held_out)))
        return evolve(verdict, cautions=(_NOT_ASKED,)) if misled else verdict
    again = permutation_of(
        treated, held_out, confidence=verdict.confidence, resamples=draws.resamples, seed=draws.seed
    )
    return evolve(
        verdict,
        bootstrap=_bootstrap(verdict, amounts, draws),
        permutation_p_value=again.p_value,
        divisions=again.divisions,
    )


def _bootstrap(verdict: ExperimentVerdict, amounts: Mapping[Side, Amounts], draws: _Draws) -> Interval:
    treated, held_out = amounts["test"], amounts["holdout"]
    bounds = bootstrap_bounds(
        treated.of(verdict.metric),
        held_out.of(verdict.metric),
        confidence=verdict.confidence,
        resamples=draws.resamples,
        seed=draws.seed,
    )
    scale = treated.money.scale if verdict.metric == "revenue" else 1
    return Interval(
        low=bounds[0] / scale,
        high=bounds[1] / scale,
        confidence=verdict.confidence,
        method=f"percentile bootstrap, {draws.resamples:,} resamples, seed {draws.seed}",
        shown_as="+,.2f",
    )


_NOT_ASKED = "a few do much and one group is small, so that the interval alone calls chance real too often; give resamples="
_ONLY_INTERVAL = "the interval alone would call it real, as it does too often where a few do much and one group is small; hold out a half, or judge buyers"
_ONLY_DIVIDED = "other divisions of the same customers seldom differ as much, and yet the interval holds 0: a few who do much decide it"


def _cautions(verdict: ExperimentVerdict, groups: Groups, plan: ExperimentPlan | None) -> Iterator[str]:
    """What speaks against trusting the result."""
    divided = verdict._is_beyond_permutation  # noqa: SLF001 - its own module
    if divided is not None and divided != verdict._is_beyond_interval:  # noqa: SLF001 - likewise
        yield _ONLY_DIVIDED if divided else _ONLY_INTERVAL
    drawn = verdict.bootstrap
    if drawn is not None and (0 in drawn) != (0 in verdict.interval()):
        yield f"resampling the customers says otherwise ({drawn}): a few who spend much decide it"
    if verdict.sample_ratio is None:
        yield "which part was to be held out is not known, so that nobody sees whether the groups are what the lot made them"
    if groups.left_out.get(IN_BOTH):
        yield f"{groups.left_out[IN_BOTH]:,} people were in both groups under several ids, and are counted in neither"
    if groups.strangers and groups.has_customers:
        yield f"of {groups.strangers:,} customers assigned the shop has no record; they count with 0"
    if plan is None:
        yield "there is no plan, so that nobody sees whether this is the first look"
    elif groups.customers < plan.customers:
        yield f"{groups.customers:,} customers were counted where the plan asks for {plan.customers:,}, so that the uplift hoped for may be there and not be seen"
