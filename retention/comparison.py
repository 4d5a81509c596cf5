"""Is the difference between two figures more than chance? In numbers, and in one plain sentence."""

from __future__ import annotations

from copy import copy
from decimal import Decimal
from math import inf
from typing import Literal, TypeAlias

from attrs import field, frozen

from retention._estimates import Comparable, Estimate, estimate
from retention._numerics import Cross, check_confidence, decimal_context
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedCurrencyError,
    UndefinedMetricError,
    shown,
)
from retention.results import Basis, Distribution, Interval, Mean, Ratio, Score

__all__ = ["Comparison", "Side", "Verdict", "compare", "still_running"]

Verdict: TypeAlias = Literal["real", "borderline", "noise", "unknown"]
"""What a comparison comes to; `Comparison.verdict` says when each is given."""

Side: TypeAlias = Comparable | Distribution | int | Decimal
"""What is set beside another of its kind. Counts, sums of money and medians have a difference, but no interval."""

_CONFIDENCE = 0.95
_ALPHA = 0.05
_MONEY = decimal_context(60)


def compare(a: Comparable, b: Comparable, /, *, labels: tuple[str, str] | None = None) -> Comparison:
    """How far one figure lies above or below another, and whether that is more than chance: a − b.

    For two groups of customers that don't overlap, such as those in a test and those in its hold-out, or
    members and others. The two are taken as independent. Two periods share customers, and the older one has been
    watched for longer: `Snapshot.change` takes both into account, and is the better choice for them.

    Shares of customers: Newcombe's interval, and the (N − 1) χ² test. Other shares, and net scores: square and add
    of their own intervals, which is the same but for the effective number of customers. Means, shares of money, and
    quotients that may exceed 1: the ratio estimator clustered by customer, with Welch's degrees of freedom.

    Args:
        a: A `Ratio`, `Mean` or `Score`.
        b: Another of the same metric, made with the same keywords.
        labels: What the two are called in sentences; by default their periods.

    Returns:
        The comparison. It has no difference where a figure has no value, and no interval where none is known,
        or where one of two periods was still running; it says why.

    Raises:
        InvalidTypeError: They are not two results of one kind.
        InvalidValueError: They are of different metrics, count different things, or were made with different
            keywords.
        MixedCurrencyError: They are money of two currencies.

    >>> import retention as rt
    >>> change = rt.compare(rt.Ratio(35, 100), rt.Ratio(38, 100), labels=("the test", "the hold-out"))
    >>> print(change.verdict, change.interval())
    noise -16.1% to +10.2%
    >>> print(change)
    The figure is 3.0 points lower in the test (35.0%) than in the hold-out (38.0%). That may be chance: the 95 % interval of the difference is −16.1 to +10.2 points.

    References:
        Newcombe (1998), Statistics in Medicine 17, 873-890, method 10. Campbell (2007), Statistics in
        Medicine 26, 3661-3675, for the (N − 1) χ² test. Zou (2007), Psychological Methods 12, 399-413, for square
        and add.

    .. versionadded:: 0.1
    """
    _check_kinds(a, b)
    _check_alike(a, b)
    names = _periods(a.basis, b.basis) if labels is None else _checked(labels)
    return Comparison(
        a=a,
        b=b,
        labels=names or ("the first", "the second"),
        title=(a.basis.metric or "the figure").replace("_", " ").capitalize(),
        is_change=False,
        untested_because=_unequal(a.basis, b.basis, names),
    )


def _check_kinds(a: object, b: object) -> None:
    for value in (a, b):
        if not isinstance(value, Comparable):
            msg = f"compare takes a Ratio, Mean or Score, not {type(value).__name__} (got {shown(value)}); Snapshot.change compares the others"
            raise InvalidTypeError(msg)
    if type(a) is not type(b):
        msg = f"compare takes two results of one kind (got {type(a).__name__} and {type(b).__name__})"
        raise InvalidTypeError(msg)


