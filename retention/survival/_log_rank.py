"""Do two or more curves differ by more than chance? The log-rank test, and the difference of mean times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import combinations_with_replacement, compress
from operator import mul, truediv
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from retention._mapping import OpenMapping
from retention._numerics import chi_squared_p_value
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError, shown
from retention.survival._curve import SurvivalCurve
from retention.survival._results import MeanTime

__all__ = ["CurveComparison", "CurveVerdict", "LogRank", "compare_curves"]

_ALPHA = 0.05
_FEWEST = 2
_ROUNDING = 1e-9
"""What is left of a variance by rounding, in parts of the largest."""

CurveVerdict: TypeAlias = Literal["real", "noise", "unknown"]
"""What a comparison of curves comes to; `CurveComparison.verdict` says when each is given."""


@frozen(kw_only=True)
class LogRank:
    """The log-rank test of several groups.

    Attributes:
        statistic: χ²; None when no spell ended while others were watched.
        degrees_of_freedom: One less than the groups that can be told apart.
        observed: How many ended in each group.
        expected: How many would have, had those at risk in all groups been alike at each time.
        met: Which groups were watched beside another one at a time at which a spell ended.
        compared: Which of them did so at a time at which some ended and some did not.
    """

    statistic: float | None
    degrees_of_freedom: int
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    met: tuple[bool, ...]
    compared: tuple[bool, ...]

    @classmethod
    def of(cls, curves: Sequence[SurvivalCurve]) -> LogRank:
        """The test of some curves, from their counts."""
        tables = [curve.table for curve in curves]
        ends = [dict(zip(table.times, table.ended(), strict=True)) for table in tables]
        times = sorted({time for one in ends for time in compress(one, one.values())})
        at_risk = [table.at_risk_at(times) for table in tables]
        ended = [sum(one.get(time, 0) for one in ends) for time in times]
        everybody = [sum(here) for here in zip(*at_risk, strict=True)]
        shares = [list(map(truediv, here, everybody)) for here in at_risk]
        spread = [
            gone * (here - gone) / (here - 1) if here > 1 else 0.0
            for gone, here in zip(ended, everybody, strict=True)
        ]
        observed = tuple(sum(one.values()) for one in ends)
        expected = tuple(sum(map(mul, ended, share)) for share in shares)
        beyond = [seen - due for seen, due in zip(observed, expected, strict=True)]
        covariances = _covariances(shares, spread)
        statistic, freedom = _quadratic_form(beyond, covariances)
        return cls(
            statistic=statistic if freedom else None,
            degrees_of_freedom=freedom,
            observed=observed,
            expected=expected,
            met=tuple(any(0 < each < 1 for each in share) for share in shares),
            compared=tuple(row[place] > 0 for place, row in enumerate(covariances)),
        )


def _covariances(shares: Sequence[Sequence[float]], spread: Sequence[float]) -> list[list[float]]:
    """Σ d·(n − d)/(n − 1) · pᵢ·(δᵢⱼ − pⱼ), p the group's share of those at risk."""
    found = [[0.0] * len(shares) for _ in shares]
    for i, j in combinations_with_replacement(range(len(shares)), 2):
        weighted = map(mul, spread, shares[i])
        if i == j:
            found[i][i] = sum(weight * (1 - share) for weight, share in zip(weighted, shares[i], strict=True))
        else:
            found[i][j] = found[j][i] = -sum(map(mul, weighted, shares[j]))
    return found


def _quadratic_form(beyond: Sequence[float], covariances: Sequence[Sequence[float]]) -> tuple[float, int]:
    """zᵀ·V⁻·z and the rank of V, by elimination; a group that tells nothing new is passed over."""
    z, v = list(beyond), [list(row) for row in covariances]
    left = set(range(len(z)))
    least = max((v[i][i] for i in left), default=0.0) * _ROUNDING
    statistic, rank = 0.0, 0
    while left and v[pivot := max(left, key=lambda i: v[i][i])][pivot] > least:
        left.remove(pivot)
        statistic += z[pivot] * z[pivot] / v[pivot][pivot]
        rank += 1
        for i in left:
            factor = v[i][pivot] / v[pivot][pivot]
            z[i] -= factor * z[pivot]
            for j in left:
                v[i][j] -= factor * v[pivot][j]
    return statistic, rank


