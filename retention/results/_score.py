"""A figure on a fixed scale, such as a net promoter score, that remembers the answers behind it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from attrs import field, frozen

from retention._mapping import FrozenMapping
from retention._numerics import ScoreSums, check_confidence
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError, shown
from retention.results._basis import (
    NOTHING,
    Basis,
    Interval,
    WithBasis,
    check_number,
    check_whole,
    hedge,
    with_reason,
)

__all__ = ["Score"]

_CLOSE = 1e-9
"""Of the scale's length: as far as a score may lie from its sums, which are exact."""


def _parts(parts: Mapping[str, int]) -> FrozenMapping[str, int]:
    given: object = parts
    if not isinstance(given, Mapping):
        msg = f"Score.parts must be a mapping of names to counts, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    for name, count in given.items():
        check_whole(f"Score.parts[{shown(name)}]", count)
    return FrozenMapping(given)


@frozen
class Score(WithBasis):
    """A figure on a fixed scale, such as a net promoter score on −100 to 100.

    Attributes:
        value: The score, or None when it is undefined or not observable.
        low: Lowest value of the scale.
        high: Highest value of the scale.
        count: How many customers or answers it was made from.
        parts: What these fall into, such as ``{"promoters": 5, "passives": 3, "detractors": 2}``.
        sampling: The sums over respondents that make the interval, or None when unknown.
        basis: What the figure rests on; takes no part in equality.

    .. versionadded:: 0.1

    >>> print(Score(0.75, low=0, high=1, count=40))
    0.750
    """

    value: float | None
    low: float = field(kw_only=True)
    high: float = field(kw_only=True)
    count: int = field(kw_only=True)
    parts: Mapping[str, int] = field(
        default=FrozenMapping(), converter=_parts, kw_only=True, hash=False, repr=False
    )
    sampling: ScoreSums | None = field(default=None, kw_only=True, eq=False, repr=False)
    basis: Basis = field(default=NOTHING, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_number("Score.low", self.low)
        check_number("Score.high", self.high)
        check_whole("Score.count", self.count)
        if self.low >= self.high:
            msg = f"Score.low must be below Score.high (got {shown(self.low)} and {shown(self.high)})"
            raise InvalidValueError(msg)
        if self.value is None:
            object.__setattr__(self, "basis", with_reason(self.basis, "there is nothing to score"))
            return
        check_number("Score.value", self.value)
        if not self.low <= self.value <= self.high:
            msg = f"Score.value must lie on its scale, {self.low} to {self.high} (got {shown(self.value)})"
            raise InvalidValueError(msg)
        if self.sampling is not None:
            self._check_sampling(self.value, self.sampling)

    def _check_sampling(self, value: float, given: object) -> None:
        """Sums that are those of the score; others would put an interval around another figure."""
        if not isinstance(given, ScoreSums):
            msg = f"Score.sampling must be the sums over respondents (ScoreSums), not {type(given).__name__} (got {shown(given)}); give None where they are not known"
            raise InvalidTypeError(msg)
        sums = given.sums
        if sums.x:
            summed = float(given.points * Fraction(sums.y * sums.x_scale, sums.x * sums.scale))
            if abs(summed - value) <= _CLOSE * (self.high - self.low):
                return
        msg = f"Score.sampling must be the sums of this score, {shown(value)} (got {shown(given)}); give None where they are not known"
        raise InvalidValueError(msg)

    def __float__(self) -> float:
        if self.value is None:
            raise self._undefined()
        return self.value

    def __format__(self, spec: str) -> str:
        return self._no_value if self.value is None else format(self.value, spec or self.digits)

    @property
    def digits(self) -> str:
        """How it is written: with one decimal on a scale of points, with three on a short one.

        :meta private:
        """
        return ".1f" if self.high - self.low >= 10 else ".3f"

    def __str__(self) -> str:
        return format(self)

    def interval(self, confidence: float = 0.95) -> Interval:
        """The confidence interval, within the scale, by respondent: answers of one customer are no independent trials.

        Wilson's for a share of answers, the adjusted Wald of Rocks (2016) for a net score, Student's t for a mean.

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When the score has no value, a mean has a single respondent, or no sums are
                known: figures such as the Gini coefficient have none.
        """
        confidence = check_confidence(confidence)
        value = float(self)
        if self.sampling is None:
            msg = f"no interval is known for {self.basis.metric or 'this score'}"
            raise UndefinedMetricError(msg)
        low, high, method = self.sampling.bounds(confidence)
        # Cut to the scale, and widened by what rounding could miss, so that they hold the score itself.
        low, high = max(self.low, min(low, value)), min(self.high, max(high, value))
        return Interval(low=low, high=high, confidence=confidence, method=method, shown_as=self.digits)

    def explain(self) -> str:
        """The figure in words: what it was made from, how sure it is, what was left out."""
        if self.value is None:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        what = self.basis.counted[0] if self.basis.counted else ""
        parts = ", ".join(f"{count:,} {name}" for name, count in self.parts.items())
        scale = f"on the scale from {self.low:g} to {self.high:g}"
        made = f"{self} {scale}, from {self.count:,} {what}".rstrip()
        return self._named(f"{made}{f': {parts}' if parts else ''}{hedge(self)}.")
