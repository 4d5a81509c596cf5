"""What customers say when they are asked: recommendation, satisfaction, effort, and answers in words."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias, Unpack

from attrs import evolve

from retention._numerics import ScoreSums
from retention._record_reading import RecordReading
from retention._survey_counts import (
    Answer,
    Question,
    Weight,
    agreeing,
    as_score,
    at_face_value,
    easy,
    published_options,
    recommending,
    satisfied,
)
from retention._survey_facts import Answers, Counting, Responses, SurveyFacts, survey_facts
from retention.errors import ConflictingArgumentError, InvalidTypeError, InvalidValueError, shown
from retention.periods import Period
from retention.results import AnswerShare, Basis, Score

__all__ = ["answer_share", "customer_effort_score", "customer_satisfaction_score", "net_promoter_score"]

Method: TypeAlias = Literal["published", "mean", "agree", "net"]

_METHODS = ("published", "mean", "agree", "net")
_COUNTED = ("answers",)


def _answers_to(question: Question) -> tuple[str]:
    """What is counted, with the scale: scores of two scales are not compared, however alike they look."""
    return (f"answers ({question})",)


def _one_period(
    responses: Responses, period: Period, kind: str, answers: Counting, reading: RecordReading
) -> SurveyFacts:
    if not isinstance(kind, str):
        msg = f'kind must be a word such as "csat", not {type(kind).__name__} (got {shown(kind)})'
        raise InvalidTypeError(msg)
    return survey_facts(responses, (period,), answers=answers, **reading)[0]


def _no_score(basis: Basis, low: float = 0, high: float = 100) -> Score:
    return Score(None, low=low, high=high, count=0, basis=basis)


def _score(
    sampling: ScoreSums,
    found: Answers,
    basis: Basis,
    *,
    low: float = 0,
    high: float = 100,
    parts: dict[str, int] | None = None,
) -> Score:
    sums = sampling.sums
    value = float(sampling.points * Fraction(sums.y, sums.x * sums.scale))
    return Score(
        value, low=low, high=high, count=found.count, parts=parts or {}, sampling=sampling, basis=basis
    )


# ------------------------------------------------------------------------------------ recommendation


def net_promoter_score(
    responses: Responses,
    /,
    *,
    period: Period,
    kind: str = "nps",
    answers: Literal["all", "latest"] = "all",
    **reading: Unpack[RecordReading],
) -> Score:
    r"""How far those who recommend the shop outweigh those who don't: (promoters - detractors) / answers, in points.

    .. math:: 100 \cdot \frac{\text{promoters} - \text{detractors}}{\text{answers}}

    Promoters answer 9 or 10, passives 7 or 8, detractors 0 to 6. ``.parts`` has the number of each.

    Range: -100 to 100. Direction: higher is better. Unit: points.

    Args:
        responses: The responses, or a `Shop` that has them.
        period: The period in which they were given.
        kind: The kind of question; a kind of your own must have whole scores from 0 to 10.
        answers: ``"all"``, or ``"latest"`` to count only each customer's latest answer of the period; of two at one
            instant the later in the input. Who is not known counts each time.
        reading: How to read the responses; see `RecordReading`.

    Returns:
        The score. Undefined when nobody answered.

    Raises:
        MixedScaleError: The answers are on several scales.
        SurveyScaleError: They are on another scale.
        DuplicateResponseError: A response's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> at = datetime(2026, 3, 9, tzinfo=timezone.utc)
    >>> responses = [
    ...     rt.SurveyResponse(kind="nps", score=score, responded_at=at) for score in (10, 9, 9, 8, 3)
    ... ]
    >>> nps = rt.net_promoter_score(responses, period=rt.Period.month(2026, 3, tz="UTC"))
    >>> print(nps, dict(nps.parts))
    40.0 {'promoters': 3, 'passives': 1, 'detractors': 1}

    References:
        Sources D7, C1. Reichheld (2003), "The one number you need to grow"; the interval is that of Rocks (2016),
        "Interval estimation for the net promoter score".

    .. versionadded:: 0.1
    """
    return read_net_promoter_score(_one_period(responses, period, kind, answers, reading), kind=kind)


def read_net_promoter_score(facts: SurveyFacts, *, kind: str = "nps") -> Score:
    metric = "net_promoter_score"
    basis = facts.basis_of(metric, kind, counted=_COUNTED, usual_kind="nps")
    if basis.undefined_because:
        return _no_score(basis, low=-100)
    found = facts.of(kind)
    weight = recommending(found.question(kind, metric))
    parts = _parts(found, weight, ("promoters", "passives", "detractors"))
    sampling = ScoreSums(
        sums=found.sums(weight, signed=True),
        method="net",
        outspoken=parts["promoters"] + parts["detractors"],
    )
    return _score(sampling, found, basis, low=-100, parts=parts)


def _parts(found: Answers, weight: Weight, names: tuple[str, str, str]) -> dict[str, int]:
    """How many answers count 1, 0 and −1."""
    parts = dict.fromkeys(names, 0)
    for answer, times in found.counts().items():
        parts[names[1 - weight(answer)]] += times
    return parts


def _two_parts(found: Answers, weight: Weight, name: str) -> dict[str, int]:
    """How many answers count 1, and how many count nothing."""
    good = sum(times for answer, times in found.counts().items() if weight(answer))
    return {name: good, "others": found.count - good}


def _limit(name: str, value: int | Decimal | None, metric: str) -> tuple[tuple[str, str], ...]:
    """A score given as a keyword, as text; 4 and 4.0 are one definition."""
    return () if value is None else ((name, str(as_score(name, value, metric))),)


# -------------------------------------------------------------------------------------- satisfaction


def customer_satisfaction_score(
    responses: Responses,
    /,
    *,
    period: Period,
    kind: str = "csat",
    positive_from: int | Decimal | None = None,
    answers: Literal["all", "latest"] = "all",
    **reading: Unpack[RecordReading],
) -> Score:
    r"""Share of satisfied answers: positive answers / answers, in points.

    .. math:: 100 \cdot \frac{\text{positive}}{\text{answers}}

    Positive are the two best scores of the scale (4 and 5 of 1 to 5), and the single best one of a scale of up to
    four. Where lower is better, as with school grades, the best scores are the lowest. ``.parts`` has the numbers.

    Range: 0 to 100. Direction: higher is better. Unit: points.

    Args:
        responses: The responses, or a `Shop` that has them.
        period: The period in which they were given.
        kind: The kind of question; a kind of your own must say which end of its scale is the good one.
        positive_from: The least good score that is still positive, itself included. Due where scores have fractions.
        answers: ``"all"``, or ``"latest"`` to count only each customer's latest answer of the period; of two at one
            instant the later in the input. Who is not known counts each time.
        reading: How to read the responses; see `RecordReading`.

    Returns:
        The score. Undefined when nobody answered.

    Raises:
        MixedScaleError: The answers are on several scales, or in several directions.
        SurveyScaleError: Their scale has fractions, so that `positive_from` is due, or it is not known which end is good.
        InvalidValueError: `positive_from` is not on the scale.
        DuplicateResponseError: A response's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> at = datetime(2026, 3, 9, tzinfo=timezone.utc)
    >>> responses = [
    ...     rt.SurveyResponse(kind="csat", score=score, scale=(1, 5), responded_at=at)
    ...     for score in (5, 4, 4, 3, 1)
    ... ]
    >>> csat = rt.customer_satisfaction_score(responses, period=rt.Period.month(2026, 3, tz="UTC"))
    >>> print(csat, csat.interval())
    60.0 23.1 to 88.2

    References:
        Sources D6.

    .. versionadded:: 0.1
    """
    found = _one_period(responses, period, kind, answers, reading)
    return read_customer_satisfaction_score(found, kind=kind, positive_from=positive_from)


def read_customer_satisfaction_score(
    facts: SurveyFacts, *, kind: str = "csat", positive_from: int | Decimal | None = None
) -> Score:
    metric = "customer_satisfaction_score"
    options = _limit("positive_from", positive_from, metric)
    basis = facts.basis_of(metric, kind, counted=_COUNTED, usual_kind="csat", options=options)
    if basis.undefined_because:
        return _no_score(basis)
    found = facts.of(kind)
    question = found.question(kind, metric)
    basis = evolve(basis, counted=_answers_to(question))
    weight = satisfied(question, positive_from)
    parts = _two_parts(found, weight, "positive")
    return _score(ScoreSums(sums=found.sums(weight), method="share"), found, basis, parts=parts)


# -------------------------------------------------------------------------------------------- effort


def customer_effort_score(
    responses: Responses,
    /,
    *,
    period: Period,
    kind: str = "ces",
    method: Literal["published", "mean", "agree", "net"] = "published",
    agree_from: int | Decimal | None = None,
    answers: Literal["all", "latest"] = "all",
    **reading: Unpack[RecordReading],
) -> Score:
    r"""How easy it was for customers: mean answer / number of options on the scale, in points.

    .. math:: 100 \cdot \frac{\sum \text{scores} \,/\, \text{answers}}{\text{options}}

    The published form, above, divides by the number of options (7 on a scale from 1 to 7, 11 from 0 to 10). It takes
    the scores as they are: its lowest value on a scale from 1 is 100 / options, its highest on a scale from 0 is
    100 · (options - 1) / options, and where the question asks for much effort (direction ``"lower"``) a low figure
    is the good one. The other methods:

    =============  ======================================================================================
    ``"mean"``     the mean score itself, on the scale of the question; which end is good, the question says
    ``"agree"``    share of answers that say it was easy, in points: those on the good side of the middle of
                   the scale (5 to 7 of 1 to 7; 1 to 3 where lower is better), or from `agree_from` on
    ``"net"``      share on the good side of the middle minus share on the other, in points from -100 to 100;
                   the middle itself (4 of 1 to 7) counts for neither
    =============  ======================================================================================

    ``"agree"`` and ``"net"`` are better high whatever the direction of the question, and have ``.parts``.

    Range: 0 to 100; see above for the other methods. Direction: none; the question says which end is the good
    one. Unit: points.

    Args:
        responses: The responses, or a `Shop` that has them.
        period: The period in which they were given.
        kind: The kind of question; ``"agree"`` and ``"net"`` need to know which end of its scale is the good one.
        method: ``"published"``, ``"mean"``, ``"agree"`` or ``"net"``.
        agree_from: The least good score that still says "easy", itself included; for ``method="agree"``.
        answers: ``"all"``, or ``"latest"`` to count only each customer's latest answer of the period; of two at one
            instant the later in the input. Who is not known counts each time.
        reading: How to read the responses; see `RecordReading`.

    Returns:
        The score. Undefined when nobody answered.

    Raises:
        MixedScaleError: The answers are on several scales, or in several directions.
        SurveyScaleError: The method makes no sense on their scale.
        InvalidValueError: `agree_from` is not on the scale.
        DuplicateResponseError: A response's id stands twice.
        ConflictingArgumentError: `agree_from` is given for another method, or a keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> at = datetime(2026, 3, 9, tzinfo=timezone.utc)
    >>> responses = [
    ...     rt.SurveyResponse(kind="ces", score=score, scale=(1, 5), direction="higher", responded_at=at)
    ...     for score in (5, 4, 4, 3)
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> print(rt.customer_effort_score(responses, period=march))
    80.0
    >>> print(rt.customer_effort_score(responses, period=march, method="agree"))
    75.0

    References:
        Sources D8, D31. Dixon, Freeman and Toman (2010), "Stop trying to delight your customers".

    .. versionadded:: 0.1
    """
    _check_method(method, agree_from)
    found = _one_period(responses, period, kind, answers, reading)
    return read_customer_effort_score(found, kind=kind, method=method, agree_from=agree_from)


def _check_method(method: object, agree_from: object) -> None:
    if not isinstance(method, str) or method not in _METHODS:
        msg = f'customer_effort_score: method must be "published", "mean", "agree" or "net" (got {shown(method)})'
        raise (InvalidValueError if isinstance(method, str) else InvalidTypeError)(msg)
    if agree_from is not None and method != "agree":
        msg = f'customer_effort_score: agree_from= goes with method="agree" (got method={method!r}); leave one of them out'
        raise ConflictingArgumentError(msg)


def read_customer_effort_score(
    facts: SurveyFacts,
    *,
    kind: str = "ces",
    method: Method = "published",
    agree_from: int | Decimal | None = None,
) -> Score:
    metric = "customer_effort_score"
    said = () if method == "published" else (("method", str(method)),)
    options = (*said, *_limit("agree_from", agree_from, metric))
    basis = facts.basis_of(metric, kind, counted=_COUNTED, usual_kind="ces", options=options)
    if basis.undefined_because:
        return _no_score(basis, low=-100 if method == "net" else 0)
    found = facts.of(kind)
    question = found.question(kind, metric)
    basis = evolve(basis, counted=_answers_to(question))
    if method == "agree":
        weight = agreeing(question, agree_from)
        parts = _two_parts(found, weight, "easy")
        return _score(ScoreSums(sums=found.sums(weight), method="share"), found, basis, parts=parts)
    if method == "net":
        weight = easy(question)
        parts = _parts(found, weight, ("easy", "neither", "hard"))
        outspoken = parts["easy"] + parts["hard"]
        sampling = ScoreSums(sums=found.sums(weight, signed=True), method="net", outspoken=outspoken)
        return _score(sampling, found, basis, low=-100, parts=parts)
    return _published(found, question, basis) if method == "published" else _mean(found, question, basis)


def _published(found: Answers, question: Question, basis: Basis) -> Score:
    options = published_options(question)
    points = Fraction(100, options)
    sampling = ScoreSums(sums=found.sums(at_face_value(question)), method="mean", points=points)
    low, high = (float(points * int(end)) for end in question.ends)
    return _score(sampling, found, basis, low=low, high=high)


def _mean(found: Answers, question: Question, basis: Basis) -> Score:
    places = max(map(_places, found.counts()))
    low, high = map(float, question.ends)
    sums = found.sums(
        at_face_value(question, places), scale=1 if question.whole else 10**places, signed=low < 0
    )
    return _score(ScoreSums(sums=sums, method="mean", points=1), found, basis, low=low, high=high)


def _places(answer: object) -> int:
    exponent = answer.as_tuple().exponent if isinstance(answer, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


# ------------------------------------------------------------------------------------------ any other


def answer_share(
    responses: Responses,
    /,
    *,
    period: Period,
    kind: str,
    answers: Literal["all", "latest"] = "all",
    **reading: Unpack[RecordReading],
) -> AnswerShare:
    r"""What share of the answers to a question each answer has: its number / number of all answers.

    .. math:: \frac{|\{\text{answers that chose it}\}|}{|\{\text{answers}\}|}

    For questions without a scale, such as why somebody bought, and for the scores of any scale. The shares add up to
    1. Texts are told apart as they are written: join "Price" and "price" before.

    Range: 0 to 1 each. Direction: none. Unit: share of answers.

    Args:
        responses: The responses, or a `Shop` that has them.
        period: The period in which they were given.
        kind: The kind of question.
        answers: ``"all"``, or ``"latest"`` to count only each customer's latest answer of the period; of two at one
            instant the later in the input. Who is not known counts each time.
        reading: How to read the responses; see `RecordReading`.

    Returns:
        The shares, the most frequent answer first. Undefined when nobody answered.

    Raises:
        MixedScaleError: The answers are on several scales, or some are scores and some are words.
        DuplicateResponseError: A response's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> at = datetime(2026, 3, 9, tzinfo=timezone.utc)
    >>> responses = [
    ...     rt.SurveyResponse(kind="why", answer=answer, responded_at=at)
    ...     for answer in ("price", "range", "price", "speed", "price")
    ... ]
    >>> print(rt.answer_share(responses, period=rt.Period.month(2026, 3, tz="UTC"), kind="why"))
    answer  count  share   95 % interval
    ------  -----  -----  --------------
    price       3  60.0%  23.1% to 88.2%
    range       1  20.0%   3.6% to 62.4%
    speed       1  20.0%   3.6% to 62.4%

    References:
        Sources C6.

    .. versionadded:: 0.1
    """
    return read_answer_share(_one_period(responses, period, kind, answers, reading), kind=kind)


def read_answer_share(facts: SurveyFacts, *, kind: str) -> AnswerShare:
    metric = "answer_share"
    # The kind is asked for, and so stands beside every figure.
    basis = facts.basis_of(metric, kind, counted=_COUNTED)
    if basis.undefined_because:
        return AnswerShare({}, basis=basis)
    found = facts.of(kind)
    found.question(kind, metric)
    counts = found.counts()
    if found.respondents == found.count:
        return AnswerShare(counts, basis=basis)
    sampling = {answer: found.sums(_is(answer)) for answer in counts}
    return AnswerShare(counts, sampling=sampling, basis=basis)


def _is(answer: Answer) -> Weight:
    return lambda given: int(given == answer)