def _check_alike(a: Comparable, b: Comparable) -> None:
    one, other = a.basis, b.basis
    if one.metric != other.metric:
        msg = f"compare takes one metric at a time (got {one.metric} and {other.metric})"
        raise InvalidValueError(msg)
    if one.counted != other.counted and not (_is_empty(a) or _is_empty(b)):
        msg = f"compare takes figures that count the same (got {_counting(one)} and {_counting(other)})"
        raise InvalidValueError(msg)
    if one.options != other.options:
        msg = f"compare takes figures of one definition (got {_options(one)} and {_options(other)})"
        raise InvalidValueError(msg)
    _check_currencies(_currency(a), _currency(b))
    if _scale(a) != _scale(b) and not (_is_empty(a) or _is_empty(b)):
        msg = f"compare takes figures on one scale (got {_scale(a)} and {_scale(b)})"
        raise InvalidValueError(msg)


def _currency(figure: Comparable) -> str | None:
    return figure.basis.currency or (figure.unit if isinstance(figure, Mean) else None)


def _check_currencies(one: str | None, other: str | None) -> None:
    if one and other and one != other:
        msg = f"compare can't set {one} beside {other}; make both with convert= and currency="
        raise MixedCurrencyError(msg)


def _is_empty(figure: Comparable) -> bool:
    """Whether it is made of nothing, which is in no currency and on no scale: that of a month without sales."""
    return figure.value is None


def _counting(basis: Basis) -> str:
    return " of ".join(basis.counted) or "nothing said"


def _options(basis: Basis) -> str:
    return ", ".join(f"{name}={text}" for name, text in basis.options) or "no keyword"


def _scale(figure: Comparable) -> str:
    if isinstance(figure, Score):
        return f"{figure.low:g} to {figure.high:g}"
    if isinstance(figure, Ratio):
        return "0 to 1" if figure.bounded else "0 and up"
    return figure.unit or "plain numbers"


def _periods(a: Basis, b: Basis) -> tuple[str, str] | None:
    return (a.period, b.period) if a.period and b.period and a.period != b.period else None


def _unequal(a: Basis, b: Basis, labels: tuple[str, str] | None) -> str | None:
    """Why two figures don't cover equal times; groups of one period do."""
    if a.period == b.period and a.partial == b.partial:
        return None
    if a.partial or b.partial:
        return still_running((labels or ("the first", "the second"))[0 if a.partial else 1])
    if a.open_ended or b.open_ended:
        return "the older of the two periods has been watched for longer, and what is yet to come may change both"
    return None


def _checked(labels: object) -> tuple[str, str]:
    if isinstance(labels, tuple) and len(labels) == 2 and all(isinstance(each, str) for each in labels):
        return labels
    msg = f'compare: labels must be a pair of names, such as ("members", "others") (got {shown(labels)})'
    raise InvalidTypeError(msg)


# ------------------------------------------------------------------------------------- the comparison


