"""What is known of one period of subscriptions, and what each customer brings to the ratios that are made of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from retention._calendar import Duration, as_words
from retention._cents import Cents
from retention._mapping import FrozenMapping
from retention._mrr import Ended, Movement, MovementKind, Tenure
from retention._numerics import ClusterSums
from retention._reading import mixed
from retention._reasons import reasons_meant
from retention._subscription_sums import Pairs, Products
from retention._watched import Watched
from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.results import Basis

__all__ = [
    "PAIRS",
    "MovementKind",
    "Needs",
    "Pairs",
    "Paused",
    "Reason",
    "SubscriptionFacts",
    "check_paused",
    "check_reason",
    "gained_and_lost",
    "grown_of_base",
    "kept_of_base",
    "left",
    "lost_of_base",
    "moved_down",
    "moved_net",
    "paid_by_each",
    "remained",
]

Needs: TypeAlias = tuple[Literal["firsts", "base"], ...]
"""What a figure needs to be known: who paid for the first time, who paid just before the start."""

Paused: TypeAlias = Literal["kept", "lost"]
"""Whether a customer whose subscription is paused counts as still there, or as lost."""

Reason: TypeAlias = Literal[
    "voluntary",
    "involuntary",
    "customer",
    "payment",
    "fraud",
    "technical",
    "plan_change",
    "other",
    "unknown",
]
"""Why a subscriber left: two kinds of reasons, each reason, and none that is known."""

_REASONS: Mapping[str, frozenset[Ended]] = {
    "voluntary": frozenset({"customer"}),
    "involuntary": frozenset({"payment", "fraud", "technical"}),
    "customer": frozenset({"customer"}),
    "payment": frozenset({"payment"}),
    "fraud": frozenset({"fraud"}),
    "technical": frozenset({"technical"}),
    "plan_change": frozenset({"plan_change"}),
    "other": frozenset({"other"}),
    "unknown": frozenset({"unknown"}),
}


def check_reason(metric: str, reason: object) -> frozenset[Ended] | None:
    """The reasons that are meant; None stands for any.

    Raises:
        InvalidValueError: There is no such reason.
        InvalidTypeError: It is no text.
    """
    return reasons_meant(metric, reason, _REASONS)


def check_paused(metric: str, paused: object) -> None:
    """Refuse what is neither "kept" nor "lost".

    Raises:
        InvalidValueError: It is another word.
        InvalidTypeError: It is no text.
    """
    if not isinstance(paused, str) or paused not in {"kept", "lost"}:
        msg = f'{metric}: paused must be "kept" or "lost" (got {shown(paused)})'
        raise (InvalidValueError if isinstance(paused, str) else InvalidTypeError)(msg)


@frozen(kw_only=True)
class SubscriptionFacts(Watched):
    """What customers paid a month in one period. Money is in whole units (`cents`), times are in microseconds.

    Attributes:
        base_unseen: Why it is not known what was paid just before the period, or None.
        bridge: Up to which length a gap between spans keeps the MRR before it, or None.
        cents: The unit of money.
        base: By customer, what was paid just before the start; only who paid something.
        now: By customer, what was paid just before the end, or at `as_of` where the period was still running.
        held: By customer of the base, what spans that paused in the period, and are paused then, paid when they did.
        gone: Those of the base who have no span in force then, with the reason of the last that ended.
        movements: The changes of MRR in the period, by instant.
        ended_while_paused: How often a customer left who had come to pay nothing while something was in force.
        until: Where the counting ends: the period's end, or just after `as_of`.
        products: Adds up products over customers, for all periods that were counted together.
        tenures: From when to when each customer was a subscriber, at whatever time; None unless asked for.
    """

    base_unseen: str | None = None
    bridge: Duration | None = None
    cents: Cents = field(default=Cents())
    base: Mapping[Hashable, int] = field(default=FrozenMapping(), repr=False)
    now: Mapping[Hashable, int] = field(default=FrozenMapping(), repr=False)
    held: Mapping[Hashable, int] = field(default=FrozenMapping(), repr=False)
    gone: Mapping[Hashable, Ended] = field(default=FrozenMapping(), repr=False)
    movements: Sequence[Movement] = field(default=(), repr=False)
    ended_while_paused: int = 0
    until: int
    products: Products = field(factory=Products, repr=False, eq=False)
    tenures: Sequence[Tenure] | None = field(default=None, repr=False)

    @property
    def currency(self) -> str | None:
        """The one currency, or None when there is no money.

        Raises:
            MixedCurrencyError: When there are several.
        """
        if len(self.currencies) > 1:
            what, read = "money in {} can't be added", "the subscriptions (or make the Shop)"
            raise mixed(self.currencies, what, read=read)
        return next(iter(self.currencies), None)

    def unseen_for(self, needs: Needs) -> str | None:
        """Why a figure with these needs is not observable, or None."""
        return self.unseen or (self.base_unseen if needs else None)

    def assumed_for(self, needs: Needs) -> tuple[str, ...]:
        """What had to be taken for granted for a figure with these needs."""
        lines = [*self.assumed]
        if self.bridge is not None:
            lines.append("a gap that had not closed by then is taken as an end")
        if "firsts" in needs:
            lines.append(
                "observed_from was not given, so that the subscriptions are taken as complete from the beginning"
                if self.observed_from is None
                else "a customer whose earlier subscriptions all ended before observed_from is taken as new"
            )
        return tuple(lines)

    def of_metric(
        self,
        metric: str,
        *,
        counted: tuple[str, ...] = (),
        needs: Needs = (),
        money: bool = True,
        options: tuple[tuple[str, str], ...] = (),
    ) -> Basis:
        """What a metric's figure rests on."""
        unseen = self.unseen_for(needs)
        bridge = () if self.bridge is None else (("bridge", as_words(self.bridge)),)
        return self.basis(
            metric,
            records="subscriptions",
            currency=self.currency if money else None,
            counted=counted,
            observable=unseen is None,
            undefined_because=unseen,
            assumed=self.assumed_for(needs),
            options=(*bridge, *options),
        )

    def total(self, paid: Mapping[Hashable, int]) -> Fraction:
        """What some customers pay together, exactly, in the one currency."""
        self.currency  # noqa: B018 - refuses several
        return self.cents.exactly(sum(paid.values()))

    def amount(self, units: int) -> Decimal:
        """Units as money in the one currency."""
        self.currency  # noqa: B018 - refuses several
        return self.cents.amount(units)

    def sums(self, pairs: Pairs, *, of_money: bool = False, signed: bool = False) -> ClusterSums:
        """The sums over customers of a ratio whose y is money.

        Args:
            pairs: What each customer brings.
            of_money: Whether x is money, too.
            signed: Whether a single y may lie below 0.
        """
        scale = self.cents.per_one
        return self.products.sums(pairs, scale=scale, x_scale=scale if of_money else 1, signed=signed)

    def moved(self, *kinds: MovementKind) -> dict[Hashable, int]:
        """By how much each customer moved in these ways, in units."""
        found: dict[Hashable, int] = {}
        for _, who, kind, before, after in self.movements:
            if kind in kinds:
                found[who] = found.get(who, 0) + abs(after - before)
        return found

    def changed(self, paused: Paused = "kept") -> dict[Hashable, int]:
        """By how much more each customer of the base pays at the end, in units; only who moved at all."""
        base, now, held = self.base, self.now, self.held if paused == "kept" else {}
        moved = {each.customer for each in self.movements}
        return {
            who: now.get(who, 0) + held.get(who, 0) - base[who] for who in moved.union(held) if who in base
        }


