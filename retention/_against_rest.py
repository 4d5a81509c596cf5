"""Each of several groups of customers against all the others: which one stands out?"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import TypeVar, cast

from attrs import evolve

from retention._estimates import Comparable, holm
from retention._linearised import Linearised
from retention._numerics import ScoreSums, TwoGroups
from retention.comparison import Comparison
from retention.errors import MixedCurrencyError
from retention.results import Basis, Mean, Ratio, Score
from retention.results._pooled import pooled_cluster_sums

__all__ = ["against_rest"]

K = TypeVar("K", bound=Hashable)

_NOT_KNOWN = "the group not known"
"""What the group is called in a sentence whose key is None."""

_OTHERS = "the others"


def against_rest(
    figures: Mapping[K, Ratio | Mean | Score], *, title: str, names: Mapping[K, str] | None = None
) -> dict[K, Comparison]:
    """Each group's figure beside that of all the others pooled, judged together.

    No customer stands in two groups, so that a group and the others are independent. Of many groups one or another
    stands out by chance: the p-values are put up by Holm's correction for as many comparisons as could be tested.

    Args:
        figures: By group, its figure: all of one kind, metric and definition.
        title: What the figure is called, such as "Retention".
        names: By group, what it is called in sentences; by default the key as text, and "the group not known" for None.

    Returns:
        By group, in the order of `figures`, the comparison. Where there is none it says why: a figure that has no
        value or can't be pooled, no other group, or a time that was still running for some groups only.

    Raises:
        InvalidValueError: When they are of different metrics or definitions.
    """
    others, why = _others_of(figures)
    running = _running(figures)
    found = {}
    for key, figure in figures.items():
        called = _name(key, names)
        found[key] = Comparison(
            a=figure,
            b=others[key],
            labels=(called, _OTHERS),
            title=title,
            is_change=False,
            undefined_because=why or _without_others(figure, others[key]),
            untested_because=f"the time that {called} covers was still running" if key in running else None,
        )
    with_value = sum(figure.value is not None for key, figure in figures.items() if key not in running)
    return _judged(found, is_one_test=with_value == _PAIR)


def _name(key: Hashable, names: Mapping[K, str] | None) -> str:
    given = None if names is None else names.get(cast("K", key))
    if given is not None:
        return given
    return _NOT_KNOWN if key is None else str(key)


def _running(figures: Mapping[K, Comparable]) -> set[K]:
    """Groups that have not been watched for as long as others have; none where all are still watched."""
    partial = {key for key, figure in figures.items() if figure.partial}
    return set() if len(partial) == len(figures) else partial


# ------------------------------------------------------------------------------------------ the others


def _without_others(figure: Comparable, others: Comparable | None) -> str | None:
    """Why a figure with a value has none to be compared with."""
    if figure.value is None:
        return None
    if others is None:
        return "there is no other group to compare it with"
    return "the others have no value" if others.value is None else None


def _others_of(figures: Mapping[K, Comparable]) -> tuple[dict[K, Comparable | None], str | None]:
    """For each group's figure all others pooled, and why they can't be, or None.

    What stands before it and what stands after it are pooled step by step, so that a thousand groups take two
    thousand steps, and no million. What the data do not reach adds nothing, and what still runs is no equal.
    """
    nothing: dict[K, Comparable | None] = dict.fromkeys(figures)
    why = _cannot_pool(list(figures.values()))
    if why is not None:
        return nothing, why
    running = _running(figures)
    parts = [
        _part(figure) if figure.observable and key not in running else None for key, figure in figures.items()
    ]
    try:
        before = list(accumulate([None, *parts], _added))
        after = list(accumulate([None, *reversed(parts)], _added))[::-1]
        pairs = zip(before, after[1:], strict=False)
        return {key: _added(*pair) for key, pair in zip(figures, pairs, strict=True)}, None
    except MixedCurrencyError:
        return nothing, "the groups' money is in several currencies; make it one with currency= and convert="


def _cannot_pool(figures: Sequence[Comparable]) -> str | None:
    """Why the figures have no sums that could be put together."""
    if not all(_is_sum(figure) for figure in figures):
        metric = next(filter(None, (figure.basis.metric for figure in figures)), "the figure")
        return f"{metric.replace('_', ' ')} of all the others can't be made of theirs, since it is no sum over customers"
    scales = {_scale(figure) for figure in figures if isinstance(figure, Score) and figure.value is not None}
    return "the groups' answers are on several scales" if len(scales) > 1 else None


def _is_sum(figure: Comparable) -> bool:
    if isinstance(figure, Ratio):
        return figure.poolable
    if isinstance(figure, Mean):
        return not isinstance(figure.sampling, (Linearised, TwoGroups))
    return figure.value is None or figure.sampling is not None


def _scale(score: Score) -> tuple[object, ...]:
    return score.low, score.high, score.sampling and (score.sampling.method, score.sampling.points)


def _part(figure: Comparable) -> Comparable:
    """The figure without what is only its own, such as what was left out; pooling so has less to carry."""
    basis = figure.basis
    return evolve(figure, basis=Basis(metric=basis.metric, currency=basis.currency, options=basis.options))


def _added(one: Comparable | None, other: Comparable | None) -> Comparable | None:
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, Ratio):
        return Ratio.pool([one, cast("Ratio", other)], independent=True)
    if isinstance(one, Mean):
        return Mean.pool([one, cast("Mean", other)], independent=True)
    return _added_scores(one, cast("Score", other))


def _added_scores(one: Score, other: Score) -> Score:
    """The score over the respondents of both."""
    a, b = one.sampling, other.sampling
    if a is None or b is None:  # of one without a value, which adds nothing
        return other if a is None else one
    sums = ScoreSums(
        sums=pooled_cluster_sums((a.sums, b.sums)),
        method=a.method,
        points=a.points,
        outspoken=a.outspoken + b.outspoken,
    )
    return Score(
        float(sums.points * Fraction(sums.sums.quotient())),
        low=one.low,
        high=one.high,
        count=one.count + other.count,
        sampling=sums,
        basis=one.basis,
    )


# -------------------------------------------------------------------------------------- judged together


_PAIR = 2


def _judged(compared: Mapping[K, Comparison], *, is_one_test: bool) -> dict[K, Comparison]:
    """The comparisons, as many as they are; one group against the other and the other against the one are one test."""
    if is_one_test:
        return dict(compared)
    p_values = {key: found.p_value for key, found in compared.items() if found.p_value is not None}
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    return {key: found.among(len(p_values), adjusted.get(key)) for key, found in compared.items()}
