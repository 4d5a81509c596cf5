"""What is recommended, with everything that speaks for it; and what is not, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

from attrs import evolve, field, frozen

from retention._calendar import Duration, as_words
from retention.benchmarks import BENCHMARKS, Benchmark, BenchmarkGap
from retention.catalog import METRICS
from retention.errors import shown
from retention.periods import Period
from retention.results import Mean, Ratio, Score
from retention.strategies._audiences import Audience
from retention.strategies._evidence import EVIDENCE
from retention.strategies._findings import Finding, Verdict
from retention.strategies._model import Effort, Evidence, Step, Strategy
from retention.strategies._readings import Reading
from retention.strategies._signals import SIGNALS
from retention.strategies._worth import Priority, ValueAtStake

__all__ = ["Recommendation", "Recommendations"]


@frozen(kw_only=True, repr=False)
class Recommendation:
    """A strategy that follows from the figures, and why.

    `print` shows it in a paragraph, and `explain()` tells the whole reasoning.

    Attributes:
        strategy: What to do.
        reasons: The rules that recommend it, the one with the highest priority first, each with its findings.
        audience: For whom it is; None where that is not known.
        no_audience_because: Why not, or None.
        value_at_stake: What it may bring; None where no money can be put on it.
        no_value_because: Why not, or None.
        priority: How soon to begin, with the arithmetic.
        urgent: Something is ill. False for an opportunity: nothing is, but this is worth trying.
        watch: The figure to watch afterwards.
        horizon: After how long to look again, or None where the rule does not say.
        overlaps_with: Ids of strategies that stand before it and do much of the same.
        period: The period whose figures were read.

    .. versionadded:: 0.1
    """

    strategy: Strategy
    reasons: tuple[Verdict, ...]
    audience: Audience | None
    no_audience_because: str | None = None
    value_at_stake: ValueAtStake | None
    no_value_because: str | None = None
    priority: Priority
    urgent: bool
    watch: str
    horizon: Duration | None
    overlaps_with: tuple[str, ...] = ()
    period: Period

    @property
    def title(self) -> str:
        """What the strategy is called."""
        return self.strategy.title

    @property
    def leading(self) -> Verdict:
        """The rule with the highest priority."""
        return self.reasons[0]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All figures that speak for it, each with its interval and what it was held against."""
        return tuple(each for reason in self.reasons for each in reason.findings)

    @property
    def effort(self) -> Effort:
        """How much work it is."""
        return self.strategy.effort

    @property
    def first_steps(self) -> tuple[Step, ...]:
        """The three steps to begin with."""
        return self.strategy.first_steps

    @property
    def evidence(self) -> tuple[Evidence | Benchmark, ...]:
        """What was published in favour of the strategy, each claim with its strength."""
        named = self.strategy.evidence
        return tuple(
            EVIDENCE[name] if name in EVIDENCE else BENCHMARKS[name]
            for name in named
            if name in EVIDENCE or name in BENCHMARKS
        )

    @property
    def benchmark_gaps(self) -> tuple[BenchmarkGap, ...]:
        """The figures that were held against a published one, each beside it."""
        return tuple(
            BenchmarkGap(result=each.result, benchmark=each.benchmark)
            for each in self.findings
            if each.benchmark is not None and isinstance(each.result, (Ratio, Mean, Score))
        )

    @property
    def watch_title(self) -> str:
        """The name of the figure to watch, as people read it; made as it was judged, where it is that one."""
        first = self.leading.rule.conditions[0]
        made = first.made if first.metric == self.watch else ()
        return ", ".join([_title_of(self.watch), *made])

    def to_dict(self) -> dict[str, Any]:
        """What people sort and filter by, in one flat dictionary; `Audience.ids` has the customers."""
        finding, value, audience = self.leading.leading, self.value_at_stake, self.audience
        interval = finding.interval if finding is not None else None
        return {
            "strategy": self.strategy.id,
            "title": self.title,
            "period": self.period.label,
            "urgent": self.urgent,
            "priority": self.priority.value,
            "weight": self.priority.weight,
            "severity": self.priority.severity,
            "reach": self.priority.reach,
            "effort": self.effort,
            "rules": [each.rule.id for each in self.reasons],
            "metric": finding.condition.metric if finding is not None else None,
            "value": finding.value if finding is not None else None,
            "value_low": interval.low if interval is not None else None,
            "value_high": interval.high if interval is not None else None,
            "threshold": finding.threshold if finding is not None else None,
            "benchmark": finding.benchmark.id if finding is not None and finding.benchmark else None,
            "audience": audience.id if audience is not None else None,
            "customers": len(audience) if audience is not None else None,
            "spend": audience.spend if audience is not None else None,
            "at_stake_low": value.low if value is not None else None,
            "at_stake": value.value if value is not None else None,
            "at_stake_high": value.high if value is not None else None,
            "at_stake_per": value.per if value is not None else None,
            "currency": value.currency if value is not None else None,
            "watch": self.watch,
            "look_again_after": as_words(self.horizon) if self.horizon is not None else None,
            "overlaps_with": list(self.overlaps_with),
            "first_steps": [step.text for step in self.first_steps],
            "why": " ".join(each.why for each in self.reasons),
        }

    def __str__(self) -> str:
        """What to do, why, for whom, and the first step."""
        from retention.display._strategies import recommendation_in_short

        return recommendation_in_short(self)

    def explain(self) -> str:
        """The whole reasoning, a line for each part: what was seen, why this follows, for whom, what it may bring, how."""
        from retention.display._strategies import recommendation_in_full

        return recommendation_in_full(self)

    def __repr__(self) -> str:
        kind = "urgent" if self.urgent else "opportunity"
        return f"<Recommendation: {shown(self.strategy.id)[1:-1]}, {kind}, priority {self.priority.in_short}>"


