"""What the metrics share: from the arguments of a public function to facts, and from facts to figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from attrs import evolve

from retention._calendar import Duration
from retention._facts import Counted, Needs, PeriodFacts, facts
from retention._mapping import FrozenMapping
from retention._subscription_pairs import SubscriptionFacts
from retention.errors import NotObservableError
from retention.history import ReadingOptions
from retention.periods import Period
from retention.results import Basis, ClusterSums, Mean, Ratio
from retention.shop import Orders, history_of

__all__ = [
    "also_without",
    "mean_of",
    "means_in_words",
    "one_period",
    "over",
    "quotient_of",
    "require_observable",
    "share_of_customers",
]


def one_period(
    orders: Orders,
    period: Period,
    reading: ReadingOptions,
    *,
    inactive_after: Duration | None = None,
    recency: bool = False,
    lifespans: bool = False,
    followed: bool = False,
) -> PeriodFacts:
    """The facts of one period."""
    history = history_of(orders, **reading)
    return facts(
        history,
        (period,),
        inactive_after=inactive_after,
        recency=recency,
        lifespans=lifespans,
        followed=followed,
    )[0]


def require_observable(
    found: PeriodFacts | SubscriptionFacts, needs: tuple[Literal["firsts"], ...] = ()
) -> None:
    """Refuse a plain number for a period that the data don't reach; an int has no other way to say so.

    Raises:
        NotObservableError: When they don't.
    """
    unseen = found.unseen_for(needs)
    if unseen is not None:
        msg = f"{found.period.label} is not observable: {unseen}"
        raise NotObservableError(msg)


def share_of_customers(
    found: PeriodFacts,
    metric: str,
    part: int,
    whole: int,
    *,
    counted: tuple[str, str],
    needs: Needs = (),
    options: tuple[tuple[str, str], ...] = (),
    partial: bool = False,
) -> Ratio:
    """A share of customers, each of whom is one independent trial."""
    basis = found.basis(metric, of="customers", counted=counted, needs=needs, options=options)
    if "comebacks" in needs:
        basis = evolve(basis, open_ended=True)
    if not basis.observable:
        return Ratio(0, 0, basis=basis)
    if partial:
        basis = evolve(basis, partial=True)
    return Ratio(part, whole, basis=over(whole, basis))


def quotient_of(
    found: PeriodFacts,
    metric: str,
    sums: ClusterSums,
    *,
    counted: tuple[str, str],
    of: Counted = "customers",
    needs: Needs = (),
    money: bool = False,
    bounded: bool = True,
) -> Ratio:
    """Σy of Σx over customers, with the sums that its interval needs."""
    basis = found.basis(metric, of=of, counted=counted, needs=needs, money=money)
    if not basis.observable:
        return Ratio(0, 0, bounded=bounded, basis=basis)
    top, bottom = (found.money.amount(sums.y), found.money.amount(sums.x)) if money else (sums.y, sums.x)
    return Ratio(top, bottom, bounded=bounded, sampling=sums, basis=over(bottom, basis))


def mean_of(
    found: PeriodFacts,
    metric: str,
    sums: ClusterSums,
    *,
    counted: tuple[str, str],
    of: Counted = "customers",
    money: bool = True,
) -> Mean:
    """Σy over Σx, as a mean with its sums."""
    basis = found.basis(metric, of=of, counted=counted, money=money)
    if not basis.observable:
        return Mean(0, 0, unit=basis.currency, basis=basis)
    total = found.money.amount(sums.y) if money else sums.y
    return Mean(total, sums.x, unit=basis.currency, sampling=sums, basis=over(sums.x, basis))


def over(denominator: int | Decimal, basis: Basis, because: str | None = None) -> Basis:
    """The basis, with the reason where there is nothing to divide by; by default that there are none of those."""
    if denominator:
        return basis
    return evolve(basis, undefined_because=because or _there_are_none(basis.counted[1]))


def _there_are_none(what: str) -> str:
    return f"there {'is' if what.endswith('revenue') else 'are'} no {what}"


def also_without(basis: Basis, why: str, number: int) -> Basis:
    """The basis, with purchases that the figure could not use among those that it left out."""
    return evolve(basis, left_out=FrozenMapping({**basis.left_out, why: number})) if number else basis


def means_in_words(top: ClusterSums, bottom: ClusterSums, names: tuple[str, str]) -> str:
    """What two groups of customers spent on average, each with its size: "32.35 a member (17) against 55.40 …".

    Args:
        top: The money (y) of the first group's customers (x).
        bottom: That of the other's.
        names: What a customer of each is called.
    """
    groups = zip((top, bottom), names, strict=True)
    return " against ".join(f"{float(sums.quotient()):,.2f} {name} ({sums.n:,})" for sums, name in groups)
