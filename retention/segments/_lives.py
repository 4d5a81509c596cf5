"""One customer's stage and state of life, and all the customers of a stage, of a state, or of both."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from decimal import Decimal

from attrs import field, frozen

from retention._facts import Money
from retention.results import Ratio
from retention.segments._customers import plain_id

__all__ = ["CustomerLifecycle", "LifecycleGroup"]


@frozen(kw_only=True)
class LifecycleGroup:
    """The customers of one stage, of one state, or of both.

    Attributes:
        stage: Their stage, or None for all stages.
        state: Their state, or None for all states.
        customers: How many they are.
        share: That out of all customers of the table, with its interval.
        revenue: What they have spent until then.
        currency: The currency of that, or None where nothing was sold.

    .. versionadded:: 0.1
    """

    stage: str | None
    state: str | None
    customers: int
    share: Ratio
    _units: int = field(alias="units", repr=False)
    _money: Money = field(alias="money", repr=False)

    @property
    def revenue(self) -> Decimal:
        """What they have spent until then.

        Raises:
            MixedCurrencyError: The sales are in several currencies.
        """
        return self._money.amount(self._units)

    @property
    def currency(self) -> str | None:
        """The currency of that, or None where nothing was sold.

        Raises:
            MixedCurrencyError: The sales are in several currencies.
        """
        return self._money.currency

    def to_dict(self) -> dict[str, str | int | float | Decimal | None]:
        """The same as a flat dict; money is None where the sales are in several currencies."""
        has_money = _adds_up(self._money)
        return {
            "stage": self.stage,
            "state": self.state,
            "customers": self.customers,
            "share": self.share.value,
            "revenue": self.revenue if has_money else None,
            "currency": self.currency if has_money else None,
        }


@frozen(kw_only=True)
class CustomerLifecycle:
    """Where one customer stands, and why.

    Attributes:
        customer_id: The customer's id.
        orders: Purchases until then.
        first_at: Instant of the first one, in UTC.
        latest_at: Instant of the latest one, in UTC.
        silence_days: Days since then, of 24 hours.
        usual_gap_days: The rhythm that the silence is measured by: the customer's own, or the shop's; None under
            fixed thresholds.
        has_own_rhythm: Whether it is the customer's own.
        at_risk_after: From which silence on this customer is at risk, in words.
        lapsed_after: Likewise lapsed.
        stage: ``"early"``, ``"middle"`` or ``"late"``.
        state: ``"new"``, ``"active"``, ``"at_risk"``, ``"lapsed"`` or ``"won_back"``; None where nobody can tell.
        why: The state in a sentence.
        spend: What the customer has spent until then.
        currency: The currency of that.

    .. versionadded:: 0.1
    """

    customer_id: Hashable
    orders: int
    first_at: datetime
    latest_at: datetime
    silence_days: float
    usual_gap_days: float | None
    has_own_rhythm: bool
    at_risk_after: str | None
    lapsed_after: str | None
    stage: str
    state: str | None
    why: str
    _units: int = field(alias="units", repr=False)
    _money: Money = field(alias="money", repr=False)

    @property
    def spend(self) -> Decimal:
        """What the customer has spent until then.

        Raises:
            MixedCurrencyError: The sales are in several currencies.
        """
        return self._money.amount(self._units)

    @property
    def currency(self) -> str | None:
        """The currency of that.

        Raises:
            MixedCurrencyError: The sales are in several currencies.
        """
        return self._money.currency

    def __str__(self) -> str:
        return self.explain()

    def explain(self) -> str:
        """The customer in words: stage, state, and why."""
        from retention.display._names import name_as_text

        state = "state not known" if self.state is None else self.state.replace("_", " ")
        return f"{name_as_text(self.customer_id)}: {self.stage}, {state}: {self.why}."

    def to_dict(self) -> dict[str, str | int | float | Decimal | None]:
        """The same as a flat dict; money is None where the sales are in several currencies."""
        has_money = _adds_up(self._money)
        return {
            "customer_id": plain_id(self.customer_id),
            "stage": self.stage,
            "state": self.state,
            "orders": self.orders,
            "first_at": self.first_at.isoformat(),
            "latest_at": self.latest_at.isoformat(),
            "silence_days": self.silence_days,
            "usual_gap_days": self.usual_gap_days,
            "spend": self.spend if has_money else None,
            "currency": self.currency if has_money else None,
            "why": self.why,
        }


def _adds_up(money: Money) -> bool:
    return len(money.currencies) <= 1
