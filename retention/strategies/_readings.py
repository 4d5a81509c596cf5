"""What a condition is judged on: one figure, however it was come by, in all its states."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

from retention._snapshot import Figure
from retention.catalog import Result
from retention.comparison import Comparison
from retention.errors import RetentionError

if TYPE_CHECKING:
    from retention.strategies._conditions import Condition
    from retention.strategies._rules import Rule

__all__ = ["Reading", "Readings"]


@frozen(kw_only=True)
class Reading:
    """One figure as a rule sees it: what it came to, how it moved, or why there is none.

    Attributes:
        metric: Its name.
        title: The name that people read.
        period: The label of the time that it is of.
        result: What it came to, or None where it could not be had.
        change: How it moved against the period that the condition names, among all that is compared at once; None
            where nothing was compared.
        unit: What one unit of it is, such as ``"share of customers"`` or ``"EUR"``.
        sample: How many stand behind it, where the result itself does not know; None where it does, or nobody knows.
        observable: The data reach the time that it is about.
        undefined_because: Why there is no value, or None.
        error: What the metric raised instead of returning a result, or None.
        partial: The time that it is of was still running, or what came of the last of it was not known yet.
        is_over: That time has passed, so that only what came of the last of it was not known.
        unfair_because: Why the two figures of the change would not be compared on equal terms, or None.
        made: The keywords with which the condition asks for it, in words, such as ``"reason stock"``.
        lacking: What is not there, so that it could not be counted, such as ``"Shop(checkouts=...)"``; None where
            everything is.

    .. versionadded:: 0.1
    """

    metric: str
    title: str
    period: str
    result: Result | None = None
    change: Comparison | None = None
    unit: str = ""
    sample: int | None = None
    observable: bool = True
    undefined_because: str | None = None
    error: type[RetentionError] | None = None
    partial: bool = False
    unfair_because: str | None = None
    made: tuple[str, ...] = ()
    is_over: bool = False
    lacking: str | None = field(default=None)

    @classmethod
    def of_figure(
        cls, figure: Figure, change: Comparison | None = None, *, sample: int | None = None
    ) -> Reading:
        """A figure of a snapshot, with its change among all those of the snapshot."""
        return cls(
            metric=figure.metric,
            title=figure.title,
            period=figure.period.label,
            result=figure.result,
            change=change,
            unit=figure.unit,
            sample=sample,
            observable=figure.observable,
            undefined_because=figure.undefined_because,
            error=figure.error,
            partial=figure.partial,
            unfair_because=figure.unfair_because,
        )

    @classmethod
    def of_result(
        cls,
        metric: str,
        result: Result,
        *,
        title: str,
        period: str,
        unit: str = "",
        change: Comparison | None = None,
        sample: int | None = None,
    ) -> Reading:
        """A figure that no snapshot knows: a signal, or one of the host's own."""
        basis = None if isinstance(result, (int, Decimal)) else result.basis
        return cls(
            metric=metric,
            title=title,
            period=period,
            result=result,
            change=change,
            unit=unit,
            sample=sample,
            observable=basis is None or basis.observable,
            undefined_because=None if basis is None else basis.undefined_because,
            partial=basis is not None and basis.partial,
        )

    @classmethod
    def absent(cls, metric: str, lacking: str, *, title: str, period: str) -> Reading:
        """A figure that can't be counted, for want of what it reads."""
        return cls(metric=metric, title=title, period=period, lacking=lacking)


class Readings(Protocol):
    """Where the figures of all rules come from."""

    def reading(self, condition: Condition, /) -> Reading:
        """The figure of a condition, made with its options, and its change against what it names."""
        ...

    def lacking(self, rule: Rule, /) -> str | None:
        """What a rule requires and is not there, in words, or None."""
        ...