def compare_curves(
    curves: SurvivalCurve | Mapping[Any, SurvivalCurve],
    /,
    *others: SurvivalCurve,
    labels: Sequence[str] | None = None,
) -> CurveComparison:
    """Whether the ends of two or more groups come sooner or later by more than chance.

    For groups of different customers, such as two channels, or a test and its hold-out: they are taken as independent.
    The log-rank test looks at the whole of the curves. It finds best what is at work all along, and hardly what
    comes sooner at first and later in the end.

    Args:
        curves: A curve, with the others behind it; or a mapping of groups to curves, whose keys are their names.
        *others: The other curves.
        labels: What the curves are called in sentences; by default "the first", "the second", and so on.

    Returns:
        The comparison. It has no p-value where none ended, or where customers have several spells; it says why.

    Raises:
        InvalidTypeError: An argument is of the wrong type.
        InvalidValueError: There are fewer than two curves, they are of different events or metrics, or the labels
            don't fit.

    >>> from datetime import timedelta
    >>> import retention as rt
    >>> slow = rt.survival_curve([rt.Spell(timedelta(days=days)) for days in (30, 40, 50, 60, 70, 80)])
    >>> fast = rt.survival_curve([rt.Spell(timedelta(days=days)) for days in (5, 6, 7, 8, 9, 10)])
    >>> found = rt.compare_curves({"by mail": slow, "by app": fast})
    >>> print(found.verdict, f"{found.p_value:.4f}")
    real 0.0005

    References:
        Mantel (1966), Cancer Chemotherapy Reports 50, 163-170. Peto and Peto (1972), Journal of the Royal Statistical
        Society A 135, 185-207.

    .. versionadded:: 0.1
    """
    given = _listed(curves, others, labels)
    _check_alike([curve for _, curve in given])
    return CurveComparison(
        labels=tuple(label for label, _ in given), curves=tuple(curve for _, curve in given)
    )


_NOT_KNOWN = "the group not known"
"""What the group is called whose key is None."""
_ORDINALS = ("the first", "the second", "the third")


def _listed(curves: object, others: Sequence[object], labels: object) -> list[tuple[str, SurvivalCurve]]:
    named: list[tuple[object, object]]
    if isinstance(curves, Mapping):
        if others or labels is not None:
            msg = "compare_curves takes a mapping of names to curves alone, without other curves and labels=; put all curves into it"
            raise InvalidValueError(msg)
        named = [(_NOT_KNOWN if key is None else str(key), curve) for key, curve in curves.items()]
        _check_names([name for name, _ in named], len(named))
    else:
        every = [curves, *others]
        named = list(zip(_labels(labels, len(every)), every, strict=True))
    found = [_checked(label, curve) for label, curve in named]
    if len(found) < _FEWEST:
        msg = f"compare_curves takes two curves or more (got {len(found)})"
        raise InvalidValueError(msg)
    return found


def _checked(label: object, curve: object) -> tuple[str, SurvivalCurve]:
    if not isinstance(label, str):
        msg = f"compare_curves: labels must be str, not {type(label).__name__} (got {shown(label)})"
        raise InvalidTypeError(msg)
    if not isinstance(curve, SurvivalCurve):
        msg = f"compare_curves takes SurvivalCurves, not {type(curve).__name__} (got {shown(curve)}); give them one after the other, or a mapping of names to curves"
        raise InvalidTypeError(msg)
    return label, curve


def _labels(labels: object, count: int) -> Sequence[object]:
    if labels is None:
        return [
            _ORDINALS[place] if place < len(_ORDINALS) else f"number {place + 1}" for place in range(count)
        ]
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        msg = f'compare_curves: labels must be names, such as ("by mail", "by app"), not {type(labels).__name__} (got {shown(labels)})'
        raise InvalidTypeError(msg)
    _check_names(labels, count)
    return labels


def _check_names(labels: Sequence[object], count: int) -> None:
    if len(labels) != count or len(set(map(repr, labels))) != count:
        msg = f"compare_curves: labels must be one name a curve, all different (got {shown(labels)} for {count})"
        raise InvalidValueError(msg)


def _check_alike(curves: Sequence[SurvivalCurve]) -> None:
    for what, values in (
        ("event", [curve.event for curve in curves]),
        ("metric", [curve.basis.metric for curve in curves]),
        ("definition", [curve.basis.options for curve in curves]),
    ):
        if len(set(values)) > 1:
            msg = f"compare_curves takes curves of one {what} (got {', '.join(dict.fromkeys(map(shown, values)))})"
            raise InvalidValueError(msg)


