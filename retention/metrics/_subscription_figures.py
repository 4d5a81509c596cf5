"""What the metrics of subscriptions share: from the facts and pairs of numbers to figures with their basis."""

from __future__ import annotations

from decimal import Decimal

from attrs import evolve

from retention._subscription_facts import Needs, Pairs, SubscriptionFacts
from retention.errors import InvalidTypeError, InvalidValueError, NotObservableError, shown
from retention.results import Basis, ClusterSums, Mean, Ratio

__all__ = ["check_paused", "mean_per_customer", "money_ratio", "require_observable", "share_of_subscribers"]

AT_START = "MRR at the start"


def require_observable(found: SubscriptionFacts, needs: Needs = ()) -> None:
    """Refuse a plain number for a period that the data don't reach; it has no other way to say so.

    Raises:
        NotObservableError: When they don't.
    """
    unseen = found.unseen_for(needs)
    if unseen is not None:
        msg = f"{found.period.label} is not observable: {unseen}"
        raise NotObservableError(msg)


def check_paused(metric: str, paused: object) -> tuple[tuple[str, str], ...]:
    """The keyword as an option of the figure; nothing where it says what is usual.

    Raises:
        InvalidValueError: It is neither "kept" nor "lost".
        InvalidTypeError: It is no text.
    """
    if not isinstance(paused, str) or paused not in {"kept", "lost"}:
        msg = f'{metric}: paused must be "kept" or "lost" (got {shown(paused)})'
        raise (InvalidValueError if isinstance(paused, str) else InvalidTypeError)(msg)
    return () if paused == "kept" else (("paused", str(paused)),)


def money_ratio(
    found: SubscriptionFacts,
    metric: str,
    pairs: Pairs,
    *,
    counted: tuple[str, str],
    bounded: bool = False,
    signed: bool = False,
    needs: Needs = ("base",),
    options: tuple[tuple[str, str], ...] = (),
) -> Ratio:
    """Σy / Σx, both money, with the sums over customers that its interval needs."""
    basis = found.of_metric(metric, counted=counted, needs=needs, options=options)
    if not basis.observable:
        return Ratio(0, 0, bounded=bounded, basis=basis)
    scale = found.cents.scale
    sums = ClusterSums.of(pairs.values(), scale=scale, x_scale=scale, signed=signed)
    top, bottom = found.amount(sums.y), found.amount(sums.x)
    return Ratio(top, bottom, bounded=bounded, sampling=sums, basis=_over(bottom, basis, "is no"))


def share_of_subscribers(
    found: SubscriptionFacts,
    metric: str,
    pairs: Pairs,
    *,
    counted: str,
    options: tuple[tuple[str, str], ...] = (),
) -> Ratio:
    """A share of those who paid at the start, each of whom is one independent trial."""
    basis = found.of_metric(
        metric, counted=(counted, "subscribers at the start"), needs=("base",), money=False, options=options
    )
    if not basis.observable:
        return Ratio(0, 0, basis=basis)
    part, whole = sum(y for _, y in pairs.values()), len(pairs)
    return Ratio(part, whole, basis=_over(whole, basis, "are no"))


def mean_per_customer(
    found: SubscriptionFacts, metric: str, pairs: Pairs, *, counted: tuple[str, str]
) -> Mean:
    """Σy / Σx, money over customers."""
    basis = found.of_metric(metric, counted=counted)
    if not basis.observable:
        return Mean(0, 0, unit=basis.currency, basis=basis)
    sums = ClusterSums.of(pairs.values(), scale=found.cents.scale)
    total = found.amount(sums.y)
    return Mean(total, sums.x, unit=basis.currency, sampling=sums, basis=_over(sums.x, basis, "are no"))


def _over(denominator: int | Decimal, basis: Basis, there: str) -> Basis:
    """The basis, with the reason where there is nothing to divide by."""
    return basis if denominator else evolve(basis, undefined_because=f"there {there} {basis.counted[1]}")
