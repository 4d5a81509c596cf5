"""How long customers take: to the second purchase, between purchases, since the latest."""

from __future__ import annotations

from array import array
from datetime import timedelta
from typing import Literal, Unpack

from attrs import evolve

from retention._calendar import Duration, as_words, check_duration, from_microseconds, microseconds, reach
from retention._columns import NOBODY
from retention._facts import Needs, PeriodFacts
from retention.errors import AsOfRequiredError, InvalidValueError, shown
from retention.history import ReadingOptions
from retention.metrics._common import one_period, share_of_customers
from retention.periods import Period
from retention.results import Distribution, Ratio, distribution_of_ascending
from retention.shop import Orders

__all__ = ["purchase_gap_days", "recency_days", "second_purchase_days", "second_purchase_rate"]

_MICROSECOND = timedelta(microseconds=1)


def second_purchase_days(
    orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]
) -> Distribution:
    r"""Days from the first to the second purchase, among those who came back.

    .. math:: \{t_2 - t_1 : \text{first purchase in the period}\}

    Of the customers who first purchased in the period, followed to `as_of`. Those who have not come back yet are
    left out, which flatters: the more so, the newer the period.

    Range: 0 and up. Direction: lower is better. Unit: days of 24 hours.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The distribution; its value is the median. Undefined when none of the period's new customers came
        back. Not observable when the data begin with the period, since all would look new.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-03-01", "2026-03-05"], "ben": ["2026-03-11"]})
    >>> rt.second_purchase_days(orders, period=rt.Period.month(2026, 3, tz="UTC")).median
    4.0

    References:
        Sources E3.

    .. versionadded:: 0.1
    """
    return read_second_purchase_days(one_period(orders, period, reading))


def read_second_purchase_days(facts: PeriodFacts) -> Distribution:
    gaps = array("q", sorted(gap for gap in facts.second_gaps if gap != NOBODY))
    return _days(
        facts, "second_purchase_days", gaps, counted="customers who came back", needs=("firsts", "comebacks")
    )


def second_purchase_rate(
    orders: Orders,
    /,
    *,
    period: Period,
    within: Duration = timedelta(days=16),
    given: Literal["repeaters", "all"] = "repeaters",
    **reading: Unpack[ReadingOptions],
) -> Ratio:
    r"""Share of new customers whose second purchase came within a time: those in time / those who came back.

    .. math:: \frac{|\{t_2 - t_1 \le \text{within}\}|}{|\{\text{second purchase}\}|}

    Of the customers who first purchased in the period, followed to `as_of`. As published, the denominator is only
    those who came back at all; ``given="all"`` asks what share of all new customers came back in time. A second
    purchase at the instant of the first counts, with a gap of 0; a checkout that the shop system splits in two is
    joined by ``OrderPolicy(same_day="merge")``.

    Range: 0 to 1. Direction: higher is better. Unit: share of customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        within: The time, the limit included; a timedelta or a relativedelta.
        given: ``"repeaters"``: out of those with a second purchase. ``"all"``: out of all who have been observed
            for at least `within`.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when nobody came back or, given all, nobody has been observed that long. Not
        observable when the data begin with the period, since all would look new.

    Raises:
        AsOfRequiredError: ``given="all"`` without `as_of`, which says how long each was observed.
        InvalidValueError: `within` is no positive time, or `given` no such word.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-03-01", "2026-03-05"], "ben": ["2026-03-11", "2026-05-01"]})
    >>> rt.second_purchase_rate(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(1, 2)

    References:
        Sources E3; E16 is the published figure, half within 16 days.

    .. versionadded:: 0.1
    """
    return read_second_purchase_rate(one_period(orders, period, reading), within=within, given=given)


def read_second_purchase_rate(
    facts: PeriodFacts,
    *,
    within: Duration = timedelta(days=16),
    given: Literal["repeaters", "all"] = "repeaters",
) -> Ratio:
    check_duration(within, owner="second_purchase_rate", field="within")
    counted = (
        f"back within {as_words(within)}",
        "customers who came back" if given == "repeaters" else "new customers observed that long",
    )
    soon = _back_in_time(facts, within, given)
    return share_of_customers(
        facts,
        "second_purchase_rate",
        sum(soon),
        len(soon),
        counted=counted,
        needs=("firsts", "comebacks") if given == "repeaters" else ("firsts",),
        options=(("within", as_words(within)), ("given", given)),
        partial=facts.as_of is not None and reach(facts.period.end, within, facts.period.tz) > facts.as_of,
    )


