"""How the shop serves those who get in touch: how soon it answers and solves, and what needs no agent."""

from __future__ import annotations

from array import array
from typing import Literal, Unpack

from attrs import evolve

from retention._calendar import Duration
from retention._interaction_facts import InteractionFacts, Interactions, answered, self_served, waits
from retention._record_reading import RecordReading
from retention.metrics._contacts import (
    chosen,
    contacts_of,
    in_time,
    observed,
    share_of_contacts,
    window,
)
from retention.periods import Period
from retention.results import Distribution, Ratio, distribution_of_ascending

__all__ = ["answered_rate", "first_response_days", "resolution_days", "self_service_rate"]


def first_response_days(
    interactions: Interactions,
    /,
    *,
    period: Period,
    kind: str | None = None,
    channel: str | None = None,
    **reading: Unpack[RecordReading],
) -> Distribution:
    r"""Days until the shop first answered, of the contacts that came in and have been answered.

    .. math:: \{t_{\text{answered}} - t_{\text{came in}} : \text{came in during the period, answered by as\_of}\}

    How long people wait. Those who are still waiting are left out and counted in ``.left_out``, which flatters: the
    more so, the newer the period. `answered_rate` tells how many were answered at all.

    Range: 0 and up. Direction: lower is better. Unit: days of 24 hours.

    Args:
        interactions: The contacts, or a `Shop` that has them.
        period: The period in which they came in.
        kind: The kind of contact; None for all but reviews and mentions, of which nobody waits for an answer.
        channel: The channel; None for all.
        reading: How to read the contacts; see `RecordReading`.

    Returns:
        The distribution; its value is the median. Undefined when nothing that came in has been answered.

    Raises:
        InvalidValueError: `kind` or `channel` is not written as on the records.
        InvalidTypeError: `kind` or `channel` is no word.
        DuplicateRecordError: A contact's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> asked = {"kind": "question", "direction": "inbound", "channel": "chat", "occurred_at": noon}
    >>> contacts = [
    ...     rt.Interaction(answered_at=noon + timedelta(hours=6), **asked),
    ...     rt.Interaction(answered_at=noon + timedelta(days=2), **asked),
    ...     rt.Interaction(**asked),
    ... ]
    >>> waited = rt.first_response_days(contacts, period=rt.Period.month(2026, 3, tz="UTC"))
    >>> list(waited.values), dict(waited.left_out)
    ([0.25, 2.0], {'not answered yet': 1})

    References:
        Sources C17.

    .. versionadded:: 0.1
    """
    return read_first_response_days(contacts_of(interactions, period, reading), kind=kind, channel=channel)


def read_first_response_days(
    facts: InteractionFacts, *, kind: str | None = None, channel: str | None = None
) -> Distribution:
    return _days(facts, "first_response_days", kind, channel, counted="contacts that were answered")


def resolution_days(
    interactions: Interactions,
    /,
    *,
    period: Period,
    kind: str | None = None,
    channel: str | None = None,
    **reading: Unpack[RecordReading],
) -> Distribution:
    r"""Days until it was solved, of the contacts that came in and have been solved.

    .. math:: \{t_{\text{solved}} - t_{\text{came in}} : \text{came in during the period, solved by as\_of}\}

    By an agent, or by the customer alone. What is still open is left out and counted in ``.left_out``, which flatters:
    the more so, the newer the period, since the hard cases take longest.

    Range: 0 and up. Direction: lower is better. Unit: days of 24 hours.

    Args:
        interactions: The contacts, or a `Shop` that has them.
        period: The period in which they came in.
        kind: The kind of contact; None for all but reviews and mentions, in which there is nothing to solve.
        channel: The channel; None for all.
        reading: How to read the contacts; see `RecordReading`.

    Returns:
        The distribution; its value is the median. Undefined when nothing that came in has been solved.

    Raises:
        InvalidValueError: `kind` or `channel` is not written as on the records.
        InvalidTypeError: `kind` or `channel` is no word.
        DuplicateRecordError: A contact's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> case = {"kind": "case", "direction": "inbound", "channel": "telephone", "occurred_at": noon}
    >>> contacts = [
    ...     rt.Interaction(solved_at=noon + timedelta(days=1), **case),
    ...     rt.Interaction(solved_at=noon + timedelta(days=4), **case),
    ... ]
    >>> rt.resolution_days(contacts, period=rt.Period.month(2026, 3, tz="UTC")).median
    2.5

    References:
        Sources C17.

    .. versionadded:: 0.1
    """
    return read_resolution_days(contacts_of(interactions, period, reading), kind=kind, channel=channel)


def read_resolution_days(
    facts: InteractionFacts, *, kind: str | None = None, channel: str | None = None
) -> Distribution:
    return _days(facts, "resolution_days", kind, channel, counted="contacts that were solved")


def _days(
    facts: InteractionFacts,
    metric: Literal["first_response_days", "resolution_days"],
    kind: str | None,
    channel: str | None,
    *,
    counted: str,
) -> Distribution:
    times, left_out = waits(metric, facts, kind=kind, channel=channel)
    options = chosen(kind=kind, channel=channel)
    basis = facts.basis(
        metric,
        records="interactions",
        counted=(counted,),
        left_out=left_out,
        options=options,
        open_ended=True,
    )
    if not basis.observable:
        return distribution_of_ascending(array("q"), basis=basis)
    if not times:
        basis = evolve(basis, undefined_because=f"there are no {counted}")
    return distribution_of_ascending(times, basis=basis)


