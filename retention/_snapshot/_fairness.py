"""When two periods would not be compared on equal terms, whatever chance has to say."""

from __future__ import annotations

from datetime import timedelta

from retention._calendar import microseconds, reach
from retention._snapshot._figures import Figure
from retention.catalog import MetricSpec
from retention.comparison import still_running
from retention.history import History
from retention.periods import Period
from retention.results import Score

__all__ = ["caution", "unfair"]

_KNOWN_PAST = timedelta(days=365)
"""With so much known of the time before a period, few old customers look new in it."""


def unfair(figure: Figure, before: Figure, spec: MetricSpec, history: History) -> str | None:
    """Why a figure is not tested against the one before, or None.

    Args:
        figure: The figure.
        before: The one that it is compared with.
        spec: Their metric.
        history: The orders, which know what could be seen of each period.
    """
    if not figure.state == before.state == "defined":
        return None  # the comparison itself says what is lacking
    earlier = before.period.label
    if spec.untested_because is not None:
        return spec.untested_because.format(earlier=earlier)
    is_window = spec.look_ahead == "window" or _gives_equal_time(figure, spec)
    if (spec.look_ahead == "as_of" and not is_window) or _has_no_window(figure, spec):
        return f"{_WHO[spec.inputs[0]]} of {earlier} have had longer to {_WHAT[spec.inputs[0]]}"
    running = next((each.period for each in (figure, before) if each.partial), None)
    if running is not None and is_window and _is_over(running, history):
        return f"not all that happened in {running.label} has been watched for the whole window yet"
    if running is not None:
        return still_running(running.label)
    if _question(figure) != _question(before):
        return f"the answers of {earlier} were on another scale, or in another direction"
    if _asks_past(figure, spec) and not _has_past(before.period, history):
        return (
            f"less than a year is known of the time before {earlier}, so that more of its customers look new"
        )
    if spec.refunds == "counted" and not _had_equal_time(figure, history):
        return f"the orders of {earlier} have had longer to be refunded; {_EQUAL_TIME}"
    return None


def caution(figure: Figure, before: Figure, spec: MetricSpec, history: History) -> str | None:
    """What else than customers may have made a difference, or None."""
    if spec.refunds != "subtracted" or _had_equal_time(figure, history):
        return None
    if not any(_has_refunds(each.period, history) for each in (figure, before)):
        return None
    return (
        f"the orders of {before.period.label} have had longer to be refunded, which flatters "
        f"{figure.period.label}; {_EQUAL_TIME}"
    )


def _gives_equal_time(figure: Figure, spec: MetricSpec) -> bool:
    """Whether the host asked for the definition that leaves out whoever has not been watched for the window."""
    return bool(spec.equal_time_with) and spec.equal_time_with.items() <= dict(figure.options).items()


def _has_no_window(figure: Figure, spec: MetricSpec) -> bool:
    """Whether the host asked for no window where there usually is one, so that all that is known counts."""
    return "within" in spec.usual and "within" not in dict(figure.options)


def _asks_past(figure: Figure, spec: MetricSpec) -> bool:
    """Whether it asks who was a customer before.

    Of all approaches, those to existing or new customers do; and so do figures about new customers, which are not
    compared at all unless all have been given equal time.
    """
    of = dict(figure.options).get("of")
    return spec.asks_past or of in {"existing", "new"} or _gives_equal_time(figure, spec)


def _is_over(period: Period, history: History) -> bool:
    return history.as_of is not None and history.as_of >= period.end


_WHO = {"orders": "the customers", "interactions": "the contacts"}
_WHAT = {"orders": "come back", "interactions": "be answered, or to lead to an order"}

_EQUAL_TIME = "OrderPolicy(refunds_within=...) gives all the same time"


def _question(figure: Figure) -> tuple[float, float, tuple[str, ...]] | None:
    """The scale of a score, and which end of it is the good one."""
    score = figure.result
    return (score.low, score.high, score.basis.counted) if isinstance(score, Score) else None


def _has_past(period: Period, history: History) -> bool:
    return history.observed_from is None or period.start - history.observed_from >= _KNOWN_PAST


def _had_equal_time(figure: Figure, history: History) -> bool:
    """Whether each order of the period, and so each earlier one, has been watched for refunds as long as the others."""
    policy, period = history.policy, figure.period
    if policy.refunds_dated == "refund" and figure.metric in _BY_REFUND:
        return True
    if policy.refunds_within is None:
        return False
    return (
        history.as_of is None
        or reach(period.end, policy.refunds_within, policy.tz or period.tz) <= history.as_of
    )


_BY_REFUND = frozenset({"net_revenue", "refunded_revenue"})
"""Metrics that may count refunds by the day on which they were made."""


def _has_refunds(period: Period, history: History) -> bool:
    span = microseconds(period.start), microseconds(period.end)
    return any(True for _ in history.columns.refunded.between(*span))