@frozen(kw_only=True, repr=False)
class CurveComparison:
    """Several curves side by side: do ends come sooner or later by more than chance?

    `print` shows it as a plain sentence. The groups are taken as independent: no customer is in two of them.

    Attributes:
        labels: What the groups are called.
        curves: Their curves.

    .. versionadded:: 0.1
    """

    labels: tuple[str, ...]
    curves: tuple[SurvivalCurve, ...]
    _test: LogRank = field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_test", LogRank.of(self.curves))

    @property
    def observed(self) -> Mapping[str, int]:
        """How many ended in each group."""
        return OpenMapping(dict(zip(self.labels, self._test.observed, strict=True)))

    @property
    def expected(self) -> Mapping[str, float]:
        """How many would have ended in each group, were there no difference between those watched at any time."""
        return OpenMapping(dict(zip(self.labels, self._test.expected, strict=True)))

    @property
    def not_compared(self) -> Mapping[str, str]:
        """The groups that the comparison says nothing of, each with the reason."""
        return OpenMapping(
            {
                label: self._why_not(place)
                for place, label in enumerate(self.labels)
                if not self._test.compared[place]
            }
        )

    def _why_not(self, place: int) -> str:
        if not self.curves[place].count:
            return "no spells"
        if not self._test.met[place]:
            return "not watched beside another group when a spell ended"
        return "whenever a spell ended beside another group, all who were watched did"

    @property
    def untested_because(self) -> str | None:
        """Why there is no log-rank test, or None."""
        if self._test.statistic is None:
            if any(self._test.met):
                return "whenever a spell ended while two of the groups were watched, all who were watched did"
            return "no spell ended at a time at which two of the groups were watched"
        if any(curve.customers for curve in self.curves):
            return "some customers have several spells, each of which the log-rank test would take for a customer of its own"
        return None

    @property
    def statistic(self) -> float | None:
        """χ² of the log-rank test; None when untested."""
        return None if self.untested_because else self._test.statistic

    @property
    def degrees_of_freedom(self) -> int:
        """Degrees of freedom of χ²: one less than the groups, unless some can't be told apart."""
        return self._test.degrees_of_freedom

    @property
    def p_value(self) -> float | None:
        """How often chance alone goes that far where there is no difference; None when untested."""
        statistic = self.statistic
        return None if statistic is None else chi_squared_p_value(statistic, self.degrees_of_freedom)

    @property
    def verdict(self) -> CurveVerdict:
        """What the test says of the difference.

        ``"noise"``: it may be chance (p of 0.05 or more). ``"real"``: it is more than chance explains. ``"unknown"``:
        there is no test. Where two groups have customers with several spells, the 95 % interval of the difference of
        mean times decides instead.
        """
        p_value = self.p_value
        if p_value is not None:
            return "real" if p_value < _ALPHA else "noise"
        try:
            return "noise" if 0 in self.mean_difference().interval() else "real"
        except UndefinedMetricError:
            return "unknown"

    def mean_difference(self, until: timedelta | None = None) -> MeanTime:
        """By how many days the mean time to the end, within a limit, is longer in the first group than in the second.

        Args:
            until: The limit. By default the last time that can be told of both.

        Raises:
            InvalidTypeError: When `until` is no timedelta.
            InvalidValueError: When it is not above 0.
            UndefinedMetricError: When there are not two groups, a group is empty, or a curve can't be told up to it.
        """
        if len(self.curves) != _FEWEST:
            msg = f"the difference of mean times requires two groups (got {len(self.curves)}); compare them in pairs"
            raise UndefinedMetricError(msg)
        limit = self._common_limit() if until is None else until
        first, second = (curve.restricted_mean(limit) for curve in self.curves)
        return MeanTime(
            value=first.value - second.value,
            until=limit,
            variance=first.variance + second.variance,
            formula=f"difference of areas under the curves, which are independent: {first.formula}",
            is_difference=True,
        )

    def _common_limit(self) -> timedelta:
        """The last time that can be told of all."""
        lasts = [(curve.falls_to_zero, curve.until or timedelta()) for curve in self.curves]
        limited = [until for falls, until in lasts if not falls]
        limit = min(limited) if limited else max(until for _, until in lasts)
        if not limit:
            msg = "the difference of mean times requires spells that were watched for some time in each group"
            raise UndefinedMetricError(msg)
        return limit

    def __repr__(self) -> str:
        return f"<CurveComparison: {len(self.curves)} groups, {self.verdict}>"

    def __str__(self) -> str:
        from retention.display._curve_comparison import comparison_of_curves

        return comparison_of_curves(self)

    def explain(self) -> str:
        """The sentence, and for each group how many ended and how many would have without a difference."""
        from retention.display._curve_comparison import comparison_in_full

        return comparison_in_full(self)

    def to_dicts(self) -> list[dict[str, Any]]:
        """One flat dictionary a group, for JSON or a data frame; the test, which is of all of them, stands in each."""
        test = {
            "statistic": self.statistic,
            "degrees_of_freedom": self.degrees_of_freedom,
            "p_value": self.p_value,
            "verdict": self.verdict,
            "untested_because": self.untested_because,
        }
        groups = zip(self.labels, self.curves, self._test.observed, self._test.expected, strict=True)
        return [
            {
                "label": label,
                "event": curve.event,
                "count": curve.count,
                "ended": ended,
                "expected": expected,
                "median": curve.median,
                **test,
            }
            for label, curve, ended, expected in groups
        ]