# ----------------------------------------------------------------------------------------------- ratios


def lost_of_base(facts: SubscriptionFacts, *, paused: Paused = "kept", reason: Reason | None = None) -> Pairs:
    """Of each customer of the base what was paid (x), and how much less it is now (y).

    For a reason, y is what those paid who are gone for it.
    """
    check_paused("revenue_churn_rate", paused)
    reasons = check_reason("revenue_churn_rate", reason)
    if reasons is None:
        lost = {who: -more for who, more in facts.changed(paused).items() if more < 0}
    else:
        lost = {who: facts.base[who] for who, why in facts.gone.items() if why in reasons}
    return Pairs(below=facts.base, above=lost)


def kept_of_base(facts: SubscriptionFacts, *, paused: Paused = "kept") -> Pairs:
    """Of each customer of the base what was paid (x), and what of it still is (y)."""
    check_paused("gross_revenue_retention_rate", paused)
    lost = {who: -more for who, more in facts.changed(paused).items() if more < 0}
    return Pairs(below=facts.base, above=lost, rest=True)


def grown_of_base(facts: SubscriptionFacts, *, paused: Paused = "kept") -> Pairs:
    """Of each customer of the base what was paid (x), and what is paid now (y)."""
    check_paused("net_revenue_retention_ratio", paused)
    less = {who: -more for who, more in facts.changed(paused).items()}
    return Pairs(below=facts.base, above=less, rest=True)


