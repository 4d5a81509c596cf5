"""A test with a hold-out in plain sentences: the lot, the plan, the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from textwrap import wrap
from typing import TYPE_CHECKING

from retention._calendar import as_words
from retention.display._names import name_as_text, printable
from retention.results import Interval, Mean, Ratio

if TYPE_CHECKING:
    from retention.strategies._experiments_holdout import Holdout
    from retention.strategies._experiments_plan import ExperimentPlan
    from retention.strategies._experiments_verdict import ExperimentVerdict

__all__ = [
    "holdout_as_text",
    "holdout_explained",
    "plan_as_text",
    "plan_explained",
    "untold",
    "verdict_as_text",
    "verdict_explained",
]

_WIDEST = 110
_SALT = 60
_FIGURES = {
    "buyers": "The share of buyers",
    "orders": "The number of orders per customer",
    "revenue": "Revenue per customer",
}


def _wrapped(paragraphs: Iterable[str]) -> str:
    return "\n".join(
        line for each in paragraphs for line in wrap(printable(each), _WIDEST, break_on_hyphens=False)
    )


# ---------------------------------------------------------------------------------------------- the lot


def holdout_as_text(drawn: Holdout) -> str:
    """Who was drawn, in a sentence."""
    return _wrapped([_drawn(drawn)])


def holdout_explained(drawn: Holdout) -> str:
    """Likewise, and how."""
    method = (
        f"Method: the first 64 bits of SHA-256 of the salt and the customer's id with its class; "
        f"below {float(drawn.holdout_share):.4g} of their range a customer is held out."
    )
    return _wrapped([f"{_drawn(drawn)} {method}"])


def _drawn(drawn: Holdout) -> str:
    salt = name_as_text(drawn.salt, _SALT)
    return (
        f"{salt}: of {drawn.customers:,} customers {len(drawn.held_out):,} are held out, where the lot is set to "
        f"{float(drawn.holdout_share) * 100:.4g} %, and {len(drawn.treated):,} are in the test."
    )


# --------------------------------------------------------------------------------------------- the plan


def plan_as_text(plan: ExperimentPlan) -> str:
    """What the test takes, how long, and when to look."""
    return _wrapped([" ".join(_planned(plan))])


def plan_explained(plan: ExperimentPlan) -> str:
    """Likewise, where the numbers come from, and what speaks against it."""
    basis = plan.baseline.basis
    rehearsed = f" ({basis.period})" if basis.period else ""
    without = (
        f"Without the measure: {_FIGURES[plan.metric].lower()} is {plan.baseline!s}, "
        f"of {_customers(plan.baseline):,} customers{rehearsed}."
    )
    return _wrapped(
        [
            " ".join(_planned(plan)),
            without,
            f"Method: {plan.needed.method}.",
            *(f"Assumed: {each}." for each in plan.assumed),
            *(f"Mind: {each}." for each in plan.warnings),
        ]
    )


def _planned(plan: ExperimentPlan) -> Iterator[str]:
    yield str(plan.needed)
    if plan.at_hand is not None:
        yield f"At hand are {plan.at_hand:,}{'' if plan.is_enough else ', which is too few'}."
    if plan.arrivals_per_day is not None:
        yield f"{_rate(plan.arrivals_per_day)} newcomers come a day."
    if plan.duration is not None and plan.starts_at is not None and plan.look_at is not None:
        yield f"It runs {as_words(plan.duration)}: begin on {_day(plan.starts_at)}, and look once, on {_day(plan.look_at)}."
    elif plan.within is not None:
        yield f"Each customer is watched for {as_words(plan.within)}."


def _rate(per_day: float) -> str:
    return f"{per_day:,.1f}" if per_day >= 1 else f"{per_day:.2g}"


def _day(at: datetime) -> str:
    """The day on its own calendar, and the time where it is not midnight."""
    return at.strftime("%Y-%m-%d" if at.time() == time() else "%Y-%m-%d %H:%M")


def _customers(figure: Ratio | Mean) -> int:
    return int(figure.denominator) if isinstance(figure, Ratio) else figure.count


# ------------------------------------------------------------------------------------------ the verdict


def verdict_as_text(verdict: ExperimentVerdict) -> str:
    """What the test comes to, in a sentence or two."""
    return _wrapped([_judged(verdict)])


def verdict_explained(verdict: ExperimentVerdict) -> str:
    """Likewise, what stands behind it, and what speaks against trusting it."""
    left_out = ", ".join(f"{number:,} {reason}" for reason, number in verdict.left_out.items())
    return _wrapped(
        [
            _judged(verdict),
            *_in_all(verdict),
            *_checks(verdict),
            *([f"Left out of both groups: {left_out}."] if left_out else []),
            *(f"Mind: {each}." for each in verdict.cautions),
        ]
    )


def untold(verdict: ExperimentVerdict) -> str:
    """Why no difference is told."""
    if verdict.outcome == "mismatch":
        return (
            f"The test can't be judged: {_mismatch(verdict)}. Find out why before looking at the difference"
        )
    look_at = verdict.look_at
    if look_at is not None and verdict.until < look_at:
        return f"It is too early to judge: the look was planned for {_day(look_at)}, and orders would be counted up to {_day(verdict.until)}"
    return f"It is too early to judge: orders are to be counted up to {_day(verdict.until)}, and the data end before"


def _judged(verdict: ExperimentVerdict) -> str:
    if verdict.comparison is None:
        return f"{untold(verdict)}. Who looks before sees uplifts that are none."
    if verdict.outcome == "mismatch":
        return f"{untold(verdict)}."
    if verdict.outcome == "unknown":
        return f"{_difference(verdict)} Whether that is more than chance is not known: {verdict.comparison.untested_because}."
    reach = f"the {verdict.confidence * 100:.12g} % interval of the difference is {_span(verdict, verdict.interval())} (p {_p(verdict.p_value)})"
    if verdict.outcome == "noise":
        return f"{_difference(verdict)} That may be chance: {reach}{_but(verdict)}."
    again = (
        ""
        if verdict.permutation_p_value is None
        else f", and {_AGAIN} seldom differ as much ({_divided(verdict)})"
    )
    return f"{_difference(verdict)} That is more than chance explains: {reach}{again}."


_AGAIN = "other divisions of the same customers by lot"


def _but(verdict: ExperimentVerdict) -> str:
    """What speaks against an interval that does not hold 0."""
    if 0 in verdict.interval():
        return ""
    return f", but {_AGAIN} differ as much too often ({_divided(verdict)})"


def _divided(verdict: ExperimentVerdict) -> str:
    return f"p {_p(verdict.permutation_p_value)} by {verdict.divisions:,} of them"


def _mismatch(verdict: ExperimentVerdict) -> str:
    ratio = verdict.sample_ratio
    assert ratio is not None  # noqa: S101 - the outcome says so
    return (
        f"{ratio.held_out:,} of {ratio.held_out + ratio.treated:,} customers are held out where the lot makes "
        f"{ratio.expected:,.0f}, which chance does once in more than a thousand times (p {_p(ratio.p_value)})"
    )


def _difference(verdict: ExperimentVerdict) -> str:
    uplift = verdict.uplift or 0.0
    sides = [
        f"{figure!s}, {_customers(figure):,} customer{'s' if _customers(figure) != 1 else ''}"
        for figure in (verdict.treated, verdict.held_out)
        if figure is not None
    ]
    size = _amount(verdict, abs(uplift))
    if size == _amount(verdict, 0.0):
        return f"{_FIGURES[verdict.metric]} is the same in the test ({sides[0]}) and in the hold-out ({sides[1]})."
    side = "higher" if uplift > 0 else "lower"
    return f"{_FIGURES[verdict.metric]} is {size} {side} in the test ({sides[0]}) than in the hold-out ({sides[1]})."


def _in_all(verdict: ExperimentVerdict) -> Iterator[str]:
    if verdict.outcome not in ("real", "noise") or verdict.treated is None:
        return
    total = verdict.total_interval()
    what = {"buyers": "buyers", "orders": "orders"}.get(verdict.metric, _unit(verdict))
    yield (
        f"Over the {_customers(verdict.treated):,} customers in the test: {_signed(verdict.total_uplift or 0.0, 0)} {what}, "
        f"{_signed(total.low, 0)} to {_signed(total.high, 0)}."
    )


def _checks(verdict: ExperimentVerdict) -> Iterator[str]:
    if verdict.comparison is not None and verdict.comparison.untested_because is None:
        method = "Newcombe's interval" if verdict.metric == "buyers" else "Welch's t"
        yield f"Method: {method}; all who were assigned, those who bought nothing with 0."
    ratio = verdict.sample_ratio
    if ratio is not None:
        yield (
            f"Groups: {ratio.treated:,} in the test and {ratio.held_out:,} in the hold-out, which should be "
            f"{float(ratio.holdout_share) * 100:.4g} % of all (p {_p(ratio.p_value)})."
        )
    if verdict.permutation_p_value is not None:
        yield f"Second opinion: p {_p(verdict.permutation_p_value)} by {verdict.divisions:,} divisions of the same customers by lot; real is what both say."
    if verdict.bootstrap is not None:
        yield f"Third opinion: {_span(verdict, verdict.bootstrap)} by the {verdict.bootstrap.method}."


def _unit(verdict: ExperimentVerdict) -> str:
    figure = verdict.treated
    return (figure.unit if isinstance(figure, Mean) else None) or ""


def _amount(verdict: ExperimentVerdict, size: float) -> str:
    if verdict.metric == "buyers":
        return f"{size * 100:.1f} points"
    return f"{size:,.2f} {_unit(verdict)}".rstrip() if verdict.metric == "revenue" else f"{size:,.3f}"


def _span(verdict: ExperimentVerdict, interval: Interval) -> str:
    if verdict.metric == "buyers":
        return f"{_signed(interval.low * 100, 1)} to {_signed(interval.high * 100, 1)} points"
    digits = 2 if verdict.metric == "revenue" else 3
    return f"{_signed(interval.low, digits)} to {_signed(interval.high, digits)} {_unit(verdict)}".rstrip()


def _signed(value: float, digits: int) -> str:
    return f"{value:+z,.{digits}f}".replace("-", "−")


def _p(p_value: float | None) -> str:
    return "not known" if p_value is None else "below 0.001" if p_value < 0.001 else f"{p_value:.2g}"
