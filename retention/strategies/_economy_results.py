"""The shop before and after an uplift of retention: what it gains, how sure that is, and several uplifts in a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import exp, hypot
from typing import Any, Literal, TypeAlias, overload

from attrs import frozen

from retention._numerics import check_confidence
from retention.errors import InvalidValueError, UndefinedMetricError, shown
from retention.metrics._terms import rounded
from retention.results import Interval, Mean, Ratio, decimal_as_text
from retention.strategies._economy import Model

__all__ = ["Gain", "RetentionScenario", "RetentionValue", "RetentionValueTable"]

Gain: TypeAlias = Literal["lifetime_value", "revenue", "profit"]
_GAINS: tuple[Gain, ...] = ("lifetime_value", "revenue", "profit")
_TOO_EARLY = "nobody comes back in what was left of the period when the data were taken, so that the retention rate is too low"
_METHOD = "delta method on a logarithmic scale"


@frozen(kw_only=True)
class RetentionScenario:
    """What a shop comes to at one retention rate that stays as it is.

    Attributes:
        retention_rate: Share of the customers who stay from one period to the next.
        lifetime_value: What a customer's margins over the whole relation are worth today.
        customers: How many there are in the last of the periods.
        revenue: What all customers bring in all periods.
        profit: What is left of it after costs, in today's money.
        long_run_customers: How many there are once as many leave as come; None where nobody new comes, or nobody leaves.
        long_run_revenue: What they bring in a period.
        long_run_profit: What is left of it.

    .. versionadded:: 0.1
    """

    retention_rate: Decimal
    lifetime_value: Decimal
    customers: Decimal
    revenue: Decimal
    profit: Decimal
    long_run_customers: Decimal | None = None
    long_run_revenue: Decimal | None = None
    long_run_profit: Decimal | None = None


@frozen(kw_only=True, repr=False)
class RetentionValue:
    """What it does to a shop's lifetime value, revenue and profit when more of its customers stay, or fewer.

    Attributes:
        before: The shop as it is.
        after: The shop with the other retention rate.
        relative: Whether the uplift was given as a part of the rate, and not in points.
        retention: The retention rate, as it was given.
        spend: What a customer who is there brings in a period, as it was given.
        margin_rate: The share of it that is left after costs.
        discount_rate: Interest for one period.
        acquisition_cost: What it costs to win a customer; None where that is not known.
        customers: How many there are as the first period begins.
        new_customers: How many come in each period.
        periods: How many periods revenue and profit are of.
        currency: The currency, or None.

    .. versionadded:: 0.1
    """

    before: RetentionScenario
    after: RetentionScenario
    relative: bool
    retention: Ratio | Decimal
    spend: Mean | Decimal
    margin_rate: Decimal
    discount_rate: Decimal
    acquisition_cost: Decimal | None
    customers: Decimal
    new_customers: Decimal
    periods: int
    currency: str | None

    @property
    def uplift(self) -> Decimal:
        """What is added to the retention rate: 0.05 is 5 points."""
        return rounded(Fraction(self.after.retention_rate) - Fraction(self.before.retention_rate))

    @property
    def relative_uplift(self) -> Decimal | None:
        """The same as a part of the rate: 0.05 is 5 % more customers who stay. None where nobody stayed."""
        return _part(self.before.retention_rate, self.after.retention_rate)

    @property
    def margin(self) -> Decimal:
        """What a customer who is there leaves in a period, after costs."""
        return rounded(self._model.margin)

    @property
    def lifetime_value_gain(self) -> Decimal:
        """What a customer is worth more."""
        return self._gain("lifetime_value")

    @property
    def revenue_gain(self) -> Decimal:
        """What the customers bring more, in all periods together."""
        return self._gain("revenue")

    @property
    def profit_gain(self) -> Decimal:
        """What is left more, in all periods together, in today's money: the most that a measure may cost."""
        return self._gain("profit")

    def gain_rate(self, of: Gain) -> Decimal | None:
        """The gain as a part of what was there before: 0.25 is 25 % more. None where that was not above 0.

        Args:
            of: ``"lifetime_value"``, ``"revenue"`` or ``"profit"``.

        Raises:
            InvalidValueError: It is another word.
        """
        return _part(getattr(self.before, _known(of)), getattr(self.after, of))

    def interval(self, of: Gain = "profit", confidence: float = 0.95) -> Interval:
        """Where the gain is to be expected, as far as the retention rate and the spend are uncertain.

        By the delta method on a logarithmic scale, from the intervals of the two, which are taken as independent. A
        figure that was given as a plain number counts as certain.

        Args:
            of: ``"lifetime_value"``, ``"revenue"`` or ``"profit"``.
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: Both were given as plain numbers, one of the two has no interval, or nothing is gained.
            InvalidValueError: `of` is another word, or `confidence` no such level.
        """
        confidence = check_confidence(confidence)
        gain = float(self._gain(_known(of)))
        if not (isinstance(self.retention, Ratio) or isinstance(self.spend, Mean)):
            msg = "the interval requires a retention rate that was counted: give a Ratio, such as customer_retention_rate gives"
            raise UndefinedMetricError(msg)
        if not gain:
            msg = "the interval requires a gain: with nobody there to be kept, retention makes no difference"
            raise UndefinedMetricError(msg)
        below, above = self._distances(of, gain, confidence)
        ends = sorted((gain * exp(-below), gain * exp(above)))
        return Interval(low=ends[0], high=ends[1], confidence=confidence, method=_METHOD, shown_as=",.2f")

    def _distances(self, of: Gain, gain: float, confidence: float) -> tuple[float, float]:
        """How far below and above the gain its size may lie, on a logarithmic scale."""
        below, above = 0.0, 0.0
        if isinstance(self.retention, Ratio):
            kept, steep = self.retention.interval(confidence), self._slope(of) / gain
            value = float(self.before.retention_rate)
            below, above = steep * (value - kept.low), steep * (kept.high - value)
        if isinstance(self.spend, Mean):
            brought, value = self.spend.interval(confidence), float(self.spend)
            below = hypot(below, (value - brought.low) / value)
            above = hypot(above, (brought.high - value) / value)
        return below, above

    def _slope(self, of: Gain) -> float:
        """How much the gain changes per unit of the retention rate, the uplift as it was given."""
        model = self._model
        steep = {
            "lifetime_value": model.lifetime_slope,
            "revenue": model.revenue_slope,
            "profit": model.profit_slope,
        }[of]
        before, after = float(self.before.retention_rate), float(self.after.retention_rate)
        return steep(after) * (after / before if self.relative else 1.0) - steep(before)

    def _gain(self, of: Gain) -> Decimal:
        return rounded(Fraction(getattr(self.after, of)) - Fraction(getattr(self.before, of)))

    @property
    def _model(self) -> Model:
        spend = self.spend.value if isinstance(self.spend, Mean) else self.spend
        each = Fraction(spend or 0)
        return Model(
            spend=each,
            margin=each * Fraction(self.margin_rate),
            discount=Fraction(self.discount_rate),
            cost=Fraction(self.acquisition_cost or 0),
            customers=Fraction(self.customers),
            new=Fraction(self.new_customers),
            periods=self.periods,
        )

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted; each is a way in which it may be wrong."""
        return (
            "every period is like the others: the same share stays, who stays brings the same, as many come",
            "who is kept brings as much as those who would have stayed anyway, and who has left does not come back",
            "keeping them costs nothing: what a measure costs is not taken off",
            *(() if self.new_customers else ("nobody new comes: new_customers is 0",)),
            *(() if self.discount_rate else ("later money counts in full: discount_rate is 0",)),
            *((_TOO_EARLY,) if isinstance(self.retention, Ratio) and self.retention.basis.partial else ()),
            *(
                ()
                if self._knows_cost
                else ("winning customers costs nothing, since acquisition_cost was not given",)
            ),
        )

    @property
    def _knows_cost(self) -> bool:
        return self.acquisition_cost is not None or not self.new_customers

    def __repr__(self) -> str:
        rates = " to ".join(f"{float(each.retention_rate):.4g}" for each in (self.before, self.after))
        gains = (decimal_as_text(each, "+,.2f") for each in (self.lifetime_value_gain, self.profit_gain))
        return f"<RetentionValue: {rates}, lifetime value {next(gains)}, profit {next(gains)}>"

    def __str__(self) -> str:
        from retention.display._economics import in_a_sentence

        return in_a_sentence(self)

    def explain(self) -> str:
        """The gains with their intervals, how the lifetime value comes about, and what is taken for granted."""
        from retention.display._economics import explained

        return explained(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything in one flat dictionary; amounts are Decimals."""
        told: dict[str, Any] = {
            "retention_rate_before": self.before.retention_rate,
            "retention_rate_after": self.after.retention_rate,
            "uplift": self.uplift,
            "relative_uplift": self.relative_uplift,
            "periods": self.periods,
            "currency": self.currency,
        }
        for of in _GAINS:
            told |= {f"{of}_before": getattr(self.before, of), f"{of}_after": getattr(self.after, of)}
            told |= {f"{of}_gain": self._gain(of), f"{of}_gain_rate": self.gain_rate(of)}
        for name in ("customers", "long_run_customers", "long_run_revenue", "long_run_profit"):
            told |= {f"{name}_before": getattr(self.before, name), f"{name}_after": getattr(self.after, name)}
        return told