@frozen(kw_only=True)
class Comparison:
    """One figure beside another of its kind: the difference, how sure it is, and what it comes to.

    `print` shows it as a plain sentence. That sentence, and `verdict`, follow the 95 % interval.

    Attributes:
        a: The figure that is compared.
        b: What it is compared with.
        labels: What the two are called.
        title: The metric's name, as people read it.
        is_change: The two are the same thing at two times, so that a rise or a fall is meant.
        unit: The currency of plain sums of money, or None.
        adjusted_p_value: The p-value after Holm's correction, where several comparisons were made at once.
        comparisons: How many were.
        undefined_because: Why there is no difference, or None.
        untested_because: Why there is no interval, or None.
        caution: What else may have made a difference that is more than chance, or None.
        note: What is to be kept in mind whatever it comes to, or None.

    .. versionadded:: 0.1
    """

    a: Side | None
    b: Side | None
    labels: tuple[str, str]
    title: str
    is_change: bool
    unit: str | None = None
    adjusted_p_value: float | None = None
    comparisons: int = 1
    undefined_because: str | None = None
    untested_because: str | None = None
    caution: str | None = None
    note: str | None = None
    _cross: Cross | None = field(default=None, alias="cross", eq=False, repr=False)
    _found: Estimate | None = field(default=None, init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.undefined_because is None:
            object.__setattr__(self, "undefined_because", self._without_value())
        try:
            object.__setattr__(self, "_found", self._estimate())
        except UndefinedMetricError as error:
            object.__setattr__(self, "untested_because", str(error))

    def among(self, comparisons: int, adjusted_p_value: float | None) -> Comparison:
        """The same, as one of several that were made at once.

        :meta private:
        """
        judged = copy(self)
        object.__setattr__(judged, "comparisons", comparisons)
        object.__setattr__(judged, "adjusted_p_value", adjusted_p_value)
        return judged

    def _without_value(self) -> str | None:
        for figure, label in zip((self.a, self.b), self.labels, strict=True):
            if not isinstance(figure, (int, Decimal)) and (figure is None or figure.value is None):
                why = "" if figure is None else f", since {figure.undefined_because}"
                return f"{label} has no value{why}"
        return None

    def _estimate(self) -> Estimate:
        why = self.undefined_because or self.untested_because
        if why is not None:
            raise UndefinedMetricError(why)
        if not (isinstance(self.a, Comparable) and isinstance(self.b, Comparable)):
            msg = "counts, sums of money and medians have no interval here"
            raise UndefinedMetricError(msg)
        return estimate(self.a, self.b, self._cross)

    @property
    def difference(self) -> float | Decimal | None:
        """`a` less `b`, in the unit of the two; None when undefined.

        Shares as fractions (0.03 is "3 points"), scores in points, means and sums of money in their currency, times in
        days. Exact for counts and sums of money, a float for the rest.
        """
        if self.a is None or self.b is None or self.undefined_because is not None:
            return None
        if isinstance(self.a, int) and isinstance(self.b, int):
            return self.a - self.b
        if isinstance(self.a, Decimal) and isinstance(self.b, Decimal):
            return _MONEY.subtract(self.a, self.b)
        return float(self.a) - float(self.b)

    @property
    def relative_difference(self) -> float | None:
        """The difference as a part of `b`: 0.2 is "20 % more". None when undefined, or `b` is not above 0."""
        difference = self.difference
        if difference is None or self.b is None or float(self.b) <= 0:
            return None
        return float(difference) / float(self.b)

    def interval(self, confidence: float = _CONFIDENCE) -> Interval:
        """The confidence interval of the difference, in the unit of `difference`.

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When none is known; `untested_because` says why.
        """
        confidence = check_confidence(confidence)
        found = self._found
        if found is None:
            raise UndefinedMetricError(self.untested_because)
        widest = _widest(self.a)
        low, high = (max(-widest, min(widest, bound)) for bound in found.bounds(confidence))
        return Interval(
            low=low,
            high=high,
            confidence=confidence,
            method=found.method,
            shown_as=_shown_as(self.a),
        )

    @property
    def p_value(self) -> float | None:
        """How often chance alone goes that far, either way, where there is no difference; None when untested.

        Of two separate shares of customers it is that of the (N − 1) χ² test, which may differ by a hair from
        what Newcombe's interval says; the verdict follows the interval.
        """
        return None if self._found is None else self._found.p_value()

    @property
    def verdict(self) -> Verdict:
        """What the 95 % interval says of the difference.

        ``"noise"``: it holds 0, so that the difference may be chance. ``"real"``: it does not. ``"borderline"``:
        it does not, but among all the comparisons that were made at once, one or another goes that far by
        chance (the p-value after Holm's correction is above 0.05). ``"unknown"``: there is no interval.
        """
        if self.untested_because is not None:
            return "unknown"
        if 0 in self.interval():
            return "noise"
        if self.comparisons > 1 and self.adjusted_p_value is not None and self.adjusted_p_value > _ALPHA:
            return "borderline"
        return "real"

    def __str__(self) -> str:
        from retention.display import comparison_sentence

        return comparison_sentence(self)

    def explain(self) -> str:
        """The sentence, and how the interval was made."""
        if self.untested_because is not None:
            return str(self)
        return f"{self} Method: {self.interval().method}."


def still_running(label: str) -> str:
    """Why a period that was still running can't be tested against another."""
    return f"the time that {label} covers was still running; to_date=True compares equal parts"


def _widest(side: Side | None) -> float:
    """As far as two figures of a kind can lie apart."""
    if isinstance(side, Score):
        return side.high - side.low
    return 1.0 if isinstance(side, Ratio) and side.bounded else inf


def _shown_as(side: Side | None) -> str:
    """How the ends of an interval of differences are written."""
    if isinstance(side, Ratio):
        return "+.1%" if side.bounded else "+.3f"
    if isinstance(side, Score):
        return f"+{side.digits}"
    return "+,.2f"
