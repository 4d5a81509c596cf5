"""A definition of somebody else's, as data that can be called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Literal

from attrs import evolve, field, frozen

from retention._facts import PeriodFacts
from retention._record_reading import MONEY_KEYWORDS, MoneyReading
from retention._subscription_facts import subscription_facts
from retention._subscription_pairs import SubscriptionFacts
from retention.errors import did_you_mean
from retention.history import ReadingOptions
from retention.metrics._common import one_period
from retention.periods import Period
from retention.results import Basis, Ratio

__all__ = ["Definition"]


@frozen(kw_only=True)
class Definition:
    """How one system counts a figure that others count differently.

    Call it like a metric: ``definition(subscriptions, period=june)`` gives a `Ratio`, with its interval by customer.

    Attributes:
        id: Its name in `DEFINITIONS`.
        vendor: Whose definition it is.
        title: What the vendor calls the figure.
        metric: The metric of this library that comes nearest.
        inputs: The field of a `Shop` that it reads: ``"subscriptions"`` or ``"orders"``.
        counts: Numerator and denominator, in words.
        differs: In what it is another figure than `metric`; empty where the two are the same.
        window: The length of time that the vendor looks at; None where any period will do.
        unsaid: What the vendor's page does not say, and how it was read here.
        sources: The pages that state it, each as title and address.
        read_on: Year and month in which they were read; vendors change their definitions.

    .. versionadded:: 0.1

    >>> from retention import DEFINITIONS
    >>> DEFINITIONS["stripe_subscriber_churn_rate"].counts
    'ends of paying in the period / (customers who paid at its start + new ones)'
    """

    id: str
    vendor: str
    title: str
    metric: str
    inputs: Literal["subscriptions", "orders"] = "subscriptions"
    counts: str
    differs: str = ""
    window: timedelta | None = None
    unsaid: str = ""
    sources: tuple[tuple[str, str], ...]
    read_on: str = "2026-11"
    _read: Callable[[Any], Ratio] = field(alias="read_facts", repr=False, eq=False)

    def __call__(self, records: Any, /, *, period: Period, **reading: Any) -> Ratio:
        """The vendor's figure.

        Args:
            records: The subscriptions or orders, as `inputs` says, or a `Shop` that has them.
            period: The period; see `window`.
            reading: How to read the records, as for the metrics. What a metric would count otherwise, such as
                ``bridge=``, is no keyword here: the vendor has said what counts.

        Returns:
            The figure, whose ``assumed`` says what the vendor leaves open. Undefined where nothing stands below the
            line. Not bounded by 1 where somebody may stand above the line and not below it.

        Raises:
            TypeError: A keyword says nothing of how the records are read.
            MixedCurrencyError: Money of several currencies would be added.
            ConflictingArgumentError: A keyword contradicts the data.
        """
        self._refuse_unknown(reading)
        figure = self._read(_FACTS[self.inputs](records, period, reading))
        return evolve(figure, basis=self._told(figure.basis, period))

    def _refuse_unknown(self, names: Iterable[str]) -> None:
        known = _KEYWORDS[self.inputs]
        for name in names:
            if name not in known:
                msg = (
                    f"{self.id}: there is no keyword {name}=; {did_you_mean(name, known)}"
                    f"how {self.inputs} are read is said by {', '.join(sorted(known))}"
                )
                raise TypeError(msg)

    def _told(self, basis: Basis, period: Period) -> Basis:
        """The basis, with the vendor's words for what was counted, and what the vendor leaves open."""
        top, _, bottom = self.counts.partition(" / ")
        return evolve(
            basis,
            metric=self.id,
            counted=(top, bottom.strip("()")),
            assumed=(*basis.assumed, *self._notes(period)),
        )

    def _notes(self, period: Period) -> Iterator[str]:
        if self.unsaid:
            yield f"{self.vendor} does not say everything: {self.unsaid}"
        days = round((period.end - period.start) / timedelta(days=1))
        if self.window is not None and days != self.window.days:
            yield f"{self.vendor} looks at {self.window.days} days, and {period.label} has {days}"


def _subscriptions(records: Any, period: Period, reading: MoneyReading) -> SubscriptionFacts:
    return subscription_facts(records, (period,), **reading)[0]


_FACTS: Mapping[str, Callable[..., SubscriptionFacts | PeriodFacts]] = {
    "subscriptions": _subscriptions,
    "orders": one_period,
}
"""By field of the shop, what counts one period of its records."""

_KEYWORDS: Mapping[str, frozenset[str]] = {
    "subscriptions": MONEY_KEYWORDS,
    "orders": ReadingOptions.__optional_keys__,
}
"""By field of the shop, the keywords that say how its records are read."""
