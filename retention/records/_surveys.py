"""What customers answered when they were asked."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import field, frozen

from retention import _validate as check
from retention.errors import InvalidValueError, shown

__all__ = ["Direction", "Scale", "SurveyResponse"]

Scale: TypeAlias = tuple[int, int] | tuple[Decimal, Decimal]
"""The lowest and the highest score of a survey: two ints where scores are whole numbers, else two Decimals."""

Direction: TypeAlias = Literal["higher", "lower"]
"""Which end of a survey's scale is the good one."""

_NPS_SCALE = (0, 10)
_SCORED_KINDS = ("nps", "csat", "ces")


@frozen(kw_only=True)
class SurveyResponse:
    """One answer to one question of a survey. A question that was not answered is no response.

    It has a `score` on a `scale`, or, where the question has no scale, an `answer` in words.

    Attributes:
        kind: Which question: ``"nps"`` (would you recommend us?), ``"csat"`` (how satisfied are you?), ``"ces"``
            (how much effort was it?), or a word of your own, the same for every answer to that question.
        score: The number chosen. Whole on a whole-number scale, where 9.0 is read as 9; elsewhere a Decimal, and
            a float is taken by the digits that it prints.
        answer: The choice in words, such as ``"price"``; it has neither scale nor direction.
        scale: Lowest and highest score, both included: two ints for whole numbers, such as ``(1, 5)``, two Decimals
            where there may be fractions. ``"nps"`` is always on ``(0, 10)``, without saying.
        direction: Which end is the good one, ``"higher"`` or ``"lower"``. ``"nps"`` is ``"higher"``, and so is
            ``"csat"`` unless said otherwise; ``"ces"`` must say it, since "it was easy" and "it took much effort"
            point in opposite directions; None elsewhere if there is no good end.
        responded_at: Instant of the answer, an aware datetime; kept in UTC.
        id: The host's id of the answer, if it has one.
        customer_id: Who answered; None if that is not known. Answers of one customer belong together, in intervals
            and where only the latest counts.
        touchpoint: What the survey was about or followed ("checkout", "delivery", …).
        channel: How it was asked ("e-mail", "app", …).
        comment: What the customer wrote beside it; left out of `repr`, and no error shows it.

    .. versionadded:: 0.1

    >>> from datetime import datetime, timezone
    >>> response = SurveyResponse(kind="nps", score=9, responded_at=datetime(2026, 3, 1, tzinfo=timezone.utc))
    >>> response.scale, response.direction
    ((0, 10), 'higher')
    """

    kind: str = field(validator=check.label)
    score: int | Decimal | None = field(
        default=None, converter=check.to_score_or_none, validator=check.optional(check.score)
    )
    answer: str | None = field(default=None, validator=check.optional(check.label))
    scale: Scale | None = field(
        default=None, converter=check.to_scale_or_none, validator=check.optional(check.scale)
    )
    direction: Direction | None = field(
        default=None, validator=check.optional(check.choice("higher", "lower"))
    )
    responded_at: datetime = field(converter=check.to_utc, validator=check.moment)
    id: Hashable | None = field(default=None, validator=check.optional(check.identifier))
    customer_id: Hashable | None = field(default=None, validator=check.optional(check.identifier))
    touchpoint: str | None = field(default=None, validator=check.optional(check.label))
    channel: str | None = field(default=None, validator=check.optional(check.label))
    comment: str | None = field(default=None, validator=check.optional(check.comment), repr=False)

    def __attrs_post_init__(self) -> None:
        self._check_kind()
        if self.answer is None:
            self._check_score()
        else:
            self._check_answer()

    def _check_kind(self) -> None:
        if self.kind not in _SCORED_KINDS and self.kind.strip().casefold() in _SCORED_KINDS:
            msg = f'SurveyResponse.kind must be written "{self.kind.strip().casefold()}" (got {shown(self.kind)})'
            raise InvalidValueError(msg)

    def _check_answer(self) -> None:
        if self.score is not None:
            msg = (
                f"SurveyResponse.answer is for questions without a scale, and score= is given too "
                f"(got {shown(self.answer)} and {self.score}); give one of them, and put remarks into comment="
            )
            raise InvalidValueError(msg)
        if self.kind in _SCORED_KINDS:
            msg = (
                f"SurveyResponse.answer must not be given for kind={self.kind!r}, which is a question with a scale "
                f"(got {shown(self.answer)}); give score=, or a kind of your own"
            )
            raise InvalidValueError(msg)
        for name in ("scale", "direction"):
            if getattr(self, name) is not None:
                msg = f"SurveyResponse.{name} must not be given beside answer=, a choice in words (got {getattr(self, name)!r})"
                raise InvalidValueError(msg)

    def _check_score(self) -> None:
        if self.score is None:
            msg = (
                "SurveyResponse.score is missing, and so is answer; give the number, or the choice in words, and "
                "leave questions out that were not answered"
            )
            raise InvalidValueError(msg)
        self._settle_scale()
        scale = self.scale
        if scale is None:
            msg = (
                f"SurveyResponse.scale is missing for kind={self.kind!r}; give the lowest and the highest score, "
                f"such as scale=(1, 5)"
            )
            raise InvalidValueError(msg)
        if not scale[0] <= self.score <= scale[1]:
            msg = f"SurveyResponse.score must lie on its scale, from {scale[0]} to {scale[1]} (got {self.score})"
            raise InvalidValueError(msg)
        if isinstance(scale[0], Decimal):
            object.__setattr__(self, "score", Decimal(self.score))
        elif not isinstance(self.score, int):
            msg = (
                f"SurveyResponse.score must be a whole number on the scale {scale} (got {self.score}); for scores with "
                f"fractions give the scale as Decimals, (Decimal({scale[0]}), Decimal({scale[1]}))"
            )
            raise InvalidValueError(msg)

    def _settle_scale(self) -> None:
        """Fill in what the kind says of scale and direction, and refuse what contradicts it."""
        if self.kind == "nps":
            if self.scale is None:
                object.__setattr__(self, "scale", _NPS_SCALE)
            elif self.scale != _NPS_SCALE or isinstance(self.scale[0], Decimal):
                msg = (
                    f'SurveyResponse.scale must be (0, 10) for kind="nps" (got {shown(self.scale)}); give another '
                    f"scale a kind of your own"
                )
                raise InvalidValueError(msg)
            if self.direction == "lower":
                msg = 'SurveyResponse.direction must be "higher" for kind="nps" (got \'lower\'); turn the scores round'
                raise InvalidValueError(msg)
        if self.direction is None:
            if self.kind == "ces":
                msg = (
                    'SurveyResponse.direction is missing for kind="ces"; give "higher" if a high score means that it '
                    'was easy, and "lower" if it means much effort'
                )
                raise InvalidValueError(msg)
            if self.kind in _SCORED_KINDS:
                object.__setattr__(self, "direction", "higher")
