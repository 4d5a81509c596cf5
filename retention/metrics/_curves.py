"""How soon: survival curves of a shop's own orders, subscriptions and contacts, those still waiting included."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Sequence
from typing import Literal, TypeAlias, Unpack

from attrs import evolve

from retention._calendar import Duration, check_duration, local_date, microseconds
from retention._columns import NOBODY
from retention._interaction_facts import InteractionFacts, Interactions, Wait, followed_waits
from retention._mrr import FOREVER, Ended, Tenure
from retention._next_purchases import NextPurchases
from retention._period_orders import Needs, PeriodOrders, period_orders
from retention._record_reading import MoneyReading, RecordReading
from retention._subscription_facts import Subscriptions, subscription_facts
from retention._subscription_pairs import SubscriptionFacts
from retention.errors import AsOfRequiredError, InvalidTypeError, InvalidValueError, shown
from retention.history import ReadingOptions
from retention.metrics._contacts import chosen, contacts_of
from retention.periods import Period
from retention.results import Basis
from retention.shop import Orders, history_of
from retention.survival import ENDED, Spells, SurvivalCurve

__all__ = [
    "first_response_curve",
    "next_purchase_curve",
    "resolution_curve",
    "second_purchase_curve",
    "subscriber_curve",
]

Watched: TypeAlias = Literal["in_force", "begun"]
"""Which subscribers a curve is about: all who were there in the period, or those who began in it."""


# ------------------------------------------------------------------------------------------ purchases


def second_purchase_curve(
    orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]
) -> SurvivalCurve:
    r"""How soon new customers come back: the share who have made a second purchase, by the time since the first.

    .. math:: 1 - S(t) = 1 - \prod_{t_i \le t} \left(1 - \frac{d_i}{n_i}\right)

    Of the customers who first purchased in the period, followed to `as_of`. Those who have not come back yet are not
    left out, and not taken for lost either; each counts for as long as it could have been seen. At each time, d came
    back of the n who had been watched so long and had not (Kaplan and Meier). So the newest customers may be among
    them, and the figure does not flatter as `second_purchase_days` does, which knows only those who came back.

    The curve itself, ``.survival(t)``, is the share of those who have *not* come back by t, and ``.incidence(t)`` the
    share of those who have. ``.median`` is the time in which half of all new customers come back, which many shops
    never reach. A second purchase at the instant of the first counts, with a time of 0.

    Range: 0 to 1. Direction: lower is better. Unit: share of customers not back yet.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The curve. Undefined when nobody purchased for the first time in the period. Not observable when the data
        begin with the period, since all would look new.

    Raises:
        AsOfRequiredError: `as_of`, which says how long each customer was watched, is not known.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> from retention.testing import make_orders
    >>> orders = make_orders(
    ...     {"ann": ["2026-03-01", "2026-03-05"], "ben": ["2026-03-11"], "cy": ["2026-03-11", "2026-04-10"]}
    ... )
    >>> as_of = datetime(2026, 4, 30, tzinfo=timezone.utc)
    >>> curve = rt.second_purchase_curve(orders, period=rt.Period.month(2026, 3, tz="UTC"), as_of=as_of)
    >>> [round(curve.incidence(timedelta(days=days)).value, 3) for days in (3, 4, 30)]
    [0.0, 0.333, 0.667]
    >>> curve.median
    30.0

    References:
        Sources E3. Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481.

    .. versionadded:: 0.1
    """
    return read_second_purchase_curve(period_orders(history_of(orders, **reading), period))


def read_second_purchase_curve(facts: PeriodOrders) -> SurvivalCurve:
    return _of_purchases(
        "second_purchase_curve",
        facts,
        facts.first_at,
        facts.second_gaps,
        counted="new customers",
        needs=("firsts",),
    )


def next_purchase_curve(
    orders: Orders,
    /,
    *,
    period: Period,
    after: int | None = None,
    **reading: Unpack[ReadingOptions],
) -> SurvivalCurve:
    r"""How soon customers buy again: the share who have made another purchase, by the time since the one before.

    .. math:: 1 - S(t) = 1 - \prod_{t_i \le t} \left(1 - \frac{d_i}{n_i}\right)

    Each customer counts once: with the first purchase in the period, and the time from it to the next one, within the
    period or after it. With ``after=k``, it is the customers whose k-th purchase ever lies in the period, from that
    one to the next: ``after=1`` is `second_purchase_curve`, and ``after=2`` shows how much sooner those come back who
    have done so before. Those who have not bought again count for as long as they were watched.

    Without `after`, frequent buyers are more of the customers of a month than of the customers that the shop has, and
    they come back sooner; ``after=`` keeps to people who are equally far.

    Range: 0 to 1. Direction: lower is better. Unit: share of customers not back yet.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        after: From which purchase of a customer on: 1 is the first ever. None is the first in the period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The curve. Undefined when there was no such purchase in the period. Not observable with `after` when the data
        begin with the period, since nobody could tell which purchase of a customer each was.

    Raises:
        AsOfRequiredError: `as_of`, which says how long each customer was watched, is not known.
        InvalidTypeError: `after` is no int.
        InvalidValueError: `after` is less than 1.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-20", "2026-03-02", "2026-03-05"], "ben": ["2026-03-11"]})
    >>> as_of = datetime(2026, 4, 30, tzinfo=timezone.utc)
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> again = rt.next_purchase_curve(orders, period=march, as_of=as_of)
    >>> again.count, again.ended, again.median
    (2, 1, 3.0)
    >>> rt.next_purchase_curve(orders, period=march, after=3, as_of=as_of).count
    1

    References:
        Sources E3, D5. Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481.

    .. versionadded:: 0.1
    """
    history = history_of(orders, **reading)
    return read_next_purchase_curve(period_orders(history, period, followed=True), after=after)


def read_next_purchase_curve(facts: PeriodOrders, *, after: int | None = None) -> SurvivalCurve:
    _check_after(after)
    begun, gaps = (facts.followed or NextPurchases()).chosen(after)
    return _of_purchases(
        "next_purchase_curve",
        facts,
        begun,
        gaps,
        counted="active customers" if after is None else f"customers with purchase number {after:,}",
        needs=() if after is None else ("firsts",),
        options=() if after is None else (("after", str(after)),),
    )


def _check_after(after: object) -> None:
    if after is None:
        return
    if isinstance(after, bool) or not isinstance(after, int):
        msg = (
            f"next_purchase_curve: after must be an int, not {type(after).__name__} (got {shown(after)}); "
            f"1 is a customer's first purchase"
        )
        raise InvalidTypeError(msg)
    if after < 1:
        msg = (
            f"next_purchase_curve: after must be at least 1, a customer's first purchase (got {shown(after)}); "
            f"leave it out for the first in the period"
        )
        raise InvalidValueError(msg)


def _of_purchases(
    metric: str,
    facts: PeriodOrders,
    begun: Sequence[int],
    gaps: Sequence[int],
    *,
    counted: str,
    needs: Needs,
    options: tuple[tuple[str, str], ...] = (),
) -> SurvivalCurve:
    """The curve of some customers, each with the instant from which on, and how long it took, if it did."""
    if facts.as_of is None:
        raise _no_as_of(metric)
    until = microseconds(facts.as_of)
    basis = facts.basis(metric, of="customers", counted=(counted,), needs=needs, options=options)
    times = array("q", (until - at if gap == NOBODY else gap for at, gap in zip(begun, gaps, strict=True)))
    causes = [None if gap == NOBODY else _BACK for gap in gaps]
    return _curve(Spells(ended_at=times, cause=causes), basis, event=_BACK)


_BACK = "purchased again"


# -------------------------------------------------------------------------------------- subscriptions


def subscriber_curve(
    subscriptions: Subscriptions,
    /,
    *,
    period: Period,
    of: Watched = "in_force",
    bridge: Duration | None = None,
    **reading: Unpack[MoneyReading],
) -> SurvivalCurve:
    r"""How long subscribers stay: the share of them who are still there, by the time since they began to pay.

    .. math:: S(t) = \prod_{t_i \le t} \left(1 - \frac{d_i}{n_i}\right)

    A customer is a subscriber from the first payment on, and for as long as anything is in force. A change of plan is
    no end, nor is a pause, nor the trial of another plan. Who comes back is a subscriber anew, from the beginning; the
    bounds then go by customer.

    ``of="in_force"`` watches all who were there at some time of the period, and watches them in the period only. Who
    was there before enters late, with the tenure reached by then, so that the n at each tenure are those who were
    seen at that tenure in the period. It says how long subscribers would stay if each tenure went on as in the period:
    today's rates, drawn from old and new subscribers alike. ``of="begun"`` follows those who began in the period to
    `as_of`: one true cohort, of which nothing is known beyond its age. Where nobody was seen at some tenure, as may be
    in a small shop, the curve can't be told from there on; ``.caution`` says so.

    Ends have causes that compete: ``"voluntary"`` (the customer), ``"involuntary"`` (payment, fraud, technical), and
    where it is neither, ``"other"``, ``"unknown"`` or ``"plan_change"`` (no other plan followed), by the reason of the
    last subscription that ended, as in `subscriber_churn_rate`. ``.incidence(t, cause="voluntary")`` is the share who
    have left for that cause by t, beside the others (Aalen and Johansen).

    Unlike in `subscriber_churn_rate`, who is paused when the period begins is among them, and leaves it when the
    subscription ends.

    Range: 0 to 1. Direction: higher is better. Unit: share of subscribers still there.

    Args:
        subscriptions: The subscriptions, or a `Shop` that has them.
        period: The period.
        of: ``"in_force"``: all who were there in the period, watched in it. ``"begun"``: those who began in it,
            followed to `as_of`.
        bridge: A gap between two subscriptions of a customer, up to so long, counts as none; see
            `monthly_recurring_revenue`.
        reading: How to read the subscriptions; see `MoneyReading`.

    Returns:
        The curve. Undefined when there were no such subscribers.

    Raises:
        AsOfRequiredError: ``of="begun"`` without `as_of`, which says how long each was watched.
        InvalidValueError: `of` is no such word.
        InvalidTypeError: `of` is no word.
        DuplicateRecordError: A subscription's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> plan = {"amount": "9.00", "currency": "EUR", "interval": "month"}
    >>> begun, march = datetime(2026, 2, 10, tzinfo=timezone.utc), datetime(2026, 3, 1, tzinfo=timezone.utc)
    >>> subscriptions = [
    ...     rt.Subscription(id=1, customer_id="ann", started_at=begun, **plan),
    ...     rt.Subscription(
    ...         id=2,
    ...         customer_id="ben",
    ...         started_at=begun,
    ...         ended_at=march + timedelta(days=9),
    ...         end_reason="payment",
    ...         **plan,
    ...     ),
    ...     rt.Subscription(id=3, customer_id="cy", started_at=march, **plan),
    ... ]
    >>> curve = rt.subscriber_curve(subscriptions, period=rt.Period.month(2026, 3, tz="UTC"))
    >>> curve.count, curve.ended
    (3, 1)
    >>> curve.survival(timedelta(days=30))
    <CurveShare: 66.7% not ended after 30 days>

    References:
        Sources D3. Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481; Aalen and
        Johansen (1978), Scandinavian Journal of Statistics 5, 141-150.

    .. versionadded:: 0.1
    """
    if bridge is not None:
        check_duration(bridge, owner="subscriber_curve", field="bridge")
    found = subscription_facts(subscriptions, (period,), bridge=bridge, tenures=True, **reading)
    return read_subscriber_curve(found[0], of=of)


def read_subscriber_curve(facts: SubscriptionFacts, *, of: Watched = "in_force") -> SurvivalCurve:
    metric = "subscriber_curve"
    _check_of(of)
    if of == "begun" and facts.as_of is None:
        raise _no_as_of(f'{metric} with of="begun"')
    counted = "subscribers" if of == "in_force" else "subscribers who began"
    basis = facts.of_metric(
        metric, counted=(counted,), money=False, options=() if of == "in_force" else (("of", of),)
    )
    basis = evolve(basis, assumed=(*basis.assumed, *_taken_for_granted(facts, of)))
    spells = _NONE
    if basis.observable:
        spells = (_in_force if of == "in_force" else _begun)(facts, facts.tenures or ())
    return _curve(spells, basis, event=ENDED, causes=("voluntary", "involuntary"))


def _check_of(of: object) -> None:
    if not isinstance(of, str) or of not in {"in_force", "begun"}:
        msg = f'subscriber_curve: of must be "in_force" or "begun" (got {shown(of)})'
        raise (InvalidValueError if isinstance(of, str) else InvalidTypeError)(msg)


def _taken_for_granted(facts: SubscriptionFacts, of: Watched) -> Iterable[str]:
    if facts.observed_from is None:
        yield "observed_from was not given, so that the subscriptions are taken as complete from the beginning"
    else:
        day = local_date(facts.observed_from, facts.period.tz)
        yield f"a subscriber whose earlier subscriptions all ended before observed_from, {day}, began with the first that is known"
    if of == "in_force":
        yield "who begins now will leave, at each tenure, as those leave who have reached it in the period"


def _in_force(facts: SubscriptionFacts, tenures: Iterable[Tenure]) -> Spells:
    """All who were there in the period, watched in it.

    A period holds its first instant and not its last. So who was there just before the start is watched from then on,
    and nobody is to the very end: an end at midnight belongs to the day that begins, and to one period only.
    """
    just_before, last = microseconds(facts.period.start) - 1, facts.until - 1
    there = [each for each in tenures if each.start <= last and each.end > just_before]
    return Spells(
        ended_at=array("q", (min(each.end, last) - each.start for each in there)),
        cause=[_CAUSES[each.reason] if each.end <= last else None for each in there],
        entered=array("q", (max(0, just_before - each.start) for each in there)),
        cluster=_numbered(each.customer for each in there),
    )


def _begun(facts: SubscriptionFacts, tenures: Iterable[Tenure]) -> Spells:
    """Those who began in the period, followed for as long as the data reach."""
    first, until = microseconds(facts.period.start), facts.until
    known_to = microseconds(facts.as_of) if facts.as_of is not None else FOREVER
    begun = [each for each in tenures if first <= each.start < until]
    return Spells(
        ended_at=array("q", (min(each.end, known_to) - each.start for each in begun)),
        cause=[_CAUSES[each.reason] if each.end <= known_to else None for each in begun],
        cluster=_numbered(each.customer for each in begun),
    )


_CAUSES: dict[Ended, str] = {
    "customer": "voluntary",
    "payment": "involuntary",
    "fraud": "involuntary",
    "technical": "involuntary",
    "other": "other",
    "unknown": "unknown",
    "plan_change": "plan_change",
}


# ------------------------------------------------------------------------------------------- contacts


def first_response_curve(
    interactions: Interactions,
    /,
    *,
    period: Period,
    kind: str | None = None,
    channel: str | None = None,
    **reading: Unpack[RecordReading],
) -> SurvivalCurve:
    r"""How soon the shop answers: the share of contacts that have been answered, by the time since they came in.

    .. math:: 1 - S(t) = 1 - \prod_{t_i \le t} \left(1 - \frac{d_i}{n_i}\right)

    Of all contacts that came in during the period. Those that are still waiting count for as long as they have waited
    at `as_of`, so that they are not left out as in `first_response_days`, which flatters. A customer may have several
    contacts, and the bounds go by customer; each contact with somebody unknown is one of its own.

    Range: 0 to 1. Direction: lower is better. Unit: share of contacts not answered yet.

    Args:
        interactions: The contacts, or a `Shop` that has them.
        period: The period in which they came in.
        kind: The kind of contact; None for all but reviews and mentions, of which nobody waits for an answer.
        channel: The channel; None for all.
        reading: How to read the contacts; see `RecordReading`.

    Returns:
        The curve. Undefined when nothing came in.

    Raises:
        AsOfRequiredError: `as_of`, which says how long each contact has waited, is not known.
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
    >>> march, as_of = rt.Period.month(2026, 3, tz="UTC"), noon + timedelta(days=60)
    >>> rt.first_response_curve(contacts, period=march, as_of=as_of).median
    2.0
    >>> rt.first_response_days(contacts, period=march, as_of=as_of).median
    1.125

    References:
        Sources C17. Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481.

    .. versionadded:: 0.1
    """
    return read_first_response_curve(contacts_of(interactions, period, reading), kind=kind, channel=channel)


def read_first_response_curve(
    facts: InteractionFacts, *, kind: str | None = None, channel: str | None = None
) -> SurvivalCurve:
    return _of_contacts("first_response_curve", facts, kind, channel, event="answered")


def resolution_curve(
    interactions: Interactions,
    /,
    *,
    period: Period,
    kind: str | None = None,
    channel: str | None = None,
    **reading: Unpack[RecordReading],
) -> SurvivalCurve:
    r"""How soon contacts are solved: the share of them that have been, by the time since they came in.

    .. math:: 1 - S(t) = 1 - \prod_{t_i \le t} \left(1 - \frac{d_i}{n_i}\right)

    Of all contacts that came in during the period, whoever solved them. Those that are still open count for as long as
    they have been open at `as_of`: the hard cases take longest, and are just the ones that `resolution_days` does not
    know yet. A customer may have several contacts, and the bounds go by customer; each contact with somebody unknown
    is one of its own.

    Range: 0 to 1. Direction: lower is better. Unit: share of contacts not solved yet.

    Args:
        interactions: The contacts, or a `Shop` that has them.
        period: The period in which they came in.
        kind: The kind of contact; None for all but reviews and mentions, in which there is nothing to solve.
        channel: The channel; None for all.
        reading: How to read the contacts; see `RecordReading`.

    Returns:
        The curve. Undefined when nothing came in.

    Raises:
        AsOfRequiredError: `as_of`, which says how long each contact has been open, is not known.
        InvalidValueError: `kind` or `channel` is not written as on the records.
        InvalidTypeError: `kind` or `channel` is no word.
        DuplicateRecordError: A contact's id stands twice.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> case = {"kind": "case", "direction": "inbound", "channel": "telephone", "occurred_at": noon}
    >>> contacts = [rt.Interaction(solved_at=noon + timedelta(days=1), **case), rt.Interaction(**case)]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> curve = rt.resolution_curve(contacts, period=march, as_of=noon + timedelta(days=10))
    >>> curve.survival(timedelta(days=7)).value
    0.5

    References:
        Sources C17. Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481.

    .. versionadded:: 0.1
    """
    return read_resolution_curve(contacts_of(interactions, period, reading), kind=kind, channel=channel)


def read_resolution_curve(
    facts: InteractionFacts, *, kind: str | None = None, channel: str | None = None
) -> SurvivalCurve:
    return _of_contacts("resolution_curve", facts, kind, channel, event="solved")


def _of_contacts(
    metric: Literal["first_response_curve", "resolution_curve"],
    facts: InteractionFacts,
    kind: str | None,
    channel: str | None,
    *,
    event: str,
) -> SurvivalCurve:
    waits, left_out = followed_waits(metric, facts, kind=kind, channel=channel)
    basis = facts.basis(
        metric,
        records="interactions",
        counted=("contacts that came in",),
        left_out=left_out,
        options=chosen(kind=kind, channel=channel),
    )
    spells = Spells(
        ended_at=array("q", (each.time for each in waits)),
        cause=[event if each.is_over else None for each in waits],
        cluster=_numbered(_with_whom(waits)),
    )
    return _curve(spells, basis, event=event)


def _with_whom(waits: Iterable[Wait]) -> Iterable[Hashable]:
    """With whom each contact was; of nobody known an object that is like no other."""
    return (object() if each.customer is None else each.customer for each in waits)


# --------------------------------------------------------------------------------------------- shared


def _curve(spells: Spells, basis: Basis, *, event: str, causes: tuple[str, ...] = ()) -> SurvivalCurve:
    """The curve, which says why where there is none."""
    if not basis.observable:
        spells = _NONE
    elif not spells:
        basis = evolve(basis, undefined_because=f"there are no {basis.counted[0]}")
    return SurvivalCurve.of(spells, basis=basis, event=event, causes=causes)


_NONE = Spells(ended_at=array("q"), cause=())


def _numbered(customers: Iterable[Hashable]) -> list[int]:
    """A number for each customer, in the order in which they are met."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(who, len(numbers)) for who in customers]


def _no_as_of(metric: str) -> AsOfRequiredError:
    return AsOfRequiredError(f"{metric} needs as_of=, the instant at which the data were known")
