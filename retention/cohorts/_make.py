"""The public functions: from orders to tables of cohorts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Unpack

from attrs import evolve, frozen

from retention._calendar import Unit, microseconds
from retention._customer_keys import By, customer_keys
from retention._facts import Money
from retention._mapping import FrozenMapping
from retention._parts import by_size, checked_shop
from retention.cohorts._cell import CohortCell, State, Terms
from retention.cohorts._choice import Age, Brackets, Choice, Column, Retained, checked_choice
from retention.cohorts._count import Counts, Sums, count
from retention.cohorts._frame import Frame
from retention.cohorts._members import Members, read_events
from retention.cohorts._table import Cohort, CohortTable
from retention.history import History, ReadingOptions
from retention.periods import Period
from retention.results import Basis
from retention.shop import Orders, Shop, history_of

__all__ = ["cohort_table", "cohorts_by"]


def cohort_table(
    orders: Orders,
    /,
    *,
    period: Period,
    unit: Unit = "month",
    since: Mapping[Hashable, datetime] | None = None,
    age: Age = "calendar",
    retained: Retained = "on",
    horizon: int | None = None,
    brackets: Brackets | None = None,
    ages: int | None = None,
    **reading: Unpack[ReadingOptions],
) -> CohortTable:
    """How customers fare who began at different times: a row for each month's new customers, a column for each age.

    A cohort is the customers whose first purchase ever lies in one unit of the period: one month, unless another
    unit is asked for. Each is followed to `as_of`, so that the newest have the fewest cells.

    Cells are of three kinds. *Observed*: the age has passed. *Partial*: it still runs, or the cohort still takes
    customers in; the cell tells what has been counted so far, and averages leave it out. *Absent*: it has not begun,
    or can't be known; there is no number, and never a false 0. A month without new customers stays as a row whose
    rates are undefined.

    Args:
        orders: The orders, a `History` of them, or a `Shop`.
        period: The time in which the cohorts began: whole units, such as ``Period.year(2026, tz="UTC")`` or
            ``Period.last(12, "month", as_of=..., tz=...)``. Its zone is that of all units.
        unit: ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``: of the cohorts and of their ages.
        since: Instead of the first purchase any event, as a mapping of customers' ids to instants: a sign-up, a first
            contact, a campaign. Customers with an event and no purchase count in their cohort; purchases before the
            event don't. Of several events of one person (see `aliases`) the earliest counts; what is dated after
            `as_of` does not exist.
        age: ``"calendar"``: age 0 is the cohort's own unit of the calendar, age k the k-th after it. ``"elapsed"``:
            age k begins k whole units after the customer's own first purchase (or event), from that instant: 28
            February for 31 January and one month. Only customers whose age has passed are counted, out of those whose
            age has passed; a cell is absent as long as there is none.
        retained: Who is retained at age k. ``"on"``: who purchased in age k. ``"on_or_after"``: who purchased in age
            k or later, up to `horizon`. ``"between"``: who purchased within a bracket of ages.
        horizon: The last age that ``"on_or_after"`` counts, the same for all cohorts; a cell is observed only when it
            has passed.
        brackets: First and last age of each column of ``"between"``, both included, such as ``[(0, 0), (1, 3)]``.
        ages: How many ages to show at most.
        reading: How to read the orders; see `ReadingOptions`. `as_of` is needed.

    Returns:
        The table. Cohorts of which one can't tell who is new, since they stand at the very beginning of the data
        (`observed_from`), are rows that are not observable; customers of before the period are in no row, and counted
        in `left_out` by their orders.

    Raises:
        AsOfRequiredError: Nobody said when the data were known.
        ConflictingArgumentError: A keyword contradicts the data or another keyword, or one needs another.
        InvalidPeriodError: The period does not consist of whole units.
        InvalidTypeError: An argument is of another type.
        InvalidValueError: An argument is out of its domain.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.testing import make_orders
    >>> orders = make_orders(
    ...     {"ann": ["2026-01-10", "2026-02-03"], "ben": ["2026-01-20"], "cy": ["2026-02-14"]}
    ... )
    >>> quarter = rt.Period.quarter(2026, 1, tz="UTC")
    >>> table = rt.cohort_table(orders, period=quarter, as_of=datetime(2026, 3, 15, tzinfo=timezone.utc))
    >>> table.cell("2026-01", 1).retention
    Ratio(1, 2)
    >>> [cell.state for cell in table.cohort("2026-02").cells]
    ['observed', 'partial', 'absent']

    .. versionadded:: 0.1
    """
    owner = "cohort_table"
    choice = checked_choice(
        owner=owner,
        unit=unit,
        age=age,
        retained=retained,
        horizon=horizon,
        brackets=brackets,
        ages=ages,
        has_events=since is not None,
    )
    history = history_of(orders, **reading)
    [table] = _tables(history, period, choice, since=since, keys=None, owner=owner).values()
    return table


def cohorts_by(
    shop: Shop,
    /,
    *,
    by: By,
    period: Period,
    unit: Unit = "month",
    since: Mapping[Hashable, datetime] | None = None,
    age: Age = "calendar",
    retained: Retained = "on",
    horizon: int | None = None,
    brackets: Brackets | None = None,
    ages: int | None = None,
) -> dict[Hashable, CohortTable]:
    """One table of cohorts for each group of customers: by country, by the channel that they came through.

    The orders are walked over once, however many groups there are, and the cohorts of all groups add up to those of
    the whole.

    Args:
        shop: The shop, with its customers' records where `by` asks for them. It says how its orders are read.
        by: What to group customers by: a field of the `Customer` (``"country"``, ``"acquisition_channel"``), the name
            of one of its `attributes`, a function of the `Customer`, or a mapping of customers' ids to groups. What
            is known only later, such as a rank, chose its own members; take what was known when they began.
        period: As in `cohort_table`; so are all that follow.
        unit: The unit of cohorts and ages.
        since: Another event than the first purchase.
        age: How age is counted.
        retained: Who is retained.
        horizon: The last age of ``"on_or_after"``.
        brackets: The columns of ``"between"``.
        ages: How many ages to show at most.

    Returns:
        By group, the table; the largest first, and last, under None, that of customers whose group is not known.
        Groups without a customer in any cohort have none. What was left out is told of all groups together, since
        most of it is nobody's.

    Raises:
        AsOfRequiredError: Nobody said when the data were known.
        ConflictingArgumentError: A keyword contradicts another one, or needs it.
        InvalidPeriodError: The period does not consist of whole units.
        InvalidTypeError: An argument is of another type; so is `shop`, where it is no `Shop`.
        InvalidValueError: An argument is out of its domain, or no customer has such an attribute.
        MissingRecordsError: The shop has no customers' records to group by.

    >>> import retention as rt
    >>> from datetime import datetime, timezone
    >>> from retention.testing import make_orders
    >>> orders = make_orders(
    ...     {"ann": ["2026-01-10", "2026-02-03"], "ben": ["2026-01-20"], "cy": ["2026-02-14"]}
    ... )
    >>> shop = rt.Shop(orders=orders, as_of=datetime(2026, 3, 1, tzinfo=timezone.utc))
    >>> country = {"ann": "DE", "ben": "DE", "cy": "AT"}
    >>> tables = rt.cohorts_by(
    ...     shop, by=country, period=rt.Period.last(2, "month", as_of=shop.as_of, tz="UTC")
    ... )
    >>> {group: table.average(0) for group, table in tables.items()}
    {'DE': Ratio(2, 2), 'AT': Ratio(1, 1)}

    .. versionadded:: 0.1
    """
    owner = "cohorts_by"
    checked_shop(shop, owner=owner)
    choice = checked_choice(
        owner=owner,
        unit=unit,
        age=age,
        retained=retained,
        horizon=horizon,
        brackets=brackets,
        ages=ages,
        has_events=since is not None,
    )
    history = shop.history()
    keys = customer_keys(shop, by, owner=owner)
    tables = _tables(history, period, choice, since=since, keys=keys, owner=owner)
    return {key: tables[key] for key in sorted(tables, key=lambda key: by_size(key, tables[key].size))}


def _tables(
    history: History,
    period: object,
    choice: Choice,
    *,
    since: object,
    keys: Mapping[Hashable, Hashable] | None,
    owner: str,
) -> dict[Hashable, CohortTable]:
    events = read_events(since, history, owner=owner)
    frame = Frame.of(history, period, choice, events, owner=owner)
    members = Members.of(history, frame, events, keys)
    counts = count(history, frame, members)
    maker = _Maker(
        frame=frame,
        counts=counts,
        left_out=_left_out(history, frame, counts),
        terms=Terms(
            choice=choice,
            money=Money(places=history.columns.places, currencies=history.columns.currencies),
            assumed=frame.assumed,
        ),
        lasts_passed=frame.lasts_passed,
    )
    maker = evolve(maker, counts=maker.reached())
    return {key: maker.table(part) for part, key in enumerate(members.parts)}


def _left_out(history: History, frame: Frame, counts: Counts) -> dict[str, int]:
    """Orders from the period's start on, as far as the table looks, that are in no row."""
    end = max(frame.bounds[-1], microseconds(frame.as_of) + 1)
    return history.columns.left_out(frame.bounds[0], end) | counts.left_out


