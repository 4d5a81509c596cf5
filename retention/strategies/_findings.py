"""What the judging of a condition, and of a rule, comes to."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from attrs import frozen

from retention.benchmarks import Benchmark
from retention.catalog import Result
from retention.comparison import Comparison
from retention.results import Interval
from retention.strategies._conditions import Condition
from retention.strategies._distance import gap_of, severity_of_change, severity_of_level
from retention.strategies._rules import Rule

__all__ = ["Finding", "FindingOutcome", "Unknown", "Verdict", "VerdictOutcome"]

FindingOutcome: TypeAlias = Literal["holds", "fails", "unknown"]
VerdictOutcome: TypeAlias = Literal["recommended", "rejected", "skipped"]
Unknown: TypeAlias = Literal["no data", "too few", "not observable", "undefined", "refused", "not comparable"]
"""Why a condition can't be judged. Not comparable: two periods that were not watched on equal terms."""


@frozen(kw_only=True, repr=False)
class Finding:
    """What one condition came to, with the figure that it was judged on.

    Attributes:
        condition: The condition.
        outcome: ``"holds"``, ``"fails"`` or ``"unknown"``.
        result: The figure, or None where there is none.
        value: The figure as one number, a median for times; None where it has no value.
        interval: Its interval at the condition's confidence, or None where none is known.
        comparison: How it moved, where the condition is about a change.
        benchmark: The published figure that was the threshold, or None.
        sample: How many stand behind the figure, or None where that is not known, or it is a count itself.
        threshold: What it must lie above or below, or None for a change.
        unknown_because: Why it could not be judged, in a word or two: ``"no data"``, ``"too few"``,
            ``"not observable"``, ``"undefined"``, ``"refused"`` or ``"not comparable"``; None where it was.
        partial: The time that the figure is of was still running.
        why: What came out and why, in a plain sentence or two.

    .. versionadded:: 0.1
    """

    condition: Condition
    outcome: FindingOutcome
    result: Result | None = None
    value: float | None = None
    interval: Interval | None = None
    comparison: Comparison | None = None
    benchmark: Benchmark | None = None
    sample: int | None = None
    threshold: float | None = None
    unknown_because: Unknown | None = None
    partial: bool = False
    why: str

    @property
    def severity(self) -> float | None:
        """How bad it is, from 0 to 1, read off the near end of the interval; None unless the condition holds.

        Of a figure with two ends, such as a share: how far beyond the threshold it lies, as a part of the way to the
        worst end. Of one without: the part of it that lies beyond (1 − threshold / near end, or the other way
        round). Of a change: how large it is, as a part of what the figure was; of a score, as a part of the room that it
        had. Figures without an interval give the figure itself.
        """
        if self.outcome != "holds":
            return None
        return severity_of_change(self) if self.comparison is not None else severity_of_level(self)

    def gap(self) -> Interval | None:
        """How far the figure lies beyond the threshold, or how far it moved, from one end of the interval to the other.

        In the unit of the figure, never below 0; both ends are one where no interval is known. None where the condition
        could not be judged.
        """
        return None if self.outcome == "unknown" else gap_of(self)

    def explain(self) -> str:
        """What came out and why, how the figure came about, and what to mind of the published one."""
        from retention.display._names import printable

        return printable(" ".join(self._sentences()))

    def _sentences(self) -> Iterator[str]:
        from retention.display._text import with_minus

        yield self.why
        if self.result is not None and not isinstance(self.result, (int, Decimal)):
            yield with_minus(self.result.explain())
        if self.benchmark is not None:
            published = self.benchmark
            yield f"Published: {published.published} ({published.guide}). Mind: {published.id} applies to {published.applies_to}; {published.caution}."

    def to_dict(self) -> dict[str, Any]:
        """The finding as a plain dictionary, for JSON or a data frame."""
        interval, gap, moved = self.interval, self.gap(), self.comparison
        return {
            "metric": self.condition.metric,
            "condition": str(self.condition),
            "outcome": self.outcome,
            "value": self.value,
            "low": interval and interval.low,
            "high": interval and interval.high,
            "threshold": self.threshold,
            "benchmark": self.benchmark and self.benchmark.id,
            "change": None if moved is None or moved.difference is None else float(moved.difference),
            "verdict": moved and moved.verdict,
            "sample": self.sample,
            "severity": self.severity,
            "gap_low": gap and gap.low,
            "gap_high": gap and gap.high,
            "unknown_because": self.unknown_because,
            "partial": self.partial,
            "why": self.why,
        }

    def __str__(self) -> str:
        from retention.display._names import printable

        return printable(self.why)

    def __repr__(self) -> str:
        return f"<Finding: {self.condition}: {self.outcome}>"


@frozen(kw_only=True, repr=False)
class Verdict:
    """What a rule came to: recommended, rejected, or skipped with a reason.

    Attributes:
        rule: The rule.
        outcome: ``"recommended"``: all its conditions hold. ``"rejected"``: one fails, whatever is known of the others.
            ``"skipped"``: none fails, and one can't be judged, or what the rule requires is not there.
        findings: What each condition came to, in their order; none where what the rule requires is not there.
        lacking: What the rule requires and is not there, in words, or None.
        why: Why it came to that, in plain sentences.

    .. versionadded:: 0.1
    """

    rule: Rule
    outcome: VerdictOutcome
    findings: tuple[Finding, ...] = ()
    lacking: str | None = None
    why: str

    @property
    def leading(self) -> Finding | None:
        """What the first condition came to: it gives severity, gap and benchmark; None where none was judged."""
        return self.findings[0] if self.findings else None

    @property
    def severity(self) -> float | None:
        """That of the first condition, where the rule is recommended; else None."""
        leading = self.leading
        return leading.severity if leading is not None and self.outcome == "recommended" else None

    @property
    def skipped_because(self) -> Unknown | None:
        """In a word or two why it was skipped, that of its first condition without an answer; None where it was not."""
        if self.outcome != "skipped":
            return None
        for each in self.findings:
            if each.unknown_because is not None:
                return each.unknown_because
        return "no data"

    def explain(self) -> str:
        """The whole of it in plain sentences: what came of the rule, each finding with its figure, and the rule's reason."""
        from retention.display._names import printable
        from retention.strategies._whose_limit import whose_limit

        parts = [f"Rule {self.rule.id!r} for {self.rule.strategy}: {self.outcome}."]
        parts += [each.explain() for each in self.findings] or [self.why]
        if self.outcome == "recommended":
            parts += [
                f"Held against {whose_limit(self.rule, each)}"
                for each in self.findings
                if each.benchmark is None
            ]
            parts.append(self.rule.because)
        return printable(" ".join(parts))

    def to_dict(self) -> dict[str, Any]:
        """The verdict as a plain dictionary, its findings within, for JSON."""
        return {
            "rule": self.rule.id,
            "strategy": self.rule.strategy,
            "outcome": self.outcome,
            "severity": self.severity,
            "skipped_because": self.skipped_because,
            "lacking": self.lacking,
            "why": self.why,
            "because": self.rule.because,
            "findings": [each.to_dict() for each in self.findings],
        }

    def __str__(self) -> str:
        from retention.display._names import printable

        return printable(self.why)

    def __repr__(self) -> str:
        return f"<Verdict: {self.rule.id!r} {self.outcome}>"
