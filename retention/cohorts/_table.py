"""The table of cohorts: rows of cells, what they come to together, and which row stands out."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal, TypeAlias, cast, get_args, overload

from attrs import field, frozen

from retention._against_rest import against_rest
from retention.cohorts._cell import CohortCell, Terms
from retention.cohorts._choice import Column
from retention.comparison import Comparison
from retention.errors import InvalidTypeError, InvalidValueError, did_you_mean, shown
from retention.periods import Period
from retention.results import Basis, Mean, Ratio
from retention.results._basis import NOTHING, WithBasis

__all__ = ["Cohort", "CohortTable", "Measure", "Shown"]

Measure: TypeAlias = Literal["retention", "orders_per_customer", "cumulative_revenue_value"]
"""A figure of a cell that has an interval, and can be pooled and compared."""

Shown: TypeAlias = Literal["retention", "customers", "orders", "revenue", "cumulative_revenue_value"]
"""What the triangle can show."""

_TITLES = {
    "retention": "Retention",
    "orders_per_customer": "Orders per customer",
    "cumulative_revenue_value": "Revenue per customer",
}


@frozen(kw_only=True, repr=False)
class Cohort:
    """The customers who began in one unit of the calendar: a row of the table.

    Attributes:
        period: That unit.
        label: Its name, such as ``2026-03``.
        size: How many there are; None where the cohort is not observable.
        cells: What they did, one cell a column.
        partial: Whether the cohort still took customers in at `as_of`.
        unseen: Why it is not observable, or None.

    .. versionadded:: 0.1
    """

    period: Period
    label: str
    size: int | None
    cells: tuple[CohortCell, ...]
    partial: bool
    unseen: str | None

    @property
    def observable(self) -> bool:
        """Whether the data reach its beginning, and what lies before, so that one can tell who began in it."""
        return self.unseen is None

    def __repr__(self) -> str:
        size = "not observable" if self.size is None else f"of size {self.size:,}"
        return f"<Cohort: {self.label}, {size}, {len(self.cells):,} cells>"


@frozen(kw_only=True, repr=False)
class CohortTable(WithBasis):
    """How customers fare who began at different times: one row a cohort, one column an age.

    `print` shows the triangle of retention; `text` shows the other measures.

    Attributes:
        period: All cohorts together.
        rows: The cohorts, one after the other, those without customers too.
        basis: What the table rests on; takes no part in equality.

    .. versionadded:: 0.1
    """

    period: Period
    rows: tuple[Cohort, ...]
    _columns: tuple[Column, ...] = field(alias="columns")
    _terms: Terms = field(alias="terms")
    basis: Basis = field(default=NOTHING, eq=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings of the columns: "0", "1", "2", or "1–3" for a bracket, or "2+" for an age or any later one."""
        return tuple(column.label for column in self._columns)

    @property
    def size(self) -> int:
        """The customers of all rows together."""
        return sum(row.size or 0 for row in self.rows)

    @property
    def currency(self) -> str | None:
        """The one currency of the sales, or None when there are none.

        Raises:
            MixedCurrencyError: When the sales are in several currencies.
        """
        return self._terms.money.currency

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Cohort]:
        return iter(self.rows)

    def cohort(self, cohort: str | int | Period, /) -> Cohort:
        """One row, by its label ("2026-03"), its period, or its place (0 is the first, -1 the last).

        Raises:
            InvalidTypeError: It is none of these.
            InvalidValueError: There is no such row.
        """
        rows = self.rows
        if isinstance(cohort, int) and not isinstance(cohort, bool):
            if -len(rows) <= cohort < len(rows):
                return rows[cohort]
        elif not isinstance(cohort, (str, Period)):
            msg = f'CohortTable: cohort must be a label such as "2026-03", a Period or a place, not {type(cohort).__name__} (got {shown(cohort)})'
            raise InvalidTypeError(msg)
        for row in rows:
            if cohort in (row.period, row.label):
                return row
        labels = [row.label for row in rows]
        hint = did_you_mean(cohort, labels)
        msg = f"CohortTable has no cohort {shown(cohort)}; {hint}its {len(rows)} cohorts go from {labels[0]} to {labels[-1]}"
        raise InvalidValueError(msg)

    def cell(self, cohort: str | int | Period, age: int | tuple[int, int], /) -> CohortCell:
        """What a cohort did at an age.

        Args:
            cohort: The row, by its label, its period, or its place.
            age: The age; of brackets any age within one, or its first and last age as a pair.

        Raises:
            InvalidTypeError: One is of another type.
            InvalidValueError: There is no such row or column.
        """
        return self.cohort(cohort).cells[self._place(age)]

    def _place(self, age: object) -> int:
        ages = (age, age) if isinstance(age, int) and not isinstance(age, bool) else age
        if not (isinstance(ages, tuple) and len(ages) == 2):
            msg = f"CohortTable: age must be a whole number, or a pair for a bracket such as (1, 3), not {type(age).__name__} (got {shown(age)})"
            raise InvalidTypeError(msg)
        for place, column in enumerate(self._columns):
            is_bracket = column.upto == column.last
            if ages == (column.first, column.last) or (
                ages[0] == ages[1]
                and column.first <= ages[0] <= (column.last if is_bracket else column.first)
            ):
                return place
        msg = f"CohortTable has no column for age {shown(age)}; there are {', '.join(self.columns)}"
        raise InvalidValueError(msg)

    # What the rows come to together -------------------------------------------------------------------

    @overload
    def average(self, age: int | tuple[int, int], /, *, measure: Literal["retention"] = ...) -> Ratio: ...
    @overload
    def average(
        self,
        age: int | tuple[int, int],
        /,
        *,
        measure: Literal["orders_per_customer", "cumulative_revenue_value"],
    ) -> Mean: ...
    @overload
    def average(self, age: int | tuple[int, int], /, *, measure: Measure) -> Ratio | Mean: ...
    def average(self, age: int | tuple[int, int], /, *, measure: Measure = "retention") -> Ratio | Mean:
        """The figure of all cohorts at one age, pooled: sum over sum, of the observed cells alone.

        Cells that are partial or absent are left out, so that no young cohort pulls it down.

        Args:
            age: The column, as in `cell`.
            measure: ``"retention"``, ``"orders_per_customer"`` or ``"cumulative_revenue_value"``.

        Returns:
            A `Ratio` or a `Mean` with its interval. Undefined when no cohort with customers has completed the age.

        Raises:
            InvalidTypeError: An argument is of another type.
            InvalidValueError: There is no such column, or no such measure.
            MixedCurrencyError: It is about money, and the sales are in several currencies.
        """
        place = self._place(age)
        figures = list(self._observed(place, _measure(measure)).values())
        if not figures:
            return self._nothing(place, measure)
        if measure == "retention":
            return Ratio.pool(cast("list[Ratio]", figures), independent=True)
        return Mean.pool(cast("list[Mean]", figures), independent=True)

    @property
    def averages(self) -> tuple[Ratio, ...]:
        """The pooled retention of each column."""
        return tuple(self.average((column.first, column.last)) for column in self._columns)

    def _observed(self, place: int, measure: Measure) -> dict[str, Ratio | Mean]:
        cells = [(row.label, row.cells[place]) for row in self.rows]
        return {label: getattr(cell, measure) for label, cell in cells if cell.state == "observed"}

    def _nothing(self, place: int, measure: Measure) -> Ratio | Mean:
        """What there is where no cohort has completed a column."""
        words = self._terms.choice.in_words(self._columns[place])
        basis = Basis(
            metric=_METRICS[measure],
            period=self.period.label,
            undefined_because=f"no cohort has completed {words}",
            options=self._terms.choice.options(),
        )
        return Ratio(0, 0, basis=basis) if measure == "retention" else Mean(0, 0, basis=basis)

    # Which row stands out -----------------------------------------------------------------------------

    def compare(
        self, age: int | tuple[int, int], /, *, measure: Measure = "retention"
    ) -> dict[str, Comparison]:
        """Each cohort beside all the others pooled, at one age.

        Of many cohorts one or another stands out by chance: the p-values are put up by Holm's correction, and
        `Comparison.verdict` is "real" only where a cohort stands out even among all of them.

        Args:
            age: The column, as in `cell`.
            measure: ``"retention"``, ``"orders_per_customer"`` or ``"cumulative_revenue_value"``.

        Returns:
            By label, the comparison of each cohort that has completed the age.

        Raises:
            InvalidTypeError: An argument is of another type.
            InvalidValueError: There is no such column, or no such measure.
            MixedCurrencyError: It is about money, and the sales are in several currencies.
        """
        place = self._place(age)
        found = self._observed(place, _measure(measure))
        words = self._terms.choice.in_words(self._columns[place])
        return against_rest(found, title=f"{_TITLES[measure]} in {words}")

    def stand_out(
        self, age: int | tuple[int, int], /, *, measure: Measure = "retention"
    ) -> dict[str, Comparison]:
        """Those of the cohorts in `compare` that differ from the others by more than chance, the best first.

        Args:
            age: The column, as in `cell`.
            measure: ``"retention"``, ``"orders_per_customer"`` or ``"cumulative_revenue_value"``.

        Raises:
            InvalidTypeError: An argument is of another type.
            InvalidValueError: There is no such column, or no such measure.
            MixedCurrencyError: It is about money, and the sales are in several currencies.
        """
        real = {
            label: found
            for label, found in self.compare(age, measure=measure).items()
            if found.verdict == "real"
        }
        return dict(sorted(real.items(), key=lambda each: -float(each[1].difference or 0)))

    # In words and rows --------------------------------------------------------------------------------

    def text(self, measure: Shown = "retention", /) -> str:
        """The triangle of one measure as aligned text.

        Args:
            measure: ``"retention"``, ``"customers"``, ``"orders"``, ``"revenue"``, or ``"cumulative_revenue_value"``,
                which is per customer.

        Raises:
            InvalidTypeError: The measure is no text.
            InvalidValueError: There is no such measure.
            MixedCurrencyError: It is about money, and the sales are in several currencies.
        """
        from retention.display._cohorts import triangle

        return triangle(self, _word(measure, Shown))

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        first, *_, last = (*self.columns, self.columns[-1])
        ages = f"age {first}" if first == last else f"ages {first} to {last}"
        many = "" if len(self.rows) == 1 else "s"
        return f"<CohortTable: {len(self.rows):,} cohort{many} by {self._terms.choice.unit}, {ages}>"

    def explain(self) -> str:
        """What the table counts, how its columns compare on the whole, and what was left out."""
        choice = self._terms.choice
        began = "the given event lies" if choice.has_events else "they first purchased"
        lines = [
            f"{self.size:,} customers by the {choice.unit} in which {began}.",
            *(
                f"{words[0].upper()}{words[1:]}: {average.value:.1%} ({average.numerator:,} of {average.denominator:,})."
                for words, average in zip(map(choice.in_words, self._columns), self.averages, strict=True)
                if average.value is not None
            ),
        ]
        return self._named(" ".join(lines))

    def to_dicts(self) -> list[dict[str, str | int | float | Decimal | None]]:
        """One row a cell, with plain values; money is None where the sales are in several currencies."""
        return [
            _as_dict(row, cell, label, self._terms)
            for row in self.rows
            for cell, label in zip(row.cells, self.columns, strict=True)
        ]