def _title_of(metric: str) -> str:
    if metric in METRICS:
        return METRICS[metric].title
    return SIGNALS[metric].title if metric in SIGNALS else metric.replace("_", " ").capitalize()


def _as_tuple(found: Iterable[Recommendation]) -> tuple[Recommendation, ...]:
    return tuple(found)


@frozen(kw_only=True, repr=False)
class Recommendations(Sequence[Recommendation]):
    """What to do next, the most pressing first; what is ill before what is an opportunity.

    A sequence; slices of it are such lists, too. It says as plainly what it does not recommend, and what it does not
    know: no strategy fits every business.

    Attributes:
        found: The recommendations.
        rejected: The rules that do not follow, each with the condition that failed, or with the strategy before it that
            contradicts it.
        skipped: The rules that can't be judged, each with the reason.
        period: The period whose figures were read.
        looked_at: The figures that were read.
        of_all: How many recommendations there are in all; more than there are in a slice.

    .. versionadded:: 0.1
    """

    found: tuple[Recommendation, ...] = field(converter=_as_tuple)
    rejected: tuple[Verdict, ...]
    skipped: tuple[Verdict, ...]
    period: Period
    looked_at: tuple[Reading, ...]
    of_all: int

    @overload
    def __getitem__(self, place: int) -> Recommendation: ...
    @overload
    def __getitem__(self, place: slice) -> Recommendations: ...
    def __getitem__(self, place: int | slice) -> Recommendation | Recommendations:
        """A recommendation by position, or a shorter list by slice."""
        return evolve(self, found=self.found[place]) if isinstance(place, slice) else self.found[place]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Recommendation]:
        return iter(self.found)

    @property
    def urgent(self) -> Recommendations:
        """Those of them that say that something is ill."""
        return evolve(self, found=tuple(each for each in self.found if each.urgent))

    @property
    def opportunities(self) -> Recommendations:
        """Those of them that say what is worth trying though nothing is ill."""
        return evolve(self, found=tuple(each for each in self.found if not each.urgent))

    @property
    def is_too_little_known(self) -> bool:
        """Nothing is recommended, and that is for want of data rather than because all is well.

        More rules could not be judged than could, since there is too little data for them. Rules about records that the
        shop does not have, such as subscriptions, don't count, unless nothing at all could be judged.
        """
        if self.of_all:
            return False
        return len(self._without_data) > len(self.rejected) or bool(self.skipped and not self.rejected)

    @property
    def _without_data(self) -> tuple[Verdict, ...]:
        """The rules that more data would tell of, of the kinds that the shop has."""
        few = ("too few", "undefined", "not observable")
        return tuple(each for each in self.skipped if each.skipped_because in few)

    @property
    def skipped_because(self) -> dict[str, int]:
        """How many rules were skipped for which reason."""
        return dict(Counter(each.skipped_because or "no data" for each in self.skipped))

    def to_dicts(self) -> list[dict[str, Any]]:
        """A flat dictionary for each recommendation, the most pressing first."""
        return [each.to_dict() for each in self.found]

    def __repr__(self) -> str:
        part = "" if len(self) == self.of_all else f"{len(self):,} of "
        return f"<Recommendations: {part}{self.of_all:,} for {self.period.label}, {len(self.rejected):,} rejected, {len(self.skipped):,} skipped>"

    def __str__(self) -> str:
        """The list as a table, and under it why."""
        from retention.display._strategies import recommendations_as_text

        return recommendations_as_text(self)

    def explain(self) -> str:
        """The whole reasoning for each of them; where there is none, why there is none."""
        from retention.display._strategies import recommendations_in_full

        return recommendations_in_full(self)
