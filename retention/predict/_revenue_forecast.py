"""What the existing base will bring, period by period, and how much of all revenue that is."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from retention._numerics import check_confidence
from retention.errors import UndefinedMetricError
from retention.predict._forecast_parts import Coming, Forecast, interval_of
from retention.predict._model import Estimate
from retention.results import Interval

__all__ = ["ExpectedRevenue", "RevenueForecast"]

_MONEY = ",.2f"


@frozen(kw_only=True)
class ExpectedRevenue(Coming):
    """What the customers of today will bring in one coming period.

    Attributes:
        label: The period.
        start: When it begins, in units of time after the last day watched.
        end: When it ends.
        expected: The revenue to expect, with the uncertainty of the parameters alone.
        chance: The standard deviation of the revenue around what is expected, were the parameters known; None where it
            has no variance, since a few customers spend without bound.
        nothing: Probability that these customers buy nothing at all; 0 where they are many.
        share: What of the period's whole revenue that is, with customers yet to come; None where nothing is known of
            what these will bring.

    .. versionadded:: 0.1
    """

    share: Estimate | None = None

    def interval(self, confidence: float = 0.95) -> Interval:
        """Where the revenue will lie: a prediction interval, for what is not known of the parameters and for chance.

        Its ends are quantiles of the gamma distribution that has the forecast's mean and variance, by the approximation of
        Wilson and Hilferty. It begins at 0 where the customers are so few that nothing at all may come. It takes the model
        to be true: a shop that changes its prices, or a season that the model does not know, is not in it.

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When a model was not fitted, or spend has no variance.
        """
        check_confidence(confidence)
        float(self)
        if self.chance is None:
            msg = "the interval requires a model of spend with a variance, where p·x + q is above 2 for all customers; their spend is without bound"
            raise UndefinedMetricError(msg)
        return self._prediction(confidence, shown_as=_MONEY)


@frozen(kw_only=True, repr=False)
class RevenueForecast(Forecast[ExpectedRevenue]):
    """What the customers of today will bring in coming periods.

    Customers who are yet to come are not in it: it is what of the coming revenue can be foreseen.

    Attributes:
        periods: Each coming period.
        total: All of them together. Its interval is narrower than theirs put together, as chance evens out, and wider
            than independent periods would have it, as they share the parameters and who is still there.
        customers: How many customers there are today.
        unit: The unit of time.
        currency: The currency, or None where none was given.
        assumed: What had to be taken for granted.

    .. versionadded:: 0.1
    """

    currency: str | None = None

    @property
    def foreseeable_share(self) -> Estimate | None:
        """What of the first period's whole revenue the customers of today will bring; None where it is not known."""
        return self.periods[0].share

    def to_dicts(self) -> list[dict[str, Any]]:
        """One plain dictionary a period, for JSON or a data frame.

        With period, expected, the 95 % interval (low, high), share and its interval (share_low, share_high); None where
        there is none.
        """
        return [_as_dict(each) for each in self.periods]

    def __str__(self) -> str:
        from retention.display import table

        rows = [_row(each) for each in self.periods]
        if len(rows) > 1:
            rows.append(_row(self.total, "all"))
        headings = ["period", "expected", "95 % interval", "of all revenue", "95 % interval"]
        with_shares = any(each.share is not None for each in self.periods)
        return table(
            [row if with_shares else row[:3] for row in rows],
            headings=headings if with_shares else headings[:3],
        )

    def explain(self) -> str:
        """The forecast in words: what is to be expected, how sure that is, and what was taken for granted."""
        text = (
            f"The {self.customers:,} customers of today are expected to bring {self.total} in {self.total.label}"
            f"{self._within()}."
        )
        share = self.foreseeable_share
        if share is not None:
            one = "that" if len(self.periods) == 1 else "what they bring in it"
            text += f" Of all revenue of {self.periods[0].label}, {one} is {share}."
        else:
            text += " Customers who are yet to come are not in it."
        return " ".join([text, *(f"Assumed: {each}." for each in self.assumed)])


def _as_dict(each: ExpectedRevenue) -> dict[str, Any]:
    interval, share = interval_of(each), interval_of(each.share)
    return {
        "period": each.label,
        "expected": each.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "share": each.share.value if each.share else None,
        "share_low": share.low if share else None,
        "share_high": share.high if share else None,
    }


def _row(each: ExpectedRevenue, label: str | None = None) -> list[str]:
    interval, share = interval_of(each), interval_of(each.share)
    return [
        label or each.label,
        f"{each.expected:{_MONEY}}",
        str(interval or ""),
        "" if each.share is None else f"{each.share}",
        str(share or ""),
    ]