def moved_down(facts: SubscriptionFacts) -> Pairs:
    """Of each customer what was paid at the start (x), and the losses of the period (y)."""
    return Pairs(below=facts.base, above=facts.moved("churned", "contraction"))


def moved_net(facts: SubscriptionFacts) -> Pairs:
    """The same, less what was gained from customers of earlier times."""
    lost, gained = facts.moved("churned", "contraction"), facts.moved("expansion", "reactivation")
    net = {who: lost.get(who, 0) - gained.get(who, 0) for who in (*lost, *gained)}
    return Pairs(below=facts.base, above=net)


def gained_and_lost(facts: SubscriptionFacts) -> Pairs:
    """Of each customer the losses (x) and the gains (y) of the period."""
    return Pairs(
        below=facts.moved("contraction", "churned"), above=facts.moved("new", "expansion", "reactivation")
    )


def paid_by_each(facts: SubscriptionFacts) -> Pairs:
    """Of each customer who pays at the end, 1 (x) and what is paid (y)."""
    return Pairs(below=facts.now, above=facts.now, heads=True)


def left(facts: SubscriptionFacts, *, reason: Reason | None = None, paused: Paused = "kept") -> Pairs:
    """Of each customer of the base 1 (x), and 1 for who is gone (y), for certain reasons or for any.

    With ``paused="lost"``, and no reason asked for, who only pays nothing is gone, too.
    """
    check_paused("subscriber_churn_rate", paused)
    reasons = check_reason("subscriber_churn_rate", reason)
    return Pairs(below=facts.base, above=_gone(facts, reasons, paused), heads=True)


def remained(facts: SubscriptionFacts, *, paused: Paused = "kept") -> Pairs:
    """Of each customer of the base 1 (x), and 1 for who is still there (y)."""
    check_paused("subscriber_retention_rate", paused)
    return Pairs(below=facts.base, above=_gone(facts, None, paused), heads=True, rest=True)


def _gone(facts: SubscriptionFacts, reasons: frozenset[Ended] | None, paused: Paused) -> dict[Hashable, int]:
    if reasons is not None:
        return {who: 1 for who, why in facts.gone.items() if why in reasons}
    return dict.fromkeys(facts.gone if paused == "kept" else facts.base.keys() - facts.now.keys(), 1)


PAIRS: Mapping[str, Callable[..., Pairs]] = FrozenMapping[str, Any](
    {
        "revenue_churn_rate": lost_of_base,
        "gross_revenue_retention_rate": kept_of_base,
        "net_revenue_retention_ratio": grown_of_base,
        "revenue_churn_ratio": moved_down,
        "net_revenue_churn_ratio": moved_net,
        "subscriber_churn_rate": left,
        "subscriber_retention_rate": remained,
        "average_revenue_per_account_value": paid_by_each,
        "quick_ratio": gained_and_lost,
    }
)
"""By metric that has an interval, what each customer brings to it; the keywords are those of the metric."""
