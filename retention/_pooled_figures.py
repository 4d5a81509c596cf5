"""The figure of a whole shop, put together from those of its parts, which share no customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import evolve

from retention._mapping import FrozenMapping
from retention._numerics import decimal_context
from retention._snapshot import Figure
from retention.catalog import MetricSpec, Result
from retention.results import CustomerFlow, Mean, Ratio, RevenueFlow
from retention.results._pooled import pooled_basis

__all__ = ["pooled_figure"]

_MOST_DECIMALS = 18
"""That an amount of money may have; one with more has been rounded by a division."""

_EXACT = decimal_context(120)


def pooled_figure(spec: MetricSpec, parts: Sequence[Figure]) -> Figure | None:
    """The figure of all the parts' records; None where it is to be counted once more.

    That is so where the catalog does not call the metric additive, where a part has no result, where the parts' money
    is in several currencies, where the words that explain the result would get lost, and where a division has rounded
    the numbers.
    """
    if not parts or not spec.additive or any(part.result is None or not part.observable for part in parts):
        return None
    currencies = {part.currency for part in parts if part.currency}
    if len(currencies) > 1:
        return None
    result = _pooled([part.result for part in parts])
    if result is None:
        return None
    currency = next(iter(currencies), None)
    left_out: dict[str, int] = {}
    for part in parts:
        for reason, count in part.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + count
    return evolve(
        parts[0],
        result=result,
        currency=currency,
        unit=spec.unit.replace("money", currency or "money"),
        left_out=FrozenMapping(left_out),
        assumed=tuple(dict.fromkeys(line for part in parts for line in part.assumed)),
        undefined_because=None,
    )


def _pooled(results: Sequence[Any]) -> Result | None:
    return next(pool(results) for kind, pool in _POOLS.items() if isinstance(results[0], kind))


def _counts(results: Sequence[int]) -> int:
    return sum(results)


def _amounts(results: Sequence[Decimal]) -> Decimal | None:
    if any(_is_rounded(amount) for amount in results):
        return None
    total = Decimal(0)
    for amount in results:
        total = _EXACT.add(total, amount)
    return total


def _is_rounded(*numbers: int | Decimal) -> bool:
    exponents = (number.as_tuple().exponent for number in numbers if isinstance(number, Decimal))
    return any(isinstance(exponent, int) and exponent < -_MOST_DECIMALS for exponent in exponents)


def _ratios(results: Sequence[Ratio]) -> Ratio | None:
    if any(_is_told_in_words(each) or _is_rounded(each.numerator, each.denominator) for each in results):
        return None
    pooled = Ratio.pool(results, independent=True)
    return None if pooled.value is None else pooled


def _means(results: Sequence[Mean]) -> Mean | None:
    if any(_is_told_in_words(each) or _is_rounded(each.total) for each in results):
        return None
    pooled = Mean.pool(results, independent=True)
    return None if pooled.value is None else pooled


def _is_told_in_words(result: Ratio | Mean) -> bool:
    return bool(result.basis.in_words or result.basis.given)


def _customer_flows(flows: Sequence[CustomerFlow]) -> CustomerFlow:
    counts = {name: sum(getattr(flow, name) for flow in flows) for name in CustomerFlow.parts}
    groups = {
        name: frozenset[Any]().union(*(flow.customers.get(name, ()) for flow in flows))
        for name in flows[0].customers
    }
    return CustomerFlow(
        **counts, customers=groups, basis=pooled_basis([flow.basis for flow in flows], "by_segment")
    )


def _revenue_flows(flows: Sequence[RevenueFlow]) -> RevenueFlow:
    return RevenueFlow(
        exact={name: sum((flow.exact[name] for flow in flows), Fraction(0)) for name in RevenueFlow.parts},
        counts={name: sum(flow.counts[name] for flow in flows) for name in flows[0].counts},
        customers={
            name: frozenset[Any]().union(*(flow.customers[name] for flow in flows))
            for name in flows[0].customers
        },
        ended_while_paused=sum(flow.ended_while_paused for flow in flows),
        basis=pooled_basis([flow.basis for flow in flows], "by_segment"),
    )


# The kinds of result that additive metrics have.
_POOLS: Mapping[type, Callable[[Sequence[Any]], Result | None]] = {
    int: _counts,
    Decimal: _amounts,
    Ratio: _ratios,
    Mean: _means,
    CustomerFlow: _customer_flows,
    RevenueFlow: _revenue_flows,
}
