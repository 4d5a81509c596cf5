"""How often the existing base will buy, period by period."""

from __future__ import annotations

import math
from typing import Any

from attrs import frozen

from retention.predict._forecast_parts import Coming, Forecast, interval_of
from retention.results import Interval

__all__ = ["ExpectedPurchases", "PurchaseForecast"]


@frozen(kw_only=True)
class ExpectedPurchases(Coming):
    """How often the customers of today will buy in one coming period.

    Attributes:
        label: The period.
        start: When it begins, in units of time after the last day watched.
        end: When it ends.
        expected: The purchases to expect, with the uncertainty of the parameters alone.
        chance: The standard deviation of the purchases around what is expected, were the parameters known.
        nothing: Probability that these customers buy nothing at all; 0 where they are many.

    .. versionadded:: 0.1
    """

    def interval(self, confidence: float = 0.95) -> Interval:
        """Where the number of purchases will lie: a prediction interval, for what is not known of the parameters and for chance.

        Its ends are quantiles of the gamma distribution that has the forecast's mean and variance, by the approximation of
        Wilson and Hilferty, taken outwards to whole numbers. It begins at 0 where the customers are so few that nothing at
        all may come. It takes the model to be true: a season that the model does not know is not in it.

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When the model was not fitted.
        """
        found = self._prediction(confidence, shown_as=",.0f")
        return Interval(
            low=float(math.floor(found.low)),
            high=float(math.ceil(found.high)),
            confidence=confidence,
            method=f"{found.method}, whole purchases",
            shown_as=",.0f",
        )


@frozen(kw_only=True, repr=False)
class PurchaseForecast(Forecast[ExpectedPurchases]):
    """How often the customers of today will buy in coming periods.

    First purchases of customers who are yet to come are not in it.

    Attributes:
        periods: Each coming period.
        total: All of them together. Its interval is narrower than theirs put together, as chance evens out, and wider
            than independent periods would have it, as they share the parameters and who is still there.
        customers: How many customers there are today.
        unit: The unit of time.
        assumed: What had to be taken for granted.

    .. versionadded:: 0.1
    """

    def to_dicts(self) -> list[dict[str, Any]]:
        """One plain dictionary a period, for JSON or a data frame.

        With period, expected, and the 95 % interval (low, high), which are None where there is none.
        """
        rows = [(each, interval_of(each)) for each in self.periods]
        return [
            {
                "period": each.label,
                "expected": each.value,
                "low": interval.low if interval else None,
                "high": interval.high if interval else None,
            }
            for each, interval in rows
        ]

    def __str__(self) -> str:
        from retention.display import table

        rows = [_row(each, each.label) for each in self.periods]
        if len(rows) > 1:
            rows.append(_row(self.total, "all"))
        return table(rows, headings=["period", "purchases expected", "95 % interval"])

    def explain(self) -> str:
        """The forecast in words: what is to be expected, how sure that is, and what was taken for granted."""
        text = (
            f"The {self.customers:,} customers of today are expected to make {self.total} in {self.total.label}"
            f"{self._within()}. Customers who are yet to come are not in it."
        )
        return " ".join([text, *(f"Assumed: {each}." for each in self.assumed)])


def _row(each: ExpectedPurchases, label: str) -> list[str]:
    return [label, f"{each.expected:,.1f}", str(interval_of(each) or "")]
