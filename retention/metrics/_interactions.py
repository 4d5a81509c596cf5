"""What contacts draw and how people speak: engagement with the shop's messages, mentions, sentiment."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, Unpack

from attrs import evolve

from retention._calendar import Duration, check_duration
from retention._interaction_checks import RESPONSES, Response, checked_numbers, checked_responses
from retention._interaction_facts import (
    InteractionFacts,
    Interactions,
    engaged,
    feelings,
    mentions,
    moods,
)
from retention._numerics import ScoreSums
from retention._record_reading import RecordReading
from retention.errors import NotObservableError
from retention.metrics._contacts import chosen, contacts_of, in_time, share_of_contacts, window
from retention.periods import Period
from retention.results import Ratio, Score

__all__ = ["engagement_rate", "mention_count", "sentiment_score"]


# ---------------------------------------------------------------------------------------- engagement


def engagement_rate(
    interactions: Interactions,
    /,
    *,
    period: Period,
    within: Duration,
    responses: Collection[Literal["opened", "clicked", "replied"]] = RESPONSES,
    channel: str | None = None,
    min_channels: int | None = None,
    max_channels: int | None = None,
    **reading: Unpack[RecordReading],
) -> Ratio:
    r"""Share of the shop's contacts that drew a response in time: contacts with a response / contacts observed that long.

    .. math:: \frac{|\{\text{opened, clicked or replied to within } w\}|}{|\{\text{made in the period, observed for } w\}|}

    Of the shop's own contacts of every kind. What has not been observed for all of the time is left out, whether it
    drew a response or not: the quick responses would otherwise stand for the slow ones. A customer who is contacted
    five times counts with five; the interval knows that they are one customer's.

    Openings are counted by the mail programs that load pictures, some of which do so by themselves. Where that
    matters, ``responses=("clicked", "replied")`` asks for more.

    To set customers who are reached on several channels against those who are reached on one, ask for
    ``min_channels=3`` and for ``max_channels=1``. Who is reached on many channels is often a better customer to begin
    with, so that the difference is no effect of the channels.

    Range: 0 to 1. Direction: higher is better. Unit: share of contacts.

    Args:
        interactions: The contacts, or a `Shop` that has them.
        period: The period in which they were made.
        within: How long a response may take, the limit included; a timedelta or a relativedelta, which is counted
            in the zone of the period.
        responses: What counts as a response: ``"opened"``, ``"clicked"``, ``"replied"``, or several of them.
        channel: The channel; None for all.
        min_channels: Only contacts with customers whom the shop contacted on at least so many channels in the
            period. Contacts with somebody unknown are left out.
        max_channels: Likewise, on at most so many.
        reading: How to read the contacts; see `RecordReading`.

    Returns:
        The rate. Undefined when no contact of the period has been observed that long.

    Raises:
        AsOfRequiredError: There is no `as_of`, which says how long each contact was observed.
        InvalidValueError: `within` is no positive time, a response is unknown, or a number of channels is below 1.
        InvalidTypeError: `within` is a number, which says no unit, or `responses` is a single word.
        DuplicateRecordError: A contact's id stands twice.
        ConflictingArgumentError: `min_channels` is above `max_channels`, or a keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> mail = {"kind": "message", "direction": "outbound", "channel": "e-mail", "occurred_at": noon}
    >>> contacts = [
    ...     rt.Interaction(customer_id="ann", opened_at=noon + timedelta(hours=2), **mail),
    ...     rt.Interaction(customer_id="ben", replied_at=noon + timedelta(days=9), **mail),
    ...     rt.Interaction(customer_id="cy", **mail),
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> rt.engagement_rate(contacts, period=march, within=timedelta(days=7), as_of=noon + timedelta(days=60))
    Ratio(1, 3)

    References:
        Sources A1; A11 has the figures of three channels and more, and of one.

    .. versionadded:: 0.1
    """
    return read_engagement_rate(
        contacts_of(interactions, period, reading),
        within=within,
        responses=responses,
        channel=channel,
        min_channels=min_channels,
        max_channels=max_channels,
    )


def read_engagement_rate(
    facts: InteractionFacts,
    *,
    within: Duration,
    responses: Collection[Response] = RESPONSES,
    channel: str | None = None,
    min_channels: int | None = None,
    max_channels: int | None = None,
) -> Ratio:
    metric = "engagement_rate"
    tally = engaged(
        facts,
        within=check_duration(within, owner=metric, field="within"),
        responses=responses,
        channel=channel,
        min_channels=min_channels,
        max_channels=max_channels,
    )
    counted = checked_responses(metric, responses)
    numbers = checked_numbers(metric, min_channels, max_channels)
    options = (
        *window(metric, within),
        *chosen(responses=None if counted == RESPONSES else " or ".join(counted), channel=channel),
        *((name, str(number)) for name, number in numbers),
    )
    return share_of_contacts(
        facts,
        metric,
        tally,
        counted=(in_time("with a response", within), "contacts made and observed that long"),
        options=options,
        within=within,
    )


# ------------------------------------------------------------------------------------------- listening


def mention_count(
    interactions: Interactions,
    /,
    *,
    period: Period,
    channel: str | None = None,
    **reading: Unpack[RecordReading],
) -> int:
    r"""How often people spoke of the shop, customers or not.

    .. math:: |\{\text{mentions in the period}\}|

    Contacts of kind ``"mention"`` that came in. A count alone does not say whether the talk is good:
    `sentiment_score` does.

    Range: counts from 0 up. Direction: none. Unit: mentions.

    Args:
        interactions: The contacts, or a `Shop` that has them.
        period: The period.
        channel: The channel; None for all.
        reading: How to read the contacts; see `RecordReading`.

    Returns:
        The count. Undefined when the data do not reach the period, which raises.

    Raises:
        NotObservableError: The data do not reach the period.
        InvalidValueError: `channel` is not written as on the records.
        InvalidTypeError: `channel` is no word.
        DuplicateRecordError: A contact's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> contacts = [
    ...     rt.Interaction(kind="mention", direction="inbound", channel=channel, occurred_at=noon)
    ...     for channel in ("instagram", "instagram", "blog")
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> rt.mention_count(contacts, period=march), rt.mention_count(contacts, period=march, channel="blog")
    (3, 1)

    References:
        Sources C5, C9.

    .. versionadded:: 0.1
    """
    return read_mention_count(contacts_of(interactions, period, reading), channel=channel)


def read_mention_count(facts: InteractionFacts, *, channel: str | None = None) -> int:
    count = mentions(facts, channel=channel)
    if facts.unseen is not None:
        msg = f"{facts.period.label} is not observable: {facts.unseen}"
        raise NotObservableError(msg)
    return count


def sentiment_score(
    interactions: Interactions,
    /,
    *,
    period: Period,
    kind: str | None = None,
    channel: str | None = None,
    **reading: Unpack[RecordReading],
) -> Score:
    r"""How people sound when they get in touch or speak of the shop: the mean sentiment of what came in.

    .. math:: \frac{\sum \text{sentiment}}{|\{\text{contacts with a sentiment}\}|}

    From -1, all bad, to 1, all good. The library takes each sentiment as the host gives it, and has no opinion of its
    own on texts; contacts without one are left out. ``.parts`` has how many lie above, at and below 0.

    Who speaks up unasked is seldom average, so that this says nothing about those who are silent: surveys do.

    Range: -1 to 1. Direction: higher is better. Unit: none.

    Args:
        interactions: The contacts, or a `Shop` that has them.
        period: The period in which they came in.
        kind: The kind of contact, such as ``"review"`` or ``"mention"``; None for all.
        channel: The channel; None for all.
        reading: How to read the contacts; see `RecordReading`.

    Returns:
        The score. Undefined when nothing came in that has a sentiment.

    Raises:
        InvalidValueError: `kind` or `channel` is not written as on the records.
        InvalidTypeError: `kind` or `channel` is no word.
        DuplicateRecordError: A contact's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> said = {"kind": "review", "direction": "inbound", "channel": "web", "occurred_at": noon}
    >>> contacts = [rt.Interaction(sentiment=sentiment, **said) for sentiment in ("0.9", "0.4", "-0.7", None)]
    >>> sentiment = rt.sentiment_score(contacts, period=rt.Period.month(2026, 3, tz="UTC"))
    >>> print(sentiment, dict(sentiment.parts))
    0.200 {'good': 2, 'neutral': 0, 'bad': 1}

    References:
        Sources C5, C9.

    .. versionadded:: 0.1
    """
    return read_sentiment_score(contacts_of(interactions, period, reading), kind=kind, channel=channel)


def read_sentiment_score(
    facts: InteractionFacts, *, kind: str | None = None, channel: str | None = None
) -> Score:
    metric = "sentiment_score"
    options = chosen(kind=kind, channel=channel)
    tally = feelings(facts, kind=kind, channel=channel)
    counted = "contacts with a sentiment"
    basis = facts.basis(
        metric,
        records="interactions",
        counted=(counted,),
        left_out=tally.left_out,
        options=options,
    )
    sums = tally.sums()
    if not basis.observable or not sums.x:
        if basis.observable:
            basis = evolve(basis, undefined_because=f"there are no {counted}")
        return Score(None, low=-1, high=1, count=0, basis=basis)
    return Score(
        float(sums.quotient()),
        low=-1,
        high=1,
        count=sums.x,
        parts=moods(facts, kind=kind, channel=channel),
        sampling=ScoreSums(sums=sums, method="mean", points=1),
        basis=basis,
    )
