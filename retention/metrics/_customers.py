"""Who stayed, who left, who came, who came back."""

from __future__ import annotations

from collections.abc import Hashable, ItemsView, Iterator, Sequence
from typing import Any, Unpack

from retention._calendar import Duration
from retention._facts import PeriodFacts
from retention._mapping import FrozenMapping
from retention.history import ReadingOptions
from retention.metrics._common import one_period, quotient_of, require_observable, share_of_customers
from retention.periods import Period
from retention.results import ClusterSums, CustomerFlow, Ratio
from retention.shop import Orders

__all__ = [
    "active_customer_count",
    "customer_churn_rate",
    "customer_flow",
    "customer_retention_rate",
    "new_customer_count",
    "published_retention_ratio",
    "reactivation_rate",
    "repeat_purchase_rate",
    "returning_customer_rate",
]

_AT_START = "customers at the start"
_ACTIVE = "customers who purchased in the period"


def customer_flow(
    orders: Orders,
    /,
    *,
    period: Period,
    inactive_after: Duration | None = None,
    **reading: Unpack[ReadingOptions],
) -> CustomerFlow:
    r"""How the customers of one period became those of the next: start + new + reactivated − lost = end.

    .. math:: S + N + R - L = E

    The opening base S are the customers who purchased in ``period.previous()``, the closing base E those
    who purchased in `period`. New (N) are those whose first purchase ever lies in the period, lost (L)
    those of S who are not in E, reactivated (R) those of E who are neither new nor in S.

    Range: counts from 0 up. Direction: none. Unit: customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        inactive_after: Who purchased within this time before the period's start (or end) is in the opening
            (or closing) base, instead. A timedelta or relativedelta, not shorter than the period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The counts, and the customers behind them in ``.customers``. Undefined when the period or the one
        before it is not observable.

    Raises:
        ConflictingArgumentError: `inactive_after` is shorter than the period, or a keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders(
    ...     {"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"], "cy": ["2026-03-20"]}
    ... )
    >>> flow = rt.customer_flow(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    >>> print(flow)
    2 + 1 new + 0 back − 1 lost = 2
    >>> flow.customers["lost"]
    frozenset({'ben'})

    References:
        Sources D1, B1, D3.

    .. versionadded:: 0.1
    """
    return read_customer_flow(one_period(orders, period, reading, inactive_after=inactive_after))


def read_customer_flow(facts: PeriodFacts) -> CustomerFlow:
    basis = facts.basis("customer_flow", of="customers", needs=("firsts", "base"))
    if not basis.observable:
        return CustomerFlow(start=0, new=0, kept=0, lost=0, reactivated=0, end=0, basis=basis)
    base = facts.base
    return CustomerFlow(
        start=base.start,
        new=len(base.new),
        kept=len(base.kept),
        lost=len(base.lost),
        reactivated=len(base.reactivated),
        end=base.end,
        customers=_Members(facts),
        basis=basis,
    )


