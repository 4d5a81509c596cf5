"""What an answer counts in each survey figure: promoters and detractors, the top boxes, the easy half of a scale.

Each function takes the question (its scale and its good end) and gives a weight: a function of the answer whose
sums make the figure. A question that the figure can't be had of is refused, with what to do instead.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias, cast

from attrs import frozen

from retention import _validate as check
from retention.errors import InvalidTypeError, InvalidValueError, SurveyScaleError, shown
from retention.records import Direction, Scale, SurveyResponse

__all__ = ["Answer", "Question", "Weight", "agreeing", "at_face_value", "easy", "recommending", "satisfied"]

Answer: TypeAlias = int | Decimal | str
"""A score, or a choice in words."""

Weight: TypeAlias = Callable[[Any], int]
"""What one answer counts."""

_NPS_SCALE = (0, 10)
_PROMOTERS_FROM = 9
_DETRACTORS_TO = 6
_SHORT_SCALE = 4
"""Up to so many points, only the best is positive."""


@frozen(kw_only=True)
class Question:
    """How a question is answered: on a scale, of which one end may be the good one, or in words.

    Attributes:
        scale: Lowest and highest score; None for answers in words.
        direction: Which end is the good one, or None.
        whole: Whether scores are whole numbers.
    """

    scale: Scale | None
    direction: Direction | None
    whole: bool

    @classmethod
    def of(cls, response: SurveyResponse) -> Question:
        """The question that a response answers."""
        scale = response.scale
        return cls(
            scale=scale, direction=response.direction, whole=scale is not None and type(scale[0]) is int
        )

    @property
    def options(self) -> int:
        """How many answers a whole-number scale offers."""
        low, high = self.ends
        return int(high) - int(low) + 1

    @property
    def ends(self) -> Scale:
        """Lowest and highest score."""
        return cast("Scale", self.scale)  # asked of questions with a scale only

    def __str__(self) -> str:
        if self.scale is None:
            return "answers in words"
        low, high = self.scale
        kind = "" if self.whole else " with fractions"
        good = f", {self.direction} is better" if self.direction else ""
        return f"scores from {low} to {high}{kind}{good}"


def _scaled(question: Question, owner: str) -> None:
    if question.scale is None:
        msg = f"{owner} needs answers with a score, and these are answers in words; count them with answer_share"
        raise SurveyScaleError(msg)


def _directed(question: Question, owner: str) -> None:
    _scaled(question, owner)
    if question.direction is None:
        msg = (
            f"{owner} needs to know which end of the scale is the good one, and these answers don't say "
            f'({question}); make them with direction="higher" or "lower"'
        )
        raise SurveyScaleError(msg)


# --------------------------------------------------------------------------------------------- weights


def recommending(question: Question, owner: str = "net_promoter_score") -> Weight:
    """1 for a promoter (9 or 10), −1 for a detractor (0 to 6), 0 between."""
    _scaled(question, owner)
    if question.scale != _NPS_SCALE or not question.whole or question.direction == "lower":
        msg = (
            f"{owner} is defined for whole scores from 0 to 10, higher is better, and these are {question}; "
            f"for another scale there is customer_satisfaction_score"
        )
        raise SurveyScaleError(msg)
    return lambda score: (score >= _PROMOTERS_FROM) - (score <= _DETRACTORS_TO)


def satisfied(
    question: Question, positive_from: Any = None, owner: str = "customer_satisfaction_score"
) -> Weight:
    """1 for a positive answer: the two best of the scale, the best one of up to four, or from `positive_from` on."""
    _directed(question, owner)
    if positive_from is not None:
        return _as_good_as(question, on_scale(question, "positive_from", positive_from, owner))
    if not question.whole:
        msg = f"{owner}: positive_from= is due where scores have fractions, since such a scale has no boxes ({question})"
        raise SurveyScaleError(msg)
    boxes = 1 if question.options <= _SHORT_SCALE else 2
    low, high = question.ends
    return _as_good_as(question, high - boxes + 1 if question.direction == "higher" else low + boxes - 1)


def agreeing(question: Question, agree_from: Any = None, owner: str = "customer_effort_score") -> Weight:
    """1 for an answer that says it was easy: on the good side of the scale's middle, or from `agree_from` on."""
    _directed(question, owner)
    if agree_from is not None:
        return _as_good_as(question, on_scale(question, "agree_from", agree_from, owner))
    side = easy(question, owner)
    return lambda score: int(side(score) > 0)


def easy(question: Question, owner: str = "customer_effort_score") -> Weight:
    """1 on the good side of the scale's middle, −1 on the other, 0 at the middle itself."""
    _directed(question, owner)
    low, high = question.ends
    middle = (Fraction(low) + Fraction(high)) / 2
    sign = 1 if question.direction == "higher" else -1
    return lambda score: sign * ((score > middle) - (score < middle))


def at_face_value(question: Question, places: int = 0, owner: str = "customer_effort_score") -> Weight:
    """The score itself, in units of the last of so many decimals."""
    _scaled(question, owner)
    return int if question.whole else lambda score: int(check.EXACT.scaleb(score, places))


def published_options(question: Question, owner: str = "customer_effort_score") -> int:
    """By how many options the published form divides; only a scale that starts at 0 or 1 has such a form."""
    _scaled(question, owner)
    if not question.whole or question.ends[0] not in (0, 1):
        msg = (
            f'{owner}: method="published" divides by the number of options, which makes sense of whole scores from 0 or '
            f'1 up only, and these are {question}; give method="mean", "agree" or "net"'
        )
        raise SurveyScaleError(msg)
    return question.options


def _as_good_as(question: Question, limit: int | Decimal) -> Weight:
    if question.direction == "higher":
        return lambda score: int(score >= limit)
    return lambda score: int(score <= limit)


def on_scale(question: Question, name: str, value: Any, owner: str) -> int | Decimal:
    """A keyword's value as a score of the question."""
    limit = as_score(name, value, owner)
    low, high = question.ends
    if not low <= limit <= high or (question.whole and not isinstance(limit, int)):
        msg = f"{owner}: {name} must be one of the {question} (got {shown(value)})"
        raise InvalidValueError(msg)
    return limit


def as_score(name: str, value: Any, owner: str) -> int | Decimal:
    """A keyword's value as a number."""
    limit = check.to_score_or_none(value)
    if isinstance(limit, bool) or not isinstance(limit, (int, Decimal)) or not Decimal(limit).is_finite():
        msg = f"{owner}: {name} must be a score such as 4 (got {shown(value)})"
        raise InvalidTypeError(msg)
    return limit