@frozen(kw_only=True)
class _Maker:
    """Makes the table of one part of the customers."""

    frame: Frame
    counts: Counts
    left_out: Mapping[str, int]
    terms: Terms
    lasts_passed: Sequence[int]

    def reached(self) -> Counts:
        """The counts without columns of time elapsed at the end that nobody has come to; those asked for stay."""
        counts, choice = self.counts, self.frame.choice
        width = len(counts.columns)
        if choice.age == "elapsed" and choice.brackets is None:
            while width > 1 and self._is_empty(width - 1):
                width -= 1
        return evolve(counts, columns=counts.columns[:width], cells=[group[:width] for group in counts.cells])

    def _is_empty(self, column: int) -> bool:
        """Whether all cells of a column are absent."""
        counts, cohorts = self.counts, len(self.frame.cohorts)
        sizes = enumerate(zip(counts.cells, counts.sizes, strict=True))
        return all(
            self._state(group % cohorts, counts.columns[column], sums[column].followed, size)[0] == "absent"
            for group, (sums, size) in sizes
        )

    def table(self, part: int) -> CohortTable:
        frame = self.frame
        cohorts = len(frame.cohorts)
        rows = tuple(self._row(place, part * cohorts + place) for place in range(cohorts))
        currencies = self.terms.money.currencies
        return CohortTable(
            period=frame.period,
            rows=rows,
            columns=self.counts.columns,
            terms=self.terms,
            basis=Basis(
                metric="cohort_table",
                period=frame.period.label,
                counted=("customers",),
                partial=any(row.partial for row in rows),
                observable=bool(frame.observable),
                undefined_because=self._why_empty(rows),
                left_out=FrozenMapping(self.left_out),
                assumed=frame.assumed,
                currency=currencies[0] if len(currencies) == 1 else None,
                options=frame.choice.options(),
            ),
        )

    def _why_empty(self, rows: Sequence[Cohort]) -> str | None:
        """Why nothing can be told of any cohort, or None."""
        if not self.frame.observable:
            return self.frame.unseen[0]
        if any(row.size for row in rows):
            return None
        began = "has such an event" if self.frame.choice.has_events else "first purchased"
        return f"nobody {began} in the period"

    def _row(self, place: int, group: int) -> Cohort:
        frame, unseen = self.frame, self.frame.unseen[place]
        size = self.counts.sizes[group]
        cells = zip(self.counts.columns, self.counts.cells[group], strict=True)
        label = frame.cohorts[place].label  # once for all its cells
        return Cohort(
            period=frame.cohorts[place],
            label=label,
            size=size if unseen is None else None,
            cells=tuple(self._cell(place, label, column, sums, size) for column, sums in cells),
            partial=unseen is None and frame.is_open(place),
            unseen=unseen,
        )

    def _cell(self, place: int, label: str, column: Column, sums: Sums, size: int) -> CohortCell:
        frame = self.frame
        state, because = self._state(place, column, sums.followed, size)
        return CohortCell(
            cohort=frame.cohorts[place],
            label=label,
            state=state,
            absent_because=because,
            column=column,
            sums=None if state == "absent" else sums,
            terms=self.terms,
        )

    def _state(self, place: int, column: Column, followed: int, size: int) -> tuple[State, str | None]:
        frame = self.frame
        if frame.unseen[place] is not None:
            return "absent", frame.unseen[place]
        if frame.choice.age == "calendar":
            if place + column.first >= len(frame.starts):
                return "absent", "it has not begun by as_of"
            return ("observed" if place + column.last < frame.passed else "partial"), None
        if not size and self.lasts_passed[place] > column.last:
            return "observed", None
        if not followed:
            return "absent", "nobody of the cohort has come that far by as_of"
        return ("observed" if followed == size and not frame.is_open(place) else "partial"), None
