"""One figure for each group of survey responses: by touchpoint, by channel, by whatever a response tells."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from operator import attrgetter
from typing import Any, Literal, TypeVar

from retention._by import check_metric, grouped, key_of, largest_first
from retention._record_reading import RECORD_KEYWORDS, read_records
from retention._survey_facts import Responses
from retention.periods import Period
from retention.records import SurveyResponse
from retention.results import AnswerShare, Score

__all__ = ["survey_by"]

R = TypeVar("R", bound=Score | AnswerShare)


def survey_by(
    metric: Callable[..., R],
    responses: Responses,
    /,
    *,
    key: Literal["touchpoint", "channel"] | Callable[[SurveyResponse], Hashable],
    period: Period,
    **options: Any,
) -> dict[Hashable, R]:
    """A survey figure for each group of responses: by touchpoint, by channel, or by any key.

    Each group is counted as if there were no others, with the same definition. Small groups say little: look at the
    interval of each before you say which is best.

    Args:
        metric: The survey metric, such as `net_promoter_score`.
        responses: The responses, or a `Shop` that has them.
        key: ``"touchpoint"``, ``"channel"``, or a function of the response, such as
            ``lambda response: country_of[response.customer_id]``. Where it gives None, the group is not known.
        period: The period in which they were given.
        options: Further keywords of the metric, and how to read the responses; see `RecordReading`.

    Returns:
        The figure of each group that has answers in the period, the largest group first; those of which the key is
        not known stand under None.

    Raises:
        InvalidValueError: `key` names no such field.
        MixedScaleError: The answers of a group are on several scales.
        InvalidTypeError: `metric` is no survey metric, or `key` gives something that has no hash.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> at = datetime(2026, 3, 9, tzinfo=timezone.utc)
    >>> responses = [
    ...     rt.SurveyResponse(kind="nps", score=score, touchpoint=touchpoint, responded_at=at)
    ...     for touchpoint, score in [("delivery", 9), ("delivery", 6), ("checkout", 10), ("delivery", 3)]
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> for touchpoint, nps in rt.survey_by(
    ...     rt.net_promoter_score, responses, key="touchpoint", period=march
    ... ).items():
    ...     print(touchpoint, nps, nps.count)
    delivery -33.3 3
    checkout 100.0 1

    .. versionadded:: 0.1
    """
    check_metric(
        metric,
        owner="survey_by",
        wanted="a survey metric",
        example="net_promoter_score",
        first="responses",
    )
    group_of = key_of(key, fields=("touchpoint", "channel"), record="response")
    given, reading = read_records(
        responses,
        {name: options.pop(name) for name in RECORD_KEYWORDS & options.keys()},
        kind=SurveyResponse,
    )
    groups = grouped(given, period, at=attrgetter("responded_at"), key=group_of)
    known: dict[str, Any] = {name: getattr(reading, name) for name in RECORD_KEYWORDS}
    found = {name: metric(group, period=period, **known, **options) for name, group in groups.items()}
    # A group of another kind of question only, or of answers after as_of, is none.
    answered = ((name, figure) for name, figure in found.items() if figure.count or not figure.observable)
    return largest_first(answered, attrgetter("count"))