def answered_rate(
    interactions: Interactions,
    /,
    *,
    period: Period,
    within: Duration | None,
    kind: str | None = None,
    channel: str | None = None,
    **reading: Unpack[RecordReading],
) -> Ratio:
    r"""Share of what came in that the shop answered: contacts answered / contacts that came in.

    .. math:: \frac{|\{\text{answered}\}|}{|\{\text{came in during the period}\}|}

    With `within`, of the contacts that have been observed that long, so that all have had the same time. With
    ``within=None``, of all of them by what is known at `as_of`, and older periods have had more time to be answered.

    What a customer solved alone, and nobody answered, counts as not answered.

    Range: 0 to 1. Direction: higher is better. Unit: share of contacts.

    Args:
        interactions: The contacts, or a `Shop` that has them.
        period: The period in which they came in.
        within: How long an answer may take, the limit included; a timedelta or a relativedelta. None for as long as
            the data reach.
        kind: The kind of contact; None for all but reviews and mentions, of which nobody waits for an answer.
        channel: The channel; None for all.
        reading: How to read the contacts; see `RecordReading`.

    Returns:
        The rate. Undefined when nothing came in or, with `within`, nothing has been observed that long.

    Raises:
        AsOfRequiredError: `within` is given without `as_of`, which says how long each contact was observed.
        InvalidValueError: `within` is no positive time, or `kind` or `channel` is not written as on the records.
        InvalidTypeError: `within` is a number, which says no unit, or `kind` or `channel` is no word.
        DuplicateRecordError: A contact's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> asked = {"kind": "question", "direction": "inbound", "channel": "whatsapp", "occurred_at": noon}
    >>> contacts = [
    ...     rt.Interaction(answered_at=noon + timedelta(hours=1), **asked),
    ...     rt.Interaction(answered_at=noon + timedelta(days=3), **asked),
    ...     rt.Interaction(**asked),
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> rt.answered_rate(contacts, period=march, within=None)
    Ratio(2, 3)
    >>> rt.answered_rate(contacts, period=march, within=timedelta(days=1), as_of=noon + timedelta(days=60))
    Ratio(1, 3)

    References:
        Sources C9.

    .. versionadded:: 0.1
    """
    found = contacts_of(interactions, period, reading)
    return read_answered_rate(found, within=within, kind=kind, channel=channel)


def read_answered_rate(
    facts: InteractionFacts,
    *,
    within: Duration | None,
    kind: str | None = None,
    channel: str | None = None,
) -> Ratio:
    metric = "answered_rate"
    options = (*window(metric, within), *chosen(kind=kind, channel=channel))
    return share_of_contacts(
        facts,
        metric,
        answered(facts, within=within, kind=kind, channel=channel),
        counted=(in_time("answered", within), observed("contacts that came in", within)),
        options=options,
        within=within,
    )


def self_service_rate(
    interactions: Interactions,
    /,
    *,
    period: Period,
    kind: str | None = None,
    channel: str | None = None,
    **reading: Unpack[RecordReading],
) -> Ratio:
    r"""Share of what was solved that needed no agent: contacts solved by the customer alone / contacts solved.

    .. math:: \frac{|\{\text{solved by self-service}\}|}{|\{\text{came in during the period, solved by as\_of}\}|}

    A high share is good news only while customers stay satisfied: look at `customer_satisfaction_score` beside it. Of
    the newest period the quick solutions are known first, and most of these are the customers' own.

    Range: 0 to 1. Direction: higher is better. Unit: share of contacts.

    Args:
        interactions: The contacts, or a `Shop` that has them.
        period: The period in which they came in.
        kind: The kind of contact; None for all but reviews and mentions, in which there is nothing to solve.
        channel: The channel; None for all.
        reading: How to read the contacts; see `RecordReading`.

    Returns:
        The rate. Undefined when nothing was solved of which it is known by whom.

    Raises:
        InvalidValueError: `kind` or `channel` is not written as on the records.
        InvalidTypeError: `kind` or `channel` is no word.
        DuplicateRecordError: A contact's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> case = {
    ...     "kind": "case",
    ...     "direction": "inbound",
    ...     "channel": "web",
    ...     "occurred_at": noon,
    ...     "solved_at": noon,
    ... }
    >>> contacts = [rt.Interaction(solved_by=who, **case) for who in ("agent", "self_service", None)]
    >>> rt.self_service_rate(contacts, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(1, 2)

    References:
        Sources C17; C12 is what consumers want.

    .. versionadded:: 0.1
    """
    return read_self_service_rate(contacts_of(interactions, period, reading), kind=kind, channel=channel)


def read_self_service_rate(
    facts: InteractionFacts, *, kind: str | None = None, channel: str | None = None
) -> Ratio:
    metric = "self_service_rate"
    options = chosen(kind=kind, channel=channel)
    return share_of_contacts(
        facts,
        metric,
        self_served(facts, kind=kind, channel=channel),
        counted=("solved without an agent", "solved contacts whose solver is known"),
        options=options,
    )