class _Members(FrozenMapping[str, "frozenset[Hashable]"]):
    """The ids of a flow's customers by group, looked up when a group is asked for: few ever are."""

    __slots__ = ("_groups", "_ids")
    _groups: dict[str, Sequence[int]]
    _ids: Sequence[Hashable]

    def __init__(self, facts: PeriodFacts) -> None:
        base = facts.base
        groups = {"new": base.new, "kept": base.kept, "lost": base.lost, "reactivated": base.reactivated}
        object.__setattr__(self, "_groups", groups)
        object.__setattr__(self, "_ids", facts.ids)

    def __getitem__(self, group: str) -> frozenset[Hashable]:
        return frozenset(map(self._ids.__getitem__, self._groups[group]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._groups)

    def __len__(self) -> int:
        return len(self._groups)

    def items(self) -> ItemsView[str, frozenset[Hashable]]:
        return ItemsView(self)

    def __repr__(self) -> str:
        return f"<{', '.join(f'{len(numbers):,} {group}' for group, numbers in self._groups.items())}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled with its own customers, and not with all that the shop has ever had.
        return FrozenMapping, (dict(self),)


def customer_retention_rate(
    orders: Orders,
    /,
    *,
    period: Period,
    inactive_after: Duration | None = None,
    **reading: Unpack[ReadingOptions],
) -> Ratio:
    r"""Share of the customers at the start who purchased again: kept customers / customers at the start.

    .. math:: \frac{|S \cap E|}{|S|}

    S are the customers who purchased in ``period.previous()``, E those who purchased in `period`. The
    published form (E − N)/S also counts customers who came back after a pause, and can exceed 100 %; it is
    `published_retention_ratio`.

    Range: 0 to 1. Direction: higher is better. Unit: share of customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        inactive_after: Who purchased within this time before the period's start (or end) is in the opening
            (or closing) base, instead. A timedelta or relativedelta, not shorter than the period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when nobody purchased in the period before; not observable when the data begin
        after the start of the base.

    Raises:
        ConflictingArgumentError: `inactive_after` is shorter than the period, or a keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders(
    ...     {"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"], "cy": ["2026-03-20"]}
    ... )
    >>> rt.customer_retention_rate(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(1, 2)

    References:
        Sources D1, B1, D30, E30.

    .. versionadded:: 0.1
    """
    return read_customer_retention_rate(one_period(orders, period, reading, inactive_after=inactive_after))


def read_customer_retention_rate(facts: PeriodFacts) -> Ratio:
    base = facts.base
    return share_of_customers(
        facts,
        "customer_retention_rate",
        len(base.kept),
        base.start,
        counted=("kept", _AT_START),
        needs=("base",),
    )


def customer_churn_rate(
    orders: Orders,
    /,
    *,
    period: Period,
    inactive_after: Duration | None = None,
    **reading: Unpack[ReadingOptions],
) -> Ratio:
    r"""Share of the customers at the start who did not purchase again: lost customers / customers at the start.

    .. math:: \frac{|S \setminus E|}{|S|}

    S are the customers who purchased in ``period.previous()``, E those who purchased in `period`. The rate
    belongs to a period of that length; `formulas.scale_churn_rate` puts it on another.

    Range: 0 to 1. Direction: lower is better. Unit: share of customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        inactive_after: Who purchased within this time before the period's start (or end) is in the opening
            (or closing) base, instead. A timedelta or relativedelta, not shorter than the period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when nobody purchased in the period before; not observable when the data begin
        after the start of the base.

    Raises:
        ConflictingArgumentError: `inactive_after` is shorter than the period, or a keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders(
    ...     {"ann": ["2026-02-10", "2026-03-05"], "ben": ["2026-02-11"], "cy": ["2026-02-20"]}
    ... )
    >>> rt.customer_churn_rate(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(2, 3)

    References:
        Sources D3.

    .. versionadded:: 0.1
    """
    return read_customer_churn_rate(one_period(orders, period, reading, inactive_after=inactive_after))


def read_customer_churn_rate(facts: PeriodFacts) -> Ratio:
    base = facts.base
    return share_of_customers(
        facts, "customer_churn_rate", len(base.lost), base.start, counted=("lost", _AT_START), needs=("base",)
    )


def published_retention_ratio(
    orders: Orders,
    /,
    *,
    period: Period,
    inactive_after: Duration | None = None,
    **reading: Unpack[ReadingOptions],
) -> Ratio:
    r"""The published retention formula on records: (customers at the end − new ones) / customers at the start.

    .. math:: \frac{|E| - |N|}{|S|}

    It counts reactivated customers as if they had been retained, so that it can exceed 1, and is here to
    compare with figures made that way. `customer_retention_rate` counts who really stayed.

    Range: 0 and up. Direction: higher is better. Unit: customers per customer.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        inactive_after: Who purchased within this time before the period's start (or end) is in the opening
            (or closing) base, instead. A timedelta or relativedelta, not shorter than the period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The ratio. Undefined when nobody purchased in the period before; not observable when the data begin
        after the start of the base.

    Raises:
        ConflictingArgumentError: `inactive_after` is shorter than the period, or a keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-01-10", "2026-03-05"], "ben": ["2026-02-11", "2026-03-05"]})
    >>> print(rt.published_retention_ratio(orders, period=rt.Period.month(2026, 3, tz="UTC")))
    2.000

    References:
        Sources D1, B1.

    .. versionadded:: 0.1
    """
    return read_published_retention_ratio(one_period(orders, period, reading, inactive_after=inactive_after))


def read_published_retention_ratio(facts: PeriodFacts) -> Ratio:
    base = facts.base
    kept, there = len(base.kept), len(base.kept) + len(base.reactivated)
    # One cluster a customer: x = 1 in the opening base, y = 1 in the closing base and not new.
    sums = ClusterSums(
        n=base.start + len(base.reactivated), x=base.start, y=there, xx=base.start, xy=kept, yy=there
    )
    return quotient_of(
        facts,
        "published_retention_ratio",
        sums,
        counted=("at the end and not new", _AT_START),
        needs=("firsts", "base"),
        bounded=False,
    )


def reactivation_rate(
    orders: Orders,
    /,
    *,
    period: Period,
    inactive_after: Duration | None = None,
    **reading: Unpack[ReadingOptions],
) -> Ratio:
    r"""Share of the lapsed who came back: reactivated customers / customers lapsed at the start.

    .. math:: \frac{|R|}{|\text{purchased before the period}| - |S|}

    Lapsed are those who had purchased before the period, but not in ``period.previous()``.

    Range: 0 to 1. Direction: higher is better. Unit: share of customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        inactive_after: Who purchased within this time before the period's start (or end) is in the opening
            (or closing) base, instead. A timedelta or relativedelta, not shorter than the period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when nobody had lapsed; not observable when the data begin after the start of
        the base.

    Raises:
        ConflictingArgumentError: `inactive_after` is shorter than the period, or a keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders(
    ...     {"ann": ["2026-01-10", "2026-03-05"], "ben": ["2026-01-11"], "cy": ["2026-02-20"]}
    ... )
    >>> rt.reactivation_rate(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(1, 2)

    References:
        Sources A2, SC16.

    .. versionadded:: 0.1
    """
    return read_reactivation_rate(one_period(orders, period, reading, inactive_after=inactive_after))


def read_reactivation_rate(facts: PeriodFacts) -> Ratio:
    return share_of_customers(
        facts,
        "reactivation_rate",
        len(facts.base.reactivated),
        facts.base.lapsed,
        counted=("reactivated", "customers lapsed at the start"),
        needs=("firsts", "base"),
    )


def returning_customer_rate(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Ratio:
    r"""Share of a period's customers who were customers before: returning customers / active customers.

    .. math:: \frac{|\{\text{active, first purchase before the period}\}|}{|\{\text{active}\}|}

    Range: 0 to 1. Direction: none; it falls when many new customers come. Unit: share of customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when no known customer purchased in the period. Not observable when the data begin
        with the period, since all would look new.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-01-10", "2026-03-05"], "ben": ["2026-03-11", "2026-03-12"]})
    >>> rt.returning_customer_rate(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(1, 2)

    References:
        Sources D4; compare `repeat_purchase_rate` and `repeat_order_rate`.

    .. versionadded:: 0.1
    """
    return read_returning_customer_rate(one_period(orders, period, reading))


def read_returning_customer_rate(facts: PeriodFacts) -> Ratio:
    return share_of_customers(
        facts,
        "returning_customer_rate",
        facts.active - len(facts.base.new),
        facts.active,
        counted=("customers of earlier periods", _ACTIVE),
        needs=("firsts",),
    )


def repeat_purchase_rate(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> Ratio:
    r"""Share of a period's customers who purchased more than once in it: repeat customers / active customers.

    .. math:: \frac{|\{\text{two or more purchases}\}|}{|\{\text{one or more purchases}\}|}

    Range: 0 to 1. Direction: higher is better; longer periods give higher rates. Unit: share of customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The rate. Undefined when no known customer purchased in the period.

    Raises:
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders(
    ...     {"ann": ["2026-03-01", "2026-03-05"], "ben": ["2026-03-11"], "cy": ["2026-03-12"]}
    ... )
    >>> rt.repeat_purchase_rate(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    Ratio(1, 3)

    References:
        Sources D4.

    .. versionadded:: 0.1
    """
    return read_repeat_purchase_rate(one_period(orders, period, reading))


def read_repeat_purchase_rate(facts: PeriodFacts) -> Ratio:
    return share_of_customers(
        facts,
        "repeat_purchase_rate",
        facts.repeaters,
        facts.active,
        counted=("with two or more purchases", _ACTIVE),
    )


def active_customer_count(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> int:
    r"""How many known customers purchased in the period.

    .. math:: |\{\text{customers with a purchase}\}|

    Range: 0 and up. Direction: higher is better. Unit: customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The count. Undefined when the period is not observable, which raises.

    Raises:
        NotObservableError: The data do not reach the period.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-03-01", "2026-03-05"], "ben": ["2026-03-11"]})
    >>> rt.active_customer_count(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    2

    References:
        Sources D1, D4.

    .. versionadded:: 0.1
    """
    return read_active_customer_count(one_period(orders, period, reading))


def read_active_customer_count(facts: PeriodFacts) -> int:
    require_observable(facts)
    return facts.active


def new_customer_count(orders: Orders, /, *, period: Period, **reading: Unpack[ReadingOptions]) -> int:
    r"""How many customers were acquired: those whose first purchase ever lies in the period.

    .. math:: |N|

    Range: 0 and up. Direction: higher is better. Unit: customers.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The period.
        reading: How to read the orders; see `ReadingOptions`.

    Returns:
        The count. Undefined when the period is not observable, or the first that is, where all would look new,
        which raises.

    Raises:
        NotObservableError: The data do not reach the period, or begin with it.
        ConflictingArgumentError: A keyword contradicts the data.

    >>> import retention as rt
    >>> from retention.testing import make_orders
    >>> orders = make_orders({"ann": ["2026-02-01", "2026-03-05"], "ben": ["2026-03-11"]})
    >>> rt.new_customer_count(orders, period=rt.Period.month(2026, 3, tz="UTC"))
    1

    References:
        Sources D1, D9.

    .. versionadded:: 0.1
    """
    return read_new_customer_count(one_period(orders, period, reading))


def read_new_customer_count(facts: PeriodFacts) -> int:
    require_observable(facts, needs=("firsts",))
    return len(facts.base.new)
