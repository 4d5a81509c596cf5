"""One cell of a table of cohorts: what a cohort did at an age, as counts and as figures with intervals."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import field, frozen

from retention._facts import Money
from retention._numerics import ClusterSums
from retention.cohorts._choice import Choice, Column
from retention.cohorts._count import Sums
from retention.periods import Period
from retention.results import Basis, Mean, Ratio

__all__ = ["CohortCell", "State", "Terms"]

State: TypeAlias = Literal["observed", "partial", "absent"]
"""Whether the age of a cell has passed, is still running, or has not begun (or can't be known)."""


@frozen(kw_only=True)
class Terms:
    """What all cells of a table share: its keywords, the unit of money, what had to be taken for granted."""

    choice: Choice
    money: Money
    assumed: tuple[str, ...]

    def basis(
        self,
        metric: str,
        cohort: str,
        counted: tuple[str, str],
        *,
        partial: bool,
        of: int,
        money: bool = False,
    ) -> Basis:
        """What a figure of a cell rests on."""
        return Basis(
            metric=metric,
            period=cohort,
            counted=counted,
            partial=partial,
            undefined_because=None if of else "the cohort has no customers",
            assumed=self.assumed,
            currency=self.money.currency if money else None,
            options=self.choice.options(),
        )

    @property
    def members(self) -> str:
        """What a cohort's customers are called who are followed."""
        return "customers" if self.choice.age == "calendar" else "customers who have come that far"


@frozen(kw_only=True, repr=False)
class CohortCell:
    """What the customers of one cohort did at one age, or between two.

    Everything is None where the cell is absent, and never a false 0. A partial cell tells what has been counted so
    far.

    Attributes:
        cohort: The unit of the calendar in which its customers began.
        state: ``"observed"`` when the age has passed, ``"partial"`` while it runs or the cohort still takes customers
            in, ``"absent"`` when it has not begun or can't be known.
        absent_because: Why it is absent, or None.

    .. versionadded:: 0.1
    """

    cohort: Period
    state: State
    absent_because: str | None = None
    _label: str = field(alias="label")
    _column: Column = field(alias="column")
    _sums: Sums | None = field(alias="sums")
    _terms: Terms = field(alias="terms")

    @property
    def ages(self) -> tuple[int, int]:
        """The first and the last age that it counts; both are one where it counts a single age."""
        return self._column.first, self._column.last

    @property
    def partial(self) -> bool:
        """Whether what it tells is only what has been counted so far."""
        return self.state == "partial"

    @property
    def followed(self) -> int | None:
        """Customers out of whom it counts: the cohort's or, with ``age="elapsed"``, those whose age has passed."""
        return None if self._sums is None else self._sums.followed

    @property
    def customers(self) -> int | None:
        """Those of them who purchased."""
        return None if self._sums is None else self._sums.customers

    @property
    def orders(self) -> int | None:
        """Their purchases."""
        return None if self._sums is None else self._sums.orders

    @property
    def revenue(self) -> Decimal | None:
        """What is left of these purchases after refunds.

        Raises:
            MixedCurrencyError: When the sales are in several currencies.
        """
        return None if self._sums is None else self._terms.money.amount(self._sums.revenue)

    @property
    def cumulative_revenue(self) -> Decimal | None:
        """What the customers who are followed have brought from age 0 on up to the cell's age, after refunds.

        With ``retained="on_or_after"`` up to the first age of the cell, else up to its last.

        Raises:
            MixedCurrencyError: When the sales are in several currencies.
        """
        return None if self._sums is None else self._terms.money.amount(self._sums.cumulative)

    @property
    def retention(self) -> Ratio | None:
        """The share of customers who purchased, with Wilson's interval."""
        if self._sums is None:
            return None
        basis = self._basis("cohort_retention_rate", f"who purchased in {self.in_words}", self._sums.followed)
        return Ratio(self._sums.customers, self._sums.followed, basis=basis)

    @property
    def orders_per_customer(self) -> Mean | None:
        """Purchases per customer of the cohort, those included who made none."""
        if self._sums is None:
            return None
        of, orders = self._sums.followed, self._sums.orders
        sums = ClusterSums(n=of, x=of, y=orders, xx=of, xy=orders, yy=self._sums.order_squares)
        basis = self._basis("cohort_order_frequency", f"purchases in {self.in_words}", of)
        return Mean(orders, of, sampling=sums, basis=basis)

    @property
    def cumulative_revenue_value(self) -> Mean | None:
        """Cumulative revenue per customer of the cohort: what a customer has been worth by then.

        Raises:
            MixedCurrencyError: When the sales are in several currencies.
        """
        if self._sums is None:
            return None
        money = self._terms.money
        of, units = self._sums.followed, self._sums.cumulative
        sums = ClusterSums(
            n=of, x=of, y=units, xx=of, xy=units, yy=self._sums.cumulative_squares, scale=money.scale
        )
        counted = f"revenue up to {self._terms.choice.unit} {self._column.upto}"
        basis = self._basis("cohort_cumulative_revenue_value", counted, of, money=True)
        return Mean(money.amount(units), of, unit=basis.currency, sampling=sums, basis=basis)

    @property
    def in_words(self) -> str:
        """The ages that it counts in words, such as "month 3" or "months 1 to 3"."""
        return self._terms.choice.in_words(self._column)

    def _basis(self, metric: str, what: str, of: int, *, money: bool = False) -> Basis:
        return self._terms.basis(
            metric, self._label, (what, self._terms.members), partial=self.partial, of=of, money=money
        )

    def __repr__(self) -> str:
        counts = "" if self._sums is None else f", {self.customers:,} of {self.followed:,} customers"
        return f"<CohortCell: {self._label}, {self.in_words}, {self.state}{counts}>"

    def __str__(self) -> str:
        return self.explain()

    def explain(self) -> str:
        """The cell in words: its retention, with what that rests on."""
        retention = self.retention
        if retention is None:
            return f"{self._label}, {self.in_words}: absent, since {self.absent_because}."
        return retention.explain()
