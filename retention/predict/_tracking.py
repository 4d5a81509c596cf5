"""What customers bought beside what a model expects of them: over time, and by how often they had bought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from attrs import evolve, field, frozen

from retention.errors import InvalidTypeError, InvalidValueError, is_bool, shown
from retention.predict._prediction_errors import off_by, purchases
from retention.predict._time_units import TimeUnit
from retention.results import Interval

__all__ = ["FrequencyRow", "FrequencyTable", "TrackingRow", "TrackingTable"]


@frozen(kw_only=True)
class TrackingRow:
    """Repeat purchases of all customers in one unit of time.

    Attributes:
        until: The last day of it.
        in_holdout: Whether it lies after the split.
        actual: Repeat purchases made in it.
        expected: Those that the model expects.
        cumulative_actual: Repeat purchases from the beginning to its end.
        cumulative_expected: Those that the model expects.

    .. versionadded:: 0.1
    """

    until: date
    in_holdout: bool
    actual: int
    expected: float
    cumulative_actual: int
    cumulative_expected: float

    def to_dict(self) -> dict[str, str | int | float | bool]:
        """Everything in one flat dictionary."""
        return {
            "until": self.until.isoformat(),
            "in_holdout": self.in_holdout,
            "actual": self.actual,
            "expected": self.expected,
            "cumulative_actual": self.cumulative_actual,
            "cumulative_expected": self.cumulative_expected,
        }


@frozen(kw_only=True, repr=False)
class TrackingTable(Sequence[TrackingRow]):
    """Repeat purchases over time, made and expected: one row a unit of time, up to the split and after it.

    Expected is what the model says of newcomers, given nothing but the day on which each of them purchased first. So it
    shows whether the model has the course of things right: whether purchases grow rarer as fast as it says.

    Attributes:
        model: The model's name.
        unit: The unit of time.
        split: The last day of the calibration.
        rows: The units of time, one after the other; the last ends with the hold-out, and may be shorter.
        foreseen: Purchases that the model expects after the split given what each customer had done by then: the number
            that `Calibration.errors` and `Calibration.compare` go by.
        units: How many units of time a row spans; the first row, and the last, may span fewer.

    .. versionadded:: 0.1
    """

    model: str
    unit: TimeUnit
    split: date
    rows: tuple[TrackingRow, ...] = field(repr=False)
    foreseen: float
    units: int = 1

    def __getitem__(self, place: int | slice) -> TrackingRow | tuple[TrackingRow, ...]:  # type: ignore[override]
        """A row by position, or some by slice."""
        return self.rows[place]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[TrackingRow]:
        return iter(self.rows)

    @property
    def actual_in_holdout(self) -> int:
        """Purchases made after the split."""
        return sum(row.actual for row in self.rows if row.in_holdout)

    @property
    def expected_in_holdout(self) -> float:
        """Purchases that the model expects after the split, given nothing but the days of the first purchases.

        It may be a little other than `foreseen`, which goes by what each customer has done.
        """
        return sum(row.expected for row in self.rows if row.in_holdout)

    def every(self, units: int, /) -> TrackingTable:
        """The same with several rows in one, counted from the split backwards and forwards.

        Args:
            units: How many rows to make one, such as 13 of a table by week.

        Raises:
            InvalidTypeError: It is no int.
            InvalidValueError: It is below 1.

        .. versionadded:: 0.1
        """
        if is_bool(units) or not isinstance(units, int):
            msg = f"TrackingTable.every takes how many rows to make one, an int, not {type(units).__name__} (got {shown(units)})"
            raise InvalidTypeError(msg)
        if units < 1:
            msg = f"TrackingTable.every takes how many rows to make one, at least 1 (got {shown(units)})"
            raise InvalidValueError(msg)
        before = [row for row in self.rows if not row.in_holdout]
        after = [row for row in self.rows if row.in_holdout]
        short = len(before) % units
        lots = [before[:short], *_in_lots(before[short:], units), *_in_lots(after, units)]
        return evolve(self, rows=tuple(_together(lot) for lot in lots if lot), units=self.units * units)

    def to_dicts(self) -> list[dict[str, str | int | float | bool]]:
        """A dictionary for each row."""
        return [row.to_dict() for row in self.rows]

    def __repr__(self) -> str:
        by = self.unit if self.units == 1 else f"{self.units} {self.unit}s"
        return f"<TrackingTable: {self.model}, {len(self):,} rows by {by}, split at {self.split.isoformat()}>"

    def __str__(self) -> str:
        """The table as text."""
        from retention.display._predict import tracking_as_text

        return tracking_as_text(self)

    def explain(self) -> str:
        """The hold-out in a sentence or two."""
        text = (
            f"{self.model}, fitted to what was known on {self.split.isoformat()}: "
            f"{purchases(self.foreseen)} expected after that day of the customers known by then, {self.actual_in_holdout:,} made"
            f"{off_by(self.foreseen, self.actual_in_holdout)}."
        )
        of_rows = f"{self.expected_in_holdout:,.0f}"
        if of_rows == f"{self.foreseen:,.0f}":
            return text
        return f"{text} The rows come to {of_rows} instead: they go by the days of the first purchases alone, not by what each has done."


def _in_lots(rows: Sequence[TrackingRow], size: int) -> list[Sequence[TrackingRow]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _together(rows: Sequence[TrackingRow]) -> TrackingRow:
    return evolve(
        rows[-1],
        actual=sum(row.actual for row in rows),
        expected=sum(row.expected for row in rows),
    )


@frozen(kw_only=True)
class FrequencyRow:
    """The customers who had bought again equally often by the split.

    Attributes:
        frequency: How often; of the last row at least so often.
        or_more: Whether those are in it, too, who had bought more often.
        customers: How many customers they are.
        actual: Purchases made after the split, of a customer on average.
        interval: The 95 % interval around it; None where there is one customer only.
        expected: Purchases that the model expects of such a customer on average, given what each had done by the split.

    .. versionadded:: 0.1
    """

    frequency: int
    or_more: bool
    customers: int
    actual: float
    interval: Interval | None
    expected: float

    @property
    def label(self) -> str:
        """How often they had bought again: "3", or "7+"."""
        return f"{self.frequency}{'+' if self.or_more else ''}"

    def to_dict(self) -> dict[str, str | int | float | None]:
        """Everything in one flat dictionary."""
        low, high = (None, None) if self.interval is None else self.interval
        return {
            "frequency": self.label,
            "customers": self.customers,
            "actual": self.actual,
            "actual_low": low,
            "actual_high": high,
            "expected": self.expected,
        }


@frozen(kw_only=True, repr=False)
class FrequencyTable(Sequence[FrequencyRow]):
    """Purchases after the split by how often customers had bought before: made, and expected by the model.

    It shows whether the model tells customers apart: whether those of whom it expects much buy much.

    Attributes:
        model: The model's name.
        split: The last day of the calibration.
        until: The last day of the hold-out.
        rows: The customers by frequency.

    .. versionadded:: 0.1
    """

    model: str
    split: date
    until: date
    rows: tuple[FrequencyRow, ...] = field(repr=False)

    def __getitem__(self, place: int | slice) -> FrequencyRow | tuple[FrequencyRow, ...]:  # type: ignore[override]
        """A row by position, or some by slice."""
        return self.rows[place]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[FrequencyRow]:
        return iter(self.rows)

    def to_dicts(self) -> list[dict[str, str | int | float | None]]:
        """A dictionary for each row."""
        return [row.to_dict() for row in self.rows]

    def __repr__(self) -> str:
        return f"<FrequencyTable: {self.model}, {len(self):,} rows, {self.split.isoformat()} to {self.until.isoformat()}>"

    def __str__(self) -> str:
        """The table as text."""
        from retention.display._predict import frequency_as_text

        return frequency_as_text(self)