def _back_in_time(facts: PeriodFacts, within: Duration, given: str) -> list[bool]:
    """For each customer of the denominator whether the second purchase came in time."""
    observed = zip(facts.first_at, facts.second_gaps, _limits(facts, within), strict=True)
    if given == "repeaters":
        return [gap <= limit for _, gap, limit in observed if gap != NOBODY]
    if given != "all":
        msg = f"second_purchase_rate: given must be 'repeaters' or 'all' (got {shown(given)})"
        raise InvalidValueError(msg)
    if facts.as_of is None:
        msg = "second_purchase_rate with given='all' needs as_of=, the instant at which the data were known"
        raise AsOfRequiredError(msg)
    until = microseconds(facts.as_of)
    return [gap != NOBODY and gap <= limit for first, gap, limit in observed if first + limit <= until]


def _limits(facts: PeriodFacts, within: Duration) -> list[int]:
    """How long `within` is for each new customer: a month from 31 January is shorter than one from March."""
    if isinstance(within, timedelta):
        return [within // _MICROSECOND] * len(facts.first_at)
    ends = (reach(from_microseconds(first), within, facts.period.tz) for first in facts.first_at)
    return [microseconds(end) - first for first, end in zip(facts.first_at, ends, strict=True)]


def purchase_gap_days(
    orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]
) -> Distribution:
    r"""Days between one purchase of a customer and the next, of the gaps that end in the period.

    .. math:: \{t_k - t_{k-1} : t_k \text{ in the period}, k \ge 2\}

    Range: 0 and up. Direction: lower is better. Unit: days of 24 hours.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The distribution; its value is the median. Undefined when no purchase of the period had one before it.
        Not observable when the data begin with the period.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-01", "2026-03-05", "2026-03-06"]})
    >>> list(rt.purchase_gap_days(orders, period=rt.Period.month(2026, 3, tz="UTC")).values)
    [1.0, 32.0]

    References:
        Sources E3, D5.

    .. versionadded:: 0.1
    """
    return read_purchase_gap_days(one_period(orders, period, reading))


def read_purchase_gap_days(facts: PeriodFacts) -> Distribution:
    return _days(
        facts,
        "purchase_gap_days",
        array("q", sorted(facts.gaps)),
        counted="gaps between purchases",
        needs=("firsts",),
    )


def recency_days(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Distribution:
    r"""Days since each customer's latest purchase, at the end of the period.

    .. math:: \{\text{end} - \max t : t < \text{end}\}

    Of all customers who have ever purchased. In a partial period it is counted at `as_of`.

    Range: 0 and up. Direction: lower is better. Unit: days of 24 hours.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The distribution; its value is the median. Undefined when nobody has purchased yet. Not observable
        when the data begin with the period.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-01", "2026-03-30"], "ben": ["2026-03-01"]})
    >>> list(rt.recency_days(orders, period=rt.Period.month(2026, 3, tz="UTC")).values)
    [1.5, 30.5]

    References:
        Sources SC16, SD1.

    .. versionadded:: 0.1
    """
    return read_recency_days(one_period(orders, period, reading, recency=True))


def read_recency_days(facts: PeriodFacts) -> Distribution:
    return _days(facts, "recency_days", facts.recency or array("q"), counted="customers", needs=("firsts",))


def _days(
    facts: PeriodFacts, metric: str, ascending: array[int], *, counted: str, needs: Needs
) -> Distribution:
    basis = facts.basis(metric, of="customers", counted=(counted,), needs=needs)
    if not basis.observable:
        return distribution_of_ascending(array("q"), basis=basis)
    if not ascending:
        basis = evolve(basis, undefined_because=f"there are no {counted}")
    return distribution_of_ascending(ascending, basis=basis)
