"""How much of a coming period's revenue is foreseeable, from the periods before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Unpack, get_args

from attrs import evolve

from retention._calendar import Against
from retention._facts import Needs, PeriodFacts, facts
from retention._horizon import checked_period
from retention.errors import InvalidPeriodError, InvalidTypeError, InvalidValueError, shown
from retention.history import ReadingOptions
from retention.metrics._value import read_existing_customer_revenue_rate
from retention.periods import Period
from retention.results import Ratio, RevenuePredictability
from retention.shop import Orders, history_of

__all__ = ["revenue_predictability_table"]

_MOST = 1_000
_NEEDS: Needs = ("firsts",)


def revenue_predictability_table(
    orders: Orders,
    /,
    *,
    period: Period,
    comparable: int = 12,
    against: Against = "previous",
    **reading: Unpack[ReadingOptions],
) -> RevenuePredictability:
    r"""Which share of a coming period's revenue is to be expected from the customers that there already are.

    .. math:: \frac{\sum_j \text{revenue of period } j \text{ from customers acquired before it}}{\sum_j \text{revenue of period } j}

    Over comparable periods j of the past, which `existing_customer_revenue_rate` gives one by one. A prediction
    interval says where the share of one more such period will lie, and a back-test how well that would have done: for
    each past period, the interval that those before it give, and whether it held. The period itself plays no part in
    its own forecast, whether it has begun or not.

    Range: 0 to 1. Direction: none. Unit: share of money.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The coming period.
        comparable: How many periods of the past to compare with, 1 to 1,000. Those that were still running at
            `as_of`, that reach before `observed_from` or begin with it, or before which nobody had purchased, are
            not among them.
        against: The periods right before it (``"previous"``), or the same period of earlier years
            (``"year_before"``), which knows seasons and has fewer periods to learn from.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The table, with forecast and back-test. Undefined when no comparable period has revenue. Not observable when
        the data reach none of them. It has an interval from three periods on.

    Raises:
        InvalidTypeError: `comparable` is no whole number.
        InvalidValueError: `comparable` or `against` is out of its domain.
        MixedCurrencyError: The sales are in several currencies.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-01-10", "2026-02-05", "2026-03-11"], "ben": ["2026-03-12"]})
    >>> april = rt.Period.month(2026, 4, tz="UTC")
    >>> print(rt.revenue_predictability_table(orders, period=april, comparable=2))
    period   revenue  from existing   share  predicted  held
    -------  -------  -------------  ------  ---------  ----
    2026-02    10.00          10.00  100.0%
    2026-03    20.00          10.00   50.0%
    all        30.00          20.00   66.7%
    <BLANKLINE>
    Share expected of 2026-04: about 66.7%. No interval: the interval requires at least three comparable periods with revenue (got 2).

    References:
        Sources C8, D13.

    .. versionadded:: 0.1
    """
    coming = checked_period(period)
    past = _earlier(coming, _checked_count(comparable), _checked_against(against))
    found = facts(history_of(orders, **reading), [coming, *past])
    return read_revenue_predictability_table(found, comparable=comparable, against=against)


def _checked_count(comparable: object) -> int:
    if isinstance(comparable, bool) or not isinstance(comparable, int):
        msg = f"revenue_predictability_table: comparable must be an int, not {type(comparable).__name__} (got {shown(comparable)}); 12 is usual"
        raise InvalidTypeError(msg)
    if not 1 <= comparable <= _MOST:
        msg = f"revenue_predictability_table: comparable must be 1 to {_MOST:,} (got {shown(comparable)}); 12 is usual"
        raise InvalidValueError(msg)
    return comparable


def _checked_against(against: Against) -> Against:
    if against not in get_args(Against):
        msg = f"revenue_predictability_table: against must be 'previous' or 'year_before' (got {shown(against)})"
        raise InvalidValueError(msg)
    return against


def _earlier(period: Period, count: int, against: Against) -> Iterator[Period]:
    """The periods before it, the latest first, as far as the calendar goes."""
    for _ in range(count):
        try:
            period = period.previous() if against == "previous" else period.year_before()
        except InvalidPeriodError:
            return
        yield period


def read_revenue_predictability_table(
    facts: Sequence[PeriodFacts] | PeriodFacts, *, comparable: int = 12, against: Against = "previous"
) -> RevenuePredictability:
    """The table.

    Args:
        facts: The facts of the coming period, and after them those of the comparable ones. Of the coming one alone
            nothing can be foreseen.
        comparable: How many periods were asked for.
        against: Which.
    """
    coming, *past = (facts,) if isinstance(facts, PeriodFacts) else facts
    seen = [each for each in reversed(past) if not each.partial and each.unseen_for(_NEEDS) is None]
    shares = tuple(read_existing_customer_revenue_rate(each) for each in seen if _has_past(each))
    unseen = None if seen else _none_seen(past)
    basis = evolve(
        coming.basis(
            "revenue_predictability_table",
            of="customers",
            needs=_NEEDS,
            money=True,
            options=(("comparable", str(comparable)), ("against", against)),
        ),
        partial=False,  # the coming period plays no part in its forecast
        observable=unseen is None,
        undefined_because=unseen,
        left_out=Ratio.pool(shares).left_out,
    )
    return RevenuePredictability(shares=shares, basis=basis)


def _has_past(facts: PeriodFacts) -> bool:
    """Whether anybody had purchased before the period: without them, all its revenue is from new customers."""
    return facts.base.start + facts.base.lapsed > 0


def _none_seen(past: Sequence[PeriodFacts]) -> str:
    if past:
        return "the data hold none of the comparable periods from beginning to end"
    return "only the period itself was counted, and none before it; call revenue_predictability_table"
