"""What customers answer when they are asked."""

from __future__ import annotations

from retention.errors import InvalidValueError
from retention.formulas._call import RAISE, Call, Fallback, Number

__all__ = ["customer_effort_score", "customer_satisfaction_score", "net_promoter_score"]


def net_promoter_score(
    *, promoters: int, detractors: int, respondents: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""How far those who recommend outweigh those who don't: 100 x (promoters - detractors) / respondents.

    .. math:: 100 \cdot \frac{\text{promoters} - \text{detractors}}{\text{respondents}}

    From -100 to 100 points, higher is better. The question is how likely the customer is to recommend the
    shop, from 0 to 10.

    Args:
        promoters: Answers of 9 or 10.
        detractors: Answers from 0 to 6.
        respondents: All answers, the passives (7 or 8) included.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The score in points. Undefined when nobody answered.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or promoters and detractors
            together exceed the respondents.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> net_promoter_score(promoters=5, detractors=2, respondents=10)
        30.0

    References:
        D7 (EmizenTech) and C1 (SmartHint), published; Reichheld (2003), "The one number you need to grow".

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("net_promoter_score")
    plus = call.count("promoters", promoters)
    minus = call.count("detractors", detractors)
    everyone = call.count("respondents", respondents)
    if plus.exact + minus.exact > everyone.exact:
        raise InvalidValueError(
            f"net_promoter_score: {plus} and {minus} together must not exceed {everyone}; "
            "count every answer in respondents, the passives (7 or 8) too"
        )
    points = 100 * (plus.exact - minus.exact)
    return call.quotient(points, everyone.exact, requires="at least one respondent", default=default)


def customer_satisfaction_score(
    *, positive_answers: int, respondents: int, default: Fallback = RAISE
) -> float | Fallback:
    r"""Share of positive answers in points: 100 x positive answers / respondents.

    .. math:: 100 \cdot \frac{\text{positive}}{\text{respondents}}

    From 0 to 100 points, higher is better. Which answers are positive is a convention: usually the two best
    of the scale.

    Args:
        positive_answers: Answers that count as satisfied, such as 4 or 5 on a scale from 1 to 5.
        respondents: All answers.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The score in points. Undefined when nobody answered.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If a count is negative, fractional or not finite, or there are more positive
            answers than respondents.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        >>> customer_satisfaction_score(positive_answers=8, respondents=10)
        80.0

    References:
        D6 (EmizenTech), published.

    .. versionadded:: 0.1
    """
    call: Call[float] = Call("customer_satisfaction_score")
    positive = call.count("positive_answers", positive_answers)
    everyone = call.count("respondents", respondents)
    call.at_most(positive, everyone)
    points = 100 * positive.exact
    return call.quotient(points, everyone.exact, requires="at least one respondent", default=default)


def customer_effort_score(
    *, score_total: Number, respondents: int, options: int, default: Fallback = RAISE
) -> Number | Fallback:
    r"""Mean answer about effort as a part of the scale: 100 x (sum of scores / respondents) / options.

    .. math:: 100 \cdot \frac{\text{sum of scores} / \text{respondents}}{\text{options}}

    From 0 to 100 points. The question decides the direction: "it was easy" is better high, "how much effort
    did it take" is better low. On a scale from 1 the lowest possible score is 100 / options, not 0.

    Args:
        score_total: Sum of all the scores that were given.
        respondents: All answers.
        options: How many answers the scale offers, two or more: 7 on a scale from 1 to 7.
        default: What to return, instead of raising, where the figure is undefined.

    Returns:
        The score in points. Undefined when nobody answered.

    Raises:
        UndefinedMetricError: If the figure is undefined and ``default`` was not given.
        InvalidValueError: If an argument is negative or not finite, a count is fractional, there are fewer
            than two options, or the sum exceeds respondents x options.
        InvalidTypeError: If an argument is a bool or no number, or a Decimal meets a float.

    Examples:
        Ten customers answer 4 of 5 on average:

        >>> customer_effort_score(score_total=40, respondents=10, options=5)
        80.0

    References:
        D8 (EmizenTech), published; D31 defines effort. Dixon, Freeman and Toman (2010), "Stop trying to
        delight your customers".

    .. versionadded:: 0.1
    """
    call: Call[Number] = Call("customer_effort_score")
    total = call.amount("score_total", score_total)
    everyone = call.count("respondents", respondents)
    scale = call.count("options", options)
    if scale.exact < 2:
        raise InvalidValueError(
            f"customer_effort_score: {scale} must be 2 or more; count the scale's answers"
        )
    highest = everyone.exact * scale.exact
    if total.exact > highest:
        raise InvalidValueError(
            f"customer_effort_score: {total} must not exceed {everyone} x {scale}; "
            "count the scale's answers in options, such as 11 on a scale from 0 to 10"
        )
    return call.quotient(100 * total.exact, highest, requires="at least one respondent", default=default)
