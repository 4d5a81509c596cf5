"""The answers to a question, each with its share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from retention._mapping import FrozenMapping
from retention._numerics import ClusterSums
from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.results._basis import NOTHING, Basis, WithBasis, check_whole, with_reason
from retention.results._ratio import Ratio, Sampling

__all__ = ["AnswerShare"]

Answer: TypeAlias = int | Decimal | str


def _counts(counts: Mapping[Answer, int]) -> FrozenMapping[Answer, int]:
    given: object = counts
    if not isinstance(given, Mapping):
        msg = f"AnswerShare.counts must be a mapping of answers to counts, not {type(given).__name__} (got {shown(given)})"
        raise InvalidTypeError(msg)
    for answer, count in given.items():
        if isinstance(answer, bool) or not isinstance(answer, (int, Decimal, str)):
            msg = f"AnswerShare.counts must have scores or texts as answers, not {type(answer).__name__} (got {shown(answer)})"
            raise InvalidTypeError(msg)
        check_whole(f"AnswerShare.counts[{shown(answer)}]", count)
    if len({isinstance(answer, str) for answer in given}) > 1:
        msg = f"AnswerShare.counts must be of one question, with scores or with texts (got {shown(dict(given))})"
        raise InvalidValueError(msg)
    return FrozenMapping(dict(sorted(given.items(), key=lambda item: (-item[1], item[0]))))


@frozen
class AnswerShare(WithBasis, Mapping[Answer, Ratio]):
    """The answers to a question, the most frequent first: a mapping of each to its share of all answers.

    The shares add up to 1, exactly: each is a `Ratio` of whole numbers over one denominator.

    Attributes:
        counts: How often each answer was given, the most frequent first, and equally frequent ones in their own order.
        sampling: For each answer the sums over respondents, for its interval; None where each answer comes from a
            respondent of its own.
        basis: What the figures rest on; takes no part in equality.

    .. versionadded:: 0.1

    >>> shares = AnswerShare({"speed": 2, "price": 5, "range": 3})
    >>> list(shares)
    ['price', 'range', 'speed']
    >>> print(shares["price"], shares["price"].interval())
    50.0% 23.7% to 76.3%
    """

    counts: Mapping[Answer, int] = field(converter=_counts, hash=False)
    sampling: Mapping[Answer, ClusterSums] | None = field(default=None, kw_only=True, eq=False, repr=False)
    basis: Basis = field(default=NOTHING, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "counts", FrozenMapping({each: n for each, n in self.counts.items() if n}))
        if self.sampling is not None:
            if not isinstance(self.sampling, Mapping) or self.sampling.keys() != self.counts.keys():
                msg = (
                    f"AnswerShare.sampling must have the sums of each answer that was given, {shown(list(self.counts))} "
                    f"(got {shown(self.sampling)}); give None where each answer comes from a respondent of its own"
                )
                raise InvalidValueError(msg)
            object.__setattr__(self, "sampling", FrozenMapping(self.sampling))
            for answer in self.counts:
                self[answer]  # refuses sums of another figure
        if not self.counts:
            object.__setattr__(self, "basis", with_reason(self.basis, "there are no answers"))

    @property
    def count(self) -> int:
        """How many answers there are."""
        return sum(self.counts.values())

    def __getitem__(self, answer: Answer) -> Ratio:
        """The share of one answer.

        Raises:
            KeyError: When nobody gave it.
        """
        times = self.counts[answer]
        basis = evolve(self.basis, counted=(f"answered {answer}", *self.basis.counted))
        sampling: Sampling = "independent" if self.sampling is None else self.sampling[answer]
        return Ratio(times, self.count, sampling=sampling, basis=basis)

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.counts)

    def __len__(self) -> int:
        return len(self.counts)

    def to_dicts(self) -> list[dict[str, Any]]:
        """One plain dictionary an answer, for JSON or a data frame: answer, count, of, share, and the 95 % interval."""
        return [
            {
                "answer": float(answer) if isinstance(answer, Decimal) else answer,
                "count": ratio.numerator,
                "of": ratio.denominator,
                "share": ratio.value,
                "low": (interval := ratio.interval()).low,
                "high": interval.high,
            }
            for answer, ratio in self.items()
        ]

    def __str__(self) -> str:
        if not self.counts:
            return self._no_value
        from retention.display._names import name_as_text
        from retention.display._text import table

        rows = [
            [name_as_text(answer), f"{ratio.numerator:,}", str(ratio), str(ratio.interval())]
            for answer, ratio in self.items()
        ]
        return table(rows, headings=["answer", "count", "share", "95 % interval"])

    def explain(self) -> str:
        """The shares in words, with what was left out."""
        if not self.counts:
            return self._named(f"no value, since {self.basis.undefined_because}.")
        from retention.display._names import name_as_text

        shares = ", ".join(
            f"{name_as_text(answer)} {ratio} ({ratio.numerator:,}; 95 % interval {ratio.interval()})"
            for answer, ratio in self.items()
        )
        what = self.basis.counted[0] if self.basis.counted else "answers"
        return self._named(f"of {self.count:,} {what}: {shares}.")