_METRICS = {
    "retention": "cohort_retention_rate",
    "orders_per_customer": "cohort_order_frequency",
    "cumulative_revenue_value": "cohort_cumulative_revenue_value",
}


def _measure(measure: object) -> Measure:
    return cast("Measure", _word(measure, Measure))


def _word(value: object, words: object) -> Any:
    allowed = get_args(words)
    if isinstance(value, str) and value in allowed:
        return value
    error = InvalidValueError if isinstance(value, str) else InvalidTypeError
    hint = did_you_mean(value, allowed) if isinstance(value, str) else ""
    msg = f"CohortTable: measure must be one of {', '.join(map(repr, allowed))} (got {shown(value)}); {hint}"
    raise error(msg.rstrip("; "))


def _as_dict(
    row: Cohort, cell: CohortCell, label: str, terms: Terms
) -> dict[str, str | int | float | Decimal | None]:
    has_money = len(terms.money.currencies) < 2
    retention, frequency = cell.retention, cell.orders_per_customer
    worth = cell.cumulative_revenue_value if has_money else None
    return {
        "cohort": row.label,
        "size": row.size,
        "age": label,
        "first_age": cell.ages[0],
        "last_age": cell.ages[1],
        "state": cell.state,
        "followed": cell.followed,
        "customers": cell.customers,
        "retention": None if retention is None else retention.value,
        "orders": cell.orders,
        "orders_per_customer": None if frequency is None or frequency.value is None else float(frequency),
        "revenue": cell.revenue if has_money else None,
        "cumulative_revenue": cell.cumulative_revenue if has_money else None,
        "cumulative_revenue_value": None if worth is None else worth.value,
        "currency": terms.money.currency if has_money else None,
    }
