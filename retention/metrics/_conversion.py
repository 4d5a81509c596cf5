"""Whom the shop approached, and who bought: conversion, and offers of an added or dearer item."""

from __future__ import annotations

from typing import Literal, Unpack

from retention._calendar import Duration
from retention._interaction_checks import Group, checked_group
from retention._interaction_facts import (
    InteractionFacts,
    Interactions,
    converted,
    interaction_facts,
    offered,
)
from retention._record_reading import RecordReading
from retention.metrics._contacts import chosen, contacts_of, in_time, observed, share_of_contacts, window
from retention.periods import Period
from retention.results import Ratio
from retention.shop import Shop

__all__ = ["conversion_rate", "upsell_rate"]

_LED_TO_AN_ORDER = "led to an order"


def conversion_rate(
    interactions: Interactions,
    /,
    *,
    period: Period,
    within: Duration | None,
    kind: str = "approach",
    of: Literal["all", "existing", "new"] = "all",
    channel: str | None = None,
    **reading: Unpack[RecordReading],
) -> Ratio:
    r"""Share of approaches that led to an order: approaches converted / approaches made.

    .. math:: \frac{|\{\text{led to an order}\}|}{|\{\text{approached in the period}\}|}

    An approach is a contact of the shop's own, of kind ``"approach"``, that asks somebody to buy; it converted if the
    record says so (`ordered_at`). Whom the shop approaches three times counts three times; the interval knows that it
    is one customer.

    With `within`, of the approaches that have been observed that long, so that all have had the same time. With
    ``within=None``, of all of them by what is known at `as_of`, and older periods have had more time to convert.

    With ``of="existing"``, of approaches to customers who had purchased strictly before them, and with ``of="new"``,
    to those who had not. Of approaches to somebody unknown, neither can be said, and they are left out.

    Range: 0 to 1. Direction: higher is better. Unit: share of contacts.

    Args:
        interactions: The contacts, or a `Shop` that has them; with `of`, a `Shop` that has the orders, too.
        period: The period in which they were made.
        within: How long an order may take, the limit included; a timedelta or a relativedelta. None for as long as
            the data reach.
        kind: The kind of contact; such as ``"visit"``, if that is what you call the contacts that you record.
        of: ``"all"``, ``"existing"`` or ``"new"``: to whom.
        channel: The channel; None for all.
        reading: How to read the contacts; see `RecordReading`.

    Returns:
        The rate. Undefined when nobody was approached or, with `within`, no approach has been observed that long. With
        `of`, not observable when the data begin with the period, since all would look new.

    Raises:
        AsOfRequiredError: `within` is given without `as_of`, which says how long each approach was observed.
        MissingRecordsError: `of` is given, and the orders are not there.
        InvalidValueError: `of` is no such word, `within` is no positive time, or `kind` or `channel` is not written
            as on the records.
        InvalidTypeError: One of these is of the wrong type.
        DuplicateRecordError: A contact's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> from retention.testing import make_orders
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> asked = {"kind": "approach", "direction": "outbound", "channel": "telephone", "occurred_at": noon}
    >>> contacts = [
    ...     rt.Interaction(customer_id="ann", ordered_at=noon + timedelta(days=1), **asked),
    ...     rt.Interaction(customer_id="ben", **asked),
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> rt.conversion_rate(contacts, period=march, within=timedelta(days=30), as_of=noon + timedelta(days=60))
    Ratio(1, 2)
    >>> shop = rt.Shop(orders=make_orders({"ann": ["2026-02-10", "2026-03-10"]}), interactions=contacts)
    >>> (
    ...     rt.conversion_rate(shop, period=march, within=None, of="existing"),
    ...     rt.conversion_rate(shop, period=march, within=None, of="new"),
    ... )
    (Ratio(1, 1), Ratio(0, 1))

    References:
        Sources E4, C16, E7; E15 has the figures for existing and for new customers.

    .. versionadded:: 0.1
    """
    past_matters = checked_group("conversion_rate", of) != "all"
    history = interactions.history() if past_matters and isinstance(interactions, Shop) else None
    found = interaction_facts(interactions, (period,), history=history, **reading)[0]
    return read_conversion_rate(found, within=within, kind=kind, of=of, channel=channel)