@frozen(kw_only=True, repr=False)
class RetentionValueTable(Sequence[RetentionValue]):
    """What several uplifts of retention do to one shop, a row each.

    Attributes:
        rows: The rows, in the order in which the uplifts were given.

    .. versionadded:: 0.1
    """

    rows: tuple[RetentionValue, ...]

    @overload
    def __getitem__(self, index: int) -> RetentionValue: ...
    @overload
    def __getitem__(self, index: slice) -> RetentionValueTable: ...
    def __getitem__(self, index: int | slice) -> RetentionValue | RetentionValueTable:
        return RetentionValueTable(rows=self.rows[index]) if isinstance(index, slice) else self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[RetentionValue]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"<RetentionValueTable: {len(self.rows):,} rows>"

    def __str__(self) -> str:
        from retention.display._economics import as_table

        return as_table(self)

    def explain(self) -> str:
        """The table, and what it takes for granted."""
        granted = [
            f"{self}",
            *(f"Assumed: {each}." for each in (self.rows[0].assumptions if self.rows else ())),
        ]
        return "\n".join(granted)

    def to_dicts(self) -> list[dict[str, Any]]:
        """A flat dictionary for each row, for JSON or a data frame."""
        return [row.to_dict() for row in self.rows]


def _known(of: Gain) -> Gain:
    if of not in _GAINS:
        listed = ", ".join(map(repr, _GAINS))
        msg = f"of must be one of {listed} (got {shown(of)})"
        raise InvalidValueError(msg)
    return of


def _part(before: Decimal, after: Decimal) -> Decimal | None:
    """What was added, as a part of what was there."""
    return rounded(Fraction(after) / Fraction(before) - 1) if before > 0 else None
