"""Figures of customers, as `Predictions` ask a model for them: what each is, and how it is had."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, ClassVar

from attrs import frozen

from retention.predict._estimate import Kind

if TYPE_CHECKING:
    from retention.predict._purchase_model import PurchaseModel

__all__ = ["PURCHASES", "Alive", "Buying", "Expected", "OfNewcomer"]

PURCHASES = "purchases"


@frozen
class Alive:
    """P(alive) of a group of customers, as `Predictions` ask for it."""

    kind: ClassVar[Kind] = "probability"
    counted: ClassVar[str | None] = None
    title: ClassVar[str] = "Probability to be still a customer"
    about: ClassVar[str] = "expected to be there still"

    def __call__(self, model: PurchaseModel, frequency: int, recency: float, age: float) -> float:
        return model._probability_alive(frequency, recency, age)  # noqa: SLF001 - what models give to the figures


@frozen
class Expected:
    """Expected purchases of a group of customers, as `Predictions` ask for them."""

    kind: ClassVar[Kind] = "positive"
    counted: ClassVar[str | None] = PURCHASES

    horizon: float
    within: str

    @property
    def title(self) -> str:
        """What the figure is."""
        return f"Purchases to expect in {self.within}"

    @property
    def about(self) -> str:
        """What it is of all customers."""
        return f"expected within {self.within}"

    def bound(self, model: PurchaseModel) -> Callable[[int, float, float], float]:
        """The same for all groups of a base."""
        return model._expected_by(self.horizon)  # noqa: SLF001 - what models give to the figures

    def __call__(self, model: PurchaseModel, frequency: int, recency: float, age: float) -> float:
        return model._expected_purchases(frequency, recency, age, self.horizon)  # noqa: SLF001 - what models give to the figures


@frozen
class Buying:
    """The probability to buy of a group of customers, as `Predictions` ask for it."""

    kind: ClassVar[Kind] = "probability"
    counted: ClassVar[str | None] = None

    horizon: float
    within: str

    @property
    def title(self) -> str:
        """What the figure is."""
        return f"Probability to buy within {self.within}"

    @property
    def about(self) -> str:
        """What it is of all customers."""
        return f"expected to buy within {self.within}"

    def bound(self, model: PurchaseModel) -> Callable[[int, float, float], float]:
        """The same for all groups of a base: of those who are there, all with one frequency and one age are alike."""
        once_there = cache(partial(model._probability_to_buy, horizon=self.horizon))  # noqa: SLF001 - what models give to the figures

        def buying(frequency: int, recency: float, age: float) -> float:
            there = model._probability_there(frequency, recency, age)  # noqa: SLF001 - what models give to the figures
            return min(1.0, there * once_there(frequency, age))  # which rounding may pass

        return buying

    def __call__(self, model: PurchaseModel, frequency: int, recency: float, age: float) -> float:
        return self.bound(model)(frequency, recency, age)


@frozen
class OfNewcomer:
    """Expected purchases of a new customer, as `estimate` asks for them."""

    horizon: float

    def __call__(self, model: PurchaseModel) -> float:
        return model._expected_purchases_of_newcomer(self.horizon)  # noqa: SLF001 - what models give to the figures