def read_conversion_rate(
    facts: InteractionFacts,
    *,
    within: Duration | None,
    kind: str = "approach",
    of: Group = "all",
    channel: str | None = None,
) -> Ratio:
    metric = "conversion_rate"
    tally = converted(facts, within=within, kind=kind, of=of, channel=channel)
    usual, past_matters = kind == "approach", of != "all"
    said = chosen(kind=None if usual else kind, of=of if past_matters else None, channel=channel)
    return share_of_contacts(
        facts,
        metric,
        tally,
        counted=(
            in_time(_LED_TO_AN_ORDER, within),
            observed("approaches" if usual else f"contacts of kind {kind!r}", within),
        ),
        options=(*window(metric, within), *said),
        within=within,
        unseen=facts.past_unseen() if past_matters else None,
        assumed=facts.taken_of_the_past() if past_matters else None,
    )


def upsell_rate(
    interactions: Interactions,
    /,
    *,
    period: Period,
    within: Duration | None,
    channel: str | None = None,
    **reading: Unpack[RecordReading],
) -> Ratio:
    r"""Share of the offers of an added or dearer item that were taken: offers accepted / offers made.

    .. math:: \frac{|\{\text{led to an order}\}|}{|\{\text{offered in the period}\}|}

    An offer is a contact of the shop's own of kind ``"offer"``; it was accepted if the record says that it led to an
    order (`ordered_at`). Who is offered three things counts three times; the interval knows that it is one customer.

    With `within`, of the offers that have been observed that long, so that all have had the same time. With
    ``within=None``, of all of them by what is known at `as_of`, and older periods have had more time.

    Range: 0 to 1. Direction: higher is better. Unit: share of contacts.

    Args:
        interactions: The contacts, or a `Shop` that has them.
        period: The period in which the offers were made.
        within: How long an order may take, the limit included; a timedelta or a relativedelta. None for as long as
            the data reach.
        channel: The channel; None for all.
        reading: How to read the contacts; see `RecordReading`.

    Returns:
        The rate. Undefined when nothing was offered or, with `within`, no offer has been observed that long.

    Raises:
        AsOfRequiredError: `within` is given without `as_of`, which says how long each offer was observed.
        InvalidValueError: `within` is no positive time, or `channel` is not written as on the records.
        InvalidTypeError: `within` is a number, which says no unit, or `channel` is no word.
        DuplicateRecordError: A contact's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> offer = {"kind": "offer", "direction": "outbound", "channel": "web", "occurred_at": noon}
    >>> contacts = [
    ...     rt.Interaction(customer_id="ann", ordered_at=noon + timedelta(minutes=3), **offer),
    ...     rt.Interaction(customer_id="ben", **offer),
    ...     rt.Interaction(customer_id="cy", **offer),
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> rt.upsell_rate(contacts, period=march, within=timedelta(days=30), as_of=noon + timedelta(days=60))
    Ratio(1, 3)

    References:
        Sources B7, E8.

    .. versionadded:: 0.1
    """
    return read_upsell_rate(contacts_of(interactions, period, reading), within=within, channel=channel)


def read_upsell_rate(
    facts: InteractionFacts, *, within: Duration | None, channel: str | None = None
) -> Ratio:
    metric = "upsell_rate"
    options = (*window(metric, within), *chosen(channel=channel))
    return share_of_contacts(
        facts,
        metric,
        offered(facts, within=within, channel=channel),
        counted=(in_time(_LED_TO_AN_ORDER, within), observed("offers", within)),
        options=options,
        within=within,
    )
